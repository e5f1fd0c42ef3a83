"""The colours of a closed workbook as `#RRGGBB`, however a file says them: by value, by theme and tint, by number (18.8.19, 18.8.27)."""

from __future__ import annotations

import colorsys
import re
import zipfile
from typing import Any

from xlbridge.workbook import container
from xlbridge.workbook.details_ooxml import related
from xlbridge.workbook.layers import main_part

THEME_ORDER = ("lt1", "dk1", "lt2", "dk2", *(f"accent{number}" for number in range(1, 7)), "hlink", "folHlink")
SHARE_OF_PATTERN = {  # of the foreground colour, by the names of 18.18.55
    "solid": 1.0, "darkGray": 0.75, "mediumGray": 0.5, "lightGray": 0.25, "gray125": 0.125, "gray0625": 0.0625,
}  # fmt: skip
HATCHED = 0.5
SYSTEM_COLOURS = {"window": "FFFFFF", "windowText": "000000"}  # where a theme does not say what they were when it was made (20.1.2.3.33)
HEX = re.compile("[0-9A-Fa-f]{6}")
WHITE, BLACK = "#FFFFFF", "#000000"


class Palette:
    """What the colour elements of one workbook stand for. `styles`: the root of its styles."""

    def __init__(self, parts: zipfile.ZipFile, styles: Any) -> None:
        """Read the theme; the colours by number are read when the first is met."""
        theme = related(parts, main_part(parts), "theme")
        scheme = container.tree(parts, theme[0]).find(".//{*}clrScheme") if theme else None
        self._theme: dict[str, str] = {}
        for item in scheme if scheme is not None else ():
            value = item[0].get("lastClr") or item[0].get("val") or "" if len(item) else ""
            value = SYSTEM_COLOURS.get(value, value)
            if HEX.fullmatch(value):
                self._theme[item.tag.rpartition("}")[2]] = f"#{value.upper()}"
        self._own = [item.get("rgb") for item in styles.iterfind(".//{*}indexedColors/{*}rgbColor")]

    def of_fill(self, fill: Any) -> str | None:
        """The colour behind a cell with this fill element; a pattern or a run of colours gives the colour that is seen from afar."""
        pattern = fill.find("{*}patternFill")
        if pattern is None:
            stops = [self._of(stop.find("{*}color"), WHITE) for stop in fill.iter("{*}stop")]
            return _mixed({stop: stops.count(stop) / len(stops) for stop in stops}) if stops else None
        kind = pattern.get("patternType", "none")
        if kind == "none":
            return None
        share = SHARE_OF_PATTERN.get(kind, HATCHED)
        before = self._of(pattern.find("{*}fgColor"), BLACK if share < 1 else WHITE)
        if share == 1:
            return before
        behind = self._of(pattern.find("{*}bgColor"), WHITE)
        return before if before == behind else _mixed({before: share, behind: 1 - share})

    def _of(self, element: Any, automatic: str) -> str:
        """The colour that an element says, with its tint."""
        if element is None:
            return automatic
        value = automatic
        if element.get("rgb"):
            value = f"#{element.get('rgb')[-6:].upper()}"
        elif element.get("theme"):
            number = int(element.get("theme"))
            value = self._theme.get(THEME_ORDER[number], automatic) if number < len(THEME_ORDER) else automatic
        elif element.get("indexed"):
            value = self._numbered(int(element.get("indexed")), automatic)
        return _tinted(value, float(element.get("tint", 0)))

    def _numbered(self, number: int, automatic: str) -> str:
        from openpyxl.styles.colors import COLOR_INDEX

        known = self._own or COLOR_INDEX
        return f"#{known[number][-6:].upper()}" if number < min(len(known), 64) else automatic


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _coded(channels: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(channel * 255):02X}" for channel in channels)


def _tinted(colour: str, tint: float) -> str:
    """A colour made darker (below 0) or lighter (18.8.19, `tint`).

    >>> _tinted("#4472C4", 0), _tinted("#FFFFFF", -0.5)
    ('#4472C4', '#808080')
    """
    if not tint:
        return colour
    hue, light, saturation = colorsys.rgb_to_hls(*_channels(colour))
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    return _coded(colorsys.hls_to_rgb(hue, light, saturation))


def _mixed(shares: dict[str, float]) -> str:
    red, green, blue = (sum(_channels(colour)[at] * share for colour, share in shares.items()) for at in range(3))
    return _coded((red, green, blue))
