"""`check` over several workbooks: one report each, the documents of all compared with each other, and the exit code of them all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from xlbridge.bulk.plan import CLIENT_FILES, Tick, silent
from xlbridge.checking import compared, examine
from xlbridge.clients import Clients
from xlbridge.duplicates import Known
from xlbridge.errors import ExitCode, WrongUse, worst
from xlbridge.findings import Report
from xlbridge.workbook.client_list import load_clients


def check_all(
    files: Sequence[Path],
    *,
    at: str | None = None,
    official: bool = False,
    company: Path | None = None,
    clients: Path | None = None,
    ledger: str | None = None,
    tick: Tick = silent,
) -> tuple[list[Report], ExitCode]:
    """The reports of the workbooks `files`; `tick` hears of each that is done. `ledger`: its documents are compared with them, too.

    Raises WrongUse for a bad date or client list, LedgerBroken for a ledger that cannot be read.
    """
    day = _day(at)
    lists: dict[Path, Clients] = {}
    examined = []
    alike = len({path.name for path in files}) < len(files)
    for done, path in enumerate(files):
        tick(done, len(files), path.name)
        listed = clients or next((path.parent / name for name in CLIENT_FILES if (path.parent / name).is_file()), None)
        if listed is not None and listed not in lists:
            lists[listed] = load_clients(listed)
        known = lists[listed] if listed else None
        source = path.as_posix() if alike else path.name
        examined.append(examine(path, at=day, official=official, company=company, clients=known, companions=files, source=source))
    reports = compared(examined, _issued(ledger) if ledger else ())
    tick(len(files), len(files), "")
    return reports, worst({report.exit_code for report in reports})


def _issued(given: str) -> list[Known]:
    """What the ledger has. The one that the environment names may still have to be made: it has issued nothing."""
    from xlbridge.ledger.known import known_documents
    from xlbridge.ledger.session import open_for, url_for
    from xlbridge.ledger.store import exists

    if given == os.environ.get("XLBRIDGE_LEDGER") and not exists(url_for(given)):
        return []
    ledger = open_for(given)
    try:
        with ledger.reading() as connection:
            return known_documents(connection)
    finally:
        ledger.close()


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as fault:
        raise WrongUse(f"« {text} » n’est pas une date.", "Écrivez-la sous la forme aaaa-mm-jj, par exemple 2027-09-01.") from fault
