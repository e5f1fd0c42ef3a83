"""An older register in the ledger: as it was, once, and gone on with."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import select

from tests import ledgers, samples
from tests.stores import Store
from xlbridge.errors import UnreadableFile, WrongUse
from xlbridge.findings import Severity
from xlbridge.ledger import chain
from xlbridge.ledger.schema import DOCUMENTS, RECORDS
from xlbridge.ledger.series import series_for
from xlbridge.ledger.store import Ledger, series_of
from xlbridge.ledger.takeover import plan, read_past, take_over
from xlbridge.model import Party, PrecedingInvoice
from xlbridge.workbook.demo import build_demo
from xlbridge.workbook.grid import open_workbook
from xlbridge.workbook.template import read_template


def numbers(ledger: Ledger) -> list[str | None]:
    with ledger.reading() as connection:
        return list(connection.execute(select(DOCUMENTS.c.number).order_by(DOCUMENTS.c.seq)).scalars())


def register(path: Path, rows: list[tuple[str, date, str, float]]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Ventes"
    sheet.append(["N° facture", "Date", "Client", "Montant HT", "TVA", "Montant TTC"])
    for number, day, buyer, net in rows:
        sheet.append([number, day, buyer, net, round(net * 0.2, 2), round(net * 1.2, 2)])
    book.save(path)
    return path


def test_gaps_and_duplicates_come_in_as_they_are_and_are_named(ledger_store: Store, tmp_path: Path) -> None:
    ledger, key = ledgers.of_store(ledger_store, tmp_path)
    old = ledgers.past("F2026-0001", "F2026-0002", "F2026-0002", "F2026-0005", "F2026-0009", None)
    done = take_over(ledger, key, old)
    assert numbers(ledger) == ["F2026-0001", "F2026-0002", "F2026-0002", "F2026-0005", "F2026-0009", None]
    gap, twice, none = done.findings
    assert (gap.code, gap.values["count"]) == ("FR-NUM-003", 5)
    assert "F2026-0003 à F2026-0004, F2026-0006 à F2026-0008" in gap.message
    assert str(gap.cell) == "ancien.xlsx, feuille « Ventes », cellule A5"
    assert (twice.code, twice.values["number"], none.code) == ("FR-NUM-001", "F2026-0002", "FR-NUM-004")
    assert {finding.severity for finding in done.findings} == {Severity.WARNING}


def test_a_record_says_that_it_was_taken_over_and_from_which_cell(key_home: Path, tmp_path: Path) -> None:
    ledger, key = ledgers.in_file(tmp_path)
    take_over(ledger, key, ledgers.past("45"))
    with ledger.reading() as connection:
        link = chain.first(connection, RECORDS, chain.TAKEN_OVER)
    assert link.content["origin"] == "taken_over"
    assert link.content["source"]["cells"]["number"] == ["Ventes", "A2", "45"]
    assert link.content["source"]["sha256"] == "ab" * 32
    assert link.content["files"] == {}


def test_the_same_register_twice_is_taken_once(ledger_store: Store, tmp_path: Path) -> None:
    ledger, key = ledgers.of_store(ledger_store, tmp_path)
    old = ledgers.past("1", "2", "2", "4")
    take_over(ledger, key, old)
    again = take_over(ledger, key, old)
    assert (len(again.taken), again.known, again.series) == (0, 4, ())
    more = take_over(ledger, key, [*old, *ledgers.past("1", "2", "2", "4", "5")[4:]])
    assert [item.invoice.number for item in more.taken] == ["5"]
    assert numbers(ledger) == ["1", "2", "2", "4", "5"]


def test_what_the_ledger_has_issued_is_not_taken_over(key_home: Path, tmp_path: Path) -> None:
    ledger, key = ledgers.in_file(tmp_path)
    ledgers.seal(ledger, key, samples.invoice(number="F2026-0001"), 1)
    assert plan(ledger, ledgers.past("F2026-0001")).known == 1


def test_the_series_goes_on_in_place_of_the_usual_one(key_home: Path, tmp_path: Path) -> None:
    ledger, key = ledgers.in_file(tmp_path)
    done = take_over(ledger, key, ledgers.past("F2026-0044", "F2026-0045"))
    with ledger.reading() as connection:
        every = series_of(connection)
    series = series_for(samples.invoice(), every)
    assert done.series == (series,)
    assert (series.number(series.first, date(2026, 11, 24)), series.replaces) == ("F2026-0046", ("factures",))
    assert series_for(samples.invoice(type_code="381"), every).name == "avoirs"


def test_invoices_that_look_like_the_credit_notes_of_another_series_get_a_letter(key_home: Path, tmp_path: Path) -> None:
    ledger, key = ledgers.in_file(tmp_path)
    (series,) = take_over(ledger, key, ledgers.past("A2026-0007")).series
    assert (series.number(series.first, date(2026, 11, 24)), series.continues) == ("FA2026-0008", "A2026-0007")


def test_credit_notes_of_their_own_go_on_by_themselves(key_home: Path, tmp_path: Path) -> None:
    ledger, key = ledgers.in_file(tmp_path)
    credit = {"type_code": "381", "preceding_invoices": (PrecedingInvoice(number="FACT 1"),)}
    done = take_over(ledger, key, [*ledgers.past("FACT 1", "FACT 2"), *ledgers.past("AV 7", **credit)])
    assert [one.number(one.first, date(2026, 11, 24)) for one in done.series] == ["FACT-3", "AV-8"]
    assert [one.scope for one in done.series] == ["invoices", "credit_notes"]


def test_credit_notes_go_on_behind_older_invoices_of_their_form(key_home: Path, tmp_path: Path) -> None:
    ledger, key = ledgers.in_file(tmp_path)
    old, later = ledgers.past("127", "129", "151"), ledgers.past("FAC-2026-001", "20260152", issue_date=date(2026, 11, 12))
    done = take_over(ledger, key, [*old, *later, *ledgers.past("128", type_code="381")])
    assert [one.number(one.first, date(2026, 11, 24)) for one in done.series][1:] == ["152"]


def test_credit_notes_that_share_the_counter_go_on_sharing_it(key_home: Path, tmp_path: Path) -> None:
    ledger, key = ledgers.in_file(tmp_path)
    done = take_over(ledger, key, [*ledgers.past("2026-01", "2026-02", "2026-04"), *ledgers.past("2026-03", type_code="381")])
    (series,) = done.series
    assert (series.scope, series.number(series.first, date(2026, 11, 24))) == ("all", "2026-05")
    with ledger.reading() as connection:
        every = series_of(connection)
    assert {series_for(samples.invoice(type_code=kind), every).name for kind in ("380", "381")} == {"factures-suite"}
    assert not [finding for finding in done.findings if finding.code == "FR-NUM-003"]


def test_a_series_that_has_numbered_goes_on_where_an_older_form_comes_in_later(ledger_store: Store, tmp_path: Path) -> None:
    ledger, key = ledgers.of_store(ledger_store, tmp_path)
    ledgers.seal(ledger, key, samples.invoice(number="F2026-0001"), 1)
    assert take_over(ledger, key, ledgers.past("FACT 1")).series == ()
    (series,) = take_over(ledger, key, ledgers.past("F2026-0007")).series  # the usual series would come to this number
    assert series.first == 8


def test_the_past_of_another_seller_is_refused_whole(key_home: Path, tmp_path: Path) -> None:
    ledger, key = ledgers.in_file(tmp_path)
    with pytest.raises(WrongUse, match="est du vendeur"):
        take_over(ledger, key, [*ledgers.past("1"), *ledgers.past("2", seller=samples.BUYER)])
    with pytest.raises(WrongUse, match="du vendeur « Scierie du Lac »"):
        take_over(ledger, key, ledgers.past("2", seller=Party(name="Scierie du Lac")))
    assert numbers(ledger) == []
    assert len(take_over(ledger, key, ledgers.past("2", seller=Party(name=samples.SELLER.name))).taken) == 1


def test_yearly_numbers_without_year_are_no_duplicates_and_have_their_own_gaps(key_home: Path, tmp_path: Path) -> None:
    ledger, _ = ledgers.in_file(tmp_path)
    years = [ledgers.past("1", "2", "3", issue_date=date(2025, 3, 1)), ledgers.past("1", "3", issue_date=date(2026, 3, 1))]
    (gap,) = plan(ledger, [item for year in years for item in year]).findings
    assert (gap.code, gap.values["missing"]) == ("FR-NUM-003", "2")


def test_a_workbook_is_read_with_its_cells(key_home: Path, tmp_path: Path) -> None:
    path = register(
        tmp_path / "ventes.xlsx", [("2026-001", date(2026, 1, 5), "Dupré SARL", 100.0), ("2026-003", date(2026, 2, 5), "Roy", 50.5)]
    )
    ledger, key = ledgers.in_file(tmp_path)
    past, told = read_past([path])
    done = take_over(ledger, key, past)
    assert not [finding for finding in told if finding.severity is Severity.BLOCKING]
    with ledger.reading() as connection:
        link = chain.first(connection, RECORDS, chain.TAKEN_OVER)
    assert link.content["source"]["cells"]["totals.gross"] == ["Ventes", "F2", "120"]
    assert done.findings[0].values["missing"] == "2026-002"
    assert take_over(ledger, key, read_past([path])[0]).known == 2


def test_drafts_and_quotes_are_no_past(tmp_path: Path) -> None:
    build_demo(tmp_path)
    past, _ = read_past([tmp_path / "modele-facturation.xlsx"])
    every = read_template(open_workbook(tmp_path / "modele-facturation.xlsx"))
    assert any(document.is_draft for document in every)
    assert [item.document for item in past] == [document for document in every if not document.is_draft] != []
    with pytest.raises(UnreadableFile, match="aucune facture émise"):
        read_past([tmp_path / "devis-D2026-07.xlsx"])
