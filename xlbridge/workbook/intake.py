"""Which format a file really has, and which files are refused before any of their content is trusted.

The content decides, not the extension: business software likes to call an HTML page or a text file `.xls`.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from xlbridge.errors import UnreadableFile, why
from xlbridge.findings import Finding, Rule, Severity
from xlbridge.workbook import container as parts

MAX_FILE_SIZE = 200 << 20
"""Most bytes a file may have on disk."""

OPEN_ELSEWHERE = Rule(
    "LEC-001",
    Severity.WARNING,
    "Fichier ouvert ailleurs",
    "Le fichier est ouvert dans un autre programme ; c’est son dernier état enregistré qui a été lu.",
    "enregistrez et fermez-le, puis recommencez, pour que les dernières saisies comptent.",
)
OTHER_EXTENSION = Rule(
    "LEC-002",
    Severity.NOTE,
    "Extension trompeuse",
    "Le fichier se nomme « .{extension} » mais son contenu est au format {format} ; c’est ainsi qu’il a été lu.",
    "enregistrez-le sous l’extension de son vrai format.",
)
FORMAT_IS_SILENT = Rule(
    "LEC-003",
    Severity.NOTE,
    "Détails hors de portée",
    "Dans un fichier .{format}, {what} ne peuvent pas être contrôlés.",
    "enregistrez le classeur au format .xlsx pour un contrôle complet.",
)
SILENCE = {
    "xls": "le texte des formules et les en-têtes et pieds de page",
    "xlsb": "les cellules en erreur ou masquées, les formules, les formats de nombre et les en-têtes et pieds de page",
}

TEXT_EXTENSIONS = frozenset({"", "csv", "tsv", "tab", "txt", "asc", "dat", "prn", "xls", "xlsx", "xlsm", "xlsb", "ods"})
SAME_FORMAT = {"tsv": "csv", "tab": "csv", "txt": "csv", "asc": "csv", "dat": "csv", "prn": "csv", "xlt": "xls", "ots": "ods"}
SAME_FORMAT |= {"xltx": "xlsx", "xltm": "xlsm", "xlam": "xlsm"}

IMPOSTORS = (
    (rb"%PDF-", "un PDF", "Donnez le classeur d’où il vient ; pour contrôler une facture PDF, utilisez « xlbridge validate »."),
    (rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!doctype html|<html|<table|<head|<meta)", "une page HTML", parts.REOPEN_AND_SAVE),
    (rb".{0,2000}urn:schemas-microsoft-com:office:spreadsheet", "une « feuille de calcul XML 2003 »", parts.REOPEN_AND_SAVE),
    (rb"\s*<\?xml.{0,200}<office:document\b", "un classeur OpenDocument à plat (.fods)", "Enregistrez-le au format .ods."),
    (rb"\s*<(\?xml|[A-Za-z!])", "un document XML ou HTML", "Donnez le classeur (.xlsx, .xls, .ods ou .csv)."),
    (rb"ID;P", "un fichier SYLK (.slk)", parts.REOPEN_AND_SAVE),
    (rb"\{\\rtf", "un texte RTF", "Donnez le classeur (.xlsx, .xls, .ods ou .csv)."),
    (rb"\x09[\x00\x02\x04\x08].\x00", "un classeur Excel 4 ou plus ancien", parts.REOPEN_AND_SAVE),
)
"""Beginnings (regular expressions) of files that are no workbook we read: what they are, and what to do."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file found fit to be read: where it is, its real format, its size and time, and what is to be said of it."""

    path: Path
    format: str
    size: int
    modified: int
    findings: tuple[Finding, ...] = ()

    def unchanged(self) -> Path:
        """The path, after making sure that the file is still the one examined. Raises UnreadableFile."""
        now = self.path.stat() if self.path.exists() else None
        if now is None or (now.st_size, now.st_mtime_ns) != (self.size, self.modified):
            raise UnreadableFile(
                f"« {self.path.name} » a changé pendant la lecture.", "Recommencez une fois le fichier enregistré et fermé."
            )
        return self.path


def examine(path: Path) -> Source:
    """The real format of `path` ("xlsx", "xlsm", "xls", "xlsb", "ods", "csv"), once found safe. Raises UnreadableFile."""
    try:
        status = path.stat()
        with path.open("rb") as stream:
            head = stream.read(8192)
    except PermissionError as fault:
        raise UnreadableFile(
            f"« {path.name} » est verrouillé, ou vous n’avez pas le droit de le lire.",
            "S’il est ouvert dans Excel, fermez-le, puis recommencez.",
        ) from fault
    except FileNotFoundError as fault:
        raise UnreadableFile(f"« {path} » n’existe pas.", "Vérifiez le chemin du fichier.") from fault
    except OSError as fault:
        raise UnreadableFile(f"« {path.name} » ne peut pas être lu ({why(fault)}).", "Vérifiez son nom et son dossier.") from fault
    if not head:
        raise UnreadableFile(
            f"« {path.name} » est vide (0 octet).", "Reprenez une copie du fichier : celle-ci n’a sans doute pas fini de s’enregistrer."
        )
    if status.st_size > MAX_FILE_SIZE:
        raise parts.too_large(path, f"{status.st_size >> 20} Mo")
    real = _format(path, head)
    return Source(path, real, status.st_size, status.st_mtime_ns, tuple(_remarks(path, real)))


def _remarks(path: Path, real: str) -> list[Finding]:
    """What there is to say of a file before its content: open elsewhere, misnamed, a format that keeps things to itself."""
    findings = []
    if any(path.with_name(lock).exists() for lock in (f"~${path.name}", f".~lock.{path.name}#")):
        findings.append(OPEN_ELSEWHERE.found())
    extension = path.suffix.lower().lstrip(".")
    if extension and SAME_FORMAT.get(extension, extension) != real:
        findings.append(OTHER_EXTENSION.found(extension=extension, format=real))
    if real in SILENCE:
        findings.append(FORMAT_IS_SILENT.found(format=real, what=SILENCE[real]))
    return findings


def _format(path: Path, head: bytes) -> str:
    """The format that the content shows. Raises UnreadableFile."""
    if head.startswith(b"PK\x03\x04"):
        with parts.opened(path) as container:
            real = _packed_format(path, container)
            parts.check(path, container)
        return real
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _compound_format(path)
    for beginning, what, remedy in IMPOSTORS:
        if re.match(beginning, head.removeprefix(b"\xef\xbb\xbf"), re.IGNORECASE | re.DOTALL):
            raise UnreadableFile(f"« {path.name} » n’est pas un classeur lisible : c’est {what}.", remedy)
    if not _is_text(head) or path.suffix.lower().lstrip(".") not in TEXT_EXTENSIONS:
        raise _no_workbook(path)
    return "csv"


def _no_workbook(path: Path) -> UnreadableFile:
    return UnreadableFile(f"« {path.name} » n’est pas un classeur.", "Donnez un fichier .xlsx, .xlsm, .xls, .xlsb, .ods ou .csv.")


def _packed_format(path: Path, container: zipfile.ZipFile) -> str:
    """The format of a ZIP container, by its parts."""
    names = set(container.namelist())
    if "mimetype" in names:
        if not container.read("mimetype").startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
            raise _no_workbook(path)
        if "META-INF/manifest.xml" in names and b"encryption-data" in container.read("META-INF/manifest.xml"):
            raise parts.encrypted(path)
        return "ods"
    if any(name.endswith(".iwa") or name == "Index.zip" for name in names):
        raise UnreadableFile(f"« {path.name} » est un classeur Numbers.", "Dans Numbers, choisissez Fichier > Exporter vers > Excel.")
    if "[Content_Types].xml" not in names:
        raise _no_workbook(path)
    types = container.read("[Content_Types].xml").replace(b"\0", b"")
    if b"sheet.binary.macroEnabled.main" in types:
        return "xlsb"
    if re.search(rb"(sheet|template|addin)\.macroEnabled\.main", types):
        return "xlsm"
    if re.search(rb"spreadsheetml\.(sheet|template)\.main", types):
        return "xlsx"
    raise _no_workbook(path)


def _compound_format(path: Path) -> str:
    """The format of an OLE compound file, by its streams ([MS-OFFCRYPTO] 2.3: an encrypted .xlsx is one too)."""
    import olefile

    try:
        with olefile.OleFileIO(path) as compound:
            if compound.exists("EncryptedPackage"):
                raise parts.encrypted(path)
            if compound.exists("Workbook") or compound.exists("Book"):
                return "xls"
    except (OSError, ValueError, IndexError, TypeError) as fault:
        raise parts.broken(path, fault) from fault
    raise _no_workbook(path)


def _is_text(head: bytes) -> bool:
    """Whether bytes read as text: no control characters, unless they are UTF-16."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    even, odd = head[::2].count(0), head[1::2].count(0)
    if min(even, odd) == 0 and max(even, odd) > len(head) // 4:
        head = head.replace(b"\0", b"")
    return not re.search(rb"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]", head)
