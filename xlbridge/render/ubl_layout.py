"""Where UBL 2.1 keeps the fields of the invoice: field of the model = kind of value (text where none is said) and path of the element.

Source: EN 16931-3-2 (syntax binding of UBL 2.1). What a path cannot say is in `ubl_reader`.
"""

from __future__ import annotations

from collections.abc import Mapping

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
NAMESPACES = {"cac": f"{UBL}CommonAggregateComponents-2", "cbc": f"{UBL}CommonBasicComponents-2"}
ROOTS = {f"{{{UBL}{name}-2}}{name}": name for name in ("Invoice", "CreditNote")}

Fields = Mapping[str, str]

INVOICE: Fields = {
    "number": "cbc:ID",
    "issue_date": "date cbc:IssueDate",
    "currency": "cbc:DocumentCurrencyCode",
    "vat_currency": "cbc:TaxCurrencyCode",
    "vat_point_date": "date cbc:TaxPointDate",
    "buyer_reference": "cbc:BuyerReference",
    "contract_reference": "cac:ContractDocumentReference/cbc:ID",
    "order_reference": "cac:OrderReference/cbc:ID",
    "sales_order_reference": "cac:OrderReference/cbc:SalesOrderID",
    "receipt_reference": "cac:ReceiptDocumentReference/cbc:ID",
    "despatch_reference": "cac:DespatchDocumentReference/cbc:ID",
    "tender_reference": "cac:OriginatorDocumentReference/cbc:ID",
    "accounting_reference": "cbc:AccountingCost",
    "payment_terms": "cac:PaymentTerms/cbc:Note",
    "business_process": "cbc:ProfileID",
    "specification": "cbc:CustomizationID",
}
ADDRESS: Fields = {
    "line1": "cbc:StreetName",
    "line2": "cbc:AdditionalStreetName",
    "line3": "cac:AddressLine/cbc:Line",
    "city": "cbc:CityName",
    "postcode": "cbc:PostalZone",
    "subdivision": "cbc:CountrySubentity",
    "country": "cac:Country/cbc:IdentificationCode",
}
CONTACT: Fields = {"name": "cbc:Name", "telephone": "cbc:Telephone", "email": "cbc:ElectronicMail"}
PERIOD: Fields = {"start": "date cbc:StartDate", "end": "date cbc:EndDate"}
ALLOWANCE: Fields = {
    "amount": "amount cbc:Amount",
    "base": "amount cbc:BaseAmount",
    "percent": "percent cbc:MultiplierFactorNumeric",
    "vat_category": "cac:TaxCategory/cbc:ID",
    "vat_rate": "percent cac:TaxCategory/cbc:Percent",
    "reason": "cbc:AllowanceChargeReason",
    "reason_code": "cbc:AllowanceChargeReasonCode",
}
TOTALS: Fields = {
    "line_net": "amount cbc:LineExtensionAmount",
    "allowances": "amount cbc:AllowanceTotalAmount",
    "charges": "amount cbc:ChargeTotalAmount",
    "net": "amount cbc:TaxExclusiveAmount",
    "gross": "amount cbc:TaxInclusiveAmount",
    "prepaid": "amount cbc:PrepaidAmount",
    "rounding": "amount cbc:PayableRoundingAmount",
    "due": "amount cbc:PayableAmount",
}
SUBTOTAL: Fields = {
    "category": "cac:TaxCategory/cbc:ID",
    "rate": "percent cac:TaxCategory/cbc:Percent",
    "base": "amount cbc:TaxableAmount",
    "amount": "amount cbc:TaxAmount",
    "reason": "cac:TaxCategory/cbc:TaxExemptionReason",
    "reason_code": "cac:TaxCategory/cbc:TaxExemptionReasonCode",
}
PAYMENT: Fields = {
    "means_code": "cbc:PaymentMeansCode",
    "remittance": "cbc:PaymentID",
    "card_number": "cac:CardAccount/cbc:PrimaryAccountNumberID",
    "card_holder": "cac:CardAccount/cbc:HolderName",
    "mandate": "cac:PaymentMandate/cbc:ID",
    "debited_iban": "cac:PaymentMandate/cac:PayerFinancialAccount/cbc:ID",
}
ACCOUNT: Fields = {"iban": "cbc:ID", "name": "cbc:Name", "bic": "cac:FinancialInstitutionBranch/cbc:ID"}
PRECEDING: Fields = {"number": "cbc:ID", "issue_date": "date cbc:IssueDate", "type_code": "cbc:DocumentTypeCode"}
SUPPORTING: Fields = {
    "reference": "cbc:ID",
    "description": "cbc:DocumentDescription",
    "location": "cac:Attachment/cac:ExternalReference/cbc:URI",
    "content": "binary cac:Attachment/cbc:EmbeddedDocumentBinaryObject",
}
LINE: Fields = {
    "identifier": "cbc:ID",
    "note": "cbc:Note",
    "net_amount": "amount cbc:LineExtensionAmount",
    "order_line_reference": "cac:OrderLineReference/cbc:LineID",
    "accounting_reference": "cbc:AccountingCost",
    "unit_price": "price cac:Price/cbc:PriceAmount",
    "price_discount": "price cac:Price/cac:AllowanceCharge/cbc:Amount",
    "gross_price": "price cac:Price/cac:AllowanceCharge/cbc:BaseAmount",
    "price_base_quantity": "quantity cac:Price/cbc:BaseQuantity",
    "vat_category": "cac:Item/cac:ClassifiedTaxCategory/cbc:ID",
    "vat_rate": "percent cac:Item/cac:ClassifiedTaxCategory/cbc:Percent",
    "name": "cac:Item/cbc:Name",
    "description": "cac:Item/cbc:Description",
    "seller_item_id": "cac:Item/cac:SellersItemIdentification/cbc:ID",
    "buyer_item_id": "cac:Item/cac:BuyersItemIdentification/cbc:ID",
    "origin_country": "cac:Item/cac:OriginCountry/cbc:IdentificationCode",
}
