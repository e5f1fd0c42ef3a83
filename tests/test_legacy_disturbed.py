"""Sheets with one cell too few or too many: what is then not certain is empty or told, never wrong in silence."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests import test_legacy_lines as lines_sheet
from tests.sheets import Cells, differences, named, reading, table, workbook
from tests.test_legacy_form import FORM, LINES, TRUTH
from tests.test_legacy_register import FIRST, HEADERS, ROWS, SECOND

REGISTER = table("B3", HEADERS["french"], *ROWS)
SALES = table("B3", lines_sheet.HEADER, *lines_sheet.ROWS)
BESIDE_THE_BUYER = {f"{column}{row}" for column in "FG" for row in range(6, 11)} | {"E10"}  # may be part of the block


def silent(path: Path, cells: Cells, *truths: Cells, lines: object = None) -> list[str]:
    """What a reading says wrongly and does not doubt, what it lost and what it made up without a word."""
    result = reading(workbook(path, {"Factures": cells}))
    rows = dict(zip((str(truth["number"]) for truth in truths), lines or [None] * len(truths), strict=True))  # type: ignore[call-overload]
    wanted = {str(truth["number"]): truth for truth in truths}
    wrong = []
    for document in result.documents:
        truth = wanted.pop(document.invoice.number or "", None) or (truths[0] if len(truths) == 1 else None)
        if truth is None:
            wrong += [] if document.findings or result.findings else [f"document {document.invoice.number} de trop"]
            continue
        held = rows[str(truth["number"])]
        counted = held is None or len(held) == len(document.invoice.lines)
        wrong += [told for told in differences(document, truth, held if counted else None) if "EN SILENCE" in told]
        if not counted and not (named(document, "lines") or result.findings):
            wrong.append(f"{len(document.invoice.lines)} lignes")
    if wanted and not result.findings and result.documents and len(truths) > 1:
        wrong.append(f"perdu sans un mot : {', '.join(wanted)}")
    return wrong


@pytest.mark.parametrize("address", FORM)
def test_form_without_one_cell(tmp_path: Path, address: str) -> None:
    cells = {place: value for place, value in FORM.items() if place != address}

    assert silent(tmp_path / "facture.xlsx", cells, TRUTH, lines=[LINES]) == []


@pytest.mark.parametrize("stray", ["1 234,50 €", "ok"])
@pytest.mark.parametrize("row", range(1, 23))
def test_form_with_a_stray_cell(tmp_path: Path, row: int, stray: object) -> None:
    for column in "CFG":
        address = f"{column}{row}"
        if address not in FORM and address not in BESIDE_THE_BUYER:
            wrong = silent(tmp_path / f"{address}.xlsx", FORM | {address: stray}, TRUTH, lines=[LINES])
            assert wrong == [], address


@pytest.mark.parametrize("address", REGISTER)
def test_register_without_one_cell(tmp_path: Path, address: str) -> None:
    cells = {place: value for place, value in REGISTER.items() if place != address}

    assert silent(tmp_path / "registre.xlsx", cells, FIRST, SECOND) == []


@pytest.mark.parametrize("stray", [2026, "ok", date(2026, 5, 5)])
@pytest.mark.parametrize("address", ["A3", "H3", "L3", "A4", "H4", "B1", "D1", "B7", "D7", "H7"])
def test_register_with_a_stray_cell(tmp_path: Path, address: str, stray: object) -> None:
    assert silent(tmp_path / "registre.xlsx", REGISTER | {address: stray}, FIRST, SECOND) == []


@pytest.mark.parametrize("address", SALES)
def test_lines_without_one_cell(tmp_path: Path, address: str) -> None:
    cells = {place: value for place, value in SALES.items() if place != address}

    assert silent(tmp_path / "lignes.xlsx", cells, *lines_sheet.TRUTHS, lines=lines_sheet.LINES) == []


@pytest.mark.parametrize("stray", [7, "ok", date(2026, 5, 5), "F-2026-099"])
@pytest.mark.parametrize("address", ["A3", "K3", "A4", "K4", "B1", "D1", "B8", "D8", "J8", "K8"])
def test_lines_with_a_stray_cell(tmp_path: Path, address: str, stray: object) -> None:
    assert silent(tmp_path / "lignes.xlsx", SALES | {address: stray}, *lines_sheet.TRUTHS, lines=lines_sheet.LINES) == []
