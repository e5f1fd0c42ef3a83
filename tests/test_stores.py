"""The stores that the tests of the ledger run on are what they claim to be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy.exc import OperationalError

from tests import stores
from tests.stores import Server, Store
from xlbridge.ledger.places import default_key_file, ledger_file, ledger_url


def engine_of(store: Store) -> sqlalchemy.Engine:
    return sqlalchemy.create_engine(store.url, poolclass=sqlalchemy.NullPool)


def test_a_store_is_empty_and_keeps_what_is_committed(ledger_store: Store) -> None:
    engine = engine_of(ledger_store)
    assert engine.dialect.name == ledger_store.kind
    assert sqlalchemy.inspect(engine).get_table_names() == []
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE seen (word TEXT)"))
        connection.execute(sqlalchemy.text("INSERT INTO seen VALUES ('scellé')"))
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("INSERT INTO seen VALUES ('perdu')"))
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.text("SELECT word FROM seen")).scalars().all() == ["scellé"]


def test_its_url_is_one_that_the_command_line_takes(ledger_store: Store) -> None:
    url = ledger_url(ledger_store.url, None)
    with sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool).connect() as connection:
        assert connection.execute(sqlalchemy.text("SELECT 1")).scalar() == 1


def test_nothing_goes_to_the_user_s_own_folders(ledger_store: Store, key_home: Path) -> None:
    file = ledger_file(ledger_url(None, "732829320"))
    assert file is not None
    assert file.is_relative_to(key_home)
    assert default_key_file("a" * 32).is_relative_to(key_home)
    asked = "import keyring; print(type(keyring.get_keyring()).__module__)"
    found = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert found.strip() == "keyring.backends.null"


def test_each_test_has_a_database_of_its_own(postgresql_server: Server, postgresql_store: Store) -> None:
    with engine_of(postgresql_store).begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE seen (word TEXT)"))
    with stores.postgresql_store(postgresql_server) as other:
        assert sqlalchemy.inspect(engine_of(other)).get_table_names() == []
        held = engine_of(other).connect()
        held.execute(sqlalchemy.text("SELECT 1"))
    with pytest.raises(OperationalError, match="does not exist"):
        engine_of(other).connect()
    held.invalidate()


def test_the_server_is_not_root_s(postgresql_store: Store) -> None:
    assert postgresql_store.server
    assert (postgresql_store.server.folder / "data").stat().st_uid != 0


def test_it_sorts_as_french_does(postgresql_store: Store) -> None:
    words = "SELECT string_agg(word, ' ' ORDER BY word) FROM (VALUES ('zoe'), ('Été'), ('eté'), ('Zoé'), ('f')) AS given (word)"
    with engine_of(postgresql_store).connect() as connection:
        assert connection.execute(sqlalchemy.text(words)).scalar() == "eté Été f zoe Zoé"


def test_connections_break(postgresql_store: Store) -> None:
    engine = engine_of(postgresql_store)
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("SELECT 1"))
        postgresql_store.break_connections()
        with pytest.raises(OperationalError) as loss:
            connection.execute(sqlalchemy.text("SELECT 1"))
        assert loss.value.connection_invalidated
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.text("SELECT 1")).scalar() == 1


def test_a_server_goes_and_comes_back_with_what_was_committed(postgresql_store: Store) -> None:
    engine = engine_of(postgresql_store)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE seen (word TEXT)"))
    with postgresql_store.server_down(), pytest.raises(OperationalError):
        engine.connect()
    assert sqlalchemy.inspect(engine).get_table_names() == ["seen"]
