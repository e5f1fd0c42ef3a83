"""Issued drafts of a closed template moved into its register: one patch of the package, whole or not at all.

The rows of « Registre » and « Registre lignes » are added below their tables, which grow; the rows of the drafts are emptied where they
stand, so that nothing beside them moves, and the formulas filled down their columns stay. Our own protection of these sheets does not bind
us; what a user may have changed below it is met with a refusal that says what to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xlbridge.errors import WrongUse
from xlbridge.folding import folded
from xlbridge.workbook import container
from xlbridge.workbook.address import address_of
from xlbridge.workbook.book import Book, Place
from xlbridge.workbook.closed import ClosedPort
from xlbridge.workbook.columns import Row, Table
from xlbridge.workbook.details import Position
from xlbridge.workbook.details_ooxml import sheet_part
from xlbridge.workbook.grid import Workbook, open_workbook
from xlbridge.workbook.intake import examine
from xlbridge.workbook.layers import Layers
from xlbridge.workbook.leaving import follow_rows
from xlbridge.workbook.mark_notes import former
from xlbridge.workbook.notes_part import notes
from xlbridge.workbook.register_changes import Change, changed_cells, extra_numbers
from xlbridge.workbook.register_rows import RegisterRows, register_rows, rows_as_json, rows_from_json
from xlbridge.workbook.repack import repacked
from xlbridge.workbook.seal_sheet import SealSheet, label_rows, seal_texts
from xlbridge.workbook.sheet_cells import Content, Formula, Written, unwritable
from xlbridge.workbook.styles_part import Styles
from xlbridge.workbook.table_part import TablePart, grown, table_part
from xlbridge.workbook.target import refuse_read_only, refuse_target, replace_with_backup, write_whole
from xlbridge.workbook.template import Entry
from xlbridge.workbook.template_layout import DRAFTS, LINES, REGISTER, REGISTER_LINES, SEAL, SEAL_ROWS, TABLES
from xlbridge.workbook.template_parties import table_of

__all__ = [
    "Change", "Move", "RegisterRows", "changed_cells", "check_movable", "damaged", "extra_numbers", "moved", "register_rows",
    "replace_with_backup", "rows_as_json", "rows_from_json",
]  # fmt: skip

GET_IT_BACK = (
    "Reprenez une sauvegarde du classeur où elle est intacte ; ou créez un classeur avec « xlbridge new » et recopiez-y vos tableaux."
)
READ_AGAIN = "Enregistrez et fermez le classeur, puis recommencez."


@dataclass(frozen=True, slots=True)
class Move:
    """A draft and what it leaves in the register."""

    entry: Entry
    rows: RegisterRows

    @property
    def number(self) -> str:
        """The number that the document was given."""
        return str(self.rows.head["Numéro"])


@dataclass
class _Patch:
    """What changes: cells and styles of new cells by sheet, other parts by name; `looks`: the styles there are, and more."""

    looks: Styles
    cells: dict[str, dict[Position, Written]] = field(default_factory=dict)
    styles: dict[str, dict[Position, int]] = field(default_factory=dict)
    parts: dict[str, bytes | None] = field(default_factory=dict)

    def set(self, sheet: str, values: Mapping[Position, Written]) -> None:
        """Change cells of a sheet. Raises WrongUse where a cell cannot hold its value."""
        for where, value in values.items():
            if not isinstance(value, Formula) and (fault := unwritable(value)):
                raise WrongUse(f"Feuille « {sheet} », cellule {address_of(where)} : {fault}.", "Corrigez le brouillon, puis recommencez.")
        self.cells.setdefault(sheet, {}).update(values)

    def places(self) -> list[Place]:
        """Every cell that changes."""
        return [(sheet, address_of(where)) for sheet, cells in self.cells.items() for where in cells]


def moved(path: Path, moves: Sequence[Move], seal: SealSheet, target: Path, *, replace: bool = False) -> None:
    """Write to `target` a copy of the template at `path` with the drafts of `moves` in the register, and with the seal.

    A number that stands in « Registre » already is not added again: its draft alone is emptied. Raises WrongUse where the template's own
    sheets are missing or damaged, or `target` must not be written (see `patched`); UnreadableFile.
    """
    refuse_target(path, target, replace)
    source = examine(path)
    if source.format not in {"xlsx", "xlsm"}:
        raise WrongUse(f"« {path.name} » n’est pas un classeur .xlsx ou .xlsm.", "Enregistrez-le au format .xlsx, puis recommencez.")
    workbook = open_workbook(path)
    with container.opened(path) as parts:
        book = Book(path, parts)
        patch = _emptied(book, workbook, [move.entry for move in moves])
        _add_rows(book, workbook, moves, patch)
        texts, rows = seal_texts(seal), seal_rows(workbook)
        patch.set(SEAL, {(rows[label], 1): text for label, text in texts.items()})
        _refuse(book, patch)
        changed = book.with_cells(patch.cells, patch.styles) | patch.parts | patch.looks.changes()
    port = ClosedPort(path, changes=changed)
    follow_rows(port, workbook, left_by(moves))
    port.protect(REGISTER, REGISTER_LINES)
    source.unchanged()
    write_whole(target, repacked(path, port.changes))


def left_by(moves: Sequence[Move]) -> dict[str, dict[str, tuple[int, ...]]]:
    """The rows that the drafts leave, by sheet and number."""
    return {
        DRAFTS: {move.number: _head_row(move.entry) for move in moves},
        LINES: {move.number: move.entry.line_rows for move in moves},
    }


def check_movable(path: Path, entries: Iterable[Entry]) -> None:
    """Raise WrongUse where `moved` would refuse these drafts, whatever numbers they get: to be asked before a number is given."""
    refuse_read_only(path)
    refuse_target(path, path.with_name(f".{path.name}.partiel"), True)
    if examine(path).format not in {"xlsx", "xlsm"}:
        raise WrongUse(f"« {path.name} » n’est pas un classeur .xlsx ou .xlsm.", "Enregistrez-le au format .xlsx, puis recommencez.")
    workbook = open_workbook(path)
    with container.opened(path) as parts:
        book = Book(path, parts)
        patch = _emptied(book, workbook, list(entries))
        for name in (REGISTER, REGISTER_LINES):
            _register(book, workbook, name)
        patch.set(SEAL, dict.fromkeys(((row, 1) for row in seal_rows(workbook).values()), None))
        _refuse(book, patch)


def _refuse(book: Book, patch: _Patch) -> None:
    """Raise WrongUse where one of the cells cannot be changed for another reason than protection or its formula."""
    if book.signed:
        raise WrongUse(
            f"« {book.path.name} » porte une signature électronique, qu’un changement rendrait fausse.",
            "Retirez la signature dans le tableur (Fichier, Informations), puis recommencez.",
        )
    for (sheet, address), reason in book.refusals(patch.places(), over_formulas=True, over_protection=True):
        if reason:
            raise WrongUse(f"Feuille « {sheet} », cellule {address} ne peut pas être changée : {reason}.", "Remettez-y une valeur simple.")


def _emptied(book: Book, workbook: Workbook, entries: Sequence[Entry]) -> _Patch:
    """The rows of drafts emptied."""
    patch = _Patch(Styles(Layers(book.path)))
    for name in (DRAFTS, LINES):
        table = table_of(workbook, name)
        if table is None:
            raise damaged(workbook, name)
        rows = {row: entry for entry in entries for row in (_head_row(entry) if name == DRAFTS else entry.line_rows)}
        for row, entry in rows.items():
            if folded(Row(table, row).text("Brouillon") or "") != folded(entry.key or ""):
                raise WrongUse(f"« {workbook.path.name} » a changé depuis qu’il a été lu ({name}, ligne {row + 1}).", READ_AGAIN)
        patch.set(name, _emptied_rows(book, table, rows))
    return patch


def _head_row(entry: Entry) -> tuple[int, ...]:
    return () if entry.row is None else (entry.row,)


def _emptied_rows(book: Book, table: Table, rows: Iterable[int]) -> dict[Position, Written]:
    """The cells of our columns in `rows` that hold something, emptied.

    A formula that fills its column stays, and comes back where a value had been written over it.
    """
    name = table.sheet.name
    known = table_part(book, name, [column.name for column in TABLES[name]])
    calculated = known.formulas if known else {}
    formulas = table.sheet.details.formulas or {}
    stays = filled_down(table, formulas, known.area[2] + 1 if known else 0) | calculated.keys()
    part, _hidden = sheet_part(book.parts, book.main, name)
    columns = [table.columns[folded(column.name)] for column in TABLES[name]]
    cells = book.scan(part, {(row, column) for row in rows for column in columns}).cells
    return {
        where: Formula(calculated[where[1]]) if where[1] in calculated else None
        for where, cell in cells.items()
        if (cell.children or where[1] in calculated) and not (where in formulas and where[1] in stays)
    }


def filled_down(table: Table, formulas: Iterable[Position], end: int = 0) -> set[int]:
    """The columns with a formula in every row without draft; where all rows have one, in every row of several.

    `end`: the row behind the table, where it goes on below what its sheet holds.
    """
    end = max(table.sheet.first_row + len(table.sheet.rows), end)
    rows = range(table.header_row + 1, end)
    judges = [row for row in rows if Row(table, row).text("Brouillon") is None] or (rows[1:] and rows)
    places = set(formulas)
    return {column for column in table.columns.values() if judges and all((row, column) in places for row in judges)}


def _add_rows(book: Book, workbook: Workbook, moves: Sequence[Move], patch: _Patch) -> None:
    """The rows of the moves below both tables of the register."""
    heads, lines = (_register(book, workbook, name) for name in (REGISTER, REGISTER_LINES))
    known = _numbers(heads[0])
    new = [move for move in moves if move.number not in known]
    if len({move.number for move in new}) < len(new):
        raise ValueError("one number for two documents")
    left_over = _numbers(lines[0])
    for number in (move.number for move in new if move.number in left_over):
        raise WrongUse(
            f"« {REGISTER_LINES} » a des lignes de {number}, mais « {REGISTER} » n’a pas ce document : sa ligne y a été effacée.",
            f"Ôtez la protection de « {REGISTER_LINES} » (onglet Révision), effacez-y les lignes de {number}, puis recommencez.",
        )
    _append(book, *heads, [move.rows.head for move in new], patch)
    _append(book, *lines, [line for move in new for line in move.rows.lines], patch)


def _numbers(table: Table) -> set[str]:
    """The numbers as they are written: F2026-0001 and f2026/0001 are two documents."""
    return {text.strip() for row in table.rows() if (text := row.text("Numéro"))}


def _append(book: Book, table: Table, part: TablePart, rows: Sequence[Mapping[str, Content]], patch: _Patch) -> None:
    """Rows below the last that holds something, in the styles of the first row of the table, without the colours of its marks."""
    if not rows:
        return
    top, left, bottom, right = part.area
    sheet = table.sheet
    last = max((row for row, column, _value in sheet.cells() if row > top and left <= column <= right), default=top)
    sheet_name, _hidden = sheet_part(book.parts, book.main, sheet.name)
    new = range(last + 1, last + 1 + len(rows))
    scan = book.scan(sheet_name, {(row, column) for row in (top + 1, *new) for column in range(left, right + 1)})
    styles = {column: scan.style((top + 1, column)) for column in range(left, right + 1)}
    for (at, column), note in notes(book.parts, sheet_name).items():
        if at == top + 1 and column in styles and (before := former(note)):
            styles[column] = patch.looks.filled(styles[column], before.fill)
    for place, row in zip(new, rows, strict=True):
        written: dict[int, Written] = dict.fromkeys(range(left, right + 1))
        written |= {column: Formula(formula) for column, formula in part.formulas.items()}
        written |= {part.columns[folded(name)]: value for name, value in row.items()}
        patch.set(sheet.name, {(place, column): value for column, value in written.items()})
        patch.styles.setdefault(sheet.name, {}).update({(place, column): styles[column] for column in written})
    if new[-1] > bottom:
        patch.parts[part.part] = grown(book, part, new[-1])


def _register(book: Book, workbook: Workbook, name: str) -> tuple[Table, TablePart]:
    """A table of the register as its sheet and as its part say it. Raises WrongUse where they do not say the same."""
    table = table_of(workbook, name)
    part = table_part(book, name, [column.name for column in TABLES[name]]) if table else None
    if table is None or part is None:
        raise damaged(workbook, name)
    ours = [folded(column.name) for column in TABLES[name]]
    if part.area[0] != table.header_row or any(part.columns[column] != table.columns[column] for column in ours):
        raise damaged(workbook, name)
    if part.has_totals:
        raise WrongUse(f"Le tableau de la feuille « {name} » a une ligne de total.", "Retirez-la (Création de tableau), puis recommencez.")
    return table, part


def seal_rows(workbook: Workbook) -> dict[str, int]:
    """The rows of « Sceau » by label, every one."""
    sheet = next((sheet for sheet in workbook.sheets if sheet.name == SEAL), None)
    rows = label_rows(sheet) if sheet else {}
    if len(rows) < len(SEAL_ROWS):
        raise damaged(workbook, SEAL)
    return rows


def damaged(workbook: Workbook, name: str) -> WrongUse:
    """The refusal of a workbook without one of our sheets, or with one that was changed."""
    if any(sheet.name == name for sheet in workbook.sheets):
        return WrongUse(f"« {workbook.path.name} » : la feuille « {name} » n’a plus son tableau, ou plus toutes ses colonnes.", GET_IT_BACK)
    return WrongUse(f"« {workbook.path.name} » n’a pas de feuille « {name} » : elle manque ou a été renommée.", GET_IT_BACK)
