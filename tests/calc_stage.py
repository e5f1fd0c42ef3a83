"""A LibreOffice without a screen, in a profile of its own, whose documents the tests hold over UNO.

Python reaches it by the system's `uno` module, built for the system's Python: the tests are skipped where that cannot be imported.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.macro_stage import office
from xlbridge.workbook.calc_port import CalcPort

SYSTEM_PACKAGES = Path("/usr/lib/python3/dist-packages")
if (SYSTEM_PACKAGES / "uno.py").exists() and str(SYSTEM_PACKAGES) not in sys.path:
    sys.path.append(str(SYSTEM_PACKAGES))
try:
    import uno
except ImportError:
    uno = None

needs_calc = pytest.mark.skipif(uno is None or shutil.which("soffice") is None, reason="LibreOffice with python3-uno is not installed")


class Office:
    """A running LibreOffice: its component context and desktop, and the documents opened through it."""

    def __init__(self, context: Any, process: subprocess.Popen[bytes], stack: ExitStack) -> None:
        self.context = context
        self.desktop = self.service("com.sun.star.frame.Desktop")
        self._process = process
        self._stack = stack
        self._settle_in_france()

    def _settle_in_france(self) -> None:
        """Dates, numbers and format codes as the users have them."""
        where = uno.createUnoStruct("com.sun.star.beans.PropertyValue", "nodepath", 0, "/org.openoffice.Setup/L10N", 0)
        settings = self.service("com.sun.star.configuration.ConfigurationProvider").createInstanceWithArguments(
            "com.sun.star.configuration.ConfigurationUpdateAccess", (where,)
        )
        settings.ooSetupSystemLocale = "fr-FR"
        settings.commitChanges()

    def service(self, name: str) -> Any:
        """A service of the office."""
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)

    def open(self, path: Path, **settings: Any) -> Any:
        """The document of a file. It has a window, though without a screen, so that there is a selection; no macro runs."""
        loaded = self._load(path.absolute().as_uri(), settings)
        assert loaded is not None, f"LibreOffice does not open {path}"
        return loaded

    def new(self) -> Any:
        """An empty workbook that was never saved."""
        return self._load("private:factory/scalc", {})

    def _load(self, url: str, settings: dict[str, Any]) -> Any:
        arguments = tuple(uno.createUnoStruct("com.sun.star.beans.PropertyValue", name, 0, value, 0) for name, value in settings.items())
        return self.desktop.loadComponentFromURL(url, "_blank", 0, arguments)

    def close(self) -> None:
        """End the office, whatever its documents hold."""
        try:
            for document in list(self.desktop.Components or ()):
                document.close(False)
            self.desktop.terminate()
            self._process.wait(10)
        except (
            subprocess.TimeoutExpired,
            uno.getClass("com.sun.star.uno.RuntimeException"),
            uno.getClass("com.sun.star.util.CloseVetoException"),
        ):
            pass  # then it is killed
        finally:
            self._stack.close()


def open_office() -> Office:
    """A new office; the caller closes it."""
    with ExitStack() as stack:
        stage = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="calc-", ignore_cleanup_errors=True)))
        pipe = f"xlbridge{uuid.uuid4().hex}"
        process = stack.enter_context(office(stage, f"--accept=pipe,name={pipe};urp;"))
        context = connected(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext", process)
        return Office(context, process, stack.pop_all())


def connected(address: str, process: subprocess.Popen[bytes]) -> Any:
    """The context of the office, as soon as it answers."""
    here = uno.getComponentContext()
    resolver = here.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", here)
    for _attempt in range(2400):
        try:
            return resolver.resolve(address)
        except uno.getClass("com.sun.star.connection.NoConnectException"):
            assert process.poll() is None, "LibreOffice ended"
            time.sleep(0.05)
    raise AssertionError("LibreOffice does not answer")


@contextmanager
def running_office() -> Iterator[Office]:
    """An office for the length of a test, or of a module."""
    running = open_office()
    try:
        yield running
    finally:
        running.close()


def calc_port(running: Office, document: Any) -> CalcPort:
    """The port of a document, whose requests are answered inside the office, as in life."""
    here = (Path(__file__).with_name("calc_inside.py")).as_uri()
    factory = running.service("com.sun.star.loader.Python").activate("org.xlbridge.tests.Inside", "", here, None)
    inside = factory.createInstanceWithArgumentsAndContext((document,), running.context)
    return CalcPort(lambda line: inside.execute((uno.createUnoStruct("com.sun.star.beans.NamedValue", "line", line),)))
