"""Pages, `factur-x.xml` and attachments as one PDF/A-3b file (ISO 19005-3), written in one pass by pikepdf.

Nothing depends on the clock or on chance: dates come from the invoice, the file identifier from the content.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING

from xlbridge.render.fonts import WEIGHTS, WINANSI, Face, FontProgram, program, winansi_widths
from xlbridge.render.page import HEIGHT, WIDTH, Picture, Sheet
from xlbridge.render.xmp import PRODUCER, Metadata, xmp

if TYPE_CHECKING:
    from pikepdf import Object, Pdf

RELATIONSHIPS = frozenset({"Source", "Data", "Alternative", "Supplement", "Unspecified"})


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the PDF. `relationship` is its `AFRelationship` (ISO 32000-2, 7.11.3): Source, Data, Alternative, Supplement."""

    name: str
    content: bytes
    mime_type: str
    relationship: str = "Source"
    description: str = ""


def write(sheet: Sheet, metadata: Metadata, attachments: Sequence[Attachment]) -> bytes:
    """The PDF/A-3b file; the first attachment is the invoice's XML."""
    from pikepdf import Array, Dictionary, Name, ObjectStreamMode, Page, Pdf, Stream, StreamDecodeLevel, String

    with Pdf.new() as pdf:
        resources = pdf.make_indirect(_resources(pdf, sheet))
        for page in sheet.pages:
            content = Stream(pdf, zlib.compress(b"\n".join(page)), Filter=Name.FlateDecode)
            frame = Array([0, 0, _decimal(WIDTH), _decimal(HEIGHT)])
            entries = Dictionary(Type=Name.Page, MediaBox=frame, Resources=resources, Contents=content)
            pdf.pages.append(Page(pdf.make_indirect(entries)))
        specifications = [_file_specification(pdf, item, metadata.day) for item in attachments]
        named = sorted(zip(attachments, specifications, strict=True), key=lambda pair: pair[0].name)
        root = pdf.Root
        root.Lang = String("fr-FR")
        root.PageMode = Name.UseAttachments
        root.OutputIntents = Array([_output_intent(pdf)])
        root.AF = Array(specifications)
        root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([part for item, spec in named for part in (String(item.name), spec)])))
        root.Metadata = Stream(pdf, xmp(metadata), Type=Name.Metadata, Subtype=Name.XML)
        pdf.trailer.Info = pdf.make_indirect(_info(metadata))
        file = BytesIO()
        pdf.save(
            file,
            min_version="1.7",
            deterministic_id=True,
            compress_streams=False,
            stream_decode_level=StreamDecodeLevel.none,
            object_stream_mode=ObjectStreamMode.disable,
            fix_metadata_version=False,
        )
        return file.getvalue()


def _decimal(value: float) -> float:
    return round(value, 2)


def _info(metadata: Metadata) -> Object:
    from pikepdf import Dictionary, String

    texts = {
        "/Title": metadata.title,
        "/Author": metadata.author,
        "/Subject": metadata.subject,
        "/Creator": PRODUCER,
        "/Producer": PRODUCER,
    }
    if metadata.day:
        texts |= {"/CreationDate": _pdf_date(metadata.day), "/ModDate": _pdf_date(metadata.day)}
    return Dictionary({key: String(text) for key, text in texts.items() if text})


def _pdf_date(day: date) -> str:
    return f"D:{day:%Y%m%d}120000+00'00'"


def _output_intent(pdf: Pdf) -> Object:
    """sRGB for all colours of the file (ISO 19005-3, 6.2.3)."""
    from pikepdf import Dictionary, Name, Stream, String

    profile = Stream(pdf, _srgb(), N=3, Filter=Name.FlateDecode)
    name = String("sRGB IEC61966-2.1")
    return pdf.make_indirect(
        Dictionary(Type=Name.OutputIntent, S=Name.GTS_PDFA1, OutputConditionIdentifier=name, Info=name, DestOutputProfile=profile)
    )


@cache
def _srgb() -> bytes:
    return zlib.compress(files("xlbridge.data").joinpath("srgb.icc").read_bytes(), 9)


def _file_specification(pdf: Pdf, item: Attachment, day: date | None) -> Object:
    from pikepdf import Dictionary, Name, Stream, String

    facts = Dictionary(Size=len(item.content), CheckSum=String(hashlib.md5(item.content, usedforsecurity=False).digest()))
    if day:
        facts.ModDate = String(_pdf_date(day))
    kind = Name("/" + item.mime_type)
    file = Stream(pdf, zlib.compress(item.content), Type=Name.EmbeddedFile, Subtype=kind, Filter=Name.FlateDecode, Params=facts)
    specification = Dictionary(
        Type=Name.Filespec,
        F=String(item.name),
        UF=String(item.name),
        AFRelationship=Name("/" + item.relationship),
        EF=Dictionary(F=file, UF=file),
    )
    if item.description:
        specification.Desc = String(item.description)
    return pdf.make_indirect(specification)


def _resources(pdf: Pdf, sheet: Sheet) -> Object:
    from pikepdf import Dictionary

    table = Dictionary()
    for weight in WEIGHTS:
        face = sheet.faces[weight]
        table[face.resource.decode()] = _simple_font(pdf, weight)
        if face.used_extra:
            table[face.resource.decode() + "X"] = _wide_font(pdf, face)
    resources = Dictionary(Font=table)
    if sheet.picture:
        resources.XObject = Dictionary(Logo=_image(pdf, sheet.picture))
    return resources


def _image(pdf: Pdf, picture: Picture) -> Object:
    from pikepdf import Name, Stream

    return Stream(
        pdf,
        picture.data,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=picture.width,
        Height=picture.height,
        ColorSpace=Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=Name("/" + picture.filter),
    )


def _simple_font(pdf: Pdf, weight: str) -> Object:
    """A TrueType font with WinAnsiEncoding: one byte a character."""
    from pikepdf import Name, Object, Stream

    font = program(weight)
    entries = Object.parse(_simple_font_entries(weight))
    entries.FontDescriptor = _descriptor(pdf, font)
    entries.ToUnicode = Stream(pdf, _winansi_to_unicode(), Filter=Name.FlateDecode)
    return pdf.make_indirect(entries)


@cache
def _simple_font_entries(weight: str) -> bytes:
    widths = " ".join(map(str, winansi_widths(weight)[32:]))
    return (
        f"<< /Type /Font /Subtype /TrueType /BaseFont /{program(weight).name} /Encoding /WinAnsiEncoding"
        f" /FirstChar 32 /LastChar 255 /Widths [{widths}] >>"
    ).encode()


def _descriptor(pdf: Pdf, font: FontProgram) -> Object:
    from pikepdf import Name, Object, Stream

    box = " ".join(map(str, font.bounding_box))
    entries = Object.parse(
        (
            f"<< /Type /FontDescriptor /FontName /{font.name} /Flags 32 /FontBBox [{box}] /ItalicAngle 0 /Ascent {font.ascent}"
            f" /Descent {font.descent} /CapHeight {font.cap_height} /StemV {80 if 'Regular' in font.name else 140} >>"
        ).encode()
    )
    entries.FontFile2 = Stream(pdf, font.compressed, Filter=Name.FlateDecode, Length1=font.length)
    return pdf.make_indirect(entries)


def _wide_font(pdf: Pdf, face: Face) -> Object:
    """A composite font whose codes are the glyph numbers of its program."""
    from pikepdf import Array, Dictionary, Name, Object, Stream, String

    font = face.wide
    in_order = sorted(font.glyphs.items(), key=lambda item: item[1])
    widths = Object.parse(f"[{' '.join(f'{glyph} [{font.widths[code]}]' for code, glyph in in_order)}]".encode())
    system = Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0)
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name("/" + font.name),
        CIDSystemInfo=system,
        CIDToGIDMap=Name.Identity,
        DW=1000,
        W=widths,
        FontDescriptor=_descriptor(pdf, font),
    )
    letters = {glyph: chr(code) for code, glyph in sorted(font.glyphs.items(), reverse=True)}
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=Name("/" + font.name),
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(descendant)]),
            ToUnicode=Stream(pdf, _to_unicode(letters, 2), Filter=Name.FlateDecode),
        )
    )


@cache
def _winansi_to_unicode() -> bytes:
    letters = {code: letter for code in range(32, 256) if (letter := bytes([code]).decode(WINANSI, "ignore"))}
    return _to_unicode(letters, 1)


def _to_unicode(letters: dict[int, str], size: int) -> bytes:
    """A compressed ToUnicode CMap for codes of `size` bytes (ISO 32000-1, 9.10.3): text can be searched and copied."""
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
    return zlib.compress(cmap.encode(), 9)
