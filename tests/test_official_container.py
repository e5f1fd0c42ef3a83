from __future__ import annotations

import io
import random
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from tests import samples
from xlbridge.errors import UnreadableFile
from xlbridge.findings import Check, Outcome, Report
from xlbridge.model.profile import Profile
from xlbridge.official import verapdf
from xlbridge.official.container import read_container
from xlbridge.official.validate import validate
from xlbridge.render import cii, facturx

RIGHT = cii.write(samples.invoice(lines=2), Profile.EN16931)


def xmp(level: str = "EN 16931", file_name: str = "factur-x.xml", as_attributes: bool = False) -> bytes:
    namespace = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
    properties = {"DocumentType": "INVOICE", "DocumentFileName": file_name, "Version": "1.0", "ConformanceLevel": level}
    attributes = "".join(f' fx:{name}="{value}"' for name, value in properties.items()) if as_attributes else ""
    elements = "" if as_attributes else "".join(f"<fx:{name}>{value}</fx:{name}>" for name, value in properties.items())
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:fx="{namespace}"{attributes}>{elements}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def factur_x(
    message: bytes = RIGHT,
    *,
    name: str = "factur-x.xml",
    relationship: str | None = "Alternative",
    linked: bool = True,
    metadata: bytes | None = None,
    colours: bool = True,
    change: Callable[[pikepdf.Pdf, Any], None] | None = None,
    **save: Any,
) -> bytes:
    """A PDF of one empty page that carries `message`; `change` gets the document and the stream of the attachment."""
    pdf = pikepdf.new()
    pdf.add_blank_page()
    stream = pdf.make_stream(message)
    specification = Dictionary(Type=Name.Filespec, F=name, UF=name, EF=Dictionary(F=stream, UF=stream))
    if relationship:
        specification.AFRelationship = Name(f"/{relationship}")
    specification = pdf.make_indirect(specification)
    pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([name, specification])))
    if linked:
        pdf.Root.AF = Array([specification])
    pdf.Root.Metadata = pdf.make_stream(xmp() if metadata is None else metadata)
    if colours:
        pdf.Root.OutputIntents = Array([Dictionary(Type=Name.OutputIntent, S=Name.GTS_PDFA1, OutputConditionIdentifier="sRGB")])
    if change:
        change(pdf, stream)
    target = io.BytesIO()
    pdf.save(target, fix_metadata_version=False, **save)
    return target.getvalue()


def judged(tmp_path: Path, pdf: bytes, **options: Any) -> Report:
    path = tmp_path / "facture.pdf"
    path.write_bytes(pdf)
    return validate(path, **options)


def container_codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings if finding.code.startswith("DOC-1")]


def test_a_right_container_passes(tmp_path: Path) -> None:
    report = judged(tmp_path, factur_x())
    assert [(check.name, check.outcome.value) for check in report.checks] == [
        ("container", "compliant"),
        ("xsd", "compliant"),
        ("en16931", "compliant"),
        ("br-fr", "compliant"),
        ("xlbridge", "compliant"),
    ]
    assert container_codes(report) == []


@pytest.mark.parametrize("profile", [Profile.EN16931, Profile.BASIC_WL])
def test_what_we_write_passes_every_check(tmp_path: Path, profile: Profile) -> None:
    invoice = samples.invoice(lines=3)
    pdf = facturx.build(invoice, cii.write(invoice, profile), profile).pdf
    assert read_container(pdf).ours
    report = judged(tmp_path, pdf)
    assert report.outcome is Outcome.COMPLIANT
    assert container_codes(report) == []
    assert len(report.checks) == 5


def test_the_strict_judgement_adds_pdfa(tmp_path: Path) -> None:
    """PDF/A-3 is judged where veraPDF runs, and said to be unchecked elsewhere."""
    report = judged(tmp_path, factur_x(), strict=True)
    expected = Outcome.NON_COMPLIANT if verapdf.available() else Outcome.NOT_CHECKED
    assert report.checks[-1] == Check("pdfa", expected)
    assert report.outcome is expected


def test_the_xmp_may_hold_attributes(tmp_path: Path) -> None:
    assert container_codes(judged(tmp_path, factur_x(metadata=xmp(as_attributes=True)))) == []


@pytest.mark.parametrize(
    ("pdf", "codes", "outcome"),
    [
        (factur_x(name="ZUGFeRD-invoice.xml"), ["DOC-102"], Outcome.NON_COMPLIANT),
        (factur_x(name="Factur-X.xml"), ["DOC-102"], Outcome.NON_COMPLIANT),
        (factur_x(name="facture-2026.xml"), ["DOC-102"], Outcome.NON_COMPLIANT),
        (factur_x(name="facture.txt"), ["DOC-101"], Outcome.NON_COMPLIANT),
        (factur_x(relationship=None), ["DOC-103"], Outcome.NON_COMPLIANT),
        (factur_x(linked=False), ["DOC-103"], Outcome.NON_COMPLIANT),
        (factur_x(relationship="Data"), ["DOC-104"], Outcome.COMPLIANT),
        (factur_x(metadata=b"<x/>"), ["DOC-105"], Outcome.NON_COMPLIANT),
        (factur_x(metadata=b"not xml"), ["DOC-105"], Outcome.NON_COMPLIANT),
        (factur_x(metadata=xmp(level="BASIC")), ["DOC-106"], Outcome.NON_COMPLIANT),
        (factur_x(metadata=xmp(file_name="facture.xml")), ["DOC-107"], Outcome.NON_COMPLIANT),
        (factur_x(encryption=pikepdf.Encryption(owner="secret", user="")), ["DOC-108"], Outcome.NON_COMPLIANT),
        (factur_x(metadata=xmp(level="EN16931")), ["DOC-109"], Outcome.COMPLIANT),
        (factur_x(colours=False), ["DOC-111"], Outcome.COMPLIANT),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_each_fault_of_the_container_is_told(tmp_path: Path, pdf: bytes, codes: list[str], outcome: Outcome) -> None:
    report = judged(tmp_path, pdf)
    assert container_codes(report) == codes
    assert report.outcome is outcome


def test_a_pdf_without_attachment_is_no_factur_x(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    target = io.BytesIO()
    pdf.save(target)
    report = judged(tmp_path, target.getvalue())
    assert [finding.code for finding in report.findings] == ["DOC-101"]
    assert [check.name for check in report.checks] == ["container"]


def test_an_older_standard_in_a_pdf_is_not_checked(tmp_path: Path) -> None:
    old = b'<rsm:CrossIndustryDocument xmlns:rsm="urn:ferd:CrossIndustryDocument:invoice:1p0"/>'
    report = judged(tmp_path, factur_x(old, name="ZUGFeRD-invoice.xml", metadata=b"<x/>"))
    assert report.outcome is Outcome.NOT_CHECKED
    assert container_codes(report) == ["DOC-102", "DOC-105"]


def test_a_factur_x_carries_no_ubl(tmp_path: Path) -> None:
    ubl = (
        '<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2">'
        '<CustomizationID xmlns="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">urn:cen.eu:en16931:2017'
        "</CustomizationID></Invoice>"
    )
    assert "DOC-110" in container_codes(judged(tmp_path, factur_x(ubl.encode())))


def test_a_pdf_may_begin_with_other_bytes(tmp_path: Path) -> None:
    assert judged(tmp_path, b"\0\0junk\n" + factur_x()).outcome is Outcome.COMPLIANT


def test_the_exact_name_wins_over_other_attachments() -> None:
    def add_another(pdf: pikepdf.Pdf, _: Any) -> None:
        pdf.attachments["aaa.xml"] = b"<aaa/>"

    assert read_container(factur_x(change=add_another)).xml == RIGHT


def test_an_attachment_that_only_the_document_links_is_found() -> None:
    def unlist(pdf: pikepdf.Pdf, _: Any) -> None:
        del pdf.Root.Names

    assert read_container(factur_x(change=unlist)).xml == RIGHT


def test_a_profile_in_a_pdf_is_judged_by_its_own_schema(tmp_path: Path) -> None:
    """BASIC has no `SellerAssignedID`; CII D22B, which judges the XML alone, does."""
    basic = RIGHT.replace(f">{Profile.EN16931.value}<".encode(), f">{Profile.BASIC.value}<".encode())
    report = judged(tmp_path, factur_x(basic, metadata=xmp(level="BASIC")))
    assert {check.name: check.outcome for check in report.checks}["xsd"] is Outcome.NON_COMPLIANT
    (tmp_path / "facture.xml").write_bytes(basic)
    assert {check.name: check.outcome for check in validate(tmp_path / "facture.xml").checks}["xsd"] is Outcome.COMPLIANT


@pytest.mark.parametrize(("producer", "outcome"), [("xlbridge 0.1", Outcome.NON_COMPLIANT), ("Autre logiciel", Outcome.COMPLIANT)])
def test_our_own_files_are_judged_more_strictly(tmp_path: Path, producer: str, outcome: Outcome) -> None:
    def sign(pdf: pikepdf.Pdf, _: Any) -> None:
        pdf.docinfo["/Producer"] = producer

    unused = RIGHT.replace(b"<ram:ID>F2026-00001<", b'<ram:ID schemeID="x">F2026-00001<')
    assert judged(tmp_path, factur_x(unused, change=sign)).outcome is outcome
    assert judged(tmp_path, factur_x(unused, change=sign), ours=True).outcome is Outcome.NON_COMPLIANT


def bomb(pdf: pikepdf.Pdf, stream: Any) -> None:
    """120 MB of blanks in some hundred bytes, folded twice."""
    folded = zlib.compress(zlib.compress(b" " * 120_000_000, 9), 9)
    stream.write(folded, filter=Array([Name.FlateDecode, Name.FlateDecode]))


def test_lzw_is_refused() -> None:
    """The one compression without a bound. qpdf does not write it, so the name of another one is replaced."""
    pdf = factur_x(object_stream_mode=pikepdf.ObjectStreamMode.disable)
    assert b"/FlateDecode" in pdf
    with pytest.raises(UnreadableFile, match="LZW"):
        read_container(pdf.replace(b"/FlateDecode", b"/LZWDecode  "))


def no_stream(pdf: pikepdf.Pdf, _: Any) -> None:
    pdf.Root.AF[0].EF = Dictionary(F=Name.Nothing)


def endless_filters(pdf: pikepdf.Pdf, stream: Any) -> None:
    stream.write(b"7b>", filter=Array([Name.ASCIIHexDecode] * 20))


def crowd(pdf: pikepdf.Pdf, _: Any) -> None:
    pdf.Root.AF = Array([pdf.Root.AF[0]] * 1001)


@pytest.mark.parametrize("change", [pytest.param(bomb, marks=pytest.mark.slow), no_stream, endless_filters, crowd])
def test_hostile_attachments_are_refused(change: Callable[[pikepdf.Pdf, Any], None]) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_container(factur_x(change=change))
    assert caught.value.remedy


@pytest.mark.slow
def test_a_bomb_in_the_metadata_is_refused() -> None:
    def bomb_metadata(pdf: pikepdf.Pdf, _: Any) -> None:
        pdf.Root.Metadata.write(zlib.compress(b" " * 120_000_000, 9), filter=Name.FlateDecode)

    with pytest.raises(UnreadableFile, match="décompressée"):
        read_container(factur_x(change=bomb_metadata))


def test_a_locked_pdf_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="mot de passe"):
        judged(tmp_path, factur_x(encryption=pikepdf.Encryption(owner="secret", user="secret")))


@pytest.mark.parametrize("size", [8, 50, 200])
def test_a_stump_of_a_pdf_is_unreadable(tmp_path: Path, size: int) -> None:
    with pytest.raises(UnreadableFile, match="abîmé ou tronqué"):
        judged(tmp_path, factur_x()[:size])


def test_damaged_pdfs_never_raise_anything_else() -> None:
    """Some are repaired by qpdf, and then may be read."""
    draw = random.Random(5)
    right, plain = factur_x(), factur_x(object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
    read = unreadable = 0
    for turn in range(400):
        pdf = bytearray(right if turn % 2 else plain)
        if draw.random() < 0.3:
            del pdf[draw.randrange(len(pdf)) :]
        for _ in range(draw.choice((1, 3, 30))):
            if pdf:
                pdf[draw.randrange(len(pdf))] = draw.randrange(256)
        try:
            read_container(bytes(pdf))
            read += 1
        except UnreadableFile:
            unreadable += 1
    assert read > 10
    assert unreadable > 10


@pytest.mark.parametrize("value", [Array([1, "x", Name.Y]), Dictionary(A=1), Name.X, 3, "words", True], ids=repr)
@pytest.mark.parametrize("key", ["/AF", "/Names", "/Metadata"])
def test_objects_of_a_wrong_type_are_no_crash(key: str, value: Any) -> None:
    def replace(pdf: pikepdf.Pdf, _: Any) -> None:
        pdf.Root[key] = value

    pdf = factur_x(change=replace)
    container = read_container(pdf)
    assert container.xml == RIGHT
    codes = [finding.code for finding in container.findings(Profile.EN16931)]
    assert codes == {"/AF": ["DOC-103"], "/Names": [], "/Metadata": ["DOC-105"]}[key]
