"""The details of a sheet of an .ods, read from its content.xml and styles.xml (OpenDocument 1.3, part 3)."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xlbridge.workbook import container
from xlbridge.workbook.details import Details, Position

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
NUMBER = "{urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0}"
CALCEXT = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"

MAX_POSITIONS = 2_000_000
"""Most positions that repeated cells and rows may stand for in one sheet's details."""
ERROR_TEXTS = ("#DIV/0!", "#N/A", "#NAME?", "#NUM!", "#REF!", "#VALUE!", "#NULL!", "Err:")
"""How LibreOffice shows an error; older files have no other sign of it."""


def read_details(path: Path, name: str) -> Details:
    """The details of the sheet called `name`. Raises UnreadableFile."""
    with container.opened(path) as parts:
        styles = _Styles(parts)
        for _event, table in container.events(parts, "content.xml", tag=f"{TABLE}table"):
            if table.get(f"{TABLE}name") == name and table.getparent().tag == f"{OFFICE}spreadsheet":
                return _details(path, table, styles)
            table.clear()
    raise container.broken(path, f"feuille « {name} » introuvable")


class _Styles:
    """The styles that matter here, of both parts: cell → number format, sheet → hidden, page."""

    def __init__(self, parts: zipfile.ZipFile) -> None:
        self.number_formats: dict[str, str] = {}
        self.cell_formats: dict[str, str] = {}
        self.parents: dict[str, str] = {}
        self.hidden_tables: set[str] = set()
        self.pages: dict[str, str] = {}
        self.headers: dict[str, tuple[str, ...]] = {}
        for part in ("styles.xml", "content.xml"):
            if part in parts.namelist():
                self._read(parts, part)

    def _read(self, parts: zipfile.ZipFile, part: str) -> None:
        wanted = (f"{STYLE}style", f"{STYLE}master-page", f"{NUMBER}*")
        for _event, element in container.events(parts, part, tag=wanted):
            name = element.get(f"{STYLE}name")
            if element.tag == f"{STYLE}master-page":
                self.headers[name] = tuple(_page_texts(element))
            elif element.tag == f"{STYLE}style":
                self._style(element, name)
            elif name:
                others = (self.number_formats.get(item.get(f"{STYLE}apply-style-name"), "") for item in element.iter(f"{STYLE}map"))
                self.number_formats[name] = ";".join([*filter(None, others), _format_code(element)]).strip(";")

    def _style(self, element: Any, name: str) -> None:
        family = element.get(f"{STYLE}family")
        if family == "table-cell":
            if data := element.get(f"{STYLE}data-style-name"):
                self.cell_formats[name] = data
            if parent := element.get(f"{STYLE}parent-style-name"):
                self.parents[name] = parent
        elif family == "table":
            self.pages[name] = element.get(f"{STYLE}master-page-name", "")
            if any(item.get(f"{TABLE}display") == "false" for item in element.iter(f"{STYLE}table-properties")):
                self.hidden_tables.add(name)

    def format_of(self, style: str | None) -> str:
        """The number format code of a cell style; "" for General."""
        for _generation in range(16):
            if style is None:
                return ""
            if style in self.cell_formats:
                return self.number_formats.get(self.cell_formats[style], "")
            style = self.parents.get(style)
        return ""


def _details(path: Path, table: Any, styles: _Styles) -> Details:
    """The details of one table element."""
    hidden_columns, column_styles = _columns(table)
    hidden_rows: set[int] = set()
    merged: list[tuple[int, int, int, int]] = []
    found: dict[str, dict[Position, str]] = {"errors": {}, "formulas": {}, "formats": {}, "comments": {}}
    uncached: set[Position] = set()
    budget = MAX_POSITIONS
    for row, repeat, element in _rows(table):
        if element.get(f"{TABLE}visibility", "visible") != "visible":
            hidden_rows.update(range(row, row + min(repeat, MAX_POSITIONS)))
        for column, width, cell in _cells(element):
            if cell.get(f"{TABLE}number-rows-spanned") or cell.get(f"{TABLE}number-columns-spanned"):
                height, breadth = (int(cell.get(f"{TABLE}number-{kind}-spanned", 1)) for kind in ("rows", "columns"))
                if height * breadth > 1:
                    merged.append((row, column, row + height - 1, column + breadth - 1))
            facts = _facts(cell, styles, element.get(f"{TABLE}default-cell-style-name"), column_styles.get(column))
            if not facts:
                continue
            budget -= repeat * width
            if budget < 0:
                raise container.too_large(path, f"plus de {MAX_POSITIONS} cellules répétées")
            for where in ((down, right) for down in range(row, row + repeat) for right in range(column, column + width)):
                for kind, text in facts.items():
                    found[kind][where] = text
                if "formulas" in facts and cell.get(f"{OFFICE}value-type") is None and cell.find(f"{TEXT}p") is None:
                    uncached.add(where)
    style = table.get(f"{TABLE}style-name", "")
    return Details(
        hidden=style in styles.hidden_tables,
        hidden_rows=frozenset(hidden_rows),
        hidden_columns=frozenset(hidden_columns),
        merged=tuple(merged),
        uncached=frozenset(uncached),
        protected=table.get(f"{TABLE}protected") == "true",
        headers_footers=styles.headers.get(styles.pages.get(style, ""), ()),
        **found,
    )


def _facts(cell: Any, styles: _Styles, row_style: str | None, column_style: str | None) -> dict[str, str]:
    """What one cell says beside its value, by the name of the field of `Details`."""
    facts = {}
    formula = cell.get(f"{TABLE}formula")
    kind = cell.get(f"{OFFICE}value-type")
    if formula is not None:
        facts["formulas"] = formula.partition(":")[2].removeprefix("=") or formula.removeprefix("=")
    text = "".join(piece for paragraph in cell.findall(f"{TEXT}p") for piece in paragraph.itertext())
    if cell.get(f"{CALCEXT}value-type") == "error" or (formula is not None and text.startswith(ERROR_TEXTS)):
        facts["errors"] = text
    if kind is not None or formula is not None:
        code = styles.format_of(cell.get(f"{TABLE}style-name") or row_style or column_style)
        if code:
            facts["formats"] = code
    annotation = cell.find(f"{OFFICE}annotation")
    if annotation is not None:
        facts["comments"] = "\n".join("".join(paragraph.itertext()) for paragraph in annotation.iter(f"{TEXT}p"))
    return facts


def _columns(table: Any) -> tuple[set[int], Mapping[int, str]]:
    """The hidden columns, and the default cell style of each of the first 16384 columns."""
    hidden: set[int] = set()
    styles: dict[int, str] = {}
    column = 0
    for element in table.iter(f"{TABLE}table-column"):
        here = range(column, min(column + _repeat(element, "columns"), 16384))
        if element.get(f"{TABLE}visibility", "visible") != "visible":
            hidden.update(here)
        styles.update(dict.fromkeys(here, element.get(f"{TABLE}default-cell-style-name", "Default")))
        column += _repeat(element, "columns")
    return hidden, styles


def _rows(table: Any) -> Iterator[tuple[int, int, Any]]:
    """Row, how many times it repeats, element; also within groups and header rows."""
    row = 0
    for element in table.iter(f"{TABLE}table-row"):
        repeat = _repeat(element, "rows")
        yield row, repeat, element
        row += repeat


def _cells(row: Any) -> Iterator[tuple[int, int, Any]]:
    """Column, how many times it repeats, element; covered cells count and say nothing."""
    column = 0
    for cell in row.iterchildren(f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
        width = _repeat(cell, "columns")
        yield column, width, cell
        column += width


def _repeat(element: Any, what: str) -> int:
    return int(element.get(f"{TABLE}number-{what}-repeated", 1))


def _page_texts(page: Any) -> Iterator[str]:
    """The texts of the headers and footers of a master page; those set not to be displayed are left out."""
    for part in page:
        if not part.tag.endswith(("}header", "}footer", "}header-left", "}footer-left", "}header-first", "}footer-first")):
            continue
        if part.get(f"{STYLE}display") == "false":
            continue
        regions = part.findall(f"{STYLE}region-left") + part.findall(f"{STYLE}region-center") + part.findall(f"{STYLE}region-right")
        for region in regions or [part]:
            text = "\n".join(_paragraph(paragraph) for paragraph in region.iter(f"{TEXT}p")).strip()
            if text:
                yield text


FIELDS = {f"{TEXT}{name}" for name in ("page-number", "page-count", "date", "time", "sheet-name", "file-name", "title")}


def _paragraph(paragraph: Any) -> str:
    """The text of a paragraph without what its fields last showed."""
    text = paragraph.text or ""
    for child in paragraph:
        text += ("" if child.tag in FIELDS else _paragraph(child)) + (child.tail or "")
    return text


def _format_code(style: Any) -> str:
    """An Excel number format code that shows what a number style shows; "" for General and plain text.

    Percent signs, currency symbols, decimals, thousands and date parts are kept; colours and conditions are not.
    """
    code = ""
    for part in style:
        tag = part.tag.rpartition("}")[2]
        long = part.get(f"{NUMBER}style") == "long"
        if tag == "number":
            code += _digits(part)
        elif tag in {"text", "currency-symbol"}:
            code += _literal(part.text or "")
        elif tag in {"day", "day-of-week"}:
            code += {"day": ("d", "dd"), "day-of-week": ("ddd", "dddd")}[tag][long]
        elif tag == "month":
            code += ("mmmm" if long else "mmm") if part.get(f"{NUMBER}textual") == "true" else ("mm" if long else "m")
        elif tag == "year":
            code += "yyyy" if long else "yy"
        elif tag in {"hours", "minutes", "seconds"}:
            code += tag[0] * (1 + long)
        elif tag == "text-content":
            code += "@"
    duration = style.get(f"{NUMBER}truncate-on-overflow") == "false"
    code = code.replace("hh", "[hh]") if duration else code
    return "" if code == "General" else code


def _digits(number: Any) -> str:
    """`#,##0.00` for a number element; General when it fixes nothing."""
    decimals = number.get(f"{NUMBER}decimal-places")
    whole = int(number.get(f"{NUMBER}min-integer-digits", 1))
    if decimals is None and whole <= 1 and number.get(f"{NUMBER}grouping") != "true":
        return "General"
    head = "#,##0" if number.get(f"{NUMBER}grouping") == "true" else "0" * max(min(whole, 30), 1)
    return head + ("." + "0" * min(int(decimals), 30) if decimals and int(decimals) else "")


def _literal(text: str) -> str:
    """Text inside a number format: signs as they are, words in quotes."""
    return text if all(letter in "%€$£¥ -/.,:()\u00a0" for letter in text) else f'"{text}"'
