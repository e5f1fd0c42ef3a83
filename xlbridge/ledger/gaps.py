"""What is to be known of the numbers of an older register: the gaps between them, and those that stand twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from xlbridge.findings import Cell, Finding, Rule, Severity
from xlbridge.ledger.continuing import Parsed, parsed

NUMBERING = "CGI, ann. II, art. 242 nonies A, I, 7° ; BOI-TVA-DECLA-30-20-20-10, § 70 à 130"
GAP = Rule(
    "FR-NUM-003", Severity.WARNING, "Trou dans la numérotation", "Entre {first} et {last}, il manque {count} numéro(s) : {missing}.",
    "retrouvez ces documents, ou notez pourquoi ils manquent ; le registre est repris tel qu’il est.", NUMBERING,
)  # fmt: skip
DUPLICATE = Rule(
    "FR-NUM-001", Severity.WARNING, "Numéro en double", "Le numéro {number} est porté par {count} documents de {year} ({places}).",
    "vérifiez s’il s’agit du même document ; le registre est repris tel qu’il est.", NUMBERING,
)  # fmt: skip
SHOWN = 12


@dataclass(frozen=True, slots=True)
class Numbered:
    """A number that was given, with the cell where it stands."""

    number: str
    day: date | None
    type_code: str | None
    cell: Cell | None = None


def gaps(every: Iterable[Numbered]) -> Iterator[Finding]:
    """The numbers that lack between two of one form, a finding for each form and period."""
    families: dict[tuple[tuple[str, str], int | None], list[tuple[Parsed, Numbered]]] = defaultdict(list)
    known = [(found, item) for item in every if (found := parsed(item.number, item.day))]
    years = Counter((item.number, item.day.year if item.day else None) for _, item in known)
    yearly = {number for number, count in Counter(number for number, _ in years).items() if count > 1}
    again = {found.family for found, item in known if item.number in yearly}
    for found, item in known:
        year = item.day.year if item.day and found.family in again else None
        families[found.family, year].append((found, item))
    for members in families.values():
        members.sort(key=lambda member: member[0].counter)
        lacking = [(one, two) for one, two in pairwise(members) if two[0].counter > one[0].counter + 1]
        if not lacking:
            continue
        spans = [_span(one[0], two[0]) for one, two in lacking]
        count = sum(two[0].counter - one[0].counter - 1 for one, two in lacking)
        shown = ", ".join(spans[:SHOWN]) + (f" et {len(spans) - SHOWN} autres" if len(spans) > SHOWN else "")
        cell = next((two[1].cell for _, two in lacking if two[1].cell), None)
        first, last = members[0][1].number, members[-1][1].number
        yield GAP.found("number", "BT-1", cell, first=first, last=last, count=count, missing=shown, every=spans)


def _span(before: Parsed, after: Parsed) -> str:
    low, high = (f"{before.family[0]}{counter:0{before.width}}{before.family[1]}" for counter in (before.counter + 1, after.counter - 1))
    return low if after.counter - before.counter == 2 else f"{low} à {high}"


def duplicates(every: Iterable[Numbered]) -> Iterator[Finding]:
    """The numbers that several documents of one year bear."""
    same: dict[tuple[str, int | None], list[Numbered]] = defaultdict(list)
    for item in every:
        same[item.number, item.day.year if item.day else None].append(item)
    for (number, year), items in same.items():
        if len(items) > 1:
            places = " ; ".join(str(item.cell) if item.cell else "registre" for item in items[:SHOWN])
            cell = next((item.cell for item in reversed(items) if item.cell), None)
            yield DUPLICATE.found("number", "BT-1", cell, number=number, count=len(items), year=year or "date inconnue", places=places)
