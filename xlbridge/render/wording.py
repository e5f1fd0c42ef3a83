"""What the page says, as French text without any layout: parties, references, mentions, the legal footer.

Sources of the compulsory mentions: CGI, ann. II, art. 242 nonies A, I; C. com. art. L441-9, R123-237, R123-238.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from xlbridge import french
from xlbridge.model import AllowanceCharge, Delivery, Identifier, Invoice, Line, Note, Party, Period, PostalAddress, VatBreakdown
from xlbridge.model.codes import SCHEME_SIREN, SCHEME_SIRET, SELF_BILLED, VatCategory
from xlbridge.model.money import ZERO, total

NATURES = {"B": "Livraison de biens", "S": "Prestation de services", "M": "Livraison de biens et prestation de services"}
# UNTDID 4461, the means of payment that France uses.
MEANS = {
    "10": "Espèces",
    "20": "Chèque",
    "30": "Virement",
    "31": "Virement",
    "42": "Virement",
    "48": "Carte bancaire",
    "49": "Prélèvement",
    "54": "Carte de crédit",
    "55": "Carte de débit",
    "57": "Accord permanent",
    "58": "Virement SEPA",
    "59": "Prélèvement SEPA",
    "97": "Compensation",
}
# A line's VAT column where no rate is due.
WITHOUT_VAT = {
    VatCategory.EXEMPT: "Exonéré",
    VatCategory.REVERSE_CHARGE: "Autoliq.",
    VatCategory.INTRA_EU: "Intracom.",
    VatCategory.EXPORT: "Export",
    VatCategory.OUT_OF_SCOPE: "Hors TVA",
}
CATEGORIES = WITHOUT_VAT | {VatCategory.REVERSE_CHARGE: "Autoliquidation", VatCategory.OUT_OF_SCOPE: "Hors champ"}
IDENTIFIER_LABELS = {SCHEME_SIRET: "SIRET", "0088": "GLN", "0060": "DUNS", "0231": "N° de l’assujetti unique"}
VAT_POINTS = {
    "5": "Option pour le paiement de la taxe d’après les débits",
    "29": "TVA exigible à la livraison",
    "72": "TVA exigible à l’encaissement",
}
PROCESSING = "BAR"  # a code for machines, no text for people
FOOTER_NOTES = ("REG", "ABL")


def party_lines(party: Party) -> list[str]:
    """Address, identifiers and contact of `party`, one text a line, without its name."""
    contact = party.contact
    said = [
        f"Nom commercial : {party.trading_name}" if party.trading_name and party.trading_name != party.name else None,
        *address_lines(party.address),
        f"SIREN : {french.siren(party.siren)}" if party.siren else None,
        *(_identifier(item) for item in party.identifiers),
        _legal_id(party.legal_id),
        f"TVA intracommunautaire : {party.vat_number}" if party.vat_number else None,
        f"N° fiscal : {party.tax_registration}" if party.tax_registration not in {None, party.siren, party.vat_number} else None,
        *((contact.name, f"Tél. : {contact.telephone}" if contact.telephone else None, contact.email) if contact else ()),
        f"Adresse électronique : {party.electronic_address.value}" if party.electronic_address else None,
    ]
    return [text for text in said if text]


def _identifier(item: Identifier) -> str:
    value = french.siret(item.value) if item.scheme == SCHEME_SIRET else item.value
    return f"{IDENTIFIER_LABELS.get(item.scheme or '', 'Identifiant')} : {value}"


def _legal_id(item: Identifier | None) -> str | None:
    return f"Immatriculation : {item.value}" if item and item.scheme != SCHEME_SIREN else None


def address_lines(address: PostalAddress | None) -> list[str]:
    """A postal address as it stands on an envelope; France is not named."""
    if address is None:
        return []
    town = " ".join(part for part in (address.postcode, address.city) if part)
    country = country_name(address.country) if address.country not in {None, "FR"} else None
    return [line for line in (*address.lines, town, address.subdivision, country) if line]


@cache
def country_name(code: str | None) -> str:
    """The French name of an ISO 3166-1 country, or the code where there is none."""
    import gettext

    import pycountry

    country = pycountry.countries.get(alpha_2=code)
    if country is None:
        return code or ""
    names = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["fr"], fallback=True)
    return names.gettext(country.name)


def references(invoice: Invoice) -> list[tuple[str, str]]:
    """Label and value of all that the document refers to, in reading order."""
    pairs = [
        ("Nature de l’opération", NATURES.get((invoice.business_process or "")[:1])),
        ("Commande", invoice.order_reference),
        ("Contrat", invoice.contract_reference),
        ("Marché", invoice.tender_reference),
        ("Référence de l’acheteur", invoice.buyer_reference),
        ("Projet", invoice.project_reference),
        ("Commande du vendeur", invoice.sales_order_reference),
        ("Bon de livraison", invoice.despatch_reference),
        ("Bon de réception", invoice.receipt_reference),
        ("Objet", invoice.object_identifier.value if invoice.object_identifier else None),
        ("Imputation comptable", invoice.accounting_reference),
        ("Facture d’origine" if len(invoice.preceding_invoices) == 1 else "Factures d’origine", _preceding(invoice)),
        ("Date de livraison ou d’exécution", _delivery_date(invoice.delivery)),
        ("Période", span(invoice.period)),
        ("Exigibilité de la TVA", french.short_date(invoice.vat_point_date) if invoice.vat_point_date else None),
        ("Pièces justificatives", _documents(invoice)),
    ]
    return [(label, value) for label, value in pairs if value]


def _preceding(invoice: Invoice) -> str:
    return ", ".join(
        f"{item.number} du {french.short_date(item.issue_date)}" if item.issue_date else item.number for item in invoice.preceding_invoices
    )


def _delivery_date(delivery: Delivery | None) -> str | None:
    return french.short_date(delivery.date) if delivery and delivery.date else None


def _documents(invoice: Invoice) -> str:
    documents = invoice.supporting_documents
    return ", ".join(" – ".join(part for part in (item.reference, item.description, item.location) if part) for item in documents)


def span(period: Period | None) -> str | None:
    """A period in words."""
    if period is None or not (period.start or period.end):
        return None
    if period.start and period.end:
        return f"du {french.short_date(period.start)} au {french.short_date(period.end)}"
    return (
        f"à partir du {french.short_date(period.start)}"
        if period.start
        else f"jusqu’au {french.short_date(period.end)}"
        if period.end
        else None
    )


def line_details(line: Line, currency: str | None) -> list[str]:
    """What stands in small type below the name of a line."""
    said = [
        line.description,
        *(f"Réf. {code}" for code in dict.fromkeys((line.seller_item_id, line.buyer_item_id)) if code),
        f"Code article : {line.standard_item_id.value}" if line.standard_item_id else None,
        *(f"{attribute.name} : {attribute.value}" for attribute in line.attributes),
        f"Origine : {country_name(line.origin_country)}" if line.origin_country else None,
        f"Période : {span(line.period)}" if span(line.period) else None,
        f"Ligne de commande : {line.order_line_reference}" if line.order_line_reference else None,
        _price_discount(line),
        *(_adjustment("Remise", item, currency) for item in line.allowances if item.reason),
        *(_adjustment("Supplément", item, currency) for item in line.charges),
        line.note,
    ]
    return [text for text in said if text]


def _price_discount(line: Line) -> str | None:
    if not line.price_discount:
        return None
    before = line.gross_price if line.gross_price is not None else (line.unit_price or ZERO) + line.price_discount
    return f"Prix unitaire avant remise : {french.price(before)}, remise : {french.price(line.price_discount)}"


def _adjustment(kind: str, item: AllowanceCharge, currency: str | None) -> str:
    value = french.money(item.amount, currency) if item.amount is not None else None
    return " : ".join(part for part in (kind, item.reason, value) if part)


def line_discount(line: Line) -> str:
    """The « Remise » column: a percentage where the line has one reduction in percent, else the amount."""
    if not line.allowances:
        return ""
    if len(line.allowances) == 1 and (rate := line.allowances[0].percent) is not None:
        return french.percent(rate)
    return french.cents(total(item.amount for item in line.allowances))


def line_vat(line: Line) -> str:
    """The « TVA » column: the rate, or why there is none."""
    if line.vat_category in WITHOUT_VAT and not line.vat_rate:
        return WITHOUT_VAT[VatCategory(line.vat_category)]
    return french.percent(line.vat_rate) if line.vat_rate is not None else ""


def vat_rate(part: VatBreakdown) -> str:
    """The rate of a VAT breakdown, or the kind of operation where no VAT is due."""
    if part.category in CATEGORIES and not part.rate:
        return CATEGORIES[VatCategory(part.category)]
    return french.percent(part.rate) if part.rate is not None else ""


def payment_lines(invoice: Invoice) -> list[str]:
    """How to pay: terms, means, accounts, references."""
    payment = invoice.payment
    said = [invoice.payment_terms]
    if payment:
        means = payment.means_text or MEANS.get(payment.means_code or "")
        said.append(f"Mode de règlement : {means}" if means else None)
        for account in payment.accounts:
            said += [
                f"Titulaire : {account.name}" if account.name else None,
                f"IBAN : {french.iban(account.iban)}" if account.iban else None,
                f"BIC : {account.bic}" if account.bic else None,
            ]
        said += [
            f"Référence à rappeler : {payment.remittance}" if payment.remittance else None,
            f"Carte : {payment.card_number}" if payment.card_number else None,
            f"Porteur : {payment.card_holder}" if payment.card_holder else None,
            f"Mandat de prélèvement : {payment.mandate}" if payment.mandate else None,
            f"Identifiant du créancier : {payment.creditor_id}" if payment.creditor_id else None,
            f"Compte débité : {french.iban(payment.debited_iban)}" if payment.debited_iban else None,
        ]
    return [text for text in said if text]


def mentions(invoice: Invoice, *, with_legal_texts: bool) -> list[str]:
    """The texts below the totals: those that follow from codes, then the notes. BAR is a code for machines and is left out.

    `with_legal_texts` adds what the foot of the page had no room for.
    """
    categories = {part.category for part in invoice.vat_breakdown} | {line.vat_category for line in invoice.lines}
    codes = {note.subject_code for note in invoice.notes}
    derived = [
        "Autofacturation" if invoice.type_code in SELF_BILLED else None,
        "Autoliquidation" if VatCategory.REVERSE_CHARGE in categories else None,
        "Membre d’un assujetti unique" if "TXD" in codes else None,
        VAT_POINTS.get(invoice.vat_point_code or ""),
        invoice.seller.legal_information if with_legal_texts else None,
    ]
    notes = [_note_text(note) for note in invoice.notes if with_legal_texts or note.subject_code not in FOOTER_NOTES]
    return list(dict.fromkeys(text for text in (*derived, *notes) if text))


def _note_text(note: Note) -> str | None:
    return None if note.subject_code in {PROCESSING, "TXD"} else note.text


def footer(invoice: Invoice, *, short: bool = False) -> str:
    """Who the seller is in law, for the foot of every page; `short` leaves the legal texts to the mentions."""
    seller = invoice.seller
    notes = () if short else (seller.legal_information, *(note.text for note in invoice.notes if note.subject_code in FOOTER_NOTES))
    return joined(
        (
            seller.name,
            *notes,
            f"SIREN {french.siren(seller.siren)}" if seller.siren else None,
            f"TVA {seller.vat_number}" if seller.vat_number else None,
        )
    )


def joined(parts: Iterable[str | None]) -> str:
    """The parts that there are on one line, without those that an earlier one says already."""
    said: list[str] = []
    for part in parts:
        text = (part or "").strip()
        if text and not any(text in earlier for earlier in said):
            said.append(text)
    return " – ".join(said)
