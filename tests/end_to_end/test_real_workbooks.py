"""Real spreadsheets that nobody here made, converted and read by programs that know nothing of this one."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from tests.corpus import CORPUS, needs_corpus
from xlbridge.bulk.run import convert
from xlbridge.official import verapdf

pytestmark = [needs_corpus, pytest.mark.slow]

ALONE = (
    "akretion_factur-x-libreoffice-extension__factur-X_modele_facture_francais.ods",
    "akretion_factur-x-libreoffice-extension__sample_factur-X_invoice_FR.ods",
)
WITH_COMPANY = ("agrandi1992_cdf_audit__factures.xlsx", "OtmaneZ_FinSights__test-facture.csv", "OtmaneZ_FinSights__customer_invoices.csv")
FRANCHISE = ("invoiceninja_invoiceninja__zoho_invoices.csv",)

COMPANY = """
[entreprise]
nom = "Transports Brindille SAS"
siren = "812345676"
tva = "FR19812345676"
adresse = "12 rue de l’Église"
code_postal = "87000"
ville = "Limoges"
pays = "FR"
nature = "services"
[clients]
pays = "FR"
"""
CLIENTS = "nom;type;adresse;code_postal;ville;pays\nMegaCorp SAS;professionnel;1 rue Haute;69001;Lyon;FR\n"


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """The labelled workbooks, those of one group beside the files that complete them."""
    root = tmp_path_factory.mktemp("real")
    for folder, names in (("seuls", ALONE), ("societe", WITH_COMPANY), ("franchise", FRANCHISE)):
        (root / folder).mkdir()
        for name in names:
            shutil.copy(CORPUS / "workbooks" / "labelled" / name, root / folder)
    (root / "societe" / "entreprise.toml").write_text(COMPANY, "utf-8")
    (root / "societe" / "clients.csv").write_text(CLIENTS, "utf-8")
    (root / "franchise" / "entreprise.toml").write_text(COMPANY.replace("nature", 'regime_tva = "franchise"\nnature'), "utf-8")
    return root / "out", convert([root], root / "out", jobs=2).records


def expected(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The hand-made labels of a workbook."""
    label = CORPUS / "workbooks" / "expected" / f"{Path(record['file']).name}.json"
    documents: list[dict[str, Any]] = json.loads(label.read_text("utf-8"))["documents"]
    return documents


def pairs(records: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each converted document with its label, found by number; documents that no label describes are left out."""
    for record in records:
        labels = {str(label["number"]): label for label in expected(record)}
        for document in record["documents"]:
            if document["pdf"] and document["number"] in labels:
                yield document, labels[document["number"]]


def test_sixty_documents_of_four_workbooks_and_none_lost(converted: tuple[Path, list[dict[str, Any]]]) -> None:
    out, records = converted
    made = {Path(record["file"]).name: sum(1 for document in record["documents"] if document["pdf"]) for record in records}
    read = sum(len(record["documents"]) for record in records)
    stopped = [document for record in records for document in record["documents"] if not document["pdf"]]
    assert all(made[name] == 1 for name in ALONE)
    assert sum(made.values()) >= 60
    assert sum(1 for count in made.values() if count) >= 4
    assert sum(made.values()) + len(stopped) == read
    assert all(any(finding["severity"] == "blocking" for finding in document["findings"]) for document in stopped)
    assert len(list(out.rglob("*.pdf"))) == sum(made.values())


def test_an_independent_reader_finds_what_the_labels_say(converted: tuple[Path, list[dict[str, Any]]]) -> None:
    from facturx import get_xml_from_pdf, parse_ubl_cii_xml

    logging.disable(logging.CRITICAL)
    out, records = converted
    seen = 0
    for document, label in pairs(records):
        name, xml = get_xml_from_pdf((out / document["pdf"]).read_bytes(), check_xsd=True)
        terms = parse_ubl_cii_xml(xml)
        assert name == "factur-x.xml"
        assert terms["BT-1"] == label["number"]
        issued = terms["BT-2"]
        assert (issued if isinstance(issued, date) else date.fromisoformat(str(issued))) == date.fromisoformat(label["issue_date"])
        assert fold(terms["BG-7"]["name"]) == fold(label["buyer"]["name"])
        for term, total in (("BT-109", "net"), ("BT-110", "vat"), ("BT-112", "gross")):
            stated = label["totals"].get(total)
            if stated is not None:
                assert abs(Decimal(terms[term])) == abs(Decimal(stated)), (document["number"], term)
        seen += 1
    logging.disable(logging.NOTSET)
    assert seen >= 30


def fold(text: str) -> str:
    """Blanks do not count: trimmed blanks are one of the permitted changes."""
    return " ".join(text.split()).casefold()


def test_every_pdf_passes_verapdf(converted: tuple[Path, list[dict[str, Any]]]) -> None:
    out, _ = converted
    faults = {path.name: found for path in out.rglob("*.pdf") if (found := verapdf.check(path.read_bytes()))}
    assert faults == {}


def test_every_pdf_passes_the_published_sheets(converted: tuple[Path, list[dict[str, Any]]]) -> None:
    """The official rules as they are published, not rewritten, in an engine of its own."""
    from xlbridge.official.engine import Engine
    from xlbridge.official.message import read_message
    from xlbridge.official.ruleset import ruleset

    out, records = converted
    engine = Engine(rewrite_after=10**9)
    faults = {}
    for record in records:
        for document in record["documents"]:
            if not document["pdf"]:
                continue
            with pikepdf.open(out / document["pdf"]) as pdf:
                message = read_message(pdf.attachments["factur-x.xml"].get_file().read_bytes())
            rules = ruleset(message.syntax, message.specification) if message.syntax else None
            assert rules is not None
            failures = [failure for failure in engine.failures(rules.sheet, message.tree) if failure.flag != "warning"]
            if failures:
                faults[document["number"]] = failures
    assert faults == {}
