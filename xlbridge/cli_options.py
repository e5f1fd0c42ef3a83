"""What the commands about the ledger share: their options, how the ledger is opened, and how JSON is written."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from datetime import date

    from xlbridge.issuing.session import Session
    from xlbridge.ledger.store import Ledger as OpenLedger

Ledger = Annotated[
    str | None, typer.Option("--ledger", envvar="XLBRIDGE_LEDGER", help="Registre : fichier ou adresse PostgreSQL.", metavar="URL")
]
Archive = Annotated[Path | None, typer.Option("--archive", envvar="XLBRIDGE_ARCHIVE", help="Coffre des documents émis.", metavar="DIR")]
Key = Annotated[
    str | None, typer.Option("--key", envvar="XLBRIDGE_KEY_FILE", help="Clé du registre : fichier, ou keyring.", metavar="FILE")
]
Json = Annotated[bool, typer.Option("--json", help="Écrire le résultat en JSON sur la sortie standard.")]


@contextmanager
def reading(ledger: str | None) -> Iterator[OpenLedger]:
    """The ledger, to read in."""
    from xlbridge.ledger.session import open_for

    opened = open_for(ledger)
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def session(ledger: str | None, archive: Path | None, key: str | None) -> Iterator[Session]:
    """The ledger with key and vault; its head is written to the vault afterwards."""
    from xlbridge.issuing.places import Places
    from xlbridge.issuing.session import opened
    from xlbridge.issuing.transaction import write_head

    with reading(ledger) as known, opened(known, Places(ledger, archive, key)) as session:
        yield session
        with session.ledger.writing(session.key) as writer:
            write_head(writer, session.vault)


def day(text: str | None) -> date:
    """The day that an option names, else today."""
    from datetime import date as calendar

    from xlbridge.archive.search import day_of

    return day_of(text) if text else calendar.today()  # noqa: DTZ011  the user's own day


def print_json(data: dict[str, Any]) -> None:
    """JSON alone on standard output."""
    from json import dumps

    sys.stdout.buffer.write(dumps(data, ensure_ascii=False, indent=1).encode("utf-8") + b"\n")
