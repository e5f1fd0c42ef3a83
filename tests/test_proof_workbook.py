"""The workbook against the ledger, and the command: what was issued for real, then changed cell by cell."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import delete, text
from typer.testing import CliRunner

from tests import sheets
from tests.issuing_stage import FIRST, TODAY, company, draft
from xlbridge.cli import app
from xlbridge.errors import WrongUse
from xlbridge.findings import Finding, Report, blocking
from xlbridge.issuing.places import Places
from xlbridge.issuing.run import Request, issue
from xlbridge.issuing.steps import Step
from xlbridge.ledger.schema import CORRECTIONS, DOCUMENTS, RECORDS
from xlbridge.ledger.store import open_ledger
from xlbridge.proof import verify
from xlbridge.proof.facts import Facts
from xlbridge.proof.reading import read_facts
from xlbridge.proof.workbook import check_workbook
from xlbridge.workbook.grid import open_workbook
from xlbridge.workbook.template_layout import REGISTER, REGISTER_LINES, SEAL, SEAL_ROWS, TABLES
from xlbridge.workbook.template_writer import write_template


@dataclass(frozen=True)
class Office:
    """Three invoices issued from a workbook; `older`: the workbook when only two had been."""

    folder: Path
    facts: Facts
    identifier: str

    @property
    def workbook(self) -> Path:
        return self.folder / "factures.xlsx"

    @property
    def older(self) -> Path:
        return self.folder / "avant" / "factures.xlsx"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder / 'r.sqlite'}"

    def verify(self, workbook: Path, *, archive: bool = True, url: str | None = None) -> Report:
        folder = self.folder / "coffre" if archive else None
        return verify(url or self.url, folder, workbook, key_place=self.folder / "cle.pem")

    def changed(self, change: Callable[[Any], None], path: Path) -> list[Finding]:
        """What is said of a copy of the workbook that a user changed."""
        book = openpyxl.load_workbook(self.workbook)
        change(book)
        book.save(path)
        return check_workbook(self.facts, open_workbook(path), self.identifier)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("bureau")
    path = folder / "factures.xlsx"
    places = Places(str(folder / "r.sqlite"), folder / "coffre", str(folder / "cle.pem"))
    write_template(path, [draft(seed, FIRST + timedelta(days=seed)) for seed in range(3)], company())
    issue(Request(path, ("B1", "B2"), False, places), lambda _: True, today=TODAY)
    (folder / "avant").mkdir()
    shutil.copy(path, folder / "avant")
    issue(Request(path, None, False, places), lambda _: True, today=TODAY)
    ledger = open_ledger(f"sqlite:///{folder / 'r.sqlite'}")
    with ledger.reading() as connection:
        facts, _ = read_facts(connection, with_register=True)
    yield Office(folder, facts, ledger.identity.identifier)
    ledger.close()


def test_what_was_issued_is_in_order(office: Office) -> None:
    assert office.verify(office.workbook).findings == ()
    assert [document.number for document in office.facts.documents] == ["F2026-0001", "F2026-0002", "F2026-0003"]


@pytest.mark.parametrize("sheet", [REGISTER, REGISTER_LINES])
def test_every_changed_cell_of_the_register_is_named(office: Office, tmp_path: Path, sheet: str) -> None:
    book = openpyxl.load_workbook(office.workbook)
    for column in range(1, len(TABLES[sheet]) + 1):  # without what the user fills beside them
        cell, header = book[sheet].cell(3, column), book[sheet].cell(1, column).value
        before = cell.value
        cell.value = "autre"
        book.save(tmp_path / "factures.xlsx")
        cell.value = before
        found = check_workbook(office.facts, open_workbook(tmp_path / "factures.xlsx"), office.identifier)
        places = [(finding.cell.sheet, finding.cell.address) for finding in found if finding.cell]
        if header == "Numéro":  # the row is then of another document, and the document lacks a row
            assert {finding.code for finding in found} == {"REG-071", "REG-072"}
            assert (sheet, cell.coordinate) in places
            continue
        assert [finding.code for finding in found] == ["REG-070"], header
        assert places == [(sheet, cell.coordinate)]
        assert f"« {header} »" in found[0].message
        assert "« autre » aujourd’hui" in found[0].message


def test_amounts_and_dates_of_a_changed_cell_are_told_as_they_are_read(office: Office, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(office.workbook)
    headers = [cell.value for cell in book[REGISTER][1]]
    for name, value in (("Total HT", 1.25), ("Date", date(2026, 3, 1))):
        book[REGISTER].cell(3, headers.index(name) + 1).value = value
    book.save(tmp_path / "factures.xlsx")
    found = check_workbook(office.facts, open_workbook(tmp_path / "factures.xlsx"), office.identifier)
    told = " ".join(finding.message for finding in found)
    assert [finding.code for finding in found] == ["REG-070", "REG-070"]
    assert "« 1,25 » aujourd’hui" in told
    assert "« 01/03/2026 » aujourd’hui" in told
    assert not re.search(r"\d\.\d|\d{4}-\d\d-\d\d", told)


def test_a_row_taken_out_or_added_is_named(office: Office, tmp_path: Path) -> None:
    def taken_out(book: Any) -> None:
        for cell in book[REGISTER][3]:
            cell.value = None

    found = office.changed(taken_out, tmp_path / "factures.xlsx")
    assert [(finding.code, finding.values["number"]) for finding in found] == [("REG-071", "F2026-0002")]

    def added(book: Any) -> None:
        for cell in book[REGISTER][3]:
            book[REGISTER].cell(5, cell.column).value = "F2026-0099" if cell.column == 1 else cell.value

    found = office.changed(added, tmp_path / "factures.xlsx")
    assert [(finding.code, finding.values["number"]) for finding in found] == [("REG-072", "F2026-0099")]


def test_a_renamed_workbook_is_compared_all_the_same(office: Office, tmp_path: Path) -> None:
    def taken_out(book: Any) -> None:
        for cell in book[REGISTER][3]:
            cell.value = None

    found = office.changed(taken_out, tmp_path / "autre nom.xlsx")
    assert [finding.code for finding in found] == ["REG-071"]


def emptied(book: Any) -> None:
    for name in (REGISTER, REGISTER_LINES):
        book[name].delete_rows(2, 40)


def test_a_renamed_workbook_that_lost_its_register_is_known_by_its_seal(office: Office, tmp_path: Path) -> None:
    found = office.changed(emptied, tmp_path / "autre nom.xlsx")
    assert {finding.code for finding in found} == {"REG-071"}
    assert {finding.values["number"] for finding in found} == {"F2026-0001", "F2026-0002", "F2026-0003"}

    def gone(book: Any) -> None:
        del book[REGISTER], book[REGISTER_LINES]

    found = office.changed(gone, tmp_path / "autre nom.xlsx")
    assert {finding.code for finding in found} == {"REG-071"}


@pytest.mark.parametrize("mark", [None, "f" * 32])
def test_an_emptied_workbook_that_is_no_longer_known_is_not_passed_in_silence(office: Office, tmp_path: Path, mark: str | None) -> None:
    def unknown(book: Any) -> None:
        emptied(book)
        book[SEAL].cell(len(SEAL_ROWS), 2).value = mark

    found = office.changed(unknown, tmp_path / "factures.xlsx")
    assert [finding.code for finding in found] == ["REG-077", "REG-076"]
    assert "F2026-0003" in blocking(found)[0].message
    assert (found[1].values["count"], found[1].values["books"]) == (3, "« factures.xlsx » (un autre de ce nom)")


def test_two_workbooks_of_one_name_are_told_apart(office: Office, tmp_path: Path) -> None:
    """Two posts that each call theirs `factures.xlsx`, or one that begins another every year."""
    for name in ("r.sqlite", "cle.pem"):
        shutil.copy(office.folder / name, tmp_path)
    shutil.copytree(office.folder / "coffre", tmp_path / "coffre")
    places = Places(str(tmp_path / "r.sqlite"), tmp_path / "coffre", str(tmp_path / "cle.pem"))
    (tmp_path / "autre poste").mkdir()
    path = tmp_path / "autre poste" / "factures.xlsx"
    write_template(path, [draft(7, TODAY)], company())
    assert issue(Request(path, None, False, places), lambda _: True, today=TODAY).exit_code == 0

    def found(workbook: Path) -> list[str]:
        report = verify(f"sqlite:///{tmp_path / 'r.sqlite'}", tmp_path / "coffre", workbook, key_place=tmp_path / "cle.pem")
        return [item.code for item in report.findings]

    assert found(path) == found(office.workbook) == ["REG-076"]
    book = openpyxl.load_workbook(path)
    emptied(book)
    book.save(path)
    assert set(found(path)) == {"REG-071", "REG-076"}


def test_a_format_that_shows_another_amount_is_told(office: Office, tmp_path: Path) -> None:
    def shown_otherwise(book: Any) -> None:
        for cell in book[REGISTER][3]:
            if book[REGISTER].cell(1, cell.column).value == "Total TTC":
                cell.number_format = '"999,00 €"'
        book[REGISTER_LINES]["A2"].number_format = '@;@;@;"F2026-0009"'

    found = office.changed(shown_otherwise, tmp_path / "factures.xlsx")
    assert [(finding.code, finding.values["number"], finding.values["column"]) for finding in found] == [
        ("REG-079", "F2026-0002", "Total TTC"), ("REG-079", "F2026-0001", "Numéro")
    ]  # fmt: skip
    assert "999,00 €" in found[0].message
    assert not blocking(found)


def test_a_workbook_from_which_nothing_was_issued_yet_is_no_emptied_one(office: Office, tmp_path: Path) -> None:
    """Bound to a ledger that others use, it has a seal and no row; then the machine stopped before its first number."""

    class Stopped(Exception):
        pass

    def stop(step: Step) -> None:
        if step is Step.LOCKED:
            raise Stopped

    for name in ("r.sqlite", "cle.pem"):
        shutil.copy(office.folder / name, tmp_path)
    shutil.copytree(office.folder / "coffre", tmp_path / "coffre")
    path = tmp_path / "second.xlsx"
    write_template(path, [draft(7, TODAY)], company())
    places = Places(str(tmp_path / "r.sqlite"), tmp_path / "coffre", str(tmp_path / "cle.pem"))
    with pytest.raises(Stopped):
        issue(Request(path, None, False, places), lambda _: True, today=TODAY, watch=stop)
    assert openpyxl.load_workbook(path)[SEAL]["B1"].value == office.identifier
    assert [finding.code for finding in check_workbook(office.facts, open_workbook(path), office.identifier)] == ["REG-076"]


@pytest.mark.parametrize(("label", "attribute"), SEAL_ROWS)
def test_every_cell_of_the_seal_is_compared(office: Office, tmp_path: Path, label: str, attribute: str) -> None:
    for value in ("2", "f" * 64, None):

        def change(book: Any, value: str | None = value) -> None:
            row = next(row for row in book[SEAL].iter_rows() if row[0].value == label)
            row[1].value = value

        found = office.changed(change, tmp_path / "factures.xlsx")
        assert blocking(found), value
        assert {finding.code for finding in found} <= {"REG-017", "REG-040", "REG-041", "REG-073"}


def test_a_tail_that_the_vault_forgot_is_known_to_the_workbook(office: Office, tmp_path: Path) -> None:
    shutil.copy(office.folder / "r.sqlite", tmp_path / "r.sqlite")
    ledger = open_ledger(f"sqlite:///{tmp_path / 'r.sqlite'}")
    last = office.facts.last_seq
    with ledger.engine.begin() as connection:
        for name in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
            connection.execute(text(f"DROP TRIGGER {name}"))
        for table in (RECORDS, DOCUMENTS, CORRECTIONS):
            connection.execute(delete(table).where(table.c.seq == last))
    ledger.close()
    found = blocking(office.verify(office.workbook, archive=False, url=f"sqlite:///{tmp_path / 'r.sqlite'}").findings)
    assert [finding.code for finding in found][:1] == ["REG-040"]
    assert "F2026-0003" in found[0].message
    assert {finding.values["number"] for finding in found[1:]} == {"F2026-0003"}  # its rows in the register are of no record


def test_a_workbook_behind_the_ledger_is_a_warning(office: Office) -> None:
    found = office.verify(office.older).findings
    assert [(finding.code, finding.values["number"]) for finding in found] == [("REG-074", "F2026-0003")]
    assert not blocking(found)


def test_a_workbook_of_another_ledger_is_named(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "neuf.xlsx"
    write_template(path, [draft()], company())
    assert [finding.code for finding in blocking(office.verify(path).findings)] == ["REG-073"]


def test_a_workbook_that_cannot_be_read_is_not_checked(office: Office, tmp_path: Path) -> None:
    broken = tmp_path / "cassé.xlsx"
    broken.write_bytes(b"PK\x03\x04 not a workbook")
    result = command(office, broken)
    assert result.exit_code == 5
    checks = {check["name"]: check["outcome"] for check in json.loads(result.stdout)["checks"]}
    assert checks["workbook"] == "not_checked"


def command(office: Office, *arguments: object) -> Any:
    options = ["--ledger", office.folder / "r.sqlite", "--archive", office.folder / "coffre", "--key", office.folder / "cle.pem", "--json"]
    return CliRunner().invoke(app, ["verify", *map(str, [*arguments, *options])])


def test_a_workbook_that_is_none_of_ours_is_refused(office: Office, tmp_path: Path) -> None:
    sheets.workbook(tmp_path / "budget.xlsx", {"Factures": {"A1": "Numéro", "A2": "F-1"}})
    with pytest.raises(WrongUse, match=r"« budget\.xlsx » n’est pas un classeur de facturation"):
        office.verify(tmp_path / "budget.xlsx")


def test_the_command_says_it_by_its_exit_code(office: Office, tmp_path: Path) -> None:
    right = command(office, office.workbook)
    assert right.exit_code == 0
    assert json.loads(right.stdout)["outcome"] == "compliant"
    book = openpyxl.load_workbook(office.workbook)
    book[REGISTER]["C2"].value = datetime(2026, 11, 5)  # noqa: DTZ001  a day of a sheet has no zone
    book.save(tmp_path / "factures.xlsx")
    wrong = command(office, tmp_path / "factures.xlsx")
    assert wrong.exit_code == 4
    (finding,) = json.loads(wrong.stdout)["findings"]
    assert finding["cell"] == {"file": "factures.xlsx", "sheet": REGISTER, "address": "C2"}
    assert "« 02/11/2026 » quand il a été scellé, « 05/11/2026 » aujourd’hui" in finding["message"]


def test_the_command_finds_the_ledger_of_the_company(key_home: Path, tmp_path: Path) -> None:
    """Nothing is named: ledger, vault and key are where `issue` puts them."""
    path = tmp_path / "factures.xlsx"
    write_template(path, [draft()], company())
    issue(Request(path), lambda _: True, today=TODAY)
    result = CliRunner().invoke(app, ["verify", str(path), "--json"])
    report = json.loads(result.stdout)
    assert report["findings"] == []
    assert [check["name"] for check in report["checks"]] == [
        "chain", "events", "index", "numbering", "key", "head", "files", "closings", "workbook", "clock",
    ]  # fmt: skip
    assert result.exit_code == 0
