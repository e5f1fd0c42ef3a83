"""Hands laid on the vault: files edited, swapped, deleted, added; the head; the closings. `verify` names each."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.proof_stage import DOCUMENTS, Stage, rendered, resealed, staged
from tests.stores import sqlite_store
from xlbridge.archive.names import object_path
from xlbridge.archive.vault import Vault
from xlbridge.errors import ExitCode
from xlbridge.findings import Check, Finding, Outcome, blocking
from xlbridge.ledger import chain
from xlbridge.ledger.head import Head
from xlbridge.ledger.seal import create_key
from xlbridge.ledger.store import head_of
from xlbridge.proof import exit_code_of
from xlbridge.proof.files import Snapshot, check_files
from xlbridge.proof.reading import read_facts


@pytest.fixture
def stage(tmp_path: Path, key_home: Path) -> Stage:
    return staged(sqlite_store(tmp_path), tmp_path)


def objects(stage: Stage) -> list[Path]:
    return [stage.vault.folder / object_path(name) for name in stage.vault.objects()]


def overwritten(path: Path, data: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(data)


def of_code(stage: Stage, code: str) -> list[Finding]:
    return [finding for finding in stage.found() if finding.code == code]


def number_of(stage: Stage, path: Path) -> set[str]:
    return {row["number"] for row in stage.rows(DOCUMENTS) if path.name[:64] in (row["pdf"], row["xml"], row["workbook"])}


@pytest.mark.slow
def test_a_changed_byte_is_named_wherever_it_stands(stage: Stage) -> None:
    with stage.engine.connect() as connection:
        facts, _ = read_facts(connection, with_register=False)
    tried = 0
    for path in objects(stage):
        whole = path.read_bytes()
        for at in {0, len(whole) - 1, *range(0, len(whole), len(whole) // 5)}:
            overwritten(path, whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            found = check_files(facts, Snapshot.of(stage.vault))
            assert [finding.code for finding in found] == ["REG-052"]
            assert found[0].values["file"].endswith(path.name)
            assert found[0].values["number"] in number_of(stage, path)
            tried += 1
        for data in (whole[:-1], whole + b"\n", b""):
            overwritten(path, data)
            assert [finding.code for finding in check_files(facts, Snapshot.of(stage.vault))] == ["REG-052"]
        overwritten(path, whole)
    assert tried > 90
    assert not stage.found()


def test_two_files_that_changed_places_are_named(stage: Stage) -> None:
    one, two = [path for path in objects(stage) if path.suffix == ".pdf"][:2]
    first, second = one.read_bytes(), two.read_bytes()
    overwritten(one, second)
    overwritten(two, first)
    found = of_code(stage, "REG-052")
    numbers = [number_of(stage, path).pop() for path in (one, two)]
    assert sorted(str(finding.values["number"]) for finding in found) == sorted(numbers)
    for number, other in (numbers, numbers[::-1]):
        (its,) = [finding for finding in found if finding.values["number"] == number]
        assert its.message.endswith(f"à sa place est le PDF de {other}.")


def test_each_missing_file_is_named(stage: Stage) -> None:
    aside = stage.vault.folder.parent / "aside"
    for path in objects(stage):
        path.rename(aside)
        found = stage.found()
        assert [finding.code for finding in found] == ["REG-051"]
        assert path.name[:64] in found[0].message
        assert found[0].values["number"] in number_of(stage, path)
        aside.rename(path)


def test_a_file_more_is_named(stage: Stage) -> None:
    added = stage.vault.put(b"%PDF-1.7 none of ours", ".pdf")
    assert [finding.values["file"] for finding in of_code(stage, "REG-053")] == [object_path(added.name)]
    (stage.vault.folder / "objects" / "notes.txt").write_text("x")
    assert "objects/notes.txt" in {finding.values["file"] for finding in of_code(stage, "REG-053")}


def test_what_an_interrupted_issue_left_is_told_and_stops_nothing(stage: Stage) -> None:
    data = b"not committed"
    name = stage.vault.put(data, ".xml").name
    (stage.vault.folder / object_path(name)).unlink()
    stage.vault.begin([name])
    stage.vault.put(data, ".xml")
    report = stage.verify()
    assert not blocking(report.findings)
    assert "REG-055" in {finding.code for finding in report.findings}


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_link_in_place_of_a_file_is_named(stage: Stage) -> None:
    path = objects(stage)[0]
    elsewhere = stage.vault.folder.parent / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    assert {"REG-051", "REG-053"} <= stage.codes()


def test_another_xml_in_the_pdf_is_named(stage: Stage) -> None:
    """A record that its owner sealed with the files of two documents."""
    bodies = [link.data for link in stage.links()]
    documents = [data for data in bodies if data["kind"] == chain.DOCUMENT]
    documents[0]["content"]["files"]["xml"] = documents[1]["content"]["files"]["xml"]
    stage.rewritten(resealed(bodies, stage.key))
    assert [(finding.values["number"]) for finding in of_code(stage, "REG-054")] == [rendered()[0][0].number]


def test_a_vault_that_is_gone_or_of_another_ledger_is_named(stage: Stage) -> None:
    stage.vault.folder.rename(stage.vault.folder.with_name("gone"))
    report = stage.verify()
    assert exit_code_of(report) is ExitCode.LEDGER_BROKEN
    assert Check("files", Outcome.NON_COMPLIANT) in report.checks
    Vault.create(stage.vault.folder, "f" * 32)
    assert stage.codes() == {"REG-050"}


def test_without_a_vault_the_checks_are_left_out_and_a_note_says_so(stage: Stage) -> None:
    report = stage.verify(archive=False)
    assert {"head", "files"}.isdisjoint(check.name for check in report.checks)
    assert "REG-090" in {finding.code for finding in report.findings}
    assert exit_code_of(report) is ExitCode.OK


# The head


def head_file(stage: Stage) -> Path:
    return stage.vault.folder / "tete.json"


def test_every_change_of_the_head_is_named(stage: Stage) -> None:
    whole = head_file(stage).read_bytes()
    for at in range(0, len(whole), 23):
        head_file(stage).write_bytes(whole[:at] + (b"7" if whole[at : at + 1] != b"7" else b"8") + whole[at + 1 :])
        assert stage.codes() == {"REG-042"}, at
    for data in (b"", b"[]", b"{}", b"\xff", whole + b" ", whole.replace(b'"seq":', b'"seq":"x","then":')):
        head_file(stage).write_bytes(data)
        assert stage.codes() == {"REG-042"}, data
    head_file(stage).unlink()
    assert stage.codes() == {"REG-043"}


def test_a_head_signed_by_another_key_or_of_another_ledger_is_named(stage: Stage) -> None:
    other = create_key(stage.vault.folder.parent / "autre.pem", "x")
    with stage.engine.connect() as connection:
        head = head_of(connection, stage.ledger)
    changed = {name: getattr(head, name) for name in head.__dataclass_fields__}
    stage.vault.write_head(Head(**{**changed, "public": other.public}).signed(other).as_bytes)
    assert stage.codes() == {"REG-017"}
    stage.vault.write_head(Head(**{**changed, "ledger": "f" * 32}).signed(stage.key).as_bytes)
    assert stage.codes() == {"REG-042"}
    stage.vault.write_head(Head(**{**changed, "hash": "f" * 64}).signed(stage.key).as_bytes)
    assert stage.codes() == {"REG-041"}


def test_an_older_ledger_put_back_is_named(stage: Stage) -> None:
    path = Path(stage.ledger.url.removeprefix("sqlite:///"))
    older = path.with_name("older.sqlite")
    shutil.copy(path, older)
    with stage.ledger.writing(stage.key) as writer:
        writer.append_event(chain.STATUS, {"number": "F2027-0001"})
    with stage.engine.connect() as connection:
        stage.vault.write_head(head_of(connection, stage.ledger).signed(stage.key).as_bytes)
    assert not stage.found()
    shutil.copy(older, path)
    assert stage.codes() == {"REG-044"}


# Closings


def closing_links(stage: Stage) -> list[chain.Link]:
    return [link for link in stage.links() if link.kind == chain.CLOSING]


def test_a_closing_deleted_from_ledger_and_vault_is_named(stage: Stage) -> None:
    """Even by the owner of the key, who makes the rest of the chain right again: a later closing, or that of the year, is the witness."""
    for link in closing_links(stage)[:3]:
        period = link.content["period"]
        stage.rewritten(resealed([other.data for other in stage.links() if other.seq != link.seq], stage.key))
        missing = [finding.message for finding in of_code(stage, "REG-061")]
        files = [finding.values["file"] for finding in of_code(stage, "REG-064")]
        assert len(missing) == 1
        assert files == [f"clotures/{period}.json"]
        stage.restored()


def test_a_closing_that_says_something_else_is_named(stage: Stage) -> None:
    for link in closing_links(stage):
        for name in ("count", "first_seq", "last_seq", "events_seq"):
            bodies = [other.data for other in stage.links()]
            bodies[link.seq - 1]["content"][name] += 1
            stage.rewritten(resealed(bodies, stage.key))
            wrong = [finding.values["seq"] for finding in of_code(stage, "REG-060")]
            assert link.seq in wrong
        stage.restored()


def test_every_file_of_a_closing_is_compared(stage: Stage) -> None:
    for relative in stage.vault.closings():
        path = stage.vault.folder / relative
        whole = path.read_bytes()
        overwritten(path, whole.replace(b'"hash"', b'"hasch"'))
        assert [finding.values["file"] for finding in stage.found()] == [relative]
        path.unlink()
        assert [(finding.code, finding.values["file"]) for finding in stage.found()] == [("REG-062", relative)]
        path.write_bytes(whole)
    (stage.vault.folder / "clotures" / "2026-08.json").write_bytes(b"{}")
    assert [finding.values["file"] for finding in of_code(stage, "REG-064")] == ["clotures/2026-08.json"]
