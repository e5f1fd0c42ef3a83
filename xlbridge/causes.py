"""Which findings of a document follow from another one: they are told by it, so that one mistake is one finding.

A rule says in its declaration (`follows`, also in `data/official_fr.toml`) of which others it may be a consequence. It is one where such
a finding concerns every value that it comes from: the same, one of which that is a part, or one from which it is computed. The cause then
weighs as much as its consequence and carries its code. What has no cause among the findings is told itself.

>>> from xlbridge.findings import Rule, Severity
>>> cause = Rule("FR-TVA-010", Severity.WARNING, "Taux", "19 % n’est pas un taux.").found("lines[0].vat_rate")
>>> consequence = Rule("FR-MNT-015", Severity.BLOCKING, "TVA", "La TVA est fausse.", follows=("FR-TVA-010",)).found("totals.vat")
>>> [(finding.code, finding.severity.label, finding.consequences) for finding in told([cause, consequence])]
[('FR-TVA-010', 'BLOQUANT', ('FR-MNT-015',))]
>>> [finding.code for finding in told([consequence])]
['FR-MNT-015']
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

from xlbridge.findings import Finding
from xlbridge.model.term import SHORT_PATHS

UNREAD = (
    "LEC-023", "LEC-024", "LEC-028", "LEC-039", "LEC-041", "LEC-042", "LEC-043", "LEC-045", "LEC-046", "LEC-047", "LEC-057", "LEC-094",
    "LEC-095",
)  # fmt: skip
"""What says that a value is written and could not be taken from its cell, nor from the list that it names: it is then missing."""
SUMS = ("FR-MNT-010", "FR-MNT-015", "FR-MNT-016", "FR-MNT-020", "FR-MNT-023", "FR-MNT-025", "FR-MNT-026", "FR-MNT-027")
"""What says that a sum is wrong."""
TOTALS = ("line_net", "allowances", "charges", "net", "vat", "gross", "due", "")
"""In the order in which they are computed; the last stands for all of them."""


def told(findings: Sequence[Finding]) -> list[Finding]:
    """The findings of one document without the consequences of others of them, in their order."""
    standing = _standing(findings)
    causes = [_causes(at, findings, standing) for at in range(len(findings))]
    shown = [list(_roots(at, causes)) for at in range(len(findings))]
    under: dict[int, list[Finding]] = {}
    for at, roots in enumerate(shown):
        for root in roots:
            if root != at:
                under.setdefault(root, []).append(findings[at])
    return [_with(finding, under.get(at, ())) for at, finding in enumerate(findings) if not causes[at]]


def _standing(findings: Sequence[Finding]) -> Mapping[tuple[str, str], Sequence[int]]:
    """Where the findings stand that say a code (theirs, or told by them) of a part of the document; "": of any. A document may have
    thousands of lines, each with its findings."""
    standing: dict[tuple[str, str], list[int]] = {}
    for at, finding in enumerate(findings):
        parts = {"", *(_part(place) for place in (finding.field or "", *finding.about))}
        for key in product(dict.fromkeys((finding.code, *finding.consequences)), parts):
            standing.setdefault(key, []).append(at)
    return standing


def _causes(own: int, findings: Sequence[Finding], standing: Mapping[tuple[str, str], Sequence[int]]) -> list[int]:
    """Where the causes of a finding stand: one at least for every value that it comes from, else none at all."""
    finding, found = findings[own], []
    for path in (finding.about or (finding.field or "",)) if finding.follows else ():
        keys = product(finding.follows, _parts_beside(path))
        possible = dict.fromkeys(at for key in keys for at in standing.get(key, ()) if at != own)
        of_path = [at for at in possible if _bears_on(findings[at], path)]
        if not of_path:
            return []
        found += of_path
    return found


def _part(path: str) -> str:
    """The part of the document that a path begins with: `lines[0]` of `lines[0].vat_rate`."""
    return path.partition(".")[0]


def _parts_beside(path: str) -> tuple[str, ...]:
    """The parts of the document that may hold a value that bears on the one at `path`."""
    part = _part(path)
    base, indexed, _ = part.partition("[")
    return (part, base) if indexed and base != "vat_breakdown" else ("",)  # a base and a tax are made of any lines


def _roots(at: int, causes: Sequence[Sequence[int]]) -> set[int]:
    """The findings that are no consequence and from which that at `at` follows in the end; itself where it is one of them."""
    return {root for cause in causes[at] for root in _roots(cause, causes)} if causes[at] else {at}


def _with(finding: Finding, consequences: Sequence[Finding]) -> Finding:
    """The cause with the weight and the codes of what follows from it."""
    if not consequences:
        return finding
    weight = min((finding.severity, *(item.severity for item in consequences)), key=lambda severity: severity.rank)
    codes = dict.fromkeys((*finding.consequences, *(code for item in consequences for code in (item.code, *item.consequences))))
    return replace(finding, severity=weight, consequences=tuple(codes))


def _bears_on(cause: Finding, path: str) -> bool:
    """Whether the value at `path` is one that `cause` concerns, has one as a part, is a part of one, or is computed from one."""
    places = (cause.field or "", *cause.about)
    return any(_same_or_within(path, place) or _same_or_within(place, path) or _is_computed_from(path, place) for place in places)


def _is_computed_from(path: str, other: str) -> bool:
    """Whether the amount at `path` is made of the value at `other`: bases of lines, a tax of its base and rate, totals of all of them."""
    group, _, field = path.partition(".")
    if group == "totals":
        of_totals, _, earlier = other.partition(".")
        before = TOTALS[: TOTALS.index(field)] if field in TOTALS else ()
        return other.startswith(("lines", "allowances", "charges", "vat_breakdown")) or (of_totals == group and earlier in before)
    if path.startswith("vat_breakdown"):
        return other.startswith("lines") if field in {"", "base"} else field == "amount" and other.startswith(f"{group}.")
    return False


def _same_or_within(inner: str, outer: str) -> bool:
    inner, outer = _whole(inner), _whole(outer)
    return inner == outer or inner.startswith((f"{outer}.", f"{outer}["))


def _whole(path: str) -> str:
    """`buyer.country` as it stands in the model: `buyer.address.country`."""
    party, _, field = path.partition(".")
    return f"{party}.{SHORT_PATHS[field]}" if field in SHORT_PATHS else path
