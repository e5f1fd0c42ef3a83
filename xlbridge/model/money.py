"""Amounts: `Decimal` only, rounded half up, never through a binary float.

>>> amount("2.675")
Decimal('2.68')
>>> decimal_of(0.1 + 0.2)
Decimal('0.3')
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal

CENT = Decimal("0.01")
ZERO = Decimal(0)
LARGEST = Decimal(10) ** 12
"""What no amount, price or quantity of an invoice goes beyond."""
WIDE = Context(prec=60)
"""Room to round products and sums of the largest."""


def decimal_of(value: int | float | str | Decimal) -> Decimal:
    """The decimal number a spreadsheet shows: a float is read by 15 significant digits, which is all that Excel stores."""
    if isinstance(value, float):
        return Decimal(f"{value:.15g}").normalize() + ZERO
    return Decimal(value)


def amount(value: int | str | Decimal, unit: Decimal = CENT) -> Decimal:
    """`value` rounded half up to the cent (EN 16931, amounts have two decimals)."""
    return Decimal(value).quantize(unit, ROUND_HALF_UP, WIDE)


def total(values: Iterable[Decimal | None]) -> Decimal:
    """The sum of `values`; None counts as nothing."""
    return sum([value for value in values if value is not None], ZERO)


def plain(value: Decimal) -> str:
    """`value` without exponent or needless zeros, as XML and JSON write it.

    >>> plain(Decimal("1E+3")), plain(Decimal("12.500")), plain(Decimal("-0"))
    ('1000', '12.5', '0')
    """
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text
