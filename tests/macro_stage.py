"""Plays VBA macros in LibreOffice: it reads a list of steps, opens each workbook, calls the macro and writes down what happened.

LibreOffice offers Excel's objects (`ActiveWorkbook`, `Workbooks`, `Application`) to macros that live in a document, so a starter in the
profile opens an empty workbook and puts the module into it. Its stand-ins for Windows run the recorded command line for real.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

STARTER = """Option Explicit
Sub Record(kind, text)
    Open Environ("STAGE") & "/record.txt" For Append As #1
    Print #1, kind & Chr(9) & Replace(text, Chr(10), Chr(1))
    Close #1
End Sub
Function Source(file)
    Dim reader
    reader = CreateUnoService("com.sun.star.io.TextInputStream")
    reader.setInputStream(CreateUnoService("com.sun.star.ucb.SimpleFileAccess").openFileRead(ConvertToURL(Environ("STAGE") & "/" & file)))
    reader.setEncoding("UTF-8")
    Source = reader.readString(Array(), False)
    reader.closeInput()
End Function
Sub Play(host, macro, url, touched)
    Dim book, seen, row, none()
    If url <> "" Then book = StarDesktop.loadComponentFromURL(url, "_blank", 0, none())
    If touched = "touched" Then book.Sheets(0).getCellByPosition(0, 0).String = "x"
    Record("step", macro)
    host.getScriptProvider().getScript("vnd.sun.star.script:Standard.XlbCommandes." & macro & _
        "?language=Basic&location=document").invoke(none(), none(), none())
    If url = "" Then Exit Sub
    seen = StarDesktop.CurrentComponent
    If seen.RuntimeUID <> book.RuntimeUID Then
        Record("active", seen.URL)
        For row = 0 To 30
            If seen.URL = "" Then Record("cell", seen.Sheets(0).getCellByPosition(0, row).String)
        Next
        seen.close(True)
    End If
    book.close(True)
End Sub
Sub Main
    On Error GoTo Failed
    Dim host, library, item, part, trust(0) As New com.sun.star.beans.PropertyValue
    trust(0).Name = "MacroExecutionMode"
    trust(0).Value = 4
    host = StarDesktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, trust())
    host.BasicLibraries.VBACompatibilityMode = True
    library = host.BasicLibraries.getByName("Standard")
    For Each item In Array("StandInShell", "StandIns", "XlbFiles", "XlbHost", "XlbCommandes")
        library.insertByName(item, Source(item & ".bas"))
    Next
    For Each item In Split(Source("steps.txt"), Chr(10))
        part = Split(item, Chr(9))
        Play(host, part(0), part(1), part(2))
    Next
    Record("end", "")
    StarDesktop.terminate()
    Exit Sub
Failed:
    Record("failed", Erl & " " & Error)
    StarDesktop.terminate()
End Sub
"""
STAND_INS = """Option VBASupport 1
Public Sub Record(ByVal kind As String, ByVal text As String)
    Dim out As Integer
    out = FreeFile
    Open Environ("STAGE") & "/record.txt" For Append As #out
    Print #out, kind & Chr(9) & Replace(text, Chr(10), Chr(1))
    Close #out
End Sub
Public Function StandIn(ByVal className As String) As Object
    If className = "WScript.Shell" Then Set StandIn = New StandInShell
End Function
"""
STAND_IN_SHELL = """Option VBASupport 1
Option ClassModule
Public CurrentDirectory As String
Public Function Run(ByVal commandLine As String, ByVal style As Long, ByVal wait As Boolean) As Long
    Dim answer As Integer, code As String
    Record "run", CurrentDirectory & Chr(2) & commandLine
    If Environ("STAGE_NO_PYTHON") <> "" Then Err.Raise 53
    Shell Environ("STAGE_RUNNER"), 0, Environ("STAGE"), True
    answer = FreeFile
    Open Environ("STAGE") & "/answer.txt" For Input As #answer
    Line Input #answer, code
    Close #answer
    Run = CLng(code)
End Function
Public Function ExpandEnvironmentStrings(ByVal text As String) As String
    ExpandEnvironmentStrings = Replace(text, "%TEMP%", Environ("TEMP"))
End Function
"""
RUNNER = """#!{python}
import subprocess, sys
from pathlib import Path
from typing import Any
sys.path.insert(0, {root!r})
from tests.macro_stage import arguments_of
stage = Path(sys.argv[1])
last = [line for line in (stage / "record.txt").read_text("utf-8").split("\\n") if line.startswith("run\\t")][-1]
program, *arguments = arguments_of(last.split("\\x02", 1)[1])
if program == "py":
    assert arguments.pop(0) == "-3"
    program = sys.executable
code = subprocess.run([program, *arguments], cwd=stage / "current").returncode
(stage / "answer.txt").write_text(f"{{code}}\\n")
"""
XBA = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">\n'
    '<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">{}</script:module>'
)


def arguments_of(command_line: str) -> list[str]:
    """A command line taken apart as a C program does on Windows, for one without a quotation mark inside an argument."""
    found = re.findall(r'"([^"]*)"|(\S+)', command_line)
    return [bare or re.sub(r"(\\+)$", lambda run: run[1][::2], quoted) for quoted, bare in found]


def play(
    stage: Path, modules: dict[str, str], steps: list[tuple[str, Path | None, str]], **environment: str
) -> list[list[tuple[str, str]]]:
    """What happened in each step (macro, workbook, "touched" or ""): pairs of kind (`say`, `run`, `active`, `cell`) and text."""
    for name, source in {"StandIns": STAND_INS, "StandInShell": STAND_IN_SHELL, **modules}.items():
        (stage / f"{name}.bas").write_text(source, encoding="utf-8")
    lines = [f"{macro}\t{path.as_uri() if path else ''}\t{touched}" for macro, path, touched in steps]
    (stage / "steps.txt").write_text("\n".join(lines), encoding="utf-8")
    (stage / "current").mkdir()
    (stage / "current" / "json.py").write_text("raise SystemExit('a module of the current folder was imported')")
    runner = script(stage / "runner", RUNNER.format(python=sys.executable, root=str(Path(__file__).parents[1])))
    run_office(stage, STARTER, STAGE_RUNNER=str(runner), TEMP=str(stage), SystemRoot=r"C:\Windows", **environment)
    return _steps((stage / "record.txt").read_text(encoding="utf-8"))


def script(path: Path, text: str) -> Path:
    """A program that a macro can start."""
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def run_office(stage: Path, starter: str, **environment: str) -> None:
    """Run `Main` of `starter`, a module of Basic, in an office with a profile of its own; it ends the office."""
    with office(stage, "macro:///Standard.Module1.Main", starter, **environment) as process:
        process.wait(90)


@contextmanager
def office(stage: Path, argument: str, starter: str = "", **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """An office started with `argument`, in a profile of its own that holds the module `starter`."""
    shutil.copytree(_new_profile(), stage / "profile")
    (stage / "profile/user/basic/Standard/Module1.xba").write_text(XBA.format(escape(starter)), encoding="utf-8")
    with program([*_office(stage / "profile"), argument], {"STAGE": str(stage), "HOME": str(stage), **environment}) as process:
        yield process


@contextmanager
def program(command: list[str], environment: Mapping[str, str], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A program in a process group of its own, ended with all that it has started. The settings of who runs the tests are out of sight."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("XLBRIDGE_")}
    process = subprocess.Popen(command, env={**own, **environment}, start_new_session=True, **options)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)


@cache
def _new_profile() -> Path:
    """A profile as the office makes it at its first start, which takes seconds."""
    profile = Path(tempfile.mkdtemp(prefix="office-")) / "profile"
    atexit.register(shutil.rmtree, profile.parent)
    subprocess.run([*_office(profile), "--terminate_after_init"], check=True, capture_output=True, timeout=200)
    return profile


def _office(profile: Path) -> list[str]:
    return ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"]


def _steps(record: str) -> list[list[tuple[str, str]]]:
    steps: list[list[tuple[str, str]]] = []
    *lines, end = [line.split("\t", 1) for line in record.removesuffix("\n").split("\n")]
    assert end[0] == "end", record
    for kind, text in lines:
        if kind == "step":
            steps.append([])
        else:
            steps[-1].append((kind, text.replace("\x01", "\n")))
    return steps
