"""The currency of a table or a form: what headers, texts and number formats show."""

from __future__ import annotations

import re
from collections.abc import Iterable

from xlbridge.findings import Cell
from xlbridge.legacy import rules
from xlbridge.legacy.draft import Draft
from xlbridge.legacy.labels import without_hints
from xlbridge.legacy.tables import AMOUNTS, Table
from xlbridge.workbook.address import position
from xlbridge.workbook.grid import Sheet

MANY_ROWS = 5000  # beyond, the formats of a sheet are not read for the sake of its currency
MONEY_ROLES = AMOUNTS | {"unit_price", "prepaid"}


def currency_of_format(code: str) -> tuple[str, str | None] | None:
    """The currency that a number format shows, and the symbol where it is known by that alone.

    >>> currency_of_format('[$$-C0C]#,##0.00'), currency_of_format('#,##0.00 "€"'), currency_of_format('"$"#,##0')
    (('CAD', None), ('EUR', None), ('USD', '$'))
    """
    if "€" in code or "EUR" in code:
        return "EUR", None
    if found := re.search(r"\[\$([A-Z]{3})(?:-|\])", code):
        return found[1], None
    if found := re.search(r"\[\$\$-([0-9A-Fa-f]+)\]", code):
        return ("CAD", None) if found[1].upper() in {"C0C", "1009"} else ("USD", "$")
    if "£" in code:
        return "GBP", None
    return ("USD", "$") if "$" in re.sub(r"\[\$[^\]]*\]", "", code) else None


def table_currency(table: Table) -> tuple[str | None, str | None]:
    """The currency of a table, and the bare symbol where only that is known: (EUR, None), (USD, "$") or (None, None)."""
    columns = [column for column in table.columns if column.role in MONEY_ROLES]
    for column in table.columns:
        if column.announced.currency:
            return column.announced.currency, None
    texts = [value for column in columns for value in list(table.cells_of(column))[:50] if isinstance(value, str)]
    if any("€" in text or "EUR" in text for text in texts):
        return "EUR", None
    if any("$" in text for text in texts):
        return "USD", "$"
    if len(table.rows) <= MANY_ROWS:
        places = [(row, column.index) for column in columns for row in list(table.rows)[:50]]
        return _of_formats(table.sheet, places) or (None, None)
    return None, None


def row_currency(table: Table, row: int) -> tuple[str, str | None] | None:
    """The currency that the formats of a row's amounts show."""
    return _of_formats(table.sheet, [(row, column.index) for column in table.columns if column.role in MONEY_ROLES])


def _of_formats(sheet: Sheet, places: Iterable[tuple[int, int]]) -> tuple[str, str | None] | None:
    formats = sheet.details.formats or {}
    return next((found for place in places if (code := formats.get(place)) and (found := currency_of_format(code))), None)


def put_form_currency(draft: Draft, sheet: Sheet, table: Table | None) -> None:
    """The currency of a form: of its table, of the formats of its totals, else of any amount written out with its symbol."""
    known = {cell.address for path, cell in draft.origin.items() if path.startswith("totals.") and cell.sheet == sheet.name}
    places = [place for place in sheet.details.formats or () if sheet.address(*place) in known]
    currency, symbol = table_currency(table) if table else (None, None)
    amounts = [value for place in _positions(sheet, known) if isinstance(value := sheet.at(*place), str)]
    written_out = next((named for value in amounts if (named := without_hints(value)[2])), None)
    currency, symbol = (written_out, None) if written_out else (currency, symbol)
    if currency is None and (found := _of_formats(sheet, places)):
        currency, symbol = found
    written = (str(value) for _, _, value in sheet.cells() if isinstance(value, str))
    if currency is None and any(re.search(r"\d ?(?:€|EUR\b)", text) for text in written):
        currency = "EUR"
    say_currency(draft, currency, symbol, next((draft.origin[path] for path in draft.origin if path.startswith("totals.")), None))


def _positions(sheet: Sheet, addresses: Iterable[str]) -> list[tuple[int, int]]:
    return [position(address) for address in addresses] if sheet.lines is None else []


def say_currency(draft: Draft, currency: str | None, symbol: str | None, cell: Cell | None = None) -> None:
    """Put the currency, with a finding where only a symbol tells it."""
    if draft.put("currency", currency) and symbol:
        draft.say(rules.CURRENCY_BY_SYMBOL, "currency", cell, symbol=symbol, currency=currency)
