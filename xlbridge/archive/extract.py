"""The ledger in a bundle: the hashes of the whole chain, the bodies of one year, and the key that signed them.

    registre/chaine.csv      every record: number, kind, hash, hash before, signature
    registre/000012.json     the body of a record, byte for byte: the documents dated or sealed in the year, opening, series, closings
    registre/000012.sig      its signature, 64 bytes, as openssl reads it
    evenements/              the same of the chain of events: those noted in the year (UTC)
    cle-publique.pem         the public key
    tete-enonce.json, .sig   what the head says, and its signature

Whatever contradicts the chain stops the bundle: what goes into it has been checked on the way.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, Table

from xlbridge.archive.names import HEAD
from xlbridge.archive.parcel import Parcel
from xlbridge.errors import LedgerBroken
from xlbridge.ledger import chain
from xlbridge.ledger.chain import Link
from xlbridge.ledger.closings import month_of
from xlbridge.ledger.head import Head
from xlbridge.ledger.schema import EVENTS, RECORDS
from xlbridge.ledger.seal import public_pem

RECORDS_FOLDER, EVENTS_FOLDER = "registre", "evenements"
CHAIN_FILE = "chaine.csv"
CHAIN_HEADER = ("maillon", "type", "empreinte", "precedent", "signature")
ASK_VERIFY = "Le registre a été changé : xlbridge verify dit tout ce qui ne va pas."


def write_ledger(connection: Connection, parcel: Parcel, year: int) -> list[Link]:
    """Write both chains and the public key. The answer: the records of the documents dated in `year`, in their order."""
    documents: list[Link] = []
    opening: Link | None = None

    def records() -> Iterator[tuple[Link, bool]]:
        nonlocal opening
        for link in chain.links(connection, RECORDS):
            opening = opening or link
            is_document = link.kind in chain.DOCUMENTS_OF
            dated = is_document and year_of(link) == year
            if dated:
                documents.append(link)
            yield link, dated or not is_document or (link.kind == chain.DOCUMENT and _sealed_in(link, year))

    _write_chain(parcel, RECORDS_FOLDER, records(), chain.GENESIS, RECORDS)
    if opening is None:
        raise LedgerBroken("Le registre n’a pas de premier maillon.", ASK_VERIFY)
    _write_chain(parcel, EVENTS_FOLDER, _events(connection, year), opening.hash, EVENTS)
    parcel.add("cle-publique.pem", public_pem(opening.content["public_key"]))
    return documents


def write_head(parcel: Parcel, data: bytes) -> None:
    """Write the head as the vault has it, and apart what is signed and the signature."""
    head = Head.of_bytes(data)
    parcel.add(HEAD, data)
    parcel.add("tete-enonce.json", head.statement)
    parcel.add("tete.sig", base64.b64decode(head.signature))


def year_of(link: Link) -> int:
    """The year of a document: that of its date; of its record, where it came without a date from an older register."""
    data = link.data
    return int((data["content"]["invoice"].get("issue_date") or data["at"])[:4])


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A table as spreadsheets in France read it: UTF-8 with a mark, semicolons."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _write_chain(parcel: Parcel, folder: str, records: Iterable[tuple[Link, bool]], previous: str, table: Table) -> None:
    """Write a chain that begins after the hash `previous`: all its hashes, and the bodies that are wanted."""
    rows = []
    for expected, (link, wanted) in enumerate(records, start=1):
        body = link.body.encode()
        if link.seq != expected or link.data["previous"] != previous or hashlib.sha256(body).hexdigest() != link.hash:
            raise LedgerBroken(f"Le maillon {expected} du registre ({table.name}) manque ou a été modifié.", ASK_VERIFY)
        if wanted:
            name = f"{folder}/{link.seq:06d}"
            parcel.add(f"{name}.json", body)
            parcel.add(f"{name}.sig", base64.b64decode(link.signature))
        rows.append((str(link.seq), link.kind, link.hash, previous, link.signature))
        previous = link.hash
    parcel.add(f"{folder}/{CHAIN_FILE}", csv_bytes(CHAIN_HEADER, rows))


def _events(connection: Connection, year: int) -> Iterator[tuple[Link, bool]]:
    """The events, and whether they are wanted: those of the year, and their two neighbours, which show that none is left out."""
    links = list(chain.links(connection, EVENTS))
    years = [int(link.data["at"][:4]) for link in links]  # never falling: a clock set back is refused
    before, after = bisect_left(years, year) - 1, bisect_right(years, year)
    return ((link, before <= at <= after) for at, link in enumerate(links))


def _sealed_in(link: Link, year: int) -> bool:
    return month_of(link.data["at"])[:4] == str(year)
