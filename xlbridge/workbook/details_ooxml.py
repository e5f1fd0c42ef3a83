"""The details of a sheet of an .xlsx or .xlsm, read straight from its XML parts (ECMA-376 part 1, chapter 18)."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xlbridge.workbook import container
from xlbridge.workbook.address import column_letters, position, rectangle
from xlbridge.workbook.details import Details, Position

BUILT_IN_FORMATS = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: "#,##0 ¤", 6: "#,##0 ¤", 7: "#,##0.00 ¤", 8: "#,##0.00 ¤", 9: "0%", 10: "0.00%",
    11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "m/d/yy h:mm", 37: "#,##0 ;(#,##0)", 38: "#,##0 ;[Red](#,##0)",
    39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;[Red](#,##0.00)", 41: "#,##0", 42: "#,##0 ¤", 43: "#,##0.00", 44: "#,##0.00 ¤",
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mmss.0", 48: "##0.0E+0", 49: "@",
}  # fmt: skip
"""The number formats that a file need not spell out (18.8.30); ¤ is the currency of the reader's country."""

RELATIONSHIP_ID = re.compile(r"\{http://(schemas|purl)\.[^}]*relationships\}id")
SECTION = re.compile(r"&([LCR])")
"""Where the left, centre or right part of a header begins."""
HEADER_CODE = re.compile(r'&"[^"]*"|&K(?:[0-9A-Fa-f]{6}|\d\d[+-]\d{3})|&\d+ ?|&[A-Za-z]')
"""Font, colour, size and field codes of a header (18.3.1.46)."""
WANTED = (
    "row",
    "col",
    "mergeCell",
    "sheetProtection",
    *(page + part for page in ("odd", "even", "first") for part in ("Header", "Footer")),
)


def read_details(path: Path, name: str) -> Details:
    """The details of the sheet called `name`. Raises UnreadableFile."""
    with container.opened(path) as parts:
        return details_of(parts, name)


def details_of(parts: zipfile.ZipFile, name: str) -> Details:
    """The details of a sheet of an opened package."""
    main = related(parts, "", "officeDocument")[0]
    sheet, hidden = sheet_part(parts, main, name)
    styles = related(parts, main, "styles")
    reading = _Reading(_formats(parts, styles[0]) if styles else [])
    for _event, element in container.events(parts, sheet, tag=tuple(f"{{*}}{tag}" for tag in WANTED)):
        reading.take(element)
    comments = [comment for part in related(parts, sheet, "comments") for comment in _comments(parts, part)]
    return Details(
        hidden=hidden,
        hidden_rows=frozenset(reading.hidden_rows),
        hidden_columns=frozenset(reading.hidden_columns),
        merged=tuple(reading.merged),
        errors=reading.errors,
        uncached=frozenset(reading.uncached),
        formulas=reading.formulas,
        formats=reading.formats,
        headers_footers=tuple(reading.headers_footers),
        comments=dict(comments),
        protected=reading.protected,
    )


class _Reading:
    """What has been found so far in one sheet's XML, element by element, in document order."""

    def __init__(self, formats: list[str]) -> None:
        self.known_formats = {str(style): code for style, code in enumerate(formats) if code}
        self.row = 0
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()
        self.merged: list[tuple[int, int, int, int]] = []
        self.errors: dict[Position, str] = {}
        self.uncached: set[Position] = set()
        self.formulas: dict[Position, str] = {}
        self.shared: dict[str, tuple[str, str]] = {}
        self.formats: dict[Position, str] = {}
        self.headers_footers: list[str] = []
        self.protected = False

    def take(self, element: Any) -> None:
        """Note what one finished element says, then free it."""
        tag = element.tag.rpartition("}")[2]
        if tag == "row":
            self._row(element)
        elif tag == "col":
            if _true(element.get("hidden")):
                self.hidden_columns.update(range(int(element.get("min")) - 1, min(int(element.get("max")), 16384)))
        elif tag == "mergeCell":
            self.merged.append(rectangle(element.get("ref")))
        elif tag == "sheetProtection":
            self.protected = _true(element.get("sheet"))
        else:
            self.headers_footers += header_texts(element.text or "")
        element.clear()

    def _row(self, element: Any) -> None:
        """Note a row and its cells. A row or cell that names no place follows the one before (18.3.1.73, 18.3.1.4)."""
        row = int(element.get("r", self.row + 1)) - 1
        if _true(element.get("hidden")):
            self.hidden_rows.add(row)
        column = 0
        known_formats, formats = self.known_formats, self.formats
        for cell in element:
            where = position(cell.get("r")) if cell.get("r") else (row, column)
            column = where[1] + 1
            if not len(cell):
                continue
            if len(cell) > 1 or cell.get("t") == "e" or cell[0].tag.endswith("}f"):
                self._unusual(cell, where)
            if code := known_formats.get(cell.get("s")):
                formats[where] = code
        self.row = row + 1

    def _unusual(self, cell: Any, where: Position) -> None:
        """Note a cell that holds a formula or an error."""
        value, formula, kind = cell.find("{*}v"), cell.find("{*}f"), cell.get("t")
        if formula is not None:
            self.formulas[where] = self._formula(formula, where)
            if value is None or (not value.text and kind != "str"):
                self.uncached.add(where)
        if kind == "e" and value is not None and value.text:
            self.errors[where] = value.text

    def _formula(self, formula: Any, where: Position) -> str:
        """The text of a formula; one shared with the cells around (18.3.1.40) is moved to where it stands."""
        text, key = formula.text or "", formula.get("si")
        if formula.get("t") != "shared" or key is None:
            return text
        address = f"{column_letters(where[1])}{where[0] + 1}"
        if text:
            self.shared[key] = text, address
            return text
        if key not in self.shared:
            return ""
        from openpyxl.formula.translate import Translator

        master, origin = self.shared[key]
        return str(Translator(f"={master}", origin=origin).translate_formula(address)).removeprefix("=")


def header_texts(code: str) -> list[str]:
    """The plain texts of a page header or footer: left, centre, right, without codes; empty ones are left out.

    >>> header_texts('&L&"Arial,Gras"&12Atelier Brindille&RPage &P/&N && &8SIRET 812 345 678')
    ['Atelier Brindille', 'Page / & SIRET 812 345 678']
    """
    pieces = SECTION.sub("\0", code.replace("&&", "\1")).split("\0")
    plain = (HEADER_CODE.sub("", piece).replace("\1", "&") for piece in pieces)
    return [text for text in (re.sub(r"[ \t]+", " ", piece).strip() for piece in plain) if text]


def _true(flag: str | None) -> bool:
    return flag in {"1", "true", "on"}


def _relationships(parts: zipfile.ZipFile, source: str) -> Iterator[tuple[str, str, str]]:
    """Identifier, last word of the type, and target part, of the relations of `source` ("" for the package)."""
    folder, _, base = source.rpartition("/")
    name = f"{folder}/_rels/{base}.rels".lstrip("/")
    if name not in parts.namelist():
        return
    for relation in container.tree(parts, name):
        if relation.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target"))).lstrip("/")
            yield relation.get("Id"), relation.get("Type").rpartition("/")[2], target


def related(parts: zipfile.ZipFile, source: str, kind: str) -> list[str]:
    """The parts to which `source` ("" for the package) has a relation whose type ends with `kind`."""
    return [target for _identifier, known, target in _relationships(parts, source) if known == kind]


def sheet_part(parts: zipfile.ZipFile, main: str, name: str) -> tuple[str, bool]:
    """The part of the sheet called `name` and whether it is hidden. KeyError when there is none."""
    targets = {identifier: target for identifier, _kind, target in _relationships(parts, main)}
    for sheet in container.tree(parts, main).iter("{*}sheet"):
        if sheet.get("name") == name:
            identifier = next(value for key, value in sheet.attrib.items() if RELATIONSHIP_ID.fullmatch(key))
            return targets[identifier], sheet.get("state", "visible") != "visible"
    raise KeyError(name)


def _formats(parts: zipfile.ZipFile, name: str) -> list[str]:
    """The number format code of each cell style; "" for General."""
    root = container.tree(parts, name)
    codes = BUILT_IN_FORMATS | {int(item.get("numFmtId")): item.get("formatCode") for item in root.iter("{*}numFmt")}
    styles = root.find("{*}cellXfs")
    found = [codes.get(int(style.get("numFmtId", 0)), "") for style in (styles if styles is not None else ())]
    return ["" if code.lower() in {"general", "standard"} else code for code in found]


def _comments(parts: zipfile.ZipFile, name: str) -> Iterator[tuple[Position, str]]:
    """The comments of one comments part, formatting dropped."""
    for comment in container.tree(parts, name).iter("{*}comment"):
        yield position(comment.get("ref")), "".join(text.text or "" for text in comment.iter("{*}t")).strip()
