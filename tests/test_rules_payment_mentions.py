"""The three mentions of the Code de commerce: whether they are due, whether they say something, whether they say what the law wants."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rule_cases import BASES
from xlbridge.clients import ClientKind
from xlbridge.company import Size
from xlbridge.findings import Finding, Severity
from xlbridge.french import cents
from xlbridge.legal_texts import PAYMENT_SUBJECTS, payment_mention
from xlbridge.model import Invoice, Note, PostalAddress
from xlbridge.rules.catalogue import Context, catalogue, judge
from xlbridge.rules.payment_mentions import stated_indemnity

OWN = [code for code in catalogue() if "FR-MEN-030" <= code <= "FR-MEN-039"]
DAY = date(2026, 10, 1)
RIGHT = BASES["b2b"]()
ABSENT = ["FR-MEN-030", "FR-MEN-031", "FR-MEN-032"]


def told(invoice: Invoice, *, day: date = DAY, own: bool = True, **facts: object) -> list[Finding]:
    return judge(invoice, Context(day=day, own=own, **{"client": ClientKind.BUSINESS, **facts}), OWN)  # type: ignore[arg-type]


def codes(invoice: Invoice, **facts: object) -> list[str]:
    return [finding.code for finding in told(invoice, **facts)]  # type: ignore[arg-type]


def saying(*notes: tuple[str | None, str], base: Invoice = RIGHT) -> Invoice:
    return base.model_copy(update={"notes": tuple(Note(text=text, subject_code=code) for code, text in notes)})


def with_text(subject: str, text: str) -> Invoice:
    notes = tuple(note.model_copy(update={"text": text}) if note.subject_code == subject else note for note in RIGHT.notes)
    return RIGHT.model_copy(update={"notes": notes})


@pytest.mark.parametrize("consumer", [False, True])
def test_the_standard_texts_are_right(consumer: bool) -> None:
    mentions = [payment_mention(subject, DAY, consumer) for subject in PAYMENT_SUBJECTS]
    invoice = RIGHT.model_copy(update={"notes": tuple(mention for mention in mentions if mention)})
    kind = ClientKind.CONSUMER if consumer else ClientKind.BUSINESS
    assert codes(invoice, client=kind) == codes(invoice, client=None, own=False) == []


def test_one_text_without_code_may_say_all_three() -> None:
    text = "Pas d’escompte. Retard : trois fois le taux d’intérêt légal, et 40 € de frais de recouvrement."
    assert codes(saying((None, text))) == codes(saying(("PMT", text))) == []
    assert codes(RIGHT.model_copy(update={"notes": (), "payment_terms": text})) == []


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, [Severity.WARNING] * 3),
        ({"size": Size.PME, "day": date(2027, 8, 31)}, [Severity.WARNING] * 3),
        ({"size": Size.PME, "day": date(2027, 9, 1)}, [Severity.BLOCKING] * 3),
        ({"size": Size.GE}, [Severity.BLOCKING] * 3),
        ({"client": ClientKind.PUBLIC}, [Severity.WARNING] * 3),
        ({"client": None}, [Severity.WARNING] * 3),
        ({"client": ClientKind.CONSUMER}, []),
        ({"day": date(2012, 12, 31)}, [Severity.WARNING] * 2),
        ({"day": date(2008, 12, 31)}, []),
        ({"own": False}, []),
    ],
)
def test_what_absent_mentions_weigh(facts: dict[str, object], expected: list[Severity]) -> None:
    assert [finding.severity for finding in told(saying(), **facts)] == expected  # type: ignore[arg-type]


def test_credit_notes_and_clients_abroad_need_them_less() -> None:
    assert {finding.severity for finding in told(saying(base=BASES["credit_note"]()))} == {Severity.NOTE}
    abroad = RIGHT.buyer.model_copy(update={"address": PostalAddress(line1="Rue Haute 1", postcode="1000", city="Bruxelles", country="BE")})
    assert {finding.severity for finding in told(saying(base=RIGHT.model_copy(update={"buyer": abroad})))} == {Severity.NOTE}


def test_a_foreign_seller_or_an_unknown_client_is_not_blamed() -> None:
    seller = RIGHT.seller.model_copy(update={"address": PostalAddress(country="DE")})
    assert codes(saying(base=RIGHT.model_copy(update={"seller": seller}))) == []
    buyer = RIGHT.buyer.model_copy(update={"legal_id": None, "identifiers": (), "vat_number": None})
    assert codes(saying(base=RIGHT.model_copy(update={"buyer": buyer})), client=None) == []


def test_only_the_indemnity_has_one_right_text() -> None:
    proposals = {finding.code: finding.proposal for finding in told(saying())}
    assert [code for code, proposal in proposals.items() if proposal] == ["FR-MEN-030"]


@pytest.mark.parametrize("text", [".", "-", "n/a", "N.A.", "  ", "…", "NC", "xxx", "à compléter"])
@pytest.mark.parametrize("subject", PAYMENT_SUBJECTS)
def test_fillers_are_no_mentions(subject: str, text: str) -> None:
    invoice = with_text(subject, text)
    assert codes(invoice) == ["FR-MEN-033"]
    (finding,) = told(invoice, own=False, client=None)
    wordless = not any(map(str.isalnum, text))
    assert finding.severity is (Severity.BLOCKING if subject != "AAB" or wordless else Severity.WARNING)
    assert finding.term == "BT-22"


@pytest.mark.parametrize("text", ["Néant", "aucun", "Sans objet", "Non applicable"])
def test_none_is_an_answer_for_a_discount_and_for_a_consumer(text: str) -> None:
    assert codes(with_text("AAB", text)) == []
    assert codes(with_text("PMT", text)) == codes(with_text("PMD", text)) == ["FR-MEN-033"]
    assert codes(with_text("PMT", text), client=ClientKind.CONSUMER) == []


@given(st.decimals("0.01", "9999", places=2))
def test_the_indemnity_is_forty_euros(value: Decimal) -> None:
    text = f"Indemnité forfaitaire pour frais de recouvrement : {cents(value)} €"
    assert ("FR-MEN-034" in codes(with_text("PMT", text))) == (value != 40)


@pytest.mark.parametrize(
    "text", ["40€", "40,00 €", "une indemnité de 40 EUROS", "quarante euros", "Quarante (40) euros", "€ 40", "40.00 EUR", "15 €, puis 40 €"]
)
def test_ways_to_write_forty_euros(text: str) -> None:
    assert stated_indemnity(text) == "40"


@pytest.mark.parametrize(
    "text", ["Pénalités de retard selon nos conditions", "Aucune pénalité de retard", "FICTIF", "No late payment fees"]
)
def test_penalties_without_rate(text: str) -> None:
    assert codes(with_text("PMD", text)) == codes(with_text("PMD", text), own=False) == ["FR-MEN-035"]
    assert codes(with_text("PMD", text), client=ClientKind.CONSUMER) == ["FR-MEN-037"]  # the 40 € of the base


@pytest.mark.parametrize(
    "text",
    ["12 % l’an", "1,5% par mois", "taux BCE + 10 points", "au triple du taux d’intérêt légal", "taux directeur majoré de dix points"],
)
def test_rates_of_penalties(text: str) -> None:
    assert codes(with_text("PMD", f"Pénalités de retard : {text}")) == []


@pytest.mark.parametrize(
    ("cited", "new"),
    [("L441-6", "L441-10"), ("L. 441-6", "L. 441-10"), ("l.441‑6", "l.441-10"), ("L 441-3", "L 441-9")],
)
def test_old_articles(cited: str, new: str) -> None:
    text = "Pénalités : trois fois le taux d’intérêt légal (art. {} du Code de commerce)."
    (finding,) = told(with_text("PMD", text.format(cited)))
    assert finding.code == "FR-MEN-036"
    assert finding.proposal is not None
    assert finding.proposal.new == text.format(new)
    assert codes(with_text("PMD", text.format(cited)), day=date(2019, 9, 30)) == []


def test_a_cited_paragraph_of_an_old_article_is_not_translated() -> None:
    (finding,) = told(with_text("PMD", "Trois fois le taux d’intérêt légal (art. L441-6, I al. 12)."))
    assert finding.proposal is None


@pytest.mark.parametrize("text", ["L441-10", "L. 441-9", "L441-6-1", "D441-5", "article 441-6 du Code civil", "L441-16"])
def test_other_articles(text: str) -> None:
    assert codes(with_text("PMD", f"Trois fois le taux d’intérêt légal ({text}).")) == []


def test_the_indemnity_is_not_claimed_from_a_consumer() -> None:
    assert codes(RIGHT, client=ClientKind.CONSUMER) == ["FR-MEN-037"]
    for text in ("Entre professionnels : 40 € de frais de recouvrement.", "Frais de recouvrement : non due par un particulier."):
        assert codes(with_text("PMT", text), client=ClientKind.CONSUMER) == []
    told_elsewhere = codes(RIGHT.model_copy(update={"notes": (*RIGHT.notes, Note(text="B2C", subject_code="BAR"))}), client=None, own=False)
    assert told_elsewhere == ["FR-MEN-037"]
