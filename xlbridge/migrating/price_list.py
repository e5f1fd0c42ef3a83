"""The articles of many documents: designations that come again, with the unit, price and rate that they always have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Any

from xlbridge.findings import Cell, Finding
from xlbridge.folding import folded
from xlbridge.french import quantity as french
from xlbridge.migrating import rules
from xlbridge.model import Line
from xlbridge.workbook.template_layout import ARTICLES, TABLES
from xlbridge.workbook.template_rows import Cells, Percent, line_cells

VARYING = ("Unité", "P.U. HT", "TVA %", "Motif d'exonération")
SHOWN = 4


@dataclass(frozen=True, slots=True)
class Sold:
    """A line of an old document, and the cell of its designation."""

    line: Line
    cell: Cell | None


def price_list(lines: Iterable[Sold]) -> tuple[list[Cells], list[Finding]]:
    """The rows of « Articles », and what varies or is not certain. A designation met once is no article."""
    findings: list[Finding] = []
    named: dict[tuple[str, str], list[Sold]] = defaultdict(list)
    for sold in lines:
        if sold.line.name:
            named[folded(sold.line.seller_item_id or ""), folded(sold.line.name)].append(sold)
    codes: dict[str, list[Sold]] = defaultdict(list)
    for (code, _), same in named.items():
        if code:
            codes[code].append(same[0])
    ambiguous = {code for code, firsts in codes.items() if len(firsts) > 1}
    for code in sorted(ambiguous):
        firsts = codes[code]
        facts: dict[str, Any] = {"code": firsts[0].line.seller_item_id, "values": _list([f"« {sold.line.name} »" for sold in firsts])}
        findings.append(rules.ARTICLE_CODE.found("lines[0].seller_item_id", "BT-155", firsts[0].cell, **facts))
    rows = []
    numbers = count(1)
    for (code, _), same in named.items():
        if code in ambiguous or len(same) < 2:
            continue
        own = same[0].line.seller_item_id or next(name for at in numbers if folded(name := f"A{at:03}") not in codes)
        rows.append(_row(own, same, findings))
    return rows, findings


def _row(code: str, same: list[Sold], findings: list[Finding]) -> Cells:
    """One article: what all its lines say alike."""
    every = [line_cells(sold.line) for sold in same]
    row: Cells = {column.name: None for column in TABLES[ARTICLES]} | {"Code": code, "Désignation": same[-1].line.name}
    for name in VARYING:
        values = list(dict.fromkeys(cells[name] for cells in every))
        if name == "Unité" and len(values) > 1:  # a line without one does not contradict the others
            values = [value for value in values if value is not None]
        if len(values) == 1:
            row[name] = values[0]
        else:
            facts: dict[str, Any] = {"article": same[-1].line.name, "what": name, "values": _list([_word(value) for value in values])}
            findings.append(rules.ARTICLE_VARIES.found("lines[0]", None, same[-1].cell, **facts))
    return row


def _word(value: object) -> str:
    if value is None:
        return "rien"
    if isinstance(value, Percent):
        return f"{french(value.points)} %"
    return french(value) if isinstance(value, Decimal) else f"« {value} »"


def _list(texts: list[str]) -> str:
    more = f" et {len(texts) - SHOWN} autres" if len(texts) > SHOWN else ""
    return ", ".join(texts[:SHOWN]) + more
