"""Every package that the plain install needs exists for Windows and macOS, ready to install."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
LAST_RETRY = "Retry(total=0"  # pip's warning before it gives up on a connection


def dependencies() -> list[str]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]


@pytest.mark.parametrize("platform", ["win_amd64", "macosx_15_0_arm64"])
def test_every_dependency_resolves(platform: str) -> None:
    """Resolved whole, with what the dependencies need in turn, from ready-made wheels alone; nothing is installed."""
    wheels = ["--only-binary=:all:", "--platform", platform, "--python-version", "3.11", "--implementation", "cp"]
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--target", "unused", "--quiet"]
    command += [*wheels, "--retries", "1", "--timeout", "20", *dependencies()]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=240, check=False)
    if result.returncode and LAST_RETRY in result.stderr:
        pytest.skip("the package index cannot be reached")
    assert result.returncode == 0, result.stderr
