"""One document issued: number, document, files and record in one transaction, so that a crash at any instant leaves all of them or none.

The order is fixed: lock → number → document under that number, verified → files in the vault, synced → record → commit → head. What is
in the vault and not in the ledger is swept at the next start; nothing is undone after the commit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

from xlbridge.archive.vault import Vault
from xlbridge.document import Document
from xlbridge.errors import WrongUse
from xlbridge.findings import Finding, Rule, blocking
from xlbridge.french import short_date
from xlbridge.issuing import rules
from xlbridge.issuing.draft import Draft, Made, again, written
from xlbridge.issuing.steps import Step, Watch, unwatched
from xlbridge.ledger import chain
from xlbridge.ledger.chain import Link
from xlbridge.ledger.record import ISSUED, SPECIMEN, TAKEN_OVER, Place, document_content
from xlbridge.ledger.schema import CORRECTIONS, DOCUMENTS
from xlbridge.ledger.seal import SigningKey
from xlbridge.ledger.series import MAX_LENGTH, Series, series_for
from xlbridge.ledger.store import Ledger, Writer, head_of, series_of
from xlbridge.model import Invoice
from xlbridge.model.codes import CREDIT_NOTES, RECTIFYING_INVOICES, SELF_BILLED
from xlbridge.model.money import ZERO
from xlbridge.rules.sums import written as money

Span = tuple[str | None, str | None]
"""A series and a period of it."""
NONE_BEFORE: Mapping[Span, int] = {}


@dataclass(frozen=True)
class Options:
    """How a run issues: the series by its name, or for practice (`specimen`), and from which workbook (`book`, see `SealSheet`)."""

    series: str | None = None
    specimen: bool = False
    book: str | None = None

    @property
    def origin(self) -> str:
        return SPECIMEN if self.specimen else ISSUED


@dataclass(frozen=True)
class Numbered:
    """The number that is next for a draft, and the line of the proof on its page."""

    series: Series
    place: Place
    number: str
    proof: str


@dataclass(frozen=True)
class Issued:
    """What came of a draft: its record and the SHA-256 of its files in the vault; or neither, and the findings that say why."""

    draft: Draft
    invoice: Invoice | None = None
    link: Link | None = None
    pdf: str | None = None
    xml: str | None = None


@dataclass(frozen=True)
class Planned:
    """A draft with the number that it would be given and the document as it would be; neither where something forbids it."""

    draft: Draft
    numbered: Numbered | None = None
    made: Made | None = None


def plan_one(ledger: Ledger, draft: Draft, options: Options, before: Mapping[Span, int] = NONE_BEFORE, watch: Watch = unwatched) -> Planned:
    """What issuing `draft` would do, after so many other drafts of each series and period. Takes no lock and leaves no trace."""
    with ledger.reading() as connection:
        found, faults = next_number(connection, ledger, draft, options, before)
    draft = draft.with_findings(*faults)
    if found is None or not draft.is_right:
        return Planned(draft)
    watch(Step.CHECKED)
    made, told = written(draft, found.number, found.proof, specimen=options.specimen)
    draft = draft.with_findings(*told)
    watch(Step.PREPARED)
    return Planned(draft, found, made) if made else Planned(draft)


def issue_one(
    ledger: Ledger, vault: Vault, key: SigningKey, planned: Planned, original: bytes, options: Options, watch: Watch = unwatched
) -> Issued:
    """Issue one planned draft. `original`: the workbook's bytes. The draft comes back with its findings where something forbids it.

    The slow part was done before the lock, under the number that was then next; in the lock only what changed meanwhile is done again.
    """
    draft, made = planned.draft, planned.made
    if made is None:
        return Issued(draft)
    with ledger.writing(key) as writer:
        watch(Step.LOCKED)
        found, faults = next_number(writer.connection, ledger, draft, options)
        if found is None or blocking(faults):
            return Issued(draft.with_findings(*faults))
        watch(Step.NUMBERED)
        final, told = again(draft, made, found.number, found.proof, specimen=options.specimen)
        if final is None:
            return Issued(draft.with_findings(*told))
        watch(Step.VERIFIED)
        files, marker = _kept(vault, final, original, watch)
        rows = None if options.specimen else draft.register(final.invoice)
        content = document_content(final.invoice, options.origin, found.place, draft.source(rows, options.book), files, draft.kept_until)
        link = writer.append(chain.DOCUMENT, content)
        watch(Step.RECORDED)
    watch(Step.COMMITTED)
    with ledger.writing(key) as writer:  # also the marker: another process may be sweeping
        vault.done(marker)
        watch(Step.UNMARKED)
        write_head(writer, vault)
    watch(Step.HEAD_WRITTEN)
    return Issued(draft, final.invoice, link, files["pdf"], files["xml"])


def write_head(writer: Writer, vault: Vault) -> None:
    """The head of the ledger into the vault; under the lock, so that an older one never replaces a newer one."""
    vault.write_head(head_of(writer.connection, writer.ledger).signed(writer.key).as_bytes)


def _kept(vault: Vault, made: Made, original: bytes, watch: Watch) -> tuple[dict[str, str], Path]:
    """The files in the vault, by their SHA-256, and the marker to remove after the commit."""
    parts = {"pdf": (made.page.pdf, ".pdf"), "xml": (made.xml, ".xml"), "workbook": (original, ".xlsx")}
    hashes = {name: hashlib.sha256(data).hexdigest() for name, (data, _) in parts.items()}
    marker = vault.begin([hashes[name] + parts[name][1] for name in parts])
    watch(Step.MARKED)
    for name, step in (("pdf", Step.PDF_KEPT), ("xml", Step.XML_KEPT), ("workbook", Step.WORKBOOK_KEPT)):
        vault.put(*parts[name])
        watch(step)
    return hashes, marker


def next_number(
    connection: Connection, ledger: Ledger, draft: Draft, options: Options, before: Mapping[Span, int] = NONE_BEFORE
) -> tuple[Numbered | None, list[Finding]]:
    """The number that `draft` would be given after those `before` it, and what forbids it; certain only under the lock."""
    invoice, day = draft.invoice, draft.invoice.issue_date
    if day is None:
        return None, []  # the rules have said so
    if already := _already_issued(connection, draft, options):
        return None, already
    findings = [*_seller(ledger, invoice), *_credit(connection, invoice)]
    try:
        series = series_for(invoice, series_of(connection), name=options.series, specimen=options.specimen)
    except WrongUse as fault:
        return None, [*findings, rules.NO_SERIES.found("number", "BT-1", message=fault.message, remedy=fault.remedy)]
    period = series.period(day)
    counter = next_counter(connection, series, period) + before.get((series.name, period), 0)
    number = series.number(counter, day)
    if len(number) > MAX_LENGTH:
        findings.append(rules.TOO_LONG.found("number", "BT-1", series=series.name, number=number))
    findings += _order(connection, series, day)
    taken = select(DOCUMENTS.c.seq).where(DOCUMENTS.c.number == number)  # of any year: what was taken over may lack its date
    if connection.execute(taken.limit(1)).first() is not None:
        findings.append(rules.NUMBER_TAKEN.found("number", "BT-1", number=number, series=series.name))
    proof = head_of(connection, ledger).short
    return Numbered(series, Place(series.name, period, counter), number, proof), findings


def next_counter(connection: Connection, series: Series, period: str) -> int:
    """The counter after the last one of the series in `period`."""
    columns = DOCUMENTS.c
    query = select(columns.counter).where(columns.series == series.name, columns.period == period).order_by(columns.counter.desc()).limit(1)
    last: int | None = connection.execute(query).scalar()
    return series.start(period) if last is None else last + 1


def _seller(ledger: Ledger, invoice: Invoice) -> list[Finding]:
    seller, owner = invoice.seller, ledger.identity
    if invoice.type_code in SELF_BILLED or (seller.siren or seller.vat_number or seller.name) == owner.seller_siren:
        return []
    return [rules.OTHER_SELLER.found("seller", "BT-30", seller=seller.siren or seller.name, owner=owner.seller_siren)]


def _already_issued(connection: Connection, draft: Draft, options: Options) -> list[Finding]:
    """The draft of the same key and content that was issued before."""
    row = issued_from(connection, draft) if not options.specimen else None
    if row is None:
        return []
    number, day, _seq = row
    return [rules.ALREADY_ISSUED.found("number", "BT-1", draft=draft.key, number=number, day=short_date(date.fromisoformat(day)))]


def issued_from(connection: Connection, draft: Draft) -> tuple[str, str, int] | None:
    """Number and date under which this very draft was issued, and its place in the ledger; None where it was not."""
    from xlbridge.duplicates import content_key

    columns = DOCUMENTS.c
    query = select(columns.number, columns.issue_date, columns.seq).where(
        columns.content_key == content_key(draft.invoice),
        columns.draft == draft.entry.key,
        columns.origin == ISSUED,
        columns.type_code == draft.invoice.type_code,  # a credit note may say what its invoice said
    )
    row = connection.execute(query).first()
    return None if row is None else (row.number, row.issue_date, row.seq)


def _order(connection: Connection, series: Series, day: date) -> list[Finding]:
    """A date before the last issued of the series, or before the number that it continues."""
    columns = DOCUMENTS.c
    dated = select(columns.number, columns.issue_date).where(columns.issue_date.is_not(None))
    latest = dated.order_by(columns.issue_date.desc(), columns.seq.desc()).limit(1)
    places = [columns.series == series.name]
    if series.continues:
        places.append((columns.number == series.continues) & (columns.origin == TAKEN_OVER))
    found = [row for place in places if (row := connection.execute(latest.where(place)).first())]
    last = max(found, key=lambda row: row.issue_date, default=None)
    if last is None or date.fromisoformat(last.issue_date) <= day:
        return []
    then = short_date(date.fromisoformat(last.issue_date))
    return [rules.BEFORE_THE_LAST.found("issue_date", "BT-2", day=short_date(day), last_number=last.number, last_day=then)]


def _credit(connection: Connection, invoice: Invoice) -> list[Finding]:
    """A credit above what is left of the invoices it names, and names that the ledger does not know or that cannot be meant."""
    corrects = invoice.is_credit_note or invoice.type_code in RECTIFYING_INVOICES
    numbers = [item.number for item in invoice.preceding_invoices] if corrects else []
    found: list[Finding] = []
    known: list[str] = []
    for at, number in enumerate(numbers):
        rows = connection.execute(select(DOCUMENTS).where(DOCUMENTS.c.number == number)).all()
        if rows:
            known.append(number)
        found += [
            rule.found(f"preceding_invoices[{at}].number", "BT-25", **values) for rule, values in _doubts(connection, invoice, number, rows)
        ]
    if invoice.is_credit_note and known:
        found += _excess(connection, invoice, known, [number for number in numbers if number not in known])
    return found


def _excess(connection: Connection, invoice: Invoice, known: Sequence[str], unknown: Sequence[str]) -> Iterator[Finding]:
    """A credit above what is left of the `known` originals. How much of it may fall to others, `unknown` to the ledger, nothing says."""
    left, credit = left_of(connection, known), invoice.totals.gross or ZERO
    if credit > left:
        rule = rules.PARTLY_UNKNOWN if unknown else rules.CREDIT_TOO_LARGE
        asked, rest = money(credit, invoice.currency), money(left, invoice.currency)
        names, others = ", ".join(known), ", ".join(unknown)
        yield rule.found("totals.gross", "BT-112", credit=asked, left=rest, originals=names, unknown=others)


def _doubts(connection: Connection, invoice: Invoice, number: str, rows: Sequence[Row[Any]]) -> Iterator[tuple[Rule, dict[str, Any]]]:
    """What is to be said of an original that `invoice` names; `rows`: the documents of that number."""
    from xlbridge.duplicates import known_of
    from xlbridge.duplicates.numbers import spelled

    if not rows:
        every = connection.execute(
            select(DOCUMENTS.c.number).where(DOCUMENTS.c.number.is_not(None), DOCUMENTS.c.origin != SPECIMEN)
        ).scalars()
        meant = next((other for other in every if spelled(other) == spelled(number)), None)
        yield (rules.MISSPELT_ORIGINAL, {"number": number, "meant": meant}) if meant else (rules.UNKNOWN_ORIGINAL, {"number": number})
        return
    if all(row.origin == SPECIMEN for row in rows):
        yield rules.NO_ORIGINAL, {"number": number, "kind": "un spécimen"}
    elif invoice.is_credit_note and all(row.origin == ISSUED and row.type_code in CREDIT_NOTES for row in rows):
        yield rules.NO_ORIGINAL, {"number": number, "kind": "un avoir"}
    elif known_of(Document(invoice), "").buyer not in {row.buyer_key for row in rows}:
        yield rules.OTHER_BUYER, {"number": number, "buyer": rows[0].buyer_name or "sans nom"}


def left_of(connection: Connection, numbers: Sequence[str]) -> Decimal:
    """What is left to be credited of the invoices `numbers` together: their totals less the credits that name one of them.

    An invoice that a rectifying one replaced has nothing left.
    """
    originals = connection.execute(select(DOCUMENTS.c.seq, DOCUMENTS.c.gross).where(DOCUMENTS.c.number.in_(numbers))).all()
    named = select(CORRECTIONS.c.seq).where(CORRECTIONS.c.number.in_(numbers))
    kinds = (*CREDIT_NOTES, *RECTIFYING_INVOICES)
    query = select(DOCUMENTS.c.type_code, DOCUMENTS.c.gross).where(
        DOCUMENTS.c.seq.in_(named), DOCUMENTS.c.origin == ISSUED, DOCUMENTS.c.type_code.in_(kinds)
    )
    left = sum((Decimal(row.gross) for row in originals if row.gross), ZERO)
    for row in connection.execute(query):
        if row.type_code in RECTIFYING_INVOICES:
            return ZERO
        left -= Decimal(row.gross or 0)
    return max(left, ZERO)
