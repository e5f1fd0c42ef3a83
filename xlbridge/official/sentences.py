"""The official rules in French: a sentence and a remedy for each, and the French names of the terms of EN 16931.

The sheets of EN 16931 speak English to programmers. `data/official_fr.toml` says of each of their rules what is wrong and what to do,
in words of the trade; structural rules, which are hundreds of one form, go by patterns that name the term in French
(`data/terms_fr.toml`). The French rules (BR-FR) are French already and stay word for word. Code and official text are always kept.

>>> sentence_of("BR-02").message
'Le numéro de la facture (BT-1) manque.'
>>> name_of("BT-112")
'total TTC'
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from xlbridge.findings import Finding, Severity

OFFICIAL_TEXT = "Texte officiel : "
FRENCH_RULE_REMEDY = "corrigez cette donnée dans la feuille, dans « Clients » ou dans « Entreprise »."
_QUOTED = re.compile(r"'((?:\w+:|@)[\w.-]+)|Attribute (@\w+)'")


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a rule says in French. `terms`: those it blames, the first one before all; `present` where the facts choose among them:
    True blames the one that is stated (the rule forbids it), False the one that is not (the rule wants it)."""

    message: str
    remedy: str
    terms: tuple[str, ...] = ()
    present: bool | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A sentence for all rules whose code or text matches; `{what}` is the term by its name, `{detail}` the attribute in question."""

    codes: re.Pattern[str]
    text: re.Pattern[str]
    message: str
    remedy: str

    def fits(self, finding: Finding) -> bool:
        return self.codes.match(finding.code) is not None and self.text.search(finding.message) is not None


def explained(finding: Finding, *, own: bool = True) -> Finding:
    """An official finding in French, its official text on a second line; code and law are kept.

    `own`: the fault of the user's own sheet, and the remedy says what to do in it; else the sentence is the title too. BR-FR texts, which
    are French, are never touched.
    """
    if own:
        finding = replace(finding, follows=_causes_of(finding))
    if finding.code.startswith("BR-FR-"):
        written = sentence_of(finding.code)
        return replace(finding, remedy=written.remedy if written else FRENCH_RULE_REMEDY) if own else finding
    found = _sentence_for(finding)
    if found is None:
        return finding
    said = f"{found.message}\n{OFFICIAL_TEXT}{finding.message}"
    if own:
        return replace(finding, message=said, remedy=found.remedy)
    what = "corrigez-le dans le logiciel qui a émis la facture." if finding.severity is Severity.BLOCKING else "rien d’urgent."
    return replace(finding, title=found.message.rstrip("."), message=said, remedy=what)


def sentence_of(code: str) -> Sentence | None:
    """The sentence written for the rule `code`; None where it goes by a pattern."""
    return _sentences().get(code)


def name_of(term: str | None) -> str | None:
    """The French name of a business term or group (`BT-44` → « nom du client »), or None where EN 16931 has no such term."""
    return _data("terms_fr.toml").get(term) if term else None


def _sentence_for(finding: Finding) -> Sentence | None:
    """The sentence of the rule, of the pattern that it follows, or of all rules of a known term."""
    written = _sentences().get(finding.code)
    if written is not None:
        return written
    pattern = next((pattern for pattern in _patterns() if pattern.fits(finding)), None)
    if pattern is None:
        return None
    quoted = _QUOTED.search(finding.message)
    item = (quoted[1] or quoted[2]) if quoted else ""
    name = name_of(finding.term)
    what = f"« {name} » ({finding.term})" if name else f"« {item} »" if item and not item.startswith("@") else ""
    facts = {"what": what or "ce que cite le texte officiel", "detail": _data("official_fr.toml")["attributes"].get(item, item)}
    return Sentence(pattern.message.format(**facts, code=finding.code), pattern.remedy.format(**facts))


@cache
def _sentences() -> Mapping[str, Sentence]:
    return {code: _sentence(entry) for code, entry in _data("official_fr.toml")["rules"].items()}


def _sentence(entry: Mapping[str, Any]) -> Sentence:
    choice = next((key for key in ("absent", "present") if key in entry), None)
    terms = entry[choice] if choice else [entry["term"]] if "term" in entry else []
    return Sentence(entry["message"], entry["remedy"], tuple(terms), None if choice is None else choice == "present")


@cache
def _patterns() -> tuple[Pattern, ...]:
    return tuple(
        Pattern(re.compile(entry.get("codes", "")), re.compile(entry.get("text", "")), entry["message"], entry["remedy"])
        for entry in _data("official_fr.toml")["patterns"]
    )


def _causes_of(finding: Finding) -> tuple[str, ...]:
    """The codes of the findings that say what this one says (see `xlbridge.causes`)."""
    fitting = (causes for codes, text, causes in _follows() if codes.match(finding.code) and text.search(finding.message))
    return tuple(code for causes in fitting for code in causes)


@cache
def _follows() -> tuple[tuple[re.Pattern[str], re.Pattern[str], tuple[str, ...]], ...]:
    return tuple(
        (re.compile(entry["codes"]), re.compile(entry.get("text", "")), tuple(entry["of"]))
        for entry in _data("official_fr.toml")["follows"]
    )


@cache
def _data(name: str) -> dict[str, Any]:
    return tomllib.loads(files("xlbridge.data").joinpath(name).read_text("utf-8"))
