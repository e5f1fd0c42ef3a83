"""The ledger read once, in one transaction: both chains walked, and what their believed records say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from xlbridge.findings import Finding
from xlbridge.ledger import chain
from xlbridge.ledger.closings import Tally, month_of
from xlbridge.ledger.record import ISSUED, correction_rows, index_row
from xlbridge.ledger.schema import CORRECTIONS, DOCUMENTS, EVENTS, LEDGER, RECORDS
from xlbridge.ledger.series import Series
from xlbridge.proof import rules
from xlbridge.proof.chains import ChainCheck, public_of
from xlbridge.proof.facts import Facts, Sealed, Sound

MAIN, EVENT_CHAIN = "Registre", "Événements"
Findings = dict[str, list[Finding]]  # by the name of the check


def read_facts(connection: Connection, *, with_register: bool) -> tuple[Facts, Findings]:
    """What the ledger says, and what is wrong with its chains and tables. `with_register`: keep what was sealed of the workbook's rows."""
    facts = Facts(rows={row.seq: dict(row._mapping) for row in connection.execute(select(DOCUMENTS))})
    facts.public, facts.opening = public_of(connection)
    index = _Index(connection, facts)
    check = ChainCheck(RECORDS, MAIN, facts.public, chain.GENESIS, facts.name_of)
    if facts.public is None:
        check.findings.append(rules.OPENING.found())
    for sound in check.walk(connection):
        try:
            _take(facts, sound, index, with_register=with_register)
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as fault:
            check.doubt(sound, fault)
    facts.hashes, facts.times, facts.unsound, facts.has_gaps = check.hashes, check.times, check.unsound, check.has_gaps
    events = ChainCheck(EVENTS, EVENT_CHAIN, facts.public, facts.hashes.get(1, chain.GENESIS), lambda _: "")
    for _ in events.walk(connection):
        pass
    facts.event_hashes, facts.event_times = events.hashes, events.times
    return facts, {
        "chain": check.findings,
        "events": events.findings,
        "index": [*_identity(connection, facts), *index.findings, *index.left_over()],
    }


def _take(facts: Facts, sound: Sound, index: _Index, *, with_register: bool) -> None:
    """What one believed record adds."""
    link, content = sound.link, sound.content
    if link.kind == chain.SERIES:
        facts.series[content["name"]] = Series.of_json(dict(content))
    elif link.kind == chain.CLOSING:
        facts.closings.append(sound)
        str(content["period"])
    elif link.kind in chain.DOCUMENTS_OF:
        row = index_row(link)
        document = Sealed(
            link.seq, sound.data["at"], row["origin"], row["number"], row["issue_date"], row["seller_siren"], row["series"], row["period"],
            row["counter"], content["files"], content["source"]["workbook"], content["source"].get("book"),
            content["source"]["register"] if with_register else None,
        )  # fmt: skip
        if document.origin == ISSUED:
            facts.tallies.setdefault(month_of(document.at), Tally()).add(link.seq, content)
        index.compare(link.seq, row, {item["position"]: item["number"] for item in correction_rows(link)})
        facts.documents.append(document)


class _Index:
    """The tables `documents` and `corrections`, compared with the records one by one; what is left over was added."""

    def __init__(self, connection: Connection, facts: Facts) -> None:
        self.facts = facts
        self.findings: list[Finding] = []
        self._seen: set[int] = set()
        self._corrections: dict[int, dict[int, str]] = {}
        for seq, position, number in connection.execute(select(CORRECTIONS)):
            self._corrections.setdefault(seq, {})[position] = number

    def compare(self, seq: int, expected: Mapping[str, Any], corrections: Mapping[int, str]) -> None:
        """The rows of one record."""
        self._seen.add(seq)
        number = f" ({expected['number']})" if expected["number"] else ""
        found = self.facts.rows.get(seq)
        if found is None:
            self.findings.append(rules.ROW_MISSING.found(table=DOCUMENTS.name, seq=seq, name=number))
        else:
            self._tell(DOCUMENTS.name, seq, number, found, expected)
        there = self._corrections.get(seq, {})
        for position in sorted(corrections.keys() - there.keys()):
            self.findings.append(rules.ROW_MISSING.found(table=CORRECTIONS.name, seq=seq, name=f"{number}, position {position}"))
        for position in sorted(there.keys() - corrections.keys()):
            self.findings.append(rules.ROW_ADDED.found(table=CORRECTIONS.name, seq=seq, name=f"{number}, position {position}"))
        same = corrections.keys() & there.keys()
        as_columns = [{f"number, position {position}": rows[position] for position in sorted(same)} for rows in (there, corrections)]
        self._tell(CORRECTIONS.name, seq, number, *as_columns)

    def left_over(self) -> list[Finding]:
        """Rows of no record; those of a record that is not believed are not judged, it has its own finding."""
        known = self._seen | self.facts.unsound
        added = [(DOCUMENTS.name, seq, self.facts.name_of(seq)) for seq in sorted(self.facts.rows.keys() - known)]
        added += [(CORRECTIONS.name, seq, "") for seq in sorted(self._corrections.keys() - known)]
        return [rules.ROW_ADDED.found(table=table, seq=seq, name=name) for table, seq, name in added]

    def _tell(self, table: str, seq: int, number: str, found: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
        for column, value in expected.items():
            if (is_now := found.get(column)) != value or type(is_now) is not type(value):
                self.findings.append(
                    rules.ROW_CHANGED.found(table=table, seq=seq, name=number, column=column, found=is_now, expected=value)
                )


def _identity(connection: Connection, facts: Facts) -> list[Finding]:
    """The one row of `ledger` says what the opening says."""
    if facts.public is None or 1 in facts.unsound:
        return []  # the opening itself is not believed, which is told
    row = connection.execute(select(LEDGER)).one()
    return [
        rules.IDENTITY.found(column=name, found=value, expected=facts.opening.get(name))
        for name, value in row._mapping.items()
        if facts.opening.get(name) != value
    ]


def collected(findings: list[Finding], limit: int = 100) -> list[Finding]:
    """At most `limit` findings of each code, and how many more there are."""
    counts: dict[str, int] = {}
    shown = []
    for finding in findings:
        counts[finding.code] = counts.get(finding.code, 0) + 1
        if counts[finding.code] <= limit:
            shown.append(finding)
    return shown + [rules.MORE.found(count=count - limit, code=code) for code, count in counts.items() if count > limit]
