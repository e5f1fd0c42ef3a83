"""The client list: a csv or a workbook with one client a row, or the sheet « Clients » of a template."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from xlbridge.clients import Client, ClientKind, Clients
from xlbridge.company_values import identifier_is_right
from xlbridge.countries import country_code
from xlbridge.errors import WrongUse
from xlbridge.findings import Finding, Rule, Severity
from xlbridge.folding import folded
from xlbridge.workbook.columns import Row, find_table
from xlbridge.workbook.grid import open_workbook

FALSE_IDENTIFIER = Rule(
    "LEC-070",
    Severity.WARNING,
    "Identifiant de client faux",
    "Le {name} « {value} » du client « {client} » est faux : longueur ou clé de contrôle. Il n’est pas repris.",
    "corrigez le {name} dans la liste des clients.",
    "C. com., art. R123-221 ; CGI, ann. II, art. 242 nonies A, I, 1°",
)
UNKNOWN_WORD = Rule(
    "LEC-071",
    Severity.WARNING,
    "Mot inconnu dans la liste des clients",
    "Client « {client} », colonne « {column} » : « {value} » n’est pas compris et n’est pas repris.",
    "écrivez {expected}.",
)
TWO_FIRMS = Rule(
    "LEC-072",
    Severity.WARNING,
    "SIREN et SIRET de deux entreprises",
    "Client « {client} » : le SIRET {siret} n’est pas celui d’un établissement du SIREN {siren}. Le SIRET n’est pas repris.",
    "corrigez l’un des deux dans la liste des clients.",
    "C. com., art. R123-221",
)

# Folded header → attribute of `Client`; the first of an attribute is the one the documentation names.
HEADERS = {
    "nom": "name",
    "raison sociale": "name",
    "client": "name",
    "code": "code",
    "code client": "code",
    "type": "kind",
    "siren": "siren",
    "siret": "siret",
    "tva": "vat_number",
    "n tva": "vat_number",
    "numero de tva": "vat_number",
    "tva intracommunautaire": "vat_number",
    "adresse": "address",
    "code postal": "postcode",
    "cp": "postcode",
    "ville": "city",
    "pays": "country",
    "adresse electronique": "electronic_address",
    "e mail": "email",
    "email": "email",
    "delai": "terms",
    "service": "service",
    "code service": "service",
    "engagement": "commitment",
}
COLUMN_OF = {attribute: header for header, attribute in reversed(HEADERS.items())}
Meaning = TypeVar("Meaning")
IDENTIFIERS = {"siren": "SIREN", "siret": "SIRET", "vat_number": "numéro de TVA"}
KINDS = {"pro": ClientKind.BUSINESS, "entreprise": ClientKind.BUSINESS, "administration": ClientKind.PUBLIC} | {
    kind.value: kind for kind in ClientKind
}


def load_clients(path: Path) -> Clients:
    """The clients of a csv or a workbook. Raises WrongUse where there is no such list, UnreadableFile where the file cannot be read."""
    if not path.is_file():
        raise WrongUse(f"La liste de clients {path} n’existe pas.", "Vérifiez le chemin donné à --clients.")
    for sheet in open_workbook(path).sheets:
        table = find_table(path.name, sheet, {"name"}, HEADERS)
        if table is not None:
            read = [client_of(row) for row in table.rows()]
            clients = tuple(client for client, _ in read if client is not None)
            return Clients(clients, tuple(finding for _, findings in read for finding in findings), path.name)
    remedy = "La première ligne nomme les colonnes : nom, type, siren, siret, tva, adresse, code_postal, ville, pays …"
    raise WrongUse(f"{path.name} n’a pas de colonne « nom ».", remedy)


def client_of(row: Row, *, nameless: bool = False) -> tuple[Client | None, list[Finding]]:
    """The client of a row of a table that was found with `HEADERS`, without its false values, and a finding for each of them.

    `nameless`: the row is that of a client, even where it has no name.
    """
    values: dict[str, Any] = {attribute: row.text(attribute) for attribute in COLUMN_OF}
    findings: list[Finding] = []
    values["name"] = values["name"] or ""
    if not values["name"] and not nameless:
        return None, findings
    for attribute in IDENTIFIERS:
        values[attribute] = _identifier(row, attribute, values, findings)
    siren, siret = values["siren"], values["siret"]
    if siren and siret and not siret.startswith(siren):
        findings.append(TWO_FIRMS.found("buyer.siret", "BT-46", row.cell("siret"), client=values["name"], siren=siren, siret=siret))
        values["siret"] = siret = None
    values["siren"] = siren or (siret[:9] if siret else None)
    values["kind"] = _word(row, "kind", lambda word: KINDS.get(folded(word)), "professionnel, particulier ou public", findings)
    values["country"] = _word(row, "country", country_code, "le nom du pays ou son code à deux lettres", findings)
    if isinstance(row.value("postcode"), (int, float)) and values["country"] in {
        None,
        "FR",
    }:  # a number loses its first zero, a text does not
        values["postcode"] = str(values["postcode"]).zfill(5)
    return Client(**values), findings


def _identifier(row: Row, attribute: str, values: dict[str, Any], findings: list[Finding]) -> str | None:
    """A SIREN, SIRET or VAT number without blanks whose check digits are right; else None with a finding."""
    text = values[attribute]
    compact = "".join(char for char in text or "" if char.isalnum()).upper()
    if not compact:
        return None
    if identifier_is_right(attribute, compact):
        return compact
    facts = {"name": IDENTIFIERS[attribute], "value": text, "client": values["name"]}
    findings.append(FALSE_IDENTIFIER.found(f"buyer.{attribute}", cell=row.cell(attribute), **facts))
    return None


def _word(row: Row, attribute: str, known: Callable[[str], Meaning | None], expected: str, findings: list[Finding]) -> Meaning | None:
    """What the word under `attribute` means; None with a finding where it means nothing."""
    text = row.text(attribute)
    meaning = known(text) if text else None
    if text and meaning is None:
        facts: dict[str, Any] = {"client": row.text("name"), "column": COLUMN_OF[attribute], "value": text, "expected": expected}
        findings.append(UNKNOWN_WORD.found("buyer", cell=row.cell(attribute), **facts))
    return meaning
