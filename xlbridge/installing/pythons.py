"""The Python that a button starts: apart from the user's variables and packages (`-I`), so that it may not see what a terminal sees.

Store: Python documentation, « Using Python on Windows », « Redirection of local data, registry, and temporary paths ».
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from xlbridge import __version__
from xlbridge.errors import WrongUse
from xlbridge.installing.surroundings import Surroundings

SECONDS = 60
VERSION_PROGRAM = "import xlbridge; print(xlbridge.__version__)"
XLWINGS_PROGRAM = "import importlib.util, sys; sys.exit(importlib.util.find_spec('xlwings') is None)"
OWN_ENVIRONMENT = "faites-en un environnement à part (python -m venv), installez-y xlbridge, puis relancez « xlbridge install » de là."


def version_in(python: Path) -> str | None:
    """The version of xlbridge that a button would find in a Python; None where there is none, or it is no Python."""
    said = _said_by(python, VERSION_PROGRAM)
    return None if said is None else said.strip()


def has_xlwings(python: Path) -> bool:
    """Whether a button would find xlwings in a Python."""
    return _said_by(python, XLWINGS_PROGRAM) is not None


def unfit(around: Surroundings) -> WrongUse | None:
    """Why the buttons cannot use the Python that runs this; None where they can."""
    if around.system == "windows" and "windowsapps" in re.split(r"[\\/]", str(around.base).casefold()):
        return WrongUse(
            "Ce Python vient du Microsoft Store : Windows met à l’écart ce qu’il écrit, Excel et LibreOffice ne le verraient pas, et le "
            "registre disparaîtrait avec lui.",
            f"Installez Python depuis python.org, {OWN_ENVIRONMENT}",
        )
    if version_in(around.python) != __version__:
        return WrongUse(
            f"Lancé par un bouton, {around.python} ne trouve pas xlbridge {__version__} : les paquets de « pip install --user » et de "
            "PYTHONPATH sont laissés de côté.",
            f"Avec Python 3.11 ou plus récent, {OWN_ENVIRONMENT}",
        )
    return None


def _said_by(python: Path, program: str) -> str | None:
    """What a program prints, run as a button runs Python; None where it fails."""
    try:
        result = subprocess.run(  # noqa: S603
            [python, "-I", "-c", program],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
            cwd=python.parent,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return result.stdout if result.returncode == 0 else None
