"""Every rule has a failing and a passing case, its message word for word, a source and a page; and the bases are right in every point."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.rule_cases import BASES, CASES, load
from xlbridge.findings import Severity
from xlbridge.rules.catalogue import Context, catalogue, findings_of, judge, of_several
from xlbridge.rules.pages import pages

CODES = sorted(catalogue())
OF_ONE = [code for code in CODES if catalogue()[code].judge is not of_several]  # the cases of the others: test_duplicates_cases
OF_A_WORKBOOK = re.compile(
    r"feuille|colonne|classeur|entreprise\.toml|« Entreprise »|ARRONDI|des clients|du client \(|vos |votre (?!plateforme)"
)


@pytest.mark.parametrize("code", OF_ONE)
def test_the_failing_case_is_told_word_for_word(code: str) -> None:
    invoice, context = load(CASES / code / "fail.toml")
    assert catalogue()[code].rule.binds(context.day), "the case lies outside the days of the rule"
    told = findings_of(catalogue()[code], invoice, context)
    assert told, "the failing case passes"
    assert "\n\n".join(map(str, told)) == (CASES / code / "message.txt").read_text("utf-8").strip()


@pytest.mark.parametrize("code", OF_ONE)
def test_the_passing_case_is_silent(code: str) -> None:
    invoice, context = load(CASES / code / "pass.toml")
    assert findings_of(catalogue()[code], invoice, context) == []


@pytest.mark.parametrize("code", CODES)
def test_every_rule_says_all_that_its_page_needs(code: str) -> None:
    item = catalogue()[code]
    rule = item.rule
    assert all((rule.title, rule.message, rule.remedy, rule.law, item.concerns, item.why))
    assert rule.message.endswith(".")
    assert rule.remedy[0].islower(), "the remedy follows « À faire : »"


@pytest.mark.parametrize("code", [code for code in CODES if catalogue()[code].elsewhere])
def test_the_remedy_in_somebody_elses_invoice_speaks_of_no_workbook(code: str) -> None:
    invoice, context = load(CASES / code / "fail.toml")
    for finding in findings_of(catalogue()[code], invoice, replace(context, own=False)):
        assert not OF_A_WORKBOOK.search(finding.remedy), finding.remedy


@pytest.mark.parametrize("base", BASES)
def test_the_bases_are_right(base: str) -> None:
    invoice = BASES[base]()
    cases = CASES / "bases" / f"{base}.toml"
    _, context = load(cases)
    told = [finding for finding in judge(invoice, context) if finding.severity is not Severity.NOTE]
    assert [str(finding) for finding in told] == []


def test_the_pages_are_those_of_the_catalogue() -> None:
    folder = Path(__file__).parents[1] / "docs" / "regles"
    written = {path.name: path.read_text("utf-8") for path in folder.iterdir()}
    assert written == pages(CASES), "python -m xlbridge.rules.pages docs/regles tests/cases writes them anew"


def test_no_folder_without_a_rule() -> None:
    folders = {path.name for path in CASES.iterdir() if path.is_dir()} - {"bases"}
    assert folders == set(CODES)


def test_an_empty_context_never_guesses() -> None:
    """Without settings no rule speaks of regime, size or kind of client."""
    invoice = BASES["b2b"]()
    assert invoice.issue_date is not None
    told = [finding for finding in judge(invoice, Context(day=invoice.issue_date)) if finding.severity is not Severity.NOTE]
    assert [finding.code for finding in told if not finding.code.startswith("FR-IDE-9")] == []


def test_numbers_and_dates_are_written_as_the_french_write_them() -> None:
    told = {path: re.sub(r"« [^»]* »|Texte : .*", "", path.read_text("utf-8")) for path in CASES.glob("*/*.txt")}  # but what a sheet says
    assert len(told) > 200
    assert {str(path): text for path, text in told.items() if re.search(r"\d\.\d|\d{4}-\d\d-\d\d", text)} == {}
