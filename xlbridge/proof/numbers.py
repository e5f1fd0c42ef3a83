"""Numbers without gap, of their series, in the order of their dates; and the dates against the clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from xlbridge.findings import Finding
from xlbridge.french import as_read, short_date
from xlbridge.ledger import chain
from xlbridge.ledger.record import TAKEN_OVER
from xlbridge.ledger.series import Series
from xlbridge.ledger.store import CLOCK_TOLERANCE
from xlbridge.proof import rules
from xlbridge.proof.facts import Facts, Sealed

FURTHEST_EAST = timedelta(hours=12)  # Wallis and Futuna: nowhere in France is it a later day
SHOWN_GAP = 20


def check_numbering(facts: Facts) -> list[Finding]:
    """Every series as its records say. What was taken over keeps the gaps it came with."""
    findings: list[Finding] = []
    counters = _doubtful_counters(facts)
    latest: dict[str, Sealed] = {}
    first: dict[tuple[str, str, str], int] = {}
    unknown: set[str] = set()
    for document in facts.documents:
        if document.origin == TAKEN_OVER:
            continue
        findings += _twice(document, first)
        series = facts.series.get(document.series or "")
        if series is None:
            if document.series not in unknown:
                unknown.add(document.series or "")
                findings.append(rules.UNKNOWN_SERIES.found(series=document.series, number=document.name, seq=document.seq))
            continue
        findings += _number(document, series)
        findings += _order(document, latest)
        findings += _gaps(document, series, counters)
    return findings


def _doubtful_counters(facts: Facts) -> dict[tuple[str | None, str | None], set[int]]:
    """Counters of documents whose records are not believed: they were given, as far as the index says."""
    found: dict[tuple[str | None, str | None], set[int]] = {}
    for row in facts.doubtful_rows():
        if isinstance(row["counter"], int):
            found.setdefault((row["series"], row["period"]), set()).add(row["counter"])
    return found


def _twice(document: Sealed, first: dict[tuple[str, str, str], int]) -> Iterator[Finding]:
    key = (document.number or "", (document.issue_date or "")[:4], document.seller)
    if first.setdefault(key, document.seq) != document.seq:
        yield rules.TWICE.found(number=document.name, first=first[key], seq=document.seq)


def _number(document: Sealed, series: Series) -> Iterator[Finding]:
    day = date.fromisoformat(document.issue_date) if document.issue_date else None
    expected = series.number(document.counter, day) if day and document.counter is not None else "aucun numéro"
    period = series.period(day) if day else None
    if (document.number, document.period) != (expected, period):
        yield rules.OTHER_NUMBER.found(seq=document.seq, number=document.name, series=series.name, expected=expected)


def _order(document: Sealed, latest: dict[str, Sealed]) -> Iterator[Finding]:
    before = latest.get(document.series or "")
    if before is not None and (document.issue_date or "") < (before.issue_date or ""):
        day, last = as_read(document.issue_date or "sans date"), as_read(before.issue_date or "sans date")
        yield rules.DATE_ORDER.found(number=document.name, day=day, before=before.name, last_day=last)
    else:
        latest[document.series or ""] = document


def _gaps(document: Sealed, series: Series, counters: dict[tuple[str | None, str | None], set[int]]) -> Iterator[Finding]:
    """The counters between the last one of the series and period, and this one."""
    place = (document.series, document.period)
    known = counters.setdefault(place, set())
    if document.counter is None:
        return
    start = series.start(document.period or "")
    at = document.counter - 1
    missing: list[int] = []
    while at >= start and at not in known and len(missing) < SHOWN_GAP:
        missing.append(at)
        at -= 1
    known.add(document.counter)
    known.update(missing)  # each gap is told once
    day = date.fromisoformat(document.issue_date) if document.issue_date else None
    for counter in sorted(missing):
        number = series.number(counter, day) if day else str(counter)
        yield rules.GAP.found(series=series.name, number=number, next_number=document.name, seq=document.seq)


def check_clock(facts: Facts, now: datetime) -> list[Finding]:
    """The clock now against the last record, and the date of each document against the day it was sealed."""
    findings = []
    last = max([*facts.times.values(), *facts.event_times.values()], default=None)
    if last is not None and now < chain.time_of(last) - CLOCK_TOLERANCE:
        findings.append(rules.SET_BACK.found(now=f"{now:%d/%m/%Y %H:%M}", then=f"{chain.time_of(last):%d/%m/%Y %H:%M}"))
    for document in facts.documents:
        if document.origin == TAKEN_OVER or not document.issue_date:
            continue
        day, sealed = date.fromisoformat(document.issue_date), chain.time_of(document.at)
        if day > (sealed + FURTHEST_EAST).date():
            findings.append(rules.POSTDATED.found(number=document.name, day=short_date(day), sealed=short_date(sealed.date())))
    return findings
