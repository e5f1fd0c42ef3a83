"""The ledger in its database, on both stores: its tables, its lock, what it refuses, and what it says when something is wrong."""

from __future__ import annotations

import socket
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import delete, inspect, select, text, update

from tests import ledgers, samples
from tests.stores import Store
from xlbridge.errors import LedgerBroken, WrongUse
from xlbridge.ledger import chain, database, postgresql
from xlbridge.ledger.events import Way, record_sending
from xlbridge.ledger.schema import APPEND_ONLY, CORRECTIONS, DOCUMENTS, RECORDS, metadata
from xlbridge.ledger.seal import create_key
from xlbridge.ledger.session import key_of, key_place, url_for
from xlbridge.ledger.store import create_ledger, exists, open_ledger, series_of
from xlbridge.model import PrecedingInvoice


def test_a_ledger_is_found_again_as_it_was_made(ledger_store: Store, tmp_path: Path) -> None:
    assert not exists(ledger_store.url)
    ledger, key = ledgers.of_store(ledger_store, tmp_path)
    again = open_ledger(ledger_store.url)
    assert exists(ledger_store.url)
    assert again.identity == ledger.identity
    assert key_of(again, str(tmp_path / "cle.pem")).public == key.public
    with again.reading() as connection:
        assert [series.name for series in series_of(connection)] == ["factures", "avoirs", "specimens"]


def test_a_second_ledger_in_one_place_is_refused_and_makes_no_key(ledger_store: Store, tmp_path: Path) -> None:
    ledger, _ = ledgers.of_store(ledger_store, tmp_path)
    made: list[str] = []

    def no_key(identifier: str) -> None:
        made.append(identifier)

    with pytest.raises(WrongUse, match="déjà un registre"):
        create_ledger(ledger_store.url, "812345676", "Autre", no_key)  # type: ignore[arg-type, return-value]
    assert made == []
    assert open_ledger(ledger_store.url).identity == ledger.identity


def test_a_ledger_whose_key_is_none_does_not_exist(ledger_store: Store, tmp_path: Path) -> None:
    (tmp_path / "cle.pem").write_bytes(b"x")
    with pytest.raises(LedgerBroken, match="n’est pas une clé"):
        ledgers.of_store(ledger_store, tmp_path)
    assert not exists(ledger_store.url)


def test_where_there_is_none_that_is_said(ledger_store: Store) -> None:
    with pytest.raises(LedgerBroken, match="pas de registre"):
        open_ledger(ledger_store.url)


def test_migrated_tables_are_those_of_the_program(ledger_store: Store, tmp_path: Path) -> None:
    ledger, _ = ledgers.of_store(ledger_store, tmp_path)
    with ledger.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        named = {name for table in metadata.tables for name in inspect(connection).get_pk_constraint(table)["constrained_columns"]}
    assert named == {"identifier", "seq", "position"}


def test_a_ledger_of_a_newer_program_is_left_alone(ledger_store: Store, tmp_path: Path) -> None:
    ledger, _ = ledgers.of_store(ledger_store, tmp_path)
    with ledger.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(LedgerBroken, match="plus récente"):
        open_ledger(ledger_store.url)


def test_nothing_is_changed_or_deleted(ledger_store: Store, tmp_path: Path) -> None:
    ledger, key = ledgers.of_store(ledger_store, tmp_path)
    credit = samples.invoice(number="A2026-0001", type_code="381", preceding_invoices=(PrecedingInvoice(number="F1"),))
    ledgers.seal(ledger, key, credit)
    record_sending(ledger, key, "A2026-0001", ledgers.START.date(), Way.POST)
    with ledger.reading() as connection:
        assert connection.execute(select(CORRECTIONS.c.number)).scalar_one() == "F1"
    for table in APPEND_ONLY:
        column = next(iter(table.columns))
        for change in (update(table).values({column: column}), delete(table)):
            with pytest.raises(LedgerBroken, match="ne se modifie pas"), ledger.writing(key) as writer:
                writer.connection.execute(change)


def test_a_failure_undoes_the_whole_transaction(ledger_store: Store, tmp_path: Path) -> None:
    ledger, key = ledgers.of_store(ledger_store, tmp_path)

    def fail() -> None:
        with ledger.writing(key) as writer:
            writer.append(chain.SERIES, {"name": "x"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with ledger.reading() as connection:
        last = chain.last(connection, RECORDS)
    assert last is not None
    assert last.seq == 4


def test_writers_wait_for_each_other(ledger_store: Store, tmp_path: Path) -> None:
    ledger, key = ledgers.of_store(ledger_store, tmp_path)
    inside: list[str] = []

    def write(name: str) -> None:
        mine = open_ledger(ledger_store.url, ledgers.clock(ledgers.START + timedelta(hours=1)))
        with mine.writing(key) as writer:
            inside.append(f"{name} in")
            time.sleep(0.1)
            writer.append(chain.SERIES, {"name": name})
            inside.append(f"{name} out")

    threads = [threading.Thread(target=write, args=(name,)) for name in ("one", "two", "three")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [step.split()[1] for step in inside] == ["in", "out"] * 3
    with ledger.reading() as connection:
        assert [link.seq for link in chain.links(connection, RECORDS)] == list(range(1, 8))


def test_a_lock_that_lasts_is_told(ledger_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, key = ledgers.of_store(ledger_store, tmp_path)
    monkeypatch.setattr(database, "LOCK_SECONDS", 1)
    first, second = open_ledger(ledger_store.url), open_ledger(ledger_store.url)
    with first.writing(key), pytest.raises(LedgerBroken, match="est occupé par un autre") as told, second.writing(key):
        raise AssertionError("two writers at once")
    assert told.value.remedy


def test_a_server_that_takes_the_call_and_says_nothing_is_given_up() -> None:
    pytest.importorskip("psycopg")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        late = threading.Timer(60, silent.close)  # a call without end ends as another refusal
        late.start()
        try:
            with pytest.raises(LedgerBroken, match="ne répond pas") as told:
                exists(f"postgresql+psycopg://compta@127.0.0.1:{silent.getsockname()[1]}/registre?connect_timeout=2")
        finally:
            late.cancel()
    assert "réseau" in told.value.remedy


def test_a_server_that_falls_silent_is_given_up(postgresql_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger, key = ledgers.of_store(postgresql_store, tmp_path)
    monkeypatch.setattr(postgresql, "SILENCE", 0.5)

    def write() -> None:
        with ledger.writing(key) as writer:
            writer.append(chain.SERIES, {"name": "x"})
            writer.connection.execute(text("SELECT pg_sleep(20)"))

    with pytest.raises(LedgerBroken, match="ne répond plus"):
        write()
    postgresql_store.break_connections()
    monkeypatch.undo()
    with ledger.reading() as connection:
        last = chain.last(connection, RECORDS)
    assert last is not None
    assert last.seq == 4, "nothing was written"


def test_a_clock_set_back_stops_the_ledger_and_minutes_do_not(ledger_store: Store, tmp_path: Path) -> None:
    ledger, key = ledgers.of_store(ledger_store, tmp_path)
    late = open_ledger(ledger_store.url, ledgers.clock(ledgers.START - timedelta(minutes=2)))
    with late.writing(key) as writer:
        link = writer.append(chain.SERIES, {"name": "x"})
    with ledger.reading() as connection:
        before, after = list(chain.links(connection, RECORDS))[-2:]
    assert (after.hash, after.data["at"]) == (link.hash, before.data["at"])
    wrong = open_ledger(ledger_store.url, ledgers.clock(ledgers.START - timedelta(days=1)))
    with pytest.raises(LedgerBroken, match="horloge"), wrong.writing(key) as writer:
        writer.append(chain.SERIES, {"name": "y"})


def test_one_number_of_a_year_is_issued_once(ledger_store: Store, tmp_path: Path) -> None:
    ledger, key = ledgers.of_store(ledger_store, tmp_path)
    ledgers.seal(ledger, key, samples.invoice(number="F2026-0001"), 1)
    with pytest.raises(LedgerBroken, match="contient déjà ce numéro"):
        ledgers.seal(ledger, key, samples.invoice(number="F2026-0001"), 2)
    with pytest.raises(LedgerBroken, match="contient déjà ce numéro"):
        ledgers.seal(ledger, key, samples.invoice(number="F2026-0002"), 1)
    with ledger.reading() as connection:
        assert list(connection.execute(select(DOCUMENTS.c.number)).scalars()) == ["F2026-0001"]


def test_a_long_name_of_a_seller_without_siren_is_no_hindrance(ledger_store: Store, tmp_path: Path) -> None:
    name = "Association des propriétaires et locataires de l’immeuble du Maréchal"
    ledger, key = create_ledger(ledger_store.url, name, name, lambda identifier: create_key(tmp_path / "cle.pem", identifier))
    seller = samples.SELLER.model_copy(update={"name": name, "legal_id": None, "vat_number": None, "identifiers": ()})
    ledgers.seal(ledger, key, samples.invoice(number="F2026-0001", seller=seller), 1)
    with ledger.reading() as connection:
        assert connection.execute(select(DOCUMENTS.c.seller_siren)).scalar_one() == name


def test_a_file_that_is_no_database_and_a_server_that_is_away_are_told(postgresql_store: Store, tmp_path: Path) -> None:
    (tmp_path / "r.sqlite").write_bytes(b"pas une base" * 1000)
    with pytest.raises(LedgerBroken, match="n’est pas un registre"):
        open_ledger(f"sqlite:///{tmp_path / 'r.sqlite'}")
    ledger, key = ledgers.of_store(postgresql_store, tmp_path)

    def write() -> None:
        with ledger.writing(key) as writer:
            postgresql_store.break_connections()
            writer.append(chain.SERIES, {"name": "x"})

    with pytest.raises(LedgerBroken, match="connexion au registre"):
        write()
    ledgers.seal(ledger, key, samples.invoice(number="F2026-0001"), 1)


def test_the_key_of_another_ledger_is_refused(tmp_path: Path, key_home: Path) -> None:
    for name in ("un", "deux"):
        (tmp_path / name).mkdir()
    one, _ = ledgers.in_file(tmp_path / "un")
    ledgers.in_file(tmp_path / "deux")
    with pytest.raises(LedgerBroken, match="n’est pas celle de ce registre"):
        key_of(one, str(tmp_path / "deux" / "cle.pem"))


def test_the_only_ledger_at_the_usual_place_is_meant(key_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WrongUse, match="pas encore de registre"):
        url_for(None)
    for siren in ("812345676", "907654329"):
        url = url_for(None, siren)
        ledgers.new_ledger(url, key_home / siren)
        if siren == "812345676":
            assert url_for(None) == url
    with pytest.raises(WrongUse, match="plusieurs registres"):
        url_for(None)
    assert key_place("abc", None) == key_place("abc", None)
    assert Path(key_place("abc", None)).name == "abc.pem"
    monkeypatch.setenv("XLBRIDGE_KEY_FILE", "keyring")
    assert key_place("abc", None) == "keyring"
    assert key_place("abc", str(key_home / "x.pem")) == key_home / "x.pem"
