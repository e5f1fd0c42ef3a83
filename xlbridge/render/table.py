"""The line table, over as many pages as it takes: header on each, « À reporter » and « Report » at every turn of a page."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from xlbridge import french
from xlbridge.model import Invoice, Line
from xlbridge.model.money import ZERO
from xlbridge.model.totals import net_of
from xlbridge.render import wording
from xlbridge.render.flow import CONTENT, FRESH_PAGE, INSET, LEFT, RIGHT, Cell, Continuation, Flow, draw_row, row_height
from xlbridge.render.page import ACCENT, BODY, LABEL, SMALL, STRONG, TINT, Sheet, Text

GAP = 6.0
PADDING = 2.7
CARRY_HEIGHT, HEAD_HEIGHT = 17.0, 18.0
# Title and width in points of the columns right of « Désignation », which takes what is left; False: set from the left.
COLUMNS = (
    ("Qté", 42.0, True),
    ("Unité", 42.0, False),
    ("P.U. HT", 56.0, True),
    ("Remise", 42.0, True),
    ("TVA", 40.0, True),
    ("Total HT", 66.0, True),
)
DISCOUNT = 3


@dataclass(slots=True)
class Table:
    """The table being drawn: its columns and the running sum of the line amounts."""

    flow: Flow
    currency: str | None
    with_discount: bool
    carried: Decimal = ZERO
    columns: list[tuple[str, float, float, bool]] = field(init=False)  # title, left edge, width, right-aligned

    def __post_init__(self) -> None:
        chosen = [column for position, column in enumerate(COLUMNS) if self.with_discount or position != DISCOUNT]
        x = RIGHT - INSET - sum(width for _, width, _ in chosen) - GAP * (len(chosen) - 1)
        self.columns = [("Désignation", LEFT + INSET, x - GAP - LEFT - INSET, False)]
        for title, width, right in chosen:
            self.columns.append((title, x, width, right))
            x += width + GAP

    def head(self) -> None:
        """The column titles, and what the page before carries over."""
        cells = [Cell(x, width, (Text(LABEL, title),), right) for title, x, width, right in self.columns]
        self.flow.sheet.rectangle(LEFT, self.flow.y - HEAD_HEIGHT, CONTENT, HEAD_HEIGHT, TINT)
        self.flow.sheet.rule(LEFT, self.flow.y - HEAD_HEIGHT, CONTENT, 0.8, ACCENT)
        self.flow.y = draw_row(self.flow.sheet, cells, self.flow.y, HEAD_HEIGHT, PADDING)
        if self.carried:
            self._carry("Report")

    def foot(self) -> None:
        """What this page carries to the next."""
        if self.carried:
            self._carry("À reporter")

    def _carry(self, label: str) -> None:
        amount = Text(STRONG, french.cents(self.carried))
        cells = (Cell(LEFT + INSET, 200, (Text(STRONG, label),)), Cell(RIGHT - INSET - 220, 220, (amount,), right=True))
        self.flow.y = draw_row(self.flow.sheet, cells, self.flow.y, CARRY_HEIGHT, PADDING)
        self.flow.sheet.rule(LEFT, self.flow.y, CONTENT)

    def line(self, line: Line) -> None:
        """One line of the invoice, with a hairline below."""
        self.flow.row(self.cells(line), PADDING, lambda: self._count(line))
        self.flow.sheet.rule(LEFT, self.flow.y, CONTENT, 0.3)

    def _count(self, line: Line) -> None:
        self.carried += net_of(line) or ZERO

    def cells(self, line: Line) -> list[Cell]:
        """The cells of one line."""
        sheet = self.flow.sheet
        texts = [
            french.quantity(line.quantity) if line.quantity is not None else "",
            french.unit(line.unit, line.unit_label),
            _price(line),
            *((wording.line_discount(line),) if self.with_discount else ()),
            wording.line_vat(line),
            french.cents(amount) if (amount := net_of(line)) is not None else "",
        ]
        _, x, width, _ = self.columns[0]
        cells = [Cell(x, width, _designation(sheet, line, width, self.currency))]
        for (_, x, width, right), text in zip(self.columns[1:], texts, strict=True):
            if text:
                lines = [sheet.fitted(BODY, text, width)] if right else sheet.wrapped(BODY, text, width)
                cells.append(Cell(x, width, lines, right))
        return cells


def draw_lines(flow: Flow, invoice: Invoice) -> None:
    """The table of `invoice`, or the sentence that stands for it where the lines are not known."""
    if not invoice.lines:
        flow.row((Cell(LEFT, CONTENT, (Text(BODY, "Détail : voir le document d’origine."),)),), PADDING)
        return
    table = Table(flow, invoice.currency, any(line.allowances for line in invoice.lines))
    flow.need(min(HEAD_HEIGHT + CARRY_HEIGHT + 2 * PADDING + row_height(table.cells(invoice.lines[0])), FRESH_PAGE))
    table.head()
    flow.continuation = Continuation(CARRY_HEIGHT, table.foot, table.head)
    for line in invoice.lines:
        table.line(line)
    flow.continuation = None


def _designation(sheet: Sheet, line: Line, width: float, currency: str | None) -> list[Text]:
    lines = sheet.wrapped(BODY, line.name or "", width)
    for detail in wording.line_details(line, currency):
        lines += sheet.wrapped(SMALL, detail, width)
    return lines


def _price(line: Line) -> str:
    if line.unit_price is None:
        return ""
    base = line.price_base_quantity
    price = french.price(line.unit_price)
    return price if base in {None, 1} else f"{price} / {french.quantity(base or ZERO)}"
