"""Which documents stand there twice: the exact key of the reform, and what only looks like it.

No document is compared with every other: exact ones share (number, year, seller), near ones share the spelling of their number, or
seller, buyer and amount; within such a block each is compared with a few that follow it.

**Unknown sellers.** A file is one firm's: a document whose seller's SIREN is unknown has that of the others in its source, where they
all have one. Where nobody's is known, the documents of one source are one seller's; those of two sources may be two firms', so they
share no exact key, and numbers alike are told only where buyer and amount agree too. A document without number is compared by content,
amount and order only.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from itertools import islice
from pathlib import PurePath

from xlbridge.duplicates.known import Known, order_key
from xlbridge.duplicates.numbers import spelled
from xlbridge.duplicates.pairs import Likeness, alike_in_spelling, excused, same_amount, same_content, same_order
from xlbridge.duplicates.rhythm import Rhythm, is_crowd
from xlbridge.findings import Finding, Rule
from xlbridge.french import short_date
from xlbridge.rules.numbering import DUPLICATE

DAYS = 5
"""Two invoices of one amount to one buyer are near when no more days lie between them: less than a week, which is a rhythm."""
NEIGHBOURS = 6
"""How many of the documents that follow it in its block each is compared with."""
FEW = 3
"""More documents of one content are a till's, not a slip."""

Likenesses = Iterator[tuple[int, int, Likeness]]


def find(
    documents: Sequence[Known], against: Sequence[Known] = (), *, days: int = DAYS, content: Callable[[int], str] | None = None
) -> list[tuple[int, Finding]]:
    """The findings about `documents`, each with the index of the document it concerns, placed on that one's cell, in this order.

    Twins are looked for in `documents` and in `against`. Of each rule a document gets one finding at most, about the twin most like it.
    `content` gives the content of the document at an index, where `documents` were made without it.
    """
    every = (*documents, *against)

    def content_of(index: int) -> str:
        return every[index].content or (content(index) if content and index < len(documents) else "")

    search = Search(every, days, cache(content_of))
    found = list(search.exact())
    best: dict[tuple[int, str], tuple[int, Likeness]] = {}
    for first, second, likeness in search.near():
        for here, there in ((first, second), (second, first)):
            known = best.get((here, likeness.rule.code))
            if known is None or likeness.score > known[1].score:
                best[here, likeness.rule.code] = there, likeness
    for (here, _), (there, like) in best.items():
        finding = search.finding(like.rule, here, there, like.score, like.reason).weighing(like.severity)
        found.append((here, finding))
    return sorted([item for item in found if item[0] < len(documents)], key=lambda item: (item[0], item[1].code))


@dataclass(frozen=True)
class Search:
    """All documents of one search, and what is worked out of them once."""

    every: Sequence[Known]
    days: int
    content: Callable[[int], str]

    @cached_property
    def sellers(self) -> list[str]:
        """The seller of each document: its SIREN, else the one SIREN of its source, else « ? » and the source."""
        known: dict[str, set[str]] = defaultdict(set)
        for document in self.every:
            if document.seller_siren:
                known[document.source].add(document.seller_siren)
        alone = {source: next(iter(sirens)) for source, sirens in known.items() if len(sirens) == 1}
        return [document.seller_siren or alone.get(document.source) or f"?{document.source}" for document in self.every]

    @cached_property
    def keys(self) -> list[tuple[str, int, str] | None]:
        """The exact key of each document: BT-1, year of BT-2, seller."""
        return [
            (document.number.strip(), document.issue_date.year, seller) if document.number and text and document.issue_date else None
            for document, text, seller in zip(self.every, self.spellings, self.sellers, strict=True)
        ]

    @cached_property
    def spellings(self) -> list[str]:
        """The number of each document as it reads; empty for one without letter or digit, which is none."""
        return [spelled(document.number) if document.number else "" for document in self.every]

    @cached_property
    def firms(self) -> list[str]:
        """The seller of each document; those that nobody knows are one."""
        return ["?" if seller.startswith("?") else seller for seller in self.sellers]

    def exact(self) -> Iterator[tuple[int, Finding]]:
        """A finding for every document whose key another has."""
        for block in _blocks(self.keys):
            places = self._in_order({self._place(index): index for index in reversed(block)}.values())
            for here in places if len(places) > 1 else ():
                others = len(places) - 2
                plural = "s" if others > 1 else ""
                text = f", et de {others} autre{plural} document{plural}" if others else ""
                twin = places[1] if here == places[0] else places[0]
                yield here, self.finding(DUPLICATE.rule, here, twin, 100, "même numéro, même année, même vendeur", text)

    def near(self) -> Likenesses:
        """The pairs that are alike. Some come twice."""
        every = self.every
        for block in _blocks([(firm, text) if text else None for text, firm in zip(self.spellings, self.firms, strict=True)]):
            for first, second in self._neighbours(block):
                sure = self.sellers[first] == self.sellers[second]
                if self._apart(first, second) and (like := alike_in_spelling(every[first], every[second], sure=sure)):
                    yield first, second, like
        buyers = _buyers(every)
        crowds = self._crowds(buyers)
        for block in _blocks(
            [
                (firm, buyer, abs(document.amount), document.currency) if document.amount and buyer not in crowds else None
                for document, firm, buyer in zip(every, self.firms, buyers, strict=True)
            ]
        ):
            yield from self._of_one_amount(block)

    def _crowds(self, buyers: Sequence[str]) -> set[str]:
        """The buyers that stand for many, whose equal amounts say nothing."""
        days: dict[str, list[date | None]] = defaultdict(list)
        for document, buyer in zip(self.every, buyers, strict=True):
            days[buyer].append(document.issue_date)
        return {buyer for buyer, found in days.items() if is_crowd(found)}

    def _of_one_amount(self, block: Sequence[int]) -> Likenesses:
        """The pairs among documents of one seller, buyer and amount."""
        every, cancelled = self.every, self._cancelled[self.firms[block[0]]]
        kinds: dict[str, list[int]] = defaultdict(list)
        for place in block:
            kinds[every[place].kind].append(place)
        for kind, places in kinds.items():
            credit_notes = [every[place] for place in kinds["credit"]] if kind != "credit" and "credit" in kinds else []
            for first, second, like in self._of_one_kind(places):
                if self._apart(first, second) and not excused(every[first], every[second], cancelled, credit_notes):
                    yield first, second, like

    def _of_one_kind(self, places: Sequence[int]) -> Likenesses:
        every = self.every
        contents = [self.content(place) for place in places]
        count = Counter(contents)
        for block in _blocks([content or None for content in contents]):
            if len(block) <= FEW:
                members = [places[index] for index in block]
                yield from ((first, second, same_content(every[first], every[second])) for first, second in self._neighbours(members))
        named = [place for place in places if every[place].buyer]
        rhythm = Rhythm.of(every[place].issue_date for place in named)
        for first, second in self._neighbours(named, self.days):
            content = self.content(first)
            told = content and content == self.content(second) and count[content] <= FEW
            if not told and (like := same_amount(every[first], every[second], self._sold(first, second), rhythm)):
                yield first, second, like
        for block in _blocks([order_key(every[place].order_reference) or None for place in named]):
            if len(block) == 2:
                first, second = named[block[0]], named[block[1]]
                far = self._gap(first, second) > self.days
                if far and (like := same_order(every[first], every[second], self._sold(first, second))):
                    yield first, second, like

    def _sold(self, first: int, second: int) -> tuple[str, str]:
        """What two documents sell, their contents without the days."""
        return self.content(first).partition("@")[0], self.content(second).partition("@")[0]

    @cached_property
    def _cancelled(self) -> defaultdict[str, set[str]]:
        """Of each seller the spelled numbers that a credit note or a rectifying invoice names."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for document, firm in zip(self.every, self.firms, strict=True):
            if document.kind in {"credit", "rectifying"}:
                found[firm].update(map(spelled, document.preceding))
        return found

    def _apart(self, first: int, second: int) -> bool:
        """Whether two documents are two, and no exact key of theirs is told already."""
        key = self.keys[first]
        return (key is None or key != self.keys[second]) and self._place(first) != self._place(second)

    def _place(self, index: int) -> Hashable:
        """Where a document stands. Two readings of one cell are one document: that of an invoice whose lines are in another file."""
        document = self.every[index]
        return (document.cell, PurePath(document.source).parent) if document.cell else index

    def _gap(self, first: int, second: int) -> int:
        one, two = self.every[first].issue_date, self.every[second].issue_date
        return abs((two - one).days) if one and two else 0

    def _in_order(self, places: Iterable[int]) -> list[int]:
        """By date, number and place: whatever the order of the documents, the result is the same."""

        def order(place: int) -> tuple[date, str, str, str, int]:
            document = self.every[place]
            return document.issue_date or date.max, document.number or "", document.source, str(document.cell or ""), place

        return sorted(places, key=order)

    def _neighbours(self, places: Sequence[int], days: int | None = None) -> Iterator[tuple[int, int]]:
        """Each document with the few that follow it, no more than `days` later."""
        members = self._in_order(places)
        for index, first in enumerate(members):
            for second in islice(members, index + 1, index + 1 + NEIGHBOURS):
                if days is not None and self._gap(first, second) > days:
                    break
                yield first, second

    def finding(self, rule: Rule, here: int, there: int, score: int, reason: str, others: str = "") -> Finding:
        """What `rule` says of a document and its twin."""
        document, twin = self.every[here], self.every[there]
        number = f" {twin.number}" if twin.number and twin.number != document.number else "" if twin.number else " sans numéro"
        day = f" du {short_date(twin.issue_date)}" if twin.issue_date else ""
        return rule.found(
            "number", "BT-1", document.cell, number=document.number or "", twin=twin.number,
            twin_date=twin.issue_date and twin.issue_date.isoformat(), twin_cell=twin.cell and twin.cell.reference,
            twin_source=twin.source, score=score, reason=reason,
            place=f"document{number}{day} ({_where(twin)})", others=others,
        )  # fmt: skip


def _where(document: Known) -> str:
    """The source and the cell; the file's name once, as the source has it."""
    source, cell = document.source, document.cell
    if cell is None:
        return source
    return str(replace(cell, file=source)) if PurePath(source).name == cell.file else f"{source}, {cell}"


def _buyers(every: Sequence[Known]) -> list[str]:
    """The key of each buyer: who is known by name alone has the SIREN that others of this name have, where that is one."""
    sirens: dict[str, set[str]] = defaultdict(set)
    for document in every:
        if document.buyer_name and document.buyer != document.buyer_name:
            sirens[document.buyer_name].add(document.buyer)
    alone = {name: next(iter(found)) for name, found in sirens.items() if len(found) == 1}
    return [alone.get(document.buyer, document.buyer) for document in every]


def _blocks(keys: Sequence[Hashable | None]) -> Iterator[list[int]]:
    """The places that share a key with another, key by key; None shares with nobody."""
    first: dict[Hashable, int] = {}
    more: dict[Hashable, list[int]] = {}
    for place, key in enumerate(keys):
        if key is not None and (known := first.setdefault(key, place)) != place:
            more.setdefault(key, [known]).append(place)
    return iter(more.values())
