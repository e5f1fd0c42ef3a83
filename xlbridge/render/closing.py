"""What follows the lines: VAT recap and totals side by side, payment with its QR code, mentions."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from xlbridge import french
from xlbridge.model import AllowanceCharge, Invoice
from xlbridge.model.money import ZERO
from xlbridge.render import wording
from xlbridge.render.flow import CONTENT, FRESH_PAGE, INSET, LEFT, RIGHT, Cell, Flow, Row, draw_row, row_height
from xlbridge.render.page import ACCENT, BAR, BODY, HEADING, LABEL, SMALL, STRONG, Picture, Sheet, Style, Text

RECAP_WIDTH, TOTALS_WIDTH, AMOUNT_WIDTH = 258.0, 230.0, 108.0
TOTALS_LEFT = RIGHT - TOTALS_WIDTH
BAR_GAP = 4.0
QR_SIZE = 78.0
CAPTION = 16.0  # below the symbol, its quiet zone included
MENTION = Style("regular", 8, 10.8)


class Strip(NamedTuple):
    """A row of a block with its padding; `rule` draws a line below it, `bar` a dark frame behind it."""

    row: Row
    padding: float = 2.0
    rule: bool = False
    bar: bool = False

    @property
    def height(self) -> float:
        return row_height(self.row) + 2 * self.padding


def draw_closing(flow: Flow, invoice: Invoice, mentions: Sequence[str], symbol: Picture | None) -> None:
    """Everything below the lines."""
    flow.skip(10)
    adjustments, recap, totals = _adjustments(flow.sheet, invoice), _recap(flow.sheet, invoice), _totals(flow.sheet, invoice)
    together = _height(adjustments) + 4 + max(_height(recap), _height(totals))
    if together <= FRESH_PAGE:
        flow.need(together)
    for strip in adjustments:
        flow.row(strip.row, strip.padding)
    flow.skip(4 if adjustments else 0)
    _draw_sums(flow, recap, totals)
    _draw_payment(flow, invoice, symbol)
    _draw_paragraphs(flow, "Conditions et mentions", mentions)


def _height(strips: Sequence[Strip]) -> float:
    return sum(strip.height + (BAR_GAP if strip.bar else 0) for strip in strips)


def _adjustments(sheet: Sheet, invoice: Invoice) -> list[Strip]:
    """Document allowances and charges, one a row, above the sums that contain them."""
    strips = []
    for label, sign, items in (("Remise", -1, invoice.allowances), ("Supplément", 1, invoice.charges)):
        for item in items:
            amount = sheet.fitted(BODY, french.money(sign * (item.amount or ZERO), invoice.currency), 110)
            lines = sheet.wrapped(BODY, _adjustment(label, item), CONTENT - 130)
            strips.append(Strip((Cell(LEFT + INSET, CONTENT - 130, lines), Cell(RIGHT - INSET - 110, 110, (amount,), right=True))))
    return strips


def _adjustment(label: str, item: AllowanceCharge) -> str:
    rate = f" ({french.percent(item.percent)} de {french.cents(item.base)})" if item.percent is not None and item.base is not None else ""
    vat = f", TVA {french.percent(item.vat_rate)}" if item.vat_rate is not None else ""
    return f"{label} : {item.reason}{rate}{vat}" if item.reason else f"{label}{rate}{vat}"


def _recap(sheet: Sheet, invoice: Invoice) -> list[Strip]:
    """Base and VAT for each rate (art. 242 nonies A, I, 11°), with the reason where there is none (12°)."""
    if not invoice.vat_breakdown:
        return []
    edges = ((LEFT + INSET, 80.0, False), (LEFT + INSET + 82, 80.0, True), (LEFT + INSET + 164, 80.0, True))
    titles = ("Taux de TVA", "Base HT", "Montant TVA")
    strips = [
        Strip([Cell(x, width, (Text(LABEL, title),), right) for (x, width, right), title in zip(edges, titles, strict=True)], 2, True)
    ]
    for part in invoice.vat_breakdown:
        values = (wording.vat_rate(part), part.base, part.amount)
        texts = [value if isinstance(value, str) else "" if value is None else french.cents(value) for value in values]
        strips.append(
            Strip([Cell(x, width, (sheet.fitted(BODY, text, width),), right) for (x, width, right), text in zip(edges, texts, strict=True)])
        )
        if reason := part.reason or part.reason_code:
            strips.append(Strip((Cell(LEFT + INSET, RECAP_WIDTH - 2 * INSET, sheet.wrapped(SMALL, reason, RECAP_WIDTH - 2 * INSET)),), 0))
    return strips


def _totals(sheet: Sheet, invoice: Invoice) -> list[Strip]:
    """The document totals that there are; the amount due in a bar."""
    strips = []
    for label, value, style, currency in _amounts(invoice):
        if value is not None:
            name = sheet.fitted(style, label, TOTALS_WIDTH - AMOUNT_WIDTH - 20)
            amount = sheet.fitted(style, french.money(value, currency), AMOUNT_WIDTH)
            cells = (Cell(TOTALS_LEFT + INSET, 0, (name,)), Cell(RIGHT - INSET - AMOUNT_WIDTH, AMOUNT_WIDTH, (amount,), right=True))
            strips.append(Strip(cells, 5, bar=True) if style is BAR else Strip(cells))
    return strips


def _amounts(invoice: Invoice) -> list[tuple[str, Decimal | None, Style, str | None]]:
    """Label, value, style and currency of each total, in reading order."""
    currency = invoice.currency
    totals = invoice.totals
    paid_before = (invoice.business_process or "")[1:] == "2"  # BR-FR-08: an invoice that is paid already
    adjusted = bool(totals.allowances or totals.charges)
    return [
        ("Total des lignes", totals.line_net if adjusted else None, BODY, currency),
        ("Remises", -totals.allowances if totals.allowances else None, BODY, currency),
        ("Suppléments", totals.charges or None, BODY, currency),
        ("Total HT", totals.net, STRONG, currency),
        ("TVA", totals.vat, BODY, currency),
        (f"TVA en {invoice.vat_currency}", totals.vat_accounting if invoice.vat_currency else None, BODY, invoice.vat_currency),
        ("Total TTC", totals.gross, STRONG, currency),
        ("Déjà réglé" if paid_before else "Acompte déduit", -totals.prepaid if totals.prepaid else None, BODY, currency),
        ("Arrondi", totals.rounding or None, BODY, currency),
        ("Net à votre crédit" if invoice.is_credit_note else "Net à payer", totals.due, BAR, currency),
    ]


def _draw_sums(flow: Flow, recap: list[Strip], totals: list[Strip]) -> None:
    """Recap and totals side by side on one page; a recap taller than a page runs on its own before the totals."""
    if _height(recap) > FRESH_PAGE:
        for strip in recap:
            flow.row(strip.row, strip.padding)
        recap = []
    height = max(_height(recap), _height(totals))
    flow.need(height)
    top = flow.y
    for strips in (recap, totals):
        y = top
        for strip in strips:
            if strip.bar:
                y -= BAR_GAP
                flow.sheet.rectangle(TOTALS_LEFT, y - strip.height, TOTALS_WIDTH, strip.height, ACCENT)
            y = draw_row(flow.sheet, strip.row, y, strip.height, strip.padding)
            if strip.rule:
                flow.sheet.rule(LEFT, y, RECAP_WIDTH, 0.8, ACCENT)
    flow.y = top - height
    flow.skip(12)


def _draw_payment(flow: Flow, invoice: Invoice, symbol: Picture | None) -> None:
    texts = wording.payment_lines(invoice)
    if not texts and symbol is None:
        return
    width = CONTENT - (QR_SIZE + 16 if symbol else 0)
    lines = [Text(HEADING, "Règlement")]
    for text in texts:
        lines += flow.sheet.wrapped(BODY, text, width)
    row = (Cell(LEFT, width, lines),)
    if symbol:
        flow.need(max(row_height(row), QR_SIZE + CAPTION))
        _draw_symbol(flow, symbol)
    top = flow.y
    flow.row(row)
    if symbol:
        flow.y = min(flow.y, top - QR_SIZE - CAPTION)
    flow.skip(6)


def _draw_symbol(flow: Flow, symbol: Picture) -> None:
    left = RIGHT - QR_SIZE
    flow.sheet.image(left, flow.y - QR_SIZE, QR_SIZE, QR_SIZE, symbol)
    caption = "Payer par virement"
    flow.sheet.text(left + (QR_SIZE - flow.sheet.width(SMALL, caption)) / 2, flow.y - QR_SIZE - CAPTION + 2, SMALL, caption)


def _draw_paragraphs(flow: Flow, heading: str, texts: Sequence[str]) -> None:
    if not texts:
        return
    flow.need(45)
    flow.row((Cell(LEFT, CONTENT, (Text(HEADING, heading),)),))
    for text in texts:
        flow.row((Cell(LEFT, CONTENT, flow.sheet.wrapped(MENTION, text, CONTENT)),), 1)
