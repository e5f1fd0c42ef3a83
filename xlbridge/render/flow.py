"""The flow of a document down its pages: rows of cells side by side, and what happens where a page ends.

A row that fits on a page is never split; one that is taller than a page goes on over the next, line by line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from xlbridge.render.page import HEIGHT, WIDTH, Colour, Sheet, Text

LEFT, RIGHT, TOP = 42.0, WIDTH - 42.0, HEIGHT - 36.0
CONTENT = RIGHT - LEFT
INSET = 6.0  # between the edge of a table and its text
FRESH_PAGE = 560.0  # what is free at least on a page that continues a table
SPLIT_ROOM = 60.0  # a row taller than a page begins here only if this much is left
BASELINE = 0.80  # of the leading, from the top of a line to its baseline


class Cell(NamedTuple):
    """Lines of text in a frame: left edge and width in points; `right` aligns numbers; `fill` colours the frame."""

    x: float
    width: float
    lines: Sequence[Text]
    right: bool = False
    fill: Colour | None = None


Row = Sequence[Cell]


def row_height(row: Row) -> float:
    """The height of the tallest cell."""
    return max((sum(line.style.leading for line in cell.lines) for cell in row), default=0.0)


@dataclass(slots=True)
class Continuation:
    """What a table does at a page's end: `foot` below the last row (`foot_height` points high), `head` on the next page."""

    foot_height: float
    foot: Callable[[], None]
    head: Callable[[], None]


@dataclass(slots=True)
class Flow:
    """A cursor `y` that goes down; `on_new_page` draws what every page carries and answers where the content starts."""

    sheet: Sheet
    bottom: float
    on_new_page: Callable[[], float]
    y: float = 0.0
    continuation: Continuation | None = None

    @property
    def room(self) -> float:
        """The points left on this page, without those that a running table needs for its foot."""
        return self.y - self.bottom - (self.continuation.foot_height if self.continuation else 0.0)

    def turn(self) -> None:
        """Go on with the next page."""
        if self.continuation and self.sheet.pages:
            self.continuation.foot()
        self.sheet.turn()
        self.y = self.on_new_page()
        if self.continuation:
            self.continuation.head()

    def need(self, height: float) -> None:
        """Turn the page unless `height` points are left."""
        if height > self.room:
            self.turn()

    def skip(self, height: float) -> None:
        """Leave `height` points empty, as far as the page goes."""
        self.y -= min(height, max(self.room, 0.0))

    def row(self, row: Row, padding: float = 0.0, started: Callable[[], None] | None = None) -> None:
        """Draw `row` with `padding` points above and below; `started` is called on the page where it begins, before it can end."""
        height = row_height(row) + 2 * padding
        if height > self.room and (height <= FRESH_PAGE or self.room < SPLIT_ROOM):
            self.turn()
        if started:
            started()
        if height <= self.room:
            self.y = draw_row(self.sheet, row, self.y, height, padding)
        else:
            self._split(row, padding)

    def _split(self, row: Row, padding: float) -> None:
        """Draw a row that is taller than a page."""
        rest = [list(cell.lines) for cell in row]
        while True:
            room = self.room - 2 * padding
            parts = [_taken(lines, room) for lines in rest]
            rest = [lines[len(part) :] for lines, part in zip(rest, parts, strict=True)]
            piece = [cell._replace(lines=part) for cell, part in zip(row, parts, strict=True)]
            self.y = draw_row(self.sheet, piece, self.y, row_height(piece) + 2 * padding, padding)
            if not any(rest):
                return
            self.turn()


def _taken(lines: Sequence[Text], room: float) -> list[Text]:
    """The first of `lines` that fit in `room`; at least one, so that the flow always ends."""
    taken: list[Text] = []
    for line in lines:
        room -= line.style.leading
        if room < 0 and taken:
            break
        taken.append(line)
    return taken


def draw_row(sheet: Sheet, row: Row, y: float, height: float, padding: float = 0.0) -> float:
    """Draw `row` from `y` down in a frame of `height`; the answer is the `y` below it."""
    for cell in row:
        if cell.fill:
            sheet.rectangle(cell.x - 8, y - height, cell.width + 16, height, cell.fill)
    for cell in row:
        line_top = y - padding
        for style, text, width in cell.lines:
            baseline = line_top - style.leading * BASELINE
            if cell.right:
                sheet.text_left_of(cell.x + cell.width, baseline, style, text, width)
            else:
                sheet.text(cell.x, baseline, style, text)
            line_top -= style.leading
    return y - height
