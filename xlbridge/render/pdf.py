"""The readable invoice: pages drawn from the model, A4, in French.

What a reader must be able to trust: nothing overlaps, nothing leaves the page, no text is lost; a character that no font has is told.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from xlbridge import french
from xlbridge.findings import Finding, Rule, Severity
from xlbridge.model import Invoice
from xlbridge.model.term import term_of
from xlbridge.render import fonts, wording
from xlbridge.render.closing import draw_closing
from xlbridge.render.flow import CONTENT, LEFT, RIGHT, TOP, Flow
from xlbridge.render.heading import draw_heading
from xlbridge.render.marks import NO_MARKS, Marks
from xlbridge.render.page import FOOT, HEIGHT, LABEL, RULE, SMALL, WARNING, WATERMARK, WHITE, WIDTH, Picture, Sheet, Style, Text
from xlbridge.render.qr import symbol, transfer_text
from xlbridge.render.table import draw_lines

FOOTER_WIDTH = CONTENT - 60
FOOTER_LINES = 4
FOOTER_BOTTOM = 24.0
BANNER = Style("bold", 8.5, 12, WHITE)
STAMP = Style("bold", 96, 100, WATERMARK)

NO_GLYPH = Rule(
    "DOC-001",
    Severity.WARNING,
    "Caractère impossible à imprimer",
    "« {text} » contient {names}, que la police du PDF n’a pas : le caractère est imprimé « ? » (le XML le garde).",
    "écrivez ce texte en lettres latines, grecques ou cyrilliques.",
)


@dataclass(frozen=True, slots=True)
class Drawing:
    """The drawn pages, and what could not be drawn as it was written."""

    sheet: Sheet
    findings: tuple[Finding, ...]


def draw(invoice: Invoice, *, marks: Marks = NO_MARKS, logo: Picture | None = None, payment_qr: bool = True) -> Drawing:
    """The pages of `invoice`, each with its `marks`."""
    extra = _beyond_winansi(invoice, marks.proof or "")
    missing = fonts.missing(extra)
    sheet = Sheet({weight: fonts.Face(weight, extra - missing) for weight in fonts.WEIGHTS})
    footer, complete = _footer_lines(sheet, invoice)
    foot = [Text(FOOT, line) for line in footer] + ([sheet.fitted(FOOT, marks.proof, CONTENT)] if marks.proof else [])
    flow = Flow(sheet, FOOTER_BOTTOM + len(foot) * FOOT.leading + 12, lambda: _begin_page(sheet, invoice, marks))
    flow.turn()
    draw_heading(flow, invoice, logo)
    draw_lines(flow, invoice)
    transfer = transfer_text(invoice) if payment_qr and marks.asks_for_payment else None
    draw_closing(flow, invoice, wording.mentions(invoice, with_legal_texts=not complete), symbol(transfer) if transfer else None)
    _draw_footers(sheet, foot)
    return Drawing(sheet, tuple(_missing_glyphs(invoice, missing)))


def _begin_page(sheet: Sheet, invoice: Invoice, marks: Marks) -> float:
    """What every page carries above its content; the answer is where the content starts."""
    y = TOP
    if marks.stamp:
        sheet.slanted(WIDTH / 2, HEIGHT / 2, 52, STAMP, marks.stamp)
    for text in marks.banners:
        sheet.rectangle(LEFT, y - 4, CONTENT, 16, WARNING)
        sheet.text(LEFT + 8, y + 1, BANNER, text)
        y -= 18
    if len(sheet.pages) > 1:
        title = sheet.fitted(LABEL, f"{invoice.title} {invoice.number or ''}".strip(), 300)
        sheet.text(LEFT, y - 6, title.style, title.text)
        if invoice.issue_date:
            sheet.text_left_of(RIGHT, y - 6, SMALL, french.long_date(invoice.issue_date))
        sheet.rule(LEFT, y - 12, CONTENT)
        y -= 22
    return y


def _footer_lines(sheet: Sheet, invoice: Invoice) -> tuple[list[str], bool]:
    """The foot of every page, and whether the legal texts found room in it."""
    lines = [line.text for line in sheet.wrapped(FOOT, wording.footer(invoice), FOOTER_WIDTH)]
    if len(lines) <= FOOTER_LINES:
        return lines, True
    short = [line.text for line in sheet.wrapped(FOOT, wording.footer(invoice, short=True), FOOTER_WIDTH)]
    return short[: FOOTER_LINES - 1] + (["…"] if len(short) >= FOOTER_LINES else []), False


def _draw_footers(sheet: Sheet, lines: list[Text]) -> None:
    """Footer and page number on all pages, now that their count is known."""
    top = FOOTER_BOTTOM + len(lines) * FOOT.leading
    pages = sheet.pages
    for number, page in enumerate(pages, 1):
        on_page = Sheet(sheet.faces, [page])
        on_page.rule(LEFT, top + 3, CONTENT, 0.5, RULE)
        for position, line in enumerate(lines, 1):
            on_page.text(LEFT, top - position * FOOT.leading + 2, line.style, line.text)
        on_page.text_left_of(RIGHT, top - FOOT.leading + 2, FOOT, f"Page {number}/{len(pages)}")


def _beyond_winansi(invoice: Invoice, proof: str) -> frozenset[str]:
    """The characters of the page that the ordinary font lacks, from the invoice's JSON: one pass over all texts."""
    return fonts.beyond_winansi(invoice.model_dump_json(exclude={"supporting_documents": {"__all__": {"content"}}}) + proof)


def _missing_glyphs(invoice: Invoice, missing: frozenset[str]) -> Iterator[Finding]:
    """One finding for each text with a character that no font has."""
    if not missing:
        return
    for path, text in _texts(invoice.model_dump(exclude={"supporting_documents": {"__all__": {"content"}}}), ""):
        found = sorted(missing & set(fonts.printable(fonts.composed(text))))
        if found:
            yield NO_GLYPH.found(field=path, term=term_of(path), text=text[:80], names=", ".join(map(_described, found)))


def _texts(data: Any, path: str) -> Iterator[tuple[str, str]]:
    """All texts below `data` with their paths (`lines[0].name`)."""
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, dict):
        for name, value in data.items():
            yield from _texts(value, f"{path}.{name}" if path else name)
    elif isinstance(data, (list, tuple)):
        for index, value in enumerate(data):
            yield from _texts(value, f"{path}[{index}]")


def _described(character: str) -> str:
    return f"« {character} » (U+{ord(character):04X}, {unicodedata.name(character, 'sans nom').lower()})"
