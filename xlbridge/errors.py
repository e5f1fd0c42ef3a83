"""Failures of the tool itself, each with its exit code and the remedy a user can act on.

Faults in the user's data are never raised: they are `Finding` values (see `xlbridge.findings`). What is raised here stops one
file, or the command; the message and the remedy are French, because a user reads them.
"""

from __future__ import annotations

import errno
from enum import IntEnum


class ExitCode(IntEnum):
    """What a command answers to the shell; where several apply, the first of the order 2, 4, 3, 1, 5, 0 wins."""

    OK = 0
    BLOCKING_FINDINGS = 1
    WRONG_USE = 2
    UNREADABLE = 3
    LEDGER_BROKEN = 4
    NOT_CHECKED = 5
    STOPPED = 130


EXIT_ORDER = (ExitCode.WRONG_USE, ExitCode.LEDGER_BROKEN, ExitCode.UNREADABLE, ExitCode.BLOCKING_FINDINGS, ExitCode.NOT_CHECKED)


def worst(codes: set[ExitCode]) -> ExitCode:
    """The exit code of a command whose files gave `codes`.

    >>> worst({ExitCode.NOT_CHECKED, ExitCode.UNREADABLE}).name
    'UNREADABLE'
    >>> worst(set()).name
    'OK'
    """
    return next((code for code in EXIT_ORDER if code in codes), ExitCode.OK)


SYSTEM = {
    errno.ENOSPC: "le disque est plein",
    errno.EDQUOT: "votre espace sur ce disque est épuisé",
    errno.EFBIG: "le fichier est trop grand pour ce disque",
    errno.EROFS: "le disque est en lecture seule",
    errno.EACCES: "l’accès est refusé, ou un autre programme tient le fichier ouvert",
    errno.ENOENT: "le dossier ou le fichier manque",
    errno.ENOTDIR: "une partie du chemin est un fichier, pas un dossier",
    errno.EISDIR: "c’est un dossier, pas un fichier",
    errno.ENAMETOOLONG: "le chemin est trop long",
    errno.EIO: "le disque est défectueux",
}
SYSTEM[errno.EPERM] = SYSTEM[errno.EACCES]
SYSTEM[errno.EEXIST] = SYSTEM[errno.ENOTDIR]


def why(fault: OSError) -> str:
    """Why the system could not do it, in French; its own words for what is rare.

    >>> why(OSError(28, "No space left on device"))
    'le disque est plein'
    """
    return SYSTEM.get(fault.errno or 0) or fault.strerror or str(fault)


class XlbridgeError(Exception):
    """A failure with a French message, what to do about it, and the exit code of the command."""

    exit_code = ExitCode.WRONG_USE

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class WrongUse(XlbridgeError):
    """The command was called in a way that cannot work (missing file, contradictory options)."""


class UnreadableFile(XlbridgeError):
    """A file that cannot be read: broken, encrypted, too large, hostile, or open elsewhere."""

    exit_code = ExitCode.UNREADABLE


class NotChecked(XlbridgeError):
    """A check that was promised could not run; never to be mistaken for a pass."""

    exit_code = ExitCode.NOT_CHECKED


class CannotRender(XlbridgeError):
    """An invoice too incomplete to be drawn or written; the findings that say why come with the document."""

    exit_code = ExitCode.BLOCKING_FINDINGS


class LedgerBroken(XlbridgeError):
    """The ledger, its key or its archive is missing, broken, changed, or cannot be written; nothing was issued."""

    exit_code = ExitCode.LEDGER_BROKEN
