"""The marks of a page drawn on a reportlab canvas."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.rl_accel import fp_str
from reportlab.pdfbase.pdfdoc import PDFDocument
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.textobject import PDFTextObject

from xlbridge.render.fonts import Face
from xlbridge.render.page import HEIGHT, WIDTH, Box, Colour, Page, Picture, Placed, Slanted, Written
from xlbridge.render.streams import compressed, name, stream
from xlbridge.render.typeface import shown, simple_font


class Paper(Canvas):
    """A canvas of A4 pages whose streams are fit for PDF/A and whose identifier comes from what is drawn."""

    _doc: PDFDocument

    def __init__(self) -> None:
        first = simple_font("regular")  # reportlab names a font on every page: not Helvetica, which would not be embedded
        super().__init__("", (WIDTH, HEIGHT), pageCompression=1, invariant=1, pdfVersion=(1, 7), initialFontName=first, lang="fr-FR")
        self._doc.signature = hashlib.md5(usedforsecurity=False)  # without the time that reportlab puts in

    @property
    def document(self) -> PDFDocument:
        """The file that is being made."""
        return self._doc

    def showPage(self) -> None:  # noqa: N802
        """End the page."""
        super().showPage()
        page = self._doc.Pages[-1]
        self._doc.updateSignature(page.stream)
        page.Trans = None  # reportlab would write an empty one
        page.Contents = compressed(page.stream.encode("ascii"))

    def add_picture(self, picture: Picture) -> str:
        """The name of `picture` for `doForm`. reportlab's own image class would compress the pixels again for each document."""
        digest = hashlib.md5(picture.data, usedforsecurity=False).hexdigest()
        form = f"{picture.width}x{picture.height}-{digest}"
        if not self.hasForm(form):
            entries = {
                "Type": name("XObject"),
                "Subtype": name("Image"),
                "Width": picture.width,
                "Height": picture.height,
                "ColorSpace": name("DeviceGray" if picture.bits == 1 else "DeviceRGB"),
                "BitsPerComponent": picture.bits,
                "Filter": name(picture.filter),
            }
            self._doc.addForm(form, stream(picture.data, **entries))
        return form


class Lines(PDFTextObject):
    """A text object whose lines each say where they stand: reportlab's own keeps a cursor that nothing here needs."""

    _code: list[str]

    def line(self, x: float, y: float, inside: str) -> None:
        """A line from (`x`, `y`) on; `inside` is the inside of a PDF string."""
        self._code.append(f"1 0 0 1 {fp_str(x, y)} Tm ({inside}) Tj")


@dataclass(slots=True)
class Pen:
    """Draws on the current page of `paper`; a colour is set where it changes only."""

    paper: Paper
    faces: dict[str, Face]
    _fill: Colour | None = None

    def draw(self, page: Page) -> None:
        """All of a page."""
        self._fill = None
        for mark in page.marks:
            match mark:
                case Box():
                    self._box(mark)
                case Placed():
                    self._place(mark)
                case Slanted():
                    self._slant(mark)
        self._write(page.texts)

    def _write(self, texts: Sequence[Written]) -> None:
        text = Lines(self.paper)
        current: tuple[str, float] | None = None
        for x, y, style, line in texts:
            font, inside = shown(self.faces[style.weight], line)
            if (font, style.size) != current:
                current = font, style.size
                text.setFont(font, style.size, style.leading)
            if style.colour is not self._fill:
                self._fill = style.colour
                text.setFillColor(style.colour)
            text.line(x, y, inside)
        self.paper.drawText(text)

    def _box(self, mark: Box) -> None:
        x, y, width, height, colour = mark
        if colour is not self._fill:
            self._fill = colour
            self.paper.setFillColor(colour)
        self.paper.rect(x, y, width, height, stroke=0, fill=1)

    def _slant(self, mark: Slanted) -> None:
        paper = self.paper
        paper.saveState()
        paper.translate(mark.x, mark.y)
        paper.rotate(mark.angle)
        paper.setFillColor(mark.style.colour)
        paper.setFont(shown(self.faces[mark.style.weight], mark.text)[0], mark.style.size, mark.style.leading)
        paper.drawCentredString(0, 0, mark.text)
        paper.restoreState()

    def _place(self, mark: Placed) -> None:
        paper = self.paper
        paper.saveState()
        paper.translate(mark.x, mark.y)
        paper.scale(mark.width, mark.height)
        paper.doForm(paper.add_picture(mark.picture))
        paper.restoreState()
