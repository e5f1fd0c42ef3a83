"""Identifiers that a sheet spells with blanks or dots: read without them, and said, because platforms and lists take digits only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from xlbridge.document import Document
from xlbridge.findings import Finding, Proposal, Rule, Severity
from xlbridge.workbook.grid import Workbook

SPACED = Rule(
    "LEC-064", Severity.NOTE, "Numéro écrit avec des espaces",
    "Le {words} est écrit « {text} » ; il est lu, et sera écrit dans la facture électronique, {number}.",
    "rien ne presse ; sans espace ni point, il se retrouve aussi dans les listes et sur les plateformes.",
    "XP Z12-012, BR-FR-09 et BR-FR-10",
)  # fmt: skip
NAMES = {"siren": "SIREN", "siret": "SIRET", "vat_number": "numéro de TVA"}
WHOSE = {"seller": "du vendeur", "buyer": "du client"}
PLACES = {f"{who}.{field}": (who, field, f"{name} {whose}") for who, whose in WHOSE.items() for field, name in NAMES.items()}
"""Party, field and French words of each identifier, by its path."""


def spaced_identifiers(workbook: Workbook, document: Document, found: Iterable[Finding]) -> Iterator[Finding]:
    """One note for each identifier of seller and buyer whose cell spells it with blanks or dots, with the compact spelling as proposal,
    unless `found` proposes another value for it."""
    for path, (who, field, words) in PLACES.items():
        cell = document.origin.get(path)
        if cell is None or cell.file != workbook.path.name:
            continue
        number, held = getattr(getattr(document.invoice, who), field), workbook.at(cell)
        if not number or not isinstance(held, str) or number in held or any(item.field == path and item.proposal for item in found):
            continue
        if text := _spelled(held, number):
            yield SPACED.found(path, words=words, text=text, number=number).at(cell).proposing(Proposal(number, number))


def _spelled(held: str, number: str) -> str | None:
    """`number` as it stands in `held`, with its blanks and dots; None where it does not.

    >>> _spelled("SIRET : 812 345 676 00017 – RCS Limoges", "81234567600017"), _spelled("812345676", "812345677")
    ('812 345 676 00017', None)
    """
    found = re.search(r"[\s.]*".join(map(re.escape, number)), held, re.IGNORECASE)
    return found[0] if found else None
