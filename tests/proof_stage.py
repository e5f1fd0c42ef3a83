"""A small ledger with everything in it, on which the tests of the proof lay hands: invoices, a credit note, a specimen, one taken over,
closings of two months and of the year, events, and the vault."""

from __future__ import annotations

import atexit
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, select, text
from sqlalchemy.pool import NullPool

from tests import samples
from tests.stores import Store, sqlite_store
from xlbridge.archive.vault import Vault
from xlbridge.findings import Finding, Report, blocking
from xlbridge.ledger import chain
from xlbridge.ledger.chain import Link
from xlbridge.ledger.closings import close_past, write_closings
from xlbridge.ledger.record import ISSUED, SPECIMEN, TAKEN_OVER, Place, Source, correction_rows, document_content, index_row
from xlbridge.ledger.schema import APPEND_ONLY, CORRECTIONS, DOCUMENTS, EVENTS, LEDGER, RECORDS
from xlbridge.ledger.seal import SigningKey, create_key
from xlbridge.ledger.store import Ledger, create_ledger, head_of, open_ledger
from xlbridge.model import Invoice, PrecedingInvoice
from xlbridge.model.profile import Profile
from xlbridge.proof import verify
from xlbridge.render import cii, facturx

# (series, counter, when it was sealed): three months, so that two are closed, and a new year.
SCHEDULE: tuple[tuple[str, int, datetime], ...] = (
    ("factures", 1, datetime(2026, 10, 5, 9, tzinfo=UTC)),
    ("factures", 2, datetime(2026, 10, 12, 9, tzinfo=UTC)),
    ("specimens", 1, datetime(2026, 10, 13, 9, tzinfo=UTC)),
    ("factures", 3, datetime(2026, 11, 2, 9, tzinfo=UTC)),
    ("avoirs", 1, datetime(2026, 11, 20, 9, tzinfo=UTC)),
    ("factures", 4, datetime(2026, 12, 1, 9, tzinfo=UTC)),
    ("factures", 5, datetime(2026, 12, 20, 9, tzinfo=UTC)),
    ("factures", 1, datetime(2027, 1, 4, 9, tzinfo=UTC)),
)
PREFIXES = {"factures": "F", "avoirs": "A", "specimens": "TEST"}
END = datetime(2027, 1, 5, 9, tzinfo=UTC)
WORKBOOK = b"the workbook as it was" * 20


@dataclass
class Clock:
    """The time that the test says it is."""

    moment: datetime

    def __call__(self) -> datetime:
        return self.moment


@dataclass
class Stage:
    """A ledger, and what to do to it. `saved`: the rows of all tables as they were."""

    ledger: Ledger
    key: SigningKey
    vault: Vault
    clock: Clock
    engine: Engine
    saved: dict[str, list[dict[str, Any]]]

    @property
    def key_file(self) -> Path:
        return self.vault.folder.parent / "cle.pem"

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def verify(self, *, archive: bool = True, key: bool = True, workbook: Path | None = None, at: datetime = END) -> Report:
        folder = self.vault.folder if archive else None
        return verify(self.ledger.url, folder, workbook, key_place=self.key_file if key else None, clock=lambda: at)

    def found(self, **options: Any) -> list[Finding]:
        """What stops the ledger."""
        return blocking(self.verify(**options).findings)

    def codes(self, **options: Any) -> set[str]:
        return {finding.code for finding in self.found(**options)}

    def tampered(self, change: Callable[[Connection], None]) -> None:
        """Change the database behind the program's back."""
        with self.engine.begin() as connection:
            change(connection)

    def restored(self, *tables: Table) -> None:
        """Put tables back as they were; all of them where none is named."""
        with self.engine.begin() as connection:
            for table in tables or APPEND_ONLY:
                connection.execute(table.delete())
                if rows := self.saved[table.name]:
                    connection.execute(table.insert(), rows)

    def rows(self, table: Table) -> list[dict[str, Any]]:
        return [dict(row) for row in self.saved[table.name]]

    def links(self, table: Table = RECORDS) -> list[Link]:
        return [Link(**row) for row in self.rows(table)]

    def rewritten(self, links: Sequence[Link]) -> None:
        """Replace the main chain, and the tables that follow from it."""

        def change(connection: Connection) -> None:
            for table in (RECORDS, DOCUMENTS, CORRECTIONS):
                connection.execute(table.delete())
            for link in links:
                chain.append(connection, RECORDS, link)
                if link.kind in chain.DOCUMENTS_OF:
                    connection.execute(DOCUMENTS.insert().values(**index_row(link)))
                    if rows := correction_rows(link):
                        connection.execute(CORRECTIONS.insert(), rows)

        self.tampered(change)


def resealed(bodies: Sequence[dict[str, Any]], key: SigningKey) -> list[Link]:
    """A chain that is right in itself, made of changed bodies, by whoever holds `key`."""
    links: list[Link] = []
    for seq, data in enumerate(bodies, 1):
        previous = links[-1].hash if links else chain.GENESIS
        body = chain.canonical({**data, "seq": seq, "previous": previous})
        links.append(Link(seq, data["kind"], body.decode(), hashlib.sha256(body).hexdigest(), key.key_id, key.sign(body)))
    return links


@cache
def rendered() -> tuple[tuple[Invoice, bytes, bytes], ...]:
    """The documents with their XML and PDF, made once for all tests of a process."""
    made = []
    for seed, (series, counter, at) in enumerate(SCHEDULE):
        number = f"{PREFIXES[series]}{at:%Y}-{counter:04}"
        changes: dict[str, Any] = {"number": number, "issue_date": at.date(), "due_date": at.date()}
        if series == "avoirs":
            first = made[0][0]
            preceding = (PrecedingInvoice(number=first.number, issue_date=first.issue_date),)
            changes |= {"type_code": "381", "preceding_invoices": preceding, "due_date": None}
        invoice = samples.invoice(seed, 2, **changes)
        xml = cii.write(invoice, Profile.EN16931)
        made.append((invoice, xml, facturx.build(invoice, xml, Profile.EN16931).pdf))
    return tuple(made)


def staged(store: Store, folder: Path) -> Stage:
    """The ledger in `store`, with its vault and key in `folder`; its triggers are dropped. All are copies of one that was built once."""
    first = _first()
    shutil.copytree(first.vault.folder.parent, folder, dirs_exist_ok=True)
    if store.kind != "sqlite":
        empty, _ = create_ledger(store.url, "000000000", "x", lambda name: create_key(folder / "unused.pem", name), first.clock)
        empty.close()
    stage = _stage(store.url, folder, first.key)
    stage.saved.update(first.saved)
    if store.kind != "sqlite":
        stage.restored()
    return replace(stage, ledger=open_ledger(store.url, stage.clock))


@cache
def _first() -> Stage:
    folder = Path(tempfile.mkdtemp(prefix="xlbridge-proof-"))
    atexit.register(shutil.rmtree, folder)
    return built(sqlite_store(folder), folder)


def built(store: Store, folder: Path) -> Stage:
    """The ledger, made by the program itself."""
    clock = Clock(datetime(2026, 10, 1, 9, tzinfo=UTC))
    siren = samples.SELLER.siren or ""
    ledger, key = create_ledger(store.url, siren, "Ateliers Brindille SAS", lambda name: create_key(folder / "cle.pem", name), clock)
    vault = Vault.create(folder / "coffre", ledger.identity.identifier)
    with ledger.writing(key) as writer:
        old = samples.invoice(40, 1, number="2026/001")
        writer.append(chain.TAKEN_OVER, document_content(old, TAKEN_OVER, Place(), Source("ancien.xlsx"), {}, None))
    for (series, counter, at), (invoice, xml, pdf) in zip(SCHEDULE, rendered(), strict=True):
        clock.moment = at
        parts = {"pdf": (pdf, ".pdf"), "xml": (xml, ".xml"), "workbook": (WORKBOOK, ".xlsx")}
        files = {name: vault.put(*part).sha256 for name, part in parts.items()}
        origin = SPECIMEN if series == "specimens" else ISSUED
        content = document_content(invoice, origin, Place(series, f"{at:%Y}", counter), Source("factures.xlsx", f"B{counter}"), files, None)
        with ledger.writing(key) as writer:
            close_past(writer)
            writer.append(chain.DOCUMENT, content)
            writer.append_event(chain.PAYMENT, {"number": invoice.number, "amount": "10"})
    with ledger.writing(key) as writer:
        write_closings(writer.connection, vault.write_file)
        vault.write_head(head_of(writer.connection, ledger).signed(key).as_bytes)
    ledger.close()
    return _stage(store.url, folder, key)


def _stage(url: str, folder: Path, key: SigningKey) -> Stage:
    clock = Clock(END)
    ledger = open_ledger(url, clock)
    engine = create_engine(url, poolclass=NullPool)
    _unguard(engine)
    with engine.connect() as connection:
        saved = {
            table.name: [dict(row._mapping) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in APPEND_ONLY
        }
    nameplate = json.loads((folder / "coffre" / "coffre.json").read_bytes())
    return Stage(ledger, key, Vault(folder / "coffre", nameplate["ledger"]), clock, engine, saved)


def _unguard(engine: Engine) -> None:
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            for table in APPEND_ONLY:
                connection.execute(text(f"DROP TRIGGER IF EXISTS {table.name}_append_only ON {table.name}"))
            return
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        for name in names:
            connection.execute(text(f"DROP TRIGGER {name}"))


__all__ = ["CORRECTIONS", "DOCUMENTS", "END", "EVENTS", "LEDGER", "RECORDS", "Stage", "built", "rendered", "replace", "resealed", "staged"]
