"""The numbers of invoices, compared with each other: what one invoice alone cannot show. `xlbridge.duplicates` looks for them.

Sources: CGI ann. II art. 242 nonies A, I, 7° (a unique number), CGI art. 283, 3 (the tax of an invoice is due), Code de commerce art.
L441-9 (the buyer's order number). The key of the reform: number (BT-1), year of the date (BT-2) and SIREN of the seller.
"""

from __future__ import annotations

from xlbridge.findings import Rule, Severity
from xlbridge.rules.catalogue import between_invoices

UNIQUE = "CGI, ann. II, art. 242 nonies A, I, 7°"
TWICE_DUE = "CGI, art. 283, 3"
EVERY = "Tous les documents : du classeur, des autres fichiers contrôlés en même temps, et du registre."
CHECK_TWIN = "comparez les deux documents"

DUPLICATE = between_invoices(
    Rule(
        "FR-NUM-001", Severity.BLOCKING, "Numéro en double", "Le numéro {number} est aussi celui du {place}{others}.",
        "si c’est le même document, ne gardez qu’un exemplaire ; sinon donnez un autre numéro à celui qui n’est pas encore émis, ou "
        "annulez-le par un avoir et refacturez s’il l’est.", f"{UNIQUE} ; réforme : unicité du numéro, de l’année et du SIREN",
    ),
    concerns=EVERY,
    why="Un numéro ne sert qu’une fois. La plateforme refuse un document qui a le numéro, l’année et le vendeur d’un autre (« DOUBLON »).",
)  # fmt: skip
SAME_CONTENT = between_invoices(
    Rule(
        "FR-NUM-011", Severity.WARNING, "Même contenu sous un autre numéro", "Même contenu que le {place} : {reason}.",
        f"{CHECK_TWIN} ; si la vente n’a eu lieu qu’une fois, annulez l’un des deux par un avoir (ou supprimez-le s’il n’est pas émis).",
        TWICE_DUE,
    ),
    concerns=f"{EVERY} Mêmes lignes, même client, même commande, mêmes lieu et période (à défaut, même date).",
    why="Une vente facturée deux fois est payée deux fois, et la TVA facturée est due deux fois.",
)  # fmt: skip
SAME_AMOUNT = between_invoices(
    Rule(
        "FR-NUM-012", Severity.WARNING, "Même client et même montant", "Même client et même montant que le {place} : {reason}.",
        f"{CHECK_TWIN} ; si ce sont deux ventes, il n’y a rien à changer.", TWICE_DUE,
    ),
    concerns=f"{EVERY} Un rythme régulier (abonnement, passage hebdomadaire) n’est pas signalé, ni ce qu’un avoir explique.",
    why="Deux factures du même montant au même client à quelques jours l’une de l’autre sont souvent la même, saisie deux fois.",
)  # fmt: skip
LIKE_NUMBER = between_invoices(
    Rule(
        "FR-NUM-013", Severity.WARNING, "Numéro presque identique", "Le numéro {number} ressemble à celui du {place} : {reason}.",
        f"{CHECK_TWIN} ; corrigez le numéro mal saisi, ou annulez par un avoir ce qui est facturé deux fois.", UNIQUE,
    ),
    concerns=f"{EVERY} Deux numéros qui se suivent ne se ressemblent pas : un seul caractère ne compte que si client, montant et date "
    "s’accordent.",
    why="Casse, espaces, zéros de tête ou un caractère changé cachent un numéro en double à qui compare les textes.",
)  # fmt: skip
SAME_ORDER = between_invoices(
    Rule(
        "FR-NUM-014", Severity.WARNING, "Commande facturée deux fois", "Même commande et même montant que le {place} : {reason}.",
        f"{CHECK_TWIN} ; si la commande n’a été livrée qu’une fois, annulez l’un des deux par un avoir.",
        f"{TWICE_DUE} ; Code de commerce, art. L441-9",
    ),
    concerns=f"{EVERY} Acomptes, factures partielles d’autres montants et échéances régulières ne sont pas signalés.",
    why="Le client refuse la seconde facture d’une commande qu’il a déjà payée.",
)  # fmt: skip
