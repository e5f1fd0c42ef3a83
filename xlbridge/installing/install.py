"""Install: what is to be done, as data, and the doing of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from xlbridge.errors import WrongUse, why
from xlbridge.installing import built
from xlbridge.installing.libreoffice import IDENTIFIER, add_extension, refusal
from xlbridge.installing.pythons import has_xlwings, unfit
from xlbridge.installing.record import Record, Written, folder_of_copies, keep_copy, read_record, sha256, write_record, write_whole
from xlbridge.installing.settings import as_written, interpreter_key, our_values, text_of, value_of, with_values
from xlbridge.installing.surroundings import Surroundings, has_excel, script_folder, settings_file, startup_folder

XLWINGS_MISSING = "xlwings manque à ce Python : les boutons d’Excel ne trouveront pas le classeur. Installez-le : "
CLOSE_EXCEL = "Fermez Excel, vérifiez la place libre et vos droits sur ce dossier, puis recommencez."


@dataclass(frozen=True)
class Put:
    """A file to be written; `says` what it is for. `values`: for a settings file, what is set in it."""

    path: Path
    content: bytes
    says: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Extend:
    """The extension to be given to LibreOffice."""

    package: bytes
    says: str


@dataclass(frozen=True)
class Plan:
    """What to do, in this order, and what the user should know besides."""

    steps: tuple[Put | Extend, ...]
    remarks: tuple[str, ...] = ()


def plan(around: Surroundings, *, libreoffice: bool = False) -> Plan:
    """What installing means here: for Excel where it is, for LibreOffice where that is asked for or there is no Excel.

    Raises WrongUse where neither is there, where LibreOffice takes nothing, or where the buttons could not use this Python.
    """
    no_python = unfit(around)
    if no_python:
        raise no_python
    if not libreoffice and has_excel(around):
        remarks = [] if has_xlwings(around.python) else [f'{XLWINGS_MISSING}"{around.python}" -m pip install xlwings']
        if refusal(around) is None:
            remarks.append("LibreOffice est là aussi : « xlbridge install --libreoffice » y met les mêmes boutons.")
        return Plan(tuple(_for_excel(around)), tuple(remarks))
    why_not = refusal(around)
    if why_not:
        raise why_not if libreoffice else WrongUse(f"Excel n’est pas installé sur cet ordinateur. {why_not.message}", why_not.remedy)
    says = f"Extension de LibreOffice : menu et barre d’outils « Facturation » de Calc, Python {around.python}. Redémarrez LibreOffice."
    remark = () if libreoffice else ("Excel n’est pas installé sur cet ordinateur : l’extension va dans LibreOffice.",)
    return Plan((Extend(built.extension(around.python), says),), remark)


def perform(around: Surroundings, planned: Plan) -> None:
    """Do it. Raises WrongUse at the first step that is refused; what was done before it is recorded, and uninstalling undoes it."""
    for step in planned.steps:
        try:
            _extend(around, step) if isinstance(step, Extend) else _put(around, step)
        except OSError as fault:
            meant = step.path if isinstance(step, Put) else around.data
            where = f" ({fault.filename})" if fault.filename else ""
            raise WrongUse(f"« {meant} » n’a pas pu être écrit : {why(fault)}{where}.", CLOSE_EXCEL) from fault


def _extend(around: Surroundings, step: Extend) -> None:
    record = read_record(around).with_folders(folder_of_copies(around))
    add_extension(around, step.package)
    write_record(around, replace(record, extension=IDENTIFIER))


def _for_excel(around: Surroundings) -> list[Put]:
    steps = [
        Put(
            startup_folder(around) / built.ADD_IN,
            built.add_in(),
            "Complément d’Excel : onglet « Facturation », au prochain démarrage d’Excel",
        )
    ]
    if around.system == "mac":
        steps.append(Put(script_folder(around) / built.SCRIPT, built.script(), "Script par lequel Excel pour Mac lance Python"))
    return [*steps, _settings(around)]


def _settings(around: Surroundings) -> Put:
    file, values = settings_file(around), our_values(around)
    before = text_of(file)
    says = f"Réglages de xlwings : Python {around.python}, et aucun module pris à côté d’un classeur ; les autres lignes restent"
    other = value_of(before, interpreter_key(around))
    if other not in {None, "", values[interpreter_key(around)]}:
        says += f" ({interpreter_key(around)} désignait {as_written(str(other))} ; « xlbridge uninstall » le remettra)"
    end = "\r\n" if around.system == "windows" else "\n"
    return Put(file, with_values(before, values, end).encode("latin-1"), says, values)


def _put(around: Surroundings, step: Put) -> None:
    record = read_record(around).with_folders(step.path.parent, folder_of_copies(around))
    entry = Written(str(step.path), sha256(step.content), _backup(around, record, step), step.values)
    write_record(around, record.with_file(entry))
    try:
        step.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(step.path, step.content)
    except OSError:
        write_record(around, record)
        raise


def _backup(around: Surroundings, record: Record, step: Put) -> str | None:
    """The copy of what the user had before us; nothing where that is our own file."""
    if not step.path.exists():
        return None
    before, known = step.path.read_bytes(), record.of(step.path)
    if known is not None and (step.values or known.sha256 == sha256(before)):
        return known.backup
    if before == step.content and not step.values:
        return None
    return keep_copy(around, step.path, before)
