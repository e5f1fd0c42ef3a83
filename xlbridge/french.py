"""Amounts, quantities, dates and identifiers as a French page writes them.

Groups of three digits and the sign of the currency are set off by a no-break space (U+00A0), which every font has.

>>> from decimal import Decimal
>>> money(Decimal("-1234567.5"), "EUR").replace("\\u00a0", "_")
'-1_234_567,50_€'
>>> quantity(Decimal("2.500")), percent(Decimal("5.50")).replace("\\u00a0", "_")
('2,5', '5,5_%')
>>> long_date(date(2026, 11, 24)), short_date(date(2026, 12, 1))
('24 novembre 2026', '01/12/2026')
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from xlbridge.model.money import amount, plain

NBSP = "\u00a0"
SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$US", "CHF": "CHF"}
MONTHS = ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"]

# UN/ECE Rec. 20 and 21 codes that French invoices use, as words of the column « Unité ».
UNITS = {
    "C62": "unité",
    "H87": "pièce",
    "EA": "unité",
    "NAR": "article",
    "LS": "forfait",
    "SET": "lot",
    "PR": "paire",
    "DZN": "douzaine",
    "P1": "%",
    "HUR": "heure",
    "MIN": "minute",
    "DAY": "jour",
    "WEE": "semaine",
    "MON": "mois",
    "ANN": "an",
    "MTR": "m",
    "CMT": "cm",
    "KMT": "km",
    "LM": "ml",
    "MTK": "m²",
    "MTQ": "m³",
    "LTR": "litre",
    "HLT": "hl",
    "GRM": "g",
    "KGM": "kg",
    "TNE": "tonne",
    "KWH": "kWh",
    "MWH": "MWh",
    "XBX": "boîte",
    "XPK": "colis",
    "XPP": "pièce",
    "XPX": "palette",
}


def grouped(number: str) -> str:
    """A plain decimal number (`-1234.50`) with a comma and grouped digits."""
    sign, digits = ("-", number[1:]) if number.startswith("-") else ("", number)
    whole, _, fraction = digits.partition(".")
    if len(whole) > 3:
        whole = f"{int(whole):,}".replace(",", NBSP)
    return f"{sign}{whole},{fraction}" if fraction else sign + whole


def cents(value: Decimal) -> str:
    """`value` with two decimals, without currency."""
    return grouped(f"{amount(value) + 0:f}")


def money(value: Decimal, currency: str | None) -> str:
    """`value` with two decimals and its currency."""
    return f"{cents(value)}{NBSP}{SYMBOLS.get(currency or 'EUR', currency)}"


def price(value: Decimal) -> str:
    """A unit price: at least two decimals, and all that it has."""
    text = plain(value)
    return cents(value) if len(text.partition(".")[2]) < 3 else grouped(text)


def quantity(value: Decimal) -> str:
    """A quantity without needless zeros."""
    return grouped(plain(value))


def percent(value: Decimal) -> str:
    """A rate given in percent."""
    return f"{grouped(plain(value))}{NBSP}%"


def short_date(day: date) -> str:
    """`24/11/2026`."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def as_read(text: str) -> str:
    """The number with a point, or the date of the form 2026-11-24, of a record or a cell, as a French page writes it; else `text`.

    >>> as_read("257.29"), as_read("2026-11-24"), as_read("F2026-0041"), as_read("2026-02-30")
    ('257,29', '24/11/2026', 'F2026-0041', '2026-02-30')
    """
    if re.fullmatch(r"-?\d+\.\d+", text):
        return grouped(text)
    try:
        return short_date(date.fromisoformat(text)) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else text
    except ValueError:
        return text


def long_date(day: date) -> str:
    """`24 novembre 2026`; the first of a month is written `1er`."""
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"


def unit(code: str | None, label: str | None) -> str:
    """The word for a unit: the sheet's own, else that of the code, else the code itself."""
    return label or UNITS.get(code or "", code or "")


def in_groups(text: str, *sizes: int) -> str:
    """`text` without its spaces, cut in groups of `sizes`, the last size repeated.

    >>> in_groups("81234567800015", 3, 3, 3, 5).split("\\u00a0")
    ['812', '345', '678', '00015']
    """
    compact = re.sub(r"\s", "", text)
    groups, position = [], 0
    for step in range(len(compact)):
        if position >= len(compact):
            break
        size = sizes[min(step, len(sizes) - 1)]
        groups.append(compact[position : position + size])
        position += size
    return NBSP.join(groups)


def siren(text: str) -> str:
    """Nine digits in three groups; anything else as it is written."""
    return in_groups(text, 3) if re.fullmatch(r"\d{9}", text) else text


def siret(text: str) -> str:
    """Fourteen digits as SIREN and NIC; anything else as it is written."""
    return in_groups(text, 3, 3, 3, 5) if re.fullmatch(r"\d{14}", text) else text


def iban(text: str) -> str:
    """An IBAN in groups of four."""
    return in_groups(text, 4)
