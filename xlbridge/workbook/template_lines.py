"""The lines of one document of our template: article defaults, discount, VAT and the reason for bearing none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from xlbridge.findings import Rule, Severity
from xlbridge.folding import folded
from xlbridge.legal_texts import find_exemption
from xlbridge.model import AllowanceCharge, Line
from xlbridge.model.codes import PIECE
from xlbridge.model.money import ZERO, amount
from xlbridge.model.units import unit_code
from xlbridge.workbook.columns import Row
from xlbridge.workbook.template_cells import Reading
from xlbridge.workbook.template_layout import REGISTER_LINES

UNKNOWN_ARTICLE = Rule(
    "LEC-042",
    Severity.BLOCKING,
    "Article inconnu",
    "Le code « {value} » n’est pas, ou est plusieurs fois, dans la feuille « Articles ».",
    "corrigez le code, ou ajoutez l’article.",
)
UNKNOWN_REASON = Rule(
    "LEC-047",
    Severity.BLOCKING,
    "Motif d’exonération inconnu",
    "« {value} » n’est pas un motif connu : la catégorie de TVA n’en découle pas.",
    "choisissez un motif dans la liste.",
    "CGI, ann. II, art. 242 nonies A, I, 12°",
)
REASON_WITH_RATE = Rule(
    "LEC-048",
    Severity.BLOCKING,
    "Motif d’exonération et taux de TVA ensemble",
    "La ligne porte une TVA de {rate} % et le motif « {reason} » : l’un des deux est de trop.",
    "effacez le motif, ou mettez le taux à 0.",
    "CGI, ann. II, art. 242 nonies A, I, 8° et 12°",
)
UNKNOWN_UNIT = Rule(
    "LEC-055",
    Severity.NOTE,
    "Unité sans code",
    "L’unité « {value} » n’a pas de code connu : elle est imprimée telle quelle, et le fichier électronique dit « unité ».",
    "choisissez si possible une unité de la liste.",
)
DISCOUNT_REASON, DISCOUNT_CODE = "Remise", "95"


def read_line(row: Row, position: int, articles: Mapping[str, Row], day: date | None, reading: Reading) -> Line:
    """The line on `row`, the one of index `position` in its document; `articles` by folded code."""
    path = f"lines[{position}]"
    article = _article(row, path, articles, reading)

    def source(name: str) -> Row:
        """The row that says `name`: the line's own, else the article's."""
        return row if article is None or row.value(name) is not None else article

    designation = reading.text(source("Désignation"), "Désignation", f"{path}.name") or ""
    name, _, description = designation.partition("\n")
    unit = reading.text(source("Unité"), "Unité", f"{path}.unit")
    code = unit_code(unit) if unit else PIECE
    if unit and code is None:
        reading.tell(UNKNOWN_UNIT, f"{path}.unit", source("Unité").cell("Unité"), value=unit)
    quantity = reading.number(row, "Quantité", f"{path}.quantity")
    price = reading.number(source("P.U. HT"), "P.U. HT", f"{path}.unit_price")
    percent = reading.percentage(row, "Remise %", f"{path}.allowances[0].percent")
    discounts: tuple[AllowanceCharge, ...] = ()
    if percent and quantity is not None and price is not None:
        base = amount(quantity * price)
        discounts = (AllowanceCharge(**_discount(amount(base * percent / 100), base, percent)),)
    return Line(
        identifier=str(position + 1),
        name=name.strip() or None,
        description=description.strip() or None,
        seller_item_id=row.text("Article"),
        quantity=quantity,
        unit=code or PIECE,
        unit_label=unit,
        unit_price=price,
        allowances=discounts,
        **_vat(*_vat_rows(row, article), path, day, reading),
    )


def document_discounts(lines: Iterable[Line], percent: Decimal | None, value: Decimal | None) -> tuple[AllowanceCharge, ...]:
    """A discount on the whole document, as one allowance per VAT category and rate of its lines (BG-20).

    An amount is divided in proportion to the bases, the last group taking the rest; all nets must be known. A discount of an amount that
    no group can bear (the lines sum to nothing) goes to the first.
    """
    bases: dict[tuple[str | None, Decimal | None], Decimal] = {}
    for line in lines:
        group = (line.vat_category, line.vat_rate)
        bases[group] = bases.get(group, ZERO) + (line.net_amount or ZERO)
    whole = sum(bases.values(), ZERO)
    allowances = []
    left = value or ZERO
    for position, ((category, rate), base) in enumerate(bases.items(), 1):
        if percent is not None:
            part = amount(base * percent / 100)
        else:
            part = left if position == len(bases) or not whole else amount((value or ZERO) * base / whole)
            left -= part
        if part:
            stated = _discount(part, base if percent is not None else None, percent)
            allowances.append(AllowanceCharge(vat_category=category, vat_rate=rate, **stated))
    return tuple(allowances)


def _discount(value: Decimal, base: Decimal | None, percent: Decimal | None) -> dict[str, Any]:
    return {"amount": value, "base": base, "percent": percent, "reason": DISCOUNT_REASON, "reason_code": DISCOUNT_CODE}


def _article(row: Row, path: str, articles: Mapping[str, Row], reading: Reading) -> Row | None:
    """The article that completes a draft's line. An issued line stands for itself: a price list changes after it."""
    code = row.text("Article")
    if code and row.table.sheet.name == REGISTER_LINES:
        reading.origin[f"{path}.seller_item_id"] = row.cell("Article")
        return None
    article = articles.get(folded(code)) if code else None
    if code and article is None:
        lacking = tuple(f"{path}.{name}" for name in ("name", "unit_price", "vat_rate"))
        reading.tell(UNKNOWN_ARTICLE, f"{path}.seller_item_id", row.cell("Article"), lacking, value=code)
    elif code:
        reading.origin[f"{path}.seller_item_id"] = row.cell("Article")
    return article


def _vat_rows(row: Row, article: Row | None) -> tuple[Row, Row]:
    """The rows that say rate and reason. What the line says of one sets aside what the article says of the other."""
    if article is None or row.value("TVA %") not in {None, 0} or row.value("Motif d'exonération") is not None:
        return row, row
    return (article if row.value("TVA %") is None else row), article


def _vat(rate_row: Row, reason_row: Row, path: str, day: date | None, reading: Reading) -> dict[str, Any]:
    """Category, rate and reason. Without reason a positive rate is S; 0 or nothing leaves the category open."""
    rate = reading.percentage(rate_row, "TVA %", f"{path}.vat_rate", is_rate=True)
    words = reason_row.text("Motif d'exonération")
    if not words:
        return {"vat_category": "S" if rate else None, "vat_rate": rate}
    reading.blanks.pop(f"{path}.vat_rate", None)  # where a reason stands, no rate is missing
    cell = reason_row.cell("Motif d'exonération")
    reading.origin[f"{path}.vat_reason"] = cell
    exemption = find_exemption(words, day)
    if exemption is None:
        reading.tell(UNKNOWN_REASON, f"{path}.vat_reason", cell, [f"{path}.vat_rate"], value=words)
        return {"vat_rate": rate, "vat_reason": words}
    if rate:
        reading.tell(REASON_WITH_RATE, f"{path}.vat_rate", cell, rate=str(rate).replace(".", ","), reason=words)
        return {"vat_rate": rate, "vat_reason": exemption.text}
    return {
        "vat_category": exemption.category,
        # EN 16931, BR-O-05: a line that is out of scope has no rate at all.
        "vat_rate": None if exemption.category == "O" else ZERO,
        "vat_reason": exemption.text,
        "vat_reason_code": exemption.code,
    }
