"""Numbers of series: their form, their limits, and the series that goes on behind an older register."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import samples
from xlbridge.errors import WrongUse
from xlbridge.ledger.continuing import parsed, series_continuing
from xlbridge.ledger.series import DEFAULT_SERIES, MAX_LENGTH, Reset, Scope, Series, active, clash, first_series, series_for

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
LEGAL = re.compile(r"[A-Za-z0-9+\-_/]+")


@st.composite
def right_series(draw: st.DrawFn) -> Series:
    """Any series that is accepted."""
    year = draw(st.sampled_from((0, 2, 4)))
    month = bool(year) and draw(st.booleans())
    resets = [Reset.NEVER] + [Reset.YEAR] * bool(year) + [Reset.MONTH] * month
    separator = draw(st.sampled_from(("-", "/", "_", "")))
    return Series(
        "s", draw(st.text("ABZ-/09", max_size=5)), year, month, separator, draw(st.integers(3, 6)), reset=draw(st.sampled_from(resets)),
        first=draw(st.integers(1, 400)),
    ).checked()  # fmt: skip


@given(right_series(), st.lists(DAYS, min_size=1, max_size=40))
def test_numbers_are_legal_and_unique_and_go_up(series: Series, days: list[date]) -> None:
    given_: dict[str, list[int]] = defaultdict(list)
    numbers = []
    for day in sorted(days):
        counters = given_[series.period(day)]
        counters.append(counters[-1] + 1 if counters else series.start(series.period(day)))
        numbers.append(series.number(counters[-1], day))
    assert len(set(numbers)) == len(numbers)
    for number in numbers:
        assert len(number) <= MAX_LENGTH
        assert LEGAL.fullmatch(number)
    for counters in given_.values():
        assert counters == list(range(counters[0], counters[0] + len(counters)))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"prefix": "FÉ"}, "BR-FR-02"),
        ({"prefix": "F 1"}, "BR-FR-02"),
        ({"separator": "."}, "BR-FR-02"),
        ({"prefix": "FACTURES-LIMOGES-"}, "20 au plus"),
        ({"width": 0}, "1 à 9"),
        ({"width": 10}, "1 à 9"),
        ({"year": 3}, "0, 2 ou 4"),
        ({"year": 0, "month": True, "reset": Reset.NEVER}, "sans l’année"),
        ({"year": 0}, "demande l’année dans le numéro"),
        ({"reset": Reset.MONTH}, "l’année et le mois"),
        ({"first": 0}, "au moins 1"),
        ({"principal": "123"}, "SIREN"),
        ({"separator": "", "width": 2}, "se confondent"),
        ({"name": "deux mots"}, "nom"),
    ],
)
def test_a_form_that_would_be_refused_later_is_refused_at_creation(changes: dict[str, object], told: str) -> None:
    with pytest.raises(WrongUse, match=re.escape(told)):
        replace(Series("s", "F"), **changes).checked()  # type: ignore[arg-type]


def test_the_longest_admitted_number_has_twenty_characters() -> None:
    series = Series("s", "FACTURE-LIM").checked()
    assert len(series.number(9999, date(2026, 1, 1))) == 20
    with pytest.raises(WrongUse):
        Series("s", "FACTURE-LIMO").checked()


@given(right_series(), st.lists(st.sampled_from(("a", "b")), unique=True))
def test_a_series_is_read_from_its_record(series: Series, replaced: list[str]) -> None:
    series = replace(series, replaces=tuple(replaced))
    assert Series.of_json(series.as_json()) == series


def test_a_record_from_before_series_replaced_each_other_is_read() -> None:
    data = Series("s", "F").as_json()
    del data["replaces"]
    assert Series.of_json(data) == Series("s", "F")


def test_a_replaced_series_numbers_no_more() -> None:
    new = Series("suite", "FACT", separator="/", scope=Scope.INVOICES, replaces=("factures",))
    every = [*DEFAULT_SERIES, new]
    assert [series.name for series in active(every)] == ["avoirs", "specimens", "suite"]
    assert series_for(samples.invoice(), every).name == "suite"
    with pytest.raises(WrongUse, match="pas de série « factures »"):
        series_for(samples.invoice(), every, name="factures")
    assert series_for(samples.invoice(type_code="381"), every).name == "avoirs"


def test_a_name_and_an_active_form_are_used_once() -> None:
    assert clash(Series("factures", "X"), DEFAULT_SERIES) == "une série « factures » existe déjà"
    assert "de cette forme" in str(clash(Series("autre", "F"), DEFAULT_SERIES))
    assert clash(Series("autre", "F", replaces=("factures",)), DEFAULT_SERIES) is None
    assert clash(Series("autre", "G"), DEFAULT_SERIES) is None


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        ({}, ["F2026-0001", "A2026-0001"]),
        ({"prefix": "LIM-", "year": 2, "month": True, "width": 3}, ["LIM-2611-001", "LIM-A2611-001"]),
        ({"shared": True}, ["F2026-0001"]),
        ({"year": 0}, ["F-0001", "A-0001"]),
    ],
)
def test_the_series_of_a_new_ledger(options: dict[str, object], numbers: list[str]) -> None:
    series = first_series(**options)  # type: ignore[arg-type]
    assert [one.number(1, date(2026, 11, 24)) for one in series if not one.specimen] == numbers
    assert series[-1].specimen
    assert not any(clash(one, [other for other in series if other is not one]) for one in series)


@pytest.mark.parametrize(
    ("last", "following"),
    [
        ("F2026-0045", "F2026-0046"),
        ("FACT 2026/0045", "FACT2026/0046"),
        ("45", "46"),
        ("2026.045", "2026-046"),
        ("045/2026", "2026/046"),
        ("F26045", "F26046"),
        ("F20260045", "F20260046"),
        ("F202611-007", "F202611-008"),
        ("2026-11-007", "202611-008"),
        ("N° 12", "N-13"),
        ("12bis", "13"),
        ("FACTURE-CLIENTS-LIMOGES-2026-000045", "FACTURE-C2026-000046"),
        ("20261105143015", "20261105143016"),
        ("sans", "F2026-0001"),
    ],
)
def test_the_form_of_an_older_register_goes_on(last: str, following: str) -> None:
    day = date(2026, 11, 5)
    series = series_continuing([(last, day)]).checked()
    assert series.number(series.first, day) == following


def test_what_started_again_each_year_without_saying_so_gets_its_year() -> None:
    old = [(str(at), date(2025, 6, 1)) for at in range(1, 60)] + [(str(at), date(2026, 6, 1)) for at in range(1, 46)]
    series = series_continuing(old).checked()
    assert (series.number(46, date(2026, 11, 5)), series.reset, series.continues) == ("2026-046", Reset.YEAR, "45")
    assert series.start(series.period(date(2027, 1, 2))) == 1


def test_a_counter_that_never_started_again_goes_on_over_the_years() -> None:
    old = [(f"F{year}-{at:03}", date(year, 6, 1)) for year, start in ((2025, 1), (2026, 60)) for at in range(start, start + 50)]
    series = series_continuing(old)
    assert (series.reset, series.first) == (Reset.NEVER, 110)


def test_a_counter_of_each_month_goes_on_by_month() -> None:
    old = [(f"F2026{month:02}-{at:03}", date(2026, month, 9)) for month in (9, 10, 11) for at in range(1, 8)]
    series = series_continuing(old)
    assert (series.reset, series.first, series.first_period) == (Reset.MONTH, 8, "2026-11")


def test_the_next_number_is_behind_every_one_of_its_form_though_the_last_date_has_a_smaller_one() -> None:
    series = series_continuing([("F2026-0050", date(2026, 5, 1)), ("F2026-0049", date(2026, 6, 1))])
    assert series.first == 51


REGISTERS = st.lists(st.tuples(st.text("F-/. é012659", min_size=1, max_size=25), st.none() | DAYS), min_size=1, max_size=12)


@given(REGISTERS)
def test_whatever_the_register_the_series_is_legal_and_gives_no_number_again(register: list[tuple[str, date | None]]) -> None:
    series = series_continuing(register, today=date(2026, 11, 24)).checked()
    given_ = {number for number, _ in register}
    last = max((day for _, day in register if day), default=date(2026, 11, 24))
    for later in range(3):
        number = series.number(series.first + later, last + timedelta(days=later * 0))
        assert LEGAL.fullmatch(number)
        assert number not in given_


@given(st.text(max_size=40), st.none() | DAYS)
def test_any_text_can_be_parsed(text: str, day: date | None) -> None:
    found = parsed(text, day)
    assert found is None or (found.counter < 10**9 and found.number == text.strip())
