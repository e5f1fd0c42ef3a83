"""Workbooks with all that a careless save would lose: macros, ribbon, chart, image, comments of both kinds, sparkline, pivot, slicer …"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.packages import PACKAGE, RELATIONS, SPREADSHEET

MICROSOFT = "http://schemas.microsoft.com/office"
THREADED = f"{MICROSOFT}/spreadsheetml/2018/threadedcomments"
PERSON = "{11111111-2222-3333-4444-555555555555}"
RIBBON = {"customUI/customUI.xml": f'<customUI xmlns="{MICROSOFT}/2006/01/customui"><ribbon/></customUI>'}
PERSONS = {"xl/persons/person.xml": f'<personList xmlns="{THREADED}"><person displayName="A" id="{PERSON}"/></personList>'}
TO_PERSONS = f"{MICROSOFT}/2017/10/relationships/person"
THREAD = (
    f'<ThreadedComments xmlns="{THREADED}"><threadedComment ref="A2" personId="{PERSON}" id="{PERSON}"><text>vu</text></threadedComment>'
    "</ThreadedComments>"
)
CONTENT_TYPES = {
    "calcChain": "vnd.openxmlformats-officedocument.spreadsheetml.calcChain",
    "threadedComment": "vnd.ms-excel.threadedcomments",
    "person": "vnd.ms-excel.person",
    "pivotTable": "vnd.openxmlformats-officedocument.spreadsheetml.pivotTable",
    "pivotCacheDefinition": "vnd.openxmlformats-officedocument.spreadsheetml.pivotCacheDefinition",
    "pivotCacheRecords": "vnd.openxmlformats-officedocument.spreadsheetml.pivotCacheRecords",
    "slicer": "vnd.ms-excel.slicer",
    "slicerCache": "vnd.ms-excel.slicerCache",
}
X14 = f"{MICROSOFT}/spreadsheetml/2009/9/main"
BESIDE = 40  # the column from which the furniture stands


def rich_workbook(path: Path) -> Path:
    """An .xlsm: sheet « Clients » (A1:C4, a table from A6), « Calcul » with formulas on it, « Fermée » protected but for B1."""
    _written(path)
    with_parts(
        path,
        {
            **RIBBON,
            **PERSONS,
            "xl/threadedComments/threadedComment1.xml": THREAD,
            "xl/calcChain.xml": f'<calcChain xmlns="{SPREADSHEET}"><c r="A1" i="2"/><c r="A2"/></calcChain>',
        },
        {
            "_rels/.rels": [(f"{MICROSOFT}/2006/relationships/ui/extensibility", "customUI/customUI.xml")],
            "xl/_rels/workbook.xml.rels": [
                (f"{RELATIONS}/calcChain", "calcChain.xml"),
                (TO_PERSONS, "persons/person.xml"),
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


def rich_template(path: Path, write: Callable[[Path], None], *names: str) -> Path:
    """The .xlsm that `write` makes by XlsxWriter, with all of that beside the tables of the sheets `names` and on « À moi »."""
    import xlsxwriter

    numbers = []

    class Furnished(xlsxwriter.Workbook):  # type: ignore[misc]
        def close(self) -> None:
            if not self.fileclosed:
                self.add_vba_project(io.BytesIO(bytes(range(256)) * 8), is_stream=True)
                own = self.add_worksheet("À moi")
                own.write_column("A1", ["Nom", "a", "b", "a"])
                own.write_column("B1", ["Montant", 1, 2, 3])
                for sheet in (own, *map(self.get_worksheet_by_name, names)):
                    _furnish(self, sheet)
                    numbers.append(sheet.index + 1)
            super().close()

    with patch("xlsxwriter.Workbook", Furnished):
        write(path)
    with_parts(path, RIBBON, {"_rels/.rels": [(f"{MICROSOFT}/2006/relationships/ui/extensibility", "customUI/customUI.xml")]})
    threads = {f"xl/threadedComments/threadedComment{number}.xml": THREAD for number in numbers}
    kind = f"{MICROSOFT}/2017/10/relationships/threadedComment"
    to_threads = {
        f"xl/worksheets/_rels/sheet{number}.xml.rels": [(kind, f"../threadedComments/threadedComment{number}.xml")] for number in numbers
    }
    with_parts(path, PERSONS | threads, to_threads | {"xl/_rels/workbook.xml.rels": [(TO_PERSONS, "persons/person.xml")]})
    _add_pivot_and_slicer(path, numbers[0])
    return path


def _add_pivot_and_slicer(path: Path, number: int) -> None:
    """A pivot of A1:B4 of a sheet at D1, and its slicer, as Excel writes them."""
    sheet, folder = f"xl/worksheets/sheet{number}.xml", "xl/pivotCache"
    cached = f"{folder}/pivotCacheDefinition1.xml"
    slicer = (f"{MICROSOFT}/2007/relationships/slicer", "../slicers/slicer1.xml")
    parts = {
        cached: PIVOT_CACHE,
        f"{folder}/pivotCacheRecords1.xml": PIVOT_RECORDS,
        f"{folder}/_rels/pivotCacheDefinition1.xml.rels": _relation("r1", f"{RELATIONS}/pivotCacheRecords", "pivotCacheRecords1.xml"),
        "xl/pivotTables/pivotTable1.xml": PIVOT,
        "xl/pivotTables/_rels/pivotTable1.xml.rels": _relation(
            "r1", f"{RELATIONS}/pivotCacheDefinition", "../pivotCache/pivotCacheDefinition1.xml"
        ),
        "xl/slicers/slicer1.xml": SLICER,
        "xl/slicerCaches/slicerCache1.xml": SLICER_CACHE.format(number),
    }
    relations = {
        f"xl/worksheets/_rels/sheet{number}.xml.rels": [(f"{RELATIONS}/pivotTable", "../pivotTables/pivotTable1.xml"), slicer],
        "xl/_rels/workbook.xml.rels": [
            (f"{RELATIONS}/pivotCacheDefinition", "pivotCache/pivotCacheDefinition1.xml"),
            (f"{MICROSOFT}/2007/relationships/slicerCache", "slicerCaches/slicerCache1.xml"),
        ],
    }
    with_parts(path, parts, relations)
    with zipfile.ZipFile(path) as package:
        own, book = (package.read(name).decode() for name in (sheet, "xl/workbook.xml"))
    changed = {
        sheet: own.replace("</extLst>", f"{SLICER_LIST}</extLst>"),
        "xl/workbook.xml": book.replace("</workbook>", f"{CACHES_OF_BOOK}</workbook>"),
    }
    with_parts(path, changed, {})


def _relation(identifier: str, kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="{identifier}" Type="{kind}" Target="{target}"/></Relationships>'
    )


SLICER = f'<slicers xmlns="{X14}"><slicer name="Nom" cache="Segment_Nom" caption="Nom" rowHeight="241300"/></slicers>'
SLICER_LIST = (
    f'<ext xmlns:x14="{X14}" uri="{{A8765BA9-456A-4dab-B4F3-ACF838C121DE}}"><x14:slicerList>'
    f'<x14:slicer xmlns:r="{RELATIONS}" r:id="slicer1"/></x14:slicerList></ext>'
)
CACHES_OF_BOOK = (
    '<pivotCaches><pivotCache cacheId="1" r:id="pivotCacheDefinition1"/></pivotCaches>'
    f'<extLst><ext xmlns:x14="{X14}" uri="{{BBE1A952-AA13-448e-AADC-164F8A28A991}}"><x14:slicerCaches>'
    '<x14:slicerCache r:id="slicerCache1"/></x14:slicerCaches></ext></extLst>'
)
PIVOT_CACHE = (
    f'<pivotCacheDefinition xmlns="{SPREADSHEET}" xmlns:r="{RELATIONS}" r:id="r1" refreshOnLoad="1" recordCount="3">'
    '<cacheSource type="worksheet"><worksheetSource ref="A1:B4" sheet="À moi"/></cacheSource><cacheFields count="2">'
    '<cacheField name="Nom" numFmtId="0"><sharedItems count="2"><s v="a"/><s v="b"/></sharedItems></cacheField>'
    '<cacheField name="Montant" numFmtId="0"><sharedItems containsSemiMixedTypes="0" containsString="0" containsNumber="1"'
    ' containsInteger="1" minValue="1" maxValue="3"/></cacheField></cacheFields></pivotCacheDefinition>'
)
PIVOT_RECORDS = (
    f'<pivotCacheRecords xmlns="{SPREADSHEET}" count="3"><r><x v="0"/><n v="1"/></r><r><x v="1"/><n v="2"/></r>'
    '<r><x v="0"/><n v="3"/></r></pivotCacheRecords>'
)
PIVOT = (
    f'<pivotTableDefinition xmlns="{SPREADSHEET}" name="Croisé" cacheId="1" dataCaption="Valeurs" outline="1">'
    '<location ref="D1:E4" firstHeaderRow="1" firstDataRow="1" firstDataCol="1"/><pivotFields count="2"><pivotField axis="axisRow"'
    ' showAll="0"><items count="3"><item x="0"/><item x="1"/><item t="default"/></items></pivotField><pivotField dataField="1"'
    ' showAll="0"/></pivotFields><rowFields count="1"><field x="0"/></rowFields><rowItems count="3"><i><x/></i><i><x v="1"/></i>'
    '<i t="grand"><x/></i></rowItems><colItems count="1"><i/></colItems><dataFields count="1"><dataField name="Somme" fld="1"'
    ' baseField="0" baseItem="0"/></dataFields></pivotTableDefinition>'
)
SLICER_CACHE = (
    f'<slicerCacheDefinition xmlns="{X14}" name="Segment_Nom" sourceName="Nom"><pivotTables><pivotTable tabId="{{}}" name="Croisé"/>'
    '</pivotTables><data><tabular pivotCacheId="1"><items count="2"><i x="0" s="1"/><i x="1" s="1"/></items></tabular></data>'
    "</slicerCacheDefinition>"
)


def _furnish(book: Any, sheet: Any) -> None:
    """Chart, image, text box, sparkline, note, data bar and validation, right of what the sheet holds."""
    from PIL import Image

    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    sheet.write_column(1, BESIDE, [3, 1, 2])
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": [sheet.get_name(), 1, BESIDE, 3, BESIDE]})
    sheet.insert_chart(8, BESIDE, chart)
    sheet.insert_image(1, BESIDE + 5, "rouge.png", {"image_data": picture})
    sheet.insert_textbox(30, BESIDE, "une zone de texte")
    sheet.add_sparkline(5, BESIDE, {"range": f"'{sheet.get_name()}'!AO2:AO4"})
    sheet.write_comment(2, BESIDE, "une note")
    sheet.conditional_format(1, BESIDE, 3, BESIDE, {"type": "data_bar", "data_bar_2010": True})
    sheet.data_validation(1, BESIDE, 3, BESIDE, {"validate": "integer", "criteria": ">", "value": 0})


def with_parts(path: Path, parts: dict[str, str], relations: dict[str, list[tuple[str, str]]]) -> None:
    """Add parts to a package, and the relations that name them."""
    with zipfile.ZipFile(path) as package:
        contents = {name: package.read(name) for name in package.namelist()}
    for name, wanted in relations.items():
        known = contents[name].decode()
        added = "".join(f'<Relationship Id="{Path(target).stem}" Type="{kind}" Target="{target}"/>' for kind, target in wanted)
        contents[name] = known.replace("</Relationships>", f"{added}</Relationships>").encode()
    kinds = {name: CONTENT_TYPES.get(re.sub(r"\d*\.\w+$", "", name.rpartition("/")[2])) for name in parts if name not in contents}
    override = "".join(f'<Override PartName="/{name}" ContentType="application/{kind}+xml"/>' for name, kind in kinds.items() if kind)
    contents["xl/workbook.xml"] = contents["xl/workbook.xml"].replace(b' fullCalcOnLoad="1"', b"")
    types = contents["[Content_Types].xml"].decode()
    contents["[Content_Types].xml"] = types.replace("</Types>", f"{override}</Types>").encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in (contents | {name: text.encode() for name, text in parts.items()}).items():
            package.writestr(zipfile.ZipInfo(name, (2024, 5, 6, 7, 8, 10)), content)
    assert PACKAGE in types
