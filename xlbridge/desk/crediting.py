"""« Avoir »: the draft of the credit note of an issued invoice, whole or in part."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from xlbridge.desk import choosing
from xlbridge.desk.answer import Answer, counted
from xlbridge.desk.holding import add_rows, our_table
from xlbridge.errors import WrongUse
from xlbridge.folding import folded
from xlbridge.model import Invoice
from xlbridge.model.money import ZERO, decimal_of
from xlbridge.rules.sums import written as money
from xlbridge.workbook import template
from xlbridge.workbook.columns import Row
from xlbridge.workbook.details import Value
from xlbridge.workbook.grid import Workbook
from xlbridge.workbook.port import Port
from xlbridge.workbook.sheet_cells import Content
from xlbridge.workbook.template_layout import DRAFTS, LINES, REGISTER, REGISTER_LINES
from xlbridge.workbook.template_parties import table_of

HEAD = ("Client", "Nature", "Commande client", "Livraison")
LINE = ("Article", "Désignation", "Quantité", "Unité", "P.U. HT", "Remise %", "TVA %", "Motif d'exonération")
CREDIT = "Avoir"


def credit(port: Port, today: date | None = None) -> Answer:
    """The draft in « Factures » and « Lignes »: all lines of the invoice, or those selected in « Registre lignes »."""
    workbook = port.snapshot()
    chosen = choosing.issued(workbook, port.selection())
    head = _head(workbook, chosen.number)
    if folded(head.text("Type") or "") == folded(CREDIT):
        raise WrongUse(f"{chosen.number} est déjà un avoir.", "Choisissez la facture à corriger.")
    if already := _already(workbook, chosen.number):
        port.select(DRAFTS, (already.row or 0, 0))
        return Answer(f"Le brouillon {already.key} est déjà un avoir de {chosen.number}. Relisez-le, puis « Émettre ».")
    key = _free_key(workbook)
    values: dict[str, Content] = {"Brouillon": key, "Type": CREDIT, "Date": today or date.today(), "Facture d'origine": chosen.number}  # noqa: DTZ011
    values |= {name: value for name in HEAD if (value := content(head.value(name))) is not None}
    discount = head.value("Remise")
    partial = discount is not None and chosen.in_part and not (isinstance(discount, str) and discount.endswith("%"))
    if discount is not None and not partial:
        values["Remise"] = content(discount)
    lines: list[Mapping[str, Content]] = [{"Brouillon": key, **_line(workbook, row)} for row in chosen.line_rows]
    if not lines:
        raise WrongUse(
            f"« {REGISTER_LINES} » n’a pas de ligne de {chosen.number}.", "Écrivez l’avoir à la main dans « Factures » et « Lignes »."
        )
    with port.step("Avoir"), port.unlocked(LINES, DRAFTS):
        add_rows(port, our_table(workbook, LINES), lines)
        (row,) = add_rows(port, our_table(workbook, DRAFTS), [values])
        port.select(DRAFTS, (row, 0))
    return Answer(_told(key, chosen, partial, head.text("Acompte déduit")) + _credited(workbook, chosen.number))


def _told(key: str, chosen: choosing.Chosen, partial: bool, prepaid: str | None) -> str:
    what = f"{counted(len(chosen.line_rows), 'ligne')} de {chosen.number}" if chosen.in_part else f"toute la facture {chosen.number}"
    left_out = " La remise en euros n’est pas reprise : elle portait sur toute la facture." if partial else ""
    left_out += " L’acompte déduit n’est pas repris ; s’il ne doit pas être rendu, écrivez-le dans « Acompte déduit »." if prepaid else ""
    rest = "Dans « Lignes », réduisez les quantités ou effacez ce qui n’est pas à créditer, puis « Émettre »."
    return f"Le brouillon {key} est l’avoir de {what}.{left_out} {rest}"


def _credited(workbook: Workbook, number: str) -> str:
    """What the register has already credited of the invoice, and its total: « Émettre » refuses more than what is left."""
    issued = [entry.document.invoice for entry in template.read_entries(workbook) if entry.sheet == REGISTER]
    whole = next((invoice.totals.gross for invoice in issued if invoice.number == number), None)
    done = [invoice.totals.gross for invoice in issued if _corrects(invoice, number)]
    if not done or whole is None or None in done:
        return ""
    return f"\n\nDéjà crédité : {money(sum((abs(gross or ZERO) for gross in done), ZERO), 'EUR')} sur {money(whole, 'EUR')} TTC."


def _corrects(invoice: Invoice, number: str) -> bool:
    """Whether it is a credit note that names this invoice."""
    return invoice.is_credit_note and any(item.number == number for item in invoice.preceding_invoices)


def _head(workbook: Workbook, number: str) -> Row:
    table = our_table(workbook, REGISTER)
    rows = [row for row in table.rows() if folded(row.text("Numéro") or "") == folded(number)]
    if len(rows) != 1:
        raise WrongUse(f"« {REGISTER} » n’a pas une ligne, et une seule, pour {number}.", "Lancez « Contrôle du classeur ».")
    return rows[0]


def _line(workbook: Workbook, row: int) -> Mapping[str, Content]:
    found = Row(our_table(workbook, REGISTER_LINES), row)
    return {name: value for name in LINE if (value := content(found.value(name))) is not None}


def _already(workbook: Workbook, number: str) -> template.Entry | None:
    """A draft that credits the invoice already."""
    entries = [entry for entry in template.read_entries(workbook) if entry.sheet == DRAFTS]
    return next((entry for entry in entries if _corrects(entry.document.invoice, number)), None)


def _free_key(workbook: Workbook) -> str:
    """« A1 », « A2 » …: the first that no draft and no line bears."""
    tables = [table_of(workbook, name) for name in (DRAFTS, LINES)]
    taken = {folded(row.text("Brouillon") or "") for table in tables if table for row in table.rows()}
    return next(f"A{count}" for count in range(1, len(taken) + 2) if folded(f"A{count}") not in taken)


def content(value: Value) -> Content:
    """What is written to give a cell the value of another."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return decimal_of(value)
    if value is None or isinstance(value, (str, Decimal, date)):
        return value
    return str(value)
