"""What an issued document leaves in « Registre » and « Registre lignes », and its form as JSON, by which a later change is recognised.

All that a draft draws from « Articles », « Clients » or « Entreprise » is written out, so that a change there changes no issued document.

>>> rows = RegisterRows({"Numéro": "F-1", "Date": date(2026, 10, 1)}, ({"Quantité": Decimal("2.50")},))
>>> rows_as_json(rows)
{'head': {'Numéro': 'F-1', 'Date': '2026-10-01'}, 'lines': [{'Quantité': '2.5'}]}
>>> rows_from_json(rows_as_json(rows)) == rows
True
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from xlbridge.errors import WrongUse
from xlbridge.model import Invoice
from xlbridge.model.money import plain
from xlbridge.workbook.columns import Row
from xlbridge.workbook.grid import Workbook
from xlbridge.workbook.sheet_cells import Content
from xlbridge.workbook.template import Entry
from xlbridge.workbook.template_layout import DRAFTS, REGISTER, REGISTER_LINES, TABLES
from xlbridge.workbook.template_parties import table_of
from xlbridge.workbook.template_rows import Cells, Percent, head_cells, line_cells

KINDS = {column.name: column.kind for name in (REGISTER, REGISTER_LINES) for column in TABLES[name]}
NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class RegisterRows:
    """The cells of a document by column, the empty ones left out: its row in « Registre », and those in « Registre lignes »."""

    head: dict[str, Content]
    lines: tuple[dict[str, Content], ...]


def register_rows(entry: Entry, invoice: Invoice, workbook: Workbook) -> RegisterRows:
    """The rows of the draft at `entry` once it is issued as `invoice`, which has its number and its totals.

    Raises WrongUse where the draft has no row or the invoice no number; CannotRender where it holds what the tables have no column for.
    """
    table = table_of(workbook, DRAFTS)
    if table is None or entry.sheet != DRAFTS or entry.row is None or invoice.number is None:
        raise WrongUse("Seul un brouillon qui a reçu son numéro va au registre.", "Relisez le classeur, puis recommencez.")
    draft, totals = Row(table, entry.row), invoice.totals
    key: Cells = {"Numéro": invoice.number}
    head = key | head_cells(invoice, draft.text("Client")) | {"Note": draft.text("Note")}
    head |= {"Total HT": totals.net, "TVA": totals.vat, "Total TTC": totals.gross, "Net à payer": totals.due}
    return RegisterRows(_contents(head), tuple(_contents(key | line_cells(line)) for line in invoice.lines))


def rows_as_json(rows: RegisterRows) -> dict[str, Any]:
    """The rows as JSON: numbers plain, dates ISO."""
    return {"head": _as_json(rows.head), "lines": [_as_json(line) for line in rows.lines]}


def rows_from_json(known: Mapping[str, Any]) -> RegisterRows:
    """The rows that `rows_as_json` gave."""
    return RegisterRows(_from_json(known["head"]), tuple(_from_json(line) for line in known["lines"]))


def _contents(cells: Cells) -> dict[str, Content]:
    """A row of the template as contents of cells, without the empty ones."""
    return {name: _content(name, value) for name, value in cells.items() if value is not None and value != ""}


def _content(name: str, value: Any) -> Content:
    """A percentage is a fraction where the column shows percentages; elsewhere a text, which says it in a cell of any format."""
    if not isinstance(value, Percent):
        return value if isinstance(value, (Decimal, date)) else str(value)
    return value.points / 100 if KINDS[name] == "percent" else f"{plain(value.points).replace('.', ',')} %"


def _as_json(cells: Mapping[str, Content]) -> dict[str, str | None]:
    return {name: json_of(value) for name, value in cells.items()}


def json_of(value: Content) -> str | None:
    """A content as JSON."""
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, date) else value


def _from_json(cells: Mapping[str, str | None]) -> dict[str, Content]:
    return {name: _typed(KINDS.get(name, "text"), text) for name, text in cells.items() if text is not None}


def _typed(kind: str, text: str) -> Content:
    """The content that a text stands for in a column of this kind; what is no number and no date there is a text."""
    if kind == "date" and re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        return date.fromisoformat(text)
    if kind not in {"date", "text"} and NUMBER.fullmatch(text):
        return Decimal(text)
    return text
