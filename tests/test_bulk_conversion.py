"""One document: what is judged before it is put in place, and what travels with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pikepdf
import pytest

from tests import samples
from xlbridge.bulk import conversion
from xlbridge.bulk.conversion import Order, convert_all, convert_one
from xlbridge.bulk.source import extract, whole_file
from xlbridge.document import Document
from xlbridge.errors import NotChecked
from xlbridge.findings import Cell
from xlbridge.model import Invoice
from xlbridge.official import judge as judging
from xlbridge.official.engine import Engine
from xlbridge.official.read_back import READ_BACK
from xlbridge.official.ruleset import Sheet
from xlbridge.workbook.grid import open_workbook


def order(invoice: Invoice) -> Order:
    return Order(Document(invoice), None, "a/1.pdf", None, None)


def blocking_codes(record: dict[str, Any]) -> set[str]:
    return {finding["code"] for finding in record["findings"] if finding["severity"] == "blocking"}


def test_a_right_invoice_becomes_a_marked_copy(tmp_path: Path) -> None:
    record = convert_one(order(samples.invoice()), tmp_path)
    assert record["pdf"] == "a/1.pdf"
    assert record["profile"] == "EN 16931"
    assert record["written"]["totals"] == record["totals"]
    with pikepdf.open(tmp_path / "a/1.pdf") as pdf:
        xml = pdf.attachments["factur-x.xml"].get_file().read_bytes()
    assert b"ARCHIVEONLY" in xml
    assert not list(tmp_path.rglob("*.part"))


def test_totals_that_official_rules_refuse_stop_the_document(tmp_path: Path) -> None:
    right = samples.invoice()
    wrong = right.model_copy(update={"totals": right.totals.model_copy(update={"gross": right.totals.gross + 1})})  # type: ignore[operator]
    record = convert_one(order(wrong), tmp_path)
    assert record["pdf"] is None
    assert record["written"] is None
    assert "BR-CO-15" in blocking_codes(record)
    assert not list(tmp_path.rglob("*"))


def test_french_rules_are_notes_on_a_copy(tmp_path: Path) -> None:
    record = convert_one(order(samples.invoice(notes=(), business_process=None)), tmp_path)
    french = {finding["code"]: finding["severity"] for finding in record["findings"] if finding["code"].startswith("BR-FR")}
    assert record["pdf"]
    assert {"BR-FR-05_BT-22_PMT", "BR-FR-08_BT-23"} <= set(french)
    assert set(french.values()) == {"note"}


def test_many_documents_are_judged_by_the_quick_sheets_from_the_first_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(rewrite_after=None)
    monkeypatch.setattr(judging, "_engine", engine)
    conversion._warm_up.cache_clear()
    (record,) = convert_all([order(samples.invoice())], tmp_path, many=True)
    assert record["pdf"]
    assert set(engine._rewritten) == {Sheet.FX_EN16931, Sheet.BR_FR_CII}
    assert not engine._published


def test_an_engine_that_fails_is_no_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise NotChecked("le moteur est absent")

    monkeypatch.setattr("xlbridge.official.judge.judge", fails)
    record = convert_one(order(samples.invoice()), tmp_path)
    assert record["pdf"] is None
    assert blocking_codes(record) == {conversion.NOT_CHECKED.code}


def test_a_pdf_that_reads_back_otherwise_is_not_put_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from xlbridge.render import cii_reader

    read = cii_reader.read
    monkeypatch.setattr(cii_reader, "read", lambda xml: read(xml).model_copy(update={"number": "AUTRE"}))
    record = convert_one(order(samples.invoice()), tmp_path)
    assert record["pdf"] is None
    assert blocking_codes(record) == {READ_BACK.code}


def test_what_cannot_be_written_is_a_finding(tmp_path: Path) -> None:
    record = convert_one(order(samples.invoice(number="F\x01")), tmp_path)
    assert record["pdf"] is None
    assert blocking_codes(record) == {conversion.CANNOT_RENDER.code}


def test_lines_without_a_name_leave_a_copy_of_the_totals(tmp_path: Path) -> None:
    right = samples.invoice(lines=3)
    nameless = right.lines[0].model_copy(update={"name": None, "seller_item_id": None})
    record = convert_one(order(right.model_copy(update={"lines": (nameless, *right.lines[1:])})), tmp_path)
    assert record["profile"] == "BASIC WL"
    assert "LEC-091" in {finding["code"] for finding in record["findings"]}
    assert record["written"]["totals"]["gross"] == record["totals"]["gross"]


def test_macros_never_travel(tmp_path: Path) -> None:
    for name in ("a.xlsm", "a.xls", "a.xlsb"):
        (tmp_path / name).write_bytes(b"x")
        assert whole_file(tmp_path / name) is None
    (tmp_path / "a.xlsx").write_bytes(b"x")
    attachment = whole_file(tmp_path / "a.xlsx")
    assert attachment is not None
    assert (attachment.name, attachment.content, attachment.relationship) == ("a.xlsx", b"x", "Source")


def test_an_extract_holds_the_rows_of_the_document_and_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('Numéro;Client;Total\nF1;"=cmd|x";10\nF2;"Deux\nlignes";20\nF3;Trois;30\n', "utf-8")
    workbook = open_workbook(path)
    document = Document(Invoice(number="F1"), {"number": Cell("a.csv", "csv", "A2")})
    text = extract(workbook, document).content.decode("utf-8-sig")
    assert "F1" in text
    assert "F2" not in text
    assert ";'=cmd" in text
    third = Document(Invoice(number="F3"), {"number": Cell("a.csv", "csv", "A5")})
    assert "F3;Trois;30" in extract(workbook, third).content.decode("utf-8-sig")
