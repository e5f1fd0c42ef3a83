"""What a run of `issue` works with: the ledger that the workbook belongs to, its key and its vault; opened, or made at the first issue.

Whatever contradicts the ledger stops the run before anything is written: a workbook of another ledger, a vault or a workbook that knows
more than the ledger (an old copy of it was restored), numbers in « Registre » that the ledger does not know.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from xlbridge.archive.vault import Vault
from xlbridge.company import Company
from xlbridge.errors import LedgerBroken, WrongUse
from xlbridge.issuing.places import Places
from xlbridge.issuing.steps import Watch, unwatched
from xlbridge.issuing.transaction import write_head
from xlbridge.ledger import chain
from xlbridge.ledger.closings import close_past, write_closings
from xlbridge.ledger.head import BROKEN, REMEDY, Head
from xlbridge.ledger.places import LEDGER_NAME, archive_folder, default_folder, ledger_file, ledger_url, refuse_unsafe
from xlbridge.ledger.schema import DOCUMENTS, RECORDS
from xlbridge.ledger.seal import SigningKey, create_key
from xlbridge.ledger.session import key_of, key_place
from xlbridge.ledger.store import Clock, Ledger, create_ledger, exists, head_of, now, open_ledger, opening
from xlbridge.workbook.grid import Workbook
from xlbridge.workbook.register_changes import extra_numbers
from xlbridge.workbook.seal_sheet import SealSheet

OLD_LEDGER = (
    "Un registre plus ancien a sans doute été remis en place. Remettez le plus récent (xlbridge ledger restore), ou voyez « Changer"
    " d’ordinateur » dans la documentation ; rien n’a été émis."
)
OTHER_HISTORY = (
    "Deux ordinateurs ont émis depuis une même sauvegarde (voyez « Changer d’ordinateur » dans la documentation), ou le registre a été"
    " changé (xlbridge verify) ; rien n’a été émis."
)
UNKNOWN_NUMBERS = (
    "Une cellule de « Registre » a été changée (« Contrôle du classeur », ou xlbridge verify, dit laquelle), ou un registre plus ancien"
    " remis en place (xlbridge ledger restore remet le bon). Des numéros d’avant xlbridge se reprennent par xlbridge ledger import ;"
    " rien n’a été émis."
)


@dataclass(frozen=True)
class Session:
    """An open ledger with its key and vault."""

    ledger: Ledger
    key: SigningKey
    vault: Vault


def ledger_of(workbook: Workbook, seal: SealSheet, company: Company | None, places: Places, clock: Clock = now) -> Ledger | None:
    """The ledger of the workbook; None where there is none yet and the workbook was never bound to one. Raises LedgerBroken."""
    url = ledger_url(places.ledger, company.siren if company else None)
    if not exists(url):
        if seal.ledger:
            raise LedgerBroken(
                f"Ce classeur appartient au registre {seal.ledger[:8]}, qui n’est pas à l’endroit attendu.",
                "Donnez-le par --ledger, ou remettez-le depuis une sauvegarde : xlbridge ledger restore.",
            )
        if numbers := _unknown_numbers(workbook, set()):
            raise WrongUse(
                f"La feuille « Registre » contient déjà des numéros ({', '.join(numbers[:3])}), et il n’y a pas encore de registre.",
                "Reprenez-les d’abord : xlbridge ledger new, puis xlbridge ledger import.",
            )
        return None
    ledger = open_ledger(url, clock)
    if seal.ledger and seal.ledger != ledger.identity.identifier:
        raise LedgerBroken(
            f"Ce classeur appartient au registre {seal.ledger[:8]}, et celui-ci est {ledger.identity.identifier[:8]}.",
            "Donnez par --ledger le registre de ce classeur ; rien n’a été émis.",
        )
    with ledger.reading() as connection:
        if seal.seq:
            _refuse_older(connection, seal.seq, seal.hash, f"Le classeur « {workbook.path.name} »")
        known = {row.number for row in connection.execute(select(DOCUMENTS.c.number))}
    if numbers := _unknown_numbers(workbook, known):
        raise LedgerBroken(
            f"La feuille « Registre » contient des numéros que le registre ne connaît pas : {', '.join(numbers[:5])}.", UNKNOWN_NUMBERS
        )
    return ledger


def _unknown_numbers(workbook: Workbook, known: set[str]) -> list[str]:
    """The numbers of the register sheets that are not among the `known`, each once."""
    return list(dict.fromkeys(number for number, _ in extra_numbers(workbook, known)))


@contextmanager
def opened(ledger: Ledger, places: Places, watch: Watch = unwatched) -> Iterator[Session]:
    """The ledger with its key and vault, after the sweep of what a crash left. Raises LedgerBroken where the vault knows more."""
    identifier = ledger.identity.identifier
    if path := ledger_file(ledger.url):
        refuse_unsafe(path)
    key = key_of(ledger, places.key)
    folder = archive_folder(places.archive, ledger.url)
    with ledger.writing(key) as writer:  # of several that start at once, one makes the vault
        issued = select(DOCUMENTS.c.seq).where(DOCUMENTS.c.pdf.is_not(None)).limit(1)
        started = writer.connection.execute(issued).first() is not None
        # A ledger that has issued has a vault: a new empty one would hide that the old one is lost.
        vault = (Vault.open if started else Vault.create)(folder, identifier, watch)
        if (data := vault.read_head()) is not None:
            head = Head.of_bytes(data)
            if not (head.is_signed and (head.ledger, head.public) == (identifier, key.public)):
                raise LedgerBroken(BROKEN, REMEDY)
            _refuse_older(writer.connection, head.seq, head.hash, f"Le coffre « {folder} »")
        vault.sweep(lambda name: _is_known(writer.connection, name))
        if data is None and not all(_is_known(writer.connection, name) for name in vault.objects()):
            raise LedgerBroken(
                f"Le coffre « {folder} » n’a plus de tête, et il garde des documents que le registre ne connaît pas.", OLD_LEDGER
            )
        close_past(writer)
    with ledger.writing(key) as writer:
        write_closings(writer.connection, vault.write_file)
        write_head(writer, vault)
    yield Session(ledger, key, vault)


def first_seal(session: Session, book: str | None) -> SealSheet:
    """The seal of a workbook that has no document of the ledger yet: it knows the opening alone, however far others have come."""
    with session.ledger.reading() as connection:
        link = opening(connection)
    return SealSheet(session.ledger.identity.identifier, 0, link.seq, link.hash, session.key.key_id, None, link.data["at"], book)


def seal_now(session: Session, book: str | None) -> SealSheet:
    """The seal of a workbook that is written to now."""
    with session.ledger.reading() as connection:
        head = head_of(connection, session.ledger)
    numbers = ", ".join(f"{name} : {number}" for name, number in head.last_numbers.items())
    return SealSheet(head.ledger, head.count, head.seq, head.hash, session.key.key_id, numbers or None, head.at, book)


def create(company: Company | None, places: Places, clock: Clock = now) -> Ledger:
    """A new ledger for the company, with a new key. Raises WrongUse where the company is not known or has one, or the place is not safe."""
    if company is not None:
        _refuse_a_second(ledger_url(places.ledger, company.siren), company)
    return _created(company, places, clock)


def _created(company: Company | None, places: Places, clock: Clock) -> Ledger:
    if company is None:
        raise WrongUse("L’entreprise n’est pas connue.", "Remplissez la feuille « Entreprise » (nom, SIREN).")
    url = ledger_url(places.ledger, company.siren)
    if path := ledger_file(url):
        refuse_unsafe(path)
    owner = company.siren or company.vat_number or company.name
    ledger, _ = create_ledger(url, owner, company.name, lambda identifier: create_key(key_place(identifier, places.key), identifier), clock)
    return ledger


def _refuse_a_second(url: str, company: Company) -> None:
    """Two ledgers of one company would give the same numbers: another than the usual one is made by `ledger new` alone."""
    usual = default_folder(company.siren) / LEDGER_NAME if company.siren else None
    if usual is not None and usual.is_file() and ledger_file(url) != usual:
        raise WrongUse(
            f"{company.name} a déjà un registre (« {usual} ») ; un second donnerait les mêmes numéros.",
            "Émettez sans --ledger ; ou, si c’est voulu, créez d’abord l’autre registre et ses séries : xlbridge ledger new.",
        )


@contextmanager
def for_trial(company: Company | None, clock: Clock = now) -> Iterator[Ledger]:
    """A ledger that is gone afterwards: what a first issue would do."""
    with tempfile.TemporaryDirectory() as folder:
        places = Places(str(Path(folder) / "registre.sqlite"), key=str(Path(folder) / "essai.pem"))
        ledger = _created(company, places, clock)
        try:
            yield ledger
        finally:
            ledger.close()


def _refuse_older(connection: Connection, seq: int, digest: str | None, who: str) -> None:
    """Stop where somebody knows a record that the ledger does not have, or has otherwise."""
    last = chain.last(connection, RECORDS)
    if last is None or last.seq < seq:
        raise LedgerBroken(f"{who} connaît le maillon {seq}, et le registre s’arrête au maillon {last.seq if last else 0}.", OLD_LEDGER)
    known = connection.execute(select(RECORDS.c.hash).where(RECORDS.c.seq == seq)).scalar()
    if digest and known != digest:
        raise LedgerBroken(f"{who} connaît un autre maillon {seq} que le registre.", OTHER_HISTORY)


def _is_known(connection: Connection, name: str) -> bool:
    """Whether the ledger names the file `name` of the vault."""
    digest, columns = name.partition(".")[0], DOCUMENTS.c
    query = select(columns.seq).where((columns.pdf == digest) | (columns.xml == digest) | (columns.workbook == digest)).limit(1)
    return connection.execute(query).first() is not None
