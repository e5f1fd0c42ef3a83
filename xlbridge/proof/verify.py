"""`verify`: all that the ledger, the vault, the workbook and the key say of each other, in one report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from xlbridge.archive.vault import Vault
from xlbridge.errors import ExitCode, LedgerBroken, WrongUse, XlbridgeError
from xlbridge.findings import Check, Finding, Outcome, Report, blocking
from xlbridge.ledger.places import shown_ledger
from xlbridge.ledger.seal import load_key
from xlbridge.ledger.session import key_place as key_place_of
from xlbridge.ledger.store import Clock, now, open_ledger
from xlbridge.proof import rules
from xlbridge.proof.closings import check_closings
from xlbridge.proof.facts import Facts
from xlbridge.proof.files import Snapshot, check_closing_files, check_files, unavailable
from xlbridge.proof.heads import check_head, check_key
from xlbridge.proof.numbers import check_clock, check_numbering
from xlbridge.proof.reading import collected, read_facts
from xlbridge.proof.taken_over import check_taken_over
from xlbridge.proof.workbook import check_workbook
from xlbridge.workbook.grid import Workbook, open_workbook
from xlbridge.workbook.template_layout import REGISTER, REGISTER_LINES, SEAL

OURS = frozenset({REGISTER, REGISTER_LINES, SEAL})


@dataclass
class _Checks:
    """The checks in their order, and their findings."""

    done: list[Check] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def add(self, name: str, found: list[Finding]) -> None:
        """A check that ran."""
        self.done.append(Check(name, Outcome.NON_COMPLIANT if blocking(found) else Outcome.COMPLIANT))
        self.findings += found

    def not_done(self, name: str, fault: XlbridgeError) -> None:
        """A check that was asked for and could not run."""
        self.done.append(Check(name, Outcome.NOT_CHECKED))
        self.findings.append(rules.NOT_READ.found(message=fault.message, remedy=fault.remedy))


def verify(
    url: str, archive: Path | None, workbook: Path | Workbook | None, *, key_place: Path | str | None = None, clock: Clock = now
) -> Report:
    """Compare the ledger at `url` with itself, and with the vault, the workbook and the user's key as far as they are given; what was not
    given is left out, and a note says so. Raises LedgerBroken where there is no ledger that can be opened, WrongUse for a workbook that is
    none of ours.

    Found and named: a record changed, missing, added, moved or rewritten without the key; a cut tail that the vault or the workbook still
    knows of; changed tables, files, closings and cells; a clock set back. For what cannot be found see `xlbridge.proof.heads`.
    """
    ledger = open_ledger(url, clock)
    checks = _Checks()
    try:
        # What lies outside is looked at first: whatever is issued meanwhile is then in the ledger, and no contradiction.
        snapshot = _seen(archive, ledger.identity.identifier)
        book = _read(workbook, checks)
        with ledger.reading() as connection:
            facts, found = read_facts(connection, with_register=book is not None)
    finally:
        ledger.close()
    for name in ("chain", "events", "index"):
        checks.add(name, found[name])
    checks.add("numbering", check_numbering(facts))
    identifier = str(facts.opening.get("identifier", ledger.identity.identifier))
    _compare_key(checks, facts, key_place, identifier)
    _compare_vault(checks, facts, snapshot, identifier)
    if book is not None:
        checks.add("workbook", [*check_workbook(facts, book, identifier), *check_taken_over(facts, book)])
    elif workbook is None:
        checks.findings.append(rules.WORKBOOK_LEFT_OUT.found())
    checks.add("clock", check_clock(facts, clock()))
    return Report(shown_ledger(url), tuple(checks.done), tuple(collected(checks.findings)))


def exit_code_of(report: Report) -> ExitCode:
    """4 where anything is damaged, 5 where what was asked for could not be checked."""
    if report.outcome is Outcome.NON_COMPLIANT:
        return ExitCode.LEDGER_BROKEN
    return report.exit_code


def _seen(archive: Path | None, identifier: str) -> Snapshot | LedgerBroken | None:
    """What stands in the vault; what is wrong where it cannot be told."""
    if archive is None:
        return None
    try:
        return Snapshot.of(Vault.open(archive, identifier))
    except LedgerBroken as fault:
        return fault


def _read(workbook: Path | Workbook | None, checks: _Checks) -> Workbook | None:
    if not isinstance(workbook, Path):
        return workbook
    try:
        book = open_workbook(workbook)
    except XlbridgeError as fault:
        checks.not_done("workbook", fault)
        return None
    if not any(sheet.name in OURS for sheet in book.sheets):
        raise WrongUse(
            f"« {workbook.name} » n’est pas un classeur de facturation d’xlbridge : rien n’en a été émis.",
            "Donnez le classeur qui porte « Registre » ; xlbridge check lit les autres.",
        )
    return book


def _compare_key(checks: _Checks, facts: Facts, given: Path | str | None, identifier: str) -> None:
    """The key that was given must be there; the one at the usual place is compared where it is, and can be read without asking."""
    place = key_place_of(identifier, None) if given is None else given
    if given is None and isinstance(place, Path) and not place.is_file():
        checks.findings.append(rules.KEY_LEFT_OUT.found(why=""))
        return
    try:
        key = load_key(place, identifier)
    except (WrongUse, LedgerBroken) as fault:
        if given is None:
            checks.findings.append(rules.KEY_LEFT_OUT.found(why=f" ({fault.message})"))
        else:
            checks.not_done("key", fault)
    else:
        checks.add("key", check_key(facts, key.public))


def _compare_vault(checks: _Checks, facts: Facts, snapshot: Snapshot | LedgerBroken | None, identifier: str) -> None:
    closings = check_closings(facts)
    if snapshot is None:
        checks.add("closings", closings)
        checks.findings.append(rules.VAULT_LEFT_OUT.found())
        return
    if isinstance(snapshot, LedgerBroken):
        checks.add("closings", closings)
        needed = any(document.files for document in facts.documents) or bool(facts.doubtful_rows())
        if needed:
            checks.add("files", [unavailable(snapshot)])
        else:
            checks.findings.append(rules.VAULT_LEFT_OUT.found())
        return
    checks.add("head", check_head(facts, snapshot.head, identifier))
    checks.add("files", _guarded(lambda: check_files(facts, snapshot)))
    checks.add("closings", [*closings, *_guarded(lambda: check_closing_files(facts, snapshot))])


def _guarded(check: Callable[[], list[Finding]]) -> list[Finding]:
    """The findings of a check of the vault; a vault that cannot be read is one itself."""
    try:
        return check()
    except LedgerBroken as fault:
        return [unavailable(fault)]
