"""`issue` is killed at every step and at any instant: no gap, no duplicate, no number without its document, and the other way round."""

from __future__ import annotations

import os
import random
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy

from tests.issuing_stage import Office, company, draft, issue_ready, ready
from tests.killing import (
    COMMITTED,
    COMMITTING,
    Point,
    Watch,
    needs_fork,
    points_of,
    run_killed,
    run_killed_after,
    run_to_end,
    watch_commits,
)
from tests.stores import Store
from xlbridge.archive.durable import VaultStep
from xlbridge.errors import ExitCode
from xlbridge.findings import Finding
from xlbridge.issuing.places import Places
from xlbridge.issuing.session import create
from xlbridge.issuing.steps import Step, unwatched
from xlbridge.issuing.transaction import Planned
from xlbridge.ledger.store import open_ledger
from xlbridge.model.profile import Profile
from xlbridge.official import judge as judging
from xlbridge.workbook.template_layout import DRAFTS, REGISTER

pytestmark = needs_fork
NUMBER = re.compile(rb"<ram:ID>[A-Z]\d{4}-\d{4}</ram:ID>")
PLACING = {VaultStep.BEGUN, VaultStep.WRITTEN, VaultStep.FILE_SYNCED, VaultStep.READ_ONLY, VaultStep.PLACED, VaultStep.FOLDER_SYNCED}
IN_A_RUN = {Step.CHECKED, Step.PREPARED, Step.WORKBOOK_WRITTEN}
"""Told by a whole run alone: planning comes before, and the workbook after."""


@dataclass
class Desk:
    """A ledger, and drafts that wait for their numbers: what a killed process did not issue, the next one does."""

    office: Office
    waiting: list[Planned]
    original: bytes
    issued: dict[tuple[str, str], str]

    def issue(self, watch: Watch) -> None:
        """What the child does: start, and issue the first draft that waits."""
        issue_ready(self.office.places, self.waiting[:1], self.original, watch)

    def settle(self) -> bool:
        """Everything is as it must be; nothing that was issued has changed, and at most the first draft is new. Whether it is."""
        now, first = self.office.issued(), (self.waiting[0].draft.workbook.path.name, self.waiting[0].draft.key)
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
    return ready(path, range(44)), path.read_bytes()


@pytest.fixture
def desk(tmp_path: Path, ledger_store: Store, drafts: tuple[list[Planned], bytes]) -> Desk:
    places = Places(ledger_store.url, tmp_path / "coffre", str(tmp_path / "cle.pem"))
    create(company(), places).close()
    return Desk(Office(tmp_path, places), list(drafts[0]), drafts[1], {})


def changes(point: Point) -> bool:
    """Whether something was or will be changed at a point: between two readings of the database nothing is."""
    return " SELECT " not in point.name and not point.name.startswith("avant o")


def kill_at_points(desk: Desk, wanted: Callable[[Point], bool]) -> list[Point]:
    """Kill a child at each of the `wanted` points that a whole one told; the points at which one died."""
    desk.issue(unwatched)  # the vault is made
    desk.settle()
    points = points_of(desk.issue)
    assert desk.settle()
    killed = []
    for point in filter(wanted, points):
        if run_killed(desk.issue, point):
            killed.append(point)
        desk.settle()
    return killed


@pytest.mark.slow
def test_killed_at_every_step_each_number_has_its_document(desk: Desk) -> None:
    killed = kill_at_points(desk, changes)
    names = [point.name for point in killed]
    assert set(names) >= set(Step) - IN_A_RUN
    assert set(names) >= PLACING | {VaultStep.REMOVED, COMMITTING, COMMITTED}
    after = names[names.index(Step.COMMITTED) :]
    assert len(desk.issued) >= 2 + len(after)  # whoever was killed after the commit had issued
    assert len(killed) >= 60


@pytest.mark.slow
def test_killed_at_any_instant_each_number_has_its_document(desk: Desk) -> None:
    assert kill_at_random(desk, kills=30, seed=20261124) >= 20  # some end before they are killed


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


def kill_at_random(desk: Desk, kills: int, seed: int) -> int:
    """Kill children at any instant; several of them, now and then, before anybody looks. How many: fewer where the drafts run out."""
    chance = random.Random(seed)
    killed = 0
    desk.issue(unwatched)  # the vault is made
    start = time.perf_counter()
    desk.issue(unwatched)
    whole = time.perf_counter() - start
    desk.settle()
    while killed < kills and len(desk.waiting) > 1:
        killed += run_killed_after(desk.issue, chance.uniform(0.0, 1.5 * whole))
        if chance.random() < 0.6:
            desk.settle()
    desk.settle()
    desk.issue(unwatched)
    assert desk.settle()
    return killed


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_killed_thousands_of_times(desk: Desk, tmp_path: Path) -> None:
    """Every point, those of mere reading and of each file's name too, in any order; then any instant."""
    chance = random.Random(8)
    desk.issue(unwatched)
    desk.settle()
    points = points_of(desk.issue) * 3
    chance.shuffle(points)
    for turn, point in enumerate(points):
        if not desk.waiting[1:]:
            path = tmp_path / f"f{turn}.xlsx"
            desk.waiting[1:], desk.original = ready(path, range(100 + turn, 140 + turn)), path.read_bytes()
        run_killed(desk.issue, point)
        desk.settle()
    for turn in range(40):
        path = tmp_path / f"g{turn}.xlsx"
        desk.waiting[1:], desk.original = ready(path, range(turn * 40 + 10_000, turn * 40 + 10_030)), path.read_bytes()
        kill_at_random(desk, kills=25, seed=turn)


# What is on the disk when the database commits


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="files are known by their descriptors")
def test_files_and_folders_are_on_the_disk_before_the_commit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system calls themselves, in the order in which they are made."""
    calls: list[tuple[str, str]] = []
    fsync, replace = os.fsync, os.replace

    def synced(handle: int) -> None:
        fsync(handle)
        calls.append(("fsync", str(Path(f"/proc/self/fd/{handle}").readlink())))

    def replaced(source: str, target: str) -> None:
        calls.append(("fsync before", str(source)))
        replace(source, target)
        calls.append(("placed", str(target)))

    desk.issue(unwatched)
    desk.settle()
    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    watch_commits(lambda name: calls.append(("database", name)), monkeypatch.setattr)
    desk.issue(lambda step: calls.append(("step", step)))
    recorded, committed = (calls.index(("step", step)) for step in (Step.RECORDED, Step.COMMITTED))
    assert calls[recorded + 1 : committed] == [("database", COMMITTING), ("database", COMMITTED)]
    kept = [Path(path) for what, path in calls[:recorded] if what == "placed" and "objects" in path]
    assert [path.suffix for path in kept] == [".pdf", ".xml"]  # the workbook is there since the first issue
    for path in kept:
        placed = calls.index(("placed", str(path)))
        temporary = calls[placed - 1][1]
        assert calls.index(("fsync", temporary)) < placed < calls.index(("fsync", str(path.parent)), placed) < recorded
        assert placed < calls.index(("fsync", str(path.parent.parent)), placed) < recorded
    workbook = calls.index(("step", VaultStep.ALREADY_THERE))
    assert calls[workbook + 1][0] == "fsync"
    marker = next(at for at, (what, path) in enumerate(calls) if what == "placed" and path.endswith(".json") and "en-attente" in path)
    assert marker < calls.index(("placed", str(kept[0])))
    head = max(at for at, (what, path) in enumerate(calls) if what == "placed" and path.endswith("tete.json"))
    assert head > committed
    assert ("fsync", str(desk.office.vault)) in calls[head:]


def test_the_database_waits_for_the_disk(desk: Desk) -> None:
    assert desk.office.places.ledger
    with open_ledger(desk.office.places.ledger).reading() as connection:
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 3  # EXTRA
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"
        else:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


# Whole runs on a workbook


@dataclass
class Workbooks:
    """Workbooks of two drafts each, whose messages the official rules have judged: children, which cannot start Saxon, are told the
    verdict on the same message under its number."""

    paths: list[Path]
    verdicts: dict[bytes, list[Finding]]

    def judge(self, xml: bytes, *_arguments: object, **_options: object) -> list[Finding]:
        return self.verdicts[NUMBER.sub(b"<ram:ID/>", xml, count=1)]


@pytest.fixture(scope="module")
def workbooks(tmp_path_factory: pytest.TempPathFactory) -> Workbooks:
    folder = tmp_path_factory.mktemp("classeurs")
    found = Workbooks([], {})
    real = judging.judge

    def remembered(xml: bytes, profile: Profile, **options: bool) -> list[Finding]:
        found.verdicts[NUMBER.sub(b"<ram:ID/>", xml, count=1)] = findings = real(xml, profile, **options)
        return findings

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "judge", remembered)
        places = Places(str(folder / "registre.sqlite"), folder / "coffre", str(folder / "cle.pem"))
        for at in range(24):
            office = Office(folder, places, f"f{at}.xlsx")
            office.write(draft(1000 + 2 * at), draft(1001 + 2 * at))
            assert len([item for item in office.issue(dry_run=True).planned if item.made]) == 2
            found.paths.append(office.workbook)
    return found


@dataclass
class Counter:
    """A ledger at which workbooks arrive, one after the other."""

    office: Office
    workbooks: Workbooks
    store: Store
    taken: int = 0

    def wipe(self) -> None:
        """There is no ledger, no key and no vault."""
        shutil.rmtree(self.office.vault, ignore_errors=True)
        Path(str(self.office.places.key)).unlink(missing_ok=True)
        if self.store.server:
            engine = sqlalchemy.create_engine(self.store.url, poolclass=sqlalchemy.NullPool)
            with engine.begin() as connection:
                connection.exec_driver_sql("DROP SCHEMA public CASCADE")
                connection.exec_driver_sql("CREATE SCHEMA public")
        else:
            for path in self.office.folder.glob("registre.sqlite*"):
                path.unlink()

    def next(self) -> None:
        """The next workbook lies on the table."""
        path = self.workbooks.paths[self.taken % len(self.workbooks.paths)]
        self.office.name = path.name
        shutil.copy(path, self.office.workbook)
        self.taken += 1

    def issue(self, watch: Watch) -> None:
        """What a child does."""
        judging.judge = self.workbooks.judge
        assert self.office.issue(watch=watch).exit_code is ExitCode.OK

    def settle(self, before: dict[tuple[str, str], str]) -> None:
        """Whatever happened: after one more `issue` both drafts have one number each, and stand in the register under it."""
        left = self.office.keys(DRAFTS)
        if left:
            run_to_end(self.issue)
        after = self.office.issued()
        own = {key: number for key, number in after.items() if key not in before}
        assert {key: after[key] for key in before} == before
        assert own.keys() == {(self.office.name, "B1"), (self.office.name, "B2")}
        assert self.office.keys(DRAFTS) == []
        assert sorted(map(str, self.office.keys(REGISTER))) == sorted(own.values())
        before.update(own)


@pytest.fixture
def counter(tmp_path: Path, ledger_store: Store, workbooks: Workbooks) -> Counter:
    places = Places(ledger_store.url, tmp_path / "coffre", str(tmp_path / "cle.pem"))
    create(company(), places).close()
    return Counter(Office(tmp_path, places), workbooks, ledger_store)


@pytest.mark.slow
def test_a_run_killed_anywhere_is_mended_by_the_next(counter: Counter) -> None:
    issued: dict[tuple[str, str], str] = {}
    counter.next()
    run_to_end(counter.issue)  # the vault is made
    counter.settle(issued)
    counter.next()
    points = points_of(counter.issue)
    counter.settle(issued)
    names = [point.name for point in points]
    assert {*names} >= set(Step)
    moving = len(names) - names[::-1].index(Step.HEAD_WRITTEN)  # from here on the workbook alone is written
    chosen = [point for at, point in enumerate(points) if point.name in {*Step} or (at >= moving and point.name == "avant os.rename")]
    some = chosen[::2] if counter.store.kind == "sqlite" else chosen[1::4]
    for point in some:
        counter.next()
        assert run_killed(counter.issue, point), point
        counter.settle(issued)


def kill_first_runs(counter: Counter, choose: Callable[[list[Point]], list[Point]]) -> None:
    """The first run of all, which makes ledger, key and vault too, killed at chosen points; each time from nothing."""
    counter.wipe()
    counter.next()
    points = points_of(counter.issue)
    counter.settle({})
    for point in choose([point for point in points if " SELECT " not in point.name]):
        counter.wipe()
        counter.next()
        assert run_killed(counter.issue, point), point
        issued: dict[tuple[str, str], str] = {}
        counter.settle(issued)
        assert sorted(issued.values()) == ["F2026-0001", "F2026-0002"]


@pytest.mark.slow
def test_a_first_run_killed_anywhere_is_begun_anew(counter: Counter) -> None:
    def before_its_first_number(points: list[Point]) -> list[Point]:
        return random.Random(3).sample(points[: points.index(Point(Step.LOCKED, 1))], 6)

    kill_first_runs(counter, before_its_first_number)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_first_run_killed_at_every_point(counter: Counter) -> None:
    kill_first_runs(counter, lambda points: points)
