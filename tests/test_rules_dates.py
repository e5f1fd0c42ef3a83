"""Dates that go together, whatever they are; and the limits of each rule."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rule_cases import BASES, changed
from xlbridge.clients import ClientKind
from xlbridge.company import Size
from xlbridge.findings import Severity
from xlbridge.model import Delivery, Invoice, Period
from xlbridge.rules.catalogue import Context, catalogue, judge

CODES = [code for code in catalogue() if code.startswith("FR-DAT-")]
RIGHT = BASES["goods"]()
DAYS = st.none() | st.dates()


def codes(invoice: Invoice, today: date | None = None) -> list[str]:
    return [finding.code for finding in judge(invoice, Context(day=date(2026, 10, 1), today=today), CODES)]


@given(DAYS, DAYS, DAYS, DAYS, DAYS, st.sampled_from(("380", "381", "384", "386", None)))
@settings(max_examples=150)
def test_any_dates_are_judged(
    issued: date | None, due: date | None, delivered: date | None, start: date | None, end: date | None, kind: str | None
) -> None:
    dated = {"issue_date": issued, "due_date": due, "delivery": Delivery(date=delivered), "period": Period(start=start, end=end)}
    invoice = RIGHT.model_copy(update=dated | {"type_code": kind})
    told = codes(invoice, date(2026, 11, 24))
    assert ("FR-DAT-001" in told) is (issued is not None and issued > date(2026, 11, 24))
    assert ("FR-DAT-005" in told) is (start is not None and end is not None and end < start)
    if kind in {"381", "386"}:
        assert not {"FR-DAT-003", "FR-DAT-004", "FR-DAT-007", "FR-DAT-008"} & set(told)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, ["FR-DAT-003"]),
        ({"type_code": "381"}, []),
        ({"type_code": "386"}, []),
        ({"business_process": "S2"}, []),
        ({"totals.due": "0"}, []),
        ({"totals.prepaid": "99999"}, []),
    ],
)
def test_only_what_is_to_be_paid_falls_due(changes: dict[str, str], told: list[str]) -> None:
    invoice = changed(BASES["b2b"](), "due_date", "2026-09-30")
    for path, value in changes.items():
        invoice = changed(invoice, path, value)
    assert codes(invoice) == told


@pytest.mark.parametrize(
    ("issued", "changes", "context", "severity"),
    [
        ("2026-10-01", {}, {"size": Size.GE}, Severity.BLOCKING),
        ("2026-10-01", {}, {"size": Size.PME}, Severity.WARNING),  # bound from September 2027
        ("2027-10-01", {}, {"size": Size.PME}, Severity.BLOCKING),
        ("2019-10-01", {}, {"size": Size.GE}, Severity.WARNING),
        ("2027-10-01", {}, {"size": Size.PME, "client": ClientKind.CONSUMER}, Severity.WARNING),
        ("2026-10-01", {}, {"own": False}, Severity.BLOCKING),
        ("2026-10-01", {"seller.address.country": "DE"}, {"own": False}, Severity.WARNING),
    ],
)
def test_a_due_date_before_the_issue_stops_only_an_electronic_invoice(
    issued: str, changes: dict[str, str], context: dict[str, Any], severity: Severity
) -> None:
    day = date.fromisoformat(issued)
    invoice = RIGHT.model_copy(update={"issue_date": day, "due_date": day - timedelta(days=1)})
    for path, value in changes.items():
        invoice = changed(invoice, path, value)
    [found] = judge(invoice, Context(day=day, **context), ["FR-DAT-003"])
    assert found.severity is severity


@pytest.mark.parametrize(
    ("delivered", "issued", "told"),
    [
        ("2026-09-01", "2026-09-30", []),  # grouped at the end of the month
        ("2026-09-01", "2026-10-31", []),
        ("2026-09-30", "2026-11-01", ["FR-DAT-008"]),
        ("2025-12-15", "2026-01-31", []),
        ("2025-10-01", "2026-10-02", ["FR-DAT-008"]),
        ("2025-09-30", "2026-10-02", ["FR-DAT-007"]),
    ],
)
def test_how_late_an_invoice_is(delivered: str, issued: str, told: list[str]) -> None:
    invoice = changed(changed(changed(RIGHT, "delivery.date", delivered), "issue_date", issued), "due_date", "none")
    assert codes(invoice) == told


@pytest.mark.parametrize(
    ("delivered", "issued", "late"),
    [
        ("2026-09-01", "2026-10-15", False),
        ("2026-09-30", "2026-10-16", True),
        ("2026-12-31", "2027-01-15", False),
        ("2026-12-01", "2027-01-16", True),
    ],
)
def test_the_fifteenth_of_the_next_month(delivered: str, issued: str, late: bool) -> None:
    invoice = changed(changed(RIGHT, "delivery.date", delivered), "issue_date", issued)
    assert ("FR-DAT-009" in codes(changed(invoice, "vat_breakdown[0].category", "K"))) is late
    assert "FR-DAT-009" not in codes(invoice)
