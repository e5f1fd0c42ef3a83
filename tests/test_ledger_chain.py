"""The chain: bytes that any tool can check, each record bound to the one before."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import ledgers, samples
from xlbridge.ledger import chain
from xlbridge.ledger.chain import GENESIS, canonical, time_of, written_time
from xlbridge.ledger.schema import RECORDS
from xlbridge.ledger.seal import is_signed, public_pem

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_canonical_bytes_are_those_of_any_order_and_can_be_read_back(data: object) -> None:
    text = canonical(data)
    assert json.loads(text) == data
    assert canonical(json.loads(text)) == text
    assert canonical(_turned(data)) == text


def _turned(data: object) -> object:
    """The same with the keys of every object in the other order."""
    if isinstance(data, dict):
        return {key: _turned(data[key]) for key in reversed(data)}
    return [_turned(item) for item in data] if isinstance(data, list) else data


def test_the_example_of_rfc_8785() -> None:
    data = {"string": '€$\u000f\nA\'B"\\\\"/', "literals": [None, True, False], "\u20ac": 1, "1": 2, "\r": 3, "\u00f6": 4}
    expected = '{"\\r":3,"1":2,"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/","ö":4,"€":1}'
    assert canonical(data).decode() == expected


def test_every_record_holds_the_hash_of_the_one_before(tmp_path: Path, key_home: Path) -> None:
    ledger, key = ledgers.in_file(tmp_path)
    ledgers.seal(ledger, key, samples.invoice(number="F2026-0001"), 1)
    with ledger.reading() as connection:
        every = list(chain.links(connection, RECORDS))
    assert [link.seq for link in every] == list(range(1, len(every) + 1))
    assert [link.data["previous"] for link in every] == [GENESIS, *(link.hash for link in every[:-1])]
    assert [link.kind for link in every] == ["opening", "series", "series", "series", "document"]
    for link in every:
        assert hashlib.sha256(link.body.encode()).hexdigest() == link.hash
        assert (link.data["seq"], link.data["kind"]) == (link.seq, link.kind)
        assert is_signed(key.public, link.body.encode(), link.signature)
        assert not is_signed(key.public, link.body.encode() + b" ", link.signature)


@pytest.mark.skipif(not (shutil.which("openssl") and shutil.which("sha256sum")), reason="needs openssl and sha256sum")
def test_a_record_is_checked_with_sha256sum_and_openssl(tmp_path: Path, key_home: Path) -> None:
    ledger, key = ledgers.in_file(tmp_path)
    link = ledgers.seal(ledger, key, samples.invoice(number="F2026-0001"), 1)
    (tmp_path / "corps.json").write_bytes(link.body.encode())
    (tmp_path / "signature").write_bytes(base64.b64decode(link.signature))
    (tmp_path / "cle-publique.pem").write_bytes(public_pem(key.public))

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    verify = (
        "openssl",
        "pkeyutl",
        "-verify",
        "-rawin",
        "-pubin",
        "-inkey",
        "cle-publique.pem",
        "-sigfile",
        "signature",
        "-in",
        "corps.json",
    )
    assert run("sha256sum", "corps.json").stdout.split()[0] == link.hash
    assert run(*verify).returncode == 0
    (tmp_path / "corps.json").write_bytes(link.body.replace("F2026-0001", "F2026-0002").encode())
    assert run("sha256sum", "corps.json").stdout.split()[0] != link.hash
    assert run(*verify).returncode != 0


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.sampled_from([UTC, timezone(timedelta(hours=2))])))  # noqa: DTZ001
def test_times_sort_as_their_texts_do(moment: datetime) -> None:
    text, later = written_time(moment), written_time(moment + timedelta(microseconds=1))
    assert time_of(text) == moment
    assert text < later
    assert len(text) == len(later) == 27
