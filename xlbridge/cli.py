"""The command line: one command per verb, no logic. JSON goes to standard output alone, progress and messages to standard error.

Heavy packages are imported inside the commands, so that `xlbridge --help` answers at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from xlbridge import __version__, cli_archive, cli_install, cli_ledger, cli_migrate
from xlbridge.cli_french import FrenchTyper, run_in_french
from xlbridge.collector import calm_collector
from xlbridge.errors import ExitCode, WrongUse, XlbridgeError, why

EPILOG = (
    "Codes de sortie : 0 tout va bien, 1 constat bloquant, 2 mauvais usage, 3 fichier illisible, 4 registre ou coffre abîmé,"
    " 5 non vérifié, 130 arrêté."
)
app = FrenchTyper(
    name="xlbridge",
    help="Des factures Excel aux factures électroniques : lire, contrôler, émettre et garder, sans quitter le tableur.",
    epilog=EPILOG,
)

Paths = Annotated[list[Path], typer.Argument(help="Classeurs ou dossiers (xlsx, xlsm, xls, xlsb, ods, csv).", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Écrire le résultat en JSON sur la sortie standard.")]

Ledger = Annotated[
    str | None, typer.Option("--ledger", envvar="XLBRIDGE_LEDGER", help="Registre : fichier ou adresse PostgreSQL.", metavar="URL")
]
Archive = Annotated[Path | None, typer.Option("--archive", envvar="XLBRIDGE_ARCHIVE", help="Coffre des documents émis.", metavar="DIR")]
Key = Annotated[
    str | None, typer.Option("--key", envvar="XLBRIDGE_KEY_FILE", help="Clé du registre : fichier, ou keyring.", metavar="FILE")
]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"xlbridge {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Donner la version.")] = False,
) -> None:
    """Des factures Excel aux factures électroniques."""


@app.command()
def read(paths: Paths, json: Json = False) -> None:
    """Montrer ce qui a été compris de chaque classeur, et de quelle cellule vient chaque valeur.

    Exemple : xlbridge read factures.xlsx
    """
    from xlbridge.bulk.plan import workbooks_in
    from xlbridge.bulk.screen import show_reading
    from xlbridge.legacy.reader import read_files

    readings = read_files(workbooks_in(paths))
    if json:
        _print_json({"files": [reading.as_json() for reading in readings]})
    else:
        for reading in readings:
            show_reading(reading)
    unread = any(reading.reason == "unreadable" for reading in readings)
    raise typer.Exit(ExitCode.UNREADABLE if unread else ExitCode.OK)


@app.command()
def convert(
    paths: Paths,
    out: Annotated[Path, typer.Option("--out", help="Dossier des PDF et du rapport.", show_default=False)],
    company: Annotated[Path | None, typer.Option(help="Votre entreprise ; sinon entreprise.toml à côté du classeur.")] = None,
    clients: Annotated[Path | None, typer.Option(help="Liste des clients (csv ou xlsx) ; sinon clients.csv à côté.")] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Nombre de processus ; sinon un par cœur.")] = None,
    json: Json = False,
) -> None:
    """Convertir des classeurs de factures en copies Factur-X vérifiées (PDF/A-3 avec XML EN 16931).

    Chaque PDF est une copie de conversion : gardez les originaux. Rapport dans conversion.xlsx et conversion.json.

    Exemple : xlbridge convert mes-factures --out sortie
    """
    raise typer.Exit(_convert(paths, out, company, clients, jobs, json=json))


@app.command()
def check(
    paths: Paths,
    json: Json = False,
    at: Annotated[str | None, typer.Option("--at", help="Juger selon le droit d’un autre jour (aaaa-mm-jj).", metavar="DATE")] = None,
    official: Annotated[bool, typer.Option("--official", help="Ajouter les règles officielles EN 16931 et françaises.")] = False,
    company: Annotated[Path | None, typer.Option(help="Votre entreprise ; sinon entreprise.toml à côté du classeur.")] = None,
    clients: Annotated[Path | None, typer.Option(help="Liste des clients (csv ou xlsx) ; sinon clients.csv à côté.")] = None,
    ledger: Ledger = None,
    fix: Annotated[bool, typer.Option("--fix", help="Proposer les corrections sûres, une à une, et les écrire dans une copie.")] = False,
    marks: Annotated[
        Path | None, typer.Option("--marks", help="Copie du classeur où chaque constat est marqué sur sa cellule.", metavar="COPY.xlsx")
    ] = None,
) -> None:
    """Contrôler les factures d’un classeur : mentions, TVA, montants, dates, identités – chaque constat sur sa cellule.

    Exemples : xlbridge check factures.xlsx ; xlbridge check factures.xlsx --marks factures-marquees.xlsx
    """
    from xlbridge.bulk.checks import check_all
    from xlbridge.bulk.plan import workbooks_in
    from xlbridge.bulk.screen import Progress, show_report

    if fix and json:
        raise WrongUse("--fix et --json ne vont pas ensemble.", "Avec --json seul, les corrections sont dans « proposal ».")
    files = workbooks_in(paths)
    if marks is not None:
        from xlbridge.desk.marking import copy_to_mark, mark_copy

        copy = copy_to_mark(files, marks)
    with Progress() as progress:
        reports, code = check_all(files, at=at, official=official, company=company, clients=clients, ledger=ledger, tick=progress.tick)
    if json:
        _print_json({"files": [report.as_json() for report in reports]})
    else:
        for report in reports:
            show_report(report)
    if marks is not None:
        mark_copy(copy, reports[0])
        _say(f"Constats marqués dans « {marks} » ; « {files[0].name} » n’est pas changé.")
    if fix:
        from xlbridge.bulk.fixes import fix_all

        fix_all(files, reports, typer.echo, _ask if sys.stdin.isatty() and sys.stderr.isatty() else None)
    raise typer.Exit(code)


@app.command()
def rules(code: Annotated[str | None, typer.Argument(help="Code d’une règle, par exemple FR-MEN-003.", show_default=False)] = None) -> None:
    """Lister les règles françaises, ou expliquer l’une d’elles : quoi, pourquoi, pour qui, depuis quand, que faire."""
    from xlbridge.rules.pages import listing, page_of

    typer.echo(listing() if code is None else page_of(code))


@app.command()
def validate(
    files: Annotated[list[Path], typer.Argument(help="Factures électroniques : PDF Factur-X, XML CII ou UBL.", show_default=False)],
    json: Json = False,
    strict: Annotated[bool, typer.Option("--strict", help="Vérifier aussi PDF/A-3 par veraPDF (extra « strict »).")] = False,
) -> None:
    """Juger une facture électronique, d’où qu’elle vienne : conteneur, schéma, règles officielles, règles françaises.

    Exemple : xlbridge validate facture.pdf
    """
    from xlbridge.bulk.screen import show_report
    from xlbridge.errors import worst
    from xlbridge.official.validate import unreadable_report
    from xlbridge.official.validate import validate as judge

    reports = []
    for file in files:
        try:
            report = judge(file, strict=strict)
        except XlbridgeError as fault:
            report = unreadable_report(file, fault)
        reports.append(report)
        if not json:
            show_report(report)
    if json:
        _print_json({"files": [report.as_json() for report in reports]})
    raise typer.Exit(worst({report.exit_code for report in reports}))


@app.command()
def issue(
    workbook: Annotated[Path, typer.Argument(help="Classeur de facturation (xlbridge new).", show_default=False)],
    invoice: Annotated[
        list[str] | None, typer.Option("--invoice", help="Repère d’un brouillon ; plusieurs fois si besoin.", metavar="KEY")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Tous les brouillons, dans l’ordre de leurs dates.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Ne pas demander de confirmation.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Montrer ce qui serait fait, sans rien émettre.")] = False,
    drafts: Annotated[
        Path | None, typer.Option("--draft", help="Imprimer les brouillons (« BROUILLON », sans numéro) dans ce dossier.")
    ] = None,
    series: Annotated[str | None, typer.Option(help="Série de numéros ; sinon celle du type de document.")] = None,
    specimen: Annotated[
        bool, typer.Option("--specimen", help="Pour s’exercer : série d’essai, pages « SPÉCIMEN », classeur inchangé.")
    ] = False,
    ledger: Ledger = None,
    archive: Archive = None,
    key: Key = None,
    json: Json = False,
) -> None:
    """Émettre des brouillons : numéro définitif, Factur-X vérifié, scellé dans le registre et gardé au coffre.

    Un numéro donné ne change plus : une erreur se corrige par un avoir. Une sauvegarde du classeur est gardée à côté.

    Exemples : xlbridge issue facturier.xlsx --all --dry-run ; xlbridge issue facturier.xlsx --invoice B1
    """
    from xlbridge.bulk.issue_screen import confirmed, show_run
    from xlbridge.bulk.screen import Progress
    from xlbridge.issuing.places import Places
    from xlbridge.issuing.run import Request, print_drafts
    from xlbridge.issuing.run import issue as run_issue
    from xlbridge.issuing.transaction import Options

    if every == bool(invoice):
        raise WrongUse("Dites quels brouillons émettre.", "Donnez --all, ou --invoice suivi du repère de chacun.")
    places = Places(ledger, archive, key)
    request = Request(workbook, None if every else tuple(invoice or ()), dry_run, places, Options(series, specimen))
    if drafts is not None:
        for path in print_drafts(request, drafts):
            _say(str(path))
        raise typer.Exit
    with Progress() as progress:
        run = run_issue(request, lambda planned: yes or confirmed(planned, progress, specimen=specimen), tick=progress.tick)
    if json:
        _print_json(run.as_json())
    else:
        show_run(run)
    raise typer.Exit(run.exit_code)


@app.command()
def verify(
    workbook: Annotated[Path | None, typer.Argument(help="Classeur de facturation à comparer au registre.", show_default=False)] = None,
    ledger: Ledger = None,
    archive: Archive = None,
    key: Key = None,
    json: Json = False,
) -> None:
    """Vérifier le registre : rien de changé, de supprimé ni d’ajouté, dans le registre, le coffre et le classeur.

    Exemples : xlbridge verify facturier.xlsx ; xlbridge verify --ledger registre.sqlite --archive coffre
    """
    from xlbridge.bulk.screen import show_report
    from xlbridge.proof import exit_code_of
    from xlbridge.proof.places import verify_usual

    report = verify_usual(workbook, ledger, archive, key)
    if json:
        _print_json(report.as_json())
    else:
        show_report(report)
    raise typer.Exit(exit_code_of(report))


@app.command()
def new(file: Annotated[Path, typer.Argument(help="Classeur à créer, par exemple facturier.xlsx.", show_default=False)]) -> None:
    """Créer un classeur de facturation vide : entreprise, clients, articles, factures et lignes.

    Un nom qui finit par .xlsm le donne avec les boutons dans la feuille.
    """
    from xlbridge.installing.built import workbook
    from xlbridge.workbook.new import WITH_MACROS, create

    create(file, workbook() if file.suffix.lower() == WITH_MACROS else b"")
    _say(f"« {file} » est prêt. Commencez par la feuille « Entreprise ».")


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", help="Dossier des exemples et des PDF.")] = Path("out"),
    json: Json = False,
) -> None:
    """Fabriquer des classeurs d’exemple (données inventées) et les convertir sous vos yeux."""
    from xlbridge.workbook.demo import build_demo

    folder = out / "exemples"
    try:
        build_demo(folder)
    except OSError as fault:
        raise WrongUse(f"« {folder} » ne peut pas être écrit ({why(fault)}).", "Donnez un autre dossier par --out.") from fault
    _say(f"Les classeurs d’exemple sont dans « {folder} » ; certains ont des fautes, pour montrer les constats.")
    code = _convert([folder], out, json=json)
    raise typer.Exit(ExitCode.OK if code is ExitCode.BLOCKING_FINDINGS else code)


def _convert(
    paths: list[Path], out: Path, company: Path | None = None, clients: Path | None = None, jobs: int | None = None, *, json: bool
) -> ExitCode:
    from xlbridge.bulk.run import convert as run
    from xlbridge.bulk.screen import Progress, show_conversion

    with Progress() as progress:
        conversion = run(paths, out, company=company, clients=clients, jobs=jobs, tick=progress.tick)
    if json:
        _print_json(conversion.as_json())
    else:
        show_conversion(conversion.records, out, stopped=conversion.stopped)
    return conversion.exit_code


def _print_json(data: dict[str, Any]) -> None:
    from json import dumps

    sys.stdout.buffer.write(dumps(data, ensure_ascii=False, indent=1).encode("utf-8") + b"\n")


def _ask(question: str) -> str:
    answer: str = typer.prompt(f"{question} (o : oui, n : non, t : toutes les suivantes)", default="n", show_default=False, err=True)
    return answer.strip().lower()[:1]


def _say(text: str) -> None:
    typer.echo(text, err=True)


app.command()(cli_migrate.migrate)
for into_applications in (cli_install.install, cli_install.uninstall, cli_install.doctor):
    app.command()(into_applications)
app.add_typer(cli_archive.app, name="archive")
app.add_typer(cli_ledger.app, name="ledger")


def main() -> NoReturn:
    """The entry point: a failure of the tool is one sentence in French and its exit code, never a stack of calls."""
    calm_collector()
    try:
        run_in_french(app)
    except XlbridgeError as fault:
        _say(f"Erreur : {fault.message}")
        if fault.remedy:
            _say(f"À faire : {fault.remedy}")
        sys.exit(fault.exit_code)
    except KeyboardInterrupt:
        sys.exit(ExitCode.STOPPED)
