"""The tables of the ledger (SQLAlchemy Core), the same on SQLite and PostgreSQL.

`records` and `events` are append-only chains: nothing in them is ever changed or deleted, which triggers refuse and `xlbridge.proof`
finds. `documents` and `corrections` are indexes of what the records say, to search by; nothing in them is not in a record.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

LEDGER = Table(
    "ledger",
    metadata,
    Column("identifier", String(32), primary_key=True),
    Column("seller_siren", Text, nullable=False),
    Column("seller_name", Text, nullable=False),
    Column("created_at", String(32), nullable=False),
)


def _chain(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("seq", Integer, primary_key=True, autoincrement=False),
        Column("kind", String(16), nullable=False),
        Column("body", Text, nullable=False),
        Column("hash", String(64), nullable=False, unique=True),
        Column("key_id", String(16), nullable=False),
        Column("signature", String(128), nullable=False),
        Index(f"{name}_kind", "kind", "seq"),
    )


RECORDS = _chain("records")
EVENTS = _chain("events")

DOCUMENTS = Table(
    "documents",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("origin", String(12), nullable=False),  # issued, specimen, taken_over
    Column("number", Text),
    Column("year", Integer),
    Column("seller_siren", Text, nullable=False),
    Column("type_code", Text),
    Column("issue_date", String(10)),
    Column("buyer_name", Text),
    Column("buyer_key", Text),
    Column("currency", Text),
    Column("net", Text),
    Column("vat", Text),
    Column("gross", Text),
    Column("due", Text),
    Column("order_reference", Text),
    Column("series", String(40)),
    Column("period", String(7)),
    Column("counter", Integer),
    Column("draft", Text),
    Column("content_key", Text),
    Column("pdf", String(64)),
    Column("xml", String(64)),
    Column("workbook", String(64)),
    Column("kept_until", String(10)),
)
Index("documents_number", DOCUMENTS.c.number)
Index("documents_content", DOCUMENTS.c.content_key)
Index("documents_issue_date", DOCUMENTS.c.issue_date)
Index("documents_origin", DOCUMENTS.c.origin, DOCUMENTS.c.series, DOCUMENTS.c.seq)
Index("documents_order", DOCUMENTS.c.series, DOCUMENTS.c.issue_date, DOCUMENTS.c.seq)
Index("documents_counter", DOCUMENTS.c.series, DOCUMENTS.c.period, DOCUMENTS.c.counter, unique=True)
# The reform's key of an invoice: BT-1, year of BT-2, seller (control G1.42). What was taken over comes as it is.
Index(
    "documents_key",
    DOCUMENTS.c.number,
    DOCUMENTS.c.year,
    DOCUMENTS.c.seller_siren,
    unique=True,
    sqlite_where=DOCUMENTS.c.origin != "taken_over",
    postgresql_where=DOCUMENTS.c.origin != "taken_over",
)

CORRECTIONS = Table(
    "corrections",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("number", Text, nullable=False),
)
Index("corrections_number", CORRECTIONS.c.number)

CHAINS = (RECORDS, EVENTS)
APPEND_ONLY = (LEDGER, RECORDS, EVENTS, DOCUMENTS, CORRECTIONS)
