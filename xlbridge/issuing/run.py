"""`issue`: the drafts of a workbook planned, confirmed, issued one by one, and moved to its register sheets.

The ledger is right at every moment; the workbook follows it. Should the workbook not be written (it was opened meanwhile, the machine
stopped), the next run finds the drafts that were issued and moves them with the numbers they were given.
"""

from __future__ import annotations

import math
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from xlbridge.company import Company, find_company
from xlbridge.errors import WrongUse, XlbridgeError, why
from xlbridge.issuing.draft import Draft, read_draft
from xlbridge.issuing.holder import ClosedFile, Holder
from xlbridge.issuing.outcome import MOVED_LATER, NOT_MOVED, Request, Run
from xlbridge.issuing.session import Session, create, first_seal, for_trial, ledger_of, opened, seal_now
from xlbridge.issuing.steps import Step, Watch, unwatched
from xlbridge.issuing.transaction import Options, Planned, Span, issue_one, issued_from, plan_one
from xlbridge.issuing.twins import with_twins
from xlbridge.ledger.record import ISSUED
from xlbridge.ledger.schema import DOCUMENTS, RECORDS
from xlbridge.ledger.store import Clock, Ledger, now
from xlbridge.model import Invoice
from xlbridge.workbook import template
from xlbridge.workbook.grid import Workbook, open_workbook
from xlbridge.workbook.register_rows import rows_from_json
from xlbridge.workbook.registering import READ_AGAIN, Move, damaged
from xlbridge.workbook.seal_sheet import SealSheet, read_seal
from xlbridge.workbook.template_layout import DRAFTS, REGISTER, SEAL

__all__ = ["Request", "Run", "issue", "mend", "print_drafts"]

Tick = Callable[[int, int, str], None]
MANY = 20  # documents from which on the quick form of the rule sheets pays


def issue(
    request: Request,
    confirm: Callable[[Sequence[Planned]], bool],
    *,
    holder: Holder | None = None,
    clock: Clock = now,
    today: date | None = None,
    watch: Watch = unwatched,
    tick: Tick = lambda *_: None,
) -> Run:
    """Plan, ask `confirm`, issue, move. Raises XlbridgeError where nothing could be begun; a refused draft does not stop the others.

    `holder`: where the workbook is; the closed file of the request where nothing is said.
    """
    holder = holder or ClosedFile(request.workbook)
    workbook, _ = holder.read()
    seal, company = _sealed(workbook, holder)
    request = _from_book(request, seal)
    run = Run(request)
    with ExitStack() as stack:
        ledger = ledger_of(workbook, seal, company, request.places, clock)
        known = ledger is not None
        if ledger is not None:
            stack.callback(ledger.close)
            run.ledger = ledger.identity.identifier
        trial = ledger or stack.enter_context(for_trial(company, clock))
        drafts, done = _drafts(workbook, company, trial, request, today or clock().astimezone().date(), seal)
        with trial.reading() as connection:
            drafts = with_twins(connection, drafts)
        _warm_up(len(drafts))
        run.planned = list(_planned(trial, drafts, request.options, tick, watch))
        right = [item for item in run.planned if item.made]
        if request.dry_run or not (right or done):
            return run
        if not request.options.specimen:
            holder.check_movable([item.draft.entry for item in right])
        run.confirmed = not right or confirm(run.planned)
        if not run.confirmed:
            return run
        if not holder.is_unchanged():  # somebody worked on it before the answer
            raise WrongUse(f"« {workbook.path.name} » a changé depuis qu’il a été lu ; rien n’a été émis.", READ_AGAIN)
        ledger = ledger if known else create(company, request.places, clock)
        assert ledger is not None
        stack.callback(ledger.close)
        run.ledger = ledger.identity.identifier
        session = stack.enter_context(opened(ledger, request.places, watch))
        if not seal.ledger and not request.options.specimen:
            _bind(run, session, holder)
        original = holder.file()
        try:
            for at, item in enumerate(right):
                tick(at, len(right), item.draft.key)
                run.issued.append(issue_one(ledger, session.vault, session.key, item, original, request.options, watch))
        finally:
            if not request.options.specimen:
                _move(run, session, done, holder)
                watch(Step.WORKBOOK_WRITTEN)
    return run


def mend(request: Request, holder: Holder, workbook: Workbook, *, clock: Clock = now, today: date | None = None) -> Run:
    """Move the drafts that were issued, and still stand among the drafts because the workbook could not be written then.

    `workbook`: as it stands now. Where there is nothing to move, nothing is written; nor for a workbook that no ledger knows. Raises
    XlbridgeError, as `issue` does.
    """
    seal, company = _sealed(workbook, holder)
    request = _from_book(request, seal)
    run = Run(request)
    if not seal.ledger or not any(entry.sheet == DRAFTS for entry in template.read_entries(workbook)):
        return run
    ledger = ledger_of(workbook, seal, company, request.places, clock)
    assert ledger is not None  # a workbook that names one is refused without it
    with ExitStack() as stack:
        stack.callback(ledger.close)
        _, done = _drafts(workbook, company, ledger, request, today or clock().astimezone().date(), seal)
        if done:
            _move(run, stack.enter_context(opened(ledger, request.places)), done, holder)
    return run


def _sealed(workbook: Workbook, holder: Holder) -> tuple[SealSheet, Company | None]:
    """The seal and the company of a workbook of ours. Raises WrongUse for another."""
    if not template.is_template(workbook):
        raise _no_template(workbook)
    seal = read_seal(workbook)
    if seal is None:
        raise damaged(workbook, SEAL)
    return seal, template.template_company(workbook) or find_company(holder.path)


def _from_book(request: Request, seal: SealSheet) -> Request:
    """The request with what the workbook is known by; what it will be, where nothing was issued from it yet."""
    return replace(request, options=replace(request.options, book=seal.book or uuid.uuid4().hex))


def print_drafts(request: Request, folder: Path, *, workbook: Workbook | None = None, today: date | None = None) -> list[Path]:
    """The drafts as pages marked « BROUILLON », without number and XML, in `folder`; also those that could not be issued yet.

    `workbook`: as it stands in the application that shows it; read from the file where nothing is said.
    """
    from xlbridge.file_names import safe_name
    from xlbridge.render import facturx

    workbook = workbook or open_workbook(request.workbook)
    if not template.is_template(workbook):
        raise _no_template(workbook)
    company = template.template_company(workbook) or find_company(request.workbook)
    day = today or now().astimezone().date()
    entries = [entry for entry in template.read_entries(workbook) if entry.sheet == DRAFTS]
    with for_trial(company) as ledger:
        wanted = _wanted(entries, request, ledger)
    made: list[Path] = []
    for entry in wanted:
        draft = read_draft(entry, workbook, company, day, {}, _logo(company))
        page = facturx.plain(draft.invoice, facturx.Marks(draft=True), logo=draft.logo)
        path = folder / f"brouillon-{safe_name(draft.key)}.pdf"
        if path in made:  # two keys that make one file name
            path = folder / f"brouillon-{safe_name(draft.key)}-{len(made) + 1}.pdf"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(page.pdf)
        except OSError as fault:
            raise WrongUse(f"« {path} » ne peut pas être écrit ({why(fault)}).", "Donnez un autre dossier par --draft.") from fault
        made.append(path)
    return made


def _no_template(workbook: Workbook) -> WrongUse:
    return WrongUse(
        f"« {workbook.path.name} » n’est pas un classeur de facturation d’xlbridge.",
        "Créez-en un par « xlbridge new », et reprenez-y vos factures.",
    )


def _drafts(
    workbook: Workbook, company: Company | None, ledger: Ledger, request: Request, today: date, seal: SealSheet
) -> tuple[list[Draft], list[tuple[Draft, str]]]:
    """The drafts asked for, in the order of their dates, and those that were issued already and only have to be moved.

    One that stands in the register, too, while the seal, which is written last, is older than it: its move was interrupted.
    """
    entries = template.read_entries(workbook)
    open_ones = [entry for entry in entries if entry.sheet == DRAFTS]
    wanted = _wanted(open_ones, request, ledger)
    others = _others(entries)
    logo = _logo(company)
    drafts = [read_draft(entry, workbook, company, today, others, logo) for entry in wanted]
    drafts.sort(key=lambda draft: (draft.invoice.issue_date or date.max, draft.entry.row or 0))
    done: list[tuple[Draft, str]] = []
    if seal.ledger and not request.options.specimen:
        listed = {entry.key for entry in entries if entry.sheet == REGISTER}
        with ledger.reading() as connection:
            found = [(draft, issued_from(connection, draft)) for draft in drafts]
        last = math.inf if seal.seq is None else seal.seq
        done = [(draft, row[0]) for draft, row in found if row is not None and (row[0] not in listed or row[2] > last)]
    keys = {draft.entry.key for draft, _ in done}
    return [draft for draft in drafts if draft.entry.key not in keys], done


def _wanted(entries: Sequence[template.Entry], request: Request, ledger: Ledger) -> list[template.Entry]:
    """The drafts of the keys that the user named, or all. Raises WrongUse where there is none."""
    if request.keys is None:
        if not entries:
            raise WrongUse(
                "Il n’y a aucun brouillon à émettre dans la feuille « Factures ».", "Écrivez-y un brouillon, et ses lignes dans « Lignes »."
            )
        return list(entries)
    found = []
    for key in request.keys:
        same = [entry for entry in entries if entry.key == key]
        if len(same) != 1:
            with ledger.reading() as connection:
                query = select(DOCUMENTS.c.number).where(DOCUMENTS.c.draft == key, DOCUMENTS.c.origin == ISSUED)
                numbers = [row.number for row in connection.execute(query)]
            issued = f" ; sous ce repère ont été émises : {', '.join(numbers)}" if numbers else ""
            if same:
                raise WrongUse(
                    f"Le brouillon « {key} » existe plusieurs fois{issued}.", "Donnez à chacun son repère, dans « Factures » et « Lignes »."
                )
            raise WrongUse(
                f"Le brouillon « {key} » n’existe pas{issued}.",
                f"Brouillons : {', '.join(str(entry.key) for entry in entries) or 'aucun'}.",
            )
        found += same
    return found


def _others(entries: Sequence[template.Entry]) -> dict[str, Invoice | None]:
    """The documents of the workbook by number, for rules that compare; None for a number that stands twice."""
    found: dict[str, Invoice | None] = {}
    for entry in entries:
        if number := entry.document.invoice.number:
            found[number] = None if number in found else entry.document.invoice
    return found


def _planned(ledger: Ledger, drafts: Sequence[Draft], options: Options, tick: Tick, watch: Watch) -> Iterator[Planned]:
    """Each draft with the number that it would be given after those before it."""
    before: Counter[Span] = Counter()
    for at, draft in enumerate(drafts):
        tick(at, len(drafts), draft.key)
        item = plan_one(ledger, draft, options, before, watch)
        if item.numbered is not None:
            before[item.numbered.place.series, item.numbered.place.period] += 1
        yield item


def _bind(run: Run, session: Session, holder: Holder) -> None:
    """Write the ledger's id into the workbook before its first issue: a crash then leaves a workbook that knows where it belongs."""
    run.backup = holder.follow([], first_seal(session, run.request.options.book))


def _move(run: Run, session: Session, done: Sequence[tuple[Draft, str]], holder: Holder) -> None:
    """The issued drafts into the register sheets, with the head. What cannot be written is told; the next run does it."""
    moves = [Move(item.draft.entry, item.draft.register(item.invoice)) for item in run.issued if item.link and item.invoice]
    for draft, number in done:
        moves.append(Move(draft.entry, rows_from_json(_sealed_rows(session.ledger, number))))
        run.findings.append(MOVED_LATER.found("number", draft=draft.key, number=number))
    if not moves:
        return
    try:
        run.backup = holder.follow(moves, seal_now(session, run.request.options.book))
    except XlbridgeError as fault:
        run.findings.append(NOT_MOVED.found(message=fault.message, remedy=fault.remedy))


def _sealed_rows(ledger: Ledger, number: str) -> dict[str, Any]:
    """What was sealed as the rows of an issued document."""
    import json

    with ledger.reading() as connection:
        query = select(RECORDS.c.body).join(DOCUMENTS, DOCUMENTS.c.seq == RECORDS.c.seq)
        body = connection.execute(query.where(DOCUMENTS.c.number == number, DOCUMENTS.c.origin == ISSUED)).scalar_one()
    rows: dict[str, Any] = json.loads(body)["content"]["source"]["register"]
    return rows


def _logo(company: Company | None) -> bytes | None:
    if company is None or company.logo is None:
        return None
    try:
        return company.logo.read_bytes()
    except OSError as fault:
        raise WrongUse(
            f"Le logo « {company.logo} » ne peut pas être lu ({why(fault)}).", "Corrigez « Logo » dans « Entreprise »."
        ) from fault


def _warm_up(count: int) -> None:
    if count >= MANY:
        from xlbridge.official.judge import warm_up

        warm_up()
