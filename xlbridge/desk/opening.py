"""A file shown to the user by the program that the system has for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from xlbridge.errors import WrongUse, why


def temporary_folder() -> Path:
    """A folder for what is only to be looked at. Raises WrongUse where there is no room for it."""
    try:
        return Path(tempfile.mkdtemp(prefix="xlbridge-"))
    except OSError as fault:
        raise WrongUse(f"Le dossier temporaire ne peut pas être écrit ({why(fault)}).", "Faites de la place, puis recommencez.") from fault


def open_file(path: Path) -> None:
    """Show the file. Raises WrongUse where nothing here can: the file is there, and the message says where."""
    try:
        if sys.platform == "win32":
            os.startfile(path)  # noqa: S606  our own file, under a name that is safe
        else:
            program = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
            if program is None:
                raise OSError(0, "aucun programme trouvé")
            subprocess.run([program, str(path)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as fault:
        reason = why(fault) if isinstance(fault, OSError) else "refusé"
        raise WrongUse(f"« {path} » est prêt, mais n’a pas pu être ouvert ({reason}).", "Ouvrez-le vous-même.") from fault
