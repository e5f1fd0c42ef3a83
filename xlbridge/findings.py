"""What a check has to say: severity, place, sentence, remedy, source; and the report of one file.

A `Rule` is the fixed part (code, title, law, dates), a `Finding` one occurrence of it on one value. Both are plain frozen data, so
that they cross process boundaries and turn into JSON without ceremony.

>>> gap = Rule("FR-NUM-003", Severity.BLOCKING, "Trou dans la numérotation", "{missing} manque.",
...            "retrouvez {missing}.", "CGI, ann. II, art. 242 nonies A, I, 7°")
>>> print(gap.found(cell=Cell("factures.xlsx", "Factures", "A3"), missing="F2026-0046"))
factures.xlsx, feuille « Factures », cellule A3 : BLOQUANT FR-NUM-003
F2026-0046 manque.
À faire : retrouvez F2026-0046.
Texte : CGI, ann. II, art. 242 nonies A, I, 7°
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from xlbridge.errors import ExitCode


class Severity(StrEnum):
    """How much a finding weighs. Only `BLOCKING` stops a document."""

    BLOCKING = "blocking"
    WARNING = "warning"
    NOTE = "note"

    @property
    def label(self) -> str:
        """The French word printed before the code."""
        return {"blocking": "BLOQUANT", "warning": "AVERTISSEMENT", "note": "NOTE"}[self.value]

    @property
    def rank(self) -> int:
        """0 for the weightiest: what a list is sorted by."""
        return list(Severity).index(self)


class Outcome(StrEnum):
    """The three results of a check; a check that did not run is never a pass."""

    COMPLIANT = "compliant"
    NON_COMPLIANT = "non_compliant"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a value stands: file name, sheet name, A1 address or range (csv: sheet "csv", column letter and line)."""

    file: str
    sheet: str
    address: str

    @property
    def reference(self) -> str:
        """`Sheet!B7`, as `origin` writes it."""
        return f"{self.sheet}!{self.address}"

    def __str__(self) -> str:
        where = "plage" if ":" in self.address else "cellule"
        parts = [self.file, f"feuille « {self.sheet} »" if self.sheet else "", f"{where} {self.address}" if self.address else ""]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Proposal:
    """The one right value that follows from the data, for the value that a finding names. `old` is what its cell holds."""

    new: str
    old: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to tell about one value.

    `term` is the business term (BT-…), `field` the path in the document (`buyer.name`, `lines[0].vat_rate`), `values` the facts as
    data. `about`: the paths that it concerns where they are more, or others, than `field`; `follows` and `consequences`: the codes of
    the findings from which it may follow, and of those that follow from it and are not told beside it (see `xlbridge.causes`).
    """

    code: str
    severity: Severity
    title: str
    message: str
    remedy: str = ""
    law: str = ""
    term: str | None = None
    field: str | None = None
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    cell: Cell | None = None
    proposal: Proposal | None = None
    about: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    consequences: tuple[str, ...] = ()

    def concerning(self, *about: str) -> Finding:
        """The same finding, about the values at these paths."""
        return replace(self, about=about) if about else self

    def proposing(self, proposal: Proposal) -> Finding:
        """The same finding with the value that would mend it."""
        return replace(self, proposal=proposal)

    def at(self, cell: Cell | None) -> Finding:
        """The same finding, placed on `cell`."""
        return replace(self, cell=cell)

    def weighing(self, severity: Severity) -> Finding:
        """The same finding with another severity."""
        return replace(self, severity=severity)

    def as_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "title": self.title,
            "message": self.message,
            "remedy": self.remedy,
            "law": self.law,
            "term": self.term,
            "field": self.field,
            "values": {
                key: value if isinstance(value, (int, list, dict, bool)) or value is None else str(value)
                for key, value in self.values.items()
            },
            "cell": None if self.cell is None else {"file": self.cell.file, "sheet": self.cell.sheet, "address": self.cell.address},
            "proposal": None if self.proposal is None else {"old": self.proposal.old, "new": self.proposal.new},
            "consequences": list(self.consequences),
        }

    def __str__(self) -> str:
        head = f"{self.cell} : " if self.cell else ""
        lines = [f"{head}{self.severity.label} {self.code}", self.message]
        if self.remedy:
            lines.append(f"À faire : {self.remedy}")
        if self.law:
            lines.append(f"Texte : {self.law}")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Rule:
    """The fixed part of a finding. `message` and `remedy` are French, with `{names}` filled from the facts.

    `since`/`until` bound the days on which the rule binds, compared with the invoice date; None is open. `follows`: the codes of the
    rules whose finding on the same values says this one too (see `xlbridge.causes`).
    """

    code: str
    severity: Severity
    title: str
    message: str
    remedy: str = ""
    law: str = ""
    since: date | None = None
    until: date | None = None
    follows: tuple[str, ...] = ()

    def binds(self, day: date) -> bool:
        """Whether the rule is in force on `day` (both bounds included)."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def found(
        self,
        field: str | None = None,
        term: str | None = None,
        cell: Cell | None = None,
        severity: Severity | None = None,
        **values: Any,
    ) -> Finding:
        """This rule's finding about the value at `field`, its sentences filled with `values`."""
        return Finding(
            self.code,
            severity or self.severity,
            self.title,
            self.message.format(**values),
            self.remedy.format(**values),
            self.law,
            term,
            field,
            values,
            cell,
            follows=self.follows,
        )


@dataclass(frozen=True, slots=True)
class Check:
    """One named check of a report and how it ended (`xsd`, `en16931`, `br-fr` …)."""

    name: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Report:
    """What a command says about one file: its checks and all their findings, collected at once."""

    file: str
    checks: tuple[Check, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The worst of the checks: a fault weighs more than a check that did not run, which weighs more than a pass."""
        outcomes = {check.outcome for check in self.checks}
        if Outcome.NON_COMPLIANT in outcomes or blocking(self.findings):
            return Outcome.NON_COMPLIANT
        return Outcome.NOT_CHECKED if Outcome.NOT_CHECKED in outcomes or not outcomes else Outcome.COMPLIANT

    @property
    def exit_code(self) -> ExitCode:
        """What a command says of the file: one that could not be read was not judged at all."""
        if Check("read", Outcome.NOT_CHECKED) in self.checks:
            return ExitCode.UNREADABLE
        by_outcome = {Outcome.NON_COMPLIANT: ExitCode.BLOCKING_FINDINGS, Outcome.NOT_CHECKED: ExitCode.NOT_CHECKED}
        return by_outcome.get(self.outcome, ExitCode.OK)

    def as_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        return {
            "file": self.file,
            "outcome": self.outcome.value,
            "checks": [{"name": check.name, "outcome": check.outcome.value} for check in self.checks],
            "findings": [finding.as_json() for finding in self.findings],
        }


def blocking(findings: Iterable[Finding]) -> list[Finding]:
    """Those of `findings` that stop a document."""
    return [finding for finding in findings if finding.severity is Severity.BLOCKING]
