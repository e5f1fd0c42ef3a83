"""The workbooks that ship: made from code, their formulas right by LibreOffice's own calculation, few keystrokes, quiet while empty."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.test_workbook_template import COMPANY, item, sold
from workbook_templates import build as templates
from xlbridge.checking import check
from xlbridge.model import AllowanceCharge, Line
from xlbridge.model.money import amount
from xlbridge.model.totals import completed
from xlbridge.workbook.demo_data import CLIENTS, template_invoices
from xlbridge.workbook.demo_data import COMPANY as EXAMPLE_COMPANY
from xlbridge.workbook.grid import open_workbook
from xlbridge.workbook.new import create
from xlbridge.workbook.template import is_template, read_template, template_company, write_template
from xlbridge.workbook.template_formulas import compute
from xlbridge.workbook.template_home import CARDS, home_values
from xlbridge.workbook.template_layout import BESIDE, DRAFTS, LAST_CHECK, LINES, REGISTER, TABLES
from xlbridge.workbook.template_rows import rows_of

SHIPPED = Path(templates.__file__).parent
OFFICE = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


@pytest.mark.parametrize("name", [templates.TEMPLATE_NAME, templates.EXAMPLE_NAME])
def test_the_shipped_workbook_is_what_the_code_makes(tmp_path, name):
    templates.build(tmp_path)
    assert parts(SHIPPED / name) == parts(tmp_path / name)


def test_new_gives_the_shipped_template(tmp_path):
    create(tmp_path / "mon facturier.xlsx")
    assert parts(tmp_path / "mon facturier.xlsx") == parts(SHIPPED / templates.TEMPLATE_NAME)


def test_an_empty_workbook_is_told_to_be_empty_and_nothing_else():
    report = check(SHIPPED / templates.TEMPLATE_NAME, official=True)
    assert [finding.code for finding in report.findings] == ["LEC-018"]
    assert "vide" in report.findings[0].message


def test_the_example_is_read_as_the_invoices_it_was_made_of():
    found = [document.invoice for document in read_template(open_workbook(SHIPPED / templates.EXAMPLE_NAME))]
    by_number = {invoice.number: invoice for invoice in found}
    for original in template_invoices():
        if original.number:
            assert (by_number[original.number].totals, by_number[original.number].lines) == (original.totals, original.lines)
    drafts = [invoice for invoice in found if invoice.number is None]
    assert [invoice.totals for invoice in drafts] == [invoice.totals for invoice in template_invoices() if invoice.number is None]


def test_a_draft_needs_a_client_an_article_and_a_quantity(tmp_path):
    """Typed into the empty lines of the example: key, date and client; key, article and quantity."""
    book = openpyxl.load_workbook(SHIPPED / templates.EXAMPLE_NAME)
    heads, lines = book[DRAFTS], book[LINES]
    row = next(row for row in range(2, 20) if heads.cell(row, 1).value is None)
    for column, value in ((1, "B3"), (3, date(2026, 10, 20)), (5, "VALBOIS")):
        heads.cell(row, column).value = value
    row = next(row for row in range(2, 40) if lines.cell(row, 1).value is None)
    for column, value in ((1, "B3"), (2, "PORTE"), (4, 3)):
        lines.cell(row, column).value = value
    book.save(tmp_path / "t.xlsx")
    invoice = read_template(open_workbook(tmp_path / "t.xlsx"))[2].invoice
    assert invoice.buyer.name == "SAS Valbois Agencement"
    assert invoice.due_date == date(2026, 12, 31)
    assert [(line.name, line.unit_price, line.vat_rate) for line in invoice.lines] == [
        ("Porte intérieure, frêne", Decimal("389.9"), Decimal(20))
    ]
    assert invoice.totals.gross == Decimal("1403.64")


def test_a_workbook_without_the_columns_beside_the_tables_reads_the_same(tmp_path):
    book = openpyxl.load_workbook(SHIPPED / templates.EXAMPLE_NAME)
    for name, columns in BESIDE.items():
        book[name].delete_cols(len(TABLES[name]) + 1, len(columns))
    book.save(tmp_path / "t.xlsx")
    bare, whole = open_workbook(tmp_path / "t.xlsx"), open_workbook(SHIPPED / templates.EXAMPLE_NAME)
    assert is_template(bare)
    assert [document.invoice for document in read_template(bare)] == [document.invoice for document in read_template(whole)]


@pytest.mark.parametrize(
    ("regime", "number", "taken"),
    [
        ("normal", None, "FR19812345676"),
        ("franchise", None, None),
        (None, None, None),
        ("normal", "FR19812345676", "FR19812345676"),
        ("normal", "FR00", None),
    ],
)
def test_the_vat_number_is_taken_from_the_siren_of_a_firm_that_says_it_charges_vat(tmp_path, regime, number, taken):
    write_template(tmp_path / "t.xlsx", [sold(item(), number=None)], COMPANY)
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    settings = {row[0].value: row[1] for row in book["Entreprise"].iter_rows(min_row=2)}
    settings["Numéro de TVA"].value, settings["Régime de TVA"].value = number, regime
    book.save(tmp_path / "t.xlsx")
    workbook = open_workbook(tmp_path / "t.xlsx")
    assert template_company(workbook).vat_number == taken
    notes = [finding for finding in read_template(workbook)[0].findings if finding.code == "LEC-049"]
    assert [finding.cell.reference for finding in notes] == (["Entreprise!B8"] if taken and not number else [])


def test_accueil_counts_what_is_due_and_what_is_late():
    rows = rows_of(template_invoices(), CLIENTS)
    compute(rows)
    for row in rows.tables[REGISTER]:
        row["Réglée le"] = templates.PAID.get(row["Numéro"])
    values = home_values(rows, EXAMPLE_COMPANY, date(2026, 10, 26))
    issued = [invoice for invoice in template_invoices() if invoice.number and invoice.number not in templates.PAID]
    signed = [(-1 if invoice.type_code == "381" else 1) * invoice.totals.due for invoice in issued]
    assert values[CARDS[2].formula] == sum(signed)
    late = [invoice for invoice in issued if invoice.due_date < date(2026, 10, 26) and invoice.type_code != "381"]
    assert values[CARDS[3].small] == len(late)
    assert 0 < len(late) < len(issued)


def test_the_name_of_the_last_check_leads_to_an_open_cell():
    book = openpyxl.load_workbook(SHIPPED / templates.TEMPLATE_NAME)
    sheet, address = next(iter(book.defined_names[LAST_CHECK].destinations))
    assert not book[sheet][address].protection.locked
    assert book[sheet][address].value == "pas encore fait"


def discounted(invoice: Any, percent: str) -> Any:
    """The invoice with a discount on the whole, one allowance for each rate."""
    bases: dict[Decimal, Decimal] = {}
    for line in invoice.lines:
        bases[line.vat_rate] = bases.get(line.vat_rate, Decimal()) + line.net_amount
    parts = tuple(
        AllowanceCharge(
            amount=amount(base * Decimal(percent) / 100),
            base=base,
            percent=Decimal(percent),
            vat_category="S",
            vat_rate=rate,
            reason="Remise",
        )
        for rate, base in bases.items()
    )
    return completed(invoice.model_copy(update={"allowances": parts}))


def several_rates() -> tuple[Line, ...]:
    return (item(quantity=Decimal("1.5"), unit_price=Decimal("33.33")), item(vat_rate=Decimal("5.5")), item(vat_rate=Decimal(10)))


@pytest.mark.slow
@OFFICE
def test_libreoffice_finds_every_value_that_the_files_state(tmp_path):
    """Every formula of the example, of the empty template and of drafts of each kind, computed anew from files without results."""
    templates.build(tmp_path / "in")
    today = date.today()  # noqa: DTZ011
    write_template(tmp_path / "in" / templates.EXAMPLE_NAME, template_invoices(), EXAMPLE_COMPANY, CLIENTS, templates.PAID, today)
    drafts = [sold(*several_rates(), number=None), discounted(sold(*several_rates(), number=None), "7.5"), sold(number=None)]
    write_template(tmp_path / "in" / "brouillons.xlsx", drafts, COMPANY.model_copy(update={"vat_number": None}), today=today)
    names = [templates.TEMPLATE_NAME, templates.EXAMPLE_NAME, "brouillons.xlsx"]
    for name in names:
        openpyxl.load_workbook(tmp_path / "in" / name).save(tmp_path / name)
    command = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to", "ods", "--outdir"]
    subprocess.run([*command, tmp_path / "out", *(tmp_path / name for name in names)], check=True, capture_output=True, timeout=200)
    for name in names:
        differences, count = compared(tmp_path / "in" / name, (tmp_path / "out" / name).with_suffix(".ods"), today)
        assert differences == {}
        assert count > 200
    shown = open_workbook(tmp_path / "in" / "brouillons.xlsx")
    discounted_total = read_template(shown)[1].invoice.totals.gross
    heads = openpyxl.load_workbook(tmp_path / "in" / "brouillons.xlsx", data_only=True)[DRAFTS]
    column = next(cell.column for cell in heads[1] if cell.value == "TTC prévu")
    assert Decimal(str(heads.cell(3, column).value)) == discounted_total


def compared(stated: Path, computed: Path, today: date) -> tuple[dict[str, tuple[Any, Any]], int]:
    """The cells whose formula gives another value than the file states, and how many formulas there are."""
    formulas = openpyxl.load_workbook(stated)
    values = openpyxl.load_workbook(stated, data_only=True)
    sheets = {sheet.name: sheet for sheet in open_workbook(computed).sheets}
    differences, count = {}, 0
    for sheet in formulas:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
            count += 1
            ours = plain_value(today if cell.value == "=TODAY()" else values[sheet.title][cell.coordinate].value)
            theirs = plain_value(sheets[sheet.title].at(cell.row - 1, cell.column - 1))
            if ours != theirs:
                differences[f"{sheet.title}!{cell.coordinate}"] = (ours, theirs)
    return differences, count


def plain_value(value: Any) -> Any:
    """A value in the form that both readers share."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return (value - date(1899, 12, 30)) // timedelta(days=1)
    return round(value, 9) if isinstance(value, (int, float)) else value or None
