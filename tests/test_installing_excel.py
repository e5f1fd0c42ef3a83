"""Install and uninstall for Excel: the folders of Windows and macOS played on this system, with real files.

Excel itself cannot be here, nor the registry of Windows: its values are handed in.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macros.build import add_in, package
from tests.installing_stage import computer, tree
from xlbridge.errors import WrongUse
from xlbridge.installing import built
from xlbridge.installing.install import Put, perform, plan
from xlbridge.installing.record import read_record
from xlbridge.installing.settings import as_excel_reads, as_written, interpreter_key, value_of, with_lines, with_values
from xlbridge.installing.surroundings import Surroundings, System, settings_file, startup_folder
from xlbridge.installing.uninstall import uninstall

MAC_START = "Users/Zoé/Library/Group Containers/UBF8T346G9.Office/User Content.localized/Startup.localized/Excel"
MAC_SCRIPTS = "Users/Zoé/Library/Application Scripts/com.microsoft.Excel"
PLACES: dict[System, list[str]] = {
    "windows": ["Users/Zoé/Roaming/Microsoft/Excel/XLSTART/xlbridge.xlam", "Users/Zoé/.xlwings/xlwings.conf"],
    "mac": [
        f"{MAC_START}/xlbridge.xlam",
        f"{MAC_SCRIPTS}/xlbridge.applescript",
        "Users/Zoé/Library/Containers/com.microsoft.Excel/Data/xlwings.conf",
    ],
}
OTHERS = b'"LOG FILE",""\r\n"Interpreter_Win","C:\\autre\\caf\xe9\\python.exe"\r\n"PYTHONPATH","C:\\x\x85y"'
systems = pytest.mark.parametrize("system", ["windows", "mac"])


def installed(around: Surroundings) -> list[str]:
    planned = plan(around)
    perform(around, planned)
    return [step.says for step in planned.steps]


@systems
def test_install_writes_these_files_and_uninstall_leaves_none(system: System, tmp_path: Path) -> None:
    around = computer(tmp_path, system)
    before = tree(tmp_path)
    assert len(installed(around)) == len(PLACES[system])
    files = {name for name, content in tree(tmp_path).items() if content is not None and "données" not in name}
    assert files == set(PLACES[system])
    assert (startup_folder(around) / "xlbridge.xlam").read_bytes() == package(add_in())
    assert settings_file(around).read_text("ascii").splitlines() == [
        f'"{interpreter_key(around)}","{around.python}"',
        '"ADD_WORKBOOK_TO_PYTHONPATH","False"',
    ]
    said = uninstall(around)
    assert len(said) == len(PLACES[system])
    assert all("supprimé" in sentence for sentence in said)
    assert tree(tmp_path) == before
    assert uninstall(around) == ["Rien à défaire : « xlbridge install » n’a rien écrit pour cet utilisateur."]


@pytest.mark.parametrize("others", [OTHERS, OTHERS + b"\r\n", b"", b"\n", b'"ADD_WORKBOOK_TO_PYTHONPATH","True"\n'])
@pytest.mark.parametrize("times", [1, 2])
def test_what_was_there_comes_back_byte_for_byte(others: bytes, times: int, tmp_path: Path) -> None:
    around = computer(tmp_path, "windows")
    settings_file(around).parent.mkdir(parents=True)
    settings_file(around).write_bytes(others)
    startup_folder(around).mkdir(parents=True)
    (startup_folder(around) / "xlbridge.xlam").write_bytes(b"that of the user")
    before = tree(tmp_path)
    for _time in range(times):
        said = installed(around)
    written = settings_file(around).read_bytes()
    assert written.count(b"INTERPRETER_WIN") + written.count(b"Interpreter_Win") == 1
    assert [line for line in others.splitlines() if b"LOG" in line or b"PYTHONPATH" in line[:12]] == [
        line for line in written.splitlines() if b"LOG" in line or b'"PYTHONPATH"' in line
    ]
    if times == 1 and others.startswith(OTHERS):
        assert "INTERPRETER_WIN désignait C:\\autre\\caf" in said[-1]
    uninstall(around)
    assert tree(tmp_path) == before


def test_what_the_user_changed_meanwhile_is_kept(tmp_path: Path) -> None:
    around = computer(tmp_path, "windows")
    installed(around)
    file = settings_file(around)
    file.write_bytes(file.read_bytes().replace(str(around.python).encode(), b"C:\\mine.exe") + b'"LOG FILE","a"\n')
    (startup_folder(around) / "xlbridge.xlam").write_bytes(b"mine")
    said = uninstall(around)
    assert "a été changé depuis et reste tel quel" in "".join(said)
    assert (startup_folder(around) / "xlbridge.xlam").read_bytes() == b"mine"
    assert file.read_bytes() == b'"INTERPRETER_WIN","C:\\mine.exe"\r\n"LOG FILE","a"\n'


def test_an_installation_that_is_refused_halfway_can_be_undone(tmp_path: Path) -> None:
    around = computer(tmp_path, "windows")
    before = tree(tmp_path)
    around.home.mkdir(parents=True)
    (around.home / ".xlwings").write_text("a file where a folder is needed")
    with pytest.raises(WrongUse, match=r"xlwings.conf.*n’a pas pu être écrit.*Fermez Excel"):
        installed(around)
    assert (startup_folder(around) / "xlbridge.xlam").exists()
    (around.home / ".xlwings").unlink()
    uninstall(around)
    around.home.rmdir()
    around.home.parent.rmdir()
    assert tree(tmp_path) == before


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    around = computer(tmp_path, "windows")
    around.home.mkdir(parents=True)
    around.data.parent.write_text("a file where a folder is needed")
    with pytest.raises(WrongUse, match=r"n’a pas pu être écrit.*données"):
        installed(around)
    assert not startup_folder(around).exists()


@pytest.mark.parametrize(("system", "end"), [("windows", b"\r\n"), ("mac", b"\n")])
def test_new_settings_have_the_line_ends_of_the_system(system: System, end: bytes, tmp_path: Path) -> None:
    """Excel for Windows knows no line that ends in a line feed alone."""
    around = computer(tmp_path, system)
    installed(around)
    assert settings_file(around).read_bytes().count(end) == settings_file(around).read_bytes().count(b"\n") == 2


def test_nothing_is_written_by_a_plan(tmp_path: Path) -> None:
    around = computer(tmp_path, "windows")
    before = tree(tmp_path)
    assert all(isinstance(step, Put) and str(around.home) in str(step.path) for step in plan(around).steps)
    assert tree(tmp_path) == before


def test_the_record_says_what_was_written(tmp_path: Path) -> None:
    around = computer(tmp_path, "mac")
    installed(around)
    record = read_record(around)
    assert [Path(entry.path).name for entry in record.files] == ["xlbridge.xlam", "xlbridge.applescript", "xlwings.conf"]
    assert json.loads((around.data / "installation" / "installation.json").read_text("utf-8"))["extension"] is None


def test_without_excel_or_libreoffice_it_says_what_to_install(tmp_path: Path) -> None:
    around = computer(tmp_path, "windows", excel=False)
    with pytest.raises(WrongUse, match=r"Excel n’est pas installé.*LibreOffice n’est pas installé.*7\.2") as refused:
        plan(around)
    assert "Installez" in refused.value.remedy
    with pytest.raises(WrongUse, match=r"^LibreOffice n’est pas installé"):
        plan(around, libreoffice=True)


@pytest.mark.skipif(os.name == "nt", reason="plays the folder of LibreOffice on Linux")
def test_root_is_sent_back_to_be_a_user(tmp_path: Path) -> None:
    (tmp_path / "usr/lib/libreoffice/program").mkdir(parents=True)
    (tmp_path / "usr/lib/libreoffice/program/unopkg").touch()
    with pytest.raises(WrongUse, match=r"administrateur \(root\).*sans sudo"):
        plan(replace(computer(tmp_path, "linux", excel=False), is_root=True))


def test_an_incomplete_package_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(built, "_SHIPPED", tmp_path)
    monkeypatch.setitem(sys.modules, "macros", None)
    for part in (built.add_in, built.script, lambda: built.extension(tmp_path)):
        with pytest.raises(WrongUse, match=r"Il manque xlbridge\.\w+ à cette installation.*Réinstallez"):
            part()


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"'), max_size=40).filter(lambda text: "&#" not in text))
@settings(max_examples=60)
def test_a_path_is_written_as_the_macros_read_it(path: str) -> None:
    for system in ("windows", "mac"):
        around = computer(Path("/nowhere"), system, excel=False)  # type: ignore[arg-type]
        text = with_values("", {"INTERPRETER_WIN": as_excel_reads(path, around)})
        assert as_written(value_of(text, "INTERPRETER_WIN") or "") == path


@given(st.lists(st.sampled_from(['"A","1"\n', '"b","2"\r\n', '"A", "3"\n', "junk\n", '"C","4"']), max_size=6))
def test_setting_a_key_changes_no_other_line(rows: list[str]) -> None:
    text = "".join(row if row.endswith("\n") else row + "\n" for row in rows)
    after = with_values(text, {"A": "x"})
    assert value_of(after, "a") == "x"
    assert with_lines(after, "A", []) == with_lines(text, "A", [])
