"""The sheet « Contrôle »: every finding with a link to its cell. « Suivant » walks along it, « Effacer les marques » empties it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from xlbridge.findings import Cell, Finding, Severity
from xlbridge.folding import folded
from xlbridge.workbook.address import position
from xlbridge.workbook.columns import Table, find_table
from xlbridge.workbook.details import Position
from xlbridge.workbook.grid import Sheet, Workbook
from xlbridge.workbook.port import Port
from xlbridge.workbook.sheet_cells import Content
from xlbridge.workbook.template_layout import CONTROL, CONTROL_COLUMNS, HOME

COLUMNS = [column.name for column in CONTROL_COLUMNS]
OTHER_NAME = f"{CONTROL} xlbridge"  # where the user has a sheet « Contrôle » of their own
MOST = 2000
VISITED = "◄"
ADDRESS = re.compile(r"[A-Z]{1,3}[1-9][0-9]{0,6}(:[A-Z]{1,3}[1-9][0-9]{0,6})?")
LAST_CHECK_LABEL = folded("Dernier contrôle")


def table_in(workbook: Workbook) -> Table | None:
    """Our table of findings, wherever it stands."""
    tables = (find_table(workbook.path.name, sheet, {folded(name) for name in COLUMNS}) for sheet in workbook.sheets)
    return next((table for table in tables if table is not None), None)


def without(workbook: Workbook) -> Workbook:
    """The workbook without that sheet: it is ours to write, and no part of what is judged."""
    table = table_in(workbook)
    return workbook if table is None else replace(workbook, sheets=tuple(sheet for sheet in workbook.sheets if sheet is not table.sheet))


def listed(workbook: Workbook) -> list[Cell]:
    """The cells that the sheet names and that can be gone to, in its order, each once; of ranges that begin alike the first."""
    table = table_in(workbook)
    seen = {sheet.name for sheet in workbook.sheets if not sheet.hidden}
    found: dict[tuple[str, str], Cell] = {}
    for row in table.rows() if table else ():
        sheet, _, address = (row.text("Cellule") or "").rpartition("!")
        if sheet in seen and ADDRESS.fullmatch(address):
            found.setdefault((sheet, address.partition(":")[0]), Cell(workbook.path.name, sheet, address))
    return list(found.values())


def visited(workbook: Workbook) -> Cell | None:
    """The cell to which « Suivant » led last."""
    table = table_in(workbook)
    here = [row for row in table.rows() if table.sheet.at(row.row, beside(table)) == VISITED] if table else []
    sheet, _, address = (here[0].text("Cellule") or "").rpartition("!") if here else ("", "", "")
    return Cell(workbook.path.name, sheet, address) if sheet else None


def visit(port: Port, workbook: Workbook, cell: Cell) -> None:
    """Show beside the list where « Suivant » leads to."""
    table = table_in(workbook)
    if table is None:
        return
    rows = list(table.rows())
    marks: dict[Position, Content] = {(row.row, beside(table)): None for row in rows if table.sheet.at(row.row, beside(table)) == VISITED}
    free = {row.row for row in rows if table.sheet.at(row.row, beside(table)) in {None, "", VISITED}}
    marks |= {(row.row, beside(table)): VISITED for row in rows if row.row in free and row.text("Cellule") == cell.reference}
    port.write(table.sheet.name, marks)


def beside(table: Table) -> int:
    """The column behind the last of ours."""
    return table.columns[folded(COLUMNS[-1])] + 1


def fill(port: Port, workbook: Workbook, findings: Sequence[Finding]) -> None:
    """Write the findings, the weightiest first, in place of those that are there. A workbook without the sheet is given one."""
    table = table_in(workbook)
    if table is None:
        table = _new(port, workbook)
    order = {sheet.name: at for at, sheet in enumerate(workbook.sheets)}
    ranked = sorted(findings, key=lambda finding: (finding.severity.rank, *_place(finding, order, port.name)))
    top, columns = table.header_row + 1, [table.columns[folded(name)] for name in COLUMNS]
    cells: dict[Position, Any] = {}
    links: dict[Position, Cell] = {}
    for row, finding in enumerate(ranked[:MOST], top):
        remedy = finding.remedy[:1].upper() + finding.remedy[1:]  # elsewhere it goes on after « À faire : »
        values = (finding.severity.label, finding.code, finding.message, remedy or None, None)
        cells |= {(row, column): value for column, value in zip(columns, values, strict=True)}
        if finding.cell and finding.cell.file == port.name and finding.cell.address and finding.cell.sheet in order:
            links[row, columns[-1]] = finding.cell
        elif finding.cell:
            cells[row, columns[-1]] = str(finding.cell)
    if len(ranked) > MOST:
        cells[top + MOST, columns[2]] = f"… et {len(ranked) - MOST} autres constats. Corrigez d’abord ceux-ci, puis « Vérifier »."
    end = table.sheet.first_row + len(table.sheet.rows)
    used = {(row, column) for row in range(top, end) for column in columns if table.sheet.at(row, column) is not None}
    used |= {(row, beside(table)) for row in range(top, end) if table.sheet.at(row, beside(table)) == VISITED}
    cells |= dict.fromkeys(used - cells.keys(), None)
    if cells:
        port.write(table.sheet.name, cells)
    if links:
        port.link(table.sheet.name, links)


def _place(finding: Finding, order: Mapping[str, int], file: str) -> tuple[int, Position]:
    """Where a finding stands among those of its weight: in the order of the sheets, line by line."""
    cell = finding.cell
    if cell is None or cell.file != file or not cell.address:
        return len(order), (0, 0)
    return order.get(cell.sheet, len(order)), position(cell.address.partition(":")[0])


def _new(port: Port, workbook: Workbook) -> Table:
    """An empty table of findings on a sheet of its own."""
    taken = {folded(sheet.name) for sheet in workbook.sheets}
    name = OTHER_NAME if folded(CONTROL) in taken else CONTROL
    port.add_sheet(name)
    port.write(name, {(0, column): title for column, title in enumerate(COLUMNS)})
    sheet = Sheet(name, 0, 0, [list(COLUMNS)], None)
    return Table(workbook.path.name, sheet, 0, {folded(title): column for column, title in enumerate(COLUMNS)})


def empty(port: Port, workbook: Workbook, *, ours: bool) -> None:
    """Take the findings away; where the workbook is not `ours`, the sheet with them."""
    table = table_in(workbook)
    if table is None:
        return
    if ours:
        fill(port, workbook, ())
    else:
        port.remove_sheet(table.sheet.name)


def tell_home(port: Port, workbook: Workbook, text: str) -> None:
    """« Accueil » says how the last check went, beside its label."""
    home = next((sheet for sheet in workbook.sheets if sheet.name == HOME), None)
    for row, column, value in home.cells() if home else ():
        if isinstance(value, str) and folded(value) == LAST_CHECK_LABEL:
            port.write(HOME, {(row, column + 2): text})
            return


def summary(findings: Iterable[Finding]) -> str:
    """« 2 bloquants, 1 avertissement, 3 notes »; « rien à signaler » where there is none."""
    words = {Severity.BLOCKING: "bloquant", Severity.WARNING: "avertissement", Severity.NOTE: "note"}
    counts = dict.fromkeys(words, 0)
    for finding in findings:
        counts[finding.severity] += 1
    said = [f"{count} {words[severity]}{'s' if count > 1 else ''}" for severity, count in counts.items() if count]
    return ", ".join(said) or "rien à signaler"
