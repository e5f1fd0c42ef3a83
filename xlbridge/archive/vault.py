"""The vault: a folder that keeps the documents of one ledger for ten years, each under the SHA-256 of its content, written once.

    coffre.json                  which ledger the vault belongs to
    LISEZMOI.txt                 what the folder is, for whoever finds it
    objects/ab/<sha256>.pdf      the documents, read-only
    tete.json                    the head of the ledger, rewritten at each issue
    clotures/2026-11.json        closings, written once
    en-attente/<uuid>.json       what a transaction is about to place; gone after its commit

`begin`, `put`, `done`, `sweep` and `write_*` are called under the ledger's write lock.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

from xlbridge.archive.durable import TEMPORARY, VaultStep, Watch, place, remove, sync_folder, told, unwatched
from xlbridge.archive.names import (
    CLOSINGS,
    HEAD,
    NAMEPLATE,
    OBJECTS,
    OURS,
    PENDING,
    README,
    RESTORE,
    closing_path,
    is_closing,
    is_link,
    is_object,
    object_path,
    of_the_system,
)
from xlbridge.errors import LedgerBroken, WrongUse

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Stored:
    """A document of the vault: its content's SHA-256 in hex, its suffix (`.pdf`), its size in bytes."""

    sha256: str
    suffix: str
    size: int

    @property
    def name(self) -> str:
        """Its file name."""
        return self.sha256 + self.suffix


@dataclass(frozen=True, slots=True)
class Vault:
    """The vault in `folder` of the ledger `ledger_id`; `watch` is told each step (`VaultStep`) once it is done.

    Whatever goes wrong raises LedgerBroken with what to do; nothing is ever half written under its final name.
    """

    folder: Path
    ledger_id: str
    watch: Watch = unwatched

    @classmethod
    def create(cls, folder: Path, ledger_id: str, watch: Watch = unwatched) -> Self:
        """A new vault in `folder`, which is empty or does not exist; the vault of this very ledger is opened.

        WrongUse: the folder holds other things.
        """
        vault = cls(folder, ledger_id, watch)
        with told(folder, "créé"):
            if (folder / NAMEPLATE).exists():
                return cls.open(folder, ledger_id, watch)
            _refuse_a_used_folder(folder)
            folder.mkdir(parents=True, exist_ok=True)
            for name in (OBJECTS, CLOSINGS, PENDING):
                (folder / name).mkdir(exist_ok=True)
            readme = files("xlbridge.archive").joinpath(README).read_bytes()
            vault._place(README, readme)
            vault._place(NAMEPLATE, _json({"format": FORMAT, "ledger": ledger_id}), read_only=True)
            sync_folder(folder.parent)
        return vault

    @classmethod
    def open(cls, folder: Path, ledger_id: str, watch: Watch = unwatched) -> Self:
        """The vault in `folder`. LedgerBroken: there is none, or it belongs to another ledger."""
        vault = cls(folder, ledger_id, watch)
        with told(folder, "ouvert"):
            there = folder.is_dir()
        if not there:
            raise LedgerBroken(
                f"Il n’y a pas de coffre à « {folder} ».", "Vérifiez --archive, rebranchez son disque, ou remettez une sauvegarde."
            )
        plate = _parsed(vault._read(NAMEPLATE), NAMEPLATE)
        if plate.get("format") != FORMAT:
            raise LedgerBroken(f"Le coffre « {folder} » a une forme inconnue.", "Installez la dernière version de xlbridge.")
        if plate.get("ledger") != ledger_id:
            raise LedgerBroken(
                f"Le coffre « {folder} » appartient au registre {str(plate.get('ledger'))[:8]}, pas au registre {ledger_id[:8]}.",
                "Donnez par --archive le coffre de ce registre.",
            )
        return vault

    # Documents

    def put(self, data: bytes, suffix: str) -> Stored:
        """Keep `data` for good; the same content again is compared and left as it is."""
        stored = Stored(hashlib.sha256(data).hexdigest(), suffix.lower(), len(data))
        path = object_path(stored.name)
        if self.has(stored.name):
            self.get(stored.sha256, stored.suffix)
            self.watch(VaultStep.ALREADY_THERE)
            with told(self.folder, "écrit"):
                sync_folder(self._at(path).parent, self.watch)  # a crash may have come between its name and this
            return stored
        self._place(path, data, read_only=True)
        with told(self.folder, "écrit"):
            sync_folder(self.folder / OBJECTS)  # the folder of two letters may be new
        return stored

    def get(self, sha256: str, suffix: str) -> bytes:
        """The document, byte for byte. LedgerBroken: it is missing, or its content is another."""
        path = object_path(sha256 + suffix)
        data = self._read(path)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise LedgerBroken(f"Le fichier « {path} » du coffre a été modifié.", RESTORE)
        return data

    def has(self, name: str) -> bool:
        """Whether a file stands under this name; `get` says whether it is the right one."""
        with told(self.folder, "lu"):
            return os.path.lexists(self._at(object_path(name)))

    def objects(self) -> Iterator[str]:
        """The names of all documents, sorted."""
        return (path.name for path in self._files(OBJECTS) if is_object(path))

    def strangers(self) -> list[str]:
        """The paths in the vault that are none of its own: a file of another name or in the wrong place, a link, a folder."""
        with told(self.folder, "lu"):
            unknown = [path for path in self.folder.iterdir() if path.name not in OURS and not of_the_system(path)]
        unknown += [path for path in self._files(OBJECTS) if not is_object(path)]
        unknown += [path for path in self._files(CLOSINGS) if not is_closing(path)]
        return sorted(path.relative_to(self.folder).as_posix() for path in unknown)

    # Transactions

    def begin(self, names: Sequence[str]) -> Path:
        """Mark that the documents `names` are about to be placed; those already there are not the transaction's to remove."""
        new = sorted({name for name in names if not self.has(name)})
        marker = f"{PENDING}/{uuid.uuid4().hex}.json"
        self._place(marker, _json({"objects": new}))
        return self.folder / marker

    def done(self, marker: Path) -> None:
        """The transaction of `marker` is committed. Should the removal be lost in a crash, `sweep` finds its documents known."""
        with told(self.folder, "écrit"):
            remove(marker)
        self.watch(VaultStep.REMOVED)

    def sweep(self, is_known: Callable[[str], bool]) -> list[str]:
        """Clear what a crash left: documents named by a marker that the ledger does not know, markers, temporary files.

        The answer: the names of the documents removed.
        """
        left = list(self._files(PENDING))
        markers = [path for path in left if path.suffix == ".json"]
        orphans = sorted({name for marker in markers for name in self._named(marker) if self.has(name) and not is_known(name)})
        with told(self.folder, "nettoyé"):
            for name in orphans:
                path = self._at(object_path(name))
                remove(path)
                self.watch(VaultStep.REMOVED)
                sync_folder(path.parent, self.watch)
            for path in [*markers, *(path for path in left if path.suffix == TEMPORARY)]:
                remove(path)
                self.watch(VaultStep.REMOVED)
            if left:
                sync_folder(self.folder / PENDING, self.watch)
        return orphans

    def announced(self) -> set[str]:
        """The documents that markers name: of a transaction that runs, or left by a crash for `sweep`."""
        found: set[str] = set()
        for path in self._files(PENDING):
            try:
                found.update(self._named(path) if path.suffix == ".json" else ())
            except LedgerBroken:
                if os.path.lexists(path):
                    raise  # else its transaction has just ended
        return found

    def _named(self, marker: Path) -> list[str]:
        relative = f"{PENDING}/{marker.name}"
        names = _parsed(self._read(relative), relative).get("objects")
        if not isinstance(names, list) or not all(isinstance(name, str) and object_path(name) for name in names):
            raise LedgerBroken(f"La marque « {relative} » du coffre a été modifiée.", RESTORE)
        return names

    # Head and closings

    def write_head(self, data: bytes) -> None:
        """The head of the ledger, instead of the one before."""
        self._place(HEAD, data)

    def read_head(self) -> bytes | None:
        """The head of the ledger, or None where none was ever written (or it was deleted: the ledger knows)."""
        with told(self.folder, "lu"):
            there = os.path.lexists(self.folder / HEAD)
        return self._read(HEAD) if there else None

    def write_file(self, relative: str, data: bytes) -> None:
        """A closing (`clotures/2026-11.json`), once. LedgerBroken: it says something else already."""
        path = self._at(closing_path(relative))
        if not os.path.lexists(path):
            self._place(relative, data, read_only=True)
        elif self._read(relative) != data:
            raise LedgerBroken(f"Le fichier « {relative} » du coffre existe déjà avec un autre contenu.", RESTORE)
        else:
            self.watch(VaultStep.ALREADY_THERE)
            with told(self.folder, "écrit"):
                sync_folder(path.parent, self.watch)

    def read_file(self, relative: str) -> bytes:
        """A closing. LedgerBroken: it is missing."""
        return self._read(closing_path(relative))

    def closings(self) -> list[str]:
        """The paths of all closings, sorted."""
        return [f"{CLOSINGS}/{path.name}" for path in self._files(CLOSINGS) if is_closing(path)]

    # Files

    def _place(self, relative: str, data: bytes, *, read_only: bool = False) -> None:
        with told(self.folder, "écrit"):
            for folder in (self._at(PENDING), self._at(OBJECTS), self._at(relative).parent):
                folder.mkdir(exist_ok=True)  # a copy may have lost the empty ones
            place(self._at(relative), data, self._at(PENDING), self.watch, read_only=read_only)

    def _read(self, relative: str) -> bytes:
        path = self._at(relative)
        with told(self.folder, "lu"):
            if path.exists() and not path.is_file():
                raise LedgerBroken(f"« {relative} » du coffre n’est pas un fichier.", RESTORE)
            return path.read_bytes()

    def _at(self, relative: str) -> Path:
        """The path of a part of the vault. LedgerBroken: a link leads elsewhere."""
        path = self.folder / relative
        if Path(os.path.realpath(path)) != Path(os.path.realpath(self.folder)) / relative:
            raise LedgerBroken(f"« {relative} » du coffre est un lien vers un autre endroit.", RESTORE)
        return path

    def _files(self, name: str) -> Iterator[Path]:
        """All that stands in a folder of the vault and in its plain subfolders, sorted; files of the operating system are passed over."""
        if not os.path.lexists(self.folder / name):
            return
        with told(self.folder, "lu"):
            paths = sorted(path for path in self._at(name).iterdir() if not of_the_system(path))
            for path in paths:
                if name == OBJECTS and len(path.name) == 2 and path.is_dir() and not is_link(path):
                    yield from sorted(inner for inner in path.iterdir() if not of_the_system(inner))
                else:
                    yield path


def _refuse_a_used_folder(folder: Path) -> None:
    """Half a vault, which a crash leaves, is none of the user's files; documents without the nameplate are a damaged vault."""
    if not folder.exists():
        return
    held = {path.name for path in folder.iterdir() if not of_the_system(path)}
    if held - OURS:
        raise WrongUse(f"Le dossier « {folder} » n’est pas vide.", "Donnez par --archive un dossier vide ou nouveau.")
    if HEAD in held or any(any((folder / name).iterdir()) for name in {OBJECTS, CLOSINGS} & held):
        raise LedgerBroken(f"Il manque « {NAMEPLATE} » au coffre « {folder} ».", RESTORE)


def _json(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=2).encode() + b"\n"


def _parsed(data: bytes, relative: str) -> dict[str, Any]:
    try:
        content = json.loads(data)
    except ValueError as fault:
        raise LedgerBroken(f"Le fichier « {relative} » du coffre est abîmé.", RESTORE) from fault
    if not isinstance(content, dict):
        raise LedgerBroken(f"Le fichier « {relative} » du coffre est abîmé.", RESTORE)
    return content
