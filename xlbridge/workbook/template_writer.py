"""Writes our template as a plain .xlsx: tables, lists, formulas with their values, French formats, help on headers, print setup.

XlsxWriter gives a formula the value 0 unless told otherwise, so every formula here carries the value that the program computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlbridge.clients import Client
from xlbridge.company import Company
from xlbridge.model import Invoice
from xlbridge.workbook.address import column_letters
from xlbridge.workbook.template_formulas import FORMULAS, compute
from xlbridge.workbook.template_home import write_control, write_home
from xlbridge.workbook.template_layout import (
    ARTICLES,
    BESIDE,
    CLIENTS,
    COMPANY,
    COMPANY_NEEDED,
    COMPANY_ROWS,
    CONTROL,
    DRAFTS,
    HOME,
    LINES,
    LISTS,
    MARKED,
    PAID,
    REGISTER,
    REGISTER_LINES,
    SEAL,
    SEAL_ROWS,
    TABLES,
    Column,
)
from xlbridge.workbook.template_parties import vat_number_of
from xlbridge.workbook.template_rows import Cells, Percent, TemplateRows, rows_of
from xlbridge.workbook.template_styles import AMBER, AMBER_INK, GREY, RED, cell_styles, print_setup
from xlbridge.workbook.template_validation import LAST_ROW, help_and_choices, help_and_choices_of_setting, write_lists

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

CREATED = datetime(2026, 1, 1)  # noqa: DTZ001  fixed, so that the same input gives the same bytes
ROW_HEIGHT = 15.75
EMPTY_ROWS = {DRAFTS: 20, LINES: 60, CLIENTS: 30, ARTICLES: 30, REGISTER: 1, REGISTER_LINES: 1}
SHEETS = (HOME, DRAFTS, LINES, CLIENTS, ARTICLES, COMPANY, CONTROL, REGISTER, REGISTER_LINES, LISTS, SEAL)


def write_template(
    path: Path,
    invoices: Iterable[Invoice] = (),
    company: Company | None = None,
    clients: Iterable[Client] = (),
    paid: Mapping[str, date] | None = None,
    today: date | None = None,
) -> None:
    """Write the template to `path`, with `invoices` in it (numbered ones in the register, others as drafts) and the company's settings.

    `clients` are those of the sheet « Clients » beside the buyers; `paid` says when a number was paid. `today`: the day for which the
    amounts overdue are stored; they follow the calendar once the workbook is open. Raises CannotRender where an invoice holds what
    the tables have no column for.
    """
    rows = rows_of(invoices, clients)
    for row in rows.tables[REGISTER]:
        row[PAID] = (paid or {}).get(row["Numéro"])
    write_rows(path, rows, company, today)


def write_rows(path: Path, rows: TemplateRows, company: Company | None = None, today: date | None = None) -> None:
    """Write the template to `path` with the rows of its tables and the company's settings (see `write_template`). Raises OSError."""
    from xlsxwriter.exceptions import FileCreateError

    try:
        _written(path, rows, company, today)
    except FileCreateError as fault:  # not an OSError, though it is made of one
        raise OSError(*fault.args[0].args) from fault


def _written(path: Path, rows: TemplateRows, company: Company | None, today: date | None) -> None:
    import xlsxwriter

    compute(rows)
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        book.set_properties({"title": "Facturation", "comments": "Modèle xlbridge", "created": CREATED})
        book.set_calc_mode("auto")
        styles = cell_styles(book)
        sheets = {name: book.add_worksheet(name) for name in SHEETS}
        write_lists(book, sheets[LISTS])
        for name, columns in TABLES.items():
            _write_table(sheets[name], name, (*columns, *BESIDE.get(name, ())), rows.tables[name], styles)
            sheets[name].repeat_rows(0)
            print_setup(sheets[name], name, landscape=True)
        _mark(book, sheets)
        _write_company(book, sheets[COMPANY], company, styles)
        write_control(book, sheets[CONTROL], styles)
        for name in (REGISTER, REGISTER_LINES):
            sheets[name].protect("", {"autofilter": True, "sort": True, "format_columns": True, "select_locked_cells": True})
        _write_seal(sheets[SEAL], styles)
        write_home(book, sheets[HOME], rows, company, today or CREATED.date())
        sheets[HOME].activate()


def _write_table(sheet: Worksheet, name: str, columns: tuple[Column, ...], rows: list[Cells], styles: dict[str, Format]) -> None:
    """One sheet with its table: header in row 1, the rows, some empty rows to write in."""
    last = max(len(rows), EMPTY_ROWS[name])
    formula = FORMULAS.get(name, {})
    header = {column.name: "header" if column.kind in {"text", "date"} else "header right" for column in columns}
    header |= {column.name: "header beside" for column in BESIDE.get(name, ())}
    sheet.add_table(
        0,
        0,
        last,
        len(columns) - 1,
        {
            "name": name.title().replace(" ", ""),
            "style": None,
            "columns": [
                {"header": column.name, "header_format": styles[header[column.name]]}
                | ({"formula": formula[column.name]} if column.name in formula else {})
                for column in columns
            ],
        },
    )
    sheet.set_row(0, 34)
    sheet.freeze_panes(1, 2)
    sheet.set_zoom(90)
    sheet.set_selection(len(rows) + 1, 0, len(rows) + 1, 0)
    for row, values in enumerate(rows, 1):
        sheet.set_row(row, ROW_HEIGHT * _text_lines(TABLES[name], values))
    for position, column in enumerate(columns):
        sheet.set_column(position, position, column.width, styles[f"column {column.kind}"])
        help_and_choices(sheet, position, column)
        for row in range(1, last + 1):
            value = rows[row - 1].get(column.name) if row <= len(rows) else None
            if column.name in formula:
                style = styles["computed" if column in TABLES[name] else f"beside {column.kind}"]
                sheet.write_formula(row, position, formula[column.name], style, _stored(value))
            else:
                kind = "percent" if isinstance(value, Percent) else "paid" if column.name == PAID else column.kind
                _write_value(sheet, (row, position), value, styles[kind])


def _stored(value: Any) -> Any:
    """The result of a formula as the file keeps it; "" for nothing."""
    if isinstance(value, Percent):
        return float(value.points / 100)
    if isinstance(value, date):
        return (value - date(1899, 12, 30)).days
    return float(value) if isinstance(value, Decimal) else value or ""


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


def _mark(book: Workbook, sheets: dict[str, Worksheet]) -> None:
    """What is to be seen at a glance: what is unfinished, what is late, what is a credit note."""
    amber = book.add_format({"font_color": AMBER_INK, "bg_color": AMBER})
    red = book.add_format({"font_color": RED})
    grey = book.add_format({"font_color": GREY})
    for name in (DRAFTS, LINES):
        columns = [column.name for column in (*TABLES[name], *BESIDE[name])]
        todo = columns.index("À compléter")
        letters = column_letters(todo)
        _when(sheets[name], (0, 0), f"=AND(LEN(${letters}2)>0,{_unmarked(name, 'A')})", amber)
        _when(sheets[name], (todo, todo), f"=LEN(${letters}2)>0", amber)
    register = _letters(REGISTER)
    late = f'${{Échéance}}2<>"",${{Échéance}}2<TODAY(),${{{PAID}}}2="",${{Type}}2<>"Avoir",${{Numéro}}2<>""'.format_map(register)
    late = f"=AND({late},{_unmarked(REGISTER, register['Échéance'])})"
    credit, paid = f'=${register["Type"]}2="Avoir"', f'=${register[PAID]}2<>""'
    due = list(register).index("Échéance")
    # Ranges that do not overlap: LibreOffice mixes the looks of those that do.
    for span, rules in (
        ((0, due - 1), ((credit, red), (paid, grey))),
        ((due, due), ((credit, red), (late, amber), (paid, grey))),
        ((due + 1, len(register) - 1), ((credit, red), (paid, grey))),
    ):
        for formula, look in rules:
            _when(sheets[REGISTER], span, formula, look)
    _when(sheets[DRAFTS], (1, len(TABLES[DRAFTS]) - 1), f'=${_letters(DRAFTS)["Type"]}2="Avoir"', red)


def _letters(name: str) -> dict[str, str]:
    """The letters of the columns of a table, by name."""
    return {column.name: column_letters(place) for place, column in enumerate((*TABLES[name], *BESIDE.get(name, ())))}


def _unmarked(name: str, letters: str) -> str:
    """Whether « Vérifier » has not marked the cell of a column: the colour of a mark is behind that of a condition."""
    return f'COUNTIF({MARKED},"{name}!{letters}"&ROW())=0'


def _when(sheet: Worksheet, columns: tuple[int, int], formula: str, look: Format) -> None:
    """The look of the rows for which the formula, written for row 2, holds."""
    sheet.conditional_format(1, columns[0], LAST_ROW, columns[1], {"type": "formula", "criteria": formula, "format": look})


def _write_company(book: Workbook, sheet: Worksheet, company: Company | None, styles: dict[str, Format]) -> None:
    """The sheet « Entreprise »: label, value, explanation. What no invoice can do without is tinted as long as it is empty."""
    for column, (header, width) in enumerate((("Rubrique", 27), ("Valeur", 46), ("À savoir", 66))):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, header, styles["header"])
    needed = book.add_format({"bg_color": AMBER})
    rows = {attribute: row for row, (_label, attribute, _) in enumerate(COMPANY_ROWS, 1)}
    for row, (label, attribute, explanation) in enumerate(COMPANY_ROWS, 1):
        sheet.set_row(row, 21)
        sheet.write_string(row, 0, label, styles["label"])
        value = getattr(company, attribute) if company else None
        shown = {True: "oui", False: "non"}.get(value, value) if isinstance(value, bool) else value
        if shown is None:
            sheet.write_blank(row, 1, None, styles["setting"])
        else:
            sheet.write_string(row, 1, shown.name if isinstance(shown, Path) else str(shown), styles["setting"])
        if attribute == "vat_number":
            _suggest_vat_number(sheet, row, rows, explanation, company, styles["explanation"])
        else:
            sheet.write_string(row, 2, explanation, styles["explanation"])
        help_and_choices_of_setting(sheet, row, label)
        if attribute in COMPANY_NEEDED:
            empty = f'=AND($B${row + 1}="",{_unmarked(COMPANY, "B")})'
            sheet.conditional_format(row, 1, row, 1, {"type": "formula", "criteria": empty, "format": needed})
    sheet.data_validation(
        0, 1, 0, 1, {"validate": "any", "input_title": "Valeur", "input_message": "Les cases jaunes sont indispensables."}
    )
    sheet.set_row(0, 34)
    sheet.set_selection(1, 1, 1, 1)
    sheet.freeze_panes(1, 1)
    print_setup(sheet, COMPANY, landscape=False)


def _suggest_vat_number(sheet: Worksheet, row: int, rows: dict[str, int], explanation: str, company: Company | None, style: Format) -> None:
    """What the reader takes where the number is empty, shown beside it."""
    siren, regime = (f"$B${rows[attribute] + 1}" for attribute in ("siren", "vat_regime"))
    compact = f'SUBSTITUTE({siren}," ","")'
    number = f'"FR"&TEXT(MOD(12+3*MOD(VALUE({compact}),97),97),"00")&{compact}'
    shown = f'IF(AND($B${row + 1}="",{regime}="normal",LEN({compact})=9),"Repris du SIREN : "&{number}&".","{explanation}")'
    stored = explanation
    if company and company.siren and not company.vat_number and company.vat_regime == "normal":
        stored = f"Repris du SIREN : {vat_number_of(company.siren)}."
    sheet.write_formula(row, 2, f'=IFERROR({shown},"{explanation}")', style, stored)


def _write_seal(sheet: Worksheet, styles: dict[str, Format]) -> None:
    """The hidden sheet in which each issue writes how far the ledger has come: label, value."""
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 70)
    for row, (label, _attribute) in enumerate(SEAL_ROWS):
        sheet.write_string(row, 0, label, styles["label"])
        sheet.write_blank(row, 1, None, styles["column text"])
    sheet.protect()
    sheet.hide()
