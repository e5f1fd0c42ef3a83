"""What stands around the cells of a sheet part (18.3.1.99): elements put where the schema wants them, the view and its cursor."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from xlbridge.findings import Cell
from xlbridge.workbook.address import address_of, column_letters
from xlbridge.workbook.details import Position
from xlbridge.workbook.layers import Layers, office_relations
from xlbridge.workbook.sheet_cells import Scan, with_cells
from xlbridge.workbook.splice import Edit, Element, element_at, end_of, escaped, removed, spliced, top_level, walk, with_attribute

ORDER = (
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection", "protectedRanges",
    "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells", "phoneticPr", "conditionalFormatting",
    "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks",
    "customProperties", "cellWatches", "ignoredErrors", "smartTags", "drawing", "legacyDrawing", "legacyDrawingHF", "drawingHF", "picture",
    "oleObjects", "controls", "webPublishItems", "tableParts", "extLst",
)  # fmt: skip
"""The children of a sheet in the order of the schema."""
LEFT_OF_CURSOR, ABOVE_CURSOR = 2, 5
IN_SIGHT = (20, 6)  # rows and columns that fit on any screen


def top_elements(data: bytes) -> list[Element]:
    """The children of the root."""
    return top_level(data).children


def removed_elements(data: bytes, name: str) -> bytes:
    """The part without its children of this name."""
    return removed(data, [item for item in top_elements(data) if item.name == name])


def inserted(data: bytes, name: str, new: bytes) -> bytes:
    """The part with a new child, before the first that comes after it in the order of the schema."""
    root = top_level(data)
    later = set(ORDER[ORDER.index(name) + 1 :])
    cells = next(item.start for item in root.children if item.name == "sheetData")
    wrapped = {"AlternateContent"} if ORDER.index(name) < ORDER.index("oleObjects") else set()  # which holds objects and controls
    place = next(
        (item.start for item in root.children if item.name in later or (item.name in wrapped and item.start > cells)),
        data.rindex(b"</", root.inner, root.end),
    )
    return spliced(data, [Edit(place, place, new)])


def protected(data: bytes) -> bytes:
    """The part with our own protection (18.3.1.85), without a password, where it has none."""
    known = next((item for item in top_elements(data) if item.name == "sheetProtection"), None)
    if known is not None and known.attributes.get("sheet") in {"1", "true"}:
        return data
    tag = f'<{top_level(data).prefix}sheetProtection sheet="1" objects="1" scenarios="1" formatColumns="0" sort="0" autoFilter="0"/>'
    return inserted(removed_elements(data, "sheetProtection"), "sheetProtection", tag.encode())


def placed(parts: Layers, data: bytes, name: str, identifier: str) -> bytes:
    """The part with a child that names another part by its relation."""
    tag = f'<{top_level(data).prefix}{name} xmlns:r="{office_relations(parts)}" r:id="{identifier}"/>'
    return inserted(data, name, tag.encode())


def descendants(data: bytes, *names: str) -> list[Element]:
    """Every element of one of these names at any depth, in the order of their ends."""
    waiting: list[Element | None] = []
    found = []

    def begin(depth: int, name: str, attributes: list[str], byte: int) -> None:  # noqa: ARG001
        waiting.append(element_at(data, name, attributes, byte) if name.rpartition(":")[2] in names else None)

    def finish(depth: int, name: str, byte: int) -> None:  # noqa: ARG001
        if (done := waiting.pop()) is not None:
            done.end = end_of(data, done, byte)
            found.append(done)

    walk(data, begin, finish)
    return found


def restyled(data: bytes, styles: Mapping[Position, int]) -> bytes:
    """The part with other styles of these cells, made where they are not there yet; what they hold stays."""
    scan = Scan(data, styles)
    if missing := [where for where in styles if where not in scan.cells]:
        data = with_cells(scan, dict.fromkeys(missing), (), False, styles)
        scan = Scan(data, styles)
    cells = scan.cells.items()
    tags = ((cell, with_attribute(data[cell.start : cell.inner], b"s", str(styles[where]).encode())) for where, cell in cells)
    return spliced(data, [Edit(cell.start, cell.inner, tag) for cell, tag in tags])


def linked(data: bytes, links: Mapping[Position, Cell]) -> bytes:
    """The part with cells that lead to other cells of the workbook."""
    prefix, shown = top_level(data).prefix, {address_of(where): cell for where, cell in links.items()}
    data = removed(data, [item for item in descendants(data, "hyperlink") if item.attributes.get("ref") in shown])
    new = b"".join(
        f'<{prefix}hyperlink ref="{address}" location="'.encode() + _place(cell) + b'" display="' + escaped(cell.reference) + b'"/>'
        for address, cell in shown.items()
    )
    known = next((item for item in top_elements(data) if item.name == "hyperlinks"), None)
    if known is None:
        return inserted(data, "hyperlinks", f"<{prefix}hyperlinks>".encode() + new + f"</{prefix}hyperlinks>".encode())
    if known.closed(data):
        return spliced(
            data, [Edit(known.start, known.end, data[known.start : known.end - 2] + b">" + new + f"</{prefix}hyperlinks>".encode())]
        )
    last = data.rindex(b"</", known.inner, known.end)
    return spliced(data, [Edit(last, last, new)])


def _place(cell: Cell) -> bytes:
    """Where a link leads: the sheet's name is always quoted (18.17.2.3)."""
    return escaped("'" + cell.sheet.replace("'", "''") + f"'!{cell.address}")


def unlinked(data: bytes, addresses: Collection[str]) -> bytes:
    """The part without those links of these cells that `linked` made for what the cells no longer hold."""
    if b"hyperlink " not in data:
        return data
    links = descendants(data, "hyperlink")
    gone = [item for item in links if item.attributes.get("ref") in addresses and _is_ours(item.attributes)]
    return removed_elements(data, "hyperlinks") if gone and len(gone) == len(links) else removed(data, gone)


def _is_ours(link: Mapping[str, str]) -> bool:
    """Whether a link shows its place, whose sheet stands in quotes even where it need not."""
    place = link.get("location", "")
    return place.startswith("'") and place.replace("'", "") == link.get("display", "").replace("'", "")


def behind(data: bytes) -> bytes:
    """The part of a sheet that is not in front."""
    views = [item for item in descendants(data, "sheetView") if "tabSelected" in item.attributes]
    return spliced(
        data, [Edit(item.start, item.inner, with_attribute(data[item.start : item.inner], b"tabSelected", None)) for item in views]
    )


def in_front(data: bytes, where: Position) -> bytes:
    """The part of the sheet in front with the cursor at a cell that is in sight."""
    prefix = top_level(data).prefix
    views = descendants(data, "sheetView")
    cell = f"{column_letters(where[1])}{where[0] + 1}"
    if not views:
        empty = f'<{prefix}sheetViews><{prefix}sheetView workbookViewId="0"/></{prefix}sheetViews>'
        return in_front(inserted(data, "sheetViews", empty.encode()), where)
    view = views[0]
    inside = [item for item in descendants(data, "pane", "selection") if view.start < item.start < view.end]
    pane = next((item for item in inside if item.name == "pane"), None)
    new = with_attribute(data[view.start : view.inner], b"tabSelected", b"1")
    edits: list[Edit] = []
    if pane is None:
        new = with_attribute(new, b"topLeftCell", _corner(where, (0, 0)))
    else:
        frozen = pane.attributes.get("state", "split").startswith("frozen")
        held = (_count(pane, "ySplit"), _count(pane, "xSplit")) if frozen else (0, 0)
        tag = data[pane.start : pane.inner]
        edits.append(Edit(pane.start, pane.inner, with_attribute(tag, b"topLeftCell", _corner(where, held))))
    cursor = _cursor(view, pane, [item for item in inside if item.name == "selection"], cell)
    if view.closed(data):
        whole = new[:-2].rstrip() + b">" + cursor.new + f"</{prefix}sheetView>".encode()
        return spliced(data, [Edit(view.start, view.end, whole)])
    return spliced(data, [Edit(view.start, view.inner, new), *edits, cursor])


def _count(pane: Element, name: str) -> int:
    return int(float(pane.attributes.get(name, 0)))


def _corner(where: Position, held: Position) -> bytes:
    """The first cell to be shown so that `where` is in sight; rows and columns that are held in place do not scroll."""
    above = (ABOVE_CURSOR, LEFT_OF_CURSOR)
    row, column = (
        start if at < start + fits else max(start, at - before)
        for at, start, fits, before in zip(where, held, IN_SIGHT, above, strict=True)
    )
    return f"{column_letters(column)}{row + 1}".encode()


def _cursor(view: Element, pane: Element | None, cursors: list[Element], cell: str) -> Edit:
    """The cursor of the part of the view that is in use."""
    active = pane.attributes.get("activePane", "topLeft") if pane else "topLeft"
    known = next((item for item in cursors if item.attributes.get("pane", "topLeft") == active), None)
    of_pane = f' pane="{active}"' if pane else ""
    new = f'<{view.prefix}selection{of_pane} activeCell="{cell}" sqref="{cell}"/>'.encode()
    if known is not None:
        return Edit(known.start, known.end, new)
    place = pane.end if pane else view.inner
    return Edit(place, place, new)
