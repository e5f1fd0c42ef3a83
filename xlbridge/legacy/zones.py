"""The cells of a form that belong to the buyer, and those of the delivery address, which is neither party's.

A block begins at its label (« Client : », « Facturé à », « Adresse de facturation ») and ends at a blank row or at a label of another kind.
"""

from __future__ import annotations

from xlbridge.legacy.regions import Labelled, Page, Position, shown, split_label
from xlbridge.legacy.values import plain_text

OPENINGS = frozenset({"address", "buyer_name", "delivery_address", "seller_name"})
STOPS = frozenset({"number", "issue_date", "due_date", "order", "payment_terms", "seller_name", "project", "delivery_address"})


def buyer_zone_of(page: Page, labels: list[Labelled]) -> set[Position]:
    """The cells of the buyer's block: after « Client : », else after « Adresse de facturation »."""
    anchor = next((item for item in labels if item.role == "buyer_name"), None)
    if anchor:
        return _zone(page, labels, anchor.label_at, anchor.value_at[1])
    place = _bare_anchor(page) or next((item.label_at for item in labels if opens_buyer(page, item)), None)
    return _zone(page, labels, place, place[1]) if place else set()


def opens_buyer(page: Page, item: Labelled) -> bool:
    """Whether « Adresse de facturation » stands above a block, name first, and not before an address alone."""
    is_billing = item.role == "address" and "facturation" in plain_text(shown(page, item.label_at))
    return is_billing and item.value_at == (item.label_at[0] + 1, item.label_at[1])


def claim_delivery(page: Page, labels: list[Labelled], buyer_zone: set[Position]) -> None:
    """Set the block of the delivery address aside: it is neither party."""
    for item in labels:
        if item.role == "delivery_address":
            page.claimed.update(_zone(page, labels, item.label_at, item.value_at[1]) - buyer_zone)


def _zone(page: Page, labels: list[Labelled], place: Position, last_column: int) -> set[Position]:
    """The cells of the block that a label opens: down to a blank row, to a label of another kind, or to the block beside it."""
    row, column = place
    others = {item.label_at: item.role for item in labels}
    beside = min(
        (index for (line, index), role in others.items() if line == row and index > last_column and role in OPENINGS), default=None
    )
    end = min(max(last_column, column) + 3, beside) if beside is not None else max(last_column, column) + 3
    zone: set[Position] = set()
    blank = 0
    while page.is_above(row) and blank < (2 if row == place[0] + 1 else 1):
        cells = [(row, index) for index in range(column, end)]
        if row > place[0] and {others.get(cell) for cell in cells} & STOPS:
            break
        blank = blank + 1 if all(page.sheet.at(*cell) is None for cell in cells) else 0
        zone.update(cells)
        row += 1
        if page.items is None and row > place[0] + 12:
            break
    return zone


def _bare_anchor(page: Page) -> Position | None:
    """A « Facturé à » whose block stands below without touching it."""
    for row, column, value in page.outside_items():
        if isinstance(value, str) and value.strip() and page.is_above(row):
            split = split_label(value.strip().splitlines()[0])
            if split and split[0].role == "buyer_name" and not split[1]:
                return row, column
    return None
