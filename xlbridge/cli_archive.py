"""`xlbridge archive`: find issued documents, give them back, and hand a year on. Reads only: no key is needed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xlbridge.cli_french import FrenchTyper
from xlbridge.errors import ExitCode

if TYPE_CHECKING:
    from xlbridge.archive.vault import Vault
    from xlbridge.ledger.store import Ledger as OpenLedger

app = FrenchTyper(help="Chercher, ressortir et transmettre les documents émis.")

Ledger = Annotated[
    str | None, typer.Option("--ledger", envvar="XLBRIDGE_LEDGER", help="Registre : fichier ou adresse PostgreSQL.", metavar="URL")
]
Archive = Annotated[Path | None, typer.Option("--archive", envvar="XLBRIDGE_ARCHIVE", help="Coffre des documents émis.", metavar="DIR")]
Number = Annotated[str, typer.Argument(help="Numéro du document, par exemple F2026-0041.", show_default=False)]
Year = Annotated[int | None, typer.Option(help="Année de sa date, si le numéro a servi plusieurs fois.")]
Out = Annotated[Path, typer.Option("--out", help="Fichier à créer.", show_default=False)]


@app.command()
def search(
    number: Annotated[str | None, typer.Option(help="Numéro ; la casse, les espaces et les zéros de tête ne comptent pas.")] = None,
    buyer: Annotated[str | None, typer.Option(help="Partie du nom du client.")] = None,
    day: Annotated[str | None, typer.Option("--date", help="Date du document : 2026-03-14 ou 14/03/2026.", metavar="DATE")] = None,
    since: Annotated[str | None, typer.Option(help="Depuis ce jour.", metavar="DATE")] = None,
    until: Annotated[str | None, typer.Option(help="Jusqu’à ce jour.", metavar="DATE")] = None,
    amount: Annotated[str | None, typer.Option(help="Montant HT, TTC ou à payer, par exemple 1234,50.")] = None,
    ledger: Ledger = None,
    json: Annotated[bool, typer.Option("--json", help="Écrire le résultat en JSON sur la sortie standard.")] = False,
) -> None:
    """Chercher des documents par numéro, client, date ou montant ; sans critère, tous.

    Exemple : xlbridge archive search --buyer dupré --since 2026-01-01
    """
    from xlbridge.archive.search import amount_of, day_of, find
    from xlbridge.ledger.session import open_for

    days = {name: day_of(text) for name, text in (("day", day), ("since", since), ("until", until)) if text}
    wanted = amount_of(amount) if amount else None
    opened = open_for(ledger)
    try:
        with opened.reading() as connection:
            found = find(connection, number=number, buyer=buyer, amount=wanted, **days)
    finally:
        opened.close()
    if json:
        from json import dumps

        data = {"documents": [entry.as_json() for entry in found]}
        sys.stdout.buffer.write(dumps(data, ensure_ascii=False, indent=1).encode("utf-8") + b"\n")
    else:
        from xlbridge.bulk.archive_screen import show_entries

        show_entries(found)


@app.command()
def export(
    number: Number,
    out: Out,
    xml: Annotated[bool, typer.Option("--xml", help="Le fichier XML au lieu du PDF.")] = False,
    year: Year = None,
    ledger: Ledger = None,
    archive: Archive = None,
) -> None:
    """Ressortir l’original d’un document, octet pour octet, comparé à l’empreinte scellée.

    Exemple : xlbridge archive export F2026-0041 --out F2026-0041.pdf
    """
    from xlbridge.archive import export as giving
    from xlbridge.archive.search import the_one

    with _opened(ledger, archive) as (opened, vault):
        with opened.reading() as connection:
            entry = the_one(connection, number, year)
        giving.export(vault, entry, out, giving.XML if xml else giving.PDF)
    typer.echo(f"« {out} » est l’original de {entry.called}.", err=True)


@app.command()
def duplicata(number: Number, out: Out, year: Year = None, ledger: Ledger = None) -> None:
    """Imprimer un duplicata : la page d’un document émis, marquée « Duplicata », sans XML.

    Exemple : xlbridge archive duplicata F2026-0041 --out duplicata.pdf
    """
    from xlbridge.archive import export as giving
    from xlbridge.archive.search import the_one
    from xlbridge.ledger.closings import PARIS
    from xlbridge.ledger.session import open_for

    opened = open_for(ledger)
    try:
        with opened.reading() as connection:
            entry = the_one(connection, number, year)
            link = giving.record_of(connection, entry)
    finally:
        opened.close()
    giving.duplicata(link, out, opened.clock().astimezone(PARIS).date())
    typer.echo(f"« {out} » est un duplicata de {entry.called} ; l’original électronique fait foi.", err=True)


@app.command()
def bundle(
    year: Annotated[int, typer.Option(help="Année des documents.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", help="Dossier à créer, ou fichier .zip.", show_default=False)],
    ledger: Ledger = None,
    archive: Archive = None,
) -> None:
    """Réunir les archives d’une année pour un comptable ou un contrôle : documents, index, extrait du registre, et de quoi tout vérifier.

    Exemple : xlbridge archive bundle --year 2026 --out archives-2026.zip
    """
    from xlbridge.archive import bundle as bundling
    from xlbridge.bulk.screen import Progress

    with _opened(ledger, archive) as (opened, vault), Progress() as progress:
        made = bundling.bundle(opened, vault, year, out, progress.tick)
    typer.echo(f"« {out} » : {made.documents} documents de {year}, {made.files} fichiers. Pour le vérifier : VERIFIER.txt.", err=True)
    raise typer.Exit(ExitCode.OK)


@contextmanager
def _opened(ledger: str | None, archive: Path | None) -> Iterator[tuple[OpenLedger, Vault]]:
    from xlbridge.archive.vault import Vault
    from xlbridge.ledger.places import archive_folder
    from xlbridge.ledger.session import open_for

    opened = open_for(ledger)
    try:
        yield opened, Vault.open(archive_folder(archive, opened.url), opened.identity.identifier)
    finally:
        opened.close()
