"""Drafts that look like what was issued before, or like one another: told, never stopped (see `xlbridge.duplicates`)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from xlbridge.duplicates import find, known_of
from xlbridge.issuing.draft import Draft
from xlbridge.ledger.known import known_documents


def with_twins(connection: Connection, drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts with a warning for each that has a twin in the ledger or among the others."""
    known = [known_of(draft.document, draft.workbook.path.name) for draft in drafts]
    buyers = {draft.buyer for draft in known}
    told = dict(enumerate(drafts))
    for at, finding in find(known, known_documents(connection, buyers)):
        told[at] = told[at].with_findings(finding)
    return [told[at] for at in range(len(drafts))]
