"""The old workbooks read: their documents with file and cell, and which of them is the same document in another file."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xlbridge.document import Document
from xlbridge.errors import WrongUse, XlbridgeError
from xlbridge.findings import Cell, Finding, Severity
from xlbridge.folding import folded
from xlbridge.ledger.record import Source, amount_text
from xlbridge.ledger.takeover import Past
from xlbridge.legacy.reader import Reading, read_workbook, unreadable
from xlbridge.legacy.refusal import SENTENCES
from xlbridge.migrating import rules
from xlbridge.model import Invoice
from xlbridge.workbook import template
from xlbridge.workbook.grid import Workbook, open_workbook

Tick = Callable[[int, int, str], None]
UNREADABLE = "unreadable"


@dataclass(frozen=True, eq=False)
class Old:
    """A document of an old workbook, as the ledger takes it over (`past`)."""

    path: Path
    past: Past

    @property
    def document(self) -> Document:
        """The document as it was read."""
        return self.past.document

    @property
    def cell(self) -> Cell | None:
        """The cell of its number, else any of its cells."""
        return self.past.cell

    @property
    def name(self) -> str:
        """How a finding calls it."""
        return self.past.invoice.number or "Un document sans numéro"


@dataclass
class Sources:
    """All that was read: files with the reason of those that hold no invoice, documents, and what reading had to say."""

    reasons: dict[Path, str | None] = field(default_factory=dict)
    documents: list[Old] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def unreadable(self) -> list[Path]:
        """The files that could not be read."""
        return [path for path, reason in self.reasons.items() if reason == UNREADABLE]


def read_sources(paths: Sequence[Path], tick: Tick) -> Sources:
    """The documents of the old workbooks. Raises WrongUse for a workbook that is one of ours already."""
    sources = Sources()
    for at, path in enumerate(paths):
        tick(at, len(paths), path.name)
        try:
            workbook = open_workbook(path)
            reading = read_workbook(workbook, paths)
        except XlbridgeError as fault:
            reading = unreadable(path, fault)
            sources.reasons[path] = reading.reason
            sources.findings += reading.findings
            continue
        if template.is_template(workbook):
            raise WrongUse(
                f"« {path.name} » est déjà un classeur de facturation d’xlbridge.",
                "Continuez avec lui, ou ne donnez que d’anciens classeurs.",
            )
        sources.reasons[path] = reading.reason
        sources.findings += _told(reading)
        sources.documents += _documents(workbook, reading)
    return sources


def _told(reading: Reading) -> list[Finding]:
    """What reading says above a note, of the file and of its documents, and why it was refused."""
    every = [*reading.findings, *(finding for document in reading.documents for finding in document.findings)]
    told = [finding for finding in every if finding.severity is not Severity.NOTE]
    if reading.reason:
        told.append(rules.FILE_REFUSED.found(file=reading.path.name, reason=SENTENCES[reading.reason]))
    return told


def _documents(workbook: Workbook, reading: Reading) -> list[Old]:
    path = workbook.path
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    found = []
    for document in reading.documents:
        cells = {
            name: (cell.sheet, cell.address, amount_text(workbook.at(cell)))
            for name, cell in sorted(document.origin.items())
            if cell.file == path.name
        }
        found.append(Old(path, Past(document, Source(path.name, cells=cells, sha256=digest))))
    return found


def twins(documents: Sequence[Old]) -> dict[Old, Old]:
    """Each document that another file tells too → the one that says most of it: same number, day, kind and total, nothing against it.

    Two of one file are no twins: a register that has a document twice is told so.
    """
    same: dict[tuple[object, ...], list[Old]] = defaultdict(list)
    for old in documents:
        invoice = old.past.invoice
        if invoice.number and invoice.issue_date and invoice.totals.gross is not None:
            key = (folded(invoice.number), invoice.issue_date, invoice.is_credit_note, abs(invoice.totals.gross))
            same[key].append(old)
    found: dict[Old, Old] = {}
    for group in same.values():
        if len({old.path for old in group}) < len(group) or len(group) == 1 or _contradict([old.past.invoice for old in group]):
            continue
        best = max(group, key=lambda old: (len(old.past.invoice.lines), len(old.document.origin)))
        found |= {old: best for old in group if old is not best}
    return found


def _contradict(invoices: Sequence[Invoice]) -> bool:
    """Whether documents name other buyers, or other amounts before tax."""
    names = {folded(invoice.buyer.name) for invoice in invoices if invoice.buyer.name}
    sirens = {invoice.buyer.siren for invoice in invoices if invoice.buyer.siren}
    nets = {abs(invoice.totals.net) for invoice in invoices if invoice.totals.net is not None}
    return max(len(names), len(sirens), len(nets)) > 1
