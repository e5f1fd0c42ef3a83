"""What is a duplicate, what only looks like one, and what is none though it looks so."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.right_register import right_register
from tests import samples
from xlbridge.document import Document
from xlbridge.duplicates import Known, content_key, find, known_of
from xlbridge.duplicates.numbers import one_character_apart, spelled
from xlbridge.findings import Cell, Severity
from xlbridge.model import Identifier, Invoice, Party, PrecedingInvoice
from xlbridge.model.line import Period

FIRST = Known(
    "F2026-0045", date(2026, 11, 3), "812345676", "907654321", Decimal("1200.00"), "EUR", "380", None, "aa@2026-11-03",
    Cell("f.xlsx", "Ventes", "A2"), "f.xlsx",
)  # fmt: skip
CREDITED = {"type_code": "381", "number": "A2026-0003", "content": "cc@2026-11-09"}


def other(day: int = 3, **changes: object) -> Known:
    """Another document like `FIRST`, of the `day` of November, two lines further down."""
    facts: dict[str, object] = {"number": "F2026-0060", "issue_date": date(2026, 11, day), "content": f"aa@2026-11-{day:02}"}
    facts["cell"] = Cell("f.xlsx", "Ventes", "A4")
    return replace(FIRST, **(facts | changes))  # type: ignore[arg-type]


def told(*documents: Known) -> list[tuple[int, str]]:
    """Which document gets which code."""
    return [(index, finding.code) for index, finding in find(documents)]


def both(code: str) -> list[tuple[int, str]]:
    """A pair of which each is told about the other."""
    return [(0, code), (1, code)]


def test_the_exact_key_blocks_whatever_else_differs() -> None:
    twin = other(28, number=" F2026-0045 ", buyer="x", amount=Decimal(7), type_code="381")
    assert told(FIRST, twin) == both("FR-NUM-001")
    finding = find([FIRST, twin])[0][1]
    assert (finding.severity, finding.cell, finding.field) == (Severity.BLOCKING, FIRST.cell, "number")
    expected = {"twin": " F2026-0045 ", "twin_cell": "Ventes!A4", "twin_source": "f.xlsx", "twin_date": "2026-11-28", "score": 100}
    assert expected.items() <= finding.values.items()
    assert "28/11/2026 (f.xlsx, feuille « Ventes », cellule A4)" in finding.message


def test_a_dash_is_no_number() -> None:
    assert told(replace(FIRST, number="–"), other(20, number="–")) == told(replace(FIRST, number=" "), other(20, number=" ")) == []


def test_another_year_or_another_seller_is_another_key() -> None:
    assert told(FIRST, other(number=FIRST.number, issue_date=date(2025, 11, 3), content="")) == []
    assert told(FIRST, other(number=FIRST.number, seller_siren="404833048")) == []


def test_the_others_with_the_number_are_counted() -> None:
    many = [replace(FIRST, cell=Cell("f.xlsx", "Ventes", f"A{row}")) for row in range(2, 6)]
    found = find(many)
    assert [index for index, _ in found] == [0, 1, 2, 3]
    assert found[0][1].message.endswith(", et de 2 autres documents.")


def test_twins_are_looked_for_in_the_ledger_and_told_of_the_document_alone() -> None:
    recorded = other(number=FIRST.number, source="registre", cell=None)
    [(index, finding)] = find([FIRST], [recorded, other(20, number="F2026-0100", source="registre", cell=None)])
    assert (index, finding.values["twin_source"], finding.values["twin_cell"]) == (0, "registre", None)
    assert "(registre)" in finding.message
    known_cell = replace(recorded, cell=Cell("f.xlsx", "Factures", "A3"))
    assert "(registre, f.xlsx, feuille « Factures », cellule A3)" in find([FIRST], [known_cell])[0][1].message


def test_one_cell_read_twice_is_one_document() -> None:
    """An invoice whose lines stand in another file is read with both."""
    assert told(FIRST, replace(FIRST, source="lignes.xlsx")) == []
    assert told(replace(FIRST, source="2025/f.xlsx"), replace(FIRST, source="2026/f.xlsx")) == both("FR-NUM-001")


@pytest.mark.parametrize(
    ("sirens", "sources", "codes"),
    [
        ((None, None), ("f.xlsx", "f.xlsx"), both("FR-NUM-001")),
        ((None, "812345676"), ("f.xlsx", "f.xlsx"), both("FR-NUM-001")),
        ((None, None), ("f.xlsx", "g.xlsx"), both("FR-NUM-013")),
        ((None, "812345676"), ("f.xlsx", "g.xlsx"), []),
    ],
)
def test_unknown_sellers(sirens: tuple[str | None, str | None], sources: tuple[str, str], codes: list[tuple[int, str]]) -> None:
    one = replace(FIRST, seller_siren=sirens[0], source=sources[0], content="")
    two = other(20, number=FIRST.number, seller_siren=sirens[1], source=sources[1])
    assert told(one, two) == codes
    if sources[0] != sources[1]:
        assert told(one, replace(two, amount=Decimal(3))) == [], "two firms may both have an F2026-0045"


def test_two_sellers_in_one_file_leave_the_unknown_to_themselves() -> None:
    sellers = [replace(FIRST, seller_siren=siren, content="", cell=None) for siren in ("812345676", "404833048", None, None)]
    assert told(*sellers) == [(2, "FR-NUM-001"), (3, "FR-NUM-001")]


@pytest.mark.parametrize("number", ["f2026-0045", "F 2026-0045", "F2026-45", "F2026/00045", "F2026-O045", "F2026 0045", "FACT"])
def test_numbers_that_read_alike(number: str) -> None:
    twin = other(28, number=number, amount=Decimal(7), buyer="x")
    assert told(FIRST, twin) == ([] if number == "FACT" else both("FR-NUM-013"))
    assert told(FIRST, replace(twin, issue_date=date(2027, 1, 2))) == []


def test_neighbours_of_a_series_are_no_near_numbers() -> None:
    series = [other(1 + place % 28, number=f"F2026-{place:04}", amount=Decimal(place), cell=None) for place in range(1, 400)]
    assert told(*series) == []


@pytest.mark.parametrize("number", ["F2026-0054", "F2026-00455", "FA2026-0045", "G2026-0045"])
def test_one_character_counts_where_all_else_agrees(number: str) -> None:
    assert told(FIRST, other(5, number=number)) == both("FR-NUM-013")
    assert told(FIRST, other(5, number=number, amount=Decimal(7))) == []
    assert told(FIRST, other(20, number=number)) == []


def test_the_same_content_under_another_number_or_none() -> None:
    assert told(FIRST, other(3)) == told(FIRST, other(3, number=None)) == both("FR-NUM-011")
    assert "sans numéro" in find([FIRST, other(3, number=None)])[0][1].message


def test_the_same_buyer_and_amount_within_days() -> None:
    assert told(FIRST, other(5)) == told(FIRST, other(8)) == both("FR-NUM-012")
    assert told(FIRST, other(9)) == []
    assert [finding.code for _, finding in find([FIRST, other(13)], days=10)] == ["FR-NUM-012"] * 2
    near, far = find([FIRST, other(4)])[0][1], find([FIRST, other(8)])[0][1]
    assert near.values["score"] > far.values["score"]
    lines_differ = find([FIRST, other(5, content="bb@2026-11-05")])[0][1]
    assert lines_differ.severity is Severity.NOTE
    assert lines_differ.values["score"] < far.values["score"]


def test_a_buyer_known_by_name_alone_is_the_one_of_that_name() -> None:
    named = other(5, buyer="moulins reunis", buyer_name="moulins reunis")
    assert told(replace(FIRST, buyer_name="moulins reunis"), named) == both("FR-NUM-012")


def test_an_order_invoiced_twice() -> None:
    one = replace(FIRST, order_reference="BC-118")
    assert told(one, other(28, order_reference="bc 118")) == both("FR-NUM-014")
    assert told(one, other(24, order_reference="BC-118")) == [], "three weeks: an instalment"
    assert told(one, other(28, order_reference="BC-118", amount=Decimal(300))) == []
    assert told(one, other(28, order_reference="BC-118", content="bb@2026-11-28")) == []
    assert told(one, other(5, order_reference="BC-119")) == [], "two orders"
    assert told(replace(one, order_reference="néant"), other(28, order_reference="néant")) == []


@pytest.mark.parametrize(
    "pair",
    [
        (FIRST, other(3, type_code="381")),
        (FIRST, other(3, amount=Decimal("-1200.00"))),
        (FIRST, other(3, type_code="384")),
        (FIRST, other(3, type_code="386")),
        (FIRST, other(3, preceding=("f2026-45",))),
        (FIRST, other(9, **CREDITED, preceding=("F2026-0045",)), other(3)),
        (FIRST, other(4, **CREDITED), other(5)),
    ],
    ids=["credit note", "negative amount", "rectifying", "deposit", "names the other", "cancelled", "credit note that names none"],
)
def test_what_explains_that_there_are_two(pair: tuple[Known, ...]) -> None:
    assert told(*pair) == []


def test_what_another_firm_cancels_explains_nothing() -> None:
    cancelling = other(9, **CREDITED, preceding=("F2026-0045",), seller_siren="404833048")
    assert told(FIRST, cancelling, other(3)) == [(0, "FR-NUM-011"), (2, "FR-NUM-011")]


def test_what_comes_regularly_is_told_only_where_the_rhythm_breaks() -> None:
    days = [date(2026, 1, 5) + timedelta(days=2 * step) for step in range(20)]
    series = [other(number=f"F2026-{place:04}", issue_date=day, content="", cell=None) for place, day in enumerate(days)]
    assert told(*series) == []
    assert told(*series, other(number="F2026-0900", issue_date=days[7], content="", cell=None))[-1] == (20, "FR-NUM-012")


def test_a_till_is_no_duplicate() -> None:
    sales = [other(1 + place // 4, number=f"F{place:04}", buyer="client de passage", cell=None) for place in range(40)]
    assert told(*sales) == []
    assert len(told(*sales[::2])) == 20, "two a day of the same content are no till"


def test_contents_say_what_where_and_when_but_no_number() -> None:
    base = samples.invoice(lines=2)
    key = content_key(base)
    assert key == content_key(base.model_copy(update={"number": "X", "notes": (), "due_date": None}))
    lines = (base.lines[0].model_copy(update={"quantity": Decimal(99)}), base.lines[1])
    changes = {"lines": lines, "buyer": Party(name="x"), "order_reference": "B1", "issue_date": date(2020, 1, 1)}
    assert len({content_key(base.model_copy(update={name: value})) for name, value in changes.items()} | {key}) == 5
    november = base.model_copy(update={"period": Period(start=date(2026, 11, 1), end=date(2026, 11, 30))})
    assert content_key(november) == content_key(november.model_copy(update={"issue_date": date(2026, 12, 9)}))
    assert content_key(Invoice(issue_date=date(2026, 1, 1))) == ""


def test_known_of_a_document() -> None:
    origin = {"number": Cell("f.xlsx", "Ventes", "A2")}
    preceding = (PrecedingInvoice(number="F-1"),)
    known = known_of(Document(samples.invoice(3, preceding_invoices=preceding), origin), "f.xlsx")
    assert (known.number, known.seller_siren, known.buyer) == ("F2026-00004", samples.SELLER.siren, samples.BUYER.siren)
    assert (known.buyer_name, known.preceding, known.cell) == ("societe nouvelle des moulins reunis", ("F-1",), origin["number"])
    assert known_of(Document(Invoice()), "f.xlsx").cell is None
    assert replace(known, content="") == known_of(
        Document(samples.invoice(3, preceding_invoices=preceding), origin), "f.xlsx", with_content=False
    )


NUMBERS = st.builds("{}{}-{}".format, st.sampled_from(["F", "f", "FA", ""]), st.sampled_from([2025, 2026]), st.integers(1, 30))
DOCUMENTS = st.builds(
    Known,
    number=st.none() | NUMBERS | st.text(max_size=6),
    issue_date=st.none() | st.dates(date(2025, 12, 1), date(2026, 2, 1)),
    seller_siren=st.sampled_from([None, "812345676", "404833048"]),
    buyer=st.sampled_from(["", "a", "b"]),
    amount=st.sampled_from([None, Decimal(0), Decimal(10), Decimal("10.00"), Decimal(-10)]),
    currency=st.sampled_from(["EUR", None]),
    type_code=st.sampled_from([None, "380", "381", "384", "386"]),
    order_reference=st.sampled_from([None, "BC-1", "bc 1"]),
    content=st.sampled_from(["", "aa@2026", "bb@2026"]),
    cell=st.none(),
    source=st.sampled_from(["f.xlsx", "g.xlsx", "registre"]),
    preceding=st.sampled_from([(), ("F2026-1",)]),
)


@settings(max_examples=150)
@given(st.lists(DOCUMENTS, max_size=25), st.randoms(use_true_random=False))
def test_the_order_of_the_documents_changes_nothing(documents: list[Known], draw: random.Random) -> None:
    def summary(items: list[Known]) -> Counter[tuple[Known, str, int]]:
        return Counter((items[index], finding.code, finding.values["score"]) for index, finding in find(items))

    shuffled = draw.sample(documents, len(documents))
    assert summary(documents) == summary(shuffled)


@settings(max_examples=150)
@given(DOCUMENTS, DOCUMENTS)
def test_a_pair_is_told_of_both_or_of_none(one: Known, two: Known) -> None:
    here, there = ([(item.code, item.values["score"]) for index, item in find([one, two]) if index == place] for place in (0, 1))
    assert here == there


@settings(max_examples=150)
@given(st.lists(DOCUMENTS, min_size=1, max_size=25), st.data())
def test_an_exact_twin_is_always_found_and_nothing_else_blocks(documents: list[Known], data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(documents))
    twin = replace(chosen, number=chosen.number or "F1", issue_date=chosen.issue_date or date(2026, 1, 1), seller_siren="812345676")
    every = [*documents, twin, replace(twin, buyer="z", amount=Decimal(1), content="", type_code="380")]
    blocked = {index for index, finding in find(every) if finding.severity is Severity.BLOCKING}
    assert blocked == {index for index, finding in find(every) if finding.code == "FR-NUM-001"}
    if any(char.isalnum() for char in twin.number or ""):
        assert {len(documents), len(documents) + 1} <= blocked


@given(st.text(max_size=12), st.text(max_size=12))
def test_spelling_has_an_answer_for_any_text(one: str, two: str) -> None:
    assert spelled(f" {one} ".upper()) == spelled(f" {one} ".upper().casefold())
    assert one_character_apart(one, two) == one_character_apart(two, one)


def test_planted_duplicates_are_found_in_a_right_register() -> None:
    register = [known_of(Document(invoice), "registre.xlsx") for invoice in right_register(4000)]
    quiet = {index for index, _ in find(register)}
    firms = [place for place, known in enumerate(register) if known.type_code == "380" and known.buyer.isdecimal() and place not in quiet]
    chosen = random.Random(5).sample(firms, 200)
    planted = []
    for step, place in enumerate(chosen):
        known = register[place]
        assert known.number
        assert known.issue_date
        again = [
            replace(known),
            replace(known, number=f"F2027-{step:05}"),
            replace(known, number=known.number.lower()),
            replace(known, number=known.number.replace("-0", "-O")),
        ][step % 4]
        planted.append(replace(again, cell=Cell("autre.xlsx", "A", f"A{step}")))
    found = {index: finding.code for index, finding in find(planted, register)}
    expected = ["FR-NUM-001", "FR-NUM-011", "FR-NUM-013", "FR-NUM-013"]
    missed = [step for step in range(200) if found.get(step) != expected[step % 4]]
    assert missed == []


@pytest.mark.slow
@pytest.mark.parametrize("lines", [True, False])
def test_fifty_thousand_right_invoices(lines: bool) -> None:
    known = [known_of(Document(invoice), "registre.xlsx") for invoice in right_register(50_000, seed=2, lines=lines)]
    start = time.process_time()
    found = find(known)
    assert time.process_time() - start < 10
    assert all(finding.severity is not Severity.BLOCKING for _, finding in found)
    assert len({index for index, _ in found}) < 500


def test_a_block_of_any_size_is_searched_in_no_time() -> None:
    """Ten thousand documents without anything that tells them apart."""
    start = time.process_time()
    found = find([replace(FIRST, number=None, content="", cell=None)] * 10_000 + [replace(FIRST, cell=None)] * 10_000)
    assert time.process_time() - start < 10
    assert Counter(finding.code for _, finding in found)["FR-NUM-001"] == 10_000


def test_seller_of_an_e_invoice_scheme_other_than_siren_is_unknown() -> None:
    foreign = Party(name="x", legal_id=Identifier(value="HRB 1", scheme="0009"))
    assert known_of(Document(Invoice(seller=foreign)), "f.xlsx").seller_siren is None
