"""Mentions of special cases: reverse charge, franchise, margin schemes, self-billing, VAT groups, tax representatives, deposits deducted.

Sources: CGI, ann. II, art. 242 nonies A, I, 5°, 5° bis and 12° to 16°; CGI art. 289, I-1-c and I-2, 293 E, 297 A, 297 E; XP Z12-012
(BR-FR-CO-14 and -15). Whether a reason is there at all, and agrees with its code, is judged with VAT (FR-TVA-030 to 036).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from xlbridge.company import VatRegime
from xlbridge.findings import Rule, Severity
from xlbridge.folding import folded
from xlbridge.french import money
from xlbridge.legal_texts import FRANCHISE_CODE, franchise
from xlbridge.model import Invoice, Party
from xlbridge.model.codes import DEPOSITS, VatCategory
from xlbridge.model.money import ZERO
from xlbridge.rules.catalogue import Context, Fault, entry
from xlbridge.rules.payment_mentions import is_firm
from xlbridge.rules.presence import NONIES
from xlbridge.rules.reform_calendar import START, electronic
from xlbridge.rules.schemes import SINGLE_TAXABLE_PERSON
from xlbridge.rules.texts import note_with
from xlbridge.rules.vat_treatments import charged, treatments
from xlbridge.rules.vatex import known, named_by

REVERSE_CHARGE_WORDS = ("autoliquidation", "auto liquidation", "reverse charge")
MARGIN_CODES = frozenset({"VATEX-EU-D", "VATEX-EU-F", "VATEX-EU-I", "VATEX-EU-J"})
MARGIN_WORDS = ("regime particulier", "regime de la marge", "tva sur la marge", "297 a")
FRANCHISE_ARTICLES = ("293 b", "293b", "223 3", "233 3")  # the last two: the article's number from 2027, of which sources give both
SELF_BILLING_WORDS = ("autofacturation", "auto facturation", "self billing", "self billed")
SELF_BILLED_TYPE = {"380": "389", "381": "261", "386": "500", "384": "471", "393": "501", "396": "502", "472": "473"}
GROUP_WORDS = "membre d un assujetti unique"
GROUP_TEXT = "MEMBRE_ASSUJETTI_UNIQUE"
AFTER_DEPOSIT = {"B1": "B4", "S1": "S4", "M1": "M4"}
DEPOSIT_LAW = "CGI, art. 289, I-1-c ; BOI-TVA-DECLA-30-20-20-10, § 60"


@entry(
    Rule(
        "FR-MEN-040", Severity.WARNING, "Mention « Autoliquidation » absente",
        "La TVA est due par le client ({where}), et le motif « {reason} » ne contient pas le mot « Autoliquidation ».",
        "écrivez « {mention} » dans la colonne « Motif d’exonération ».", f"{NONIES}13°",
    ),
    concerns="Les factures dont la TVA est due par le client.", elsewhere=Severity.NOTE,
    why="Ce mot est la mention obligatoire ; sans lui, le client peut ignorer qu’il doit déclarer la TVA lui-même.",
)  # fmt: skip
def no_reverse_charge_word(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for item in treatments(invoice):
        if item.category != VatCategory.REVERSE_CHARGE or not item.reason:
            continue
        words = folded(item.reason)
        if not any(word in words for word in REVERSE_CHARGE_WORDS) and not note_with(invoice, *REVERSE_CHARGE_WORDS):
            mention = f"Autoliquidation – {item.reason}"
            yield Fault(item.path("vat_reason", context), {"where": item.where, "reason": item.reason, "mention": mention}, mention)


@entry(
    Rule(
        "FR-MEN-041", Severity.WARNING, "Mention de la franchise absente",
        "L’entreprise est en franchise de TVA, et le motif « {reason} » ({where}) ne cite pas l’article 293 B.",
        "écrivez « {mention} ».", f"CGI, art. 293 E ; {NONIES}12°",
    ),
    concerns="Les entreprises en franchise en base de TVA.",
    why="La loi impose cette mention mot pour mot aux factures d’une entreprise en franchise ; l’oubli est puni d’une amende.",
)  # fmt: skip
def no_franchise_mention(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if context.regime is not VatRegime.FRANCHISE:
        return
    mention = franchise().text
    for item in treatments(invoice):
        if charged(item) or not item.reason or _cites_franchise(item.reason) or note_with(invoice, *FRANCHISE_ARTICLES):
            continue
        other = named_by(item.reason)
        if other is None or other.code == FRANCHISE_CODE:  # an exemption of its own (training, care) may stand beside the franchise
            facts = {"where": item.where, "reason": item.reason, "mention": mention}
            yield Fault(item.path("vat_reason", context), facts, mention)


def _cites_franchise(reason: str) -> bool:
    words = folded(reason)
    return any(article in words for article in FRANCHISE_ARTICLES)


@entry(
    Rule(
        "FR-MEN-042", Severity.WARNING, "Mention du régime de la marge absente",
        "L’opération relève d’un régime de la marge ({code}, {where}), et le motif « {reason} » ne le dit pas.",
        "écrivez « {mention} ».", f"{NONIES}15° et 16°",
    ),
    concerns="Les biens d’occasion, objets d’art, de collection ou d’antiquité, et les agences de voyages.", elsewhere=Severity.NOTE,
    why="Le client voit par cette mention qu’il ne peut déduire aucune TVA.",
)  # fmt: skip
def no_margin_mention(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for item in treatments(invoice):
        if item.code not in MARGIN_CODES or not item.reason or note_with(invoice, *MARGIN_WORDS):
            continue
        words, scheme = folded(item.reason), known(item.code)
        if scheme and not any(word in words for word in MARGIN_WORDS):
            facts = {"code": item.code, "where": item.where, "reason": item.reason, "mention": scheme.text}
            yield Fault(item.path("vat_reason", context), facts, scheme.text)


@entry(
    Rule(
        "FR-MEN-043", Severity.WARNING, "Régime de la marge et TVA facturée",
        "La facture dit relever du régime de la marge, mais toutes ses lignes portent de la TVA ({vat}).",
        "retirez la TVA : sous ce régime elle n’apparaît pas ; ou retirez la mention.", "CGI, art. 297 A et 297 E",
    ),
    concerns="Les factures qui citent un régime de la marge.", elsewhere=Severity.WARNING,
    why="Sous le régime de la marge, la TVA ne doit pas apparaître sur la facture ; celle qui y figure est due.",
)  # fmt: skip
def margin_with_vat(invoice: Invoice, _: Context) -> Iterator[Fault]:
    found = treatments(invoice)
    if found and all(map(charged, found)) and (path := note_with(invoice, *MARGIN_WORDS)):
        yield Fault(path, {"vat": money(invoice.totals.vat or ZERO, invoice.currency)})


@entry(
    Rule(
        "FR-MEN-044", Severity.WARNING, "Autofacturation sous un type ordinaire",
        "Un texte dit « Autofacturation », mais le type du document ({code}, {title}) est celui d’une facture émise par le vendeur.",
        "écrivez le type {right}, ou retirez la mention.", f"CGI, art. 289, I-2 ; {NONIES}14° ; XP Z12-012, BR-FR-04",
    ),
    concerns="Les factures établies par le client au nom du vendeur.", elsewhere=Severity.WARNING,
    why="Le type dit aux plateformes qui a émis la facture, et à qui elle doit être envoyée.",
)  # fmt: skip
def self_billing_in_text(invoice: Invoice, _: Context) -> Iterator[Fault]:
    code = invoice.type_code
    if code in SELF_BILLED_TYPE and note_with(invoice, *SELF_BILLING_WORDS):
        right = SELF_BILLED_TYPE[code]
        yield Fault("type_code", {"code": code, "title": invoice.title, "right": right}, right)


@entry(
    Rule(
        "FR-MEN-046", Severity.WARNING, "Mention « Membre d’un assujetti unique » absente",
        "Le vendeur est membre d’un assujetti unique, mais {what}.",
        "écrivez « Membre d’un assujetti unique » (mention TXD : MEMBRE_ASSUJETTI_UNIQUE), et nommez l’assujetti unique "
        "avec son numéro de TVA (BG-11), à côté du nom, de l’adresse et du numéro du membre.",
        f"CGI, art. 256 C ; {NONIES}5° bis ; XP Z12-012, BR-FR-CO-14 et BR-FR-CO-15", since=date(2023, 1, 1),
    ),
    concerns="Les vendeurs membres d’un groupe de TVA.", elsewhere=Severity.WARNING,
    why="L’assujetti unique déclare la TVA, mais c’est le membre qui vend : la facture nomme les deux.",
)  # fmt: skip
def vat_group(invoice: Invoice, _: Context) -> Iterator[Fault]:
    texts = [(position, note) for position, note in enumerate(invoice.notes) if note.subject_code == "TXD"]
    member = any(item.scheme == SINGLE_TAXABLE_PERSON for item in invoice.seller.identifiers)
    if not (member or texts):
        return
    if not texts and not note_with(invoice, GROUP_WORDS):
        yield Fault("notes", {"what": "la facture ne le dit pas"})
    for position, note in texts:
        if note.text.strip() != GROUP_TEXT:
            yield Fault(f"notes[{position}].text", {"what": f"la mention TXD dit « {note.text} »"}, GROUP_TEXT)
    if invoice.tax_representative is None:
        yield Fault("tax_representative", {"what": "l’assujetti unique et son numéro de TVA ne sont pas nommés (BG-11)"})


def _lacking(party: Party) -> Iterator[tuple[str, str]]:
    """Path and French name of what a tax representative must have and does not."""
    if not party.name:
        yield "tax_representative.name", "son nom"
    if not party.vat_number:
        yield "tax_representative.vat_number", "son numéro de TVA"
    if party.address is None or not (party.address.lines or party.address.city):
        yield "tax_representative.address", "son adresse"


@entry(
    Rule(
        "FR-MEN-047", Severity.BLOCKING, "Représentant fiscal incomplet", "Le vendeur a un représentant fiscal, mais il manque {what}.",
        "écrivez le nom complet, l’adresse et le numéro de TVA du représentant.", f"CGI, art. 289 A ; {NONIES}5°",
    ),
    concerns="Les vendeurs étrangers représentés en France.", elsewhere=Severity.WARNING,
    why="C’est le représentant qui doit la TVA : la facture l’identifie entièrement.",
)  # fmt: skip
def incomplete_representative(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if invoice.tax_representative is not None:
        for path, what in _lacking(invoice.tax_representative):
            yield Fault(path, {"what": what})


@entry(
    Rule(
        "FR-MEN-048", Severity.WARNING, "Acompte déduit sans facture d’acompte",
        "La facture déduit {prepaid} déjà payés et ne nomme aucune facture d’acompte.",
        "écrivez le numéro et la date de chaque facture d’acompte (« Facture d’origine ») ; rien à faire pour un simple règlement partiel.",
        DEPOSIT_LAW,
    ),
    concerns="Les factures qui déduisent un acompte.", elsewhere=Severity.NOTE,
    why="Un acompte entre professionnels donne lieu à sa propre facture, que la facture finale rappelle.",
)  # fmt: skip
def deposit_without_invoice(invoice: Invoice, context: Context) -> Iterator[Fault]:
    prepaid, gross = invoice.totals.prepaid or ZERO, invoice.totals.gross or ZERO
    if not ZERO < prepaid < gross or invoice.preceding_invoices or invoice.is_credit_note or invoice.type_code in DEPOSITS:
        return
    process = invoice.business_process or ""
    if process[1:] in {"2", "4"} or note_with(invoice, "facture d acompte", "facture acompte"):  # paid already; FR-AVO-014
        return
    firm = is_firm(invoice, context)
    yield Fault("totals.prepaid", {"prepaid": money(prepaid, invoice.currency)}, None, Severity.NOTE if context.own and not firm else None)


@entry(
    Rule(
        "FR-MEN-049", Severity.NOTE, "Cadre de facturation après acompte",
        "La facture déduit un acompte déjà facturé, mais son cadre de facturation est {code} : ce serait {right}.",
        "écrivez {right} comme cadre de facturation (BT-23).", "XP Z12-012, BR-FR-08 ; CGI, art. 289, I-1-c", since=START,
    ),
    concerns="Les factures électroniques qui suivent une facture d’acompte.",
    why="Le client et l’administration voient ainsi que la TVA de l’acompte a déjà été déclarée.",
)  # fmt: skip
def process_after_deposit(invoice: Invoice, context: Context) -> Iterator[Fault]:
    right = AFTER_DEPOSIT.get(invoice.business_process or "")
    deducted = invoice.preceding_invoices and (invoice.totals.prepaid or ZERO) > 0
    ordinary = not invoice.is_credit_note and invoice.type_code not in DEPOSITS
    if right and deducted and ordinary and electronic(invoice, context):
        yield Fault("business_process", {"code": invoice.business_process, "right": right}, right)
