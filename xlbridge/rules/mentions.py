"""What an invoice says of each line and of the supply: lines at all, their VAT, a precise name, the day and place, the client's order.

Sources: CGI, ann. II, art. 242 nonies A, I, 7° bis, 8° and 10°; C. com., art. L441-9; arrêté n° 83-50/A of 3 October 1983 (notes to
consumers). Names, addresses and numbers are judged by the rules of identity, amounts by those of amounts.

>>> from xlbridge.model import Line
>>> [fault.path for fault in vague_name(Invoice(lines=(Line(name="Divers"), Line(name="Pose de plinthes"))), Context(day=date.max))]
['lines[0].name']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache

from xlbridge.clients import ClientKind
from xlbridge.findings import Rule, Severity
from xlbridge.folding import folded
from xlbridge.french import money, short_date
from xlbridge.model import Invoice
from xlbridge.model.codes import DEPOSITS
from xlbridge.model.money import ZERO
from xlbridge.rules.catalogue import Context, Fault, entry
from xlbridge.rules.payment_mentions import is_firm
from xlbridge.rules.presence import EVERYONE, NONIES
from xlbridge.rules.reform_calendar import treatment
from xlbridge.rules.texts import may_say

L441_9 = "C. com., art. L441-9"
CONSUMERS = "arrêté n° 83-50/A du 3 octobre 1983"
NOTE_DUE_FROM = Decimal(25)  # gross, in euros: from here a service to a consumer needs a note (arrêté n° 83-50/A, art. 1)
VAGUE = frozenset(
    {
        "article", "articles", "comme convenu", "description", "designation", "divers", "facture", "forfait", "fourniture", "fournitures",
        "item", "libelle", "lorem ipsum", "marchandise", "marchandises", "prestation", "prestation de service", "prestation de services",
        "prestations", "prestations de services", "produit", "produits", "product", "selon devis", "service", "services", "suivant devis",
        "test", "travaux", "vente", "ventes", "xxx",
    }
)  # fmt: skip
SUPPLIED = re.compile(
    r"\b(?:livr|ex[ée]cut|r[ée]alis|effectu|intervention|prestation|travaux)\w*"
    r"(?: (?:livr|ex[ée]cut|r[ée]alis|effectu)\w*)? (?:le|du|en date du) (\d{1,2})[/.](\d{1,2})[/.](\d{4})\b",
    re.IGNORECASE,
)
DELIVERED = re.compile(r"\b(?:adresse|lieu) de livraison\b\D*(?:\d{1,4}(?!\d)\D*)*(?<!\d)(\d{5})(?!\d)", re.IGNORECASE)
ORDERED = re.compile(
    r"\b(?:bon de commande|votre commande|commande client|v/ ?commande|b\.?c\.?)(?: client)? ?(?:n[°o]\.?|num[ée]ro|r[ée]f\.?|:) ?:? ?"
    r"([A-Z0-9][\w/.-]*\d[\w/-]*)",
    re.IGNORECASE,
)


@entry(
    Rule(
        "FR-MEN-010", Severity.NOTE, "Contrôles faits sans tout savoir",
        "On ne connaît pas {unknown} : les règles qui en dépendent n’ont rien pu dire.", "donnez {remedy}.",
        f"{NONIES}1°, 8° bis, 11° bis et 12° ; {L441_9}",
    ),
    concerns=EVERYONE,
    why="Le régime de TVA, la taille de l’entreprise et la nature du client changent les mentions obligatoires ; on ne les devine pas.",
)  # fmt: skip
def unknown_context(invoice: Invoice, context: Context) -> Iterator[Fault]:
    settings = (
        ("le régime de TVA", "regime_tva", context.regime),
        ("la taille", "taille", context.size),
        ("l’activité", "nature", context.activity),
    )
    ours = [name for name, _, value in settings if value is None]
    client_unknown = context.client is None and not is_firm(invoice, context) and treatment(invoice) is None
    if not (ours or client_unknown):
        return
    unknown = [f"{_listed(ours)} de l’entreprise"] if ours else []
    keys = ", ".join(key for _, key, value in settings if value is None)
    which = "ces réglages" if len(ours) > 1 else "ce réglage"
    remedies = [f"{which} dans la feuille « Entreprise » ou dans entreprise.toml ({keys})"] if ours else []
    if client_unknown:
        unknown.append("la nature du client (professionnel, particulier ou public)")
        remedies.append("le type du client dans la liste des clients (--clients), ou son SIREN")
    yield Fault("seller" if ours else "buyer", {"unknown": ", ni ".join(unknown), "remedy": " ; ".join(remedies)})


def _listed(names: list[str]) -> str:
    return " ni ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


@entry(
    Rule(
        "FR-MEN-011", Severity.WARNING, "Aucune ligne", "La facture n’a aucune ligne : elle ne dit pas ce qui est vendu.",
        "écrivez une ligne par produit ou service, avec sa quantité, son prix unitaire HT et son taux de TVA.", f"{NONIES}8° ; {L441_9}",
    ),
    concerns=EVERYONE, why="La quantité, la désignation, le prix unitaire et le taux de chaque produit ou service sont obligatoires.",
    elsewhere=Severity.NOTE,
)  # fmt: skip
def no_lines(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if not invoice.lines:
        yield Fault("lines")


@entry(
    Rule(
        "FR-MEN-012", Severity.BLOCKING, "Ligne sans taux de TVA ni motif",
        "La ligne {line} ({amount} HT) ne dit ni son taux de TVA, ni pourquoi elle n’en porte pas.",
        "écrivez le taux dans la colonne « TVA % », ou le motif dans la colonne « Motif d’exonération ».", f"{NONIES}8° et 12°",
    ),
    concerns=EVERYONE, why="Le client doit savoir quelle TVA porte chaque ligne, surtout s’il y a plusieurs taux.",
)  # fmt: skip
def line_without_vat(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if not any(part.category for part in invoice.vat_breakdown):
        return  # nothing is known of the VAT of the whole: FR-TVA-001
    for position, line in enumerate(invoice.lines):
        if line.vat_category is None and line.vat_rate is None and line.net_amount:
            yield Fault(f"lines[{position}].vat_rate", {"line": position + 1, "amount": money(line.net_amount, invoice.currency)})


@lru_cache(maxsize=4096)
def _is_vague(name: str) -> bool:
    return folded(name) in VAGUE


@entry(
    Rule(
        "FR-MEN-013", Severity.WARNING, "Désignation trop vague",
        "La désignation de la ligne {line}, « {name} », ne dit pas ce qui est vendu.",
        "écrivez précisément de quel produit ou service il s’agit, par exemple « Pose de 12 m² de carrelage ».", f"{NONIES}8° ; {L441_9}",
    ),
    concerns=EVERYONE, elsewhere=Severity.NOTE,
    why="La dénomination doit être précise : un mot passe-partout peut faire refuser au client la déduction de la TVA.",
)  # fmt: skip
def vague_name(invoice: Invoice, _: Context) -> Iterator[Fault]:
    for position, line in enumerate(invoice.lines):
        if line.name and _is_vague(line.name) and not (line.description or line.note or line.attributes):
            yield Fault(f"lines[{position}].name", {"line": position + 1, "name": line.name})


@entry(
    Rule(
        "FR-MEN-014", Severity.WARNING, "Désignation réduite à un code", "La désignation de la ligne {line}, « {name} », n’est qu’un code.",
        "écrivez le nom du produit ou du service à côté de son code.", f"{NONIES}8° ; {L441_9}",
    ),
    concerns=EVERYONE, why="Un code n’a de sens que pour le vendeur ; le client et l’administration doivent lire ce qui est vendu.",
    elsewhere=Severity.NOTE,
)  # fmt: skip
def code_as_name(invoice: Invoice, _: Context) -> Iterator[Fault]:
    for position, line in enumerate(invoice.lines):
        name = line.name
        if name and not line.description and (len(name) == 1 or not any(map(str.isalpha, name))):
            field = "seller_item_id" if name == line.seller_item_id else "name"  # the name was taken from the code
            yield Fault(f"lines[{position}].{field}", {"line": position + 1, "name": name})


def _day_in(text: str | None) -> date | None:
    """The day on which a text says that something was supplied."""
    found = SUPPLIED.search(text) if text and ("/20" in text or ".20" in text) else None
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        return None


def _says_when(invoice: Invoice) -> bool:
    """Whether a delivery date or a period is stated, of the invoice or of a line."""
    return bool((invoice.delivery and invoice.delivery.date) or invoice.period or any(line.period for line in invoice.lines))


def _texts(invoice: Invoice) -> Iterator[tuple[str, str]]:
    """Path and text of the notes, and of what the lines say."""
    for position, note in enumerate(invoice.notes):
        yield f"notes[{position}].text", note.text
    for position, line in enumerate(invoice.lines):
        for field, text in (("name", line.name), ("description", line.description), ("note", line.note)):
            if text:
                yield f"lines[{position}].{field}", text


@entry(
    Rule(
        "FR-MEN-015", Severity.NOTE, "Date de livraison dans un texte seulement",
        "Un texte parle d’une livraison ou d’une prestation du {day}, mais aucune date de livraison n’est écrite à sa place.",
        "écrivez-la dans la colonne « Livraison » (ou « Date de livraison »).", f"{NONIES}10° ; {L441_9}",
    ),
    concerns=EVERYONE, why="La date de livraison ou d’exécution fixe la TVA due ; une facture électronique la porte dans son propre champ.",
    elsewhere=Severity.NOTE,
)  # fmt: skip
def supply_date_in_text(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if not may_say(invoice, "/20", ".20") or _says_when(invoice):
        return
    for path, text in _texts(invoice):
        if (day := _day_in(text)) and day != invoice.issue_date:
            yield Fault(path, {"day": short_date(day)})
            return


@entry(
    Rule(
        "FR-MEN-016", Severity.NOTE, "Date de livraison non écrite",
        "La facture porte sur des biens et ne dit pas quand ils ont été livrés.",
        "si ce n’est pas le jour de l’émission, écrivez la date de livraison.", f"{NONIES}10° ; {L441_9}",
    ),
    concerns="Les factures de biens à un professionnel.",
    why="Elle est obligatoire dès qu’elle est connue et diffère de la date d’émission.",
)  # fmt: skip
def no_delivery_date(invoice: Invoice, context: Context) -> Iterator[Fault]:
    goods = (invoice.business_process or "").startswith("B")
    if goods and not _is_amendment(invoice) and not _says_when(invoice) and is_firm(invoice, context):
        yield Fault("delivery.date")


def _is_amendment(invoice: Invoice) -> bool:
    """Whether nothing need be supplied: a credit note, or a deposit."""
    return invoice.is_credit_note or invoice.type_code in DEPOSITS


@entry(
    Rule(
        "FR-MEN-017", Severity.NOTE, "Date d’exécution non écrite",
        "Le client est un particulier, et la facture de {gross} ne dit pas quand le service a été rendu.",
        "écrivez la date et le lieu d’exécution, s’ils ne sont pas ceux de la facture.", CONSUMERS,
    ),
    concerns="Les services à un particulier, à partir de 25 € TTC.",
    why="La note remise à un particulier dit la date et le lieu d’exécution du service, et le détail du prix.",
)  # fmt: skip
def no_performance_date(invoice: Invoice, context: Context) -> Iterator[Fault]:
    services = (invoice.business_process or "").startswith(("S", "M"))
    gross = invoice.totals.gross
    if context.client is not ClientKind.CONSUMER or not services or _is_amendment(invoice) or (gross or ZERO) < NOTE_DUE_FROM:
        return
    if not _says_when(invoice):
        yield Fault("delivery.date", {"gross": money(gross or ZERO, invoice.currency)})


@entry(
    Rule(
        "FR-MEN-018", Severity.NOTE, "Numéro de commande dans un texte seulement",
        "Un texte cite la commande du client, « {order} », qui n’a pas sa propre cellule.",
        "écrivez ce numéro dans la colonne « Commande client ».", L441_9,
    ),
    concerns="Les factures qui font suite à une commande du client.", elsewhere=Severity.NOTE,
    why="Le numéro du bon de commande est obligatoire quand le client en a établi un ; son logiciel le cherche dans son propre champ.",
)  # fmt: skip
def order_in_text(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if invoice.order_reference:
        return
    for position, note in enumerate(invoice.notes):
        if order := _order_in(note.text):
            yield Fault(f"notes[{position}].text", {"order": order})
            return


@lru_cache(maxsize=2048)
def _order_in(text: str) -> str | None:
    """The number of the client's order that a text gives."""
    found = ORDERED.search(text)
    return found[1] if found else None


@entry(
    Rule(
        "FR-MEN-019", Severity.NOTE, "Adresse de livraison dans un texte seulement",
        "Un texte donne une adresse de livraison ({postcode}) qui n’est pas celle du client ({buyer}), et qui n’a pas sa propre place.",
        "écrivez-la sous le titre « Adresse de livraison » : une facture électronique de biens la porte dans ses propres champs.",
        f"{NONIES}7° bis",
    ),
    concerns="Les factures de biens livrés ailleurs que chez le client.", elsewhere=Severity.NOTE,
    why="L’adresse de livraison devient obligatoire avec la facture électronique quand elle diffère de celle du client.",
)  # fmt: skip
def delivery_address_in_text(invoice: Invoice, _: Context) -> Iterator[Fault]:
    buyer = invoice.buyer.address.postcode if invoice.buyer.address else None
    if buyer is None or (invoice.delivery and invoice.delivery.address) or (invoice.business_process or "").startswith("S"):
        return
    for position, note in enumerate(invoice.notes):
        if (found := _delivered_to(note.text)) and found != buyer:
            yield Fault(f"notes[{position}].text", {"postcode": found, "buyer": buyer})
            return


@lru_cache(maxsize=2048)
def _delivered_to(text: str) -> str | None:
    """The postcode of the delivery address that a text gives."""
    found = DELIVERED.search(text)
    return found[1] if found else None
