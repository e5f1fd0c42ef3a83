"""One ledger in its database: opened, created, read, and written to in transactions that hold its lock.

A writing transaction has the ledger for itself from its first moment: the next number is then certain.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, func, inspect, select
from sqlalchemy.engine import make_url

from xlbridge.errors import LedgerBroken, WrongUse
from xlbridge.ledger import chain
from xlbridge.ledger.chain import Link
from xlbridge.ledger.database import NO_LEDGER, explained, lock, new_engine, shown
from xlbridge.ledger.head import Head
from xlbridge.ledger.record import ISSUED, correction_rows, index_row
from xlbridge.ledger.schema import CORRECTIONS, DOCUMENTS, EVENTS, LEDGER, RECORDS
from xlbridge.ledger.seal import SigningKey
from xlbridge.ledger.series import DEFAULT_SERIES, Series

CLOCK_TOLERANCE = timedelta(minutes=5)
Clock = Callable[[], datetime]


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Identity:
    """Which ledger this is, and whose."""

    identifier: str
    seller_siren: str
    seller_name: str
    created_at: str


@dataclass(frozen=True)
class Ledger:
    """An open ledger. `clock` tells the time of records."""

    url: str
    engine: Engine
    identity: Identity
    clock: Clock = now

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the ledger."""
        with explained(self.url), self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":  # whose statements else see each its own state
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def held(self) -> Iterator[Connection]:
        """A connection that reads while nobody can write."""
        with explained(self.url), self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            lock(connection)
            yield connection

    @contextmanager
    def writing(self, key: SigningKey) -> Iterator[Writer]:
        """The only transaction that writes now; committed at the end, undone by any exception."""
        with self.held() as connection:
            yield Writer(connection, self, key)

    def close(self) -> None:
        """Give the database back."""
        self.engine.dispose()


@dataclass(frozen=True)
class Writer:
    """A transaction that holds the ledger's lock."""

    connection: Connection
    ledger: Ledger
    key: SigningKey

    def append(self, kind: str, content: Mapping[str, Any]) -> Link:
        """A record at the end of the main chain, with its rows in the indexes."""
        link = self._sealed(RECORDS, kind, content)
        chain.append(self.connection, RECORDS, link)
        if kind in chain.DOCUMENTS_OF:
            self.connection.execute(DOCUMENTS.insert().values(**index_row(link)))
            if rows := correction_rows(link):
                self.connection.execute(CORRECTIONS.insert(), rows)
        return link

    def append_event(self, kind: str, content: Mapping[str, Any]) -> Link:
        """A record at the end of the events' chain."""
        link = self._sealed(EVENTS, kind, content)
        chain.append(self.connection, EVENTS, link)
        return link

    def _sealed(self, table: Any, kind: str, content: Mapping[str, Any]) -> Link:
        before = chain.last(self.connection, table)
        if before is None and table is EVENTS:
            opening = chain.first(self.connection, RECORDS, chain.OPENING)
            return chain.sealed(1, kind, content, opening.hash, self.time_after(opening), self.key)
        if before is None:
            return chain.sealed(1, kind, content, chain.GENESIS, self.ledger.clock(), self.key)
        return chain.sealed(before.seq + 1, kind, content, before.hash, self.time_after(before), self.key)

    def time_after(self, before: Link) -> datetime:
        """The time of the next record: never before the last one. Raises LedgerBroken where the clock was clearly set back."""
        then, moment = chain.time_of(before.data["at"]), self.ledger.clock()
        if moment < then - CLOCK_TOLERANCE:
            raise LedgerBroken(
                f"L’horloge de cet ordinateur retarde : il y est {moment:%d/%m/%Y %H:%M} (UTC), et le dernier enregistrement du registre"
                f" est du {then:%d/%m/%Y %H:%M}.",
                "Mettez l’ordinateur à l’heure, puis recommencez ; rien n’a été émis.",
            )
        return max(moment, then)


def create_ledger(
    url: str,
    siren: str,
    name: str,
    key_of: Callable[[str], SigningKey],
    clock: Clock = now,
    every_series: Sequence[Series] = DEFAULT_SERIES,
) -> tuple[Ledger, SigningKey]:
    """A new ledger for the seller `siren`, with its first series and its key, which `key_of` makes for the ledger's identifier.

    Raises WrongUse where there is one already, LedgerBroken where it cannot be written.
    """
    from xlbridge.ledger.migrate import upgrade_within

    engine = new_engine(url)
    identity = Identity(uuid.uuid4().hex, siren, name, chain.written_time(clock()))
    ledger = Ledger(url, engine, identity, clock)
    with explained(url), engine.connect().execution_options(writes=True) as connection, connection.begin():
        upgrade_within(connection)
        if connection.execute(select(LEDGER)).first() is not None:
            raise WrongUse(f"Il y a déjà un registre dans {shown(url)}.", "Utilisez-le, ou donnez un autre emplacement par --ledger.")
        key = key_of(identity.identifier)
        connection.execute(LEDGER.insert().values(**{field: getattr(identity, field) for field in Identity.__slots__}))
        writer = Writer(connection, ledger, key)
        writer.append(chain.OPENING, {**{field: getattr(identity, field) for field in Identity.__slots__}, "public_key": key.public})
        for series in every_series:
            writer.append(chain.SERIES, series.as_json())
    return ledger, key


def open_ledger(url: str, clock: Clock = now) -> Ledger:
    """The ledger at `url`. Raises LedgerBroken where there is none, or it is of a newer program."""
    engine = new_engine(url, create=False)
    with explained(url):
        _upgraded(engine, url)
        with engine.connect() as connection, connection.begin():
            row = connection.execute(select(LEDGER)).one_or_none()
    if row is None:
        raise LedgerBroken(f"Il n’y a pas de registre dans {shown(url)}.", NO_LEDGER)
    return Ledger(url, engine, Identity(*row), clock)


def exists(url: str) -> bool:
    """Whether there is a ledger at `url`. Raises LedgerBroken where that cannot be told."""
    place = make_url(url)
    if place.get_backend_name() == "sqlite" and not Path(place.database or "").is_file():
        return False
    engine = new_engine(url, create=False)
    with explained(url):
        try:
            return inspect(engine).has_table(LEDGER.name)
        finally:
            engine.dispose()


def series_of(connection: Connection) -> list[Series]:
    """The series of a ledger in the order of their creation."""
    return [Series.of_json(link.content) for link in chain.links(connection, RECORDS, chain.SERIES)]


def opening(connection: Connection) -> Link:
    """The first record, which names the key."""
    return chain.first(connection, RECORDS, chain.OPENING)


def head_of(connection: Connection, ledger: Ledger) -> Head:
    """The head of the ledger now, not yet signed."""
    link = chain.last(connection, RECORDS)
    assert link is not None
    issued = DOCUMENTS.c.origin == ISSUED
    count = connection.execute(select(func.count()).select_from(DOCUMENTS).where(issued)).scalar_one()
    names = [series.name for series in series_of(connection)]
    latest = select(DOCUMENTS.c.number).where(issued).order_by(DOCUMENTS.c.seq.desc()).limit(1)
    last = {name: connection.execute(latest.where(DOCUMENTS.c.series == name)).scalar() for name in names}
    numbers = {name: number for name, number in last.items() if number is not None}
    public = opening(connection).content["public_key"]
    latest_event = chain.last(connection, EVENTS)
    events = (latest_event.seq, latest_event.hash) if latest_event else (0, None)
    return Head(ledger.identity.identifier, link.seq, link.hash, link.data["at"], count, dict(sorted(numbers.items())), public, *events)


def _upgraded(engine: Engine, url: str) -> None:
    """Bring an older ledger to today's tables. Raises LedgerBroken for one of a newer program, or for no ledger."""
    from xlbridge.ledger.migrate import REVISION, revision_of, upgrade

    with engine.connect() as connection, connection.begin():
        known = revision_of(connection)
    if known is None:
        raise LedgerBroken(f"Il n’y a pas de registre dans {shown(url)}.", NO_LEDGER)
    if known > REVISION:
        raise LedgerBroken(f"Le registre {shown(url)} vient d’une version plus récente d’xlbridge.", "Mettez xlbridge à jour.")
    if known < REVISION:
        upgrade(engine)
