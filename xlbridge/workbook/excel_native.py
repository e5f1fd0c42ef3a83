"""What xlwings has no word for, said to Excel itself: in COM (pywin32) on Windows, in Apple events (appscript) on macOS.

Protection, whether a workbook may be saved, the exact number in a cell, the text and the size of a note. Nothing else touches `.api`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

from xlbridge.errors import WrongUse

if TYPE_CHECKING:
    import xlwings

ALLOWED = (
    "formatting_cells", "formatting_columns", "formatting_rows", "inserting_columns", "inserting_rows", "inserting_hyperlinks",
    "deleting_columns", "deleting_rows", "sorting", "filtering", "using_pivot_tables",
)  # fmt: skip
"""What a protected sheet may allow, in the order of the arguments of `Worksheet.Protect`."""
NOTE_WIDTH, LINE_HEIGHT, LINE_LENGTH = 220.0, 13.0, 42
"""The size of a note in points: its width, and for each line of about so many characters."""

THREAD_LINK = "linkid=870924"
"""Part of what Excel writes, in any language, into the note that a thread of comments leaves behind for older versions."""
NO_COLOUR = -4142  # xlColorIndexNone
UNKNOWN = (-2147352573, -2147352570)  # DISP_E_MEMBERNOTFOUND, DISP_E_UNKNOWNNAME


def load_xlwings() -> ModuleType:
    """xlwings without pandas and numpy, which it imports only to accept their data: that takes ten times as long as the rest of it."""
    absent = {"pandas", "numpy"} - sys.modules.keys()
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # None: an import of it fails
    try:
        import xlwings
    finally:
        for name in absent:
            del sys.modules[name]
    return xlwings


def on_mac() -> bool:
    """Whether Excel is spoken to by Apple events."""
    return sys.platform == "darwin"


def refusals() -> tuple[type[Exception], ...]:
    """What xlwings lets through when Excel refuses."""
    import xlwings

    refused: list[type[Exception]] = [xlwings.XlwingsError]
    if sys.platform == "win32":
        from pywintypes import com_error

        refused.append(com_error)
    elif sys.platform == "darwin":
        from appscript.reference import CommandError

        refused.append(CommandError)
    return tuple(refused)


def is_unknown(fault: Exception) -> bool:
    """Whether what COM refused is a word that this version of Excel does not have, and not what was asked with it."""
    return getattr(fault, "hresult", None) in UNKNOWN


@contextmanager
def asking_excel() -> Iterator[None]:
    """Within it, what Excel refuses is WrongUse."""
    try:
        yield
    except refusals() as fault:
        said = getattr(fault, "excepinfo", None)  # COM: code, application, sentence in the user's language, …
        reason = (said and said[2]) or fault
        raise WrongUse(
            f"Excel a refusé cette opération : {reason}",
            "Terminez la saisie en cours (touche Entrée), fermez les boîtes de dialogue, ôtez une protection à vous, puis recommencez.",
        ) from fault


@dataclass(frozen=True, slots=True)
class Protection:
    """How a sheet is protected. `allowed`: as in ALLOWED. `selection`: which cells may be selected, in Excel's own terms; None: any."""

    drawing_objects: bool
    scenarios: bool
    interface_only: bool
    allowed: tuple[bool, ...]
    selection: Any = None


OURS = Protection(True, True, False, tuple(name in {"formatting_columns", "sorting", "filtering"} for name in ALLOWED))
"""How the template protects its register."""


def protection(sheet: xlwings.Sheet) -> Protection | None:
    """How a sheet is protected; None where it is not."""
    api = sheet.api
    if on_mac():
        if not api.protect_contents.get():
            return None
        allowed = tuple(bool(getattr(api.protection_object, _mac_option(name)).get()) for name in ALLOWED)
        flags = (api.protect_drawing_objects, api.protect_scenarios, api.protection_mode)
        drawing_objects, scenarios, interface_only = (bool(flag.get()) for flag in flags)
        return Protection(drawing_objects, scenarios, interface_only, allowed, api.enable_selection.get())
    if not api.ProtectContents:
        return None
    options = api.Protection
    allowed = tuple(bool(getattr(options, f"Allow{name.title().replace('_', '')}")) for name in ALLOWED)
    drawing_objects, scenarios, interface_only = map(bool, (api.ProtectDrawingObjects, api.ProtectScenarios, api.ProtectionMode))
    return Protection(drawing_objects, scenarios, interface_only, allowed, api.EnableSelection)


def unprotect(sheet: xlwings.Sheet) -> None:
    """Take a protection without password off. The empty password keeps Excel from asking the user for one."""
    if on_mac():
        sheet.api.unprotect(password="")
    else:
        sheet.api.Unprotect("")


def protect(sheet: xlwings.Sheet, how: Protection) -> None:
    """Protect a sheet, without a password."""
    if on_mac():
        sheet.api.protect_worksheet(
            drawing_objects=how.drawing_objects,
            worksheet_contents=True,
            scenarios=how.scenarios,
            user_interface_only=how.interface_only,
            **{_mac_option(name): allowed for name, allowed in zip(ALLOWED, how.allowed, strict=True)},
        )
        if how.selection is not None:
            sheet.api.enable_selection.set(how.selection)
    else:
        sheet.api.Protect("", how.drawing_objects, True, how.scenarios, how.interface_only, *how.allowed)
        if how.selection is not None:
            sheet.api.EnableSelection = how.selection


@contextmanager
def seeing_notes(sheet: xlwings.Sheet) -> Iterator[None]:
    """Within it, xlwings sees the notes of the sheet: on macOS it would see none where the sheet is protected, without a word."""
    how = protection(sheet) if on_mac() else None
    if how is None:
        yield
        return
    unprotect(sheet)
    try:
        yield
    finally:
        protect(sheet, how)


def _mac_option(name: str) -> str:
    """Apple's dictionary has the last one in the singular."""
    return f"allow_{name}".replace("pivot_tables", "pivot_table")


def read_only(book: xlwings.Book) -> bool:
    """Whether the workbook was opened only to be read."""
    return bool(book.api.read_only.get() if on_mac() else book.api.ReadOnly)


def uncoloured(cells: xlwings.Range) -> bool:
    """Whether no cell of a range has a colour behind it; where they differ, Excel says of the range neither this nor a colour."""
    if on_mac():
        from appscript import k  # type: ignore[import-not-found, unused-ignore]

        return bool(cells.api.interior_object.color_index.get() == k.color_index_none)
    return bool(cells.api.Interior.ColorIndex == NO_COLOUR)


def exact(cells: xlwings.Range) -> Any:
    """The numbers in cells with a currency format, which COM's `Value` cuts after the fourth decimal; macOS does not."""
    return cells.api.Value2


def size(note: xlwings.main.Note, text: str) -> None:
    """Make a new note large enough to be read. One that keeps the size Excel gives it is a note all the same."""
    lines = sum(1 + len(line) // LINE_LENGTH for line in text.split("\n"))
    height = LINE_HEIGHT * (lines + 1)
    with suppress(*refusals()):
        if on_mac():
            note.api.shape_object.width.set(NOTE_WIDTH)
            note.api.shape_object.height.set(height)
        else:
            note.api.Shape.Width = NOTE_WIDTH
            note.api.Shape.Height = height


def lines(text: str) -> str:
    """A text of Excel with line breaks as \\n."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def amend(note: xlwings.main.Note, new: str) -> None:
    """Give a note another text; on Windows the part that it begins or ends with already keeps its bold letters and colours."""
    old = lines(note.text)
    if not on_mac():
        with suppress(*refusals()):  # then the text is given as a whole
            if new.endswith(old):
                note.api.Text(new.removesuffix(old), 1, False)
            elif new.startswith(old):
                note.api.Text(new.removeprefix(old), len(old) + 1, False)
            elif old.endswith(new):
                note.api.Shape.TextFrame.Characters(1, len(old) - len(new)).Delete()
            elif old.startswith(new):
                note.api.Shape.TextFrame.Characters(len(new) + 1, len(old) - len(new)).Delete()
        old = lines(note.text)
    if old != new:
        note.text = new
