"""The invoice of EN 16931-1 as frozen data. It can hold an incomplete one: presence is judged by rules, never here.

>>> from xlbridge.model.invoice import Invoice
>>> Invoice(number="F2026-0001").buyer.name is None
True
"""

from __future__ import annotations

import datetime as dt
from datetime import date
from decimal import Decimal
from typing import Annotated

from xlbridge.model.codes import CREDIT_NOTES, TITLES
from xlbridge.model.line import Line, Period
from xlbridge.model.party import Identifier, Party, PostalAddress
from xlbridge.model.payment import Payment
from xlbridge.model.tax import AllowanceCharge, VatBreakdown
from xlbridge.model.term import Data, Term


class Note(Data):
    """A text of the invoice (BG-1) with its UNTDID 4451 subject code: PMT, PMD, AAB, REG, ABL, AAI, BAR …"""

    text: Annotated[str, Term("BT-22")]
    subject_code: Annotated[str | None, Term("BT-21")] = None


class PrecedingInvoice(Data):
    """A reference to an invoice that this one corrects or completes (BG-3)."""

    number: Annotated[str, Term("BT-25")]
    issue_date: Annotated[date | None, Term("BT-26")] = None
    type_code: str | None = None


class SupportingDocument(Data):
    """A document that supports the claim (BG-24), by address or embedded."""

    reference: Annotated[str, Term("BT-122")]
    description: Annotated[str | None, Term("BT-123")] = None
    location: Annotated[str | None, Term("BT-124")] = None
    content: Annotated[bytes | None, Term("BT-125")] = None
    mime_type: str | None = None
    filename: str | None = None


class Delivery(Data):
    """Where and when the goods or services were supplied (BG-13)."""

    name: Annotated[str | None, Term("BT-70")] = None
    location: Annotated[Identifier | None, Term("BT-71")] = None
    date: Annotated[dt.date | None, Term("BT-72")] = None
    address: Annotated[PostalAddress | None, Term("BG-15")] = None


class Totals(Data):
    """The document totals (BG-22) as they are stated; `xlbridge.model.totals` computes them beside."""

    line_net: Annotated[Decimal | None, Term("BT-106")] = None
    allowances: Annotated[Decimal | None, Term("BT-107")] = None
    charges: Annotated[Decimal | None, Term("BT-108")] = None
    net: Annotated[Decimal | None, Term("BT-109")] = None
    vat: Annotated[Decimal | None, Term("BT-110")] = None
    vat_accounting: Annotated[Decimal | None, Term("BT-111")] = None
    gross: Annotated[Decimal | None, Term("BT-112")] = None
    prepaid: Annotated[Decimal | None, Term("BT-113")] = None
    rounding: Annotated[Decimal | None, Term("BT-114")] = None
    due: Annotated[Decimal | None, Term("BT-115")] = None


class Invoice(Data):
    """An invoice, credit note or deposit invoice. Amounts are in `currency`; a credit note carries positive amounts."""

    number: Annotated[str | None, Term("BT-1")] = None
    issue_date: Annotated[date | None, Term("BT-2")] = None
    type_code: Annotated[str | None, Term("BT-3")] = None
    currency: Annotated[str | None, Term("BT-5")] = None
    vat_currency: Annotated[str | None, Term("BT-6")] = None
    vat_point_date: Annotated[date | None, Term("BT-7")] = None
    vat_point_code: Annotated[str | None, Term("BT-8")] = None
    due_date: Annotated[date | None, Term("BT-9")] = None
    buyer_reference: Annotated[str | None, Term("BT-10")] = None
    project_reference: Annotated[str | None, Term("BT-11")] = None
    contract_reference: Annotated[str | None, Term("BT-12")] = None
    order_reference: Annotated[str | None, Term("BT-13")] = None
    sales_order_reference: Annotated[str | None, Term("BT-14")] = None
    receipt_reference: Annotated[str | None, Term("BT-15")] = None
    despatch_reference: Annotated[str | None, Term("BT-16")] = None
    tender_reference: Annotated[str | None, Term("BT-17")] = None
    object_identifier: Annotated[Identifier | None, Term("BT-18")] = None
    accounting_reference: Annotated[str | None, Term("BT-19")] = None
    payment_terms: Annotated[str | None, Term("BT-20")] = None
    notes: Annotated[tuple[Note, ...], Term("BG-1")] = ()
    business_process: Annotated[str | None, Term("BT-23")] = None
    specification: Annotated[str | None, Term("BT-24")] = None
    preceding_invoices: Annotated[tuple[PrecedingInvoice, ...], Term("BG-3")] = ()
    seller: Annotated[Party, Term("BG-4")] = Party()
    buyer: Annotated[Party, Term("BG-7")] = Party()
    payee: Annotated[Party | None, Term("BG-10")] = None
    tax_representative: Annotated[Party | None, Term("BG-11")] = None
    delivery: Annotated[Delivery | None, Term("BG-13")] = None
    period: Annotated[Period | None, Term("BG-14")] = None
    payment: Annotated[Payment | None, Term("BG-16")] = None
    allowances: Annotated[tuple[AllowanceCharge, ...], Term("BG-20")] = ()
    charges: Annotated[tuple[AllowanceCharge, ...], Term("BG-21")] = ()
    totals: Annotated[Totals, Term("BG-22")] = Totals()
    vat_breakdown: Annotated[tuple[VatBreakdown, ...], Term("BG-23")] = ()
    supporting_documents: Annotated[tuple[SupportingDocument, ...], Term("BG-24")] = ()
    lines: Annotated[tuple[Line, ...], Term("BG-25")] = ()

    @property
    def is_credit_note(self) -> bool:
        """Whether the document reduces a debt (types 261, 262, 381, 396, 502, 503)."""
        return self.type_code in CREDIT_NOTES

    @property
    def title(self) -> str:
        """The French name of the document's type."""
        return TITLES.get(self.type_code or "", "Facture")
