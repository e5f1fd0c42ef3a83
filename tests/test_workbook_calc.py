"""The workbook that LibreOffice shows, as a port: real documents in a real Calc, set to France."""

from __future__ import annotations

import ast
import io
import os
import re
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.calc_stage import Office, calc_port, needs_calc, running_office, uno
from tests.rich_workbook import rich_workbook
from xlbridge.errors import UnreadableFile, WrongUse
from xlbridge.findings import Cell
from xlbridge.workbook import calc, calc_cells
from xlbridge.workbook import calc_port as ours
from xlbridge.workbook.calc_port import CalcPort, Pipe
from xlbridge.workbook.details import Position, Value
from xlbridge.workbook.grid import Sheet, Workbook, open_workbook
from xlbridge.workbook.port import Look, Selection
from xlbridge.workbook.sheet_cells import Formula

pytestmark = [pytest.mark.slow, needs_calc]
ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "workbook_templates" / "facturier-exemple.xlsx"
HOSTILE = [
    "=cmd|' /C calc'!A0",
    "+1", "-5", "@SUM(1)", "=1+1", "00123", "1/2", "12,50", "1e5", "'quote", "TRUE", "VRAI", "  deux  ", "a\nb", "\tx",
    "{=1}", "24/11/2026", "10 %", "https://example.invalid", "a@b.fr", "#REF!", "#N/A", "L’été « à 20 % » 😀", "_x0041_",
]  # fmt: skip


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    with running_office() as running:
        yield running


@pytest.fixture
def shown(office: Office, tmp_path: Path) -> Iterator[Any]:
    """Opens a copy of a file, and gives its document and port; it is closed in the end."""
    documents = []

    def show(source: Path, **how: Any) -> tuple[Any, CalcPort]:
        path = tmp_path / source.name
        if path != source:
            shutil.copy(source, path)
        documents.append(office.open(path, **how))
        return documents[-1], calc_port(office, documents[-1])

    yield show
    for document in documents:
        if document.Sheets is not None:
            document.close(False)


def sheet(port: CalcPort, name: str) -> Sheet:
    return named(port.snapshot(), name)


def named(workbook: Workbook, name: str) -> Sheet:
    return next(sheet for sheet in workbook.sheets if sheet.name == name)


def values(workbook: Workbook) -> dict[tuple[str, int, int], Value]:
    """Every filled cell, numbers to the 15 digits that LibreOffice writes into a file."""
    return {
        (sheet.name, row, column): float(f"{value:.15g}") if isinstance(value, float) else value
        for sheet in workbook.sheets
        for row, column, value in sheet.cells()
    }


def types(workbook: Workbook) -> dict[tuple[str, int, int], type]:
    return {place: type(value) for place, value in values(workbook).items()}


def code(text: str) -> str:
    """A number format whatever way it is quoted; LibreOffice leaves out the language that is its own."""
    return text.replace("[$-40C]", "").lower().replace("\\", "").replace('"', "")


def within(places: frozenset[int] | None, end: int) -> set[int]:
    return {place for place in places or () if place < end}


def details_agree(live: Sheet, filed: Sheet) -> None:
    mine, theirs = live.details, filed.details
    last_row, last_column = live.first_row + len(live.rows), live.first_column + len((live.rows or [[]])[0])
    assert mine.hidden == theirs.hidden
    assert within(mine.hidden_rows, last_row) == within(theirs.hidden_rows, last_row)
    assert within(mine.hidden_columns, last_column) == within(theirs.hidden_columns, last_column)
    assert set(mine.merged or ()) == set(theirs.merged or ())
    assert mine.errors == theirs.errors
    formulas = {where: text for where, text in (theirs.formulas or {}).items() if text not in {"TRUE()", "FALSE()"}}
    assert mine.formulas == formulas
    filled = {(row, column) for row, column, _value in live.cells()}
    formats = {where: code(text) for where, text in (theirs.formats or {}).items() if where in filled}
    assert {where: code(text) for where, text in (mine.formats or {}).items()} == formats
    assert mine.headers_footers == theirs.headers_footers
    assert mine.comments == theirs.comments


def varied(path: Path) -> Path:
    """Every kind of value in every kind of format, errors, arrays, what is hidden and merged, headers, notes, days from 1904."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"date_1904": path.stem == "1904"}) as book:
        page = book.add_worksheet("L'été")
        shapes = (
            ("dd/mm/yyyy", 46000), ("dd/mm/yyyy", 46000.5), ("hh:mm", 0.5), ("hh:mm", 0.00001), ("[h]:mm", 1.5), ("[mm]:ss", 0.25),
            ("0%", 0.2), ("mmmm yyyy", 46000), ("dd/mm/yy hh:mm:ss", 46000.7654321), ("General", True), ("General", 812345676),
            ("@", 3), ("00000", 1234), ('#,##0.00 [$€-40C]', 1.5), ('"total h" 0.00', 12.5), ('#,##0.00\\ "€";[Red]-#,##0.00\\ "€"', -2),
            ("[$-40C]d mmmm yyyy", 46000),
        )  # fmt: skip
        for row, (shape, value) in enumerate(shapes):
            page.write(row, 1, value, book.add_format({"num_format": shape}))
        page.write_formula("D1", "=1/0", None, "#DIV/0!")
        page.write_formula("D2", '=VLOOKUP("x",A1:B2,2,0)', None, "#N/A")
        page.write_formula("D3", '=IF(B13>0,"oui","non")', None, "oui")
        page.write_formula("D4", "=B1>0", None, True)
        page.write_formula("D5", "=\"a;b,c\"&'L''été'!B12", None, "a;b,c3")
        page.write_array_formula("E1:E2", "{=B12:B13*2}", None, 6)
        page.write("E2", 2468)
        page.merge_range("F1:G2", "fusion")
        page.merge_range("F3:G4", "fusion")
        page.set_row(6, None, None, {"hidden": True})
        page.set_column("C:C", None, None, {"hidden": True})
        page.set_header("&LAtelier && fils&CSIRET 812&RPage &P")
        page.write_comment("B3", "une note\nde deux lignes")
        book.add_worksheet("Cachée").write("C5", "x")
        book.add_worksheet("Vide")
        book.worksheets()[1].hide()
    return path


@pytest.mark.parametrize("name", ["facturier-exemple.xlsx", "riche.xlsm", "divers.xlsx", "1904.xlsx", "divers.ods"])
def test_what_is_shown_is_what_the_saved_file_says(shown: Any, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "facturier-exemple.xlsx":
        shutil.copy(EXAMPLE, path)
    elif name == "riche.xlsm":
        rich_workbook(path)
    else:
        varied(path.with_suffix(".xlsx"))
    if name.endswith(".ods"):
        document, _port = shown(path.with_suffix(".xlsx"))
        document.storeToURL(path.as_uri(), (uno.createUnoStruct("com.sun.star.beans.PropertyValue", "FilterName", 0, "calc8", 0),))
    original = open_workbook(path)
    _document, port = shown(path)
    typed = {place for place in values(original) if place[1:] not in (named(original, place[0]).details.formulas or {})}
    if name not in {"riche.xlsm", "divers.ods"}:  # there an array's values do not tell that they are one
        live = values(port.snapshot())
        assert {place: value for place, value in values(original).items() if place in typed} == {place: live[place] for place in typed}
    port.save()
    live, filed = port.snapshot(), open_workbook(path)
    assert (live.path, live.format) == (path, filed.format)
    assert values(live) == values(filed)
    assert types(live) == types(filed)
    assert [(sheet.name, sheet.hidden) for sheet in live.sheets] == [(sheet.name, sheet.hidden) for sheet in filed.sheets]
    if not name.endswith(".ods"):
        for one, other in zip(live.sheets, filed.sheets, strict=True):
            details_agree(one, other)


@pytest.fixture
def example(shown: Any) -> tuple[Any, CalcPort]:
    return shown(EXAMPLE)


def test_a_text_stays_a_text(shown: Any) -> None:
    _document, port = shown(EXAMPLE)
    places = {(40 + row, column): text for row, text in enumerate(HOSTILE) for column in (0, 3)}  # a column of texts, one of prices
    with port.step("Écrire"):
        port.write("Articles", places)
        port.write("Factures", {(row, 2): text for (row, _column), text in places.items()})  # of days
    port.save()
    for articles, drafts in ((named(port.snapshot(), "Articles"), named(port.snapshot(), "Factures")), *_filed(port)):
        assert {place: articles.at(*place) for place in places} == places
        assert {row: drafts.at(row, 2) for row, _column in places} == {row: text for (row, _column), text in places.items()}
        assert not set(places) & set(articles.details.formulas or {})


def _filed(port: CalcPort) -> list[tuple[Sheet, Sheet]]:
    assert port.path
    filed = open_workbook(port.path)
    return [(named(filed, "Articles"), named(filed, "Factures"))]


@pytest.fixture(scope="module")
def blank(office: Office) -> Iterator[tuple[Any, CalcPort]]:
    document = office.new()
    yield document, calc_port(office, document)
    document.close(False)


@settings(max_examples=12)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), min_size=1, max_size=40))
def test_any_text_stays_a_text(blank: tuple[Any, CalcPort], texts: list[str]) -> None:
    document, port = blank
    cells: dict[Position, Any] = {(row, 0): text for row, text in enumerate(texts)}
    with port.step("Écrire"):
        port.write(document.Sheets.getByIndex(0).Name, cells)
    assert [port.snapshot().sheets[0].at(*place) for place in cells] == texts


def test_days_numbers_and_formulas(example: tuple[Any, CalcPort]) -> None:
    document, port = example
    written = {
        (40, 1): Decimal("12345.67"),
        (40, 2): date(2026, 11, 24),
        (41, 2): Decimal("0.2"),
        (42, 0): Formula("SUM(B41,1)+Registre!$M$2"),
        (43, 0): Formula('COUNTA(Articles[Code])&"a,b"'),
        (44, 0): Formula("'Registre lignes'!A2"),
        (0, 0): None,
    }
    port.write("Contrôle", written)
    control = sheet(port, "Contrôle")
    assert [control.at(40, 1), control.at(40, 2), control.at(41, 2), control.at(0, 0)] == [12345.67, date(2026, 11, 24), 0.2, None]
    assert code((control.details.formats or {})[40, 2]) == "dd/mm/yyyy"
    assert document.Sheets.getByName("Contrôle").getCellByPosition(2, 40).String == "24/11/2026"
    register, articles = sheet(port, "Registre"), sheet(port, "Articles")
    count = sum(articles.at(row, 0) is not None for row in range(1, 31))
    assert [control.at(row, 0) for row in (42, 43, 44)] == [
        12346.67 + register.at(1, 12),
        f"{count}a,b",
        sheet(port, "Registre lignes").at(1, 0),
    ]  # type: ignore[operator]
    formulas = control.details.formulas or {}
    assert {place: Formula(text) for place, text in formulas.items() if place[0] > 40} == {
        place: value for place, value in written.items() if isinstance(value, Formula)
    }


def test_a_value_that_no_cell_takes_leaves_all_as_it_was(example: tuple[Any, CalcPort]) -> None:
    _document, port = example
    for value in ("x" * 40000, "a\x00b", Decimal("NaN"), date(1800, 1, 1)):
        with pytest.raises(WrongUse, match="ne peut pas être écrit"):
            port.write("Articles", {(50, 0): "avant", (50, 1): value})
    assert sheet(port, "Articles").at(50, 0) is None


def test_part_of_an_array_is_not_written(shown: Any, tmp_path: Path) -> None:
    _document, port = shown(varied(tmp_path / "divers.xlsx"))
    with pytest.raises(WrongUse, match="matricielle"):
        port.write("L'été", {(10, 0): "avant", (0, 4): "x"})
    assert sheet(port, "L'été").at(10, 0) is None


def runs(note: Any) -> list[tuple[str, float]]:
    return [(piece.String, piece.CharWeight) for paragraph in note.AnnotationShape for piece in paragraph]


def test_colours_and_notes_come_back(example: tuple[Any, CalcPort]) -> None:
    document, port = example
    drafts = document.Sheets.getByName("Factures")
    cell = drafts.getCellByPosition(1, 1)
    cell.CellBackColor = 0xFFEECC
    drafts.Annotations.insertNew(cell.CellAddress, "Note de l’utilisateur 😀\nà garder")
    cursor = cell.Annotation.createTextCursor()
    cursor.gotoStart(False)
    cursor.goRight(4, True)
    cursor.CharWeight = 150.0
    size = cell.Annotation.AnnotationShape.Size
    before = ((size.Width, size.Height), runs(cell.Annotation), cell.Annotation.Author, port.notes("Factures"))
    filled = values(port.snapshot())
    document.UndoManager.clear()
    marks = {(1, 1): Look("#FF0000", f"BLOQUANT : 20 % « à voir »\nTexte 😀\n\n{before[3][1, 1]}"), (2, 2): Look("#00FF00", "À voir")}
    old = {place: Look(port.fills("Factures", [place])[place], port.notes("Factures", [place]).get(place)) for place in marks}
    assert old == {(1, 1): Look("#FFEECC", "Note de l’utilisateur 😀\nà garder"), (2, 2): Look(None, None)}
    with port.step("Vérifier"):
        port.set_looks("Factures", marks)
    assert port.notes("Factures") == {place: look.note for place, look in marks.items()}
    assert port.fills("Factures", list(marks)) == {place: look.fill for place, look in marks.items()}
    assert not drafts.getCellByPosition(2, 2).Annotation.IsVisible
    assert drafts.getCellByPosition(2, 2).Annotation.AnnotationShape.Size.Width == calc_cells.NOTE_WIDTH
    assert document.UndoManager.getAllUndoActionTitles() == ("Vérifier",)
    document.UndoManager.undo()
    assert (port.notes("Factures"), port.fills("Factures", list(marks))) == (before[3], {(1, 1): "#FFEECC", (2, 2): None})
    document.UndoManager.redo()
    assert port.notes("Factures") == {place: look.note for place, look in marks.items()}
    port.set_looks("Factures", old)
    size = cell.Annotation.AnnotationShape.Size
    assert before == ((size.Width, size.Height), runs(cell.Annotation), cell.Annotation.Author, port.notes("Factures"))
    assert port.fills("Factures", list(marks)) == {(1, 1): "#FFEECC", (2, 2): None}
    assert values(port.snapshot()) == filled


def test_a_note_made_in_excel_keeps_its_place_and_words(shown: Any, tmp_path: Path) -> None:
    import openpyxl
    import xlsxwriter

    path = tmp_path / "notes.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("S")
        page.write_comment("B2", "gardée", {"author": "Zoé", "width": 300, "height": 111})
        page.write_comment("C3", "visible", {"author": "Zoé", "visible": True})
    document, port = shown(path)
    port.save()  # what LibreOffice itself makes of them
    first = openpyxl.load_workbook(path)["S"]
    for notes in (("marque\n\ngardée", "visible\nmarque", "à nous"), ("gardée", "visible", None)):
        port.set_looks("S", {(1, 1): Look("#FF0000", notes[0]), (2, 2): Look(None, notes[1]), (3, 3): Look("#FF0000", notes[2])})
    port.set_looks("S", {(1, 1): Look(None, "gardée"), (3, 3): Look(None, None)})
    port.save()
    second = openpyxl.load_workbook(path)["S"]
    told = [{cell.coordinate: vars(cell.comment) for row in page for cell in row if cell.comment} for page in (first, second)]
    for comments in told:
        for comment in comments.values():
            del comment["_parent"]
    assert told[0] == told[1]
    assert set(told[0]) == {"B2", "C3"}
    assert [note.IsVisible for note in document.Sheets.getByIndex(0).Annotations] == [False, True]


def test_links_lead_to_the_cell(example: tuple[Any, CalcPort]) -> None:
    import openpyxl

    document, port = example
    links = {(0, 0): Cell("f", "Factures", "C2"), (1, 0): Cell("f", "Registre lignes", "B3"), (2, 0): Cell("f", "L'été.1", "$B$4")}
    port.add_sheet("L'été.1")
    document.UndoManager.clear()
    with port.step("Liens"):
        port.link("Contrôle", links)
    control = sheet(port, "Contrôle")
    assert [control.at(*place) for place in links] == ["Factures!C2", "Registre lignes!B3", "L'été.1!$B$4"]
    assert not control.details.formulas
    port.save()
    filed = openpyxl.load_workbook(port.path)["Contrôle"]
    assert [filed.cell(row + 1, 1).hyperlink.location for row in range(3)] == ["'Factures'!C2", "'Registre lignes'!B3", "'L''été.1'!$B$4"]
    document.UndoManager.undo()
    assert sheet(port, "Contrôle").at(0, 0) == "Gravité"


def test_a_row_of_the_register_and_its_table_grow(example: tuple[Any, CalcPort]) -> None:
    import openpyxl

    document, port = example
    register = sheet(port, "Registre")
    end = register.first_row + len(register.rows)
    protection = openpyxl.load_workbook(EXAMPLE)["Registre"].protection
    with pytest.raises(WrongUse, match="protégée"):
        port.write("Registre", {(end, 0): "x"})
    with pytest.raises(WrongUse, match="protégée"):
        port.set_looks("Registre", {(1, 0): Look("#FF0000", "x")})
    with port.step("Registre"), port.unlocked("Registre", "Factures"):
        port.grow("Registre", end + 1)
        port.grow("Registre", 1)  # it reaches further
        port.copy_row("Registre", 1, range(end, end + 2), range(17))
        port.write("Registre", {(end, 0): "F2026-9999"})
    grown = sheet(port, "Registre")
    assert [grown.at(end, column) for column in range(17)] == ["F2026-9999", *(register.at(1, column) for column in range(1, 17))]
    assert (grown.details.formats or {})[end + 1, 2] == (register.details.formats or {})[1, 2]
    port.save()
    filed = openpyxl.load_workbook(port.path)["Registre"]
    (table,) = filed.tables.values()
    assert (table.ref, table.autoFilter.ref) == (f"A1:Q{end + 2}",) * 2
    assert [column.name for column in table.tableColumns] == [filed.cell(1, place).value for place in range(1, 18)]
    kept = ("sheet", "autoFilter", "sort", "formatColumns", "formatCells", "insertRows", "selectLockedCells", "selectUnlockedCells")
    assert [getattr(filed.protection, name) for name in kept] == [getattr(protection, name) for name in kept]
    document.UndoManager.undo()
    assert sheet(port, "Registre").rows == register.rows
    assert document.Sheets.getByName("Registre").isProtected()


def test_formulas_follow_a_copied_row(example: tuple[Any, CalcPort]) -> None:
    document, port = example
    drafts = sheet(port, "Factures")
    port.set_looks("Factures", {(2, 1): Look(None, "à la source"), (22, 1): Look(None, "à la cible")})
    with port.step("Copier"):
        port.grow("Factures", 25)
        port.copy_row("Factures", 2, range(21, 26), range(19))
    copied = sheet(port, "Factures")
    formulas = copied.details.formulas or {}
    assert all(formulas[25, column] == formulas[2, column] for _row, column in formulas if _row == 2)
    assert [copied.at(25, column) for column in (0, 2, 14)] == [drafts.at(2, column) for column in (0, 2, 14)]
    assert port.notes("Factures") == {(2, 1): "à la source", (22, 1): "à la cible"}
    assert document.Sheets.getByName("Factures").getCellByPosition(1, 25).Validation.Type.value == "LIST"
    with pytest.raises(WrongUse, match="tableau"):
        port.grow("Contrôle", 30)


def test_a_row_that_a_filter_hides_is_copied(shown: Any) -> None:
    document, port = shown(EXAMPLE)
    page = document.Sheets.getByName("Factures")
    (table,) = (table for table in document.DatabaseRanges if table.Name == "Factures")
    number = uno.createUnoStruct("com.sun.star.sheet.TableFilterField", StringValue="B2")
    descriptor = table.getFilterDescriptor()
    descriptor.setFilterFields((number,))
    table.refresh()
    assert page.Rows.getByIndex(1).IsFiltered
    port.copy_row("Factures", 1, range(90, 92), range(3))
    assert [page.getCellByPosition(column, 91).String for column in range(2)] == ["B1", page.getCellByPosition(1, 1).String]
    assert page.Rows.getByIndex(1).IsFiltered
    assert not page.Rows.getByIndex(1).IsVisible


def test_what_is_being_typed_when_a_button_is_clicked_is_read(office: Office, example: tuple[Any, CalcPort]) -> None:
    document, _port = example
    controller, toolkit = document.CurrentController, office.service("com.sun.star.awt.Toolkit")
    controller.setActiveSheet(document.Sheets.getByName("Clients"))
    controller.select(controller.ActiveSheet.getCellByPosition(1, 25))
    controller.ComponentWindow.setFocus()
    for sign in "Zoé":
        toolkit.keyPress(uno.createUnoStruct("com.sun.star.awt.KeyEvent", Source=controller.ComponentWindow, KeyChar=uno.Char(sign)))
    toolkit.processEventsToIdle()
    assert controller.ActiveSheet.getCellByPosition(1, 25).String == ""
    assert sheet(calc_port(office, document), "Clients").at(25, 1) == "Zoé"


def test_what_is_calculated_by_hand_is_read_as_it_should_stand(example: tuple[Any, CalcPort]) -> None:
    document, port = example
    document.enableAutomaticCalculation(False)
    port.write("Clients", {(60, 0): Decimal(2), (60, 1): Formula("A61*3")})
    port.write("Clients", {(60, 0): Decimal(5)})
    assert sheet(port, "Clients").at(60, 1) == 15
    document.enableAutomaticCalculation(True)


def test_a_table_with_totals_does_not_grow(shown: Any, tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "totaux.xlsx"
    with xlsxwriter.Workbook(path) as book:
        totals = {"total_row": True, "columns": [{"header": "Code"}, {"header": "Montant", "total_function": "sum"}]}
        book.add_worksheet("T").add_table("A1:B4", totals)
    _document, port = shown(path)
    port.grow("T", 3)
    with pytest.raises(WrongUse, match="ligne de total"):
        port.grow("T", 4)


def test_sheets_are_added_behind_and_taken_away(example: tuple[Any, CalcPort]) -> None:
    document, port = example
    before = [one.name for one in port.snapshot().sheets]
    in_front = port.selection().sheet
    port.add_sheet("Marques à nous")
    assert [one.name for one in port.snapshot().sheets] == [*before, "Marques à nous"]
    assert port.selection().sheet == in_front
    port.remove_sheet("Marques à nous")
    assert [one.name for one in port.snapshot().sheets] == before
    with pytest.raises(WrongUse, match="déjà une feuille « clients »"):
        port.add_sheet("clients")
    with pytest.raises(WrongUse, match="n’a plus de feuille"):
        port.remove_sheet("Marques à nous")
    document.protect("")
    with pytest.raises(WrongUse, match="structure"):
        port.add_sheet("X")


def test_selection_and_the_cell_in_sight(office: Office, example: tuple[Any, CalcPort]) -> None:
    document, port = example
    controller, drafts = document.CurrentController, document.Sheets.getByName("Factures")
    port.select("Factures", (500, 10))
    assert port.selection() == Selection("Factures", ((500, 10, 500, 10),))
    assert any(pane.VisibleRange.StartRow <= 500 <= pane.VisibleRange.EndRow for pane in controller)
    controller.select(drafts.getCellRangeByPosition(1, 3, 4, 7))
    assert port.selection() == Selection("Factures", ((3, 1, 7, 4),))
    several = document.createInstance("com.sun.star.sheet.SheetCellRanges")
    for top, left in ((1, 1), (9, 2)):
        address = uno.createUnoStruct("com.sun.star.table.CellRangeAddress", 1, left, top, left + 1, top + 1)
        several.addRangeAddress(address, False)
    controller.select(several)
    assert set(port.selection().areas) == {(1, 1, 2, 2), (9, 2, 10, 3)}
    assert port.selection().rows() == {1, 2, 9, 10}
    controller.select(drafts.Columns.getByIndex(2))
    assert port.selection().areas == ((0, 2, 20, 2),)
    port.select("Factures", (4, 3))
    shape = document.createInstance("com.sun.star.drawing.RectangleShape")
    shape.setSize(uno.createUnoStruct("com.sun.star.awt.Size", 2000, 2000))
    drafts.DrawPage.add(shape)
    assert controller.select(shape)
    assert not hasattr(controller.getSelection(), "RangeAddress")
    assert port.selection() == Selection("Factures", ((4, 3, 4, 3),))
    with pytest.raises(WrongUse, match="masquée"):
        port.select("Listes", (0, 0))
    office.service("com.sun.star.frame.DispatchHelper").executeDispatch(controller.Frame, ".uno:PrintPreview", "", 0, ())
    with pytest.raises(WrongUse, match="aperçu avant impression"):
        port.selection()


def test_what_a_step_holds_is_always_given_back(example: tuple[Any, CalcPort]) -> None:
    document, port = example
    with suppress(KeyError), port.step("Travail"), port.unlocked("Registre"):
        port.status("Lecture des brouillons")
        assert document.hasControllersLocked()
        assert port.ask("Continuer ?") is False  # without a screen a box closes at once: nobody said yes
        assert port.ask("Continuer ?", may_stop=True) is None
        assert document.hasControllersLocked()
        raise KeyError
    assert not document.hasControllersLocked()
    assert document.Sheets.getByName("Registre").isProtected()
    port._call("begin", "Travail")
    port._call("unlock", ["Registre"])
    assert not document.Sheets.getByName("Registre").isProtected()
    port._call("release")  # what the extension asks for when a command has died
    assert not document.hasControllersLocked()
    assert document.Sheets.getByName("Registre").isProtected()
    port.write("Articles", {(50, 0): "x"})
    document.UndoManager.undo()  # no context is open, or it would refuse
    assert sheet(port, "Articles").at(50, 0) is None


@pytest.mark.parametrize("died", [False, True])
def test_a_sheet_renamed_meanwhile_keeps_nothing_else_open(example: tuple[Any, CalcPort], died: bool) -> None:
    document, port = example
    port._call("begin", "Travail")
    taken = port._call("unlock", ["Registre", "Sceau"])
    document.Sheets.getByName("Registre").Name = "Ancien registre"
    with pytest.raises(WrongUse, match="renommée ou supprimée pendant ce travail : « Registre »"):
        port._call("release") if died else port._call("lock", taken)
    if not died:
        port._call("end")
    assert not document.hasControllersLocked()
    assert document.Sheets.getByName("Sceau").isProtected()


def test_a_password_is_not_broken(example: tuple[Any, CalcPort]) -> None:
    document, port = example
    document.Sheets.getByName("Clients").protect("secret")
    with pytest.raises(WrongUse, match="« Clients » est protégée par un mot de passe"), port.unlocked("Registre", "Clients"):
        pytest.fail("it was unlocked")
    assert all(document.Sheets.getByName(name).isProtected() for name in ("Registre", "Clients"))


def test_a_step_leaves_unsaved_what_it_does_after_saving_and_no_more(example: tuple[Any, CalcPort]) -> None:
    document, port = example
    with port.step("Travail"):
        port.write("Clients", {(1, 1): "Dupré"})
        port.save()
    assert not document.isModified()
    with port.step("Travail"):
        port.write("Clients", {(1, 1): "Dupré & Fils"})
        port.save()
        port.set_looks("Clients", {(1, 1): Look("#FFC7CE", "à voir")})
    assert document.isModified()


def test_what_cannot_be_saved_is_said(office: Office, shown: Any, tmp_path: Path) -> None:
    document = office.new()
    port = calc_port(office, document)
    assert port.path is None
    assert port.name
    with pytest.raises(WrongUse, match="pas encore été enregistré"):
        port.save()
    document.close(False)
    path = tmp_path / "l'été #1 %20;$(x).xlsx"
    shutil.copy(EXAMPLE, path)
    _document, port = shown(path, ReadOnly=True)
    assert (port.name, port.path) == (path.name, path)
    for act in (port.save, lambda: port.write("Clients", {(0, 0): "x"}), lambda: port.set_looks("Clients", {(0, 0): Look(None, "x")})):
        with pytest.raises(WrongUse, match="lecture seule"):
            act()
    gone = tmp_path / "autre.xlsx"
    shutil.copy(EXAMPLE, gone)
    _document, port = shown(gone)
    gone.unlink()
    gone.mkdir()
    with pytest.raises(WrongUse, match="ne peut pas être enregistré"):
        port.save()


def test_a_closed_workbook_and_an_unknown_request(office: Office) -> None:
    document = office.new()
    port = calc_port(office, document)
    with pytest.raises(WrongUse, match="même version"):
        port._call("__init__")
    document.close(False)
    with pytest.raises(WrongUse, match="fermé entre-temps"):
        port.snapshot()
    with pytest.raises(WrongUse, match="fermé entre-temps"), port.step("Travail"):
        pytest.fail("it began")


def test_a_stray_cell_does_not_fill_the_memory(office: Office) -> None:
    document = office.new()
    page = document.Sheets.getByIndex(0)
    page.getCellByPosition(0, 0).setString("x")
    page.getCellByPosition(1000, 1048575).setString("x")
    with pytest.raises(UnreadableFile, match="ALM1048576"):
        calc_port(office, document).snapshot()
    document.close(False)


def test_two_hundred_invoices_are_read_at_once(shown: Any, tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "deux-cents.xlsx"
    with xlsxwriter.Workbook(path) as book:
        shapes = [book.add_format({"num_format": shape}) for shape in ("General", "dd/mm/yyyy", "#,##0.00\\ €", "@")]
        for name, rows in (("Factures", 200), ("Lignes", 1000)):
            page = book.add_worksheet(name)
            for row in range(rows):
                for column in range(12):
                    page.write(row, column, (f"texte {row}", 46000 + row, row * 1.25, None)[column % 4], shapes[column % 4])
                page.write_formula(row, 12, f"=C{row + 1}*2", shapes[2], row * 2.5)
    _document, port = shown(path)
    assert len(values(port.snapshot())) == 1200 * 10
    start = time.perf_counter()
    port.snapshot()
    assert time.perf_counter() - start < 20  # cell by cell it would take minutes


def test_lines_over_a_pipe() -> None:
    back, there = os.pipe()
    with os.fdopen(back, encoding="utf-8") as answers, os.fdopen(there, "w", encoding="utf-8") as from_calc:
        out = io.StringIO()
        line = f'{{"done": {{"name": "é.xlsx", "path": null, "code": {calc.code()}}}}}\n'
        threading.Timer(0.05, lambda: (from_calc.write(line), from_calc.close())).start()
        port = CalcPort(Pipe(answers, out))
        assert (port.name, out.getvalue()) == ("é.xlsx", '{"do": "place", "args": []}\n')
        with pytest.raises(WrongUse, match="ne répond plus"):
            port.save()


@pytest.mark.parametrize("name", ["facturier.xlsx", "l'été #1 %20;$(x).xlsx", "a\\b.xlsx"])
def test_a_name_without_its_folder_is_no_path_on_windows(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """There LibreOffice takes no address for a path that has no drive, nor a computer."""

    def to_path(url: str) -> str:
        assert re.match("file:///[A-Z]:/", url), "Windows: an IllegalArgumentException"
        return unquote(url.removeprefix("file:///"))

    monkeypatch.setattr(uno, "fileUrlToSystemPath", to_path)
    document = Unopened("file:///C:/" + quote(name, safe=""))
    assert document.place() == {"name": name, "path": f"C:/{name}", "code": calc.code()}
    assert Unopened("https://nuage.example/d/" + quote(name)).place() == {"name": name, "path": None, "code": calc.code()}


class Unopened(calc.Document):
    """A document of which only the address is known."""

    def __init__(self, url: str) -> None:
        self.document = self
        self.URL = url


@pytest.mark.parametrize("module", ["calc", *calc.MODULES])
def test_runs_in_the_python_of_libreoffice(module: str) -> None:
    source = (Path(ours.__file__).with_name(f"{module}.py")).read_text(encoding="utf-8")
    imported = set()
    for node in ast.walk(ast.parse(source, feature_version=(3, 8))):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            imported.add(str(node.module).partition(".")[0])
    assert imported - {"com", "uno", "unohelper"} <= sys.stdlib_module_names
