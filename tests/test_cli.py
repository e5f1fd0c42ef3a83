"""The command line: exit codes, streams, and that JSON is complete whatever the exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from tests.test_bulk_run import register
from xlbridge import __version__
from xlbridge.bulk.screen import show_findings
from xlbridge.findings import Cell, Rule, Severity


def run(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "xlbridge", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=cwd, timeout=120, check=False)


def test_version_and_help_teach() -> None:
    assert run("--version").stdout.strip() == f"xlbridge {__version__}"
    text = run("--help").stdout
    for command in ("read", "convert", "check", "rules", "validate", "new", "demo"):
        assert command in text
    convert = run("convert", "--help").stdout
    assert "--company" in convert
    assert "Exemple" in convert


def test_wrong_use_is_one_french_sentence_and_two(tmp_path: Path) -> None:
    absent = run("convert", tmp_path / "absent.xlsx", "--out", tmp_path / "out")
    assert absent.returncode == 2
    assert absent.stderr.startswith("Erreur : ")
    assert "À faire : " in absent.stderr
    assert "Traceback" not in absent.stderr
    assert run("convert", tmp_path).returncode == 2


def test_read_json_is_alone_on_standard_output_and_three_for_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    good = register(tmp_path / "a.csv", 2)
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04 rubbish")
    result = run("read", good, tmp_path / "b.xlsx", "--json")
    files = json.loads(result.stdout)["files"]
    assert result.returncode == 3
    assert [(item["verdict"], item["reason"]) for item in files] == [("documents", None), ("refused", "unreadable")]
    first = files[0]["documents"][0]
    assert (first["number"], first["issue_date"], first["totals"]["gross"]) == ("F0001", "2026-03-02", "12")
    assert first["origin"]["number"] == "csv!A2"


def test_read_for_people_shows_numbers_clients_and_findings(tmp_path: Path) -> None:
    result = run("read", register(tmp_path / "a.csv", 2))
    assert result.returncode == 0
    assert "F0002" in result.stdout
    assert "Client 1" in result.stdout


def test_a_refused_file_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "vide.csv").write_text("a;b\n1;2\n")
    result = run("read", tmp_path / "vide.csv", "--json")
    assert result.returncode == 0
    assert json.loads(result.stdout)["files"][0]["reason"] == "not_an_invoice"


def test_convert_then_validate(tmp_path: Path) -> None:
    path = register(tmp_path / "in" / "a.csv", 2)
    converted = run("convert", path, "--out", tmp_path / "out", "--json", "--jobs", 1)
    assert converted.returncode == 0
    pdfs = [document["pdf"] for document in json.loads(converted.stdout)["files"][0]["documents"]]
    assert pdfs == ["a/F0001.pdf", "a/F0002.pdf"]
    judged = run("validate", *(tmp_path / "out" / pdf for pdf in pdfs), "--json", "--strict")
    reports = json.loads(judged.stdout)["files"]
    assert [report["file"] for report in reports] == ["F0001.pdf", "F0002.pdf"]
    assert {check["name"] for check in reports[0]["checks"]} >= {"container", "xsd", "br-fr", "pdfa"}


def test_convert_says_one_for_a_stopped_document_and_where(tmp_path: Path) -> None:
    path = register(tmp_path / "a.csv", 2)
    path.write_text(path.read_text("cp1252").replace("4,00;24,00", "9,00;24,00"), "cp1252")
    result = run("convert", path, "--out", tmp_path / "out", "--jobs", 1)
    assert result.returncode == 1
    assert "LEC-037" in result.stdout
    assert "conversion.xlsx" in result.stdout.replace("\n", " ").replace("  ", " ")


@pytest.mark.parametrize(("content", "code"), [(b"%PDF-1.7 broken", 3), (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", 3), (b"<a/>", 5)])
def test_validate_refuses_what_it_cannot_judge(tmp_path: Path, content: bytes, code: int) -> None:
    path = tmp_path / "facture.xml"
    path.write_bytes(content)
    result = run("validate", path, "--json")
    assert result.returncode == code
    assert json.loads(result.stdout)["files"][0]["outcome"] == "not_checked"


def test_new_writes_a_template_once(tmp_path: Path) -> None:
    path = tmp_path / "facturier.xlsx"
    assert run("new", path).returncode == 0
    book = openpyxl.load_workbook(path)
    assert {"Factures", "Lignes", "Clients", "Articles", "Entreprise", "Registre", "Registre lignes"} <= set(book.sheetnames)
    before = path.read_bytes()
    assert run("new", path).returncode == 2
    assert path.read_bytes() == before
    assert run("new", tmp_path / "facturier.doc").returncode == 2
    assert json.loads(run("read", path, "--json").stdout)["files"][0]["reason"] == "empty"


def test_check_of_a_file_without_invoices_is_no_verdict(tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    path.write_text("Article;Nombre\nVis;3\n", encoding="utf-8")
    done = run("check", path)
    assert done.returncode == 0
    assert done.stdout.startswith("stock.csv : rien à contrôler\n")
    assert "règles" not in done.stdout


def test_the_same_words_are_told_once_with_all_their_cells(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    rule = Rule("FR-MEN-003", Severity.BLOCKING, "Nom du vendeur absent", "Le vendeur n’a pas de nom.", "écrivez-le.")
    cells = [Cell("ventes.xlsx", "Ventes", f"A{row}") for row in range(2, 30)]
    show_findings([*(rule.found(cell=cell) for cell in cells), rule.found(), rule.found()])
    told = capsys.readouterr().out
    assert told.count("Le vendeur n’a pas de nom.") == 2
    assert "ventes.xlsx, feuille « Ventes », cellules A2, A3," in told
    assert "A13 et 16 autres : BLOQUANT FR-MEN-003" in told
    assert "(2 fois.)" in told


def test_a_dozen_different_sentences_of_one_code_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    rule = Rule("FR-DAT-003", Severity.WARNING, "Échéance", "L’échéance {day} est fausse.", "corrigez-la.")
    show_findings([rule.found(cell=Cell("a.xlsx", "F", f"A{day}"), day=day) for day in range(20)])
    told = capsys.readouterr().out
    assert told.count("est fausse.") == 12
    assert "… et 8 autres FR-DAT-003 ; tout est dans la sortie --json." in told


def test_examples_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("", "utf-8")
    done = run("demo", cwd=tmp_path)
    assert (done.returncode, "ne peut pas être écrit" in done.stderr) == (2, True)
