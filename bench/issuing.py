"""How many invoices are issued in a second, alone and by several processes on one series at once, and how long the ledger is locked.

An issue is counted from the draft, read from its workbook, to the head in the vault: all rules, the official ones too, the PDF and its
reading back, files and database on the disk. Workbooks are read before, and moving the rows afterwards is left out.

Run: python -m bench.issuing [--processes 8] [--each 250]
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.timing import number, table
from tests import stores
from tests.issuing_stage import check_numbers, company, read_ready
from xlbridge.issuing.places import Places
from xlbridge.issuing.session import create, opened
from xlbridge.issuing.steps import Step
from xlbridge.issuing.transaction import Options, issue_one, plan_one
from xlbridge.ledger import chain
from xlbridge.ledger.schema import RECORDS
from xlbridge.ledger.store import open_ledger

if TYPE_CHECKING:
    from multiprocessing.queues import Queue
    from multiprocessing.synchronize import Barrier

PROCESSES, EACH, ALONE = 8, 10, 60


@dataclass
class Watch:
    """Adds up how long the ledger was locked by one process, and how long that waited for it."""

    locked: float = 0.0
    head: float = 0.0
    longest_wait: float = 0.0
    since: dict[str, float] = field(default_factory=dict)
    in_head: bool = False

    def __call__(self, step: str) -> None:
        now = time.perf_counter()
        self.since[step] = now
        if step == Step.LOCKED:
            self.longest_wait = max(self.longest_wait, now - self.since["asked"])
        elif step == Step.COMMITTED:
            self.locked += now - self.since[Step.LOCKED]
        elif step == Step.UNMARKED:
            self.in_head = True
        elif step == Step.HEAD_WRITTEN:
            self.head += now - self.since["head"]
        elif self.in_head:  # its file is begun
            self.since["head"], self.in_head = now, False


@dataclass(frozen=True)
class Measured:
    """What came of `processes` × `each` issues: seconds from the first to the last, seconds under the lock for the document and for the
    head, the longest wait for the lock, and how many documents the ledger has, numbered without gap."""

    processes: int
    each: int
    seconds: float
    locked: float
    head: float
    longest_wait: float
    documents: int


def measure(places: Places, processes: int, each: int, folder: Path) -> Measured:
    """Issue `each` drafts in each of `processes` processes at once, in a new ledger at `places`."""
    create(company(), places).close()
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(processes), context.Queue()
    workers = [context.Process(target=_work, args=(places, at, each, folder, barrier, results)) for at in range(processes)]
    for worker in workers:
        worker.start()
    told = [results.get(timeout=3600) for _ in workers]
    for worker in workers:
        worker.join()
    if wrong := [item for item in told if isinstance(item, str)]:
        raise RuntimeError(wrong[0])
    start, end = min(item[0] for item in told), max(item[1] for item in told)
    watches = [item[2] for item in told]
    locked, head, wait = sum(w.locked for w in watches), sum(w.head for w in watches), max(w.longest_wait for w in watches)
    return Measured(processes, each, end - start, locked, head, wait, documents(places))


def documents(places: Places) -> int:
    """How many documents the ledger has. AssertionError: with a gap or twice the same."""
    assert places.ledger
    ledger = open_ledger(places.ledger)
    with ledger.reading() as connection:
        found = list(chain.links(connection, RECORDS, chain.DOCUMENT))
    ledger.close()
    check_numbers(found)
    return len(found)


def _work(places: Places, at: int, each: int, folder: Path, barrier: Barrier, results: Queue[Any]) -> None:
    """One process: its drafts are read and its rule sheets compiled before the others are waited for."""
    import traceback

    from xlbridge.official.judge import warm_up

    try:
        path = folder / f"poste{at}.xlsx"
        drafts = read_ready(path, range(at * each, (at + 1) * each))
        original = path.read_bytes()
        warm_up()
        assert places.ledger
        ledger = open_ledger(places.ledger)
        watch = Watch()
        barrier.wait(timeout=600)
        start = time.time()
        with opened(ledger, places, watch) as session:
            for draft in drafts:
                planned = plan_one(ledger, draft, Options())
                watch.since["asked"] = time.perf_counter()
                done = issue_one(ledger, session.vault, session.key, planned, original, Options(), watch)
                assert done.link is not None, [finding.message for finding in done.draft.findings]
        results.put((start, time.time(), watch))
        ledger.close()
    except BaseException:  # else the others would wait for this one for ever
        barrier.abort()
        results.put(traceback.format_exc())


def compare(processes: int = PROCESSES, each: int = EACH, alone: int = ALONE) -> dict[str, list[Measured]]:
    """On SQLite and, where its server is installed, PostgreSQL: one process, then several."""
    found: dict[str, list[Measured]] = {}
    for name, store in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        for count, issues in ((1, alone), (processes, each)):
            with tempfile.TemporaryDirectory() as text, store(Path(text)) as url:
                if url is not None:
                    folder = Path(text)
                    places = Places(url, folder / "coffre", str(folder / "cle.pem"))
                    found.setdefault(name, []).append(measure(places, count, issues, folder))
    return found


@contextmanager
def _sqlite(folder: Path) -> Iterator[str | None]:
    yield stores.sqlite_store(folder).url


@contextmanager
def _postgresql(_folder: Path) -> Iterator[str | None]:
    """A server that waits for the disk, as a real one does; None where it is not installed."""
    if stores.server_program("initdb") is None:
        yield None
        return
    with stores.running_server(stores.DURABLE) as server, stores.postgresql_store(server) as store:
        yield store.url


def report(measured: dict[str, list[Measured]]) -> str:
    """The table."""
    rows = [
        (
            f"{name}, {run.processes} × {run.each}",
            number(run.documents / run.seconds, 1),
            f"{run.locked / run.seconds:.0%}",
            f"{run.head / run.seconds:.0%}",
            number(1000 * run.locked / run.documents, 1),
            number(run.longest_wait, 2),
            str(run.documents),
        )
        for name, runs in measured.items()
        for run in runs
    ]
    headers = ("", "par seconde", "temps verrouillé", "pour la tête", "verrou (ms)", "attente max. (s)", "numéros qui se suivent")
    return "Émission, du brouillon lu à la tête écrite : processus × factures, une seule série\n" + table(headers, rows)


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Issues per second, alone and together.")
    parser.add_argument("--processes", type=int, default=PROCESSES)
    parser.add_argument("--each", type=int, default=EACH, help="invoices of each process")
    given = parser.parse_args(arguments or [])
    print(report(compare(given.processes, given.each)))


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
