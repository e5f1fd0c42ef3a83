"""The ZIP container of .xlsx, .xlsm, .xlsb and .ods files: limits kept, no entity expanded, nothing ever written to disk."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Any

from xlbridge.errors import UnreadableFile
from xlbridge.workbook.extent import Extent, extent_of_binary_sheet, extent_of_sheet

REOPEN_AND_SAVE = "Ouvrez-le dans Excel ou LibreOffice, enregistrez-le au format .xlsx, puis recommencez."
ASK_SENDER = "Ne l’ouvrez pas, et demandez un fichier sain à qui vous l’a envoyé."

MAX_UNPACKED = 1 << 30
"""Most bytes that all parts together may hold once unpacked."""
MAX_RATIO = 200
"""Most times the parts may be larger than the file …"""
RATIO_MATTERS_FROM = 50 << 20
"""… once they hold this many bytes."""
MAX_CELLS = 20_000_000
"""Most cells in the rectangle from a sheet's first used cell to its last."""

CHUNK = 1 << 20
DOCTYPE = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.(xml|bin)$", re.IGNORECASE)


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The container of `path`, its faults turned into UnreadableFile."""
    try:
        with zipfile.ZipFile(path) as container:
            yield container
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, LookupError, ValueError, TypeError) as fault:
        raise broken(path, fault) from fault
    except NotImplementedError as fault:  # a compression method that no spreadsheet application uses
        raise broken(path, fault) from fault
    except RuntimeError as fault:  # what zipfile says of a part that needs a password
        raise encrypted(path) from fault


def broken(path: Path, fault: object) -> UnreadableFile:
    """The refusal of a damaged file."""
    return UnreadableFile(f"« {path.name} » est abîmé ou incomplet ({str(fault).strip() or type(fault).__name__}).", REOPEN_AND_SAVE)


def encrypted(path: Path) -> UnreadableFile:
    """The refusal of a file behind a password."""
    return UnreadableFile(
        f"« {path.name} » est protégé par un mot de passe.",
        "Ouvrez-le avec son mot de passe et enregistrez-en une copie sans mot de passe, puis recommencez.",
    )


def too_large(path: Path, what: str) -> UnreadableFile:
    """The refusal of a file beyond the limits."""
    return UnreadableFile(f"« {path.name} » est trop grand : {what}.", "Partagez-le en plusieurs fichiers, puis recommencez.")


def check(path: Path, container: zipfile.ZipFile) -> None:
    """Refuse a container that is too large, whose parts do not hold what they declare, or that carries XML entities."""
    entries = container.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED:
        raise too_large(path, f"{unpacked >> 20} Mo une fois décompressé")
    if unpacked > RATIO_MATTERS_FROM and unpacked > MAX_RATIO * path.stat().st_size:
        raise UnreadableFile(f"« {path.name} » se décompresse en {unpacked >> 20} Mo : il est construit pour nuire.", ASK_SENDER)
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        raise broken(path, "deux parties du même nom")
    for entry in entries:
        if entry.filename.lower().endswith((".xml", ".rels", ".bin")) and "vbaProject" not in entry.filename:
            _check_part(path, container, entry)


def _check_part(path: Path, container: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Unpack one part to its real end: its declared size, its checksum, no document type, no cell beyond reason."""
    unbounded = copy(entry)
    unbounded.file_size = entry.file_size + CHUNK
    sheet = SHEET_PART.fullmatch(entry.filename)
    pieces: list[bytes] = []
    size = 0
    with container.open(unbounded) as stream:
        while piece := stream.read(CHUNK):
            size += len(piece)
            if size > entry.file_size:
                raise UnreadableFile(f"« {path.name} » annonce une taille fausse pour « {entry.filename} ».", ASK_SENDER)
            if sheet or not pieces:
                pieces.append(piece)
    binary = entry.filename.lower().endswith(".bin")
    if not binary and pieces and DOCTYPE.search(pieces[0].replace(b"\0", b"")):
        raise UnreadableFile(f"« {path.name} » contient des entités XML (« {entry.filename} »), ce qu’aucun tableur n’écrit.", ASK_SENDER)
    if sheet:
        extent = (extent_of_binary_sheet if binary else extent_of_sheet)(b"".join(pieces), MAX_CELLS)
        refuse_beyond(path, entry.filename.rsplit("/", 1)[-1], extent)


def refuse_beyond(path: Path, sheet: str, extent: Extent | None) -> None:
    """Refuse a sheet whose used rectangle no memory can hold."""
    if extent is not None and extent.area > MAX_CELLS:
        raise UnreadableFile(
            f"« {path.name} », feuille « {sheet} » : les cellules remplies vont de {extent.first} à {extent.last}.",
            "Effacez la cellule isolée loin du tableau (Ctrl+Fin y mène), enregistrez, puis recommencez.",
        )


def events(container: zipfile.ZipFile, name: str, **options: Any) -> Iterator[tuple[str, Any]]:
    """lxml's parse events of one XML part: no comment, no entity, no network, bounded depth and text. Raises UnreadableFile."""
    from lxml import etree

    path = Path(container.filename or name)
    try:
        with container.open(name) as stream:
            safe = {"resolve_entities": False, "load_dtd": False, "no_network": True, "huge_tree": False, "remove_comments": True}
            yield from etree.iterparse(stream, **safe, **options)
    except etree.XMLSyntaxError as fault:
        raise broken(path, fault) from fault


def tree(container: zipfile.ZipFile, name: str) -> Any:
    """The root element of a small XML part, parsed as `events` does; KeyError when it is absent."""
    root = None
    for _event, element in events(container, name):
        root = element
    return root
