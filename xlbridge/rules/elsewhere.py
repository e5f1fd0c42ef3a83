"""The remedy in somebody else's invoice, which has no sheet, no columns and no settings: « dans la facture » instead.

>>> in_invoice("corrigez-le dans la feuille, ou dans la liste des clients (--clients).")
'corrigez-le dans la facture.'
>>> in_invoice("écrivez le numéro et la date de la facture d’origine (colonne « Facture d’origine »).")
'écrivez le numéro et la date de la facture d’origine.'
"""

from __future__ import annotations

import re
from functools import lru_cache

INVOICE = "dans la facture"
# What a remedy says to the owner of a workbook, and what it says to the reader of an e-invoice; in this order.
WORDS = (
    ("dans la feuille, ou dans le fichier entreprise.toml placé à côté du classeur (banque)", INVOICE),
    ("dans la feuille, ou dans le fichier entreprise.toml placé à côté du classeur", INVOICE),
    ("dans la feuille, ou dans la liste des clients (--clients)", INVOICE),
    ("dans la feuille, ou dans la liste des clients (colonne « SIREN »)", INVOICE),
    ("dans la feuille ou sous [mentions] dans entreprise.toml", INVOICE),
    ("dans « Entreprise » ou dans entreprise.toml", INVOICE),
    (", ou « exigibilite » dans « Entreprise » ou entreprise.toml", ""),
    ("dans la fiche du client", INVOICE),
    ("la fonction ARRONDI(…;2) de la feuille", "un arrondi de chaque montant au centime"),
    (" (fonction ARRONDI(…;2))", ""),
    (" (fonction ARRONDI)", ""),
    ("effacez le numéro de la feuille", "effacez les autres de la facture"),
    ("choisissez le motif dans la liste de la colonne « Motif d’exonération » : son code s’écrit avec lui", "écrivez ce code avec lui"),
    ("choisissez le motif dans la liste de la colonne « Motif d’exonération », ou écrivez-le", "écrivez un code de la liste, ou le motif"),
    ("rien d’obligatoire dans la feuille : il est écrit en positif dans la facture électronique", "écrivez-le en positif dans la facture"),
    (", ou renommez la colonne « TTC »", ""),
    ("vérifiez la colonne, ou la formule, d’où vient le montant de TVA", "vérifiez le montant de TVA"),
    ("la colonne ou la cellule du total TTC ne contient pas la TVA, et qu’elle", "le total TTC n’est pas la TVA, et qu’il"),
    ("inversée avec", "inversé avec"),
    ("une remise s’écrit dans sa colonne", "une remise s’écrit à sa place"),
    ("non dans la colonne de TVA", "non en TVA"),
    ("dans la feuille", INVOICE),
    ("votre avis de situation (avis-situation-sirene.insee.fr)", "l’Annuaire des entreprises (annuaire-entreprises.data.gouv.fr)"),
    ("sur vos documents fiscaux", "dans le service VIES de la Commission européenne (ec.europa.eu/taxation_customs/vies)"),
    ("depuis votre relevé d’identité bancaire", "depuis le relevé d’identité bancaire de son titulaire"),
    ("votre IBAN", "l’IBAN du vendeur"),
    ("votre identifiant de créancier", "l’identifiant de créancier du vendeur"),
)  # fmt: skip
COLUMN = re.compile(r" \(colonne « [^»]+ »\)")
IN_COLUMN = re.compile(r"dans la colonne « [^»]+ »(?: \(ou « [^»]+ »\))?")


@lru_cache(maxsize=512)
def in_invoice(remedy: str) -> str:
    """`remedy` for an invoice that is no workbook of the user's."""
    for own, others in WORDS:
        remedy = remedy.replace(own, others)
    return IN_COLUMN.sub(INVOICE, COLUMN.sub("", remedy))
