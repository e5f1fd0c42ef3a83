"""The words for units in French sheets and their UN/ECE Recommendation 20 codes (BT-130); `data/units.toml` holds them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from xlbridge.folding import folded


def unit_code(word: str) -> str | None:
    """The code of the unit that `word` names, in singular or plural, or None where it is not known.

    >>> unit_code("Heures"), unit_code("m²"), unit_code("H."), unit_code("coudée")
    ('HUR', 'MTK', 'HUR', None)
    """
    name = folded(word)
    return _codes().get(name) or _codes().get(name.removesuffix("s"))


@cache
def _codes() -> dict[str, str]:
    table = tomllib.loads(files("xlbridge.data").joinpath("units.toml").read_text("utf-8"))
    return {folded(word): code for code, words in table.items() for word in words}
