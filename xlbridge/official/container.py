"""The PDF around the XML: attachment, names, relationship, XMP of Factur-X.

Sources: Factur-X 1.09 §6 (container), ISO 19005-3 §6.8 (associated files). What is decompressed is bounded, because a few kilobytes
of a PDF may unfold to gigabytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from xlbridge.errors import UnreadableFile
from xlbridge.findings import Finding
from xlbridge.model.profile import Profile
from xlbridge.official.document_rules import (
    ENCRYPTED,
    NO_OUTPUT_INTENT,
    NO_RELATIONSHIP,
    NO_XMP,
    RELATIONSHIP,
    SPACING,
    WRONG_NAME,
    XMP_LEVEL,
    XMP_NAME,
)
from xlbridge.official.message import MAX_BYTES, parse

if TYPE_CHECKING:
    import pikepdf

FILE_NAME = "factur-x.xml"
_OTHER_NAMES = ("zugferd-invoice.xml", "xrechnung.xml", FILE_NAME)
_FX = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_MAX_XMP = 5 * 1024 * 1024
_MAX_ATTACHMENTS = 1000


@dataclass(frozen=True, slots=True)
class Container:
    """What a PDF holds of an e-invoice. `xml` is None when nothing does; `xmp` are the `fx:` properties, by local name."""

    xml: bytes | None
    file_name: str
    relationship: str | None
    associated: bool
    xmp: dict[str, str]
    encrypted: bool
    ours: bool
    has_output_intent: bool = True

    def findings(self, profile: Profile | None) -> list[Finding]:
        """What is wrong around a message of `profile` (None: unknown, then their agreement is not judged)."""
        findings = [ENCRYPTED.found()] if self.encrypted else []
        if self.file_name != FILE_NAME:
            findings.append(WRONG_NAME.found(name=self.file_name))
        if not self.has_output_intent:
            findings.append(NO_OUTPUT_INTENT.found())
        return findings + self._link_findings(profile) + self._xmp_findings(profile)

    def _link_findings(self, profile: Profile | None) -> list[Finding]:
        if not self.associated or self.relationship is None:
            return [NO_RELATIONSHIP.found(missing="/AFRelationship" if self.associated else "/AF")]
        if profile and self.relationship != profile.relationship:
            return [RELATIONSHIP.found(found=self.relationship, expected=profile.relationship, profile=profile.label)]
        return []

    def _xmp_findings(self, profile: Profile | None) -> list[Finding]:
        missing = [name for name in ("ConformanceLevel", "DocumentFileName") if not self.xmp.get(name)]
        findings = [NO_XMP.found(missing=", ".join(missing) + " manque")] if missing else []
        level, name = self.xmp.get("ConformanceLevel"), self.xmp.get("DocumentFileName")
        if level and profile and level != profile.xmp_level:
            rule = SPACING if _squeezed(level) == _squeezed(profile.xmp_level) else XMP_LEVEL
            findings.append(rule.found(found=level, expected=profile.xmp_level, profile=profile.label))
        if name and name != FILE_NAME:
            findings.append(XMP_NAME.found(found=name))
        return findings


def _squeezed(level: str) -> str:
    return level.upper().replace(" ", "")


def read_container(data: bytes) -> Container:
    """Take the invoice out of a PDF. Raises UnreadableFile: broken, locked, too large once unfolded."""
    import pikepdf

    if len(data) > MAX_BYTES:
        raise UnreadableFile(
            "Le PDF dépasse 100 Mo.", "Une facture de plus de 100 Mo est refusée (BR-FR-19) : réduisez ses images et ses pièces jointes."
        )
    _bound_decompression()
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            return _container(pdf)
    except pikepdf.PasswordError as error:
        raise UnreadableFile(
            "Le PDF est protégé par un mot de passe.", "Demandez à l’émetteur un PDF sans protection : PDF/A-3 l’interdit."
        ) from error
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        # what qpdf and pikepdf raise on objects that are not what the file says they are
        detail = str(error).rpartition(">: ")[2]
        raise UnreadableFile(
            f"Le PDF est abîmé ou tronqué ({detail}).", "Téléchargez-le de nouveau, ou demandez-le à son émetteur."
        ) from error


@cache
def _bound_decompression() -> None:
    """Set qpdf's limits once for the process: they hold for object streams as well, which are unfolded while a file is opened."""
    import pikepdf

    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=MAX_BYTES,
        run_length_max_memory=MAX_BYTES,
        png_max_memory=MAX_BYTES,
        tiff_max_memory=MAX_BYTES,
        max_stream_filters=4,
    )


def _container(pdf: pikepdf.Pdf) -> Container:
    specifications = list(_specifications(pdf))
    chosen = _invoice_specification([(name, specification) for name, specification, _ in specifications])
    name, specification = chosen or ("", None)
    info = pdf.docinfo
    relationship = specification.get("/AFRelationship") if specification is not None else None
    return Container(
        xml=_attached_bytes(specification, name) if specification is not None else None,
        file_name=name,
        relationship=str(relationship).removeprefix("/") if relationship is not None else None,
        associated=any(linked and name == other for other, _, linked in specifications),
        xmp=_fx_properties(pdf),
        encrypted=pdf.is_encrypted,
        ours="xlbridge" in f"{info.get('/Producer', '')} {info.get('/Creator', '')}".lower(),
        has_output_intent="/OutputIntents" in pdf.Root,
    )


def _specifications(pdf: pikepdf.Pdf) -> Iterator[tuple[str, Any, bool]]:
    """File name, specification, and whether `/AF` links it to the document: those of the name tree, then those of `/AF`."""
    import pikepdf

    names = pdf.Root.get("/Names")
    tree = names.get("/EmbeddedFiles") if isinstance(names, pikepdf.Dictionary) else None
    linked = pdf.Root.get("/AF")
    embedded = list(pikepdf.NameTree(tree).values()) if isinstance(tree, pikepdf.Dictionary) else []
    associated = list(linked) if isinstance(linked, pikepdf.Array) else []
    if len(embedded) + len(associated) > _MAX_ATTACHMENTS:
        raise UnreadableFile(f"Le PDF porte plus de {_MAX_ATTACHMENTS} pièces jointes.", "Demandez un autre fichier à l’émetteur.")
    for specification in [*embedded, *associated]:
        if isinstance(specification, pikepdf.Dictionary) and isinstance(specification.get("/EF"), pikepdf.Dictionary):
            name = specification.get("/UF") or specification.get("/F") or ""
            yield str(name), specification, specification in associated


def _invoice_specification(found: list[tuple[str, Any]]) -> tuple[str, Any] | None:
    """The exact name first, then the names of other standards and spellings, then the only XML there is."""
    xml = [entry for entry in found if entry[0].lower().endswith(".xml")]
    for entry in found:
        if entry[0] == FILE_NAME:
            return entry
    known = [entry for entry in xml if entry[0].lower() in _OTHER_NAMES]
    return known[0] if known else xml[0] if len({name for name, _ in xml}) == 1 else None


def _attached_bytes(specification: Any, name: str) -> bytes:
    files = specification["/EF"]
    return _bounded(files.get("/UF") or files.get("/F"), MAX_BYTES, f"La pièce {name}")


def _bounded(stream: Any, limit: int, what: str) -> bytes:
    """The decoded bytes of `stream`, at most `limit` of them."""
    import pikepdf

    if not isinstance(stream, pikepdf.Stream):
        raise UnreadableFile(f"{what} n’a pas de contenu.", "Demandez de nouveau le fichier à son émetteur.")
    if "/LZW" in repr(stream.get("/Filter")):  # the one filter that qpdf does not bound
        raise UnreadableFile(f"{what} est compressée en LZW, ce que PDF/A-3 interdit.", "Demandez un autre fichier à l’émetteur.")
    try:
        data = stream.read_bytes()
    except pikepdf.DataDecodingError as error:
        raise UnreadableFile(
            f"{what} est abîmée, ou dépasse {MAX_BYTES // 1024**2} Mo une fois décompressée.", "Demandez un autre fichier à l’émetteur."
        ) from error
    if len(data) > limit:
        raise UnreadableFile(f"{what} dépasse {limit // 1024**2} Mo.", "Demandez un autre fichier à l’émetteur.")
    return data


def _fx_properties(pdf: pikepdf.Pdf) -> dict[str, str]:
    """The Factur-X properties of the XMP, written as elements or as attributes; none when there is no XMP, or none well formed."""
    import pikepdf

    stream = pdf.Root.get("/Metadata")
    if not isinstance(stream, pikepdf.Stream):
        return {}
    xmp = _bounded(stream, _MAX_XMP, "Les métadonnées XMP")
    try:
        root = parse(xmp.strip(b"\0 \r\n\t"))
    except UnreadableFile:
        return {}  # `findings` then says that the XMP declares nothing
    properties: dict[str, str] = {}
    for found in _fx_nodes()(root):
        attribute = getattr(found, "attrname", None)
        value = str(found) if attribute else found.text or ""
        properties.setdefault((attribute or found.tag).rpartition("}")[2], value.strip())
    return properties


@cache
def _fx_nodes() -> Any:
    """Finds the elements and attributes of Factur-X, in their order."""
    from lxml import etree

    return etree.XPath("//fx:* | //@fx:*", namespaces={"fx": _FX})
