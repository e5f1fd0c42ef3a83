"""The workbook of Excel in which a button was clicked, by what the macros hand over."""

from __future__ import annotations

import unicodedata
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Protocol

from xlbridge.errors import WrongUse
from xlbridge.workbook import excel_native

if TYPE_CHECKING:
    import xlwings

PATHS: dict[str, type[PurePath]] = {"windows": PureWindowsPath, "mac": PurePosixPath}


class Click(Protocol):
    """Which workbook is meant (as `desk.handover.Handover` has it): the one called `name` in `folder`.

    `host`: windows or mac. `folder`: an address for a workbook from the Internet, "" for a new one. `window`: Excel's, on Windows.
    """

    @property
    def host(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def folder(self) -> str: ...
    @property
    def window(self) -> int | None: ...


def running_book(click: Click) -> xlwings.Book:
    """The workbook, as Excel shows it. Raises WrongUse where it is not found."""
    try:
        loaded = excel_native.load_xlwings()
    except ImportError as fault:
        raise WrongUse(
            "Le module xlwings, par lequel Python parle à Excel, n’est pas installé.", "Lancez « pip install xlbridge[excel] »."
        ) from fault
    with excel_native.asking_excel():
        if click.host == "mac":
            apps = list(loaded.apps)
        elif click.window is not None:
            # As xlwings.Book.caller does: the Excel that was clicked. Others may be running, and one of them may be busy for ever.
            apps = [loaded.App(impl=loaded._xlwindows.App(xl=click.window))]
        else:
            raise WrongUse("Le bouton n’a pas dit quelle fenêtre d’Excel l’a appelé.", "Relancez « xlbridge install ».")
        found: list[xlwings.Book] = [book for app in apps for book in app.books if _is_meant(book, click)]
    if len(found) != 1:
        raise WrongUse(
            f"« {click.name} » est ouvert plusieurs fois." if found else f"Excel ne montre pas « {click.name} ».",
            "Fermez les autres classeurs, cliquez dans celui-ci, puis recommencez.",
        )
    return found[0]


def is_address(folder: str) -> bool:
    """Whether a folder is an address on the Internet (OneDrive, SharePoint)."""
    return "://" in folder


def _is_meant(book: xlwings.Book, click: Click) -> bool:
    """Whether a book is the one handed over. xlwings would guess a path for one from the Internet: there the name alone decides."""
    name, folder = _folded(click.name), _folded(click.folder)
    if _folded(book.name) != name or not folder or is_address(folder):
        return _folded(book.name) == name
    return PATHS[click.host](_folded(book.fullname)) == PATHS[click.host](folder, name)


def _folded(text: str) -> str:
    """A name as the file systems of Windows and macOS compare it: without regard to case, and to how accents are written."""
    return unicodedata.normalize("NFC", text).casefold()
