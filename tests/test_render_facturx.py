"""The container: PDF/A-3b by veraPDF, the XML untouched inside, metadata that agree, the same bytes every time."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import BytesIO

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from tests import samples
from tests.pages import plain_text
from tests.strategies import invoices
from tests.test_render_pdf import everything, logo_with_alpha
from xlbridge.errors import CannotRender, WrongUse
from xlbridge.model import Invoice, Party
from xlbridge.model.profile import Profile
from xlbridge.official import verapdf
from xlbridge.official.container import read_container
from xlbridge.render.cii import write
from xlbridge.render.facturx import Attachment, Marks, build, plain

XML = '<?xml version="1.0"?><x>é</x>'.encode()
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORKBOOK = Attachment("Classeur d’août €.xlsx", b"PK\x03\x04rest", SHEET, "Source", "Classeur d’origine")
CSV = Attachment("a.csv", b"a;b\n", "text/csv", "Supplement")

CASES = {
    "one line": (samples.invoice(1, 1), {}),
    "forty lines": (samples.invoice(1, 40), {}),
    "everything": (everything(), {"logo": logo_with_alpha(), "attachments": (WORKBOOK, CSV)}),
    "copy": (samples.invoice(1, 40), {"marks": Marks(copy=True)}),
    "specimen": (samples.invoice(1, 40), {"marks": Marks(specimen=True, proof="Registre a1b2c3d4 · maillon précédent 41 · Łódź")}),
    "credit note": (everything().model_copy(update={"type_code": "381"}), {}),
    "no QR": (samples.invoice(1, 3), {"payment_qr": False}),
    "other letters": (samples.invoice(1, 3, buyer=Party(name="Łódź Αθήνα Đặng Ромашка 中 <&>"), seller=Party(name="Ώ & <fils>")), {}),
    "nothing": (Invoice(number="1", issue_date=date(2026, 1, 1)), {}),
}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_kind_of_page_is_pdfa_3b(case: str) -> None:
    invoice, options = CASES[case]
    assert verapdf.check(build(invoice, XML, Profile.EN16931, **options).pdf) == []


PLAIN = {
    "draft": (samples.invoice(1, 3, number=None, issue_date=None, due_date=None), Marks(draft=True)),
    "specimen": (samples.invoice(1, 40), Marks(specimen=True)),
    "duplicate": (everything(), Marks(duplicata=date(2026, 12, 1), proof="Registre a1b2c3d4")),
    "other letters": (samples.invoice(1, 3, buyer=Party(name="Łódź Αθήνα")), Marks(draft=True)),
}


@pytest.mark.parametrize("case", PLAIN, ids=str)
def test_a_page_alone_is_pdfa_3b_and_no_factur_x(case: str) -> None:
    invoice, marks = PLAIN[case]
    pdf = plain(invoice, marks, logo=logo_with_alpha()).pdf
    assert pdf == plain(invoice, marks, logo=logo_with_alpha()).pdf
    assert verapdf.check(pdf) == []
    with pikepdf.open(BytesIO(pdf)) as document:
        assert not set(document.Root.keys()) & {"/AF", "/Names"}
        assert len(document.attachments) == 0
        assert b"factur-x" not in document.Root.Metadata.read_bytes().lower()
    container = read_container(pdf)
    assert container.xml is None


@pytest.mark.parametrize("marks", [Marks(draft=True), Marks(duplicata=date(2026, 12, 1))], ids=["draft", "duplicate"])
def test_what_is_no_original_never_has_an_xml(marks: Marks) -> None:
    with pytest.raises(ValueError, match="has no XML"):
        build(samples.invoice(1, 1), XML, Profile.EN16931, marks=marks)


@pytest.mark.parametrize("marks", [Marks(), Marks(copy=True), Marks(proof="x")], ids=["none", "copy", "proof"])
def test_an_invoice_is_never_without_its_xml(marks: Marks) -> None:
    with pytest.raises(ValueError, match="never without its XML"):
        plain(samples.invoice(1, 1), marks)


@pytest.mark.slow
def test_two_thousand_lines_are_pdfa_3b() -> None:
    assert verapdf.check(build(samples.invoice(1, 2000), XML, Profile.EN16931).pdf) == []


@pytest.mark.slow
@settings(max_examples=10, suppress_health_check=list(HealthCheck), derandomize=True)
@given(invoices())
def test_any_invoice_is_pdfa_3b(invoice: Invoice) -> None:
    assert verapdf.check(build(invoice, write(invoice, Profile.EN16931), Profile.EN16931).pdf) == []


def test_the_xml_and_the_attachments_come_back_unchanged() -> None:
    pdf = build(samples.invoice(1, 2), XML, Profile.EN16931, attachments=(WORKBOOK, CSV)).pdf
    with pikepdf.open(BytesIO(pdf)) as document:
        found = {name: document.attachments[name].get_file() for name in document.attachments}
        assert {name: file.read_bytes() for name, file in found.items()} == {
            "factur-x.xml": XML,
            WORKBOOK.name: WORKBOOK.content,
            CSV.name: CSV.content,
        }
        assert {name: file.mime_type for name, file in found.items()} == {
            "factur-x.xml": "text/xml",
            WORKBOOK.name: SHEET,
            CSV.name: "text/csv",
        }
        relations = [(str(item.UF), str(item.AFRelationship)) for item in document.Root.AF]
    assert relations == [("factur-x.xml", "/Alternative"), (WORKBOOK.name, "/Source"), (CSV.name, "/Supplement")]


def test_the_factur_x_library_reads_our_file() -> None:
    from facturx import get_facturx_level, get_xml_from_pdf

    invoice = samples.invoice(1, 5)
    xml = write(invoice, Profile.EN16931)
    name, read = get_xml_from_pdf(build(invoice, xml, Profile.EN16931).pdf, check_xsd=True, check_schematron=False)
    assert (name, read) == ("factur-x.xml", xml)
    assert get_facturx_level(etree.fromstring(read)) == "en16931"


@pytest.mark.parametrize(
    ("profile", "level", "relationship"),
    [
        (Profile.EN16931, "EN 16931", "/Alternative"),
        (Profile.BASIC_WL, "BASIC WL", "/Data"),
        (Profile.EXTENDED_CTC_FR, "EXTENDED", "/Alternative"),
    ],
)
def test_the_profile_decides_level_and_relationship(profile: Profile, level: str, relationship: str) -> None:
    with pikepdf.open(BytesIO(build(samples.invoice(1, 1), XML, profile).pdf)) as document:
        xmp = etree.fromstring(document.Root.Metadata.read_bytes())
        assert xmp.findtext(".//{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}ConformanceLevel") == level
        assert str(document.Root.AF[0].AFRelationship) == relationship


def test_info_and_xmp_agree() -> None:
    invoice = samples.invoice(1, 1, seller=Party(name="Bois & <Fils>\tΩ"))
    with pikepdf.open(BytesIO(build(invoice, XML, Profile.EN16931).pdf)) as document:
        info = {key: str(value) for key, value in document.trailer.Info.items()}
        xmp = etree.fromstring(document.Root.Metadata.read_bytes())
        assert str(document.Root.Lang) == "fr-FR"
        assert len(document.trailer.ID) == 2
    rdf, dc, tool = (
        "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li",
        "{http://purl.org/dc/elements/1.1/}",
        "{http://ns.adobe.com/xap/1.0/}",
    )
    assert [xmp.findtext(f".//{dc}{name}//{rdf}") for name in ("title", "creator", "description")] == [
        info["/Title"],
        info["/Author"],
        info["/Subject"],
    ]
    assert info["/Title"] == "Facture F2026-00002"
    assert info["/Author"] == "Bois & <Fils> Ω"
    assert info["/CreationDate"] == "D:20261002120000+00'00'"
    assert xmp.findtext(f".//{tool}CreateDate") == "2026-10-02T12:00:00+00:00"


def test_the_same_invoice_gives_the_same_bytes_in_any_process() -> None:
    program = (
        "from tests.test_render_pdf import everything, logo_with_alpha; from tests import samples\n"
        "from tests.test_render_facturx import WORKBOOK, XML; from xlbridge.render.facturx import build\n"
        "from xlbridge.model import Party; from xlbridge.model.profile import Profile; import sys\n"
        "invoice = everything().model_copy(update={'buyer': Party(name='Łódź Αθήνα Đặng')})\n"
        "sys.stdout.buffer.write(build(invoice, XML, Profile.EN16931, logo=logo_with_alpha(), attachments=(WORKBOOK,)).pdf)"
    )
    hashes = set()
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": seed},
            capture_output=True,
            check=True,
        )
        assert run.stdout.startswith(b"%PDF-1.7")
        hashes.add(hashlib.sha256(run.stdout).hexdigest())
    assert len(hashes) == 1


def test_another_invoice_gives_another_identifier() -> None:
    identifiers = set()
    for seed in (1, 2):
        with pikepdf.open(BytesIO(build(samples.invoice(seed, 1), XML, Profile.EN16931).pdf)) as document:
            identifiers.add(bytes(document.trailer.ID[0]))
    assert len(identifiers) == 2


@pytest.mark.parametrize("missing", ["number", "issue_date"])
def test_an_invoice_without_number_or_date_is_drawn_as_a_draft_only(missing: str) -> None:
    invoice = samples.invoice(1, 1, **{missing: None})
    with pytest.raises(CannotRender, match="pas de numéro ou pas de date"):
        build(invoice, XML, Profile.EN16931)
    assert plain(invoice, Marks(draft=True)).pages == 1
    with pytest.raises(CannotRender, match="pas de numéro ou pas de date"):
        plain(invoice, Marks(duplicata=date(2026, 12, 1)))


def test_attachments_that_cannot_stand_in_the_file_are_refused() -> None:
    with pytest.raises(WrongUse, match=r"même nom : factur-x\.xml"):
        build(samples.invoice(1, 1), XML, Profile.EN16931, attachments=(Attachment("factur-x.xml", b"", "text/xml"),))
    with pytest.raises(WrongUse, match="inconnue : Original"):
        build(samples.invoice(1, 1), XML, Profile.EN16931, attachments=(Attachment("a.csv", b"", "text/csv", "Original"),))


def test_documents_drawn_at_the_same_time_do_not_mix() -> None:
    buyers = [Party(name=name) for name in ("Łódź", "Αθήνα", "Ромашка", "Martin", "Łódź")]
    invoices = [samples.invoice(number, 3, buyer=buyer) for number, buyer in enumerate(buyers)]
    alone = [build(invoice, XML, Profile.EN16931).pdf for invoice in invoices]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda invoice: build(invoice, XML, Profile.EN16931).pdf, invoices * 8))
    assert together == alone * 8


def test_attachments_are_listed_in_the_order_of_their_encoded_names() -> None:
    names = ["é.csv", "zèbre.csv", "B.csv", "a (1).csv", "factur-y.xml"]
    attachments = [Attachment(name, name.encode(), "text/csv", "Supplement") for name in names]
    pdf = build(samples.invoice(1, 1), XML, Profile.EN16931, attachments=attachments).pdf
    assert verapdf.check(pdf) == []
    with pikepdf.open(BytesIO(pdf)) as document:
        listed = [key for key in document.Root.Names.EmbeddedFiles.Names if isinstance(key, pikepdf.String)]
        assert sorted(map(str, listed)) == sorted([*names, "factur-x.xml"])
        assert list(map(bytes, listed)) == sorted(map(bytes, listed))


def test_reportlab_is_left_as_it_is_for_others() -> None:
    program = (
        "from io import BytesIO; from reportlab.pdfgen.canvas import Canvas\n"
        "def plain():\n"
        "    canvas = Canvas(BytesIO(), invariant=1); canvas.drawString(9, 9, 'été'); canvas.rect(1, 1, 9, 9); return canvas.getpdfdata()\n"
        "before = plain()\n"
        "from tests import samples; from tests.test_render_facturx import XML; from xlbridge.render.facturx import build\n"
        "from xlbridge.model.profile import Profile\n"
        "build(samples.invoice(1, 1), XML, Profile.EN16931)\n"
        "assert plain() == before"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_our_fonts_have_all_that_reportlab_asks_of_a_font() -> None:
    """A release of reportlab that asks for more fails here, not on a page."""
    from reportlab.pdfbase.pdfmetrics import Font, getFont

    from xlbridge.render.fonts import Face
    from xlbridge.render.typeface import simple_font, wide_font

    for name in (simple_font("bold"), wide_font(Face("bold", frozenset("Ł")))):
        # What stands for a missing character: ours raise, for such a text belongs to the other font.
        assert set(dir(Font("Helvetica", "Helvetica", "WinAnsiEncoding"))) - set(dir(getFont(name))) == {"_notdefChar", "_notdefFont"}


def test_a_font_refuses_what_it_cannot_write() -> None:
    from xlbridge.render.pen import Paper
    from xlbridge.render.typeface import simple_font

    text = Paper().beginText()
    text.setFont(simple_font("regular"), 9)
    with pytest.raises((AttributeError, RuntimeError), match="_notdef"):
        text.textLine("Łódź")


def test_two_documents_drawn_after_another_do_not_mix() -> None:
    first = build(samples.invoice(1, 2, buyer=Party(name="Łódź")), XML, Profile.EN16931, logo=logo_with_alpha()).pdf
    second = build(samples.invoice(1, 2), XML, Profile.EN16931, payment_qr=False).pdf
    assert "Łódź" in plain_text(first)
    with pikepdf.open(BytesIO(second)) as document:
        resources = document.pages[0].Resources
        assert set(resources.Font.keys()) == {"/FR", "/FB"}
        assert "/XObject" not in resources
