"""The database of a ledger: a way to it, and what it says in French where it refuses, with what to do.

SQLite with journal DELETE and synchronous EXTRA (a power cut loses nothing that was committed), or PostgreSQL. No wait is without end:
not for the server's first word, not for the next, not for a lock.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from xlbridge.errors import LedgerBroken, why
from xlbridge.ledger.places import ledger_file, shown_ledger
from xlbridge.ledger.schema import LEDGER

CONNECT_SECONDS = 10
LOCK_SECONDS = 60
NO_LEDGER = (
    "Vérifiez --ledger ou XLBRIDGE_LEDGER. Un registre naît au premier « xlbridge issue », ou par « xlbridge ledger new » ; "
    "un registre perdu se remet par « xlbridge ledger restore »."
)


@contextmanager
def explained(url: str) -> Iterator[None]:
    """What the database says in French, with what to do."""
    try:
        yield
    except DBAPIError as fault:
        message, remedy = _sentence(fault, url)
        raise LedgerBroken(message, remedy) from fault
    except SQLAlchemyError as fault:
        raise LedgerBroken(f"Le registre {shown(url)} ne répond pas ({fault}).", "Vérifiez --ledger.") from fault


def shown(url: str) -> str:
    """The place of a ledger for people: a path, or an address without its password."""
    file = ledger_file(url)
    return f"« {file} »" if file else shown_ledger(url)


def _sentence(fault: DBAPIError, url: str) -> tuple[str, str]:
    """What happened and what to do, by the words of the database."""
    words = str(fault.orig).lower()
    place = shown(url)
    again = "Vérifiez le réseau et le serveur, puis relancez la même commande : ce qui a été émis ne le sera pas deux fois."
    cases = (
        ("timeout expired", "ne répond pas", again),
        ("no answer", "ne répond plus", again),
        (
            "locked",
            f"est occupé par un autre programme depuis plus de {LOCK_SECONDS} secondes",
            "Fermez l’autre programme, puis recommencez.",
        ),
        ("lock timeout", f"est occupé par un autre poste depuis plus de {LOCK_SECONDS} secondes", "Recommencez dans un moment."),
        ("full", "n’a plus de place sur son disque", "Faites de la place, puis recommencez ; rien n’est perdu."),
        ("readonly", "est en lecture seule", "Vérifiez vos droits sur le fichier et sur son dossier."),
        ("read-only", "est en lecture seule", "Vérifiez vos droits."),
        ("unable to open", "ne peut pas être ouvert", "Vérifiez le chemin et vos droits."),
        ("not a database", "n’est pas un registre xlbridge", "Vérifiez --ledger."),
        ("malformed", "est abîmé", "Remettez-le depuis une sauvegarde : xlbridge ledger restore."),
        ("does not exist", "n’est pas un registre xlbridge", "Vérifiez --ledger ; un registre abîmé se remet par xlbridge ledger restore."),
        ("no such table", "n’est pas un registre xlbridge", "Vérifiez --ledger."),
        ("append-only", "ne se modifie pas", "Corrigez par un avoir ou une facture rectificative."),
        ("unique", "contient déjà ce numéro", "Relancez la commande ; si cela se répète : xlbridge verify."),
    )
    for word, message, remedy in cases:
        if word in words:
            return f"Le registre {place} {message}.", remedy
    if fault.connection_invalidated or "connection" in words or "terminat" in words or "server" in words:
        return f"La connexion au registre {place} est perdue.", again
    return f"Le registre {place} ne répond pas ({str(fault.orig).strip()}).", "Relancez la commande ; si cela se répète : xlbridge verify."


def new_engine(url: str, *, create: bool = True) -> Engine:
    """A way to a database that holds no ledger yet; else, without `create`, raises LedgerBroken where there is no file."""
    place = make_url(url)
    if place.get_backend_name() != "sqlite":
        # Whatever the server's default is: who waited for the lock must see what was committed meanwhile.
        bound = {"connect_timeout": place.query.get("connect_timeout", CONNECT_SECONDS)}
        engine = create_engine(place, poolclass=NullPool, isolation_level="READ COMMITTED", connect_args=bound)
        event.listen(engine, "do_connect", _connected)
        return engine
    path = Path(place.database or "")
    if create:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise LedgerBroken(f"Le dossier « {path.parent} » ne peut pas être créé ({why(fault)}).", "Vérifiez --ledger.") from fault
    elif not path.is_file():
        raise LedgerBroken(f"Il n’y a pas de registre dans {shown(url)}.", NO_LEDGER)
    engine = create_engine(place, poolclass=NullPool, connect_args={"timeout": LOCK_SECONDS})
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _connected(_dialect: object, _record: object, arguments: list[Any], parameters: dict[str, Any]) -> object:
    from xlbridge.ledger.postgresql import BoundConnection

    return BoundConnection.connect(*arguments, **parameters)


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by `_begin`, not by the driver
    for pragma in ("journal_mode = DELETE", "synchronous = EXTRA", "foreign_keys = ON", "trusted_schema = OFF"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


def lock(connection: Connection) -> None:
    """Wait for the ledger's lock; SQLite has it since the transaction began."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
        connection.execute(select(LEDGER.c.identifier).with_for_update())
