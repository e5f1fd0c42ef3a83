"""The built workbook in LibreOffice: its buttons are bound, and each reaches Python through the extension, for that very workbook."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from macros import build as builder
from macros.build import WORKBOOK, build
from tests.calc_stage import Office, needs_calc
from tests.extension_stage import add_extension, built_extension, child, lines, said, stage_office
from xlbridge.desk.commands import COMMANDS
from xlbridge.desk.handover import Handover, handover

pytestmark = [
    pytest.mark.slow,
    needs_calc,
    pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for Python is a script started by its first line"),
]
NAME = 'l\'été "A" $(touch x) `touch x` & 20 %\n😀.xlsm'
ALWAYS = 4  # com.sun.star.document.MacroExecMode.ALWAYS_EXECUTE_NO_WARN
# The message box of an office without a screen closes at once; here its text is written down.
SAY = "XlbSay = MsgBox(message, buttons, XLB_TITLE)"
WRITTEN_DOWN = """Dim out As Integer
    out = FreeFile
    Open Environ("STAGE") & "/said by the macro.txt" For Append As #out
    Print #out, message
    Close #out"""


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workbook as it is built, with its message box replaced and a name that means something to shells."""
    text, original = builder.source("XlbHost"), builder.source
    assert text.count(SAY) == 1
    text = text.replace(SAY, WRITTEN_DOWN)
    monkeypatch.setattr(builder, "source", lambda module: text if module == "XlbHost" else original(module))
    build(tmp_path / "built")
    return (tmp_path / "built" / WORKBOOK).rename(tmp_path / NAME)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Office]:
    with stage_office(tmp_path) as office:
        yield office


def buttons(document: Any) -> list[tuple[str, str]]:
    """Label and macro of every button in the sheets."""
    forms = [form for sheet in document.Sheets for form in sheet.DrawPage.Forms]
    return [(form.getByIndex(at).Label, form.getScriptEvents(at)[0].ScriptCode) for form in forms for at in range(form.Count)]


def test_each_button_reaches_python_for_its_own_workbook(running: Office, book: Path, tmp_path: Path) -> None:
    document = running.open(book, MacroExecutionMode=ALWAYS)
    bound = "vnd.sun.star.script:VBAProject.XlbBoutons.{}?language=Basic&location=document"
    assert buttons(document) == [(command.label, bound.format(command.macro)) for command in COMMANDS.values()]
    scripts = [document.getScriptProvider().getScript(macro) for _label, macro in buttons(document)]

    scripts[0].invoke((), (), ())
    told = (tmp_path / "said by the macro.txt").read_text("utf-8")
    assert told.startswith("L’extension de xlbridge n’est pas dans LibreOffice.")
    assert "« xlbridge install --libreoffice »" in told

    add_extension(running, built_extension(tmp_path, child(tmp_path / "le python", 'end(word + " : fini 😀")')))
    running.new()  # is now the one in front
    for count, (script, word) in enumerate(zip(scripts, COMMANDS, strict=True), 1):
        script.invoke((), (), ())
        assert said(tmp_path, count)[-1] == (f"{word} : fini 😀", 0)
    started = lines(tmp_path / "started.txt")
    assert [handover(arguments[6:]) for arguments in started] == [Handover(word, "libreoffice", NAME, str(tmp_path)) for word in COMMANDS]
    assert not list(tmp_path.rglob("x"))
