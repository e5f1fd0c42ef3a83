"""The cell styles of a closed workbook (18.8): what colour each gives, and the style that is another but for one property.

A style that exists is taken before a new one is added, the first first: a cell that is given back its colour gets back its very style.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

from xlbridge.workbook import container
from xlbridge.workbook.colours import Palette
from xlbridge.workbook.details_ooxml import BUILT_IN_FORMATS, related
from xlbridge.workbook.layers import Layers, connected, main_part, serialised, typed

EMPTY = (
    '<styleSheet xmlns="{}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
DAY_FORMAT = "14"  # 18.8.30: the short date of the reader's country
STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"


class Styles:
    """The styles of one workbook, read once; `changes` gives the parts once styles were added."""

    def __init__(self, parts: Layers) -> None:
        """Read the styles; a workbook without any gets the default one."""
        self._parts = parts
        known = related(parts, main_part(parts), "styles")
        self._part = known[0] if known else None
        space = container.tree(parts, main_part(parts)).tag.rpartition("}")[0][1:]
        self._root = container.tree(parts, known[0]) if known else _parsed(EMPTY.format(space))
        self._formats, self._fills, self._fonts = (self._root.find(f"{{*}}{name}") for name in ("cellXfs", "fills", "fonts"))
        if any(group is None for group in (self._formats, self._fills, self._fonts)):
            raise container.broken(Path(parts.filename or ""), "styles incomplets")
        self._palette = Palette(parts, self._root)
        self._grown = False
        self._found: dict[tuple[int, str, str | None], int] = {}

    def colour(self, style: int) -> str | None:
        """The colour behind a cell of this style."""
        return self._colour_of(self._formats[style])

    def filled(self, style: int, colour: str | None) -> int:
        """The style that is `style` but for the colour behind the cell."""
        wanted = colour.upper() if colour else None
        return self._variant(style, "fillId", wanted, lambda item: self._colour_of(item) == wanted, lambda: self._fill(wanted))

    def dated(self, style: int) -> int:
        """The style that shows a day: `style` where its number format does, else the one with the short date."""
        if self._shows_days(int(self._formats[style].get("numFmtId", 0))):
            return style
        return self._variant(style, "numFmtId", DAY_FORMAT, lambda item: item.get("numFmtId") == DAY_FORMAT, lambda: DAY_FORMAT)

    def linked(self, style: int) -> int:
        """The style with the font of a link: blue and underlined; one that is underlined already stays."""
        font = deepcopy(self._fonts[int(self._formats[style].get("fontId", 0))])
        if font.find("{*}u") is not None:
            return style
        space = font.tag.rpartition("}")[0] + "}"
        for item in font.findall("{*}color"):
            font.remove(item)
        for name, attributes in (("u", {}), ("color", {"rgb": LINK})):
            before = IN_FONT[: IN_FONT.index(name)]
            place = next((at for at, item in enumerate(font) if item.tag.rpartition("}")[2] not in before), len(font))
            font.insert(place, font.makeelement(f"{space}{name}", attributes))
        known = next((at for at, item in enumerate(self._fonts) if _text(item) == _text(font)), None)
        key = str(len(self._fonts) if known is None else known)

        def make() -> str:
            return key if known is not None else self._added(self._fonts, font)

        return self._variant(style, "fontId", key, lambda item: item.get("fontId") == key, make)

    def changes(self) -> dict[str, bytes | None]:
        """The parts that change; none where every style was there."""
        if not self._grown:
            return {}
        if self._part is not None:
            return {self._part: serialised(self._root)}
        part = f"{posixpath.dirname(main_part(self._parts))}/styles.xml".lstrip("/")  # some readers know no other name
        _identifier, relations = connected(self._parts, main_part(self._parts), "styles", part)
        return {part: serialised(self._root)} | relations | typed(self._parts, {part: STYLES_TYPE})

    def _shows_days(self, number: int) -> bool:
        from openpyxl.styles.numbers import is_date_format

        own = next(
            (item.get("formatCode") for item in self._root.iterfind("{*}numFmts/{*}numFmt") if item.get("numFmtId") == str(number)), None
        )
        return bool(is_date_format(own or BUILT_IN_FORMATS.get(number)))

    def _colour_of(self, item: Any) -> str | None:
        return self._palette.of_fill(self._fills[int(item.get("fillId", 0))])

    def _variant(self, style: int, key: str, wanted: str | None, fits: Callable[[Any], bool], make: Callable[[], str]) -> int:
        """The style itself where it fits, the first that fits and is else the same, or a new one."""
        asked = (style, key, wanted)
        if asked not in self._found:
            own = self._formats[style]
            same = _without(own, key)
            candidates = (at for at, item in enumerate(self._formats) if fits(item) and _without(item, key) == same)
            self._found[asked] = style if fits(own) else next(candidates, -1)
        if self._found[asked] < 0:
            new = deepcopy(self._formats[style])
            new.set(key, make())
            new.set(APPLIES[key], "1")
            self._found[asked] = int(self._added(self._formats, new))
        return self._found[asked]

    def _fill(self, colour: str | None) -> str:
        """The number of the fill that is of one colour."""
        space = self._fills.tag.rpartition("}")[0] + "}"
        fill = self._fills.makeelement(f"{space}fill")
        pattern = fill.makeelement(f"{space}patternFill", {"patternType": "solid" if colour else "none"})
        if colour:
            pattern.append(pattern.makeelement(f"{space}fgColor", {"rgb": f"FF{colour[1:]}"}))
            pattern.append(pattern.makeelement(f"{space}bgColor", {"indexed": "64"}))
        fill.append(pattern)
        known = next((at for at, item in enumerate(self._fills) if _text(item) == _text(fill)), None)
        return self._added(self._fills, fill) if known is None else str(known)

    def _added(self, group: Any, new: Any) -> str:
        """The number of a new member of a group."""
        group.append(new)
        group.set("count", str(len(group)))
        self._grown = True
        return str(len(group) - 1)


APPLIES = {"fillId": "applyFill", "numFmtId": "applyNumberFormat", "fontId": "applyFont"}
IN_FONT = ("b", "i", "strike", "condense", "extend", "outline", "shadow", "u", "vertAlign", "sz", "color")  # in the order of the schema
LINK = "FF0563C1"


def _parsed(text: str) -> Any:
    from lxml import etree

    return etree.fromstring(text)


def _without(item: Any, key: str) -> tuple[object, ...]:
    """All that a style says beside one property."""
    kept = {name: value for name, value in item.attrib.items() if name not in {key, APPLIES[key]}}
    return frozenset(kept.items()), *(_text(child) for child in item)


def _text(element: Any) -> bytes:
    """An element as text, the same for the same content."""
    from lxml import etree

    data: bytes = etree.tostring(element, method="c14n", exclusive=True, with_tail=False)
    return data
