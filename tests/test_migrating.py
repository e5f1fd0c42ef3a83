"""Old workbooks into a new one: what goes in comes out, with its own numbers, and the next number follows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests import sheets
from tests.corpus import CORPUS, needs_corpus
from tests.sheets import CLIENT, OTHER_CLIENT, PLUMBER, table
from tests.test_cli import run as xlbridge
from xlbridge.clients import Client, ClientKind
from xlbridge.errors import ExitCode, UnreadableFile, WrongUse
from xlbridge.issuing.places import Places
from xlbridge.issuing.run import Request as Issue
from xlbridge.issuing.run import issue
from xlbridge.legacy.reader import read_file
from xlbridge.migrating import rules
from xlbridge.migrating.buyers import buyers_of, key_of
from xlbridge.migrating.outcome import Fate, Migration, Request
from xlbridge.migrating.price_list import Sold, price_list
from xlbridge.migrating.run import migrate
from xlbridge.model import Identifier, Invoice, Line, Party, PostalAddress
from xlbridge.proof import exit_code_of
from xlbridge.proof.places import verify_usual
from xlbridge.workbook.grid import open_workbook
from xlbridge.workbook.seal_sheet import read_seal
from xlbridge.workbook.template import read_entries, template_company
from xlbridge.workbook.template_layout import ARTICLES, CLIENTS, DRAFTS, LINES, REGISTER, REGISTER_LINES
from xlbridge.workbook.template_parties import table_of

pytestmark = pytest.mark.slow

HOSTILE = "=cmd|' /C calc'!A1"
TODAY = date(2026, 11, 24)
COMPANY = f"""[entreprise]
nom = "{PLUMBER.name}"
forme_juridique = "SARL"
capital = "10 000 €"
siren = "{PLUMBER.siren}"
siret = "{PLUMBER.siret}"
tva = "{PLUMBER.vat_number}"
rcs = "RCS Limoges {PLUMBER.siren}"
adresse = "8 rue des Tanneurs"
code_postal = "87000"
ville = "Limoges"
nature = "services"
exigibilite = "encaissements"
[banque]
iban = "FR7630006000011234567890189"
[clients]
pays = "FR"
"""


def form(path: Path, number: str, day: date, buyer: Party, *rows: tuple[str, float, float]) -> Path:
    """One invoice a sheet, at 20 %."""
    address = buyer.address
    assert address
    net = sum(quantity * price for _, quantity, price in rows)
    cells: dict[str, object] = {"E1": "FACTURE"}
    cells |= table("A1", [PLUMBER.name], ["8 rue des Tanneurs"], ["87000 Limoges"], [f"SIRET : {PLUMBER.siret}"])
    cells |= table("E4", ["Facturé à :"], [buyer.name], [address.line1], [f"{address.postcode} {address.city}"], [f"SIREN : {buyer.siren}"])
    cells |= table("A9", ["Facture n° :", number], ["Date :", day])
    cells |= table("A14", ["Désignation", "Quantité", "Unité", "P.U. HT", "Total HT"])
    cells |= table("A15", *([name, quantity, "h", sheets.euros(price), sheets.euros(quantity * price)] for name, quantity, price in rows))
    totals = (["Total HT", net], ["TVA 20 %", net * 0.2], ["Total TTC", net * 1.2])
    cells |= table("D20", *([label, sheets.euros(round(value, 2))] for label, value in totals))
    return sheets.workbook(path, {"Facture": cells})


def register(path: Path, *rows: tuple[object, ...]) -> Path:
    """A register of totals at 20 %."""
    head = ["N° facture", "Date", "Client", "Montant HT", "TVA", "Montant TTC"]
    body = [
        [number, day, client, net, round(float(str(net)) * 0.2, 2), round(float(str(net)) * 1.2, 2)] for number, day, client, net in rows
    ]
    return sheets.workbook(path, {"Ventes": table("A1", head, *body)})


def anciens(folder: Path) -> Path:
    """A folder with a register, two forms (one of which the register has too), a csv, and the company's settings."""
    folder.mkdir()
    register(
        folder / "ventes.xlsx",
        ("F2026-0001", date(2026, 1, 12), CLIENT.name, 500),
        ("F2026-0002", date(2026, 2, 3), HOSTILE, 80.5),
        ("F2026-0003", date(2026, 3, 4), CLIENT.name, 300),
    )
    form(folder / "facture3.xlsx", "F2026-0003", date(2026, 3, 4), CLIENT, ("Main-d’œuvre", 6, 42.5), ("Déplacement", 1, 45))
    form(folder / "facture4.xlsx", "F2026-0004", date(2026, 4, 5), OTHER_CLIENT, ("Main-d’œuvre", 2, 42.5), ("Déplacement", 1, 55))
    lines = ["Numéro facture;Date;Client;Montant HT;TVA;Montant TTC", "F2026-0005;06/05/2026;Boulangerie Fourvière;100,00;20,00;120,00"]
    (folder / "mai.csv").write_text("\n".join(lines), "utf-8")
    (folder / "entreprise.toml").write_text(COMPANY, "utf-8")
    return folder


@pytest.fixture
def old(tmp_path: Path, key_home: Path) -> Path:
    """Old workbooks that the test may change."""
    return anciens(tmp_path / "anciens")


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Old workbooks that no test changes."""
    return anciens(tmp_path_factory.mktemp("reprise") / "anciens")


@pytest.fixture(scope="module")
def migrated(before: Path) -> Migration:
    """Their migration, that no test changes."""
    return done(before)


def request(old: Path, **changes: object) -> Request:
    folder = old.parent
    files = tuple(sorted(path for path in old.iterdir() if path.suffix in {".xlsx", ".csv"}))
    places = Places(str(folder / "registre.sqlite"), folder / "coffre", str(folder / "cle.pem"))
    return Request(**{"old": files, "target": folder / "facturier.xlsx", "places": places} | changes)  # type: ignore[arg-type]


def done(old: Path, **changes: object) -> Migration:
    return migrate(request(old, **changes), lambda planned: True)


def codes(made: Migration) -> set[str]:
    return {finding.code for finding in made.findings}


def column(path: Path, sheet: str, name: str) -> list[object]:
    found = table_of(open_workbook(path), sheet)
    assert found
    return [value for row in found.rows() if (value := row.value(name)) is not None]


def test_numbers_days_and_totals_are_those_of_the_old_workbooks(before: Path, migrated: Migration) -> None:
    assert migrated.counts() == {"read": 6, "register": 5, "twin": 1, "left_out": 0, "other_seller": 0}
    assert migrated.exit_code is ExitCode.OK
    told = {_facts(document.invoice) for path in migrated.request.old for document in read_file(path).documents}
    again = [document.invoice for document in read_file(migrated.request.target).documents]
    assert len(again) == 5
    assert {_facts(invoice) for invoice in again} == told
    third = next(item for item in again if item.number == "F2026-0003")
    assert [line.name for line in third.lines] == ["Main-d’œuvre", "Déplacement"]  # the form says more than the register
    assert third.buyer.siren == CLIENT.siren


def _facts(invoice: Invoice) -> tuple[object, ...]:
    totals = invoice.totals
    return invoice.number, invoice.issue_date, totals.net, totals.vat, totals.gross


def test_clients_once_each_and_articles_with_what_they_always_cost(migrated: Migration) -> None:
    target = migrated.request.target
    assert sorted(map(str, column(target, CLIENTS, "Nom"))) == sorted([HOSTILE, str(CLIENT.name), str(OTHER_CLIENT.name)])
    assert column(target, ARTICLES, "Désignation") == ["Main-d’œuvre", "Déplacement"]
    assert column(target, ARTICLES, "P.U. HT") == [42.5]
    varies = next(finding for finding in migrated.findings if finding.code == rules.ARTICLE_VARIES.code)
    assert (varies.values["article"], varies.values["what"]) == ("Déplacement", "P.U. HT")


def test_formulas_in_names_stay_text(migrated: Migration) -> None:
    with ZipFile(migrated.request.target) as parts:
        names = [name for name in parts.namelist() if b"cmd|" in parts.read(name)]
        formulas = [name for name in parts.namelist() if b"<f>cmd" in parts.read(name) or b"<f>=cmd" in parts.read(name)]
    assert names == ["xl/sharedStrings.xml"]
    assert formulas == []
    assert HOSTILE in column(migrated.request.target, CLIENTS, "Nom")


def test_the_next_draft_takes_the_next_number_and_all_is_proven(old: Path) -> None:
    made = done(old)
    target, places = made.request.target, made.request.places
    workbook = open_workbook(target)
    seal = read_seal(workbook)
    assert seal
    assert seal.ledger == made.ledger
    assert seal.seq
    _write_draft(target)
    run = issue(Issue(target, None, False, places), lambda planned: True, today=TODAY)
    assert [item.invoice.number for item in run.issued if item.invoice] == ["F2026-0006"], [
        str(finding) for item in run.planned for finding in item.draft.findings
    ]
    keys = [entry.key for entry in read_entries(open_workbook(target)) if entry.sheet == REGISTER]
    assert keys == [f"F2026-000{at}" for at in range(1, 7)]
    report = verify_usual(target, places.ledger, places.archive, places.key)
    assert exit_code_of(report) is ExitCode.OK, [str(finding) for finding in report.findings]


def test_rows_that_were_taken_over_and_then_changed_are_told(migrated: Migration, tmp_path: Path) -> None:
    import openpyxl

    changes = (
        (REGISTER, "F2026-0001", "Total TTC", 601, "Total TTC"),
        (REGISTER, "F2026-0002", "Date", date(2026, 2, 4), "Date"),
        (REGISTER, "F2026-0003", "Type", "Avoir", "Type"),
        (REGISTER, "F2026-0004", "Net à payer", 1, "Net à payer"),
        (REGISTER_LINES, "F2026-0004", "Total HT", 1, "Total HT des lignes"),
        (REGISTER_LINES, "F2026-0005", "P.U. HT", 1, "Total TTC d’après les lignes"),
        (REGISTER_LINES, "F2026-0001", "TVA %", "peu", "TVA d’après les lignes"),
    )
    target, places = migrated.request.target, migrated.request.places
    book = openpyxl.load_workbook(target)
    for sheet, number, name, value, _ in changes:
        header = {cell.value: cell.column for cell in book[sheet][1]}
        row = next(row for row in book[sheet].iter_rows(min_row=2) if row[0].value == number)
        row[header[name] - 1].value = value
    book.save(tmp_path / target.name)
    report = verify_usual(tmp_path / target.name, places.ledger, places.archive, places.key)
    assert exit_code_of(report) is ExitCode.LEDGER_BROKEN
    found = [finding for finding in report.findings if finding.code == "REG-070"]
    assert all(finding.cell for finding in found)
    assert {(number, told) for _, number, _, _, told in changes} <= {(item.values["number"], item.values["column"]) for item in found}


def _write_draft(path: Path) -> None:
    """A draft typed into the tables."""
    import openpyxl

    book = openpyxl.load_workbook(path)
    clients = {row[1].value: row[0].value for row in book[CLIENTS].iter_rows(min_row=2)}
    for sheet, values in (
        (DRAFTS, {"Brouillon": "B1", "Date": date(2026, 11, 20), "Échéance": date(2026, 12, 20), "Client": clients[CLIENT.name]}),
        (LINES, {"Brouillon": "B1", "Désignation": "Dépannage", "Quantité": 2, "Unité": "heure", "P.U. HT": 50, "TVA %": 0.2}),
    ):
        header = {cell.value: cell.column for cell in book[sheet][1]}
        for name, value in values.items():
            book[sheet].cell(2, header[name], value)
    book.save(path)


def test_a_second_run_refuses_and_a_repeated_takeover_takes_nothing(old: Path) -> None:
    originals = {path: path.read_bytes() for path in old.iterdir()}
    made = done(old)
    assert {path: path.read_bytes() for path in old.iterdir()} == originals
    written = made.request.target.read_bytes()
    with pytest.raises(WrongUse, match="existe déjà"):
        done(old)
    assert made.request.target.read_bytes() == written
    again = done(old, target=old.parent / "autre.xlsx")
    assert again.takeover is not None
    assert (len(again.takeover.taken), again.takeover.known, again.takeover.series) == (0, 5, ())
    assert again.ledger == made.ledger


def test_dry_run_and_refusal_write_nothing(old: Path) -> None:
    planned = done(old, dry_run=True)
    assert planned.takeover is not None
    assert len(planned.takeover.taken) == 5
    assert not migrate(request(old), lambda planned: False).written
    assert sorted(path.name for path in old.parent.iterdir()) == ["anciens", "maison"]


def test_without_ledger_the_workbook_alone(old: Path) -> None:
    made = done(old, no_ledger=True)
    assert made.written
    assert rules.NO_LEDGER.code in codes(made)
    assert not (old.parent / "registre.sqlite").exists()
    _write_draft(made.request.target)
    with pytest.raises(WrongUse, match="contient déjà des numéros"):
        issue(Issue(made.request.target, None, False, made.request.places), lambda planned: True, today=TODAY)


def test_the_company_of_the_documents_where_no_settings_are(old: Path) -> None:
    (old / "entreprise.toml").unlink()
    made = done(old)
    company = template_company(open_workbook(made.request.target))
    assert company is not None
    assert (company.name, company.siren, company.postcode) == (PLUMBER.name, PLUMBER.siren, "87000")
    assert rules.SELLER_READ.code in codes(made)


def test_what_does_not_fit_stays_out_and_is_named_with_its_cell(old: Path) -> None:
    register(
        old / "autre.xlsx",
        ("F2026-0010", date(2026, 6, 1), CLIENT.name, 10),
        ("F2026-0010", date(2026, 6, 2), CLIENT.name, 20),
        ("F2026-0011", "hier", CLIENT.name, 30),
    )
    head = ["N° facture", "Date", "Client", "Montant HT", "TVA", "Montant TTC"]
    sheets.workbook(old / "faux.xlsx", {"Ventes": table("A1", head, ["F2026-0012", date(2026, 6, 3), CLIENT.name, 100, 20.01, 120.01])})
    made = done(old)
    assert made.counts() == {"read": 10, "register": 5, "twin": 1, "left_out": 4, "other_seller": 0}
    assert made.exit_code is ExitCode.BLOCKING_FINDINGS
    out = {finding.values["number"]: finding for finding in made.findings if finding.code in {rules.LEFT_OUT.code, rules.SAME_NUMBER.code}}
    assert set(out) == {"F2026-0010", "F2026-0011", "F2026-0012"}
    assert {finding.cell.file for finding in out.values() if finding.cell} == {"autre.xlsx", "faux.xlsx"}
    assert "date" in out["F2026-0011"].message
    assert made.takeover is not None
    assert len(made.takeover.taken) == 9  # the ledger takes them as they are


def test_credit_notes_keep_their_kind_and_amount(old: Path) -> None:
    register(old / "avoirs.xlsx", ("A2026-0001", date(2026, 7, 1), CLIENT.name, -50))
    made = done(old)
    found = [item.document.invoice for item in read_entries(open_workbook(made.request.target)) if item.key == "A2026-0001"]
    assert [(item.type_code, item.totals.net, item.totals.gross) for item in found] == [("381", Decimal(50), Decimal(60))]
    assert made.takeover is not None
    assert {series.continues for series in made.takeover.series} == {"F2026-0005", "A2026-0001"}


def test_a_twin_that_says_more_is_told_and_one_that_contradicts_is_none(old: Path) -> None:
    head = ["N° facture", "Date", "Échéance", "Client", "Montant HT", "TVA", "Montant TTC"]
    row = ["F2026-0004", date(2026, 4, 5), date(2026, 5, 5), OTHER_CLIENT.name, 140, 28, 168]
    sheets.workbook(old / "suivi.xlsx", {"Ventes": table("A1", head, row)})
    made = done(old, dry_run=True)
    told = [finding.message for finding in made.findings if finding.code == rules.TWIN.code]
    assert len(told) == 2
    assert [message for message in told if "date d’échéance « 05/05/2026 »" in message]
    register(old / "suivi.xlsx", ("F2026-0004", date(2026, 4, 5), CLIENT.name, 140))
    made = done(old, dry_run=True)
    assert made.counts() == {"read": 7, "register": 4, "twin": 1, "left_out": 2, "other_seller": 0}


def test_a_logo_that_is_elsewhere_is_told(old: Path) -> None:
    (old / "entreprise.toml").write_text(COMPANY.replace("[banque]", 'logo = "logo.png"\n[banque]'), "utf-8")
    assert rules.LOGO.code in codes(done(old, dry_run=True))
    (old.parent / "logo.png").write_bytes(b"png")
    assert rules.LOGO.code not in codes(done(old, dry_run=True))


def test_another_sellers_documents_stay_out(old: Path) -> None:
    (old / "entreprise.toml").write_text('[entreprise]\nnom = "Menuiserie Autre"\nsiren = "356000000"\n', "utf-8")
    made = done(old)
    assert {item.past.invoice.number for item in made.of(Fate.OTHER_SELLER)} == {"F2026-0003", "F2026-0004"}
    assert made.counts()["register"] == 4


def test_unreadable_files_and_own_workbooks_are_refused(old: Path) -> None:
    (old / "casse.xlsx").write_bytes(b"PK\x03\x04 rien")
    with pytest.raises(UnreadableFile, match="casse"):
        done(old)
    assert done(old, dry_run=True).exit_code is ExitCode.UNREADABLE
    (old / "casse.xlsx").unlink()
    made = done(old)
    with pytest.raises(WrongUse, match="déjà un classeur de facturation"):
        migrate(replace(made.request, old=(made.request.target,), target=old.parent / "neuf.xlsx"), lambda planned: True)


def test_from_the_command_line(old: Path) -> None:
    folder = old.parent
    target = folder / "facturier.xlsx"
    places = ("--ledger", folder / "registre.sqlite", "--key", folder / "cle.pem", "--archive", folder / "coffre")
    unasked = xlbridge("migrate", old, target, *places)
    assert (unasked.returncode, "--yes" in unasked.stderr) == (ExitCode.WRONG_USE, True)
    assert "5 document(s) à reprendre" in unasked.stdout
    made = xlbridge("migrate", old, target, *places, "--yes", "--json")
    told = json.loads(made.stdout)
    assert (made.returncode, told["written"], told["counts"]["register"]) == (0, True, 5)
    assert {item["fate"] for item in told["documents"]} == {"register", "twin"}
    assert target.is_file()


def buyer(name: str, postcode: str = "", street: str = "", siren: str = "") -> Party:
    address = PostalAddress(line1=street or None, postcode=postcode or None) if street or postcode else None
    return Party(name=name, address=address, legal_id=Identifier(value=siren, scheme="0002") if siren else None)


def met(*buyers: Party, listed: tuple[Client, ...] = ()):  # type: ignore[no-untyped-def]
    return buyers_of(((Invoice(buyer=one, issue_date=date(2026, 1, 1 + at)), None, None) for at, one in enumerate(buyers)), listed)


def test_clients_are_one_by_siren_else_by_name_and_postcode() -> None:
    one, other = str(CLIENT.siren), str(OTHER_CLIENT.siren)
    assert len(met(buyer("Dupré", siren=one), buyer("DUPRE"), buyer("Dupre SARL", siren=one)).clients) == 1
    assert len(met(buyer("Dupré", "87000"), buyer("DUPRÉ", "87000"), buyer("dupré")).clients) == 1
    assert len(met(buyer("Dupré", "87000"), buyer("Dupré", "69006")).clients) == 2
    assert len(met(buyer("Dupré", "87000", siren=one), buyer("Dupré", "69006")).clients) == 2
    assert len(met(buyer("Dupré", "87000", siren=one), buyer("Dupré", "87000"), buyer("Dupré")).clients) == 1
    unsure = met(buyer("Dupré", siren=one), buyer("Dupré", siren=other), buyer("Dupré"))
    assert len(unsure.clients) == 3
    assert rules.CLIENT_UNSURE.code in {finding.code for finding in unsure.findings}


def test_a_client_that_moved_has_its_new_address_and_one_that_alternates_has_none() -> None:
    siren = str(CLIENT.siren)
    here, there = buyer("Dupré", "87000", "1 rue A", siren), buyer("Dupré", "69006", "2 rue B", siren)
    (client,) = (moved := met(here, here, there)).clients.values()
    assert (client.address, client.postcode) == ("2 rue B", "69006")
    assert [finding.code for finding in moved.findings] == [rules.CLIENT_MOVED.code]
    (client,) = (mixed := met(here, there, here)).clients.values()
    assert (client.address, client.postcode) == (None, None)
    assert [finding.code for finding in mixed.findings] == [rules.CLIENT_CONFLICT.code]
    assert "1 rue A" in mixed.findings[0].message
    assert "2 rue B" in mixed.findings[0].message


def test_listed_clients_keep_code_kind_and_terms_and_come_without_documents() -> None:
    listed = (
        Client(name="Dupré", code="DUP", kind=ClientKind.CONSUMER, terms="30"),
        Client(name="Jamais facturé", code="C001", siren=str(OTHER_CLIENT.siren)),
    )
    found = met(buyer("DUPRÉ", "87000"), buyer("Autre"), listed=listed)
    by_code = {client.code: client for client in found.clients.values()}
    assert len(by_code) == 3
    assert (by_code["DUP"].kind, by_code["DUP"].terms, by_code["DUP"].postcode) == (ClientKind.CONSUMER, "30", "87000")
    assert found.code(buyer("Autre")) not in {None, "DUP", "C001"}
    assert key_of(CLIENT) == ("siren", CLIENT.siren)


def test_a_code_of_two_designations_is_no_article() -> None:
    def line(name: str, code: str | None = None, price: str = "10") -> Sold:
        return Sold(Line(name=name, seller_item_id=code, quantity=Decimal(1), unit_price=Decimal(price), vat_rate=Decimal(20)), None)

    rows, told = price_list([line("Vis", "A1"), line("Clou", "A1"), line("Vis", "A1"), line("Pose"), line("POSE"), line("Une fois")])
    assert [(row["Code"], row["Désignation"], row["P.U. HT"]) for row in rows] == [("A001", "POSE", Decimal(10))]
    assert [finding.code for finding in told] == [rules.ARTICLE_CODE.code]


LABELLED = CORPUS / "workbooks" / "labelled"
WITH_DOCUMENTS = (
    "agrandi1992_cdf_audit__factures.xlsx", "OtmaneZ_FinSights__customer_invoices.csv", "OtmaneZ_FinSights__test-facture.csv",
    "AhmedMetaoua_GestionStock__FACTURE_37_19-01-2025.xlsx",
    "akretion_factur-x-libreoffice-extension__sample_factur-X_invoice_FR.ods", "El-walid_automated-debt-collector__comptabilite.xlsx",
)  # fmt: skip


@needs_corpus
@pytest.mark.parametrize("name", WITH_DOCUMENTS)
def test_every_document_of_real_workbooks_has_its_place_or_its_finding(name: str, tmp_path: Path) -> None:
    read = len(read_file(LABELLED / name).documents)
    made = migrate(Request((LABELLED / name,), tmp_path / "neuf.xlsx", no_ledger=True), lambda planned: True)
    counts = made.counts()
    assert counts["read"] == read == sum(counts[fate.value] for fate in Fate) > 0
    again = [entry for entry in read_entries(open_workbook(tmp_path / "neuf.xlsx")) if entry.sheet == REGISTER]
    assert len(again) == counts["register"]
    told = [finding for finding in made.findings if finding.code in {rules.LEFT_OUT.code, rules.SAME_NUMBER.code}]
    assert len(told) == counts["left_out"]
    assert all(finding.cell for finding in told)
