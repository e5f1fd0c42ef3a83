"""`new`: an empty invoicing workbook, never over a file that exists."""

from __future__ import annotations

from pathlib import Path

from xlbridge.errors import WrongUse, why

WITH_MACROS = ".xlsm"


def create(path: Path, with_buttons: bytes = b"") -> None:
    """Write the empty template to `path`; `with_buttons`: the one with macros, for a name that ends in .xlsm.

    Raises WrongUse where a file is there, the name is that of no such workbook, or the folder cannot be written.
    """
    from xlbridge.workbook.template_writer import write_template

    refuse_place(path, WITH_MACROS if with_buttons else ".xlsx")
    try:
        if with_buttons:
            path.write_bytes(with_buttons)
        else:
            write_template(path)
    except OSError as fault:
        raise WrongUse(f"« {path} » ne peut pas être écrit ({why(fault)}).", "Vérifiez vos droits sur le dossier.") from fault


def refuse_place(path: Path, suffix: str = ".xlsx") -> None:
    """Raise WrongUse where no new workbook can be put at `path`."""
    if path.suffix.lower() != suffix:
        raise WrongUse(f"« {path.name} » n’est pas un nom de classeur Excel.", "Donnez un nom qui finit par .xlsx.")
    if path.exists():
        raise WrongUse(f"« {path} » existe déjà ; rien n’a été écrit.", "Choisissez un autre nom.")
    if not path.parent.is_dir():
        raise WrongUse(f"Le dossier « {path.parent} » n’existe pas.", "Créez-le, ou choisissez un autre dossier.")
