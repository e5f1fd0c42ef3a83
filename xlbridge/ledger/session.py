"""A ledger opened with its key: where both lie when the user says nothing, and whether they belong together."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xlbridge.errors import LedgerBroken, WrongUse
from xlbridge.ledger.places import APPLICATION, LEDGER_NAME, default_key_file, ledger_url, sqlite_url
from xlbridge.ledger.seal import KEYRING, SigningKey, key_id, load_key
from xlbridge.ledger.store import Clock, Ledger, now, open_ledger, opening


def key_place(ledger_id: str, given: str | None) -> Path | str:
    """Where the key of a ledger lies: `given` (`--key`, a file or the word `keyring`), else XLBRIDGE_KEY_FILE, else the usual file."""
    named = given or os.environ.get("XLBRIDGE_KEY_FILE")
    if named == KEYRING:
        return KEYRING
    return Path(named).expanduser().absolute() if named else default_key_file(ledger_id)


def url_for(given: str | None, siren: str | None = None) -> str:
    """The URL of the ledger that is meant: the one named, else that of the company, else the only one at the usual place."""
    if given or siren or os.environ.get("XLBRIDGE_LEDGER"):
        return ledger_url(given, siren)
    from platformdirs import user_data_path

    found = sorted(user_data_path(APPLICATION, appauthor=False).glob(f"*/{LEDGER_NAME}"))
    if len(found) == 1:
        return sqlite_url(found[0])
    if not found:
        raise WrongUse("Il n’y a pas encore de registre à la place habituelle.", "Créez-en un (xlbridge ledger new), ou donnez --ledger.")
    raise WrongUse("Il y a plusieurs registres : " + ", ".join(f"« {path} »" for path in found) + ".", "Choisissez-en un par --ledger.")


def open_for(given: str | None, siren: str | None = None, clock: Clock = now) -> Ledger:
    """The ledger that is meant (see `url_for`), open."""
    return open_ledger(url_for(given, siren), clock)


def key_of(ledger: Ledger, given: str | None) -> SigningKey:
    """The key of `ledger`. Raises LedgerBroken where it is missing or another one."""
    identifier = ledger.identity.identifier
    key = load_key(key_place(identifier, given), identifier)
    with ledger.reading() as connection:
        public = opening(connection).content["public_key"]
    if key.public != public:
        raise LedgerBroken(f"La clé {key.key_id} n’est pas celle de ce registre ({key_id(public)}).", "Donnez la bonne par --key.")
    return key


@contextmanager
def session(given: str | None, key: str | None = None, siren: str | None = None) -> Iterator[tuple[Ledger, SigningKey]]:
    """The ledger that is meant with its key; closed afterwards."""
    ledger = open_for(given, siren)
    try:
        yield ledger, key_of(ledger, key)
    finally:
        ledger.close()
