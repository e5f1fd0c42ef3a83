"""Conversion of folders, in real worker processes, judged by what lies on disk afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pikepdf
import pytest

from xlbridge.bulk.report import totals_by_year
from xlbridge.bulk.run import convert
from xlbridge.errors import ExitCode, WrongUse
from xlbridge.workbook.demo import build_demo

pytestmark = pytest.mark.slow

COMPANY = """
[entreprise]
nom = "Ateliers Brindille SAS"
siren = "812345676"
tva = "FR19812345676"
adresse = "12 rue de l’Église"
code_postal = "87000"
ville = "Limoges"
pays = "FR"
nature = "services"
[clients]
pays = "FR"
"""


def register(path: Path, rows: int, start: int = 1) -> Path:
    """A register as people keep it, `;` and decimal commas."""
    lines = ["N° facture;Date;Client;Montant HT;TVA;Montant TTC"]
    lines += [f"F{n:04};{n % 28 + 1:02}/03/2026;Client {n};{n * 10},00;{n * 2},00;{n * 12},00" for n in range(start, start + rows)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), "cp1252")
    (path.parent / "entreprise.toml").write_text(COMPANY, "utf-8")
    return path


def pdfs(out: Path) -> set[str]:
    return {str(path.relative_to(out)) for path in out.rglob("*.pdf")}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The example workbooks, converted once."""
    folder = tmp_path_factory.mktemp("demo")
    build_demo(folder / "in")
    result = convert([folder / "in"], folder / "out", jobs=2)
    return folder / "out", result.as_json()


def test_every_document_is_a_pdf_or_says_why_not(demo: tuple[Path, dict[str, Any]]) -> None:
    out, report = demo
    documents = [document for record in report["files"] for document in record["documents"]]
    assert len(documents) >= 40
    assert {document["pdf"] for document in documents if document["pdf"]} == pdfs(out)
    for document in documents:
        stopping = [finding for finding in document["findings"] if finding["severity"] == "blocking"]
        assert bool(document["pdf"]) != bool(stopping)
    assert json.loads((out / "conversion.json").read_text("utf-8")) == report


def test_a_quote_is_refused_with_its_reason(demo: tuple[Path, dict[str, Any]]) -> None:
    refused = {Path(record["file"]).name: record["reason"] for record in demo[1]["files"] if record["verdict"] == "refused"}
    assert refused == {"devis-D2026-07.xlsx": "quote"}


def test_a_copy_carries_its_own_rows_and_nobody_elses(demo: tuple[Path, dict[str, Any]]) -> None:
    out, report = demo
    record = next(record for record in report["files"] if record["file"].endswith("registre-ventes-2026.xlsx"))
    first, second = [document for document in record["documents"] if document["pdf"]][:2]
    with pikepdf.open(out / first["pdf"]) as pdf:
        assert set(pdf.attachments) == {"factur-x.xml", "extrait.csv"}
        text = pdf.attachments["extrait.csv"].get_file().read_bytes().decode("utf-8-sig")
    assert first["number"] in text
    assert second["number"] not in text


def test_totals_read_and_written_agree_to_the_cent(demo: tuple[Path, dict[str, Any]]) -> None:
    rows = totals_by_year(demo[1]["files"])
    assert rows
    assert all(row[-1] == 0 for row in rows)
    converted = [document for record in demo[1]["files"] for document in record["documents"] if document["pdf"]]
    signed = [Decimal(item["written"]["totals"]["vat"]) * (-1 if item["type_code"] == "381" else 1) for item in converted]
    assert sum(Decimal(str(row[7])) for row in rows) == sum(signed)
    assert sum(int(str(row[3])) for row in rows) >= len(converted)


def test_the_report_for_people_has_links_and_no_formula(demo: tuple[Path, dict[str, Any]]) -> None:
    book = openpyxl.load_workbook(demo[0] / "conversion.xlsx")
    assert book.sheetnames == ["Documents", "Constats", "Totaux", "Fichiers"]
    findings = book["Constats"]
    assert findings.max_row > 1
    assert any(cell.hyperlink for cell in findings["E"])
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_a_second_run_redoes_only_what_has_changed(tmp_path: Path) -> None:
    first, second = register(tmp_path / "in" / "a.csv", 3), register(tmp_path / "in" / "b.csv", 3, 50)
    out = tmp_path / "out"
    convert([tmp_path / "in"], out, jobs=1)
    times = {name: (out / name).stat().st_mtime_ns for name in pdfs(out)}
    assert len(times) == 6
    first.write_text(first.read_text("cp1252").replace("F0002", "F0009"), "cp1252")
    ticks: list[tuple[int, int, str]] = []
    again = convert([tmp_path / "in"], out, jobs=1, tick=lambda *tick: ticks.append(tick))
    assert {what for _, _, what in ticks} == {first.name}
    assert pdfs(out) == (set(times) - {"a/F0002.pdf"}) | {"a/F0009.pdf"}
    assert all((out / name).stat().st_mtime_ns == times[name] for name in times if name.startswith("b/"))
    assert [len(record["documents"]) for record in again.records] == [3, 3]
    assert second.exists()


def test_bad_files_get_one_error_each_and_never_stop_the_others(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    register(folder / "bon.csv", 2)
    (folder / "vide.xlsx").write_bytes(b"")
    (folder / "casse.xlsx").write_bytes(b"PK\x03\x04 rubbish")
    (folder / "texte.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    result = convert([folder], tmp_path / "out", jobs=2)
    reasons = {Path(record["file"]).name: record["reason"] for record in result.records}
    assert reasons == {"bon.csv": None, "vide.xlsx": "unreadable", "casse.xlsx": "unreadable", "texte.xls": "unreadable"}
    assert all(len(record["findings"]) == 1 for record in result.records if record["reason"])
    assert result.exit_code is ExitCode.UNREADABLE
    assert len(pdfs(tmp_path / "out")) == 2


def test_a_broken_company_file_beside_a_workbook_stops_that_workbook_only(tmp_path: Path) -> None:
    register(tmp_path / "in" / "a" / "a.csv", 1)
    register(tmp_path / "in" / "b" / "b.csv", 1)
    (tmp_path / "in" / "a" / "entreprise.toml").write_text("[entreprise\n", "utf-8")
    result = convert([tmp_path / "in"], tmp_path / "out", jobs=1)
    assert [record["reason"] for record in result.records] == ["unreadable", None]
    assert "entreprise.toml" in result.records[0]["findings"][0]["message"]


def test_one_number_twice_gives_two_files_and_a_finding(tmp_path: Path) -> None:
    path = register(tmp_path / "in" / "a.csv", 2)
    path.write_text(path.read_text("cp1252").replace("F0002", "F0001"), "cp1252")
    result = convert([path], tmp_path / "out", jobs=1)
    assert pdfs(tmp_path / "out") == {"a/F0001.pdf", "a/F0001-2.pdf"}
    assert "LEC-089" in {finding["code"] for finding in result.records[0]["documents"][1]["findings"]}


def test_a_number_that_is_a_path_stays_in_its_folder(tmp_path: Path) -> None:
    path = register(tmp_path / "in" / "a.csv", 1)
    path.write_text(path.read_text("cp1252").replace("F0001", "../../F/1"), "cp1252")
    convert([path], tmp_path / "out", jobs=1)
    assert pdfs(tmp_path / "out") == {"a/.._.._F_1.pdf"}


def test_an_output_that_cannot_be_made_is_wrong_use(tmp_path: Path) -> None:
    path = register(tmp_path / "in" / "a.csv", 1)
    (tmp_path / "out").write_text("a file")
    with pytest.raises(WrongUse, match="ne peut pas être créé"):
        convert([path], tmp_path / "out", jobs=1)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals stand for Ctrl-C here")
def test_ctrl_c_leaves_nothing_half_written_and_the_next_run_goes_on(tmp_path: Path) -> None:
    register(tmp_path / "in" / "a.csv", 400)
    out = tmp_path / "out"
    command = [sys.executable, "-m", "xlbridge", "convert", str(tmp_path / "in"), "--out", str(out), "--jobs", "2", "--json"]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # tests run in the background have it ignored, which is inherited
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    signal.signal(signal.SIGINT, before)
    deadline = time.monotonic() + 60
    while len(pdfs(out)) < 15 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    printed, _ = process.communicate(timeout=120)
    assert process.returncode == ExitCode.STOPPED
    done = pdfs(out)
    assert 15 <= len(done) < 400
    assert not list(out.rglob("*.part"))
    for name in done:
        with pikepdf.open(out / name) as pdf:
            assert "factur-x.xml" in pdf.attachments
    report = json.loads(printed)
    assert report["stopped"] is True
    assert {document["pdf"] for document in report["files"][0]["documents"]} <= done
    result = convert([tmp_path / "in"], out, jobs=2)
    assert len(pdfs(out)) == len(result.records[0]["documents"]) == 400


@pytest.mark.slow
def test_a_worker_that_dies_takes_only_its_own_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule engine may abort a process; here the fault is planted by a sitecustomize that kills the worker at one number."""
    register(tmp_path / "in" / "a.csv", 25)
    plant = tmp_path / "plant"
    plant.mkdir()
    (plant / "sitecustomize.py").write_text(
        "import os, sys\n"
        "if any('spawn_main' in word for word in sys.orig_argv):\n"
        "    from xlbridge.render import cii\n"
        "    write = cii.write\n"
        "    def fatal(invoice, profile):\n"
        "        if invoice.number == 'F0013':\n"
        "            os._exit(134)\n"
        "        return write(invoice, profile)\n"
        "    cii.write = fatal\n",
        "utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(plant))
    result = convert([tmp_path / "in"], tmp_path / "out", jobs=2)
    documents = {document["number"]: document for document in result.records[0]["documents"]}
    assert len(documents) == 25
    stopped = {number for number, document in documents.items() if not document["pdf"]}
    assert stopped == {"F0013"}
    assert {finding["code"] for finding in documents["F0013"]["findings"] if finding["severity"] == "blocking"} == {"DOC-090"}
    assert result.exit_code is ExitCode.NOT_CHECKED
