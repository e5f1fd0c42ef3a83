"""Every command of the desk, with the same expectations whatever holds the workbook: a closed file, Calc by its own adapter, and Excel's
adapter over an engine that drives Calc, for Excel itself cannot be had here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from pathlib import Path

import pikepdf
import pytest

from tests.calc_stage import calc_port, needs_calc, running_office
from tests.desk_stage import NAME, Desk, Open, desk, unprotect
from tests.issuing_stage import draft
from tests.pages import plain_text
from xlbridge.desk.commands import COMMANDS
from xlbridge.desk.marks import FILLS
from xlbridge.desk.performing import FUNCTIONS
from xlbridge.errors import ExitCode, WrongUse
from xlbridge.findings import Severity
from xlbridge.workbook.grid import open_workbook
from xlbridge.workbook.port import Look

pytestmark = [pytest.mark.slow, needs_calc]
HOSTS = ("calc", "excel over an engine on Calc", "closed file")
HOSTILE = "=cmd|' /C calc'!A1"


@pytest.fixture(scope="module", params=HOSTS)
def host(request: pytest.FixtureRequest) -> Iterator[Open]:
    """What opens a workbook and gives its port."""
    if request.param == "closed file":
        from xlbridge.workbook.closed import ClosedPort

        yield ClosedPort
        return
    with ExitStack() as stack:
        office = stack.enter_context(running_office())
        if request.param == "calc":
            yield lambda path: calc_port(office, office.open(path))
            return
        from tests.xlwings_engine import book_in
        from xlbridge.workbook.excel import ExcelPort

        yield lambda path: ExcelPort(book_in(office, path))


@pytest.fixture
def at(host: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk with two drafts."""
    with desk(tmp_path, host, monkeypatch) as made:
        yield made


def test_every_command_has_its_function() -> None:
    assert FUNCTIONS.keys() == COMMANDS.keys()


def test_faults_are_marked_on_their_cells_and_the_marks_go_without_a_trace(at: Desk) -> None:
    at.port.set_looks("Factures", {at.place("Factures", "Client"): Look("#C6E0B4", "vu avec Paul\nle 3")})
    before = at.looks()
    wrong = at.type("Factures", "Client", "INCONNU")
    missing = at.type("Lignes", "Quantité", None, row=1)
    answer = at.click("check")
    assert answer.code is ExitCode.BLOCKING_FINDINGS
    assert "bloquant" in answer.text
    assert "« Suivant »" in answer.text
    after = at.looks()
    changed = {where for where in before.keys() | after.keys() if before.get(where) != after.get(where)}
    assert {("Factures", wrong), ("Lignes", missing)} <= changed
    assert {sheet for sheet, _ in changed} <= {"Factures", "Lignes", "Entreprise", "Clients", "Contrôle", "Accueil"}
    marked = {where: look for where, look in after.items() if look.note and look.note.startswith("xlbridge · ")}
    assert marked.keys() == {where for where in changed if where[0] not in {"Contrôle", "Accueil"}}
    assert all(look.fill in FILLS.values() for look in marked.values())
    assert marked["Factures", wrong].fill == FILLS[Severity.BLOCKING]
    assert (marked["Factures", wrong].note or "").endswith("— Votre note —\nvu avec Paul\nle 3")
    control = at.control()
    assert "Factures!E2" in {cell for _, _, cell in control}
    assert [severity for severity, _, _ in control] == sorted(
        (severity for severity, _, _ in control), key=["BLOQUANT", "AVERTISSEMENT", "NOTE"].index
    )
    home = next(sheet for sheet in at.port.snapshot().sheets if sheet.name == "Accueil")
    assert any(isinstance(value, str) and f"{date.today():%d/%m/%Y}" in value and "bloquant" in value for *_, value in home.cells())  # noqa: DTZ011

    assert at.click("check").code is ExitCode.BLOCKING_FINDINGS  # a second time: nothing is remembered wrongly
    assert at.looks() == after
    answer = at.click("clear")
    assert "effacées" in answer.text
    assert at.looks() == before
    assert at.control() == []


def test_the_next_finding_is_one_click_away(at: Desk) -> None:
    assert "Vérifier" in at.click("next").text
    wrong = at.type("Factures", "Client", "INCONNU", row=1)
    at.click("check")
    cells = list(dict.fromkeys(cell for _, _, cell in at.control() if cell))
    seen = []
    for _ in range(len(cells) + 1):
        assert at.click("next").text == ""
        here = at.port.selection()
        seen.append((here.sheet, here.areas[0][:2]))
    assert seen[0] == seen[-1]
    assert len(set(seen)) == len(cells)
    assert ("Factures", wrong) in seen
    at.port.select("Accueil", (0, 0))  # where the buttons of the sheet are
    at.click("next")
    here = at.port.selection()
    assert (here.sheet, here.areas[0][:2]) == seen[1]
    at.click("check")
    assert not any("◄" in row for sheet in at.port.snapshot().sheets for row in sheet.rows)


def test_corrections_are_asked_for_one_by_one(at: Desk) -> None:
    where = at.type("Clients", "SIREN", "907 654 321")
    assert at.click("fix", False).text == "Rien n’a été changé."
    assert "« 907 654 321 »  →  « 907654321 »" in at.asked[-1]
    assert at.click("fix", None).text == "Rien n’a été changé."
    assert "1 correction écrite" in at.click("fix", True).text
    assert at.rows("Clients", "SIREN")[0][0] == "907654321"
    assert ("Clients", where) not in at.looks()
    assert at.click("fix").text.startswith("Aucune correction")


def test_a_draft_is_looked_at_before_it_is_issued(at: Desk) -> None:
    at.port.select("Factures", at.place("Factures", "Date", row=1))
    answer = at.click("preview")
    assert answer.open is not None
    assert answer.open.name == "brouillon-B2.pdf"
    assert "Brouillon – ce document n’est pas une facture" in plain_text(answer.open.read_bytes())
    with pikepdf.open(answer.open) as pdf:
        assert not pdf.attachments
    at.port.select("Articles", (3, 0))
    assert at.click("preview").code is ExitCode.WRONG_USE


def test_an_invoice_is_issued_kept_and_moved(at: Desk) -> None:
    total = at.table("Lignes").sheet.details.formulas
    at.port.select("Lignes", at.place("Lignes", "Article", row=1))
    assert at.click("issue", False).text == "Rien n’a été émis."
    assert "F2026-0001" in at.asked[-1]
    assert "ne change plus" in at.asked[-1]
    assert not (at.folder / "coffre").exists() or not list((at.folder / "coffre").rglob("*.pdf"))
    answer = at.click("issue", True)
    assert answer.code is ExitCode.OK, answer.text
    assert "F2026-0001" in answer.text
    assert answer.open is not None
    assert answer.open.name == "F2026-0001.pdf"
    with pikepdf.open(answer.open) as pdf:
        assert "factur-x.xml" in pdf.attachments
    assert at.rows("Registre", "Numéro", "Type", "Client") == [("F2026-0001", "Facture", "C001")]
    assert len(at.rows("Registre lignes", "Numéro", "Désignation")) == 3
    assert [key for (key,) in at.rows("Factures", "Brouillon")] == ["B2"]
    assert {key for (key,) in at.rows("Lignes", "Brouillon")} == {"B2"}
    assert at.table("Lignes").sheet.details.formulas == total
    saved = open_workbook(at.file)
    assert next(sheet for sheet in saved.sheets if sheet.name == "Registre").rows[1][0] == "F2026-0001"
    assert (at.folder / "facturier.sauvegarde.xlsx").is_file()
    at.port.select("Accueil", (0, 0))
    assert "F2026-0002" in at.click("issue").text  # the cursor on no draft: all of them
    assert [number for (number,) in at.rows("Registre", "Numéro")] == ["F2026-0001", "F2026-0002"]
    assert "aucun brouillon" in at.click("issue").text
    assert at.click("verify").text.startswith("Rien n’a changé")


def test_what_the_user_left_on_a_draft_goes_with_it(at: Desk) -> None:
    client, key, quantity, due = (
        at.place(sheet, column)
        for sheet, column in (("Factures", "Client"), ("Factures", "Brouillon"), ("Lignes", "Quantité"), ("Factures", "TTC prévu"))
    )
    beside = (at.place("Factures", "Date", row=1), Look("#FFFF00", "du suivant"))
    at.type("Lignes", "P.U. HT", None, row=2)
    at.click("check")
    at.port.set_looks("Factures", {beside[0]: beside[1]})
    at.port.set_looks("Factures", {client: Look("#FFFF00", "vu avec Paul"), key: Look("#00FF00", None), due: Look("#F1F5F9", "cher !")})
    at.port.set_looks("Lignes", {quantity: Look("#FFFF00", None)})
    at.type("Lignes", "P.U. HT", Decimal(100), row=2)
    at.port.select("Factures", client)
    assert at.click("issue").code is ExitCode.OK
    looks = at.looks()
    assert {place: look for (sheet, place), look in looks.items() if sheet == "Factures" and place[0] > 0 and look.fill != "#F1F5F9"} == {
        beside[0]: beside[1]
    }
    assert not any(look.note for (sheet, _place), look in looks.items() if sheet == "Lignes")
    assert ("Lignes", quantity) not in looks
    register = {place: look.note for (sheet, place), look in looks.items() if sheet == "Registre" and look.note}
    assert register == {
        at.place("Registre", "Client"): "vu avec Paul",
        at.place("Registre", "Numéro"): "TTC prévu : cher !",
    }
    assert at.click("verify").text.startswith("Rien n’a changé")


def test_a_register_whose_protection_was_taken_off_is_protected_again(at: Desk) -> None:
    at.port.select("Factures", at.place("Factures", "Client"))
    at.click("issue")
    for name in ("Registre", "Registre lignes"):
        unprotect(at.port, name)
    answer = at.click("verify")
    assert answer.code is ExitCode.OK
    assert answer.text.startswith("Rien n’a changé")
    assert "« Registre » n’est plus protégée" in answer.text
    assert [(code, cell) for _, code, cell in at.control() if code == "REG-078"] == [
        ("REG-078", "Registre!A1"),
        ("REG-078", "Registre lignes!A1"),
    ]
    at.port.select("Factures", at.place("Factures", "Client", row=1))
    at.click("issue")
    assert at.click("verify").text.startswith("Rien n’a changé")
    assert not [code for _, code, _ in at.control() if code == "REG-078"]
    for workbook in (at.port.snapshot(), open_workbook(at.file)):
        assert {sheet.name: sheet.details.protected for sheet in workbook.sheets if sheet.name.startswith("Registre")} == {
            "Registre": True,
            "Registre lignes": True,
        }


def test_a_draft_that_is_refused_is_marked_and_the_others_go_on(at: Desk) -> None:
    where = at.type("Factures", "Date", None)
    answer = at.click("issue")
    assert answer.code is ExitCode.BLOCKING_FINDINGS
    assert "1 document non émis" in answer.text
    assert "REFUSÉ" in at.asked[-1]
    assert [number for (number,) in at.rows("Registre", "Numéro")] == ["F2026-0001"]
    assert [key for (key,) in at.rows("Factures", "Brouillon")] == ["B1"]
    assert any(sheet == "Factures" and place[0] == where[0] and look.note for (sheet, place), look in at.looks().items())


def test_a_workbook_that_could_not_be_saved_is_mended_by_the_next_check(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from xlbridge.desk.holding import OpenWorkbook

    follow = OpenWorkbook.follow

    def full(self: OpenWorkbook, moves: list[object], seal: object) -> object:
        if moves:
            raise WrongUse("Le disque est plein.", "Faites de la place.")
        return follow(self, moves, seal)  # type: ignore[arg-type]

    with monkeypatch.context() as broken:
        broken.setattr(OpenWorkbook, "follow", full)
        answer = at.click("issue")
    assert answer.code is ExitCode.BLOCKING_FINDINGS
    assert "Le disque est plein" in answer.text
    assert at.rows("Registre", "Numéro") == []
    answer = at.click("check")
    assert "F2026-0001" in answer.text
    assert [number for (number,) in at.rows("Registre", "Numéro")] == ["F2026-0001", "F2026-0002"]
    assert at.rows("Factures", "Brouillon") == []
    assert at.click("verify").text.startswith("Rien n’a changé")


def test_a_credit_note_is_prepared_whole_or_in_part(at: Desk) -> None:
    assert at.click("credit").code is ExitCode.WRONG_USE  # nothing selected
    at.click("issue")
    at.port.select("Registre", at.place("Registre", "Client"))
    assert "A1" in at.click("credit").text
    assert at.rows("Factures", "Brouillon", "Type", "Facture d'origine") == [("A1", "Avoir", "F2026-0001")]
    issued = [row[1:] for row in at.rows("Registre lignes", "Numéro", "Désignation", "Quantité", "TVA %") if row[0] == "F2026-0001"]
    assert at.rows("Lignes", "Désignation", "Quantité", "TVA %") == issued
    assert "déjà un avoir" in at.click("credit").text or at.port.selection().sheet == "Factures"
    assert at.click("check").code is ExitCode.OK
    at.port.select("Registre lignes", at.place("Registre lignes", "Quantité", row=3))
    assert "1 ligne de F2026-0002" in at.click("credit").text
    at.type("Lignes", "Quantité", Decimal(1), row=3)
    answer = at.click("issue")  # the cursor is on A2
    assert answer.code is ExitCode.OK, answer.text
    assert at.rows("Registre", "Numéro", "Type")[-1] == ("A2026-0001", "Avoir")
    at.port.select("Registre", at.place("Registre", "Client", row=1))
    assert "Déjà crédité : " in at.click("credit").text
    at.port.select("Registre", at.place("Registre", "Client", row=2))
    assert "est déjà un avoir" in at.click("credit").text


def test_an_issued_document_comes_back_as_it_was_or_as_a_duplicata(at: Desk) -> None:
    page = at.click("issue").open
    assert page is not None
    at.port.select("Registre", at.place("Registre", "Numéro"))
    assert at.click("export", None).text == "Rien n’a été exporté."
    answer = at.click("export", True)
    assert answer.open == at.folder / "F2026-0001.pdf"
    assert answer.open.read_bytes() == page.read_bytes()
    assert at.click("export", True).open == at.folder / "F2026-0001 (2).pdf"
    answer = at.click("export", False)
    assert answer.open == at.folder / "F2026-0001-duplicata.pdf"
    assert "DUPLICATA" in plain_text(answer.open.read_bytes()).upper()


def test_duplicates_are_found_in_the_workbook_and_in_the_ledger(at: Desk) -> None:
    assert "Aucun doublon" in at.click("duplicates").text
    at.click("issue")
    assert at.click("duplicates").text == "Aucun doublon (dans le classeur et le registre)."
    at.port.select("Registre", at.place("Registre", "Numéro"))
    at.click("credit")
    at.type("Factures", "Type", "Facture")
    at.type("Factures", "Date", date(2026, 11, 2))
    at.type("Factures", "Facture d'origine", None)
    answer = at.click("duplicates")
    assert "F2026-0001" in answer.text
    assert {code[:6] for _, code, _ in at.control()} == {"FR-NUM"}


def test_what_was_changed_since_is_named(at: Desk) -> None:
    assert "pas encore relié" in at.click("verify").text
    at.click("issue")
    with at.port.unlocked("Registre lignes"):
        where = at.type("Registre lignes", "Quantité", Decimal(999), row=1)
    answer = at.click("verify")
    assert answer.code is ExitCode.LEDGER_BROKEN
    assert "999" in answer.text
    assert f"Registre lignes!D{where[0] + 1}" in {cell for _, _, cell in at.control()}


def test_a_text_stays_a_text_whatever_it_begins_with(host: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = draft(0)
    line = first.lines[0].model_copy(update={"name": HOSTILE})
    buyer = first.buyer.model_copy(update={"name": HOSTILE})
    hostile = first.model_copy(update={"buyer": buyer, "lines": (line, *first.lines[1:])})
    with desk(tmp_path, host, monkeypatch, hostile) as at:
        at.click("check")
        assert at.click("issue").code is ExitCode.OK
        at.port.select("Registre", at.place("Registre", "Numéro"))
        at.click("credit")
        at.click("duplicates")
        at.port.save()
        for workbook in (at.port.snapshot(), open_workbook(tmp_path / NAME)):
            for sheet in workbook.sheets:
                assert not any("cmd|" in formula for formula in (sheet.details.formulas or {}).values())
        assert HOSTILE in {name for (name,) in at.rows("Registre lignes", "Désignation")}
        assert HOSTILE in {name for (name,) in at.rows("Lignes", "Désignation")}


def test_help_says_what_works_here(at: Desk) -> None:
    answer = at.click("help")
    assert answer.open is not None
    guide = answer.open.read_text("utf-8")
    assert all(command.label in guide for command in COMMANDS.values())
    assert "{{" not in guide
    assert "certifié" in guide


def test_a_workbook_of_another_kind_is_checked_and_not_issued_from(host: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import xlsxwriter

    path = tmp_path / "ancien.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Ventes")
        sheet.write_row(0, 0, ("N° facture", "Date", "Client", "Total HT", "TVA", "Total TTC"))
        for row, number in enumerate(("F-1", "F-2", "F-4"), 1):
            sheet.write_row(row, 0, (number, f"0{row}/10/2026", "Dupré SARL", 100, 20, 120))
    port = host(path)
    at = Desk(port, tmp_path)
    monkeypatch.setattr(port, "ask", at.ask)
    before, names = at.looks(), [sheet.name for sheet in port.snapshot().sheets]
    answer = at.click("check")
    assert answer.text
    assert {cell.partition("!")[0] for _, _, cell in at.control() if cell} == {"Ventes"}
    assert any((look.note or "").startswith("xlbridge") for look in at.looks().values())
    assert at.click("issue").code is ExitCode.WRONG_USE
    at.click("clear")
    assert at.looks() == before
    assert [sheet.name for sheet in port.snapshot().sheets] == names
