"""`xlbridge archive`: from the command line, without the key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.archive_office import Office, office
from tests.test_cli import run
from xlbridge.errors import ExitCode

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = tmp_path_factory.mktemp("registre")
    made = office(folder)
    (folder / "cle.pem").unlink()  # nothing here signs
    return made


@pytest.fixture
def here(place: Office, key_home: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setenv("XLBRIDGE_LEDGER", place.ledger.url)
    monkeypatch.setenv("XLBRIDGE_ARCHIVE", str(place.vault.folder))
    return place


def test_search_for_machines_and_for_people(here: Office) -> None:
    found = run("archive", "search", "--buyer", "moulins", "--since", "01/01/2027", "--json")
    assert found.returncode == 0
    numbers = [entry["number"] for entry in json.loads(found.stdout)["documents"]]
    assert numbers == ["F2027-0001", "A2027-0001", "F2027-0002", "F2027-0003"]
    shown = run("archive", "search", "--amount", "26 613,34")
    assert "F2026-0001" in shown.stdout
    assert "31/12/2036" in shown.stdout
    assert "Gardé jusqu’au : dix ans après la clôture de l’exercice, au 31 décembre." in shown.stdout
    nothing = run("archive", "search", "--date", "2030-01-01")
    assert (nothing.returncode, nothing.stdout.strip()) == (0, "Aucun document ne répond à ces critères.")
    wrong = run("archive", "search", "--date", "demain")
    assert (wrong.returncode, "n’est pas une date" in wrong.stderr) == (ExitCode.WRONG_USE, True)


def test_export_and_duplicata(here: Office, tmp_path: Path) -> None:
    assert run("archive", "export", "f2026-1", "--out", tmp_path / "a.xml", "--xml").returncode == 0
    xml = (tmp_path / "a.xml").read_bytes()
    assert xml.startswith(b"<?xml")
    assert b"<ram:ID>F2026-0001</ram:ID>" in xml
    again = run("archive", "export", "F2026-0001", "--out", tmp_path / "a.xml")
    assert (again.returncode, "existe déjà" in again.stderr) == (ExitCode.WRONG_USE, True)
    assert run("archive", "duplicata", "F2026-0001", "--out", tmp_path / "d.pdf").returncode == 0
    assert (tmp_path / "d.pdf").read_bytes().startswith(b"%PDF")
    unknown = run("archive", "export", "F2030-0001", "--out", tmp_path / "x.pdf")
    assert (unknown.returncode, unknown.stdout) == (ExitCode.WRONG_USE, "")


def test_bundle_and_a_broken_vault(here: Office, tmp_path: Path) -> None:
    done = run("archive", "bundle", "--year", "2026", "--out", tmp_path / "2026.zip")
    assert (done.returncode, done.stdout) == (0, "")
    assert "6 documents de 2026" in done.stderr
    stray = next((here.vault.folder / "objects").glob("*/*.pdf"))
    data = stray.read_bytes()
    stray.chmod(0o600)
    stray.write_bytes(data + b" ")
    broken = [run("archive", "bundle", "--year", year, "--out", tmp_path / f"{year}") for year in (2026, 2027)]
    stray.write_bytes(data)
    told = [one for one in broken if one.returncode == ExitCode.LEDGER_BROKEN]
    assert len(told) == 1  # the file is of one year; the other one is whole
    assert stray.name in told[0].stderr
    assert "À faire" in told[0].stderr
    assert sum(1 for path in tmp_path.glob("*20*")) == 2  # what stopped left nothing
