"""A document as it was read: the invoice, the cell of every value, and what reading had to say. And its JSON form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from xlbridge.findings import Cell, Finding
from xlbridge.model import Invoice, Line, Party
from xlbridge.model.money import plain
from xlbridge.model.party import Identifier
from xlbridge.model.term import SHORT_PATHS

CAUSES = {
    r"lines\[\d+\]\.net_amount": r"lines\[\d+\]\.(quantity|unit_price)",
    "totals": r"lines\[\d+\]\.(quantity|unit_price|vat_rate)",
    "vat_breakdown": r"lines\[\d+\]\.vat_rate",
}
"""What is computed, and what it lacks when it cannot be: paths as regular expressions."""


@dataclass(frozen=True, slots=True)
class Unread:
    """What the sheet says and the invoice does not hold, because it is no certain value of it: why (`kind`), of what, the text, the cell.

    Kinds: `computed_date` (the formula of a date that changes daily), `impossible_amount`, `other_tax`, `foreign_tax_id`, `buyer_code`,
    `credit_note_text` (the text alone that makes the document a credit note), `empty_cell` (of a column with the header `text`).
    """

    kind: str
    path: str
    text: str
    cell: Cell | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One invoice with its provenance. `origin` maps a path (`buyer.name`, `lines[0].net_amount`) to the cell of its value, `blanks` that
    of a value which is not there to the empty cell where it would be written, as far as a sheet has such a place.

    `client_kind` is what a client list says of the buyer (professionnel, particulier, public); `is_draft`: it has no number yet, and needs
    none before it is issued.
    """

    invoice: Invoice
    origin: Mapping[str, Cell] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    client_kind: str | None = None
    is_draft: bool = False
    unread: tuple[Unread, ...] = ()
    blanks: Mapping[str, Cell] = field(default_factory=dict)

    def with_findings(self, *findings: Finding) -> Document:
        """The document with further findings, each placed on the cell of the value it names."""
        if not findings:
            return self
        return replace(self, findings=self.findings + tuple(self.placed(finding) for finding in findings))

    def placed(self, finding: Finding) -> Finding:
        """`finding` on the cell of the value at its path, else of what was left out there, of its nearest parent, of the first value of
        its group that is known, of its party's name, or of the number. What is missing has the empty cell where it belongs.

        A proposal is told what it replaces only where the value itself has a cell: no other cell may be mended by it.
        """
        if finding.cell is not None:
            return finding
        if finding.proposal and finding.field and finding.field in self.origin:
            finding = finding.proposing(replace(finding.proposal, old=_text_at(self.invoice, finding.field)))
        left_out = next((item.cell for item in self.unread if item.path == finding.field), None)
        if left_out and finding.field not in self.origin:
            return finding.at(left_out)
        if lacking := self._lacking(finding.field):
            return finding.at(lacking)
        paths = list(_parents(finding.field))
        if paths:
            paths += [f"{paths[-1]}.name"] if f"{paths[-1]}.name" in self.origin else _inside(paths[-1], self.origin)
            paths += ["lines[0].net_amount", "number"] if paths[-1] == "totals" else ["number"]
        known = {"number": self.blanks["number"], **self.origin} if "number" in self.blanks else self.origin
        return next((finding.at(known[path]) for path in paths if path in known), finding)

    def _lacking(self, path: str | None) -> Cell | None:
        """The empty cell to fill for a value that is missing, or that follows from one that is."""
        if path is None or path in self.origin or not self.blanks:
            return None
        causes = re.compile(next((causes for result, causes in CAUSES.items() if re.fullmatch(result, path)), re.escape(path)))
        line = path.partition(".")[0]
        places = [
            cell for known, cell in self.blanks.items() if causes.fullmatch(known) and (known.startswith(f"{line}.") or "[" not in line)
        ]
        party = self.blanks.get(line) if line not in self.origin else None
        return places[0] if places else self.blanks.get(path) or party

    def as_json(self) -> dict[str, Any]:
        """The DOCUMENT object of `read --json`: amounts as strings with a dot, dates ISO, null for what the sheet does not say."""
        invoice = self.invoice
        totals = invoice.totals
        return {
            "number": invoice.number,
            "issue_date": invoice.issue_date.isoformat() if invoice.issue_date else None,
            "due_date": invoice.due_date.isoformat() if invoice.due_date else None,
            "type_code": invoice.type_code,
            "preceding_invoice": invoice.preceding_invoices[0].number if invoice.preceding_invoices else None,
            "currency": invoice.currency,
            "seller": _party_json(invoice.seller),
            "buyer": _party_json(invoice.buyer),
            "lines": [_line_json(line) for line in invoice.lines],
            "vat_breakdown": [
                {"rate": _number(part.rate), "base": _number(part.base), "amount": _number(part.amount)} for part in invoice.vat_breakdown
            ],
            "totals": {name: _number(getattr(totals, name)) for name in ("net", "vat", "gross", "prepaid", "due")},
            "notes": [note.text for note in invoice.notes],
            "origin": {path: cell.reference for path, cell in self.origin.items()},
            "findings": [finding.as_json() for finding in self.findings],
        }


def _parents(path: str | None) -> Iterator[str]:
    """`a.b[0].c` → itself, `a.b[0]`, `a.b`, `a`."""
    while path:
        yield path
        path = path[: max(path.rfind("."), path.rfind("["), 0)]


def _inside(group: str, origin: Mapping[str, Cell]) -> list[str]:
    """The first path with a cell inside `group`: `totals.net` of `totals`."""
    return [path for path in origin if path.startswith((f"{group}.", f"{group}["))][:1]


def _text_at(invoice: Invoice, path: str) -> str | None:
    """The text at `path`; None where there is another kind of value, or none."""
    found: Any = invoice
    for step in path.replace("[", ".").replace("]", "").split("."):
        if isinstance(found, tuple):
            found = found[int(step)] if int(step) < len(found) else None
        else:
            for inner in (step if hasattr(found, step) else SHORT_PATHS.get(step, step)).split("."):
                found = getattr(found, inner, None)
    found = found.value if isinstance(found, Identifier) else found
    return found if isinstance(found, str) else None


def _party_json(party: Party) -> dict[str, str | None]:
    address = party.address
    return {
        "name": party.name,
        "siren": party.siren,
        "siret": party.siret,
        "vat_number": party.vat_number,
        "address": ", ".join(address.lines) or None if address else None,
        "postcode": address.postcode if address else None,
        "city": address.city if address else None,
    }


def _line_json(line: Line) -> dict[str, str | None]:
    return {
        "name": line.name,
        "quantity": _number(line.quantity),
        "unit": line.unit_label or line.unit,
        "unit_price": _number(line.unit_price),
        "vat_rate": _number(line.vat_rate),
        "net_amount": _number(line.net_amount),
    }


def _number(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)
