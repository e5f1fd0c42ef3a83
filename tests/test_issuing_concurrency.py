"""Several processes issue on one series at once: the numbers follow one another, whoever gave them."""

from __future__ import annotations

import multiprocessing
import threading
from pathlib import Path
from typing import Any

import pytest

from bench.issuing import measure
from tests.issuing_stage import Office, company
from tests.stores import Store
from xlbridge.issuing.places import Places
from xlbridge.issuing.session import create, opened
from xlbridge.ledger.series import Series
from xlbridge.ledger.session import key_of
from xlbridge.ledger.store import head_of, open_ledger


def issue_together(folder: Path, store: Store, processes: int, each: int) -> list[str]:
    """The numbers in the order of the records, once everything was found as it must be."""
    office = Office(folder, Places(store.url, folder / "coffre", str(folder / "cle.pem")))
    over, told = threading.Event(), list[Exception]()
    passer_by = threading.Thread(target=come_and_go, args=(office.places, over, told))
    passer_by.start()
    try:
        run = measure(office.places, processes, each, folder)
    finally:
        over.set()
        passer_by.join()
    assert told == []
    issued = office.issued()
    assert len(issued) == run.documents == processes * each
    assert {key for key, _ in issued} == {f"poste{at}.xlsx" for at in range(processes)}
    return office.numbers()


def come_and_go(places: Places, over: threading.Event, told: list[Exception]) -> None:
    """Start again and again while the others issue: what they are about to place is not swept."""
    assert places.ledger
    try:
        while not over.wait(0.3):
            if not places.archive or not places.archive.exists():
                continue
            ledger = open_ledger(places.ledger)
            with opened(ledger, places) as session:
                session.vault.announced()
            ledger.close()
    except Exception as fault:  # it is told to the test
        told.append(fault)


@pytest.mark.slow
def test_four_processes_number_one_series(tmp_path: Path, ledger_store: Store) -> None:
    numbers = issue_together(tmp_path, ledger_store, 4, 12)
    assert numbers == [f"F2026-{counter:04}" for counter in range(1, 49)]


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_eight_processes_give_two_thousand_numbers(tmp_path: Path, ledger_store: Store) -> None:
    numbers = issue_together(tmp_path, ledger_store, 8, 250)
    assert numbers == [f"F2026-{counter:04}" for counter in range(1, 2001)]


def start(places: Places, barrier: Any, results: Any) -> None:
    assert places.ledger
    ledger = open_ledger(places.ledger)
    barrier.wait(timeout=200)
    try:
        for _ in range(5):
            with opened(ledger, places):
                pass
        results.put("")
    except Exception as fault:  # it is told to the test
        results.put(repr(fault))


@pytest.mark.slow
def test_the_vault_is_made_once_whoever_comes_first(tmp_path: Path, ledger_store: Store) -> None:
    for turn in range(3):
        places = Places(ledger_store.url, tmp_path / f"coffre{turn}", str(tmp_path / "cle.pem"))
        if not turn:
            create(company(), places).close()
        context = multiprocessing.get_context("spawn")
        barrier, results = context.Barrier(4), context.Queue()
        workers = [context.Process(target=start, args=(places, barrier, results)) for _ in range(4)]
        for worker in workers:
            worker.start()
        assert [results.get(timeout=200) for _ in workers] == [""] * 4
        for worker in workers:
            worker.join()


@pytest.mark.parametrize("default", ["read committed", "serializable"])
def test_who_reads_sees_one_state_and_who_writes_the_last(postgresql_store: Store, tmp_path: Path, default: str) -> None:
    """On PostgreSQL, whatever the server does by default."""
    assert postgresql_store.server
    postgresql_store.server.execute(f"ALTER DATABASE {postgresql_store.database} SET default_transaction_isolation = '{default}'")
    ledger = create(company(), Places(postgresql_store.url, tmp_path / "coffre", str(tmp_path / "cle.pem")))
    key = key_of(ledger, str(tmp_path / "cle.pem"))
    with ledger.reading() as connection:
        before = head_of(connection, ledger)
        with ledger.writing(key) as writer:
            writer.append("series", Series("autres", "X").as_json())
        assert head_of(connection, ledger) == before
    with ledger.writing(key) as writer:
        assert writer.connection.exec_driver_sql("SHOW transaction_isolation").scalar() == "read committed"
        assert head_of(writer.connection, ledger).seq == before.seq + 1
