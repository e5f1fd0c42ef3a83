"""Rules of identity: check digits, agreement of the numbers, and what they propose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from tests import samples
from tests.rule_cases import BASES, changed
from xlbridge.findings import Finding, Severity
from xlbridge.model import Identifier, Invoice, Party
from xlbridge.rules.catalogue import Context, catalogue, judge
from xlbridge.rules.identity import right_siren
from xlbridge.rules.vat_numbers import key_of

OWN = [code for code in catalogue() if "FR-IDE-001" <= code <= "FR-IDE-039"]
RIGHT = BASES["b2b"]()
DIGITS = st.text("0123456789", min_size=8, max_size=8).filter(lambda text: not text.startswith("000"))


def told(invoice: Invoice, *, own: bool = True, **facts: object) -> list[Finding]:
    assert invoice.issue_date is not None
    return judge(invoice, Context(day=invoice.issue_date, own=own, **facts), OWN)  # type: ignore[arg-type]


def codes(invoice: Invoice, **facts: object) -> list[str]:
    return [finding.code for finding in told(invoice, **facts)]


def with_buyer(**changes: object) -> Invoice:
    return RIGHT.model_copy(update={"buyer": RIGHT.buyer.model_copy(update=changes)})


def siren_of(eight: str) -> str:
    return eight + luhn.calc_check_digit(eight)


@given(DIGITS)
def test_computed_numbers_are_right(eight: str) -> None:
    buyer = samples.firm("Client", eight, "1 rue Haute", "69006", "Lyon").model_copy(update={"name": "Moulins Réunis"})
    if right_siren(buyer) != RIGHT.seller.siren:
        assert codes(RIGHT.model_copy(update={"buyer": buyer})) == []


@given(DIGITS, st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_of_a_siren_is_found_and_the_siret_gives_it_back(eight: str, place: int, shift: int) -> None:
    buyer = samples.firm("Moulins", eight, "1 rue Haute", "69006", "Lyon")
    siren = siren_of(eight)
    wrong = siren[:place] + str((int(siren[place]) + shift) % 10) + siren[place + 1 :]
    findings = told(RIGHT.model_copy(update={"buyer": buyer.model_copy(update={"legal_id": Identifier(value=wrong, scheme="0002")})}))
    found = next(finding for finding in findings if finding.code == "FR-IDE-001")
    assert (found.severity, found.field, found.term) == (Severity.BLOCKING, "buyer.siren", "BT-47")
    assert found.proposal is not None
    assert found.proposal.new == siren


@given(DIGITS, st.integers(0, 96))
def test_a_wrong_vat_key_is_found_and_the_right_one_proposed(eight: str, key: int) -> None:
    siren = siren_of(eight)
    number = f"FR{key:02}{siren}"
    buyer = samples.firm("Moulins", eight, "1 rue Haute", "69006", "Lyon").model_copy(update={"vat_number": number})
    findings = told(RIGHT.model_copy(update={"buyer": buyer}))
    if f"{key:02}" == key_of(siren):
        assert findings == []
    else:
        assert [(finding.code, finding.field) for finding in findings] == [("FR-IDE-011", "buyer.vat_number")]
        assert findings[0].proposal is not None
        assert findings[0].proposal.new == f"FR{key_of(siren)}{siren}"


@pytest.mark.parametrize("siret", ["35600000000048", "35600000049837"])
def test_la_poste_has_its_own_check(siret: str) -> None:
    poste = with_buyer(
        legal_id=Identifier(value="356000000", scheme="0002"), identifiers=(Identifier(value=siret, scheme="0009"),),
        vat_number=f"FR{key_of('356000000')}356000000", electronic_address=None,
    )  # fmt: skip
    assert codes(poste) == []


@pytest.mark.parametrize(
    ("number", "country", "expected"),
    [
        ("EL094259216", "GR", []),
        ("XI980780684", "GB", []),
        ("NL4495445B01", "NL", []),
        ("CHE107787577", "CH", []),
        ("GB980780684", "GB", []),
        ("FRK7399859412", "FR", []),  # a key with letters
        ("FR12000000018", "MC", ["FR-IDE-011"]),
        ("FR66000000018", "MC", []),  # Monaco: no SIREN in it
        ("DE136695977", "DE", ["FR-IDE-013"]),
        ("1613997XMP000", "TN", ["FR-IDE-014"]),
        ("DE136695976", "FR", ["FR-IDE-015"]),
        ("907654321", "FR", ["FR-IDE-010"]),
        ("fr24 907.654.321", "FR", ["FR-IDE-009"]),
    ],
)
def test_vat_numbers_of_many_countries(number: str, country: str, expected: list[str]) -> None:
    address = samples.BUYER.address
    assert address is not None
    keep_siren = samples.BUYER.legal_id if "907" in number else None
    buyer = with_buyer(
        vat_number=number, address=address.model_copy(update={"country": country, "postcode": "98000" if country in {"FR", "MC"} else "1"}),
        legal_id=keep_siren, identifiers=(), electronic_address=None,
    )  # fmt: skip
    assert codes(buyer) == expected


def test_a_bare_siren_in_place_of_the_vat_number_is_completed() -> None:
    found = told(with_buyer(vat_number="907654321"))[0]
    assert (found.code, found.proposal and found.proposal.new) == ("FR-IDE-010", "FR24907654321")


def test_a_key_is_not_proposed_against_another_siren() -> None:
    """The number's own SIREN is right, but it is not the one written: which of the two is meant cannot be told."""
    found = told(with_buyer(vat_number="FR00812345676"))[0]
    assert (found.code, found.proposal) == ("FR-IDE-011", None)


def test_the_same_wrong_digits_are_told_once() -> None:
    """A wrong SIREN stands again in the SIRET and in the VAT number that were made of it."""
    wrong = "907654322"
    numbers = {"legal_id": Identifier(value=wrong, scheme="0002"), "identifiers": (Identifier(value=wrong + "00012", scheme="0009"),)}
    buyer = with_buyer(**numbers, vat_number=f"FR{key_of(wrong)}{wrong}", electronic_address=None)
    assert codes(buyer) == ["FR-IDE-001"]
    assert codes(with_buyer(**numbers, vat_number=f"FR99{wrong}", electronic_address=None)) == ["FR-IDE-001", "FR-IDE-011"]
    alone = {"identifiers": numbers["identifiers"], "legal_id": None, "vat_number": None, "electronic_address": None}
    assert codes(with_buyer(**alone)) == ["FR-IDE-003"]


def test_a_number_is_looked_up_where_its_holder_can_be_asked() -> None:
    [of_client] = told(with_buyer(vat_number=f"FR99{RIGHT.buyer.siren}"))
    [of_seller] = told(changed(RIGHT, "seller.vat_number", f"FR99{RIGHT.seller.siren}"))
    assert "VIES" in of_client.remedy
    assert "vos documents fiscaux" in of_seller.remedy


def test_check_digits_weigh_less_in_somebody_elses_invoice() -> None:
    wrong = changed(changed(RIGHT, "seller.legal_id.value", "812345677"), "payment.accounts[0].iban", "FR7630006000011234567890188")
    assert {finding.severity for finding in told(wrong)} == {Severity.BLOCKING}
    elsewhere = told(wrong, own=False)
    assert {finding.code for finding in elsewhere} >= {"FR-IDE-001", "FR-IDE-016"}
    assert {finding.severity for finding in elsewhere} == {Severity.WARNING}


def test_members_of_a_foreign_vat_group_are_not_one_firm() -> None:
    address = samples.BUYER.address
    assert address is not None
    german = {"vat_number": "DE136695976", "legal_id": None, "identifiers": (), "electronic_address": None}
    abroad = address.model_copy(update={"country": "DE", "postcode": "10115"})
    both = RIGHT.model_copy(
        update={
            "seller": RIGHT.seller.model_copy(update=german | {"address": abroad, "name": "Müller Werke"}),
            "buyer": RIGHT.buyer.model_copy(update=german | {"address": abroad.model_copy(update={"line1": "Hauptstraße 2"})}),
        }
    )
    assert codes(both) == []


def test_the_same_name_at_the_same_address_is_the_same_party() -> None:
    seller = RIGHT.seller
    buyer = Party(name="S.A.S. ATELIERS BRINDILLE", address=seller.address)
    assert "FR-IDE-007" in codes(RIGHT.model_copy(update={"buyer": buyer}))


def test_an_unknown_seller_is_told_once_and_not_piece_by_piece() -> None:
    """A register names no seller: the rules of presence say so; identity adds nothing about each of its parts."""
    assert codes(RIGHT.model_copy(update={"seller": Party()})) == []


def test_payee_and_tax_representative_are_judged_too() -> None:
    payee = Party(name="Affactureur", legal_id=Identifier(value="123456789", scheme="0002"))
    agent = Party(name="Représentant", vat_number="FR99812345676", address=samples.SELLER.address)
    findings = told(RIGHT.model_copy(update={"payee": payee, "tax_representative": agent}))
    assert [(finding.field, finding.term) for finding in findings] == [
        ("payee.siren", "BT-61"), ("tax_representative.vat_number", "BT-63"),
    ]  # fmt: skip
