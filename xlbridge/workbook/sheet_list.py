"""The sheets of a closed workbook (18.2.19): one more, one less, another in front; what else names them by place or title follows."""

from __future__ import annotations

import zipfile
from typing import Any

from xlbridge.errors import WrongUse
from xlbridge.workbook import container
from xlbridge.workbook.details_ooxml import related, sheet_part
from xlbridge.workbook.layers import Layers, connected, disconnected, main_part, office_relations, relations_of, serialised, typed

WORKSHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
FORBIDDEN = set("[]:*?/\\")
LONGEST_NAME = 31
OWNED = ("comments", "vmlDrawing", "table", "threadedComment", "printerSettings")
"""The kinds of parts that belong to one sheet alone."""
WIDE = '<sheetFormatPr defaultColWidth="28" defaultRowHeight="15"/>'  # sentences go there
MARGINS = '<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>'


def visible_sheet(parts: zipfile.ZipFile) -> str:
    """The first sheet that is not hidden."""
    sheets = container.tree(parts, main_part(parts)).iterfind("{*}sheets/{*}sheet")
    return next(str(sheet.get("name")) for sheet in sheets if sheet.get("state", "visible") == "visible")


def with_sheet(parts: Layers, name: str) -> dict[str, bytes | None]:
    """The parts that change with a new empty sheet behind the others. Raises WrongUse."""
    main = main_part(parts)
    root = container.tree(parts, main)
    sheets = root.find("{*}sheets")
    if any(sheet.get("name").lower() == name.lower() for sheet in sheets):
        raise WrongUse(f"Le classeur a déjà une feuille « {name} ».", "Renommez-la ou supprimez-la, puis recommencez.")
    if not 0 < len(name) <= LONGEST_NAME or set(name) & FORBIDDEN or name.startswith("'") or name.endswith("'"):
        raise WrongUse(f"« {name} » ne peut pas nommer une feuille.", "Choisissez un nom de 31 caractères au plus, sans [ ] : * ? / \\.")
    part = parts.free_name("xl/worksheets/sheet{}.xml")
    identifier, relations = connected(parts, main, "worksheet", part)
    number = max(int(sheet.get("sheetId")) for sheet in sheets) + 1
    space = root.tag.rpartition("}")[0] + "}"
    new = sheets.makeelement(f"{space}sheet", {"name": name, "sheetId": str(number)})
    new.set(f"{{{office_relations(parts)}}}id", identifier)
    sheets.append(new)
    empty = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{space[1:-1]}">{WIDE}<sheetData/>{MARGINS}</worksheet>'
    )
    changes = {part: empty.encode(), main: serialised(root), **relations, **typed(parts, {part: WORKSHEET_TYPE})}
    return changes | _titled(parts, [sheet.get("name") for sheet in sheets])


def without_sheet(parts: Layers, name: str) -> dict[str, bytes | None]:
    """The parts that change once a sheet is gone. Raises WrongUse for the last one in sight; KeyError where there is none."""
    main = main_part(parts)
    part, _hidden = sheet_part(parts, main, name)
    root = container.tree(parts, main)
    sheets = root.find("{*}sheets")
    place = next(at for at, sheet in enumerate(sheets) if sheet.get("name") == name)
    if all(sheet.get("state", "visible") != "visible" for at, sheet in enumerate(sheets) if at != place):
        raise WrongUse(f"« {name} » est la seule feuille visible : un classeur en garde toujours une.", "Affichez une autre feuille.")
    sheets.remove(sheets[place])
    _renumber(root, place)
    gone = {part} | {target for kind in OWNED for target in related(parts, part, kind)}
    changes: dict[str, bytes | None] = dict.fromkeys(gone)
    changes |= {relations_of(name): None for name in gone if relations_of(name) in parts.namelist()}
    chain = related(parts, main, "calcChain")  # names its cells by sheet: made anew by the application
    changes |= dict.fromkeys(chain) | disconnected(parts, main, {part, *chain}) | typed(parts, {}, gone | set(chain))
    return changes | {main: serialised(root)} | _titled(parts, [sheet.get("name") for sheet in sheets])


def fronted(parts: Layers, name: str) -> dict[str, bytes | None]:
    """The workbook part with a sheet in front."""
    main = main_part(parts)
    root = container.tree(parts, main)
    place = next(at for at, sheet in enumerate(root.find("{*}sheets")) if sheet.get("name") == name)
    _view(root).set("activeTab", str(place))
    return {main: serialised(root)}


def _view(root: Any) -> Any:
    """The window of the workbook, made where there is none."""
    known = root.find("{*}bookViews/{*}workbookView")
    if known is not None:
        return known
    space = root.tag.rpartition("}")[0] + "}"
    sheets = root.find("{*}sheets")
    views = root.makeelement(f"{space}bookViews")
    sheets.addprevious(views)
    views.append(root.makeelement(f"{space}workbookView"))
    return views[0]


def _renumber(root: Any, place: int) -> None:
    """What names sheets by their place, once the one at `place` is gone: views, and names that hold on one sheet (18.2.5)."""
    for view in root.iterfind("{*}bookViews/{*}workbookView"):
        for attribute in ("activeTab", "firstSheet"):
            known = int(view.get(attribute, 0))
            if known >= place and known:
                view.set(attribute, str(known - 1))
        sheets = root.find("{*}sheets")
        if sheets[int(view.get("activeTab", 0))].get("state", "visible") != "visible":
            view.set("activeTab", str(next(at for at, sheet in enumerate(sheets) if sheet.get("state", "visible") == "visible")))
    for name in list(root.iterfind("{*}definedNames/{*}definedName")):
        where = name.get("localSheetId")
        if where is not None and int(where) == place:
            name.getparent().remove(name)
        elif where is not None and int(where) > place:
            name.set("localSheetId", str(int(where) - 1))
    names = root.find("{*}definedNames")
    if names is not None and not len(names):
        root.remove(names)


def _titled(parts: Layers, names: list[str]) -> dict[str, bytes | None]:
    """The properties of the file with the titles of its sheets (22.2.2.5), where it has such."""
    known = related(parts, "", "extended-properties")
    root = container.tree(parts, known[0]) if known else None
    pairs = root.find("{*}HeadingPairs/{*}vector") if root is not None else None
    titles = root.find("{*}TitlesOfParts/{*}vector") if root is not None else None
    if pairs is None or titles is None or len(pairs) < 2 or not len(titles):
        return {}
    count = pairs[1].find("{*}i4")  # the sheets come first, then charts and names
    if count is None:
        return {}
    model = titles[0]
    for item in titles[: int(count.text)]:
        titles.remove(item)
    for place, name in enumerate(names):
        item = titles.makeelement(model.tag)
        item.text = name
        titles.insert(place, item)
    count.text = str(len(names))
    titles.set("size", str(len(titles)))
    return {known[0]: serialised(root)}


def sheet_names(parts: zipfile.ZipFile) -> list[str]:
    """The names of the sheets, in order."""
    return [sheet.get("name") for sheet in container.tree(parts, main_part(parts)).iterfind("{*}sheets/{*}sheet")]
