"""The computed totals against BR-CO-10 to BR-CO-17 of EN 16931, each rule written anew with exact fractions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from tests import samples
from tests.strategies import reckonings
from xlbridge.model import AllowanceCharge, Invoice, Line, Totals, VatBreakdown
from xlbridge.model.codes import CREDIT_NOTES
from xlbridge.model.totals import completed, computed_breakdown, computed_totals, line_net, negated, with_positive_amounts

often = settings(max_examples=100)


def cents(value: Fraction) -> Fraction:
    """`value` rounded half up, away from zero."""
    rounded = Fraction((abs(value) * 100 + Fraction(1, 2)).__floor__(), 100)
    return rounded if value >= 0 else -rounded


def exactly(values: Iterable[Decimal | None]) -> Fraction:
    return sum((Fraction(value) for value in values if value is not None), Fraction(0))


def bare(invoice: Invoice) -> Invoice:
    """The invoice without the amounts that can be computed."""
    kept = {name: getattr(invoice.totals, name) for name in ("prepaid", "rounding", "vat_accounting")}
    lines = tuple(line.model_copy(update={"net_amount": None}) for line in invoice.lines)
    return invoice.model_copy(update={"lines": lines, "totals": Totals(**kept), "vat_breakdown": ()})


@often
@given(reckonings())
def test_totals_follow_the_rules_of_en_16931(drawn: Invoice) -> None:
    invoice = completed(bare(drawn))
    totals = invoice.totals
    parts = invoice.vat_breakdown
    assert Fraction(totals.line_net) == exactly(line.net_amount for line in invoice.lines), "BR-CO-10"
    assert (totals.allowances is None) == (not invoice.allowances)
    assert exactly([totals.allowances]) == exactly(item.amount for item in invoice.allowances), "BR-CO-11"
    assert (totals.charges is None) == (not invoice.charges)
    assert exactly([totals.charges]) == exactly(item.amount for item in invoice.charges), "BR-CO-12"
    assert Fraction(totals.net) == exactly([totals.line_net]) - exactly([totals.allowances]) + exactly([totals.charges]), "BR-CO-13"
    assert Fraction(totals.vat) == exactly(part.amount for part in parts), "BR-CO-14"
    assert Fraction(totals.gross) == Fraction(totals.net) + Fraction(totals.vat), "BR-CO-15"
    assert Fraction(totals.due) == Fraction(totals.gross) - exactly([totals.prepaid]) + exactly([totals.rounding]), "BR-CO-16"
    for part in parts:
        assert Fraction(part.amount) == cents(Fraction(part.base) * exactly([part.rate]) / 100), "BR-CO-17"


@often
@given(reckonings())
def test_the_breakdown_shares_the_net_total_among_its_groups(drawn: Invoice) -> None:
    """BR-CO-18 and BR-S-08 and their like: one part per category and rate that occurs, and nothing is lost between them."""
    invoice = completed(bare(drawn))
    bases: dict[tuple[str | None, Decimal | None], Fraction] = defaultdict(Fraction)
    for line in invoice.lines:
        bases[line.vat_category, line.vat_rate] += Fraction(line.net_amount)
    for sign, items in ((-1, invoice.allowances), (1, invoice.charges)):
        for item in items:
            bases[item.vat_category, item.vat_rate] += sign * Fraction(item.amount)
    assert {(part.category, part.rate): Fraction(part.base) for part in invoice.vat_breakdown} == bases
    assert len(invoice.vat_breakdown) == len(bases)
    assert exactly(part.base for part in invoice.vat_breakdown) == Fraction(invoice.totals.net)


@often
@given(reckonings())
def test_the_net_amount_of_a_line(invoice: Invoice) -> None:
    for line in invoice.lines:
        exact = Fraction(line.quantity) * Fraction(line.unit_price) / Fraction(line.price_base_quantity or 1)
        exact += exactly(item.amount for item in line.charges) - exactly(item.amount for item in line.allowances)
        assert Fraction(line_net(line)) == cents(exact)


@often
@given(reckonings())
def test_completing_is_done_once_and_for_all(invoice: Invoice) -> None:
    assert completed(invoice) == invoice
    assert completed(bare(invoice)).totals == computed_totals(invoice)


@often
@given(reckonings(), st.sampled_from(sorted(CREDIT_NOTES)))
def test_a_credit_note_turns_its_sign_and_nothing_else(drawn: Invoice, type_code: str) -> None:
    note = drawn.model_copy(update={"type_code": type_code})
    turned = negated(note)
    assert negated(turned) == note
    assert turned.totals.gross == -note.totals.gross
    assert [line.unit_price for line in turned.lines] == [line.unit_price for line in note.lines]
    assert [part.rate for part in turned.vat_breakdown] == [part.rate for part in note.vat_breakdown]
    for before, after in zip(note.allowances + note.charges, turned.allowances + turned.charges, strict=True):
        assert after == before.model_copy(update={"amount": -before.amount})
    facts = {"prepaid", "rounding", "vat_accounting"}
    assert computed_totals(turned).model_dump(exclude=facts | {"due"}) == turned.totals.model_dump(exclude=facts | {"due"})
    assert computed_totals(turned).due == turned.totals.due
    for signed in (note, turned):
        assert with_positive_amounts(signed).totals.gross == abs(note.totals.gross)


def test_only_a_credit_note_loses_its_minus() -> None:
    invoice = negated(samples.invoice())
    assert with_positive_amounts(invoice) == invoice
    note = invoice.model_copy(update={"type_code": "381"})
    assert with_positive_amounts(note).totals == samples.invoice().totals
    assert with_positive_amounts(with_positive_amounts(note)) == with_positive_amounts(note)


def test_what_the_sheet_states_stays() -> None:
    stated = samples.invoice().model_copy(update={"totals": Totals(net=Decimal(1), vat=Decimal(2))})
    totals = completed(stated).totals
    assert (totals.net, totals.vat) == (Decimal(1), Decimal(2))
    assert totals.gross == samples.invoice().totals.gross
    line = Line(
        identifier="1", quantity=Decimal(2), unit_price=Decimal(3), net_amount=Decimal("6.01"), vat_category="S", vat_rate=Decimal(20)
    )
    assert completed(Invoice(lines=(line,))).totals.net == Decimal("6.01")


def test_without_lines_the_breakdown_gives_the_totals() -> None:
    parts = (VatBreakdown(category="S", rate=Decimal(20), base=Decimal("95.00"), amount=Decimal("19.00")),)
    allowance = AllowanceCharge(amount=Decimal(5), vat_category="S", vat_rate=Decimal(20))
    totals = computed_totals(Invoice(vat_breakdown=parts, allowances=(allowance,), totals=Totals(prepaid=Decimal(14))))
    assert (totals.line_net, totals.allowances, totals.net) == (Decimal(100), Decimal(5), Decimal(95))
    assert (totals.vat, totals.gross, totals.due) == (Decimal(19), Decimal(114), Decimal(100))


def test_the_reason_of_an_exemption_reaches_the_breakdown() -> None:
    line = Line(quantity=Decimal(1), unit_price=Decimal(10), vat_category="E", vat_rate=Decimal(0), vat_reason="art. 261 CGI")
    taught = line.model_copy(update={"vat_reason": "art. 293 B CGI"})
    assert [part.reason for part in computed_breakdown(Invoice(lines=(line, taught, line)))] == ["art. 261 CGI", "art. 293 B CGI"]
    stated = VatBreakdown(category="E", rate=Decimal(0), reason="art. 261 CGI", reason_code="VATEX-EU-132")
    silent = line.model_copy(update={"vat_reason": None})
    assert computed_breakdown(Invoice(lines=(silent,), vat_breakdown=(stated,)))[0].reason_code == "VATEX-EU-132"


def test_a_line_without_price_or_quantity_has_no_computed_amount() -> None:
    assert line_net(Line(quantity=Decimal(1))) is None
    assert line_net(Line(unit_price=Decimal(1))) is None
