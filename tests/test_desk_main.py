"""The program that a button starts: what it says to LibreOffice, and what it does not let in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from xlbridge.desk.__main__ import main
from xlbridge.workbook.calc import code

START = [sys.executable, "-I", "-B", "-X", "utf8", "-m", "xlbridge.desk"]
CODE = code()
WHICH = ["--wb=a_002Exlsx", "--folder=_002F"]


def talk(folder: Path, word: str, start: list[str] = START, version: int = CODE) -> tuple[list[str], dict[str, object], int]:
    """What a command asks of the office, what it ends with, and its code; the office answers only what needs no document."""
    command = [*start, word, "--host=libreoffice", *WHICH]
    asked = []
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line in process.stdout:
            request = json.loads(line)
            if "end" in request:
                process.stdin.close()
                return asked, request["end"], process.wait(20)
            asked.append(request["do"])
            done = {"done": {"name": "été « 1 ».xlsx", "path": None, "code": version} if request["do"] == "place" else None}
            refused = {"refused": "Le classeur a été fermé entre-temps."}
            process.stdin.write(json.dumps(refused if request["do"] == "sheets" else done) + "\n")
            process.stdin.flush()
    raise AssertionError(f"no end: {asked}")


def test_a_module_beside_the_workbook_is_not_imported(tmp_path: Path) -> None:
    for name in ("json", "xlbridge", "decimal", "pydantic"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported')")
    asked, end, ended = talk(tmp_path, "help")
    assert asked == ["place", "begin", "end"]
    assert (end["code"], ended) == (0, 0)
    assert "xlbridge" in str(end["text"])
    assert Path(str(end["open"])).is_file()


def test_what_a_library_prints_is_no_line_of_the_conversation(tmp_path: Path) -> None:
    program = (
        "import os\nfrom xlbridge.desk import helping, __main__ as desk\n"
        "helping.guide = lambda: (os.write(1, b'noise'), print('noise'), '')[2]\ndesk.main()"
    )
    _, end, ended = talk(tmp_path, "help", start=[sys.executable, "-I", "-B", "-X", "utf8", "-c", program])
    assert (end["code"], ended) == (0, 0)


def test_what_the_office_refuses_is_said_and_ends_the_command(tmp_path: Path) -> None:
    asked, end, ended = talk(tmp_path, "check")
    assert asked == ["place", "begin", "sheets", "end"]
    assert str(end["text"]).startswith("Le classeur a été fermé entre-temps.")
    assert end["code"] == ended == 2


def test_an_extension_of_another_version_is_named(tmp_path: Path) -> None:
    asked, end, answer = talk(tmp_path, "issue", version=CODE + 1)
    assert asked == ["place"]
    assert "n’est pas de la même version" in str(end["text"])
    assert answer == 2


def test_a_word_that_no_button_has_is_refused(tmp_path: Path) -> None:
    _, end, ended = talk(tmp_path, "format-c")
    assert "n’est pas une commande" in str(end["text"])
    assert ended == 2


def test_it_is_not_called_by_hand(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["xlbridge.desk", "check"])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    assert "pas à la main" in capsys.readouterr().out
