"""When and how an invoice is to be paid: due date and its limits, means of payment, cash, bank data.

Sources: C. com. art. L441-9, L441-10 I, L441-11; C. commande publ. art. R2192-10 and -11; C. mon. fin. art. L112-6 and D112-3;
EN 16931-1, BR-61 and BR-CO-25.

>>> longest(date(2026, 10, 1))
(datetime.date(2026, 11, 30), datetime.date(2026, 11, 30), datetime.date(2026, 12, 15))
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from xlbridge.causes import UNREAD
from xlbridge.clients import ClientKind
from xlbridge.findings import Rule, Severity
from xlbridge.folding import folded
from xlbridge.french import money, short_date
from xlbridge.model import Invoice
from xlbridge.model.codes import TRANSFER
from xlbridge.rules.catalogue import Context, Fault, entry
from xlbridge.rules.identity import FRENCH
from xlbridge.rules.late_payment import cash_limit
from xlbridge.rules.payment_mentions import is_consumer, is_firm
from xlbridge.rules.texts import may_say

BLOCKING, WARNING, NOTE = Severity.BLOCKING, Severity.WARNING, Severity.NOTE
BETWEEN_FIRMS = "Les factures d’un vendeur français à une entreprise."
TO_PAY = "Les factures qui restent à payer."
LME = date(2009, 1, 1)  # loi 2008-776: 60 days, or 45 days and end of month
CASH, CARDS, SEPA_DEBIT = "10", ("48", "54", "55"), "59"
TRANSFERS = (TRANSFER, "58")
DAYS = re.compile(r"\b(\d{1,3}) ?(?:j|jours?)\b")


def between_firms(invoice: Invoice, context: Context) -> bool:
    """Whether seller and client are both businesses, and the seller a French one: by the settings, else by the numbers they carry."""
    return context.client is not ClientKind.PUBLIC and is_firm(invoice, context) and _french_seller(invoice)


def _french_seller(invoice: Invoice) -> bool:
    """Whether the Code de commerce binds the seller: one whose country is not written is taken for a French one."""
    return (invoice.seller.country or "FR") in FRENCH


def _to_pay(invoice: Invoice) -> bool:
    """Whether the client has something to pay: no credit note, and not paid already."""
    return not invoice.is_credit_note and (invoice.totals.due is None or invoice.totals.due > 0)


@entry(
    Rule(
        "FR-PAI-001", BLOCKING, "Échéance absente", "La facture ne dit ni la date ni le délai de paiement.",
        "écrivez la date d’échéance dans la feuille, ou le délai du client dans la liste des clients.", "C. com., art. L441-9",
        follows=UNREAD,
    ),
    concerns=BETWEEN_FIRMS,
    why="La date à laquelle le règlement doit intervenir est obligatoire entre professionnels ; les pénalités courent d’elle.",
)  # fmt: skip
def no_due_date(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if context.to_business and _french_seller(invoice) and not invoice.due_date and not invoice.payment_terms and _to_pay(invoice):
        yield Fault("due_date")


@entry(
    Rule(
        "FR-PAI-002", WARNING, "Échéance absente, client de nature inconnue",
        "La facture ne dit ni la date ni le délai de paiement ; ils sont obligatoires si le client est un professionnel.",
        "écrivez la date d’échéance dans la feuille.", "C. com., art. L441-9 ; EN 16931, BR-CO-25", follows=UNREAD,
    ),
    concerns="Les factures dont le client n’est pas connu comme une entreprise ou un particulier.",
    why="Entre professionnels l’échéance est obligatoire, et toute facture électronique à payer en porte une.",
    elsewhere=WARNING,
)  # fmt: skip
def no_due_date_for_unknown(invoice: Invoice, context: Context) -> Iterator[Fault]:
    unknown = not context.to_business and not is_consumer(invoice, context)
    if unknown and not invoice.due_date and not invoice.payment_terms and _to_pay(invoice):
        firm = is_firm(invoice, context)
        if firm or not any(item.kind == "empty_cell" and item.path == "due_date" for item in context.unread):  # else FR-MEN-020 says it
            yield Fault("due_date", severity=None if firm else NOTE)


@entry(
    Rule(
        "FR-PAI-003", NOTE, "Délai sans date d’échéance", "Le paiement est demandé par un délai (« {terms} »), sans date.",
        "écrivez aussi la date d’échéance dans la feuille.", "C. com., art. L441-9",
    ),
    concerns=BETWEEN_FIRMS, why="La facture mentionne la date à laquelle le règlement doit intervenir ; un délai laisse à la calculer.",
)  # fmt: skip
def terms_without_date(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if context.to_business and _french_seller(invoice) and not invoice.due_date and invoice.payment_terms and _to_pay(invoice):
        yield Fault("payment_terms", {"terms": invoice.payment_terms[:100]})


def longest(issued: date) -> tuple[date, date, date]:
    """The last due dates that the law lets two firms agree on: 60 days; 45 days then the end of that month; the end of the month then
    45 days (both ways of counting « 45 jours fin de mois » are accepted)."""
    in_45_days = issued + timedelta(days=45)
    return issued + timedelta(days=60), _end_of_month(in_45_days), _end_of_month(issued) + timedelta(days=45)


def _end_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _delay(invoice: Invoice) -> tuple[date, date, int] | None:
    """Issue date, due date and the days between them, of an invoice to pay whose years can be counted with."""
    issued, due = invoice.issue_date, invoice.due_date
    if issued is None or due is None or issued.year > 9000 or not _to_pay(invoice):
        return None
    return issued, due, (due - issued).days


@entry(
    Rule(
        "FR-PAI-004", WARNING, "Délai de paiement trop long",
        "L’échéance du {due} ({days} jours) dépasse les délais permis : 60 jours ({sixty}) ou 45 jours fin de mois ({first}, ou {second} "
        "si les 45 jours courent de la fin du mois).",
        "ramenez l’échéance dans ces limites.", "C. com., art. L441-10 I", since=LME,
    ),
    concerns=BETWEEN_FIRMS,
    why="Le délai convenu ne peut dépasser 60 jours à compter de la facture, ou 45 jours fin de mois ; l’amende est lourde.",
    elsewhere=NOTE,
)  # fmt: skip
def paid_too_late(invoice: Invoice, context: Context) -> Iterator[Fault]:
    delay = _delay(invoice) if between_firms(invoice, context) else None
    if delay and delay[2] > 60 and delay[1] > max(limits := longest(delay[0])):
        yield Fault("due_date", _limits(delay, limits))


def _limits(delay: tuple[date, date, int], limits: tuple[date, date, date]) -> dict[str, object]:
    names = zip(("sixty", "first", "second"), map(short_date, limits), strict=True)
    return {"due": short_date(delay[1]), "days": delay[2], **dict(names)}


@entry(
    Rule(
        "FR-PAI-005", NOTE, "Délai de 45 jours fin de mois",
        "L’échéance du {due} dépasse 60 jours ({sixty}) : elle n’est permise que par « 45 jours fin de mois » ({first}, ou {second} "
        "si les 45 jours courent de la fin du mois).",
        "vérifiez que le contrat prévoit ce délai et cette façon de compter.", "C. com., art. L441-10 I", since=LME,
    ),
    concerns=BETWEEN_FIRMS, why="Le délai de 45 jours fin de mois doit être stipulé par contrat.",
)  # fmt: skip
def paid_by_end_of_month(invoice: Invoice, context: Context) -> Iterator[Fault]:
    delay = _delay(invoice) if between_firms(invoice, context) else None
    if delay and delay[2] > 60 and delay[1] <= max(limits := longest(delay[0])):
        yield Fault("due_date", _limits(delay, limits))


@entry(
    Rule(
        "FR-PAI-006", WARNING, "Délai d’un client public",
        "L’échéance du {due} ({days} jours) dépasse les 30 jours d’un acheteur public ({limit}).",
        "ramenez l’échéance à 30 jours (50 jours pour un établissement public de santé, 60 jours pour une entreprise publique).",
        "Décret 2013-269 ; C. commande publ., art. R2192-10 et R2192-11", since=date(2013, 5, 1),
    ),
    concerns="Les factures à un client public.",
    why="L’État et les collectivités paient sous 30 jours ; un délai plus long vous prive d’intérêts.",
)  # fmt: skip
def public_buyer_too_late(invoice: Invoice, context: Context) -> Iterator[Fault]:
    delay = _delay(invoice) if context.client is ClientKind.PUBLIC else None
    if delay and delay[2] > 30:
        facts = {"due": short_date(delay[1]), "days": delay[2], "limit": short_date(delay[0] + timedelta(days=30))}
        yield Fault("due_date", facts)


@entry(
    Rule(
        "FR-PAI-007", NOTE, "Facture récapitulative", "L’échéance du {due} dépasse 45 jours ({limit}), et la facture couvre une période.",
        "si la facture groupe plusieurs livraisons du mois, ramenez l’échéance à 45 jours de la facture.", "C. com., art. L441-10 I",
        since=LME,
    ),
    concerns="Les factures à une entreprise qui portent une période d’un mois au plus.",
    why="Une facture périodique se paie au plus tard 45 jours après son émission.",
)  # fmt: skip
def periodic_too_late(invoice: Invoice, context: Context) -> Iterator[Fault]:
    period, delay = invoice.period, _delay(invoice) if between_firms(invoice, context) else None
    if not delay or not 45 < delay[2] <= 60 or not (period and period.start and period.end):
        return
    if period.start < period.end and (period.start.year, period.start.month) == (period.end.year, period.end.month):
        yield Fault("due_date", {"due": short_date(delay[1]), "limit": short_date(delay[0] + timedelta(days=45))})


@entry(
    Rule(
        "FR-PAI-008", WARNING, "Paiement en espèces interdit", "Le paiement en espèces est prévu pour {gross} ; la limite est de {limit}.",
        "choisissez un autre moyen de paiement (virement, chèque, carte).", "C. mon. fin., art. L112-6 et D112-3", since=date(2015, 9, 1),
    ),
    concerns="Les factures payables en espèces.",
    why="Un professionnel ne peut ni payer ni recevoir davantage en espèces ; l’amende atteint 5 %.",
    elsewhere=WARNING,
)  # fmt: skip
def too_much_cash(invoice: Invoice, context: Context) -> Iterator[Fault]:
    payment, gross = invoice.payment, invoice.totals.gross
    if payment is None or gross is None or invoice.currency != "EUR" or invoice.is_credit_note:
        return
    cash = payment.means_code == CASH or (payment.means_code is None and "espece" in folded(payment.means_text or ""))
    limits = cash_limit(context.day) if cash else None
    if limits is None:
        return
    abroad = (invoice.buyer.country or "FR") not in FRENCH and not context.to_business
    limit = limits.abroad if abroad else limits.limit
    if gross > limit:
        yield Fault("payment.means_code", {"gross": money(gross, "EUR"), "limit": money(limit, "EUR")})


def _expected(issued: date, terms: str) -> tuple[date, ...]:
    """The due dates that one delay in days means; empty where the terms are not that simple."""
    plain = folded(terms)
    counts = DAYS.findall(plain)
    if len(set(counts)) != 1 or any(
        word in plain for word in ("reception", "livraison", " le ", "escompte", "retard", "commande", "ouvre")
    ):
        return ()
    later = issued + timedelta(days=int(counts[0]))
    if "fin de mois" not in plain and "fdm" not in plain:
        return (later,)
    return _end_of_month(later), _end_of_month(issued) + timedelta(days=int(counts[0]))


@entry(
    Rule(
        "FR-PAI-009", WARNING, "Échéance contraire au délai", "L’échéance est le {due}, mais « {terms} » donne le {expected}.",
        "corrigez l’échéance ou les conditions de paiement.", "C. com., art. L441-9",
    ),
    concerns=TO_PAY, why="Deux échéances différentes : le client choisit la plus lointaine.", elsewhere=NOTE,
)  # fmt: skip
def due_against_terms(invoice: Invoice, _: Context) -> Iterator[Fault]:
    delay = _delay(invoice) if invoice.payment_terms else None
    terms = invoice.payment_terms or ""
    expected = _expected(delay[0], terms) if delay else ()
    if delay and expected and all(abs((delay[1] - day).days) > 3 for day in expected):  # a due date may be moved off a week-end
        told = " ou le ".join(short_date(day) for day in dict.fromkeys(expected))
        yield Fault("due_date", {"due": short_date(delay[1]), "terms": terms[:100], "expected": told})


@entry(
    Rule(
        "FR-PAI-010", WARNING, "IBAN absent", "Le paiement est demandé par virement, et aucun IBAN n’est donné.",
        "écrivez votre IBAN dans la feuille, ou dans le fichier entreprise.toml placé à côté du classeur (banque).", "EN 16931, BR-61",
    ),
    concerns="Les factures payables par virement.", why="Sans compte, le client ne peut pas payer, et la facture électronique est refusée.",
    elsewhere=WARNING,
)  # fmt: skip
def transfer_without_account(invoice: Invoice, _: Context) -> Iterator[Fault]:
    payment = invoice.payment
    if payment and payment.means_code in TRANSFERS and _to_pay(invoice) and not any(account.iban for account in payment.accounts):
        yield Fault("payment.accounts[0].iban" if payment.accounts else "payment.accounts")


@entry(
    Rule(
        "FR-PAI-011", BLOCKING, "Numéro de carte en clair", "Le numéro de carte bancaire est écrit en entier.",
        "ne gardez que les quatre derniers chiffres, et effacez le numéro de la feuille.", "RGPD, art. 5 et 32 ; EN 16931, BR-51",
    ),
    concerns="Les factures payées par carte.", why="Un numéro de carte entier sur une facture expose le client à la fraude.",
    elsewhere=WARNING,
)  # fmt: skip
def full_card_number(invoice: Invoice, _: Context) -> Iterator[Fault]:
    number = invoice.payment.card_number if invoice.payment else None
    digits = re.sub(r"[ .-]", "", number) if number else ""
    if digits.isdecimal() and 13 <= len(digits) <= 19:
        yield Fault("payment.card_number")


@entry(
    Rule(
        "FR-PAI-012", NOTE, "Prélèvement sans mandat", "Le paiement est demandé par prélèvement, sans {what}.",
        "écrivez la référence unique du mandat (RUM) et votre identifiant de créancier (ICS).", "EN 16931, BG-19",
    ),
    concerns="Les factures payées par prélèvement SEPA.", why="Le client reconnaît le prélèvement par son mandat.", elsewhere=NOTE,
)  # fmt: skip
def debit_without_mandate(invoice: Invoice, _: Context) -> Iterator[Fault]:
    payment = invoice.payment
    if payment and payment.means_code == SEPA_DEBIT and not invoice.is_credit_note:
        lacking = [
            name
            for name, value in (("référence du mandat", payment.mandate), ("identifiant du créancier", payment.creditor_id))
            if not value
        ]
        if lacking:
            yield Fault("payment.mandate", {"what": " ni ".join(lacking)})


@entry(
    Rule(
        "FR-PAI-013", WARNING, "Escompte contradictoire", "Un texte exclut l’escompte (« {none} »), un autre en accorde un (« {given} »).",
        "gardez un seul des deux textes.", "C. com., art. L441-9",
    ),
    concerns="Les factures qui parlent d’escompte.",
    why="Les conditions d’escompte sont obligatoires ; contradictoires, elles profitent au client.",
    elsewhere=WARNING,
)  # fmt: skip
def contradictory_discount(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if not may_say(invoice, "escompte"):
        return
    texts = [(f"notes[{at}].text", note.text) for at, note in enumerate(invoice.notes)] + [("payment_terms", invoice.payment_terms or "")]
    none = [(path, text) for path, text in texts if _says_of_discount(text) == "none"]
    given = [(path, text) for path, text in texts if _says_of_discount(text) == "given"]
    if none and given:
        yield Fault(given[0][0], {"none": none[0][1][:100], "given": given[0][1][:100]})


@lru_cache(maxsize=2048)
def _says_of_discount(text: str) -> str | None:
    """Whether a text gives a discount in percent ("given") or says that there is none ("none")."""
    if "escompte" not in text.lower():
        return None
    plain = f" {folded(text)} "
    if any(word in plain for word in (" pas ", " neant ", " aucun ", " sans ", " nul ")):
        return "none"
    return "given" if "%" in text else None
