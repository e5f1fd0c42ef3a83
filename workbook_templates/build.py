"""Makes the workbooks of this folder from code; none is edited by hand.

`python -m workbook_templates.build [FOLDER]` writes the empty template and one with invented data.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from xlbridge.workbook.demo_data import CLIENTS, COMPANY, template_invoices
from xlbridge.workbook.template import write_template

HERE = Path(__file__).parent
TEMPLATE_NAME, EXAMPLE_NAME = "facturier.xlsx", "facturier-exemple.xlsx"
EXAMPLE_DAY = date(2026, 10, 26)
PAID = {"F2026-0001": date(2026, 9, 28), "F2026-0002": date(2026, 10, 6), "F2026-0004": date(2026, 9, 24), "F2026-0006": date(2026, 10, 9)}


def build(folder: Path = HERE) -> list[Path]:
    """Write the template and the example into `folder`; the paths of both."""
    folder.mkdir(parents=True, exist_ok=True)
    template, example = folder / TEMPLATE_NAME, folder / EXAMPLE_NAME
    write_template(template)
    write_template(example, template_invoices(), COMPANY, CLIENTS, PAID, EXAMPLE_DAY)
    return [template, example]


if __name__ == "__main__":
    for written in build(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE):
        sys.stdout.write(f"{written}\n")
