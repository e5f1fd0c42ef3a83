"""Documents of the ledger found by number, buyer, date or amount."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, select

from xlbridge.duplicates.numbers import spelled
from xlbridge.errors import WrongUse
from xlbridge.folding import folded
from xlbridge.french import short_date
from xlbridge.ledger.schema import DOCUMENTS
from xlbridge.legacy.values import day as day_in
from xlbridge.legacy.values import number as number_in
from xlbridge.model.codes import TITLES

ORIGINS = {"issued": "émis", "specimen": "spécimen", "taken_over": "repris"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A document as the index of the ledger knows it. `seq`: its record; `origin`: issued, specimen or taken_over; `pdf`, `xml`,
    `workbook`: the SHA-256 of its files, None where there is none."""

    seq: int
    number: str | None
    date: dt.date | None
    type: str | None
    buyer: str | None
    currency: str | None
    net: Decimal | None
    gross: Decimal | None
    due: Decimal | None
    origin: str
    pdf: str | None
    xml: str | None
    workbook: str | None
    kept_until: dt.date | None

    @property
    def title(self) -> str:
        """Its kind in French."""
        return TITLES.get(self.type or "", "Document")

    @property
    def called(self) -> str:
        """How a sentence names it: « F2026-0041 du 24/11/2026 »."""
        day = f" du {short_date(self.date)}" if self.date else ""
        return f"{self.number or 'sans numéro'}{day}"

    def as_json(self) -> dict[str, Any]:
        """Amounts as texts, dates ISO."""
        return {name: value if value is None or isinstance(value, int) else str(value) for name, value in asdict(self).items()}


def find(
    connection: Connection,
    *,
    number: str | None = None,
    buyer: str | None = None,
    day: dt.date | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
    amount: Decimal | None = None,
) -> list[Entry]:
    """The documents that all of these apply to, in the order of the ledger; nothing given finds everything.

    `number` is compared without case, blanks, punctuation and leading zeros; `buyer` is part of the name, without case and accents;
    `since` and `until` are both included; `amount` is the net, the gross or the due amount.
    """
    columns = DOCUMENTS.c
    query = select(DOCUMENTS).order_by(columns.seq)
    if first := day or since:
        query = query.where(columns.issue_date >= first.isoformat())
    if last := day or until:
        query = query.where(columns.issue_date <= last.isoformat())
    wanted, name = spelled(number or ""), folded(buyer or "")
    found = []
    for row in connection.execute(query.execution_options(yield_per=500)):
        if number is not None and spelled(row.number or "") != wanted:
            continue
        if buyer is not None and name not in folded(row.buyer_name or ""):
            continue
        entry = _entry(row)
        if amount is None or amount in {entry.net, entry.gross, entry.due}:
            found.append(entry)
    return found


def the_one(connection: Connection, number: str, year: int | None = None) -> Entry:
    """The document of this number. Raises WrongUse where there is none, or several of which none is meant more than the others."""
    found = [entry for entry in find(connection, number=number) if year is None or (entry.date and entry.date.year == year)]
    exact = [entry for entry in found if entry.number == number] or found
    kept = [entry for entry in exact if entry.pdf] or exact
    if len(kept) == 1:
        return kept[0]
    if not kept:
        raise WrongUse(f"Le registre n’a pas de document {number}.", "Cherchez-le : xlbridge archive search --buyer, --date ou --amount.")
    named = " ; ".join(f"{entry.called} (maillon {entry.seq})" for entry in kept)
    raise WrongUse(f"Plusieurs documents répondent à {number} : {named}.", "Donnez le numéro exact, ou l’année par --year.")


def amount_of(text: str) -> Decimal:
    """An amount as people write it: « 1 234,50 € ». Raises WrongUse."""
    found = number_in(text, ",")
    if found is None:
        raise WrongUse(f"« {text} » n’est pas un montant.", "Écrivez par exemple 1234,50.")
    return found


def day_of(text: str) -> dt.date:
    """A day as people write it: « 2026-03-14 », « 14/03/2026 », « 14 mars 2026 ». Raises WrongUse."""
    found = day_in(text)
    if found is None:
        raise WrongUse(f"« {text} » n’est pas une date.", "Écrivez par exemple 2026-03-14 ou 14/03/2026.")
    return found


def _entry(row: Row[Any]) -> Entry:
    net, gross, due = (None if text is None else Decimal(text) for text in (row.net, row.gross, row.due))
    issued, until = (dt.date.fromisoformat(text) if text else None for text in (row.issue_date, row.kept_until))
    return Entry(
        seq=row.seq,
        number=row.number,
        date=issued,
        type=row.type_code,
        buyer=row.buyer_name,
        currency=row.currency,
        net=net,
        gross=gross,
        due=due,
        origin=row.origin,
        pdf=row.pdf,
        xml=row.xml,
        workbook=row.workbook,
        kept_until=until,
    )
