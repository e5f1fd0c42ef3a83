"""The table `cii_layout.txt` as a tree: which element of the CII message carries which field of the invoice.

>>> [place.term for place in places() if place.path == "lines.unit_price"]
['BT-146']
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.resources import files
from itertools import pairwise
from typing import Any, NamedTuple

from xlbridge.model import Invoice
from xlbridge.model.term import Data, model_in

NAMESPACES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
ROOT = "rsm:CrossIndustryInvoice"

CONTAINERS = frozenset({"object", "list", "each"})
FIXED = frozenset({"const", "key", "indicator"})
MARKS = frozenset({"!", "!WL", "+", "~", "EN", "READ"})

IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9 ]{11,40}")
TESTS: dict[str, Callable[[Any], bool]] = {
    "scheme": lambda identifier: bool(identifier.scheme and identifier.scheme.strip()),
    "iban": lambda account: IBAN.fullmatch(account.strip()) is not None,
}


@dataclass(frozen=True)
class Node:
    """One line of the table. `field` is the fixed text where the kind is one; `required`: the fields the model's object cannot lack."""

    element: str
    field: str = ""
    test: str = ""
    kind: str = "group"
    term: str | None = None
    marks: frozenset[str] = frozenset()
    children: tuple[Node, ...] = ()
    required: frozenset[str] = frozenset()

    @cached_property
    def attributes(self) -> list[Node]:
        """The attributes of the element."""
        return [child for child in self.children if child.element.startswith("@")]

    @cached_property
    def content(self) -> list[Node]:
        """The elements inside, and an object's own text (`.`)."""
        return [child for child in self.children if not child.element.startswith("@")]

    @cached_property
    def own(self) -> list[Node]:
        """The attributes and the own text that carry a field."""
        return [child for child in self.children if child.element[0] in "@." and child.kind not in FIXED | {"currency"}]

    @cached_property
    def inside(self) -> list[tuple[str, Node]]:
        """The elements inside that carry a field, by their name in Clark notation (`{namespace}local`)."""
        return [(clark(child.element), child) for child in self.content if child.element != "." and child.kind not in FIXED]

    @cached_property
    def currencies(self) -> list[str]:
        """The fields of the currencies that tell this element from others of its name."""
        return [child.field for child in self.children if child.kind == "currency"]

    @cached_property
    def distinguished(self) -> bool:
        """Whether not every element of its name is meant."""
        return bool(self.keys or self.currencies)

    @cached_property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """The fixed texts that tell this element from others of its name: (XPath from here, text)."""
        found = [(child.element, child.field) for child in self.children if child.kind == "key"]
        found += [(f"{child.element}/udt:Indicator", child.field) for child in self.children if child.kind == "indicator"]
        found += [
            (f"{child.element}/{leaf.element}", leaf.field) for child in self.children for leaf in child.attributes if leaf.kind == "key"
        ]
        return tuple(found)


class Place(NamedTuple):
    """Where a field stands: XPath of its element or attribute, path in the model without indexes, business term."""

    xpath: str
    path: str
    term: str | None


@cache
def layout() -> Node:
    """The whole message."""
    text = files("xlbridge.render").joinpath("cii_layout.txt").read_text("utf-8")
    rows = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return Node(ROOT, marks=frozenset("+"), children=_children(rows, 0, Invoice))


def _children(rows: list[str], depth: int, owner: type[Data]) -> tuple[Node, ...]:
    """The nodes of `rows`, which stand at `depth` or deeper; fields are those of `owner`."""
    starts = [number for number, row in enumerate(rows) if row[2 * depth] != " "]
    return tuple(_node(rows[start:end], depth, owner) for start, end in pairwise([*starts, len(rows)]))


def _node(rows: list[str], depth: int, owner: type[Data]) -> Node:
    element, *columns = rows[0].split()
    marks = frozenset(column for column in columns if column in MARKS)
    columns = [column for column in columns if column not in MARKS]
    node = Node(element if element[0] in "@." or ":" in element else f"ram:{element}", marks=marks)
    if columns:
        field, kind, term = columns
        field, _, test = field.replace("!", "?!").partition("?") if kind not in FIXED else (field, "", "")
        node = replace(node, field=field, kind=kind, test=test, term=None if term == "-" else term)
    if node.kind in CONTAINERS:
        owner = _model(owner, node.field)
        node = replace(node, required=frozenset(name for name, info in owner.model_fields.items() if info.is_required()))
    return replace(node, children=_children(rows[1:], depth + 1, owner))


def _model(owner: type[Data], field: str) -> type[Data]:
    """The class of the objects at `field` of `owner`."""
    for name in field.split("."):
        inner = model_in(owner.model_fields[name].annotation)
        if inner is None or not issubclass(inner, Data):
            raise TypeError(f"{owner.__name__}.{name} holds no object")
        owner = inner
    return owner


def clark(element: str) -> str:
    """A name with prefix in Clark notation.

    >>> clark("ram:ID")
    '{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}ID'
    """
    prefix, _, local = element.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def places() -> Iterator[Place]:
    """Every field of the table, in document order."""
    yield from _places(layout(), "", "")


def _places(node: Node, xpath: str, owner: str) -> Iterator[Place]:
    if node.element != ".":
        xpath = f"{xpath}/{node.element}"
    path = absolute(owner, node.field)
    if node.field and node.kind not in FIXED | {"currency"}:
        yield Place(xpath, path, node.term)
    for child in node.children:
        yield from _places(child, xpath, path if node.kind in CONTAINERS else owner)


def absolute(owner: str, field: str) -> str:
    """The path of `field` of the object at `owner` ("" is the invoice).

    >>> absolute("lines[0]", "name"), absolute("payment.accounts[0]", "/payment.means_code")
    ('lines[0].name', 'payment.means_code')
    """
    if field.startswith("/"):
        return field[1:]
    return f"{owner}.{field}" if owner else field
