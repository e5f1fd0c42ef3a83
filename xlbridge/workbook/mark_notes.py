"""The note of a marked cell: what is found there, and what the cell looked like before.

The note remembers the colour that was there, and keeps the user's own note below ours. It moves with its cell when rows are sorted or
inserted, which a list of addresses elsewhere would not.

>>> note = note_of(["xlbridge · NOTE LEC-018\\nRien à dire."], Look("#FFF3D6", "à revoir avec Paul"))
>>> former(note)
Look(fill='#FFF3D6', note='à revoir avec Paul')
>>> former("une note à moi") is None
True
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from xlbridge.workbook.port import Look

HEAD = "xlbridge · "
NONE = "aucun"
OWN = "\n\n— Votre note —\n"
MARK = re.compile(rf"{re.escape(HEAD)}.*?\n\[fond d’avant : ({NONE}|#[0-9A-F]{{6}})\](?:{re.escape(OWN)}(.*))?", re.DOTALL)


def note_of(texts: Sequence[str], before: Look) -> str:
    """The note of a marked cell that looked like `before`."""
    own = f"{OWN}{before.note}" if before.note else ""
    return "\n\n".join(texts) + f"\n[fond d’avant : {before.fill or NONE}]{own}"


def former(note: str) -> Look | None:
    """What a cell with this note looked like before it was marked; None where the note is not ours."""
    found = MARK.fullmatch(note)
    return None if found is None else Look(None if found[1] == NONE else found[1], found[2])


def with_own(note: str | None, text: str) -> str:
    """A note, ours or not, with one more text of the user's at its end; not a second time.

    >>> with_own(with_own("vu", "avec Paul"), "avec Paul")
    'vu\\n\\navec Paul'
    >>> with_own("prévu", "vu")
    'prévu\\n\\nvu'
    """
    before = former(note) if note else None
    own = before.note if before else note
    if note and f"\n\n{text}\n\n" in f"\n\n{own or ''}\n\n":
        return note
    return (note or "") + ("\n\n" if own else OWN if before else "") + text
