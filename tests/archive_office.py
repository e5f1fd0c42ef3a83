"""A ledger with its vault and key for the tests: documents over two years, rendered as they are issued, on SQLite.

Eight are issued (two of them credit notes), one is a specimen and one was taken over from an older register.
The clock goes with the documents: each is sealed on its own day.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tests import samples
from tests.stores import sqlite_store
from xlbridge.archive.retention import kept_until
from xlbridge.archive.vault import Vault
from xlbridge.ledger import chain
from xlbridge.ledger.closings import close_past, write_closings
from xlbridge.ledger.record import ISSUED, SPECIMEN, TAKEN_OVER, Place, Source, document_content
from xlbridge.ledger.seal import SigningKey, create_key
from xlbridge.ledger.store import Ledger, create_ledger, head_of
from xlbridge.model import Invoice
from xlbridge.preparation import profile_for
from xlbridge.render import cii, facturx
from xlbridge.render.marks import Marks

WORKBOOK = b"PK\x03\x04 a workbook"
EVIL = '=HYPERLINK("http://example.invalid";"<b>Payer</b>")'


class Clock:
    """A clock that is set by hand."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment

    def set(self, day: date, hour: int = 9) -> None:
        self.moment = max(self.moment, datetime(day.year, day.month, day.day, hour, tzinfo=UTC))


@dataclass
class Office:
    """A ledger, its vault, its key and its clock."""

    ledger: Ledger
    vault: Vault
    key: SigningKey
    clock: Clock

    def issue(self, invoice: Invoice, *, origin: str = ISSUED, series: str = "factures", workbook: bytes = WORKBOOK) -> chain.Link:
        """Seal `invoice` with its files, as issuing does: the past is closed first, the head is written last."""
        assert invoice.issue_date
        self.clock.set(invoice.issue_date)
        invoice = invoice.model_copy(update={"specification": profile_for(invoice).value})
        xml = cii.write(invoice, profile_for(invoice))
        with self.ledger.writing(self.key) as writer:
            close_past(writer)
            proof = head_of(writer.connection, self.ledger).short
            page = facturx.build(invoice, xml, profile_for(invoice), marks=Marks(specimen=origin == SPECIMEN, proof=proof))
            stored = {
                name: self.vault.put(data, suffix)
                for name, data, suffix in (("pdf", page.pdf, ".pdf"), ("xml", xml, ".xml"), ("workbook", workbook, ".xlsx"))
            }
            place = Place(series, f"{invoice.issue_date:%Y}", int((invoice.number or "0")[-4:]))
            source = Source("facturier été.xlsx", f"B{place.counter}", {"number": ("Factures", "A2", f"B{place.counter}")})
            files = {name: item.sha256 for name, item in stored.items()}
            link = writer.append(chain.DOCUMENT, document_content(invoice, origin, place, source, files, kept_until(invoice.issue_date)))
        self.write_proofs()
        return link

    def take_over(self, invoice: Invoice) -> chain.Link:
        """Seal a document of an older register, without files."""
        with self.ledger.writing(self.key) as writer:
            until = kept_until(invoice.issue_date) if invoice.issue_date else None
            content = document_content(invoice, TAKEN_OVER, Place(), Source("ancien.xlsx"), {}, until)
            return writer.append(chain.TAKEN_OVER, content)

    def note(self, kind: str, content: dict[str, object]) -> chain.Link:
        """An event."""
        with self.ledger.writing(self.key) as writer:
            link = writer.append_event(kind, content)
        self.write_proofs()
        return link

    def close(self) -> None:
        """Seal the periods that are over."""
        with self.ledger.writing(self.key) as writer:
            close_past(writer)
        self.write_proofs()

    def write_proofs(self) -> None:
        """Head and closings into the vault."""
        with self.ledger.writing(self.key) as writer:
            write_closings(writer.connection, self.vault.write_file)
            self.vault.write_head(head_of(writer.connection, self.ledger).signed(self.key).as_bytes)


def empty_office(folder: Path, url: str | None = None) -> Office:
    """A ledger without documents, on SQLite or at `url`."""
    clock = Clock(datetime(2026, 11, 2, 8, tzinfo=UTC))
    siren = samples.SELLER.siren
    assert siren
    ledger, key = create_ledger(
        url or sqlite_store(folder).url,
        siren,
        samples.SELLER.name or "",
        lambda identifier: create_key(folder / "cle.pem", identifier),
        clock,
    )
    return Office(ledger, Vault.create(folder / "coffre", ledger.identity.identifier), key, clock)


def office(folder: Path) -> Office:
    """The ledger of this module's first sentence."""
    place = empty_office(folder)
    place.take_over(samples.invoice(90, number="VIEUX/7", issue_date=date(2026, 3, 4)))
    made = [
        place.issue(numbered(0, "F2026-0001", date(2026, 11, 3))),
        place.issue(numbered(1, "F2026-0002", date(2026, 11, 24), buyer=samples.BUYER.model_copy(update={"name": EVIL}))),
        place.issue(numbered(2, "A2026-0001", date(2026, 11, 24), type_code="381"), series="avoirs"),
        place.issue(numbered(3, "TEST2026-0001", date(2026, 11, 25)), origin=SPECIMEN, series="specimens"),
        place.issue(numbered(4, "F2026-0003", date(2026, 12, 31)), workbook=WORKBOOK + b" of December"),
        place.issue(numbered(5, "F2027-0001", date(2027, 1, 4))),
        place.issue(numbered(6, "A2027-0001", date(2027, 1, 5), type_code="381"), series="avoirs"),
        place.issue(numbered(7, "F2027-0002", date(2027, 2, 1))),
        place.issue(numbered(8, "F2027-0003", date(2027, 2, 2))),
    ]
    assert all(hashlib.sha256(link.body.encode()).hexdigest() == link.hash for link in made)
    place.note(chain.PAYMENT, {"document": made[0].seq, "amount": "12.00"})
    return place


def numbered(seed: int, number: str, day: date, **changes: object) -> Invoice:
    """A right invoice under `number`."""
    return samples.invoice(seed, lines=3, number=number, issue_date=day, due_date=day + timedelta(days=30), **changes)
