"""The cells of an open spreadsheet of LibreOffice changed: marks, contents, links, rows. Part of `calc`.

LibreOffice passes over what it cannot change, without a word: it is looked for before.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from .calc_parts import Parts, Refusal
from .calc_reading import CONTENT, NOTES, formula_parser, notes, struct

NO_FILL = -1
NOTE_WIDTH = 7000  # hundredths of a millimetre
STRUCTURED = re.compile(r'"(?:[^"]|"")*"|(\[)')
IN_FORMULA = re.compile(r"""("(?:[^"]|"")*"|\[[^\[\]]*\])|('(?:[^']|'')*')!|([\w.]+)!|(,)|(_xlfn\.)""")


class Cells(Parts):
    """What can be changed of a document's cells."""

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


def _colour(number: int) -> str | None:
    return None if number == NO_FILL else f"#{number & 0xFFFFFF:06X}"


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
