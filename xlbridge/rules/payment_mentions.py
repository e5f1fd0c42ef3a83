"""The three mentions of the Code de commerce: recovery indemnity (PMT), late-payment penalties (PMD), discount for early payment (AAB).

Between professionals all three are due (C. com., art. L441-9, L441-10 II, D441-5); of a consumer none may be claimed. They may stand in
notes with or without code, or in the payment terms. The standard texts are dated data (`data/mentions.toml`).

>>> [amount for amount in (stated_indemnity("Indemnité : 50 €"), stated_indemnity("40 euros"), stated_indemnity("FICTIF"))]
['50', '40', None]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from xlbridge.clients import ClientKind
from xlbridge.findings import Rule, Severity
from xlbridge.folding import folded
from xlbridge.legal_texts import PAYMENT_SUBJECTS, payment_mention, subjects_of
from xlbridge.model import Invoice
from xlbridge.rules.catalogue import Context, Fault, entry
from xlbridge.rules.identity import FRENCH
from xlbridge.rules.latest import of_latest
from xlbridge.rules.reform_calendar import electronic, issuing_since, treatment
from xlbridge.rules.texts import may_say

L441_9 = "C. com., art. L441-9"
L441_10 = "C. com., art. L441-9 et L441-10, II"
INDEMNITY = "C. com., art. L441-9, L441-10, II et D441-5"
FIRMS = "Les factures à un professionnel ou à une administration."
PLACES = "dans la feuille, ou sous [mentions] {code} dans entreprise.toml"
SUBJECTS = {"PMT": "l’indemnité de recouvrement", "PMD": "les pénalités de retard", "AAB": "l’escompte"}
# Folded texts that say nothing at all, and those that say « none »: right of a discount, wrong of what the law imposes between firms.
NOTHING = frozenset(
    {
        "", "a completer", "a definir", "a renseigner", "aab", "idem", "n a", "n c", "n d", "na", "nc", "nd", "nil",
        "non renseigne", "none", "null", "pmd", "pmt", "string", "tbd", "test", "texte", "todo", "vide", "x", "xx", "xxx", "xxxx",
    }
)  # fmt: skip
NONE = frozenset({"0", "aucun", "aucune", "neant", "non", "non applicable", "non concerne", "rien", "sans", "sans objet"})
FORTY = re.compile(r"(?<!\d[.,])\b40(?:[.,]0+)?\b(?![.,]\d)|\bquarante\b", re.IGNORECASE)
AMOUNTS = re.compile(r"((?:\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d+)(?:[.,]\d+)?)\s*(?:€|euros?\b|eur\b)", re.IGNORECASE)
RATES = re.compile(r"\d\s*(?:%|points?\b|pour cent\b)", re.IGNORECASE)
REFERENCES = ("interet legal", "taux legal", "bce", "banque centrale", "taux directeur", "refinancement", "legal interest", "ecb")
OTHERWISE = ("particulier", "consommateur", "professionnel")
OLD_ARTICLE = re.compile(r"(\bL\.?\s?)441[-‑–](6|3)\b(?!-)", re.IGNORECASE)
NEW_ARTICLES = {"6": "441-10", "3": "441-9"}
CHANGED_NUMBERS = date(2019, 10, 1)  # ord. 2019-359: the rules of invoicing bind from this day


def is_firm(invoice: Invoice, context: Context) -> bool:
    """Whether the client is a business or a public body: by the settings, else by its SIREN or VAT number."""
    if context.client is not None:
        return context.client is not ClientKind.CONSUMER
    return not is_consumer(invoice, context) and bool(invoice.buyer.siren or invoice.buyer.vat_number)


def is_consumer(invoice: Invoice, context: Context) -> bool:
    """Whether the client is known to be a consumer: by the settings, else by the treatment that the invoice asks for (BAR)."""
    return context.client is ClientKind.CONSUMER or (context.client is None and treatment(invoice) in {"B2C", "B2CINT"})


def weight(invoice: Invoice, context: Context) -> Severity | None:
    """What an absent mention weighs, None where none is due: an e-invoice is rejected without it (BR-FR-05), a credit note needs it only
    there, and abroad the French law may not be the one of the contract."""
    if not is_firm(invoice, context) or (invoice.seller.country or "FR") not in FRENCH:
        return None
    if electronic(invoice, context) and context.day >= issuing_since(context.size):
        return Severity.BLOCKING
    abroad = (invoice.buyer.country or "FR") not in FRENCH
    return Severity.NOTE if invoice.is_credit_note or abroad else Severity.WARNING


@of_latest
def texts(invoice: Invoice) -> tuple[tuple[str, str, frozenset[str]], ...]:
    """Path, text and subjects of the notes and the payment terms; the code of a note says its subject, the words of any may name others."""
    found = []
    for position, note in enumerate(invoice.notes):
        coded = {note.subject_code} if note.subject_code in PAYMENT_SUBJECTS else set()
        found.append((f"notes[{position}].text", note.text, _named(note.text) | coded))
    if invoice.payment_terms:
        found.append(("payment_terms", invoice.payment_terms, _named(invoice.payment_terms)))
    return tuple(found)


@lru_cache(maxsize=2048)
def _named(text: str) -> frozenset[str]:
    return frozenset(subjects_of(text))


def _coded(invoice: Invoice) -> Iterator[tuple[str, str, str]]:
    """Path, code and text of the notes that carry one of the three codes."""
    for position, note in enumerate(invoice.notes):
        if note.subject_code in PAYMENT_SUBJECTS:
            yield f"notes[{position}].text", note.subject_code, note.text


def _absent(subject: str, invoice: Invoice, context: Context, *, propose: bool = False) -> Iterator[Fault]:
    if any(note.subject_code == subject for note in invoice.notes):
        return
    severity = weight(invoice, context)
    if severity is None or any(subject in subjects for _, _, subjects in texts(invoice)):
        return
    standard = payment_mention(subject, context.day)
    text = standard.text if standard else ""
    yield Fault("notes", {"text": text}, text if propose else None, severity)


@entry(
    Rule(
        "FR-MEN-030", Severity.WARNING, "Indemnité de recouvrement absente",
        "La facture ne dit pas qu’un retard de paiement coûte au client une indemnité forfaitaire de 40 € pour frais de recouvrement.",
        f"écrivez « {{text}} » {PLACES.format(code='PMT')}.", f"{INDEMNITY} ; XP Z12-012, BR-FR-05", since=date(2013, 1, 1),
    ),
    concerns=FIRMS, why="Cette mention est obligatoire entre professionnels ; l’oubli est puni d’une amende, et une facture électronique "
    "sans elle est rejetée.",
)  # fmt: skip
def no_indemnity(invoice: Invoice, context: Context) -> Iterator[Fault]:
    yield from _absent("PMT", invoice, context, propose=True)


@entry(
    Rule(
        "FR-MEN-031", Severity.WARNING, "Pénalités de retard absentes",
        "La facture ne dit pas le taux des pénalités de retard de paiement.",
        f"écrivez le vôtre, par exemple « {{text}} », {PLACES.format(code='PMD')}.", f"{L441_10} ; XP Z12-012, BR-FR-05",
        since=date(2009, 1, 1),
    ),
    concerns=FIRMS, why="Cette mention est obligatoire entre professionnels ; l’oubli est puni d’une amende, et une facture électronique "
    "sans elle est rejetée.",
)  # fmt: skip
def no_penalties(invoice: Invoice, context: Context) -> Iterator[Fault]:
    yield from _absent("PMD", invoice, context)


@entry(
    Rule(
        "FR-MEN-032", Severity.WARNING, "Conditions d’escompte absentes",
        "La facture ne dit pas si un paiement anticipé donne droit à un escompte ; elle doit le dire même s’il n’y en a pas.",
        f"écrivez vos conditions, par exemple « {{text}} », {PLACES.format(code='AAB')}.", f"{L441_9} ; XP Z12-012, BR-FR-05",
        since=date(2009, 1, 1),
    ),
    concerns=FIRMS, why="Cette mention est obligatoire entre professionnels ; l’oubli est puni d’une amende, et une facture électronique "
    "sans elle est rejetée.",
)  # fmt: skip
def no_discount_terms(invoice: Invoice, context: Context) -> Iterator[Fault]:
    yield from _absent("AAB", invoice, context)


def _says_nothing(subject: str, text: str, *, consumer: bool) -> bool:
    """Whether a mention is empty: no word, a filler, or « néant » where the law does not let it be none."""
    words = folded(text)
    return words in NOTHING or (words in NONE and subject != "AAB" and not consumer)


@entry(
    Rule(
        "FR-MEN-033", Severity.WARNING, "Mention vide de sens",
        "La mention {code} ({subject}) dit « {text} », ce qui n’est pas une mention.",
        "écrivez-la en toutes lettres, par exemple « {standard} »{none}.", f"{INDEMNITY} ; XP Z12-012, BR-FR-05",
    ),
    concerns="Les factures qui portent les mentions PMT, PMD et AAB.", elsewhere=Severity.BLOCKING,
    why="Les contrôles officiels ne regardent que le code de la mention : un point ou « n/a » passe, mais n’informe pas le client.",
)  # fmt: skip
def meaningless(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for path, code, text in _coded(invoice):
        if len(text) > 20 or not _says_nothing(code, text, consumer=is_consumer(invoice, context)):
            continue
        standard = payment_mention(code, date.max, is_consumer(invoice, context))
        none = " ; « néant » suffit s’il n’y en a pas" if code == "AAB" else ""
        facts = {"code": code, "subject": SUBJECTS[code], "text": text, "standard": standard.text if standard else "", "none": none}
        yield Fault(path, facts, None, _weight_of_filler(code, text, invoice, context))


def _weight_of_filler(code: str, text: str, invoice: Invoice, context: Context) -> Severity:
    if context.own:
        return weight(invoice, context) or Severity.NOTE
    sure = is_firm(invoice, context) and (code != "AAB" or not folded(text))
    return Severity.BLOCKING if sure else Severity.WARNING


@lru_cache(maxsize=2048)
def stated_indemnity(text: str) -> str | None:
    """The amount in euros that a text on the indemnity gives; 40 wherever it is among them."""
    if FORTY.search(text):
        return "40"
    found = AMOUNTS.search(text)
    return found[1] if found else None


@entry(
    Rule(
        "FR-MEN-034", Severity.WARNING, "Indemnité de recouvrement d’un autre montant",
        "Le texte sur l’indemnité de recouvrement « {text} » {fault} : elle est de 40 €.",
        "écrivez « {standard} ».", "C. com., art. L441-10, II et D441-5", since=date(2013, 1, 1),
    ),
    concerns=FIRMS, elsewhere=Severity.WARNING,
    why="Le montant est fixé par décret ; la mention doit le donner, et une clause qui l’écarte est nulle entre professionnels.",
)  # fmt: skip
def other_indemnity(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if is_consumer(invoice, context) or (invoice.seller.country or "FR") not in FRENCH:
        return
    coded = any(note.subject_code == "PMT" for note in invoice.notes)
    standard = payment_mention("PMT", context.day)
    for position, note in enumerate(invoice.notes):
        about = note.subject_code == "PMT" or (not coded and _named(note.text) == {"PMT"})
        amount = stated_indemnity(note.text) if about else "40"
        if amount == "40" or _says_nothing("PMT", note.text, consumer=False) or _for_some(note.text):
            continue
        fault = f"dit {amount} €" if amount else "ne donne pas son montant"
        facts = {"text": note.text[:100], "fault": fault, "standard": standard.text if standard else ""}
        yield Fault(f"notes[{position}].text", facts)


@lru_cache(maxsize=2048)
def _for_some(text: str) -> bool:
    """Whether the text says to whom it applies (« non due par un particulier », « pour les professionnels »)."""
    words = folded(text)
    return any(word in words for word in OTHERWISE)


@entry(
    Rule(
        "FR-MEN-035", Severity.WARNING, "Pénalités sans taux", "Le texte sur les pénalités de retard « {text} » ne donne aucun taux.",
        "écrivez le taux, par exemple « {standard} ».", L441_10, since=date(2009, 1, 1),
    ),
    concerns=FIRMS, elsewhere=Severity.WARNING,
    why="C’est le taux qui est la mention obligatoire ; entre professionnels, il ne peut pas être nul.",
)  # fmt: skip
def penalties_without_rate(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if is_consumer(invoice, context) or (invoice.seller.country or "FR") not in FRENCH:
        return
    if any(code == "PMD" and _gives_rate(text) for _, code, text in _coded(invoice)):
        return
    found = [(path, text) for path, text, subjects in texts(invoice) if "PMD" in subjects]
    about = [(path, text) for path, text in found if not _says_nothing("PMD", text, consumer=False)]
    if about and not any(_gives_rate(text) for _, text in found):
        path, text = about[0]
        standard = payment_mention("PMD", context.day)
        yield Fault(path, {"text": text[:100], "standard": standard.text if standard else ""})


@lru_cache(maxsize=2048)
def _gives_rate(text: str) -> bool:
    words = folded(text)
    return RATES.search(text) is not None or any(reference in words for reference in REFERENCES)


@entry(
    Rule(
        "FR-MEN-036", Severity.WARNING, "Ancien article du Code de commerce",
        "Le texte cite l’article L{old} du Code de commerce ; depuis 2019, {matter} : c’est L{new}.",
        "remplacez L{old} par L{new}, dans la feuille ou sous [mentions] dans entreprise.toml.",
        "Ordonnance 2019-359 ; C. com., art. L441-9 et L441-10", since=CHANGED_NUMBERS,
    ),
    concerns="Les factures dont un texte cite le Code de commerce.", elsewhere=Severity.NOTE,
    why="Une mention qui renvoie à un article remplacé montre des conditions de vente qui n’ont pas été revues.",
)  # fmt: skip
def old_article(invoice: Invoice, _: Context) -> Iterator[Fault]:
    for path, text, _subjects in texts(invoice) if may_say(invoice, "441") else ():
        found = OLD_ARTICLE.search(text)
        if found is None:
            continue
        old, new = f"441-{found[2]}", NEW_ARTICLES[found[2]]
        matter = "il ne traite plus des délais et des pénalités" if found[2] == "6" else "il ne traite plus des factures"
        whole = re.match(r"\s*,?\s*(?:al|I\b|§)", text[found.end() :]) is None  # a paragraph of the old article is another one now
        proposed = OLD_ARTICLE.sub(lambda match: match[1] + NEW_ARTICLES[match[2]], text) if whole else None
        yield Fault(path, {"old": old, "new": new, "matter": matter}, proposed)


@entry(
    Rule(
        "FR-MEN-037", Severity.WARNING, "Indemnité réclamée à un particulier",
        "Le client est un particulier, et la facture lui annonce l’indemnité de 40 € : « {text} ».",
        "retirez cette mention des factures aux particuliers, ou écrivez qu’elle ne vaut qu’entre professionnels.",
        "C. com., art. L441-10, II", since=date(2013, 1, 1),
    ),
    concerns="Les factures à un particulier.", elsewhere=Severity.WARNING,
    why="L’indemnité n’est due que par un professionnel ; la réclamer à un consommateur est une pratique trompeuse.",
)  # fmt: skip
def indemnity_from_consumer(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if not is_consumer(invoice, context):
        return
    for path, text, subjects in texts(invoice):
        if "PMT" in subjects and stated_indemnity(text) and not _for_some(text):
            yield Fault(path, {"text": text[:100]})
