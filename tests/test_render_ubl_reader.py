"""UBL read into the model: the same invoice as its CII twin, what only UBL does, and what is refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.corpus import CORPUS, needs_corpus
from xlbridge.errors import UnreadableFile
from xlbridge.model import Identifier, Invoice
from xlbridge.model.term import Data
from xlbridge.render import cii_reader, ubl_reader
from xlbridge.render.ubl_layout import NAMESPACES, UBL

VALID = CORPUS / "einvoices" / "valid"
PAIRS = ["1_Teilrechnung", "Einfach", "Einfach_negativePaymentDue", "Miete", "Rabatte"]
COMPARED = ("number", "issue_date", "due_date", "type_code", "currency", "totals", "vat_breakdown", "allowances", "charges")


def message(inside: str, kind: str = "Invoice", root: str | None = None) -> bytes:
    names = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in NAMESPACES.items())
    return f'<{kind} xmlns="{root or f"{UBL}{kind}-2"}" {names}>{inside}</{kind}>'.encode()


def read(inside: str, kind: str = "Invoice") -> Invoice:
    return ubl_reader.read(message(inside, kind))


@needs_corpus
@pytest.mark.parametrize("name", PAIRS)
def test_the_twin_in_cii_says_the_same(name: str) -> None:
    ubl = ubl_reader.read((VALID / f"ZUGFeRD_corpus__EN16931_{name}.ubl.xml").read_bytes())
    cii = cii_reader.read((VALID / f"ZUGFeRD_corpus__EN16931_{name}.cii.xml").read_bytes())
    for field in COMPARED:
        assert _without_zeros(getattr(ubl, field)) == _without_zeros(getattr(cii, field)), field
    assert [(line.name, line.quantity, line.unit_price, line.net_amount, line.vat_rate) for line in ubl.lines] == [
        (line.name, line.quantity, line.unit_price, line.net_amount, line.vat_rate) for line in cii.lines
    ]


def _without_zeros(value: object) -> object:
    """A total that is stated as nothing and one that is not stated are the same."""
    if isinstance(value, tuple):
        return [_without_zeros(item) for item in value]
    return {name: item for name, item in value if item} if isinstance(value, Data) else value


@needs_corpus
def test_every_ubl_message_of_the_corpus_is_read() -> None:
    files = [path for path in VALID.glob("*.xml") if b"urn:oasis" in path.read_bytes()[:3000]]
    assert len(files) > 20
    for path in files:
        invoice = ubl_reader.read(path.read_bytes())
        needed = (invoice.number, invoice.issue_date, invoice.seller.name, invoice.buyer.name, invoice.lines, invoice.vat_breakdown)
        assert all(needed), path.name
        assert None not in {invoice.totals.net, invoice.totals.gross}, path.name


@needs_corpus
def test_a_french_message_in_full() -> None:
    invoice = ubl_reader.read((VALID / "akretion_factur-x__ubl-21-extended-ctc-fr.xml").read_bytes())
    assert invoice.issue_date == date(2026, 6, 17)
    assert invoice.business_process == "S1"
    assert invoice.seller.siren == "999999998"
    assert {"PMT", "PMD", "AAB"} <= {note.subject_code for note in invoice.notes}
    assert invoice.payment is not None
    assert invoice.payment.accounts[0].iban == "FR2012421242124212421242124"


def test_identifiers_keep_their_blanks() -> None:
    party = '<cac:PartyLegalEntity><cbc:CompanyID schemeID="0002"> 812345676 </cbc:CompanyID></cac:PartyLegalEntity>'
    invoice = read(f"<cac:AccountingSupplierParty><cac:Party>{party}</cac:Party></cac:AccountingSupplierParty>")
    assert invoice.seller.legal_id == Identifier(value=" 812345676 ", scheme="0002")


def test_a_credit_note_has_its_own_names() -> None:
    line = '<cac:CreditNoteLine><cbc:ID>1</cbc:ID><cbc:CreditedQuantity unitCode="C62">2</cbc:CreditedQuantity></cac:CreditNoteLine>'
    due = "<cac:PaymentMeans><cbc:PaymentDueDate>2026-10-31</cbc:PaymentDueDate></cac:PaymentMeans>"
    invoice = read(f"<cbc:CreditNoteTypeCode>381</cbc:CreditNoteTypeCode>{due}{line}", "CreditNote")
    assert (invoice.type_code, invoice.due_date, invoice.lines[0].quantity) == ("381", date(2026, 10, 31), Decimal(2))


def test_the_two_totals_of_vat_are_told_apart_by_currency() -> None:
    totals = "".join(f'<cac:TaxTotal><cbc:TaxAmount currencyID="{unit}">{value}</cbc:TaxAmount></cac:TaxTotal>' for unit, value in VAT)
    invoice = read(f"<cbc:DocumentCurrencyCode>USD</cbc:DocumentCurrencyCode><cbc:TaxCurrencyCode>EUR</cbc:TaxCurrencyCode>{totals}")
    assert (invoice.totals.vat, invoice.totals.vat_accounting) == (Decimal("22.00"), Decimal("20.00"))


VAT = (("EUR", "20.00"), ("USD", "22.00"))


@pytest.mark.parametrize(("code", "kept"), [("3", "5"), ("35", "29"), ("432", "72"), ("9", "9")])
def test_the_tax_point_is_kept_as_in_cii(code: str, kept: str) -> None:
    invoice = read(f"<cac:InvoicePeriod><cbc:DescriptionCode>{code}</cbc:DescriptionCode></cac:InvoicePeriod>")
    assert invoice.vat_point_code == kept


@pytest.mark.parametrize("value", ["2026-02-31", "20260816XX", "demain", ""])
def test_a_date_that_is_none_is_none(value: str) -> None:
    assert read(f"<cbc:IssueDate>{value}</cbc:IssueDate>").issue_date is None


def test_an_embedded_document() -> None:
    document = '<cbc:EmbeddedDocumentBinaryObject mimeCode="text/csv" filename="a.csv">YTti</cbc:EmbeddedDocumentBinaryObject>'
    reference = f"<cbc:ID>D1</cbc:ID><cac:Attachment>{document}</cac:Attachment>"
    (found,) = read(f"<cac:AdditionalDocumentReference>{reference}</cac:AdditionalDocumentReference>").supporting_documents
    assert (found.reference, found.content, found.filename) == ("D1", b"a;b", "a.csv")


@pytest.mark.parametrize(
    "xml",
    [
        message("", root="urn:example"),
        message("").replace(b"Invoice", b"Order"),
        b"<x",
        b'<!DOCTYPE Invoice [<!ENTITY a "b">]>' + message(""),
    ],
    ids=["namespace", "order", "broken", "doctype"],
)
def test_what_is_no_ubl_invoice_is_refused(xml: bytes) -> None:
    with pytest.raises(UnreadableFile):
        ubl_reader.read(xml)


@given(st.sampled_from(["PMT", "AAB", "REG"]), st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))))
def test_any_coded_note_comes_apart(code: str, text: str) -> None:
    assert ubl_reader.read_note(f"#{code}#{text}") == {"text": text.strip(), "subject_code": code}
