"""The reform's calendar by size, the four mentions and the form of e-invoices at their edges."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import samples
from tests.rule_cases import BASES, changed
from xlbridge.clients import ClientKind
from xlbridge.company import Activity, Size, TaxPoint, VatRegime
from xlbridge.findings import Finding, Severity
from xlbridge.model import Delivery, Invoice, Note, PostalAddress
from xlbridge.model.party import Party
from xlbridge.rules.catalogue import Context, catalogue, judge
from xlbridge.rules.reform_calendar import closed_list, electronic, issuing_since

DAY = date(2026, 10, 1)
BUYER = samples.BUYER
WITHOUT_SIREN = BUYER.model_copy(update={"legal_id": None, "identifiers": ()})
REFORM = [code for code in catalogue() if code.startswith("FR-REF-0") and code < "FR-REF-050"]


def found(invoice: Invoice, *codes: str, day: date = DAY, **context: Any) -> list[Finding]:
    facts: dict[str, Any] = {"regime": VatRegime.NORMAL, "size": Size.GE, "activity": Activity.SERVICES, "client": ClientKind.BUSINESS}
    return judge(invoice, Context(day=day, **facts | context), codes or REFORM)


def severities(invoice: Invoice, code: str, **context: Any) -> set[Severity]:
    return {finding.severity for finding in found(invoice, code, **context)}


@pytest.mark.parametrize(
    ("size", "day", "severity"),
    [
        (Size.GE, date(2026, 9, 1), Severity.BLOCKING),
        (Size.ETI, date(2026, 9, 1), Severity.BLOCKING),
        (Size.PME, date(2027, 8, 31), Severity.NOTE),
        (Size.PME, date(2027, 9, 1), Severity.BLOCKING),
        (Size.MICRO, date(2027, 9, 1), Severity.BLOCKING),
        (None, date(2027, 8, 31), Severity.NOTE),
        (None, date(2027, 9, 1), Severity.BLOCKING),
    ],
)
def test_the_clients_siren_is_a_note_until_the_issuers_day(size: Size | None, day: date, severity: Severity) -> None:
    invoice = samples.invoice(buyer=WITHOUT_SIREN)
    assert severities(invoice, "FR-REF-001", size=size, day=day) == {severity}


@pytest.mark.parametrize("code", REFORM)
def test_nothing_of_the_reform_binds_before_it_begins(code: str) -> None:
    assert not catalogue()[code].rule.binds(date(2026, 8, 31))


def test_the_sentence_says_the_day() -> None:
    invoice = samples.invoice(buyer=WITHOUT_SIREN)
    assert "à partir du 01/09/2027" in found(invoice, "FR-REF-001", size=Size.PME)[0].message
    assert "depuis le 01/09/2026" in found(invoice, "FR-REF-001", size=Size.GE)[0].message


@pytest.mark.parametrize(
    ("buyer", "client", "told"),
    [
        (WITHOUT_SIREN, ClientKind.BUSINESS, True),
        (WITHOUT_SIREN, None, True),  # its French VAT number shows a business
        (WITHOUT_SIREN.model_copy(update={"vat_number": None}), None, False),
        (WITHOUT_SIREN, ClientKind.CONSUMER, False),
        (WITHOUT_SIREN.model_copy(update={"address": PostalAddress(country="BE")}), ClientKind.BUSINESS, False),
        (WITHOUT_SIREN.model_copy(update={"address": PostalAddress(country="FR", postcode="97300")}), ClientKind.BUSINESS, False),
        (WITHOUT_SIREN.model_copy(update={"address": PostalAddress(country="FR", postcode="97400")}), ClientKind.BUSINESS, True),
        (WITHOUT_SIREN.model_copy(update={"address": None}), ClientKind.BUSINESS, False),  # where, nobody knows
        (BUYER, ClientKind.BUSINESS, False),
    ],
)
def test_the_siren_is_asked_of_french_business_clients(buyer: Party, client: ClientKind | None, told: bool) -> None:
    assert bool(found(samples.invoice(buyer=buyer), "FR-REF-001", client=client)) is told


@pytest.mark.parametrize(("vat_number", "new"), [(BUYER.vat_number, BUYER.siren), ("FR00000000000", None), ("FR99123", None), (None, None)])
def test_the_siren_is_proposed_from_a_right_vat_number_only(vat_number: str | None, new: str | None) -> None:
    buyer = WITHOUT_SIREN.model_copy(update={"vat_number": vat_number})
    (finding,) = found(samples.invoice(buyer=buyer), "FR-REF-001")
    assert (finding.proposal.new if finding.proposal else None) == new


@pytest.mark.parametrize(
    ("activity", "prepaid", "new"),
    [(Activity.GOODS, "0", "B1"), (Activity.MIXED, "0", "M1"), (Activity.SERVICES, "10", "S4"), (None, "0", None)],
)
def test_the_category_is_proposed_from_the_activity(activity: Activity | None, prepaid: str, new: str | None) -> None:
    invoice = changed(samples.invoice(business_process=None), "totals.prepaid", prepaid)
    (finding,) = found(invoice, "FR-REF-002", activity=activity)
    assert (finding.proposal.new if finding.proposal else None) == new


def test_the_category_is_not_asked_of_a_seller_of_an_unknown_country() -> None:
    seller = samples.SELLER.model_copy(update={"address": None})
    assert found(samples.invoice(business_process=None, seller=seller), "FR-REF-002") == []


@pytest.mark.parametrize(
    ("process", "activity", "told"),
    [("S1", Activity.SERVICES, 0), ("S1", Activity.GOODS, 1),
     ("B1", Activity.SERVICES, 1), ("M1", Activity.GOODS, 0), ("B1", Activity.MIXED, 0),
     ("S1", None, 0), ("B7", Activity.GOODS, 0)],
)  # fmt: skip
def test_the_category_agrees_with_the_activity(process: str, activity: Activity | None, told: int) -> None:
    assert len(found(samples.invoice(business_process=process), "FR-REF-003", activity=activity)) == told


@pytest.mark.parametrize(
    ("changes", "context", "told"),
    [
        ({}, {}, 1),
        ({"vat_point_code": "5"}, {}, 0),
        ({"notes": (*samples.FRENCH_NOTES, Note(text="Option pour le paiement de la taxe d’après les débits"))}, {}, 0),
        ({"type_code": "386"}, {}, 0),
        ({"business_process": "B1"}, {}, 0),
        ({}, {"activity": Activity.GOODS}, 0),
        ({}, {"tax_point": TaxPoint.PAYMENT}, 0),
        ({}, {"tax_point": None}, 0),
        ({}, {"regime": VatRegime.FRANCHISE}, 0),
    ],
)
def test_the_option_for_debits(changes: dict[str, Any], context: dict[str, Any], told: int) -> None:
    assert len(found(samples.invoice(**changes), "FR-REF-004", **{"tax_point": TaxPoint.INVOICE} | context)) == told


def test_each_missing_part_of_a_delivery_address_is_told_once() -> None:
    invoice = samples.invoice(delivery=Delivery(address=PostalAddress(country="FR", city="Brest")))
    assert {finding.field for finding in found(invoice, "FR-REF-005")} == {"delivery.address.line1", "delivery.address.postcode"}
    assert found(samples.invoice(delivery=Delivery(date=DAY)), "FR-REF-005") == []


NUMBER = re.compile(r"[A-Za-z0-9+\-_/]{1,35}")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=50))
def test_a_number_is_told_exactly_when_its_form_is_wrong(number: str) -> None:
    told = found(samples.invoice(number=number), "FR-REF-011", "FR-REF-012")
    assert bool(told) is not bool(NUMBER.fullmatch(number))
    assert all(finding.proposal is None for finding in told), "a number is never proposed"


@pytest.mark.parametrize(
    ("length", "size", "day", "client", "told"),
    [
        (20, Size.GE, DAY, ClientKind.BUSINESS, 0),
        (21, Size.GE, DAY, ClientKind.BUSINESS, 1),
        (21, Size.GE, date(2027, 1, 1), ClientKind.BUSINESS, 0),
        (21, Size.PME, DAY, ClientKind.BUSINESS, 0),  # not bound while the limit lasts
        (21, Size.GE, DAY, ClientKind.PUBLIC, 0),
        (36, Size.GE, DAY, ClientKind.BUSINESS, 0),  # FR-REF-012
    ],
)
def test_the_portals_limit_of_the_number(length: int, size: Size, day: date, client: ClientKind, told: int) -> None:
    assert len(found(samples.invoice(number="F" * length), "FR-REF-013", size=size, day=day, client=client)) == told


def test_a_wrong_number_of_the_original_is_told_on_the_reference() -> None:
    invoice = changed(BASES["credit_note"](), "preceding_invoices[0].number", "F 2026.1")
    (finding,) = found(invoice, "FR-REF-011")
    assert (finding.field, finding.term) == ("preceding_invoices[0].number", "BT-25")
    assert "F-2026-1" in finding.remedy


def _with_note(text: str, code: str, **changes: Any) -> Invoice:
    return samples.invoice(notes=(*samples.FRENCH_NOTES, Note(text=text, subject_code=code)), **changes)


@pytest.mark.parametrize("text", sorted(closed_list("treatments")))
def test_every_treatment_of_the_norm_is_known(text: str) -> None:
    assert found(_with_note(text, "BAR"), "FR-REF-017") == []


@pytest.mark.parametrize("code", ["PMT", "PMD", "AAB"])
def test_a_coded_mention_stands_once(code: str) -> None:
    (finding,) = found(_with_note("Encore.", code), "FR-REF-015")
    assert finding.field == "notes[3]"


def test_notes_without_code_may_repeat() -> None:
    plain = (Note(text="Merci."), Note(text="Merci."))
    assert found(samples.invoice(notes=(*samples.FRENCH_NOTES, *plain)), "FR-REF-015", "FR-REF-016") == []


@pytest.mark.parametrize("scheme", ["0225", "0009"])
@pytest.mark.parametrize(("type_code", "path"), [("380", "buyer"), ("389", "seller")])
def test_b2b_goes_to_the_directory_address_of_the_receiver(type_code: str, path: str, scheme: str) -> None:
    invoice = changed(_with_note("B2B", "BAR", type_code=type_code), f"{path}.electronic_address.scheme", scheme)
    told = [finding.field for finding in found(invoice, "FR-REF-018")]
    assert told == ([] if scheme == "0225" else [f"{path}.electronic_address"])


@pytest.mark.parametrize("text", ["B2C", "B2BINT", "OUTOFSCOPE"])
def test_what_is_not_sent_as_an_e_invoice_is_not_judged_as_one(text: str) -> None:
    invoice = _with_note(text, "BAR", number="F 1", business_process="X", type_code="999")
    assert found(invoice) == []


@pytest.mark.parametrize("kind", [ClientKind.BUSINESS, ClientKind.PUBLIC, None])
def test_public_and_unknown_clients_are_served_electronically(kind: ClientKind | None) -> None:
    assert electronic(samples.invoice(), Context(day=DAY, client=kind))


@pytest.mark.parametrize("activity", list(Activity))
@pytest.mark.parametrize("number", "1256789")
def test_every_process_of_the_norm_is_known(activity: Activity, number: str) -> None:
    code = activity.letter + number
    assert bool(found(samples.invoice(business_process=code), "FR-REF-019")) is (code not in closed_list("processes"))


@pytest.mark.parametrize(
    ("prepaid", "due", "due_date", "told"), [("all", "0", DAY, None), ("all", "0", None, "due_date"), ("0", "all", DAY, "totals.prepaid")]
)
def test_an_invoice_said_to_be_paid_is_paid(prepaid: str, due: str, due_date: date | None, told: str | None) -> None:
    invoice = samples.invoice(business_process="S2", due_date=due_date)
    gross = str(invoice.totals.gross)
    for path, value in (("totals.prepaid", prepaid), ("totals.due", due)):
        invoice = changed(invoice, path, gross if value == "all" else value)
    assert [finding.field for finding in found(invoice, "FR-REF-021")] == ([told] if told else [])


@given(st.dates(min_value=date(1950, 1, 1), max_value=date(2200, 1, 1)))
def test_every_date_lies_in_the_century(day: date) -> None:
    assert bool(found(samples.invoice(due_date=day), "FR-REF-022")) is not (2000 <= day.year <= 2099)


@given(st.sampled_from(Size), st.integers(0, 900))
def test_a_right_invoice_has_nothing_of_the_reform(size: Size, days: int) -> None:
    assert found(samples.invoice(), size=size, day=date(2026, 6, 1) + timedelta(days=days)) == []


def test_the_last_size_is_bound_last() -> None:
    assert issuing_since(None) == max(issuing_since(size) for size in Size)
