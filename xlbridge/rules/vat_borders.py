"""Sales across borders: reverse charge, intra-Union supplies, exports, and taxes that are no VAT.

Sources: CGI art. 259-1°, 262, I, 262 ter, I, 283, 2, 294; CGI ann. II art. 242 nonies A, I, 3°, 4° and 10°; EN 16931-1 (BR-AE-02 …,
BR-IC-02, BR-IC-11, BR-IC-12).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from xlbridge.countries import country_name
from xlbridge.findings import Rule, Severity
from xlbridge.model import Invoice, Party
from xlbridge.model.codes import VatCategory
from xlbridge.rules.catalogue import Context, Fault, entry
from xlbridge.rules.texts import may_say
from xlbridge.rules.vat_territories import foreign_union_number, french_territory, in_union, is_french, other_member
from xlbridge.rules.vat_treatments import Treatment, charged, treatments

NONIES = "CGI, ann. II, art. 242 nonies A, I, "
ABROAD = "Les ventes à un client ou vers un lieu hors de France."
SELLER_NUMBER = "dans « Entreprise » ou dans entreprise.toml"
BUYER_NUMBER = "dans la fiche du client"
FOREIGN_WORDS = ("fodec", "tax", "timbre", "gst", "hst", "tvq", "mwst", "ust", "btw")
FOREIGN_TAX = re.compile(
    r"\bfodec\b|\bsales[ -]?tax\b|\btimbre fiscal\b|\bdroit de timbre\b|\b(?:gst|hst|tvq|mwst|ust|btw)\b\s*(?:\d|[:=(]|n°)", re.IGNORECASE
)  # fmt: skip


@entry(
    Rule(
        "FR-TVA-038", Severity.BLOCKING, "Autoliquidation sans identifiant",
        "La TVA est due par le client (autoliquidation), mais {what} manque.", "écrivez-le {place}.",
        f"{NONIES}4° ; CGI, art. 283 ; EN 16931, BR-AE-02 à BR-AE-04",
    ),
    concerns="Les factures en autoliquidation (sous-traitance du bâtiment, services à une entreprise de l’Union…).",
    why="C’est le client qui déclare la TVA : vendeur et client doivent être identifiés.", elsewhere=Severity.WARNING,
)  # fmt: skip
def reverse_charge_identifiers(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if not _of(invoice, VatCategory.REVERSE_CHARGE):
        return
    seller, buyer = invoice.seller, invoice.buyer
    if not (seller.vat_number or seller.tax_registration or invoice.tax_representative):
        yield Fault("seller.vat_number", {"what": "le numéro de TVA du vendeur", "place": SELLER_NUMBER})
    if not buyer.vat_number and other_member(buyer.country, _postcode(buyer), context.day):
        yield Fault("buyer.vat_number", {"what": "le numéro de TVA du client, établi dans l’Union,", "place": BUYER_NUMBER})
    elif not buyer.vat_number and not buyer.legal_id:
        yield Fault("buyer.vat_number", {"what": "le numéro de TVA ou le SIREN du client", "place": BUYER_NUMBER})


@entry(
    Rule(
        "FR-TVA-039", Severity.NOTE, "Autoliquidation hors de l’Union",
        "L’autoliquidation est un mécanisme de l’Union européenne ; le client est hors de l’Union ({country}).",
        "pour un service à une entreprise hors de l’Union, choisissez « TVA non applicable, art. 259-1 du CGI » ; "
        "pour des biens, l’exportation.",
        "CGI, art. 259-1° et 262, I",
    ),
    concerns=ABROAD, why="L’opération se déclare à un autre endroit.", elsewhere=Severity.NOTE,
)  # fmt: skip
def reverse_charge_outside_union(invoice: Invoice, context: Context) -> Iterator[Fault]:
    item, country = _of(invoice, VatCategory.REVERSE_CHARGE), invoice.buyer.country
    if item and country and not is_french(country) and not in_union(country, None, context.day) and not invoice.buyer.vat_number:
        yield Fault(item.path("vat_category", context), {"country": country_name(country)})


@entry(
    Rule(
        "FR-TVA-040", Severity.BLOCKING, "Livraison intracommunautaire sans numéro de TVA",
        "Livraison intracommunautaire sans TVA, mais le numéro de TVA {whose} manque.", "écrivez-le {place} ; sans lui, la TVA est due.",
        f"CGI, art. 262 ter, I, 1° ; {NONIES}3° ; EN 16931, BR-IC-02",
    ),
    concerns="Les ventes de biens à une entreprise d’un autre État de l’Union.", elsewhere=Severity.WARNING,
    why="L’exonération n’est acquise que si le client a donné un numéro de TVA d’un autre État ; il figure sur l’état récapitulatif.",
)  # fmt: skip
def intra_union_numbers(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if not _of(invoice, VatCategory.INTRA_EU):
        return
    if not (invoice.seller.vat_number or invoice.tax_representative):
        yield Fault("seller.vat_number", {"whose": "du vendeur", "place": SELLER_NUMBER})
    if not invoice.buyer.vat_number:
        yield Fault("buyer.vat_number", {"whose": "du client", "place": BUYER_NUMBER})


@entry(
    Rule(
        "FR-TVA-041", Severity.BLOCKING, "Livraison intracommunautaire sans date ni lieu",
        "Livraison intracommunautaire sans TVA, mais {what} de la livraison manque.", "écrivez {remedy}.",
        f"CGI, art. 262 ter, I ; {NONIES}7° bis et 10° ; EN 16931, BR-IC-11 et BR-IC-12",
    ),
    concerns="Les ventes de biens à une entreprise d’un autre État de l’Union.", elsewhere=Severity.WARNING,
    why="Il faut pouvoir montrer quand et où les biens ont quitté la France.",
)  # fmt: skip
def intra_union_delivery(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if not _of(invoice, VatCategory.INTRA_EU):
        return
    delivery = invoice.delivery
    if not (delivery and delivery.date) and not (invoice.period and (invoice.period.start or invoice.period.end)):
        yield Fault("delivery.date", {"what": "la date", "remedy": "la date de livraison dans la colonne « Livraison »"})
    if not (delivery and delivery.address and delivery.address.country):
        yield Fault("delivery.address.country", {"what": "le pays", "remedy": "l’adresse de livraison, avec son pays"})


@entry(
    Rule(
        "FR-TVA-042", Severity.BLOCKING, "Livraison intracommunautaire qui ne quitte pas la France ou l’Union",
        "La catégorie K suppose un client et une arrivée dans un autre État de l’Union, mais {what}.",
        "corrigez le pays ou le numéro de TVA du client ; sinon facturez la TVA (client en France) ou une exportation (hors de l’Union).",
        "CGI, art. 262, I et 262 ter, I",
    ),
    concerns="Les ventes de biens à une entreprise d’un autre État de l’Union.", elsewhere=Severity.WARNING,
    why="Hors de ce cas, l’exonération n’est pas due et le vendeur devra la TVA.",
)  # fmt: skip
def intra_union_nowhere(invoice: Invoice, context: Context) -> Iterator[Fault]:
    item, buyer = _of(invoice, VatCategory.INTRA_EU), invoice.buyer
    if item is None:
        return
    arrival = invoice.delivery.address.country if invoice.delivery and invoice.delivery.address else None
    if foreign_union_number(buyer.vat_number) and (arrival is None or not is_french(arrival)):
        return
    number_is_french = (buyer.vat_number or "")[:2].upper() == "FR"
    if arrival and is_french(arrival):
        yield Fault(
            item.path("vat_category", context),
            {"what": "les biens sont livrés en France" + ("" if arrival == "FR" else f" ({country_name(arrival)})")},
        )
    elif arrival and not in_union(arrival, None, context.day):
        yield Fault(item.path("vat_category", context), {"what": f"les biens sont livrés hors de l’Union ({country_name(arrival)})"})
    elif number_is_french:
        yield Fault("buyer.vat_number", {"what": f"le numéro de TVA du client est français ({buyer.vat_number})"})
    elif arrival is None and buyer.country and not other_member(buyer.country, None, context.day):
        yield Fault("buyer.country", {"what": f"le client n’y est pas ({country_name(buyer.country)})"})


@entry(
    Rule(
        "FR-TVA-043", Severity.WARNING, "Exportation vers l’Union",
        "L’exportation (catégorie G) suppose que les biens quittent l’Union européenne, mais {what}.",
        "écrivez l’adresse de livraison hors de l’Union ; sinon facturez la TVA, ou une livraison intracommunautaire.",
        "CGI, art. 262, I et 294",
    ),
    concerns="Les ventes sans TVA à l’exportation.", elsewhere=Severity.WARNING,
    why="Sans sortie de l’Union, l’exonération n’est pas due et le vendeur devra la TVA.",
)  # fmt: skip
def export_inside_union(invoice: Invoice, context: Context) -> Iterator[Fault]:
    item, delivery = _of(invoice, VatCategory.EXPORT), invoice.delivery
    if item is None:
        return
    from_overseas = (place := french_territory(invoice.seller.address)) is not None and place.kind not in {"mainland", "corsica"}
    arrival = delivery.address if delivery and delivery.address and delivery.address.country else None
    address, what = (arrival, "la livraison est") if arrival else (invoice.buyer.address, "le client est")
    if address and address.country and in_union(address.country, address.postcode, context.day) and not from_overseas:
        path = "delivery.address.country" if arrival else "buyer.country"
        yield Fault(path, {"what": f"{what} dans l’Union ({country_name(address.country)})"})


@entry(
    Rule(
        "FR-TVA-044", Severity.NOTE, "TVA française facturée à une entreprise étrangère",
        "De la TVA française est facturée à un client établi {there} ({country}).",
        "vérifiez le lieu de l’opération : {advice}.", "CGI, art. 259-1°, 262, I, 262 ter, I et 283, 2",
    ),
    concerns=ABROAD, why="Une TVA facturée à tort reste due, et le client étranger ne la récupère que difficilement.",
    elsewhere=Severity.NOTE,
)  # fmt: skip
def taxed_abroad(invoice: Invoice, context: Context) -> Iterator[Fault]:
    country, number = invoice.buyer.country, invoice.buyer.vat_number
    if not country or is_french(country) or not any(map(charged, treatments(invoice))):
        return
    if in_union(country, _postcode(invoice.buyer), context.day):
        if foreign_union_number(number):
            advice = "des biens expédiés sont exonérés (art. 262 ter, I), un service est en général autoliquidé par le client"
            yield Fault("buyer.country", {"there": "dans un autre État de l’Union", "country": country_name(country), "advice": advice})
    else:
        advice = "des biens expédiés sont exonérés (exportation), un service à une entreprise est en général hors champ (art. 259-1)"
        yield Fault("buyer.country", {"there": "hors de l’Union", "country": country_name(country), "advice": advice})


@entry(
    Rule(
        "FR-TVA-045", Severity.WARNING, "Taxe étrangère ou locale",
        "« {text} » : cette taxe n’est pas de la TVA française.",
        "une taxe qui n’est pas de la TVA s’écrit en frais (hors TVA), non dans la colonne de TVA ; en France, retirez-la.",
        f"CGI, art. 267 ; {NONIES}11°",
    ),
    concerns="Les factures qui nomment une taxe étrangère (FODEC, sales tax, timbre fiscal…).", elsewhere=Severity.NOTE,
    why="Prise pour de la TVA, elle serait déclarée et déduite à tort ; oubliée, les totaux ne tombent pas juste.",
)  # fmt: skip
def foreign_tax(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if not may_say(invoice, *FOREIGN_WORDS):
        return
    texts: tuple[list[str | None], ...] = (
        [item.reason for item in invoice.charges],
        [note.text for note in invoice.notes],
        [line.name for line in invoice.lines],
    )
    for path, named in zip(("charges[{}].reason", "notes[{}].text", "lines[{}].name"), texts, strict=True):
        for position, text in enumerate(named):
            if text and _names_foreign_tax(text):
                yield Fault(path.format(position), {"text": text if len(text) <= 60 else f"{text[:60]}…"})


def _of(invoice: Invoice, category: VatCategory) -> Treatment | None:
    return next((item for item in treatments(invoice) if item.category == category), None)


def _postcode(party: Party) -> str | None:
    return party.address.postcode if party.address else None


@lru_cache(maxsize=4096)
def _names_foreign_tax(text: str) -> bool:
    return FOREIGN_TAX.search(text) is not None
