"""The built add-in and workbook: their source is the text here, their bytes are always the same, every button has its procedure."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from lxml import etree
from openpyxl import load_workbook

from macros.build import ADD_IN, EXTENSION, HERE, MODULES, WORKBOOK, build, source
from macros.buttons import with_buttons
from xlbridge.desk.commands import COMMANDS
from xlbridge.workbook.template_writer import CREATED

RIBBON = "{http://schemas.microsoft.com/office/2006/01/customui}"
ALL_MODULES = sorted(path.stem for path in HERE.glob("*.bas"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    assert [path.name for path in build(folder)] == [ADD_IN, WORKBOOK, EXTENSION]
    return folder


def procedures(modules: tuple[str, ...]) -> set[str]:
    return {name for module in modules for name in re.findall(r"^Public Sub (\w+)\(", source(module), re.MULTILINE)}


def read_back(path: Path) -> dict[str, str]:
    """The modules of a file as an independent reader finds them."""
    from oletools.olevba import VBA_Parser

    parser = VBA_Parser(str(path))
    try:
        return {name: code for _file, _stream, name, code in parser.extract_macros()}
    finally:
        parser.close()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # oletools uses old names of pyparsing
@pytest.mark.parametrize("name", [ADD_IN, WORKBOOK])
def test_the_project_holds_the_text_of_this_folder_and_nothing_else(built: Path, name: str) -> None:
    found = read_back(built / name)
    documents = {module for module in found if module.endswith(".cls")}
    assert {module.removesuffix(".bas") for module in found.keys() - documents} == set(MODULES[name])
    for module in MODULES[name]:
        assert found[f"{module}.bas"].splitlines() == source(module).splitlines()
    for document in documents:
        assert all(line.startswith("Attribute VB_") for line in found[document].splitlines() if line)


def test_the_same_text_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    build(tmp_path)
    for name in (ADD_IN, WORKBOOK, EXTENSION):
        assert (tmp_path / name).read_bytes() == (built / name).read_bytes()
        with zipfile.ZipFile(tmp_path / name) as package:
            assert {member.date_time for member in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            if name == EXTENSION:
                continue
            assert set(re.findall(rb"\d{4}-\d\d-\d\dT", package.read("docProps/core.xml"))) == {f"{CREATED:%Y-%m-%dT}".encode()}


def test_the_ribbon_shows_the_commands_and_each_has_its_procedure(built: Path) -> None:
    with zipfile.ZipFile(built / ADD_IN) as package:
        ribbon = etree.fromstring(package.read("customUI/customUI.xml"))
        assert b"2006/relationships/ui/extensibility" in package.read("_rels/.rels")
        assert b"addin.macroEnabled" in package.read("[Content_Types].xml")
    (tab,) = ribbon.iter(f"{RIBBON}tab")
    assert tab.get("label") == "Facturation"
    shown = [
        (button.get("tag"), button.get("label"), button.get("supertip"), button.get("imageMso"), button.getparent().get("label"))
        for button in ribbon.iter(f"{RIBBON}button")
    ]
    assert shown == [(entry.word, entry.label, entry.tip, entry.icon, entry.group) for entry in COMMANDS.values()]
    assert {button.get("onAction") for button in ribbon.iter(f"{RIBBON}button")} <= procedures(MODULES[ADD_IN])
    ids = [element.get("id") for element in ribbon.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert all(len(text) <= 1024 for entry in shown for text in entry)


def test_the_sheet_has_a_button_for_each_command_and_each_has_its_procedure(built: Path) -> None:
    with zipfile.ZipFile(built / WORKBOOK) as package:
        drawing = package.read("xl/drawings/vmlDrawingButtons.vml").decode()
        assert not [name for name in package.namelist() if "customUI" in name], "the ribbon is in the add-in alone"
    assert re.findall(r"<x:FmlaMacro>\[0\]!(\w+)<", drawing) == [command.macro for command in COMMANDS.values()]
    calls = re.findall(r'Public Sub (\w+)\(\)\r\n    XlbStart "(\w+)", ThisWorkbook\r\nEnd Sub', source("XlbBoutons"))
    assert calls == [(command.macro, command.word) for command in COMMANDS.values()]
    assert procedures(("XlbBoutons",)) == {command.macro for command in COMMANDS.values()}


def test_the_buttons_stand_beside_what_the_sheet_shows(built: Path) -> None:
    book = load_workbook(built / WORKBOOK)
    sheet = book["Accueil" if "Accueil" in book.sheetnames else "Factures"]
    with zipfile.ZipFile(built / WORKBOOK) as package:
        drawing = package.read("xl/drawings/vmlDrawingButtons.vml").decode()
    anchors = [[int(number) for number in anchor.split(", ")] for anchor in re.findall(r"<x:Anchor>(.+?)<", drawing)]
    assert {anchor[0] for anchor in anchors} == {anchors[0][0]}
    assert anchors[0][0] >= sheet.max_column
    tops = [(anchor[2], anchor[3]) for anchor in anchors]
    bottoms = [(anchor[6], anchor[7]) for anchor in anchors]
    assert all(bottom < top for bottom, top in zip(bottoms, tops[1:], strict=False))


@pytest.mark.parametrize("module", ALL_MODULES)
def test_a_module_is_as_excel_imports_it_and_as_both_applications_compile_it(module: str) -> None:
    data = (HERE / f"{module}.bas").read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n")
    text = data.decode("cp1252")
    assert text.encode("cp1252") == data
    assert text.startswith(f'Attribute VB_Name = "{module}"\r\nOption Explicit\r\n')
    assert max(len(line) for line in text.splitlines()) <= 160
    assert module not in re.findall(r"(?:Sub|Function) (\w+)", text), "no module is named like a procedure"
    assert "As IRibbonControl" not in text
    assert module in {name for modules in MODULES.values() for name in modules}


def test_the_drawing_stands_where_the_schema_wants_it() -> None:
    """Excel repairs, and so changes, a sheet whose elements are in another order."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
    sheet = f'<worksheet xmlns="{main}"><sheetData/><pageSetup/>{{}}</worksheet>'
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{main}"><sheets><sheet name="Clients"/><sheet name="Factures"/></sheets></workbook>'.encode(),
        "xl/worksheets/_rels/sheet2.xml.rels": relations,
        "[Content_Types].xml": b"<Types><Override/></Types>",
    }
    for after in ("", "<extLst/>", "<tableParts/>", "<tableParts/><extLst/>"):
        made = with_buttons(parts | {"xl/worksheets/sheet2.xml": sheet.format(after).encode()})
        tags = [etree.QName(element).localname for element in etree.fromstring(made["xl/worksheets/sheet2.xml"])]
        assert tags == ["sheetData", "pageSetup", "legacyDrawing", *re.findall(r"<(\w+)/>", after)]
        assert made["[Content_Types].xml"].count(b'Extension="vml"') == 1


def test_a_sheet_with_a_drawing_of_its_own_is_not_overwritten(built: Path) -> None:
    with zipfile.ZipFile(io.BytesIO((built / WORKBOOK).read_bytes())) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    with pytest.raises(ValueError, match="already has a VML drawing"):
        with_buttons(parts)
