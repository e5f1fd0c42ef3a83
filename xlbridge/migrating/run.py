"""`migrate`: old workbooks into a new invoicing workbook and, in one go, into the ledger that its numbers continue.

The new workbook is written beside, read again and compared before anything is kept; then the ledger takes the past over, whole or not at
all; last the workbook, bound to the ledger by its seal, is put in its place. The old workbooks are only read.
"""

from __future__ import annotations

import tempfile
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xlbridge.clients import Clients
from xlbridge.company import Company
from xlbridge.completion import is_other_seller
from xlbridge.document import Document
from xlbridge.errors import NotChecked, UnreadableFile, WrongUse
from xlbridge.findings import Finding
from xlbridge.folding import folded
from xlbridge.issuing.places import Places
from xlbridge.issuing.session import create, first_seal, for_trial, opened, seal_now
from xlbridge.issuing.transaction import write_head
from xlbridge.ledger.places import ledger_url
from xlbridge.ledger.store import Ledger, exists, open_ledger
from xlbridge.ledger.takeover import Takeover, plan, take_over
from xlbridge.migrating import rules
from xlbridge.migrating.buyers import buyers_of
from xlbridge.migrating.outcome import Fate, Migration, Request
from xlbridge.migrating.price_list import Sold, price_list
from xlbridge.migrating.register import Fit, completed, difference, fit, read_again, told_alone, without_lines, without_place
from xlbridge.migrating.seller import SETTINGS, company_file, company_for
from xlbridge.migrating.sources import Old, Tick, read_sources, twins
from xlbridge.workbook.client_list import load_clients
from xlbridge.workbook.new import refuse_place
from xlbridge.workbook.registering import moved
from xlbridge.workbook.target import write_whole
from xlbridge.workbook.template_layout import ARTICLES, CLIENTS, REGISTER, REGISTER_LINES
from xlbridge.workbook.template_rows import TemplateRows
from xlbridge.workbook.template_writer import write_rows

ROUNDS = 3  # a document that goes out may be the origin that another one names


def migrate(request: Request, confirm: Callable[[Migration], bool], tick: Tick = lambda *_: None) -> Migration:
    """Read, plan, ask `confirm`, write. Raises XlbridgeError where nothing could be done; nothing is written then.

    Documents that do not fit stay out of the new workbook, each with a finding; the ledger takes them over as they are.
    """
    refuse_place(request.target)
    settings = company_file(request.old, request.company)
    sources = read_sources(request.old, tick)
    if sources.unreadable and not request.dry_run:
        shown = ", ".join(f"« {path} »" for path in sources.unreadable)
        raise UnreadableFile(
            f"Ces fichiers ne peuvent pas être lus : {shown}.", "Réparez-les, ou retirez-les ; --dry-run dit ce qu’ils ont."
        )
    if not sources.documents:
        why = "\n".join(finding.message for finding in sources.findings)
        raise WrongUse(f"Ces classeurs ne contiennent aucune facture.\n{why}".strip(), "Voyez ce qui en est compris : xlbridge read.")
    company, told = company_for(settings, sources.documents)
    if company is None and not request.no_ledger:
        raise WrongUse("L’entreprise n’est pas connue : aucune facture ne nomme le vendeur.", f"{SETTINGS} Ou ajoutez --no-ledger.")
    made = Migration(request, sources, company, findings=[*sources.findings, *told, *_logo(request, company)])
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / request.target.name
        _write_workbook(made, _clients(request), draft, tick)
        if request.no_ledger:
            made.findings.append(rules.NO_LEDGER.found())
            if not request.dry_run and confirm(made):
                write_whole(request.target, draft.read_bytes())
                made.written = True
        else:
            _with_ledger(made, draft, confirm, tick)
    return made


def _logo(request: Request, company: Company | None) -> Iterator[Finding]:
    """The sheet « Entreprise » names an image beside the workbook: where it is not there, it has to be put there."""
    if company is not None and company.logo is not None and not (request.target.parent / company.logo.name).is_file():
        yield rules.LOGO.found("seller", logo=company.logo, folder=request.target.absolute().parent)


def _clients(request: Request) -> Clients | None:
    """The client list of `--clients`, else those beside the old workbooks."""
    beside = {path.parent / name: None for path in request.old for name in ("clients.csv", "clients.xlsx")}
    lists = [load_clients(path) for path in ([request.clients] if request.clients else [path for path in beside if path.is_file()])]
    if not lists:
        return None
    clients = tuple(dict.fromkeys(client for one in lists for client in one.clients))
    return Clients(clients, tuple(finding for one in lists for finding in one.findings), ", ".join(one.source for one in lists))


def _write_workbook(made: Migration, clients: Clients | None, draft: Path, tick: Tick) -> None:
    """The new workbook at `draft`, with all the documents that it says again as the old ones did; every document gets its fate."""
    documents = _own_documents(made)
    whole = {old: completed(old, made.company, clients) for old in documents}
    buyers = buyers_of(
        ((document.invoice, document.client_kind, old.document.origin.get("buyer.name", old.cell)) for old, document in whole.items()),
        clients.clients if clients else (),
    )
    in_euros = [(old, document.invoice) for old, document in whole.items() if document.invoice.currency in {None, "EUR"}]
    sold = [Sold(line, _cell(old, at)) for old, invoice in in_euros for at, line in enumerate(invoice.lines)]
    articles, varying = price_list(sold)
    rows = TemplateRows()
    rows.tables[CLIENTS], rows.tables[ARTICLES] = buyers.rows(), articles
    made.clients, made.articles = len(rows.tables[CLIENTS]), len(articles)
    made.findings += [*(clients.findings if clients else ()), *buyers.findings, *varying]
    fits = _fits(made, whole)
    for _ in range(ROUNDS):
        tick(len(made.fates), len(made.sources.documents), draft.name)
        fits.sort(key=lambda item: (item.head["Date"], item.invoice.number or ""))
        rows.tables[REGISTER] = [item.head | {"Client": buyers.code(item.invoice.buyer)} for item in fits]
        rows.tables[REGISTER_LINES] = [line for item in fits for line in item.lines]
        write_rows(draft, rows, made.company)
        again = read_again(draft)
        right = [item for item in fits if not _goes_out(made, item, again)]
        if len(right) == len(fits):
            break
        fits = right
    else:
        raise NotChecked("Le nouveau classeur, relu, ne dit pas la même chose que les anciens.", "Rien n’a été écrit ; signalez ce défaut.")
    made.fates |= dict.fromkeys((item.old for item in fits), Fate.REGISTER)
    _refuse_lost(made, again)
    made.findings += [*without_lines(fits), *without_place(fits, again)]


def _own_documents(made: Migration) -> list[Old]:
    """The documents of the company, each once."""
    company = made.company
    others = [old for old in made.sources.documents if company is not None and is_other_seller(old.past.invoice.seller, company)]
    for old in others:
        assert company
        made.fates[old], seller = Fate.OTHER_SELLER, old.past.invoice.seller
        called = seller.name or seller.siren or seller.vat_number
        made.findings.append(
            rules.OTHER_SELLER.found("seller.name", "BT-27", old.cell, number=old.name, seller=called, company=company.name)
        )
    own = [old for old in made.sources.documents if old not in made.fates]
    doubled = twins(own)
    for old, other in doubled.items():
        made.fates[old] = Fate.TWIN
        made.findings.append(
            rules.TWIN.found("number", "BT-1", old.cell, number=old.name, other=other.path.name, alone=told_alone(old, other))
        )
    return [old for old in own if old not in doubled]


def _cell(old: Old, position: int) -> Any:
    return old.document.origin.get(f"lines[{position}].name", old.cell)


def _fits(made: Migration, whole: dict[Old, Document]) -> list[Fit]:
    """The documents that have rows; of those that bear one number none has, because the rows of « Registre » are known by it."""
    found = {old: fit(old, document) for old, document in whole.items()}
    same: dict[str, list[Old]] = defaultdict(list)
    for old in found:
        if old.past.invoice.number:
            same[folded(old.past.invoice.number)].append(old)
    fits = []
    for old, rows in found.items():
        bearers = same[folded(old.past.invoice.number or "")] if old.past.invoice.number else []
        if len(bearers) > 1:
            places = " ; ".join(str(other.cell or other.path.name) for other in bearers[:5])
            made.fates[old] = Fate.LEFT_OUT
            facts: dict[str, Any] = {"number": old.name, "count": len(bearers), "places": places}
            made.findings.append(rules.SAME_NUMBER.found("number", "BT-1", old.cell, **facts))
        elif isinstance(rows, str):
            _leave_out(made, old, rows)
        else:
            fits.append(rows)
    return fits


def _goes_out(made: Migration, item: Fit, again: dict[str, Document]) -> bool:
    reason = difference(item.invoice, again.get(item.invoice.number or ""))
    if reason is not None:
        _leave_out(made, item.old, reason)
    return reason is not None


def _leave_out(made: Migration, old: Old, reason: str) -> None:
    made.fates[old] = Fate.LEFT_OUT
    made.findings.append(rules.LEFT_OUT.found("number", "BT-1", old.cell, number=old.name, reason=reason))


def _refuse_lost(made: Migration, again: dict[str, Document]) -> None:
    """Every document that was read has its fate, and as many are in the new workbook as were put there."""
    counts = made.counts()
    if counts["read"] != sum(counts[fate.value] for fate in Fate) or len(again) != counts[Fate.REGISTER.value]:
        raise NotChecked(f"Le compte des documents n’est pas juste : {counts}, {len(again)} relus.", "Rien n’a été écrit.")


def _with_ledger(made: Migration, draft: Path, confirm: Callable[[Migration], bool], tick: Tick) -> None:
    """The past into the ledger, then the workbook, sealed with it, in its place."""
    request, company = made.request, made.company
    assert company is not None
    past = [old.past for old in made.of(Fate.REGISTER, Fate.LEFT_OUT) if not old.document.is_draft]
    before = list(made.findings)
    with _known(company, request.places) as ledger:
        made.takeover = plan(ledger, past)
    made.findings = _with(before, made.takeover)
    if request.dry_run or not confirm(made):
        return
    url = ledger_url(request.places.ledger, company.siren)
    ledger = open_ledger(url) if exists(url) else create(company, request.places)
    try:
        with opened(ledger, request.places) as session:
            made.takeover = take_over(ledger, session.key, past, tick)
            made.findings, made.ledger = _with(before, made.takeover), ledger.identity.identifier
            with ledger.writing(session.key) as writer:
                write_head(writer, session.vault)
            sealed = seal_now if made.of(Fate.REGISTER) else first_seal
            moved(draft, (), sealed(session, uuid.uuid4().hex), request.target)
            made.written = True
    finally:
        ledger.close()


@contextmanager
def _known(company: Company, places: Places) -> Iterator[Ledger]:
    """The company's ledger, or where there is none yet one that is gone afterwards. Raises WrongUse for that of another seller."""
    url = ledger_url(places.ledger, company.siren)
    if not exists(url):
        with for_trial(company) as trial:
            yield trial
        return
    ledger = open_ledger(url)
    try:
        owner = ledger.identity
        if owner.seller_siren not in {company.siren, company.vat_number, company.name}:
            raise WrongUse(
                f"Ce registre est celui de {owner.seller_name} ({owner.seller_siren}), non de {company.name}.",
                "Donnez le bon par --ledger.",
            )
        yield ledger
    finally:
        ledger.close()


def _with(findings: Iterable[Finding], takeover: Takeover) -> list[Finding]:
    """The findings with those of the takeover that are not told yet."""
    told = list(findings)
    return told + [finding for finding in takeover.findings if finding not in told]
