"""An older register comes into the ledger as it is: its numbers, gaps and duplicates are named, and nothing is repaired.

What is taken over is marked so (`taken_over`), with the cells it was read from. A new series goes on behind the last number.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from xlbridge.company import Company
from xlbridge.completion import is_other_seller
from xlbridge.document import Document
from xlbridge.errors import UnreadableFile, WrongUse
from xlbridge.findings import Cell, Finding, Rule, Severity, blocking
from xlbridge.ledger import chain
from xlbridge.ledger.continuing import first_free, fitting, parsed, series_continuing
from xlbridge.ledger.gaps import NUMBERING, Numbered, duplicates, gaps
from xlbridge.ledger.record import ISSUED, SPECIMEN, TAKEN_OVER, Place, Source, amount_text, document_content
from xlbridge.ledger.schema import DOCUMENTS
from xlbridge.ledger.seal import SigningKey
from xlbridge.ledger.series import Scope, Series, active, clash, form
from xlbridge.ledger.store import Ledger, series_of
from xlbridge.model import Invoice
from xlbridge.model.codes import CREDIT_NOTES, SELF_BILLED

NO_NUMBER = Rule(
    "FR-NUM-004", Severity.WARNING, "Document sans numéro", "Un document repris n’a pas de numéro.",
    "retrouvez son numéro sur l’original ; le registre est repris tel qu’il est.", NUMBERING,
)  # fmt: skip
PLAIN_DAY = date(2026, 12, 31)
Tick = Callable[[int, int, str], None]
Identity = tuple[str | None, ...]
Used = tuple[str | None, str | None]  # series, period


@dataclass(frozen=True)
class Past:
    """A document of an older register, and where it was read."""

    document: Document
    source: Source

    @property
    def invoice(self) -> Invoice:
        return self.document.invoice

    @property
    def cell(self) -> Cell | None:
        return self.document.origin.get("number") or next(iter(self.document.origin.values()), None)


@dataclass(frozen=True)
class Takeover:
    """What was taken over, or would be: the documents, how many the ledger had already, what is to be known, the series that go on."""

    taken: tuple[Past, ...] = ()
    known: int = 0
    findings: tuple[Finding, ...] = ()
    series: tuple[Series, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {
            "taken": len(self.taken),
            "known": self.known,
            "numbers": [past.invoice.number for past in self.taken],
            "series": [series.as_json() for series in self.series],
            "findings": [finding.as_json() for finding in self.findings],
        }


def read_past(paths: Sequence[Path], tick: Tick = lambda *_: None) -> tuple[list[Past], list[Finding]]:
    """The documents of older registers, drafts left out, and what was not understood of their files.

    Raises UnreadableFile for a file that cannot be read or holds no invoice.
    """
    from xlbridge.legacy.reader import read_workbook
    from xlbridge.workbook.grid import open_workbook

    found: list[Past] = []
    findings: list[Finding] = []
    for at, path in enumerate(paths):
        tick(at, len(paths), path.name)
        workbook = open_workbook(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        reading = read_workbook(workbook, paths)
        findings += [finding for finding in reading.findings if finding.severity is not Severity.NOTE]
        documents = [document for document in reading.documents if not document.is_draft]
        if not documents:
            raise UnreadableFile(
                f"« {path} » ne contient aucune facture émise.", f"Voyez ce qui en est compris : xlbridge read « {path.name} »."
            )
        for document in documents:
            cells = {}
            for name, cell in sorted(document.origin.items()):
                if cell.file == path.name:
                    cells[name] = (cell.sheet, cell.address, amount_text(workbook.at(cell)))
            found.append(Past(document, Source(path.name, cells=cells, sha256=digest)))
    return found, findings


def plan(ledger: Ledger, past: Sequence[Past]) -> Takeover:
    """What `take_over` would do now."""
    with ledger.reading() as connection:
        return _plan(connection, ledger, past)


def take_over(ledger: Ledger, key: SigningKey, past: Sequence[Past], tick: Tick = lambda *_: None) -> Takeover:
    """Write what the ledger does not have yet, and the series that go on, in one transaction: all of it or nothing."""
    with ledger.writing(key) as writer:
        planned = _plan(writer.connection, ledger, past)
        for at, item in enumerate(planned.taken):
            tick(at, len(planned.taken), item.source.name)
            content = document_content(item.invoice, TAKEN_OVER, Place(), item.source, {}, None)
            writer.append(chain.TAKEN_OVER, content)
        for series in planned.series:
            writer.append(chain.SERIES, series.as_json())
    return planned


def _plan(connection: Connection, ledger: Ledger, past: Sequence[Past]) -> Takeover:
    _refuse_other_sellers(ledger, past)
    new, known = _new(connection, past)
    rows = connection.execute(select(DOCUMENTS.c.number, DOCUMENTS.c.issue_date, DOCUMENTS.c.type_code, DOCUMENTS.c.origin)).all()
    there = [Numbered(row.number, _day(row.issue_date), row.type_code) for row in rows if row.number and row.origin != SPECIMEN]
    every = [*there, *(_numbered(item) for item in new if item.invoice.number)]
    findings = (
        *gaps(every),
        *duplicates(every),
        *(NO_NUMBER.found(cell=item.cell) for item in new if not item.invoice.number),
        *(finding for item in new for finding in blocking(item.document.findings)),
    )
    columns = DOCUMENTS.c
    counters = select(columns.series, columns.period, func.max(columns.counter)).where(columns.origin == ISSUED)
    used = {(name, period): last for name, period, last in connection.execute(counters.group_by(columns.series, columns.period))}
    series = tuple(_continuing(every, series_of(connection), used)) if new else ()
    return Takeover(tuple(new), known, findings, series)


def _numbered(item: Past) -> Numbered:
    return Numbered(item.invoice.number or "", item.invoice.issue_date, item.invoice.type_code, item.cell)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _refuse_other_sellers(ledger: Ledger, past: Sequence[Past]) -> None:
    owner = Company(name=ledger.identity.seller_name, siren=ledger.identity.seller_siren)
    for item in past:
        seller = item.invoice.seller
        if item.invoice.type_code not in SELF_BILLED and is_other_seller(seller, owner):
            where = f" ({item.cell})" if item.cell else ""
            called = seller.siren or f"« {seller.name or seller.vat_number} »"
            raise WrongUse(
                f"{item.invoice.number or 'Un document'}{where} est du vendeur {called}, et le registre est celui de {owner.siren}"
                f" (« {owner.name} »).",
                "Donnez par --ledger le registre de ce vendeur, ou retirez ce fichier ; si ce vendeur est le vôtre sous un autre nom, "
                "écrivez-y son SIREN. Rien n’a été repris.",
            )


def _new(connection: Connection, past: Sequence[Past]) -> tuple[list[Past], int]:
    """The documents that the ledger does not have. One that stands twice in a file is two documents; read again, it is none."""
    columns = [DOCUMENTS.c[name] for name in ("number", "issue_date", "type_code", "buyer_name", "currency", "gross", "content_key")]
    rows = connection.execute(select(*columns).where(DOCUMENTS.c.origin == TAKEN_OVER))
    had = Counter(tuple(row) for row in rows)
    issued = {tuple(row) for row in connection.execute(select(DOCUMENTS.c.number, DOCUMENTS.c.year).where(DOCUMENTS.c.origin == ISSUED))}
    met: dict[str | None, Counter[Identity]] = defaultdict(Counter)
    new: list[Past] = []
    for item in past:
        invoice = item.invoice
        if invoice.number and (invoice.number, invoice.issue_date.year if invoice.issue_date else None) in issued:
            continue
        identity = _identity(item)
        of_file = met[item.source.sha256]
        of_file[identity] += 1
        if of_file[identity] > had[identity]:
            had[identity] += 1
            new.append(item)
    return new, len(past) - len(new)


def _identity(item: Past) -> Identity:
    from xlbridge.duplicates import content_key

    invoice = item.invoice
    gross = invoice.totals.gross
    day = invoice.issue_date.isoformat() if invoice.issue_date else None
    return (
        invoice.number, day, invoice.type_code, invoice.buyer.name, invoice.currency, None if gross is None else str(gross),
        content_key(invoice),
    )  # fmt: skip


def _continuing(every: Sequence[Numbered], known: Sequence[Series], used: Mapping[Used, int]) -> Iterator[Series]:
    """A series for invoices and one for credit notes, or one for both where they share their numbers; none where one goes on by itself."""
    own = [item for item in every if item.type_code not in SELF_BILLED]
    credits_ = [item for item in own if item.type_code in CREDIT_NOTES]
    invoices = [item for item in own if item.type_code not in CREDIT_NOTES]
    made: list[Series] = []
    shared = bool(credits_ and invoices) and form(_series(invoices, Scope.INVOICES, "x", ())) == form(_series(credits_, Scope.ALL, "x", ()))
    parts = [(own, Scope.ALL)] if shared else [(invoices, Scope.INVOICES), (credits_, Scope.CREDIT_NOTES)]
    for items, scope in parts:
        if not items:
            continue
        scopes = set(Scope) if scope is Scope.ALL else {scope}
        before = [one for one in active(known) if one.scope in scopes and not one.specimen and one.principal is None]
        names = tuple(one.name for one in before)
        new = _series(items, scope, _free_name(scope, known), names)
        if any(_goes_on(one, new, used) for one in before):
            continue
        new = _apart(new, [*known, *made], items, every)
        made.append(new.checked())
    yield from made


def _series(items: Sequence[Numbered], scope: Scope, name: str, replaces: tuple[str, ...]) -> Series:
    return series_continuing([(item.number, item.day) for item in items], name=name, scope=scope, replaces=replaces)


def _apart(new: Series, known: Sequence[Series], items: Sequence[Numbered], every: Sequence[Numbered]) -> Series:
    """The series with a letter before its numbers where they would be taken for those of another one, and behind all those of `every` that
    have its form: older invoices may have had the one that credit notes still have."""
    candidates = (new, *(fitting(replace(new, prefix=f"{letter}{new.prefix}"), PLAIN_DAY) for letter in "FRSTVXZ"))
    found = next((one for one in candidates if not clash(one, known)), new)
    days = {item.day for item in items if item.day and (new.period(item.day) or None) == new.first_period}
    shape = found.prefix, found.year, found.month, found.separator
    alike = [item.number for item in every if item in items or ((of := parsed(item.number, item.day)) and of.shape == shape)]
    free = [first_free(found, alike, day) for day in days]
    return replace(found, first=max(found.first, *free)) if free else found


def _goes_on(one: Series, new: Series, used: Mapping[Used, int]) -> bool:
    """Whether an active series needs no successor: it has numbered in a form of its own, or its next number is behind all others."""
    if form(one) != form(new):
        return any(name == one.name for name, _ in used)
    period = new.first_period or ""
    return one.scope is new.scope and used.get((one.name, period), one.start(period) - 1) + 1 >= new.first


def _free_name(scope: Scope, known: Sequence[Series]) -> str:
    names = {series.name for series in known}
    stem = "avoirs-suite" if scope is Scope.CREDIT_NOTES else "factures-suite"
    return next(name for at in range(1, len(names) + 3) if (name := stem if at == 1 else f"{stem}-{at}") not in names)
