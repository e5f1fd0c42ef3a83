"""Payments, sending and status: appended, never changing the document; what is to be said of them is said."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from tests import ledgers, samples
from tests.stores import Store
from xlbridge.errors import WrongUse
from xlbridge.ledger import chain
from xlbridge.ledger.events import STATUSES, Means, Way, balance, history, record_payment, record_sending, record_status
from xlbridge.ledger.schema import DOCUMENTS, EVENTS, RECORDS
from xlbridge.ledger.seal import SigningKey, is_signed
from xlbridge.ledger.store import Ledger
from xlbridge.model import Note, Party, Totals

DAY = date(2026, 11, 24)
N = "F2026-0001"
B2C = Note(text="B2C", subject_code="BAR")
Books = tuple[Ledger, SigningKey]


@pytest.fixture
def books(tmp_path: Path, key_home: Path) -> Books:
    """A ledger with an invoice of 1 200 € to a firm, one to a consumer, and one to somebody of whom no more than the name is known."""
    return _filled(*ledgers.in_file(tmp_path))


@pytest.fixture
def books_of_both(ledger_store: Store, tmp_path: Path) -> Books:
    """The same on both stores."""
    return _filled(*ledgers.of_store(ledger_store, tmp_path))


def _filled(ledger: Ledger, key: SigningKey) -> Books:
    totals = Totals(net=Decimal(1000), vat=Decimal(200), gross=Decimal(1200), due=Decimal(1200))
    ledgers.seal(ledger, key, samples.invoice(number=N, totals=totals), 1)
    ledgers.seal(ledger, key, samples.invoice(number="F2026-0002", totals=totals, notes=(B2C,)), 2)
    ledgers.seal(ledger, key, samples.invoice(number="F2026-0003", totals=totals, buyer=Party(name="Jeanne Roy")), 3)
    return ledger, key


def pay(books: Books, paid: str, means: Means = Means.TRANSFER, number: str = N, day: date = DAY) -> list[str]:
    return [finding.code for finding in record_payment(*books, number, Decimal(paid), day, means)]


def left(ledger: Ledger, number: str = N) -> Decimal | None:
    with ledger.reading() as connection:
        return balance(connection, number)


def test_payments_reduce_what_is_due_and_change_no_record(books_of_both: Books) -> None:
    ledger, key = books_of_both
    with ledger.reading() as connection:
        before = [tuple(row) for table in (RECORDS, DOCUMENTS) for row in connection.execute(select(table))]
    assert pay(books_of_both, "200") == []
    assert pay(books_of_both, "500.50", day=date(2026, 11, 23)) == []
    record_sending(ledger, key, N, DAY, Way.EMAIL, to="compta@client.example")
    record_status(ledger, key, N, DAY, "Refusée", reason="CMD_ERR")
    assert left(ledger) == Decimal("499.50")
    assert left(ledger, "F2026-0002") == Decimal(1200)
    with ledger.reading() as connection:
        assert [tuple(row) for table in (RECORDS, DOCUMENTS) for row in connection.execute(select(table))] == before
        told = history(connection, N)
    assert [event.kind for event in told] == ["payment", "payment", "sending", "status"]
    assert (told[3].content["status"], told[3].content["code"]) == ("refusee", "210")


def test_events_are_chained_to_the_opening_and_to_each_other_and_signed(books_of_both: Books) -> None:
    ledger, key = books_of_both
    pay(books_of_both, "1")
    pay(books_of_both, "2")
    with ledger.reading() as connection:
        opening = chain.first(connection, RECORDS, chain.OPENING)
        document = chain.first(connection, RECORDS, chain.DOCUMENT)
        first, second = chain.links(connection, EVENTS)
    assert [link.data["previous"] for link in (first, second)] == [opening.hash, first.hash]
    assert is_signed(key.public, second.body.encode(), second.signature)
    assert first.content["document_hash"] == document.hash


def test_what_is_paid_too_much_or_twice_is_told(books: Books) -> None:
    assert pay(books, "1200") == []
    assert pay(books, "1200") == ["REG-201", "REG-204"]
    assert left(books[0]) == Decimal(-1200)
    assert pay(books, "-1200") == []
    assert left(books[0]) == Decimal(0)


@pytest.mark.parametrize(
    ("number", "means", "paid", "codes"),
    [
        (N, Means.CASH, "1000", []),
        (N, Means.CASH, "1000.01", ["REG-203"]),
        (N, Means.TRANSFER, "1200", []),
        ("F2026-0002", Means.CASH, "10", ["REG-202"]),
        ("F2026-0002", Means.CASH, "1100", ["REG-202", "REG-203"]),
        ("F2026-0002", Means.CARD, "10", []),
        ("F2026-0003", Means.CASH, "10", ["REG-202"]),
    ],
)
def test_cash_of_consumers_and_cash_above_the_limit(books: Books, number: str, means: Means, paid: str, codes: list[str]) -> None:
    assert pay(books, paid, means, number) == codes


def test_cash_in_parts_counts_together(books: Books) -> None:
    assert pay(books, "600", Means.CASH) == []
    assert pay(books, "500", Means.CASH) == ["REG-203"]


def test_the_texts_are_cited(books: Books) -> None:
    found = record_payment(*books, "F2026-0002", Decimal(1100), DAY, Means.CASH)
    assert [finding.law for finding in found] == [
        "CGI, art. 286, I, 3° bis ; BOI-TVA-DECLA-30-10-30",
        "Code monétaire et financier, art. L112-6 et D112-3",
    ]


@pytest.mark.parametrize(
    ("number", "paid", "day", "told"),
    [
        ("F2026-9999", "1", DAY, "pas de document"),
        (N, "0", DAY, "pas un montant"),
        (N, "1.001", DAY, "pas un montant"),
        (N, "-1", DAY, "seulement"),
        (N, "1", date(2026, 11, 26), "à venir"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_no_trace(books: Books, number: str, paid: str, day: date, told: str) -> None:
    with pytest.raises(WrongUse, match=told):
        pay(books, paid, number=number, day=day)
    with books[0].reading() as connection:
        assert chain.last(connection, EVENTS) is None


def test_an_unknown_status_names_the_known_ones(books: Books) -> None:
    with pytest.raises(WrongUse, match=r"encaissee \(212\)"):
        record_status(*books, N, DAY, "perdue")
    for word, code in STATUSES.items():
        record_status(*books, N, DAY, code)
        record_status(*books, N, DAY, word)
    with books[0].reading() as connection:
        assert [event.content["code"] for event in history(connection, N)] == [code for code in STATUSES.values() for _ in range(2)]


def test_a_number_that_was_taken_over_twice_needs_its_record(books: Books) -> None:
    from xlbridge.ledger.takeover import take_over

    ledger, key = books
    take_over(ledger, key, ledgers.past("45", "45"))
    with pytest.raises(WrongUse, match=r"Plusieurs documents .* --record"):
        pay(books, "1", number="45")
    with ledger.reading() as connection:
        second = max(connection.execute(select(DOCUMENTS.c.seq).where(DOCUMENTS.c.number == "45")).scalars())
        due = balance(connection, "45", second)
    record_payment(ledger, key, "45", Decimal(1), DAY, Means.CARD, record=second)
    with ledger.reading() as connection:
        assert due is not None
        assert balance(connection, "45", second) == due - 1
        assert len(history(connection, "45", second)) == 1


def test_a_document_without_total_has_no_balance(books: Books) -> None:
    from xlbridge.ledger.takeover import take_over

    take_over(*books, ledgers.past("77", totals=Totals()))
    assert pay(books, "5", number="77") == ["REG-205"]
    assert left(books[0], "77") is None
