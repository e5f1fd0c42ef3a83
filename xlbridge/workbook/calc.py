"""An open spreadsheet of LibreOffice, by UNO: what `calc_port.CalcPort` asks of it, in plain data that JSON carries.

This module and those it imports run inside LibreOffice, as a package of the extension: they need Python 3.8 with its own library and
`uno`, and nothing else. `answer` takes one request as a line of JSON and gives the line that answers it. Rows and columns are counted from
0; an area is top, left, bottom, right, all inclusive.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .calc_cells import Cells
from .calc_parts import Refusal
from .calc_reading import Area, area, areas, details, values

MODULES = ("calc_cells", "calc_parts", "calc_reading")
"""What this module needs beside it."""
YES_NO, YES_NO_CANCEL, YES, NO = 3, 4, 2, 3  # com.sun.star.awt.MessageBoxButtons and MessageBoxResults
OTHER_VERSION = "L’extension de LibreOffice n’est pas de la même version que xlbridge. Relancez « xlbridge install --libreoffice »."


def code() -> int:
    """What tells the text of these modules from any other: both sides of the conversation must have the same."""
    here = Path(__file__)
    texts = [here.read_bytes(), *(here.with_name(f"{name}.py").read_bytes() for name in MODULES)]
    return zlib.crc32(b"".join(texts))


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


class Document(Cells):
    """One spreadsheet document, as the requests see it."""

    def place(self) -> dict[str, Any]:
        """The file's name, its path where it lies on this computer, and the code of this module."""
        name, path = self._file()
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

    # The workbook

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

    def protect(self, names: list[str]) -> None:
        """Put a protection on those sheets that have none, with the permissions that LibreOffice remembers, or its own."""
        for name in names:
            if not self._sheet(name).isProtected():
                self._sheet(name).protect("")

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
        name = self._file()[0]
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


OPERATIONS = frozenset(name for kind in Document.__mro__ for name in vars(kind) if not name.startswith("_"))


def _enum(kind: str, value: str) -> Any:
    import uno

    return uno.Enum(kind, value)


def _holds(where: Area, row: int, column: int) -> bool:
    return where[0] <= row <= where[2] and where[1] <= column <= where[3]
