"""The currency in which VAT is told, and when it falls due.

Sources: CGI art. 289, IV and 269, 2; CGI ann. II art. 242 nonies A, I, 11° bis; EN 16931-1, BR-CO-03; XP Z12-012, BR-FR-CO-12; UNTDID 2005.
"""

from __future__ import annotations

from collections.abc import Iterator

from xlbridge.company import TaxPoint
from xlbridge.findings import Rule, Severity
from xlbridge.french import money
from xlbridge.model import Invoice
from xlbridge.model.codes import DEPOSITS
from xlbridge.rules.catalogue import Context, Fault, entry
from xlbridge.rules.texts import note_with
from xlbridge.rules.vat_territories import french_seller
from xlbridge.rules.vat_treatments import treatments

EURO = "EUR"
# UNTDID 2005 as CII writes them, and as UBL does: VAT due on the invoice (option for debits), on delivery, on payment.
ON_INVOICE, ON_DELIVERY, ON_PAYMENT = frozenset({"5", "3"}), frozenset({"29", "35"}), frozenset({"72", "432"})
DUE = {
    **dict.fromkeys(ON_INVOICE, "à la facturation (option pour les débits)"),
    **dict.fromkeys(ON_DELIVERY, "à la livraison"),
    **dict.fromkeys(ON_PAYMENT, "à l’encaissement"),
}
OPTION_WORDS = "d apres les debits"


@entry(
    Rule(
        "FR-TVA-046", Severity.BLOCKING, "TVA qui n’est pas donnée en euros",
        "La facture est en {currency}, mais {what}.",
        "écrivez le montant total de la TVA en euros, au cours du jour où elle est due ; la devise de la facture reste la vôtre.",
        "CGI, art. 289, IV ; XP Z12-012, BR-FR-CO-12",
    ),
    concerns="Les factures dans une autre devise que l’euro.", elsewhere=Severity.BLOCKING,
    why="La facture peut être dans toute devise, pourvu que la TVA à payer soit aussi donnée en euros.",
)  # fmt: skip
def vat_not_in_euros(invoice: Invoice, _: Context) -> Iterator[Fault]:
    totals, currency = invoice.totals, invoice.currency
    if not currency or currency == EURO or not totals.vat or not french_seller(invoice):
        return
    if invoice.vat_currency != EURO:
        stated = f"la devise de la TVA est {invoice.vat_currency}" if invoice.vat_currency else "la TVA n’est donnée que dans cette devise"
        yield Fault("vat_currency", {"currency": currency, "what": stated})
    elif totals.vat_accounting is None:
        yield Fault("totals.vat_accounting", {"currency": currency, "what": "le montant de la TVA en euros manque"})


@entry(
    Rule(
        "FR-TVA-047", Severity.WARNING, "TVA en euros égale à la TVA en devise",
        "La TVA est de {vat} et aussi de {accounting} : le montant n’a sans doute pas été converti.",
        "écrivez la TVA en euros, au cours du jour où elle est due.", "CGI, art. 289, IV ; directive 2006/112/CE, art. 230",
    ),
    concerns="Les factures dans une autre devise que l’euro.", elsewhere=Severity.WARNING,
    why="La TVA déclarée serait fausse de tout l’écart de change.",
)  # fmt: skip
def vat_not_converted(invoice: Invoice, _: Context) -> Iterator[Fault]:
    totals = invoice.totals
    if totals.vat and totals.vat == totals.vat_accounting and invoice.vat_currency not in {None, invoice.currency}:
        facts = {"vat": money(totals.vat, invoice.currency), "accounting": money(totals.vat, invoice.vat_currency)}
        yield Fault("totals.vat_accounting", facts)


@entry(
    Rule(
        "FR-TVA-048", Severity.BLOCKING, "Exigibilité de la TVA mal dite",
        "L’exigibilité de la TVA n’est pas claire : {what}.",
        "gardez un seul code : 5 (à la facturation, option pour les débits), 29 (à la livraison) ou 72 (à l’encaissement).",
        "EN 16931, BR-CO-03 et BT-8 ; contrôle P1.11 du portail public de facturation",
    ),
    concerns="Les factures qui disent quand la TVA est due.", elsewhere=Severity.WARNING,
    why="Le client déduit la TVA quand elle devient exigible ; deux réponses n’en font aucune.",
)  # fmt: skip
def vat_point(invoice: Invoice, _: Context) -> Iterator[Fault]:
    code = invoice.vat_point_code
    if code and invoice.vat_point_date:
        yield Fault("vat_point_date", {"what": "la facture en donne à la fois la date et le code"})
    if code and code not in DUE:
        yield Fault("vat_point_code", {"what": f"« {code} » n’en est pas un code"})


@entry(
    Rule(
        "FR-TVA-049", Severity.WARNING, "Exigibilité de la TVA contraire à l’option",
        "La facture dit la TVA exigible {stated} (code {code}), mais {against}.",
        "corrigez l’exigibilité de la facture, ou « exigibilite » dans « Entreprise » ou entreprise.toml.",
        "CGI, art. 269, 2 ; CGI, ann. II, art. 242 nonies A, I, 11° bis",
    ),
    concerns="Les prestations de services, et les acomptes.", elsewhere=Severity.WARNING,
    why="Le client déduit la TVA au jour où le vendeur la doit.",
)  # fmt: skip
def against_the_option(invoice: Invoice, context: Context) -> Iterator[Fault]:
    code = invoice.vat_point_code
    if not code or code in ON_DELIVERY or code not in DUE or not treatments(invoice):
        return
    against = _against(invoice, context, code in ON_INVOICE)
    if against:
        yield Fault("vat_point_code", {"stated": DUE[code], "code": code, "against": against})


def _against(invoice: Invoice, context: Context, on_invoice: bool) -> str | None:
    """What contradicts a VAT point on invoicing, or on payment."""
    if on_invoice:
        if invoice.type_code in DEPOSITS:
            return "la TVA d’un acompte est due à l’encaissement, même avec l’option pour les débits"
        return "l’entreprise n’a pas opté pour les débits" if context.tax_point is TaxPoint.PAYMENT else None
    if invoice.type_code in DEPOSITS:
        return None
    if context.tax_point is TaxPoint.INVOICE:
        return "l’entreprise a opté pour les débits"
    told = note_with(invoice, OPTION_WORDS)
    return "une mention dit que la TVA est payée d’après les débits" if told else None
