"""Any workbook as invoices, or the reason why it holds none: the verb `read` for sheets that nobody made for us."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlbridge.document import Document
from xlbridge.errors import XlbridgeError
from xlbridge.findings import Finding, Rule, Severity
from xlbridge.legacy import rules
from xlbridge.legacy.clients import ClientRows
from xlbridge.legacy.currency import MANY_ROWS
from xlbridge.legacy.draft import Draft
from xlbridge.legacy.form import FormReading, read_form
from xlbridge.legacy.lines import group_rows, joined_drafts, line_drafts
from xlbridge.legacy.refusal import refusal_of
from xlbridge.legacy.regions import parts_of
from xlbridge.legacy.register import register_drafts
from xlbridge.legacy.tables import Kind, Table, find_tables
from xlbridge.workbook.grid import Workbook, open_workbook

UNREADABLE = Rule("LEC-019", Severity.BLOCKING, "Fichier illisible", "{message}", "{remedy}")


@dataclass(frozen=True)
class Reading:
    """What was understood of one file: documents, or the reason why it was refused."""

    path: Path
    documents: tuple[Document, ...] = ()
    reason: str | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def verdict(self) -> str:
        """`documents` or `refused`."""
        return "documents" if self.documents else "refused"

    def as_json(self) -> dict[str, Any]:
        """One item of `files` of `read --json`."""
        return {
            "file": str(self.path),
            "verdict": self.verdict,
            "reason": self.reason,
            "documents": [document.as_json() for document in self.documents],
            "findings": [finding.as_json() for finding in self.findings],
        }


def read_file(path: Path, companions: Sequence[Path] = ()) -> Reading:
    """Read one file. `companions` are files beside it that may hold the other half of a pair of tables. Never raises on bad input."""
    try:
        return read_workbook(open_workbook(path), companions)
    except XlbridgeError as fault:
        return unreadable(path, fault)


def unreadable(path: Path, fault: XlbridgeError) -> Reading:
    """The reading of a file that could not be read, with the one error to tell."""
    return Reading(path, reason="unreadable", findings=(UNREADABLE.found(message=fault.message, remedy=fault.remedy),))


def needs_companion(reading: Reading) -> bool:
    """Whether another file of the folder completed the reading, or could have."""
    every = [*reading.findings, *(finding for document in reading.documents for finding in document.findings)]
    return any(finding.code in {rules.COMPANION.code, rules.NEEDS_COMPANION.code} for finding in every)


def read_workbook(workbook: Workbook, companions: Sequence[Path] = ()) -> Reading:
    """Read an open workbook: our template exactly, any other by what its sheets look like."""
    from xlbridge.workbook import template

    if template.is_template(workbook):
        documents = tuple(template.read_template(workbook))
        return Reading(workbook.path, documents, None if documents else "empty", workbook.findings)
    tables = {sheet.name: find_tables(sheet, workbook.path.name) for sheet in workbook.sheets}
    every = [table for found in tables.values() for table in found]
    drafts, findings = _table_drafts(every, workbook, companions)
    forms = _forms(workbook, tables, alone=not drafts)
    listed = {str(draft.get("number")).casefold() for draft in drafts}
    shown = [form.draft for form in forms if form.draft]
    drafts += [draft for draft in shown if not listed or (draft.get("number") and str(draft.get("number")).casefold() not in listed)]
    documents = tuple(draft.build() for draft in drafts)
    reason = None if documents else refusal_of(workbook, every, [form.reason for form in forms if form.reason])
    notes = _hidden_notes(workbook, drafts)
    return Reading(workbook.path, documents, reason, (*workbook.findings, *findings, *notes))


def _table_drafts(tables: list[Table], workbook: Workbook, companions: Sequence[Path]) -> tuple[list[Draft], list[Finding]]:
    clients = ClientRows.of(tables)
    headers = [table for table in tables if table.kind in {Kind.REGISTER, Kind.HEADERS}]
    lines = [table for table in tables if table.kind is Kind.LINES]
    drafts: list[Draft] = []
    findings: list[Finding] = []
    used: set[int] = set()

    def take(found: tuple[list[Draft], list[Finding]]) -> None:
        drafts.extend(found[0])
        findings.extend(found[1])

    for table in lines:
        header = _header_table(table, headers) or _companion(table, companions, workbook)
        if header is not None:
            used.add(id(header))
            take(joined_drafts(header, table, clients))
        elif {"issue_date", "buyer_name", "buyer_company"} & table.roles:
            take(line_drafts(table, clients))
        else:
            findings.append(rules.NEEDS_COMPANION.found(has="contient des lignes", lacks="ni date ni client"))
    for table in headers:
        if id(table) in used:
            continue
        if table.kind is Kind.REGISTER:
            take(register_drafts(table, clients))
        else:
            findings.append(rules.NEEDS_COMPANION.found(has="contient des numéros et des dates", lacks="aucun montant"))
    return drafts, findings


def _forms(workbook: Workbook, tables: dict[str, list[Table]], *, alone: bool) -> list[FormReading]:
    """The sheets that show one document each, or several one below the other.

    `alone`: the workbook has no register; a sheet with a total but no lines may then be a document too.
    """
    with_lines = [sheet for sheet in workbook.sheets if any(table.kind is Kind.ITEMS for table in tables[sheet.name])]
    beside = [sheet for sheet in workbook.sheets if not tables[sheet.name] and len(sheet.rows) <= 100]
    sheets = with_lines or (beside if alone else [])
    forms = []
    for sheet in sheets:
        for part in parts_of(sheet, [table for table in tables[sheet.name] if table.kind is Kind.ITEMS]):
            found = tables[sheet.name] if part is sheet else find_tables(part, workbook.path.name)
            forms.append(read_form(workbook, part, found, beside if with_lines else ()))
    return [form for form in forms if form]


def _header_table(lines: Table, headers: Sequence[Table]) -> Table | None:
    """The table of invoices whose numbers the lines name, where most of them do."""
    wanted = set(group_rows(lines))
    return next((table for table in headers if len(wanted & set(group_rows(table))) >= 0.9 * len(wanted) > 0), None)


def _companion(lines: Table, companions: Sequence[Path], workbook: Workbook) -> Table | None:
    """The table of invoices in another file of the same folder, for lines that say neither date nor client."""
    if {"issue_date", "buyer_name"} & lines.roles:
        return None
    for path in companions:
        if path == workbook.path or path.parent != workbook.path.parent:
            continue
        try:
            other = open_workbook(path)
        except XlbridgeError:
            continue  # it is judged, and said, when its own turn comes
        tables = [table for sheet in other.sheets for table in find_tables(sheet, path.name)]
        found = _header_table(lines, [table for table in tables if table.kind in {Kind.HEADERS, Kind.REGISTER}])
        if found is not None:
            return found
    return None


def _hidden_notes(workbook: Workbook, drafts: list[Draft]) -> list[Finding]:
    """A note for each hidden sheet that gave values, and for the hidden rows that did."""
    rows: dict[str, set[int]] = {}
    for draft in drafts:
        for cell in draft.origin.values():
            rows.setdefault(cell.sheet, set()).add(int(re.sub(r"\D", "", cell.address)))
    notes = []
    for sheet in workbook.sheets:
        if sheet.name not in rows:
            continue
        if sheet.hidden:
            notes.append(rules.HIDDEN.found(what=f"La feuille « {sheet.name} »"))
        elif len(sheet.rows) <= MANY_ROWS and (hidden := {row + 1 for row in sheet.details.hidden_rows or ()} & rows[sheet.name]):
            shown = ", ".join(str(row) for row in sorted(hidden)[:20])
            notes.append(rules.HIDDEN.found(what=f"Une partie de la feuille « {sheet.name} » (lignes {shown})"))
    return notes


def read_files(paths: Sequence[Path]) -> list[Reading]:
    """Read several files, in order; files of one folder may complete each other."""
    return [read_file(path, paths) for path in paths]
