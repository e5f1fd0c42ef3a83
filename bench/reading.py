"""How long values take to read: python-calamine alone, and `open_workbook`, on one sheet of 50,000 rows by 20 columns.

Run: python -m bench.reading
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from statistics import median

ROWS, COLUMNS, RUNS = 50_000, 20, 5


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


def seconds(action: Callable[[], object]) -> float:
    """The median time of `action` over some runs."""
    times = []
    for _run in range(RUNS):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return median(times)


def main() -> None:
    """Print both times and their ratio."""
    from python_calamine import CalamineWorkbook

    from xlbridge.workbook.grid import open_workbook

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "registre.xlsx"
        write_register(path)
        alone = seconds(lambda: CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False))
        ours = seconds(lambda: open_workbook(path))
        details = seconds(lambda: open_workbook(path).sheets[0].details) - ours
    print(f"python-calamine to_python   {alone:.2f} s")
    print(f"xlbridge open_workbook      {ours:.2f} s   ({ours / alone:.2f} ×)")
    print(f"xlbridge details on top     {details:.2f} s")


if __name__ == "__main__":
    main()
