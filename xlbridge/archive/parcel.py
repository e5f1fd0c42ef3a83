"""What a bundle is written into: a folder or a zip file, whole at the end or not there at all, with the hash of every file."""

from __future__ import annotations

import hashlib
import shutil
import stat
import unicodedata
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from xlbridge.archive.durable import TEMPORARY, give_up
from xlbridge.archive.export import not_written, refuse_existing
from xlbridge.file_names import safe_name

ZIP = ".zip"
FIRST_ZIP_YEAR = 1980


@dataclass
class Parcel:
    """The files written so far, name → (SHA-256, size); `write` puts one of them in its place."""

    write: Callable[[str, bytes], None]
    written: dict[str, tuple[str, int]] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def add(self, name: str, data: bytes) -> None:
        """A file under a name of the bundle's own, once."""
        if name in self.written:
            raise ValueError(f"{name} is written twice")
        self.write(name, data)
        self.written[name] = (hashlib.sha256(data).hexdigest(), len(data))

    def named(self, folder: str, wanted: str, suffix: str) -> str:
        """A readable name in `folder` that no file has, whatever its case: `pdf/F2026-0001.pdf`, `pdf/F2026-0001-2.pdf`."""
        plain = "".join(char for char in unicodedata.normalize("NFKD", wanted) if char.isascii())
        stem, position = safe_name(plain), 1
        name = f"{folder}/{stem}{suffix}"
        while name.casefold() in self.taken:
            position += 1
            name = f"{folder}/{stem}-{position}{suffix}"
        self.taken.add(name.casefold())
        return name


@contextmanager
def parcel(target: Path, moment: datetime) -> Iterator[Parcel]:
    """A bundle that appears at `target` (a folder, or a file that ends in .zip) when all went well. Raises WrongUse where something stands
    there, or it cannot be written."""
    refuse_existing(target)
    part = target.absolute().with_name(f".{target.name}.{uuid.uuid4().hex[:8]}{TEMPORARY}")
    try:
        if target.suffix.lower() == ZIP:
            with ZipFile(part, "x") as archive:
                yield Parcel(lambda name, data: archive.writestr(_member(f"{target.stem}/{name}", moment), data))
        else:
            part.mkdir()
            yield Parcel(lambda name, data: _write(part / name, data))
        refuse_existing(target)
        part.rename(target)
    except OSError as fault:
        raise not_written(target, fault) from fault
    finally:
        if part.is_dir():
            shutil.rmtree(part)
        give_up(part)


def _member(name: str, moment: datetime) -> ZipInfo:
    member = ZipInfo(name, (max(moment.year, FIRST_ZIP_YEAR), moment.month, moment.day, moment.hour, moment.minute, moment.second))
    member.compress_type = ZIP_DEFLATED
    member.external_attr = (stat.S_IFREG | 0o644) << 16
    return member


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
