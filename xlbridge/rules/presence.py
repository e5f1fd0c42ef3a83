"""What an invoice must say before it can be written as Factur-X at all; each absence says where to write the missing value.

Sources: EN 16931-1 (BR-02 to BR-16, BR-25, BR-CO-18, BR-CO-25, BR-S-02); CGI ann. II art. 242 nonies A, I.

>>> from xlbridge.model import Invoice
>>> [finding.code for finding in missing(Invoice(number="F1"))][:3]
['FR-MEN-002', 'FR-MEN-003', 'FR-MEN-004']
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from xlbridge.findings import Finding, Rule, Severity
from xlbridge.model import Invoice
from xlbridge.model.codes import VatCategory
from xlbridge.model.term import term_of

NONIES = "CGI, ann. II, art. 242 nonies A, I, "
COMPANY = "dans la feuille, ou dans le fichier entreprise.toml placé à côté du classeur"
CLIENT = "dans la feuille, ou dans la liste des clients (--clients)"


def _rule(code: str, title: str, message: str, remedy: str, law: str) -> Rule:
    return Rule(code, Severity.BLOCKING, title, message, remedy, law)


Absence = tuple[Rule, str, Callable[[Invoice], bool]]

# Rule, path of the value, whether it is missing.
HEADER: tuple[Absence, ...] = (
    (
        _rule(
            "FR-MEN-001",
            "Numéro de facture absent",
            "Le document n’a pas de numéro.",
            "écrivez-le dans la feuille ; un brouillon reçoit le sien quand vous l’émettez.",
            NONIES + "7°",
        ),
        "number",
        lambda invoice: not invoice.number,
    ),
    (
        _rule(
            "FR-MEN-002",
            "Date d’émission absente",
            "Le document n’a pas de date d’émission certaine.",
            "écrivez la date dans la feuille, sous la forme jj/mm/aaaa.",
            NONIES + "6°",
        ),
        "issue_date",
        lambda invoice: invoice.issue_date is None,
    ),
    (
        _rule("FR-MEN-003", "Nom du vendeur absent", "Le vendeur n’a pas de nom.", f"écrivez-le {COMPANY}.", NONIES + "1°"),
        "seller.name",
        lambda invoice: not invoice.seller.name,
    ),
    (
        _rule(
            "FR-MEN-004",
            "Pays du vendeur absent",
            "L’adresse du vendeur ne dit pas son pays.",
            f"écrivez l’adresse et le pays {COMPANY}.",
            NONIES + "1° ; EN 16931, BR-09",
        ),
        "seller.country",
        lambda invoice: not invoice.seller.country,
    ),
    (
        _rule(
            "FR-MEN-005",
            "Identifiant fiscal du vendeur absent",
            "Aucun numéro de TVA ni SIREN du vendeur, alors que de la TVA est facturée.",
            f"écrivez le numéro de TVA {COMPANY}.",
            NONIES + "2° ; EN 16931, BR-S-02",
        ),
        "seller.vat_number",
        lambda invoice: (
            _has_vat(invoice) and not (invoice.seller.vat_number or invoice.seller.tax_registration or invoice.tax_representative)
        ),
    ),
    (
        _rule("FR-MEN-006", "Nom du client absent", "Le client n’a pas de nom.", "écrivez-le dans la feuille.", NONIES + "1°"),
        "buyer.name",
        lambda invoice: not invoice.buyer.name,
    ),
    (
        _rule(
            "FR-MEN-007",
            "Pays du client absent",
            "L’adresse du client ne dit pas son pays.",
            f"écrivez-le {CLIENT}, ou donnez celui de tous vos clients par [clients] pays dans entreprise.toml.",
            NONIES + "1° ; EN 16931, BR-11",
        ),
        "buyer.country",
        lambda invoice: not invoice.buyer.country,
    ),
    (
        _rule(
            "FR-MEN-008",
            "Devise absente",
            "La devise n’est écrite nulle part.",
            "écrivez € ou le code de la devise dans la feuille, ou joignez entreprise.toml.",
            "EN 16931, BR-05",
        ),
        "currency",
        lambda invoice: not invoice.currency,
    ),
    (
        _rule(
            "FR-TVA-001",
            "TVA inconnue",
            "Rien ne dit à quel taux, ou pour quel motif d’exonération, l’opération est taxée.",
            "écrivez dans la feuille le taux et le montant de TVA, ou le motif ; en franchise, dites-le dans entreprise.toml (regime_tva).",
            NONIES + "8°, 11° et 12°",
        ),
        "vat_breakdown",
        lambda invoice: not invoice.vat_breakdown or any(part.category is None for part in invoice.vat_breakdown),
    ),
    (
        _rule(
            "FR-TVA-002",
            "Base de TVA inconnue",
            "Les montants hors taxes par taux de TVA ne peuvent pas être établis avec certitude.",
            "donnez dans la feuille le montant HT de chaque taux, ou les lignes de la facture.",
            NONIES + "11°",
        ),
        "vat_breakdown",
        lambda invoice: any(part.category and (part.base is None or part.amount is None) for part in invoice.vat_breakdown),
    ),
    (
        _rule(
            "FR-MNT-001",
            "Totaux absents",
            "Le total hors taxes ou le total à payer n’est pas connu.",
            "écrivez les totaux HT, TVA et TTC dans la feuille.",
            NONIES + "11° ; EN 16931, BR-13 à BR-15",
        ),
        "totals",
        lambda invoice: invoice.totals.net is None or invoice.totals.gross is None,
    ),
)


def _has_vat(invoice: Invoice) -> bool:
    return any(part.category == VatCategory.STANDARD for part in invoice.vat_breakdown)


def _is_registered(invoice: Invoice) -> bool:
    return bool(invoice.seller.vat_number or invoice.seller.tax_registration or invoice.tax_representative)


LINE_NAME = _rule(
    "FR-MEN-009",
    "Désignation absente",
    "La ligne {line} n’a pas de désignation.",
    "écrivez ce qui est vendu dans la colonne « Désignation ».",
    NONIES + "8°",
)


def missing(invoice: Invoice) -> list[Finding]:
    """What `invoice` lacks to be written as Factur-X; empty when it can be tried."""
    return list(_missing(invoice))


def _missing(invoice: Invoice) -> Iterator[Finding]:
    for rule, path, is_missing in HEADER:
        if is_missing(invoice):
            yield rule.found(path, term_of(path))
    for position, line in enumerate(invoice.lines):
        if not line.name:
            yield LINE_NAME.found(f"lines[{position}].name", "BT-153", line=position + 1)
