"""What the buttons of Excel need: the add-in, the Python they start, and macros that are let run.

Registry value: Microsoft, « VBAWarnings » (2: the user is asked; 3: signed macros alone; 4: none). Downloaded files: [MS-FSCC] 2.6,
Zone.Identifier stream.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from xlbridge import __version__
from xlbridge.errors import WrongUse
from xlbridge.installing import built
from xlbridge.installing.checks import Check
from xlbridge.installing.pythons import has_xlwings, version_in
from xlbridge.installing.settings import WORKBOOK_FOLDER, as_written, interpreter_key, text_of, value_of
from xlbridge.installing.surroundings import Surroundings, has_excel, script_folder, settings_file, startup_folder

INSTALL = "Lancez « xlbridge install », Excel étant fermé."
SECURITY = r"Microsoft\Office\16.0\Excel\Security"
SIGNED_ONLY, NONE_AT_ALL = 3, 4
INTERNET_ZONE = 3


def excel_checks(around: Surroundings) -> Iterator[Check]:
    """The checks, where there is Excel."""
    if not has_excel(around):
        found = "Excel n’existe pas pour ce système." if around.system == "linux" else "Excel n’est pas installé."
        yield Check("Excel", "not_applicable", found)
        return
    yield Check("Excel", "ok", "Excel est installé.")
    yield _add_in(around)
    if around.system == "mac":
        yield _script(around)
    yield _interpreter(around)
    yield _workbook_folder(around)
    yield _xlwings(around)
    if around.system == "windows":
        yield _macros(around)


def blocked_download(file: Path) -> bool:
    """Whether Windows marks the file as downloaded, which keeps Excel from running its macros."""
    try:
        mark = Path(f"{file}:Zone.Identifier").read_text("utf-8", "replace")
    except OSError:  # no such stream, or no file system that has any
        return False
    zone = re.search(r"^ZoneId\s*=\s*(\d+)", mark, re.MULTILINE)
    return zone is not None and int(zone[1]) >= INTERNET_ZONE


def _add_in(around: Surroundings) -> Check:
    name, file = "Complément d’Excel", startup_folder(around) / built.ADD_IN
    if not file.is_file():
        return Check(name, "problem", f"{file} n’est pas là : pas d’onglet « Facturation ».", INSTALL)
    if blocked_download(file):
        return Check(name, "problem", f"{file} est bloqué comme fichier téléchargé.", "Clic droit, Propriétés, « Débloquer ».")
    try:
        same = file.read_bytes() == built.add_in()
    except WrongUse as fault:
        return Check(name, "not_checked", fault.message, fault.remedy)
    if not same:
        return Check(name, "problem", f"{file} n’est pas celui de xlbridge {__version__}.", INSTALL)
    return Check(name, "ok", f"{file}, version {__version__}")


def _script(around: Surroundings) -> Check:
    file = script_folder(around) / built.SCRIPT
    if not file.is_file() or file.read_bytes() != built.script():
        return Check("Script d’Excel pour Mac", "problem", f"{file} manque ou est d’une autre version.", INSTALL)
    return Check("Script d’Excel pour Mac", "ok", str(file))


def _interpreter(around: Surroundings) -> Check:
    name, key, file = "Python d’Excel", interpreter_key(around), settings_file(around)
    origin, python = _named(around)
    if not python:
        return Check(name, "problem", f"{file} ne nomme pas de Python ({key}).", INSTALL)
    if not Path(python).is_file():
        return Check(name, "problem", f"{origin} désigne {python}, qui n’existe pas.", INSTALL)
    version = version_in(Path(python))
    if version is None:
        return Check(name, "problem", f"{python} ({origin}) n’a pas xlbridge.", f"{INSTALL} C’est alors {around.python} qui sert.")
    if version != __version__:
        return Check(name, "problem", f"{python} ({origin}) a xlbridge {version}, et non {__version__}.", INSTALL)
    return Check(name, "ok", f"{python} ({origin}), xlbridge {version}")


def _named(around: Surroundings) -> tuple[str, str]:
    """What names the Python that Excel starts, and that Python; empty where there is none."""
    chosen = around.variables.get("XLBRIDGE_PYTHON", "")
    if chosen:
        return "XLBRIDGE_PYTHON", chosen
    file = settings_file(around)
    return str(file), as_written(value_of(text_of(file), interpreter_key(around)) or "")


def _workbook_folder(around: Surroundings) -> Check:
    name, file = "Modules à côté des classeurs", settings_file(around)
    if (value_of(text_of(file), WORKBOOK_FOLDER) or "").casefold() != "false":
        found = f"{file} laisse d’autres macros de xlwings prendre des modules Python dans le dossier d’un classeur reçu."
        return Check(name, "warning", found, INSTALL)
    return Check(name, "ok", f"{WORKBOOK_FOLDER} = False")


def _xlwings(around: Surroundings) -> Check:
    _origin, named = _named(around)
    python = Path(named or around.python)
    if not has_xlwings(python):
        remedy = f'Installez-le : "{python}" -m pip install xlwings'
        return Check("xlwings", "problem", f"xlwings manque à {python} : les boutons d’Excel ne trouvent pas le classeur.", remedy)
    return Check("xlwings", "ok", "xlwings est installé.")


def _macros(around: Surroundings) -> Check:
    """Macros in the start folder run all the same, because Excel trusts that folder; those of `facturier.xlsm` do not."""
    name = "Macros permises"
    for origin, key in (("l’administrateur", rf"HKCU\Software\Policies\{SECURITY}"), ("vos réglages", rf"HKCU\Software\{SECURITY}")):
        level = around.registry(key, "VBAWarnings")
        if level in {SIGNED_ONLY, NONE_AT_ALL}:
            found = f"Les macros non signées sont désactivées par {origin} : les boutons de facturier.xlsm ne répondent pas."
            remedy = (
                "Fichier, Options, Centre de gestion de la confidentialité, Paramètres des macros : « Désactiver les macros avec "
                "notification » ; ou servez-vous de l’onglet « Facturation » du complément."
            )
            return Check(name, "problem", found, remedy)
        if level is not None:
            break
    return Check(name, "ok", "Excel demande, ou permet, avant de lancer les macros d’un classeur.")
