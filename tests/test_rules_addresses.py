"""Rules of names, addresses and registration: what is missing, what a model left, what cannot be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rule_cases import BASES, changed
from xlbridge.clients import ClientKind
from xlbridge.model import Invoice, Party, PostalAddress
from xlbridge.rules.addresses import is_model_text
from xlbridge.rules.catalogue import Context, judge
from xlbridge.rules.registration import says_town

RIGHT = BASES["b2b"]()


def codes(invoice: Invoice, **facts: object) -> list[str]:
    assert invoice.issue_date is not None
    context = Context(day=invoice.issue_date, **facts)  # type: ignore[arg-type]
    return [finding.code for finding in judge(invoice, context) if "FR-IDE-001" <= finding.code <= "FR-IDE-039"]


@pytest.mark.parametrize(
    "text", ["NOM DE VOTRE ENTREPRISE", "[Client]", "{{buyer}}", "xxxx", "___", "-", "?", "Raison sociale :", "À compléter"]
)
def test_texts_of_models(text: str) -> None:
    assert is_model_text(text)


@pytest.mark.parametrize(
    "text", ["Votre Maison SARL", "X-Men", "Nom de Code SAS", "Client 2000", "Adresse & Co", "Société Nouvelle", "1664"]
)
def test_names_that_look_like_them(text: str) -> None:
    assert not is_model_text(text)


@given(st.integers(1, 95), st.integers(0, 999))
def test_postcodes_of_the_mainland_are_right(department: int, place: int) -> None:
    assert codes(changed(RIGHT, "buyer.address.postcode", f"{department:02}{place:03}")) == []


@pytest.mark.parametrize(("postcode", "country"), [("97400", "FR"), ("97100", "GP"), ("98800", "NC"), ("98000", "MC"), ("00200", "FR")])
def test_postcodes_overseas_and_of_the_army_are_right(postcode: str, country: str) -> None:
    address = PostalAddress(line1="1 rue Haute", postcode=postcode, city="Ville-Haute", country=country)
    assert codes(RIGHT.model_copy(update={"buyer": Party(name="Moulins", address=address)})) == []


@pytest.mark.parametrize("postcode", ["6900", "690061", "2A004", "97000", "98500", "99123", "00012"])
def test_postcodes_that_cannot_be(postcode: str) -> None:
    assert codes(changed(RIGHT, "buyer.address.postcode", postcode)) == ["FR-IDE-028"]


def test_a_foreign_postcode_is_not_judged() -> None:
    foreign = changed(RIGHT.model_copy(update={"buyer": Party(name="Laval", address=RIGHT.buyer.address)}), "buyer.address.country", "CA")
    assert codes(changed(foreign, "buyer.address.postcode", "G1V 0A6")) == []


@pytest.mark.parametrize(
    ("client", "code"),
    [(ClientKind.BUSINESS, "FR-IDE-025"), (ClientKind.PUBLIC, "FR-IDE-025"), (ClientKind.CONSUMER, "FR-IDE-026"), (None, "FR-IDE-026")],
)
def test_a_missing_address_weighs_by_the_kind_of_client(client: ClientKind | None, code: str) -> None:
    assert codes(changed(RIGHT, "buyer.address", {"country": "FR"}), client=client) == [code]


def test_a_firm_without_legal_form_is_not_asked_for_capital_or_register() -> None:
    artisan = changed(changed(RIGHT, "seller.name", "Menuiserie Sas Dupont Frères"), "seller.legal_information", "none")
    assert codes(artisan) == []


def test_a_company_states_its_form_before_or_behind_its_name() -> None:
    for name in ("SARL Dupont", "Dupont S.A.R.L."):
        assert codes(changed(changed(RIGHT, "seller.name", name), "seller.legal_information", "none")) == ["FR-IDE-030", "FR-IDE-031"]


def test_a_civil_company_needs_the_register_and_no_capital() -> None:
    civil = changed(changed(RIGHT, "seller.name", "SCI des Lilas"), "seller.legal_information", "none")
    assert codes(civil) == ["FR-IDE-031"]


@pytest.mark.parametrize(
    "text", ["R.C.S. Paris B 812 345 676", "immatriculée au registre du commerce et des sociétés de Nîmes", "RCS : Le Mans"]
)
def test_towns_of_the_register(text: str) -> None:
    assert says_town(text)


@pytest.mark.parametrize("text", ["RCS 812 345 676", "RCS n° 812345676", "au RCS sous le numéro 812 345 676", "Limoges"])
def test_a_register_without_town(text: str) -> None:
    assert not says_town(text)


@pytest.mark.parametrize(
    "name", ["Jeanne Brindille EI", "EI Jeanne Brindille", "Jeanne Brindille, entrepreneur individuel", "E.I. Brindille"]
)
def test_sole_traders_who_say_so(name: str) -> None:
    assert "FR-IDE-032" not in codes(changed(RIGHT, "seller.name", name), sole_trader=True)


def test_the_mark_of_sole_traders_was_not_asked_before_may_2022() -> None:
    named = changed(RIGHT, "seller.name", "Jeanne Brindille")
    assert "FR-IDE-032" in codes(changed(named, "issue_date", "2022-05-15"), sole_trader=True)
    assert "FR-IDE-032" not in codes(changed(named, "issue_date", "2022-05-14"), sole_trader=True)
