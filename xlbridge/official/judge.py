"""The official rules as findings: schema, Schematron of the profile, French rules.

`judge` is the quick way for a message that was just written; `xlbridge.official.validate` judges files of anyone. Both keep their
compiled schemas and sheets for the life of the process.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from xlbridge.errors import NotChecked
from xlbridge.findings import Finding, Severity
from xlbridge.model.profile import Profile
from xlbridge.official.engine import Engine, Failure
from xlbridge.official.message import Message, Syntax, read_message
from xlbridge.official.ruleset import Sheet, french_sheet, rule_file, ruleset

if TYPE_CHECKING:
    from lxml import etree

_TERM = re.compile(r"\bB[TG]-(?:X-)?\d+\b")
_QUOTED_CODE = re.compile(r"\[((?:BR|CII|UBL|PEPPOL)-[\w-]+)\]")
EMPTY_ELEMENT, DELIVERY = "PEPPOL-EN16931-R008", "ApplicableHeaderTradeDelivery["
_engine = Engine()


def judge(xml: bytes, profile: Profile, *, french: bool, ours: bool) -> list[Finding]:
    """What the Factur-X schema and the official rules of `profile` (CII), and with `french` BR-FR, say against `xml`.

    `ours`: the message was written here, where an element that the profile does not use is a fault, not a remark.
    Raises NotChecked when the engine cannot tell, UnreadableFile when `xml` is no XML.
    """
    message = read_message(xml)
    rules = ruleset(Syntax.CII, profile.value)
    assert rules is not None, "every Factur-X profile has rules in CII"
    findings = schema_findings(message.tree, rules.pdf_xsd)
    findings += sheet_findings(message, rules.sheet, ours=ours)
    if french:
        findings += sheet_findings(message, french_sheet(Syntax.CII), ours=ours)
    return findings


def warm_up(profiles: Iterable[Profile] = (Profile.EN16931,), *, french: bool = True, rewritten: bool = True) -> None:
    """Compile the schema and the sheets of `profiles` now; `rewritten`: their quick form, without waiting for the first messages."""
    for profile in profiles:
        rules = ruleset(Syntax.CII, profile.value)
        assert rules is not None
        _schema(rules.pdf_xsd)
        _engine.prepare(rules.sheet, rewrite=rewritten)
    if french:
        _engine.prepare(french_sheet(Syntax.CII), rewrite=rewritten)


def schema_findings(tree: etree._Element, xsd: str) -> list[Finding]:
    """What the schema says against `tree`, as `XSD` findings with libxml2's words."""
    schema = _schema(xsd)
    if schema.validate(tree):
        return []
    errors: Any = schema.error_log
    return [
        Finding(
            "XSD",
            Severity.BLOCKING,
            "Structure du XML",
            _without_namespaces(error.message),
            "le logiciel émetteur doit produire un XML conforme au schéma : signalez-lui ce message.",
            f"Schéma officiel {rule_file(xsd).name}",
            values={"xpath": error.path or "", "line": error.line},
        )
        for error in errors
    ]


def sheet_findings(message: Message, sheet: Sheet, *, ours: bool) -> list[Finding]:
    """What `sheet` says against `message`. Raises NotChecked when the engine cannot tell."""
    return [_finding(failure, sheet, ours=ours) for failure in _engine.failures(sheet, message.tree)]


def is_empty_delivery(finding: Finding) -> bool:
    """Whether a sheet warns of the delivery group being empty, which the schema wants even where there is nothing to put in it."""
    return finding.code == EMPTY_ELEMENT and DELIVERY in str(finding.values.get("xpath", "")).rpartition("/")[2]


def _finding(failure: Failure, sheet: Sheet, *, ours: bool) -> Finding:
    quoted = _QUOTED_CODE.search(failure.text)
    term = _TERM.search(failure.text)
    code = failure.code
    if quoted and (not code or code.startswith("FX-SCH-")):
        code = quoted[1]
    return Finding(
        code or f"{sheet.name.replace('_', '-')}-REPORT",
        _severity(failure, ours=ours),
        "Règle officielle française" if sheet in {Sheet.BR_FR_CII, Sheet.BR_FR_UBL} else "Règle officielle EN 16931 et Factur-X",
        failure.text,
        "corrigez la donnée que cite la règle, dans le logiciel qui a émis la facture.",
        sheet.source,
        term[0] if term else None,
        values={"xpath": failure.location, "rule": failure.code},
    )


def _severity(failure: Failure, *, ours: bool) -> Severity:
    """The sheet's flag; without one, a failed assert blocks, and a report (an element the profile does not use) only in our own."""
    if failure.flag in {"warning", "information", "info"}:
        return Severity.WARNING if failure.flag == "warning" else Severity.NOTE
    return Severity.WARNING if failure.report and not failure.flag and not ours else Severity.BLOCKING


@cache
def _schema(pattern: str) -> etree.XMLSchema:
    from lxml import etree

    try:
        return etree.XMLSchema(etree.parse(rule_file(pattern), etree.XMLParser(no_network=True)))
    except (etree.LxmlError, OSError) as error:
        raise NotChecked(f"Le schéma officiel ne peut pas être lu : {error}.", "Réinstallez xlbridge et ses dépendances.") from error


def _without_namespaces(message: str) -> str:
    """libxml2's sentence without the namespaces, which hide the names."""
    return re.sub(r"\{[^{}]*\}", "", message)
