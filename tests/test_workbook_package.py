"""Cells changed in a closed workbook: what must change does, every other byte stays, and what cannot be changed is refused."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.corpus import CORPUS, needs_corpus
from tests.packages import sheet_package
from tests.rich_workbook import rich_workbook
from xlbridge.errors import UnreadableFile, WrongUse
from xlbridge.workbook.grid import open_workbook
from xlbridge.workbook.package import Content, Place, patched, refusals

OFFICE = shutil.which("soffice")
pytestmark = pytest.mark.filterwarnings("ignore:.*not supported and will be removed:UserWarning")  # what openpyxl says of its losses


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rich_workbook(tmp_path_factory.mktemp("rich") / "riche.xlsm")


def raw_members(path: Path) -> dict[str, bytes]:
    """The bytes of every member as they stand in the file, header and packed content, in order."""
    data = path.read_bytes()
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        starts = [entry.header_offset for entry in package.infolist()]
        ends = [*starts[1:], package.start_dir]
        return {entry.filename: data[start:end] for entry, start, end in zip(package.infolist(), starts, ends, strict=True)}


def changed_parts(before: Path, after: Path) -> set[str]:
    """The members whose bytes differ; order and times of all must be the same."""
    old, new = raw_members(before), raw_members(after)
    assert [name for name in old if name in new] == list(new)
    with zipfile.ZipFile(before) as one, zipfile.ZipFile(after) as other:
        for entry in other.infolist():
            assert (entry.date_time, entry.external_attr) == (
                one.getinfo(entry.filename).date_time,
                one.getinfo(entry.filename).external_attr,
            )
    assert all(old[name][10:14] == new[name][10:14] for name in new)  # the times again, in the members' own headers
    return {name for name in old if old[name] != new.get(name)}


def part(path: Path, name: str) -> bytes:
    """One part of a package."""
    with zipfile.ZipFile(path) as package:
        return package.read(name)


def value(path: Path, sheet: str, address: str) -> object:
    """What openpyxl finds in a cell."""
    return openpyxl.load_workbook(path, keep_vba=False)[sheet][address].value


def test_only_the_sheet_and_the_order_to_compute_change(rich: Path, tmp_path: Path) -> None:
    before = rich.read_bytes()
    copy = tmp_path / "copie.xlsm"
    patched(rich, {("Clients", "A3"): "Nouvelle Société", ("Clients", "C4"): Decimal("12.50")}, copy)
    assert rich.read_bytes() == before
    assert changed_parts(rich, copy) == {"xl/worksheets/sheet1.xml", "xl/workbook.xml"}
    assert b'fullCalcOnLoad="1"' in part(copy, "xl/workbook.xml")
    names = set(raw_members(copy))
    assert {"xl/vbaProject.bin", "customUI/customUI.xml", "xl/charts/chart1.xml", "xl/media/image1.png", "xl/comments1.xml"} <= names


def test_within_the_sheet_all_but_the_cells_stays_byte_for_byte(rich: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copie.xlsm"
    patched(rich, {("Clients", "B2"): "FR19812345676"}, copy)
    old, new = (part(path, "xl/worksheets/sheet1.xml").decode() for path in (rich, copy))
    cell = r'<c r="B2" s="1" t="\w+">.*?</c>'
    assert re.split(cell, old) == re.split(cell, new)
    assert "sparkline" in new
    assert "x14:conditionalFormatting" in new
    assert "dataValidation" in new
    book = openpyxl.load_workbook(rich)["Clients"]["B2"], openpyxl.load_workbook(copy)["Clients"]["B2"]
    assert book[0].style_id == book[1].style_id
    assert book[0].number_format == book[1].number_format == "0.00"


def test_text_that_looks_like_a_formula_is_a_text(rich: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copie.xlsm"
    patched(rich, {("Clients", "A1"): "=cmd|' /C calc'!A0"}, copy)
    cell = openpyxl.load_workbook(copy)["Clients"]["A1"]
    assert cell.value == "=cmd|' /C calc'!A0"
    assert b"<f>=" not in part(copy, "xl/worksheets/sheet1.xml")
    assert open_workbook(copy).sheets[0].details.formulas == {}


@pytest.mark.parametrize(
    ("address", "content"),
    [
        ("A1", None),
        ("C1", Decimal("-0.005")),
        ("C4", date(2026, 10, 3)),
        ("D2", "à côté"),
        ("A5", "entre"),
        ("B40", Decimal(7)),
        ("AB3", "loin"),
    ],
)
def test_cells_that_are_and_cells_that_are_not_yet(rich: Path, tmp_path: Path, address: str, content: Content) -> None:
    copy = tmp_path / "copie.xlsm"
    patched(rich, {("Clients", address): content}, copy)
    old, new = (openpyxl.load_workbook(path)["Clients"] for path in (rich, copy))
    expected = {
        cell.coordinate: cell.value for row in old.iter_rows() for cell in row if cell.value is not None and cell.coordinate != address
    }
    found = {
        cell.coordinate: cell.value for row in new.iter_rows() for cell in row if cell.value is not None and cell.coordinate != address
    }
    assert found == expected
    held = new[address].value
    if isinstance(content, date):
        assert held == (content - date(1899, 12, 30)).days
    else:
        assert held == content if content is None or isinstance(content, str) else Decimal(str(held)) == content


@pytest.mark.parametrize(
    ("rows", "places"),
    [
        ("<row><c><v>1</v></c><c><v>2</v></c></row><row r='4'/>", ["B1", "C1", "A2", "A4", "C4", "A5"]),
        ('<row r="2" spans="2:3"><c r="B2"><v>1</v></c><c r="D2"><v>2</v></c></row>', ["A2", "C2", "E2", "A1", "A3", "B2"]),
        ("", ["A1", "C3", "B3"]),
    ],
)
def test_rows_and_cells_that_name_no_place(tmp_path: Path, rows: str, places: list[str]) -> None:
    path, copy = sheet_package(tmp_path / "a.xlsx", rows), tmp_path / "b.xlsx"
    before = {(row, column): held for row, column, held in open_workbook(path).sheets[0].cells()}
    patched(path, {("S", address): address for address in places}, copy)
    sheet = open_workbook(copy).sheets[0]
    after = {sheet.address(row, column): held for row, column, held in sheet.cells()}
    old = {sheet.address(*place): held for place, held in before.items()}
    assert after == old | {address: address for address in places}
    written = part(copy, "xl/worksheets/sheet1.xml").decode()
    assert [int(number) for number in re.findall(r'<row r="(\d+)"', written)] == sorted(map(int, re.findall(r'<row r="(\d+)"', written)))


def test_rows_that_do_not_stand_in_their_order(tmp_path: Path) -> None:
    rows = '<row r="3"><c r="A3"><v>3</v></c></row><row r="1"><c r="A1"><v>1</v></c></row><row r="5"><c r="A5"><v>5</v></c></row>'
    path, copy = sheet_package(tmp_path / "a.xlsx", rows), tmp_path / "b.xlsx"
    patched(path, {("S", f"A{row}"): Decimal(row * 10) for row in (1, 2, 3, 4)}, copy)
    assert [row[0] for row in open_workbook(copy).sheets[0].rows] == [10, 20, 30, 40, 5]
    sheet = part(copy, "xl/worksheets/sheet1.xml").decode()
    assert sorted(re.findall(r'<row r="(\d)"', sheet)) == ["1", "2", "3", "4", "5"]


def test_prefixed_names_and_the_calendar_of_1904(tmp_path: Path) -> None:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<x:worksheet xmlns:x="{space}"><x:sheetData/></x:worksheet>'
    book = (
        f'<x:workbook xmlns:x="{space}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<x:workbookPr date1904="1"/><x:sheets><x:sheet name="S" sheetId="1" r:id="r1"/></x:sheets></x:workbook>'
    )
    path, copy = sheet_package(tmp_path / "a.xlsx", "", sheet=sheet), tmp_path / "b.xlsx"
    with zipfile.ZipFile(path) as package:
        contents = {name: package.read(name) for name in package.namelist()} | {"xl/workbook.xml": book.encode()}
    with zipfile.ZipFile(path, "w") as package:
        for name, content in contents.items():
            package.writestr(name, content)
    patched(path, {("S", "A1"): date(1904, 1, 3), ("S", "B1"): "é"}, copy)
    assert b'<x:c r="A1"><x:v>2</x:v></x:c>' in part(copy, "xl/worksheets/sheet1.xml")
    assert b'</x:sheets><x:calcPr fullCalcOnLoad="1"/></x:workbook>' in part(copy, "xl/workbook.xml")
    assert open_workbook(copy).sheets[0].at(0, 1) == "é"


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"), max_size=80).filter(
    lambda text: not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]", text)
)


@given(TEXTS)
@example('"guillemets" & <balises> ]]>')
@example("=cmd|' /C calc'!A0")
@example("😀 deux\nlignes\r\net \ttabulation ")
@example("_x0041_ _x005F_")
@example("é" * 32767)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_text_is_read_back_as_it_was(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.xlsx"
    if not path.exists():
        sheet_package(path, '<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>')
    patched(path, {("S", "A1"): text}, tmp_path / "b.xlsx", replace=True)
    held = open_workbook(tmp_path / "b.xlsx").sheets[0].at(0, 0)
    assert (held or "") == text


@pytest.mark.parametrize("content", ["a" * 32768, "\x07", "\ud800", "\uffff", Decimal("NaN"), Decimal("1E+999"), date(1899, 1, 1)])
def test_what_no_cell_can_hold_is_refused(rich: Path, tmp_path: Path, content: Content) -> None:
    with pytest.raises(WrongUse):
        patched(rich, {("Clients", "A1"): content}, tmp_path / "copie.xlsm")
    assert not (tmp_path / "copie.xlsm").exists()


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        (("Absente", "A1"), "pas de telle feuille"),
        (("Calcul", "A1"), "contient une formule"),
        (("Calcul", "A5"), "formule matricielle"),
        (("Clients", "F2"), "fusionnée"),
        (("Clients", "B6"), "en-tête d’un tableau"),
        (("Fermée", "A1"), "protégée"),
        (("Fermée", "C9"), "protégée"),
    ],
)
def test_cells_that_must_not_be_changed(rich: Path, tmp_path: Path, place: Place, reason: str) -> None:
    free = {("Clients", "E1"), ("Clients", "A7"), ("Fermée", "B1")}
    refused = refusals(rich, {place, *free})
    assert list(refused) == [place]
    assert reason in refused[place]
    with pytest.raises(WrongUse, match=reason):
        patched(rich, {place: "x"}, tmp_path / "copie.xlsm")
    assert list(tmp_path.iterdir()) == []


def test_a_formula_gives_way_only_where_that_is_wanted(rich: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copie.xlsm"
    patched(rich, {("Calcul", "A1"): Decimal(5)}, copy, over_formulas=True)
    assert value(copy, "Calcul", "A1") == 5
    gone = {"xl/calcChain.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"}
    assert changed_parts(rich, copy) == {"xl/worksheets/sheet2.xml", "xl/workbook.xml"} | gone
    assert "xl/calcChain.xml" not in raw_members(copy)
    assert all(b"calcChain" not in part(copy, name) for name in raw_members(copy))
    assert b"persons/person.xml" in part(copy, "xl/_rels/workbook.xml.rels")


def test_a_formula_that_others_share_stays_theirs(tmp_path: Path) -> None:
    cells = '<c r="A{0}"><v>{0}</v></c><c r="B{0}"><f t="shared" si="0"{1}</f><v>2</v></c><c r="C{0}"><f t="shared" si="1"{2}</f></c>'
    row = f'<row r="{{0}}">{cells}</row>'
    rows = row.format(1, ' ref="B1:B3">A1&amp;"x"', ' ref="C1:C3">A1*3')
    rows += "".join(row.format(at, ">", ">") for at in (2, 3))
    path, sheet = sheet_package(tmp_path / "a.xlsx", rows), "xl/worksheets/sheet1.xml"
    patched(path, {("S", "B2"): "y"}, tmp_path / "b.xlsx", over_formulas=True)
    assert [value(tmp_path / "b.xlsx", "S", f"B{at}") for at in (1, 2, 3)] == ['=A1&"x"', "y", '=A3&"x"']
    patched(path, {("S", "B1"): "y", ("S", "B3"): "z"}, tmp_path / "c.xlsx", over_formulas=True)
    assert [value(tmp_path / "c.xlsx", "S", f"B{at}") for at in (1, 2, 3)] == ["y", '=A2&"x"', "z"]
    assert re.findall(rb'si="\d"', part(tmp_path / "c.xlsx", sheet)) == [b'si="1"'] * 3


def test_signed_encrypted_and_silent_formats_are_refused(rich: Path, tmp_path: Path) -> None:
    signed = tmp_path / "signe.xlsx"
    shutil.copy(rich, signed)
    with zipfile.ZipFile(signed, "a") as package:
        package.writestr("_xmlsignatures/sig1.xml", "<Signature/>")
    with pytest.raises(WrongUse, match="signature électronique"):
        patched(signed, {("Clients", "A1"): "x"}, tmp_path / "b.xlsx")
    import msoffcrypto

    secret = tmp_path / "secret.xlsx"
    with rich.open("rb") as plain, secret.open("wb") as out:
        msoffcrypto.OfficeFile(plain).encrypt("mot", out)
    with pytest.raises(UnreadableFile, match="mot de passe"):
        patched(secret, {("Clients", "A1"): "x"}, tmp_path / "b.xlsx")
    from odfdo import Document

    Document("spreadsheet").save(str(tmp_path / "a.ods"))
    with pytest.raises(WrongUse, match="à la main"):
        patched(tmp_path / "a.ods", {("Feuille1", "A1"): "x"}, tmp_path / "b.ods")
    assert not list(tmp_path.glob("b.*"))


@pytest.mark.parametrize("lock", ["~$a.xlsx", ".~lock.a.xlsx#"])
def test_a_workbook_open_elsewhere_is_refused(tmp_path: Path, lock: str) -> None:
    path = sheet_package(tmp_path / "a.xlsx", "")
    (tmp_path / lock).write_text("")
    with pytest.raises(WrongUse, match="ouvert dans un tableur"):
        patched(path, {("S", "A1"): "x"}, tmp_path / "b.xlsx")


def test_the_original_and_other_files_are_never_overwritten(tmp_path: Path) -> None:
    path = sheet_package(tmp_path / "a.xlsx", "")
    before = path.read_bytes()
    other = tmp_path / "b.xlsx"
    other.write_bytes(b"autre")
    for target, replace in ((path, True), (path, False), (other, False)):
        with pytest.raises(WrongUse):
            patched(path, {("S", "A1"): "x"}, target, replace=replace)
    assert path.read_bytes() == before
    assert other.read_bytes() == b"autre"
    patched(path, {("S", "A1"): "x"}, other, replace=True)
    assert value(other, "S", "A1") == "x"
    assert sorted(item.name for item in tmp_path.iterdir()) == ["a.xlsx", "b.xlsx"]


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    path = sheet_package(tmp_path / "a.xlsx", "")
    with pytest.raises(WrongUse, match="ne peut pas être écrit"):
        patched(path, {("S", "A1"): "x"}, tmp_path / "absent" / "b.xlsx")


@pytest.mark.parametrize(
    ("data", "address", "content", "expected"),
    [
        ('a;b;c\r\n1;"x;y";3\r\n'.encode("cp1252"), "B2", "z", b'a;b;c\r\n1;"z";3\r\n'),
        ("été;b\n1;2\n".encode("cp1252"), "B2", "ça;là", 'été;b\n1;"ça;là"\n'.encode("cp1252")),
        ("\ufeffa;b\n1;2".encode("utf-16-be"), "A1", "é", "\ufeffé;b\n1;2".encode("utf-16-be")),
        ("sep=|\r\na|b\r\n1|2\r\n".encode("utf-8-sig"), "B3", Decimal("1234.50"), "sep=|\r\na|b\r\n1|1234,5\r\n".encode("utf-8-sig")),
        (b'a,b\n"1\n2",3\n4,5\n', "B4", date(2026, 10, 3), b'a,b\n"1\n2",3\n4,03/10/2026\n'),
        (b'a,b\n"1\n2",3\n4,5\n', "A2", 'dit "oui"', b'a,b\n"dit ""oui""",3\n4,5\n'),
        (b"a;b\n1;2\n", "A2", None, b"a;b\n;2\n"),
    ],
)
def test_fields_of_a_csv(tmp_path: Path, data: bytes, address: str, content: Content, expected: bytes) -> None:
    path, copy = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_bytes(data)
    patched(path, {("csv", address): content}, copy)
    assert copy.read_bytes() == expected


@pytest.mark.parametrize(
    ("data", "address", "content"),
    [
        (b"a;b\n1;2\n", "B2", "=1+1"),
        (b"a;b\n1;2\n", "B2", "+33 5"),
        (b"a;b\n1;2\n", "C2", "x"),
        (b"a;b\n1;2\n", "B9", "x"),
        ("é;b\n1;2\n".encode("cp1252"), "B2", "日本"),
        (b'a;b\n1;"2\n3;4\n', "A3", "x"),
    ],
)
def test_fields_of_a_csv_that_are_refused(tmp_path: Path, data: bytes, address: str, content: Content) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    try:
        patched(path, {("csv", address): content}, tmp_path / "b.csv")
    except (WrongUse, UnreadableFile):
        assert not (tmp_path / "b.csv").exists()
    else:  # a stray quote elsewhere does no harm where the rest reads the same
        assert (tmp_path / "b.csv").read_bytes() == data.replace(b"3;4", b"x;4")


def test_a_result_goes_where_its_formula_may_follow_from_the_cell_and_stays_elsewhere(tmp_path: Path) -> None:
    import xlsxwriter

    path, copy = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    formulas = {
        "D1": "=Taux*2", "D2": "=Voisin", "D3": "=SUM(A1:A2)", "D4": "=D1+1", "D5": "=SUM(Prix[Montant])", "D6": "=VLOOKUP(1,B:C,2)",
        "D7": "=B9&C9", "D8": "=INDIRECT(C9)", "D9": "=Constante",
    }  # fmt: skip
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("S")
        for name, means in (("Taux", "=S!$A$1"), ("Voisin", "=S!A1"), ("Constante", "=0.2")):
            book.define_name(name, means)
        sheet.write_column("A1", [1, 2, 3])
        sheet.add_table("F1:G3", {"name": "Prix", "columns": [{"header": "Code"}, {"header": "Montant"}], "data": [[1, 2], [3, 4]]})
        for address, formula in formulas.items():
            sheet.write_formula(address, formula, None, 7)

    def without_result(address: str) -> set[str]:
        patched(path, {("S", address): Decimal(9)}, copy, replace=True)
        found = open_workbook(copy).sheets[0]
        return {f"D{row + 1}" for row in range(9) if found.at(row, 3) is None}

    unknown = {"D2", "D8"}
    assert without_result("A1") == unknown | {"D1", "D3", "D4"}
    assert without_result("A2") == unknown | {"D3"}
    assert without_result("A3") == unknown
    assert without_result("G2") == unknown | {"D5"}
    assert without_result("C7") == unknown | {"D6"}
    assert without_result("C9") == unknown | {"D6", "D7"}


def test_the_kind_of_a_result_goes_with_it(tmp_path: Path) -> None:
    cells = '<c r="A1"><v>0</v></c><c r="B1" s="0" t="e"><f>1/A1</f><v>#DIV/0!</v></c><c r="C1" t="str"><f>"x"&amp;A1</f><v>x0</v></c>'
    path = sheet_package(tmp_path / "a.xlsx", f'<row r="1">{cells}<c r="D1" t="b"><f>C2=1</f><v>0</v></c></row>')
    patched(path, {("S", "A1"): Decimal(2)}, tmp_path / "b.xlsx")
    kept = '<c r="A1"><v>2</v></c><c r="B1" s="0"><f>1/A1</f></c><c r="C1"><f>"x"&amp;A1</f></c><c r="D1" t="b"><f>C2=1</f><v>0</v></c>'
    assert kept.encode() in part(tmp_path / "b.xlsx", "xl/worksheets/sheet1.xml")


@pytest.mark.slow
@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_the_copy_and_computes_it_anew(rich: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copie.xlsm"
    patched(rich, {("Clients", "A1"): "Neuve 😀", ("Clients", "C1"): Decimal("1000.5")}, copy)
    profile = f"-env:UserInstallation={(tmp_path / 'profil').as_uri()}"
    filters = "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true,false,false,false,-1"
    command = [str(OFFICE), profile, "--headless", "--convert-to", filters, "--outdir", str(tmp_path), str(copy)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    clients, sums = ((tmp_path / f"copie-{name}.csv").read_text("utf-8").splitlines() for name in ("Clients", "Calcul"))
    assert clients[0].startswith("Neuve 😀;")
    assert [line.split(";")[0] for line in sums][:2] == ["1500.5", "Neuve 😀"]


@needs_corpus
def test_real_workbooks_change_in_one_cell_alone(tmp_path: Path) -> None:
    tried = 0
    for path in sorted((CORPUS / "workbooks" / "labelled").rglob("*.xls[xm]")):
        book = open_workbook(path)
        cells = [
            (sheet.name, sheet.address(row, column))
            for sheet in book.sheets[:1]
            for row, column, held in sheet.cells()
            if isinstance(held, str)
        ]
        free = [place for place in cells[:20] if place not in refusals(path, set(cells[:20]))]
        if not free:
            continue
        copy = tmp_path / f"copie{path.suffix}"
        patched(path, {free[-1]: "Nouveau"}, copy, replace=True)
        formulas = {(sheet.name, sheet.address(*where)) for sheet in book.sheets for where in sheet.details.formulas or ()}
        before, after = (
            {(s.name, s.address(r, c)): held for s in b.sheets for r, c, held in s.cells()} for b in (book, open_workbook(copy))
        )
        assert {place: held for place, held in before.items() if place not in formulas} | {free[-1]: "Nouveau"} == {
            place: held for place, held in after.items() if place not in formulas
        }, path.name
        assert all(after[place] == before[place] for place in formulas & after.keys())
        assert changed_parts(path, copy) <= {name for name in raw_members(path) if "worksheets/sheet" in name} | {"xl/workbook.xml"}
        tried += 1
    assert tried >= 5
