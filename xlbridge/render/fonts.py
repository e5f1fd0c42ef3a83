"""Noto Sans for the page: two weights that measure text, and the font programs a PDF embeds.

What Windows-1252 can write (French and its neighbours) is drawn with a font that is cut down and compressed once per process. A
document that needs more (Polish, Greek, Cyrillic, Vietnamese …) gets a second font with its own letters, beside the first. A
character that Noto Sans lacks is drawn as `?`; `missing` names it, so that nobody discovers it on paper.

Widths are thousandths of the font size.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO

WEIGHTS = {"regular": 400, "bold": 700}
WINANSI = "cp1252"
REPLACEMENT = "?"
# TrueType tables that a PDF needs: everything else about the font stands in the PDF itself.
EMBEDDED_TABLES = frozenset({"GlyphOrder", "head", "hhea", "maxp", "hmtx", "cmap", "loca", "glyf", "cvt ", "fpgm", "prep", "post"})

# Joining and placing letters, of which the page makes no use.
LAYOUT_TABLES = frozenset({"GSUB", "GPOS", "GDEF", "BASE", "STAT", "MVAR"})
# Devanagari: Noto Sans has its letters, but they must be joined.
SHAPED = frozenset((*range(0x0900, 0x0980), *range(0x1CD0, 0x1D00), *range(0xA8E0, 0xA900)))

_NO_BREAK = dict.fromkeys((*range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), "\u00a0")
_SPACE = dict.fromkeys((*range(0x20), 0x7F, *range(0x80, 0xA0), 0x2028, 0x2029), " ")
_NOTHING = dict.fromkeys(
    (0xAD, 0xFFFE, 0xFFFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF, *range(0xFE00, 0xFE10))
)
_PRINTED_AS = _NO_BREAK | _SPACE | _NOTHING
_UNPRINTABLE = re.compile("[" + re.escape("".join(map(chr, _PRINTED_AS))) + "]")


@dataclass(frozen=True, slots=True)
class FontProgram:
    """A TrueType program ready to embed: compressed file, its length, metrics in thousandths, glyph and width of each character."""

    name: str
    compressed: bytes
    length: int
    bounding_box: tuple[int, int, int, int]
    ascent: int
    descent: int
    cap_height: int
    glyphs: dict[int, int]
    widths: dict[int, int]


def printable(text: str) -> str:
    """`text` with the spaces a page knows, and without what has no shape (soft hyphens, marks of direction, controls)."""
    if _UNPRINTABLE.search(text):
        text = text.translate(_PRINTED_AS)
    return text


@cache
def winansi_characters() -> str:
    """The characters of Windows-1252."""
    return "".join(bytes([code]).decode(WINANSI, "ignore") for code in range(32, 256) if code not in {0x7F, 0xAD})


@lru_cache(maxsize=32)
def program(weight: str, extra: frozenset[str] = frozenset()) -> FontProgram:
    """Noto Sans in `weight`, cut down to Windows-1252 and the `extra` characters."""
    from fontTools import subset
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    options = subset.Options(hinting=False, layout_features=[], notdef_outline=True)
    with TTFont(_file(), lazy=True, recalcTimestamp=False) as font:
        for table in LAYOUT_TABLES & set(font.keys()):
            del font[table]
        subsetter = subset.Subsetter(options)
        subsetter.populate(text=winansi_characters() + "".join(sorted(extra)))
        subsetter.subset(font)
        instantiateVariableFont(font, {"wght": WEIGHTS[weight], "wdth": 100}, inplace=True)
        characters = font.getBestCmap()
        widths = {code: font["hmtx"][name][0] for code, name in characters.items()}
        glyphs = {code: font.getGlyphID(name) for code, name in characters.items()}
        cap_height = font["OS/2"].sCapHeight
        for table in set(font.keys()) - EMBEDDED_TABLES:
            del font[table]
        file = BytesIO()
        font.save(file)
        head, line = font["head"], font["hhea"]
        scale = 1000 / head.unitsPerEm
        box = tuple(round(value * scale) for value in (head.xMin, head.yMin, head.xMax, head.yMax))
    data = file.getvalue()
    return FontProgram(
        f"{_tag(weight, extra)}+NotoSans-{weight.capitalize()}",
        zlib.compress(data, 9),
        len(data),
        (box[0], box[1], box[2], box[3]),
        round(line.ascent * scale),
        round(line.descent * scale),
        round(cap_height * scale),
        glyphs,
        {code: round(width * scale) for code, width in widths.items()},
    )


def _file() -> BytesIO:
    return BytesIO(files("fontpkg_noto_sans").joinpath("files", "NotoSans[wdth,wght].ttf").read_bytes())


def _tag(weight: str, extra: frozenset[str]) -> str:
    """The six capitals that name a subset (ISO 32000-1, 9.6.4), from what it holds."""
    number = zlib.crc32((weight + "".join(sorted(extra))).encode())
    return "".join(chr(65 + number // 26**place % 26) for place in range(6))


@cache
def repertoire() -> frozenset[int]:
    """All code points that Noto Sans can draw one by one."""
    from fontTools.ttLib import TTFont

    with TTFont(_file(), lazy=True) as font:
        return frozenset(font.getBestCmap()) - SHAPED


def beyond_winansi(text: str) -> frozenset[str]:
    """The characters of `text` that Windows-1252 lacks, composed where they can be."""
    return frozenset() if is_winansi(text) else frozenset(printable(composed(text))) - frozenset(winansi_characters())


def missing(characters: Iterable[str]) -> frozenset[str]:
    """Those of `characters` that no font of the page can draw."""
    return frozenset(character for character in characters if ord(character) not in repertoire())


@dataclass(frozen=True, slots=True)
class Face:
    """One weight in one document; `extra` are the characters of the document that its second font adds."""

    weight: str
    extra: frozenset[str] = frozenset()

    def width(self, text: str) -> int:
        """The width of `text` in thousandths of the font size."""
        try:
            return sum(map(winansi_widths(self.weight).__getitem__, winansi(text)))
        except UnicodeEncodeError:
            widths = program(self.weight, self.extra).widths
            return sum(widths.get(ord(character)) or widths[ord(REPLACEMENT)] for character in text)


def is_winansi(text: str) -> bool:
    """Whether the ordinary font has all characters of `text`."""
    try:
        winansi(text)
    except UnicodeEncodeError:
        return False
    return True


def winansi(text: str) -> bytes:
    """`text` in Windows-1252; UnicodeEncodeError where it has more. Most of it is Latin-1, whose codec is four times faster."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode(WINANSI)


@cache
def winansi_widths(weight: str) -> list[int]:
    """The width of each of the 256 bytes of Windows-1252; bytes without a character have none."""
    widths = program(weight).widths
    return [widths.get(ord(bytes([code]).decode(WINANSI, "replace")), 0) for code in range(256)]


def composed(text: str) -> str:
    """`text` as one code point per letter where Unicode has one (é, not e and an accent)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)
