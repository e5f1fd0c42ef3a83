"""The vault: written once, whole or not at all, and nothing in it changes unseen."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlbridge.archive.durable import VaultStep
from xlbridge.archive.vault import Stored, Vault
from xlbridge.errors import ExitCode, LedgerBroken, WrongUse

LEDGER = "5f0c" * 8
PLACING = [VaultStep.BEGUN, VaultStep.WRITTEN, VaultStep.FILE_SYNCED, VaultStep.PLACED, VaultStep.FOLDER_SYNCED]
PLACING_READ_ONLY = [*PLACING[:3], VaultStep.READ_ONLY, *PLACING[3:]]


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.create(tmp_path / "coffre", LEDGER)


def watched(vault: Vault, steps: list[str]) -> Vault:
    return Vault.open(vault.folder, LEDGER, steps.append)


def path_of(vault: Vault, stored: Stored) -> Path:
    return vault.folder / "objects" / stored.sha256[:2] / stored.name


def overwrite(path: Path, data: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(data)


def leftovers(vault: Vault) -> list[Path]:
    return list((vault.folder / "en-attente").iterdir())


# Documents


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    return Vault.create(tmp_path_factory.mktemp("coffre"), LEDGER)


@given(data=st.binary(max_size=300), suffix=st.sampled_from([".pdf", ".xml", ".xlsx", ".PDF"]))
def test_a_document_comes_out_byte_for_byte(shared: Vault, data: bytes, suffix: str) -> None:
    stored = shared.put(data, suffix)
    assert stored == Stored(hashlib.sha256(data).hexdigest(), suffix.lower(), len(data)) == shared.put(data, suffix)
    assert shared.get(stored.sha256, stored.suffix) == data
    assert stored.name in set(shared.objects())
    assert not path_of(shared, stored).stat().st_mode & stat.S_IWUSR


def test_the_same_content_is_left_as_it_is(vault: Vault) -> None:
    path = path_of(vault, vault.put(b"facture", ".pdf"))
    before = path.stat()
    steps: list[str] = []
    watched(vault, steps).put(b"facture", ".pdf")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert steps == [VaultStep.ALREADY_THERE, VaultStep.FOLDER_SYNCED]


@given(data=st.data())
def test_any_changed_byte_is_seen(shared: Vault, data: st.DataObject) -> None:
    content = data.draw(st.binary(min_size=1, max_size=200))
    stored = shared.put(content, ".xml")
    position, other = data.draw(st.integers(0, len(content) - 1)), data.draw(st.integers(1, 255))
    wrong = bytearray(content)
    wrong[position] ^= other
    overwrite(path_of(shared, stored), bytes(wrong))
    try:
        for look in (lambda: shared.get(stored.sha256, ".xml"), lambda: shared.put(content, ".xml")):
            with pytest.raises(LedgerBroken, match="a été modifié") as fault:
                look()
            assert fault.value.exit_code is ExitCode.LEDGER_BROKEN
            assert stored.name in fault.value.message
    finally:
        overwrite(path_of(shared, stored), content)


def test_a_missing_document_is_told(vault: Vault) -> None:
    stored = vault.put(b"facture", ".pdf")
    path_of(vault, stored).unlink()
    with pytest.raises(LedgerBroken, match=rf"le dossier ou le fichier manque.*{stored.name}.*sauvegarde"):
        vault.get(stored.sha256, ".pdf")
    assert list(vault.objects()) == []


@pytest.mark.parametrize(
    "name",
    ["", "../../etc/passwd", "a" * 63 + ".pdf", "A" * 64 + ".pdf", "a" * 64 + ".exe", "a" * 64, "a" * 64 + ".pdf/x"],
)
def test_only_names_of_documents_are_names(vault: Vault, name: str) -> None:
    for look in (lambda: vault.get(name, ""), lambda: vault.has(name), lambda: vault.begin([name])):
        with pytest.raises(LedgerBroken, match="n’est pas un nom de fichier du coffre"):
            look()


@pytest.mark.parametrize("name", ["../x.json", "clotures/../tete.json", "clotures/a/b.json", "tete.json", "clotures/.json"])
def test_only_names_of_closings_are_names(vault: Vault, name: str) -> None:
    with pytest.raises(LedgerBroken, match="n’est pas un nom de clôture"):
        vault.write_file(name, b"{}")


def test_no_link_is_followed(vault: Vault, tmp_path: Path) -> None:
    """Neither a link in place of a document nor one in place of a folder."""
    stored = vault.put(b"facture", ".pdf")
    path, elsewhere = path_of(vault, stored), tmp_path / "ailleurs"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    with pytest.raises(LedgerBroken, match="est un lien"):
        vault.get(stored.sha256, ".pdf")
    path.unlink()
    path.parent.rmdir()
    (tmp_path / "dossier").mkdir()
    path.parent.symlink_to(tmp_path / "dossier")
    with pytest.raises(LedgerBroken, match="est un lien"):
        vault.put(b"facture", ".pdf")
    assert list((tmp_path / "dossier").iterdir()) == []
    assert vault.strangers() == [f"objects/{stored.sha256[:2]}"]


def test_a_vault_behind_a_link_of_the_user_is_a_vault(vault: Vault, tmp_path: Path) -> None:
    (tmp_path / "raccourci").symlink_to(vault.folder)
    linked = Vault.open(tmp_path / "raccourci", LEDGER)
    assert vault.get(linked.put(b"facture", ".pdf").sha256, ".pdf") == b"facture"


def test_what_does_not_belong_is_named(vault: Vault) -> None:
    stored = vault.put(b"facture", ".pdf")
    vault.write_file("clotures/2026-11.json", b"{}")
    vault.write_head(b"{}")
    assert vault.strangers() == []
    wrong = ["objects/aa/facture.pdf", "objects/zz", f"objects/00/{stored.name}", "clotures/note.txt", "notes.docx", "objects/x.pdf"]
    for name in wrong:
        path = vault.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"facture")
    (vault.folder / ".DS_Store").touch()
    (vault.folder / "objects" / "Thumbs.db").touch()
    assert vault.strangers() == sorted(wrong)
    assert list(vault.objects()) == [stored.name]
    assert vault.closings() == ["clotures/2026-11.json"]


# Order on the disk


def test_each_kind_of_file_is_synced_before_it_gets_its_name_and_the_folder_after(vault: Vault) -> None:
    steps: list[str] = []
    seen = watched(vault, steps)
    expected = {
        "object": (lambda: seen.put(b"facture", ".pdf"), PLACING_READ_ONLY),
        "marker": (lambda: seen.begin([]), PLACING),
        "head": (lambda: seen.write_head(b"{}"), PLACING),
        "closing": (lambda: seen.write_file("clotures/2026.json", b"{}"), PLACING_READ_ONLY),
        "same closing": (lambda: seen.write_file("clotures/2026.json", b"{}"), [VaultStep.ALREADY_THERE, VaultStep.FOLDER_SYNCED]),
    }
    for kind, (act, order) in expected.items():
        steps.clear()
        act()
        assert steps == order, kind


def test_the_steps_tell_the_truth(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real calls to the system stand behind the names, in the same order."""
    told: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def seen_fsync(handle: int) -> None:
        fsync(handle)
        told.append("fsync folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else f"fsync {os.fstat(handle).st_size}")

    def seen_replace(self: Path, target: Path) -> Path:
        told.append(f"replace {target.parent.name}")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", seen_fsync)
    monkeypatch.setattr(Path, "replace", seen_replace)
    stored = watched(vault, told).put(b"facture", ".pdf")
    expected = ["fsync 7", VaultStep.FILE_SYNCED, VaultStep.READ_ONLY, f"replace {stored.sha256[:2]}", VaultStep.PLACED, "fsync folder"]
    assert told[2:] == [*expected, VaultStep.FOLDER_SYNCED, "fsync folder"]


# Head and closings


def test_the_head_is_replaced_and_a_closing_is_not(vault: Vault) -> None:
    assert vault.read_head() is None
    for head in (b"one", b"two"):
        vault.write_head(head)
        assert vault.read_head() == head
    for _ in range(2):
        vault.write_file("clotures/2026-11.json", b"one")
    with pytest.raises(LedgerBroken, match="existe déjà avec un autre contenu"):
        vault.write_file("clotures/2026-11.json", b"two")
    assert vault.read_file("clotures/2026-11.json") == b"one"
    with pytest.raises(LedgerBroken, match="manque"):
        vault.read_file("clotures/2026-12.json")


# Whose vault


def test_a_vault_belongs_to_one_ledger(vault: Vault) -> None:
    assert Vault.create(vault.folder, LEDGER) == Vault.open(vault.folder, LEDGER) == vault
    for way in (Vault.create, Vault.open):
        with pytest.raises(LedgerBroken, match=r"appartient au registre 5f0c5f0c, pas au registre 00000000.*--archive"):
            way(vault.folder, "0" * 32)
    readme = (vault.folder / "LISEZMOI.txt").read_text(encoding="utf-8")
    assert all(said in readme for said in ("dix ans", "sha256sum", "certutil", "Ne modifiez"))


@pytest.mark.parametrize("plate", [b"", b"[]", b"{", b"\xff", b'{"format": 9}', b'{"format": 1}'])
def test_a_damaged_nameplate_opens_nothing(vault: Vault, plate: bytes) -> None:
    overwrite(vault.folder / "coffre.json", plate)
    with pytest.raises(LedgerBroken, match=r"abîmé|forme inconnue|appartient"):
        Vault.open(vault.folder, LEDGER)


def test_a_vault_without_nameplate_is_never_taken_for_a_new_one(vault: Vault) -> None:
    (vault.folder / "coffre.json").unlink()
    assert Vault.create(vault.folder, LEDGER) == vault  # still empty: a crash may leave it so
    vault.put(b"facture", ".pdf")
    (vault.folder / "coffre.json").unlink()
    with pytest.raises(LedgerBroken, match=r"Il manque « coffre\.json »"):
        Vault.create(vault.folder, "0" * 32)


def test_a_folder_in_use_is_no_new_vault(tmp_path: Path) -> None:
    (tmp_path / ".DS_Store").touch()
    (tmp_path / "photo.jpg").touch()
    with pytest.raises(WrongUse, match="n’est pas vide"):
        Vault.create(tmp_path, LEDGER)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".DS_Store", "photo.jpg"]


def test_a_copy_that_lost_its_empty_folders_works(vault: Vault) -> None:
    for name in ("en-attente", "clotures", "objects"):
        (vault.folder / name).rmdir()
    assert (vault.closings(), list(vault.objects()), vault.sweep(lambda _: False)) == ([], [], [])
    for _ in range(2):
        vault.write_file("clotures/2026.json", b"{}")
    assert vault.put(b"facture", ".pdf").name in set(vault.objects())


# What goes wrong


@pytest.mark.parametrize(
    ("place", "message"),
    [("fichier/coffre", "une partie du chemin est un fichier.*Donnez un dossier"), ("fichier", "une partie du chemin est un fichier")],
)
def test_a_file_in_the_way_is_told(tmp_path: Path, place: str, message: str) -> None:
    (tmp_path / "fichier").touch()
    with pytest.raises(LedgerBroken, match=message):
        Vault.create(tmp_path / place, LEDGER)


def test_a_missing_vault_is_told(tmp_path: Path) -> None:
    with pytest.raises(LedgerBroken, match=r"Il n’y a pas de coffre.*rebranchez son disque"):
        Vault.open(tmp_path / "parti", LEDGER)


def test_a_vault_whose_disk_is_gone_is_not_made_anew(vault: Vault) -> None:
    vault.folder.rename(vault.folder.with_name("débranché"))
    for act in (lambda: vault.put(b"facture", ".pdf"), lambda: vault.write_head(b"{}"), lambda: vault.begin([])):
        with pytest.raises(LedgerBroken, match=r"manque.*Rebranchez"):
            act()
    assert not vault.folder.exists()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a file system on which nobody can write, not even root")
def test_a_place_where_nobody_can_write_is_told() -> None:
    with pytest.raises(LedgerBroken, match="ne peut pas être créé"):
        Vault.create(Path("/proc/self/coffre"), LEDGER)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 64 KiB."""
    disk = tmp_path / "disque"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(disk)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("no right to mount a disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_leaves_nothing_half_written(tiny_disk: Path) -> None:
    vault = Vault.create(tiny_disk / "coffre", LEDGER)
    kept = vault.put(b"x" * 20_000, ".pdf")
    vault.write_head(b"one")
    for act in (lambda: vault.put(b"y" * 60_000, ".pdf"), lambda: vault.write_head(b"z" * 60_000)):
        with pytest.raises(LedgerBroken, match=r"le disque est plein.*Libérez de la place"):
            act()
    assert list(vault.objects()) == [kept.name]
    assert vault.get(kept.sha256, ".pdf") == b"x" * 20_000
    assert (vault.read_head(), leftovers(vault), vault.strangers()) == (b"one", [], [])
    vault.put(b"y" * 5_000, ".pdf")


def test_a_disk_that_is_read_only_is_told(tiny_disk: Path) -> None:
    vault = Vault.create(tiny_disk / "coffre", LEDGER)
    kept = vault.put(b"facture", ".pdf")
    subprocess.run(["mount", "-o", "remount,ro", str(tiny_disk)], check=True)
    with pytest.raises(LedgerBroken, match=r"le disque est en lecture seule.*Levez la protection"):
        vault.put(b"autre", ".pdf")
    assert Vault.open(vault.folder, LEDGER).get(kept.sha256, ".pdf") == b"facture"


def test_a_file_larger_than_the_disk_takes_is_told(vault: Vault) -> None:
    resource = pytest.importorskip("resource")

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(LedgerBroken, match="trop grand"):
            vault.put(b"x" * 5000, ".pdf")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (list(vault.objects()), leftovers(vault)) == ([], [])


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EPERM, errno.ETIMEDOUT])
@pytest.mark.parametrize("failing", range(len(PLACING_READ_ONLY)))
def test_a_failure_at_any_step_leaves_the_old_state_or_the_new_one(vault: Vault, failing: int, number: int) -> None:
    def fail(step: str) -> None:
        if step == PLACING_READ_ONLY[failing]:
            raise OSError(number, os.strerror(number))

    with pytest.raises(LedgerBroken) as fault:
        Vault(vault.folder, LEDGER, fail).put(b"facture", ".pdf")
    assert fault.value.remedy
    names = list(vault.objects())
    assert (len(names), leftovers(vault), vault.strangers()) == (int(failing >= 4), [], [])
    assert vault.put(b"facture", ".pdf").name in set(vault.objects())


# Crashes

CRASHING = """
import os, signal, sys
from pathlib import Path
from xlbridge.archive.vault import Vault

def watch(step):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

folder, ledger, first, last = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
for number in range(first, last):
    if os.fork() == 0:
        left = number
        vault = Vault.create(folder / str(number), ledger, watch)
        documents = [(b"pdf", ".pdf"), (b"xml", ".xml")]
        vault.write_head(b"old") if vault.read_head() is None else None
        marker = vault.begin([name for name in sys.argv[5:]])
        for data, suffix in documents:
            vault.put(data, suffix)
        vault.write_head(b"new")
        vault.done(marker)
        os._exit(0)
    _, status = os.wait()
    print(os.WTERMSIG(status))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are killed")
@pytest.mark.parametrize("committed", [False, True])
def test_killed_at_any_step_nothing_is_half_and_the_sweep_clears_the_rest(tmp_path: Path, committed: bool) -> None:
    names = [hashlib.sha256(data).hexdigest() + suffix for data, suffix in ((b"pdf", ".pdf"), (b"xml", ".xml"))]
    command = [sys.executable, "-c", CRASHING, str(tmp_path), LEDGER, "1", "50", *names]
    signals = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    killed = signals.index("0")
    assert killed == 11 + 5 + 5 + 12 + 5 + 1  # nameplate and readme, head, marker, two documents, head, marker gone
    assert set(signals[:killed]) == {str(int(signal.SIGKILL))}
    assert set(signals[killed:]) == {"0"}
    swept = 0
    for number in range(1, 50):
        vault = Vault.create(tmp_path / str(number), LEDGER)
        there = set(vault.objects())
        for name in there:
            vault.get(name[:64], name[64:])
        assert vault.read_head() in {None, b"old", b"new"}
        gone = vault.sweep(lambda name: committed)
        assert (leftovers(vault), vault.strangers()) == ([], [])
        if committed:
            assert (gone, set(vault.objects())) == ([], there)
        elif number <= killed - 1:
            assert (set(gone), list(vault.objects())) == (there, [])
            swept += bool(gone)
        assert vault.sweep(lambda name: False) == []
    assert swept or committed


def test_the_sweep_leaves_what_was_there_before_the_transaction(vault: Vault) -> None:
    old = vault.put(b"classeur", ".xlsx")
    new = Stored(hashlib.sha256(b"facture").hexdigest(), ".pdf", 7)
    vault.begin([old.name, new.name])
    assert vault.put(b"facture", ".pdf") == new
    assert vault.sweep(lambda name: False) == [new.name]
    assert list(vault.objects()) == [old.name]


def test_a_finished_transaction_leaves_no_marker(vault: Vault) -> None:
    marker = vault.begin([])
    assert leftovers(vault) == [marker]
    for _ in range(2):
        vault.done(marker)
    assert leftovers(vault) == []


@pytest.mark.parametrize("content", [b"", b"{}", b'{"objects": ["../../tete.json"]}', b'{"objects": "x"}', b"[]"])
def test_a_marker_that_somebody_wrote_removes_nothing(vault: Vault, content: bytes) -> None:
    stored = vault.put(b"facture", ".pdf")
    vault.write_head(b"{}")
    (vault.folder / "en-attente" / "x.json").write_bytes(content)
    with pytest.raises(LedgerBroken, match=r"abîmé|modifiée|n’est pas un nom"):
        vault.sweep(lambda name: False)
    assert vault.has(stored.name)
    assert vault.read_head() == b"{}"
