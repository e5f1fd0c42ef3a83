"""From an official finding back to the value it is about: location in the XML → element → field of the invoice → cell.

The sheets locate a rule where it stands, which may be far from the value at fault: a wrong VAT amount is reported on the category code
beside it, a missing name on the whole message. So the place of the element is only the start; the terms that the rule blames
(`xlbridge.official.sentences`, else those its text names) say which field near that place is meant. The path is that of the document
(`buyer.name`, `lines[0].vat_rate`), and `Document.placed` puts the finding on the cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from xlbridge.findings import Finding
from xlbridge.model import Invoice
from xlbridge.model.codes import SCHEME_SIREN, SCHEME_SIRET
from xlbridge.official.sentences import Sentence, sentence_of

if TYPE_CHECKING:
    from lxml import etree

    from xlbridge.render.cii_layout import Node

_STEP = re.compile(r"/\*:([\w.-]+)\[namespace-uri\(\)='([^']*)'\]\[(\d+)\]")
_TERM = re.compile(r"(?<![A-Z])B[TG]-\d+")
_QUOTED = re.compile(r"'((?:\w+:|@)[\w.-]+)")  # the element or attribute that a structural rule names
_SHORT = {"address.country": "country", "address.postcode": "postcode", "address.city": "city"}


class Target(NamedTuple):
    """A field: its path, with indexes in a message and without in the table, and its business term."""

    path: str
    term: str | None


def located(findings: Sequence[Finding], root: etree._Element) -> list[Finding]:
    """`findings` about the CII message `root`, each with the field and the term of the value it is about.

    One whose location is not in the message, or is the message as a whole while its rule names no term, stays as it is.
    """
    if not findings:
        return []
    from xlbridge.render.cii_layout import ROOT, clark
    from xlbridge.render.cii_reader import placer, read

    if root.tag != clark(ROOT):  # the root of another namespace, which the schema refuses
        return [*findings]

    children = cache(lambda parent, tag: parent.findall(tag))
    place, invoice = placer(root), cache(lambda: read(root))

    def one(finding: Finding) -> Finding:
        element = _element(str(finding.values.get("xpath", "")), root, children)
        if element is None:
            return finding
        here = _quoted_child(finding, element, Target(*place(element)))
        target = _target(finding, here, invoice)
        field = _as_in_document(target.path, invoice)
        return replace(finding, field=field or finding.field, term=target.term or finding.term)

    return [one(finding) for finding in findings]


def _element(location: str, root: etree._Element, children: Callable[..., list[Any]]) -> etree._Element | None:
    """The element at `location`, as Schematron (`/*:Name[namespace-uri()='…'][1]`) or libxml2 (`/rsm:Name[1]`) writes it."""
    from lxml import etree

    steps = _STEP.findall(location)
    if not steps:
        spaces = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
        try:
            found: Any = root.getroottree().xpath(location or "/*", namespaces=spaces)
        except etree.XPathError:  # a prefix that the message declares further down: the place is not known
            return None
        return found[0] if found else None
    element: etree._Element | None = root
    for name, namespace, position in steps[1:]:
        found = children(element, f"{{{namespace}}}{name}")
        element = found[int(position) - 1] if len(found) >= int(position) else None
        if element is None:
            return None
    return element


def _quoted_child(finding: Finding, element: etree._Element, here: Target) -> Target:
    """The child or attribute of `element` that a structural rule (« must occur », « not allowed ») names, else `here`."""
    quoted = _QUOTED.search(finding.message) if finding.code.startswith("FX-SCH") else None
    if quoted is None:
        return here
    if quoted[1] == "@currencyID":  # it says again what the invoice says once
        return Target("vat_currency", "BT-6") if here.term == "BT-111" else Target("currency", "BT-5")
    xpath = f"{_generic_xpath(element)}/{quoted[1]}"
    inside = [Target(item.path, item.term) for item in _places() if f"{item.xpath}/".startswith(f"{xpath}/") and item.term]
    return _indexed(_nearest(inside, here.path), here.path) if inside else here


def _generic_xpath(element: etree._Element) -> str:
    from xlbridge.render.cii_layout import NAMESPACES

    prefixes = {uri: prefix for prefix, uri in NAMESPACES.items()}
    names = []
    for step in [*reversed([*element.iterancestors()]), element]:
        uri, _, local = str(step.tag).removeprefix("{").partition("}")
        names.append(f"{prefixes.get(uri, '?')}:{local}")
    return "/" + "/".join(names)


def _target(finding: Finding, here: Target, invoice: Callable[[], Invoice]) -> Target:
    """The field that the rule blames, as near to `here` as there is one."""
    sentence = sentence_of(finding.code)
    terms = _blamed(sentence, invoice) if sentence and sentence.terms else _named_terms(finding, here)
    targets = [target for term in terms for target in _fields().get(term, ())]
    if not targets:
        return here
    return _indexed(_nearest(targets, here.path), here.path)


def _named_terms(finding: Finding, here: Target) -> list[str]:
    """The terms that the rule's text names, those of its head and its code where there are such (BR-FR-01/BT-1 : …); values before
    groups. A structural rule names none."""
    head, colon, _ = finding.message.partition(" : ")
    text = f"{head} {finding.code}" if colon and finding.code.startswith("BR-FR") else finding.message
    terms = list(dict.fromkeys(_TERM.findall(text)))
    if here.term is not None and here.term in terms and here.term.startswith("BT"):
        return [here.term]
    return sorted(terms, key=lambda term: term.startswith("BG"))


def _blamed(sentence: Sentence, invoice: Callable[[], Invoice]) -> Sequence[str]:
    """The term that the sentence blames; where it leaves the choice, the first one that the invoice states, or does not state."""
    if sentence.present is None:
        return sentence.terms
    stated = [term for term in sentence.terms if any(_states(invoice(), target.path) for target in _fields().get(term, ()))]
    fitting = stated if sentence.present else [term for term in sentence.terms if term not in stated]
    return (fitting or sentence.terms)[:1]


def _states(invoice: Invoice, path: str) -> bool:
    """Whether the invoice says something at a path without lists."""
    value: Any = invoice
    for step in path.split("."):
        value = getattr(value, step, None)
    return bool(value)


def _nearest(targets: Sequence[Target], path: str) -> Target:
    """The first of those of `targets` that share most steps with `path`."""
    return max(targets, key=lambda target: len(_shared(target.path, path)))


def _shared(generic: str, path: str) -> list[str]:
    """The steps of `path` (with indexes) that open `generic` (without)."""
    shared = []
    for wanted, step in zip(generic.split("."), path.split("."), strict=False):
        if step.partition("[")[0] != wanted:
            break
        shared.append(step)
    return shared


def _indexed(target: Target, path: str) -> Target:
    """`target` with the indexes of `path`; cut at a list of which `path` names no item: the list is then what is at fault."""
    shared = _shared(target.path, path)
    steps = target.path.split(".")
    generic = ""
    for number, step in enumerate(steps):
        generic = f"{generic}.{step}" if generic else step
        if number >= len(shared):
            shared.append(step)
            if generic in _lists():
                break
    return Target(".".join(shared), target.term)


def _as_in_document(path: str, invoice: Callable[[], Invoice]) -> str:
    """The path as reading and the rules write it: `seller.country`, `seller.siren`, `buyer.siret`."""
    who, _, rest = path.partition(".")
    if who not in {"seller", "buyer"} or not rest:
        return path
    if rest.startswith("identifiers"):
        party = getattr(invoice(), who)
        index = re.search(r"\[(\d+)\]", rest)
        scheme = party.identifiers[int(index[1])].scheme if index and int(index[1]) < len(party.identifiers) else SCHEME_SIRET
        return f"{who}.siret" if scheme == SCHEME_SIRET else path
    if rest.startswith("legal_id"):
        legal_id = getattr(invoice(), who).legal_id
        return f"{who}.siren" if legal_id is None or legal_id.scheme in {None, SCHEME_SIREN} else path
    return f"{who}.{_SHORT.get(rest, rest)}"


@cache
def _places() -> list[Any]:
    from xlbridge.render.cii_layout import places

    return list(places())


@cache
def _fields() -> dict[str, list[Target]]:
    """The fields of each business term."""
    found: dict[str, list[Target]] = {}
    for place in _places():
        if place.term and Target(place.path, place.term) not in found.setdefault(place.term, []):
            found[place.term].append(Target(place.path, place.term))
    return found


@cache
def _lists() -> frozenset[str]:
    """The paths that hold several values."""
    from xlbridge.render.cii_layout import CONTAINERS, absolute, layout

    found: set[str] = set()

    def walk(node: Node, owner: str) -> None:
        path = absolute(owner, node.field)
        if node.kind in {"list", "each"}:
            found.add(path)
        for child in node.children:
            walk(child, path if node.kind in CONTAINERS else owner)

    walk(layout(), "")
    return frozenset(found)
