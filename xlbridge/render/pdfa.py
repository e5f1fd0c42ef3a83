"""Pages and attachments (`factur-x.xml` first) as one PDF/A-3b file (ISO 19005-3), drawn and written in one pass by reportlab.

Nothing depends on the clock or on chance: dates come from the invoice, the file identifier from the content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.resources import files

from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFDocument, PDFInfo, PDFObjectReference, PDFString, PDFText

from xlbridge.render.attachment import Attachment
from xlbridge.render.page import Sheet
from xlbridge.render.pen import Paper, Pen
from xlbridge.render.streams import Ready, compressed, name, stream, text_bytes, text_string, written
from xlbridge.render.xmp import PRODUCER, Metadata, xmp


def write(sheet: Sheet, metadata: Metadata, attachments: Sequence[Attachment]) -> bytes:
    """The PDF/A-3b file; the first attachment of a Factur-X is its XML."""
    paper = Paper()
    pen = Pen(paper, sheet.faces)
    for page in sheet.pages:
        pen.draw(page)
        paper.showPage()
    document = paper.document
    document.info = Info(metadata)
    _fill_catalog(document, metadata, attachments)
    pdf: bytes = paper.getpdfdata()
    return pdf


class Info(PDFInfo):
    """The Info dictionary, with the same facts as the XMP and without reportlab's own words for what is not known."""

    def __init__(self, metadata: Metadata) -> None:
        super().__init__()
        self.title, self.author, self.subject = metadata.title, metadata.author, metadata.subject
        self.day = metadata.day

    def format(self, document: PDFDocument) -> bytes:
        """The dictionary as it stands in the file."""
        texts = {"Title": self.title, "Author": self.author, "Subject": self.subject, "Creator": PRODUCER, "Producer": PRODUCER}
        entries = {key: text_string(text) for key, text in texts.items() if text}
        if self.day:
            entries |= {"CreationDate": _pdf_date(self.day), "ModDate": _pdf_date(self.day)}
        info: bytes = PDFDictionary(entries).format(document)
        return info


def _pdf_date(day: date) -> PDFString:
    return PDFString(f"D:{day:%Y%m%d}120000+00'00'")


def _fill_catalog(document: PDFDocument, metadata: Metadata, attachments: Sequence[Attachment]) -> None:
    catalog = document.Catalog
    catalog.__NoDefault__ = [*catalog.__NoDefault__, "OutputIntents", "AF"]  # what reportlab does not know yet
    packet = xmp(metadata)
    specifications = {item.name: _file_specification(document, item, metadata.day) for item in attachments}
    names = [part for item in sorted(specifications, key=text_bytes) for part in (text_string(item), specifications[item])]
    for content in (packet, *(part for item in attachments for part in (item.name, item.content))):
        document.updateSignature(content)
    catalog.OutputIntents = PDFArray([_output_intent(document)])
    if attachments:
        catalog.setPageMode("UseAttachments")
        catalog.AF = PDFArray(specifications.values())
        catalog.Names = PDFDictionary({"EmbeddedFiles": PDFDictionary({"Names": PDFArray(names)})})
    catalog.Metadata = stream(packet, Type=name("Metadata"), Subtype=name("XML"))


def _output_intent(document: PDFDocument) -> PDFObjectReference:
    """sRGB for all colours of the file (ISO 19005-3, 6.2.3)."""
    return document.Reference(Ready(_intent(), DestOutputProfile=document.Reference(Ready(_srgb()))))


@cache
def _intent() -> bytes:
    srgb = PDFString("sRGB IEC61966-2.1")
    entries = {"Type": name("OutputIntent"), "S": name("GTS_PDFA1"), "OutputConditionIdentifier": srgb, "Info": srgb}
    return written(PDFDictionary(entries))


@cache
def _srgb() -> bytes:
    return written(compressed(files("xlbridge.data").joinpath("srgb.icc").read_bytes(), N=3))


def _file_specification(document: PDFDocument, item: Attachment, day: date | None) -> PDFObjectReference:
    """A file and what is said of it (ISO 19005-3, 6.8)."""
    facts = {"Size": len(item.content), "CheckSum": PDFText(hashlib.md5(item.content, usedforsecurity=False).digest())}
    if day:
        facts["ModDate"] = _pdf_date(day)
    file = compressed(item.content, Type=name("EmbeddedFile"), Subtype=name(item.mime_type), Params=PDFDictionary(facts))
    file_reference = document.Reference(file)
    entries = {
        "Type": name("Filespec"),
        "F": text_string(item.name),
        "UF": text_string(item.name),
        "AFRelationship": name(item.relationship),
        "EF": PDFDictionary({"F": file_reference, "UF": file_reference}),
    }
    if item.description:
        entries["Desc"] = text_string(item.description)
    return document.Reference(PDFDictionary(entries))
