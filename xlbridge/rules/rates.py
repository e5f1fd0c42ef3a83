"""The French VAT rates in force on a day, from the dated table `data/vat_rates.toml`.

>>> from datetime import date
>>> [str(rate) for rate in rates_on(date(2013, 6, 1))]
['19.6', '7', '5.5', '2.1', '8.5', '0.9']
"""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files


def rates_on(day: date) -> tuple[Decimal, ...]:
    """The rates, in percent, that were in force on `day` somewhere in France."""
    return tuple(rate for rate, since, until in _table() if since <= day and (until is None or day <= until))


@cache
def _table() -> tuple[tuple[Decimal, date, date | None], ...]:
    data = tomllib.loads(files("xlbridge.data").joinpath("vat_rates.toml").read_text("utf-8"))
    return tuple((Decimal(item["value"]), item["since"], item.get("until")) for item in data["rate"])
