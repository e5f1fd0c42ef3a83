"""The adapter for Excel, by xlwings, against Calc through an engine of xlwings; Excel itself cannot be had here.

Protection, and whatever else goes through `.api`, is recorded by fakes; Excel for Windows and Excel for Mac are found in fakes, too.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
import xlsxwriter
import xlwings

from tests.calc_stage import Office, needs_calc, running_office
from tests.xlwings_engine import App, Refused, book_in, engine_book
from tests.xlwings_engine import Sheet as EngineSheet
from xlbridge.desk.handover import Handover
from xlbridge.errors import UnreadableFile, WrongUse
from xlbridge.findings import Cell
from xlbridge.workbook import container, excel_native, excel_notes, excel_reading
from xlbridge.workbook.excel import ExcelPort, caller_port
from xlbridge.workbook.grid import Sheet, open_workbook
from xlbridge.workbook.port import Look, Selection
from xlbridge.workbook.sheet_cells import Formula

EXAMPLE = Path(__file__).parents[1] / "workbook_templates" / "facturier-exemple.xlsx"
HOSTILE = (
    "=1+1", "=cmd|' /C calc'!A1", "+33 6 12", "-5", "@nom", "00123", "1/2", "12,5", "3.5", "10 %", "1e5", "24/11/2026", "TRUE", "VRAI",
    "#N/A", "'cité'", "''", "  bord  ", "deux\nlignes", "é€😀", "x" * 9000,
)  # fmt: skip
slow = [pytest.mark.slow, needs_calc]


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    with running_office() as running:
        yield running


@pytest.fixture
def port(office: Office, tmp_path: Path) -> Iterator[ExcelPort]:
    """A workbook: « Feuille 1 » with a table, formats, notes; « Fermée », protected but for B1; « Cachée »."""
    path = tmp_path / "classeur.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Feuille 1")
        rows = [["B1", None, 0.1, None], ["B2", None, 20, None]]
        columns = [{"header": "Clé"}, {"header": "Date"}, {"header": "Prix"}, {"header": "Double", "formula": "=C2*2"}]
        sheet.add_table("A1:D3", {"data": rows, "columns": columns, "name": "Ventes"})
        day, money, text = (book.add_format({"num_format": code}) for code in ("dd/mm/yyyy", "#,##0.00 €", "@"))
        sheet.write_datetime("B2", date(2026, 11, 3), day)
        sheet.write_datetime("B3", date(2026, 11, 4), day)
        sheet.write_number("C2", 1 / 3, money)
        sheet.write_formula("D3", "=C3*2", None, 40)
        sheet.write_string("A3", "B2", book.add_format({"bg_color": "#C6E0B4"}))
        sheet.write_comment("A3", "vu avec Paul")
        sheet.write_blank("A8", None, text)
        sheet.write_blank("A9", None, day)
        sheet.data_validation("C2", {"validate": "decimal", "criteria": ">", "value": 0})
        closed = book.add_worksheet("Fermée")
        closed.write_string("A1", "verrouillé")
        closed.write_string("B1", "libre", book.add_format({"locked": False}))
        closed.protect("", {"sort": True})
        book.add_worksheet("Cachée").hide()
        book.add_worksheet("Clef").protect("secret")
    opened = book_in(office, path)
    yield ExcelPort(opened)
    opened.impl.document.close(False)


def application(port: ExcelPort) -> App:
    """The engine's application behind a port."""
    impl: App = port._app.impl
    return impl


def sheet_of(port: ExcelPort, name: str) -> Sheet:
    return next(sheet for sheet in port.snapshot().sheets if sheet.name == name)


def cells(sheet: Sheet) -> dict[tuple[int, int], tuple[type, Any]]:
    return {(row, column): (type(value), value) for row, column, value in sheet.cells()}


class TestReading:
    pytestmark = slow

    def test_the_values_are_those_of_the_saved_file(self, office: Office, tmp_path: Path) -> None:
        path = tmp_path / EXAMPLE.name
        path.write_bytes(EXAMPLE.read_bytes())
        port = ExcelPort(book_in(office, path))
        shown = port.snapshot()
        port.save()  # with today's results of its formulas
        saved = open_workbook(path)
        assert (port.name, port.path, shown.format) == (EXAMPLE.name, path, "xlsx")
        assert [(sheet.name, sheet.hidden) for sheet in shown.sheets] == [(sheet.name, sheet.hidden) for sheet in saved.sheets]
        for one, other in zip(shown.sheets, saved.sheets, strict=True):
            assert cells(one) == cells(other), one.name
        for one, other in zip(shown.sheets[1:3], saved.sheets[1:3], strict=True):
            assert (one.details.formulas or {}).keys() == (other.details.formulas or {}).keys() != set(), one.name

    def test_what_is_unusual_is_read_as_from_the_file(self, office: Office, tmp_path: Path) -> None:
        path = tmp_path / "divers.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet("Divers")
            for row, (value, code) in enumerate(
                (
                    (1 / 3, "#,##0.00\\ [$€-40C]"), (0.25, "hh:mm"), (1.25, "[h]:mm:ss"), (400, "[h]:mm"), (46350.75, "dd/mm/yyyy hh:mm"),
                    (45, "dd/mm/yyyy"), (60.5, "dd/mm/yyyy hh:mm"), (0.2, "0.00%"), (7, "General"), (12.5, "0.00"),
                ),
                3,
            ):  # fmt: skip
                sheet.write_number(row, 2, value, book.add_format({"num_format": code}))
            sheet.write_boolean("D4", True)
            sheet.write_string("D5", "#N/A")
            sheet.write_formula("D6", "=1/0", None, "#DIV/0!")
            sheet.write_formula("D7", "=NA()", None, "#N/A")
            sheet.write_formula("D8", '=""', None, "")
            sheet.write_string("D9", "=texte")
            sheet.write_formula("D10", "=C4*3", None, 1)
            sheet.merge_range("F4:G5", "uni")
            sheet.merge_range("F7:F9", "haut")
            sheet.set_row(5, None, None, {"hidden": True})
            sheet.set_column("E:E", None, None, {"hidden": True})
            sheet.write_comment("D4", "une note\nde deux lignes")
            book.add_worksheet("Vide")
        shown, saved = (workbook.sheets for workbook in (ExcelPort(book_in(office, path)).snapshot(), open_workbook(path)))
        assert cells(shown[0]) == cells(saved[0])
        assert shown[0].at(3, 2) == 1 / 3, "COM's Value has four decimals of a currency"
        assert (shown[0].first_row, shown[0].first_column) == (saved[0].first_row, saved[0].first_column)
        one, other = shown[0].details, saved[0].details
        for field in ("hidden", "hidden_rows", "hidden_columns", "errors", "formulas", "comments"):
            assert getattr(one, field) == getattr(other, field), field
        assert set(one.merged or ()) == set(other.merged or ())
        assert (one.formats or {}).get((3, 40)) is None
        assert {place: code.lower() for place, code in (one.formats or {}).items()} == {
            place: code.lower().replace("\\", "") for place, code in (other.formats or {}).items()
        }
        assert (one.headers_footers, one.uncached) == (None, frozenset())
        assert list(shown[1].cells()) == []

    def test_a_block_too_large_for_one_answer_is_read_in_parts(self, port: ExcelPort, monkeypatch: pytest.MonkeyPatch) -> None:
        whole = cells(sheet_of(port, "Feuille 1"))
        monkeypatch.setattr(excel_reading, "AT_ONCE", 4)  # cells
        assert cells(sheet_of(port, "Feuille 1")) == whole

    @pytest.mark.parametrize("hidden", ["rows", "columns"])
    def test_what_is_hidden_at_the_end_of_a_large_sheet_is_read(
        self, port: ExcelPort, monkeypatch: pytest.MonkeyPatch, hidden: str
    ) -> None:
        whole = cells(sheet_of(port, "Feuille 1"))
        used = port._book.sheets["Feuille 1"].impl.calc
        last = (
            used.Rows.getByIndex(max(row for row, _column in whole))
            if hidden == "rows"
            else used.Columns.getByIndex(max(c for _r, c in whole))
        )
        last.IsVisible = False
        monkeypatch.setattr(excel_reading, "AT_ONCE", 4)  # cells
        assert cells(sheet_of(port, "Feuille 1")) == whole

    def test_a_sheet_that_no_memory_holds_is_refused(self, port: ExcelPort, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(container, "MAX_CELLS", 5)
        with pytest.raises(UnreadableFile, match="Feuille 1"):
            port.snapshot()

    def test_one_cell_and_one_row_are_rows_too(self) -> None:
        assert excel_reading._rows(1.0) == [[1.0]]
        assert excel_reading._rows([1.0, 2.0]) == [[1.0, 2.0]], "as Excel for Mac gives a row"
        assert excel_reading._rows(((1.0,), (2.0,))) == [[1.0], [2.0]]


class TestWriting:
    pytestmark = slow

    @pytest.mark.parametrize("code", ["General", "@", "0.00", "dd/mm/yyyy"])
    def test_a_text_stays_a_text(self, port: ExcelPort, code: str) -> None:
        at = {(row, 5): text for row, text in enumerate(HOSTILE)}
        column = port._book.sheets["Feuille 1"].range(f"F1:F{len(at)}")
        column.number_format = code
        port.write("Feuille 1", at)
        assert (column.number_format or "").lower() == code.lower(), "none had to be mended"
        sheet = sheet_of(port, "Feuille 1")
        assert {where: sheet.at(*where) for where in at} == at
        assert not [where for where in sheet.details.formulas or () if where in at]

    def test_the_engine_types_as_excel_does_so_that_a_forgotten_apostrophe_fails(self, port: ExcelPort) -> None:
        cell = port._book.sheets["Feuille 1"].range("F1")
        for given, shown in (("00123", 123.0), ("=1+1", 2.0), ("'00123", "00123"), ("TRUE", True)):
            cell.value = given
            assert cell.value == shown
        cell.number_format = "@"
        cell.value = 5
        assert cell.value == "5"

    def test_numbers_days_formulas_and_nothing(self, port: ExcelPort) -> None:
        day = date(2026, 11, 24)
        port.write(
            "Feuille 1",
            {
                (7, 0): Decimal("12.50"), (8, 0): Decimal(3), (7, 5): day, (8, 5): Decimal("-0.001"), (9, 5): Formula("C3*2"),
                (2, 0): None, (1, 1): date(2026, 12, 1), (1, 2): day, (10, 5): "",
            },
        )  # fmt: skip
        sheet = sheet_of(port, "Feuille 1")
        assert sheet.at(7, 0) == 12.5, "the cell was of format Text"
        assert sheet.at(8, 5) == -0.001
        assert sheet.at(9, 5) == 40
        assert (sheet.details.formulas or {})[9, 5] == "C3*2"
        assert sheet.at(2, 0) is None
        assert [sheet.at(*where) for where in ((7, 5), (1, 1), (1, 2))] == [day, date(2026, 12, 1), day]
        assert sheet.at(10, 5) is None
        assert port.notes("Feuille 1") == {(2, 0): "vu avec Paul"}

    def test_a_formula_in_a_text_cell_is_a_formula(self, port: ExcelPort) -> None:
        port.write("Feuille 1", {(7, 0): Formula("1+1")})
        assert sheet_of(port, "Feuille 1").at(7, 0) == 2

    def test_what_no_cell_holds_is_refused_before_anything_is_written(self, port: ExcelPort) -> None:
        with pytest.raises(WrongUse, match=r"A2 : une cellule tient au plus"):
            port.write("Feuille 1", {(0, 0): "écrasé", (1, 0): "x" * 40_000})
        assert sheet_of(port, "Feuille 1").at(0, 0) == "Clé"

    def test_a_protected_cell_is_refused_in_french(self, port: ExcelPort) -> None:
        with pytest.raises(WrongUse, match="Excel a refusé"):
            port.write("Fermée", {(0, 0): "autre"})
        port.write("Fermée", {(0, 1): "autre"})
        assert [sheet_of(port, "Fermée").at(0, column) for column in (0, 1)] == ["verrouillé", "autre"]

    @pytest.mark.parametrize("sheet", ["Feuille 1", "L'été"])
    def test_links(self, port: ExcelPort, sheet: str) -> None:
        if sheet not in {known.name for known in port.snapshot().sheets}:
            port.add_sheet(sheet)
        port.link("Feuille 1", {(9, 0): Cell("classeur.xlsx", sheet, "B3")})
        assert sheet_of(port, "Feuille 1").at(9, 0) == f"{sheet}!B3"
        cell = port._book.impl.document.Sheets.getByName("Feuille 1").getCellRangeByName("A10").getCellByPosition(0, 0)
        quoted = sheet.replace("'", "''")
        target = cell.TextFields.getByIndex(0).URL
        assert target == f"#$'{quoted}'.B3"

    def test_a_link_to_a_sheet_called_like_a_formula_is_none(self, port: ExcelPort) -> None:
        port.add_sheet("=1+1")
        port.link("Feuille 1", {(9, 0): Cell("classeur.xlsx", "=1+1", "B3")})
        assert sheet_of(port, "Feuille 1").at(9, 0) == "=1+1!B3"

    def test_a_row_is_copied_without_its_notes(self, port: ExcelPort) -> None:
        port.copy_row("Feuille 1", 2, range(3, 5), range(4))
        port.grow("Feuille 1", 4)
        port.grow("Feuille 1", 2)
        sheet = sheet_of(port, "Feuille 1")
        assert [sheet.at(row, 0) for row in (2, 3, 4)] == ["B2"] * 3
        assert (sheet.details.formulas or {})[4, 3] == "C5*2"
        assert port.fills("Feuille 1", [(4, 0)]) == {(4, 0): "#C6E0B4"}
        assert port.notes("Feuille 1") == {(2, 0): "vu avec Paul"}
        assert [table.range.address for table in port._book.sheets["Feuille 1"].tables] == ["$A$1:$D$5"]

    def test_a_sheet_without_its_table_does_not_grow(self, port: ExcelPort) -> None:
        with pytest.raises(WrongUse, match="« Fermée » devrait avoir un tableau"):
            port.grow("Fermée", 9)

    def test_sheets_come_and_go(self, port: ExcelPort) -> None:
        port.select("Fermée", (0, 1))
        port.add_sheet("Contrôle")
        assert port.selection().sheet == "Fermée"
        assert "Contrôle" in {sheet.name for sheet in port.snapshot().sheets}
        with pytest.raises(WrongUse, match="déjà une feuille « contrôle »"):
            port.add_sheet("contrôle")
        port.remove_sheet("Contrôle")
        with pytest.raises(WrongUse, match="pas de feuille « Contrôle »"):
            port.remove_sheet("Contrôle")


class TestLooks:
    pytestmark = slow

    def test_marks_come_and_go_and_the_users_colour_and_note_come_back(self, port: ExcelPort) -> None:
        places = [(0, 0), (1, 0), (2, 0), (2, 1)]
        before = {where: Look(fill, port.notes("Feuille 1").get(where)) for where, fill in port.fills("Feuille 1", places).items()}
        assert before[2, 0] == Look("#C6E0B4", "vu avec Paul")
        values = cells(sheet_of(port, "Feuille 1"))
        marks = {(1, 0): Look("#FFC7CE", "BLOQUANT\nmanque"), (2, 0): Look("#FFC7CE", "NOTE\nvu avec Paul"), (2, 1): Look("#FFEB9C", None)}
        port.set_looks("Feuille 1", marks)
        assert port.notes("Feuille 1") == {(1, 0): "BLOQUANT\nmanque", (2, 0): "NOTE\nvu avec Paul"}
        assert port.notes("Feuille 1", [(2, 0)]) == {(2, 0): "NOTE\nvu avec Paul"}
        assert port.fills("Feuille 1", marks) == {where: look.fill for where, look in marks.items()}
        port.set_looks("Feuille 1", before)
        assert {where: Look(fill, port.notes("Feuille 1").get(where)) for where, fill in port.fills("Feuille 1", places).items()} == before
        assert cells(sheet_of(port, "Feuille 1")) == values

    def test_a_part_of_a_note_keeps_its_letters_as_a_fake_comment_of_com_records(self, port: ExcelPort) -> None:
        texts = ("avant vu avec Paul", "vu avec Paul", "vu avec Paul, après", "vu avec Paul", "autre")
        for text in texts:
            port.set_looks("Feuille 1", {(2, 0): Look("#C6E0B4", text)})
            assert port.notes("Feuille 1") == {(2, 0): text}
        assert application(port).told == [("Text", "avant ", 1), ("Delete", 0, 6), ("Text", ", après", 13), ("Delete", 12, 19)]

    def test_a_cell_with_a_thread_of_comments_is_coloured_alone(self, port: ExcelPort) -> None:
        application(port).threads.add(("Feuille 1", "$A$2"))
        port.set_looks("Feuille 1", {(1, 0): Look("#FFC7CE", "note"), (1, 2): Look("#FFC7CE", "note")})
        assert port.fills("Feuille 1", [(1, 0), (1, 2)]) == {(1, 0): "#FFC7CE", (1, 2): "#FFC7CE"}
        assert port.notes("Feuille 1") == {(2, 0): "vu avec Paul", (1, 2): "note"}
        application(port).threads.add(("Feuille 1", "$A$3"))  # for older versions Excel leaves a note behind it
        assert (2, 0) not in port.notes("Feuille 1")

    def test_what_a_thread_leaves_behind_for_older_versions_is_no_note(self, port: ExcelPort) -> None:
        left = "[Commentaire à thread]\n\nEn savoir plus : https://go.microsoft.com/fwlink/?linkid=870924\n\nCommentaire :\n    vu"
        port.set_looks("Feuille 1", {(1, 0): Look(None, left)})
        assert port.notes("Feuille 1") == {(2, 0): "vu avec Paul"}
        port.set_looks("Feuille 1", {(1, 0): Look("#FFC7CE", "note")})
        assert port._book.sheets["Feuille 1"].range("A2").note.text == left

    def test_an_excel_without_threads_is_told_from_one_that_does_not_answer(self, port: ExcelPort, monkeypatch: pytest.MonkeyPatch) -> None:
        fault = Refused("the word or the answer is missing")
        monkeypatch.setattr(EngineSheet, "comments", property(Mock(side_effect=fault)))
        with pytest.raises(WrongUse, match="Excel a refusé"):
            port.notes("Feuille 1")
        with pytest.raises(WrongUse, match="Excel a refusé"):
            port.set_looks("Feuille 1", {(1, 0): Look("#FFC7CE", "note")})
        assert port.fills("Feuille 1", [(1, 0)]) == {(1, 0): None}
        for code in (0x80020006, 0x80020003):  # DISP_E_UNKNOWNNAME, DISP_E_MEMBERNOTFOUND
            fault.hresult = code - (1 << 32)
            assert port.notes("Feuille 1") == {(2, 0): "vu avec Paul"}

    def test_a_thread_that_excel_for_mac_does_not_tell_refuses_the_note_alone(
        self, port: ExcelPort, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        application(port).threads.add(("Feuille 1", "$A$2"))
        monkeypatch.setattr(excel_notes, "threads", lambda _sheet: set())
        with pytest.raises(WrongUse, match="Excel a refusé"):
            port.set_looks("Feuille 1", {(1, 0): Look("#FFC7CE", "note")})
        monkeypatch.setattr(excel_native, "on_mac", lambda: True)
        monkeypatch.setattr(excel_native, "protection", lambda _sheet: None)
        monkeypatch.setattr(excel_native, "size", lambda _note, _text: None)
        port.set_looks("Feuille 1", {(1, 0): Look("#FFEB9C", "note"), (1, 2): Look("#FFEB9C", "note")})
        assert port.notes("Feuille 1") == {(2, 0): "vu avec Paul", (1, 2): "note"}


class TestTheUser:
    pytestmark = slow

    def test_selection(self, port: ExcelPort) -> None:
        port.select("Feuille 1", (2, 1))
        assert port.selection() == Selection("Feuille 1", ((2, 1, 2, 1),))
        document = port._book.impl.document
        ranges = document.createInstance("com.sun.star.sheet.SheetCellRanges")
        sheet = document.Sheets.getByName("Feuille 1")
        for address in ("A2:B2", "A5"):
            ranges.addRangeAddress(sheet.getCellRangeByName(address).RangeAddress, False)
        document.CurrentController.select(ranges)
        selected = port.selection()
        assert selected.sheet == "Feuille 1"
        assert set(selected.areas) == {(1, 0, 1, 1), (4, 0, 4, 0)}
        assert selected.rows() == {1, 4}

    def test_a_hidden_sheet_is_not_selected(self, port: ExcelPort) -> None:
        with pytest.raises(WrongUse, match="« Cachée » est masquée"):
            port.select("Cachée", (0, 0))

    def test_the_application_is_as_it_was_after_a_step_whatever_happens(self, port: ExcelPort) -> None:
        app = application(port)
        before = dict(app.state)
        with suppress(ZeroDivisionError), port.step("Contrôle en cours…"):
            assert (app.status_bar, app.screen_updating, app.calculation) == ("Contrôle en cours…", False, "automatic")
            port.status("Feuille 2")
            assert app.status_bar == "Feuille 2"
            raise ZeroDivisionError
        assert app.state == before
        app.status_bar = "xlbridge travaille…"
        with port.step("Un"), port.step("Deux"):
            pass
        assert app.state == before | {"status_bar": "xlbridge travaille…"}

    @pytest.mark.parametrize("mode", ["automatic", "manual"])
    def test_what_a_formula_makes_of_what_was_written_is_read_within_the_step(self, port: ExcelPort, mode: str) -> None:
        app = application(port)
        app.calculation = mode
        with port.step("Corriger"):
            port.write("Feuille 1", {(9, 0): Decimal(2), (9, 1): Formula("A10*3")})
            port.write("Feuille 1", {(9, 0): Decimal(5)})
            assert sheet_of(port, "Feuille 1").at(9, 1) == 15
        assert app.calculation == mode
        app.calculation = "automatic"

    def test_questions(self, port: ExcelPort) -> None:
        app = application(port)
        app.answers += ["yes", "no", "cancel"]
        assert [port.ask("Émettre ?"), port.ask("Émettre ?"), port.ask("Corriger ?", may_stop=True)] == [True, False, None]
        assert app.asked == [("Émettre ?", "yes_no"), ("Émettre ?", "yes_no"), ("Corriger ?", "yes_no_cancel")]

    def test_saving(self, port: ExcelPort, office: Office, tmp_path: Path) -> None:
        port.write("Feuille 1", {(9, 0): "gardé"})
        port.save()
        assert open_workbook(tmp_path / "classeur.xlsx").sheets[0].at(9, 0) == "gardé"
        new = ExcelPort(engine_book(office, office.new()))
        assert new.path is None
        with pytest.raises(WrongUse, match="jamais été enregistré"):
            new.save()
        copy = tmp_path / "copie.xlsx"
        copy.write_bytes((tmp_path / "classeur.xlsx").read_bytes())
        with pytest.raises(WrongUse, match="lecture seule"):
            ExcelPort(engine_book(office, office.open(copy, ReadOnly=True))).save()

    def test_a_workbook_from_the_internet_has_no_path_and_is_saved(self, port: ExcelPort, tmp_path: Path) -> None:
        online = ExcelPort(port._book, "https://exemple-my.sharepoint.com/personal/a/Documents")
        assert online.path is None
        online.write("Feuille 1", {(9, 0): "gardé"})
        online.save()
        assert open_workbook(tmp_path / "classeur.xlsx").sheets[0].at(9, 0) == "gardé"


class TestProtectionRecordedByAFake:
    pytestmark = slow

    def test_it_is_taken_off_and_put_on_again_as_it_was(self, port: ExcelPort) -> None:
        app = application(port)
        options = (False, True, False, *[False] * 5, True, True, False)
        app.protected["Fermée"] = ("", False, True, True, False, *options)
        with suppress(ZeroDivisionError), port.unlocked("Feuille 1", "Fermée"):
            port.write("Fermée", {(0, 0): "changé"})
            raise ZeroDivisionError
        assert app.told == [
            ("Fermée", "Unprotect", ""),
            ("Fermée", "Protect", "", False, True, True, False, *options),
            ("Fermée", "EnableSelection", 1),
        ]
        assert sheet_of(port, "Fermée").at(0, 0) == "changé"
        with pytest.raises(WrongUse):
            port.write("Fermée", {(0, 0): "encore"})

    def test_a_password_is_told_and_the_other_sheets_are_protected_again(self, port: ExcelPort) -> None:
        with pytest.raises(WrongUse, match="« Clef » est protégée par un mot de passe"), port.unlocked("Fermée", "Clef"):
            pytest.fail("nothing is to be done then")
        with pytest.raises(WrongUse):
            port.write("Fermée", {(0, 0): "changé"})


class Word:
    """Fake of a property, or a command, of appscript: it has words of its own, a value, and records its calls."""

    def __init__(self, log: list[Any], value: Any = None, **words: Any) -> None:
        self._log, self._value = log, value
        self.__dict__.update(words)

    def get(self) -> Any:
        return self._value

    def set(self, value: Any) -> None:
        self._log.append(value)

    def __call__(self, **arguments: Any) -> None:
        self._log.append(arguments)


def test_a_fake_sheet_of_appscript_is_protected_again_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    log: list[Any] = []
    allowed = {f"allow_{name}".replace("tables", "table"): name == "sorting" for name in excel_native.ALLOWED}
    words = {
        "protect_contents": True, "protect_drawing_objects": False, "protect_scenarios": True, "protection_mode": False,
        "enable_selection": "unlocked cells",
    }  # fmt: skip
    options = Word(log, **{name: Word(log, value) for name, value in allowed.items()})
    api = Word(
        log,
        protection_object=options,
        unprotect=Word(log),
        protect_worksheet=Word(log),
        **{name: Word(log, value) for name, value in words.items()},
    )
    sheet: Any = SimpleNamespace(api=api)
    how = excel_native.protection(sheet)
    assert how is not None
    excel_native.unprotect(sheet)
    excel_native.protect(sheet, how)
    told = {"drawing_objects": False, "worksheet_contents": True, "scenarios": True, "user_interface_only": False, **allowed}
    assert log == [{"password": ""}, told, "unlocked cells"]
    api.protect_contents = Word(log, False)
    assert excel_native.protection(sheet) is None


class FakeBook:
    def __init__(self, fullname: str, separator: str) -> None:
        self._fullname = fullname
        self.name = fullname.rpartition(separator)[2]
        self.app = SimpleNamespace(engine=SimpleNamespace(impl=None))

    @property
    def fullname(self) -> str:
        if "://" in self._fullname:
            raise xlwings.XlwingsError("Couldn't find the local OneDrive folder")
        return self._fullname


def fake_windows(monkeypatch: pytest.MonkeyPatch, books: list[FakeBook]) -> list[int]:
    """xlwings as on Windows, with one Excel; the windows by which it was asked for."""
    asked: list[int] = []

    def app(xl: int) -> Any:
        asked.append(xl)
        return SimpleNamespace(pid=1, books=books)

    monkeypatch.setattr(xlwings, "_xlwindows", SimpleNamespace(App=app), raising=False)
    monkeypatch.setattr(xlwings, "App", lambda impl: impl)
    return asked


def clicked(host: str, folder: str, name: str = "Été.xlsm") -> Handover:
    return Handover("check", host, name, folder, window=77 if host == "windows" else None)


@pytest.mark.parametrize(
    ("fullname", "folder"),
    [
        (r"C:\Factures\été.xlsm", r"c:\factures"),
        (r"C:\Factures\e" + "\u0301t" + "e\u0301.xlsm", "C:\\Factures"),
        ("https://d.docs.live.net/1/Été.xlsm", "https://d.docs.live.net/1"),
        ("Été.xlsm", ""),
    ],
)
def test_the_workbook_is_found_in_a_fake_excel_for_windows_by_its_window(
    monkeypatch: pytest.MonkeyPatch, fullname: str, folder: str
) -> None:
    separator = "/" if "://" in fullname else "\\"
    book = FakeBook(fullname, separator)
    asked = fake_windows(monkeypatch, [FakeBook(r"C:\Factures\autre.xlsm", "\\"), book])
    port = caller_port(clicked("windows", folder))
    assert port._book is book
    assert asked == [77]
    assert (port.path is None) == (not folder or "://" in folder)


@pytest.mark.parametrize("books", [[], [FakeBook(r"D:\ailleurs\Été.xlsm", "\\")]])
def test_another_workbook_of_a_fake_excel_is_not_taken_for_it(monkeypatch: pytest.MonkeyPatch, books: list[FakeBook]) -> None:
    fake_windows(monkeypatch, books)
    with pytest.raises(WrongUse, match="Excel ne montre pas « Été"):
        caller_port(clicked("windows", r"C:\Factures"))


def test_a_click_without_a_window_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_windows(monkeypatch, [])
    with pytest.raises(WrongUse, match="quelle fenêtre"):
        caller_port(Handover("check", "windows", "a.xlsm", "C:\\F"))


def test_the_workbook_is_found_in_fake_excels_for_mac_by_name_and_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    book = FakeBook("/Users/a/Documents/E\u0301te\u0301.xlsm", "/")
    other = FakeBook("/Users/a/Été.xlsm", "/")
    monkeypatch.setattr(xlwings, "apps", [SimpleNamespace(books=[other]), SimpleNamespace(books=[book])])
    port = caller_port(clicked("mac", "/Users/a/Documents"))
    assert port._book is book
    assert port.path == Path("/Users/a/Documents") / book.name
    with pytest.raises(WrongUse, match="plusieurs fois"):
        caller_port(clicked("mac", ""))


def test_xlwings_is_loaded_without_what_takes_long() -> None:
    """In a process of its own, since it is loaded here already."""
    program = (
        "import sys; from xlbridge.workbook.excel_native import load_xlwings as load; load(); load(); "
        "print(sorted({'xlwings', 'numpy', 'pandas'} & sys.modules.keys())); import numpy"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=200)
    assert ran.stdout.strip() == "['xlwings']"


def test_without_xlwings_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlwings", None)
    with pytest.raises(WrongUse, match="pip install"):
        caller_port(clicked("windows", r"C:\Factures"))


@pytest.mark.parametrize(
    ("address", "area"),
    [
        ("$B$2", (1, 1, 1, 1)),
        ("$B$2:$C$4", (1, 1, 3, 2)),
        ("$A:$C", (0, 0, 9, 2)),
        ("$3:$5", (2, 0, 4, 4)),
        ("$3:$1048576", (2, 0, 9, 4)),
        ("$B:$B", (0, 1, 9, 1)),
    ],
)
def test_selected_rows_and_columns_reach_as_far_as_the_sheet(address: str, area: tuple[int, int, int, int]) -> None:
    from xlbridge.workbook.excel import _area

    assert _area(address, (0, 0, 9, 4)) == area


def test_what_com_says_of_a_refusal_is_passed_on() -> None:
    class Refusal(xlwings.XlwingsError):
        excepinfo = (0, "Microsoft Excel", "La cellule est protégée.", None, 0, -2146827284)

    with pytest.raises(WrongUse, match="La cellule est protégée") as caught, excel_native.asking_excel():
        raise Refusal
    assert "recommencez" in caught.value.remedy


def test_a_fault_of_our_own_is_no_refusal() -> None:
    with pytest.raises(KeyError), excel_native.asking_excel():
        raise KeyError("x")


def test_times_of_the_first_days_and_durations() -> None:
    day = excel_reading.DAY_0
    assert excel_reading._moment(day + timedelta(hours=6), "hh:mm") == time(6)
    assert excel_reading._moment(day + timedelta(hours=30), "[hh]:mm") == timedelta(hours=30)
    assert excel_reading._moment(day + timedelta(days=1), "dd/mm/yyyy") == date(1900, 1, 1)
    assert excel_reading._moment(day + timedelta(days=61), "dd/mm/yyyy") == date(1900, 3, 1)
    almost_noon = datetime.combine(date(2026, 11, 24), time(11, 59, 59, 999_999))
    assert excel_reading._moment(almost_noon, "dd/mm/yyyy hh:mm") == datetime.combine(date(2026, 11, 24), time(12))
