"""What the company's settings and the client list add to a document: only what it leaves empty, never against what it says.

A document that names another seller is not given the company's data, and a client whose identity is not certain is not taken from the
list; a finding says so in both cases, and one says what was added.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any, TypeVar

from xlbridge.clients import Client, ClientKind, Clients
from xlbridge.company import Activity, Company, TaxPoint, VatRegime
from xlbridge.document import Document
from xlbridge.findings import Finding, Rule, Severity
from xlbridge.folding import firm_name, folded
from xlbridge.legal_texts import franchise, subjects_of
from xlbridge.model import AllowanceCharge, Invoice, Line, Note, Party, PostalAddress, VatBreakdown
from xlbridge.model.codes import DEPOSITS, TRANSFER
from xlbridge.model.money import ZERO, amount

OTHER_SELLER = Rule(
    "LEC-060",
    Severity.WARNING,
    "Un autre vendeur que l’entreprise",
    "Le vendeur nommé est « {seller} », non « {company} » ({source}) : le document n’est pas complété par les données de l’entreprise.",
    "si c’est bien votre facture, écrivez le même nom ou le même SIREN dans le classeur et dans {source}.",
)
COMPLETED = Rule("LEC-061", Severity.NOTE, "Document complété", "Ce que le document ne dit pas vient de {source} : {what}.")
AMBIGUOUS_CLIENT = Rule(
    "LEC-062",
    Severity.WARNING,
    "Client ambigu",
    "{count} clients différents de {source} portent le nom « {name} » : aucun n’est repris.",
    "distinguez leurs noms dans la liste, ou écrivez le SIREN du client dans le classeur.",
)
OTHER_CLIENT = Rule(
    "LEC-063",
    Severity.WARNING,
    "Client de même nom, mais d’une autre identité",
    "« {name} » a dans {source} {what} que dans le document : le client de la liste n’est pas repris.",
    "corrigez la liste ou le classeur.",
)

Taxed = TypeVar("Taxed", Line, AllowanceCharge)

# What a filled field is called in the note.
FIELD_NAMES = {
    "name": "nom",
    "legal_id": "SIREN",
    "identifiers": "SIRET",
    "vat_number": "numéro de TVA",
    "tax_registration": "SIREN comme identifiant fiscal",
    "legal_information": "forme juridique et capital",
    "electronic_address": "adresse électronique",
    "address": "adresse",
    "contact": "contact",
}

# What a mention of the company is called in the note, by its subject code.
MENTION_NAMES = {"PMT": "indemnité de recouvrement", "PMD": "pénalités de retard", "AAB": "escompte", "ABL": "immatriculation"}


def filled(document: Document, company: Company | None, clients: Clients | None = None) -> Document:
    """`document` completed from the client list and the company's settings, with the findings that say what was done or refused."""
    invoice, findings, consumer = document.invoice, list[Finding](), _is_consumer(document.invoice)
    kind = document.client_kind or (ClientKind.CONSUMER if consumer else None)
    if clients is not None:
        client, refusal = _client_of(invoice, clients)
        findings += [refusal] if refusal else []
        if client is not None:
            consumer = consumer or client.kind is ClientKind.CONSUMER
            kind = kind or client.kind
            invoice, names = with_client(invoice, client)
            findings += _note(clients.source, *names)
    if company is not None:
        if is_other_seller(invoice.seller, company):
            seller = invoice.seller.name or invoice.seller.siren or invoice.seller.vat_number
            findings.append(OTHER_SELLER.found("seller", "BT-27", seller=seller, company=company.name, source=company.source))
        else:
            invoice, names = with_company(invoice, company, consumer)
            findings += _note(company.source, *names)
    return replace(document, invoice=invoice, client_kind=kind).with_findings(*findings)


def with_company(invoice: Invoice, company: Company, consumer: bool = False) -> tuple[Invoice, list[str]]:
    """`invoice` with the company's data in its empty fields, and the French names of what was filled."""
    changes: dict[str, Any] = {}
    names: list[str] = []

    def fill(field: str, value: object, name: str) -> None:
        if value is not None and value != getattr(invoice, field):
            changes[field] = value
            names.append(name)

    seller, seller_names = _party_filled(invoice.seller, company.party)
    names += [f"{name} du vendeur" for name in seller_names]
    changes["seller"] = seller
    if invoice.currency is None and company.country == "FR":
        fill("currency", "EUR", "devise (EUR)")
    if invoice.business_process is None and company.activity:
        fill("business_process", process_code(company.activity, invoice), "nature des opérations")
    if _is_on_debits(invoice, company):
        fill("vat_point_code", "5", "option pour les débits")
    if not invoice.is_credit_note and (invoice.payment is None or not invoice.payment.accounts) and (payment := company.payment()):
        known = invoice.payment
        if known is None or known.means_code in {None, TRANSFER, "58"}:
            means = known.means_code if known and known.means_code else payment.means_code
            fill("payment", (known or payment).model_copy(update={"means_code": means, "accounts": payment.accounts}), "compte bancaire")
    notes, subjects = _notes_filled(invoice, company, consumer)
    fill("notes", notes, f"mentions ({', '.join(MENTION_NAMES[subject] for subject in subjects)})" if subjects else "codes des mentions")
    if company.client_country and invoice.buyer != Party() and not invoice.buyer.country:
        address = (invoice.buyer.address or PostalAddress()).model_copy(update={"country": company.client_country})
        fill("buyer", invoice.buyer.model_copy(update={"address": address}), "pays du client")
    invoice = invoice.model_copy(update=changes)
    if company.vat_regime is VatRegime.FRANCHISE:
        exempt = _without_vat(invoice)
        if exempt != invoice:
            return exempt, [*names, "franchise en base de TVA"]
    return invoice, names


def with_client(invoice: Invoice, client: Client) -> tuple[Invoice, list[str]]:
    """`invoice` with the client's data in the empty fields of its buyer, its references for a public buyer, and what was filled."""
    buyer, buyer_names = _party_filled(invoice.buyer, client.party)
    names = [f"{name} du client" for name in buyer_names]
    changes: dict[str, Any] = {"buyer": buyer}
    for field, value, name in (("buyer_reference", client.service, "service"), ("order_reference", client.commitment, "engagement")):
        if value and getattr(invoice, field) is None:
            changes[field] = value
            names.append(name)
    if client.kind is ClientKind.CONSUMER and not any(note.subject_code == "BAR" for note in invoice.notes):
        changes["notes"] = (*invoice.notes, Note(text="B2C", subject_code="BAR"))
    return invoice.model_copy(update=changes), names


def process_code(activity: Activity, invoice: Invoice) -> str:
    """BT-23 (XP Z12-012, BR-FR-08): B, S or M, then 4 for an invoice after a deposit, else 1."""
    after_deposit = (invoice.totals.prepaid or ZERO) > 0 and invoice.type_code not in DEPOSITS
    return f"{activity.letter}{4 if after_deposit else 1}"


def is_other_seller(seller: Party, company: Company) -> bool:
    """Whether a document's seller is certainly, or by a clearly different name without number, not the company."""
    vat_number = seller.vat_number or ""
    siren = seller.siren or (vat_number[4:] if vat_number.startswith("FR") else None)
    if siren and company.siren:
        return siren != company.siren
    if vat_number and company.vat_number:
        return vat_number != company.vat_number
    if not seller.name:
        return False
    theirs, ours = firm_name(seller.name).split(), firm_name(company.name).split()
    if set(theirs) <= set(ours) or set(ours) <= set(theirs):
        return False
    return SequenceMatcher(None, " ".join(theirs), " ".join(ours)).ratio() < 0.8


def _is_consumer(invoice: Invoice) -> bool:
    return any(note.subject_code == "BAR" and note.text.startswith("B2C") for note in invoice.notes)


def _is_on_debits(invoice: Invoice, company: Company) -> bool:
    """Whether BT-8 may say the option for debits; VAT on a deposit falls due on payment all the same (CGI art. 269, 2)."""
    stated = invoice.vat_point_code or invoice.vat_point_date
    on_debits = company.tax_point is TaxPoint.INVOICE and company.vat_regime is VatRegime.NORMAL
    return on_debits and not stated and invoice.type_code not in DEPOSITS


def _client_of(invoice: Invoice, clients: Clients) -> tuple[Client | None, Finding | None]:
    """The listed client that the document's buyer is: by SIREN, else by name where nothing contradicts it."""
    buyer = invoice.buyer
    if buyer.siren:
        by_siren = {client for client in clients.clients if client.siren == buyer.siren}
        same = [client for client in by_siren if not buyer.siret or client.siret in {None, buyer.siret}]
        if len(same) == 1:
            return same[0], None
    if not buyer.name:
        return None, None
    found = clients.named(buyer.name)
    if len(found) > 1:
        return None, AMBIGUOUS_CLIENT.found("buyer.name", "BT-44", count=len(found), source=clients.source, name=buyer.name)
    if not found:
        return None, None
    client = found[0]
    for ours, theirs, what in (
        (buyer.siren, client.siren, "un autre SIREN"),
        (buyer.vat_number, client.vat_number, "un autre numéro de TVA"),
        (buyer.address and buyer.address.postcode, client.postcode, "un autre code postal"),
    ):
        if ours and theirs and folded(ours) != folded(theirs):
            return None, OTHER_CLIENT.found("buyer.name", "BT-44", name=buyer.name, source=clients.source, what=what)
    return client, None


def _party_filled(party: Party, known: Party) -> tuple[Party, list[str]]:
    """`party` with what `known` says of its empty fields, and their names; an address that differs keeps its own parts."""
    changes: dict[str, Any] = {field: value for field in FIELD_NAMES if (value := getattr(known, field)) and not getattr(party, field)}
    if known.address and party.address and (address := _address_filled(party.address, known.address)) != party.address:
        changes["address"] = address
    whole = party.model_copy(update=changes)
    return known if whole == known else whole, [FIELD_NAMES[field] for field in FIELD_NAMES if field in changes]


def _address_filled(address: PostalAddress, known: PostalAddress) -> PostalAddress:
    """The parts that `address` lacks, from `known`, unless a part of both differs: then only the country, which the party has in common."""
    parts = {name: value for name, value in known if value}
    differs = any(folded(parts[name]) != folded(own) for name, own in address if own and name in parts)
    missing = {name: value for name, value in parts.items() if not getattr(address, name)}
    return address.model_copy(update={name: value for name, value in missing.items() if name == "country" or not differs})


def _notes_filled(invoice: Invoice, company: Company, consumer: bool) -> tuple[tuple[Note, ...], list[str]]:
    """The notes with the company's mentions on the subjects that no note speaks of, and those subjects.

    A note without code that speaks of one such subject is given its code; one that speaks of several keeps its own words for all of them.
    """
    coded = {note.subject_code for note in invoice.notes}
    notes = []
    spoken: set[str | None] = set(coded)
    for note in invoice.notes:
        subjects = subjects_of(note.text) if note.subject_code is None else set()
        spoken |= subjects
        only = next(iter(subjects)) if len(subjects) == 1 else None
        if only and only not in coded:
            coded.add(only)
            notes.append(note.model_copy(update={"subject_code": only}))
        else:
            notes.append(note)
    day = invoice.issue_date or date.max
    added = [note for note in company.notes(day, consumer) if note.subject_code not in spoken]
    return (*notes, *added), [note.subject_code or "" for note in added]


def _without_vat(invoice: Invoice) -> Invoice:
    """The lines, breakdown and totals that say nothing of VAT, as exempt; a stated rate or tax is left for the rules to judge."""
    reason = franchise()
    group = {"category": reason.category, "rate": ZERO, "reason": reason.text, "reason_code": reason.code}
    on_line = {f"vat_{name}": value for name, value in group.items()}
    on_item = {"vat_category": reason.category, "vat_rate": ZERO}
    totals, breakdown = (
        invoice.totals,
        tuple(
            part.model_copy(update=group | {"amount": amount(ZERO)}) if not (part.rate or part.category or part.amount) else part
            for part in invoice.vat_breakdown
        ),
    )
    known = totals.net if totals.net is not None else totals.gross
    if known is not None and not (invoice.lines or breakdown or totals.vat) and totals.gross in {None, known}:
        breakdown = (VatBreakdown(**group, base=amount(known), amount=amount(ZERO)),)
        missing = {"net": known, "vat": amount(ZERO), "gross": known}
        totals = totals.model_copy(update={name: value for name, value in missing.items() if getattr(totals, name) is None})
    return invoice.model_copy(
        update={
            "lines": tuple(_silent(line, on_line) for line in invoice.lines),
            "allowances": tuple(_silent(item, on_item) for item in invoice.allowances),
            "charges": tuple(_silent(item, on_item) for item in invoice.charges),
            "vat_breakdown": breakdown,
            "totals": totals,
        }
    )


def _silent(item: Taxed, update: dict[str, Any]) -> Taxed:
    """`item` with `update` where it names neither a rate nor a category."""
    return item if item.vat_rate or item.vat_category else item.model_copy(update=update)


@lru_cache(maxsize=256)
def _note(source: str, *names: str) -> tuple[Finding, ...]:
    return (COMPLETED.found(source=source, what=", ".join(names)),) if names else ()
