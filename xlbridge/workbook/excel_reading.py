"""What an open sheet of Excel holds, read by blocks: each call costs about a millisecond, whether for one cell or for thousands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from xlbridge.workbook import container, excel_native, excel_notes
from xlbridge.workbook.address import rectangle, reference
from xlbridge.workbook.details import Details, Position, Value
from xlbridge.workbook.extent import Extent
from xlbridge.workbook.grid import Sheet

if TYPE_CHECKING:
    import xlwings

    from xlbridge.workbook.port import Area

T = TypeVar("T")
Block = list[list[Any]]

AT_ONCE = 400_000  # cells: the answer of an Apple event is limited
DAY_0 = datetime(1899, 12, 30)  # noqa: DTZ001 (Excel knows no time zone)
VISIBLE = (True, -1)  # macOS; COM, where 2 is a sheet hidden from the user, too
ERRORS = {
    2000: "#NULL!", 2007: "#DIV/0!", 2015: "#VALUE!", 2023: "#REF!", 2029: "#NAME?", 2036: "#NUM!", 2042: "#N/A", 2043: "#GETTING_DATA",
    2045: "#SPILL!", 2046: "#CONNECT!", 2047: "#BLOCKED!", 2048: "#UNKNOWN!", 2049: "#FIELD!", 2050: "#CALC!",
}  # fmt: skip
"""Excel's errors by their number (xlCVError)."""
ERROR_BASE = -2146828288  # COM's code of an error is this and its number; a number in a cell is never an int there


def read_sheet(sheet: xlwings.Sheet, file: str, engine: Any) -> Sheet:
    """A sheet as `grid.open_workbook` would read it from the saved file. Raises UnreadableFile for one too large."""
    name = sheet.name
    area = _used(sheet, file, name)
    block = [[None if _is_error(value) else value for value in row] for row in values(sheet, area, engine)]
    for column in range(area[3] - area[1] + 1):
        _date_column(sheet, area, block, column)
    live = LiveDetails(sheet, area, block, engine)
    (top, left), kept = _trimmed(area, block)
    return Sheet(name, top, left, kept, None, sheet.visible not in VISIBLE, live=lambda: live)


class LiveDetails(Details):
    """The details of an open sheet, each read from Excel when it is first asked for.

    Page headers are not read (None): xlwings has no word for them.
    """

    headers_footers = None
    uncached = frozenset()
    _sheet: xlwings.Sheet
    _area: Area
    _block: Block
    _engine: Any

    def __init__(self, sheet: xlwings.Sheet, area: Area, block: Block, engine: Any) -> None:
        self.__dict__.update(_sheet=sheet, _area=area, _block=block, _engine=engine)

    @cached_property
    def hidden(self) -> bool | None:
        return self._sheet.visible not in VISIBLE

    @cached_property
    def hidden_rows(self) -> frozenset[int]:
        return frozenset(row for first, last, height in _heights(self._sheet, self._area) if height == 0 for row in range(first, last + 1))

    @cached_property
    def hidden_columns(self) -> frozenset[int]:
        return frozenset(
            column for first, last, width in _widths(self._sheet, self._area) if width == 0 for column in range(first, last + 1)
        )

    @cached_property
    def merged(self) -> tuple[Area, ...]:
        return tuple(sorted(_merged(self._sheet, self._area)))

    @cached_property
    def errors(self) -> dict[Position, str]:
        block = values(self._sheet, self._area, self._engine, errors=True)
        shown = {where: _error(value) for where, value in self._cells(block) if self._value(where) is None}
        return {where: text for where, text in shown.items() if text}

    @cached_property
    def formulas(self) -> dict[Position, str]:
        block = _rows(self._range(*self._area).formula)
        # Excel shows a text that begins with = as it shows a formula; but the result of a formula is never its own text.
        found = {where: text for where, text in self._cells(block) if isinstance(text, str) and text.startswith("=")}
        return {where: text[1:] for where, text in found.items() if text != self._value(where)}

    @cached_property
    def formats(self) -> Mapping[Position, str]:
        return _Formats(self._sheet, self._area, self._block, self.formulas)

    @cached_property
    def protected(self) -> bool | None:
        return excel_native.protection(self._sheet) is not None

    @cached_property
    def comments(self) -> dict[Position, str]:
        return excel_notes.notes(self._sheet)

    def _range(self, *area: int) -> xlwings.Range:
        return self._sheet.range(reference(*area))

    def _value(self, where: Position) -> Value:
        value: Value = self._block[where[0] - self._area[0]][where[1] - self._area[1]]
        return value

    def _cells(self, block: Block) -> Iterator[tuple[Position, Any]]:
        for row, values_ in enumerate(block, self._area[0]):
            for column, value in enumerate(values_, self._area[1]):
                yield (row, column), value


class _Formats(Mapping[Position, str]):
    """The number formats of filled cells where they are not General; those of a column are asked for with the first of its cells."""

    def __init__(self, sheet: xlwings.Sheet, area: Area, block: Block, formulas: Collection[Position]) -> None:
        self._sheet, self._area, self._block, self._formulas = sheet, area, block, formulas
        self._columns: dict[int, dict[int, str]] = {}

    def __getitem__(self, where: Position) -> str:
        row, column = where
        if column not in self._columns:
            self._columns[column] = self._read(column)
        return self._columns[column][row]

    def __iter__(self) -> Iterator[Position]:
        top, left, bottom, right = self._area
        return (where for where in product(range(top, bottom + 1), range(left, right + 1)) if self.get(where))

    def __len__(self) -> int:
        return sum(1 for _where in self)

    def _read(self, column: int) -> dict[int, str]:
        top, left, bottom, right = self._area
        if not left <= column <= right:
            return {}
        cells = {row: values_[column - left] for row, values_ in enumerate(self._block, top)}
        numbers = [row for row, value in cells.items() if not isinstance(value, (str, type(None)))]
        first, last = (numbers[0], numbers[-1]) if numbers else (top + 1, bottom)
        # The header, the numbers and what follows mostly have one format each.
        spans = ((top, first - 1), (first, last), (last + 1, bottom))
        codes = {row: code for span in spans for row, code in _column_formats(self._sheet, column, *span) if code != "General"}
        return {row: code for row, code in codes.items() if cells[row] is not None or (row, column) in self._formulas}


def values(sheet: xlwings.Sheet, area: Area, engine: Any, *, errors: bool = False) -> Block:
    """The values of an area, empty cells as None; `errors`: with Excel's errors, as a text or as COM's code."""
    top, left, bottom, right = area
    step = max(1, AT_ONCE // (right - left + 1))
    block: Block = []
    for first in range(top, bottom + 1, step):
        cells = sheet.range(reference(first, left, min(first + step - 1, bottom), right)).options(err_to_str=errors)
        rows = engine.clean_value_data(_rows(cells.raw_value), datetime, None, None, errors)
        if any(isinstance(value, Decimal) for row in rows for value in row):
            rows = [
                [number if isinstance(value, Decimal) else value for value, number in zip(row, numbers, strict=True)]
                for row, numbers in zip(rows, _rows(excel_native.exact(cells)), strict=True)
            ]
        block += rows
    return block


def formats(sheet: xlwings.Sheet, area: Area) -> dict[Position, str]:
    """The number format of every cell of an area."""
    top, left, bottom, right = area
    whole = sheet.range(reference(*area)).number_format
    if whole is not None:
        return dict.fromkeys(((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)), whole)
    return {(row, column): code for column in range(left, right + 1) for row, code in _column_formats(sheet, column, top, bottom)}


def _rows(answer: Any) -> Block:
    """What Excel answers for a block as rows: one cell comes alone, and on macOS one row as a flat list."""
    if not isinstance(answer, (list, tuple)):
        return [[answer]]
    return [list(row) for row in answer] if isinstance(answer[0], (list, tuple)) else [list(answer)]


def _used(sheet: xlwings.Sheet, file: str, name: str) -> Area:
    """The area to read. Excel's used range holds formatted empty cells, too: a large one is cut after the last value.

    Not where something is hidden, by a filter perhaps: there Excel finds no value.
    """
    area = rectangle(sheet.used_range.address)
    if _extent(area).area > AT_ONCE and all(size != 0 for sizes in (_heights, _widths) for _first, _last, size in sizes(sheet, area)):
        cells = sheet.range(reference(*area))
        ends: list[Any] = [cells.find("*", direction="backward", order=order) for order in ("rows", "columns")]
        last = [rectangle(end.address) if end else area[:2] for end in ends]
        area = (*area[:2], last[0][0], last[1][1])
    container.refuse_beyond(Path(file), name, _extent(area))
    return area


def _extent(area: Area) -> Extent:
    top, left, bottom, right = area
    return Extent(top, left, bottom, right)


def _trimmed(area: Area, block: Block) -> tuple[Position, Block]:
    """The block without the empty rows and columns around its values, and where it begins."""
    rows = [row for row, cells in enumerate(block) if any(value is not None for value in cells)]
    columns = [column for column, cells in enumerate(zip(*block, strict=True)) if any(value is not None for value in cells)]
    if not rows:
        return (0, 0), []
    kept = [row[columns[0] : columns[-1] + 1] for row in block[rows[0] : rows[-1] + 1]]
    return (area[0] + rows[0], area[1] + columns[0]), kept


def _date_column(sheet: xlwings.Sheet, area: Area, block: Block, place: int) -> None:
    """Turn the dates of a column into what the file's reader makes of them: a day, a moment, a time of day or a duration."""
    rows = [row for row, cells in enumerate(block) if isinstance(cells[place], datetime)]
    if not rows:
        return
    for row, code in _column_formats(sheet, area[1] + place, area[0] + rows[0], area[0] + rows[-1]):
        cells = block[row - area[0]]
        if isinstance(cells[place], datetime):
            cells[place] = _moment(cells[place], code)


def _moment(value: datetime, code: str) -> Value:
    """A date of Excel by its format: `[h]:mm` is a duration. Its first days of 1900 come a day early."""
    since = timedelta(milliseconds=round((value - DAY_0) / timedelta(milliseconds=1)))
    value = DAY_0 + since
    if any(f"[{unit}" in code.lower() for unit in "hms"):
        return since
    if since < timedelta(days=1):
        return value.time()
    if since < timedelta(days=60):
        value += timedelta(days=1)
    return value.date() if value.time() == time() else value


def _column_formats(sheet: xlwings.Sheet, column: int, first: int, last: int) -> Iterator[tuple[int, str]]:
    """Row and number format of the cells of a column; none where `last` is before `first`."""
    if first <= last:
        pieces = _pieces(lambda row, until: sheet.range(reference(row, column, until, column)).number_format, first, last)
        yield from ((row, code or "General") for begin, end, code in pieces for row in range(begin, end + 1))


def _pieces(ask: Callable[[int, int], T | None], first: int, last: int) -> Iterator[tuple[int, int, T | None]]:
    """Runs of rows (or columns) with the same answer: Excel answers None where they differ, and is then asked for each half."""
    answer = ask(first, last)
    if answer is not None or first == last:
        yield first, last, answer
        return
    middle = (first + last) // 2
    yield from _pieces(ask, first, middle)
    yield from _pieces(ask, middle + 1, last)


def _heights(sheet: xlwings.Sheet, area: Area) -> Iterator[tuple[int, int, float | None]]:
    """The heights of rows; 0: hidden."""
    top, left, bottom, _right = area
    return _pieces(lambda first, last: sheet.range(reference(first, left, last, left)).row_height, top, bottom)


def _widths(sheet: xlwings.Sheet, area: Area) -> Iterator[tuple[int, int, float | None]]:
    """The widths of columns; 0: hidden."""
    top, left, _bottom, right = area
    return _pieces(lambda first, last: sheet.range(reference(top, first, top, last)).column_width, left, right)


def _merged(sheet: xlwings.Sheet, area: Area) -> set[Area]:
    """The merged areas that touch an area: Excel says of an area whether it holds none, and of a cell to which it belongs."""
    cells = sheet.range(reference(*area))
    if cells.merge_cells is False:
        return set()
    top, left, bottom, right = area
    found = rectangle(sheet.range((top + 1, left + 1)).merge_area.address)
    known = {found} if found[:2] != found[2:] else set()
    if found[2] >= bottom and found[3] >= right:
        return known
    if bottom - top >= right - left:
        middle = (top + bottom) // 2
        halves = ((top, left, middle, right), (middle + 1, left, bottom, right))
    else:
        middle = (left + right) // 2
        halves = ((top, left, bottom, middle), (top, middle + 1, bottom, right))
    return known.union(*(_merged(sheet, half) for half in halves))


def _is_error(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value - ERROR_BASE in range(2000, 2100)


def _error(value: Any) -> str | None:
    """An error as Excel writes it; None for any other value."""
    if isinstance(value, str):
        return value if value.startswith("#") else None
    return ERRORS.get(value - ERROR_BASE, "#N/A") if _is_error(value) else None
