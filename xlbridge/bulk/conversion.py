"""One document from reading to a verified PDF in its place; and one file to its documents. Runs in a worker process.

Order: complete, prepare, presence, XML, schema and official rules, PDF, reading the PDF back, and only then the file under its name.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from xlbridge.bulk.plan import Job, distinct
from xlbridge.bulk.source import extract, whole_file
from xlbridge.causes import told
from xlbridge.clients import Clients
from xlbridge.company import Company, load_company
from xlbridge.completion import filled
from xlbridge.document import Document
from xlbridge.errors import CannotRender, NotChecked, UnreadableFile, XlbridgeError
from xlbridge.file_names import safe_name
from xlbridge.findings import Finding, Rule, Severity, blocking
from xlbridge.legacy.reader import Reading, read_workbook, unreadable
from xlbridge.model import Invoice
from xlbridge.model.profile import Profile
from xlbridge.preparation import as_copy, prepared, profile_for
from xlbridge.render.facturx import Attachment, Marks
from xlbridge.rules.presence import missing
from xlbridge.workbook.grid import open_workbook

CANNOT_RENDER = Rule("LEC-090", Severity.BLOCKING, "Document impossible à écrire", "{message}", "{remedy}")
NOT_CHECKED = Rule(
    "DOC-090", Severity.BLOCKING, "Vérification non faite", "Le document n’a pas pu être vérifié : {message}",
    "relancez la conversion ; un document non vérifié n’est pas mis en place.",
)  # fmt: skip
SAME_NAME = Rule(
    "LEC-089", Severity.WARNING, "Numéro en double",
    "Plusieurs documents du classeur portent le numéro « {number} » ; celui-ci s’appelle {name}.",
    "vérifiez la numérotation : un numéro ne sert qu’une fois.", "CGI, ann. II, art. 242 nonies A, I, 7°",
)  # fmt: skip


EMPTY_DELIVERY = "ApplicableHeaderTradeDelivery["


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file as read: its documents, what is attached to each PDF, and why it was refused."""

    reading: Reading
    attachments: tuple[Attachment | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """One document to convert, and the name of its PDF inside the output folder."""

    document: Document
    attachment: Attachment | None
    name: str
    company: Path | None
    clients: Path | None


def read_all(jobs: Sequence[Job]) -> list[FileRead]:
    """Read several files."""
    return [read_job(job) for job in jobs]


def read_job(job: Job) -> FileRead:
    """Read a file and cut out what travels with each of its documents. Never raises on bad input."""
    try:
        _company(job.company)
        _clients(job.clients)
        workbook = open_workbook(job.path)
        reading = read_workbook(workbook, job.companions)
        if len(reading.documents) == 1 and (whole := whole_file(job.path)):
            return FileRead(reading, (whole,))
        return FileRead(reading, tuple(extract(workbook, document) for document in reading.documents))
    except XlbridgeError as fault:
        return FileRead(unreadable(job.path, fault))


def orders(job: Job, read: FileRead) -> list[Order]:
    """The documents of a file with the names of their PDFs; a number that comes again gets a suffix and a finding."""
    documents = read.reading.documents
    stems = [safe_name(document.invoice.number or "sans-numero") for document in documents]
    result = []
    for document, attachment, stem, name in zip(documents, read.attachments, stems, distinct(stems), strict=True):
        if name != stem and document.invoice.number:
            doubled = SAME_NAME.found("number", "BT-1", number=document.invoice.number, name=f"{name}.pdf")
            result.append(Order(document.with_findings(doubled), attachment, f"{job.folder}/{name}.pdf", job.company, job.clients))
        else:
            result.append(Order(document, attachment, f"{job.folder}/{name}.pdf", job.company, job.clients))
    return result


def convert_all(chunk: Sequence[Order], out: Path, many: bool = False) -> list[dict[str, Any]]:
    """The records of several orders; each PDF that passes is in place when its record is returned.

    `many`: this process gets enough documents for the quick form of the rule sheets to pay from the first one on.
    """
    if many:
        _warm_up()
    return [convert_one(order, out) for order in chunk]


def convert_one(order: Order, out: Path) -> dict[str, Any]:
    """Convert one document: its JSON as read, with all findings, and `pdf`, `pdf_sha256`, `profile`, `written` (null if stopped)."""
    document = as_copy(prepared(filled(order.document, _company(order.company), _clients(order.clients))))
    invoice = document.invoice
    absent = missing(invoice)
    if absent:
        return _record(order, document.with_findings(*absent))
    profile = profile_for(invoice)
    invoice = invoice.model_copy(update={"specification": profile.value})
    try:
        made, findings = _verified_pdf(invoice, profile, order)
    except CannotRender as fault:
        made, findings = None, [CANNOT_RENDER.found(message=fault.message, remedy=fault.remedy)]
    except (NotChecked, UnreadableFile) as fault:
        made, findings = None, [NOT_CHECKED.found(message=fault.message)]
    document = document.with_findings(*findings)
    if made is None:
        return _record(order, document)
    _put_in_place(made.pdf, out / order.name)
    return _record(order, document, made, profile)


@dataclass(frozen=True, slots=True)
class Made:
    """A PDF that passed, and the invoice that its XML gives back."""

    pdf: bytes
    again: Invoice


def _verified_pdf(invoice: Invoice, profile: Profile, order: Order) -> tuple[Made | None, list[Finding]]:
    """The PDF, or None where a rule or the reading back forbids it, with all findings."""
    from xlbridge.official.judge import judge
    from xlbridge.official.read_back import read_back
    from xlbridge.render import cii, facturx

    xml = cii.write(invoice, profile)
    findings = [_as_copy(finding) for finding in judge(xml, profile, french=invoice.seller.country == "FR", ours=True)]
    if blocking(findings):
        return None, findings
    logo = _logo(_company(order.company))
    rendered = facturx.build(
        invoice, xml, profile, marks=Marks(copy=True), logo=logo, attachments=[order.attachment] if order.attachment else []
    )
    again, differences = read_back(rendered.pdf, xml, invoice, profile)
    findings += [*rendered.findings, *differences]
    return (None if blocking(findings) else Made(rendered.pdf, again)), findings


def _as_copy(finding: Finding) -> Finding:
    """French rules are notes on a copy: it is no invoice, and the original may not be changed. So is the delivery group, which the
    schema wants even where there is nothing to put in it, and which a warning then calls empty."""
    is_note = finding.code.startswith("BR-FR") or EMPTY_DELIVERY in str(finding.values.get("xpath", "")).rpartition("/")[2]
    return finding.weighing(Severity.NOTE) if is_note and finding.severity is not Severity.NOTE else finding


def _put_in_place(pdf: bytes, target: Path) -> None:
    """Write beside the target and move over it: nobody sees half a file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    part.write_bytes(pdf)
    part.replace(target)


def stopped(order: Order, *findings: Finding) -> dict[str, Any]:
    """The record of a document that `findings` stopped before it could be prepared."""
    return _record(order, order.document.with_findings(*findings))


def _record(order: Order, document: Document, made: Made | None = None, profile: Profile | None = None) -> dict[str, Any]:
    """What the sheet said, what was found on the way, and what the PDF's XML says."""
    record = {**order.document.as_json(), "findings": [finding.as_json() for finding in told(document.findings)]}
    if made is None or profile is None:
        return {**record, "pdf": None, "pdf_sha256": None, "profile": None, "written": None}
    again = Document(made.again).as_json()
    written = {name: again[name] for name in ("totals", "vat_breakdown", "currency")}
    return {**record, "pdf": order.name, "pdf_sha256": hashlib.sha256(made.pdf).hexdigest(), "profile": profile.label, "written": written}


@cache
def _warm_up() -> None:
    """Compile the quick sheets of EN 16931 and France, once a process. Where they cannot be had, judging each document says so."""
    from xlbridge.official.judge import warm_up

    with suppress(NotChecked):
        warm_up()


@cache
def _company(path: Path | None) -> Company | None:
    return load_company(path) if path else None


@cache
def _clients(path: Path | None) -> Clients | None:
    from xlbridge.workbook.client_list import load_clients

    return load_clients(path) if path else None


@cache
def _logo(company: Company | None) -> bytes | None:
    """The logo's bytes; those of a file that cannot be read are no picture, which the page says in a finding."""
    if company is None or company.logo is None:
        return None
    try:
        return company.logo.read_bytes()
    except OSError as fault:
        return str(fault).encode()
