"""The computer and its user, as far as installing has to know them; and where Excel and LibreOffice keep what is installed.

Sources: Microsoft, « Excel startup folder » and « Sandboxed applications for Office for Mac »; xlwings, « User Config »; LibreOffice help,
« User profile ».
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

System = Literal["windows", "mac", "linux"]
Registry = Callable[[str, str], str | int | None]
"""A value of the registry of Windows by its key (`HKCU\\Software\\…`) and name (empty: the default); None where there is none."""

APP_PATHS = r"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"
LIBREOFFICE_KEY = r"SOFTWARE\LibreOffice\UNO\InstallPath"
EXCEL_OF_MAC = "Library/Containers/com.microsoft.Excel/Data"


@dataclass(frozen=True)
class Surroundings:
    """`home`: the user's folder. `data`: where xlbridge keeps what it must remember. `root`: the disk where programs are (/).

    `base`: the folder of the Python that an environment was made from.
    """

    system: System
    home: Path
    data: Path
    python: Path
    variables: Mapping[str, str]
    registry: Registry
    is_root: bool = False
    root: Path = Path("/")
    base: Path = Path()


def here() -> Surroundings:
    """This computer, and the user who runs this."""
    from platformdirs import user_data_path

    from xlbridge.installing.windows import registry_value

    names: dict[str, System] = {"win32": "windows", "darwin": "mac"}
    return Surroundings(
        system=names.get(sys.platform, "linux"),
        home=Path.home(),
        data=user_data_path("xlbridge", appauthor=False),
        python=Path(sys.executable),
        variables=os.environ,
        registry=registry_value,
        is_root=sys.platform != "win32" and os.geteuid() == 0,
        base=Path(sys.base_prefix),
    )


def has_excel(around: Surroundings) -> bool:
    """Whether Excel is installed."""
    if around.system == "windows":
        return any(around.registry(f"{hive}\\{APP_PATHS}", "") for hive in ("HKCU", "HKLM"))
    folders = (around.root / "Applications", around.home / "Applications")
    return around.system == "mac" and any((folder / "Microsoft Excel.app").exists() for folder in folders)


def startup_folder(around: Surroundings) -> Path:
    """The folder whose workbooks Excel opens with itself (XLSTART)."""
    if around.system == "windows":
        return _roaming(around) / "Microsoft" / "Excel" / "XLSTART"
    return around.home / "Library/Group Containers/UBF8T346G9.Office/User Content.localized/Startup.localized/Excel"


def settings_file(around: Surroundings) -> Path:
    """The user's settings of xlwings; for Excel for Mac they are in the folder of its sandbox."""
    if around.system == "mac":
        return around.home / EXCEL_OF_MAC / "xlwings.conf"
    return around.home / ".xlwings" / "xlwings.conf"


def script_folder(around: Surroundings) -> Path:
    """Where macOS lets Excel run AppleScript from."""
    return around.home / "Library/Application Scripts/com.microsoft.Excel"


def unopkg(around: Surroundings) -> Path | None:
    """LibreOffice's program that installs extensions; None without LibreOffice."""
    if around.system == "windows":
        folders = [Path(str(path)) for hive in ("HKCU", "HKLM") if (path := around.registry(f"{hive}\\{LIBREOFFICE_KEY}", ""))]
        programs = [around.variables[name] for name in ("ProgramFiles", "ProgramW6432") if name in around.variables]
        return _first(folder / "unopkg.com" for folder in (*folders, *(Path(each) / "LibreOffice" / "program" for each in programs)))
    if around.system == "mac":
        places = (around.root / "Applications", around.home / "Applications")
        return _first(place / "LibreOffice.app/Contents/MacOS/unopkg" for place in places)
    found = shutil.which("unopkg", path=around.variables.get("PATH"))
    optional = sorted((around.root / "opt").glob("libreoffice*/program/unopkg"), reverse=True)
    return Path(found) if found else _first((around.root / "usr/lib/libreoffice/program/unopkg", *optional))


def office_profile(around: Surroundings) -> Path:
    """LibreOffice's folder of the user."""
    if around.system == "windows":
        return _roaming(around) / "LibreOffice" / "4"
    if around.system == "mac":
        return around.home / "Library/Application Support/LibreOffice/4"
    return Path(around.variables.get("XDG_CONFIG_HOME") or around.home / ".config") / "libreoffice" / "4"


def _roaming(around: Surroundings) -> Path:
    return Path(around.variables.get("APPDATA") or around.home / "AppData" / "Roaming")


def _first(paths: Iterable[Path]) -> Path | None:
    return next((path for path in paths if path.is_file()), None)
