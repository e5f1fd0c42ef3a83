"""What the sheet says beside the invoice: values that reading saw and would not trust, and the other documents of the workbook.

Sources: CGI ann. II art. 242 nonies A, I; CGI art. 267 and 289, I-5; BOI-TVA-DECLA-30-20-20-20 § 180 to 270.

>>> from datetime import date
>>> from xlbridge.document import Unread
>>> today = Unread("computed_date", "issue_date", "TODAY()")
>>> [fault.path for fault in computed_date(Invoice(), Context(day=date(2026, 10, 1), unread=(today,)))]
['issue_date']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from xlbridge.document import Unread
from xlbridge.findings import Rule, Severity
from xlbridge.folding import folded
from xlbridge.french import percent
from xlbridge.model import Invoice
from xlbridge.model.money import CENT, ZERO, amount
from xlbridge.rules.catalogue import Context, Fault, entry
from xlbridge.rules.credit_notes import CORRECTIONS
from xlbridge.rules.presence import CLIENT, NONIES
from xlbridge.rules.sums import written

BLOCKING, WARNING, NOTE = Severity.BLOCKING, Severity.WARNING, Severity.NOTE
SHEETS = "Les factures d’un classeur."
VOLATILE = re.compile(r"\b(TODAY|NOW)(?=\()", re.IGNORECASE)
IN_FRENCH = {"TODAY": "AUJOURDHUI", "NOW": "MAINTENANT"}  # a file holds the English names, a French spreadsheet shows these
CANCELS = re.compile(r"avoir annulant (?:la |notre )?facture")


def _unread(context: Context, kind: str) -> Iterator[Unread]:
    return (item for item in context.unread if item.kind == kind)


def _impossible(context: Context) -> dict[str, Decimal]:
    """The amounts left out because they cannot go together, by path."""
    return {item.path: Decimal(item.text) for item in _unread(context, "impossible_amount")}


@entry(
    Rule(
        "FR-DAT-012", WARNING, "Date calculée du jour",
        "La date est la formule « {formula} » : elle change chaque jour et ne prouve pas la date de la facture.",
        "remplacez la formule par la date, saisie au clavier.", f"{NONIES}6°",
    ),
    concerns=SHEETS, why="La date d’émission est celle du jour où la facture a été remise ; rouvrir le classeur ne doit pas la changer.",
)  # fmt: skip
def computed_date(_: Invoice, context: Context) -> Iterator[Fault]:
    for item in _unread(context, "computed_date"):
        yield Fault(item.path, {"formula": VOLATILE.sub(lambda found: IN_FRENCH[found[1].upper()], item.text)})


@entry(
    Rule(
        "FR-IDE-034", WARNING, "Numéro fiscal d’un pays tiers",
        "« {number} » n’a la forme d’aucun numéro de TVA de l’Union européenne : c’est sans doute un numéro fiscal étranger.",
        "écrivez le numéro de TVA intracommunautaire, s’il existe ; sinon gardez ce numéro comme identifiant fiscal.", f"{NONIES}2° à 5°",
    ),
    concerns="Les factures d’un classeur qui portent un matricule fiscal étranger.",
    why="Un matricule fiscal étranger n’ouvre aucun des droits d’un numéro de TVA intracommunautaire.",
)  # fmt: skip
def foreign_tax_id(_: Invoice, context: Context) -> Iterator[Fault]:
    for item in _unread(context, "foreign_tax_id"):
        yield Fault(item.path, {"number": item.text})


@entry(
    Rule(
        "FR-IDE-035", WARNING, "Client désigné par un code seulement", "Le client n’est désigné que par le code « {code} ».",
        f"écrivez son nom et son adresse {CLIENT}.", f"{NONIES}1°",
    ),
    concerns=SHEETS, why="Un code n’a de sens que pour vous : la facture porte le nom complet et l’adresse du client.",
)  # fmt: skip
def buyer_code_only(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if not invoice.buyer.name:
        for item in _unread(context, "buyer_code"):
            yield Fault(item.path, {"code": item.text})


@entry(
    Rule(
        "FR-IDE-036", NOTE, "Colonne du client laissée vide", "La colonne « {header} » est vide pour le client de cette facture.",
        f"écrivez-le dans cette cellule, ou {CLIENT.removeprefix('dans la feuille, ou ')}.", f"{NONIES}1°",
    ),
    concerns="Les registres qui ont une colonne d’adresse ou de pays du client.",
    why="Le registre prévoit la donnée et ne la donne pas : c’est dans cette cellule qu’elle manque.",
)  # fmt: skip
def buyer_cell_empty(invoice: Invoice, context: Context) -> Iterator[Fault]:
    known = {"buyer.country": invoice.buyer.country, "buyer.address": invoice.buyer.address and invoice.buyer.address.lines}
    for item in _unread(context, "empty_cell"):
        if not known.get(item.path, item.path):
            yield Fault(item.path, {"header": item.text})


@entry(
    Rule(
        "FR-MEN-020", NOTE, "Colonne d’échéance laissée vide", "La colonne « {header} » est vide pour cette facture.",
        "écrivez la date d’échéance dans cette cellule.", "C. com., art. L441-9, I",
    ),
    concerns="Les registres qui ont une colonne de l’échéance.",
    why="Le registre prévoit la date de paiement et ne la donne pas : c’est dans cette cellule qu’elle manque.",
)  # fmt: skip
def due_cell_empty(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if invoice.due_date or invoice.payment_terms or invoice.is_credit_note:
        return
    for item in _unread(context, "empty_cell"):
        if item.path == "due_date":
            yield Fault(item.path, {"header": item.text})


@entry(
    Rule(
        "FR-MNT-043", BLOCKING, "Total TTC impossible",
        "HT {net}, TVA {vat} et TTC {gross} ne peuvent pas aller ensemble : HT et TVA font {whole}, et le TTC est inférieur au HT.",
        "vérifiez que chaque colonne contient ce qu’annonce son titre, puis corrigez la TVA et le TTC.", f"{NONIES}11°",
    ),
    concerns=SHEETS, why="Le total que le client doit est le HT augmenté de la TVA.",
)  # fmt: skip
def impossible_gross(invoice: Invoice, context: Context) -> Iterator[Fault]:
    found, net = _impossible(context), invoice.totals.net
    if net is not None and {"totals.vat", "totals.gross"} <= found.keys():
        values = {"net": net, "vat": found["totals.vat"], "gross": found["totals.gross"], "whole": net + found["totals.vat"]}
        yield Fault("totals.gross", {name: written(value, invoice.currency) for name, value in values.items()})


@entry(
    Rule(
        "FR-MNT-044", BLOCKING, "La TVA à la place du TTC",
        "Le total TTC est {gross}, ce qui est la TVA de {net} HT à {rate} et non le total.",
        "vérifiez la colonne, ou la macro, qui remplit le total TTC.", f"{NONIES}11°",
    ),
    concerns=SHEETS, why="Des montants décalés d’une colonne font payer au client la taxe au lieu du total.",
)  # fmt: skip
def tax_as_gross(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if shifted := _shifted(invoice, context):
        net, rate, gross = shifted
        yield Fault("totals.gross", {
            "gross": written(gross, invoice.currency), "net": written(net, invoice.currency), "rate": percent(rate * 100),
        })  # fmt: skip


@entry(
    Rule(
        "FR-TVA-050", BLOCKING, "Le taux à la place de la TVA",
        "Le montant de TVA est {stated}, ce qui est le taux ({rate}) et non la taxe ; {net} HT à ce taux font {vat} de TVA.",
        "vérifiez la colonne, ou la macro, qui remplit le montant de TVA.", f"{NONIES}11°",
    ),
    concerns=SHEETS, why="Des montants décalés d’une colonne écrivent le taux là où le client attend la taxe.",
)  # fmt: skip
def rate_as_tax(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if shifted := _shifted(invoice, context):
        net, rate, vat = shifted
        yield Fault("totals.vat", {
            "stated": f"{rate:f}".replace(".", ","), "rate": percent(rate * 100), "net": written(net, invoice.currency),
            "vat": written(vat, invoice.currency),
        })  # fmt: skip


def _shifted(invoice: Invoice, context: Context) -> tuple[Decimal, Decimal, Decimal] | None:
    """Net, rate and tax, where the rate (a fraction) stands as VAT and the tax as gross."""
    found, net = _impossible(context), invoice.totals.net
    rate, tax = found.get("totals.vat"), found.get("totals.gross")
    if not net or rate is None or tax is None or not ZERO < rate < 1 or abs(net * rate - tax) > CENT:
        return None
    return net, rate, amount(tax)


@entry(
    Rule(
        "FR-TVA-051", WARNING, "Taxe locale dans le total", "« {text} » s’ajoute au total sans être de la TVA.",
        "une taxe qui n’est pas de la TVA s’écrit en frais, avec son nom ; en France, retirez-la.", f"CGI, art. 267 ; {NONIES}11°",
    ),
    concerns="Les factures d’un classeur dont les totaux comptent une autre taxe (FODEC, timbre fiscal…).",
    why="Prise pour de la TVA, elle serait déclarée et déduite à tort ; oubliée, les totaux ne tombent pas juste.",
)  # fmt: skip
def other_tax(_: Invoice, context: Context) -> Iterator[Fault]:
    for item in _unread(context, "other_tax"):
        yield Fault(item.path, {"text": item.text})


@entry(
    Rule(
        "FR-TVA-052", NOTE, "Base hors taxes non écrite",
        "La facture porte {count} taux de TVA, et n’écrit pas le montant hors taxes de chacun.",
        "ajoutez une colonne « Base HT » par taux, ou les lignes de la facture.", f"{NONIES}11°",
    ),
    concerns="Les factures d’un classeur à plusieurs taux, sans lignes.",
    why="La facture donne, pour chaque taux, le total hors taxes et la taxe.", of_sheet=True,
)  # fmt: skip
def bases_not_written(invoice: Invoice, context: Context) -> Iterator[Fault]:
    parts = invoice.vat_breakdown
    if len(parts) > 1 and not invoice.lines and context.own and any(part.rate and part.base is None for part in parts):
        yield Fault("totals.vat", {"count": len(parts)})


@entry(
    Rule(
        "FR-AVO-017", NOTE, "Avoir connu par un texte seulement", "Seul le texte « {text} » dit que ce document est un avoir.",
        "écrivez « Avoir » comme type du document, avec le numéro et la date de la facture d’origine.", CORRECTIONS,
    ),
    concerns=SHEETS, why="Un avoir qui se présente et se numérote comme une facture est compté comme une vente.",
)  # fmt: skip
def credit_note_by_text(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if invoice.is_credit_note:
        for item in _unread(context, "credit_note_text"):
            yield Fault(item.path, {"text": item.text[:150]})


@entry(
    Rule(
        "FR-AVO-018", WARNING, "Annulation d’un autre montant",
        "L’avoir dit annuler la facture {number}, de {original}, mais son montant est {stated}.",
        "corrigez le montant ; pour n’en rendre qu’une partie, écrivez « Cet avoir rectifie la facture … ».", CORRECTIONS,
    ),
    concerns=SHEETS, why="L’avoir qui annule une facture en rend exactement le montant ; sinon une partie reste due.",
)  # fmt: skip
def cancels_another_amount(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if not context.others or not any(CANCELS.search(folded(item.text)) for item in _unread(context, "credit_note_text")):
        return
    for preceding in invoice.preceding_invoices:
        original = context.others.get(preceding.number)
        stated, due = invoice.totals.gross, original.totals.gross if original else None
        if stated is not None and due is not None and abs(stated) != abs(due):
            facts = {"number": preceding.number, "original": written(abs(due), invoice.currency)}
            yield Fault("totals.gross", facts | {"stated": written(abs(stated), invoice.currency)})


@entry(
    Rule(
        "FR-AVO-019", NOTE, "Facture d’origine hors du classeur", "La facture d’origine {number} n’est pas dans ce classeur.",
        "vérifiez son numéro, son montant et sa date dans le classeur où elle a été émise.", CORRECTIONS,
    ),
    concerns=SHEETS, why="L’avoir ne peut pas être comparé à la facture qu’il corrige.",
)  # fmt: skip
def original_elsewhere(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if context.others and len(context.others) > 1 and invoice.is_credit_note:
        for at, preceding in enumerate(invoice.preceding_invoices):
            if preceding.number not in context.others:
                yield Fault(f"preceding_invoices[{at}].number", {"number": preceding.number})
