"""Which files are refused, with what sentence; and what is said of those that are read all the same."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from pathlib import Path

import msoffcrypto
import pytest
import xlsxwriter

from tests.packages import SPREADSHEET, ods_package, sheet_package
from xlbridge.errors import ExitCode, UnreadableFile
from xlbridge.workbook import container, extent, intake
from xlbridge.workbook.grid import open_workbook


def small_workbook(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("S").write("B2", "x")
    return path


def refusal(path: Path) -> UnreadableFile:
    """The refusal of `path`, which must name the file, say what to do, and have the exit code of an unreadable file."""
    with pytest.raises(UnreadableFile) as caught:
        open_workbook(path)
    assert path.name in caught.value.message
    assert caught.value.remedy
    assert caught.value.exit_code is ExitCode.UNREADABLE
    return caught.value


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("f.xlsx", b"", "est vide"),
        ("f.xls", b"<html><table><tr><td>1</td></tr></table></html>", "page HTML"),
        ("f.xls", b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "XML 2003"),
        ("f.xls", b"\x09\x04\x06\x00" + b"\0" * 60, "Excel 4"),
        ("f.xlsx", b"%PDF-1.7\n", "un PDF"),
        ("f.xlsx", bytes(range(256)) * 4, "pas un classeur"),
        ("f.md", b"# titre\n", "pas un classeur"),
        ("f.xlsx", b"PK\x03\x04" + b"\0" * 400, "abîmé"),
        ("f.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "abîmé"),
    ],
)
def test_what_is_no_workbook_is_named(tmp_path: Path, name: str, content: bytes, expected: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert re.search(expected, refusal(tmp_path / name).message)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    assert "n’existe pas" in refusal(tmp_path / "absent.xlsx").message
    (tmp_path / "dossier.xlsx").mkdir()
    refusal(tmp_path / "dossier.xlsx")


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_truncated_files(tmp_path: Path, share: float) -> None:
    whole = small_workbook(tmp_path / "f.xlsx").read_bytes()
    (tmp_path / "f.xlsx").write_bytes(whole[: int(len(whole) * share)])
    assert "abîmé" in refusal(tmp_path / "f.xlsx").message


def test_other_zip_files(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "f.xlsx", "w") as package:
        package.writestr("word/document.xml", "<a/>")
    assert "pas un classeur" in refusal(tmp_path / "f.xlsx").message
    with zipfile.ZipFile(tmp_path / "f.numbers", "w") as package:
        package.writestr("Index/Document.iwa", "")
    assert "Numbers" in refusal(tmp_path / "f.numbers").message


def test_encrypted_workbooks(tmp_path: Path) -> None:
    plain = small_workbook(tmp_path / "clair.xlsx").read_bytes()
    with (tmp_path / "f.xlsx").open("wb") as target:
        msoffcrypto.OfficeFile(io.BytesIO(plain)).encrypt("secret", target)
    assert "mot de passe" in refusal(tmp_path / "f.xlsx").message
    ods = ods_package(tmp_path / "f.ods", "", manifest="<m:encryption-data/>")
    assert "mot de passe" in refusal(ods).message


def record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def old_workbook(path: Path, codepage: int | None, encoding: str, extra: bytes = b"") -> Path:
    """An Excel 5 workbook with one sheet, « Facturé », a text in D7, a number in D8 and an error in D9, in its OLE container."""
    name, label = "Facturé".encode(encoding), "Désignation".encode(encoding)
    opening = record(0x0809, struct.pack("<HHHH", 0x0500, 5, 0x0DBB, 1996)) + extra
    if codepage is not None:
        opening += record(0x42, struct.pack("<H", codepage))
    opening += record(0x31, struct.pack("<HHHHHB", 200, 0, 0x7FFF, 400, 0, 0) + b"\0\0\0\x05Arial") * 5
    opening += record(0xE0, b"\0" * 16)
    place = len(opening) + 4 + 7 + len(name) + 4
    opening += record(0x85, struct.pack("<IHB", place, 0, len(name)) + name) + record(0x0A, b"")
    sheet = record(0x0809, struct.pack("<HHHH", 0x0500, 16, 0x0DBB, 1996))
    sheet += record(0x0204, struct.pack("<HHHH", 6, 3, 0, len(label)) + label)
    sheet += record(0x0203, struct.pack("<HHHd", 7, 3, 0, 12.5)) + record(0x0205, struct.pack("<HHHBB", 8, 3, 0, 7, 1)) + record(0x0A, b"")
    path.write_bytes(compound(opening + sheet))
    return path


def compound(stream: bytes) -> bytes:
    """The smallest OLE container ([MS-CFB]) with one stream, « Book »."""
    stream = stream.ljust(4096, b"\0")
    sectors = len(stream) // 512
    table = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    table += [0xFFFFFFFF] * (128 - len(table))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    head += struct.pack("<10I", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0) + b"\xff" * 432

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = name.encode("utf-16-le") + b"\0\0"
        links = struct.pack("<HBBIII", len(text), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
        return text.ljust(64, b"\0") + links + b"\0" * 36 + struct.pack("<IQ", start, size)

    folder = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("Book", 2, 0xFFFFFFFF, 2, len(stream))
    return head + struct.pack("<128I", *table) + folder.ljust(512, b"\0") + stream


@pytest.mark.parametrize(
    ("codepage", "encoding"), [(1252, "cp1252"), (10000, "mac_roman"), (850, "cp850"), (0x8001, "cp1252"), (None, "cp1252")]
)
def test_old_code_pages(tmp_path: Path, codepage: int | None, encoding: str) -> None:
    sheet = open_workbook(old_workbook(tmp_path / "f.xls", codepage, encoding)).sheets[0]
    assert sheet.name == "Facturé"
    assert list(sheet.cells()) == [(6, 3, "Désignation"), (7, 3, 12.5)]
    assert sheet.details.errors == {(8, 3): "#DIV/0!"}


def test_encrypted_and_damaged_xls(tmp_path: Path) -> None:
    locked = old_workbook(tmp_path / "f.xls", 1252, "cp1252", extra=record(0x2F, b"\1\2\3\4"))
    assert "mot de passe" in refusal(locked).message
    whole = old_workbook(tmp_path / "g.xls", 1252, "cp1252").read_bytes()
    (tmp_path / "g.xls").write_bytes(whole[:1536] + b"\xff" * 40 + whole[1576:])
    assert "abîmé" in refusal(tmp_path / "g.xls").message


def test_a_stray_cell_far_away_is_named(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "f.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write("B2", 1)
        sheet.write("XFD1048576", 1)
    assert "B2 à XFD1048576" in refusal(tmp_path / "f.xlsx").message


@pytest.mark.parametrize(
    "cells",
    [
        '<row><c s="0" r="XFD1048576"><v>1</v></c></row>',
        '<row r="1048576"><c r="A1048576"/><c r="XFD1"/></row>',
        '<row r="1048576"><c r="XFC1048576"/><c><v>1</v></c></row>',
    ],
)
def test_far_cells_written_in_unusual_ways(tmp_path: Path, cells: str) -> None:
    path = sheet_package(tmp_path / "f.xlsx", f'<row r="1"><c r="A1"><v>1</v></c></row>{cells}')
    assert "XFD1048576" in refusal(path).message


def test_far_but_thin_is_read(tmp_path: Path) -> None:
    cells = '<row r="1048576"><c r="A1048576"><v>1</v></c><c r="XFD1048576"><v>2</v></c></row>'
    sheet = open_workbook(sheet_package(tmp_path / "f.xlsx", cells)).sheets[0]
    assert sheet.at(1_048_575, 16_383) == 2


def test_repeated_cells_of_ods(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (
        '<table:table-row table:number-rows-repeated="{}"><table:table-cell office:value-type="float" office:value="1" '
        'table:number-columns-repeated="{}"><text:p>1</text:p></table:table-cell></table:table-row>'
    )
    refusal(ods_package(tmp_path / "f.ods", rows.format(1_048_576, 16_384)))
    monkeypatch.setattr(container, "MAX_CELLS", 10_000)
    assert "AD1000" in refusal(ods_package(tmp_path / "g.ods", rows.format(1000, 30))).message


def test_xml_entities_are_refused(tmp_path: Path) -> None:
    sheet = f'<!DOCTYPE a [<!ENTITY x "y">]><worksheet xmlns="{SPREADSHEET}"><sheetData/></worksheet>'
    for text in (sheet, "<!--" + " " * 3000 + "-->" + sheet):
        assert "entités XML" in refusal(sheet_package(tmp_path / "f.xlsx", "", sheet=text)).message


def test_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sheet_package(tmp_path / "f.xlsx", " " * (60 << 20))
    assert "construit pour nuire" in refusal(path).message
    monkeypatch.setattr(container, "MAX_UNPACKED", 50 << 20)
    assert "trop grand" in refusal(path).message
    monkeypatch.setattr(intake, "MAX_FILE_SIZE", 1000)
    assert "trop grand" in refusal(path).message


def test_a_false_size_is_refused(tmp_path: Path) -> None:
    path = sheet_package(tmp_path / "f.xlsx", " " * 5000)
    with zipfile.ZipFile(path) as package:
        true_size = package.getinfo("xl/worksheets/sheet1.xml").file_size
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", true_size), struct.pack("<I", 100)))
    assert "taille fausse" in refusal(path).message


def test_two_parts_of_one_name_are_refused(tmp_path: Path) -> None:
    path = sheet_package(tmp_path / "f.xlsx", "")
    with zipfile.ZipFile(path, "a") as package, pytest.warns(UserWarning, match="Duplicate"):
        package.writestr("xl/workbook.xml", "<workbook/>")
    assert "même nom" in refusal(path).message


def test_damaged_details_are_no_silence(tmp_path: Path) -> None:
    sheet = f'<worksheet xmlns="{SPREADSHEET}"><sheetData/><mergeCells><mergeCell ref="?"/></mergeCells></worksheet>'
    path = sheet_package(tmp_path / "f.xlsx", "", sheet=sheet)
    with pytest.raises(UnreadableFile, match="abîmé"):
        _ = open_workbook(path).sheets[0].details


@pytest.mark.parametrize("lock", ["~$f.xlsx", ".~lock.f.xlsx#"])
def test_a_file_open_elsewhere_is_told(tmp_path: Path, lock: str) -> None:
    path = small_workbook(tmp_path / "f.xlsx")
    (tmp_path / lock).write_bytes(b"")
    assert [finding.code for finding in open_workbook(path).findings] == ["LEC-001"]


def test_content_decides_not_the_extension(tmp_path: Path) -> None:
    misnamed = small_workbook(tmp_path / "f.xlsx").rename(tmp_path / "f.xls")
    book = open_workbook(misnamed)
    assert (book.format, [finding.code for finding in book.findings]) == ("xlsx", ["LEC-002"])
    assert book.sheets[0].details.errors == {}
    (tmp_path / "g.xls").write_text("Client\tMontant\nDupont\t1,50\n", encoding="cp1252")
    book = open_workbook(tmp_path / "g.xls")
    assert (book.format, book.sheets[0].at(1, 1)) == ("csv", "1,50")


def test_details_of_a_file_that_changed_are_refused(tmp_path: Path) -> None:
    path = small_workbook(tmp_path / "f.xlsx")
    book = open_workbook(path)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(UnreadableFile, match="a changé"):
        _ = book.sheets[0].details


def test_binary_sheets_are_measured() -> None:
    def part(kind: int, content: bytes) -> bytes:
        return bytes([kind, len(content)]) + content

    first_row, second_row = part(0, struct.pack("<I", 4)), part(0, struct.pack("<I", 9))
    data = first_row + part(5, struct.pack("<IId", 2, 0, 1.5)) + second_row + part(7, b"\6" + b"\0" * 11)
    found = extent.extent_of_binary_sheet(data, 1)
    assert found is not None
    assert (found.first, found.last) == ("C5", "G10")
    with pytest.raises(ValueError, match="incomplet"):
        list(extent.binary_records(data[:-1]))
