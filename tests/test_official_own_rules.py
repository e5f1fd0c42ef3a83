"""The check `xlbridge` of `validate`: our own rules on e-invoices of anybody, and its honest silence where it cannot run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import samples
from xlbridge.findings import Check, Finding, Outcome, Report, Severity
from xlbridge.model.profile import Profile
from xlbridge.official.validate import validate
from xlbridge.render import cii

RIGHT = cii.write(samples.invoice(lines=2), Profile.EN16931)
SAME_FIRM = ((samples.BUYER.siret or "", samples.SELLER.siret or ""), (samples.BUYER.siren or "", samples.SELLER.siren or ""))


def judged(tmp_path: Path, *changes: tuple[str, str]) -> Report:
    """The report of the right message in which each first text is replaced by the second."""
    text = RIGHT.decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "facture.xml"
    path.write_text(text, "utf-8")
    return validate(path)


def own(report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.code.startswith("FR-")]


def outcome(report: Report) -> Outcome:
    return next(check.outcome for check in report.checks if check.name == "xlbridge")


def test_a_right_message_has_nothing_above_a_note(tmp_path: Path) -> None:
    report = judged(tmp_path)
    assert Check("xlbridge", Outcome.COMPLIANT) in report.checks
    assert [finding for finding in own(report) if finding.severity is not Severity.NOTE] == []


def test_a_blocking_finding_of_ours_makes_the_file_wrong(tmp_path: Path) -> None:
    report = judged(tmp_path, *SAME_FIRM)
    assert outcome(report) is Outcome.NON_COMPLIANT
    assert report.outcome is Outcome.NON_COMPLIANT
    assert "FR-IDE-007" in {finding.code for finding in own(report)}


def test_a_foreign_seller_is_judged_by_what_holds_everywhere_and_never_blocked(tmp_path: Path) -> None:
    report = judged(tmp_path, ("<ram:CountryID>FR<", "<ram:CountryID>BE<"), *SAME_FIRM)
    found = own(report)
    assert {finding.code[:6] for finding in found} <= {"FR-IDE", "FR-MNT", "FR-DAT", "FR-REF"}
    assert {finding.severity for finding in found} <= {Severity.WARNING, Severity.NOTE}
    assert "FR-IDE-007" in {finding.code for finding in found}
    assert outcome(report) is Outcome.COMPLIANT


@pytest.mark.parametrize("text", ["20261001XX", "20261332", "----"])
def test_a_date_with_more_behind_it_is_no_date(tmp_path: Path, text: str) -> None:
    report = judged(tmp_path, (">20261001<", f">{text}<"))
    assert "FR-MEN-061" in {finding.code for finding in own(report)}
    assert report.outcome is Outcome.NON_COMPLIANT


def test_amounts_beyond_computing_are_not_checked(tmp_path: Path) -> None:
    report = judged(tmp_path, ("</ram:BilledQuantity>", f"{'9' * 60}</ram:BilledQuantity>"))
    assert outcome(report) is Outcome.NOT_CHECKED
    assert report.outcome is not Outcome.COMPLIANT


def test_a_message_of_the_wrong_namespace_is_not_checked(tmp_path: Path) -> None:
    report = judged(tmp_path, ("urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100", "urn:example:invoice"))
    assert outcome(report) is Outcome.NOT_CHECKED
    assert report.outcome is Outcome.NON_COMPLIANT  # the schema says so
    assert [finding.values["check"] for finding in report.findings if finding.code == "DOC-202"] == ["xlbridge"]


def test_our_check_never_covers_an_official_one_that_did_not_run(tmp_path: Path) -> None:
    report = judged(tmp_path, (f">{Profile.EN16931.value}<", ">urn:example:own-profile<"))
    assert outcome(report) is Outcome.COMPLIANT
    assert report.outcome is Outcome.NOT_CHECKED
    assert "FR-REF-050" in {finding.code for finding in own(report)}
