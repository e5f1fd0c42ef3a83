"""Names for files that every system takes."""

from __future__ import annotations

import re

RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{port}{digit}" for port in ("com", "lpt") for digit in range(1, 10))})


def safe_name(text: str, length: int = 80) -> str:
    """`text` as a file name on Windows, macOS and Linux: other characters become `_`.

    >>> safe_name("37/25"), safe_name("../../x"), safe_name("CON"), safe_name("FA 2026:01. ")
    ('37_25', '.._.._x', 'CON_', 'FA 2026_01')
    """
    name = re.sub(r'[<>:"/\\|?*\x00-\x1f\x7f]', "_", text).strip(" .")[:length].strip(" .")
    if text.startswith(".."):
        name = re.sub(r'[<>:"/\\|?*\x00-\x1f]', "_", text)[:length].rstrip(" .")
    if name.casefold() in RESERVED:
        name += "_"
    return name or "_"
