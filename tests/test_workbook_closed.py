"""A closed workbook as a port: what a command changes is there, all else keeps its bytes, marks go away without a trace."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.styles import Color, Font, GradientFill, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from typer.testing import CliRunner

from tests.issuing_stage import company, draft
from tests.packages import PACKAGE, RELATIONS, SPREADSHEET, sheet_package
from tests.rich_workbook import X14, rich_template, rich_workbook, with_parts
from tests.test_workbook_package import part, raw_members
from xlbridge.cli import app
from xlbridge.desk.marks import former, note_of
from xlbridge.errors import UnreadableFile, WrongUse
from xlbridge.findings import Cell
from xlbridge.workbook.address import position
from xlbridge.workbook.closed import ClosedPort
from xlbridge.workbook.details import Position
from xlbridge.workbook.grid import open_workbook
from xlbridge.workbook.note_shapes import NOTHING_DRAWN, SHAPE
from xlbridge.workbook.port import Look, Port, Selection
from xlbridge.workbook.sheet_cells import Formula
from xlbridge.workbook.template_writer import write_template

OFFICE = shutil.which("soffice")
XML = b"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"
RED, YELLOW = "#FFC7CE", "#FFE699"
pytestmark = pytest.mark.filterwarnings("ignore:.*not supported and will be removed:UserWarning")  # what openpyxl says of its losses


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rich_workbook(tmp_path_factory.mktemp("rich") / "riche.xlsm")


def written(path: Path, target: Path, change: Callable[[Port], None]) -> Path:
    """A copy of the workbook with a change."""
    port = ClosedPort(path, target)
    change(port)
    port.save()
    return target


def made(path: Path, edit: Callable[[Any], None]) -> Path:
    """A workbook with the sheets « A » and « B » as openpyxl writes it."""
    book = openpyxl.Workbook()
    book.active.title = "A"
    book.create_sheet("B")
    edit(book)
    book.save(path)
    return path


def cells(path: Path) -> dict[tuple[str, str], tuple[object, ...]]:
    """Everything that openpyxl knows of the cells that hold or show something."""
    found = {}
    for sheet in openpyxl.load_workbook(path, rich_text=True):
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            note = (cell.comment.text, cell.comment.author) if cell.comment else None
            look = (cell.number_format, cell.font, cell.fill, cell.border, cell.alignment, cell.protection, cell.style)
            if cell.value is not None or cell.has_style or note:
                value = (cell.value.ref, cell.value.text) if isinstance(cell.value, ArrayFormula) else cell.value
                found[sheet.title, cell.coordinate] = (value, note, *map(repr, look))
    return found


def by_office(folder: Path, *paths: Path) -> list[Path]:
    """The workbooks as LibreOffice writes what it understood of them."""
    assert OFFICE
    profile = f"-env:UserInstallation={(folder / 'profil').as_uri()}"
    wanted = [OFFICE, profile, "--headless", "--norestore", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder / "lu")]
    subprocess.run([*wanted, *map(str, paths)], check=True, capture_output=True, timeout=120)
    return [folder / "lu" / f"{path.stem}.xlsx" for path in paths]


def unchanged_but(before: Path, after: Path, *names: str) -> set[str]:
    """The new members, once it is certain that only the members `names` differ, and that all of them do."""
    old, new = raw_members(before), raw_members(after)
    assert [name for name in old if name in new] == list(new)[: len(old)]
    assert {name for name in old if old[name] != new.get(name)} == set(names)
    return new.keys() - old.keys()


# Marks


def test_marks_change_the_sheet_its_notes_and_the_styles_alone(rich: Path, tmp_path: Path) -> None:
    before = rich.read_bytes()
    looks = {(0, 0): Look(RED, "à nous\n\nune note"), (3, 3): Look(YELLOW, "seule")}
    copy = written(rich, tmp_path / "copie.xlsm", lambda port: port.set_looks("Clients", looks))
    assert rich.read_bytes() == before
    new = unchanged_but(rich, copy, "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml")
    assert new == set()
    port = ClosedPort(copy)
    assert port.notes("Clients") == {(0, 0): "à nous\n\nune note", (3, 3): "seule"}
    assert port.notes("Clients", [(3, 3), (5, 5)]) == {(3, 3): "seule"}
    assert port.fills("Clients", [(0, 0), (3, 3), (0, 1)]) == {(0, 0): RED, (3, 3): YELLOW, (0, 1): None}
    read = openpyxl.load_workbook(copy)["Clients"]
    assert (read["A1"].fill.fgColor.rgb, read["A1"].font.color.rgb, read["A1"].number_format) == ("FFFFC7CE", "FF0000FF", "0.00")
    assert (read["A1"].value, read["D4"].value) == ("SARL Test", None)
    assert b"x14:conditionalFormatting" in part(copy, "xl/worksheets/sheet1.xml")


def test_a_sheet_without_notes_is_given_its_parts_and_loses_them_again(rich: Path, tmp_path: Path) -> None:
    copy = written(rich, tmp_path / "a.xlsm", lambda port: port.set_looks("Calcul", {(0, 0): Look(None, "le total")}))
    new = {"xl/comments2.xml", "xl/drawings/vmlDrawing2.vml", "xl/worksheets/_rels/sheet2.xml.rels"}
    assert unchanged_but(rich, copy, "xl/worksheets/sheet2.xml", "[Content_Types].xml") == new
    again = written(copy, tmp_path / "b.xlsm", lambda port: port.set_looks("Calcul", {(0, 0): Look(None, None)}))
    assert not new & raw_members(again).keys()
    assert part(again, "xl/worksheets/sheet2.xml") == part(rich, "xl/worksheets/sheet2.xml")
    assert cells(again) == cells(rich)


def test_buttons_of_a_sheet_without_notes_stay(tmp_path: Path) -> None:
    import xlsxwriter

    source = tmp_path / "boutons.xlsx"
    with xlsxwriter.Workbook(source) as book:
        book.add_worksheet("A").insert_button("C3", {"caption": "Vérifier", "macro": "XlbVerifier"})
    marked = written(source, tmp_path / "a.xlsx", lambda port: port.set_looks("A", {(1, 1): Look(RED, "note")}))
    drawing = part(marked, "xl/drawings/vmlDrawing1.vml").decode()
    assert sorted(re.findall(r'ObjectType="(\w+)"', drawing)) == ["Button", "Note"]
    assert len(set(re.findall(r'id="(_x0000_s\d+)"', drawing))) == 2
    cleared = written(marked, tmp_path / "b.xlsx", lambda port: port.set_looks("A", {(1, 1): Look(None, None)}))
    assert re.findall(r'ObjectType="(\w+)"', part(cleared, "xl/drawings/vmlDrawing1.vml").decode()) == ["Button"]
    assert not [name for name in raw_members(cleared) if "comments" in name]


@pytest.mark.parametrize(
    "drawn", ['<ns0:shape id="une" type="#t"/>', '<ns0:rect id="une"/>', '<ns0:group><ns0:oval id="une"/></ns0:group>']
)
def test_what_else_is_drawn_stays(tmp_path: Path, drawn: str) -> None:
    source = made(tmp_path / "a.xlsx", lambda book: setattr(book["A"]["B2"], "comment", Comment("à moi", "Paul")))
    name = next(name for name in raw_members(source) if name.endswith(".vml"))
    drawing = part(source, name).decode()
    assert "<ns0:shape " in drawing  # as openpyxl names it
    with_parts(source, {name: drawing.replace("<ns0:shape ", f"{drawn}<ns0:shape ", 1)}, {})
    cleared = written(source, tmp_path / "b.xlsx", lambda port: port.set_looks("A", {(1, 1): Look(None, None)}))
    assert drawn in part(cleared, name).decode()
    assert 'ObjectType="Note"' not in part(cleared, name).decode()


def test_a_drawing_that_never_ends_a_shape_is_read_in_no_time() -> None:
    drawing = b"<xml>" + b'<v:shape id="x"><b>' * 20_000 + b"</xml>"
    began = time.process_time()
    assert SHAPE.search(drawing) is None
    assert NOTHING_DRAWN.fullmatch(drawing) is None
    assert time.process_time() - began < 10


def test_a_thread_of_comments_is_no_note_and_is_left_alone(rich: Path, tmp_path: Path) -> None:
    def marked(port: Port) -> None:
        assert (1, 0) not in port.notes("Clients")
        port.set_looks("Clients", {(1, 0): Look(RED, "perdue")})

    copy = written(rich, tmp_path / "a.xlsm", marked)
    unchanged_but(rich, copy, "xl/worksheets/sheet1.xml", "xl/styles.xml")
    assert ClosedPort(copy).fills("Clients", [(1, 0)]) == {(1, 0): RED}


def test_the_note_that_a_thread_leaves_behind_is_none(tmp_path: Path) -> None:
    def thread(book: Any) -> None:
        book["A"]["A1"].comment = Comment("[Threaded comment] …", "tc={1111}")
        book["A"]["A2"].comment = Comment("à moi", "Paul")

    port = ClosedPort(made(tmp_path / "a.xlsx", thread))
    assert port.notes("A") == {(1, 0): "à moi"}
    port.set_looks("A", {(0, 0): Look(None, "perdue"), (1, 0): Look(None, None)})
    assert port.notes("A") == {}
    assert port.snapshot().sheets[0].details.comments == {(0, 0): "[Threaded comment] …"}


FORMATTED = (
    '<comment ref="B2" authorId="0" shapeId="0"><text><r><rPr><b/><sz val="14"/></rPr><t>Gras</t></r>'
    '<r><t xml:space="preserve"> et _x0041_ &amp; simple</t></r></text></comment>'
)


def with_formatted_note(path: Path) -> Path:
    made(path, lambda book: setattr(book["A"]["B2"], "comment", Comment("Gras", "Paul", width=100, height=40)))
    with zipfile.ZipFile(path) as package:
        contents = {name: package.read(name) for name in package.namelist()}
    name = next(name for name in contents if "comment" in name and name.endswith(".xml") and "xl/" in name)
    contents[name] = re.sub(rb"<comment .*</comment>", FORMATTED.encode(), contents[name])
    with zipfile.ZipFile(path, "w") as package:
        for name, data in contents.items():
            package.writestr(name, data)
    return path


@pytest.mark.parametrize("frame", ["à nous\n{}", "{}\nà nous", "{}", "_x0041_\n{}"])
def test_the_users_note_keeps_its_formatting_and_its_frame(tmp_path: Path, frame: str) -> None:
    source = with_formatted_note(tmp_path / "a.xlsx")
    drawing = next(name for name in raw_members(source) if name.endswith(".vml"))
    own = "Gras et A & simple"
    runs = rb"<b/><sz val=\"14\"/></rPr><t>Gras</t></r><r><t xml:space=\"preserve\"> et _x0041_ &amp; simple</t></r>"

    def mark(port: Port) -> None:
        assert port.notes("A") == {(1, 1): own}
        port.set_looks("A", {(1, 1): Look(RED, frame.format(own))})
        assert port.notes("A") == {(1, 1): frame.format(own)}

    marked = written(source, tmp_path / "b.xlsx", mark)
    name = next(name for name in raw_members(marked) if re.fullmatch("xl/.*comment.*xml", name))
    assert re.search(runs, part(marked, name))
    assert (part(marked, drawing) == part(source, drawing)) == (frame == "{}")
    cleared = written(marked, tmp_path / "c.xlsx", lambda port: port.set_looks("A", {(1, 1): Look(None, own)}))
    assert part(cleared, drawing) == part(source, drawing)
    texts = [re.search(rb"<text>.*</text>", part(path, name)) for path in (source, cleared)]
    assert texts[0]
    assert texts[1]
    assert texts[0][0] == texts[1][0]


def test_notes_are_large_enough_to_be_read(tmp_path: Path) -> None:
    def narrow(book: Any) -> None:
        book["A"].column_dimensions["C"].width = 2
        book["A"].column_dimensions["D"].hidden = True
        book["A"].row_dimensions[3].height = 90

    source = made(tmp_path / "a.xlsx", narrow)
    looks = {(1, 1): Look(None, "mot " * 60), (0, 16383): Look(None, "au bord"), ((1 << 20) - 1, 0): Look(None, "au fond")}
    copy = written(source, tmp_path / "b.xlsx", lambda port: port.set_looks("A", looks))
    drawing = next(name for name in raw_members(copy) if name.endswith(".vml"))
    anchors = [tuple(map(int, text.split(", "))) for text in re.findall(r"<x:Anchor>([^<]*)<", part(copy, drawing).decode())]
    left, _, top, _, right, across, bottom, down = anchors[1]
    widths, heights = {2: 19, 3: 0}, {2: 120}
    width = sum(widths.get(at, 64) for at in range(left, right)) + across - 15
    height = sum(heights.get(at, 20) for at in range(top, bottom)) + down - 10
    assert (width, height) == (340, 5 * 17 + 14)
    assert all(0 <= item[0] <= item[4] < 1 << 14 and 0 <= item[2] <= item[6] < 1 << 20 for item in anchors)


colours = st.one_of(
    st.builds(lambda value: Color(rgb=f"FF{value:06X}"), st.integers(0, 0xFFFFFF)),
    st.builds(lambda number, tint: Color(theme=number, tint=tint), st.integers(0, 9), st.sampled_from([0.0, -0.5, 0.4])),
    st.builds(lambda number: Color(indexed=number), st.integers(8, 63)),
)
patterns = st.sampled_from(["solid", "gray125", "lightGrid", "darkUp"])
fills = st.one_of(
    st.just(PatternFill()),
    st.builds(PatternFill, patterns, colours, colours),
    st.builds(lambda one, other: GradientFill(stop=[one, other]), colours, colours),
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(drawn=st.lists(fills, min_size=1, max_size=6), noted=st.sets(st.integers(0, 7)), text=st.text("aé<&\n _x0041_", min_size=1))
def test_any_look_comes_back(tmp_path: Path, drawn: list[Any], noted: set[int], text: str) -> None:
    def fill(book: Any) -> None:
        for row, item in enumerate(drawn, 1):
            cell = book["A"].cell(row, 1, row)
            cell.fill, cell.number_format, cell.font = item, "0.00" if row % 2 else "General", Font(bold=row % 3 == 0)
        for row in noted:
            book["A"].cell(row + 1, 1).comment = Comment(text, "Paul")
        book["A"].column_dimensions["B"].fill = PatternFill("solid", "FF00FF00")

    source = made(tmp_path / "a.xlsx", fill)
    port = ClosedPort(source)
    places = list(product(range(9), range(2)))
    before = port.fills("A", places), port.notes("A")
    first = Look(RED, note_of(["xlbridge · BLOQUANT"], Look(*(item.get((0, 0)) for item in before))))
    looks = {where: Look(RED, note_of(["xlbridge · NOTE"], Look(before[0][where], before[1].get(where)))) for where in places}
    port.set_looks("A", looks | {(0, 0): first})
    assert port.fills("A", places) == dict.fromkeys(places, RED)
    remembered = {where: former(note) for where, note in port.notes("A").items()}
    assert set(remembered) == set(places)
    port.set_looks("A", {where: look for where, look in remembered.items() if look})
    assert (port.fills("A", places), port.notes("A")) == before
    (tmp_path / "b.xlsx").unlink(missing_ok=True)
    port._target = tmp_path / "b.xlsx"
    port.save()
    old, new = cells(source), cells(tmp_path / "b.xlsx")
    assert {place: new[place] for place in old} == old
    assert {place[1][0] for place in new.keys() - old.keys()} <= {"A", "B"}  # empty cells that now say what their column did


def test_a_theme_that_names_the_colours_of_the_system_alone(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        for row, number in enumerate((0, 1), 1):
            book["A"].cell(row, 1, row).fill = PatternFill("solid", Color(theme=number, tint=-0.5 if row == 1 else 0.0))

    source = made(tmp_path / "a.xlsx", fill)
    theme = part(source, "xl/theme/theme1.xml").decode()
    assert "lastClr" in theme
    with_parts(source, {"xl/theme/theme1.xml": re.sub(r' lastClr="\w+"', "", theme)}, {})
    assert ClosedPort(source).fills("A", [(0, 0), (1, 0)]) == {(0, 0): "#808080", (1, 0): "#000000"}


@pytest.mark.slow
@pytest.mark.skipif(not OFFICE, reason="LibreOffice is not installed")
def test_libreoffice_sees_the_marks_and_nothing_after_them(rich: Path, tmp_path: Path) -> None:
    looks = {(0, 0): Look(RED, "à nous\n\nune note"), (2, 1): Look(YELLOW, "à nous"), (8, 4): Look(RED, "vide")}
    marked = written(rich, tmp_path / "marque.xlsm", lambda port: port.set_looks("Clients", looks))
    restored = {(0, 0): Look(None, "une note"), (2, 1): Look(None, None), (8, 4): Look(None, None)}
    cleared = written(marked, tmp_path / "efface.xlsm", lambda port: port.set_looks("Clients", restored))
    before, during, after = map(cells, by_office(tmp_path, rich, marked, cleared))
    assert before == after
    seen = {place: during[place] for place in during if during[place] != before.get(place)}
    assert {place: value[1] and value[1][0] for place, value in seen.items()} == {  # type: ignore[index]
        ("Clients", "A1"): "à nous\n\nune note", ("Clients", "B3"): "à nous", ("Clients", "E9"): "vide",
    }  # fmt: skip
    assert all("FFFFC7CE" in str(value) or "FFFFE699" in str(value) for value in seen.values())


def test_a_workbook_without_styles_gets_some(tmp_path: Path) -> None:
    source = sheet_package(tmp_path / "a.xlsx", '<row r="1"><c r="A1"><v>1</v></c></row>')
    copy = written(source, tmp_path / "b.xlsx", lambda port: port.set_looks("S", {(0, 0): Look(RED, "note")}))
    cell = openpyxl.load_workbook(copy)["S"]["A1"]
    assert (cell.value, cell.fill.fgColor.rgb, cell.comment and cell.comment.text) == (1, "FFFFC7CE", "note")


# What is written


def test_texts_stay_texts_and_days_are_shown_as_days(tmp_path: Path) -> None:
    codes = {"C1": "dd/mm/yyyy", "D1": "@", "E1": "0.00", "F1": '"le" 0', "G1": "[$-40C]d mmmm yyyy"}
    source = made(tmp_path / "a.xlsx", lambda book: [setattr(book["A"][at], "number_format", code) for at, code in codes.items()])
    values: dict[Position, Any] = {
        (0, 0): "=cmd|' /C calc'!A0", (1, 0): "0123", (2, 0): "01/02/2026", (0, 1): date(2026, 11, 24), (0, 2): date(2026, 1, 2),
        (3, 0): Decimal("-12.50"), (4, 0): Formula("A4*2"), (5, 0): None,
        **dict.fromkeys(((0, 3), (0, 4), (0, 5), (0, 6)), date(2026, 1, 2)),
    }  # fmt: skip
    copy = written(source, tmp_path / "b.xlsx", lambda port: port.write("A", values))
    read = openpyxl.load_workbook(copy)["A"]
    assert [(read.cell(row, 1).value, read.cell(row, 1).data_type) for row in (1, 2, 3)] == [
        ("=cmd|' /C calc'!A0", "s"), ("0123", "s"), ("01/02/2026", "s"),
    ]  # fmt: skip
    assert (read["B1"].number_format, read["B1"].value.date()) == ("mm-dd-yy", date(2026, 11, 24))  # 14: the reader's own short date
    assert (read["C1"].number_format, read["C1"].value.date()) == ("dd/mm/yyyy", date(2026, 1, 2))
    assert [read.cell(1, column).number_format for column in (4, 5, 6, 7)] == ["mm-dd-yy"] * 3 + ["[$-40C]d mmmm yyyy"]
    assert (read["A4"].value, read["A5"].value) == (-12.5, "=A4*2")


@pytest.mark.parametrize(
    ("sheet", "address", "value", "words"),
    [
        ("Clients", "F2", "x", "fusionnée"),
        ("Clients", "A6", "x", "en-tête"),
        ("Calcul", "A5", "x", "matricielle"),
        ("Clients", "A1", "x" * 32768, "32767"),
        ("Clients", "A1", "\x07", "caractère de commande"),
        ("Ailleurs", "A1", "x", "pas de feuille « Ailleurs »"),
    ],
)
def test_what_cannot_be_written_is_refused_and_nothing_is_half_done(
    rich: Path, tmp_path: Path, sheet: str, address: str, value: str, words: str
) -> None:
    port = ClosedPort(rich, tmp_path / "copie.xlsm")
    with pytest.raises(WrongUse, match=words):
        port.write(sheet, {(20, 0): "avant", position(address): value})
    port.save()
    assert unchanged_but(rich, tmp_path / "copie.xlsm") == set()


def test_a_fault_in_the_middle_leaves_the_state_before(rich: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = ClosedPort(rich)
    port.write("Clients", {(20, 0): "avant"})
    before = dict(port._layers.changes)
    monkeypatch.setattr("xlbridge.workbook.closed.with_notes", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        port.set_looks("Clients", {(0, 0): Look(RED, "x")})
    assert port._layers.changes == before


def test_a_protected_sheet_of_ours_is_written(rich: Path) -> None:
    port = ClosedPort(rich)
    with port.unlocked("Fermée"):
        port.write("Fermée", {(0, 0): "changé"})
    assert port.snapshot().sheets[2].at(0, 0) == "changé"
    assert b"<sheetProtection" in port._layers.read("xl/worksheets/sheet3.xml")
    with pytest.raises(WrongUse):
        port.unlocked("Ailleurs")


def test_links_lead_to_their_cells(tmp_path: Path) -> None:
    def named(book: Any) -> None:
        book["B"].title = "L’été d'ici"
        book["A"]["A1"].hyperlink = "https://example.org/"
        book["A"]["A2"].hyperlink = "https://example.org/2"

    source = made(tmp_path / "a.xlsx", named)
    cell, other = Cell("a.xlsx", "L’été d'ici", "B3"), Cell("a.xlsx", "A", "C4:D5")

    def link(port: Port) -> None:
        port.link("A", {(0, 0): cell, (4, 4): other})
        port.link("A", {(4, 4): cell})
        port.link("L’été d'ici", {(9, 0): other, (10, 0): cell})
        port.write("L’été d'ici", {(10, 0): None})
        port.write("A", {(1, 0): None})  # the user's own link stays

    read = openpyxl.load_workbook(written(source, tmp_path / "b.xlsx", link))
    found = {item.coordinate: (item.value, item.hyperlink.location, item.font.u) for row in read["A"] for item in row if item.hyperlink}
    place = ("L’été d'ici!B3", "'L’été d''ici'!B3", "single")
    assert {name: found[name] for name in ("A1", "E5")} == {"A1": place, "E5": place}
    assert read["A"]["A2"].hyperlink.target == "https://example.org/2"
    assert read["L’été d'ici"]["A10"].hyperlink.location == "'A'!C4:D5"
    assert part(tmp_path / "b.xlsx", "xl/worksheets/sheet1.xml").count(b"<hyperlink ") == 3
    assert part(tmp_path / "b.xlsx", "xl/worksheets/sheet2.xml").count(b"<hyperlink ") == 1


def test_the_font_of_a_link_is_in_the_order_of_the_schema(rich: Path, tmp_path: Path) -> None:
    copy = written(rich, tmp_path / "a.xlsm", lambda port: port.link("Clients", {(0, 0): Cell("riche.xlsm", "Calcul", "A1")}))
    fonts = re.findall(r"<font>(.*?)</font>", part(copy, "xl/styles.xml").decode())
    assert [re.findall(r"<(\w+)", font) for font in fonts if "<u/>" in font] == [["u", "sz", "color", "name", "family", "scheme"]]


# Sheets


def test_a_sheet_comes_and_goes(rich: Path, tmp_path: Path) -> None:
    added = written(rich, tmp_path / "a.xlsm", lambda port: port.add_sheet("Contrôle"))
    changed = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml", "docProps/app.xml"
    assert unchanged_but(rich, added, *changed) == {"xl/worksheets/sheet4.xml"}
    assert openpyxl.load_workbook(added).sheetnames == ["Clients", "Calcul", "Fermée", "Contrôle"]
    assert "<vt:lpstr>Contrôle</vt:lpstr>" in part(added, "docProps/app.xml").decode()

    def fill_and_remove(port: Port) -> None:
        port.write("Contrôle", {(0, 0): "x"})
        port.set_looks("Contrôle", {(0, 0): Look(RED, "note")})
        port.remove_sheet("Contrôle")

    again = written(added, tmp_path / "b.xlsm", fill_and_remove)
    assert raw_members(again).keys() == raw_members(rich).keys() - {"xl/calcChain.xml"}
    assert openpyxl.load_workbook(again).sheetnames == ["Clients", "Calcul", "Fermée"]
    types = part(again, "[Content_Types].xml").decode()
    names = re.findall(r'PartName="/([^"]+)"', types)
    assert set(names) <= raw_members(again).keys()
    assert "<vt:lpstr>Contrôle" not in part(again, "docProps/app.xml").decode()


def test_names_and_views_follow_a_sheet_that_goes(tmp_path: Path) -> None:
    def names(book: Any) -> None:
        book.create_sheet("C").sheet_state = "hidden"
        for sheet in ("B", "C"):
            book[sheet].defined_names["Ici"] = DefinedName("Ici", attr_text=f"{sheet}!$A$1")
        book.active = 1

    source = made(tmp_path / "a.xlsx", names)
    read = openpyxl.load_workbook(written(source, tmp_path / "b.xlsx", lambda port: port.remove_sheet("B")))
    assert read.sheetnames == ["A", "C"]
    assert read["C"].defined_names["Ici"].attr_text == "C!$A$1"
    assert not read["A"].defined_names
    assert read.active.title == "A"  # C, which comes next, is hidden


def test_sheets_that_cannot_come_or_go(rich: Path, tmp_path: Path) -> None:
    port = ClosedPort(rich)
    for name in ("clients", "a/b", "x" * 32, ""):
        with pytest.raises(WrongUse):
            port.add_sheet(name)
    with pytest.raises(WrongUse, match="lisent la feuille « Clients »"):
        port.remove_sheet("Clients")
    with pytest.raises(WrongUse):
        port.remove_sheet("Ailleurs")
    alone = ClosedPort(made(tmp_path / "a.xlsx", lambda book: setattr(book["B"], "sheet_state", "veryHidden")))
    with pytest.raises(WrongUse, match="seule feuille visible"):
        alone.remove_sheet("A")
    assert not port._layers.changes


# Rows


def test_a_table_grows_and_its_row_is_copied(tmp_path: Path) -> None:
    import xlsxwriter

    source = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(source) as book:
        sheet, other = book.add_worksheet("A"), book.add_worksheet("B")
        money = book.add_format({"num_format": "0.00 €", "bg_color": "#DDEBF7"})
        columns = [
            {"header": "Nom"},
            {"header": "Prix", "format": money},
            {"header": "TTC", "formula": "=Table1[[#This Row],[Prix]]*B!$A$1"},
            {"header": "Oui"},
        ]
        sheet.add_table("B2:E3", {"columns": columns, "data": [["vis", 2, None, True]]})
        sheet.write_formula("F3", "=C3*2+$C$3", money, 6)
        sheet.data_validation("C3", {"validate": "decimal", "criteria": ">", "value": 0})
        sheet.data_validation("B3:B900", {"validate": "length", "criteria": ">", "value": 0})
        sheet.conditional_format("C3", {"type": "data_bar", "data_bar_2010": True})
        other.write_formula("B1", "=SUM(A!C3:C9)", None, 2)

    def more(port: Port) -> None:
        port.grow("A", 2)
        port.grow("A", 4)
        port.copy_row("A", 2, range(3, 5), range(1, 6))
        port.write("A", {(4, 1): "écrou"})

    copy = written(source, tmp_path / "b.xlsx", more)
    sheet = openpyxl.load_workbook(copy)["A"]
    assert next(iter(sheet.tables.values())).ref == "B2:E5"
    rows = [[sheet.cell(row, column).value for column in range(2, 7)] for row in (3, 4, 5)]
    total = "=Table1[[#This Row],[Prix]]*B!$A$1"
    assert rows == [
        ["vis", 2, total, True, "=C3*2+$C$3"], ["vis", 2, total, True, "=C4*2+$C$3"], ["écrou", 2, total, True, "=C5*2+$C$3"],
    ]  # fmt: skip
    assert {sheet.cell(row, 3).number_format for row in (3, 4, 5)} == {"0.00 €"}
    accepted = {str(item.sqref) for item in sheet.data_validations.dataValidation}
    assert accepted == {"C3 C4:C5", "B3:B900"}
    assert [str(item.sqref) for item in sheet.conditional_formatting] == ["C3 C4:C5"]
    assert b"<xm:sqref>C3 C4:C5</xm:sqref>" in part(copy, "xl/worksheets/sheet1.xml")
    assert b"<f>SUM(A!C3:C9)</f></c>" in part(copy, "xl/worksheets/sheet2.xml")  # no stale sum


def test_rows_that_excel_shares_formulas_in(tmp_path: Path) -> None:
    shared = '<row r="{0}"><c r="A{0}"><v>{0}</v></c><c r="B{0}"><f t="shared" si="0"{1}>{2}</f><v>0</v></c></row>'
    rows = shared.format(1, ' ref="B1:B2"', "A1*2") + shared.format(2, "", "")
    port = ClosedPort(sheet_package(tmp_path / "a.xlsx", rows), tmp_path / "b.xlsx")
    port.copy_row("S", 1, range(2, 4), range(2))
    port.copy_row("S", 0, range(4, 5), range(2))
    assert port.snapshot().sheets[0].details.formulas == {(0, 1): "A1*2", **{(row, 1): f"A{row + 1}*2" for row in range(1, 5)}}
    port.copy_row("S", 3, range(1), range(2))
    assert port.snapshot().sheets[0].details.formulas == {(row, 1): f"A{row + 1}*2" for row in range(5)}


def test_array_formulas_and_tables_with_totals_are_refused(rich: Path, tmp_path: Path) -> None:
    import xlsxwriter

    with pytest.raises(WrongUse, match="matricielle"):
        ClosedPort(rich).copy_row("Calcul", 3, range(8, 9), range(1))
    with pytest.raises(WrongUse, match="n’a plus son tableau"):
        ClosedPort(rich).grow("Calcul", 9)
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet("A").add_table("A1:B3", {"total_row": True})
    with pytest.raises(WrongUse, match="ligne de total"):
        ClosedPort(tmp_path / "a.xlsx").grow("A", 9)


# Where one is


def test_a_cell_is_shown(tmp_path: Path) -> None:
    def frozen(book: Any) -> None:
        book["B"].freeze_panes = "B3"
        book.create_sheet("C").sheet_state = "hidden"

    source = made(tmp_path / "a.xlsx", frozen)
    port = ClosedPort(source, tmp_path / "b.xlsx")
    assert port.selection() == Selection("A", ((0, 0, 0, 0),))
    port.select("B", (80, 9))
    assert port.selection() == Selection("B", ((80, 9, 80, 9),))
    with pytest.raises(WrongUse, match="masquée"):
        port.select("C", (0, 0))
    port.save()
    read = openpyxl.load_workbook(tmp_path / "b.xlsx")
    view = read["B"].sheet_view
    cursors = [item for item in view.selection if item.pane == view.pane.activePane]
    assert (read.active.title, cursors[0].activeCell, cursors[0].sqref, view.pane.topLeftCell) == ("B", "J81", "J81", "H76")
    assert [sheet.sheet_view.tabSelected for sheet in read] == [None, True, None]
    port.select("A", (3, 0))
    port.save()
    read = openpyxl.load_workbook(tmp_path / "b.xlsx")
    assert (read.active.title, read["A"].sheet_view.selection[0].activeCell, read["A"].sheet_view.topLeftCell) == ("A", "A4", "A1")


def test_a_sheet_without_view_gets_one(tmp_path: Path) -> None:
    source = sheet_package(tmp_path / "a.xlsx", "")
    read = openpyxl.load_workbook(written(source, tmp_path / "b.xlsx", lambda port: port.select("S", (2, 1))))
    assert read["S"].sheet_view.selection[0].activeCell == "B3"


def test_a_question_is_answered_by_the_caller(rich: Path) -> None:
    asked = []
    port = ClosedPort(rich, answers=lambda question, may_stop: asked.append((question, may_stop)))
    assert port.ask("Oui ?", may_stop=True) is None
    assert asked == [("Oui ?", True)]
    with pytest.raises(WrongUse, match="Oui \\?"):
        ClosedPort(rich).ask("Oui ?")


# The file


def test_the_snapshot_is_the_state_of_now_under_the_name_of_the_file(rich: Path) -> None:
    port = ClosedPort(rich)
    before = open_workbook(rich)
    assert [sheet.rows for sheet in port.snapshot().sheets] == [sheet.rows for sheet in before.sheets]
    port.write("Clients", {(0, 2): Decimal(7)})
    first = port.snapshot()
    port.write("Clients", {(0, 2): Decimal(8)})
    assert (first.path, port.name, port.path, first.format) == (rich, "riche.xlsm", rich, "xlsm")
    assert (first.sheets[0].at(0, 2), port.snapshot().sheets[0].at(0, 2)) == (7, 8)
    assert first.sheets[0].details.formats == before.sheets[0].details.formats
    assert first.sheets[1].at(0, 0) is None  # SUM(Clients!C1:C3), which nobody has computed
    assert (0, 0) in (first.sheets[1].details.uncached or ())


def test_over_the_original_a_backup_is_kept(rich: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(rich, tmp_path / "a.xlsm"))
    port = ClosedPort(path)
    port.save()
    assert list(tmp_path.iterdir()) == [path]  # nothing to write
    port.write("Clients", {(0, 0): "un"})
    port.save()
    assert (tmp_path / "a.sauvegarde.xlsm").read_bytes() == rich.read_bytes()
    port.write("Clients", {(1, 0): "deux"})
    port.save()
    assert [open_workbook(path).sheets[0].at(row, 0) for row in (0, 1)] == ["un", "deux"]
    assert open_workbook(tmp_path / "a.sauvegarde.xlsm").sheets[0].at(1, 0) == "Été & <fils>"


def test_a_copy_is_written_again_but_never_over_a_strange_file(rich: Path, tmp_path: Path) -> None:
    port = ClosedPort(rich, tmp_path / "b.xlsm")
    for text in ("un", "deux"):
        port.write("Clients", {(0, 0): text})
        port.save()
        assert open_workbook(tmp_path / "b.xlsm").sheets[0].at(0, 0) == text
    for target, words in (
        (tmp_path / "b.xlsm", "existe déjà"), (rich, "l’original"), (tmp_path / "c.xlsx", "nom en .xlsm"), (tmp_path / "c", "nom en .xlsm"),
    ):  # fmt: skip
        with pytest.raises(WrongUse, match=words):
            ClosedPort(rich, target)


def test_the_copy_of_a_template_is_one(tmp_path: Path) -> None:
    source = made(tmp_path / "a.xltx", lambda book: setattr(book, "template", True))
    with pytest.raises(WrongUse, match=r"nom en \.xltx"):
        ClosedPort(source, tmp_path / "b.xlsx")
    assert ClosedPort(source, tmp_path / "b.xltx").snapshot().sheets[0].name == "A"


@pytest.mark.parametrize("lock", ["~$a.xlsm", ".~lock.a.xlsm#"])
def test_an_open_workbook_is_read_but_not_changed(rich: Path, tmp_path: Path, lock: str) -> None:
    path = Path(shutil.copy(rich, tmp_path / "a.xlsm"))
    (tmp_path / lock).touch()
    port = ClosedPort(path)
    assert port.snapshot().findings[0].code == "LEC-001"
    with pytest.raises(WrongUse, match="ouvert dans un tableur"):
        port.write("Clients", {(0, 0): "x"})
    assert path.read_bytes() == rich.read_bytes()


def test_read_only_signed_and_other_files_are_refused(rich: Path, tmp_path: Path) -> None:
    closed = Path(shutil.copy(rich, tmp_path / "a.xlsm"))
    closed.chmod(0o444)
    with pytest.raises(WrongUse, match="lecture seule"):
        ClosedPort(closed).set_looks("Clients", {(0, 0): Look(RED, None)})
    ClosedPort(closed, tmp_path / "copie.xlsm").set_looks("Clients", {(0, 0): Look(RED, None)})
    signed = Path(shutil.copy(rich, tmp_path / "signe.xlsm"))
    with_parts(signed, {"_xmlsignatures/sig1.xml": "<Signature/>"}, {})
    with pytest.raises(WrongUse, match="signature électronique"):
        ClosedPort(signed, tmp_path / "b.xlsm").add_sheet("x")
    (tmp_path / "a.csv").write_text("a;b\n")
    with pytest.raises(WrongUse, match="n’est pas un classeur"):
        ClosedPort(tmp_path / "a.csv")
    (tmp_path / "a.xlsx").write_bytes(b"PK\3\4")
    with pytest.raises(UnreadableFile):
        ClosedPort(tmp_path / "a.xlsx")


def test_a_file_that_changed_meanwhile_is_not_overwritten(rich: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(rich, tmp_path / "a.xlsm"))
    port = ClosedPort(path)
    port.write("Clients", {(0, 0): "x"})
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(UnreadableFile, match="a changé"):
        port.save()


def test_notes_are_in_the_name_space_of_cells_whatever_else_the_sheet_names_first(tmp_path: Path) -> None:
    spaces = f'xmlns:x14="{X14}" xmlns:x="{SPREADSHEET}"'
    sheet = f'<x:worksheet {spaces}><x:sheetData><x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    source = sheet_package(tmp_path / "a.xlsx", "", sheet=sheet)
    copy = written(source, tmp_path / "b.xlsx", lambda port: port.set_looks("S", {(0, 0): Look(RED, "note")}))
    assert part(copy, "xl/comments1.xml").startswith(XML + f'<comments xmlns="{SPREADSHEET}">'.encode())


def test_comments_in_the_parts_count_for_nothing(tmp_path: Path) -> None:
    source = made(tmp_path / "a.xlsx", lambda book: setattr(book["A"]["A1"], "fill", PatternFill("solid", "FF00FF00")))
    parts = {name: part(source, name).decode() for name in ("xl/styles.xml", "xl/worksheets/sheet1.xml")}
    spoiled = {name: re.sub(r"<(fill|xf|v)\b", r"<!-- ici --><\1", text) for name, text in parts.items()}
    with_parts(source, spoiled, {})
    assert ClosedPort(source).fills("A", [(0, 0), (0, 1)]) == {(0, 0): "#00FF00", (0, 1): None}


def test_a_strict_workbook_keeps_its_name_spaces(tmp_path: Path) -> None:
    source = sheet_package(tmp_path / "a.xlsx", '<row r="1"><c r="A1"><v>1</v></c></row>')
    spaces = {
        SPREADSHEET: "http://purl.oclc.org/ooxml/spreadsheetml/main",
        RELATIONS: "http://purl.oclc.org/ooxml/officeDocument/relationships",
    }
    with zipfile.ZipFile(source) as package:
        contents = {name: package.read(name).decode() for name in package.namelist()}
    with zipfile.ZipFile(source, "w") as package:
        for name, text in contents.items():
            for usual, strict in spaces.items():
                text = text.replace(f'"{usual}', f'"{strict}')  # noqa: PLW2901
            package.writestr(name, text)

    def change(port: Port) -> None:
        port.set_looks("S", {(0, 0): Look(RED, "note")})
        port.add_sheet("T")
        assert (port.notes("S"), port.fills("S", [(0, 0)])) == ({(0, 0): "note"}, {(0, 0): RED})
        assert [sheet.name for sheet in port.snapshot().sheets] == ["S", "T"]

    copy = written(source, tmp_path / "b.xlsx", change)
    for name in raw_members(copy):
        if name.endswith((".xml", ".rels")):
            assert not any(f'"{usual}' in part(copy, name).decode() for usual in spaces), name
    assert PACKAGE in part(copy, "[Content_Types].xml").decode()


# A document issued from a closed workbook that holds everything

FURNITURE = "vbaProject customUI charts/ media/ drawings/drawing drawings/vml comments threaded person pivotTable pivotCache slicers/"
IN_SHEET = (b"<x14:sparkline>", b"<x14:dataBar ", b"<dataValidation ", b"<drawing ", b"<legacyDrawing ")


@pytest.mark.slow
def test_issuing_changes_the_sheets_that_it_writes_and_nothing_else(tmp_path: Path, key_home: Path) -> None:
    def write(path: Path) -> None:
        write_template(path, [draft(0, date.today())], company())  # noqa: DTZ011  as the command sees it

    path = rich_template(tmp_path / "facturier.xlsm", write, "Factures", "Lignes", "Registre")
    assert [kind for kind in FURNITURE.split() if not any(kind in name for name in raw_members(path))] == []
    places = ["--ledger", str(tmp_path / "registre.sqlite"), "--archive", str(tmp_path / "coffre"), "--key", str(tmp_path / "clé.pem")]
    done = CliRunner().invoke(app, ["issue", str(path), "--all", "--yes", *places])
    assert done.exit_code == 0, done.output

    backup = tmp_path / "facturier.sauvegarde.xlsm"
    old, new = raw_members(backup), raw_members(path)
    assert list(old) == list(new)
    numbers = {sheet.name: number for number, sheet in enumerate(open_workbook(path).sheets, 1)}
    sheets = {name: f"xl/worksheets/sheet{number}.xml" for name, number in numbers.items()}
    written = ("Accueil", "Factures", "Lignes", "Registre", "Registre lignes", "Sceau")  # « Accueil » loses stale sums
    changed = {name for name in old if old[name] != new[name]}
    assert changed == {sheets[name] for name in written} | {"xl/tables/table6.xml"}
    for name in ("Factures", "Lignes", "Registre"):
        before, after = (part(file, sheets[name]).partition(b"</sheetData>") for file in (backup, path))
        assert all(item in before[2] for item in IN_SHEET)
        assert before[2] == after[2]
    assert b'fullCalcOnLoad="1"' in part(path, "xl/workbook.xml")
    if OFFICE:
        opened = openpyxl.load_workbook(by_office(tmp_path, path)[0], data_only=True)
        assert opened["Registre"]["A2"].value == f"F{date.today():%Y}-0001"  # noqa: DTZ011
        assert opened["Factures"]["A2"].value is None
        assert opened["Accueil"].max_row > 5
