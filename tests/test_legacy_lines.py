"""Tables with one row a line: invoices in the same rows, or in a table of their own joined by number."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.sheets import UNSURE, Formula, Shown, codes, differences, euros, named, one_of, read, reading, table, workbook
from xlbridge.document import Document

HEADER = ["N° facture", "Date", "Client", "Désignation", "Quantité", "Unité", "P.U. HT", "Taux TVA", "Montant HT"]
DAY = date(2026, 1, 15)
LATER = date(2026, 2, 3)
BRIDGES, BAKERY = "Société des Trois Ponts", "Boulangerie Fourvière"
ROWS = (
    ["F-1", DAY, BRIDGES, "Tube cuivre", 12.5, "m", euros(8.4), Shown(0.2, "0%"), euros(105)],
    ["F-1", DAY, BRIDGES, "Main-d’œuvre", 6, "h", euros(42.5), Shown(0.2, "0%"), euros(255)],
    ["F-2", LATER, BAKERY, "Entretien de la chaudière", 1, "forfait", euros(150), Shown(0.1, "0%"), euros(150)],
)
TRUTHS = (
    {
        "number": "F-1",
        "issue_date": "2026-01-15",
        "type_code": "380",
        "currency": "EUR",
        "buyer.name": BRIDGES,
        "totals.net": 360,
        "totals.vat": one_of(None, 72),
        "totals.gross": one_of(None, 432),
    },
    {
        "number": "F-2",
        "issue_date": "2026-02-03",
        "type_code": "380",
        "currency": "EUR",
        "buyer.name": BAKERY,
        "totals.net": 150,
        "totals.vat": one_of(None, 15),
        "totals.gross": one_of(None, 165),
    },
)
LINES = (
    (("Tube cuivre", 12.5, "m", 8.4, 20, 105), ("Main-d’œuvre", 6, "h", 42.5, 20, 255)),
    (("Entretien de la chaudière", 1, "forfait", 150, 10, 150),),
)


def told(documents: list[Document], truths: object = TRUTHS, lines: object = LINES, cells: object = ({}, {})) -> str:
    """What differs, document by document."""
    assert [document.invoice.number for document in documents] == [truth["number"] for truth in truths]  # type: ignore[attr-defined]
    rows = list(zip(documents, truths, lines, cells, strict=True))  # type: ignore[call-overload]
    return "\n".join(f"{truth['number']} {sentence}" for document, truth, *rest in rows for sentence in differences(document, truth, *rest))


@pytest.mark.parametrize("rate", ["Taux TVA", "TVA %", "TVA"])
def test_lines_with_their_invoice(tmp_path: Path, rate: str) -> None:
    header = [rate if text == "Taux TVA" else text for text in HEADER]
    path = workbook(tmp_path / "lignes.xlsx", {"Ventes": table("B3", header, *ROWS)})
    cells = (
        {"number": "Ventes!B4", "issue_date": "Ventes!C4", "buyer.name": "Ventes!D4", "lines[1].net_amount": "Ventes!J5"},
        {"number": "Ventes!B6", "issue_date": "Ventes!C6", "buyer.name": "Ventes!D6", "lines[0].quantity": "Ventes!F6"},
    )

    assert told(read(path), cells=cells) == ""


def test_lines_that_are_not_sorted(tmp_path: Path) -> None:
    path = workbook(tmp_path / "lignes.xlsx", {"Ventes": table("A1", HEADER, ROWS[0], ROWS[2], ROWS[1])})

    assert told(read(path)) == ""


def test_number_only_in_the_first_row_of_each_invoice(tmp_path: Path) -> None:
    """Rows below a number and without one of their own are lines of that invoice, or told; never dropped in silence."""
    second = [None, None, None, *ROWS[1][3:]]
    result = reading(workbook(tmp_path / "lignes.xlsx", {"Ventes": table("A1", HEADER, ROWS[0], second, ROWS[2])}))
    document = result.documents[0]

    complete = document.invoice.totals.net == 360 and len(document.invoice.lines) == 2
    assert complete or named(document, "lines") or result.findings
    assert document.invoice.totals.net in {None, 360} or named(document, "totals.net")


def test_no_amount_column_quantity_times_price(tmp_path: Path) -> None:
    rows = [row[:8] for row in ROWS]
    path = workbook(tmp_path / "lignes.xlsx", {"Ventes": table("A1", HEADER[:8], *rows)})

    assert told(read(path)) == ""


def test_single_amount_column_of_lines_is_net(tmp_path: Path) -> None:
    header = [*HEADER[:7], "Montant"]
    rows = [[*row[:7], row[8]] for row in ROWS]
    path = workbook(tmp_path / "lignes.xlsx", {"Ventes": table("A1", header, *rows)})
    nothing = {"totals.vat": None, "totals.gross": None}
    lines = tuple(tuple((*line[:4], None, line[5]) for line in group) for group in LINES)

    assert told(read(path), [truth | nothing for truth in TRUTHS], lines) == ""


def test_gross_amounts_of_lines_are_no_net_amounts(tmp_path: Path) -> None:
    header = [*HEADER[:6], "P.U. TTC", "TVA", "Montant TTC"]
    rows = [
        ["F-1", DAY, BRIDGES, "Tube cuivre", 10, "m", euros(12), Shown(0.2, "0%"), euros(120)],
        ["F-1", DAY, BRIDGES, "Main-d’œuvre", 6, "h", euros(60), Shown(0.2, "0%"), euros(360)],
    ]
    for document in read(workbook(tmp_path / "lignes.xlsx", {"Ventes": table("A1", header, *rows)})):
        assert document.invoice.totals.net in {None, 400} or named(document, "totals.net")
        assert document.invoice.totals.gross in {None, 480} or named(document, "totals.gross")
        for position, net in enumerate((100, 300)):
            assert document.invoice.lines[position].net_amount in {None, net} or named(document, f"lines[{position}].net_amount")


def test_totals_of_the_document_repeated_on_each_line(tmp_path: Path) -> None:
    header = [*HEADER, "Total HT facture", "Total TVA", "Total TTC"]
    rows = [[*ROWS[0], 360, 72, 432], [*ROWS[1], 360, 72, 432], [*ROWS[2], 150, 15, 165]]
    path = workbook(tmp_path / "lignes.xlsx", {"Ventes": table("A1", header, *rows)})
    truths = [TRUTHS[0] | {"totals.vat": 72, "totals.gross": 432}, TRUTHS[1] | {"totals.vat": 15, "totals.gross": 165}]

    assert told(read(path), truths) == ""


def test_line_amounts_that_are_not_quantity_times_price_are_told(tmp_path: Path) -> None:
    wrong = [*ROWS[0][:8], euros(150)]
    document = read(workbook(tmp_path / "lignes.xlsx", {"Ventes": table("A1", HEADER, wrong, ROWS[1])}))[0]

    assert "LEC-037" in codes(document)
    assert named(document, "lines[0].net_amount")
    assert not named(document, "lines[1].net_amount")


def test_discount_in_percent(tmp_path: Path) -> None:
    header = [*HEADER[:7], "Remise %", "Montant HT"]
    rows = [["F-1", DAY, BRIDGES, "Tube cuivre", 10, "m", euros(8), Shown(0.1, "0%"), euros(72)]]
    document = read(workbook(tmp_path / "lignes.xlsx", {"Ventes": table("A1", header, *rows)}))[0]

    assert not codes(document)
    line = document.invoice.lines[0]
    assert line.net_amount == 72
    assert line.allowances[0].amount == 8 if line.unit_price == 8 else line.unit_price == 7.2


def test_negative_line_among_others_is_told(tmp_path: Path) -> None:
    back = ["F-1", DAY, BRIDGES, "Retour de tube", -2, "m", euros(8.4), Shown(0.2, "0%"), euros(-16.8)]
    document = read(workbook(tmp_path / "lignes.xlsx", {"Ventes": table("A1", HEADER, ROWS[0], ROWS[1], back)}))[0]

    assert document.as_json()["totals"]["net"] == "343.2"
    assert "LEC-035" in codes(document)


def test_only_negative_lines_are_a_credit_note_or_told(tmp_path: Path) -> None:
    back = ["F-3", DAY, BRIDGES, "Retour de tube", -2, "m", euros(8.4), Shown(0.2, "0%"), euros(-16.8)]
    document = read(workbook(tmp_path / "lignes.xlsx", {"Ventes": table("A1", HEADER, *ROWS, back)}))[2]

    assert document.invoice.type_code == "381"
    assert named(document, "type_code")


def test_text_in_a_quantity_is_told(tmp_path: Path) -> None:
    odd = [*ROWS[0][:4], "12,5 env.", *ROWS[0][5:]]
    document = read(workbook(tmp_path / "lignes.xlsx", {"Ventes": table("A1", HEADER, odd, ROWS[1])}))[0]

    assert document.invoice.lines[0].quantity is None
    assert named(document, "lines[0].quantity")


def test_quantity_with_its_unit(tmp_path: Path) -> None:
    odd = [*ROWS[0][:4], "12,5 m", None, *ROWS[0][6:]]
    document = read(workbook(tmp_path / "lignes.xlsx", {"Ventes": table("A1", HEADER, odd, ROWS[1])}))[0]

    assert document.as_json()["lines"][0]["quantity"] == "12.5" or named(document, "lines[0].quantity")


def test_error_in_a_line_is_told(tmp_path: Path) -> None:
    odd = [*ROWS[0][:8], Formula("=E2*#REF!", "#REF!")]
    document = read(workbook(tmp_path / "lignes.xlsx", {"Ventes": table("A1", HEADER, odd, ROWS[1])}))[0]

    assert document.as_json()["lines"][0]["net_amount"] == "105" or named(document, "lines[0].net_amount")


def test_total_row_below_the_lines_is_no_line(tmp_path: Path) -> None:
    total = ["Total", None, None, None, None, None, None, None, euros(510)]
    result = reading(workbook(tmp_path / "lignes.xlsx", {"Ventes": table("A1", HEADER, *ROWS, total)}))

    assert told(list(result.documents)) == ""


def test_two_sheets_joined_by_number(tmp_path: Path) -> None:
    sheets = {
        "Factures": table(
            "A1",
            ["N° facture", "Date", "Client", "Total HT", "TVA", "Total TTC"],
            ["F-1", DAY, BRIDGES, euros(360), euros(72), euros(432)],
            ["F-2", LATER, BAKERY, euros(150), euros(15), euros(165)],
        ),
        "Lignes": table("A1", ["N° facture", *HEADER[3:]], *([row[0], *row[3:]] for row in ROWS)),
    }
    truths = [TRUTHS[0] | {"totals.vat": 72, "totals.gross": 432}, TRUTHS[1] | {"totals.vat": 15, "totals.gross": 165}]
    cells = (
        {"number": "Factures!A2", "totals.gross": "Factures!F2", "lines[1].name": "Lignes!B3"},
        {"number": "Factures!A3", "totals.gross": "Factures!F3", "lines[0].name": "Lignes!B4"},
    )

    assert told(read(workbook(tmp_path / "ventes.xlsx", sheets)), truths, LINES, cells) == ""


def test_lines_of_an_invoice_that_does_not_exist_are_told(tmp_path: Path) -> None:
    sheets = {
        "Factures": table(
            "A1", ["N° facture", "Date", "Client", "Total HT"], *([f"F-{n}", DAY, BRIDGES, euros(100)] for n in range(1, 11))
        ),
        "Lignes": table(
            "A1",
            ["N° facture", "Désignation", "Quantité", "P.U. HT"],
            *([f"F-{n}", "Entretien", 1, euros(100)] for n in (*range(1, 11), 99)),
        ),
    }
    result = reading(workbook(tmp_path / "ventes.xlsx", sheets))

    assert len(result.documents) == 10
    assert [finding.code for finding in result.findings] == ["LEC-034"]
    assert "F-99" in result.findings[0].message


def test_sum_of_lines_that_is_not_the_total_is_told(tmp_path: Path) -> None:
    sheets = {
        "Factures": table("A1", ["N° facture", "Date", "Client", "Total HT"], ["F-1", DAY, BRIDGES, euros(400)]),
        "Lignes": table("A1", ["N° facture", *HEADER[3:]], *([row[0], *row[3:]] for row in ROWS[:2])),
    }
    document = read(workbook(tmp_path / "ventes.xlsx", sheets))[0]

    assert document.invoice.totals.net == 400
    assert named(document, "totals.net")


def test_companion_files_of_one_folder(tmp_path: Path) -> None:
    headers, lines = tmp_path / "factures.csv", tmp_path / "lignes.csv"
    headers.write_bytes(
        f"N° facture;Date;Client\r\nF-1;15/01/2026;{BRIDGES}\r\nF-2;03/02/2026;{BAKERY}\r\n".encode("cp1252"),
    )
    lines.write_bytes(
        (
            "N° facture;Désignation;Quantité;Unité;P.U. HT;TVA;Montant HT\r\n"
            "F-1;Tube cuivre;12,5;m;8,40 €;20 %;105,00 €\r\n"
            "F-1;Main-d’œuvre;6;h;42,50 €;20 %;255,00 €\r\n"
            "F-2;Entretien de la chaudière;1;forfait;150,00 €;10 %;150,00 €\r\n"
        ).encode("cp1252")
    )
    cells = ({"lines[0].name": "csv!B2", "number": "csv!A2"}, {"lines[0].name": "csv!B4", "number": "csv!A3"})

    truths = [truth | {"currency": one_of("EUR", None)} for truth in TRUTHS]
    assert told(read(lines, headers, lines), truths, LINES, cells) == ""
    for alone in (headers, lines):
        result = reading(alone)
        assert result.verdict == "refused"
        assert [finding.code for finding in result.findings] == ["LEC-081"]


def test_companion_of_another_folder_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "ailleurs").mkdir()
    headers, lines = tmp_path / "ailleurs" / "factures.csv", tmp_path / "lignes.csv"
    headers.write_text(f"N° facture;Date;Client\nF-1;15/01/2026;{BRIDGES}\n", "utf-8")
    lines.write_text("N° facture;Désignation;Quantité;P.U. HT\nF-1;Tube;2;8\n", "utf-8")

    assert reading(lines, headers, lines).verdict == "refused"


@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_lines_as_csv(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "ventes.csv"
    rows = [
        HEADER,
        ["F-1", "15/01/2026", BRIDGES, "Tube cuivre", "12.5", "m", "8.40", "20%", "105.00"],
        ["F-1", "15/01/2026", BRIDGES, "Main-d’œuvre", "6", "h", "42.50", "20%", "255.00"],
        ["F-2", "03/02/2026", BAKERY, "Entretien de la chaudière", "1", "forfait", "150.00", "10%", "150.00"],
    ]
    path.write_text("\r\n".join(separator.join(row) for row in rows), "utf-8")

    assert told(read(path), [truth | {"currency": None} for truth in TRUTHS]) == ""


def test_unreadable_date_is_told_once_a_document(tmp_path: Path) -> None:
    rows = [["F-1", "31/02/2026", *ROWS[0][2:]], ["F-1", "31/02/2026", *ROWS[1][2:]]]
    document = read(workbook(tmp_path / "lignes.xlsx", {"Ventes": table("A1", HEADER, *rows)}))[0]

    assert told([document], [TRUTHS[0] | {"issue_date": UNSURE}], LINES[:1], ({},)) == ""
    assert [finding.code for finding in document.findings] == ["LEC-023"]


def test_two_buyers_or_dates_under_one_number_are_told(tmp_path: Path) -> None:
    rows = [ROWS[0], ["F-1", LATER, BAKERY, *ROWS[1][3:]]]
    documents = read(workbook(tmp_path / "lignes.xlsx", {"Ventes": table("A1", HEADER, *rows)}))

    assert len(documents) == 2 or (named(documents[0], "buyer.name") and named(documents[0], "issue_date"))


def test_invoices_and_quotes_among_the_lines(tmp_path: Path) -> None:
    """Lines of a quote are no invoice."""
    quote = ["D-9", DAY, BRIDGES, "Chauffe-eau", 1, "u", euros(640), Shown(0.2, "0%"), euros(640)]
    header = ["Type", *HEADER]
    rows = [["Devis", *quote], *(["Facture", *row] for row in ROWS)]

    assert told(read(workbook(tmp_path / "lignes.xlsx", {"Ventes": table("A1", header, *rows)}))) == ""


def test_formulas_without_results_are_computed_or_told(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["N° facture", "Date", "Client", "Désignation", "Quantité", "P.U. HT", "Montant HT"])
    sheet.append(["F-1", DAY, BRIDGES, "Tube cuivre", 12.5, 8.4, "=E2*F2"])
    sheet.append(["F-1", DAY, BRIDGES, "Main-d’œuvre", "=3+3", 42.5, "=E3*F3"])
    book.save(tmp_path / "lignes.xlsx")
    document = read(tmp_path / "lignes.xlsx")[0]
    first, second = document.as_json()["lines"]

    assert first["net_amount"] == "105" or named(document, "lines[0].net_amount")
    assert second["quantity"] is None
    assert named(document, "lines[1].quantity")
    assert document.invoice.totals.net in {None, 360} or named(document, "totals.net")


def test_hidden_rows_of_lines_are_told(tmp_path: Path) -> None:
    result = reading(workbook(tmp_path / "lignes.xlsx", {"Ventes": table("A1", HEADER, *ROWS)}, hidden_rows=[3]))

    told_of = {finding.code for finding in result.findings} | codes(result.documents[0])
    assert len(result.documents[0].invoice.lines) == 1 or "LEC-083" in told_of


def test_the_same_line_twice_counts_twice(tmp_path: Path) -> None:
    """Two equal lines may be right: nothing says that one does not count."""
    other = [["F-2", *row[1:]] for row in ROWS[:2]]
    document = read(workbook(tmp_path / "lignes.xlsx", {"Ventes": table("A1", HEADER, ROWS[0], ROWS[0], *other)}))[0]

    assert document.as_json()["totals"]["net"] == "210"
    assert len(document.invoice.lines) == 2


def test_numbers_of_two_sheets_that_differ_in_case_or_blanks(tmp_path: Path) -> None:
    """« f-1 » and « F-1 » are one invoice, or the lines left over are told."""
    sheets = {
        "Factures": table(
            "A1", ["N° facture", "Date", "Client", "Total HT"], *([f"F-{n}", DAY, BRIDGES, euros(100)] for n in range(1, 12))
        ),
        "Lignes": table(
            "A1",
            ["N° facture", "Désignation", "Quantité", "P.U. HT"],
            ["f-1 ", "Entretien", 1, euros(100)],
            *([f"F-{n}", "Entretien", 1, euros(100)] for n in range(2, 12)),
        ),
    }
    result = reading(workbook(tmp_path / "ventes.xlsx", sheets))

    assert result.documents[0].invoice.lines or result.findings


def test_numbers_of_two_sheets_one_as_text_one_as_number(tmp_path: Path) -> None:
    sheets = {
        "Factures": table("A1", ["N° facture", "Date", "Client", "Total HT"], ["12", DAY, BRIDGES, euros(360)]),
        "Lignes": table("A1", ["N° facture", *HEADER[3:]], *([12, *row[3:]] for row in ROWS[:2])),
    }
    (document,) = read(workbook(tmp_path / "ventes.xlsx", sheets))

    assert told([document], [TRUTHS[0] | {"number": "12"}], LINES[:1], ({},)) == ""


def test_an_invoice_without_lines_among_joined_tables_is_kept(tmp_path: Path) -> None:
    sheets = {
        "Factures": table(
            "A1", ["N° facture", "Date", "Client", "Total HT"], ["F-1", DAY, BRIDGES, euros(360)], ["F-8", LATER, BAKERY, euros(77)]
        ),
        "Lignes": table("A1", ["N° facture", *HEADER[3:]], *([row[0], *row[3:]] for row in ROWS[:2])),
    }
    documents = read(workbook(tmp_path / "ventes.xlsx", sheets))

    assert [(document.invoice.number, len(document.invoice.lines)) for document in documents] == [("F-1", 2), ("F-8", 0)]


def test_articles_by_code_are_not_mixed_up_with_clients(tmp_path: Path) -> None:
    header = ["N° facture", "Date", "Code client", "Code article", "Quantité", "P.U. HT"]
    sheets = {
        "Ventes": table("A1", header, ["F-1", DAY, "A1", "T16", 2, euros(8)], ["F-2", LATER, "T16", "A1", 1, euros(8)]),
        "Clients": table("A1", ["Code", "Nom", "Adresse", "CP", "Ville"], ["A1", BRIDGES, "14 quai du Moulin", "19100", "Brive"]),
        "Articles": table("A1", ["Code", "Désignation", "Unité", "P.U. HT"], ["T16", "Tube cuivre", "m", 8], ["A1", "Arrosoir", "u", 8]),
    }
    first, second = read(workbook(tmp_path / "ventes.xlsx", sheets))

    assert first.invoice.buyer.name == BRIDGES
    assert second.invoice.buyer.name is None
    assert [document.invoice.lines[0].seller_item_id for document in (first, second)] == ["T16", "A1"]
