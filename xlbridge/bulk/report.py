"""`conversion.xlsx`: what was converted, what was not and why, and the totals read and written, per year and rate, to the cent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from xlbridge.bulk.plan import WORKBOOK_REPORT
from xlbridge.findings import Severity
from xlbridge.legacy.refusal import SENTENCES
from xlbridge.model.codes import CREDIT_NOTES

RIGHT = frozenset(
    {"HT", "TVA", "TTC", "Documents", "Base lue", "Base écrite", "TVA lue", "TVA écrite", "Écart", "Documents lus", "Convertis", "Arrêtés"}
)
SEVERITY_NAMES = {"blocking": "Bloquant", "warning": "Avertissement", "note": "Note"}
Row = Sequence[object]


def write_workbook(records: Sequence[dict[str, Any]], out: Path) -> Path:
    """Write `conversion.xlsx` of the records of `conversion.json` into `out`. A text is never taken for a formula."""
    import xlsxwriter

    target = out / WORKBOOK_REPORT
    part = target.with_name(f".{WORKBOOK_REPORT}.part")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(part), options) as book:
        formats = _formats(book)
        _documents_sheet(book, formats, records)
        _findings_sheet(book, formats, records)
        _totals_sheet(book, formats, records)
        _files_sheet(book, formats, records)
    try:
        part.replace(target)
    except PermissionError:  # open in Excel: the other report still tells everything
        part.replace(target.with_name("conversion-nouveau.xlsx"))
    return target


def _formats(book: Any) -> dict[str, Any]:
    head = {"bold": True, "font_color": "#FFFFFF", "bg_color": "#1F3A5F", "valign": "vcenter"}
    top = {"valign": "top"}
    return {
        "head": book.add_format(head),
        "head right": book.add_format(head | {"align": "right"}),
        "text": book.add_format(top),
        "money": book.add_format(top | {"num_format": "#,##0.00"}),
        "date": book.add_format(top | {"num_format": "dd/mm/yyyy", "align": "left"}),
        "wrap": book.add_format(top | {"text_wrap": True}),
        "link": book.add_format(top | {"font_color": "#0563C1", "underline": 1}),
        "bad": book.add_format(top | {"font_color": "#9C0006", "bg_color": "#FFC7CE"}),
        "good": book.add_format(top | {"font_color": "#006100", "bg_color": "#C6EFCE"}),
    }


def _sheet(book: Any, formats: dict[str, Any], name: str, columns: Sequence[tuple[str, int]]) -> Any:
    """A sheet with a frozen, filtered header row, made to print on the width of one page."""
    sheet = book.add_worksheet(name)
    for index, (title, width) in enumerate(columns):
        sheet.set_column(index, index, width)
        sheet.write_string(0, index, title, formats["head right" if title in RIGHT else "head"])
    sheet.set_row(0, 22)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    return sheet


def _documents_sheet(book: Any, formats: dict[str, Any], records: Iterable[dict[str, Any]]) -> None:
    columns = (
        ("Fichier", 34), ("Numéro", 18), ("Date", 11), ("Type", 7), ("Client", 30), ("HT", 13), ("TVA", 12), ("TTC", 13), ("Devise", 8),
        ("Profil", 11), ("Résultat", 16), ("Pourquoi", 60),
    )  # fmt: skip
    sheet = _sheet(book, formats, "Documents", columns)
    row = 0
    for record in records:
        for document in record["documents"]:
            row += 1
            written = document["written"] or document
            totals = written["totals"]
            _link(sheet, (row, 0), record["file"], Path(record["file"]).name, formats)
            for column, text in ((1, document["number"]), (3, document["type_code"]), (4, document["buyer"]["name"])):
                sheet.write_string(row, column, text or "", formats["text"])
            if document["issue_date"]:
                sheet.write_datetime(row, 2, date.fromisoformat(document["issue_date"]), formats["date"])
            for column, name in enumerate(("net", "vat", "gross"), 5):
                if totals[name] is not None:
                    sheet.write_number(row, column, float(totals[name]), formats["money"])
            sheet.write_string(row, 8, written["currency"] or "")
            sheet.write_string(row, 9, document["profile"] or "")
            if document["pdf"]:
                sheet.write_url(row, 10, "external:" + document["pdf"].replace("/", "\\"), formats["good"], "converti")
            else:
                sheet.write_string(row, 10, "non converti", formats["bad"])
            why = " ".join(item["message"] for item in document["findings"] if item["severity"] == "blocking")
            sheet.write_string(row, 11, why, formats["wrap"])
            sheet.set_row(row, _height((why, 60)))
    sheet.autofilter(0, 0, max(row, 1), len(columns) - 1)


def _findings_sheet(book: Any, formats: dict[str, Any], records: Iterable[dict[str, Any]]) -> None:
    columns = (
        ("Gravité", 14), ("Code", 16), ("Fichier", 30), ("Document", 16), ("Cellule", 20), ("Constat", 70), ("À faire", 60), ("Texte", 40),
    )  # fmt: skip
    sheet = _sheet(book, formats, "Constats", columns)
    row = 0
    for record, number, finding in sorted(_all_findings(records), key=lambda item: Severity(item[2]["severity"]).rank):
        row += 1
        severity = finding["severity"]
        sheet.write_string(row, 0, SEVERITY_NAMES[severity], formats["bad" if severity == "blocking" else "text"])
        sheet.write_string(row, 1, finding["code"], formats["text"])
        _link(sheet, (row, 2), record["file"], Path(record["file"]).name, formats)
        sheet.write_string(row, 3, number or "", formats["text"])
        cell = finding["cell"]
        if cell:
            inside = f"#'{cell['sheet']}'!{cell['address']}" if cell["sheet"] != "csv" else ""
            _link(sheet, (row, 4), record["file"] + inside, f"{cell['sheet']}!{cell['address']}", formats)
        texts = [(finding["message"], 70), (finding["remedy"], 60), (finding["law"], 40)]
        for column, (text, _) in enumerate(texts, 5):
            sheet.write_string(row, column, text or "", formats["wrap"])
        sheet.set_row(row, _height(*texts))
    sheet.autofilter(0, 0, max(row, 1), len(columns) - 1)


def _height(*texts: tuple[str | None, int]) -> float:
    """The height in points that wrapped texts need in columns of the given widths; not every program finds it by itself."""
    lines = max((sum(-(-max(len(part), 1) // width) for part in (text or "").split("\n")) for text, width in texts), default=1)
    return 15.0 * lines


def _all_findings(records: Iterable[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], str | None, dict[str, Any]]]:
    for record in records:
        for finding in record["findings"]:
            yield record, None, finding
        for document in record["documents"]:
            for finding in document["findings"]:
                yield record, document["number"], finding


def _link(sheet: Any, place: tuple[int, int], target: str, text: str, formats: dict[str, Any]) -> None:
    """A link to a file; XlsxWriter refuses long ones, and a text is then enough."""
    path, _, inside = target.partition("#")
    address = "external:" + str(Path(path).resolve()) + (f"#{inside}" if inside else "")
    if len(address) > 2000 or sheet.write_url(*place, address, formats["link"], text) != 0:
        sheet.write_string(*place, text)


def _totals_sheet(book: Any, formats: dict[str, Any], records: Iterable[dict[str, Any]]) -> None:
    columns = (
        ("Année", 8), ("Devise", 8), ("Taux de TVA", 12), ("Documents", 11), ("Base lue", 16), ("Base écrite", 16), ("TVA lue", 14),
        ("TVA écrite", 14), ("Écart", 10),
    )  # fmt: skip
    sheet = _sheet(book, formats, "Totaux", columns)
    for row, values in enumerate(totals_by_year(records), 1):
        for column, value in enumerate(values):
            if isinstance(value, Decimal):
                sheet.write_number(row, column, float(value), formats["money"])
            elif isinstance(value, int):
                sheet.write_number(row, column, value)
            else:
                sheet.write_string(row, column, str(value))


def totals_by_year(records: Iterable[dict[str, Any]]) -> list[Row]:
    """Year, currency, rate, number of converted documents, base and VAT as read and as written, and their difference.

    A credit note counts negative on both sides, whatever the sign its sheet gives it.
    """
    sums: dict[tuple[str, str, str], list[Decimal]] = {}
    for record in records:
        for document in record["documents"]:
            if not document["pdf"]:
                continue
            year = (document["issue_date"] or "????")[:4]
            for rate, values in _rates_of(document).items():
                entry = sums.setdefault((year, document["written"]["currency"] or "", rate), [Decimal(0)] * 5)
                for place, value in enumerate((Decimal(1), *values)):
                    entry[place] += value
    rows: list[Row] = []
    for (year, currency, rate), (count, base_read, base_written, vat_read, vat_written) in sorted(sums.items()):
        difference = (base_written - base_read) + (vat_written - vat_read)
        rows.append((year, currency, f"{rate} %".replace(".", ","), int(count), base_read, base_written, vat_read, vat_written, difference))
    return rows


def _rates_of(document: dict[str, Any]) -> dict[str, tuple[Decimal, Decimal, Decimal, Decimal]]:
    """Base read, base written, VAT read and VAT written of each rate of a document.

    Where the sheet states no amount for a rate, its totals stand in for a single rate; a base that no cell states is taken as written.
    """
    sign = -1 if document["type_code"] in CREDIT_NOTES else 1
    parts = document["written"]["vat_breakdown"]
    stated = {part["rate"]: part for part in document["vat_breakdown"]}
    totals = document["totals"]
    found = {}
    for part in parts:
        whole = {"base": totals["net"], "amount": totals["vat"]} if len(parts) == 1 else {"base": None, "amount": None}
        known = stated.get(part["rate"], whole)
        base, tax = (sign * abs(Decimal(known[name] or whole[name] or part[name])) for name in ("base", "amount"))
        written = [sign * Decimal(part[name]) for name in ("base", "amount")]
        found[part["rate"] or "0"] = (base, written[0], tax, written[1])
    return found


def _files_sheet(book: Any, formats: dict[str, Any], records: Iterable[dict[str, Any]]) -> None:
    columns = (("Fichier", 60), ("Documents lus", 14), ("Convertis", 11), ("Arrêtés", 10), ("Refusé parce que", 70))
    sheet = _sheet(book, formats, "Fichiers", columns)
    for row, record in enumerate(records, 1):
        done = sum(1 for document in record["documents"] if document["pdf"])
        _link(sheet, (row, 0), record["file"], record["file"], formats)
        for column, count in enumerate((len(record["documents"]), done, len(record["documents"]) - done), 1):
            sheet.write_number(row, column, count)
        sheet.write_string(row, 4, SENTENCES.get(record["reason"] or "", ""))
