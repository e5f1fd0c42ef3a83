"""Which ledger, vault and key are meant when the user says nothing."""

from __future__ import annotations

from pathlib import Path

from xlbridge.company import find_company
from xlbridge.errors import WrongUse
from xlbridge.findings import Report
from xlbridge.ledger.places import archive_folder, ledger_file
from xlbridge.ledger.seal import KEYRING
from xlbridge.ledger.session import url_for
from xlbridge.proof.verify import verify
from xlbridge.workbook.grid import Workbook, open_workbook


def verify_usual(workbook: Path | Workbook | None, ledger: str | None, archive: Path | None, key: str | None) -> Report:
    """`verify` for a workbook of a company (its file, or what was read of it), or for the ledger that is named.

    The vault is the one beside the ledger where none is named.

    Raises WrongUse where no ledger is meant, LedgerBroken where there is none that can be opened.
    """
    if isinstance(workbook, Path) and not workbook.is_file():
        raise WrongUse(f"« {workbook} » n’existe pas.", "Vérifiez le chemin du classeur.")
    url = url_for(ledger, None if ledger or workbook is None else _siren(workbook))
    try:
        folder = archive_folder(archive, url)
    except WrongUse:
        if ledger_file(url) is not None:
            raise
        folder = None  # a ledger on a server has no vault beside it; the report says that none was compared
    place = key if key is None or key == KEYRING else Path(key)
    return verify(url, folder, workbook, key_place=place)


def _siren(given: Path | Workbook) -> str | None:
    from xlbridge.workbook.template import template_company

    workbook = open_workbook(given) if isinstance(given, Path) else given
    company = template_company(workbook) or find_company(workbook.path)
    return company.siren if company else None
