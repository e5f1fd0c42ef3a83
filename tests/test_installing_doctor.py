"""The doctor: each trouble made for real in the folders of Windows or macOS, played on this system; the registry's values are handed in."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.installing_stage import computer
from tests.macro_stage import script
from xlbridge import __version__
from xlbridge.errors import ExitCode, WrongUse
from xlbridge.installing.checks import Check
from xlbridge.installing.doctor import as_json, examine, exit_code
from xlbridge.installing.excel_checks import SECURITY
from xlbridge.installing.install import perform, plan
from xlbridge.installing.settings import interpreter_key, with_values
from xlbridge.installing.surroundings import Surroundings, System, script_folder, settings_file, startup_folder

systems = pytest.mark.parametrize("system", ["windows", "mac"])
POLICY, CHOICE = rf"HKCU\Software\Policies\{SECURITY}", rf"HKCU\Software\{SECURITY}"
BLOCKED = "[ZoneTransfer]\nZoneId=3\nReferrerUrl=https://exemple.fr/\n"


def installed(folder: Path, system: System = "windows", registry: dict[tuple[str, str], str | int] | None = None) -> Surroundings:
    around = computer(folder, system, registry=registry)
    perform(around, plan(around))
    return around


def found(around: Surroundings, name: str, workbook: str | None = None) -> Check:
    return next(check for check in examine(around, workbook) if check.name == name)


def set_python(around: Surroundings, python: str) -> None:
    settings_file(around).write_text(with_values(settings_file(around).read_text(), {interpreter_key(around): python}))


@systems
def test_after_install_all_is_well(system: System, tmp_path: Path) -> None:
    checks = examine(installed(tmp_path, system))
    assert {check.name: check.verdict for check in checks if check.verdict != "ok"} == {"Extension de LibreOffice": "not_applicable"}
    assert exit_code(checks) == ExitCode.OK
    assert ("Macros permises" in {check.name for check in checks}) == (system == "windows")


@systems
def test_before_install_everything_of_ours_is_missing_and_install_is_the_remedy(system: System, tmp_path: Path) -> None:
    checks = examine(computer(tmp_path, system))
    missing = [check for check in checks if check.verdict == "problem"]
    assert [check.name for check in missing] == [
        "Complément d’Excel",
        *(["Script d’Excel pour Mac"] if system == "mac" else []),
        "Python d’Excel",
    ]
    assert all("xlbridge install" in check.remedy for check in missing)
    assert exit_code(checks) == ExitCode.BLOCKING_FINDINGS


def test_without_excel_its_checks_do_not_apply(tmp_path: Path) -> None:
    for system in ("windows", "linux"):
        checks = examine(computer(tmp_path, system, excel=False))  # type: ignore[arg-type]
        assert [check.verdict for check in checks] == ["ok", "not_applicable", "not_applicable", "ok"]


def test_an_add_in_of_another_version(tmp_path: Path) -> None:
    around = installed(tmp_path)
    (startup_folder(around) / "xlbridge.xlam").write_bytes(b"older")
    check = found(around, "Complément d’Excel")
    assert (check.verdict, f"n’est pas celui de xlbridge {__version__}" in check.found) == ("problem", True)


def test_a_script_of_another_version(tmp_path: Path) -> None:
    around = installed(tmp_path, "mac")
    (script_folder(around) / "xlbridge.applescript").write_bytes(b"older")
    assert found(around, "Script d’Excel pour Mac").verdict == "problem"


@pytest.mark.skipif(os.name == "nt", reason="a colon in a file's name")
def test_a_blocked_add_in_and_a_blocked_workbook(tmp_path: Path) -> None:
    """Where a name may hold a colon, the stream that Windows adds to a file is a file of that name."""
    around = installed(tmp_path)
    Path(f"{startup_folder(around) / 'xlbridge.xlam'}:Zone.Identifier").write_text(BLOCKED)
    assert "bloqué comme fichier téléchargé" in found(around, "Complément d’Excel").found
    book = tmp_path / "facturier.xlsm"
    book.touch()
    assert "Fichier téléchargé" not in {check.name for check in examine(around, str(book))}
    for zone, blocked in ((2, False), (3, True)):
        Path(f"{book}:Zone.Identifier").write_text(BLOCKED.replace("3", str(zone), 1))
        checks = {check.name: check for check in examine(around, str(book))}
        assert ("Fichier téléchargé" in checks) == blocked
    assert "« Débloquer »" in checks["Fichier téléchargé"].remedy


@pytest.mark.parametrize(
    ("registry", "verdict", "who"),
    [
        ({(CHOICE, "VBAWarnings"): 4}, "problem", "vos réglages"),
        ({(POLICY, "VBAWarnings"): 3, (CHOICE, "VBAWarnings"): 1}, "problem", "l’administrateur"),
        ({(POLICY, "VBAWarnings"): 2, (CHOICE, "VBAWarnings"): 4}, "ok", ""),
        ({(CHOICE, "VBAWarnings"): 1}, "ok", ""),
    ],
)
def test_macros_that_are_not_let_run(registry: dict[tuple[str, str], str | int], verdict: str, who: str, tmp_path: Path) -> None:
    check = found(installed(tmp_path, registry=registry), "Macros permises")
    assert (check.verdict, who in check.found) == (verdict, True)
    assert (verdict == "problem") == ("Centre de gestion de la confidentialité" in check.remedy)


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for another Python is a script started by its first line")
def test_the_python_that_excel_starts(tmp_path: Path) -> None:
    around = installed(tmp_path)
    for python, said in (
        (tmp_path / "gone.exe", "qui n’existe pas"),
        (script(tmp_path / "bare", "#!/bin/sh\nexit 1\n"), "n’a pas xlbridge"),
        (script(tmp_path / "old", "#!/bin/sh\necho 0.0.1\n"), f"a xlbridge 0.0.1, et non {__version__}"),
        (script(tmp_path / "broken", "no program"), "n’a pas xlbridge"),
    ):
        set_python(around, str(python))
        check = found(around, "Python d’Excel")
        assert (check.verdict, said in check.found, str(python) in check.found) == ("problem", True, True), check
    chosen = computer(tmp_path / "other", "windows", XLBRIDGE_PYTHON=sys.executable)
    assert found(chosen, "Python d’Excel").verdict == "ok"


def test_modules_beside_workbooks(tmp_path: Path) -> None:
    around = installed(tmp_path)
    file = settings_file(around)
    file.write_text(file.read_text().replace("False", "True"))
    assert found(around, "Modules à côté des classeurs").verdict == "warning"


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for another Python is a script started by its first line")
def test_xlwings_that_the_python_of_excel_has_not(tmp_path: Path) -> None:
    bare = script(tmp_path / "bare", f"#!/bin/sh\ncase $3 in *xlwings*) exit 1;; esac\necho {__version__}\n")
    around = installed(tmp_path)
    assert found(around, "xlwings").verdict == "ok"
    set_python(around, str(bare))
    assert found(around, "Python d’Excel").verdict == "ok"
    check = found(around, "xlwings")
    assert (check.verdict, str(bare) in check.remedy) == ("problem", True)


@pytest.mark.skipif(os.name == "nt", reason="a Python without an environment of its own, started with a path to the packages")
def test_packages_that_a_terminal_sees_and_a_button_does_not(tmp_path: Path) -> None:
    """What « pip install --user » and PYTHONPATH bring is left aside by the buttons (`python -I`)."""
    bare = Path(sys.base_prefix) / "bin" / "python3"
    around = replace(computer(tmp_path, "windows"), python=bare)
    (check,) = [check for check in examine(around) if check.name == "xlbridge"]
    assert (check.verdict, "pip install --user" in check.found, "python -m venv" in check.remedy) == ("problem", True, True)
    with pytest.raises(WrongUse, match="Lancé par un bouton"):
        plan(around)


def test_python_of_the_microsoft_store(tmp_path: Path) -> None:
    """Windows keeps what it writes in a folder of its own, where Excel does not look."""
    base = r"C:\Program Files\WindowsApps\PythonSoftwareFoundation.Python.3.11_3.11.2544.0_x64__qbz5n2kfra8p0"
    around = replace(computer(tmp_path, "windows"), base=Path(base))
    check = found(around, "xlbridge")
    assert (check.verdict, "Microsoft Store" in check.found, "python.org" in check.remedy) == ("problem", True, True)
    with pytest.raises(WrongUse, match="Microsoft Store"):
        plan(around)
    assert not around.home.exists()


@pytest.mark.parametrize(
    ("place", "verdict", "said"),
    [
        ("Documents", "ok", ""),
        ("OneDrive - Cabinet", "warning", "OneDrive"),
        ("Dropbox", "warning", "Dropbox"),
    ],
)
def test_where_the_workbook_lies(place: str, verdict: str, said: str, tmp_path: Path) -> None:
    book = tmp_path / place / "facturier.xlsm"
    book.parent.mkdir()
    book.touch()
    check = found(computer(tmp_path / "disk", "windows"), "Dossier du classeur", str(book))
    assert (check.verdict, said in check.found) == (verdict, True)


def test_a_workbook_of_the_internet_and_one_that_is_not_there(tmp_path: Path) -> None:
    around = computer(tmp_path, "windows")
    online = found(around, "Classeur", "https://contoso.sharepoint.com/facturier.xlsm")
    assert (online.verdict, "SharePoint" in online.found) == ("problem", True)
    assert "n’existe pas" in found(around, "Classeur", str(tmp_path / "rien.xlsm")).found


def test_a_network_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xlbridge.ledger.places.on_network", lambda path: True)
    book = tmp_path / "facturier.xlsm"
    book.touch()
    checks = {check.name: check for check in examine(computer(tmp_path / "disk", "windows"), str(book))}
    assert checks["Dossier du classeur"].verdict == "warning"
    assert (checks["Place du registre"].verdict, "réseau" in checks["Place du registre"].found) == ("problem", True)


def test_where_the_ledger_would_lie(tmp_path: Path) -> None:
    assert (
        found(computer(tmp_path, "windows", XLBRIDGE_LEDGER="postgresql://serveur/registre"), "Place du registre").verdict
        == "not_applicable"
    )
    synchronised = found(computer(tmp_path, "windows", XLBRIDGE_LEDGER=str(tmp_path / "Dropbox" / "r.sqlite")), "Place du registre")
    assert (synchronised.verdict, "Dropbox" in synchronised.found) == ("problem", True)
    assert tmp_path in Path(found(computer(tmp_path, "windows"), "Place du registre").found).parents


def test_a_ledger_place_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    assert "Rien ne peut être écrit" in found(computer(tmp_path, "windows"), "Place du registre").found


def test_a_ledger_on_a_disk_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows no folder above a file is there when its disk is not."""
    monkeypatch.setattr("pathlib.Path.is_dir", lambda path: False)
    check = found(computer(tmp_path, "windows"), "Place du registre")
    assert (check.verdict, "n’est pas là" in check.found) == ("problem", True)


def test_what_could_not_be_found_out_is_no_pass(tmp_path: Path) -> None:
    unknown = Check("x", "not_checked", "?")
    assert exit_code([unknown]) == ExitCode.NOT_CHECKED
    assert exit_code([unknown, Check("y", "problem", "!")]) == ExitCode.BLOCKING_FINDINGS
    assert json.dumps(as_json([unknown])) == json.dumps(
        {"version": __version__, "checks": [{"name": "x", "verdict": "not_checked", "found": "?", "remedy": ""}]}
    )
