"""Amounts: the rounding of the law, and no trace of binary floats."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import numbers
from xlbridge.model.money import amount, decimal_of, plain, total

cents = st.integers(-(10**12), 10**12)


@given(cents, st.integers(0, 9))
def test_a_number_typed_in_a_sheet_is_read_as_it_shows(value: int, places: int) -> None:
    shown = Decimal(value).scaleb(-places)
    assert decimal_of(float(shown)) == shown


@given(numbers(-(10**6), 10**6, 6))
def test_amounts_are_rounded_half_up_away_from_zero(value: Decimal) -> None:
    exact = abs(Fraction(value)) * 100
    rounded = Fraction((exact + Fraction(1, 2)).__floor__(), 100)
    assert Fraction(amount(value)) == (rounded if value >= 0 else -rounded)
    assert amount(value).as_tuple().exponent == -2


@pytest.mark.parametrize(
    ("value", "shown"), [("2.675", "2.68"), ("-2.675", "-2.68"), ("0.005", "0.01"), ("0.0049", "0.00"), ("1E+3", "1000.00")]
)
def test_the_rounding_of_known_amounts(value: str, shown: str) -> None:
    assert str(amount(value)) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [("1E+3", "1000"), ("12.500", "12.5"), ("-0", "0"), ("-0.00", "0"), ("0.000001", "0.000001"), ("1E-7", "0.0000001"), ("100", "100")],
)
def test_plain_numbers_have_neither_exponent_nor_needless_zeros(value: str, shown: str) -> None:
    assert plain(Decimal(value)) == shown


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20))
def test_plain_numbers_keep_their_value(value: Decimal) -> None:
    assert Decimal(plain(value)) == value
    assert "E" not in plain(value)


@given(st.lists(st.none() | numbers(-999, 999, 2)))
def test_a_sum_passes_over_what_is_not_known(values: list[Decimal | None]) -> None:
    assert total(values) == sum((value for value in values if value is not None), Decimal(0))


def test_a_text_that_is_no_number_is_no_amount() -> None:
    with pytest.raises(InvalidOperation):
        amount("12,50")
