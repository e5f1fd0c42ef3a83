"""What happens to a document after it is issued: payments, sending, status. It is appended to a chain of its own and changes no record.

A wrong entry is not deleted: a negative one cancels it (BOI-TVA-DECLA-30-10-30, corrections by plus and minus).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select

from xlbridge.errors import WrongUse
from xlbridge.findings import Finding, Rule, Severity
from xlbridge.folding import folded
from xlbridge.french import as_read, money, quantity, short_date
from xlbridge.ledger import chain
from xlbridge.ledger.chain import Link
from xlbridge.ledger.record import SPECIMEN
from xlbridge.ledger.schema import DOCUMENTS, EVENTS, RECORDS
from xlbridge.ledger.seal import SigningKey
from xlbridge.ledger.store import Ledger
from xlbridge.model.money import ZERO, amount, plain

CASH_LIMIT = Decimal(1000)


class Means(StrEnum):
    """How a document was paid, as the user writes it."""

    TRANSFER = "virement"
    CARD = "carte"
    CHEQUE = "cheque"
    DEBIT = "prelevement"
    CASH = "especes"
    OTHER = "autre"


class Way(StrEnum):
    """How a document was sent."""

    PLATFORM = "plateforme"
    EMAIL = "email"
    POST = "courrier"
    BY_HAND = "main"
    PORTAL = "portail"


STATUSES = {
    "deposee": "200", "emise": "201", "recue": "202", "mise-a-disposition": "203", "prise-en-charge": "204", "approuvee": "205",
    "approuvee-partiellement": "206", "en-litige": "207", "suspendue": "208", "completee": "209", "refusee": "210",
    "paiement-transmis": "211", "encaissee": "212", "rejetee": "213", "visee": "214", "annulee": "220", "erreur-de-routage": "221",
}  # fmt: skip
"""Life of an invoice on the platforms (XP Z12-012, annexe A): the word and its code."""

OVERPAID = Rule(
    "REG-201", Severity.WARNING, "Payé plus que dû", "{number} : {paid} payés pour {due} dus, soit {more} de trop.",
    "vérifiez le montant ; remboursez, ou enregistrez l’acompte sur la bonne facture. Une saisie fausse s’annule par --cancel.",
)  # fmt: skip
CASH_OF_CONSUMER = Rule(
    "REG-202", Severity.WARNING, "Espèces d’un particulier",
    "{number} : encaissement en espèces d’un client {who}. xlbridge n’est pas un logiciel de caisse certifié.",
    "enregistrez ces encaissements dans un logiciel de caisse conforme (certificat ou attestation de l’éditeur), sauf si vous êtes en"
    " franchise de TVA ou que toutes vos ventes sont exonérées.",
    "CGI, art. 286, I, 3° bis ; BOI-TVA-DECLA-30-10-30",
)  # fmt: skip
CASH_ABOVE_LIMIT = Rule(
    "REG-203", Severity.WARNING, "Espèces au-delà de 1 000 €", "{number} : {cash} payés en espèces.",
    "au-delà de 1 000 €, un professionnel ou un résident fiscal français ne paie pas en espèces ; demandez un virement, une carte ou un"
    " chèque.",
    "Code monétaire et financier, art. L112-6 et D112-3",
)  # fmt: skip
SAME_PAYMENT = Rule(
    "REG-204", Severity.WARNING, "Même paiement déjà enregistré", "{number} : un paiement de {amount} du {day} était déjà enregistré.",
    "si c’est le même, annulez-le par --cancel.",
)  # fmt: skip
NO_TOTAL = Rule(
    "REG-205", Severity.WARNING, "Montant dû inconnu", "{number} n’a pas de montant dû dans le registre : son solde n’est pas suivi.",
    "retrouvez l’original.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subject:
    """The document that an event is about."""

    seq: int
    number: str
    hash: str
    due: Decimal | None
    currency: str | None
    invoice: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a document's history."""

    seq: int
    kind: str
    at: str
    day: str
    content: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """One item of `history --json`."""
        return {"seq": self.seq, "kind": self.kind, "at": self.at, **self.content}


def record_payment(
    ledger: Ledger,
    key: SigningKey,
    number: str,
    paid: Decimal,
    day: date,
    means: Means,
    *,
    record: int | None = None,
    note: str | None = None,
) -> list[Finding]:
    """Append a payment of the document `number` (a negative amount cancels one). The answer is what to tell; it is recorded all the same.

    `record`: the document's record, where several bear the number. Raises WrongUse for an unknown number, a day to come, a wrong amount.
    """
    if paid == ZERO or paid != amount(paid):
        raise WrongUse(f"« {quantity(paid)} » n’est pas un montant payé.", "Donnez un montant en euros et centimes, par exemple 1234,56.")
    with ledger.writing(key) as writer:
        subject = subject_of(writer.connection, number, record)
        _refuse_future(ledger, day)
        before = [event.content for event in _events(writer.connection, subject.seq, chain.PAYMENT)]
        if (total := _sum(before) + paid) < ZERO:
            shown = money(_sum(before), subject.currency)
            raise WrongUse(f"{number} : {shown} seulement ont été enregistrés comme payés.", "On n’annule pas plus que ce qui a été payé.")
        content = {"amount": plain(paid), "currency": subject.currency, "means": means.value, "note": note}
        writer.append_event(chain.PAYMENT, _content(subject, day, content))
    return _told(subject, before, paid, day, means, total) if paid > ZERO else []


def record_sending(
    ledger: Ledger, key: SigningKey, number: str, day: date, way: Way, *, to: str | None = None, record: int | None = None
) -> None:
    """Append that the document was sent. Raises WrongUse for an unknown number or a day to come."""
    with ledger.writing(key) as writer:
        subject = subject_of(writer.connection, number, record)
        _refuse_future(ledger, day)
        writer.append_event(chain.SENDING, _content(subject, day, {"way": way.value, "to": to}))


def record_status(
    ledger: Ledger, key: SigningKey, number: str, day: date, status: str, *, reason: str | None = None, record: int | None = None
) -> None:
    """Append a status, by its word or its code (see `STATUSES`). Raises WrongUse for an unknown number or status, or a day to come."""
    word = next((word for word, code in STATUSES.items() if folded(status) in {folded(word), code}), None)
    if word is None:
        raise WrongUse(
            f"« {status} » n’est pas un statut.", "Statuts : " + ", ".join(f"{word} ({code})" for word, code in STATUSES.items()) + "."
        )
    with ledger.writing(key) as writer:
        subject = subject_of(writer.connection, number, record)
        _refuse_future(ledger, day)
        writer.append_event(chain.STATUS, _content(subject, day, {"status": word, "code": STATUSES[word], "reason": reason}))


def history(connection: Connection, number: str, record: int | None = None) -> list[Event]:
    """What happened to the document `number`, in the order in which it was recorded. Raises WrongUse for an unknown number."""
    return list(_events(connection, subject_of(connection, number, record).seq))


def balance(connection: Connection, number: str, record: int | None = None) -> Decimal | None:
    """What is still to be paid; negative where too much was. None where the ledger does not know what is due."""
    subject = subject_of(connection, number, record)
    if subject.due is None:
        return None
    return subject.due - _sum([event.content for event in _events(connection, subject.seq, chain.PAYMENT)])


def subject_of(connection: Connection, number: str, record: int | None = None) -> Subject:
    """The document `number`. Raises WrongUse where the ledger has none, or several and `record` does not say which."""
    columns = DOCUMENTS.c
    query = select(columns.seq, columns.issue_date, columns.due, columns.gross, columns.currency, RECORDS.c.body, RECORDS.c.hash)
    query = (
        query.join(RECORDS, RECORDS.c.seq == columns.seq).where(columns.number == number, columns.origin != SPECIMEN).order_by(columns.seq)
    )
    rows = [row for row in connection.execute(query) if record in {None, row.seq}]
    if not rows:
        raise WrongUse(f"Le registre n’a pas de document « {number} ».", "Vérifiez le numéro, tel qu’il est écrit sur la facture.")
    if len(rows) > 1:
        listed = ", ".join(f"{row.seq} (du {as_read(row.issue_date or '?')}, {as_read(row.gross or '?')})" for row in rows)
        raise WrongUse(f"Plusieurs documents portent le numéro « {number} » : maillons {listed}.", "Dites lequel par --record MAILLON.")
    row = rows[0]
    link = Link(row.seq, "", row.body, row.hash, "", "")
    due = row.due if row.due is not None else row.gross
    return Subject(row.seq, number, row.hash, None if due is None else Decimal(due), row.currency, link.content["invoice"])


def _content(subject: Subject, day: date, content: dict[str, Any]) -> dict[str, Any]:
    return {"document": subject.seq, "document_hash": subject.hash, "number": subject.number, "day": day.isoformat(), **content}


def _events(connection: Connection, seq: int, *kinds: str) -> Iterator[Event]:
    """The events of one document. The text of a body is searched first, so that few of them are read."""
    query = select(EVENTS).where(EVENTS.c.body.contains(f'"document":{seq},', autoescape=True)).order_by(EVENTS.c.seq)
    if kinds:
        query = query.where(EVENTS.c.kind.in_(kinds))
    for row in connection.execute(query):
        data = Link(*row).data
        if data["content"]["document"] == seq:
            yield Event(row.seq, row.kind, data["at"], data["content"]["day"], data["content"])


def _sum(payments: list[dict[str, Any]]) -> Decimal:
    return sum((Decimal(item["amount"]) for item in payments), ZERO)


def _refuse_future(ledger: Ledger, day: date) -> None:
    today = ledger.clock().astimezone().date()
    if day > today:
        raise WrongUse(f"Le {short_date(day)} est à venir.", "On enregistre ce qui a eu lieu ; vérifiez --date.")


def _told(subject: Subject, before: list[dict[str, Any]], paid: Decimal, day: date, means: Means, total: Decimal) -> list[Finding]:
    """What is to be said of a payment."""
    number, currency = subject.number, subject.currency
    found: list[Finding] = []
    if subject.due is None:
        found.append(NO_TOTAL.found(number=number))
    elif total > subject.due:
        shown, due, more = (money(value, currency) for value in (total, subject.due, total - subject.due))
        found.append(OVERPAID.found(number=number, paid=shown, due=due, more=more))
    if any((Decimal(item["amount"]), item["day"], item["means"]) == (paid, day.isoformat(), means.value) for item in before):
        found.append(SAME_PAYMENT.found(number=number, amount=money(paid, currency), day=short_date(day)))
    if means is Means.CASH:
        if who := _consumer(subject.invoice):
            found.append(CASH_OF_CONSUMER.found(number=number, who=who))
        cash = _sum([item for item in before if item["means"] == Means.CASH.value]) + paid
        if cash > CASH_LIMIT:
            found.append(CASH_ABOVE_LIMIT.found(number=number, cash=money(cash, currency)))
    return found


def _consumer(invoice: dict[str, Any]) -> str | None:
    """Why the buyer counts as a consumer: the invoice says so (BAR), or nothing on it says that it is a firm."""
    if any(note.get("subject_code") == "BAR" and str(note.get("text", "")).startswith("B2C") for note in invoice.get("notes", ())):
        return "particulier"
    buyer = invoice.get("buyer", {})
    identified = buyer.get("legal_id") or buyer.get("vat_number") or buyer.get("identifiers")
    return None if identified else "sans SIREN ni numéro de TVA, donc peut-être particulier"
