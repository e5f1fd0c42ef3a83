"""The settings file of xlwings, which other workbooks of the user rely on, too: lines `"KEY","value"`, of which ours alone change.

The file is in the code page of the system, unknown here: it is kept byte by byte, each byte a character (Latin-1).

>>> text = with_values('"LOG FILE",""\\n', {"INTERPRETER_WIN": "C:/py/python.exe"})
>>> text
'"LOG FILE",""\\n"INTERPRETER_WIN","C:/py/python.exe"\\n'
>>> value_of(text, "interpreter_win")
'C:/py/python.exe'
"""

from __future__ import annotations

import locale
import re
from collections.abc import Mapping
from pathlib import Path

from xlbridge.installing.surroundings import Surroundings

WORKBOOK_FOLDER = "ADD_WORKBOOK_TO_PYTHONPATH"
_LINE = re.compile(r'\s*"([^"]*)"\s*,\s*"([^"]*)"')
_REFERENCE = re.compile(r"&#([0-9]{1,7});")


def interpreter_key(around: Surroundings) -> str:
    """The key of the Python that Excel starts."""
    return "INTERPRETER_MAC" if around.system == "mac" else "INTERPRETER_WIN"


def our_values(around: Surroundings) -> dict[str, str]:
    """What xlwings has to know: which Python has xlbridge, and that no module is taken from a workbook's folder."""
    return {interpreter_key(around): as_excel_reads(str(around.python), around), WORKBOOK_FOLDER: "False"}


def as_excel_reads(value: str, around: Surroundings) -> str:
    """`value` in the system's code page, each byte a character; what has no place in it is &#233; and the like, which the macros read."""
    code_page = "ascii" if around.system == "mac" else locale.getencoding()
    if code_page.casefold().replace("-", "") in {"utf8", "cp65001"}:  # Excel reads files in the older code page
        code_page = "ascii"
    return value.encode(code_page, "xmlcharrefreplace").decode("latin-1")


def as_written(value: str) -> str:
    """The inverse of `as_excel_reads`."""
    code_page = "latin-1" if value.isascii() else locale.getencoding()
    plain = value.encode("latin-1").decode(code_page, "replace")
    return _REFERENCE.sub(lambda found: chr(int(found[1])), plain)


def text_of(file: Path) -> str:
    """The file's text; empty without a file."""
    return file.read_bytes().decode("latin-1") if file.exists() else ""


def lines_of(text: str, key: str) -> list[str]:
    """The lines that set `key`, with their ends."""
    return [row for row in _rows(text) if _key(row) == key.upper()]


def value_of(text: str, key: str) -> str | None:
    """The value beside `key`, the last where there are several, as Excel takes it."""
    found = [_LINE.match(line) for line in lines_of(text, key)]
    return found[-1][2] if found and found[-1] else None


def with_values(text: str, values: Mapping[str, str], end: str = "\n") -> str:
    """`text` with a line for each value in the place of those that set it before. `end`: of a line, where `text` has none."""
    if "\n" in text:
        end = "\r\n" if "\r\n" in text else "\n"
    for key, value in values.items():
        text = with_lines(text, key, [f'"{key}","{value}"{end}'])
    return text


def with_lines(text: str, key: str, lines: list[str]) -> str:
    """`text` with `lines` where the first line of `key` stands, or at the end, and no other line of that key."""
    rows = _rows(text)
    at = next((place for place, row in enumerate(rows) if _key(row) == key.upper()), len(rows))
    kept = [row for row in rows[at:] if _key(row) != key.upper()]
    before = "".join(rows[:at])
    if lines and before and not before.endswith(("\n", "\r")):
        before += "\r\n" if "\r\n" in text else "\n"
    return before + "".join(lines) + "".join(kept)


def _rows(text: str) -> list[str]:
    """The lines with their ends; a byte that Latin-1 takes for a line break is none."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _key(line: str) -> str:
    found = _LINE.match(line)
    return found[1].upper() if found else ""
