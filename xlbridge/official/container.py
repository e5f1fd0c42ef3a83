"""The PDF around the XML: attachment, names, relationship, XMP of Factur-X.

Sources: Factur-X 1.09 §6 (container), ISO 19005-3 §6.8 (associated files). What is decompressed is bounded, because a few kilobytes
of a PDF may unfold to gigabytes.
"""

from __future__ import annotations

import io
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xlbridge.errors import UnreadableFile
from xlbridge.findings import Finding
from xlbridge.model.profile import Profile
from xlbridge.official.document_rules import (
    ENCRYPTED,
    NO_RELATIONSHIP,
    NO_XML,
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
_LEGACY_NAMES = ("zugferd-invoice.xml", "xrechnung.xml", FILE_NAME)
_FX = re.compile(r"^urn:(factur-x|zugferd):pdfa:CrossIndustryDocument:invoice:\dp0#$")
_MAX_XMP = 5 * 1024 * 1024
_MAX_ATTACHMENTS = 1000
_HARMLESS_FILTERS = {"/ASCIIHexDecode", "/ASCII85Decode", "/RunLengthDecode"}  # these unfold 64 times at most


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

    def findings(self, profile: Profile | None) -> list[Finding]:
        """What is wrong with the container of a message of `profile` (None: unknown, then its agreement is not judged)."""
        findings = [ENCRYPTED.found()] if self.encrypted else []
        if self.xml is None:
            return [*findings, NO_XML.found()]
        if self.file_name != FILE_NAME:
            findings.append(WRONG_NAME.found(name=self.file_name))
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
    """Take the invoice out of a PDF. Raises UnreadableFile: broken, locked, too large unfolded."""
    import pikepdf

    if len(data) > MAX_BYTES:
        raise UnreadableFile(
            "Le PDF dépasse 100 Mo.", "Une facture de plus de 100 Mo est refusée (BR-FR-19) : réduisez ses images et ses pièces jointes."
        )
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            return _container(pdf)
    except pikepdf.PasswordError as error:
        raise UnreadableFile(
            "Le PDF est protégé par un mot de passe.", "Demandez à l’émetteur un PDF sans protection : PDF/A-3 l’interdit."
        ) from error
    except (pikepdf.PdfError, RecursionError, ValueError, TypeError, AttributeError, KeyError) as error:
        # the object tree of a damaged PDF may hold anything anywhere
        raise UnreadableFile(
            f"Le PDF est abîmé ou tronqué : {error}.", "Téléchargez-le de nouveau, ou demandez-le à son émetteur."
        ) from error


def _container(pdf: pikepdf.Pdf) -> Container:
    attachments = _attachments(pdf)
    chosen = _invoice_attachment(attachments)
    linked = pdf.Root.get("/AF")
    associated = [] if linked is None else [entry.objgen for entry in linked]
    name, filespec = chosen or ("", None)
    relationship = filespec.get("/AFRelationship") if filespec is not None else None
    return Container(
        xml=_file_bytes(filespec, name) if filespec is not None else None,
        file_name=name,
        relationship=str(relationship).removeprefix("/") if relationship is not None else None,
        associated=filespec is not None and filespec.objgen in associated,
        xmp=_fx_properties(pdf),
        encrypted=pdf.is_encrypted,
        ours="xlbridge" in f"{pdf.docinfo.get('/Producer', '')} {pdf.docinfo.get('/Creator', '')}".lower(),
    )


def _attachments(pdf: pikepdf.Pdf) -> dict[str, Any]:
    """File specifications by file name: those of the name tree, then those only linked by `/AF`."""
    import pikepdf

    found: dict[str, Any] = {}
    names = pdf.Root.get("/Names")
    tree = names.get("/EmbeddedFiles") if names is not None else None
    specifications = list(pikepdf.NameTree(tree).values()) if tree is not None else []
    specifications += list(pdf.Root.get("/AF") or [])
    if len(specifications) > _MAX_ATTACHMENTS:
        raise UnreadableFile(f"Le PDF porte plus de {_MAX_ATTACHMENTS} pièces jointes.", "Demandez un autre fichier à l’émetteur.")
    for specification in specifications:
        if isinstance(specification, pikepdf.Dictionary) and "/EF" in specification:
            name = specification.get("/UF") or specification.get("/F")
            found.setdefault(str(name), specification)
    return found


def _invoice_attachment(attachments: dict[str, Any]) -> tuple[str, Any] | None:
    """The exact name first, then the names of other standards and spellings, then the only XML there is."""
    if FILE_NAME in attachments:
        return FILE_NAME, attachments[FILE_NAME]
    known = [name for name in attachments if name.lower() in _LEGACY_NAMES]
    others = [name for name in attachments if name.lower().endswith(".xml")]
    name = known[0] if known else others[0] if len(others) == 1 else None
    return None if name is None else (name, attachments[name])


def _file_bytes(specification: Any, name: str) -> bytes:
    streams = specification["/EF"]
    stream = streams.get("/UF") if "/UF" in streams else streams.get("/F")
    return _bounded(stream, MAX_BYTES, f"La pièce {name}")


def _bounded(stream: Any, limit: int, what: str) -> bytes:
    """The decoded bytes of `stream`, never more than `limit`."""
    too_large = UnreadableFile(f"{what} dépasse {limit // 1024**2} Mo une fois décompressée.", "Demandez un autre fichier à l’émetteur.")
    filters = _names(stream.get("/Filter"))
    parameters = stream.get("/DecodeParms")
    data: bytes = stream.read_raw_bytes()
    if all(name == "/FlateDecode" for name in filters) and (parameters is None or "Predictor" not in repr(parameters)):
        for _ in filters:
            inflater = zlib.decompressobj()
            try:
                data = inflater.decompress(data, limit + 1)
            except zlib.error as error:
                raise UnreadableFile(f"{what} est abîmée : {error}.", "Demandez de nouveau le fichier à son émetteur.") from error
            if len(data) > limit:
                raise too_large
            if not inflater.eof:
                raise UnreadableFile(f"{what} est tronquée.", "Demandez de nouveau le fichier à son émetteur.")
    elif set(filters) <= _HARMLESS_FILTERS and len(data) <= limit // 64:
        data = stream.read_bytes()
    else:
        raise UnreadableFile(
            f"{what} est compressée d’une façon que PDF/A-3 n’emploie pas ({', '.join(filters)}).",
            "Demandez un autre fichier à l’émetteur.",
        )
    if len(data) > limit:
        raise too_large
    return data


def _names(value: Any) -> list[str]:
    import pikepdf

    if value is None:
        return []
    return [str(name) for name in value] if isinstance(value, pikepdf.Array) else [str(value)]


def _fx_properties(pdf: pikepdf.Pdf) -> dict[str, str]:
    """The Factur-X properties of the XMP, whether written as elements or as attributes; empty when there is no readable XMP."""
    import pikepdf

    stream = pdf.Root.get("/Metadata")
    if not isinstance(stream, pikepdf.Stream):
        return {}
    try:
        root = parse(_bounded(stream, _MAX_XMP, "La pièce de métadonnées XMP").strip(b"\0 \r\n\t"))
    except UnreadableFile as error:
        if "Mo une fois" in error.message:
            raise
        return {}
    properties: dict[str, str] = {}
    for element in root.iter("{*}*"):
        entries = [(str(element.tag), element.text or ""), *((str(name), str(value)) for name, value in element.attrib.items())]
        for qualified, value in entries:
            namespace, _, local = qualified.removeprefix("{").partition("}")
            if _FX.match(namespace) and local:
                properties.setdefault(local, value.strip())
    return properties
