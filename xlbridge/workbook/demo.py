"""Example workbooks: our template, and four of the kind that people make themselves, with a quote that must be refused and some faults.

All is written from code and the same each time; `xlbridge demo` puts it into a folder.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlbridge.company import FILE_NAME, KEYS, Company
from xlbridge.model import Invoice
from xlbridge.model.money import plain
from xlbridge.workbook.demo_data import CLIENTS, COMPANY, plain_invoices, template_invoices
from xlbridge.workbook.template_writer import CREATED, write_template

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

CLIENT_COLUMNS = {
    "nom": "name",
    "type": "kind",
    "siren": "siren",
    "siret": "siret",
    "tva": "vat_number",
    "adresse": "address",
    "code_postal": "postcode",
    "ville": "city",
    "pays": "country",
    "adresse_electronique": "electronic_address",
    "service": "service",
    "engagement": "commitment",
}


def build_demo(folder: Path) -> list[Path]:
    """Write the examples into `folder` (made if need be) and name them: five workbooks, a csv, and the company and client files."""
    folder.mkdir(parents=True, exist_ok=True)
    builders: dict[str, Callable[[Path], None]] = {
        "modele-facturation.xlsx": lambda path: write_template(path, template_invoices(), COMPANY),
        "factures-formulaire.xlsx": _forms,
        "registre-ventes-2026.xlsx": lambda path: _register(
            path, plain_invoices([f"2026-{n:03}" for n in range(1, 15)], date(2026, 1, 12), 9)
        ),
        "lignes-facturees.csv": _line_table,
        "devis-D2026-07.xlsx": _quote,
        "registre-a-corriger.xlsx": _faulty_register,
        FILE_NAME: _company_file,
        "clients.csv": _client_list,
    }
    for name, build in builders.items():
        build(folder / name)
    return [folder / name for name in builders]


def _forms(path: Path) -> None:
    """Three invoices as forms, a sheet each."""
    with _Book(path) as book:
        for invoice in plain_invoices(["FA-118", "FA-119", "FA-120"], date(2026, 7, 6)):
            _form(book, f"Facture {invoice.number}", f"FACTURE N° {invoice.number}", invoice)


def _quote(path: Path) -> None:
    """A quote: no invoice, so a converter has to refuse it."""
    with _Book(path) as book:
        _form(book, "Devis", "DEVIS N° D2026-07", plain_invoices(["D2026-07"], date(2026, 8, 24))[0])


def _form(book: _Book, name: str, title: str, invoice: Invoice) -> None:
    """A sheet laid out as people do: seller top left, buyer right, the table, the totals with formulas, the mentions."""
    sheet = book.sheet(name[:31], (44, 11, 10, 14, 10, 16))
    seller, buyer = invoice.seller, invoice.buyer
    quote = title.startswith("DEVIS")
    _column(
        sheet,
        0,
        0,
        [seller.name, *_street(invoice, "seller"), f"SIRET : {seller.siret}", f"TVA intracommunautaire : {seller.vat_number}"],
        book.plain,
    )
    sheet.write(0, 3, title, book.title)
    sheet.write(1, 3, "Date :", book.bold)
    sheet.write(1, 4, invoice.issue_date, book.day)
    if not quote:
        sheet.write(2, 3, "Échéance :", book.bold)
        sheet.write(2, 4, invoice.due_date, book.day)
    _column(sheet, 5, 3, ["Client :", buyer.name, *_street(invoice, "buyer")], book.plain)
    top = 11
    for column, header in enumerate(("Désignation", "Quantité", "Unité", "P.U. HT", "TVA", "Total HT")):
        sheet.write(top, column, header, book.header)
    for row, line in enumerate(invoice.lines, top + 1):
        sheet.write(row, 0, line.name, book.plain)
        sheet.write(row, 1, _float(line.quantity), book.plain)
        sheet.write(row, 2, line.unit_label, book.plain)
        sheet.write(row, 3, _float(line.unit_price), book.money)
        sheet.write(row, 4, float((line.vat_rate or Decimal()) / 100), book.percent)
        sheet.write_formula(row, 5, f"=ROUND(B{row + 1}*D{row + 1},2)", book.money, _float(line.net_amount))
    first, last = top + 2, top + 1 + len(invoice.lines)
    row = last + 1
    totals: list[tuple[str, str, Decimal | None]] = [("Total HT", f"=SUM(F{first}:F{last})", invoice.totals.net)]
    for part in invoice.vat_breakdown:
        rate = plain(part.rate or Decimal())
        formula = f"=ROUND(SUMPRODUCT((ROUND(E{first}:E{last}*100,1)={rate})*F{first}:F{last})*{rate}/100,2)"
        totals.append((f"TVA {rate.replace('.', ',')} %", formula, part.amount))
    totals.append(("Total TTC", f"=SUM(F{row + 1}:F{row + len(totals)})", invoice.totals.gross))
    for offset, (label, formula, value) in enumerate(totals):
        sheet.write(row + offset, 4, label, book.bold)
        sheet.write_formula(row + offset, 5, formula, book.money, _float(value))
    closing = (
        ["Devis valable un mois. Bon pour accord, date et signature :"]
        if quote
        else [note.text for note in invoice.notes if note.subject_code in {"PMT", "PMD", "AAB"}]
    )
    account = [] if quote or not COMPANY.iban else [f"Règlement par virement – IBAN : {COMPANY.iban}"]
    _column(sheet, row + len(totals) + 1, 0, [*account, *closing], book.plain)


def _register(path: Path, invoices: list[Invoice], edit: Callable[[int, dict[str, Any]], None] | None = None) -> None:
    """A register: a row per invoice. `edit` may spoil a row, given its place and its values by column."""
    with _Book(path) as book:
        sheet = book.sheet("Ventes", (12, 12, 36, 14, 12, 12, 13, 12, 10))
        headers = ("N° facture", "Date", "Client", "SIREN client", "Total HT", "TVA", "Total TTC", "Échéance", "Payée")
        for column, header in enumerate(headers):
            sheet.write(0, column, header, book.header)
        for row, invoice in enumerate(invoices, 1):
            totals = invoice.totals
            amounts = (_float(totals.net), _float(totals.vat), _float(totals.gross))
            values: dict[str, Any] = dict(
                zip(
                    headers,
                    (
                        invoice.number,
                        invoice.issue_date,
                        invoice.buyer.name,
                        invoice.buyer.siren,
                        *amounts,
                        invoice.due_date,
                        "oui" if row % 3 else "",
                    ),
                    strict=True,
                )
            )
            if edit:
                edit(row, values)
            for column, (header, value) in enumerate(values.items()):
                style = book.day if isinstance(value, date) else book.money if isinstance(value, float) else book.plain
                if header == "Total TTC" and value == round(values["Total HT"] + values["TVA"], 2):
                    sheet.write_formula(row, column, f"=E{row + 1}+F{row + 1}", style, value)
                else:
                    sheet.write(row, column, value, style)
        sheet.freeze_panes(1, 0)


def _faulty_register(path: Path) -> None:
    """Seven invoices with what happens: no SIREN, a false total, a number missing, a number twice, a date out of order."""

    def spoil(row: int, values: dict[str, Any]) -> None:
        if row == 2:
            values |= {"Client": "Atelier Lune Rousse", "SIREN client": None}
        if row == 3:
            values["TVA"] = round(values["TVA"] + 10, 2)
        if row == 6:
            values["Date"] = date(2026, 3, 2)

    numbers = ["A-031", "A-032", "A-033", "A-035", "A-036", "A-037", "A-037"]
    _register(path, plain_invoices(numbers, date(2026, 3, 9), 4), spoil)


def _line_table(path: Path) -> None:
    """A row per invoice line, as a small program exports it: semicolons, decimal commas, Windows code page."""
    with path.open("w", encoding="cp1252", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["N° facture", "Date", "Client", "Désignation", "Quantité", "Prix unitaire HT", "Taux TVA", "Montant HT"])
        for invoice in plain_invoices([f"L26-{n}" for n in range(501, 509)], date(2026, 5, 4), 3):
            for line in invoice.lines:
                numbers = (_comma(line.quantity), _comma(line.unit_price), f"{_comma(line.vat_rate)} %", _comma(line.net_amount))
                writer.writerow([invoice.number, f"{invoice.issue_date:%d/%m/%Y}", invoice.buyer.name, line.name, *numbers])


def _company_file(path: Path) -> None:
    path.write_text(company_toml(COMPANY), encoding="utf-8", newline="\n")


def company_toml(company: Company) -> str:
    """`company` as the text of an entreprise.toml, without the settings it does not make."""
    lines: list[str] = []
    for section, keys in KEYS.items():
        values = {key: getattr(company, attribute) for key, attribute in keys.items()}
        written = {key: value for key, value in values.items() if value is not None and value is not False}
        if written:
            lines += [f"[{section}]", *(f"{key} = {_toml(value)}" for key, value in written.items()), ""]
    return "\n".join(lines)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _client_list(path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(CLIENT_COLUMNS)
        for client in CLIENTS:
            writer.writerow([getattr(client, attribute) or "" for attribute in CLIENT_COLUMNS.values()])


class _Book:
    """A workbook of the plain kind, with the few formats that such workbooks have."""

    def __init__(self, path: Path) -> None:
        import xlsxwriter

        self.book = xlsxwriter.Workbook(path)
        self.book.set_properties({"created": CREATED})
        self.plain = self._format()
        self.bold = self._format(bold=True)
        self.title = self._format(bold=True, font_size=16)
        self.header = self._format(bold=True, bg_color="#D9D9D9", border=1, text_wrap=True)
        self.day = self._format(num_format="dd/mm/yyyy", align="left")
        self.money = self._format(num_format='#,##0.00\\ "€"')
        self.percent = self._format(num_format="0.0%")

    def _format(self, **properties: Any) -> Format:
        return self.book.add_format({"font_name": "Calibri", "font_size": 11} | properties)

    def sheet(self, name: str, widths: tuple[int, ...]) -> Worksheet:
        """A new sheet with its column widths."""
        sheet = self.book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        return sheet

    def __enter__(self) -> _Book:
        return self

    def __exit__(self, *_: object) -> None:
        self.book.close()


def _column(sheet: Worksheet, row: int, column: int, texts: list[str | None], style: Format) -> None:
    """Texts one under the other."""
    for offset, text in enumerate(texts):
        sheet.write(row + offset, column, text, style)


def _street(invoice: Invoice, side: str) -> list[str]:
    address = getattr(invoice, side).address
    return [*address.lines, f"{address.postcode} {address.city}"] if address else []


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _comma(value: Decimal | None) -> str:
    return "" if value is None else plain(value).replace(".", ",")
