"""Whether the rates of an invoice are French ones, of its day and of its territory.

Sources: CGI art. 278 to 281 nonies, 294, 296, 297; XP Z12-012, BR-FR-16; dated tables in `xlbridge/data`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from xlbridge.countries import country_name
from xlbridge.findings import Rule, Severity
from xlbridge.french import money, percent, short_date
from xlbridge.model import Invoice
from xlbridge.model.codes import CREDIT_NOTES, RECTIFYING_INVOICES, VatCategory
from xlbridge.model.money import CENT, ZERO, amount, plain, total
from xlbridge.rules import rates
from xlbridge.rules.catalogue import Context, Fault, entry
from xlbridge.rules.texts import may_say
from xlbridge.rules.vat_territories import Territory, french_seller, french_territory, in_union, other_member
from xlbridge.rules.vat_treatments import Treatment, every_treatment, treatments

KNOWN_SINCE = date(2000, 1, 1)
RATES = "CGI, art. 278 à 281 nonies, 296 et 297"
EVERYONE = "Toute facture d’un vendeur soumis à la TVA française."
RATE_IN_TEXT = re.compile(r"\btva\b[^.;%\d]{0,20}(\d{1,2}(?:[.,]\d{1,2})?)\s?%", re.IGNORECASE)
EURO = Decimal(1)


@entry(
    Rule(
        "FR-TVA-010", Severity.BLOCKING, "Taux de TVA inconnu en France",
        "{rate} ({where}) n’est pas un taux de TVA français : aucun n’a ni n’a eu cette valeur.",
        "corrigez le taux dans la colonne « TVA % » (20, 10, 5,5 ou 2,1 ; en Corse et outre-mer d’autres encore), puis recalculez la TVA.",
        f"{RATES} ; XP Z12-012, BR-FR-16", KNOWN_SINCE,
    ),
    concerns=EVERYONE, elsewhere=Severity.BLOCKING, why="La TVA se calcule aux seuls taux que la loi fixe ; un autre la rend fausse.",
)  # fmt: skip
def unknown_rate(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for item in _odd_rates(invoice):
        if french_seller(invoice) and not _taxed_abroad(invoice, context) and not _own_tax(invoice):
            facts = {"rate": percent(item.rate or ZERO), "where": item.where}
            yield Fault(item.path("vat_rate", context), facts, _as_percent(item), about=item.rates)


@entry(
    Rule(
        "FR-TVA-011", Severity.WARNING, "Taux d’un autre État de l’Union",
        "{rate} ({where}) n’est pas un taux français, et le client est dans un autre État de l’Union européenne ({country}).",
        "vérifiez que la vente relève du guichet unique (vente à distance à un particulier) et que le taux est celui de cet État ; "
        "sinon corrigez le taux.",
        "CGI, art. 258 A et 298 sexdecies G", date(2021, 7, 1),
    ),
    concerns="Les ventes à un client d’un autre État de l’Union.", elsewhere=Severity.WARNING,
    why="Au-delà du seuil européen, la vente à distance à un particulier porte la TVA du pays du client.",
)  # fmt: skip
def rate_of_other_member(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for item in _odd_rates(invoice):
        if french_seller(invoice) and _taxed_abroad(invoice, context):
            facts = {"rate": percent(item.rate or ZERO), "where": item.where, "country": country_name(_destination(invoice) or "")}
            yield Fault(item.path("vat_rate", context), facts)


@entry(
    Rule(
        "FR-TVA-012", Severity.WARNING, "Taxe peut-être étrangère",
        "{rate} ({where}) n’est pas un taux de TVA français, et {seller} : ce peut être une taxe étrangère.",
        "une taxe étrangère (« sales tax » par exemple) n’est pas de la TVA et s’écrit en frais{advice}.",
        RATES, KNOWN_SINCE,
    ),
    concerns="Les documents dont le vendeur n’a ni pays ni numéro de TVA, ou est établi hors de l’Union.",
    why="Une taxe étrangère prise pour de la TVA serait déduite et déclarée à tort.",
)  # fmt: skip
def foreign_rate(invoice: Invoice, context: Context) -> Iterator[Fault]:
    french, country = french_seller(invoice), invoice.seller.country
    if french or (country and in_union(country, None, context.day)):
        return
    facts = {"seller": f"le vendeur est établi hors de l’Union ({country_name(country)})", "advice": ""} if country else {
        "seller": "rien ne dit que le vendeur est français",
        "advice": " ; si le vendeur est français, écrivez son adresse et son numéro de TVA, et corrigez le taux",
    }  # fmt: skip
    for item in every_treatment(invoice):
        if _is_odd(item):
            yield Fault(item.path("vat_rate", context), {"rate": percent(item.rate or ZERO), "where": item.where, **facts})


@entry(
    Rule(
        "FR-TVA-013", Severity.WARNING, "Taux de TVA d’une autre époque",
        "{rate} ({where}) n’était pas en vigueur {day} : il {span}.",
        "corrigez le taux ; s’il s’agit d’une opération de cette époque, écrivez sa date de livraison ou d’exécution.",
        f"CGI, art. 269, 1 ; {RATES}", KNOWN_SINCE,
    ),
    concerns="Toute facture, sauf un avoir ou une facture rectificative, qui reprend le taux de l’origine.", elsewhere=Severity.WARNING,
    why="Le taux est celui du jour de la livraison ou de l’exécution (fait générateur).",
)  # fmt: skip
def rate_of_another_time(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if invoice.type_code in CREDIT_NOTES or invoice.type_code in RECTIFYING_INVOICES:
        return
    for item in treatments(invoice):
        if not item.rate or item.category not in {None, VatCategory.STANDARD} or item.rate in rates.rates_on(context.day) or _is_odd(item):
            continue
        spans = [rate for rate in rates.table() if rate.value == item.rate]
        if not any(rate.binds(day) for rate in spans for day in _days(invoice)):
            facts = {"rate": percent(item.rate), "where": item.where, "day": f"le {short_date(context.day)}", "span": _span(spans[0])}
            yield Fault(item.path("vat_rate", context), facts)


@entry(
    Rule(
        "FR-TVA-014", Severity.WARNING, "Taux d’un autre territoire",
        "{rate} ({where}) ne vaut qu’{territory}, alors que le vendeur, le client et la livraison sont ailleurs.",
        "corrigez le taux, ou écrivez l’adresse de livraison où il s’applique.", "CGI, art. 296 et 297",
    ),
    concerns="Les ventes dont toutes les adresses sont en France.", elsewhere=Severity.WARNING,
    why="La Corse, la Guadeloupe, la Martinique et La Réunion ont des taux qui ne valent que chez elles.",
)  # fmt: skip
def rate_of_other_territory(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for item in treatments(invoice):
        where = rates.places_of(item.rate) if item.rate else frozenset()
        if where and "mainland" not in where and _all_in(invoice, "mainland"):
            territory = "en Corse" if "corsica" in where else "en Guadeloupe, en Martinique et à La Réunion"
            yield Fault(item.path("vat_rate", context), {"rate": percent(item.rate or ZERO), "where": item.where, "territory": territory})


@entry(
    Rule(
        "FR-TVA-015", Severity.WARNING, "Taux de métropole outre-mer",
        "{rate} ({where}) est un taux de métropole ; le vendeur, le client et la livraison sont outre-mer ({territory}), "
        "où les taux possibles sont {rates}.",
        "corrigez le taux, ou écrivez l’adresse de livraison ou d’exécution si l’opération a lieu en métropole.", "CGI, art. 296",
    ),
    concerns="Les ventes entre adresses de Guadeloupe, de Martinique ou de La Réunion.", elsewhere=Severity.WARNING,
    why="Le taux normal y est de 8,5 % ; la TVA facturée en trop est due au Trésor et n’est pas déductible.",
)  # fmt: skip
def mainland_rate_overseas(invoice: Invoice, context: Context) -> Iterator[Fault]:
    territory = _all_in(invoice, "overseas")
    for item in treatments(invoice) if territory else ():
        where = rates.places_of(item.rate) if item.rate else frozenset()
        if territory and where and "overseas" not in where:
            there = " ou ".join(percent(rate) for rate in sorted(rates.rates_on(context.day)) if "overseas" in rates.places_of(rate))
            facts = {"rate": percent(item.rate or ZERO), "where": item.where, "territory": territory.name, "rates": there}
            yield Fault(item.path("vat_rate", context), facts)


@entry(
    Rule(
        "FR-TVA-016", Severity.WARNING, "TVA en Guyane ou à Mayotte",
        "De la TVA à {rate} ({where}) est facturée, alors que toutes les adresses sont là où elle ne s’applique pas ({territory}).",
        "retirez la TVA (motif « TVA non applicable, art. 294 du CGI »), ou écrivez l’adresse d’exécution si elle est ailleurs.",
        "CGI, art. 294, 1",
    ),
    concerns="Les ventes entre adresses de Guyane ou de Mayotte.", elsewhere=Severity.WARNING,
    why="La TVA n’y est provisoirement pas applicable ; facturée quand même, elle est due (art. 283, 3).",
)  # fmt: skip
def vat_where_there_is_none(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if territory := _all_in(invoice, "none"):
        for item in treatments(invoice):
            if item.rate:
                facts = {"rate": percent(item.rate), "where": item.where, "territory": territory.name}
                yield Fault(item.path("vat_rate", context), facts)


@entry(
    Rule(
        "FR-TVA-017", Severity.NOTE, "Taux d’une mention qui n’est pas facturé",
        "Un texte de la facture parle d’une TVA à {rate}, mais aucune ligne n’est à ce taux.",
        "corrigez le texte, ou le taux des lignes concernées.", "CGI, ann. II, art. 242 nonies A, I, 8° et 11°",
    ),
    concerns="Les factures dont une mention cite un taux de TVA.", why="Le client ne sait pas lequel des deux taux est dû.",
)  # fmt: skip
def rate_in_text(invoice: Invoice, _: Context) -> Iterator[Fault]:
    for position, note in enumerate(invoice.notes) if may_say(invoice, "%") else ():
        for found in RATE_IN_TEXT.finditer(note.text) if "%" in note.text else ():
            told = Decimal(found[1].replace(",", "."))
            if (taxed := treatments(invoice)) and all(item.rate != told for item in taxed):
                yield Fault(f"notes[{position}].text", {"rate": percent(told)})


@entry(
    Rule(
        "FR-TVA-018", Severity.WARNING, "Part du HT sans TVA ni motif",
        "La TVA de {vat} correspond à {base} HT, mais le total HT est de {net} : {rest} ne portent ni TVA ni motif d’exonération.",
        "écrivez le montant HT de chaque taux, et pour le reste le motif d’exonération.", "CGI, ann. II, art. 242 nonies A, I, 11° et 12°",
    ),
    concerns="Les feuilles qui donnent la TVA de chaque taux sans sa base.",
    why="Ce qui n’est pas taxé doit dire pourquoi.",
)  # fmt: skip
def base_without_vat(invoice: Invoice, _: Context) -> Iterator[Fault]:
    parts, net = invoice.vat_breakdown, invoice.totals.net
    if net is None or not any(part.base is None for part in parts) or not all(part.rate and part.amount is not None for part in parts):
        return
    implied = total(part.base if part.base is not None else (part.amount or ZERO) * 100 / (part.rate or ZERO) for part in parts)
    rest = abs(net) - abs(implied)
    if rest > max(abs(net) / 100, EURO):
        vat, currency = total(part.amount for part in parts), invoice.currency
        facts = {"vat": money(vat, currency), "base": money(implied, currency), "net": money(net, currency), "rest": money(rest, currency)}
        yield Fault("totals.vat", facts)


@entry(
    Rule(
        "FR-TVA-019", Severity.WARNING, "Un taux à la place du montant de TVA",
        "Le montant de TVA est {stated}, ce qui est le taux ({rate}) et non la taxe ; {base} HT à ce taux font {vat} de TVA.",
        "vérifiez la colonne, ou la formule, d’où vient le montant de TVA.", "CGI, ann. II, art. 242 nonies A, I, 11°",
    ),
    concerns=EVERYONE, why="Une formule décalée d’une cellule écrit le taux là où le client attend la taxe.", elsewhere=Severity.WARNING,
)  # fmt: skip
def rate_as_amount(invoice: Invoice, _: Context) -> Iterator[Fault]:
    for item in treatments(invoice):
        if not item.rate or not item.base or item.amount not in {item.rate, item.rate / 100}:
            continue
        vat = amount(item.base * item.rate / 100)
        if item.amount is not None and abs(vat - item.amount) > 10 * CENT:
            currency = invoice.currency
            facts = {"stated": money(item.amount, currency), "rate": percent(item.rate), "base": money(item.base, currency)}
            yield Fault(f"{item.part}.amount", facts | {"vat": money(vat, currency)})


def _odd_rates(invoice: Invoice) -> Iterator[Treatment]:
    """The treatments with a rate that no French law knows."""
    return filter(_is_odd, treatments(invoice))


def _is_odd(item: Treatment) -> bool:
    return bool(item.rate) and item.rate not in rates.known_rates()


def _as_percent(item: Treatment) -> str | None:
    """The rate that was meant by a fraction, as 20 for 0.2, where the VAT agrees."""
    meant = (item.rate or ZERO) * 100
    agrees = item.base is not None and item.amount is not None and abs(item.base * meant / 100 - item.amount) <= CENT
    return plain(meant) if agrees and meant in rates.known_rates() else None


def _destination(invoice: Invoice) -> str | None:
    """The country where the goods go, else that of the buyer."""
    delivered = invoice.delivery.address.country if invoice.delivery and invoice.delivery.address else None
    return delivered or invoice.buyer.country


def _taxed_abroad(invoice: Invoice, context: Context) -> bool:
    return other_member(_destination(invoice), None, context.day)


def _own_tax(invoice: Invoice) -> bool:
    """Whether the seller stands in a territory with a tax of its own (New Caledonia, Polynesia …)."""
    place = french_territory(invoice.seller.address)
    return place is not None and place.kind == "own"


def _all_in(invoice: Invoice, kind: str) -> Territory | None:
    """The seller's territory, where it is of `kind` and buyer and delivery are known to be in one of that kind too; else None."""
    seller = french_territory(invoice.seller.address)
    if seller is None or seller.kind != kind:
        return None
    others = [invoice.buyer.address]
    if invoice.delivery and invoice.delivery.address:
        others.append(invoice.delivery.address)
    there = [french_territory(address) for address in others]
    return seller if all(place is not None and place.kind == kind for place in there) else None


def _days(invoice: Invoice) -> list[date]:
    """The days that may be those of the supply."""
    days = [invoice.vat_point_date, invoice.delivery.date if invoice.delivery else None]
    periods = [invoice.period, *(line.period for line in invoice.lines)]
    days += [day for period in periods if period for day in (period.start, period.end)]
    return [day for day in days if day is not None]


def _span(rate: rates.Rate) -> str:
    since = short_date(rate.since)
    return f"a valu du {since} au {short_date(rate.until)}" if rate.until else f"vaut depuis le {since}"
