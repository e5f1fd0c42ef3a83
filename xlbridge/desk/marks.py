"""The marks that « Vérifier » leaves on cells: a colour and a note, and in the note what « Effacer les marques » needs to take them back.

The note remembers the colour that was there, and keeps the user's own note below ours. It moves with its cell when rows are sorted or
inserted, which a list of addresses elsewhere would not.

>>> note = note_of(["xlbridge · NOTE LEC-018\\nRien à dire."], Look("#FFF3D6", "à revoir avec Paul"))
>>> former(note)
Look(fill='#FFF3D6', note='à revoir avec Paul')
>>> former("une note à moi") is None
True
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from xlbridge.findings import Finding, Severity
from xlbridge.workbook.address import position
from xlbridge.workbook.details import Position
from xlbridge.workbook.port import Look, Port

HEAD = "xlbridge · "
FILLS = {Severity.BLOCKING: "#FFC7CE", Severity.WARNING: "#FFE699", Severity.NOTE: "#DDEBF7"}
NONE = "aucun"
OWN = "\n\n— Votre note —\n"
MARK = re.compile(rf"{re.escape(HEAD)}.*?\n\[fond d’avant : ({NONE}|#[0-9A-F]{{6}})\](?:{re.escape(OWN)}(.*))?", re.DOTALL)
LONGEST = 1200  # characters of one finding in a note
MOST = 50  # cells of one range that are marked
MOST_TOLD = 12  # findings in one note: no application takes a text without end


def note_of(texts: Sequence[str], before: Look) -> str:
    """The note of a marked cell that looked like `before`."""
    own = f"{OWN}{before.note}" if before.note else ""
    return "\n\n".join(texts) + f"\n[fond d’avant : {before.fill or NONE}]{own}"


def former(note: str) -> Look | None:
    """What a cell with this note looked like before it was marked; None where the note is not ours."""
    found = MARK.fullmatch(note)
    return None if found is None else Look(None if found[1] == NONE else found[1], found[2])


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
