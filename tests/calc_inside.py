"""Answers the requests of a port inside LibreOffice, in its own Python, as the extension does. The office loads this file."""

from __future__ import annotations

import importlib
import sys
import types
from pathlib import Path
from typing import Any

import unohelper
from com.sun.star.task import XJob

package = types.ModuleType("xlbridge_calc")
package.__path__ = [str(Path(__file__).parents[1] / "xlbridge" / "workbook")]
sys.modules["xlbridge_calc"] = package
calc = importlib.import_module("xlbridge_calc.calc")


class Inside(unohelper.Base, XJob):
    """One document: each run answers one line."""

    def __init__(self, context: Any, document: Any) -> None:
        self.document = calc.Document(context, document)

    def execute(self, arguments: tuple[Any, ...]) -> str:
        return calc.answer(self.document, arguments[0].Value)


g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(Inside, "org.xlbridge.tests.Inside", ())
