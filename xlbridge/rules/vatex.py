"""The codes of the reasons for charging no VAT (BT-121), from `data/vatex.toml`: their categories, their mention, what names them.

>>> named_by("Exonération de TVA, art. 261, 4, 4° a du CGI").code, named_by("TVA non applicable – art. 293 B").code
('VATEX-FR-CGI261-4', 'VATEX-FR-FRANCHISE')
>>> named_by("sans TVA") is None, known("vatex-eu-ic").categories, known("VATEX-FR-F") is None
(True, ('K',), True)
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from xlbridge.folding import folded

REVERSE_CHARGE = frozenset({"VATEX-EU-AE", "VATEX-FR-AE"})
# Codes whose mention is that of no other: a special scheme, the franchise, expenses passed on, a credit note without VAT.
OF_THEIR_OWN = frozenset(
    {"VATEX-FR-FRANCHISE", "VATEX-FR-CNWVAT", "VATEX-EU-79-C", "VATEX-EU-D", "VATEX-EU-F", "VATEX-EU-I", "VATEX-EU-J"}
)  # fmt: skip


class Reason(NamedTuple):
    """One code: the categories it goes with (none: any without VAT), the mention to print, and the folded words that name it."""

    code: str
    categories: tuple[str, ...]
    text: str
    names: tuple[str, ...]


def known(code: str) -> Reason | None:
    """The reason of `code`, its case aside (as the official rules read it), or None."""
    return reasons().get(code.upper())


@lru_cache(maxsize=2048)
def named_by(text: str) -> Reason | None:
    """The one reason that `text` names by its article or its words; None where it names none, or several."""
    words = f" {folded(text)} "
    found = [(name, reason) for name, reason in _names() if f" {name} " in words]
    longest = [reason for name, reason in found if not any(name != other and name in other for other, _ in found)]
    return longest[0] if len(set(longest)) == 1 else None


def agree(code: str, other: str) -> bool:
    """Whether two codes may stand for one reason: an article of the CGI and one of the directive may, two of the CGI may not."""
    if code == other or {code, other} <= REVERSE_CHARGE:
        return True
    one, two = reasons()[code], reasons()[other]
    if one.categories and two.categories and not set(one.categories) & set(two.categories):
        return False
    national = code.startswith("VATEX-FR-CGI") and other.startswith("VATEX-FR-CGI")
    return not (national or code in OF_THEIR_OWN or other in OF_THEIR_OWN)


@cache
def reasons() -> Mapping[str, Reason]:
    """Every reason by its code."""
    data = tomllib.loads(files("xlbridge.data").joinpath("vatex.toml").read_text("utf-8"))
    return {
        code: Reason(code, tuple(item.get("categories", ())), item["text"], tuple(item.get("names", ()))) for code, item in data.items()
    }


@cache
def _names() -> tuple[tuple[str, Reason], ...]:
    return tuple((name, reason) for reason in reasons().values() for name in reason.names)
