"""What follows from what a sheet says, and what stays empty because it does not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from tests import samples
from xlbridge.document import Document
from xlbridge.model import Invoice, Line, Note, Totals, VatBreakdown
from xlbridge.model.profile import Profile
from xlbridge.preparation import NO_TERMS, as_copy, prepared, profile_for
from xlbridge.rules.presence import missing


def invoice(**changes: Any) -> Invoice:
    """An invoice of a register: who, when, and whatever a test gives."""
    header = {"number": "F1", "issue_date": date(2026, 3, 2), "due_date": date(2026, 4, 1), "type_code": "380", "currency": "EUR"}
    return Invoice(**{**header, "seller": samples.SELLER, "buyer": samples.BUYER, **changes})


def prepare(subject: Invoice) -> tuple[Invoice, set[str]]:
    document = as_copy(prepared(Document(subject)))
    return document.invoice, {finding.code for finding in document.findings}


def test_the_one_rate_that_explains_the_tax_is_taken_and_said() -> None:
    result, codes = prepare(invoice(totals=Totals(net=D(100), vat=D("5.5"), gross=D("105.5"))))
    assert [(part.category, part.rate, part.base, part.amount) for part in result.vat_breakdown] == [("S", D("5.5"), D(100), D("5.5"))]
    assert "LEC-084" in codes
    assert missing(result) == []
    assert profile_for(result) is Profile.BASIC_WL


@pytest.mark.parametrize(
    ("totals", "why"),
    [
        (Totals(net=D(100), vat=D(12), gross=D(112)), "no rate gives this tax"),
        (Totals(net=D("0.10"), vat=D("0.01"), gross=D("0.11")), "several rates give it"),
        (Totals(net=D(100), vat=D(0), gross=D(100)), "nothing says why there is no tax"),
        (Totals(gross=D(100)), "nothing says what the tax is"),
    ],
)
def test_a_tax_that_has_no_single_explanation_stays_open(totals: Totals, why: str) -> None:
    result, _ = prepare(invoice(totals=totals))
    assert result.vat_breakdown == (), why
    assert "FR-TVA-001" in {finding.code for finding in missing(result)}


def test_a_foreign_seller_is_not_given_a_french_rate() -> None:
    seller = samples.SELLER.model_copy(update={"address": samples.SELLER.address.model_copy(update={"country": "DE"})})  # type: ignore[union-attr]
    result, _ = prepare(invoice(seller=seller, totals=Totals(net=D(100), vat=D(20), gross=D(120))))
    assert result.vat_breakdown == ()


def test_the_rates_of_2013_were_others() -> None:
    old = Totals(net=D(100), vat=D("19.6"), gross=D("119.6"))
    assert prepare(invoice(issue_date=date(2013, 5, 1), totals=old))[0].vat_breakdown[0].rate == D("19.6")
    assert prepare(invoice(issue_date=date(2026, 5, 1), totals=old))[0].vat_breakdown == ()


def test_bases_follow_from_the_taxes_where_they_add_up() -> None:
    parts = (VatBreakdown(category="S", rate=D(20), amount=D("4056.25")), VatBreakdown(category="S", rate=D(10), amount=D("42.73")))
    result, codes = prepare(invoice(totals=Totals(net=D("20708.52"), vat=D("4098.98"), gross=D("24807.50")), vat_breakdown=parts))
    assert sum(part.base or 0 for part in result.vat_breakdown) == D("20708.52")
    assert all(abs((part.base or 0) * (part.rate or 0) / 100 - (part.amount or 0)) <= D("0.01") for part in result.vat_breakdown)
    assert "LEC-085" in codes


def test_bases_that_leave_a_rest_without_tax_stay_open() -> None:
    parts = (VatBreakdown(category="S", rate=D(20), amount=D(160)), VatBreakdown(category="S", rate=D(10), amount=D(25)))
    result, _ = prepare(invoice(totals=Totals(net=D(1126), vat=D(185), gross=D(1311)), vat_breakdown=parts))
    assert "FR-TVA-002" in {finding.code for finding in missing(result)}


def test_the_rate_of_the_recap_is_that_of_the_lines_and_lines_are_completed() -> None:
    lines = (Line(name="Pose", net_amount=D(90)), Line(name="Tuyau", quantity=D(4), net_amount=D(10), unit_label="m"))
    part = VatBreakdown(category="S", rate=D(20), base=D(100), amount=D(20))
    result, codes = prepare(invoice(lines=lines, vat_breakdown=(part,), totals=Totals(net=D(100), vat=D(20), gross=D(120))))
    assert [(line.quantity, line.unit_price, line.unit, line.vat_category, line.vat_rate) for line in result.lines] == [
        (D(1), D(90), "C62", "S", D(20)),
        (D(4), D("2.5"), "MTR", "S", D(20)),
    ]
    assert "LEC-086" in codes
    assert result.totals.due == D(120)
    assert profile_for(result) is Profile.EN16931


def test_a_negative_price_becomes_a_negative_quantity() -> None:
    lines = (Line(name="Pose", quantity=D(1), unit_price=D(100)), Line(name="Geste", quantity=D(1), unit_price=D(-10)))
    result, _ = prepare(invoice(lines=tuple(line.model_copy(update={"vat_category": "S", "vat_rate": D(20)}) for line in lines)))
    assert [(line.quantity, line.unit_price, line.net_amount) for line in result.lines] == [(1, 100, 100), (-1, 10, -10)]
    assert result.totals.gross == D(108)


def test_what_excel_computed_beyond_the_cent_is_rounded_and_said() -> None:
    line = Line(name="Tiers", quantity=D(3), unit_price=D("33.33333333333"), net_amount=D("99.99999"), vat_category="S", vat_rate=D(20))
    result, codes = prepare(invoice(lines=(line,), totals=Totals(vat=D("20.0000001"))))
    assert (result.lines[0].unit_price, result.lines[0].net_amount, result.totals.vat) == (D("33.333333"), D(100), D(20))
    assert "LEC-087" in codes


def test_a_stated_amount_is_never_changed() -> None:
    line = Line(name="Pose", quantity=D(2), unit_price=D(10), net_amount=D(25), vat_category="S", vat_rate=D(20))
    result, _ = prepare(invoice(lines=(line,), totals=Totals(net=D(30), vat=D(6), gross=D(36), due=D(1))))
    assert (result.lines[0].net_amount, result.totals.net, result.totals.gross, result.totals.due) == (25, 30, 36, 1)


def test_a_credit_note_is_written_with_positive_amounts() -> None:
    part = VatBreakdown(category="S", rate=D(10), base=D(-340), amount=D(-34))
    totals = Totals(net=D(-340), vat=D(-34), gross=D(-374))
    result, _ = prepare(invoice(type_code="381", totals=totals, vat_breakdown=(part,)))
    assert (result.totals.net, result.totals.vat, result.totals.gross, result.totals.due) == (340, 34, 374, 374)
    assert result.vat_breakdown[0].base == 340


def test_an_invoice_without_due_date_says_so_on_its_copy() -> None:
    result, codes = prepare(invoice(due_date=None, totals=Totals(net=D(100), vat=D(20), gross=D(120))))
    assert result.payment_terms == NO_TERMS
    assert "LEC-088" in codes
    assert prepare(invoice(totals=Totals(net=D(100), vat=D(20), gross=D(120))))[0].payment_terms is None


def test_a_copy_is_marked_once() -> None:
    marked = as_copy(Document(invoice(notes=(Note(text="B2C", subject_code="BAR"), Note(text="Merci"))))).invoice
    assert [(note.subject_code, note.text) for note in marked.notes] == [(None, "Merci"), ("BAR", "ARCHIVEONLY")]


def test_every_absence_says_where_to_write() -> None:
    findings = missing(Invoice(lines=(Line(),)))
    assert len(findings) == 10
    assert all(finding.remedy and finding.law and finding.term for finding in findings)
    assert missing(samples.invoice()) == []
