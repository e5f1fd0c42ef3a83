"""`check --fix`: what is proposed for which cell, what is never touched, and the copy that the chosen values make."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sheets import CLIENT, PLUMBER, table, workbook
from tests.test_workbook_template import COMPANY, item, sold
from xlbridge.bulk.fixes import QUESTION, fix_all
from xlbridge.checking import check
from xlbridge.document import Document
from xlbridge.errors import WrongUse
from xlbridge.findings import Cell, Finding, Proposal, Rule, Severity
from xlbridge.model import Identifier, Invoice, Party
from xlbridge.repair import Repair, _mended, apply, proposals, target_for
from xlbridge.workbook.grid import open_workbook
from xlbridge.workbook.template import write_template

RULE = Rule("FR-IDE-900", Severity.WARNING, "Essai", "Message.", "corrigez.")
SIRET, SIREN = PLUMBER.siret or "", PLUMBER.siren or ""
RIGHT = PLUMBER.vat_number or ""
WRONG = f"FR{(int(RIGHT[2:4]) + 1) % 100:02}{SIREN}"
IDENTITY = f"SIRET {SIRET[:3]} {SIRET[3:6]} {SIRET[6:9]} {SIRET[9:]} - TVA {WRONG[:4]} {SIREN}"


def form(path: Path, **cells: object) -> Path:
    """An invoice on one sheet whose seller's VAT number has a wrong key, in a cell with the SIRET."""
    address = PLUMBER.address
    assert address
    facts: dict[str, object] = {
        "A1": PLUMBER.name, "A2": address.line1, "A3": f"{address.postcode} {address.city}", "A4": IDENTITY,
        "D1": "FACTURE", "D2": "N° F2026-001", "D3": "Date : 03/10/2026", "D5": "Client :", "D6": CLIENT.name, "D7": "14 quai du Moulin",
        "D8": "19100 Brive", "D15": "Total HT", "E15": 100.0, "D16": "TVA 20 %", "E16": 20.0, "D17": "Total TTC", "E17": 120.0,
        **table("A12", ("Désignation", "Qté", "P.U. HT", "Total HT"), ("Robinet", 2.0, 50.0, 100.0)),
    }  # fmt: skip
    return workbook(path, {"Facture": facts | cells})


def of_rule(path: Path, code: str) -> list[Repair]:
    return [repair for repair in proposals(path, check(path).findings) if repair.finding.code == code]


def finding(cell: Cell | None, new: str, old: str | None, field: str = "seller.siren") -> Finding:
    return RULE.found(field, cell=cell).proposing(Proposal(new, old))


def test_a_wrong_key_is_mended_within_its_cell(tmp_path: Path) -> None:
    path = form(tmp_path / "facture.xlsx")
    before = path.read_bytes()
    (repair,) = of_rule(path, "FR-IDE-011")
    assert (repair.old, repair.new, repair.obstacle) == (WRONG, RIGHT, "")
    assert repair.before == IDENTITY
    assert repair.after == IDENTITY.replace(f"{WRONG[:4]} {SIREN}", RIGHT)
    apply(path, [repair], target_for(path))
    assert path.read_bytes() == before
    copy = tmp_path / "facture-corrigé.xlsx"
    assert openpyxl.load_workbook(copy)["Facture"]["A4"].value == repair.after
    assert "FR-IDE-011" not in {found.code for found in check(copy).findings}
    assert target_for(path).name == "facture-corrigé-2.xlsx"


def test_a_client_of_the_template_is_mended_where_he_stands_once_for_all_invoices(tmp_path: Path) -> None:
    path = tmp_path / "facturier.xlsx"
    write_template(path, (sold(item(), number=None), sold(item(), number=None)), COMPANY)
    book = openpyxl.load_workbook(path)
    cell = next(cell for row in book["Clients"].iter_rows() for cell in row if cell.value == "69006")
    cell.value = "69 006"
    book.save(path)
    book.close()
    (repair,) = of_rule(path, "FR-IDE-028")
    assert repair.finding.cell == Cell(path.name, "Clients", cell.coordinate)
    apply(path, [repair], tmp_path / "b.xlsx")
    assert openpyxl.load_workbook(tmp_path / "b.xlsx")["Clients"][cell.coordinate].value == "69006"


def test_a_csv_is_mended_in_its_field(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("Numéro;SIREN\r\nF1;812 345 670\r\n".encode("cp1252"))
    (repair,) = proposals(path, [finding(Cell("a.csv", "csv", "B2"), "812345676", "812345670")] * 2)
    assert repair.also == 1
    apply(path, [repair], tmp_path / "b.csv")
    assert (tmp_path / "b.csv").read_bytes() == "Numéro;SIREN\r\nF1;812345676\r\n".encode("cp1252")


@pytest.mark.parametrize(
    "field",
    ["number", "issue_date", "due_date", "delivery.date", "totals.vat", "totals", "lines[0].net_amount", "lines[3].quantity",
     "lines[0].unit_price", "vat_breakdown[0].base", "vat_breakdown[1].amount", "preceding_invoices[0].number", "period.end",
     "preceding_invoices[0].issue_date"],
)  # fmt: skip
def test_amounts_dates_and_numbers_are_never_proposed(tmp_path: Path, field: str) -> None:
    path = form(tmp_path / "a.xlsx")
    assert proposals(path, [finding(Cell("a.xlsx", "Facture", "D2"), "F2026-002", "F2026-001", field)]) == []


@pytest.mark.parametrize(
    ("field", "old", "cell", "obstacle"),
    [
        ("notes", None, "D2", "aucune cellule"),  # absent: placed on the invoice's number, which it is not
        ("seller.siren", None, "A1", "aucune cellule"),
        ("lines[0].vat_rate", "20", "E15", "aucune cellule"),  # formulas calculate with it
        ("seller.siren", "999999999", "A4", "ne contient pas"),
        ("seller.siren", SIREN, "A4", "ne contient pas"),  # within SIRET and VAT number: neither is the SIREN's own
        ("seller.siren", SIREN, "A1:B2", "ne contient pas"),
        ("seller.siren", SIREN, "Z99", "ne contient pas"),
        ("seller.siren", SIREN, "", "ne contient pas"),
    ],
)
def test_what_has_no_cell_of_its_own_is_shown_and_not_written(
    tmp_path: Path, field: str, old: str | None, cell: str, obstacle: str
) -> None:
    path = form(tmp_path / "a.xlsx")
    (repair,) = proposals(path, [finding(Cell("a.xlsx", "Facture", cell), "812345676", old, field)])
    assert obstacle in repair.obstacle
    with pytest.raises(WrongUse):
        apply(path, [repair], tmp_path / "b.xlsx")
    assert not (tmp_path / "b.xlsx").exists()


def test_other_files_formulas_and_other_formats_are_left_to_the_user(tmp_path: Path) -> None:
    path = form(tmp_path / "a.xlsx")
    (other,) = proposals(path, [finding(Cell("clients.csv", "csv", "A1"), "812345676", SIREN)])
    assert "clients.csv" in other.obstacle
    book = openpyxl.load_workbook(path)
    book["Facture"]["A4"] = f'="{WRONG}"'
    book.save(path)
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    stored = sheet.replace(f'<f>"{WRONG}"</f><v />', f'<f>"{WRONG}"</f><v>{WRONG}</v>').replace('r="A4" ', 'r="A4" t="str" ')
    stored = stored.replace(f'<f>"{WRONG}"</f><v></v>', f'<f>"{WRONG}"</f><v>{WRONG}</v>')
    parts["xl/worksheets/sheet1.xml"] = stored.encode()
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    (formula,) = proposals(path, [finding(Cell("a.xlsx", "Facture", "A4"), RIGHT, WRONG, "seller.vat_number")])
    assert "formule" in formula.obstacle


def test_a_cell_that_changed_meanwhile_is_refused(tmp_path: Path) -> None:
    path = form(tmp_path / "a.xlsx")
    (repair,) = of_rule(path, "FR-IDE-011")
    form(path, A4=IDENTITY + " !")
    with pytest.raises(WrongUse, match="ne contient plus"):
        apply(path, [repair], tmp_path / "b.xlsx")
    assert not (tmp_path / "b.xlsx").exists()


def test_two_values_of_one_cell_are_both_mended_and_two_answers_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"S": {"A1": "SIREN 111111111, BIC agrifrpp"}})
    cell = Cell("a.xlsx", "S", "A1")
    both = proposals(path, [finding(cell, "812345676", "111111111"), finding(cell, "AGRIFRPP", "agrifrpp", "payment.accounts[0].bic")])
    apply(path, both, tmp_path / "b.xlsx")
    assert openpyxl.load_workbook(tmp_path / "b.xlsx")["S"]["A1"].value == "SIREN 812345676, BIC AGRIFRPP"
    against = proposals(path, [finding(cell, "812345676", "111111111"), finding(cell, "912345674", "111111111")])
    with pytest.raises(WrongUse, match="contredisent"):
        apply(path, against, tmp_path / "c.xlsx")


def test_only_the_value_s_own_cell_says_what_is_replaced() -> None:
    seller = Party(name="Atelier", vat_number=WRONG, legal_id=Identifier(value="111111111", scheme="0002"))
    document = Document(Invoice(seller=seller), {"seller.name": Cell("a", "S", "A1"), "seller.vat_number": Cell("a", "S", "B1")})
    placed = document.with_findings(finding(None, RIGHT, None, "seller.vat_number"), finding(None, SIREN, None)).findings
    assert [(item.cell and item.cell.address, item.proposal and item.proposal.old) for item in placed] == [("B1", WRONG), ("A1", None)]


@given(st.text("0123456789 A.,-/", max_size=12), st.text("0123456789 A.,-/", max_size=12), st.text("0123456789", min_size=2, max_size=6))
def test_a_mended_text_differs_in_the_value_alone(before: str, after: str, old: str) -> None:
    mended = _mended(before + old + after, old, "NEUF")
    if mended is not None:
        assert str(mended).count("NEUF") == 1
        assert old not in str(mended).replace(" ", "")
        start, end = str(mended).split("NEUF")
        assert not start[-1:].isalnum()
        assert not end[:1].isalnum()
        assert not start.rstrip(" .")[-1:].isdigit()


def answers(*given_answers: str) -> Callable[[str], str]:
    left = iter(given_answers)
    return lambda question: next(left) if question == QUESTION else ""


def test_only_the_chosen_values_are_written(tmp_path: Path) -> None:
    paths = [form(tmp_path / "a.xlsx"), form(tmp_path / "b.xlsx")]
    said: list[str] = []
    reports = [check(path) for path in paths]
    reports[1] = replace(reports[1], findings=(*reports[1].findings, finding(None, "Indemnité de 40 €", None, "notes")))
    written = fix_all(paths, reports, said.append, answers("n", "n", "o", "n"))
    assert written == [tmp_path / "b-corrigé.xlsx"]
    assert not (tmp_path / "a-corrigé.xlsx").exists()
    assert any(f"{IDENTITY} → " in line for line in said)
    assert any("À écrire à la main : Indemnité" in line for line in said)


def test_all_the_rest_of_a_workbook_is_one_answer(tmp_path: Path) -> None:
    """Two identifiers with blanks, which are read without them: each is proposed on its cell."""
    spaced = (
        ("N° facture", "Date", "Client", "SIREN client", "Montant HT"),
        ("F-1", date(2026, 10, 1), CLIENT.name, f"{SIREN[:3]} {SIREN[3:]}", 10),
    )
    path = workbook(tmp_path / "a.xlsx", {"Ventes": table("A1", *spaced, ("F-2", *spaced[1][1:]))})
    report = check(path)
    assert [item.cell.address for item in report.findings if item.code == "LEC-064" and item.cell] == ["D2", "D3"]
    (copy,) = fix_all([path], [report], lambda _: None, answers("t"))
    sheet = open_workbook(copy).sheets[0]
    assert [sheet.at(row, 3) for row in (1, 2)] == [SIREN, SIREN]


def test_the_command_never_asks_without_a_terminal(tmp_path: Path) -> None:
    path = form(tmp_path / "a.xlsx")
    command = [sys.executable, "-m", "xlbridge", "check", str(path), "--fix"]
    done = subprocess.run(command, input="o\no\no\n", capture_output=True, text=True, encoding="utf-8", timeout=120, check=False)
    assert done.returncode == 1
    assert RIGHT in done.stdout
    assert "Rien n’est écrit" in done.stdout
    assert [item.name for item in tmp_path.iterdir()] == ["a.xlsx"]
    refused = subprocess.run([*command, "--json"], capture_output=True, text=True, encoding="utf-8", timeout=120, check=False)
    assert (refused.returncode, refused.stdout) == (2, "")
