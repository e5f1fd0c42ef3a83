"""The top of the first page: logo, title, number and dates, the parties, and what the document refers to."""

from __future__ import annotations

from xlbridge import french
from xlbridge.model import Invoice, Party
from xlbridge.render import wording
from xlbridge.render.flow import CONTENT, LEFT, RIGHT, Cell, Flow, Row, draw_row, row_height
from xlbridge.render.page import BODY, LABEL, STRONG, SUBTITLE, TINT, TITLE, Picture, Sheet, Style, Text

NAME = Style("bold", 14, 19)
LOGO_WIDTH, LOGO_HEIGHT = 170.0, 64.0
COLUMN = 228.0
SECOND = RIGHT - COLUMN - 8


def draw_heading(flow: Flow, invoice: Invoice, logo: Picture | None) -> None:
    """Everything above the lines."""
    _draw_title(flow, invoice, logo)
    flow.skip(10)
    sheet = flow.sheet
    seller = _party_cell(sheet, LEFT, "Émetteur", invoice.seller)
    buyer = _party_cell(sheet, SECOND, "Facturé à", invoice.buyer)._replace(fill=TINT)
    flow.row((seller, buyer), padding=6)
    for pair in _pairs(_other_parties(invoice)):
        flow.skip(4)
        flow.row(tuple(_party_cell(sheet, x, label, party) for x, (label, party) in zip((LEFT, SECOND), pair, strict=False)), padding=3)
    flow.skip(7)
    for reference_row in _reference_rows(sheet, invoice):
        flow.row(reference_row, padding=0.5)
    flow.skip(10)


def _draw_title(flow: Flow, invoice: Invoice, logo: Picture | None) -> None:
    sheet = flow.sheet
    row: Row = (_name_or_logo(sheet, invoice, logo), Cell(LEFT + 240, CONTENT - 240, _title_lines(sheet, invoice), right=True))
    height = max(row_height(row), LOGO_HEIGHT if logo else 0.0)
    if logo:
        scale = min(LOGO_WIDTH / logo.width, LOGO_HEIGHT / logo.height)
        sheet.image(LEFT, flow.y - logo.height * scale, logo.width * scale, logo.height * scale, logo)
    if height > flow.room:
        flow.row(row)
    else:
        flow.y = draw_row(sheet, row, flow.y, height)


def _name_or_logo(sheet: Sheet, invoice: Invoice, logo: Picture | None) -> Cell:
    """The seller's name in large letters where there is no logo, unless it is very long: it stands below anyway."""
    lines = [] if logo else sheet.wrapped(NAME, invoice.seller.name or "", 220)
    return Cell(LEFT, 220, lines if len(lines) <= 3 else ())


def _title_lines(sheet: Sheet, invoice: Invoice) -> list[Text]:
    number = f"N° {invoice.number}" if invoice.number else "N° attribué à l’émission"
    dates = [
        f"Date : {french.long_date(invoice.issue_date)}" if invoice.issue_date else "",
        f"Échéance : {french.long_date(invoice.due_date)}" if invoice.due_date else "",
    ]
    width = CONTENT - 240
    lines = sheet.wrapped(TITLE, invoice.title, width) + sheet.wrapped(SUBTITLE, number, width)
    return lines + [Text(BODY, text) for text in dates if text]


def _party_cell(sheet: Sheet, x: float, label: str, party: Party) -> Cell:
    lines = [Text(LABEL, label), *sheet.wrapped(STRONG, party.name or "", COLUMN)]
    for text in wording.party_lines(party):
        lines += sheet.wrapped(BODY, text, COLUMN)
    return Cell(x, COLUMN, lines)


def _other_parties(invoice: Invoice) -> list[tuple[str, Party]]:
    """Deliver-to, payee and tax representative, where there are any."""
    delivery = invoice.delivery
    others: list[tuple[str, Party]] = []
    if delivery and (delivery.name or delivery.address or delivery.location):
        place = (delivery.location,) if delivery.location else ()
        others.append(("Livré à", Party(name=delivery.name, address=delivery.address, identifiers=place)))
    if invoice.payee:
        others.append(("Bénéficiaire du paiement", invoice.payee))
    if invoice.tax_representative:
        others.append(("Représentant fiscal", invoice.tax_representative))
    return others


def _pairs(items: list[tuple[str, Party]]) -> list[list[tuple[str, Party]]]:
    return [items[start : start + 2] for start in range(0, len(items), 2)]


def _reference_rows(sheet: Sheet, invoice: Invoice) -> list[Row]:
    """References in two columns; one that is long takes the whole width."""
    rows: list[Row] = []
    waiting: Cell | None = None
    for label, value in wording.references(invoice):
        text = f"{label} : {value}"
        lines = sheet.wrapped(BODY, text, COLUMN)
        if len(lines) > 2:
            rows.append((Cell(LEFT, CONTENT, sheet.wrapped(BODY, text, CONTENT)),))
        elif waiting is None:
            waiting = Cell(LEFT, COLUMN, lines)
        else:
            rows.append((waiting, Cell(SECOND, COLUMN, lines)))
            waiting = None
    return [*rows, (waiting,)] if waiting else rows
