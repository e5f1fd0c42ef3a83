"""Cells of a closed workbook changed in a copy, without a spreadsheet application: only what must change does.

Of an .xlsx or .xlsm the sheets with a changed cell are spliced, those with formulas that follow from it lose the results of these, and the
workbook part gets the order to compute them when it is next opened; macros, ribbon, charts, pivots, comments and all else keep their very
bytes. Of a csv only the fields change. The original is never written to.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, product
from pathlib import Path

from xlbridge.errors import WrongUse
from xlbridge.workbook import container
from xlbridge.workbook.address import position, rectangle
from xlbridge.workbook.dependents import Area, areas_of, dependents
from xlbridge.workbook.details import Position
from xlbridge.workbook.details_ooxml import read_details, related, sheet_part
from xlbridge.workbook.fields import with_fields
from xlbridge.workbook.intake import examine
from xlbridge.workbook.repack import repacked
from xlbridge.workbook.sheet_cells import Content, Scan, unwritable, with_cells
from xlbridge.workbook.splice import Edit, removed, spliced, top_level, with_attribute

__all__ = ["Content", "Place", "patched", "refusals"]

Place = tuple[str, str]
"""Sheet name and A1 address; of a csv, "csv", column letter and line of the file."""

BY_HAND = "Écrivez la valeur à la main dans le tableur."
ABSOLUTE = re.compile(r"(?:'(?:[^']|'')+'|[\w.]+)!\$[A-Z]{1,3}\$\d+(?::\$[A-Z]{1,3}\$\d+)?")
BEFORE_CALCULATION = ("sheets", "functionGroups", "externalReferences", "definedNames")  # 18.2.27, in the order of the schema
SILENT_FORMATS = {"ods": "OpenDocument (.ods)", "xls": "Excel 97-2003 (.xls)", "xlsb": "Excel binaire (.xlsb)"}


def patched(path: Path, changes: Mapping[Place, Content], target: Path, *, over_formulas: bool = False, replace: bool = False) -> None:
    """Write to `target` a copy of the workbook at `path` in which the cells of `changes` hold other values. Styles are kept.

    `over_formulas`: a formula may give way to its value. `replace`: `target` is the caller's to replace. Raises WrongUse where a cell
    cannot be changed, or the copy not written there; UnreadableFile for a file that is broken or encrypted.
    """
    _refuse_target(path, target, replace)
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
    _write(target, data)


def refusals(path: Path, places: Collection[Place], *, over_formulas: bool = False) -> dict[Place, str]:
    """Which of the cells cannot be changed, and why (French, no full stop). Raises UnreadableFile."""
    real = examine(path).format
    if real in SILENT_FORMATS:
        return dict.fromkeys(places, f"un fichier {SILENT_FORMATS[real]} ne peut être changé que dans son tableur")
    if real == "csv":
        return {place: "il n’y a pas de telle feuille" for place in places if place[0] != "csv"}
    with container.opened(path) as parts:
        if any(name.startswith("_xmlsignatures/") for name in parts.namelist()):
            return dict.fromkeys(places, "le classeur porte une signature électronique, qu’un changement rendrait fausse")
        book = _Book(path, parts)
        return {place: reason for place, reason in book.refusals(places, over_formulas) if reason}


@dataclass(frozen=True, eq=False)
class _Book:
    """An opened package and the part that names its sheets."""

    path: Path
    parts: zipfile.ZipFile

    @property
    def main(self) -> str:
        return related(self.parts, "", "officeDocument")[0]

    def scan(self, part: str, wanted: Collection[Position]) -> Scan:
        try:
            return Scan(self.parts.read(part), wanted)
        except ValueError as fault:
            raise container.broken(self.path, fault) from fault

    def formulas(self) -> dict[str, dict[Position, str]]:
        """The formulas of every sheet; one that fills several cells stands in each of them."""
        found = {}
        for sheet in container.tree(self.parts, self.main).iter("{*}sheet"):
            known = dict(read_details(self.path, sheet.get("name")).formulas or {})
            if known:
                part, _hidden = sheet_part(self.parts, self.main, sheet.get("name"))
                for top, left, bottom, right in self.scan(part, ()).arrays:
                    area = product(range(top, bottom + 1), range(left, right + 1))
                    known |= dict.fromkeys(area, known.get((top, left), ""))
            found[sheet.get("name")] = known
        return found

    def names(self) -> dict[str, list[Area] | None]:
        """What the tables and the defined names of the workbook stand for; None where that is not said plainly."""
        found: dict[str, list[Area] | None] = {}
        book = container.tree(self.parts, self.main)
        for sheet in book.iter("{*}sheet"):
            part, _hidden = sheet_part(self.parts, self.main, sheet.get("name"))
            for table in related(self.parts, part, "table"):
                root = container.tree(self.parts, table)
                found[root.get("displayName").lower()] = [Area(sheet.get("name"), *rectangle(root.get("ref")))]
        for name in book.iter("{*}definedName"):
            key, areas = name.get("name").lower(), areas_of(name.text or "", "")
            plain = areas == [] or ABSOLUTE.fullmatch(name.text or "")  # a relative one means another cell wherever it is used
            found[key] = areas if plain and key not in found else None  # and a sheet may have its own of the same name
        return found

    def refusals(self, places: Collection[Place], over_formulas: bool) -> Iterator[tuple[Place, str | None]]:
        for sheet, group in groupby(sorted(places), key=lambda place: place[0]):
            wanted = {place: position(place[1]) for place in group}
            try:
                part, _hidden = sheet_part(self.parts, self.main, sheet)
            except KeyError:
                yield from ((place, "il n’y a pas de telle feuille") for place in wanted)
                continue
            scan = self.scan(part, wanted.values())
            headers = [_header_of(self.parts, table) for table in related(self.parts, part, "table")]
            unlocked = self._unlocked() if scan.protected else frozenset()
            for place, where in wanted.items():
                locked = scan.protected and scan.style(where) not in unlocked
                yield place, "la feuille est protégée" if locked else _refusal(scan, where, headers, over_formulas)

    def _unlocked(self) -> frozenset[int]:
        """The cell styles that a protected sheet leaves open (18.8.33)."""
        styles = related(self.parts, self.main, "styles")
        formats = container.tree(self.parts, styles[0]).find("{*}cellXfs") if styles else None
        protections = [item.find("{*}protection") for item in formats] if formats is not None else []
        return frozenset(at for at, item in enumerate(protections) if item is not None and item.get("locked") in {"0", "false"})


def _refusal(scan: Scan, where: Position, headers: list[tuple[int, int, int, int]], over_formulas: bool) -> str | None:
    """Why a cell of an open sheet cannot be changed."""
    formula = scan.formula(where)
    if any(_holds(area, where) for area in scan.arrays):
        return "elle fait partie d’une formule matricielle"
    if formula is not None and not over_formulas:
        return "elle contient une formule ; corrigez plutôt la valeur d’où elle la tire"
    if formula is not None and "ref" in formula.attributes:
        return "d’autres cellules partagent sa formule"
    if any(_holds(area, where) and where != area[:2] for area in scan.merged):
        return "elle est fusionnée avec d’autres et n’en est pas la première"
    if any(_holds(area, where) for area in headers):
        return "c’est l’en-tête d’un tableau"
    return None


def _holds(area: tuple[int, int, int, int], where: Position) -> bool:
    return area[0] <= where[0] <= area[2] and area[1] <= where[1] <= area[3]


def _header_of(parts: zipfile.ZipFile, table: str) -> tuple[int, int, int, int]:
    """The area of a table's header, whose texts its part repeats (18.5.1.2); nothing where it has none."""
    root = container.tree(parts, table)
    top, left, _bottom, right = rectangle(root.get("ref"))
    return (top, left, top + int(root.get("headerRowCount", 1)) - 1, right)


def _with_cells(path: Path, changes: Mapping[Place, Content]) -> bytes:
    """The package with the cells changed, and without the results of the formulas that may follow from them."""
    values: dict[str, dict[Position, Content]] = {}
    for (sheet, address), value in changes.items():
        values.setdefault(sheet, {})[position(address)] = value
    with container.opened(path) as parts:
        book = _Book(path, parts)
        workbook = parts.read(book.main)
        changed: dict[str, bytes | None] = {book.main: _computed_when_opened(workbook)}
        stale = dependents(book.formulas(), values, book.names())
        formulas_go = False
        for sheet in values.keys() | stale.keys():
            own, old = values.get(sheet, {}), stale.get(sheet, set()) - values.get(sheet, {}).keys()
            part, _hidden = sheet_part(parts, book.main, sheet)
            scan = book.scan(part, own.keys() | old)
            formulas_go = formulas_go or any(scan.formula(where) for where in own)
            changed[part] = with_cells(scan, own, old, _counts_from_1904(workbook))
        if formulas_go:
            changed |= _without_calc_chain(parts, book.main)
    return repacked(path, changed)


def _counts_from_1904(workbook: bytes) -> bool:
    properties = next((item for item in top_level(workbook).children if item.name == "workbookPr"), None)
    return properties is not None and properties.attributes.get("date1904") in {"1", "true"}


def _computed_when_opened(workbook: bytes) -> bytes:
    """The workbook part with the order to compute every formula when it is opened (18.2.2)."""
    root = top_level(workbook)
    known = next((item for item in root.children if item.name == "calcPr"), None)
    if known is not None:
        tag = with_attribute(workbook[known.start : known.inner], b"fullCalcOnLoad", b"1")
        return spliced(workbook, [Edit(known.start, known.inner, tag)])
    place = max(item.end for item in root.children if item.name in BEFORE_CALCULATION)
    return spliced(workbook, [Edit(place, place, f'<{root.prefix}calcPr fullCalcOnLoad="1"/>'.encode())])


def _without_calc_chain(parts: zipfile.ZipFile, main: str) -> dict[str, bytes | None]:
    """The package without the chain of its formulas, which names each of them: the application makes it anew."""
    chain = related(parts, main, "calcChain")
    if not chain:
        return {}
    folder, _, base = main.rpartition("/")
    types, relations = "[Content_Types].xml", f"{folder}/_rels/{base}.rels".lstrip("/")
    kept: dict[str, bytes | None] = dict.fromkeys(chain)
    for part, attribute, wanted in ((types, "PartName", re.escape(f"/{chain[0]}")), (relations, "Type", ".*/calcChain")):
        data = parts.read(part)
        gone = [item for item in top_level(data).children if re.fullmatch(wanted, item.attributes.get(attribute, ""), re.IGNORECASE)]
        kept[part] = removed(data, gone)
    return kept


def _refuse_target(path: Path, target: Path, replace: bool) -> None:
    for file in (path, target):
        if any(file.with_name(lock).exists() for lock in (f"~${file.name}", f".~lock.{file.name}#")):
            raise WrongUse(f"« {file.name} » est ouvert dans un tableur.", "Enregistrez-le et fermez-le, puis recommencez.")
    if target.exists() and path.exists() and target.samefile(path):
        raise WrongUse(f"« {path.name} » est l’original : il n’est jamais écrasé.", "Donnez un autre nom à la copie.")
    if target.exists() and not replace:
        raise WrongUse(f"« {target.name} » existe déjà.", "Déplacez-le ou donnez un autre nom à la copie.")


def _write(target: Path, data: bytes) -> None:
    """Write the whole file or nothing."""
    part = target.with_name(f".{target.name}.partiel")
    try:
        part.write_bytes(data)
        part.replace(target)
    except OSError as fault:
        part.unlink(missing_ok=True)
        raise WrongUse(f"« {target} » ne peut pas être écrit ({fault.strerror}).", "Vérifiez le dossier et la place libre.") from fault
