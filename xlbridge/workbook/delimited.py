"""Delimited text (csv, tsv, txt): encoding, separator and quoting found out; every value stays the text it is.

Nothing is converted: leading zeros, dates and decimal commas are left to those who know what a column means. Each record keeps the
line of the file on which it begins.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from xlbridge.errors import UnreadableFile
from xlbridge.findings import Cell, Finding, Rule, Severity
from xlbridge.workbook.container import MAX_CELLS
from xlbridge.workbook.details import Value

SEPARATORS = ";\t|,"
"""The separators told apart, the likelier in France first."""

SAMPLE_LINES = 200
MAX_BAD_RECORDS = 100

DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")

FRENCH_LETTERS = frozenset("éèàçêôîûùâëïüœÉÈÀÇÊÔÎÙÂŒ€°’«»²\u00a0")
"""What non-ASCII text in French is made of; the encoding that finds most of these wins."""

ENCODING_GUESSED = Rule(
    "LEC-004",
    Severity.WARNING,
    "Encodage du texte deviné",
    "Le fichier ne dit pas comment ses accents sont écrits ; il a été lu comme {encoding}.",
    "vérifiez les accents dans les noms ; s’ils sont faux, enregistrez le fichier en « CSV UTF-8 ».",
)
STRAY_QUOTE = Rule(
    "LEC-005",
    Severity.WARNING,
    "Guillemet sans pendant",
    "Ligne {line} : un guillemet est ouvert et jamais refermé ; la ligne a été lue telle quelle.",
    "corrigez les guillemets de cette ligne, puis recommencez.",
)


@dataclass(frozen=True, slots=True)
class Table:
    """The records of a delimited text, of equal length, the line on which each begins, and what there is to say."""

    rows: list[list[Value]]
    lines: tuple[int, ...]
    separator: str
    encoding: str
    findings: tuple[Finding, ...] = ()


def read_delimited(path: Path) -> Table:
    """Read a delimited text file. Raises UnreadableFile."""
    text, encoding, findings = decoded(path.read_bytes())
    source = io.StringIO(text, newline="").readlines()
    start = 0
    if source and (declared := re.fullmatch(r"sep=(.)\s*", source[0], re.IGNORECASE)):
        separator, start = declared[1], 1
    else:
        separator = separator_of(source[:SAMPLE_LINES])
    rows: list[list[Value]] = []
    lines: list[int] = []
    strays: list[int] = []
    for line, record in _records(source, start, separator, strays, path):
        lines.append(line)
        rows.append([value or None for value in record])
    width = max(map(len, rows), default=0)
    if width * len(rows) > MAX_CELLS:
        raise UnreadableFile(
            f"« {path.name} » a trop de cellules ({len(rows)} lignes, {width} colonnes).", "Partagez-le en plusieurs fichiers."
        )
    for row in rows:
        row.extend([None] * (width - len(row)))
    findings += tuple(STRAY_QUOTE.found(line=line, cell=Cell(path.name, "csv", f"A{line}")) for line in strays)
    return Table(rows, tuple(lines), separator, encoding, findings)


def decoded(data: bytes) -> tuple[str, str, tuple[Finding, ...]]:
    """The text of `data`, its encoding, and a finding where that encoding is only likely.

    A byte order mark decides; then valid UTF-8; then UTF-16 by its zero bytes; else, of the Western encodings of Windows, of the
    old Macintosh and of DOS, the one in which most foreign bytes are letters of French.
    """
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, "replace"), encoding, ()
    if b"\0" in data:
        encoding = "utf-16-le" if data[1::2].count(0) >= data[::2].count(0) else "utf-16-be"
        return data.decode(encoding, "replace"), encoding, ()
    try:
        return data.decode("utf-8"), "utf-8", ()
    except UnicodeDecodeError:
        pass
    foreign = bytes(byte for byte in data if byte >= 0x80)
    scores = {encoding: _frenchness(foreign, encoding) for encoding in ("cp1252", "mac_roman", "cp850")}
    encoding = max(scores, key=lambda name: scores[name])
    findings = () if encoding == "cp1252" else (ENCODING_GUESSED.found(encoding=encoding),)
    return data.decode(encoding), encoding, findings


def _frenchness(foreign: bytes, encoding: str) -> float:
    """The share of `foreign` bytes that are French letters in `encoding`; -1 where some are no character at all."""
    try:
        text = foreign.decode(encoding)
    except UnicodeDecodeError:
        return -1.0
    return sum(letter in FRENCH_LETTERS for letter in text) / len(text)


def separator_of(sample: list[str]) -> str:
    """The separator that cuts most records of the sample into the same number of fields, two or more.

    One with which every closing quote ends a field comes first. A comma between two digits counts for nothing: it is a decimal comma,
    unless the first record has nothing but commas to cut it.

    >>> separator_of(["1,50;2,50", "3,50;4,50"]), separator_of(["1,2,3"]), separator_of(["Montant", "12,50"])
    (';', ',', ';')
    """
    best, best_score = "", (False, 0, 0)
    for separator in SEPARATORS:
        lines = [DECIMAL_COMMA.sub(".", line) for line in sample] if separator == "," else sample
        counts = Counter(len(record) for record in csv.reader(lines, delimiter=separator) if record)
        counts.pop(1, None)
        if counts:
            fields, records = max(counts.items(), key=lambda item: (item[1], item[0]))
            score = (_quotes_fit(lines, separator), records, fields)
            if score > best_score:
                best, best_score = separator, score
    return best or ("," if "," in next((line for line in sample if line.strip()), "") else SEPARATORS[0])


def _quotes_fit(lines: list[str], separator: str) -> bool:
    try:
        for _record in csv.reader(lines, delimiter=separator, strict=True):
            pass
    except csv.Error:
        return False
    return True


def _records(source: list[str], start: int, separator: str, strays: list[int], path: Path) -> Iterator[tuple[int, list[str]]]:
    """The records from line `start` (from 0) on, with the number (from 1) of their first line.

    Where quoting goes wrong the line is read on its own, so that one stray quote never swallows the records after it; the numbers
    of lines with an odd quote are added to `strays`.
    """
    while start < len(source):
        reader = csv.reader(iter(source[start:]), delimiter=separator, strict=True)
        line = start
        try:
            for record in reader:
                yield line + 1, record
                line = start + reader.line_num
            return
        except csv.Error:
            odd = source[line].count('"') % 2 == 1
            if odd:
                strays.append(line + 1)
            if len(strays) > MAX_BAD_RECORDS:
                raise UnreadableFile(
                    f"Les guillemets de « {path.name} » ne vont pas par paires (dès la ligne {strays[0]}).",
                    "Enregistrez-le de nouveau en CSV depuis le tableur d’origine.",
                ) from None
            yield line + 1, next(csv.reader([source[line]], delimiter=separator, quoting=csv.QUOTE_NONE if odd else csv.QUOTE_MINIMAL))
            start = line + 1
