"""A table of a closed workbook by its own part (ECMA-376 part 1, 18.5.1): where it lies, its columns, and the part once it has grown."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from xlbridge.folding import folded
from xlbridge.workbook import container
from xlbridge.workbook.address import rectangle, reference
from xlbridge.workbook.book import Book
from xlbridge.workbook.details_ooxml import related, sheet_part
from xlbridge.workbook.splice import Edit, spliced, top_level, with_attribute


@dataclass(frozen=True, slots=True)
class TablePart:
    """A table: its area with header and row of totals, the absolute column of each folded name, the formula of each calculated
    column, and whether a row of totals closes it."""

    part: str
    area: tuple[int, int, int, int]
    columns: Mapping[str, int]
    formulas: Mapping[int, str]
    has_totals: bool


def table_part(book: Book, sheet: str, names: Collection[str]) -> TablePart | None:
    """The table of `sheet` that has a column of every name; None where there is none. KeyError where there is no such sheet."""
    part, _hidden = sheet_part(book.parts, book.main, sheet)
    wanted = {folded(name) for name in names}
    return next((table for name in related(book.parts, part, "table") if wanted <= (table := _read(book, name)).columns.keys()), None)


def _read(book: Book, part: str) -> TablePart:
    root = container.tree(book.parts, part)
    area = rectangle(root.get("ref"))
    columns = list(root.iter("{*}tableColumn"))
    formulas = {}
    for place, column in enumerate(columns, area[1]):
        formula = column.find("{*}calculatedColumnFormula")
        if formula is not None and formula.text and formula.get("array") not in {"1", "true"}:
            formulas[place] = formula.text
    named = {folded(column.get("name")): place for place, column in enumerate(columns, area[1])}
    return TablePart(part, area, named, formulas, root.get("totalsRowCount", "0") != "0")


def grown(book: Book, table: TablePart, bottom: int) -> bytes:
    """The part of a table that reaches down to the row `bottom`, its filter with it."""
    data = book.parts.read(table.part)
    root = top_level(data)
    parents = [root, *(child for child in root.children if child.name == "autoFilter")]
    top, left, _bottom, right = table.area
    area = reference(top, left, bottom, right).encode()
    return spliced(data, [Edit(item.start, item.inner, with_attribute(data[item.start : item.inner], b"ref", area)) for item in parents])
