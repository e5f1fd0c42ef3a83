"""Reading spreadsheet files as values that keep their address."""

from __future__ import annotations

import shutil
import subprocess
import time as clock
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment

from tests.corpus import CORPUS, needs_corpus
from xlbridge.workbook.address import column_letters, position, rectangle
from xlbridge.workbook.grid import Workbook, open_workbook

OFFICE = shutil.which("soffice")


def invoice_sheet(path: Path) -> Path:
    """A workbook with everything that reading values alone would lose."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Facture"
    sheet["D7"] = "Désignation"
    sheet["E8"] = 5
    sheet["E9"] = datetime.fromisoformat("2026-10-01")
    sheet["E10"] = 0.2
    sheet["E10"].number_format = "0%"
    sheet["E11"] = time(8, 30)
    sheet["E12"] = timedelta(hours=30)
    sheet["E13"] = 12.5
    sheet["E13"].number_format = "#,##0.00 €"
    sheet["E14"] = "=1/0"
    sheet["E15"] = "=E8*2"
    sheet["E16"] = "=TODAY()"
    sheet["E17"] = datetime.fromisoformat("2026-10-01T13:05")
    sheet["F30"] = "deux\nlignes"
    sheet.row_dimensions[9].hidden = True
    sheet.column_dimensions["F"].hidden = True
    sheet["A20"] = "fusion"
    sheet.merge_cells("A20:C21")
    sheet["D7"].comment = Comment("à revoir", "moi")
    sheet.oddHeader.center.text = "Atelier && fils"
    sheet.oddFooter.left.text = "SIRET 812 345 678 00012"
    sheet.oddFooter.left.font = "Arial,Bold"
    hidden = book.create_sheet("Réglages")
    hidden.sheet_state = "veryHidden"
    hidden["B2"] = "TVA"
    book.save(path)
    return path


def test_values_keep_their_address(tmp_path: Path) -> None:
    book = open_workbook(invoice_sheet(tmp_path / "facture.xlsx"))
    sheet = book.sheets[0]
    assert book.format == "xlsx"
    assert book.findings == ()
    assert [known.name for known in book.sheets] == ["Facture", "Réglages"]
    found = {sheet.address(row, column): value for row, column, value in sheet.cells()}
    assert found == {
        "D7": "Désignation",
        "E8": 5,
        "E9": date(2026, 10, 1),
        "E10": 0.2,
        "E11": time(8, 30),
        "E12": timedelta(hours=30),
        "E13": 12.5,
        "E17": datetime.fromisoformat("2026-10-01T13:05"),
        "F30": "deux\nlignes",
        "A20": "fusion",
    }
    assert sheet.at(6, 3) == "Désignation"
    assert sheet.at(0, 0) is sheet.at(10_000, 3) is sheet.at(6, 10_000) is None
    assert len({len(row) for row in sheet.rows}) == 1


def check_details(book: Workbook) -> None:
    """What every format that tells details tells of `invoice_sheet`."""
    details = book.sheets[0].details
    assert (details.hidden, book.sheets[1].details.hidden) == (False, True)
    assert details.hidden_rows == {8}
    assert details.hidden_columns == {5}
    assert details.merged == ((19, 0, 20, 2),)
    assert details.comments == {(6, 3): "à revoir"}
    assert details.formats is not None
    assert details.formats[9, 4] == "0%"
    assert details.formats[12, 4].replace('"', "") == "#,##0.00 €"
    assert (7, 4) not in details.formats


def test_details_of_xlsx(tmp_path: Path) -> None:
    book = open_workbook(invoice_sheet(tmp_path / "facture.xlsx"))
    check_details(book)
    details = book.sheets[0].details
    assert details.uncached == {(13, 4), (14, 4), (15, 4)}
    assert details.formulas == {(13, 4): "1/0", (14, 4): "E8*2", (15, 4): "TODAY()"}
    assert details.headers_footers == ("Atelier & fils", "SIRET 812 345 678 00012")
    assert details.errors == {}


def test_errors_and_cached_empty_text_are_told_apart(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "f.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_formula("B2", "=1/0", None, "#DIV/0!")
        sheet.write_formula("B3", '=""', None, "")
        sheet.write("B4", 1)
        book.add_chartsheet("Graphique")
    read = open_workbook(tmp_path / "f.xlsx")
    details = read.sheets[0].details
    assert len(read.sheets) == 1
    assert read.sheets[0].at(1, 1) is None
    assert details.errors == {(1, 1): "#DIV/0!"}
    assert details.formulas is not None
    assert set(details.formulas) == {(1, 1), (2, 1)}


def test_shared_formulas_are_moved_to_their_cell(tmp_path: Path) -> None:
    from tests.packages import sheet_package

    cells = (
        '<row r="2"><c r="C2"><f t="shared" ref="C2:C3" si="0">A2*B2</f><v>1</v></c></row>'
        '<row r="3"><c r="C3"><f t="shared" si="0"/><v>2</v></c></row>'
    )
    details = open_workbook(sheet_package(tmp_path / "f.xlsx", cells)).sheets[0].details
    assert details.formulas == {(1, 2): "A2*B2", (2, 2): "A3*B3"}
    assert details.uncached == frozenset()


def test_cells_without_a_place_follow_the_one_before(tmp_path: Path) -> None:
    from tests.packages import sheet_package

    cells = '<row><c><v>1</v></c></row><row r="4"><c t="e"><v>#REF!</v></c><c r="D4"/><c><f>A1</f></c></row>'
    details = open_workbook(sheet_package(tmp_path / "f.xlsx", cells)).sheets[0].details
    assert details.errors == {(3, 0): "#REF!"}
    assert details.uncached == {(3, 4)}


@pytest.mark.slow
@pytest.mark.skipif(OFFICE is None, reason="needs LibreOffice")
@pytest.mark.parametrize("extension", ["xls", "ods"])
def test_other_formats_say_the_same(tmp_path: Path, extension: str) -> None:
    source = invoice_sheet(tmp_path / "facture.xlsx")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [str(OFFICE), profile, "--headless", "--convert-to", extension, "--outdir", str(tmp_path), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    book = open_workbook(tmp_path / f"facture.{extension}")
    sheet = book.sheets[0]
    expected = {(row, column): value for row, column, value in open_workbook(source).sheets[0].cells()}
    found = {(row, column): value for row, column, value in sheet.cells()}
    assert book.format == extension
    assert {place: found[place] for place in expected} == expected
    assert found[14, 4] == 10  # LibreOffice calculates what openpyxl left without a result
    assert (13, 4) not in found
    check_details(book)
    assert sheet.details.errors == {(13, 4): "#DIV/0!"}
    if extension == "ods":
        assert sheet.details.uncached == frozenset()
        assert sheet.details.formulas is not None
        assert sheet.details.formulas[15, 4] == "TODAY()"
        assert sheet.details.headers_footers == ("Atelier & fils", "SIRET 812 345 678 00012")
    else:
        assert [finding.code for finding in book.findings] == ["LEC-003"]
        assert (sheet.details.formulas, sheet.details.headers_footers) == (None, None)


def test_ods_says_error_uncached_repeated_and_conditional_format(tmp_path: Path) -> None:
    from tests.packages import ods_package

    styles = (
        '<number:currency-style style:name="N1"><number:number number:decimal-places="2" number:grouping="true"/>'
        "<number:text> </number:text><number:currency-symbol>€</number:currency-symbol></number:currency-style>"
        '<number:currency-style style:name="N2"><number:text>-</number:text><number:number number:decimal-places="2"/>'
        '<style:map style:condition="value()&gt;=0" style:apply-style-name="N1"/></number:currency-style>'
        '<style:style style:name="c" style:family="table-cell" style:data-style-name="N2"/>'
        '<style:style style:name="d" style:family="table-cell" style:parent-style-name="c"/>'
    )
    rows = (
        '<table:table-row table:number-rows-repeated="2"/><table:table-row table:number-rows-repeated="2"><table:table-cell/>'
        '<table:table-cell table:style-name="d" office:value-type="float" office:value="2" table:number-columns-repeated="2">'
        "<text:p>2</text:p></table:table-cell></table:table-row>"
        '<table:table-row><table:table-cell table:formula="of:=1/0" office:value-type="string"><text:p>#DIV/0!</text:p></table:table-cell>'
        '<table:table-cell table:formula="of:=NOW()"/>'
        '<table:table-cell table:formula="of:=T([.A1])"><text:p/></table:table-cell></table:table-row>'
        '<table:table-row table:visibility="filter">'
        '<table:table-cell office:value-type="time" office:time-value="PT30H00M00S"><text:p>30</text:p></table:table-cell>'
        "</table:table-row>"
    )
    sheet = open_workbook(ods_package(tmp_path / "f.ods", rows, styles)).sheets[0]
    details = sheet.details
    assert details.formats == dict.fromkeys(((2, 1), (2, 2), (3, 1), (3, 2)), "#,##0.00 €;-0.00")
    assert details.errors == {(4, 0): "#DIV/0!"}
    assert details.uncached == {(4, 1)}
    assert details.hidden_rows == {5}
    assert sheet.at(3, 2) == 2
    assert sheet.at(5, 0) == timedelta(hours=30)


PLACES = st.tuples(st.integers(0, 3000), st.integers(0, 300))


@settings(max_examples=25)
@given(cells=st.dictionaries(PLACES, st.integers(1, 9) | st.text("aé ", min_size=1), min_size=1, max_size=6))
def test_any_place_comes_back(tmp_path_factory: pytest.TempPathFactory, cells: dict[tuple[int, int], int | str]) -> None:
    path = tmp_path_factory.mktemp("place") / "f.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for (row, column), value in cells.items():
            sheet.write(row, column, value)
    read = open_workbook(path).sheets[0]
    assert {(row, column): value for row, column, value in read.cells()} == cells
    assert all(position(read.address(*place)) == place and read.at(*place) == value for place, value in cells.items())


@given(st.integers(0, 16_383), st.integers(0, 1_048_575))
def test_addresses_and_positions_are_inverse(column: int, row: int) -> None:
    address = f"{column_letters(column)}{row + 1}"
    assert position(address) == (row, column)
    assert rectangle(f"$A$1:{address}") == (0, 0, row, column)


@pytest.mark.parametrize("address", ["", "A", "7", "A0", "a1", "ABCD1", "É1", "A1B"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        position(address)


@needs_corpus
def test_corpus_is_read_whole() -> None:
    files = sorted(path for folder in ("labelled", "unlabelled") for path in (CORPUS / "workbooks" / folder).iterdir())
    assert len(files) > 60
    for path in files:
        start = clock.process_time()
        book = open_workbook(path)
        assert book.format == path.suffix[1:]
        for sheet in book.sheets:
            assert len({len(row) for row in sheet.rows}) <= 1
            assert sheet.details.hidden is not None
        assert clock.process_time() - start < 10, path.name


@needs_corpus
@pytest.mark.filterwarnings("ignore:.*is not supported and will be removed:UserWarning", "ignore:Cannot parse header:UserWarning")
def test_corpus_agrees_with_openpyxl_cell_by_cell() -> None:
    """Every filled cell that openpyxl sees has the same value here, or is a known error; no other cell is filled."""
    paths = sorted((CORPUS / "workbooks" / "labelled").glob("*.xls[xm]"))
    assert paths
    for path in paths:
        values = openpyxl.load_workbook(path, data_only=True)
        for sheet in open_workbook(path).sheets:
            theirs = {
                (cell.row - 1, cell.column - 1): cell.value for row in values[sheet.name] for cell in row if cell.value not in {None, ""}
            }
            ours = {(row, column): value for row, column, value in sheet.cells()} | dict(sheet.details.errors or {})
            days = {place: datetime.combine(value, time()) for place, value in ours.items() if type(value) is date}
            assert ours | days == theirs, (path.name, sheet.name)
