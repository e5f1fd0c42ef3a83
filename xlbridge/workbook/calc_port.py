"""The workbook that LibreOffice Calc shows, as a `Port`.

The document lives in another process: `calc.Document` does the work there, and every call here is one line of JSON to it and one back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from xlbridge.errors import WrongUse
from xlbridge.findings import Cell
from xlbridge.workbook import calc, container
from xlbridge.workbook.container import MAX_CELLS
from xlbridge.workbook.details import Details, Position, Value
from xlbridge.workbook.extent import Extent
from xlbridge.workbook.grid import Sheet, Workbook
from xlbridge.workbook.port import Area, Look, Selection
from xlbridge.workbook.sheet_cells import Formula, Written, unwritable

Exchange = Callable[[str], str]
"""Sends one line and gives the line that answers it."""

FIRST_DAY = date(1899, 12, 30)
LEAP_DAY = 60  # of 1900, which never was: serials before it are one day behind


class Pipe:
    """Requests and answers as lines over two text streams: standard output and input of a command that LibreOffice started."""

    def __init__(self, back: TextIO, out: TextIO) -> None:
        self.back = back
        self.out = out

    def __call__(self, line: str) -> str:
        """Raises WrongUse where LibreOffice has ended."""
        try:
            self.out.write(line + "\n")
            self.out.flush()
            answer = self.back.readline()
        except OSError:
            answer = ""
        if not answer:
            raise WrongUse("LibreOffice ne répond plus.", "Rouvrez le classeur, puis recommencez.")
        return answer


class CalcPort:
    """The workbook behind `exchange`. What each method does is said at `Port`."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        place = self._call("place")
        if place.get("code") != calc.code():
            raise WrongUse(calc.OTHER_VERSION)
        self.name: str = place["name"]
        self.path: Path | None = Path(place["path"]) if place["path"] else None

    def _call(self, operation: str, *arguments: Any) -> Any:
        """What `calc.Document` answers to one operation. Raises WrongUse where it refuses."""
        answer = json.loads(self._exchange(json.dumps({"do": operation, "args": arguments})))
        if "refused" in answer:
            raise WrongUse(answer["refused"])
        return answer["done"]

    @property
    def _format(self) -> str:
        """The format by the file's name; a workbook that was never saved is LibreOffice's own."""
        suffix = self.path.suffix.lower().removeprefix(".") if self.path else ""
        return suffix or "ods"

    def snapshot(self) -> Workbook:
        """Raises UnreadableFile for a sheet whose rectangle no memory can hold."""
        told = self._call("sheets", MAX_CELLS)
        path, shift = self.path or Path(self.name), (date(*told["first_day"]) - FIRST_DAY).days
        sheets = []
        for known in told["sheets"]:
            if known["rows"] is None:
                container.refuse_beyond(path, known["name"], Extent(*known["area"]))
            top, left = (known["area"] or (0, 0))[:2]
            rows = [[None if value == "" else value for value in row] for row in known["rows"]]
            for kind, area in known["kinds"]:
                _convert(rows, top, left, area, partial(_typed, kind, shift, self._format == "ods"))
            live = partial(self._details, known["name"], rows, (top, left))
            sheets.append(Sheet(known["name"], top, left, rows, source=None, hidden=known["hidden"], live=live))
        return Workbook(path, self._format, tuple(sheets))

    def _details(self, sheet: str, rows: list[list[Value]], start: Position) -> Details:
        """The details of a sheet as it stands now; formats are those of the cells that hold something."""
        told = self._call("details", sheet)
        errors = _by_place(told["errors"])
        formats = {}
        for code, area in told["formats"]:
            for row, column in _filled(rows, *start, area):
                formats[row, column] = code
        return Details(
            hidden=told["hidden"],
            hidden_rows=frozenset(told["hidden_rows"]),
            hidden_columns=frozenset(told["hidden_columns"]),
            merged=tuple(_area(area) for area in told["merged"]),
            errors=errors,
            uncached=frozenset(),
            formulas={(row, column): text for text, places in told["formulas"] for row, column in places},
            formats=formats,
            headers_footers=tuple(told["headers_footers"]),
            protected=told["protected"],
            comments=_by_place(told["comments"]),
        )

    def selection(self) -> Selection:
        """See `Port`."""
        told = self._call("selection")
        return Selection(told["sheet"], tuple(_area(area) for area in told["areas"]))

    def select(self, sheet: str, where: Position) -> None:
        """See `Port`."""
        self._call("select", sheet, *where)

    def notes(self, sheet: str, at: Collection[Position] | None = None) -> dict[Position, str]:
        """See `Port`."""
        known = _by_place(self._call("notes", sheet))
        return known if at is None else {place: known[place] for place in at if place in known}

    def fills(self, sheet: str, at: Collection[Position]) -> dict[Position, str | None]:
        """See `Port`."""
        places = list(at)
        return dict(zip(places, self._call("fills", sheet, places), strict=True))

    def set_looks(self, sheet: str, looks: Mapping[Position, Look]) -> None:
        """See `Port`."""
        if looks:
            self._call("set_looks", sheet, [(*place, look.fill, look.note) for place, look in looks.items()])

    def write(self, sheet: str, cells: Mapping[Position, Written]) -> None:
        """See `Port`. Nothing is written where one of the values cannot be."""
        for value in cells.values():
            if not isinstance(value, Formula) and (fault := unwritable(value)):
                raise WrongUse(f"« {str(value)[:60]} » ne peut pas être écrit dans une cellule : {fault}.")
        if cells:
            self._call("write", sheet, [(*place, *_written(value)) for place, value in cells.items()])

    def link(self, sheet: str, links: Mapping[Position, Cell]) -> None:
        """See `Port`."""
        asked = []
        for place, cell in links.items():
            quoted = cell.sheet.replace("'", "''")
            asked.append((*place, f"'{quoted}'.{cell.address}", cell.reference))
        if asked:
            self._call("link", sheet, asked)

    def copy_row(self, sheet: str, row: int, to: range, columns: range) -> None:
        """See `Port`."""
        if to and columns:
            self._call("copy_row", sheet, row, (to[0], to[-1]), (columns[0], columns[-1]))

    def grow(self, sheet: str, last_row: int) -> None:
        """See `Port`."""
        self._call("grow", sheet, last_row)

    def add_sheet(self, name: str) -> None:
        """See `Port`."""
        self._call("add_sheet", name)

    def remove_sheet(self, name: str) -> None:
        """See `Port`."""
        self._call("remove_sheet", name)

    @contextmanager
    def unlocked(self, *sheets: str) -> Iterator[None]:
        """See `Port`."""
        done = self._call("unlock", sheets)
        try:
            yield
        finally:
            self._call("lock", done)

    def protect(self, *sheets: str) -> None:
        """See `Port`."""
        self._call("protect", sheets)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """See `Port`."""
        self._call("begin", title)
        try:
            yield
        finally:
            self._call("end")

    def status(self, text: str) -> None:
        """See `Port`."""
        self._call("status", text)

    def ask(self, question: str, *, may_stop: bool = False) -> bool | None:
        """See `Port`."""
        answer: bool | None = self._call("ask", question, may_stop)
        return answer

    def save(self) -> None:
        """See `Port`."""
        self._call("save")


def _by_place(entries: list[tuple[int, int, str]]) -> dict[Position, str]:
    return {(row, column): text for row, column, text in entries}


def _area(edges: list[int]) -> Area:
    top, left, bottom, right = edges
    return top, left, bottom, right


def _filled(rows: list[list[Value]], top: int, left: int, area: list[int]) -> Iterator[Position]:
    """The places within `area` where `rows`, which begin at (`top`, `left`), hold something."""
    for row in range(max(area[0], top), min(area[2] + 1, top + len(rows))):
        values = rows[row - top]
        for column in range(max(area[1], left), min(area[3] + 1, left + len(values))):
            if values[column - left] is not None:
                yield row, column


def _convert(rows: list[list[Value]], top: int, left: int, area: list[int], typed: Callable[[float], Value]) -> None:
    """Give the numbers within `area` the type that their format shows."""
    for row, column in _filled(rows, top, left, area):
        value = rows[row - top][column - left]
        if isinstance(value, float):
            rows[row - top][column - left] = typed(value)


def _typed(kind: str, shift: int, is_ods: bool, number: float) -> Value:
    """A number as what its format makes of it, by the rules of `grid` (calamine): a day's fraction to the millisecond."""
    if kind == "truth":
        return bool(number)
    if (kind != "day" and number >= 1) if is_ods else kind == "duration":
        return timedelta(milliseconds=round(number * 86_400_000))
    days, milliseconds = divmod(round(number * 86_400_000), 86_400_000)
    clock = (datetime.combine(FIRST_DAY, time()) + timedelta(milliseconds=milliseconds)).time()
    if number < 1:
        return clock if number > 0 else time()
    days += shift
    day = FIRST_DAY + timedelta(days=days + (days < LEAP_DAY))
    return datetime.combine(day, clock) if number % 1 else day


def _written(value: Written) -> tuple[str, Any]:
    """What `calc.Document.write` takes for a value."""
    if value is None:
        return "empty", None
    if isinstance(value, Formula):
        return "formula", value.text
    if isinstance(value, str):
        return "text", value
    if isinstance(value, Decimal):
        return "number", float(value)
    return "day", (value.year, value.month, value.day)
