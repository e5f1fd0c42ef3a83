"""The texts of an invoice, folded for comparison; and whether a word stands in them at all, before each is looked at by itself.

>>> from xlbridge.model import Note
>>> invoice = Invoice(notes=(Note(text="Payable à réception"), Note(text="Autoliquidation")))
>>> note_with(invoice, "autoliquidation", "reverse charge"), may_say(invoice, "avoir")
('notes[1].text', False)
"""

from __future__ import annotations

from xlbridge.folding import folded
from xlbridge.model import Invoice
from xlbridge.rules.latest import of_latest


@of_latest
def written(invoice: Invoice) -> tuple[tuple[str, str], ...]:
    """The texts of the notes with their paths, folded for comparison."""
    return tuple((f"notes[{position}].text", folded(note.text)) for position, note in enumerate(invoice.notes))


def note_with(invoice: Invoice, *words: str) -> str | None:
    """The path of the first note that contains one of `words`, which are folded."""
    if not any(map(_notes(invoice).__contains__, words)):
        return None
    return next((path for path, text in written(invoice) if any(word in text for word in words)), None)


def may_say(invoice: Invoice, *words: str) -> bool:
    """Whether one of `words` (plain lower case) stands in any note, line, reason of a charge or in the payment terms."""
    return any(map(_whole(invoice).__contains__, words))


@of_latest
def _notes(invoice: Invoice) -> str:
    return "\n".join(text for _, text in written(invoice))


@of_latest
def _whole(invoice: Invoice) -> str:
    texts = [invoice.payment_terms, *(note.text for note in invoice.notes), *(charge.reason for charge in invoice.charges)]
    for line in invoice.lines:
        texts += (line.name, line.description, line.note)
    return "\n".join(filter(None, texts)).casefold()
