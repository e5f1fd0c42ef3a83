"""Registers: one row an invoice. The columns say what is there; what they do not say stays empty."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from xlbridge.findings import Finding
from xlbridge.legacy import rules, values
from xlbridge.legacy.clients import ClientRows
from xlbridge.legacy.consistency import check_amounts
from xlbridge.legacy.currency import MANY_ROWS, row_currency, say_currency, table_currency
from xlbridge.legacy.draft import Draft
from xlbridge.legacy.tables import Column, Table
from xlbridge.legacy.values import plain_text
from xlbridge.model.codes import CREDIT_NOTE, DEPOSIT, INVOICE
from xlbridge.model.money import ZERO, amount, total

TEXT_FIELDS = {
    "order": "order_reference",
    "contract": "contract_reference",
    "service_code": "buyer_reference",
    "payment_terms": "payment_terms",
    "preceding": "preceding_invoice",
    "email": "buyer.email",
    "telephone": "buyer.telephone",
    "city": "buyer.city",
    "payment_means": "payment.means_text",
}
DATE_FIELDS = {"issue_date": "issue_date", "due_date": "due_date", "delivery_date": "delivery.date"}
WANTED = {"due_date": "due_date", "country": "buyer.country", "address": "buyer.address"}  # told on the empty cell of their column
AMOUNT_FIELDS = {
    "net": "totals.net",
    "gross": "totals.gross",
    "prepaid": "totals.prepaid",
    "due": "totals.due",
    "rounding": "totals.rounding",
}
CREDIT_WORDS = re.compile(
    r"\bavoir\b[^()]{0,30}?\b(?:annulant|sur|rectifiant|relatif a|concernant|de|pour)\b"
    r"[^()]{0,12}?\bfacture\s*(?:num|n°|no|n)?\s*[°:]?\s*([\w/+-]+)"
)
CREDIT_TYPES = frozenset({"avoir", "credit note", "credit", "refund", "note de credit", "gutschrift", "creditnota", "facture d avoir"})
OTHER_DOCUMENTS = re.compile(
    r"^(?:devis|bon de (?:livraison|commande)|bl|commande|pro ?-?forma|facture pro ?-?forma|quote|quotation|estimate|order|delivery note"
    r"|achats?|facture d.achat|depenses?|purchase|expense|ausgabe|angebot|lieferschein)\b"
)
NOT_ISSUED = frozenset({"draft", "brouillon", "annulee", "annule", "cancelled", "canceled", "void", "entwurf", "a emettre"})


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


def document_number(text: str | None) -> str | None:
    """The number in a cell without the « n° » before it; None where the cell is a total or a remark.

    >>> document_number("n°F19042"), document_number("TOTAL"), document_number("Facture no 2")
    ('F19042', None, '2')
    """
    if not text or len(text) > 100:
        return None
    bare = re.sub(r"(?i)^(?:(?:facture|invoice|avoir)\s+)?(?:n\s?[°º]|num[ée]ro|no\.?(?=\s*\d)|#|n\.)\s*:?\s*", "", text).strip(" :")
    if len(bare) > 40 or not re.search(r"\d", bare) or re.match(r"(?i)(?:sous[- ])?total\b|→", bare):
        return None
    if re.search(r"\d [^\W\d_]{3,}|[^\W\d_]{3,} [^\W\d_]{3,}|[€$£%]", bare) or re.fullmatch(r"[\d ]+[.,]\d+", bare):
        return None
    return bare


def number_in(table: Table, row: int) -> str | None:
    """The document number in a row, as its cell shows it: a number format may add a prefix or zeros."""
    column = table.column("number")
    if column is None:
        return None
    value = table.sheet.at(row, column.index)
    if isinstance(value, date):
        return None
    if isinstance(value, (int, float)) and len(table.rows) <= MANY_ROWS:
        code = (table.sheet.details.formats or {}).get((row, column.index), "")
        if shown := values.shown_integer(value, code):
            return shown
    return document_number(values.text_of(value))


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


def put_header_fields(draft: Draft, table: Table, row: int) -> None:
    """Dates, references, buyer and state of the document in `row`."""
    for role, path in DATE_FIELDS.items():
        put_date(draft, table, row, role, path)
    for role, path in TEXT_FIELDS.items():
        if (column := table.column(role)) and (text := values.text_of(table.sheet.at(row, column.index))):
            draft.put(path, text, table.cell(row, column))
    put_buyer(draft, table, row)
    for role, path in WANTED.items():
        column = table.column(role)
        if column and path not in draft.values and path not in draft.origin and table.sheet.at(row, column.index) is None:
            draft.leave_out("empty_cell", path, column.header, table.cell(row, column))
    status = table.text(row, "status")
    if status and plain_text(status) in NOT_ISSUED:
        column = table.column("status")
        draft.say(rules.DRAFT, cell=table.cell(row, column) if column else None, status=status)
    note = table.column("public_note")
    if note and (text := values.text_of(table.sheet.at(row, note.index))):
        draft.put("notes", ((text, None),), table.cell(row, note))


def put_buyer(draft: Draft, table: Table, row: int) -> None:
    """The buyer's name (the company before the person), address and identifiers."""
    for role in ("buyer_company", "buyer_name"):
        column = table.column(role)
        if column and (name := values.text_of(table.sheet.at(row, column.index))) and not re.fullmatch(r"[\d.\s-]+", name):
            draft.put("buyer.name", name, table.cell(row, column))
    code = table.column("buyer_code")
    if code and "buyer.name" not in draft.values and (text := values.text_of(table.sheet.at(row, code.index))):
        draft.leave_out("buyer_code", "buyer.name", text, table.cell(row, code))
    address = table.column("address")
    if address and (text := values.text_of(table.sheet.at(row, address.index))):
        draft.put("buyer.address_lines", (text,), table.cell(row, address))
        draft.origin["buyer.address"] = draft.origin.pop("buyer.address_lines")
    for role, length in (("siret", 14), ("siren", 9)):
        column = table.column(role)
        if column and len(found := values.digits(table.sheet.at(row, column.index))) == length:
            draft.put(f"buyer.{role}", found, table.cell(row, column))
    vat = table.column("vat_number")
    if vat and (text := values.text_of(table.sheet.at(row, vat.index))):
        draft.put("buyer.vat_number", re.sub(r"[\s.]", "", text).upper(), table.cell(row, vat))
    country = table.column("country")
    if country and (text := values.text_of(table.sheet.at(row, country.index))):
        from xlbridge.legacy.address import country_code

        draft.put("buyer.country", country_code(text), table.cell(row, country))
    put_postcode(draft, table, row)


def put_postcode(draft: Draft, table: Table, row: int) -> None:
    """The buyer's postcode; a number of four digits lost its zero where the country is France, and is doubtful where none is given."""
    column = table.column("postcode")
    value = table.sheet.at(row, column.index) if column else None
    text = values.text_of(value)
    if column is None or text is None:
        return
    country = draft.get("buyer.country")
    lost_zero = isinstance(value, (int, float)) and len(text) == 4
    put = draft.put("buyer.postcode", f"0{text}" if lost_zero and country == "FR" else text, table.cell(row, column))
    if put and lost_zero and country is None:
        draft.say(rules.SHORT_POSTCODE, "buyer.postcode", text=text)


def put_date(draft: Draft, table: Table, row: int, role: str, path: str) -> None:
    """The date in the column of `role`; a text that is not one sure date is a finding."""
    column = table.column(role)
    if column is None:
        return
    value = table.sheet.at(row, column.index)
    found = values.day(value, table.day_order)
    if found:
        draft.put(path, found, table.cell(row, column))
    elif (text := values.text_of(value)) and re.search(r"\d", text):
        draft.say(rules.UNSURE_DATE, path, table.cell(row, column), text=text)


def put_number(draft: Draft, table: Table, row: int, column: Column, path: str) -> Decimal | None:
    """The number in one cell at `path`; a text that is not one is a finding."""
    value = table.sheet.at(row, column.index)
    found = values.number(value, table.decimal_mark)
    if found is not None:
        draft.put(path, found, table.cell(row, column))
    elif (text := values.text_of(value)) and re.search(r"\w", text):
        draft.say(rules.UNREADABLE_NUMBER, path, table.cell(row, column), text=text)
    elif value is None and len(table.rows) <= MANY_ROWS and (reason := table.without_value(row, column)):
        draft.say(rules.NO_VALUE, path, table.cell(row, column), reason=reason)
    return found


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


def put_currency(draft: Draft, table: Table, row: int, currency: str | None, symbol: str | None) -> None:
    """The currency, from its own column, else what the whole table says."""
    column = table.column("currency")
    text = values.text_of(table.sheet.at(row, column.index)) if column else None
    if column and text and re.fullmatch(r"[A-Za-z]{3}", text):
        draft.put("currency", text.upper(), table.cell(row, column))
    if len(table.rows) <= MANY_ROWS and (shown := row_currency(table, row)):
        currency, symbol = shown
    say_currency(draft, currency, symbol)


def put_type(draft: Draft, table: Table, row: int) -> None:
    """The type code: from a type column, a text that names an avoir, or the sign of the amount."""
    kind = plain_text(table.text(row, "type") or "")
    column = table.column("type")
    if kind in CREDIT_TYPES or kind in {"381", "261"}:
        draft.put("type_code", CREDIT_NOTE, table.cell(row, column) if column else None)
    elif kind in {"acompte", "facture d'acompte", "deposit invoice", "386"}:
        draft.put("type_code", DEPOSIT, table.cell(row, column) if column else None)
    for role in ("title", "item_name", "project"):
        column = table.column(role)
        text = table.text(row, role)
        if column and text and (found := CREDIT_WORDS.search(plain_text(text))):
            draft.put("type_code", CREDIT_NOTE, table.cell(row, column))
            draft.put("preceding_invoice", found[1].upper(), table.cell(row, column))
            draft.say(rules.CREDIT_NOTE_BY_TEXT, cell=table.cell(row, column), text=text)
            draft.leave_out("credit_note_text", "credit_note_text", text, table.cell(row, column))
    reference = draft.amount("totals.gross") or draft.amount("totals.net") or ZERO
    number = str(draft.get("number"))
    if re.match(r"(?i)(?:avr?|avoir)[-_ /]?\d|nc[-_ /]\d|cn[-_ /]\d", number) or (reference < 0 and re.match(r"(?i)a[-_ /]?\d", number)):
        draft.put("type_code", CREDIT_NOTE)
    elif reference < 0 and "type_code" not in draft.values:
        draft.put("type_code", CREDIT_NOTE)
        draft.say(rules.CREDIT_NOTE_BY_SIGN, "type_code", draft.origin.get("totals.gross") or draft.origin.get("totals.net"))
    draft.put("type_code", INVOICE)
