from __future__ import annotations

import pytest

from tests import samples
from xlbridge.errors import NotChecked
from xlbridge.findings import Severity, blocking
from xlbridge.model.profile import Profile
from xlbridge.official.engine import Engine
from xlbridge.official.judge import judge, warm_up
from xlbridge.official.message import Syntax, read_message
from xlbridge.official.ruleset import Sheet, french_sheet, rule_file, ruleset
from xlbridge.render import cii

RIGHT = cii.write(samples.invoice(lines=2), Profile.EN16931)


def changed(old: str, new: str) -> bytes:
    """The right message with one text replaced, which must be there."""
    assert old.encode() in RIGHT
    return RIGHT.replace(old.encode(), new.encode())


def test_a_right_invoice_has_no_blocking_finding() -> None:
    assert blocking(judge(RIGHT, Profile.EN16931, french=True, ours=True)) == []


def test_a_broken_total_is_told_in_the_official_words() -> None:
    gross = str(samples.invoice(lines=2).totals.gross)
    wrong = changed(f"<ram:GrandTotalAmount>{gross}<", "<ram:GrandTotalAmount>1.00<")
    finding = next(finding for finding in judge(wrong, Profile.EN16931, french=False, ours=True) if finding.code == "BR-CO-15")
    assert finding.severity is Severity.BLOCKING
    assert finding.term == "BT-112"
    assert finding.message.startswith("[BR-CO-15]-Invoice total amount with VAT (BT-112) = ")
    assert "SpecifiedTradeSettlementHeaderMonetarySummation" in finding.values["xpath"]


def test_french_rules_run_only_when_asked() -> None:
    wrong = changed("<ram:SubjectCode>PMT<", "<ram:SubjectCode>REG<")
    assert blocking(judge(wrong, Profile.EN16931, french=False, ours=True)) == []
    (finding,) = blocking(judge(wrong, Profile.EN16931, french=True, ours=True))
    assert finding.code == "BR-FR-05_BT-22_PMT"
    assert "1er septembre 2026" in finding.law
    assert "1er septembre 2027" in finding.law


def test_an_element_that_the_profile_does_not_use_is_a_fault_in_our_own_messages_only() -> None:
    unused = changed("<ram:ID>F2026-00001<", '<ram:ID schemeID="x">F2026-00001<')
    ours = judge(unused, Profile.EN16931, french=False, ours=True)
    others = judge(unused, Profile.EN16931, french=False, ours=False)
    assert [finding.code for finding in blocking(ours)] == ["FX-EN16931-REPORT"]
    assert [(finding.code, finding.severity) for finding in others if finding.code.endswith("REPORT")] == [
        ("FX-EN16931-REPORT", Severity.WARNING)
    ]


def test_the_schema_is_judged_first_and_told_without_namespaces() -> None:
    wrong = changed("<ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>", "")
    findings = judge(wrong, Profile.EN16931, french=False, ours=True)
    assert findings[0].code == "XSD"
    assert "InvoiceCurrencyCode" in findings[0].message
    assert "{" not in findings[0].message
    assert "BR-05" in {finding.code for finding in findings}


def test_what_the_engine_cannot_tell_is_not_checked(capfd: pytest.CaptureFixture[str]) -> None:
    net = str(samples.invoice(lines=2).totals.net)
    wrong = changed(f"<ram:TaxBasisTotalAmount>{net}<", "<ram:TaxBasisTotalAmount>beaucoup<")
    with pytest.raises(NotChecked, match="FX_EN16931"):
        judge(wrong, Profile.EN16931, french=False, ours=True)
    assert capfd.readouterr().err == ""


def test_the_rewritten_sheet_takes_over_after_some_messages() -> None:
    engine = Engine(rewrite_after=2)
    tree = read_message(RIGHT).tree
    for _ in range(2):
        engine.failures(Sheet.FX_BASIC_WL, tree)
    assert not engine._rewritten
    third = engine.failures(Sheet.FX_BASIC_WL, tree)
    assert set(engine._rewritten) == {Sheet.FX_BASIC_WL}
    assert third == Engine(rewrite_after=None).failures(Sheet.FX_BASIC_WL, tree)


def test_the_published_sheet_decides_when_the_rewritten_one_fails() -> None:
    engine = Engine(rewrite_after=0)
    engine.prepare(Sheet.FX_MINIMUM, rewrite=True)
    engine._rewritten[Sheet.FX_MINIMUM] = engine._compiler().compile_stylesheet(
        stylesheet_text='<xsl:stylesheet version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
        '<xsl:template match="/"><xsl:value-of select="error()"/></xsl:template></xsl:stylesheet>'
    )
    tree = read_message(RIGHT).tree
    assert engine.failures(Sheet.FX_MINIMUM, tree) == Engine(rewrite_after=None).failures(Sheet.FX_MINIMUM, tree) != []


def test_an_answer_that_is_no_report_is_not_checked() -> None:
    engine = Engine(rewrite_after=None)
    engine._published[Sheet.FX_MINIMUM] = engine._compiler().compile_stylesheet(
        stylesheet_text='<xsl:stylesheet version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
        '<xsl:template match="/"><fine/></xsl:template></xsl:stylesheet>'
    )
    with pytest.raises(NotChecked, match="Schematron"):
        engine.failures(Sheet.FX_MINIMUM, read_message(RIGHT).tree)


def test_extended_is_never_rewritten() -> None:
    engine = Engine(rewrite_after=0)
    assert engine._compile_rewritten(Sheet.FX_EXTENDED) is False


def test_warming_up_compiles_what_judging_uses() -> None:
    warm_up((Profile.BASIC_WL,), french=True, rewritten=False)
    warm_up((Profile.BASIC_WL,), french=True, rewritten=True)
    message = cii.write(samples.invoice(), Profile.BASIC_WL)
    assert blocking(judge(message, Profile.BASIC_WL, french=True, ours=True)) == []


@pytest.mark.parametrize("sheet", list(Sheet), ids=lambda sheet: sheet.name)
def test_every_sheet_is_installed(sheet: Sheet) -> None:
    assert sheet.path.is_file()
    assert sheet.source.startswith(("EN 16931", "XP Z12-012"))


@pytest.mark.parametrize("syntax", list(Syntax))
@pytest.mark.parametrize("profile", list(Profile))
def test_every_schema_is_installed(syntax: Syntax, profile: Profile) -> None:
    rules = ruleset(syntax, profile.value)
    if syntax is Syntax.CII:
        assert rules is not None
    if rules:
        assert rule_file(rules.xsd).is_file()
        assert rule_file(rules.pdf_xsd).is_file()
    assert french_sheet(syntax).path.is_file()


def test_a_missing_rule_file_is_not_checked() -> None:
    with pytest.raises(NotChecked, match="introuvables"):
        rule_file("facturx-maximum/*.xslt")
