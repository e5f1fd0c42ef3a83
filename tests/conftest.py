"""Fixtures of more than one module."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import stores

# How long an example takes tells of the machine, not of what is tested; what failed is printed so that it can be run again.
settings.register_profile("xlbridge", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("xlbridge")


@pytest.fixture
def key_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for the user's own: default ledger, archive and key go there, and no system keyring is asked.

    It holds for the programs that the test starts, too.
    """
    home = tmp_path / "maison"
    home.mkdir()
    for variable in [name for name in os.environ if name.startswith("XLBRIDGE_")]:
        monkeypatch.delenv(variable)
    for variable in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "WIN_PD_OVERRIDE_LOCAL_APPDATA"):
        monkeypatch.setenv(variable, str(home / variable.lower()))
    monkeypatch.setenv("HOME", str(home))  # where macOS looks
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    return home


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[stores.Server]:
    """One PostgreSQL server for all the tests of this process."""
    if stores.server_program("initdb") is None:
        pytest.skip("the PostgreSQL server is not installed (Debian: postgresql)")
    with stores.running_server() as server:
        yield server


@pytest.fixture
def postgresql_store(postgresql_server: stores.Server, key_home: Path) -> Iterator[stores.Store]:
    """A fresh database of PostgreSQL, for what only a server can do."""
    with stores.postgresql_store(postgresql_server) as store:
        yield store


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])  # CI runs both
def ledger_store(request: pytest.FixtureRequest, tmp_path: Path, key_home: Path) -> stores.Store:
    """A fresh place for a ledger: each test runs with an SQLite file and with a database of PostgreSQL."""
    if request.param == "sqlite":
        return stores.sqlite_store(tmp_path)
    store: stores.Store = request.getfixturevalue("postgresql_store")
    return store
