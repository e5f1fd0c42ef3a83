"""Whether the amounts that were read go together. Nothing is repaired: a difference is a finding that names the value."""

from __future__ import annotations

from decimal import Decimal

from xlbridge.french import quantity as french
from xlbridge.legacy import rules
from xlbridge.legacy.draft import Draft, line_path
from xlbridge.model.money import ZERO, amount, plain

CENTS = Decimal("0.05")
MOST_TAX = Decimal("0.3")  # the highest standard rate in Europe is 27 %


def check_amounts(draft: Draft, adjustments: Decimal = ZERO) -> None:
    """Compare HT, TVA, TTC, deposit and due of a draft. `adjustments`: other taxes that the document adds to the total."""
    net, vat, gross = (draft.amount(f"totals.{name}") for name in ("net", "vat", "gross"))
    if net is not None and gross is not None:
        if vat is not None and _impossible(net, vat, gross):
            draft.say(
                rules.IMPLAUSIBLE_AMOUNTS, "totals", draft.origin.get("totals.gross"), net=french(net), vat=french(vat), gross=french(gross)
            )
            for name, value in (("totals.vat", vat), ("totals.gross", gross)):
                draft.leave_out("impossible_amount", name, plain(value), draft.origin.get(name))
            for name in ("totals.vat", "totals.gross", "vat_breakdown"):
                draft.drop(name)
            return
        expected = net + (vat or ZERO) + adjustments
        if vat is not None and abs(expected - gross) > CENTS:
            _disagree(draft, "totals", f"HT {french(net)} + TVA {french(vat)} ≠ TTC {french(gross)}")
    if net and vat is not None and abs(vat) > abs(net) * MOST_TAX:
        _disagree(draft, "totals", f"TVA {french(vat)} pour {french(net)} HT : aucun taux n’est si haut")
    due, prepaid, rounding = (draft.amount(f"totals.{name}") for name in ("due", "prepaid", "rounding"))
    whole = gross if gross is not None else (net + vat + adjustments if net is not None and vat is not None else None)
    if due is not None and whole is not None:
        expected = whole - (prepaid or ZERO) + (rounding or ZERO)
        if abs(expected - due) > CENTS and not (prepaid is None and ZERO <= due <= whole):
            _disagree(draft, "totals.due", f"TTC {french(whole)} − acompte {french(prepaid or ZERO)} ≠ à payer {french(due)}")


def _impossible(net: Decimal, vat: Decimal, gross: Decimal) -> bool:
    """Whether gross cannot be net plus tax: it is nearer to nothing than net, or the tax is larger than the price."""
    return net != 0 and (net > 0) == (gross > 0) and abs(gross) < abs(net) - CENTS and abs(net + vat - gross) > CENTS


def _disagree(draft: Draft, path: str, detail: str) -> None:
    draft.say(rules.AMOUNTS_DISAGREE, path, draft.origin.get(path) or draft.origin.get("totals.gross"), detail=detail)


def check_lines(draft: Draft) -> None:
    """Compare each line's amount with quantity × price, and the sum of the lines with the net total."""
    total = ZERO
    complete = draft.line_count > 0
    for position in range(draft.line_count):
        quantity, price, net = (draft.amount(line_path(position, name)) for name in ("quantity", "unit_price", "net_amount"))
        reductions = draft.get(line_path(position, "allowances"))
        if (
            quantity is not None
            and price is not None
            and net is not None
            and not reductions
            and abs(amount(quantity * price) - net) > CENTS
        ):
            _disagree(
                draft,
                line_path(position, "net_amount"),
                f"{french(quantity)} × {french(price)} = {french(amount(quantity * price))} ≠ {french(net)}",
            )
        complete = complete and net is not None
        total += net or ZERO
    stated = draft.amount("totals.net")
    if complete and stated is not None and abs(total - stated) > CENTS:
        _disagree(draft, "totals", f"somme des lignes {french(total)} ≠ total HT {french(stated)}")
