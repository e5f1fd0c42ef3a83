"""The XMP packet: PDF/A-3b, the facts that Info states too, and the properties of a Factur-X where it is one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from xml.sax.saxutils import escape

PRODUCER = "xlbridge"
XML_NAME = "factur-x.xml"
FX = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
FX_PROPERTIES = {
    "DocumentFileName": "The name of the embedded XML document",
    "DocumentType": "The type of the hybrid document in capital letters, e.g. INVOICE or ORDER",
    "Version": "The actual version of the standard applying to the embedded XML document",
    "ConformanceLevel": "The conformance level of the embedded XML document",
}


@dataclass(frozen=True, slots=True)
class Metadata:
    """What Info and XMP both say; `day` is noon of the creation, `level` the `fx:ConformanceLevel` of a Factur-X."""

    title: str
    author: str
    subject: str
    day: date | None
    level: str | None


def xmp(metadata: Metadata) -> bytes:
    """The XMP packet: PDF/A-3b, the same facts as Info, and the Factur-X properties with their extension schema (Factur-X 1.09, 6.3)."""
    stamp = f"{metadata.day:%Y-%m-%d}T12:00:00+00:00" if metadata.day else ""
    dates = f"<xmp:CreateDate>{stamp}</xmp:CreateDate><xmp:ModifyDate>{stamp}</xmp:ModifyDate>" if stamp else ""
    author = f"<dc:creator><rdf:Seq><rdf:li>{escape(metadata.author)}</rdf:li></rdf:Seq></dc:creator>" if metadata.author else ""
    title, subject = (
        f'<rdf:Alt><rdf:li xml:lang="x-default">{escape(text)}</rdf:li></rdf:Alt>' for text in (metadata.title, metadata.subject)
    )
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>
<dc:title>{title}</dc:title>{author}<dc:description>{subject}</dc:description>
<pdf:Producer>{PRODUCER}</pdf:Producer><xmp:CreatorTool>{PRODUCER}</xmp:CreatorTool>{dates}
</rdf:Description>
{_fx_properties(metadata.level) if metadata.level else ""}
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>""".encode()


def _fx_properties(level: str) -> str:
    return f"""{_fx_schema()}
<rdf:Description rdf:about="" xmlns:fx="{FX}"><fx:DocumentType>INVOICE</fx:DocumentType>\
<fx:DocumentFileName>{XML_NAME}</fx:DocumentFileName><fx:Version>1.0</fx:Version>\
<fx:ConformanceLevel>{level}</fx:ConformanceLevel></rdf:Description>"""


@cache
def _fx_schema() -> str:
    """The description of the fx properties that PDF/A asks for (ISO 19005-3, 6.6.2.3.3)."""
    properties = "".join(
        f'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name><pdfaProperty:valueType>Text'
        f"</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{description}</pdfaProperty:description></rdf:li>"
        for name, description in FX_PROPERTIES.items()
    )
    return (
        '<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"'
        ' xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">'
        '<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">'
        "<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>"
        f"<pdfaSchema:namespaceURI>{FX}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{properties}</rdf:Seq></pdfaSchema:property>"
        "</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"
    )
