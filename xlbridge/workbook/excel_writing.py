"""Values put into an open sheet of Excel, so that each is what it was meant to be.

Excel reads what it is given as if it were typed: in a cell of format General `=1+1` becomes a formula, `00123` a number and `1/2` a day.
A leading apostrophe, which is no part of the value, makes it take the rest for a text; in a cell of format Text (`@`) every text is one as
it is, and a number or formula becomes one, too. What stands there is read again afterwards, and a text that is not the same is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from xlbridge.errors import WrongUse
from xlbridge.workbook.address import address_of, reference
from xlbridge.workbook.details import Position
from xlbridge.workbook.excel_reading import formats, values
from xlbridge.workbook.sheet_cells import Formula, Written, unwritable

if TYPE_CHECKING:
    import xlwings

    from xlbridge.workbook.port import Area

TEXT, DAY = "@", "dd/mm/yyyy"
LONG = 8000  # characters: a longer text goes alone, for Excel takes none of more than 8203 in a block


def write(sheet: xlwings.Sheet, cells: Mapping[Position, Written], engine: Any) -> None:
    """Write values. Raises WrongUse for one that no cell can hold, before anything is written, and for a text that Excel changed."""
    for where, value in cells.items():
        if not isinstance(value, Formula) and (reason := unwritable(value)):
            raise WrongUse(f"Feuille « {sheet.name} », cellule {address_of(where)} : {reason}.", "Corrigez la donnée, puis recommencez.")
    long = {where for where, value in cells.items() if isinstance(value, str) and len(value) > LONG}
    for area in [*rectangles(cells.keys() - long), *((*where, *where) for where in sorted(long))]:
        _write_area(sheet, area, cells, engine)


def rectangles(cells: Iterable[Position]) -> Iterator[Area]:
    """Cells as areas: runs of a row, and rows with the same run together.

    >>> sorted(rectangles({(1, 0), (1, 1), (2, 0), (2, 1), (2, 3)}))
    [(1, 0, 2, 1), (2, 3, 2, 3)]
    """
    open_areas: dict[tuple[int, int], Area] = {}
    for row, left, right in _runs(cells):
        top, _left, bottom, _right = open_areas.get((left, right), (row, left, row, right))
        if bottom < row - 1:
            yield open_areas[left, right]
            top = row
        open_areas[left, right] = (top, left, row, right)
    yield from open_areas.values()


def _runs(cells: Iterable[Position]) -> Iterator[tuple[int, int, int]]:
    """Row, first and last column of the cells side by side."""
    run: tuple[int, int, int] | None = None
    for row, column in sorted(cells):
        if run and run[0] == row and run[2] == column - 1:
            run = (row, run[1], column)
            continue
        if run:
            yield run
        run = (row, column, column)
    if run:
        yield run


def _write_area(sheet: xlwings.Sheet, area: Area, cells: Mapping[Position, Written], engine: Any) -> None:
    top, left, bottom, right = area
    codes = formats(sheet, area)
    here = [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]
    for where in here:
        if codes[where] == TEXT and not isinstance(cells[where], (str, date, type(None))):
            _cell(sheet, where).number_format = "General"
    block = [[_entered(cells[row, column], codes[row, column]) for column in range(left, right + 1)] for row in range(top, bottom + 1)]
    sheet.range(reference(*area)).value = block
    for where in here:
        if isinstance(value := cells[where], Formula):
            _cell(sheet, where).formula = f"={value.text}"
    for row, shown in enumerate(values(sheet, area, engine), top):
        for column, value in enumerate(shown, left):
            _mend(sheet, (row, column), cells[row, column], value, engine)


def _entered(value: Written, code: str) -> Any:
    """What to give Excel for a value."""
    if isinstance(value, str) and value:
        return value if code == TEXT else f"'{value}"
    if isinstance(value, date):
        return datetime.combine(value, time())
    return float(value) if isinstance(value, Decimal) else None


def _mend(sheet: xlwings.Sheet, where: Position, meant: Written, shown: Any, engine: Any) -> None:
    """Set right what Excel took for something else: a day in a cell of another format, a text in spite of its apostrophe."""
    if isinstance(meant, date) and not isinstance(shown, datetime):
        _cell(sheet, where).number_format = DAY
        _cell(sheet, where).value = _entered(meant, DAY)
    elif isinstance(meant, str) and (meant or None) != shown:
        _cell(sheet, where).number_format = TEXT
        _cell(sheet, where).value = meant
        if values(sheet, (*where, *where), engine) != [[meant]]:
            _cell(sheet, where).value = None
            raise WrongUse(
                f"Feuille « {sheet.name} », cellule {address_of(where)} : Excel ne garde pas le texte « {meant[:40]} » tel quel.",
                "Saisissez-le à la main, précédé d’une apostrophe.",
            )


def _cell(sheet: xlwings.Sheet, where: Position) -> xlwings.Range:
    return sheet.range(address_of(where))
