"""An open spreadsheet of LibreOffice, by UNO: what `calc_port.CalcPort` asks of it, in plain data that JSON carries.

This module and `calc_reading` run inside LibreOffice, as a package of the extension: they need Python 3.8 with its own library and `uno`,
and nothing else. `answer` takes one request as a line of JSON and gives the line that answers it. Rows and columns are counted from 0; an
area is top, left, bottom, right, all inclusive.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from .calc_reading import CONTENT, NOTES, Area, NumberFormats, area, areas, details, formula_parser, notes, struct, values

YES_NO, YES_NO_CANCEL, YES, NO = 3, 4, 2, 3  # com.sun.star.awt.MessageBoxButtons and MessageBoxResults
NO_FILL = -1
NOTE_WIDTH = 7000  # hundredths of a millimetre
STRUCTURED = re.compile(r'"(?:[^"]|"")*"|(\[)')
IN_FORMULA = re.compile(r"""("(?:[^"]|"")*"|\[[^\[\]]*\])|('(?:[^']|'')*')!|([\w.]+)!|(,)|(_xlfn\.)""")


class Refusal(Exception):
    """What LibreOffice, or the workbook, does not allow: French, with what to do."""


OTHER_VERSION = "L’extension de LibreOffice n’est pas de la même version que xlbridge. Relancez « xlbridge install --libreoffice »."


def code() -> int:
    """What tells this text of the module, and of `calc_reading`, from any other: both sides of the conversation must have the same."""
    here = Path(__file__)
    return zlib.crc32(here.with_name("calc_reading.py").read_bytes(), zlib.crc32(here.read_bytes()))


def answer(document: Document, line: str) -> str:
    """The answer to one request `{"do": NAME, "args": […]}`: `{"done": VALUE}`, or `{"refused": TEXT}` for what could not be done."""
    request = json.loads(line)
    operation, arguments = request["do"], request["args"]
    try:
        if operation not in OPERATIONS:
            raise Refusal(OTHER_VERSION)
        if document.document.Sheets is None and operation != "release":
            raise Refusal("Le classeur a été fermé entre-temps. Rouvrez-le, puis recommencez.")
        return json.dumps({"done": getattr(document, operation)(*arguments)})
    except Refusal as refusal:
        return json.dumps({"refused": str(refusal)})
    except Exception as fault:  # whatever UNO raises: told, never lost
        return json.dumps({"refused": f"LibreOffice n’a pas pu le faire ({operation}, {type(fault).__name__} : {fault})."})


class Document:
    """One spreadsheet document. `context`: the component context of its office."""

    def __init__(self, context: Any, document: Any) -> None:
        self.context = context
        self.document = document
        self._formats = NumberFormats(context, document)
        self._unlocked: list[str] = []
        self._steps: list[Any] = []
        if document.Sheets is not None:
            document.calculate()  # which also enters what is still being typed into a cell: a click on a button does not

    def place(self) -> dict[str, Any]:
        """The file's name, its path where it lies on this computer, and the code of this module."""
        import uno

        url = self.document.URL
        path = uno.fileUrlToSystemPath(url) if url.startswith("file://") else None
        name = Path(path).name if path else unquote(url.rpartition("/")[2]) if url else self.document.Title
        return {"name": name, "path": path, "code": code()}

    # What stands in the sheets

    def sheets(self, most: int) -> dict[str, Any]:
        """Every sheet with its values; one whose rectangle has more cells than `most` has None for its rows."""
        if not self.document.isAutomaticCalculationEnabled():
            self.document.calculate()
        first = self.document.NullDate
        return {
            "first_day": [first.Year, first.Month, first.Day],
            "sheets": [values(sheet, self._formats, most) for sheet in self.document.Sheets],
        }

    def details(self, name: str) -> dict[str, Any]:
        """What a sheet says beside its values."""
        return details(self.document, self._sheet(name), self._formats)

    # Where the user is

    def selection(self) -> dict[str, Any]:
        """The sheet in front and the selected areas as far as it is used; where a drawing is selected, the cell of the cursor."""
        controller = self._controller()
        sheet, chosen = controller.ActiveSheet, controller.getSelection()
        cursor = self._cursor(controller, sheet)
        if chosen is not None and hasattr(chosen, "RangeAddresses"):
            found = areas(chosen)
        elif chosen is not None and hasattr(chosen, "RangeAddress"):
            found = [area(chosen.RangeAddress)]
        else:
            found = [(*cursor, *cursor)]
        end = sheet.createCursor()
        end.gotoEndOfUsedArea(False)
        _top, _left, bottom, right = area(end.RangeAddress)
        found = [(*where[:2], max(where[0], min(where[2], bottom)), max(where[1], min(where[3], right))) for where in found]
        found.sort(key=lambda where: not _holds(where, *cursor))
        return {"sheet": sheet.Name, "areas": found}

    def _cursor(self, controller: Any, sheet: Any) -> tuple[int, int]:
        """Where the cursor of a sheet is, which LibreOffice tells only in the text that it keeps with the view."""
        view = controller.getViewData().split(";")[3 + sheet.RangeAddress.Sheet]
        column, row = view.replace("+", "/").split("/")[:2]
        return int(row), int(column)

    def select(self, name: str, row: int, column: int) -> None:
        """Bring a sheet to the front and its cursor to a cell."""
        sheet, controller = self._sheet(name), self._controller()
        if not sheet.IsVisible:
            raise Refusal(f"La feuille « {name} » est masquée. Affichez-la (Feuille, Afficher une feuille), puis recommencez.")
        controller.setActiveSheet(sheet)
        controller.select(sheet.getCellByPosition(column, row))
        if not any(_holds(area(pane.getVisibleRange()), row, column) for pane in controller):
            pane = controller.getByIndex(controller.Count - 1)
            pane.setFirstVisibleRow(max(row - 3, 0))
            pane.setFirstVisibleColumn(max(column - 1, 0))

    # Marks

    def notes(self, name: str) -> list[tuple[int, int, str]]:
        """The notes of a sheet."""
        return notes(self._sheet(name))

    def fills(self, name: str, places: list[list[int]]) -> list[str | None]:
        """The colours behind cells."""
        sheet = self._sheet(name)
        return [_colour(sheet.getCellByPosition(column, row).CellBackColor) for row, column in places]

    def set_looks(self, name: str, looks: list[list[Any]]) -> None:
        """Colours and notes: row, column, colour or None, note or None."""
        sheet = self._editable(name, [(row, column) for row, column, _fill, _note in looks])
        by_fill: dict[str | None, list[tuple[int, int]]] = {}
        for row, column, fill, _note in looks:
            if _colour(sheet.getCellByPosition(column, row).CellBackColor) != fill:
                by_fill.setdefault(fill, []).append((row, column))
        for fill, places in by_fill.items():
            self._ranges(sheet, places).CellBackColor = NO_FILL if fill is None else int(fill[1:], 16)
        known = {(row, column) for row, column, _text in self.notes(name)}
        gone = [(row, column) for row, column, _fill, note in looks if note is None and (row, column) in known]
        if gone:
            self._ranges(sheet, gone).clearContents(NOTES)
        for row, column, _fill, note in looks:
            cell = sheet.getCellByPosition(column, row)
            if note is not None and (row, column) in known:
                self._reword(cell, note)
            elif note is not None:
                sheet.Annotations.insertNew(cell.CellAddress, note)
                shape = cell.Annotation.AnnotationShape
                shape.setSize(struct("com.sun.star.awt.Size", NOTE_WIDTH, 1))  # as high as its text then

    def _reword(self, cell: Any, text: str) -> None:
        """Give a cell's note another text, which LibreOffice itself cannot undo."""
        old = cell.Annotation.String
        if text == old:
            return
        _set_text(cell.Annotation, text)
        action = _undoable("Note", lambda: _set_text(cell.Annotation, old), lambda: _set_text(cell.Annotation, text))
        self.document.UndoManager.addUndoAction(action)

    # Changes

    def write(self, name: str, cells: list[list[Any]]) -> None:
        """Values: row, column, kind (text, number, day, formula or empty) and the value; a day as year, month, day."""
        sheet = self._writable(name, [(row, column) for row, column, _kind, _value in cells])
        parser = formula_parser(self.document)
        for row, column, kind, value in cells:
            cell = sheet.getCellByPosition(column, row)
            if kind == "text":
                cell.setString(value)  # setString reads nothing into a text
            elif kind == "number":
                cell.setValue(value)
            elif kind == "day":
                cell.setValue(self._serial(value))
                if self._formats.kind(cell.NumberFormat)[0] != "day":
                    cell.NumberFormat = self._formats.of_days()
            elif kind == "formula":
                _set_formula(cell, value, parser)
            else:
                cell.clearContents(CONTENT)

    def _serial(self, day: list[int]) -> int:
        first = self.document.NullDate
        return (date(*day) - date(first.Year, first.Month, first.Day)).days

    def link(self, name: str, links: list[list[Any]]) -> None:
        """Links: row, column, target as LibreOffice writes it (`'Feuille 1'.B3`), text shown."""
        sheet = self._writable(name, [(row, column) for row, column, _target, _text in links])
        for row, column, target, text in links:
            cell = sheet.getCellByPosition(column, row)
            field = self.document.createInstance("com.sun.star.text.TextField.URL")
            field.URL, field.Representation = "#" + target, text
            cell.setString("")
            cell.insertTextContent(cell.createTextCursor(), field, False)

    def copy_row(self, name: str, row: int, to: list[int], columns: list[int]) -> None:
        """Copy the cells `columns` (first, last) of a row onto the rows `to` (first, last)."""
        first, last = columns
        target = [(below, column) for below in range(to[0], to[1] + 1) for column in range(first, last + 1)]
        sheet = self._writable(name, target)
        own = {(below, column): text for below, column, text in notes(sheet)}
        source, model = sheet.getCellRangeByPosition(first, row, last, row).RangeAddress, sheet.Rows.getByIndex(row)
        filtered, model.IsFiltered = model.IsFiltered, False  # of a row that a filter hides nothing would be copied, without a word
        try:
            for below in range(to[0], to[1] + 1):
                sheet.copyRange(sheet.getCellByPosition(first, below).CellAddress, source)
        finally:
            model.IsFiltered = filtered
        # Notes are copied over those that are there, which is not meant.
        sheet.getCellRangeByPosition(first, to[0], last, to[1]).clearContents(NOTES)
        for below, column in target:
            if (below, column) in own:
                sheet.Annotations.insertNew(sheet.getCellByPosition(column, below).CellAddress, own[below, column])

    def grow(self, name: str, last_row: int) -> None:
        """Make the one table of a sheet reach down to a row."""
        sheet = self._editable(name, ())
        place = sheet.RangeAddress.Sheet
        tables = [table for table in self.document.DatabaseRanges if table.DataArea.Sheet == place]
        if len(tables) != 1:
            raise Refusal(f"La feuille « {name} » n’a plus son tableau, ou en a plusieurs. Reprenez une sauvegarde où il est intact.")
        (table,) = tables
        where = table.DataArea
        if where.EndRow >= last_row:
            return
        if table.TotalsRow:
            raise Refusal(f"Le tableau de la feuille « {name} » a une ligne de total. Retirez-la, puis recommencez.")
        where.EndRow = last_row
        table.DataArea = where

    def add_sheet(self, name: str) -> None:
        """A new sheet behind the others."""
        self._open_structure()
        if self.document.Sheets.hasByName(name):
            raise Refusal(f"Le classeur a déjà une feuille « {name} ». Renommez-la, puis recommencez.")
        self.document.Sheets.insertNewByName(name, self.document.Sheets.Count)

    def remove_sheet(self, name: str) -> None:
        """Take a sheet away."""
        self._open_structure()
        self._sheet(name)
        self.document.Sheets.removeByName(name)

    def unlock(self, names: list[str]) -> list[str]:
        """Take the protection of sheets off; which of them had it."""
        done: list[str] = []
        for name in names:
            sheet = self._sheet(name)
            if not sheet.isProtected():
                continue
            try:
                sheet.unprotect("")
            except Exception as fault:
                self.lock(done)
                if not type(fault).__name__.endswith("IllegalArgumentException"):
                    raise
                raise Refusal(
                    f"La feuille « {name} » est protégée par un mot de passe. Ôtez-la (Outils, Protéger la feuille), puis recommencez."
                ) from fault
            done.append(name)
            self._unlocked.append(name)
        return done

    def lock(self, names: list[str]) -> None:
        """Put the protection on again, with the permissions that it had (LibreOffice remembers them)."""
        gone = []
        for name in names:
            self._unlocked.remove(name)
            if self.document.Sheets.hasByName(name):
                self._sheet(name).protect("")
            else:
                gone.append(f"« {name} »")
        if gone:
            raise Refusal(
                f"Feuille renommée ou supprimée pendant ce travail : {', '.join(gone)}. Annulez cela (Ctrl+Z), puis remettez sa protection "
                "(Outils, Protéger la feuille)."
            )

    # The application

    def begin(self, title: str) -> None:
        """Begin what the user sees as one step, and can undo as one."""
        indicator = self._controller().Frame.createStatusIndicator()
        indicator.start(title, 0)
        self.document.UndoManager.enterUndoContext(title)
        self.document.lockControllers()
        self._steps.append(indicator)

    def end(self) -> None:
        """End the step begun last."""
        indicator = self._steps.pop()
        self.document.unlockControllers()
        self.document.UndoManager.leaveUndoContext()
        indicator.end()

    def release(self) -> None:
        """Give the workbook back as it must be when a command ended badly: protected again, no step open."""
        if self.document.Sheets is None:  # closed
            self._unlocked.clear()
            self._steps.clear()
        try:
            self.lock(list(self._unlocked))
        finally:
            while self._steps:
                self.end()

    def status(self, text: str) -> None:
        """What is being done, in the status line of the step."""
        if self._steps:
            self._steps[-1].setText(text)

    def ask(self, question: str, may_stop: bool) -> bool | None:
        """Yes, no, or None for « Annuler »."""
        toolkit = self.context.ServiceManager.createInstanceWithContext("com.sun.star.awt.Toolkit", self.context)
        window = self._controller().Frame.ContainerWindow
        kind = _enum("com.sun.star.awt.MessageBoxType", "QUERYBOX")
        box = toolkit.createMessageBox(window, kind, YES_NO_CANCEL if may_stop else YES_NO, "xlbridge", question)
        try:
            given = self._shown(box.execute)  # the user sees what is asked about
        finally:
            box.dispose()
        return True if given == YES else None if may_stop and given != NO else False

    def save(self) -> None:
        """Write the file where it is."""
        if not self.document.hasLocation():
            raise Refusal(
                "Ce classeur n’a pas encore été enregistré. Enregistrez-le sous un nom (Fichier, Enregistrer sous), puis recommencez."
            )
        name = self.place()["name"]
        if self.document.isReadonly():
            raise Refusal(f"« {name} » est ouvert en lecture seule. Rouvrez-le pour le modifier, puis recommencez.")
        try:
            self._shown(self.document.store)  # what was done before is not said to be unsaved afterwards
        except Exception as fault:
            if "IOException" not in type(fault).__name__:
                raise
            raise Refusal(
                f"« {name} » ne peut pas être enregistré : le dossier ne le permet pas, la place manque, ou un autre programme a changé le "
                "fichier. Enregistrez-le vous-même (Ctrl+S), LibreOffice dira pourquoi, puis recommencez."
            ) from fault

    def _shown(self, work: Callable[[], Any]) -> Any:
        """What `work` gives, while all is drawn, and known to be changed, which LibreOffice puts off during a step."""
        for _step in self._steps:
            self.document.unlockControllers()
        try:
            return work()
        finally:
            for _step in self._steps:
                self.document.lockControllers()

    # Reaching the parts

    def _sheet(self, name: str) -> Any:
        if not self.document.Sheets.hasByName(name):
            raise Refusal(f"Le classeur n’a plus de feuille « {name} ». Reprenez une sauvegarde où elle est.")
        return self.document.Sheets.getByName(name)

    def _editable(self, name: str, places: Iterable[tuple[int, int]]) -> Any:
        """The sheet, in which these cells can be changed: LibreOffice passes over one that cannot, without a word."""
        sheet = self._sheet(name)
        if self.document.isReadonly():
            raise Refusal(f"« {self.place()['name']} » est ouvert en lecture seule. Rouvrez-le pour le modifier, puis recommencez.")
        if sheet.isProtected() and (not places or any(sheet.getCellByPosition(c, r).CellProtection.IsLocked for r, c in places)):
            raise Refusal(f"La feuille « {name} » est protégée. Ôtez sa protection (Outils, Protéger la feuille), puis recommencez.")
        return sheet

    def _writable(self, name: str, places: Iterable[tuple[int, int]]) -> Any:
        """The sheet, of which these cells can be given other contents."""
        sheet = self._editable(name, places)
        if any(sheet.getCellByPosition(column, row).getArrayFormula() for row, column in places):
            raise Refusal(f"Une cellule de la feuille « {name} » fait partie d’une formule matricielle. Ôtez-la, puis recommencez.")
        return sheet

    def _open_structure(self) -> None:
        if self.document.isProtected():
            raise Refusal("La structure du classeur est protégée. Ôtez cette protection (Outils, Protéger la structure), puis recommencez.")

    def _controller(self) -> Any:
        controller = self.document.CurrentController
        if controller is None:
            raise Refusal("Le classeur n’est montré dans aucune fenêtre. Ouvrez-le dans LibreOffice, puis recommencez.")
        if not hasattr(controller, "ActiveSheet"):
            raise Refusal("Le classeur est montré en aperçu avant impression. Fermez l’aperçu, puis recommencez.")
        return controller

    def _ranges(self, sheet: Any, places: Iterable[tuple[int, int]]) -> Any:
        """Cells as one object."""
        ranges = self.document.createInstance("com.sun.star.sheet.SheetCellRanges")
        number = sheet.RangeAddress.Sheet
        ranges.addRangeAddresses(
            tuple(struct("com.sun.star.table.CellRangeAddress", number, column, row, column, row) for row, column in places), True
        )
        return ranges


OPERATIONS = frozenset(name for name in vars(Document) if not name.startswith("_"))


def _enum(kind: str, value: str) -> Any:
    import uno

    return uno.Enum(kind, value)


def _colour(number: int) -> str | None:
    return None if number == NO_FILL else f"#{number & 0xFFFFFF:06X}"


def _holds(where: Area, row: int, column: int) -> bool:
    return where[0] <= row <= where[2] and where[1] <= column <= where[3]


def _set_text(note: Any, text: str) -> None:
    """Give a note another text; the old one keeps its formatting where the new one begins or ends with it, or the other way round."""
    old = note.String
    cursor = note.createTextCursor()
    if text.endswith(old):
        cursor.gotoStart(False)
        note.insertString(cursor, text[: len(text) - len(old)], False)
    elif text.startswith(old):
        cursor.gotoEnd(False)
        note.insertString(cursor, text[len(old) :], False)
    elif old.endswith(text):
        cursor.gotoStart(False)
        cursor.goRight(_units(old) - _units(text), True)
        cursor.setString("")
    elif old.startswith(text):
        cursor.gotoEnd(False)
        cursor.goLeft(_units(old) - _units(text), True)
        cursor.setString("")
    else:
        note.setString(text)


def _units(text: str) -> int:
    """The length of a text as LibreOffice counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _undoable(title: str, undo: Callable[[], None], redo: Callable[[], None]) -> Any:
    """An entry of the list of what can be undone."""
    import unohelper
    from com.sun.star.document import XUndoAction

    class Action(unohelper.Base, XUndoAction):  # type: ignore[misc]
        Title = title

        def undo(self) -> None:
            undo()

        def redo(self) -> None:
            redo()

    return Action()


def _set_formula(cell: Any, text: str, parser: Any) -> None:
    """Give a cell a formula of an .xlsx. LibreOffice reads it, but for one with names of tables, which its reader does not know."""
    if any(STRUCTURED.findall(text)):
        cell.setFormula("=" + _in_own_words(text))
    else:
        cell.setTokens(parser.parseFormula(text, cell.CellAddress))


def _in_own_words(text: str) -> str:
    '''A formula of an .xlsx with the separators and sheet names of LibreOffice.

    >>> print(_in_own_words("""IF(T[[#This Row],[a, b]]="x,y",'L''été'!$A$1,Registre!B2)"""))
    IF(T[[#This Row];[a, b]]="x,y";$'L''été'.$A$1;$Registre.B2)
    '''

    def own(found: re.Match[str]) -> str:
        kept, quoted, plain, comma, _future = found.groups()
        return kept or (f"${quoted or plain}." if quoted or plain else ";" if comma else "")

    return IN_FORMULA.sub(own, text)
