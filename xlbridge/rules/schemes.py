"""Identifiers against the scheme (ISO/IEC 6523) that they claim, GLN check digits, and the form of electronic addresses.

Sources: XP Z12-012 (BR-FR-09, BR-FR-10, BR-FR-21 to BR-FR-23, BR-FR-25, BR-FR-32); EN 16931 (BT-29, BT-30, BT-34, BT-46, BT-47, BT-49,
BT-60, BT-61, BT-71); GS1 General Specifications (a GLN has 13 digits, the last one a check digit).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from xlbridge.findings import Rule, Severity
from xlbridge.model import Identifier, Invoice
from xlbridge.model.codes import SCHEME_DIRECTORY, SCHEME_SIREN, SCHEME_SIRET
from xlbridge.rules.catalogue import Context, Fault, entry
from xlbridge.rules.identity import FRENCH, Holder, compact, holders, is_right, of_each_party, right_siren
from xlbridge.rules.presence import EVERYONE

GLN = "0088"
SINGLE_TAXABLE_PERSON = "0231"
EMAIL = "EM"
# Address of the French directory: the SIREN, then SIRET, routing code or suffix behind underscores.
DIRECTORY_FORM = re.compile(r"[0-9]{9}(?:_[A-Za-z0-9+_.-]+)?")
LONGEST_ADDRESS = 125


@lru_cache(maxsize=1024)
def _is_gln(number: str) -> bool:
    from stdnum import ean

    return len(number) == 13 and bool(ean.is_valid(number))


def _glns(invoice: Invoice) -> Iterator[tuple[str, str]]:
    """Path and value of every identifier that says it is a GLN."""
    for holder in holders(invoice):
        path, party = holder.path, holder.party
        for position, item in enumerate(party.identifiers):
            if item.scheme == GLN:
                yield f"{path}.identifiers[{position}]", item.value
        for field in ("legal_id", "electronic_address"):
            item_or_none: Identifier | None = getattr(party, field)
            if item_or_none and item_or_none.scheme == GLN:
                yield f"{path}.{field}", item_or_none.value
    place = invoice.delivery.location if invoice.delivery else None
    if place and place.scheme == GLN:
        yield "delivery.location", place.value


@entry(
    Rule(
        "FR-IDE-019", Severity.BLOCKING, "GLN faux",
        "Le GLN « {number} » est faux : il a 13 chiffres, et le dernier est une clé de contrôle.",
        "demandez-le à l’entreprise qu’il désigne, puis corrigez-le dans la facture.", "GS1 (GLN) ; EN 16931, schéma 0088",
    ),
    concerns="Les factures qui désignent une partie ou un lieu par son GLN.", why="Un GLN faux ne mène à aucun lieu.",
    elsewhere=Severity.WARNING,
)  # fmt: skip
def wrong_gln(invoice: Invoice, _: Context) -> Iterator[Fault]:
    for path, number in _glns(invoice):
        if not _is_gln(number):
            yield Fault(path, {"number": number})


@entry(
    Rule(
        "FR-IDE-020", Severity.BLOCKING, "Numéro d’une autre sorte qu’annoncé",
        "L’identifiant {whose} « {number} » est donné {said}, mais {reason}.",
        "écrivez chaque numéro à sa place (SIREN : 9 chiffres, SIRET : 14 chiffres), {where}.",
        "XP Z12-012, BR-FR-09, BR-FR-10 et BR-FR-32 ; ISO/IEC 6523",
    ),
    concerns=EVERYONE, why="Les plateformes adressent la facture d’après la sorte du numéro.", elsewhere=Severity.WARNING,
)  # fmt: skip
@of_each_party
def other_kind(holder: Holder) -> Iterator[Fault]:
    legal = holder.party.legal_id
    if legal and (told := _legal_id_of_other_kind(holder, legal)):
        said, reason, new = told
        yield Fault(f"{holder.path}.siren", holder.facts | {"number": legal.value, "said": said, "reason": reason}, new)
    for position, item in enumerate(holder.party.identifiers):
        if item.scheme in {SCHEME_SIREN, SINGLE_TAXABLE_PERSON} and not is_right("siren", item.value):
            said = "pour un SIREN" if item.scheme == SCHEME_SIREN else "pour le SIREN d’un assujetti unique"
            facts = holder.facts | {"number": item.value, "said": said, "reason": "ce n’est pas un SIREN juste de neuf chiffres"}
            yield Fault(f"{holder.path}.identifiers[{position}]", facts)


def _legal_id_of_other_kind(holder: Holder, legal: Identifier) -> tuple[str, str, str | None] | None:
    """What the legal identifier claims to be, what it is instead, and the SIREN that it holds."""
    number = compact(legal.value)
    if legal.scheme == SCHEME_SIREN and is_right("siret", number):
        return "pour un SIREN", "c’est un SIRET : le SIREN n’en est que les neuf premiers chiffres", number[:9]
    if legal.scheme == SCHEME_SIRET:
        return "pour un SIRET", "à cette place la facture attend le SIREN", number[:9] if is_right("siret", number) else None
    if not legal.scheme and holder.party.country in FRENCH and is_right("siren", number):
        return "sans sa sorte", "un SIREN est désigné par le code 0002", None
    return None


@entry(
    Rule(
        "FR-IDE-021", Severity.WARNING, "Adresse électronique mal formée",
        "L’adresse électronique {whose} « {address} » est douteuse : {reason}.",
        "reprenez celle de l’annuaire de la facturation électronique, et corrigez-la {where}.",
        "XP Z12-012, BR-FR-21 à BR-FR-23 et BR-FR-25",
    ),
    concerns="Les factures qui portent une adresse électronique de facturation.", why="Une adresse fausse, et la facture n’arrive pas.",
    elsewhere=Severity.WARNING,
)  # fmt: skip
@of_each_party
def doubtful_address(holder: Holder) -> Iterator[Fault]:
    address = holder.party.electronic_address
    if address and (reason := _address_fault(address.value, address.scheme, right_siren(holder.party))):
        yield Fault(f"{holder.path}.electronic_address", holder.facts | {"address": address.value, "reason": reason})


@lru_cache(maxsize=4096)
def _address_fault(value: str, scheme: str | None, siren: str | None) -> str | None:
    if len(value) > LONGEST_ADDRESS:
        return f"elle a plus de {LONGEST_ADDRESS} caractères"
    if scheme == SCHEME_DIRECTORY:
        if not DIRECTORY_FORM.fullmatch(value):
            return "dans l’annuaire français (0225) elle est le SIREN, suivi au besoin de _ et d’un suffixe sans espace ni barre"
        if siren and not value.startswith(siren):
            return f"elle ne commence pas par le SIREN {siren}"
    if scheme == SCHEME_SIREN and not is_right("siren", value):
        return "ce n’est pas un SIREN (schéma 0002)"
    if scheme == SCHEME_SIRET and not is_right("siret", value):
        return "ce n’est pas un SIRET (schéma 0009)"
    if scheme == EMAIL and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        return "ce n’est pas une adresse de courriel (schéma EM)"
    return None
