"""Which old documents fit into « Registre » and « Registre lignes »: those that the new workbook, read again, says as the old one did."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from xlbridge.clients import Clients
from xlbridge.company import Company
from xlbridge.completion import filled
from xlbridge.document import Document
from xlbridge.errors import CannotRender
from xlbridge.findings import Finding, blocking
from xlbridge.folding import folded
from xlbridge.french import as_read, money, short_date
from xlbridge.legacy.rules import DRAFT
from xlbridge.legal_texts import find_exemption
from xlbridge.migrating import rules
from xlbridge.migrating.sources import Old
from xlbridge.model import Identifier, Invoice, Line, PostalAddress
from xlbridge.model.codes import INVOICE, PIECE, VatCategory
from xlbridge.model.money import ZERO
from xlbridge.model.term import SHORT_PATHS, term_of
from xlbridge.official.sentences import name_of
from xlbridge.preparation import prepared
from xlbridge.workbook.grid import open_workbook
from xlbridge.workbook.template import read_entries
from xlbridge.workbook.template_layout import REGISTER, REGISTER_LINES
from xlbridge.workbook.template_rows import Cells, rows_of

AMOUNTS = {"net": "le total HT", "vat": "la TVA", "gross": "le total TTC", "due": "le net à payer", "prepaid": "l’acompte déduit"}
LINE_VALUES = {"quantity": "quantité", "unit_price": "prix unitaire", "net_amount": "montant", "vat_rate": "taux de TVA"}


@dataclass(frozen=True)
class Fit:
    """An old document with what the new workbook will say of it: `invoice` and its rows. `summed`: its line is a sum, it had none."""

    old: Old
    invoice: Invoice
    client_kind: str | None
    head: Cells
    lines: list[Cells]
    summed: bool


def completed(old: Old, company: Company | None, clients: Clients | None) -> Document:
    """The document with what follows from it, from the company's settings and from the client list."""
    return prepared(filled(old.document, company, clients))


def fit(old: Old, document: Document) -> Fit | str:
    """The rows of a document, or the reason (a French clause) why it has none."""
    invoice, summed = document.invoice, not document.invoice.lines
    if reason := _uncertain(old, invoice):
        return reason
    if summed:
        lines = _sums(invoice, old.path.name)
        if lines is None:
            return "il n’a ni lignes, ni montants HT par taux de TVA qui soient certains"
        invoice = invoice.model_copy(update={"lines": lines})
    try:
        rows = rows_of([invoice])
    except CannotRender as fault:
        return f"{fault.message.partition(' : ')[2].rstrip('.')} – le classeur n’a pas de colonne pour cela"
    return Fit(old, invoice, document.client_kind, rows.tables[REGISTER][0], rows.tables[REGISTER_LINES], summed)


def _uncertain(old: Old, invoice: Invoice) -> str | None:
    """Why a document is not certain enough to be written anew."""
    if not invoice.number:
        return "il n’a pas de numéro"
    if old.document.is_draft or any(finding.code == DRAFT.code for finding in old.document.findings):
        return "l’ancien registre ne le dit pas émis"
    if stopped := blocking(old.document.findings):
        return f"sa lecture n’est pas certaine ({stopped[0].message.rstrip('.')})"
    if invoice.issue_date is None:
        return "sa date n’est pas connue"
    missing = [label for name, label in AMOUNTS.items() if name in {"net", "vat", "gross"} and getattr(invoice.totals, name) is None]
    return f"ses montants ne sont pas tous certains (manquent : {', '.join(missing)})" if missing else None


def _sums(invoice: Invoice, file: str) -> tuple[Line, ...] | None:
    """A line per rate for a document without lines; None where the base of one is not certain."""
    lines = []
    for part in invoice.vat_breakdown:
        exempt = find_exemption(part.reason or part.reason_code or "", invoice.issue_date)
        if part.base is None or not (exempt or (part.category == VatCategory.STANDARD and part.rate)):
            return None
        what = f"TVA {_number(part.rate)} %" if part.rate else "sans TVA"
        lines.append(
            Line(
                name=f"Montant HT, {what} (détail : {file})",
                quantity=Decimal(-1 if part.base < 0 else 1),
                unit=PIECE,
                unit_price=abs(part.base),
                net_amount=part.base,
                vat_category=part.category,
                vat_rate=part.rate,
                vat_reason=part.reason,
                vat_reason_code=part.reason_code,
            )
        )
    return tuple(lines) or None


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}".replace(".", ",")


def read_again(path: Path) -> dict[str, Document]:
    """The documents of « Registre » in the workbook at `path`, by number."""
    return {entry.key or "": entry.document for entry in read_entries(open_workbook(path)) if entry.sheet == REGISTER}


def difference(told: Invoice, again: Document | None) -> str | None:
    """What the new workbook says otherwise than the old one did (a French clause), of all that makes the document what it is."""
    if again is None:
        return "il ne se relit pas dans le nouveau classeur"
    if stopped := blocking(again.findings):
        return f"le nouveau classeur ne le relit pas ({stopped[0].message.rstrip('.')})"
    found = next((item for item in _pairs(told, again.invoice) if item[1] != item[2]), None)
    if found is None:
        return None
    what, before, after = found
    return f"relu dans le nouveau classeur, {what} serait {_shown(after)} au lieu de {_shown(before)}"


def _pairs(told: Invoice, again: Invoice) -> Iterator[tuple[str, object, object]]:
    """The values that must be the same: what, in the old workbook, in the new one."""
    yield "le numéro", (told.number or "").strip(), again.number
    yield "la date", told.issue_date, again.issue_date
    yield "l’échéance", told.due_date, again.due_date
    yield "le type", told.type_code or INVOICE, again.type_code
    yield "la devise", told.currency, again.currency
    yield "la facture d’origine", [item.number for item in told.preceding_invoices], [item.number for item in again.preceding_invoices]
    for name, label in AMOUNTS.items():
        before, after = getattr(told.totals, name), getattr(again.totals, name)
        yield label, before if name != "prepaid" else before or ZERO, after if name != "prepaid" else after or ZERO
    yield "le nombre de lignes", len(told.lines), len(again.lines)
    for position, (one, two) in enumerate(zip(told.lines, again.lines, strict=True), 1):
        for name, label in LINE_VALUES.items():
            yield f"{label} de la ligne {position}", getattr(one, name) or ZERO, getattr(two, name) or ZERO
        yield f"désignation de la ligne {position}", _words(one), _words(two)


def _words(line: Line) -> str:
    return " ".join(f"{line.name or ''} {line.description or ''}".split())


def _shown(value: object) -> str:
    from datetime import date

    if isinstance(value, Decimal):
        return money(value, None)
    if isinstance(value, list):
        return ", ".join(value) or "vide"
    return short_date(value) if isinstance(value, date) else "vide" if value in {None, ""} else f"« {value} »"


def without_lines(fits: Sequence[Fit]) -> list[Finding]:
    """A note for each file with documents that had no lines."""
    files: dict[str, list[Fit]] = defaultdict(list)
    for item in fits:
        if item.summed:
            files[item.old.path.name].append(item)
    return [
        rules.SUMMARY.found(
            "lines", "BG-25", same[0].old.cell, file=file, count=len(same), first=same[0].old.name, numbers=[item.old.name for item in same]
        )
        for file, same in files.items()
    ]


def without_place(fits: Sequence[Fit], again: dict[str, Document]) -> list[Finding]:
    """What the old cells said and the new workbook does not, of values that do not make the document another: a note for each field."""
    lost: dict[str, list[tuple[Fit, str, str]]] = defaultdict(list)
    for item in fits:
        told, found = item.old.document, again[item.invoice.number or ""].invoice
        notes = " ".join(_plain(note.text) for note in found.notes)
        for path in told.origin:
            before, after = _value(told.invoice, path), _value(found, path)
            if before is None or path.startswith("seller.") or (item.summed and path.startswith("vat_breakdown")):
                continue
            if _plain(before) != _plain(after) and not (path.startswith("notes") and _plain(before) in notes):
                lost[re.sub(r"\[\d+\]", "", path)].append((item, path, _text(after)))
    return [_lost(path, cases) for path, cases in lost.items()]


def told_alone(old: Old, twin: Old) -> str:
    """What a document says that its twin, which is taken in its place, says otherwise or not at all: a French clause, or nothing."""
    told, kept = old.document, twin.document.invoice
    paths = [path for path in told.origin if not path.startswith(("seller.", "lines[", "vat_breakdown["))]
    lost = [path for path in paths if (before := _value(told.invoice, path)) is not None and _plain(before) != _plain(_value(kept, path))]
    named = dict.fromkeys(f"{name_of(term_of(path)) or path} « {_text(_value(told.invoice, path))} »" for path in lost)
    return f" ; lui seul dit : {', '.join(named)}" if named else ""


def _lost(path: str, cases: list[tuple[Fit, str, str]]) -> Finding:
    first, place, new = cases[0]
    told = first.old.document
    facts: dict[str, Any] = {"count": len({id(case[0]) for case in cases}), "what": name_of(term_of(path)) or path}
    example = f"« {_text(_value(told.invoice, place))} » ({first.old.name})"
    numbers = [case[0].invoice.number for case in cases]
    found = rules.NO_COLUMN.found(place, term_of(path), told.origin[place], **facts, example=example, new=(new and f"« {new} »") or "rien")
    return found if len(cases) == 1 else _with_numbers(found, numbers)


def _with_numbers(finding: Finding, numbers: list[str | None]) -> Finding:
    from dataclasses import replace

    return replace(finding, values={**finding.values, "numbers": list(dict.fromkeys(numbers))})


def _value(invoice: Invoice, path: str) -> Any:
    """The value at a path of `origin`; None where there is none."""
    found: Any = invoice
    for step in path.replace("[", ".").replace("]", "").split("."):
        if isinstance(found, tuple):
            found = found[int(step)] if int(step) < len(found) else None
            continue
        for inner in (step if hasattr(found, step) else SHORT_PATHS.get(step, step)).split("."):
            found = getattr(found, inner, None)
    return found


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, PostalAddress):
        return ", ".join(value.lines)
    return value.value if isinstance(value, Identifier) else as_read(str(value))


def _plain(value: Any) -> str:
    """A value for comparison, signs aside: a credit note's amounts are turned."""
    return str(abs(value).normalize()) if isinstance(value, Decimal) else folded(_text(value))
