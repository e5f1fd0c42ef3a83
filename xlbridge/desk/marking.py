"""The findings of a closed workbook marked on their cells as « Vérifier » does, in a copy: the workbook itself is never written to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xlbridge.desk.checking import show
from xlbridge.errors import WrongUse
from xlbridge.findings import Report
from xlbridge.workbook.closed import ClosedPort
from xlbridge.workbook.template_rules import DRAFT


def copy_to_mark(files: Sequence[Path], target: Path) -> ClosedPort:
    """The one workbook of `files`, whose marks `mark_copy` writes to `target`. Raises WrongUse for several; UnreadableFile."""
    if len(files) != 1:
        raise WrongUse(f"--marks vaut pour un seul classeur ; il y en a {len(files)}.", "Donnez-les un par un, chacun avec sa copie.")
    return ClosedPort(files[0], target)


def mark_copy(copy: ClosedPort, report: Report) -> None:
    """Write the copy with the findings on their cells, in « Contrôle » and in « Accueil »; that a draft is one, its sheet says."""
    show(copy, copy.snapshot(), [finding for finding in report.findings if finding.code != DRAFT.code])
    copy.save()
