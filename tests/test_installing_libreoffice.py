"""The extension put into the real LibreOffice of an ordinary user by its own program, used there, and taken out again."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.installing_stage import computer, tree, with_libreoffice
from tests.macro_stage import script
from xlbridge import __version__
from xlbridge.errors import WrongUse
from xlbridge.installing.doctor import examine
from xlbridge.installing.install import perform, plan
from xlbridge.installing.libreoffice import Installed, installed_extension
from xlbridge.installing.surroundings import Surroundings, office_profile
from xlbridge.installing.uninstall import uninstall

needs_unopkg = pytest.mark.skipif(
    shutil.which("unopkg") is None or (os.name == "posix" and os.geteuid() == 0 and shutil.which("runuser") is None),
    reason="LibreOffice is not installed, or no ordinary user can be had",
)


def verdict(around: Surroundings) -> tuple[str, str]:
    check = next(check for check in examine(around) if check.name == "Extension de LibreOffice")
    return check.verdict, check.found


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, as pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="installing-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.slow
@needs_unopkg
def test_in_and_out_again(open_folder: Path) -> None:
    around = with_libreoffice(computer(open_folder, "linux", excel=False), open_folder)
    assert verdict(around) == ("problem", "LibreOffice est là, sans l’extension : pas de menu « Facturation » dans Calc.")
    planned = plan(around)
    assert planned.remarks == ("Excel n’est pas installé sur cet ordinateur : l’extension va dans LibreOffice.",)
    for _twice in range(2):
        perform(around, planned)
        assert installed_extension(around) == Installed(__version__, active=True, python=Path(sys.executable))
    assert verdict(around) == ("ok", f"version {__version__}, Python {sys.executable}")
    assert verdict(replace(around, python=Path(sys.executable).with_name("another name of it")))[0] == "ok"
    chosen = replace(around, variables={**around.variables, "XLBRIDGE_PYTHON": "/nowhere/python"})
    assert verdict(chosen) == ("problem", "XLBRIDGE_PYTHON désigne /nowhere/python, qui n’existe pas.")
    other = open_folder / "python"
    script(other, f"#!/bin/sh\necho {__version__}\n")
    assert verdict(replace(around, python=other))[0] == "warning"
    perform(around, plan(replace(around, python=other), libreoffice=True))
    script(other, "#!/bin/sh\nexit 1\n")
    assert verdict(around) == ("problem", f"L’extension lance {other}, qui n’a pas xlbridge {__version__}.")
    other.unlink()
    assert verdict(around) == ("problem", f"L’extension lance {other}, qui n’existe pas.")
    assert uninstall(around) == ["L’extension de LibreOffice est retirée. Redémarrez LibreOffice."]
    assert installed_extension(around) is None
    assert not around.data.exists()


def test_what_unopkg_answers_is_told(tmp_path: Path) -> None:
    around = computer(tmp_path, "linux", excel=False)
    (tmp_path / "bin").mkdir()
    script(tmp_path / "bin" / "unopkg", "#!/bin/sh\necho 'ERROR: no pythonloader' >&2\nexit 1\n")
    around = replace(around, variables={**around.variables, "PATH": str(tmp_path / "bin")})
    before = tree(tmp_path)
    with pytest.raises(WrongUse, match=r"unopkg, code 1.*ERROR: no pythonloader.*python3-uno"):
        perform(around, plan(around))
    assert tree(tmp_path) == before
    check = next(check for check in examine(around) if check.name == "Extension de LibreOffice")
    assert (check.verdict, "no pythonloader" in check.found) == ("not_checked", True)


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ("no", ("problem", "L’extension est désactivée.")),
        ("yes", ("problem", "L’extension ne sait quel Python lancer.")),
    ],
)
def test_an_extension_that_is_switched_off_or_was_installed_by_hand(listed: str, expected: tuple[str, str], tmp_path: Path) -> None:
    around = computer(tmp_path, "linux", excel=False)
    (tmp_path / "bin").mkdir()
    answer = f"Identifier: org.xlbridge.calc\n  Version: {__version__}\n  URL: vnd.sun.star.expand:$UNO_USER_PACKAGES_CACHE/x.oxt\n"
    answer += f"  is registered: {listed}\n  bundled Packages: {{\n      is registered: yes\n      Version: 9\n"
    script(tmp_path / "bin" / "unopkg", f"#!/bin/sh\nprintf '%s' '{answer}'\n")
    assert verdict(replace(around, variables={**around.variables, "PATH": str(tmp_path / "bin")})) == expected


def test_where_libreoffice_keeps_the_user_profile(tmp_path: Path) -> None:
    home = tmp_path / "Users" / "Zoé"
    assert office_profile(computer(tmp_path, "linux", excel=False)) == home / ".config/libreoffice/4"
    assert office_profile(computer(tmp_path, "windows", excel=False)) == home / "Roaming/LibreOffice/4"
    assert office_profile(computer(tmp_path, "mac", excel=False)) == home / "Library/Application Support/LibreOffice/4"
