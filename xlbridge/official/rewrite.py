"""A Schematron sheet rewritten at load time to say the same in a fraction of the time.

A compiled ISO Schematron sheet is slow for three reasons, none of which is a rule. Each test stays as it is written; only this
changes:

1. `document('…_codedb.xml')` parses the code lists anew for every message → the lists become constant sequences;
2. every pattern walks the whole message → the contexts of its rules are selected directly, once, or all elements where they are many;
3. every rule that was tried is reported (`svrl:fired-rule`) → only failures are: the report on a right message is empty.

What the walk would never have reached must not be reached now either, and anything unexpected in a sheet refuses the rewrite: then
the official sheet is used. Measured on a 10-line invoice: Factur-X EN 16931 and BR-FR fall from 37 to about 2 ms, 4 ms between other work.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from xlbridge.official.ruleset import Sheet

if TYPE_CHECKING:
    from lxml import etree

_XSL = "{http://www.w3.org/1999/XSL/Transform}"
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_CODE_TEST = re.compile(r"document\('([^']+)'\)/codedb/cl\[@id=(\d+)\]/enumeration\[@value=(\$\w+)\]")
_WALKS = ("@*|*", "*")  # the two ways in which the official sheets walk a message
_OTHERWISE = "@*|node()"  # the template for what no rule of a pattern matches
_FILLERS = frozenset({"text()", _OTHERWISE})  # the templates of a mode that only keep the walk going
_MANY = 20  # from so many contexts on, one look at every element is quicker than their union

# EXTENDED is left out: rewritten, it takes 10 s to compile. The UBL sheets are fast enough as they are.
REWRITABLE = frozenset({Sheet.FX_MINIMUM, Sheet.FX_BASIC_WL, Sheet.FX_BASIC, Sheet.FX_EN16931, Sheet.CTC_CII, Sheet.BR_FR_CII})


class CannotRewrite(Exception):
    """The sheet is not built as expected; use it as it is."""


def rewritten(path: Path) -> str:
    """The sheet at `path`, rewritten. Raises CannotRewrite."""
    from lxml import etree

    root = etree.parse(path, etree.XMLParser(huge_tree=True, remove_comments=True, no_network=True)).getroot()
    _inline_code_lists(root, path.parent)
    start = [template for template in root.findall(f"{_XSL}template[@match='/']") if template.get("mode") is None]
    if len(start) != 1:
        raise CannotRewrite("no single start template")
    for mode in _pattern_modes(root):
        _select_directly(root, start[0], mode)
    _require_silence(root)
    told = list(root.iter(f"{_SVRL}fired-rule", f"{_SVRL}active-pattern", f"{_SVRL}ns-prefix-in-attribute-values"))
    for element in [*told, *start[0].iter(f"{_XSL}comment")]:
        _remove(element)
    for output in root.iterfind(f"{_XSL}output"):
        output.set("indent", "no")
    return etree.tostring(root, encoding="unicode")


def _inline_code_lists(root: etree._Element, folder: Path) -> None:
    """Replace every look-up in a code list file by a comparison with a constant sequence."""
    from lxml import etree

    used: set[tuple[str, str]] = set()

    def constant(match: re.Match[str]) -> str:
        file, identifier, value = match.groups()
        used.add((file, identifier))
        return f"({value} = $xlbridge-list-{identifier})"

    for element in root.iter(f"{_XSL}*"):
        for name in ("test", "select"):
            if (expression := element.get(name)) and "document(" in expression:
                element.set(name, _CODE_TEST.sub(constant, expression))
                if "document(" in element.get(name, ""):
                    raise CannotRewrite(f"a document() of another form: {expression}")
    if len({file for file, _ in used}) > 1:
        raise CannotRewrite("several code list files")
    for file, identifier in sorted(used):
        lists = etree.parse(folder / file, etree.XMLParser(huge_tree=True, no_network=True))
        values = [str(entry.get("value")).replace("'", "''") for entry in lists.iterfind(f"cl[@id='{identifier}']/enumeration")]
        sequence = ",".join(f"'{value}'" for value in values)
        root.insert(0, etree.Element(f"{_XSL}variable", name=f"xlbridge-list-{identifier}", select=f"({sequence})"))


def _pattern_modes(root: etree._Element) -> list[str]:
    """The modes of the patterns: M5, M6 …"""
    modes = (template.get("mode") for template in root.iterfind(f"{_XSL}template[@mode]"))
    return sorted({mode for mode in modes if mode and re.fullmatch(r"M\d+", mode)})


def _select_directly(root: etree._Element, start: etree._Element, mode: str) -> None:
    """Start `mode` on the contexts of its rules instead of on the root, and end its recursion."""
    templates = root.findall(f"{_XSL}template[@mode='{mode}']")
    rules = [template for template in templates if template.get("match") not in _FILLERS]
    steps = [step for template in templates for step in template.iter(f"{_XSL}apply-templates") if step.get("mode") == mode]
    walks = {step.get("select") for step in steps}
    if len(walks) != 1 or not walks <= set(_WALKS):
        raise CannotRewrite(f"mode {mode} walks by {walks}")
    contexts = [context for rule in rules for context in split_union(rule.get("match", ""))]
    for context in contexts:
        _require_element(context)
    for step in steps:
        _remove(step)
    starts = [step for step in start.iter(f"{_XSL}apply-templates") if step.get("mode") == mode]
    if len(starts) != 1 or starts[0].get("select") != "/":
        raise CannotRewrite(f"mode {mode} starts at {[step.get('select') for step in starts]}")
    if len(contexts) > _MANY and _OTHERWISE in {template.get("match") for template in templates}:
        starts[0].set("select", "//*")
    else:
        starts[0].set("select", " | ".join(context if context.startswith("/") else f"//{context}" for context in contexts) or "()")


def _require_silence(root: etree._Element) -> None:
    """Refuse templates that would say something in the walk through the whole message that each `svrl:active-pattern` holds."""
    for template in root.iterfind(f"{_XSL}template[@match]"):
        silent = template.get("match") == "text()" and not len(template) and not (template.text or "").strip()
        if template.get("mode") is None and template.get("match") != "/" and not silent:
            raise CannotRewrite(f"a template without mode for {template.get('match')}")


def _require_element(context: str) -> None:
    """Refuse a context that is no element: the walk may never have come to it."""
    bare = context
    while (shorter := re.sub(r"\[[^\[\]]*\]", "", bare)) != bare:
        bare = shorter
    last = bare.rpartition("/")[2].strip()
    if not re.fullmatch(r"\*|[\w.-]+(:[\w.*-]+)?", last):
        raise CannotRewrite(f"context {context}")


def split_union(pattern: str) -> list[str]:
    """The branches of an XSLT match pattern.

    >>> split_union("ram:A[x | y] | ram:B[. = '|']")
    ['ram:A[x | y]', "ram:B[. = '|']"]
    """
    branches, depth, quote, begin = [], 0, "", 0
    for position, character in enumerate(pattern):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "[(":
            depth += 1
        elif character in "])":
            depth -= 1
        elif character == "|" and depth == 0:
            branches.append(pattern[begin:position].strip())
            begin = position + 1
    return [*branches, pattern[begin:].strip()]


def _remove(element: etree._Element) -> None:
    """Take `element` out, and keep the text that follows it."""
    parent = element.getparent()
    if parent is None:
        raise CannotRewrite("an instruction without parent")
    if element.tail and element.tail.strip():
        raise CannotRewrite("text between instructions")
    parent.remove(element)
