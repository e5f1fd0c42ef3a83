"""The built workbook in LibreOffice: its buttons are bound, and each reaches Python, whose answer is said."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from macros.build import WORKBOOK, build
from tests.macro_stage import office, script
from xlbridge.desk.commands import COMMANDS
from xlbridge.desk.handover import Handover, handover

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed"),
    pytest.mark.skipif(not Path("/usr/lib/python3/dist-packages/uno.py").exists(), reason="python3-uno is not installed"),
    pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for Python is a script started by its first line"),
]
NAME = 'l\'été "A" $(touch x) `touch x` & 20 %\n😀.xlsm'
CLICKED = ("check", "issue", "help")  # the last does not start
ANSWER = "3 factures vérifiées : « rien à dire » 😀"
# The message box of an office without a screen closes at once; here its text is written down, and no Python is waited for so long.
SEAMS = {
    "XlbSay = MsgBox(message, buttons, XLB_TITLE)": """Dim out As Integer
    out = FreeFile
    Open Environ("STAGE") & "/said.txt" For Append As #out
    Print #out, Replace(message, Chr(10), "/")
    Close #out""",
    "XLB_SECONDS_TO_START As Long = 30": "XLB_SECONDS_TO_START As Long = 1",
}
# The client runs in the Python for which LibreOffice's own package is made; no macro of its own is running while a click is answered.
CLIENT_PYTHON = "/usr/bin/python3"
CLIENT = """
import json, os, sys, time
import uno
from com.sun.star.beans import PropertyValue

pipe, url, labels, said = sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), sys.argv[4]
local = uno.getComponentContext()
resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
for attempt in range(300):
    try:
        context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        break
    except Exception:
        if attempt == 299:
            raise
        time.sleep(0.1)
desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
trust = PropertyValue("MacroExecutionMode", 0, 4, 0)
book = desktop.loadComponentFromURL(url, "_blank", 0, (trust,))
forms = [form for sheet in book.Sheets for form in sheet.DrawPage.Forms]
bound = [(form.getByIndex(at).Label, form.getScriptEvents(at)[0].ScriptCode) for form in forms for at in range(form.Count)]
print(json.dumps(bound))
scripts = dict(bound)
for count, label in enumerate(labels, 1):
    book.getScriptProvider().getScript(scripts[label]).invoke((), (), ())
    deadline = time.monotonic() + 20
    while not (os.path.exists(said) and open(said, encoding="utf-8").read().count(chr(10)) >= count) and time.monotonic() < deadline:
        time.sleep(0.05)
book.close(True)
desktop.terminate()
"""
PYTHON = """#!{python}
import json, os, sys
stage = os.environ["STAGE"]
with open(stage + "/arguments.txt", "a") as out:
    out.write(json.dumps(sys.argv[1:]) + chr(10))
if "--host=libreoffice" in sys.argv and sys.argv[7] == "help":
    sys.exit(3)
arguments = [{desk!r} if argument == "xlbridge.desk" else argument for argument in sys.argv[1:] if argument != "-I"]
os.execve({python!r}, [{python!r}, *arguments], {{**os.environ, "PYTHONPATH": stage}})
"""


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workbook as it is built, with its message box replaced and a name that means something to shells."""
    from macros import build as builder

    text = builder.source("XlbHost")
    for ours, stand_in in SEAMS.items():
        assert text.count(ours) == 1
        text = text.replace(ours, stand_in)
    original = builder.source
    monkeypatch.setattr(builder, "source", lambda module: text if module == "XlbHost" else original(module))
    build(tmp_path / "built")
    return (tmp_path / "built" / WORKBOOK).rename(tmp_path / NAME)


def test_each_button_reaches_python_and_its_answer_is_said(book: Path, tmp_path: Path) -> None:
    (tmp_path / "desk_stand_in.py").write_text(f"print({ANSWER!r})\n", encoding="utf-8")
    python = script(tmp_path / "le python", PYTHON.format(python=sys.executable, desk="desk_stand_in"))
    pipe = f"xlbridge-test-{os.getpid()}"
    labels = [COMMANDS[word].label for word in CLICKED]
    with office(tmp_path, f"--accept=pipe,name={pipe};urp", XLBRIDGE_PYTHON=str(python)) as process:
        client = [CLIENT_PYTHON, "-c", CLIENT, pipe, book.as_uri(), json.dumps(labels), str(tmp_path / "said.txt")]
        answer = subprocess.run(client, capture_output=True, encoding="utf-8", timeout=90, check=False)
        assert answer.returncode == 0, answer.stderr
        process.wait(30)
    bound = "vnd.sun.star.script:VBAProject.XlbBoutons.{}?language=Basic&location=document"
    assert json.loads(answer.stdout) == [[command.label, bound.format(command.macro)] for command in COMMANDS.values()]
    said = (tmp_path / "said.txt").read_text("utf-8").splitlines()
    started = [json.loads(line) for line in (tmp_path / "arguments.txt").read_text().splitlines()]
    assert [arguments[:3] for arguments in started] == [["-I", "-B", "-c"]] * len(CLICKED)
    given = [handover(arguments[6:]) for arguments in started]
    assert given == [Handover(word, "libreoffice", NAME, str(tmp_path)) for word in CLICKED]
    assert said[:2] == [ANSWER, ANSWER]
    assert said[2].startswith(f"xlbridge n’a pas démarré ({python})")
    assert not list(tmp_path.glob(".xlbridge-*"))
    assert not (tmp_path / "x").exists()
