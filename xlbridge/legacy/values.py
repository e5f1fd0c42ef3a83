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

from xlbridge.model.money import LARGEST, decimal_of

LONGEST = 60  # characters of a text that may still be a number or a date; a cell can hold 32,767
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
CURRENCY = r"(?:€|\$|£|us\$|eur(?:os?)?|usd|chf|cad|gbp|mad|dhs?|tnd|dt|fcfa|xof|%)"
AROUND = re.compile(rf"^{CURRENCY}(?![a-z])\s*|\s*(?<![a-z]){CURRENCY}$", re.IGNORECASE)
BLANK = "[ \u00a0\u202f'’]"
PLAIN = re.compile(r"\d+(?:[.,]\d+)?")
GROUPED = re.compile(rf"\d{{1,3}}(?:(?:{BLANK}\d{{3}})+(?:[.,]\d+)?|(?:\.\d{{3}})+(?:,\d+)?|(?:,\d{{3}})+(?:\.\d+)?)")
UNSURE = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")  # 1,234 and 1.234: thousands or thousandths
DAY_NUMERIC = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})(?:[ t]\d{1,2}:\d{2}(?::\d{2})?)?")
DAY_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ t]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:z|[+-]\d{2}:?\d{2})?)?")
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
    """The number in a cell, or None where its text is none, or no invoice has so large a one. `decimal_mark` is what the rest of the column
    shows ("," or ".").

    >>> number(1e30), number("1 000 000 000 000"), number("1 000 000 000 000,01")
    (None, Decimal('1000000000000'), None)
    """
    found = _number(value, decimal_mark)
    return found if found is None or abs(found) <= LARGEST else None


def _number(value: object, decimal_mark: str | None) -> Decimal | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return decimal_of(value)
    if not isinstance(value, str) or len(value) > LONGEST:
        return None
    text, negative = _unsigned(value)
    if UNSURE.fullmatch(text):
        if decimal_mark is None:
            return None
        text = text.replace(",", ".") if text[-4] == decimal_mark else text[:-4] + text[-3:]
    elif not PLAIN.fullmatch(text):
        if not GROUPED.fullmatch(text):
            return None
        mark = _decimal_mark(text)
        text = re.sub(rf"{BLANK}|[.,](?=\d{{3}}(?!\d*$))" if mark is None else rf"{BLANK}|[{'.' if mark == ',' else ','}]", "", text)
        text = text if mark else re.sub(r"[.,]", "", text)
    result = Decimal(text.replace(",", "."))
    return -result if negative else result


def _unsigned(value: str) -> tuple[str, bool]:
    """A number's text without currency and sign, and whether it is negative: « -12 », « 12- », « (12) »."""
    if PLAIN.fullmatch(value):
        return value, False
    text = AROUND.sub("", value.replace("−", "-").strip()).strip()
    negative = text.startswith("(") and text.endswith(")")
    if negative:
        text = AROUND.sub("", text[1:-1].strip())
    elif text[:1] in {"-", "+"}:
        negative, text = text[0] == "-", text[1:]
    elif text.endswith("-"):
        negative, text = True, text[:-1]
    return AROUND.sub("", text.strip()).strip(), negative


def _decimal_mark(text: str) -> str | None:
    """The decimal mark that a grouped number shows: the last of its marks, where it is not one of its groups."""
    comma, dot = text.rfind(","), text.rfind(".")
    if comma < 0 and dot < 0:
        return None
    mark = "," if comma > dot else "."
    other = dot if mark == "," else comma
    blanks = bool(re.search(BLANK, text))
    return mark if other >= 0 or blanks else None


def decimal_mark_of(values: Iterable[object]) -> str | None:
    """The decimal mark that the texts of a column agree on; None where none shows it or where they contradict each other."""
    marks: set[str] = set()
    for value in values:
        text = _unsigned(value)[0] if isinstance(value, str) and len(value) <= LONGEST else ""
        if PLAIN.fullmatch(text) and not UNSURE.fullmatch(text):
            marks.update(set(text) & {",", "."})
        elif GROUPED.fullmatch(text) and not UNSURE.fullmatch(text):
            shown = _decimal_mark(text)
            groups = {",", "."} & set(text) if shown is None else set()
            marks.update({shown} if shown else {{",": ".", ".": ","}[mark] for mark in groups})
    return marks.pop() if len(marks) == 1 else None


def day(value: object, order: DayOrder | None = "dmy") -> date | None:
    """The day in a cell. `order` reads `03/04/2026`; None refuses what could be two days."""
    if isinstance(value, date):
        return _date(value.year, value.month, value.day)
    if not isinstance(value, str) or len(value) > LONGEST:
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


def shown_integer(value: float, code: str) -> str | None:
    """A whole number as a simple number format shows it: zeros in front, a fixed text before or behind; None for other formats.

    >>> shown_integer(7.0, '"F2026-"000'), shown_integer(12, "0000"), shown_integer(12, "#,##0.00"), shown_integer(3, "General")
    ('F2026-007', '0012', None, None)
    """
    literal = r'((?:"[^"]*"|\\.|[-/_ ])*)'
    found = re.fullmatch(literal + r"(0+)" + literal, code)
    if not found or not float(value).is_integer() or (len(found[2]) == 1 and not found[1] and not found[3]):
        return None
    before, after = (re.sub(r'"([^"]*)"|\\(.)', r"\1\2", part) for part in (found[1], found[3]))
    return f"{before}{int(value):0{len(found[2])}}{after}"


def digits(value: object) -> str:
    """The digits of a cell, whatever stands between them."""
    return re.sub(r"\D", "", text_of(value) or "")
