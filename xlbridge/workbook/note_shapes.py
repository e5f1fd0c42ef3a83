"""The frames in which the notes of a sheet are shown: shapes of its old drawing (ECMA-376 part 4, 19), which holds buttons, too.

Excel reads this part more loosely than XML, so it is only ever cut and added to.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from xlbridge.workbook.details import Position
from xlbridge.workbook.layers import Layers, connected, disconnected, relation_target, typed
from xlbridge.workbook.sheet_cells import Scan
from xlbridge.workbook.sheet_view import placed, removed_elements, top_elements
from xlbridge.workbook.splice import Edit, spliced

VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
SHAPE = re.compile(rb"<(\w+:)shape\s[^<]*(?:<(?!/?\1shape[\s>])[^<]*)*</\1shape>\s*")
NOTHING_DRAWN = re.compile(rb"<xml[^<]*(?:<(\w+:)(shapelayout|shapetype)\s[^<]*(?:<(?!/\1\2>)[^<]*)*</\1\2>\s*)*</xml>\s*")
ANCHOR = re.compile(rb"(?:<!--xlbridge ([\d, -]*)-->)?<(?:\w+:)?Anchor>([^<]*)</(?:\w+:)?Anchor>")
DATA = re.compile(rb"<((?:\w+:)?)ClientData\s[^>]*>")
NUMBER = re.compile(rb'id="_x0000_s(\d+)"')
COLUMN = re.compile(rb"<(?:\w+:)?col\s[^>]*>")
ATTRIBUTE = re.compile(rb"""(\w+)\s*=\s*["']([^"']*)""")
FIRST_SHAPE = 1024
SPACES = (
    b' xmlns:v="urn:schemas-microsoft-com:vml"',
    b' xmlns:o="urn:schemas-microsoft-com:office:office"',
    b' xmlns:x="urn:schemas-microsoft-com:office:excel"',
)
EMPTY = b'<xml%b><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout></xml>' % b"".join(SPACES)
KIND = (
    b'<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    b'<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
NOTE = (
    '<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;margin-left:60pt;margin-top:2pt;width:{width}pt;'
    'height:{height}pt;z-index:{order};visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
    '<v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto">'
    '<div style="text-align:left"></div></v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
    "<x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
WIDTH, LETTERS_ACROSS, LINE, MARGIN, MOST_LINES = 340, 50, 17, 14, 30  # in points of the screen, 96 to the inch
USUAL_WIDTH, USUAL_HEIGHT = 64, 20
LAST_ROW, LAST_COLUMN = (1 << 20) - 1, (1 << 14) - 1


def with_shapes(
    parts: Layers, sheet: str, wanted: Mapping[Position, str | None], sizes: Mapping[Position, str | None]
) -> dict[str, bytes | None]:
    """The parts that change so that each of the cells has a frame for its note, or (None) none.

    `sizes`: the frames that are there and become as large as a text asks for, or (None) what they were before.
    """
    data = parts.read(sheet)
    place = next((item for item in top_elements(data) if item.name == "legacyDrawing"), None)
    if place is None and not wanted:
        return {}
    if place is None:
        part, drawing = parts.free_name("xl/drawings/vmlDrawing{}.vml"), EMPTY
    else:
        identifier = next(value for name, value in place.attributes.items() if name.rpartition(":")[2] == "id")
        part = relation_target(parts, sheet, identifier)
        drawing = parts.read(part)
    larger = {where: text for where, text in {**wanted, **sizes}.items() if text is not None}
    frames = _frames(data, larger)
    drawing = _each_note(drawing, dict.fromkeys(wanted, _gone))
    drawing = _with(drawing, [frame for where, frame in frames.items() if where in wanted])
    drawing = _each_note(drawing, {where: partial(_sized, anchor=frames[where]["anchor"] if where in frames else None) for where in sizes})
    if place is None:
        identifier, changes = connected(parts, sheet, "vmlDrawing", part)
        return {part: drawing, sheet: placed(parts, data, "legacyDrawing", identifier)} | changes | typed(parts, {".vml": VML_TYPE})
    if NOTHING_DRAWN.fullmatch(drawing) is None:
        return {part: drawing}
    return {part: None, sheet: removed_elements(data, "legacyDrawing"), **disconnected(parts, sheet, {part}), **typed(parts, {}, {part})}


def _each_note(drawing: bytes, change: Mapping[Position, Callable[[bytes], bytes]]) -> bytes:
    """The drawing with the frames of the notes of these cells changed."""
    edits = []
    for found in SHAPE.finditer(drawing):
        row, column = (re.search(rb"<(?:\w+:)?%b>\s*(\d+)" % name, found[0]) for name in (b"Row", b"Column"))
        make = change.get((int(row[1]), int(column[1]))) if row and column and b'ObjectType="Note"' in found[0] else None
        edits += [Edit(*found.span(), make(found[0]))] if make else []
    return spliced(drawing, edits)


def _gone(_shape: bytes) -> bytes:
    return b""


def _sized(shape: bytes, anchor: str | None) -> bytes:
    """A frame of another size, which remembers the one it had, or (None) gets it back. Not every program says where a frame stands."""
    found, data = ANCHOR.search(shape), DATA.search(shape)
    if data is None:
        return shape
    start, end = found.span() if found else (data.end(), data.end())
    old = b"" if found is None else found[2] if found[1] is None else found[1]
    if anchor is None:
        new = b"<%bAnchor>%b</%bAnchor>" % (data[1], old, data[1]) if old else b""
    else:
        new = b"<!--xlbridge %b--><%bAnchor>%b</%bAnchor>" % (old, data[1], anchor.encode(), data[1])
    return shape[:start] + new + shape[end:]


def _with(drawing: bytes, frames: list[dict[str, Any]]) -> bytes:
    """The drawing with more frames, each with a number of its own."""
    if not frames:
        return drawing
    first = max((int(number) for number in NUMBER.findall(drawing)), default=FIRST_SHAPE) + 1
    shapes = [NOTE.format(number=first + at, order=at + 1, **frame).encode() for at, frame in enumerate(frames)]
    kind = b"" if b'id="_x0000_t202"' in drawing else KIND
    root = drawing[: drawing.index(b">", drawing.index(b"<xml"))]
    unsaid = b"".join(space for space in SPACES if space not in root)
    new = (kind + b"".join(shapes)).replace(b"<v:shape ", b"<v:shape%b " % unsaid).replace(b"<v:shapetype ", b"<v:shapetype%b " % unsaid)
    end = drawing.rindex(b"</xml>")
    return drawing[:end] + new + drawing[end:]


def _frames(data: bytes, texts: Mapping[Position, str]) -> dict[Position, dict[str, Any]]:
    """Where the frame of each note stands: right of its cell, as large as its text asks for."""
    frames: dict[Position, dict[str, Any]] = {}
    around = {(row + below, 0) for row, _column in texts for below in range(MOST_LINES + 2)}
    scan = Scan(data, around)
    widths = _widths(data[: scan.sheet_data.start if scan.sheet_data else 0])
    for (row, column), text in sorted(texts.items()):
        lines = sum(max(1, math.ceil(len(line) / LETTERS_ACROSS)) for line in text.split("\n"))
        height = min(lines, MOST_LINES) * LINE + MARGIN
        left, top = min(column + 1, LAST_COLUMN), max(row - 1, 0)
        right, across = _walk(left, 15 + WIDTH, lambda at: _width(widths, at), LAST_COLUMN)
        bottom, down = _walk(top, 10 + height, lambda at: _height(scan, at), LAST_ROW)
        anchor = f"{left}, 15, {top}, 10, {right}, {across}, {bottom}, {down}"
        size = {"width": WIDTH * 3 // 4, "height": height * 3 // 4}
        frames[row, column] = {"anchor": anchor, "row": row, "column": column, **size}
    return frames


def _walk(first: int, distance: int, size: Callable[[int], int], last: int) -> tuple[int, int]:
    """The column or row in which one is `distance` after the beginning of `first`, and how far in."""
    at = first
    while distance > size(at) and at < last:
        distance -= size(at)
        at += 1
    return at, min(distance, size(at))


def _widths(before_cells: bytes) -> list[tuple[int, int, int]]:
    """First and last column, and width, of the columns that have one of their own (18.3.1.13)."""
    found = []
    for tag in COLUMN.findall(before_cells):
        known = {name.decode(): value.decode() for name, value in ATTRIBUTE.findall(tag)}
        width = 0 if known.get("hidden") in {"1", "true"} else round(float(known.get("width", 8.43)) * 7 + 5)
        found.append((int(known["min"]) - 1, int(known["max"]) - 1, width))
    return found


def _width(widths: list[tuple[int, int, int]], column: int) -> int:
    return next((width for first, last, width in widths if first <= column <= last), USUAL_WIDTH)


def _height(scan: Scan, row: int) -> int:
    known = scan.rows[row].element if row in scan.rows else None
    if known is None:
        return USUAL_HEIGHT
    return 0 if known.attributes.get("hidden") in {"1", "true"} else round(float(known.attributes.get("ht", 15)) * 4 / 3)
