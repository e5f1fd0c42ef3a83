"""Texts of a sheet as numbers, dates and identifiers. What is not certain is None, never a guess.

A column of texts is read as a whole: one cell that can only be read one way tells how to read those that could be read two ways.

>>> number("1 234,50 €"), number("$1,020.00"), number("(12,00)"), number("19%")
(Decimal('1234.50'), Decimal('1020.00'), Decimal('-12.00'), Decimal('19'))
>>> day("1er juin 2019"), day("15/11/2024"), day("Jan 28 2021")
(datetime.date(2019, 6, 1), datetime.date(2024, 11, 15), datetime.date(2021, 1, 28))
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from xlbridge.model.money import decimal_of

DayOrder = str  # "dmy" or "mdy"

MONTHS = {
    name: month
    for month, names in enumerate(
        (
            "janvier janv jan january januar januari",
            "fevrier fevr fev february feb februar februari",
            "mars mar march marz maart",
            "avril avr april apr",
            "mai may mei",
            "juin june jun juni",
            "juillet juil july jul juli",
            "aout august aug augustus",
            "septembre sept september sep",
            "octobre oct october okt oktober",
            "novembre nov november",
            "decembre dec december dez dezember",
        ),
        1,
    )
    for name in names.split()
}
SYMBOLS = re.compile(r"(?i)(?<![a-z])(?:€|\$|£|%|us\$|eur(?:os?)?|usd|chf|cad|gbp|mad|dhs?|tnd|dt|fcfa|xof)(?![a-z])|[$€£%]")
DIGITS = re.compile(r"[+-]?\d[\d.,]*")
DAY_NUMERIC = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?")
DAY_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?")
DAY_WORDS = re.compile(r"(?:[a-z]+\.? )?(\d{1,2})(?:er|st|nd|rd|th)?[ .\-]+([a-z]+)[ .,\-]+(\d{4}|\d{2})")
DAY_WORDS_US = re.compile(r"([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")


def plain_text(text: str) -> str:
    """`text` without accents or case, blanks folded."""
    folded = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(folded.casefold().split())


def text_of(value: object) -> str | None:
    """A cell's value as the text a person sees: whole floats without `.0`, blanks folded; None for an empty cell.

    >>> text_of(151.0), text_of("  a\\u00a0b "), text_of(" ")
    ('151', 'a b', None)
    """
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    text = " ".join(str(value).split())
    return text or None


def number(value: object, decimal_mark: str | None = None) -> Decimal | None:
    """The number in a cell, or None where its text is none. `decimal_mark` is what the rest of the column shows ("," or ".")."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return decimal_of(value)
    if not isinstance(value, str):
        return None
    text = SYMBOLS.sub("", value)
    text = re.sub(r"[\s\u00a0\u202f'’]", "", text)
    negative = text.startswith("(") and text.endswith(")")
    text = text.strip("()")
    if text.endswith("-"):
        negative, text = True, text[:-1]
    text = text.replace("−", "-")
    if not DIGITS.fullmatch(text):
        return None
    mark = _decimal_mark(text) or decimal_mark
    if mark is None and re.fullmatch(r"[+-]?\d{1,3}[.,]\d{3}", text):
        return None
    text = text.replace("," if mark == "." else ".", "").replace(",", ".")
    if text.count(".") > 1:
        text = text.replace(".", "")
    result = Decimal(text)
    return -result if negative else result


def _decimal_mark(text: str) -> str | None:
    """The decimal mark a single number shows by itself; None where `1,234` and `1.234` could be either."""
    comma, dot = text.rfind(","), text.rfind(".")
    if comma >= 0 and dot >= 0:
        return "," if comma > dot else "."
    mark = "," if comma >= 0 else "."
    if text.count(mark) != 1:
        return {",": ".", ".": ","}[mark] if text.count(mark) > 1 else "."
    decimals = len(text) - text.find(mark) - 1
    if decimals != 3 or text.lstrip("+-").startswith("0" + mark) or len(text.lstrip("+-")) > 7:
        return mark
    return None


def decimal_mark_of(values: Iterable[object]) -> str | None:
    """The decimal mark that the texts of a column agree on; None where none shows it or where they contradict each other."""
    marks = set()
    for value in values:
        if isinstance(value, str) and re.search(r"\d[.,]\d", value):
            text = re.sub(r"[^\d.,]", "", value)
            marks.add(_decimal_mark(text))
    marks.discard(None)
    return marks.pop() if len(marks) == 1 else None


def day(value: object, order: DayOrder | None = "dmy") -> date | None:
    """The day in a cell. `order` reads `03/04/2026`; None refuses what could be two days."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return None
    text = plain_text(value).strip(" .,:")
    if found := DAY_ISO.fullmatch(text):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if found := DAY_NUMERIC.fullmatch(text):
        first, second, year = int(found[1]), int(found[2]), _year(found[3])
        if first > 12 or second > 12 or first == second:
            return _date(year, second, first) if second <= 12 else _date(year, first, second)
        if order is None:
            return None
        return _date(year, second, first) if order == "dmy" else _date(year, first, second)
    if (found := DAY_WORDS.fullmatch(text)) and found[2] in MONTHS:
        return _date(_year(found[3]), MONTHS[found[2]], int(found[1]))
    if (found := DAY_WORDS_US.fullmatch(text)) and found[1] in MONTHS:
        return _date(int(found[3]), MONTHS[found[1]], int(found[2]))
    return None


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _date(year: int, month: int, day_of_month: int) -> date | None:
    try:
        found = date(year, month, day_of_month)
    except ValueError:
        return None
    return found if 1990 <= year <= 2099 else None


def day_order_of(values: Iterable[object]) -> DayOrder | None:
    """Whether the numeric dates of a column put the day or the month first; None where none of them tells, or they contradict."""
    orders = set()
    for value in values:
        if isinstance(value, str) and (found := DAY_NUMERIC.fullmatch(value.strip())):
            first, second = int(found[1]), int(found[2])
            if first > 12 >= second:
                orders.add("dmy")
            elif second > 12 >= first:
                orders.add("mdy")
    return orders.pop() if len(orders) == 1 else None


def percent(value: object, number_format: str | None = None) -> Decimal | None:
    """A rate in percent: `"19%"`, `20`, and `0.2` where its format is a percentage or it is below 1.

    >>> percent(0.2), percent("5,5 %"), percent(20.0), percent(0.055, "0.0%")
    (Decimal('20'), Decimal('5.5'), Decimal('20'), Decimal('5.5'))
    """
    found = number(value)
    if found is None or found < 0 or found > 100:
        return None
    if isinstance(value, str) and "%" in value:
        return found
    if (number_format and "%" in number_format) or 0 < found < 1:
        found = (found * 100).normalize()
    return found.quantize(Decimal(1)) if found == found.to_integral_value() else found


def digits(value: object) -> str:
    """The digits of a cell, whatever stands between them."""
    return re.sub(r"\D", "", text_of(value) or "")
