"""How a command ended: what the user is told, and what is opened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from xlbridge.errors import ExitCode, XlbridgeError

LONGEST = 1000
"""Most characters of a message box (Excel's own cuts at 1,024)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`text`: French, for a message box; empty where the workbook shows all there is to see. `open`: a file to be shown."""

    text: str = ""
    code: ExitCode = ExitCode.OK
    open: Path | None = None

    @classmethod
    def of(cls, fault: XlbridgeError) -> Answer:
        """What is said of a failure of the tool."""
        return cls(f"{fault.message}\n\n{fault.remedy}".strip(), fault.exit_code)

    @property
    def shown(self) -> str:
        """The text, no longer than a message box takes."""
        return self.text if len(self.text) <= LONGEST else f"{self.text[: LONGEST - 1]}…"


def counted(number: int, word: str, none: str = "aucun") -> str:
    """A number with its word: « 3 brouillons », « 1 brouillon », « aucun brouillon »."""
    return f"{number or none} {word}{'s' if number > 1 else ''}"
