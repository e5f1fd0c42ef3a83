"""Invoices to public buyers: the numbers and references that Chorus Pro wants, and its limits to the character."""

from __future__ import annotations

from datetime import date

import pytest

from tests.rule_cases import BASES, changed
from xlbridge.clients import ClientKind
from xlbridge.findings import Finding, Severity
from xlbridge.model import Identifier, Invoice, SupportingDocument
from xlbridge.rules.catalogue import Context, catalogue, judge

OWN = [code for code in catalogue() if code.startswith("FR-B2G")]
RIGHT = BASES["b2g"]()


def told(
    invoice: Invoice, *, day: date = date(2026, 10, 1), own: bool = True, client: ClientKind | None = ClientKind.PUBLIC
) -> list[Finding]:
    return judge(invoice, Context(day=day, own=own, client=client), OWN)


def codes(invoice: Invoice, **facts: object) -> list[str]:
    return [finding.code for finding in told(invoice, **facts)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "length", "code"),
    [
        ("number", 20, "FR-B2G-003"),
        ("buyer_reference", 50, "FR-B2G-006"),
        ("order_reference", 50, "FR-B2G-006"),
        ("contract_reference", 50, "FR-B2G-006"),
        ("seller.name", 99, "FR-B2G-009"),
        ("buyer.name", 99, "FR-B2G-009"),
        ("notes[0].text", 1024, "FR-B2G-009"),
        ("payment.accounts[0].iban", 27, "FR-B2G-010"),
    ],
)
def test_limits_to_the_character(path: str, length: int, code: str) -> None:
    assert codes(changed(RIGHT, path, "A" * length)) == []
    (finding,) = told(changed(RIGHT, path, "A" * (length + 1)))
    assert (finding.code, finding.field, finding.values["length"], finding.values["most"]) == (code, path, length + 1, length)


@pytest.mark.parametrize("client", [ClientKind.BUSINESS, ClientKind.CONSUMER, None])
def test_other_clients_are_not_concerned(client: ClientKind | None) -> None:
    bare = RIGHT.model_copy(update={"buyer_reference": None, "order_reference": None, "number": "F" * 30})
    assert codes(bare, client=client) == codes(bare, own=False) == []


def test_before_chorus_was_compulsory_nothing_is_asked() -> None:
    assert codes(RIGHT.model_copy(update={"buyer_reference": None, "number": "F" * 30}), day=date(2019, 12, 31)) == []


def test_service_and_engagement_are_one_question() -> None:
    def weights(**changes: object) -> list[tuple[str, Severity]]:
        return [(finding.code, finding.severity) for finding in told(RIGHT.model_copy(update=changes))]

    assert weights(buyer_reference=None, order_reference=None) == [("FR-B2G-004", Severity.WARNING)]
    assert weights(buyer_reference=None) == [("FR-B2G-004", Severity.NOTE)]
    assert weights(order_reference=None) == [("FR-B2G-005", Severity.NOTE)]


def test_an_iban_in_groups_is_not_too_long() -> None:
    assert codes(changed(RIGHT, "payment.accounts[0].iban", "FR76 3000 6000 0112 3456 7890 189")) == []


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (SupportingDocument(reference="1", filename="a" * 46 + ".pdf", content=b"x" * 10 * 1024**2), []),
        (SupportingDocument(reference="1", filename="a" * 47 + ".pdf"), ["FR-B2G-012"]),
        (SupportingDocument(reference="1", content=b"x" * (10 * 1024**2 + 1)), ["FR-B2G-012"]),
    ],
)
def test_attachments(item: SupportingDocument, expected: list[str]) -> None:
    assert codes(RIGHT.model_copy(update={"supporting_documents": (item,)})) == expected


@pytest.mark.parametrize(
    ("siren", "expected"),
    [("217500016", ["FR-B2G-020"]), ("110043015", ["FR-B2G-020"]), ("217500017", []), ("356000000", [])],
)
def test_a_public_siren_of_an_unknown_client(siren: str, expected: list[str]) -> None:
    buyer = RIGHT.buyer.model_copy(update={"legal_id": Identifier(value=siren, scheme="0002"), "identifiers": ()})
    invoice = RIGHT.model_copy(update={"buyer": buyer})
    assert codes(invoice, client=None) == expected
    assert codes(invoice, client=ClientKind.BUSINESS) == codes(invoice, client=None, own=False) == []
