"""What the rules cost beside the reading: `check` on one workbook of 5,000 invoices, and on one invoice in a new process.

Run: python -m bench.checking
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from bench.conversion import write_register
from bench.timing import milliseconds, number, processes, table, verdict

INVOICES, ROUNDS = 5_000, 5
EACH_MILLISECONDS, COLD_SECONDS = 0.4, 0.7  # the targets
READING, CHECKING, COLD = "lecture", "contrôle", "une facture, à froid"


def measure_once(step: str, path: Path) -> float:
    """Seconds for `step` on the workbook at `path`, what it imports not counted."""
    from xlbridge.checking import check
    from xlbridge.collector import calm_collector
    from xlbridge.legacy.reader import read_workbook
    from xlbridge.rules.catalogue import catalogue
    from xlbridge.workbook.client_list import load_clients
    from xlbridge.workbook.grid import open_workbook

    clients = load_clients(path.parent / "clients.csv")
    catalogue()
    calm_collector()
    start = time.perf_counter()
    if step == READING:
        count = len(read_workbook(open_workbook(path)).documents)  # what was read is given back, as `check` does
    else:
        report = check(path, clients=clients)
    seconds = time.perf_counter() - start
    if step == READING and not count:
        raise RuntimeError("nothing was read")
    if step == CHECKING and report.outcome != "compliant":
        raise RuntimeError(f"the right workbook is {report.outcome}: {report.findings[:1]}")
    return seconds


def measure(invoices: int = INVOICES, rounds: int = ROUNDS) -> tuple[dict[str, list[float]], list[float]]:
    """Seconds of reading and of checking `invoices` invoices, each in a process of its own, and of the whole command on one invoice."""
    with tempfile.TemporaryDirectory() as name:
        many, _ = write_register(Path(name, "many"), invoices)
        one, _ = write_register(Path(name, "one"), 1)
        steps = {step: ("-m", "bench.checking", step, str(many)) for step in (READING, CHECKING)}
        runs = processes(steps | {COLD: ("-m", "xlbridge", "check", str(one))}, rounds)
    seconds = {step: [float(answer) for _, answer in runs[step]] for step in steps}
    return seconds, [wall for wall, _ in runs[COLD]]


def report(seconds: dict[str, list[float]], cold: list[float], invoices: int = INVOICES) -> str:
    """The table and the comparison with the targets."""
    figures = {step: milliseconds(values) for step, values in seconds.items()}
    lines = [(step, number(middle / invoices, 3), number(least / invoices, 3)) for step, (middle, least) in figures.items()]
    beyond = (figures[CHECKING][0] - figures[READING][0]) / invoices
    return "\n".join(
        (
            f"Contrôle d’un classeur de {number(invoices, 0)} factures, en millisecondes par facture",
            table(("", "médiane", "minimum"), lines),
            f"contrôle sans la lecture : {verdict(beyond, EACH_MILLISECONDS, ' ms')}",
            f"{COLD} : {verdict(milliseconds(cold)[0] / 1e3, COLD_SECONDS, ' s')}",
        )
    )


def main() -> None:
    """Measure and print; with a step and a file as arguments: do it once and print the seconds."""
    if len(sys.argv) == 3:
        print(measure_once(sys.argv[1], Path(sys.argv[2])))
    else:
        print(report(*measure()))


if __name__ == "__main__":
    main()
