"""The texts of an invoice, folded for comparison; and whether a word stands in them at all, before each is looked at by itself.

>>> from xlbridge.model import Note
>>> invoice = Invoice(notes=(Note(text="Payable à réception"), Note(text="Autoliquidation")))
>>> note_with(invoice, "autoliquidation", "reverse charge"), may_say(invoice, "avoir")
('notes[1].text', False)
"""

from __future__ import annotations

from functools import lru_cache

from xlbridge.folding import folded
from xlbridge.model import Invoice
from xlbridge.rules.latest import of_latest


@of_latest
def written(invoice: Invoice) -> tuple[str, ...]:
    """The texts of the notes, folded for comparison."""
    return tuple([folded(note.text) for note in invoice.notes])


def note_with(invoice: Invoice, *words: str) -> str | None:
    """The path of the first note that contains one of `words`, which are folded."""
    if not any(map(_notes(invoice).__contains__, words)):
        return None
    return next(f"notes[{at}].text" for at, text in enumerate(written(invoice)) if any(word in text for word in words))


def may_say(invoice: Invoice, *words: str) -> bool:
    """Whether one of `words` (plain lower case) stands in any note, line, reason of a charge or in the payment terms."""
    return any(map(_whole(invoice).__contains__, words))


@of_latest
def _notes(invoice: Invoice) -> str:
    return "\n".join(written(invoice))


@of_latest
def _whole(invoice: Invoice) -> str:
    texts = [invoice.payment_terms, *[note.text for note in invoice.notes], *[charge.reason for charge in invoice.charges]]
    for line in invoice.lines:
        texts += (line.name, line.description, line.note)
    return "\n".join(map(_plain, filter(None, texts)))


_plain = lru_cache(maxsize=4096)(str.casefold)
