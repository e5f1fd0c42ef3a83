"""A ledger saved whole in one file: its database, its key and its vault, of one moment, each file with its SHA-256; and put back.

    manifeste.json               which ledger, of when, how far it had come, every file with size and SHA-256
    registre.sqlite              the database (of PostgreSQL, too)
    cle.pem                      the key as it is: with its passphrase where it has one
    coffre/...                   the vault

The ledger is held only while the database is copied: the documents of the vault never change afterwards.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, insert, select

from xlbridge import __version__
from xlbridge.archive.durable import REMEDIES, TEMPORARY, give_up, sync_folder
from xlbridge.archive.names import HEAD, NAMEPLATE, OBJECTS, README
from xlbridge.archive.vault import Vault
from xlbridge.errors import LedgerBroken, WrongUse, why
from xlbridge.ledger import chain
from xlbridge.ledger.database import new_engine
from xlbridge.ledger.migrate import upgrade_within
from xlbridge.ledger.places import ledger_file, sqlite_url
from xlbridge.ledger.schema import DOCUMENTS, EVENTS, RECORDS, metadata
from xlbridge.ledger.seal import read_key
from xlbridge.ledger.store import Ledger, open_ledger

FORMAT = 1
MANIFEST, DATABASE, KEY, VAULT = "manifeste.json", "registre.sqlite", "cle.pem", "coffre/"
CHUNK = 1 << 20
ROWS = 500
Tick = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Backup:
    """What a backup holds: the ledger, how far it had come, its files; `damaged`: documents of the vault that are not what they were."""

    path: Path
    ledger: str
    seller: str
    seller_siren: str
    at: str
    seq: int
    hash: str
    events: int
    files: dict[str, dict[str, Any]]
    damaged: tuple[str, ...] = ()

    @property
    def documents(self) -> int:
        """How many files of the vault's documents it holds."""
        return sum(1 for name in self.files if name.startswith(f"{VAULT}{OBJECTS}/"))

    def as_json(self) -> dict[str, Any]:
        """What the manifest says."""
        return {
            "format": FORMAT, "program": f"xlbridge {__version__}", "ledger": self.ledger, "seller": self.seller,
            "seller_siren": self.seller_siren, "at": self.at,
            "seq": self.seq, "hash": self.hash, "events": self.events, "damaged": list(self.damaged), "files": self.files,
        }  # fmt: skip


def backup(ledger_url: str, archive: Path, key_place: Path | str, target: Path, tick: Tick = lambda *_: None) -> Backup:
    """Save all into the new file `target`, read back before it gets its name. Raises WrongUse where there is one already."""
    if target.exists():
        raise WrongUse(f"« {target} » existe déjà.", "Donnez un autre nom : une sauvegarde n’en remplace jamais une autre.")
    ledger = open_ledger(ledger_url)
    temporary = target.with_name(f".{uuid.uuid4().hex}{TEMPORARY}")
    database = target.with_name(f".{uuid.uuid4().hex}.sqlite")
    try:
        with _told(target, "écrite"):
            key = read_key(key_place, ledger.identity.identifier)
            made = _written(ledger, archive, key, (temporary, database, target), tick)
            _read_back(temporary, made)
            if target.exists():
                raise WrongUse(f"« {target} » existe déjà.", "Donnez un autre nom.")
            temporary.replace(target)
            sync_folder(target.absolute().parent)
    finally:
        ledger.close()
        for left in (temporary, database):
            give_up(left)
    return made


def _written(ledger: Ledger, archive: Path, key: bytes, places: tuple[Path, Path, Path], tick: Tick) -> Backup:
    temporary, database, target = places
    vault = _vault(ledger, archive)
    small: dict[str, bytes] = {KEY: key}
    with ledger.held() as connection:
        last = chain.last(connection, RECORDS)
        assert last is not None
        event = chain.last(connection, EVENTS)
        _copy_database(connection, ledger, database)
        names = list(vault.objects()) if vault else []
        for relative in (NAMEPLATE, README, HEAD, *vault.closings()) if vault else ():
            if (archive / relative).is_file():
                small[VAULT + relative] = (archive / relative).read_bytes()
    files: dict[str, dict[str, Any]] = {}
    damaged: list[str] = []
    with open(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600), "w+b") as file:  # noqa: PTH123  the key is in it
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as pack:
            for name, data in small.items():
                files[name] = _add(pack, name, data)
            files[DATABASE] = _add(pack, DATABASE, database)
            for at, name in enumerate(names):
                tick(at, len(names), name[:12])
                path = f"{OBJECTS}/{name[:2]}/{name}"
                files[VAULT + path] = _add(pack, VAULT + path, archive / path)
                if files[VAULT + path]["sha256"] != name.partition(".")[0]:
                    damaged.append(path)
            moment, owner = chain.written_time(ledger.clock()), ledger.identity
            made = Backup(
                target,
                owner.identifier,
                owner.seller_name,
                owner.seller_siren,
                moment,
                last.seq,
                last.hash,
                event.seq if event else 0,
                files,
                tuple(damaged),
            )
            pack.writestr(MANIFEST, json.dumps(made.as_json(), ensure_ascii=False, indent=1))
        file.flush()
        os.fsync(file.fileno())
    return made


def _vault(ledger: Ledger, archive: Path) -> Vault | None:
    """The vault; None where nothing was issued yet and there is none."""
    with ledger.reading() as connection:
        empty = connection.execute(select(DOCUMENTS.c.seq).where(DOCUMENTS.c.pdf.is_not(None)).limit(1)).first() is None
    return None if empty and not (archive / NAMEPLATE).exists() else Vault.open(archive, ledger.identity.identifier)


def _copy_database(connection: Connection, ledger: Ledger, target: Path) -> None:
    """The database as an SQLite file: SQLite's own copy, else every row of every table."""
    source = ledger_file(ledger.url)
    if source is None:
        engine = new_engine(sqlite_url(target))
        try:
            with engine.connect().execution_options(writes=True) as copy, copy.begin():
                upgrade_within(copy)
                copy_rows(connection, copy)
        finally:
            engine.dispose()
        return
    before, after = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True), sqlite3.connect(target)
    try:
        before.backup(after)
    finally:
        before.close()
        after.close()


def copy_rows(source: Connection, target: Connection) -> None:
    """Every row of every table, in the order of the keys."""
    for table in metadata.sorted_tables:
        rows = source.execute(select(table).order_by(*table.primary_key).execution_options(yield_per=ROWS))
        for part in rows.partitions(ROWS):
            target.execute(insert(table), [dict(row._mapping) for row in part])


def _add(pack: zipfile.ZipFile, name: str, content: bytes | Path) -> dict[str, Any]:
    """Write one file into the zip; its size and SHA-256."""
    digest, size = hashlib.sha256(), 0
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED if name == DATABASE else zipfile.ZIP_STORED
    with pack.open(entry, "w", force_zip64=True) as out:
        for chunk in _chunks(content):
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
    return {"sha256": digest.hexdigest(), "size": size}


def _chunks(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        yield from iter(lambda: file.read(CHUNK), b"")


def _read_back(path: Path, made: Backup) -> None:
    """Every file of the zip as it is on the disk, against the manifest."""
    with zipfile.ZipFile(path) as pack:
        names = pack.namelist()
        wrong = [name for name, facts in made.files.items() if name not in names or _facts(pack, name) != facts]
    if wrong:
        raise LedgerBroken(f"La sauvegarde ne se relit pas : {', '.join(wrong[:3])}.", "Écrivez-la sur un autre disque.")


def _facts(pack: zipfile.ZipFile, name: str) -> dict[str, Any]:
    with pack.open(name) as file:
        return facts_of(file)


def facts_of(file: IO[bytes]) -> dict[str, Any]:
    """Size and SHA-256 of an open file."""
    digest, size = hashlib.sha256(), 0
    for chunk in iter(lambda: file.read(CHUNK), b""):
        digest.update(chunk)
        size += len(chunk)
    return {"sha256": digest.hexdigest(), "size": size}


@contextmanager
def _told(target: Path, doing: str) -> Iterator[None]:
    """OSError and SQLite's own as LedgerBroken, in French."""
    try:
        yield
    except OSError as fault:
        remedy = REMEDIES.get(fault.errno or 0, "Vérifiez le disque et vos droits.")
        raise LedgerBroken(
            f"La sauvegarde « {target} » ne peut pas être {doing} : {why(fault)}.", remedy.replace("--archive", "le chemin")
        ) from fault
    except sqlite3.Error as fault:
        raise LedgerBroken(f"La base du registre ne peut pas être copiée ({fault}).", "Vérifiez le disque, puis recommencez.") from fault
