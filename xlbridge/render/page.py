"""Pages as lists of marks: text, rectangles and pictures, in points from the lower left corner of an A4 sheet.

Laying out needs widths only; `xlbridge.render.pen` draws the marks once all pages are known. Colours are RGB, as the output intent of
the PDF/A is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from xlbridge.render.fonts import Face, composed, printable

WIDTH, HEIGHT = 595.28, 841.89


class Colour(NamedTuple):
    """Red, green and blue, from 0 to 1."""

    red: float
    green: float
    blue: float


INK = Colour(0.13, 0.15, 0.18)
QUIET = Colour(0.38, 0.42, 0.47)
ACCENT = Colour(0.11, 0.23, 0.37)
RULE = Colour(0.80, 0.83, 0.87)
TINT = Colour(0.945, 0.955, 0.97)
WHITE = Colour(1, 1, 1)
WATERMARK = Colour(0.90, 0.91, 0.93)
WARNING = Colour(0.62, 0.24, 0.05)


class Style(NamedTuple):
    """How a line of text is set: weight, size and distance to the next line in points, colour."""

    weight: str
    size: float
    leading: float
    colour: Colour = INK


BODY = Style("regular", 8.5, 11.5)
STRONG = Style("bold", 8.5, 11.5)
SMALL = Style("regular", 7.5, 10, QUIET)
LABEL = Style("bold", 7.5, 11.5, ACCENT)
HEADING = Style("bold", 9.5, 15, ACCENT)
TITLE = Style("bold", 20, 25, ACCENT)
SUBTITLE = Style("bold", 11, 15)
FOOT = Style("regular", 6.8, 8.6, QUIET)
BAR = Style("bold", 10.5, 14, WHITE)


class Text(NamedTuple):
    """One line of text; `width` in points where it was measured already."""

    style: Style
    text: str
    width: float | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in RGB (8 `bits`) or in black and white (1 bit): pixels compressed by `filter` (`FlateDecode` or `DCTDecode`)."""

    width: int
    height: int
    data: bytes
    filter: str
    bits: int = 8


class Written(NamedTuple):
    """A line of text from (`x`, `y`) on."""

    x: float
    y: float
    style: Style
    text: str


class Slanted(NamedTuple):
    """A line of text centred on (`x`, `y`) and turned by `angle` degrees."""

    x: float
    y: float
    angle: float
    style: Style
    text: str


class Box(NamedTuple):
    """A filled rectangle with its lower left corner at (`x`, `y`)."""

    x: float
    y: float
    width: float
    height: float
    colour: Colour


class Placed(NamedTuple):
    """`picture` in the given frame."""

    x: float
    y: float
    width: float
    height: float
    picture: Picture


@dataclass(slots=True)
class Page:
    """What stands on a page: the texts, in their order, lie above all else."""

    marks: list[Slanted | Box | Placed] = field(default_factory=list)
    texts: list[Written] = field(default_factory=list)


@dataclass(slots=True)
class Sheet:
    """The pages laid out so far; the last one takes what is drawn."""

    faces: dict[str, Face]
    pages: list[Page] = field(default_factory=list)

    def turn(self) -> None:
        """Begin a new page."""
        self.pages.append(Page())

    def width(self, style: Style, text: str) -> float:
        """The width of `text` in points."""
        return self.faces[style.weight].width(text) * style.size / 1000

    def text(self, x: float, y: float, style: Style, text: str) -> None:
        """`text` with its baseline at `y`, from `x` on."""
        if text:
            self.pages[-1].texts.append(Written(x, y, style, text))

    def text_left_of(self, x: float, y: float, style: Style, text: str, width: float | None = None) -> None:
        """`text` that ends at `x`; `width` where it is known."""
        self.text(x - (self.width(style, text) if width is None else width), y, style, text)

    def slanted(self, x: float, y: float, angle: float, style: Style, text: str) -> None:
        """`text` centred on (`x`, `y`) and turned by `angle` degrees."""
        self.pages[-1].marks.append(Slanted(x, y, angle, style, text))

    def rule(self, x: float, y: float, length: float, thickness: float = 0.5, colour: Colour = RULE) -> None:
        """A horizontal rule, drawn as a thin rectangle."""
        self.rectangle(x, y, length, thickness, colour)

    def rectangle(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """A filled rectangle with its lower left corner at (`x`, `y`)."""
        self.pages[-1].marks.append(Box(x, y, width, height, colour))

    def image(self, x: float, y: float, width: float, height: float, picture: Picture) -> None:
        """`picture` in the given frame."""
        self.pages[-1].marks.append(Placed(x, y, width, height, picture))

    def wrapped(self, style: Style, text: str, width: float) -> list[Text]:
        """`text` in lines of at most `width` points; its own line ends are kept, words longer than a line are broken."""
        text = composed(text)
        paragraphs = text.splitlines() if "\n" in text or "\r" in text else [text]
        lines: list[Text] = []
        for paragraph in paragraphs:
            tidy = printable(paragraph)
            if self.width(style, tidy) <= width:
                lines.append(Text(style, tidy))
            else:
                lines += [Text(style, line) for line in self._broken(style, tidy, width)]
        return lines

    def _broken(self, style: Style, text: str, width: float) -> list[str]:
        lines, line = [], ""
        for word in text.split(" "):
            longer = f"{line} {word}" if line else word
            if self.width(style, longer) <= width:
                line = longer
                continue
            if line:
                lines.append(line)
            *full, line = self._cut(style, word, width)
            lines += full
        return [*lines, line]

    def _cut(self, style: Style, word: str, width: float) -> list[str]:
        """`word` in pieces that fit; at least one character each."""
        pieces, piece, used = [], "", 0.0
        for character in word:
            step = self.width(style, character)
            if piece and used + step > width:
                pieces.append(piece)
                piece, used = "", 0.0
            piece, used = piece + character, used + step
        return [*pieces, piece]

    def fitted(self, style: Style, text: str, width: float) -> Text:
        """`text` on one line, set smaller where it would be wider than `width`: a number is never broken."""
        text = printable(composed(text))
        used = self.width(style, text)
        if used <= width:
            return Text(style, text, used)
        return Text(style._replace(size=style.size * width / used), text, width)
