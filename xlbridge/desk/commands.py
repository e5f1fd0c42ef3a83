"""The commands of the ribbon, of the sheet's buttons and of every toolbar: the one list, against which each of these is tested.

A host passes the word alone; labels and tips are what the user reads.

>>> COMMANDS["issue"].label
'Émettre'
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Command:
    """One button. `icon` is one of Office's own pictures (imageMso); `macro` the procedure that a button in a sheet calls."""

    word: str
    label: str
    tip: str
    icon: str
    group: str
    macro: str


CONTROL, INVOICING, REGISTER, HELP = "Contrôle", "Facturer", "Registre", "Aide"

_COMMANDS = (
    Command(
        "check",
        "Vérifier",
        "Contrôle les brouillons du classeur par les règles françaises et marque chaque cellule en cause. Vos couleurs et vos notes "
        "reviennent par « Effacer les marques ».",
        "AcceptInvitation",
        CONTROL,
        "XlbVerifier",
    ),
    Command("next", "Suivant", "Va à la cellule du constat suivant.", "ReviewNextComment", CONTROL, "XlbSuivant"),
    Command(
        "fix",
        "Corriger",
        "Montre une à une les corrections sûres ; seules celles que vous acceptez sont faites.",
        "Spelling",
        CONTROL,
        "XlbCorriger",
    ),
    Command(
        "clear",
        "Effacer les marques",
        "Rend à chaque cellule la couleur et la note qu’elle avait avant « Vérifier ».",
        "ReviewDeleteComment",
        CONTROL,
        "XlbEffacerMarques",
    ),
    Command(
        "preview",
        "Aperçu",
        "Ouvre le PDF du brouillon choisi, marqué « BROUILLON », sans numéro.",
        "FilePrintPreview",
        INVOICING,
        "XlbApercu",
    ),
    Command(
        "issue",
        "Émettre",
        "Contrôle, montre ce qui va être fait et le demande une fois ; puis donne le numéro, fait le Factur-X, le range dans le registre "
        "et l’ouvre. Rien ne s’efface ensuite : une erreur se corrige par un avoir.",
        "FileSaveAsPdfOrXps",
        INVOICING,
        "XlbEmettre",
    ),
    Command(
        "credit", "Avoir", "Prépare le brouillon de l’avoir de la facture choisie, en tout ou en partie.", "Undo", INVOICING, "XlbAvoir"
    ),
    Command(
        "export", "Exporter", "Rend le fichier archivé de la facture choisie, ou un duplicata.", "FileSaveAs", INVOICING, "XlbExporter"
    ),
    Command(
        "duplicates",
        "Doublons",
        "Cherche les factures qui paraissent deux fois, dans le classeur et dans le registre.",
        "RemoveDuplicates",
        REGISTER,
        "XlbDoublons",
    ),
    Command(
        "verify",
        "Contrôle du classeur",
        "Compare le classeur avec le registre et le coffre, et dit si quelque chose a été changé depuis l’émission.",
        "SheetProtect",
        REGISTER,
        "XlbControleClasseur",
    ),
    Command("help", "Aide", "Ouvre le mode d’emploi et dit quelle version travaille.", "Help", HELP, "XlbAide"),
)
COMMANDS = MappingProxyType({command.word: command for command in _COMMANDS})
