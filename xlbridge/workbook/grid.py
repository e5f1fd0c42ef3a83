"""Any spreadsheet file as values that keep their address.

>>> column_letters(0), column_letters(27)
('A', 'AB')

A sheet's `rows` begin at its first used cell; `first_row` and `first_column` say where that is, so that an address never comes from
a count of the rows that happened to be filled. Cells in error and formulas without a stored result have no value (None): `Details`
tells them from empty cells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from pathlib import Path

from xlbridge.errors import UnreadableFile
from xlbridge.findings import Finding
from xlbridge.workbook import intake
from xlbridge.workbook.details import Details

Value = str | int | float | bool | date | datetime | time | timedelta | None


@lru_cache(maxsize=1024)
def column_letters(column: int) -> str:
    """The letters of a column counted from 0: 0 → A, 25 → Z, 26 → AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass(frozen=True, eq=False)
class Sheet:
    """One sheet. `rows` are of equal length; `rows[0][0]` stands at (`first_row`, `first_column`), counted from 0.

    `lines` (csv only): the line of the file on which each record begins, since a quoted value may hold line breaks.
    """

    name: str
    first_row: int
    first_column: int
    rows: list[list[Value]] = field(repr=False)
    source: intake.Source = field(repr=False)
    hidden: bool | None = None
    lines: tuple[int, ...] | None = field(default=None, repr=False)

    def address(self, row: int, column: int) -> str:
        """The A1 address of an absolute position; in a csv the column letter and the line of the file."""
        if self.lines is None:
            line = row + 1
        elif row < len(self.lines):
            line = self.lines[row]
        else:
            line = (self.lines[-1] if self.lines else 0) + row - len(self.lines) + 1
        return f"{column_letters(column)}{line}"

    def at(self, row: int, column: int) -> Value:
        """The value at an absolute position; None when empty or outside."""
        row -= self.first_row
        column -= self.first_column
        if row < 0 or column < 0 or row >= len(self.rows) or column >= len(self.rows[row]):
            return None
        return self.rows[row][column]

    def cells(self) -> Iterator[tuple[int, int, Value]]:
        """The cells that hold something: absolute row, absolute column, value; row by row."""
        for row, values in enumerate(self.rows, self.first_row):
            for column, value in enumerate(values, self.first_column):
                if value is not None:
                    yield row, column, value

    @cached_property
    def details(self) -> Details:
        """What the sheet says beside its values, read from the file at the first question. Raises UnreadableFile."""
        return Details(hidden=self.hidden)


@dataclass(frozen=True, eq=False)
class Workbook:
    """A spreadsheet file: its sheets in order, and what reading the file as a whole had to say."""

    path: Path
    format: str
    sheets: tuple[Sheet, ...]
    findings: tuple[Finding, ...] = ()


def open_workbook(path: Path) -> Workbook:
    """Read a spreadsheet file of any format; its content, not its extension, decides. Raises UnreadableFile."""
    path = Path(path)
    source = intake.examine(path)
    if source.format == "csv":
        sheets, findings = _delimited_sheets(source)
    else:
        sheets, findings = _calamine_sheets(source), ()
    return Workbook(path, source.format, sheets, source.findings + findings)


def _delimited_sheets(source: intake.Source) -> tuple[tuple[Sheet, ...], tuple[Finding, ...]]:
    """The one sheet of a delimited text file."""
    from xlbridge.workbook.delimited import read_delimited

    table = read_delimited(source.path)
    return (Sheet("csv", 0, 0, table.rows, source, lines=table.lines),), table.findings


def _calamine_sheets(source: intake.Source) -> tuple[Sheet, ...]:
    """The worksheets of a workbook, by calamine; chart, dialog and macro sheets hold no table and are left out."""
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    sheets = []
    try:
        with CalamineWorkbook.from_path(source.path) as book:
            for place, known in enumerate(book.sheets_metadata):
                if known.typ is not SheetTypeEnum.WorkSheet:
                    continue
                sheet = book.get_sheet_by_index(place)
                first_row, first_column = sheet.start or (0, 0)
                rows = [[None if value == "" else value for value in row] for row in sheet.to_python(skip_empty_area=True)]
                sheets.append(Sheet(known.name, first_row, first_column, rows, source, known.visible is not SheetVisibleEnum.Visible))
    except (CalamineError, OSError) as fault:
        raise UnreadableFile(
            f"« {source.path.name} » est abîmé ou incomplet ({fault}).", intake.REOPEN_AND_SAVE
        ) from fault
    return tuple(sheets)
