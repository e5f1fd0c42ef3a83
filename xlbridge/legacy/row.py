"""What one row of a table says of its document: number, dates, references, buyer, currency, kind."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from xlbridge.legacy import rules, values
from xlbridge.legacy.currency import MANY_ROWS, row_currency, say_currency
from xlbridge.legacy.draft import Draft
from xlbridge.legacy.tables import Column, Table
from xlbridge.legacy.values import plain_text
from xlbridge.model.codes import CREDIT_NOTE, DEPOSIT, INVOICE
from xlbridge.model.money import ZERO

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
CREDIT_WORDS = re.compile(
    r"\bavoir\b[^()]{0,30}?\b(?:annulant|sur|rectifiant|relatif a|concernant|de|pour)\b"
    r"[^()]{0,12}?\bfacture\s*(?:num|n°|no|n)?\s*[°:]?\s*([\w/+-]+)"
)
CREDIT_TYPES = frozenset({"avoir", "credit note", "credit", "refund", "note de credit", "gutschrift", "creditnota", "facture d avoir"})
NOT_ISSUED = frozenset({"draft", "brouillon", "annulee", "annule", "cancelled", "canceled", "void", "entwurf", "a emettre"})


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
