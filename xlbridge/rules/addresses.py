"""Names and postal addresses: absent or incomplete ones, texts of a model left in place, French postcodes.

Sources: CGI, ann. II, art. 242 nonies A, I, 1°; C. com., art. L441-9. A postcode has five digits; 96 and 99 open none, and overseas only
971 to 978, 980, 984 and 986 to 988 do (La Poste).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from xlbridge.clients import ClientKind
from xlbridge.findings import Rule, Severity
from xlbridge.folding import folded
from xlbridge.model import Invoice, Party, PostalAddress
from xlbridge.rules.catalogue import Context, Fault, entry
from xlbridge.rules.identity import FRENCH, Holder, compact, of_each_party
from xlbridge.rules.presence import CLIENT, COMPANY, EVERYONE, NONIES

LAW = f"{NONIES}1° ; C. com., art. L441-9"
WITH_FRENCH_POSTCODES = FRENCH | {"NC", "PF", "WF", "TF", "MC"}
IMPOSSIBLE = ("000", "96", "970", "979", "981", "982", "983", "985", "989", "99")
MODEL_TEXTS = frozenset(
    {
        "a completer", "a remplir", "adresse", "client", "code postal", "company name", "full name", "inconnu", "lorem ipsum", "n a", "nc",
        "neant",
        "nom", "nom client", "nom de l entreprise", "nom de la societe", "nom du client", "nom du fournisseur", "nom du vendeur",
        "nom et prenom", "non renseigne", "raison sociale", "rue", "societe", "ville", "votre adresse", "votre entreprise", "votre nom",
        "votre raison sociale", "votre societe", "votre ville", "your company", "your name",
    }
)  # fmt: skip
MODEL_OPENINGS = ("nom de votre ", "adresse de votre ", "nom du client ", "adresse du client", "lorem ipsum", "your company ")
MODEL_MARKS = re.compile(r"\s*(?:\[.*\]|\{\{.*\}\}|<.*>|[xX]{3,}|[\W_]+)\s*")


@lru_cache(maxsize=4096)
def is_model_text(text: str) -> bool:
    """Whether `text` is what a model shows before it is filled in.

    >>> is_model_text("NOM DE VOTRE ENTREPRISE"), is_model_text("[Client]"), is_model_text("Votre Maison SARL")
    (True, True, False)
    """
    words = folded(text)
    return words in MODEL_TEXTS or words.startswith(MODEL_OPENINGS) or MODEL_MARKS.fullmatch(text) is not None


def _model_texts(party: Party) -> list[tuple[str, str]]:
    """Field and text of what a model left: name, street, town, and numbers of zeros."""
    address = party.address
    texts = (("name", party.name), ("address", address and address.line1), ("city", address and address.city))
    numbers = (("siren", party.siren), ("siret", party.siret), ("vat_number", party.vat_number))
    found = [(field, text) for field, text in texts if text and is_model_text(text)]
    return found + [(field, number) for field, number in numbers if number and "0000000" in number and _is_zero(number)]


def _is_zero(number: str) -> bool:
    return set(compact(number).removeprefix("FR")) == {"0"}


@entry(
    Rule(
        "FR-IDE-022", Severity.BLOCKING, "Texte de modèle", "« {text} » est un texte de modèle, non une donnée {whose}.",
        "remplacez-le par la vraie valeur {where}.", LAW,
    ),
    concerns=EVERYONE, why="Une facture nomme de vraies personnes, à leur vraie adresse.", elsewhere=Severity.WARNING,
)  # fmt: skip
@of_each_party
def model_text(holder: Holder) -> Iterator[Fault]:
    for field, text in _model_texts(holder.party):
        yield Fault(f"{holder.path}.{field}", holder.facts | {"text": text})


@entry(
    Rule(
        "FR-IDE-023", Severity.WARNING, "Nom sans lettres", "Le nom {whose} « {name} » n’a aucune lettre : c’est sans doute un code.",
        "écrivez le nom complet ou la raison sociale {where}.", LAW,
    ),
    concerns=EVERYONE, why="Un code client ne dit pas à un tiers qui est le client.", elsewhere=Severity.WARNING,
)  # fmt: skip
@of_each_party
def nameless(holder: Holder) -> Iterator[Fault]:
    name = holder.party.name
    if name and not any(map(str.isalpha, name)) and not is_model_text(name):
        yield Fault(f"{holder.path}.name", holder.facts | {"name": name})


def _is_empty(address: PostalAddress | None) -> bool:
    return address is None or not (address.lines or address.postcode or address.city)


@entry(
    Rule(
        "FR-IDE-024", Severity.BLOCKING, "Adresse du vendeur absente", "Le vendeur « {name} » n’a pas d’adresse.",
        f"écrivez-la {COMPANY}.", LAW,
    ),
    concerns=EVERYONE, why="L’adresse du vendeur est une mention obligatoire de toute facture.", elsewhere=Severity.WARNING,
)  # fmt: skip
def no_seller_address(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if invoice.seller.name and _is_empty(invoice.seller.address):
        yield Fault("seller.address", {"name": invoice.seller.name})


def _buyer_without_address(invoice: Invoice) -> Iterator[Fault]:
    if invoice.buyer.name and _is_empty(invoice.buyer.address):
        yield Fault("buyer.address", {"name": invoice.buyer.name})


@entry(
    Rule(
        "FR-IDE-025", Severity.BLOCKING, "Adresse du client professionnel absente",
        "Le client professionnel ou public « {name} » n’a pas d’adresse.",
        f"écrivez-la {CLIENT}.", LAW,
    ),
    concerns="Les clients connus pour être une entreprise ou une administration.",
    why="L’adresse du client est une mention obligatoire ; sans elle il ne peut pas déduire la TVA.",
)  # fmt: skip
def no_business_address(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if context.client in {ClientKind.BUSINESS, ClientKind.PUBLIC}:
        yield from _buyer_without_address(invoice)


@entry(
    Rule(
        "FR-IDE-026", Severity.WARNING, "Adresse du client absente", "Le client « {name} » n’a pas d’adresse.",
        f"écrivez-la {CLIENT}.", f"{LAW} ; arrêté n° 83-50/A du 3 octobre 1983",
    ),
    concerns="Les particuliers, et les clients dont on ne sait pas ce qu’ils sont.",
    why="Une facture porte l’adresse du client ; un particulier peut s’y opposer sur une note.", elsewhere=Severity.WARNING,
)  # fmt: skip
def no_buyer_address(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if context.client not in {ClientKind.BUSINESS, ClientKind.PUBLIC}:
        yield from _buyer_without_address(invoice)


@entry(
    Rule("FR-IDE-027", Severity.WARNING, "Adresse incomplète", "L’adresse {whose} ne dit pas {part}.", "complétez-la {where}.", LAW),
    concerns=EVERYONE, why="Une adresse complète a une rue ou un lieu-dit, un code postal et une ville.", elsewhere=Severity.NOTE,
)  # fmt: skip
@of_each_party
def incomplete_address(holder: Holder) -> Iterator[Fault]:
    address = holder.party.address
    if holder.path not in {"seller", "buyer"} or address is None or _is_empty(address):
        return
    if not address.lines:
        yield Fault(f"{holder.path}.address", holder.facts | {"part": "la rue"})
    if not address.postcode and address.country in WITH_FRENCH_POSTCODES:
        yield Fault(f"{holder.path}.postcode", holder.facts | {"part": "le code postal"})
    if not address.city:
        yield Fault(f"{holder.path}.city", holder.facts | {"part": "la ville"})


@entry(
    Rule(
        "FR-IDE-028", Severity.WARNING, "Code postal impossible",
        "Le code postal {whose} « {postcode} » n’est pas un code postal français : {reason}.",
        "corrigez-le {where}.", f"{NONIES}1°",
    ),
    concerns="Les adresses en France, outre-mer compris, et à Monaco.", why="Le code postal dit la ville, et outre-mer les taux de TVA.",
    elsewhere=Severity.WARNING,
)  # fmt: skip
@of_each_party
def impossible_postcode(holder: Holder) -> Iterator[Fault]:
    address = holder.party.address
    if address is None or not address.postcode or address.country not in WITH_FRENCH_POSTCODES:
        return
    postcode = address.postcode
    if len(postcode) != 5 or not postcode.isdecimal():
        lost = " ; un tableur ôte le zéro de tête d’un nombre" if len(postcode) == 4 and postcode.isdecimal() else ""
        facts = holder.facts | {"postcode": postcode, "reason": f"il faut cinq chiffres, sans espace{lost}"}
        yield Fault(f"{holder.path}.postcode", facts, _meant_postcode(postcode))
    elif postcode.startswith(IMPOSSIBLE):
        facts = holder.facts | {"postcode": postcode, "reason": "aucun département ne commence ainsi"}
        yield Fault(f"{holder.path}.postcode", facts)


def _meant_postcode(text: str) -> str | None:
    """The postcode that is meant where blanks or a country were added; not where a digit lacks, which may be any of the five.

    >>> _meant_postcode("69 006"), _meant_postcode("F-69006"), _meant_postcode("6900")
    ('69006', '69006', None)
    """
    digits = compact(text).removeprefix("FR").removeprefix("F")
    return digits if len(digits) == 5 and digits.isdecimal() and not digits.startswith(IMPOSSIBLE) else None
