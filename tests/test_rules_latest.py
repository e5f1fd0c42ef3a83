"""What is kept of the invoice judged last, or of a party, never answers for another one."""

from __future__ import annotations

from datetime import date

from tests.rule_cases import BASES
from xlbridge.model import Identifier, Invoice, Line, Note, Party
from xlbridge.rules.catalogue import Context, judge
from xlbridge.rules.identity import KNOWN, holders, wrong_siren
from xlbridge.rules.texts import may_say, note_with

CONTEXT = Context(day=date(2026, 10, 1))
WRONG = Party(name="Dupré", legal_id=Identifier(value="812345677", scheme="0002"))


def test_invoices_judged_in_turn_are_told_the_same_each_time() -> None:
    right = BASES["b2b"]()
    changes = {
        "notes": (Note(text="Autoliquidation"),),
        "lines": (),
        "seller": WRONG,
        "totals": right.totals.model_copy(update={"gross": right.totals.net}),
    }
    invoices = [right, *(right.model_copy(update={field: value}) for field, value in changes.items()), right]
    first = [judge(invoice, CONTEXT) for invoice in invoices]
    assert first[0] == first[-1]
    assert len({repr(told) for told in first}) == len(changes) + 1
    for order in (1, -1):
        assert [judge(invoice, CONTEXT) for invoice in invoices[::order]] == first[::order]


def test_a_party_is_judged_at_each_of_its_places() -> None:
    both = Invoice(seller=WRONG, buyer=WRONG)
    for _ in range(2):
        assert [fault.path for fault in wrong_siren(both, CONTEXT)] == ["seller.siren", "buyer.siren"]
        assert [fault.path for fault in wrong_siren(Invoice(buyer=WRONG), CONTEXT)] == ["buyer.siren"]


def test_one_holder_for_one_party_however_many_others_come_between() -> None:
    invoice = Invoice(seller=WRONG)
    assert holders(invoice)[0] is holders(Invoice(seller=invoice.seller))[0]
    for number in range(KNOWN + 1):
        other = Invoice(seller=Party(name=f"Vendeur {number}"))
        assert holders(other)[0].party is other.seller
        assert list(wrong_siren(other, CONTEXT)) == []
    assert [fault.path for fault in wrong_siren(invoice, CONTEXT)] == ["seller.siren"]


def test_words_are_found_wherever_they_stand() -> None:
    for invoice in (Invoice(notes=(Note(text="AVOIR"),)), Invoice(payment_terms="un avoir"), Invoice(lines=(Line(note="Avoir"),))):
        assert may_say(invoice, "rien", "avoir")
        assert not may_say(invoice, "rien")
    assert note_with(Invoice(notes=(Note(text="Sans"), Note(text="Auto-liquidation"))), "auto liquidation") == "notes[1].text"
