"""The index of a bundle: one line per document, as a table for spreadsheets and as a page for people.

Every cell of the table follows from the sealed record; `verifier.py` compares the lines and the files they name with the records, not the
texts and amounts. A text that a spreadsheet would take for a formula begins with an apostrophe.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from html import escape
from typing import Any
from urllib.parse import quote

from xlbridge.archive.extract import csv_bytes
from xlbridge.archive.retention import counted_from
from xlbridge.archive.search import ORIGINS
from xlbridge.french import money, short_date, siren
from xlbridge.ledger.chain import Link
from xlbridge.ledger.closings import PARIS, Sums
from xlbridge.ledger.record import ISSUED, TAKEN_OVER, index_row
from xlbridge.ledger.store import Identity
from xlbridge.model.codes import CREDIT_NOTES, TITLES

CONTROLS = re.compile(r"[\x00-\x1f]+")
FORMULA = ("=", "+", "-", "@")
FILES = {"PDF": "pdf", "XML": "xml", "Classeur": "workbook"}
AMOUNTS = {"Total HT": "net", "TVA": "vat", "Total TTC": "gross", "À payer": "due"}
HEADER = (
    "Maillon", "Numéro", "Date", "Document", "Type", "Client", "Devise", *AMOUNTS, "Origine", "Conserver jusqu’au",
    *FILES, *(f"SHA-256 {column}" for column in FILES),
)  # fmt: skip


@dataclass(frozen=True)
class Item:
    """A document of the bundle: the row of the ledger's index that follows from its record, its invoice, and the names of its files."""

    row: Mapping[str, Any]
    invoice: Mapping[str, Any]
    names: Mapping[str, str]


def item_of(link: Link, names: Mapping[str, str]) -> Item:
    """The document of a record; `names`: where its `pdf`, `xml` and `workbook` stand in the bundle."""
    return Item(index_row(link), link.content["invoice"], names)


def index_csv(items: Iterable[Item]) -> bytes:
    """The table."""
    return csv_bytes(HEADER, (_cells(item) for item in items))


def _cells(item: Item) -> list[str]:
    row = item.row
    texts = {
        "Maillon": str(row["seq"]),
        "Numéro": row["number"],
        "Date": row["issue_date"],
        "Document": "Avoir" if row["type_code"] in CREDIT_NOTES else "Facture",
        "Type": row["type_code"],
        "Client": row["buyer_name"],
        "Devise": row["currency"],
        "Origine": ORIGINS[row["origin"]],
        "Conserver jusqu’au": row["kept_until"],
        **{column: item.names.get(kind) for column, kind in FILES.items()},
        **{f"SHA-256 {column}": row[kind] for column, kind in FILES.items()},
    }
    cells = {column: inert(text or "") for column, text in texts.items()}
    cells.update({column: (row[name] or "").replace(".", ",") for column, name in AMOUNTS.items()})
    return [cells[column] for column in HEADER]


def inert(text: str) -> str:
    """`text` as a cell that no spreadsheet takes for a formula, on one line.

    >>> inert("=2+3"), inert("\\t@SUM(A1)"), inert("Dupré & Fils"), inert("-12")
    ("'=2+3", ' @SUM(A1)', 'Dupré & Fils', "'-12")
    """
    line = CONTROLS.sub(" ", text)
    return f"'{line}" if line.startswith(FORMULA) else line


def index_html(items: Sequence[Item], owner: Identity, year: int, moment: datetime) -> bytes:
    """The page: it stands alone, runs no script and asks nothing of the network."""
    whose = f"{owner.seller_name} ({siren(owner.seller_siren)})"
    until = max((item.row["kept_until"] for item in items if item.row["kept_until"]), default=None)
    kept = f"À conserver au moins jusqu’au {_day(until)} ({counted_from(date.fromisoformat(until))})." if until else ""
    made = f"Fait le {short_date(moment.astimezone(PARIS).date())} ; registre {owner.identifier[:8]}."
    lines = "\n".join(_line(item) for item in items)
    heads = "".join(f'<th scope="col"{_right(name)}>{escape(name)}</th>' for name in SHOWN)
    page = PAGE.format(
        title=escape(f"Archives {year} – {owner.seller_name}"),
        year=year,
        whose=escape(whose),
        kept=escape(kept),
        made=escape(made),
        totals="\n".join(f"<li>{escape(text)}</li>" for text in _totals(items)),
        heads=heads,
        lines=lines,
    )
    return page.encode()


SHOWN = ("Numéro", "Date", "Document", "Client", "Total HT", "TVA", "Total TTC", "À payer", "Origine", "Conserver jusqu’au", "Fichiers")


def _line(item: Item) -> str:
    row = item.row
    cells = {
        "Numéro": escape(row["number"] or "sans numéro"),
        "Date": _day(row["issue_date"]),
        "Document": escape(TITLES.get(row["type_code"] or "", f"Document {row['type_code'] or ''}")),
        "Client": escape(row["buyer_name"] or ""),
        **{column: escape(money(Decimal(row[name]), row["currency"])) if row[name] else "" for column, name in AMOUNTS.items()},
        "Origine": ORIGINS[row["origin"]],
        "Conserver jusqu’au": _day(row["kept_until"]),
        "Fichiers": " · ".join(f'<a href="{quote(item.names[kind])}">{name}</a>' for name, kind in FILES.items() if kind in item.names),
    }
    return "<tr>" + "".join(f"<td{_right(name)}>{cells[name]}</td>" for name in SHOWN) + "</tr>"


def _right(column: str) -> str:
    return ' class="n"' if column in AMOUNTS else ""


def _day(text: str | None) -> str:
    return short_date(date.fromisoformat(text)) if text else ""


def _totals(items: Sequence[Item]) -> list[str]:
    """What the documents add up to, by origin, currency and direction; credit notes count as less, specimens not at all."""
    told = []
    for origin, name in ((ISSUED, "Émis"), (TAKEN_OVER, "Repris d’un registre plus ancien")):
        sums = Sums()
        for item in items:
            if item.row["origin"] == origin:
                sums.add(item.invoice)
        if sums.count:
            told.append(f"{name} : {sums.count} document{'s' if sums.count > 1 else ''}")
        for (currency, self_billed), amounts in sorted(sums.totals.items()):
            net, vat, gross = (money(amounts[field], currency or None) for field in ("net", "vat", "gross"))
            kind = ", auto-facturation" if self_billed else ""
            told.append(f"{name}, avoirs déduits{kind} : {net} HT, {vat} de TVA, {gross} TTC")
    specimens = sum(1 for item in items if item.row["origin"] not in {ISSUED, TAKEN_OVER})
    return [*told, f"Spécimens, qui ne comptent pas : {specimens}"] if specimens else told


PAGE = """<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body {{ font: 15px/1.45 system-ui, "Segoe UI", "Noto Sans", sans-serif; color: #1c2430; margin: 2rem auto; max-width: 80rem; padding: 1em }}
h1 {{ font-size: 1.6rem; margin: 0 }}
p, ul {{ margin: .4rem 0 }}
.wide {{ overflow-x: auto; margin-top: 1.2rem }}
table {{ border-collapse: collapse; width: 100%; font-size: .94em }}
caption {{ text-align: left; font-weight: 600; padding-bottom: .4rem }}
th, td {{ padding: .4rem .6rem; text-align: left; vertical-align: top; border-bottom: 1px solid #d9dee6 }}
th {{ border-bottom: 2px solid #1c2430 }}
.n {{ text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }}
a {{ color: #0b5394 }}
@media print {{ body {{ margin: 0; max-width: none; font-size: 11px }} tr {{ break-inside: avoid }} }}
</style>
</head>
<body>
<h1>Archives {year}</h1>
<p>{whose}</p>
<p>{made} {kept}</p>
<ul>
{totals}
</ul>
<p>Pour vérifier ce dossier sans logiciel particulier : <a href="VERIFIER.txt">VERIFIER.txt</a>.
Le même tableau pour un tableur : <a href="index.csv">index.csv</a>.</p>
<div class="wide">
<table>
<caption>Documents datés de {year}</caption>
<thead><tr>{heads}</tr></thead>
<tbody>
{lines}
</tbody>
</table>
</div>
</body>
</html>
"""
