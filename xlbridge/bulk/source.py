"""What travels inside a converted PDF as its source: the workbook where it holds this one document, else the document's own rows.

Other customers' data must not travel, and macros never do.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from xlbridge.document import Document
from xlbridge.findings import Cell
from xlbridge.legacy.values import text_of
from xlbridge.render.facturx import Attachment
from xlbridge.workbook.grid import Sheet, Workbook

MIME_TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xls": "application/vnd.ms-excel",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
}
MAX_BYTES = 10_000_000


def whole_file(path: Path) -> Attachment | None:
    """The workbook itself, where its format cannot hold macros and it is not too large."""
    mime_type = MIME_TYPES.get(path.suffix.lower())
    if mime_type is None or path.suffix.lower() == ".xls" or path.stat().st_size > MAX_BYTES:
        return None
    return Attachment(path.name, path.read_bytes(), mime_type, "Source", "Classeur d’origine")


def extract(workbook: Workbook, document: Document) -> Attachment:
    """The rows of `document` as values: sheet, line, and the cells as they are shown, under the header of their table."""
    sheets = {sheet.name: sheet for sheet in workbook.sheets}
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(["Feuille", "Ligne", "Valeurs"])
    for name, rows in sorted(_rows(document.origin.values()).items()):
        if sheet := sheets.get(name):
            for row in sorted(rows):
                writer.writerow([name, row, *_cells(sheet, row)])
    return Attachment("extrait.csv", text.getvalue().encode("utf-8-sig"), "text/csv", "Source", f"Extrait de {workbook.path.name}")


def _rows(cells: Iterable[Cell]) -> dict[str, set[int]]:
    """The line numbers, as addresses give them, of each sheet."""
    rows: dict[str, set[int]] = {}
    for cell in cells:
        digits = "".join(char for char in cell.address.split(":")[0] if char.isdigit())
        rows.setdefault(cell.sheet, set()).add(int(digits))
    return rows


def _cells(sheet: Sheet, line: int) -> list[str]:
    """The texts of a line; a text that a spreadsheet would take for a formula is kept from being one."""
    row = sheet.lines.index(line) if sheet.lines is not None else line - 1 - sheet.first_row
    values = [text_of(value) or "" for value in sheet.rows[row]] if 0 <= row < len(sheet.rows) else []
    return [f"'{value}" if value[:1] in {"=", "@", "+"} or (value[:1] == "-" and not value[1:2].isdigit()) else value for value in values]
