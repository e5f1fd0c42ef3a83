"""The faults that the official sheets let pass, on the files collected for it: each is found in the file and not in its right neighbour."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.corpus import CORPUS, needs_corpus
from xlbridge.findings import Finding, Outcome, Severity
from xlbridge.official.validate import validate

FILES = CORPUS / "einvoices"
LIMITS = "invalid_edge/VALENTINDML_facturx-cas-limites__"
GAPS = "invalid_edge/facturxapi_en16931-oracles__"
RIGHT = "valid/facturxapi_en16931-oracles__brfr_fixtures_"
LIMIT = f"{LIMITS}PDF-001_factur-x.xml"  # the message that the limit cases share
CII, UBL, UBL_OBJECT = f"{RIGHT}cii-synth-S1-pass.xml", f"{RIGHT}ubl-synth-S1-pass.xml", f"{RIGHT}ubl-synth-S1-bt128-pass.xml"
DUTCH = "valid/ConnectingEurope_eInvoicing-EN16931__cii_CII_example5.xml"
BELGIAN = f"{GAPS}gaps_ubl-tc434-creditnote1-"


class Case(NamedTuple):
    """A wrong file, its neighbour that lacks the fault (None where there is none), and what tells the fault."""

    file: str
    neighbour: str | None
    code: str
    term: str | None


CASES = [
    Case(LIMIT, None, "FR-IDE-021", "BT-34"),  # IDENT-001, PDF-001 … 008: the same message, whose address is a bare SIRET
    Case(f"{LIMITS}IDENT-002_factur-x.xml", LIMIT, "FR-IDE-011", "BT-31"),
    Case(f"{LIMITS}PRF-001_factur-x.xml", LIMIT, "FR-REF-051", "BT-24"),
    Case(f"{LIMITS}PRF-002_factur-x.xml", LIMIT, "FR-REF-050", "BT-24"),
    Case(f"{LIMITS}XML-004_factur-x.xml", LIMIT, "DOC-205", "BT-24"),
    Case(f"{LIMITS}PDF-004_facture.pdf", LIMIT, "DOC-104", None),
    Case(f"{LIMITS}PDF-006_facture.pdf", f"{LIMITS}PDF-004_facture.pdf", "DOC-106", None),
    Case(f"{LIMITS}PDF-007_facture.pdf", f"{LIMITS}PDF-004_facture.pdf", "DOC-111", None),
    Case(f"{LIMITS}PDF-008_facture.pdf", f"{LIMITS}PDF-004_facture.pdf", "DOC-103", None),
    Case(f"{GAPS}brfr_gaps-fr_cii-pmt-vide.xml", CII, "FR-MEN-060", "BG-1"),
    Case(f"{GAPS}brfr_gaps-fr_cii-siren-123456789.xml", CII, "FR-IDE-001", "BT-30"),
    Case(f"{GAPS}brfr_gaps-fr_ubl-bt128-espace.xml", UBL_OBJECT, "FR-IDE-041", "BT-128"),
    Case(f"{GAPS}brfr_gaps-fr_ubl-bt24-garbage.xml", UBL, "FR-REF-050", "BT-24"),
    Case(f"{GAPS}brfr_gaps-fr_ubl-siren-123456789.xml", UBL, "FR-IDE-001", "BT-30"),
    Case(f"{GAPS}brfr_gaps-fr_ubl-siren-espaces.xml", UBL, "FR-IDE-002", "BT-30"),
    Case(f"{GAPS}brfr_gaps-fr_ubl-siren-meme.xml", UBL, "FR-IDE-007", "BG-7"),
    Case(f"{GAPS}gaps_CII_example5-bt29-gln1.xml", DUTCH, "FR-IDE-019", "BT-29"),
    Case(f"{GAPS}gaps_CII_example5-bt31-NL1.xml", DUTCH, "FR-IDE-013", "BT-31"),
    Case(f"{GAPS}gaps_CII_example5-bt32-FC-XX.xml", DUTCH, "FR-IDE-040", "BT-32"),
    Case(f"{GAPS}gaps_CII_example5-bt48-DK1.xml", DUTCH, "FR-IDE-013", "BT-48"),
    Case(f"{BELGIAN}bt31-BE00.xml", f"{BELGIAN}iban-bad.xml", "FR-IDE-013", "BT-31"),
    Case(f"{BELGIAN}iban-bad.xml", f"{BELGIAN}bt31-BE00.xml", "FR-IDE-016", "BT-84"),
    Case(
        "invalid_edge/ZUGFeRD_corpus__not_validating_full_invoice_based_onTest_EeISI_300_CENfullmodel.cii.xml", None, "FR-MNT-036", "BT-92"
    ),
    Case("invalid_edge/ZUGFeRD_mustangproject__FAIL_zugferd_2p1_MINIMUM_Rechnung_380.xml", None, "FR-REF-051", "BT-24"),
    Case(f"{GAPS}brfr_gaps-fr_cii-pmt-dot.xml", CII, "FR-MEN-033", "BT-22"),
    Case(f"{GAPS}brfr_gaps-fr_cii-pmt-na.xml", CII, "FR-MEN-033", "BT-22"),
    Case(f"{GAPS}brfr_gaps-fr_ubl-pmt-na.xml", UBL, "FR-MEN-033", "BT-22"),
]
NOTHING_WRONG = f"{GAPS}brfr_gaps-fr_ubl-id-hyphen.xml"  # a right number, with one hyphen more than its neighbour's


@cache
def told(file: str) -> frozenset[tuple[str, str | None, str]]:
    """Code, term and sentence of what `validate` finds in the file."""
    return frozenset((finding.code, finding.term, finding.message) for finding in validate(FILES / file).findings)


@needs_corpus
@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{Path(case.file).name}")
def test_the_fault_is_found_and_not_in_the_neighbour(case: Case) -> None:
    found = told(case.file) - (told(case.neighbour) if case.neighbour else frozenset())
    assert (case.code, case.term) in {(code, term) for code, term, _ in found}


@needs_corpus
@pytest.mark.slow
def test_every_file_of_the_list_is_in_the_table() -> None:
    """Files that are the same message count once; where the fault is in the PDF, the PDF."""
    with (FILES / "manifest.csv").open(encoding="utf-8") as rows:
        wrong = [row["file"] for row in csv.DictReader(rows) if row["final_class"].startswith("wrong_but_passes_rules")]
    contents = {(FILES / file).read_bytes() for file in wrong}
    covered = {(FILES / case.file).read_bytes() for case in CASES} | {(FILES / NOTHING_WRONG).read_bytes()}
    assert len(wrong) == 33
    assert contents == covered


@needs_corpus
@pytest.mark.slow
def test_a_hyphen_in_a_number_is_right() -> None:
    assert {(code, term) for code, term, _ in told(NOTHING_WRONG)} == {(code, term) for code, term, _ in told(UBL)}


@needs_corpus
@pytest.mark.slow
def test_no_own_rule_blocks_a_right_e_invoice() -> None:
    with (FILES / "manifest.csv").open(encoding="utf-8") as rows:
        right = [row["file"] for row in csv.DictReader(rows) if row["final_class"] == "valid_measured"]
    blocked: dict[str, list[Finding]] = {}
    for file in right:
        report = validate(FILES / file)
        assert ("xlbridge", Outcome.COMPLIANT) in {(check.name, check.outcome) for check in report.checks}, file
        own = [finding for finding in report.findings if finding.code.startswith("FR-") and finding.severity is Severity.BLOCKING]
        blocked |= {file: own} if own else {}
    assert len(right) > 90
    assert blocked == {}
