"""A draft on its way: completed, prepared, judged by all rules, and written as it would be under the number that is next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from xlbridge.archive.retention import DECEMBER_31, kept_until
from xlbridge.causes import told
from xlbridge.checking import context_of
from xlbridge.company import Company
from xlbridge.completion import filled
from xlbridge.document import Document
from xlbridge.errors import CannotRender, NotChecked, WrongUse, XlbridgeError
from xlbridge.findings import Cell, Finding, Severity, blocking
from xlbridge.issuing import rules
from xlbridge.ledger.record import Source, amount_text
from xlbridge.model import Invoice, Note
from xlbridge.model.codes import ARCHIVE_ONLY
from xlbridge.preparation import prepared, profile_for
from xlbridge.rules.catalogue import judge as own_rules
from xlbridge.rules.presence import missing
from xlbridge.workbook.grid import Workbook
from xlbridge.workbook.register_rows import RegisterRows, register_rows, rows_as_json
from xlbridge.workbook.template import Entry
from xlbridge.workbook.template_rules import DRAFT

if TYPE_CHECKING:
    from xlbridge.render.facturx import Rendered

PROVISIONAL = "BROUILLON"
POSTDATED = "FR-DAT-001"  # a date to come would forbid every earlier one to the whole series, for ever


@dataclass(frozen=True)
class Draft:
    """One draft of a workbook, ready to be issued unless `findings` block it. Its invoice has no number yet."""

    entry: Entry
    document: Document
    findings: tuple[Finding, ...]
    workbook: Workbook
    logo: bytes | None = None
    company: Company | None = None

    @property
    def invoice(self) -> Invoice:
        return self.document.invoice

    @property
    def key(self) -> str:
        """How the user calls it."""
        return self.entry.key or "(sans repère)"

    @property
    def is_right(self) -> bool:
        """Whether nothing stops it."""
        return not blocking(self.findings)

    @property
    def place(self) -> Cell | None:
        """The cell of its key."""
        return next((finding.cell for finding in self.entry.document.findings if finding.code == DRAFT.code), None)

    def with_findings(self, *findings: Finding) -> Draft:
        """The draft with further findings, each on its cell, else on that of the draft's key."""
        placed = [self.document.placed(finding) for finding in findings]
        return replace(self, findings=tuple(told([*self.findings, *(finding.at(finding.cell or self.place) for finding in placed)])))

    def numbered(self, number: str, *, specimen: bool) -> Invoice:
        """The invoice under `number`; a specimen says in its XML that it is none (BAR = ARCHIVEONLY)."""
        invoice = self.invoice
        notes = invoice.notes
        if specimen:
            notes = (*(note for note in notes if note.subject_code != "BAR"), Note(text=ARCHIVE_ONLY, subject_code="BAR"))
        update = {"number": number, "notes": notes, "specification": profile_for(invoice).value}
        return invoice.model_copy(update=update)

    def register(self, invoice: Invoice) -> RegisterRows:
        """What will stand in the register sheets."""
        return register_rows(self.entry, invoice, self.workbook)

    @property
    def kept_until(self) -> date | None:
        """Until when the document has to be kept."""
        day = self.invoice.issue_date
        return kept_until(day, self.company.closing if self.company else DECEMBER_31) if day else None

    def source(self, rows: RegisterRows | None, book: str | None) -> Source:
        """Where the document comes from, with the text of every cell it was read from. `book`: see `SealSheet`."""
        cells = {}
        for path, cell in sorted(self.document.origin.items()):
            cells[path] = (cell.sheet, cell.address, amount_text(self.workbook.at(cell)))
        register = rows_as_json(rows) if rows else None
        return Source(self.workbook.path.name, self.entry.key, cells, register, book=book)


@dataclass(frozen=True)
class Made:
    """A document as it was written: the invoice with its number, its XML, and its page with the line of the proof."""

    invoice: Invoice
    proof: str
    xml: bytes
    page: Rendered


def read_draft(
    entry: Entry, workbook: Workbook, company: Company | None, today: date, others: Mapping[str, Invoice | None], logo: bytes | None
) -> Draft:
    """The draft with what the rules say of it. The official rules judge it when it is written, by `written`."""
    document = replace(prepared(filled(entry.document, company)), is_draft=False)
    named = document.invoice.model_copy(update={"number": PROVISIONAL})
    context = context_of(document, company, named.issue_date or today, today, others)
    found = own_rules(named, context, stated=entry.document.invoice.model_copy(update={"number": PROVISIONAL}))
    absent = missing(named)
    known = {finding.code for finding in found}
    whole = document.with_findings(*found, *(finding for finding in absent if finding.code not in known))
    kept = tuple(finding.weighing(Severity.BLOCKING) if finding.code == POSTDATED else finding for finding in whole.findings)
    draft = Draft(entry, document, tuple(told([finding for finding in kept if finding.code != DRAFT.code])), workbook, logo, company)
    return draft if named.lines else draft.with_findings(rules.NO_LINES.found("lines", "BG-25"))


def written(draft: Draft, number: str, proof: str, *, specimen: bool) -> tuple[Made | None, list[Finding]]:
    """The document under `number`, judged by schema, EN 16931 and BR-FR and read back; None where one of them says no."""
    from xlbridge.official.judge import judge
    from xlbridge.official.of_document import concerning
    from xlbridge.render import cii

    invoice = draft.numbered(number, specimen=specimen)
    profile = profile_for(invoice)
    try:
        xml = cii.write(invoice, profile)
        findings = judge(xml, profile, french=invoice.seller.country == "FR", ours=True)
        said = concerning(draft.invoice, xml, findings)  # a specimen no longer says there that it is for a consumer
        if blocking(said):
            return None, said
        made, more = drawn(draft, invoice, xml, proof, specimen=specimen)
    except CannotRender as fault:
        return None, [rules.CANNOT_WRITE.found(message=fault.message, remedy=fault.remedy)]
    except (NotChecked, XlbridgeError) as fault:
        if isinstance(fault, WrongUse):
            raise
        return None, [rules.NOT_CHECKED.found(message=fault.message)]
    return (None if blocking(more) else made), [*said, *more]


def again(draft: Draft, made: Made, number: str, proof: str, *, specimen: bool) -> tuple[Made | None, list[Finding]]:
    """The document under another number or behind another record. The verdict on its XML stands where nothing but the number differs
    (whose form the series guarantees); else it is judged again."""
    from xlbridge.render import cii

    if (made.invoice.number, made.proof) == (number, proof):
        return made, []
    invoice = draft.numbered(number, specimen=specimen)
    xml = cii.write(invoice, profile_for(invoice))
    if xml != made.xml.replace(f">{made.invoice.number}<".encode(), f">{number}<".encode()):
        return written(draft, number, proof, specimen=specimen)
    fresh, findings = drawn(draft, invoice, xml, proof, specimen=specimen)
    return (None if blocking(findings) else fresh), findings


def drawn(draft: Draft, invoice: Invoice, xml: bytes, proof: str, *, specimen: bool) -> tuple[Made, list[Finding]]:
    """The page with its XML, read back: what differs is a finding."""
    from xlbridge.official.read_back import read_back
    from xlbridge.render import facturx

    profile = profile_for(invoice)
    marks = facturx.Marks(specimen=specimen, proof=proof)
    page = facturx.build(invoice, xml, profile, marks=marks, logo=draft.logo)
    _, differences = read_back(page.pdf, xml, invoice, profile)
    return Made(invoice, proof, xml, page), [*page.findings, *differences]
