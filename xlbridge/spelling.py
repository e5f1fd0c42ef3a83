"""Identifiers that a sheet spells with blanks or dots: read without them, and said, because platforms and lists take digits only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from xlbridge.document import Document
from xlbridge.findings import Finding, Proposal, Rule, Severity
from xlbridge.workbook.grid import Workbook

SPACED = Rule(
    "LEC-064", Severity.NOTE, "Numéro écrit avec des espaces",
    "Le {name} {whose} est écrit « {text} » ; il est lu, et sera écrit dans la facture électronique, {number}.",
    "rien ne presse ; sans espace ni point, il se retrouve aussi dans les listes et sur les plateformes.",
    "XP Z12-012, BR-FR-09 et BR-FR-10",
)  # fmt: skip
NAMES = {"siren": "SIREN", "siret": "SIRET", "vat_number": "numéro de TVA"}
WHOSE = {"seller": "du vendeur", "buyer": "du client"}


def spaced_identifiers(workbook: Workbook, document: Document, found: Iterable[Finding]) -> Iterator[Finding]:
    """One note for each identifier of seller and buyer whose cell spells it with blanks or dots, with the compact spelling as proposal,
    unless `found` proposes another value for it."""
    settled = {finding.field for finding in found if finding.proposal}
    for who, whose in WHOSE.items():
        party = getattr(document.invoice, who)
        for field, name in NAMES.items():
            path, number = f"{who}.{field}", getattr(party, field)
            cell = document.origin.get(path)
            held = workbook.at(cell) if cell and cell.file == workbook.path.name and number else None
            if path not in settled and isinstance(held, str) and number not in held and (text := _spelled(held, number)):
                finding = SPACED.found(path, name=name, whose=whose, text=text, number=number)
                yield finding.at(cell).proposing(Proposal(number, number))


def _spelled(held: str, number: str) -> str | None:
    """`number` as it stands in `held`, with its blanks and dots; None where it does not.

    >>> _spelled("SIRET : 812 345 676 00017 – RCS Limoges", "81234567600017"), _spelled("812345676", "812345677")
    ('812 345 676 00017', None)
    """
    found = re.search(r"[\s.]*".join(map(re.escape, number)), held, re.IGNORECASE)
    return found[0] if found else None
