"""`validate`: judge any e-invoice, ours or not, by the official files and our own rules: CII, UBL, or the PDF that carries one.

Every check is named in the report with its outcome, and one that could not run is `not_checked`, never a pass. A file that cannot
be read raises UnreadableFile; `unreadable_report` is its report.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from xlbridge.errors import NotChecked, UnreadableFile, XlbridgeError, why
from xlbridge.findings import Check, Finding, Outcome, Report, Severity, blocking
from xlbridge.model.profile import Profile
from xlbridge.official.container import Container, read_container
from xlbridge.official.document_rules import (
    DID_NOT_RUN,
    NO_INVOICE,
    NO_RULES,
    NO_SPECIFICATION,
    NO_XML,
    NOT_CII,
    OBSOLETE,
    OTHER_USAGE,
    REFUSED_PROFILE,
    UNREADABLE,
    UNSUPPORTED_PROFILE,
)
from xlbridge.official.judge import is_empty_delivery, schema_findings, sheet_findings
from xlbridge.official.message import MAX_BYTES, Message, Syntax, read_message
from xlbridge.official.own_rules import own_findings
from xlbridge.official.ruleset import RuleSet, Sheet, french_sheet, ruleset
from xlbridge.official.sentences import explained
from xlbridge.official.trace import located


def validate(path: Path, *, strict: bool = False, ours: bool | None = None) -> Report:
    """Judge the e-invoice at `path`; `strict` adds PDF/A-3 by veraPDF; `ours` tells, instead of the PDF, that we wrote it.

    Raises UnreadableFile when the file is broken, locked, hostile or no e-invoice file at all.
    """
    report = _Running(path.name)
    data = _read(path)
    container = read_container(data) if _is_pdf(data) else None
    xml = _require_xml(data) if container is None else container.xml
    if xml is not None:
        message = read_message(xml)
        rules = ruleset(message.syntax, message.specification) if message.syntax else None
        if container is not None:
            _judge_container(report, container, message, rules)
            ours = container.ours if ours is None else ours
        _judge_message(report, message, rules, in_pdf=container is not None, ours=bool(ours))
    else:
        report.add("container", [NO_XML.found()])
    if strict and container is not None:
        _judge_pdfa(report, data)
    return report.done()


def unreadable_report(path: Path, error: XlbridgeError) -> Report:
    """The report of a file that `validate` could not read: nothing was checked, and one finding says why."""
    finding = UNREADABLE.found(reason=error.message, remedy=error.remedy)
    return Report(path.name, (Check("read", Outcome.NOT_CHECKED),), (finding,))


@dataclass(slots=True)
class _Running:
    """A report while its checks are being made."""

    file: str
    checks: list[Check] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def add(self, check: str, findings: list[Finding]) -> None:
        """Record that `check` was made, and what it found."""
        self.checks.append(Check(check, Outcome.NON_COMPLIANT if blocking(findings) else Outcome.COMPLIANT))
        self.findings += findings

    def skip(self, check: str, *findings: Finding) -> None:
        """Record that `check` was not made, and why."""
        self.checks.append(Check(check, Outcome.NOT_CHECKED))
        self.findings += findings

    def done(self) -> Report:
        return Report(self.file, tuple(self.checks), tuple(self.findings))


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UnreadableFile(
                "Le fichier dépasse 100 Mo.", "Une facture de plus de 100 Mo est refusée (BR-FR-19) : réduisez ses pièces jointes."
            )
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            f"Le fichier ne peut pas être ouvert : {why(error)}.", "Vérifiez son chemin et vos droits, ou fermez-le ailleurs."
        ) from error


def _is_pdf(data: bytes) -> bool:
    """Whether `data` is a PDF; like Acrobat, with up to a kilobyte of other things before its header."""
    return b"%PDF-" in data[:1024] and not _looks_like_xml(data)


def _looks_like_xml(data: bytes) -> bool:
    return data.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \r\n\t").startswith(b"<")


def _require_xml(data: bytes) -> bytes:
    """`data`, if it looks like XML in any encoding."""
    if not _looks_like_xml(data):
        raise UnreadableFile("Le fichier n’est ni un PDF ni un XML.", "Donnez une facture électronique : Factur-X (PDF), CII ou UBL (XML).")
    return data


def _judge_container(report: _Running, container: Container, message: Message, rules: RuleSet | None) -> None:
    """The container is judged as a Factur-X; that of an older or unknown standard is only described."""
    findings = container.findings(rules.profile if rules else None)
    if rules is None:
        report.skip("container", *(finding.weighing(Severity.WARNING) for finding in findings))
        return
    if message.syntax is not Syntax.CII:
        findings.append(NOT_CII.found(root=message.root_name))
    report.add("container", findings)


def _judge_message(report: _Running, message: Message, rules: RuleSet | None, *, in_pdf: bool, ours: bool) -> None:
    """Schema, the rules of the profile, the French ones, and our own."""
    if message.syntax is None:
        report.skip("profile", NO_INVOICE.found(root=message.root_name))
        return
    if rules is not None:
        xsd = rules.pdf_xsd if in_pdf else rules.xsd
        _check(report, "xsd", lambda: _in_french(schema_findings(message.tree, xsd), message))
        _check_sheet(report, rules.check, message, rules.sheet, ours=ours)
        report.findings += _profile_findings(message, rules)
    elif message.specification:
        report.skip("profile", NO_RULES.found(term="BT-24", specification=message.specification))
    else:
        report.skip("profile", NO_SPECIFICATION.found(term="BT-24"))
    if message.french or (rules and rules.french_rules):
        _check_sheet(report, "br-fr", message, french_sheet(message.syntax), ours=ours)
    _check(report, "xlbridge", lambda: own_findings(message))


def _profile_findings(message: Message, rules: RuleSet) -> list[Finding]:
    """What BT-24 itself calls for."""
    findings = []
    if rules.obsolete:
        findings.append(
            OBSOLETE.found(term="BT-24", specification=message.specification, profile=rules.profile.label, current=rules.profile.value)
        )
    if rules.usage_specification:
        findings.append(OTHER_USAGE.found(term="BT-24", specification=message.specification))
    if message.french and rules.profile is Profile.MINIMUM:
        findings.append(REFUSED_PROFILE.found(term="BT-24"))
    if message.french and rules.profile is Profile.BASIC:
        findings.append(UNSUPPORTED_PROFILE.found(term="BT-24"))
    return findings


def _check_sheet(report: _Running, check: str, message: Message, sheet: Sheet, *, ours: bool) -> None:
    _check(report, check, lambda: _in_french(sheet_findings(message, sheet, ours=ours), message))


def _in_french(findings: list[Finding], message: Message) -> list[Finding]:
    """The findings with their field (CII), in French and with the official text; not that of an element that the schema wants."""
    placed = located(findings, message.tree) if message.syntax is Syntax.CII else findings
    return [explained(finding, own=False) for finding in placed if not is_empty_delivery(finding)]


def _judge_pdfa(report: _Running, pdf: bytes) -> None:
    from xlbridge.official.verapdf import check

    _check(report, "pdfa", lambda: check(pdf))


def _check(report: _Running, name: str, findings: Callable[[], list[Finding]]) -> None:
    """Make the check `name`, or record that it did not run."""
    try:
        report.add(name, findings())
    except NotChecked as error:
        report.skip(name, _did_not_run(name, error))


def _did_not_run(check: str, error: NotChecked) -> Finding:
    return DID_NOT_RUN.found(
        check=check, reason=error.message, remedy=error.remedy or "la facture n’est pas déclarée conforme pour autant."
    )
