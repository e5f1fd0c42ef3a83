"""Any spreadsheet file as values that keep their address.

A sheet's `rows` begin at its first used cell; `first_row` and `first_column` say where that is, so that an address never comes from
a count of the rows that happened to be filled. Cells in error and formulas without a stored result have no value (None): `Details`
tells them from empty cells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from xlbridge.errors import UnreadableFile
from xlbridge.findings import Cell, Finding
from xlbridge.workbook import container, intake
from xlbridge.workbook.address import column_letters, position
from xlbridge.workbook.details import Details, Value
from xlbridge.workbook.extent import Extent

__all__ = ["Details", "Sheet", "Value", "Workbook", "open_workbook"]


@dataclass(frozen=True, eq=False)
class Sheet:
    """One sheet. `rows` are of equal length; `rows[0][0]` stands at (`first_row`, `first_column`), counted from 0.

    `lines` (csv only): the line of the file on which each record begins, since a quoted value may hold line breaks. `live`: asks an
    application that has the workbook open for the details, instead of the file.
    """

    name: str
    first_row: int
    first_column: int
    rows: list[list[Value]] = field(repr=False)
    source: intake.Source | None = field(repr=False)
    hidden: bool | None = None
    lines: tuple[int, ...] | None = field(default=None, repr=False)
    live: Callable[[], Details] | None = field(default=None, repr=False)

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
        """What the sheet says beside its values, read at the first question. Raises UnreadableFile."""
        if self.live is not None:
            return self.live()
        if self.source is None:
            return Details(hidden=self.hidden)
        path = self.source.unchanged()
        match self.source.format:
            case "xlsx" | "xlsm":
                from xlbridge.workbook.details_ooxml import read_details as read
            case "ods":
                from xlbridge.workbook.details_ods import read_details as read
            case "xls":
                from xlbridge.workbook.xls import read_details as read
            case _:
                return Details(hidden=self.hidden)
        return read(path, self.name)


@dataclass(frozen=True, eq=False)
class Workbook:
    """A spreadsheet file: its sheets in order, and what reading the file as a whole had to say."""

    path: Path
    format: str
    sheets: tuple[Sheet, ...]
    findings: tuple[Finding, ...] = ()

    def at(self, cell: Cell) -> Value:
        """What a cell holds; None for one that is not there, or a range."""
        sheet = next((sheet for sheet in self.sheets if sheet.name == cell.sheet), None)
        if sheet is None or not cell.address or ":" in cell.address:
            return None
        row, column = position(cell.address)
        if sheet.lines is not None:
            if row + 1 not in sheet.lines:
                return None
            row = sheet.lines.index(row + 1)
        return sheet.at(row, column)


def open_workbook(path: Path) -> Workbook:
    """Read a spreadsheet file of any format; its content, not its extension, decides. Raises UnreadableFile."""
    path = Path(path)
    source = intake.examine(path)
    findings: tuple[Finding, ...] = ()
    if source.format == "csv":
        sheets, findings = _delimited_sheets(source)
    else:
        sheets = _xls_sheets(source) if source.format == "xls" else _calamine_sheets(source)
    return Workbook(path, source.format, sheets, source.findings + findings)


def _delimited_sheets(source: intake.Source) -> tuple[tuple[Sheet, ...], tuple[Finding, ...]]:
    """The one sheet of a delimited text file."""
    from xlbridge.workbook.delimited import read_delimited

    table = read_delimited(source.path)
    return (Sheet("csv", 0, 0, table.rows, source, hidden=False, lines=table.lines),), table.findings


def _xls_sheets(source: intake.Source) -> tuple[Sheet, ...]:
    """The sheets of an old binary workbook."""
    from xlbridge.workbook.xls import read_sheets

    return tuple(Sheet(name, top, left, rows, source, hidden) for name, top, left, rows, hidden in read_sheets(source.path))


def _calamine_sheets(source: intake.Source) -> tuple[Sheet, ...]:
    """The worksheets of a workbook, by calamine; chart, dialog and macro sheets hold no table and are left out."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    sheets = []
    try:
        # from_path would trust the extension
        with source.path.open("rb") as stream, CalamineWorkbook.from_filelike(stream) as book:
            for place, known in enumerate(book.sheets_metadata):
                if known.typ is not SheetTypeEnum.WorkSheet:
                    continue
                sheet = book.get_sheet_by_index(place)
                first_row, first_column = sheet.start or (0, 0)
                last_row, last_column = sheet.end or (0, 0)
                container.refuse_beyond(source.path, known.name, Extent(first_row, first_column, last_row, last_column))
                rows = _rows(sheet.to_python(skip_empty_area=True), source.format)
                sheets.append(Sheet(known.name, first_row, first_column, rows, source, known.visible is not SheetVisibleEnum.Visible))
    except UnreadableFile:
        raise
    except BaseException as fault:
        if not isinstance(fault, Exception) and type(fault).__name__ != "PanicException":
            raise
        raise container.broken(source.path, fault) from fault
    return tuple(sheets)


def _rows(rows: list[list[Any]], format_: str) -> list[list[Value]]:
    """calamine's rows with None for empty text, and the durations of an .ods, which it leaves as text, as durations."""
    if format_ != "ods":
        return [[None if value == "" else value for value in row] if "" in row else row for row in rows]
    return [
        [None if value == "" else _duration(value) if isinstance(value, str) and value.startswith("PT") else value for value in row]
        for row in rows
    ]


def _duration(text: str) -> Value:
    """`PT30H00M00S` as a duration; any other text as it is."""
    match = re.fullmatch(r"PT(\d+)H(\d+)M(\d+(?:\.\d+)?)S", text)
    return timedelta(hours=int(match[1]), minutes=int(match[2]), seconds=float(match[3])) if match else text
