"""The chain: every record holds the hash of the one before, and is signed. What a record says can be checked with sha256sum and openssl.

The body of a record is canonical JSON (RFC 8785) with `seq`, `kind`, `previous`, `at` (UTC), `user`, `program` and `content`. Its hash is
the SHA-256 of the body's bytes, its signature Ed25519 over the same bytes; both stand beside the body, not in it.
"""

from __future__ import annotations

import getpass
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, select

from xlbridge import __version__
from xlbridge.ledger.seal import SigningKey

GENESIS = "0" * 64
OPENING, SERIES, DOCUMENT, TAKEN_OVER, CLOSING = "opening", "series", "document", "taken_over", "closing"
DOCUMENTS_OF = (DOCUMENT, TAKEN_OVER)
PAYMENT, SENDING, STATUS = "payment", "sending", "status"


@dataclass(frozen=True, slots=True)
class Link:
    """One record of a chain as it is stored."""

    seq: int
    kind: str
    body: str
    hash: str
    key_id: str
    signature: str

    @property
    def data(self) -> dict[str, Any]:
        """The body, read."""
        known: dict[str, Any] = json.loads(self.body)
        return known

    @property
    def content(self) -> dict[str, Any]:
        """What this record is about."""
        found: dict[str, Any] = self.data["content"]
        return found


def canonical(data: object) -> bytes:
    """RFC 8785 bytes of `data` (texts, whole numbers, booleans, null, lists and objects)."""
    import rfc8785

    return rfc8785.dumps(data)  # type: ignore[arg-type]


def sealed(seq: int, kind: str, content: Mapping[str, Any], previous: str, at: datetime, key: SigningKey) -> Link:
    """The record `seq` with its hash and signature."""
    body = canonical(
        {
            "seq": seq,
            "kind": kind,
            "previous": previous,
            "at": written_time(at),
            "user": _user(),
            "program": f"xlbridge {__version__}",
            "content": dict(content),
        }
    )
    return Link(seq, kind, body.decode(), hashlib.sha256(body).hexdigest(), key.key_id, key.sign(body))


def append(connection: Connection, table: Table, link: Link) -> None:
    """Write `link` at the end of its chain."""
    values = {name: getattr(link, name) for name in Link.__slots__}
    connection.execute(table.insert().values(**values))


def last(connection: Connection, table: Table) -> Link | None:
    """The end of a chain."""
    row = connection.execute(select(table).order_by(table.c.seq.desc()).limit(1)).one_or_none()
    return None if row is None else Link(*row)


def first(connection: Connection, table: Table, kind: str) -> Link:
    """The first record of a kind, which the chain has."""
    return Link(*connection.execute(select(table).where(table.c.kind == kind).order_by(table.c.seq).limit(1)).one())


def links(connection: Connection, table: Table, *kinds: str, after: int = 0) -> Iterator[Link]:
    """The records in their order, of some kinds or all."""
    query = select(table).where(table.c.seq > after).order_by(table.c.seq)
    if kinds:
        query = query.where(table.c.kind.in_(kinds))
    with connection.execute(query.execution_options(yield_per=500)) as rows:
        for row in rows:
            yield Link(*row)


def written_time(at: datetime) -> str:
    """`2026-11-24T06:38:12.123456Z`: UTC, always of the same length, so that texts sort as times do."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def time_of(text: str) -> datetime:
    """The moment that `written_time` wrote. Raises ValueError for anything else."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "inconnu"
