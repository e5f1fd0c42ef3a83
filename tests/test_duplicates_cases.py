"""The rules between invoices have cases as the others do: the message word for word, and a passing pair."""

from __future__ import annotations

import pytest

from tests.rule_cases import CASES, load_pair
from xlbridge.document import Document
from xlbridge.duplicates import find, known_of
from xlbridge.findings import Finding
from xlbridge.rules.catalogue import catalogue, of_several

CODES = [code for code, item in catalogue().items() if item.judge is of_several]


def told(code: str, name: str) -> list[Finding]:
    """What is told of the invoice of a case, its twin standing in the register."""
    invoice, twin = load_pair(CASES / code / name)
    return [finding for _, finding in find([known_of(Document(invoice), "f.xlsx")], [known_of(Document(twin), "registre")])]


def test_every_kind_of_duplicate_is_a_rule() -> None:
    assert CODES == ["FR-NUM-001", "FR-NUM-011", "FR-NUM-012", "FR-NUM-013", "FR-NUM-014"]


@pytest.mark.parametrize("code", CODES)
def test_the_failing_pair_is_told_word_for_word(code: str) -> None:
    assert "\n\n".join(map(str, told(code, "fail.toml"))) == (CASES / code / "message.txt").read_text("utf-8").strip()


@pytest.mark.parametrize("code", CODES)
def test_the_passing_pair_is_silent(code: str) -> None:
    assert told(code, "pass.toml") == []
