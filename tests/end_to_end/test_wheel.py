"""The built wheel, installed outside the checkout: data, templates and macros are in it, and the main job runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT], check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_everything_that_runs_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    data = {f"xlbridge/data/{path.name}" for path in (ROOT / "xlbridge" / "data").iterdir() if path.is_file()}
    assert data <= names
    modules = {"XlbCommandes.bas", "XlbHost.bas", "XlbFiles.bas"}
    built = {"xlbridge.xlam", "facturier.xlsm", "xlbridge.oxt"}
    assert {f"xlbridge/macros/{name}" for name in {"LISEZMOI.md", "xlbridge.applescript", *modules, *built}} <= names
    assert any(name.startswith("xlbridge/workbook_templates/") for name in names)
    assert not any("tests/" in name or name.startswith("bench/") for name in names)


def test_the_main_job_runs_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    """Installed with `--no-deps` into a folder of its own; the dependencies are those of the environment, the checkout is out of sight."""
    site = tmp_path / "site"
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", site, wheel], check=True)
    environment = {**os.environ, "PYTHONPATH": str(site)}
    where = [sys.executable, "-c", "import xlbridge; print(xlbridge.__file__)"]
    found = subprocess.run(where, env=environment, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert Path(found.strip()).is_relative_to(site)
    command = [sys.executable, "-m", "xlbridge", "demo", "--out", tmp_path / "out", "--json"]
    result = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stderr
    documents = [document for record in json.loads(result.stdout)["files"] for document in record["documents"]]
    assert sum(1 for document in documents if document["pdf"]) >= 30
