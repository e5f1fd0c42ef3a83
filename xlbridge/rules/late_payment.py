"""The dated figures of late and cash payment, from `data/late_payment.toml`. A semester without a figure is None, never a guess.

>>> legal_interest(date(2026, 3, 1)), legal_interest(date(2026, 10, 1))
(Decimal('2.62'), None)
>>> semester(date(2026, 10, 1))
'second semestre 2026'
"""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple


class CashLimit(NamedTuple):
    """The highest cash payment since a day, in euros: of a resident or a business, and of a private person from abroad."""

    since: date
    limit: Decimal
    abroad: Decimal


def legal_interest(day: date) -> Decimal | None:
    """The legal interest of professional creditors in the semester of `day`, in percent a year; None where it is not known."""
    return _by_semester("legal_interest").get(_first_day(day))


def central_bank_rate(day: date) -> Decimal | None:
    """The main refinancing rate of the ECB that counts in the semester of `day`, in percent; None where it is not known."""
    return _by_semester("central_bank").get(_first_day(day))


def cash_limit(day: date) -> CashLimit | None:
    """The highest payment in cash on `day`; None before the first known one."""
    return next((item for item in reversed(_cash()) if item.since <= day), None)


def semester(day: date) -> str:
    """The semester of `day` in French."""
    return f"{'premier' if day.month < 7 else 'second'} semestre {day.year}"


def _first_day(day: date) -> date:
    return date(day.year, 1 if day.month < 7 else 7, 1)


@cache
def _by_semester(name: str) -> dict[date, Decimal]:
    return {item["since"]: Decimal(item["rate"]) for item in _data()[name]}


@cache
def _cash() -> tuple[CashLimit, ...]:
    return tuple(CashLimit(item["since"], Decimal(item["limit"]), Decimal(item["abroad"])) for item in _data()["cash"])


def _data() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(files("xlbridge.data").joinpath("late_payment.toml").read_text("utf-8"))
