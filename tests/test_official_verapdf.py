"""The strict check: real veraPDF over our files and over files that are not PDF/A."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pytest

from tests import samples
from xlbridge.errors import NotChecked
from xlbridge.findings import Severity
from xlbridge.model.profile import Profile
from xlbridge.official import verapdf
from xlbridge.render.facturx import build


def changed(pdf: bytes, change: str) -> bytes:
    """`pdf` with one thing taken away."""
    with pikepdf.open(BytesIO(pdf)) as document:
        del document.Root[change]
        file = BytesIO()
        document.save(file)
        return file.getvalue()


@pytest.fixture(scope="module")
def good() -> bytes:
    return build(samples.invoice(1, 2), b"<x/>", Profile.EN16931).pdf


def test_it_is_available_with_the_extra_and_java() -> None:
    assert verapdf.available()


def test_our_file_conforms(good: bytes) -> None:
    assert verapdf.check(good) == []


@pytest.mark.parametrize(("entry", "rule"), [("/OutputIntents", "6.2.4.3-2"), ("/Metadata", "6.6.2.1-1"), ("/AF", "6.8-4")])
def test_each_broken_rule_is_one_finding_with_its_number(good: bytes, entry: str, rule: str) -> None:
    findings = verapdf.check(changed(good, entry))
    assert rule in {finding.values["rule"] for finding in findings}
    assert len({finding.values["rule"] for finding in findings}) == len(findings)
    for finding in findings:
        assert (finding.code, finding.severity) == ("DOC-PDFA", Severity.BLOCKING)
        assert finding.message.startswith(f"Le PDF ne respecte pas PDF/A-3b, règle {finding.values['rule']}, ")


@pytest.mark.parametrize("content", [b"", b"no pdf at all", b"%PDF-1.7\n%%EOF"], ids=["empty", "text", "hollow"])
def test_what_is_no_pdf_is_a_finding(content: bytes) -> None:
    findings = verapdf.check(content)
    assert [finding.code for finding in findings][:1] == ["DOC-PDFA"]


def test_a_missing_extra_is_not_checked_and_never_a_pass(good: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verapdf, "find_spec", lambda name: None)
    assert not verapdf.available()
    with pytest.raises(NotChecked, match=r"complément strict n’est pas installé.*xlbridge\[strict\]"):
        verapdf.check(good)


def test_missing_java_is_not_checked(good: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    import jpype

    def no_java() -> str:
        raise jpype.JVMNotFoundException

    monkeypatch.setattr(jpype, "isJVMStarted", lambda: False)
    monkeypatch.setattr(jpype, "getDefaultJVMPath", no_java)
    assert not verapdf.available()
    with pytest.raises(NotChecked, match="Java n’est pas installé"):
        verapdf.check(good)
