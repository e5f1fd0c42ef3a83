"""What stands in a sheet of LibreOffice, by UNO: values, what number formats make of them, and what the sheet says beside its values.

Part of `calc`: it runs inside LibreOffice, too. UNO calls are slow from outside the office, so that everything is asked in blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Tuple  # noqa: UP035 (Python 3.8)

VALUES, DAYS, TEXTS, NOTES, FORMULAS = 1, 2, 4, 8, 16  # com.sun.star.sheet.CellFlags
CONTENT = VALUES | DAYS | TEXTS | FORMULAS
NUMBER_RESULT, ERROR_RESULT = 1, 4  # com.sun.star.sheet.FormulaResult
DAY_TYPE, TIME_TYPE, LOGICAL_TYPE = 2, 4, 1024  # com.sun.star.util.NumberFormat
EXCEL_GRAMMAR = 3  # com.sun.star.sheet.AddressConvention.XL_OOX
ERRORS = {
    502: "#VALUE!", 503: "#NUM!", 504: "#REF!", 508: "#VALUE!", 519: "#VALUE!", 521: "#NULL!", 524: "#REF!", 525: "#NAME?", 532: "#DIV/0!",
    32767: "#N/A",
}  # fmt: skip
"""LibreOffice's error codes and what Excel writes for them."""
CONSTANTS = {"TRUE()", "FALSE()", *ERRORS.values()}
"""What LibreOffice makes formulas of when it opens an .xlsx, and what are plain values there."""
DURATION = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
TABLE_NAME = re.compile(r"""(?:"[^"]*"|'[^']*')|([\w.\\]+)(?=\[)""")
NAMELESS_TABLE = re.compile(r"""(?:"[^"]*"|'[^']*')|#NAME\?\[""")

Area = Tuple[int, int, int, int]  # noqa: UP006 (Python 3.8)


class NumberFormats:
    """The number formats of a document, each looked at once."""

    def __init__(self, context: Any, document: Any) -> None:
        self._known = document.NumberFormats
        self._english = struct("com.sun.star.lang.Locale", "en", "US", "")
        self._supplier = context.ServiceManager.createInstanceWithArgumentsAndContext(
            "com.sun.star.util.NumberFormatsSupplier", (self._english,), context
        )  # not the document's, whose list of formats stays as it is
        self._kinds: dict[int, tuple[str, str]] = {}

    def kind(self, key: int) -> tuple[str, str]:
        """What a format makes of a number (day, time, duration, truth; "": nothing) and its code as Excel writes it ("": general)."""
        if key not in self._kinds:
            self._kinds[key] = self._look(self._known.getByKey(key), key)
        return self._kinds[key]

    def _look(self, format_: Any, key: int) -> tuple[str, str]:
        if format_.Type & LOGICAL_TYPE:
            return "truth", ""
        if key == self._known.getStandardIndex(format_.Locale):
            return "", ""
        scratch = self._supplier.NumberFormats
        code = str(scratch.getByKey(scratch.addNewConverted(format_.FormatString, format_.Locale, self._english)).FormatString)
        if not format_.Type & (DAY_TYPE | TIME_TYPE):
            return "", code
        return "duration" if DURATION.search(code) else "day" if format_.Type & DAY_TYPE else "time", code

    def of_days(self) -> int:
        """The format of a day as one writes it in France."""
        here = struct("com.sun.star.lang.Locale", "", "", "")
        return int(self._known.addNewConverted("DD/MM/YYYY", self._english, here))


def values(sheet: Any, formats: NumberFormats, most: int) -> dict[str, Any]:
    """A sheet's area with its values (errors None), and the kinds of its formatted areas.

    None for the rows of a sheet whose rectangle has more cells than `most`.
    """
    told = {"name": sheet.Name, "hidden": not sheet.IsVisible, "area": None, "rows": [], "kinds": []}
    found = areas(sheet.queryContentCells(CONTENT))
    if not found:
        return told
    tops, lefts, bottoms, rights = zip(*found)  # noqa: B905 (Python 3.8)
    top, left, bottom, right = told["area"] = min(tops), min(lefts), max(bottoms), max(rights)
    if (bottom - top + 1) * (right - left + 1) > most:
        return {**told, "rows": None}
    cells = sheet.getCellRangeByPosition(left, top, right, bottom)
    told["rows"] = cells.getDataArray()
    told["kinds"] = [(kind, where) for kind, _code, where in _formatted(sheet, cells, formats) if kind]
    return told


def details(document: Any, sheet: Any, formats: NumberFormats) -> dict[str, Any]:
    """What the sheet says beside its values, as `xlbridge.workbook.details.Details` has it: formats by areas, each formula once."""
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    _top, _left, bottom, right = area(cursor.RangeAddress)
    used = sheet.getCellRangeByPosition(0, 0, right, bottom)
    seen = areas(used.queryVisibleCells())
    rows = {row for top, _left, bottom_, _right in seen for row in range(top, bottom_ + 1)}
    columns = {column for _top, left, _bottom, right_ in seen for column in range(left, right_ + 1)}
    return {
        "hidden": not sheet.IsVisible,
        "protected": sheet.isProtected(),
        "hidden_rows": [row for row in range(bottom + 1) if row not in rows],
        "hidden_columns": [column for column in range(right + 1) if column not in columns],
        "merged": list(_merged(sheet, used)),
        "errors": [(row, column, _error(sheet, row, column)) for row, column in places(areas(sheet.queryFormulaCells(ERROR_RESULT)))],
        "formulas": _formulas(document, sheet),
        "formats": [(code, where) for _kind, code, where in _formatted(sheet, used, formats) if code],
        "headers_footers": _headers_footers(document, sheet),
        "comments": notes(sheet),
    }


def notes(sheet: Any) -> list[tuple[int, int, str]]:
    """The notes of a sheet, with row and column."""
    return [(note.Position.Row, note.Position.Column, note.String) for note in sheet.Annotations]


def area(address: Any) -> Area:
    """A range's address as plain numbers."""
    return address.StartRow, address.StartColumn, address.EndRow, address.EndColumn


def areas(ranges: Any) -> list[Area]:
    """The areas of several ranges."""
    return [area(address) for address in ranges.RangeAddresses]


def places(of: Iterable[Area]) -> Iterator[tuple[int, int]]:
    """Row and column of every cell of some areas."""
    for top, left, bottom, right in of:
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                yield row, column


def struct(name: str, *fields: Any) -> Any:
    """A structure of UNO."""
    import uno

    return uno.createUnoStruct(name, *fields)


def formula_parser(document: Any) -> Any:
    """LibreOffice's reader and printer of formulas, as an .xlsx writes them."""
    parser = document.createInstance("com.sun.star.sheet.FormulaParser")
    parser.CompileEnglish, parser.FormulaConvention = True, EXCEL_GRAMMAR
    return parser


def _formatted(sheet: Any, cells: Any, formats: NumberFormats) -> Iterator[tuple[str, str, Area]]:
    """The kinds and codes of a range's areas; those that have neither are left out.

    The result of a formula in the general format is shown as what it is (a day, a truth), which its cell alone tells.
    """
    general = []
    for group in cells.UniqueCellFormatRanges:
        kind, code = formats.kind(group.NumberFormat)
        if kind or code:
            for where in areas(group):
                yield kind, code, where
        else:
            general += areas(group)
    results = areas(sheet.queryFormulaCells(NUMBER_RESULT))
    for row, column in places(shared for where in general for result in results if (shared := _shared(where, result))):
        kind, code = formats.kind(sheet.getCellByPosition(column, row).NumberFormat)
        if kind or code:
            yield kind, code, (row, column, row, column)


def _shared(one: Area, other: Area) -> Area | None:
    """Where two areas overlap."""
    top, left, bottom, right = max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])
    return (top, left, bottom, right) if top <= bottom and left <= right else None


def _formulas(document: Any, sheet: Any) -> list[tuple[str, list[tuple[int, int]]]]:
    """The formulas as an .xlsx has them: without the equals sign, an array's at its first cell alone."""
    printer = formula_parser(document)
    cells: dict[str, list[tuple[int, int]]] = {}  # LibreOffice names cells absolutely: the same text is the same formula anywhere
    for top, left, bottom, right in areas(sheet.queryContentCells(FORMULAS)):
        for row, texts in enumerate(sheet.getCellRangeByPosition(left, top, right, bottom).getFormulaArray(), top):
            for column, text in enumerate(texts, left):
                if not text.startswith("{") or _array(sheet, row, column)[:2] == (row, column):
                    cells.setdefault(text, []).append((row, column))
    printed = []
    for text, found in cells.items():
        cell = sheet.getCellByPosition(found[0][1], found[0][0])
        tokens = cell.getArrayTokens() if text.startswith("{") else cell.getTokens()
        printed.append((_with_tables(printer.printFormula(tokens, cell.CellAddress), text), found))
    return [formula for formula in printed if formula[0] not in CONSTANTS]


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


def _array(sheet: Any, row: int, column: int) -> Area:
    """The area of the array formula that a cell belongs to."""
    cursor = sheet.createCursorByRange(sheet.getCellByPosition(column, row))
    cursor.collapseToCurrentArray()
    return area(cursor.RangeAddress)


def _merged(sheet: Any, used: Any) -> Iterator[Area]:
    """The merged areas. Being the first cell of one is part of a cell's format, so that one cell of each format tells for all of them."""
    for group in used.UniqueCellFormatRanges:
        for row, column in places(areas(group)):
            cell = sheet.getCellByPosition(column, row)
            if not cell.getIsMerged():
                break
            cursor = sheet.createCursorByRange(cell)
            cursor.collapseToMergedArea()
            yield area(cursor.RangeAddress)


def _error(sheet: Any, row: int, column: int) -> str:
    """An error as Excel writes it; one that Excel has not, as LibreOffice shows it."""
    cell = sheet.getCellByPosition(column, row)
    return ERRORS.get(cell.getError()) or str(cell.String)


def _headers_footers(document: Any, sheet: Any) -> list[str]:
    """The plain texts of the page headers and footers: left, centre, right."""
    style = document.StyleFamilies.getByName("PageStyles").getByName(sheet.PageStyle)
    texts = []
    for part in ("Header", "Footer"):
        if not getattr(style, f"{part}IsOn"):
            continue
        pages = ["RightPage"] + ([] if getattr(style, f"{part}IsShared") else ["LeftPage"])
        for page in pages + ([] if getattr(style, f"FirstPage{part}IsShared") else ["FirstPage"]):
            content = getattr(style, f"{page}{part}Content")
            texts += [_plain(text) for text in (content.LeftText, content.CenterText, content.RightText)]
    return [text for text in texts if text]


def _plain(text: Any) -> str:
    """A text without its fields (page number, date, name of the sheet)."""
    lines = ("".join(piece.String for piece in paragraph if piece.TextPortionType == "Text") for paragraph in text)
    return re.sub(r"[ \t]+", " ", "\n".join(lines)).strip()
