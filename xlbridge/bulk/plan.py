"""What a conversion will do: which files, under which names, and which of them are unchanged since the last run."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from xlbridge import __version__
from xlbridge.errors import WrongUse
from xlbridge.file_names import safe_name
from xlbridge.workbook.target import BACKUP

SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv", ".tsv"})
COMPANY_FILE = "entreprise.toml"
CLIENT_FILES = ("clients.csv", "clients.xlsx")
REPORT = "conversion.json"
WORKBOOK_REPORT = "conversion.xlsx"
Tick = Callable[[int, int, str], None]
"""Is told how many steps are done, of how many, and on which file."""


def silent(done: int, total: int, what: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Job:
    """One file to convert: where its PDFs go, its company and client files, and the keys that tell whether it has changed.

    `key` stands for the file and its settings, `beside` for the files of its folder that may complete it.
    """

    path: Path
    folder: str
    company: Path | None
    clients: Path | None
    companions: tuple[Path, ...]
    key: str
    beside: str


def workbooks_in(paths: Iterable[Path], out: Path | None = None) -> list[Path]:
    """The spreadsheet files that `paths` name, folders searched with their subfolders; lock files and `out` are left out.

    Raises WrongUse for a path that does not exist, and where there is no spreadsheet at all: nothing read is not a pass.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = (item for item in sorted(path.rglob("*")) if item.is_file() and item.suffix.lower() in SUFFIXES)
            found.update(dict.fromkeys(item for item in inside if not _is_left_out(item, path, out)))
        elif path.exists():
            found[path] = None
        else:
            raise WrongUse(f"« {path} » n’existe pas.", "Vérifiez le chemin du fichier ou du dossier.")
    if not found:
        raise WrongUse("Aucun classeur à lire.", f"Donnez un fichier ou un dossier qui contient des classeurs ({_list(SUFFIXES)}).")
    return list(found)


def _is_left_out(path: Path, folder: Path, out: Path | None) -> bool:
    """Lock files, client lists, the backup beside its workbook, and what a conversion wrote: the output folder inside the one searched."""
    if path.name.startswith(("~$", ".")) or path.name in CLIENT_FILES:
        return True
    if path.stem.endswith(BACKUP) and path.with_name(path.stem.removesuffix(BACKUP) + path.suffix).is_file():
        return True
    if out is None:
        return False
    results, searched, found = out.resolve(), folder.resolve(), path.resolve()
    inside = results in found.parents
    return inside and (searched in results.parents or found == results / WORKBOOK_REPORT)


def plan(paths: Sequence[Path], out: Path, company: Path | None = None, clients: Path | None = None) -> list[Job]:
    """The jobs for `paths`. Raises WrongUse when there is no workbook or a file that was named does not exist."""
    for named in (company, clients):
        if named is not None and not named.is_file():
            raise WrongUse(f"« {named} » n’existe pas.", "Vérifiez le chemin de --company et de --clients.")
    files = workbooks_in(paths, out)
    folders = distinct([safe_name(path.stem) for path in files])
    jobs = []
    for path, folder in zip(files, folders, strict=True):
        own_company = company or _beside(path, (COMPANY_FILE,))
        own_clients = clients or _beside(path, CLIENT_FILES)
        siblings = tuple(other for other in files if other.parent == path.parent and other != path)
        jobs.append(Job(path, folder, own_company, own_clients, siblings, _key(path, own_company, own_clients), _state(siblings)))
    return jobs


def _list(suffixes: Iterable[str]) -> str:
    return ", ".join(sorted(suffixes))


def _beside(path: Path, names: Iterable[str]) -> Path | None:
    return next((found for name in names if (found := path.parent / name).is_file()), None)


def _key(path: Path, company: Path | None, clients: Path | None) -> str:
    """A hash over the file, its settings and the versions of what converts it."""
    digest = hashlib.sha256(f"{__version__} {version('factur-x')} {path.name}".encode())
    for source in (path, company, clients):
        digest.update(_digest(source))
    return digest.hexdigest()


def _state(paths: Iterable[Path]) -> str:
    """A hash over names, sizes and times, which is enough to see that a file beside has changed."""
    states = ((path.name, path.stat()) for path in paths)
    text = "\n".join(f"{name} {state.st_size} {state.st_mtime_ns}" for name, state in states)
    return hashlib.sha256(text.encode()).hexdigest()


def _digest(path: Path | None) -> bytes:
    if path is None:
        return b"-"
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return b"?"  # the reader says what is wrong with it


def distinct(names: Sequence[str]) -> list[str]:
    """The names with a number behind those that are taken, upper and lower case being the same.

    >>> distinct(["a", "A", "a-2", "b"])
    ['a', 'A-2', 'a-2-2', 'b']
    """
    taken: set[str] = set()
    result = []
    for name in names:
        candidates = (name if count == 1 else f"{name}-{count}" for count in itertools.count(1))
        free = next(candidate for candidate in candidates if candidate.casefold() not in taken)
        taken.add(free.casefold())
        result.append(free)
    return result


def unchanged(job: Job, previous: Mapping[str, Any], out: Path) -> dict[str, Any] | None:
    """The record of the last run for this job, where its inputs and all its PDFs are as they were then; else None."""
    record = previous.get(str(job.path))
    if record is None or record.get("incomplete"):
        return None
    if (record.get("key"), record.get("folder")) != (job.key, job.folder) or record.get("beside") not in {None, job.beside}:
        return None
    for document in record["documents"]:
        name = document.get("pdf")
        if name and (not (out / name).is_file() or _digest(out / name).hex() != document.get("pdf_sha256")):
            return None
    return dict(record)


def last_run(out: Path) -> dict[str, Any]:
    """The files of the last run's report by path; nothing where there is none or it cannot be read."""
    try:
        report = json.loads((out / REPORT).read_text("utf-8"))
        return {record["file"]: record for record in report["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
