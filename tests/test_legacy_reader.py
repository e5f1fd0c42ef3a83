"""What a workbook is: invoices, or none and why; sheets beside the invoice; files that are read together."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest

from tests.sheets import CLIENT, PLUMBER, Cells, Formula, Shown, differences, euros, party_truth, read, reading, table, workbook
from tests.test_legacy_form import FORM, HEADER, ITEMS, LINES, PLACES, ROWS, TOTALS, TRUTH
from xlbridge.legacy.reader import read_files

DAY = date(2026, 3, 12)
BLANK_LINES = table("A14", HEADER, *([None] * 5 for _ in range(3)))
SALES = ["Janvier", "Février", "Mars", "Avril", "Mai", "Juin"]


def without(*addresses: str, **cells: object) -> dict[str, object]:
    """The plain form without some cells, and with others."""
    return {address: value for address, value in FORM.items() if address not in addresses} | cells


REFUSED: dict[str, tuple[str | set[str], dict[str, Cells]]] = {
    "quote": ("quote", {"Devis": without("A9", E1="DEVIS", A9="Devis n° :", B9="D-2026-031")}),
    "quote, only the sheet says so": ("quote", {"Devis": without("E1", "A9", A9="N° :", B9="D-2026-031")}),
    "quote that becomes an invoice when signed": (
        "quote",
        {"Feuil1": without("A9", E1="DEVIS N° 2026-031", B9=None, A26="Une facture vous sera adressée à la fin des travaux.")},
    ),
    "pro forma": ("quote", {"Feuil1": without("A9", E1="FACTURE PRO FORMA", A9="N° :", B9="PF-12")}),
    "delivery note": ("delivery_note", {"BL": without("A9", *TOTALS, E1="BON DE LIVRAISON", A9="BL n° :", B9="BL-77")}),
    "purchase order": (
        {"not_an_invoice", "purchase"},
        {"Feuil1": without("A9", E1="BON DE COMMANDE", A9="Commande n° :", B9="BC-77")},
    ),
    "blank form": (
        "blank_template",
        {"Facture": {"E1": "FACTURE", "A9": "Facture n° :", "A10": "Date :", "E6": "Facturé à :"} | BLANK_LINES},
    ),
    "blank form with the seller and zeros": (
        "blank_template",
        {
            "Facture": without(*ITEMS, *TOTALS, "B9", "B10", "B11", "E7", "E8", "E9")
            | BLANK_LINES
            | {"E15": Formula("=B15*D15", 0), "E16": Formula("=B16*D16", 0)}
            | table("D19", ["Total HT", euros(0)], ["TVA 20 %", euros(0)], ["Total TTC", euros(0)])
        },
    ),
    "blank form with a leftover number and day": (
        "blank_template",
        {
            "Facture": without(*ITEMS, *TOTALS, "E7", "E8", "E9")
            | BLANK_LINES
            | table("D19", ["Total HT", 0], ["TVA 20 %", 0], ["Total TTC", 0])
        },
    ),
    "blank form with words to replace": (
        "blank_template",
        {
            "Facture": {
                "E1": "FACTURE",
                "A1": "Votre entreprise",
                "A9": "Facture n° :",
                "B9": "[Numéro]",
                "E6": "Facturé à :",
                "E7": "Nom du client",
            }
            | table("A14", HEADER, ["[Description]", None, None, None, 0])
        },
    ),
    "price list": (
        "not_an_invoice",
        {
            "Tarifs 2026": table(
                "A1",
                ["Code article", "Désignation", "Unité", "P.U. HT"],
                ["T16", "Tube cuivre Ø 16", "m", euros(8.4)],
                ["MO", "Heure", "h", euros(42.5)],
            )
        },
    ),
    "stock list": (
        "not_an_invoice",
        {
            "Stock": table(
                "A1",
                ["Référence", "Désignation", "Quantité", "Prix unitaire", "Valeur"],
                ["T16", "Tube", 40, 8.4, 336],
                ["C200", "Chauffe-eau", 2, 640, 1280],
            )
        },
    ),
    "client list": (
        "not_an_invoice",
        {
            "Clients": table(
                "A1",
                ["Code", "Nom", "Adresse", "Code postal", "Ville"],
                ["C1", "Société des Trois Ponts", "14 quai du Moulin", "19100", "Brive"],
            )
        },
    ),
    "cash book": (
        {"ledger", "not_an_invoice"},
        {
            "Caisse": table(
                "A1",
                ["Date", "Libellé", "Recettes", "Dépenses", "Solde"],
                [DAY, "Vente comptoir", 120, None, 620],
                [DAY, "Timbres", None, 15, 605],
            )
        },
    ),
    "cash book with receipt numbers": (
        {"ledger", "not_an_invoice"},
        {
            "Caisse": table(
                "A1",
                ["N° pièce", "Date", "Libellé", "Recettes", "Dépenses"],
                ["P-1", DAY, "Vente comptoir", 120, None],
                ["P-2", DAY, "Timbres", None, 15],
            )
        },
    ),
    "bank statement": (
        "ledger",
        {
            "Relevé": table(
                "A1",
                ["Date", "Libellé", "Débit", "Crédit"],
                [DAY, "VIR Société des Trois Ponts FACT F-2026-014", None, 1200],
                [DAY, "CB PAPETERIE", 45.9, None],
            )
        },
    ),
    "journal of sales": (
        "ledger",
        {
            "FEC": table(
                "A1",
                ["JournalCode", "EcritureNum", "EcritureDate", "CompteNum", "PieceRef", "EcritureLib", "Debit", "Credit"],
                ["VE", 1, "20260312", "411000", "F-2026-014", "Trois Ponts", 1200, 0],
                ["VE", 1, "20260312", "706000", "F-2026-014", "Trois Ponts", 0, 1000],
            )
        },
    ),
    "supplier invoices": (
        "purchase",
        {
            "Achats": table(
                "A1",
                ["N° facture", "Date", "Fournisseur", "Montant HT", "TVA", "Montant TTC"],
                ["4711", DAY, "Grossiste du Centre", 100, 20, 120],
            )
        },
    ),
    "supplier invoices, only the sheet says so": (
        "purchase",
        {
            "Factures fournisseurs": table(
                "A1", ["N° facture", "Date", "Nom", "Montant HT", "TVA", "Montant TTC"], ["4711", DAY, "Grossiste du Centre", 100, 20, 120]
            )
        },
    ),
    "list of quotes": (
        "quote",
        {
            "Devis 2026": table(
                "A1",
                ["N° devis", "Date", "Client", "Montant HT", "Statut"],
                ["D-31", DAY, "Trois Ponts", 1000, "Signé"],
                ["D-32", DAY, "Fourvière", 500, "Perdu"],
            )
        },
    ),
    "sales by month": (
        "cross_tab",
        {"CA": table("A1", ["Client", *SALES], ["Trois Ponts", 100, 200, 0, 0, 300, 50], ["Fourvière", 0, 0, 80, 0, 0, 10])},
    ),
    "sales by month, months below each other": (
        "cross_tab",
        {"CA": table("A1", ["Mois", "CA 2025", "CA 2026"], *([month, 1000 + 10 * index, 1200] for index, month in enumerate(SALES)))},
    ),
    "hours": ("not_an_invoice", {"Heures": table("A1", ["Salarié", "Chantier", "Heures"], ["Ana", "Moulin", 7], ["Luc", "Moulin", 8])}),
    "prose": ("not_an_invoice", {"Feuil1": {"A1": "Penser à facturer Trois Ponts", "A2": "Rappeler le fournisseur"}}),
    "empty": ("empty", {"Feuil1": {}, "Feuil2": {}}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_its_reason(tmp_path: Path, name: str) -> None:
    reasons, sheets = REFUSED[name]
    result = reading(workbook(tmp_path / "classeur.xlsx", sheets))

    assert result.documents == ()
    assert result.verdict == "refused"
    assert result.reason in ({reasons} if isinstance(reasons, str) else reasons)


def form(number: str, **cells: object) -> dict[str, object]:
    """The plain form with another number."""
    return without(**cells) | {"B9": number}


def test_two_invoices_on_two_sheets(tmp_path: Path) -> None:
    path = workbook(tmp_path / "factures.xlsx", {"F014": form("F-2026-014"), "F015": form("F-2026-015", E7="Boulangerie Fourvière")})
    first, second = read(path)

    assert differences(first, TRUTH, LINES, {"number": "F014!B9", "totals.gross": "F014!E21"}) == []
    assert (
        differences(second, TRUTH | {"number": "F-2026-015", "buyer.name": "Boulangerie Fourvière"}, LINES, {"buyer.name": "F015!E7"}) == []
    )


def test_two_invoices_one_below_the_other_are_not_one(tmp_path: Path) -> None:
    """Each with its lines and totals; what is not read is told."""
    below = {f"{address[0]}{int(address[1:]) + 30}": value for address, value in form("F-2026-015").items()}
    result = reading(workbook(tmp_path / "factures.xlsx", {"Factures": form("F-2026-014") | below}))

    assert [document.invoice.number for document in result.documents] == ["F-2026-014", "F-2026-015"] or result.findings
    first = result.documents[0]
    assert differences(first, TRUTH, LINES) == [] or first.findings


def test_invoice_with_lists_beside(tmp_path: Path) -> None:
    sheets = {
        "Facture": FORM,
        "Clients": table(
            "A1",
            ["Code", "Nom", "Adresse", "Code postal", "Ville"],
            ["C1", "Société des Trois Ponts", "14 quai du Moulin", "19100", "Brive"],
            ["C2", "Boulangerie Fourvière", "3 place aux Herbes", "23000", "Guéret"],
        ),
        "Articles": table(
            "A1", ["Code article", "Désignation", "Unité", "P.U. HT"], ["T16", "Tube cuivre Ø 16", "m", 8.4], ["MO", "Heure", "h", 42.5]
        ),
    }
    documents = read(workbook(tmp_path / "facture.xlsx", sheets))

    assert [document.invoice.number for document in documents] == ["F-2026-014"]
    assert differences(documents[0], TRUTH, LINES, PLACES) == []


def test_invoice_and_an_empty_second_form(tmp_path: Path) -> None:
    blank = without(*ITEMS, *TOTALS, "B9", "B10", "B11", "E7", "E8", "E9") | BLANK_LINES
    documents = read(workbook(tmp_path / "facture.xlsx", {"Facture": FORM, "Modèle": blank}))

    assert [document.invoice.number for document in documents] == ["F-2026-014"]


def test_invoice_and_its_quote_in_one_workbook(tmp_path: Path) -> None:
    quote = without("A9", E1="DEVIS", A9="Devis n° :", B9="D-2026-031")
    documents = read(workbook(tmp_path / "chantier.xlsx", {"Devis": quote, "Facture": FORM}))

    assert [document.invoice.number for document in documents] == ["F-2026-014"]
    assert differences(documents[0], TRUTH, LINES, PLACES) == []


def test_sales_and_purchases_in_one_workbook(tmp_path: Path) -> None:
    header = ["N° facture", "Date", "Client", "Montant HT", "TVA", "Montant TTC"]
    sheets = {
        "Ventes": table("A1", header, ["F-1", DAY, "Société des Trois Ponts", 100, 20, 120]),
        "Achats": table("A1", [*header[:2], "Fournisseur", *header[3:]], ["4711", DAY, "Grossiste du Centre", 50, 10, 60]),
    }

    assert [document.invoice.number for document in read(workbook(tmp_path / "compta.xlsx", sheets))] == ["F-1"]


def test_register_beside_a_form_reads_each_invoice_once(tmp_path: Path) -> None:
    header = ["N° facture", "Date", "Client", "Montant HT", "TVA", "Montant TTC"]
    register = table("A1", header, ["F-2026-014", DAY, "Société des Trois Ponts", 1000, 200, 1200])
    documents = read(workbook(tmp_path / "facture.xlsx", {"Facture": FORM, "Historique": register}))

    assert [document.invoice.number for document in documents] == ["F-2026-014"]


def test_form_beside_a_register_that_does_not_list_it_is_not_lost_in_silence(tmp_path: Path) -> None:
    header = ["N° facture", "Date", "Client", "Montant HT", "TVA", "Montant TTC"]
    register = table("A1", header, ["F-2026-013", DAY, "Société des Trois Ponts", 500, 100, 600])
    result = reading(workbook(tmp_path / "facture.xlsx", {"Facture": FORM, "Historique": register}))

    numbers = {document.invoice.number for document in result.documents}
    assert numbers == {"F-2026-013", "F-2026-014"} or result.findings


def test_quote_register_and_invoice_register(tmp_path: Path) -> None:
    sheets = {
        "Devis": table("A1", ["N° devis", "Date", "Client", "Montant HT"], ["D-31", DAY, "Trois Ponts", 1000]),
        "Factures": table("A1", ["N° facture", "N° devis", "Date", "Client", "Montant HT"], ["F-1", "D-31", DAY, "Trois Ponts", 1000]),
    }
    (document,) = read(workbook(tmp_path / "suivi.xlsx", sheets))

    assert document.invoice.number == "F-1"
    assert document.invoice.buyer.name == "Trois Ponts"


def test_hidden_sheet_of_an_old_invoice(tmp_path: Path) -> None:
    result = reading(workbook(tmp_path / "facture.xlsx", {"Facture": FORM, "Ancienne": form("F-2025-099")}, hidden=["Ancienne"]))

    hidden = [document for document in result.documents if document.invoice.number == "F-2025-099"]
    assert not hidden or "LEC-083" in {finding.code for finding in result.findings}


def test_hidden_line_is_told(tmp_path: Path) -> None:
    result = reading(workbook(tmp_path / "facture.xlsx", {"Facture": FORM}, hidden_rows=[16]))
    (document,) = result.documents

    assert len(document.invoice.lines) == 2 or "LEC-083" in {finding.code for finding in (*result.findings, *document.findings)}


def test_seller_in_the_page_footer(tmp_path: Path) -> None:
    footer = f"&CPlomberie Garnisson SARL – SIRET {PLUMBER.siret} – TVA {PLUMBER.vat_number}"
    cells = without("A1", "A2", "A3", "A4", "A5", "A6", footer=footer)
    (document,) = read(workbook(tmp_path / "facture.xlsx", {"Facture": cells}))
    seller = document.as_json()["seller"]

    assert seller["siret"] in {PLUMBER.siret, None}
    assert seller["name"] in {PLUMBER.name, None}
    assert "LEC-036" in {finding.code for finding in document.findings}


def test_auto_entrepreneur_without_vat(tmp_path: Path) -> None:
    cells = (
        table(
            "A1",
            ["Inès Valadier", None, None, "Facture n° 2026-07"],
            ["12 allée des Érables", None, None, "Date : 12/03/2026"],
            ["87000 Limoges"],
        )
        | {"A4": f"SIRET {PLUMBER.siret}", "D5": "Client", "D6": "Société des Trois Ponts", "D7": "14 quai du Moulin", "D8": "19100 Brive"}
        | table("A11", ["Prestation", "Nb jours", "Tarif journalier", "Montant"], ["Conseil en organisation", 3, euros(450), euros(1350)])
        | {"C14": "Total", "D14": euros(1350), "A16": "TVA non applicable, art. 293 B du CGI"}
    )
    (document,) = read(workbook(tmp_path / "facture.xlsx", {"Feuil1": cells}))
    truth = {
        **party_truth("buyer", CLIENT),
        "seller.name": "Inès Valadier",
        "seller.address": "12 allée des Érables",
        "seller.postcode": "87000",
        "seller.city": "Limoges",
        "seller.siret": PLUMBER.siret,
        "seller.siren": PLUMBER.siren,
        "number": "2026-07",
        "issue_date": "2026-03-12",
        "type_code": "380",
        "currency": "EUR",
        "totals.gross": 1350,
    }
    places = {"number": "Feuil1!D1", "issue_date": "Feuil1!D2", "buyer.name": "Feuil1!D6", "totals.gross": "Feuil1!D14"}
    found = document.as_json()

    truth |= {f"totals.{name}": found["totals"][name] for name in ("net", "vat") if found["totals"][name] in {None, "0", "1350"}}
    assert differences(document, truth, [("Conseil en organisation", 3, None, 450, None, 1350)], places) == []
    assert "TVA non applicable, art. 293 B du CGI" in found["notes"]


def test_garage_with_labour_and_parts(tmp_path: Path) -> None:
    cells = (
        {
            "A1": "Garage du Pont Neuf",
            "A2": "2 route de Lyon",
            "A3": "23000 Guéret",
            "D1": "FACTURE",
            "D2": "N° 260312",
            "D3": "Le 12/03/2026",
        }
        | {"D5": "M. Bertin Olivier", "D6": "5 rue Haute", "D7": "23000 Guéret"}
        | {"A9": "Véhicule : utilitaire", "C9": "Immatriculation : AB-123-CD", "E9": "Kilométrage : 84 210"}
        | table(
            "A11",
            ["Référence", "Désignation", "Qté", "Prix unitaire HT", "Montant HT"],
            ["HU5W30", "Huile moteur", 5, euros(9.9), euros(49.5)],
            ["FIL-12", "Filtre à huile", 1, euros(14), euros(14)],
            [None, "Main-d’œuvre vidange", 0.5, euros(60), euros(30)],
        )
        | table("D16", ["Total HT", euros(93.5)], ["TVA 20%", euros(18.7)], ["Total TTC", euros(112.2)])
        | {"A20": "Règlement : carte bancaire"}
    )
    (document,) = read(workbook(tmp_path / "facture.xlsx", {"Feuil1": cells}))
    found = document.as_json()

    assert (found["number"], found["issue_date"], found["type_code"]) == ("260312", "2026-03-12", "380")
    assert found["buyer"]["name"] == "M. Bertin Olivier"
    assert found["seller"]["name"] == "Garage du Pont Neuf"
    assert found["totals"] == {"net": "93.5", "vat": "18.7", "gross": "112.2", "prepaid": None, "due": None}
    assert [line["name"] for line in found["lines"]] == ["Huile moteur", "Filtre à huile", "Main-d’œuvre vidange"]
    assert {path: found["origin"].get(path) for path in ("number", "issue_date", "buyer.name", "totals.gross")} == {
        "number": "Feuil1!D2",
        "issue_date": "Feuil1!D3",
        "buyer.name": "Feuil1!D5",
        "totals.gross": "Feuil1!E18",
    }


def test_template_of_ours_is_read_exactly(tmp_path: Path) -> None:
    from xlbridge.workbook.new import create

    path = tmp_path / "factures.xlsx"
    create(path)

    result = reading(path)
    assert (result.verdict, result.reason) == ("refused", "empty")


def test_files_are_read_in_order_and_a_broken_one_stops_none(tmp_path: Path) -> None:
    broken, missing = tmp_path / "cassé.xlsx", tmp_path / "absent.xlsx"
    broken.write_bytes(b"PK\x03\x04 rien")
    good = workbook(tmp_path / "facture.xlsx", {"Facture": FORM})
    readings = read_files([broken, missing, good])

    assert [item.path for item in readings] == [broken, missing, good]
    assert [item.reason for item in readings] == ["unreadable", "unreadable", None]
    assert [[finding.code for finding in item.findings] for item in readings] == [["LEC-019"], ["LEC-019"], []]
    assert all(item.findings[0].message and item.findings[0].remedy for item in readings[:2])


def test_same_file_reads_the_same_twice(tmp_path: Path) -> None:
    path = workbook(tmp_path / "facture.xlsx", {"Facture": FORM})

    assert reading(path).as_json() == reading(path).as_json()


def test_a_form_moved_on_the_sheet_reads_the_same(tmp_path: Path) -> None:
    from openpyxl.utils.cell import coordinate_from_string

    moved = {}
    for address, value in FORM.items():
        column, row = coordinate_from_string(address)
        moved[f"{chr(ord(column) + 2)}{row + 5}"] = value
    (document,) = read(workbook(tmp_path / "facture.xlsx", {"Facture": moved}))

    assert differences(document, TRUTH, LINES, {"number": "Facture!D14", "totals.gross": "Facture!G26"}) == []


def test_amounts_of_a_line_beside_the_table_are_no_lines(tmp_path: Path) -> None:
    """A note to oneself to the right of the lines."""
    (document,) = read(
        workbook(tmp_path / "facture.xlsx", {"Facture": FORM | {"H15": "Prix d’achat", "H16": 5.1, "I16": Shown(0.39, "0%")}})
    )

    assert differences(document, TRUTH, LINES, PLACES) == []


def test_lines_without_totals(tmp_path: Path) -> None:
    cells = without(*TOTALS)
    (document,) = read(workbook(tmp_path / "facture.xlsx", {"Facture": cells}))
    totals = document.as_json()["totals"]

    assert totals["gross"] is None
    assert totals["vat"] is None
    assert totals["net"] in {None, "1000"}
    assert [line.net_amount for line in document.invoice.lines] == [row[4].value for row in ROWS]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "name",
    ["achats 2026.xlsx", "Factures fournisseurs.xlsx", "factures_achat.xlsx"],
)
def test_file_name_that_says_purchases(tmp_path: Path, name: str) -> None:
    cells = table("A1", ["N° facture", "Date", "Nom", "Montant TTC"], ["4711", DAY, "Grossiste du Centre", 120])
    result = reading(workbook(tmp_path / name, {"Feuil1": cells}))

    told = {finding.code for document in result.documents for finding in document.findings if finding.field in {"buyer", "buyer.name"}}
    assert result.reason == "purchase" or told


def test_invoice_received_is_not_silently_one_issued(tmp_path: Path) -> None:
    """A form in which the company that keeps the workbook is the client cannot be told; one that says « Fournisseur » can."""
    cells = without("E6", E1="BON DE COMMANDE", E6="Fournisseur :")

    assert reading(workbook(tmp_path / "commande.xlsx", {"Feuil1": cells})).verdict == "refused"


@pytest.mark.parametrize(
    "title", ["DEVIS N° 2026-031", "Devis - Facture", "ESTIMATION", "OFFRE DE PRIX N° 12", "PROFORMA", "DEVIS ESTIMATIF"]
)
def test_titles_of_quotes(tmp_path: Path, title: str) -> None:
    cells = without(E1=title, A9="N° :", B9="12")
    result = reading(workbook(tmp_path / "classeur.xlsx", {"Feuil1": cells}))

    told = {finding.field for document in result.documents for finding in document.findings}
    assert result.verdict == "refused" or "type_code" in told or {finding.code for finding in result.documents[0].findings} & {"LEC-031"}


@pytest.mark.parametrize(
    "title", ["RELANCE", "ACCUSÉ DE RÉCEPTION DE COMMANDE", "TICKET DE CAISSE", "SITUATION DE TRAVAUX", "REÇU", "CONTRAT", "NOTE DE FRAIS"]
)
def test_other_titles_are_no_silent_invoices(tmp_path: Path, title: str) -> None:
    cells = without(E1=title, A9="N° :", B9="12")
    result = reading(workbook(tmp_path / "classeur.xlsx", {"Feuil1": cells}))

    assert result.verdict == "refused" or any(document.findings for document in result.documents)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("FACTURE", "380"),
        ("Facture", "380"),
        ("FACTURE DE VENTE", "380"),
        ("FACTURE DE SOLDE", "380"),
        ("Facture n° 12", "380"),
        ("INVOICE", "380"),
        ("RECHNUNG", "380"),
        ("FACTURE D'ACOMPTE N° 12", "386"),
        ("Facture d’acompte", "386"),
        ("AVOIR", "381"),
        ("FACTURE D'AVOIR", "381"),
        ("Facture d’avoir", "381"),
        ("NOTE DE CRÉDIT", "381"),
        ("CREDIT NOTE", "381"),
    ],
)
def test_titles_and_their_types(tmp_path: Path, title: str, kind: str) -> None:
    cells = without(E1=title, A9="N° :", B9="12")
    (document,) = read(workbook(tmp_path / "classeur.xlsx", {"Feuil1": cells}))

    assert document.invoice.type_code == kind or any(finding.field == "type_code" for finding in document.findings)
    assert document.invoice.number == "12"


def test_two_invoices_beside_each_other_are_not_one(tmp_path: Path) -> None:
    """The office copy to the right of the original: one number, or a finding."""
    beside = {f"{chr(ord(address[0]) + 8)}{address[1:]}": value for address, value in form("F-2026-015").items()}
    result = reading(workbook(tmp_path / "factures.xlsx", {"Factures": FORM | beside}))

    told = result.findings or any(document.findings for document in result.documents)
    assert [document.invoice.number for document in result.documents] == ["F-2026-014", "F-2026-015"] or told
    for document in result.documents[:1]:
        wrong = [sentence for sentence in differences(document, TRUTH, LINES) if "EN SILENCE" in sentence]
        assert not wrong, "\n".join(wrong)


def test_uncomputed_form(tmp_path: Path) -> None:
    """As a program leaves it that writes formulas without their results: nothing is invented, each total is told."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Facture"
    for address, value in FORM.items():
        sheet[address] = value.value if isinstance(value, Shown) else value
    for row in (15, 16, 17):
        sheet[f"E{row}"] = f"=B{row}*D{row}"
    sheet["E19"], sheet["E20"], sheet["E21"] = "=SUM(E15:E17)", "=E19*0.2", "=E19+E20"
    book.save(tmp_path / "facture.xlsx")
    (document,) = read(tmp_path / "facture.xlsx")
    found = document.as_json()

    assert found["number"] == "F-2026-014"
    assert [line["net_amount"] for line in found["lines"]] == ["640", "105", "255"]
    named = {finding.field for finding in document.findings}
    for name, value in (("net", "1000"), ("vat", "200"), ("gross", "1200")):
        assert found["totals"][name] == value or (found["totals"][name] is None and f"totals.{name}" in named)


def test_same_reading_as_xlsx_and_ods(tmp_path: Path) -> None:
    """The same form kept by LibreOffice."""
    from odfdo import Cell as OdfCell
    from odfdo import Document as Odf
    from odfdo import Table as OdfTable
    from openpyxl.utils.cell import coordinate_to_tuple

    odf = Odf("spreadsheet")
    odf.body.clear()
    sheet = OdfTable("Facture", width=8, height=30)
    for address, value in FORM.items():
        row, column = coordinate_to_tuple(address)
        sheet.set_cell((column - 1, row - 1), OdfCell(value.value if isinstance(value, Shown) else value))
    odf.body.append(sheet)
    odf.save(str(tmp_path / "facture.ods"))
    (document,) = read(tmp_path / "facture.ods")

    assert differences(document, TRUTH | {"currency": document.invoice.currency}, LINES, PLACES) == []


LONGEST_CELL = 32_767  # characters that a cell of Excel holds
LONG_TEXTS = {
    "one word": "a" * LONGEST_CELL,
    "digits": "1" * LONGEST_CELL,
    "blanks": "n° " + " " * (LONGEST_CELL - 4) + "x",
    "towns": "Saint-Jean " * 2_900 + "87000",
    "streets": "12 rue - " * 3_600,
    "dashes": "rue-" * 8_000,
    "credit notes": "avoir sur facture " * 1_800,
    "labels": "Client :\n" * 3_600,
    "numbers": "12," * 10_900,
}


@pytest.mark.parametrize("name", LONG_TEXTS)
def test_the_longest_texts_do_not_delay(tmp_path: Path, name: str) -> None:
    cells = FORM | dict.fromkeys(("A1", "A16", "A30", "B9", "E7", "H3"), LONG_TEXTS[name])
    path = workbook(tmp_path / "facture.xlsx", {"Facture": cells})
    start = time.process_time()
    reading(path)

    assert time.process_time() - start < 5


@pytest.mark.parametrize(("separator", "encoding"), [(";", "cp1252"), (",", "utf-8"), ("\t", "utf-16")])
def test_form_saved_as_text(tmp_path: Path, separator: str, encoding: str) -> None:
    def text(value: object) -> str:
        value = value.value if isinstance(value, Shown) else value
        shown = (
            f"{value:%d/%m/%Y}"
            if isinstance(value, date)
            else f"{value:.2f} €".replace(".", ",")
            if isinstance(value, float)
            else str(value or "")
        )
        return f'"{shown}"' if separator in shown else shown

    lines = [separator.join(text(FORM.get(f"{column}{row}")) for column in "ABCDE") for row in range(1, 27)]
    path = tmp_path / "facture.csv"
    path.write_bytes("\r\n".join(lines).encode(encoding))
    (document,) = read(path)

    assert differences(document, TRUTH, LINES, {where: cell.replace("Facture!", "csv!") for where, cell in PLACES.items()}) == []
