"""What follows the lines: VAT recap and totals side by side, payment with its QR code, mentions."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from xlbridge.model import AllowanceCharge, Invoice, Totals
from xlbridge.model.money import ZERO
from xlbridge.render import french, wording
from xlbridge.render.flow import CONTENT, FRESH_PAGE, LEFT, RIGHT, Cell, Flow, Row, draw_row, row_height
from xlbridge.render.page import ACCENT, BAR, BODY, HEADING, LABEL, SMALL, STRONG, Sheet, Style, Text
from xlbridge.render.qr import Symbol

RECAP_WIDTH, TOTALS_WIDTH = 268.0, 216.0
TOTALS_LEFT = RIGHT - TOTALS_WIDTH
QR_SIZE = 78.0
MENTION = Style("regular", 8, 10.8)


class Strip(NamedTuple):
    """A row of a block, its padding, and what is drawn over its frame before (fill) or after (rule)."""

    row: Row
    padding: float = 2.0
    rule: bool = False

    @property
    def height(self) -> float:
        return row_height(self.row) + 2 * self.padding


def draw_closing(flow: Flow, invoice: Invoice, mentions: Sequence[str], symbol: Symbol | None) -> None:
    """Everything below the lines."""
    flow.skip(10)
    _draw_adjustments(flow, invoice)
    _draw_sums(flow, _recap(flow.sheet, invoice), _totals(flow.sheet, invoice))
    _draw_payment(flow, invoice, symbol)
    _draw_paragraphs(flow, "Conditions et mentions", mentions)


def _draw_adjustments(flow: Flow, invoice: Invoice) -> None:
    """Document allowances and charges, one a row, above the sums that contain them."""
    sheet = flow.sheet
    for label, sign, items in (("Remise", -1, invoice.allowances), ("Supplément", 1, invoice.charges)):
        for item in items:
            amount = sheet.fitted(BODY, french.money(sign * (item.amount or ZERO), invoice.currency), 110)
            lines = sheet.wrapped(BODY, _adjustment(label, item), CONTENT - 130)
            flow.row((Cell(LEFT + 4, CONTENT - 130, lines), Cell(RIGHT - 114, 110, (amount,), right=True)), 2)
    if invoice.allowances or invoice.charges:
        flow.skip(8)


def _adjustment(label: str, item: AllowanceCharge) -> str:
    rate = f" ({french.percent(item.percent)} de {french.cents(item.base)})" if item.percent is not None and item.base is not None else ""
    vat = f", TVA {french.percent(item.vat_rate)}" if item.vat_rate is not None else ""
    return f"{label} : {item.reason}{rate}{vat}" if item.reason else f"{label}{rate}{vat}"


def _recap(sheet: Sheet, invoice: Invoice) -> list[Strip]:
    """Base and VAT for each rate (art. 242 nonies A, I, 11°), with the reason where there is none (12°)."""
    if not invoice.vat_breakdown:
        return []
    edges = ((LEFT + 4, 84.0, False), (LEFT + 92, 84.0, True), (LEFT + 180, 84.0, True))
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
        if part.reason:
            strips.append(Strip((Cell(LEFT + 4, RECAP_WIDTH - 8, sheet.wrapped(SMALL, part.reason, RECAP_WIDTH - 8)),), 0))
    return strips


def _totals(sheet: Sheet, invoice: Invoice) -> list[Strip]:
    """The document totals; the last strip is the amount due."""
    totals = invoice.totals

    def strip(label: str, value: Decimal, style: Style = BODY, currency: str | None = invoice.currency) -> Strip:
        amount = sheet.fitted(style, french.money(value, currency), 118)
        name = sheet.fitted(style, label, TOTALS_WIDTH - 134)
        return Strip((Cell(TOTALS_LEFT + 8, 80, (name,)), Cell(RIGHT - 126, 118, (amount,), right=True)), 4 if style is BAR else 2)

    strips = [strip(label, value, style) for label, value, style in _amounts(totals) if value is not None]
    if totals.vat_accounting is not None and invoice.vat_currency:
        strips.insert(-1, strip(f"TVA en {invoice.vat_currency}", totals.vat_accounting, BODY, invoice.vat_currency))
    if totals.due is not None:
        strips.append(strip("Net à votre crédit" if invoice.is_credit_note else "Net à payer", totals.due, BAR))
    return strips


def _amounts(totals: Totals) -> list[tuple[str, Decimal | None, Style]]:
    adjusted = bool(totals.allowances or totals.charges)
    return [
        ("Total des lignes", totals.line_net if adjusted else None, BODY),
        ("Remises", -totals.allowances if totals.allowances else None, BODY),
        ("Suppléments", totals.charges or None, BODY),
        ("Total HT", totals.net, STRONG),
        ("TVA", totals.vat, BODY),
        ("Total TTC", totals.gross, STRONG),
        ("Acompte déduit", -totals.prepaid if totals.prepaid else None, BODY),
        ("Arrondi", totals.rounding or None, BODY),
    ]


def _draw_sums(flow: Flow, recap: list[Strip], totals: list[Strip]) -> None:
    """Recap and totals side by side on one page; a recap taller than a page runs on its own before the totals."""
    heights = [sum(strip.height for strip in strips) for strips in (recap, totals)]
    if heights[0] > FRESH_PAGE:
        for strip in recap:
            flow.row(strip.row, strip.padding)
        recap, heights[0] = [], 0.0
    flow.need(max(heights))
    top = flow.y
    for strips in (recap, totals):
        y = top
        for strip in strips:
            if strip is totals[-1] and strip.padding == 4:
                flow.sheet.rectangle(TOTALS_LEFT, y - strip.height, TOTALS_WIDTH, strip.height, ACCENT)
            y = draw_row(flow.sheet, strip.row, y, strip.height, strip.padding)
            if strip.rule:
                flow.sheet.rule(LEFT, y, RECAP_WIDTH, 0.8, ACCENT)
    flow.y = top - max(heights)
    flow.skip(14)


def _draw_payment(flow: Flow, invoice: Invoice, symbol: Symbol | None) -> None:
    texts = wording.payment_lines(invoice)
    if not texts and symbol is None:
        return
    width = CONTENT - (QR_SIZE + 16 if symbol else 0)
    lines = [Text(HEADING, "Règlement")]
    for text in texts:
        lines += flow.sheet.wrapped(BODY, text, width)
    row = (Cell(LEFT, width, lines),)
    if symbol:
        flow.need(max(row_height(row), QR_SIZE + 10))
        _draw_symbol(flow, symbol)
    top = flow.y
    flow.row(row)
    if symbol:
        flow.y = min(flow.y, top - QR_SIZE - 10)
    flow.skip(10)


def _draw_symbol(flow: Flow, symbol: Symbol) -> None:
    left = RIGHT - QR_SIZE
    flow.sheet.modules(left, flow.y, QR_SIZE / symbol.side, symbol.runs)
    caption = "Payer par virement"
    flow.sheet.text(left + (QR_SIZE - flow.sheet.width(SMALL, caption)) / 2, flow.y - QR_SIZE - 8, SMALL, caption)


def _draw_paragraphs(flow: Flow, heading: str, texts: Sequence[str]) -> None:
    if not texts:
        return
    flow.need(45)
    flow.row((Cell(LEFT, CONTENT, (Text(HEADING, heading),)),))
    for text in texts:
        flow.row((Cell(LEFT, CONTENT, flow.sheet.wrapped(MENTION, text, CONTENT)),), 1)
