"""Two documents side by side: how alike they are, and what explains it.

Scores go from 0 to 100: 100 is the exact key. They order what a person looks at first, and are no probability.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from xlbridge.duplicates.known import Known, order_key
from xlbridge.duplicates.numbers import one_character_apart, spelled
from xlbridge.duplicates.rhythm import Rhythm, by_calendar
from xlbridge.findings import Rule, Severity
from xlbridge.rules.numbering import LIKE_NUMBER, SAME_AMOUNT, SAME_CONTENT, SAME_ORDER

SETTLED = timedelta(days=60)
"""How long after the second invoice a credit note of the same amount still explains that there are two."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Why two documents look like one: the rule that says it, a French reason, a score, and the weight."""

    rule: Rule
    reason: str
    score: int
    severity: Severity = Severity.WARNING


def alike_in_spelling(one: Known, two: Known, *, sure: bool) -> Likeness | None:
    """Two documents of one year whose numbers differ by case, blanks, punctuation or zeros, or whose year is unknown.

    `sure`: the seller is the same; else buyer and amount must agree.
    """
    if one.issue_date and two.issue_date and one.issue_date.year != two.issue_date.year:
        return None
    agree = bool(one.amount) and one.amount == two.amount and one.buyer == two.buyer
    if not (sure or agree):
        return None
    if one.number == two.number:
        reason = "le même numéro, " + ("l’un des deux n’a pas de date" if sure else "mais le SIREN du vendeur n’est pas connu")
    else:
        reason = "ils ne diffèrent que par la casse, les espaces, la ponctuation, les zéros ou une lettre prise pour un chiffre"
    return Likeness(LIKE_NUMBER.rule, reason, 90 if agree else 60)


def same_content(one: Known, two: Known) -> Likeness:
    """Two documents of one content."""
    same_day = one.issue_date == two.issue_date
    return Likeness(SAME_CONTENT.rule, "mêmes lignes, " + ("même date" if same_day else "même période"), 95 if same_day else 90)


def same_amount(one: Known, two: Known, sold: tuple[str, str], rhythm: Rhythm) -> Likeness | None:
    """Two documents of one buyer and amount, a few days apart; `sold` says of each what it sells, where that is known."""
    if one.issue_date is None or two.issue_date is None:
        return None
    gap = abs((two.issue_date - one.issue_date).days)
    if not rhythm.broken_by(gap):
        return None
    when = "le même jour" if gap == 0 else f"à {gap} jour{'s' if gap > 1 else ''} d’intervalle"
    if one.number and two.number and one_character_apart(one.number, two.number):
        return Likeness(LIKE_NUMBER.rule, f"un seul caractère diffère, même client et même montant {when}", 85)
    if all(sold) and sold[0] != sold[1]:
        return Likeness(SAME_AMOUNT.rule, f"{when}, mais les lignes diffèrent", max(50 - 5 * gap, 10), Severity.NOTE)
    return Likeness(SAME_AMOUNT.rule, when, max(80 - 5 * gap, 20))


def same_order(one: Known, two: Known, sold: tuple[str, str]) -> Likeness | None:
    """The only two documents of one order, buyer and amount. Equal parts of other lines, or by the week or month, are its instalments."""
    regular = one.issue_date and two.issue_date and by_calendar(one.issue_date, two.issue_date)
    if regular or (all(sold) and sold[0] != sold[1]):
        return None
    reason = f"commande {one.order_reference}"
    if all(sold):
        return Likeness(SAME_ORDER.rule, f"{reason}, mêmes lignes", 70)
    return Likeness(SAME_ORDER.rule, f"{reason}, lignes non connues", 50, Severity.NOTE)


def excused(one: Known, two: Known, cancelled: Collection[str], credits_: Sequence[Known]) -> bool:
    """Whether something explains that there are two: other orders, one names the other, one is cancelled, or a credit note that names
    none takes the amount back. `cancelled` holds spelled numbers, `credits_` the credit notes of the same buyer and amount."""
    orders = order_key(one.order_reference), order_key(two.order_reference)
    if all(orders) and orders[0] != orders[1]:
        return True
    numbers = [spelled(document.number) if document.number else "" for document in (one, two)]
    if any(number in cancelled for number in numbers):
        return True
    named = {spelled(number) for document in (one, two) for number in document.preceding}
    if named.intersection(numbers):
        return True
    if one.issue_date is None or two.issue_date is None:
        return False
    first, last = sorted((one.issue_date, two.issue_date))
    return any(note.issue_date and not note.preceding and first <= note.issue_date <= last + SETTLED for note in credits_)
