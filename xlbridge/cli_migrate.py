"""`xlbridge migrate`: from old workbooks to a new one that goes on from them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xlbridge.cli_options import Archive, Json, Key, Ledger, print_json


def migrate(
    old: Annotated[list[Path], typer.Argument(help="Anciens classeurs ou dossiers (xlsx, xlsm, xls, xlsb, ods, csv).", show_default=False)],
    new: Annotated[Path, typer.Argument(help="Classeur à créer, par exemple facturier.xlsx.", show_default=False)],
    company: Annotated[Path | None, typer.Option(help="Votre entreprise ; sinon entreprise.toml à côté des classeurs.")] = None,
    clients: Annotated[Path | None, typer.Option(help="Liste des clients (csv ou xlsx) ; sinon clients.csv à côté.")] = None,
    ledger: Ledger = None,
    archive: Archive = None,
    key: Key = None,
    no_ledger: Annotated[bool, typer.Option("--no-ledger", help="Faire le classeur seul, sans reprendre le passé au registre.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Ne pas demander de confirmation.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Montrer ce qui serait repris, sans rien écrire.")] = False,
    json: Json = False,
) -> None:
    """Passer d’anciens classeurs à un facturier neuf : entreprise, clients, articles, factures passées, registre qui continue.

    Les anciens classeurs ne changent pas. Ce qui n’entre pas dans le nouveau est dit, document par document.

    Exemple : xlbridge migrate mes-factures facturier.xlsx --company entreprise.toml --dry-run
    """
    from xlbridge.bulk.migration_screen import confirmed, show_migration
    from xlbridge.bulk.plan import workbooks_in
    from xlbridge.bulk.screen import Progress
    from xlbridge.issuing.places import Places
    from xlbridge.migrating.outcome import Request
    from xlbridge.migrating.run import migrate as run

    request = Request(tuple(workbooks_in(old)), new, company, clients, Places(ledger, archive, key), no_ledger, dry_run)
    with Progress() as progress:
        made = run(request, lambda planned: yes or confirmed(planned, progress), progress.tick)
    if json:
        print_json(made.as_json())
    else:
        show_migration(made)
    raise typer.Exit(made.exit_code)
