"""The closings of the ledger, computed again from its records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from xlbridge.findings import Finding
from xlbridge.ledger.closings import YEAR_LENGTH, Sums, Tally, content_of, month_of, months_between, period_name
from xlbridge.proof import rules
from xlbridge.proof.facts import Facts, Sound

LABELS = {
    "count": "le nombre de documents", "totals": "les totaux", "vat": "la TVA par taux", "series": "les numéros", "cumulative": "le cumul",
    "first_seq": "le premier maillon", "last_seq": "le dernier maillon", "previous_closing": "la clôture précédente",
    "events_seq": "les événements", "events_hash": "les événements",
}  # fmt: skip


def check_closings(facts: Facts) -> list[Finding]:
    """Each closing says what its documents add up to, and none is missing before another.

    Where a record is missing or not believed the sums cannot be computed, and the closings after it are not judged by them.
    """
    findings: list[Finding] = []
    previous: dict[int, Sound] = {}
    for closing in facts.closings:
        if facts.is_whole:
            findings += _wrong(facts, closing, previous.get(len(closing.content["period"])))
        previous[len(closing.content["period"])] = closing
    return findings + list(_missing(facts))


def _wrong(facts: Facts, closing: Sound, previous: Sound | None) -> Iterator[Finding]:
    period = str(closing.content["period"])
    tally, cumulative = Tally(), Sums()
    for month in sorted(facts.tallies):
        if month[: len(period)] <= period:
            cumulative.merge(facts.tallies[month].sums)
        if month.startswith(period):
            tally.merge(facts.tallies[month])
    reached = closing.content.get("events_seq")
    events = (reached, facts.event_hashes.get(reached)) if isinstance(reached, int) and reached else (0, None)
    expected = content_of(period, tally, cumulative, previous.link.hash if previous else None, events)
    wrong = _different(closing.content, expected)
    if wrong:
        yield rules.CLOSING_WRONG.found(period=period_name(period), seq=closing.link.seq, what=", ".join(wrong))
    if month_of(closing.data["at"])[: len(period)] <= period:
        yield rules.CLOSING_WRONG.found(period=period_name(period), seq=closing.link.seq, what="la période n’était pas finie")


def _different(found: Mapping[str, Any], expected: Mapping[str, Any]) -> list[str]:
    names = [name for name in {**expected, **found} if found.get(name) != expected.get(name)]
    return list(dict.fromkeys(LABELS.get(name, name) for name in names))


def _missing(facts: Facts) -> Iterator[Finding]:
    """Periods with documents, before one that is closed, that have no closing."""
    closed = {str(closing.content["period"]) for closing in facts.closings}
    months = sorted(period for period in closed if len(period) > YEAR_LENGTH)
    years = sorted(closed - set(months))
    with_documents = sorted(facts.tallies)
    needed = set(months_between(with_documents[0], months[-1])) if with_documents and months else set()
    needed |= {month for month in with_documents if month[:YEAR_LENGTH] in years}
    for month in sorted(needed - closed):
        witness = months[-1] if months and months[-1] > month else month[:YEAR_LENGTH]
        yield rules.CLOSING_MISSING.found(period=period_name(month), why=f"celle de {period_name(witness)} y est")
    if years and with_documents:
        for year in range(int(with_documents[0][:YEAR_LENGTH]), int(years[-1])):
            if str(year) not in closed:
                yield rules.CLOSING_MISSING.found(period=period_name(str(year)), why=f"celle de {period_name(years[-1])} y est")
