"""How things are named in the vault, and what is none of it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from xlbridge.errors import LedgerBroken

OBJECTS, CLOSINGS, PENDING = "objects", "clotures", "en-attente"
NAMEPLATE, README, HEAD = "coffre.json", "LISEZMOI.txt", "tete.json"
OURS = frozenset({OBJECTS, CLOSINGS, PENDING, NAMEPLATE, README, HEAD})
SUFFIXES = frozenset(
    {".pdf", ".xml", ".json", ".csv", ".txt", ".html", ".xlsx", ".xlsm", ".xlsb", ".xls", ".xltx", ".xltm", ".ods", ".fods"}
)
OBJECT_NAME = re.compile(r"([0-9a-f]{64})(\.[a-z]{3,4})", re.ASCII)
CLOSING_NAME = re.compile(rf"{CLOSINGS}/[0-9A-Za-z][0-9A-Za-z_-]*\.json", re.ASCII)
FOUND_BY_SYSTEMS = frozenset({"thumbs.db", "desktop.ini"})
RESTORE = "Ne touchez plus au coffre ; remettez-le depuis une sauvegarde, puis lancez xlbridge verify."


def object_path(name: str) -> str:
    """Where the document `name` (`<sha256>.pdf`) stands in the vault. LedgerBroken: that is no document's name.

    >>> object_path("ab" * 32 + ".pdf")[:15]
    'objects/ab/abab'
    """
    found = OBJECT_NAME.fullmatch(name)
    if not found or found[2] not in SUFFIXES:
        raise LedgerBroken(f"« {name[:80]} » n’est pas un nom de fichier du coffre.", RESTORE)
    return f"{OBJECTS}/{name[:2]}/{name}"


def closing_path(relative: str) -> str:
    """`relative` (`clotures/2026-11.json`) itself. LedgerBroken: that is no closing's name."""
    if not CLOSING_NAME.fullmatch(relative):
        raise LedgerBroken(f"« {relative[:80]} » n’est pas un nom de clôture.", RESTORE)
    return relative


def is_object(path: Path) -> bool:
    """Whether a plain file stands where a document of its name belongs."""
    found = OBJECT_NAME.fullmatch(path.name)
    return bool(
        found and found[2] in SUFFIXES and path.parent.name == path.name[:2] and path.parent.parent.name == OBJECTS and is_plain(path)
    )


def is_closing(path: Path) -> bool:
    """Whether a plain file stands where a closing of its name belongs."""
    return CLOSING_NAME.fullmatch(f"{path.parent.name}/{path.name}") is not None and is_plain(path)


def is_plain(path: Path) -> bool:
    """A file that is no link."""
    return path.is_file() and not is_link(path)


def is_link(path: Path) -> bool:
    """A symbolic link, or a junction of Windows."""
    return Path(os.path.realpath(path)) != Path(os.path.realpath(path.parent)) / path.name


def of_the_system(path: Path) -> bool:
    """What file managers leave in any folder: `.DS_Store`, `Thumbs.db`."""
    return path.name.startswith(".") or path.name.lower() in FOUND_BY_SYSTEMS
