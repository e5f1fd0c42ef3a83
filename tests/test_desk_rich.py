"""A workbook that holds everything a workbook may hold, checked and cleared in Calc: every cell is as it was."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.calc_stage import calc_port, needs_calc, running_office
from tests.issuing_stage import FIRST, company, draft
from tests.rich_workbook import rich_template
from xlbridge.desk.performing import perform
from xlbridge.workbook.calc_reading import areas, places
from xlbridge.workbook.template_writer import write_template

pytestmark = [pytest.mark.slow, needs_calc]
LOOKS = (
    "NumberFormat", "CellBackColor", "IsCellBackgroundTransparent", "CharFontName", "CharHeight", "CharWeight", "CharPosture", "CharColor",
    "CharUnderline", "HoriJustify", "VertJustify", "IsTextWrapped", "TopBorder.OuterLineWidth", "BottomBorder.Color", "CellStyle",
    "CellProtection.IsLocked", "Validation.Type",
)  # fmt: skip


def look(cells: Any, path: str) -> str:
    for step in path.split("."):
        cells = getattr(cells, step)
    return str(cells)


def seen(document: Any) -> dict[str, Any]:
    """All that one sees of the cells of every sheet, but of the two that a check writes to."""
    found: dict[str, Any] = {}
    for sheet in document.Sheets:
        if sheet.Name in {"Contrôle", "Accueil"}:
            continue
        cursor = sheet.createCursor()
        cursor.gotoEndOfUsedArea(False)
        end = cursor.RangeAddress
        used = sheet.getCellRangeByPosition(0, 0, end.EndColumn, end.EndRow)
        found[f"{sheet.Name} values"] = used.getFormulaArray()
        found[f"{sheet.Name} results"] = used.getDataArray()
        found[f"{sheet.Name} looks"] = {
            place: looks
            for group in used.UniqueCellFormatRanges
            for looks in [tuple(look(group, path) for path in LOOKS)]
            for place in places(areas(group))
        }
        found[f"{sheet.Name} notes"] = [
            (note.Position.Row, note.Position.Column, note.String, note.Author, note.IsVisible) for note in sheet.Annotations
        ]
        found[f"{sheet.Name} shapes"] = sorted(
            (shape.ShapeType, shape.Position.X, shape.Position.Y, shape.Size.Width)
            for shape in sheet.DrawPage
            if "Caption" not in shape.ShapeType
        )
    return found


def test_check_and_clear_leave_every_cell_of_a_rich_workbook_as_it_was(tmp_path: Path) -> None:
    late = draft(0).model_copy(update={"due_date": FIRST - timedelta(days=3)})
    path = rich_template(tmp_path / "facturier.xlsm", lambda file: write_template(file, [late, draft(1)], company()), "Factures", "Lignes")
    with running_office() as office:
        document = office.open(path)
        port = calc_port(office, document)
        before = seen(document)
        assert any(notes for name, notes in before.items() if name.endswith("notes"))
        assert "bloquant" in perform("check", port).text
        marked = seen(document)
        changed = {name for name in before if before[name] != marked[name]}
        assert {name.split()[-1] for name in changed} == {"looks", "notes"}
        assert "effacée" in perform("clear", port).text
        after = seen(document)
        assert after.keys() == before.keys()
        assert {name: after[name] for name in after if after[name] != before[name]} == {}
