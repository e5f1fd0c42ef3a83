"""What stands where in a sheet that shows one invoice: labels with their values, blocks of free text, the zone of the totals."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from xlbridge.findings import Cell
from xlbridge.legacy import values
from xlbridge.legacy.labels import Announced, role_of
from xlbridge.legacy.tables import Table
from xlbridge.legacy.titles import kinds_of
from xlbridge.workbook.grid import Sheet, Value

Position = tuple[int, int]
LONGEST_LABELLED = 200  # characters of a label with its value; longer texts are prose
DATED = re.compile(r"(?i)\s+(?:du|le|au|of|vom)\s+\d.*$")
REACH = 2  # how many columns to the right of its label, or of the merged cells that hold it, a value may stand

# Roles whose value may follow its label in one cell without a colon, and what the value must look like.
FOLLOWING = {
    "number": re.compile(r"(?:n\s?[°º]\s*)?(?=\S*\d)[\w/.+-]{1,30}"),
    "issue_date": re.compile(r".*\d.*"),
    "due_date": re.compile(r".*\d.*"),
    "siret": re.compile(r"[\d .]{14,20}"),
    "siren": re.compile(r"(?:[A-ZÀ-Ý][\w’' -]+ )?(?:[AB] )?[\d .]{9,14}"),
    "vat_number": re.compile(r"[A-Za-z]{2} ?[\w. ]{8,18}"),
    "vat": re.compile(r"[A-Za-z]{2} ?[\dA-Z]{2} ?[\d .]{9,13}"),
    "iban": re.compile(r"[A-Z]{2}\d{2}[\w ]{10,40}"),
    "bic": re.compile(r"[A-Z]{6}[A-Z0-9]{2,5}"),
    "telephone": re.compile(r"[+\d][\d .()/-]{7,}"),
    "invoice_or_delivery": re.compile(r"(?=\S*\d)[\w/.+-]{1,30}"),
    "order": re.compile(r"(?=\S*\d)[\w/.-]{2,30}"),
    "foreign_tax_id": re.compile(r".*\d.*"),
}
PLACEHOLDERS = re.compile(
    r"(?i)^(?:nom (?:de votre|de l['’]|et pr[ée]nom|du client|de la soci[ée]t[ée])|nom et pr[ée]nom\b.*|adresse du client"
    r"|votre (?:entreprise|soci[ée]t[ée]|nom|adresse|logo)|your (?:company|name|logo)|company name|client name|full name|lorem ipsum"
    r"|\[.*\]|\{\{.*\}\}|<.*>|x{3,}|…+|\.{3,}|_{3,}|-{3,})"
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A label and the value beside it. `value_at` is the cell of the value (the label's own where both share a cell)."""

    announced: Announced
    label_at: Position
    value_at: Position
    value: Value

    @property
    def role(self) -> str:
        """What the label announces."""
        return self.announced.role


@dataclass
class Page:
    """A sheet that shows one document, cut into the zone above its lines, the lines, and the zone below."""

    sheet: Sheet
    file: str
    items: Table | None
    items_end: int
    claimed: set[Position] = field(default_factory=set)

    def cell(self, position: Position) -> Cell:
        """The place of a cell of this sheet."""
        return Cell(self.file, self.sheet.name, self.sheet.address(*position))

    def outside_items(self) -> Iterator[tuple[int, int, Value]]:
        """The filled cells above the header row and below the lines."""
        for row, column, value in self.sheet.cells():
            if self.items is None or row < self.items.header_row or row >= self.items_end:
                yield row, column, value

    def is_above(self, row: int) -> bool:
        """Whether a row stands above the table of lines."""
        return self.items is None or row < self.items.header_row

    def right_of(self, row: int, column: int) -> Position | None:
        """The next filled cell of the row, within reach."""
        column = next((last for top, left, _, last in self.sheet.details.merged or () if (top, left) == (row, column)), column)
        return next(((row, index) for index in range(column + 1, column + 1 + REACH) if self.sheet.at(row, index) is not None), None)


def split_label(text: str) -> tuple[Announced, str | None] | None:
    """The label that a text is, or begins with, and the value that follows it in the same text.

    >>> split_label("SIRET : 792 377 731 00023")[1], split_label("Facture N° 2026-014")[1], split_label("Total HT :")[1]
    ('792 377 731 00023', '2026-014', None)
    """
    text = " ".join(text.split())
    if len(text) > LONGEST_LABELLED:
        return None
    whole = role_of(text.rstrip(" :"), "label") or role_of(DATED.sub("", text).rstrip(" :"), "label")
    if whole:
        return whole, None
    if ":" in text:
        left, right = (part.strip() for part in text.split(":", 1))
        if found := role_of(left, "label"):
            return found, right or None
    words = text.split(" ")
    for count in range(min(len(words) - 1, 5), 0, -1):
        found = role_of(" ".join(words[:count]), "label")
        rest = " ".join(words[count:]).lstrip(":°º ").strip()
        if found and (shape := FOLLOWING.get(found.role)) and shape.fullmatch(rest):
            return found, rest
    return None


def labels_of(page: Page) -> list[Labelled]:
    """The labels outside the table of lines with their values: in the same cell, to the right, else below."""
    found: list[Labelled] = []
    label_cells = {
        (row, column): split
        for row, column, value in page.outside_items()
        if isinstance(value, str)
        and "\n" not in value.strip()
        and not value.strip().startswith(("{{", "[", "<"))
        and (split := split_label(value))
    }
    for position, (announced, inline) in label_cells.items():
        if inline is not None:
            found.append(Labelled(announced, position, position, inline))
            continue
        place = _value_place(page, position, label_cells)
        if place is not None:
            found.append(Labelled(announced, position, place, page.sheet.at(*place)))
        page.claimed.add(position)
    for row, column, value in page.outside_items():
        if isinstance(value, str) and "\n" in value.strip():
            for line in value.splitlines():
                split = split_label(line)
                if split and split[1]:
                    found.append(Labelled(split[0], (row, column), (row, column), split[1]))
    return found


def _is_one_line(text: str) -> bool:
    """Whether a text can be a label: one line, and no field of a mail merge."""
    return "\n" not in text.strip() and not text.strip().startswith(("{{", "[", "<"))


def _value_place(page: Page, label: Position, labels: dict[Position, tuple[Announced, str | None]]) -> Position | None:
    row, column = label
    right = page.right_of(row, column)
    below = (row + 1, column)
    inside = page.items is not None and page.items.header_row <= row + 1 < page.items_end
    free_below = page.sheet.at(*below) is not None and below not in labels and not inside and not _has_label_to_its_left(below, labels)
    near = right is not None and right[1] - column <= 1
    if right is not None and right not in labels and (near or not free_below):
        return right
    return below if free_below else None


def _has_label_to_its_left(position: Position, labels: dict[Position, tuple[Announced, str | None]]) -> bool:
    row, column = position
    return any((row, index) in labels and labels[(row, index)][1] is None for index in range(max(0, column - 2), column))


def is_placeholder(text: str) -> bool:
    """Whether a text is what a template shows before it is filled in."""
    return bool(PLACEHOLDERS.match(text.strip()))


def free_blocks(page: Page) -> list[list[Position]]:
    """The vertical runs of unclaimed texts above the lines: one block a column run, top to bottom and left to right."""
    cells = {
        (row, column)
        for row, column, value in page.outside_items()
        if isinstance(value, str) and page.is_above(row) and (row, column) not in page.claimed and re.search(r"[^\W\d_]{2}", value)
    }
    blocks: list[list[Position]] = []
    for row, column in sorted(cells, key=lambda place: (place[1], place[0])):
        if blocks and blocks[-1][-1] == (row - 1, column):
            blocks[-1].append((row, column))
        else:
            blocks.append([(row, column)])
    return sorted(blocks, key=lambda block: (block[0][0], block[0][1]))


def end_of_items(table: Table) -> int:
    """The first row below the lines: that of the first total with no further line below it, else the one after the last filled row."""
    total_rows, last_line, last = [], table.header_row, table.header_row
    for row in table.rows:
        cells = table.sheet.rows[row - table.sheet.first_row]
        if any(value is not None for value in cells):
            last = row
        if _is_priced(table, row):
            last_line = row
        elif any(isinstance(value, str) and is_total_label(value) for value in cells):
            total_rows.append(row)
    return next((row for row in total_rows if row > last_line), last + 1)


def _is_priced(table: Table, row: int) -> bool:
    """Whether a row is certainly a line: a name that is no total, with a quantity and a price."""
    names = [table.text(row, role) for role in ("item_name", "item_code")]
    numbers = [table.number(row, column) for role in ("quantity", "unit_price", "unit_price_gross") if (column := table.column(role))]
    priced = bool(numbers) and (None not in numbers or (len(numbers) > 2 and sum(number is not None for number in numbers) >= 2))
    named = any(re.search(r"[^\W\d_]{2}", name) for name in names if name)
    return priced and named and not is_subtotal(names[0] or "")


def is_subtotal(text: str) -> bool:
    """Whether the name of a row announces a sum, not a thing sold (« Sous-total fournitures », « À reporter »).

    >>> is_subtotal("Sous-total fournitures"), is_subtotal("Total HT"), is_subtotal("Totalisateur")
    (True, True, False)
    """
    return bool(re.match(r"(?:sous[- ]?total|total|sub[- ]?total|a reporter|report|zwischensumme|summe)\b", values.plain_text(text)))


def parts_of(sheet: Sheet, items: Sequence[Table]) -> list[Sheet]:
    """The sheet cut into one part for each of its tables of lines; each part begins where a title or a number opens a new document.

    Addresses stay those of the whole sheet.
    """
    if len(items) > 1 and items[0].header_row == items[1].header_row:
        edge = items[1].columns[0].index - sheet.first_column
        left = replace(sheet, rows=[row[:edge] for row in sheet.rows])
        right = replace(sheet, first_column=items[1].columns[0].index, rows=[row[edge:] for row in sheet.rows])
        return [left, right]
    starts = [sheet.first_row]
    for upper, lower in itertools.pairwise(items):
        opening = next((row for row in range(end_of_items(upper), lower.header_row) if _opens_a_document(sheet, row)), None)
        if opening is not None:
            while opening - 1 > end_of_items(upper) and any(value is not None for value in sheet.rows[opening - 1 - sheet.first_row]):
                opening -= 1
            starts.append(opening)
    ends = [*starts[1:], sheet.first_row + len(sheet.rows)]
    if len(starts) == 1:
        return [sheet]
    return [
        replace(sheet, first_row=start, rows=sheet.rows[start - sheet.first_row : end - sheet.first_row])
        for start, end in zip(starts, ends, strict=True)
    ]


def _opens_a_document(sheet: Sheet, row: int) -> bool:
    texts = [value for value in sheet.rows[row - sheet.first_row] if isinstance(value, str)]
    numbered = any((split := split_label(text)) and split[0].role == "number" for text in texts)
    return numbered or any(len(text) < 30 and kinds_of([text]) for text in texts)


TOTAL_ROLES = frozenset({"net", "vat", "gross", "amount", "prepaid", "due", "discount", "charge", "local_tax", "rounding", "vat_rate"})


def is_total_label(text: str) -> bool:
    """Whether a text announces one of the totals below the lines (« Total HT », « TVA 20 % », « Net à payer »)."""
    split = split_label(text)
    return bool(split) and split is not None and split[0].role in TOTAL_ROLES and not (split[0].role == "vat" and split[1])


def text_lines(page: Page, position: Position) -> list[str]:
    """The lines of text in a cell."""
    text = page.sheet.at(*position)
    lines = str(text).splitlines() if text is not None else []
    return [line.strip() for line in lines if line.strip() and len(line) <= LONGEST_LABELLED]


def shown(page: Page, position: Position) -> str:
    """The text of a cell."""
    return values.text_of(page.sheet.at(*position)) or ""
