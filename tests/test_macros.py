"""The VBA module, run by LibreOffice's VBA interpreter on real workbooks; its commands are run by this Python.

Excel cannot be here: stand-ins take the place of `WScript.Shell`, of the message box and of the decoding by `ADODB.Stream`.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.macro_stage import arguments_of, play
from xlbridge.workbook.demo import build_demo

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed"),
    pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for WScript.Shell starts a script by its first line"),
]
MODULE = Path(__file__).parents[1] / "macros" / "XlbCommandes.bas"
SOURCE = MODULE.read_bytes().decode("cp1252").replace("\r\n", "\n")

HARMLESS = ["ventes d'été 2026", "a & touch x; $(touch x) `touch x` #", "TVA 20% ^ !x! 10% (2)", "--help", "=1+1"]
REFUSED = {'dit "A"': "un guillemet ou un saut de ligne", "deux\nlignes": "un guillemet ou un saut de ligne", "solde %TEMP%": "deux « % »"}
SAVE_FIRST = "Enregistrez d’abord le classeur (Ctrl+S), puis recommencez : c’est le fichier qui est lu, non l’écran."


@pytest.fixture
def module() -> str:
    """The module with the three places where it meets Windows and the user replaced."""
    text = "Option VBASupport 1\n" + SOURCE.split("\n", 1)[1]
    for ours, stand_in in (
        ("XlbSay = MsgBox(message, buttons, XLB_TITLE)", 'Record "say", message\n    XlbSay = vbYes'),
        ("Set XlbCreate = CreateObject(className)", "Set XlbCreate = StandIn(className)"),
        ("XlbTextOf = XlbDecoded(file)", "XlbTextOf = Decoded(file)"),
    ):
        assert text.count(ours) == 1
        text = text.replace(ours, stand_in)
    return text


def workbooks(folder: Path, names: list[str]) -> list[Path]:
    """The same real invoices under each name, in one folder."""
    build_demo(folder / "exemples")
    paths = [folder / f"{name}.xlsx" for name in names]
    for path in paths:
        shutil.copy(folder / "exemples" / "factures-formulaire.xlsx", path)
    shutil.copy(folder / "exemples" / "entreprise.toml", folder)
    return paths


def test_it_is_in_the_code_page_and_line_ends_that_excel_imports() -> None:
    source = MODULE.read_bytes()
    assert source.startswith(b'Attribute VB_Name = "XlbCommandes"\r\n')
    assert "« factur-x » à côté".encode("cp1252") in source
    assert source.count(b"\n") == source.count(b"\r\n")


def test_hostile_names_are_inert_or_refused(module: str, tmp_path: Path) -> None:
    folder = tmp_path / "factures de l'année"
    harmless, refused = workbooks(folder, HARMLESS), workbooks(folder, list(REFUSED))
    before = sorted(tmp_path.rglob("x"))
    played = play(tmp_path, module, [("XlbLire", path, "") for path in harmless + refused])
    for path, happened in zip(harmless, played[: len(harmless)], strict=True):
        check, reading = [text.split("\x02") for kind, text in happened if kind == "run"]
        assert check == [r"C:\Windows", 'py -3 -P -c "import xlbridge"']
        assert arguments_of(reading[1])[-2:] == ["read", str(path)]
        shown = [text for kind, text in happened if kind == "cell"]
        assert shown[0] == f"{path.name} : 3 document(s)"
        assert not [text for kind, text in happened if kind == "say"]
    for (name, why), happened in zip(REFUSED.items(), played[len(harmless) :], strict=True):
        ((kind, sentence),) = happened
        assert (kind, why in sentence) == ("say", True), name
    assert sorted(tmp_path.rglob("x")) == before == []
    assert not list(tmp_path.glob("xlbridge-*.txt"))


def test_it_converts_what_is_saved_and_nothing_else(module: str, tmp_path: Path) -> None:
    (book,) = workbooks(tmp_path / "R&D 100% $(touch x)", ["juillet"])
    steps = [("XlbConvertir", None, ""), ("XlbLire", book, "touched"), ("XlbConvertir", book, "")]
    unsaved, touched, converted = play(tmp_path, module, steps)
    assert unsaved == touched == [("say", SAVE_FIRST)]
    out = book.parent / "factur-x"
    command = next(text for kind, text in reversed(converted) if kind == "run").split("\x02")[1]
    assert arguments_of(command)[-4:] == ["convert", str(book), "--out", str(out)]
    said = [text for kind, text in converted if kind == "say"]
    assert said == [f"Conversion terminée.\nLes PDF et le rapport sont dans {out}.\nOuvrir le rapport ?"]
    assert len(list(out.rglob("*.pdf"))) == 3
    assert [unquote(text) for kind, text in converted if kind == "active"] == [f"file://{out}/conversion.xlsx"]


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"STAGE_NO_PYTHON": "1"}, "xlbridge n’a pas démarré. Installez Python 3.11"),
        ({"XLBRIDGE_PYTHON": "/bin/false"}, "xlbridge n’a pas démarré. Installez Python 3.11"),
        ({"XLBRIDGE_PYTHON": "/n'est pas là/python.exe"}, "XLBRIDGE_PYTHON ne désigne pas un fichier : /n'est pas là/python.exe."),
    ],
)
def test_without_python_it_says_what_to_install(module: str, tmp_path: Path, environment: dict[str, str], sentence: str) -> None:
    (book,) = workbooks(tmp_path, ["juillet"])
    ((*_, (kind, said)),) = play(tmp_path, module, [("XlbConvertir", book, "")], **environment)
    assert kind == "say"
    assert sentence in said
    assert not (tmp_path / "factur-x").exists()
