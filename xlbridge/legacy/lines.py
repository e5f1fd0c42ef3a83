"""Tables of lines: one row a line, with the number of its invoice; the invoices stand in the same rows or in a table of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from xlbridge.findings import Finding
from xlbridge.legacy import rules, values
from xlbridge.legacy.clients import ClientRows
from xlbridge.legacy.consistency import check_amounts, check_lines
from xlbridge.legacy.currency import table_currency
from xlbridge.legacy.draft import Draft, line_path
from xlbridge.legacy.regions import is_subtotal
from xlbridge.legacy.register import holds_rates, is_other_document, left_out, register_drafts, rows_without_number
from xlbridge.legacy.row import number_in, put_currency, put_header_fields, put_number, put_type
from xlbridge.legacy.tables import Column, Table
from xlbridge.model import AllowanceCharge
from xlbridge.model.money import amount, total

LINE_TEXTS = {"item_name": "name", "item_description": "description", "item_code": "seller_item_id", "unit": "unit_label"}
DOCUMENT_AMOUNTS = {"net": "totals.net", "gross": "totals.gross", "amount": "totals.gross", "due": "totals.due", "vat": "totals.vat"}

Groups = dict[str, list[int]]


def group_rows(table: Table) -> Groups:
    """The rows of each invoice number, in the order in which the numbers first appear."""
    groups: Groups = {}
    current: list[int] | None = None
    for row in table.rows:
        number = number_in(table, row)
        if number is not None and is_other_document(table, row):
            current = None
        elif number is not None:
            current = groups.setdefault(number, [])
            current.append(row)
        elif current is not None and _continues(table, row, current[0]):
            current.append(row)
        else:
            current = None
    return {number: rows for number, rows in groups.items() if any(_is_line(table, row) for row in rows) or _says_who(table, rows[0])}


def _says_who(table: Table, row: int) -> bool:
    return any(table.text(row, role) for role in ("issue_date", "buyer_name", "buyer_company"))


def _continues(table: Table, row: int, first: int) -> bool:
    """Whether a row without number is a further line of the invoice above it: a thing with a price, and no other date or client."""
    header = ("issue_date", "buyer_name", "buyer_company", "buyer_code")
    return _is_line(table, row) and all(table.text(row, role) in {None, table.text(first, role)} for role in header)


def _is_line(table: Table, row: int) -> bool:
    """Whether a row names a thing with a quantity or a price, or an amount."""
    name = table.text(row, "item_name") or table.text(row, "item_code")
    roles = ("quantity", "unit_price", "line_net", "net", "amount")
    priced = any(table.number(row, column) is not None for role in roles if (column := table.column(role)))
    return priced and not is_subtotal(str(name or "")) and (bool(name) or "item_name" not in table.roles)


def line_drafts(table: Table, clients: ClientRows) -> tuple[list[Draft], list[Finding]]:
    """The invoices of a table that holds both header fields and lines."""
    groups = group_rows(table)
    currency, symbol = table_currency(table)
    whole = _document_columns(table, groups)
    drafts = []
    for number, rows in groups.items():
        draft = Draft()
        column = table.column("number")
        if column:
            draft.put("number", number, table.cell(rows[0], column))
        put_header_fields(draft, table, rows[0])
        for path, amounts in whole.items():
            put_number(draft, table, rows[0], amounts, path)
        put_currency(draft, table, rows[0], currency, symbol)
        add_lines(draft, table, _without_repeats(draft, table, rows), frozenset(column.index for column in whole.values()))
        put_type(draft, table, rows[0])
        _compare_rows(draft, table, rows)
        clients.fill(draft, table, rows[0])
        check_amounts(draft)
        drafts.append(draft)
    used = {row for rows in groups.values() for row in rows}
    others = [row for row in table.rows if number_in(table, row) and is_other_document(table, row)]
    lost = [row for row in table.rows if row not in used and row not in others and _is_line(table, row)]
    for draft, rows in zip(drafts, groups.values(), strict=True):
        if rows[0] - 1 in lost:
            draft.say(rules.ROW_WITHOUT_NUMBER, "totals", count=1, rows=table.sheet.address(rows[0] - 1, table.columns[0].index))
    return drafts, [*left_out(table, others), *rows_without_number(table, lost)]


def _compare_rows(draft: Draft, table: Table, rows: list[int]) -> None:
    """A finding where the rows of one number name several dates or buyers."""
    for role, path in (("issue_date", "issue_date"), ("buyer_name", "buyer.name"), ("buyer_company", "buyer.name")):
        found = list(dict.fromkeys(text for row in rows if (text := table.text(row, role))))
        if len(found) > 1:
            draft.say(rules.SEVERAL_VALUES, path, number=draft.get("number"), values=", ".join(found[:5]))


def joined_drafts(headers: Table, lines: Table, clients: ClientRows) -> tuple[list[Draft], list[Finding]]:
    """The invoices of a table of headers with the lines of another; lines whose number has no header are a finding."""
    drafts, findings = register_drafts(headers, clients)
    groups = group_rows(lines)
    key = headers.column("number")
    note = rules.COMPANION.found(key=key.header if key else "", other=f"{headers.file} et {lines.file}")
    for draft in drafts:
        rows = groups.pop(str(draft.get("number")), [])
        add_lines(draft, lines, rows, frozenset())
        draft.findings.append(note)
    for number, rows in groups.items():
        column = lines.column("number")
        where = ", ".join(str(row + 1) for row in rows[:10]) + (" …" if len(rows) > 10 else "")
        cell = lines.cell(rows[0], column) if column else None
        findings.append(rules.ORPHAN_LINES.found(cell=cell, count=len(rows), number=number, rows=where))
    return drafts, findings


def _document_columns(table: Table, groups: Groups) -> dict[str, Column]:
    """The amount columns that repeat the document's amount on each of its rows, by path."""
    several = [rows for rows in groups.values() if len(rows) > 1]
    found: dict[str, Column] = {}
    for role, path in DOCUMENT_AMOUNTS.items():
        column = table.column(role)
        if column is None or path in found or (role == "vat" and column.announced.ambiguous and holds_rates(table, column)):
            continue
        repeats = [len({table.sheet.at(row, column.index) for row in rows}) == 1 for rows in several]
        if all(repeats) if repeats else role != "net" or bool(table.column("line_net")):
            found[path] = column
    return found


def _without_repeats(draft: Draft, table: Table, rows: list[int]) -> list[int]:
    """The rows without one that repeats the one before it to the letter, where the stated total says that it does not count."""
    stated = draft.amount("totals.gross") or draft.amount("totals.net")
    kept: list[int] = []
    for row in rows:
        same = kept and _cells(table, row) == _cells(table, kept[-1])
        if same and stated is not None and _sum_of(table, [*kept, row]) != stated:
            column = table.column("number")
            cell = table.cell(row, column) if column else None
            draft.say(rules.REPEATED_ROW, cell=cell, row=row + 1, first=kept[-1] + 1)
        else:
            kept.append(row)
    return kept


def _cells(table: Table, row: int) -> list[object]:
    return list(table.sheet.rows[row - table.sheet.first_row])


def _sum_of(table: Table, rows: Iterable[int]) -> Decimal:
    def net(row: int) -> Decimal | None:
        if column := table.column("line_net"):
            return table.number(row, column)
        quantity, price = table.column("quantity"), table.column("unit_price")
        pair = (table.number(row, quantity) if quantity else None, table.number(row, price) if price else None)
        return amount(pair[0] * pair[1]) if pair[0] is not None and pair[1] is not None else None

    return total(map(net, rows))


def add_lines(draft: Draft, table: Table, rows: list[int], document_level: frozenset[int]) -> None:
    """Put the lines that stand in `rows`; `document_level` are columns that hold amounts of the whole document."""
    for row in rows:
        put_line(draft, table, row, document_level)
    draft.put("totals.net", _net_total(draft))
    negative = sum(1 for position in range(draft.line_count) if (draft.amount(line_path(position, "net_amount")) or 0) < 0)
    if negative and negative < draft.line_count:
        draft.say(rules.NEGATIVE_LINES, cell=draft.origin.get(line_path(draft.line_count - 1, "net_amount")), count=negative)
    check_lines(draft)


def _net_total(draft: Draft) -> Decimal | None:
    nets = [draft.amount(line_path(position, "net_amount")) for position in range(draft.line_count)]
    return amount(total(nets)) if nets and None not in nets else None


def put_line(draft: Draft, table: Table, row: int, document_level: frozenset[int] = frozenset()) -> None:
    """Append the line in `row`: texts, quantity, price, rate, discount and net amount, each with its cell."""
    position = draft.line_count
    draft.line_count += 1

    def at(name: str) -> str:
        return line_path(position, name)

    for role, name in LINE_TEXTS.items():
        column = table.column(role)
        if column and (text := values.text_of(table.sheet.at(row, column.index))):
            draft.put(at(name), text, table.cell(row, column))
    for role, name in (("quantity", "quantity"), ("unit_price", "unit_price")):
        if column := table.column(role):
            put_number(draft, table, row, column, at(name))
    for role in ("line_net", "net", "amount"):
        column = table.column(role)
        if column and column.index not in document_level:
            put_number(draft, table, row, column, at("net_amount"))
    _put_rate(draft, table, row, at("vat_rate"))
    settled = _put_discount(draft, table, row, at)
    quantity, price = draft.amount(at("quantity")), draft.amount(at("unit_price"))
    if quantity is not None and price is not None and settled:
        reductions = draft.get(at("allowances")) or ()
        draft.put(at("net_amount"), amount(quantity * price - total(item.amount for item in reductions)))


def _put_rate(draft: Draft, table: Table, row: int, path: str) -> None:
    column = table.column("vat_rate") or next((column for column in table.all("vat") if column.announced.ambiguous), None)
    if column is None:
        return
    value = table.sheet.at(row, column.index)
    rate = values.percent(value)
    if rate is None:
        return
    shown = (isinstance(value, str) and "%" in value) or (isinstance(value, float) and 0 < value < 1)
    if column.role == "vat_rate" or shown:
        draft.put(path, rate, table.cell(row, column))
    elif holds_rates(table, column):
        if _may_be_amounts(table, column):
            draft.say(rules.RATE_OR_AMOUNT, path, table.cell(row, column), header=column.header)
        else:
            draft.put(path, rate, table.cell(row, column))


def _may_be_amounts(table: Table, column: Column) -> bool:
    """Whether numbers that look like rates are also, in every row, the tax of one rate on the line's net amount."""
    net = next((found for role in ("line_net", "net", "amount") if (found := table.column(role))), None)
    pairs = [(table.number(row, net), table.number(row, column)) for row in table.rows] if net else []
    known = [(base, tax) for base, tax in pairs if base and tax]
    return bool(known) and any(
        all(amount(base * rate / 100) == tax for base, tax in known) for rate in (Decimal(20), Decimal(10), Decimal("5.5"))
    )


def _put_discount(draft: Draft, table: Table, row: int, at: Callable[[str], str]) -> bool:
    """Put the line's discount; False where there is one and it cannot be told whether it is a rate or an amount."""
    quantity, price, net = (draft.amount(at(name)) for name in ("quantity", "unit_price", "net_amount"))
    column = table.column("discount_rate") or table.column("discount")
    value = table.number(row, column) if column else None
    if not value or column is None or quantity is None or price is None:
        return True
    whole = quantity * price
    rate = values.percent(table.sheet.at(row, column.index))
    candidates: list[tuple[Decimal, Decimal | None]] = [(amount(whole * rate / 100), rate)] if rate is not None else []
    if column.role == "discount":
        candidates.append((amount(value), None))
    for reduction, percent in candidates:
        if (net is not None and abs(amount(whole - reduction) - net) <= Decimal("0.05")) or (net is None and len(candidates) == 1):
            item = AllowanceCharge(amount=reduction, base=amount(whole) if percent else None, percent=percent, reason="Remise")
            draft.put(at("allowances"), (item,), table.cell(row, column))
            return True
    if net is None or abs(amount(whole) - net) > Decimal("0.05"):
        draft.say(rules.UNREADABLE_NUMBER, at("net_amount"), table.cell(row, column), text=values.text_of(value) or "")
        return False
    return True
