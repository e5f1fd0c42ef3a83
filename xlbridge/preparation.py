"""From what a sheet says to an invoice that can be written: amounts computed where they are not stated, VAT where it follows.

Nothing that the sheet states is changed. What is derived has one right answer, and a finding says that it was derived; where there
are two answers the field stays empty and `xlbridge.rules.presence` stops the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial

from xlbridge.document import Document
from xlbridge.findings import Finding, Rule, Severity
from xlbridge.french import quantity as french
from xlbridge.model import Invoice, Line, Note, Totals, VatBreakdown
from xlbridge.model.codes import ARCHIVE_ONLY, PIECE, VatCategory
from xlbridge.model.money import CENT, ZERO, amount, total
from xlbridge.model.profile import Profile
from xlbridge.model.term import Data, term_of
from xlbridge.model.totals import completed, computed_breakdown, with_positive_amounts
from xlbridge.model.units import unit_code
from xlbridge.rules.rates import rates_on
from xlbridge.rules.sums import written

RATE_DERIVED = Rule(
    "LEC-084", Severity.NOTE, "Taux de TVA déduit", "Le taux de {rate} % est le seul qui donne {vat} de TVA sur {net} HT.",
    "ajoutez une colonne « Taux de TVA » si ce n’est pas le bon.",
)  # fmt: skip
BASES_DERIVED = Rule(
    "LEC-085", Severity.NOTE, "Bases de TVA déduites",
    "Les bases par taux ({bases}) sont déduites des montants de TVA ; leur somme est le total HT.",
    "donnez le montant HT de chaque taux si ce n’est pas juste.",
)  # fmt: skip
QUANTITY_DERIVED = Rule(
    "LEC-086", Severity.NOTE, "Quantité ou prix non écrit",
    "La ligne {line} ne dit que son montant : elle est écrite pour une quantité de {quantity}.",
    "ajoutez les colonnes « Qté » et « P.U. HT ».",
)  # fmt: skip
ROUNDED = Rule(
    "LEC-087", Severity.WARNING, "Trop de décimales", "{value} a plus de décimales qu’une facture n’en admet ; la copie porte {rounded}.",
    "arrondissez la valeur dans la feuille (fonction ARRONDI).",
)  # fmt: skip
VAGUE_LINES = Rule(
    "LEC-091", Severity.WARNING, "Lignes incomplètes",
    "Il manque la désignation, le prix HT, la quantité ou le taux de TVA de lignes ({lines}) : la copie ne porte que les totaux par taux.",
    "complétez ces lignes dans la feuille pour une facture détaillée.", "CGI, ann. II, art. 242 nonies A, I, 8°",
)  # fmt: skip
NO_DUE_DATE = Rule(
    "LEC-088", Severity.NOTE, "Échéance absente", "Le document ne dit ni date d’échéance ni délai ; la copie l’indique.",
    "écrivez la date d’échéance dans la feuille.", "Code de commerce, art. L441-9",
)  # fmt: skip

NO_TERMS = "Échéance non indiquée sur le document d’origine."
TEN_THOUSANDTH, MILLIONTH = Decimal("0.0001"), Decimal("0.000001")
LINE_UNITS = {
    "quantity": TEN_THOUSANDTH, "unit_price": MILLIONTH, "net_amount": CENT, "vat_rate": CENT, "gross_price": MILLIONTH,
    "price_discount": MILLIONTH,
}  # fmt: skip
PART_UNITS = dict.fromkeys(("rate", "base", "amount"), CENT)
TOTAL_UNITS = dict.fromkeys(Totals.model_fields, CENT)
ROUNDING_TOLERANCE = Decimal("0.005")


def prepared(document: Document) -> Document:
    """The document with every amount that follows from what it says, ready to be judged by `missing` and to be written."""
    findings: list[Finding] = []
    invoice = with_positive_amounts(_with_decimals(document.invoice, findings))
    invoice = _with_lines(invoice, findings)
    invoice = _with_rates(invoice, findings)
    invoice = completed(invoice) if invoice.lines and not any(line.vat_category is None for line in invoice.lines) else invoice
    invoice = _with_totals(_with_bases(invoice, findings))
    return replace(document, invoice=invoice).with_findings(*findings)


def as_copy(document: Document) -> Document:
    """A prepared document as the copy that a conversion writes: marked as one, and without what it could only state by inventing it.

    A second machine-readable original would be a second invoice (XP Z12-012, BAR = ARCHIVEONLY).
    """
    findings: list[Finding] = []
    invoice = _without_vague_lines(document.invoice, findings)
    due = invoice.totals.due
    if not invoice.due_date and not invoice.payment_terms and due is not None and due > 0:
        invoice = invoice.model_copy(update={"payment_terms": NO_TERMS})
        findings.append(NO_DUE_DATE.found("due_date", "BT-9"))
    notes = tuple(note for note in invoice.notes if note.subject_code != "BAR")
    marked = invoice.model_copy(update={"notes": (*notes, Note(text=ARCHIVE_ONLY, subject_code="BAR"))})
    return replace(document, invoice=marked).with_findings(*findings)


def profile_for(invoice: Invoice) -> Profile:
    """EN 16931 where the lines are known, else BASIC WL."""
    return Profile.EN16931 if invoice.lines else Profile.BASIC_WL


def _without_vague_lines(invoice: Invoice, findings: list[Finding]) -> Invoice:
    """The invoice without its lines where one of them lacks what a line must say: the copy then carries the totals by rate alone."""
    vague = [position for position, line in enumerate(invoice.lines) if not _is_whole(line)]
    grouped = bool(invoice.vat_breakdown) and all(part.category and part.base is not None for part in invoice.vat_breakdown)
    if not vague or not grouped or invoice.totals.net is None:
        return invoice
    shown = ", ".join(str(position + 1) for position in vague[:10])
    findings.append(VAGUE_LINES.found(f"lines[{vague[0]}]", "BG-25", lines=shown))
    return invoice.model_copy(update={"lines": ()})


def _is_whole(line: Line) -> bool:
    needed = (line.name, line.quantity, line.unit_price, line.net_amount, line.vat_category, line.vat_rate)
    return all(value is not None for value in needed)


def _rounded(data: Data, path: str, findings: list[Finding], units: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """The fields of `data` that have more decimals than EN 16931 and BR-FR-DEC allow, rounded half up, each with a finding."""
    changes = {}
    for name, unit in units.items():
        value = getattr(data, name)
        if value is not None and (rounded := amount(value, unit)) != value:
            changes[name] = rounded
            field = f"{path}{name}"
            findings.append(ROUNDED.found(field, term_of(field), value=french(value), rounded=french(rounded)))
    return changes


def _with_decimals(invoice: Invoice, findings: list[Finding]) -> Invoice:
    """The invoice with as many decimals as it may have: a sheet holds what Excel computed, not what it shows."""
    totals = _rounded(invoice.totals, "totals.", findings, TOTAL_UNITS)
    lines = [
        line.model_copy(update=_rounded(line, f"lines[{position}].", findings, LINE_UNITS)) for position, line in enumerate(invoice.lines)
    ]
    breakdown = [
        part.model_copy(update=_rounded(part, f"vat_breakdown[{position}].", findings, PART_UNITS))
        for position, part in enumerate(invoice.vat_breakdown)
    ]
    update = {"totals": invoice.totals.model_copy(update=totals), "lines": tuple(lines), "vat_breakdown": tuple(breakdown)}
    return invoice.model_copy(update=update)


def _with_lines(invoice: Invoice, findings: list[Finding]) -> Invoice:
    lines = []
    for position, line in enumerate(invoice.lines):
        whole = _whole_line(line)
        lacking = line.quantity is None or line.unit_price is None
        if lacking and (line.quantity, line.unit_price) != (whole.quantity, whole.unit_price):
            findings.append(QUANTITY_DERIVED.found(f"lines[{position}]", line=position + 1, quantity=french(whole.quantity or ZERO)))
        lines.append(whole)
    return invoice.model_copy(update={"lines": tuple(lines)}) if lines else invoice


def _whole_line(line: Line) -> Line:
    """The line with quantity, price and unit: one of its amount where it states no other, and no negative price (BR-27)."""
    quantity, price, net = line.quantity, line.unit_price, line.net_amount
    plain_line = not line.allowances and not line.charges
    if net is not None and plain_line and (quantity is None or price is None):
        if quantity and (exact := net / quantity) == amount(exact, MILLIONTH):
            price = exact
        else:
            quantity, price = Decimal(1), net
    if price is not None and price < 0 and quantity is not None:
        quantity, price = -quantity, -price
    unit = line.unit or (unit_code(line.unit_label) if line.unit_label else None) or PIECE
    return line.model_copy(update={"quantity": quantity, "unit_price": price, "unit": unit, "name": line.name or line.seller_item_id})


def _with_rates(invoice: Invoice, findings: list[Finding]) -> Invoice:
    """The one rate that explains the VAT of the document, where neither lines nor recap name a rate."""
    totals = invoice.totals
    named = any(part.rate is not None or part.category for part in invoice.vat_breakdown) or any(
        line.vat_rate is not None or line.vat_category for line in invoice.lines
    )
    net = totals.net
    vat = totals.vat if totals.vat is not None else (totals.gross - net if totals.gross is not None and net is not None else None)
    if not named and net and vat and invoice.seller.country == "FR" and invoice.issue_date:
        fitting = [rate for rate in rates_on(invoice.issue_date) if abs(net * rate / 100 - vat) <= ROUNDING_TOLERANCE]
        if len(fitting) == 1:
            shown = partial(written, currency=invoice.currency)
            findings.append(RATE_DERIVED.found("vat_breakdown[0].rate", "BT-119", rate=french(fitting[0]), vat=shown(vat), net=shown(net)))
            part = VatBreakdown(category=VatCategory.STANDARD, rate=fitting[0], base=net, amount=vat)
            invoice = invoice.model_copy(update={"vat_breakdown": (part,)})
    return _with_line_rates(invoice)


def _with_line_rates(invoice: Invoice) -> Invoice:
    """The single group of the recap on lines, allowances and charges that name none."""
    parts = invoice.vat_breakdown
    if len(parts) != 1 or parts[0].category is None:
        groups = {(line.vat_category, line.vat_rate) for line in invoice.lines}
        if len(groups) != 1 or None in next(iter(groups)):
            return invoice
        category, rate = groups.pop()
        part = VatBreakdown(category=category, rate=rate)
    else:
        part = parts[0]
    group = {"vat_category": part.category, "vat_rate": part.rate}
    on_line = group | {"vat_reason": part.reason, "vat_reason_code": part.reason_code}
    return invoice.model_copy(
        update={
            "lines": tuple(line if line.vat_category else line.model_copy(update=on_line) for line in invoice.lines),
            "allowances": tuple(item if item.vat_category else item.model_copy(update=group) for item in invoice.allowances),
            "charges": tuple(item if item.vat_category else item.model_copy(update=group) for item in invoice.charges),
        }
    )


def _with_bases(invoice: Invoice, findings: list[Finding]) -> Invoice:
    """The bases of a recap that gives rates and taxes only, where they add up to the net total within the rounding of each tax."""
    parts, net = invoice.vat_breakdown, invoice.totals.net
    if invoice.lines and any(part.base is None for part in parts):
        computed = {(part.category, part.rate): part.base for part in computed_breakdown(invoice)}
        parts = tuple(
            part if part.base is not None else part.model_copy(update={"base": computed.get((part.category, part.rate))}) for part in parts
        )
        return invoice.model_copy(update={"vat_breakdown": parts})
    if invoice.lines or net is None or not parts or all(part.base is not None for part in parts):
        return invoice
    if any(not part.rate or part.amount is None or part.base is not None for part in parts):
        return invoice
    bases = [amount((part.amount or ZERO) * 100 / (part.rate or Decimal(1))) for part in parts]
    slack = total(ROUNDING_TOLERANCE * 100 / part.rate + CENT for part in parts if part.rate)
    difference = net - total(bases)
    if abs(difference) > slack:
        return invoice
    largest = max(range(len(parts)), key=lambda index: ROUNDING_TOLERANCE * 100 / (parts[index].rate or Decimal(1)))
    bases[largest] += difference
    shown = ", ".join(f"{french(part.rate or ZERO)} % : {french(base)}" for part, base in zip(parts, bases, strict=True))
    findings.append(BASES_DERIVED.found("vat_breakdown", "BT-116", bases=shown))
    updated = tuple(part.model_copy(update={"base": base}) for part, base in zip(parts, bases, strict=True))
    return invoice.model_copy(update={"vat_breakdown": updated})


def _with_totals(invoice: Invoice) -> Invoice:
    """The totals that follow from two others."""
    totals = invoice.totals
    net, vat, gross = totals.net, totals.vat, totals.gross
    if vat is None and invoice.vat_breakdown and all(part.amount is not None for part in invoice.vat_breakdown):
        vat = total(part.amount for part in invoice.vat_breakdown)
    if gross is None and net is not None and vat is not None:
        gross = net + vat
    if net is None and gross is not None and vat is not None:
        net = gross - vat
    known = {"net": net, "vat": vat, "gross": gross}
    if net is not None:
        known["line_net"] = (
            totals.line_net
            if totals.line_net is not None
            else (net + total(item.amount for item in invoice.allowances) - total(item.amount for item in invoice.charges))
        )
    if gross is not None and totals.due is None:
        known["due"] = gross - (totals.prepaid or ZERO) + (totals.rounding or ZERO)
    return invoice.model_copy(update={"totals": totals.model_copy(update=known)})
