"""The readable page: everything is said, nothing overlaps, nothing leaves the page."""

from __future__ import annotations

import doctest
import re
import zlib
from collections import Counter
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageOps

from tests import samples
from tests.pages import overlaps, pages_of_text, pictures, plain_text, words
from tests.strategies import invoices
from xlbridge import french
from xlbridge.findings import Finding, Severity
from xlbridge.model import (
    AllowanceCharge,
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
    Totals,
)
from xlbridge.model.money import amount
from xlbridge.model.profile import Profile
from xlbridge.model.totals import completed
from xlbridge.render import logo
from xlbridge.render.facturx import Marks, Rendered, build, plain
from xlbridge.render.page import HEIGHT, WIDTH, Picture, Sheet
from xlbridge.render.qr import PIXELS, symbol, transfer_text

XML = b'<?xml version="1.0"?><x/>'
PROOF = "Registre a1b2c3d4 · maillon précédent 41 · 9f86d081884c7d65"


def rendered(invoice: Invoice, **options: object) -> Rendered:
    return build(invoice, XML, Profile.EN16931, **options)  # type: ignore[arg-type]


def spaced(text: str) -> str:
    """Text with single ordinary spaces, to be searched in what poppler reads."""
    return " ".join(text.split())


def logo_with_alpha() -> bytes:
    image = Image.new("RGBA", (900, 300), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((10, 10, 290, 290), fill=(200, 60, 30, 200))
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def everything() -> Invoice:
    """An invoice that has a bit of all that a page can show."""
    usual = samples.invoice(3, 6)
    first, second, third, fourth, *rest = usual.lines
    lines = (
        first.model_copy(
            update={
                "name": "Fourniture et pose d’un châssis en aluminium laqué, double vitrage, y compris dépose de l’ancien",
                "description": "Dimensions 240 × 135 cm, RAL 7016.\nPosé au premier étage.",
                "note": "Garantie décennale n° 12-345",
                "allowances": (AllowanceCharge(amount=Decimal("120.00"), percent=Decimal(10), reason="Remise fidélité"),),
                "unit": "HUR",
                "net_amount": None,
            }
        ),
        second.model_copy(
            update={
                "name": "A" * 130,
                "unit_label": "mètres linéaires posés",
                "unit_price": Decimal("0.33567"),
                "price_base_quantity": Decimal(100),
                "net_amount": None,
            }
        ),
        third.model_copy(
            update={
                "vat_category": "E",
                "vat_rate": Decimal(0),
                "vat_reason": "TVA non applicable, art. 293 B du CGI",
                "charges": (AllowanceCharge(amount=Decimal(15), reason="Déplacement"),),
                "net_amount": None,
            }
        ),
        fourth.model_copy(
            update={
                "vat_category": "AE",
                "vat_rate": Decimal(0),
                "vat_reason": "Autoliquidation, art. 283-2 nonies du CGI",
                "gross_price": Decimal(100),
                "price_discount": Decimal(10),
                "unit_price": Decimal(90),
                "period": Period(start=date(2026, 9, 1), end=date(2026, 9, 30)),
                "attributes": (ItemAttribute(name="Couleur", value="Noir"),),
                "net_amount": None,
            }
        ),
        *rest,
    )
    contact = Contact(name="Marie Durand", telephone="05 55 00 00 00", email="compta@brindille.example")
    legal = "SAS au capital de 50 000 €, RCS Limoges 812 345 676"
    lake = PostalAddress(line1="3 chemin du Lac", postcode="1204", city="Genève", country="CH")
    return completed(
        usual.model_copy(
            update={
                "lines": lines,
                "vat_breakdown": (),
                "totals": Totals(prepaid=Decimal(1000), rounding=Decimal("0.02")),
                "allowances": (
                    AllowanceCharge(amount=Decimal(50), vat_category="S", vat_rate=Decimal(20), reason="Remise de fin d’année"),
                ),
                "charges": (AllowanceCharge(amount=Decimal(25), vat_category="S", vat_rate=Decimal(20), reason="Frais de port"),),
                "order_reference": "BC-2026-778",
                "contract_reference": "M2026-12",
                "buyer_reference": "SERVICE-ACHATS",
                "preceding_invoices": (PrecedingInvoice(number="FA-2026-12", issue_date=date(2026, 8, 1)),),
                "delivery": Delivery(name="Chantier Les Tilleuls", date=date(2026, 9, 30), address=lake),
                "period": Period(start=date(2026, 9, 1), end=date(2026, 9, 30)),
                "business_process": "M1",
                "vat_point_code": "5",
                "payment_terms": "30 jours fin de mois.",
                "seller": usual.seller.model_copy(update={"contact": contact, "legal_information": legal}),
                "payee": Party(name="Affacturage Réuni SA", legal_id=Identifier(value="123456782", scheme="0002")),
                "notes": (*usual.notes, Note(text="B2B", subject_code="BAR"), Note(text="Merci.\nÀ bientôt.", subject_code="AAI")),
            }
        )
    )


def assert_well_set(pdf: bytes) -> None:
    """No word leaves the page, none lies on another."""
    for number, page in enumerate(words(pdf), 1):
        assert page, f"page {number} is empty"
        outside = [word for word in page if word.left < 20 or word.right > WIDTH - 20 or word.top < 15 or word.bottom > HEIGHT - 15]
        assert not outside
        assert not overlaps(page)


def test_every_amount_and_mention_is_on_the_page() -> None:
    invoice = everything()
    text = spaced(plain_text(rendered(invoice).pdf, "-layout"))
    totals, currency = invoice.totals, invoice.currency
    amounts = [
        totals.line_net,
        totals.net,
        totals.vat,
        totals.gross,
        totals.due,
        totals.rounding,
        -Decimal(1000),
        -Decimal(50),
        Decimal(25),
    ]
    amounts += [part for vat in invoice.vat_breakdown for part in (vat.base, vat.amount)] + [line.net_amount for line in invoice.lines]
    for value in amounts:
        assert spaced(french.cents(value)) in text
    assert spaced(french.money(totals.due, currency)) in text
    said = """Facture|N° F2026-00004|4 octobre 2026|3 novembre 2026|812 345 676|907 654 321|FR19812345676|FR24907654321|12 rue de l’Église
    87000 Limoges|Marie Durand|05 55 00 00 00|compta@brindille.example|BC-2026-778|M2026-12|SERVICE-ACHATS|FA-2026-12 du 01/08/2026
    Chantier Les Tilleuls|1204 Genève|Suisse|Affacturage Réuni SA|30/09/2026|du 01/09/2026 au 30/09/2026|Livraison de biens et prestation
    Option pour le paiement de la taxe d’après les débits|30 jours fin de mois.|Virement|FR76 3000 6000 0112 3456 7890 189|AGRIFRPP
    TVA non applicable, art. 293 B du CGI|Autoliquidation, art. 283-2 nonies du CGI|Remise fidélité : 120,00 €|Déplacement : 15,00 €
    Garantie décennale n° 12-345|Couleur : Noir|Prix unitaire avant remise : 100,00, remise : 10,00|0,33567 / 100|Remise de fin d’année
    Frais de port|SAS au capital de 50 000 €, RCS Limoges 812 345 676|À bientôt.|Page 1/2|Page 2/2|5,5 %|20 %|10 %|Net à payer|Exonéré"""
    for sentence in (part.strip() for row in said.splitlines() for part in row.split("|")):
        assert spaced(sentence) in text, sentence
    for note in samples.FRENCH_NOTES:
        assert spaced(note.text) in text
    assert "B2B" not in text


@pytest.mark.parametrize("lines", [1, 17, 18, 19, 40, 200])
def test_any_number_of_lines_is_well_set(lines: int) -> None:
    result = rendered(samples.invoice(1, lines))
    assert_well_set(result.pdf)
    assert len(words(result.pdf)) == result.pages


@pytest.mark.parametrize(
    "options",
    [{}, {"marks": Marks(copy=True)}, {"marks": Marks(proof=PROOF)}, {"logo": logo_with_alpha()}],
    ids=["", "copy", "proof", "logo"],
)
def test_a_page_with_everything_is_well_set(options: dict[str, object]) -> None:
    result = rendered(everything(), **options)
    assert_well_set(result.pdf)
    assert not result.findings


@pytest.mark.parametrize("lines", [1, 18, 40])
def test_a_duplicate_is_well_set(lines: int) -> None:
    pdf = plain(samples.invoice(1, lines), Marks(duplicata=date(2026, 12, 1), proof=PROOF)).pdf
    assert_well_set(pdf)


def test_every_name_of_two_thousand_lines_is_found_exactly_and_once() -> None:
    invoice = samples.invoice(5, 2000)
    text = plain_text(rendered(invoice).pdf, "-raw")
    rows = Counter(text.splitlines())
    assert [line.name for line in invoice.lines if rows[line.name] != 1] == []


def carried(page: str, label: str) -> list[str]:
    return re.findall(rf"^ *{label} +([\d ]+,\d\d)$", page, re.MULTILINE)


@pytest.mark.parametrize("lines", [40, 300])
def test_carried_totals_are_the_running_sums(lines: int) -> None:
    invoice = samples.invoice(2, lines)
    pages = pages_of_text(rendered(invoice).pdf)
    running, before = Decimal(0), []
    for page in pages:
        assert carried(page, "Report") == before
        numbers = {int(number) for number in re.findall(r"Prestation n° (\d+),", page)}
        running += sum((line.net_amount for line in invoice.lines if int(line.identifier or 0) in numbers), Decimal(0))
        last = not numbers or max(numbers) == lines
        before = [] if last else [spaced(french.cents(running))]
        assert carried(page, "À reporter") == before
    assert running == invoice.totals.line_net


def test_a_row_taller_than_a_page_goes_on_and_is_counted_where_its_amount_stands() -> None:
    invoice = samples.invoice(2, 3)
    tall = invoice.lines[1].model_copy(update={"description": "\n".join(f"détail numéro {number}." for number in range(150))})
    pdf = rendered(invoice.model_copy(update={"lines": (invoice.lines[0], tall, invoice.lines[2])})).pdf
    pages = pages_of_text(pdf)
    expected = spaced(french.cents(invoice.lines[0].net_amount + tall.net_amount))
    assert carried(pages[0], "À reporter") == [expected] == carried(pages[1], "Report")
    text = plain_text(pdf)
    assert [number for number in range(150) if text.count(f"détail numéro {number}.") != 1] == []
    assert_well_set(pdf)


@pytest.mark.parametrize("lines", range(14, 24))
def test_totals_stay_together(lines: int) -> None:
    pages = pages_of_text(rendered(samples.invoice(1, lines)).pdf)
    for label in ("Taux de TVA", "Total HT +[0-9]", "Total TTC", "Net à payer"):
        assert [number for number, page in enumerate(pages) if re.search(label, page)] == [
            number for number, page in enumerate(pages) if "Base HT" in page
        ]


def test_long_texts_wrap_everywhere() -> None:
    endless, wordy = "X" * 700, "Société coopérative d’intérêt collectif " * 12
    usual = everything()
    party = usual.seller.model_copy(
        update={
            "name": wordy + endless,
            "trading_name": endless,
            "vat_number": "FR" * 60,
            "address": PostalAddress(line1=endless, city=endless, postcode="9" * 50, country="ZZ"),
            "contact": Contact(name=wordy, telephone="0" * 90, email="a" * 200),
            "legal_information": wordy * 2,
        }
    )
    line = usual.lines[0].model_copy(
        update={
            "name": endless,
            "unit_label": endless,
            "seller_item_id": "R" * 300,
            "quantity": Decimal("123456789012.3456"),
            "note": wordy,
        }
    )
    invoice = usual.model_copy(
        update={
            "number": "F" * 120,
            "type_code": "473",
            "seller": party,
            "buyer": party,
            "payee": party,
            "lines": (line, *usual.lines),
            "order_reference": endless,
            "notes": (Note(text=wordy * 40), Note(text=endless * 5)),
            "preceding_invoices": tuple(PrecedingInvoice(number=f"FA-{number}", issue_date=date(2026, 1, 1)) for number in range(150)),
            "payment": Payment(means_text=wordy, accounts=tuple(CreditAccount(iban="Z" * 90, name=wordy) for _ in range(30))),
            "totals": usual.totals.model_copy(update={"due": Decimal("987654321987654321.99"), "gross": Decimal("-987654321987654321.99")}),
        }
    )
    pdf = rendered(invoice).pdf
    assert_well_set(pdf)
    text = plain_text(pdf, "-raw")
    assert len(re.findall("X", text)) >= 3 * 4 * 700 - 50
    assert "FA-149 du 01/01/2026" in spaced(text)


@pytest.mark.parametrize("repeated", [1, 30])
def test_legal_texts_are_said_on_every_page_or_once_below_the_totals(repeated: int) -> None:
    seller = samples.SELLER.model_copy(update={"legal_information": "SAS au capital de 50 000 €, " * repeated + "fin BT-33"})
    notes = (Note(text="RCS Limoges, " * repeated + "fin ABL", subject_code="ABL"), Note(text="fin REG", subject_code="REG"))
    pages = pages_of_text(rendered(samples.invoice(1, 40, seller=seller, notes=notes)).pdf)
    for end in ("fin BT-33", "fin ABL", "fin REG"):
        assert sum(page.count(end) for page in pages) == (len(pages) if repeated == 1 else 1)
    assert all("SIREN 812 345 676" in page for page in pages)
    assert all(f"Page {number}/{len(pages)}" in page for number, page in enumerate(pages, 1))


def test_a_vat_recap_taller_than_a_page_is_said_in_full() -> None:
    usual = samples.invoice(1, 2)
    parts = tuple(usual.vat_breakdown[0].model_copy(update={"rate": Decimal(n), "reason": f"motif {n}. " * 9}) for n in range(1, 60))
    pdf = rendered(usual.model_copy(update={"vat_breakdown": parts})).pdf
    assert_well_set(pdf)
    assert len(re.findall(r"motif 59\.", plain_text(pdf))) == 9


def test_without_lines_the_page_says_where_the_detail_is() -> None:
    invoice = samples.invoice(1, 4).model_copy(update={"lines": ()})
    result = build(invoice, XML, Profile.BASIC_WL, marks=Marks(copy=True))
    text = spaced(plain_text(result.pdf))
    assert "Détail : voir le document d’origine" in text
    assert "Désignation" not in text
    assert spaced(french.money(invoice.totals.due, "EUR")) in text


def test_a_copy_says_so_on_every_page_and_asks_for_no_payment() -> None:
    pdf = rendered(samples.invoice(1, 80), marks=Marks(copy=True)).pdf
    pages = pages_of_text(pdf)
    assert len(pages) > 2
    assert all("Copie de conversion" in page for page in pages)
    assert "Payer par virement" not in plain_text(pdf)


def test_a_draft_is_marked_on_every_page_and_asks_for_no_payment() -> None:
    pdf = plain(samples.invoice(1, 80, number=None, issue_date=None), Marks(draft=True)).pdf
    pages = pages_of_text(pdf)
    assert len(pages) > 2
    assert all("Brouillon – ce document n’est pas une facture" in page for page in pages)
    with pikepdf.open(BytesIO(pdf)) as document:
        assert all(b"(BROUILLON)" in page.Contents.read_bytes() for page in document.pages)
    assert plain_text(pdf).count("attribué à l’émission") == 1
    assert "Payer par virement" not in plain_text(pdf)


def test_a_specimen_is_marked_on_every_page_and_asks_for_no_payment() -> None:
    pdf = rendered(samples.invoice(1, 80), marks=Marks(specimen=True)).pdf
    pages = pages_of_text(pdf)
    assert len(pages) > 2
    assert all("SPÉCIMEN – document d’essai, sans valeur" in page for page in pages)
    with pikepdf.open(BytesIO(pdf)) as document:
        assert all("(SPÉCIMEN)".encode("cp1252") in page.Contents.read_bytes().replace(rb"\311", b"\xc9") for page in document.pages)
        assert str(document.trailer.Info.Title) == "Facture F2026-00002 (spécimen)"
    assert "Payer par virement" not in plain_text(pdf)


def test_a_duplicate_is_marked_on_every_page_and_asks_for_no_payment() -> None:
    pdf = plain(samples.invoice(1, 80), Marks(duplicata=date(2026, 12, 1))).pdf
    pages = pages_of_text(pdf)
    assert len(pages) > 2
    assert all("Duplicata du 01/12/2026 – l’original électronique fait foi" in page for page in pages)
    assert "Payer par virement" not in plain_text(pdf)


@pytest.mark.parametrize("proof", [PROOF, PROOF + " Łódź", PROOF * 5])
def test_the_proof_stands_on_one_line_at_the_foot_of_every_page(proof: str) -> None:
    pages = pages_of_text(rendered(samples.invoice(1, 40), marks=Marks(proof=proof)).pdf)
    assert len(pages) == 3
    assert all(page.rstrip().splitlines()[-1].strip() == spaced(proof) for page in pages)


@pytest.mark.parametrize("marks", [Marks(specimen=True), Marks(draft=True)], ids=["specimen", "draft"])
def test_a_stamp_hides_nothing(marks: Marks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is dark on a page without the stamp is as dark with it, and the stamp itself is far paler than any text."""
    stamped = plain(samples.invoice(1, 40), marks).pdf
    monkeypatch.setattr(Sheet, "slanted", lambda *_: None)
    bare = plain(samples.invoice(1, 40), marks).pdf
    for name in ("bare", "stamped"):
        (tmp_path / name).mkdir()
    pages = zip(pictures(bare, tmp_path / "bare"), pictures(stamped, tmp_path / "stamped"), strict=True)
    for before, now in ((one.convert("L"), other.convert("L")) for one, other in pages):
        assert ImageChops.difference(before, now).getbbox()
        assert ImageChops.subtract(now, before).getextrema() == (0, 0)  # nowhere paler
        assert ImageChops.subtract(before, now).getextrema()[1] <= 35  # and darker by a shade only


def test_a_credit_note_names_itself_its_origin_and_no_debt() -> None:
    invoice = everything().model_copy(update={"type_code": "381"})
    pdf = rendered(invoice).pdf
    text = spaced(plain_text(pdf, "-layout"))
    assert "Avoir" in text
    assert "Facture d’origine : FA-2026-12 du 01/08/2026" in text
    assert "Net à votre crédit" in text
    assert "Net à payer" not in text
    assert "Payer par virement" not in text


@pytest.mark.parametrize(
    ("changes", "mention"),
    [
        ({"type_code": "389"}, "Autofacturation"),
        ({"notes": (Note(text="MEMBRE_ASSUJETTI_UNIQUE", subject_code="TXD"),)}, "Membre d’un assujetti unique"),
        ({"type_code": "386"}, "Facture d’acompte"),
        ({"vat_point_code": "72"}, "TVA exigible à l’encaissement"),
        ({"vat_currency": "EUR", "currency": "USD", "totals": Totals(vat_accounting=Decimal("12.34"))}, "12,34 €"),
    ],
)
def test_mentions_that_follow_from_codes(changes: dict[str, object], mention: str) -> None:
    assert mention in spaced(plain_text(rendered(samples.invoice(1, 1, **changes)).pdf, "-layout"))


# Payment code


def codes(pdf: bytes, folder: Path) -> list[list[str]]:
    """The texts of the QR codes on each page."""
    import zxingcpp

    return [[code.text for code in zxingcpp.read_barcodes(page)] for page in pictures(pdf, folder, 150)]


def test_the_qr_code_on_the_page_is_the_transfer(tmp_path: Path) -> None:
    invoice = samples.invoice(1, 10)
    result = rendered(invoice)
    assert "Payer par virement" in plain_text(result.pdf)
    due = f"{invoice.totals.due:.2f}"
    expected = f"BCD\n002\n1\nSCT\nAGRIFRPP\nAteliers Brindille SAS\nFR7630006000011234567890189\nEUR{due}\n\n\nF2026-00002"
    assert codes(result.pdf, tmp_path) == [[expected]]


@pytest.mark.parametrize("text", ["é€ñŁΑ" * 60, "A", "BCD\n002\n" + "z" * 300])
def test_any_text_can_be_read_back_from_its_symbol(text: str) -> None:
    import zxingcpp

    drawn = symbol(text)
    pixels = Image.frombytes("1", (drawn.width, drawn.height), zlib.decompress(drawn.data))
    image = ImageOps.expand(pixels.convert("L"), 4 * PIXELS, 255)
    assert [code.bytes.decode() for code in zxingcpp.read_barcodes(image)] == [text]


@pytest.mark.parametrize(
    "changes",
    [
        {"currency": "USD"},
        {"type_code": "381"},
        {"totals": Totals(due=Decimal(0))},
        {"totals": Totals(due=Decimal(-5))},
        {"totals": Totals()},
        {"payment": None},
        {"payment": Payment(means_code="30")},
        {"payment": Payment(means_code="30", accounts=(CreditAccount(iban="FR7630006000011234567890188"),))},
        {"payment": Payment(means_code="59", accounts=(CreditAccount(iban="FR7630006000011234567890189"),))},
        {"seller": Party()},
    ],
    ids=str,
)
def test_no_transfer_is_asked_for_where_none_is_certain(changes: dict[str, object]) -> None:
    assert transfer_text(samples.invoice(1, 1)) is not None
    assert transfer_text(samples.invoice(1, 1, **changes)) is None


# Letters and pictures


@pytest.mark.parametrize("name", ["Łódzkie Zakłady Żółć", "Αθήνα Ζωή ΕΠΕ", "Đặng Thị Hồng Ngọc", "ООО «Ромашка»", "Ŵŷ ﬁn Ǆ"])
def test_european_letters_keep_their_shape(name: str) -> None:
    invoice = samples.invoice(1, 2)
    line = invoice.lines[0].model_copy(update={"name": name})
    result = rendered(invoice.model_copy(update={"buyer": samples.BUYER.model_copy(update={"name": name}), "lines": (line,)}))
    assert not result.findings
    assert plain_text(result.pdf).count(name) == 2


def test_a_decomposed_letter_is_composed() -> None:
    result = rendered(samples.invoice(1, 1, buyer=Party(name="Cafe\u0301 Ho\u0302\u0300ng")))
    assert "Café Hồng" in plain_text(result.pdf)
    assert not result.findings


def test_a_missing_glyph_is_a_finding_that_names_place_and_character() -> None:
    line = samples.invoice(1, 1).lines[0].model_copy(update={"name": "Tasse 中 bleue"})
    result = rendered(samples.invoice(1, 1).model_copy(update={"buyer": Party(name="שלום"), "lines": (line,)}))
    assert [(item.code, item.severity, item.field, item.term) for item in result.findings] == [
        ("DOC-001", Severity.WARNING, "buyer.name", "BT-44"),
        ("DOC-001", Severity.WARNING, "lines[0].name", "BT-153"),
    ]
    assert result.findings[1].message == (
        "« Tasse 中 bleue » contient « 中 » (U+4E2D, cjk unified ideograph-4e2d), que la police du PDF n’a pas : "
        "le caractère est imprimé « ? » (le XML le garde)."
    )
    assert "Tasse ? bleue" in plain_text(result.pdf)
    assert "????" in plain_text(result.pdf)


@pytest.mark.parametrize("name", ["हिन्दी", "مرحبا", "株式会社", "Emoji 🎉"])
def test_letters_that_would_be_drawn_wrongly_are_a_finding(name: str) -> None:
    result = rendered(samples.invoice(1, 1, buyer=Party(name=name)))
    assert [item.field for item in result.findings] == ["buyer.name"]
    assert "?" in plain_text(result.pdf)


def test_invisible_characters_leave_no_trace() -> None:
    result = rendered(samples.invoice(1, 1, buyer=Party(name="Du\u00adpont\u200b\tet\u202ffils\ufeff\u0007")))
    assert not result.findings
    assert "Dupont et fils" in plain_text(result.pdf)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "RGB", "I;16"])
def test_a_png_logo_of_any_kind_becomes_rgb(mode: str) -> None:
    file = BytesIO()
    Image.new(mode, (60, 40)).save(file, "PNG")
    picture = logo.picture(file.getvalue())
    assert isinstance(picture, Picture)
    assert (picture.width, picture.height, picture.filter) == (60, 40, "FlateDecode")


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_jpeg_logo_stays_a_jpeg_in_rgb(mode: str) -> None:
    file = BytesIO()
    Image.new(mode, (1600, 400)).save(file, "JPEG")
    picture = logo.picture(file.getvalue())
    assert isinstance(picture, Picture)
    assert (picture.width, picture.height) == (640, 160)
    with Image.open(BytesIO(picture.data)) as image:
        assert image.mode == "RGB"


def test_logo_and_payment_code_stand_on_one_page(tmp_path: Path) -> None:
    result = rendered(samples.invoice(1, 1), logo=logo_with_alpha())
    assert len(codes(result.pdf, tmp_path)[0]) == 1
    (page,) = pictures(result.pdf, tmp_path, 72)
    assert page.convert("RGB").getpixel((65, 65)) == (211, 100, 78)  # (200, 60, 30) at 200 of 255 on white


def test_a_transparent_logo_is_laid_on_white() -> None:
    picture = logo.picture(logo_with_alpha())
    assert isinstance(picture, Picture)
    assert zlib.decompress(picture.data)[:3] == b"\xff\xff\xff"


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"no picture", logo_with_alpha()[:200], logo_with_alpha()[:-30]], ids=len)
def test_a_broken_logo_is_a_finding_not_a_crash(content: bytes) -> None:
    found = logo.picture(content)
    assert isinstance(found, Finding)
    assert found.code == "DOC-002"
    assert found.remedy == "enregistrez le logo au format PNG ou JPEG."
    result = rendered(samples.invoice(1, 1), logo=content or b"x")
    assert [item.code for item in result.findings] == ["DOC-002"]


@pytest.mark.slow
@settings(max_examples=15, suppress_health_check=list(HealthCheck), derandomize=True)
@given(invoices())
def test_any_invoice_can_be_drawn_without_overlap(invoice: Invoice) -> None:
    assert_well_set(rendered(invoice).pdf)


@given(st.decimals(Decimal("-1e12"), Decimal("1e12"), places=4))
def test_a_written_number_reads_back(value: Decimal) -> None:
    def read(text: str) -> Decimal:
        return Decimal(text.replace(french.NBSP, "").replace(",", "."))

    assert read(french.quantity(value)) == value
    assert read(french.price(value)) == value
    assert read(french.cents(value)) == amount(value)
    assert re.fullmatch(r"-?\d{1,3}(\u00a0\d{3})*,\d\d", french.cents(value))


def test_the_examples_of_the_documentation() -> None:
    assert doctest.testmod(french) == doctest.TestResults(0, 6)


def test_an_empty_line_is_drawn() -> None:
    assert rendered(samples.invoice(1, 1).model_copy(update={"lines": (Line(),)})).pages == 1
