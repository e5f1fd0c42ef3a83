"""Our pipeline as a contestant: XML, schema and both official rule sets, PDF/A-3b, and the finished file read back."""

from __future__ import annotations

from bench.timing import Contestant, Laps, Stages
from xlbridge.findings import Severity
from xlbridge.model import Invoice
from xlbridge.model.profile import Profile

NAME = "xlbridge"
XML, XSD, RULES, PDF, BACK = "XML (CII)", "schéma XSD", "règles EN 16931 et BR-FR", "PDF/A-3b", "relecture"
STAGES = (XML, XSD, RULES, PDF, BACK)
WITH_QR = "PDF/A-3b avec QR"


def ours() -> Contestant:
    """The pipeline, its sheets compiled in their quick form. The second PDF, with its payment QR, is no part of the total."""
    from xlbridge.official import judge

    judge.warm_up()
    return Contestant(NAME, _make)


def total(stages: Stages) -> float:
    """Seconds from the model to the verified file, without the payment QR."""
    return sum(stages[name] for name in STAGES)


def _make(invoice: Invoice) -> tuple[bytes, Stages]:
    from xlbridge.official.container import read_container
    from xlbridge.official.judge import schema_findings, sheet_findings
    from xlbridge.official.message import Syntax, read_message
    from xlbridge.official.ruleset import french_sheet, ruleset
    from xlbridge.render import cii, cii_reader, facturx

    rules = ruleset(Syntax.CII, Profile.EN16931.value)
    assert rules is not None
    laps = Laps()
    xml = cii.write(invoice, Profile.EN16931)
    laps.lap(XML)
    message = read_message(xml)
    findings = schema_findings(message.tree, rules.pdf_xsd)
    laps.lap(XSD)
    for sheet in (rules.sheet, french_sheet(Syntax.CII)):
        findings += sheet_findings(message, sheet, ours=True)
    laps.lap(RULES)
    pdf = facturx.build(invoice, xml, Profile.EN16931, payment_qr=False).pdf
    laps.lap(PDF)
    found = read_container(pdf)
    back = cii_reader.read(found.xml or b"")
    laps.lap(BACK)
    facturx.build(invoice, xml, Profile.EN16931)
    laps.lap(WITH_QR)
    blocking = [finding for finding in findings if finding.severity is Severity.BLOCKING]
    if blocking or found.xml != xml or back != invoice:
        raise RuntimeError(f"{invoice.number} is no verified Factur-X: {blocking or 'what is read back differs'}")
    return pdf, laps.stages
