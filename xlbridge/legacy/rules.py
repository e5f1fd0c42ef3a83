"""What reading an unknown sheet may have to say (family LEC). A value that is not certain is left empty and named here."""

from __future__ import annotations

from xlbridge.causes import SUMS
from xlbridge.findings import Rule, Severity

WARNING, NOTE = Severity.WARNING, Severity.NOTE

ROW_WITHOUT_NUMBER = Rule(
    "LEC-020", WARNING, "Ligne sans numéro de facture",
    "{count} ligne(s) portent un montant sans numéro de facture : {rows}. Elles n’ont pas été lues comme des factures.",
    "inscrivez leur numéro, ou retirez ces lignes du registre.",
)  # fmt: skip
SINGLE_AMOUNT = Rule(
    "LEC-021", NOTE, "Montant HT ou TTC",
    "La colonne « {header} » ne dit pas si ses montants sont hors taxes ou toutes taxes comprises ; ils ont été lus comme {reading}.",
    "renommez la colonne « Montant HT » ou « Montant TTC » et ajoutez la TVA.",
)  # fmt: skip
VOLATILE_DATE = Rule(
    "LEC-022", WARNING, "Date calculée du jour",
    "La date est la formule « {formula} » : elle change chaque jour et ne prouve pas la date de la facture.",
    "remplacez la formule par la date d’émission, saisie au clavier.",
)  # fmt: skip
UNSURE_DATE = Rule(
    "LEC-023", WARNING, "Date illisible ou ambiguë",
    "« {text} » ne se lit pas comme une seule date certaine ; le champ est laissé vide.",
    "écrivez la date sous la forme jj/mm/aaaa dans une cellule au format date.",
)  # fmt: skip
NO_VALUE = Rule(
    "LEC-024", WARNING, "Cellule en erreur ou non calculée",
    "La cellule ne donne pas de valeur ({reason}) ; le champ est laissé vide.",
    "ouvrez le classeur, corrigez ou recalculez la formule, puis enregistrez.",
)  # fmt: skip
CREDIT_NOTE_BY_SIGN = Rule(
    "LEC-025", WARNING, "Avoir deviné au signe",
    "Le montant est négatif et rien ne dit « avoir » : le document a été lu comme un avoir.",
    "indiquez le type « Avoir » et la facture d’origine.",
)  # fmt: skip
CREDIT_NOTE_BY_TEXT = Rule(
    "LEC-026", NOTE, "Avoir reconnu au texte",
    "Le texte « {text} » désigne un avoir ; la colonne des numéros est celle des factures.",
    "vérifiez la facture d’origine et le signe du montant.",
)  # fmt: skip
REPEATED_ROW = Rule(
    "LEC-027", WARNING, "Ligne répétée",
    "La ligne {row} répète exactement la ligne {first} et contredit le total de la facture ; elle n’a pas été comptée.",
    "supprimez la ligne en double, ou corrigez le total.",
)  # fmt: skip
UNREADABLE_NUMBER = Rule(
    "LEC-028", WARNING, "Nombre illisible",
    "« {text} » ne se lit pas comme un nombre certain ; le champ est laissé vide.",
    "écrivez un nombre, sans texte, dans la cellule.",
)  # fmt: skip
DRAFT = Rule(
    "LEC-029", WARNING, "Document non émis ou annulé",
    "Le registre donne à ce document l’état « {status} ».",
    "vérifiez qu’il a bien été émis avant de le convertir.",
)  # fmt: skip
PARTY_BY_PLACE = Rule(
    "LEC-030", WARNING, "Partie reconnue à sa place",
    "Aucune étiquette n’annonce {party} ; le bloc « {text} » a été pris d’après sa place dans la page.",
    "écrivez « Client : » au-dessus du bloc du client.",
)  # fmt: skip
DOUBLE_TITLE = Rule(
    "LEC-031", WARNING, "Type de document ambigu",
    "Le titre « {text} » désigne une facture et un autre document à la fois ; il a été lu comme une facture.",
    "vérifiez qu’il s’agit d’une facture émise et gardez un seul titre.",
)  # fmt: skip
CURRENCY_BY_SYMBOL = Rule(
    "LEC-032", WARNING, "Devise déduite du symbole",
    "La devise n’est connue que par le symbole « {symbol} », lu comme {currency}.",
    "écrivez le code de la devise (EUR, USD, CAD…).",
)  # fmt: skip
ORPHAN_LINES = Rule(
    "LEC-034", WARNING, "Lignes sans facture",
    "{count} ligne(s) renvoient à la facture « {number} », qui n’existe pas : {rows}.",
    "rattachez ces lignes à une facture, ou retirez-les.",
)  # fmt: skip
NEGATIVE_LINES = Rule(
    "LEC-035", WARNING, "Lignes négatives",
    "La facture porte {count} ligne(s) négative(s) (retours ?) : une facture émise ne se modifie pas.",
    "établissez un avoir pour les retours.",
)  # fmt: skip
IN_PAGE_FOOTER = Rule(
    "LEC-036", NOTE, "Identité en en-tête ou pied de page",
    "L’identité du vendeur ne se trouve que dans l’en-tête ou le pied de page : « {text} ».",
    "recopiez-la dans des cellules, ou dans le fichier entreprise.toml.",
)  # fmt: skip
AMOUNTS_DISAGREE = Rule(
    "LEC-037", WARNING, "Montants qui ne concordent pas",
    "Les montants lus ne concordent pas : {detail}.",
    "vérifiez les totaux du document et les titres des colonnes.", follows=SUMS,
)  # fmt: skip
IMPLAUSIBLE_AMOUNTS = Rule(
    "LEC-038", WARNING, "Montants impossibles",
    "HT {net}, TVA {vat}, TTC {gross} ne peuvent pas aller ensemble ; TVA et TTC sont laissés vides.",
    "vérifiez que chaque colonne contient bien ce qu’annonce son titre.",
)  # fmt: skip
PLACEHOLDER = Rule(
    "LEC-039", NOTE, "Texte de modèle",
    "« {text} » est un texte de modèle, non une donnée ; le champ est laissé vide.",
    "remplacez-le par la vraie valeur.",
)  # fmt: skip
COMPANION = Rule(
    "LEC-080", NOTE, "Fichier compagnon",
    "Les factures et leurs lignes sont dans deux tableaux, joints par « {key} » : {other}.",
    "gardez les deux ensemble.",
)  # fmt: skip
NEEDS_COMPANION = Rule(
    "LEC-081", WARNING, "Tableau incomplet",
    "Le tableau {has} mais {lacks}.",
    "lisez-le avec le tableau qui le complète, dans le même dossier.",
)  # fmt: skip
LOCAL_TAX = Rule(
    "LEC-082", WARNING, "Taxe qui n’est pas la TVA",
    "« {text} » ({amount}) s’ajoute au total sans être de la TVA.",
    "vérifiez comment cette taxe doit figurer ; la conversion ne sait pas la placer.",
)  # fmt: skip
SHORT_POSTCODE = Rule(
    "LEC-092", WARNING, "Code postal à quatre chiffres",
    "« {text} » est un nombre de quatre chiffres : un code postal français a pu perdre son zéro.",
    "mettez la colonne au format texte et écrivez le code entier, ou indiquez le pays.",
)  # fmt: skip
SEVERAL_VALUES = Rule(
    "LEC-093", WARNING, "Lignes contradictoires",
    "Les lignes de la facture « {number} » ne s’accordent pas : {values}. La première valeur a été lue.",
    "séparez les factures, ou corrigez leurs numéros.",
)  # fmt: skip
OTHER_ROWS = Rule(
    "LEC-096", WARNING, "Lignes qui ne sont pas des factures",
    "{count} ligne(s) disent être un devis, un bon ou un achat ({rows}) ; elles n’ont pas été lues comme des factures.",
    "vérifiez la colonne du type, ou séparez ces documents.",
)  # fmt: skip
NUMBER_AS_DATE = Rule(
    "LEC-095", WARNING, "Numéro pris pour une date",
    "La cellule du numéro contient la date « {text} » : le tableur a pris le numéro pour une date ; le champ est laissé vide.",
    "mettez la cellule au format texte et retapez le numéro.",
)  # fmt: skip
RATE_OR_AMOUNT = Rule(
    "LEC-094", WARNING, "Taux ou montant de TVA",
    "« {header} » peut être lu comme un taux ou comme un montant ; le champ est laissé vide.",
    "renommez la colonne « Taux de TVA » ou « Montant TVA ».",
)  # fmt: skip
HIDDEN = Rule(
    "LEC-083", NOTE, "Données masquées",
    "{what} est masqué(e) dans le classeur ; son contenu a été lu.",
    "vérifiez que ces données doivent compter.",
)  # fmt: skip
NO_INVOICE = Rule(
    "LEC-018", NOTE, "Pas de facture dans ce fichier", "{sentence} Il n’y a rien à contrôler.",
    "donnez un classeur de factures émises ; dans un facturier, écrivez un brouillon dans « Factures » et ses lignes dans « Lignes ».",
)  # fmt: skip
