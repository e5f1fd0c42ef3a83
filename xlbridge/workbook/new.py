"""`new`: an empty invoicing workbook, never over a file that exists."""

from __future__ import annotations

from pathlib import Path

from xlbridge.errors import WrongUse


def create(path: Path) -> None:
    """Write the empty template to `path`. Raises WrongUse where a file is there, the name is no .xlsx, or the folder cannot be written."""
    from xlbridge.workbook.template_writer import write_template

    refuse_place(path)
    try:
        write_template(path)
    except OSError as fault:
        raise WrongUse(f"« {path} » ne peut pas être écrit ({fault}).", "Vérifiez vos droits sur le dossier.") from fault


def refuse_place(path: Path) -> None:
    """Raise WrongUse where no new workbook can be put at `path`."""
    if path.suffix.lower() != ".xlsx":
        raise WrongUse(f"« {path.name} » n’est pas un nom de classeur Excel.", "Donnez un nom qui finit par .xlsx.")
    if path.exists():
        raise WrongUse(f"« {path} » existe déjà ; rien n’a été écrit.", "Choisissez un autre nom.")
    if not path.parent.is_dir():
        raise WrongUse(f"Le dossier « {path.parent} » n’existe pas.", "Créez-le, ou choisissez un autre dossier.")
