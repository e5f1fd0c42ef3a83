"""How a rule is written, found and run.

A rule is one function and one entry: the function yields the faults it sees in an invoice, the entry says code, title, law, severity,
sentence, remedy, since when, who is concerned and why. Every function of this package that carries an entry is in the catalogue, and
every entry of a rule that compares several invoices; a new one needs no list to be changed.

>>> catalogue()["FR-MEN-001"].rule.title
'Numéro de facture absent'
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from typing import Any, NamedTuple

from xlbridge.clients import ClientKind
from xlbridge.company import Activity, Size, TaxPoint, VatRegime
from xlbridge.document import Unread
from xlbridge.findings import Finding, Proposal, Rule, Severity
from xlbridge.model import Invoice
from xlbridge.model.term import term_of
from xlbridge.rules.elsewhere import in_invoice


@dataclass(frozen=True, slots=True)
class Context:
    """What the invoice does not say of itself. None is « not known »: a rule that needs it stays silent, and one finding says what lacks.

    `day`: whose law decides. `own`: the user's own workbook, not an e-invoice of somebody else. `issued`: it has, or should have, a number;
    a draft has none yet. `today`: the day of the check, after which no invoice can have been issued. The rest comes from « Entreprise » or
    entreprise.toml, `client` from the client list. `unread`: what the sheet says beside the invoice; `others`: the documents of the same
    workbook by number, None for a number that stands twice.
    """

    day: date
    own: bool = True
    issued: bool = True
    regime: VatRegime | None = None
    size: Size | None = None
    activity: Activity | None = None
    tax_point: TaxPoint | None = None
    sole_trader: bool | None = None
    client: ClientKind | None = None
    today: date | None = None
    unread: tuple[Unread, ...] = ()
    others: Mapping[str, Invoice | None] | None = None

    @property
    def to_business(self) -> bool:
        """Whether the client is known to be a business (a public buyer is none)."""
        return self.client is ClientKind.BUSINESS


class Fault(NamedTuple):
    """One occurrence: the path of the value, the facts that fill the sentences, the one right value where there is one, the weight
    where this occurrence has another than its rule (an obligation that begins later is a note until then), and the paths of all values
    that it concerns or comes from, where they are not that one alone."""

    path: str | None
    facts: Mapping[str, Any] = {}
    new: str | None = None
    severity: Severity | None = None
    about: tuple[str, ...] = ()


Judge = Callable[[Invoice, Context], Iterable[Fault]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule with its function. `concerns` and `why` are French and go to its page; `elsewhere` is its weight in somebody else's invoice,
    None where it is not for `validate` to say; `of_sheet`: it judges what the sheet states, before anything is rounded or derived."""

    rule: Rule
    judge: Judge
    concerns: str
    why: str
    elsewhere: Severity | None = None
    of_sheet: bool = False


def entry(rule: Rule, *, concerns: str, why: str, elsewhere: Severity | None = None, of_sheet: bool = False) -> Callable[[Judge], Judge]:
    """Put the decorated function into the catalogue under `rule`."""

    def enter(judge: Judge) -> Judge:
        judge.entry = Entry(rule, judge, concerns, why, elsewhere, of_sheet)  # type: ignore[attr-defined]
        return judge

    return enter


def of_several(_: Invoice, __: Context) -> Iterable[Fault]:
    """Stands for the function of a rule that compares invoices with each other: of one alone it says nothing."""
    return ()


def between_invoices(rule: Rule, *, concerns: str, why: str) -> Entry:
    """The entry of such a rule. What compares the invoices makes its findings."""
    return Entry(rule, of_several, concerns, why)


@cache
def catalogue() -> Mapping[str, Entry]:
    """Every rule of the package by code, in the order of the codes."""
    from xlbridge import rules

    found: dict[str, Entry] = {}
    for module in pkgutil.iter_modules(rules.__path__):
        for value in vars(importlib.import_module(f"xlbridge.rules.{module.name}")).values():
            item = value if isinstance(value, Entry) else getattr(value, "entry", None)
            if isinstance(item, Entry):
                assert found.get(item.rule.code, item) is item, f"two rules are called {item.rule.code}"
                found[item.rule.code] = item
    return dict(sorted(found.items()))


def judge(invoice: Invoice, context: Context, codes: Iterable[str] | None = None, stated: Invoice | None = None) -> list[Finding]:
    """All that the rules in force on `context.day` see in `invoice`; `codes` limits them, `stated` is the invoice before preparation."""
    stated = stated or invoice
    entries = in_force(context.day, context.own)
    if codes is not None:
        wanted = set(codes)
        entries = tuple(item for item in entries if item.rule.code in wanted)
    return [_finding(item, fault, context) for item in entries for fault in item.judge(stated if item.of_sheet else invoice, context)]


def findings_of(item: Entry, invoice: Invoice, context: Context) -> list[Finding]:
    """The findings of one rule."""
    return [_finding(item, fault, context) for fault in item.judge(invoice, context)]


@lru_cache(maxsize=4_096)
def in_force(day: date, own: bool) -> tuple[Entry, ...]:
    """The rules of one invoice that bind on `day`, in the order of their codes; without `own`, those that `validate` applies."""
    every = (item for item in catalogue().values() if item.judge is not of_several and item.rule.binds(day))
    return tuple(item for item in every if own or item.elsewhere is not None)


def _finding(item: Entry, fault: Fault, context: Context) -> Finding:
    severity = fault.severity or (item.rule.severity if context.own else item.elsewhere)
    finding = item.rule.found(fault.path, term_of(fault.path) if fault.path else None, severity=severity, **fault.facts)
    finding = finding.concerning(*fault.about)
    if not context.own:
        finding = replace(finding, remedy=in_invoice(finding.remedy))
    return finding if fault.new is None else finding.proposing(Proposal(fault.new))
