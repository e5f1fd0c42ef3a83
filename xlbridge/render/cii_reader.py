"""A CII message of any profile as an `Invoice`, by the table of `cii_layout`; elements that the table does not know are passed over.

Values that are no number or no date are None, and the official rules say so: this reader judges nothing. It leaves out what the model
has no place for: a note without text, an item attribute without value.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from lxml import etree

from xlbridge.errors import UnreadableFile
from xlbridge.model import Invoice
from xlbridge.render.cii_layout import CONTAINERS, NAMESPACES, ROOT, Node, absolute, clark, layout

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)", re.ASCII)
INDICATORS = {"0": "false", "1": "true"}
CURRENCY_ELEMENTS = {"currency": "InvoiceCurrencyCode", "vat_currency": "TaxCurrencyCode"}
LINE_STATUS = "ram:AssociatedDocumentLineDocument/ram:LineStatusReasonCode"
NOT_COUNTED = frozenset({"GROUP", "INFORMATION"})

Values = dict[str, Any]


def parse(xml: bytes) -> etree._Element:
    """The root element of `xml`; no entity, no DTD, no network. UnreadableFile: it is not well-formed, or has a document type."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as fault:
        line = fault.lineno if isinstance(fault, etree.XMLSyntaxError) else None
        where = f", à la ligne {line}" if line else ""
        raise UnreadableFile(f"Le fichier XML est mal formé{where} ({fault}).", "Demandez un nouvel exemplaire à l’émetteur.") from fault
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableFile(
            "Le fichier XML contient une déclaration DOCTYPE, interdite dans une facture électronique.",
            "Ne l’ouvrez pas dans un autre logiciel et demandez un nouvel exemplaire à l’émetteur.",
        )
    return root


def read(xml: bytes | etree._Element) -> Invoice:
    """The invoice of a CII message. UnreadableFile: the XML is broken, or is no CII message.

    The lines of EXTENDED that only group or inform (EXT-FR-FE-163 GROUP, INFORMATION) are left out, because they count in no total.
    """
    root = parse(xml) if isinstance(xml, bytes) else xml
    if root.tag != clark(ROOT):
        raise UnreadableFile(
            f"Ce fichier XML n’est pas une facture CII : sa racine est « {root.tag} ».",
            "Vérifiez que le fichier est bien une facture Factur-X ou CII.",
        )
    values: Values = {}
    _fill(root, layout(), values, values)
    return Invoice.model_validate(values)


def _fill(element: etree._Element, node: Node, owner: Values, invoice: Values) -> None:
    """Put what `element` holds into `owner`, the values of the object it belongs to."""
    for own in node.own:
        _put(own.field, _text_of(element) if own.element == "." else _clean(element.get(own.element[1:])), owner, invoice)
    inside: dict[Any, list[etree._Element]] = {}
    for child in element:
        inside.setdefault(child.tag, []).append(child)
    for tag, child_node in node.inside if inside else ():
        if found := inside.get(tag):
            fitting = [item for item in found if _fits(item, child_node, invoice)] if child_node.distinguished else found
            _take(fitting, child_node, owner, invoice)


def _take(found: list[etree._Element], node: Node, owner: Values, invoice: Values) -> None:
    """Put what the elements `found` for `node` hold into `owner`."""
    if node.kind in {"list", "each"}:
        items = [values for item in found if (values := _object(item, node, invoice)) is not None and (values or node.kind == "list")]
        if items:
            _put(node.field, (*_get(node.field, owner), *items), owner, invoice, add=True)
        return
    for item in found[:1]:
        if node.kind == "object":
            if values := _object(item, node, invoice):
                owner[node.field] = values | owner.get(node.field, {})
        elif node.kind == "group":
            _fill(item, node, owner, invoice)
        elif (value := READERS[node.kind](item)) is not None:
            _put(node.field, value, owner, invoice)
            if node.children:
                _fill(item, node, owner, invoice)


def _object(element: etree._Element, node: Node, invoice: Values) -> Values | None:
    """The values of one object; None where it lacks what the model cannot do without, or is no line of its own."""
    if node.field == "lines" and _status(element) in NOT_COUNTED:
        return None
    values: Values = {}
    _fill(element, node, values, invoice)
    return values if values.keys() >= node.required else None


def _status(line: etree._Element) -> str | None:
    return _clean(line.findtext(LINE_STATUS, namespaces=NAMESPACES))


def _fits(element: etree._Element, node: Node, invoice: Values) -> bool:
    """Whether the element is the one that `node` means among those of its name."""
    for path, text in node.keys:
        steps, _, attribute = path.partition("@")
        keeper = element.find(steps.rstrip("/"), namespaces=NAMESPACES) if steps else element
        value = None if keeper is None else _clean(keeper.get(attribute)) if attribute else _text_of(keeper)
        if INDICATORS.get(value or "", value) != text:
            return False
    return all(_in_currency(element, field, invoice) for field in node.currencies)


def _in_currency(total: etree._Element, field: str, invoice: Values) -> bool:
    """Whether a total of VAT is in the currency of `field`: BT-5 for BT-110, which may go without saying, BT-6 for BT-111."""
    stated, expected = _clean(total.get("currencyID")), invoice.get(field)
    return stated in {None, expected} if field == "currency" else stated == expected != invoice.get("currency")


def _get(field: str, owner: Values) -> Any:
    for name in field.split("."):
        owner = owner.get(name, {})
    return owner or ()


def _put(field: str, value: Any, owner: Values, invoice: Values, add: bool = False) -> None:
    """Set `field` (`/` starts from the invoice), unless it was found before."""
    if value is None:
        return
    parents, name = _steps(field)
    target = invoice if field[0] == "/" else owner
    for parent in parents:
        target = target.setdefault(parent, {})
    if add or name not in target:
        target[name] = value


@cache
def _steps(field: str) -> tuple[list[str], str]:
    *parents, name = field.removeprefix("/").split(".")
    return parents, name


def _clean(text: str | None) -> str | None:
    return (text or "").strip() or None


def _text_of(element: etree._Element) -> str | None:
    return _clean(element.text if len(element) == 0 else str(element.xpath("string()")))


def _number_of(element: etree._Element) -> Decimal | None:
    text = _text_of(element)
    return Decimal(text) if text and NUMBER.fullmatch(text) else None


def _date_of(element: etree._Element) -> date | None:
    """A day written AAAAMMJJ (format 102) or AAAA-MM-JJ."""
    found = DAY.fullmatch(_text_of(element) or "")
    try:
        return date(*map(int, found.group(1, 2, 3))) if found else None
    except ValueError:
        return None


def _content_of(element: etree._Element) -> bytes | None:
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True) or None
    except binascii.Error:
        return None


READERS: Mapping[str, Callable[[etree._Element], Any]] = {
    "text": _text_of,
    **dict.fromkeys(("amount", "percent", "quantity", "price"), _number_of),
    **dict.fromkeys(("date", "date_only", "date_qdt"), _date_of),
    "binary": _content_of,
}


def place_of(element: etree._Element) -> tuple[str, str | None]:
    """The path in the invoice, with indexes, and the business term of an element of a CII message.

    An element that the table does not know takes the place of the nearest one around it; ("", None) is the document.
    """
    return placer(element.getroottree().getroot())(element)


def placer(root: etree._Element) -> Callable[[etree._Element], tuple[str, str | None]]:
    """`place_of` for many elements of one message: what they share is looked up once."""
    texts = {name: root.findtext(f".//ram:{tag}", namespaces=NAMESPACES) for name, tag in CURRENCY_ELEMENTS.items()}
    ranks: dict[etree._Element, int] = {}

    def place(element: etree._Element) -> tuple[str, str | None]:
        node, owner = layout(), ""
        found: tuple[str, str | None] = ("", None)
        for step in [*reversed([*element.iterancestors()]), element][1:]:
            known = [child for tag, child in node.inside if tag == step.tag and _fits(step, child, texts)]
            if not known:
                break
            node = known[0]
            if node.field:
                path = absolute(owner, node.field)
                if node.kind in {"list", "each"}:
                    path = f"{path}[{_rank(step, node, ranks)}]"
                owner = path if node.kind in CONTAINERS else owner
                found = (path, node.term)
        return found

    return place


def _rank(element: etree._Element, node: Node, ranks: dict[etree._Element, int]) -> int:
    """How many values of the list come from the elements before this one; `ranks` keeps those of its siblings too."""
    if element not in ranks:
        rank, parent = 0, element.getparent()
        for item in parent.iterchildren(element.tag) if parent is not None else ():
            if _fits(item, node, {}):
                ranks[item] = rank
                rank += _status(item) not in NOT_COUNTED
    return ranks[element]
