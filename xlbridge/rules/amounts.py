"""Whether the sums of an invoice are right: each line, each rate, each total; a rounding is told apart from an error.

Sources: CGI ann. II art. 242 nonies A, I, 8° and 11°; EN 16931-1, BR-CO-10 to BR-CO-17 and BR-27.

>>> from datetime import date
>>> from decimal import Decimal
>>> from xlbridge.model import Totals
>>> wrong = Invoice(totals=Totals(net=Decimal(100), vat=Decimal(20), gross=Decimal(125)))
>>> [fault.path for fault in wrong_gross(wrong, Context(day=date(2026, 10, 1)))]
['totals.gross']
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from xlbridge.causes import UNREAD
from xlbridge.findings import Rule, Severity
from xlbridge.french import percent
from xlbridge.model import Invoice, Line
from xlbridge.model.money import CENT, ZERO
from xlbridge.model.totals import net_of
from xlbridge.rules.catalogue import Context, Fault, Judge, entry
from xlbridge.rules.sums import Gap, bases_by_rate, gaps, group_of, position_in, written

BLOCKING, WARNING, NOTE = Severity.BLOCKING, Severity.WARNING, Severity.NOTE
NONIES = "CGI, ann. II, art. 242 nonies A, I, "
EVERYONE = "Toute facture et tout avoir."
NET = ("totals.line_net", "totals.allowances", "totals.charges", "totals.net")


def _wrong(
    code: str, title: str, message: str, remedy: str, law: str, why: str, elsewhere: Severity = BLOCKING, follows: tuple[str, ...] = ()
) -> Callable[[Judge], Judge]:
    """The entry of a sum that is wrong beyond any rounding."""
    return entry(Rule(code, BLOCKING, title, message, remedy, law, follows=follows), concerns=EVERYONE, why=why, elsewhere=elsewhere)


def _faults(invoice: Invoice, found: Iterable[Gap]) -> Iterator[Fault]:
    """A fault for each gap, with its amounts as a person reads them."""
    for gap in found:
        facts = {
            "where": _where(invoice, gap.path), "how": gap.how, "stated": written(gap.stated, invoice.currency),
            "expected": written(gap.expected, invoice.currency), "difference": written(abs(gap.difference), invoice.currency),
        }  # fmt: skip
        yield Fault(gap.path, facts, about=_about(invoice, gap.path))


def _about(invoice: Invoice, path: str) -> tuple[str, ...]:
    """What a wrong tax is computed with, its rate; the total that a wrong base repeats, where the sheet has one number for both."""
    if path.startswith("vat_breakdown") and path.endswith("amount"):
        return (path.replace("amount", "rate"),)
    same = len(invoice.vat_breakdown) == 1 and invoice.vat_breakdown[0].base == invoice.totals.net
    return ("totals.net",) if same and path.endswith("].base") else ()


def _errors(invoice: Invoice, start: str | tuple[str, ...], end: str = "") -> Iterable[Fault]:
    """The faults of the sums that no rounding explains, at the paths that start and end so."""
    found = gaps(invoice)
    return (
        _faults(invoice, (gap for gap in found if gap.is_error and gap.path.startswith(start) and gap.path.endswith(end))) if found else ()
    )


TOTAL_NAMES = {
    "totals.line_net": "Total des lignes", "totals.allowances": "Total des remises", "totals.charges": "Total des frais",
    "totals.net": "Total HT", "totals.vat": "Total de TVA", "totals.gross": "Total TTC", "totals.due": "Reste à payer",
}  # fmt: skip


def _where(invoice: Invoice, path: str) -> str:
    """What a person calls the amount at `path`."""
    if path in TOTAL_NAMES:
        return TOTAL_NAMES[path]
    position = position_in(path)
    if path.startswith("lines"):
        return f"Ligne {position + 1}"
    rate = invoice.vat_breakdown[position].rate
    return f"{'Base' if path.endswith('base') else 'TVA'} à {percent(rate or ZERO)}"


@_wrong(
    "FR-MNT-010", "Montant de ligne faux", "{where} : {how} = {expected}, et non {stated} (écart {difference}).",
    "corrigez la quantité, le prix, la remise ou le montant de la ligne.", NONIES + "8°",
    "Le montant d’une ligne est sa quantité multipliée par son prix, moins sa remise : sinon l’un des trois est faux.", WARNING,
)  # fmt: skip
def wrong_line(invoice: Invoice, _: Context) -> Iterable[Fault]:
    return _errors(invoice, "lines")


@entry(
    Rule(
        "FR-MNT-011", NOTE, "Arrondi", "{where} : {how} = {expected}, et {stated} sur la facture : un arrondi de {difference}.",
        "rien d’obligatoire ; la fonction ARRONDI(…;2) de la feuille fait disparaître l’écart.", NONIES + "11°",
    ),
    concerns=EVERYONE,
    why="Une feuille calcule avec plus de décimales qu’elle n’en montre ; un centime par ligne ou par taux s’explique ainsi.",
    elsewhere=NOTE,
)  # fmt: skip
def slight_rounding(invoice: Invoice, _: Context) -> Iterator[Fault]:
    yield from _faults(invoice, (gap for gap in gaps(invoice) if gap.is_slight))


@entry(
    Rule(
        "FR-MNT-012", WARNING, "Ligne invérifiable", "Ligne {line} : sans {what}, le montant de {amount} ne peut pas être vérifié.",
        "écrivez la quantité et le prix unitaire HT de la ligne.", NONIES + "8°", follows=UNREAD,
    ),
    concerns="Toute facture avec lignes.",
    why="La quantité et le prix unitaire hors taxes sont obligatoires, et eux seuls prouvent le montant.",
    elsewhere=WARNING,
)  # fmt: skip
def unproved_line(invoice: Invoice, _: Context) -> Iterator[Fault]:
    for position, line in enumerate(invoice.lines):
        if line.net_amount and (line.quantity is None or line.unit_price is None):
            field, what = ("unit_price", "prix unitaire") if line.unit_price is None else ("quantity", "quantité")
            what = "quantité ni prix unitaire" if line.quantity is None and line.unit_price is None else what
            facts = {"line": position + 1, "what": what, "amount": written(line.net_amount, invoice.currency)}
            yield Fault(f"lines[{position}].{field}", facts, about=_absent(line, position))


@entry(
    Rule(
        "FR-MNT-013", WARNING, "Ligne sans montant", "Ligne {line} : il manque {what}, et aucun montant n’est écrit.",
        "écrivez la quantité et le prix unitaire HT, ou retirez la ligne.", NONIES + "8°", follows=UNREAD,
    ),
    concerns="Toute facture avec lignes.", why="Une ligne sans montant ne facture rien : elle est incomplète, ou ce n’est pas une ligne.",
    elsewhere=WARNING,
)  # fmt: skip
def empty_line(invoice: Invoice, _: Context) -> Iterator[Fault]:
    for position, line in enumerate(invoice.lines):
        if net_of(line) is None:
            missing = [name for name, value in (("la quantité", line.quantity), ("le prix", line.unit_price)) if value is None]
            facts = {"line": position + 1, "what": " et ".join(missing)}
            yield Fault(f"lines[{position}].net_amount", facts, about=_absent(line, position))


def _absent(line: Line, position: int) -> tuple[str, ...]:
    """The paths of what a line lacks for its amount."""
    return tuple(f"lines[{position}].{name}" for name in ("quantity", "unit_price") if getattr(line, name) is None)


def _lines_with_tax(invoice: Invoice) -> Gap | None:
    """The gap of the total before tax where the lines make up the total with tax instead."""
    gross = invoice.totals.gross
    found = (gap for gap in gaps(invoice) if gap.path in {"totals.net", "totals.line_net"})
    return next((gap for gap in found if gap.expected == gross and gap.stated < gap.expected), None)


@_wrong(
    "FR-MNT-014", "Lignes toutes taxes comprises",
    "La somme des lignes ({sum}) est le total TTC, et non le total HT ({net}) : les lignes sont en TTC.",
    "écrivez les prix et les montants des lignes hors taxes, ou renommez la colonne « TTC ».", NONIES + "8°",
    "Le prix unitaire d’une facture est hors taxes ; la TVA n’est ajoutée qu’aux totaux.",
)  # fmt: skip
def lines_with_tax(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if gap := _lines_with_tax(invoice):
        yield Fault("lines[0].net_amount", {"sum": written(gap.expected, invoice.currency), "net": written(gap.stated, invoice.currency)})


@_wrong(
    "FR-MNT-015", "TVA mal calculée", "{where} : {how} = {expected}, et non {stated} (écart {difference}).",
    "corrigez le taux, la base ou le montant de TVA de ce taux.", NONIES + "11°",
    "La taxe est calculée pour chaque taux sur le total hors taxes de ce taux ; une TVA facturée en trop est due (CGI, art. 283, 3).",
    WARNING, ("FR-TVA-010",),
)  # fmt: skip
def wrong_tax(invoice: Invoice, _: Context) -> Iterable[Fault]:
    return _errors(invoice, "vat_breakdown", ".amount")


@_wrong(
    "FR-MNT-016", "Base de TVA fausse", "{where} : {how} = {expected}, et non {stated} (écart {difference}).",
    "corrigez la base de ce taux, ou le taux des lignes.", NONIES + "11°",
    "La facture donne pour chaque taux le total hors taxes de ce qui y est soumis.", WARNING, ("FR-MNT-020",),
)  # fmt: skip
def wrong_base(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if _lines_with_tax(invoice) is None:
        yield from _errors(invoice, "vat_breakdown", ".base")


@_wrong(
    "FR-MNT-017", "Taux sans total", "Les lignes à {rate} font {base}, mais aucun total n’est donné pour ce taux.",
    "ajoutez la base et la TVA de ce taux aux totaux.", NONIES + "11°",
    "Chaque taux présent sur les lignes a son total hors taxes et sa taxe.", follows=("FR-TVA-010",),
)  # fmt: skip
def rate_without_total(invoice: Invoice, _: Context) -> Iterator[Fault]:
    told = {group_of(part.category, part.rate) for part in invoice.vat_breakdown}
    if not told or None in told or all(group_of(line.vat_category, line.vat_rate) in told for line in invoice.lines):
        return
    for group, base in (bases_by_rate(invoice) or {}).items():
        if base and group not in told:
            place = next((at for at, line in enumerate(invoice.lines) if group_of(line.vat_category, line.vat_rate) == group), None)
            path = "vat_breakdown" if place is None else f"lines[{place}].vat_rate"
            yield Fault(path, {"rate": percent(group[1]), "base": written(base, invoice.currency)})


@entry(
    Rule(
        "FR-MNT-019", WARNING, "Écart d’arrondi",
        "{where} : {how} = {expected}, et non {stated} ; l’écart de {difference} peut venir d’arrondis.",
        "arrondissez chaque montant au centime dans la feuille (fonction ARRONDI), puis recalculez le total.", NONIES + "11°",
    ),
    concerns=EVERYONE,
    why="Les montants imprimés doivent s’additionner ; une plateforme refuse une facture dont le total diffère d’un centime.",
    elsewhere=WARNING,
)  # fmt: skip
def rounding(invoice: Invoice, _: Context) -> Iterator[Fault]:
    yield from _faults(invoice, (gap for gap in gaps(invoice) if not gap.is_slight and not gap.is_error))


@_wrong(
    "FR-MNT-020", "Total hors taxes faux", "{where} : {how} = {expected}, et non {stated} (écart {difference}).",
    "vérifiez que la formule du total prend toutes les lignes, les remises et les frais.", NONIES + "11° ; EN 16931, BR-CO-10 à BR-CO-13",
    "Le total hors taxes est la somme des lignes, moins les remises, plus les frais.",
)  # fmt: skip
def wrong_net(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if _lines_with_tax(invoice) is None:
        yield from _errors(invoice, NET)


@_wrong(
    "FR-MNT-023", "Total de TVA faux", "{where} : {how} = {expected}, et non {stated} (écart {difference}).",
    "corrigez le total de TVA, ou la TVA de chaque taux.", NONIES + "11° ; EN 16931, BR-CO-14",
    "La taxe à payer est la somme des taxes de chaque taux.",
)  # fmt: skip
def wrong_vat(invoice: Invoice, _: Context) -> Iterable[Fault]:
    return _errors(invoice, "totals.vat")


def _smaller_than_net(invoice: Invoice) -> bool:
    net, gross = invoice.totals.net, invoice.totals.gross
    if net is None or gross is None or net * gross < 0 or abs(net) - abs(gross) <= CENT:
        return False
    return invoice.totals.vat is None or any(gap.path == "totals.gross" for gap in gaps(invoice))


@_wrong(
    "FR-MNT-025", "Total TTC faux", "{where} : {how} = {expected}, et non {stated} (écart {difference}).",
    "corrigez le total TTC, la TVA ou le total HT ; une autre taxe ou un timbre s’écrit comme des frais.",
    NONIES + "11° ; EN 16931, BR-CO-15",
    "Le total toutes taxes comprises est le total hors taxes plus la TVA.",
)  # fmt: skip
def wrong_gross(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if not _smaller_than_net(invoice):
        yield from _errors(invoice, "totals.gross")


@_wrong(
    "FR-MNT-026", "Total TTC inférieur au total HT", "Le total TTC ({gross}) est inférieur au total HT ({net}).",
    "vérifiez que la colonne ou la cellule du total TTC ne contient pas la TVA, et qu’elle n’est pas inversée avec le total HT.",
    NONIES + "11° ; EN 16931, BR-CO-15", "La TVA s’ajoute au total hors taxes : le total toutes taxes comprises n’est jamais plus petit.",
)  # fmt: skip
def gross_below_net(invoice: Invoice, _: Context) -> Iterator[Fault]:
    net, gross = invoice.totals.net, invoice.totals.gross
    if _smaller_than_net(invoice) and net is not None and gross is not None:
        yield Fault("totals.gross", {"net": written(net, invoice.currency), "gross": written(gross, invoice.currency)})


def _unexplained_due(invoice: Invoice) -> bool:
    """Whether less is due than the total, and the invoice does not say that anything was paid."""
    due, gross = invoice.totals.due, invoice.totals.gross
    if invoice.totals.prepaid is not None or due is None or gross is None or not ZERO <= due < gross:
        return False
    return any(gap.path == "totals.due" and gap.is_error for gap in gaps(invoice))


@_wrong(
    "FR-MNT-027", "Reste à payer faux", "{where} : {how} = {expected}, et non {stated} (écart {difference}).",
    "corrigez le reste à payer, l’acompte ou le total TTC.", "EN 16931, BR-CO-16",
    "Le client doit le total TTC, moins ce qu’il a déjà payé.",
)  # fmt: skip
def wrong_due(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if not _unexplained_due(invoice):
        yield from _errors(invoice, "totals.due")


@entry(
    Rule(
        "FR-MNT-028", WARNING, "Acompte non écrit",
        "Le reste à payer est de {due} pour un total TTC de {gross} : rien ne dit ce qui a déjà été payé.",
        "écrivez le montant déjà payé (acompte) dans la feuille.", "EN 16931, BR-CO-16",
    ),
    concerns="Les factures dont le reste à payer est inférieur au total.",
    why="Le client doit pouvoir vérifier l’acompte qui a été déduit.",
    elsewhere=WARNING,
)  # fmt: skip
def unexplained_due(invoice: Invoice, _: Context) -> Iterator[Fault]:
    due, gross = invoice.totals.due, invoice.totals.gross
    if due and gross is not None and _unexplained_due(invoice):
        yield Fault("totals.due", {"due": written(due, invoice.currency), "gross": written(gross, invoice.currency)})


@entry(
    Rule(
        "FR-MNT-029", NOTE, "Facture déjà payée", "Le reste à payer est nul : la facture de {gross} est tenue pour entièrement payée.",
        "écrivez le montant déjà payé dans la feuille si c’est bien le cas ; sinon corrigez le reste à payer.", "EN 16931, BR-CO-16",
    ),
    concerns="Les factures dont le reste à payer est nul sans acompte écrit.",
    why="Une colonne « reste dû » d’un registre change avec les paiements ; la facture, elle, porte le total et ce qui était payé.",
    elsewhere=NOTE,
)  # fmt: skip
def all_paid(invoice: Invoice, _: Context) -> Iterator[Fault]:
    gross = invoice.totals.gross
    if gross is not None and not invoice.totals.due and _unexplained_due(invoice):
        yield Fault("totals.due", {"gross": written(gross, invoice.currency)})
