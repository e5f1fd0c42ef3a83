"""`check`: what a French accountant would say of the invoices of a workbook, all at once, each finding on its cell.

The company's settings come from the sheet « Entreprise », from `--company` or from `entreprise.toml` beside the workbook; the client's
kind from the client list. What is not known is guessed nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from xlbridge.causes import SUMS, told
from xlbridge.clients import ClientKind, Clients
from xlbridge.company import Company, find_company
from xlbridge.completion import COMPLETED, filled
from xlbridge.document import Document
from xlbridge.duplicates import Known, content_key, find, known_of
from xlbridge.errors import NotChecked, XlbridgeError
from xlbridge.findings import Cell, Check, Finding, Outcome, Report, Rule, Severity, blocking
from xlbridge.legacy.reader import Reading, read_workbook, unreadable
from xlbridge.legacy.refusal import SENTENCES
from xlbridge.legacy.rules import NO_INVOICE
from xlbridge.model import Invoice
from xlbridge.preparation import prepared
from xlbridge.rules.catalogue import Context, judge
from xlbridge.spelling import spaced_identifiers
from xlbridge.workbook.grid import Workbook, open_workbook
from xlbridge.workbook.seal_sheet import NO_CHANGE, read_seal
from xlbridge.workbook.template_rules import ORPHAN_LINES

OFFICIAL_SKIPPED = Rule(
    "DOC-092", Severity.WARNING, "Règles officielles non appliquées", "Les règles officielles n’ont pas pu être appliquées : {reason}",
    "complétez d’abord ce que les autres constats demandent, puis relancez le contrôle.", "",
)  # fmt: skip

DRAFT_NUMBER = "BROUILLON"
"""Stands for the number that a draft gets when it is issued, so that the rest can be judged."""
OF_SETTINGS = frozenset({COMPLETED.code, "FR-MEN-010"})
# What reading says of a cell, and the rule that says it of the same cell.
RULED = {
    "LEC-022": ("FR-DAT-012",), "LEC-026": ("FR-AVO-017",), "LEC-037": SUMS, "LEC-038": ("FR-MNT-043",), "LEC-082": ("FR-TVA-051",),
    "LEC-087": ("FR-MNT-034",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Examined:
    """The report of a workbook whose documents were judged one by one, and the documents, to be compared with each other: as the search
    knows them without their content, and as they were read."""

    report: Report
    known: tuple[Known, ...] = ()
    documents: tuple[Document, ...] = ()


def check(
    path: Path,
    *,
    at: date | None = None,
    official: bool = False,
    company: Path | None = None,
    clients: Clients | None = None,
    companions: Sequence[Path] = (),
    today: date | None = None,
) -> Report:
    """The report of one workbook, duplicates among its documents included.

    `at`: judge by the law of that day instead of each invoice's own; `official` adds the official sheets. Never raises on bad input: a
    file that cannot be read is a report whose check `read` did not run.
    """
    options: dict[str, Any] = {"at": at, "official": official, "company": company, "clients": clients}
    return compared([examine(path, companions=companions, today=today, **options)])[0]


def compared(examined: Sequence[Examined], issued: Sequence[Known] = ()) -> list[Report]:
    """The reports with what comparing the documents of all of them shows: the number, or the invoice, that is there twice.

    `issued`: those of a ledger; the one that stands in a sheet too, with the same number, date and amount, is no twin of itself.
    """
    found: list[list[Finding]] = [[] for _ in examined]
    places = [place for place, item in enumerate(examined) for _ in item.known]
    read = [document for item in examined for document in item.documents]
    known = [document for item in examined for document in item.known]
    own = {(item.number, item.issue_date, item.amount) for item in known}
    others = [item for item in issued if (item.number, item.issue_date, item.amount) not in own]
    for index, finding in find(known, others, content=lambda index: content_key(read[index].invoice)):
        found[places[index]].append(finding)
    return [_with(item.report, findings) for item, findings in zip(examined, found, strict=True)]


def _with(report: Report, findings: Sequence[Finding]) -> Report:
    failed = Check("rules", Outcome.NON_COMPLIANT)
    checks = tuple(failed if item.name == failed.name and blocking(findings) else item for item in report.checks)
    return replace(report, checks=checks, findings=(*report.findings, *findings)) if findings else report


def examine(path: Path, *, company: Path | None = None, companions: Sequence[Path] = (), **options: Any) -> Examined:
    """What `check` says of each document of a file by itself. `options`: those of `examine_workbook`. Never raises on bad input."""
    try:
        workbook = open_workbook(path)
        return examine_workbook(workbook, company=company, companions=companions, **options)
    except XlbridgeError as fault:
        return Examined(_unread(unreadable(path, fault)))


def examine_workbook(
    workbook: Workbook,
    *,
    at: date | None = None,
    official: bool = False,
    company: Path | None = None,
    clients: Clients | None = None,
    companions: Sequence[Path] = (),
    today: date | None = None,
    source: str | None = None,
    sealed: bool = False,
) -> Examined:
    """The same of a workbook that was read. `source`: what the file is called beside others, its name where that is enough; `sealed`: what
    is issued is for `verify` to judge, and only compared here.

    Raises XlbridgeError where details or settings cannot be read.
    """
    path = workbook.path
    reading = read_workbook(workbook, companions)
    settings = _company_of(workbook, path, company)
    if not reading.documents:
        sentence = SENTENCES.get(reading.reason or "", "")
        return Examined(Report(path.name, (Check("read", Outcome.COMPLIANT),), (*reading.findings, NO_INVOICE.found(sentence=sentence))))
    findings: list[Finding] = list(reading.findings)
    of_documents: list[Finding] = []
    known: list[Known] = []
    skipped, now = False, today or date.today()  # noqa: DTZ011
    others = _by_number(reading.documents)
    seal = read_seal(workbook)
    documents = tuple(document for document in reading.documents if not _is_orphan(document))
    findings += [finding for document in reading.documents if _is_orphan(document) for finding in document.findings]
    for document in documents:
        stated = filled(document, settings, clients)
        whole = prepared(stated)
        known.append(known_of(whole, source or path.name, with_content=False))
        if sealed and not document.is_draft:
            continue
        context = context_of(whole, settings, at or whole.invoice.issue_date or now, now, others)
        found = judge(whole.invoice, context, stated=stated.invoice)
        if official:
            extra, ran = _official(whole, found)
            found += extra
            skipped = skipped or not ran
        every = _in_one_family(whole.with_findings(*found, *spaced_identifiers(workbook, whole, found)).findings)
        if seal and seal.ledger and not document.is_draft:
            every = [_of_sealed(finding) for finding in every]
        of_documents += every
        findings += told(every)
    checks = _checks([*findings, *of_documents], official=official, skipped=skipped)
    report = Report(path.name, checks, tuple(_told_once(findings)))
    return Examined(report, tuple(known), documents)


def _of_sealed(finding: Finding) -> Finding:
    """What is found on a document in the register of a ledger, whose cells nobody changes any more."""
    return finding if finding.severity is Severity.NOTE else replace(finding, remedy=NO_CHANGE, proposal=None)


def _is_orphan(document: Document) -> bool:
    """Whether it is nothing but lines of no document, which are no invoice to be judged."""
    return any(finding.code == ORPHAN_LINES.code for finding in document.findings)


def _by_number(documents: Sequence[Document]) -> dict[str, Invoice | None]:
    """The invoices by number; None where several have the same: which of them another document names is then not known."""
    found: dict[str, Invoice | None] = {}
    for document in documents:
        if number := document.invoice.number:
            found[number] = None if number in found else document.invoice
    return found


def _in_one_family(findings: Sequence[Finding]) -> list[Finding]:
    """The findings without what reading said of a cell and a rule says there with its article."""
    ruled = {(finding.code, finding.cell) for finding in findings if finding.cell and finding.code.startswith("FR-")}
    return [item for item in findings if not any((code, item.cell) in ruled for code in RULED.get(item.code, ()))]


def _told_once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings without the repeats of what concerns the settings, or one cell (a heading), and so every document alike."""
    told: set[tuple[str, str, Cell | None]] = set()
    for finding in findings:
        key = finding.code, finding.message, None if finding.code in OF_SETTINGS else finding.cell
        if (finding.code not in OF_SETTINGS and finding.cell is None) or key not in told:
            yield finding
        told.add(key)


def context_of(
    document: Document, company: Company | None, day: date, today: date | None = None, others: Mapping[str, Invoice | None] | None = None
) -> Context:
    """What the settings and the client list say beside the invoice."""
    known: dict[str, Any] = {} if company is None else {
        "regime": company.vat_regime, "size": company.size, "activity": company.activity, "tax_point": company.tax_point,
        "sole_trader": company.sole_trader,
    }  # fmt: skip
    client = ClientKind(document.client_kind) if document.client_kind else None
    return Context(day=day, issued=not document.is_draft, client=client, today=today, unread=document.unread, others=others, **known)


def _company_of(workbook: Workbook, path: Path, explicit: Path | None) -> Company | None:
    from xlbridge.workbook import template

    own = template.template_company(workbook) if template.is_template(workbook) else None
    return own or find_company(path, explicit)


def _official(document: Document, found: Sequence[Finding]) -> tuple[list[Finding], bool]:
    """What the official sheets say of the document, and whether they ran: one that lacks what the XML needs cannot be judged."""
    from xlbridge.official.of_document import official_findings

    lacking = [finding for finding in blocking(found) if finding.code in {"FR-MEN-002", "FR-TVA-001", "FR-TVA-002", "FR-MNT-001"}]
    if lacking:
        return [OFFICIAL_SKIPPED.found(reason=lacking[0].message)], False
    try:
        invoice = document.invoice
        if document.is_draft and not invoice.number:
            invoice = invoice.model_copy(update={"number": DRAFT_NUMBER})
        return official_findings(invoice, french=invoice.seller.country == "FR"), True
    except (NotChecked, XlbridgeError) as fault:
        return [OFFICIAL_SKIPPED.found(reason=str(fault))], False


def _checks(findings: Sequence[Finding], *, official: bool, skipped: bool) -> tuple[Check, ...]:
    def outcome(of: Sequence[Finding]) -> Outcome:
        return Outcome.NON_COMPLIANT if blocking(of) else Outcome.COMPLIANT

    own = [finding for finding in findings if finding.code.startswith(("FR-", "LEC-"))]
    checks = [Check("read", Outcome.COMPLIANT), Check("rules", outcome(own))]
    if official:
        others = [finding for finding in findings if not finding.code.startswith(("FR-", "LEC-", "DOC-"))]
        checks.append(Check("official", Outcome.NOT_CHECKED if skipped and not blocking(others) else outcome(others)))
    return tuple(checks)


def _unread(reading: Reading) -> Report:
    findings = tuple(finding.weighing(Severity.WARNING) for finding in reading.findings)
    return Report(reading.path.name, (Check("read", Outcome.NOT_CHECKED),), findings)
