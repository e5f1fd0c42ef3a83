"""The two stores of a ledger, real ones: an SQLite file, and a PostgreSQL server of our own for the tests of one process.

The server listens on a socket in a temporary folder alone and disappears with the tests. PostgreSQL refuses to run as root; started by
root it runs as `postgres` or `nobody`. It does not wait for the disk (`fsync=off`): the tests kill processes, not the machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

OWNER = "xlbridge"
SETTINGS = {"listen_addresses": "", "fsync": "off", "full_page_writes": "off", "max_connections": "100", "max_wal_size": "128MB"}
DURABLE = {**SETTINGS, "fsync": "on", "full_page_writes": "on"}
COLLATION = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=fr-FR"]  # sorts otherwise than SQLite


def server_program(name: str) -> str | None:
    """The path of a program of the PostgreSQL server: the newest of Debian's, else the one on PATH."""
    installed = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = max(installed, key=lambda program: int(program.parts[-3]), default=None)
    return str(newest) if newest else shutil.which(name)


def server_user() -> str | None:
    """The user to run the server as; None for the present one."""
    if os.name == "nt" or os.geteuid():
        return None
    import pwd

    return next((user.pw_name for user in pwd.getpwall() if user.pw_name == "postgres"), "nobody")


def server_group(user: str | None) -> int | None:
    """The group of `user`, that the server leaves root's behind."""
    if user is None:
        return None
    import pwd

    return pwd.getpwnam(user).pw_gid


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server in `folder`, which holds its data, its socket and its log."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=lambda: SETTINGS)

    def run(self, program: str, *arguments: str) -> None:
        """Run a program of the server to its end; its words are in the error of one that fails."""
        user = server_user()
        command = [str(server_program(program)), *arguments]
        groups: list[str | int] | None = [] if user else None
        with tempfile.TemporaryFile() as said:  # a pipe would be held open by the server that pg_ctl leaves behind
            done = subprocess.run(
                command,
                stdout=said,
                stderr=said,
                cwd=self.folder,
                check=False,
                timeout=120,
                user=user,
                group=server_group(user),
                extra_groups=groups,
            )
            said.seek(0)
            assert done.returncode == 0, f"{program}: {said.read().decode(errors='replace')}"

    def create(self) -> None:
        """Make an empty cluster."""
        self.run("initdb", "-D", "data", "-U", OWNER, "--auth=trust", "--no-sync", "--no-instructions", *COLLATION)

    def start(self) -> None:
        """Start, and wait until connections are taken."""
        settings = " ".join(f"-c {name}={value or repr('')}" for name, value in self.settings.items())
        self.run("pg_ctl", "-D", "data", "-l", "log", "-w", "-o", f"{settings} -k {self.folder}", "start")

    def stop(self) -> None:
        """Stop at once, as a power cut would: every connection is lost, and the next start recovers from the log."""
        self.run("pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{OWNER}@/{database}?host={self.folder}"

    def execute(self, statement: str) -> None:
        """Run one statement in the administrator's database."""
        import psycopg

        with psycopg.connect(host=str(self.folder), user=OWNER, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def running_server(settings: Mapping[str, str] = SETTINGS) -> Iterator[Server]:
    """A server that runs; its folder goes when it stops."""
    folder = Path(tempfile.mkdtemp(prefix="xlbridge-pg-"))  # short: the path of a socket has at most 107 bytes
    user = server_user()
    if user:
        shutil.chown(folder, user)
    server = Server(folder, settings)
    try:
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


@dataclass(frozen=True)
class Store:
    """A fresh, empty place for a ledger."""

    kind: str  # "sqlite" or "postgresql"
    url: str
    server: Server | None = None
    database: str = ""

    def break_connections(self) -> None:
        """End every connection to the database, as a failing network or an administrator does."""
        assert self.server, "an SQLite file has no connections to lose"
        self.server.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{self.database}'")

    @contextmanager
    def server_down(self) -> Iterator[None]:
        """The server is gone, without warning, and comes back afterwards."""
        assert self.server, "an SQLite file has no server"
        self.server.stop()
        try:
            yield
        finally:
            self.server.start()


def sqlite_store(folder: Path) -> Store:
    return Store("sqlite", f"sqlite:///{folder / 'registre.sqlite'}")


@contextmanager
def postgresql_store(server: Server) -> Iterator[Store]:
    """An empty database of its own, dropped afterwards with whatever is still connected to it."""
    database = f"registre_{uuid4().hex}"
    server.execute(f"CREATE DATABASE {database}")
    try:
        yield Store("postgresql", server.url(database), server, database)
    finally:
        server.execute(f"DROP DATABASE {database} WITH (FORCE)")
