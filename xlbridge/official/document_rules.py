"""The DOC findings: what is to be said of a file, its profile and its container, beside the official rules."""

from __future__ import annotations

from xlbridge.findings import Rule, Severity

CONTAINER_LAW = "Factur-X 1.09, conteneur PDF/A-3"

UNREADABLE = Rule("DOC-201", Severity.WARNING, "Fichier illisible", "{reason}", "{remedy}")
DID_NOT_RUN = Rule(
    "DOC-202", Severity.WARNING, "Contrôle non effectué", "Le contrôle « {check} » n’a pas pu être fait : {reason}", "{remedy}"
)
NO_INVOICE = Rule(
    "DOC-203",
    Severity.WARNING,
    "Document inconnu",
    "Le XML « {root} » n’est ni une facture CII (CrossIndustryInvoice) ni une facture UBL.",
    "aucune règle officielle n’a été contrôlée ; demandez à l’émetteur une facture UBL, CII ou Factur-X.",
)
NO_RULES = Rule(
    "DOC-204",
    Severity.WARNING,
    "Profil sans règles",
    "Le profil « {specification} » (BT-24) n’a pas de règles officielles ici : la facture n’est pas contrôlée.",
    "demandez à l’émetteur une facture EN 16931, Factur-X ou EXTENDED-CTC-FR actuelle.",
    "EN 16931, BT-24",
)
NO_SPECIFICATION = Rule(
    "DOC-205",
    Severity.BLOCKING,
    "Profil absent",
    "La facture ne dit pas à quelle norme elle obéit (BT-24).",
    "le logiciel émetteur doit écrire BT-24.",
    "EN 16931, BR-01",
)
OBSOLETE = Rule(
    "DOC-206",
    Severity.WARNING,
    "Profil périmé",
    "BT-24 porte un identifiant périmé, « {specification} » ; la facture est jugée comme {profile}.",
    "le logiciel émetteur doit écrire « {current} ».",
    "Factur-X 1.09, BT-24",
)
OTHER_USAGE = Rule(
    "DOC-207",
    Severity.NOTE,
    "Spécification d’usage",
    "Seules les règles communes d’EN 16931 ont été contrôlées, pas celles propres à « {specification} ».",
    "contrôlez-les avec l’outil de ceux qui ont publié cette spécification.",
    "EN 16931, BT-24",
)
REFUSED_PROFILE = Rule(
    "DOC-208",
    Severity.BLOCKING,
    "Profil refusé en France",
    "Le profil MINIMUM n’est pas une facture : la réforme française le refuse.",
    "émettez la facture en EN 16931.",
    "XP Z12-012 ; CGI, ann. IV, art. 41 septies C",
)
UNSUPPORTED_PROFILE = Rule(
    "DOC-209",
    Severity.WARNING,
    "Profil non prévu en France",
    "Le profil BASIC n’est pas de ceux de la réforme française.",
    "émettez la facture en EN 16931.",
    "XP Z12-012 ; CGI, ann. IV, art. 41 septies C",
)
NO_XML = Rule(
    "DOC-101",
    Severity.BLOCKING,
    "PDF sans facture électronique",
    "Le PDF ne contient pas de fichier factur-x.xml : ce n’est pas un Factur-X.",
    "demandez à l’émetteur le Factur-X, ou produisez-le avec « xlbridge convert ».",
    CONTAINER_LAW,
)
WRONG_NAME = Rule(
    "DOC-102",
    Severity.BLOCKING,
    "Nom de la pièce XML",
    "La facture est jointe sous le nom « {name} » au lieu de « factur-x.xml ».",
    "le logiciel émetteur doit la joindre sous le nom exact factur-x.xml.",
    CONTAINER_LAW,
)
NO_RELATIONSHIP = Rule(
    "DOC-103",
    Severity.BLOCKING,
    "Lien de la pièce XML",
    "La pièce factur-x.xml n’est pas liée au document ({missing} manque).",
    "le logiciel émetteur doit la lier au document (/AF et /AFRelationship).",
    "ISO 19005-3, 6.8",
)
RELATIONSHIP = Rule(
    "DOC-104",
    Severity.WARNING,
    "Lien de la pièce XML",
    "AFRelationship vaut « {found} » ; le profil {profile} s’écrit avec « {expected} ».",
    "rien d’urgent : certains lecteurs peuvent avertir.",
    CONTAINER_LAW,
)
NO_XMP = Rule(
    "DOC-105",
    Severity.BLOCKING,
    "Métadonnées Factur-X",
    "Les métadonnées XMP du PDF ne déclarent pas de Factur-X ({missing}).",
    "le logiciel émetteur doit écrire DocumentType, DocumentFileName, Version et ConformanceLevel.",
    CONTAINER_LAW,
)
XMP_LEVEL = Rule(
    "DOC-106",
    Severity.BLOCKING,
    "Niveau annoncé",
    "Le PDF annonce le niveau « {found} », mais sa facture est du profil {profile} (« {expected} »).",
    "le logiciel émetteur doit annoncer dans le PDF le profil de la facture.",
    CONTAINER_LAW,
)
XMP_NAME = Rule(
    "DOC-107",
    Severity.BLOCKING,
    "Nom annoncé",
    "Le PDF annonce la facture sous le nom « {found} » au lieu de « factur-x.xml ».",
    "le logiciel émetteur doit annoncer le nom exact factur-x.xml.",
    CONTAINER_LAW,
)
ENCRYPTED = Rule(
    "DOC-108",
    Severity.BLOCKING,
    "PDF chiffré",
    "Le PDF est chiffré, ce que PDF/A-3 interdit.",
    "demandez à l’émetteur un PDF sans protection.",
    "ISO 19005-3, 6.1.3",
)
SPACING = Rule(
    "DOC-109",
    Severity.WARNING,
    "Niveau annoncé",
    "Le PDF annonce le niveau « {found} », qui s’écrit « {expected} ».",
    "rien d’urgent : certains lecteurs peuvent avertir.",
    CONTAINER_LAW,
)
NOT_CII = Rule(
    "DOC-110",
    Severity.BLOCKING,
    "Syntaxe de la pièce XML",
    "La pièce XML du PDF est un « {root} » UBL ; un Factur-X porte une facture CII.",
    "le logiciel émetteur doit y joindre la facture en CII.",
    CONTAINER_LAW,
)
NO_OUTPUT_INTENT = Rule(
    "DOC-111",
    Severity.WARNING,
    "Profil de couleur absent",
    "Le PDF n’a pas de profil de couleur (OutputIntents), qu’une page en couleurs ou en gris ordinaires doit avoir.",
    "le logiciel émetteur doit joindre un profil, comme sRGB ; « validate --strict » dit si le PDF est un PDF/A-3.",
    "ISO 19005-3, 6.2.4",
)
