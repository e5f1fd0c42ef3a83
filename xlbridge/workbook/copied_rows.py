"""A row of a sheet part copied onto others, byte for byte but for places: values, styles, formulas, what entry accepts and conditions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from xlbridge.workbook.address import column_letters, rectangle, reference
from xlbridge.workbook.details import Position
from xlbridge.workbook.sheet_cells import Scan, with_cells
from xlbridge.workbook.sheet_view import descendants
from xlbridge.workbook.splice import Edit, Element, escaped, spliced, with_attribute


def with_copies(data: bytes, row: int, to: Iterable[int], columns: range, formulas: Mapping[Position, str]) -> bytes:
    """The sheet part with the cells of `row` copied onto the rows `to`; `formulas`: those of the sheet, shared ones written out."""
    rows = [target for target in to if target != row]
    targets = [(target, column) for target in rows for column in columns]
    data = with_cells(Scan(data, targets), dict.fromkeys(targets), (), False)
    scan = Scan(data, [*targets, *((row, column) for column in columns)])
    edits = [
        Edit(cell.start, cell.end, _copied(scan, (row, where[1]), where, formulas)) for where, cell in scan.cells.items() if where[0] != row
    ]
    return _with_wider_areas(spliced(data, edits), row, rows, columns)


def _copied(scan: Scan, source: Position, where: Position, formulas: Mapping[Position, str]) -> bytes:
    """The cell at `source` as it stands at `where`."""
    cell = scan.cells.get(source)
    prefix = scan.cells[where].prefix
    address, style = f"{column_letters(where[1])}{where[0] + 1}", scan.style(source)
    attributes = {"r": address} | ({"s": str(style)} if style else {})
    content = b""
    if source in formulas:
        content = f"<{prefix}f>".encode() + escaped(moved_formula(formulas[source], source, where)) + f"</{prefix}f>".encode()
    elif cell is not None:
        attributes |= {"t": cell.attributes["t"]} if "t" in cell.attributes else {}
        content = b"".join(scan.data[child.start : child.end] for child in cell.children)
    tag = f"<{prefix}c".encode() + b"".join(f' {name}="'.encode() + escaped(text) + b'"' for name, text in attributes.items())
    return tag + (b">" + content + f"</{prefix}c>".encode() if content else b"/>")


def moved_formula(formula: str, source: Position, where: Position) -> str:
    """A formula as it reads once it was copied to another cell.

    >>> moved_formula("A2*$B$1+SUM(Lignes!C:C)", (1, 3), (4, 3))
    'A5*$B$1+SUM(Lignes!C:C)'
    """
    from openpyxl.formula.translate import Translator

    origin, target = (f"{column_letters(column)}{row + 1}" for row, column in (source, where))
    return str(Translator(f"={formula}", origin=origin).translate_formula(target)).removeprefix("=")


def _with_wider_areas(data: bytes, row: int, rows: list[int], columns: range) -> bytes:
    """The part with what holds for cells of `row` (entry, conditions; 18.3.1.33, 18.3.1.18) holding for its copies, too."""
    edits = []
    for item in descendants(data, "dataValidation", "conditionalFormatting"):
        known = item.attributes.get("sqref")
        if known is not None and (areas := _wider(known, row, rows, columns)) != known:
            edits.append(Edit(item.start, item.inner, with_attribute(data[item.start : item.inner], b"sqref", areas.encode())))
        elif known is None:
            edits += _in_extension(data, item, row, rows, columns)
    return spliced(data, edits)


def _in_extension(data: bytes, item: Element, row: int, rows: list[int], columns: range) -> list[Edit]:
    """The same for an element of Excel 2010, which names its areas in a child ([MS-XLSX] 2.4.62)."""
    edits = []
    for place in re.finditer(rb"<(?:\w+:)?sqref>([^<]*)<", data[item.inner : item.end]):
        known = place[1].decode()
        start = item.inner + place.start(1)
        edits.append(Edit(start, start + len(place[1]), _wider(known, row, rows, columns).encode()))
    return edits


def _wider(areas: str, row: int, rows: list[int], columns: range) -> str:
    """A list of areas with the copies of their cells of `row`.

    >>> _wider("B2:B9 D1", 8, [9, 10], range(5)), _wider("B2:B2000", 8, [9, 10], range(5))
    ('B2:B9 D1 B10:B11', 'B2:B2000')
    """
    known = [rectangle(area) for area in areas.split()]
    held = [column for column in columns if any(top <= row <= bottom and left <= column <= right for top, left, bottom, right in known)]
    new = []
    for column in held:
        missing = [at for at in rows if not any(top <= at <= bottom and left <= column <= right for top, left, bottom, right in known)]
        if missing:
            new.append(reference(min(missing), column, max(missing), column))
    return " ".join([areas, *new]) if new else areas
