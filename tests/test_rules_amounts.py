"""Sums of invoices: right ones are silent, a changed cent is told at its place and once, roundings are told apart from errors."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import samples
from tests.rule_cases import changed
from tests.strategies import invoices, reckonings
from xlbridge.findings import Finding, Severity
from xlbridge.model import AllowanceCharge, Invoice, Line, Totals, VatBreakdown
from xlbridge.model.money import CENT, amount
from xlbridge.model.totals import completed
from xlbridge.rules.catalogue import Context, catalogue, judge

SUMS = [code for code in catalogue() if "FR-MNT-010" <= code <= "FR-MNT-029"]
FAMILY = [code for code in catalogue() if "FR-MNT-010" <= code <= "FR-MNT-049"]
DAY = Context(day=date(2026, 10, 1))
D = Decimal


def told(invoice: Invoice, codes: list[str] = FAMILY) -> list[Finding]:
    return judge(invoice, DAY, codes)


def places(invoice: Invoice) -> list[tuple[str, str | None]]:
    return [(finding.code, finding.field) for finding in told(invoice)]


@given(invoices() | reckonings())
@settings(max_examples=25)
def test_what_adds_up_is_never_told(invoice: Invoice) -> None:
    assert [str(finding) for finding in told(invoice, SUMS)] == []


def amounts_of(invoice: Invoice) -> list[str]:
    """The paths of every amount that a sum depends on."""
    lines = [f"lines[{position}].net_amount" for position in range(len(invoice.lines))]
    rates = [f"vat_breakdown[{position}].{name}" for position in range(len(invoice.vat_breakdown)) for name in ("base", "amount")]
    return lines + rates + [f"totals.{name}" for name in ("line_net", "net", "vat", "gross", "due")]


@given(st.integers(0, 999), st.integers(1, 6), st.data())
@settings(max_examples=60)
def test_a_changed_cent_is_told_at_its_place(seed: int, count: int, data: st.DataObject) -> None:
    invoice = samples.invoice(seed, count)
    assert places(invoice) == []
    path = data.draw(st.sampled_from(amounts_of(invoice)))
    step = data.draw(st.sampled_from((-1, 1))) * CENT
    wrong = changed(invoice, path, value_at(invoice, path) + step)
    assert path in [finding.field for finding in told(wrong)]


@given(st.integers(0, 999), st.integers(1, 6), st.data())
@settings(max_examples=60)
def test_a_wrong_amount_blocks_and_only_it_is_named(seed: int, count: int, data: st.DataObject) -> None:
    invoice = samples.invoice(seed, count)
    path = data.draw(st.sampled_from(amounts_of(invoice)))
    wrong = changed(invoice, path, value_at(invoice, path) + data.draw(st.integers(1000, 99999)))
    assert [(finding.field, finding.severity) for finding in told(wrong)] == [(path, Severity.BLOCKING)]


@given(st.integers(0, 999), st.integers(1, 4), st.data())
@settings(max_examples=60)
def test_several_wrong_amounts_never_hide_each_other(seed: int, count: int, data: st.DataObject) -> None:
    wrong = samples.invoice(seed, count)
    for path in data.draw(st.lists(st.sampled_from(amounts_of(wrong)), min_size=1, max_size=4, unique=True)):
        wrong = changed(wrong, path, value_at(wrong, path) + data.draw(st.integers(1, 500)) * CENT)
    assert told(wrong)


def value_at(invoice: Invoice, path: str) -> Decimal:
    value: Any = invoice
    for step in path.replace("]", "").replace("[", ".").split("."):
        value = value[int(step)] if step.isdigit() else getattr(value, step)
    return amount(value)


def taxed(*nets: str, tax: str, rate: str = "20") -> Invoice:
    """An invoice of one rate whose VAT is given."""
    lines = tuple(Line(quantity=D(1), unit_price=D(net), net_amount=D(net), vat_category="S", vat_rate=D(rate)) for net in nets)
    base = sum(map(D, nets), D(0))
    part = VatBreakdown(category="S", rate=D(rate), base=base, amount=D(tax))
    totals = Totals(net=base, vat=D(tax), gross=base + D(tax), due=base + D(tax))
    return Invoice(type_code="380", currency="EUR", lines=lines, vat_breakdown=(part,), totals=totals)


@pytest.mark.parametrize(
    ("tax", "expected"),
    [
        ("0.62", []),  # 3.12 × 20 %
        ("0.63", [("FR-MNT-011", "vat_breakdown[0].amount")]),
        ("0.60", [("FR-MNT-019", "vat_breakdown[0].amount")]),  # within half a cent a line
        ("0.72", [("FR-MNT-015", "vat_breakdown[0].amount")]),
    ],
)
def test_the_weight_of_a_difference_of_tax(tax: str, expected: list[tuple[str, str]]) -> None:
    assert places(taxed("1.04", "1.04", "1.04", tax=tax)) == expected


def test_tax_rounded_line_by_line_is_a_note() -> None:
    nets = ["0.53"] * 40  # 21.20 × 20 % = 4.24; line by line 0.11 × 40 = 4.40
    assert places(taxed(*nets, tax="4.40")) == [("FR-MNT-011", "vat_breakdown[0].amount")]
    assert places(taxed(*nets, tax="4.60")) == [("FR-MNT-015", "vat_breakdown[0].amount")]


def test_a_price_shown_with_two_decimals_explains_its_hidden_ones() -> None:
    line = Line(quantity=D(1000), unit_price=D("0.33"), net_amount=D("333.33"), vat_category="S", vat_rate=D(20))
    assert places(completed(Invoice(lines=(line,)))) == [("FR-MNT-019", "lines[0].net_amount")]
    exact = line.model_copy(update={"unit_price": D("0.3331")})
    assert places(completed(Invoice(lines=(exact,)))) == [("FR-MNT-010", "lines[0].net_amount")]


def test_price_base_allowances_and_charges_of_a_line_count() -> None:
    line = Line(
        quantity=D(250), unit_price=D(40), price_base_quantity=D(100), net_amount=D("95.00"),
        allowances=(AllowanceCharge(amount=D(10)),), charges=(AllowanceCharge(amount=D(5)),), vat_category="S", vat_rate=D(20),
    )  # fmt: skip
    assert places(completed(Invoice(lines=(line,)))) == []
    wrong = completed(Invoice(currency="EUR", lines=(line.model_copy(update={"net_amount": D(100)}),)))
    (finding,) = told(wrong)
    assert "250 × 40,00 ÷ 100 − 10,00\u00a0€ + 5,00\u00a0€ = 95,00\u00a0€" in finding.message


def test_without_lines_the_bases_make_the_net() -> None:
    parts = (
        VatBreakdown(category="S", rate=D(20), base=D(100), amount=D(20)),
        VatBreakdown(category="S", rate=D(10), base=D(50), amount=D(5)),
    )
    right = Invoice(vat_breakdown=parts, totals=Totals(net=D(150), vat=D(25), gross=D(175)))
    assert places(right) == []
    wrong = right.model_copy(update={"totals": Totals(net=D(160), vat=D(25), gross=D(175))})
    assert places(wrong) == [("FR-MNT-020", "totals.net")]


def test_a_rate_of_unknown_category_is_compared_by_its_rate() -> None:
    line = Line(quantity=D(1), unit_price=D(100), net_amount=D(100), vat_rate=D(20))
    part = VatBreakdown(category="S", rate=D("20.00"), base=D(100), amount=D(20))
    assert places(Invoice(lines=(line,), vat_breakdown=(part,), totals=Totals(net=D(100), vat=D(20), gross=D(120)))) == []


def test_a_negative_credit_note_adds_up_like_a_positive_one() -> None:
    line = Line(quantity=D(-2), unit_price=D(50), net_amount=D(-100), vat_category="S", vat_rate=D(20))
    invoice = completed(Invoice(type_code="381", currency="EUR", lines=(line,)))
    assert places(invoice) == []
    (finding,) = told(changed(invoice, "totals.gross", "-125"))
    assert (finding.code, finding.field) == ("FR-MNT-025", "totals.gross")


def test_the_gross_amount_that_holds_the_tax() -> None:
    """The TTC column of a register holds the VAT, the VAT column the rate (2.43 HT, 0.46, 0.19)."""
    invoice = Invoice(type_code="380", totals=Totals(net=D("2.43"), vat=D("0.19"), gross=D("0.46")))
    assert [code for code, _ in places(invoice)] == ["FR-MNT-026"]


def test_gaps_are_those_of_the_invoice_asked_for() -> None:
    right, wrong = samples.invoice(1), changed(samples.invoice(1), "totals.gross", "1")
    assert [bool(told(invoice)) for invoice in (right, wrong, right, wrong)] == [False, True, False, True]


@pytest.mark.parametrize("code", ["FR-MNT-030", "FR-MNT-031"])
def test_a_credit_note_owes_no_positive_total(code: str) -> None:
    invoice = Invoice(type_code="381", totals=Totals(net=D(-10), gross=D(-12), prepaid=D(5)))
    assert code not in [found for found, _ in places(invoice)]


def test_a_discounted_return_is_no_reversed_discount() -> None:
    allowance = AllowanceCharge(amount=D(-1), percent=D(10), base=D(-10))
    line = Line(quantity=D(-1), unit_price=D(10), net_amount=D(-9), allowances=(allowance,), vat_category="S", vat_rate=D(20))
    other = Line(quantity=D(2), unit_price=D(10), net_amount=D(20), vat_category="S", vat_rate=D(20))
    assert places(completed(Invoice(lines=(line, other)))) == []
