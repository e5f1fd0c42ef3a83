"""« Aperçu » and « Émettre »."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xlbridge.desk import choosing, control
from xlbridge.desk.answer import Answer, counted
from xlbridge.desk.checking import judged, show
from xlbridge.desk.holding import OpenWorkbook
from xlbridge.desk.opening import temporary_folder
from xlbridge.desk.places import desk_places
from xlbridge.errors import ExitCode, WrongUse, XlbridgeError, why
from xlbridge.file_names import safe_name
from xlbridge.findings import Finding, Severity, blocking
from xlbridge.issuing.run import Request, Run, issue, print_drafts
from xlbridge.issuing.transaction import Issued, Planned
from xlbridge.rules.sums import written as money
from xlbridge.workbook.port import Port

SHOWN = 8  # documents that a question or an answer names
DOUBTS = 3  # warnings that a question says in full


def preview(port: Port) -> Answer:
    """« Aperçu »: the chosen draft as a page marked « BROUILLON », also one that could not be issued yet."""
    workbook = port.snapshot()
    entry = choosing.one_draft(workbook, port.selection())
    if not entry.key:
        raise WrongUse("Ce brouillon n’a pas de repère.", "Écrivez-en un dans la colonne « Brouillon », puis recommencez.")
    with port.step("Aperçu"):
        folder = temporary_folder()
        (page,) = print_drafts(Request(workbook.path, (entry.key,)), folder, workbook=workbook)
    return Answer(open=page)


def issue_drafts(port: Port) -> Answer:
    """« Émettre »: the chosen drafts, else all: checked, shown, asked for once, numbered, archived, moved to the register."""
    chosen = choosing.drafts(port.snapshot(), port.selection())
    if any(entry.key is None for entry in chosen):
        raise WrongUse("Un brouillon choisi n’a pas de repère.", "Écrivez-en un dans la colonne « Brouillon », puis recommencez.")
    holder = OpenWorkbook(port)
    keys = tuple(str(entry.key) for entry in chosen) or None
    request = Request(holder.path, keys, places=desk_places())
    with port.step("Émettre"):
        run = issue(
            request,
            lambda planned: bool(port.ask(_question(planned))),
            holder=holder,
            tick=lambda done, of, key: port.status(f"Émettre : {done + 1} sur {of}, {key}"),
        )
        refused = _refused(run)
        said = _told(run, refused)
        page = None
        try:
            _marked(port, run, refused)
            page = _page(run)
        except XlbridgeError as fault:  # what was issued is issued, and the user is to know it
            said += f"\n\nLa suite n’a pas pu être faite. {fault}"
    return Answer(said, run.exit_code if run.confirmed or refused else ExitCode.OK, page)


def _marked(port: Port, run: Run, refused: Sequence[Finding]) -> None:
    """What stops the drafts that were refused, on their cells; marks and list no longer speak of drafts that have left."""
    after = port.snapshot()
    if refused:
        show(port, after, refused, of="Émettre")
    elif run.issued and control.listed(after):
        show(port, after, judged(after).findings)


def _question(planned: Sequence[Planned]) -> str:
    """What will happen, document by document, and that it cannot be taken back."""
    right = [item for item in planned if item.made]
    lines = [_line(item) for item in planned[:SHOWN]]
    lines += [f"… et {len(planned) - SHOWN} autres"] if len(planned) > SHOWN else []
    found = [(item.draft.key, finding) for item in right for finding in item.draft.findings]
    doubts = [f"{key} : {finding.message}" for key, finding in found if finding.severity is Severity.WARNING]
    said = "".join(f"\n{Severity.WARNING.label} {doubt}" for doubt in doubts[:DOUBTS])
    said += f"\n… et {counted(len(doubts) - DOUBTS, 'avertissement')} de plus" if len(doubts) > DOUBTS else ""
    said += f"\n{counted(len(found) - len(doubts), 'remarque')} sans gravité : « Vérifier » les montre." if len(found) > len(doubts) else ""
    return "\n".join(lines) + f"\n{said}\nÉmettre {counted(len(right), 'document')} ? Un numéro donné ne change plus."


def _line(item: Planned) -> str:
    invoice = item.draft.invoice
    due = money(invoice.totals.gross, invoice.currency) if invoice.totals.gross is not None else "sans montant"
    number = item.numbered.number if item.made and item.numbered else "REFUSÉ"
    return f"{number} – {invoice.title} – {invoice.buyer.name or 'sans client'} – {due} TTC ({item.draft.key})"


def _refused(run: Run) -> list[Finding]:
    """What stops the drafts that were not issued."""
    last = {item.draft.key: item.draft for item in run.issued if item.link is None}
    drafts = [last.get(item.draft.key, item.draft) for item in run.planned if item.made is None or item.draft.key in last]
    return [finding if finding.cell else finding.at(draft.place) for draft in drafts for finding in draft.findings]


def _told(run: Run, refused: Sequence[Finding]) -> str:
    issued = [item for item in run.issued if item.link and item.invoice]
    lines = [finding.message if finding.severity is Severity.NOTE else f"{finding.message} {finding.remedy}" for finding in run.findings]
    lines += [_said(item) for item in issued[:SHOWN]]
    lines += [f"… et {len(issued) - SHOWN} autres, au registre."] if len(issued) > SHOWN else []
    stops = blocking(refused)
    if stops:
        first = stops[0]
        where = f"{first.cell.sheet}, {first.cell.address} : " if first.cell else ""
        stopped = counted(len({item.draft.key for item in run.planned}) - len(issued), "document")
        lines.append(f"{stopped} non émis.\n{where}{first.message}\nLes cellules sont marquées ; « Contrôle » dit tout.")
    if not lines:
        return "Rien n’a été émis."
    return "\n".join(lines)


def _said(item: Issued) -> str:
    invoice = item.invoice
    assert invoice is not None
    feminine = "e" if invoice.title.startswith("Facture") else ""
    return f"{invoice.title} {invoice.number} émis{feminine} pour {invoice.buyer.name} ({item.draft.key})."


def _page(run: Run) -> Path | None:
    """A copy of the first page issued, under its number, to be looked at: the one in the vault is not to be touched."""
    first = next((item for item in run.issued if item.pdf and item.invoice), None)
    if first is None or first.invoice is None:
        return None
    from xlbridge.archive.vault import Vault
    from xlbridge.ledger.places import archive_folder
    from xlbridge.ledger.session import url_for

    assert first.pdf is not None
    places = run.request.places
    folder = archive_folder(places.archive, url_for(places.ledger, first.invoice.seller.siren))
    page = temporary_folder() / f"{safe_name(first.invoice.number or '')}.pdf"
    data = Vault.open(folder, run.ledger or "").get(first.pdf, ".pdf")
    try:
        page.write_bytes(data)
    except OSError as fault:
        raise WrongUse(f"« {page} » ne peut pas être écrit ({why(fault)}).", "Le document est archivé : « Exporter » le rend.") from fault
    return page
