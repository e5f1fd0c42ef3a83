"""What a ledger says when each of its records is believed only as far as its hash, its place and its signature bear it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from xlbridge.ledger.chain import Link
from xlbridge.ledger.closings import Tally
from xlbridge.ledger.series import Series


@dataclass(frozen=True, slots=True)
class Sound:
    """A record that is what its signature says, with its body read."""

    link: Link
    data: Mapping[str, Any]

    @property
    def content(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.data["content"]
        return found


@dataclass(frozen=True, slots=True)
class Sealed:
    """A document of the ledger, as its record says."""

    seq: int
    at: str
    origin: str
    number: str | None
    issue_date: str | None
    seller: str
    series: str | None
    period: str | None
    counter: int | None
    files: Mapping[str, str]
    workbook: str
    book: str | None
    register: Mapping[str, Any] | None

    @property
    def name(self) -> str:
        return self.number or "document sans numéro"


@dataclass
class Facts:
    """What was read. `unsound`: the records that are not believed; `hashes` and `times`: of the bodies as they are now, by record."""

    public: str | None = None
    opening: Mapping[str, Any] = field(default_factory=dict)
    documents: list[Sealed] = field(default_factory=list)
    series: dict[str, Series] = field(default_factory=dict)
    closings: list[Sound] = field(default_factory=list)
    tallies: dict[str, Tally] = field(default_factory=dict)
    unsound: set[int] = field(default_factory=set)
    has_gaps: bool = False
    hashes: dict[int, str] = field(default_factory=dict)
    times: dict[int, str] = field(default_factory=dict)
    event_hashes: dict[int, str] = field(default_factory=dict)
    event_times: dict[int, str] = field(default_factory=dict)
    rows: dict[int, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def last_seq(self) -> int:
        return max(self.hashes, default=0)

    @property
    def last_event(self) -> int:
        return max(self.event_hashes, default=0)

    @property
    def is_whole(self) -> bool:
        """Whether every record is there and believed."""
        return not self.unsound and not self.has_gaps

    def name_of(self, seq: int) -> str:
        """` (F2026-0041)` after the number of a record, where the index knows it; or nothing."""
        number = self.rows.get(seq, {}).get("number")
        return f" ({number})" if number else ""

    def doubtful_rows(self) -> list[Mapping[str, Any]]:
        """The rows of the index whose records are not believed: all that is left to know of these documents."""
        return [row for seq, row in self.rows.items() if seq in self.unsound]
