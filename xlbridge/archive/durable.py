"""Files that are on the disk, whole, once a call returns: temporary file, its fsync, its name, the folder's fsync, in this order.

A crash at any instant leaves the old state or the new one; at most a temporary file stays behind.
"""

from __future__ import annotations

import errno
import os
import stat
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from xlbridge.errors import LedgerBroken, why

TEMPORARY = ".tmp"
NO_FOLDER_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.ENOSYS})  # file systems that cannot sync a folder say so


class VaultStep(StrEnum):
    """What has just happened in the vault, in the order in which a file is placed."""

    BEGUN = "coffre : écriture commencée"
    WRITTEN = "coffre : fichier temporaire écrit"
    FILE_SYNCED = "coffre : fichier synchronisé"
    READ_ONLY = "coffre : fichier en lecture seule"
    PLACED = "coffre : fichier à sa place"
    FOLDER_SYNCED = "coffre : dossier synchronisé"
    ALREADY_THERE = "coffre : fichier déjà présent, comparé"
    REMOVED = "coffre : fichier retiré"


Watch = Callable[[str], None]


def unwatched(step: str) -> None:
    """Nobody looks."""


def place(target: Path, data: bytes, by_way_of: Path, watch: Watch = unwatched, *, read_only: bool = False) -> None:
    """`data` at `target`, instead of what is there; the temporary file stands in the folder `by_way_of` of the same volume.

    Raises OSError; then `target` is as it was.
    """
    temporary = by_way_of / f"{uuid.uuid4().hex}{TEMPORARY}"
    try:
        watch(VaultStep.BEGUN)
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            watch(VaultStep.WRITTEN)
            os.fsync(file.fileno())
        watch(VaultStep.FILE_SYNCED)
        if read_only:
            temporary.chmod(stat.S_IREAD | stat.S_IRGRP | stat.S_IROTH)
            watch(VaultStep.READ_ONLY)
        temporary.replace(target)
    except BaseException:
        give_up(temporary)
        raise
    watch(VaultStep.PLACED)
    sync_folder(target.parent, watch)


def give_up(temporary: Path) -> None:
    """Remove a temporary file. Where even that fails the first failure counts, and the next sweep removes it."""
    try:
        remove(temporary)
    except OSError:
        return


def remove(path: Path) -> None:
    """Remove a file, a read-only one too (Windows refuses that otherwise); nothing where it is gone."""
    if os.name == "nt" and path.exists():
        path.chmod(stat.S_IREAD | stat.S_IWRITE)
    path.unlink(missing_ok=True)


def sync_folder(folder: Path, watch: Watch = unwatched) -> None:
    """Names in `folder` are on the disk. Windows and some file systems have no such call: there the file system answers for it alone."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError as fault:
        if fault.errno not in NO_FOLDER_SYNC:
            raise
        return
    finally:
        os.close(handle)
    watch(VaultStep.FOLDER_SYNCED)


DISK_FULL = "Libérez de la place sur ce disque, puis recommencez."
REMEDIES = {
    errno.ENOSPC: DISK_FULL,
    errno.EDQUOT: DISK_FULL,
    errno.EFBIG: "Mettez le coffre sur un autre disque.",
    errno.EROFS: "Levez la protection en écriture du disque, puis recommencez.",
    errno.EACCES: "Fermez les programmes qui montrent ce dossier, vérifiez que vous avez le droit d’y écrire, puis recommencez.",
    errno.ENOENT: "Rebranchez le disque du coffre ou remettez le fichier depuis une sauvegarde.",
    errno.ENOTDIR: "Donnez un dossier par --archive.",
    errno.ENAMETOOLONG: "Mettez le coffre dans un dossier au chemin plus court.",
    errno.EIO: "Copiez le coffre sur un autre disque, puis vérifiez-le : xlbridge verify.",
}
REMEDIES[errno.EPERM] = REMEDIES[errno.EACCES]
REMEDIES[errno.EEXIST] = REMEDIES[errno.ENOTDIR]


@contextmanager
def told(folder: Path, doing: str) -> Iterator[None]:
    """OSError as LedgerBroken: what cannot be done (« écrit », « lu ») with which file of the vault in `folder`, why, and what to do."""
    try:
        yield
    except OSError as fault:
        where = f" (« {fault.filename} »)" if fault.filename else ""
        remedy = REMEDIES.get(fault.errno or 0, "Vérifiez le disque et vos droits, puis recommencez.")
        raise LedgerBroken(f"Le coffre « {folder} » ne peut pas être {doing} : {why(fault)}{where}.", remedy) from fault
