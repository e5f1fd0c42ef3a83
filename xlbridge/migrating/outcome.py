"""What a migration was asked to do, what becomes of each document, and how that is told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from xlbridge.company import Company
from xlbridge.errors import ExitCode
from xlbridge.findings import Finding
from xlbridge.issuing.places import Places
from xlbridge.ledger.takeover import Takeover
from xlbridge.migrating.sources import Old, Sources

USUAL = Places()


class Fate(StrEnum):
    """What becomes of a document: every one that was read has one."""

    REGISTER = "register"
    TWIN = "twin"
    LEFT_OUT = "left_out"
    OTHER_SELLER = "other_seller"


@dataclass(frozen=True)
class Request:
    """What the user asked for."""

    old: tuple[Path, ...]
    target: Path
    company: Path | None = None
    clients: Path | None = None
    places: Places = USUAL
    no_ledger: bool = False
    dry_run: bool = False


@dataclass
class Migration:
    """What was read, what becomes of each document, and what was written."""

    request: Request
    sources: Sources
    company: Company | None = None
    fates: dict[Old, Fate] = field(default_factory=dict)
    clients: int = 0
    articles: int = 0
    takeover: Takeover | None = None
    ledger: str | None = None
    findings: list[Finding] = field(default_factory=list)
    written: bool = False

    def of(self, *fates: Fate) -> list[Old]:
        """The documents of these fates."""
        return [old for old, fate in self.fates.items() if fate in fates]

    def counts(self, path: Path | None = None) -> dict[str, int]:
        """How many documents were read (of one file, or of all), and what became of them: the parts add up to `read`."""
        found = Counter(fate for old, fate in self.fates.items() if path is None or old.path == path)
        read = sum(1 for old in self.sources.documents if path is None or old.path == path)
        return {"read": read} | {fate.value: found[fate] for fate in Fate}

    @property
    def exit_code(self) -> ExitCode:
        """1 where documents stayed out of the register, 3 where a file could not be read (in a dry run)."""
        if self.sources.unreadable:
            return ExitCode.UNREADABLE
        return ExitCode.BLOCKING_FINDINGS if self.of(Fate.LEFT_OUT, Fate.OTHER_SELLER) else ExitCode.OK

    def as_json(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {
            "workbook": str(self.request.target),
            "written": self.written,
            "dry_run": self.request.dry_run,
            "company": self.company.name if self.company else None,
            "files": [{"file": str(path), "reason": reason, **self.counts(path)} for path, reason in self.sources.reasons.items()],
            "counts": self.counts(),
            "clients": self.clients,
            "articles": self.articles,
            "documents": [
                {"file": str(old.path), "number": old.past.invoice.number, "cell": old.cell.reference if old.cell else None, "fate": fate}
                for old, fate in self.fates.items()
            ],
            "ledger": {"identifier": self.ledger, **self.takeover.as_json()} if self.takeover else None,
            "findings": [finding.as_json() for finding in self.findings],
        }
