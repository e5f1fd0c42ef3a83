"""Which formulas may follow from a changed cell: never one too few."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlbridge.workbook.address import column_letters
from xlbridge.workbook.dependents import Area, areas_of, dependents

TABLE = {"lignes": [Area("Lignes", 0, 0, 9, 4)], "taux": [Area("S", 0, 25, 0, 25)], "double": None}


@pytest.mark.parametrize(
    ("formula", "depends"),
    [
        ("B2*2", True), ("B3*2", False), ("$B$2", True), ("SUM(A1:C3)", True), ("SUM(A:A)", False), ("SUM(A:C)", True), ("SUM(2:2)", True),
        ("SUM(3:4)", False), ("Autre!B2", False), ("'S'!B2", True), ('"B2"&C9', False), ("LOG10(C1)", False), ("Taux*C9", False),
        ("double*C9", True), ("inconnu", True), ("Lignes[[#This Row],[Prix]]", False), ("Ailleurs[Prix]", True), ('INDIRECT("B"&2)', True),
        ("SUM(A1:INDEX(C:C,4))", True), ("SUM(S:T!C9)", True), ("[1]S!C9", True), ("'[1]S'!C9", True), ("'S:T'!C9", True), ("C9#", True),
        ("IFERROR(C9,#N/A)", False), ("TODAY()+1.5", False), ("1.5E3", True), ("", True), ("x_B2", True), ("VRAI", True), ("TRUE", False),
    ],
)  # fmt: skip
def test_a_formula_depends_on_what_it_names_and_on_all_where_it_cannot_be_told(formula: str, depends: bool) -> None:
    assert dependents({"S": {(8, 9): formula}}, {"S": {(1, 1)}}, TABLE) == ({"S": {(8, 9)}} if depends else {})


def test_it_goes_on_from_formula_to_formula_and_from_sheet_to_sheet() -> None:
    formulas = {"S": {(2, 0): "A2+1", (3, 0): "A3+1", (4, 0): "C1"}, "T": {(0, 0): "S!A4", (1, 0): "S!A5"}}
    assert dependents(formulas, {"S": {(1, 0)}}, {}) == {"S": {(2, 0), (3, 0)}, "T": {(0, 0)}}


@given(*[st.integers(0, 40)] * 4, st.integers(0, 50), st.integers(0, 50))
def test_a_range_holds_its_cells_and_no_other(top: int, left: int, height: int, width: int, row: int, column: int) -> None:
    formula = f"SUM({column_letters(left)}{top + 1}:{column_letters(left + width)}{top + height + 1})"
    assert areas_of(formula, "S") == [Area("S", top, left, top + height, left + width)]
    inside = top <= row <= top + height and left <= column <= left + width
    assert bool(dependents({"T": {(0, 0): formula.replace("(", "(S!")}}, {"S": {(row, column)}}, {})) is inside
