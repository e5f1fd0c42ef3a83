"""The notes of a sheet of a closed workbook (18.7): read, written, taken away; the user's own keep their formatting.

The threads of comments of newer Excel versions leave a note of their own behind (author `tc=…`), which is not to be touched: such a cell
has no note here and gets none.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from itertools import takewhile
from typing import Any

from xlbridge.workbook import container
from xlbridge.workbook.address import column_letters, position
from xlbridge.workbook.details import Position
from xlbridge.workbook.details_ooxml import related
from xlbridge.workbook.layers import Layers, connected, disconnected, main_part, serialised, typed
from xlbridge.workbook.note_shapes import with_shapes

AUTHOR = "xlbridge"
COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
LIKE_AN_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def notes(parts: zipfile.ZipFile, sheet: str) -> dict[Position, str]:
    """The notes of the sheet in the part `sheet`, threads left out."""
    threads = threaded(parts, sheet)
    return {where: _text(item) for root in _roots(parts, sheet).values() for where, item in _comments(root) if where not in threads}


def threaded(parts: zipfile.ZipFile, sheet: str) -> set[Position]:
    """The cells with a thread of comments."""
    found = set()
    for part in related(parts, sheet, "threadedComment"):
        found |= {position(item.get("ref")) for item in container.tree(parts, part).iterfind("{*}threadedComment")}
    for root in _roots(parts, sheet).values():
        authors = [author.text or "" for author in root.iterfind("{*}authors/{*}author")]
        found |= {where for where, item in _comments(root) if authors[int(item.get("authorId"))].startswith("tc=")}
    return found


def with_notes(parts: Layers, sheet: str, wanted: Mapping[Position, str | None]) -> dict[str, bytes | None]:
    """The parts that change so that the cells have these notes, None: none."""
    known, threads = notes(parts, sheet), threaded(parts, sheet)
    new = {where: text for where, text in wanted.items() if known.get(where) != text and where not in threads}
    if not new:
        return {}
    roots = _roots(parts, sheet)
    part = next(iter(roots), None)
    changes: dict[str, bytes | None] = {}
    if part is None:
        part = parts.free_name("xl/comments{}.xml")
        _identifier, relations = connected(parts, sheet, "comments", part)
        changes |= relations | typed(parts, {part: COMMENTS_TYPE})
    root = roots.get(part)
    if root is None:
        root = _new_root(parts)
    listed = dict(_comments(root))
    for where, text in new.items():
        _set(root, listed.get(where), where, text)
    shapes = {where: text for where, text in new.items() if (where in known) != (text is not None)}
    longer = {where: text if len(text) > len(known[where]) else None for where, text in new.items() if text is not None and where in known}
    if _comments(root):
        changes[part] = serialised(root)
    else:
        changes = {part: None, **disconnected(parts, sheet, {part}), **typed(parts, {}, {part})}
    before = parts.changes
    parts.changes = before | changes  # the drawing is to see them
    try:
        return changes | with_shapes(parts, sheet, shapes, longer)
    finally:
        parts.changes = before


def _roots(parts: zipfile.ZipFile, sheet: str) -> dict[str, Any]:
    return {part: container.tree(parts, part) for part in related(parts, sheet, "comments")}


def _comments(root: Any) -> list[tuple[Position, Any]]:
    return [(position(item.get("ref")), item) for item in root.iterfind("{*}commentList/{*}comment")]


def _texts(comment: Any) -> list[Any]:
    """The elements that hold the text, without those that say how to pronounce it."""
    return [*comment.iterfind("{*}text/{*}t"), *comment.iterfind("{*}text/{*}r/{*}t")]


def _text(comment: Any) -> str:
    """The text of a note as it is shown."""
    return "".join(_shown(item.text or "") for item in _texts(comment))


def _new_root(parts: Layers) -> Any:
    """An empty list of notes, in the name space of the workbook (a strict file has its own)."""
    from lxml import etree

    space = container.tree(parts, main_part(parts)).tag.rpartition("}")[0][1:]
    return etree.fromstring(f'<comments xmlns="{space}"><authors/><commentList/></comments>')


def _set(root: Any, comment: Any, where: Position, text: str | None) -> None:
    """Give a cell its note in the list, or take it away; `comment`: the one it has, or None."""
    space = root.tag.rpartition("}")[0] + "}"
    listed = root.find("{*}commentList")
    if text is None:
        if comment is not None:
            listed.remove(comment)
        return
    if comment is None:
        address = f"{column_letters(where[1])}{where[0] + 1}"
        comment = root.makeelement(f"{space}comment", {"ref": address, "authorId": _author(root, space)})
        listed.append(comment)
        comment.append(root.makeelement(f"{space}text"))
    body = comment.find("{*}text")
    runs = _changed(_runs(body, space), _text(comment), text, lambda new: _run(body, space, new))
    for item in list(body):
        body.remove(item)
    body.extend(runs)


def _changed(runs: list[Any], old: str, new: str, run: Callable[[str], Any]) -> list[Any]:
    """The runs of `old` once it reads `new`: the end, or else the beginning, that both have in common stays as it is formatted."""
    tail, head = _shared(reversed(old), reversed(new)), _shared(old, new)
    if tail >= head:
        written, kept = new[: len(new) - tail], _cut(runs, len(old) - tail, at_start=True)
        return [run(written), *kept] if written else kept
    written, kept = new[head:], _cut(runs, len(old) - head, at_start=False)
    return [*kept, run(written)] if written else kept


def _shared(one: Iterable[str], other: Iterable[str]) -> int:
    """How many characters are the same at the beginning."""
    return sum(1 for _same in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _author(root: Any, space: str) -> str:
    """The number of our name among the authors."""
    authors = root.find("{*}authors")
    names = [item.text for item in authors]
    if AUTHOR not in names:
        item = root.makeelement(f"{space}author")
        item.text = AUTHOR
        authors.append(item)
        return str(len(names))
    return str(names.index(AUTHOR))


def _runs(body: Any, space: str) -> list[Any]:
    """The runs of a text; one without runs is one run."""
    runs = []
    for item in body:
        if item.tag == f"{space}t":
            run = body.makeelement(f"{space}r")
            run.append(deepcopy(item))
            runs.append(run)
        elif item.tag == f"{space}r":
            runs.append(deepcopy(item))
    return runs


def _run(body: Any, space: str, text: str) -> Any:
    """A run of ours, in the font in which Excel shows notes."""
    run = body.makeelement(f"{space}r")
    font = run.makeelement(f"{space}rPr")
    for name, attributes in (("sz", {"val": "9"}), ("color", {"indexed": "81"}), ("rFont", {"val": "Tahoma"}), ("family", {"val": "2"})):
        font.append(font.makeelement(f"{space}{name}", attributes))
    content = run.makeelement(f"{space}t")
    content.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    content.text = _escaped(text)
    run.extend([font, content])
    return run


def _escaped(text: str) -> str:
    return LIKE_AN_ESCAPE.sub("_x005F_", text).replace("\r", "_x000D_")


def _cut(runs: list[Any], count: int, *, at_start: bool) -> list[Any]:
    """The runs without the first or the last `count` characters."""
    kept = []
    for run in runs if at_start else reversed(runs):
        content = run.find("{*}t")
        text = _shown(content.text or "")
        cut = min(count, len(text))
        count -= cut
        if cut:
            left = text[cut:] if at_start else text[: len(text) - cut]
            if not left:
                continue
            content.text = _escaped(left)
            content.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        kept.append(run)
    return kept if at_start else kept[::-1]


def _shown(raw: str) -> str:
    """A text without its escapes (22.9.2.19: `_x000D_` is a character)."""
    return ESCAPE.sub(lambda found: chr(int(found[1], 16)), raw).replace("\r\n", "\n")
