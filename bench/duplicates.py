"""The search for duplicates in a right register of 50,000 invoices with subscriptions: how long, and how many are wrongly called near.

Run: python -m bench.duplicates
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

from bench.right_register import right_register
from bench.timing import number, table, verdict
from xlbridge.document import Document
from xlbridge.duplicates import find, known_of
from xlbridge.findings import Severity

INVOICES, SECONDS, SHARE = 50_000, 3.0, 1.0
WITH_LINES, TOTALS_ONLY = "avec les lignes", "totaux seuls, sans SIREN des clients"


@dataclass(frozen=True, slots=True)
class Searched:
    """Seconds to prepare and to search, and the invoices with a finding by code; `near`: with any."""

    preparing: float
    searching: float
    codes: Counter[str]
    near: int
    blocking: int


def measure(invoices: int = INVOICES) -> dict[str, Searched]:
    """The search in a register with lines, and in one of totals."""
    return {name: _searched(invoices, lines=name == WITH_LINES) for name in (WITH_LINES, TOTALS_ONLY)}


def _searched(invoices: int, *, lines: bool) -> Searched:
    documents = [Document(invoice) for invoice in right_register(invoices, lines=lines)]
    start = time.perf_counter()
    known = [known_of(document, "registre.xlsx") for document in documents]
    prepared = time.perf_counter()
    found = find(known)
    searched = time.perf_counter()
    blocking = {place for place, finding in found if finding.severity is Severity.BLOCKING}
    near = {place for place, finding in found if finding.severity is not Severity.BLOCKING}
    return Searched(prepared - start, searched - prepared, Counter(item.code for _, item in found), len(near), len(blocking))


def report(measured: dict[str, Searched], invoices: int = INVOICES) -> str:
    """The table, and each register's comparison with the targets."""
    rows = [
        (name, number(run.preparing), number(run.searching), str(run.blocking), str(run.near),
         ", ".join(f"{code} × {count}" for code, count in sorted(run.codes.items())) or "–")
        for name, run in measured.items()
    ]  # fmt: skip
    lines = [
        f"Doublons dans un registre juste de {number(invoices, 0)} factures",
        table(("", "préparer (s)", "chercher (s)", "bloquants", "proches", "règles"), rows),
    ]
    for name, run in measured.items():
        seconds = verdict(run.preparing + run.searching, SECONDS, " s")
        lines.append(f"{name} : {seconds} ; proches {verdict(100 * run.near / invoices, SHARE, ' %')}")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    print(report(measure()))


if __name__ == "__main__":
    main()
