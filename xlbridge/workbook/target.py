"""Where a changed workbook goes: never over the original, whole or not at all."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

from xlbridge.errors import WrongUse, why

BACKUP = ".sauvegarde"
"""What the name of a backup adds to the name of its workbook, before the suffix."""
TEMPLATES = {".xltx": "xlsx", ".xltm": "xlsm"}
CLOSE_IT = "Enregistrez-le et fermez-le, puis recommencez."


def refuse_target(path: Path, target: Path, replace: bool) -> None:
    """Raise WrongUse where `target` must not be written, or where one of the two is open in a spreadsheet application."""
    for file in (path, target):
        if any(file.with_name(lock).exists() for lock in (f"~${file.name}", f".~lock.{file.name}#")):
            raise WrongUse(f"« {file.name} » est ouvert dans un tableur.", CLOSE_IT)
    if target.exists() and path.exists() and target.samefile(path):
        raise WrongUse(f"« {path.name} » est l’original : il n’est jamais écrasé.", "Donnez un autre nom à la copie.")
    if target.exists() and not replace:
        raise WrongUse(f"« {target.name} » existe déjà.", "Déplacez-le ou donnez un autre nom à la copie.")


def refuse_suffix(path: Path, target: Path, kind: str) -> None:
    """Raise WrongUse for a copy of a workbook of the format `kind` under another suffix: Excel opens none such, with macros in an .xlsx."""
    suffix = path.suffix.lower() if TEMPLATES.get(path.suffix.lower()) == kind else f".{kind}"
    if target.suffix.lower() != suffix:
        raise WrongUse(
            f"« {target.name} » : la copie d’un classeur {suffix} en est un aussi, et Excel ne l’ouvrirait pas sous ce nom.",
            f"Donnez-lui un nom en {suffix}, par exemple « {target.stem}{suffix} ».",
        )


def write_whole(target: Path, data: bytes) -> None:
    """Write the whole file or nothing."""
    part = target.with_name(f".{target.name}.partiel")
    try:
        part.write_bytes(data)
        part.replace(target)
    except OSError as fault:
        _discard(part)
        raise WrongUse(f"« {target} » ne peut pas être écrit ({why(fault)}).", "Vérifiez le dossier et la place libre.") from fault


def replace_with_backup(path: Path, make: Callable[[Path], None]) -> Path:
    """Put what `make` writes to the path it is given in the place of the workbook at `path`, and keep the one before as its backup.

    The backup is `factures.sauvegarde.xlsx` beside `factures.xlsx`; it replaces the one of the time before. The place of `path` is never
    empty: at any instant it holds the old workbook or the new one, whole. Returns the backup. Raises WrongUse where the workbook is open
    or read-only, and what `make` raises; the workbook is then as it was.
    """
    path = path.resolve()
    new, backup = path.with_name(f".{path.stem}.nouveau{path.suffix}"), path.with_name(f"{path.stem}{BACKUP}{path.suffix}")
    refuse_read_only(path)
    refuse_target(path, backup, replace=True)
    _discard(new)  # of a run that was stopped
    try:
        make(new)
        shutil.copymode(path, new)
        _to_disk(new)
        write_whole(backup, path.read_bytes())
        shutil.copystat(path, backup)
        _to_disk(backup)
        new.replace(path)
    except PermissionError as fault:  # on Windows: another program has it open
        raise WrongUse(f"« {path.name} » est ouvert dans un autre programme, ou son dossier est protégé.", CLOSE_IT) from fault
    except OSError as fault:
        raise WrongUse(f"« {path.name} » ne peut pas être remplacé ({why(fault)}).", "Vérifiez le dossier et la place libre.") from fault
    finally:
        _discard(new)
    return backup


def refuse_read_only(path: Path) -> None:
    """Raise WrongUse where the workbook or its folder may not be written to: Excel and LibreOffice set that mark, `os.replace` would pass
    over it; a disk may be closed as a whole."""
    if path.exists() and not path.stat().st_mode & stat.S_IWRITE:
        raise WrongUse(f"« {path.name} » est en lecture seule.", "Ôtez cette marque (Propriétés du fichier), puis recommencez.")
    if path.exists() and not (os.access(path, os.W_OK) and os.access(path.absolute().parent, os.W_OK)):
        raise WrongUse(
            f"« {path.name} » ne peut pas être changé : vous n’avez pas le droit d’écrire là, ou le disque est en lecture seule.",
            "Copiez-le dans un de vos dossiers, et travaillez sur cette copie.",
        )


def _discard(path: Path) -> None:
    """Remove what a write left. Where even that fails, as on a read-only disk, the failure of the write is the one that is told."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return


def _to_disk(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())
