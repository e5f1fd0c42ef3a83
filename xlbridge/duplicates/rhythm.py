"""What comes back regularly is no duplicate: subscriptions, weekly deliveries, a till.

>>> weekly = Rhythm.of([date(2026, 3, day) for day in (2, 9, 16, 23)])
>>> weekly.broken_by(7), weekly.broken_by(2), Rhythm.of([date(2026, 3, 2)]).broken_by(2)
(False, True, True)
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median

ENOUGH = 4
"""Fewer days are no rhythm."""
RARE = 0.1
"""Where more of the gaps than this are short, short ones are usual (and one alone never is)."""
CROWD, CROWDED = 12, 2.5
"""From so many documents on, and so many a day, a buyer stands for many: « client de passage », a property manager's buildings."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The usual number of days between the documents of one amount to one buyer. None: there are too few of them to say; 0: any gap, as
    at a till, is usual."""

    usual: float | None

    @classmethod
    def of(cls, days: Iterable[date | None]) -> Rhythm:
        """The rhythm of some issue dates, in any order."""
        known = sorted([day for day in days if day])
        if len(known) < ENOUGH:
            return cls(None)
        gaps = [(after - before).days for before, after in pairwise(known)]
        usual = median(gaps)
        short = sum(1 for gap in gaps if gap * 2 < usual)
        return cls(usual if short <= max(1, RARE * len(gaps)) else 0)

    def broken_by(self, gap: int) -> bool:
        """Whether `gap` days between two documents are fewer than half of what is usual."""
        return self.usual is None or gap * 2 < self.usual


def is_crowd(days: Sequence[date | None]) -> bool:
    """Whether the issue dates of a buyer's documents are those of many buyers under one name.

    >>> is_crowd([date(2026, 3, day % 3 + 1) for day in range(12)]), is_crowd([date(2026, 3, day) for day in range(1, 13)])
    (True, False)
    """
    return len(days) >= CROWD and len(days) >= CROWDED * len(set(days))


def by_calendar(first: date, second: date) -> bool:
    """Whether whole weeks or whole months lie between two days: the first two invoices of what may become a rhythm.

    >>> by_calendar(date(2026, 1, 31), date(2026, 2, 28)), by_calendar(date(2026, 1, 5), date(2026, 1, 19))
    (True, True)
    >>> by_calendar(date(2026, 1, 5), date(2026, 1, 20)), by_calendar(date(2026, 1, 5), date(2026, 1, 5))
    (False, False)
    """
    if first == second:
        return False
    return first.day == second.day or (_is_last(first) and _is_last(second)) or (second - first).days % 7 == 0


def _is_last(day: date) -> bool:
    return day.day == monthrange(day.year, day.month)[1]
