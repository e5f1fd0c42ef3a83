"""A workbook open in Excel, by xlwings: the same on Windows (COM) and on macOS (Apple events).

Each call costs about a millisecond on Windows and more on macOS: values go and come in blocks, positions as A1 references, which are one
call. Excel forgets what can be undone when a program changes a sheet; what can be undone is undone by the commands themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlbridge.errors import WrongUse
from xlbridge.findings import Cell
from xlbridge.workbook import excel_native, excel_notes, excel_reading, excel_writing
from xlbridge.workbook.address import address_of, rectangle, reference
from xlbridge.workbook.details import Position
from xlbridge.workbook.excel_caller import Click, is_address, running_book
from xlbridge.workbook.grid import Workbook
from xlbridge.workbook.port import Area, Look, Selection
from xlbridge.workbook.sheet_cells import Written

if TYPE_CHECKING:
    import xlwings

TITLE = "xlbridge"
LONGEST_ADDRESS = 240  # Excel cuts the address of many areas after 255 characters


class ExcelPort:
    """An open workbook of Excel as a `Port`. `folder`: as in `Click`; asked of xlwings where it is not given."""

    def __init__(self, book: xlwings.Book, folder: str | None = None) -> None:
        self._book = book
        self._app = book.app
        self._folder = _folder(book) if folder is None else folder
        self._engine: Any = self._app.engine.impl

    @property
    def name(self) -> str:
        return self._book.name

    @property
    def path(self) -> Path | None:
        return Path(self._folder) / self.name if self._folder and not is_address(self._folder) else None

    @excel_native.asking_excel()
    def snapshot(self) -> Workbook:
        name = self.name
        if self._app.calculation == "manual":
            self._app.calculate()
        sheets = tuple(excel_reading.read_sheet(sheet, name, self._engine) for sheet in self._book.sheets)
        return Workbook(Path(name), Path(name).suffix.lower().removeprefix(".") or "xlsx", sheets)

    @excel_native.asking_excel()
    def selection(self) -> Selection:
        self._to_front()
        selected = self._app.selection
        if selected is None:
            raise WrongUse("Un dessin ou un graphique est sélectionné.", "Cliquez sur une cellule de la feuille, puis recommencez.")
        address = selected.address
        if len(address) > LONGEST_ADDRESS:
            raise WrongUse("La sélection a trop de plages séparées.", "Sélectionnez moins de plages à la fois, puis recommencez.")
        sheet = selected.sheet
        used = rectangle(sheet.used_range.address)
        # Excel has the areas in the order they were made; the cursor is in the last.
        areas = [_area(part, used) for part in address.replace(";", ",").split(",")]
        return Selection(sheet.name, tuple(reversed(areas)))

    @excel_native.asking_excel()
    def select(self, sheet: str, where: Position) -> None:
        target = self._sheet(sheet)
        if target.visible not in excel_reading.VISIBLE:
            raise WrongUse(f"La feuille « {sheet} » est masquée.", "Affichez-la (clic droit sur un onglet, Afficher), puis recommencez.")
        self._to_front()
        target.impl.activate()
        target.range(address_of(where)).select()

    @excel_native.asking_excel()
    def notes(self, sheet: str, at: Collection[Position] | None = None) -> dict[Position, str]:
        target = self._sheet(sheet)
        return excel_notes.notes(target, None if at is None else set(at))

    @excel_native.asking_excel()
    def fills(self, sheet: str, at: Collection[Position]) -> dict[Position, str | None]:
        target = self._sheet(sheet)
        found: dict[Position, str | None] = dict.fromkeys(at)
        for area in excel_writing.rectangles(found):
            if not excel_native.uncoloured(target.range(reference(*area))):
                for where in product(range(area[0], area[2] + 1), range(area[1], area[3] + 1)):
                    colour = target.range(address_of(where)).color
                    found[where] = None if colour is None else "#{:02X}{:02X}{:02X}".format(*colour)
        return found

    @excel_native.asking_excel()
    def set_looks(self, sheet: str, looks: Mapping[Position, Look]) -> None:
        target = self._sheet(sheet)
        known = excel_notes.notes(target, set(looks))
        threads = excel_notes.threads(target)
        for fill in {look.fill for look in looks.values()}:
            for area in excel_writing.rectangles(where for where, look in looks.items() if look.fill == fill):
                target.range(reference(*area)).color = fill
        for where, look in looks.items():
            if look.note != known.get(where) and where not in threads:
                self._set_note(target.range(address_of(where)), look.note)

    def _set_note(self, cell: xlwings.Range, text: str | None) -> None:
        """Give a cell a note, or take it away."""
        note = cell.note
        if note is not None and excel_native.THREAD_LINK in note.text:
            return
        if note is not None and text is None:
            note.delete()
        elif note is not None and text is not None:
            excel_native.amend(note, text)
        elif text is not None:
            try:
                note = cell.add_note(text)
            except excel_native.refusals():
                if not excel_native.on_mac():
                    raise
                return  # a thread of comments, which Excel for Mac does not tell: a protected sheet had refused the colour already
            excel_native.size(note, text)

    @excel_native.asking_excel()
    def write(self, sheet: str, cells: Mapping[Position, Written]) -> None:
        excel_writing.write(self._sheet(sheet), cells, self._engine)

    @excel_native.asking_excel()
    def link(self, sheet: str, links: Mapping[Position, Cell]) -> None:
        source = self._sheet(sheet)
        for area in excel_writing.rectangles(links):
            # What a link shows is typed by Excel, too: in a cell of format Text, a sheet called « =1+1 » makes no formula.
            source.range(reference(*area)).number_format = excel_writing.TEXT
        for where, cell in links.items():
            target = "#'" + cell.sheet.replace("'", "''") + f"'!{cell.address}"
            source.range(address_of(where)).add_hyperlink(target, cell.reference, f"Aller à {cell.reference}")

    @excel_native.asking_excel()
    def copy_row(self, sheet: str, row: int, to: range, columns: range) -> None:
        if not to:
            return
        target = self._sheet(sheet)
        left, right = columns[0], columns[-1]
        source = {(row, column) for column in columns}
        target.range(reference(row, left, row, right)).copy(target.range(reference(to[0], left, to[-1], right)))
        for _row, column in excel_notes.notes(target, source):  # Excel copies notes, too
            for copy in to:
                if copy != row and (note := target.range(address_of((copy, column))).note) is not None:
                    note.delete()

    @excel_native.asking_excel()
    def grow(self, sheet: str, last_row: int) -> None:
        tables = list(self._sheet(sheet).tables)
        if len(tables) != 1:
            raise WrongUse(f"La feuille « {sheet} » devrait avoir un tableau, elle en a {len(tables)}.", "Reprenez un classeur neuf.")
        top, left, bottom, right = rectangle(tables[0].range.address)
        if tables[0].show_totals:
            raise WrongUse(
                f"Le tableau de la feuille « {sheet} » a une ligne des totaux.",
                "Ôtez-la (Création de tableau, Ligne Total), puis recommencez.",
            )
        if bottom < last_row:
            tables[0].resize(self._sheet(sheet).range(reference(top, left, last_row, right)))

    @excel_native.asking_excel()
    def add_sheet(self, name: str) -> None:
        if name.casefold() in {sheet.name.casefold() for sheet in self._book.sheets}:
            raise WrongUse(f"Le classeur a déjà une feuille « {name} ».", "Renommez-la, puis recommencez.")
        shown = [sheet for sheet in self._book.sheets if sheet.visible in excel_reading.VISIBLE]
        front = self._book.sheets.active
        self._book.sheets.add(name, after=shown[-1])  # xlwings moves the sheet before, which Excel refuses for a hidden one
        front.impl.activate()

    @excel_native.asking_excel()
    def remove_sheet(self, name: str) -> None:
        self._sheet(name).delete()

    @contextmanager
    def unlocked(self, *sheets: str) -> Iterator[None]:
        with excel_native.asking_excel(), ExitStack() as stack:
            for name in sheets:
                self._unlock(name, stack)
            yield

    def _unlock(self, name: str, stack: ExitStack) -> None:
        """Take the protection of a sheet off, and put it on again when `stack` is closed."""
        sheet = self._sheet(name)
        how = excel_native.protection(sheet)
        if how is None:
            return
        try:
            excel_native.unprotect(sheet)
        except excel_native.refusals() as fault:
            raise _has_password(name) from fault
        if excel_native.protection(sheet) is not None:
            raise _has_password(name)
        stack.callback(excel_native.protect, sheet, how)

    @excel_native.asking_excel()
    def protect(self, *sheets: str) -> None:
        for sheet in map(self._sheet, sheets):
            if excel_native.protection(sheet) is None:
                excel_native.protect(sheet, excel_native.OURS)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        # Excel goes on calculating: what is read within would be stale, and a workbook saved within would open uncalculated ever after.
        with excel_native.asking_excel(), ExitStack() as stack:
            for name, within in (("status_bar", title), ("screen_updating", False)):
                before = getattr(self._app, name)
                if name == "status_bar" and not isinstance(before, str):
                    before = False  # Excel's own text
                stack.callback(setattr, self._app, name, before)
                setattr(self._app, name, within)
            yield

    @excel_native.asking_excel()
    def status(self, text: str) -> None:
        self._app.status_bar = text

    @excel_native.asking_excel()
    def ask(self, question: str, *, may_stop: bool = False) -> bool | None:
        answer = self._app.alert(question, TITLE, buttons="yes_no_cancel" if may_stop else "yes_no")
        return {"yes": True, "no": False}.get(answer or "")

    @excel_native.asking_excel()
    def save(self) -> None:
        if not self._folder:
            raise WrongUse("Ce classeur n’a jamais été enregistré.", "Enregistrez-le sur cet ordinateur, puis recommencez.")
        if excel_native.read_only(self._book):
            raise WrongUse(
                f"« {self.name} » est ouvert en lecture seule.", "Fermez-le là où il est ouvert aussi, rouvrez-le, puis recommencez."
            )
        self._book.save()

    def _sheet(self, name: str) -> xlwings.Sheet:
        try:
            return self._book.sheets[name]
        except excel_native.refusals() as fault:
            raise WrongUse(f"Le classeur n’a pas de feuille « {name} ».", "Remettez-la, ou reprenez un classeur neuf.") from fault

    def _to_front(self) -> None:
        """Bring the workbook to the front. xlwings would move the application, too, which fails where two of them run."""
        if self._app.books.active.name != self.name:
            self._book.impl.activate()


def caller_port(click: Click) -> ExcelPort:
    """The workbook in which a button was clicked. Raises WrongUse where Excel does not show it."""
    return ExcelPort(running_book(click), click.folder)


def _area(address: str, used: Area) -> Area:
    """One area of a selection; whole rows and columns as far as the sheet is used."""
    first, _, last = address.replace("$", "").partition(":")
    last = last or first
    if first.isdigit():
        return (int(first) - 1, 0, max(int(first) - 1, min(int(last) - 1, used[2])), used[3])
    if first.isalpha():
        top, left, _bottom, right = rectangle(f"{first}1:{last}1")
        return (top, left, used[2], right)
    return rectangle(f"{first}:{last}")


def _folder(book: xlwings.Book) -> str:
    """The folder of a book; the full name of a new one is its name."""
    return "" if book.fullname == book.name else str(Path(book.fullname).parent)


def _has_password(sheet: str) -> WrongUse:
    return WrongUse(
        f"La feuille « {sheet} » est protégée par un mot de passe.",
        "Ôtez cette protection (Révision, Ôter la protection), puis recommencez.",
    )
