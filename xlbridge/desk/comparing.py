"""« Doublons » and « Contrôle du classeur »: the workbook against itself and against the ledger."""

from __future__ import annotations

from xlbridge.bulk.screen import CHECKS
from xlbridge.checking import compared
from xlbridge.desk.answer import Answer
from xlbridge.desk.binding import is_bound, ledger_of
from xlbridge.desk.checking import examined, show
from xlbridge.desk.choosing import NO_TEMPLATE
from xlbridge.desk.places import desk_places
from xlbridge.duplicates import Known
from xlbridge.errors import ExitCode, WrongUse
from xlbridge.findings import Finding, Outcome, Report, Severity, blocking
from xlbridge.proof import exit_code_of
from xlbridge.proof.places import verify_usual
from xlbridge.workbook import template
from xlbridge.workbook.grid import Workbook
from xlbridge.workbook.port import Port
from xlbridge.workbook.seal_sheet import read_seal
from xlbridge.workbook.template_layout import REGISTER, REGISTER_LINES

TWINS = frozenset({"FR-NUM-001", "FR-NUM-011", "FR-NUM-012", "FR-NUM-013", "FR-NUM-014"})


def duplicates(port: Port) -> Answer:
    """« Doublons »: what stands twice in the workbook, or in it and in the ledger. The same number of the same year blocks."""
    with port.step("Doublons"):
        workbook = port.snapshot()
        known, remark = _known(workbook)
        report = compared([examined(workbook)], known)[0]
        found = [finding for finding in report.findings if finding.code in TWINS]
        show(port, workbook, found, of="Doublons")
    if not found:
        return Answer(f"Aucun doublon{remark}.")
    return Answer(f"{_list(found)}\n\n« Contrôle » les dit tous{remark}.", ExitCode.BLOCKING_FINDINGS if blocking(found) else ExitCode.OK)


def _known(workbook: Workbook) -> tuple[list[Known], str]:
    """What the ledger has issued, and what is to be said of the comparison."""
    if not is_bound(workbook):
        return [], " (dans le classeur ; il n’est pas encore relié à un registre)"
    from xlbridge.ledger.known import known_documents

    with ledger_of(workbook) as ledger, ledger.reading() as connection:
        return known_documents(connection), " (dans le classeur et le registre)"


def verify(port: Port) -> Answer:
    """« Contrôle du classeur »: every cell of the register, the ledger and the vault, as they were sealed."""
    workbook = port.snapshot()
    if not template.is_template(workbook):
        raise WrongUse(*NO_TEMPLATE)
    if not is_bound(workbook) and not _has_issued(workbook):
        return Answer("Ce classeur n’est pas encore relié à un registre : il le sera à la première facture émise.")
    places = desk_places()
    with port.step("Contrôle du classeur"):
        report = verify_usual(workbook, places.ledger, places.archive, places.key)
        show(port, workbook, report.findings, of="Contrôle du classeur")
    return Answer(_verdict(report), exit_code_of(report))


def _has_issued(workbook: Workbook) -> bool:
    """Whether documents stand in the register sheets, whatever « Sceau » says: without it a workbook is not as we left it."""
    return any(entry.sheet in {REGISTER, REGISTER_LINES} for entry in template.read_entries(workbook)) or read_seal(workbook) is None


def _verdict(report: Report) -> str:
    done = sum(check.outcome is not Outcome.NOT_CHECKED for check in report.checks)
    left_out = [CHECKS.get(check.name, check.name) for check in report.checks if check.outcome is Outcome.NOT_CHECKED]
    rest = f" Non contrôlé : {', '.join(left_out)}." if left_out else ""
    stops = blocking(report.findings)
    if not stops and left_out:
        return f"Tout n’a pas pu être contrôlé ; le reste n’a pas changé depuis l’émission.{rest} « Contrôle » dit pourquoi."
    if not stops:
        doubts = [finding for finding in report.findings if finding.severity is Severity.WARNING]
        told = f"\n\n{_list(doubts)}\n\n« Contrôle » dit que faire." if doubts else ""
        return f"Rien n’a changé depuis l’émission : {done} contrôles conformes.{told}"
    return f"Quelque chose a changé depuis l’émission.\n\n{_list(stops)}\n\n« Contrôle » dit tout.{rest}"


def _list(findings: list[Finding], most: int = 4) -> str:
    lines = [
        f"{finding.cell.sheet}, {finding.cell.address} : {finding.message}" if finding.cell else finding.message for finding in findings
    ]
    return "\n".join([*lines[:most], *([f"… et {len(lines) - most} autres"] if len(lines) > most else [])])
