"""VAT numbers: form and key of a French one, check digits of the others of the Union, agreement with SIREN and country.

Sources: CGI, art. 286 ter; ann. II, art. 242 nonies A, I, 2° to 5°; directive 2006/112/CE, art. 215 (prefix). The key of a French number
follows from its SIREN, modulo 97; keys with letters have a rule of their own. Numbers of Monaco hold 000 and no SIREN.

>>> key_of("123456782")
'11'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, wraps

from xlbridge.findings import Rule, Severity
from xlbridge.model import Party
from xlbridge.rules.catalogue import Fault, Judge, entry
from xlbridge.rules.identity import FRENCH, Holder, compact, is_right, of_each_party, right_siren, written_siren
from xlbridge.rules.presence import EVERYONE, NONIES

LAW = f"{NONIES}2° à 5° ; CGI, art. 286 ter"
FORM = re.compile(r"FR[0-9A-HJ-NP-Z]{2}[0-9]{9}")
# Prefixes of the Union's VAT numbers, with the French adjective; Greece uses EL, Northern Ireland XI (goods only).
UNION = {
    "AT": "autrichiens", "BE": "belges", "BG": "bulgares", "CY": "chypriotes", "CZ": "tchèques", "DE": "allemands", "DK": "danois",
    "EE": "estoniens", "EL": "grecs", "ES": "espagnols", "FI": "finlandais", "FR": "français", "GR": "grecs", "HR": "croates",
    "HU": "hongrois", "IE": "irlandais", "IT": "italiens", "LT": "lituaniens", "LU": "luxembourgeois", "LV": "lettons",
    "MT": "maltais", "NL": "néerlandais", "PL": "polonais", "PT": "portugais", "RO": "roumains", "SE": "suédois", "SI": "slovènes",
    "SK": "slovaques", "XI": "nord-irlandais",
}  # fmt: skip
PREFIXES = {"GR": {"EL", "GR"}, "GB": {"GB", "XI"}, "IM": {"GB"}, "MC": {"FR"}} | {code: {"FR"} for code in FRENCH}
VIES = "le service VIES de la Commission européenne (ec.europa.eu/taxation_customs/vies)"
LOOK_UP = f"vérifiez-le dans {VIES}, puis corrigez-le {{where}}."


@lru_cache(maxsize=4096)
def key_of(siren: str) -> str:
    """The two digits between FR and `siren`."""
    return f"{(12 + 3 * (int(siren) % 97)) % 97:02}"


def of_each_number(judge: Callable[[Holder, str], Iterable[Fault]]) -> Judge:
    """A rule that judges every VAT number by itself, without its blanks."""

    @wraps(judge)
    def of_holder(holder: Holder) -> Iterable[Fault]:
        return judge(holder, compact(holder.party.vat_number)) if holder.party.vat_number else ()

    return of_each_party(of_holder)


def _facts(holder: Holder, number: str, **more: str) -> dict[str, str]:
    return {**holder.facts, "number": holder.party.vat_number or number, **more}


def _is_meant_french(party: Party, number: str) -> bool:
    """Whether the number opens with FR, or is a bare one of a French party."""
    return number.startswith("FR") or (party.country in FRENCH and not number[:2].isalpha())


def _from_siren(party: Party, number: str) -> str | None:
    """The French number of the party's right SIREN, else of the right SIREN that ends a number of the right form."""
    siren = right_siren(party)
    if siren is None and FORM.fullmatch(number) and is_right("siren", number[4:]):
        siren = number[4:]
    return f"FR{key_of(siren)}{siren}" if siren else None


@entry(
    Rule(
        "FR-IDE-010", Severity.BLOCKING, "Numéro de TVA français mal formé",
        "Le numéro de TVA {whose} « {number} » n’a pas la forme d’un numéro français : FR, deux caractères, les neuf chiffres du SIREN.",
        "corrigez-le {where}.", LAW,
    ),
    concerns=EVERYONE, why="La TVA ne se déduit que si le numéro désigne bien l’assujetti.", elsewhere=Severity.WARNING,
)  # fmt: skip
@of_each_number
def malformed(holder: Holder, number: str) -> Iterator[Fault]:
    if _is_meant_french(holder.party, number) and not FORM.fullmatch(number):
        yield Fault(f"{holder.path}.vat_number", _facts(holder, number), _from_siren(holder.party, number))


@entry(
    Rule(
        "FR-IDE-011", Severity.BLOCKING, "Clé du numéro de TVA fausse",
        "Le numéro de TVA {whose} « {number} » est faux : {reason}.", "vérifiez-le {documents}, puis corrigez-le {where}.",
        LAW,
    ),
    concerns=EVERYONE, why="Les deux caractères après FR se calculent sur le SIREN ; s’ils ne vont pas avec lui, un chiffre est faux.",
    elsewhere=Severity.WARNING,
)  # fmt: skip
@of_each_number
def wrong_key(holder: Holder, number: str) -> Iterator[Fault]:
    if not FORM.fullmatch(number) or is_right("vat_number", number):
        return
    siren, new = number[4:], None
    if not is_right("siren", siren) and not siren.startswith("000"):
        unfit = number[2:4].isdecimal() and number[2:4] != key_of(siren)
        if not unfit and siren == compact(written_siren(holder.party) or ""):
            return  # the same wrong digits as those of the SIREN: FR-IDE-001
        reason = f"{siren} n’est pas un SIREN juste" + (f", et sa clé serait {key_of(siren)}, non {number[2:4]}" if unfit else "")
        new = _from_siren(holder.party, number)
    elif number[2:4].isdecimal():
        reason = f"pour le SIREN {siren}, la clé est {key_of(siren)} et non {number[2:4]}"
        new = _from_siren(holder.party, number) if right_siren(holder.party) in {None, siren} else None
    else:
        reason = f"la clé {number[2:4]} ne va pas avec le SIREN {siren}"
    documents = "sur vos documents fiscaux" if holder.path == "seller" else f"dans {VIES}"
    yield Fault(f"{holder.path}.vat_number", _facts(holder, number, reason=reason, documents=documents), new)


@entry(
    Rule(
        "FR-IDE-012", Severity.BLOCKING, "Numéro de TVA d’une autre entreprise",
        "Le numéro de TVA {whose} « {number} » contient le SIREN {contained}, mais le SIREN écrit est {siren}.",
        "vérifiez les deux dans {source}, puis corrigez celui qui est faux {where}.", LAW,
    ),
    concerns=EVERYONE, why="Les neuf derniers chiffres d’un numéro de TVA français sont le SIREN : la facture nomme deux entreprises.",
    elsewhere=Severity.WARNING,
)  # fmt: skip
@of_each_number
def vat_number_of_another(holder: Holder, number: str) -> Iterator[Fault]:
    siren = right_siren(holder.party)
    other = siren and number.startswith("FR") and number[4:] != siren and number[4:7] != "000"
    if siren and other and is_right("vat_number", number):
        yield Fault(f"{holder.path}.vat_number", _facts(holder, number, contained=number[4:], siren=siren))


@entry(
    Rule(
        "FR-IDE-013", Severity.BLOCKING, "Numéro de TVA d’un autre État membre faux",
        "Le numéro de TVA {whose} « {number} » n’a pas la longueur ou la clé des numéros {country}.", LOOK_UP,
        LAW,
    ),
    concerns="Les factures à une entreprise d’un autre État de l’Union, ou reçues d’elle.",
    why="Sans numéro valable du client, ni exonération intracommunautaire ni autoliquidation.", elsewhere=Severity.WARNING,
)  # fmt: skip
@of_each_number
def wrong_in_union(holder: Holder, number: str) -> Iterator[Fault]:
    prefix = number[:2]
    if prefix in UNION and prefix != "FR" and not is_right("vat_number", number):
        yield Fault(f"{holder.path}.vat_number", _facts(holder, number, country=UNION[prefix]))


@entry(
    Rule(
        "FR-IDE-014", Severity.WARNING, "Numéro qui n’est pas un numéro de TVA de l’Union",
        "Le numéro de TVA {whose} « {number} » ne commence pas par le code d’un État de l’Union européenne.",
        "écrivez le numéro de TVA intracommunautaire, s’il existe, {where} ; sinon gardez ce numéro fiscal dans un texte.", LAW,
    ),
    concerns="Les factures qui portent le numéro fiscal d’un pays tiers à la place du numéro de TVA.",
    why="Un matricule fiscal étranger n’ouvre aucun des droits d’un numéro de TVA intracommunautaire.", elsewhere=Severity.WARNING,
)  # fmt: skip
@of_each_number
def outside_union(holder: Holder, number: str) -> Iterator[Fault]:
    if number[:2] not in UNION and number[:2] != holder.party.country and not _is_meant_french(holder.party, number):
        yield Fault(f"{holder.path}.vat_number", _facts(holder, number))


@entry(
    Rule(
        "FR-IDE-015", Severity.NOTE, "Numéro de TVA d’un autre pays que l’adresse",
        "Le numéro de TVA {whose} « {number} » n’est pas du pays de son adresse ({country}).",
        "vérifiez les deux : une entreprise peut être immatriculée hors de son pays, mais le pays décide de la TVA.", LAW,
    ),
    concerns=EVERYONE, why="Un numéro et une adresse de deux pays sont permis, mais viennent souvent d’une confusion de clients.",
)  # fmt: skip
@of_each_number
def other_country(holder: Holder, number: str) -> Iterator[Fault]:
    country = holder.party.country
    if country and number[:2] in UNION and number[:2] not in PREFIXES.get(country, {country}):
        yield Fault(f"{holder.path}.vat_number", _facts(holder, number, country=country))


@entry(
    Rule(
        "FR-IDE-009", Severity.WARNING, "Numéro de TVA écrit avec des espaces",
        "Le numéro de TVA {whose} « {number} » contient des espaces, des points ou des minuscules.", "écrivez {right} {where}.", LAW,
    ),
    concerns=EVERYONE, why="Dans une facture électronique, le numéro est comparé caractère par caractère.", elsewhere=Severity.WARNING,
)  # fmt: skip
@of_each_number
def with_blanks(holder: Holder, number: str) -> Iterator[Fault]:
    if number != holder.party.vat_number and number[:2] in UNION and is_right("vat_number", number):
        yield Fault(f"{holder.path}.vat_number", _facts(holder, number, right=number), number)
