"""The documents of a ledger as the search for duplicates sees them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, select

from xlbridge.duplicates import Known
from xlbridge.ledger.record import SPECIMEN
from xlbridge.ledger.schema import CORRECTIONS, DOCUMENTS

SOURCE = "registre"


def known_documents(connection: Connection, buyers: Collection[str] | None = None) -> list[Known]:
    """What the ledger has, for practice left out; `buyers`: only what was made out to these."""
    columns = DOCUMENTS.c
    named: dict[int, list[str]] = {}
    for row in connection.execute(select(CORRECTIONS).order_by(CORRECTIONS.c.position)):
        named.setdefault(row.seq, []).append(row.number)
    query = select(DOCUMENTS).where(columns.origin != SPECIMEN).order_by(columns.seq)
    if buyers is not None:
        query = query.where(columns.buyer_key.in_(buyers))
    return [
        Known(
            number=row.number,
            issue_date=date.fromisoformat(row.issue_date) if row.issue_date else None,
            seller_siren=row.seller_siren,
            buyer=row.buyer_key,
            amount=Decimal(row.gross) if row.gross else None,
            currency=row.currency,
            type_code=row.type_code,
            order_reference=row.order_reference,
            content=row.content_key,
            cell=None,
            source=SOURCE,
            buyer_name=row.buyer_name or "",
            preceding=tuple(named.get(row.seq, ())),
        )
        for row in connection.execute(query)
    ]
