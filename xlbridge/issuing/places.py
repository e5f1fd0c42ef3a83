"""Where the user says that ledger, archive and key are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Places:
    """Where the user says that ledger, archive and key are; None: the usual places."""

    ledger: str | None = None
    archive: Path | None = None
    key: str | None = None
