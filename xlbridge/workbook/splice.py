"""XML parts changed by splicing: the bytes of the elements that change are replaced, every other byte stays what it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

START_TAG = re.compile(rb"<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
WRITTEN_AS = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([^"']*)""")


@dataclass(slots=True)
class Element:
    """An element by its bytes: [`start`, `inner`) is its first tag, [`start`, `end`) the whole. `name` has no prefix."""

    name: str
    prefix: str
    attributes: dict[str, str]
    start: int
    inner: int
    end: int = 0
    children: list[Element] = field(default_factory=list)

    def closed(self, data: bytes) -> bool:
        """Whether the element is one tag, `<row/>`."""
        return data[self.inner - 2 : self.inner] == b"/>"


@dataclass(frozen=True, slots=True)
class Edit:
    """The bytes [`start`, `end`) become `new`."""

    start: int
    end: int
    new: bytes


def spliced(data: bytes, edits: Iterable[Edit]) -> bytes:
    """`data` with the edits made; they do not overlap, and those at one place keep their order, insertions first."""
    pieces, place = [], 0
    for edit in sorted(edits, key=lambda item: (item.start, item.end)):
        pieces += [data[place : edit.start], edit.new]
        place = edit.end
    return b"".join([*pieces, data[place:]])


def walk(data: bytes, begin: Callable[[int, str, list[str], int], None], finish: Callable[[int, str, int], None]) -> None:
    """Call `begin(depth, name, attributes, byte)` and `finish(depth, name, byte)` for every element; the root's depth is 1.

    `attributes` alternate names and values; `byte` is the start of the tag. Raises ValueError for a part that is not UTF-8.
    """
    declared = WRITTEN_AS.match(data.removeprefix(b"\xef\xbb\xbf"))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or (declared and declared[1].lower() not in {b"utf-8", b"us-ascii"}):
        raise ValueError("partie XML d’un encodage rare")
    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    depth = 0

    def start(name: str, attributes: Any) -> None:
        nonlocal depth
        depth += 1
        begin(depth, name, attributes, parser.CurrentByteIndex)

    def end(name: str) -> None:
        nonlocal depth
        finish(depth, name, parser.CurrentByteIndex)
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(data, True)
    except expat.ExpatError as fault:
        raise ValueError(f"partie XML abîmée : {fault}") from fault


def element_at(data: bytes, name: str, attributes: list[str], start: int) -> Element:
    """The element whose first tag begins at `start`; its end is not known yet."""
    tag = START_TAG.match(data, start)
    assert tag is not None, "expat found a tag here"
    prefix, _, local = name.rpartition(":")
    return Element(local, f"{prefix}:" if prefix else "", dict(zip(attributes[::2], attributes[1::2], strict=True)), start, tag.end())


def end_of(data: bytes, element: Element, byte: int) -> int:
    """The first byte after `element`, whose end expat saw at `byte`."""
    return element.inner if element.closed(data) else data.index(b">", byte) + 1


def top_level(data: bytes) -> Element:
    """The root of a small part, with its children (theirs are left out)."""
    open_elements: list[Element] = []
    found: list[Element] = []

    def begin(depth: int, name: str, attributes: list[str], byte: int) -> None:
        if depth <= 2:
            open_elements.append(element_at(data, name, attributes, byte))

    def finish(depth: int, name: str, byte: int) -> None:  # noqa: ARG001
        if depth <= 2:
            done = open_elements.pop()
            done.end = end_of(data, done, byte)
            (open_elements[-1].children if open_elements else found).append(done)

    walk(data, begin, finish)
    return found[0]


def with_attribute(tag: bytes, name: bytes, value: bytes | None) -> bytes:
    """A first tag with the attribute set, or without it (None).

    >>> with_attribute(b'<calcPr calcId="1"/>', b"fullCalcOnLoad", b"1"), with_attribute(b"<row spans='1:2' r='1'>", b"spans", None)
    (b'<calcPr calcId="1" fullCalcOnLoad="1"/>', b"<row r='1'>")
    """
    bare = re.sub(rb"\s+" + name + rb"\s*=\s*(?:\"[^\"]*\"|'[^']*')", b"", tag)
    if value is None:
        return bare
    cut = len(bare) - (2 if bare.endswith(b"/>") else 1)
    return bare[:cut].rstrip() + b" " + name + b'="' + value + b'"' + bare[cut:]


def removed(data: bytes, elements: Iterable[Element]) -> bytes:
    """`data` without the elements."""
    return spliced(data, [Edit(item.start, item.end, b"") for item in elements])


def escaped(text: str) -> bytes:
    """`text` between tags or in an attribute, in any encoding that extends ASCII.

    >>> escaped('a < "é"')
    b'a &lt; &quot;&#233;&quot;'
    """
    return "".join(_escapes(text)).encode("ascii", "xmlcharrefreplace")


def _escapes(text: str) -> Iterator[str]:
    known = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
    return (known.get(char, char) for char in text)
