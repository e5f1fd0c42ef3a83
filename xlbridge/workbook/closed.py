"""A closed .xlsx or .xlsm as what a command works on: its parts change in memory, and `save` writes them, whole or not at all.

Marks go into a copy; other work over the original, which is kept as its backup. What nobody changed keeps its very bytes. Formulas are not
computed here: after `write` those that may follow from the cells have no value until a spreadsheet application opens the file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

from xlbridge.errors import WrongUse
from xlbridge.findings import Cell
from xlbridge.workbook import container
from xlbridge.workbook.address import address_of
from xlbridge.workbook.book import Book
from xlbridge.workbook.copied_rows import with_copies
from xlbridge.workbook.dependents import areas_of
from xlbridge.workbook.details import Position
from xlbridge.workbook.details_ooxml import details_of, sheet_part
from xlbridge.workbook.grid import Workbook, open_workbook
from xlbridge.workbook.intake import examine
from xlbridge.workbook.layers import Layers, main_part
from xlbridge.workbook.notes_part import notes, with_notes
from xlbridge.workbook.port import Look, Selection
from xlbridge.workbook.repack import repacked
from xlbridge.workbook.sheet_cells import Content, Formula, Scan, Written, unwritable
from xlbridge.workbook.sheet_list import fronted, sheet_names, visible_sheet, with_sheet, without_sheet
from xlbridge.workbook.sheet_view import behind, in_front, linked, protected, restyled, unlinked
from xlbridge.workbook.styles_part import Styles
from xlbridge.workbook.table_part import grown, table_part
from xlbridge.workbook.target import refuse_read_only, refuse_suffix, refuse_target, replace_with_backup, write_whole

Answers = Callable[[str, bool], bool | None]
"""What answers a question: its text, and whether « Annuler » is offered."""
SAVE_IT = "Dans le tableur, enregistrez-le au format .xlsx, puis recommencez."
OWN_PLACE = (0, 0, 0, 0)


class ClosedPort:
    """A closed workbook as a `Port`."""

    def __init__(
        self,
        path: Path,
        target: Path | None = None,
        *,
        selection: Selection | None = None,
        answers: Answers | None = None,
        changes: Mapping[str, bytes | None] | None = None,
    ) -> None:
        """Open the file, which is then no longer needed open.

        `target`: the copy that `save` writes; None: the file itself, its backup beside it. `selection`: what counts as selected; the first
        sheet, A1 where nothing is said. `answers`: what answers a question (as `ask`); without it a question raises WrongUse.
        `changes`: parts that have changed already. Raises UnreadableFile; WrongUse for another format, or a copy that must not be written.
        """
        self._source = examine(path)
        if self._source.format not in {"xlsx", "xlsm"}:
            raise WrongUse(f"« {path.name} » n’est pas un classeur .xlsx ou .xlsm.", SAVE_IT)
        if target is not None:
            refuse_target(path, target, replace=False)
            refuse_suffix(path, target, self._source.format)
        self._path, self._target, self._answers, self._written = path, target, answers, False
        with container.opened(path) as parts:
            first = visible_sheet(parts)
        self._layers = Layers(path)
        self._layers.changes.update(changes or {})
        self._selection = selection or Selection(first, (OWN_PLACE,))

    @property
    def name(self) -> str:
        """The file's name."""
        return self._path.name

    @property
    def changes(self) -> Mapping[str, bytes | None]:
        """The parts that are not as the file has them; None for one that is gone."""
        return self._layers.changes

    @property
    def path(self) -> Path | None:
        """The file that was opened."""
        return self._path

    def snapshot(self) -> Workbook:
        """Every sheet as it stands now, written or not; formulas that follow from what was changed have no value."""
        if not self._layers.changes:
            return open_workbook(self._source.unchanged())
        data = repacked(self._source.unchanged(), self._layers.changes)
        with tempfile.TemporaryDirectory(prefix="xlbridge-") as folder:
            state = Path(folder) / self.name
            state.write_bytes(data)
            read = open_workbook(state)
        now = Layers(self._path, data)
        sheets = tuple(replace(sheet, source=None, live=partial(details_of, now, sheet.name)) for sheet in read.sheets)
        return replace(read, path=self._path, sheets=sheets, findings=self._source.findings)

    def selection(self) -> Selection:
        """What the caller said is selected, or what `select` did."""
        return self._selection

    def select(self, sheet: str, where: Position) -> None:
        """Let the file open on this cell."""
        part, hidden = self._part(sheet)
        if hidden:
            raise WrongUse(f"La feuille « {sheet} » est masquée.", "Affichez-la, puis recommencez.")
        with self._change() as changes:
            for other in sheet_names(self._layers):
                name = self._part(other)[0]
                data = self._layers.read(name)
                if name != part and (new := behind(data)) != data:
                    changes[name] = new
            changes[part] = in_front(self._layers.read(part), where)
            changes.update(fronted(self._layers, sheet))
        self._selection = Selection(sheet, ((*where, *where),))

    def notes(self, sheet: str, at: Collection[Position] | None = None) -> dict[Position, str]:
        """The notes of the sheet, or of the cells `at`."""
        known = notes(self._layers, self._part(sheet)[0])
        return known if at is None else {where: known[where] for where in at if where in known}

    def fills(self, sheet: str, at: Collection[Position]) -> dict[Position, str | None]:
        """The colour behind each of the cells."""
        styles, scan = Styles(self._layers), Scan(self._layers.read(self._part(sheet)[0]), at)
        return {where: styles.colour(scan.style(where)) for where in at}

    def set_looks(self, sheet: str, looks: Mapping[Position, Look]) -> None:
        """Give cells these colours and notes; a cell with a thread of comments gets the colour alone."""
        for where, look in looks.items():
            _refuse_value(sheet, where, look.note)
        part, _hidden = self._part(sheet)
        with self._change() as changes:
            styles, data = Styles(self._layers), self._layers.read(part)
            scan = Scan(data, looks)
            wanted = {where: styles.filled(scan.style(where), look.fill) for where, look in looks.items()}
            other = {where: style for where, style in wanted.items() if style != scan.style(where)}
            changes.update({part: restyled(data, other), **styles.changes()} if other else {})
            changes.update(with_notes(self._layers, part, {where: look.note for where, look in looks.items()}))

    def write(self, sheet: str, cells: Mapping[Position, Written]) -> None:
        """Write values, also over formulas and on a protected sheet; a day is shown as one."""
        for where, value in cells.items():
            if not isinstance(value, Formula):
                _refuse_value(sheet, where, value)
        part, _hidden = self._part(sheet)
        self._refuse_cells(sheet, cells)
        with self._change() as changes:
            changes.update(Book(self._path, self._layers).with_cells({sheet: cells}))
            changes[part] = unlinked(self._layers.read(part), {address_of(where) for where in cells})
            styles, scan = Styles(self._layers), Scan(self._layers.read(part), cells)
            days = {where: styles.dated(scan.style(where)) for where, value in cells.items() if isinstance(value, date)}
            other = {where: style for where, style in days.items() if style != scan.style(where)}
            changes.update({part: restyled(scan.data, other), **styles.changes()} if other else {})

    def link(self, sheet: str, links: Mapping[Position, Cell]) -> None:
        """Make cells links to other cells of this workbook."""
        part, _hidden = self._part(sheet)
        with self._change() as changes:
            self.write(sheet, {where: cell.reference for where, cell in links.items()})
            styles, data = Styles(self._layers), self._layers.read(part)
            scan = Scan(data, links)
            changes[part] = linked(restyled(data, {where: styles.linked(scan.style(where)) for where in links}), links)
            changes.update(styles.changes())

    def copy_row(self, sheet: str, row: int, to: range, columns: range) -> None:
        """Copy a row of a table onto the rows `to`."""
        part, _hidden = self._part(sheet)
        formulas = details_of(self._layers, sheet).formulas or {}
        content = {column: Formula(formulas[row, column]) if (row, column) in formulas else None for column in columns}
        targets: dict[Position, Written] = {(target, column): content[column] for target in to if target != row for column in columns}
        self._refuse_cells(sheet, targets)
        if any(top <= row <= bottom and left in columns for top, left, bottom, _right in Scan(self._layers.read(part), ()).arrays):
            raise WrongUse(f"Feuille « {sheet} », ligne {row + 1} : une formule matricielle ne se recopie pas.", "Recopiez-la à la main.")
        with self._change() as changes:
            changes.update(Book(self._path, self._layers).with_cells({sheet: targets}))
            changes[part] = with_copies(self._layers.read(part), row, to, columns, formulas)

    def grow(self, sheet: str, last_row: int) -> None:
        """Make the one table of the sheet end at `last_row`."""
        book = Book(self._path, self._layers)
        table = table_part(book, sheet, ())
        if table is None:
            raise WrongUse(f"La feuille « {sheet} » n’a plus son tableau.", "Reprenez une sauvegarde du classeur où il est intact.")
        if table.area[2] >= last_row:
            return
        if table.has_totals:
            raise WrongUse(
                f"Le tableau de la feuille « {sheet} » a une ligne de total.", "Retirez-la (Création de tableau), puis recommencez."
            )
        with self._change() as changes:
            changes[table.part] = grown(book, table, last_row)

    def add_sheet(self, name: str) -> None:
        """A new empty sheet behind the others."""
        with self._change() as changes:
            changes.update(with_sheet(self._layers, name))

    def remove_sheet(self, name: str) -> None:
        """Take a sheet away, unless formulas elsewhere name it."""
        self._part(name)
        for sheet, formulas in Book(self._path, self._layers).formulas().items():
            if sheet != name and any(
                area.sheet.lower() == name.lower() for text in formulas.values() for area in areas_of(text, sheet) or ()
            ):
                raise WrongUse(f"Des formules de la feuille « {sheet} » lisent la feuille « {name} ».", "Corrigez-les, puis recommencez.")
        with self._change() as changes:
            changes.update(without_sheet(self._layers, name))
        if self._selection.sheet == name:
            self._selection = Selection(visible_sheet(self._layers), (OWN_PLACE,))

    def unlocked(self, *sheets: str) -> AbstractContextManager[None]:
        """Protection holds for users of an application; here there is nothing to take off."""
        for sheet in sheets:
            self._part(sheet)
        return nullcontext()

    def protect(self, *sheets: str) -> None:
        """Put our own protection on those sheets that have none."""
        with self._change() as changes:
            for part, _hidden in map(self._part, sheets):
                if (new := protected(data := self._layers.read(part))) != data:
                    changes[part] = new

    def step(self, title: str) -> AbstractContextManager[None]:  # noqa: ARG002
        """Nothing is shown while a closed file changes."""
        return nullcontext()

    def status(self, text: str) -> None:
        """Nothing is shown while a closed file changes."""

    def ask(self, question: str, *, may_stop: bool = False) -> bool | None:
        """What the caller's `answers` say."""
        if self._answers is None:
            raise WrongUse(f"Une réponse est attendue : {question}", "Lancez la commande dans un terminal.")
        return self._answers(question, may_stop)

    def save(self) -> None:
        """Write the copy, or the file itself with its backup beside it."""
        self._source.unchanged()
        if self._target is None and not self._layers.changes:
            return
        self._refuse_change()
        data = repacked(self._path, self._layers.changes)
        if self._target is not None:
            refuse_target(self._path, self._target, replace=self._written)
            write_whole(self._target, data)
            self._written = True
            return
        replace_with_backup(self._path, lambda new: write_whole(new, data))
        self._source, self._layers = examine(self._path), Layers(self._path)

    def _part(self, sheet: str) -> tuple[str, bool]:
        """The part of a sheet, and whether it is hidden."""
        try:
            return sheet_part(self._layers, main_part(self._layers), sheet)
        except KeyError:
            raise WrongUse(f"« {self.name} » n’a pas de feuille « {sheet} ».", "Vérifiez qu’elle n’a pas été renommée.") from None

    def _refuse_change(self) -> None:
        """Raise WrongUse where the file must not be changed."""
        if Book(self._path, self._layers).signed:
            raise WrongUse(
                f"« {self.name} » porte une signature électronique, qu’un changement rendrait fausse.",
                "Retirez la signature dans le tableur (Fichier, Informations), puis recommencez.",
            )
        if self._target is None:
            refuse_read_only(self._path)
            refuse_target(self._path, self._path.with_name(f".{self.name}.partiel"), replace=True)

    def _refuse_cells(self, sheet: str, places: Collection[Position]) -> None:
        """Raise WrongUse where one of the cells cannot be written for another reason than protection or its formula."""
        wanted = [(sheet, address_of(where)) for where in places]
        for (_sheet, address), reason in Book(self._path, self._layers).refusals(wanted, over_formulas=True, over_protection=True):
            if reason:
                raise WrongUse(
                    f"Feuille « {sheet} », cellule {address} ne peut pas être changée : {reason}.", "Remettez-y une valeur simple."
                )

    @contextmanager
    def _change(self) -> Iterator[dict[str, bytes | None]]:
        """The changed parts, to be added to; what goes wrong leaves them as they were."""
        self._refuse_change()
        before = dict(self._layers.changes)
        try:
            yield self._layers.changes
        except BaseException:
            self._layers.changes = before
            raise


def _refuse_value(sheet: str, where: Position, value: Content) -> None:
    if fault := unwritable(value):
        raise WrongUse(f"Feuille « {sheet} », cellule {address_of(where)} : {fault}.", "Écrivez une autre valeur.")
