"""Hands laid on the database: every column of every row, records taken out, added, swapped, rewritten. `verify` names each."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Integer, Table, delete, update

from tests.proof_stage import CORRECTIONS, DOCUMENTS, EVENTS, LEDGER, RECORDS, Stage, built, replace, resealed, staged
from tests.stores import Store
from xlbridge.errors import ExitCode, LedgerBroken
from xlbridge.findings import Outcome, blocking
from xlbridge.ledger import chain
from xlbridge.ledger.chain import Link
from xlbridge.ledger.schema import APPEND_ONLY, metadata
from xlbridge.ledger.seal import create_key
from xlbridge.proof import exit_code_of
from xlbridge.proof.reading import read_facts

pytestmark = pytest.mark.slow


@pytest.fixture
def stage(ledger_store: Store, tmp_path: Path) -> Stage:
    return staged(ledger_store, tmp_path)


def test_an_untouched_ledger_gives_no_finding(ledger_store: Store, tmp_path: Path) -> None:
    stage = built(ledger_store, tmp_path)
    report = stage.verify()
    assert [finding.code for finding in report.findings] == ["REG-091"]  # no workbook was given
    assert {check.outcome for check in report.checks} == {Outcome.COMPLIANT}
    assert [check.name for check in report.checks] == [
        "chain", "events", "index", "numbering", "key", "head", "files", "closings", "clock",
    ]  # fmt: skip
    assert exit_code_of(report) is ExitCode.OK
    assert {link.kind for link in stage.links()} == {
        chain.OPENING, chain.SERIES, chain.DOCUMENT, chain.TAKEN_OVER, chain.CLOSING,
    }  # fmt: skip
    assert [link.content["period"] for link in stage.links() if link.kind == chain.CLOSING] == ["2026-10", "2026-11", "2026-12", "2026"]


def test_every_table_is_sealed_or_compared() -> None:
    assert set(metadata.tables.values()) == set(APPEND_ONLY)


def _other_values(column: Column[Any], value: Any) -> Iterator[Any]:
    """Values that differ from `value` as little as possible, and an empty one."""
    if isinstance(column.type, Integer):
        yield 1 if value is None else value + 1000
        if column.nullable and value is not None:
            yield None
        return
    if not value:
        yield "x"
        return
    middle = len(value) // 2
    yield value[:middle] + ("0" if value[middle] != "0" else "1") + value[middle + 1 :]
    if (swapped := value.swapcase()) != value:
        yield swapped
    yield ""
    if column.nullable:
        yield None


@pytest.mark.slow
def test_every_column_of_every_row_is_missed(stage: Stage) -> None:
    """Every change of one value is told, with the record it was made to; each is rolled back before the next."""
    tried = 0
    with stage.engine.connect() as connection, connection.begin():
        for table in APPEND_ONLY:
            assert stage.rows(table), table.name
            for row, column in itertools.product(stage.rows(table), table.columns):
                values = _other_values(column, row[column.name])
                for value in itertools.islice(values, 2 if stage.is_sqlite else 1):
                    with connection.begin_nested() as change:
                        _change(connection, table, row, column, value)
                        change.rollback()
                    tried += 1
    assert tried > (600 if stage.is_sqlite else 350)


def _change(connection: Connection, table: Table, row: dict[str, Any], column: Column[Any], value: Any) -> None:
    where = [key == row[key.name] for key in table.primary_key]
    what = f"{table.name}.{column.name} of {[row[key.name] for key in table.primary_key]}: {row[column.name]!r} → {value!r}"
    connection.execute(update(table).where(*where).values({column.name: value}))
    _, by_check = read_facts(connection, with_register=False)
    found = blocking(itertools.chain.from_iterable(by_check.values()))
    assert found, what
    if table is LEDGER:
        assert [finding.values["column"] for finding in found] == [column.name], what
    else:
        named = {finding.values.get("seq") for finding in found}
        assert named & {row["seq"], value if column.name == "seq" else row["seq"]}, what
        assert table not in {DOCUMENTS, CORRECTIONS} or {finding.values.get("table") for finding in found} == {table.name}, what


def test_a_changed_value_is_named_with_old_and_new(stage: Stage) -> None:
    row = next(row for row in stage.rows(DOCUMENTS) if row["number"] == "F2026-0003")
    stage.tampered(lambda connection: connection.execute(update(DOCUMENTS).where(DOCUMENTS.c.seq == row["seq"]).values(gross="1.00")))  # type: ignore[arg-type, return-value]
    assert [finding.message for finding in stage.found()] == [
        f"Table documents, maillon {row['seq']} (F2026-0003), gross : « 1.00 » au lieu de « {row['gross']} »."
    ]


def test_a_missing_identity_is_refused(stage: Stage) -> None:
    stage.tampered(lambda connection: connection.execute(delete(LEDGER)))  # type: ignore[arg-type, return-value]
    with pytest.raises(LedgerBroken):
        stage.verify()


@pytest.mark.parametrize("table", [RECORDS, EVENTS, DOCUMENTS, CORRECTIONS], ids=lambda table: table.name)
def test_every_deleted_row_is_named(stage: Stage, table: Table) -> None:
    for row in stage.rows(table):
        where = [key == row[key.name] for key in table.primary_key]
        stage.tampered(lambda connection, where=where: connection.execute(delete(table).where(*where)))  # type: ignore[misc]
        found = stage.found()
        assert found
        last = row["seq"] == stage.rows(table)[-1]["seq"] and table in {RECORDS, EVENTS}
        assert last or row["seq"] in {finding.values.get("seq") for finding in found}, row["seq"]
        assert not last or {"REG-040", "REG-044"} & {finding.code for finding in found}
        stage.restored(table)


@pytest.mark.parametrize("table", [RECORDS, EVENTS], ids=lambda table: table.name)
def test_a_tail_of_any_length_is_missed(stage: Stage, table: Table) -> None:
    """The head file is as it was; the tables that follow from the records are cut with them."""
    end = stage.rows(table)[-1]["seq"]
    for length in range(1, end + 1):

        def cut(connection: Connection, length: int = length) -> None:
            for each in [table] if table is EVENTS else [RECORDS, DOCUMENTS, CORRECTIONS]:
                connection.execute(delete(each).where(each.c.seq > end - length))

        stage.tampered(cut)
        found = [finding for finding in stage.found() if finding.code in {"REG-040", "REG-044"}]
        assert [(finding.values["seq"], finding.values["last"]) for finding in found] == [(end, end - length)]
        stage.restored(table, *([] if table is EVENTS else [DOCUMENTS, CORRECTIONS]))


def test_a_record_put_in_or_copied_is_named(stage: Stage) -> None:
    links = stage.links()
    other = create_key(stage.vault.folder.parent / "autre.pem", "x")
    added = chain.sealed(len(links) + 1, chain.SERIES, links[1].content, links[-1].hash, stage.clock(), other)
    stage.tampered(lambda connection: chain.append(connection, RECORDS, added))
    assert [(finding.code, finding.values["seq"]) for finding in stage.found()] == [
        ("REG-013", added.seq), ("REG-019", added.seq),
    ]  # fmt: skip
    stage.restored(RECORDS)
    copied = replace(links[5], seq=len(links) + 1, hash="0" * 64)
    stage.tampered(lambda connection: chain.append(connection, RECORDS, copied))
    assert {"REG-012", "REG-014", "REG-015"} <= stage.codes()


def test_swapped_records_are_named(stage: Stage) -> None:
    links = stage.links()
    for one, two in [(0, 1), (4, 5), (5, 9), (len(links) - 2, len(links) - 1)]:
        swapped = list(links)
        swapped[one], swapped[two] = replace(links[two], seq=links[one].seq), replace(links[one], seq=links[two].seq)
        _replaced(stage, swapped)
        named = {finding.values["seq"] for finding in stage.found() if finding.code == "REG-014"}
        assert named == {links[one].seq, links[two].seq}
    stage.restored(RECORDS)


def _replaced(stage: Stage, links: list[Link]) -> None:
    """The main chain alone replaced."""

    def change(connection: Connection) -> None:
        connection.execute(RECORDS.delete())
        for link in links:
            chain.append(connection, RECORDS, link)

    stage.tampered(change)


def _dearer(link: Link) -> dict[str, Any]:
    """The body of a document with another total."""
    data = link.data
    data["content"]["invoice"]["totals"]["gross"] = "1.00"
    return data


def _first_document(links: list[Link]) -> int:
    return next(at for at, link in enumerate(links) if link.kind == chain.DOCUMENT)


def test_a_body_with_its_new_hash_but_no_signature_is_named(stage: Stage) -> None:
    links = stage.links()
    at = _first_document(links)
    body = chain.canonical(_dearer(links[at])).decode()
    links[at] = replace(links[at], body=body, hash=hashlib.sha256(body.encode()).hexdigest())
    _replaced(stage, links)
    found = [(finding.code, finding.values["seq"]) for finding in stage.found() if finding.code < "REG-020"]
    assert found == [("REG-013", at + 1), ("REG-015", at + 2)]
    assert any("F2026-0001" in finding.message for finding in stage.found())


def test_the_rest_of_the_chain_rewritten_without_the_key_is_named(stage: Stage) -> None:
    links = stage.links()
    at = _first_document(links)
    bodies = [link.data for link in links]
    bodies[at] = _dearer(links[at])
    other = create_key(stage.vault.folder.parent / "autre.pem", "x")
    remade = resealed(bodies, other)
    links[at:] = [replace(link, key_id=links[0].key_id) for link in remade[at:]]
    links[at:] = [replace(link, signature=old.signature) for link, old in zip(links[at:], stage.links()[at:], strict=True)]
    stage.rewritten(links)
    unsigned = [finding.values["seq"] for finding in stage.found() if finding.code == "REG-013"]
    assert unsigned == list(range(at + 1, len(links) + 1))


def test_the_whole_chain_rewritten_with_another_key_is_named(stage: Stage) -> None:
    """It is right in itself: the head of the vault and the user's own key tell, each alone."""
    other = create_key(stage.vault.folder.parent / "autre.pem", "x")
    bodies = [link.data for link in stage.links()]
    bodies[0]["content"]["public_key"] = other.public
    at = _first_document(stage.links())
    bodies[at] = _dearer(stage.links()[at])
    stage.rewritten(resealed(bodies, other))
    by_key = [finding for finding in stage.found(archive=False) if finding.code == "REG-017"]
    assert [finding.values["who"] for finding in by_key] == ["Votre clé"]
    by_head = [finding for finding in stage.found(key=False) if finding.code == "REG-017"]
    assert [finding.values["who"] for finding in by_head] == ["La tête gardée au coffre"]


def test_the_owner_who_rewrites_everything_contradicts_the_head_the_closings_and_the_vault(stage: Stage) -> None:
    """With the right key: an invoice is taken out, and its number leaves a gap."""
    links = stage.links()
    gone = next(at for at, link in enumerate(links) if link.kind == chain.DOCUMENT and link.content["invoice"]["number"] == "F2026-0003")
    stage.rewritten(resealed([link.data for at, link in enumerate(links) if at != gone], stage.key))
    found = stage.found()
    assert {"REG-030", "REG-040", "REG-053", "REG-060"} <= {finding.code for finding in found}
    gaps = [finding.values for finding in found if finding.code == "REG-030"]
    assert [(gap["number"], gap["next_number"]) for gap in gaps] == [("F2026-0003", "F2026-0004")]


@pytest.mark.parametrize("character", ["0", " ", '"', "é"])
def test_a_character_of_a_body_is_missed_wherever_it_stands(stage: Stage, character: str) -> None:
    link = stage.links()[_first_document(stage.links())]
    for at in range(0, len(link.body), len(link.body) // 12):
        if link.body[at] == character:
            continue
        body = link.body[:at] + character + link.body[at + 1 :]
        stage.tampered(
            lambda connection, body=body: connection.execute(update(RECORDS).where(RECORDS.c.seq == link.seq).values(body=body))  # type: ignore[misc]
        )
        assert link.seq in {finding.values.get("seq") for finding in stage.found(archive=False) if finding.code == "REG-012"}
    stage.restored(RECORDS)


def test_the_same_json_written_otherwise_is_missed(stage: Stage) -> None:
    link = stage.links()[-1]
    other = json.dumps(link.data, indent=1)
    values = {"body": other, "hash": hashlib.sha256(other.encode()).hexdigest()}
    stage.tampered(lambda connection: connection.execute(update(RECORDS).where(RECORDS.c.seq == link.seq).values(values)))  # type: ignore[arg-type, return-value]
    assert {"REG-012", "REG-013"} <= stage.codes()


def test_a_clock_set_back_is_named(stage: Stage) -> None:
    before = stage.clock().replace(year=2026, month=12)
    assert [finding.code for finding in stage.found(at=before)] == ["REG-080"]
    bodies = [link.data for link in stage.links()]
    bodies[-1]["at"] = "2026-12-31T09:00:00.000000Z"
    stage.rewritten(resealed(bodies, stage.key))
    assert [(finding.code, finding.values["seq"]) for finding in stage.found(archive=False)] == [("REG-016", len(bodies))]


def test_a_date_after_the_day_of_the_seal_is_a_warning(stage: Stage) -> None:
    bodies = [link.data for link in stage.links()]
    bodies[-1]["content"]["invoice"]["issue_date"] = "2027-02-01"
    stage.rewritten(resealed(bodies, stage.key))
    report = stage.verify(archive=False)
    assert exit_code_of(report) is ExitCode.OK
    assert [finding.code for finding in report.findings] == ["REG-090", "REG-091", "REG-081"]


def test_what_is_issued_during_the_check_is_no_contradiction(postgresql_store: Store, tmp_path: Path) -> None:
    stage = staged(postgresql_store, tmp_path)
    document = next(link for link in stage.links() if link.kind == chain.TAKEN_OVER)
    with stage.ledger.reading() as connection:
        before, _ = read_facts(connection, with_register=False)
        with stage.ledger.writing(stage.key) as writer:
            writer.append(chain.TAKEN_OVER, document.content)
        again, found = read_facts(connection, with_register=False)
    assert again.last_seq == before.last_seq
    assert not list(itertools.chain.from_iterable(found.values()))
    assert stage.verify().outcome is Outcome.COMPLIANT
