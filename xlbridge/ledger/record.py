"""What the record of a document says: the invoice, the cells it was read from, its files; and the row of the index that follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.metadata import version
from typing import Any

from xlbridge.document import Document
from xlbridge.duplicates import known_of
from xlbridge.ledger.chain import DOCUMENT, Link
from xlbridge.model import Invoice

ISSUED, SPECIMEN, TAKEN_OVER = "issued", "specimen", "taken_over"


@dataclass(frozen=True)
class Source:
    """Where a document comes from: its workbook (name, SHA-256, and `book`, by which « Sceau » knows it), the draft's key, the cells it was
    read from (path of the value → sheet, address, text), and what now stands in the register sheets (see `xlbridge.workbook.registering`).
    `sha256`: of a workbook that is taken over; that of a draft is kept in the vault and named under `files`."""

    name: str
    draft: str | None = None
    cells: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    register: Mapping[str, Any] | None = None
    sha256: str | None = None
    book: str | None = None


@dataclass(frozen=True)
class Place:
    """The place of a document in its series."""

    series: str | None = None
    period: str | None = None
    counter: int | None = None


def document_content(
    invoice: Invoice, origin: str, place: Place, source: Source, files: Mapping[str, str], kept_until: date | None
) -> dict[str, Any]:
    """The content of a record of kind `document` or `taken_over`. `files`: SHA-256 of `pdf`, `xml` and `workbook`."""
    known = known_of(Document(invoice), source.name)
    return {
        "origin": origin,
        "series": place.series,
        "period": place.period,
        "counter": place.counter,
        "invoice": invoice_json(invoice),
        "buyer_key": known.buyer,
        "content_key": known.content,
        "source": {
            "workbook": source.name,
            "book": source.book,
            "sha256": source.sha256,
            "draft": source.draft,
            "cells": {path: list(cell) for path, cell in source.cells.items()},
            "register": source.register,
        },
        "files": dict(files),
        "rules": rule_versions(),
        "kept_until": kept_until.isoformat() if kept_until else None,
    }


def index_row(link: Link) -> dict[str, Any]:
    """The row of `documents` that follows from a record, and from nothing else."""
    content = link.content
    invoice, files = content["invoice"], content["files"]
    seller, totals = invoice.get("seller", {}), invoice.get("totals", {})
    issued = invoice.get("issue_date")
    return {
        "seq": link.seq,
        "origin": content["origin"],
        "number": invoice.get("number"),
        "year": int(issued[:4]) if issued else None,
        "seller_siren": (seller.get("legal_id") or {}).get("value") or seller.get("vat_number") or seller.get("name") or "",
        "type_code": invoice.get("type_code"),
        "issue_date": issued,
        "buyer_name": invoice.get("buyer", {}).get("name"),
        "buyer_key": content["buyer_key"],
        "currency": invoice.get("currency"),
        **{name: totals.get(name) for name in ("net", "vat", "gross", "due")},
        "order_reference": invoice.get("order_reference"),
        "series": content["series"],
        "period": content["period"],
        "counter": content["counter"],
        "draft": content["source"]["draft"],
        "content_key": content["content_key"],
        **{name: files.get(name) for name in ("pdf", "xml", "workbook")},
        "kept_until": content["kept_until"],
    }


def correction_rows(link: Link) -> list[dict[str, Any]]:
    """The rows of `corrections` that follow from a record: the documents that it corrects."""
    named = link.content["invoice"].get("preceding_invoices", ()) if link.kind == DOCUMENT else ()
    return [{"seq": link.seq, "position": position, "number": item["number"]} for position, item in enumerate(named)]


def invoice_json(invoice: Invoice) -> dict[str, Any]:
    """The invoice as JSON: amounts as texts, dates ISO, what is not said left out; attached files are not in it."""
    data: dict[str, Any] = invoice.model_dump(
        mode="json", exclude_defaults=True, exclude={"supporting_documents": {"__all__": {"content"}}}
    )
    return data


def amount_text(value: Any) -> str:
    """A cell's value as it is sealed: numbers without needless zeros, days ISO."""
    from xlbridge.workbook.columns import as_text

    return as_text(value) or ""


@cache
def rule_versions() -> dict[str, str]:
    """The versions of what judged and wrote the document."""
    return {name: version(name) for name in ("xlbridge", "factur-x", "saxonche")}
