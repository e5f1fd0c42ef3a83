"""The texts the law wants on an invoice, as dated data: payment mentions (PMT, PMD, AAB) and reasons for bearing no VAT.

They live in `data/mentions.toml` and `data/exemptions.toml` with their sources; VAT law moves on 1 January 2027, so nothing here is a
constant of the program.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from xlbridge.folding import folded
from xlbridge.model import Note

PAYMENT_SUBJECTS = ("PMT", "PMD", "AAB")
FRANCHISE_CODE = "VATEX-FR-FRANCHISE"


@dataclass(frozen=True, slots=True)
class Mention:
    """One standard text; `client` is "professionnel" or "particulier"."""

    code: str
    client: str
    text: str
    law: str
    since: date | None = None
    until: date | None = None
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exemption:
    """One reason for bearing no VAT: category (BT-151), VATEX code (BT-121) and text (BT-120)."""

    label: str
    category: str
    code: str
    text: str
    law: str
    since: date | None = None
    until: date | None = None
    aliases: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def payment_mention(subject: str, day: date, consumer: bool = False) -> Note | None:
    """The standard text on `subject` for an invoice of `day`, or None where no law asked for one yet.

    >>> payment_mention("PMT", date(2012, 12, 31)) is None
    True
    """
    client = "particulier" if consumer else "professionnel"
    for mention in mentions():
        if (mention.code, mention.client) == (subject, client) and _binds(mention, day):
            return Note(text=mention.text, subject_code=subject)
    return None


def subjects_of(text: str) -> set[str]:
    """The subjects of PMT, PMD and AAB that a text without code speaks of.

    >>> sorted(subjects_of("Pas d’escompte. Pénalités de retard : 10 %."))
    ['AAB', 'PMD']
    """
    plain = folded(text)
    return {mention.code for mention in mentions() if any(word in plain for word in mention.keywords)}


def find_exemption(words: str, day: date | None = None) -> Exemption | None:
    """The exemption that `words` name by label, VATEX code, text or alias, in force on `day`; None when unknown.

    >>> find_exemption("autoliquidation btp").category, find_exemption("vatex-eu-ic").category, find_exemption("rien")
    ('AE', 'K', None)
    """
    wanted = folded(words)
    for exemption in exemptions():
        names = (exemption.label, exemption.text, *exemption.aliases)
        # Two exemptions may share a VATEX code: it names the first of them only when it is theirs alone.
        alone = sum(other.code == exemption.code for other in exemptions()) == 1
        if wanted in map(folded, (*names, exemption.code) if alone else names) and (day is None or _binds(exemption, day)):
            return exemption
    return None


def franchise() -> Exemption:
    """The exemption of a firm in « franchise en base » (CGI art. 293 B)."""
    return next(exemption for exemption in exemptions() if exemption.code == FRANCHISE_CODE)


@cache
def mentions() -> tuple[Mention, ...]:
    """Every dated text of `data/mentions.toml`."""
    return tuple(Mention(**{**entry, "keywords": tuple(entry.get("keywords", ()))}) for entry in _data("mentions.toml")["mention"])


@cache
def exemptions() -> tuple[Exemption, ...]:
    """Every exemption of `data/exemptions.toml`, in the order in which a list offers them."""
    return tuple(Exemption(**{**entry, "aliases": tuple(entry.get("aliases", ()))}) for entry in _data("exemptions.toml")["exemption"])


def _data(name: str) -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(files("xlbridge.data").joinpath(name).read_text("utf-8"))


def _binds(item: Mention | Exemption, day: date) -> bool:
    return (item.since is None or item.since <= day) and (item.until is None or day <= item.until)
