"""A ledger at a glance: whose it is, its series and their last numbers, what it holds, its last closing, its key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from xlbridge.errors import WrongUse
from xlbridge.ledger import chain
from xlbridge.ledger.continuing import first_free
from xlbridge.ledger.database import shown
from xlbridge.ledger.schema import DOCUMENTS, EVENTS, RECORDS
from xlbridge.ledger.seal import SigningKey, key_id
from xlbridge.ledger.series import Series, active, clash
from xlbridge.ledger.store import Identity, Ledger, head_of, opening, series_of


@dataclass(frozen=True)
class Overview:
    """What `show` tells. `counts`: documents by origin; `seq`, `hash`: the last record; `closing`: the last closed period."""

    place: str
    identity: Identity
    key_id: str
    series: tuple[Series, ...]
    numbering: frozenset[str]
    last_numbers: Mapping[str, str]
    counts: Mapping[str, int]
    events: int
    seq: int
    hash: str
    closing: str | None

    def as_json(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {
            "place": self.place,
            "identifier": self.identity.identifier,
            "seller": {"siren": self.identity.seller_siren, "name": self.identity.seller_name},
            "created_at": self.identity.created_at,
            "key_id": self.key_id,
            "series": [
                {**one.as_json(), "active": one.name in self.numbering, "last_number": self.last_numbers.get(one.name)}
                for one in self.series
            ],
            "documents": dict(self.counts),
            "events": self.events,
            "seq": self.seq,
            "hash": self.hash,
            "last_closing": self.closing,
        }


def overview(ledger: Ledger) -> Overview:
    """The ledger as it is now."""
    with ledger.reading() as connection:
        head = head_of(connection, ledger)
        series = tuple(series_of(connection))
        groups = select(DOCUMENTS.c.origin, func.count().label("held")).group_by(DOCUMENTS.c.origin)
        closing = select(RECORDS).where(RECORDS.c.kind == chain.CLOSING).order_by(RECORDS.c.seq.desc()).limit(1)
        closed = connection.execute(closing).one_or_none()
        return Overview(
            shown(ledger.url),
            ledger.identity,
            key_id(opening(connection).content["public_key"]),
            series,
            frozenset(one.name for one in active(series)),
            _last_numbers(connection),
            {row.origin: row.held for row in connection.execute(groups)},
            connection.execute(select(func.count()).select_from(EVENTS)).scalar_one(),
            head.seq,
            head.hash,
            chain.Link(*closed).content["period"] if closed else None,
        )


def _last_numbers(connection: Connection) -> dict[str, str]:
    """The last number of each series, of those for practice too."""
    columns = DOCUMENTS.c
    latest = select(func.max(columns.seq)).where(columns.series.is_not(None)).group_by(columns.series)
    return {row.series: row.number for row in connection.execute(select(columns.series, columns.number).where(columns.seq.in_(latest)))}


def add_series(ledger: Ledger, key: SigningKey, series: Series) -> None:
    """Write a new series. Raises WrongUse where its form is not right, stands already, or would give a number that was given."""
    series.checked()
    with ledger.writing(key) as writer:
        every = series_of(writer.connection)
        unknown = [name for name in series.replaces if name not in {one.name for one in every}]
        if unknown:
            raise WrongUse(f"Il n’y a pas de série « {unknown[0]} ».", f"Séries : {', '.join(one.name for one in every)}.")
        if told := clash(series, every):
            raise WrongUse(f"La série « {series.name} » ne peut pas être créée : {told}.", "Choisissez un autre nom ou un autre préfixe.")
        rows = writer.connection.execute(select(DOCUMENTS.c.number, DOCUMENTS.c.issue_date).where(DOCUMENTS.c.number.is_not(None))).all()
        days = {date(int(row.issue_date[:4]), int(row.issue_date[5:7]), 1) for row in rows if row.issue_date}
        numbers = [*(row.number for row in rows), *([series.continues] if series.continues else [])]
        for day in days | {ledger.clock().date()}:
            free = first_free(series, numbers, day)
            if free > series.start(series.period(day)):
                raise WrongUse(
                    f"La série « {series.name} » donnerait des numéros déjà donnés (le dernier est {series.number(free - 1, day)}).",
                    f"Commencez-la à --first {free}, ou choisissez un autre préfixe.",
                )
        writer.append(chain.SERIES, series.as_json())
