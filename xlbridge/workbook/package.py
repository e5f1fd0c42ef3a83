"""Cells of a closed workbook changed in a copy, without a spreadsheet application: only what must change does.

Of an .xlsx or .xlsm the sheets with a changed cell are spliced, those with formulas that follow from it lose the results of these, and the
workbook part gets the order to compute them when it is next opened; macros, ribbon, charts, pivots, comments and all else keep their very
bytes. Of a csv only the fields change. The original is never written to.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from xlbridge.errors import WrongUse
from xlbridge.workbook import container
from xlbridge.workbook.address import position
from xlbridge.workbook.book import Book, Place
from xlbridge.workbook.details import Position
from xlbridge.workbook.fields import with_fields
from xlbridge.workbook.intake import examine
from xlbridge.workbook.repack import repacked
from xlbridge.workbook.sheet_cells import Content, unwritable
from xlbridge.workbook.target import refuse_target, write_whole

__all__ = ["Content", "Place", "patched", "refusals"]

BY_HAND = "Écrivez la valeur à la main dans le tableur."
SILENT_FORMATS = {"ods": "OpenDocument (.ods)", "xls": "Excel 97-2003 (.xls)", "xlsb": "Excel binaire (.xlsb)"}


def patched(path: Path, changes: Mapping[Place, Content], target: Path, *, over_formulas: bool = False, replace: bool = False) -> None:
    """Write to `target` a copy of the workbook at `path` in which the cells of `changes` hold other values. Styles are kept.

    `over_formulas`: a formula may give way to its value. `replace`: `target` is the caller's to replace. Raises WrongUse where a cell
    cannot be changed, or the copy not written there; UnreadableFile for a file that is broken or encrypted.
    """
    refuse_target(path, target, replace)
    refused = refusals(path, changes, over_formulas=over_formulas)
    if refused:
        (sheet, address), reason = next(iter(refused.items()))
        raise WrongUse(f"« {path.name} », feuille « {sheet} », cellule {address} ne peut pas être changée : {reason}.", BY_HAND)
    for (sheet, address), value in changes.items():
        if fault := unwritable(value):
            raise WrongUse(f"Feuille « {sheet} », cellule {address} : {fault}.", "Écrivez une autre valeur.")
    source = examine(path)
    data = with_fields(path, changes) if source.format == "csv" else _with_cells(path, changes)
    source.unchanged()
    write_whole(target, data)


def refusals(path: Path, places: Collection[Place], *, over_formulas: bool = False) -> dict[Place, str]:
    """Which of the cells cannot be changed, and why (French, no full stop). Raises UnreadableFile."""
    real = examine(path).format
    if real in SILENT_FORMATS:
        return dict.fromkeys(places, f"un fichier {SILENT_FORMATS[real]} ne peut être changé que dans son tableur")
    if real == "csv":
        return {place: "il n’y a pas de telle feuille" for place in places if place[0] != "csv"}
    with container.opened(path) as parts:
        book = Book(path, parts)
        if book.signed:
            return dict.fromkeys(places, "le classeur porte une signature électronique, qu’un changement rendrait fausse")
        return {place: reason for place, reason in book.refusals(places, over_formulas=over_formulas) if reason}


def _with_cells(path: Path, changes: Mapping[Place, Content]) -> bytes:
    """The package with the cells changed, and without the results of the formulas that may follow from them."""
    values: dict[str, dict[Position, Content]] = {}
    for (sheet, address), value in changes.items():
        values.setdefault(sheet, {})[position(address)] = value
    with container.opened(path) as parts:
        changed = Book(path, parts).with_cells(values)
    return repacked(path, changed)
