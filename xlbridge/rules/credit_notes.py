"""Credit notes, rectifying invoices and deposits: what they refer to, their signs, their words against their type.

Sources: CGI art. 289, I-5 and I-1-c; CGI ann. II art. 242 nonies A; BOI-TVA-DECLA-30-20-20-20 § 180 to 270 and -10 § 60;
XP Z12-012, BR-FR-CO-04 and BR-FR-CO-05.

>>> from datetime import date
>>> note = Invoice(type_code="381", number="AV1")
>>> [fault.path for fault in no_original(note, Context(day=date(2026, 10, 1)))]
['preceding_invoices']
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from xlbridge.findings import Rule, Severity
from xlbridge.folding import folded
from xlbridge.french import short_date
from xlbridge.model import Invoice
from xlbridge.model.codes import DEPOSITS, INVOICE, RECTIFYING_INVOICES
from xlbridge.model.money import ZERO
from xlbridge.rules.catalogue import Context, Fault, entry
from xlbridge.rules.sums import written
from xlbridge.rules.texts import may_say

BLOCKING, WARNING, NOTE = Severity.BLOCKING, Severity.WARNING, Severity.NOTE
CORRECTIONS = "CGI, art. 289, I-5 ; BOI-TVA-DECLA-30-20-20-20, § 180 à 270"
DEPOSIT_LAW = "CGI, art. 289, I-1-c ; BOI-TVA-DECLA-30-20-20-10, § 60"
CREDITS = "Les avoirs."
GLOBAL_DISCOUNT = "262"
DEPOSIT_WORDS = ("acompte", "facture d'acompte", "facture d’acompte")
NAMES_INVOICE = re.compile(r"\bfactures? (?:n |no |num |numero |d origine |initiale )*(?!du )(\w*\d\w*)")
NAMES_CREDIT = re.compile(r"^(?:le |un |cet )?avoir (?:n |no |numero |sur |annulant |partiel |total |rectifi|de la facture)")


def _texts(invoice: Invoice, *words: str) -> Iterator[tuple[str, str, str]]:
    """Path, text and folded text of the notes, terms and designations in which one of `words` (lower case) occurs."""
    if not may_say(invoice, *words):
        return
    places = [(f"notes[{at}].text", note.text) for at, note in enumerate(invoice.notes)]
    places += [(f"lines[{at}].name", line.name or "") for at, line in enumerate(invoice.lines)]
    places.append(("payment_terms", invoice.payment_terms or ""))
    for path, text in places:
        lower = text.lower()
        if any(word in lower for word in words):
            yield path, text, folded(text)


def _named_in_text(invoice: Invoice) -> tuple[str, str] | None:
    """Path and text of the first text that names an invoice by its number."""
    found = ((path, text) for path, text, plain in _texts(invoice, "facture") if NAMES_INVOICE.search(plain))
    return next(found, None)


def _needs_original(invoice: Invoice) -> bool:
    return invoice.is_credit_note and invoice.type_code != GLOBAL_DISCOUNT and not invoice.preceding_invoices


@entry(
    Rule(
        "FR-AVO-001", BLOCKING, "Facture d’origine absente", "L’avoir ne nomme pas la facture qu’il corrige.",
        "écrivez le numéro et la date de la facture d’origine (colonne « Facture d’origine »).", f"{CORRECTIONS} ; XP Z12-012, BR-FR-CO-05",
    ),
    concerns=f"{CREDITS} L’avoir de remise globale (262), qui nomme un contrat et une période, n’est pas concerné.",
    why="Un avoir se réfère à la facture initiale de façon précise ; sans lui, la TVA rendue ne se récupère pas.", elsewhere=WARNING,
)  # fmt: skip
def no_original(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if _needs_original(invoice) and _named_in_text(invoice) is None:
        yield Fault("preceding_invoices")


@entry(
    Rule(
        "FR-AVO-002", WARNING, "Facture d’origine sans date", "La facture d’origine {number} est nommée sans sa date.",
        "ajoutez la date de cette facture : « {number} du jj/mm/aaaa ».", f"{CORRECTIONS} ; XP Z12-012, BR-FR-CO-05",
    ),
    concerns="Les avoirs et les factures rectificatives.", why="Le numéro et la date désignent ensemble la facture corrigée.",
    elsewhere=WARNING,
)  # fmt: skip
def original_without_date(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if invoice.is_credit_note or invoice.type_code in RECTIFYING_INVOICES:
        for at, original in enumerate(invoice.preceding_invoices):
            if original.issue_date is None:
                yield Fault(f"preceding_invoices[{at}].issue_date", {"number": original.number})


@entry(
    Rule(
        "FR-AVO-003", WARNING, "Facture d’origine dans un texte seulement",
        "La facture d’origine n’est nommée que dans un texte : « {text} ».",
        "écrivez son numéro et sa date dans leur propre cellule (« Facture d’origine »).", CORRECTIONS,
    ),
    concerns=CREDITS, why="Une facture électronique porte la référence dans son champ ; un texte n’est pas lu par les logiciels.",
    elsewhere=WARNING,
)  # fmt: skip
def original_in_text(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if _needs_original(invoice) and (found := _named_in_text(invoice)):
        yield Fault(found[0], {"text": found[1][:100]})


@entry(
    Rule(
        "FR-AVO-004", BLOCKING, "Document qui se corrige lui-même", "Le document {number} se nomme lui-même comme facture d’origine.",
        "écrivez le numéro de la facture corrigée.", CORRECTIONS,
    ),
    concerns="Les documents qui se réfèrent à une autre facture.", why="La référence désigne un autre document, émis auparavant.",
    elsewhere=BLOCKING,
)  # fmt: skip
def refers_to_itself(invoice: Invoice, _: Context) -> Iterator[Fault]:
    for at, original in enumerate(invoice.preceding_invoices):
        if invoice.number and original.number.strip().casefold() == invoice.number.strip().casefold():
            yield Fault(f"preceding_invoices[{at}].number", {"number": invoice.number})


@entry(
    Rule(
        "FR-AVO-005", BLOCKING, "Facture d’origine postérieure",
        "La facture d’origine {number} est datée du {original}, après ce document ({issued}).",
        "corrigez l’une des deux dates.", CORRECTIONS,
    ),
    concerns="Les documents qui se réfèrent à une autre facture.", why="On ne corrige pas une facture avant de l’avoir émise.",
    elsewhere=WARNING,
)  # fmt: skip
def original_is_later(invoice: Invoice, _: Context) -> Iterator[Fault]:
    for at, original in enumerate(invoice.preceding_invoices):
        if original.issue_date and invoice.issue_date and original.issue_date > invoice.issue_date:
            facts = {"number": original.number, "original": short_date(original.issue_date), "issued": short_date(invoice.issue_date)}
            yield Fault(f"preceding_invoices[{at}].issue_date", facts)


@entry(
    Rule(
        "FR-AVO-006", BLOCKING, "Signes contraires",
        "Le total HT ({net}), la TVA ({vat}) et le total TTC ({gross}) n’ont pas le même signe.",
        "donnez le même signe aux trois montants ; un avoir s’écrit en positif.", "CGI, ann. II, art. 242 nonies A, I, 11°",
    ),
    concerns="Toute facture et tout avoir.", why="Une TVA rendue sur une vente facturée, ou l’inverse, ne correspond à aucune opération.",
    elsewhere=WARNING,
)  # fmt: skip
def mixed_signs(invoice: Invoice, _: Context) -> Iterator[Fault]:
    totals, currency = invoice.totals, invoice.currency
    if totals.net is None or totals.gross is None:
        return
    values = (totals.net, totals.vat or ZERO, totals.gross)
    if not min(values) < 0 < max(values):
        return
    # Rates of opposite signs may turn the tax alone.
    turned = len(invoice.vat_breakdown) > 1 and any((part.amount or ZERO) * totals.net < 0 for part in invoice.vat_breakdown)
    if not (turned and totals.net * totals.gross >= 0):
        net, vat, gross = (written(value, currency) for value in values)
        yield Fault("totals.gross", {"net": net, "vat": vat, "gross": gross})


@entry(
    Rule(
        "FR-AVO-007", NOTE, "Avoir écrit en négatif", "L’avoir est écrit avec des montants négatifs (total {gross}).",
        "rien d’obligatoire dans la feuille : il est écrit en positif dans la facture électronique, dont le type dit que c’est un avoir.",
        "EN 16931 ; XP Z12-012",
    ),
    concerns=CREDITS, why="Un avoir négatif se lirait comme une facture : deux signes moins font un plus.", elsewhere=WARNING,
)  # fmt: skip
def negative_credit_note(invoice: Invoice, _: Context) -> Iterator[Fault]:
    gross = invoice.totals.gross if invoice.totals.gross is not None else invoice.totals.net
    if invoice.is_credit_note and gross is not None and gross < 0:
        yield Fault("totals.gross", {"gross": written(gross, invoice.currency)})


@entry(
    Rule(
        "FR-AVO-008", WARNING, "Avoir qui « annule et remplace »", "L’avoir porte « {text} ».",
        "écrivez « Cet avoir rectifie la facture … du … » ; pour remplacer une facture, choisissez le type « Facture rectificative ».",
        CORRECTIONS,
    ),
    concerns=CREDITS, why="Un avoir réduit une facture, il ne la remplace pas : la facture d’origine reste dans la comptabilité.",
    elsewhere=NOTE,
)  # fmt: skip
def credit_note_replaces(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if invoice.is_credit_note:
        for path, text, plain in _texts(invoice, "remplace"):
            if "annule et remplace" in plain:
                yield Fault(path, {"text": text[:100]})


@entry(
    Rule(
        "FR-AVO-009", WARNING, "Type contraire au texte", "Le document est du type « {type} », mais son texte dit « {text} ».",
        "choisissez le type « {expected} », ou corrigez le texte.", CORRECTIONS,
    ),
    concerns="Les factures ordinaires (380).", why="Le type décide du sens des montants et des références obligatoires.", elsewhere=WARNING,
)  # fmt: skip
def type_against_text(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if invoice.type_code != INVOICE:
        return
    for path, text, plain in _texts(invoice, "avoir", "remplace"):
        if NAMES_CREDIT.match(plain) and not (path.startswith("lines") and len(invoice.lines) > 1):  # one line may deduct a credit note
            yield Fault(path, {"type": invoice.title, "text": text[:100], "expected": "Avoir"})
        elif "annule et remplace" in plain and not path.startswith("lines"):
            yield Fault(path, {"type": invoice.title, "text": text[:100], "expected": "Facture rectificative"})


@entry(
    Rule(
        "FR-AVO-010", BLOCKING, "Facture rectifiée non désignée",
        "La facture rectificative nomme {count} facture(s) d’origine au lieu d’une seule.",
        "écrivez le numéro et la date de la seule facture qu’elle remplace ; pour en corriger plusieurs, faites autant de rectificatives.",
        f"{CORRECTIONS} ; XP Z12-012, BR-FR-CO-04",
    ),
    concerns="Les factures rectificatives (384, 471, 472, 473).",
    why="Une facture rectificative annule et remplace exactement une facture.", elsewhere=BLOCKING,
)  # fmt: skip
def rectifies_one(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if invoice.type_code in RECTIFYING_INVOICES and len(invoice.preceding_invoices) != 1:
        yield Fault("preceding_invoices", {"count": len(invoice.preceding_invoices)})


@entry(
    Rule(
        "FR-AVO-011", WARNING, "Annulation non mentionnée", "La facture rectificative ne dit pas que la facture d’origine est annulée.",
        "écrivez par exemple « Cette facture annule et remplace la facture … du … ».", CORRECTIONS,
    ),
    concerns="Les factures rectificatives (384, 471, 472, 473).",
    why="La facture de remplacement mentionne expressément que l’ancienne est annulée.", elsewhere=NOTE,
)  # fmt: skip
def cancels_expressly(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if invoice.type_code in RECTIFYING_INVOICES and next(_texts(invoice, "annul", "rempla"), None) is None:
        yield Fault("notes" if invoice.notes else "type_code")


@entry(
    Rule(
        "FR-AVO-012", WARNING, "Acompte facturé comme une facture",
        "Toutes les lignes sont des acomptes (« {text} »), et le type est « Facture ».",
        "choisissez le type « Acompte » (386) ; la facture finale rappellera ensuite cet acompte.", DEPOSIT_LAW,
    ),
    concerns="Les factures ordinaires (380).",
    why="La facture d’acompte a son type : c’est lui qui permet de la déduire de la facture finale.",
    elsewhere=NOTE,
)  # fmt: skip
def deposit_as_invoice(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if invoice.type_code != INVOICE or not invoice.lines:
        return
    if all((line.name or "").lstrip().lower().startswith(DEPOSIT_WORDS) for line in invoice.lines):
        yield Fault("lines[0].name", {"text": (invoice.lines[0].name or "")[:100]})


@entry(
    Rule(
        "FR-AVO-014", WARNING, "Facture d’acompte non rappelée",
        "La facture vient après un acompte ({process}) et ne nomme aucune facture d’acompte.",
        "écrivez le numéro et la date de chaque facture d’acompte (« Facture d’origine »).", DEPOSIT_LAW,
    ),
    concerns="Les factures définitives après acompte (cadre B4, S4 ou M4).",
    why="La facture finale se réfère à toutes les factures d’acompte.",
    elsewhere=WARNING,
)  # fmt: skip
def deposits_not_named(invoice: Invoice, _: Context) -> Iterator[Fault]:
    process = invoice.business_process or ""
    if (
        process in {"B4", "S4", "M4"}
        and not invoice.preceding_invoices
        and not invoice.is_credit_note
        and invoice.type_code not in DEPOSITS
    ):
        yield Fault("preceding_invoices", {"process": process})


@entry(
    Rule(
        "FR-AVO-015", WARNING, "Acompte non déduit", "La facture vient après un acompte ({process}) et n’en déduit aucun montant.",
        "écrivez l’acompte déjà payé, ou corrigez le cadre de facturation.", DEPOSIT_LAW,
    ),
    concerns="Les factures définitives après acompte (cadre B4, S4 ou M4).", why="Sans déduction, le client paierait l’acompte deux fois.",
    elsewhere=NOTE,
)  # fmt: skip
def deposit_not_deducted(invoice: Invoice, _: Context) -> Iterator[Fault]:
    process = invoice.business_process or ""
    deducted = invoice.totals.prepaid or any((line.net_amount or ZERO) < 0 for line in invoice.lines)
    if process in {"B4", "S4", "M4"} and not deducted and not invoice.is_credit_note and invoice.type_code not in DEPOSITS:
        yield Fault("totals.prepaid", {"process": process})


@entry(
    Rule(
        "FR-AVO-016", NOTE, "Avoir avec moyen de paiement", "L’avoir porte un compte bancaire ou un moyen de paiement.",
        "retirez-le, ou précisez que c’est vous qui remboursez : le client n’a rien à payer.", "EN 16931, BG-16",
    ),
    concerns=CREDITS, why="Le client pourrait payer l’avoir ; une demande de paiement n’a pas de sens sur un avoir.", elsewhere=NOTE,
)  # fmt: skip
def credit_note_asks_payment(invoice: Invoice, _: Context) -> Iterator[Fault]:
    payment = invoice.payment
    if invoice.is_credit_note and payment and (payment.accounts or payment.means_code):
        yield Fault("payment.accounts[0].iban" if payment.accounts else "payment.means_code")
