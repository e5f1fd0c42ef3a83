"""One document as the search for duplicates sees it, whether it comes from a workbook or from the ledger.

>>> from datetime import date
>>> from decimal import Decimal
>>> from xlbridge.model import Line, Party
>>> sold = Invoice(issue_date=date(2026, 11, 2), buyer=Party(name="Dupré SARL"), lines=(Line(name="Pose", net_amount=Decimal("100.0")),))
>>> again = sold.model_copy(update={"number": "F-2", "lines": (Line(name=" pose", net_amount=Decimal(100)),)})
>>> content_key(sold) == content_key(again), content_key(sold)[-11:]
(True, '@2026-11-02')
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from xlbridge.document import Document
from xlbridge.duplicates.numbers import spelled
from xlbridge.findings import Cell
from xlbridge.folding import firm_name
from xlbridge.model import Invoice, Line, Party
from xlbridge.model.codes import CREDIT_NOTES, DEPOSITS, RECTIFYING_INVOICES
from xlbridge.model.money import plain

PLACES = ("number", "issue_date", "buyer.name", "totals.gross", "lines[0].name")
"""Where a document stands: the cell of the first of these that has one."""


@dataclass(frozen=True, slots=True)
class Known:
    """One document. `buyer` is the SIREN where it is known, else the folded name, which `buyer_name` holds too; `amount` the gross total.

    `content` is `content_key`; `preceding` the numbers that the document corrects or completes; `source` says in French where it stands
    (the name of a file, « registre »).
    """

    number: str | None
    issue_date: date | None
    seller_siren: str | None
    buyer: str
    amount: Decimal | None
    currency: str | None
    type_code: str | None
    order_reference: str | None
    content: str
    cell: Cell | None
    source: str
    buyer_name: str = ""
    preceding: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """`credit`, `deposit`, `rectifying` or `invoice`: only documents of one kind can be the same one twice."""
        if self.type_code in CREDIT_NOTES or (self.amount is not None and self.amount < 0):
            return "credit"
        return "deposit" if self.type_code in DEPOSITS else "rectifying" if self.type_code in RECTIFYING_INVOICES else "invoice"


def known_of(document: Document, source: str, *, with_content: bool = True) -> Known:
    """`document`, which stands in `source`, for the search. Without its content it is quicker; `find` then asks for that where needed."""
    invoice, origin = document.invoice, document.origin
    buyer, name = _buyer(invoice.buyer)
    return Known(
        invoice.number,
        invoice.issue_date,
        invoice.seller.siren,
        buyer,
        invoice.totals.gross,
        invoice.currency,
        invoice.type_code,
        invoice.order_reference,
        content_key(invoice) if with_content else "",
        origin.get("number") or next((origin[path] for path in PLACES if path in origin), None),
        source,
        name,
        tuple([item.number for item in invoice.preceding_invoices]),
    )


def content_key(invoice: Invoice) -> str:
    """What is sold, to whom, where and when, without the number: `hash@days` (ISO dates). Empty where no line says what is sold.

    The days are the period (BG-14), else the delivery (BT-72), else the issue date: two months of a subscription have the same hash and
    other days. Order, contract and project are part of the hash: what is sold twice on two orders is not the same.
    """
    lines = invoice.lines
    if not any(line.name for line in lines):
        return ""
    delivery, period = invoice.delivery, invoice.period
    place = delivery and (delivery.name, delivery.location, delivery.address)
    agreed = order_key(invoice.order_reference), invoice.contract_reference, invoice.project_reference
    parts = [_firm(invoice.buyer.name or invoice.buyer.siren or ""), invoice.currency, *agreed]
    parts += [str(place) if place and any(place) else None, *[_line(line) for line in lines]]
    sold = hashlib.sha256("\n".join([part or "" for part in parts]).encode()).hexdigest()[:32]
    if period and (period.start or period.end):
        return f"{sold}@{period.start or ''}/{period.end or ''}"
    return f"{sold}@{(delivery and delivery.date) or invoice.issue_date or ''}"


def order_key(reference: str | None) -> str:
    """The buyer's order number as `spelled` has it; nothing where it has no digit (« verbal », « néant »)."""
    return spelled(reference) if reference and any(char.isdecimal() for char in reference) else ""


def _line(line: Line) -> str:
    """A line as text: its words without case and spare blanks, its numbers without needless zeros."""
    words = " ".join(f"{line.name or ''} {line.description or ''} {line.note or ''}".casefold().split())
    numbers = [_number(value) for value in (line.quantity, line.unit_price, line.net_amount, line.vat_rate)]
    period = f"{line.period.start}/{line.period.end}" if line.period else ""
    return "\t".join([words, *numbers, line.seller_item_id or "", period])


@lru_cache(maxsize=8192)
def _number(value: Decimal | None) -> str:
    return "" if value is None else plain(value)


def _buyer(party: Party) -> tuple[str, str]:
    """The key of a buyer, and the folded name."""
    name = _firm(party.name) if party.name else ""
    return party.siren or name, name


@lru_cache(maxsize=8192)
def _firm(name: str) -> str:
    return firm_name(name)
