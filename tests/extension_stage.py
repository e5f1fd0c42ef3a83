"""The extension in a real LibreOffice without a screen, with a program of the test's in the place of the Python that has xlbridge.

A message box of an office without a screen closes at once; what it says is written down as well.
"""

from __future__ import annotations

import json
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from macros.build import EXTENSION, package
from macros.extension import extension
from tests.calc_stage import Office, connected, uno
from tests.macro_stage import office, script

SEAM = "    box.execute()\n"
WRITTEN_DOWN = (
    '    with open(os.environ["STAGE"] + "/said.txt", "a", encoding="utf-8") as out:\n        out.write(json.dumps([text, code]) + "\\n")\n'
)
CHILD = """#!{python} -B
import json, os, sys, time
stage = os.environ["STAGE"]

def note(name, value):
    with open(stage + "/" + name, "a", encoding="utf-8") as out:
        out.write(json.dumps(value) + chr(10))

def ask(do, *args):
    print(json.dumps({{"do": do, "args": args}}), flush=True)
    answer = json.loads(sys.stdin.readline())
    note("answers.txt", answer)
    return answer

def end(text, code=0, open=None):
    print(json.dumps({{"end": {{"text": text, "code": code, "open": open}}}}), flush=True)

note("started.txt", sys.argv[1:])
note("environment.txt", [os.getcwd(), sorted(os.environ)])
word = sys.argv[sys.argv.index("xlbridge.desk") + 1]
{body}
"""


def child(path: Path, body: str) -> Path:
    """A program that stands for Python: it notes how it was started, then runs `body`, which knows `word`, `ask` and `end`."""
    return script(path, CHILD.format(python=sys.executable, body=body))


def built_extension(stage: Path, python: Path | None) -> Path:
    """The extension as a file; without a Python, as it is before `xlbridge install` has written one into it."""
    parts = extension()
    component = parts["component.py"].decode()
    assert component.count(SEAM) == 1
    parts["component.py"] = component.replace(SEAM, SEAM + WRITTEN_DOWN).encode()
    if python is not None:
        parts["python.txt"] = str(python).encode()
    path = stage / EXTENSION
    path.write_bytes(package(parts))
    return path


@contextmanager
def stage_office(stage: Path, **environment: str) -> Iterator[Office]:
    """A running office whose programs find the stage in STAGE."""
    pipe = f"xlbridge{uuid.uuid4().hex}"
    with office(stage, f"--accept=pipe,name={pipe};urp;", **environment) as process:
        running = Office(connected(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext", process), process, ExitStack())
        try:
            yield running
        finally:
            running.close()


def add_extension(running: Office, file: Path) -> Any:
    """Install the extension in the running office, by the way that is open to root, too."""
    import unohelper
    from com.sun.star.task import XInteractionHandler
    from com.sun.star.ucb import XCommandEnvironment

    class Approving(unohelper.Base, XInteractionHandler):  # type: ignore[misc]
        def handle(self, request: Any) -> None:
            approve = uno.getTypeByName("com.sun.star.task.XInteractionApprove")
            next(choice for choice in request.getContinuations() if choice.queryInterface(approve)).select()

    class Quiet(unohelper.Base, XCommandEnvironment):  # type: ignore[misc]
        def getInteractionHandler(self) -> Any:
            return Approving()

        def getProgressHandler(self) -> None:
            return None

    manager = running.context.getValueByName("/singletons/com.sun.star.deployment.ExtensionManager")
    return manager.addExtension(file.as_uri(), (), "user", manager.createAbortChannel(), Quiet())


def click(running: Office, document: Any, word: str) -> None:
    """What the toolbar and the menu do."""
    dispatcher = running.service("com.sun.star.frame.DispatchHelper")
    dispatcher.executeDispatch(document.CurrentController.Frame, f"service:org.xlbridge.Desk?{word}", "_self", 0, ())


def said(stage: Path, count: int = 1) -> list[tuple[str, int]]:
    """The messages, waited for until there are so many: text and code."""
    wait_for(lambda: len(lines(stage / "said.txt")) >= count, f"{count} messages")
    return [(text, code) for text, code in lines(stage / "said.txt")]


def lines(file: Path) -> list[Any]:
    """What was noted so far."""
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def wait_for(ready: Callable[[], bool], what: str, seconds: float = 90) -> None:
    """Wait until it is so, or fail."""
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.03)


def struct(name: str, value: Any) -> Any:
    """A PropertyValue."""
    return uno.createUnoStruct("com.sun.star.beans.PropertyValue", name, 0, value, 0)
