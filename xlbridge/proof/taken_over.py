"""The rows of the register sheets that an older register left there (see `xlbridge.migrating`), against what the ledger took over.

No cell of them was sealed: date, kind and amounts are compared with the record. Texts, client and due date are not, which the docs tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from xlbridge.findings import Cell, Finding
from xlbridge.folding import folded
from xlbridge.french import as_read, short_date
from xlbridge.ledger.record import TAKEN_OVER
from xlbridge.model.codes import INVOICE
from xlbridge.proof import rules
from xlbridge.proof.facts import Facts
from xlbridge.workbook.columns import Row
from xlbridge.workbook.grid import Workbook
from xlbridge.workbook.template import Entry, read_entries
from xlbridge.workbook.template_layout import REGISTER, REGISTER_LINES
from xlbridge.workbook.template_parties import table_of

AMOUNTS = {"net": "Total HT", "vat": "TVA", "gross": "Total TTC", "due": "Net à payer"}
CENT = Decimal("0.01")
KINDS = {"380": "Facture", "381": "Avoir"}
Pair = tuple[Cell, str, str, str]  # where, its column, what was sealed, what is there


def check_taken_over(facts: Facts, workbook: Workbook) -> Iterator[Finding]:
    """What a row says otherwise than the record of its number. A number that was taken over twice has no row that is certainly its own."""
    taken = [row for seq, row in facts.rows.items() if row["origin"] == TAKEN_OVER and row["number"] and seq not in facts.unsound]
    times = Counter(folded(row["number"]) for row in taken)
    records = {folded(row["number"]): row for row in taken if times[folded(row["number"])] == 1}
    if not records:
        return
    entries = {folded(entry.key or ""): entry for entry in read_entries(workbook) if entry.sheet == REGISTER}
    heads, lines = _rows(workbook, REGISTER), _rows(workbook, REGISTER_LINES)
    for number in entries.keys() & heads.keys() & records.keys():
        record = records[number]
        for cell, column, old, new in _pairs(record, entries[number], heads[number][0], lines.get(number, [])):
            if old != new:
                yield rules.CELL_CHANGED.found(cell=cell, number=record["number"], column=column, old=as_read(old), new=as_read(new))


def _rows(workbook: Workbook, name: str) -> dict[str, list[Row]]:
    table = table_of(workbook, name)
    found: dict[str, list[Row]] = {}
    for row in table.rows() if table else ():
        found.setdefault(folded(row.text("Numéro") or ""), []).append(row)
    return found


def _pairs(record: Mapping[str, Any], entry: Entry, head: Row, lines: list[Row]) -> Iterator[Pair]:
    """What the record knows, beside what the sheets say: in the cells of the head and, reckoned anew, in those of the lines."""
    invoice = entry.document.invoice
    if record["issue_date"]:
        day = short_date(invoice.issue_date) if invoice.issue_date else "vide"
        yield head.cell("Date"), "Date", short_date(date.fromisoformat(record["issue_date"])), day
    yield head.cell("Type"), "Type", _kind(record["type_code"]), _kind(invoice.type_code)
    for name, column in AMOUNTS.items():
        reckoned = getattr(invoice.totals, name)
        sealed = reckoned if record[name] is None else record[name]  # what the old register did not say was reckoned then, too
        if sealed is None:
            continue
        yield head.cell(column), column, _amount(sealed), _amount(head.text(column))
        if lines:
            yield lines[0].cell("Numéro"), f"{column} d’après les lignes", _amount(sealed), _amount(reckoned)
        if lines and name == "net" and not invoice.allowances:
            yield lines[0].cell("Total HT"), "Total HT des lignes", _amount(sealed), _sum([row.text("Total HT") for row in lines])


def _kind(code: str | None) -> str:
    return KINDS.get(code or INVOICE, code or INVOICE)


def _sum(texts: list[str | None]) -> str:
    try:
        return _amount(sum((Decimal(text or 0) for text in texts), Decimal(0)))
    except InvalidOperation:
        return ", ".join(text or "vide" for text in texts)


def _amount(amount: Decimal | str | None) -> str:
    """An amount to the cent, its sign aside: an older credit note may be sealed with either."""
    if amount is None:
        return "vide"
    try:
        return f"{abs(Decimal(amount)).quantize(CENT)}".replace(".", ",")
    except InvalidOperation:
        return str(amount)
