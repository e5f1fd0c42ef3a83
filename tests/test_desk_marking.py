"""`check --marks`: findings on their cells in a copy of a closed workbook; « Effacer les marques » makes it what the workbook was."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from tests.issuing_stage import company, draft
from tests.rich_workbook import BESIDE, rich_template
from tests.test_workbook_closed import cells
from tests.test_workbook_package import raw_members
from xlbridge.cli import app
from xlbridge.desk.checking import clear
from xlbridge.desk.marks import FILLS
from xlbridge.errors import WrongUse
from xlbridge.findings import Severity
from xlbridge.workbook.closed import ClosedPort
from xlbridge.workbook.mark_notes import HEAD
from xlbridge.workbook.template_writer import write_template

pytestmark = pytest.mark.filterwarnings("ignore:.*not supported and will be removed:UserWarning")  # what openpyxl says of its losses
WRONG = "FR00812345676"


def faulty(path: Path) -> None:
    buyer = draft(1).buyer
    write_template(path, [draft(0), draft(1, buyer=buyer.model_copy(update={"vat_number": WRONG}))], company())


def test_faults_are_marked_in_a_copy_and_leave_it_without_a_trace(tmp_path: Path) -> None:
    path, copy = rich_template(tmp_path / "facturier.xlsm", faulty, "Factures", "Clients"), tmp_path / "marques.xlsm"
    before = path.read_bytes()
    done = CliRunner().invoke(app, ["check", str(path), "--marks", str(copy)])
    assert done.exit_code == 0
    assert "« facturier.xlsm » n’est pas changé" in done.stderr
    assert path.read_bytes() == before
    sheet = openpyxl.load_workbook(copy)["Clients"]
    marked = [
        cell for row in sheet.iter_rows() for cell in row if cell.comment and cell.comment.text.startswith(f"{HEAD}AVERTISSEMENT LEC-070")
    ]
    assert [cell.value for cell in marked] == [WRONG]
    assert {f"#{cell.fill.fgColor.rgb[2:]}" for cell in marked} == {FILLS[Severity.WARNING]}
    old, new = raw_members(path), raw_members(copy)
    touched = {name for name in old if old[name] != new.get(name)}
    assert all(
        name.startswith(("xl/worksheets/", "xl/comments", "xl/drawings/vml", "xl/styles", "xl/workbook.xml", "[Content"))
        for name in touched
    ), touched

    port = ClosedPort(copy)
    clear(port)
    port.save()
    was, now = cells(path), cells(copy)
    differing = {place for place in was.keys() | now.keys() if was.get(place) != now.get(place)}
    assert {sheet for sheet, _ in differing} <= {"Accueil", "Contrôle"}  # which say when it was last checked, and that nothing is left
    control = openpyxl.load_workbook(copy)["Contrôle"]
    assert [cell.value or cell.hyperlink for row in control.iter_rows(min_row=2) for cell in row if cell.value or cell.hyperlink] == []
    assert port.notes("Clients") == ClosedPort(path).notes("Clients") == {(2, BESIDE): "une note"}


def test_one_workbook_and_a_new_file(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_template(tmp_path / name, (), company())
    for target, words in ((tmp_path / "c.xlsx", "un seul classeur"), (tmp_path / "b.xlsx", "existe déjà")):
        done = CliRunner().invoke(app, ["check", str(tmp_path if "c.xlsx" in target.name else tmp_path / "a.xlsx"), "--marks", str(target)])
        assert isinstance(done.exception, WrongUse)
        assert words in str(done.exception)
        assert done.stdout == ""
    assert {path.name for path in tmp_path.iterdir()} == {"a.xlsx", "b.xlsx"}
