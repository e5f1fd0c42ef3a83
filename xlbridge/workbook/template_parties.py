"""The parties of our template: the company of the sheet « Entreprise », the clients, and the tables of a workbook by name."""

from __future__ import annotations

from typing import Any

from xlbridge.clients import Client
from xlbridge.company import Company, VatRegime, company_from
from xlbridge.findings import Cell, Finding
from xlbridge.folding import folded
from xlbridge.model import Delivery, Invoice
from xlbridge.model.codes import VatCategory
from xlbridge.workbook import template_rules as rules
from xlbridge.workbook.client_list import HEADERS, client_of
from xlbridge.workbook.columns import Row, Table, find_table
from xlbridge.workbook.grid import Workbook
from xlbridge.workbook.template_cells import Reading
from xlbridge.workbook.template_layout import COMPANY, COMPANY_LABELS, REGISTER, TABLES
from xlbridge.workbook.template_terms import due_date

# The fields of a party whose cells are kept, by the names that `read --json` uses.
PARTY_FIELDS = ("name", "siren", "siret", "vat_number", "address", "postcode", "city", "country", "electronic_address")
NOT_PRINTED = {"iban": " : l’IBAN ne sera pas imprimé sur la facture"}
BLANK_FIELDS = {field: f"seller.{field}" for field in PARTY_FIELDS} | {"iban": "payment.accounts[0].iban"}


def read_company(workbook: Workbook) -> tuple[Company | None, dict[str, Cell], list[Finding]]:
    """The company of the sheet « Entreprise », the cells of the seller's fields, and a finding for each value that is not right."""
    values: dict[str, Any] = {}
    cells: dict[str, Cell] = {}
    table = table_of(workbook, COMPANY)
    for row in table.rows() if table else ():
        attribute = COMPANY_LABELS.get(folded(row.text("Rubrique") or ""))
        if attribute and row.value("Valeur") is not None:
            text, value = row.text("Valeur"), row.value("Valeur")
            values[attribute] = value if attribute == "postcode" and isinstance(value, (int, float)) else text
            cells[attribute] = row.cell("Valeur")
    company, faults = company_from(values, workbook.path.name, workbook.path.parent)
    findings = _completed_vat_number(values, company, table)
    if findings and company and company.siren:
        company = company.model_copy(update={"vat_number": vat_number_of(company.siren)})
    findings += [
        rules.FALSE_SETTING.found("seller", cell=cells[fault.attribute], fault=fault.message, effect=NOT_PRINTED.get(fault.attribute, ""))
        for fault in faults
        if fault.attribute in cells
    ]
    origin = {f"seller.{field}": cells[field] for field in PARTY_FIELDS if field in cells}
    if "iban" in cells:
        origin["payment.accounts[0].iban"] = cells["iban"]
    return company, origin, findings


def company_blanks(workbook: Workbook) -> dict[str, Cell]:
    """The empty cells of « Entreprise », by the path of the seller's field that they would hold."""
    table = table_of(workbook, COMPANY)
    found = {}
    for row in table.rows() if table else ():
        attribute = COMPANY_LABELS.get(folded(row.text("Rubrique") or ""))
        if attribute in BLANK_FIELDS and row.value("Valeur") is None:
            found[BLANK_FIELDS[attribute]] = row.cell("Valeur")
    return found


def _completed_vat_number(values: dict[str, Any], company: Company | None, table: Table | None) -> list[Finding]:
    """A note where a French firm that says that it charges VAT leaves its number out, so that it is taken from the SIREN."""
    if company is None or not company.siren or company.country != "FR" or "vat_number" in values or table is None:
        return []
    if "vat_regime" not in values or company.vat_regime is not VatRegime.NORMAL:
        return []
    cell = next(
        (row.cell("Valeur") for row in table.rows() if COMPANY_LABELS.get(folded(row.text("Rubrique") or "")) == "vat_number"), None
    )
    return [rules.VAT_NUMBER_TAKEN.found("seller.vat_number", cell=cell, number=vat_number_of(company.siren))]


def vat_number_of(siren: str) -> str:
    """The VAT number of a French firm: the key is the remainder of twelve and three times the SIREN by 97 (CGI ann. IV art. 000 F).

    >>> vat_number_of("356000000")
    'FR39356000000'
    """
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02}{siren}"


def read_client(client_row: Row | None, row: Row, reading: Reading) -> Client | None:
    """The client on `client_row`, whom the code in `row` names, with its cells; a finding where the code names none."""
    code = row.text("Client")
    if code is None:
        reading.blanks["buyer"] = row.cell("Client")
        return None
    reading.origin["buyer"] = row.cell("Client")
    if client_row is None:
        reading.tell(rules.UNKNOWN_CLIENT, "buyer", row.cell("Client"), value=code)
        return None
    client, findings = client_of(client_row, nameless=True)
    reading.findings += findings
    for field in PARTY_FIELDS:
        places = reading.blanks if client_row.value(field) is None else reading.origin
        places[f"buyer.{field}"] = client_row.cell(field)
    return client


def with_terms(invoice: Invoice, client: Client, client_row: Row, row: Row, reading: Reading) -> Invoice:
    """The client's payment terms (BT-20), the due date that follows where none is written, the place of an intra-EU supply.

    An issued document says its own due date, or has none: terms change after it.
    """
    changes: dict[str, Any] = {}
    if client.terms and invoice.due_date is None and row.table.sheet.name != REGISTER:
        due = due_date(invoice.issue_date, client.terms)
        if due is None and invoice.issue_date is not None:
            reading.tell(rules.UNKNOWN_TERMS, "due_date", client_row.cell("terms"), value=client.terms, client=client.name)
        reading.origin["due_date"] = client_row.cell("terms")
        changes = {"due_date": due, "payment_terms": client.terms if not client.terms.isdigit() else f"{client.terms} jours"}
    if any(line.vat_category == VatCategory.INTRA_EU for line in invoice.lines) and invoice.buyer.address:
        # Goods go to the buyer's address unless said otherwise; an intra-EU supply must name the country (EN 16931, BR-IC-12).
        delivery = invoice.delivery or Delivery()
        changes["delivery"] = delivery.model_copy(update={"address": invoice.buyer.address})
    return invoice.model_copy(update=changes)


def table_of(workbook: Workbook, name: str) -> Table | None:
    """The table of the sheet `name` with all the columns it was born with, or None."""
    required = {"Rubrique", "Valeur"} if name == COMPANY else {column.name for column in TABLES[name]}
    return next(
        (find_table(workbook.path.name, sheet, {folded(column) for column in required}) for sheet in workbook.sheets if sheet.name == name),
        None,
    )


def client_table(workbook: Workbook) -> Table | None:
    """The table of the sheet « Clients », its columns by the attributes of `Client`."""
    sheets = (sheet for sheet in workbook.sheets if sheet.name == "Clients")
    return next((find_table(workbook.path.name, sheet, {"name", "code"}, HEADERS) for sheet in sheets), None)


def by_code(table: Table | None, column: str) -> dict[str, Row]:
    """The rows of `table` by folded code, without those whose code stands twice: which one is meant would be a guess."""
    found: dict[str, list[Row]] = {}
    for row in table.rows() if table else ():
        if (code := row.text(column)) is not None:
            found.setdefault(folded(code), []).append(row)
    return {code: rows[0] for code, rows in found.items() if len(rows) == 1}
