"""Totals computed from the lines, beside the stated ones: half up, VAT per (category, rate, reason) group.

Sources: EN 16931-1, BR-CO-10 to BR-CO-17; CGI ann. II art. 242 nonies A, I, 11°.

>>> from decimal import Decimal as D
>>> from xlbridge.model.line import Line
>>> from xlbridge.model.invoice import Invoice
>>> invoice = Invoice(lines=(Line(quantity=D(3), unit_price=D("0.335"), vat_category="S", vat_rate=D(20)),))
>>> computed_totals(invoice).gross
Decimal('1.21')
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from xlbridge.model.invoice import Invoice, Totals
from xlbridge.model.line import Line
from xlbridge.model.money import ZERO, amount, total
from xlbridge.model.tax import AllowanceCharge, VatBreakdown
from xlbridge.model.term import Data


class VatGroup(NamedTuple):
    """What makes one VAT breakdown."""

    category: str | None
    rate: Decimal | None
    reason: str | None
    reason_code: str | None


def line_net(line: Line) -> Decimal | None:
    """BT-131 = quantity × price ÷ base quantity − allowances + charges; None when quantity or price is not known."""
    if line.quantity is None or line.unit_price is None:
        return None
    base = line.price_base_quantity or Decimal(1)
    adjustments = total(charge.amount for charge in line.charges) - total(allowance.amount for allowance in line.allowances)
    return amount(line.quantity * line.unit_price / base + adjustments)


def net_of(line: Line) -> Decimal | None:
    """The line's stated net amount, or the computed one where the sheet states none."""
    return line.net_amount if line.net_amount is not None else line_net(line)


def computed_breakdown(invoice: Invoice) -> tuple[VatBreakdown, ...]:
    """BG-23 from the lines, allowances and charges, in the order in which the groups first appear."""
    bases: dict[VatGroup, Decimal] = {}
    reasons = {(part.category, part.rate): part for part in invoice.vat_breakdown}

    def add(group: VatGroup, value: Decimal) -> None:
        bases[group] = bases.get(group, ZERO) + value

    for line in invoice.lines:
        add(VatGroup(line.vat_category, line.vat_rate, line.vat_reason, line.vat_reason_code), net_of(line) or ZERO)
    for sign, adjustments in ((-1, invoice.allowances), (1, invoice.charges)):
        for item in adjustments:
            add(_group_for(item, bases), sign * (item.amount or ZERO))
    return tuple(_breakdown(group, base, reasons.get((group.category, group.rate))) for group, base in bases.items())


def _group_for(item: AllowanceCharge, groups: Iterable[VatGroup]) -> VatGroup:
    """The group of lines that a document allowance or charge belongs to: it carries no reason of its own."""
    same = (group for group in groups if (group.category, group.rate) == (item.vat_category, item.vat_rate))
    return next(same, VatGroup(item.vat_category, item.vat_rate, None, None))


def _breakdown(group: VatGroup, base: Decimal, stated: VatBreakdown | None) -> VatBreakdown:
    reason, code = group.reason, group.reason_code
    if stated and not reason and not code:
        reason, code = stated.reason, stated.reason_code
    return VatBreakdown(
        category=group.category,
        rate=group.rate,
        base=amount(base),
        amount=amount(base * (group.rate or ZERO) / 100),
        reason=reason,
        reason_code=code,
    )


def computed_totals(invoice: Invoice) -> Totals:
    """BG-22 computed: from the lines where there are any, else from the stated VAT breakdown.

    `prepaid`, `rounding` and `vat_accounting` are facts, not results: they are taken over as stated.
    """
    return _totals(invoice, computed_breakdown(invoice) if invoice.lines else invoice.vat_breakdown)


def _totals(invoice: Invoice, breakdown: tuple[VatBreakdown, ...]) -> Totals:
    stated = invoice.totals
    allowances, charges = (total(item.amount for item in items) for items in (invoice.allowances, invoice.charges))
    if invoice.lines:
        line_total = total(map(net_of, invoice.lines))
    else:
        line_total = total(part.base for part in breakdown) + allowances - charges
    net = line_total - allowances + charges
    vat = total(part.amount for part in breakdown)
    gross = net + vat
    return Totals(
        line_net=amount(line_total),
        allowances=amount(allowances) if invoice.allowances else None,
        charges=amount(charges) if invoice.charges else None,
        net=amount(net),
        vat=amount(vat),
        vat_accounting=stated.vat_accounting,
        gross=amount(gross),
        prepaid=stated.prepaid,
        rounding=stated.rounding,
        due=amount(gross - (stated.prepaid or ZERO) + (stated.rounding or ZERO)),
    )


def completed(invoice: Invoice) -> Invoice:
    """`invoice` with the amounts that its sheet leaves empty, computed; what is stated stays as it is."""
    lines = tuple(
        line
        if line.net_amount is not None and line.identifier
        else line.model_copy(update={"net_amount": net_of(line), "identifier": line.identifier or str(position)})
        for position, line in enumerate(invoice.lines, 1)
    )
    invoice = invoice.model_copy(update={"lines": lines})
    computed = computed_breakdown(invoice)
    totals = _totals(invoice, computed if invoice.lines else invoice.vat_breakdown)
    if invoice.totals.gross is not None:  # what is to be paid is of the total that the sheet says
        due = invoice.totals.gross - (totals.prepaid or ZERO) + (totals.rounding or ZERO)
        totals = totals.model_copy(update={"due": amount(due)})
    filled = {name: value for name, value in totals if getattr(invoice.totals, name) is None}
    breakdown = invoice.vat_breakdown or computed
    return invoice.model_copy(update={"totals": invoice.totals.model_copy(update=filled), "vat_breakdown": breakdown})


def with_positive_amounts(invoice: Invoice) -> Invoice:
    """A credit note with the positive amounts EN 16931 wants, where its sheet writes them negative; others unchanged."""
    if not invoice.is_credit_note or (invoice.totals.gross or invoice.totals.net or ZERO) >= 0:
        return invoice
    return negated(invoice)


def negated(invoice: Invoice) -> Invoice:
    """`invoice` with the sign of every amount and quantity turned; prices and rates keep theirs."""

    def flip(data: Data, skip: tuple[str, ...] = ()) -> Data:
        return data.model_copy(update={name: -value for name, value in data if isinstance(value, Decimal) and name not in skip})

    def line(item: Line) -> Line:
        update: dict[str, object] = {name: -value for name in ("quantity", "net_amount") if (value := getattr(item, name)) is not None}
        update |= {name: tuple(flip(part, ("percent",)) for part in getattr(item, name)) for name in ("allowances", "charges")}
        return item.model_copy(update=update)

    return invoice.model_copy(
        update={
            "totals": flip(invoice.totals),
            "vat_breakdown": tuple(flip(part, ("rate",)) for part in invoice.vat_breakdown),
            "lines": tuple(map(line, invoice.lines)),
            "allowances": tuple(flip(part, ("percent", "vat_rate")) for part in invoice.allowances),
            "charges": tuple(flip(part, ("percent", "vat_rate")) for part in invoice.charges),
        }
    )
