"""What goes wrong outside of `issue`: nothing is lost or given twice, the message says what to do, and then the next number follows."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy.engine.default import DefaultDialect

from tests.issuing_stage import FIRST, TODAY, Office, company, draft, issue_ready, ready
from tests.stores import Store
from xlbridge.errors import ExitCode, LedgerBroken, WrongUse, XlbridgeError
from xlbridge.issuing.places import Places
from xlbridge.issuing.run import Request, issue
from xlbridge.issuing.session import create
from xlbridge.issuing.steps import Step, Watch, unwatched
from xlbridge.issuing.transaction import Issued, Planned
from xlbridge.ledger import database
from xlbridge.ledger.store import Clock, now
from xlbridge.workbook.template_layout import DRAFTS, REGISTER

pytestmark = pytest.mark.slow

UNDER_THE_LOCK = [Step.LOCKED, Step.NUMBERED, Step.VERIFIED, Step.MARKED, Step.PDF_KEPT, Step.XML_KEPT, Step.WORKBOOK_KEPT, Step.RECORDED]


@dataclass
class Desk:
    """A ledger with one issued document, and drafts that wait."""

    office: Office
    waiting: list[Planned]
    original: bytes
    count: int = 0
    store: Store | None = None

    def issue(self, watch: Watch = unwatched, clock: Clock = now) -> Issued:
        """Issue the first draft that waits."""
        (done,) = issue_ready(self.office.places, self.waiting[:1], self.original, watch, clock)
        return done

    def goes_on(self) -> None:
        """The next number follows, and everything is as it must be."""
        done = self.issue()
        assert done.invoice is not None, done.draft.findings
        del self.waiting[0]
        self.count += 1
        assert done.invoice.number == f"F2026-{self.count:04}"
        assert len(self.office.issued()) == self.count

    def refused(self, words: str, remedy: str, act: Callable[[], object] | None = None) -> XlbridgeError:
        """Issuing stops with a message of these words; nothing was issued."""
        with pytest.raises((LedgerBroken, WrongUse)) as fault:
            (act or self.issue)()
        assert_told(fault.value, words, remedy)
        return fault.value


def assert_told(fault: XlbridgeError, words: str, remedy: str) -> None:
    assert re.search(words, fault.message), fault.message
    assert re.search(remedy, fault.remedy), fault.remedy


@pytest.fixture(scope="module")
def drafts(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Planned], bytes]:
    path = tmp_path_factory.mktemp("brouillons") / "factures.xlsx"
    return ready(path, range(16)), path.read_bytes()


def opened_desk(store: Store, folder: Path, drafts: tuple[list[Planned], bytes], vault: Path | None = None) -> Desk:
    places = Places(store.url, vault or folder / "coffre", str(folder / "cle.pem"))
    create(company(), places).close()
    desk = Desk(Office(folder, places), list(drafts[0]), drafts[1], store=store)
    desk.goes_on()
    return desk


@pytest.fixture
def desk(tmp_path: Path, ledger_store: Store, drafts: tuple[list[Planned], bytes]) -> Desk:
    return opened_desk(ledger_store, tmp_path, drafts)


# Disks


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 2 MiB."""
    folder = tmp_path / "disque"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(folder)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("no right to mount a disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(disk: Path, left: int) -> Path:
    """A file that leaves `left` bytes of the disk."""
    filler, free = disk / "autre.bin", shutil.disk_usage(disk).free
    filler.write_bytes(bytes(max(0, free - left)))
    return filler


@pytest.mark.slow
@pytest.mark.parametrize("ledger_store", ["sqlite"], indirect=True)
def test_the_vault_s_disk_is_full(ledger_store: Store, tmp_path: Path, disk: Path, drafts: tuple[list[Planned], bytes]) -> None:
    desk = opened_desk(ledger_store, tmp_path, drafts, disk / "coffre")
    for kilobytes in (0, 4, 12, 24, 40):
        filler = fill(disk, kilobytes * 1024)
        desk.refused("le disque est plein", "Libérez de la place sur ce disque")
        filler.unlink()
        assert len(desk.office.issued()) == desk.count
    desk.goes_on()


@pytest.mark.slow
def test_the_ledger_s_disk_is_full(tmp_path: Path, disk: Path, key_home: Path, drafts: tuple[list[Planned], bytes]) -> None:
    desk = opened_desk(Store("sqlite", f"sqlite:///{disk / 'registre.sqlite'}"), tmp_path, drafts)
    for kilobytes in (0, 4, 8, 12):
        filler = fill(disk, kilobytes * 1024)
        desk.refused("n’a plus de place sur son disque", "Faites de la place")
        filler.unlink()
        assert len(desk.office.issued()) == desk.count
    desk.goes_on()


@pytest.mark.parametrize("ledger_store", ["sqlite"], indirect=True)
def test_the_vault_s_disk_is_read_only(ledger_store: Store, tmp_path: Path, disk: Path, drafts: tuple[list[Planned], bytes]) -> None:
    desk = opened_desk(ledger_store, tmp_path, drafts, disk / "coffre")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    desk.refused("le disque est en lecture seule", "Levez la protection en écriture")
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    desk.goes_on()


def test_the_ledger_s_disk_is_read_only(tmp_path: Path, disk: Path, key_home: Path, drafts: tuple[list[Planned], bytes]) -> None:
    desk = opened_desk(Store("sqlite", f"sqlite:///{disk / 'registre.sqlite'}"), tmp_path, drafts)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    desk.refused("est en lecture seule", "Vérifiez vos droits")
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    desk.goes_on()


# Connections and locks


LOST = ("La connexion au registre .* est perdue", "relancez la même commande : ce qui a été émis ne le sera pas deux fois")


def at(step: Step, act: Callable[[], None]) -> Watch:
    """A watch that does `act` once `step` is done."""

    def watch(told: str) -> None:
        if told == step:
            act()

    return watch


@pytest.mark.slow
def test_the_connection_is_lost_under_the_lock(postgresql_store: Store, tmp_path: Path, drafts: tuple[list[Planned], bytes]) -> None:
    desk = opened_desk(postgresql_store, tmp_path, drafts)
    for step in UNDER_THE_LOCK:
        watch = at(step, postgresql_store.break_connections)
        desk.refused(*LOST, lambda watch=watch: desk.issue(watch))  # type: ignore[misc]
        assert len(desk.office.issued()) == desk.count
    desk.goes_on()


@pytest.mark.slow
def test_the_server_stops_under_the_lock(postgresql_store: Store, tmp_path: Path, drafts: tuple[list[Planned], bytes]) -> None:
    desk = opened_desk(postgresql_store, tmp_path, drafts)
    server = postgresql_store.server
    assert server
    desk.refused(*LOST, lambda: desk.issue(at(Step.WORKBOOK_KEPT, server.stop)))
    desk.refused(*LOST)
    server.start()
    assert len(desk.office.issued()) == desk.count
    desk.goes_on()


@pytest.mark.parametrize("committed", [False, True])
def test_the_connection_is_lost_during_the_commit(
    postgresql_store: Store, tmp_path: Path, drafts: tuple[list[Planned], bytes], monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    """Whether the server got the COMMIT cannot be known then; the next run knows."""
    desk = opened_desk(postgresql_store, tmp_path, drafts)
    commit: Callable[[DefaultDialect, Any], None] = DefaultDialect.do_commit
    recorded: list[bool] = []

    def lost(self: DefaultDialect, connection: Any) -> None:
        if committed or not recorded:
            commit(self, connection)
        if recorded:
            postgresql_store.break_connections()
            connection.execute("COMMIT")  # the answer does not come

    with monkeypatch.context() as patch:
        patch.setattr(DefaultDialect, "do_commit", lost)
        desk.refused(*LOST, lambda: desk.issue(at(Step.RECORDED, lambda: recorded.append(True))))
    if committed:
        again = desk.issue()
        assert [finding.code for finding in again.draft.findings if finding.severity == "blocking"] == ["REG-101"]
        desk.count += 1
        del desk.waiting[0]
    assert len(desk.office.issued()) == desk.count
    desk.goes_on()


def test_another_program_holds_the_ledger(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "LOCK_SECONDS", 1)
    assert desk.store
    engine = sqlalchemy.create_engine(desk.store.url, poolclass=sqlalchemy.NullPool)
    with engine.connect() as other:
        if desk.store.kind == "sqlite":
            other.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            other.exec_driver_sql("SELECT * FROM ledger FOR UPDATE")
        desk.refused("est occupé par un autre (programme|poste) depuis plus de 1 secondes", "Recommencez|recommencez")
    desk.goes_on()


def test_another_program_reads_the_ledger_for_long(
    tmp_path: Path, key_home: Path, drafts: tuple[list[Planned], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite then has the lock, and cannot commit."""
    monkeypatch.setattr(database, "LOCK_SECONDS", 1)
    path = tmp_path / "registre.sqlite"
    desk = opened_desk(Store("sqlite", f"sqlite:///{path}"), tmp_path, drafts)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:

        def read() -> None:
            other.execute("BEGIN")
            other.execute("SELECT count(*) FROM records").fetchall()

        desk.refused("est occupé par un autre programme", "Fermez l’autre programme", lambda: desk.issue(at(Step.LOCKED, read)))
    assert len(desk.office.issued()) == desk.count
    desk.goes_on()


# Clock


def test_the_clock_was_set_back(desk: Desk) -> None:
    clock = lambda: now() - timedelta(hours=2)  # noqa: E731
    desk.refused("L’horloge de cet ordinateur retarde", "Mettez l’ordinateur à l’heure.*rien n’a été émis", lambda: desk.issue(clock=clock))
    assert len(desk.office.issued()) == desk.count
    desk.goes_on()


def test_a_clock_a_little_behind_goes_on_with_the_time_of_the_last_record(desk: Desk) -> None:
    before = desk.issue()
    del desk.waiting[0]
    after = desk.issue(clock=lambda: now() - timedelta(minutes=2))
    assert before.link
    assert after.link
    assert after.link.data["at"] == before.link.data["at"]


# Key and vault


def test_the_key_is_missing(desk: Desk, tmp_path: Path) -> None:
    key, aside = tmp_path / "cle.pem", tmp_path / "ailleurs.pem"
    key.rename(aside)
    desk.refused("La clé du registre manque", "remettez une sauvegarde")
    aside.rename(key)
    desk.goes_on()


def test_the_key_is_another_ledger_s(desk: Desk, tmp_path: Path) -> None:
    right = desk.office.places
    create(company(), Places(str(tmp_path / "autre.sqlite"), tmp_path / "autre", str(tmp_path / "autre.pem"))).close()
    desk.office.places = replace(right, key=str(tmp_path / "autre.pem"))
    desk.refused("n’est pas celle de ce registre", "--key")
    desk.office.places = right
    desk.goes_on()


def test_the_passphrase_is_missing(
    tmp_path: Path, key_home: Path, monkeypatch: pytest.MonkeyPatch, drafts: tuple[list[Planned], bytes]
) -> None:
    monkeypatch.setenv("XLBRIDGE_KEY_PASSPHRASE", "seize pommes")
    desk = opened_desk(Store("sqlite", f"sqlite:///{tmp_path / 'registre.sqlite'}"), tmp_path, drafts)
    monkeypatch.delenv("XLBRIDGE_KEY_PASSPHRASE")
    desk.refused("protégée par une phrase secrète", "XLBRIDGE_KEY_PASSPHRASE")
    monkeypatch.setenv("XLBRIDGE_KEY_PASSPHRASE", "seize poires")
    desk.refused("phrase secrète de la clé est fausse", "XLBRIDGE_KEY_PASSPHRASE")
    monkeypatch.setenv("XLBRIDGE_KEY_PASSPHRASE", "seize pommes")
    desk.goes_on()


def test_the_vault_is_missing(desk: Desk) -> None:
    """A ledger that has issued is never given a new, empty vault."""
    vault = desk.office.vault
    vault.rename(vault.with_name("débranché"))
    desk.refused("Il n’y a pas de coffre", "rebranchez son disque")
    assert not vault.exists()
    vault.with_name("débranché").rename(vault)
    desk.goes_on()


def test_the_vault_is_another_ledger_s(desk: Desk, tmp_path: Path, drafts: tuple[list[Planned], bytes]) -> None:
    (tmp_path / "B").mkdir()
    other = opened_desk(Store("sqlite", f"sqlite:///{tmp_path / 'B' / 'registre.sqlite'}"), tmp_path / "B", drafts)
    right = desk.office.places
    desk.office.places = replace(right, archive=other.office.vault)
    desk.refused("appartient au registre", "Donnez par --archive le coffre de ce registre")
    desk.office.places = right
    desk.goes_on()
    other.goes_on()


def test_a_lost_pdf_is_not_hidden_by_going_on(desk: Desk) -> None:
    """Issuing goes on, whatever is missing of older documents: that is for `verify` to tell."""
    pdf = next((desk.office.vault / "objects").glob("*/*.pdf"))
    pdf.chmod(0o600)
    pdf.unlink()
    assert desk.issue().link
    with pytest.raises(AssertionError):
        desk.office.issued()


# Workbooks


@pytest.fixture
def office(tmp_path: Path, ledger_store: Store) -> Office:
    return Office(tmp_path, Places(ledger_store.url, tmp_path / "coffre", str(tmp_path / "cle.pem")))


def stopped(office: Office, words: str, remedy: str) -> None:
    """`issue` stops; the workbook is as it was."""
    before = office.workbook.read_bytes()
    with pytest.raises((LedgerBroken, WrongUse)) as fault:
        office.issue()
    assert_told(fault.value, words, remedy)
    assert office.workbook.read_bytes() == before


def numbers_in(office: Office) -> list[str]:
    return sorted(map(str, office.keys(REGISTER)))


def test_the_workbook_is_open_in_another_program(office: Office) -> None:
    office.write(draft(1))
    lock = office.folder / ".~lock.factures.xlsx#"
    lock.touch()
    stopped(office, "est ouvert dans un tableur", "Enregistrez-le et fermez-le")
    lock.unlink()
    office.issue()
    assert numbers_in(office) == office.numbers() == ["F2026-0001"]


def test_the_workbook_is_opened_while_it_is_issued(office: Office) -> None:
    office.write(draft(1), draft(2))
    lock = office.folder / ".~lock.factures.xlsx#"
    run = office.issue(watch=at(Step.HEAD_WRITTEN, lock.touch))
    assert run.exit_code is ExitCode.BLOCKING_FINDINGS
    assert [finding.code for finding in run.findings] == ["REG-120"]
    assert "relancez la commande" in run.findings[0].remedy
    assert (office.keys(DRAFTS), office.numbers()) == (["B1", "B2"], ["F2026-0001", "F2026-0002"])
    lock.unlink()
    again = office.issue()
    assert (again.exit_code, [finding.code for finding in again.findings]) == (ExitCode.OK, ["REG-121", "REG-121"])
    assert office.keys(DRAFTS) == []
    assert numbers_in(office) == office.numbers() == ["F2026-0001", "F2026-0002"]
    office.issued()


def test_the_workbook_is_changed_before_the_answer(office: Office) -> None:
    """What was shown and what would be moved are then not the same."""
    office.write(draft(1))

    def change(_planned: object) -> bool:
        office.write(draft(2))
        return True

    with pytest.raises(WrongUse) as fault:
        issue(Request(office.workbook, None, False, office.places), change, today=TODAY)
    assert_told(fault.value, "a changé depuis qu’il a été lu ; rien n’a été émis", "[Rr]elancez|[Rr]ecommencez")
    office.issue()
    assert numbers_in(office) == office.numbers() == ["F2026-0001"]


def test_the_workbook_belongs_to_another_ledger(office: Office, tmp_path: Path) -> None:
    office.write(draft(1), draft(2, FIRST + timedelta(days=1)))
    office.issue("B1")
    (tmp_path / "B").mkdir()
    right = office.places
    office.places = Places(f"sqlite:///{tmp_path / 'B' / 'registre.sqlite'}", tmp_path / "B" / "coffre", str(tmp_path / "B" / "cle.pem"))
    create(company(), office.places).close()
    stopped(office, "appartient au registre", "--ledger le registre de ce classeur")
    assert office.numbers() == []
    office.places = right
    office.issue()
    assert numbers_in(office) == office.numbers() == ["F2026-0001", "F2026-0002"]


@dataclass
class Copy:
    """A copy of a ledger, set aside and put back as a restored backup would be."""

    store: Store
    aside: str

    @classmethod
    def of(cls, store: Store, folder: Path, name: str) -> Copy:
        if store.server:
            store.server.execute(f"CREATE DATABASE {store.database}_{name} TEMPLATE {store.database}")
            return cls(store, f"{store.database}_{name}")
        shutil.copy(folder / "registre.sqlite", folder / name)
        return cls(store, str(folder / name))

    def put_back(self) -> None:
        if self.store.server:
            self.store.server.execute(f"DROP DATABASE {self.store.database} WITH (FORCE)")
            self.store.server.execute(f"CREATE DATABASE {self.store.database} TEMPLATE {self.aside}")
        else:
            shutil.copy(self.aside, Path(self.aside).parent / "registre.sqlite")


def test_an_older_ledger_was_put_back(office: Office, ledger_store: Store) -> None:
    """The workbook knows more, and the vault; each of the two is enough."""
    office.write(draft(1), draft(2, FIRST + timedelta(days=1)), draft(3, FIRST + timedelta(days=2)))
    office.issue("B1")
    old = Copy.of(ledger_store, office.folder, "ancien")
    office.issue("B2")
    new = Copy.of(ledger_store, office.folder, "recent")
    old.put_back()
    restore = "xlbridge ledger restore.*rien n’a été émis"
    stopped(office, "Le classeur .* connaît le maillon 6, et le registre s’arrête au maillon 5", restore)
    other = Office(office.folder, office.places, "neuf.xlsx")
    other.write(draft(4, FIRST + timedelta(days=3)))
    stopped_by_vault(other, restore)
    assert office.numbers() == ["F2026-0001"]
    new.put_back()
    office.issue()
    other.issue()
    assert office.numbers() == [f"F2026-{counter:04}" for counter in range(1, 5)]
    assert len(office.issued()) == 4


def stopped_by_vault(office: Office, remedy: str) -> None:
    with pytest.raises(LedgerBroken) as fault:
        office.issue()
    assert_told(fault.value, "Le coffre .* connaît le maillon 6, et le registre s’arrête au maillon 5", remedy)
    assert office.keys(DRAFTS) == ["B1"]


def test_the_register_has_a_number_that_the_ledger_does_not_know(office: Office) -> None:
    issued = draft(1).model_copy(update={"number": "F2026-0007"})
    office.write(issued, draft(2))
    stopped(office, r"contient déjà des numéros \(F2026-0007\)", "xlbridge ledger import")
    create(company(), office.places).close()
    stopped(office, "que le registre ne connaît pas : F2026-0007", "xlbridge ledger restore")
    assert office.numbers() == []
    office.write(draft(2))
    office.issue()
    assert office.numbers() == ["F2026-0001"]


# Beginnings


def test_the_key_of_a_beginning_that_was_stopped_is_taken(tmp_path: Path, key_home: Path) -> None:
    """It is never replaced; a file without a key, which is what a stop at the wrong moment leaves, holds none."""
    key = tmp_path / "cle.pem"
    key.touch()
    create(company(), Places(f"sqlite:///{tmp_path / 'a.sqlite'}", key=str(key))).close()
    before = key.read_bytes()
    assert b"PRIVATE KEY" in before
    create(company(), Places(f"sqlite:///{tmp_path / 'b.sqlite'}", key=str(key))).close()
    assert key.read_bytes() == before
    key.write_bytes(b"un poeme")
    with pytest.raises(LedgerBroken, match="n’est pas une clé de registre"):
        create(company(), Places(f"sqlite:///{tmp_path / 'c.sqlite'}", key=str(key)))
    assert key.read_bytes() == b"un poeme"
