"""The registry of Windows: the one thing here that only Windows has."""

from __future__ import annotations

import sys


def registry_value(key: str, name: str) -> str | int | None:
    """A text or a number of the registry; None where there is none, or no registry."""
    if sys.platform != "win32":
        return None
    import winreg

    hive, _, path = key.partition("\\")
    hives = {"HKCU": winreg.HKEY_CURRENT_USER, "HKLM": winreg.HKEY_LOCAL_MACHINE}
    try:
        with winreg.OpenKey(hives[hive], path, access=winreg.KEY_READ | winreg.KEY_WOW64_64KEY) as opened:
            value, _kind = winreg.QueryValueEx(opened, name)
    except FileNotFoundError:
        return None
    return value if isinstance(value, str | int) else None
