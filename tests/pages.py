"""What poppler sees on the pages of a PDF: plain text, words with their frames, pictures of the pages."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from lxml import etree
from PIL import Image

XHTML = "{http://www.w3.org/1999/xhtml}"


@dataclass(frozen=True)
class Word:
    """A word and its frame in points from the upper left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def plain_text(pdf: bytes, *options: str) -> str:
    """The text of all pages, no-break spaces written as spaces."""
    run = subprocess.run(["pdftotext", *options, "-", "-"], input=pdf, capture_output=True, check=True)
    assert not run.stderr, run.stderr.decode()
    return run.stdout.decode().replace("\u00a0", " ")


def pages_of_text(pdf: bytes) -> list[str]:
    """The text of each page, laid out as on the page."""
    return plain_text(pdf, "-layout").split("\f")[:-1]


def words(pdf: bytes) -> list[list[Word]]:
    """The words of each page."""
    run = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True)
    root = etree.fromstring(run.stdout.replace(b"\x0c", b""), etree.XMLParser(recover=True))
    return [
        [Word(word.text or "", *(float(word.get(edge)) for edge in ("xMin", "yMin", "xMax", "yMax"))) for word in page.iter(f"{XHTML}word")]
        for page in root.iter(f"{XHTML}page")
    ]


def pictures(pdf: bytes, folder: Path, resolution: int = 100) -> list[Image.Image]:
    """The pages as pictures."""
    subprocess.run(["pdftoppm", "-r", str(resolution), "-png", "-", str(folder / "page")], input=pdf, check=True, capture_output=True)
    return [Image.open(path) for path in sorted(folder.glob("page*.png"))]


def overlaps(page: list[Word], slack: float = 0.6) -> list[tuple[str, str]]:
    """Pairs of words whose inked frames meet; the upper and lower fifth of a frame is leading."""
    frames = sorted(page, key=lambda word: word.top)
    found = []
    for position, one in enumerate(frames):
        height = one.bottom - one.top
        for other in frames[position + 1 :]:
            if other.top > one.bottom:
                break
            vertical = min(one.bottom, other.bottom) - max(one.top, other.top)
            horizontal = min(one.right, other.right) - max(one.left, other.left)
            if horizontal > slack and vertical > 0.42 * min(height, other.bottom - other.top):
                found.append((one.text, other.text))
    return found
