"""« Exporter »: the archived file of an issued document beside the workbook, or a duplicata of its page."""

from __future__ import annotations

from pathlib import Path

from xlbridge.archive import export
from xlbridge.archive.search import the_one
from xlbridge.archive.vault import Vault
from xlbridge.desk import choosing
from xlbridge.desk.answer import Answer
from xlbridge.desk.binding import ledger_of
from xlbridge.desk.holding import OpenWorkbook
from xlbridge.desk.places import desk_places
from xlbridge.file_names import safe_name
from xlbridge.ledger.closings import PARIS
from xlbridge.ledger.places import archive_folder
from xlbridge.workbook.port import Port

QUESTION = (
    "{number}\n\nOui : le fichier archivé (Factur-X, tel qu’il a été émis), à envoyer au client.\n"
    "Non : un duplicata, une page marquée « Duplicata », sans XML."
)


def export_issued(port: Port) -> Answer:
    """Ask which of the two, write it beside the workbook under the document's number, open it. Nothing is ever overwritten."""
    workbook = port.snapshot()
    chosen = choosing.issued(workbook, port.selection())
    folder = OpenWorkbook(port).path.parent
    original = port.ask(QUESTION.format(number=chosen.number), may_stop=True)
    if original is None:
        return Answer("Rien n’a été exporté.")
    with port.step("Exporter"):
        with ledger_of(workbook) as ledger:
            with ledger.reading() as connection:
                entry = the_one(connection, chosen.number)
                link = export.record_of(connection, entry)
            vault = Vault.open(archive_folder(desk_places().archive, ledger.url), ledger.identity.identifier)
            day = ledger.clock().astimezone(PARIS).date()
        if original:
            target = _free(folder, safe_name(chosen.number))
            export.export(vault, entry, target)
        else:
            target = _free(folder, f"{safe_name(chosen.number)}-duplicata")
            export.duplicata(link, target, day)
    what = "L’original" if original else "Le duplicata"
    return Answer(f"{what} de {entry.called} est dans « {target} ».", open=target)


def _free(folder: Path, stem: str) -> Path:
    """A name in `folder` that nothing bears yet."""
    names = (f"{stem}{'' if turn == 1 else f' ({turn})'}.pdf" for turn in range(1, 1000))
    return next(path for name in names if not (path := folder / name).exists())
