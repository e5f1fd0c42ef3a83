"""Tables inside a sheet: where a header row stands, what each of its columns holds, and what kind of table that makes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from xlbridge.findings import Cell
from xlbridge.legacy import values
from xlbridge.legacy.labels import Announced, normal, role_of
from xlbridge.workbook.grid import Sheet, Value


class Kind(StrEnum):
    """What the rows of a table are."""

    REGISTER = "register"  # one row an invoice
    LINES = "lines"  # one row a line, with the invoice's number
    ITEMS = "items"  # the lines of the one invoice that the sheet shows
    HEADERS = "headers"  # invoices without any amount: companion of a table of lines
    CLIENTS = "clients"
    LEDGER = "ledger"
    PURCHASE = "purchase"
    QUOTE = "quote"
    DELIVERY_NOTE = "delivery_note"
    OTHER = "other"


# Words of French, German and Dutch labels that English labels do not share.
DAY_FIRST_WORDS = frozenset(
    {"facture", "montant", "echeance", "ttc", "ht", "tva", "designation", "statut", "emission", "numero", "quantite", "prix", "libelle"}
    | {"avoir", "rechnung", "datum", "betrag", "kunde", "mwst", "netto", "factuur", "btw"}
)
AMOUNTS = frozenset({"net", "vat", "gross", "amount", "line_net", "due"})
LINE_ROLES = frozenset({"quantity", "unit_price", "unit_price_gross", "line_net"})
ADDRESS_ROLES = frozenset({"address", "postcode", "city", "postcode_city"})
ITEM_ROLES = frozenset({"item_name", "item_code", "item_description"})
# Headers that say nothing of their own beside an invoice table; they never make one.
BESIDES = frozenset({"status", "private_note", "public_note", "country", "email", "telephone", "title", "flow"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column whose header is understood. `index` is absolute, from 0."""

    index: int
    header: str
    announced: Announced

    @property
    def role(self) -> str:
        """What its cells hold."""
        return self.announced.role


@dataclass(frozen=True)
class Table:
    """A header row of a sheet and the rows below it. Row and column numbers are absolute, from 0."""

    sheet: Sheet
    file: str
    header_row: int
    columns: tuple[Column, ...]
    last_row: int

    def all(self, role: str) -> tuple[Column, ...]:
        """The columns of one role, in sheet order."""
        return self._by_role.get(role, ())

    def column(self, role: str) -> Column | None:
        """The column of a role; where several claim it, the first whose header names no internal id."""
        return self._first.get(role)

    @cached_property
    def _by_role(self) -> dict[str, tuple[Column, ...]]:
        return {role: tuple(column for column in self.columns if column.role == role) for role in self.roles}

    @cached_property
    def _first(self) -> dict[str, Column]:
        return {
            role: next((column for column in found if "id" not in normal(column.header).split()), found[0])
            for role, found in self._by_role.items()
        }

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles that have a column."""
        return frozenset(column.role for column in self.columns)

    @property
    def rows(self) -> range:
        """The absolute numbers of the rows below the header."""
        return range(self.header_row + 1, self.last_row + 1)

    def cells_of(self, column: Column) -> Iterator[Value]:
        """The cells of a column below its header."""
        return (self.sheet.at(row, column.index) for row in self.rows)

    def cell(self, row: int, column: Column | int) -> Cell:
        """The place of one cell."""
        index = column if isinstance(column, int) else column.index
        return Cell(self.file, self.sheet.name, self.sheet.address(row, index))

    def text(self, row: int, role: str) -> str | None:
        """The text of the cell in the column of `role`."""
        column = self.column(role)
        return values.text_of(self.sheet.at(row, column.index)) if column else None

    @cached_property
    def decimal_mark(self) -> str | None:
        """What the amounts of the table's text columns show as decimal mark."""
        wanted = AMOUNTS | LINE_ROLES | {"prepaid", "paid", "discount", "vat_rate"}
        return values.decimal_mark_of(value for column in self.columns if column.role in wanted for value in self.cells_of(column))

    @cached_property
    def day_order(self) -> values.DayOrder | None:
        """Day first or month first, from the table's own dates, else from the language of its headers; None where nothing tells."""
        dates = [column for column in self.columns if column.role.endswith("_date")]
        found = values.day_order_of(value for column in dates for value in self.cells_of(column))
        return found or ("dmy" if day_first(column.header for column in self.columns) else None)

    def repeats_header(self, row: int) -> bool:
        """Whether a row below the header shows the same titles again, as on the next page."""
        return all(self.sheet.at(row, column.index) == column.header for column in self.columns)

    def without_value(self, row: int, column: Column) -> str | None:
        """Why a cell that looks empty is not: its error, or that its formula was never calculated."""
        details, place = self.sheet.details, (row, column.index)
        return (details.errors or {}).get(place) or ("formule non calculée" if place in (details.uncached or ()) else None)

    def number(self, row: int, column: Column) -> Decimal | None:
        """The number in one cell, read with the table's decimal mark."""
        return values.number(self.sheet.at(row, column.index), self.decimal_mark)

    @cached_property
    def kind(self) -> Kind:
        """What the rows are, from the columns there are."""
        return _kind(self)


def day_first(texts: Iterator[str] | tuple[str, ...]) -> bool:
    """Whether labels are in a language that writes the day before the month (French, German, Dutch)."""
    return any(DAY_FIRST_WORDS & set(values.plain_text(text).replace("_", " ").replace("'", " ").split()) for text in texts)


def find_tables(sheet: Sheet, file: str) -> list[Table]:
    """The tables of a sheet, top to bottom and left to right. A table ends where the next header begins; the same header again, as on
    the next page of a long table, begins none."""
    headers: list[tuple[int, tuple[Column, ...]]] = []
    for offset, cells in enumerate(sheet.rows):
        columns = _header(cells, sheet.first_column, sheet.rows[offset - 1] if offset else ())
        row = sheet.first_row + offset
        if columns and not (headers and _same(columns, headers[-1][1]) and not _is_interrupted(sheet, headers[-1][0], row)):
            headers.append((row, columns))
    end = sheet.first_row + len(sheet.rows) - 1
    tables = []
    for position, (row, columns) in enumerate(headers):
        last = headers[position + 1][0] - 1 if position + 1 < len(headers) else end
        tables += [Table(sheet, file, row, group, last) for group in _side_by_side(columns)]
    return tables


def _same(columns: Sequence[Column], others: Sequence[Column]) -> bool:
    return [column.header for column in columns] == [column.header for column in others]


def _is_interrupted(sheet: Sheet, first: int, last: int) -> bool:
    """Whether totals or a new number stand between two rows: then the second header opens another document."""
    cells = (cell for row in sheet.rows[first + 1 - sheet.first_row : last - sheet.first_row] for cell in row if isinstance(cell, str))
    labels = (role_of(cell.rstrip(" :"), "label") for cell in cells)
    return any(label and label.role in {"net", "gross", "vat", "due", "number"} for label in labels)


def _side_by_side(columns: tuple[Column, ...]) -> list[tuple[Column, ...]]:
    """The columns cut where the first header comes again: two tables beside each other."""
    again = next((place for place, column in enumerate(columns) if place and column.header == columns[0].header), None)
    if again is None or not _same(columns[:again], columns[again : 2 * again]):
        return [columns]
    return [columns[:again], *_side_by_side(columns[again:])]


def _header(cells: Sequence[Value], first_column: int, above: Sequence[Value]) -> tuple[Column, ...]:
    """The columns of a header row, or nothing where the row is none: headers are texts, and several of them are understood.

    A header may be written over two rows (« Prix » above « unitaire HT »): `above` is the row over it.
    """
    filled = [(index, cell) for index, cell in enumerate(cells, first_column) if cell is not None]
    texts = [(index, cell) for index, cell in filled if isinstance(cell, str) and values.number(cell) is None]
    columns = []
    for index, cell in texts:
        over = above[index - first_column] if index - first_column < len(above) else None
        announced = role_of(cell, "column") or (role_of(f"{over} {cell}", "column") if isinstance(over, str) else None)
        if announced:
            columns.append(Column(index, cell, announced))
    strays = len(filled) - len(texts)
    if len(texts) < 2 or strays > (1 if len(columns) >= 3 else 0):
        return ()
    columns = _settled(columns)
    roles = {column.role for column in columns} - BESIDES
    known = len(columns) >= 3 or 2 * len(columns) >= len(filled)
    if len(roles) < 2 or not known or not _makes_a_table(roles):
        return ()
    return tuple(columns)


def _settled(columns: list[Column]) -> list[Column]:
    """The columns with the roles that depend on their neighbours: a code, a bare « n° », a « prix » beside a unit price."""
    roles = {column.role for column in columns}
    prices = [column for column in columns if column.role == "unit_price"]
    settled = []
    for column in columns:
        role, bare = column.role, normal(column.header)
        if role == "code":
            role = "item_code" if roles & (ITEM_ROLES | LINE_ROLES) else "buyer_code"
        elif (
            role == "number"
            and bare == "num"
            and (not roles & {"issue_date", "buyer_name"} or len([c for c in columns if c.role == role]) > 1)
        ):
            role = "line_number"
        elif role == "unit_price" and column in prices[1:] and "line_net" not in roles:
            role = "line_net"
        elif role == "unit_price" and not roles & (ITEM_ROLES | {"quantity", "line_net", "net", "amount"}):
            role = "amount"
        settled.append(replace(column, announced=replace(column.announced, role=role)))
    return settled


def _makes_a_table(roles: set[str]) -> bool:
    if roles & {"debit", "credit", "account"} and len(roles) >= 3:
        return True
    if roles & (AMOUNTS | LINE_ROLES):
        return bool(roles & (ITEM_ROLES | LINE_ROLES | {"number", "issue_date", "buyer_name", "quote_number", "supplier"}) - AMOUNTS)
    if {"number", "issue_date"} <= roles:
        return len(roles) >= 3
    return bool(roles & {"buyer_code", "buyer_name", "buyer_company"}) and bool(roles & ADDRESS_ROLES) and len(roles) >= 3


def _is_of_purchases(table: Table) -> bool:
    """Whether the sheet's name or a title above the table says purchases, and no header says client."""
    above = table.sheet.rows[: table.header_row - table.sheet.first_row][-5:]
    titles = [table.sheet.name, re.sub(r"[_-]", " ", table.file), *(value for row in above for value in row if isinstance(value, str))]
    said = any(re.search(r"\bfournisseurs?\b|\bachats?\b|\bsuppliers?\b|\bpurchases?\b", values.plain_text(title)) for title in titles)
    return said and not any("client" in values.plain_text(column.header) for column in table.columns)


def _kind(table: Table) -> Kind:
    roles = table.roles
    has_amount = bool(roles & AMOUNTS)
    if ("supplier" in roles and "buyer_name" not in roles) or _is_of_purchases(table):
        return Kind.PURCHASE
    if {"debit", "credit"} <= roles or "account" in roles:
        return Kind.LEDGER
    if "number" in roles and roles & LINE_ROLES and roles & {"quantity", "unit_price"}:
        return Kind.LINES
    if "quote_number" in roles and "number" not in roles:
        return Kind.QUOTE
    if "delivery_number" in roles and "number" not in roles:
        return Kind.DELIVERY_NOTE
    if "number" in roles and has_amount:
        return Kind.REGISTER
    if {"number", "delivery_number"} <= roles:
        return Kind.DELIVERY_NOTE
    if "number" in roles and "issue_date" in roles:
        return Kind.HEADERS
    sold = roles & ITEM_ROLES or {"quantity", "unit_price"} <= roles
    dated = "issue_date" in roles and table.header_row - table.sheet.first_row < 3
    if roles & LINE_ROLES and sold and not dated and "buyer_name" not in roles:
        return Kind.ITEMS
    if "item_name" in roles and has_amount and not roles & {"issue_date", "buyer_name", "flow"}:
        return Kind.ITEMS
    if roles & {"buyer_code", "buyer_name", "buyer_company"} and roles & ADDRESS_ROLES and not has_amount:
        return Kind.CLIENTS
    if has_amount and "flow" in roles:
        return Kind.LEDGER
    return Kind.OTHER
