"""The files that go into Excel and LibreOffice: built into the installed package; built on the spot where the source itself is used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from xlbridge.errors import WrongUse
from xlbridge.installing.libreoffice import PYTHON_FILE

ADD_IN, WORKBOOK, EXTENSION, SCRIPT = "xlbridge.xlam", "facturier.xlsm", "xlbridge.oxt", "xlbridge.applescript"
_SHIPPED = Path(__file__).parents[1] / "macros"


def add_in() -> bytes:
    """The add-in of Excel."""
    return _file(ADD_IN, lambda build, _: build.package(build.add_in()))


def workbook() -> bytes:
    """The empty workbook with the buttons in its sheet."""
    return _file(WORKBOOK, lambda build, _: build.package(build.workbook()))


def extension(python: Path) -> bytes:
    """The extension of LibreOffice, with the Python it is to start."""
    import io
    import zipfile

    data = io.BytesIO(_file(EXTENSION, lambda build, of_calc: build.package(of_calc.extension())))
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr(zipfile.ZipInfo(PYTHON_FILE), str(python), zipfile.ZIP_DEFLATED)
    return data.getvalue()


def script() -> bytes:
    """The AppleScript by which Excel for Mac starts Python."""
    return _file(SCRIPT, lambda build, _: (build.HERE / SCRIPT).read_bytes())


def _file(name: str, make: Callable[[Any, Any], bytes]) -> bytes:
    """The file that was shipped; else what `make` builds of the modules `macros.build` and `macros.extension`."""
    if (_SHIPPED / name).exists():
        return (_SHIPPED / name).read_bytes()
    try:
        from macros import build, extension
    except ImportError as fault:
        raise WrongUse(
            f"Il manque {name} à cette installation de xlbridge.", "Réinstallez xlbridge par « python -m pip install »."
        ) from fault
    return make(build, extension)
