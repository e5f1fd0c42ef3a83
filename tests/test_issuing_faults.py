"""`issue` is killed at every step and at any instant: no gap, no duplicate, no number without its document, and the other way round."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.issuing_stage import Office, company, issue_ready, ready
from tests.killing import COMMITTED, COMMITTING, Point, Watch, needs_fork, points_of, run_killed, run_killed_after
from tests.stores import Store
from xlbridge.archive.durable import VaultStep
from xlbridge.issuing.session import Places, create
from xlbridge.issuing.steps import Step, unwatched
from xlbridge.issuing.transaction import Planned

pytestmark = needs_fork
PLACING = {VaultStep.BEGUN, VaultStep.WRITTEN, VaultStep.FILE_SYNCED, VaultStep.READ_ONLY, VaultStep.PLACED, VaultStep.FOLDER_SYNCED}
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


def kill_at_every_point(desk: Desk, *, every: bool = False) -> list[Point]:
    """Kill a child at each point that a whole one told; the points at which one died."""
    desk.issue(unwatched)  # the vault is made
    desk.settle()
    points = points_of(desk.issue, every=every)
    assert desk.settle()
    killed = []
    for point in points:
        if run_killed(desk.issue, point, every=every):
            killed.append(point)
        desk.settle()
    return killed


@pytest.mark.slow
def test_killed_at_every_step_each_number_has_its_document(desk: Desk) -> None:
    killed = kill_at_every_point(desk)
    names = [point.name for point in killed]
    assert set(names) >= set(Step) - IN_A_RUN
    assert set(names) >= PLACING | {VaultStep.REMOVED, COMMITTING, COMMITTED}
    after = names[names.index(Step.COMMITTED) :]
    assert len(desk.issued) >= 2 + len(after)  # whoever was killed after the commit had issued
    assert len(killed) >= 60


@pytest.mark.slow
def test_killed_at_any_instant_each_number_has_its_document(desk: Desk) -> None:
    kill_at_random(desk, kills=20, seed=20261124)


@pytest.mark.slow
def test_killed_while_it_clears_up_after_a_crash(desk: Desk) -> None:
    """What one child left is not looked at by anybody but the next, which is killed as it sweeps."""
    desk.issue(unwatched)
    desk.settle()
    done = []
    for nth in range(1, 6):
        assert run_killed(desk.issue, Point(Step.RECORDED, 1))
        killed = run_killed(desk.issue, Point(VaultStep.REMOVED, nth))
        done.append((killed, desk.settle()))
    # The two documents that the workbook does not share, their marker; then the child's own marker, after its commit.
    assert done == [(True, False)] * 3 + [(True, True), (False, True)]


def kill_at_random(desk: Desk, kills: int, seed: int) -> None:
    """Kill children at any instant; several of them, now and then, before anybody looks."""
    chance = random.Random(seed)
    killed = 0
    while killed < kills and len(desk.waiting) > 1:
        killed += run_killed_after(desk.issue, chance.uniform(0.0, 0.12))
        if chance.random() < 0.6:
            desk.settle()
    desk.settle()
    desk.issue(unwatched)
    assert desk.settle()
