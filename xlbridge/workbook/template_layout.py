"""The tables of our template: sheets, columns, lists and the words of the sheet « Entreprise ». Writer and reader share this.

Columns may be added; their names are never changed, because users' formulas and other programs know them.
"""

from __future__ import annotations

from dataclasses import dataclass

from xlbridge.folding import folded

DRAFTS, LINES, CLIENTS, ARTICLES, COMPANY = "Factures", "Lignes", "Clients", "Articles", "Entreprise"
REGISTER, REGISTER_LINES, LISTS, SEAL = "Registre", "Registre lignes", "Listes", "Sceau"
HOME, CONTROL = "Accueil", "Contrôle"
PAID = "Réglée le"

TYPES = {"Facture": "380", "Avoir": "381", "Acompte": "386", "Rectificative": "384"}
NATURES = {"Biens": "biens", "Services": "services", "Mixte": "mixte"}
CLIENT_KINDS = ("professionnel", "particulier", "public")
VAT_RATES = ("20", "10", "5.5", "2.1", "0", "8.5", "13", "1.05", "1.75", "0.9")
UNITS = ("unité", "heure", "jour", "mois", "forfait", "kg", "m", "m²", "m³", "litre", "km", "lot")
# Rates of older invoices and of corrections (XP Z12-012, BR-FR-16), to tell 0,2 from 20 %.
KNOWN_RATES = frozenset({*VAT_RATES, "19.6", "20.6", "7", "9.2", "9.6"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header, width in characters, kind of value (text, date, money, number, percent, free), help, and list of choices."""

    name: str
    width: int
    kind: str = "text"
    help: str = ""
    choices: str = ""


_HEAD = (
    Column("Type", 12, help="Facture (si rien n’est écrit), Avoir, Acompte ou Rectificative.", choices="types"),
    Column("Date", 12, "date", "Date de la facture."),
    Column("Échéance", 12, "date", "Date limite de paiement. Vide : calculée d’après le délai du client."),
    Column("Client", 13, help="Code du client, tel qu’il est dans la feuille « Clients ».", choices="clients"),
    Column("Nature", 10, help="Biens, Services ou Mixte. Vide : la nature écrite dans « Entreprise ».", choices="natures"),
    Column("Commande client", 15, help="Numéro du bon de commande du client, s’il en a donné un (public : numéro d’engagement)."),
    Column(
        "Livraison",
        13,
        "date",
        "Date de livraison ou d’exécution, si elle diffère de la date de facture ; ou « du 01/09/2026 au 30/09/2026 ».",
    ),
    Column(
        "Facture d'origine",
        25,
        help="Avoir, rectificative : numéro de la facture corrigée. Après acompte : numéros des acomptes, séparés par « ; ».",
    ),
    Column("Acompte déduit", 13, "money", "Montant TTC déjà facturé en acompte et payé."),
    Column("Remise", 11, "free", "Remise sur toute la facture : un montant HT (50) ou un pourcentage (10 %)."),
    Column("Note", 28, help="Texte libre, imprimé sur la facture."),
)
_LINE = (
    Column("Article", 12, help="Code de la feuille « Articles » : ce qui reste vide ici en vient.", choices="articles"),
    Column("Désignation", 36, help="Ce qui est vendu, avec précision. Après un retour à la ligne (Alt+Entrée) : la description."),
    Column("Quantité", 11, "number", "Quantité ; négative pour reprendre une ligne."),
    Column("Unité", 10, help="Unité de la quantité : heure, jour, kg, m² …", choices="units"),
    Column("P.U. HT", 12, "price", "Prix unitaire hors taxes, avant remise."),
    Column("Remise %", 10, "percent", "Remise sur cette ligne."),
    Column("TVA %", 9, "percent", "Taux de TVA. Vide : le taux de l’article.", choices="rates"),
    Column("Motif d'exonération", 26, help="Pourquoi la ligne ne porte pas de TVA ; choisissez dans la liste.", choices="reasons"),
    Column("Total HT", 13, "money", "Calculé : quantité × prix − remise."),
)
_DRAFT_KEY = Column("Brouillon", 11, help="Repère du brouillon, à votre choix (B1, B2 …), une seule fois ; le même dans « Lignes ».")
_NUMBER = Column("Numéro", 14, help="Numéro donné à l’émission ; il ne change plus.")

TABLES: dict[str, tuple[Column, ...]] = {
    DRAFTS: (_DRAFT_KEY, *_HEAD),
    LINES: (Column("Brouillon", 11, help="Repère du brouillon de la feuille « Factures ».", choices="drafts"), *_LINE),
    CLIENTS: (
        Column("Code", 10, help="Repère du client, à votre choix, une seule fois."),
        Column("Nom", 32, help="Nom ou raison sociale."),
        Column("Type", 14, help="professionnel, particulier ou public.", choices="kinds"),
        Column("SIREN", 12, help="9 chiffres ; obligatoire pour un professionnel français."),
        Column("SIRET", 18, help="14 chiffres ; obligatoire pour un client public."),
        Column("TVA", 17, help="Numéro de TVA intracommunautaire."),
        Column("Adresse", 34, help="Rue et complément ; retour à la ligne : Alt+Entrée."),
        Column("Code postal", 12),
        Column("Ville", 20),
        Column("Pays", 10, help="Nom ou code à deux lettres. Vide : le pays des clients de « Entreprise »."),
        Column("Adresse électronique", 30, help="Adresse de facturation électronique (annuaire). Vide : le SIREN d’un professionnel."),
        Column("E-mail", 32),
        Column("Délai", 22, help="Délai de paiement : 30, « 30 jours fin de mois », « comptant »."),
        Column("Service", 16, help="Public : code service."),
        Column("Engagement", 16, help="Public : numéro d’engagement."),
    ),
    ARTICLES: (
        Column("Code", 12, help="Repère de l’article, une seule fois."),
        Column("Désignation", 46),
        Column("Unité", 10, choices="units"),
        Column("P.U. HT", 12, "price"),
        Column("TVA %", 9, "percent", choices="rates"),
        Column("Motif d'exonération", 44, choices="reasons"),
    ),
    REGISTER: (
        _NUMBER,
        *_HEAD,
        Column("Total HT", 13, "money"),
        Column("TVA", 12, "money"),
        Column("Total TTC", 13, "money"),
        Column("Net à payer", 13, "money"),
    ),
    REGISTER_LINES: (_NUMBER, *_LINE),
}

# Columns that stand behind those of a table for the eye alone: the reader never takes a value from them, and a workbook may lack them.
BESIDE: dict[str, tuple[Column, ...]] = {
    DRAFTS: (
        Column("À compléter", 18, help="Ce qui manque encore à ce brouillon. « Vérifier » dit tout le reste."),
        Column("Nom du client", 26, help="D’après le code du client."),
        Column("Échéance prévue", 12, "date", "L’échéance écrite, sinon celle que donne le délai du client."),
        Column("HT prévu", 13, "money", "Total des lignes, remise déduite. Le montant qui compte est calculé à l’émission."),
        Column(
            "TVA prévue",
            12,
            "money",
            "Par taux, comme sur la facture. Vide si un taux manque, ou si une remise en euros touche plusieurs taux.",
        ),
        Column("TTC prévu", 13, "money", "Avant déduction d’un acompte."),
        Column("Délai repris", 20, help="Délai de paiement du client."),
    ),
    LINES: (
        Column("Désignation facturée", 34, help="La désignation écrite, sinon celle de l’article."),
        Column("Prix facturé", 12, "price", "Le prix écrit, sinon celui de l’article."),
        Column("TVA facturée", 11, "percent", "Le taux écrit, sinon celui de l’article ; 0 avec un motif d’exonération."),
        Column("À compléter", 14, help="Ce qui manque encore à cette ligne."),
    ),
    REGISTER: (Column(PAID, 12, "date", "À vous d’écrire ici la date du paiement : « Accueil » compte ce qui reste à encaisser."),),
}
CONTROL_COLUMNS = (
    Column("Gravité", 16, help="BLOQUANT : à corriger avant d’émettre. AVERTISSEMENT : à regarder. NOTE : pour savoir."),
    Column("Code", 14),
    Column("Message", 60),
    Column("À faire", 48),
    Column("Cellule", 22, help="Un clic mène à la cellule."),
)
LAST_CHECK = "dernier_controle"
"""The name of the cell of « Accueil » that says when the workbook was last checked, and with what result."""
MARKED = "cellules_marquees"
"""The name of the cells of « Contrôle » that say which cells are marked."""

# Sheet « Entreprise »: label, attribute of `Company`, explanation.
COMPANY_ROWS: tuple[tuple[str, str, str], ...] = (
    ("Nom", "name", "Raison sociale, ou nom et prénom d’un entrepreneur individuel."),
    ("Entrepreneur individuel", "sole_trader", "oui ou non : « EI » est ajouté au nom (C. com., art. R526-27)."),
    ("Forme juridique", "legal_form", "SAS, SARL …"),
    ("Capital", "capital", "Par exemple 10 000 €."),
    ("SIREN", "siren", "9 chiffres, sur l’avis de situation INSEE ou le Kbis."),
    ("SIRET", "siret", "14 chiffres, de l’établissement qui facture."),
    (
        "Numéro de TVA",
        "vat_number",
        "Vide : repris du SIREN si le régime est « normal ».",
    ),
    ("RCS", "trade_register", "Par exemple RCS Limoges 812 345 676."),
    ("Adresse", "address", "Rue et complément."),
    ("Code postal", "postcode", "5 chiffres."),
    ("Ville", "city", "Du siège ou de l’établissement qui facture."),
    ("Pays", "country", "FR si vide."),
    ("Taille", "size", "micro, pme, eti ou ge : en dépend la date de l’obligation d’émettre."),
    (
        "Régime de TVA",
        "vat_regime",
        "normal (TVA facturée), franchise (CGI, art. 293 B) ou exonere.",
    ),
    ("Exigibilité de la TVA", "tax_point", "encaissements, ou debits si vous avez opté."),
    ("Nature des opérations", "activity", "biens, services ou mixte : mention obligatoire sur chaque facture."),
    ("Adresse électronique", "electronic_address", "Adresse de facturation électronique. Vide : le SIREN."),
    ("E-mail", "email", "Imprimé sur la facture, pour les questions de vos clients."),
    ("Téléphone", "telephone", "Imprimé sur la facture."),
    ("Logo", "logo", "Nom d’une image (PNG, JPEG) à côté de ce classeur."),
    ("IBAN", "iban", "Compte sur lequel vos clients vous paient."),
    ("BIC", "bic", "Code de la banque ; facultatif en France."),
    ("Frais de recouvrement", "recovery_text", "Vide : le texte habituel (40 €)."),
    ("Pénalités de retard", "penalty_text", "Vide : trois fois le taux d’intérêt légal."),
    ("Escompte", "discount_text", "Vide : pas d’escompte."),
    ("Pays des clients", "client_country", "Pays des clients dont le pays n’est pas écrit."),
    ("Fin d'exercice", "year_end", "Jour et mois, par exemple 30/06. Vide : 31/12. Les documents se gardent dix ans de plus."),
)
# Without these no invoice is right; « Accueil » counts those that are empty.
COMPANY_NEEDED = frozenset({"name", "siren", "address", "postcode", "city", "vat_regime", "activity", "iban"})
# Sheet « Sceau »: label, attribute of `SealSheet`.
SEAL_ROWS: tuple[tuple[str, str], ...] = (
    ("Registre", "ledger"),
    ("Documents", "count"),
    ("Dernier maillon", "seq"),
    ("Empreinte", "hash"),
    ("Clé", "key"),
    ("Derniers numéros", "last_numbers"),
    ("Date", "at"),
    ("Classeur", "book"),
)
COMPANY_LABELS = {folded(label): attribute for label, attribute, _ in COMPANY_ROWS}
