"""An engine of xlwings for LibreOffice Calc, so that the adapter for Excel runs against a real spreadsheet application.

It has the members that the adapter uses, and those that xlwings calls on the way. It takes what it is given as Excel does (a text in a
General cell is typed: a leading apostrophe makes it a text, `=…` a formula, `00123` a number, `1/2` a day) and answers as COM does (dates,
currency cut after four decimals, errors as codes, None where cells differ). What lies behind `.api` is a fake that records what it is told
and does it in Calc: the arguments of COM itself are tried nowhere but here.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import uno
import xlwings
from xlwings import base_classes

from tests.calc_stage import Office, calc_port
from xlbridge.workbook import calc, calc_reading
from xlbridge.workbook.address import column_letters, rectangle
from xlbridge.workbook.details import Position
from xlbridge.workbook.excel_reading import DAY_0, ERROR_BASE, ERRORS

CONTENT = 1 | 2 | 4 | 16  # numbers, dates, texts, formulas
CURRENCY = 8
ERROR_RESULT = 4
TRUTHS = {"TRUE": True, "FALSE": False, "VRAI": True, "FAUX": False}
Formatted = tuple[tuple[int, int, int, int], str, str, bool]
"""An area, what its format makes of a number (day, time, duration, truth or nothing), the format's code, whether it is a currency."""
OPTIONS = (
    "FormattingCells", "FormattingColumns", "FormattingRows", "InsertingColumns", "InsertingRows", "InsertingHyperlinks", "DeletingColumns",
    "DeletingRows", "Sorting", "Filtering", "UsingPivotTables",
)  # fmt: skip
CODES = {text: number + ERROR_BASE for number, text in ERRORS.items()}


class Refused(xlwings.XlwingsError):
    """What Excel would refuse. `hresult`: as COM has it."""

    hresult: int | None = None


def book_in(office: Office, path: Path) -> xlwings.Book:
    """A workbook opened in Calc as a book of xlwings."""
    return engine_book(office, office.open(path))


def engine_book(office: Office, document: Any) -> xlwings.Book:
    """A document of Calc as a book of xlwings; the engine is `book.app.impl`."""
    return xlwings.Book(impl=Book(App(office), document))


class Engine:
    """As xlwings' own for Windows."""

    type = "desktop"
    name = "excel"

    def __init__(self) -> None:
        self.impl = self

    @staticmethod
    def prepare_xl_data_element(value: Any, _options: Any) -> Any:
        return "" if value is None else value

    @staticmethod
    def clean_value_data(rows: Any, datetime_builder: Any, empty_as: Any, number_builder: Any, err_to_str: bool) -> list[list[Any]]:
        known = {code: text for text, code in CODES.items()}

        def cleaned(value: Any) -> Any:
            if value in ("", None):
                return empty_as
            if isinstance(value, int) and value in known:
                return known[value] if err_to_str else None
            return value

        return [[cleaned(value) for value in row] for row in rows]


def _setting(name: str) -> Any:
    def put(app: App, value: Any) -> None:
        app.settings.append((name, value))
        app.state[name] = value

    return property(lambda app: app.state[name], put)


class App(base_classes.App):
    """The application.

    `asked` and `answers`: its questions; `told`: what was said through `.api`; `settings`: what was set; `threads`: sheet and address of
    the cells with a thread of comments; `protected`: the arguments with which a sheet was protected, by its name.
    """

    engine = Engine()
    pid = 0

    def __init__(self, office: Office) -> None:
        self.office = office
        self.asked: list[tuple[str, str]] = []
        self.answers: list[str] = []
        self.told: list[tuple[Any, ...]] = []
        self.settings: list[tuple[str, Any]] = []
        self.threads: set[tuple[str, str]] = set()
        self.protected: dict[str, tuple[Any, ...]] = {}
        self.state: dict[str, Any] = {
            "status_bar": False,
            "screen_updating": True,
            "calculation": "automatic",
            "display_alerts": True,
        }

    status_bar, screen_updating, display_alerts = map(_setting, ("status_bar", "screen_updating", "display_alerts"))
    _calculation = _setting("calculation")

    @property
    def calculation(self) -> Any:
        return self._calculation

    @calculation.setter
    def calculation(self, value: str) -> None:
        self._calculation = value
        for document in self.office.desktop.Components:
            document.enableAutomaticCalculation(value != "manual")

    def calculate(self) -> None:
        for document in self.office.desktop.Components:
            document.calculate()

    @property
    def books(self) -> Books:
        return Books(self)

    @property
    def selection(self) -> Any:
        """As Excel: a range, which may have several areas, or nothing where a drawing is selected."""
        document = self.office.desktop.getCurrentComponent()
        chosen = document.CurrentController.getSelection()
        if chosen is None or not hasattr(chosen, "queryIntersection"):
            return None
        areas = chosen.RangeAddresses if hasattr(chosen, "RangeAddresses") else (chosen.RangeAddress,)
        return Selected(Sheet(Book(self, document), document.CurrentController.ActiveSheet), areas)

    def alert(self, prompt: str, title: str, buttons: str, _mode: Any, _callback: Any) -> str:
        self.asked.append((prompt, buttons))
        return self.answers.pop(0)


class Books(base_classes.Books):
    def __init__(self, app: App) -> None:
        self.app = app

    @property
    def active(self) -> Book:
        return Book(self.app, self.app.office.desktop.getCurrentComponent())


class Book(base_classes.Book):
    def __init__(self, app: App, document: Any) -> None:
        self._app, self.document = app, document
        self.calc = calc.Document(app.office.context, document)
        self.formats = calc_reading.NumberFormats(app.office.context, document)

        self.known: dict[str, list[Formatted]] = {}

    def formatted(self, sheet: Any) -> list[Formatted]:
        """The areas of a sheet by their number formats, kept until this engine changes one of them: asking takes long."""
        if sheet.Name not in self.known:
            self.known[sheet.Name] = list(self._formatted(sheet))
        return self.known[sheet.Name]

    def formulas(self, sheet: str) -> Mapping[Position, str]:
        """As the adapter for Calc reads them."""
        workbook = calc_port(self._app.office, self.document).snapshot()
        found = next(known.details.formulas or {} for known in workbook.sheets if known.name == sheet)
        return {where: text for where, text in found.items() if text not in ("TRUE()", "FALSE()")}  # Calc's own way to keep a truth

    def forget(self, sheet: Sheet) -> None:
        self.known.pop(sheet.name, None)

    def _formatted(self, sheet: Any) -> Iterator[Formatted]:
        for group in sheet.UniqueCellFormatRanges:
            key = group.NumberFormat
            currency = bool(self.document.NumberFormats.getByKey(key).Type & CURRENCY)
            for area in group.RangeAddresses:
                yield (_area(area), *self.formats.kind(key), currency)

    @property
    def app(self) -> App:
        return self._app

    @property
    def api(self) -> RecordedBook:
        return RecordedBook(self)

    @property
    def fullname(self) -> str:
        return uno.fileUrlToSystemPath(self.document.URL) if self.document.URL else str(self.document.Title)

    @property
    def name(self) -> str:
        return Path(self.fullname).name

    @property
    def sheets(self) -> Sheets:
        return Sheets(self)

    def activate(self) -> None:
        self.document.CurrentController.Frame.activate()

    def save(self, path: str | None, password: str | None) -> None:
        assert path is None
        self.document.store()


class Sheets(base_classes.Sheets):
    def __init__(self, book: Book) -> None:
        self.book = book

    def __iter__(self) -> Iterator[Sheet]:
        return (Sheet(self.book, sheet) for sheet in self.book.document.Sheets)

    def __call__(self, key: str) -> Sheet:
        if not self.book.document.Sheets.hasByName(key):
            raise Refused(key)
        return Sheet(self.book, self.book.document.Sheets.getByName(key))

    @property
    def active(self) -> Sheet:
        return Sheet(self.book, self.book.document.CurrentController.ActiveSheet)

    def add(self, before: Sheet | None, after: Sheet | None, name: str) -> Sheet:
        """Excel brings the new sheet to the front."""
        assert before is None
        assert after is not None
        self.book.document.Sheets.insertNewByName(name, after.calc.RangeAddress.Sheet + 1)
        added = self(name)
        added.activate()
        return added


class Sheet(base_classes.Sheet):
    def __init__(self, book: Book, sheet: Any) -> None:
        self._book, self.calc = book, sheet

    @property
    def book(self) -> Book:
        return self._book

    @property
    def api(self) -> RecordedProtection:
        return RecordedProtection(self)

    @property
    def name(self) -> str:
        return str(self.calc.Name)

    @property
    def visible(self) -> int:
        """xlSheetVisible, or xlSheetVeryHidden, which counts as true in Python."""
        return -1 if self.calc.IsVisible else 2

    def activate(self) -> None:
        if not self.calc.IsVisible:
            raise Refused("a hidden sheet")
        self._book.document.CurrentController.setActiveSheet(self.calc)

    def delete(self) -> None:
        self._book.forget(self)
        self._book.document.Sheets.removeByName(self.name)

    @property
    def used_range(self) -> Range:
        cursor = self.calc.createCursor()
        cursor.gotoStartOfUsedArea(False)
        cursor.gotoEndOfUsedArea(True)
        return _of(self, cursor.RangeAddress)

    def range(self, first: Any, last: Any = None) -> Range:
        if isinstance(first, tuple):
            first = f"{column_letters(first[1] - 1)}{first[0]}"
        area = rectangle(first.impl.address if isinstance(first, xlwings.Range) else getattr(first, "address", first))
        if last is not None:
            area = (*area[:2], *rectangle(last.address)[2:])
        return Range(self, area)

    @property
    def notes(self) -> list[Note]:
        """Excel lists what a thread leaves behind for older versions, too."""
        return [Note(self, note) for note in self.calc.Annotations]

    @property
    def comments(self) -> list[Thread]:
        return [Thread(self, address) for sheet, address in self._book.app.threads if sheet == self.name]

    @property
    def tables(self) -> list[Table]:
        place = self.calc.RangeAddress.Sheet
        return [Table(self, area) for area in self._book.document.DatabaseRanges if area.DataArea.Sheet == place]


class Range(base_classes.Range):
    def __init__(self, sheet: Sheet, area: tuple[int, int, int, int]) -> None:
        self._sheet, self.area = sheet, area
        self.options: Any = {}

    @cached_property
    def calc(self) -> Any:
        top, left, bottom, right = self.area
        return self._sheet.calc.getCellRangeByPosition(left, top, right, bottom)

    max_cells_per_read = max_cells_per_write = 1_000_000

    @property
    def sheet(self) -> Sheet:
        return self._sheet

    @property
    def api(self) -> RecordedRange:
        return RecordedRange(self)

    @property
    def address(self) -> str:
        first, last = (f"${column_letters(column)}${row + 1}" for row, column in (self.area[:2], self.area[2:]))
        return first if first == last else f"{first}:{last}"

    @property
    def shape(self) -> tuple[int, int]:
        return self.area[2] - self.area[0] + 1, self.area[3] - self.area[1] + 1

    def __len__(self) -> int:
        return self.shape[0] * self.shape[1]

    def __call__(self, row: int, column: int) -> Range:
        row, column = self.area[0] + row - 1, self.area[1] + column - 1
        return Range(self._sheet, (row, column, row, column))

    def cells(self) -> Iterator[tuple[int, int, Any]]:
        for row in range(self.shape[0]):
            for column in range(self.shape[1]):
                yield row, column, self.calc.getCellByPosition(column, row)

    # Values

    @property
    def raw_value(self) -> Any:
        block = self.numbers()
        for (top, left, bottom, right), kind, _code, currency in self._formatted():
            for row in range(top - self.area[0], bottom - self.area[0] + 1):
                for column in range(left - self.area[1], right - self.area[1] + 1):
                    value = block[row][column]
                    if isinstance(value, float):
                        block[row][column] = _shown(value, kind, currency)
        return block if len(self) > 1 else block[0][0]

    def numbers(self) -> list[list[Any]]:
        """As Value2: dates as numbers."""
        block = [[None if value == "" else value for value in row] for row in self.calc.getDataArray()]
        for area in map(_area, self.calc.queryFormulaCells(ERROR_RESULT).RangeAddresses):
            for row, column, cell in Range(self._sheet, area).cells():
                block[area[0] + row - self.area[0]][area[1] + column - self.area[1]] = CODES[calc_reading.ERRORS[cell.getError()]]
        return block

    def _formatted(self) -> Iterator[Formatted]:
        for (top, left, bottom, right), *what in self._sheet.book.formatted(self._sheet.calc):
            area = max(top, self.area[0]), max(left, self.area[1]), min(bottom, self.area[2]), min(right, self.area[3])
            if area[0] <= area[2] and area[1] <= area[3]:
                yield (area, *what)

    @raw_value.setter
    def raw_value(self, given: Any) -> None:
        rows = given if isinstance(given, list) else [[given] * self.shape[1]] * self.shape[0]
        self._changeable()
        for row, column, cell in self.cells():
            self._type(cell, rows[row][column])

    def _type(self, cell: Any, value: Any) -> None:
        """A value given to Excel, as if it were typed."""
        code = self._code(cell)
        if value in ("", None):
            cell.clearContents(CONTENT)
        elif code == "@":
            cell.setString(value if isinstance(value, str) else f"{value:.15g}")
        elif isinstance(value, dt.datetime):
            cell.setValue((value - DAY_0) / dt.timedelta(days=1))
            if code == "General":
                self._set_code(cell, "m/d/yyyy")
        elif isinstance(value, str) and value.startswith("'"):
            known = cell.NumberFormat
            cell.setString(value[1:])
            cell.NumberFormat = known  # Calc makes it a format of texts; Excel keeps the apostrophe beside the value instead
        elif isinstance(value, str) and value in TRUTHS:
            cell.setFormula("=TRUE()" if TRUTHS[value] else "=FALSE()")
            self._sheet.book.forget(self._sheet)
        elif isinstance(value, str):
            cell.FormulaLocal = value
            self._sheet.book.forget(self._sheet)
        else:
            cell.setValue(value)

    def _changeable(self) -> None:
        if self._sheet.calc.isProtected() and any(cell.CellProtection.IsLocked for _row, _column, cell in self.cells()):
            raise Refused("the cell is protected")

    def find(self, text: str, _whole: bool, direction: str, order: str, _match_case: bool) -> Range | None:
        """As Excel, which finds nothing in a hidden row or column."""
        assert (text, direction) == ("*", "backward")
        rows, columns = ([one.IsVisible for one in many] for many in (self.calc.Rows, self.calc.Columns))
        data = enumerate(self.calc.getDataArray())
        found = [
            (row, column) for row, values in data for column, value in enumerate(values) if value != "" and rows[row] and columns[column]
        ]
        if not found:
            return None
        row, column = max(found, key=lambda place: place if order == "rows" else place[::-1])
        return self(row + 1, column + 1)

    @property
    def formula(self) -> Any:
        block = [list(row) for row in self.calc.getFormulaArray()]
        for row, values in enumerate(self.calc.getDataArray()):
            for column, value in enumerate(values):
                if isinstance(value, str) or block[row][column].startswith("="):
                    block[row][column] = value  # Calc puts an apostrophe before a text that reads like a number
        top, left, bottom, right = self.area
        for (row, column), text in self._sheet.book.formulas(self._sheet.name).items():
            if top <= row <= bottom and left <= column <= right:
                block[row - top][column - left] = f"={text}"
        return block if len(self) > 1 else block[0][0]

    @formula.setter
    def formula(self, value: str) -> None:
        self._changeable()
        for row, column, cell in self.cells():
            if self._code(cell) == "@":
                cell.setString(value)
            else:
                where = (self.area[0] + row, self.area[1] + column)
                self._sheet.book.calc.write(self._sheet.name, [[*where, "formula", value.removeprefix("=")]])

    # Looks

    def _code(self, cell: Any) -> str:
        return self._sheet.book.formats.kind(cell.NumberFormat)[1] or "General"

    def _set_code(self, cells: Any, code: str) -> None:
        self._sheet.book.forget(self._sheet)
        formats = self._sheet.book.document.NumberFormats
        english, users = uno.createUnoStruct("com.sun.star.lang.Locale", "en", "US", ""), uno.createUnoStruct("com.sun.star.lang.Locale")
        cells.NumberFormat = formats.addNewConverted(code, english, users) if code != "General" else formats.getStandardIndex(users)

    @property
    def number_format(self) -> str | None:
        codes = {code or "General" for _area, _kind, code, _currency in self._formatted()}
        return codes.pop() if len(codes) == 1 else None

    @number_format.setter
    def number_format(self, code: str) -> None:
        self._changeable()
        self._set_code(self.calc, code)

    @property
    def color(self) -> tuple[int, int, int] | None:
        colour = self.calc.CellBackColor
        assert len(self) == 1, "of cells that differ Excel says nothing that is of use"
        return None if colour == -1 else (colour >> 16, colour >> 8 & 255, colour & 255)

    @color.setter
    def color(self, colour: str | None) -> None:
        self._changeable()
        self.calc.CellBackColor = -1 if colour is None else int(colour[1:], 16)

    @property
    def row_height(self) -> float | None:
        rows = self.calc.Rows
        heights = {rows.getByIndex(row).Height if rows.getByIndex(row).IsVisible else 0 for row in range(rows.Count)}
        return heights.pop() if len(heights) == 1 else None

    @property
    def column_width(self) -> float | None:
        columns = self.calc.Columns
        widths = {columns.getByIndex(column).Width if columns.getByIndex(column).IsVisible else 0 for column in range(columns.Count)}
        return widths.pop() if len(widths) == 1 else None

    @property
    def merge_cells(self) -> bool | None:
        inside = any(cell.IsMerged for _row, _column, cell in self.cells())
        inside = inside or (len(self) == 1 and len(self.merge_area) > 1)
        return (True if len(self) <= len(self.merge_area) else None) if inside else False

    @property
    def merge_area(self) -> Range:
        cursor = self._sheet.calc.createCursorByRange(self.calc)
        cursor.collapseToMergedArea()
        return _of(self._sheet, cursor.RangeAddress)

    # Notes, links, the rest

    @property
    def note(self) -> Note | None:
        return next((note for note in self._sheet.notes if note.location.area == self.area), None)

    def add_note(self, text: str) -> Note:
        self._changeable()
        if self.note is not None or (self._sheet.name, self.address) in self._sheet.book.app.threads:
            raise Refused("the cell has a note or a thread")
        self._sheet.calc.Annotations.insertNew(self.calc.getCellByPosition(0, 0).CellAddress, text)
        note = self.note
        assert note is not None
        return note

    def add_hyperlink(self, address: str, text: str, tip: str) -> None:
        """The text is typed into the cell, so that it may become a formula; then it is the link."""
        self._changeable()
        cell = self.calc.getCellByPosition(0, 0)
        self._type(cell, text)
        if cell.getFormula().startswith("="):
            return
        sheet, target = re.fullmatch(r"#('.+')!(\w+)", address).groups()  # type: ignore[union-attr]
        field = self._sheet.book.document.createInstance("com.sun.star.text.TextField.URL")
        field.URL, field.Representation = f"#${sheet}.{target}", text
        cell.setString("")
        cell.insertTextContent(cell.createTextCursor(), field, False)

    def copy(self, destination: xlwings.Range) -> None:
        area = destination.impl.area
        destination.impl._changeable()
        self._sheet.book.forget(self._sheet)
        for row in range(area[0], area[2] + 1):
            where = self._sheet.calc.getCellByPosition(area[1], row).CellAddress
            self._sheet.calc.copyRange(where, self.calc.RangeAddress)

    def select(self) -> None:
        self._sheet.book.document.CurrentController.select(self.calc)


class Selected(Range):
    """A selection of one or several areas, in the order they were made."""

    def __init__(self, sheet: Sheet, areas: Any) -> None:
        super().__init__(sheet, _area(areas[0]))
        self._addresses = [_of(sheet, area).address for area in areas]

    @property
    def address(self) -> str:
        return ",".join(self._addresses)


class Note(base_classes.Note):
    def __init__(self, sheet: Sheet, note: Any) -> None:
        self.sheet, self.calc = sheet, note

    @property
    def location(self) -> Range:
        return Range(self.sheet, (self.calc.Position.Row, self.calc.Position.Column) * 2)

    @property
    def api(self) -> RecordedNote:
        return RecordedNote(self)

    @property
    def text(self) -> str:
        return str(self.calc.String)

    @text.setter
    def text(self, text: str) -> None:
        self.calc.String = text

    def delete(self) -> None:
        notes = self.sheet.calc.Annotations
        notes.removeByIndex([note.Position for note in notes].index(self.calc.Position))


class Thread(base_classes.Comment):
    def __init__(self, sheet: Sheet, address: str) -> None:
        self._cell = Range(sheet, rectangle(address))

    @property
    def location(self) -> Range:
        return self._cell


class Table(base_classes.Table):
    show_totals = False

    def __init__(self, sheet: Sheet, area: Any) -> None:
        self._sheet, self.calc = sheet, area

    @property
    def range(self) -> Range:
        return _of(self._sheet, self.calc.DataArea)

    def resize(self, cells: xlwings.Range) -> None:
        self.calc.DataArea = cells.impl.calc.RangeAddress


class RecordedProtection:
    """Fake of COM's Worksheet: what it says and is told of protection, which Calc cannot tell in full, and Calc's sheet protected so."""

    EnableSelection = 1

    def __init__(self, sheet: Sheet) -> None:
        vars(self)["sheet"] = sheet
        vars(self)["_arguments"] = sheet.book.app.protected.get(sheet.name, ("", True, True, True, False, *[False] * 11))

    def __setattr__(self, name: str, value: Any) -> None:
        self.sheet.book.app.told.append((self.sheet.name, name, value))

    ProtectContents = property(lambda self: bool(self.sheet.calc.isProtected()))
    ProtectDrawingObjects = property(lambda self: self._arguments[1])
    ProtectScenarios = property(lambda self: self._arguments[3])
    ProtectionMode = property(lambda self: self._arguments[4])

    @property
    def Protection(self) -> Any:
        return type("Protection", (), {f"Allow{word}": value for word, value in zip(OPTIONS, self._arguments[5:], strict=True)})

    def Protect(self, *arguments: Any) -> None:
        self.sheet.book.app.told.append((self.sheet.name, "Protect", *arguments))
        self.sheet.book.app.protected[self.sheet.name] = arguments
        self.sheet.calc.protect(arguments[0])

    def Unprotect(self, password: str) -> None:
        self.sheet.book.app.told.append((self.sheet.name, "Unprotect", password))
        with suppress(uno.getClass("com.sun.star.lang.IllegalArgumentException")):
            self.sheet.calc.unprotect(password)
        if self.sheet.calc.isProtected():
            raise Refused("the password is wrong")


class RecordedBook:
    """Fake of COM's Workbook."""

    def __init__(self, book: Book) -> None:
        self.ReadOnly = bool(book.document.isReadonly())


class RecordedRange:
    """Fake of COM's Range."""

    def __init__(self, cells: Range) -> None:
        self._cells = cells
        self.Interior = self

    @property
    def ColorIndex(self) -> int | None:
        """Nothing where the cells differ."""
        colours = {cell.CellBackColor for _row, _column, cell in self._cells.cells()}
        return None if len(colours) > 1 else -4142 if colours == {-1} else 1

    @property
    def Value2(self) -> Any:
        block = self._cells.numbers()
        return block if len(self._cells) > 1 else block[0][0]


class RecordedNote:
    """Fake of COM's Comment: a text put in, characters taken out, the size."""

    def __init__(self, note: Note) -> None:
        self._note = note
        self.Shape = self
        self.TextFrame = self
        self.Width = self.Height = 0.0

    def Text(self, text: str, start: int, overwrite: bool) -> None:
        assert not overwrite
        self._note.sheet.book.app.told.append(("Text", text, start))
        old = self._note.text
        self._note.text = old[: start - 1] + text + old[start - 1 :]

    def Characters(self, start: int, length: int) -> RecordedNote:
        self._cut = start - 1, start - 1 + length
        return self

    def Delete(self) -> None:
        self._note.sheet.book.app.told.append(("Delete", *self._cut))
        self._note.text = self._note.text[: self._cut[0]] + self._note.text[self._cut[1] :]


def _of(sheet: Sheet, address: Any) -> Range:
    return Range(sheet, _area(address))


def _area(address: Any) -> tuple[int, int, int, int]:
    return address.StartRow, address.StartColumn, address.EndRow, address.EndColumn


def _shown(value: float, kind: str, currency: bool) -> Any:
    """A number as COM's `Value` gives it."""
    if kind in ("day", "time", "duration"):
        return DAY_0 + dt.timedelta(milliseconds=round(value * 86_400_000))
    if kind == "truth":
        return bool(value)
    return round(Decimal(value), 4) if currency else value
