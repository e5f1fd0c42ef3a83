"""Formulas whose stored result may be out of date once some cells change, so that nobody reads it for a fresh one.

A spreadsheet application that trusts stored results (LibreOffice does) shows them until the cells are touched, and a reader without a
calculator has nothing else. What a formula refers to is read from its text; one that says it by a text, or in a way not understood here,
counts as depending on everything.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from xlbridge.workbook.address import column_number
from xlbridge.workbook.details import Position

TEXT = re.compile(r'"[^"]*"')
REFERENCE = re.compile(
    r"(?:(?P<sheet>'(?:[^']|'')+'|[\w.]+)!)?"
    r"(?:\$?(?P<left>[A-Z]{1,3})\$?(?P<top>\d{1,7})(?::\$?(?P<right>[A-Z]{1,3})\$?(?P<bottom>\d{1,7}))?"
    r"|\$?(?P<first>[A-Z]{1,3}):\$?(?P<last>[A-Z]{1,3})|\$?(?P<above>\d{1,7}):\$?(?P<below>\d{1,7}))(?![\w(.!])"
)
FUNCTION = re.compile(r"[\w.]+\(")
BY_TEXT = re.compile(r"\b(?:INDIRECT|OFFSET)\(")
NAME = re.compile(r"\b(?!(?:TRUE|FALSE)\b)[^\W\d][\w.]*")
IN_TABLE = re.compile(r"([^\W\d][\w.]*)\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\]")  # Lignes[[#This Row],[Quantité]]
UNKNOWN = re.compile(r"[\[\]#@:!\"]")  # another sheet's name, a spill, a range that a function ends
ERROR = re.compile(r"#(?:NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A)")
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[Ee][+-]?\d+)?")
LAST = 1 << 20


class Area(NamedTuple):
    """A rectangle of one sheet, counted from 0, both ends included."""

    sheet: str
    top: int
    left: int
    bottom: int
    right: int


def areas_of(formula: str, sheet: str, names: Mapping[str, Sequence[Area] | None] | None = None) -> list[Area] | None:
    """What a formula on `sheet` refers to; None where its text does not tell. `names`: what tables and names stand for, in lower case.

    >>> areas_of("SUM(A1:B2,'L’an 1'!$C$3)*2", "S")
    [Area(sheet='S', top=0, left=0, bottom=1, right=1), Area(sheet='L’an 1', top=2, left=2, bottom=2, right=2)]
    >>> areas_of("Lignes[[#This Row],[P.U. HT]]*2", "S", {"lignes": [Area("S", 0, 0, 9, 4)]})
    [Area(sheet='S', top=0, left=0, bottom=9, right=4)]
    >>> areas_of("VLOOKUP(TauxNormal,A:B,2,FALSE)", "S"), areas_of('INDIRECT("A"&1)', "S"), areas_of('"A1"&TODAY()', "S")
    (None, None, [])
    """
    text = ERROR.sub("", TEXT.sub("", formula))
    if not formula or BY_TEXT.search(text):
        return None
    named = [found[1] for found in IN_TABLE.finditer(text)]
    text = IN_TABLE.sub("", text)
    areas = []
    for found in REFERENCE.finditer(text):
        before = text[found.start() - 1 : found.start()]
        other = (found["sheet"] or "").strip("'").replace("''", "'")
        if before.isalnum() or (before and before in "'!:].$_") or ":" in other or "[" in other:  # several sheets, another workbook
            return None
        areas.append(Area(other or sheet, *_rectangle(found)))
    rest = NUMBER.sub("", FUNCTION.sub("", REFERENCE.sub("", text)))
    for name in [*named, *NAME.findall(rest)]:
        known = (names or {}).get(name.lower())
        if known is None:
            return None
        areas += known
    return None if UNKNOWN.search(rest) else areas


def _rectangle(found: re.Match[str]) -> tuple[int, int, int, int]:
    if found["first"]:
        return 0, column_number(found["first"]), LAST, column_number(found["last"])
    if found["above"]:
        return int(found["above"]) - 1, 0, int(found["below"]) - 1, LAST
    top, left = int(found["top"]) - 1, column_number(found["left"])
    return top, left, int(found["bottom"] or top + 1) - 1, column_number(found["right"]) if found["right"] else left


def dependents(
    formulas: Mapping[str, Mapping[Position, str]],
    changed: Mapping[str, Collection[Position]],
    names: Mapping[str, Sequence[Area] | None],
) -> dict[str, set[Position]]:
    """The cells with a formula, by sheet, whose result may follow from a cell of `changed`, directly or through others."""
    touched = {sheet: set(places) for sheet, places in changed.items()}
    alike: dict[tuple[str, str], list[Position]] = {}  # a formula filled down a table is one text in all its rows
    for sheet, known in formulas.items():
        for where, text in known.items():
            alike.setdefault((sheet, text), []).append(where)
    waiting = [(sheet, places, areas_of(text, sheet, names)) for (sheet, text), places in alike.items()]
    found: dict[str, set[Position]] = {}
    growing = True
    while growing:
        growing = False
        left: list[tuple[str, list[Position], list[Area] | None]] = []
        for sheet, places, areas in waiting:
            if areas is None or _reach(areas, touched):
                touched.setdefault(sheet, set()).update(places)
                found.setdefault(sheet, set()).update(places)
                growing = True
            else:
                left.append((sheet, places, areas))
        waiting = left
    return found


def _reach(areas: Iterable[Area], touched: Mapping[str, set[Position]]) -> bool:
    """Whether one of the areas holds a touched cell."""
    for area in areas:
        places = touched.get(area.sheet, set())
        if (area.top, area.left) == (area.bottom, area.right):
            if (area.top, area.left) in places:
                return True
        elif any(area.top <= row <= area.bottom and area.left <= column <= area.right for row, column in places):
            return True
    return False
