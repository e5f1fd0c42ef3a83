"""Issued drafts moved into the register of a closed template: what arrives there, what stays, what is refused; and later changes found."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rich_workbook import with_parts
from tests.test_workbook_package import changed_parts, part
from tests.test_workbook_template import COMPANY, item, lines, prices, sold
from xlbridge.errors import UnreadableFile, WrongUse
from xlbridge.model import Delivery, Invoice, Note, Period, PrecedingInvoice, Totals
from xlbridge.workbook.closed import ClosedPort
from xlbridge.workbook.grid import open_workbook
from xlbridge.workbook.mark_notes import note_of
from xlbridge.workbook.port import Look
from xlbridge.workbook.registering import (
    Move,
    changed_cells,
    check_movable,
    extra_numbers,
    moved,
    register_rows,
    replace_with_backup,
    rows_as_json,
    rows_from_json,
)
from xlbridge.workbook.seal_sheet import SealSheet, read_seal
from xlbridge.workbook.template import Entry, read_entries, write_template

pytestmark = pytest.mark.slow

OFFICE = shutil.which("soffice")
SEAL = SealSheet("0f" * 16, 7, 9, "ab" * 32, "c1", "F2026 : 7", "2026-11-03T10:00:00Z", "1e" * 16)
Edit = Callable[[openpyxl.Workbook], None]


def template_with(path: Path, *invoices: Invoice, edit: Edit | None = None) -> Path:
    """A template at `path`, its cells changed by `edit` as a user would."""
    write_template(path, invoices or (sold(item(), number="F2026-0001"), sold(item(), item(name="Pose"), number=None)), COMPANY)
    if edit:
        book = openpyxl.load_workbook(path)
        edit(book)
        book.save(path)
    return path


def drafts(path: Path) -> list[Entry]:
    """The drafts of a template, with their lines."""
    return [entry for entry in read_entries(open_workbook(path)) if entry.sheet == "Factures"]


def moves(path: Path, first: int = 2, entries: Iterable[Entry] | None = None) -> list[Move]:
    """Every draft under the next numbers."""
    workbook = open_workbook(path)
    found = []
    for number, entry in enumerate(drafts(path) if entries is None else entries, first):
        issued = entry.document.invoice.model_copy(update={"number": f"F2026-{number:04}"})
        found.append(Move(entry, register_rows(entry, issued, workbook)))
    return found


def issued(path: Path) -> dict[str | None, Entry]:
    """The register of a workbook by number."""
    return {entry.key: entry for entry in read_entries(open_workbook(path)) if entry.sheet == "Registre"}


def cells(path: Path, sheet: str, row: int) -> list[Any]:
    """A row as openpyxl finds it, formulas as their text."""
    return [cell.value for cell in openpyxl.load_workbook(path)[sheet][row]]


def same_content(one: Invoice, other: Invoice) -> bool:
    """Whether two invoices say the same of what is owed."""
    names = ("issue_date", "due_date", "type_code", "lines", "totals", "vat_breakdown", "allowances", "order_reference", "period", "notes")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def test_a_draft_moves_and_all_else_stays(tmp_path):
    source = template_with(tmp_path / "a.xlsx")
    before = source.read_bytes()
    found = moves(source)
    moved(source, found, SEAL, tmp_path / "b.xlsx")
    assert source.read_bytes() == before
    touched = {"Accueil": 1, "Factures": 2, "Lignes": 3, "Registre": 8, "Registre lignes": 9, "Sceau": 11}
    assert changed_parts(source, tmp_path / "b.xlsx") == {
        *(f"xl/worksheets/sheet{at}.xml" for at in touched.values()),
        "xl/tables/table5.xml",
        "xl/tables/table6.xml",
    }
    assert drafts(tmp_path / "b.xlsx") == []
    entry = issued(tmp_path / "b.xlsx")["F2026-0002"]
    assert (entry.row, entry.line_rows, entry.document.findings) == (2, (2, 3), ())
    assert same_content(entry.document.invoice, found[0].entry.document.invoice)
    assert read_seal(open_workbook(tmp_path / "b.xlsx")) == SEAL
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    register = book["Registre"].tables["Registre"]
    assert (register.ref, register.autoFilter.ref, book["Registre lignes"].tables["RegistreLignes"].ref) == ("A1:Q3", "A1:Q3", "A1:J4")
    assert book["Registre"].dimensions == "A1:Q3"
    assert [cell.style_id for cell in book["Registre"][3]] == [cell.style_id for cell in book["Registre"][2]]
    assert book["Registre"]["M3"].value == pytest.approx(279)
    assert book["Registre lignes"]["H3"].value == pytest.approx(0.2)
    assert book["Registre"].protection.sheet
    unlocked = [
        cell.coordinate
        for name in ("Registre", "Registre lignes", "Sceau")
        for row in book[name]
        for cell in row
        if not cell.protection.locked
    ]
    assert unlocked == ["Q2", "Q3"]  # « Réglée le », which the user fills


def test_the_rows_of_a_draft_are_emptied_and_what_fills_its_columns_stays(tmp_path):
    source = template_with(tmp_path / "a.xlsx")
    moved(source, moves(source), SEAL, tmp_path / "b.xlsx")
    total = cells(source, "Lignes", 2)[9]
    assert total.startswith("=IF(")
    assert cells(tmp_path / "b.xlsx", "Factures", 2)[:12] == [None] * 12
    assert cells(tmp_path / "b.xlsx", "Factures", 2)[12:] == cells(source, "Factures", 2)[12:]
    emptied = [None] * 9 + cells(source, "Lignes", 2)[9:]
    assert cells(tmp_path / "b.xlsx", "Lignes", 2) == cells(tmp_path / "b.xlsx", "Lignes", 3) == emptied
    old, new = (part(path, "xl/worksheets/sheet3.xml").decode() for path in (source, tmp_path / "b.xlsx"))
    assert old.partition("</sheetData>")[2] == new.partition("</sheetData>")[2]


def test_a_value_written_over_the_formula_of_its_column_gives_way_to_it(tmp_path):
    source = template_with(tmp_path / "a.xlsx")
    formula = cells(source, "Lignes", 2)[9]
    with zipfile.ZipFile(source) as package:
        contents = {name: package.read(name) for name in package.namelist()}
    lines_part = contents["xl/worksheets/sheet3.xml"].decode()
    contents["xl/worksheets/sheet3.xml"] = re.sub(r'(<c r="J2"[^>]*>)<f>.*?</f>', r"\1", lines_part, count=1).encode()
    with zipfile.ZipFile(source, "w") as package:
        for name, content in contents.items():
            package.writestr(name, content)
    assert not isinstance(cells(source, "Lignes", 2)[9], str)
    moved(source, moves(source), SEAL, tmp_path / "b.xlsx")
    assert cells(tmp_path / "b.xlsx", "Lignes", 2)[9] == formula


def test_formulas_of_the_user_in_a_draft(tmp_path):
    def edit(book: openpyxl.Workbook) -> None:
        for row in range(2, 22):
            book["Factures"].cell(row, 4).value = f'=IF(C{row}="","",C{row}+30)'
        book["Factures"]["K2"].value = "=5+5"

    source = template_with(tmp_path / "a.xlsx", edit=edit)
    moved(source, moves(source), SEAL, tmp_path / "b.xlsx")
    row = cells(tmp_path / "b.xlsx", "Factures", 2)
    assert (row[3], row[10]) == ('=IF(C2="","",C2+30)', None)


def test_columns_beside_ours_keep_their_rows(tmp_path):
    def edit(book: openpyxl.Workbook) -> None:
        for row, text in ((1, "Chantier"), (2, "Villa"), (3, "Garage")):
            book["Factures"].cell(row, 20).value = text
        book["Factures"].tables["Factures"].ref = book["Factures"].tables["Factures"].autoFilter.ref = "A1:T21"
        book["Factures"].tables["Factures"].tableColumns.append(openpyxl.worksheet.table.TableColumn(id=20, name="Chantier"))

    source = template_with(tmp_path / "a.xlsx", sold(item(), number=None), sold(item(), number=None), edit=edit)
    moved(source, moves(source, entries=drafts(source)[:1]), SEAL, tmp_path / "b.xlsx")
    assert [cells(tmp_path / "b.xlsx", "Factures", row)[19] for row in (2, 3)] == ["Villa", "Garage"]
    assert [(entry.key, entry.row) for entry in drafts(tmp_path / "b.xlsx")] == [("B2", 2)]


def test_what_a_draft_draws_from_elsewhere_is_written_out(tmp_path):
    def article(book: openpyxl.Workbook) -> None:
        for column, value in enumerate(["MO", "Main-d’œuvre", "heure", 50, 0.1], 1):
            book["Articles"].cell(2, column).value = value
        for column, value in {2: "mo", 3: None, 5: None, 6: None, 8: None}.items():
            book["Lignes"].cell(2, column).value = value
        book["Factures"]["B2"].value = book["Factures"]["D2"].value = None
        book["Clients"]["M2"].value = "30 jours fin de mois"

    source = template_with(tmp_path / "a.xlsx", sold(item(), number=None), edit=article)
    found = moves(source)
    assert found[0].rows.head == {
        "Numéro": "F2026-0002",
        "Type": "Facture",
        "Date": date(2026, 10, 1),
        "Échéance": date(2026, 10, 31),
        "Client": "C001",
        "Nature": "Services",
        "Total HT": Decimal("150.00"),
        "TVA": Decimal("15.00"),
        "Total TTC": Decimal("165.00"),
        "Net à payer": Decimal("165.00"),
    }
    assert found[0].rows.lines[0] == {
        "Numéro": "F2026-0002",
        "Article": "mo",
        "Désignation": "Main-d’œuvre",
        "Quantité": Decimal(3),
        "Unité": "heure",
        "P.U. HT": Decimal(50),
        "TVA %": Decimal("0.1"),
        "Total HT": Decimal("150.00"),
    }
    moved(source, found, SEAL, tmp_path / "b.xlsx")
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    for column in range(1, 7):
        book["Articles"].cell(2, column).value = None
    book["Clients"]["M2"].value = "comptant"
    book.save(tmp_path / "c.xlsx")
    entry = issued(tmp_path / "c.xlsx")["F2026-0002"]
    assert entry.document.findings == ()
    assert same_content(entry.document.invoice, found[0].entry.document.invoice)


percent_off = st.sampled_from([None, Decimal(10), Decimal("33.3")])


@pytest.mark.slow
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    drawn=st.lists(lines(), min_size=1, max_size=4),
    prepaid=st.one_of(st.none(), prices),
    facts=st.fixed_dictionaries(
        {
            "type_code": st.sampled_from(["380", "381", "386"]),
            "notes": st.sampled_from([(), (Note(text="Merci.\nÀ bientôt."),)]),
            "order_reference": st.sampled_from([None, "BC-12", "0012"]),
            "preceding_invoices": st.sampled_from([(), (PrecedingInvoice(number="F2025-0009", issue_date=date(2025, 12, 1)),)]),
        },
        optional={
            "period": st.just(Period(start=date(2026, 9, 1), end=date(2026, 9, 30))),
            "delivery": st.just(Delivery(date=date(2026, 9, 28))),
        },
    ),
)
def test_any_document_reads_the_same_from_the_register(tmp_path, drawn, prepaid, facts):
    source = template_with(tmp_path / "a.xlsx", sold(*drawn, number=None, totals=Totals(prepaid=prepaid), **facts))
    found = moves(source)
    moved(source, found, SEAL, tmp_path / "b.xlsx", replace=True)
    entry = issued(tmp_path / "b.xlsx")["F2026-0002"]
    assert [finding.code for finding in entry.document.findings] == []
    assert same_content(entry.document.invoice, found[0].entry.document.invoice)
    assert entry.document.invoice.preceding_invoices == found[0].entry.document.invoice.preceding_invoices
    sealed = rows_as_json(found[0].rows)
    assert rows_from_json(sealed) == found[0].rows
    assert changed_cells(open_workbook(tmp_path / "b.xlsx"), "F2026-0002", sealed) == []


@pytest.mark.parametrize("discount", ["10 %", 12.5])
def test_a_discount_on_the_whole_keeps_its_kind(tmp_path, discount):
    def edit(book: openpyxl.Workbook) -> None:
        book["Factures"]["K2"].value = discount

    source = template_with(tmp_path / "a.xlsx", sold(item(), number=None), edit=edit)
    found = moves(source)
    moved(source, found, SEAL, tmp_path / "b.xlsx")
    invoice = issued(tmp_path / "b.xlsx")["F2026-0002"].document.invoice
    assert invoice.allowances
    assert same_content(invoice, found[0].entry.document.invoice)


def test_fifty_at_once_are_quick(tmp_path):
    source = template_with(tmp_path / "a.xlsx", *(sold(item(), item(name=f"Pose {at}"), item(), number=None) for at in range(60)))
    found = moves(source, entries=drafts(source)[:50])
    start = time.process_time()
    moved(source, found, SEAL, tmp_path / "b.xlsx")
    assert time.process_time() - start < 5
    assert len(drafts(tmp_path / "b.xlsx")) == 10
    register = issued(tmp_path / "b.xlsx")
    assert [register[move.number].document.invoice.lines for move in found] == [move.entry.document.invoice.lines for move in found]


def test_the_next_issues_follow_below_and_a_sorted_register_too(tmp_path):
    source = template_with(tmp_path / "a.xlsx", *(sold(item(), number=None) for _ in range(3)))
    moved(source, moves(source, 7, drafts(source)[:2]), SEAL, tmp_path / "b.xlsx")
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    sheet = book["Registre"]
    sheet["A2"].value, sheet["A3"].value = "F2026-0008", "F2026-0007"
    sheet.row_dimensions[2].hidden = True
    book.save(tmp_path / "c.xlsx")
    moved(tmp_path / "c.xlsx", moves(tmp_path / "c.xlsx", 9), SEAL, tmp_path / "d.xlsx")
    assert {key: entry.row for key, entry in issued(tmp_path / "d.xlsx").items()} == {"F2026-0008": 1, "F2026-0007": 2, "F2026-0009": 3}


def test_a_number_in_the_register_is_not_added_again(tmp_path):
    source = template_with(tmp_path / "a.xlsx")
    found = moves(source, 1)
    moved(source, found, SEAL, tmp_path / "b.xlsx")
    assert drafts(tmp_path / "b.xlsx") == []
    assert cells(tmp_path / "b.xlsx", "Registre", 2) == cells(source, "Registre", 2)
    assert [(key, entry.line_rows) for key, entry in issued(tmp_path / "b.xlsx").items()] == [("F2026-0001", (1,))]


def test_without_moves_only_the_seal_is_written(tmp_path):
    source = template_with(tmp_path / "a.xlsx")
    moved(source, [], SEAL, tmp_path / "b.xlsx")
    assert changed_parts(source, tmp_path / "b.xlsx") == {"xl/worksheets/sheet1.xml", "xl/worksheets/sheet11.xml"}


def test_a_column_of_formulas_in_the_register_goes_on(tmp_path):
    def edit(book: openpyxl.Workbook) -> None:
        sheet, table = book["Registre"], book["Registre"].tables["Registre"]
        sheet["R1"].value, sheet["R2"].value = "Reste", "=P2*1"
        table.ref = table.autoFilter.ref = "A1:R2"
        formula = openpyxl.worksheet.table.TableFormula(attr_text="Registre[[#This Row],[Net à payer]]*1")
        table.tableColumns.append(openpyxl.worksheet.table.TableColumn(id=18, name="Reste", calculatedColumnFormula=formula))

    source = template_with(tmp_path / "a.xlsx", edit=edit)
    moved(source, moves(source), SEAL, tmp_path / "b.xlsx")
    assert cells(tmp_path / "b.xlsx", "Registre", 3)[17] == "=Registre[[#This Row],[Net à payer]]*1"


def test_a_mark_on_the_register_is_not_copied_with_the_look_of_its_row(tmp_path):
    source, red = template_with(tmp_path / "a.xlsx"), "#FFC7CE"
    port = ClosedPort(source)
    before = port.fills("Registre", [(1, 1), (1, 2)])
    looks = {where: Look(red, note_of(["xlbridge · BLOQUANT"], Look(fill, None))) for where, fill in before.items()}
    port.set_looks("Registre", looks | {(1, 3): Look(red, "à moi")})
    port.save()
    moved(source, moves(source), SEAL, tmp_path / "b.xlsx")
    after = ClosedPort(tmp_path / "b.xlsx").fills("Registre", [(row, column) for row in (1, 2) for column in (1, 2, 3)])
    assert [after[1, column] for column in (1, 2, 3)] == [red] * 3
    assert [after[2, column] for column in (1, 2, 3)] == [before[1, 1], before[1, 2], red]


def test_a_note_that_cannot_be_written_stays_and_stops_nothing(tmp_path):
    source = template_with(tmp_path / "a.xlsx")
    port = ClosedPort(source)
    port.set_looks("Factures", {(1, 2): Look(None, "sonnez ICI"), (1, 3): Look(None, "à moi")})
    port.save()
    with_parts(source, {"xl/comments1.xml": part(source, "xl/comments1.xml").decode().replace("ICI", "_x0007_")}, {})
    moved(source, moves(source), SEAL, tmp_path / "b.xlsx")
    after = ClosedPort(tmp_path / "b.xlsx")
    assert after.notes("Factures") == {(1, 2): "sonnez \x07"}
    assert list(after.notes("Registre").values()) == ["à moi"]


def test_the_colour_of_a_mark_below_the_drafts_is_not_that_of_their_column(tmp_path):
    source = template_with(tmp_path / "a.xlsx")
    port, below = ClosedPort(source), drafts(source)[0].line_rows[-1] + 1
    port.set_looks("Lignes", {(below, 3): Look("#FFE699", note_of(["xlbridge · AVERTISSEMENT"], Look(None, None)))})
    port.save()
    moved(source, moves(source), SEAL, tmp_path / "b.xlsx")
    fills = ClosedPort(tmp_path / "b.xlsx").fills("Lignes", [(row, 3) for row in range(1, below + 1)])
    assert [row for (row, _), fill in fills.items() if fill] == [below]


def test_macros_ribbon_and_all_the_rest_keep_their_bytes(tmp_path):
    source = template_with(tmp_path / "a.xlsm")
    office = "http://schemas.microsoft.com/office"
    with_parts(
        source,
        {"xl/vbaProject.bin": "macros", "customUI/customUI.xml": "<customUI/>", "xl/drawings/drawing9.xml": "<xdr/>"},
        {
            "xl/_rels/workbook.xml.rels": [(f"{office}/2006/relationships/vbaProject", "vbaProject.bin")],
            "_rels/.rels": [(f"{office}/2006/relationships/ui/extensibility", "customUI/customUI.xml")],
        },
    )
    moved(source, moves(source), SEAL, tmp_path / "b.xlsm")
    changed = changed_parts(source, tmp_path / "b.xlsm")
    assert changed.isdisjoint({"xl/vbaProject.bin", "customUI/customUI.xml", "xl/drawings/drawing9.xml", "xl/styles.xml"})
    assert all(name.startswith(("xl/worksheets/sheet", "xl/tables/table")) for name in changed - {"xl/workbook.xml"})


def rename(old: str, new: str) -> Edit:
    def edit(book: openpyxl.Workbook) -> None:
        book[old].title = new

    return edit


def change(sheet: str, cell: str, value: object) -> Edit:
    def edit(book: openpyxl.Workbook) -> None:
        book[sheet][cell].value = value

    return edit


def without_table(book: openpyxl.Workbook) -> None:
    del book["Registre"].tables["Registre"]


def with_totals(book: openpyxl.Workbook) -> None:
    book["Registre"].tables["Registre"].totalsRowCount = 1


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (rename("Sceau", "Seau"), "n’a pas de feuille « Sceau »"),
        (rename("Registre", "Ancien"), "n’a pas de feuille « Registre »"),
        (rename("Registre lignes", "Ancien"), "n’a pas de feuille « Registre lignes »"),
        (change("Sceau", "A3", "autre"), "la feuille « Sceau » n’a plus son tableau"),
        (change("Registre", "C1", "Jour"), "la feuille « Registre » n’a plus son tableau"),
        (without_table, "la feuille « Registre » n’a plus son tableau"),
        (with_totals, "ligne de total"),
        (change("Registre lignes", "A3", "F2026-0002"), "« Registre » n’a pas ce document"),
    ],
)
def test_a_damaged_template_is_refused_and_nothing_written(tmp_path, edit, words):
    source = template_with(tmp_path / "a.xlsx", edit=edit)
    with pytest.raises(WrongUse, match=words) as refusal:
        moved(source, moves(source), SEAL, tmp_path / "b.xlsx")
    assert refusal.value.remedy
    assert not (tmp_path / "b.xlsx").exists()
    if "pas ce document" not in words:
        with pytest.raises(WrongUse, match=words):
            check_movable(source, drafts(source))


def test_a_workbook_that_changed_since_it_was_read_is_refused(tmp_path):
    source = template_with(tmp_path / "a.xlsx")
    found = moves(source)
    template_with(source, edit=change("Factures", "A2", "B7"))
    with pytest.raises(WrongUse, match="a changé depuis qu’il a été lu"):
        moved(source, found, SEAL, tmp_path / "b.xlsx")


def test_other_formats_and_signed_or_encrypted_files_are_refused(tmp_path):
    source = template_with(tmp_path / "a.xlsx")
    check_movable(source, drafts(source))
    with zipfile.ZipFile(source, "a") as package:
        package.writestr("_xmlsignatures/sig1.xml", "<Signature/>")
    for refused in (check_movable, lambda path, _: moved(path, moves(path), SEAL, tmp_path / "b.xlsx")):
        with pytest.raises(WrongUse, match="signature électronique"):
            refused(source, drafts(source))
    (tmp_path / "c.csv").write_text("a;b\n1;2\n", "utf-8")
    with pytest.raises(WrongUse, match="n’est pas un classeur"):
        moved(tmp_path / "c.csv", [], SEAL, tmp_path / "b.csv")
    (tmp_path / "d.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(UnreadableFile):
        moved(tmp_path / "d.xlsx", [], SEAL, tmp_path / "e.xlsx")


def test_the_seal_says_what_it_cannot_read(tmp_path):
    source = template_with(tmp_path / "a.xlsx")
    assert read_seal(open_workbook(source)) == SealSheet()
    moved(source, [], SEAL, tmp_path / "b.xlsx")
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    assert {type(cell.value) for cell in book["Sceau"]["B"]} == {str}
    book["Sceau"]["B2"].value, book["Sceau"]["A3"].value = "sept", "autre"
    book.save(tmp_path / "c.xlsx")
    seal = read_seal(open_workbook(tmp_path / "c.xlsx"))
    assert seal is not None
    assert (seal.count, seal.seq, seal.hash, seal.unreadable) == (None, None, SEAL.hash, ("Documents", "Dernier maillon"))
    template_with(source, edit=rename("Sceau", "Autre"))
    assert read_seal(open_workbook(source)) is None


@pytest.mark.slow
@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_computes_and_saves_it(tmp_path):
    """What it recalculates is right; and a workbook that it has saved can be issued from in turn."""
    source = template_with(tmp_path / "a.xlsx", sold(item(), number=None), sold(item(quantity=Decimal(5)), number=None))
    first, second = drafts(source)
    moved(source, moves(source, entries=[first]), SEAL, tmp_path / "b.xlsx")
    (tmp_path / "lo").mkdir()
    profile = f"-env:UserInstallation={(tmp_path / 'profil').as_uri()}"
    command = [str(OFFICE), profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "lo"), str(tmp_path / "b.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    saved = tmp_path / "lo" / "b.xlsx"
    totals = openpyxl.load_workbook(saved, data_only=True)["Lignes"]
    assert [totals.cell(row, 10).value or None for row in (2, 3, 4)] == [None, pytest.approx(232.5), None]
    assert same_content(issued(saved)["F2026-0002"].document.invoice, first.document.invoice)
    assert read_seal(open_workbook(saved)) == SEAL
    left = drafts(saved)
    assert [entry.document.invoice.lines for entry in left] == [second.document.invoice.lines]
    moved(saved, moves(saved, 3), SEAL, tmp_path / "c.xlsx")
    assert {key: entry.row for key, entry in issued(tmp_path / "c.xlsx").items()} == {"F2026-0002": 1, "F2026-0003": 2}
    assert cells(tmp_path / "c.xlsx", "Lignes", 3)[9].startswith("=IF(")


def register(tmp_path: Path, edit: Edit) -> tuple[Path, dict[str, Any]]:
    """A workbook with three moved documents, its register then changed by `edit`; what was sealed of each."""
    source = template_with(tmp_path / "a.xlsx", *(sold(item(), item(name="Pose", quantity=Decimal("0.2")), number=None) for _ in range(3)))
    found = moves(source)
    moved(source, found, SEAL, tmp_path / "b.xlsx")
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    edit(book)
    book.save(tmp_path / "b.xlsx")
    return tmp_path / "b.xlsx", {move.number: rows_as_json(move.rows) for move in found}


def told(path: Path, sealed: dict[str, Any]) -> list[tuple[str, str, str | None, str | None]]:
    """Every change, as cell, column, old and new."""
    workbook = open_workbook(path)
    changes = [change for number, rows in sealed.items() for change in changed_cells(workbook, number, rows)]
    return [(change.cell.reference, change.column, change.old, change.new) for change in changes]


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "change"),
    [
        ("Registre", "C3", date(2026, 10, 2), ("Date", "2026-10-01", "2026-10-02")),
        ("Registre", "P3", 1.5, ("Net à payer", "178.56", "1.5")),
        ("Registre", "E3", None, ("Client", "C001", None)),
        ("Registre", "L3", "Réglé", ("Note", None, "Réglé")),
        ("Registre lignes", "C5", "Autre", ("Désignation", "Pose", "Autre")),
        ("Registre lignes", "D5", 0.3, ("Quantité", "0.2", "0.3")),
        ("Registre lignes", "H5", 0.1, ("TVA %", "0.2", "0.1")),
    ],
)
def test_a_changed_cell_is_named_with_both_values(tmp_path, sheet, cell, value, change):
    assert told(*register(tmp_path, globals()["change"](sheet, cell, value))) == [(f"{sheet}!{cell}", *change)]


def test_sorting_and_formats_are_no_changes(tmp_path):
    def edit(book: openpyxl.Workbook) -> None:
        for name, rows in (("Registre", (2, 3, 4)), ("Registre lignes", (2, 3, 4, 5, 6, 7))):
            held = [[cell.value for cell in book[name][row]] for row in rows]
            for row, values in zip(rows, reversed(held), strict=True):
                for cell, value in zip(book[name][row], values, strict=True):
                    cell.value, cell.number_format = value, "General"
        book["Registre lignes"]["D2"].value = 0.20000000000000001
        for cell in (*book["Registre"]["C"][1:], *book["Registre"]["D"][1:]):
            cell.number_format = "yyyy-mm-dd"

    assert told(*register(tmp_path, edit)) == []


def test_rows_that_go_or_come(tmp_path):
    def edit(book: openpyxl.Workbook) -> None:
        book["Registre"]["A2"].value = "F2026-0009"
        for cell in book["Registre lignes"][5]:
            cell.value = None
        book["Registre lignes"]["A8"].value, book["Registre lignes"]["C8"].value = "F2026-0004", "Ajout"
        for column, cell in enumerate(book["Registre"][4], 1):
            book["Registre"].cell(5, column).value = cell.value
        book["Registre"]["A6"].value, book["Registre"]["B6"].value = None, "Facture"

    path, sealed = register(tmp_path, edit)
    assert told(path, sealed) == [
        ("Registre!A1", "Numéro", "F2026-0002", None),
        ("Registre lignes!A1", "Numéro", "F2026-0003", None),
        ("Registre!A5", "Numéro", None, "F2026-0004"),
        ("Registre lignes!A8", "Numéro", None, "F2026-0004"),
    ]
    extra = [(number, cell.reference) for number, cell in extra_numbers(open_workbook(path), sealed.keys())]
    assert extra == [("", "Registre!A6"), ("F2026-0009", "Registre!A2")]


def test_a_register_that_is_gone_says_so_of_every_document(tmp_path):
    path, sealed = register(tmp_path, rename("Registre", "Ancien"))
    assert told(path, sealed) == [("Registre!A1", "Numéro", number, None) for number in sealed]


@pytest.mark.slow
def test_every_single_cell_of_the_register_is_watched(tmp_path):
    path, sealed = register(tmp_path, lambda book: None)
    for sheet, width, rows in (("Registre", 16, (3,)), ("Registre lignes", 10, (7,))):
        for row in rows:
            for column in range(2, width + 1):
                book = openpyxl.load_workbook(path)
                cell = book[sheet].cell(row, column)
                cell.value = "x" if cell.value is None or isinstance(cell.value, str) else 77
                cell.number_format = "General"
                book.save(tmp_path / "c.xlsx")
                assert [change[0] for change in told(tmp_path / "c.xlsx", sealed)] == [f"{sheet}!{cell.coordinate}"]


def replaced(path: Path, content: bytes = b"new") -> Path:
    return replace_with_backup(path, lambda target: target.write_bytes(content) and None)


def test_the_workbook_is_replaced_and_its_last_state_kept(tmp_path):
    path = tmp_path / "factures.xlsx"
    path.write_bytes(b"old")
    assert replaced(path) == tmp_path / "factures.sauvegarde.xlsx"
    assert (path.read_bytes(), (tmp_path / "factures.sauvegarde.xlsx").read_bytes()) == (b"new", b"old")
    replaced(path, b"newer")
    assert (tmp_path / "factures.sauvegarde.xlsx").read_bytes() == b"new"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["factures.sauvegarde.xlsx", "factures.xlsx"]


def test_the_whole_way_on_a_template(tmp_path):
    path = template_with(tmp_path / "factures.xlsx")
    found = moves(path)
    backup = replace_with_backup(path, lambda target: moved(path, found, SEAL, target))
    assert set(issued(path)) == {"F2026-0001", "F2026-0002"}
    assert len(drafts(backup)) == 1


@pytest.mark.parametrize("lock", ["~$factures.xlsx", ".~lock.factures.xlsx#"])
def test_an_open_workbook_is_left_alone(tmp_path, lock):
    path = tmp_path / "factures.xlsx"
    path.write_bytes(b"old")
    (tmp_path / lock).touch()
    with pytest.raises(WrongUse, match="est ouvert dans un tableur"):
        replaced(path)
    assert path.read_bytes() == b"old"


def test_a_read_only_workbook_is_left_alone(tmp_path):
    path = tmp_path / "factures.xlsx"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(WrongUse, match="lecture seule"):
        replaced(path)
    path.chmod(0o644)
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize(("fault", "words"), [(PermissionError(13, "refusé"), "autre programme"), (OSError(28, "plein"), "plein")])
def test_what_goes_wrong_leaves_the_workbook_as_it_was(tmp_path, monkeypatch, fault, words):
    path = tmp_path / "factures.xlsx"
    path.write_bytes(b"old")

    def replace(self: Path, target: Path) -> None:
        if target == path:
            raise fault
        shutil.move(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(WrongUse, match=words):
        replaced(path)
    assert path.read_bytes() == b"old"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["factures.sauvegarde.xlsx", "factures.xlsx"]
