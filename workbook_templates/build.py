"""Makes every workbook of this folder from code; none is edited by hand.

`python -m workbook_templates.build FOLDER` writes the empty template, and the examples beside it in `exemples/`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from xlbridge.workbook.demo import build_demo
from xlbridge.workbook.template import write_template

TEMPLATE_NAME = "facturation.xlsx"


def build(folder: Path) -> list[Path]:
    """Write the template and the examples into `folder`; the paths of all that was written."""
    folder.mkdir(parents=True, exist_ok=True)
    write_template(folder / TEMPLATE_NAME)
    return [folder / TEMPLATE_NAME, *build_demo(folder / "exemples")]


if __name__ == "__main__":
    for written in build(Path(sys.argv[1] if len(sys.argv) > 1 else ".")):
        sys.stdout.write(f"{written}\n")
