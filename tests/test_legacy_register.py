"""Registers, one row an invoice, with the headers that people write: every value right or empty, with its cell."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sheets import (
    CLIENT,
    OTHER_CLIENT,
    UNSURE,
    Formula,
    Shown,
    codes,
    differences,
    euros,
    named,
    one_of,
    party_truth,
    read,
    reading,
    table,
    workbook,
)
from xlbridge.document import Document

FIRST = {
    "number": "2026-001",
    "issue_date": "2026-01-15",
    "type_code": "380",
    "currency": "EUR",
    "buyer.name": "Société des Trois Ponts",
    "totals.net": 1000,
    "totals.vat": 200,
    "totals.gross": 1200,
}
SECOND = FIRST | {
    "number": "2026-002",
    "issue_date": "2026-02-03",
    "buyer.name": "Boulangerie Fourvière",
    "totals.net": 450.5,
    "totals.vat": 90.1,
    "totals.gross": 540.6,
}
ROWS = (
    ["2026-001", date(2026, 1, 15), "Société des Trois Ponts", euros(1000), euros(200), euros(1200)],
    ["2026-002", date(2026, 2, 3), "Boulangerie Fourvière", euros(450.5), euros(90.1), euros(540.6)],
)
ORDER = ("number", "issue_date", "buyer.name", "totals.net", "totals.vat", "totals.gross")


def told(documents: list[Document], *truths: dict[str, object], cells: list[dict[str, str]] | None = None) -> str:
    """What differs, document by document."""
    assert [document.invoice.number for document in documents] == [truth["number"] for truth in truths]
    places = cells or [{} for _ in truths]
    found = [differences(*three) for three in zip(documents, truths, [None] * len(truths), places, strict=True)]
    return "\n".join(f"{truth['number']} {sentence}" for truth, sentences in zip(truths, found, strict=True) for sentence in sentences)


def origins(row: int, columns: str = "ABCDEF", sheet: str = "Factures") -> dict[str, str]:
    """The cells of the values of a row whose columns stand in the usual order."""
    return {path: f"{sheet}!{column}{row}" for path, column in zip(ORDER, columns, strict=True)}


HEADERS = {
    "french": ["N° facture", "Date", "Client", "Montant HT", "TVA", "Montant TTC"],
    "french, long": ["Numéro de facture", "Date de facturation", "Nom du client", "Total HT", "Montant TVA", "Total TTC"],
    "french, short": ["N°", "Date", "Client", "HT", "TVA", "TTC"],
    "french, dots": ["N° Fact.", "Date fact.", "Client", "Mt H.T.", "T.V.A.", "Mt T.T.C."],
    "french, capitals": ["FACTURE N°", "DATE FACTURE", "CLIENT", "MONTANT H.T.", "MONTANT T.V.A.", "MONTANT T.T.C."],
    "french, euros": ["Facture", "Date d’émission", "Raison sociale", "Montant HT (€)", "Montant TVA (€)", "Montant TTC (€)"],
    "french, rate in the header": ["N° de facture", "Date de la facture", "Destinataire", "Total HT", "TVA 20 %", "Total TTC"],
    "english": ["Invoice number", "Invoice date", "Customer", "Net amount", "VAT amount", "Gross amount"],
    "english, short": ["Invoice #", "Date", "Client", "Subtotal", "VAT", "Total"],
    "german": ["Rechnungsnummer", "Rechnungsdatum", "Kunde", "Netto", "MwSt", "Brutto"],
}


@pytest.mark.parametrize("name", HEADERS)
def test_headers(tmp_path: Path, name: str) -> None:
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", HEADERS[name], *ROWS)})

    assert told(read(path), FIRST, SECOND, cells=[origins(2), origins(3)]) == ""


@pytest.mark.parametrize("columns", ["FBCADE", "CABEDF", "BCDEFA"])
def test_amounts_in_any_order(tmp_path: Path, columns: str) -> None:
    cells = {}
    for offset, column in enumerate(columns):
        cells |= table(f"{column}1", *([row[offset]] for row in (HEADERS["french"], *ROWS)))
    path = workbook(tmp_path / "registre.xlsx", {"Factures": cells})

    assert told(read(path), FIRST, SECOND, cells=[origins(2, columns), origins(3, columns)]) == ""


def test_title_above_and_total_below(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "registre.xlsx",
        {
            "Factures": {"A1": "FACTURES 2026", "A2": "Atelier Brindille – Limoges"}
            | table("B5", HEADERS["french"], *ROWS, ["TOTAL", None, None, euros(1450.5), euros(290.1), euros(1740.6)])
        },
    )

    assert told(read(path), FIRST, SECOND, cells=[origins(6, "BCDEFG"), origins(7, "BCDEFG")]) == ""


def test_total_row_without_a_word_is_told(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "registre.xlsx",
        {"Factures": table("A1", HEADERS["french"], *ROWS, [None, None, None, euros(1450.5), euros(290.1), euros(1740.6)])},
    )
    result = reading(path)

    assert told(list(result.documents), FIRST, SECOND) == ""
    assert [finding.code for finding in result.findings] == ["LEC-020"]
    assert "A4" in result.findings[0].message


def test_group_headings_and_month_totals(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "registre.xlsx",
        {
            "Factures": table(
                "A1",
                HEADERS["french"],
                ["Janvier 2026"],
                ROWS[0],
                ["Total janvier 2026", None, None, euros(1000), euros(200), euros(1200)],
                ["Février 2026"],
                ROWS[1],
                ["Total février 2026", None, None, euros(450.5), euros(90.1), euros(540.6)],
            )
        },
    )

    assert told(read(path), FIRST, SECOND, cells=[origins(3), origins(6)]) == ""


def test_month_total_in_the_column_of_numbers_is_no_invoice(tmp_path: Path) -> None:
    rows = [*ROWS, ["Sous-total 2", None, None, euros(1450.5), euros(290.1), euros(1740.6)]]
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", HEADERS["french"], *rows)})

    assert told(read(path), FIRST, SECOND) == ""


def test_one_sheet_a_month(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "registre.xlsx",
        {"Janvier": table("A1", HEADERS["french"], ROWS[0]), "Février": table("A1", HEADERS["french"], ROWS[1])},
    )

    assert told(read(path), FIRST, SECOND, cells=[origins(2, sheet="Janvier"), origins(2, sheet="Février")]) == ""


def test_duplicate_numbers_are_two_documents(tmp_path: Path) -> None:
    again = ["2026-001", *ROWS[1][1:]]
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", HEADERS["french"], ROWS[0], again)})

    assert told(read(path), FIRST, SECOND | {"number": "2026-001"}) == ""


def test_numbers_that_are_numbers(tmp_path: Path) -> None:
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", HEADERS["french"], [1, *ROWS[0][1:]], [2, *ROWS[1][1:]])})

    assert told(read(path), FIRST | {"number": "1"}, SECOND | {"number": "2"}) == ""


@pytest.mark.parametrize(("shown_as", "number"), [("0000", "0001"), ('"F2026-"000', "F2026-001")])
def test_number_as_its_format_shows_it(tmp_path: Path, shown_as: str, number: str) -> None:
    """On paper stands what the format shows, not the 1 that the cell holds."""
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", HEADERS["french"], [Shown(1, shown_as), *ROWS[0][1:]])})
    document = read(path)[0]

    assert document.invoice.number == number or named(document, "number")


def test_credit_note_by_prefix_and_sign(tmp_path: Path) -> None:
    credit = ["AV-2026-001", date(2026, 2, 10), "Société des Trois Ponts", euros(-100), euros(-20), euros(-120)]
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", HEADERS["french"], ROWS[0], credit)})
    truth = FIRST | {"number": "AV-2026-001", "issue_date": "2026-02-10", "type_code": "381"}
    truth |= {"totals.net": one_of(-100, 100), "totals.vat": one_of(-20, 20), "totals.gross": one_of(-120, 120)}

    assert told(read(path), FIRST, truth) == ""


def test_credit_note_by_prefix_with_positive_amounts_is_not_silently_an_invoice(tmp_path: Path) -> None:
    credit = ["AV-2026-001", date(2026, 2, 10), "Société des Trois Ponts", euros(100), euros(20), euros(120)]
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", HEADERS["french"], ROWS[0], credit)})
    document = read(path)[1]

    assert document.invoice.type_code == "381" or named(document, "type_code")


def test_credit_note_by_sign_alone_is_told(tmp_path: Path) -> None:
    credit = ["2026-003", date(2026, 2, 10), "Société des Trois Ponts", euros(-100), euros(-20), euros(-120)]
    document = read(workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", HEADERS["french"], ROWS[0], credit)}))[1]

    assert document.invoice.type_code == "381"
    assert "LEC-025" in codes(document)
    assert named(document, "type_code")


def test_credit_note_by_its_type_and_origin(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "registre.xlsx",
        {
            "Factures": table(
                "A1",
                [*HEADERS["french"], "Type", "Facture d’origine"],
                [*ROWS[0], "Facture"],
                ["2026-002", date(2026, 2, 10), "Société des Trois Ponts", euros(100), euros(20), euros(120), "Avoir", "2026-001"],
                ["2026-003", date(2026, 2, 11), "Société des Trois Ponts", euros(300), euros(60), euros(360), "Acompte"],
            )
        },
    )
    credit = FIRST | {"number": "2026-002", "issue_date": "2026-02-10", "type_code": "381", "preceding_invoice": "2026-001"}
    credit |= {"totals.net": 100, "totals.vat": 20, "totals.gross": 120}
    deposit = FIRST | {"number": "2026-003", "issue_date": "2026-02-11", "type_code": "386"}
    deposit |= {"totals.net": 300, "totals.vat": 60, "totals.gross": 360}

    assert told(read(path), FIRST, credit, deposit) == ""


def test_credit_note_by_its_text(tmp_path: Path) -> None:
    header = ["N°", "Date", "Client", "Objet", "Montant HT", "TVA", "Montant TTC"]
    rows = [
        ["2026-001", date(2026, 1, 15), "Société des Trois Ponts", "Pose d’un chauffe-eau", euros(1000), euros(200), euros(1200)],
        ["2026-002", date(2026, 2, 3), "Société des Trois Ponts", "Avoir sur facture n° 2026-001", euros(-50), euros(-10), euros(-60)],
    ]
    credit = FIRST | {"number": "2026-002", "issue_date": "2026-02-03", "type_code": "381", "preceding_invoice": "2026-001"}
    credit |= {"totals.net": one_of(-50, 50), "totals.vat": one_of(-10, 10), "totals.gross": one_of(-60, 60)}

    assert told(read(workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", header, *rows)})), FIRST, credit) == ""


@pytest.mark.parametrize("rates", [(20, 5.5), (Shown(0.2, "0%"), Shown(0.055, "0.0%")), ("20 %", "5,5 %"), ("20%", "5,50%")])
@pytest.mark.parametrize("header", ["TVA", "Taux TVA", "TVA %"])
def test_vat_column_as_rates(tmp_path: Path, rates: tuple[object, object], header: str) -> None:
    rows = [[*ROWS[0][:4], rates[0], euros(1200)], [*ROWS[1][:4], rates[1], euros(475.28)]]
    path = workbook(
        tmp_path / "registre.xlsx", {"Factures": table("A1", ["N° facture", "Date", "Client", "Montant HT", header, "Montant TTC"], *rows)}
    )
    documents = read(path)

    truths = [
        FIRST | {"totals.vat": one_of(None, 200)},
        SECOND | {"totals.vat": one_of(None, 24.78), "totals.gross": 475.28},
    ]
    assert told(documents, *truths) == ""
    assert [[part.rate for part in document.invoice.vat_breakdown] for document in documents] == [[20], [5.5]]


def test_vat_rate_and_amount_in_two_columns(tmp_path: Path) -> None:
    header = ["N° facture", "Date", "Client", "Montant HT", "Taux TVA", "Montant TVA", "Montant TTC"]
    rows = [[*ROWS[0][:4], Shown(0.2, "0%"), euros(200), euros(1200)], [*ROWS[1][:4], Shown(0.2, "0%"), euros(90.1), euros(540.6)]]
    documents = read(workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", header, *rows)}))

    assert told(documents, FIRST, SECOND) == ""
    assert [(part.rate, part.base, part.amount) for part in documents[0].invoice.vat_breakdown] == [(20, 1000, 200)]


def test_one_column_a_rate(tmp_path: Path) -> None:
    header = ["N° facture", "Date", "Client", "Total HT", "TVA 20 %", "TVA 10 %", "Total TTC"]
    rows = [
        ["2026-001", date(2026, 1, 15), "Société des Trois Ponts", euros(1000), euros(200), None, euros(1200)],
        ["2026-002", date(2026, 2, 3), "Boulangerie Fourvière", euros(300), euros(20), euros(20), euros(340)],
    ]
    documents = read(workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", header, *rows)}))

    assert told(documents, FIRST, SECOND | {"totals.net": 300, "totals.vat": 40, "totals.gross": 340}) == ""
    assert [[(part.rate, part.amount) for part in document.invoice.vat_breakdown] for document in documents] == [
        [(20, 200)],
        [(20, 20), (10, 20)],
    ]


def test_bases_and_taxes_by_rate(tmp_path: Path) -> None:
    header = ["N° facture", "Date", "Client", "HT 20 %", "HT 10 %", "TVA 20 %", "TVA 10 %", "TTC"]
    rows = [
        ["2026-001", date(2026, 1, 15), "Société des Trois Ponts", euros(800), euros(200), euros(160), euros(20), euros(1180)],
        ["2026-002", date(2026, 2, 3), "Boulangerie Fourvière", euros(100), euros(300), euros(20), euros(30), euros(450)],
    ]
    documents = read(workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", header, *rows)}))

    truths = [
        FIRST | {"totals.net": one_of(1000, None), "totals.vat": one_of(180, None), "totals.gross": 1180},
        SECOND | {"totals.net": one_of(400, None), "totals.vat": one_of(50, None), "totals.gross": 450},
    ]
    assert told(documents, *truths) == ""


@pytest.mark.parametrize("header", ["Montant", "Total", "Montant facture", "Montant (€)"])
def test_single_amount_is_read_as_gross_and_told(tmp_path: Path, header: str) -> None:
    rows = [row[:4] for row in ROWS]
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", ["N° facture", "Date", "Client", header], *rows)})
    documents = read(path)
    nothing = {"totals.net": None, "totals.vat": None}

    assert told(documents, FIRST | nothing | {"totals.gross": 1000}, SECOND | nothing | {"totals.gross": 450.5}) == ""
    assert all("LEC-021" in codes(document) for document in documents)


def test_net_alone_is_no_gross(tmp_path: Path) -> None:
    rows = [row[:4] for row in ROWS]
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", HEADERS["french"][:4], *rows)})
    nothing = {"totals.gross": None, "totals.vat": None}

    assert told(read(path), FIRST | nothing, SECOND | nothing) == ""


def test_gross_paid_and_left(tmp_path: Path) -> None:
    header = [*HEADERS["french"], "Payé le", "Montant réglé", "Reste dû"]
    rows = [[*ROWS[0], date(2026, 3, 1), euros(1200), euros(0)], [*ROWS[1], None, None, euros(540.6)]]
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", header, *rows)})

    truths = [FIRST | {"totals.due": one_of(0, None), "totals.prepaid": one_of(None, 1200)}, SECOND | {"totals.due": one_of(540.6, None)}]
    assert told(read(path), *truths) == ""


def test_swapped_headers_are_not_silently_read(tmp_path: Path) -> None:
    """« TTC » stands over the net amounts and « HT » over the gross ones."""
    header = ["N° facture", "Date", "Client", "Montant TTC", "TVA", "Montant HT"]
    for document in read(workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", header, *ROWS)})):
        assert named(document, "totals.net") or document.invoice.totals.net is None
        assert named(document, "totals.gross") or document.invoice.totals.gross is None


def test_amounts_that_do_not_add_up_are_told(tmp_path: Path) -> None:
    wrong = ["2026-003", date(2026, 2, 10), "Société des Trois Ponts", euros(100), euros(20), euros(125)]
    documents = read(workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", HEADERS["french"], *ROWS, wrong)}))

    assert told(documents[:2], FIRST, SECOND) == ""
    assert "LEC-037" in codes(documents[2])
    assert not any(codes(document) for document in documents[:2])


def test_due_date_status_and_identifiers(tmp_path: Path) -> None:
    header = [*HEADERS["french"], "Échéance", "SIRET client", "TVA intracommunautaire", "Adresse", "CP", "Ville", "Statut"]
    more = [date(2026, 2, 14), CLIENT.siret, CLIENT.vat_number, "14 quai du Moulin", "19100", "Brive", "Payée"]
    documents = read(
        workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", header, [*ROWS[0], *more], [*ROWS[1], *[None] * 6, "Brouillon"])})
    )

    truth = FIRST | party_truth("buyer", CLIENT, "name", "siren", "siret", "vat_number", "address", "postcode", "city")
    assert told(documents, truth | {"due_date": "2026-02-14"}, SECOND) == ""
    assert "LEC-029" in codes(documents[1])


def test_postcode_as_number_keeps_its_zero(tmp_path: Path) -> None:
    header = [*HEADERS["french"], "Adresse", "CP", "Ville"]
    document = read(
        workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", header, [*ROWS[0], "2 rue Haute", 1000, "Bourg-en-Bresse"])})
    )[0]

    assert document.as_json()["buyer"]["postcode"] in {"01000", None} or named(document, "buyer.postcode")


def test_siret_as_number(tmp_path: Path) -> None:
    header = [*HEADERS["french"], "SIRET"]
    assert CLIENT.siret
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", header, [*ROWS[0], int(CLIENT.siret)])})

    assert told(read(path), FIRST | {"buyer.siret": CLIENT.siret, "buyer.siren": CLIENT.siren}) == ""


def test_siret_with_a_wrong_check_digit_is_kept_or_told_but_not_changed(tmp_path: Path) -> None:
    header = [*HEADERS["french"], "SIRET"]
    assert CLIENT.siret
    wrong = CLIENT.siret[:-1] + str((int(CLIENT.siret[-1]) + 1) % 10)
    document = read(workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", header, [*ROWS[0], wrong])}))[0]

    assert document.as_json()["buyer"]["siret"] == wrong or named(document, "buyer.siret")


def test_clients_by_code_from_their_own_sheet(tmp_path: Path) -> None:
    header = ["N° facture", "Date", "Code client", "Montant HT", "TVA", "Montant TTC"]
    rows = [["2026-001", date(2026, 1, 15), "C002", *ROWS[0][3:]], ["2026-002", date(2026, 2, 3), "C001", *ROWS[1][3:]]]
    clients = table(
        "A1",
        ["Code", "Nom", "Adresse", "Code postal", "Ville"],
        ["C001", "Boulangerie Fourvière", "3 place aux Herbes", "23000", "Guéret"],
        ["C002", "Société des Trois Ponts", "14 quai du Moulin", "19100", "Brive"],
    )
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", header, *rows), "Clients": clients})
    truths = [FIRST | party_truth("buyer", CLIENT), SECOND | party_truth("buyer", OTHER_CLIENT)]
    places = [{"buyer.name": "Clients!B3", "buyer.city": "Clients!E3"}, {"buyer.name": "Clients!B2", "buyer.city": "Clients!E2"}]

    assert told(read(path), *truths, cells=places) == ""


def test_two_clients_of_one_name_complete_nothing(tmp_path: Path) -> None:
    clients = table(
        "A1",
        ["Nom", "Adresse", "Code postal", "Ville"],
        ["Société des Trois Ponts", "14 quai du Moulin", "19100", "Brive"],
        ["Société des Trois Ponts", "1 rue Basse", "87000", "Limoges"],
    )
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", HEADERS["french"], ROWS[0]), "Clients": clients})

    assert told(read(path), FIRST) == ""


def test_formulas_without_results_are_told(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Factures"
    sheet.append(HEADERS["french"])
    sheet.append(["2026-001", date(2026, 1, 15), "Société des Trois Ponts", 1000, "=D2*0.2", "=D2+E2"])
    book.save(tmp_path / "registre.xlsx")

    truth = FIRST | {"totals.vat": UNSURE, "totals.gross": UNSURE, "currency": None}
    assert told(read(tmp_path / "registre.xlsx"), truth) == ""


def test_error_cells_are_told(tmp_path: Path) -> None:
    rows = [[*ROWS[0][:3], euros(1000), Formula("=D2*#REF!", "#REF!"), Formula("=D2+E2", "#REF!")]]
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", HEADERS["french"], *rows)})

    assert told(read(path), FIRST | {"totals.vat": UNSURE, "totals.gross": UNSURE}) == ""


def test_dates_that_could_be_two_days_in_english_are_told(tmp_path: Path) -> None:
    header = HEADERS["english"]
    rows = [["2026-001", "03/04/2026", "Société des Trois Ponts", 1000, 200, 1200]]
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", header, *rows)})

    assert told(read(path), FIRST | {"issue_date": UNSURE, "currency": None}) == ""


def test_month_first_where_another_row_tells(tmp_path: Path) -> None:
    header = HEADERS["english"]
    rows = [
        ["2026-001", "03/04/2026", "Société des Trois Ponts", 1000, 200, 1200],
        ["2026-002", "02/28/2026", "Boulangerie Fourvière", 450.5, 90.1, 540.6],
    ]
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", header, *rows)})
    truths = [FIRST | {"issue_date": "2026-03-04", "currency": None}, SECOND | {"issue_date": "2026-02-28", "currency": None}]

    assert told(read(path), *truths) == ""


def test_day_first_and_month_first_in_one_column_are_told(tmp_path: Path) -> None:
    header = HEADERS["english"]
    rows = [
        ["2026-001", "03/04/2026", "Société des Trois Ponts", 1000, 200, 1200],
        ["2026-002", "02/28/2026", "Boulangerie Fourvière", 450.5, 90.1, 540.6],
        ["2026-003", "28/02/2026", "Boulangerie Fourvière", 450.5, 90.1, 540.6],
    ]
    document = read(workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", header, *rows)}))[0]

    assert document.invoice.issue_date is None
    assert named(document, "issue_date")


def test_month_first_dates_under_french_headers_are_not_silently_turned(tmp_path: Path) -> None:
    """The other dates of the column show that the month stands first, whatever the language of the headers."""
    rows = [
        ["2026-001", "03/04/2026", "Société des Trois Ponts", 1000, 200, 1200],
        ["2026-002", "02/28/2026", "Boulangerie Fourvière", 450.5, 90.1, 540.6],
    ]
    document = read(workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", HEADERS["french"], *rows)}))[0]

    assert document.as_json()["issue_date"] == "2026-03-04" or named(document, "issue_date")


def test_hidden_rows_are_told(tmp_path: Path) -> None:
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", HEADERS["french"], *ROWS)}, hidden_rows=[3])
    result = reading(path)

    if len(result.documents) == 2:
        assert "LEC-083" in {finding.code for finding in result.findings} | codes(result.documents[1])


def test_hidden_sheet_is_told(tmp_path: Path) -> None:
    sheets = {"Notes": {"A1": "Rien ici"}, "Factures": table("A1", HEADERS["french"], *ROWS)}
    result = reading(workbook(tmp_path / "registre.xlsx", sheets, hidden=["Factures"]))

    assert told(list(result.documents), FIRST, SECOND) == ""
    assert [finding.code for finding in result.findings] == ["LEC-083"]


def test_merged_client_over_two_rows_is_not_given_to_the_wrong_row(tmp_path: Path) -> None:
    cells = table("A1", HEADERS["french"], *ROWS)
    del cells["C2"], cells["C3"]
    documents = read(workbook(tmp_path / "registre.xlsx", {"Factures": cells | {"C2:C3": "Société des Trois Ponts"}}))

    assert told(documents, FIRST, SECOND | {"buyer.name": one_of(None, "Société des Trois Ponts")}) == ""


def test_csv_semicolons_cp1252_and_decimal_commas(tmp_path: Path) -> None:
    path = tmp_path / "factures.csv"
    path.write_bytes(
        (
            "N° facture;Date;Client;Montant HT;TVA;Montant TTC\r\n"
            "2026-001;15/01/2026;Société des Trois Ponts;1 000,00 €;200,00 €;1 200,00 €\r\n"
            "2026-002;03/02/2026;Boulangerie Fourvière;450,50 €;90,10 €;540,60 €\r\n"
        ).encode("cp1252")
    )

    assert told(read(path), FIRST, SECOND, cells=[origins(2, sheet="csv"), origins(3, sheet="csv")]) == ""


@pytest.mark.parametrize(("separator", "encoding"), [(";", "utf-8-sig"), ("\t", "utf-16"), (",", "utf-8")])
def test_csv_dialects(tmp_path: Path, separator: str, encoding: str) -> None:
    path = tmp_path / "factures.csv"
    rows = [
        HEADERS["french"],
        ["2026-001", "2026-01-15", "Société des Trois Ponts", "1000.00", "200.00", "1200.00"],
        ["2026-002", "2026-02-03", "Boulangerie Fourvière", "450.50", "90.10", "540.60"],
    ]
    path.write_text("\n".join(separator.join(row) for row in rows) + "\n", encoding)

    assert told(read(path), FIRST | {"currency": None}, SECOND | {"currency": None}) == ""


def test_thousands_with_a_dot_are_not_silently_decimals(tmp_path: Path) -> None:
    """« 1.234 » alone could be 1234 or 1,234: the other amounts of the column decide, else it stays empty."""
    path = tmp_path / "factures.csv"
    path.write_text("N° facture;Date;Client;Montant TTC\nA1;15/01/2026;Trois Ponts;1.234\nA2;15/01/2026;Trois Ponts;2.500\n", "utf-8")

    for document in read(path):
        assert document.invoice.totals.gross is None
        assert named(document, "totals.gross")


def test_thousands_with_a_dot_where_a_comma_shows_the_decimals(tmp_path: Path) -> None:
    path = tmp_path / "factures.csv"
    path.write_text("N° facture;Date;Client;Montant TTC\nA1;15/01/2026;Trois Ponts;1.234\nA2;15/01/2026;Trois Ponts;2.500,50\n", "utf-8")

    assert [document.as_json()["totals"]["gross"] for document in read(path)] == ["1234", "2500.5"]


def test_quotes_and_invoices_in_one_register(tmp_path: Path) -> None:
    """Only the rows that say « Facture » are invoices."""
    header = ["Type", "N°", "Date", "Client", "Montant HT", "TVA", "Montant TTC"]
    rows = [
        ["Devis", "D-31", date(2026, 1, 2), *ROWS[0][2:]],
        ["Facture", *ROWS[0]],
        ["Bon de livraison", "BL-7", date(2026, 1, 20), *ROWS[1][2:]],
        ["Facture", *ROWS[1]],
    ]
    path = workbook(tmp_path / "registre.xlsx", {"Suivi": table("A1", header, *rows)})

    assert told(read(path), FIRST, SECOND) == ""


def test_purchases_and_sales_in_one_register(tmp_path: Path) -> None:
    header = ["Sens", "N° facture", "Date", "Tiers", "Montant HT", "TVA", "Montant TTC"]
    rows = [
        ["Vente", *ROWS[0]],
        ["Achat", "4711", date(2026, 1, 20), "Grossiste du Centre", euros(50), euros(10), euros(60)],
        ["Vente", *ROWS[1]],
    ]
    result = reading(workbook(tmp_path / "registre.xlsx", {"Suivi": table("A1", header, *rows)}))

    bought = [document for document in result.documents if document.invoice.number == "4711"]
    assert not bought or codes(bought[0])


def test_two_registers_side_by_side(tmp_path: Path) -> None:
    """What is not read of them is told."""
    header = ["N° facture", "Date", "Client", "Montant TTC"]
    left, right = ([row[0], row[1], row[2], row[5]] for row in ROWS)
    cells = table("A1", header, left) | table("G1", header, right)
    result = reading(workbook(tmp_path / "registre.xlsx", {"Factures": cells}))
    numbers = [document.invoice.number for document in result.documents]

    assert numbers == ["2026-001", "2026-002"] or result.findings
    for document, row in zip(result.documents, ROWS, strict=False):
        assert document.invoice.buyer.name == row[2]


def test_registers_of_two_years_below_each_other(tmp_path: Path) -> None:
    cells = {"A1": "2025"} | table("A2", HEADERS["french"], ROWS[0]) | {"A5": "2026"} | table("A6", HEADERS["french"], ROWS[1])

    assert told(read(workbook(tmp_path / "registre.xlsx", {"Factures": cells})), FIRST, SECOND, cells=[origins(3), origins(7)]) == ""


def test_amounts_under_a_merged_heading(tmp_path: Path) -> None:
    cells = {"D1:F1": "Montants"} | table("A2", HEADERS["french, short"], *ROWS)

    assert told(read(workbook(tmp_path / "registre.xlsx", {"Factures": cells})), FIRST, SECOND, cells=[origins(3), origins(4)]) == ""


def test_days_as_bare_numbers_are_told(tmp_path: Path) -> None:
    rows = [["2026-001", 46037, *ROWS[0][2:]]]
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", HEADERS["french"], *rows)})

    assert told(read(path), FIRST | {"issue_date": one_of(None, "2026-01-15")}) == ""
    assert read(path)[0].invoice.issue_date or named(read(path)[0], "issue_date")


def test_month_in_place_of_a_day_is_told(tmp_path: Path) -> None:
    rows = [["2026-001", "janv. 2026", *ROWS[0][2:]]]
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", HEADERS["french"], *rows)})

    assert told(read(path), FIRST | {"issue_date": UNSURE}) == ""


def test_a_day_of_another_century_is_told(tmp_path: Path) -> None:
    """A slip of the finger: 15/01/2206."""
    rows = [["2026-001", date(2206, 1, 15), *ROWS[0][2:]], ["2026-002", date(1926, 1, 15), *ROWS[1][2:]]]
    for document in read(workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", HEADERS["french"], *rows)})):
        assert named(document, "issue_date")


def test_negative_amounts_in_brackets(tmp_path: Path) -> None:
    path = tmp_path / "factures.csv"
    path.write_text("N° facture;Date;Client;Montant HT;TVA;Montant TTC\nAV-1;15/01/2026;Trois Ponts;(100,00);(20,00);(120,00)\n", "utf-8")
    document = read(path)[0]

    assert document.invoice.type_code == "381"
    assert document.as_json()["totals"]["gross"] in {"-120", "120"}


def test_a_dash_for_nothing(tmp_path: Path) -> None:
    rows = [["2026-001", date(2026, 1, 15), "Société des Trois Ponts", euros(1000), "-", euros(1000)]]
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", HEADERS["french"], *rows)})

    assert told(read(path), FIRST | {"totals.vat": one_of(None, 0), "totals.gross": 1000}) == ""


def test_text_in_an_amount_is_told(tmp_path: Path) -> None:
    rows = [["2026-001", date(2026, 1, 15), "Société des Trois Ponts", "à revoir", euros(200), "1200 ?"]]
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", HEADERS["french"], *rows)})

    assert told(read(path), FIRST | {"totals.net": UNSURE, "totals.gross": UNSURE}) == ""


def test_currencies_by_row(tmp_path: Path) -> None:
    header = [*HEADERS["french"], "Devise"]
    rows = [[row[0], row[1], row[2], *(amount.value for amount in row[3:]), code] for row, code in zip(ROWS, ("EUR", "CHF"), strict=True)]
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", header, *rows)})

    assert told(read(path), FIRST, SECOND | {"currency": "CHF"}) == ""


def test_currencies_by_format_of_each_row(tmp_path: Path) -> None:
    """The second invoice is in dollars; that the first is in euros does not make it so."""
    dollars = [Shown(amount.value, "[$$-409]#,##0.00") for amount in ROWS[1][3:]]
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", HEADERS["french"], ROWS[0], [*ROWS[1][:3], *dollars])})
    document = read(path)[1]

    assert document.invoice.currency in {"USD", None} or named(document, "currency")


def test_cancelled_invoice_is_told(tmp_path: Path) -> None:
    for word in ("Annulée", "annulé", "ANNULÉE", "Brouillon"):
        path = workbook(tmp_path / f"{word}.xlsx", {"Factures": table("A1", [*HEADERS["french"], "Statut"], [*ROWS[0], word])})
        assert "LEC-029" in codes(read(path)[0])


def test_net_gross_and_bare_amount(tmp_path: Path) -> None:
    """« Montant » beside « Montant TTC » is the net amount only where the sum says so."""
    header = ["N° facture", "Date", "Client", "Montant", "TVA", "Montant TTC"]
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", header, *ROWS)})

    assert told(read(path), FIRST, SECOND) == ""


def test_deposit_and_rest_to_pay(tmp_path: Path) -> None:
    header = [*HEADERS["french"], "Acompte", "Net à payer"]
    rows = [[*ROWS[0], euros(300), euros(900)], [*ROWS[1], None, euros(540.6)]]
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", header, *rows)})

    assert told(read(path), FIRST | {"totals.prepaid": 300, "totals.due": 900}, SECOND | {"totals.due": 540.6}) == ""


def test_internal_remarks_do_not_reach_the_buyer(tmp_path: Path) -> None:
    header = [*HEADERS["french"], "Commentaires"]
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", header, [*ROWS[0], "mauvais payeur, relancer"])})
    document = read(path)[0]

    assert told([document], FIRST) == ""
    assert "mauvais payeur" not in document.invoice.model_dump_json()


def test_csv_with_a_title_blank_lines_and_a_total(tmp_path: Path) -> None:
    path = tmp_path / "factures.csv"
    path.write_bytes(
        (
            "Registre des factures 2026;;;;;\r\n;;;;;\r\n"
            "N° facture;Date;Client;Montant HT;TVA;Montant TTC\r\n"
            "2026-001;15/01/2026;Société des Trois Ponts;1\u00a0000,00;200,00;1\u00a0200,00\r\n"
            ";;;;;\r\n"
            "2026-002;03/02/2026;Boulangerie Fourvière;450,50;90,10;540,60\r\n"
            ";;Total;1\u00a0450,50;290,10;1\u00a0740,60\r\n"
        ).encode("cp1252")
    )
    result = reading(path)
    nothing = {"currency": None}

    assert told(list(result.documents), FIRST | nothing, SECOND | nothing, cells=[origins(4, sheet="csv"), origins(6, sheet="csv")]) == ""
    assert result.findings == ()


def test_csv_with_a_line_break_in_a_cell_keeps_the_lines_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "factures.csv"
    path.write_text(
        "N° facture;Date;Client;Montant HT;TVA;Montant TTC\n"
        '2026-001;15/01/2026;"Société des\nTrois Ponts";1000,00;200,00;1200,00\n'
        "2026-002;03/02/2026;Boulangerie Fourvière;450,50;90,10;540,60\n",
        "utf-8",
    )
    nothing = {"currency": None}

    assert told(read(path), FIRST | nothing, SECOND | nothing, cells=[origins(2, sheet="csv"), origins(4, sheet="csv")]) == ""


@pytest.mark.parametrize(
    ("texts", "days"),
    [(("01/15/2026", "02/03/2026"), ("2026-01-15", "2026-02-03")), (("15/01/2026", "03/02/2026"), ("2026-01-15", "2026-02-03"))],
)
def test_csv_days_of_both_orders(tmp_path: Path, texts: tuple[str, str], days: tuple[str, str]) -> None:
    path = tmp_path / "invoices.csv"
    rows = [["Invoice number", "Invoice date", "Customer", "Net amount", "VAT amount", "Gross amount"]]
    rows += [
        ["2026-001", texts[0], "Trois Ponts", "1000.00", "200.00", "1200.00"],
        ["2026-002", texts[1], "Fourvière", "450.50", "90.10", "540.60"],
    ]
    path.write_text("\n".join(",".join(row) for row in rows), "utf-8")

    assert [document.as_json()["issue_date"] for document in read(path)] == list(days)


@given(st.permutations(range(6)), st.integers(0, 4), st.integers(0, 4), st.sampled_from(sorted(HEADERS.keys() - {"english, short"})))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_order_and_place_of_the_columns(tmp_path: Path, order: list[int], down: int, right: int, name: str) -> None:
    header, first, second = ([row[index] for index in order] for row in (HEADERS[name], *ROWS))
    origin = f"{chr(ord('A') + right)}{down + 1}"
    path = workbook(tmp_path / "registre.xlsx", {"Factures": table(origin, header, first, second)})
    columns = "".join(chr(ord("A") + right + order.index(position)) for position in range(6))

    assert told(read(path), FIRST, SECOND, cells=[origins(down + 2, columns), origins(down + 3, columns)]) == ""


def test_days_in_the_column_of_numbers_are_no_numbers(tmp_path: Path) -> None:
    """Headers over the wrong columns: « N° facture » over the days."""
    header = ["Date", "N° facture", *HEADERS["french"][2:]]
    result = reading(workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", header, *ROWS)}))

    assert all(document.invoice.number is None or named(document, "number") for document in result.documents)
    assert result.documents or result.findings


def test_more_tax_than_price_is_told(tmp_path: Path) -> None:
    """Headers over the wrong columns: « TVA » over the net amounts. The sum is right, the rate is not."""
    header = ["N° facture", "Date", "Client", "TVA", "Montant HT", "Montant TTC"]
    for document in read(workbook(tmp_path / "registre.xlsx", {"Factures": table("A1", header, *ROWS)})):
        for name in ("net", "vat"):
            assert document.as_json()["totals"][name] is None or named(document, f"totals.{name}")
