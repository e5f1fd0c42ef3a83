"""What reading our template may have to say of a document as a whole: codes LEC-040, LEC-041, LEC-049 and LEC-051 to LEC-059.

Those of single cells stand with their readers, in `template_cells` and `template_lines`.
"""

from __future__ import annotations

from xlbridge.causes import UNREAD
from xlbridge.findings import Rule, Severity

DRAFT = Rule(
    "LEC-040",
    Severity.NOTE,
    "Brouillon",
    "« {key} » est un brouillon : il n’a pas encore de numéro et ne peut pas être converti.",
    "« Émettre » lui donne son numéro et fait la facture.",
    "CGI, ann. II, art. 242 nonies A, I, 7°",
)
UNKNOWN_CLIENT = Rule(
    "LEC-041",
    Severity.BLOCKING,
    "Client inconnu",
    "Le code « {value} » n’est pas, ou est plusieurs fois, dans la feuille « Clients ».",
    "corrigez le code, ou ajoutez le client.",
)
NO_TOTALS = Rule(
    "LEC-051",
    Severity.WARNING,
    "Totaux non calculés",
    "Les totaux ne sont pas calculés, car il manque de quoi le faire : {what}.",
    "complétez ou corrigez : une ligne demande quantité, prix et TVA (ou motif d’exonération).",
    follows=(*UNREAD, "LEC-048", "FR-MNT-013"),
)
ORPHAN_LINES = Rule(
    "LEC-052",
    Severity.BLOCKING,
    "Lignes sans document",
    "{count} ligne(s) portent « {key} » (colonne « {column} »), qu’aucun document ne porte.",
    "corrigez cette colonne, ou effacez les lignes.",
)
SAME_KEY = Rule(
    "LEC-053",
    Severity.BLOCKING,
    "Le même repère deux fois",
    "« {key} » est porté par plusieurs documents de « {sheet} » : leurs lignes ne sont attribuées à aucun.",
    "donnez à chacun son repère, ici et sur ses lignes.",
)
OTHER_TOTAL = Rule(
    "LEC-054",
    Severity.WARNING,
    "Montant du registre différent",
    "Le registre dit {stated} (« {column} ») ; les lignes donnent {computed}.",
    "comparez avec le PDF émis, qui fait foi.",
)
FALSE_SETTING = Rule(
    "LEC-056",
    Severity.WARNING,
    "Valeur fausse dans la feuille « Entreprise »",
    "Feuille « Entreprise » : {fault}. La valeur n’est pas reprise{effect}.",
    "corrigez la cellule.",
)
VAT_NUMBER_TAKEN = Rule(
    "LEC-049",
    Severity.NOTE,
    "Numéro de TVA repris du SIREN",
    "Feuille « Entreprise » : le numéro de TVA est vide ; {number} est repris, qui découle du SIREN.",
    "comparez-le avec celui que le service des impôts vous a donné, et écrivez-le.",
    "CGI, ann. II, art. 242 nonies A, I, 2°",
)
UNKNOWN_TERMS = Rule(
    "LEC-057",
    Severity.WARNING,
    "Délai de paiement non compris",
    "Le délai « {value} » du client « {client} » n’est pas compris : l’échéance n’est pas calculée.",
    "écrivez un nombre de jours, « 30 jours fin de mois » ou « comptant », ou l’échéance sur la facture.",
    "C. com., art. L441-10",
)
NO_KEY = Rule(
    "LEC-058",
    Severity.BLOCKING,
    "Document sans repère",
    "La colonne « {column} » est vide : les lignes de ce document ne peuvent pas être trouvées.",
    "donnez-lui un repère, ici et sur ses lignes.",
)
UNKNOWN_ORIGIN = Rule(
    "LEC-059",
    Severity.NOTE,
    "Date de la facture d’origine inconnue",
    "La facture « {value} » n’est pas dans le registre de ce classeur : sa date n’est pas connue.",
    "écrivez par exemple « {value} du 12/03/2026 ».",
    "XP Z12-012, BR-FR-CO-04 et BR-FR-CO-05",
)
