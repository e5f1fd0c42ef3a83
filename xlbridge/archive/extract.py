"""The ledger in a bundle: the hashes of the whole chain, the bodies of one year, and the key that signed them.

    registre/chaine.csv      every record: number, kind, hash, hash before
    registre/000012.json     the body of a record, byte for byte: those sealed in the year (UTC), the one before and the one after (so it
                             is seen that none is left out); the documents dated in it; opening, series and closings
    registre/000012.sig      its signature, 64 bytes, as openssl reads it
    evenements/              the same of the chain of events: those noted in the year, the one before and the one after
    cle-publique.pem         the public key
    tete-enonce.json, .sig   what the head says, and its signature: made like a record, so that both are verified alike

Whatever contradicts the chain stops the bundle: what goes into it has been checked on the way.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, Table, select

from xlbridge.archive.names import RESTORE
from xlbridge.archive.parcel import Parcel
from xlbridge.archive.vault import Vault
from xlbridge.errors import LedgerBroken
from xlbridge.ledger import chain
from xlbridge.ledger.chain import Link
from xlbridge.ledger.closings import closing_file, closing_path
from xlbridge.ledger.head import Head
from xlbridge.ledger.schema import EVENTS, RECORDS
from xlbridge.ledger.seal import is_signed, public_pem

RECORDS_FOLDER, EVENTS_FOLDER = "registre", "evenements"
CHAIN_FILE = "chaine.csv"
CHAIN_HEADER = ("maillon", "type", "empreinte", "precedent")
STATEMENT = "tete-enonce"
ASK_VERIFY = "Le registre a été changé : xlbridge verify dit tout ce qui ne va pas."


def write_ledger(connection: Connection, vault: Vault, parcel: Parcel, year: int, head: bytes | None) -> list[Link]:
    """Write both chains, the public key, the closings and the `head` (as the vault has it). The answer: the records of the documents dated
    in `year`, in their order."""
    opening = next(chain.links(connection, RECORDS, chain.OPENING), None)
    if opening is None:
        raise LedgerBroken("Le registre n’a pas de premier maillon.", ASK_VERIFY)
    public = opening.content["public_key"]
    parcel.add("cle-publique.pem", public_pem(public))
    documents: list[Link] = []
    _write_chain(parcel, RECORDS_FOLDER, _records(connection, year, documents), chain.GENESIS, public)
    _write_chain(parcel, EVENTS_FOLDER, _of_year(connection, EVENTS, year), opening.hash, public)
    _write_closings(connection, vault, parcel, public)
    if head is not None:
        _write_head(connection, parcel, head)
    elif any(link.content["files"] for link in documents):
        raise LedgerBroken("La tête du registre (tete.json) manque au coffre.", RESTORE)
    return documents


def _write_head(connection: Connection, parcel: Parcel, data: bytes) -> None:
    """What the head of the vault says, and its signature."""
    head = Head.of_bytes(data)
    known = connection.execute(select(RECORDS.c.hash).where(RECORDS.c.seq == head.seq)).scalar()
    if not head.is_signed or head.hash != known:
        raise LedgerBroken("La tête du registre (tete.json) contredit le registre.", ASK_VERIFY)
    parcel.add(f"{STATEMENT}.json", head.statement)
    parcel.add(f"{STATEMENT}.sig", base64.b64decode(head.signature))


def _write_closings(connection: Connection, vault: Vault, parcel: Parcel, public: str) -> None:
    """The files of the closings. One that the vault does not have yet (a crash came before) is made from its record."""
    kept = set(vault.closings())
    for link in chain.links(connection, RECORDS, chain.CLOSING):
        name, data = closing_path(link), closing_file(link, public)
        if name in kept and vault.read_file(name) != data:
            raise LedgerBroken(f"Le fichier « {name} » du coffre contredit le registre.", ASK_VERIFY)
        kept.discard(name)
        parcel.add(name, data)
    if kept:
        raise LedgerBroken(f"Le registre ne connaît pas ces clôtures du coffre : {', '.join(sorted(kept))}.", ASK_VERIFY)


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


def _write_chain(parcel: Parcel, folder: str, records: Iterable[tuple[Link, bool]], previous: str, public: str) -> None:
    """Write a chain that begins after the hash `previous`: all its hashes, and the bodies that are wanted."""
    rows = []
    for expected, (link, wanted) in enumerate(records, start=1):
        body = link.body.encode()
        if link.seq != expected or link.data["previous"] != previous or hashlib.sha256(body).hexdigest() != link.hash:
            raise LedgerBroken(f"Le maillon {expected} du registre ({folder}) manque ou a été modifié.", ASK_VERIFY)
        if wanted:
            if not is_signed(public, body, link.signature):
                raise LedgerBroken(f"Le maillon {expected} du registre ({folder}) n’est pas signé par sa clé.", ASK_VERIFY)
            name = f"{folder}/{link.seq:06d}"
            parcel.add(f"{name}.json", body)
            parcel.add(f"{name}.sig", base64.b64decode(link.signature))
        rows.append((str(link.seq), link.kind, link.hash, previous))
        previous = link.hash
    parcel.add(f"{folder}/{CHAIN_FILE}", csv_bytes(CHAIN_HEADER, rows))


def _records(connection: Connection, year: int, documents: list[Link]) -> Iterator[tuple[Link, bool]]:
    """The records, and whether they are wanted; the documents dated in `year` are put into `documents`."""
    for link, wanted in _of_year(connection, RECORDS, year):
        dated = link.kind in chain.DOCUMENTS_OF and year_of(link) == year
        if dated:
            documents.append(link)
        yield link, wanted or dated or link.kind not in chain.DOCUMENTS_OF


def _of_year(connection: Connection, table: Table, year: int) -> Iterator[tuple[Link, bool]]:
    """A chain, and whether a record is of the year or stands before or after those of the year: so it is seen that none is left out."""
    years = [int(link.data["at"][:4]) for link in chain.links(connection, table)]  # never falling: a clock set back is refused
    before, after = bisect_left(years, year) - 1, bisect_right(years, year)
    return ((link, before <= at <= after) for at, link in enumerate(chain.links(connection, table)))
