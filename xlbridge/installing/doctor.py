"""Doctor: what may keep the buttons from working, looked at one by one, each with what to do about it.

A check that could not run is said to be so, never passed; what does not exist on this system does not apply.
"""

from __future__ import annotations

import platform
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from xlbridge import __version__
from xlbridge.errors import ExitCode, WrongUse, why
from xlbridge.installing.checks import Check
from xlbridge.installing.excel_checks import blocked_download, excel_checks
from xlbridge.installing.libreoffice import Installed, installed_extension
from xlbridge.installing.pythons import unfit, version_in
from xlbridge.installing.surroundings import Surroundings, unopkg
from xlbridge.ledger import places

EXTEND = "Lancez « xlbridge install --libreoffice », puis redémarrez LibreOffice."
COPY = "Enregistrez-en une copie dans un dossier de cet ordinateur, et travaillez dans celle-ci."


def examine(around: Surroundings, workbook: str | None = None) -> list[Check]:
    """Every check, in the order in which troubles are best mended; with a `workbook`, also whether it can be worked on."""
    return [
        _own(around),
        *excel_checks(around),
        _libreoffice(around),
        _ledger(around),
        *([] if workbook is None else _workbook(around, workbook)),
    ]


def exit_code(checks: Sequence[Check]) -> ExitCode:
    """1 where something has to be done, 5 where something could not be found out."""
    verdicts = {check.verdict for check in checks}
    if "problem" in verdicts:
        return ExitCode.BLOCKING_FINDINGS
    return ExitCode.NOT_CHECKED if "not_checked" in verdicts else ExitCode.OK


def as_json(checks: Sequence[Check]) -> dict[str, Any]:
    """The checks as data."""
    return {"version": __version__, "checks": [asdict(check) for check in checks]}


def _own(around: Surroundings) -> Check:
    why_not = unfit(around)
    if why_not:
        return Check("xlbridge", "problem", why_not.message, why_not.remedy)
    return Check("xlbridge", "ok", f"version {__version__}, Python {platform.python_version()} ({around.python})")


def _libreoffice(around: Surroundings) -> Check:
    name = "Extension de LibreOffice"
    if unopkg(around) is None:
        return Check(name, "not_applicable", "LibreOffice n’est pas installé, ou pas à sa place habituelle.")
    try:
        installed = installed_extension(around)
    except WrongUse as fault:
        return Check(name, "not_checked", fault.message, fault.remedy)
    if installed is None:
        return Check(name, "problem", "LibreOffice est là, sans l’extension : pas de menu « Facturation » dans Calc.", EXTEND)
    return _extension(around, installed, name)


def _extension(around: Surroundings, installed: Installed, name: str) -> Check:
    if installed.version != __version__:
        return Check(name, "problem", f"L’extension est de la version {installed.version}, et non {__version__}.", EXTEND)
    if not installed.active:
        return Check(name, "problem", "L’extension est désactivée.", "Dans LibreOffice : Outils, Gestionnaire des extensions, « Activer ».")
    chosen = around.variables.get("XLBRIDGE_PYTHON")
    python, starts = (Path(chosen), "XLBRIDGE_PYTHON désigne") if chosen else (installed.python, "L’extension lance")
    remedy = "Corrigez cette variable, ou supprimez-la, puis redémarrez LibreOffice." if chosen else EXTEND
    if python is None:
        return Check(name, "problem", "L’extension ne sait quel Python lancer.", remedy)
    if not python.is_file():
        return Check(name, "problem", f"{starts} {python}, qui n’existe pas.", remedy)
    if version_in(python) != __version__:
        return Check(name, "problem", f"{starts} {python}, qui n’a pas xlbridge {__version__}.", remedy)
    if python.parent != around.python.parent:  # an environment has its Python under several names
        return Check(name, "warning", f"{starts} un autre Python : {python}.", f"S’il n’est pas le bon : {remedy}")
    return Check(name, "ok", f"version {installed.version}, Python {python}")


def _ledger(around: Surroundings) -> Check:
    """The place of a ledger that is not named: the folder that will be made, or the one above it that is there."""
    name = "Place du registre"
    try:
        named = around.variables.get("XLBRIDGE_LEDGER")
        file = places.ledger_file(places.ledger_url(named, None)) if named else around.data / places.LEDGER_NAME
        if file is None:
            return Check(name, "not_applicable", "Le registre est sur un serveur ; « xlbridge verify » s’y connecte.")
        places.refuse_unsafe(file)
    except WrongUse as fault:
        return Check(name, "problem", fault.message, fault.remedy)
    folder = next((above for above in file.parents if above.is_dir()), None)
    if folder is None:
        return Check(name, "problem", f"Le disque de {file} n’est pas là.", "Branchez-le, ou nommez une autre place par XLBRIDGE_LEDGER.")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as fault:
        remedy = "Rendez ce dossier inscriptible, ou nommez une autre place par la variable XLBRIDGE_LEDGER."
        return Check(name, "problem", f"Rien ne peut être écrit dans {folder} : {why(fault)}.", remedy)
    return Check(name, "ok", str(file.parent))


def _workbook(around: Surroundings, workbook: str) -> Iterator[Check]:
    name, path = "Classeur", Path(workbook)
    if "://" in workbook:
        yield Check(name, "problem", f"{workbook} est ouvert depuis Internet (OneDrive, SharePoint).", COPY)
        return
    if not path.is_file():
        yield Check(name, "problem", f"« {workbook} » n’existe pas.", "Vérifiez le chemin, entre guillemets s’il contient des espaces.")
        return
    yield Check(name, "ok", str(path))
    if blocked_download(path):
        yield Check("Fichier téléchargé", "problem", "Windows bloque les macros de ce classeur.", "Clic droit, Propriétés, « Débloquer ».")
    yield _place(around, path.absolute())


def _place(around: Surroundings, path: Path) -> Check:
    name = "Dossier du classeur"
    service = places.synchroniser(path, around.variables) or places.marked_synchroniser(path) or places.desktop_in_icloud(path)
    if service:
        found = f"Dossier synchronisé par {service} : Excel peut ouvrir le classeur par une adresse Internet, que Python ne lit pas."
        return Check(name, "warning", found, COPY)
    if places.on_network(path):
        found = "Le classeur est sur un disque du réseau : deux personnes peuvent le modifier en même temps."
        return Check(
            name, "warning", found, "Que le classeur ne soit ouvert que par une personne à la fois ; le registre reste, lui, sur ce poste."
        )
    return Check(name, "ok", str(path.parent))
