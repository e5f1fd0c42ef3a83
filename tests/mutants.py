"""Damaged copies of a message: the same seed gives the same copies."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator

from lxml import etree

ODD_TEXTS = (
    "",
    " ",
    "999",
    "-1",
    "0",
    "0.000",
    "12.345",
    "1e3",
    "12,5",
    "NaN",
    "XX",
    "FR",
    "VAT",
    "S",
    "381",
    "20261301",
    "102",
    "é#!",
    "0225",
    "false",
)


def mutants(message: bytes, count: int, seed: int = 0) -> Iterator[etree._Element]:
    """`count` copies of `message` (a well-formed XML), each with one to three changes."""
    base = etree.fromstring(message)
    draw = random.Random(seed)
    for _ in range(count):
        root = copy.deepcopy(base)
        for _ in range(draw.choice((1, 1, 1, 2, 3))):
            _change(root, draw)
        yield root


def _change(root: etree._Element, draw: random.Random) -> None:
    elements = [element for element in root.iter("*") if element is not root]
    element, other = draw.choice(elements), draw.choice(elements)
    parent = element.getparent()
    assert parent is not None
    match draw.randrange(8):
        case 0:
            parent.remove(element)
        case 1:
            element.addnext(copy.deepcopy(element))
        case 2:
            other.addnext(copy.deepcopy(element))
        case 3:
            parent.insert(draw.randrange(len(parent)), element)
        case 4:
            for name in list(element.attrib):
                element.set(name, draw.choice(ODD_TEXTS))
        case 5:
            element.set(draw.choice(("schemeID", "listID", "format", "unitCode", "currencyID")), draw.choice(ODD_TEXTS))
        case 6 if len(element):
            for child in list(element):
                element.remove(child)
        case _:
            leaves = [leaf for leaf in elements if not len(leaf)]
            draw.choice(leaves).text = draw.choice(ODD_TEXTS)
