"""A package whose parts change in memory before anything is written, and how its parts say that they belong together (ECMA-376 part 2).

What is not changed is read from the bytes that the file held when it was opened, which is not kept open.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import IO, Any, Literal

from xlbridge.workbook import container
from xlbridge.workbook.details_ooxml import related

PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = "[Content_Types].xml"


class Layers(zipfile.ZipFile):
    """A package with `changes` over its parts; a part that changes to None is gone."""

    def __init__(self, path: Path, data: bytes | None = None) -> None:
        """Read the file, or `data` as what it would hold. Raises what `zipfile` does; see `container.opened`."""
        super().__init__(io.BytesIO(path.read_bytes() if data is None else data))
        self.filename = str(path)  # for the sentences about what is broken in it
        self.changes: dict[str, bytes | None] = {}

    def namelist(self) -> list[str]:
        """The parts that there are now."""
        old = super().namelist()
        known = set(old)
        kept = [name for name in old if self.changes.get(name, b"") is not None]
        return kept + [name for name, content in self.changes.items() if content is not None and name not in known]

    def open(
        self, name: str | zipfile.ZipInfo, mode: Literal["r", "w"] = "r", pwd: bytes | None = None, *, force_zip64: bool = False
    ) -> IO[bytes]:
        """A part as it is now. KeyError where there is none."""
        wanted = name if isinstance(name, str) else name.filename
        if wanted not in self.changes:
            return super().open(name, mode, pwd, force_zip64=force_zip64)
        content = self.changes[wanted]
        if content is None:
            raise KeyError(wanted)
        return io.BytesIO(content)

    def free_name(self, pattern: str) -> str:
        """The first of `pattern` filled with 1, 2, 3 … that no part has."""
        known = {name.lower() for name in self.namelist()}
        return next(name for number in range(1, len(known) + 2) if (name := pattern.format(number)).lower() not in known)


def serialised(root: Any) -> bytes:
    """The bytes of a part that was parsed and changed."""
    from lxml import etree

    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return data


def relations_of(part: str) -> str:
    """The part that holds the relations of `part` ("" for the package)."""
    folder, _, base = part.rpartition("/")
    return f"{folder}/_rels/{base}.rels".lstrip("/")


def connected(parts: Layers, source: str, kind: str, target: str) -> tuple[str, dict[str, bytes | None]]:
    """The identifier of a new relation from `source` to the part `target`, and the part that changes with it."""
    from lxml import etree

    name = relations_of(source)
    empty = f'<Relationships xmlns="{PACKAGE}/relationships"/>'
    root = container.tree(parts, name) if name in parts.namelist() else etree.fromstring(empty)
    known = {item.get("Id") for item in root}
    identifier = next(new for number in range(1, len(known) + 2) if (new := f"rId{number}") not in known)
    way = posixpath.relpath(target, posixpath.dirname(source) or ".")
    etree.SubElement(root, f"{{{PACKAGE}/relationships}}Relationship", Id=identifier, Type=f"{office_relations(parts)}/{kind}", Target=way)
    return identifier, {name: serialised(root)}


def office_relations(parts: zipfile.ZipFile) -> str:
    """The name space of the relations between parts: a strict file has another than the usual one."""
    kinds = (item.get("Type").rpartition("/") for item in container.tree(parts, "_rels/.rels"))
    return next(space for space, _slash, kind in kinds if kind == "officeDocument" and isinstance(space, str))


def typed(parts: Layers, kinds: Mapping[str, str], gone: Collection[str] = ()) -> dict[str, bytes | None]:
    """The list of content types with the type of each new part, or of an extension (`.vml`), and without the parts that are `gone`."""
    from lxml import etree

    root = container.tree(parts, TYPES)
    left = {f"/{name}".lower() for name in gone}
    for item in [item for item in root if (item.get("PartName") or "").lower() in left]:
        root.remove(item)
    extensions = {item.get("Extension", "").lower() for item in root}
    for name, kind in kinds.items():
        if not name.startswith("."):
            etree.SubElement(root, f"{{{PACKAGE}/content-types}}Override", PartName=f"/{name}", ContentType=kind)
        elif name[1:] not in extensions:
            root.insert(0, etree.Element(f"{{{PACKAGE}/content-types}}Default", Extension=name[1:], ContentType=kind))
    return {TYPES: serialised(root)}


def disconnected(parts: Layers, source: str, gone: Collection[str]) -> dict[str, bytes | None]:
    """The relations of `source` without those to the parts that are `gone`."""
    name, folder = relations_of(source), posixpath.dirname(source)
    root = container.tree(parts, name)
    for item in list(root):
        if item.get("TargetMode") != "External" and posixpath.normpath(posixpath.join("/", folder, item.get("Target"))).lstrip("/") in gone:
            root.remove(item)
    return {name: serialised(root) if len(root) else None}


def relation_target(parts: zipfile.ZipFile, source: str, identifier: str) -> str:
    """The part that a relation of `source` names."""
    item = next(item for item in container.tree(parts, relations_of(source)) if item.get("Id") == identifier)
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(source), item.get("Target"))).lstrip("/")


def main_part(parts: zipfile.ZipFile) -> str:
    """The part that names the sheets."""
    return related(parts, "", "officeDocument")[0]
