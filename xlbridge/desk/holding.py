"""A workbook that an application shows, while its drafts are issued: the register follows on the screen, then in the file.

The same moves as in a closed file (`xlbridge.workbook.registering`), by what an application offers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xlbridge.errors import WrongUse, why
from xlbridge.folding import folded
from xlbridge.workbook.columns import Row, Table
from xlbridge.workbook.details import Position
from xlbridge.workbook.grid import Workbook
from xlbridge.workbook.leaving import follow_rows
from xlbridge.workbook.mark_notes import former
from xlbridge.workbook.port import Look, Port
from xlbridge.workbook.registering import READ_AGAIN, Move, damaged, filled_down, left_by, seal_rows
from xlbridge.workbook.seal_sheet import SealSheet, seal_texts
from xlbridge.workbook.sheet_cells import Content
from xlbridge.workbook.target import BACKUP, refuse_read_only, write_whole
from xlbridge.workbook.template import Entry
from xlbridge.workbook.template_formulas import FORMULAS
from xlbridge.workbook.template_layout import ARTICLES, CLIENTS, COMPANY, DRAFTS, LINES, REGISTER, REGISTER_LINES, SEAL, TABLES
from xlbridge.workbook.template_parties import table_of

JUDGED = (DRAFTS, LINES, CLIENTS, ARTICLES, COMPANY, REGISTER, REGISTER_LINES)
WRITTEN = (REGISTER, REGISTER_LINES, SEAL, DRAFTS, LINES)


@dataclass
class OpenWorkbook:
    """The place of an open workbook (see `xlbridge.issuing.holder.Holder`)."""

    port: Port
    as_read: list[Any] = field(default_factory=list)

    @property
    def path(self) -> Path:
        """The file. Raises WrongUse where the workbook has none on this computer."""
        path = self.port.path
        if path is None:
            raise WrongUse(f"« {self.port.name} » n’est pas enregistré sur cet ordinateur.", "Enregistrez-le (Ctrl+S), puis recommencez.")
        return path

    def read(self) -> tuple[Workbook, bytes]:
        """The workbook as it stands, saved first, so that the file that is archived says the same."""
        refuse_read_only(self.path)
        self.port.save()
        workbook = self.port.snapshot()
        self.as_read = _judged(workbook)
        return workbook, self.file()

    def file(self) -> bytes:
        """The file as it was last saved. Raises WrongUse."""
        try:
            return self.path.read_bytes()
        except OSError as fault:
            raise WrongUse(f"« {self.path} » ne peut pas être lu ({why(fault)}).", "Enregistrez le classeur, puis recommencez.") from fault

    def is_unchanged(self) -> bool:
        """Whether what is judged still says what was read."""
        return _judged(self.port.snapshot()) == self.as_read

    def check_movable(self, entries: Iterable[Entry]) -> None:
        """Raise WrongUse where the tables are damaged, or protected by a password."""
        workbook = self.port.snapshot()
        for name in (REGISTER, REGISTER_LINES):
            our_table(workbook, name)
        for name in (DRAFTS, LINES):
            _rows_of(workbook, name, entries)
        seal_rows(workbook)
        with self.port.unlocked(*WRITTEN):
            pass

    def follow(self, moves: Sequence[Move], seal: SealSheet) -> Path | None:
        """Move the drafts, write the seal, save. The file before stays as `….sauvegarde.xlsx` beside it where something is moved."""
        refuse_read_only(self.path)
        backup = self.path.with_name(f"{self.path.stem}{BACKUP}{self.path.suffix}") if moves else None
        if backup is not None:
            write_whole(backup, self.file())
        workbook = self.port.snapshot()
        with self.port.unlocked(*WRITTEN):
            if moves:
                left = {name: _rows_of(workbook, name, [move.entry for move in moves]) for name in (DRAFTS, LINES)}
                self._append(workbook, moves)
                follow_rows(self.port, workbook, left_by(moves))
                self._empty(workbook, left)
            rows = seal_rows(workbook)
            self.port.write(SEAL, {(rows[label], 1): text for label, text in seal_texts(seal).items()})
        self.port.protect(REGISTER, REGISTER_LINES)
        self.port.save()
        return backup

    def _append(self, workbook: Workbook, moves: Sequence[Move]) -> None:
        """The rows of the moves below both tables of the register; a number that stands there already is not added again.

        Where the application refuses midway, the next run does the rest: the seal, which is written last, says what was moved whole.
        """
        for name in (REGISTER_LINES, REGISTER):
            table = our_table(workbook, name)
            known = {text.strip() for row in table.rows() if (text := row.text("Numéro"))}
            new = [move.rows for move in moves if move.number not in known]
            add_rows(self.port, table, [row for rows in new for row in (rows.lines if name == REGISTER_LINES else (rows.head,))])

    def _empty(self, workbook: Workbook, left: Mapping[str, Sequence[int]]) -> None:
        """The rows of drafts emptied where they stand; a formula that fills its column stays, or comes back."""
        for name, rows in left.items():
            self._empty_rows(our_table(workbook, name), rows)

    def _empty_rows(self, table: Table, rows: Sequence[int]) -> None:
        name = table.sheet.name
        formulas = table.sheet.details.formulas or {}
        calculated = _calculated(table)
        stays = calculated | filled_down(table, formulas)
        typed = [table.columns[folded(column.name)] for column in TABLES[name]]
        cells: dict[Position, Content] = {
            (row, column): None
            for row in rows
            for column in typed
            if column not in calculated
            and ((row, column) not in formulas or column not in stays)
            and ((row, column) in formulas or table.sheet.at(row, column) is not None)
        }
        if cells:
            self.port.write(name, cells)
        for column in calculated:
            model = next((row for row, at in formulas if at == column and row not in rows), None)
            for row in rows:
                if (row, column) not in formulas and model is not None:
                    self.port.copy_row(name, model, range(row, row + 1), range(column, column + 1))


def add_rows(port: Port, table: Table, rows: Sequence[Mapping[str, Content]]) -> range:
    """Rows below the last of a table that holds something, in the looks of its first row; the table grows where it must.

    Returns their places. Cells of the table that a row does not name stay empty, or keep the formula of their column. What stands beside
    the table is left alone.
    """
    if not rows:
        return range(0)
    name = table.sheet.name
    formulas = table.sheet.details.formulas or {}
    first = table.header_row + 1
    end = table.sheet.first_row + len(table.sheet.rows)
    columns = _columns(table)
    filled = (row for row in range(first, end) if any(_typed(table, row, column, formulas) for column in columns))
    start = max(filled, default=table.header_row) + 1
    new = range(start, start + len(rows))
    kept = {column for row, column in formulas if row == first} & (_calculated(table) | filled_down(table, formulas))
    port.grow(name, new[-1])
    below = range(max(start, first + 1), new[-1] + 1)
    if below:
        port.copy_row(name, first, below, columns)
        _unmark(port, name, first, below, columns)
    cells: dict[Position, Content] = {(row, column): None for row in new for column in columns if column not in kept}
    for row, values in zip(new, rows, strict=True):
        cells |= {(row, table.columns[folded(column)]): value for column, value in values.items()}
    port.write(name, cells)
    return new


def _columns(table: Table) -> range:
    """The columns of the table: from our first on, as far as headers stand side by side; a block of the user's beside it is none."""
    ours = [table.columns[folded(column.name)] for column in TABLES[table.sheet.name]]
    headers, end = set(table.columns.values()), max(ours) + 1
    while end in headers:
        end += 1
    return range(min(ours), end)


def _calculated(table: Table) -> set[int]:
    """The columns that the template fills with a formula of its own."""
    names = FORMULAS.get(table.sheet.name, {})
    return {table.columns[folded(name)] for name in names if folded(name) in table.columns}


def _unmark(port: Port, sheet: str, model: int, rows: range, columns: range) -> None:
    """Take from copies of a row the colours of the marks that « Vérifier » has left on it."""
    marked = {
        place[1]: before for place, note in port.notes(sheet, [(model, column) for column in columns]).items() if (before := former(note))
    }
    if marked:
        notes = port.notes(sheet, [(row, column) for row in rows for column in marked])
        own = {place: note for place, note in notes.items() if former(note) is None}
        looks = {(row, column): Look(before.fill, own.get((row, column))) for row in rows for column, before in marked.items()}
        port.set_looks(sheet, looks)


def _typed(table: Table, row: int, column: int, formulas: Mapping[Position, str]) -> bool:
    return (row, column) not in formulas and table.sheet.at(row, column) not in {None, ""}


def _judged(workbook: Workbook) -> list[Any]:
    return [(sheet.name, sheet.first_row, sheet.first_column, sheet.rows) for sheet in workbook.sheets if sheet.name in JUDGED]


def _rows_of(workbook: Workbook, name: str, entries: Iterable[Entry]) -> list[int]:
    """The rows of drafts in one of their tables. Raises WrongUse where one of them is no longer theirs."""
    table = our_table(workbook, name)
    found = {row: entry for entry in entries for row in (entry.line_rows if name == LINES else (entry.row,)) if row is not None}
    for row, entry in found.items():
        if folded(Row(table, row).text("Brouillon") or "") != folded(entry.key or ""):
            raise WrongUse(f"« {workbook.path.name} » a changé depuis qu’il a été lu ({name}, ligne {row + 1}).", READ_AGAIN)
    return list(found)


def our_table(workbook: Workbook, name: str) -> Table:
    """A table of ours, with all its columns. Raises WrongUse."""
    table = table_of(workbook, name)
    if table is None:
        raise damaged(workbook, name)
    return table
