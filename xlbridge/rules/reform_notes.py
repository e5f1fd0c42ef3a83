"""How an e-invoice of the French reform finds its way: electronic addresses, coded notes, attachments.

Source: XP Z12-012 V1.4 (BR-FR-06, BR-FR-07, BR-FR-11 to -13, BR-FR-17, BR-FR-18, BR-FR-20 to -22, BR-FR-31). Until the issuer's day each of
them is a note. That the mentions PMT, PMD and AAB are there at all is a matter of the Code de commerce, and judged among the mentions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from xlbridge.findings import Rule, Severity
from xlbridge.model import Invoice
from xlbridge.model.codes import SCHEME_DIRECTORY, SELF_BILLED
from xlbridge.rules.catalogue import Context, Fault, entry
from xlbridge.rules.presence import CLIENT, COMPANY
from xlbridge.rules.reform_calendar import ELECTRONIC, START, closed_list, electronic, fault, treatment
from xlbridge.rules.reform_message import NORM, REJECTED

SINGLE_NOTES = {
    "PMT": "indemnité de recouvrement",
    "PMD": "pénalités de retard",
    "AAB": "escompte",
    "TXD": "assujetti unique",
    "BAR": "traitement de la facture",
}
LEGIBLE = "LISIBLE"


@entry(
    Rule(
        "FR-REF-014", Severity.WARNING, "Adresse électronique absente",
        "Il manque l’adresse électronique de facturation {whose}, obligatoire {when} dans une facture électronique.",
        "cherchez-la dans l’annuaire de la facturation électronique (par défaut, le SIREN), et écrivez-la {where}.",
        f"{NORM}BR-FR-12 et BR-FR-13", since=START,
    ),
    concerns=ELECTRONIC, why="C’est à cette adresse que les plateformes acheminent la facture et les réponses.",
)  # fmt: skip
def no_electronic_address(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for path, party, whose, where in (("seller", invoice.seller, "du vendeur", COMPANY), ("buyer", invoice.buyer, "du client", CLIENT)):
        if party.siren and party.electronic_address is None and electronic(invoice, context):
            yield fault(context, f"{path}.electronic_address", whose=whose, where=where)


@entry(
    Rule(
        "FR-REF-015", Severity.BLOCKING, "Mention codée en double",
        "La mention {code} ({name}) figure {count} fois : une facture électronique, obligatoire {when}, ne la porte qu’une fois.",
        "gardez une seule de ces mentions, ou réunissez leurs textes.", f"{NORM}BR-FR-06 et BR-FR-31", since=START,
    ),
    concerns=ELECTRONIC, why=REJECTED,
)  # fmt: skip
def repeated_note(invoice: Invoice, context: Context) -> Iterator[Fault]:
    codes = [note.subject_code for note in invoice.notes]
    if len(codes) == len(set(codes)) or not electronic(invoice, context):
        return
    for code, count in Counter(codes).items():
        if count > 1 and code in SINGLE_NOTES:
            last = len(codes) - 1 - codes[::-1].index(code)
            yield fault(context, f"notes[{last}]", code=code, name=SINGLE_NOTES[code], count=count)


@entry(
    Rule(
        "FR-REF-016", Severity.NOTE, "Code de mention hors liste",
        "Le code « {code} » d’une mention (BT-21) n’est pas de ceux que la norme française énumère.",
        "si c’est une information libre, écrivez le code AAI ; le logiciel du client peut ignorer un code inconnu.",
        f"{NORM}BR-FR-07", since=START,
    ),
    concerns=ELECTRONIC, why="La règle est dans la norme, mais aucun contrôle officiel publié ne l’applique.", elsewhere=Severity.NOTE,
)  # fmt: skip
def unknown_subject(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for position, note in enumerate(invoice.notes):
        if note.subject_code and note.subject_code not in closed_list("subjects") and electronic(invoice, context):
            yield Fault(f"notes[{position}].subject_code", {"code": note.subject_code})


@entry(
    Rule(
        "FR-REF-017", Severity.BLOCKING, "Traitement hors liste",
        "La mention BAR « {text} » ne dit aucun traitement connu, ce que la facture électronique, obligatoire {when}, n’admet pas.",
        "écrivez B2B, B2BINT, B2C, B2CINT, OUTOFSCOPE ou ARCHIVEONLY, ou effacez cette mention.", f"{NORM}BR-FR-20", since=START,
    ),
    concerns=ELECTRONIC, why="Ce mot dit aux plateformes si la facture est envoyée, déclarée ou archivée.",
)  # fmt: skip
def unknown_treatment(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for position, note in enumerate(invoice.notes):
        if note.subject_code == "BAR" and note.text not in closed_list("treatments") and electronic(invoice, context):
            word = note.text.strip().upper()
            yield fault(context, f"notes[{position}].text", word if word in closed_list("treatments") else None, text=note.text)


@entry(
    Rule(
        "FR-REF-018", Severity.BLOCKING, "Destinataire introuvable dans l’annuaire",
        "La facture est dite « B2B » (mention BAR), mais {reason} : elle ne peut pas être acheminée.",
        "écrivez le SIREN {whose} et son adresse de l’annuaire (schéma 0225, qui commence par ce SIREN) {where}.",
        f"{NORM}BR-FR-11, BR-FR-21 et BR-FR-22", since=START,
    ),
    concerns="Les factures qui portent la mention BAR = B2B.",
    why="Une facture entre assujettis va à une adresse de l’annuaire : celle du client, ou du vendeur s’il s’agit d’autofacturation.",
)  # fmt: skip
def no_directory_address(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if treatment(invoice) != "B2B" or not electronic(invoice, context):
        return
    if not invoice.buyer.siren:
        yield fault(context, "buyer.siren", reason="le client n’a pas de SIREN", whose="du client", where=CLIENT)
        return
    self_billed = invoice.type_code in SELF_BILLED
    path, party = ("seller", invoice.seller) if self_billed else ("buyer", invoice.buyer)
    whose, where = ("du vendeur", COMPANY) if self_billed else ("du client", CLIENT)
    address = party.electronic_address
    if address and party.siren and not (address.scheme == SCHEME_DIRECTORY and address.value.startswith(party.siren)):
        reason = f"l’adresse électronique {whose} « {address.value} » n’est pas de l’annuaire, ou d’un autre SIREN"
        yield fault(context, f"{path}.electronic_address", reason=reason, whose=whose, where=where)


@entry(
    Rule(
        "FR-REF-023", Severity.BLOCKING, "Pièce jointe sans qualification",
        "La pièce jointe « {reference} » est décrite par « {description} », qui n’est pas de la liste obligatoire {when}.",
        "écrivez DOCUMENT_ANNEXE, BON_COMMANDE, BON_LIVRAISON, RIB, ou un autre mot de la liste.", f"{NORM}BR-FR-17", since=START,
    ),
    concerns="Les factures électroniques avec des pièces jointes.", why=REJECTED,
)  # fmt: skip
def unknown_attachment(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for position, item in enumerate(invoice.supporting_documents):
        if item.description and item.description not in closed_list("attachments") and electronic(invoice, context):
            path = f"supporting_documents[{position}].description"
            yield fault(context, path, reference=item.reference, description=item.description)


@entry(
    Rule(
        "FR-REF-024", Severity.BLOCKING, "Deux factures lisibles",
        "{count} pièces jointes sont dites LISIBLE : une facture électronique, obligatoire {when}, n’en admet qu’une.",
        "gardez la mention LISIBLE sur la seule pièce qui montre la facture.", f"{NORM}BR-FR-18", since=START,
    ),
    concerns="Les factures électroniques avec des pièces jointes.", why=REJECTED,
)  # fmt: skip
def two_legible(invoice: Invoice, context: Context) -> Iterator[Fault]:
    legible = [position for position, item in enumerate(invoice.supporting_documents) if item.description == LEGIBLE]
    if len(legible) > 1 and electronic(invoice, context):
        yield fault(context, f"supporting_documents[{legible[1]}].description", count=len(legible))
