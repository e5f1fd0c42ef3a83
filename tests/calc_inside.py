"""A small extension for the tests, by which `calc.answer` runs inside LibreOffice, as it does in life: over a bridge every question that it
asks of the document would be a journey."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from macros.build import package
from macros.extension import DESCRIPTION, extension

SERVICE = "org.xlbridge.test.Inside"
MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="http://openoffice.org/2001/manifest">
  <manifest:file-entry manifest:full-path="inside.py" manifest:media-type="application/vnd.sun.star.uno-component;type=Python"/>
</manifest:manifest>
"""
COMPONENT = f"""
import unohelper
import xlbridge_calc
from com.sun.star.task import XJob

known = {{}}


class Inside(unohelper.Base, XJob):
    def __init__(self, context):
        self.context = context

    def execute(self, arguments):
        given = {{argument.Name: argument.Value for argument in arguments}}
        document = given["document"]
        calc = known.setdefault(document.RuntimeUID, xlbridge_calc.Document(self.context, document))
        return xlbridge_calc.answer(calc, given["line"])


g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(Inside, "{SERVICE}", ("{SERVICE}",))
"""


def exchange_inside(running: Any, document: Any) -> Callable[[str], str]:
    """What sends one line to the document and gives its answer."""
    import uno

    from tests.extension_stage import add_extension

    job = running.service(SERVICE)
    if job is None:
        ours = {name: data for name, data in extension().items() if name.startswith("pythonpath/")}
        description = DESCRIPTION.replace("org.xlbridge.calc", SERVICE).replace(
            '  <extension-description><src lang="fr" xlink:href="description.txt"/></extension-description>\n', ""
        )
        parts = {
            "META-INF/manifest.xml": MANIFEST.encode(),
            "description.xml": description.encode(),
            "inside.py": COMPONENT.encode(),
            **ours,
        }
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "inside.oxt"
            file.write_bytes(package(parts))
            add_extension(running, file)
        job = running.service(SERVICE)

    def exchange(line: str) -> str:
        given = [uno.createUnoStruct("com.sun.star.beans.NamedValue", *pair) for pair in (("document", document), ("line", line))]
        answer: str = job.execute(tuple(given))
        return answer

    return exchange
