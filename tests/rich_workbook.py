"""A workbook with all that a careless save would lose: macros, ribbon, chart, image, comments of both kinds, sparkline, data bar …"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from tests.packages import PACKAGE, RELATIONS, SPREADSHEET

MICROSOFT = "http://schemas.microsoft.com/office"
THREADED = f"{MICROSOFT}/spreadsheetml/2018/threadedcomments"
PERSON = "{11111111-2222-3333-4444-555555555555}"


def rich_workbook(path: Path) -> Path:
    """An .xlsm: sheet « Clients » (A1:C4, a table from A6), « Calcul » with formulas on it, « Fermée » protected but for B1."""
    _written(path)
    with_parts(
        path,
        {
            "customUI/customUI.xml": f'<customUI xmlns="{MICROSOFT}/2006/01/customui"><ribbon/></customUI>',
            "xl/persons/person.xml": f'<personList xmlns="{THREADED}"><person displayName="A" id="{PERSON}"/></personList>',
            "xl/threadedComments/threadedComment1.xml": f'<ThreadedComments xmlns="{THREADED}">'
            f'<threadedComment ref="A2" personId="{PERSON}" id="{PERSON}"><text>vu</text></threadedComment></ThreadedComments>',
            "xl/calcChain.xml": f'<calcChain xmlns="{SPREADSHEET}"><c r="A1" i="2"/><c r="A2"/></calcChain>',
        },
        {
            "_rels/.rels": [(f"{MICROSOFT}/2006/relationships/ui/extensibility", "customUI/customUI.xml")],
            "xl/_rels/workbook.xml.rels": [
                (f"{RELATIONS}/calcChain", "calcChain.xml"),
                (f"{MICROSOFT}/2017/10/relationships/person", "persons/person.xml"),
            ],
            "xl/worksheets/_rels/sheet1.xml.rels": [
                (f"{MICROSOFT}/2017/10/relationships/threadedComment", "../threadedComments/threadedComment1.xml")
            ],
        },
    )
    return path


def _written(path: Path) -> None:
    import xlsxwriter
    from PIL import Image

    picture, macros = io.BytesIO(), io.BytesIO(bytes(range(256)) * 8)
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    with xlsxwriter.Workbook(path) as book:
        book.add_vba_project(macros, is_stream=True)
        clients, sums, closed = (book.add_worksheet(name) for name in ("Clients", "Calcul", "Fermée"))
        blue = book.add_format({"font_color": "blue", "num_format": "0.00"})
        rows = (("SARL Test", 812345676, 100), ("Été & <fils>", "FR 18 812345676", 200), ("_x0041_", "x", 300))
        for row, values in enumerate(rows):
            for column, value in enumerate(values):
                clients.write(row, column, value, blue)
        clients.write_blank("C4", None, blue)
        clients.add_table("A6:B8", {"columns": [{"header": "Code"}, {"header": "Nom"}], "data": [["a", "b"], ["c", "d"]]})
        clients.merge_range("E1:F2", "fusion", blue)
        clients.write_comment("A1", "une note")
        clients.insert_image("H1", "rouge.png", {"image_data": picture})
        clients.add_sparkline("G1", {"range": "Clients!C1:C3"})
        clients.conditional_format("C1:C3", {"type": "data_bar", "data_bar_2010": True})
        clients.data_validation("B1:B3", {"validate": "length", "criteria": ">", "value": 0})
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=Clients!$C$1:$C$3"})
        clients.insert_chart("H8", chart)
        sums.write_formula("A1", "=SUM(Clients!C1:C3)", None, 600)
        sums.write_formula("A2", "=Clients!A1", None, "SARL Test")
        sums.write_array_formula("A4:A5", "{=Clients!C1:C2*2}", None, 200)
        closed.write("A1", "fermé")
        closed.write("B1", "ouvert", book.add_format({"locked": False}))
        closed.protect()


def with_parts(path: Path, parts: dict[str, str], relations: dict[str, list[tuple[str, str]]]) -> None:
    """Add parts to a package, and the relations that name them."""
    with zipfile.ZipFile(path) as package:
        contents = {name: package.read(name) for name in package.namelist()}
    for name, wanted in relations.items():
        known = contents[name].decode()
        added = "".join(f'<Relationship Id="more{at}" Type="{kind}" Target="{target}"/>' for at, (kind, target) in enumerate(wanted))
        contents[name] = known.replace("</Relationships>", f"{added}</Relationships>").encode()
    kinds = {"xl/calcChain.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"}
    kinds |= {name: "application/vnd.ms-excel.threadedcomments+xml" for name in parts if "threaded" in name}
    kinds |= {name: "application/vnd.ms-excel.person+xml" for name in parts if "person" in name}
    override = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in kinds.items())
    contents["xl/workbook.xml"] = contents["xl/workbook.xml"].replace(b' fullCalcOnLoad="1"', b"")
    types = contents["[Content_Types].xml"].decode()
    contents["[Content_Types].xml"] = types.replace("</Types>", f"{override}</Types>").encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in (contents | {name: text.encode() for name, text in parts.items()}).items():
            package.writestr(zipfile.ZipInfo(name, (2024, 5, 6, 7, 8, 10)), content)
    assert PACKAGE in types
