"""`check` names the twin of an invoice, in the same workbook and in another file of the same command."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from typer.testing import CliRunner

from tests.sheets import CLIENT, OTHER_CLIENT, table, workbook
from xlbridge.bulk.checks import check_all
from xlbridge.checking import check
from xlbridge.cli import app
from xlbridge.errors import ExitCode
from xlbridge.findings import Outcome, Report
from xlbridge.workbook.demo import build_demo

HEADER = ("N° facture", "Date", "Client", "Désignation", "Montant HT", "TVA", "Montant TTC")
FIRST = ("F-12", date(2026, 10, 1), CLIENT.name, "Pose d’un évier", 100, 20, 120)
SECOND = ("F-13", date(2026, 10, 2), OTHER_CLIENT.name, "Dépannage", 200, 40, 240)


def register(folder: Path, *rows: tuple[object, ...], name: str = "ventes.xlsx") -> Path:
    """A register beside the settings of the example firm, whose SIREN it then has."""
    folder.mkdir(exist_ok=True)
    build_demo(folder)
    return workbook(folder / name, {"Ventes": table("A1", HEADER, *rows)})


def numbering(report: Report) -> list[tuple[str, str, str]]:
    """Code, own cell and twin's cell of the findings on numbers."""
    found = [item for item in report.findings if item.code.startswith("FR-NUM")]
    return [
        (item.code, item.cell.address if item.cell else "-", f"{item.values['twin_source']} {item.values['twin_cell']}") for item in found
    ]


def test_a_number_twice_in_one_workbook_is_told_on_both_cells(tmp_path: Path) -> None:
    report = check(register(tmp_path, FIRST, SECOND, ("F-12", date(2026, 10, 20), *SECOND[2:4], 50, 10, 60)))
    assert numbering(report) == [("FR-NUM-001", "A2", "ventes.xlsx Ventes!A4"), ("FR-NUM-001", "A4", "ventes.xlsx Ventes!A2")]
    assert report.outcome is Outcome.NON_COMPLIANT
    assert {item.name: item.outcome for item in report.checks}["rules"] is Outcome.NON_COMPLIANT


def test_what_is_only_near_does_not_block(tmp_path: Path) -> None:
    right = check(register(tmp_path / "juste", FIRST, SECOND))
    report = check(register(tmp_path / "deux", FIRST, SECOND, ("F-14", date(2026, 10, 3), *FIRST[2:])))
    assert numbering(right) == []
    assert [item[0] for item in numbering(report)] == ["FR-NUM-012", "FR-NUM-012"]
    assert report.outcome is right.outcome


def test_a_twin_in_another_file_is_named_with_its_cell(tmp_path: Path) -> None:
    old = register(tmp_path, FIRST, name="octobre.xlsx")
    new = register(tmp_path, SECOND, ("F-12", date(2026, 11, 4), *SECOND[2:4], 50, 10, 60), name="novembre.xlsx")
    alone, _ = check_all([new])
    assert numbering(alone[0]) == []
    reports, together = check_all([old, new])
    assert numbering(reports[0]) == [("FR-NUM-001", "A2", "novembre.xlsx Ventes!A3")]
    assert numbering(reports[1]) == [("FR-NUM-001", "A3", "octobre.xlsx Ventes!A2")]
    assert together is ExitCode.BLOCKING_FINDINGS


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    files = [register(tmp_path / year, FIRST) for year in ("a", "b")]
    found = [numbering(report) for report in check_all(files)[0]]
    assert found == [[("FR-NUM-001", "A2", f"{files[other].as_posix()} Ventes!A2")] for other in (1, 0)]


def test_json_gives_the_twin_as_data(tmp_path: Path) -> None:
    path = register(tmp_path, FIRST, ("f-012", date(2026, 10, 20), *SECOND[2:4], 50, 10, 60))
    result = CliRunner().invoke(app, ["check", str(path), "--json"])
    found = [item for item in json.loads(result.stdout)["files"][0]["findings"] if item["code"] == "FR-NUM-013"]
    assert [item["cell"]["address"] for item in found] == ["A2", "A3"]
    values = found[1]["values"]
    assert (values["twin"], values["twin_cell"], values["twin_source"]) == ("F-12", "Ventes!A2", "ventes.xlsx")
    assert (values["twin_date"], values["score"]) == ("2026-10-01", 60)
    assert "casse" in values["reason"]


def test_of_the_examples_the_faulty_one_alone_has_a_duplicate(tmp_path: Path) -> None:
    build_demo(tmp_path)
    found = {path.name: numbering(check(path)) for path in tmp_path.glob("*.xlsx")}
    assert {name for name, told in found.items() if told} == {"registre-a-corriger.xlsx"}


def test_rules_explains_a_comparison_too() -> None:
    result = CliRunner().invoke(app, ["rules", "FR-NUM-001"])
    assert result.exit_code == 0
    assert "Numéro en double" in result.stdout
