"""Every rule that the sheets of BASIC WL and EN 16931 can raise is said in French: by a sentence of its own, or by a pattern."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

import pytest
from lxml import etree

from xlbridge.findings import Finding, Severity
from xlbridge.official.engine import Failure
from xlbridge.official.judge import _finding
from xlbridge.official.ruleset import Sheet
from xlbridge.official.sentences import FRENCH_RULE_REMEDY, OFFICIAL_TEXT, _data, explained, name_of, sentence_of
from xlbridge.render.cii_layout import places

SVRL = "{http://purl.oclc.org/dsdl/svrl}"
ATTRIBUTE = "{http://www.w3.org/1999/XSL/Transform}attribute"
RULES = _data("official_fr.toml")["rules"]
BY_HAND = re.compile(r"BR-\d+|BR-(CO|DEC|S|Z|E|AE|IC|G|O)-\d+|CII-SR-\d+|PEPPOL-.*")
BY_PATTERN = re.compile(r"FX-SCH-A-\d+|FX-[\w-]+-REPORT|BR-(AF|AG|B)-\d+")
BEYOND_THE_TEXT = {
    "BR-O-02": {"BT-48"},  # the official text writes BT-46 for the buyer's VAT number
    "BR-FR-CO-03_BT-3": {"BT-73", "BT-74"},  # it writes the group, BG-14
    "CII-SR-474": {"BT-128"},  # it writes the element
}
ENGLISH = re.compile(r"\b(the|shall|invoice|must|value|missing|amount|and|of|is|line|rule)\b", re.IGNORECASE)


@cache
def raised(sheet: Sheet) -> list[Finding]:
    """Every failure that the sheet can tell, as the finding that the judge would make of it."""
    findings = []
    for element in etree.parse(sheet.path).iter(f"{SVRL}failed-assert", f"{SVRL}successful-report"):
        given = {item.get("name"): item.text or "" for item in element.findall(ATTRIBUTE)}
        text = " ".join("".join(map(str, element.find(f"{SVRL}text").itertext())).split())
        report = element.tag.endswith("report")
        failure = Failure(element.get("id") or given.get("id", ""), given.get("flag", ""), report, "", text)
        findings.append(_finding(failure, sheet, ours=True))
    return findings


EVERY = [*raised(Sheet.FX_BASIC_WL), *raised(Sheet.FX_EN16931)]


def test_every_code_has_its_sentence_or_its_pattern() -> None:
    codes = {finding.code for finding in EVERY}
    assert len(codes) > 450
    for code in codes:
        assert (sentence_of(code) is not None) == (BY_HAND.fullmatch(code) is not None), code
        assert BY_HAND.fullmatch(code) or BY_PATTERN.fullmatch(code), code


def test_no_sentence_is_for_a_rule_that_does_not_exist() -> None:
    french = {finding.code for finding in raised(Sheet.BR_FR_CII)}
    assert RULES.keys() <= {finding.code for finding in EVERY} | french


def test_every_finding_is_explained_and_keeps_code_law_and_official_text() -> None:
    for finding in EVERY:
        said = explained(finding)
        french, official = said.message.split("\n")
        assert official == OFFICIAL_TEXT + finding.message
        assert (said.code, said.law, said.severity) == (finding.code, finding.law, finding.severity)
        assert french != finding.message
        assert said.remedy != finding.remedy, finding.code
        assert "{" not in french + said.remedy
        assert "  " not in french


@pytest.mark.parametrize("part", ["message", "remedy"])
def test_no_sentence_is_a_copy_of_another(part: str) -> None:
    doubled = [text for text, count in Counter(entry[part] for entry in RULES.values()).items() if count > 1]
    assert doubled == []


@pytest.mark.parametrize("code", RULES)
def test_a_sentence_is_french_and_says_which_term(code: str) -> None:
    message, remedy = RULES[code]["message"], RULES[code]["remedy"]
    assert message.endswith(".")
    assert remedy.endswith((".", "…"))
    assert message[0].isupper()
    assert remedy[0].islower()
    assert not ENGLISH.search(message + remedy)
    assert "'" not in message + remedy, "a typographic apostrophe"
    official = next((finding.message for finding in EVERY if finding.code == code), "")
    terms = set(re.findall(r"B[TG]-\d+", message))
    if official and (code.startswith("BR-") and code != "BR-CO-09"):
        assert terms, "a sentence names its term"
        assert terms <= set(re.findall(r"B[TG]-\d+", official)) | BEYOND_THE_TEXT.get(code, set()), (
            "the terms of a sentence are those of its rule"
        )


@pytest.mark.parametrize("code", RULES)
def test_the_blamed_terms_are_those_of_the_rule(code: str) -> None:
    sentence = sentence_of(code)
    assert sentence is not None
    official = " ".join(finding.message for finding in [*EVERY, *raised(Sheet.BR_FR_CII)] if finding.code == code)
    named = set(re.findall(r"B[TG]-\d+", official))
    assert set(sentence.terms) <= named | BEYOND_THE_TEXT.get(code, set())


def test_every_term_of_the_norm_has_a_french_name_of_its_own() -> None:
    terms = [f"BT-{number}" for number in range(1, 166) if number != 4] + [f"BG-{number}" for number in range(1, 33)]
    assert list(_data("terms_fr.toml")) == terms
    names = [name_of(term) for term in terms]
    assert len(set(names)) == len(names)
    assert not any(ENGLISH.search(name or "") for name in names)
    assert name_of("BT-4") is None
    assert name_of(None) is None


def test_every_term_that_the_message_can_carry_has_a_name() -> None:
    assert all(name_of(place.term) for place in places() if place.term)


def test_a_structural_rule_names_the_term_in_french() -> None:
    finding = next(item for item in EVERY if item.message == "Value of 'ram:CountryID' is not allowed.")
    bare = explained(finding).message.split("\n")[0]
    assert bare == "La donnée « ram:CountryID » n’est pas dans la liste des codes admis."
    placed = Finding(finding.code, finding.severity, finding.title, finding.message, term="BT-55", field="buyer.country")
    assert explained(placed).message.startswith("La donnée « pays du client » (BT-55) n’est pas dans la liste des codes admis.")


def test_french_rules_stay_word_for_word() -> None:
    for finding in raised(Sheet.BR_FR_CII):
        own, other = explained(finding), explained(finding, own=False)
        assert own.message == other.message == finding.message
        assert own.title == finding.title
        assert own.remedy == (RULES[finding.code]["remedy"] if finding.code in RULES else FRENCH_RULE_REMEDY)
        assert other == finding


def test_elsewhere_a_french_sentence_stands_before_the_official_text() -> None:
    for finding in EVERY:
        said = explained(finding, own=False)
        french, official = said.message.split("\n")
        assert official == OFFICIAL_TEXT + finding.message
        assert said.title == french.rstrip(".") != finding.title
        start = "corrigez-le dans le logiciel" if finding.severity is Severity.BLOCKING else "rien d’urgent"
        assert said.remedy.startswith(start)
        assert said.remedy.endswith(".")


def test_what_nobody_knows_stays_as_it_is() -> None:
    unknown = Finding("DOC-101", Severity.BLOCKING, "Titre", "Une phrase.", "un remède.")
    assert explained(unknown) == unknown
    assert explained(unknown, own=False) == unknown


def test_a_rule_of_another_sheet_is_said_with_its_term() -> None:
    other = Finding("BR-FREXT-CO-10", Severity.BLOCKING, "Titre", "[BR-FREXT-CO-10] Text", term="BT-106")
    said = explained(other).message
    assert said.startswith("La règle officielle BR-FREXT-CO-10 n’est pas respectée, sur « total HT des lignes » (BT-106).\n")
