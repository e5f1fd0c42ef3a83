"""How many documents `xlbridge convert` makes and verifies in a second: a table of the lines of 500 invoices, two workers.

The time is that of the whole command: start, reading, conversion, report.

Run: python -m bench.conversion
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from bench.timing import number

INVOICES, JOBS = 500, 2
FIRST_DAY = date(2026, 1, 2)
COLUMNS = ("N° facture", "Date", "Échéance", "Client", "Désignation", "Quantité", "Prix unitaire HT", "Taux TVA", "Montant HT")


def write_register(folder: Path, invoices: int) -> tuple[Path, int]:
    """A workbook with a row per line of `invoices` invoices of the examples, company and clients beside it; and the number of rows."""
    import xlsxwriter

    from xlbridge.workbook.demo import build_demo
    from xlbridge.workbook.demo_data import plain_invoices

    build_demo(folder)  # for its company and its clients
    numbers = [f"F-{place:04}" for place in range(1, invoices + 1)]
    path, row = folder / "registre.xlsx", 0
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Lignes")
        day, percent = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"num_format": "0.0%"})
        sheet.write_row(0, 0, COLUMNS)
        for invoice in plain_invoices(numbers, FIRST_DAY, 0):
            for line in invoice.lines:
                row += 1
                sheet.write(row, 0, invoice.number)
                sheet.write_datetime(row, 1, FIRST_DAY, day)
                sheet.write_datetime(row, 2, FIRST_DAY + timedelta(days=30), day)
                sheet.write_row(row, 3, (invoice.buyer.name, line.name, line.quantity, line.unit_price))
                sheet.write(row, 7, (line.vat_rate or 0) / 100, percent)
                sheet.write(row, 8, line.net_amount)
    return path, row


def measure(invoices: int = INVOICES, jobs: int = JOBS) -> tuple[float, int, int]:
    """Seconds of the command, PDFs made, rows read. RuntimeError when a document is missing."""
    with tempfile.TemporaryDirectory() as name:
        path, rows = write_register(Path(name) / "classeurs", invoices)
        command = [sys.executable, "-m", "xlbridge", "convert", str(path), "--out", str(Path(name, "pdf")), "--jobs", str(jobs), "--json"]
        start = time.perf_counter()
        done = subprocess.run(command, check=False, capture_output=True)
        seconds = time.perf_counter() - start
        documents = [document for file in json.loads(done.stdout)["files"] for document in file["documents"]]
        made = len([document for document in documents if document.get("pdf")])
    if made != invoices:
        raise RuntimeError(f"{made} of {invoices} invoices were converted (exit code {done.returncode}): {documents[:1]}")
    return seconds, made, rows


def report(seconds: float, made: int, rows: int) -> str:
    """One line."""
    return (
        f"Conversion d’un classeur de {made} factures ({number(rows, 0)} lignes), {JOBS} processus : "
        f"{number(seconds, 1)} s, soit {number(made / seconds, 0)} documents vérifiés par seconde"
    )


def main() -> None:
    """Measure and print."""
    print(report(*measure()))


if __name__ == "__main__":
    main()
