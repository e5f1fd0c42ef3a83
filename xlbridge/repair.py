"""`check --fix`: the values that follow from the data, written into a copy of the workbook, each on its own cell and no other.

Only what has one right value is mended: identifiers, postcodes, account numbers, mentions. An amount, a date or the number of an invoice
is never even proposed. What has no cell of its own, or whose cell may not be changed, is shown with what to do, and not written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from xlbridge.errors import WrongUse, XlbridgeError
from xlbridge.findings import Cell, Finding, Proposal
from xlbridge.model.money import decimal_of, plain
from xlbridge.workbook.details import Value
from xlbridge.workbook.grid import Workbook, open_workbook
from xlbridge.workbook.package import Content, Place, patched, refusals

MENDABLE = frozenset({
    "siren", "siret", "vat_number", "tax_registration", "legal_id", "electronic_address", "postcode", "city", "country", "iban", "bic",
    "vat_reason", "vat_reason_code", "text",
})  # fmt: skip
"""Last steps of the paths whose value may be written."""

NEVER = re.compile(r"totals(\..*)?|(.*\.)?(number|date|start|end|\w+_date|\w*amount|\w*price\w*|quantity|base)")
"""Paths for which nothing is proposed: an issued invoice changes in these by another invoice alone (CGI, art. 289, I, 5)."""

BLANK = "[ \u00a0\u202f.]*"
NUMBER_DIGITS = 15  # as many as a spreadsheet's number keeps

NO_CELL = "aucune cellule du classeur ne porte cette valeur à elle seule"
OTHER_FILE = "la valeur vient d’un autre fichier, {file}"
NOT_FOUND = "la cellule ne contient pas cette valeur seule, une fois et une seule"


@dataclass(frozen=True, slots=True)
class Repair:
    """One value to mend. `before` and `after` are what its cell holds and would hold, as text; `obstacle` (French, no full stop) says why
    it is not written by us, `also` how many further findings propose the same for the same cell."""

    finding: Finding
    old: str | None
    new: str
    before: str = ""
    after: str = ""
    obstacle: str = ""
    also: int = 0


def proposals(path: Path, findings: Iterable[Finding]) -> list[Repair]:
    """What the findings of the workbook at `path` propose, those that cannot be written included. Raises UnreadableFile."""
    findings = list(findings)
    if not any(finding.proposal for finding in findings):
        return []
    return proposed(open_workbook(path), findings, lambda places: refusals(path, places))


def proposed(
    workbook: Workbook, findings: Iterable[Finding], refused_of: Callable[[Collection[Place]], Mapping[Place, str]]
) -> list[Repair]:
    """The same of a workbook that was read; `refused_of` says which cells cannot be changed, and why (French, no full stop)."""
    found: dict[tuple[object, ...], Repair] = {}
    for finding in findings:
        proposal = finding.proposal
        path_of_value = re.sub(r"\[\d+\]", "", finding.field or "")
        if proposal is None or NEVER.fullmatch(path_of_value):
            continue
        if path_of_value.rpartition(".")[2] not in MENDABLE:
            proposal = Proposal(proposal.new)
        cell = finding.cell if proposal.old is not None else None
        key = (cell or finding.field, proposal.old, proposal.new)
        if key in found:
            found[key] = replace(found[key], also=found[key].also + 1)
        else:
            found[key] = Repair(finding, proposal.old, proposal.new)
    repairs = [_seen(workbook, repair) for repair in found.values()]
    places = {_place(repair.finding.cell) for repair in repairs if not repair.obstacle and repair.finding.cell}
    refused = refused_of(places)
    return [
        replace(repair, obstacle=refused[place])
        if not repair.obstacle and repair.finding.cell and (place := _place(repair.finding.cell)) in refused
        else repair
        for repair in repairs
    ]


def apply(path: Path, chosen: Sequence[Repair], target: Path) -> None:
    """Write to `target` a copy of the workbook at `path` with the chosen values mended, and read it again.

    Raises WrongUse where a cell no longer holds what it held, or must not be changed; the copy is then not written.
    """
    changes = changes_of(open_workbook(path), chosen)
    patched(path, changes, target)
    written = open_workbook(target)
    for (sheet, address), value in changes.items():
        if _shown(written.at(Cell(target.name, sheet, address))) != _shown(value):
            target.unlink()
            raise XlbridgeError(
                f"La copie ne porte pas « {_shown(value)} » en {sheet}!{address} ; elle est effacée.", "Corrigez à la main."
            )


def changes_of(workbook: Workbook, chosen: Sequence[Repair]) -> dict[Place, Content]:
    """The new content of each cell. Raises WrongUse where a cell no longer holds what it held, or must not be changed."""
    changes: dict[Place, Content] = {}
    for repair in chosen:
        cell = repair.finding.cell
        if repair.obstacle or cell is None or repair.old is None:
            raise WrongUse(f"« {repair.new} » ne peut pas être écrit : {repair.obstacle or NO_CELL}.", "Écrivez-le à la main.")
        held = workbook.at(cell)
        if _shown(held) != repair.before:
            raise WrongUse(f"{cell} ne contient plus « {repair.before} ».", "Relancez le contrôle, puis recommencez.")
        place = _place(cell)
        mended = _mended(changes.get(place, held), repair.old, repair.new)
        if mended is None:
            raise WrongUse(f"{cell} : deux corrections choisies se contredisent.", "N’en choisissez qu’une.")
        changes[place] = mended
    return changes


def target_for(path: Path) -> Path:
    """Where the mended copy goes: beside the original, under a name that is free."""
    names = (f"{path.stem}-corrigé{'' if turn == 1 else f'-{turn}'}{path.suffix}" for turn in range(1, 1000))
    return next(target for name in names if not (target := path.with_name(name)).exists())


def _place(cell: Cell) -> Place:
    return cell.sheet, cell.address


def _seen(workbook: Workbook, repair: Repair) -> Repair:
    """The repair with what its cell holds, or what is in its way."""
    cell = repair.finding.cell
    if cell is None or repair.old is None:
        return replace(repair, obstacle=NO_CELL)
    if cell.file != workbook.path.name:
        return replace(repair, obstacle=OTHER_FILE.format(file=cell.file))
    held = workbook.at(cell)
    mended = _mended(held, repair.old, repair.new)
    if mended is None:
        return replace(repair, before=_shown(held), obstacle=NOT_FOUND)
    return replace(repair, before=_shown(held), after=_shown(mended))


def _shown(value: Value | Content) -> str:
    """A value as text; a number without needless zeros."""
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return plain(decimal_of(value))
    return "" if value is None else str(value)


def _mended(held: Value | Content, old: str, new: str) -> str | Decimal | None:
    """What a cell holds once `old` is `new` in it; None where it does not hold `old` just once, alone or among words.

    Blanks within `old` do not count: « 812 345 678 » is 812345678. Beside a digit it is part of a longer number and is left alone.

    >>> _mended("SIREN 812 345 678, RCS Limoges", "812345678", "912345674"), _mended("SIRET 812 345 678 00012", "812345678", "912345674")
    ('SIREN 912345674, RCS Limoges', None)
    >>> _mended(1.0, "1", "01000"), _mended(69006.0, "69006", "69007"), _mended("FR", "FRANCE", "FR")
    ('01000', Decimal('69007'), None)
    """
    if isinstance(held, (int, float, Decimal)) and not isinstance(held, bool):
        if _shown(held) != old:
            return None
        return Decimal(new) if re.fullmatch(rf"[1-9]\d{{0,{NUMBER_DIGITS - 1}}}", new, re.ASCII) else new
    letters = re.sub(BLANK, "", old)
    if not isinstance(held, str) or not letters:
        return None
    places = [found.span() for found in re.finditer(BLANK.join(map(re.escape, letters)), held, re.IGNORECASE)]
    if len(places) != 1 or not _stands_alone(held, *places[0]):
        return None
    start, end = places[0]
    return held[:start] + new + held[end:]


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether [`start`, `end`) touches no letter or digit, and no digit across blanks."""
    before, after = text[:start], text[end:]
    if (before and before[-1].isalnum()) or (after and after[0].isalnum()):
        return False
    return not re.search(rf"\d{BLANK}$", before) and not re.match(rf"{BLANK}\d", after)
