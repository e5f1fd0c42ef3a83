"""What a host hands over with a command word: which application, and which of its workbooks.

The names travel coded, letters and digits of ASCII as they are and every other UTF-16 unit as « _ » and four hexadecimal digits, so that no
shell, launcher or argument parser on the way can read anything into them.

>>> coded('a "$(b)"')
'a_0020_0022_0024_0028b_0029_0022'
>>> handover(["check", "--host=windows", "--wb=juin_002Exlsm", "--folder=C_003A_005CF", "--from_xl=1", "--hwnd=1234"]).name
'juin.xlsm'
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from xlbridge.errors import WrongUse

_UNIT = re.compile(r"_([0-9A-Fa-f]{4})")
_CODED = re.compile(r"(?:[0-9A-Za-z]|_[0-9A-Fa-f]{4})*", re.ASCII)
_HOSTS = frozenset({"windows", "mac", "libreoffice"})


@dataclass(frozen=True)
class Handover:
    """`word`: the command. `host`: windows or mac (Excel), or libreoffice. `name` and `folder`: the workbook; an unsaved one has no folder.

    `application`: the program that shows it; `window`: its handle (Excel for Windows). By them xlwings finds it.
    """

    word: str
    host: str
    name: str
    folder: str
    application: str = ""
    window: int | None = None


def handover(arguments: Sequence[str]) -> Handover:
    """The arguments of a click, as the macros write them. Raises WrongUse where they are not that."""
    word, *options = arguments or [""]
    given = dict(option.removeprefix("--").split("=", 1) for option in options if option.startswith("--") and "=" in option)
    window = given.get("hwnd", "")
    if given.get("host") not in _HOSTS or not {"wb", "folder"} <= given.keys() or (window and not window.isdecimal()):
        raise WrongUse("Cette commande est lancée par un bouton du classeur, pas à la main.", "Employez « xlbridge --help ».")
    return Handover(
        word=word,
        host=given["host"],
        name=decoded(given["wb"]),
        folder=decoded(given["folder"]),
        application=decoded(given.get("app", "")),
        window=int(window) if window else None,
    )


def coded(text: str) -> str:
    """`text` in letters, digits and « _ » alone, as XlbCoded of the macros writes it."""
    units = text.encode("utf-16-be", "surrogatepass")
    return "".join(
        chr(unit) if unit < 128 and chr(unit).isalnum() else f"_{unit:04X}"
        for unit in (int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2))
    )


def decoded(text: str) -> str:
    """The inverse of `coded`. Raises WrongUse for what that never writes."""
    if not _CODED.fullmatch(text):
        raise WrongUse(f"« {text} » n’est pas un nom codé par les macros.", "Relancez « xlbridge install ».")
    plain = _UNIT.sub(lambda found: chr(int(found[1], 16)), text)
    return plain.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")
