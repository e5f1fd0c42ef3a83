"""`convert`: a folder of workbooks to verified PDFs, in spawned worker processes.

Files are read first, then their documents are converted in small chunks, so that one large register keeps every worker busy. What a
run has finished is in place and on record even when it is interrupted; a worker that dies takes only its own chunk with it, and that
chunk is tried again document by document.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from xlbridge.bulk.conversion import NOT_CHECKED, FileRead, Order, convert_all, orders, read_all, stopped
from xlbridge.bulk.plan import REPORT, Job, Tick, last_run, plan, silent, unchanged
from xlbridge.bulk.report import write_workbook
from xlbridge.errors import ExitCode, UnreadableFile, WrongUse, why, worst
from xlbridge.findings import Severity
from xlbridge.legacy.reader import needs_companion, unreadable
from xlbridge.official.engine import REWRITE_AFTER

T = TypeVar("T")
R = TypeVar("R")
CHUNK = 10


@dataclass
class Conversion:
    """The result of a run: the records of `conversion.json`, in the order of the files."""

    records: list[dict[str, Any]] = field(default_factory=list)
    stopped: bool = False

    @property
    def exit_code(self) -> ExitCode:
        """3 where a file could not be read, 1 where a finding stopped a document, 5 where one was not verified."""
        if self.stopped:
            return ExitCode.STOPPED
        codes: set[ExitCode] = set()
        for record in self.records:
            if record["reason"] == "unreadable":
                codes.add(ExitCode.UNREADABLE)
            for document in record["documents"]:
                found = {finding["code"] for finding in document["findings"] if finding["severity"] == Severity.BLOCKING.value}
                if found:
                    codes.add(ExitCode.NOT_CHECKED if found == {NOT_CHECKED.code} else ExitCode.BLOCKING_FINDINGS)
        return worst(codes)

    def as_json(self) -> dict[str, Any]:
        """The object of `conversion.json`."""
        return {"files": self.records, "stopped": self.stopped}


def convert(
    paths: Sequence[Path],
    out: Path,
    *,
    company: Path | None = None,
    clients: Path | None = None,
    jobs: int | None = None,
    tick: Tick = silent,
) -> Conversion:
    """Convert the workbooks that `paths` name into `out`, and write `conversion.json` and `conversion.xlsx` there.

    `tick(done, total, what)` is told of every file read and document converted. A keyboard interrupt ends the run with what is finished
    on record. Raises WrongUse for paths or settings that cannot work.
    """
    todo = plan(paths, out, company, clients)
    _make_folder(out)
    previous = last_run(out)
    kept = {job: record for job in todo if (record := unchanged(job, previous, out))}
    result = Conversion()
    fresh: dict[Job, dict[str, Any]] = {}
    try:
        _run([job for job in todo if job not in kept], out, jobs or os.cpu_count() or 1, tick, fresh)
    except KeyboardInterrupt:
        result.stopped = True
    finally:
        _sweep(out)
    result.records = [record for job in todo if (record := kept.get(job) or fresh.get(job))]
    _remove_stale(previous, result.records, out)
    write_workbook(result.records, out)
    _write_json(out / REPORT, result.as_json())
    return result


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise WrongUse(f"Le dossier « {out} » ne peut pas être créé ({why(fault)}).", "Choisissez un autre dossier par --out.") from fault


def _run(todo: Sequence[Job], out: Path, workers: int, tick: Tick, fresh: dict[Job, dict[str, Any]]) -> None:
    """Fill `fresh` with the record of each job, whole or as far as it came."""
    pool = _Pool(workers)
    try:
        reads: dict[Job, FileRead] = {}
        for jobs, found in pool.each(read_all, [[job] for job in todo], (), _unread):
            for job, read in zip(jobs, found, strict=True):
                reads[job] = read
                fresh[job] = _record(job, read)
                tick(len(reads), len(todo), job.path.name)
        places: dict[str, tuple[Job, int, Order]] = {}
        for job in todo:
            found_orders = orders(job, reads[job])
            fresh[job]["documents"] = [None] * len(found_orders)
            places |= {order.name: (job, place, order) for place, order in enumerate(found_orders)}
        wanted = [order for _, _, order in places.values()]
        done = 0
        chunks = [wanted[start : start + CHUNK] for start in range(0, len(wanted), CHUNK)]
        many = len(wanted) > workers * REWRITE_AFTER
        for chunk, records in pool.each(convert_all, chunks, (out, many), _unverified):
            for order, record in zip(chunk, records, strict=True):
                job, place, _ = places[order.name]
                fresh[job]["documents"][place] = record
            done += len(chunk)
            tick(done, len(wanted), job.path.name)
    finally:
        pool.close()
        for record in fresh.values():
            finished = [document for document in record["documents"] if document is not None]
            record["incomplete"] = len(finished) < len(record["documents"])
            record["documents"] = finished


class _Pool:
    """Spawned workers that are made again when one of them dies, as the rule engine can take its whole process down."""

    def __init__(self, workers: int) -> None:
        self.executor = self._start(workers)

    @staticmethod
    def _start(workers: int) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(workers, mp_context=context, initializer=_ignore_interrupt)

    def each(
        self, call: Callable[..., list[R]], batches: Sequence[list[T]], rest: tuple[Any, ...], lost: Callable[[T], R]
    ) -> Iterator[tuple[list[T], list[R]]]:
        """`call(batch, *rest)` for each batch as results come. What was under way when a worker died is called again item by item;
        `lost` stands in for an item that takes its worker down once more."""
        futures = {self.executor.submit(call, batch, *rest): batch for batch in batches}
        broken = []
        for future in as_completed(futures):
            try:
                yield futures[future], future.result()
            except BrokenProcessPool:
                broken.append(futures[future])
        for batch in broken:
            yield batch, [self._alone(call, item, rest, lost) for item in batch]

    def _alone(self, call: Callable[..., list[R]], item: T, rest: tuple[Any, ...], lost: Callable[[T], R]) -> R:
        try:
            return self.executor.submit(call, [item], *rest).result()[0]
        except BrokenProcessPool:
            pass
        self.executor = self._start(1)
        try:
            return self.executor.submit(call, [item], *rest).result()[0]
        except BrokenProcessPool:
            self.executor = self._start(1)
            return lost(item)

    def close(self) -> None:
        """Stop the workers at once: what they have not put in place is of no use."""
        processes = list((self.executor._processes or {}).values())
        self.executor.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()


def _ignore_interrupt() -> None:
    """Ctrl-C reaches the whole group; only the parent answers it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _unread(job: Job) -> FileRead:
    fault = UnreadableFile("La lecture de ce fichier a fait tomber le programme.", "Signalez ce défaut avec le fichier.")
    return FileRead(unreadable(job.path, fault))


def _unverified(order: Order) -> dict[str, Any]:
    return stopped(order, NOT_CHECKED.found(message="le moteur de règles s’est arrêté"))


def _record(job: Job, read: FileRead) -> dict[str, Any]:
    reading = read.reading
    return {
        "file": str(job.path),
        "verdict": reading.verdict,
        "reason": reading.reason,
        "documents": [],
        "findings": [finding.as_json() for finding in reading.findings],
        "folder": job.folder,
        "key": job.key,
        "beside": job.beside if needs_companion(reading) else None,
    }


def _sweep(out: Path) -> None:
    """Remove what an interrupted worker left half written."""
    for part in out.glob("*/.*.part"):
        part.unlink(missing_ok=True)


def _remove_stale(previous: dict[str, Any], records: Iterable[dict[str, Any]], out: Path) -> None:
    """Remove the PDFs of the last run that this one replaces under another name: the same file no longer holds that document."""
    by_file = {record["file"]: record for record in records if not record.get("incomplete")}
    wanted = {document["pdf"] for record in by_file.values() for document in record["documents"]}
    for name, record in previous.items():
        if name in by_file:
            for document in record["documents"]:
                if (pdf := document.get("pdf")) and pdf not in wanted and Path(pdf).suffix == ".pdf" and ".." not in Path(pdf).parts:
                    (out / pdf).unlink(missing_ok=True)


def _write_json(path: Path, data: dict[str, Any]) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps(data, ensure_ascii=False, indent=1), "utf-8")
    part.replace(path)
