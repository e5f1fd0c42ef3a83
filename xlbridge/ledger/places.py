"""Where the ledger, the archive and the key lie when the user says nothing, and where a ledger must not lie.

One default place per user and company, so that two workbooks of one company never number in two ledgers. An SQLite ledger rests on the
locks of the file system: a network share breaks them (sqlite.org/useovernet.html), and a folder that is copied to other machines makes
two ledgers of one. Both are refused; to share a ledger there is PostgreSQL.

>>> ledger_url("postgresql://compta@serveur/registre", None)
'postgresql+psycopg://compta@serveur/registre'
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path, PurePath, PureWindowsPath
from typing import TYPE_CHECKING

from xlbridge.errors import WrongUse

if TYPE_CHECKING:
    from sqlalchemy import URL

APPLICATION = "xlbridge"
LEDGER_NAME = "registre.sqlite"
URL_SHAPE = re.compile(r"[A-Za-z][\w+.-]+://")  # two letters at least: `C://compta` is a drive
SIREN_SHAPE = re.compile(r"[0-9]{9}")
POSTGRESQL = "postgresql+psycopg"
DRIVE_REMOTE = 4  # GetDriveTypeW, fileapi.h

NETWORK_SYSTEMS = re.compile(  # as Linux and macOS name them, with or without « fuse. »
    "9p|afpfs|afs|beegfs|ceph|cifs|coda|davfs2?|drvfs|fuse-t|gcsfuse|glusterfs|gpfs|gvfsd-fuse|lustre|ncpfs|nfs[34]?"
    "|prl_fs|rclone|s3fs|smb[23]?|smbfs|sshfs|vboxsf|vmhgfs(-fuse)?|webdav"
)
NETWORK_SOURCE = re.compile(r"//|[^/:]+:")  # server:/folder, //server/share

# Names of folders, as the programs create them; what may follow is an account: « OneDrive - Cabinet », « Dropbox (Cabinet) ».
SYNCHRONISERS = {
    "OneDrive": ("onedrive",),
    "Dropbox": ("dropbox",),
    "Google Drive": ("google drive", "googledrive", "mon drive", "my drive"),
    "iCloud": ("mobile documents", "icloud drive", "iclouddrive"),
    "Nextcloud": ("nextcloud",),
    "ownCloud": ("owncloud",),
    "kDrive": ("kdrive",),
    "pCloud": ("pcloud", "pcloud drive", "pclouddrive", "pcloud sync"),
    "Box": ("box", "box sync"),
    "Synology Drive": ("synology drive", "synologydrive"),
    "un service de synchronisation": ("cloudstorage",),  # macOS: ~/Library/CloudStorage/<service>
}
ACCOUNT = r"(?: - .+| \(.+\)|[0-9])?"
SYNCHRONISED = {service: re.compile(f"(?:{'|'.join(names)}){ACCOUNT}", re.IGNORECASE) for service, names in SYNCHRONISERS.items()}
# Found in the folder itself, whatever its name.
MARKERS = {
    ".dropbox.cache": "Dropbox",
    ".tmp.drivedownload": "Google Drive",
    ".nextcloudsync.log": "Nextcloud",
    ".owncloudsync.log": "ownCloud",
    ".SynologyWorkingDirectory": "Synology Drive",
    ".stfolder": "Syncthing",
}
ONEDRIVE_VARIABLES = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")

REMEDY = (
    "Laissez le registre à sa place par défaut (sans --ledger ni XLBRIDGE_LEDGER) ou sur un disque de cet ordinateur ; "
    "pour le partager à plusieurs, tenez-le dans PostgreSQL : --ledger postgresql://serveur/base."
)


def ledger_url(given: str | None, siren: str | None) -> str:
    """The SQLAlchemy URL of the ledger: `given` (`--ledger`), else XLBRIDGE_LEDGER, else the default place of the company `siren`.

    `given` is a URL (SQLite or PostgreSQL), the path of an SQLite file, or a folder. The URL may hold a password: never print it, see
    `shown_ledger`. `WrongUse` when it cannot be used, or when there is neither a place nor a SIREN.
    """
    place = given or os.environ.get("XLBRIDGE_LEDGER")
    if not place:
        return sqlite_url(default_folder(siren) / LEDGER_NAME)
    if URL_SHAPE.match(place):
        return database_url(place)
    path = Path(place).expanduser()
    is_folder = path.is_dir() or place.endswith(("/", os.sep))
    return sqlite_url(path / LEDGER_NAME if is_folder else path)


def default_folder(siren: str | None) -> Path:
    """The folder of the company's ledger when the user names none."""
    from platformdirs import user_data_path

    digits = "".join((siren or "").split())
    if not SIREN_SHAPE.fullmatch(digits):
        lacking = f"le SIREN « {digits} » n'a pas neuf chiffres" if digits else "le SIREN de l'entreprise manque"
        raise WrongUse(
            f"La place du registre n’est pas connue : {lacking}.",
            "Écrivez le SIREN dans la feuille « Entreprise » ou dans entreprise.toml, ou nommez le registre par --ledger.",
        )
    return user_data_path(APPLICATION, appauthor=False) / digits


def database_url(given: str) -> str:
    """`given` with the driver that is used here."""
    url = parsed_url(given)
    dialect = url.get_backend_name()
    if dialect == "sqlite":
        if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
            raise WrongUse("Un registre SQLite est un fichier.", "Donnez son chemin : --ledger dossier/registre.sqlite.")
        return sqlite_url(Path(url.database))
    if dialect not in {"postgresql", "postgres"}:
        raise WrongUse(
            f"Le registre ne peut pas être tenu dans « {dialect} ».",
            "Donnez le chemin d'un fichier (SQLite) ou une base PostgreSQL : --ledger postgresql://serveur/base.",
        )
    if not url.database:
        raise WrongUse("L'adresse du registre ne nomme pas de base PostgreSQL.", "Ajoutez-la à la fin : postgresql://serveur/base.")
    if find_spec("psycopg") is None:
        raise WrongUse("Le pilote de PostgreSQL manque.", 'Installez-le : python -m pip install "xlbridge[postgres]"')
    return url.set(drivername=POSTGRESQL).render_as_string(hide_password=False)


def parsed_url(given: str) -> URL:
    """`given` in its parts; the message of a fault does not repeat it, for it may hold a password."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(given)
    except (ArgumentError, ValueError):
        url = None
    if url is None or "@" in (url.host or ""):  # the end of a password that holds an « @ » is read as the host
        raise WrongUse(
            "L'adresse du registre ne se lit pas.",
            "Forme attendue : postgresql://utilisateur@serveur:5432/base ; dans un mot de passe, « @ » s'écrit %40.",
        )
    return url


def sqlite_url(path: Path) -> str:
    """The URL of the SQLite file `path`, from the root of the disk, so that it means the same in every folder and process."""
    from sqlalchemy import URL, make_url

    absolute = str(path.absolute())
    url = URL.create("sqlite", database=absolute).render_as_string(hide_password=False)
    if make_url(url).database != absolute:  # SQLAlchemy 2.0 cannot write « ? » in a URL
        raise WrongUse(f"Le chemin du registre contient un caractère impossible ici : {absolute}", "Choisissez un dossier sans « ? ».")
    return url


def ledger_file(ledger: str) -> Path | None:
    """The file of an SQLite ledger; None for a server."""
    url = parsed_url(ledger)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def shown_ledger(ledger: str) -> str:
    """The ledger's place as a message may name it: the file, or the URL without its password."""
    file = ledger_file(ledger)
    if file is not None:
        return str(file)
    return parsed_url(ledger).set(drivername="postgresql", query={}).render_as_string(hide_password=True)


def archive_folder(given: Path | None, ledger_url: str) -> Path:
    """The vault's folder: `given` (`--archive`), else XLBRIDGE_ARCHIVE, else beside an SQLite ledger."""
    named = given or os.environ.get("XLBRIDGE_ARCHIVE")
    if named:
        return Path(named).expanduser().absolute()
    file = ledger_file(ledger_url)
    if file is None:
        raise WrongUse(
            "Le dossier des archives n’est pas connu : le registre est sur un serveur.",
            "Nommez-le par --archive DOSSIER, ou par la variable XLBRIDGE_ARCHIVE.",
        )
    return file.parent / "archive"


def default_key_file(ledger_id: str) -> Path:
    """The file of the signing key: XLBRIDGE_KEY_FILE, else in the user's settings, away from the ledger."""
    from platformdirs import user_config_path

    named = os.environ.get("XLBRIDGE_KEY_FILE")
    if named:
        return Path(named).expanduser().absolute()
    return user_config_path(APPLICATION, appauthor=False) / "cles" / f"{ledger_id}.pem"


def refuse_unsafe(path: Path) -> None:
    """Raise `WrongUse` when an SQLite ledger at `path` would lie on a network share or in a synchronised folder."""
    absolute = path.absolute()
    for place in {path, absolute, absolute.resolve()}:  # a link may lead into a share, or stand in a synchronised folder
        if on_network(place):
            raise WrongUse(
                f"Le registre serait sur un disque partagé du réseau, où les verrous de fichier ne sont pas fiables "
                f"(deux ordinateurs pourraient donner le même numéro) : {path}.",
                REMEDY,
            )
        service = synchroniser(place, os.environ) or marked_synchroniser(place) or desktop_in_icloud(place)
        if service:
            raise WrongUse(
                f"Le registre serait dans un dossier synchronisé par {service}, où il en naîtrait deux versions "
                f"(un numéro pourrait être donné deux fois) : {path}.",
                REMEDY,
            )


def on_network(path: Path) -> bool:
    """Whether `path` is on a share: by its name, by the kind of its drive (Windows), or by the file system it is mounted from."""
    if is_unc(str(path)):
        return True
    if sys.platform == "win32":
        import ctypes

        return bool(ctypes.windll.kernel32.GetDriveTypeW(path.absolute().anchor) == DRIVE_REMOTE)
    import psutil

    path.exists()  # so that a folder mounted on demand is mounted
    mounts = [(part.mountpoint, part.fstype, part.device) for part in psutil.disk_partitions(all=True)]
    return is_network_mount(path.absolute(), mounts)


def is_unc(path: str) -> bool:
    r"""Whether a Windows path names a server.

    >>> is_unc(r"\\serveur\compta\registre.sqlite"), is_unc(r"\\?\UNC\serveur\compta\r.sqlite")
    (True, True)
    >>> is_unc(r"\\?\C:\compta\registre.sqlite"), is_unc(r"C:\compta\registre.sqlite"), is_unc("/srv/compta")
    (False, False, False)
    """
    drive = PureWindowsPath(path).drive.replace("/", "\\")
    if drive.startswith(("\\\\?\\", "\\\\.\\")):
        return drive[4:].upper().startswith("UNC\\")
    return drive.startswith("\\\\")


def is_network_mount(path: PurePath, mounts: Iterable[tuple[str, str, str]]) -> bool:
    """Whether the mount that holds `path` is a share; `mounts`: (mount point, file system, source), the later hides the earlier."""
    holding = [mount for mount in mounts if path.is_relative_to(mount[0])]
    if not holding:
        return False
    deepest = max(len(PurePath(point).parts) for point, *_ in holding)
    _, system, source = [mount for mount in holding if len(PurePath(mount[0]).parts) == deepest][-1]
    name = system.casefold()
    is_fuse = "fuse" in name or name.startswith("osxfuse")
    return bool(NETWORK_SYSTEMS.fullmatch(name.removeprefix("fuse.")) or (is_fuse and NETWORK_SOURCE.match(source)))


def synchroniser(path: PurePath, environment: Mapping[str, str]) -> str | None:
    """The service that copies `path` to other machines, by the names of its folders and the variables that OneDrive sets.

    >>> synchroniser(PureWindowsPath("C:/Users/Zoé/OneDrive - Cabinet/registre.sqlite"), {})
    'OneDrive'
    >>> synchroniser(PureWindowsPath("C:/Compta/Dropbox-export-2019.sqlite"), {}) is None
    True
    """
    for variable in ONEDRIVE_VARIABLES:
        folder = environment.get(variable)
        if folder and path.is_relative_to(type(path)(folder)):
            return "OneDrive"
    folders = path.parts[:-1]
    return next((service for service, shape in SYNCHRONISED.items() if any(shape.fullmatch(name) for name in folders)), None)


def marked_synchroniser(path: Path) -> str | None:
    """The service whose own file lies in a folder above `path`."""
    return next((service for folder in path.parents for name, service in MARKERS.items() if os.path.lexists(folder / name)), None)


def desktop_in_icloud(path: Path) -> str | None:
    """« iCloud » for a path in the Desktop or Documents of a Mac whose owner has let iCloud Drive keep them."""
    cloud = Path.home() / "Library" / "Mobile Documents" / "com~apple~CloudDocs"
    kept = (name for name in ("Desktop", "Documents") if path.is_relative_to(Path.home() / name))
    return "iCloud" if any((cloud / name).exists() for name in kept) else None
