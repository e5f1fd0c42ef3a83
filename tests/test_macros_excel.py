"""The branches of the macros for Excel on Windows and Mac, interpreted; the command line for Windows is then run by this Python.

Excel cannot be here: stand-ins answer for `WScript.Shell`, AppleScript, the timer, the environment and the file system.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyopenvba.apps.excel import ExcelApplication

from macros.build import source
from tests.macro_stage import arguments_of
from xlbridge.desk.commands import COMMANDS
from xlbridge.desk.handover import Handover, coded, decoded, handover

PYTHON = r"C:\Mes outils\python.exe"
NAMES = [
    "l'été.xlsm",
    'dit "A".xlsm',
    "$(touch x) `touch x` & %TEMP%.xlsm",
    "deux\nlignes\t.xlsm",
    "=cmd|'/C calc'!A0.xlsm",
    "Ωμέγα 20 %.xlsm",
]
CONFIGURED = f'"ADD_WORKBOOK_TO_PYTHONPATH","False"\n"INTERPRETER_WIN","{PYTHON}"\n'
CRITICAL, EXCLAMATION, INFORMATION = 16, 48, 64
YES, NO = 6, 7
STAND_INS = """
Public Commands As String
Public Settings As String
Public Log As String
Public ExitCode As Long
Public Variable As String
Public Status As String
Public Function CreateObject(ByVal className As String) As Object
    If ExitCode = 429 Then Err.Raise 429
    Set CreateObject = New StandInShell
End Function
Public Function Environ(ByVal name As String) As String
    If name = "XLBRIDGE_PYTHON" Then Environ = Variable
    If name = "USERPROFILE" Then Environ = "C:\\Users\\Zoe"
    If name = "TEMP" Then Environ = "C:\\Temp"
    If name = "SystemRoot" Then Environ = "C:\\Windows"
End Function
Public Function XlbIsFile(ByVal file As String) As Boolean
    If InStr(file, ".xlbridge-") = 0 Then XlbIsFile = Right(file, 11) = "\\python.exe"
    If InStr(file, ".xlbridge-") > 0 Then XlbIsFile = Log <> "" And (Right(file, 5) = ".part") = (InStr(Log, "exit ") = 0)
End Function
Public Function XlbTextOf(ByVal file As String) As String
    XlbTextOf = Settings
End Function
Public Function XlbTakenFrom(ByVal file As String) As String
    XlbTakenFrom = Log
End Function
Public Sub AppleScriptTask(ByVal file As String, ByVal handler As String, ByVal parameter As String)
    If ExitCode = 5 Then Err.Raise 5
    Commands = file & vbCr & handler & vbCr & parameter
End Sub
Public Sub Later(ByVal time As Date, ByVal macro As String)
    Status = macro
End Sub
Public Function Heard(ByVal what As String) As String
    If what = "command" Then Heard = Commands
    If what = "status" Then Heard = Status
End Function
Public Sub Say(ByVal setting As String, ByVal pythonLog As String, ByVal code As Long, ByVal pythonVariable As String)
    Settings = setting
    Log = pythonLog
    ExitCode = code
    Variable = pythonVariable
    Commands = ""
End Sub
Public Sub Click(ByVal word As String)
    Dim control As New StandInControl
    control.Tag = word
    XlbOnAction control
End Sub
Public Sub Start(ByVal word As String, ByVal name As String, ByVal path As String)
    Dim book As New StandInBook
    book.Name = name
    book.Path = path
    XlbStart word, book
End Sub
"""
SHELL = """
Private folder As String
Public Property Get CurrentDirectory() As String
    If folder = "" Then folder = "Z:\\parti"
    CurrentDirectory = folder
End Property
Public Property Let CurrentDirectory(ByVal chosen As String)
    If chosen = "Z:\\parti" Then Err.Raise 76
    folder = chosen
End Property
Public Function Run(ByVal commandLine As String, ByVal style As Long, ByVal wait As Boolean) As Long
    Commands = CurrentDirectory & vbCr & commandLine
    Status = Application.StatusBar
    If ExitCode = 53 Then Err.Raise 53
    Run = ExitCode
End Function
Public Function ExpandEnvironmentStrings(ByVal text As String) As String
    ExpandEnvironmentStrings = Replace(text, "%TEMP%", "C:\\Temp")
End Function
"""
HOST = """
Public Property Get Path() As String
    Path = "C:\\Program Files\\Office"
End Property
Public Property Get Name() As String
    Name = "Microsoft Excel"
End Property
Public Property Get Hwnd() As Long
    Hwnd = 1234
End Property
"""


def interpreted(host: str) -> Any:
    """An Excel that has the add-in's modules, with `host` in the place of XlbHost."""
    application = ExcelApplication()
    application.add_workbook()
    host = host.replace("Application.PathSeparator", '"\\"')
    assert host.count("Set host = Application ") == 1
    application.add_module(host.replace("Set host = Application ", "Set host = New StandInHost "), name="XlbHost")
    application.add_module(source("XlbRuban"), name="XlbRuban")
    application.add_module(STAND_INS, name="StandIns")
    application.add_module(SHELL, name="StandInShell", kind="class")
    application.add_module("Public Tag As String\n", name="StandInControl", kind="class")
    application.add_module("Public Name As String\nPublic Path As String\n", name="StandInBook", kind="class")
    application.add_module(HOST, name="StandInHost", kind="class")
    return application


@pytest.fixture(scope="module")
def excel() -> Any:
    return interpreted(source("XlbHost"))


@pytest.fixture
def mac() -> Any:
    return interpreted(on_a_mac(source("XlbHost")))


def on_a_mac(host: str) -> str:
    """XlbHost with the branches of Excel for Mac."""
    for ours, stand_in in (
        ('XlbPlatform = "windows"', 'XlbPlatform = "mac"'),
        ("#If Mac Then\r\n    AppleScriptTask", "#If VBA7 Then\r\n    AppleScriptTask"),
        ("Application.OnTime ", "Later "),
    ):
        assert host.count(ours) == 1, ours
        host = host.replace(ours, stand_in)
    return host


def clicked(excel: Any, *, log: str, code: int = 0, settings: str = "", variable: str = "", word: str = "check") -> tuple[str, int]:
    """What the user is told after a click in the ribbon, and with which icon, when Python writes `log` and answers `code`."""
    excel.dialogs.clear()
    excel.run("Say", settings, log, code, variable)
    excel.run("Click", word)
    ((_kind, message, title, icon),) = excel.dialogs
    assert title == "xlbridge"
    return message, icon


def command(excel: Any) -> tuple[str, list[str]]:
    """The folder in which Windows was told to start, and the arguments of the command line."""
    folder, _, line = excel.run("Heard", "command").partition("\r")
    return folder, arguments_of(line)


@pytest.mark.parametrize("word", COMMANDS)
def test_every_button_of_the_ribbon_hands_over_its_word_and_the_workbook(excel: Any, word: str) -> None:
    assert clicked(excel, log="Terminé.\n\nexit 0\n", settings=CONFIGURED, word=word) == ("Terminé.", INFORMATION)
    folder, arguments = command(excel)
    assert folder == r"C:\Windows"
    assert arguments[:4] == [PYTHON, "-I", "-B", "-c"]
    assert re.fullmatch(r"C:\\Temp\\\.xlbridge-\d+-\d+\.txt", arguments[5])
    assert arguments[6] == "xlbridge.desk"
    given = handover(arguments[7:])
    assert (given.word, given.host, given.name, given.window) == (word, "windows", "Book1", 1234)
    assert given.application == r"C:\Program Files\Office\Microsoft Excel"
    assert "--from_xl=1" in arguments
    assert excel.run("Heard", "status") == "xlbridge travaille…"


@pytest.mark.parametrize("name", NAMES)
def test_a_workbook_name_is_inert(excel: Any, name: str) -> None:
    excel.run("Say", CONFIGURED, "exit 0\n", 0, "")
    excel.run("Start", "issue", name, "C:\\" + name)
    _folder, arguments = command(excel)
    assert (handover(arguments[7:]).name, handover(arguments[7:]).folder) == (name, "C:\\" + name)
    assert re.fullmatch(r"[\w=. -]*", " ".join(arguments[6:]), re.ASCII)


@given(st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=30))
@settings(max_examples=40)
def test_names_are_coded_as_python_does(excel: Any, text: str) -> None:
    assert excel.run("XlbCoded", text) == coded(text)
    assert decoded(coded(text)) == text


def test_where_the_sheet_shows_all_nothing_is_said(excel: Any) -> None:
    excel.dialogs.clear()
    excel.run("Say", CONFIGURED, "\nexit 0\n", 0, "")
    excel.run("Click", "next")
    assert excel.dialogs == []


@pytest.mark.parametrize(
    ("log", "code", "message", "icon"),
    [
        ("2 constats.\n\nexit 1\n", 1, "2 constats.", EXCLAMATION),
        ("Le registre est abîmé.\n\nexit 4\n", 4, "Le registre est abîmé.", EXCLAMATION),
        ("Traceback\nValueError: x\n\nexit 70\n", 70, "xlbridge s’est arrêté (code 70)", CRITICAL),
        ("ModuleNotFoundError: No module named 'xlbridge'\n\nexit 70\n", 70, f"xlbridge n’a pas démarré ({PYTHON}, code 70)", EXCLAMATION),
        ("Émission…\n", -1073741819, "xlbridge s’est arrêté (code -1073741819). Rien de plus", CRITICAL),
        ("", 103, f"xlbridge n’a pas démarré ({PYTHON}, code 103)", EXCLAMATION),
        ("", 53, f"xlbridge n’a pas démarré ({PYTHON})", EXCLAMATION),
    ],
)
def test_the_end_is_said(excel: Any, log: str, code: int, message: str, icon: int) -> None:
    said, shown = clicked(excel, log=log, code=code, settings=CONFIGURED)
    assert (said[: len(message)], shown) == (message, icon)
    if said != message:
        assert "xlbridge doctor" in said
        assert log.partition("\n\nexit")[0] in said


def test_an_excel_that_may_start_nothing_is_told(excel: Any) -> None:
    said, shown = clicked(excel, log="exit 0\n", code=429, settings=CONFIGURED)
    assert (said.startswith("Cet ordinateur ne laisse pas Excel lancer un programme"), shown) == (True, EXCLAMATION)


def test_which_python(excel: Any) -> None:
    chosen = r"D:\autre\python.exe"
    clicked(excel, log="Fait.\nexit 0\n", settings=CONFIGURED, variable=chosen)
    assert command(excel)[1][0] == chosen
    clicked(excel, log="Fait.\nexit 0\n", settings='"ADD_WORKBOOK_TO_PYTHONPATH","False"\n')
    assert command(excel)[1][:3] == ["py", "-3", "-I"]
    assert "XLBRIDGE_PYTHON ne désigne pas un fichier : D:\\rien" in clicked(excel, log="exit 0\n", variable=r"D:\rien")[0]
    assert command(excel) == ("", [])


@pytest.mark.parametrize(
    ("module", "code", "last"),
    [
        ("xlbridge.desk.handover", 0, "exit 0"),
        ("xlbridge.nothing", 70, "ImportError: No module named xlbridge.nothing"),
        ("xlbridge", 2, "Utilisation"),
    ],
)
def test_the_command_runs_and_nothing_beside_the_workbook_is_imported(
    excel: Any, tmp_path: Path, module: str, code: int, last: str
) -> None:
    """The very command line of a click, with this Python, and another module in the place of the desk."""
    for trap in ("json.py", "xlbridge.py", "runpy.py"):
        (tmp_path / trap).write_text("raise SystemExit('imported')")
    clicked(excel, log="Fait.\n\nexit 0\n", settings=CONFIGURED)
    arguments = command(excel)[1]
    log = tmp_path / "é" / "log.txt"
    log.parent.mkdir()
    arguments[:7] = [sys.executable, *arguments[1:5], str(log), module]
    result = subprocess.run(arguments, cwd=tmp_path, capture_output=True, env={**os.environ, "PYTHONPATH": str(tmp_path)}, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (code, b"", b"")
    text = log.read_bytes().decode()
    assert last in text
    assert text.endswith(f"\r\nexit {code}\r\n")
    assert [path.name for path in log.parent.iterdir()] == ["log.txt"]


@given(st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=30).filter(lambda text: "&#" not in text))
@settings(max_examples=40)
def test_text_of_python_is_read_whole(files: Any, text: str) -> None:
    written = text.encode("ascii", "xmlcharrefreplace").decode("ascii")
    assert files.run("XlbDecoded", written) == text


@pytest.fixture(scope="module")
def files() -> Any:
    application = ExcelApplication()
    application.add_module(source("XlbFiles"), name="XlbFiles")
    return application


def test_what_was_read_is_kept_when_another_program_holds_the_file() -> None:
    """As a virus scanner holds a new file for a moment."""
    text = source("XlbFiles")
    for ours, stand_in in (("= XlbTextOf(file)", '= "Fait."'), ("Kill file", "Err.Raise 70"), ('Dir(file, vbHidden) <> ""', "True")):
        assert text.count(ours) == 1, ours
        text = text.replace(ours, stand_in)
    application = ExcelApplication()
    application.add_module(text, name="XlbFiles")
    assert application.run("XlbTakenFrom", "log.txt") == "Fait."


def test_on_a_mac_python_is_started_once_and_its_end_is_said_when_it_comes(mac: Any) -> None:
    mac.run("Say", '"INTERPRETER_MAC","/opt/py/python3"\n', "", 0, "")
    mac.run("Start", "issue", NAMES[2], "/Users/zoé/$(touch x)")
    assert mac.dialogs == []
    file, handler, parameter = mac.run("Heard", "command").split("\r")
    assert (file, handler) == ("xlbridge.applescript", "XlbStart")
    python, *options, _program, _log, module, word, host, name, folder, from_xl, _app = parameter.split("\n")
    assert (python, options, module, from_xl) == ("/opt/py/python3", ["-I", "-B", "-c"], "xlbridge.desk", "--from_xl=1")
    assert handover([word, host, name, folder]) == Handover("issue", "mac", NAMES[2], "/Users/zoé/$(touch x)")
    assert mac.run("Heard", "status") == "'Book1'!XlbFollow"
    mac.run("XlbFollow")
    mac.run("Click", "check")
    mac.run("Say", "", "1 facture émise.\n\nexit 0\n", 0, "")
    mac.run("XlbFollow")
    mac.run("XlbFollow")
    assert [(message, icon) for _kind, message, _title, icon in mac.dialogs] == [
        ("xlbridge travaille encore : attendez la fin de la commande précédente.", INFORMATION),
        ("1 facture émise.", INFORMATION),
    ]


def test_on_a_mac_without_the_script_it_says_so(mac: Any) -> None:
    mac.run("Say", '"INTERPRETER_MAC","/opt/py/python3"\n', "", 5, "")
    mac.run("Click", "check")
    ((_kind, message, _title, icon),) = mac.dialogs
    assert message.startswith("xlbridge n’a pas démarré (/opt/py/python3)")
    assert icon == EXCLAMATION


@pytest.mark.parametrize(
    ("answer", "rest"), [(YES, ["1 facture émise."]), (NO, ["xlbridge n’a pas répondu ; il travaille peut-être encore."])]
)
def test_on_a_mac_a_command_that_has_begun_is_never_said_not_to_have_started(answer: int, rest: list[str]) -> None:
    """Its question may have stood open for longer than it is waited for; it may give a number when it is answered."""
    host = on_a_mac(source("XlbHost")).replace("XLB_SECONDS_TO_ASK As Long = 1800", "XLB_SECONDS_TO_ASK As Long = -1")
    mac = interpreted(host)
    mac.run("Say", "", "Émission…\n", 0, "")
    mac.run("Click", "issue")
    mac.answer_dialogs(answer)
    mac.run("XlbFollow")
    mac.run("Say", "", "1 facture émise.\n\nexit 0\n", 0, "")
    mac.run("XlbFollow")
    question, *said = [message for _kind, message, _title, _icon in mac.dialogs]
    assert question == "xlbridge travaille depuis longtemps. Attendre encore ?"
    assert [message.partition(" Avant")[0] for message in said] == rest
