"""The mentions that came with the French e-invoicing reform: SIREN of the client, category of the operation, option for debits,
delivery address.

Sources: CGI, ann. II, art. 242 nonies A, I, 1°, 7° bis, 8° bis and 11° bis (décret 2022-1299, art. 3: with the obligation to issue, by
size of the issuer); XP Z12-012 (BR-FR-08, BR-FR-11, BR-FR-14). Until the issuer's day each of them is a note.
"""

from __future__ import annotations

from collections.abc import Iterator

from xlbridge.company import Activity, TaxPoint, VatRegime
from xlbridge.completion import process_code
from xlbridge.findings import Rule, Severity
from xlbridge.folding import folded
from xlbridge.model import Invoice
from xlbridge.model.codes import DEPOSITS, VatCategory
from xlbridge.rules.catalogue import Context, Fault, entry
from xlbridge.rules.presence import NONIES
from xlbridge.rules.reform_calendar import ELECTRONIC, START, between_french_firms, closed_list, electronic, fault, in_scope

DECREE = "décret 2022-1299, art. 3"
ON_DEBITS = "5"  # BT-8, UNTDID 2475: VAT falls due on the day of the invoice
CATEGORIES = {"B": "livraison de biens", "S": "prestation de services", "M": "livraison de biens et prestation de services"}
ADDRESS_PARTS = {"line1": "la rue", "postcode": "le code postal", "city": "la ville", "country": "le pays"}


@entry(
    Rule(
        "FR-REF-001", Severity.BLOCKING, "SIREN du client absent",
        "Le client « {buyer} » n’a pas de SIREN : il est obligatoire {when} sur une facture entre entreprises françaises.",
        "écrivez-le sous le nom du client dans la feuille, ou dans la liste des clients (colonne « SIREN ») ; si ce client n’en a pas, "
        "son adresse électronique.",
        f"{NONIES}1° ; {DECREE}", since=START,
    ),
    concerns="Les factures à une entreprise établie en France.",
    why="Le SIREN du client est la clé de l’annuaire : sans lui, la facture électronique n’a pas de destinataire.",
    elsewhere=Severity.WARNING,
)  # fmt: skip
def no_client_siren(invoice: Invoice, context: Context) -> Iterator[Fault]:
    buyer = invoice.buyer
    if buyer.name and not buyer.siren and not buyer.legal_id and between_french_firms(invoice, context):
        found = fault(context, "buyer.siren", _siren_in(buyer.vat_number), buyer=buyer.name)
        # A draft without any address for the platforms is refused by the official sheets (BR-FR-12), whatever the size.
        unreachable = not context.issued and not buyer.electronic_address
        yield found._replace(severity=Severity.BLOCKING) if unreachable else found


def _siren_in(vat_number: str | None) -> str | None:
    """The SIREN that a right French VAT number holds."""
    from xlbridge.rules.identity import compact, is_right

    number = compact(vat_number or "")
    right = number.startswith("FR") and is_right("vat_number", number) and is_right("siren", number[4:])
    return number[4:] if right else None


@entry(
    Rule(
        "FR-REF-002", Severity.WARNING, "Catégorie de l’opération absente",
        "La facture ne dit pas si elle porte sur des biens, des services ou les deux : c’est obligatoire {when}.",
        "remplissez la colonne « Nature », ou la ligne nature = \"services\" (ou \"biens\", \"mixte\") de entreprise.toml.",
        f"{NONIES}8° bis ; {DECREE} ; XP Z12-012, BR-FR-08", since=START,
    ),
    concerns=ELECTRONIC, why="La TVA d’un service et celle d’un bien ne sont pas dues au même moment.",
)  # fmt: skip
def no_category(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if not invoice.business_process and in_scope(invoice.seller.address) and electronic(invoice, context):
        yield fault(context, "business_process", process_code(context.activity, invoice) if context.activity else None)


@entry(
    Rule(
        "FR-REF-003", Severity.WARNING, "Catégorie contraire à l’activité",
        "La facture est une « {category} » (BT-23 : {code}), alors que l’entreprise déclare ne vendre que des {activity}.",
        "corrigez la nature de l’opération ; si l’entreprise vend les deux, écrivez nature = \"mixte\" dans entreprise.toml.",
        f"{NONIES}8° bis", since=START,
    ),
    concerns=ELECTRONIC, why="Une catégorie fausse déplace la date à laquelle la TVA est due.",
)  # fmt: skip
def other_category(invoice: Invoice, context: Context) -> Iterator[Fault]:
    code, activity = invoice.business_process, context.activity
    if not code or activity is None or activity is Activity.MIXED or code not in closed_list("processes"):
        return
    if code[0] not in {activity.letter, "M"} and electronic(invoice, context):
        yield fault(context, "business_process", category=CATEGORIES[code[0]], code=code, activity=activity.value)


@entry(
    Rule(
        "FR-REF-004", Severity.WARNING, "Option pour les débits non mentionnée",
        "L’entreprise paie la TVA d’après les débits, et la facture ne le dit pas : c’est obligatoire {when}.",
        "ajoutez « Option pour le paiement de la taxe d’après les débits » à la facture (BT-8, code 5).",
        f"{NONIES}11° bis ; {DECREE}", since=START,
    ),
    concerns="Les prestataires de services qui ont opté pour les débits.",
    why="Le client sait par cette mention qu’il peut déduire la TVA avant d’avoir payé.",
)  # fmt: skip
def option_not_mentioned(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if context.tax_point is not TaxPoint.INVOICE or context.regime is not VatRegime.NORMAL or context.activity is Activity.GOODS:
        return
    stated = invoice.vat_point_code or invoice.vat_point_date or (invoice.business_process or "").startswith("B")
    taxed = any(part.category == VatCategory.STANDARD for part in invoice.vat_breakdown)
    if stated or not taxed or invoice.type_code in DEPOSITS or any("debits" in folded(note.text) for note in invoice.notes):
        return
    if electronic(invoice, context):
        yield fault(context, "vat_point_code", ON_DEBITS)


@entry(
    Rule(
        "FR-REF-005", Severity.WARNING, "Adresse de livraison incomplète",
        "L’adresse de livraison ne dit pas {part} : {when}, elle doit être complète si les biens sont livrés ailleurs que chez le client.",
        "complétez l’adresse de livraison, ou effacez-la si elle est celle du client.",
        f"{NONIES}7° bis ; {DECREE} ; XP Z12-012, BR-FR-14", since=START,
    ),
    concerns="Les livraisons de biens à une autre adresse que celle du client.",
    why="Le lieu de livraison décide de la TVA ; la règle officielle est dans la norme, mais aucun contrôle publié ne l’applique.",
    elsewhere=Severity.NOTE,
)  # fmt: skip
def partial_delivery_address(invoice: Invoice, context: Context) -> Iterator[Fault]:
    address = invoice.delivery.address if invoice.delivery else None
    if address is None or not electronic(invoice, context):
        return
    for name, part in ADDRESS_PARTS.items():
        abroad = name == "postcode" and address.country != "FR"
        if not getattr(address, name) and not abroad:
            yield fault(context, f"delivery.address.{name}", part=part)
