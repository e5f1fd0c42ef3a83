"""Fields of a delimited text changed: separator, encoding, quotes and line ends of all else stay byte for byte."""

from __future__ import annotations

import codecs
import io
import re
import tempfile
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from xlbridge.errors import UnreadableFile, WrongUse
from xlbridge.model.money import plain
from xlbridge.workbook.address import position
from xlbridge.workbook.delimited import Table, decoded, read_delimited
from xlbridge.workbook.sheet_cells import Content

MARKS = (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")
RUN_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
BY_HAND = "Écrivez la valeur à la main dans le tableur."


def with_fields(path: Path, changes: Mapping[tuple[str, str], Content]) -> bytes:
    """The file with the fields changed. Raises WrongUse for a field that is not there or a value that the file cannot hold."""
    data = path.read_bytes()
    encoding = decoded(data)[1]
    mark, encoding = next(((mark, exact) for mark, exact in MARKS if data.startswith(mark)), (b"", encoding))
    text = data[len(mark) :].decode(encoding, "replace")
    if mark + text.encode(encoding) != data:
        raise UnreadableFile(f"« {path.name} » contient des octets qui ne sont pas du texte.", "Enregistrez-le de nouveau en CSV UTF-8.")
    table = read_delimited(path)
    lines = io.StringIO(text, newline="").readlines()
    texts = {position(address): _text(value, table.separator, path) for (_sheet, address), value in changes.items()}
    for (line, column), new in sorted(texts.items(), reverse=True):
        _replace(lines, table, line + 1, column, _quoted(new, table.separator))
    try:
        result = mark + "".join(lines).encode(encoding)
    except UnicodeEncodeError as fault:
        char = fault.object[fault.start]
        raise WrongUse(f"L’encodage de « {path.name} » n’a pas le caractère « {char} ».", "Enregistrez-le en CSV UTF-8.") from fault
    _prove(path, result, table, texts)
    return result


def _replace(lines: list[str], table: Table, line: int, column: int, new: str) -> None:
    """Put `new` into the field at `column` (from 0) of the record that begins at `line` (from 1)."""
    if line not in table.lines:
        raise WrongUse(f"Aucun enregistrement ne commence à la ligne {line}.", BY_HAND)
    record = table.lines.index(line)
    following = table.lines[record + 1] if record + 1 < len(table.lines) else len(lines) + 1
    text = "".join(lines[line - 1 : following - 1])
    body = text.rstrip("\r\n")
    fields = _fields(body, table.separator)
    if column >= len(fields):
        raise WrongUse(f"La ligne {line} n’a que {len(fields)} colonnes.", BY_HAND)
    start, end = fields[column]
    if body[start:end].startswith('"') and not new.startswith('"'):
        new = f'"{new}"'
    lines[line - 1 : following - 1] = [body[:start] + new + text[end:], *[""] * (following - line - 1)]


def _fields(record: str, separator: str) -> list[tuple[int, int]]:
    """Where each field of a record begins and ends, quotes included.

    >>> _fields('a;"b;""c"" d";', ";")
    [(0, 1), (2, 13), (14, 14)]
    """
    places, start = [], 0
    field = re.compile(f'"(?:[^"]|"")*"(?={re.escape(separator)}|$)|[^{re.escape(separator)}]*', re.DOTALL)
    while found := field.match(record, start):
        places.append(found.span())
        start = found.end() + 1
        if start > len(record):
            break
    return places


def _text(value: Content, separator: str, path: Path) -> str:
    """A value as text. One that a spreadsheet would run as a formula is refused: a csv cannot say that it is none."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain(value) if separator == "," else plain(value).replace(".", ",")
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if value.startswith(RUN_AS_FORMULA):
        raise WrongUse(f"Dans « {path.name} », un tableur prendrait « {value[:40]} » pour une formule.", BY_HAND)
    return value


def _quoted(text: str, separator: str) -> str:
    """A text as a field, in quotes where it needs them."""
    needed = any(char in text for char in (separator, '"', "\r", "\n")) or text != text.strip()
    return '"' + text.replace('"', '""') + '"' if needed else text


def _prove(path: Path, result: bytes, before: Table, texts: Mapping[tuple[int, int], str]) -> None:
    """Read the result again: it must differ by the changed fields alone."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, path.name)
        copy.write_bytes(result)
        after = read_delimited(copy)
    expected = [list(row) for row in before.rows]
    for (line, column), text in texts.items():
        expected[before.lines.index(line + 1)][column] = text or None
    if after.rows != expected:
        raise WrongUse(f"Les guillemets ou les accents de « {path.name} » ne permettent pas ce changement sans risque.", BY_HAND)
