"""Forms drawn at random from the labels and layouts that people use: whatever they look like, nothing is wrong in silence."""

from __future__ import annotations

import json
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sheets import CLIENT, PLUMBER, Cells, Shown, differences, euros, party_truth, read, reading, table, workbook
from xlbridge.legacy.refusal import SENTENCES
from xlbridge.model.money import amount

BUYER_LABELS = ["Client :", "Facturé à :", "Destinataire :", "Adressé à", "FACTURER À", "Doit", "À l’attention de :", "CLIENT", "Bill to:"]
NUMBER_LABELS = ["Facture n° :", "N° de facture", "Numéro de facture :", "FACTURE N°", "N° facture :", "Invoice number"]
DATE_LABELS = ["Date :", "Date de facturation", "Date d’émission :", "Date de la facture :", "Le :", "En date du"]
DUE_LABELS = ["Échéance :", "Date d’échéance", "À payer avant le :", "Date limite de paiement :", "Payable le"]
NET_LABELS = ["Total HT", "TOTAL H.T.", "Montant HT :", "Total hors taxes", "Total H.T. (€)", "Sous-total HT"]
VAT_LABELS = ["TVA 20 %", "TVA (20%)", "TVA 20,00 %", "Montant TVA 20 %", "T.V.A. 20 %"]
GROSS_LABELS = ["Total TTC", "TOTAL T.T.C.", "Montant TTC :", "Total TTC (€)", "Total toutes taxes comprises"]
NAMES = ["Désignation", "Description", "Libellé", "Prestation", "Désignation des travaux", "Article"]
QUANTITIES = ["Quantité", "Qté", "Qté.", "Nombre", "QUANTITÉ"]
PRICES = ["P.U. HT", "Prix unitaire HT", "Prix unitaire", "PU HT (€)", "Prix U. HT", "P.U."]
NETS = ["Total HT", "Montant HT", "Total", "Montant", "Prix total HT", "TOTAL H.T."]
PREPAID_LABELS = ["Acompte versé", "Acompte", "Acompte reçu :", "Déjà réglé", "Acompte déduit"]
DUE_AMOUNT_LABELS = ["Net à payer", "NET À PAYER", "Reste à payer :", "Solde à payer", "Solde dû", "Net à payer TTC"]
GOODS = [
    "Pose d’un robinet",
    "Tube cuivre Ø 16",
    "Main-d’œuvre",
    "Forfait déplacement",
    "Peinture 2 couches",
    "Étude 2026",
    "Carrelage 30 x 30",
]
TEXT_DAYS = ["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%y", "%Y-%m-%d"]


@dataclass(frozen=True)
class Layout:
    """A form: its cells, what they say, and where."""

    cells: Cells
    truth: Cells
    lines: Sequence[Sequence[object]]
    places: dict[str, str]


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    """Seller on one side and buyer on the other, number and days below, lines, totals."""
    pick = lambda values: draw(st.sampled_from(values))  # noqa: E731
    top, left = draw(st.integers(1, 4)), draw(st.integers(0, 2))
    column = [chr(ord("A") + left + position) for position in range(6)]
    seller, buyer = pick([(0, 4), (4, 0)])
    cells: dict[str, object] = {}
    truth: dict[str, object] = {"type_code": "380", "currency": "EUR"}
    places: dict[str, str] = {}

    def put(path: str | None, across: int, row: int, value: object) -> None:
        cells[f"{column[across]}{row}"] = value
        if path:
            places[path] = f"Facture!{column[across]}{row}"

    row = top
    for position, text in enumerate([PLUMBER.name, "8 rue des Tanneurs", "87000 Limoges", f"SIRET : {PLUMBER.siret}"]):
        put(None, seller, row + position, text)
    put(None, 2, row, pick(["FACTURE", "Facture", "FACTURE DE VENTE"]))
    truth |= party_truth("seller", PLUMBER, "name", "siren", "siret", "address", "postcode", "city")
    row += draw(st.integers(5, 6))
    if seller == 4 or draw(st.booleans()):
        put(None, buyer, row, pick(BUYER_LABELS))
    for position, text in enumerate([CLIENT.name, "14 quai du Moulin", "19100 Brive"]):
        put("buyer.name" if position == 0 else None, buyer, row + 1 + position, text)
    truth |= party_truth("buyer", CLIENT)
    row += 5
    issued, due = draw(st.dates(date(2024, 1, 1), date(2027, 12, 31))), draw(st.dates(date(2028, 1, 1), date(2028, 12, 31)))
    number = pick(["F-2026-014", "2026/014", "FA0014", "14", "2026-03-014"])
    titled = draw(st.booleans())
    if titled:
        put("number", 2, top, pick(["FACTURE N° {}", "Facture n°{}", "FACTURE : {}", "Facture n° : {}", "FACTURE {}"]).format(number))
    shape = pick([None, *TEXT_DAYS])
    for path, labels, value in (
        ("number", NUMBER_LABELS, number),
        ("issue_date", DATE_LABELS, issued if shape is None else issued.strftime(shape)),
        ("due_date", DUE_LABELS, due if shape is None else due.strftime(shape)),
    ):
        if path != "number" or not titled:
            put(None, 0, row, pick(labels))
            put(path, 1, row, value)
        row += 1
    truth |= {"number": number, "issue_date": issued.isoformat(), "due_date": due.isoformat()}
    row += 1
    heads = [pick(NAMES), pick(QUANTITIES), pick(PRICES), pick(NETS)]
    where = pick([(0, 1, 2, 3), (0, 2, 3, 4), (1, 0, 2, 3)])
    for head, across in zip(heads, where, strict=True):
        put(None, across, row, head)
    lines = []
    for _ in range(draw(st.integers(1, 5))):
        row += 1
        if draw(st.booleans()) and draw(st.booleans()):
            put(None, where[0], row, pick(["SALLE DE BAINS", "Lot 2 : peinture", "Chantier de Panazol", "Semaine 12"]))
            row += draw(st.integers(1, 2))
        name, quantity = pick(GOODS), draw(st.integers(1, 40))
        price = draw(st.decimals(1, 900, places=2))
        for across, value in zip(where, (name, quantity, euros(float(price)), euros(float(amount(quantity * price)))), strict=True):
            put(None, across, row, value)
        lines.append((name, quantity, None, price, 20, amount(quantity * price)))
    row += draw(st.integers(1, 3))
    net = sum(line[5] for line in lines)
    vat = amount(net / 5)
    texts = draw(st.booleans())
    for path, labels, value in (
        ("totals.net", NET_LABELS, net),
        ("totals.vat", VAT_LABELS, vat),
        ("totals.gross", GROSS_LABELS, net + vat),
    ):
        put(None, where[2], row, pick(labels))
        shown = f"{value:,.2f} €".replace(",", " ").replace(".", ",")
        put(path, where[3], row, shown if texts else Shown(float(value), '#,##0.00 "€"'))
        truth[path] = value
        row += 1
    deposit = draw(st.sampled_from([None, None, Decimal(1), amount(net / 3)]))
    if deposit:
        for path, labels, value in (("totals.prepaid", PREPAID_LABELS, deposit), ("totals.due", DUE_AMOUNT_LABELS, net + vat - deposit)):
            put(None, where[2], row, pick(labels))
            put(path, where[3], row, euros(float(value)))
            truth[path] = value
            row += 1
    put(None, 0, row + 1, "Pénalités de retard : trois fois le taux d’intérêt légal. Indemnité forfaitaire : 40 €.")
    return Layout(cells, truth, lines, places)


@given(layouts())
@settings(max_examples=40)
def test_any_layout_reads_as_it_is(layout: Layout) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (document,) = read(workbook(Path(folder) / "facture.xlsx", {"Facture": layout.cells}))
    told = differences(document, layout.truth, layout.lines, layout.places)

    assert not told, "\n".join(told)


def scraps() -> list[object]:
    """Labels of the dictionary, and values as they stand beside them."""
    data = tomllib.loads(files("xlbridge.data").joinpath("labels.toml").read_text("utf-8"))
    labels = [label for lists in data.values() for kind in lists.values() for label in kind]
    texts = [
        "F-2026-014",
        "12/03/2026",
        "31/02/2026",
        "1 234,56 €",
        "20 %",
        "-",
        "TOTAL",
        "FACTURE",
        "DEVIS",
        "Avoir",
        PLUMBER.siret,
        "87000 Limoges",
        "x\ny",
    ]
    return [*labels, *texts, *texts, 0, -1, 12.5, 20, 0.2, 1e15, True, date(2026, 3, 12), date(1900, 3, 1), "", " ", "\u00a0"]


@given(st.lists(st.lists(st.lists(st.sampled_from([None, None, *scraps()]), max_size=8), max_size=14), min_size=1, max_size=3))
@settings(max_examples=40)
def test_no_sheet_breaks_the_reader(sheets: list[list[list[object]]]) -> None:
    """Labels and values in any disorder: documents or a refusal, every origin on a filled cell."""
    grids = {f"Feuil{number}": table("A1", *rows) for number, rows in enumerate(sheets)}
    with tempfile.TemporaryDirectory() as folder:
        result = reading(workbook(Path(folder) / "classeur.xlsx", grids))

    json.dumps(result.as_json())
    assert (result.reason is None) == bool(result.documents)
    assert result.reason is None or result.reason in SENTENCES
    for document in result.documents:
        assert all(cell.address in grids[cell.sheet] for cell in document.origin.values())
