"""The example workbooks: what they hold is what they promise, and the programs around them read it."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from collections import Counter
from decimal import Decimal

import openpyxl
import pytest

from workbook_templates.build import build
from xlbridge.company import Company, load_company
from xlbridge.workbook.client_list import load_clients
from xlbridge.workbook.demo import build_demo, company_toml
from xlbridge.workbook.demo_data import CLIENTS, COMPANY, template_invoices
from xlbridge.workbook.grid import open_workbook
from xlbridge.workbook.template import is_template, read_template


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    build_demo(folder)
    return folder


def test_company_and_clients_read_back(demo):
    assert load_company(demo / "entreprise.toml") == COMPANY
    clients = load_clients(demo / "clients.csv")
    assert clients.findings == ()
    assert [client.siren for client in clients.clients] == [client.siren for client in CLIENTS]
    assert all(clients.find(client.name) for client in CLIENTS)


def test_settings_with_odd_characters_survive_their_file(tmp_path):
    company = Company(name='L’« Atelier » "B\\C"', address="1 rue A\nBât. B", sole_trader=True, source="entreprise.toml")
    (tmp_path / "entreprise.toml").write_text(company_toml(company), "utf-8")
    assert load_company(tmp_path / "entreprise.toml") == company


def test_the_template_holds_eight_issued_documents_and_two_drafts(demo):
    documents = read_template(open_workbook(demo / "modele-facturation.xlsx"))
    read = [document.invoice for document in documents]
    assert Counter(invoice.number is None for invoice in read) == {False: 8, True: 2}
    assert {finding.code for document in documents for finding in document.findings} == {"LEC-040"}
    by_number = {invoice.number: invoice for invoice in read if invoice.number}
    for original in template_invoices():
        if original.number:
            found = by_number[original.number]
            assert (found.totals, found.lines, found.buyer, found.seller) == (
                original.totals,
                original.lines,
                original.buyer,
                original.seller,
            )


def test_only_the_template_is_taken_for_one(demo):
    found = [path.name for path in demo.glob("*.xlsx") if is_template(open_workbook(path))]
    assert found == ["modele-facturation.xlsx"]


def test_the_register_adds_up_and_the_faulty_one_does_not(demo):
    def faults(name: str) -> list[str]:
        sheet = openpyxl.load_workbook(demo / name, data_only=True)["Ventes"]
        rows = list(sheet.iter_rows(min_row=2, values_only=True))
        return [str(row[0]) for row in rows if round(row[4] + row[5], 2) != round(row[6], 2)]

    assert faults("registre-ventes-2026.xlsx") == []
    assert faults("registre-a-corriger.xlsx") == ["A-033"]


def test_the_csv_is_as_small_programs_write_it(demo):
    rows = list(csv.DictReader((demo / "lignes-facturees.csv").read_text("cp1252").splitlines(), delimiter=";"))
    assert len({row["N° facture"] for row in rows}) == 8
    assert all(re.fullmatch(r"\d+(,\d+)?", row["Montant HT"]) for row in rows)


def test_building_again_gives_the_same_bytes(tmp_path):
    first, second = ([*build(tmp_path / name), *build_demo(tmp_path / name)] for name in ("a", "b"))
    assert [path.name for path in first][:3] == ["facturier.xlsx", "facturier-exemple.xlsx", "modele-facturation.xlsx"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_computes_the_same_totals(demo, tmp_path):
    """Its own recalculation of the formulas on loading, against the values that the file carries; and what it saves reads the same."""
    for name, sheet, column in (("modele-facturation.xlsx", "Lignes", 10), ("factures-formulaire.xlsx", "Facture FA-119", 6)):
        stripped = openpyxl.load_workbook(demo / name)
        stripped.save(tmp_path / name)
        command = [
            "soffice",
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            "ods",
            "--outdir",
            str(tmp_path),
            str(tmp_path / name),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        computed = next(item for item in open_workbook((tmp_path / name).with_suffix(".ods")).sheets if item.name == sheet)
        stated = openpyxl.load_workbook(demo / name, data_only=True)[sheet]
        pairs = [(computed.at(row - 1, column - 1), stated.cell(row, column).value) for row in range(2, 20)]
        numbers = [(Decimal(str(ours)), Decimal(str(theirs))) for theirs, ours in pairs if isinstance(ours, (int, float))]
        assert numbers
        assert all(ours == theirs for ours, theirs in numbers)
    saved = read_template(open_workbook(tmp_path / "modele-facturation.ods"))
    assert [document.invoice for document in saved] == [
        document.invoice for document in read_template(open_workbook(demo / "modele-facturation.xlsx"))
    ]
