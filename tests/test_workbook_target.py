"""Where a workbook is to be written and cannot be: it is told, and what is told is not the clearing up."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from xlbridge.errors import WrongUse
from xlbridge.workbook import target
from xlbridge.workbook.new import create

SUFFIX = ".xlsx"
LONGEST = 255  # of a name, on every file system in use


def test_a_name_that_the_disk_refuses_is_told_though_the_clearing_up_fails_too(tmp_path: Path) -> None:
    longest = tmp_path / ("a" * (LONGEST - len(SUFFIX)) + SUFFIX)
    with pytest.raises(WrongUse, match="ne peut pas être écrit"):
        target.write_whole(longest, b"x")
    assert list(tmp_path.iterdir()) == []


def test_a_workbook_on_a_disk_that_is_closed_is_refused_before_anything_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "factures.xlsx"
    path.write_bytes(b"x")
    target.refuse_read_only(path)
    for closed in (path, tmp_path):
        monkeypatch.setattr(os, "access", lambda place, mode, closed=closed: Path(place) != closed)
        with pytest.raises(WrongUse, match="ne peut pas être changé"):
            target.refuse_read_only(path)


@pytest.mark.skipif(os.name == "nt", reason="Windows refuse les liens à qui n’est pas administrateur")
def test_a_new_workbook_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    path = tmp_path / "facturier.xlsx"
    path.symlink_to(tmp_path / "absent" / "facturier.xlsx")
    with pytest.raises(WrongUse, match="ne peut pas être écrit"):
        create(path)
