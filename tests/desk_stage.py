"""A desk for tests: a facturier with drafts, open in one of the hosts, with its ledger; and what one sees of it through the port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.issuing_stage import company, draft
from xlbridge.desk.answer import Answer
from xlbridge.desk.performing import perform
from xlbridge.folding import folded
from xlbridge.model import Invoice
from xlbridge.workbook.calc_port import CalcPort
from xlbridge.workbook.closed import ClosedPort
from xlbridge.workbook.columns import Row, Table
from xlbridge.workbook.details import Position
from xlbridge.workbook.port import Look, Port
from xlbridge.workbook.sheet_view import removed_elements
from xlbridge.workbook.template_parties import table_of
from xlbridge.workbook.template_writer import write_template

NAME = "facturier.xlsx"
Open = Callable[[Path], Port]


@dataclass
class Desk:
    """An open workbook, the user in front of it (`answers`, in turn; yes where none is left), and what they were asked."""

    port: Port
    folder: Path
    answers: list[bool | None] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def file(self) -> Path:
        return self.folder / NAME

    def click(self, word: str, *answers: bool | None) -> Answer:
        """What a click does. A command may not leave the user without a word, except where the sheet shows all there is to see."""
        self.answers = list(answers)
        answer = perform(word, self.port)
        assert not self.answers, "a question was expected"
        return answer

    def ask(self, question: str, *, may_stop: bool = False) -> bool | None:
        self.asked.append(question)
        answer = self.answers.pop(0) if self.answers else True
        assert answer is not None or may_stop
        return answer

    def table(self, sheet: str) -> Table:
        table = table_of(self.port.snapshot(), sheet)
        assert table is not None
        return table

    def rows(self, sheet: str, *columns: str) -> list[tuple[Any, ...]]:
        """The rows of a table that hold something in these columns."""
        table = self.table(sheet)
        found = (tuple(Row(table, row).value(column) for column in columns) for row in range(1, len(table.sheet.rows)))
        return [values for values in found if any(value is not None for value in values)]

    def place(self, sheet: str, column: str, row: int = 0) -> Position:
        """The cell of a column in the row of a table, counted from 0 below its header."""
        table = self.table(sheet)
        return table.header_row + 1 + row, table.columns[folded(column)]

    def type(self, sheet: str, column: str, value: Any, row: int = 0) -> Position:
        """What the user types into a cell; its place."""
        where = self.place(sheet, column, row)
        self.port.write(sheet, {where: value})
        return where

    def looks(self) -> dict[tuple[str, Position], Look]:
        """The colour and note of every cell of the first rows that has either."""
        found = {}
        for sheet in self.port.snapshot().sheets:
            if sheet.hidden or not sheet.rows:
                continue
            places = [(row, column) for row in range(min(sheet.first_row + len(sheet.rows), 8)) for column in range(len(sheet.rows[0]))]
            fills, notes = self.port.fills(sheet.name, places), self.port.notes(sheet.name)
            found |= {(sheet.name, place): Look(fills[place], notes.get(place)) for place in places if fills[place] or place in notes}
        return found

    def control(self) -> list[tuple[Any, ...]]:
        """The rows of « Contrôle »: severity, code, cell."""
        sheet = next(sheet for sheet in self.port.snapshot().sheets if sheet.name == "Contrôle")
        return [(row[0], row[1], row[4]) for row in sheet.rows[1:] if row[1]]


@contextmanager
def desk(folder: Path, open_book: Open, monkeypatch: pytest.MonkeyPatch, *invoices: Invoice) -> Iterator[Desk]:
    """The facturier with these drafts (two where none is given), open, its ledger in `folder`."""
    for name, place in {"LEDGER": "registre.sqlite", "ARCHIVE": "coffre", "KEY_FILE": "clé.pem"}.items():
        monkeypatch.setenv(f"XLBRIDGE_{name}", str(folder / place))
    write_template(folder / NAME, invoices or (draft(0), draft(1)), company())
    port = open_book(folder / NAME)
    made = Desk(port, folder)
    monkeypatch.setattr(port, "ask", made.ask)
    yield made


def unprotect(port: Port, sheet: str) -> None:
    """Take the protection of a sheet off, as the user does."""
    if isinstance(port, ClosedPort):
        part, _hidden = port._part(sheet)
        port._layers.changes[part] = removed_elements(port._layers.read(part), "sheetProtection")
    elif isinstance(port, CalcPort):
        port._call("unlock", [sheet])
    else:
        port._book.sheets[sheet].api.Unprotect("")  # type: ignore[attr-defined]
