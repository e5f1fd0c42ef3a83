"""What the user means: the drafts, or the issued document, on whose rows the selection lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xlbridge.errors import WrongUse
from xlbridge.folding import folded
from xlbridge.workbook import template
from xlbridge.workbook.columns import Row
from xlbridge.workbook.grid import Workbook
from xlbridge.workbook.port import Selection
from xlbridge.workbook.template import Entry
from xlbridge.workbook.template_layout import DRAFTS, LINES, REGISTER, REGISTER_LINES
from xlbridge.workbook.template_parties import table_of

NO_TEMPLATE = (
    "Ce classeur n’est pas un facturier d’xlbridge : « Vérifier » le contrôle, mais on n’y émet pas.",
    "Créez un facturier (xlbridge new), ou reprenez-y vos anciens classeurs (xlbridge migrate).",
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """An issued document: its number, and the rows of « Registre lignes » that were selected, all of them where none was."""

    number: str
    line_rows: tuple[int, ...]
    in_part: bool


def drafts(workbook: Workbook, selection: Selection) -> list[Entry]:
    """The drafts on whose rows the selection lies; none where it lies elsewhere. Raises WrongUse where the workbook is not ours."""
    _refuse_other(workbook)
    rows = _seen_rows(workbook, selection)
    return [
        entry
        for entry in template.read_entries(workbook)
        if entry.sheet == DRAFTS
        and ((selection.sheet == DRAFTS and entry.row in rows) or (selection.sheet == LINES and rows.intersection(entry.line_rows)))
    ]


def one_draft(workbook: Workbook, selection: Selection) -> Entry:
    """The first of them, or the only draft of the workbook. Raises WrongUse."""
    found = drafts(workbook, selection)
    every = [entry for entry in template.read_entries(workbook) if entry.sheet == DRAFTS] if not found else []
    if not found and not every:
        raise WrongUse(
            "Il n’y a pas de brouillon dans « Factures ».", "Écrivez-en un : un repère, une date, un client ; ses lignes dans « Lignes »."
        )
    if len(every) > 1:
        raise WrongUse("Quel brouillon ?", "Placez le curseur sur sa ligne, dans « Factures » ou « Lignes », puis recommencez.")
    return (found or every)[0]


def issued(workbook: Workbook, selection: Selection) -> Chosen:
    """The issued document on whose row the cursor is, in « Registre » or « Registre lignes ». Raises WrongUse."""
    _refuse_other(workbook)
    found: dict[str, str] = {}
    lines: list[int] = []
    selected = _seen_rows(workbook, selection)
    table = table_of(workbook, selection.sheet) if selection.sheet in {REGISTER, REGISTER_LINES} else None
    for row in table.rows() if table else ():
        number = row.text("Numéro")
        if row.row in selected and number:
            found[folded(number)] = number
            lines += [row.row] if selection.sheet == REGISTER_LINES else []
    if len(found) != 1:
        which = "Plusieurs factures sont sélectionnées." if found else "Quelle facture ?"
        raise WrongUse(which, "Placez le curseur sur la ligne d’une seule, dans « Registre », puis recommencez.")
    ((key, number),) = found.items()
    every = lines_of(workbook, key)
    return Chosen(number, tuple(lines) or tuple(every), in_part=bool(lines) and len(lines) < len(every))


def lines_of(workbook: Workbook, number: str) -> Sequence[int]:
    """The rows of « Registre lignes » of a document."""
    return [row.row for row in _rows(workbook, REGISTER_LINES) if folded(row.text("Numéro") or "") == folded(number)]


def _seen_rows(workbook: Workbook, selection: Selection) -> frozenset[int]:
    """The rows of the selection; of several not those that a filter hides, which nobody meant."""
    rows = selection.rows()
    sheet = next((sheet for sheet in workbook.sheets if sheet.name == selection.sheet), None)
    return rows - (sheet.details.hidden_rows or frozenset()) if sheet is not None and len(rows) > 1 else rows


def _rows(workbook: Workbook, name: str) -> list[Row]:
    table = table_of(workbook, name)
    return list(table.rows()) if table else []


def _refuse_other(workbook: Workbook) -> None:
    if not template.is_template(workbook):
        raise WrongUse(*NO_TEMPLATE)
