"""Rules of IBAN, BIC, GLN and electronic addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rule_cases import BASES, changed
from xlbridge.model import Invoice
from xlbridge.rules.catalogue import Context, judge

RIGHT = BASES["b2b"]()
IBAN = "payment.accounts[0].iban"
BIC = "payment.accounts[0].bic"


def codes(invoice: Invoice) -> list[str]:
    assert invoice.issue_date is not None
    return [finding.code for finding in judge(invoice, Context(day=invoice.issue_date)) if "FR-IDE-001" <= finding.code <= "FR-IDE-039"]


@given(st.integers(4, 26), st.integers(1, 9))
def test_one_wrong_digit_of_an_iban_is_found(place: int, shift: int) -> None:
    right = "FR7630006000011234567890189"
    wrong = right[:place] + str((int(right[place]) + shift) % 10) + right[place + 1 :]
    assert codes(changed(RIGHT, IBAN, wrong)) == ["FR-IDE-016"]


@pytest.mark.parametrize(
    ("iban", "bic", "expected"),
    [
        ("DE89370400440532013000", "COBADEFF", []),
        ("GB29NWBK60161331926819", "NWBKGB2L", []),
        ("GB29NWBK60161331926819", "NWBKJESX", []),
        ("FR7630006000011234567890189", "BNPANCNX", []),
        ("FR7630006000011234567890189", "COBADEFF", ["FR-IDE-018"]),
        ("FR763000600001123456789018", None, ["FR-IDE-016"]),
        ("30006000011234567890189", None, ["FR-IDE-016"]),  # a RIB is no IBAN
        ("fr76 3000 6000 0112 3456 7890 189", "agri fr pp", ["FR-IDE-033", "FR-IDE-033"]),
        ("FR7630006000011234567890189", "BIC_MONCOMPTE", ["FR-IDE-017"]),
    ],
)
def test_accounts(iban: str, bic: str | None, expected: list[str]) -> None:
    assert codes(changed(changed(RIGHT, IBAN, iban), BIC, bic)) == expected


def test_an_account_number_of_a_seller_abroad_need_not_be_an_iban() -> None:
    abroad = changed(changed(RIGHT, "seller.address.country", "CA"), "seller.vat_number", "none")
    assert "FR-IDE-016" not in codes(changed(abroad, IBAN, "0301 12345 6789"))


@pytest.mark.parametrize(
    ("scheme", "value", "expected"),
    [
        ("0225", "907654321", []),
        ("0225", "907654321_90765432100013", []),
        ("0225", "907654321_90765432100013_COMPTA-1", []),
        ("0225", "907 654 321", ["FR-IDE-021"]),
        ("0225", "812345676_COMPTA", ["FR-IDE-021"]),
        ("0225", "907654321_" + "A" * 120, ["FR-IDE-021"]),
        ("0009", "90765432100013", []),
        ("0009", "907654321", ["FR-IDE-021"]),
        ("EM", "compta@moulins.example", []),
        ("EM", "compta", ["FR-IDE-021"]),
        ("0088", "3012345678902", []),
        ("0088", "3012345678903", ["FR-IDE-019"]),
        ("9957", "FR24907654321", []),
    ],
)
def test_electronic_addresses(scheme: str, value: str, expected: list[str]) -> None:
    assert codes(changed(RIGHT, "buyer.electronic_address", {"value": value, "scheme": scheme})) == expected


@pytest.mark.parametrize(
    ("legal_id", "expected"),
    [
        ({"value": "90765432100013", "scheme": "0002"}, ["FR-IDE-020"]),
        ({"value": "90765432100013", "scheme": "0009"}, ["FR-IDE-020"]),
        ({"value": "907654321"}, ["FR-IDE-020"]),
        ({"value": "907654321", "scheme": "0002"}, []),
        ({"value": "HRB 12345", "scheme": "0227"}, []),
    ],
)
def test_legal_identifiers_against_their_scheme(legal_id: dict[str, str], expected: list[str]) -> None:
    assert codes(changed(RIGHT, "buyer.legal_id", legal_id)) == expected
