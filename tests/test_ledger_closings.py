"""Closings: what they add up to, when they are due, and the file that stands alone."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from hypothesis import given
from hypothesis import strategies as st

from tests import samples
from tests.proof_stage import Clock, Stage, rendered, staged
from tests.stores import sqlite_store
from xlbridge.ledger import chain
from xlbridge.ledger.closings import Sums, close_past, closing_content, closing_file, closing_text, due_closings, month_of
from xlbridge.ledger.record import ISSUED, Place, Source, document_content, invoice_json
from xlbridge.ledger.seal import SigningKey, create_key
from xlbridge.ledger.store import Ledger, create_ledger


@pytest.fixture
def stage(tmp_path: Path, key_home: Path) -> Stage:
    return staged(sqlite_store(tmp_path), tmp_path)


def closings(stage: Stage) -> dict[str, chain.Link]:
    return {link.content["period"]: link for link in stage.links() if link.kind == chain.CLOSING}


def test_a_month_adds_up_and_a_credit_note_is_subtracted(stage: Stage) -> None:
    made = {invoice.number: invoice.totals for invoice, _, _ in rendered()}
    content = closings(stage)["2026-11"].content
    net = made["F2026-0003"].net - made["A2026-0001"].net
    assert [Decimal(row["net"]) for row in content["totals"]] == [net]
    assert content["series"] == {
        "avoirs": {"first": "A2026-0001", "last": "A2026-0001", "count": 1},
        "factures": {"first": "F2026-0003", "last": "F2026-0003", "count": 1},
    }
    assert sum(Decimal(row["amount"]) for row in content["vat"]) == Decimal(content["totals"][0]["vat"])
    october = made["F2026-0001"].net + made["F2026-0002"].net  # the specimen and what was taken over are no turnover
    assert Decimal(content["cumulative"]["totals"][0]["net"]) == october + net
    assert content["cumulative"]["count"] == 4


def test_a_year_is_the_sum_of_its_months_and_closings_follow_each_other(stage: Stage) -> None:
    known = closings(stage)
    months = [known[period].content for period in ("2026-10", "2026-11", "2026-12")]
    year = known["2026"].content
    assert year["count"] == sum(month["count"] for month in months) == 6
    assert Decimal(year["totals"][0]["gross"]) == sum(Decimal(month["totals"][0]["gross"]) for month in months)
    assert year["cumulative"] == months[-1]["cumulative"] == {name: year[name] for name in ("count", "totals", "vat")}
    assert [month["previous_closing"] for month in months] == [None, known["2026-10"].hash, known["2026-11"].hash]


def test_the_file_of_a_closing_stands_alone(stage: Stage) -> None:
    for link in closings(stage).values():
        held = json.loads(closing_file(link, stage.key.public))
        body = held["body"].encode()
        assert hashlib.sha256(body).hexdigest() == held["hash"] == link.hash
        public = load_pem_public_key(held["public_key"].encode())
        assert isinstance(public, Ed25519PublicKey)
        public.verify(base64.b64decode(held["signature"]), body)


def test_a_closing_reads_in_french(stage: Stage) -> None:
    text = closing_text(closings(stage)["2026-11"]).replace("\u00a0", " ")
    assert text.startswith("Clôture de novembre 2026 (maillon ")
    assert "avoirs : 1, de A2026-0001 à A2026-0001" in text
    assert "Cumul depuis l’ouverture du registre (4 documents)" in text
    assert "TVA 20 % (S) : base " in text


def fresh(folder: Path, clock: Clock) -> tuple[Ledger, SigningKey]:
    url = f"sqlite:///{folder / 'r.sqlite'}"
    return create_ledger(url, samples.SELLER.siren or "", "Ateliers", lambda name: create_key(folder / "k.pem", name), clock)


def append(ledger: Ledger, key: SigningKey, counter: int) -> None:
    invoice = samples.invoice(counter, 1)
    content = document_content(invoice, ISSUED, Place("factures", "2026", counter), Source("f.xlsx"), {}, None)
    with ledger.writing(key) as writer:
        writer.append(chain.DOCUMENT, content)


def test_months_between_documents_are_closed_too_and_no_others(tmp_path: Path) -> None:
    clock = Clock(datetime(2025, 12, 30, 12, tzinfo=UTC))
    ledger, key = fresh(tmp_path, clock)
    with ledger.reading() as connection:
        assert due_closings(connection, datetime(2026, 6, 1, tzinfo=UTC)) == []
    append(ledger, key, 1)
    with ledger.reading() as connection:
        assert due_closings(connection, clock()) == []
    clock.moment = datetime(2026, 3, 2, 12, tzinfo=UTC)
    append(ledger, key, 2)
    clock.moment = datetime(2026, 5, 2, 12, tzinfo=UTC)
    with ledger.writing(key) as writer:
        made = close_past(writer)
        assert close_past(writer) == []
    assert [link.content["period"] for link in made] == ["2025-12", "2026-01", "2026-02", "2026-03", "2025"]
    assert [link.content["count"] for link in made] == [1, 0, 0, 1, 1]
    assert [link.content["cumulative"]["count"] for link in made] == [1, 1, 1, 2, 1]
    ledger.close()


def test_a_closing_that_comes_late_leaves_later_documents_out(tmp_path: Path) -> None:
    clock = Clock(datetime(2026, 3, 30, 12, tzinfo=UTC))
    ledger, key = fresh(tmp_path, clock)
    for counter, day in enumerate((datetime(2026, 3, 31, 21, 59, tzinfo=UTC), datetime(2026, 3, 31, 22, 1, tzinfo=UTC)), 1):
        clock.moment = day  # two minutes around midnight in Paris
        append(ledger, key, counter)
    with ledger.reading() as connection:
        march, april = (closing_content(connection, period) for period in ("2026-03", "2026-04"))
    assert (march["count"], april["count"]) == (1, 1)
    assert (march["cumulative"]["count"], april["cumulative"]["count"]) == (1, 2)
    ledger.close()


@given(st.lists(st.integers(0, 60), max_size=6), st.lists(st.integers(0, 60), max_size=6))
def test_sums_do_not_depend_on_how_they_are_gathered(first: list[int], second: list[int]) -> None:
    one, two, all_of_them = Sums(), Sums(), Sums()
    for seeds, sums in ((first, one), (second, two)):
        for seed in seeds:
            kind = {"type_code": ("380", "381", "389")[seed % 3], "currency": ("EUR", "CHF")[seed % 2]}
            data = invoice_json(samples.invoice(seed % 6, 2, **kind))
            sums.add(data)
            all_of_them.add(data)
    assert Sums.of_json(json.loads(json.dumps(one.as_json()))).as_json() == one.as_json()
    one.merge(two)
    assert one.as_json() == all_of_them.as_json()


def test_the_month_is_that_of_paris() -> None:
    assert month_of("2026-12-31T23:00:00.000000Z") == "2027-01"
    assert month_of("2026-06-30T21:59:59.999999Z") == "2026-06"
