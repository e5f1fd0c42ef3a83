"""Whether category, rate and regime go together, and whether VAT is shown by those who may not.

Sources: CGI art. 283, 3 (a tax shown is due), 293 B, 293 E; EN 16931-1 (BR-S-05, BR-Z-05, BR-E-05 …, BR-O-11); XP Z12-012, BR-FR-15.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from xlbridge.company import VatRegime
from xlbridge.findings import Rule, Severity
from xlbridge.french import money, percent
from xlbridge.legal_texts import FRANCHISE_CODE
from xlbridge.model import Invoice
from xlbridge.model.codes import VatCategory
from xlbridge.model.money import ZERO, total
from xlbridge.rules.catalogue import Context, Fault, entry
from xlbridge.rules.texts import note_with
from xlbridge.rules.vat_treatments import charged, treatments

NONIES = "CGI, ann. II, art. 242 nonies A, I, "
EVERYONE = "Toute facture d’un vendeur soumis à la TVA française."
NAMES = {
    VatCategory.ZERO: "taux zéro",
    VatCategory.EXEMPT: "exonération",
    VatCategory.REVERSE_CHARGE: "autoliquidation",
    VatCategory.INTRA_EU: "livraison intracommunautaire",
    VatCategory.EXPORT: "exportation",
    VatCategory.OUT_OF_SCOPE: "hors champ de la TVA",
}
REGIMES = {VatRegime.FRANCHISE: "en franchise en base de TVA", VatRegime.EXEMPT: "exonérée de TVA par son activité"}
FRANCHISE_ARTICLE = "293 b"
REVERSE_CHARGE_WORD = "autoliquidation"


@entry(
    Rule(
        "FR-TVA-020", Severity.BLOCKING, "Opération taxée sans taux", "Catégorie « taxée » (S), mais le taux est {rate} ({where}).",
        "écrivez le taux de TVA, ou le motif d’exonération s’il n’y a pas de TVA.", f"{NONIES}8° ; EN 16931, BR-S-05",
    ),
    concerns=EVERYONE, elsewhere=Severity.BLOCKING, why="Une vente est taxée à un taux, ou exonérée pour un motif ; jamais taxée à zéro.",
)  # fmt: skip
def taxed_without_rate(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for item in treatments(invoice):
        if item.category == VatCategory.STANDARD and (item.rate is None or item.rate <= 0):
            rate = "absent" if item.rate is None else percent(item.rate)
            yield Fault(item.path("vat_rate", context), {"rate": rate, "where": item.where})


@entry(
    Rule(
        "FR-TVA-021", Severity.BLOCKING, "TVA sur une opération qui n’en porte pas",
        "La catégorie {category} ({name}) n’admet pas de TVA, mais {what} ({where}).",
        "mettez le taux et la TVA à zéro, ou retirez le motif d’exonération si l’opération est taxée.",
        "CGI, art. 283, 3 ; EN 16931, BR-E-05, BR-AE-05, BR-IC-05, BR-G-05, BR-O-05 et BR-Z-05",
    ),
    concerns=EVERYONE, elsewhere=Severity.BLOCKING,
    why="La TVA facturée est due au Trésor, même à tort, et le client ne peut pas la déduire.",
)  # fmt: skip
def exempt_with_rate(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for item in treatments(invoice):
        if item.category in NAMES and charged(item):
            what = f"le taux est {percent(item.rate)}" if item.rate else f"la TVA est {money(item.amount or ZERO, invoice.currency)}"
            facts = {"category": item.category, "name": NAMES[VatCategory(item.category)], "what": what, "where": item.where}
            yield Fault(item.path("vat_rate", context), facts)


@entry(
    Rule(
        "FR-TVA-022", Severity.BLOCKING, "Catégorie de TVA inconnue en France",
        "La catégorie de TVA « {category} » ({where}) n’existe pas en France.",
        "choisissez S (taxée), E (exonérée), AE (autoliquidation), K (intracommunautaire), G (exportation), O (hors champ) ou Z.",
        "XP Z12-012, BR-FR-15",
    ),
    concerns=EVERYONE, elsewhere=Severity.BLOCKING,
    why="Les codes L et M sont ceux des Canaries, de Ceuta et de Melilla ; les plateformes françaises refusent tout autre code.",
)  # fmt: skip
def unknown_category(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for item in treatments(invoice):
        if item.category is not None and item.category != VatCategory.STANDARD and item.category not in NAMES:
            yield Fault(item.path("vat_category", context), {"category": item.category, "where": item.where})


@entry(
    Rule(
        "FR-TVA-023", Severity.BLOCKING, "Hors champ et TVA sur une même facture",
        "La catégorie O (hors champ de la TVA) est mêlée à {others} : elle doit être seule sur la facture.",
        "faites deux factures, ou donnez aux lignes hors champ le motif d’exonération qui leur convient (débours, par exemple).",
        "EN 16931, BR-O-11 à BR-O-14",
    ),
    concerns="Les factures d’opérations hors du champ de la TVA.", why="La norme européenne refuse ce mélange.", elsewhere=Severity.WARNING,
)  # fmt: skip
def mixed_out_of_scope(invoice: Invoice, context: Context) -> Iterator[Fault]:
    found = treatments(invoice)
    outside = next((item for item in found if item.category == VatCategory.OUT_OF_SCOPE), None)
    others = sorted({item.category for item in found if item.category not in {None, VatCategory.OUT_OF_SCOPE}} - {None}, key=str)
    if outside and others:
        yield Fault(outside.path("vat_category", context), {"others": ", ".join(map(str, others))})


@entry(
    Rule(
        "FR-TVA-024", Severity.WARNING, "Taux zéro",
        "La catégorie Z (taux zéro, {where}) n’est pas celle d’une vente en France : la loi française ne connaît pas de taux zéro.",
        "dites pourquoi il n’y a pas de TVA, par un motif d’exonération : franchise, exportation, autoliquidation…", f"{NONIES}12°",
    ),
    concerns=EVERYONE, why="Sans TVA, la facture doit citer le texte qui en dispense.", elsewhere=Severity.NOTE,
)  # fmt: skip
def zero_rated(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for item in treatments(invoice):
        if item.category == VatCategory.ZERO:
            yield Fault(item.path("vat_category", context), {"where": item.where})


@entry(
    Rule(
        "FR-TVA-025", Severity.BLOCKING, "TVA facturée sans y avoir droit",
        "L’entreprise est {regime}, mais la facture porte de la TVA ({what}, {where}).",
        "retirez la TVA ; si l’entreprise y est soumise désormais, écrivez-le dans « Entreprise » ou entreprise.toml "
        "(regime_tva = \"normal\").",
        "CGI, art. 283, 3 et 293 E",
    ),
    concerns="Les entreprises en franchise en base, ou exonérées par leur activité.",
    why="La TVA facturée à tort est due au Trésor, et le client ne peut pas la déduire.",
)  # fmt: skip
def vat_without_right(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if context.regime not in REGIMES:
        return
    regime = REGIMES[context.regime]
    found = treatments(invoice)
    for item in found:
        if charged(item):
            what = percent(item.rate) if item.rate else money(item.amount or ZERO, invoice.currency)
            yield Fault(item.path("vat_rate", context), {"regime": regime, "what": what, "where": item.where})
    if invoice.totals.vat and not any(map(charged, found)):
        yield Fault("totals.vat", {"regime": regime, "what": money(invoice.totals.vat, invoice.currency), "where": "total"})


@entry(
    Rule(
        "FR-TVA-026", Severity.BLOCKING, "Mention de franchise et TVA facturée",
        "La facture dit « TVA non applicable, art. 293 B du CGI », mais porte {vat} de TVA.",
        "retirez la mention si l’entreprise est soumise à la TVA ; retirez la TVA si elle est en franchise.", "CGI, art. 283, 3 et 293 E",
    ),
    concerns="Les factures qui citent l’article 293 B.", elsewhere=Severity.WARNING,
    why="L’une des deux est fausse ; la TVA facturée par une entreprise en franchise est due, et le client ne peut pas la déduire.",
)  # fmt: skip
def franchise_text_with_vat(invoice: Invoice, _: Context) -> Iterator[Fault]:
    path = note_with(invoice, FRANCHISE_ARTICLE)
    if path and (vat := _vat_of(invoice)):
        yield Fault(path, {"vat": money(vat, invoice.currency)})


@entry(
    Rule(
        "FR-TVA-027", Severity.WARNING, "Motif de franchise d’une entreprise soumise à la TVA",
        "Le motif est la franchise en base (art. 293 B, {where}), mais l’entreprise est dite au régime normal de TVA.",
        "corrigez le motif, ou le régime dans « Entreprise » ou entreprise.toml (regime_tva = \"franchise\").", "CGI, art. 293 B",
    ),
    concerns="Les entreprises dont le régime de TVA est connu.", why="La franchise vaut pour toute l’entreprise, ou pour rien.",
)  # fmt: skip
def franchise_reason_without_regime(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if context.regime is VatRegime.NORMAL:
        for item in treatments(invoice):
            if item.code == FRANCHISE_CODE:
                yield Fault(item.path("vat_reason", context), {"where": item.where})


@entry(
    Rule(
        "FR-TVA-028", Severity.WARNING, "Autoliquidation et TVA facturée",
        "La facture dit « Autoliquidation », ce qui laisse la TVA à la charge du client, mais toutes ses lignes portent de la TVA ({vat}).",
        "retirez la TVA et donnez le motif d’autoliquidation, ou retirez la mention.", f"CGI, art. 283, 2 à 2 nonies et 3 ; {NONIES}13°",
    ),
    concerns="Les factures qui portent la mention « Autoliquidation ».", elsewhere=Severity.WARNING,
    why="La TVA serait payée deux fois : au vendeur, et par le client au Trésor.",
)  # fmt: skip
def reverse_charge_text_with_vat(invoice: Invoice, _: Context) -> Iterator[Fault]:
    path = note_with(invoice, REVERSE_CHARGE_WORD)
    if path and (vat := _vat_of(invoice)) and all(map(charged, treatments(invoice))):
        yield Fault(path, {"vat": money(vat, invoice.currency)})


def _vat_of(invoice: Invoice) -> Decimal | None:
    """The VAT that a seller under French law charges, or nothing."""
    found = treatments(invoice)
    return (invoice.totals.vat or total(item.amount for item in found)) if any(map(charged, found)) else None
