"""The values of our template's cells: numbers, dates and percentages, each with a finding where the cell holds something else.

What is not certain stays empty, and a finding says so on the cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from xlbridge.findings import Cell, Finding, Rule, Severity
from xlbridge.folding import folded
from xlbridge.model.money import LARGEST, decimal_of, plain
from xlbridge.workbook.columns import Row
from xlbridge.workbook.template_layout import KNOWN_RATES

NOT_A_NUMBER = Rule(
    "LEC-043",
    Severity.BLOCKING,
    "Texte à la place d’un nombre",
    "La colonne « {column} » attend un nombre ; « {value} » n’en est pas un qui se lise sans doute.",
    "écrivez le nombre seul, sans unité ni lettre.",
)
NUMBER_AS_TEXT = Rule(
    "LEC-044",
    Severity.WARNING,
    "Nombre écrit comme un texte",
    "« {value} » (colonne « {column} ») est un texte ; il est lu comme {number}, mais Excel ne calcule pas avec.",
    "ressaisissez le nombre dans une cellule qui n’est pas au format Texte.",
)
NOT_A_DATE = Rule(
    "LEC-045",
    Severity.BLOCKING,
    "Date non comprise",
    "La colonne « {column} » attend une date ; « {value} » n’en est pas une.",
    "écrivez la date sous la forme jj/mm/aaaa.",
)
UNSURE_PERCENTAGE = Rule(
    "LEC-046",
    Severity.BLOCKING,
    "Pourcentage incertain",
    "« {value} » (colonne « {column} ») ne dit pas clairement un pourcentage.",
    "mettez la cellule au format pourcentage et ressaisissez, par exemple 20 %.",
)
UNKNOWN_WORD = Rule(
    "LEC-050",
    Severity.BLOCKING,
    "Mot inconnu",
    "« {value} » n’est pas un mot de la colonne « {column} ».",
    "choisissez parmi : {choices}.",
)

# Digits with or without blanks between thousands and a decimal comma; « 1.234 » may be one thousand or one and a bit, and is refused.
FRENCH_NUMBER = re.compile(r"[-−]?(?:\d+|\d{1,3}(?:[ \u00a0\u202f]\d{3})+)(?:,\d+)?(?:\s*€)?|[-−]?\d+\.\d{1,2}")
FRENCH_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")

Kept = TypeVar("Kept")


class Share(NamedTuple):
    """A discount as it is written: a percentage, or an amount."""

    percent: Decimal | None = None
    amount: Decimal | None = None


@dataclass
class Reading:
    """What the cells of one document gave: findings, the cell of every value by its path, the empty one of each that is not there."""

    findings: list[Finding] = field(default_factory=list)
    origin: dict[str, Cell] = field(default_factory=dict)
    blanks: dict[str, Cell] = field(default_factory=dict)

    def tell(self, rule: Rule, path: str, cell: Cell, about: Iterable[str] = (), **facts: Any) -> None:
        """A finding of `rule` about the value at `path`, or those at `about`, on `cell`."""
        self.findings.append(rule.found(path, cell=cell, **facts).concerning(*about))

    def text(self, row: Row, name: str, path: str) -> str | None:
        """The text under `name`."""
        return self._kept(row, name, path, row.text(name))

    def number(self, row: Row, name: str, path: str) -> Decimal | None:
        """The number under `name`, also one written as text where it can only be read in one way."""
        value = row.value(name)
        if value is None:
            return self._kept(row, name, path, None)
        number = None
        if isinstance(value, str) and FRENCH_NUMBER.fullmatch(value):
            number = Decimal(re.sub(r"[\s€]", "", value).replace("−", "-").replace(",", "."))
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            number = decimal_of(value)
        if number is None or abs(number) > LARGEST:
            self.tell(NOT_A_NUMBER, path, row.cell(name), column=name, value=row.text(name))
            return None
        if isinstance(value, str):
            self.tell(NUMBER_AS_TEXT, path, row.cell(name), column=name, value=value, number=plain(number).replace(".", ","))
        return self._kept(row, name, path, number)

    def day(self, row: Row, name: str, path: str) -> date | None:
        """The date under `name`; a text of the form jj/mm/aaaa counts as one."""
        value = row.value(name)
        found = as_date(value)
        if value is not None and found is None:
            self.tell(NOT_A_DATE, path, row.cell(name), column=name, value=row.text(name))
        return self._kept(row, name, path, found)

    def percentage(self, row: Row, name: str, path: str, is_rate: bool = False) -> Decimal | None:
        """The percentage under `name`, in points (20 for 20 %). `is_rate`: a VAT rate, which the known rates help to recognise."""
        value = row.value(name)
        if value is None:
            return self._kept(row, name, path, None)
        found = _percent_of(value, row.format(name), is_rate)
        if found is None or abs(found) > 100:
            self.tell(UNSURE_PERCENTAGE, path, row.cell(name), column=name, value=row.text(name))
            return None
        return self._kept(row, name, path, Decimal(plain(found)))

    def share(self, row: Row, name: str, path: str) -> Share:
        """A discount: « 10 % » as text or in a cell of percent format is a percentage, another number an amount."""
        value = row.value(name)
        shown = row.format(name)
        if (isinstance(value, str) and value.endswith("%")) or "%" in (shown or ""):
            return Share(percent=self.percentage(row, name, path))
        if shown is None and isinstance(value, float) and 0 < abs(value) < 1:
            self.tell(UNSURE_PERCENTAGE, path, row.cell(name), column=name, value=row.text(name))
            return Share()
        return Share(amount=self.number(row, name, path))

    def word(self, row: Row, name: str, path: str, choices: Mapping[str, str]) -> str | None:
        """What the word under `name` means by `choices`, case and accents aside; None with a finding where it means nothing."""
        text = row.text(name)
        found = {folded(word): meaning for word, meaning in choices.items()}.get(folded(text)) if text else None
        if text and found is None:
            self.tell(UNKNOWN_WORD, path, row.cell(name), column=name, value=text, choices=", ".join(choices))
        return self._kept(row, name, path, found)

    def _kept(self, row: Row, name: str, path: str, value: Kept) -> Kept:
        if value is not None:
            self.origin[path] = row.cell(name)
        elif row.value(name) is None:
            self.blanks[path] = row.cell(name)
        return value


def as_date(value: object) -> date | None:
    """The day that a cell's value says: a date, or a text jj/mm/aaaa or aaaa-mm-jj.

    >>> as_date("1/9/2026"), as_date("2026-09-01") == as_date("01/09/2026"), as_date("31/02/2026")
    (datetime.date(2026, 9, 1), True, None)
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return None
    written = FRENCH_DATE.fullmatch(value.strip())
    try:
        return date(int(written[3]), int(written[2]), int(written[1])) if written else date.fromisoformat(value.strip())
    except ValueError:
        return None


def _percent_of(value: object, shown: str | None, is_rate: bool) -> Decimal | None:
    """The points of a percentage, or None where two readings are possible. `shown` is the number format, None where it is not known."""
    if isinstance(value, str):
        written = re.fullmatch(r"([-−]?\d+(?:[.,]\d+)?)\s*%", value)
        return Decimal(written[1].replace("−", "-").replace(",", ".")) if written else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    number = decimal_of(value)
    if shown is not None and "%" in shown:
        return number * 100
    if is_rate:
        readings = {reading for reading in (number, number * 100) if plain(reading) in KNOWN_RATES}
        if len(readings) == 1:
            return readings.pop()
    if shown is None:
        return number * 100 if abs(number) <= 1 else number
    return number if number == 0 or abs(number) >= 1 else None
