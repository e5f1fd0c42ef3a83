"""The cells of a sheet part (ECMA-376 part 1, 18.3.1.73 and .4) by their bytes: what may not be changed, and the change itself."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from types import MappingProxyType

from xlbridge.model.money import plain
from xlbridge.workbook.address import column_letters, position, rectangle, reference
from xlbridge.workbook.details import Position
from xlbridge.workbook.splice import Edit, Element, element_at, end_of, escaped, spliced, walk, with_attribute

Content = str | Decimal | date | None
"""What may be written into a cell; None empties it."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as the file has it, without the equals sign; its result is left to the application."""

    text: str


Written = Content | Formula

MAX_TEXT = 32767
FIRST_DAY = date(1904, 1, 1)  # which every spreadsheet counts alike, whatever its first day
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LIKE_AN_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # 22.9.2.19: read back as a character unless the underscore is one too
SHEET_DATA, ROW, CELL = 2, 3, 4  # depths of the elements


@dataclass(slots=True)
class Row:
    """One row that matters: its element (None where there is none), the columns of its cells, and where a new row would stand."""

    element: Element | None = None
    cells: list[tuple[int, int]] = field(default_factory=list)
    before: int | None = None


class Scan:
    """What a sheet part says of the wanted cells. `cells` and `rows` have those that stand in it."""

    def __init__(self, data: bytes, wanted: Iterable[Position]) -> None:
        """Read the part. Raises ValueError where it is no sheet in UTF-8."""
        self.data = data
        self.wanted = set(wanted)
        self.rows = {row: Row() for row, _column in self.wanted}
        self.cells: dict[Position, Element] = {}
        self.sheet_data: Element | None = None
        self.dimension: Element | None = None
        self.protected = False
        self.merged: list[tuple[int, int, int, int]] = []
        self.arrays: list[tuple[int, int, int, int]] = []
        self.column_styles: list[tuple[int, int, str]] = []
        self._ahead = sorted(self.rows, reverse=True)
        self._inside = False
        self._at = (-1, -1)
        self._row: Element | None = None
        self._cell: Element | None = None
        walk(data, self._begin, self._finish)
        if self.sheet_data is None:
            raise ValueError("partie XML sans cellules")

    def _begin(self, depth: int, name: str, attributes: list[str], byte: int) -> None:
        local = name.rpartition(":")[2]
        if depth == SHEET_DATA:
            self._inside = local == "sheetData"
            if self._inside:
                self.sheet_data = element_at(self.data, name, attributes, byte)
            elif local == "sheetProtection":
                self.protected = _attributes(attributes).get("sheet") in {"1", "true"}
            elif local == "dimension":
                self.dimension = element_at(self.data, name, attributes, byte)
        elif self._inside and depth == ROW:
            self._begin_row(name, attributes, byte)
        elif self._inside and depth == CELL:
            self._begin_cell(name, attributes, byte)
        elif self._inside and depth == CELL + 1:
            if local == "f" and "ref" in attributes and (known := _attributes(attributes)).get("t") in {"array", "dataTable"}:
                self.arrays.append(rectangle(known["ref"]))
            if self._cell is not None:
                self._cell.children.append(element_at(self.data, name, attributes, byte))
        elif depth == ROW and local == "mergeCell":
            self.merged.append(rectangle(_attributes(attributes)["ref"]))
        elif depth == ROW and local == "col" and "style" in attributes:
            known = _attributes(attributes)
            self.column_styles.append((int(known["min"]) - 1, int(known["max"]) - 1, known["style"]))

    def _begin_row(self, name: str, attributes: list[str], byte: int) -> None:
        """A row that names no place follows the one before, as a cell does. Not every program writes rows in their order."""
        row = int(_attributes(attributes).get("r", self._at[0] + 2)) - 1
        self._at = (row, -1)
        self._row = None
        while self._ahead and self._ahead[-1] < row:
            self.rows[self._ahead.pop()].before = byte
        if row in self.rows:
            self._row = self.rows[row].element = element_at(self.data, name, attributes, byte)
        if self._ahead and self._ahead[-1] == row:
            self._ahead.pop()

    def _begin_cell(self, name: str, attributes: list[str], byte: int) -> None:
        if self._row is None:
            return
        address = _attributes(attributes).get("r")
        self._at = position(address) if address else (self._at[0], self._at[1] + 1)
        self.rows[self._at[0]].cells.append((self._at[1], byte))
        if self._at in self.wanted:
            self.cells[self._at] = self._cell = element_at(self.data, name, attributes, byte)

    def _finish(self, depth: int, name: str, byte: int) -> None:  # noqa: ARG002
        if not self._inside:
            return
        if depth == CELL + 1 and self._cell is not None:
            child = self._cell.children[-1]
            child.end = end_of(self.data, child, byte)
        elif depth == CELL and self._cell is not None:
            self._cell.end = end_of(self.data, self._cell, byte)
            self._cell = None
        elif depth == ROW and self._row is not None:
            self._row.end = end_of(self.data, self._row, byte)
        elif depth == SHEET_DATA and self.sheet_data is not None:
            self.sheet_data.end = end_of(self.data, self.sheet_data, byte)

    def formula(self, place: Position) -> Element | None:
        """The formula of a cell."""
        cell = self.cells.get(place)
        return next((child for child in cell.children if child.name == "f"), None) if cell else None

    def style(self, place: Position) -> int:
        """The style of a cell, or the one that a new cell takes from its row, else from its column (18.3.1.73)."""
        if (cell := self.cells.get(place)) is not None:
            return int(cell.attributes.get("s", 0))
        row = self.rows[place[0]].element
        if row is not None and row.attributes.get("customFormat") in {"1", "true"}:
            return int(row.attributes.get("s", 0))
        return next((int(style) for first, last, style in self.column_styles if first <= place[1] <= last), 0)


def with_cells(
    scan: Scan,
    changes: Mapping[Position, Written],
    stale: Iterable[Position],
    date1904: bool,
    styles: Mapping[Position, int] = MappingProxyType({}),
) -> bytes:
    """The part with the cells changed, and without the stored results of the formulas in `stale`. `styles`: those of new cells.

    What else it holds stays byte for byte, but for the span of a row that got a new cell, and the sheet's where it no longer holds all.
    """
    assert scan.sheet_data is not None
    data, prefix = scan.data, scan.sheet_data.prefix
    without = [scan.cells[where] for where in stale if where in scan.cells]
    edits = [Edit(child.start, child.end, b"") for cell in without for child in cell.children if child.name in {"v", "is"}]
    typed = (cell for cell in without if "t" in cell.attributes)  # a type without a result is more than every reader takes
    edits += [Edit(cell.start, cell.inner, with_attribute(data[cell.start : cell.inner], b"t", None)) for cell in typed]
    new_rows: list[tuple[int | None, bytes]] = []
    for number, places in groupby(sorted(changes), key=lambda place: place[0]):
        row, added = scan.rows[number], []
        for place in places:
            cell = scan.cells.get(place)
            written = _cell(scan, place, prefix, changes[place], date1904, styles.get(place))
            if cell is not None:
                edits.append(Edit(cell.start, cell.end, written))
            else:
                added.append((place[1], written))
        if row.element is None:
            whole = f'<{prefix}row r="{number + 1}">'.encode() + b"".join(cell for _, cell in added) + f"</{prefix}row>".encode()
            new_rows.append((row.before, whole))
        elif added:
            edits += _into_row(data, row, row.element, added)
    edits += [Edit(before, before, whole) for before, whole in new_rows if before is not None]
    edits += _into(data, scan.sheet_data, b"", [(None, whole) for before, whole in new_rows if before is None])
    return spliced(data, edits + _into_dimension(scan, changes))


def with_own_formulas(scan: Scan, places: Iterable[Position], formulas: Mapping[Position, str]) -> Scan:
    """The part in which no cell draws on the formula of one of `places`, which may then go: a formula that several cells share is written
    in the first of them alone (18.3.1.40). `formulas`: those of the sheet, shared ones written out."""
    known = [formula for place in places if (formula := scan.formula(place)) is not None]
    shared = {formula.attributes.get("si") for formula in known if formula.attributes.get("t") == "shared" and "ref" in formula.attributes}
    if not shared:
        return scan
    every = Scan(scan.data, formulas)
    edits = []
    for where in every.cells:
        formula = every.formula(where)
        if formula is not None and formula.attributes.get("t") == "shared" and formula.attributes.get("si") in shared:
            own = f"<{formula.prefix}f>".encode() + escaped(formulas[where]) + f"</{formula.prefix}f>".encode()
            edits.append(Edit(formula.start, formula.end, own))
    return Scan(spliced(scan.data, edits), scan.wanted)


def _into_dimension(scan: Scan, places: Iterable[Position]) -> list[Edit]:
    """The used area of the sheet (18.3.1.35) with `places` in it: readers that trust it would see no more."""
    known = scan.dimension
    if known is None or "ref" not in known.attributes:
        return []
    top, left, bottom, right = old = rectangle(known.attributes["ref"])
    rows, columns = zip(*places, (top, left), (bottom, right), strict=True)
    new = (min(rows), min(columns), max(rows), max(columns))
    if new == old:
        return []
    return [Edit(known.start, known.inner, with_attribute(scan.data[known.start : known.inner], b"ref", reference(*new).encode()))]


def _into_row(data: bytes, row: Row, element: Element, added: list[tuple[int, bytes]]) -> list[Edit]:
    """New cells of a row, each before the first that stands to its right."""
    tag = with_attribute(data[element.start : element.inner], b"spans", None)
    placed = [(next((byte for column, byte in row.cells if column > new), None), cell) for new, cell in added]
    return _into(data, element, tag, placed)


def _into(data: bytes, parent: Element, tag: bytes, added: list[tuple[int | None, bytes]]) -> list[Edit]:
    """Elements put into `parent`, at a byte or (None) at its end; `tag` replaces its first tag."""
    if not added:
        return []
    if parent.closed(data):
        opened = (tag or data[parent.start : parent.inner])[:-2].rstrip() + b">"
        inner = b"".join(new for _, new in added)
        return [Edit(parent.start, parent.end, opened + inner + f"</{parent.prefix}{parent.name}>".encode())]
    last = data.rindex(b"</", parent.inner, parent.end)
    edits = [Edit(last if byte is None else byte, last if byte is None else byte, new) for byte, new in added]
    return [Edit(parent.start, parent.inner, tag), *edits] if tag else edits


def _cell(scan: Scan, place: Position, prefix: str, value: Written, date1904: bool, new_style: int | None) -> bytes:
    """The bytes of a cell that holds `value`: its style and what else it has are kept, formula and old value go."""
    known = scan.cells.get(place)
    kept = b""
    if known is not None:
        attributes = {name: text for name, text in known.attributes.items() if name not in {"t", "cm", "vm"}}
        kept = b"".join(scan.data[child.start : child.end] for child in known.children if child.name not in {"f", "v", "is"})
    else:
        style = scan.style(place) if new_style is None else new_style
        attributes = {"r": f"{column_letters(place[1])}{place[0] + 1}"} | ({"s": str(style)} if style else {})
    kind, content = _written(value, prefix, date1904)
    attributes |= {"t": kind} if kind else {}
    tag = f"<{prefix}c".encode() + b"".join(f' {name}="'.encode() + escaped(text) + b'"' for name, text in attributes.items())
    return tag + (b">" + content + kept + f"</{prefix}c>".encode() if content or kept else b"/>")


def _written(value: Written, prefix: str, date1904: bool) -> tuple[str, bytes]:
    """The type of a cell and its content: a text is always a text, whatever it begins with."""
    if value is None:
        return "", b""
    if isinstance(value, Formula):
        return "", f"<{prefix}f>".encode() + escaped(value.text) + f"</{prefix}f>".encode()
    if isinstance(value, str):
        safe = LIKE_AN_ESCAPE.sub("_x005F_", value).replace("\r", "_x000D_")
        text = f'<{prefix}is><{prefix}t xml:space="preserve">'.encode() + escaped(safe) + f"</{prefix}t></{prefix}is>".encode()
        return "inlineStr", text
    number = plain(value) if isinstance(value, Decimal) else str(serial(value, date1904))
    return "", f"<{prefix}v>{number}</{prefix}v>".encode()


def serial(day: date, date1904: bool) -> int:
    """The number of a day (18.17.4.1)."""
    return (day - (date(1904, 1, 1) if date1904 else date(1899, 12, 30))).days


def unwritable(value: Content) -> str | None:
    """Why a cell cannot hold `value` (French, no full stop); None where it can."""
    if isinstance(value, str) and len(value.encode("utf-16-le", "surrogatepass")) // 2 > MAX_TEXT:
        return f"une cellule tient au plus {MAX_TEXT} caractères"
    if isinstance(value, str) and NOT_XML.search(value):
        return "le texte contient un caractère de commande"
    if isinstance(value, Decimal) and not (value.is_finite() and math.isfinite(float(value))):
        return "ce n’est pas un nombre"
    if isinstance(value, datetime):
        return "un jour est attendu, sans heure"
    if isinstance(value, date) and value < FIRST_DAY:
        return "le jour est trop ancien pour un tableur"
    return None


def _attributes(alternating: list[str]) -> dict[str, str]:
    return dict(zip(alternating[::2], alternating[1::2], strict=True))
