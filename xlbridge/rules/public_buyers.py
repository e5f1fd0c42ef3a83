"""Invoices to public buyers through Chorus Pro: who is named, by which numbers, and what the portal does not take.

Sources: Code de la commande publique, art. L2192-1 to L2192-3 and D2192-2 (mentions of an electronic invoice to a public buyer; every
supplier since 1 January 2020); XP Z12-012, rules CPRO; limits of Chorus Pro. The delay of 30 days and the IBAN of a transfer are judged
with payments (FR-PAI), the check digits with identity (FR-IDE).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from xlbridge.clients import ClientKind
from xlbridge.findings import Rule, Severity
from xlbridge.model import Invoice
from xlbridge.rules.catalogue import Context, Fault, entry
from xlbridge.rules.identity import compact, right_siren
from xlbridge.rules.presence import CLIENT, COMPANY

PUBLIC = "Les factures à une administration, une collectivité ou un établissement public."
PROCUREMENT = "Code de la commande publique, art. D2192-2"
PORTAL = "Chorus Pro, spécifications"
CPRO = "XP Z12-012, CPRO-"
REFUSED = "Chorus Pro rejette la facture, et le délai de paiement ne commence pas."
COMPULSORY = date(2020, 1, 1)  # for micro-firms; larger ones since 2017 to 2019
LONGEST = {"number": 20, "reference": 50, "name": 99, "note": 1024, "iban": 27, "filename": 50}
LARGEST_ATTACHMENT = 10 * 1024 * 1024  # bytes


def _public(context: Context) -> bool:
    return context.client is ClientKind.PUBLIC


@entry(
    Rule(
        "FR-B2G-001", Severity.BLOCKING, "SIRET du client public absent", "Le client public « {buyer} » n’a pas de SIRET.",
        f"demandez-le au client, ou cherchez-le dans l’annuaire de Chorus Pro, et écrivez-le {CLIENT}.", f"{PROCUREMENT} ; {CPRO}10 et 17",
        since=COMPULSORY,
    ),
    concerns=PUBLIC, why="Le SIRET désigne la structure qui reçoit la facture dans Chorus Pro ; sans lui elle n’arrive nulle part.",
)  # fmt: skip
def no_buyer_siret(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if _public(context) and invoice.buyer.name and not invoice.buyer.siret:
        yield Fault("buyer.siret", {"buyer": invoice.buyer.name})


@entry(
    Rule(
        "FR-B2G-002", Severity.BLOCKING, "SIRET du vendeur absent",
        "Le vendeur n’a pas de SIRET, et le client est public.", f"écrivez-le {COMPANY}.", f"{PROCUREMENT} ; {CPRO}03 et 09",
        since=COMPULSORY,
    ),
    concerns=PUBLIC, why="Chorus Pro identifie le fournisseur par son SIRET.",
)  # fmt: skip
def no_seller_siret(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if _public(context) and invoice.seller.name and not invoice.seller.siret and (invoice.seller.country or "FR") == "FR":
        yield Fault("seller.siret")


@entry(
    Rule(
        "FR-B2G-003", Severity.BLOCKING, "Numéro trop long pour Chorus Pro",
        "Le numéro « {number} » a {length} caractères : Chorus Pro n’en prend que {most}.",
        "ne renumérotez pas une facture émise ; pour les suivantes, ouvrez une série de {most} caractères au plus.",
        f"{CPRO}02 ; {PORTAL}", since=COMPULSORY,
    ),
    concerns=PUBLIC, why=REFUSED,
)  # fmt: skip
def long_number(invoice: Invoice, context: Context) -> Iterator[Fault]:
    number = invoice.number or ""
    if _public(context) and len(number) > LONGEST["number"]:
        yield Fault("number", {"number": number, "length": len(number), "most": LONGEST["number"]})


@entry(
    Rule(
        "FR-B2G-004", Severity.WARNING, "Code du service absent",
        "La facture au client public « {buyer} » ne porte pas de code de service{engagement}.",
        "demandez au client s’il l’exige (annuaire de Chorus Pro), et écrivez-le dans la colonne « Service » de la liste des clients.",
        f"{PROCUREMENT} ; {PORTAL}", since=COMPULSORY,
    ),
    concerns=PUBLIC, why="Beaucoup d’administrations n’acceptent une facture qu’avec leur code de service ou un numéro d’engagement.",
)  # fmt: skip
def no_service(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if _public(context) and not invoice.buyer_reference:
        engagement, severity = ("", Severity.NOTE) if invoice.order_reference else (", ni de numéro d’engagement", None)
        yield Fault("buyer_reference", {"buyer": invoice.buyer.name, "engagement": engagement}, None, severity)


@entry(
    Rule(
        "FR-B2G-005", Severity.NOTE, "Numéro d’engagement absent",
        "La facture au client public « {buyer} » ne porte pas de numéro d’engagement (le numéro de sa commande).",
        "si la commande en a un, écrivez-le dans la colonne « Commande client », ou dans la liste des clients (colonne « Engagement »).",
        f"{PROCUREMENT} ; {PORTAL}", since=COMPULSORY,
    ),
    concerns=PUBLIC, why="L’État et beaucoup de collectivités rejettent la facture qui ne rappelle pas le numéro de l’engagement.",
)  # fmt: skip
def no_engagement(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if _public(context) and invoice.buyer_reference and not invoice.order_reference:
        yield Fault("order_reference", {"buyer": invoice.buyer.name})


def _references(invoice: Invoice) -> Iterator[tuple[str, str, str | None]]:
    yield "buyer_reference", "Le code de service", invoice.buyer_reference
    yield "order_reference", "Le numéro d’engagement", invoice.order_reference
    yield "contract_reference", "Le numéro de marché", invoice.contract_reference


@entry(
    Rule(
        "FR-B2G-006", Severity.BLOCKING, "Référence trop longue pour Chorus Pro",
        "{what} « {value} » a {length} caractères : Chorus Pro n’en prend que {most}.",
        "écrivez la référence telle que le client l’a donnée, sans texte autour.", f"{CPRO}14 et 15", since=COMPULSORY,
    ),
    concerns=PUBLIC, why=REFUSED,
)  # fmt: skip
def long_reference(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if _public(context):
        for path, what, value in _references(invoice):
            if value and len(value) > LONGEST["reference"]:
                yield Fault(path, {"what": what, "value": value, "length": len(value), "most": LONGEST["reference"]})


@entry(
    Rule(
        "FR-B2G-007", Severity.WARNING, "Plusieurs factures d’origine",
        "La facture renvoie à {count} factures ; Chorus Pro n’en prend qu’une.",
        "gardez la plus récente, et nommez les autres dans une note.", f"{CPRO}20", since=COMPULSORY,
    ),
    concerns=PUBLIC, why=REFUSED,
)  # fmt: skip
def several_preceding(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if _public(context) and len(invoice.preceding_invoices) > 1:
        yield Fault("preceding_invoices[1].number", {"count": len(invoice.preceding_invoices)})


@entry(
    Rule(
        "FR-B2G-008", Severity.BLOCKING, "Cadre de sous-traitance d’entreprises",
        "Le cadre de facturation S5 n’est pas celui d’un client public.",
        "écrivez S3 (paiement direct du sous-traitant par l’administration), ou S1 s’il n’y a pas de sous-traitance.",
        f"{CPRO}24", since=date(2026, 9, 1),
    ),
    concerns=PUBLIC, why=REFUSED,
)  # fmt: skip
def subcontractor_process(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if _public(context) and invoice.business_process == "S5":
        yield Fault("business_process")


@entry(
    Rule(
        "FR-B2G-009", Severity.WARNING, "Texte trop long pour Chorus Pro",
        "{what} a {length} caractères : Chorus Pro n’en prend que {most}.", "raccourcissez ce texte, ou répartissez-le.",
        f"{CPRO}31, 34, 36 et 37", since=COMPULSORY,
    ),
    concerns=PUBLIC, why="Le portail coupe ou refuse un texte trop long.",
)  # fmt: skip
def long_text(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if not _public(context):
        return
    places = [
        ("seller.name", "Le nom du vendeur", invoice.seller.name, "name"),
        ("buyer.name", "Le nom du client", invoice.buyer.name, "name"),
    ]
    places += [(f"notes[{position}].text", "La mention", note.text, "note") for position, note in enumerate(invoice.notes)]
    for path, what, text, kind in places:
        if text and len(text) > LONGEST[kind]:
            yield Fault(path, {"what": what, "length": len(text), "most": LONGEST[kind]})


@entry(
    Rule(
        "FR-B2G-010", Severity.BLOCKING, "IBAN trop long pour Chorus Pro",
        "L’IBAN {iban} a {length} caractères : Chorus Pro n’en prend que {most}.",
        "donnez un compte dont l’IBAN est plus court, par exemple un compte français (27 caractères).", f"{CPRO}39", since=COMPULSORY,
    ),
    concerns=PUBLIC, why=REFUSED,
)  # fmt: skip
def long_iban(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if not _public(context) or invoice.payment is None:
        return
    for position, account in enumerate(invoice.payment.accounts):
        number = compact(account.iban or "")
        if len(number) > LONGEST["iban"]:
            path = f"payment.accounts[{position}].iban"
            yield Fault(path, {"iban": account.iban, "length": len(number), "most": LONGEST["iban"]})


@entry(
    Rule(
        "FR-B2G-011", Severity.WARNING, "Moyen de paiement sur un avoir", "L’avoir au client public porte un moyen de paiement.",
        "retirez-le : Chorus Pro n’en admet pas sur un avoir.", PORTAL, since=COMPULSORY,
    ),
    concerns="Les avoirs à une administration, une collectivité ou un établissement public.", why=REFUSED,
)  # fmt: skip
def payment_on_credit_note(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if _public(context) and invoice.is_credit_note and invoice.payment and invoice.payment.means_code:
        yield Fault("payment.means_code")


@entry(
    Rule(
        "FR-B2G-012", Severity.BLOCKING, "Pièce jointe refusée par Chorus Pro",
        "La pièce jointe « {name} » {fault}.", "raccourcissez son nom, extension comprise, ou allégez le fichier.",
        f"{CPRO}41 ; {PORTAL}", since=COMPULSORY,
    ),
    concerns=PUBLIC, why=REFUSED,
)  # fmt: skip
def unfit_attachment(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if not _public(context):
        return
    for position, item in enumerate(invoice.supporting_documents):
        name, most = item.filename or "", LONGEST["filename"]
        if len(name) > most:
            yield Fault(f"supporting_documents[{position}]", {"name": name, "fault": f"a un nom de {len(name)} caractères, {most} au plus"})
        if item.content and len(item.content) > LARGEST_ATTACHMENT:
            fault = f"pèse {len(item.content) // 1024**2} Mo, 10 au plus"
            yield Fault(f"supporting_documents[{position}]", {"name": name or item.reference, "fault": fault})


@entry(
    Rule(
        "FR-B2G-020", Severity.NOTE, "Client sans doute public",
        "Le SIREN {siren} du client est de ceux des organismes publics (il commence par {digit}), mais rien ne dit qu’il l’est.",
        "écrivez « public » dans la colonne « type » de la liste des clients : les contrôles de Chorus Pro seront faits.",
        "INSEE, répertoire SIRENE ; Code de la commande publique, art. L2192-1",
    ),
    concerns="Les clients dont on ne sait pas ce qu’ils sont.",
    why="Une facture à un client public part par Chorus Pro, avec d’autres règles.",
)  # fmt: skip
def perhaps_public(invoice: Invoice, context: Context) -> Iterator[Fault]:
    siren = right_siren(invoice.buyer) if context.client is None else None
    if siren and siren[0] in "12":
        yield Fault("buyer.siren", {"siren": siren, "digit": siren[0]})
