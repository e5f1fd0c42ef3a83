"""Every field of the model has the business term that EN 16931-1 gives it, and every term has one field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from xlbridge.clients import Client
from xlbridge.company import Company
from xlbridge.model import Invoice, Line
from xlbridge.model.term import Data, model_in, term_of

# EN 16931-1, table of business terms: under the path of the group, each term and the field that holds it. BT-4 does not exist.
NORM = """
- 1 number, 2 issue_date, 3 type_code, 5 currency, 6 vat_currency, 7 vat_point_date, 8 vat_point_code, 9 due_date, 10 buyer_reference
- 11 project_reference, 12 contract_reference, 13 order_reference, 14 sales_order_reference, 15 receipt_reference, 16 despatch_reference
- 17 tender_reference, 18 object_identifier, 19 accounting_reference, 20 payment_terms, 23 business_process, 24 specification
notes 21 subject_code, 22 text
preceding_invoices 25 number, 26 issue_date
seller 27 name, 28 trading_name, 29 identifiers, 30 legal_id, 31 vat_number, 32 tax_registration, 33 legal_information
seller 34 electronic_address
seller.address 35 line1, 36 line2, 162 line3, 37 city, 38 postcode, 39 subdivision, 40 country
seller.contact 41 name, 42 telephone, 43 email
buyer 44 name, 45 trading_name, 46 identifiers, 47 legal_id, 48 vat_number, 49 electronic_address
buyer.address 50 line1, 51 line2, 163 line3, 52 city, 53 postcode, 54 subdivision, 55 country
buyer.contact 56 name, 57 telephone, 58 email
payee 59 name, 60 identifiers, 61 legal_id
tax_representative 62 name, 63 vat_number
tax_representative.address 64 line1, 65 line2, 164 line3, 66 city, 67 postcode, 68 subdivision, 69 country
delivery 70 name, 71 location, 72 date
period 73 start, 74 end
delivery.address 75 line1, 76 line2, 165 line3, 77 city, 78 postcode, 79 subdivision, 80 country
payment 81 means_code, 82 means_text, 83 remittance, 87 card_number, 88 card_holder, 89 mandate, 90 creditor_id, 91 debited_iban
payment.accounts 84 iban, 85 name, 86 bic
allowances 92 amount, 93 base, 94 percent, 95 vat_category, 96 vat_rate, 97 reason, 98 reason_code
charges 99 amount, 100 base, 101 percent, 102 vat_category, 103 vat_rate, 104 reason, 105 reason_code
totals 106 line_net, 107 allowances, 108 charges, 109 net, 110 vat, 111 vat_accounting, 112 gross, 113 prepaid, 114 rounding, 115 due
vat_breakdown 116 base, 117 amount, 118 category, 119 rate, 120 reason, 121 reason_code
supporting_documents 122 reference, 123 description, 124 location, 125 content
lines 126 identifier, 127 note, 128 object_identifier, 129 quantity, 130 unit, 131 net_amount, 132 order_line_reference
lines 133 accounting_reference
lines.period 134 start, 135 end
lines.allowances 136 amount, 137 base, 138 percent, 139 reason, 140 reason_code
lines.charges 141 amount, 142 base, 143 percent, 144 reason, 145 reason_code
lines 146 unit_price, 147 price_discount, 148 gross_price, 149 price_base_quantity, 150 price_base_unit, 151 vat_category, 152 vat_rate
lines 153 name, 154 description, 155 seller_item_id, 156 buyer_item_id, 157 standard_item_id, 158 classifications, 159 origin_country
lines.attributes 160 name, 161 value
"""
GROUPS = {
    "BG-1": "notes",
    "BG-3": "preceding_invoices",
    "BG-4": "seller",
    "BG-5": "seller.address",
    "BG-6": "seller.contact",
    "BG-7": "buyer",
    "BG-8": "buyer.address",
    "BG-9": "buyer.contact",
    "BG-10": "payee",
    "BG-11": "tax_representative",
    "BG-12": "tax_representative.address",
    "BG-13": "delivery",
    "BG-14": "period",
    "BG-15": "delivery.address",
    "BG-16": "payment",
    "BG-17": "payment.accounts",
    "BG-20": "allowances",
    "BG-21": "charges",
    "BG-22": "totals",
    "BG-23": "vat_breakdown",
    "BG-24": "supporting_documents",
    "BG-25": "lines",
    "BG-26": "lines.period",
    "BG-27": "lines.allowances",
    "BG-28": "lines.charges",
    "BG-32": "lines.attributes",
}
# Fields that the norm does not number: parts of an identifier or a term, terms of EXTENDED, and what the model keeps for itself.
WITHOUT_TERM = {
    "preceding_invoices.type_code",
    "supporting_documents.mime_type",
    "supporting_documents.filename",
    "lines.unit_label",
    "lines.vat_reason",
    "lines.vat_reason_code",
    "lines.classifications.code",
    "lines.classifications.scheme",
    "lines.classifications.version",
}
# Fields of a shared class that have no place in the norm where the class stands.
OUT_OF_PLACE = {
    "buyer": {"tax_registration", "legal_information"},
    "payee": {"trading_name", "vat_number", "tax_registration", "legal_information", "electronic_address", "address", "contact"},
    "tax_representative": {
        "trading_name",
        "identifiers",
        "legal_id",
        "tax_registration",
        "legal_information",
        "electronic_address",
        "contact",
    },
    "lines.allowances": {"vat_category", "vat_rate"},
    "lines.charges": {"vat_category", "vat_rate"},
}


def norm() -> dict[str, str]:
    terms = {}
    for row in NORM.strip().splitlines():
        place, _, fields = row.partition(" ")
        for entry in fields.split(", "):
            number, field = entry.split()
            terms[f"BT-{number}"] = field if place == "-" else f"{place}.{field}"
    return terms


def fields_of(model: type[Data], place: str = "") -> Iterator[str]:
    """The paths of all fields below the invoice."""
    for name, info in model.model_fields.items():
        path = f"{place}.{name}" if place else name
        yield path
        inner = model_in(info.annotation)
        if inner is not None:
            yield from fields_of(inner, path)


def without_place(path: str) -> bool:
    """Whether the path lies in a field that has no place there, or is a part of an identifier."""
    owner, _, name = path.rpartition(".")
    return any(
        path == f"{place}.{field}" or path.startswith(f"{place}.{field}.") for place, fields in OUT_OF_PLACE.items() for field in fields
    ) or (name in {"value", "scheme"} and owner != "lines.attributes")


def test_the_table_of_the_norm_is_whole() -> None:
    assert set(norm()) == {f"BT-{number}" for number in range(1, 166) if number != 4}


@pytest.mark.parametrize(("term", "path"), [*norm().items(), *GROUPS.items()])
def test_a_term_stands_where_the_norm_has_it(term: str, path: str) -> None:
    assert term_of(path) == term


def test_every_field_has_its_term_or_a_reason_to_have_none() -> None:
    expected = {path: term for term, path in (norm() | GROUPS).items()}
    for path in fields_of(Invoice):
        if path in WITHOUT_TERM or without_place(path):
            assert term_of(path) is None, path
        else:
            assert term_of(path) == expected[path], path


def test_each_term_has_one_field() -> None:
    terms = Counter(term for path in fields_of(Invoice) if (term := term_of(path)))
    assert [term for term, times in terms.items() if times > 1] == []


def test_indexes_and_short_paths_lead_to_the_same_terms() -> None:
    assert term_of("lines[12].charges[0].percent") == "BT-143"
    assert term_of("seller.siren") == "BT-30"
    assert term_of("buyer.city") == "BT-52"
    assert term_of("buyer.nonsense") is None
    assert term_of("number.more") is None


def test_a_copy_changes_what_it_is_told_and_nothing_else() -> None:
    line = Line(name="Pose")
    invoice = Invoice(number="F1", lines=(line,))
    changed = invoice.model_copy(update={"number": "F2"})
    assert (invoice.number, changed) == ("F1", Invoice(number="F2", lines=(line,)))
    assert changed.lines is invoice.lines
    assert changed.model_copy(update={"type_code": "380"}).model_fields_set == {"number", "lines", "type_code"}
    assert hash(changed) == hash(Invoice(number="F2", lines=(line,)))
    for unknown in ("numero", "title"):  # the second is a property
        with pytest.raises(AttributeError):
            invoice.model_copy(update={unknown: "F2"})


def test_an_unchanged_copy_is_the_same_object() -> None:
    invoice = Invoice(number="F1", lines=(Line(name="Pose"), Line(name="Dépose")))
    assert invoice.model_copy(update={"number": "F1", "lines": (*invoice.lines,)}) is invoice
    assert invoice.model_copy(update={"lines": invoice.lines[:1]}).lines == invoice.lines[:1]


@pytest.mark.parametrize("data", [Company(name="Dupré"), Client(name="Dupré")])
def test_a_copy_keeps_no_property_of_the_old_data(data: Company | Client) -> None:
    assert data.party.name == "Dupré"
    assert data.model_copy(update={"name": "Martin"}).party.name == "Martin"
    assert data.party.name == "Dupré"
