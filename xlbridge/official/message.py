"""The XML of an e-invoice: parsed without trust, and the few values that decide which rules judge it.

CII (`CrossIndustryInvoice`, UN/CEFACT D16B–D22B) and UBL 2.1 (`Invoice`, `CreditNote`) are recognised by the name of their root; a
wrong namespace is the schema's business. Entities, document type declarations, giant and bottomless documents are refused before
any parser expands them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from xml.parsers import expat

from xlbridge.errors import UnreadableFile

if TYPE_CHECKING:
    from lxml import etree

MAX_BYTES = 100 * 1024 * 1024  # XP Z12-012, BR-FR-19: a whole message is 100 MB at most
MAX_DEPTH = 100  # the deepest path of CII D22B has about fifteen steps
PLAIN_BYTES = 10_000_000  # libxml2 needs its huge mode for text nodes beyond

# Guadeloupe, Martinique and Réunion are France for VAT and in the scope of the reform; Guyane and Mayotte are not (CGI, art. 294).
FRENCH_COUNTRIES = frozenset({"FR", "GP", "MQ", "RE"})


class Syntax(StrEnum):
    """What an XML root says it is."""

    CII = "CrossIndustryInvoice"
    UBL_INVOICE = "Invoice"
    UBL_CREDIT_NOTE = "CreditNote"


@dataclass(frozen=True, slots=True)
class Message:
    """A parsed e-invoice. `syntax` is None when the root is no invoice we know (`root_name` says what it is)."""

    tree: etree._Element
    root_name: str
    syntax: Syntax | None
    specification: str
    seller_country: str

    @property
    def french(self) -> bool:
        """Whether the seller is established where the French rules apply."""
        return self.seller_country in FRENCH_COUNTRIES


class _RootReached(Exception):
    """Stops the first, suspicious reading at the root element."""


def read_message(xml: bytes) -> Message:
    """Parse `xml`.

    Raises UnreadableFile: too large, DOCTYPE, not well formed, nested too deep.
    """
    root = parse(xml)
    name = str(root.tag).rpartition("}")[2]
    syntax = next((syntax for syntax in Syntax if syntax.value == name), None)
    paths = _CII_PATHS if syntax is Syntax.CII else _UBL_PATHS
    return Message(root, name, syntax, *(_first_text(root, path) for path in paths))


def parse(xml: bytes) -> etree._Element:
    """The root element of `xml`, after the checks of `read_message`."""
    from lxml import etree

    if len(xml) > MAX_BYTES:
        raise UnreadableFile(
            "Le message XML dépasse 100 Mo.", "Réduisez les pièces jointes : une facture de plus de 100 Mo est refusée (BR-FR-19)."
        )
    _refuse_doctype(xml)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=len(xml) > PLAIN_BYTES, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise _malformed(str(error)) from error
    if _deeper_than(root, MAX_DEPTH):
        raise UnreadableFile(
            f"Le XML est imbriqué sur plus de {MAX_DEPTH} niveaux : ce n’est pas une facture.", "Demandez un autre fichier à l’émetteur."
        )
    return root


def _malformed(detail: str) -> UnreadableFile:
    return UnreadableFile(
        f"Le XML est mal formé : {detail}.", "Le fichier est abîmé ou mal produit : demandez-le de nouveau à son émetteur."
    )


def _refuse_doctype(xml: bytes) -> None:
    """Read up to the root element with expat, whatever the encoding, and refuse any document type declaration."""
    parser = expat.ParserCreate()

    def doctype(*_: object) -> None:
        raise UnreadableFile(
            "Le XML contient une déclaration DOCTYPE, qui peut cacher une attaque par entités : il n’est pas lu.",
            "Une facture électronique n’en contient jamais : demandez un autre fichier à l’émetteur.",
        )

    def root(*_: object) -> None:
        raise _RootReached

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = root
    try:
        parser.Parse(xml, True)
    except _RootReached:
        return
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise _malformed(str(error)) from error


def _deeper_than(root: etree._Element, limit: int) -> bool:
    """Whether `root` holds an element more than `limit` levels down."""
    level = 0
    node: etree._Element | None = root
    while node is not None and level <= limit:
        if len(node):
            node, level = node[0], level + 1
            continue
        while node is not None and node.getnext() is None:
            node, level = node.getparent(), level - 1
        node = node.getnext() if node is not None else None
    return level > limit


_CII_PATHS = (
    "ExchangedDocumentContext/GuidelineSpecifiedDocumentContextParameter/ID",
    "SupplyChainTradeTransaction/ApplicableHeaderTradeAgreement/SellerTradeParty/PostalTradeAddress/CountryID",
)
_UBL_PATHS = (
    "CustomizationID",
    "AccountingSupplierParty/Party/PostalAddress/Country/IdentificationCode",
)


def _first_text(root: etree._Element, path: str) -> str:
    """The text at `path` below `root`, in whatever namespace; empty when absent."""
    found = root.find("/".join(f"{{*}}{step}" for step in path.split("/")))
    return re.sub(r"\s+", " ", found.text or "").strip() if found is not None else ""
