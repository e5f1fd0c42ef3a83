"""VAT breakdown (BG-23), and the allowances and charges of a document (BG-20, BG-21) or a line (BG-27, BG-28)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from xlbridge.model.term import Data, Term


class VatBreakdown(Data):
    """The VAT of one (category, rate, reason) group."""

    category: Annotated[str | None, Term("BT-118")] = None
    rate: Annotated[Decimal | None, Term("BT-119")] = None
    base: Annotated[Decimal | None, Term("BT-116")] = None
    amount: Annotated[Decimal | None, Term("BT-117")] = None
    reason: Annotated[str | None, Term("BT-120")] = None
    reason_code: Annotated[str | None, Term("BT-121")] = None


class AllowanceCharge(Data):
    """A reduction or a supplement; its place says which, and whether it concerns the document or a line."""

    amount: Annotated[Decimal | None, Term(allowances="BT-92", charges="BT-99", lines__allowances="BT-136", lines__charges="BT-141")] = None
    base: Annotated[Decimal | None, Term(allowances="BT-93", charges="BT-100", lines__allowances="BT-137", lines__charges="BT-142")] = None
    percent: Annotated[Decimal | None, Term(allowances="BT-94", charges="BT-101", lines__allowances="BT-138", lines__charges="BT-143")] = (
        None
    )
    vat_category: Annotated[str | None, Term(allowances="BT-95", charges="BT-102")] = None
    vat_rate: Annotated[Decimal | None, Term(allowances="BT-96", charges="BT-103")] = None
    reason: Annotated[str | None, Term(allowances="BT-97", charges="BT-104", lines__allowances="BT-139", lines__charges="BT-144")] = None
    reason_code: Annotated[str | None, Term(allowances="BT-98", charges="BT-105", lines__allowances="BT-140", lines__charges="BT-145")] = (
        None
    )
