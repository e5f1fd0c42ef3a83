"""A ledger saved whole and put back: byte for byte, on both stores, never over what is there, never behind what was issued."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from tests import ledgers, samples
from tests.stores import Store
from xlbridge.archive.backup import DATABASE, KEY, MANIFEST, Backup, backup
from xlbridge.archive.restoring import restore
from xlbridge.archive.vault import Vault
from xlbridge.errors import LedgerBroken, UnreadableFile, WrongUse, XlbridgeError
from xlbridge.ledger.events import Means, record_payment
from xlbridge.ledger.places import sqlite_url
from xlbridge.ledger.schema import APPEND_ONLY
from xlbridge.ledger.seal import SigningKey, load_key
from xlbridge.ledger.store import Ledger, exists, head_of, open_ledger


@dataclass
class Office:
    """A ledger with a vault of a few documents."""

    ledger: Ledger
    key: SigningKey
    vault: Vault
    folder: Path

    def issue(self, counter: int) -> None:
        pdf, xml = (self.vault.put(f"{kind} {counter}".encode() * 1000, suffix) for kind, suffix in (("pdf", ".pdf"), ("xml", ".xml")))
        files = {"pdf": pdf.sha256, "xml": xml.sha256}
        ledgers.seal(self.ledger, self.key, samples.invoice(counter, 1, number=f"F2026-{counter:04}"), counter, files)
        with self.ledger.reading() as connection:
            self.vault.write_head(head_of(connection, self.ledger).signed(self.key).as_bytes)

    def save(self, name: str = "s.zip") -> Path:
        target = self.folder / name
        backup(self.ledger.url, self.vault.folder, self.folder / "cle.pem", target)
        return target


@pytest.fixture
def office(tmp_path: Path, key_home: Path) -> Office:
    return _opened(*ledgers.in_file(tmp_path), tmp_path)


@pytest.fixture
def office_of_both(ledger_store: Store, tmp_path: Path) -> Office:
    """The same on both stores."""
    return _opened(*ledgers.of_store(ledger_store, tmp_path), tmp_path)


def _opened(ledger: Ledger, key: SigningKey, folder: Path) -> Office:
    office = Office(ledger, key, Vault.create(folder / "coffre", ledger.identity.identifier), folder)
    office.issue(1)
    office.issue(2)
    office.vault.write_file("clotures/2026-10.json", b"{}")
    record_payment(ledger, key, "F2026-0001", Decimal(10), date(2026, 11, 24), Means.CARD)
    return office


@pytest.fixture
def saved(tmp_path: Path, key_home: Path) -> Path:
    """A backup of an SQLite ledger, with all of it removed afterwards."""
    ledger, key = ledgers.new_ledger(sqlite_url(tmp_path / "avant" / "registre.sqlite"), tmp_path / "avant")
    office = Office(ledger, key, Vault.create(tmp_path / "avant" / "coffre", ledger.identity.identifier), tmp_path / "avant")
    office.issue(1)
    office.save().rename(tmp_path / "s.zip")
    return tmp_path / "s.zip"


def rows(url: str) -> list[list[tuple[object, ...]]]:
    with open_ledger(url).reading() as connection:
        return [[tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))] for table in APPEND_ONLY]


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def put_back(source: Path, folder: Path) -> Backup:
    return restore(source, sqlite_url(folder / "registre.sqlite"), folder / "coffre", folder / "cle.pem")


def test_all_comes_back_byte_for_byte(office_of_both: Office, tmp_path: Path) -> None:
    ticks: list[tuple[int, int, str]] = []
    vault, key = office_of_both.vault.folder, tmp_path / "cle.pem"
    made = backup(office_of_both.ledger.url, vault, key, tmp_path / "s.zip", lambda *tick: ticks.append(tick))
    put_back(tmp_path / "s.zip", tmp_path / "neuf")
    assert made.documents == len(ticks) == 4
    assert rows(sqlite_url(tmp_path / "neuf" / "registre.sqlite")) == rows(office_of_both.ledger.url)
    assert files(tmp_path / "neuf" / "coffre") == files(vault)
    assert (tmp_path / "neuf" / "cle.pem").read_bytes() == key.read_bytes()
    assert load_key(tmp_path / "neuf" / "cle.pem", made.ledger).public == office_of_both.key.public
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".") or path.suffix == ".tmp"]


def test_a_file_becomes_a_database_of_a_server(saved: Path, postgresql_store: Store, tmp_path: Path) -> None:
    restore(saved, postgresql_store.url, tmp_path / "neuf" / "coffre", tmp_path / "neuf" / "cle.pem")
    assert rows(postgresql_store.url) == rows(sqlite_url(tmp_path / "avant" / "registre.sqlite"))
    with pytest.raises(WrongUse, match="déjà un registre"):
        restore(saved, postgresql_store.url, tmp_path / "neuf2" / "coffre", tmp_path / "neuf2" / "cle.pem")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_its_owner_reads_a_backup(office: Office) -> None:
    assert office.save().stat().st_mode & 0o777 == 0o600


def test_the_manifest_has_the_sum_of_every_file(office: Office) -> None:
    with zipfile.ZipFile(office.save()) as pack:
        manifest = json.loads(pack.read(MANIFEST))
        assert {*pack.namelist()} == {MANIFEST, *manifest["files"]}
        for name, facts in manifest["files"].items():
            assert hashlib.sha256(pack.read(name)).hexdigest() == facts["sha256"]


def test_a_backup_replaces_no_other(office: Office) -> None:
    target = office.save()
    before = target.read_bytes()
    with pytest.raises(WrongUse, match="existe déjà"):
        office.save()
    assert target.read_bytes() == before


def test_a_ledger_that_has_issued_nothing_needs_no_vault(tmp_path: Path, key_home: Path) -> None:
    ledger, _ = ledgers.new_ledger(sqlite_url(tmp_path / "registre.sqlite"), tmp_path)
    backup(ledger.url, tmp_path / "coffre", tmp_path / "cle.pem", tmp_path / "s.zip")
    put_back(tmp_path / "s.zip", tmp_path / "neuf")
    assert rows(sqlite_url(tmp_path / "neuf" / "registre.sqlite")) == rows(ledger.url)


def test_a_lost_vault_is_not_saved_as_an_empty_one(office: Office) -> None:
    shutil.rmtree(office.vault.folder)
    with pytest.raises(LedgerBroken, match="pas de coffre"):
        office.save()


def test_a_damaged_document_is_saved_and_named(office: Office, tmp_path: Path) -> None:
    path = next((office.vault.folder / "objects").rglob("*.pdf"))
    path.chmod(0o600)
    path.write_bytes(b"autre")
    made = backup(office.ledger.url, office.vault.folder, tmp_path / "cle.pem", tmp_path / "s.zip")
    assert [Path(name).name for name in made.damaged] == [path.name]
    assert put_back(tmp_path / "s.zip", tmp_path / "neuf").damaged == made.damaged
    assert path.name not in {one.name for one in (tmp_path / "neuf" / "coffre").rglob("*")}


def test_a_restoration_replaces_neither_ledger_nor_key_nor_other_files(saved: Path, tmp_path: Path) -> None:
    for name, told in (("registre.sqlite", "déjà un registre"), ("cle.pem", "autre clé"), ("coffre/photo.jpg", "pas vide")):
        folder = tmp_path / name.replace("/", "-")
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_bytes(b"x")
        with pytest.raises(XlbridgeError, match=told):
            put_back(saved, folder)
        assert (folder / name).read_bytes() == b"x"
        assert not exists(sqlite_url(folder / "registre.sqlite"))


def test_a_backup_older_than_the_vault_is_refused(office: Office, tmp_path: Path) -> None:
    old = office.save()
    office.issue(3)
    with pytest.raises(LedgerBroken, match=r"émis après cette sauvegarde .*F2026-0003") as told:
        restore(old, sqlite_url(tmp_path / "neuf.sqlite"), office.vault.folder, tmp_path / "cle.pem")
    assert "deux fois" in told.value.remedy
    assert not (tmp_path / "neuf.sqlite").exists()


def test_payments_noted_after_a_backup_are_not_lost_silently(office: Office, tmp_path: Path) -> None:
    old = office.save()
    record_payment(office.ledger, office.key, "F2026-0002", Decimal(5), date(2026, 11, 24), Means.CARD)
    with office.ledger.reading() as connection:
        office.vault.write_head(head_of(connection, office.ledger).signed(office.key).as_bytes)
    places = sqlite_url(tmp_path / "neuf.sqlite"), office.vault.folder, tmp_path / "cle.pem"
    with pytest.raises(LedgerBroken, match="le coffre en connaît 2, la sauvegarde 1"):
        restore(old, *places)
    (office.vault.folder / "tete.json").unlink()
    assert restore(old, *places).events == 1


def test_neither_does_a_lost_head_hide_that(office: Office, tmp_path: Path) -> None:
    old = office.save()
    office.issue(3)
    (office.vault.folder / "tete.json").unlink()
    with pytest.raises(LedgerBroken, match="2 document"):
        restore(old, sqlite_url(tmp_path / "neuf.sqlite"), office.vault.folder, tmp_path / "cle.pem")


def test_a_lost_database_alone_comes_back_beside_its_vault_and_key(office: Office, tmp_path: Path) -> None:
    whole = office.save()
    missing = next((office.vault.folder / "objects").rglob("*.pdf"))
    missing.chmod(0o600)
    missing.unlink()
    restore(whole, sqlite_url(tmp_path / "neuf.sqlite"), office.vault.folder, tmp_path / "cle.pem")
    assert missing.is_file()
    assert rows(sqlite_url(tmp_path / "neuf.sqlite")) == rows(office.ledger.url)


def test_the_vault_of_another_ledger_is_left_alone(saved: Path, tmp_path: Path) -> None:
    Vault.create(tmp_path / "neuf" / "coffre", "f" * 32)
    with pytest.raises(LedgerBroken, match="appartient au registre ffffffff"):
        put_back(saved, tmp_path / "neuf")


def _changed(source: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(source) as pack:
        content = {name: pack.read(name) for name in pack.namelist()}
    change(content)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, data in content.items():
            pack.writestr(name, data)
    return target


def _renamed(name: str) -> Callable[[dict[str, bytes]], None]:
    """A file of the vault under another name, which the manifest says too."""

    def change(content: dict[str, bytes]) -> None:
        old = next(path for path in content if path.startswith("coffre/objects/"))
        manifest = json.loads(content[MANIFEST])
        manifest["files"][name] = manifest["files"].pop(old)
        content[name] = content.pop(old)
        content[MANIFEST] = json.dumps(manifest).encode()

    return change


def _bomb(content: dict[str, bytes]) -> None:
    manifest = json.loads(content[MANIFEST])
    content["coffre/LISEZMOI.txt"] = bytes(100 << 20)
    manifest["files"]["coffre/LISEZMOI.txt"] = {"sha256": hashlib.sha256(bytes(100 << 20)).hexdigest(), "size": 100 << 20}
    content[MANIFEST] = json.dumps(manifest).encode()


def _other_end(content: dict[str, bytes]) -> None:
    manifest = json.loads(content[MANIFEST])
    manifest["seq"] += 1
    content[MANIFEST] = json.dumps(manifest).encode()


CHANGES: dict[str, Callable[[dict[str, bytes]], None]] = {
    "no manifest": lambda content: content.pop(MANIFEST) and None,
    "no key": lambda content: content.pop(KEY) and None,
    "a file more": lambda content: content.update({"coffre/objects/x": b""}),
    "broken manifest": lambda content: content.update({MANIFEST: b"{"}),
    "other database": lambda content: content.update({DATABASE: bytes(len(content[DATABASE]))}),
    "other key": lambda content: content.update({KEY: bytes(len(content[KEY]))}),
    "other document": lambda content: content.update(
        {name: bytes(len(data)) for name, data in content.items() if name.startswith("coffre/objects/")}
    ),
    "other end": _other_end,
    "out of the vault": _renamed("coffre/../../../etc/evil"),
    "absolute": _renamed("/etc/evil"),
    "backslashes": _renamed("coffre\\..\\evil.pdf"),
    "another place": _renamed("coffre/evil.pdf"),
    "bomb": _bomb,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_backup_is_refused_and_no_ledger_appears(saved: Path, tmp_path: Path, change: str) -> None:
    before = {path for path in tmp_path.rglob("*") if "neuf" not in path.parts}
    path = _changed(saved, tmp_path / "faux.zip", CHANGES[change])
    with pytest.raises(UnreadableFile):
        put_back(path, tmp_path / "neuf")
    assert not (tmp_path / "neuf" / "registre.sqlite").exists()
    assert {path for path in tmp_path.rglob("*") if "neuf" not in path.parts} == before | {path}


@pytest.mark.slow
def test_a_byte_changed_anywhere_is_refused_or_changes_nothing(saved: Path, tmp_path: Path) -> None:
    whole = saved.read_bytes()
    right = rows(sqlite_url(tmp_path / "avant" / "registre.sqlite"))
    refused = 0
    for at in range(0, len(whole), len(whole) // 60):
        saved.write_bytes(whole[:at] + bytes([whole[at] ^ 0x5A]) + whole[at + 1 :])
        folder = tmp_path / f"neuf-{at}"
        try:
            put_back(saved, folder)
        except XlbridgeError:
            refused += 1
            assert not (folder / "registre.sqlite").exists()
        else:  # a date or a comment of the zip
            assert rows(sqlite_url(folder / "registre.sqlite")) == right
            assert files(folder / "coffre") == files(tmp_path / "avant" / "coffre")
    assert refused > 30


def test_any_other_file_is_no_backup(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK nothing")
    with pytest.raises(UnreadableFile, match="pas une sauvegarde"):
        put_back(tmp_path / "x.zip", tmp_path / "neuf")
    with pytest.raises(WrongUse, match="n’existe pas"):
        put_back(tmp_path / "absent.zip", tmp_path / "neuf")


def test_a_full_disk_leaves_no_half_backup(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("xlbridge.archive.backup.os.fsync", full)
    with pytest.raises(LedgerBroken, match="disque est plein"):
        office.save()
    assert not [path for path in tmp_path.iterdir() if path.suffix in {".zip", ".tmp"} or path.name.startswith(".")]
