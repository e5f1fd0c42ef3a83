"""An invoice as a CII message (UN/CEFACT D22B) of the profiles BASIC WL and EN 16931, in the element order of the XSD.

Nothing is invented, rounded or repaired: what the message cannot carry as it is stated raises `CannotRender`. A group of which the
invoice says nothing is left out. The same invoice gives the same bytes.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any

from xlbridge.errors import CannotRender
from xlbridge.model import CreditAccount, Invoice
from xlbridge.model.money import plain
from xlbridge.model.profile import Profile
from xlbridge.render.cii_layout import NAMESPACES, TESTS, Node, absolute, layout

Writer = Callable[[Invoice, Any, str], str]
"""(invoice, object, its path) → the element's text, "" where there is nothing to say."""

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
MARKUP = re.compile("[&<>\r]")
ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;", '"': "&quot;"}
IN_ATTRIBUTES = re.compile('[&<>\r\n\t"]')

MISSING = {
    "BT-1": "le numéro de la facture",
    "BT-2": "la date d’émission",
    "BT-3": "le type de document",
    "BT-5": "la devise",
    "BG-23": "le récapitulatif de TVA",
    "BG-25": "au moins une ligne",
    "BT-6": "la devise de la TVA",
    "BT-81": "le moyen de paiement",
    "BT-106": "le total HT des lignes",
    "BT-109": "le total HT",
    "BT-112": "le total TTC",
    "BT-115": "le montant à payer",
    "BT-118": "la catégorie de TVA du récapitulatif",
    "BT-126": "le numéro de ligne",
    "BT-129": "la quantité",
    "BT-131": "le total HT de la ligne",
    "BT-146": "le prix unitaire HT",
    "BT-148": "le prix brut dont la remise est déduite",
    "BT-151": "la catégorie de TVA de la ligne",
    "BT-153": "la désignation",
}
MISSING |= dict.fromkeys(("BT-40", "BT-55", "BT-69", "BT-80", "BT-159"), "le pays")
MISSING |= dict.fromkeys(("BT-92", "BT-99", "BT-136", "BT-141"), "le montant de la remise ou des frais")
MISSING |= dict.fromkeys(("BT-95", "BT-102"), "la catégorie de TVA de la remise ou des frais")


class Unfit(ValueError):
    """A value that the message cannot carry; the sentence says why."""


def write(invoice: Invoice, profile: Profile) -> bytes:
    """The message of `invoice` in `profile`, which BT-24 names whatever the invoice says of itself.

    Terms that BASIC WL does not know are left out. CannotRender: a part that the XSD requires is missing, or a value does not fit.
    """
    if profile not in {Profile.BASIC_WL, Profile.EN16931}:
        raise ValueError(f"no writer for the profile {profile.label}")
    body = _message(profile)(invoice.model_copy(update={"specification": profile.value}))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'.encode()


@cache
def _message(profile: Profile) -> Callable[[Invoice], str]:
    root = layout()
    spaces = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    parts = _element(root, profile, opening=f"<{root.element}{spaces}")
    return lambda invoice: parts(invoice, invoice, "")


def _written(nodes: Sequence[Node], profile: Profile) -> list[Node]:
    basic_wl = profile is Profile.BASIC_WL
    return [node for node in nodes if "READ" not in node.marks and not (basic_wl and "EN" in node.marks)]


def _required(node: Node, profile: Profile) -> bool:
    return "!" in node.marks or ("!WL" in node.marks and profile is Profile.BASIC_WL)


def _writer(node: Node, profile: Profile) -> Writer:
    if node.kind == "object":
        return _object(node, profile)
    if node.kind in {"list", "each"}:
        return _list(node, profile)
    return _element(node, profile) if node.kind == "group" else _leaf(node, profile)


def _object(node: Node, profile: Profile) -> Writer:
    value_of, passes, element = _getter(node.field), _test(node.test), _element(node, profile)

    def write_object(invoice: Invoice, owner: Any, path: str) -> str:
        value = value_of(invoice, owner)
        return "" if value is None or not passes(value) else element(invoice, value, absolute(path, node.field))

    return write_object


def _list(node: Node, profile: Profile) -> Writer:
    """One element per value. An empty item of a list is written, or refused, never passed over."""
    values_of, passes = _getter(node.field), _test(node.test)
    element = _element(node, profile, always=node.kind == "list")
    instead = (CreditAccount(),) if node.kind == "each" else ()

    def write_list(invoice: Invoice, owner: Any, path: str) -> str:
        values = values_of(invoice, owner) or instead
        inner = absolute(path, node.field)
        return "".join([element(invoice, value, f"{inner}[{index}]") for index, value in enumerate(values) if passes(value)])

    return write_list


def _element(node: Node, profile: Profile, opening: str = "", always: bool = False) -> Writer:
    """The element with what it holds. It is left out where it would hold fixed texts only, unless the XSD requires it."""
    nodes = _written(node.content, profile)
    parts = [_fixed(child) if child.kind in {"const", "key", "indicator"} else _writer(child, profile) for child in nodes]
    told = [index for index, part in enumerate(parts) if not isinstance(part, str) and "~" not in nodes[index].marks]
    required = [(index, nodes[index]) for index in told if _required(nodes[index], profile)]
    attributes = _attributes(node, profile)
    opening = opening or f"<{node.element}"
    closing = f"</{node.element}>"
    always = always or "+" in node.marks

    def write_element(invoice: Invoice, owner: Any, path: str) -> str:
        texts = [part if isinstance(part, str) else part(invoice, owner, path) for part in parts]
        if not always and not any(texts[index] for index in told):
            return ""
        for index, child in required:
            if not texts[index]:
                raise _lacking(child, path, invoice)
        body = "".join(texts)
        head = opening + attributes(invoice, owner, path)
        return f"{head}>{body}{closing}" if body else f"{head}/>"

    return write_element


def _leaf(node: Node, profile: Profile) -> Writer:
    """An element (or the own text of one) that holds a value."""
    value_of, passes, form = _getter(node.field), _test(node.test), FORMS[node.kind]
    attributes = _attributes(node, profile)
    opening, closing = ("", "") if node.element == "." else (f"<{node.element}", f"</{node.element}>")

    def write_leaf(invoice: Invoice, owner: Any, path: str) -> str:
        value = value_of(invoice, owner)
        if value is None or not passes(value):
            return ""
        try:
            text = form(value)
        except Unfit as fault:
            raise _unfit(node, path, invoice, fault) from fault
        if not text or not opening:
            return text
        return f"{opening}{attributes(invoice, owner, path)}>{text}{closing}"

    return write_leaf


def _attributes(node: Node, profile: Profile) -> Writer:
    """The attributes of an element, each with a leading blank."""
    writers = [_attribute(attribute) for attribute in _written(node.attributes, profile)]
    return lambda invoice, owner, path: "".join([writer(invoice, owner, path) for writer in writers]) if writers else ""


def _attribute(node: Node) -> Writer:
    head = f' {node.element[1:]}="'
    fixed = node.field if node.kind == "key" else None
    value_of = _getter(node.field)

    def write_attribute(invoice: Invoice, owner: Any, path: str) -> str:
        value = fixed or value_of(invoice, owner)
        try:
            text = _text(value, IN_ATTRIBUTES) if value is not None else ""
        except Unfit as fault:
            raise _unfit(node, path, invoice, fault) from fault
        if not text and "!" in node.marks:
            raise _lacking(node, path, invoice)
        return f'{head}{text}"' if text else ""

    return write_attribute


def _fixed(node: Node) -> str:
    text = f"<udt:Indicator>{node.field}</udt:Indicator>" if node.kind == "indicator" else node.field
    return f"<{node.element}>{text}</{node.element}>"


def _getter(field: str) -> Callable[[Invoice, Any], Any]:
    """What reads `field` of an object, or of the invoice where it starts with `/`; None where a part of the path is empty."""
    first, _, names = field.removeprefix("/").partition(".")
    head = attrgetter(first)
    rest = attrgetter(names) if names else None
    from_invoice = field.startswith("/")

    def value_of(invoice: Invoice, owner: Any) -> Any:
        value = head(invoice if from_invoice else owner)
        return value if value is None or rest is None else rest(value)

    return value_of


def _test(test: str) -> Callable[[Any], bool]:
    if not test:
        return lambda _: True
    passes = TESTS[test.removeprefix("!")]
    return (lambda value: not passes(value)) if test.startswith("!") else passes


def _text(value: str, markup: re.Pattern[str] = MARKUP) -> str:
    """`value` without outer blanks, escaped."""
    if forbidden := FORBIDDEN.search(value):
        raise Unfit(f"le caractère n° {forbidden.start() + 1} (U+{ord(forbidden[0]):04X}) est invisible et interdit dans un fichier XML")
    return markup.sub(lambda found: ESCAPED[found[0]], value.strip())


def _number(digits: int, fixed: bool = False) -> Callable[[Decimal], str]:
    """A number of at most `digits` decimals, always with that many where `fixed`; without exponent or minus zero."""

    def form(value: Decimal) -> str:
        text = f"{value:.{digits}f}"
        if Decimal(text) != value:
            raise Unfit(f"{plain(value)} a plus de {digits} décimales")
        if not fixed:
            return plain(value)
        return text if value else text.lstrip("-")

    return form


def _date(element: str) -> Callable[[date], str]:
    return lambda day: f'<{element} format="102">{day.isoformat().replace("-", "")}</{element}>'


FORMS: dict[str, Callable[[Any], str]] = {
    "text": _text,
    "amount": _number(2, fixed=True),
    "percent": _number(2, fixed=True),
    "quantity": _number(4),
    "price": _number(6),
    "date": _date("udt:DateTimeString"),
    "date_only": _date("udt:DateString"),
    "date_qdt": _date("qdt:DateTimeString"),
    "binary": lambda content: base64.b64encode(content).decode("ascii"),
}
"""How each kind of the table is written. BR-FR-DEC-01 to 04: amounts and rates have 2 decimals, quantities at most 4, prices at most 6."""


def _lacking(node: Node, path: str, invoice: Invoice) -> CannotRender:
    leaf = node
    while not leaf.field or leaf.kind in {"object", "const"}:
        path = absolute(path, leaf.field) if leaf.kind == "object" else path
        leaf = next(child for child in leaf.content if child.kind not in {"const", "key", "indicator"})
    place = absolute(path, leaf.field)
    what = MISSING.get(leaf.term or "", "une valeur obligatoire")
    return CannotRender(
        f"La facture {_shown(invoice.number)} ne peut pas être écrite en XML : il manque {what} ({_where(leaf, place)}).",
        "Complétez cette valeur dans le classeur.",
    )


def _unfit(node: Node, path: str, invoice: Invoice, fault: Unfit) -> CannotRender:
    return CannotRender(
        f"La facture {_shown(invoice.number)} ne peut pas être écrite en XML : {_where(node, absolute(path, node.field))}, {fault}.",
        "Corrigez cette valeur dans le classeur.",
    )


def _where(node: Node, path: str) -> str:
    return f"{node.term}, {path}" if node.term else path


def _shown(number: str | None) -> str:
    """The number without what a screen cannot show."""
    return FORBIDDEN.sub("?", number) if number else "sans numéro"
