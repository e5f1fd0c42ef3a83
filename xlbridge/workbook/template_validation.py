"""What the cells of our template accept, the lists they offer, and the help that appears on the headers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from xlbridge.legal_texts import exemptions
from xlbridge.workbook.address import column_letters
from xlbridge.workbook.template_layout import (
    ARTICLES,
    CLIENT_KINDS,
    CLIENTS,
    DRAFTS,
    LISTS,
    NATURES,
    TYPES,
    UNITS,
    VAT_RATES,
    Column,
)

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

LAST_ROW = 2000
DIGITS = {"SIREN": 9, "SIRET": 14}
SETTING_CHOICES = {
    "Entrepreneur individuel": ["oui", "non"],
    "Taille": ["micro", "pme", "eti", "ge"],
    "Régime de TVA": ["normal", "franchise", "exonere"],
    "Exigibilité de la TVA": ["encaissements", "debits"],
    "Nature des opérations": ["biens", "services", "mixte"],
}
Options = dict[str, Any]


def help_and_choices(sheet: Worksheet, position: int, column: Column) -> None:
    """The help on the header, and what the cells below accept."""
    if column.help:
        title = column.name[:32]
        sheet.data_validation(0, position, 0, position, {"validate": "any", "input_title": title, "input_message": column.help[:255]})
    if options := _accepted(column, column_letters(position)):
        sheet.data_validation(1, position, LAST_ROW, position, {"error_title": column.name, **options})


def help_and_choices_of_setting(sheet: Worksheet, row: int, label: str) -> None:
    """What the value of a row of « Entreprise » accepts."""
    if label in SETTING_CHOICES:
        message = f"Choisissez : {', '.join(SETTING_CHOICES[label])}."
        sheet.data_validation(row, 1, row, 1, {"validate": "list", "source": SETTING_CHOICES[label], "error_message": message})
    elif label in DIGITS:
        sheet.data_validation(row, 1, row, 1, {"error_title": label, **_digits(label, f"B{row + 1}")})


def _accepted(column: Column, letters: str) -> Options | None:
    """The validation of a column; None where it takes anything."""
    if column.choices in {"units", "reasons"}:
        # A unit or reason of one's own is allowed; the list only helps.
        return {"validate": "list", "source": f"=liste_{column.choices}", "error_type": "information"}
    if column.choices:
        return {"validate": "list", "source": f"=liste_{column.choices}", "error_message": "Choisissez dans la liste."}
    if column.name in {"Brouillon", "Code"}:
        unique = f"=COUNTIF(${letters}$2:${letters}${LAST_ROW + 1},{letters}2)=1"
        return {"validate": "custom", "value": unique, "error_message": "Déjà utilisé."}
    if column.name in DIGITS:
        return _digits(column.name, f"{letters}2")
    if column.name == "Livraison":  # a period is a text
        return None
    if column.kind == "date":
        message = "Écrivez une date, par exemple 01/09/2026."
        return {"validate": "date", "criteria": ">=", "value": date(2000, 1, 1), "error_message": message}
    if column.kind == "percent":
        message = "Écrivez un pourcentage, par exemple 10 %."
        return {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1, "error_message": message}
    if column.kind in {"number", "money", "price"}:
        return {"validate": "decimal", "criteria": "between", "minimum": -1e9, "maximum": 1e9, "error_message": "Un nombre est attendu."}
    return None


def _digits(name: str, cell: str) -> Options:
    """So many digits, blanks aside. A warning only: the reader judges the check digit, and knows other blanks."""
    compact = f'SUBSTITUTE({cell}," ","")'
    message = f"Un {name} a {DIGITS[name]} chiffres. Garder quand même ?"
    formula = f"=AND(LEN({compact})={DIGITS[name]},ISNUMBER(VALUE({compact})))"
    return {"validate": "custom", "value": formula, "error_type": "warning", "error_message": message}


def write_lists(book: Workbook, sheet: Worksheet) -> None:
    """The hidden sheet of choices, and the names by which the validations know them."""
    lists: dict[str, Iterable[Any]] = {
        "types": TYPES,
        "natures": NATURES,
        "kinds": CLIENT_KINDS,
        "units": UNITS,
        "rates": [float(Decimal(rate) / 100) for rate in VAT_RATES],
        "reasons": [exemption.label for exemption in exemptions()],
    }
    percent = book.add_format({"num_format": "0.0#\\ %"})
    for position, (name, values) in enumerate(lists.items()):
        choices = list(values)
        sheet.write_column(0, position, choices, percent if name == "rates" else None)
        letters = column_letters(position)
        book.define_name(f"liste_{name}", f"={LISTS}!${letters}$1:${letters}${len(choices)}")
    for name, source in (("drafts", DRAFTS), ("clients", CLIENTS), ("articles", ARTICLES)):
        # As long as the filled part of the column, so that the list shows no blanks.
        filled = f"MAX(1,COUNTA({source}!$A$2:$A${LAST_ROW + 1}))"
        book.define_name(f"liste_{name}", f"=OFFSET({source}!$A$2,0,0,{filled},1)")
    sheet.hide()
