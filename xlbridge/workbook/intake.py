"""Which format a file really has, and which files are refused before any of their content is trusted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from xlbridge.errors import UnreadableFile
from xlbridge.findings import Finding

REOPEN_AND_SAVE = "Ouvrez-le dans Excel ou LibreOffice, enregistrez-le au format .xlsx, puis recommencez."


@dataclass(frozen=True, slots=True)
class Source:
    """A file found fit to be read: where it is, its real format, and what is to be said of it."""

    path: Path
    format: str
    findings: tuple[Finding, ...] = ()


def examine(path: Path) -> Source:
    """The real format of `path` ("xlsx", "xlsm", "xls", "xlsb", "ods", "csv"). Raises UnreadableFile."""
    try:
        head = path.open("rb").read(8)
    except OSError as fault:
        raise UnreadableFile(f"« {path.name} » ne s’ouvre pas ({fault.strerror}).") from fault
    extension = path.suffix.lower().lstrip(".")
    if head.startswith(b"PK"):
        return Source(path, extension if extension in {"xlsx", "xlsm", "xlsb", "ods"} else "xlsx")
    return Source(path, "xls" if head.startswith(b"\xd0\xcf\x11\xe0") else "csv")
