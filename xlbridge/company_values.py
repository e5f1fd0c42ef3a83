"""The values of the company's settings, judged one by one: types, check digits, words of a list, countries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from xlbridge.countries import country_code
from xlbridge.folding import folded
from xlbridge.french import MONTHS
from xlbridge.model.money import decimal_of, plain

YES = frozenset({"oui", "o", "x", "vrai", "1", "yes"})
NO = frozenset({"non", "n", "faux", "0", "no"})


class Fault(NamedTuple):
    """What is wrong with the value of one attribute; the message is a French clause without full stop."""

    attribute: str
    message: str


def parsed_values(values: Mapping[str, Any], choices: Mapping[str, type[StrEnum]]) -> tuple[dict[str, Any], list[Fault]]:
    """The right values, normalised, and the faults of the others. A SIREN that a right SIRET contains is derived from it."""
    right: dict[str, Any] = {}
    faults: list[Fault] = []
    for attribute, value in values.items():
        if value is None or value == "":
            continue
        try:
            right[attribute] = _parsed(attribute, value, choices.get(attribute))
        except ValueError as error:
            faults.append(Fault(attribute, str(error)))
    if "siret" in right and "siren" not in values:
        right["siren"] = right["siret"][:9]
    if isinstance(values.get("postcode"), (int, float)) and "postcode" in right and right.get("country", "FR") == "FR":
        right["postcode"] = right["postcode"].zfill(5)  # a number loses its first zero, a text does not
    return right, faults + _contradictions(right)


def _contradictions(right: Mapping[str, Any]) -> list[Fault]:
    """Numbers that are right alone but name two firms."""
    siren = right.get("siren")
    siret, vat_number = right.get("siret"), right.get("vat_number", "")
    found = []
    if siren and siret and not siret.startswith(siren):
        found.append(Fault("siret", f"le SIRET {siret} n’est pas celui d’un établissement du SIREN {siren}"))
    if siren and vat_number.startswith("FR") and vat_number[4:] != siren:
        found.append(Fault("vat_number", f"le numéro de TVA {vat_number} n’est pas celui du SIREN {siren}"))
    return found


def _parsed(attribute: str, value: Any, choice: type[StrEnum] | None) -> Any:
    """The normalised value; raises ValueError with the fault in French."""
    if attribute == "sole_trader":
        return _truth(value)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError(f"valeur « {value} » : un texte entre guillemets est attendu")
    text = (value if isinstance(value, str) else plain(decimal_of(value))).strip()
    if choice is not None:
        found = next((item for item in choice if item.value == folded(text)), None)
        if found is None:
            raise ValueError(f"« {text} » n’est pas admis ; possibles : {', '.join(item.value for item in choice)}")
        return found
    if attribute in {"country", "client_country"}:
        code = country_code(text)
        if code is None:
            raise ValueError(f"pays « {text} » inconnu ; écrivez son code à deux lettres, par exemple FR")
        return code
    if attribute == "year_end":
        return _day_of_year(text)
    return _identifier(attribute, text)


def _day_of_year(text: str) -> str:
    """Day and month as `30/06`, from `30/6`, `30 juin`, or the date into which a spreadsheet turned it.

    >>> _day_of_year("30/6"), _day_of_year("30 Juin"), _day_of_year("2026-06-30"), _day_of_year("29/02/2028")
    ('30/06', '30/06', '30/06', '29/02')
    """
    months = {folded(name): number for number, name in enumerate(MONTHS, 1)}
    words = [word for word in re.findall(r"\d+|[^\W\d_]+", text.casefold()) if word != "er"]
    if len(words) == 3:  # with the year, which does not matter
        words = [words[2], words[1]] if len(words[0]) == 4 else words[:2]
    numbers = [months.get(folded(word)) or (int(word) if word.isdigit() else 0) for word in words]
    try:
        number, month = numbers
        return f"{date(2024, month, number):%d/%m}"  # a leap year
    except ValueError:
        raise ValueError(f"fin d’exercice « {text} » : écrivez le jour et le mois, par exemple 30/06") from None


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = folded(str(value))
    if word not in YES | NO:
        raise ValueError(f"« {value} » : répondez par oui ou non (true ou false dans un fichier)")
    return word in YES


def _identifier(attribute: str, text: str) -> str:
    """SIREN, SIRET, VAT number, IBAN and BIC without blanks, their check digits judged; other texts as they are."""
    names = {"siren": "SIREN", "siret": "SIRET", "vat_number": "numéro de TVA", "iban": "IBAN", "bic": "BIC"}
    if attribute not in names:
        return text
    compact = "".join(text.split()).replace(".", "").upper()
    if not identifier_is_right(attribute, compact):
        raise ValueError(f"{names[attribute]} « {text} » faux : longueur ou clé de contrôle")
    return compact


def identifier_is_right(kind: str, compact: str) -> bool:
    """Whether the check digits of a `siren`, `siret`, `vat_number`, `iban` or `bic` without blanks are right.

    >>> identifier_is_right("siren", "356000000"), identifier_is_right("siren", "356000001")
    (True, False)
    """
    from stdnum import bic, iban
    from stdnum.eu import vat
    from stdnum.fr import siren, siret

    # Firms of countries whose VAT number stdnum does not know (outside the Union) are not judged.
    if kind == "vat_number" and compact[:2].lower() not in {*vat.MEMBER_STATES, "el", "xi"}:
        return compact[:2].isalpha() and compact[2:].isalnum()
    checks = {"siren": siren, "siret": siret, "vat_number": vat, "iban": iban, "bic": bic}
    return bool(checks[kind].is_valid(compact))
