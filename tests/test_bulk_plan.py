"""Which files a conversion takes, under which names, and what it does not redo."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlbridge.bulk.plan import last_run, plan, unchanged, workbooks_in
from xlbridge.errors import WrongUse
from xlbridge.file_names import RESERVED, safe_name


def touch(path: Path, content: bytes = b"a;b\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_folders_are_searched_without_lock_files_client_lists_and_results(tmp_path: Path) -> None:
    kept = [touch(tmp_path / "a.csv"), touch(tmp_path / "sub" / "b.XLSX")]
    for name in ("~$a.xlsx", "a.sauvegarde.csv", ".~lock.a.csv#", "clients.csv", "lisez-moi.txt", "out/x.xlsx", "out/deep/y.csv"):
        touch(tmp_path / name)
    assert workbooks_in([tmp_path], tmp_path / "out") == kept
    alone = touch(tmp_path / "c.sauvegarde.xlsx")  # whose workbook is gone
    assert workbooks_in([tmp_path], tmp_path / "out") == [kept[0], alone, kept[1]]


def test_results_inside_the_searched_folder_are_found_when_they_are_named(tmp_path: Path) -> None:
    sample = touch(tmp_path / "out" / "exemples" / "a.csv")
    assert workbooks_in([tmp_path / "out" / "exemples"], tmp_path / "out") == [sample]


def test_a_conversion_into_its_own_folder_leaves_its_report_out(tmp_path: Path) -> None:
    sample = touch(tmp_path / "a.csv")
    touch(tmp_path / "conversion.xlsx")
    assert workbooks_in([tmp_path], tmp_path) == [sample]


def test_a_path_that_does_not_exist_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="n’existe pas"):
        workbooks_in([tmp_path / "absent.xlsx"])
    with pytest.raises(WrongUse, match="Aucun classeur"):
        workbooks_in([tmp_path])
    with pytest.raises(WrongUse, match="Aucun classeur"):
        plan([tmp_path], tmp_path / "out")


def test_workbooks_of_one_name_get_folders_of_their_own(tmp_path: Path) -> None:
    for name in ("a/Factures.xlsx", "b/factures.csv", "c/factures-2.csv"):
        touch(tmp_path / name)
    folders = [job.folder for job in plan([tmp_path], tmp_path / "out")]
    assert len({folder.casefold() for folder in folders}) == 3


def test_the_company_comes_from_the_option_or_from_beside_the_workbook_never_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    touch(tmp_path / "entreprise.toml")
    alone = touch(tmp_path / "w" / "a.csv")
    beside = touch(tmp_path / "v" / "b.csv")
    own = touch(tmp_path / "v" / "entreprise.toml")
    jobs = {job.path: job.company for job in plan([alone, beside], tmp_path / "out")}
    assert jobs == {alone: None, beside: own}
    explicit = touch(tmp_path / "autre.toml")
    assert {job.company for job in plan([alone, beside], tmp_path / "out", explicit)} == {explicit}


def test_what_changes_the_key(tmp_path: Path) -> None:
    path = touch(tmp_path / "a.csv")
    out = tmp_path / "out"
    first = plan([path], out)[0].key
    assert plan([path], out)[0].key == first
    touch(tmp_path / "clients.csv")
    second = plan([path], out)[0].key
    touch(path, b"a;c\n")
    third = plan([path], out)[0].key
    assert len({first, second, third}) == 3


def test_a_record_counts_only_while_its_pdfs_are_as_they_were(tmp_path: Path) -> None:
    job = plan([touch(tmp_path / "a.csv")], tmp_path / "out")[0]
    pdf = touch(tmp_path / "out" / "a" / "1.pdf", b"%PDF")
    import hashlib

    digest = hashlib.sha256(b"%PDF").hexdigest()
    record = {"file": str(job.path), "key": job.key, "folder": "a", "documents": [{"pdf": "a/1.pdf", "pdf_sha256": digest}]}
    report = tmp_path / "out" / "conversion.json"
    report.write_text(json.dumps({"files": [record]}))
    assert unchanged(job, last_run(tmp_path / "out"), tmp_path / "out")
    pdf.write_bytes(b"%PDX")
    assert unchanged(job, last_run(tmp_path / "out"), tmp_path / "out") is None
    report.write_text("{broken")
    assert last_run(tmp_path / "out") == {}


@given(st.text(max_size=200))
def test_a_safe_name_stays_in_its_folder_on_every_system(text: str) -> None:
    name = safe_name(text)
    assert name
    assert not set('<>:"/\\|?*\x00\n') & set(name)
    assert name.casefold() not in RESERVED
    assert name not in {".", ".."}
    assert not name.endswith((" ", "."))
    assert len(name) <= 81
