"""Where ledger, archive and key lie, and the places that a ledger is refused."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import NamedTuple

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url

from xlbridge.errors import WrongUse
from xlbridge.ledger.places import (
    archive_folder,
    default_key_file,
    is_network_mount,
    is_unc,
    ledger_file,
    ledger_url,
    refuse_unsafe,
    shown_ledger,
    synchroniser,
)

pytestmark = pytest.mark.usefixtures("key_home")
SECRET = "ouvre-toi"


class Mount(NamedTuple):
    """What psutil says of a mount."""

    mountpoint: str
    fstype: str
    device: str


def test_the_default_place_is_one_per_company(key_home: Path) -> None:
    file = ledger_file(ledger_url(None, "732 829 320"))
    assert file is not None
    assert file.parts[-3:] == ("xlbridge", "732829320", "registre.sqlite")
    assert file.is_relative_to(key_home)
    assert ledger_url(None, "732829320") == ledger_url(None, "732 829 320")


@pytest.mark.parametrize(
    ("siren", "lacking"), [(None, "manque"), ("", "manque"), ("73282932", "neuf chiffres"), ("../../etc", "neuf chiffres")]
)
def test_without_a_place_a_siren_is_needed(siren: str | None, lacking: str) -> None:
    with pytest.raises(WrongUse, match=lacking) as refusal:
        ledger_url(None, siren)
    assert "--ledger" in refusal.value.remedy


def test_option_before_variable_before_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLBRIDGE_LEDGER", str(tmp_path / "variable.sqlite"))
    assert ledger_file(ledger_url(str(tmp_path / "option.sqlite"), "732829320")) == tmp_path / "option.sqlite"
    assert ledger_file(ledger_url(None, "732829320")) == tmp_path / "variable.sqlite"


def test_a_folder_takes_the_usual_name(tmp_path: Path) -> None:
    assert ledger_file(ledger_url(str(tmp_path), None)) == tmp_path / "registre.sqlite"
    assert ledger_file(ledger_url(f"{tmp_path}{os.sep}nouveau{os.sep}", None)) == tmp_path / "nouveau" / "registre.sqlite"


def test_a_relative_path_means_the_same_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    url = ledger_url("compta.sqlite", None)
    monkeypatch.chdir(tmp_path.parent)
    assert ledger_file(url) == tmp_path / "compta.sqlite"
    assert ledger_url(url, None) == url


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\"), min_size=1, max_size=12))
def test_any_file_name_survives_the_url(name: str) -> None:
    """« ? » as SQLAlchemy 2.0 cannot write it is refused; no other place than the one given is ever meant."""
    path = Path(Path.cwd().anchor) / "x" / f"{name}.sqlite"
    try:
        url = ledger_url(str(path), None)
    except WrongUse:
        assert "?" in name
    else:
        assert ledger_file(url) == path
        assert ledger_file(ledger_url(url, None)) == path


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg", "postgresql+psycopg2"])
def test_postgresql_is_spoken_by_psycopg(scheme: str) -> None:
    url = make_url(ledger_url(f"{scheme}://compta:{SECRET}@serveur:5433/registre?sslmode=require", None))
    assert (url.drivername, url.password, url.port, url.query["sslmode"]) == ("postgresql+psycopg", SECRET, 5433, "require")


def test_without_the_driver_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """psycopg is installed here: `find_spec` answers as if it were not."""
    monkeypatch.setattr("xlbridge.ledger.places.find_spec", lambda name: None if name == "psycopg" else importlib.util.find_spec(name))
    with pytest.raises(WrongUse, match="pilote") as refusal:
        ledger_url("postgresql://serveur/registre", None)
    assert 'python -m pip install "xlbridge[postgres]"' in refusal.value.remedy


@pytest.mark.parametrize(
    "given",
    [
        f"mysql://compta:{SECRET}@serveur/registre",
        f"https://compta:{SECRET}@serveur/registre",
        f"postgresql://compta:{SECRET}@serveur:port/registre",
        f"postgresql://compta:{SECRET}@serveur",
        f"postgresql://compta:a@{SECRET}@serveur/registre",
    ],
)
def test_a_refused_url_does_not_tell_its_password(given: str) -> None:
    with pytest.raises(WrongUse) as refusal:
        ledger_url(given, None)
    assert SECRET not in str(refusal.value)
    assert refusal.value.remedy
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None


def test_the_shown_place_has_no_password(tmp_path: Path) -> None:
    url = ledger_url(f"postgresql://compta:{SECRET}@serveur/registre?password={SECRET}", None)
    assert shown_ledger(url) == "postgresql://compta:***@serveur/registre"
    assert shown_ledger(ledger_url(str(tmp_path), None)) == str(tmp_path / "registre.sqlite")


@pytest.mark.parametrize("given", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:compta?mode=memory&uri=true"])
def test_a_ledger_in_memory_is_none(given: str) -> None:
    with pytest.raises(WrongUse, match="fichier"):
        ledger_url(given, None)


def test_the_archive_is_beside_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = ledger_url(str(tmp_path), None)
    assert archive_folder(None, url) == tmp_path / "archive"
    monkeypatch.setenv("XLBRIDGE_ARCHIVE", str(tmp_path / "variable"))
    assert archive_folder(None, url) == tmp_path / "variable"
    assert archive_folder(tmp_path / "option", url) == tmp_path / "option"


def test_a_server_has_no_folder_for_the_archive(tmp_path: Path) -> None:
    url = ledger_url(f"postgresql://compta:{SECRET}@serveur/registre", None)
    with pytest.raises(WrongUse, match="serveur") as refusal:
        archive_folder(None, url)
    assert "--archive" in refusal.value.remedy
    assert archive_folder(tmp_path, url) == tmp_path


def test_the_key_is_among_the_settings(key_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = default_key_file("0" * 32)
    assert file.parts[-3:] == ("xlbridge", "cles", f"{'0' * 32}.pem")
    assert file.is_relative_to(key_home)
    monkeypatch.setenv("XLBRIDGE_KEY_FILE", str(key_home / "autre.pem"))
    assert default_key_file("0" * 32) == key_home / "autre.pem"


def test_a_local_folder_is_taken(tmp_path: Path) -> None:
    refuse_unsafe(tmp_path / "registre.sqlite")
    refuse_unsafe(tmp_path / "pas encore là" / "registre.sqlite")


@pytest.mark.parametrize(
    ("name", "service"), [("Dropbox (Cabinet)", "Dropbox"), ("ONEDRIVE - SARL Dupont", "OneDrive"), ("kDrive", "kDrive")]
)
def test_a_synchronised_folder_is_refused(tmp_path: Path, name: str, service: str) -> None:
    with pytest.raises(WrongUse, match=f"synchronisé par {service}") as refusal:
        refuse_unsafe(tmp_path / name / "compta" / "registre.sqlite")
    assert "place par défaut" in refusal.value.remedy
    assert "PostgreSQL" in refusal.value.remedy


def test_a_renamed_folder_is_known_by_the_service_s_own_file(tmp_path: Path) -> None:
    (tmp_path / ".stfolder").mkdir()
    with pytest.raises(WrongUse, match="Syncthing"):
        refuse_unsafe(tmp_path / "compta" / "registre.sqlite")


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_link_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "Nextcloud").mkdir()
    (tmp_path / "compta").symlink_to(tmp_path / "Nextcloud")
    with pytest.raises(WrongUse, match="Nextcloud"):
        refuse_unsafe(tmp_path / "compta" / "registre.sqlite")


def test_the_folder_that_onedrive_names_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OneDriveCommercial", str(tmp_path / "Nuage"))
    with pytest.raises(WrongUse, match="OneDrive"):
        refuse_unsafe(tmp_path / "Nuage" / "registre.sqlite")
    refuse_unsafe(tmp_path / "Nuages" / "registre.sqlite")


def test_documents_kept_by_icloud_are_refused(key_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(key_home))
    monkeypatch.setenv("USERPROFILE", str(key_home))
    place = key_home / "Documents" / "registre.sqlite"
    refuse_unsafe(place)
    (key_home / "Library" / "Mobile Documents" / "com~apple~CloudDocs" / "Documents").mkdir(parents=True)
    with pytest.raises(WrongUse, match="iCloud"):
        refuse_unsafe(place)


@pytest.mark.skipif(os.name == "nt", reason="drives are asked of Windows itself")
@pytest.mark.parametrize("kind", ["nfs4", "cifs", "smbfs", "fuse.sshfs", "afpfs", "9p"])
def test_a_share_is_refused_with_psutil_answering_as_where_one_is_mounted(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = [Mount("/", "ext4", "/dev/sda1"), Mount(str(tmp_path), kind, "serveur:/compta")]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounts)  # noqa: A006
    with pytest.raises(WrongUse, match="réseau") as refusal:
        refuse_unsafe(tmp_path / "registre.sqlite")
    assert "PostgreSQL" in refusal.value.remedy
    refuse_unsafe(tmp_path.parent / f"{tmp_path.name}-local" / "registre.sqlite")


def test_a_server_s_name_is_refused() -> None:
    assert is_unc(r"\\serveur\compta\registre.sqlite")
    with pytest.raises(WrongUse, match="réseau"):
        refuse_unsafe(Path(r"\\serveur\compta\registre.sqlite"))


@pytest.mark.parametrize(
    ("mounts", "expected"),
    [
        ([("/", "ext4", "/dev/sda1"), ("/home", "nfs4", "nas:/home")], True),
        ([("/", "nfs", "nas:/racine"), ("/home/zoe", "ext4", "/dev/sdb1")], False),
        ([("/home/zo", "cifs", "//nas/zo"), ("/", "ext4", "/dev/sda1")], False),  # not the same folder name
        ([("/home", "autofs", "auto.home"), ("/home", "nfs4", "nas:/home")], True),
        ([("/home", "nfs4", "nas:/home"), ("/home", "ext4", "/dev/sdb1")], False),
        ([("/", "overlay", "overlay"), ("/home", "fuse.gocryptfs", "/crypt")], False),
        ([("/", "apfs", "/dev/disk1"), ("/home", "macfuse", "zoe@serveur:/home")], True),
        ([("/home", "fuseblk", "/dev/sdc1")], False),
        ([], False),
    ],
)
def test_the_deepest_mount_decides(mounts: list[tuple[str, str, str]], expected: bool) -> None:
    assert is_network_mount(PurePosixPath("/home/zoe/registre.sqlite"), mounts) is expected


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("C:/Users/Zoé/OneDrive/Documents/r.sqlite", "OneDrive"),
        ("C:/Users/Zoé/OneDrive - Cabinet Dupont/r.sqlite", "OneDrive"),
        ("G:/Mon Drive/r.sqlite", "Google Drive"),
        ("C:/Users/Zoé/iCloudDrive/r.sqlite", "iCloud"),
        ("C:/Users/Zoé/Nextcloud2/r.sqlite", "Nextcloud"),
        ("C:/Users/Zoé/ownCloud/r.sqlite", "ownCloud"),
        ("P:/pCloud Drive/r.sqlite", "pCloud"),
        ("C:/Users/Zoé/Box Sync/r.sqlite", "Box"),
        ("C:/Users/Zoé/SynologyDrive/r.sqlite", "Synology Drive"),
        ("C:/Nuage/Zoé/r.sqlite", "OneDrive"),
        ("c:/nuage/zoé/compta/r.sqlite", "OneDrive"),
        ("C:/Nuages/r.sqlite", None),
        ("C:/Users/Zoé/Boxe/r.sqlite", None),
        ("C:/Users/Zoé/Dropbox.sqlite", None),
        ("C:/Users/Zoé/Dropbox-anciens/r.sqlite", None),
        ("C:/Users/Zoé/AppData/Local/xlbridge/732829320/registre.sqlite", None),
    ],
)
def test_synchronised_folders_of_windows(path: str, service: str | None) -> None:
    assert synchroniser(PureWindowsPath(path), {"OneDrive": "C:/Nuage"}) == service


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/Users/zoe/Library/Mobile Documents/com~apple~CloudDocs/r.sqlite", "iCloud"),
        ("/Users/zoe/Library/CloudStorage/OneDrive-Personal/r.sqlite", "un service de synchronisation"),
        ("/Users/zoe/Library/Application Support/xlbridge/732829320/registre.sqlite", None),
    ],
)
def test_synchronised_folders_of_macos(path: str, service: str | None) -> None:
    assert synchroniser(PurePosixPath(path), {}) == service
