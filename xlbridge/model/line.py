"""An invoice line (BG-25) with its period (BG-26), price (BG-29), VAT (BG-30) and item (BG-31, BG-32)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from xlbridge.model.party import Identifier
from xlbridge.model.tax import AllowanceCharge
from xlbridge.model.term import Data, Term


class Period(Data):
    """A span of days, both included: BG-14 for the document, BG-26 for a line."""

    start: Annotated[date | None, Term(period="BT-73", lines__period="BT-134")] = None
    end: Annotated[date | None, Term(period="BT-74", lines__period="BT-135")] = None


class ItemAttribute(Data):
    """A named property of the item (BG-32), as « Couleur » = « Noir »."""

    name: Annotated[str, Term("BT-160")]
    value: Annotated[str, Term("BT-161")]


class Classification(Data):
    """A classification of the item with its scheme (BT-158-1) and version (BT-158-2)."""

    code: str
    scheme: str | None = None
    version: str | None = None


class Line(Data):
    """One line. `unit` is a UN/ECE Rec. 20 code, `unit_label` the word the sheet uses and the page prints.

    Prices are net of VAT, per `price_base_quantity` units (1 when None). `vat_reason` and `vat_reason_code` group the VAT breakdown;
    the EN 16931 profile writes them there only.
    """

    identifier: Annotated[str | None, Term("BT-126")] = None
    note: Annotated[str | None, Term("BT-127")] = None
    object_identifier: Annotated[Identifier | None, Term("BT-128")] = None
    quantity: Annotated[Decimal | None, Term("BT-129")] = None
    unit: Annotated[str | None, Term("BT-130")] = None
    unit_label: str | None = None
    net_amount: Annotated[Decimal | None, Term("BT-131")] = None
    order_line_reference: Annotated[str | None, Term("BT-132")] = None
    accounting_reference: Annotated[str | None, Term("BT-133")] = None
    period: Annotated[Period | None, Term("BG-26")] = None
    allowances: Annotated[tuple[AllowanceCharge, ...], Term("BG-27")] = ()
    charges: Annotated[tuple[AllowanceCharge, ...], Term("BG-28")] = ()
    unit_price: Annotated[Decimal | None, Term("BT-146")] = None
    price_discount: Annotated[Decimal | None, Term("BT-147")] = None
    gross_price: Annotated[Decimal | None, Term("BT-148")] = None
    price_base_quantity: Annotated[Decimal | None, Term("BT-149")] = None
    price_base_unit: Annotated[str | None, Term("BT-150")] = None
    vat_category: Annotated[str | None, Term("BT-151")] = None
    vat_rate: Annotated[Decimal | None, Term("BT-152")] = None
    vat_reason: str | None = None
    vat_reason_code: str | None = None
    name: Annotated[str | None, Term("BT-153")] = None
    description: Annotated[str | None, Term("BT-154")] = None
    seller_item_id: Annotated[str | None, Term("BT-155")] = None
    buyer_item_id: Annotated[str | None, Term("BT-156")] = None
    standard_item_id: Annotated[Identifier | None, Term("BT-157")] = None
    classifications: Annotated[tuple[Classification, ...], Term("BT-158")] = ()
    origin_country: Annotated[str | None, Term("BT-159")] = None
    attributes: Annotated[tuple[ItemAttribute, ...], Term("BG-32")] = ()
