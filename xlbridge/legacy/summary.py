"""The totals below the lines of a form: each label with its amount, VAT by rate, deposits, discounts and other taxes."""

from __future__ import annotations

import re
from decimal import Decimal

from xlbridge.french import quantity as french
from xlbridge.legacy import rules, values
from xlbridge.legacy.draft import Draft
from xlbridge.legacy.labels import CURRENCY_WORDS, Announced
from xlbridge.legacy.regions import TOTAL_ROLES, Page, Position, split_label
from xlbridge.model.money import ZERO, amount, total
from xlbridge.workbook.grid import Value

Entry = tuple[Announced, Position, Position, Decimal, str]  # what, label cell, amount cell, amount, label text


def read_totals(page: Page, draft: Draft) -> Decimal:
    """Put the totals; the result is what other taxes add to the total with VAT."""
    entries, rates = _entries(page, draft)
    recap = _recap(page)
    by_role: dict[str, list[Entry]] = {}
    for entry in entries:
        by_role.setdefault(entry[0].role, []).append(entry)
    for role in ("net", "gross", "prepaid", "due", "rounding"):
        if found := by_role.get(role):
            _, _, place, value, _ = found[-1]
            draft.put(f"totals.{role}", abs(value) if role == "prepaid" else value, page.cell(place))
    _put_vat(page, draft, by_role.get("vat", []), rates, recap)
    _put_adjustments(page, draft, by_role)
    others = _put_local_taxes(page, draft, by_role.get("local_tax", []))
    if bare := by_role.get("amount"):
        _put_bare_total(page, draft, bare[-1], by_role.get("prepaid", []), others)
    return others


def _entries(page: Page, draft: Draft) -> tuple[list[Entry], dict[Decimal, Position]]:
    """The totals with their amounts, and the rates that stand beside or below a VAT label."""
    entries: list[Entry] = []
    rates: dict[Decimal, Position] = {}
    for row, column, value in list(page.outside_items()):
        if (page.is_above(row) and page.items is not None) or not isinstance(value, str):
            continue
        split = split_label(value)
        if split is None or split[0].role not in TOTAL_ROLES:
            continue
        announced, inline = split
        if inline is not None:
            number = values.number(inline)
            if number is not None:
                entries.append((announced, (row, column), (row, column), number, value))
            continue
        places = _numbers_right(page, row, column) or _number_below(page, row, column)
        if announced.role in {"vat", "vat_rate"} and places:
            places = _take_rates(page, places, announced, rates)
        if places:
            place, number = _amount_among(page, places)
            entries.append((announced, (row, column), place, number, value))
        elif announced.role in {"net", "vat", "gross"}:
            _say_no_value(page, draft, row, column, announced.role)
    return entries, rates


def _numbers_right(page: Page, row: int, column: int) -> list[tuple[Position, Decimal]]:
    """The numbers of the row to the right of a label, up to the next label."""
    found = []
    width = page.sheet.first_column + len(page.sheet.rows[0]) if page.sheet.rows else 0
    for index in range(column + 1, width):
        value = page.sheet.at(row, index)
        if value is None:
            continue
        number = values.number(value)
        if number is None:
            if isinstance(value, str) and re.search(r"[^\W\d_]{2}", value) and value.strip().casefold() not in CURRENCY_WORDS:
                break
            continue
        found.append(((row, index), number))
    return found


def _amount_among(page: Page, places: list[tuple[Position, Decimal]]) -> tuple[Position, Decimal]:
    """The number that stands in the column of the lines' amounts, else the one nearest to the label."""
    columns = [page.items.column(role) for role in ("line_net", "net", "amount", "gross")] if page.items else []
    indexes = {column.index for column in columns if column}
    return next((item for item in places if item[0][1] in indexes), places[0])


def _number_below(page: Page, row: int, column: int) -> list[tuple[Position, Decimal]]:
    """The number under a label, where totals stand in a row of labels over a row of amounts."""
    neighbours = [page.sheet.at(row, index) for index in (column - 1, column + 1)]
    if not any(isinstance(value, str) and (split := split_label(value)) and split[0].role in TOTAL_ROLES for value in neighbours):
        return []
    number = values.number(page.sheet.at(row + 1, column))
    return [((row + 1, column), number)] if number is not None else []


def _take_rates(
    page: Page, places: list[tuple[Position, Decimal]], announced: Announced, rates: dict[Decimal, Position]
) -> list[tuple[Position, Decimal]]:
    """The amounts among the numbers beside a VAT label; what is shown as a percentage goes to `rates`."""
    kept = []
    for place, number in places:
        value = page.sheet.at(*place)
        shown_as = (page.sheet.details.formats or {}).get(place, "")
        is_rate = announced.role == "vat_rate" or "%" in shown_as or (isinstance(value, str) and "%" in value)
        if is_rate or (Decimal(0) < number < Decimal("0.3") and len(places) > 1):
            if (rate := values.percent(value, shown_as)) is not None:
                rates[rate] = place
        else:
            kept.append((place, number))
    return kept


def _say_no_value(page: Page, draft: Draft, row: int, column: int, role: str) -> None:
    """A finding where the amount of a total is a cell in error or a formula without a stored result."""
    details = page.sheet.details
    for index in range(column + 1, column + 7):
        place = (row, index)
        error = (details.errors or {}).get(place)
        if error or place in (details.uncached or ()):
            draft.say(rules.NO_VALUE, f"totals.{role}", page.cell(place), reason=error or "formule non calculée")
            return


def _put_vat(
    page: Page,
    draft: Draft,
    entries: list[Entry],
    rates: dict[Decimal, Position],
    recap: list[tuple[Decimal, Decimal | None, Decimal, Position]],
) -> None:
    whole = [entry for entry in entries if entry[0].rate is None]
    rated = [entry for entry in entries if entry[0].rate is not None]
    if whole:
        draft.put("totals.vat", whole[-1][3], page.cell(whole[-1][2]))
    elif rated:
        draft.put("totals.vat", total(entry[3] for entry in rated), page.cell(rated[-1][2]))
    elif recap:
        draft.put("totals.vat", total(item[2] for item in recap), page.cell(recap[-1][3]))
    net = draft.amount("totals.net")
    if recap:
        draft.put("vat_breakdown", tuple((rate, base, tax) for rate, base, tax, _ in recap))
    elif rated:
        single = len(rated) == 1
        draft.put("vat_breakdown", tuple((entry[0].rate, net if single else None, entry[3]) for entry in rated))
        draft.origin["vat_breakdown[0].amount"] = page.cell(rated[0][2])
    elif len(rates) == 1 and draft.amount("totals.vat") is not None:
        ((rate, place),) = rates.items()
        draft.put("vat_breakdown", ((rate, net, draft.amount("totals.vat")),))
        draft.origin["vat_breakdown[0].rate"] = page.cell(place)


def _recap(page: Page) -> list[tuple[Decimal, Decimal | None, Decimal, Position]]:
    """A small table of rates, bases and tax amounts: rate, base, tax, cell of the tax."""
    for row, column, value in list(page.outside_items()):
        if not isinstance(value, str) or not (split := split_label(value)) or split[0].role != "vat_rate":
            continue
        heads: dict[str, int] = {}
        for index in sorted(range(column - 4, column + 6), key=lambda index: abs(index - column)):
            text = page.sheet.at(row, index)
            if isinstance(text, str) and (other := split_label(text)) and other[0].role in {"net", "vat"}:
                heads.setdefault(other[0].role, index)
        found = []
        below = row + 1
        while "vat" in heads and (rate := values.percent(page.sheet.at(below, column))) is not None:
            tax = values.number(page.sheet.at(below, heads["vat"]))
            base = values.number(page.sheet.at(below, heads["net"])) if "net" in heads else None
            if tax is None:
                break
            found.append((rate, base, tax, (below, heads["vat"])))
            below += 1
        if found:
            return [item for item in found if item[2] or item[1]]
    return []


def _put_adjustments(page: Page, draft: Draft, by_role: dict[str, list[Entry]]) -> None:
    """Document discounts and charges that stand among the totals."""
    for role, path in (("discount", "allowances"), ("charge", "charges")):
        found = [entry for entry in by_role.get(role, []) if entry[3] and not _is_percentage(page, entry[2])]
        if found:
            draft.put(path, tuple((amount(abs(entry[3])), entry[4].strip(" :")) for entry in found), page.cell(found[0][2]))


def _is_percentage(page: Page, place: Position) -> bool:
    value: Value = page.sheet.at(*place)
    return "%" in (page.sheet.details.formats or {}).get(place, "") or (isinstance(value, str) and "%" in value)


def _put_local_taxes(page: Page, draft: Draft, entries: list[Entry]) -> Decimal:
    found = [entry for entry in entries if entry[3]]
    for position, entry in enumerate(found):
        draft.leave_out("other_tax", f"other_taxes[{position}]", entry[4].strip(" :"), page.cell(entry[2]))
        draft.say(rules.LOCAL_TAX, cell=page.cell(entry[2]), text=entry[4].strip(" :"), amount=french(entry[3]))
    return total(entry[3] for entry in found)


def _put_bare_total(page: Page, draft: Draft, entry: Entry, deposits: list[Entry], others: Decimal) -> None:
    """« Total » without HT or TTC: what is to be paid where it stands below a deposit, else the total with VAT."""
    _, label, place, value, _ = entry
    net, vat, prepaid = (draft.amount(f"totals.{name}") for name in ("net", "vat", "prepaid"))
    whole = (net or ZERO) + (vat or ZERO) + others
    below_deposit = any(deposit[1][0] < label[0] for deposit in deposits)
    if below_deposit and prepaid and (net is None or abs(whole - value) > Decimal("0.05")):
        draft.put("totals.due", value, page.cell(place))
    else:
        draft.put("totals.gross", value, page.cell(place))
