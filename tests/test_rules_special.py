"""Mentions of special cases: what counts as the mention, what is proposed, and where a case is none."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.rule_cases import BASES, changed, recomputed
from xlbridge.clients import ClientKind
from xlbridge.company import VatRegime
from xlbridge.findings import Finding, Severity
from xlbridge.model import Identifier, Invoice, Note, PrecedingInvoice
from xlbridge.rules.catalogue import Context, catalogue, judge

OWN = [code for code in catalogue() if "FR-MEN-040" <= code <= "FR-MEN-059"]
RIGHT = BASES["b2b"]()


def told(invoice: Invoice, *, day: date = date(2026, 10, 1), own: bool = True, **facts: object) -> list[Finding]:
    return judge(invoice, Context(day=day, own=own, **{"client": ClientKind.BUSINESS, **facts}), OWN)  # type: ignore[arg-type]


def codes(invoice: Invoice, **facts: object) -> list[str]:
    return [finding.code for finding in told(invoice, **facts)]  # type: ignore[arg-type]


def noted(text: str, code: str | None = None, base: Invoice = RIGHT) -> Invoice:
    return base.model_copy(update={"notes": (*base.notes, Note(text=text, subject_code=code))})


def untaxed(category: str, reason: str, code: str | None = None, base: Invoice = RIGHT) -> Invoice:
    update = {"vat_category": category, "vat_rate": Decimal(0), "vat_reason": reason, "vat_reason_code": code}
    return recomputed(base.model_copy(update={"lines": tuple(line.model_copy(update=update) for line in base.lines)}))


@pytest.mark.parametrize("reason", ["Autoliquidation", "Auto-liquidation de la TVA, art. 283-2", "Reverse charge, art. 196"])
def test_ways_to_say_reverse_charge(reason: str) -> None:
    assert codes(untaxed("AE", reason)) == []


def test_reverse_charge_may_be_said_in_a_note() -> None:
    silent = untaxed("AE", "Article 283-2 nonies du CGI", "VATEX-EU-AE")
    (finding,) = told(silent)
    assert (finding.code, finding.severity) == ("FR-MEN-040", Severity.WARNING)
    assert finding.proposal is not None
    assert codes(untaxed("AE", finding.proposal.new)) == []
    assert codes(noted("TVA : autoliquidation", base=silent)) == []
    assert [item.severity for item in told(silent, own=False)] == [Severity.NOTE]


@pytest.mark.parametrize(
    "reason", ["TVA non applicable, article 293B du CGI", "Franchise (293 B)", "TVA non applicable, art. L. 223-3 du CIBS"]
)
def test_ways_to_cite_the_franchise(reason: str) -> None:
    assert codes(untaxed("E", reason), regime=VatRegime.FRANCHISE) == []


def test_a_franchise_that_is_not_cited_is_proposed_unless_another_exemption_is() -> None:
    (finding,) = told(untaxed("E", "Pas de TVA"), regime=VatRegime.FRANCHISE)
    assert finding.proposal is not None
    assert (finding.code, finding.proposal.new) == ("FR-MEN-041", "TVA non applicable, art. 293 B du CGI")
    training = untaxed("E", "Exonération de TVA, art. 261, 4, 4° a du CGI")
    assert codes(training, regime=VatRegime.FRANCHISE) == codes(untaxed("E", "Pas de TVA"), regime=None) == []


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("VATEX-EU-D", "Régime particulier - Agences de voyages"),
        ("VATEX-EU-F", "Régime particulier - Biens d’occasion"),
        ("VATEX-EU-I", "Régime particulier - Objets d’art"),
        ("VATEX-EU-J", "Régime particulier - Objets de collection et d’antiquité"),
    ],
)
def test_each_margin_scheme_has_its_mention(code: str, text: str) -> None:
    (finding,) = told(untaxed("E", "Occasion", code))
    assert finding.proposal is not None
    assert (finding.code, finding.proposal.new) == ("FR-MEN-042", text)
    assert codes(untaxed("E", text, code)) == codes(noted("TVA sur la marge (297 A)", base=untaxed("E", "Occasion", code))) == []


@pytest.mark.parametrize(("code", "right"), [("380", "389"), ("381", "261"), ("386", "500"), ("384", "471"), ("393", "501")])
def test_the_type_of_a_self_billed_document(code: str, right: str) -> None:
    invoice = noted("Auto-facturation").model_copy(update={"type_code": code})
    (finding,) = told(invoice)
    assert finding.proposal is not None
    assert (finding.field, finding.term, finding.proposal.new) == ("type_code", "BT-3", right)
    assert codes(invoice.model_copy(update={"type_code": right})) == []


def test_a_member_of_a_vat_group_says_so() -> None:
    member = RIGHT.seller.model_copy(update={"identifiers": (*RIGHT.seller.identifiers, Identifier(value="812345676", scheme="0231"))})
    silent = RIGHT.model_copy(update={"seller": member})
    assert [finding.field for finding in told(silent)] == ["notes", "tax_representative"]
    assert codes(silent, day=date(2022, 12, 31)) == []
    said = noted("Membre d’un assujetti unique", base=silent)
    assert [finding.field for finding in told(said)] == ["tax_representative"]
    (wrong, _) = told(noted("oui", "TXD"))
    assert wrong.proposal is not None
    assert wrong.proposal.new == "MEMBRE_ASSUJETTI_UNIQUE"


def test_each_part_of_a_representative_is_named() -> None:
    bare = changed(RIGHT, "tax_representative.address", {"country": "FR"})
    assert [finding.field for finding in told(bare)] == [f"tax_representative.{name}" for name in ("name", "vat_number", "address")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["FR-MEN-048"]),
        ({"business_process": "S4"}, []),  # FR-AVO-014
        ({"business_process": "S2"}, []),
        ({"type_code": "386"}, []),
        ({"type_code": "381"}, []),
        ({"preceding_invoices": (PrecedingInvoice(number="FA-7"),)}, ["FR-MEN-049"]),
        ({"preceding_invoices": (PrecedingInvoice(number="FA-7"),), "business_process": "S4"}, []),
        ({"preceding_invoices": (PrecedingInvoice(number="FA-7"),), "type_code": "381"}, []),
    ],
)
def test_deposits_deducted(changes: dict[str, object], expected: list[str]) -> None:
    assert codes(changed(RIGHT, "totals.prepaid", "300").model_copy(update=changes)) == expected


def test_a_deposit_is_a_note_for_a_consumer_and_none_where_all_is_paid() -> None:
    partly = changed(RIGHT, "totals.prepaid", "300")
    assert [finding.severity for finding in told(partly, client=ClientKind.CONSUMER)] == [Severity.NOTE]
    assert codes(noted("Facture d’acompte FA-7 du 2 septembre", base=partly)) == []
    assert RIGHT.totals.gross is not None
    assert codes(changed(RIGHT, "totals.prepaid", str(RIGHT.totals.gross))) == []
