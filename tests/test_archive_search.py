"""Documents found by what people remember of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.archive_office import Office, empty_office, numbered, office
from xlbridge.archive.search import amount_of, day_of, find, the_one
from xlbridge.errors import WrongUse

EVERY = [
    "VIEUX/7", "F2026-0001", "F2026-0002", "A2026-0001", "TEST2026-0001", "F2026-0003", "F2027-0001", "A2027-0001", "F2027-0002",
    "F2027-0003",
]  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return office(tmp_path_factory.mktemp("registre"))


@pytest.mark.parametrize(
    ("criteria", "numbers"),
    [
        ({}, EVERY),
        ({"number": "f 2026 / 1"}, ["F2026-0001"]),
        ({"number": "F2026-0004"}, []),
        ({"number": ""}, []),
        ({"buyer": "MOULINS reunis"}, [number for number in EVERY if number != "F2026-0002"]),
        ({"buyer": "hyperlink"}, ["F2026-0002"]),
        ({"buyer": "personne"}, []),
        ({"day": date(2026, 11, 24)}, ["F2026-0002", "A2026-0001"]),
        ({"since": date(2026, 12, 31), "until": date(2027, 1, 4)}, ["F2026-0003", "F2027-0001"]),
        ({"until": date(2026, 3, 4)}, ["VIEUX/7"]),
        ({"amount": Decimal("26613.340")}, ["F2026-0001"]),
        ({"amount": Decimal("22301.16")}, ["F2026-0001"]),
        ({"amount": Decimal("26613.35")}, []),
        ({"buyer": "moulins", "since": date(2027, 2, 1), "amount": Decimal("39837.01")}, ["F2027-0002"]),
    ],
)
def test_all_criteria_hold_together(place: Office, criteria: dict[str, object], numbers: list[str]) -> None:
    with place.ledger.reading() as connection:
        assert [entry.number for entry in find(connection, **criteria)] == numbers  # type: ignore[arg-type]


def test_an_entry_says_what_the_ledger_knows(place: Office) -> None:
    with place.ledger.reading() as connection:
        credit, old = the_one(connection, "A2026-0001"), the_one(connection, "VIEUX/7")
    assert (credit.seq, credit.title, credit.origin, credit.date, credit.kept_until) == (
        8, "Avoir", "issued", date(2026, 11, 24), date(2036, 12, 31),
    )  # fmt: skip
    assert place.vault.has(f"{credit.pdf}.pdf")
    assert (old.origin, old.pdf, old.xml, old.workbook) == ("taken_over", None, None, None)
    assert credit.as_json()["gross"] == "59987.18"
    assert credit.as_json()["date"] == "2026-11-24"


def test_one_number_means_one_document(tmp_path: Path) -> None:
    small = empty_office(tmp_path)
    small.take_over(numbered(1, "F-1", date(2025, 1, 2)))
    small.take_over(numbered(2, "F-01", date(2026, 1, 2)))
    small.take_over(numbered(3, "X-9", date(2025, 1, 2)))
    small.take_over(numbered(4, "X-9", date(2026, 1, 2)))
    with small.ledger.reading() as connection:
        assert the_one(connection, "F-1").date == date(2025, 1, 2)
        assert the_one(connection, "f-001", 2026).number == "F-01"
        assert the_one(connection, "X-9", 2026).seq == 8
        for number in ("f-001", "X-9"):
            with pytest.raises(WrongUse, match="Plusieurs documents") as fault:
                the_one(connection, number)
            assert "--year" in fault.value.remedy
        for year in (None, 2024):
            with pytest.raises(WrongUse, match="n’a pas de document"):
                the_one(connection, "Z-1", year)


def test_amounts_and_days_as_people_write_them() -> None:
    assert amount_of("1 234,50 €") == amount_of("1234.5") == Decimal("1234.5")
    assert day_of("14/03/2026") == day_of("2026-03-14") == day_of("14 mars 2026") == date(2026, 3, 14)
    for read in (amount_of, day_of):
        with pytest.raises(WrongUse, match="« hier » n’est pas"):
            read("hier")
