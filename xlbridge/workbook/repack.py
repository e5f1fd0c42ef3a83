"""A ZIP container with some members replaced: every other one keeps its very bytes, its place and its time (APPNOTE 6.3.10).

Nothing is unpacked or packed again but what changes; not even the standard library copies a member without doing so.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from struct import Struct, error
from typing import NamedTuple

from xlbridge.errors import UnreadableFile
from xlbridge.workbook.container import broken

LOCAL = Struct("<4s5H3I2H")  # 4.3.7
CENTRAL = Struct("<4s6H3I5H2I")  # 4.3.12
END = Struct("<4s4H2IH")  # 4.3.16
IS_UTF8 = 0x800
ZIP64 = 0xFFFFFFFF
STORED, DEFLATED = 0, 8


class Entry(NamedTuple):
    """One record of the central directory, as it stands in the file, with what follows its fixed part."""

    signature: bytes
    made_by: int
    needed: int
    flags: int
    method: int
    time: int
    date: int
    crc: int
    packed: int
    size: int
    name_length: int
    extra_length: int
    comment_length: int
    disk: int
    internal: int
    external: int
    offset: int
    name: bytes
    extra: bytes
    comment: bytes

    @property
    def filename(self) -> str:
        """The name of the member."""
        return self.name.decode("utf-8" if self.flags & IS_UTF8 else "cp437")

    def record(self) -> bytes:
        """The bytes of the record."""
        return CENTRAL.pack(*self[:17]) + self.name + self.extra + self.comment


def repacked(path: Path, changes: Mapping[str, bytes | None]) -> bytes:
    """The container at `path` with the content of the members in `changes` replaced, or the member left out (None); new ones come last.

    Raises UnreadableFile where the container is not laid out as spreadsheet applications do.
    """
    data = path.read_bytes()
    try:
        entries, directory, end = _directory(data)
    except (error, ValueError) as fault:
        raise broken(path, fault) from fault
    if any(entry.offset == ZIP64 for entry in entries):
        raise UnreadableFile(f"« {path.name} » est rangé comme un très grand fichier (ZIP64).", "Enregistrez-le de nouveau dans Excel.")
    starts = sorted([entry.offset for entry in entries] + [directory])
    following = dict(pairwise(starts))
    result, records = bytearray(), []
    for entry in sorted(entries, key=lambda item: item.offset):
        name = entry.filename
        if name not in changes:
            records.append(entry._replace(offset=len(result)))
            result += data[entry.offset : following[entry.offset]]
        elif (content := changes[name]) is not None:
            written, member = _packed(entry, content, len(result))
            records.append(written)
            result += member
    order = {entry.name: place for place, entry in enumerate(entries)}
    known = {entry.filename for entry in entries}
    for name, content in changes.items():
        if name not in known and content is not None:
            written, member = _packed(_new(name), content, len(result))
            records.append(written)
            result += member
    listing = b"".join(entry.record() for entry in sorted(records, key=lambda item: order.get(item.name, len(order))))
    comment = data[end + END.size :]
    tail = END.pack(b"PK\5\6", 0, 0, len(records), len(records), len(listing), len(result), len(comment)) + comment
    return bytes(result) + listing + tail


def _directory(data: bytes) -> tuple[list[Entry], int, int]:
    """The records of the central directory, where it begins, and where the record that ends the file begins."""
    end = data.rfind(b"PK\5\6")
    if end < 0:
        raise ValueError("fin du conteneur introuvable")
    _, _, _, _, count, size, start, comment = END.unpack_from(data, end)
    if end + END.size + comment != len(data) or start + size > end:
        raise ValueError("répertoire du conteneur mal placé")
    entries = list(_entries(data, start, start + size))
    if len(entries) != count:
        raise ValueError("répertoire du conteneur incomplet")
    return entries, start, end


def _entries(data: bytes, place: int, stop: int) -> Iterator[Entry]:
    while place < stop:
        fixed = CENTRAL.unpack_from(data, place)
        if fixed[0] != b"PK\1\2":
            raise ValueError("répertoire du conteneur abîmé")
        place += CENTRAL.size
        texts = []
        for length in fixed[10:13]:
            texts.append(data[place : place + length])
            place += length
        yield Entry(*fixed, *texts)


def _new(name: str) -> Entry:
    """The record of a member that was not there, of the first day that a container knows."""
    flags, encoded = (0, name.encode("ascii")) if name.isascii() else (IS_UTF8, name.encode())
    return Entry(b"PK\1\2", 20, 20, flags, DEFLATED, 0, 0x21, 0, 0, 0, len(encoded), 0, 0, 0, 0, 0, 0, encoded, b"", b"")


def _packed(entry: Entry, content: bytes, offset: int) -> tuple[Entry, bytes]:
    """The member of `entry` with another content, at `offset`: its record and its bytes. Extra fields are of no use to it."""
    method = STORED if entry.method == STORED else DEFLATED
    packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = content if method == STORED else packer.compress(content) + packer.flush()
    flags, crc = entry.flags & IS_UTF8, zlib.crc32(content)
    sizes = (crc, len(packed), len(content))
    header = LOCAL.pack(b"PK\3\4", 20, flags, method, entry.time, entry.date, *sizes, len(entry.name), 0)
    written = entry._replace(
        needed=20, flags=flags, method=method, crc=crc, packed=len(packed), size=len(content), extra_length=0, extra=b"", offset=offset
    )
    return written, header + entry.name + packed
