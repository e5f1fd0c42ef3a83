"""The different VAT treatments of an invoice: what its breakdown, lines, allowances and charges say of category, rate and reason.

Every VAT rule looks at the few treatments instead of at all lines; the same ones serve all rules of one invoice.

>>> from decimal import Decimal as D
>>> from xlbridge.model import Line
>>> lines = [Line(vat_category="S", vat_rate=D(20)), Line(vat_category="S", vat_rate=D(20)), Line(vat_category="S", vat_rate=D(10))]
>>> [(str(item.rate), item.place, item.lines) for item in treatments(Invoice(lines=tuple(lines)))]
[('20', 'lines[0]', (1, 2)), ('10', 'lines[2]', (3,))]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from xlbridge.model import AllowanceCharge, Invoice, Line, VatBreakdown
from xlbridge.model.money import ZERO
from xlbridge.rules.catalogue import Context
from xlbridge.rules.latest import of_latest
from xlbridge.rules.vat_territories import french_seller

Taxed = tuple[str, int, Line | AllowanceCharge]  # the name and the position of its list, and the item
PART_FIELDS = {"vat_category": "category", "vat_rate": "rate", "vat_reason": "reason", "vat_reason_code": "reason_code"}


class Treatment(NamedTuple):
    """One way in which the invoice taxes. `part`: its entry of the breakdown (BG-23), `place`: the first line, allowance or charge of it,
    `lines`: the numbers of its lines."""

    category: str | None
    rate: Decimal | None
    reason: str | None = None
    code: str | None = None
    base: Decimal | None = None
    amount: Decimal | None = None
    part: str | None = None
    place: str | None = None
    lines: tuple[int, ...] = ()

    def path(self, field: str, context: Context) -> str:
        """The path of `field` (as a line names it): on the line in one's own workbook, in the breakdown of an e-invoice."""
        if self.place and (context.own or not self.part) and (self.place.startswith("lines") or not field.startswith("vat_reason")):
            return f"{self.place}.{field}"
        return f"{self.part}.{PART_FIELDS[field]}" if self.part else "vat_breakdown"

    @property
    def where(self) -> str:
        """« ligne 3 », « lignes 1 à 4, 6 et 9 », or « récapitulatif de TVA »."""
        if not self.lines:
            return "remises et frais" if self.place else "récapitulatif de TVA"
        *others, last = _runs(self.lines)
        return f"lignes {', '.join(others)} et {last}" if others else f"ligne{'s' if len(self.lines) > 1 else ''} {last}"

    @property
    def rates(self) -> tuple[str, ...]:
        """The paths of its rate in the breakdown and in every line."""
        in_lines = (f"lines[{number - 1}].vat_rate" for number in self.lines)
        return (*([f"{self.part}.rate"] if self.part else []), *in_lines)


def _runs(numbers: tuple[int, ...]) -> list[str]:
    """(1, 2, 3, 7) → « 1 à 3 », « 7 »; two neighbours stay apart."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return [text for run in runs for text in ([f"{run[0]} à {run[-1]}"] if len(run) > 2 else map(str, run))]


@of_latest
def every_treatment(invoice: Invoice) -> tuple[Treatment, ...]:
    """The treatments of `invoice`, for what the European norm says of every seller."""
    return tuple(_found(invoice))


@of_latest
def treatments(invoice: Invoice) -> tuple[Treatment, ...]:
    """The same for French law; none for a seller known to charge no French VAT."""
    return () if french_seller(invoice) is False else every_treatment(invoice)


def _found(invoice: Invoice) -> Iterator[Treatment]:
    taxed: dict[tuple[str | None, Decimal | None], list[Taxed]] = {}
    places: tuple[tuple[str, Iterable[Line | AllowanceCharge]], ...] = (
        ("lines", invoice.lines), ("allowances", invoice.allowances), ("charges", invoice.charges),
    )  # fmt: skip
    for name, items in places:
        for position, item in enumerate(items):
            taxed.setdefault((item.vat_category, item.vat_rate), []).append((name, position, item))
    for position, part in enumerate(invoice.vat_breakdown):
        of_part = [found for found in taxed.get((part.category, part.rate), ()) if _belongs(found[2], part)]
        yield _treatment(part, f"vat_breakdown[{position}]", of_part)
    stated = {(part.category, part.rate) for part in invoice.vat_breakdown}
    for key, found in taxed.items():
        if key not in stated and key != (None, None):
            first = found[0][2]
            reason, code = (first.vat_reason, first.vat_reason_code) if isinstance(first, Line) else (None, None)
            yield _treatment(VatBreakdown(category=key[0], rate=key[1], reason=reason, reason_code=code), None, found)


def _belongs(item: Line | AllowanceCharge, part: VatBreakdown) -> bool:
    """Whether an item of the part's category and rate has its reason too; one without reason of its own has that of any part."""
    return not isinstance(item, Line) or (
        item.vat_reason in {None, part.reason} and item.vat_reason_code in {None, part.reason_code}
    )  # fmt: skip


def _treatment(part: VatBreakdown, path: str | None, found: list[Taxed]) -> Treatment:
    lines = tuple([position + 1 for name, position, _ in found if name == "lines"])
    place = f"{found[0][0]}[{found[0][1]}]" if found else None
    return Treatment(part.category, part.rate, part.reason, part.reason_code, part.base, part.amount, path, place, lines)


def charged(item: Treatment) -> bool:
    """Whether the treatment charges VAT."""
    return (item.rate or ZERO) > 0 or (item.amount or ZERO) != 0
