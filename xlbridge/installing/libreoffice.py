"""The extension in LibreOffice, through its own program `unopkg`."""

from __future__ import annotations

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from xlbridge.errors import WrongUse
from xlbridge.installing.surroundings import Surroundings, office_profile, unopkg

IDENTIFIER = "org.xlbridge.calc"
PYTHON_FILE = "python.txt"
CACHE_VARIABLE = "$UNO_USER_PACKAGES_CACHE"
SECONDS = 180


@dataclass(frozen=True)
class Installed:
    """The extension that LibreOffice has: its version, whether it is switched on, the Python it starts (None: it names none)."""

    version: str
    active: bool
    python: Path | None


def add_extension(around: Surroundings, package: bytes) -> None:
    """Install the extension, in the place of an older one."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "xlbridge.oxt"
        file.write_bytes(package)
        Path(folder).chmod(0o755)  # unopkg may run as another user
        _run(around, "add", "--force", "--suppress-license", str(file))


def remove_extension(around: Surroundings) -> None:
    """Take the extension out."""
    _run(around, "remove", IDENTIFIER)


def installed_extension(around: Surroundings) -> Installed | None:
    """The extension as LibreOffice knows it; None without it. Raises WrongUse where LibreOffice does not say."""
    blocks = re.split(r"^Identifier: ", _run(around, "list"), flags=re.MULTILINE)
    block = next((block for block in blocks if block.split("\n", 1)[0].strip() == IDENTIFIER), None)
    if block is None:
        return None
    said = dict(re.findall(r"^  (\w[\w ]*): (.*?)\s*$", block, re.MULTILINE))  # what its parts say is further to the right
    file = _folder(around, said["URL"]) / PYTHON_FILE
    python = Path(file.read_text("utf-8").strip()) if file.exists() else None
    return Installed(said["Version"], said["is registered"] == "yes", python)


def refusal(around: Surroundings) -> WrongUse | None:
    """Why nothing can be installed in LibreOffice; None where it can."""
    if unopkg(around) is None:
        return WrongUse(
            "LibreOffice n’est pas installé sur cet ordinateur, ou pas à sa place habituelle.",
            "Installez LibreOffice 7.2 ou plus récent, puis relancez « xlbridge install --libreoffice ».",
        )
    if around.is_root:
        return WrongUse(
            "LibreOffice ne prend pas d’extension de l’administrateur (root), et elle ne serait pas dans votre session.",
            "Relancez la commande en tant que vous-même, sans sudo.",
        )
    return None


def _run(around: Surroundings, *arguments: str) -> str:
    """What unopkg says. Raises WrongUse where it fails."""
    why_not = refusal(around)
    if why_not:
        raise why_not
    program = str(unopkg(around))
    try:
        result = subprocess.run(  # noqa: S603
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as fault:
        raise WrongUse("LibreOffice ne répond pas.", "Fermez LibreOffice, puis recommencez.") from fault
    if result.returncode:
        said = "\n".join((result.stderr or result.stdout).strip().splitlines()[-3:])
        remedy = "Fermez LibreOffice, puis recommencez."
        if around.system == "linux":
            remedy += " Sous Debian et Ubuntu, le paquet python3-uno est nécessaire : sudo apt install python3-uno."
        raise WrongUse(f"LibreOffice a refusé (unopkg, code {result.returncode}) : {said}", remedy)
    return result.stdout


def _folder(around: Surroundings, url: str) -> Path:
    """Where the files of the extension are: LibreOffice says it by a variable of its own."""
    _, _, inside = unquote(url).partition(CACHE_VARIABLE)
    return office_profile(around) / "user" / "uno_packages" / "cache" / inside.lstrip("/")
