"""Drafts that look like what was issued before, or like one another: told, never stopped (see `xlbridge.duplicates`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, select

from xlbridge.duplicates import Known, find, known_of
from xlbridge.issuing.draft import Draft
from xlbridge.ledger.record import SPECIMEN
from xlbridge.ledger.schema import CORRECTIONS, DOCUMENTS

LEDGER = "registre"


def with_twins(connection: Connection, drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts with a warning for each that has a twin in the ledger or among the others."""
    known = [known_of(draft.document, draft.workbook.path.name) for draft in drafts]
    buyers = {draft.buyer for draft in known}
    told = dict(enumerate(drafts))
    for at, finding in find(known, _issued_to(connection, buyers)):
        told[at] = told[at].with_findings(finding)
    return [told[at] for at in range(len(drafts))]


def _issued_to(connection: Connection, buyers: set[str]) -> list[Known]:
    """What the ledger has for these buyers."""
    columns = DOCUMENTS.c
    named: dict[int, list[str]] = {}
    for row in connection.execute(select(CORRECTIONS).order_by(CORRECTIONS.c.position)):
        named.setdefault(row.seq, []).append(row.number)
    query = select(DOCUMENTS).where(columns.buyer_key.in_(buyers), columns.origin != SPECIMEN).order_by(columns.seq)
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
            source=LEDGER,
            buyer_name=row.buyer_name or "",
            preceding=tuple(named.get(row.seq, ())),
        )
        for row in connection.execute(query)
    ]
