"""`xlbridge install`, `uninstall` and `doctor` as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from macros.build import package, workbook
from tests.installing_stage import computer, tree
from xlbridge.cli import app
from xlbridge.errors import ExitCode, WrongUse
from xlbridge.installing.surroundings import Surroundings, here


@pytest.fixture
def around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Surroundings:
    """A Windows with Excel in the place of this computer."""
    around = computer(tmp_path, "windows")
    monkeypatch.setattr("xlbridge.installing.surroundings.here", lambda: around)
    return around


def typed(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout


def test_install_doctor_and_uninstall(around: Surroundings, tmp_path: Path) -> None:
    before = tree(tmp_path)
    code, said = typed("install", "--dry-run")
    assert (code, said.count("À faire : "), tree(tmp_path)) == (0, 2, before)
    assert str(around.home / "Roaming/Microsoft/Excel/XLSTART/xlbridge.xlam") in said
    code, done = typed("install")
    assert (code, done) == (0, said.replace("À faire : ", "Fait : "))
    code, said = typed("doctor")
    assert (code, "À FAIRE" in said) == (0, False)
    code, said = typed("uninstall")
    assert (code, said.count("supprimé"), tree(tmp_path)) == (0, 2, before)
    code, said = typed("doctor")
    assert (code, "À FAIRE      Complément d’Excel" in said, "À faire : Lancez « xlbridge install »" in said) == (1, True, True)
    code, said = typed("doctor", "--json")
    assert (code, json.loads(said)["checks"][2]["verdict"]) == (ExitCode.BLOCKING_FINDINGS, "problem")


def test_new_gives_the_workbook_with_the_buttons(tmp_path: Path) -> None:
    path = tmp_path / "mon facturier.xlsm"
    assert typed("new", str(path))[0] == 0
    assert path.read_bytes() == package(workbook())
    with pytest.raises(WrongUse, match="existe déjà"):
        CliRunner().invoke(app, ["new", str(path)], catch_exceptions=False)
    with pytest.raises(WrongUse, match=r"finit par .xlsx"):
        CliRunner().invoke(app, ["new", str(tmp_path / "x.ods")], catch_exceptions=False)


def test_what_cannot_be_done_is_refused(around: Surroundings) -> None:
    with pytest.raises(WrongUse, match="LibreOffice n’est pas installé"):
        CliRunner().invoke(app, ["install", "--libreoffice"], catch_exceptions=False)


def test_this_computer() -> None:
    around = here()
    assert around.python.is_file()
    assert around.home == Path.home()
    assert around.registry(r"HKCU\Software\Nothing here", "x") is None
