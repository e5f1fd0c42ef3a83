"""What the user has left on the cells of drafts, once they are issued: the notes go along to the register, the colours go away.

Left behind they would seem to belong to the next draft that is written there. The same whatever holds the workbook.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from xlbridge.folding import folded
from xlbridge.workbook.columns import Table
from xlbridge.workbook.details import Position
from xlbridge.workbook.grid import Workbook
from xlbridge.workbook.mark_notes import former, with_own
from xlbridge.workbook.port import Look, Port
from xlbridge.workbook.sheet_cells import unwritable
from xlbridge.workbook.template_formulas import FORMULAS
from xlbridge.workbook.template_layout import BESIDE, DRAFTS, LINES, REGISTER, REGISTER_LINES, TABLES
from xlbridge.workbook.template_parties import table_of

KEPT_IN = {DRAFTS: REGISTER, LINES: REGISTER_LINES}
KEY, NUMBER = "Brouillon", "Numéro"


def follow_rows(port: Port, before: Workbook, left: Mapping[str, Mapping[str, Sequence[int]]]) -> None:
    """Take the notes on the rows that drafts have `left` to those of the register, and the colours on them away.

    `before`: the workbook with the drafts. `left`: by sheet and by the number that they were given. The register, unlocked, has their rows.
    A colour that the row below the last draft bears, too, is that of a column, and stays. What finds no row in the register stays, and so
    does a note that cannot be written, and a thread of comments.
    """
    for name, taken in left.items():
        table = table_of(before, name)
        rows = [row for several in taken.values() for row in several]
        if table is None or not rows:
            continue
        titles = _titles(table)
        notes = port.notes(name, list(product(rows, titles)))
        own = {place: note for place, text in notes.items() if (note := _own(text))}
        staying = own.keys() - (_kept(port, KEPT_IN[name], taken, titles, own) if own else set())
        looks = _bare(port, table, list(product(rows, titles)), notes)
        if changed := {place: look for place, look in looks.items() if place not in staying}:
            port.set_looks(name, changed)


def _titles(table: Table) -> dict[int, str]:
    """The columns of ours in a table, also those for the eye alone."""
    name = table.sheet.name
    titles = [column.name for column in (*TABLES[name], *BESIDE.get(name, ()))]
    return {table.columns[folded(title)]: title for title in titles if folded(title) in table.columns}


def _own(note: str) -> str | None:
    """The user's part of a note."""
    before = former(note)
    return note if before is None else before.note


def _kept(
    port: Port, name: str, taken: Mapping[str, Sequence[int]], titles: Mapping[int, str], notes: Mapping[Position, str]
) -> set[Position]:
    """Put notes on the cells of the same columns in the register, or beside the number with the name of theirs. Returns those that are."""
    table = table_of(port.snapshot(), name)
    if table is None:
        return set()
    rows: dict[str, list[int]] = {}
    for known_row in table.rows():
        rows.setdefault((known_row.text(NUMBER) or "").strip(), []).append(known_row.row)
    targets = {old: new for number, several in taken.items() for old, new in zip(several, rows.get(number, ()), strict=False)}
    columns = {column.name: table.columns[folded(column.name)] for column in TABLES[name]}
    known = port.notes(name, list(product(targets.values(), columns.values())))
    texts: dict[Position, str] = {}
    kept: set[Position] = set()
    for (row, column), note in sorted(notes.items()):
        if row in targets:
            title = titles[column]
            where = (targets[row], columns.get(title, columns[NUMBER]))
            text = note if title in columns or title == KEY else f"{title} : {note}"
            whole = with_own(texts.get(where, known.get(where)), text)
            if unwritable(whole) is None:
                texts[where] = whole
                kept.add((row, column))
    fills = port.fills(name, texts)
    port.set_looks(name, {where: Look(fills[where], text) for where, text in texts.items()})
    return kept


def _bare(port: Port, table: Table, places: Sequence[Position], notes: Mapping[Position, str]) -> dict[Position, Look]:
    """The looks of those cells that bear a note or a colour, without either."""
    name = table.sheet.name
    typed = {table.columns[folded(column.name)] for column in TABLES[name] if column.name not in FORMULAS.get(name, {})}
    below = max((row.row for row in table.rows() if row.text(KEY)), default=table.header_row) + 1
    cells = [place for place in places if place[1] in typed or place in notes]
    model = [(below, column) for column in typed]
    fills = port.fills(name, [*cells, *model])
    fills |= {place: before.fill for place, note in port.notes(name, model).items() if (before := former(note))}
    looks = {}
    for place in cells:
        before = former(notes.get(place, "")) or Look(fills[place], None)
        fill = fills[below, place[1]] if place[1] in typed else before.fill
        if place in notes or fill != fills[place]:
            looks[place] = Look(fill, None)
    return looks
