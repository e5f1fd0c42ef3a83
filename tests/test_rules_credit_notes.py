"""Credit notes and corrections: references, signs and words."""

from __future__ import annotations

from datetime import date

import pytest

from tests.rule_cases import BASES, changed
from xlbridge.model import Invoice, Note
from xlbridge.model.totals import negated, with_positive_amounts
from xlbridge.rules.catalogue import Context, catalogue, judge

CODES = [code for code in catalogue() if code.startswith("FR-AVO-")]
CREDIT, RIGHT = BASES["credit_note"](), BASES["b2b"]()
BARE = CREDIT.model_copy(update={"preceding_invoices": ()})


def codes(invoice: Invoice, own: bool = True) -> list[str]:
    return [finding.code for finding in judge(invoice, Context(day=date(2026, 10, 1), own=own), CODES)]


def saying(invoice: Invoice, text: str) -> Invoice:
    return invoice.model_copy(update={"notes": (*invoice.notes, Note(text=text))})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Avoir sur facture n° 31", "FR-AVO-003"),
        ("Cet avoir rectifie la facture F2026-0001 du 01/09/2026.", "FR-AVO-003"),
        ("Annulation de la facture initiale 2026/14", "FR-AVO-003"),
        ("Facture payable à réception", "FR-AVO-001"),
        ("Voir la facture du 01/09/2026", "FR-AVO-001"),
        ("Retour de marchandise", "FR-AVO-001"),
    ],
)
def test_an_original_named_in_a_text_only(text: str, told: str) -> None:
    assert codes(saying(BARE, text)) == [told]


@pytest.mark.parametrize("kind", ["261", "381", "396", "502", "503"])
def test_every_kind_of_credit_note_needs_its_original(kind: str) -> None:
    assert codes(BARE.model_copy(update={"type_code": kind})) == ["FR-AVO-001"]
    assert codes(CREDIT.model_copy(update={"type_code": kind})) == []


def test_a_credit_note_written_negative_is_a_note_and_becomes_positive() -> None:
    negative = negated(CREDIT)
    assert codes(negative) == ["FR-AVO-007"]
    assert codes(with_positive_amounts(negative)) == []


def test_a_number_written_otherwise_is_the_same_document() -> None:
    assert codes(changed(CREDIT, "preceding_invoices[0].number", " av2026-0001 ")) == ["FR-AVO-004"]


@pytest.mark.parametrize(("net", "vat", "gross", "told"), [("-10", "2", "-8", True), ("10", "2", "-12", True), ("0", "0", "0", False)])
def test_signs_of_the_totals(net: str, vat: str, gross: str, told: bool) -> None:
    invoice = changed(RIGHT, "vat_breakdown", ())
    for name, value in (("net", net), ("vat", vat), ("gross", gross)):
        invoice = changed(invoice, f"totals.{name}", value)
    assert ("FR-AVO-006" in codes(invoice)) is told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Avoir n° 12", ["FR-AVO-009"]),
        ("Cet avoir annulant la facture F1", ["FR-AVO-009"]),
        ("Annule et remplace la facture F2026-0000", ["FR-AVO-009"]),
        ("Avoir un avis favorable de la commission", []),
        ("Nous pensons avoir sur ce point votre accord", []),
        ("Toute réclamation peut donner lieu à un avoir", []),
    ],
)
def test_the_words_of_an_ordinary_invoice(text: str, told: list[str]) -> None:
    assert codes(saying(RIGHT, text)) == told


def test_a_rectifying_invoice_names_one_original_and_cancels_it() -> None:
    rectifying = RIGHT.model_copy(update={"type_code": "384"})
    assert codes(rectifying) == ["FR-AVO-010", "FR-AVO-011"]
    two = changed(changed(rectifying, "preceding_invoices[0].number", "F1"), "preceding_invoices[1].number", "F2")
    assert codes(saying(two, "Annule et remplace F1 et F2")) == ["FR-AVO-002", "FR-AVO-002", "FR-AVO-010"]


def test_a_deposit_line_beside_others_is_no_deposit_invoice() -> None:
    assert codes(changed(RIGHT, "lines[0].name", "Acompte déduit")) == []
