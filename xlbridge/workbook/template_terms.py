"""Short French texts of our template: payment delays, periods, references to other invoices."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta

from xlbridge.folding import folded
from xlbridge.model import PrecedingInvoice
from xlbridge.workbook.columns import Row
from xlbridge.workbook.template_cells import Reading, as_date
from xlbridge.workbook.template_rules import UNKNOWN_ORIGIN

ORIGIN = "Facture d'origine"


def due_date(issued: date | None, terms: str) -> date | None:
    """The due date under `terms`; None where they are not understood. Days count from the invoice, « fin de mois » after them.

    >>> due_date(date(2026, 1, 31), "30"), due_date(date(2026, 1, 15), "30 jours fin de mois"), due_date(date(2026, 1, 15), "comptant")
    (datetime.date(2026, 3, 2), datetime.date(2026, 2, 28), datetime.date(2026, 1, 15))
    """
    words = folded(terms)
    if issued is None:
        return None
    if words in {"comptant", "a reception", "a reception de facture", "immediat"}:
        return issued
    written = re.fullmatch(r"(?:a )?(\d{1,3}) ?(?:j|jour|jours)?(?: (?:nets?|date de facture))?( fin de mois| fdm)?", words)
    if written is None:
        return None
    due = issued + timedelta(days=int(written[1]))
    return due.replace(day=monthrange(due.year, due.month)[1]) if written[2] else due


def periods(text: str) -> tuple[date, date] | None:
    """The days of « du 01/09/2026 au 30/09/2026 », or None.

    >>> periods("Du 1/9/2026 au 30/09/2026")
    (datetime.date(2026, 9, 1), datetime.date(2026, 9, 30))
    """
    written = re.fullmatch(r"(?:du )?(\S+) au (\S+)", text.strip(), re.IGNORECASE)
    start, end = (as_date(written[1]), as_date(written[2])) if written else (None, None)
    return (start, end) if start and end and start <= end else None


def preceding(row: Row, issued: Mapping[str, Row], reading: Reading) -> tuple[PrecedingInvoice, ...]:
    """The invoices that « Facture d'origine » names, each with its date from the text or from the register (`issued` by folded number)."""
    found: list[PrecedingInvoice] = []
    for part in re.split(r"[;\n]", row.text(ORIGIN) or ""):
        written = re.fullmatch(r"(.+?)(?:\s+du\s+(\S+))?", part.strip())
        if written is None:
            continue
        number, day = written[1], as_date(written[2]) if written[2] else None
        register_row = issued.get(folded(number))
        if day is None and register_row is not None:
            day = as_date(register_row.value("Date"))
        path = f"preceding_invoices[{len(found)}]"
        reading.origin[f"{path}.number"] = row.cell(ORIGIN)
        if day is None:
            reading.tell(UNKNOWN_ORIGIN, f"{path}.issue_date", row.cell(ORIGIN), value=number)
        found.append(PrecedingInvoice(number=number, issue_date=day))
    return tuple(found)
