"""`issue` where what it meets contradicts itself: places, heads, series and sheets that somebody changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests import samples
from tests.issuing_stage import FIRST, Office, company, draft
from tests.samples import firm
from tests.stores import sqlite_store
from xlbridge.errors import LedgerBroken, WrongUse
from xlbridge.issuing.places import Places
from xlbridge.issuing.run import Request, print_drafts
from xlbridge.issuing.session import create
from xlbridge.ledger import chain
from xlbridge.ledger.overview import add_series as write_series
from xlbridge.ledger.places import database_url, default_folder
from xlbridge.ledger.record import TAKEN_OVER, Place, Source, document_content
from xlbridge.ledger.seal import load_key
from xlbridge.ledger.series import DEFAULT_SERIES, Scope, Series, clash
from xlbridge.ledger.store import open_ledger, shown
from xlbridge.model import Invoice, Note, Party, PrecedingInvoice
from xlbridge.workbook.template_layout import REGISTER, SEAL

pytestmark = pytest.mark.slow


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path, Places(sqlite_store(tmp_path).url, tmp_path / "coffre", str(tmp_path / "cle.pem")))


def add_series(office: Office, series: Series) -> None:
    ledger = open_ledger(str(office.places.ledger))
    with ledger.writing(load_key(Path(str(office.places.key)), "")) as writer:
        writer.append(chain.SERIES, series.as_json())
    ledger.close()


def test_numbers_that_differ_by_case_and_signs_are_two_rows_of_the_register(office: Office) -> None:
    office.write(draft(1), draft(2), draft(3))
    office.issue("B1")
    add_series(office, Series("barre", "f", separator="/", scope=Scope.INVOICES))
    office.issue("B2", series="barre")
    office.issue("B3", series="factures")
    assert office.numbers() == ["F2026-0001", "f2026/0001", "F2026-0002"]
    assert office.keys(REGISTER) == ["F2026-0001", "f2026/0001", "F2026-0002"]


@pytest.mark.parametrize("series", [Series("x", "f"), Series("x", "F", separator="/"), Series("x", "F", separator="")])
def test_series_whose_numbers_people_would_confound_do_not_stand_side_by_side(series: Series) -> None:
    assert "confondrait" in str(clash(series, DEFAULT_SERIES))


@pytest.mark.parametrize("change", [{"seq": "99"}, {"seq": None}, {"seq": 1}, {"ledger": "f" * 32}, {"last_numbers": []}])
def test_a_head_that_somebody_wrote_stops_the_issue(office: Office, change: dict[str, Any]) -> None:
    office.write(draft(1), draft(2))
    office.issue("B1")
    head = office.vault / "tete.json"
    changed = json.dumps({**json.loads(head.read_bytes()), **change}).encode()
    head.write_bytes(changed)
    with pytest.raises(LedgerBroken, match="a été modifiée"):
        office.issue("B2")
    assert head.read_bytes() == changed
    assert office.numbers() == ["F2026-0001"]


def test_an_older_ledger_put_back_gives_no_number_again_even_without_the_head(office: Office) -> None:
    office.write(draft(1), draft(2))
    office.issue("B1")
    database = office.folder / "registre.sqlite"
    older = database.read_bytes()
    office.issue("B2")
    database.write_bytes(older)
    only(office, draft(3))
    with pytest.raises(LedgerBroken, match="connaît le maillon"):
        office.issue()
    (office.vault / "tete.json").unlink()
    with pytest.raises(LedgerBroken, match="n’a plus de tête"):
        office.issue()
    assert office.numbers() == ["F2026-0001"]


def test_two_machines_that_issued_from_one_backup_are_told_apart_where_they_meet(office: Office, tmp_path: Path) -> None:
    office.write(draft(1), draft(2), draft(3))
    office.issue("B1")
    there = tmp_path / "autre"
    shutil.copytree(office.vault, there / "coffre")
    for name in ("registre.sqlite", office.name):
        shutil.copy(office.folder / name, there)
    other = Office(there, Places(sqlite_store(there).url, there / "coffre", office.places.key))
    office.issue("B2")
    other.issue("B3")
    assert office.numbers() == other.numbers() == ["F2026-0001", "F2026-0002"]
    with pytest.raises(LedgerBroken, match=r"classeur .* connaît un autre maillon") as told:
        other.issue("B3", path=office.workbook)
    assert told.value.remedy.startswith("Deux ordinateurs")
    shutil.rmtree(other.vault)
    shutil.copytree(office.vault, other.vault)
    with pytest.raises(LedgerBroken, match=r"coffre .* connaît un autre maillon"):
        other.issue("B2")


def test_a_head_that_was_lost_alone_is_written_again(office: Office) -> None:
    office.write(draft(1), draft(2))
    office.issue("B1")
    (office.vault / "tete.json").unlink()
    office.issue("B2")
    assert (office.vault / "tete.json").exists()
    assert office.numbers() == ["F2026-0001", "F2026-0002"]


def test_a_read_only_workbook_is_refused_before_a_number_is_given(office: Office) -> None:
    office.write(draft(1), draft(2))
    office.issue("B1")
    office.workbook.chmod(0o444)
    with pytest.raises(WrongUse, match="lecture seule"):
        office.issue("B2")
    assert office.numbers() == ["F2026-0001"]


def test_a_workbook_without_its_seal_is_told_what_it_lacks(office: Office) -> None:
    office.write(draft(1))
    workbook = openpyxl.load_workbook(office.workbook)
    del workbook[SEAL]
    workbook.save(office.workbook)
    with pytest.raises(WrongUse, match="n’a pas de feuille « Sceau »"):
        office.issue()


def test_a_company_that_has_its_ledger_gets_no_second_one_by_a_slip(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(office.folder / "personnel"))
    usual = default_folder(company().siren) / "registre.sqlite"
    assert usual.is_relative_to(office.folder)
    create(company(), Places(key=str(office.folder / "usuelle.pem"))).close()
    assert usual.is_file()
    office.write(draft(1))
    with pytest.raises(WrongUse, match="a déjà un registre"):
        office.issue()
    assert not (office.folder / "registre.sqlite").exists()
    assert office.issue(dry_run=True).planned[0].made


def test_drafts_printed_into_a_file_are_refused_in_french(office: Office) -> None:
    office.write(draft(1), draft(2))
    request = Request(office.workbook, places=office.places)
    with pytest.raises(WrongUse, match="ne peut pas être écrit"):
        print_drafts(request, office.workbook)
    assert len(set(print_drafts(request, office.folder / "pages"))) == 2


def test_a_password_in_the_address_of_a_ledger_is_never_shown() -> None:
    pytest.importorskip("psycopg")
    for address in ("postgresql://u:secret@serveur/base", "postgresql://serveur/base?user=u&password=secret"):
        assert "secret" not in shown(database_url(address))


def credit(number: str, seed: int = 1, **changes: object) -> Invoice:
    return draft(seed, type_code="381", preceding_invoices=(PrecedingInvoice(number=number, issue_date=FIRST),), **changes)


def only(office: Office, invoice: Invoice) -> None:
    """A new workbook of the same ledger with this draft alone."""
    office.workbook.unlink()
    office.write(invoice)


def doubts(office: Office, invoice: Invoice) -> set[str]:
    only(office, invoice)
    return {finding.code for finding in office.issue(dry_run=True).planned[0].draft.findings if finding.code.startswith("REG-")}


def test_a_credit_names_an_invoice_of_its_customer_exactly(office: Office) -> None:
    office.write(draft(1))
    office.issue(specimen=True)
    office.issue()
    assert doubts(office, credit("F2026-0001")) == set()
    assert doubts(office, credit("f2026-1")) == {"REG-110"}
    assert doubts(office, credit("F2019-0001")) == {"REG-105"}
    assert doubts(office, credit("TEST2026-0001")) == {"REG-111"}
    assert doubts(office, credit("F2026-0001", buyer=firm("Autre SAS", "55210055", "1 rue", "75001", "Paris"))) == {"REG-112"}
    only(office, credit("F2026-0001"))
    office.issue()
    assert office.numbers()[-1] == "A2026-0001"
    assert "REG-111" in doubts(office, credit("A2026-0001", seed=2))


def test_an_unknown_original_is_no_way_around_what_is_left_of_the_known_one(office: Office) -> None:
    def of_both(factor: int) -> Invoice:
        lines = tuple(line.model_copy(update={"quantity": line.quantity * factor}) for line in draft(1).lines if line.quantity)
        named = tuple(PrecedingInvoice(number=number, issue_date=FIRST) for number in ("F2019-0001", "F2026-0001"))
        return credit("F2026-0001").model_copy(update={"preceding_invoices": named, "lines": lines})

    office.write(draft(1))
    office.issue()
    assert doubts(office, of_both(1)) == {"REG-105"}
    assert doubts(office, of_both(2)) == {"REG-105", "REG-113"}
    only(office, of_both(2))
    run = office.issue()
    assert not run.issued
    (refused,) = [finding for finding in run.planned[0].draft.findings if finding.code == "REG-113"]
    assert "F2019-0001, hors du registre" in refused.message


def test_a_number_taken_over_without_its_date_is_not_given_again(office: Office) -> None:
    create(company(), office.places).close()
    ledger, key = open_ledger(str(office.places.ledger)), load_key(Path(str(office.places.key)), "")
    with ledger.writing(key) as writer:
        invoice = draft(9).model_copy(update={"number": "F2026-0001", "issue_date": None})
        writer.append(chain.TAKEN_OVER, document_content(invoice, TAKEN_OVER, Place(), Source("ancien.csv"), {}, None))
    ledger.close()
    office.write(draft(1))
    run = office.issue()
    assert not run.issued
    assert "FR-NUM-001" in {finding.code for finding in run.planned[0].draft.findings}


def test_a_series_is_refused_in_french_whatever_its_width() -> None:
    with pytest.raises(WrongUse, match="de 1 à 9 chiffres"):
        Series("z", "Z", width=99999).checked()
    with pytest.raises(WrongUse, match="SIREN"):
        Series("z", "Z", principal="٠١٢٣٤٥٦٧٨").checked()


def test_a_series_that_continues_a_number_begins_behind_it(office: Office) -> None:
    ledger = create(company(), office.places)
    key = load_key(Path(str(office.places.key)), "")
    year = f"{ledger.clock():%Y}"
    with pytest.raises(WrongUse) as refused:
        write_series(ledger, key, Series("suite", "CC", continues=f"CC{year}-0044"))
    assert "--first 45" in refused.value.remedy
    write_series(ledger, key, Series("suite", "CC", first=45, first_period=year, continues=f"CC{year}-0044"))
    ledger.close()


def test_a_consumer_gets_his_specimen_too(office: Office) -> None:
    consumer = Party(name="Mme Dupré", address=samples.BUYER.address)
    office.write(draft(1, buyer=consumer, notes=(Note(text="B2C", subject_code="BAR"),)))
    assert [item.invoice.number for item in office.issue(specimen=True).issued if item.invoice] == ["TEST2026-0001"]
