"""Uninstall: undo what the record says was done, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from xlbridge.errors import WrongUse, why
from xlbridge.installing.install import CLOSE_EXCEL
from xlbridge.installing.libreoffice import installed_extension, remove_extension
from xlbridge.installing.record import Record, Written, read_record, sha256, write_record, write_whole
from xlbridge.installing.settings import lines_of, text_of, value_of, with_lines
from xlbridge.installing.surroundings import Surroundings, unopkg


def uninstall(around: Surroundings) -> list[str]:
    """Undo it; a sentence for each thing undone, or left and why. Raises WrongUse where a file or LibreOffice refuses."""
    record = read_record(around)
    if record == Record():
        return ["Rien à défaire : « xlbridge install » n’a rien écrit pour cet utilisateur."]
    said = [_without_extension(around)] if record.extension else []
    record = replace(record, extension=None)
    write_record(around, record)
    for entry in reversed(record.files):
        try:
            said.append(_undo(entry))
        except OSError as fault:
            raise WrongUse(f"« {entry.path} » n’a pas pu être remis comme avant : {why(fault)}.", CLOSE_EXCEL) from fault
        record = replace(record, files=tuple(other for other in record.files if other != entry))
        write_record(around, record)
    write_record(around, Record())
    _remove_empty([*map(Path, record.folders)])
    return said


def _undo(entry: Written) -> str:
    path = Path(entry.path)
    if not path.exists():
        return f"« {path} » n’était plus là."
    if not entry.values and sha256(path.read_bytes()) != entry.sha256:
        kept = f" ; ce qui y était avant est dans « {entry.backup} »" if entry.backup else ""
        return f"« {path} » a été changé depuis et reste tel quel{kept}."
    before = Path(entry.backup).read_bytes() if entry.backup else None
    wanted = _settings_without(path, entry.values, before) if entry.values else before
    if wanted is None:
        path.unlink()
    else:
        write_whole(path, wanted)
    if entry.backup:
        Path(entry.backup).unlink()
    return f"« {path} » est supprimé." if wanted is None else f"« {path} » est de nouveau comme avant l’installation."


def _settings_without(path: Path, values: dict[str, str], before: bytes | None) -> bytes | None:
    """The settings with the lines that were there for our keys, unless the user has changed them since; None where nothing is left."""
    old = (before or b"").decode("latin-1")
    text = text_of(path)
    for key, value in values.items():
        if value_of(text, key) == value:
            text = with_lines(text, key, lines_of(old, key))
    if text.rstrip("\r\n") == old.rstrip("\r\n"):
        return before  # without the line end that our lines needed
    return text.encode("latin-1")


def _without_extension(around: Surroundings) -> str:
    if unopkg(around) is None:
        return "LibreOffice n’est plus sur cet ordinateur ; son extension ne peut plus servir."
    if installed_extension(around) is None:
        return "L’extension de LibreOffice n’était plus là."
    remove_extension(around)
    return "L’extension de LibreOffice est retirée. Redémarrez LibreOffice."


def _remove_empty(folders: list[Path]) -> None:
    """Remove those of the folders, the inner ones last, that hold nothing any more."""
    for folder in reversed(folders):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
