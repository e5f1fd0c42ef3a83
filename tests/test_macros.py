"""The macros for any workbook, run by LibreOffice's VBA interpreter on real workbooks; its commands are run by this Python.

Excel cannot be here: stand-ins take the place of `WScript.Shell` and of the message box.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

from macros.build import source
from tests.macro_stage import arguments_of, play
from xlbridge.workbook.demo import build_demo

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed"),
    pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for WScript.Shell starts a script by its first line"),
]
MODULES = ("XlbFiles", "XlbHost", "XlbCommandes")

HARMLESS = ["ventes d'été 2026", "a & touch x; $(touch x) `touch x` #", "TVA 20% ^ !x! 10% (2)", "--help", "=1+1"]
REFUSED = {'dit "A"': "un guillemet ou un saut de ligne", "deux\nlignes": "un guillemet ou un saut de ligne", "solde %TEMP%": "deux « % »"}
SAVE_FIRST = "Enregistrez d’abord le classeur (Ctrl+S), puis recommencez : c’est le fichier qui est lu, non l’écran."


@pytest.fixture
def modules() -> dict[str, str]:
    """The modules with the places where they meet Windows and the user replaced."""
    texts = {name: "Option VBASupport 1\n" + source(name).replace("\r\n", "\n").split("\n", 1)[1] for name in MODULES}
    for ours, stand_in in (
        ("XlbSay = MsgBox(message, buttons, XLB_TITLE)", 'Record "say", message\n    XlbSay = vbYes'),
        ("Set XlbCreate = CreateObject(className)", "Set XlbCreate = StandIn(className)"),
        ('XlbPlatform = "libreoffice"', 'XlbPlatform = "windows"'),
    ):
        assert texts["XlbHost"].count(ours) == 1
        texts["XlbHost"] = texts["XlbHost"].replace(ours, stand_in)
    return texts


def workbooks(folder: Path, names: list[str]) -> list[Path]:
    """The same real invoices under each name, in one folder."""
    build_demo(folder / "exemples")
    paths = [folder / f"{name}.xlsx" for name in names]
    for path in paths:
        shutil.copy(folder / "exemples" / "factures-formulaire.xlsx", path)
    shutil.copy(folder / "exemples" / "entreprise.toml", folder)
    return paths


def test_hostile_names_are_inert_or_refused(modules: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "factures de l'année"
    harmless, refused = workbooks(folder, HARMLESS), workbooks(folder, list(REFUSED))
    before = sorted(tmp_path.rglob("x"))
    played = play(tmp_path, modules, [("XlbLire", path, "") for path in harmless + refused])
    for path, happened in zip(harmless, played[: len(harmless)], strict=True):
        ((folder_of_start, command),) = [text.split("\x02") for kind, text in happened if kind == "run"]
        assert folder_of_start == r"C:\Windows"
        assert arguments_of(command)[:4] == ["py", "-3", "-P", "-B"]
        assert arguments_of(command)[-3:] == ["xlbridge", "read", str(path)]
        shown = [text for kind, text in happened if kind == "cell"]
        assert shown[0] == f"{path.name} : 3 document(s)"
        assert not [text for kind, text in happened if kind == "say"]
    for (name, why), happened in zip(REFUSED.items(), played[len(harmless) :], strict=True):
        ((kind, sentence),) = happened
        assert (kind, why in sentence) == ("say", True), name
    assert sorted(tmp_path.rglob("x")) == before == []
    assert not list(tmp_path.glob(".xlbridge-*"))


def test_it_converts_what_is_saved_and_nothing_else(modules: dict[str, str], tmp_path: Path) -> None:
    (book,) = workbooks(tmp_path / "R&D 100% $(touch x)", ["juillet"])
    steps = [("XlbConvertir", None, ""), ("XlbLire", book, "touched"), ("XlbConvertir", book, "")]
    unsaved, touched, converted = play(tmp_path, modules, steps)
    assert unsaved == touched == [("say", SAVE_FIRST)]
    out = book.parent / "factur-x"
    command = next(text for kind, text in reversed(converted) if kind == "run").split("\x02")[1]
    assert arguments_of(command)[-4:] == ["convert", str(book), "--out", str(out)]
    said = [text for kind, text in converted if kind == "say"]
    assert said == [f"Conversion terminée.\nLes PDF et le rapport sont dans {out}.\nOuvrir le rapport ?"]
    assert len(list(out.rglob("*.pdf"))) == 3
    assert [unquote(text) for kind, text in converted if kind == "active"] == [f"file://{out}/conversion.xlsx"]
