"""Where a workbook is while its drafts are issued: in a closed file here, or in an application that shows it (see `desk`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from xlbridge.workbook.grid import Workbook, open_workbook
from xlbridge.workbook.registering import Move, check_movable, moved
from xlbridge.workbook.seal_sheet import SealSheet
from xlbridge.workbook.target import replace_with_backup
from xlbridge.workbook.template import Entry


class Holder(Protocol):
    """What a run of `issue` asks of the workbook's place. Each raises WrongUse where the user has to do something first."""

    @property
    def path(self) -> Path:
        """The workbook's file, for the settings and the logo beside it."""

    def read(self) -> tuple[Workbook, bytes]:
        """The workbook, and its file byte for byte, which is archived with what is issued from it."""

    def check_movable(self, entries: Iterable[Entry]) -> None:
        """Raise WrongUse where these drafts could not be moved to the register sheets."""

    def is_unchanged(self) -> bool:
        """Whether the workbook still says what was read."""

    def file(self) -> bytes:
        """The file as it is now."""

    def follow(self, moves: Sequence[Move], seal: SealSheet) -> Path | None:
        """Write the seal, and the drafts that were issued into the register sheets. Returns the backup kept of the file, if any."""


@dataclass
class ClosedFile:
    """A workbook that no application has open."""

    path: Path
    as_read: bytes = b""

    def read(self) -> tuple[Workbook, bytes]:
        """See `Holder`. Raises UnreadableFile."""
        workbook = open_workbook(self.path)
        self.as_read = self.file()
        return workbook, self.as_read

    def check_movable(self, entries: Iterable[Entry]) -> None:
        """See `Holder`."""
        check_movable(self.path, entries)

    def is_unchanged(self) -> bool:
        """See `Holder`."""
        return self.file() == self.as_read

    def file(self) -> bytes:
        """See `Holder`."""
        return self.path.read_bytes()

    def follow(self, moves: Sequence[Move], seal: SealSheet) -> Path:
        """See `Holder`."""
        return replace_with_backup(self.path, lambda target: moved(self.path, moves, seal, target, replace=True))
