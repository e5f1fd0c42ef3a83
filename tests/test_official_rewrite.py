from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import pytest
from lxml import etree

from tests import samples
from tests.corpus import CORPUS, needs_corpus
from tests.mutants import mutants
from xlbridge.errors import NotChecked
from xlbridge.model.profile import Profile
from xlbridge.official.engine import Engine
from xlbridge.official.message import Syntax, read_message
from xlbridge.official.rewrite import REWRITABLE, CannotRewrite, rewritten, split_union
from xlbridge.official.ruleset import Sheet, ruleset
from xlbridge.render import cii

PUBLISHED = Engine(rewrite_after=None)
REWRITTEN = Engine(rewrite_after=0)
MUTANTS = {
    Sheet.FX_EN16931: (Profile.EN16931, 100),
    Sheet.BR_FR_CII: (Profile.EN16931, 200),
    Sheet.FX_BASIC_WL: (Profile.BASIC_WL, 100),
    Sheet.FX_BASIC: (Profile.BASIC, 60),
    Sheet.CTC_CII: (Profile.EXTENDED_CTC_FR, 200),
    Sheet.FX_MINIMUM: (Profile.MINIMUM, 40),
}


def message(profile: Profile) -> bytes:
    """A right message that says it is of `profile`; those without a writer get the EN 16931 one under their name."""
    if profile is Profile.BASIC_WL:
        return cii.write(samples.invoice(), profile)
    return cii.write(samples.invoice(lines=3), Profile.EN16931).replace(
        f">{Profile.EN16931.value}<".encode(), f">{profile.value}<".encode()
    )


def answer(engine: Engine, sheet: Sheet, root: etree._Element) -> list[tuple[str, ...]] | str:
    """Every failure in full, in the order of the texts; or that the engine could not tell."""
    try:
        found = engine.failures(sheet, root)
    except NotChecked:
        return "not checked"
    return sorted((failure.code, failure.flag, str(failure.report), failure.location, failure.text) for failure in found)


def disagreements(sheet: Sheet, roots: Iterable[etree._Element]) -> tuple[list[str], int]:
    """The messages on which the two forms of `sheet` differ, and how many had failures to compare.

    Saxon may evaluate a variable that a rule does not need: then the published form raises where the rewritten one has failures to
    tell. It must have some: what one form cannot judge, the other must not pass.
    """
    different, with_failures = [], 0
    for root in roots:
        published, quick = answer(PUBLISHED, sheet, root), answer(REWRITTEN, sheet, root)
        with_failures += bool(published)
        if quick != published and not (published == "not checked" and quick):
            different.append(etree.tostring(root).decode())
    return different, with_failures


@pytest.mark.slow
@pytest.mark.parametrize("sheet", MUTANTS, ids=lambda sheet: sheet.name)
def test_both_forms_say_the_same_of_damaged_messages(sheet: Sheet) -> None:
    profile, count = MUTANTS[sheet]
    different, with_failures = disagreements(sheet, mutants(message(profile), count))
    assert different == []
    assert with_failures > count // 5
    assert sheet in REWRITTEN._rewritten, "the rewritten form was used"


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("sheet", MUTANTS, ids=lambda sheet: sheet.name)
def test_both_forms_say_the_same_of_thousands_of_damaged_messages(sheet: Sheet, seed: int) -> None:
    different, _ = disagreements(sheet, mutants(message(MUTANTS[sheet][0]), 1000, seed))
    assert different == []


def corpus_messages() -> list[tuple[Sheet, etree._Element]]:
    """The CII messages of the corpus with the sheets that judge them."""
    found = []
    with (CORPUS / "einvoices" / "manifest.csv").open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            path = CORPUS / "einvoices" / row["file"]
            if path.suffix == ".xml" and row["syntax"] == "CII":
                read = read_message(path.read_bytes())
                rules = ruleset(Syntax.CII, read.specification)
                found += [(sheet, read.tree) for sheet in (Sheet.BR_FR_CII, rules and rules.sheet) if sheet in REWRITABLE]
    return found


@needs_corpus
@pytest.mark.slow
def test_both_forms_say_the_same_of_the_corpus() -> None:
    messages = corpus_messages()
    assert len(messages) > 200
    assert [sheet for sheet, root in messages if disagreements(sheet, [root])[0]] == []


@pytest.mark.parametrize("sheet", sorted(REWRITABLE), ids=lambda sheet: sheet.name)
def test_a_rewritten_sheet_keeps_every_rule(sheet: Sheet) -> None:
    svrl = "{http://purl.oclc.org/dsdl/svrl}"
    before, after = etree.parse(sheet.path).getroot(), etree.fromstring(rewritten(sheet.path).encode())
    for tag in ("failed-assert", "successful-report"):
        assert len(list(after.iter(svrl + tag))) == len(list(before.iter(svrl + tag)))
    assert "document(" not in "".join(element.get("test", "") for element in after.iter("{http://www.w3.org/1999/XSL/Transform}*"))


def sheet_with(tmp_path: Path, rules: str, start: str = '<xsl:apply-templates select="/" mode="M1"/>') -> Path:
    """A sheet of one pattern in the shape that the compiler of Schematron gives."""
    path = tmp_path / "sheet.xslt"
    path.write_text(
        '<xsl:stylesheet version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
        f'<xsl:template match="/">{start}</xsl:template>{rules}'
        '<xsl:template match="@*|node()" mode="M1"><xsl:apply-templates select="*" mode="M1"/></xsl:template>'
        "</xsl:stylesheet>"
    )
    return path


def rule(match: str, body: str = '<xsl:apply-templates select="*" mode="M1"/>') -> str:
    return f'<xsl:template match="{match}" mode="M1">{body}</xsl:template>'


def test_the_contexts_are_selected_instead_of_walked_to(tmp_path: Path) -> None:
    text = rewritten(sheet_with(tmp_path, rule("a[b | c] | /d") + rule("e")))
    assert 'select="//a[b | c] | /d | //e" mode="M1"' in text
    assert text.count("apply-templates") == 1


def test_many_contexts_are_found_by_one_look_at_every_element(tmp_path: Path) -> None:
    sheet = sheet_with(tmp_path, "".join(rule(f"/a/b{number}") for number in range(21)))
    text = rewritten(sheet)
    assert 'select="//*" mode="M1"' in text
    assert text.count("apply-templates") == 1
    assert 'match="@*|node()"' in text, "what no rule matches is met in silence"
    sheet.write_text(sheet.read_text().replace('match="@*|node()"', 'match="text()"'))
    assert 'select="/a/b0 | /a/b1 | ' in rewritten(sheet)


@pytest.mark.parametrize(
    "rules",
    [
        rule("a/@b"),
        rule("a/text()"),
        rule("a", '<xsl:apply-templates select="b" mode="M1"/>'),
        rule("a", "<xsl:if test=\"document('x.xml')/y\"/>"),
        rule("a", "words<xsl:apply-templates select='*' mode='M1'/>more words"),
    ],
    ids=["attribute", "text", "walk", "document", "text between"],
)
def test_an_unexpected_sheet_is_not_rewritten(tmp_path: Path, rules: str) -> None:
    with pytest.raises(CannotRewrite):
        rewritten(sheet_with(tmp_path, rules))


def test_a_pattern_that_does_not_start_at_the_root_is_not_rewritten(tmp_path: Path) -> None:
    with pytest.raises(CannotRewrite, match="starts at"):
        rewritten(sheet_with(tmp_path, rule("a"), start='<xsl:apply-templates select="/a" mode="M1"/>'))


def test_split_union_leaves_predicates_and_quotes_whole() -> None:
    assert split_union("a[b | (c | d)] | e[. = '|'] | f") == ["a[b | (c | d)]", "e[. = '|']", "f"]
