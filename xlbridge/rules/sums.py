"""What every sum of an invoice should be, beside what it says: lines, VAT by rate, totals. The rules of `amounts` weigh the differences.

A difference that hidden decimals explain is a rounding, not an error: a cent a line or a rate, half a cent for each term of a sum, half a
cent of a unit price for each unit. Sources: CGI ann. II art. 242 nonies A, I, 8° and 11°; EN 16931-1, BR-CO-10 to BR-CO-17.

>>> from xlbridge.model import Totals
>>> [(gap.path, gap.difference) for gap in gaps(Invoice(totals=Totals(net=Decimal(100), vat=Decimal(20), gross=Decimal(121))))]
[('totals.gross', Decimal('1.00'))]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from xlbridge.french import cents, money, percent, price, quantity
from xlbridge.model import AllowanceCharge, Invoice, Line
from xlbridge.model.codes import VatCategory
from xlbridge.model.money import CENT, ZERO, amount, total
from xlbridge.model.totals import computed_totals, line_net, net_of
from xlbridge.rules.latest import of_latest

HALF_CENT = CENT / 2
Group = tuple[str, Decimal]


class Gap(NamedTuple):
    """A stated amount that is not the computed one. `how` says in French what was computed; up to `slight` hidden decimals explain the
    difference beyond doubt, up to `tolerable` they may."""

    path: str
    stated: Decimal
    expected: Decimal
    how: str
    slight: Decimal = ZERO
    tolerable: Decimal = CENT

    @property
    def difference(self) -> Decimal:
        """Stated less computed."""
        return self.stated - self.expected

    @property
    def is_slight(self) -> bool:
        """Whether it is a rounding that calls for nothing."""
        return abs(self.difference) <= self.slight

    @property
    def is_error(self) -> bool:
        """Whether no rounding explains it."""
        return abs(self.difference) > max(self.slight, self.tolerable)


@of_latest
def gaps(invoice: Invoice) -> tuple[Gap, ...]:
    """Every gap of `invoice` that does not merely follow from another."""
    known: dict[str, Gap] = {}
    for reckon in (line_gaps, base_gaps, tax_gaps, net_gaps, vat_gaps, gross_gaps, due_gaps):
        for gap in reckon(invoice):
            if not _follows(gap, known, invoice):
                known[gap.path] = gap
    return tuple(known.values())


def _follows(gap: Gap, known: Mapping[str, Gap], invoice: Invoice) -> bool:
    """Whether the amount is right once the gaps found before it are mended: then it is not the wrong one."""

    def mended(*paths: str) -> Decimal:
        return total(-known[path].difference for path in paths if path in known)

    if gap.path.startswith("lines") or not (known or gap.path.startswith("vat_breakdown")):
        return False
    lines = [f"lines[{position}].net_amount" for position in range(len(invoice.lines))]
    if gap.path.startswith("vat_breakdown"):
        part = invoice.vat_breakdown[position_in(gap.path)]
        if gap.path.endswith("amount"):
            base = (part.base or ZERO) + mended(gap.path.replace("amount", "base"))
            return amount(base * (part.rate or ZERO) / 100) == gap.stated
        group = group_of(part.category, part.rate)
        own = [path for path, line in zip(lines, invoice.lines, strict=True) if group_of(line.vat_category, line.vat_rate) == group]
        return amount(gap.expected + mended(*own)) == gap.stated or amount(gap.expected + _untold(invoice)) == gap.stated
    adjusted = mended("totals.charges") - mended("totals.allowances")
    changes = {
        "totals.line_net": [mended(*lines)],
        "totals.net": [mended(*lines) + adjusted, mended("totals.line_net") + adjusted],
        "totals.vat": [mended(*(f"vat_breakdown[{position}].amount" for position in range(len(invoice.vat_breakdown))))],
        "totals.gross": [mended("totals.net", "totals.vat")],
        "totals.due": [mended("totals.gross")],
    }.get(gap.path, [])
    right = [amount(gap.expected + change) for change in changes]
    right.append(getattr(computed_totals(invoice), gap.path.removeprefix("totals.")))  # what the lines make is not the wrong one
    return gap.stated in right


def _untold(invoice: Invoice) -> Decimal:
    """What is taxed in a way that the breakdown does not have, which is a fault by itself."""
    told = {group_of(part.category, part.rate) for part in invoice.vat_breakdown}
    return total(base for group, base in (bases_by_rate(invoice) or {}).items() if group not in told)


def line_gaps(invoice: Invoice) -> Iterator[Gap]:
    """BT-131 of each line against quantity × price ÷ base − allowances + charges."""
    for position, line in enumerate(invoice.lines):
        stated, count, unit_price = line.net_amount, line.quantity, line.unit_price
        if stated is None or count is None or unit_price is None:
            continue
        per = line.price_base_quantity or 1
        if per == 1 and count * unit_price == stated and not line.allowances and not line.charges:
            continue
        expected, stated = line_net(line), amount(stated)
        if expected is not None and expected != stated:
            hidden = ZERO
            if unit_price == amount(unit_price):  # the sheet may have computed with more decimals than it gives
                hidden = abs(count / per) * HALF_CENT + HALF_CENT
            how = _line_formula(line, invoice.currency)
            yield Gap(f"lines[{position}].net_amount", stated, expected, how, CENT, max(CENT, hidden))


def tax_gaps(invoice: Invoice) -> Iterator[Gap]:
    """BT-117 of each rate against base × rate; VAT rounded line by line is a rounding, whatever it adds up to."""
    for position, part in enumerate(invoice.vat_breakdown):
        rate = ZERO if part.rate is None and part.category == VatCategory.OUT_OF_SCOPE else part.rate
        if part.base is None or part.amount is None or rate is None:
            continue
        exact = part.base * rate / 100
        if exact != part.amount and (expected := amount(exact)) != (stated := amount(part.amount)):
            group = group_of(part.category, part.rate)
            nets = [net_of(line) or ZERO for line in invoice.lines if group_of(line.vat_category, line.vat_rate) == group]
            by_line = total(amount(net * rate / 100) for net in nets)
            slight = abs(stated - expected) if nets and stated == by_line else CENT
            how = f"{written(part.base, invoice.currency)} × {percent(rate)}"
            yield Gap(f"vat_breakdown[{position}].amount", stated, expected, how, slight, _spread(len(nets)))


def base_gaps(invoice: Invoice) -> Iterator[Gap]:
    """BT-116 of each rate against the lines, allowances and charges of that rate."""
    groups = bases_by_rate(invoice)
    if groups is None:
        return
    stated: dict[Group, Decimal] = {}
    places: dict[Group, int] = {}
    for position, part in enumerate(invoice.vat_breakdown):
        group = group_of(part.category, part.rate)
        if part.base is None or group is None:
            return
        stated[group] = stated.get(group, ZERO) + amount(part.base)
        places.setdefault(group, position)
    for group, base in stated.items():
        expected = amount(groups.get(group, ZERO))
        if base != expected:
            how = f"lignes, remises et frais à {percent(group[1])}"
            yield Gap(f"vat_breakdown[{places[group]}].base", base, expected, how, CENT, _spread(len(invoice.lines)))


def net_gaps(invoice: Invoice) -> Iterator[Gap]:
    """The totals before tax (BT-106 to BT-109) against lines, allowances and charges; without lines, against the bases of the rates."""
    totals = invoice.totals
    allowances = _stated_or_sum(totals.allowances, invoice.allowances)
    charges = _stated_or_sum(totals.charges, invoice.charges)
    if invoice.allowances and totals.allowances is not None:
        yield from _gap("totals.allowances", totals.allowances, total(item.amount for item in invoice.allowances), "somme des remises")
    if invoice.charges and totals.charges is not None:
        yield from _gap("totals.charges", totals.charges, total(item.amount for item in invoice.charges), "somme des frais")
    nets = [net_of(line) for line in invoice.lines]
    before, terms = totals.line_net, 1
    if nets and all(net is not None for net in nets):
        lines = total(map(amount, filter(None, nets)))
        if before is not None:
            place = "totals.net" if before == totals.net else "totals.line_net"  # a sheet has one total for both
            yield from _gap(place, before, lines, "somme des lignes", len(nets))
        else:
            before, terms = lines, len(nets)
    if totals.net is None:
        return
    if before is not None:
        how = "somme des lignes − remises + frais" if allowances or charges else "somme des lignes"
        yield from _gap("totals.net", totals.net, before - allowances + charges, how, terms)
    elif invoice.vat_breakdown and all(part.base is not None for part in invoice.vat_breakdown):
        bases = [part.base for part in invoice.vat_breakdown]
        yield from _gap("totals.net", totals.net, total(bases), "somme des bases de chaque taux", len(bases))


def vat_gaps(invoice: Invoice) -> Iterator[Gap]:
    """BT-110 against the VAT of all rates."""
    amounts = [part.amount for part in invoice.vat_breakdown]
    if invoice.totals.vat is not None and amounts and all(value is not None for value in amounts):
        yield from _gap("totals.vat", invoice.totals.vat, total(amounts), "somme de la TVA de chaque taux", len(amounts))


def gross_gaps(invoice: Invoice) -> Iterator[Gap]:
    """BT-112 against net + VAT."""
    net, vat, gross = invoice.totals.net, invoice.totals.vat, invoice.totals.gross
    if net is not None and vat is not None and gross is not None and gross != net + vat:
        yield from _gap(
            "totals.gross", gross, amount(net) + amount(vat), f"{written(net, invoice.currency)} + {written(vat, invoice.currency)}"
        )


def due_gaps(invoice: Invoice) -> Iterator[Gap]:
    """BT-115 against gross − prepaid + rounding."""
    totals = invoice.totals
    if totals.due is None or totals.gross is None:
        return
    expected = totals.gross - (totals.prepaid or ZERO) + (totals.rounding or ZERO)
    if totals.due != expected:
        parts = ["total TTC"] if totals.gross == expected else [written(totals.gross, invoice.currency)]
        parts += [f"− {written(totals.prepaid, invoice.currency)} déjà payés"] if totals.prepaid else []
        parts += [f"+ {written(totals.rounding, invoice.currency)} d’arrondi"] if totals.rounding else []
        yield from _gap("totals.due", totals.due, expected, " ".join(parts))


def bases_by_rate(invoice: Invoice) -> dict[Group, Decimal] | None:
    """What lines, allowances and charges add up to for each category and rate; None where one of them lacks its amount or its VAT."""
    bases: dict[Group, Decimal] = {}
    for line in invoice.lines:
        net, group = net_of(line), group_of(line.vat_category, line.vat_rate)
        if net is None or group is None:
            return None
        bases[group] = bases.get(group, ZERO) + amount(net)
    for sign, items in ((-1, invoice.allowances), (1, invoice.charges)):
        for item in items:
            group = group_of(item.vat_category, item.vat_rate)
            if item.amount is None or group is None:
                return None
            bases[group] = bases.get(group, ZERO) + sign * amount(item.amount)
    return bases or None


def position_in(path: str) -> int:
    """The first index of a path: 3 of `lines[3].net_amount`."""
    return int(path[path.index("[") + 1 : path.index("]")])


def written(value: Decimal, currency: str | None) -> str:
    """An amount with its currency, without any where none is known."""
    return money(value, currency) if currency else cents(value)


def group_of(category: str | None, rate: Decimal | None) -> Group | None:
    """Category and rate; a rate above nothing is the standard category where none is named, nothing at all is no group."""
    if category is None:
        return ("S", rate) if rate else None
    return category, rate or ZERO


def _gap(path: str, stated: Decimal, expected: Decimal, how: str, terms: int = 1) -> tuple[Gap, ...]:
    if stated == expected or (stated := amount(stated)) == (expected := amount(expected)):
        return ()
    return (Gap(path, stated, expected, how, tolerable=_spread(terms)),)


def _spread(terms: int) -> Decimal:
    """What hidden decimals of that many rounded terms, and of their sum, can add up to; never less than a cent."""
    return max(CENT, HALF_CENT * (terms + 1))


def _stated_or_sum(stated: Decimal | None, items: tuple[AllowanceCharge, ...]) -> Decimal:
    if stated is not None:
        return stated
    return total(item.amount for item in items) if items else ZERO


def _line_formula(line: Line, currency: str | None) -> str:
    """« 4 × 12,50 € − 5,00 € »."""
    text = f"{quantity(line.quantity or ZERO)} × {price(line.unit_price or ZERO)}"
    if line.price_base_quantity and line.price_base_quantity != 1:
        text += f" ÷ {quantity(line.price_base_quantity)}"
    for sign, items in (("−", line.allowances), ("+", line.charges)):
        if adjustment := total(item.amount for item in items):
            text += f" {sign} {written(adjustment, currency)}"
    return text
