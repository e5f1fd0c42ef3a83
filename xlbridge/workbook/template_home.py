"""The sheets « Accueil » (what to do, where one stands) and « Contrôle » (where the findings go) of our template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from xlbridge.company import Company
from xlbridge.model.money import ZERO
from xlbridge.workbook.address import column_letters
from xlbridge.workbook.template_layout import (
    ARTICLES,
    CLIENTS,
    COMPANY,
    COMPANY_NEEDED,
    COMPANY_ROWS,
    CONTROL,
    CONTROL_COLUMNS,
    DRAFTS,
    HOME,
    LAST_CHECK,
    LINES,
    MARKED,
    PAID,
    REGISTER,
    SEAL_ROWS,
)
from xlbridge.workbook.template_rows import Cells, TemplateRows
from xlbridge.workbook.template_styles import ACCENT, AMBER, AMBER_INK, FONT, GREY, INK, MIST, PALE, RED, ROSE, RULE, TEAL, print_setup
from xlbridge.workbook.template_validation import help_and_choices

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_OPEN = '(Registre[Numéro]<>"")*(Registre[Réglée le]="")'
_LATE = f'{_OPEN}*(Registre[Échéance]<>"")*(Registre[Échéance]<$H$23)*(Registre[Type]<>"Avoir")'
# A credit note lessens what is due; the register may state its amounts with either sign.
_SIGNED = '(1-2*(Registre[Type]="Avoir"))'
_SETTINGS = {attribute: row for row, (_label, attribute, _) in enumerate(COMPANY_ROWS, 2)}
_MISSING = "+".join(f'({COMPANY}!$B${row}="")' for attribute, row in _SETTINGS.items() if attribute in COMPANY_NEEDED)
_SEAL = {attribute: f"Sceau!$B${row}" for row, (_label, attribute) in enumerate(SEAL_ROWS, 1)}
MONEY = "#,##0.00\\ \u20ac"


@dataclass(frozen=True, slots=True)
class Card:
    """A number that is looked for first: label, its formula and format, and what stands in small below it."""

    label: str
    formula: str
    small: str
    small_format: str
    format: str = "0"


CARDS = (
    Card("BROUILLONS", "=COUNTA(Factures[Brouillon])", "=SUM(Factures[TTC prévu])", f'"soit "{MONEY}" TTC"'),
    Card("DOCUMENTS ÉMIS", "=COUNTA(Registre[Numéro])", f"=SUMPRODUCT({_SIGNED},ABS(Registre[Total HT]))", f'"soit "{MONEY}" HT"'),
    Card("À ENCAISSER", f"=SUMPRODUCT({_OPEN}*{_SIGNED},ABS(Registre[Net à payer]))", f"=SUMPRODUCT({_OPEN})", '0" document(s)"', MONEY),
    Card("EN RETARD", f"=SUMPRODUCT({_LATE},ABS(Registre[Net à payer]))", f"=SUMPRODUCT({_LATE})", '0" facture(s)"', MONEY),
)
STEPS = (
    (
        ((COMPANY, "B2"),),
        "Dites qui vous êtes : nom, SIREN, régime de TVA, banque. Les cases jaunes sont indispensables.",
        f'=IF({_MISSING}=0,"complet",{_MISSING}&" à remplir")',
    ),
    (
        ((CLIENTS, "A2"), (ARTICLES, "A2")),
        "Inscrivez clients et articles : un code court, un nom, un prix, un taux.",
        '=COUNTA(Clients[Code])&" client(s), "&COUNTA(Articles[Code])&" article(s)"',
    ),
    (
        ((DRAFTS, "A2"), (LINES, "A2")),
        "Un brouillon : un repère, une date, un client. Ses lignes : un article, une quantité. Le reste suit.",
        '=IF(COUNTIF(Factures[À compléter],"?*")=0,"rien à compléter",COUNTIF(Factures[À compléter],"?*")&" à compléter")',
    ),
    (
        ((CONTROL, "A2"), (REGISTER, "A2")),
        "« Vérifier » montre les fautes sur les cellules ; « Émettre » numérote, fait le PDF et range au registre.",
        '=COUNTA(Registre[Numéro])&" au registre"',
    ),
)
NEVER = "pas encore fait"


def home_values(rows: TemplateRows, company: Company | None, today: date) -> dict[str, Any]:
    """The value of every formula of « Accueil », by its text."""
    drafts, issued = rows.tables[DRAFTS], rows.tables[REGISTER]
    unpaid = [row for row in issued if not row.get(PAID)]
    late = [row for row in unpaid if (row.get("Échéance") or date.max) < today and row.get("Type") != "Avoir"]
    missing = sum(getattr(company, attribute, None) is None for attribute in COMPANY_NEEDED)
    unfinished = sum(bool(row.get("À compléter")) for row in drafts)
    values: list[Any] = [
        *(len(drafts), sum((row.get("TTC prévu") or ZERO for row in drafts), ZERO)),
        *(len(issued), _sum(issued, "Total HT")),
        *(_sum(unpaid, "Net à payer"), len(unpaid)),
        *(_sum(late, "Net à payer"), len(late)),
        f"{missing} à remplir" if missing else "complet",
        f"{len(rows.tables[CLIENTS])} client(s), {len(rows.tables[ARTICLES])} article(s)",
        f"{unfinished} à compléter" if unfinished else "rien à compléter",
        f"{len(issued)} au registre",
    ]
    formulas = [formula for card in CARDS for formula in (card.formula, card.small)] + [step[2] for step in STEPS]
    return dict(zip(formulas, values, strict=True))


def _sum(rows: Iterable[Cells], name: str) -> Decimal:
    """The sum of a column of the register, credit notes taken off."""
    return sum((abs(row.get(name) or ZERO) * (-1 if row.get("Type") == "Avoir" else 1) for row in rows), ZERO)


def write_home(book: Workbook, sheet: Worksheet, rows: TemplateRows, company: Company | None, today: date) -> None:
    """« Accueil »: whose workbook, four numbers, four steps, and where things stand. `today`: the day of the stored values."""
    values = home_values(rows, company, today)
    for column, width in enumerate((2.5, 13, 13, 13, 13, 13, 13, 13, 15, 2.5)):
        sheet.set_column(column, column, width)
    _band(book, sheet, company)
    for place, card in enumerate(CARDS):
        _card(book, sheet, 1 + 2 * place, card, values)
    _section(book, sheet, 9, "EN QUATRE ÉTAPES")
    for place, (links, text, formula) in enumerate(STEPS):
        _step(book, sheet, 10 + 2 * place, (str(place + 1), links, text, formula), values)
    _section(book, sheet, 19, "OÙ J’EN SUIS")
    _status(book, sheet, today)
    print_setup(sheet, HOME, landscape=True)
    sheet.print_area(0, 0, 23, 9)
    sheet.protect("", {"select_locked_cells": True})


def _style(book: Workbook, **properties: Any) -> Format:
    return book.add_format(FONT | {"valign": "vcenter"} | properties)


def _band(book: Workbook, sheet: Worksheet, company: Company | None) -> None:
    title = _style(book, font_size=22, bold=True, font_color="white", bg_color=ACCENT)
    under = _style(book, font_color="#C9D8E6", bg_color=ACCENT, valign="top")
    for row, height in ((0, 12), (1, 34), (2, 26)):
        sheet.set_row(row, height)
        for column in range(10):
            sheet.write_blank(row, column, None, title)
    name = f'=IF({COMPANY}!$B$2="","Mon facturier",{COMPANY}!$B$2)'
    sheet.merge_range(1, 1, 1, 8, "", title)
    sheet.write_formula(1, 1, name, title, company.name if company else "Mon facturier")
    sheet.merge_range(2, 1, 2, 8, "Factures conformes, numérotées sans trou, archivées — depuis ce classeur.", under)


def _card(book: Workbook, sheet: Worksheet, column: int, card: Card, values: Mapping[str, Any]) -> None:
    edge = {"bg_color": PALE, "indent": 1, "align": "left"}
    label = _style(book, font_size=9, bold=True, font_color=GREY, top=5, top_color=TEAL, **edge)
    number = _style(book, font_size=20, bold=True, num_format=card.format, **edge)
    small = _style(book, font_size=10, font_color=GREY, num_format=card.small_format, **edge)
    for row, height in ((3, 12), (4, 24), (5, 32), (6, 22), (7, 8)):
        sheet.set_row(row, height)
    right = column + 1
    sheet.merge_range(4, column, 4, right, card.label, label)
    sheet.merge_range(5, column, 5, right, "", number)
    sheet.write_formula(5, column, card.formula, number, _cached(values[card.formula]))
    sheet.merge_range(6, column, 6, right, "", small)
    sheet.write_formula(6, column, card.small, small, _cached(values[card.small]))
    if card.label == "EN RETARD":
        late = book.add_format({"font_color": RED})
        sheet.conditional_format(5, column, 5, column, {"type": "cell", "criteria": ">", "value": 0, "format": late})


def _section(book: Workbook, sheet: Worksheet, row: int, title: str) -> None:
    style = _style(book, font_size=10, bold=True, font_color=TEAL, bottom=2, bottom_color=TEAL)
    sheet.set_row(row, 24)
    sheet.merge_range(row, 1, row, 8, title, style)


def _step(
    book: Workbook, sheet: Worksheet, row: int, step: tuple[str, tuple[tuple[str, str], ...], str, str], values: Mapping[str, Any]
) -> None:
    """Two rows: number, links one under the other, what to do, how far one is."""
    number, links, text, formula = step
    line = {"bottom": 1, "bottom_color": RULE}
    circle = _style(book, font_size=18, bold=True, font_color=TEAL, align="center", **line)
    link = _style(book, bold=True, font_color=ACCENT, underline=1)
    last_link = _style(book, bold=True, font_color=ACCENT, underline=1, valign="top", **line)
    said = _style(book, text_wrap=True, **line)
    state = _style(book, font_color=GREY, italic=True, align="right", indent=1, text_wrap=True, **line)
    sheet.set_row(row, 20)
    sheet.set_row(row + 1, 20)
    sheet.merge_range(row, 1, row + 1, 1, number, circle)
    (first, at), *others = links
    if others:
        sheet.write_url(row, 2, f"internal:'{first}'!{at}", link, f"{first} →", f"Aller à la feuille « {first} »")
        second, at = others[0]
        sheet.write_url(row + 1, 2, f"internal:'{second}'!{at}", last_link, f"{second} →", f"Aller à la feuille « {second} »")
    else:
        sheet.merge_range(row, 2, row + 1, 2, "", _style(book, bold=True, font_color=ACCENT, underline=1, **line))
        whole = _style(book, bold=True, font_color=ACCENT, underline=1, **line)
        sheet.write_url(row, 2, f"internal:'{first}'!{at}", whole, f"{first} →", f"Aller à la feuille « {first} »")
    sheet.merge_range(row, 3, row + 1, 6, text, said)
    sheet.merge_range(row, 7, row + 1, 8, "", state)
    sheet.write_formula(row, 7, formula, state, values[formula])
    if formula == STEPS[0][2]:
        todo = book.add_format({"font_color": AMBER_INK, "bg_color": AMBER})
        sheet.conditional_format(row, 7, row + 1, 8, {"type": "formula", "criteria": f'=$H${row + 1}<>"complet"', "format": todo})


def _status(book: Workbook, sheet: Worksheet, today: date) -> None:
    """Label and value, the first written by « Vérifier », the others following the seal."""
    label = _style(book, font_color=GREY)
    open_value = _style(book, bold=True, align="left", locked=False)
    value = _style(book, align="left", num_format="dd/mm/yyyy")
    for row in (20, 21, 22):
        sheet.set_row(row, 20)
    sheet.merge_range(20, 1, 20, 2, "Dernier contrôle", label)
    sheet.merge_range(20, 3, 20, 8, NEVER, open_value)
    book.define_name(LAST_CHECK, f"={HOME}!$D$21")
    sheet.merge_range(21, 1, 21, 2, "Registre", label)
    sheet.merge_range(21, 3, 21, 4, "", value)
    sheet.write_formula(21, 3, f'=IF({_SEAL["ledger"]}="","pas encore relié",LEFT({_SEAL["ledger"]},8))', value, "pas encore relié")
    sheet.merge_range(21, 5, 21, 6, "Derniers numéros", label)
    sheet.merge_range(21, 7, 21, 8, "", value)
    sheet.write_formula(21, 7, f'=IF({_SEAL["last_numbers"]}="","—",{_SEAL["last_numbers"]})', value, "—")
    sheet.merge_range(22, 1, 22, 2, "Paiements reçus", label)
    sheet.merge_range(22, 3, 22, 4, f"datez « {PAID} » au registre", value)
    sheet.merge_range(22, 5, 22, 6, "Montants au", label)
    sheet.merge_range(22, 7, 22, 8, "", value)
    sheet.write_formula(22, 7, "=TODAY()", value, (today - date(1899, 12, 30)).days)


def _cached(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def write_control(book: Workbook, sheet: Worksheet, styles: Mapping[str, Format]) -> None:
    """« Contrôle »: the headers under which a check writes its findings."""
    for position, column in enumerate(CONTROL_COLUMNS):
        sheet.set_column(position, position, column.width, styles["column text"])
        sheet.write_string(0, position, column.name, styles["header"])
        help_and_choices(sheet, position, column)
    for word, colors in {
        "BLOQUANT": {"font_color": RED, "bg_color": ROSE, "bold": True},
        "AVERTISSEMENT": {"font_color": AMBER_INK, "bg_color": AMBER},
        "NOTE": {"font_color": INK, "bg_color": MIST},
    }.items():
        rule = {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": book.add_format(colors)}
        sheet.conditional_format(1, 0, 5000, 0, rule)
    place = column_letters(len(CONTROL_COLUMNS) - 1)
    book.define_name(MARKED, f"={CONTROL}!${place}$2:${place}$5001")
    sheet.set_row(0, 32)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    print_setup(sheet, CONTROL, landscape=True)
