"""The extension in LibreOffice: what a click starts, how it is answered, and how everything that can go wrong there is told."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from lxml import etree
from PIL import Image

from macros.extension import extension
from tests.calc_stage import Office, needs_calc
from tests.extension_stage import add_extension, built_extension, child, click, lines, said, stage_office, wait_for
from tests.macro_stage import script
from xlbridge.desk.commands import COMMANDS
from xlbridge.desk.handover import Handover, handover
from xlbridge.workbook import calc

OOR = "{http://openoffice.org/2001/registry}"
HOSTILE = 'l\'été "A" $(touch x) `touch x` & 20 %\n😀'
CHILD = """
if word == "check":
    ask("place")
    ask("write", "Sheet1", [[0, 0, "text", "=1+1 été 😀"]])
    ask("nothing")
    end("3 constats : « été » 😀", 1, stage + "/" + {pdf!r})
elif word == "fix":
    print("this was a message", flush=True)
    time.sleep(3600)
elif word == "issue":
    ask("begin", "Émettre")
    print("Traceback: été", file=sys.stderr)
    sys.exit(3)
elif word == "verify":
    open(stage + "/waiting.txt", "w").close()
    while not os.path.exists(stage + "/closed.txt"):
        time.sleep(0.02)
    ask("place")
    ask("sheets", 10)
    end("fini")
else:
    while not os.path.exists(stage + "/go.txt"):
        time.sleep(0.02)
    end("")
"""
OPENER = '#!/bin/sh\nprintf "%s\\n" "$1" >> "$STAGE/opened.txt"\n'
screenless = [pytest.mark.slow, needs_calc]


@pytest.fixture(scope="module")
def parts() -> dict[str, bytes]:
    return extension()


def titles(node: etree._Element) -> list[tuple[str, str]]:
    """Address and title of the entries of a menu or toolbar, in the order of their names."""
    entries = sorted(node.findall("node"), key=lambda entry: entry.get(f"{OOR}name"))
    return [tuple(_value(entry, name) for name in ("URL", "Title")) for entry in entries]


def _value(node: etree._Element, name: str) -> str:
    return "".join(node.xpath("prop[@oor:name=$name]/value/text()", name=name, namespaces={"oor": OOR[1:-1]}))


def test_menu_and_toolbar_show_the_commands_in_their_groups(parts: dict[str, bytes]) -> None:
    addons = etree.fromstring(parts["Addons.xcu"])
    expected: list[tuple[str, str]] = []
    group = next(iter(COMMANDS.values())).group
    for command in COMMANDS.values():
        if command.group != group:
            expected.append(("private:separator", ""))
        group = command.group
        expected.append((f"service:org.xlbridge.Desk?{command.word}", command.label))
    by_name = {node.get(f"{OOR}name"): node for node in addons.iter("node")}
    assert titles(by_name["Submenu"]) == titles(by_name["org.xlbridge.toolbar"]) == expected
    assert _value(by_name["org.xlbridge.menu"], "Title") == "Facturation"
    assert {_value(node, "Context") for node in by_name["Submenu"] if _value(node, "Title")} == {"com.sun.star.sheet.SpreadsheetDocument"}


def test_each_command_has_its_own_picture_in_both_sizes(parts: dict[str, bytes]) -> None:
    named = re.findall(r"%origin%/(icons/\w+\.png)", parts["Addons.xcu"].decode())
    assert sorted(named) == sorted(name for name in parts if name.startswith("icons/"))
    assert len({parts[name] for name in named}) == 2 * len(COMMANDS)
    for name in named:
        picture = Image.open(io.BytesIO(parts[name]))
        assert (picture.size, picture.mode) == ((int(name[-6:-4]),) * 2, "RGBA")
        alpha = picture.getchannel("A").histogram()
        assert alpha[0] > picture.width
        assert sum(alpha[128:]) >= picture.width


def test_what_is_declared_is_there(parts: dict[str, bytes]) -> None:
    declared = re.findall(r'full-path="([^"]+)"', parts["META-INF/manifest.xml"].decode())
    assert declared
    assert set(declared) <= parts.keys()
    for name, content in parts.items():
        if name.endswith((".xcu", ".xml")):
            etree.fromstring(content)


def test_it_compiles_for_the_python_of_older_offices(parts: dict[str, bytes]) -> None:
    sources = {name: data.decode() for name, data in parts.items() if name.endswith(".py")}
    assert len(sources) > 1
    for name, source in sources.items():
        ast.parse(source, name, feature_version=(3, 8))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    stage = tmp_path_factory.mktemp("extension")
    (stage / "bin").mkdir()
    script(stage / "bin" / "xdg-open", OPENER)
    (stage / f"{HOSTILE}.pdf").touch()
    return stage


@pytest.fixture(scope="module")
def running(stage: Path) -> Iterator[Office]:
    import os

    traps = stage / "traps"
    traps.mkdir()
    (traps / "json.py").write_text("raise SystemExit('imported')")
    python = child(stage / "le python", CHILD.format(pdf=f"{HOSTILE}.pdf"))
    with stage_office(stage, PATH=f"{stage / 'bin'}{os.pathsep}{os.environ['PATH']}", URE_EXTRA="1", LD_EXTRA="1") as office:
        installed = add_extension(office, built_extension(stage, python))
        assert installed.Identifier.Value == "org.xlbridge.calc"
        yield office


@pytest.fixture
def fresh(stage: Path) -> Path:
    """The stage without what was noted before."""
    for name in ("said", "started", "answers", "environment", "opened", "waiting", "closed", "go"):
        (stage / f"{name}.txt").unlink(missing_ok=True)
    return stage


def check_runs(running: Office, book: Any, stage: Path) -> bool:
    """Whether « Vérifier » runs, and is not told to wait."""
    told = len(said(stage))
    click(running, book, "check")
    return said(stage, told + 1)[-1][0].startswith("3 constats")


class TestInLibreOffice:
    pytestmark = screenless

    def test_a_click_runs_the_command_on_the_open_workbook(self, running: Office, fresh: Path) -> None:
        book = running.new()
        path = fresh / f"{HOSTILE}.ods"
        book.storeAsURL(path.as_uri(), ())
        click(running, book, "check")
        assert said(fresh) == [("3 constats : « été » 😀", 1)]
        (started,) = lines(fresh / "started.txt")
        assert started[:6] == ["-I", "-B", "-X", "utf8", "-m", "xlbridge.desk"]
        assert handover(started[6:]) == Handover("check", "libreoffice", path.name, str(fresh))
        place, write, unknown = lines(fresh / "answers.txt")
        assert place == {"done": {"name": path.name, "path": str(path), "code": calc.code()}}
        cell = book.Sheets[0].getCellByPosition(0, 0)
        assert (write, cell.Type.value, cell.String) == ({"done": None}, "TEXT", "=1+1 été 😀")
        assert "n’est pas de la même version" in unknown["refused"]
        ((folder, variables),) = lines(fresh / "environment.txt")
        assert "uno_packages" in folder, "the extension's own, neither the user's nor the workbook's"
        assert not [name for name in variables if name.startswith(("PYTHON", "LD_", "URE_", "UNO_"))]
        wait_for((fresh / "opened.txt").exists, "the document that is opened")
        assert unquote((fresh / "opened.txt").read_text()) == f"file://{fresh / HOSTILE}.pdf\n"
        assert not list(fresh.rglob("x"))
        book.close(True)

    def test_the_office_goes_on_and_a_second_click_is_told_to_wait(self, running: Office, fresh: Path) -> None:
        book = running.new()
        click(running, book, "next")  # it ends only when it is let go, below
        click(running, book, "check")
        book.Sheets[0].getCellByPosition(0, 0).String = "still there"
        assert said(fresh) == [("xlbridge travaille encore : attendez la fin de la commande précédente.", 0)]
        (fresh / "go.txt").touch()
        wait_for(lambda: check_runs(running, book, fresh), "the end of the first command")
        book.close(True)

    def test_a_command_that_dies_is_told_with_its_last_lines_and_leaves_nothing_behind(self, running: Office, fresh: Path) -> None:
        book = running.new()
        click(running, book, "issue")
        ((text, code),) = said(fresh)
        assert text.startswith("xlbridge s’est arrêté (code 3). Rien de plus n’a été fait.")
        assert (text.rpartition("\n\n")[2], code) == ("Traceback: été", 70)
        assert not book.hasControllersLocked()
        book.close(True)

    def test_what_is_no_request_ends_the_command(self, running: Office, fresh: Path) -> None:
        book = running.new()
        click(running, book, "fix")  # left alone it would outlast the test's time limit
        ((text, _code),) = said(fresh)
        assert text.startswith("xlbridge s’est arrêté")
        book.close(True)

    def test_a_workbook_closed_meanwhile_refuses_and_the_end_is_said(self, running: Office, fresh: Path) -> None:
        book = running.new()
        click(running, book, "verify")
        wait_for((fresh / "waiting.txt").exists, "the command")
        book.close(True)
        (fresh / "closed.txt").touch()
        assert said(fresh) == [("fini", 0)]
        assert ["fermé" in answer["refused"] for answer in lines(fresh / "answers.txt")] == [True, True]

    def test_a_click_that_cannot_be_started_is_told_and_the_next_one_runs(self, running: Office, fresh: Path) -> None:
        """A place that has no path on this system."""
        book = running.new()
        book.attachResource("file://serveur/juin.ods", ())
        click(running, book, "check")
        ((text, code),) = said(fresh)
        assert (text.startswith("xlbridge n’a pas démarré"), code) == (True, 70)
        book.close(True)
        other = running.new()
        assert check_runs(running, other, fresh)
        other.close(True)

    def test_a_python_that_is_gone_is_named(self, running: Office, fresh: Path) -> None:
        book = running.new()
        python = fresh / "le python"
        python.rename(fresh / "away")
        click(running, book, "check")
        (fresh / "away").rename(python)
        ((text, code),) = said(fresh)
        assert f"désigne un Python qui n’est plus là : {python}. Relancez « xlbridge install --libreoffice »" in text
        assert code == 1
        script(python, "#!/nowhere/python\n")
        click(running, book, "check")
        text = said(fresh, 2)[1][0]
        assert text.startswith(f"xlbridge n’a pas démarré ({python})")
        book.close(True)

    def test_without_a_workbook_it_says_so(self, running: Office, fresh: Path) -> None:
        running.service("org.xlbridge.Desk").trigger("check")
        assert said(fresh) == [("Ouvrez d’abord un classeur, puis recommencez.", 1)]
