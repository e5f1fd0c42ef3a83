"""The code lists of EN 16931 that the program reasons about; the whole lists are in the official rules, which judge them.

Type codes: UNTDID 1001 as the French reform keeps it (XP Z12-012, BR-FR-04). VAT categories: UNTDID 5305. Units: UN/ECE Rec. 20.
"""

from __future__ import annotations

from enum import StrEnum

INVOICE = "380"
CREDIT_NOTE = "381"
RECTIFYING = "384"
DEPOSIT = "386"
SELF_BILLED = frozenset({"389", "501", "500", "471", "473", "261", "502"})
CREDIT_NOTES = frozenset({"261", "262", "381", "396", "502", "503"})
RECTIFYING_INVOICES = frozenset({"384", "471", "472", "473"})
DEPOSITS = frozenset({"386", "500", "503"})

TITLES = {
    INVOICE: "Facture",
    CREDIT_NOTE: "Avoir",
    RECTIFYING: "Facture rectificative",
    DEPOSIT: "Facture d’acompte",
    "389": "Autofacture",
    "261": "Avoir d’autofacturation",
    "262": "Avoir de remise globale",
    "393": "Facture affacturée",
    "396": "Avoir affacturé",
    "471": "Autofacture rectificative",
    "472": "Facture rectificative affacturée",
    "473": "Autofacture rectificative affacturée",
    "500": "Autofacture d’acompte",
    "501": "Autofacture affacturée",
    "502": "Avoir d’autofacturation affacturé",
    "503": "Avoir sur acompte",
}


class VatCategory(StrEnum):
    """UNTDID 5305, the categories used in France (BR-FR-15)."""

    STANDARD = "S"
    ZERO = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    INTRA_EU = "K"
    EXPORT = "G"
    OUT_OF_SCOPE = "O"


SCHEME_SIREN = "0002"
SCHEME_SIRET = "0009"
SCHEME_DIRECTORY = "0225"

PIECE = "C62"
TRANSFER = "30"
ARCHIVE_ONLY = "ARCHIVEONLY"
