"""What was installed, so that uninstalling undoes that and nothing else: `installation.json`, with copies of what was replaced.

An entry is written before the file it speaks of, so that an installation that is cut off can be undone as well. The copies are here and
not beside the files: Excel opens whatever lies in its start folder.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from xlbridge.installing.surroundings import Surroundings

COPIES = "avant-installation"


@dataclass(frozen=True)
class Written:
    """A file that was written. `backup`: the copy of what was there; None where there was nothing.

    `values`: for a settings file, what was written beside each key; the rest of the file is the user's.
    """

    path: str
    sha256: str
    backup: str | None
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """`folders`: those that were made for all this, the outer before the inner. `extension`: the identifier of the one in LibreOffice."""

    files: tuple[Written, ...] = ()
    folders: tuple[str, ...] = ()
    extension: str | None = None

    def of(self, path: Path) -> Written | None:
        """The entry of a file."""
        return next((entry for entry in self.files if entry.path == str(path)), None)

    def with_file(self, entry: Written) -> Record:
        """With `entry`, in the place of an older one of the same file."""
        return replace(self, files=(*(other for other in self.files if other.path != entry.path), entry))

    def with_folders(self, *paths: Path) -> Record:
        """With those of the folders and of what is above them that are not there yet."""
        above = [folder for path in paths for folder in reversed((path, *path.parents)) if not folder.exists()]
        return replace(self, folders=tuple(dict.fromkeys([*self.folders, *map(str, above)])))


def read_record(around: Surroundings) -> Record:
    """What was installed; an empty record where nothing was."""
    file = _file(around)
    if not file.exists():
        return Record()
    data = json.loads(file.read_text("utf-8"))
    return Record(tuple(Written(**entry) for entry in data["files"]), tuple(data["folders"]), data["extension"])


def write_record(around: Surroundings, record: Record) -> None:
    """Keep the record; an empty one leaves nothing behind."""
    file = _file(around)
    if record == Record():
        file.unlink(missing_ok=True)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, json.dumps(asdict(record), ensure_ascii=False, indent=1).encode("utf-8"))


def keep_copy(around: Surroundings, path: Path, content: bytes) -> str:
    """Keep `content`, which is to be replaced at `path`; where the copy is."""
    copy = folder_of_copies(around) / f"{sha256(content)[:12]}-{path.name}"
    copy.parent.mkdir(parents=True, exist_ok=True)
    write_whole(copy, content)
    return str(copy)


def folder_of_copies(around: Surroundings) -> Path:
    """Where the copies are, beside the record."""
    return _file(around).parent / COPIES


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that at every moment it is the old one or the new one."""
    part = path.with_name(f"~{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def sha256(content: bytes) -> str:
    """The digest by which a file is known again."""
    return hashlib.sha256(content).hexdigest()


def _file(around: Surroundings) -> Path:
    return around.data / "installation" / "installation.json"
