"""Whether a workbook belongs to a ledger, and whether that has gone on without it: a quick look, for a click that may need neither."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from xlbridge.company import find_company
from xlbridge.desk.places import desk_places
from xlbridge.errors import WrongUse
from xlbridge.issuing.places import Places
from xlbridge.workbook import template
from xlbridge.workbook.grid import Workbook
from xlbridge.workbook.seal_sheet import read_seal

if TYPE_CHECKING:
    from xlbridge.ledger.store import Ledger


@contextmanager
def ledger_of(workbook: Workbook) -> Iterator[Ledger]:
    """The ledger of the workbook's company, open. Raises LedgerBroken where there is none, WrongUse where none is meant."""
    from xlbridge.ledger.session import open_for

    company = template.template_company(workbook) or find_company(workbook.path)
    ledger = open_for(desk_places().ledger, company.siren if company else None)
    try:
        yield ledger
    finally:
        ledger.close()


def is_bound(workbook: Workbook) -> bool:
    """Whether the workbook belongs to a ledger: something was issued from it."""
    seal = read_seal(workbook) if template.is_template(workbook) else None
    return seal is not None and bool(seal.ledger)


def is_behind(workbook: Workbook, places: Places) -> bool:
    """Whether the vault knows of more than the workbook does: something may have been issued that the workbook does not show.

    A quick look at two heads; False where the workbook belongs to no ledger, or its vault is not at its place.
    """
    seal = read_seal(workbook) if template.is_template(workbook) else None
    if seal is None or not seal.ledger:
        return False
    from xlbridge.archive.vault import Vault
    from xlbridge.ledger.head import Head
    from xlbridge.ledger.places import archive_folder, ledger_url

    company = template.template_company(workbook) or find_company(workbook.path)
    try:
        folder = archive_folder(places.archive, ledger_url(places.ledger, company.siren if company else None))
    except WrongUse:
        return False  # no place is known; « Émettre » and « Contrôle du classeur » say so
    if not folder.is_dir():
        return False
    data = Vault.open(folder, seal.ledger).read_head()
    return data is not None and Head.of_bytes(data).seq != seal.seq
