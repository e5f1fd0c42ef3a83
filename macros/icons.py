"""The pictures of the toolbar in LibreOffice, drawn from the lines below: no picture is kept with the source.

Each is made of strokes in a square of 16 by 16, y downwards, and written as PNG (ISO/IEC 15948) in the size asked for.
"""

from __future__ import annotations

import math
import struct
import zlib
from itertools import pairwise

Point = tuple[float, float]
Stroke = tuple[str, tuple[Point, ...]]

GRID = 16
WIDTH = {16: 1.3, 26: 1.15}  # of a stroke, in units of the grid: about the same weight in either size
INK, GREEN, AMBER = "557FA6", "2E9E5B", "D98A1F"  # seen on a light and on a dark toolbar
_PAGE: Stroke = (INK, ((9.5, 1.5), (3.5, 1.5), (3.5, 14.5), (12.5, 14.5), (12.5, 4.5), (9.5, 1.5), (9.5, 4.5), (12.5, 4.5)))


def _round(colour: str, centre: Point, radius: float, start: float = 0, end: float = 360) -> Stroke:
    """An arc, in degrees from the right, clockwise."""
    angles = [math.radians(start + (end - start) * step / 24) for step in range(25)]
    return colour, tuple((centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)) for angle in angles)


ICONS: dict[str, tuple[Stroke, ...]] = {
    "check": (_round(INK, (8, 8), 6.4), (GREEN, ((4.9, 8.3), (7.2, 10.6), (11.2, 5.6)))),
    "next": (_round(INK, (3.7, 8), 2.2), (AMBER, ((7.6, 8), (14.3, 8))), (AMBER, ((11.2, 4.9), (14.3, 8), (11.2, 11.1)))),
    "fix": (
        (INK, ((2, 14), (2.9, 10.4), (10.9, 2.4), (13.6, 5.1), (5.6, 13.1), (2, 14))),
        (INK, ((9.1, 4.2), (11.8, 6.9))),
        (GREEN, ((9, 14), (14.3, 14))),
    ),
    "clear": (
        (INK, ((5.2, 13.6), (1.9, 10.3), (9, 3.2), (13.8, 8), (8.2, 13.6), (5.2, 13.6))),
        (INK, ((5.6, 6.6), (10.4, 11.4))),
        (AMBER, ((5.2, 13.8), (14.3, 13.8))),
    ),
    "preview": (_round(INK, (6.8, 6.8), 4.9), (INK, ((10.4, 10.4), (14.4, 14.4))), (AMBER, ((4.6, 6.8), (9, 6.8)))),
    "issue": (_PAGE, (GREEN, ((5.6, 9.6), (7.4, 11.4), (10.5, 7.6)))),
    "credit": (
        (AMBER, ((5.2, 2.2), (2, 5.4), (5.2, 8.6))),
        (AMBER, ((2, 5.4), (10, 5.4))),
        _round(AMBER, (10, 9.5), 4.1, -90, 90),
        (AMBER, ((10, 13.6), (5, 13.6))),
    ),
    "export": (
        (INK, ((2, 9.5), (2, 14.2), (14, 14.2), (14, 9.5))),
        (GREEN, ((8, 10.6), (8, 1.8))),
        (GREEN, ((4.8, 5), (8, 1.8), (11.2, 5))),
    ),
    "duplicates": (
        (INK, ((4.6, 11.4), (1.6, 11.4), (1.6, 1.6), (9.4, 1.6), (9.4, 4))),
        (AMBER, ((5.4, 4.8), (14.4, 4.8), (14.4, 14.4), (5.4, 14.4), (5.4, 4.8))),
        (AMBER, ((8, 8.2), (11.8, 8.2))),
        (AMBER, ((8, 11), (11.8, 11))),
    ),
    "verify": (
        (INK, ((8, 1.4), (13.8, 3.4), (13.8, 7.6), (12.4, 11.2), (8, 14.6), (3.6, 11.2), (2.2, 7.6), (2.2, 3.4), (8, 1.4))),
        (GREEN, ((5.2, 7.8), (7.4, 10), (10.8, 5.8))),
    ),
    "help": (
        _round(INK, (8, 8), 6.4),
        (AMBER, (*_round("", (8, 6.4), 2.1, 180, 390)[1], (8, 8.8), (8, 9.6))),
        (AMBER, ((8, 11.7), (8, 11.8))),
    ),
}


def icon(word: str, size: int) -> bytes:
    """The picture of a command, `size` pixels square, transparent around its strokes."""
    rows = [b"\0" + b"".join(_pixel(ICONS[word], size, column, row) for column in range(size)) for row in range(size)]
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)  # 8 bits each of red, green, blue and alpha
    # Stored, not compressed: the same bytes whichever library packs them.
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"".join(rows), 0)) + _chunk(b"IEND", b"")


def _pixel(strokes: tuple[Stroke, ...], size: int, column: int, row: int) -> bytes:
    """The colour of the stroke that covers most of the pixel; its alpha says how much."""
    at = ((column + 0.5) * GRID / size, (row + 0.5) * GRID / size)
    covered = [(_covered(points, at, size), colour) for colour, points in strokes]
    share, colour = max(covered)
    return bytes.fromhex(colour) + bytes([round(255 * share)])


def _covered(points: tuple[Point, ...], at: Point, size: int) -> float:
    distance = min(_distance(at, start, end) for start, end in pairwise(points))
    return min(1.0, max(0.0, (WIDTH[size] / 2 - distance) * size / GRID + 0.5))


def _distance(at: Point, start: Point, end: Point) -> float:
    """From a point to the nearest of a piece of line."""
    along = (end[0] - start[0], end[1] - start[1])
    length = along[0] ** 2 + along[1] ** 2
    share = ((at[0] - start[0]) * along[0] + (at[1] - start[1]) * along[1]) / length
    share = min(1.0, max(0.0, share))
    return math.dist(at, (start[0] + share * along[0], start[1] + share * along[1]))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
