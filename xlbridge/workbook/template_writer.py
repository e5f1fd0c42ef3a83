"""Writes our template as a plain .xlsx: tables, lists, formulas with their values, French formats, help on headers, print setup.

XlsxWriter gives a formula the value 0 unless told otherwise, so every formula here carries the value that the program computed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlbridge.company import Company
from xlbridge.legal_texts import exemptions
from xlbridge.model import Invoice
from xlbridge.workbook.address import column_letters
from xlbridge.workbook.template_layout import (
    ARTICLES,
    CLIENT_KINDS,
    CLIENTS,
    COMPANY,
    COMPANY_ROWS,
    DRAFTS,
    LINES,
    LISTS,
    NATURES,
    REGISTER,
    REGISTER_LINES,
    SEAL,
    SEAL_ROWS,
    TABLES,
    TYPES,
    UNITS,
    VAT_RATES,
    Column,
)
from xlbridge.workbook.template_rows import Cells, Percent, TemplateRows, rows_of

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

CREATED = datetime(2026, 1, 1)  # noqa: DTZ001  fixed, so that the same input gives the same bytes
LAST_ROW = 2000
ROW_HEIGHT = 15.75
EMPTY_ROWS = {DRAFTS: 12, LINES: 30, CLIENTS: 15, ARTICLES: 15, REGISTER: 1, REGISTER_LINES: 1}
INK, ACCENT, PALE, GREY, RULE = "#1F2A37", "#1F4E79", "#EAF1F8", "#6B7280", "#D5DCE4"
TAB_COLORS = {
    DRAFTS: ACCENT,
    LINES: ACCENT,
    CLIENTS: "#4B8F6B",
    ARTICLES: "#4B8F6B",
    COMPANY: "#B7791F",
    REGISTER: GREY,
    REGISTER_LINES: GREY,
}
NUMBER_FORMATS = {
    "text": "@",
    "date": "dd/mm/yyyy",
    "money": "#,##0.00\\ \u20ac",
    "price": "#,##0.00####\\ \u20ac",
    "number": "General",
    "percent": "0.0#\\ %",
}
# The price that counts: the line's own, else the article's.
PRICE = 'IF({P.U. HT}<>"",{P.U. HT},INDEX(Articles[P.U. HT],MATCH({Article},Articles[Code],0)))'
LINE_TOTAL = '=IF({Quantité}="","",IFERROR(ROUND({Quantité}*PRICE-ROUND(ROUND({Quantité}*PRICE,2)*{Remise %},2),2),""))'
# As the file stores it: `{x}` is the column x in this row of the table.
LINE_TOTAL = re.sub(r"{(.+?)}", r"Lignes[[#This Row],[\1]]", LINE_TOTAL.replace("PRICE", PRICE))


def write_template(path: Path, invoices: Iterable[Invoice] = (), company: Company | None = None) -> None:
    """Write the template to `path`, with `invoices` in it (numbered ones in the register, others as drafts) and the company's settings.

    Raises CannotRender where an invoice holds what the tables have no column for.
    """
    write_rows(path, rows_of(invoices), company)


def write_rows(path: Path, rows: TemplateRows, company: Company | None = None) -> None:
    """Write the template to `path` with the rows of its tables and the company's settings."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        book.set_properties({"title": "Facturation", "comments": "Modèle xlbridge", "created": CREATED})
        book.set_calc_mode("auto")
        styles = _styles(book)
        sheets = {
            name: book.add_worksheet(name) for name in (DRAFTS, LINES, CLIENTS, ARTICLES, COMPANY, REGISTER, REGISTER_LINES, LISTS, SEAL)
        }
        _write_lists(book, sheets[LISTS])
        for name, columns in TABLES.items():
            _write_table(sheets[name], name, columns, rows.tables[name], styles)
            _print_setup(sheets[name], name, landscape=True)
        _write_company(sheets[COMPANY], company, styles)
        for name in (REGISTER, REGISTER_LINES):
            sheets[name].protect("", {"autofilter": True, "sort": True, "format_columns": True, "select_locked_cells": True})
        _write_seal(sheets[SEAL], styles)
        sheets[DRAFTS].activate()


def _styles(book: Workbook) -> dict[str, Format]:
    """The cell formats by kind of value; `column …` are those of the empty cells below a table, which have no rule under them."""
    base: dict[str, Any] = {"font_name": "Calibri", "font_size": 11, "font_color": INK, "valign": "top"}
    ruled = base | {"bottom": 1, "bottom_color": RULE}
    # A discount is left General, so that Excel shows « 10 % » as a percentage when the user writes one: that tells it from an amount.
    kinds: dict[str, dict[str, Any]] = {kind: {"num_format": code} for kind, code in NUMBER_FORMATS.items()} | {"free": {"align": "right"}}
    kinds["text"] |= {"text_wrap": True, "align": "left", "indent": 1}
    kinds["date"] |= {"align": "center"}
    styles = {kind: book.add_format(ruled | form) for kind, form in kinds.items()}
    styles |= {f"column {kind}": book.add_format(base | form) for kind, form in kinds.items()}
    header = {"font_name": "Calibri", "bold": True, "font_color": "white", "bg_color": ACCENT, "valign": "vcenter", "text_wrap": True}
    styles["header"] = book.add_format(header | {"indent": 1})
    styles["header right"] = book.add_format(header | {"align": "right"})
    styles["label"] = book.add_format(base | {"bold": True, "bg_color": PALE, "bottom": 1, "bottom_color": "white"})
    styles["setting"] = book.add_format(
        base | {"num_format": "@", "text_wrap": True, "bottom": 1, "bottom_color": "#D5DCE4", "locked": False}
    )
    styles["explanation"] = book.add_format(base | {"italic": True, "font_color": GREY, "text_wrap": True})
    styles["computed"] = book.add_format(base | {"num_format": NUMBER_FORMATS["money"], "bg_color": PALE})
    return styles


def _write_table(sheet: Worksheet, name: str, columns: tuple[Column, ...], rows: list[Cells], styles: dict[str, Format]) -> None:
    """One sheet with its table: header in row 1, the rows, some empty rows to write in."""
    last = max(len(rows), EMPTY_ROWS[name])
    formula = {"Total HT": LINE_TOTAL} if name == LINES else {}
    sheet.add_table(
        0,
        0,
        last,
        len(columns) - 1,
        {
            "name": name.title().replace(" ", ""),
            "style": "Table Style Light 15" if name.startswith(REGISTER) else "Table Style Light 9",
            "columns": [
                {"header": column.name, "header_format": styles["header" if column.kind in {"text", "date"} else "header right"]}
                | ({"formula": formula[column.name]} if column.name in formula else {})
                for column in columns
            ],
        },
    )
    sheet.set_row(0, 32)
    sheet.freeze_panes(1, 2)
    sheet.hide_gridlines(2)
    for row, values in enumerate(rows, 1):
        sheet.set_row(row, ROW_HEIGHT * _text_lines(columns, values))
    for position, column in enumerate(columns):
        sheet.set_column(position, position, column.width, styles[f"column {column.kind}"])
        _help_and_choices(sheet, position, column)
        for row in range(1, last + 1):
            value = rows[row - 1].get(column.name) if row <= len(rows) else None
            if column.name in formula:
                sheet.write_formula(row, position, formula[column.name], styles["computed"], "" if value is None else float(value))
            else:
                _write_value(sheet, (row, position), value, styles["percent" if isinstance(value, Percent) else column.kind])


def _text_lines(columns: tuple[Column, ...], values: Cells) -> int:
    """How many lines the tallest wrapped text of a row takes, about."""
    texts = ((str(values[column.name]), column.width) for column in columns if column.kind == "text" and values.get(column.name))
    return max((sum(1 + (len(line) - 1) // width for line in text.split("\n")) for text, width in texts), default=1)


def _write_value(sheet: Worksheet, at: tuple[int, int], value: Any, style: Format) -> None:
    """One cell: percentages as fractions in percent format, amounts as numbers, dates as dates, everything else as text."""
    if value is None or value == "":
        sheet.write_blank(*at, None, style)
    elif isinstance(value, Percent):
        sheet.write_number(*at, float(value.points / 100), style)
    elif isinstance(value, Decimal):
        sheet.write_number(*at, float(value), style)
    elif isinstance(value, date):
        sheet.write_datetime(*at, value, style)
    else:
        sheet.write_string(*at, str(value), style)


def _help_and_choices(sheet: Worksheet, position: int, column: Column) -> None:
    """The help that appears on the header, and the list of the cells below."""
    letters = column_letters(position)
    if column.help:
        title = column.name[:32]
        sheet.data_validation(0, position, 0, position, {"validate": "any", "input_title": title, "input_message": column.help[:255]})
    if column.choices in {"units", "reasons"}:
        # A unit or reason of one's own is allowed; the list only helps.
        sheet.data_validation(
            1, position, LAST_ROW, position, {"validate": "list", "source": f"=liste_{column.choices}", "error_type": "information"}
        )
    elif column.choices:
        message = "Choisissez dans la liste."
        sheet.data_validation(
            1,
            position,
            LAST_ROW,
            position,
            {"validate": "list", "source": f"=liste_{column.choices}", "error_title": column.name, "error_message": message},
        )
    elif column.name in {"Brouillon", "Code"}:
        span = f"${letters}$2:${letters}${LAST_ROW + 1}"
        unique = f"=COUNTIF({span},{letters}2)=1"
        options: dict[str, Any] = {"validate": "custom", "value": unique, "error_title": column.name, "error_message": "Déjà utilisé."}
        sheet.data_validation(1, position, LAST_ROW, position, options)
    elif column.kind == "number":
        options = {"validate": "decimal", "criteria": "between", "minimum": -1e9, "maximum": 1e9, "error_message": "Un nombre est attendu."}
        sheet.data_validation(1, position, LAST_ROW, position, options)


def _write_lists(book: Workbook, sheet: Worksheet) -> None:
    """The hidden sheet of choices, and the names by which the validations know them."""
    lists: dict[str, Iterable[Any]] = {
        "types": TYPES,
        "natures": NATURES,
        "kinds": CLIENT_KINDS,
        "units": UNITS,
        "rates": [float(Decimal(rate) / 100) for rate in VAT_RATES],
        "reasons": [exemption.label for exemption in exemptions()],
    }
    for position, (name, values) in enumerate(lists.items()):
        choices = list(values)
        sheet.write_column(0, position, choices)
        letters = column_letters(position)
        book.define_name(f"liste_{name}", f"={LISTS}!${letters}$1:${letters}${len(choices)}")
    for name, source in (("drafts", DRAFTS), ("clients", CLIENTS), ("articles", ARTICLES)):
        # As long as the filled part of the column, so that the list shows no blanks.
        filled = f"MAX(1,COUNTA({source}!$A$2:$A${LAST_ROW + 1}))"
        book.define_name(f"liste_{name}", f"=OFFSET({source}!$A$2,0,0,{filled},1)")
    sheet.hide()


def _write_company(sheet: Worksheet, company: Company | None, styles: dict[str, Format]) -> None:
    """The sheet « Entreprise »: label, value, explanation."""
    for column, (header, width) in enumerate((("Rubrique", 26), ("Valeur", 46), ("À savoir", 62))):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, header, styles["header"])
    for row, (label, attribute, explanation) in enumerate(COMPANY_ROWS, 1):
        sheet.write_string(row, 0, label, styles["label"])
        value = getattr(company, attribute) if company else None
        shown = {True: "oui", False: "non"}.get(value, value) if isinstance(value, bool) else value
        if shown is None:
            sheet.write_blank(row, 1, None, styles["setting"])
        else:
            sheet.write_string(row, 1, shown.name if isinstance(shown, Path) else str(shown), styles["setting"])
        sheet.write_string(row, 2, explanation, styles["explanation"])
        choices = {"size": ["micro", "pme", "eti", "ge"], "vat_regime": ["normal", "franchise", "exonere"], "sole_trader": ["oui", "non"]}
        choices |= {"tax_point": ["encaissements", "debits"], "activity": ["biens", "services", "mixte"]}
        if attribute in choices:
            sheet.data_validation(row, 1, row, 1, {"validate": "list", "source": choices[attribute]})
    sheet.set_row(0, 26)
    sheet.freeze_panes(1, 1)
    sheet.hide_gridlines(2)
    _print_setup(sheet, COMPANY, landscape=False)


def _write_seal(sheet: Worksheet, styles: dict[str, Format]) -> None:
    """The hidden sheet in which each issue writes how far the ledger has come: label, value."""
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 70)
    for row, (label, _attribute) in enumerate(SEAL_ROWS):
        sheet.write_string(row, 0, label, styles["label"])
        sheet.write_blank(row, 1, None, styles["column text"])
    sheet.protect()
    sheet.hide()


def _print_setup(sheet: Worksheet, name: str, *, landscape: bool) -> None:
    sheet.set_tab_color(TAB_COLORS[name])
    sheet.set_paper(9)
    if landscape:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.set_footer("&L&8&F&C&8&A&R&8Page &P / &N")
