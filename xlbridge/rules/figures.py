"""Figures that add up and are wrong all the same: signs, nothing to pay, reductions, prices, decimals.

Sources: CGI ann. II art. 242 nonies A, I, 8° and 9°; CGI art. 289, I-5; EN 16931-1, BR-27; XP Z12-012, BR-FR-DEC-01 to 04.

>>> from datetime import date
>>> from xlbridge.model import Totals
>>> free = Invoice(type_code="380", totals=Totals(net=ZERO, gross=ZERO))
>>> [fault.path for fault in nothing_to_pay(free, Context(day=date(2026, 10, 1)))]
['totals.gross']
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from xlbridge.findings import Rule, Severity
from xlbridge.french import percent, price, quantity
from xlbridge.model import AllowanceCharge, Invoice
from xlbridge.model.money import CENT, ZERO, amount
from xlbridge.model.totals import net_of
from xlbridge.rules.catalogue import Context, Fault, entry
from xlbridge.rules.sums import position_in, written

WARNING, NOTE = Severity.WARNING, Severity.NOTE
NONIES = "CGI, ann. II, art. 242 nonies A, I, "
EVERYONE = "Toute facture et tout avoir."
INVOICES = "Les factures (un avoir n’est pas concerné)."
WITH_LINES = "Toute facture avec lignes."


@entry(
    Rule(
        "FR-MNT-030", WARNING, "Acompte supérieur au total", "L’acompte déduit ({prepaid}) dépasse le total TTC ({gross}).",
        "vérifiez l’acompte ; un trop-perçu se rend par un avoir ou un remboursement, non par un reste à payer négatif.",
        "EN 16931, BR-CO-16",
    ),
    concerns=INVOICES, why="Un acompte plus grand que la facture est presque toujours une erreur de saisie.", elsewhere=WARNING,
)  # fmt: skip
def prepaid_above_total(invoice: Invoice, _: Context) -> Iterator[Fault]:
    prepaid, gross = invoice.totals.prepaid, invoice.totals.gross
    if prepaid and gross is not None and gross >= 0 and prepaid > gross and not invoice.is_credit_note:
        yield Fault("totals.prepaid", {"prepaid": written(prepaid, invoice.currency), "gross": written(gross, invoice.currency)})


@entry(
    Rule(
        "FR-MNT-031", WARNING, "Facture de montant négatif", "Le total de la facture est négatif ({gross}).",
        "établissez un avoir (type « Avoir »), qui nomme la facture d’origine.", "CGI, art. 289, I-5",
    ),
    concerns=INVOICES, why="Ce qui est rendu au client se constate par un avoir, non par une facture négative.", elsewhere=WARNING,
)  # fmt: skip
def negative_total(invoice: Invoice, _: Context) -> Iterator[Fault]:
    gross = invoice.totals.gross if invoice.totals.gross is not None else invoice.totals.net
    if gross is not None and gross < 0 and not invoice.is_credit_note:
        yield Fault("totals.gross", {"gross": written(gross, invoice.currency)})


@entry(
    Rule(
        "FR-MNT-032", WARNING, "Facture à zéro", "Le total de la facture est nul.",
        "vérifiez les quantités et les prix ; une facture sans montant n’a en général pas lieu d’être émise.", NONIES + "8° et 11°",
    ),
    concerns=EVERYONE, why="Une facture nulle occupe un numéro et vient le plus souvent d’un modèle non rempli.", elsewhere=WARNING,
)  # fmt: skip
def nothing_to_pay(invoice: Invoice, _: Context) -> Iterator[Fault]:
    totals = invoice.totals
    if not totals.gross and not totals.net and (totals.gross is not None or totals.net is not None):
        yield Fault("totals.gross" if totals.gross is not None else "totals.net")


@entry(
    Rule(
        "FR-MNT-033", WARNING, "Prix négatif", "Ligne {line} : le prix unitaire est négatif ({price}).",
        "mettez le signe moins sur la quantité et laissez le prix positif ; une remise s’écrit dans sa colonne.",
        "EN 16931, BR-27 ; XP Z12-012, BR-FR-DEC-03",
    ),
    concerns=WITH_LINES, why="Une facture électronique dont un prix est négatif est refusée.", elsewhere=WARNING,
)  # fmt: skip
def negative_price(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if (invoice.business_process or "").endswith("9"):  # bidirectional invoices may (BR-FR-DEC-03)
        return
    for position, line in enumerate(invoice.lines):
        if line.unit_price is not None and line.unit_price < 0:
            yield Fault(f"lines[{position}].unit_price", {"line": position + 1, "price": price(line.unit_price)})


@entry(
    Rule(
        "FR-MNT-034", NOTE, "Plus de deux décimales", "{what} plus de deux décimales : {value}.",
        "arrondissez au centime dans la feuille (fonction ARRONDI(…;2)).", "XP Z12-012, BR-FR-DEC-01",
    ),
    concerns=EVERYONE, why="Le tableur garde des décimales qu’il ne montre pas : les totaux imprimés peuvent alors ne pas s’additionner.",
    elsewhere=WARNING, of_sheet=True,
)  # fmt: skip
def too_many_decimals(invoice: Invoice, context: Context) -> Iterator[Fault]:
    places = [(f"lines[{position}].net_amount", line.net_amount) for position, line in enumerate(invoice.lines)]
    for position, part in enumerate(invoice.vat_breakdown):
        places += [(f"vat_breakdown[{position}].base", part.base), (f"vat_breakdown[{position}].amount", part.amount)]
    totals = invoice.totals
    if len(invoice.vat_breakdown) == 1:  # its tax is the total's
        places.pop()
    places += [("totals.net", totals.net), ("totals.vat", totals.vat), ("totals.gross", totals.gross), ("totals.due", totals.due)]
    found = [(path, value) for path, value in places if value is not None and value != amount(value)]
    if found and context.own:  # each on its cell
        yield from (Fault(path, {"what": "Un montant a", "value": quantity(value)}) for path, value in found)
    elif found:
        what, more = ("Un montant a", "") if len(found) == 1 else (f"{len(found)} montants ont", ", …")
        yield Fault(found[0][0], {"what": what, "value": quantity(found[0][1]) + more})


@entry(
    Rule(
        "FR-MNT-035", NOTE, "Prix ou quantité trop précis", "Ligne {line} : {value} a plus de {digits} décimales.",
        "arrondissez la valeur dans la feuille (fonction ARRONDI).", "XP Z12-012, BR-FR-DEC-02 et 03",
    ),
    concerns=WITH_LINES, why="Une facture électronique porte au plus quatre décimales de quantité et six de prix.", elsewhere=WARNING,
)  # fmt: skip
def too_precise(invoice: Invoice, _: Context) -> Iterator[Fault]:
    for position, line in enumerate(invoice.lines):
        for name, value, digits in (("quantity", line.quantity, 4), ("unit_price", line.unit_price, 6)):
            if value is not None and value % CENT and value.scaleb(digits) % 1:
                yield Fault(f"lines[{position}].{name}", {"line": position + 1, "value": quantity(value), "digits": digits})


def _adjustments(invoice: Invoice) -> Iterator[tuple[str, str, AllowanceCharge]]:
    """Path, French name and data of every allowance and charge."""
    for position, item in enumerate(invoice.allowances):
        yield f"allowances[{position}]", "Remise", item
    for position, item in enumerate(invoice.charges):
        yield f"charges[{position}]", "Frais", item
    for at, line in enumerate(invoice.lines):
        for position, item in enumerate(line.allowances):
            yield f"lines[{at}].allowances[{position}]", f"Ligne {at + 1}, remise", item
        for position, item in enumerate(line.charges):
            yield f"lines[{at}].charges[{position}]", f"Ligne {at + 1}, frais", item


@entry(
    Rule(
        "FR-MNT-036", WARNING, "Remise mal calculée", "{where} : {percent} de {base} = {expected}, et non {stated}.",
        "corrigez le taux, la base ou le montant de la remise ou des frais.", NONIES + "9°",
    ),
    concerns="Les factures avec remises ou frais en pourcentage.", why="Le client compte sur la remise annoncée.", elsewhere=WARNING,
)  # fmt: skip
def wrong_reduction(invoice: Invoice, _: Context) -> Iterator[Fault]:
    for path, where, item in _adjustments(invoice):
        if item.amount is not None and item.base is not None and item.percent is not None:
            expected = amount(item.base * item.percent / 100)
            if abs(abs(expected) - abs(item.amount)) > CENT:
                yield Fault(f"{path}.amount", {
                    "where": where, "percent": percent(item.percent), "base": written(item.base, invoice.currency),
                    "expected": written(expected, invoice.currency), "stated": written(item.amount, invoice.currency),
                })  # fmt: skip


@entry(
    Rule(
        "FR-MNT-037", WARNING, "Remise en sens contraire", "{where} : le montant {stated} est négatif, il joue donc en sens contraire.",
        "écrivez la remise comme un montant positif ; un supplément s’écrit comme des frais.", NONIES + "9°",
    ),
    concerns="Les factures avec remises ou frais.", why="Une remise est déjà retranchée du total : négative, elle l’augmente.",
    elsewhere=WARNING,
)  # fmt: skip
def negative_reduction(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if (invoice.totals.net or ZERO) < 0:  # a credit note that writes everything negative
        return
    for path, where, item in _adjustments(invoice):
        on_return = path.startswith("lines") and (invoice.lines[position_in(path)].quantity or ZERO) < 0
        if item.amount is not None and item.amount < 0 and not on_return:
            yield Fault(f"{path}.amount", {"where": where, "stated": written(item.amount, invoice.currency)})


@entry(
    Rule(
        "FR-MNT-038", WARNING, "Remise supérieure au prix", "{where} : la remise de {stated} dépasse ce qu’elle réduit ({base}).",
        "corrigez la remise : elle ne peut pas dépasser 100 %.", NONIES + "9°",
    ),
    concerns="Les factures avec remises.", why="Une remise de plus de 100 % est une erreur de saisie ou un avoir déguisé.",
    elsewhere=WARNING,
)  # fmt: skip
def reduction_above_price(invoice: Invoice, _: Context) -> Iterator[Fault]:
    totals = invoice.totals
    nets = [net_of(line) for line in invoice.lines] if invoice.allowances else []
    whole = totals.line_net if totals.line_net is not None else sum((net for net in nets if net is not None), ZERO)
    for path, where, item in _adjustments(invoice):
        if not item.amount or item.amount < 0 or "charges" in path:
            continue
        base: Decimal | None = whole
        if path.startswith("lines"):
            line = invoice.lines[position_in(path)]
            known = line.quantity is not None and line.unit_price is not None
            base = line.quantity * line.unit_price / (line.price_base_quantity or 1) if known else None  # type: ignore[operator]
        if base and base > 0 and item.amount > base + CENT:
            facts = {"where": where, "stated": written(item.amount, invoice.currency), "base": written(base, invoice.currency)}
            yield Fault(f"{path}.amount", facts)


@entry(
    Rule(
        "FR-MNT-039", WARNING, "Prix net et prix brut", "Ligne {line} : {gross} − {discount} = {expected}, et non {stated}.",
        "corrigez le prix brut, la remise sur le prix ou le prix net.", NONIES + "8° et 9°",
    ),
    concerns=WITH_LINES, why="Le prix net est le prix brut moins la remise sur le prix.", elsewhere=WARNING,
)  # fmt: skip
def wrong_net_price(invoice: Invoice, _: Context) -> Iterator[Fault]:
    for position, line in enumerate(invoice.lines):
        gross, net, discount = line.gross_price, line.unit_price, line.price_discount
        if gross is not None and net is not None and discount is not None and abs(gross - discount - net) > CENT:
            yield Fault(f"lines[{position}].unit_price", {
                "line": position + 1, "gross": price(gross), "discount": price(discount), "expected": price(gross - discount),
                "stated": price(net),
            })  # fmt: skip


@entry(
    Rule(
        "FR-MNT-040", NOTE, "Quantité nulle", "Ligne {line} : la quantité est nulle.", "retirez la ligne, ou écrivez sa quantité.",
        NONIES + "8°",
    ),
    concerns=WITH_LINES, why="Une ligne sans quantité ne facture rien ; elle vient souvent d’un modèle non rempli.", elsewhere=NOTE,
)  # fmt: skip
def no_quantity(invoice: Invoice, _: Context) -> Iterator[Fault]:
    for position, line in enumerate(invoice.lines):
        if line.quantity is not None and not line.quantity:
            yield Fault(f"lines[{position}].quantity", {"line": position + 1})


@entry(
    Rule(
        "FR-MNT-041", WARNING, "Arrondi de plus d’un euro", "Le montant d’arrondi est de {rounding}.",
        "écrivez ce montant comme une remise ou comme des frais : un arrondi reste sous une unité de la devise.", "EN 16931, BT-114",
    ),
    concerns=EVERYONE, why="L’arrondi ne sert qu’à payer un nombre rond ; au-delà il cache une remise ou une erreur.", elsewhere=WARNING,
)  # fmt: skip
def large_rounding(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if invoice.totals.rounding is not None and abs(invoice.totals.rounding) > 1:
        yield Fault("totals.rounding", {"rounding": written(invoice.totals.rounding, invoice.currency)})


@entry(
    Rule(
        "FR-MNT-042", WARNING, "Acompte négatif", "L’acompte déduit est négatif ({prepaid}) : il s’ajoute au reste à payer.",
        "écrivez le montant déjà payé sans signe.", "EN 16931, BR-CO-16",
    ),
    concerns=INVOICES, why="L’acompte est retranché du total ; négatif, il fait payer le client deux fois.", elsewhere=WARNING,
)  # fmt: skip
def negative_prepaid(invoice: Invoice, _: Context) -> Iterator[Fault]:
    prepaid = invoice.totals.prepaid
    if prepaid is not None and prepaid < 0 <= (invoice.totals.gross or ZERO):
        yield Fault("totals.prepaid", {"prepaid": written(prepaid, invoice.currency)})
