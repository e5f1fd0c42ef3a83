"""What is made of the invoice asked for last is kept: the rules judge one invoice after the other, and many ask for the same of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from xlbridge.model import Invoice

Made = TypeVar("Made")


def of_latest(make: Callable[[Invoice], Made]) -> Callable[[Invoice], Made]:
    """`make`, called once for all who ask for the same invoice (the same object) one after the other.

    >>> made = of_latest(lambda invoice: [invoice.number])
    >>> one, other = Invoice(number="F1"), Invoice(number="F1")
    >>> made(one) is made(one), made(other) is made(one)
    (True, False)
    """
    latest: tuple[Invoice | None, Made | None] = (None, None)

    @wraps(make)
    def made(invoice: Invoice) -> Made:
        nonlocal latest
        asked, kept = latest
        if asked is not invoice:
            kept = make(invoice)
            latest = (invoice, kept)
        return kept  # type: ignore[return-value]

    return made
