"""One document out of the archive: its file byte for byte, or a duplicata of its page.

A duplicata is drawn again from the sealed record. It is marked on every page and has no XML: a second machine-readable file would be a
second invoice.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sqlalchemy import Connection, select

from xlbridge.archive.durable import place
from xlbridge.archive.names import RESTORE
from xlbridge.archive.search import Entry
from xlbridge.archive.vault import Vault
from xlbridge.errors import LedgerBroken, WrongUse, why
from xlbridge.ledger.chain import Link
from xlbridge.ledger.record import SPECIMEN, TAKEN_OVER
from xlbridge.ledger.schema import RECORDS
from xlbridge.model import Invoice

PDF, XML = ".pdf", ".xml"


def export(vault: Vault, entry: Entry, target: Path, suffix: str = PDF) -> None:
    """Write the archived PDF (or XML) of `entry` to `target`, which must not exist yet.

    Raises WrongUse where the document has no such file, LedgerBroken where the vault has lost or changed it.
    """
    digest = entry.xml if suffix == XML else entry.pdf
    if digest is None:
        raise WrongUse(
            f"Le coffre n’a pas de {'XML' if suffix == XML else 'PDF'} pour {entry.called}.",
            "Ce document a été repris d’un registre plus ancien : cherchez-le dans vos anciens dossiers.",
        )
    write_new(target, vault.get(digest, suffix))


def record_of(connection: Connection, entry: Entry) -> Link:
    """The sealed record of a document. Raises LedgerBroken where it is gone."""
    row = connection.execute(select(RECORDS).where(RECORDS.c.seq == entry.seq)).one_or_none()
    if row is None:
        raise LedgerBroken(f"Le maillon {entry.seq} manque au registre.", RESTORE)
    return Link(*row)


def duplicata(link: Link, target: Path, day: date) -> None:
    """Draw the document of a record again, marked « Duplicata » of `day`, to `target`, which must not exist yet.

    Raises WrongUse for a document taken over from an older register, whose page this program never drew.
    """
    from xlbridge.render.facturx import plain
    from xlbridge.render.marks import Marks

    content = link.content
    invoice = Invoice.model_validate(content["invoice"])
    if content["origin"] == TAKEN_OVER:
        raise WrongUse(
            f"Le document {invoice.number} a été repris d’un registre plus ancien : son original n’a pas été fait ici.",
            "Copiez l’original de l’époque.",
        )
    proof = f"Original : maillon {link.seq} du registre · {link.hash[:16]}"
    write_new(target, plain(invoice, Marks(duplicata=day, specimen=content["origin"] == SPECIMEN, proof=proof)).pdf)


def write_new(target: Path, data: bytes) -> None:
    """Write a file that does not exist yet, whole or not at all. Raises WrongUse."""
    refuse_existing(target)
    try:
        place(target, data, target.absolute().parent)
    except OSError as fault:
        raise not_written(target, fault) from fault


def refuse_existing(target: Path) -> None:
    """Raise WrongUse where something stands at `target`."""
    if target.exists() or target.is_symlink():
        raise WrongUse(f"« {target} » existe déjà.", "Donnez un autre nom par --out, ou déplacez ce qui s’y trouve.")


def not_written(target: Path, fault: OSError) -> WrongUse:
    """What a failure to write at `target` says to people."""
    return WrongUse(f"« {target} » ne peut pas être écrit ({why(fault)}).", "Vérifiez le dossier, vos droits et la place libre.")
