"""The notes of an open sheet of Excel. A thread of comments is none, and what it leaves behind for older versions neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlbridge.workbook import excel_native
from xlbridge.workbook.address import rectangle
from xlbridge.workbook.details import Position

if TYPE_CHECKING:
    import xlwings

FEW = 12  # cells whose notes are asked for one by one


def notes(sheet: xlwings.Sheet, at: set[Position] | None = None) -> dict[Position, str]:
    """The notes of a sheet, or of the cells `at` alone, line breaks as \\n; a thread of comments is none."""
    with excel_native.seeing_notes(sheet):
        if at is None or len(at) > FEW:
            found = {rectangle(note.location.address)[:2]: note.text for note in sheet.notes}
        else:
            known = {where: sheet.range((where[0] + 1, where[1] + 1)).note for where in at}
            found = {where: note.text for where, note in known.items() if note is not None}
    wanted = found.keys() - threads(sheet) if found else set()
    return {
        where: excel_native.lines(text)
        for where, text in found.items()
        if where in wanted and (at is None or where in at) and excel_native.THREAD_LINK not in text
    }


def threads(sheet: xlwings.Sheet) -> set[Position]:
    """The cells with a thread of comments; none where there is no word for them (macOS, Excel 2016). Raises what Excel refuses."""
    try:
        return {rectangle(comment.location.address)[:2] for comment in sheet.comments}
    except NotImplementedError:
        return set()
    except excel_native.refusals() as fault:
        if not excel_native.is_unknown(fault):
            raise
        return set()
