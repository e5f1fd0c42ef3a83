"""How long values take to read: python-calamine alone, and `open_workbook`, on one sheet of 50,000 rows by 20 columns.

Each reading is a process of its own, in turn; what it imports is not counted.

Run: python -m bench.reading
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from bench.timing import milliseconds, number, processes, table, verdict

ROWS, COLUMNS, ROUNDS = 50_000, 20, 5
RATIO = 1.6  # the target
CALAMINE, OURS = "python-calamine", "xlbridge"


def write_register(path: Path, rows: int = ROWS) -> None:
    """A register as an accountant keeps it: texts, dates, amounts, some empty cells."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"constant_memory": False}) as book:
        sheet = book.add_worksheet("Registre")
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        money = book.add_format({"num_format": '#,##0.00\\ "€"'})
        for row in range(rows):
            for column in range(COLUMNS):
                match column % 4:
                    case 0:
                        sheet.write_string(row, column, f"Client {row % 700} {column}")
                    case 1:
                        sheet.write_datetime(row, column, date(2026, 1, 1) + timedelta(days=row % 365), day)
                    case 2:
                        sheet.write_number(row, column, (row * 37 + column) % 100_000 / 100, money)
                    case _ if row % 3:
                        sheet.write_number(row, column, row % 50)


def read_once(reader: str, path: Path) -> tuple[float, int]:
    """Seconds that `reader` takes for all values, and the number of rows."""
    from python_calamine import CalamineWorkbook

    from xlbridge.workbook.grid import open_workbook

    start = time.perf_counter()
    if reader == CALAMINE:
        rows = len(CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False))
    else:
        rows = len(open_workbook(path).sheets[0].rows)
    return time.perf_counter() - start, rows


def measure(rows: int = ROWS, rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Seconds of each reading by reader."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "registre.xlsx"
        write_register(path, rows)
        runs = processes({reader: ("-m", "bench.reading", reader, str(path)) for reader in (CALAMINE, OURS)}, rounds)
    seconds: dict[str, list[float]] = {}
    for reader, answers in runs.items():
        pairs = [answer.split() for _, answer in answers]
        if {int(count) for _, count in pairs} != {rows}:
            raise RuntimeError(f"{reader} did not read {rows} rows: {pairs}")
        seconds[reader] = [float(taken) for taken, _ in pairs]
    return seconds


def report(seconds: dict[str, list[float]], rows: int = ROWS) -> str:
    """The table and the comparison with the target."""
    figures = {reader: milliseconds(values) for reader, values in seconds.items()}
    lines = [(reader, number(middle, 0), number(least, 0)) for reader, (middle, least) in figures.items()]
    return "\n".join(
        (
            f"Lecture des valeurs, {number(rows, 0)} × {COLUMNS} cellules, un processus par lecture, en millisecondes",
            table(("", "médiane", "minimum"), lines),
            f"xlbridge / calamine : {verdict(figures[OURS][0] / figures[CALAMINE][0], RATIO, ' ×')}",
        )
    )


def main() -> None:
    """Measure and print; with a reader and a file as arguments: read once and print seconds and rows."""
    if len(sys.argv) == 3:
        print(*read_once(sys.argv[1], Path(sys.argv[2])))
    else:
        print(report(measure()))


if __name__ == "__main__":
    main()
