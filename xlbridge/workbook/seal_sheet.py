"""The sheet « Sceau »: how far the ledger had come when the workbook was last written to.

A copy of the workbook, or an old ledger put back, betrays itself by it. It proves nothing alone: whoever has the file can change it.
"""

from __future__ import annotations

from dataclasses import dataclass

from xlbridge.folding import folded
from xlbridge.workbook.columns import as_text
from xlbridge.workbook.grid import Sheet, Workbook
from xlbridge.workbook.template_layout import SEAL, SEAL_ROWS

COUNTS = frozenset({"count", "seq"})
NO_CHANGE = "une erreur se corrige par un avoir ou une facture rectificative, jamais dans « Registre »."
"""What to do about a document that is sealed."""


@dataclass(frozen=True, slots=True)
class SealSheet:
    """What the sheet says; None where it is empty. `book`: by what the workbook is known, whatever its file is called.

    `unreadable` names the labels that are missing, or whose value is no whole number.
    """

    ledger: str | None = None
    count: int | None = None
    seq: int | None = None
    hash: str | None = None
    key: str | None = None
    last_numbers: str | None = None
    at: str | None = None
    book: str | None = None
    unreadable: tuple[str, ...] = ()


def read_seal(workbook: Workbook) -> SealSheet | None:
    """The seal of a workbook; None where it has no such sheet."""
    sheet = next((sheet for sheet in workbook.sheets if sheet.name == SEAL), None)
    if sheet is None:
        return None
    rows = label_rows(sheet)
    values: dict[str, str | int | None] = {}
    unreadable = []
    for label, attribute in SEAL_ROWS:
        text = as_text(sheet.at(rows[label], 1)) if label in rows else None
        text = text.strip() or None if text else None
        is_count = attribute in COUNTS
        if label not in rows or (is_count and text is not None and not (text.isascii() and text.isdigit())):
            unreadable.append(label)
            continue
        values[attribute] = int(text) if is_count and text is not None else text
    return SealSheet(**values, unreadable=tuple(unreadable))  # type: ignore[arg-type]


def label_rows(sheet: Sheet) -> dict[str, int]:
    """The row of each label, counted from 0, of those that stand once in the first column."""
    found: dict[str, list[int]] = {}
    for row in range(sheet.first_row, sheet.first_row + len(sheet.rows)):
        found.setdefault(folded(as_text(sheet.at(row, 0)) or ""), []).append(row)
    return {label: rows[0] for label, _attribute in SEAL_ROWS if len(rows := found.get(folded(label), [])) == 1}


def seal_texts(seal: SealSheet) -> dict[str, str | None]:
    """What is written beside each label."""
    values = {label: getattr(seal, attribute) for label, attribute in SEAL_ROWS}
    return {label: None if value is None else str(value) for label, value in values.items()}
