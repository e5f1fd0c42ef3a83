"""The EN 16931 invoice as frozen data; import the classes from here."""

from xlbridge.model.invoice import Delivery, Invoice, Note, PrecedingInvoice, SupportingDocument, Totals
from xlbridge.model.line import Classification, ItemAttribute, Line, Period
from xlbridge.model.party import Contact, Identifier, Party, PostalAddress
from xlbridge.model.payment import CreditAccount, Payment
from xlbridge.model.tax import AllowanceCharge, VatBreakdown

__all__ = [
    "AllowanceCharge",
    "Classification",
    "Contact",
    "CreditAccount",
    "Delivery",
    "Identifier",
    "Invoice",
    "ItemAttribute",
    "Line",
    "Note",
    "Party",
    "Payment",
    "Period",
    "PostalAddress",
    "PrecedingInvoice",
    "SupportingDocument",
    "Totals",
    "VatBreakdown",
]
