"""What a click in LibreOffice does: start the Python that has xlbridge, and answer what it asks of the open workbook.

Runs in LibreOffice's own Python (3.8 or later), which has no package of ours. The Python of xlbridge works beside the office, in a process
of its own. It asks by a line of JSON on its standard output, `{"do": NAME, "args": [...]}`, and reads the answer on its standard input;
its last line is `{"end": {"text": TEXT, "code": N, "open": PATH or null}}`. A thread waits for these lines, so that the office stays
alive; the document is touched on the office's main thread alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any, Callable  # noqa: UP035  (Python 3.8)
from urllib.parse import unquote, urlsplit

import uno
import unohelper
import xlbridge_calc
from com.sun.star.awt import XCallback
from com.sun.star.lang import XServiceInfo
from com.sun.star.task import XJobExecutor
from com.sun.star.uno import Exception as UnoFault
from com.sun.star.uno import RuntimeException

IMPLEMENTATION = "org.xlbridge.Desk"
TITLE = "xlbridge"
PYTHON_FILE = Path(__file__).with_name("python.txt")  # written when the extension is installed: the path of Python, in UTF-8
CHOSEN_PYTHON = "XLBRIDGE_PYTHON"  # a variable that goes before it, as in Excel
# What LibreOffice sets for its own Python and libraries would mislead another Python.
NOT_HANDED_ON = ("PYTHON", "LD_", "DYLD_", "URE_", "UNO_")
NO_WINDOW = 0x08000000  # CREATE_NO_WINDOW of Windows
SECONDS_TO_LEAVE = 10
LINES_SHOWN, SIGNS_SHOWN = 12, 800
DOCTOR = "« xlbridge doctor », dans une invite de commandes, dit ce qui manque."
GONE = json.dumps({"refused": "Le classeur a été fermé entre-temps. Rouvrez-le, puis recommencez."})

_working: list[Click] = []


class Desk(unohelper.Base, XServiceInfo, XJobExecutor):  # type: ignore[misc]
    """The component that toolbar, menu and sheet buttons call. `given`: the document meant; without it, the one in front."""

    def __init__(self, context: Any, *given: Any) -> None:
        self._context = context
        self._given = given

    def trigger(self, word: str) -> None:
        """Start the command `word` of xlbridge/desk/commands.py; it goes on after this has returned."""
        document = self._given[0] if self._given else _service(self._context, "com.sun.star.frame.Desktop").getCurrentComponent()
        if not hasattr(document, "Sheets"):  # none, or what is in front is no spreadsheet
            say(self._context, None, "Ouvrez d’abord un classeur, puis recommencez.", 1)
        elif _working:
            say(self._context, document, "xlbridge travaille encore : attendez la fin de la commande précédente.", 0)
        else:
            try:
                Click(self._context, document, word).start()
            except Exception as fault:  # LibreOffice itself would say nothing
                say(self._context, document, f"xlbridge n’a pas démarré ({type(fault).__name__} : {fault}). {DOCTOR}", 70)

    def getImplementationName(self) -> str:  # noqa: N802
        """XServiceInfo."""
        return IMPLEMENTATION

    def supportsService(self, name: str) -> bool:  # noqa: N802
        """XServiceInfo."""
        return name == IMPLEMENTATION

    def getSupportedServiceNames(self) -> tuple[str]:  # noqa: N802
        """XServiceInfo."""
        return (IMPLEMENTATION,)


class Later(unohelper.Base, XCallback):  # type: ignore[misc]
    """Something to do on the main thread."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work

    def notify(self, _data: Any) -> None:
        """XCallback."""
        self._work()


class Click:
    """One command at work on one document."""

    def __init__(self, context: Any, document: Any, word: str) -> None:
        self._context = context
        self._document = document
        self._word = word
        self._calc = xlbridge_calc.Document(context, document)
        self._later = _service(context, "com.sun.star.awt.AsyncCallback")
        self._status: Any = None

    def start(self) -> None:
        """On the main thread."""
        python, refusal = chosen_python()
        if refusal:
            say(self._context, self._document, refusal, 1)
            return
        command = [python, "-I", "-B", "-X", "utf8", "-m", "xlbridge.desk", self._word, "--host=libreoffice", *which(self._document)]
        threading.Thread(target=self._work, args=(command,), daemon=True).start()
        _working.append(self)  # the thread ends it on this thread, when this has returned
        self._status = _status_indicator(self._document)

    def _work(self, command: list[str]) -> None:
        end = {"text": "xlbridge s’est arrêté. Rien de plus n’a été fait. " + DOCTOR, "code": 70}
        try:
            end = self._talk(command)
        finally:
            self._on_main_thread(lambda: self._finish(end))

    def _talk(self, command: list[str]) -> dict[str, Any]:
        """What the child says at its end, or what can be said of a child that did not."""
        with tempfile.TemporaryFile() as log:
            try:
                child = subprocess.Popen(  # noqa: S603
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    cwd=Path(__file__).parent,  # where no settings lie that a workbook without a folder could be taken to mean
                    env={name: value for name, value in os.environ.items() if not name.startswith(NOT_HANDED_ON)},
                    creationflags=NO_WINDOW if sys.platform == "win32" else 0,
                )
            except OSError as fault:
                return died(command[0], None, str(fault))
            end = self._answer_all(child)
            code = _left(child)
            log.seek(0)
            return end or died(command[0], code, log.read().decode("utf-8", "replace"))

    def _answer_all(self, child: Any) -> dict[str, Any] | None:
        """Answer line after line until the last, which is returned; None where there is none."""
        try:
            for row in child.stdout:
                line = row.decode("utf-8").rstrip("\r\n")
                asked = json.loads(line)
                if "end" in asked:
                    end: dict[str, Any] = asked["end"]
                    return end
                child.stdin.write((self._answer(line) + "\n").encode("utf-8"))
                child.stdin.flush()
        except (OSError, TypeError, ValueError) as fault:  # it died, or what it wrote is no request
            child.kill()
            print(f"{TITLE}: {fault}", file=sys.stderr)  # noqa: T201
        return None

    def _answer(self, line: str) -> str:
        """The answer of the open document, given on the main thread."""
        answers: queue.Queue[str] = queue.Queue()

        def answer() -> None:
            try:
                answers.put(GONE if is_closed(self._document) else xlbridge_calc.answer(self._calc, line))
            except Exception as fault:  # whatever it is, the child is waiting and is told
                answers.put(json.dumps({"refused": f"LibreOffice n’a pas pu le faire ({type(fault).__name__} : {fault})."}))

        self._on_main_thread(answer)
        return answers.get()

    def _finish(self, end: dict[str, Any]) -> None:
        """Leave the document as it was found, say how it went, and open what was made."""
        _working.remove(self)
        text = end.get("text", "")
        if not is_closed(self._document):
            released = json.loads(xlbridge_calc.answer(self._calc, '{"do": "release", "args": []}'))
            text = "\n\n".join(part for part in (text, released.get("refused")) if part)
            if self._status is not None:
                self._status.end()
        if text:
            say(self._context, self._document, text, end.get("code", 0))
        if end.get("open"):
            open_file(self._context, self._document, end["open"])

    def _on_main_thread(self, work: Callable[[], None]) -> None:
        self._later.addCallback(Later(work), None)


def chosen_python() -> tuple[str, str]:
    """The Python that has xlbridge, and why there is none, in a sentence."""
    origin = f"La variable d’environnement {CHOSEN_PYTHON}"
    python = os.environ.get(CHOSEN_PYTHON, "")
    if not python:
        origin = "L’extension"
        if not PYTHON_FILE.exists():
            return "", (
                "L’extension ne sait pas où est xlbridge. Dans une invite de commandes, lancez « xlbridge install --libreoffice », puis "
                "relancez LibreOffice."
            )
        python = PYTHON_FILE.read_text("utf-8").strip()
    if not Path(python).is_file():
        return "", f"{origin} désigne un Python qui n’est plus là : {python}. Relancez « xlbridge install --libreoffice ». {DOCTOR}"
    return python, ""


def which(document: Any) -> list[str]:
    """The arguments that say which workbook is meant, coded as xlbridge/desk/handover.py reads them."""
    url = document.getURL()
    if url.startswith("file:"):
        folder, name = os.path.split(uno.fileUrlToSystemPath(url))
    elif url:
        folder, _, name = url.rpartition("/")
        name = unquote(urlsplit(name).path)
    else:
        folder, name = "", document.getTitle()
    return [f"--wb={coded(name)}", f"--folder={coded(folder)}"]


def coded(text: str) -> str:
    """`text` in letters and digits of ASCII; every other UTF-16 unit is « _ » and four hexadecimal digits."""
    data = text.encode("utf-16-be", "surrogatepass")
    units = [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]
    return "".join(chr(unit) if unit < 128 and chr(unit).isalnum() else f"_{unit:04X}" for unit in units)


def died(python: str, code: int | None, log: str) -> dict[str, Any]:
    """The end of a child that said none: what happened, what to do, its last lines."""
    last = "\n".join(log.strip().splitlines()[-LINES_SHOWN:])[-SIGNS_SHOWN:]
    if code is None or "No module named xlbridge" in log.replace("'", ""):
        text = f"xlbridge n’a pas démarré ({python}). Installez xlbridge dans ce Python, puis lancez « xlbridge install --libreoffice »."
    else:
        text = f"xlbridge s’est arrêté (code {code}). Rien de plus n’a été fait."
    return {"text": "\n\n".join(part for part in (f"{text} {DOCTOR}", last) if part), "code": 70}


def say(context: Any, document: Any, text: str, code: int) -> None:
    """A message box over the document; the codes are those of the command line, 1 to 5 being for the user to act on."""
    kind = uno.Enum("com.sun.star.awt.MessageBoxType", "INFOBOX" if code == 0 else "WARNINGBOX" if 0 < code <= 5 else "ERRORBOX")
    window = _window(context, document)
    box = _service(context, "com.sun.star.awt.Toolkit").createMessageBox(window, kind, 1, TITLE, text)
    box.execute()
    box.dispose()


def open_file(context: Any, document: Any, path: str) -> None:
    """Show a file with the program that the system has for it; nothing that could itself be run."""
    try:
        only_documents = uno.getConstantByName("com.sun.star.system.SystemShellExecuteFlags.URIS_ONLY")
        url = uno.systemPathToFileUrl(path)  # coded, so that no sign of a name means anything to a shell
        _service(context, "com.sun.star.system.SystemShellExecute").execute(url, "", only_documents)
    except UnoFault:
        say(context, document, f"Ce fichier est prêt, mais aucun programme ne l’ouvre : {path}", 1)


def is_closed(document: Any) -> bool:
    """Whether the user has closed the document meanwhile."""
    try:
        return document.getCurrentController() is None
    except RuntimeException:
        return True


def _window(context: Any, document: Any) -> Any:
    if document is not None and not is_closed(document):
        return document.getCurrentController().getFrame().getContainerWindow()
    frame = _service(context, "com.sun.star.frame.Desktop").getCurrentFrame()
    return None if frame is None else frame.getContainerWindow()


def _status_indicator(document: Any) -> Any:
    controller = document.getCurrentController()
    if controller is None:
        return None
    indicator = controller.getFrame().createStatusIndicator()
    indicator.start("xlbridge travaille…", 0)
    return indicator


def _left(child: Any) -> int:
    """The exit code of a child that has said its last, or is about to end."""
    child.stdout.close()
    with contextlib.suppress(OSError):  # what it was still to read is lost with it
        child.stdin.close()
    try:
        return int(child.wait(SECONDS_TO_LEAVE))
    except subprocess.TimeoutExpired:
        child.kill()
        return int(child.wait())


def _service(context: Any, name: str) -> Any:
    return context.getServiceManager().createInstanceWithContext(name, context)


g_ImplementationHelper = unohelper.ImplementationHelper()  # noqa: N816  (the loader looks for this name)
g_ImplementationHelper.addImplementation(Desk, IMPLEMENTATION, (IMPLEMENTATION,))
