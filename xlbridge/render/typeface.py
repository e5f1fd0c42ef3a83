"""Noto Sans as fonts of reportlab, whose programs are cut down and compressed once per process (reportlab's own `TTFont` does it for
every document).

Two kinds, by reportlab's two ways to write text: one byte a character in Windows-1252, and, like its CID fonts, two bytes a glyph for
what else a document needs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cache, lru_cache

from reportlab.lib.rl_accel import escapePDF
from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFDocument, PDFObject, PDFObjectReference, PDFString
from reportlab.pdfbase.pdfmetrics import Font, TypeFace, getEncoding, getFont, registerFont

from xlbridge.render.fonts import REPLACEMENT, WINANSI, Face, FontProgram, program, winansi, winansi_widths
from xlbridge.render.streams import Ready, compressed, name, packed, written


def shown(face: Face, text: str) -> tuple[str, str]:
    """The name of the registered font that can draw `text`, and `text` as the inside of a PDF string in that font."""
    try:
        return simple_font(face.weight), str(escapePDF(winansi(text)))
    except UnicodeEncodeError:
        font = wide_font(face)
        return font, getFont(font).formatForPdf(text)


@cache
def simple_font(weight: str) -> str:
    """The name under which the font for Windows-1252 is registered."""
    font = SimpleFont(Face(weight))
    registerFont(font)
    return font.fontName


@lru_cache(maxsize=64)
def wide_font(face: Face) -> str:
    """The name under which the font with the document's own characters is registered; it tells them all, so that documents cannot mix."""
    font = WideFont(face)
    registerFont(font)
    return font.fontName


class NotoSans(Font, ABC):
    """What both kinds share. reportlab asks a font for its name, its widths, and to add its objects to a document."""

    def __init__(self, face: Face, font_name: str, resource: str) -> None:
        # Font.__init__ would look for the typeface among font files.
        self.fontName = font_name
        self.resource = resource
        self.noto = face
        self.face = TypeFace(font_name)
        self.encoding = getEncoding("WinAnsiEncoding")
        self.encName = WINANSI  # reportlab's own codec would write a no-break space as a space
        self.widths = winansi_widths(face.weight)
        self.substitutionFonts: list[Font] = []

    @property
    def program(self) -> FontProgram:
        """The program to embed."""
        return program(self.noto.weight, self.noto.extra)

    def stringWidth(self, text: str | bytes, size: float, encoding: str = "utf8") -> float:  # noqa: N802
        """The width of `text` in points, as the layout measured it."""
        return self.noto.width(text if isinstance(text, str) else text.decode(encoding)) * size / 1000

    def addObjects(self, doc: PDFDocument) -> None:  # noqa: N802
        """Embed the font in `doc`, as a resource of all its pages."""
        dictionary = self.dictionary(doc)
        doc.Reference(dictionary, self.resource)
        doc.idToObject["BasicFonts"].dict[self.resource] = dictionary
        doc.fontMapping[self.fontName] = "/" + self.resource

    @abstractmethod
    def dictionary(self, doc: PDFDocument) -> PDFObject:
        """The font dictionary."""

    def descriptor(self, doc: PDFDocument) -> PDFObjectReference:
        """The font descriptor (ISO 32000-1, 9.8) with the program."""
        return doc.Reference(Ready(_descriptor(self.noto), FontFile2=doc.Reference(Ready(_font_file(self.noto)))))


class SimpleFont(NotoSans):
    """A TrueType font with WinAnsiEncoding: one byte a character."""

    def __init__(self, face: Face) -> None:
        super().__init__(face, f"NotoSans-{face.weight}", f"F{face.weight[0].upper()}")

    def dictionary(self, doc: PDFDocument) -> PDFObject:
        """The font dictionary (ISO 32000-1, 9.6.3)."""
        to_unicode = doc.Reference(Ready(_winansi_to_unicode()))
        return Ready(_simple_entries(self.noto), FontDescriptor=self.descriptor(doc), ToUnicode=to_unicode)


class WideFont(NotoSans):
    """A composite font whose codes are the glyph numbers of its program."""

    _multiByte = 1  # noqa: N815 – reportlab then asks `formatForPdf`

    def __init__(self, face: Face) -> None:
        super().__init__(face, f"NotoSans-{face.weight} {''.join(sorted(face.extra))}", f"F{face.weight[0].upper()}X")

    def formatForPdf(self, text: str) -> str:  # noqa: N802
        """`text` as the inside of a PDF string."""
        glyphs = self.program.glyphs
        numbers = (glyphs.get(ord(character)) or glyphs[ord(REPLACEMENT)] for character in text)
        return str(escapePDF(b"".join(number.to_bytes(2, "big") for number in numbers)))

    def dictionary(self, doc: PDFDocument) -> PDFObject:
        """The font dictionary and its descendant (ISO 32000-1, 9.7)."""
        font = self.program
        in_order = sorted(font.glyphs.items(), key=lambda item: item[1])
        system = {"Registry": PDFString("Adobe"), "Ordering": PDFString("Identity"), "Supplement": 0}
        descendant = {
            "Type": name("Font"),
            "Subtype": name("CIDFontType2"),
            "BaseFont": name(font.name),
            "CIDSystemInfo": PDFDictionary(system),
            "CIDToGIDMap": name("Identity"),
            "DW": 1000,
            "W": f"[{' '.join(f'{glyph} [{font.widths[code]}]' for code, glyph in in_order)}]",
            "FontDescriptor": self.descriptor(doc),
        }
        letters = {glyph: chr(code) for code, glyph in sorted(font.glyphs.items(), reverse=True)}
        return PDFDictionary(
            {
                "Type": name("Font"),
                "Subtype": name("Type0"),
                "BaseFont": name(font.name),
                "Encoding": name("Identity-H"),
                "DescendantFonts": PDFArray([doc.Reference(PDFDictionary(descendant))]),
                "ToUnicode": doc.Reference(compressed(_to_unicode(letters, 2))),
            }
        )


@lru_cache(maxsize=32)
def _font_file(face: Face) -> bytes:
    font = program(face.weight, face.extra)
    return written(packed(font.compressed, Length1=font.length))


@lru_cache(maxsize=32)
def _descriptor(face: Face) -> bytes:
    font = program(face.weight, face.extra)
    entries = {
        "Type": name("FontDescriptor"),
        "FontName": name(font.name),
        "Flags": 32,
        "FontBBox": PDFArray(font.bounding_box),
        "ItalicAngle": 0,
        "Ascent": font.ascent,
        "Descent": font.descent,
        "CapHeight": font.cap_height,
        "StemV": 80 if face.weight == "regular" else 140,
    }
    return written(PDFDictionary(entries))


@cache
def _simple_entries(face: Face) -> bytes:
    entries = {
        "Type": name("Font"),
        "Subtype": name("TrueType"),
        "BaseFont": name(program(face.weight).name),
        "Encoding": name("WinAnsiEncoding"),
        "FirstChar": 32,
        "LastChar": 255,
        "Widths": PDFArray(winansi_widths(face.weight)[32:]),
    }
    return written(PDFDictionary(entries))


@cache
def _winansi_to_unicode() -> bytes:
    letters = {code: letter for code in range(32, 256) if (letter := bytes([code]).decode(WINANSI, "ignore"))}
    return written(compressed(_to_unicode(letters, 1)))


def _to_unicode(letters: dict[int, str], size: int) -> bytes:
    """A ToUnicode CMap for codes of `size` bytes (ISO 32000-1, 9.10.3): text can be searched and copied."""
    lines = [f"<{code:0{2 * size}x}> <{letter.encode('utf-16-be').hex()}>" for code, letter in sorted(letters.items())]
    blocks = [lines[start : start + 100] for start in range(0, len(lines), 100)]
    mapping = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        f"1 begincodespacerange <{'00' * size}> <{'ff' * size}> endcodespacerange\n{mapping}\n"
        "endcmap CMapName currentdict /CMap defineresource pop end end\n"
    )
    return cmap.encode()
