"""A backup put back. Nothing that exists is replaced; what knows more than the backup is named, and nothing is written.

The database gets its name last: until then there is no ledger, and the same command can be given again.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import uuid
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xlbridge.archive.backup import CHUNK, DATABASE, FORMAT, KEY, MANIFEST, VAULT, Backup, copy_rows, facts_of
from xlbridge.archive.durable import REMEDIES, TEMPORARY, give_up, sync_folder
from xlbridge.archive.names import CLOSINGS, HEAD, NAMEPLATE, OBJECTS, README, closing_path, object_path
from xlbridge.archive.vault import Vault
from xlbridge.errors import LedgerBroken, UnreadableFile, WrongUse, why
from xlbridge.ledger import chain
from xlbridge.ledger.database import new_engine
from xlbridge.ledger.head import Head
from xlbridge.ledger.migrate import upgrade_within
from xlbridge.ledger.places import ledger_file, refuse_unsafe, shown_ledger, sqlite_url
from xlbridge.ledger.schema import EVENTS, RECORDS
from xlbridge.ledger.seal import KEYRING, read_key, store_key
from xlbridge.ledger.store import exists, open_ledger

LARGEST_MANIFEST = 512 << 20
LARGEST_RATIO, SMALL = 200, 64 << 20
ENCRYPTED, COMPRESSIONS = 1, {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
Tick = Callable[[int, int, str], None]
OTHER = "Prenez une sauvegarde faite par « xlbridge ledger backup »."


def restore(source: Path, ledger_url: str, archive: Path, key_place: Path | str, tick: Tick = lambda *_: None) -> Backup:
    """Put the backup `source` back at the three places. Raises before anything is written where one of them holds something else.

    A vault of the same ledger that is already there is completed, unless it knows of numbers that were issued after this backup.
    """
    with _told(source), zipfile.ZipFile(source) as pack:
        saved = read_manifest(source, pack)
        _refuse_existing(saved, pack, ledger_url, key_place)
        _refuse_newer_vault(saved, archive)
        _refuse_full_disk(saved, archive)
        with _database(pack, saved, ledger_url, archive) as database:
            _check_database(database, saved)
            if VAULT + NAMEPLATE in saved.files:
                _fill(Vault.create(archive, saved.ledger), pack, saved, tick)
            _place_key(_read(pack, KEY, saved), key_place, saved.ledger)
            _place_database(database, ledger_url)
    return saved


def peek(source: Path) -> Backup:
    """Whose backup this is. Raises UnreadableFile where it is none."""
    with _told(source), zipfile.ZipFile(source) as pack:
        return read_manifest(source, pack)


def read_manifest(source: Path, pack: zipfile.ZipFile) -> Backup:
    """The manifest, once every entry of the zip is one that it names, of the size that it says, at a place where it may be."""
    entries = pack.infolist()
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names) or MANIFEST not in names or pack.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
        raise UnreadableFile(f"« {source} » n’est pas une sauvegarde de registre.", OTHER)
    try:
        data = json.loads(pack.read(MANIFEST))
        known: dict[str, Any] = {field: str(data[field]) for field in ("ledger", "seller", "seller_siren", "at", "hash")}
        known |= {field: int(data[field]) for field in ("seq", "events")}
        files: dict[str, dict[str, Any]] = {
            str(name): {"sha256": str(its["sha256"]), "size": int(its["size"])} for name, its in data["files"].items()
        }
        if data["format"] != FORMAT:
            raise UnreadableFile(f"« {source} » vient d’une version plus récente d’xlbridge.", "Mettez xlbridge à jour.")
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise UnreadableFile(f"Le manifeste de « {source} » est abîmé.", OTHER) from fault
    wrong = [
        entry.filename for entry in entries if entry.filename != MANIFEST and files.get(entry.filename, {}).get("size") != entry.file_size
    ]
    wrong += [name for name in files if name not in names or not _may_be(name)]
    wrong += [entry.filename for entry in entries if entry.flag_bits & ENCRYPTED or entry.compress_type not in COMPRESSIONS]
    wrong += [name for name in (DATABASE, KEY) if name not in files]
    if wrong:
        raise UnreadableFile(f"« {source} » n’est pas telle que son manifeste le dit : {', '.join(wrong[:3])}.", OTHER)
    total = sum(entry.file_size for entry in entries)
    if total > SMALL and total > LARGEST_RATIO * source.stat().st_size:
        raise UnreadableFile(f"« {source} » se déploie à {total >> 20} Mo : ce n’est pas une sauvegarde.", OTHER)
    return Backup(source, **known, files=files, damaged=tuple(data.get("damaged", ())))


def _may_be(name: str) -> bool:
    """Whether a file of a backup may have this name: nothing leads out of the vault."""
    if name in {DATABASE, KEY, *(VAULT + part for part in (NAMEPLATE, README, HEAD))}:
        return True
    relative = name.removeprefix(VAULT)
    try:
        if relative.startswith(f"{CLOSINGS}/"):
            return closing_path(relative) == relative and name.startswith(VAULT)
        return object_path(relative.rpartition("/")[2]) == relative and name.startswith(VAULT)
    except LedgerBroken:
        return False


def _refuse_existing(saved: Backup, pack: zipfile.ZipFile, ledger_url: str, key_place: Path | str) -> None:
    file = ledger_file(ledger_url)
    if file is not None:
        refuse_unsafe(file)
    if exists(ledger_url) or (file is not None and os.path.lexists(file)):
        raise WrongUse(
            f"Il y a déjà un registre dans « {shown_ledger(ledger_url)} ».",
            "Il n’est jamais remplacé : déplacez-le d’abord ailleurs, ou donnez un autre endroit par --ledger.",
        )
    try:
        there = read_key(key_place, saved.ledger) if key_place == KEYRING or os.path.lexists(key_place) else None
    except LedgerBroken:
        if key_place != KEYRING:
            raise
        there = None
    if there is not None and there != pack.read(KEY):
        raise WrongUse(f"Une autre clé est déjà dans « {key_place} ».", "Elle n’est jamais remplacée : donnez un autre endroit par --key.")


def _refuse_newer_vault(saved: Backup, archive: Path) -> None:
    """A vault of this ledger that knows more than the backup: numbers were issued after it, and would be given again."""
    if not (archive / NAMEPLATE).exists():
        return
    vault = Vault.open(archive, saved.ledger)
    data = vault.read_head()
    head = Head.of_bytes(data) if data is not None else None
    unknown = [name for name in vault.objects() if f"{VAULT}{object_path(name)}" not in saved.files]
    if head is not None and head.seq > saved.seq:
        last = ", ".join(f"{series} : {number}" for series, number in head.last_numbers.items())
        what = f"le coffre connaît le maillon {head.seq}, la sauvegarde s’arrête au maillon {saved.seq} (derniers numéros émis : {last})"
    elif head is not None and head.seq == saved.seq and head.hash != saved.hash:
        what = f"le coffre connaît un autre maillon {head.seq}"
    elif head is not None and head.events_seq > saved.events:
        raise LedgerBroken(
            f"Des paiements, envois ou statuts ont été notés après cette sauvegarde du {_day(saved.at)} : le coffre en connaît"
            f" {head.events_seq}, la sauvegarde {saved.events}.",
            f"Remettez une sauvegarde plus récente ; sinon supprimez « {archive / HEAD} », recommencez, et notez-les de nouveau.",
        )
    elif unknown:
        what = f"le coffre contient {len(unknown)} document(s) que la sauvegarde ne connaît pas"
    else:
        return
    raise LedgerBroken(
        f"Des numéros ont été émis après cette sauvegarde du {_day(saved.at)} : {what}.",
        "Remettez une sauvegarde plus récente. S’il n’y en a pas, ne remettez pas celle-ci : ces numéros seraient donnés deux fois ; gardez"
        " le coffre, créez un nouveau registre et reprenez-y le passé (voir « Changer d’ordinateur »). Rien n’a été écrit.",
    )


def _day(at: str) -> str:
    return f"{chain.time_of(at).astimezone():%d/%m/%Y à %H:%M}"


def _refuse_full_disk(saved: Backup, archive: Path) -> None:
    folder = next(folder for folder in (archive, *archive.absolute().parents) if folder.is_dir())
    total = sum(facts["size"] for facts in saved.files.values())
    if total > shutil.disk_usage(folder).free:
        raise LedgerBroken(
            f"Il faut {total >> 20} Mo dans « {folder} », et il n’y a pas la place.", "Libérez de la place, puis recommencez."
        )


@contextmanager
def _database(pack: zipfile.ZipFile, saved: Backup, ledger_url: str, archive: Path) -> Iterator[Path]:
    """The database beside its place to be (or beside the vault, for a server), checked; gone afterwards."""
    file = ledger_file(ledger_url) or archive.absolute()
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{uuid.uuid4().hex}{TEMPORARY}")
    try:
        with pack.open(DATABASE) as packed, temporary.open("xb") as out:
            left = saved.files[DATABASE]["size"]
            for chunk in iter(lambda: packed.read(CHUNK), b""):
                left -= len(chunk)
                if left < 0:
                    raise UnreadableFile("La base de la sauvegarde est plus grande qu’annoncé.", OTHER)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        with temporary.open("rb") as whole:
            if facts_of(whole) != saved.files[DATABASE]:
                raise _changed(DATABASE)
        yield temporary
    finally:
        give_up(temporary)


def _check_database(database: Path, saved: Backup) -> None:
    """Whether the database is of this ledger and ends where the manifest says. It is brought to today's tables on the way."""
    ledger = open_ledger(sqlite_url(database))
    try:
        with ledger.reading() as connection:
            last, event = chain.last(connection, RECORDS), chain.last(connection, EVENTS)
    finally:
        ledger.close()
    known = (ledger.identity.identifier, last and last.seq, last and last.hash, event.seq if event else 0)
    if known != (saved.ledger, saved.seq, saved.hash, saved.events):
        raise _changed(DATABASE)


def _fill(vault: Vault, pack: zipfile.ZipFile, saved: Backup, tick: Tick) -> None:
    """Documents and closings into the vault; what stands there already is compared. What was damaged before is left out."""
    names = [name for name in saved.files if name.startswith(VAULT)]
    for at, name in enumerate(names):
        tick(at, len(names), name[-28:])
        data = _read(pack, name, saved)
        relative = name.removeprefix(VAULT)
        if relative.startswith(f"{OBJECTS}/"):
            digest = relative.rpartition("/")[2].partition(".")[0]
            if digest == saved.files[name]["sha256"]:
                vault.put(data, Path(relative).suffix)
        elif relative.startswith(f"{CLOSINGS}/"):
            vault.write_file(relative, data)
    if VAULT + HEAD in saved.files:
        vault.write_head(_read(pack, VAULT + HEAD, saved))


def _read(pack: zipfile.ZipFile, name: str, saved: Backup) -> bytes:
    data = pack.read(name)
    if facts_of(io.BytesIO(data)) != saved.files[name]:
        raise _changed(name)
    return data


def _place_key(pem: bytes, place: Path | str, ledger: str) -> None:
    if place == KEYRING or not os.path.lexists(place):
        store_key(place, ledger, pem)


def _place_database(database: Path, ledger_url: str) -> None:
    """Give the database its name, or its rows to the server, all at once."""
    file = ledger_file(ledger_url)
    if file is not None:
        if os.path.lexists(file):
            raise WrongUse(f"Il y a maintenant un registre dans « {file} ».", "Rien n’a été remplacé.")
        database.rename(file)
        sync_folder(file.parent)
        return
    source, target = new_engine(sqlite_url(database)), new_engine(ledger_url)
    try:
        with source.connect() as before, before.begin(), target.connect() as after, after.begin():
            upgrade_within(after)
            copy_rows(before, after)
    finally:
        source.dispose()
        target.dispose()


def _changed(name: str) -> UnreadableFile:
    return UnreadableFile(f"« {name} » a été modifié dans la sauvegarde.", "Prenez une autre sauvegarde.")


@contextmanager
def _told(source: Path) -> Iterator[None]:
    """What goes wrong, in French."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as fault:
        raise UnreadableFile(f"« {source} » n’est pas une sauvegarde, ou elle est abîmée ({fault}).", OTHER) from fault
    except FileNotFoundError as fault:
        raise WrongUse(f"« {fault.filename} » n’existe pas.", "Vérifiez le chemin.") from fault
    except OSError as fault:
        remedy = REMEDIES.get(fault.errno or 0, "Vérifiez le disque et vos droits.")
        where = f" (« {fault.filename} »)" if fault.filename else ""
        raise LedgerBroken(f"La sauvegarde ne peut pas être remise : {why(fault)}{where}.", remedy) from fault
