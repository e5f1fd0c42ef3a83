"""Delimited text: encoding, separator, quoting, and lines that stay those of the file."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from xlbridge.errors import UnreadableFile
from xlbridge.workbook.delimited import decoded, read_delimited, separator_of
from xlbridge.workbook.grid import open_workbook

FRENCH = "Désignation;Échéance;Prix\nTéléphone à touches;à réception;12,50 €\nÇa, là;dès réception;1 000,00\n"


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    book = open_workbook(written(tmp_path / "f.csv", FRENCH, encoding))
    assert book.sheets[0].rows[1] == ["Téléphone à touches", "à réception", "12,50 €"]
    assert book.findings == ()


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850"])
def test_rarer_encodings_are_found_and_told(encoding: str) -> None:
    text = FRENCH.replace("€", "EUR")
    found, name, findings = decoded(text.encode(encoding))
    assert (found, name) == (text, encoding)
    assert [finding.code for finding in findings] == ["LEC-004"]


def test_nothing_is_converted(tmp_path: Path) -> None:
    sheet = open_workbook(written(tmp_path / "f.csv", "n;d;m\n007;01/10/2026;1,50\n\n;;\n")).sheets[0]
    assert sheet.rows == [["n", "d", "m"], ["007", "01/10/2026", "1,50"], [None] * 3, [None] * 3]
    assert sheet.details.merged is None


def test_addresses_are_lines_of_the_file(tmp_path: Path) -> None:
    sheet = open_workbook(written(tmp_path / "f.csv", 'a;b\r\n"x\r\ny\nz";1\r\n\r\nw;2\r\n')).sheets[0]
    assert [(sheet.address(row, column), value) for row, column, value in sheet.cells()] == [
        ("A1", "a"),
        ("B1", "b"),
        ("A2", "x\r\ny\nz"),
        ("B2", "1"),
        ("A6", "w"),
        ("B6", "2"),
    ]


def test_declared_separator_is_no_record(tmp_path: Path) -> None:
    sheet = open_workbook(written(tmp_path / "f.csv", "sep=|\na|b;c\n")).sheets[0]
    assert sheet.rows == [["a", "b;c"]]
    assert sheet.address(0, 1) == "B2"


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("1,50;2,50\n3,50;4,50", ";"),
        ("Facture de mars, avril\n\nNuméro,Client,HT\n1,Dupont,100.00\n2,Durand,200.00", ","),
        ("Désignation\tPrix\nVis, inox; zinguée\t1,50", "\t"),
        ("a|b|c\n1|2|3", "|"),
        ('"a;b",c\n"d;e",f', ","),
    ],
)
def test_separators(text: str, separator: str) -> None:
    assert separator_of(text.splitlines(keepends=True)) == separator


def test_a_stray_quote_swallows_nothing(tmp_path: Path) -> None:
    book = open_workbook(written(tmp_path / "f.csv", 'n;libellé\n1;"Tube 3/4\n2;coude\n3;"té"\n4;"vanne" \n'))
    sheet = book.sheets[0]
    assert [row[0] for row in sheet.rows] == ["n", "1", "2", "3", "4"]
    assert sheet.at(1, 1) == '"Tube 3/4'
    assert sheet.at(3, 1) == "té"
    assert [(finding.code, finding.values["line"]) for finding in book.findings] == [("LEC-005", 2)]


def test_quotes_wrong_everywhere_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="guillemets"):
        read_delimited(written(tmp_path / "f.csv", 'a;"b\n' * 300 + "c"))


WORDS = st.text("aZé€0 '\"\n;,|\t", max_size=6)


@settings(max_examples=150)
@example(records=[("", "\t\n", "\t0"), ("", "\t\n", "\t")], separator=";", encoding="utf-8", ending="\n")
@given(
    records=st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=8),
    separator=st.sampled_from(";,\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    ending=st.sampled_from(["\n", "\r\n"]),
)
def test_any_dialect_comes_back(
    tmp_path_factory: pytest.TempPathFactory, records: list[tuple[str, str, str]], separator: str, encoding: str, ending: str
) -> None:
    """Written by Python's csv with every text quoted, any table comes back, each record at the line where it begins."""
    text = io.StringIO(newline="")
    lines = []
    writer = csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator=ending)
    for record in [("numéro", "client", "montant"), *records]:
        lines.append(text.getvalue().count("\n") + 1)
        writer.writerow(record)
    path = tmp_path_factory.mktemp("csv") / "f.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    table = read_delimited(path)
    assert table.separator == separator
    assert table.rows[1:] == [[value or None for value in record] for record in records]
    assert table.lines == tuple(lines)
    assert table.findings == ()
