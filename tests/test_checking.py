"""`check`: right workbooks get notes at most, faults are found on their cells, what cannot be checked says so."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from bench.conversion import write_register
from tests.sheets import CLIENT, table, workbook
from xlbridge.bulk.checks import check_all
from xlbridge.checking import check
from xlbridge.cli import app
from xlbridge.clients import Client, ClientKind
from xlbridge.errors import ExitCode, WrongUse
from xlbridge.findings import Finding, Outcome, Report, Severity
from xlbridge.workbook.client_list import load_clients
from xlbridge.workbook.demo import build_demo

TODAY = date(2026, 11, 24)
HEADER = (
    "N° facture", "Date", "Échéance", "Client", "SIREN client", "Adresse", "Code postal", "Ville", "Désignation", "Quantité",
    "Prix unitaire HT", "Taux TVA", "Montant HT",
)  # fmt: skip
ROW = (
    "F-1", date(2026, 10, 1), date(2026, 10, 31), CLIENT.name, CLIENT.siren, "14 quai du Moulin", "19100", "Brive", "Pose d’un évier", 2,
    150, "20 %", 300,
)  # fmt: skip


def loud(report: Report) -> list[str]:
    """Code and cell of what weighs more than a note."""
    found = (finding for finding in report.findings if finding.severity is not Severity.NOTE)
    return [f"{finding.code} {finding.cell.address if finding.cell else '-'}" for finding in found]


def one_line(tmp_path: Path, **changes: object) -> Path:
    """A workbook of one invoice beside the settings of the example firm; `changes` replace values by header."""
    build_demo(tmp_path)
    values = dict(zip(HEADER, ROW, strict=True)) | {name.replace("_", " "): value for name, value in changes.items()}
    return workbook(tmp_path / "une-facture.xlsx", {"Lignes": table("A1", tuple(values), tuple(values.values()))})


def test_the_template_with_its_examples_is_right(tmp_path: Path) -> None:
    build_demo(tmp_path)
    report = check(tmp_path / "modele-facturation.xlsx", official=True, today=TODAY)
    assert report.outcome is Outcome.COMPLIANT
    assert loud(report) == []
    assert [item.name for item in report.checks] == ["read", "rules", "official"]


def test_five_hundred_right_invoices_get_notes_at_most(tmp_path: Path) -> None:
    path, _ = write_register(tmp_path / "classeurs", 500)
    report = check(path, clients=load_clients(path.parent / "clients.csv"), today=TODAY)
    assert loud(report) == []
    assert len({finding.message for finding in report.findings if finding.code == "LEC-061"}) == len(
        [finding for finding in report.findings if finding.code == "LEC-061"]
    ), "what concerns the settings is told once"


def test_faults_are_named_on_their_cells(tmp_path: Path) -> None:
    path = one_line(tmp_path, Montant_HT=310, Échéance=date(2026, 9, 1), SIREN_client="903344551")
    assert {"FR-MNT-010 M2", "FR-DAT-003 C2", "FR-IDE-001 E2"} <= set(loud(check(path, today=TODAY)))


def test_a_wrong_sum_is_told_once_by_its_rule(tmp_path: Path) -> None:
    codes = [item.split()[0] for item in loud(check(one_line(tmp_path, Montant_HT=310), today=TODAY))]
    assert "FR-MNT-010" in codes
    assert "LEC-037" not in codes


def test_what_is_said_of_a_heading_is_told_once(tmp_path: Path) -> None:
    """« Montant » says neither net nor gross, of all its invoices at once."""
    rows = ((f"F-{number}", date(2026, 10, number), "Client", 120 * number) for number in range(1, 6))
    path = workbook(tmp_path / "ventes.xlsx", {"Ventes": table("A1", ("Numéro", "Date", "Client", "Montant"), *rows)})
    found = [finding for finding in check(path, today=TODAY).findings if finding.code == "LEC-021"]
    assert [finding.cell.address for finding in found if finding.cell] == ["D1"]


def test_the_law_of_another_day_can_be_asked(tmp_path: Path) -> None:
    """The client's SIREN is due on the invoices of a small firm from September 2027."""

    def answer(*options: str) -> tuple[int, set[str]]:
        result = CliRunner().invoke(app, ["check", str(path), "--json", *options])
        found = json.loads(result.stdout)["files"][0]["findings"]
        return result.exit_code, {item["severity"] for item in found if item["code"] == "FR-REF-001"}

    path = one_line(tmp_path, SIREN_client=None)
    (tmp_path / "clients.csv").write_text(f"nom;type\n{CLIENT.name};professionnel\n", encoding="utf-8")
    assert answer() == answer("--at", "2027-08-31") == (ExitCode.OK, {"note"})
    assert answer("--at", "2027-09-01") == (ExitCode.BLOCKING_FINDINGS, {"blocking"})


def test_an_invoice_of_tomorrow_is_named(tmp_path: Path) -> None:
    path = one_line(tmp_path, Date=date(2026, 10, 1))
    assert "FR-DAT-001 B2" in loud(check(path, today=date(2026, 9, 30)))
    assert "FR-DAT-001 B2" not in loud(check(path, today=date(2026, 10, 1)))


@pytest.mark.parametrize("value", [1e13, 1e30, 1e300, -1e30, 1e-300])
def test_numbers_that_no_invoice_has_stop_nothing(tmp_path: Path, value: float) -> None:
    path = one_line(tmp_path, Prix_unitaire_HT=value, Quantité=value)
    report = check(path, official=True, today=TODAY)
    assert report.outcome is Outcome.NON_COMPLIANT
    if abs(value) > 1:
        assert {"LEC-028 J2", "LEC-028 K2"} <= set(loud(report))


def test_many_lines_of_the_largest_numbers_are_computed(tmp_path: Path) -> None:
    row = tuple(
        {"Quantité": 1e12, "Prix unitaire HT": 1e12, "Montant HT": None}.get(name, value) for name, value in zip(HEADER, ROW, strict=True)
    )
    report = check(workbook(tmp_path / "f.xlsx", {"Lignes": table("A1", HEADER, *[row] * 300)}), official=True, today=TODAY)
    assert report.outcome is Outcome.NON_COMPLIANT


def test_a_file_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path) -> None:
    right = one_line(tmp_path)
    broken = tmp_path / "casse.xlsx"
    broken.write_bytes(b"PK\x03\x04 rien")
    steps: list[tuple[int, int, str]] = []
    reports, code = check_all([broken, right], tick=lambda *step: steps.append(step))
    assert [report.outcome for report in reports] == [Outcome.NOT_CHECKED, Outcome.COMPLIANT]
    assert code is ExitCode.UNREADABLE
    assert steps == [(0, 2, "casse.xlsx"), (1, 2, "une-facture.xlsx"), (2, 2, "")]


def test_a_workbook_without_invoices_says_so(tmp_path: Path) -> None:
    path = workbook(tmp_path / "liste.xlsx", {"Stock": table("A1", ("Article", "Nombre"), ("Vis", 3))})
    report = check(path)
    assert report.outcome is Outcome.COMPLIANT
    assert "LEC-018" in {finding.code for finding in report.findings}


def test_official_rules_name_the_cell(tmp_path: Path) -> None:
    report = check(one_line(tmp_path), official=True, today=TODAY)
    official = [finding for finding in report.findings if not finding.code.startswith(("FR-", "LEC-", "DOC-"))]
    assert [(finding.code, finding.cell.address) for finding in official if finding.cell] == [("BR-FR-12_BT-49", "D2")]
    assert {item.name: item.outcome for item in report.checks}["official"] is Outcome.NON_COMPLIANT


def test_what_the_official_rules_cannot_judge_is_not_called_right(tmp_path: Path) -> None:
    path = one_line(tmp_path, Désignation=None, Taux_TVA=None)
    outcomes = {item.name: item.outcome for item in check(path, official=True, today=TODAY).checks}
    assert outcomes["official"] is not Outcome.COMPLIANT


def test_a_wrong_day_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="n’est pas une date"):
        check_all([one_line(tmp_path)], at="1er septembre")


def test_an_original_whose_number_stands_twice_is_compared_with_neither(tmp_path: Path) -> None:
    """A credit note that cancels « F-1 » is compared with it, where there is one F-1 only."""
    header = ("N° facture", "Date", "Client", "Désignation", "Montant HT", "TVA", "Montant TTC")
    first = ("F-1", date(2026, 10, 1), "Trois Ponts", "Pose", 100, 20, 120)
    credit = ("A-1", date(2026, 10, 9), "Trois Ponts", "Avoir annulant la facture F-1", -50, -10, -60)

    def told(*rows: tuple[object, ...]) -> set[str]:
        report = check(workbook(tmp_path / "r.xlsx", {"Ventes": table("A1", header, *rows)}), today=TODAY)
        return {finding.code for finding in report.findings if finding.code in {"FR-AVO-018", "FR-AVO-019"}}

    assert told(first, credit) == {"FR-AVO-018"}
    assert told(first, (*first[:4], 200, 40, 240), credit) == set()


def test_lines_of_no_document_are_one_finding_and_no_invoice(tmp_path: Path) -> None:
    import openpyxl

    from tests.issuing_stage import company, draft
    from xlbridge.workbook.template_writer import write_template

    path = tmp_path / "facturier.xlsx"
    write_template(path, [draft(0)], company())
    book = openpyxl.load_workbook(path)
    book["Lignes"]["A3"] = None
    book.save(path)
    codes = [finding.code for finding in check(path).findings if finding.severity is Severity.BLOCKING]
    assert codes == ["LEC-052"]


def test_what_would_be_refused_at_issue_stops_a_draft_and_warns_of_an_issued_document(tmp_path: Path) -> None:
    from datetime import timedelta

    from tests.issuing_stage import TODAY, company, draft
    from tests.samples import BUYER
    from xlbridge.workbook.template_writer import write_template

    nameless = BUYER.model_copy(update={"legal_id": None, "identifiers": (), "vat_number": None, "electronic_address": None})
    cases = {
        "FR-DAT-001": {"issue_date": TODAY + timedelta(days=3)},
        "FR-DAT-003": {"due_date": draft().issue_date - timedelta(days=1)},
        "FR-REF-001": {"buyer": nameless},
    }
    for code, changes in cases.items():
        for number, blocks in ((None, True), ("F2026-0001", False)):
            one = draft(0).model_copy(update={"number": number, **changes})
            path = tmp_path / f"{code}-{number}.xlsx"
            clients = [] if code != "FR-REF-001" else [Client(code="C001", name=nameless.name, kind=ClientKind.BUSINESS, country="FR")]
            write_template(path, [one], company(), clients)
            found = {finding.code: finding.severity for finding in check(path, today=TODAY).findings}
            assert (found[code] is Severity.BLOCKING) == blocks, (code, number, found)


def test_what_is_sealed_is_not_to_be_changed_in_the_register(tmp_path: Path) -> None:
    from datetime import timedelta

    from tests.issuing_stage import TODAY, company, draft
    from xlbridge.workbook.seal_sheet import NO_CHANGE
    from xlbridge.workbook.template_layout import SEAL
    from xlbridge.workbook.template_writer import write_template

    late = {"due_date": draft().issue_date - timedelta(days=1)}
    path = tmp_path / "facturier.xlsx"
    write_template(path, [draft(0).model_copy(update={"number": "F2026-0001", **late}), draft(1).model_copy(update=late)], company())
    before = check(path, today=TODAY).findings
    book = openpyxl.load_workbook(path)
    book[SEAL]["B1"].value = "0f" * 16
    book.save(path)
    after = check(path, today=TODAY).findings

    def remedies(findings: Sequence[Finding], sheet: str) -> set[str]:
        return {item.remedy for item in findings if item.cell and item.cell.sheet == sheet and item.severity is not Severity.NOTE}

    assert remedies(after, "Registre") == {NO_CHANGE} != remedies(before, "Registre")
    assert remedies(after, "Factures") == remedies(before, "Factures") != set()


def test_a_ledger_that_the_environment_names_may_be_made_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from xlbridge.errors import LedgerBroken

    place = str(tmp_path / "registre.sqlite")
    path = tmp_path / "a.csv"
    path.write_text("Numéro;Date;Client;Total HT;TVA;Total TTC\nF-1;01/10/2026;Dupré;100;20;120\n", "utf-8")
    with pytest.raises(LedgerBroken):
        check_all([path], ledger=place)
    monkeypatch.setenv("XLBRIDGE_LEDGER", place)
    reports, _ = check_all([path], ledger=place)
    assert reports[0].findings
