"""What we write holds to Office's own schemas and rules, by a judge that is not ours: Excel itself cannot be asked here."""

from __future__ import annotations

from pathlib import Path

import pytest
from openxml_audit import FileFormat, OpenXmlValidator

from macros.build import build
from tests.issuing_stage import Office, draft
from workbook_templates.build import build as build_templates
from xlbridge.checking import check
from xlbridge.desk.marking import copy_to_mark, mark_copy
from xlbridge.issuing.session import Places

pytestmark = pytest.mark.slow
FORMATS = (FileFormat.OFFICE_2007, FileFormat.OFFICE_2019)


def faults(path: Path) -> list[str]:
    """What is wrong with a file, for an old Excel and for a newer one."""
    return [f"{error.part_uri} {error.description}" for known in FORMATS for error in OpenXmlValidator(known).validate(path).errors]


def test_the_workbooks_and_the_add_in(tmp_path: Path) -> None:
    build(tmp_path)
    build_templates(tmp_path)
    made = [path for path in sorted(tmp_path.iterdir()) if path.suffix in {".xlsx", ".xlsm", ".xlam"}]
    assert [path.name for path in made] == ["facturier-exemple.xlsx", "facturier.xlsm", "facturier.xlsx", "xlbridge.xlam"]
    assert {path.name: faults(path) for path in made} == {path.name: [] for path in made}


def test_a_workbook_from_which_was_issued_and_its_marked_copy(tmp_path: Path, key_home: Path) -> None:
    office = Office(tmp_path, Places(str(tmp_path / "registre.sqlite"), tmp_path / "coffre", str(tmp_path / "clé.pem")))
    office.write(draft(0), draft(1))
    assert [item.link is not None for item in office.issue("B1").issued] == [True]
    marked = tmp_path / "marques.xlsx"
    mark_copy(copy_to_mark([office.workbook], marked), check(office.workbook))
    assert faults(office.workbook) == []
    assert faults(marked) == []


def test_the_judge_sees_a_fault(tmp_path: Path) -> None:
    from tests.rich_workbook import with_parts
    from xlbridge.workbook.template_writer import write_template

    path = tmp_path / "faux.xlsx"
    write_template(path)
    with_parts(
        path, {"xl/styles.xml": '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><none/></styleSheet>'}, {}
    )
    assert faults(path)
