"""An open spreadsheet of LibreOffice, by UNO: what `calc_port.CalcPort` asks of it, in plain data that JSON carries.

This module runs inside LibreOffice, as part of the extension: it needs Python 3.8 with its own library and `uno`, and nothing of this
package. `answer` takes one request as a line of JSON and gives the line that answers it. Rows and columns are counted from 0; an area is
top, left, bottom, right, all inclusive.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Tuple  # noqa: UP035 (Python 3.8)

VALUES, DAYS, TEXTS, NOTES, FORMULAS = 1, 2, 4, 8, 16  # com.sun.star.sheet.CellFlags
CONTENT = VALUES | DAYS | TEXTS | FORMULAS
NUMBER_RESULT, ERROR_RESULT = 1, 4  # FormulaResult
DAY_TYPE, TIME_TYPE, LOGICAL_TYPE = 2, 4, 1024  # com.sun.star.util.NumberFormat
EXCEL_GRAMMAR = 3  # AddressConvention.XL_OOX
YES_NO, YES_NO_CANCEL, YES, NO = 3, 4, 2, 3  # MessageBoxButtons, MessageBoxResults
NO_FILL = -1
NOTE_WIDTH, NOTE_HEIGHT = 8000, 2500  # hundredths of a millimetre
ERRORS = {
    502: "#VALUE!", 503: "#NUM!", 504: "#REF!", 508: "#VALUE!", 519: "#VALUE!", 521: "#NULL!", 524: "#REF!", 525: "#NAME?", 532: "#DIV/0!",
    32767: "#N/A",
}  # fmt: skip

TABLE_NAME = re.compile(r"""(?:"[^"]*"|'[^']*')|([\w.\\]+)(?=\[)""")
NAMELESS_TABLE = re.compile(r"""(?:"[^"]*"|'[^']*')|#NAME\?\[""")

Area = Tuple[int, int, int, int]  # noqa: UP006 (Python 3.8)


class Refusal(Exception):
    """What LibreOffice, or the workbook, does not allow: French, with what to do."""


def answer(document: Document, line: str) -> str:
    """The answer to one request `{"do": NAME, "args": […]}`: `{"done": VALUE}`, or `{"refused": TEXT}` for what could not be done."""
    request = json.loads(line)
    try:
        if request["do"] not in OPERATIONS:
            raise Refusal(
                "L’extension de LibreOffice n’est pas de la même version que xlbridge. Relancez « xlbridge install --libreoffice »."
            )
        return json.dumps({"done": getattr(document, request["do"])(*request["args"])})
    except Refusal as refusal:
        return json.dumps({"refused": str(refusal)})
    except Exception as fault:  # whatever UNO raises: told, never lost
        if type(fault).__name__ == "DisposedException":
            return json.dumps({"refused": "Le classeur a été fermé entre-temps. Rouvrez-le, puis recommencez."})
        return json.dumps({"refused": f"LibreOffice n’a pas pu le faire ({type(fault).__name__} : {fault})."})


class Document:
    """One spreadsheet document. `context`: the component context of its office."""

    def __init__(self, context: Any, document: Any) -> None:
        self.context = context
        self.document = document
        self._kinds: dict[int, tuple[str, str]] = {}
        self._unlocked: list[str] = []
        self._steps: list[Any] = []

    def place(self) -> dict[str, str | None]:
        """The file's name, and its path where it lies on this computer."""
        import uno

        url = self.document.URL
        path = uno.fileUrlToSystemPath(url) if url.startswith("file://") else None
        name = (
            path.replace("\\", "/")
            if path
            else uno.fileUrlToSystemPath("file:///" + url.rpartition("/")[2])
            if url
            else self.document.Title
        )
        return {"name": name.rpartition("/")[2], "path": path}

    # What stands in the sheets

    def sheets(self, most: int) -> dict[str, Any]:
        """Every sheet with its values; one whose rectangle has more cells than `most` has None for its rows."""
        first = self.document.NullDate
        return {"first_day": [first.Year, first.Month, first.Day], "sheets": [self._values(sheet, most) for sheet in self._all_sheets()]}

    def _values(self, sheet: Any, most: int) -> dict[str, Any]:
        told = {"name": sheet.Name, "hidden": not sheet.IsVisible, "area": None, "rows": [], "kinds": []}
        area = _around(_areas(sheet.queryContentCells(CONTENT)))
        if area is None:
            return told
        told["area"] = area
        if (area[2] - area[0] + 1) * (area[3] - area[1] + 1) > most:
            told["rows"] = None
            return told
        cells = _range(sheet, area)
        told["rows"] = cells.getDataArray()
        told["kinds"] = [(kind, where) for kind, _code, where in self._formats(sheet, cells) if kind]
        return told

    def _formats(self, sheet: Any, cells: Any) -> Iterator[tuple[str, str, Area]]:
        """What kind of value ("" for a number or text) and which format code the areas of a range have; general ones are left out.

        The result of a formula in the general format is shown as what it is (a day, a truth).
        """
        general = []
        for group in cells.UniqueCellFormatRanges:
            kind, code = self._kind(group.NumberFormat)
            if kind or code:
                for area in _areas(group):
                    yield kind, code, area
            else:
                general.append(group)
        for area in _areas(sheet.queryFormulaCells(NUMBER_RESULT)) if general else ():
            for group in general:
                for top, left, bottom, right in _areas(group.queryIntersection(_range(sheet, area).RangeAddress)):
                    for row in range(top, bottom + 1):
                        for column in range(left, right + 1):
                            kind, code = self._kind(sheet.getCellByPosition(column, row).NumberFormat)
                            if kind or code:
                                yield kind, code, (row, column, row, column)

    def _kind(self, key: int) -> tuple[str, str]:
        """What a number format makes of a number (day, time, duration, truth or ""), and its code as Excel writes it ("": general)."""
        if key not in self._kinds:
            known = self.document.NumberFormats.getByKey(key)
            general = key == self.document.NumberFormats.getStandardIndex(known.Locale)
            code = "" if general else self._in_english(known.FormatString, known.Locale)
            if known.Type & LOGICAL_TYPE:
                kind, code = "truth", ""
            elif known.Type & (DAY_TYPE | TIME_TYPE):
                lower = code.lower()
                kind = "duration" if any(f"[{unit}" in lower for unit in ("h", "m]", "mm]", "s]", "ss]")) else "day"
                kind = "time" if kind == "day" and not known.Type & DAY_TYPE else kind
            else:
                kind = ""
            self._kinds[key] = kind, code
        return self._kinds[key]

    def _in_english(self, code: str, locale: Any) -> str:
        """A format code as it is written in the United States, as in the file; the document's own formats are left alone."""
        english = _struct("com.sun.star.lang.Locale", "en", "US", "")
        supplier = self.context.ServiceManager.createInstanceWithArgumentsAndContext(
            "com.sun.star.util.NumberFormatsSupplier", (english,), self.context
        )
        scratch = supplier.NumberFormats  # lives as long as its supplier
        return str(scratch.getByKey(scratch.addNewConverted(code, locale, english)).FormatString)

    def details(self, name: str) -> dict[str, Any]:
        """What the sheet says beside its values, as `details.Details` has it; formats by areas."""
        sheet = self._sheet(name)
        told = {"hidden": not sheet.IsVisible, "headers_footers": self._headers_footers(sheet), "comments": self.notes(name)}
        cursor = sheet.createCursor()
        cursor.gotoEndOfUsedArea(False)
        last = cursor.RangeAddress
        used = sheet.getCellRangeByPosition(0, 0, last.EndColumn, last.EndRow)
        seen = _areas(used.queryVisibleCells())
        rows = {row for top, _left, bottom, _right in seen for row in range(top, bottom + 1)}
        columns = {column for _top, left, _bottom, right in seen for column in range(left, right + 1)}
        told["hidden_rows"] = [row for row in range(last.EndRow + 1) if row not in rows]
        told["hidden_columns"] = [column for column in range(last.EndColumn + 1) if column not in columns]
        told["merged"] = list(_merged(sheet, used))
        told["errors"] = [(*place, _error(sheet, place)) for place in _places(_areas(sheet.queryFormulaCells(ERROR_RESULT)))]
        # LibreOffice keeps constant errors and truths of an .xlsx as formulas.
        constants = {"TRUE()", "FALSE()", *ERRORS.values()}
        told["formulas"] = [(row, column, text) for row, column, text in self._formulas(sheet) if text not in constants]
        told["formats"] = [(code, area) for _kind, code, area in self._formats(sheet, used) if code]
        return told

    def _formulas(self, sheet: Any) -> Iterator[tuple[int, int, str]]:
        """The formulas as an .xlsx has them: without the equals sign, an array's at its first cell alone."""
        printer = self._parser()
        printed: dict[str, str] = {}
        for area in _areas(sheet.queryContentCells(FORMULAS)):
            for row, texts in enumerate(_range(sheet, area).getFormulaArray(), area[0]):
                for column, text in enumerate(texts, area[1]):
                    if text.startswith("{") and _array(sheet, row, column)[:2] != (row, column):
                        continue
                    if text not in printed:  # LibreOffice names cells absolutely: the same text is the same formula anywhere
                        cell = sheet.getCellByPosition(column, row)
                        tokens = cell.getArrayTokens() if text.startswith("{") else cell.getTokens()
                        printed[text] = _with_tables(printer.printFormula(tokens, cell.CellAddress), text)
                    yield row, column, printed[text]

    def _parser(self) -> Any:
        parser = self.document.createInstance("com.sun.star.sheet.FormulaParser")
        parser.CompileEnglish, parser.FormulaConvention = True, EXCEL_GRAMMAR
        return parser

    def _headers_footers(self, sheet: Any) -> list[str]:
        style = self.document.StyleFamilies.getByName("PageStyles").getByName(sheet.PageStyle)
        texts = []
        for part in ("Header", "Footer"):
            if not getattr(style, part + "IsOn"):
                continue
            sides = ["RightPage"] + ([] if getattr(style, part + "IsShared") else ["LeftPage"])
            sides += [] if getattr(style, "FirstPage" + part + "IsShared") else ["FirstPage"]
            for side in sides:
                content = getattr(style, side + part + "Content")
                texts += [_plain(text) for text in (content.LeftText, content.CenterText, content.RightText)]
        return [text for text in texts if text]

    # Where the user is

    def selection(self) -> dict[str, Any]:
        """The sheet in front and the selected areas; where a drawing is selected, the cell of the cursor."""
        controller = self._controller()
        sheet, chosen = controller.ActiveSheet, controller.getSelection()
        cursor = self._cursor(controller, sheet)
        if chosen is not None and hasattr(chosen, "RangeAddresses"):
            areas = _areas(chosen)
        elif chosen is not None and hasattr(chosen, "RangeAddress"):
            areas = [_area(chosen.RangeAddress)]
        else:
            areas = [(*cursor, *cursor)]
        areas.sort(key=lambda area: not (area[0] <= cursor[0] <= area[2] and area[1] <= cursor[1] <= area[3]))
        return {"sheet": sheet.Name, "areas": areas}

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
        areas = [_area(pane.getVisibleRange()) for pane in controller]
        if not any(top <= row <= bottom and left <= column <= right for top, left, bottom, right in areas):
            pane = controller.getByIndex(controller.Count - 1)
            pane.setFirstVisibleRow(max(row - 3, 0))
            pane.setFirstVisibleColumn(max(column - 1, 0))

    # Marks

    def notes(self, name: str) -> list[tuple[int, int, str]]:
        """The notes of a sheet."""
        return [(note.Position.Row, note.Position.Column, note.String) for note in self._sheet(name).Annotations]

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
            if note is not None and (row, column) in known:
                _reword(sheet.getCellByPosition(column, row).Annotation, note)
            elif note is not None:
                sheet.Annotations.insertNew(sheet.getCellByPosition(column, row).CellAddress, note)

    # Changes

    def write(self, name: str, cells: list[list[Any]]) -> None:
        """Values: row, column, kind (text, number, day, formula or empty) and the value; a day as year, month, day."""
        sheet = self._editable(name, [(row, column) for row, column, _kind, _value in cells])
        parser = self._parser()
        for row, column, kind, value in cells:
            cell = sheet.getCellByPosition(column, row)
            if kind == "text":
                cell.setString(value)  # setString reads nothing into a text
            elif kind == "number":
                cell.setValue(value)
            elif kind == "day":
                cell.setValue(self._serial(value))
                if self._kind(cell.NumberFormat)[0] != "day":
                    cell.NumberFormat = self._day_format()
            elif kind == "formula":
                cell.setTokens(parser.parseFormula(value, cell.CellAddress))
            else:
                cell.clearContents(CONTENT)

    def _serial(self, day: list[int]) -> int:
        from datetime import date

        first = self.document.NullDate
        return (date(*day) - date(first.Year, first.Month, first.Day)).days

    def _day_format(self) -> int:
        """The number format of a day as one writes it in France."""
        english = _struct("com.sun.star.lang.Locale", "en", "US", "")
        return int(self.document.NumberFormats.addNewConverted("DD/MM/YYYY", english, _struct("com.sun.star.lang.Locale", "", "", "")))

    def link(self, name: str, links: list[list[Any]]) -> None:
        """Links: row, column, target as LibreOffice writes it (`'Feuille 1'.B3`), text shown."""
        sheet = self._editable(name, [(row, column) for row, column, _target, _text in links])
        for row, column, target, text in links:
            cell = sheet.getCellByPosition(column, row)
            field = self.document.createInstance("com.sun.star.text.TextField.URL")
            field.URL, field.Representation = "#" + target, text
            cell.setString("")
            cell.insertTextContent(cell.createTextCursor(), field, False)

    def copy_row(self, name: str, row: int, to: list[int], columns: list[int]) -> None:
        """Copy the cells `columns` (first, last) of a row onto the rows `to` (first, last)."""
        first, last = columns
        sheet = self._editable(name, [(below, column) for below in range(to[0], to[1] + 1) for column in range(first, last + 1)])
        source = sheet.getCellRangeByPosition(first, row, last, row).RangeAddress
        for below in range(to[0], to[1] + 1):
            sheet.copyRange(sheet.getCellByPosition(first, below).CellAddress, source)

    def grow(self, name: str, last_row: int) -> None:
        """Make the one table of a sheet reach down to a row."""
        sheet = self._editable(name, ())
        place = sheet.RangeAddress.Sheet
        tables = [table for table in self.document.DatabaseRanges if table.DataArea.Sheet == place]
        if len(tables) != 1:
            raise Refusal(f"La feuille « {name} » n’a plus son tableau, ou en a plusieurs. Reprenez une sauvegarde où il est intact.")
        area = tables[0].DataArea
        if area.EndRow < last_row:
            area.EndRow = last_row
            tables[0].DataArea = area

    def add_sheet(self, name: str) -> None:
        """A new sheet behind the others."""
        self._open_structure()
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
            except Exception:
                self.lock(done)
                raise
            if sheet.isProtected():
                self.lock(done)
                raise Refusal(
                    f"La feuille « {name} » est protégée par un mot de passe. Ôtez-la (Outils, Protéger la feuille), puis recommencez."
                )
            done.append(name)
            self._unlocked.append(name)
        return done

    def lock(self, names: list[str]) -> None:
        """Put the protection on again, with the permissions that it had (LibreOffice remembers them)."""
        for name in names:
            self._sheet(name).protect("")
            self._unlocked.remove(name)

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
        self.lock(list(self._unlocked))
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
            given = box.execute()
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
            self.document.store()
        except Exception as fault:
            if "IOException" not in type(fault).__name__:
                raise
            raise Refusal(f"« {name} » ne peut pas être enregistré. Vérifiez le dossier et la place libre, puis recommencez.") from fault

    # Reaching the parts

    def _all_sheets(self) -> Iterator[Any]:
        return iter(self.document.Sheets)

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

    def _open_structure(self) -> None:
        if self.document.isProtected():
            raise Refusal("La structure du classeur est protégée. Ôtez cette protection (Outils, Protéger la structure), puis recommencez.")

    def _controller(self) -> Any:
        controller = self.document.CurrentController
        if controller is None:
            raise Refusal("Le classeur n’est montré dans aucune fenêtre. Ouvrez-le dans LibreOffice, puis recommencez.")
        return controller

    def _ranges(self, sheet: Any, places: Iterable[tuple[int, int]]) -> Any:
        """Cells as one object."""
        ranges = self.document.createInstance("com.sun.star.sheet.SheetCellRanges")
        number = sheet.RangeAddress.Sheet
        ranges.addRangeAddresses(
            tuple(_struct("com.sun.star.table.CellRangeAddress", number, column, row, column, row) for row, column in places), True
        )
        return ranges


OPERATIONS = frozenset(name for name in vars(Document) if not name.startswith("_"))


def _struct(name: str, *values: Any) -> Any:
    import uno

    return uno.createUnoStruct(name, *values)


def _enum(kind: str, value: str) -> Any:
    import uno

    return uno.Enum(kind, value)


def _area(address: Any) -> Area:
    return address.StartRow, address.StartColumn, address.EndRow, address.EndColumn


def _areas(ranges: Any) -> list[Area]:
    return [_area(address) for address in ranges.RangeAddresses]


def _range(sheet: Any, area: Area) -> Any:
    top, left, bottom, right = area
    return sheet.getCellRangeByPosition(left, top, right, bottom)


def _around(areas: list[Area]) -> Area | None:
    """The rectangle around areas."""
    if not areas:
        return None
    tops, lefts, bottoms, rights = zip(*areas)  # noqa: B905 (Python 3.8)
    return min(tops), min(lefts), max(bottoms), max(rights)


def _places(areas: Iterable[Area]) -> Iterator[tuple[int, int]]:
    for top, left, bottom, right in areas:
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                yield row, column


def _merged(sheet: Any, used: Any) -> Iterator[Area]:
    """The merged areas. The size of one is part of its first cell's format, so that one cell of each format tells for all of them."""
    for group in used.UniqueCellFormatRanges:
        places = _places(_areas(group))
        for row, column in places:
            cell = sheet.getCellByPosition(column, row)
            if not cell.getIsMerged():
                break
            cursor = sheet.createCursorByRange(cell)
            cursor.collapseToMergedArea()
            yield _area(cursor.RangeAddress)


def _array(sheet: Any, row: int, column: int) -> Area:
    """The area of the array formula that a cell belongs to."""
    cursor = sheet.createCursorByRange(sheet.getCellByPosition(column, row))
    cursor.collapseToCurrentArray()
    return _area(cursor.RangeAddress)


def _with_tables(printed: str, known: str) -> str:
    """A printed formula with the names of tables, which LibreOffice's printer does not know, from its own text of the formula.

    >>> _with_tables('IF(#NAME?[A]="#NAME?[",1,SUM(#NAME?[[#This Row],[B]]))', '=IF(Lignes[A]="#NAME?[";1;SUM(T.2[[#This Row];[B]]))')
    'IF(Lignes[A]="#NAME?[",1,SUM(T.2[[#This Row],[B]]))'
    """
    names = [name for name in TABLE_NAME.findall(known) if name]
    nameless = [found for found in NAMELESS_TABLE.findall(printed) if found.startswith("#")]
    if len(names) != len(nameless):
        return printed
    left = iter(names)
    return NAMELESS_TABLE.sub(lambda found: next(left) + "[" if found[0].startswith("#") else found[0], printed)


def _error(sheet: Any, place: tuple[int, int]) -> str:
    """An error as Excel writes it; one that Excel has not, as LibreOffice shows it."""
    cell = sheet.getCellByPosition(place[1], place[0])
    return ERRORS.get(cell.getError()) or str(cell.String)


def _plain(text: Any) -> str:
    """A text without its fields (page number, date, sheet)."""
    pieces = ["".join(portion.String for portion in paragraph if portion.TextPortionType == "Text") for paragraph in text]
    return re.sub(r"[ \t]+", " ", "\n".join(pieces)).strip()


def _colour(number: int) -> str | None:
    return None if number == NO_FILL else f"#{number & 0xFFFFFF:06X}"


def _reword(note: Any, text: str) -> None:
    """Give a note another text; the part that stays keeps its formatting."""
    old = note.String
    cursor = note.createTextCursor()
    if text == old:
        return
    if text.endswith(old):
        cursor.gotoStart(False)
        note.insertString(cursor, text[: len(text) - len(old)], False)
    elif text.startswith(old):
        cursor.gotoEnd(False)
        note.insertString(cursor, text[len(old) :], False)
    elif old.endswith(text) or old.startswith(text):
        at_start = old.endswith(text)
        cursor.gotoStart(False) if at_start else cursor.gotoEnd(False)
        length = len(old) - len(text)
        cursor.goRight(length, True) if at_start else cursor.goLeft(length, True)
        cursor.setString("")
    else:
        note.setString(text)
