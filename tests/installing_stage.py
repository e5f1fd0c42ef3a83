"""A computer to install on: the folders and the registry of Windows or macOS in a temporary folder; LibreOffice is the real one."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from tests.macro_stage import script
from xlbridge.installing.surroundings import APP_PATHS, Surroundings, System

EXCEL = {(rf"HKLM\{APP_PATHS}", ""): r"C:\Program Files\Office\EXCEL.EXE"}
UNPRIVILEGED = "nobody"  # LibreOffice's own program refuses root; the tests of a container run as root


def computer(
    folder: Path, system: System, *, excel: bool = True, registry: dict[tuple[str, str], str | int] | None = None, **variables: str
) -> Surroundings:
    """A computer of a user « Zoé », with Excel and without LibreOffice."""
    home = folder / "Users" / "Zoé"
    if system == "mac" and excel:
        (folder / "Applications" / "Microsoft Excel.app").mkdir(parents=True)
    values = {**(EXCEL if excel else {}), **(registry or {})}
    return Surroundings(
        system=system,
        home=home,
        data=home / "données" / "xlbridge",
        python=Path(sys.executable),
        variables={"APPDATA": str(home / "Roaming"), "PATH": "", **variables},
        registry=lambda key, name: values.get((key, name)),
        root=folder,
    )


def with_libreoffice(around: Surroundings, folder: Path) -> Surroundings:
    """The same with this system's LibreOffice, whose profile is in the user's home there; `folder` has to be open to every user."""
    unopkg = shutil.which("unopkg")
    assert unopkg is not None
    around.home.mkdir(parents=True, exist_ok=True)
    run = f'exec env LC_ALL=C.UTF-8 HOME="{around.home}" {unopkg} "$@"'
    if os.geteuid() == 0:
        shutil.chown(around.home, UNPRIVILEGED)
        run = run.replace("exec ", f"exec runuser -u {UNPRIVILEGED} -- ")
    (folder / "bin").mkdir()
    script(folder / "bin" / "unopkg", f"#!/bin/sh\n{run}\n")
    return replace(around, variables={**around.variables, "PATH": str(folder / "bin")})


def tree(folder: Path) -> dict[str, bytes | None]:
    """Every file below with its bytes, and every folder."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))}
