"""Rules of mentions: lines, designations, supply, and what is said where settings are absent."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.rule_cases import BASES, changed
from xlbridge.clients import ClientKind
from xlbridge.company import Activity, Size, VatRegime
from xlbridge.findings import Finding, Severity
from xlbridge.model import Invoice, Line, Note, Period
from xlbridge.rules.catalogue import Context, catalogue, judge

OWN = [code for code in catalogue() if "FR-MEN-010" <= code <= "FR-MEN-029"]
RIGHT = BASES["b2b"]()
KNOWN = {"regime": VatRegime.NORMAL, "size": Size.PME, "activity": Activity.SERVICES, "client": ClientKind.BUSINESS}


def told(invoice: Invoice, *, own: bool = True, **facts: object) -> list[Finding]:
    return judge(invoice, Context(day=date(2026, 10, 1), own=own, **{**KNOWN, **facts}), OWN)  # type: ignore[arg-type]


def codes(invoice: Invoice, **facts: object) -> list[str]:
    return [finding.code for finding in told(invoice, **facts)]  # type: ignore[arg-type]


def with_note(text: str) -> Invoice:
    return RIGHT.model_copy(update={"notes": (*RIGHT.notes, Note(text=text))})


def with_name(name: str, **changes: object) -> Invoice:
    line = RIGHT.lines[0].model_copy(update={"name": name, **changes})
    return RIGHT.model_copy(update={"lines": (line, *RIGHT.lines[1:])})


def test_absent_settings_are_one_note_that_names_each() -> None:
    anonymous = changed(changed(changed(RIGHT, "buyer.legal_id", "none"), "buyer.identifiers", "none"), "buyer.vat_number", "none")
    (finding,) = told(anonymous, regime=None, size=None, activity=None, client=None)
    assert (finding.code, finding.severity, finding.field) == ("FR-MEN-010", Severity.NOTE, "seller")
    assert all(word in finding.message for word in ("régime de TVA", "taille", "activité", "nature du client"))


def test_one_unknown_setting_is_named_alone() -> None:
    (finding,) = told(RIGHT, size=None)
    assert finding.values["unknown"] == "la taille de l’entreprise"
    assert "client" not in finding.remedy


@pytest.mark.parametrize("own", [True, False])
def test_a_client_known_by_its_numbers_is_not_unknown(own: bool) -> None:
    assert codes(RIGHT, client=None, own=own) == []


def test_an_e_invoice_is_not_blamed_for_our_settings() -> None:
    assert codes(RIGHT, own=False, regime=None, size=None, activity=None, client=None) == []


@pytest.mark.parametrize("name", ["divers", "PRESTATIONS", "Prestation de services.", " Articles ", "désignation"])
def test_vague_names(name: str) -> None:
    assert codes(with_name(name)) == ["FR-MEN-013"]
    assert codes(with_name(name, description="Pose d’une porte")) == []


@pytest.mark.parametrize("name", ["Frais de port", "Formations", "javel", "Prestation du 3e trimestre", "Zinc", "Box 12"])
def test_short_names_that_say_what_is_sold(name: str) -> None:
    assert codes(with_name(name)) == []


@pytest.mark.parametrize("name", ["12", "40-12", "a", "---"])
def test_codes_are_no_names(name: str) -> None:
    assert codes(with_name(name)) == ["FR-MEN-014"]


def test_a_name_taken_from_the_code_is_shown_on_the_code() -> None:
    (finding,) = told(with_name("1207", seller_item_id="1207"))
    assert (finding.field, finding.term) == ("lines[0].seller_item_id", "BT-155")


def test_a_line_without_rate_is_told_only_where_the_rest_is_known() -> None:
    bare = RIGHT.model_copy(update={"lines": (*RIGHT.lines, Line(name="Pose", net_amount=Decimal(10)))})
    assert codes(bare) == ["FR-MEN-012"]
    assert codes(bare.model_copy(update={"vat_breakdown": ()})) == []  # FR-TVA-001 says so


@pytest.mark.parametrize(
    "text",
    ["Livré le 12/09/2026", "Intervention du 12.09.2026", "travaux réalisés le 12/9/2026", "Prestation exécutée en date du 12/09/2026"],
)
def test_the_day_of_supply_in_a_text(text: str) -> None:
    assert codes(with_note(text)) == codes(with_name("Pose", note=text)) == ["FR-MEN-015"]
    assert codes(with_note(text).model_copy(update={"period": Period(start=date(2026, 9, 1), end=date(2026, 9, 30))})) == []


@pytest.mark.parametrize(
    "text", ["Livré le 01/10/2026", "Devis du 12/09/2026", "livré le 31/02/2026", "Réf. 12.09.2026", "Livraison sous 8 jours"]
)
def test_other_days_in_texts(text: str) -> None:
    assert RIGHT.issue_date == date(2026, 10, 1)
    assert codes(with_note(text)) == []


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("Votre commande n° BC-2026-118 du 2/9", "BC-2026-118"),
        ("Bon de commande : 4500123", "4500123"),
        ("V/commande réf. PO/77", "PO/77"),
        ("BC n°118", "118"),
    ],
)
def test_order_numbers_in_texts(text: str, order: str) -> None:
    (finding,) = told(with_note(text))
    assert (finding.code, finding.values["order"]) == ("FR-MEN-018", order)
    assert codes(with_note(text).model_copy(update={"order_reference": order})) == []


@pytest.mark.parametrize("text", ["Merci de votre commande", "Commande passée par téléphone le 3", "Votre commande n° : à suivre"])
def test_orders_without_number(text: str) -> None:
    assert codes(with_note(text)) == []


def test_a_small_service_to_a_consumer_needs_no_date() -> None:
    small = changed(RIGHT, "totals.gross", "24.99")
    assert codes(small, client=ClientKind.CONSUMER) == []
    assert codes(changed(RIGHT, "totals.gross", "25"), client=ClientKind.CONSUMER) == ["FR-MEN-017"]


def test_services_have_no_delivery_address() -> None:
    text = "Adresse de livraison : 3bis, rue Basse - 33000 Bordeaux"
    assert codes(with_note(text)) == []
    goods = BASES["goods"]()
    assert codes(goods.model_copy(update={"notes": (*goods.notes, Note(text=text))})) == ["FR-MEN-019"]


def test_the_table_of_mentions_names_rules_that_exist() -> None:
    text = (Path(__file__).parents[1] / "docs" / "mentions-couvertes.md").read_text("utf-8")
    named = set(re.findall(r"FR-[A-Z0-9]{3}-\d{3}", text))
    assert named - catalogue().keys() == set()
    ours = {code for code in catalogue() if code.startswith("FR-B2G") or "FR-MEN-010" <= code <= "FR-MEN-059"}
    spans = re.findall(r"(FR-[A-Z0-9]{3}-)(\d{3}) à \1(\d{3})", text)
    within = {f"{family}{number:03}" for family, first, last in spans for number in range(int(first), int(last) + 1)}
    assert ours - named - within == set()


def test_the_remedy_names_the_settings_that_lack() -> None:
    invoice = BASES["b2b"]()
    context = Context(day=date(2026, 10, 1), regime=VatRegime.NORMAL, activity=Activity.SERVICES, client=ClientKind.BUSINESS)
    [found] = judge(invoice, context, ["FR-MEN-010"])
    assert "ce réglage" in found.remedy
    assert "(taille)" in found.remedy
