"""A screen that nobody sees: a virtual X display with a window manager, and on it LibreOffice as its user has it.

Tests work it by mouse and keyboard alone. By UNO they read what is shown and where it is: what they click is found under the name that a
screen reader would say, never at a guessed position.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.calc_stage import Office, connected, uno
from tests.macro_stage import program

PROGRAMS = {"Xvfb": "xvfb", "setxkbmap": "x11-xkb-utils", "openbox": "openbox", "xdotool": "xdotool", "import": "imagemagick"}
MISSING = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
needs_screen = pytest.mark.skipif(
    uno is None or shutil.which("soffice") is None or bool(MISSING),
    reason=f"LibreOffice with python3-uno, or what a virtual screen needs, is not installed ({', '.join(MISSING)})",
)
PICTURES = os.environ.get("XLBRIDGE_TEST_PICTURES")  # the folder for pictures of every step; none: that of the test
WIDTH, HEIGHT = 1440, 900
SECONDS = 90.0
# Someone in France who has worked with LibreOffice before, and lets the macros of a workbook run.
SETTINGS = {
    ("Setup/L10N", "ooSetupSystemLocale"): "fr-FR",
    ("Setup/Office", "ooSetupInstCompleted"): "true",
    ("Setup/Product", "ooSetupLastVersion"): "99.9",
    ("Office.Common/Misc", "FirstRun"): "false",
    ("Office.Common/Misc", "ShowTipOfTheDay"): "false",
    ("Office.Common/Security/Scripting", "MacroSecurityLevel"): "0",
    ("Office.Common/Save/Document", "WarnAlienFormat"): "false",
}
SETTING = '<item oor:path="/org.openoffice.{}"><prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>'
REGISTRY = '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry">{}</oor:items>'

# com.sun.star.accessibility.AccessibleRole
EDIT, LIST, MENU_BAR, TAB, TABS, BUTTON, TABLE, TOOLBAR, TEXT = 60, 32, 35, 38, 39, 44, 58, 63, 86
Found = TypeVar("Found")
# What is shown goes while it is looked at.
GONE = tuple(uno.getClass(f"com.sun.star.lang.{name}") for name in ("DisposedException", "IndexOutOfBoundsException")) if uno else ()


def wait_for(look: Callable[[], Found | None], what: str, seconds: float = SECONDS) -> Found:
    """What `look` finds, as soon as that is something."""
    deadline = time.monotonic() + seconds
    while True:
        with suppress(*GONE):
            if found := look():
                return found
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


class Screen:
    """An X display with mouse, keyboard (French) and window manager. `environment`: what a program needs to appear on it."""

    def __init__(self, display: str, pictures: Path) -> None:
        # LibreOffice draws all by itself then, and tells where it is.
        self.environment = {"DISPLAY": display, "SAL_USE_VCLPLUGIN": "gen"}
        self._pictures = pictures
        self._taken = count(1)

    def do(self, *arguments: object) -> str:
        """What xdotool says."""
        command = ["xdotool", *map(str, arguments)]
        return subprocess.run(command, env=os.environ | self.environment, check=True, capture_output=True, encoding="utf-8").stdout

    def click(self, x: int, y: int) -> None:
        """The left button, at a place."""
        self.do("mousemove", x, y, "click", 1)

    def press(self, *keys: str) -> None:
        """Keys by their names in X, one after another."""
        self.do("key", *keys)

    def type(self, text: str) -> None:
        """A text, sign by sign."""
        self.do("type", "--delay", 8, "--", text)

    def window(self) -> str:
        """The title of the window that has the keyboard; empty as long as none has it."""
        return self._asked("getactivewindow", "getwindowname")

    def is_managed(self) -> bool:
        """Whether the window manager is at work."""
        return self._asked("get_num_desktops") != ""

    def _asked(self, *arguments: object) -> str:
        try:
            return self.do(*arguments).strip()
        except subprocess.CalledProcessError:
            return ""

    def picture(self, name: str) -> None:
        """Keep what can be seen, to be looked at."""
        if PICTURES:
            time.sleep(0.5)  # until all is drawn
        file = self._pictures / f"{next(self._taken):02}-{name}.png"
        subprocess.run(["import", "-window", "root", str(file)], env=os.environ | self.environment, check=True, timeout=SECONDS)


@contextmanager
def screen(pictures: Path) -> Iterator[Screen]:
    """A new display, under a number that was free."""
    pictures.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        heard, told = os.pipe()
        size = f"{WIDTH}x{HEIGHT}x24"
        server = ["Xvfb", "-displayfd", str(told), "-screen", "0", size, "-nolisten", "tcp", "-noreset"]
        stack.enter_context(_program(server, {}, pass_fds=[told]))
        os.close(told)
        with os.fdopen(heard) as pipe:
            number = pipe.readline().strip()
        assert number, "Xvfb did not start"
        made = Screen(f":{number}", pictures)
        subprocess.run(["setxkbmap", "fr"], env=os.environ | made.environment, check=True)
        stack.enter_context(_program(["openbox"], made.environment))
        wait_for(made.is_managed, "the window manager")
        yield made


def _program(command: list[str], environment: Mapping[str, str], **options: Any) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """A program that nobody listens to."""
    return program(command, environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)


def new_profile(folder: Path) -> Path:
    """The profile of someone who has worked with LibreOffice before."""
    settings = "".join(SETTING.format(path, name, value) for (path, name), value in SETTINGS.items())
    (folder / "user").mkdir(parents=True)
    (folder / "user" / "registrymodifications.xcu").write_text(REGISTRY.format(settings), encoding="utf-8")
    return folder


@contextmanager
def started(profile: Path, *arguments: str, **environment: str) -> Iterator[Office]:
    """LibreOffice with this profile; it is ended, whatever it shows."""
    pipe = f"xlbridge{uuid.uuid4().hex}"
    command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--norestore", "--nologo", f"--accept=pipe,name={pipe};urp;"]
    with _program([*command, *arguments], environment) as process:
        running = Office(connected(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext", process), process, ExitStack())
        yield running
        if "--headless" in arguments:
            running.close()


@dataclass
class Box:
    """A message box: what it says, and its buttons."""

    shown: Any
    text: str


class Seat:
    """What the user of a workbook sees and does: the document in front of them, and mouse and keyboard."""

    def __init__(self, running: Office, on: Screen) -> None:
        self.screen = on
        self._toolkit = running.service("com.sun.star.awt.Toolkit")
        self.document = wait_for(lambda: running.desktop.CurrentComponent, "the workbook")
        window = wait_for(lambda: self.document.CurrentController, "its window").Frame.ContainerWindow
        window.IsMaximized = True
        self._window = window.AccessibleContext
        wait_for(lambda: self._window.Size.Width == WIDTH and self._window.Size.Height > HEIGHT - 50, "the whole window")
        self._toolbar = wait_for(lambda: _found(self._window, "Facturation", TOOLBAR), "our toolbar")
        self._tabs = wait_for(lambda: _found(self._window, "", TABS), "the tabs")
        self._name_box = _found(_found(self._window, "Formula Tool Bar", TOOLBAR), "A1", EDIT)

    # What is to be seen

    def text(self, sheet: str, address: str) -> str:
        """What a cell shows."""
        return str(self.cell(sheet, address).String)

    def cell(self, sheet: str, address: str) -> Any:
        """A cell, to be read."""
        return self.document.Sheets.getByName(sheet).getCellRangeByName(address)

    def cursor(self) -> tuple[str, str]:
        """The sheet in front, and the one cell that is selected there."""
        return _place(self.document.CurrentSelection)

    def notes(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Every cell with a note, and the colour behind it."""
        found = {}
        for sheet in self.document.Sheets:
            for note in sheet.Annotations:
                cell = sheet.getCellByPosition(note.Position.Column, note.Position.Row)
                found[_place(cell)] = (note.String, f"#{cell.CellBackColor & 0xFFFFFF:06X}")
        return found

    def filled(self, colours: Collection[str]) -> set[tuple[str, str]]:
        """Every cell, or range of them, with one of these colours behind it."""
        found = set()
        for sheet in self.document.Sheets:
            for group in sheet.UniqueCellFormatRanges:
                if f"#{group.CellBackColor & 0xFFFFFF:06X}" in colours:
                    found |= {_place(group.getByIndex(number)) for number in range(group.Count)}
        return found

    # What the user does

    def turn_to(self, sheet: str) -> None:
        """Click on the tab of a sheet."""
        self._click(wait_for(lambda: _found(self._tabs, sheet, TAB), f"the tab of {sheet}"))
        wait_for(lambda: self.document.CurrentController.ActiveSheet.Name == sheet, sheet)

    def go_to(self, sheet: str, address: str) -> None:
        """Turn to a sheet, and write an address into the name box."""
        self.turn_to(sheet)
        self._click(self._name_box)
        self.screen.press("ctrl+a")
        self.screen.type(address)
        self.screen.press("Return")
        wait_for(lambda: self.cursor() == (sheet, address), address)

    def type_row(self, sheet: str, first: str, *texts: str) -> None:
        """Type into one cell after another of a row; an empty text leaves its cell alone."""
        self.go_to(sheet, first)
        for text in texts:
            here = self.cursor()
            if text:
                self.screen.type(text)
            self.screen.press("Tab")
            wait_for(lambda here=here: self.cursor() != here, f"the cell after {here}")  # type: ignore[misc]

    def click_toolbar(self, label: str) -> None:
        """Click on a button of our toolbar."""
        self._click_button(lambda: _found(self._toolbar, label, BUTTON), label)

    def click_in_sheet(self, label: str) -> None:
        """Click on a button drawn beside the sheet « Accueil »."""
        self.turn_to("Accueil")
        controller = self.document.CurrentController
        drawn = [form.getByIndex(number) for form in controller.ActiveSheet.DrawPage.Forms for number in range(form.Count)]
        (model,) = [model for model in drawn if model.Label == label]
        self._click(controller.getControl(model).AccessibleContext)

    def box(self) -> Box:
        """The message box, once it is there and has the keyboard."""
        return wait_for(self._box, "a message box")

    def answer(self, box: Box, label: str) -> None:
        """Click on a button of a message box, which then goes."""
        self._click_button(lambda: _found(box.shown, label, BUTTON), label)
        wait_for(lambda: (other := self._box()) is None or other.text != box.text, "the end of the message box")

    def _box(self) -> Box | None:
        windows = [self._toolkit.getTopWindow(number) for number in range(self._toolkit.TopWindowCount)]
        for context in [window.AccessibleContext for window in windows if window is not None]:
            if context is not None and context.AccessibleName == "xlbridge" and self.screen.window() == "xlbridge":
                texts = [part.AccessibleName for part in _below(context) if part.AccessibleRole == TEXT]
                return Box(context, "\n".join(texts)) if texts else None
        return None

    def _click_button(self, find: Callable[[], Any], label: str) -> None:
        self._click(wait_for(find, f"the button « {label} »"))

    def _click(self, context: Any) -> None:
        corner, size = context.LocationOnScreen, context.Size
        assert size.Width, f"« {context.AccessibleName} » cannot be seen"
        self.screen.click(corner.X + size.Width // 2, corner.Y + size.Height // 2)


def _place(cell: Any) -> tuple[str, str]:
    """Sheet and address."""
    sheet, _, address = cell.AbsoluteName.replace("$", "").partition(".")
    return sheet.strip("'"), address


def _found(context: Any, name: str, role: int) -> Any:
    return next((inside for inside in _below(context) if (inside.AccessibleRole, inside.AccessibleName) == (role, name)), None)


def _below(context: Any) -> Iterator[Any]:
    """All that is inside something, itself first; menus, long lists and cells are left out."""
    yield context
    if context.AccessibleRole not in {LIST, MENU_BAR, TABLE}:
        for child in _children(context):
            yield from _below(child)


def _children(context: Any) -> Iterator[Any]:
    for number in range(context.AccessibleChildCount):
        child = context.getAccessibleChild(number)
        inside = None if child is None else child.AccessibleContext
        if inside is not None:
            yield inside
