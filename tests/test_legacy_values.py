"""Numbers, days, rates and numbers of documents in texts: what can be read one way is read so, whatever can be read two ways is not."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlbridge.legacy import values
from xlbridge.legacy.row import document_number

AMOUNTS = st.decimals(min_value=Decimal(-9_999_999), max_value=Decimal(9_999_999), places=2)
DAYS = st.dates(date(2000, 1, 1), date(2049, 12, 31))
BLANKS = st.sampled_from(["", " ", "\u00a0", "\u202f"])
MONTHS = ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"]


def grouped(amount: Decimal, thousands: str, mark: str) -> str:
    """`amount` with two decimals and the given marks."""
    return f"{amount:,.2f}".replace(",", "§").replace(".", mark).replace("§", thousands)


@given(AMOUNTS, st.sampled_from(["", " ", "\u00a0", "\u202f", "."]), BLANKS, st.sampled_from(["", "€", "EUR", "euros"]))
def test_french_amounts(amount: Decimal, thousands: str, blank: str, currency: str) -> None:
    assert values.number(f"{grouped(amount, thousands, ',')}{blank}{currency}") == amount


@given(AMOUNTS, st.sampled_from(["", ",", "'", "’"]), st.sampled_from(["", "$", "€", "£"]))
def test_english_and_swiss_amounts(amount: Decimal, thousands: str, symbol: str) -> None:
    assert values.number(f"{symbol}{grouped(amount, thousands, '.')}") == amount


@given(AMOUNTS.filter(lambda amount: amount > 0), st.sampled_from(["({})", "-{}", "{}-", "− {}", "-{} €"]))
def test_negative_amounts(amount: Decimal, shape: str) -> None:
    assert values.number(shape.format(grouped(amount, " ", ","))) == -amount


@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from(",."))
def test_three_decimals_or_thousands_are_not_guessed(left: int, right: int, mark: str) -> None:
    text = f"{left}{mark}{right:03}"

    assert values.number(text) is None
    assert values.number(text, mark) == Decimal(f"{left}.{right:03}")
    assert values.number(text, "," if mark == "." else ".") == left * 1000 + right


@given(st.lists(AMOUNTS, min_size=1), st.sampled_from([(" ", ","), (".", ","), (",", "."), ("", ",")]))
def test_a_column_reads_as_it_was_written(amounts: list[Decimal], marks: tuple[str, str]) -> None:
    column = [grouped(amount, *marks) for amount in amounts]
    mark = values.decimal_mark_of(column)

    assert mark == marks[1]
    assert [values.number(text, mark) for text in column] == amounts


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12))
def test_numbers_of_cells_are_kept_to_the_fifteen_digits_of_excel(value: float) -> None:
    found = values.number(value)

    assert found is not None
    assert abs(found - Decimal(value)) <= abs(Decimal(value)) * Decimal("5e-15")


@pytest.mark.parametrize(
    "text",
    ["", " ", "-", "€", "n/a", "#REF!", "12 h 30", "5 m²", "12/03/2026", "3 x 4", "1 à 2", "IV", "1e5", "²", "½", "--5", "+"],
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert values.number(text) is None


@pytest.mark.parametrize("text", ["1 2 3", "12 34", "1.23.456", "1,23,456.00", "06 12 34 56 78", "12,5,", "1.2.3,4,5"])
def test_digits_in_groups_that_are_no_thousands_are_no_number(text: str) -> None:
    """A telephone, two numbers, a slip of the finger."""
    assert values.number(text) is None


@pytest.mark.parametrize("text", ["12€50", "12 € 50", "12 EUR 50"])
def test_a_symbol_in_place_of_the_comma_does_not_vanish(text: str) -> None:
    assert values.number(text) in {None, Decimal("12.50")}


@given(st.text())
def test_no_text_breaks_the_readers(text: str) -> None:
    for mark in (None, ",", "."):
        found = values.number(text, mark)
        assert found is None or found.is_finite()
    for order in (None, "dmy", "mdy"):
        day = values.day(text, order)
        assert day is None or 1990 <= day.year <= 2099
    rate = values.percent(text)
    assert rate is None or 0 <= rate <= 100
    values.decimal_mark_of([text])
    values.day_order_of([text])
    document_number(text)


@given(DAYS, st.sampled_from(["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d", "%d/%m/%y", "%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M"]))
def test_days_as_numbers(day: date, shape: str) -> None:
    assert values.day(datetime.combine(day, time(14, 30)).strftime(shape)) == day


def test_day_and_time_of_an_export() -> None:
    assert values.day("2026-03-12T14:30:00") == date(2026, 3, 12)
    assert values.day("2026-03-12T14:30:00Z") == date(2026, 3, 12)


@given(DAYS, st.sampled_from(["{d} {m} {y}", "le {d} {m} {y}", "{d}-{m}-{y}", "lundi {d} {m} {y}", "{d}. {m} {y}"]), st.booleans())
def test_days_in_french_words(day: date, shape: str, capitals: bool) -> None:
    number = "1er" if day.day == 1 else str(day.day)
    text = shape.format(d=number, m=MONTHS[day.month - 1], y=day.year)

    assert values.day(text.upper() if capitals else text) == day


@given(DAYS)
def test_a_day_that_could_be_two_is_none_without_an_order(day: date) -> None:
    text = f"{day:%d/%m/%Y}"
    if day.day <= 12 and day.day != day.month:
        assert values.day(text, None) is None
        assert values.day(text, "mdy") == date(day.year, day.day, day.month)
    else:
        assert values.day(text, None) == day


@given(st.lists(DAYS, min_size=1), st.sampled_from(["dmy", "mdy"]))
def test_order_of_a_column_of_days(days: list[date], order: str) -> None:
    column = [day.strftime("%d/%m/%Y" if order == "dmy" else "%m/%d/%Y") for day in days]
    found = values.day_order_of(column)

    assert found == (order if any(day.day > 12 for day in days) else None)
    if found:
        assert [values.day(text, found) for text in column] == days


@given(DAYS)
def test_dates_of_cells_are_kept(day: date) -> None:
    assert values.day(day) == day
    assert values.day(datetime.combine(day, time(14, 30))) == day


@pytest.mark.parametrize(
    "text",
    [
        "31/02/2026",
        "00/01/2026",
        "32/01/2026",
        "13/13/2026",
        "2026-13-01",
        "mars 2026",
        "12 mars",
        "30 jours",
        "45 jours fin de mois",
        "12/03",
        "1",
        "20260312x",
        "lundi",
    ],
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert values.day(text) is None


def test_a_number_is_no_day() -> None:
    assert values.day(46093.0) is None
    assert values.day(timedelta(days=3)) is None


def test_a_day_with_a_month_that_cannot_be_is_not_turned_round() -> None:
    """Where the column puts the day first, « 02/28/2026 » is an error to tell, not 28 February."""
    assert values.day("02/28/2026", "dmy") in {None, date(2026, 2, 28)}
    assert values.day("28/02/2026", "mdy") in {None, date(2026, 2, 28)}


RATES = st.sampled_from([Decimal(text) for text in ("20", "10", "5.5", "2.1", "8.5", "0")])


@given(RATES, BLANKS)
def test_rates_as_people_write_them(rate: Decimal, blank: str) -> None:
    assert values.percent(f"{rate}{blank}%".replace(".", ",")) == rate
    assert values.percent(f"{rate}{blank}%") == rate
    assert values.percent(float(rate)) == rate
    assert values.percent(float(rate) / 100, "0.0%") == rate


@given(st.decimals(min_value=Decimal("0.1"), max_value=99, places=1))
def test_any_rate_of_a_percentage_cell(rate: Decimal) -> None:
    assert values.percent(float(rate / 100), "0.0%") == rate


@pytest.mark.parametrize("value", [-5, 120, "abc", None, "", "120 %", "-20 %"])
def test_what_is_no_rate_is_none(value: object) -> None:
    assert values.percent(value) is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("F-2026-014", "F-2026-014"),
        ("n° F-2026-014", "F-2026-014"),
        ("N°F19042", "F19042"),
        ("Facture n° 2026/014", "2026/014"),
        ("FACTURE N° : 12", "12"),
        ("Avoir n° A-3", "A-3"),
        ("Numéro 7", "7"),
        ("# 7", "7"),
        ("No. 7", "7"),
        ("NUM-8", "NUM-8"),
        ("TOTAL", None),
        ("Total 2026", None),
        ("Sous-total 2", None),
        ("Janvier", None),
        ("", None),
        (None, None),
    ],
)
def test_numbers_of_documents(text: str | None, wanted: str | None) -> None:
    assert document_number(text) == wanted


@given(st.from_regex(r"[A-Z]{1,3}[-/]?20\d\d[-/]\d{3,5}", fullmatch=True))
def test_numbers_of_documents_are_never_changed(number: str) -> None:
    assert document_number(number) == number
    assert document_number(f"Facture n° {number}") == number


@given(st.floats(min_value=0, max_value=1e9).map(lambda value: float(int(value))))
def test_whole_numbers_lose_their_point(value: float) -> None:
    assert values.text_of(value) == str(int(value))
