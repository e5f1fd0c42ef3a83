"""An opened .xlsx or .xlsm as a book of sheets: its formulas and tables, the cells that may change, the parts that change with them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby, product
from pathlib import Path

from xlbridge.workbook import container
from xlbridge.workbook.address import position, rectangle
from xlbridge.workbook.dependents import Area, areas_of, dependents
from xlbridge.workbook.details import Position
from xlbridge.workbook.details_ooxml import details_of, related, sheet_part
from xlbridge.workbook.sheet_cells import Formula, Scan, Written, with_cells, with_own_formulas
from xlbridge.workbook.splice import Edit, removed, spliced, top_level, with_attribute

Place = tuple[str, str]
"""Sheet name and A1 address; of a csv, "csv", column letter and line of the file."""

ABSOLUTE = re.compile(r"(?:'(?:[^']|'')+'|[\w.]+)!\$[A-Z]{1,3}\$\d+(?::\$[A-Z]{1,3}\$\d+)?")
FORMULA = re.compile(rb"<(?:[\w.-]+:)?f[\s/>]")
BEFORE_CALCULATION = ("sheets", "functionGroups", "externalReferences", "definedNames")  # 18.2.27, in the order of the schema


@dataclass(frozen=True, eq=False)
class Book:
    """An opened package and the part that names its sheets."""

    path: Path
    parts: zipfile.ZipFile
    scans: dict[str, Scan] = field(default_factory=dict, repr=False)

    @property
    def main(self) -> str:
        """The part that names the sheets."""
        return related(self.parts, "", "officeDocument")[0]

    @property
    def signed(self) -> bool:
        """Whether the package carries an electronic signature, which any change would make false."""
        return any(name.startswith("_xmlsignatures/") for name in self.parts.namelist())

    def scan(self, part: str, wanted: Collection[Position]) -> Scan:
        """What the sheet in `part` says of the wanted cells, and maybe of more. Raises UnreadableFile."""
        known = self.scans.get(part)
        if known is not None and known.wanted.issuperset(wanted):
            return known
        try:
            self.scans[part] = Scan(self.parts.read(part), wanted)
        except ValueError as fault:
            raise container.broken(self.path, fault) from fault
        return self.scans[part]

    def formulas(self) -> dict[str, dict[Position, str]]:
        """The formulas of every sheet; one that fills several cells stands in each of them."""
        found = {}
        for sheet in container.tree(self.parts, self.main).iter("{*}sheet"):
            part, _hidden = sheet_part(self.parts, self.main, sheet.get("name"))
            has_some = FORMULA.search(self.parts.read(part)) is not None
            known = dict(details_of(self.parts, sheet.get("name")).formulas or {}) if has_some else {}
            if known:
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

    def refusals(
        self, places: Collection[Place], *, over_formulas: bool = False, over_protection: bool = False
    ) -> Iterator[tuple[Place, str | None]]:
        """Each of the cells and why it cannot be changed (French, no full stop); None where it can."""
        for sheet, group in groupby(sorted(places), key=lambda place: place[0]):
            wanted = {place: position(place[1]) for place in group}
            try:
                part, _hidden = sheet_part(self.parts, self.main, sheet)
            except KeyError:
                yield from ((place, "il n’y a pas de telle feuille") for place in wanted)
                continue
            scan = self.scan(part, wanted.values())
            headers = [_header_of(self.parts, table) for table in related(self.parts, part, "table")]
            unlocked = self._unlocked() if scan.protected and not over_protection else frozenset()
            for place, where in wanted.items():
                locked = scan.protected and not over_protection and scan.style(where) not in unlocked
                yield place, "la feuille est protégée" if locked else _refusal(scan, where, headers, over_formulas)

    def _unlocked(self) -> frozenset[int]:
        """The cell styles that a protected sheet leaves open (18.8.33)."""
        styles = related(self.parts, self.main, "styles")
        formats = container.tree(self.parts, styles[0]).find("{*}cellXfs") if styles else None
        protections = [item.find("{*}protection") for item in formats] if formats is not None else []
        return frozenset(at for at, item in enumerate(protections) if item is not None and item.get("locked") in {"0", "false"})

    def with_cells(
        self, values: Mapping[str, Mapping[Position, Written]], styles: Mapping[str, Mapping[Position, int]] | None = None
    ) -> dict[str, bytes | None]:
        """The parts that change with the cells of `values` (by sheet), without the results of the formulas that may follow from them.

        `styles`: those of cells that are not there yet. Protection does not matter here; see `refusals`.
        """
        workbook = self.parts.read(self.main)
        changed: dict[str, bytes | None] = {self.main: _computed_when_opened(workbook)}
        formulas = self.formulas()
        stale = dependents(formulas, values, self.names())
        chain_breaks = False
        for sheet in values.keys() | stale.keys():
            own, old = values.get(sheet, {}), stale.get(sheet, set()) - values.get(sheet, {}).keys()
            part, _hidden = sheet_part(self.parts, self.main, sheet)
            scan = with_own_formulas(self.scan(part, own.keys() | old), own, formulas[sheet])
            chain_breaks = chain_breaks or any(scan.formula(where) or isinstance(value, Formula) for where, value in own.items())
            changed[part] = with_cells(scan, own, old, _counts_from_1904(workbook), (styles or {}).get(sheet, {}))
        return changed | _without_calc_chain(self.parts, self.main) if chain_breaks else changed


def _refusal(scan: Scan, where: Position, headers: list[tuple[int, int, int, int]], over_formulas: bool) -> str | None:
    """Why a cell of an open sheet cannot be changed."""
    formula = scan.formula(where)
    if any(_holds(area, where) for area in scan.arrays):
        return "elle fait partie d’une formule matricielle"
    if formula is not None and not over_formulas:
        return "elle contient une formule ; corrigez plutôt la valeur d’où elle la tire"
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
