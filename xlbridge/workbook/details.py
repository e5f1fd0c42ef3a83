"""What a sheet says beside its values: what is hidden, merged, in error, how numbers are shown, headers and comments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

Value = str | int | float | bool | date | datetime | time | timedelta | None
"""What a cell may hold; None is nothing."""

Position = tuple[int, int]
"""Row and column, absolute, counted from 0."""


@dataclass(frozen=True, slots=True)
class Details:
    """The details of one sheet; a field is None where the file's format, or our reading of it, does not tell.

    `merged`: first row, first column, last row, last column, all inclusive. `errors`: the error as Excel writes it (`#DIV/0!`).
    `uncached`: formulas whose result the file does not hold. `formulas`: their text, as the file has it (an .xlsx without the equals
    sign). `formats`: the number format code of filled cells, where it is not General; ¤ stands for the currency of the reader's
    country. `headers_footers`: the plain text of page headers and footers.
    `protected`: whether locked cells cannot be changed in the application.
    """

    hidden: bool | None = None
    hidden_rows: frozenset[int] | None = None
    hidden_columns: frozenset[int] | None = None
    merged: tuple[tuple[int, int, int, int], ...] | None = None
    errors: Mapping[Position, str] | None = None
    uncached: frozenset[Position] | None = None
    formulas: Mapping[Position, str] | None = None
    formats: Mapping[Position, str] | None = None
    headers_footers: tuple[str, ...] | None = None
    comments: Mapping[Position, str] | None = None
    protected: bool | None = None
