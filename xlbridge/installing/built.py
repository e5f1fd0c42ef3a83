"""The files that go into Excel and LibreOffice: built into the installed package; built on the spot where the source itself is used."""

from __future__ import annotations

from pathlib import Path

from xlbridge.errors import WrongUse
from xlbridge.installing.libreoffice import PYTHON_FILE

ADD_IN, WORKBOOK, EXTENSION, SCRIPT = "xlbridge.xlam", "facturier.xlsm", "xlbridge.oxt", "xlbridge.applescript"
_SHIPPED = Path(__file__).parents[1] / "macros"


def add_in() -> bytes:
    """The add-in of Excel."""
    if (_SHIPPED / ADD_IN).exists():
        return (_SHIPPED / ADD_IN).read_bytes()
    try:
        from macros import build
    except ImportError as fault:
        raise _incomplete(ADD_IN) from fault
    return build.package(build.add_in())


def workbook() -> bytes:
    """The empty workbook with the buttons in its sheet."""
    if (_SHIPPED / WORKBOOK).exists():
        return (_SHIPPED / WORKBOOK).read_bytes()
    try:
        from macros import build
    except ImportError as fault:
        raise _incomplete(WORKBOOK) from fault
    return build.package(build.workbook())


def extension(python: Path) -> bytes:
    """The extension of LibreOffice, with the Python it is to start."""
    import io
    import zipfile

    data = io.BytesIO(_plain_extension())
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr(zipfile.ZipInfo(PYTHON_FILE), str(python), zipfile.ZIP_DEFLATED)
    return data.getvalue()


def script() -> bytes:
    """The AppleScript by which Excel for Mac starts Python."""
    if (_SHIPPED / SCRIPT).exists():
        return (_SHIPPED / SCRIPT).read_bytes()
    try:
        from macros import build
    except ImportError as fault:
        raise _incomplete(SCRIPT) from fault
    return (build.HERE / SCRIPT).read_bytes()


def _plain_extension() -> bytes:
    if (_SHIPPED / EXTENSION).exists():
        return (_SHIPPED / EXTENSION).read_bytes()
    try:
        from macros import build, extension
    except ImportError as fault:
        raise _incomplete(EXTENSION) from fault
    return build.package(extension.extension())


def _incomplete(name: str) -> WrongUse:
    return WrongUse(f"Il manque {name} à cette installation de xlbridge.", "Réinstallez xlbridge par « python -m pip install ».")
