"""What a command may ask of the workbook it works on, the same whether Excel, LibreOffice Calc or nobody shows it.

Commands are written against `Port` alone. Its adapters are `excel` (xlwings), `calc_port` (LibreOffice, over UNO) and `closed` (a file that
no application has open). Positions are row and column, absolute, counted from 0, as everywhere in this package.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from xlbridge.findings import Cell
from xlbridge.workbook.details import Position
from xlbridge.workbook.grid import Workbook
from xlbridge.workbook.sheet_cells import Written

Area = tuple[int, int, int, int]
"""First row, first column, last row, last column, all inclusive."""


class Look(NamedTuple):
    """What a mark changes of a cell: the colour behind it (`#RRGGBB`, None: none) and its note (None: none)."""

    fill: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Selection:
    """What the user has selected: the sheet in front, and the areas there, the first the one that holds the cursor."""

    sheet: str
    areas: tuple[Area, ...]

    def rows(self) -> frozenset[int]:
        """Every row that the selection touches."""
        return frozenset(row for top, _left, bottom, _right in self.areas for row in range(top, bottom + 1))


class Port(Protocol):
    """An open workbook. What the application refuses raises WrongUse, in French, with what to do; nothing is then half done."""

    @property
    def name(self) -> str:
        """The file's name (`facturier.xlsx`), as `Cell.file` has it."""

    @property
    def path(self) -> Path | None:
        """The file on this computer; None for a workbook that was never saved, or that comes from the Internet."""

    def snapshot(self) -> Workbook:
        """Every sheet with its values as they stand now, saved or not; details (formulas, formats, errors) are fetched when asked for."""

    def selection(self) -> Selection:
        """What is selected."""

    def select(self, sheet: str, where: Position) -> None:
        """Bring the sheet to the front and the cursor to a cell that is then in sight. A hidden sheet raises WrongUse."""

    def notes(self, sheet: str, at: Collection[Position] | None = None) -> dict[Position, str]:
        """The notes of the sheet (not the threads of comments), or of the cells `at` alone, which may be much quicker."""

    def fills(self, sheet: str, at: Collection[Position]) -> dict[Position, str | None]:
        """The colour behind each of the cells themselves (`#RRGGBB`), conditional formats aside; None where there is none."""

    def set_looks(self, sheet: str, looks: Mapping[Position, Look]) -> None:
        """Give cells these colours and notes; values, formats and every other property stay as they are.

        A note that begins or ends with the one that is there keeps the formatting of that part where the application allows it.
        """

    def write(self, sheet: str, cells: Mapping[Position, Written]) -> None:
        """Write values; a text stays a text whatever it begins with, also one that looks like a number or a date. None empties."""

    def link(self, sheet: str, links: Mapping[Position, Cell]) -> None:
        """Make cells links to other cells of this workbook; each shows `Feuille!B3`."""

    def copy_row(self, sheet: str, row: int, to: range, columns: range) -> None:
        """Copy a row of a table, looks and validation included, onto the rows `to`; a formula follows its row."""

    def grow(self, sheet: str, last_row: int) -> None:
        """Make the one table of the sheet end at `last_row`; nothing where it reaches that far."""

    def add_sheet(self, name: str) -> None:
        """A new empty sheet behind the others, not brought to the front."""

    def remove_sheet(self, name: str) -> None:
        """Take a sheet away, without a question."""

    def unlocked(self, *sheets: str) -> AbstractContextManager[None]:
        """Within it, our own protection (without a password) of these sheets is off; afterwards it is on again, as it was."""

    def protect(self, *sheets: str) -> None:
        """Put our own protection (without a password) on those of these sheets that have none."""

    def step(self, title: str) -> AbstractContextManager[None]:
        """One thing that the user sees happen: `title` in the status line, one entry in the list of what can be undone."""

    def status(self, text: str) -> None:
        """What is being done, for the status line."""

    def ask(self, question: str, *, may_stop: bool = False) -> bool | None:
        """Yes or no; None for « Annuler », which is offered where `may_stop`."""

    def save(self) -> None:
        """Write the file where it is, in its format. Raises WrongUse where it has no place yet, is read-only or cannot be written."""
