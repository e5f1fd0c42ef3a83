"""What the company and the client list add to a document, and what they must leave alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.samples import BUYER, SELLER, invoice
from xlbridge.clients import Client, ClientKind, Clients
from xlbridge.company import Activity, Company, TaxPoint, VatRegime
from xlbridge.completion import filled, is_other_seller
from xlbridge.document import Document
from xlbridge.model import Identifier, Invoice, Line, Note, Party, PostalAddress, Totals
from xlbridge.model.totals import completed

COMPANY = Company(
    name="Ateliers Brindille SAS",
    siren=SELLER.siren,
    siret=SELLER.siret,
    vat_number=SELLER.vat_number,
    address="12 rue de l’Église",
    postcode="87000",
    city="Limoges",
    activity=Activity.SERVICES,
    tax_point=TaxPoint.INVOICE,
    iban="FR7630006000011234567890189",
    client_country="FR",
    source="entreprise.toml",
)
MOULINS = Client(
    name="Moulins Réunis", kind=ClientKind.BUSINESS, siren=BUYER.siren, address="5 avenue du Maréchal", postcode="69006", city="Lyon"
)
BARE = Invoice(number="F1", issue_date=date(2026, 10, 1), type_code="380", buyer=Party(name="SARL Moulins Réunis"))


def codes(document: Document) -> list[str]:
    return [finding.code for finding in document.findings]


def test_an_empty_document_is_completed_and_the_note_says_from_where():
    document = filled(Document(BARE), COMPANY, Clients((MOULINS,), source="clients.csv"))
    result = document.invoice
    assert result.seller == COMPANY.party
    assert (result.currency, result.business_process, result.vat_point_code) == ("EUR", "S1", "5")
    assert result.payment.accounts[0].iban == COMPANY.iban
    assert [note.subject_code for note in result.notes] == ["PMT", "PMD", "AAB"]
    assert (result.buyer.siren, result.buyer.address.city, result.buyer.country) == (BUYER.siren, "Lyon", "FR")
    assert result.buyer.electronic_address == Identifier(value=BUYER.siren, scheme="0225")
    assert result.buyer.name == "SARL Moulins Réunis"
    client_note, company_note = document.findings
    assert client_note.message.startswith("Ce que le document ne dit pas vient de clients.csv : SIREN du client")
    assert "compte bancaire" in company_note.message
    assert {finding.severity.value for finding in document.findings} == {"note"}


@given(seed=st.integers(0, 500))
def test_what_a_document_says_is_never_replaced(seed):
    whole = invoice(seed)
    company = COMPANY.model_copy(update={"activity": Activity.GOODS, "tax_point": None, "iban": "DE89370400440532013000"})
    assert filled(Document(whole), company, Clients((MOULINS,))).invoice == whole


def test_completing_twice_changes_nothing_more():
    once = filled(Document(BARE), COMPANY, Clients((MOULINS,)))
    twice = filled(replace(once, findings=()), COMPANY, Clients((MOULINS,)))
    assert (twice.invoice, twice.findings) == (once.invoice, ())


@pytest.mark.parametrize(
    "seller",
    [
        Party(legal_id=Identifier(value="356000000", scheme="0002")),
        Party(vat_number="FR39356000000"),
        Party(name="Boulangerie Vannier"),
        Party(name="Ateliers Brindille SAS", legal_id=Identifier(value="356000000", scheme="0002")),
    ],
)
def test_another_seller_is_not_given_the_company(seller):
    document = filled(Document(BARE.model_copy(update={"seller": seller})), COMPANY)
    assert document.invoice.seller == seller
    assert (document.invoice.payment, document.invoice.notes) == (None, ())
    assert codes(document) == ["LEC-060"]


@pytest.mark.parametrize("name", ["ATELIERS BRINDILLE", "Ateliers Brindile", "Brindille", "S.A.S. Ateliers Brindille (Limoges)"])
def test_the_same_name_otherwise_written_is_the_company(name):
    assert not is_other_seller(Party(name=name), COMPANY)


def test_two_clients_of_one_name_are_told_and_none_is_taken():
    other = MOULINS.model_copy(update={"name": "Moulins Réunis SAS", "siren": "356000000"})
    document = filled(Document(BARE), None, Clients((MOULINS, other), source="clients.csv"))
    assert document.invoice == BARE
    assert codes(document) == ["LEC-062"]
    exact = Document(BARE.model_copy(update={"buyer": Party(name="moulins reunis, S.A.S.")}))
    assert filled(exact, None, Clients((MOULINS, other))).invoice.buyer.siren == "356000000"


def test_a_client_of_another_identity_is_not_taken():
    buyer = Party(name="Moulins Réunis", address=PostalAddress(postcode="33000", city="Bordeaux"))
    document = filled(Document(BARE.model_copy(update={"buyer": buyer})), None, Clients((MOULINS,), source="clients.csv"))
    assert document.invoice.buyer == buyer
    assert codes(document) == ["LEC-063"]


def test_a_differing_address_keeps_its_parts():
    seller = Party(name="Ateliers Brindille", address=PostalAddress(postcode="33000"))
    result = filled(Document(BARE.model_copy(update={"seller": seller})), COMPANY).invoice.seller
    assert result.address == PostalAddress(postcode="33000", country="FR")


def test_notes_without_code_are_recognised_and_not_said_twice():
    said = (
        Note(text="Pas d’escompte pour paiement anticipé."),
        Note(text="Pénalités : 10 % ; indemnité forfaitaire de 40 €."),
        Note(text="Merci."),
    )
    notes = filled(Document(BARE.model_copy(update={"notes": said})), COMPANY).invoice.notes
    assert notes == (said[0].model_copy(update={"subject_code": "AAB"}), *said[1:])


def test_a_consumer_of_the_list_gets_the_texts_for_consumers():
    client = Client(name="Mme Moulins Réunis", kind=ClientKind.CONSUMER)
    document = filled(Document(BARE.model_copy(update={"buyer": Party(name="mme moulins réunis")})), COMPANY, Clients((client,)))
    notes = {note.subject_code: note.text for note in document.invoice.notes}
    assert notes["BAR"] == "B2C"
    assert "particulier" in notes["PMT"]


def test_a_credit_note_gets_no_account_and_a_deposit_no_debits():
    assert filled(Document(BARE.model_copy(update={"type_code": "381"})), COMPANY).invoice.payment is None
    assert filled(Document(BARE.model_copy(update={"type_code": "386"})), COMPANY).invoice.vat_point_code is None


FRANCHISE = COMPANY.model_copy(update={"vat_regime": VatRegime.FRANCHISE})


def test_franchise_makes_silent_lines_exempt():
    lines = (
        Line(name="A", quantity=Decimal(2), unit_price=Decimal("10.00")),
        Line(name="B", quantity=Decimal(1), unit_price=Decimal(5), vat_rate=Decimal(20)),
    )
    result = completed(filled(Document(BARE.model_copy(update={"lines": lines})), FRANCHISE).invoice)
    first, second = result.lines
    assert (first.vat_category, first.vat_rate, first.vat_reason_code) == ("E", 0, "VATEX-FR-FRANCHISE")
    assert (second.vat_category, second.vat_rate, second.vat_reason) == (None, Decimal(20), None)
    assert (result.seller.vat_number, result.seller.tax_registration) == (None, COMPANY.siren)
    assert result.vat_breakdown[0].reason == "TVA non applicable, art. 293 B du CGI"


def test_franchise_without_lines_completes_the_totals():
    result = filled(Document(BARE.model_copy(update={"totals": Totals(gross=Decimal(500))})), FRANCHISE).invoice
    assert (result.totals.net, result.totals.vat, result.totals.gross) == (500, 0, 500)
    assert [(part.category, part.rate, part.base) for part in result.vat_breakdown] == [("E", 0, 500)]


def test_franchise_leaves_a_stated_tax_to_the_rules():
    totals = Totals(net=Decimal(100), vat=Decimal(20), gross=Decimal(120))
    result = filled(Document(BARE.model_copy(update={"totals": totals})), FRANCHISE).invoice
    assert (result.totals, result.vat_breakdown) == (totals, ())
