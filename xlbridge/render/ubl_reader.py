"""A UBL 2.1 invoice or credit note as an `Invoice`; elements without a place in the model are passed over.

Values that are no number or no date are None, and the official rules say so: this reader judges nothing. Identifiers keep the blanks
they are written with, because a blank in an identifier is a fault. Sources: EN 16931-3-2 (syntax binding); XP Z12-012 for the notes.

>>> read_note("#PMT#Indemnité forfaitaire : 40 €.")
{'text': 'Indemnité forfaitaire : 40 €.', 'subject_code': 'PMT'}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from xlbridge.errors import UnreadableFile
from xlbridge.model import Invoice
from xlbridge.render.cii_reader import READERS, Values, parse
from xlbridge.render.ubl_layout import (
    ACCOUNT,
    ADDRESS,
    ALLOWANCE,
    CONTACT,
    INVOICE,
    LINE,
    NAMESPACES,
    PAYMENT,
    PERIOD,
    PRECEDING,
    ROOTS,
    SUBTOTAL,
    SUPPORTING,
    TOTALS,
    Fields,
)

NOTE = re.compile(r"\s*#([A-Z]{3})#(.*)", re.DOTALL)
SEPA = "SEPA"  # scheme of a seller's or payee's identifier that is the creditor of a direct debit (BT-90)
TAX_POINTS = {"3": "5", "35": "29", "432": "72"}  # BT-8: UNTDID 2005 of UBL as UNTDID 2475 of CII, which the model keeps
OBJECT, TENDER_OR_PROJECT = "130", "50"
VAT = "VAT"


def read(xml: bytes | etree._Element) -> Invoice:
    """The invoice of a UBL message. UnreadableFile: the XML is broken, or is neither an `Invoice` nor a `CreditNote` of UBL."""
    root = parse(xml) if isinstance(xml, bytes) else xml
    kind = ROOTS.get(str(root.tag))
    if kind is None:
        raise UnreadableFile(
            f"Ce fichier XML n’est pas une facture UBL : sa racine est « {root.tag} ».", "Vérifiez que le fichier est bien une facture UBL."
        )
    values = _values(root, INVOICE)
    values |= {name: value for name, value in _header(root, kind).items() if value is not None}
    return Invoice.model_validate(values)


def _header(root: etree._Element, kind: str) -> Values:
    """What a plain table cannot say of the document."""
    due = "cbc:DueDate" if kind == "Invoice" else "cac:PaymentMeans/cbc:PaymentDueDate"
    documents = _all(root, "cac:AdditionalDocumentReference")
    by_type = {code: [item for item in documents if _text(item, "cbc:DocumentTypeCode") == code] for code in (OBJECT, TENDER_OR_PROJECT)}
    point = _text(root, "cac:InvoicePeriod/cbc:DescriptionCode")
    project = _text(root, "cac:ProjectReference/cbc:ID")
    return {
        "type_code": _text(root, f"cbc:{kind}TypeCode"),
        "due_date": _value(root, f"date {due}"),
        "vat_point_code": TAX_POINTS.get(point or "", point),
        "project_reference": project or next((_text(item, "cbc:ID") for item in by_type[TENDER_OR_PROJECT]), None),
        "object_identifier": next((_identifier(item, "cbc:ID") for item in by_type[OBJECT]), None),
        "notes": [read_note(text) for item in _all(root, "cbc:Note") if (text := item.text)],
        "preceding_invoices": _objects(root, "cac:BillingReference/cac:InvoiceDocumentReference", PRECEDING, "number"),
        "seller": _party(root.find("cac:AccountingSupplierParty/cac:Party", NAMESPACES)) or {},
        "buyer": _party(root.find("cac:AccountingCustomerParty/cac:Party", NAMESPACES)) or {},
        "payee": _party(root.find("cac:PayeeParty", NAMESPACES)),
        "tax_representative": _party(root.find("cac:TaxRepresentativeParty", NAMESPACES)),
        "delivery": _delivery(root),
        "period": _object(root, "cac:InvoicePeriod", PERIOD),
        "payment": _payment(root),
        **_adjustments(root),
        "totals": _totals(root),
        "vat_breakdown": _objects(root, "cac:TaxTotal/cac:TaxSubtotal", SUBTOTAL),
        "supporting_documents": [_supporting(item) for item in documents if item not in by_type[OBJECT] + by_type[TENDER_OR_PROJECT]],
        "lines": [_line(item, kind) for item in _all(root, f"cac:{kind}Line")],
    }


def read_note(text: str) -> Values:
    """BT-22 and, where the text begins with it between sharps, BT-21."""
    coded = NOTE.fullmatch(text)
    return {"text": coded[2].strip(), "subject_code": coded[1]} if coded else {"text": text.strip()}


def _party(element: etree._Element | None) -> Values | None:
    if element is None:
        return None
    registered, known_as = _text(element, "cac:PartyLegalEntity/cbc:RegistrationName"), _text(element, "cac:PartyName/cbc:Name")
    taxes = {
        _text(item, "cac:TaxScheme/cbc:ID") == VAT: _verbatim(item.find("cbc:CompanyID", NAMESPACES))
        for item in _all(element, "cac:PartyTaxScheme")
    }
    ids = [found for item in _all(element, "cac:PartyIdentification") if (found := _identifier(item, "cbc:ID"))]
    return {
        "name": registered or known_as,
        "trading_name": known_as if registered else None,
        "identifiers": [item for item in ids if item["scheme"] != SEPA],
        "legal_id": _identifier(element, "cac:PartyLegalEntity/cbc:CompanyID"),
        "vat_number": taxes.get(True),
        "tax_registration": taxes.get(False),
        "legal_information": _text(element, "cac:PartyLegalEntity/cbc:CompanyLegalForm"),
        "electronic_address": _identifier(element, "cbc:EndpointID"),
        "address": _object(element, "cac:PostalAddress", ADDRESS),
        "contact": _object(element, "cac:Contact", CONTACT),
    }


def _delivery(root: etree._Element) -> Values | None:
    element = root.find("cac:Delivery", NAMESPACES)
    if element is None:
        return None
    return {
        "name": _text(element, "cac:DeliveryParty/cac:PartyName/cbc:Name"),
        "location": _identifier(element, "cac:DeliveryLocation/cbc:ID"),
        "date": _value(element, "date cbc:ActualDeliveryDate"),
        "address": _object(element, "cac:DeliveryLocation/cac:Address", ADDRESS),
    }


def _payment(root: etree._Element) -> Values | None:
    """The first means with the accounts of all of them: UBL repeats the means for each account."""
    means = _all(root, "cac:PaymentMeans")
    if not means:
        return None
    code = means[0].find("cbc:PaymentMeansCode", NAMESPACES)
    creditor = (_identifier(item, "cbc:ID") for item in _all(root, ".//cac:PartyIdentification"))
    return _values(means[0], PAYMENT) | {
        "means_text": code.get("name") if code is not None else None,
        "accounts": [account for item in means for account in _objects(item, "cac:PayeeFinancialAccount", ACCOUNT)],
        "creditor_id": next((item["value"] for item in creditor if item and item["scheme"] == SEPA), None),
    }


def _adjustments(owner: etree._Element) -> Values:
    """Allowances and charges of the document or of a line."""
    found: dict[str, list[Values]] = {"allowances": [], "charges": []}
    for item in _all(owner, "cac:AllowanceCharge"):
        found["charges" if _text(item, "cbc:ChargeIndicator") in {"true", "1"} else "allowances"].append(_values(item, ALLOWANCE))
    return dict(found)


def _totals(root: etree._Element) -> Values:
    """The document's totals; of two totals of VAT the one in the accounting currency (BT-6) is BT-111."""
    accounting = _text(root, "cbc:TaxCurrencyCode")
    totals = _object(root, "cac:LegalMonetaryTotal", TOTALS) or {}
    for item in _all(root, "cac:TaxTotal/cbc:TaxAmount"):
        other = item.get("currencyID") == accounting != _text(root, "cbc:DocumentCurrencyCode")
        totals.setdefault("vat_accounting" if other else "vat", READERS["amount"](item))
    return totals


def _supporting(element: etree._Element) -> Values:
    embedded = element.find("cac:Attachment/cbc:EmbeddedDocumentBinaryObject", NAMESPACES)
    attributes = {} if embedded is None else {"mime_type": embedded.get("mimeCode"), "filename": embedded.get("filename")}
    return {"reference": ""} | _values(element, SUPPORTING) | attributes


def _line(element: etree._Element, kind: str) -> Values:
    quantity = element.find("cbc:InvoicedQuantity" if kind == "Invoice" else "cbc:CreditedQuantity", NAMESPACES)
    base = element.find("cac:Price/cbc:BaseQuantity", NAMESPACES)
    item = element.find("cac:Item", NAMESPACES)
    line = _values(element, LINE) | _adjustments(element)
    line |= {
        "object_identifier": _identifier(element, "cac:DocumentReference/cbc:ID"),
        "quantity": None if quantity is None else READERS["quantity"](quantity),
        "unit": None if quantity is None else quantity.get("unitCode"),
        "price_base_unit": None if base is None else base.get("unitCode"),
        "period": _object(element, "cac:InvoicePeriod", PERIOD),
    }
    if item is not None:
        line |= {
            "standard_item_id": _identifier(item, "cac:StandardItemIdentification/cbc:ID"),
            "classifications": [
                {"code": code.text or "", "scheme": code.get("listID"), "version": code.get("listVersionID")}
                for code in _all(item, "cac:CommodityClassification/cbc:ItemClassificationCode")
            ],
            "attributes": [
                {"name": name, "value": value}
                for pair in _all(item, "cac:AdditionalItemProperty")
                if (name := _text(pair, "cbc:Name")) and (value := _text(pair, "cbc:Value"))
            ],
        }
    return line


def _all(owner: etree._Element, path: str) -> list[etree._Element]:
    return owner.findall(path, NAMESPACES)


def _value(owner: etree._Element, column: str) -> Any:
    """The first value at a path, which a kind of value may precede."""
    kind, _, path = column.rpartition(" ")
    reader: Callable[[etree._Element], Any] = READERS[kind or "text"]
    found = owner.find(path, NAMESPACES)
    return None if found is None else reader(found)


def _text(owner: etree._Element, path: str) -> str | None:
    found: str | None = _value(owner, path)
    return found


def _values(owner: etree._Element, fields: Fields) -> Values:
    found = ((name, _value(owner, column)) for name, column in fields.items())
    return {name: value for name, value in found if value is not None}


def _object(owner: etree._Element, path: str, fields: Fields) -> Values | None:
    return next((values for values in _each(owner, path, fields)), None)


def _objects(owner: etree._Element, path: str, fields: Fields, required: str | None = None) -> list[Values]:
    return [values for values in _each(owner, path, fields) if required is None or required in values]


def _each(owner: etree._Element, path: str, fields: Fields) -> Iterator[Values]:
    return (values for item in _all(owner, path) if (values := _values(item, fields)))


def _identifier(owner: etree._Element, path: str) -> Values | None:
    found = owner.find(path, NAMESPACES)
    value = _verbatim(found)
    return None if found is None or value is None else {"value": value, "scheme": found.get("schemeID")}


def _verbatim(element: etree._Element | None) -> str | None:
    """The text with its blanks; None where there is nothing but blanks."""
    text = element.text if element is not None else None
    return text if text and text.strip() else None
