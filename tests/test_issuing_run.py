"""`issue` from the command's point of view: real workbooks, real ledgers on both stores, real PDFs."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from tests import samples
from tests.issuing_stage import FIRST, TODAY, Office, company, draft
from tests.stores import Store
from xlbridge.archive.vault import Vault
from xlbridge.errors import ExitCode, LedgerBroken, WrongUse
from xlbridge.issuing.places import Places
from xlbridge.issuing.run import Request, Run, issue, print_drafts
from xlbridge.ledger import chain
from xlbridge.ledger.schema import RECORDS
from xlbridge.ledger.store import open_ledger
from xlbridge.model import Invoice, Note, Party, PrecedingInvoice
from xlbridge.official.container import read_container
from xlbridge.workbook.grid import open_workbook
from xlbridge.workbook.seal_sheet import read_seal
from xlbridge.workbook.template import read_entries
from xlbridge.workbook.template_layout import DRAFTS, REGISTER
from xlbridge.workbook.template_writer import write_template

B2C = Note(text="B2C", subject_code="BAR")


@pytest.fixture
def office(tmp_path: Path, ledger_store: Store) -> Office:
    return Office(tmp_path, Places(ledger_store.url, tmp_path / "coffre", str(tmp_path / "cle.pem")))


def codes(run: Run) -> list[list[str]]:
    done = {item.draft.entry.key: item.draft for item in run.issued}
    drafts = [done.get(item.draft.entry.key, item.draft) for item in run.planned]
    return [[finding.code for finding in item.findings if finding.severity == "blocking"] for item in drafts]


def issued(run: Run) -> list[str | None]:
    return [item.invoice.number if item.invoice else None for item in run.issued]


def test_drafts_get_their_numbers_in_the_order_of_their_dates(office: Office) -> None:
    office.write(draft(1, FIRST + timedelta(days=2)), draft(2, FIRST), draft(3, FIRST + timedelta(days=1)))
    run = office.issue()
    assert run.exit_code is ExitCode.OK
    assert issued(run) == ["F2026-0001", "F2026-0002", "F2026-0003"]
    assert [item.draft.entry.key for item in run.issued] == ["B2", "B3", "B1"]
    assert office.keys(DRAFTS) == []
    assert sorted(map(str, office.keys(REGISTER))) == ["F2026-0001", "F2026-0002", "F2026-0003"]


def test_a_document_is_sealed_with_its_cells_and_files(office: Office) -> None:
    office.write(draft())
    run = office.issue()
    assert office.places.ledger
    assert office.places.archive
    ledger = open_ledger(office.places.ledger)
    with ledger.reading() as connection:
        record = chain.first(connection, RECORDS, chain.DOCUMENT)
    content = record.content
    assert content["source"]["cells"]["lines[0].quantity"][:2] == ["Lignes", "D2"]
    assert content["source"]["register"]["head"]["Numéro"] == "F2026-0001"
    assert content["kept_until"] == "2036-12-31"
    vault = Vault.open(office.places.archive, ledger.identity.identifier)
    xml = vault.get(content["files"]["xml"], ".xml")
    assert read_container(vault.get(content["files"]["pdf"], ".pdf")).xml == xml
    assert vault.get(content["files"]["workbook"], ".xlsx")
    assert run.issued[0].link == record


@pytest.mark.parametrize("written", ["30/06", datetime(2026, 6, 30)])  # noqa: DTZ001  as Excel makes it of 30/06
def test_a_document_is_kept_from_the_close_of_the_company_s_own_year(office: Office, written: object) -> None:
    office.write(draft())
    book = openpyxl.load_workbook(office.workbook)
    next(row for row in book["Entreprise"].iter_rows() if row[0].value == "Fin d'exercice")[1].value = written
    book.save(office.workbook)
    run = office.issue()
    assert run.issued[0].link
    assert run.issued[0].link.content["kept_until"] == "2037-06-30"


def test_the_workbook_knows_its_ledger_and_how_far_it_had_come(office: Office) -> None:
    office.write(draft())
    run = office.issue()
    seal = read_seal(open_workbook(office.workbook))
    assert seal is not None
    assert run.issued[0].link is not None
    assert (seal.ledger, seal.seq, seal.hash, seal.count) == (run.ledger, run.issued[0].link.seq, run.issued[0].link.hash, 1)
    assert run.backup is not None
    assert [entry.sheet for entry in read_entries(open_workbook(run.backup))] == [DRAFTS]


def test_the_same_rows_are_not_issued_twice(office: Office) -> None:
    office.write(draft(1), draft(2))
    copy = office.folder / "copie.xlsx"
    copy.write_bytes(office.workbook.read_bytes())
    office.issue()
    with pytest.raises(WrongUse, match="aucun brouillon"):
        office.issue()
    with pytest.raises(WrongUse, match="F2026-0001"):
        office.issue("B1")
    again = office.issue(path=copy)
    assert again.exit_code is ExitCode.BLOCKING_FINDINGS
    assert codes(again) == [["REG-101"], ["REG-101"]]
    assert office.numbers() == ["F2026-0001", "F2026-0002"]


def test_a_faulty_draft_is_refused_and_takes_no_number(office: Office) -> None:
    faulty = draft(2).model_copy(update={"lines": ()})
    office.write(draft(1), faulty, draft(3))
    run = office.issue()
    assert run.exit_code is ExitCode.BLOCKING_FINDINGS
    assert office.numbers() == ["F2026-0001", "F2026-0002"]
    assert office.keys(DRAFTS) == ["B2"]
    assert "REG-102" in codes(run)[1]


def test_what_a_dry_run_says_is_what_happens_then(office: Office) -> None:
    office.write(draft(1), draft(2), draft(3, FIRST - timedelta(days=1)))
    before = office.workbook.read_bytes()
    plan = office.issue(dry_run=True)
    assert office.workbook.read_bytes() == before
    assert not (office.folder / "coffre").exists()
    expected = [(item.draft.key, item.numbered and item.numbered.number) for item in plan.planned]
    run = office.issue()
    assert [(item.draft.key, item.invoice and item.invoice.number) for item in run.issued] == expected


def test_a_date_before_the_last_of_the_series_is_refused(office: Office) -> None:
    office.write(draft(1, FIRST + timedelta(days=5)), draft(2, FIRST))
    office.issue("B1")
    late = office.issue("B2")
    assert codes(late) == [["FR-NUM-002"]]
    assert "07/11/2026" in late.planned[0].draft.findings[-1].remedy
    assert office.numbers() == ["F2026-0001"]


def credit(of: str, share: int, day: date = FIRST) -> Invoice:
    """A credit note on the first lines of an invoice, with `share` of their quantities."""
    lines = tuple(line.model_copy(update={"quantity": Decimal(share)}) for line in draft(1).lines[:1])
    named = (PrecedingInvoice(number=of, issue_date=FIRST),)
    return draft(1, day).model_copy(update={"type_code": "381", "lines": lines, "preceding_invoices": named, "due_date": None})


def test_credit_notes_have_their_series_and_never_exceed_what_is_left(office: Office) -> None:
    first = draft(1).model_copy(update={"lines": (draft(1).lines[0].model_copy(update={"quantity": Decimal(3)}),)})
    office.write(first, credit("F2026-0001", 2), credit("F2026-0001", 2, FIRST + timedelta(days=1)))
    assert issued(office.issue("B1")) == ["F2026-0001"]
    run = office.issue("B2")
    assert issued(run) == ["A2026-0001"]
    again = office.issue("B3")
    assert codes(again) == [["REG-104"]]
    assert office.numbers() == ["F2026-0001", "A2026-0001"]


def test_specimens_are_marked_and_leave_the_workbook_alone(office: Office) -> None:
    office.write(draft(1))
    before = office.workbook.read_bytes()
    run = office.issue(specimen=True)
    assert issued(run) == ["TEST2026-0001"]
    assert office.workbook.read_bytes() == before
    assert office.places.archive
    assert run.ledger
    vault = Vault.open(office.places.archive, run.ledger)
    assert b"ARCHIVEONLY" in vault.get(run.issued[0].xml or "", ".xml")
    assert issued(office.issue()) == ["F2026-0001"]


def test_a_twin_is_told_and_does_not_stop(office: Office) -> None:
    office.write(draft(1), draft(1))
    office.issue("B1")
    run = office.issue("B2")
    assert issued(run) == ["F2026-0002"]
    assert any(finding.code.startswith("FR-NUM-01") for finding in run.planned[0].draft.findings)


def test_a_workbook_of_another_ledger_is_refused(office: Office, tmp_path: Path) -> None:
    office.write(draft(1))
    office.issue()
    other = Places(str(tmp_path / "autre.sqlite"), tmp_path / "autre", str(tmp_path / "autre.pem"))
    with pytest.raises(LedgerBroken, match="n’est pas à l’endroit attendu"):
        issue(Request(office.workbook, None, False, other), lambda planned: True, today=TODAY)
    assert not (tmp_path / "autre.sqlite").exists()


def test_drafts_are_printed_without_number_and_xml(office: Office) -> None:
    office.write(draft(1), draft(2).model_copy(update={"lines": ()}))
    pages = print_drafts(Request(office.workbook, None, False, office.places), office.folder / "pages", today=TODAY)
    assert [page.name for page in pages] == ["brouillon-B1.pdf", "brouillon-B2.pdf"]
    assert all(read_container(page.read_bytes()).xml is None for page in pages)


def test_the_command_issues_fifty_and_refuses_them_then(tmp_path: Path, key_home: Path) -> None:
    from typer.testing import CliRunner

    from xlbridge.cli import app

    path = tmp_path / "f.xlsx"
    write_template(path, [draft(seed, FIRST + timedelta(days=seed % 20)) for seed in range(50)], company())
    command = ["issue", str(path), "--all", "--yes", "--json", "--ledger", str(tmp_path / "L"), "--archive", str(tmp_path / "A")]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    documents = json.loads(result.stdout)["documents"]
    assert [item["number"] for item in documents] == [f"F2026-{counter:04}" for counter in range(1, 51)]
    assert {item["status"] for item in documents} == {"issued"}
    again = CliRunner().invoke(app, command)
    assert isinstance(again.exception, WrongUse)


def test_nothing_is_asked_without_a_terminal(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from xlbridge.cli import app

    office.write(draft(1))
    ways = ["--ledger", str(office.places.ledger), "--archive", str(office.places.archive), "--key", str(office.places.key)]
    result = CliRunner().invoke(app, ["issue", str(office.workbook), "--all", *ways])
    assert isinstance(result.exception, WrongUse)
    assert "--yes" in result.exception.remedy


def test_a_firm_abroad_has_no_electronic_address_and_gets_its_invoice(office: Office) -> None:
    assert samples.BUYER.address is not None
    abroad = samples.BUYER.address.model_copy(update={"country": "BE", "postcode": "1000", "city": "Bruxelles"})
    office.write(draft(1).model_copy(update={"buyer": Party(name="Lefèvre BV", vat_number="BE0403170701", address=abroad)}))
    run = office.issue()
    assert [item.link is not None for item in run.issued] == [True], [
        finding.message for item in run.planned for finding in item.draft.findings
    ]


def test_a_consumer_has_no_electronic_address_and_gets_his_invoice(office: Office) -> None:
    office.write(draft(1).model_copy(update={"buyer": Party(name="Mme Dupré-Vallon", address=samples.BUYER.address), "notes": (B2C,)}))
    run = office.issue()
    assert issued(run) == ["F2026-0001"], codes(run)
    assert "BR-FR-12_BT-49" in {finding.code for finding in run.planned[0].draft.findings}


def test_check_compares_a_register_with_the_ledger(office: Office) -> None:
    from xlbridge.bulk.checks import check_all

    office.write(draft(1), draft(2))
    office.issue()
    same, _ = check_all([office.workbook], ledger=office.places.ledger)
    assert not [finding for report in same for finding in report.findings if finding.code.startswith("FR-NUM-0")]
    other = office.folder / "autre.xlsx"
    write_template(other, [draft(9, FIRST + timedelta(days=3)).model_copy(update={"number": "F2026-0001"})], company())
    reports, code = check_all([other], ledger=office.places.ledger)
    found = [finding for finding in reports[0].findings if finding.code == "FR-NUM-001"]
    assert code is ExitCode.BLOCKING_FINDINGS
    assert [finding.values["twin_source"] for finding in found] == ["registre"]


def test_a_date_to_come_would_lock_the_series_and_is_refused(office: Office) -> None:
    office.write(draft(1, date(2062, 11, 2)), draft(2))
    run = office.issue()
    assert [set(found) for found in codes(run)] == [set(), {"FR-DAT-001"}]
    assert office.numbers() == ["F2026-0001"]
