"""How far the cells of a sheet reach, found before a reader lays out the whole rectangle in memory.

calamine allots the rectangle from the first to the last used cell; a stray value in XFD1048576 makes that 17 thousand million
cells and aborts the process. The usual sheet is cleared by a search or two, without looking at its cells one by one.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from xlbridge.workbook.address import column_letters, column_number

PREFIXED_CELL = re.compile(rb":c[\s/>]")
UNUSUAL_CELL = re.compile(rb'<c(?! r="[A-Z]{1,3}\d{1,7}")[\s/>]')
"""A cell without the plain `r="A1"` in first place."""
BEYOND = tuple(
    (re.compile(rb'<c(?! r="[A-Z]{1,%d}\d{1,%d}")[\s/>]' % shape), (26, 702, 16_384)[shape[0] - 1] * 10 ** shape[1])
    for shape in ((2, 4), (1, 5), (3, 3))
)
"""Searches for a cell beyond so many letters and digits, and the most cells within."""
CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"')

ROW_HEADER, FIRST_CELL, LAST_CELL, RICH_STRING_CELL = 0, 2, 11, 62
"""Record types of a binary sheet ([MS-XLSB] 2.3): BrtRowHdr, BrtCellRk … BrtFmlaError, BrtCellRString."""


@dataclass(frozen=True, slots=True)
class Extent:
    """The rectangle of the used cells, counted from 0, inclusive."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int

    @property
    def area(self) -> int:
        """Its number of cells."""
        return (self.last_row - self.first_row + 1) * (self.last_column - self.first_column + 1)

    @property
    def first(self) -> str:
        """The address of its first cell."""
        return f"{column_letters(self.first_column)}{self.first_row + 1}"

    @property
    def last(self) -> str:
        """The address of its last cell."""
        return f"{column_letters(self.last_column)}{self.last_row + 1}"


def extent_of_sheet(data: bytes, enough: int) -> Extent | None:
    """The extent of a sheet's XML; None when it certainly holds no more than `enough` cells."""
    if b"\0" in data[:64] or PREFIXED_CELL.search(data):
        return _rectangle(_positions_parsed(data))
    if any(area <= enough and not beyond.search(data) for beyond, area in BEYOND):
        return None
    if UNUSUAL_CELL.search(data):
        return _rectangle(_positions_parsed(data))
    found = CELL.findall(data)
    columns = [column_number(name.decode()) for name in {name for name, _row in found}]
    rows = [int(row) - 1 for row in {row for _name, row in found}]
    return Extent(min(rows), min(columns), max(rows), max(columns))


def _positions_parsed(data: bytes) -> Iterator[tuple[int, int]]:
    """The positions of the cells of a sheet written in an unusual way; a cell that names none follows the one before."""
    from lxml import etree

    row = column = -1
    try:
        for event, element in etree.iterparse(
            io.BytesIO(data), events=("start", "end"), tag=("{*}row", "{*}c"), resolve_entities=False, no_network=True
        ):
            if event == "end":
                element.clear()
            elif etree.QName(element).localname == "row":
                row, column = _number(element.get("r"), row + 2) - 1, -1
            else:
                match = re.fullmatch(r"([A-Z]{1,3})(\d{1,7})", element.get("r") or "")
                column = column_number(match[1]) if match else column + 1
                yield (int(match[2]) - 1 if match else row), column
    except etree.XMLSyntaxError:
        return  # the reader itself will say what is wrong with it


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 8 else otherwise


def _rectangle(positions: Iterator[tuple[int, int]]) -> Extent | None:
    """The smallest rectangle around the positions."""
    first = next(positions, None)
    if first is None:
        return None
    top, left = bottom, right = first
    for row, column in positions:
        top, bottom, left, right = min(top, row), max(bottom, row), min(left, column), max(right, column)
    return Extent(top, left, bottom, right)


def binary_records(data: bytes) -> Iterator[tuple[int, int, int]]:
    """The records of a binary part: type, start and end of the payload ([MS-XLSB] 2.1.4). ValueError when cut short."""
    place, end = 0, len(data)
    while place < end:
        kind = data[place]
        place += 1
        if kind & 0x80:
            if place >= end:
                raise ValueError("enregistrement incomplet")
            kind = (kind & 0x7F) | (data[place] & 0x7F) << 7
            place += 1
        size = shift = 0
        while True:
            if place >= end or shift > 21:
                raise ValueError("enregistrement incomplet")
            byte = data[place]
            place += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        if place + size > end:
            raise ValueError("enregistrement incomplet")
        yield kind, place, place + size
        place += size


def extent_of_binary_sheet(data: bytes, enough: int) -> Extent | None:
    """The extent of the cells of a binary sheet (.xlsb); None when it has none."""
    del enough  # reading the records is the search
    return _rectangle(_binary_positions(data))


def _binary_positions(data: bytes) -> Iterator[tuple[int, int]]:
    row = 0
    for kind, start, end in binary_records(data):
        if kind == ROW_HEADER and end - start >= 4:
            row = int.from_bytes(data[start : start + 4], "little")
        elif (FIRST_CELL <= kind <= LAST_CELL or kind == RICH_STRING_CELL) and end - start >= 4:
            yield row, int.from_bytes(data[start : start + 4], "little")
