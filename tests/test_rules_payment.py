"""Due dates and their limits, penalty rates and their floors, cash, cards, discounts."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rule_cases import BASES, changed
from xlbridge.clients import ClientKind
from xlbridge.document import Unread
from xlbridge.findings import Severity
from xlbridge.model import Invoice
from xlbridge.rules.catalogue import Context, catalogue, judge
from xlbridge.rules.late_payment import cash_limit, central_bank_rate, legal_interest
from xlbridge.rules.payment import longest
from xlbridge.rules.penalties import Rate, stated_rate

CODES = [code for code in catalogue() if code.startswith("FR-PAI-")]
RIGHT = BASES["b2b"]()
D = Decimal


def codes(invoice: Invoice, client: ClientKind | None = ClientKind.BUSINESS, own: bool = True) -> list[str]:
    assert invoice.issue_date is not None
    return [finding.code for finding in judge(invoice, Context(day=invoice.issue_date, client=client, own=own), CODES)]


def due_after(days: int, issued: date = date(2026, 10, 1)) -> Invoice:
    return RIGHT.model_copy(update={"issue_date": issued, "due_date": issued + timedelta(days=days)})


@given(st.dates(date(2009, 1, 1), date(2099, 12, 31)), st.integers(0, 400))
@settings(max_examples=200)
def test_the_limit_is_the_longest_that_the_law_knows(issued: date, days: int) -> None:
    sixty, rolled, counted = longest(issued)
    assert (sixty - issued).days == 60
    assert rolled.day == monthrange(rolled.year, rolled.month)[1]
    assert 45 <= (rolled - issued).days <= 75
    assert (counted - timedelta(days=45)).month == issued.month
    due = issued + timedelta(days=days)
    found = set(codes(due_after(days, issued))) & {"FR-PAI-004", "FR-PAI-005"}
    expected = {"FR-PAI-004"} if due > max(sixty, rolled, counted) else {"FR-PAI-005"} if due > sixty else set()
    assert found == expected


@pytest.mark.parametrize("client", [ClientKind.CONSUMER, ClientKind.PUBLIC])
def test_the_limits_bind_between_firms_only(client: ClientKind) -> None:
    assert "FR-PAI-004" not in codes(due_after(120), client)


def test_the_code_de_commerce_does_not_bind_a_foreign_seller() -> None:
    bare = RIGHT.model_copy(update={"due_date": None})
    assert codes(bare) == ["FR-PAI-001"]
    assert codes(changed(bare, "seller.address.country", "DE")) == []
    told = changed(bare.model_copy(update={"payment_terms": "30 jours"}), "seller.address.country", "DE")
    assert codes(told) == []


def test_an_empty_cell_of_the_due_date_is_told_once() -> None:
    bare = changed(changed(RIGHT.model_copy(update={"due_date": None}), "buyer.legal_id", "none"), "buyer.vat_number", "none")
    bare = changed(changed(bare, "buyer.identifiers", "none"), "buyer.electronic_address", "none")
    found = [finding.code for finding in judge(bare, Context(day=bare.issue_date or date.max), CODES)]
    assert found == ["FR-PAI-002"]
    empty = Context(day=bare.issue_date or date.max, unread=(Unread("empty_cell", "due_date", "Échéance"),))
    assert [finding.code for finding in judge(bare, empty, [*CODES, "FR-MEN-020"])] == ["FR-MEN-020"]


def test_a_client_in_guadeloupe_is_not_from_abroad() -> None:
    cash = changed(changed(RIGHT, "payment.means_code", "10"), "buyer.address.country", "GP")
    assert "FR-PAI-008" in codes(cash, ClientKind.CONSUMER)
    assert "FR-PAI-008" not in codes(changed(cash, "buyer.address.country", "CH"), ClientKind.CONSUMER)


def test_a_client_with_a_siren_is_a_firm_and_without_any_number_is_not_known() -> None:
    assert "FR-PAI-004" in codes(due_after(120), None)
    assert "FR-PAI-004" in codes(due_after(120), None, own=False)
    assert codes(changed(changed(due_after(120), "buyer.legal_id", "none"), "buyer", {"name": "Dupont"}), None) == []


def test_a_year_at_the_end_of_the_calendar_is_no_crash() -> None:
    assert "FR-PAI-004" not in codes(RIGHT.model_copy(update={"issue_date": date(9999, 12, 1), "due_date": date.max}))


def test_an_absent_due_date_weighs_by_who_the_client_is() -> None:
    bare = RIGHT.model_copy(update={"due_date": None})
    private = changed(changed(bare, "buyer", {"name": "Dupont"}), "payment", "none")
    assert codes(bare) == ["FR-PAI-001"]
    assert codes(bare, None) == ["FR-PAI-002"]
    assert codes(private, ClientKind.CONSUMER) == []
    (finding,) = judge(private, Context(day=date(2026, 10, 1)), CODES)
    assert (finding.code, finding.severity) == ("FR-PAI-002", Severity.NOTE)
    assert codes(changed(bare, "totals.due", "0")) == []


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("Pénalités de retard : trois fois le taux d’intérêt légal.", Rate(times=D(3))),
        ("Pénalités : 3 (trois) fois le taux de l’intérêt légal", Rate(times=D(3))),
        ("3 fois l'intérêt légal", Rate(times=D(3))),
        ("Pénalités égales à une fois et demie le taux légal", Rate(times=D(1))),
        ("au taux d’intérêt légal en vigueur", Rate(times=D(1))),
        ("Une fois l’échéance passée, pénalités de 12 % l’an", Rate(percent=D(12))),
        ("Escompte 2 %. Pénalités de retard : 10,5 %", Rate(percent=D("10.5"))),
        ("Pénalités de retard de 1 % par mois", Rate(percent=D(12))),
        ("Taux BCE (2,15 %) majoré de 10 points", Rate(points=D(10))),
        ("taux de refinancement de la BCE + 10 %", Rate(points=D(10))),
        ("égales au triple du taux d’intérêt légal", Rate(times=D(3))),
        ("taux d’intérêt légal majoré de 5 points", None),
        ("Tout retard entraîne des pénalités.", None),
    ],
)
def test_the_rate_that_a_text_states(text: str, rate: Rate | None) -> None:
    assert stated_rate(text) == rate


@pytest.mark.parametrize(
    ("issued", "text", "expected"),
    [
        (date(2026, 3, 2), "Pénalités de retard : 7,85 %", ["FR-PAI-020"]),  # 3 × 2.62 %
        (date(2026, 3, 2), "Pénalités de retard : 7,86 %", []),
        (date(2025, 9, 1), "Pénalités de retard : 8,27 %", ["FR-PAI-020"]),  # 3 × 2.76 %
        (date(2024, 2, 1), "Pénalités de retard : 12 %", ["FR-PAI-020"]),  # 3 × 5.07 %
        (date(2021, 2, 1), "Pénalités de retard : 5 %", []),
        (date(2026, 10, 1), "Pénalités de retard : 1 %", ["FR-PAI-021"]),
        (date(2026, 10, 1), "Deux fois le taux d’intérêt légal", ["FR-PAI-020"]),
        (date(2026, 10, 1), "Taux de la BCE plus 10 points", []),
        (date(2026, 3, 2), "Taux de la BCE plus 5 points", ["FR-PAI-020"]),  # 7.15 %
        (date(2026, 3, 2), "Taux de la BCE plus 8 points", []),
        (date(2026, 3, 2), "Taux d’intérêt légal majoré de 5 points", ["FR-PAI-021"]),
        (date(2026, 3, 2), "Tout retard entraîne des pénalités.", []),
        (date(2030, 1, 1), "Taux de la BCE plus 8 points", ["FR-PAI-021"]),
    ],
)
def test_a_penalty_against_the_floor_of_its_semester(issued: date, text: str, expected: list[str]) -> None:
    invoice = changed(due_after(30, issued), "notes[1].text", text)
    assert [code for code in codes(invoice) if code >= "FR-PAI-020"] == expected
    assert [code for code in codes(invoice, ClientKind.CONSUMER) if code >= "FR-PAI-020"] == []


def test_the_dated_figures_are_whole() -> None:
    """Semesters follow each other; what is not in the table is not known."""
    for figures in (legal_interest, central_bank_rate):
        known = "".join("x" if figures(date(year, month, 1)) else "." for year in range(2010, 2031) for month in (1, 7))
        assert "." not in known.strip(".")
    assert legal_interest(date(2026, 6, 30)) == D("2.62")
    assert legal_interest(date(2026, 7, 1)) is None
    assert cash_limit(date(2015, 8, 31)) is None


@pytest.mark.parametrize(
    ("gross", "country", "client", "told"),
    [
        ("1000", "FR", ClientKind.BUSINESS, False),
        ("1000.01", "FR", ClientKind.BUSINESS, True),
        ("1000.01", "FR", ClientKind.CONSUMER, True),
        ("1000.01", "BE", ClientKind.CONSUMER, False),
        ("1000.01", "BE", ClientKind.BUSINESS, True),
        ("15000.01", "BE", ClientKind.CONSUMER, True),
    ],
)
def test_cash(gross: str, country: str, client: ClientKind, told: bool) -> None:
    invoice = RIGHT
    for path, value in (("payment.means_code", "10"), ("totals.gross", gross), ("buyer.address.country", country)):
        invoice = changed(invoice, path, value)
    assert ("FR-PAI-008" in codes(invoice, client)) is told


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ("30 jours", False),
        ("Paiement à 30 jours net", False),
        ("60 jours", True),
        ("45 j fin de mois", True),
        ("30 jours après réception", False),
        ("30 jours fin de mois le 10", False),
        ("Acompte à 15 jours, solde à 60 jours", False),
        ("2 % d’escompte à 8 jours", False),
    ],
)
def test_the_due_date_against_the_terms(terms: str, told: bool) -> None:
    assert ("FR-PAI-009" in codes(RIGHT.model_copy(update={"payment_terms": terms}))) is told
