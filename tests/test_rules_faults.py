"""The labelled faults of real workbooks: at least nine in ten of those of one invoice are told in their family, at their place.

In scope: the rows of the families FR-MEN, FR-MNT, FR-TVA, FR-IDE, FR-DAT and FR-AVO that concern an invoice. Not in scope: rows of a
file that the labelling says holds no invoice (quote, delivery note, blank form), and three rows of blank forms beside a register.
A register that `check` refuses although the labelling allows it to be read is in scope, and missed.

A row is found when `check`, run on the file as a user runs it, gives **every** code that `TOLD_BY` names for the row, at the row's place:

- `Sheet!B4, Sheet!D1:D9`: for each part a finding on the cell, or on one cell of the range; a column (`csv!H:I`) is such a range;
- where the cells are the header of a column (`HEADS`), the finding stands on a value below it, in that column;
- numbers of invoices: a finding on a cell of each of them;
- a whole sheet or file (something is absent everywhere): a finding on a cell of **each** invoice of the file.

A cell of an invoice is one that reading names: of a value, or of one that it saw and left out. A code of another family never counts.
"""

from __future__ import annotations

import csv
import json
import re
from functools import cache
from typing import NamedTuple

import pytest

from tests.corpus import CORPUS, needs_corpus
from xlbridge.checking import check
from xlbridge.findings import Cell, Finding
from xlbridge.legacy.reader import read_file
from xlbridge.workbook.address import column_number

BOOKS = CORPUS / "workbooks"
FAMILIES = {"FR-MEN", "FR-MNT", "FR-TVA", "FR-IDE", "FR-DAT", "FR-AVO"}
Key = tuple[str, str]  # the start and a word of the file's name, the kind of the fault

TOLD_BY: dict[Key, set[str]] = {
    ("FACTURE_37", "local_tax"): {"FR-TVA-051"},
    ("FACTURE_37", "excess_decimals"): {"FR-MNT-034"},
    ("FACTURE_37", "foreign_tax_id"): {"FR-IDE-034"},
    ("comptabilite", "single_amount"): {"FR-MNT-001"},
    ("comptabilite", "missing_mention"): {"FR-MEN-003", "FR-MEN-007", "FR-MEN-011"},
    ("customer_invoices", "single_amount"): {"FR-MNT-001"},
    ("customer_invoices", "missing_mention"): {"FR-MEN-003", "FR-MEN-007", "FR-MEN-008", "FR-MEN-011"},
    ("template-sage", "single_amount"): {"FR-MNT-001"},
    ("template-sage", "missing_mention"): {"FR-MEN-003", "FR-MEN-008"},
    ("test-facture", "missing_mention"): {"FR-MEN-003", "FR-MEN-007", "FR-MEN-011"},
    ("audit__factures", "credit_note_in_invoice_numbering"): {"FR-AVO-017"},
    ("audit__factures", "credit_note_mismatch"): {"FR-AVO-018"},
    ("audit__factures", "reference_outside_register"): {"FR-AVO-019"},
    ("audit__factures", "zero_vat_without_reason"): {"FR-TVA-001"},
    ("audit__factures", "vat_base_mismatch"): {"FR-TVA-018"},
    ("audit__factures", "vat_base_missing"): {"FR-TVA-052"},
    ("audit__factures", "missing_country"): {"FR-IDE-036"},
    ("audit__factures", "missing_mention"): {"FR-MEN-003", "FR-MEN-008", "FR-MEN-011"},
    ("delphine38", "vat_rate_in_amount_column"): {"FR-TVA-050"},
    ("delphine38", "vat_amount_in_gross_column"): {"FR-MNT-044"},
    ("delphine38", "total_mismatch"): {"FR-MNT-043"},
    ("delphine38", "missing_due_date"): {"FR-MEN-020"},
    ("delphine38", "missing_mention"): {"FR-MEN-003", "FR-MEN-011"},
    ("dot-layer", "missing_vat"): {"FR-TVA-001"},
    ("dot-layer", "missing_mention"): {"FR-MEN-005"},
    ("invoiceninja_export", "due_before_issue"): {"FR-DAT-003"},
    ("invoiceninja_export", "missing_vat"): {"FR-TVA-001"},
    ("invoiceninja_export", "missing_mention"): {"FR-MEN-003", "FR-MEN-007"},
    ("zoho_invoices", "missing_vat"): {"FR-TVA-001"},
    ("zoho_invoices", "missing_mention"): {"FR-MEN-003", "FR-MEN-007"},
    ("sigalla", "total_mismatch"): {"FR-MNT-027"},
    ("sigalla", "volatile_date"): {"FR-DAT-012"},
    ("sigalla", "foreign_tax"): {"FR-TVA-012"},
    ("Factures_detail", "zero_document"): {"FR-MNT-032"},
    ("Factures_detail", "missing_buyer_name"): {"FR-IDE-035"},
    ("Factures_detail", "missing_item_name"): {"FR-MEN-014"},
    ("Factures_detail", "single_amount"): {"FR-MNT-001"},
    ("Factures_detail", "missing_mention"): {"FR-MEN-003", "FR-MEN-006", "FR-MEN-008"},
}
HEADS = {"single_amount", "vat_base_missing"}
ON_A_BLANK_FORM = {("delphine38", "volatile_date"), ("delphine38", "unusual_vat_rate"), ("delphine38", "placeholder")}
MISSED: dict[Key, str] = {
    ("template-sage", "single_amount"): "LEC-018: a cash journal is refused (the labelling accepts that), nothing of it is judged",
    ("template-sage", "missing_mention"): "LEC-018, the same",
    (
        "dot-layer",
        "missing_mention",
    ): "the seller is Canadian and charges no VAT: FR-MEN-005 asks for no French tax number; due date: FR-PAI-002",
}


class Row(NamedTuple):
    """One row of faults.csv."""

    file: str
    kind: str
    family: str
    where: str


@cache
def rows() -> tuple[Row, ...]:
    with (BOOKS / "faults.csv").open(encoding="utf-8") as lines:
        return tuple(Row(line["file"], line["kind"], line["family"], line["where"]) for line in csv.DictReader(lines))


def key_in(table: object, row: Row) -> Key | None:
    """The key of `row` in a table of this module."""
    return next((key for key in table if key[0] in row.file and key[1] == row.kind), None)  # type: ignore[attr-defined]


@cache
def holds_an_invoice(file: str) -> bool:
    """Whether the labelling says that the file holds an invoice."""

    return bool(json.loads((BOOKS / "expected" / f"{file}.json").read_text("utf-8"))["verdict"] == "documents")


def in_scope() -> list[Row]:
    of_ours = [row for row in rows() if row.family in FAMILIES and holds_an_invoice(row.file)]
    return [row for row in of_ours if key_in(ON_A_BLANK_FORM, row) is None]


@cache
def told(file: str) -> tuple[tuple[Finding, ...], dict[str, frozenset[Cell]]]:
    """What `check` says of the file, and the cells of each of its invoices by number."""
    path = BOOKS / "labelled" / file
    beside = [path.with_name(file.replace("_detail", ""))] if "_detail" in file else []
    cells = {
        document.invoice.number or "": frozenset([*document.origin.values(), *(item.cell for item in document.unread if item.cell)])
        for document in read_file(path, beside).documents
    }
    return check(path, companions=beside).findings, cells


def is_found(row: Row) -> bool:
    codes = TOLD_BY[key_in(TOLD_BY, row) or ("", "")]
    assert all(code.startswith(row.family) for code in codes), "another family never counts"
    findings, documents = told(row.file)
    return all(at_place(row, {f.cell for f in findings if f.code == code and f.cell}, documents) for code in codes)


def at_place(row: Row, cells: set[Cell], documents: dict[str, frozenset[Cell]]) -> bool:
    """Whether a finding on `cells` stands at every place that the row names."""
    parts = [part.strip() for part in row.where.split(",")]
    if all("!" in part for part in parts):
        return all(any(is_in(cell, part, head=row.kind in HEADS) for cell in cells) for part in parts)
    wanted = parts if all(part in documents for part in parts) else list(documents)
    return bool(wanted) and all(cells & documents[number] for number in wanted)


def is_in(cell: Cell, part: str, *, head: bool) -> bool:
    """Whether `cell` is in `Sheet!A1:B2`, `Sheet!A:B` or `Name.csv!B`; with `head`, below it in one of its columns."""
    sheet, _, area = part.rpartition("!")
    if sheet.endswith(".csv"):
        if not cell.file.endswith(f"__{sheet}"):
            return False
        sheet = "csv"
    first, _, last = area.partition(":")
    (left, top), (right, bottom) = split(first), split(last or first)
    column, line = split(cell.address)
    below = line > bottom if head else not top or top <= line <= bottom
    return cell.sheet == sheet and left <= column <= right and below


def split(address: str) -> tuple[int, int]:
    """Column and row of an address; row 0 where it names a whole column."""
    letters, digits = re.fullmatch(r"([A-Z]+)(\d*)", address).groups()  # type: ignore[union-attr]
    return column_number(letters), int(digits or 0)


@needs_corpus
@pytest.mark.slow
def test_nine_in_ten_faults_are_told_in_their_family_at_their_place() -> None:
    scope = in_scope()
    missed = [row for row in scope if not is_found(row)]
    assert len(scope) == 38
    assert {key_in(TOLD_BY, row) for row in missed} == set(MISSED)
    assert len(missed) == len(MISSED)
    assert len(scope) - len(missed) >= 0.9 * len(scope)


@needs_corpus
def test_the_tables_name_each_row_once() -> None:
    assert len({key_in(TOLD_BY, row) for row in in_scope()}) == len(TOLD_BY) == len(in_scope())
    assert len([row for row in rows() if row.family in FAMILIES]) == 47  # 38, 6 in files without an invoice, 3 on blank forms


@needs_corpus
@pytest.mark.slow
def test_a_place_is_not_any_place() -> None:
    """The same findings do not count one cell aside, nor where one of the invoices has none."""
    findings, documents = told(next(row.file for row in in_scope() if "sigalla" in row.file))
    cells = {finding.cell for finding in findings if finding.code == "FR-DAT-012" and finding.cell}
    row = Row("", "volatile_date", "FR-DAT", "Invoice!G4")
    assert at_place(row, cells, documents)
    assert not at_place(row._replace(where="Invoice!G3"), cells, documents)
    assert not at_place(row._replace(where="Invoice!G4, Invoice!G5"), cells, documents)
    assert not at_place(row._replace(where="both"), cells, documents | {"2": frozenset()})
