"""What has changed in the register sheets since their documents were sealed: every cell, row added or row gone, with the old and new value.

Rows are known by their number, and lines by what they say, so that sorting or filtering changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from xlbridge.findings import Cell
from xlbridge.folding import folded
from xlbridge.workbook.columns import Row, Table
from xlbridge.workbook.grid import Workbook
from xlbridge.workbook.template_layout import REGISTER, REGISTER_LINES, TABLES
from xlbridge.workbook.template_parties import table_of

Sealed = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Change:
    """A value that is not what was sealed; `old` is None where nothing was, `new` where nothing is. A row that is gone, or that was added,
    is one change of its « Numéro »; the cell of a row that is gone is the table's header."""

    cell: Cell
    column: str
    old: str | None
    new: str | None


def changed_cells(workbook: Workbook, number: str, sealed: Mapping[str, Any]) -> list[Change]:
    """The changes of the document `number`; `sealed`: its rows as `rows_as_json` gave them."""
    heads = _paired(workbook, REGISTER, number, [sealed["head"]])
    return heads + _paired(workbook, REGISTER_LINES, number, sealed["lines"])


def extra_numbers(workbook: Workbook, known_numbers: Collection[str]) -> list[tuple[str, Cell]]:
    """The rows of both register sheets whose number is not known, or empty: the number and its cell."""
    known = {folded(number) for number in known_numbers}
    found = []
    for name in (REGISTER, REGISTER_LINES):
        rows = _rows_of(workbook, name)
        found += [(row.text("Numéro") or "", row.cell("Numéro")) for key in rows.keys() - known for row in rows[key]]
    return sorted(found, key=lambda item: (item[1].sheet, item[0], item[1].address))


@lru_cache(maxsize=4)
def _rows_of(workbook: Workbook, name: str) -> Mapping[str, list[Row]]:
    """The rows of a table by folded number; those without number under "". Where our columns are empty, what stands beside is none."""
    table = table_of(workbook, name)
    found: dict[str, list[Row]] = {}
    for row in table.rows() if table else ():
        if all(row.value(column.name) is None for column in TABLES[name]):
            continue
        found.setdefault(folded(row.text("Numéro") or ""), []).append(row)
    return found


def _paired(workbook: Workbook, name: str, number: str, sealed: Iterable[Sealed]) -> list[Change]:
    """The changes of the rows of `number` in one table, each sealed row with the row that is most like it."""
    rows = list(_rows_of(workbook, name).get(folded(number), []))
    waiting: list[Sealed] = []
    changes = []
    for old in sealed:  # what is unchanged finds its row first
        same = next((row for row in rows if not _differences(row, old)), None)
        if same is None:
            waiting.append(old)
        else:
            rows.remove(same)
    for old in waiting:
        nearest = min(rows, key=lambda row: len(_differences(row, old)), default=None)
        if nearest is None:
            changes.append(Change(_header(workbook, name), "Numéro", number, None))
        else:
            rows.remove(nearest)
            changes += _differences(nearest, old)
    return changes + [Change(row.cell("Numéro"), "Numéro", None, row.text("Numéro")) for row in rows]


def _differences(row: Row, sealed: Sealed) -> list[Change]:
    """The cells of a row that do not hold what was sealed."""
    names = [*sealed, *(column.name for column in TABLES[row.table.sheet.name] if column.name not in sealed)]
    compared = ((name, _text(sealed.get(name)), _text(row.text(name))) for name in names)
    return [Change(row.cell(name), name, old, new) for name, old, new in compared if old != new]


def _text(text: str | None) -> str | None:
    """A text as cells hold it: blanks around it, kinds of blanks and of line ends do not count."""
    return text.replace("\u00a0", " ").replace("\r\n", "\n").strip() or None if text else None


def _header(workbook: Workbook, name: str) -> Cell:
    """The header « Numéro » of a table, A1 where it is not to be found."""
    table = table_of(workbook, name)
    return Cell(workbook.path.name, name, _number_address(table) if table else "A1")


def _number_address(table: Table) -> str:
    return table.sheet.address(table.header_row, table.columns[folded("Numéro")])
