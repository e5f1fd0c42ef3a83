"""`issue` is killed at every step and at any instant: no gap, no duplicate, no number without its document, and the other way round."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import killing
from tests.issuing_stage import Office, company, issue_ready, ready
from tests.killing import COMMITTED, COMMITTING, Watch, needs_fork, run_killed, run_killed_after
from tests.stores import Store
from xlbridge.archive.durable import VaultStep
from xlbridge.issuing.session import Places, create
from xlbridge.issuing.steps import Step
from xlbridge.issuing.transaction import Planned

pytestmark = needs_fork
IN_A_RUN = {Step.CHECKED, Step.PREPARED, Step.WORKBOOK_WRITTEN}
"""Told by a whole run alone: planning comes before, and the workbook after."""


@dataclass
class Desk:
    """A ledger, and drafts that wait for their numbers: what a killed process did not issue, the next one does."""

    office: Office
    waiting: list[Planned]
    original: bytes
    issued: dict[str, str]

    def issue(self, watch: Watch) -> None:
        """What the child does: start, and issue the first draft that waits."""
        issue_ready(self.office.places, self.waiting[:1], self.original, watch)

    def settle(self) -> bool:
        """Everything is as it must be; nothing that was issued has changed, and at most the first draft is new. Whether it is."""
        now, first = self.office.issued(), self.waiting[0].draft.key
        new = now.keys() - self.issued.keys()
        assert new <= {first}
        assert {key: now[key] for key in self.issued} == self.issued
        self.issued = now
        if new:
            del self.waiting[0]
        return bool(new)


@pytest.fixture(scope="module")
def drafts(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Planned], bytes]:
    path = tmp_path_factory.mktemp("brouillons") / "factures.xlsx"
    return ready(path, range(60)), path.read_bytes()


@pytest.fixture
def desk(tmp_path: Path, ledger_store: Store, drafts: tuple[list[Planned], bytes]) -> Iterator[Desk]:
    places = Places(ledger_store.url, tmp_path / "coffre", str(tmp_path / "cle.pem"))
    create(company(), places).close()
    return Desk(Office(tmp_path, places), list(drafts[0]), drafts[1], {})


def kill_at_every_point(desk: Desk, *, files: bool = False) -> list[str]:
    """Kill a child at its first point, the next one at its second, until one comes to its end; the names of the points."""
    killed: list[str] = []
    while point := run_killed(desk.issue, len(killed) + 1, files=files):
        killed.append(point)
        desk.settle()
    assert desk.settle()
    return killed


@pytest.mark.slow
def test_killed_at_every_step_each_number_has_its_document(desk: Desk) -> None:
    killed = kill_at_every_point(desk)
    assert set(killed) >= set(Step) - IN_A_RUN
    assert set(killed) >= {VaultStep.WRITTEN, VaultStep.FILE_SYNCED, VaultStep.PLACED, VaultStep.FOLDER_SYNCED, VaultStep.REMOVED}
    assert set(killed) >= {COMMITTING, COMMITTED}
    assert len(killed) >= 100
    assert killed.index(Step.RECORDED) < killed.index(Step.COMMITTED)
    assert len(desk.issued) >= len(killed) - killed.index(Step.COMMITTED)  # from the commit on, every child had issued its draft


@pytest.mark.slow
def test_killed_at_any_instant_each_number_has_its_document(desk: Desk) -> None:
    kill_at_random(desk, kills=12, seed=20261124)


def kill_at_random(desk: Desk, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    killed = 0
    while killed < kills:
        killed += run_killed_after(desk.issue, chance.uniform(0.0, 0.15))
        desk.settle()
        if len(desk.waiting) == 1:
            return
    desk.issue(lambda _: None)
    assert desk.settle()
