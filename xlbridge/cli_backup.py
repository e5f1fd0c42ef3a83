"""`xlbridge ledger backup` and `restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xlbridge.cli_options import Archive, Json, Key, Ledger, print_json, reading
from xlbridge.errors import ExitCode


def backup(
    file: Annotated[Path, typer.Argument(help="Sauvegarde à créer (.zip).", show_default=False)],
    ledger: Ledger = None,
    archive: Archive = None,
    key: Key = None,
    json: Json = False,
) -> None:
    """Sauvegarder le registre, sa clé et son coffre dans un seul fichier, relu avant la fin. Gardez-le comme une clé : elle y est.

    Exemple : xlbridge ledger backup sauvegarde-2026-11-24.zip
    """
    from xlbridge.archive.backup import backup as save
    from xlbridge.bulk.ledger_screen import show_backup
    from xlbridge.bulk.screen import Progress
    from xlbridge.ledger.places import archive_folder
    from xlbridge.ledger.session import key_place

    with reading(ledger) as opened:
        url, place = opened.url, key_place(opened.identity.identifier, key)
    with Progress() as progress:
        saved = save(url, archive_folder(archive, url), place, file, progress.tick)
    if json:
        print_json(saved.as_json())
    else:
        show_backup(saved, "sauvegardé")
    raise typer.Exit(ExitCode.LEDGER_BROKEN if saved.damaged else ExitCode.OK)


def restore(
    file: Annotated[Path, typer.Argument(help="Sauvegarde (.zip).", show_default=False)],
    ledger: Ledger = None,
    archive: Archive = None,
    key: Key = None,
    json: Json = False,
) -> None:
    """Remettre une sauvegarde à sa place, par exemple sur un autre ordinateur. Rien de ce qui existe n’est remplacé.

    Exemple : xlbridge ledger restore sauvegarde-2026-11-24.zip
    """
    from xlbridge.archive.restoring import peek
    from xlbridge.archive.restoring import restore as put_back
    from xlbridge.bulk.ledger_screen import show_backup
    from xlbridge.bulk.screen import Progress
    from xlbridge.ledger.places import archive_folder, ledger_url
    from xlbridge.ledger.session import key_place

    saved = peek(file)
    url = ledger_url(ledger, saved.seller_siren)
    with Progress() as progress:
        saved = put_back(file, url, archive_folder(archive, url), key_place(saved.ledger, key), progress.tick)
    if json:
        print_json(saved.as_json())
    else:
        show_backup(saved, "remis en place")
        typer.echo("Contrôlez-le maintenant : xlbridge verify.", err=True)
    raise typer.Exit(ExitCode.LEDGER_BROKEN if saved.damaged else ExitCode.OK)
