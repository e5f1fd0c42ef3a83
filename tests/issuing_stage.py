"""An office for tests of issuing: a workbook of drafts with its ledger and vault, drafts that are ready to be issued, and what must be
true of a ledger at any time."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import Connection, select

from tests import samples
from xlbridge.archive.vault import Vault
from xlbridge.company import Activity, Company, TaxPoint
from xlbridge.issuing.draft import Draft, read_draft
from xlbridge.issuing.places import Places
from xlbridge.issuing.run import Request, Run, issue
from xlbridge.issuing.session import Session, for_trial, opened
from xlbridge.issuing.steps import Watch, unwatched
from xlbridge.issuing.transaction import Issued, Options, Planned, issue_one, plan_one
from xlbridge.ledger import chain
from xlbridge.ledger.head import Head
from xlbridge.ledger.record import correction_rows, index_row
from xlbridge.ledger.schema import CORRECTIONS, DOCUMENTS, RECORDS
from xlbridge.ledger.seal import is_signed
from xlbridge.ledger.store import Clock, now, open_ledger
from xlbridge.model import Invoice
from xlbridge.official.container import read_container
from xlbridge.workbook.grid import open_workbook
from xlbridge.workbook.template import read_entries, template_company
from xlbridge.workbook.template_layout import DRAFTS
from xlbridge.workbook.template_writer import write_template

FIRST = date(2026, 11, 2)
TODAY = date(2026, 11, 24)
SELLER = samples.SELLER


def company() -> Company:
    address = SELLER.address
    assert address is not None
    return Company(
        name=SELLER.name or "", siren=SELLER.siren, siret=SELLER.siret, vat_number=SELLER.vat_number, legal_form="SAS", capital="10 000 €",
        trade_register=f"RCS Limoges {SELLER.siren}", address=address.line1, postcode=address.postcode, city=address.city,
        activity=Activity.SERVICES, tax_point=TaxPoint.PAYMENT, iban="FR7630006000011234567890189",
    )  # fmt: skip


def draft(seed: int = 0, day: date = FIRST, **changes: object) -> Invoice:
    return samples.invoice(seed, 3, number=None, issue_date=day, due_date=day + timedelta(days=30), **changes)


def read_ready(path: Path, seeds: Sequence[int]) -> list[Draft]:
    """Drafts of one day in a new workbook at `path`."""
    write_template(path, [draft(seed) for seed in seeds], company())
    workbook = open_workbook(path)
    owner = template_company(workbook)
    entries = [entry for entry in read_entries(workbook) if entry.sheet == DRAFTS]
    found = [read_draft(entry, workbook, owner, TODAY, {}, None) for entry in entries]
    assert len(found) == len(seeds)
    return found


def ready(path: Path, seeds: Sequence[int]) -> list[Planned]:
    """Drafts that all rules have judged: only their numbers are still to come."""
    drafts = read_ready(path, seeds)
    with for_trial(company()) as ledger:
        found = [plan_one(ledger, item, Options()) for item in drafts]
    assert all(item.made for item in found)
    return found


def issue_ready(places: Places, planned: Sequence[Planned], original: bytes, watch: Watch = unwatched, clock: Clock = now) -> list[Issued]:
    """Issue drafts in one session with the ledger at `places`."""
    assert places.ledger
    ledger = open_ledger(places.ledger, clock)
    try:
        with opened(ledger, places, watch) as session:
            return [issue_one(ledger, session.vault, session.key, item, original, Options(), watch) for item in planned]
    finally:
        ledger.close()


@dataclass
class Office:
    """A workbook with the places of its ledger, vault and key, in `folder`."""

    folder: Path
    places: Places
    name: str = "factures.xlsx"
    read: set[str] = field(default_factory=set)  # the PDFs whose content was compared

    @property
    def workbook(self) -> Path:
        return self.folder / self.name

    @property
    def vault(self) -> Path:
        assert self.places.archive
        return self.places.archive

    def write(self, *invoices: Invoice) -> None:
        write_template(self.workbook, invoices, company())

    def issue(self, *keys: str, path: Path | None = None, dry_run: bool = False, watch: Watch = unwatched, **options: object) -> Run:
        wanted = Options(**options)  # type: ignore[arg-type]
        request = Request(path or self.workbook, keys or None, dry_run, self.places, wanted)
        return issue(request, lambda planned: True, today=TODAY, watch=watch)

    def numbers(self) -> list[str]:
        assert self.places.ledger
        with open_ledger(self.places.ledger).reading() as connection:
            return list(connection.execute(select(DOCUMENTS.c.number).order_by(DOCUMENTS.c.seq)).scalars())

    def keys(self, sheet: str) -> list[str | None]:
        return [entry.key for entry in read_entries(open_workbook(self.workbook)) if entry.sheet == sheet]

    def issued(self) -> dict[tuple[str, str], str]:
        """The number of each draft (workbook, key), once it is certain that all is as it must be: before the next start, and after it."""
        assert self.places.ledger
        ledger = open_ledger(self.places.ledger)
        try:
            with ledger.reading() as connection:
                files = _files(connection)
            there = set(Vault(self.vault, ledger.identity.identifier).objects())
            assert files <= there  # a number always has its documents, even before anything is swept
            with opened(ledger, self.places) as session, ledger.reading() as connection:
                return self._checked(session, connection)
        finally:
            ledger.close()

    def _checked(self, session: Session, connection: Connection) -> dict[tuple[str, str], str]:
        links = list(chain.links(connection, RECORDS))
        check_chain(links, session.key.public)
        documents = [link for link in links if link.kind in chain.DOCUMENTS_OF]
        check_indexes(connection, documents)
        check_numbers(documents)
        assert set(session.vault.objects()) == _files(connection)
        assert session.vault.strangers() == []
        assert list((session.vault.folder / "en-attente").iterdir()) == []
        for link in documents:
            self._check_files(session.vault, link)
        head = Head.of_bytes(session.vault.read_head() or b"")
        assert head.is_signed
        assert (head.public, head.seq, head.hash, head.count) == (session.key.public, len(links), links[-1].hash, len(documents))
        contents = [link.content for link in documents]
        return {(item["source"]["workbook"], item["source"]["draft"]): item["invoice"]["number"] for item in contents}

    def _check_files(self, vault: Vault, link: chain.Link) -> None:
        files, number = link.content["files"], link.content["invoice"]["number"]
        data = {name: vault.get(files[name], suffix) for name, suffix in (("pdf", ".pdf"), ("xml", ".xml"), ("workbook", ".xlsx"))}
        if files["pdf"] not in self.read:
            assert read_container(data["pdf"]).xml == data["xml"]
            assert f">{number}<".encode() in data["xml"]
            self.read.add(files["pdf"])


def check_chain(links: Sequence[chain.Link], public: str) -> None:
    """Every record holds the hash of the one before and is signed; none is missing."""
    previous = chain.GENESIS
    for seq, link in enumerate(links, 1):
        data, body = link.data, link.body.encode()
        assert (link.seq, data["seq"], data["kind"], data["previous"]) == (seq, seq, link.kind, previous)
        assert hashlib.sha256(body).hexdigest() == link.hash
        assert is_signed(public, body, link.signature)
        previous = link.hash


def check_indexes(connection: Connection, documents: Sequence[chain.Link]) -> None:
    """The indexes say what the records say, no more and no less."""
    rows = [dict(row._mapping) for row in connection.execute(select(DOCUMENTS).order_by(DOCUMENTS.c.seq))]
    assert rows == [index_row(link) for link in documents]
    corrections = [dict(row._mapping) for row in connection.execute(select(CORRECTIONS).order_by(*CORRECTIONS.primary_key))]
    assert corrections == [row for link in documents for row in correction_rows(link)]


def check_numbers(documents: Sequence[chain.Link]) -> None:
    """Counters without gap, numbers without duplicate, every draft once."""
    counters: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for link in documents:
        counters[link.content["series"], link.content["period"]].append(link.content["counter"])
    assert all(found == list(range(1, len(found) + 1)) for found in counters.values())
    numbers = [link.content["invoice"]["number"] for link in documents]
    assert len(set(numbers)) == len(numbers)
    drafts = [(link.content["source"]["draft"], link.content["content_key"]) for link in documents]
    assert len(set(drafts)) == len(drafts)


def _files(connection: Connection) -> set[str]:
    columns = DOCUMENTS.c
    suffixes = ((columns.pdf, ".pdf"), (columns.xml, ".xml"), (columns.workbook, ".xlsx"))
    return {name + suffix for column, suffix in suffixes for name in connection.execute(select(column)).scalars()}
