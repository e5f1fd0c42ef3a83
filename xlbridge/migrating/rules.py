"""What a migration may have to say (family REP, « reprise »): what stays out of the new workbook, what was joined, what is not certain."""

from __future__ import annotations

from xlbridge.findings import Rule, Severity

WARNING, NOTE = Severity.WARNING, Severity.NOTE

LEFT_OUT = Rule(
    "REP-001", WARNING, "Document hors de « Registre »", "{number} n’entre pas dans la feuille « Registre » : {reason}.",
    "gardez l’ancien classeur : ce document n’est que là, et dans le registre scellé si la reprise l’y a mis.",
)  # fmt: skip
SAME_NUMBER = Rule(
    "REP-002", WARNING, "Numéro de plusieurs documents",
    "{number} est le numéro de {count} documents ({places}) : aucun n’entre dans « Registre », dont les lignes suivent le numéro.",
    "vérifiez s’il s’agit du même document ; gardez l’ancien classeur.",
)  # fmt: skip
OTHER_SELLER = Rule(
    "REP-003", WARNING, "Document d’un autre vendeur", "{number} est du vendeur « {seller} », non de « {company} » : il n’est pas repris.",
    "reprenez-le dans le classeur de ce vendeur.",
)  # fmt: skip
TWIN = Rule(
    "REP-004", NOTE, "Document présent dans plusieurs fichiers",
    "{number} est aussi dans {other} : il n’est repris qu’une fois, de là{alone}.",
)  # fmt: skip
SUMMARY = Rule(
    "REP-005", NOTE, "Documents sans lignes",
    "{count} document(s) de {file} n’ont aucune ligne, dont {first} : « Registre lignes » porte leur montant HT par taux.",
    "rien : le détail est sur les originaux.",
)  # fmt: skip
NO_COLUMN = Rule(
    "REP-006", NOTE, "Valeurs sans place dans le classeur",
    "{count} document(s), « {what} » : l’ancien classeur dit {example} ; le nouveau, {new}.",
    "gardez l’ancien classeur ; le registre scellé a ce qu’il disait, si la reprise l’y a mis.",
)  # fmt: skip
FILE_REFUSED = Rule("REP-007", NOTE, "Fichier sans facture", "{file} : {reason}", "rien, si c’est exact.")
CLIENT_MOVED = Rule(
    "REP-010", WARNING, "Coordonnées de client changées",
    "Client « {client} », {what} : « {new} », qui est la plus récente, est reprise ; avant : « {old} ».",
    "vérifiez la feuille « Clients ».",
)  # fmt: skip
CLIENT_CONFLICT = Rule(
    "REP-011", WARNING, "Valeurs contraires pour un client", "Client « {client} », {what} : {values}. La case reste vide.",
    "écrivez la bonne valeur dans la feuille « Clients ».",
)  # fmt: skip
CLIENT_UNSURE = Rule(
    "REP-012", WARNING, "Client à rapprocher",
    "« {client} » peut être l’un de {count} clients de ce nom : ses documents ont leur propre ligne dans « Clients ».",
    "choisissez, dans « Clients », la ligne qui servira aux prochaines factures.",
)  # fmt: skip
KIND_OPEN = Rule(
    "REP-019", NOTE, "Type de client à choisir", "Rien ne dit avec certitude si {count} client(s) sont des professionnels : {clients}.",
    "remplissez la colonne « Type » de « Clients » avant de leur facturer.",
)  # fmt: skip
ARTICLE_VARIES = Rule(
    "REP-013", NOTE, "Article aux valeurs variables", "Article « {article} », {what} : {values}. La case reste vide.",
    "écrivez dans « Articles » la valeur d’aujourd’hui.",
)  # fmt: skip
ARTICLE_CODE = Rule(
    "REP-014", WARNING, "Code d’article de plusieurs désignations", "Le code « {code} » désigne {values} : l’article n’est pas repris.",
    "donnez un code à chacun dans « Articles ».",
)  # fmt: skip
SELLER_CONFLICT = Rule(
    "REP-015", WARNING, "Valeurs contraires pour votre entreprise", "Entreprise, {what} : {values}. {taken}.",
    "vérifiez la feuille « Entreprise ».",
)  # fmt: skip
SELLER_FALSE = Rule(
    "REP-016", WARNING, "Valeur fausse pour votre entreprise", "Entreprise : {fault}. La valeur n’est pas reprise.",
    "corrigez-la dans la feuille « Entreprise ».",
)  # fmt: skip
SELLER_READ = Rule(
    "REP-017", WARNING, "Entreprise tirée des factures",
    "La feuille « Entreprise » est remplie d’après les factures ; il y manque : {missing}. Régime de TVA repris : {regime}.",
    "relisez cette feuille avant d’émettre, ou recommencez avec --company.",
)  # fmt: skip
NO_LEDGER = Rule(
    "REP-018", WARNING, "Passé hors du registre scellé", "Le nouveau classeur a un passé que le registre scellé n’a pas (--no-ledger).",
    "avant d’émettre : xlbridge ledger new, puis xlbridge ledger import avec les anciens classeurs.",
)  # fmt: skip
LOGO = Rule(
    "REP-020", WARNING, "Logo à copier", "Le logo « {logo} » n’est pas à côté du nouveau classeur, où « Entreprise » le cherche.",
    "copiez-le dans « {folder} » ; sans lui rien ne s’émet.",
)  # fmt: skip
