"""The steps of issuing one document, in their order. Whoever watches is told each of them once it is done."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class Step(StrEnum):
    """What has just happened. Between two steps the machine may stop: nothing is then lost, given twice or left out."""

    CHECKED = "contrôles faits"
    PREPARED = "document préparé"
    LOCKED = "registre verrouillé"
    NUMBERED = "numéro choisi"
    VERIFIED = "document vérifié"
    MARKED = "fichiers annoncés au coffre"
    PDF_KEPT = "PDF au coffre"
    XML_KEPT = "XML au coffre"
    WORKBOOK_KEPT = "classeur au coffre"
    RECORDED = "enregistrement scellé"
    COMMITTED = "registre validé"
    UNMARKED = "annonce retirée"
    HEAD_WRITTEN = "tête écrite"
    WORKBOOK_WRITTEN = "classeur mis à jour"


Watch = Callable[[str], None]


def unwatched(step: str) -> None:
    """Nobody looks."""
