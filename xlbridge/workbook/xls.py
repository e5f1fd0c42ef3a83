"""Excel 5 to 2003 workbooks (.xls), by xlrd.

xlrd and not calamine: on damaged files of this format calamine ends the whole process, it knows fewer code pages, and it does not
tell errors, hidden rows and number formats.
"""

from __future__ import annotations

import io
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from xlbridge.workbook import container
from xlbridge.workbook.details import Details, Value

WESTERN = "cp1252"
"""The code page of a file that names none: Excel for Windows in Western Europe."""


def read_sheets(path: Path) -> list[tuple[str, int, int, list[list[Value]], bool]]:
    """Name, first row, first column, rows and whether it is hidden, of each sheet. Raises UnreadableFile."""
    book = _book(path)
    found: list[tuple[str, int, int, list[list[Value]], bool]] = []
    for sheet in book.sheets():
        used = [(row, column) for row in range(sheet.nrows) for column, kind in enumerate(sheet.row_types(row)) if kind not in (0, 6)]
        if not used:
            found.append((sheet.name, 0, 0, [], sheet.visibility != 0))
            continue
        top, bottom = used[0][0], used[-1][0]
        left, right = min(column for _row, column in used), max(column for _row, column in used)
        rows = []
        for row in range(top, bottom + 1):
            cells = sheet.row_slice(row, left, right + 1)
            rows.append([_value(book, cell) for cell in cells] + [None] * (right + 1 - left - len(cells)))
        found.append((sheet.name, top, left, rows, sheet.visibility != 0))
    return found


def read_details(path: Path, name: str) -> Details:
    """The details of one sheet; the format's reader tells neither formulas nor headers. Raises UnreadableFile."""
    from xlrd import XL_CELL_ERROR, error_text_from_code

    book = _book(path)
    sheet = book.sheet_by_name(name)
    errors, formats = {}, {}
    for row in range(sheet.nrows):
        for column, cell in enumerate(sheet.row(row)):
            if cell.ctype in (0, 6):
                continue
            if cell.ctype == XL_CELL_ERROR:
                errors[row, column] = error_text_from_code.get(cell.value, "#N/A")
            code = _format_code(book, cell)
            if code != "General":
                formats[row, column] = code
    return Details(
        hidden=sheet.visibility != 0,
        hidden_rows=frozenset(row for row, info in sheet.rowinfo_map.items() if info.hidden),
        hidden_columns=frozenset(column for column, info in sheet.colinfo_map.items() if info.hidden),
        merged=tuple((top, left, bottom - 1, right - 1) for top, bottom, left, right in sheet.merged_cells),
        errors=errors,
        formats=formats,
        comments={position: note.text for position, note in sheet.cell_note_map.items()},
    )


def _book(path: Path) -> Any:
    """The workbook as xlrd reads it, number formats included."""
    import xlrd

    try:
        data = path.read_bytes()
        book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO())
        if book.biff_version < 80 and book.codepage is None:
            book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO(), encoding_override=WESTERN)
    except xlrd.XLRDError as fault:
        raise (container.encrypted(path) if "encrypted" in str(fault) else container.broken(path, fault)) from fault
    except Exception as fault:  # xlrd answers damage with whatever its parsing runs into
        raise container.broken(path, fault) from fault
    return book


def _format_code(book: Any, cell: Any) -> str:
    known = book.format_map.get(book.xf_list[cell.xf_index].format_key) if cell.xf_index < len(book.xf_list) else None
    return known.format_str if known else "General"


def _value(book: Any, cell: Any) -> Value:
    """A cell's value: errors and blanks are None, dates by their number format."""
    import xlrd

    match cell.ctype:
        case xlrd.XL_CELL_TEXT:
            return cell.value or None
        case xlrd.XL_CELL_NUMBER:
            return float(cell.value)
        case xlrd.XL_CELL_BOOLEAN:
            return bool(cell.value)
        case xlrd.XL_CELL_DATE:
            return _date(cell.value, book.datemode, _format_code(book, cell))
    return None


def _date(serial: float, datemode: int, code: str) -> Value:
    """A serial number shown as a date: a duration, a time of day, a day, or both; the number itself outside the calendar."""
    import xlrd

    if "[h" in code.lower() or "[m" in code.lower() or "[s" in code.lower():
        return timedelta(days=serial)
    try:
        moment: datetime = xlrd.xldate_as_datetime(serial, datemode)
    except (OverflowError, ValueError):
        return serial
    if 0 <= serial < 1:
        return moment.time()
    return moment if moment.time() != time() else moment.date()
