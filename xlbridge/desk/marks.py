"""The marks that « Vérifier » leaves on cells: a colour and a note (see `mark_notes`), which « Effacer les marques » takes back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from xlbridge.findings import Finding, Severity
from xlbridge.workbook.address import position
from xlbridge.workbook.details import Position
from xlbridge.workbook.mark_notes import HEAD, former, note_of
from xlbridge.workbook.port import Look, Port

FILLS = {Severity.BLOCKING: "#FFC7CE", Severity.WARNING: "#FFE699", Severity.NOTE: "#DDEBF7"}
LONGEST = 1200  # characters of one finding in a note
MOST = 50  # cells of one range that are marked
MOST_TOLD = 12  # findings in one note: no application takes a text without end


def text_of(finding: Finding) -> str:
    """A finding as its note says it: the cell is where one reads it."""
    lines = [f"{HEAD}{finding.severity.label} {finding.code}", finding.message]
    lines += [f"À faire : {finding.remedy}"] if finding.remedy else []
    lines += [f"Texte : {finding.law}"] if finding.law else []
    text = "\n".join(lines)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def mark(port: Port, findings: Iterable[Finding], *, sheets: Iterable[str]) -> int:
    """Mark the cells of the findings that lie in `sheets` of this workbook. Returns how many cells.

    A cell that bears a mark already keeps the memory of what it was before the first. One that takes no note (for it bears a thread)
    gets no colour either, for nothing would remember what was there.
    """
    wanted: dict[str, dict[Position, list[Finding]]] = {name: {} for name in sheets}
    for finding in findings:
        cell = finding.cell
        if cell is None or cell.file != port.name or not cell.address or cell.sheet not in wanted:
            continue
        for place in places_of(cell.address):
            wanted[cell.sheet].setdefault(place, []).append(finding)
    return sum(_mark_sheet(port, sheet, cells) for sheet, cells in wanted.items() if cells)


def _mark_sheet(port: Port, sheet: str, cells: Mapping[Position, Sequence[Finding]]) -> int:
    fills, notes = port.fills(sheet, cells), port.notes(sheet, cells)
    with port.unlocked(sheet):
        port.set_looks(sheet, _looks(cells, fills, notes))
        written = port.notes(sheet, cells)
        bare = {place: Look(fills[place], notes.get(place)) for place in cells if former(written.get(place, "")) is None}
        if bare:
            port.set_looks(sheet, bare)
    return len(cells) - len(bare)


def _looks(
    cells: Mapping[Position, Sequence[Finding]], fills: Mapping[Position, str | None], notes: Mapping[Position, str]
) -> dict[Position, Look]:
    looks = {}
    for place, findings in cells.items():
        note = notes.get(place)
        before = (former(note) if note else None) or Look(fills[place], note)
        worst = min((finding.severity for finding in findings), key=lambda severity: severity.rank)
        told = [text_of(finding) for finding in sorted(findings, key=lambda finding: finding.severity.rank)[:MOST_TOLD]]
        told += [f"… et {len(findings) - MOST_TOLD} de plus, dans « Contrôle »."] if len(findings) > MOST_TOLD else []
        looks[place] = Look(FILLS[worst], note_of(told, before))
    return looks


def places_of(address: str) -> list[Position]:
    """The cells of an address; of a large range its first alone."""
    first, _, last = address.partition(":")
    top, left = position(first)
    bottom, right = position(last or first)
    if (bottom - top + 1) * (right - left + 1) > MOST:
        return [(top, left)]
    return [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]


def clear(port: Port, sheets: Iterable[str]) -> int:
    """Give every marked cell of `sheets` its colour and note back. Returns how many cells.

    The sheets are searched whole: rows may have been moved, or copied with their marks, since. A colour that the user has given to a
    marked cell meanwhile stays.
    """
    count = 0
    for sheet in sheets:
        marked = {place: before for place, note in port.notes(sheet).items() if (before := former(note))}
        if not marked:
            continue
        fills = port.fills(sheet, marked)
        ours = frozenset(FILLS.values())
        looks = {place: before if fills[place] in ours else Look(fills[place], before.note) for place, before in marked.items()}
        with port.unlocked(sheet):
            port.set_looks(sheet, looks)
        count += len(looks)
    return count
