"""What `migrate` shows: file by file what became of the documents, the findings, and the one question."""

from __future__ import annotations

from xlbridge.bulk.ledger_screen import confirmed as agreed
from xlbridge.bulk.ledger_screen import goes_on
from xlbridge.bulk.screen import Progress, print_lines, show_findings, table_of
from xlbridge.legacy.refusal import SENTENCES
from xlbridge.migrating.outcome import Fate, Migration

COLUMNS = (
    ("Ancien classeur", False),
    ("Lus", True),
    ("Repris", True),
    ("Doubles", True),
    ("Dehors", True),
    ("Autre vendeur", True),
    ("", False),
)
PARTS = ("read", Fate.REGISTER, Fate.TWIN, Fate.LEFT_OUT, Fate.OTHER_SELLER)


def confirmed(planned: Migration, progress: Progress) -> bool:
    """Show the plan and ask once. Raises WrongUse where there is no terminal to ask on."""
    progress.bar.stop()
    show_migration(planned)
    end = "" if planned.takeover is None else " Ce que le registre reprend ne peut plus en être retiré."
    return agreed(f"Créer « {planned.request.target} » ?{end}")


def show_migration(made: Migration) -> None:
    """What was read and what became of it; the parts of a row add up to its first number."""
    show_findings(made.findings)
    table = table_of("Reprise", COLUMNS)
    for path, reason in made.sources.reasons.items():
        counts = made.counts(path)
        table.add_row(path.name, *(str(counts[part]) for part in PARTS), SENTENCES.get(reason or "", ""))
    whole = made.counts()
    table.add_row("Ensemble", *(str(whole[part]) for part in PARTS), "", style="bold")
    print_lines("", table)
    print_lines(f"{made.clients} client(s), {made.articles} article(s), entreprise : {made.company.name if made.company else 'à remplir'}.")
    if made.takeover is not None:
        verb = "repris" if made.written else "à reprendre"
        print_lines(f"Registre : {len(made.takeover.taken)} document(s) {verb}, {made.takeover.known} déjà là.")
        print_lines(*(goes_on(series) for series in made.takeover.series))
    if made.written:
        print_lines(f"« {made.request.target} » est prêt. Gardez les anciens classeurs : ils restent les originaux.")
    elif made.request.dry_run:
        print_lines("Rien n’a été écrit (--dry-run).")
