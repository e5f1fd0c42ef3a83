"""Real workbooks of strangers: scored against labels made by hand; whatever else they hold, it is read without harm and in time."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.corpus import CORPUS, needs_corpus
from xlbridge.legacy.reader import read_file, read_files
from xlbridge.legacy.refusal import SENTENCES

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
    start = time.perf_counter()
    result = read_file(path)
    spent = time.perf_counter() - start

    assert spent < LONGEST
    assert json.loads(json.dumps(result.as_json()))["verdict"] in {"documents", "refused"}
    assert (result.reason is None) == bool(result.documents)
    assert result.reason is None or result.reason in SENTENCES
    for document in result.documents:
        assert document.invoice.number or document.invoice.issue_date or document.invoice.lines
        assert all(cell.file == path.name for cell in document.origin.values())


@pytest.mark.parametrize("path", UNLABELLED, ids=lambda path: path.name)
def test_what_is_read_stands_in_the_cell_it_names(path: Path) -> None:
    """The cell of a text value of a form or a register holds that text."""
    from xlbridge.legacy.values import text_of
    from xlbridge.workbook.grid import open_workbook

    sheets = {sheet.name: sheet for sheet in open_workbook(path).sheets}
    for document in read_file(path).documents[:20]:
        for where, value in (("number", document.invoice.number), ("buyer.name", document.invoice.buyer.name)):
            cell = document.origin.get(where)
            if value is None:
                assert cell is None
                continue
            assert cell is not None, where
            texts = {sheets[cell.sheet].address(row, column): text_of(held) or "" for row, column, held in sheets[cell.sheet].cells()}
            assert value.casefold() in texts[cell.address].casefold()
