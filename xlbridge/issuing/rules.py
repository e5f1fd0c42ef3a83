"""What issuing itself has to say of a draft, beside the French and the official rules."""

from __future__ import annotations

from xlbridge.findings import Rule, Severity

NUMBERING = "CGI, ann. II, art. 242 nonies A, I, 7° ; BOI-TVA-DECLA-30-20-20-10, § 70 à 130"
CORRECTIONS = "CGI, art. 289, I-5 ; BOI-TVA-DECLA-30-20-20-20, § 180 à 270"

BEFORE_THE_LAST = Rule(
    "FR-NUM-002", Severity.BLOCKING, "Date antérieure à la dernière facture",
    "Le document est daté du {day}, et {last_number}, la dernière de la série, du {last_day}.",
    "datez-le du {last_day} ou après : les numéros suivent l’ordre des dates.", NUMBERING,
)  # fmt: skip
NUMBER_TAKEN = Rule(
    "FR-NUM-001", Severity.BLOCKING, "Numéro déjà utilisé",
    "Le numéro {number} que donnerait la série « {series} » est déjà dans le registre.",
    "créez une série dont les numéros ne rencontrent pas ceux du registre (xlbridge ledger series add).", NUMBERING,
)  # fmt: skip
ALREADY_ISSUED = Rule(
    "REG-101", Severity.BLOCKING, "Brouillon déjà émis",
    "Le brouillon {draft} a déjà été émis, avec le même contenu, sous le numéro {number} du {day}.",
    "effacez ce brouillon ; s’il s’agit d’une autre vente, donnez-lui un autre repère. Une erreur se corrige par un avoir.", NUMBERING,
)  # fmt: skip
NO_LINES = Rule(
    "REG-102", Severity.BLOCKING, "Document sans lignes", "Le brouillon n’a aucune ligne.", "ajoutez ses lignes dans « Lignes ».",
    "CGI, ann. II, art. 242 nonies A, I, 8°",
)  # fmt: skip
OTHER_SELLER = Rule(
    "REG-103", Severity.BLOCKING, "Un autre vendeur que celui du registre",
    "Le vendeur du document ({seller}) n’est pas celui du registre ({owner}).", "donnez par --ledger le registre de ce vendeur.", NUMBERING,
)  # fmt: skip
CREDIT_TOO_LARGE = Rule(
    "REG-104", Severity.BLOCKING, "Avoir supérieur au reste",
    "L’avoir est de {credit}, et il ne reste que {left} à créditer sur {originals}.", "réduisez l’avoir.", CORRECTIONS,
)  # fmt: skip
UNKNOWN_ORIGINAL = Rule(
    "REG-105", Severity.WARNING, "Facture d’origine hors du registre",
    "{number} n’est pas dans ce registre : ce qu’il en reste à créditer n’est pas vérifié.",
    "vérifiez le numéro, ou reprenez l’ancien registre (xlbridge ledger import).", CORRECTIONS,
)  # fmt: skip
MISSPELT_ORIGINAL = Rule(
    "REG-110", Severity.BLOCKING, "Facture d’origine mal écrite", "{number} n’est pas dans ce registre ; {meant} y est.",
    "écrivez le numéro de la facture d’origine exactement comme sur elle.", CORRECTIONS,
)  # fmt: skip
NO_ORIGINAL = Rule(
    "REG-111", Severity.BLOCKING, "Ce n’est pas une facture à corriger", "{number} est {kind} : il n’y a rien à y créditer.",
    "écrivez le numéro de la facture ; un avoir fait à tort se corrige par une nouvelle facture.", CORRECTIONS,
)  # fmt: skip
OTHER_BUYER = Rule(
    "REG-112", Severity.WARNING, "Facture d’origine d’un autre client", "{number} a été faite à un autre client ({buyer}).",
    "vérifiez le numéro de la facture d’origine, et le client.", CORRECTIONS,
)  # fmt: skip
PARTLY_UNKNOWN = Rule(
    "REG-113", Severity.BLOCKING, "Avoir supérieur au reste connu",
    "L’avoir est de {credit} ; il ne reste que {left} à créditer sur {originals}, et la part de {unknown}, hors du registre, est inconnue.",
    "faites un avoir par facture d’origine, ou reprenez l’ancien registre (xlbridge ledger import).", CORRECTIONS,
)  # fmt: skip
NO_SERIES = Rule("REG-106", Severity.BLOCKING, "Pas de série de numéros", "{message}", "{remedy}", NUMBERING)
TOO_LONG = Rule(
    "REG-107", Severity.BLOCKING, "Numéro trop long", "La série « {series} » en est à « {number} », qui dépasse 20 caractères.",
    "créez une série plus courte (xlbridge ledger series add).", "XP Z12-012, BR-FR-01",
)  # fmt: skip
CANNOT_WRITE = Rule("REG-108", Severity.BLOCKING, "Document impossible à écrire", "{message}", "{remedy}")
NOT_CHECKED = Rule(
    "REG-109", Severity.BLOCKING, "Contrôle non fait", "Le document n’a pas pu être contrôlé : {message}",
    "relancez la commande ; un document non contrôlé n’est pas émis.",
)  # fmt: skip
"""A check that did not run is never a pass: the document is refused."""
