"""The archives of one year in a folder or a zip file, to be handed on: documents, index, ledger, and what it takes to verify them
without this program.

    index.html, index.csv    what is in it
    pdf/, xml/, classeurs/   the documents under readable names, and the workbooks they were issued from
    registre/, evenements/   the extract of the ledger (see `extract`), with its key, its head and its closings
    manifeste.json           every file with its SHA-256; SHA256SUMS says the same to `sha256sum -c`
    verifier.py              checks it with the standard library of Python, short enough to be read; VERIFIER.txt says how by hand
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path, PurePath

from sqlalchemy import Connection, select

from xlbridge import __version__
from xlbridge.archive.extract import write_ledger
from xlbridge.archive.index import Item, index_csv, index_html, item_of
from xlbridge.archive.names import SUFFIXES
from xlbridge.archive.parcel import Parcel, parcel
from xlbridge.archive.vault import Vault
from xlbridge.errors import WrongUse
from xlbridge.ledger.chain import Link, written_time
from xlbridge.ledger.schema import DOCUMENTS
from xlbridge.ledger.store import Ledger

FORMAT = "xlbridge-dossier-1"
MANIFEST, SUMS = "manifeste.json", "SHA256SUMS"
SHIPPED = ("verifier.py", "VERIFIER.txt")

Tick = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Bundled:
    """What a bundle holds."""

    documents: int
    files: int
    size: int


def unticked(done: int, total: int, what: str) -> None:
    """Nobody looks."""


def bundle(ledger: Ledger, vault: Vault, year: int, target: Path, tick: Tick = unticked) -> Bundled:
    """Write the archives of `year` to `target`, a new folder or a new file that ends in .zip.

    Raises WrongUse where something stands there, it cannot be written, or the year has no documents; LedgerBroken where the ledger or a
    file of the vault is missing or changed. Then there is nothing at `target`.
    """
    moment = ledger.clock()
    head = vault.read_head()  # before the ledger is read: it is then never ahead of it
    with parcel(target, moment) as part:
        with ledger.reading() as connection:
            links = write_ledger(connection, vault, part, year, head)
            if not links:
                raise _empty(connection, year)
        items = _write_documents(vault, part, links, tick)
        part.add("index.csv", index_csv(items))
        part.add("index.html", index_html(items, ledger.identity, year, moment))
        for name in SHIPPED:
            part.add(name, files("xlbridge.archive").joinpath(name).read_bytes())
        about = {
            "format": FORMAT,
            "year": year,
            "ledger": ledger.identity.identifier,
            "seller": ledger.identity.seller_name,
            "siren": ledger.identity.seller_siren,
            "made_at": written_time(moment),
            "program": f"xlbridge {__version__}",
            "documents": len(items),
        }
        _write_sums(part, about)
    return Bundled(len(items), len(part.written), sum(size for _, size in part.written.values()))


@dataclass
class _Workbooks:
    """The workbooks written so far, by their SHA-256: many documents come from the same one."""

    vault: Vault
    parcel: Parcel
    names: dict[str, str] = field(default_factory=dict)

    def name_of(self, digest: str, original: str) -> str:
        """Where the workbook stands in the bundle; it is written when it is met first."""
        if digest not in self.names:
            suffixes = [suffix for suffix in sorted(SUFFIXES) if self.vault.has(digest + suffix)]
            suffix = suffixes[0] if suffixes else ".xlsx"
            data = self.vault.get(digest, suffix)
            self.names[digest] = self.parcel.named("classeurs", PurePath(original).stem, suffix)
            self.parcel.add(self.names[digest], data)
        return self.names[digest]


def _write_documents(vault: Vault, part: Parcel, links: Sequence[Link], tick: Tick) -> list[Item]:
    """The files of the documents, each compared with its hash; and what the index says of them."""
    workbooks, items = _Workbooks(vault, part), []
    for done, link in enumerate(links, start=1):
        content = link.content
        held, names = content["files"], {}
        number = content["invoice"].get("number") or f"sans numero {link.seq}"
        for kind in ("pdf", "xml"):
            if digest := held.get(kind):
                data = vault.get(digest, f".{kind}")
                names[kind] = part.named(kind, number, f".{kind}")
                part.add(names[kind], data)
        if digest := held.get("workbook"):
            names["workbook"] = workbooks.name_of(digest, content["source"]["workbook"])
        items.append(item_of(link, names))
        tick(done, len(links), number)
    return items


def _write_sums(part: Parcel, about: dict[str, object]) -> None:
    """The manifest, and last the list of all hashes."""
    listed = [{"name": name, "size": size, "sha256": digest} for name, (digest, size) in sorted(part.written.items())]
    part.add(MANIFEST, json.dumps({**about, "files": listed}, ensure_ascii=False, indent=1).encode() + b"\n")
    lines = [f"{digest}  {name}\n" for name, (digest, _) in sorted(part.written.items())]
    part.add(SUMS, "".join(lines).encode())


def _empty(connection: Connection, year: int) -> WrongUse:
    years = sorted({found for (found,) in connection.execute(select(DOCUMENTS.c.year).distinct()) if found is not None})
    known = f"Années du registre : {', '.join(map(str, years))}." if years else "Émettez d’abord une facture : xlbridge issue."
    return WrongUse(f"Le registre n’a pas de document de {year}.", known)
