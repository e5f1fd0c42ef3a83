"""Workbooks as small firms make them, written in the tests, and how far a reading of them is from the truth.

The firms do not exist; their check digits are right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from tests.samples import firm
from xlbridge.document import Document
from xlbridge.legacy.reader import Reading, read_file
from xlbridge.model import Party

PLUMBER = firm("Plomberie Garnisson SARL", "81122334", "8 rue des Tanneurs", "87000", "Limoges")
CLIENT = firm("Société des Trois Ponts", "90334455", "14 quai du Moulin", "19100", "Brive")
OTHER_CLIENT = firm("Boulangerie Fourvière", "80776655", "3 place aux Herbes", "23000", "Guéret")

EUROS = '#,##0.00 "€"'
HEAD = ("number", "issue_date", "due_date", "type_code", "preceding_invoice", "currency")
PARTY = ("name", "siren", "siret", "vat_number", "address", "postcode", "city")
TOTALS = ("net", "vat", "gross", "prepaid", "due")
LINE = ("name", "quantity", "unit", "unit_price", "vat_rate", "net_amount")
PATHS = (*HEAD, *(f"{who}.{name}" for who in ("seller", "buyer") for name in PARTY), *(f"totals.{name}" for name in TOTALS))


@dataclass(frozen=True)
class Formula:
    """A formula with the result that the spreadsheet stored; without one the cell was never computed."""

    text: str
    stored: object = None


@dataclass(frozen=True)
class Shown:
    """A value with the number format that it is shown with."""

    value: object
    number_format: str


class Unsure:
    """Stands in a truth for a value that must stay empty and be named by a finding."""

    def __repr__(self) -> str:
        return "vide et signalé"


UNSURE = Unsure()


@dataclass(frozen=True)
class OneOf:
    """Stands in a truth for a value that two careful people may read in several ways (None: or leave empty)."""

    values: tuple[object, ...]


def one_of(*values: object) -> OneOf:
    """Any of `values` is right."""
    return OneOf(values)


Cells = Mapping[str, object]


def workbook(path: Path, sheets: Mapping[str, Cells], hidden: Iterable[str] = (), hidden_rows: Iterable[int] = ()) -> Path:
    """Write an .xlsx: `sheets` maps a name to cells by address (`B7`, or `A1:C1` for merged cells). `hidden_rows` count from 1."""
    import xlsxwriter

    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for name, cells in sheets.items():
            sheet = book.add_worksheet(name)
            for address, value in cells.items():
                if address == "footer":
                    sheet.set_footer(str(value))
                    continue
                _write(sheet, address, value, book, day)
            if name in hidden:
                sheet.hide()
            for row in hidden_rows:
                sheet.set_row(row - 1, None, None, {"hidden": True})
        visible = next((sheet for sheet in book.worksheets() if sheet.name not in hidden), None)
        if visible:
            visible.activate()
            visible.set_first_sheet()
    return path


def _write(sheet: Any, address: str, value: object, book: Any, day: Any) -> None:
    style = None
    if isinstance(value, Shown):
        style, value = book.add_format({"num_format": value.number_format}), value.value
    if ":" in address:
        sheet.merge_range(address, value, style)
    elif isinstance(value, Formula):
        stored = value.stored
        if isinstance(stored, date):
            stored, style = (stored - date(1899, 12, 30)).days, day
        sheet.write_formula(address, value.text, style, stored)
    elif isinstance(value, date):
        sheet.write_datetime(address, value, day)
    elif isinstance(value, (int, float)):
        sheet.write_number(address, value, style)
    elif isinstance(value, str):
        sheet.write_string(address, value, style)


def table(origin: str, *rows: Iterable[object]) -> dict[str, object]:
    """Cells of a block of rows that begins at the address `origin`; None stays empty."""
    found = re.fullmatch(r"([A-Z])(\d+)", origin)
    assert found
    first, top = ord(found[1]), int(found[2])
    return {
        f"{chr(first + across)}{top + down}": value
        for down, row in enumerate(rows)
        for across, value in enumerate(row)
        if value is not None
    }


def euros(value: float) -> Shown:
    """An amount shown in euros."""
    return Shown(value, EUROS)


def read(path: Path, *companions: Path) -> list[Document]:
    """The documents of a file."""
    return list(reading(path, *companions).documents)


def reading(path: Path, *companions: Path) -> Reading:
    """The reading of a file, whose JSON must be complete whatever it holds."""
    result = read_file(path, companions)
    assert result.as_json()["verdict"] == result.verdict
    return result


def party_truth(who: str, party: Party, *names: str) -> dict[str, object]:
    """What a sheet says that writes the party's `names` (name, address, postcode and city when none is given)."""
    address = party.address
    assert address
    every = {
        "name": party.name,
        "siren": party.siren,
        "siret": party.siret,
        "vat_number": party.vat_number,
        "address": address.line1,
        "postcode": address.postcode,
        "city": address.city,
    }
    return {f"{who}.{name}": every[name] for name in names or ("name", "address", "postcode", "city")}


def differences(
    document: Document, truth: Mapping[str, object], lines: Iterable[Iterable[object]] | None = None, cells: Mapping[str, str] | None = None
) -> list[str]:
    """How a document differs from the truth, one sentence a value. What the truth does not name must be empty.

    `lines`: per line name, quantity, unit, unit price, VAT rate, net amount. `cells`: the cell of a value, as `Feuille!B7`.
    """
    found = document.as_json()
    paths: dict[str, object] = dict.fromkeys(PATHS)
    paths |= truth
    if lines is not None:
        rows = list(lines)
        for position, row in enumerate(rows):
            paths |= {f"lines[{position}].{name}": value for name, value in zip(LINE, row, strict=True)}
    told = [_compared(document, path, _at(found, path), want) for path, want in paths.items()]
    if lines is not None and len(found["lines"]) != len(rows):
        told.append(f"{len(found['lines'])} lignes au lieu de {len(rows)}")
    for path, cell in (cells or {}).items():
        if found["origin"].get(path) != cell:
            told.append(f"origine de {path} : {found['origin'].get(path)} au lieu de {cell}")
    return [sentence for sentence in told if sentence]


def _compared(document: Document, path: str, given: object, want: object) -> str:
    if isinstance(want, Unsure):
        if given is not None:
            return f"{path} : {given!r} au lieu de rien" + ("" if named(document, path) else ", EN SILENCE")
        return "" if named(document, path) else f"{path} : vide, mais aucune remarque ne le nomme"
    if same(given, want):
        return ""
    if given is None:
        return f"{path} : manque ({want!r})"
    return f"{path} : {given!r} au lieu de {want!r}" + ("" if named(document, path) else ", EN SILENCE")


def same(given: object, want: object) -> bool:
    """Whether what was read is what the truth wants."""
    if isinstance(want, OneOf):
        return any(same(given, value) for value in want.values)
    if given is None or want is None:
        return given is want
    try:
        return Decimal(str(given)) == Decimal(str(want)) if not isinstance(want, str) else str(given) == want
    except InvalidOperation:
        return str(given) == str(want)


def _at(found: object, path: str) -> object:
    for step in re.findall(r"[^.\[\]]+", path):
        if isinstance(found, list):
            found = found[int(step)] if int(step) < len(found) else None
        elif isinstance(found, dict):
            found = found.get(step)
    return found


def named(document: Document, path: str) -> bool:
    """Whether a finding names the value at `path` or a parent of it."""
    fields = [finding.field for finding in document.findings if finding.field]
    return any(path == field or path.startswith((f"{field}.", f"{field}[")) for field in fields)


def codes(document: Document) -> set[str]:
    """The codes of a document's findings."""
    return {finding.code for finding in document.findings}
