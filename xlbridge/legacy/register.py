"""Registers: one row an invoice. The columns say what is there; what they do not say stays empty."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from xlbridge.findings import Finding
from xlbridge.legacy import rules, values
from xlbridge.legacy.clients import ClientRows
from xlbridge.legacy.consistency import check_amounts
from xlbridge.legacy.currency import MANY_ROWS, table_currency
from xlbridge.legacy.draft import Draft
from xlbridge.legacy.row import number_in, put_currency, put_header_fields, put_number, put_type
from xlbridge.legacy.tables import Column, Table
from xlbridge.legacy.values import plain_text
from xlbridge.model.money import ZERO, amount, total

AMOUNT_FIELDS = {
    "net": "totals.net",
    "gross": "totals.gross",
    "prepaid": "totals.prepaid",
    "due": "totals.due",
    "rounding": "totals.rounding",
}
OTHER_DOCUMENTS = re.compile(
    r"^(?:devis|bon de (?:livraison|commande)|bl|commande|pro ?-?forma|facture pro ?-?forma|quote|quotation|estimate|order|delivery note"
    r"|achats?|facture d.achat|depenses?|purchase|expense|ausgabe|angebot|lieferschein)\b"
)


@dataclass(frozen=True)
class RegisterStyle:
    """What is decided once for the whole table: how its VAT columns read, its currency, whether its VAT column holds rates."""

    vat_amounts: tuple[Column, ...]
    vat_rate: Column | None
    currency: str | None
    currency_symbol: str | None
    amount_as: str | None


def register_drafts(table: Table, clients: ClientRows) -> tuple[list[Draft], list[Finding]]:
    """One draft a row of a register, and what is to be said of the table as a whole."""
    style = _style(table)
    drafts, without_number, others = [], [], list[int]()
    for row in table.rows:
        number = number_in(table, row)
        if is_other_document(table, row):
            others.append(row)
        elif number is None:
            if any(table.number(row, column) for column in table.columns if column.role in {"net", "gross", "amount"}):
                without_number.append(row)
        elif _has_content(table, row):
            drafts.append(_draft(table, row, number, style, clients))
    return drafts, [*_orphans(table, without_number), *left_out(table, others)]


def is_other_document(table: Table, row: int) -> bool:
    """Whether a row says that it is no invoice: « Devis » in a column of types, « Achat » in one of directions."""
    kinds = [table.text(row, "type"), *(values.text_of(table.sheet.at(row, column.index)) for column in table.all("flow"))]
    return any(kind and OTHER_DOCUMENTS.search(plain_text(kind)) for kind in kinds)


def left_out(table: Table, rows: list[int]) -> list[Finding]:
    """A finding that names the rows that are no invoices."""
    if not rows:
        return []
    shown = ", ".join(str(row + 1) for row in rows[:20])
    return [rules.OTHER_ROWS.found(cell=table.cell(rows[0], table.columns[0]), count=len(rows), rows=shown)]


def _has_content(table: Table, row: int) -> bool:
    """Whether a row says more than a number: some registers number their rows ahead."""
    names = ("issue_date", "buyer_name", "buyer_company")
    return any(table.text(row, name) for name in names) or any(
        table.number(row, column) for column in table.columns if column.role in {"net", "gross", "amount", "due"}
    )


def _orphans(table: Table, rows: list[int]) -> list[Finding]:
    column = table.column("number")
    totals = [row for row in rows if any("total" in plain_text(str(value)) for value in _texts(table, row))]
    rows = [row for row in rows if row not in totals]
    if not rows or column is None:
        return []
    return rows_without_number(table, rows)


def rows_without_number(table: Table, rows: list[int]) -> list[Finding]:
    """A finding that names rows with an amount and no number."""
    column = table.column("number")
    if not rows or column is None:
        return []
    shown = ", ".join(table.sheet.address(row, column.index) for row in rows[:20])
    return [rules.ROW_WITHOUT_NUMBER.found(cell=table.cell(rows[0], column), count=len(rows), rows=shown)]


def _texts(table: Table, row: int) -> Iterable[str]:
    return (value for value in table.sheet.rows[row - table.sheet.first_row] if isinstance(value, str))


def _style(table: Table) -> RegisterStyle:
    vat = table.all("vat")
    rate = table.column("vat_rate")
    ambiguous = [column for column in vat if column.announced.ambiguous]
    if ambiguous and rate is None and holds_rates(table, ambiguous[0]):
        rate, vat = ambiguous[0], tuple(column for column in vat if column not in ambiguous)
    if any(column.announced.rate is not None for column in vat):
        vat = tuple(column for column in vat if column.announced.rate is not None)
    else:
        vat = vat[:1]
    currency, symbol = table_currency(table)
    amount_as = None
    if table.column("amount"):
        amount_as = next((name for name in ("gross", "net") if not table.column(name)), None)
    return RegisterStyle(vat, rate, currency, symbol, amount_as)


def holds_rates(table: Table, column: Column) -> bool:
    """Whether a column headed « TVA » holds rates: percent signs, fractions, or nothing but usual rates that do not add up as amounts."""
    found = [value for value in table.cells_of(column) if value is not None]
    if any(isinstance(value, str) and "%" in value for value in found):
        return True
    numbers = [number for value in found if (number := values.number(value, table.decimal_mark)) is not None]
    usual = {
        Decimal(text) for text in ("0", "20", "10", "5.5", "2.1", "8.5", "19.6", "7", "19", "21", "0.2", "0.1", "0.055", "0.021", "0.085")
    }
    if not numbers or not set(numbers) <= usual:
        return False
    net, gross = table.column("net"), table.column("gross")
    if net is None or gross is None:
        return max(numbers) <= 21
    pairs = [(table.number(row, net), table.number(row, column), table.number(row, gross)) for row in table.rows]
    return not any(a is not None and b and c is not None and a + b == c for a, b, c in pairs)


def _draft(table: Table, row: int, number: str, style: RegisterStyle, clients: ClientRows) -> Draft:
    draft = Draft()
    column = table.column("number")
    if column:
        draft.put("number", number, table.cell(row, column))
    put_header_fields(draft, table, row)
    _put_amounts(draft, table, row, style)
    put_currency(draft, table, row, style.currency, style.currency_symbol)
    put_type(draft, table, row)
    clients.fill(draft, table, row)
    check_amounts(draft)
    return draft


def _put_amounts(draft: Draft, table: Table, row: int, style: RegisterStyle) -> None:
    bases = _bases(table, row)
    for role, path in AMOUNT_FIELDS.items():
        if (column := table.column(role)) and not (role == "net" and bases):
            put_number(draft, table, row, column, path)
    if bases:
        draft.put("totals.net", total(bases.values()), table.cell(row, table.all("net")[0]))
    single = table.column("amount")
    if single and style.amount_as:
        put_number(draft, table, row, single, f"totals.{style.amount_as}")
        if not table.column("net") and not table.column("gross"):
            cell = table.cell(table.header_row, single)
            draft.say(rules.SINGLE_AMOUNT, cell=cell, header=single.header, reading="toutes taxes comprises")
    _put_vat(draft, table, row, style, bases)


def _bases(table: Table, row: int) -> dict[Decimal, Decimal]:
    """The net amounts by rate, where a register has one column for each (« HT 20 % », « HT 10 % »)."""
    rated = [column for column in table.all("net") if column.announced.rate is not None]
    if len(rated) < 2 or len(rated) < len(table.all("net")):
        return {}
    return {column.announced.rate or ZERO: table.number(row, column) or ZERO for column in rated}


def _put_vat(draft: Draft, table: Table, row: int, style: RegisterStyle, bases: dict[Decimal, Decimal]) -> None:
    found = [(column, table.number(row, column)) for column in style.vat_amounts]
    known = [(column, value) for column, value in found if value is not None]
    for column, value in found:
        text = values.text_of(table.sheet.at(row, column.index))
        if value is None and text:
            draft.say(rules.UNREADABLE_NUMBER, "totals.vat", table.cell(row, column), text=text)
        elif value is None and len(table.rows) <= MANY_ROWS and (reason := table.without_value(row, column)):
            draft.say(rules.NO_VALUE, "totals.vat", table.cell(row, column), reason=reason)
    if known:
        filled = [column for column, value in known if value] or [known[0][0]]
        draft.put("totals.vat", amount(total(value for _, value in known)) if len(known) > 1 else known[0][1], table.cell(row, filled[0]))
    rated = {column.announced.rate: value for column, value in known if column.announced.rate is not None and value}
    if style.vat_rate and (rate := values.percent(table.sheet.at(row, style.vat_rate.index))) is not None:
        rated = {rate: draft.amount("totals.vat") or ZERO}
        draft.origin["vat_breakdown[0].rate"] = table.cell(row, style.vat_rate)
    net = draft.amount("totals.net")
    if len(rated) == 1:
        draft.put("vat_breakdown", tuple((rate, net, tax) for rate, tax in rated.items()))
    elif rated:
        draft.put("vat_breakdown", tuple((rate, bases.get(rate), tax) for rate, tax in rated.items()))
