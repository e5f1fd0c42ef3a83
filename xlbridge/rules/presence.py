"""What an invoice must say before it can be written as Factur-X at all; each absence says where to write the missing value.

Sources: EN 16931-1 (BR-02 to BR-16, BR-25, BR-S-02); CGI ann. II art. 242 nonies A, I.

>>> from xlbridge.model import Invoice
>>> [finding.code for finding in missing(Invoice(number="F1"))][:3]
['FR-MEN-002', 'FR-MEN-003', 'FR-MEN-004']
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from xlbridge.causes import UNREAD
from xlbridge.findings import Finding, Rule, Severity
from xlbridge.model import Invoice
from xlbridge.model.codes import VatCategory
from xlbridge.rules.catalogue import Context, Entry, Fault, Judge, entry, findings_of

NONIES = "CGI, ann. II, art. 242 nonies A, I, "
COMPANY = "dans la feuille, ou dans le fichier entreprise.toml placé à côté du classeur"
CLIENT = "dans la feuille, ou dans la liste des clients (--clients)"
EVERYONE = "Toute facture."
NO_TOTALS = "LEC-051"
NEEDED: list[Entry] = []


def _needed(
    code: str, title: str, message: str, remedy: str, law: str, why: str, follows: tuple[str, ...] = ()
) -> Callable[[Judge], Judge]:
    """An entry whose fault keeps the invoice from being written. What could not be read is missing for that reason; `follows` adds
    others."""

    def enter(judge: Judge) -> Judge:
        rule = Rule(code, Severity.BLOCKING, title, message, remedy, law, follows=(*UNREAD, *follows))
        made = entry(rule, concerns=EVERYONE, why=why)(judge)
        NEEDED.append(made.entry)  # type: ignore[attr-defined]
        return made

    return enter


@_needed(
    "FR-MEN-001", "Numéro de facture absent", "Le document n’a pas de numéro.",
    "écrivez-le dans la feuille ; un brouillon reçoit le sien quand vous l’émettez.", NONIES + "7°",
    "Un numéro unique, tiré d’une suite chronologique et continue, rattache la facture à la comptabilité.",
)  # fmt: skip
def no_number(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if context.issued and not invoice.number:
        yield Fault("number")


@_needed(
    "FR-MEN-002", "Date d’émission absente", "Le document n’a pas de date d’émission certaine.",
    "écrivez la date dans la feuille, sous la forme jj/mm/aaaa.", NONIES + "6°",
    "La date fixe la TVA due, l’échéance et le droit applicable.",
)  # fmt: skip
def no_date(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if invoice.issue_date is None:
        yield Fault("issue_date")


@_needed(
    "FR-MEN-003", "Nom du vendeur absent", "Le vendeur n’a pas de nom.", f"écrivez-le {COMPANY}.", NONIES + "1°",
    "Le nom complet du vendeur est la première des mentions obligatoires.",
)  # fmt: skip
def no_seller(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if not invoice.seller.name:
        yield Fault("seller.name")


@_needed(
    "FR-MEN-004", "Pays du vendeur absent", "L’adresse du vendeur ne dit pas son pays.", f"écrivez l’adresse et le pays {COMPANY}.",
    NONIES + "1° ; EN 16931, BR-09", "Le pays décide de la TVA et des règles qui s’appliquent.",
)  # fmt: skip
def no_seller_country(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if not invoice.seller.country:
        yield Fault("seller.country")


@_needed(
    "FR-MEN-005", "Identifiant fiscal du vendeur absent", "Le vendeur n’a pas de numéro de TVA, alors que de la TVA est facturée.",
    f"écrivez le numéro de TVA {COMPANY}.", NONIES + "2° ; EN 16931, BR-S-02", "La TVA ne se déduit que si l’assujetti est identifié.",
)  # fmt: skip
def no_seller_tax_id(invoice: Invoice, _: Context) -> Iterator[Fault]:
    taxed = any(part.category == VatCategory.STANDARD for part in invoice.vat_breakdown)
    if taxed and not (invoice.seller.vat_number or invoice.seller.tax_registration or invoice.tax_representative):
        yield Fault("seller.vat_number")


@_needed(
    "FR-MEN-006", "Nom du client absent", "Le client n’a pas de nom.", "écrivez-le dans la feuille.", NONIES + "1°",
    "Une facture est adressée à quelqu’un : son nom complet est obligatoire.",
)  # fmt: skip
def no_buyer(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if not invoice.buyer.name:
        yield Fault("buyer.name")


@_needed(
    "FR-MEN-007", "Pays du client absent", "L’adresse du client ne dit pas son pays.",
    f"écrivez-le {CLIENT}, ou donnez celui de tous vos clients : « Pays des clients » dans « Entreprise », ou [clients] pays dans "
    "entreprise.toml.",
    NONIES + "1° ; EN 16931, BR-11",
    "Le pays du client décide de la TVA (vente en France, intracommunautaire, exportation).",
)  # fmt: skip
def no_buyer_country(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if not invoice.buyer.country:
        yield Fault("buyer.country")


@_needed(
    "FR-MEN-008", "Devise absente", "La devise n’est écrite nulle part.",
    "écrivez € ou le code de la devise dans la feuille, ou joignez entreprise.toml.", "EN 16931, BR-05",
    "Un montant sans devise n’est pas un montant.",
)  # fmt: skip
def no_currency(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if not invoice.currency:
        yield Fault("currency")


@_needed(
    "FR-TVA-001", "TVA inconnue", "Rien ne dit à quel taux, ou pour quel motif d’exonération, l’opération est taxée.",
    "écrivez dans la feuille le taux et le montant de TVA, ou le motif ; en franchise, dites-le dans « Entreprise » ou entreprise.toml "
    "(regime_tva).",
    NONIES + "8°, 11° et 12°", "Sans taux ni motif, personne ne peut dire la TVA due ; elle n’est jamais devinée.", (NO_TOTALS,),
)  # fmt: skip
def no_vat(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if not invoice.vat_breakdown or any(part.category is None for part in invoice.vat_breakdown):
        unknown = (f"lines[{position}].vat_rate" for position, line in enumerate(invoice.lines) if line.vat_category is None)
        yield Fault("vat_breakdown", about=tuple(unknown))


@_needed(
    "FR-TVA-002", "Base de TVA inconnue", "Les montants hors taxes par taux de TVA ne peuvent pas être établis avec certitude.",
    "donnez dans la feuille le montant HT de chaque taux, ou les lignes de la facture.", NONIES + "11°",
    "La facture donne, pour chaque taux, le total hors taxes et la taxe.", (NO_TOTALS,),
)  # fmt: skip
def no_base(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if any(part.category and (part.base is None or part.amount is None) for part in invoice.vat_breakdown):
        yield Fault("vat_breakdown")


@_needed(
    "FR-MNT-001", "Totaux absents", "Le total hors taxes ou le total à payer n’est pas connu.",
    "écrivez dans la feuille les totaux HT, TVA et TTC ; dans « Lignes » d’un facturier, la quantité, le prix et la TVA de chaque ligne.",
    NONIES + "11° ; EN 16931, BR-13 à BR-15",
    "Les totaux sont ce que le client doit.", (NO_TOTALS,),
)  # fmt: skip
def no_totals(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if absent := tuple(f"totals.{name}" for name in ("net", "gross") if getattr(invoice.totals, name) is None):
        yield Fault("totals", about=absent)


@_needed(
    "FR-MEN-009", "Désignation absente", "La ligne {line} n’a pas de désignation.",
    "écrivez ce qui est vendu dans la colonne « Désignation ».", NONIES + "8°", "Le client doit savoir ce qu’il paie, précisément.",
)  # fmt: skip
def no_designation(invoice: Invoice, _: Context) -> Iterator[Fault]:
    for position, line in enumerate(invoice.lines):
        if not line.name:
            yield Fault(f"lines[{position}].name", {"line": position + 1})


def missing(invoice: Invoice) -> list[Finding]:
    """What `invoice` lacks to be written as Factur-X; empty when it can be tried."""
    context = Context(day=invoice.issue_date or date.max)
    return [finding for item in NEEDED for finding in findings_of(item, invoice, context)]
