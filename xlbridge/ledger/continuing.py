"""A series that goes on where an older register stopped: the form of its numbers is read off them, and cleaned where it breaks the rules.

>>> series = series_continuing([("FACT 2026/0044", date(2026, 11, 2)), ("FACT 2026/0045", date(2026, 11, 5))])
>>> series.number(series.first, date(2026, 11, 24)), series.continues
('FACT2026/0046', 'FACT 2026/0045')
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from xlbridge.ledger.series import ALLOWED, MAX_LENGTH, Reset, Scope, Series

MONTH = r"(?P<month>[-./_ ]?(?:0[1-9]|1[0-2])(?=\D))?"
REST = r"(?P<separator>\D*?)(?P<counter>\d+)(?P<suffix>\D*)"
PLAIN = re.compile(r"(?P<prefix>.*?)(?P<separator>[\W_]*)(?<!\d)(?P<counter>\d+)(?P<suffix>\D*)", re.ASCII | re.DOTALL)
CENTURY = re.compile(r"(?<!\d)20[0-4]\d")
LONGEST_COUNTER, SHORT_COUNTER = 9, 6


@dataclass(frozen=True, slots=True)
class Parsed:
    """A number in its parts. `year` is the number of its digits; `family`: all but the counter, by which numbers that follow each other
    are known; `shape`: the same without year and month."""

    number: str
    day: date | None
    prefix: str
    year: int
    month: bool
    separator: str
    counter: int
    width: int
    family: tuple[str, str]

    @property
    def shape(self) -> tuple[str, int, bool, str]:
        return self.prefix, self.year, self.month, self.separator


def parsed(number: str, day: date | None) -> Parsed | None:
    """The parts of `number`, of an invoice of `day`; None where it has no digit.

    >>> found = parsed("F2026-0045", date(2026, 11, 5))
    >>> found.prefix, found.year, found.separator, found.counter, found.width
    ('F', 4, '-', 45, 4)
    >>> [parsed(text, date(2026, 11, 5)).counter for text in ("45", "2026.045", "45/2026", "F26045", "2026-11-007", "12bis")]
    [45, 45, 45, 45, 7, 12]
    """
    text = number.strip()
    for years, digits in ((_years(text, day), 4), ([f"{day:%y}"] if day else [], 2)):
        for year in years:
            whole = re.fullmatch(rf"(?P<prefix>.*?)(?<!\d)(?P<year>{year}){MONTH}{REST}", text, re.ASCII | re.DOTALL)
            if whole and (whole["separator"] or whole["month"] or len(whole["counter"]) >= 3):
                return _parts(text, day, whole, digits)
            turned = re.fullmatch(rf"(?P<prefix>\D*)(?P<counter>\d+)(?P<separator>\D+)(?P<year>{year})(?P<suffix>\D*)", text, re.ASCII)
            if turned:
                return _parts(text, day, turned, digits)
    plain = PLAIN.fullmatch(text)
    return _parts(text, day, plain, 0) if plain else None


def _years(text: str, day: date | None) -> list[str]:
    """The years that the number may say: that of its date or a neighbour, else any of this century."""
    if day is None:
        return CENTURY.findall(text)
    return [str(year) for year in (day.year, day.year - 1, day.year + 1)]


def _parts(text: str, day: date | None, found: re.Match[str], year: int) -> Parsed:
    month = found.groupdict().get("month")
    start, end = found.span("counter")
    if end - start > LONGEST_COUNTER:  # a time or a code: only its end counts
        start = end - SHORT_COUNTER
        return Parsed(text, day, text[:start], 0, False, "", int(text[start:end]), SHORT_COUNTER, (text[:start], text[end:]))
    family = text[:start], text[end:]
    return Parsed(text, day, found["prefix"], year, bool(month), found["separator"], int(found["counter"]), end - start, family)


def series_continuing(
    numbers: Iterable[tuple[str, date | None]],
    *,
    name: str = "factures-suite",
    scope: Scope = Scope.INVOICES,
    replaces: Sequence[str] = (),
    today: date | None = None,
) -> Series:
    """The series after `numbers` with their dates: it starts behind the last one, and gives none of them again.

    The form stays where it can; characters that are not admitted go, a year is added where the counter starts again without it, and a
    number of more than 20 characters is shortened.
    """
    every = [item for number, day in numbers if number and (item := parsed(number, day))]
    if not every:
        return Series(name, "F" if scope is not Scope.CREDIT_NOTES else "A", scope=scope, replaces=tuple(replaces))
    last = max(every, key=lambda item: (item.day or date.min, item.counter))
    same = [item for item in every if item.shape == last.shape]
    last = max(same, key=lambda item: (item.day or date.min, item.counter))
    day = last.day or today or date(int(_years(last.number, None)[0]) if _years(last.number, None) else 2026, 1, 1)
    series = _cleaned(last, same, Series(name, "", scope=scope, continues=last.number, replaces=tuple(replaces)))
    series = replace(series, first_period=series.period(day) or None)
    series = fitting(series, day)
    period = [item for item in same if series.reset is Reset.NEVER or series.period(item.day or day) == series.period(day)]
    first = max((item.counter for item in period), default=0) + 1
    return replace(series, first=max(first, first_free(series, [item.number for item in every], day)))


def _cleaned(last: Parsed, same: Sequence[Parsed], series: Series) -> Series:
    """The form of `last` with what today's rules ask."""
    prefix, year, month = _admitted(last.prefix), last.year, last.month
    reset = _reset(same, month=month)
    width = min(LONGEST_COUNTER, *(item.width for item in same))
    if not year and reset is not Reset.NEVER:
        year, width = 4, max(width, 3)
    separator = last.separator if ALLOWED.fullmatch(last.separator) else _admitted(last.separator) or "-"
    if year and not separator and (width < 3 or not last.year):
        separator = "-"
    if year and prefix[-1:].isdigit():
        prefix += "-"
    return replace(series, prefix=prefix, year=year, month=month, separator=separator, width=width, reset=reset)


def _reset(same: Sequence[Parsed], *, month: bool) -> Reset:
    """When the counter of an older register started again; a year that stands in the number is taken for the reason that it is there."""
    has_year = bool(same[0].year)
    dated = sorted((item for item in same if item.day), key=lambda item: item.day or date.min)
    if month and _starts_again(dated, "%Y-%m", alone=True):
        years = {item.day.year for item in dated if item.day}
        months = all(_starts_again([item for item in dated if item.day and item.day.year == year], "%Y-%m", alone=True) for year in years)
        if months:
            return Reset.MONTH
    return Reset.YEAR if _starts_again(dated, "%Y", alone=has_year) else Reset.NEVER


def _starts_again(dated: Sequence[Parsed], span: str, *, alone: bool) -> bool:
    """Whether a later span has a counter that is not above all of those before; `alone`: what a single span means."""
    spans: dict[str, list[int]] = {}
    for item in dated:
        assert item.day
        spans.setdefault(item.day.strftime(span), []).append(item.counter)
    if len(spans) < 2:
        return alone
    ordered = [spans[key] for key in sorted(spans)]
    return any(min(later) <= max(before) for before, later in pairwise(ordered))


def first_free(series: Series, numbers: Iterable[str], day: date) -> int:
    """The first counter of `series` on `day` behind all `numbers` that have its form.

    >>> first_free(Series("factures", "F"), ["F2026-0007", "F2025-0100", "A2026-0009"], date(2026, 11, 24))
    8
    """
    head = series.number(0, day)[: -series.width]
    counters = [
        int(number[len(head) :]) for number in numbers if number.startswith(head) and re.fullmatch(r"[0-9]{1,9}", number[len(head) :])
    ]
    return max(counters, default=0) + 1


def _admitted(text: str) -> str:
    """`text` with only what BR-FR-02 admits."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(character for character in plain if ALLOWED.fullmatch(character))


def fitting(series: Series, day: date) -> Series:
    """The series with its prefix, then its separator and width, cut until a number has 20 characters."""
    while len(series.number(0, day)) > MAX_LENGTH:
        if series.prefix:
            series = replace(series, prefix=series.prefix[:-1])
        elif len(series.separator) > 1:
            series = replace(series, separator=series.separator[:1])
        else:
            series = replace(series, width=series.width - 1)
    return series
