"""Cells whose number format shows something else than what they hold: `"999,00"` over 120.00, thousands left out, or nothing at all.

Fonts, conditional formats and hidden rows or columns are not looked at: a filter hides rows too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from xlbridge.workbook.columns import Row
from xlbridge.workbook.grid import Value
from xlbridge.workbook.template_layout import TABLES

# Pieces of a number format (ECMA-376 part 1, 18.8.31): text in quotes or behind a backslash, a currency, another bracket, a filler, a code.
PIECE = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|\[([^\]]*)\]|[_*].|(.)', re.DOTALL)
SHOWS = re.compile(r"[0#?@dmyhsja]|general|standard", re.IGNORECASE)
SCALED = re.compile(r"[0#?],+(?![0#?,])")


def disguised(row: Row) -> Iterator[str]:
    """The columns of ours in which the cell of `row` shows something else than it holds."""
    for column in TABLES[row.table.sheet.name]:
        code, value = row.format(column.name), row.value(column.name)
        if code and value is not None and is_disguise(code, value):
            yield column.name


def is_disguise(code: str, value: Value) -> bool:
    """Whether the number format `code` shows another number than `value`, or none.

    >>> [is_disguise(code, 120.0) for code in ('"999,00"', '"9"0.00', '#,##0,', ';;;', '[Red]\\\\9\\\\9')]
    [True, True, True, True, True]
    >>> [is_disguise(code, 120.0) for code in ('#,##0.00\\\\ €', '0.00;-0.00;"–"', '[$€-40C] #,##0.00', 'General', 'dd/mm/yyyy')]
    [False, False, False, False, False]
    >>> is_disguise('0;0;"–"', 0), is_disguise('0;0;"12"', 0)
    (False, True)
    >>> is_disguise("@", "F1"), is_disguise('0;0;0;"F2"', "F1"), is_disguise("0", "F1")
    (False, True, False)
    """
    sections = _sections(code)
    if isinstance(value, str):
        chosen = sections[3:4] or [section for section in sections if "@" in section[1]]
        return any(_lies(*section) for section in chosen)
    number = value if isinstance(value, (int, float)) else 1
    at = 1 if number < 0 else 2 if number == 0 else 0
    words, codes = sections[at if at < min(len(sections), 3) else 0]
    return _has_digit(words) if number == 0 else _lies(words, codes)


@lru_cache(maxsize=256)
def _sections(code: str) -> list[tuple[str, str]]:
    """Of each section of a format: what it writes as it stands, and its codes."""
    found = [("", "")]
    for quoted, escaped, sign, bracket, other in PIECE.findall(code):
        if other == ";":
            found.append(("", ""))
            continue
        words, codes = found[-1]
        elapsed = bracket if bracket.lower().strip("hms") == "" else ""
        found[-1] = words + quoted + escaped + sign, codes + elapsed + other
    return found


def _lies(words: str, codes: str) -> bool:
    return _has_digit(words) or bool(re.search("[1-9]", codes)) or not SHOWS.search(codes) or bool(SCALED.search(codes))


def _has_digit(text: str) -> bool:
    return any(char.isdigit() for char in text)
