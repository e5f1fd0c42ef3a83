"""A table of a sheet whose header names its columns: rows as values by column name, each with its cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from xlbridge.findings import Cell
from xlbridge.folding import folded
from xlbridge.model.money import decimal_of, plain
from xlbridge.workbook.grid import Sheet, Value


@dataclass(frozen=True, eq=False)
class Table:
    """A header row and what stands below it. `columns` maps a folded header to its absolute column."""

    file: str
    sheet: Sheet
    header_row: int
    columns: Mapping[str, int]

    def rows(self) -> Iterator[Row]:
        """The rows below the header in which a column of the table holds something."""
        for row in range(self.header_row + 1, self.sheet.first_row + len(self.sheet.rows)):
            if any(self.sheet.at(row, column) not in {None, ""} for column in self.columns.values()):
                yield Row(self, row)


@dataclass(frozen=True, eq=False)
class Row:
    """One row of a table, by its absolute position (counted from 0)."""

    table: Table
    row: int

    def column(self, name: str) -> int | None:
        """The absolute column of the header `name`, or None."""
        columns = self.table.columns
        return columns[name] if name in columns else columns.get(folded(name))

    def value(self, name: str) -> Value:
        """The value under the header `name`; None where it is empty or there is no such column."""
        column = self.column(name)
        value = None if column is None else self.table.sheet.at(self.row, column)
        if isinstance(value, str):
            value = value.replace("\u00a0", " ").strip()
        return None if value == "" else value

    def text(self, name: str) -> str | None:
        """The value as text: a number without needless zeros (a SIREN, a postcode), a date in its ISO form."""
        return as_text(self.value(name))

    def format(self, name: str) -> str | None:
        """The number format of the cell under `name`, "" for General; None where the file's format does not tell."""
        formats, column = self.table.sheet.details.formats, self.column(name)
        return None if formats is None or column is None else formats.get((self.row, column), "")

    def cell(self, name: str) -> Cell:
        """The cell under `name`; the first cell of the row where there is no such column."""
        column = self.column(name)
        column = min(self.table.columns.values()) if column is None else column
        return Cell(self.table.file, self.table.sheet.name, self.table.sheet.address(self.row, column))


def as_text(value: Value) -> str | None:
    """What a value reads as where words are expected."""
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, (int, float)):
        return plain(decimal_of(value))
    if isinstance(value, datetime) and value == datetime.combine(value.date(), datetime.min.time()):
        value = value.date()
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


def find_table(file: str, sheet: Sheet, required: set[str], known: Mapping[str, str] | None = None) -> Table | None:
    """The table of `sheet` whose header holds every name of `required` (folded), in its first ten rows; None where there is none.

    `known` maps further ways to write a header (folded) to the name by which the table knows it.
    """
    known = known or {}
    for row in range(sheet.first_row, sheet.first_row + min(len(sheet.rows), 10)):
        columns: dict[str, int] = {}
        for position, value in enumerate(sheet.rows[row - sheet.first_row], sheet.first_column):
            if isinstance(value, str) and value.strip():
                name = folded(value)
                columns.setdefault(known.get(name, name), position)
        if required <= columns.keys():
            return Table(file, sheet, row, columns)
    return None
