"""Until when a document is kept.

Accounting documents: ten years (C. com., art. L123-22, al. 2), counted from the close of the financial year. Tax documents: six years,
and ten from 1 January 2027 for those whose six years have not run out by then (LPF, art. L102 B as amended by loi 2026-534, art. 36;
L102 B bis for how they are kept). Ten years from the close of the year are never less than either.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from xlbridge.french import long_date

YEARS = 10
FEBRUARY = 2
DECEMBER_31 = (12, 31)


def kept_until(issue_date: date, closing_month_day: tuple[int, int] = DECEMBER_31) -> date:
    """The last day of the retention of a document of `issue_date`, in a company that closes its year on `closing_month_day`.

    >>> kept_until(date(2026, 3, 14)), kept_until(date(2026, 12, 31))
    (datetime.date(2036, 12, 31), datetime.date(2036, 12, 31))
    >>> kept_until(date(2026, 6, 30), (6, 30)), kept_until(date(2026, 7, 1), (6, 30))
    (datetime.date(2036, 6, 30), datetime.date(2037, 6, 30))

    A year that closes at the end of February closes on its last day, whichever that is:

    >>> kept_until(date(2028, 2, 29), (2, 28)), kept_until(date(2026, 2, 28), (2, 29))
    (datetime.date(2038, 2, 28), datetime.date(2036, 2, 29))
    """
    year = issue_date.year if issue_date <= _closing(issue_date.year, *closing_month_day) else issue_date.year + 1
    return _closing(year + YEARS, *closing_month_day)


def counted_from(until: date) -> str:
    """How the date `until` was counted, for people.

    >>> counted_from(date(2036, 12, 31))
    'dix ans après la clôture de l’exercice, au 31 décembre'
    """
    return f"dix ans après la clôture de l’exercice, au {long_date(until).rpartition(' ')[0]}"


def _closing(year: int, month: int, day: int) -> date:
    last = monthrange(year, month)[1]
    return date(year, month, last if month == FEBRUARY and day >= 28 else day)
