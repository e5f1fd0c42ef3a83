"""The workbook against the ledger: every cell of the register as it was sealed, no row more, and the seal."""

from __future__ import annotations

from collections.abc import Iterator

from xlbridge.findings import Cell, Finding
from xlbridge.french import as_read
from xlbridge.ledger.record import ISSUED
from xlbridge.proof import rules
from xlbridge.proof.facts import Facts, Sealed
from xlbridge.proof.heads import check_seal
from xlbridge.workbook.disguise import disguised
from xlbridge.workbook.grid import Workbook
from xlbridge.workbook.register_changes import Change, changed_cells, extra_numbers
from xlbridge.workbook.seal_sheet import SealSheet, read_seal
from xlbridge.workbook.template_layout import REGISTER, REGISTER_LINES
from xlbridge.workbook.template_parties import table_of

ADDED_AND_GONE = "Numéro"


def check_workbook(facts: Facts, workbook: Workbook, ledger: str) -> list[Finding]:
    """What has changed since the documents of this workbook were issued."""
    seal = read_seal(workbook) or SealSheet()
    findings = check_seal(facts, seal, ledger, f"Le classeur « {workbook.path.name} »")
    known = {row["number"] for row in facts.rows.values() if row["number"]} | {item.number for item in facts.documents if item.number}
    extra = extra_numbers(workbook, known)
    findings += [rules.CELL_ROW_ADDED.found(cell=cell, number=number, sheet=cell.sheet) for number, cell in extra]
    its, marks = _its_documents(facts, workbook, seal)
    if seal.ledger == ledger and (other := min(marks - {seal.book}, default=None)):
        findings.append(rules.SEAL_WRONG.found(detail=f"Classeur : « {seal.book or 'effacé'} » au lieu de « {other} »"))
    for document in its:
        findings += _document(workbook, document, seal)
    findings += [
        rules.UNPROTECTED.found(cell=Cell(workbook.path.name, sheet.name, "A1"), sheet=sheet.name)
        for sheet in workbook.sheets
        if sheet.name in {REGISTER, REGISTER_LINES} and sheet.details.protected is False
    ]
    findings += _disguised(workbook)
    return findings + list(_left_out(facts, workbook, its, seal if seal.ledger == ledger else SealSheet()))


def _disguised(workbook: Workbook) -> Iterator[Finding]:
    """The cells of the register that show something else than they hold."""
    for name in (REGISTER, REGISTER_LINES):
        table = table_of(workbook, name)
        for row in table.rows() if table else ():
            for column in disguised(row):
                number, code = row.text("Numéro") or "sans numéro", row.format(column)
                yield rules.DISGUISED.found(
                    cell=row.cell(column), number=number, column=column, value=as_read(row.text(column) or ""), format=code
                )


def _left_out(facts: Facts, workbook: Workbook, its: list[Sealed], seal: SealSheet) -> Iterator[Finding]:
    """The documents of other workbooks, of which no number stands here: they are not looked for, which is said.

    A workbook from which nothing was issued has the seal of the opening: with that of a later record, an empty register was emptied.
    """
    if not its and facts.documents:
        absent = [name for name in (REGISTER, REGISTER_LINES) if table_of(workbook, name) is None]
        for name in absent:
            yield rules.NO_SHEET.found(sheet=name)
        had_some = any(item.origin == ISSUED and item.seq <= (seal.seq or 0) for item in facts.documents)
        if had_some and not absent and not extra_numbers(workbook, ()):
            yield rules.EMPTIED.found(sheet=REGISTER, seq=seal.seq, numbers=seal.last_numbers or "derniers numéros effacés")
    seen = {document.seq for document in its}
    others = [item for item in facts.documents if item.origin == ISSUED and item.register is not None and item.seq not in seen]
    if others:
        same = " (un autre de ce nom)"
        books = ", ".join(sorted({f"« {item.workbook} »{same if item.workbook == workbook.path.name else ''}" for item in others}))
        yield rules.ELSEWHERE.found(count=len(others), books=books, file=workbook.path.name)


def _its_documents(facts: Facts, workbook: Workbook, seal: SealSheet) -> tuple[list[Sealed], set[str]]:
    """The documents issued from this workbook, and what it was known by when those were whose numbers stand here.

    Its name tells nothing: two workbooks may have the same, and a file may be renamed.
    """
    sealed = [document for document in facts.documents if document.origin == ISSUED and document.register is not None]
    absent = {document.seq for document in sealed if _is_absent(document, changed_cells(workbook, document.name, document.register or {}))}
    marks = {document.book for document in sealed if document.seq not in absent and document.book}
    return [document for document in sealed if document.book in marks | {seal.book}], marks


def _is_absent(document: Sealed, changes: list[Change]) -> bool:
    rows = 1 + len((document.register or {}).get("lines", ()))
    return len(changes) == rows and all(change.column == ADDED_AND_GONE and change.new is None for change in changes)


def _document(workbook: Workbook, document: Sealed, seal: SealSheet) -> Iterator[Finding]:
    changes = changed_cells(workbook, document.name, document.register or {})
    if seal.seq is not None and document.seq > seal.seq and _is_absent(document, changes):
        yield rules.BEHIND.found(number=document.name)
        return
    for change in changes:
        if change.column == ADDED_AND_GONE and change.new is None:
            yield rules.CELL_ROW_MISSING.found(cell=change.cell, number=document.name, sheet=change.cell.sheet)
        elif change.column == ADDED_AND_GONE and change.old is None:
            yield rules.CELL_ROW_ADDED.found(cell=change.cell, number=document.name, sheet=change.cell.sheet)
        else:
            old, new = as_read(change.old or "vide"), as_read(change.new or "vide")
            yield rules.CELL_CHANGED.found(cell=change.cell, number=document.name, column=change.column, old=old, new=new)
