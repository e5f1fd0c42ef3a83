"""Who is bound by the French e-invoicing reform, since when, and for which invoices; from the dated table `data/reform.toml`.

>>> from xlbridge.company import Size
>>> issuing_since(Size.PME).isoformat(), issuing_since(Size.GE).isoformat()
('2027-09-01', '2026-09-01')
"""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from xlbridge.clients import ClientKind
from xlbridge.company import Size
from xlbridge.findings import Severity
from xlbridge.french import short_date
from xlbridge.model import Invoice, PostalAddress
from xlbridge.rules.catalogue import Context, Fault
from xlbridge.rules.vat_territories import french_territory

START = date(2026, 9, 1)
ELECTRONIC = "Les factures entre assujettis établis en France, et aux clients publics."
REPORTED = frozenset({"B2C", "B2CINT", "B2BINT", "OUTOFSCOPE"})  # BAR: reported or outside, not sent as an e-invoice


@cache
def reform() -> dict[str, Any]:
    """The table."""
    table: dict[str, Any] = tomllib.loads(files("xlbridge.data").joinpath("reform.toml").read_text("utf-8"))
    return table


@cache
def closed_list(name: str) -> frozenset[str]:
    """A closed list of the table."""
    return frozenset(reform()["lists"][name])


@cache
def issuing_since(size: Size | None) -> date:
    """The day from which an issuer of this size is bound; of unknown size, the day from which everybody is."""
    days: dict[str, date] = reform()["issuing"]
    return days[size] if size else max(days.values())


def fault(context: Context, path: str, new: str | None = None, **facts: Any) -> Fault:
    """A fault that is a note until the day from which the issuer is bound; `{when}` says the day."""
    since = issuing_since(context.size)
    bound = context.day >= since
    facts["when"] = f"{'depuis le' if bound else 'à partir du'} {short_date(since)}"
    return Fault(path, facts, new, None if bound else Severity.NOTE)


def electronic(invoice: Invoice, context: Context) -> bool:
    """Whether the invoice must go, now or when the issuer is bound, through the platforms: no sale to a consumer or abroad."""
    if context.client is ClientKind.CONSUMER or in_scope(invoice.seller.address) is False:
        return False
    return in_scope(invoice.buyer.address) is not False and treatment(invoice) not in REPORTED


def between_french_firms(invoice: Invoice, context: Context) -> bool:
    """Whether the client is certainly a business in the reform's territory: by the settings, or by its French VAT number."""
    business = context.to_business or (context.client is None and (invoice.buyer.vat_number or "").startswith("FR"))
    return business and in_scope(invoice.buyer.address) is True and electronic(invoice, context)


def treatment(invoice: Invoice) -> str | None:
    """The first BAR note, which says how the platforms treat the invoice."""
    return next((note.text for note in invoice.notes if note.subject_code == "BAR"), None)


def in_scope(address: PostalAddress | None) -> bool | None:
    """Whether the address lies where the reform applies; None where its country is not written."""
    if address is None or not address.country:
        return None
    place = french_territory(address)
    return address.country in reform()["territory"] and (place is None or place.kind not in {"none", "own"})
