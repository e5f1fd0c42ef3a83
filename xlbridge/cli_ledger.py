"""`xlbridge ledger`: a ledger created, shown, continued, saved; and what happens to its documents after they are issued."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xlbridge.cli_backup import backup, restore
from xlbridge.cli_events import history, pay, send, status
from xlbridge.cli_french import FrenchTyper
from xlbridge.cli_options import Archive, Json, Key, Ledger, print_json, reading, session
from xlbridge.errors import ExitCode, WrongUse

if TYPE_CHECKING:
    from xlbridge.company import Company
    from xlbridge.ledger.store import Ledger as OpenLedger

app = FrenchTyper(help="Tenir le registre : le créer, le voir, reprendre un passé, noter les paiements, sauvegarder.")
series_app = FrenchTyper(help="Les séries de numéros.")
app.add_typer(series_app, name="series")
for command in (pay, send, status, history, backup, restore):
    app.command()(command)

Prefix = Annotated[str, typer.Option(help="Début du numéro.")]
Year = Annotated[int, typer.Option(help="Chiffres de l’année dans le numéro : 4, 2 ou 0.")]
Month = Annotated[bool, typer.Option("--month", help="Mettre le mois après l’année.")]
Width = Annotated[int, typer.Option(help="Chiffres du compteur.")]


class CreditNotes(StrEnum):
    """Whether credit notes have a counter of their own."""

    SEPARATE = "separate"
    SHARED = "shared"


class ResetChoice(StrEnum):
    """When a counter starts again."""

    NEVER = "never"
    YEAR = "year"
    MONTH = "month"


class ScopeChoice(StrEnum):
    """What a series numbers."""

    ALL = "all"
    INVOICES = "invoices"
    CREDIT_NOTES = "credit_notes"


Reset = Annotated[ResetChoice | None, typer.Option(help="Quand le compteur recommence à 1 ; sinon avec l’année du numéro.")]


@app.command()
def new(
    workbook: Annotated[Path | None, typer.Option(help="Classeur ou entreprise.toml qui dit qui est le vendeur.")] = None,
    siren: Annotated[str | None, typer.Option(help="SIREN du vendeur, si aucun fichier ne le dit.")] = None,
    name: Annotated[str | None, typer.Option(help="Nom du vendeur, si aucun fichier ne le dit.")] = None,
    prefix: Prefix = "F",
    year: Year = 4,
    month: Month = False,
    width: Width = 4,
    credit_notes: Annotated[
        CreditNotes, typer.Option(help="Compteur des avoirs : à part, ou commun avec les factures.")
    ] = CreditNotes.SEPARATE,
    reset: Reset = None,
    ledger: Ledger = None,
    key: Key = None,
    json: Json = False,
) -> None:
    """Créer un registre, sa clé et ses séries. La phrase secrète de la clé est celle de XLBRIDGE_KEY_PASSPHRASE, s’il y en a une.

    Exemples : xlbridge ledger new --workbook facturier.xlsx ; xlbridge ledger new --siren 812345676 --name "Ateliers Brindille"
    """
    from xlbridge.ledger.places import ledger_file, ledger_url, refuse_unsafe
    from xlbridge.ledger.seal import create_key
    from xlbridge.ledger.series import Reset as When
    from xlbridge.ledger.series import first_series
    from xlbridge.ledger.session import key_place
    from xlbridge.ledger.store import create_ledger

    company = _company(workbook)
    owner = siren or (company and (company.siren or company.vat_number))
    called = name or (company and company.name)
    if not owner or not called:
        raise WrongUse(
            "Le vendeur n’est pas connu.", "Donnez --siren et --name, ou un classeur dont la feuille « Entreprise » est remplie."
        )
    when = When(reset.value) if reset else None
    series = first_series(prefix, year, month=month, width=width, shared=credit_notes is CreditNotes.SHARED, reset=when)
    url = ledger_url(ledger, owner)
    if file := ledger_file(url):
        refuse_unsafe(file)
    made, _ = create_ledger(url, owner, called, lambda identifier: create_key(key_place(identifier, key), identifier), every_series=series)
    _show(made, json=json)
    made.close()


@app.command()
def show(ledger: Ledger = None, json: Json = False) -> None:
    """Montrer le registre : vendeur, séries et derniers numéros, documents, dernière clôture, clé.

    Exemple : xlbridge ledger show
    """
    with reading(ledger) as opened:
        _show(opened, json=json)


@series_app.command("list")
def list_series(ledger: Ledger = None, json: Json = False) -> None:
    """Lister les séries de numéros et leurs derniers numéros.

    Exemple : xlbridge ledger series list
    """
    from xlbridge.bulk.ledger_screen import show_series
    from xlbridge.ledger.overview import overview

    with reading(ledger) as opened:
        found = overview(opened)
    if json:
        print_json({"series": found.as_json()["series"]})
    else:
        show_series(found)


@series_app.command("add")
def add_series(
    name: Annotated[str, typer.Argument(help="Nom de la série, par exemple limoges.", show_default=False)],
    prefix: Annotated[str, typer.Option(help="Début du numéro.", show_default=False)],
    year: Year = 4,
    month: Month = False,
    separator: Annotated[str, typer.Option(help="Ce qui est entre l’année et le compteur.")] = "-",
    width: Width = 4,
    scope: Annotated[ScopeChoice, typer.Option(help="Documents numérotés : tous, factures ou avoirs.")] = ScopeChoice.INVOICES,
    reset: Reset = None,
    first: Annotated[int, typer.Option(help="Premier compteur.")] = 1,
    continues: Annotated[str | None, typer.Option(help="Dernier numéro de l’ancien registre que la série continue.")] = None,
    replaces: Annotated[list[str] | None, typer.Option(help="Série qui ne numérotera plus ; plusieurs fois si besoin.")] = None,
    principal: Annotated[str | None, typer.Option(help="SIREN du fournisseur pour qui vous faites les factures (autofacturation).")] = None,
    specimen: Annotated[bool, typer.Option("--specimen", help="Série d’essai : pages « SPÉCIMEN ».")] = False,
    ledger: Ledger = None,
    archive: Archive = None,
    key: Key = None,
) -> None:
    """Ajouter une série de numéros. Rien de ce qui est déjà numéroté ne change.

    Exemple : xlbridge ledger series add limoges --prefix LIM
    """
    from datetime import date

    from xlbridge.ledger.overview import add_series as add
    from xlbridge.ledger.series import Reset as When
    from xlbridge.ledger.series import Scope, Series

    when = When(reset.value) if reset else When.YEAR if year else When.NEVER
    made = Series(
        name,
        prefix,
        year,
        month,
        separator,
        width,
        Scope(scope.value),
        when,
        first,
        continues,
        None,
        principal,
        specimen,
        tuple(replaces or ()),
    )
    if first > 1:
        from dataclasses import replace

        made = replace(made, first_period=made.period(date.today()) or None)  # noqa: DTZ011  the user's own day
    with session(ledger, archive, key) as opened:
        add(opened.ledger, opened.key, made)
    typer.echo(f"La série « {name} » est créée.", err=True)


@app.command("import")
def import_past(
    paths: Annotated[list[Path], typer.Argument(help="Ancien registre : classeurs ou dossiers.", show_default=False)],
    yes: Annotated[bool, typer.Option("--yes", help="Ne pas demander de confirmation.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Montrer ce qui serait repris, sans rien écrire.")] = False,
    ledger: Ledger = None,
    archive: Archive = None,
    key: Key = None,
    json: Json = False,
) -> None:
    """Reprendre un ancien registre tel qu’il est, trous et doublons compris, et créer la série qui le continue.

    Exemple : xlbridge ledger import factures-2026.xlsx --dry-run
    """
    from dataclasses import replace

    from xlbridge.bulk.ledger_screen import confirmed, show_takeover
    from xlbridge.bulk.plan import workbooks_in
    from xlbridge.bulk.screen import Progress
    from xlbridge.ledger.takeover import plan, read_past, take_over

    with Progress() as progress:
        past, told = read_past(workbooks_in(paths), progress.tick)
    with reading(ledger) as opened:
        done = plan(opened, past)
    if not dry_run and done.taken:
        if not yes:
            show_takeover(replace(done, findings=(*told, *done.findings)), done=False)
            if not confirmed("Reprendre ce passé ? Il ne pourra plus être retiré du registre."):
                raise typer.Exit(ExitCode.OK)
        with session(ledger, archive, key) as writing, Progress() as progress:
            done = take_over(writing.ledger, writing.key, past, progress.tick)
    done = replace(done, findings=(*told, *done.findings))
    if json:
        print_json({"dry_run": dry_run, **done.as_json()})
    else:
        show_takeover(done, done=not dry_run)


@app.command()
def close(
    period: Annotated[str | None, typer.Option(help="Montrer la clôture de ce mois ou de cette année (2026-11, 2026).")] = None,
    ledger: Ledger = None,
    archive: Archive = None,
    key: Key = None,
) -> None:
    """Clore les mois et les années passés : nombre, derniers numéros, totaux, scellés ; un fichier par clôture dans le coffre.

    Exemple : xlbridge ledger close --period 2026-11
    """
    from xlbridge.bulk.screen import print_lines
    from xlbridge.ledger import chain
    from xlbridge.ledger.closings import closing_text
    from xlbridge.ledger.schema import RECORDS

    with reading(ledger) as opened, opened.reading() as connection:
        before = {link.seq for link in chain.links(connection, RECORDS, chain.CLOSING)}
    with session(ledger, archive, key) as made, made.ledger.reading() as connection:  # opening it closes what is over
        every = list(chain.links(connection, RECORDS, chain.CLOSING))
    wanted = [link for link in every if link.content["period"] == period] if period else [link for link in every if link.seq not in before]
    if period and not wanted:
        closed = ", ".join(link.content["period"] for link in every) or "aucune"
        raise WrongUse(f"Il n’y a pas de clôture de « {period} ».", f"Clôtures : {closed}. Une période se clôt une fois passée.")
    print_lines(*(closing_text(link) for link in wanted) if wanted else ("Rien à clore : toutes les périodes passées le sont.",))


def _company(path: Path | None) -> Company | None:
    if path is None:
        return None
    from xlbridge.company import find_company, load_company
    from xlbridge.workbook import template
    from xlbridge.workbook.grid import open_workbook

    if path.suffix == ".toml":
        return load_company(path)
    workbook = open_workbook(path)
    return (template.template_company(workbook) if template.is_template(workbook) else None) or find_company(path)


def _show(ledger: OpenLedger, *, json: bool) -> None:
    from xlbridge.bulk.ledger_screen import show_overview
    from xlbridge.ledger.overview import overview

    found = overview(ledger)
    if json:
        print_json(found.as_json())
    else:
        show_overview(found)
