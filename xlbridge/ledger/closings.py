"""Closings: what was issued in a month or a year, sealed as a record, with a file that stands alone for whoever keeps it.

A closing says how many documents were issued, the first and last number of each series, the totals of the period and of all periods up
to its end, and the hash of the closing before. A document belongs to the month in which it was sealed, by the clock of Paris.

The model is what CGI art. 286, I, 3° bis asks of cash registers (BOI-TVA-DECLA-30-10-30, § 170 to 220); for invoices no text asks it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from xlbridge.french import MONTHS, money
from xlbridge.ledger import chain
from xlbridge.ledger.chain import Link
from xlbridge.ledger.record import ISSUED
from xlbridge.ledger.schema import DOCUMENTS, EVENTS, RECORDS
from xlbridge.ledger.seal import public_pem
from xlbridge.ledger.store import Writer, opening
from xlbridge.model.codes import CREDIT_NOTES, SELF_BILLED
from xlbridge.model.money import ZERO, plain

PARIS = ZoneInfo("Europe/Paris")
AMOUNTS = ("net", "vat", "gross")
MONTH_LENGTH, YEAR_LENGTH = len("2026-11"), len("2026")
FILE_FORMAT = "xlbridge-cloture-1"

SumKey = tuple[str, bool]  # currency, self-billed
VatKey = tuple[str, bool, str, str]  # and category, rate


@dataclass
class Sums:
    """What documents add up to: sales and self-billed purchases apart, credit notes negative, every currency for itself."""

    count: int = 0
    totals: dict[SumKey, dict[str, Decimal]] = field(default_factory=dict)
    vat: dict[VatKey, dict[str, Decimal]] = field(default_factory=dict)

    def add(self, invoice: Mapping[str, Any]) -> None:
        """Count one document in."""
        kind, stated = invoice.get("type_code"), invoice.get("totals", {})
        sign = Decimal(-1 if kind in CREDIT_NOTES else 1)
        key = (invoice.get("currency", ""), kind in SELF_BILLED)
        self.count += 1
        _increase(self.totals, key, {name: sign * Decimal(stated.get(name) or 0) for name in AMOUNTS})
        for row in invoice.get("vat_breakdown", ()):
            rate = plain(Decimal(row.get("rate") or 0))
            amounts = {name: sign * Decimal(row.get(name) or 0) for name in ("base", "amount")}
            _increase(self.vat, (*key, row.get("category", ""), rate), amounts)

    def merge(self, other: Sums) -> None:
        """Count all of `other` in."""
        self.count += other.count
        for key, amounts in other.totals.items():
            _increase(self.totals, key, amounts)
        for vat_key, amounts in other.vat.items():
            _increase(self.vat, vat_key, amounts)

    def as_json(self) -> dict[str, Any]:
        """Count, totals and VAT by rate, in a fixed order."""
        return {
            "count": self.count,
            "totals": [
                {"currency": currency, "self_billed": self_billed, **_written(amounts)}
                for (currency, self_billed), amounts in sorted(self.totals.items())
            ],
            "vat": [
                {"currency": key[0], "self_billed": key[1], "category": key[2], "rate": key[3], **_written(amounts)}
                for key, amounts in sorted(self.vat.items())
            ],
        }

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> Sums:
        """The sums that `as_json` wrote."""
        totals = {(row["currency"], row["self_billed"]): {name: Decimal(row[name]) for name in AMOUNTS} for row in data["totals"]}
        vat = {
            (row["currency"], row["self_billed"], row["category"], row["rate"]): {name: Decimal(row[name]) for name in ("base", "amount")}
            for row in data["vat"]
        }
        return cls(data["count"], totals, vat)


@dataclass
class Tally:
    """What a closing says of one period, gathered document by document."""

    sums: Sums = field(default_factory=Sums)
    series: dict[str, dict[str, Any]] = field(default_factory=dict)
    first_seq: int | None = None
    last_seq: int | None = None

    def add(self, link_seq: int, content: Mapping[str, Any]) -> None:
        """Count an issued document in; they come in the order of their records."""
        number = content["invoice"].get("number")
        known = self.series.setdefault(content["series"] or "", {"first": number, "count": 0})
        known["last"] = number
        known["count"] += 1
        self.sums.add(content["invoice"])
        self.first_seq = self.first_seq or link_seq
        self.last_seq = link_seq

    def merge(self, later: Tally) -> None:
        """Count in a later tally."""
        for name, its in later.series.items():
            known = self.series.setdefault(name, {"first": its["first"], "count": 0})
            known["last"] = its["last"]
            known["count"] += its["count"]
        self.sums.merge(later.sums)
        self.first_seq = self.first_seq or later.first_seq
        self.last_seq = later.last_seq or self.last_seq


def content_of(period: str, tally: Tally, cumulative: Sums, previous: str | None, events: tuple[int, str | None]) -> dict[str, Any]:
    """The content of a closing. `previous`: the hash of the closing before of the same length; `events`: how far their chain had come."""
    return {
        "period": period,
        **tally.sums.as_json(),
        "series": {name: dict(tally.series[name]) for name in sorted(tally.series)},
        "cumulative": cumulative.as_json(),
        "first_seq": tally.first_seq,
        "last_seq": tally.last_seq,
        "previous_closing": previous,
        "events_seq": events[0],
        "events_hash": events[1],
    }


def closing_content(connection: Connection, period: str) -> dict[str, Any]:
    """The closing of `period` (`2026-11` or `2026`), from the records themselves."""
    before = [link for link in chain.links(connection, RECORDS, chain.CLOSING) if len(link.content["period"]) == len(period)]
    previous = before[-1] if before else None
    cumulative, after = Sums(), 0
    if previous is not None:
        cumulative, after = Sums.of_json(previous.content["cumulative"]), _reached(before)
    tally = Tally()
    for link in chain.links(connection, RECORDS, chain.DOCUMENT, after=after):
        data = link.data
        month = month_of(data["at"])
        if month[: len(period)] > period:
            break
        if data["content"]["origin"] != ISSUED:
            continue
        cumulative.add(data["content"]["invoice"])
        if month.startswith(period):
            tally.add(link.seq, data["content"])
    last_event = chain.last(connection, EVENTS)
    events = (last_event.seq, last_event.hash) if last_event else (0, None)
    return content_of(period, tally, cumulative, previous.hash if previous else None, events)


def due_closings(connection: Connection, now: datetime) -> list[str]:
    """The periods that are over, hold documents or lie between such, and are not closed yet: months, then years."""
    columns = DOCUMENTS.c
    ends = connection.execute(select(func.min(columns.seq), func.max(columns.seq)).where(columns.origin == ISSUED)).one()
    if ends[0] is None:
        return []
    first, last = (month_of(link.data["at"]) for link in (_link(connection, seq) for seq in ends))
    closed = {link.content["period"] for link in chain.links(connection, RECORDS, chain.CLOSING)}
    present = month_of(chain.written_time(now))
    months = [month for month in months_between(first, last) if month < present]
    years = [str(year) for year in range(int(first[:4]), int(last[:4]) + 1) if str(year) < present[:4]]
    return [period for period in (*months, *years) if period not in closed]


def close_past(writer: Writer) -> list[Link]:
    """Seal the closings that are due, in the transaction of `writer`; they come before any document of a later month."""
    due = due_closings(writer.connection, writer.ledger.clock())
    return [writer.append(chain.CLOSING, closing_content(writer.connection, period)) for period in due]


def month_of(at: str) -> str:
    """The month of a record's time in Paris.

    >>> month_of("2026-11-30T23:30:00.000000Z"), month_of("2026-11-30T22:30:00.000000Z")
    ('2026-12', '2026-11')
    """
    return f"{chain.time_of(at).astimezone(PARIS):%Y-%m}"


def months_between(first: str, last: str) -> Iterator[str]:
    """The months from `first` to `last`, both included.

    >>> list(months_between("2026-11", "2027-01"))
    ['2026-11', '2026-12', '2027-01']
    """
    start, end = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (first, last))
    return (f"{at // 12:04}-{at % 12 + 1:02}" for at in range(start, end + 1))


def closing_path(link: Link) -> str:
    """Where the file of a closing stands in the vault: `clotures/2026-11.json`."""
    return f"clotures/{link.content['period']}.json"


def closing_file(link: Link, public: str) -> bytes:
    """The file of a closing, which stands alone: the record's body byte for byte, its hash and signature, and the public key (`public`:
    hexadecimal, as the opening names it) in the form that openssl reads."""
    held = {
        "format": FILE_FORMAT,
        "body": link.body,
        "hash": link.hash,
        "key_id": link.key_id,
        "signature": link.signature,
        "public_key": public_pem(public).decode(),
    }
    return json.dumps(held, ensure_ascii=False, indent=1).encode() + b"\n"


def write_closings(connection: Connection, write: Callable[[str, bytes], None]) -> None:
    """Hand the file of every closing of the ledger to `write(path, data)`, which keeps what is there already (`Vault.write_file`)."""
    public = opening(connection).content["public_key"]
    for link in chain.links(connection, RECORDS, chain.CLOSING):
        write(closing_path(link), closing_file(link, public))


def closing_text(link: Link) -> str:
    """A closing for people, in French."""
    content = link.content
    lines = [f"Clôture de {period_name(content['period'])} (maillon {link.seq}, scellée le {link.data['at'][:10]})"]
    lines.append(f"Documents émis : {content['count']}")
    lines += [f"  {name} : {its['count']}, de {its['first']} à {its['last']}" for name, its in content["series"].items()]
    lines += _amount_lines("Total de la période", content)
    for row in content["vat"]:
        base, tax = (money(Decimal(row[name]), row["currency"]) for name in ("base", "amount"))
        lines.append(f"  TVA {row['rate']} % ({row['category']}{_kind(row)}) : base {base}, taxe {tax}")
    lines += _amount_lines(f"Cumul depuis l’ouverture du registre ({content['cumulative']['count']} documents)", content["cumulative"])
    lines.append(f"Empreinte de la clôture précédente : {content['previous_closing'] or 'aucune'}")
    lines.append(f"Empreinte de cette clôture : {link.hash}")
    return "\n".join(lines)


def period_name(period: str) -> str:
    """A period in French.

    >>> period_name("2026-11"), period_name("2026")
    ('novembre 2026', 'l’année 2026')
    """
    return f"l’année {period}" if len(period) == YEAR_LENGTH else f"{MONTHS[int(period[5:]) - 1]} {period[:4]}"


def _amount_lines(label: str, sums: Mapping[str, Any]) -> list[str]:
    shown = []
    for row in sums["totals"]:
        net, vat, gross = (money(Decimal(row[name]), row["currency"]) for name in AMOUNTS)
        shown.append(f"{label}{_kind(row)} : {net} HT, {vat} de TVA, {gross} TTC")
    return shown or [f"{label} : rien"]


def _kind(row: Mapping[str, Any]) -> str:
    return ", auto-facturation" if row["self_billed"] else ""


def _reached(closings: Iterable[Link]) -> int:
    """The last record that closings of one length have counted; a period without documents counts none."""
    return max((link.content["last_seq"] or 0 for link in closings), default=0)


def _link(connection: Connection, seq: int) -> Link:
    return Link(*connection.execute(select(RECORDS).where(RECORDS.c.seq == seq)).one())


def _increase(sums: dict[Any, dict[str, Decimal]], key: Any, amounts: Mapping[str, Decimal]) -> None:
    known = sums.setdefault(key, dict.fromkeys(amounts, ZERO))
    for name, value in amounts.items():
        known[name] += value


def _written(amounts: Mapping[str, Decimal]) -> dict[str, str]:
    return {name: plain(value) for name, value in amounts.items()}
