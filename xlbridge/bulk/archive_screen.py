"""What a person sees of documents found in the ledger."""

from __future__ import annotations

from collections.abc import Sequence

from xlbridge.archive.retention import counted_from
from xlbridge.archive.search import ORIGINS, Entry
from xlbridge.bulk.screen import print_lines, table_of
from xlbridge.french import money, short_date
from xlbridge.ledger.record import ISSUED

NARROW = {"Numéro", "Date", "TTC", "Gardé jusqu’au"}  # never broken, for people copy them
COLUMNS = (
    ("Numéro", False),
    ("Date", False),
    ("Document", False),
    ("Client", False),
    ("TTC", True),
    ("Gardé jusqu’au", False),
)


def show_entries(entries: Sequence[Entry]) -> None:
    """The table of the documents, or that there is none."""
    if not entries:
        print_lines("Aucun document ne répond à ces critères.")
        return
    table = table_of(f"{len(entries)} documents" if len(entries) > 1 else "1 document", COLUMNS)
    for column in table.columns:
        column.no_wrap = column.header in NARROW
    for entry in entries:
        table.add_row(
            entry.number or "",
            short_date(entry.date) if entry.date else "",
            entry.title if entry.origin == ISSUED else f"{entry.title} ({ORIGINS[entry.origin]})",
            entry.buyer or "",
            money(entry.gross, entry.currency) if entry.gross is not None else "",
            short_date(entry.kept_until) if entry.kept_until else "",
        )
    print_lines(table)
    closings = sorted({counted_from(entry.kept_until) for entry in entries if entry.kept_until})
    if closings:
        print_lines(f"Gardé jusqu’au : {' ; '.join(closings)}.")
