"""The look of our template: its few colours, the cell formats by kind of value, and the setup of the printed page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlbridge.workbook.template_layout import ARTICLES, CLIENTS, COMPANY, CONTROL, DRAFTS, HOME, LINES, REGISTER, REGISTER_LINES

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

INK, ACCENT, PALE, GREY, RULE = "#1F2A37", "#1E4563", "#F1F5F9", "#64748B", "#DCE3EA"
TEAL, MIST, AMBER, AMBER_INK, RED, ROSE = "#2B7A78", "#E3EEF0", "#FFF3D6", "#8A5A00", "#B42318", "#FDECEA"
TAB_COLORS = {
    HOME: TEAL,
    DRAFTS: ACCENT,
    LINES: ACCENT,
    CLIENTS: "#7FA7A5",
    ARTICLES: "#7FA7A5",
    COMPANY: "#D9A441",
    CONTROL: TEAL,
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
FONT: dict[str, Any] = {"font_name": "Calibri", "font_size": 11, "font_color": INK}
NO_LINE: dict[str, Any] = {"border": 0}


def cell_styles(book: Workbook) -> dict[str, Format]:
    """The cell formats by kind of value; `column …` are those of the empty cells below a table, which have no rule under them; `beside …`
    those of what is computed beside a table."""
    base = FONT | {"valign": "top"}
    ruled = base | {"bottom": 1, "bottom_color": RULE}
    # A discount is left General, so that Excel shows « 10 % » as a percentage when the user writes one: that tells it from an amount.
    kinds: dict[str, dict[str, Any]] = {kind: {"num_format": code} for kind, code in NUMBER_FORMATS.items()} | {"free": {"align": "right"}}
    kinds["text"] |= {"text_wrap": True, "align": "left", "indent": 1}
    kinds["date"] |= {"align": "center"}
    styles = {kind: book.add_format(ruled | form) for kind, form in kinds.items()}
    styles |= {f"column {kind}": book.add_format(base | form) for kind, form in kinds.items()}
    # A result is no text to Excel where its cell is of the format Text: the formula would be shown instead.
    beside = {
        kind: form | {"num_format": "General" if kind == "text" else form.get("num_format", "General")} for kind, form in kinds.items()
    }
    beside["text"] |= {"text_wrap": False}
    styles |= {f"beside {kind}": book.add_format(ruled | form | {"font_color": GREY, "bg_color": PALE}) for kind, form in beside.items()}
    styles["paid"] = book.add_format(ruled | kinds["date"] | {"locked": False})
    header = {"font_name": "Calibri", "bold": True, "font_color": "white", "bg_color": ACCENT, "valign": "vcenter", "text_wrap": True}
    styles["header"] = book.add_format(header | {"indent": 1})
    styles["header right"] = book.add_format(header | {"align": "right"})
    styles["header beside"] = book.add_format(header | {"font_color": ACCENT, "bg_color": MIST, "italic": True, "indent": 1})
    lined = base | {"valign": "vcenter", "bottom": 1, "bottom_color": RULE, "text_wrap": True}
    styles["label"] = book.add_format(lined | {"bold": True, "bg_color": PALE, "indent": 1})
    styles["setting"] = book.add_format(lined | {"num_format": "@", "locked": False, "indent": 1})
    styles["explanation"] = book.add_format(lined | {"italic": True, "font_color": GREY, "indent": 1})
    styles["computed"] = book.add_format(ruled | {"num_format": NUMBER_FORMATS["money"], "bg_color": PALE})
    return styles


def print_setup(sheet: Worksheet, name: str, *, landscape: bool) -> None:
    """Tab, A4 paper, one page wide, the header on each page, the footer."""
    sheet.set_tab_color(TAB_COLORS[name])
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    if landscape:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.set_footer("&L&8&F&C&8&A&R&8Page &P / &N")
