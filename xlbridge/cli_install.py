"""`xlbridge install`, `uninstall` and `doctor`: into Excel and LibreOffice, out again, and why it does not work there."""

from __future__ import annotations

from typing import Annotated

import typer

from xlbridge.cli_options import Json, print_json

SHOWN = {"ok": "bien", "warning": "attention", "problem": "À FAIRE", "not_checked": "NON VÉRIFIÉ", "not_applicable": "sans objet"}


def install(
    libreoffice: Annotated[bool, typer.Option("--libreoffice", help="Dans LibreOffice (extension de Calc) et non dans Excel.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Montrer ce qui serait écrit, sans rien écrire.")] = False,
) -> None:
    """Mettre les boutons dans Excel (onglet « Facturation »), ou dans LibreOffice Calc, pour l’utilisateur de cet ordinateur.

    Ce qui est remplacé est gardé ; « xlbridge uninstall » défait tout.

    Exemples : xlbridge install ; xlbridge install --libreoffice --dry-run
    """
    from xlbridge.installing.install import Put, perform, plan
    from xlbridge.installing.surroundings import here

    around = here()
    planned = plan(around, libreoffice=libreoffice)
    if not dry_run:
        perform(around, planned)
    for step in planned.steps:
        typer.echo(("À faire : " if dry_run else "Fait : ") + step.says + (f"\n    {step.path}" if isinstance(step, Put) else ""))
    for remark in planned.remarks:
        typer.echo(remark)


def uninstall() -> None:
    """Défaire ce que « xlbridge install » a fait, et rien d’autre. Les factures, le registre et le coffre restent."""
    from xlbridge.installing.surroundings import here
    from xlbridge.installing.uninstall import uninstall as undo

    for sentence in undo(here()):
        typer.echo(sentence)


def doctor(
    workbook: Annotated[str | None, typer.Argument(help="Classeur qui pose problème.", show_default=False)] = None,
    json: Json = False,
) -> None:
    """Chercher pourquoi les boutons ne répondent pas, et dire quoi faire.

    Codes de sortie : 0 tout va bien, 1 quelque chose est à faire, 5 quelque chose n’a pas pu être vérifié.

    Exemple : xlbridge doctor facturier.xlsm
    """
    from xlbridge.installing.doctor import as_json, examine, exit_code
    from xlbridge.installing.surroundings import here

    checks = examine(here(), workbook)
    if json:
        print_json(as_json(checks))
    else:
        for check in checks:
            typer.echo(f"{SHOWN[check.verdict]:<12} {check.name} : {check.found}")
            if check.remedy:
                typer.echo(f"{'':<12} À faire : {check.remedy}")
    raise typer.Exit(exit_code(checks))
