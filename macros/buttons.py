"""The commands as buttons in a sheet: form controls in a VML drawing, which Excel and LibreOffice both bind to a macro.

They stand in a strip to the right of all that the sheet shows, so that they cover nothing.
"""

from __future__ import annotations

import re
from html import escape
from itertools import count, pairwise

from lxml import etree

from xlbridge.desk.commands import COMMANDS, Command

FIRST_TOP = {"Accueil": 108, "Factures": 52}  # the sheets that may have the buttons, the first choice first; pixels left free above
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
# What stands after the drawing in a sheet (ISO 29500-1, CT_Worksheet).
FOLLOWING = {
    f"{{{MAIN}}}{name}"
    for name in ("legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst")
}
DRAWING = "xl/drawings/vmlDrawingButtons.vml"
CONTENT_TYPE = '<Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/>'
LAST_OF_EXCEL = 16384
FIRST_SHAPE = 64 * 1024 + 1  # of the block that the drawing names; those of comments come from the first blocks
COLUMN, PIXELS_PER_POINT = 64, 4 / 3  # the standard width of a column, in pixels
LEFT, WIDTH, HEIGHT, GAP, GROUP_GAP = 12, 150, 30, 6, 16

HEAD = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="64"/></o:shapelayout>'
    '<v:shapetype id="_x0000_t201" coordsize="21600,21600" o:spt="201" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path shadowok="f" o:extrusionok="f" strokeok="f" fillok="f" o:connecttype="rect"/>'
    '<o:lock v:ext="edit" shapetype="t"/></v:shapetype>'
)
SHAPE = (
    '<v:shape id="_x0000_s{id}" type="#_x0000_t201" alt="{tip}" style="position:absolute;z-index:1;mso-wrap-style:tight" o:button="t" '
    'fillcolor="buttonFace [67]" strokecolor="windowText [64]" o:insetmode="auto"><v:fill color2="buttonFace [67]" o:detectmouseclick="t"/>'
    '<o:lock v:ext="edit" rotation="t"/><v:textbox style="mso-direction-alt:auto" o:singleclick="f"><div style="text-align:center">'
    '<font face="Calibri" size="220" color="#000000">{label}</font></div></v:textbox><x:ClientData ObjectType="Button">'
    "<x:Anchor>{anchor}</x:Anchor><x:PrintObject>False</x:PrintObject><x:AutoFill>False</x:AutoFill>"
    "<x:FmlaMacro>[0]!{macro}</x:FmlaMacro><x:TextHAlign>Center</x:TextHAlign><x:TextVAlign>Center</x:TextVAlign></x:ClientData></v:shape>"
)


def with_buttons(parts: dict[str, bytes]) -> dict[str, bytes]:
    """The parts of a workbook written by XlsxWriter, with a button for each command.

    Raises ValueError where the sheet has a VML drawing of its own.
    """
    sheet_part, top = _place(parts)
    sheet = etree.fromstring(parts[sheet_part])
    if sheet.find(f"{{{MAIN}}}legacyDrawing") is not None:
        raise ValueError(f"{sheet_part} already has a VML drawing")
    drawing = etree.Element(f"{{{MAIN}}}legacyDrawing", {f"{{{RELATIONS}}}id": "rIdButtons"})
    sheet.insert(next((at for at, element in enumerate(sheet) if element.tag in FOLLOWING), len(sheet)), drawing)
    return parts | {
        sheet_part: etree.tostring(sheet, xml_declaration=True, encoding="UTF-8", standalone=True),
        DRAWING: (HEAD + "".join(_shapes(sheet, top)) + "</xml>").encode(),
        **_relation(parts, sheet_part),
        "[Content_Types].xml": _with_vml(parts["[Content_Types].xml"]),
    }


def _place(parts: dict[str, bytes]) -> tuple[str, int]:
    """The sheet's part, and where its first button begins."""
    book = etree.fromstring(parts["xl/workbook.xml"])
    names = [str(sheet.get("name")) for sheet in book.iter(f"{{{MAIN}}}sheet")]
    chosen = next(name for name in FIRST_TOP if name in names)
    # XlsxWriter numbers the parts of sheets in their order.
    return f"xl/worksheets/sheet{names.index(chosen) + 1}.xml", FIRST_TOP[chosen]


def _relation(parts: dict[str, bytes], sheet_part: str) -> dict[str, bytes]:
    name = sheet_part.replace("worksheets/", "worksheets/_rels/") + ".rels"
    none = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
    target = f"../drawings/{DRAWING.rpartition('/')[2]}"
    relation = f'<Relationship Id="rIdButtons" Type="{RELATIONS}/vmlDrawing" Target="{target}"/></Relationships>'
    return {name: parts.get(name, none).replace(b"</Relationships>", relation.encode())}


def _with_vml(content_types: bytes) -> bytes:
    if b'Extension="vml"' in content_types:
        return content_types
    return content_types.replace(b"<Override", CONTENT_TYPE.encode() + b"<Override", 1)


def _shapes(sheet: etree._Element, top: int) -> list[str]:
    column, tops = _first_free_column(sheet), _tops(top, list(COMMANDS.values()))
    right, right_offset = divmod(LEFT + WIDTH, COLUMN)
    shapes = []
    for number, (command, up) in enumerate(zip(COMMANDS.values(), tops, strict=True), FIRST_SHAPE):
        (first, down), (last, last_down) = _row_at(sheet, up), _row_at(sheet, up + HEIGHT)
        anchor = f"{column}, {LEFT}, {first}, {down}, {column + right}, {right_offset}, {last}, {last_down}"
        text = {"tip": escape(command.tip), "label": escape(command.label), "macro": command.macro}
        shapes.append(SHAPE.format(id=number, anchor=anchor, **text))
    return shapes


def _tops(first: int, commands: list[Command]) -> list[int]:
    """Where each button begins, in pixels from the top: a wider gap between groups."""
    tops = [first]
    for before, after in pairwise(commands):
        tops.append(tops[-1] + HEIGHT + (GAP if before.group == after.group else GROUP_GAP))
    return tops


def _first_free_column(sheet: etree._Element) -> int:
    """The first column, from 0, right of every cell and of every column that has a width of its own."""
    widths = [int(str(column.get("max"))) for column in sheet.iter(f"{{{MAIN}}}col")]
    cells = [_column(str(cell.get("r"))) for cell in sheet.iter(f"{{{MAIN}}}c")]
    return max([last for last in widths if last < LAST_OF_EXCEL] + cells, default=0)


def _column(address: str) -> int:
    letters = re.sub(r"\d", "", address)
    return sum((ord(letter) - 64) * 26**place for place, letter in enumerate(reversed(letters)))


def _row_at(sheet: etree._Element, pixels: int) -> tuple[int, int]:
    """The row, from 0, at so many pixels from the top, and how many of them are in it."""
    standard = next((row.get("defaultRowHeight", "15") for row in sheet.iter(f"{{{MAIN}}}sheetFormatPr")), "15")
    heights = {int(str(row.get("r"))): row.get("ht", standard) for row in sheet.iter(f"{{{MAIN}}}row")}
    for row in count():
        height = round(float(heights.get(row + 1, standard)) * PIXELS_PER_POINT)
        if pixels < height:
            break
        pixels -= height
    return row, pixels
