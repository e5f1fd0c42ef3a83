"""« Vérifier », « Suivant », « Corriger » and « Effacer les marques »."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from xlbridge.bulk.plan import CLIENT_FILES
from xlbridge.checking import Examined, compared, examine_workbook
from xlbridge.desk import control, marks
from xlbridge.desk.answer import Answer, counted
from xlbridge.desk.binding import is_behind, is_bound
from xlbridge.desk.places import desk_places
from xlbridge.errors import ExitCode, XlbridgeError
from xlbridge.findings import Finding, Report, blocking
from xlbridge.french import short_date
from xlbridge.repair import Repair, changes_of, proposed
from xlbridge.workbook import template
from xlbridge.workbook.address import position
from xlbridge.workbook.client_list import load_clients
from xlbridge.workbook.details import Position
from xlbridge.workbook.grid import Workbook
from xlbridge.workbook.package import Content, Place
from xlbridge.workbook.port import Port
from xlbridge.workbook.template_layout import LISTS, REGISTER, REGISTER_LINES, SEAL
from xlbridge.workbook.template_rules import DRAFT

ISSUED = "un document émis ne change plus : il se corrige par un avoir ou une facture rectificative"
COMPUTED = "la cellule contient une formule"
UNMARKED = frozenset({LISTS, SEAL})
MOST_ASKED = 200


def check(port: Port) -> Answer:
    """« Vérifier »: own rules; marks on the cells, the list in « Contrôle », the counts in « Accueil ».

    What was issued while the workbook could not be written is moved first. Code 1 where something blocks.
    """
    with port.step("Vérifier"):
        workbook = port.snapshot()
        mended = _mended(port, workbook)
        if mended:
            workbook = port.snapshot()
        report = judged(workbook)
        show(port, workbook, report.findings)
        text = _told(workbook, report)
    return Answer(f"{mended}{text}", ExitCode.BLOCKING_FINDINGS if blocking(report.findings) else ExitCode.OK)


def judged(workbook: Workbook) -> Report:
    """What our own rules say of the workbook as it stands; that a draft is one, its sheet says.

    What a ledger has sealed is judged by « Contrôle du classeur »: it can no longer be changed.
    """
    report = compared([examined(workbook)])[0]
    return replace(report, findings=tuple(finding for finding in report.findings if finding.code != DRAFT.code))


def examined(workbook: Workbook) -> Examined:
    """Its documents, judged one by one, with the client list beside it."""
    folder = workbook.path.parent
    listed = next((folder / name for name in CLIENT_FILES if workbook.path.is_absolute() and (folder / name).is_file()), None)
    clients = load_clients(listed) if listed else None
    return examine_workbook(control.without(workbook), clients=clients, sealed=is_bound(workbook))


def show(port: Port, workbook: Workbook, findings: Sequence[Finding], *, of: str = "") -> None:
    """The findings on their cells, in « Contrôle » and, in a workbook of ours, in « Accueil »; former marks are taken away.

    `of`: the command, where it looks for something else than « Vérifier » does: nothing found by it does not mean that all is right.
    """
    _clear(port, workbook)
    marks.mark(port, findings, sheets=_markable(workbook))
    control.fill(port, workbook, findings)
    now = datetime.now()  # noqa: DTZ005  the user's own clock
    what = f"« {of} », " if of else ""
    control.tell_home(port, workbook, f"{short_date(now.date())} à {now:%H:%M} : {what}{control.summary(findings)}")


def _clear(port: Port, workbook: Workbook) -> int:
    return marks.clear(port, _markable(workbook))


def _markable(workbook: Workbook) -> list[str]:
    """The sheets on which marks may be: those that one can see, without our own list of findings."""
    own = control.table_in(workbook)
    return [
        sheet.name
        for sheet in workbook.sheets
        if not sheet.hidden and sheet.name not in UNMARKED and (own is None or sheet is not own.sheet)
    ]


def _told(workbook: Workbook, report: Report) -> str:
    counts = control.summary(report.findings)
    if not report.findings:
        return "Rien à signaler."
    worst = min(report.findings, key=lambda finding: finding.severity.rank)
    where = f"{worst.cell.sheet}, {worst.cell.address} : " if worst.cell and worst.cell.file == workbook.path.name else ""
    rest = "« Suivant » mène d’un constat à l’autre ; « Contrôle » les dit tous."
    return f"{counts[0].upper()}{counts[1:]}.\n\n{where}{worst.message}\n\n{rest}"


def _mended(port: Port, workbook: Workbook) -> str:
    """What was moved now because it could not be when it was issued, as a sentence."""
    places = desk_places()
    try:
        if not is_behind(workbook, places):
            return ""
        from xlbridge.desk.holding import OpenWorkbook
        from xlbridge.issuing.run import Request, mend

        holder = OpenWorkbook(port)
        findings = mend(Request(holder.path, places=places), holder, workbook).findings
    except XlbridgeError as fault:
        return f"Le classeur n’a pas pu être comparé au registre. {fault}\n\n"
    return "\n".join(finding.message for finding in findings) + ("\n\n" if findings else "")


def next_finding(port: Port) -> Answer:
    """« Suivant »: the cursor goes to the next cell of the list; after the last to the first.

    Next to the one where the cursor is, else, for one who clicks on a sheet without findings, to the one shown last.
    """
    workbook = port.snapshot()
    cells = control.listed(workbook)
    if not cells:
        return Answer("Aucun constat à montrer. Lancez « Vérifier » d’abord.")
    here = port.selection()
    places = [(cell.sheet, position(cell.address.partition(":")[0])) for cell in cells]
    cursor = (here.sheet, here.areas[0][:2]) if here.areas else None
    last = control.visited(workbook) if here.sheet not in {cell.sheet for cell in cells} else None
    before = places.index(cursor) if cursor in places else cells.index(last) if last in cells else -1
    at = (before + 1) % len(places)
    control.visit(port, workbook, cells[at])
    port.select(*places[at])
    return Answer()


def clear(port: Port) -> Answer:
    """« Effacer les marques »: every cell as it was; the list is emptied."""
    with port.step("Effacer les marques"):
        workbook = port.snapshot()
        count = _clear(port, workbook)
        control.empty(port, workbook, ours=template.is_template(workbook))
    return Answer(f"{counted(count, 'marque')} effacée{'s' if count > 1 else ''}." if count else "Il n’y a pas de marque à effacer.")


def fix(port: Port) -> Answer:
    """« Corriger »: each safe correction is shown; those accepted are written, and the workbook is checked again."""
    workbook = port.snapshot()
    report = judged(workbook)
    repairs = proposed(workbook, report.findings, lambda places: _refused(workbook, places))
    possible = [repair for repair in repairs if not repair.obstacle][:MOST_ASKED]
    if not possible:
        by_hand = f" {counted(len(repairs), 'valeur')} à écrire à la main : « Contrôle » dit laquelle et où." if repairs else ""
        return Answer(f"Aucune correction sûre à proposer.{by_hand}")
    chosen: list[Repair] = []
    for at, repair in enumerate(possible, 1):
        answer = port.ask(_question(repair, at, len(possible)), may_stop=True)
        if answer is None:
            break
        if answer:
            chosen.append(repair)
    if not chosen:
        return Answer("Rien n’a été changé.")
    with port.step("Corriger"):
        _write(port, changes_of(port.snapshot(), chosen))
        after = port.snapshot()
        report = judged(after)
        show(port, after, report.findings)
    return Answer(
        f"{counted(len(chosen), 'correction')} écrite{'s' if len(chosen) > 1 else ''}. Reste : {control.summary(report.findings)}."
    )


def _question(repair: Repair, at: int, count: int) -> str:
    finding = repair.finding
    cell = finding.cell
    where = f"{cell.sheet}, {cell.address}" if cell else ""
    return (
        f"Correction {at} sur {count} · {where}\n\n{finding.message}\n\n« {repair.before} »  →  « {repair.after} »\n\n"
        "Écrire cette valeur ? « Annuler » s’arrête là : ce qui est accepté est écrit."
    )


def _refused(workbook: Workbook, places: Collection[Place]) -> Mapping[Place, str]:
    """The cells that are not ours to change: issued documents and formulas."""
    sheets = {sheet.name: sheet for sheet in workbook.sheets}
    refused = {}
    for name, address in places:
        if name in {REGISTER, REGISTER_LINES} and template.is_template(workbook):
            refused[name, address] = ISSUED
        elif position(address) in (sheets[name].details.formulas or {}):
            refused[name, address] = COMPUTED
    return refused


def _write(port: Port, changes: Mapping[Place, Content]) -> None:
    by_sheet: dict[str, dict[Position, Content]] = {}
    for (sheet, address), value in changes.items():
        by_sheet.setdefault(sheet, {})[position(address)] = value
    for sheet, cells in by_sheet.items():
        port.write(sheet, cells)
