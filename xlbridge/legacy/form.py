"""Forms: one invoice a sheet, with labels, blocks of text, a table of lines and totals below it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from xlbridge.legacy import rules, values
from xlbridge.legacy.consistency import check_amounts, check_lines
from xlbridge.legacy.currency import put_form_currency
from xlbridge.legacy.draft import Draft, line_path
from xlbridge.legacy.labels import normal
from xlbridge.legacy.lines import put_line
from xlbridge.legacy.parties import read_parties
from xlbridge.legacy.regions import Labelled, Page, end_of_items, is_placeholder, is_subtotal, labels_of, shown, split_label
from xlbridge.legacy.row import document_number
from xlbridge.legacy.summary import read_totals
from xlbridge.legacy.tables import Kind, Table, day_first
from xlbridge.legacy.titles import double_title, kinds_of
from xlbridge.legacy.values import plain_text
from xlbridge.model.codes import CREDIT_NOTE, DEPOSIT, INVOICE
from xlbridge.workbook.address import position
from xlbridge.workbook.grid import Sheet, Workbook

TEXT_ROLES = {
    "order": "order_reference",
    "contract": "contract_reference",
    "project": "project_reference",
    "service_code": "buyer_reference",
    "payment_terms": "payment_terms",
    "payment_means": "payment.means_text",
    "preceding": "preceding_invoice",
}
DATE_ROLES = {"issue_date": "issue_date", "due_date": "due_date", "delivery_date": "delivery.date"}
TODAY = re.compile(r"(?i)\b(?:TODAY|NOW|AUJOURDHUI|MAINTENANT)\s*\(")
BARE_TITLES = frozenset({"num", "facture", "invoice", "avoir", "rechnung", "factuur", "credit note", "note credit", "reference"})
CREDIT_TITLE = re.compile(
    r"(?i)\b(?:facture d['’]avoir|avoir|note de cr[ée]dit) ?(?:n ?[°º]|num[ée]ro) ?:? ?([\w/-]*\d[\w/-]*)"
    r"(?:.{0,30}?\bfactures? ?(?:n ?[°º]|num[ée]ro)? ?:? ?([\w/-]*\d[\w/-]*))?"
)
NOTE_CODES = (
    ("PMT", re.compile(r"indemnite forfaitaire|40 ?(?:€|eur)")),
    ("PMD", re.compile(r"penalite|interet legal|retard de paiement")),
    ("AAB", re.compile(r"escompte")),
    ("ABL", re.compile(r"^rcs\b|registre du commerce")),
)


@dataclass(frozen=True)
class FormReading:
    """The draft of a sheet that shows one document, or the reason why it is none."""

    draft: Draft | None = None
    reason: str | None = None


def read_form(workbook: Workbook, sheet: Sheet, tables: list[Table], beside: Sequence[Sheet] = ()) -> FormReading | None:
    """Read a sheet as one document; None where it does not look like a form at all.

    `beside` are sheets of labels and values that tell what a sheet of mere lines does not. A sheet without lines is a form where it
    says « facture », has a number and a total.
    """
    items = next((table for table in tables if table.kind is Kind.ITEMS), None)
    end = end_of_items(items) if items else 0
    items = replace(items, last_row=end - 1) if items else None
    page = Page(sheet, workbook.path.name, items, end)
    draft = Draft()
    kinds = _kinds(page, workbook)
    doubled = double_title(_texts_above(page)) or (kinds.get("purchase_order") if "invoice" in kinds else None)
    if items:
        _read_lines(page, draft, items)
    others = read_totals(page, draft)
    labels = labels_of(page)
    _read_fields(page, draft, labels)
    read_parties(page, draft, labels)
    if not draft.get("number") and not draft.get("buyer.name"):
        for other in beside:
            extra = Page(other, workbook.path.name, None, 0)
            labels = labels_of(extra)
            _read_fields(extra, draft, labels)
            read_parties(extra, draft, labels)
    if items is None and not ("invoice" in kinds and draft.get("number") and draft.amount("totals.gross")):
        return FormReading(reason="blank_template") if "invoice" in kinds and labels else None
    put_form_currency(draft, sheet, items)
    _read_notes(page, draft)
    _settle_rates(draft)
    check_lines(draft)
    check_amounts(draft, others)
    reason = _refusal(draft, kinds, workbook)
    if "purchase_order" in kinds and any("fournisseur" in plain_text(shown(page, item.label_at)) for item in labels):
        reason = "purchase"
    if reason:
        return FormReading(reason=reason)
    _put_type(draft, kinds, doubled or kinds.get("other"))
    return FormReading(draft)


def _kinds(page: Page, workbook: Workbook) -> dict[str, str]:
    """What the sheet calls itself, in its cells above the lines; else the names of sheet and file tell."""
    return kinds_of(_texts_above(page)) or kinds_of([page.sheet.name]) or kinds_of([re.sub(r"[_-]", " ", workbook.path.stem)[-40:]])


def _texts_above(page: Page) -> list[str]:
    return [line for row, _, value in page.outside_items() if isinstance(value, str) and page.is_above(row) for line in value.splitlines()]


def _read_lines(page: Page, draft: Draft, items: Table) -> None:
    for row in range(items.header_row + 1, page.items_end):
        if items.repeats_header(row):
            continue
        if _is_line(items, row):
            put_line(draft, items, row)
        elif draft.line_count and (text := items.text(row, "item_name")) and not is_subtotal(text):
            path = line_path(draft.line_count - 1, "description")
            draft.values[path] = f"{draft.values[path]}\n{text}" if path in draft.values else text


def _is_line(items: Table, row: int) -> bool:
    """Whether a row is a line: an amount that is not nothing, or a name with a quantity or a price."""
    numbers = {
        role: items.number(row, column)
        for role in ("quantity", "unit_price", "line_net", "net", "amount")
        if (column := items.column(role))
    }
    name = items.text(row, "item_name")
    if name and is_subtotal(name) and not numbers.get("quantity") and not numbers.get("unit_price"):
        return False
    if name or items.text(row, "item_code"):
        return any(value is not None for value in numbers.values())
    return any(numbers.get(role) for role in ("line_net", "net", "amount")) and bool(numbers.get("quantity") or numbers.get("unit_price"))


def _read_fields(page: Page, draft: Draft, labels: list[Labelled]) -> None:
    _read_credit_title(page, draft)
    order = "dmy" if day_first(tuple(str(value) for _, _, value in page.sheet.cells() if isinstance(value, str))) else None
    weak = [item for item in labels if item.role == "number" and normal(shown(page, item.label_at)) in BARE_TITLES]
    for item in [item for item in labels if item not in weak] + weak:
        cell = page.cell(item.value_at)
        text = values.text_of(item.value)
        if text is None:
            continue
        if item.role in {"number", "invoice_or_delivery"}:
            _put_number(page, draft, item, text)
        elif item.role in DATE_ROLES:
            _put_date(page, draft, item, DATE_ROLES[item.role], order)
        elif item.role in TEXT_ROLES and not is_placeholder(text):
            draft.put(TEXT_ROLES[item.role], text, cell)
            page.claimed.add(item.value_at)
        elif item.role == "iban":
            iban = re.sub(r"\s", "", text).upper()
            if re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", iban):
                draft.put("payment.accounts[0].iban", iban, cell)
        elif item.role == "bic" and re.fullmatch(r"[A-Z0-9]{8}(?:[A-Z0-9]{3})?", text):
            draft.put("payment.accounts[0].bic", text, cell)
        elif item.role == "currency" and re.fullmatch(r"[A-Za-z]{3}", text):
            draft.put("currency", text.upper(), cell)
        elif item.role == "type" and plain_text(text) in {"avoir", "credit note", "refund"}:
            draft.put("type_code", CREDIT_NOTE, cell)
    _read_loose_date(page, draft)


def _put_number(page: Page, draft: Draft, item: Labelled, text: str) -> None:
    """The document's number as its cell shows it; a number that the spreadsheet took for a day is lost, and said to be."""
    cell = page.cell(item.value_at)
    if isinstance(item.value, date):
        if "number" not in draft.values:
            draft.say(rules.NUMBER_AS_DATE, "number", cell, text=text)
        return
    formatted = None
    if isinstance(item.value, (int, float)):
        formatted = values.shown_integer(item.value, (page.sheet.details.formats or {}).get(item.value_at, ""))
    if not values.day(item.value) and draft.put("number", formatted or document_number(text), cell):
        page.claimed.add(item.value_at)


def _read_credit_title(page: Page, draft: Draft) -> None:
    """« Avoir n° A-3 sur facture n° F-10 » above the lines: type, number and original invoice in one text."""
    for row, column, value in page.outside_items():
        if isinstance(value, str) and len(value) < 200 and page.is_above(row) and (found := CREDIT_TITLE.search(" ".join(value.split()))):
            cell = page.cell((row, column))
            draft.put("number", found[1], cell)
            draft.put("type_code", CREDIT_NOTE, cell)
            draft.put("preceding_invoice", found[2], cell)
            page.claimed.add((row, column))
            return


def _put_date(page: Page, draft: Draft, item: Labelled, path: str, order: values.DayOrder | None) -> None:
    cell = page.cell(item.value_at)
    formula = (page.sheet.details.formulas or {}).get(item.value_at, "")
    if _changes_daily(page, formula):
        draft.say(rules.VOLATILE_DATE, path, cell, formula=formula)
        draft.leave_out("computed_date", path, formula, cell)
        return
    found = values.day(item.value, order)
    if found:
        draft.put(path, found, cell)
        page.claimed.add(item.value_at)
    elif (text := values.text_of(item.value)) and re.search(r"\d", text) and path not in draft.values:
        draft.say(rules.UNSURE_DATE, path, cell, text=text)


def _changes_daily(page: Page, formula: str, depth: int = 3) -> bool:
    """Whether a formula asks for today's date, itself or through the cells of the sheet that it names."""
    if not formula or not depth:
        return False
    if TODAY.search(formula):
        return True
    formulas = page.sheet.details.formulas or {}
    named = (position(name) for name in re.findall(r"(?<![\w!])\$?[A-Z]{1,3}\$?\d{1,7}(?![\w(])", formula))
    return any(_changes_daily(page, formulas.get(place, ""), depth - 1) for place in named)


def _read_loose_date(page: Page, draft: Draft) -> None:
    """« Limoges, le 12 mars 2026 » above the lines, where no label gave a date."""
    for row, column, value in page.outside_items():
        if "issue_date" in draft.values or not page.is_above(row) or not isinstance(value, str):
            continue
        if found := re.search(r"(?i)(?:^|, ?)(?:le |fait le |date ?:? )(.{8,25})$", " ".join(value.split())):
            draft.put("issue_date", values.day(found[1]), page.cell((row, column)))


def _read_notes(page: Page, draft: Draft) -> None:
    """The sentences below the lines and the legal lines of the seller: they must survive on the invoice."""
    notes: list[tuple[str, str | None]] = []
    for row, column, value in page.outside_items():
        if not isinstance(value, str):
            continue
        text = " ".join(value.split())
        legal = re.match(r"(?i)rcs\b", text)
        if (row, column) in page.claimed and not legal:
            continue
        sentence = not page.is_above(row) and len(text) > 30 and not split_label(text)
        if (legal or sentence) and not is_placeholder(text):
            code = next((code for code, pattern in NOTE_CODES if pattern.search(plain_text(text))), None)
            used = {known for _, known in notes}
            notes.append((text, None if code in used else code))
    draft.put("notes", tuple(notes) or None)


def _settle_rates(draft: Draft) -> None:
    """Where the totals show one rate, it is that of every line."""
    breakdown = draft.get("vat_breakdown")
    if breakdown and len(breakdown) == 1 and breakdown[0][0] is not None and _covers_all(draft, *breakdown[0]):
        cell = draft.origin.get("vat_breakdown[0].rate") or draft.origin.get("vat_breakdown[0].amount")
        for position in range(draft.line_count):
            draft.put(line_path(position, "vat_rate"), breakdown[0][0], cell)


def _covers_all(draft: Draft, rate: Decimal, base: Decimal | None, tax: Decimal | None) -> bool:
    """Whether one rate is that of the whole document: its base or its tax is the total, or explains it."""
    net, vat = draft.amount("totals.net"), draft.amount("totals.vat")
    if net is None:
        return vat is None or tax == vat
    if vat is not None:
        return abs(net * rate / 100 - vat) <= Decimal("0.05") or (base is None and tax == vat)
    return base in {None, net}


def _refusal(draft: Draft, kinds: dict[str, str], workbook: Workbook) -> str | None:
    """Why a form is no invoice: a quote, a delivery note, a model not filled in, or nothing that says « facture »."""
    if "proforma" in kinds:
        return "quote"
    if "invoice" not in kinds and "credit_note" not in kinds and "deposit" not in kinds:
        for kind in ("quote", "delivery_note"):
            if kind in kinds:
                return kind
        if "other" in kinds and "travaux" not in plain_text(kinds["other"]):
            return "not_an_invoice"
    amounts = [draft.amount(f"totals.{name}") for name in ("net", "gross")]
    nets = [draft.amount(line_path(position, "net_amount")) for position in range(draft.line_count)]
    known = [net for net in nets if net is not None]
    empty = not any(known) if known else amounts[0] == 0 or not any(amounts)
    if "delivery_note" in kinds and (empty or re.search(r"(?i)(?:^|[_ -])bl(?:[_ -]|$)", workbook.path.stem)):
        return "delivery_note"
    if empty:
        return "blank_template" if kinds or any(amount is not None for amount in amounts) else "not_an_invoice"
    titled = {"invoice", "credit_note", "deposit"} & kinds.keys()
    if not draft.get("number") and not (titled and (draft.get("buyer.name") or draft.get("issue_date"))):
        return "blank_template" if titled else "not_an_invoice"
    return None


def _put_type(draft: Draft, kinds: dict[str, str], doubled: str | None) -> None:
    credit = plain_text(kinds.get("credit_note", ""))
    if credit and "facture ou avoir" not in credit and ("facture" not in credit or re.search(r"facture d.?avoir", credit)):
        draft.put("type_code", CREDIT_NOTE)
    elif "deposit" in kinds:
        draft.put("type_code", DEPOSIT)
    draft.put("type_code", INVOICE)
    if doubled:
        draft.say(rules.DOUBLE_TITLE, "type_code" if kinds.keys() & {"quote", "purchase_order", "other"} else None, text=doubled)
