"""What goes wrong, or lies in the way, while a command works: nothing of the user’s is lost, half done or kept quiet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from time import process_time

import openpyxl
import pytest

from tests.calc_stage import calc_port, needs_calc, running_office
from tests.desk_stage import Desk, desk
from tests.issuing_stage import company, draft
from xlbridge.desk import choosing, control
from xlbridge.desk.__main__ import main
from xlbridge.desk.answer import Answer
from xlbridge.desk.places import desk_places
from xlbridge.errors import ExitCode, WrongUse
from xlbridge.folding import folded
from xlbridge.issuing.run import Request, issue
from xlbridge.workbook.closed import ClosedPort
from xlbridge.workbook.grid import open_workbook
from xlbridge.workbook.port import Look, Selection
from xlbridge.workbook.sheet_cells import Formula
from xlbridge.workbook.template_layout import PAID
from xlbridge.workbook.template_writer import write_template

pytestmark = pytest.mark.slow


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with desk(tmp_path, ClosedPort, monkeypatch) as made:
        yield made


def _home(at: Desk) -> str:
    """What « Accueil » says of the last check."""
    home = next(sheet for sheet in at.port.snapshot().sheets if sheet.name == "Accueil")
    return next(value for *_, value in home.cells() if isinstance(value, str) and value.startswith(f"{date.today():%d/%m/%Y}"))  # noqa: DTZ011


def test_a_register_that_takes_no_lines_takes_no_heads_and_the_next_check_moves_both(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    grow = at.port.grow

    def refused(sheet: str, last_row: int) -> None:
        if sheet == "Registre lignes":
            raise WrongUse("Le tableau a une ligne de total.", "Retirez-la.")
        grow(sheet, last_row)

    with monkeypatch.context() as broken:
        broken.setattr(at.port, "grow", refused)
        assert "ligne de total" in at.click("issue").text
    assert at.rows("Registre", "Numéro") == []
    assert "F2026-0002" in at.click("check").text
    assert [number for (number,) in at.rows("Registre", "Numéro")] == ["F2026-0001", "F2026-0002"]
    assert len(at.rows("Registre lignes", "Numéro")) == 6
    assert at.click("verify").text.startswith("Rien n’a changé")


def test_a_register_that_took_the_lines_alone_is_given_the_heads(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    grow = at.port.grow

    def refused(sheet: str, last_row: int) -> None:
        if sheet == "Registre":
            raise WrongUse("Le tableau a une ligne de total.", "Retirez-la.")
        grow(sheet, last_row)

    with monkeypatch.context() as broken:
        broken.setattr(at.port, "grow", refused)
        at.click("issue")
    at.click("check")
    assert len(at.rows("Registre", "Numéro")) == 2
    assert len(at.rows("Registre lignes", "Numéro")) == 6
    assert at.rows("Factures", "Brouillon") == []
    assert at.click("verify").text.startswith("Rien n’a changé")


def test_what_was_issued_is_told_though_the_sheet_cannot_be_marked(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    at.type("Factures", "Date", None)

    def refused(sheet: str, looks: object) -> None:
        raise WrongUse(f"La feuille « {sheet} » est protégée par un mot de passe.", "Ôtez-le.")

    monkeypatch.setattr(at.port, "set_looks", refused)
    answer = at.click("issue")
    assert "F2026-0001 émise" in answer.text
    assert "mot de passe" in answer.text
    assert answer.code is ExitCode.BLOCKING_FINDINGS


def test_what_stands_beside_a_table_stays(at: Desk) -> None:
    at.port.select("Factures", at.place("Factures", "Client"))
    at.click("issue")
    beside = max(at.table("Factures").columns.values()) + 3
    notes = {(row, beside): text for row, text in enumerate(("Pense-bête", "appeler Paul", "relancer", "timbres"))}
    at.port.write("Factures", notes)
    at.type("Registre", PAID, date(2026, 11, 30), row=1)  # a row too low
    at.port.select("Registre", at.place("Registre", "Client"))
    at.click("credit")
    sheet = at.table("Factures").sheet
    assert {place: sheet.at(*place) for place in notes} == notes
    assert at.click("verify").text.startswith("Rien n’a changé")
    at.port.select("Factures", at.place("Factures", "Client", row=1))
    assert at.click("issue").code is ExitCode.OK
    assert (None, date(2026, 11, 30)) in at.rows("Registre", "Numéro", PAID)


def test_new_rows_do_not_take_the_marks_of_the_row_they_are_modelled_on(at: Desk) -> None:
    marked = at.type("Lignes", "Quantité", None)
    at.port.select("Factures", at.place("Factures", "Client", row=1))
    at.click("issue")
    at.click("check")
    assert at.port.notes("Lignes", [marked])
    at.port.select("Registre", at.place("Registre", "Client"))
    at.click("credit")
    at.click("clear")
    column = marked[1]
    assert set(at.port.fills("Lignes", [(row, column) for row in range(1, 9)]).values()) == {None}


def test_a_mark_that_was_copied_with_its_row_goes_too(at: Desk) -> None:
    where = at.type("Factures", "Client", "INCONNU")
    at.click("check")
    copied = (where[0] + 9, where[1])
    at.port.set_looks("Factures", {copied: Look(at.port.fills("Factures", [where])[where], at.port.notes("Factures")[where])})
    at.click("clear")
    assert at.port.notes("Factures") == {}
    assert at.port.fills("Factures", [copied]) == {copied: None}


def test_the_walk_passes_ranges_of_one_cell_hidden_sheets_and_what_is_no_address(at: Desk) -> None:
    at.click("check")
    table = control.table_in(at.port.snapshot())
    assert table is not None
    column = table.columns[folded("Cellule")]
    written = ("Factures!A2", "Factures!A2:B2", "Sceau!B1", "Factures!A2 vu", "Lignes!A3")
    at.port.write("Contrôle", {(row, column): text for row, text in enumerate(written, 1)})
    at.port.write("Contrôle", {(5, column + 1): "mon avis"})
    seen = []
    for _ in range(3):
        assert at.click("next").code is ExitCode.OK
        seen.append(at.port.selection().sheet)
    assert sorted(seen[:2]) == ["Factures", "Lignes"]
    assert seen[2] == seen[0]
    assert at.port.snapshot().sheets[[sheet.name for sheet in at.port.snapshot().sheets].index("Contrôle")].at(5, column + 1) == "mon avis"


def test_the_home_sheet_says_which_command_found_nothing(at: Desk) -> None:
    at.type("Factures", "Client", "INCONNU")
    at.click("check")
    assert "bloquant" in _home(at)
    at.click("duplicates")
    assert "« Doublons », rien à signaler" in _home(at)


def test_a_workbook_without_its_seal_is_compared_all_the_same(at: Desk) -> None:
    at.click("issue")
    at.port.write("Sceau", {(row, 1): None for row in range(7)})
    answer = at.click("verify")
    assert answer.code is ExitCode.LEDGER_BROKEN
    assert "« Sceau »" in answer.text


def test_what_could_not_be_compared_is_no_proof(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    at.click("issue")
    monkeypatch.setenv("XLBRIDGE_KEY_FILE", str(at.folder / "absente.pem"))
    answer = at.click("verify")
    assert answer.code is ExitCode.NOT_CHECKED
    assert answer.text.startswith("Tout n’a pas pu être contrôlé")
    assert "Non contrôlé : clé du registre." in answer.text


def test_notes_of_a_draft_whose_move_was_interrupted_go_with_it_later(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    at.port.select("Factures", at.place("Factures", "Client", row=1))
    at.click("issue")
    client = at.place("Factures", "Client")
    at.port.set_looks("Factures", {client: Look("#FFFF00", "vu avec Paul")})
    at.port.select("Factures", client)
    with monkeypatch.context() as meanwhile:

        def refuse(*_: object) -> None:
            raise WrongUse("Le tableur ne répond pas.", "Recommencez.")

        meanwhile.setattr("xlbridge.desk.holding.follow_rows", refuse)
        assert "n’a pas pu être mis à jour" in at.click("issue").text
    assert "B1 avait été émis sous le numéro F2026-0002 ; il est rangé" in at.click("check").text
    assert at.port.notes("Registre")[at.place("Registre", "Client", row=1)] == "vu avec Paul"
    assert client not in at.port.notes("Factures")
    assert len(at.rows("Registre", "Numéro")) == 2


@needs_calc
@pytest.mark.slow
def test_formulas_of_a_draft_leave_with_it_and_do_not_come_into_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_office() as office, desk(tmp_path, lambda path: calc_port(office, office.open(path)), monkeypatch) as at:
        at.port.select("Factures", at.place("Factures", "Client", row=1))
        at.click("issue")
        quantity, discount = at.place("Lignes", "Quantité"), at.place("Lignes", "Remise %")
        at.port.write("Lignes", {quantity: Formula("=2*3"), discount: Formula("=1/10")})
        at.port.select("Registre", at.place("Registre", "Client"))
        at.click("credit")
        assert {share for key, share in at.rows("Lignes", "Brouillon", "Remise %") if key == "A1"} == {None}
        at.port.select("Factures", at.place("Factures", "Client"))
        assert "émise" in at.click("issue").text
        assert {key for (key,) in at.rows("Lignes", "Brouillon")} == {"A1"}
        assert at.rows("Registre lignes", "Quantité")[3] == (Decimal(6),)
        assert quantity not in (at.table("Lignes").sheet.details.formulas or {})


def test_a_check_does_not_save_a_workbook_behind_which_another_issued(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    at.port.select("Factures", at.place("Factures", "Client"))
    at.click("issue")
    other = at.folder / "autre.xlsx"
    write_template(other, (draft(5),), company())
    assert issue(Request(other, places=desk_places()), lambda _: True).issued
    at.type("Factures", "Note", "à essayer")
    before = at.file.read_bytes()
    assert "registre" not in at.click("check").text
    assert at.file.read_bytes() == before


def test_warnings_are_read_before_a_number_is_given(at: Desk) -> None:
    at.click("issue")
    at.port.select("Registre", at.place("Registre", "Client"))
    at.click("credit")
    for column, value in {"Type": "Facture", "Date": date(2026, 11, 2), "Facture d'origine": None, "Échéance": date(2026, 12, 2)}.items():
        at.type("Factures", column, value)
    assert at.click("issue", False).text == "Rien n’a été émis."
    assert "AVERTISSEMENT A1 : " in at.asked[-1]
    assert "F2026-0001" in at.asked[-1].partition("AVERTISSEMENT")[2]


def test_a_wrong_iban_is_told_before_the_page_lacks_it(at: Desk) -> None:
    row = [name for (name,) in at.rows("Entreprise", "Rubrique")].index("IBAN")
    at.type("Entreprise", "Valeur", "FR7630006000011234567890188", row)
    assert at.click("issue", False).text == "Rien n’a été émis."
    assert "l’IBAN ne sera pas imprimé sur la facture" in at.asked[-1].partition("AVERTISSEMENT")[2]


def test_a_deposit_that_the_credit_note_leaves_out_is_told(at: Desk) -> None:
    at.type("Factures", "Acompte déduit", Decimal(50))
    at.port.select("Factures", at.place("Factures", "Client"))
    at.click("issue")
    at.port.select("Registre", at.place("Registre", "Client"))
    assert "acompte déduit n’est pas repris" in at.click("credit").text


def test_a_whole_column_is_selected_in_no_time(tmp_path: Path) -> None:
    path = tmp_path / "registre.xlsx"
    write_template(path, [draft(seed % 4).model_copy(update={"number": f"F2026-{seed:04}"}) for seed in range(1, 301)], company())
    workbook = open_workbook(path)
    start = process_time()
    with pytest.raises(WrongUse, match="Plusieurs factures"):
        choosing.issued(workbook, Selection("Registre", ((0, 0, 1_048_575, 0),)))
    assert process_time() - start < 3


def test_what_was_done_is_told_though_no_program_opens_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    issued = Answer("Facture F2026-0001 émise.", open=tmp_path / "absent.pdf")
    monkeypatch.setattr("xlbridge.desk.__main__.perform", lambda *_: issued)
    monkeypatch.setattr("xlbridge.workbook.excel.caller_port", lambda _: None)
    monkeypatch.setattr("sys.argv", ["xlbridge.desk", "issue", "--host=windows", "--wb=a_002Exlsx", "--folder="])
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit):
        main()
    said = capsys.readouterr().out
    assert said.startswith(issued.text)
    assert "absent.pdf » est prêt" in said


def test_a_company_without_a_name_is_marked_where_the_name_belongs(at: Desk) -> None:
    table = at.table("Entreprise")
    (row,) = [row.row for row in table.rows() if row.text("Rubrique") == "Nom"]
    at.port.write("Entreprise", {(row, table.columns[folded("Valeur")]): None})
    at.click("check")
    assert {code: cell for _, code, cell in at.control() if code in {"FR-MEN-003", "FR-MEN-004"}} == dict.fromkeys(
        ("FR-MEN-003", "FR-MEN-004"), f"Entreprise!B{row + 1}"
    )


@needs_calc
def test_the_colour_of_a_mark_is_not_behind_that_of_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_office() as office, desk(tmp_path, lambda path: calc_port(office, office.open(path)), monkeypatch) as at:
        looks = openpyxl.load_workbook(at.file)
        at.type("Factures", "Client", None)
        at.type("Factures", "Brouillon", "B2")  # twice: the key itself is marked
        name = next(row.row for row in at.table("Entreprise").rows() if row.text("Rubrique") == "Nom")
        at.port.write("Entreprise", {(name, 1): None})
        tinted = {}
        for sheet, row in (("Factures", 1), ("Entreprise", name)):
            place = f"{'A' if sheet == 'Factures' else 'B'}{row + 1}"
            known = (rule for area in looks[sheet].conditional_formatting if place in area for rule in area.rules)
            tinted[sheet] = (row, 40)
            at.port.write(sheet, {tinted[sheet]: Formula(next(known).formula[0])})

        def shown() -> dict[str, object]:
            return {sheet.name: sheet.at(*tinted[sheet.name]) for sheet in at.port.snapshot().sheets if sheet.name in tinted}

        assert shown() == {"Factures": True, "Entreprise": True}
        at.click("check")
        assert {"Factures!A2", f"Entreprise!B{name + 1}"} <= {cell for _, _, cell in at.control()}
        assert shown() == {"Factures": False, "Entreprise": False}
        at.click("clear")
        assert shown() == {"Factures": True, "Entreprise": True}


def test_rows_that_a_filter_hides_are_not_meant(tmp_path: Path) -> None:
    path = tmp_path / "facturier.xlsx"
    write_template(path, [draft(0), draft(1), draft(2)], company())
    workbook = open_workbook(path)
    shown = next(sheet for sheet in workbook.sheets if sheet.name == "Factures")
    details = replace(shown.details, hidden_rows=frozenset({2}))
    filtered = replace(shown, live=lambda: details)
    sheets = tuple(filtered if sheet is shown else sheet for sheet in workbook.sheets)
    whole = Selection("Factures", ((0, 0, 1_048_575, 0),))
    assert [entry.key for entry in choosing.drafts(workbook, whole)] == ["B1", "B2", "B3"]
    assert [entry.key for entry in choosing.drafts(replace(workbook, sheets=sheets), whole)] == ["B1", "B3"]


@needs_calc
@pytest.mark.slow
def test_drafts_behind_a_password_are_not_numbered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_office() as office, desk(tmp_path, lambda path: calc_port(office, office.open(path)), monkeypatch) as at:
        lines = next(iter(office.desktop.Components)).Sheets.getByName("Lignes")
        lines.protect("secret")
        answer = at.click("issue")
        assert answer.code is ExitCode.WRONG_USE
        assert "« Lignes »" in answer.text
        assert at.rows("Registre", "Numéro") == []
        assert len(at.rows("Factures", "Brouillon")) == 2
        lines.unprotect("secret")
        lines.protect("")  # the user's, without a password: taken off meanwhile
        assert at.click("issue").code is ExitCode.OK
        assert at.rows("Lignes", "Brouillon") == []
        assert lines.isProtected()
        at.port.select("Registre", at.place("Registre", "Client"))
        assert at.click("credit").code is ExitCode.OK
        assert len(at.rows("Lignes", "Brouillon")) == 3
