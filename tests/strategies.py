"""Hypothesis strategies of whole invoices: everything that EN 16931 knows, with totals that add up.

An invoice drawn here is in the normal form that a message gives back: no outer blanks, no empty group, identifiers without scheme first,
and nothing that stands in the model only (the word of a unit, the reason of a line's exemption).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.samples import BUYER, SELLER
from xlbridge.model import (
    AllowanceCharge,
    Classification,
    Contact,
    CreditAccount,
    Delivery,
    Identifier,
    Invoice,
    ItemAttribute,
    Line,
    Note,
    Party,
    Payment,
    Period,
    PostalAddress,
    PrecedingInvoice,
    SupportingDocument,
    Totals,
)
from xlbridge.model.profile import Profile
from xlbridge.model.totals import completed

CHARACTERS = st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff", include_characters="\t\n\r<>&\"'é€\u00a0")
RATES = (Decimal(20), Decimal(10), Decimal("5.5"), Decimal("2.1"), Decimal("8.5"), Decimal("0.9"))
TYPES = ("380", "381", "384", "386", "389", "261", "262", "393", "396", "503")
CURRENCIES = ("EUR", "USD", "CHF", "XPF")


def numbers(low: float, high: float, places: int) -> st.SearchStrategy[Decimal]:
    """Decimal numbers with at most `places` decimals."""
    unit = 10**places
    return st.integers(int(low * unit), int(high * unit)).map(lambda value: Decimal(value) / unit)


def texts(size: int = 24) -> st.SearchStrategy[str]:
    """Any text that XML can hold, without outer blanks."""
    return st.text(CHARACTERS, min_size=1, max_size=size).map(str.strip).filter(bool)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A value or None."""
    return st.none() | strategy


def several(strategy: st.SearchStrategy[Any], most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    """From none to `most` values."""
    return st.lists(strategy, max_size=most).map(tuple)


def filled(model: type[Any], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """An object of which at least one field is filled, or None."""
    return st.builds(model, **fields).map(lambda data: None if data == model() else data)


def identifiers() -> st.SearchStrategy[Identifier]:
    return st.builds(Identifier, value=texts(), scheme=maybe(texts(4)))


def many_identifiers() -> st.SearchStrategy[tuple[Identifier, ...]]:
    return several(identifiers()).map(lambda items: tuple(sorted(items, key=lambda item: item.scheme is not None)))


def addresses() -> st.SearchStrategy[Any]:
    lines = {name: maybe(texts()) for name in ("line1", "line2", "line3", "city", "postcode", "subdivision")}
    return maybe(st.builds(PostalAddress, country=st.sampled_from(("FR", "BE", "RE", "US")), **lines))


def dates() -> st.SearchStrategy[date]:
    return st.dates(date(2000, 1, 1), date(2099, 12, 31))


def periods() -> st.SearchStrategy[Any]:
    return filled(Period, start=maybe(dates()), end=maybe(dates()))


def contacts() -> st.SearchStrategy[Any]:
    return filled(Contact, name=maybe(texts()), telephone=maybe(texts()), email=maybe(texts()))


def parties(usual: Party, seller: bool) -> st.SearchStrategy[Party]:
    """`usual`, or a party of which anything may be known."""
    own = {"tax_registration": maybe(texts()), "legal_information": maybe(texts())} if seller else {}
    drawn = st.builds(
        Party,
        name=maybe(texts()),
        trading_name=maybe(texts()),
        identifiers=many_identifiers(),
        legal_id=maybe(identifiers()),
        vat_number=maybe(texts()),
        electronic_address=maybe(identifiers()),
        address=addresses(),
        contact=contacts(),
        **own,
    )
    return st.just(usual) | drawn


def adjustments(document: bool) -> st.SearchStrategy[AllowanceCharge]:
    """An allowance or charge; one of a document has a VAT category."""
    vat = {"vat_category": st.just("S"), "vat_rate": st.sampled_from(RATES)} if document else {}
    return st.builds(
        AllowanceCharge,
        amount=numbers(0, 500, 2),
        base=maybe(numbers(0, 5000, 2)),
        percent=maybe(numbers(0, 100, 2)),
        reason=maybe(texts()),
        reason_code=maybe(texts(4)),
        **vat,
    )


@st.composite
def lines(draw: st.DrawFn) -> Line:
    """A line in one of the French VAT categories, its net amount still to be computed."""
    category = draw(st.sampled_from(("S", "S", "S", "E", "AE", "K", "G", "Z", "O")))
    base_quantity = draw(maybe(st.sampled_from((Decimal(1), Decimal(10), Decimal(1000)))))
    gross_price = draw(maybe(numbers(0, 9999, 6)))
    return Line(
        identifier=draw(texts(6)),
        note=draw(maybe(texts())),
        object_identifier=draw(maybe(identifiers())),
        quantity=draw(numbers(-500, 500, 4)),
        unit=draw(maybe(st.sampled_from(("C62", "HUR", "KGM")))),
        order_line_reference=draw(maybe(texts())),
        accounting_reference=draw(maybe(texts())),
        period=draw(periods()),
        allowances=draw(several(adjustments(document=False))),
        charges=draw(several(adjustments(document=False))),
        unit_price=draw(numbers(0, 9999, 6)),
        price_discount=None if gross_price is None else draw(maybe(numbers(0, 99, 6))),
        gross_price=gross_price,
        price_base_quantity=base_quantity,
        price_base_unit=None if base_quantity is None else draw(maybe(st.just("KGM"))),
        vat_category=category,
        vat_rate=draw(st.sampled_from(RATES)) if category == "S" else None if category == "O" else Decimal(0),
        name=draw(texts()),
        description=draw(maybe(texts())),
        seller_item_id=draw(maybe(texts())),
        buyer_item_id=draw(maybe(texts())),
        standard_item_id=draw(maybe(identifiers())),
        classifications=draw(several(st.builds(Classification, code=texts(), scheme=maybe(texts(3)), version=maybe(texts(3))))),
        origin_country=draw(maybe(st.sampled_from(("FR", "IT")))),
        attributes=draw(several(st.builds(ItemAttribute, name=texts(), value=texts()))),
    )


@st.composite
def payments(draw: st.DrawFn) -> Payment | None:
    """Payment instructions; a card, an account or a text goes with a means of payment."""
    means = {}
    if draw(st.booleans()):
        ibans = st.sampled_from(("FR7630006000011234567890189", "BE68 5390 0754 7034")) | texts()
        account = filled(CreditAccount, iban=maybe(ibans), name=maybe(texts()), bic=maybe(texts(11)))
        card = draw(maybe(texts()))
        means = {
            "means_code": draw(st.sampled_from(("30", "58", "59", "48", "10"))),
            "means_text": draw(maybe(texts())),
            "accounts": tuple(filter(None, draw(several(account)))),
            "card_number": card,
            "card_holder": draw(maybe(texts())) if card else None,
            "debited_iban": draw(maybe(texts())),
        }
    payment = Payment(remittance=draw(maybe(texts())), mandate=draw(maybe(texts())), creditor_id=draw(maybe(texts())), **means)
    return None if payment == Payment() else payment


def deliveries() -> st.SearchStrategy[Any]:
    return filled(Delivery, name=maybe(texts()), location=maybe(identifiers()), date=maybe(dates()), address=addresses())


def attachments() -> st.SearchStrategy[SupportingDocument]:
    embedded = {"content": st.binary(min_size=1, max_size=40), "mime_type": st.just("text/csv"), "filename": texts()}
    known = {"reference": texts(), "description": maybe(texts()), "location": maybe(texts())}
    return st.builds(SupportingDocument, **known) | st.builds(SupportingDocument, **known, **embedded)


REFERENCES = (
    "buyer_reference",
    "project_reference",
    "contract_reference",
    "order_reference",
    "sales_order_reference",
    "receipt_reference",
    "despatch_reference",
    "tender_reference",
    "accounting_reference",
    "payment_terms",
    "business_process",
)


@st.composite
def invoices(draw: st.DrawFn, profile: Profile = Profile.EN16931) -> Invoice:
    """A whole invoice of any type, complete enough to be written in `profile`."""
    currency, other = draw(st.sampled_from(CURRENCIES)), draw(maybe(st.sampled_from(CURRENCIES)))
    vat_currency = None if other == currency else other
    accounting = draw(maybe(numbers(0, 99999, 2))) if vat_currency else None
    return completed(
        Invoice(
            number=draw(texts()),
            issue_date=draw(dates()),
            type_code=draw(st.sampled_from(TYPES)),
            currency=currency,
            vat_currency=vat_currency,
            vat_point_date=draw(maybe(dates())),
            vat_point_code=draw(maybe(st.sampled_from(("5", "29", "72")))),
            due_date=draw(maybe(dates())),
            **{name: draw(maybe(texts())) for name in REFERENCES},
            object_identifier=draw(maybe(identifiers())),
            notes=draw(several(st.builds(Note, text=texts(200), subject_code=maybe(st.sampled_from(("PMT", "AAB", "BAR")))))),
            specification=profile.value,
            preceding_invoices=draw(several(st.builds(PrecedingInvoice, number=texts(), issue_date=maybe(dates())))),
            seller=draw(parties(SELLER, seller=True)),
            buyer=draw(parties(BUYER, seller=False)),
            payee=draw(filled(Party, name=maybe(texts()), identifiers=many_identifiers(), legal_id=maybe(identifiers()))),
            tax_representative=draw(filled(Party, name=maybe(texts()), vat_number=maybe(texts()), address=addresses())),
            delivery=draw(deliveries()),
            period=draw(periods()),
            payment=draw(payments()),
            allowances=draw(several(adjustments(document=True))),
            charges=draw(several(adjustments(document=True))),
            totals=Totals(prepaid=draw(maybe(numbers(0, 9999, 2))), rounding=draw(maybe(numbers(-1, 1, 2))), vat_accounting=accounting),
            supporting_documents=draw(several(attachments())),
            lines=tuple(draw(st.lists(lines(), min_size=1, max_size=3))),
        )
    )


@st.composite
def reckonings(draw: st.DrawFn) -> Invoice:
    """An invoice of which only what bears on its totals is known: lines, allowances, charges, price bases, several rates."""
    vat = st.sampled_from([("S", rate) for rate in RATES[:4]] + [("E", Decimal(0)), ("O", None)])
    amounts = st.builds(AllowanceCharge, amount=numbers(0, 500, 2))

    def line() -> Line:
        category, rate = draw(vat)
        return Line(
            quantity=draw(numbers(-500, 500, 4)),
            unit_price=draw(numbers(0, 9999, 6)),
            price_base_quantity=draw(st.sampled_from((None, Decimal(3), Decimal(100)))),
            allowances=draw(several(amounts)),
            charges=draw(several(amounts)),
            vat_category=category,
            vat_rate=rate,
        )

    def adjusted() -> AllowanceCharge:
        category, rate = draw(vat)
        return AllowanceCharge(amount=draw(numbers(0, 500, 2)), percent=Decimal(5), vat_category=category, vat_rate=rate)

    return completed(
        Invoice(
            lines=tuple(line() for _ in range(draw(st.integers(1, 5)))),
            allowances=tuple(adjusted() for _ in range(draw(st.integers(0, 2)))),
            charges=tuple(adjusted() for _ in range(draw(st.integers(0, 2)))),
            totals=Totals(prepaid=draw(maybe(numbers(0, 9999, 2))), rounding=draw(maybe(numbers(-1, 1, 2)))),
        )
    )
