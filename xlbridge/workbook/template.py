"""Our template: its tables become documents, every value with its cell. `write_template` makes it (see `template_writer`).

A draft (sheet « Factures ») has a key and no number; an issued document (sheet « Registre ») has its number. Totals are computed here
and never read from cells. Nothing is lost: lines that belong to no document are given one of their own, with a blocking finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xlbridge.clients import ClientKind
from xlbridge.company import Activity, Company
from xlbridge.completion import process_code, with_client, with_company
from xlbridge.document import CAUSES, Document
from xlbridge.findings import Cell, Finding, Severity, blocking
from xlbridge.folding import folded
from xlbridge.model import Delivery, Invoice, Line, Note, Period, Totals
from xlbridge.model.codes import INVOICE
from xlbridge.model.money import decimal_of
from xlbridge.model.totals import completed, line_net, with_positive_amounts
from xlbridge.workbook import template_rules as rules
from xlbridge.workbook.columns import Row, Table
from xlbridge.workbook.grid import Workbook
from xlbridge.workbook.template_cells import Reading, Share
from xlbridge.workbook.template_layout import ARTICLES, DRAFTS, LINES, NATURES, REGISTER, REGISTER_LINES, TABLES, TYPES
from xlbridge.workbook.template_lines import document_discounts, read_line
from xlbridge.workbook.template_parties import by_code, client_table, company_blanks, read_client, read_company, table_of, with_terms
from xlbridge.workbook.template_terms import periods, preceding
from xlbridge.workbook.template_writer import write_template

__all__ = ["Entry", "is_template", "read_entries", "read_template", "template_company", "write_template"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A document of the template and where it stands: its key (draft key or number), sheet, row and line rows (counted from 0)."""

    key: str | None
    sheet: str
    row: int | None
    line_rows: tuple[int, ...]
    document: Document


@dataclass(frozen=True)
class _Context:
    """What the documents of one workbook share."""

    workbook: Workbook
    company: Company | None
    company_cells: Mapping[str, Cell]
    company_blanks: Mapping[str, Cell]
    company_findings: tuple[Finding, ...]
    clients: Mapping[str, Row]
    articles: Mapping[str, Row]
    issued: Mapping[str, Row]


def is_template(workbook: Workbook) -> bool:
    """Whether the workbook is ours: both draft tables with their headers."""
    return all(table_of(workbook, name) is not None for name in (DRAFTS, LINES))


def read_template(workbook: Workbook) -> list[Document]:
    """The documents of a template, drafts first, then the register."""
    return [entry.document for entry in read_entries(workbook)]


def read_entries(workbook: Workbook) -> list[Entry]:
    """The documents of a template with their keys and rows, drafts first, then the register."""
    company, cells, findings = read_company(workbook)
    context = _Context(
        workbook,
        company,
        cells,
        company_blanks(workbook),
        tuple(findings),
        by_code(client_table(workbook), "code"),
        by_code(table_of(workbook, ARTICLES), "Code"),
        by_code(table_of(workbook, REGISTER), "Numéro"),
    )
    return [*_entries(context, DRAFTS, LINES, "Brouillon"), *_entries(context, REGISTER, REGISTER_LINES, "Numéro")]


def template_company(workbook: Workbook) -> Company | None:
    """The company of the sheet « Entreprise »; None where its name is not written."""
    return read_company(workbook)[0]


def _entries(context: _Context, heads: str, lines: str, key_name: str) -> list[Entry]:
    """The documents of one pair of tables. Lines of a key that two documents bear go to neither."""
    head_table, line_table = table_of(context.workbook, heads), table_of(context.workbook, lines)
    rows_of: dict[str | None, list[Row]] = {}
    for row in _own_rows(line_table):
        rows_of.setdefault(_key(row, key_name), []).append(row)
    heads_of: dict[str | None, int] = {}
    head_rows = list(_own_rows(head_table))
    for row in head_rows:
        heads_of[_key(row, key_name)] = heads_of.get(_key(row, key_name), 0) + 1
    entries = []
    for row in head_rows:
        key = _key(row, key_name)
        own = rows_of.get(key, []) if key and heads_of[key] == 1 else []
        reading = Reading()
        if key is None:
            reading.tell(rules.NO_KEY, "number", row.cell(key_name), column=key_name)
        elif heads_of[key] > 1:
            reading.tell(rules.SAME_KEY, "lines", row.cell(key_name), key=row.text(key_name), sheet=heads)
        document = _read_document(context, row, own, reading)
        entries.append(Entry(row.text(key_name), heads, row.row, tuple(line.row for line in own), document))
    return entries + [_orphan(context, key, rows, key_name) for key, rows in rows_of.items() if key not in heads_of or key is None]


def _own_rows(table: Table | None) -> Iterator[Row]:
    """The rows of a table, without those in which columns that a user has added hold something and ours nothing."""
    if table is None:
        return
    names = [column.name for column in TABLES[table.sheet.name]]
    all_ours = len(table.columns) == len(names)
    for row in table.rows():
        if all_ours or any(row.value(name) is not None for name in names):
            yield row


def _orphan(context: _Context, key: str | None, rows: list[Row], key_name: str) -> Entry:
    """A document of nothing but lines whose key no document bears."""
    reading = Reading()
    reading.tell(
        rules.ORPHAN_LINES, "lines", rows[0].cell(key_name), key=rows[0].text(key_name) or "(vide)", column=key_name, count=len(rows)
    )
    lines = tuple(read_line(row, position, context.articles, None, reading) for position, row in enumerate(rows))
    document = Document(Invoice(lines=lines), reading.origin, blanks=reading.blanks).with_findings(*reading.findings)
    return Entry(key and rows[0].text(key_name), rows[0].table.sheet.name, None, tuple(row.row for row in rows), document)


def _read_document(context: _Context, row: Row, line_rows: list[Row], reading: Reading) -> Document:
    """The document whose head stands on `row`."""
    issued = reading.day(row, "Date", "issue_date")
    number = reading.text(row, "Numéro", "number")
    kind = reading.word(row, "Type", "type_code", TYPES) if row.value("Type") is not None else INVOICE
    lines = tuple(read_line(line, position, context.articles, issued, reading) for position, line in enumerate(line_rows))
    invoice = Invoice(
        number=number,
        issue_date=issued,
        due_date=reading.day(row, "Échéance", "due_date"),
        type_code=kind,
        currency="EUR",
        order_reference=reading.text(row, "Commande client", "order_reference"),
        notes=tuple(Note(text=text) for text in [reading.text(row, "Note", "notes[0].text")] if text),
        preceding_invoices=preceding(row, context.issued, reading),
        totals=Totals(prepaid=reading.number(row, "Acompte déduit", "totals.prepaid")),
        lines=lines,
        **_supply(row, reading),
    )
    client_row = context.clients.get(folded(row.text("Client") or ""))
    client = read_client(client_row, row, reading)
    if client is not None and client_row is not None:
        invoice = with_terms(with_client(invoice, client)[0], client, client_row, row, reading)
    invoice = _with_nature(invoice, row, reading)
    if context.company is not None:
        invoice, _ = with_company(invoice, context.company, client is not None and client.kind is ClientKind.CONSUMER)
        reading.origin.update(context.company_cells)
    elif "seller.name" in context.company_blanks:  # without a name there is no seller, whatever else is written
        reading.blanks["seller"] = context.company_blanks["seller.name"]
    reading.blanks.update(context.company_blanks)
    invoice = _with_totals(invoice, reading.share(row, "Remise", "allowances"), row, reading)
    if number is None and row.table.sheet.name == DRAFTS:
        reading.tell(rules.DRAFT, "number", row.cell("Brouillon"), key=row.text("Brouillon") or "")
    kind = client.kind if client is not None else None
    blanks = reading.blanks | {"number": row.cell("Brouillon")} if row.table.sheet.name == DRAFTS else {}
    made = Document(invoice, reading.origin, client_kind=kind, is_draft=row.table.sheet.name == DRAFTS, blanks=blanks)
    return made.with_findings(*context.company_findings, *reading.findings)


def _supply(row: Row, reading: Reading) -> dict[str, Any]:
    """Delivery date (BT-72) or period (BG-14), from a date or « du … au … »."""
    value = row.value("Livraison")
    span = periods(value) if isinstance(value, str) else None
    if span:
        reading.origin["period"] = row.cell("Livraison")
        return {"period": Period(start=span[0], end=span[1])}
    day = reading.day(row, "Livraison", "delivery.date")
    return {"delivery": Delivery(date=day)} if day else {}


def _with_nature(invoice: Invoice, row: Row, reading: Reading) -> Invoice:
    """The nature written in the row, as BT-23."""
    word = reading.word(row, "Nature", "business_process", NATURES)
    if word is None:
        return invoice
    return invoice.model_copy(update={"business_process": process_code(Activity(word), invoice)})


def _with_totals(invoice: Invoice, discount: Share, row: Row, reading: Reading) -> Invoice:
    """Net amounts, the discount on the whole and the totals, where all they come from is understood; a finding where it is not.

    A credit note of negative quantities gets the positive amounts that EN 16931 wants.
    """
    doubted = {finding.field or "" for finding in blocking(reading.findings)}
    lines = tuple(
        line if any(path.startswith(f"lines[{position}].") for path in doubted) else line.model_copy(update={"net_amount": line_net(line)})
        for position, line in enumerate(invoice.lines)
    )
    invoice = invoice.model_copy(update={"lines": lines})
    missing = [f"ligne {line.identifier}" for line in lines if line.net_amount is None or line.vat_category is None]
    missing += [word for path, word in (("allowances", "remise"), ("totals.prepaid", "acompte déduit")) if path in doubted]
    if missing or not lines:
        severity = Severity.BLOCKING if row.table.sheet.name == DRAFTS else None  # an issued document stands, whatever is understood of it
        lacking = [cell for path, cell in reading.blanks.items() if re.fullmatch(CAUSES["totals"], path)]
        place = lacking[0] if lacking else row.cell(next(iter(row.table.columns)))
        about = {*_lacking(lines), *(path for path in doubted if path.startswith(("lines", "allowances", "totals")))} or {"lines"}
        what = ", ".join(missing) or "aucune ligne"
        reading.tell(rules.NO_TOTALS, "totals", place, sorted(about), what=what, severity=severity)
        return invoice
    if discount.percent is not None or discount.amount is not None:
        allowances = document_discounts(lines, discount.percent, discount.amount)
        invoice = invoice.model_copy(update={"allowances": allowances})
        reading.origin["allowances"] = row.cell("Remise")
    invoice = with_positive_amounts(completed(invoice))
    _compare_register(invoice, row, reading)
    return invoice


def _lacking(lines: Sequence[Line]) -> Iterator[str]:
    """The paths of what the lines lack for their amount and their VAT."""
    for position, line in enumerate(lines):
        needed = {"quantity": line.quantity, "unit_price": line.unit_price, "vat_rate": line.vat_category}
        yield from (f"lines[{position}].{name}" for name, value in needed.items() if value is None)


def _compare_register(invoice: Invoice, row: Row, reading: Reading) -> None:
    """The amounts that the register states beside the computed ones."""
    for name, field in (("Total HT", "net"), ("TVA", "vat"), ("Total TTC", "gross"), ("Net à payer", "due")):
        stated, computed = row.value(name), getattr(invoice.totals, field)
        if isinstance(stated, (int, float)) and abs(decimal_of(stated)) != abs(computed):
            facts = {"column": name, "stated": _french(decimal_of(stated)), "computed": _french(computed)}
            reading.tell(rules.OTHER_TOTAL, f"totals.{field}", row.cell(name), **facts)


def _french(value: Decimal) -> str:
    return f"{value:.2f}".replace(".", ",")


def _key(row: Row, name: str) -> str | None:
    text = row.text(name)
    return folded(text) if text else None
