"""Ledgers for tests: made in a moment, with a key beside them, and documents sealed without their files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests import samples
from tests.stores import Store, sqlite_store
from xlbridge.document import Document
from xlbridge.findings import Cell
from xlbridge.ledger import chain
from xlbridge.ledger.chain import Link
from xlbridge.ledger.record import ISSUED, Place, Source, document_content
from xlbridge.ledger.seal import SigningKey, create_key
from xlbridge.ledger.store import Clock, Ledger, create_ledger
from xlbridge.ledger.takeover import Past
from xlbridge.model import Invoice

START = datetime(2026, 11, 24, 9, tzinfo=UTC)


def clock(start: datetime = START, step: timedelta = timedelta(seconds=1)) -> Clock:
    """A clock that goes on by `step` at each look."""
    moment = start - step

    def tick() -> datetime:
        nonlocal moment
        moment += step
        return moment

    return tick


def new_ledger(url: str, folder: Path, tick: Clock | None = None) -> tuple[Ledger, SigningKey]:
    """A ledger of the sample seller, with its key in `folder`."""
    siren, name = samples.SELLER.siren, samples.SELLER.name
    assert siren
    assert name
    return create_ledger(url, siren, name, lambda identifier: create_key(folder / "cle.pem", identifier), tick or clock())


def of_store(store: Store, folder: Path, tick: Clock | None = None) -> tuple[Ledger, SigningKey]:
    return new_ledger(store.url, folder, tick)


def in_file(folder: Path) -> tuple[Ledger, SigningKey]:
    """A ledger in an SQLite file of `folder`."""
    return of_store(sqlite_store(folder), folder)


def seal(ledger: Ledger, key: SigningKey, invoice: Invoice, counter: int | None = None, files: dict[str, str] | None = None) -> Link:
    """`invoice` sealed as issued; as counter `counter` of the invoices of 2026."""
    place = Place("factures", "2026", counter) if counter else Place()
    with ledger.writing(key) as writer:
        return writer.append(chain.DOCUMENT, document_content(invoice, ISSUED, place, Source("f.xlsx"), files or {}, None))


def past(*numbers: str | None, file: str = "ancien.xlsx", **changes: object) -> list[Past]:
    """Documents of an older register, a row each."""
    found = []
    for at, number in enumerate(numbers):
        invoice = samples.invoice(at, 1, number=number, **changes)
        cells = {"number": ("Ventes", f"A{at + 2}", number or "")}
        found.append(Past(Document(invoice, {"number": Cell(file, "Ventes", f"A{at + 2}")}), Source(file, cells=cells, sha256="ab" * 32)))
    return found
