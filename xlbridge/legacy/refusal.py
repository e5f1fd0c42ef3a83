"""Why a workbook holds no invoice, in one word that the user is told in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from xlbridge.legacy.tables import Kind, Table
from xlbridge.legacy.titles import kinds_of
from xlbridge.legacy.values import MONTHS, plain_text
from xlbridge.workbook.grid import Sheet, Workbook

SENTENCES = {
    "quote": "C’est un devis, non une facture.",
    "delivery_note": "C’est un bon de livraison, non une facture.",
    "blank_template": "C’est un modèle de facture qui n’est pas rempli.",
    "cross_tab": "C’est un tableau croisé (par mois ou par période), non une liste de factures.",
    "not_an_invoice": "Rien n’y ressemble à une facture.",
    "purchase": "Ce sont des factures d’achat (fournisseurs), non des factures émises.",
    "ledger": "C’est un journal ou un livre de caisse, non une liste de factures.",
    "empty": "Le classeur est vide de factures et de brouillons.",
    "unreadable": "Le fichier n’a pas pu être lu.",
}
BY_KIND = {Kind.PURCHASE: "purchase", Kind.QUOTE: "quote", Kind.DELIVERY_NOTE: "delivery_note", Kind.LEDGER: "ledger"}
ORDER = ("quote", "delivery_note", "purchase", "ledger", "blank_template", "cross_tab", "not_an_invoice")


def refusal_of(workbook: Workbook, tables: Sequence[Table], form_reasons: Iterable[str]) -> str:
    """The reason why no document was found, from what the sheets do look like."""
    if not any(value is not None for sheet in workbook.sheets for row in sheet.rows for value in row):
        return "empty"
    reasons = {BY_KIND[table.kind] for table in tables if table.kind in BY_KIND} | set(form_reasons)
    if any(table.kind is Kind.REGISTER for table in tables):
        reasons.add("blank_template")
    if "blank_template" in reasons and _calls_itself(workbook, "quote") and not _calls_itself(workbook, "invoice"):
        return "quote"
    if not reasons and any(map(_is_cross_tab, workbook.sheets)):
        return "cross_tab"
    return next((reason for reason in ORDER if reason in reasons), "not_an_invoice")


def _calls_itself(workbook: Workbook, kind: str) -> bool:
    names = [re.sub(r"[_-]", " ", workbook.path.stem), *(sheet.name for sheet in workbook.sheets)]
    return kind in kinds_of(name[-40:] for name in names)


def _is_cross_tab(sheet: Sheet) -> bool:
    """Whether a row or a column of the sheet counts months, days or years."""
    rows = sheet.rows[:40]
    columns = [column for column in zip(*rows, strict=True) if _heads_periods(column)] if rows else []
    return any(sum(map(_is_period, line)) >= 4 for line in [*rows, *columns])


def _heads_periods(column: Sequence[object]) -> bool:
    """Whether the first text of a column announces periods."""
    head = next((plain_text(value) for value in column if isinstance(value, str)), "")
    return bool(re.fullmatch(r"(?:mois|month|periode|period|annee|year|jahr|monat|semaine|trimestre)s?", head))


def _is_period(value: object) -> bool:
    if isinstance(value, date):
        return True
    if isinstance(value, str):
        words = plain_text(value).split()
        return bool(words) and len(words) <= 2 and words[0].strip(".") in MONTHS
    return isinstance(value, (int, float)) and 1990 <= value <= 2099 and float(value).is_integer()
