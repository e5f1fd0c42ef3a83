"""What `verify` has to say: a fixed sentence per kind of damage, filled with the record, the number, the file or the cell."""

from __future__ import annotations

from functools import partial

from xlbridge.findings import Rule, Severity
from xlbridge.workbook.seal_sheet import NO_CHANGE

LAW = "CGI, art. 289, VII ; LPF, art. L102 B"
RESTORE_LEDGER = (
    "ne touchez plus à rien, gardez une copie de l’état actuel, puis remettez le registre depuis une sauvegarde (xlbridge ledger restore)."
)
RESTORE_FILE = "remettez ce fichier depuis une sauvegarde du coffre ; son contenu doit avoir l’empreinte que le registre donne."
_damage = partial(Rule, severity=Severity.BLOCKING, law=LAW)


def _ledger(code: str, title: str, message: str, remedy: str = RESTORE_LEDGER) -> Rule:
    return _damage(code=code, title=title, message=message, remedy=remedy)


# The chains

OPENING = _ledger("REG-010", "Ouverture du registre", "Le premier maillon n’est pas l’ouverture du registre : sa clé n’est pas connue.")
MISSING = _ledger("REG-011", "Maillon manquant", "{chain} : il manque {which}{name}.")
CHANGED = _ledger(
    "REG-012", "Maillon modifié", "{chain} : le maillon {seq}{name} a été modifié ; son contenu n’a plus l’empreinte {hash}… ({detail})."
)
UNSIGNED = _ledger(
    "REG-013", "Maillon réécrit sans la clé", "{chain} : le maillon {seq}{name} n’est pas signé par la clé {key} du registre."
)
MISPLACED = _ledger(
    "REG-014", "Maillon déplacé", "{chain} : le maillon {seq}{name} dit être le maillon {said_seq} ({said_kind}) et non {seq} ({kind})."
)
UNLINKED = _ledger("REG-015", "Chaîne rompue", "{chain} : le maillon {seq}{name} ne suit pas le maillon {before} qui le précède.")
BACKWARDS = _ledger("REG-016", "Horloge reculée", "{chain} : le maillon {seq}{name} est du {at}, avant le maillon qui le précède ({then}).")
OTHER_KEY = _ledger(
    "REG-017", "Chaîne réécrite sans la clé", "{who} : la clé est {known}, et le registre est signé par {found} : il a été réécrit.",
    "retrouvez le vrai registre (sauvegarde) ; une clé ne change jamais au cours de la vie d’un registre.",
)  # fmt: skip
STRANGE = _ledger(
    "REG-018", "Maillon incompris", "{chain} : le maillon {seq}{name} est signé, mais son contenu n’a pas la forme attendue ({detail})."
)
KEY_NAME = _ledger("REG-019", "Nom de clé modifié", "{chain} : le maillon {seq}{name} nomme la clé {found} et non {key}, qui l’a signé.")

# The tables that follow from the chains

IDENTITY = _ledger("REG-020", "Identité du registre modifiée", "Table ledger, {column} : « {found} » au lieu de « {expected} ».")
ROW_CHANGED = _ledger("REG-021", "Index modifié", "Table {table}, maillon {seq}{name}, {column} : « {found} » au lieu de « {expected} ».")
ROW_MISSING = _ledger("REG-022", "Ligne d’index supprimée", "Table {table} : la ligne du maillon {seq}{name} manque.")
ROW_ADDED = _ledger("REG-023", "Ligne d’index ajoutée", "Table {table} : la ligne {seq}{name} n’a pas de maillon dans le registre.")

# Numbers

GAP = _ledger("REG-030", "Numéro manquant", "Série « {series} » : il manque {number}, avant {next_number} (maillon {seq}).")
OTHER_NUMBER = _ledger(
    "REG-031", "Numéro hors série", "Le maillon {seq} porte le numéro {number}, et la série « {series} » donnait {expected}."
)
DATE_ORDER = _ledger("REG-032", "Date en arrière", "{number} est daté du {day}, et avant lui, dans la même série, {before} du {last_day}.")
TWICE = _ledger("REG-033", "Numéro en double", "Le numéro {number} est donné au maillon {first} et au maillon {seq}.")
UNKNOWN_SERIES = _ledger("REG-034", "Série inconnue", "La série « {series} » de {number} (maillon {seq}) n’est pas dans le registre.")

# The head, kept elsewhere

TAIL_CUT = _ledger(
    "REG-040", "Fin du registre coupée",
    "{who} : le registre allait jusqu’au maillon {seq} ({numbers}), et il s’arrête au maillon {last}. Il a été coupé, ou un ancien remis.",
)  # fmt: skip
OTHER_HISTORY = _ledger(
    "REG-041", "Autre histoire", "{who} : le maillon {seq} avait l’empreinte {known}…, et il a l’empreinte {found}….",
    "n’émettez plus rien. Si deux ordinateurs ont émis depuis une même sauvegarde, voyez « Changer d’ordinateur » dans la documentation ;"
    " sinon le registre a été réécrit : gardez une copie de l’état actuel, et remettez-le depuis une sauvegarde (xlbridge ledger restore).",
)  # fmt: skip
HEAD_BROKEN = _ledger(
    "REG-042", "Tête du registre modifiée", "{who} : {detail}.",
    "remettez la tête depuis une sauvegarde ; si le reste est en ordre, supprimez tete.json : le prochain « xlbridge issue » la réécrit.",
)  # fmt: skip
HEAD_MISSING = _ledger(
    "REG-043", "Tête du registre supprimée", "Le coffre n’a plus de tête (tete.json), alors que des documents y ont été gardés.",
    "remettez-la depuis une sauvegarde : sans elle, une fin de registre coupée ne se verrait pas.",
)  # fmt: skip
EVENTS_CUT = _ledger(
    "REG-044", "Fin des événements coupée",
    "{who} : les événements (paiements, envois) allaient jusqu’au maillon {seq}, et ils s’arrêtent au maillon {last}.",
)  # fmt: skip

# Files of the vault

NO_VAULT = _ledger("REG-050", "Coffre indisponible", "{message}", "{remedy}")
FILE_MISSING = _ledger("REG-051", "Fichier manquant", "Le {kind} de {number} (maillon {seq}) manque au coffre : {file}.", RESTORE_FILE)
FILE_CHANGED = _ledger(
    "REG-052", "Fichier modifié", "Le {kind} de {number} (maillon {seq}) a été modifié dans le coffre : {file}{instead}.", RESTORE_FILE
)
FILE_ADDED = _ledger(
    "REG-053", "Fichier ajouté", "Le coffre contient « {file} », qu’aucun maillon du registre ne nomme.",
    "retrouvez d’où il vient ; si le registre a été coupé ou remplacé, remettez-le depuis une sauvegarde.",
)  # fmt: skip
OTHER_XML = _ledger(
    "REG-054", "XML différent", "Le XML contenu dans le PDF de {number} (maillon {seq}) n’est pas celui du coffre : {detail}."
)
WAITING = Rule(
    "REG-055", Severity.NOTE, "Fichier d’une émission interrompue", "« {file} » vient d’une émission interrompue.",
    "rien : le prochain « xlbridge issue » le retire.",
)  # fmt: skip

# Closings

CLOSING_WRONG = _ledger(
    "REG-060", "Clôture inexacte", "La clôture de {period} (maillon {seq}) ne dit pas ce que le registre contient : {what}."
)
CLOSING_MISSING = _ledger("REG-061", "Clôture supprimée", "La clôture de {period} manque au registre, alors que {why}.")
CLOSING_FILE_MISSING = _ledger(
    "REG-062", "Fichier de clôture supprimé", "Le fichier « {file} » manque au coffre.",
    "relancez « xlbridge ledger close » : il réécrit le fichier d’après le registre. S’il a été effacé, cherchez pourquoi.",
)  # fmt: skip
CLOSING_FILE_CHANGED = _ledger(
    "REG-063", "Fichier de clôture modifié", "Le fichier « {file} » du coffre n’est pas la clôture du maillon {seq}.", RESTORE_FILE
)
CLOSING_FILE_ADDED = _ledger(
    "REG-064", "Clôture supprimée du registre", "Le coffre contient « {file} », et le registre n’a pas cette clôture."
)

# The workbook

ASK_BACK = f"remettez l’ancienne valeur ; {NO_CHANGE}"
CELL_CHANGED = _ledger(
    "REG-070", "Cellule modifiée", "{number}, « {column} » : « {old} » quand il a été scellé, « {new} » aujourd’hui.", ASK_BACK
)
CELL_ROW_MISSING = _ledger(
    "REG-071", "Ligne supprimée", "Une ligne de {number} n’est plus dans la feuille « {sheet} ».",
    "remettez la ligne depuis une sauvegarde du classeur.",
)  # fmt: skip
CELL_ROW_ADDED = _ledger(
    "REG-072", "Ligne ajoutée", "La feuille « {sheet} » a une ligne de « {number} » qui n’a jamais été scellée.",
    "retirez-la du registre ; pour l’émettre, faites-en un brouillon dans « Factures ».",
)  # fmt: skip
SEAL_WRONG = _ledger(
    "REG-073",
    "Sceau du classeur modifié",
    "Feuille « Sceau » : {detail}.",
    "reprenez le classeur depuis une sauvegarde, ou donnez le bon registre.",
)
BEHIND = Rule(
    "REG-074", Severity.WARNING, "Classeur en retard sur le registre", "{number} est émis, et pas encore dans la feuille « Registre ».",
    "ouvrez le classeur le plus récent ; si c’est celui-ci, relancez « xlbridge issue » : il range ce qui est émis, sans le refaire.",
)  # fmt: skip
NO_SHEET = _ledger(
    "REG-075", "Feuille du registre supprimée", "La feuille « {sheet} » manque, ou n’a plus son tableau.",
    "reprenez le classeur depuis une sauvegarde.",
)  # fmt: skip
EMPTIED = _ledger(
    "REG-077", "Registre du classeur vidé",
    "« Sceau » dit que des documents de ce classeur sont émis (maillon {seq} ; {numbers}), et « {sheet} » n’a plus aucune ligne.",
    "reprenez le classeur depuis une sauvegarde.",
)  # fmt: skip
DISGUISED = Rule(
    "REG-079", Severity.WARNING, "Affichage trompeur",
    "{number}, « {column} » : la cellule contient « {value} », mais son format de nombre ({format}) montre autre chose.",
    "remettez le format de la colonne ; la valeur, elle, est comparée à part.",
)  # fmt: skip
ELSEWHERE = Rule(
    "REG-076", Severity.NOTE, "Documents d’autres classeurs",
    "{count} document(s) émis depuis {books} n’ont pas été cherchés dans « {file} », où aucun de leurs numéros n’est.",
    "vérifiez aussi ces classeurs ; si celui-ci est l’un d’eux, ses lignes et « Sceau » ont été changés : reprenez une sauvegarde.",
)  # fmt: skip
UNPROTECTED = Rule(
    "REG-078", Severity.WARNING, "Registre sans protection",
    "La feuille « {sheet} » n’est plus protégée : une frappe malheureuse peut y changer un document émis.",
    "remettez la protection sans mot de passe (Excel : Révision, Protéger la feuille ; LibreOffice : Outils, Protéger la feuille) ; "
    "« Émettre » la remet aussi.",
)  # fmt: skip

# The clock

SET_BACK = _ledger(
    "REG-080", "Horloge en retard", "Il est {now} (UTC) sur cet ordinateur, et le dernier maillon est du {then} : l’horloge a été reculée.",
    "mettez l’ordinateur à l’heure.",
)  # fmt: skip
POSTDATED = Rule(
    "REG-081", Severity.WARNING, "Document postdaté", "{number} est daté du {day}, et a été scellé le {sealed}.",
    "vérifiez la date du document et l’horloge de l’ordinateur qui l’a émis.",
)  # fmt: skip

# What was not looked at

VAULT_LEFT_OUT = Rule(
    "REG-090", Severity.NOTE, "Coffre non comparé", "Le coffre n’a pas été comparé : ni la tête, ni les fichiers, ni les clôtures.",
    "donnez-le par --archive : une fin de registre coupée ne se voit qu’ainsi, ou par le classeur.",
)  # fmt: skip
WORKBOOK_LEFT_OUT = Rule(
    "REG-091", Severity.NOTE, "Classeur non comparé", "Aucun classeur n’a été comparé au registre.",
    "donnez-le : xlbridge verify facturier.xlsx.",
)  # fmt: skip
KEY_LEFT_OUT = Rule(
    "REG-092", Severity.NOTE, "Clé non comparée", "La clé du registre n’a pas été comparée à la vôtre{why}.",
    "donnez-la par --key : elle montre qu’un registre entier n’a pas été refait avec une autre clé.",
)  # fmt: skip
NOT_READ = Rule("REG-093", Severity.WARNING, "Contrôle non fait", "{message}", "{remedy}")
MORE = Rule(
    "REG-094", Severity.NOTE, "Autres constats", "{count} autres constats {code} ne sont pas montrés.", "réparez d’abord les premiers."
)
