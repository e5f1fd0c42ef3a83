"""Builds `xlbridge.xlam`, the only place of the ribbon; `facturier.xlsm`, our template with the same commands as buttons in a sheet; and
`xlbridge.oxt`, the same commands for LibreOffice Calc.

`python -m macros.build FOLDER`. All come from the text in this folder alone, and the same text gives the same bytes.
The VBA project holds source without compiled code, which Excel compiles when it opens the file ([MS-OVBA] 2.3.4.1).
"""

from __future__ import annotations

import io
import sys
import tempfile
import zipfile
from pathlib import Path

from macros.buttons import with_buttons
from macros.extension import EXTENSION, extension
from xlbridge.workbook.template_writer import CREATED, write_template

ADD_IN, WORKBOOK = "xlbridge.xlam", "facturier.xlsm"
HERE = Path(__file__).parent
SHARED = ("XlbHost", "XlbFiles", "XlbCommandes")
MODULES = {ADD_IN: (*SHARED, "XlbRuban"), WORKBOOK: (*SHARED, "XlbBoutons")}
RIBBON = "customUI/customUI.xml"
MAIN = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
WITH_MACROS = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
IS_ADD_IN = b"application/vnd.ms-excel.addin.macroEnabled.main+xml"
# The part of 2006: programs that know no later one keep it, and Excel reads it ([MS-OI29500] 3.4.1.3).
RIBBON_RELATION = (
    b'<Relationship Id="rIdRibbon" Type="http://schemas.microsoft.com/office/2006/relationships/ui/extensibility" '
    b'Target="' + RIBBON.encode() + b'"/></Relationships>'
)
FIRST_PARTS = ("[Content_Types].xml", "_rels/.rels")
EPOCH = (1980, 1, 1, 0, 0, 0)
Parts = dict[str, bytes]


def build(folder: Path) -> list[Path]:
    """Write add-in, workbook and extension into `folder`; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    built = {ADD_IN: add_in(), WORKBOOK: workbook(), EXTENSION: extension()}
    for name, parts in built.items():
        (folder / name).write_bytes(package(parts))
    return [folder / name for name in built]


def add_in() -> Parts:
    """The parts of the add-in: ribbon, callback, and what it calls."""
    parts = _with_macros(_parts(_empty_workbook()), MODULES[ADD_IN])
    _replace_once(parts, "[Content_Types].xml", WITH_MACROS, IS_ADD_IN)
    _replace_once(parts, "_rels/.rels", b"</Relationships>", RIBBON_RELATION)
    parts[RIBBON] = (HERE / "customUI.xml").read_bytes()
    return parts


def workbook() -> Parts:
    """The parts of the template with macros, and a button for each command."""
    with tempfile.TemporaryDirectory() as folder:
        write_template(Path(folder) / "template.xlsx")
        parts = _parts((Path(folder) / "template.xlsx").read_bytes())
    return _with_macros(with_buttons(parts), MODULES[WORKBOOK])


def source(module: str) -> str:
    """The text of a module, with the line ends of VBA; in the file it is Windows-1252."""
    return (HERE / f"{module}.bas").read_bytes().decode("cp1252").replace("\r\n", "\n").replace("\n", "\r\n")


def _empty_workbook() -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.set_properties({"title": "xlbridge", "comments": "Onglet « Facturation » : contrôler et émettre.", "created": CREATED})
        book.add_worksheet("xlbridge")
    return out.getvalue()


def _with_macros(parts: Parts, modules: tuple[str, ...]) -> Parts:
    """The package with a VBA project of `modules`, whatever its suffix will be: the project is made in an .xlsm."""
    from pyopenvba import ExcelFile, VBAModuleKind

    _replace_once(parts, "[Content_Types].xml", MAIN, WITH_MACROS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsm"
        path.write_bytes(package(parts))
        with ExcelFile(str(path)) as file:
            project = file.add_vba_project()
            for module in modules:
                project.add_module(module, source(module), kind=VBAModuleKind.standard)
            file.save()
        return _parts(path.read_bytes())


def _replace_once(parts: Parts, name: str, old: bytes, new: bytes) -> None:
    if parts[name].count(old) != 1:
        raise ValueError(f"{name} holds {old!r} {parts[name].count(old)} times")
    parts[name] = parts[name].replace(old, new)


def _parts(package: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def package(parts: Parts) -> bytes:
    """A zip archive of `parts`, with one order and one time for all."""
    out = io.BytesIO()
    first = [name for name in FIRST_PARTS if name in parts]
    with zipfile.ZipFile(out, "w") as archive:
        for name in (*first, *sorted(parts.keys() - set(first))):
            archive.writestr(zipfile.ZipInfo(name, EPOCH), parts[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()


if __name__ == "__main__":
    for written in build(Path(sys.argv[1] if len(sys.argv) > 1 else ".")):
        sys.stdout.write(f"{written}\n")
