"""An open spreadsheet of LibreOffice and its parts, each reached with what may be in the way said in French.

Part of `calc`: it runs inside LibreOffice, with Python 3.8, its own library and `uno`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from .calc_reading import NumberFormats, struct


class Refusal(Exception):
    """What LibreOffice, or the workbook, does not allow: French, with what to do."""


class Parts:
    """One spreadsheet document. `context`: the component context of its office."""

    def __init__(self, context: Any, document: Any) -> None:
        self.context = context
        self.document = document
        self._formats = NumberFormats(context, document)
        self._unlocked: list[str] = []
        self._steps: list[Any] = []
        if document.Sheets is not None:
            document.calculate()  # which also enters what is still being typed into a cell: a click on a button does not

    def _file(self) -> tuple[str, str | None]:
        """The file's name, and its path where it lies on this computer."""
        import uno

        url = self.document.URL
        path = uno.fileUrlToSystemPath(url) if url.startswith("file://") else None
        return (Path(path).name if path else unquote(url.rpartition("/")[2]) if url else self.document.Title), path

    def _sheet(self, name: str) -> Any:
        if not self.document.Sheets.hasByName(name):
            raise Refusal(f"Le classeur n’a plus de feuille « {name} ». Reprenez une sauvegarde où elle est.")
        return self.document.Sheets.getByName(name)

    def _editable(self, name: str, places: Iterable[tuple[int, int]]) -> Any:
        """The sheet, in which these cells can be changed: LibreOffice passes over one that cannot, without a word."""
        sheet = self._sheet(name)
        if self.document.isReadonly():
            raise Refusal(f"« {self._file()[0]} » est ouvert en lecture seule. Rouvrez-le pour le modifier, puis recommencez.")
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
