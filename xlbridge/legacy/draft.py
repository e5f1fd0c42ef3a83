"""A document while it is being read: values by path with their cells, doubts, and the step to a frozen `Document`."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from xlbridge.document import Document, Unread
from xlbridge.findings import Cell, Finding, Rule
from xlbridge.model import (
    AllowanceCharge,
    Contact,
    CreditAccount,
    Delivery,
    Identifier,
    Invoice,
    Line,
    Note,
    Party,
    Payment,
    PostalAddress,
    PrecedingInvoice,
    Totals,
    VatBreakdown,
)  # fmt: skip
from xlbridge.model.codes import SCHEME_SIREN, SCHEME_SIRET, VatCategory
from xlbridge.model.term import term_of

ADDRESS_PARTS = ("line1", "line2", "line3", "postcode", "city", "country")


@dataclass
class Draft:
    """Values by path (`buyer.name`, `lines[0].net_amount`), the first one put at a path wins."""

    values: dict[str, Any] = field(default_factory=dict)
    origin: dict[str, Cell] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    line_count: int = 0
    unread: list[Unread] = field(default_factory=list)

    def put(self, path: str, value: object, cell: Cell | None = None) -> bool:
        """Keep `value` at `path` unless one is there or it is None; whether it was kept."""
        if value is None or path in self.values:
            return False
        self.values[path] = value
        if cell is not None:
            self.origin[path] = cell
        return True

    def drop(self, path: str) -> None:
        """Forget the value at `path`."""
        self.values.pop(path, None)
        self.origin.pop(path, None)

    def leave_out(self, kind: str, path: str, text: str, cell: Cell | None) -> None:
        """Keep, for the rules, what the sheet says at `path` and the invoice is not to hold (kinds: `Unread`)."""
        self.unread.append(Unread(kind, path, text, cell))

    def get(self, path: str) -> Any:
        """The value at `path`, or None."""
        return self.values.get(path)

    def amount(self, path: str) -> Decimal | None:
        """The amount at `path`, or None."""
        value: Decimal | None = self.values.get(path)
        return value

    def say(self, rule: Rule, path: str | None = None, cell: Cell | None = None, **facts: Any) -> None:
        """A finding about the value at `path`."""
        place = cell or (self.origin.get(path) if path else None)
        self.findings.append(rule.found(field=path, term=term_of(path) if path else None, cell=place, **facts))

    def build(self) -> Document:
        """The frozen document."""
        get = self.values.get
        number = get("preceding_invoice")
        invoice = Invoice(
            number=get("number"),
            issue_date=get("issue_date"),
            due_date=get("due_date"),
            type_code=get("type_code"),
            currency=get("currency"),
            order_reference=get("order_reference"),
            contract_reference=get("contract_reference"),
            project_reference=get("project_reference"),
            buyer_reference=get("buyer_reference"),
            payment_terms=get("payment_terms"),
            preceding_invoices=(PrecedingInvoice(number=number, issue_date=get("preceding_invoice_date")),) if number else (),
            seller=self._party("seller"),
            buyer=self._party("buyer"),
            delivery=Delivery(date=get("delivery.date")) if get("delivery.date") else None,
            payment=self._payment(),
            notes=tuple(Note(text=text, subject_code=code) for text, code in get("notes", ())),
            totals=Totals(**{name: get(f"totals.{name}") for name in ("net", "vat", "gross", "prepaid", "rounding", "due")}),
            vat_breakdown=tuple(
                VatBreakdown(category=VatCategory.STANDARD if rate else None, rate=rate, base=base, amount=tax)
                for rate, base, tax in get("vat_breakdown", ())
            ),
            allowances=tuple(AllowanceCharge(amount=amount, reason=reason) for amount, reason in get("allowances", ())),
            charges=tuple(AllowanceCharge(amount=amount, reason=reason) for amount, reason in get("charges", ())),
            lines=tuple(self._line(position) for position in range(self.line_count)),
        )
        return Document(invoice, self.origin, tuple(self.findings), unread=tuple(self.unread))

    def _party(self, who: str) -> Party:
        part = {name.removeprefix(who + "."): value for name, value in self.values.items() if name.startswith(who + ".")}
        lines = part.get("address_lines", ())
        address = dict(zip(ADDRESS_PARTS, [*lines[:2], ", ".join(lines[2:]) or None], strict=False)) if lines else {}
        address |= {name: part[name] for name in ("postcode", "city", "country") if name in part}
        siret, siren = part.get("siret"), part.get("siren")
        contact = {name: part[name] for name in ("telephone", "email") if name in part} | (
            {"name": part["contact"]} if "contact" in part else {}
        )
        siren = siren or (siret[:9] if siret else None)
        return Party(
            name=part.get("name"),
            identifiers=(Identifier(value=siret, scheme=SCHEME_SIRET),) if siret else (),
            legal_id=Identifier(value=siren, scheme=SCHEME_SIREN) if siren else None,
            vat_number=part.get("vat_number"),
            legal_information=part.get("legal_information"),
            address=PostalAddress(**address) if address else None,
            contact=Contact(**contact) if contact else None,
        )

    def _payment(self) -> Payment | None:
        iban, means, bic = self.get("payment.accounts[0].iban"), self.get("payment.means_text"), self.get("payment.accounts[0].bic")
        if not iban and not means:
            return None
        accounts = (CreditAccount(iban=iban, bic=bic),) if iban else ()
        return Payment(means_code="30" if iban else None, means_text=means, accounts=accounts)

    def _line(self, position: int) -> Line:
        prefix = f"lines[{position}]."
        part = {name.removeprefix(prefix): value for name, value in self.values.items() if name.startswith(prefix)}
        rate = part.get("vat_rate")
        if rate:
            part["vat_category"] = VatCategory.STANDARD
        return Line(identifier=str(position + 1), **part)


def line_path(position: int, name: str) -> str:
    """The path of a field of a line."""
    return f"lines[{position}].{name}"
