"""What `issue` shows: the plan, the question, and what came of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

from xlbridge.bulk.screen import Progress, agreed, print_lines, show_findings, table_of
from xlbridge.errors import WrongUse
from xlbridge.findings import Severity
from xlbridge.french import money, short_date
from xlbridge.issuing.run import Run
from xlbridge.issuing.transaction import Planned

COLUMNS = (("Brouillon", False), ("Numéro", False), ("Date", False), ("Type", False), ("Client", False), ("Net à payer", True), ("", False))


def confirmed(planned: Sequence[Planned], progress: Progress, *, specimen: bool) -> bool:
    """Show the plan and ask once. Raises WrongUse where there is no terminal to ask on."""
    right = sum(1 for item in planned if item.made)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise WrongUse(f"{right} document(s) à émettre : il faut votre accord.", "Ajoutez --yes, ou regardez d’abord avec --dry-run.")
    progress.bar.stop()
    print_lines(_table(planned, {}))
    what = "spécimens" if specimen else "documents"
    return agreed(f"Émettre {right} {what} ? Un numéro donné ne change plus.")


def show_run(run: Run) -> None:
    """What was issued, under which number, and what stopped the rest."""
    numbers = {item.draft.entry.key: item.invoice.number or "" for item in run.issued if item.invoice}
    last = {item.draft.entry.key: item.draft for item in run.issued}
    if run.planned:
        refused = {key for key in last if key not in numbers}
        print_lines(_table([replace(item, made=None) if item.draft.entry.key in refused else item for item in run.planned], numbers))
    findings = [finding for item in run.planned for finding in last.get(item.draft.entry.key, item.draft).findings]
    show_findings([*run.findings, *(finding for finding in findings if finding.severity is not Severity.NOTE)])
    if run.request.dry_run:
        print_lines("Rien n’a été émis (--dry-run).")
    elif run.confirmed:
        if run.planned:
            print_lines(f"{len(numbers)} document(s) émis, scellés et gardés au coffre.")
        if run.backup:
            print_lines(f"Le classeur d’avant est gardé : « {run.backup} ».")
    else:
        print_lines("Rien n’a été émis.")


def _table(planned: Sequence[Planned], numbers: dict[str | None, str]) -> object:
    table = table_of("Émission", COLUMNS)
    for item in planned:
        invoice, key = item.draft.invoice, item.draft.entry.key
        expected = item.numbered.number if item.made and item.numbered else ""
        day = short_date(invoice.issue_date) if invoice.issue_date else ""
        due = money(invoice.totals.due, invoice.currency) if invoice.totals.due is not None else ""
        state = "émis" if key in numbers else "à émettre" if item.made else "refusé"
        table.add_row(key or "", numbers.get(key, expected), day, invoice.title, invoice.buyer.name or "", due, state)
    return table
