"""Real workbooks of strangers: scored against labels made by hand; whatever else they hold, it is read without harm and in time."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import pytest

from tests.corpus import CORPUS, needs_corpus
from xlbridge.document import Document
from xlbridge.findings import Cell
from xlbridge.legacy.reader import read_file, read_files
from xlbridge.legacy.refusal import SENTENCES
from xlbridge.legacy.values import text_of
from xlbridge.workbook.grid import open_workbook

WORKBOOKS = CORPUS / "workbooks"
SCORER = CORPUS.parent / "tools" / "score_reading.py"
UNLABELLED = sorted((WORKBOOKS / "unlabelled").glob("*")) if WORKBOOKS.is_dir() else []
LONGEST = 10.0  # seconds a file

pytestmark = [needs_corpus, pytest.mark.slow]


def test_score_of_the_labelled_workbooks(tmp_path: Path) -> None:
    """At least 19 verdicts and three quarters of the values; no value that is wrong and not named by a finding."""
    readings = read_files(sorted((WORKBOOKS / "labelled").glob("*")))
    found = tmp_path / "read.json"
    found.write_text(json.dumps({"files": [item.as_json() for item in readings]}), "utf-8")
    command = [sys.executable, str(SCORER), str(WORKBOOKS / "expected"), str(found), "--verbose"]
    scored = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stdout
    summary = re.search(r"verdicts (\d+)/(\d+); values found (\d+)/(\d+) .*silently false (\d+)", scored)

    assert summary, scored
    right, files, values, held, silent = map(int, summary.groups())
    assert files == len(list((WORKBOOKS / "expected").glob("*.json")))
    assert silent == 0, scored
    assert right >= 19, scored
    assert values >= 0.75 * held, scored


@pytest.mark.parametrize("path", UNLABELLED, ids=lambda path: path.name)
def test_no_workbook_breaks_or_delays_the_reader(path: Path) -> None:
    start = time.process_time()
    result = read_file(path)
    spent = time.process_time() - start

    assert spent < LONGEST
    assert json.loads(json.dumps(result.as_json()))["verdict"] in {"documents", "refused"}
    assert (result.reason is None) == bool(result.documents)
    assert result.reason is None or result.reason in SENTENCES
    for document in result.documents:
        assert document.invoice.number or document.invoice.issue_date or document.invoice.lines
        assert all(cell.file == path.name for cell in document.origin.values())
    _stand_in_their_cells(path, result.documents[:20])


def _stand_in_their_cells(path: Path, documents: Sequence[Document]) -> None:
    """Numbers and buyers are texts of the cells that they name."""
    held = {
        Cell(path.name, sheet.name, sheet.address(row, column)): text_of(value) or ""
        for sheet in open_workbook(path).sheets
        for row, column, value in islice(sheet.cells(), 20_000)
    }
    for document in documents:
        for where, value in (("number", document.invoice.number), ("buyer.name", document.invoice.buyer.name)):
            assert (value is None) == (where not in document.origin)
            assert value is None or value.casefold() in held[document.origin[where]].casefold()
