"""Streams, names and texts as PDF/A has them, for reportlab to write."""

from __future__ import annotations

import zlib
from codecs import BOM_UTF16_BE
from functools import cache
from typing import Any

from reportlab.pdfbase.pdfdoc import DummyDoc, PDFDictionary, PDFDocument, PDFName, PDFObject, PDFObjectReference, PDFStream, PDFString

END = b"endstream\n"


class Stream(PDFStream):
    """A stream whose `endstream` stands on a line of its own (ISO 19005-3, 6.1.7.1), which reportlab's does not."""

    def format(self, document: PDFDocument) -> bytes:
        """The stream as it stands in the file."""
        text: bytes = super().format(document)
        return text.removesuffix(END) + b"\n" + END


def stream(data: bytes, **entries: Any) -> Stream:
    """A stream of `data` as it is."""
    return Stream(PDFDictionary(entries), data)


def packed(data: bytes, **entries: Any) -> Stream:
    """A stream of `data` that zlib compressed already."""
    return Stream(PDFDictionary({"Filter": name("FlateDecode"), **entries}), data, [])


def compressed(data: bytes, **entries: Any) -> Stream:
    """A stream of `data`, compressed."""
    return packed(zlib.compress(data), **entries)


class Ready(PDFObject):
    """An object that was written once per process, for it is the same in all documents but for the entries that are `references`."""

    __RefOnly__ = 1

    def __init__(self, content: bytes, **references: PDFObjectReference) -> None:
        self.content = content
        self.references = references

    def format(self, document: PDFDocument) -> bytes:
        """The object as it stands in the file."""
        if not self.references:
            return self.content
        entries = (name(key) + b" " + reference.format(document) + b"\n" for key, reference in self.references.items())
        return self.content.removesuffix(b">>") + b"".join(entries) + b">>"


def written(content: Stream | PDFDictionary) -> bytes:
    """The bytes of an object that depends on no document."""
    text: bytes = content.format(DummyDoc())
    return text


def text_bytes(text: str) -> bytes:
    """`text` in ASCII or UTF-16, which all readers agree on."""
    return text.encode("ascii") if text.isascii() and text.isprintable() else BOM_UTF16_BE + text.encode("utf-16-be")


def text_string(text: str) -> PDFString:
    """`text` as a string object."""
    return PDFString(text_bytes(text), enc="raw")


@cache
def name(text: str) -> bytes:
    """A name object; a slash in it (`text/xml`) is escaped, which reportlab forgets."""
    return b"/" + str(PDFName(text))[1:].replace("/", "#2F").encode("ascii")
