"""The French VAT rates and when and where they are in force, from the dated table `data/vat_rates.toml`.

>>> from datetime import date
>>> [str(rate) for rate in rates_on(date(2013, 6, 1))]
['19.6', '7', '5.5', '2.1', '8.5', '8', '0.9', '1.75', '1.05']
>>> Decimal(19) in known_rates(), sorted(places_of(Decimal("8.5")))
(False, ['overseas'])
"""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple


class Rate(NamedTuple):
    """A rate in percent, its first and last day, and where it is in force: mainland, corsica, overseas."""

    value: Decimal
    since: date
    until: date | None
    where: frozenset[str]

    def binds(self, day: date) -> bool:
        """Whether the rate is in force on `day`."""
        return self.since <= day and (self.until is None or day <= self.until)


@lru_cache(maxsize=4096)
def rates_on(day: date) -> tuple[Decimal, ...]:
    """The rates, in percent, that were in force on `day` somewhere in France."""
    return tuple(rate.value for rate in table() if rate.binds(day))


@cache
def known_rates() -> frozenset[Decimal]:
    """Every rate that is or was in force somewhere in France."""
    return frozenset(rate.value for rate in table())


@cache
def places_of(value: Decimal) -> frozenset[str]:
    """Where the rate is, or was, in force."""
    return frozenset(place for rate in table() if rate.value == value for place in rate.where)


@cache
def table() -> tuple[Rate, ...]:
    """The whole table."""
    data = tomllib.loads(files("xlbridge.data").joinpath("vat_rates.toml").read_text("utf-8"))
    return tuple(Rate(Decimal(item["value"]), item["since"], item.get("until"), frozenset(item["where"])) for item in data["rate"])
