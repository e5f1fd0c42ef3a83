"""A finished PDF read back: what it gives must be what was meant."""

from __future__ import annotations

from xlbridge.findings import Finding, Rule, Severity
from xlbridge.model import Invoice
from xlbridge.model.profile import Profile

READ_BACK = Rule(
    "DOC-091", Severity.BLOCKING, "Relecture différente", "Le PDF relu ne redonne pas la facture : {detail}.",
    "signalez ce défaut avec le classeur ; le document n’est pas mis en place.",
)  # fmt: skip


def read_back(pdf: bytes, xml: bytes, invoice: Invoice, profile: Profile) -> tuple[Invoice, list[Finding]]:
    """The invoice that the finished file gives back, and what of container, XML and main terms differs from what was meant."""
    from xlbridge.official.container import read_container
    from xlbridge.render import cii_reader

    container = read_container(pdf)
    again = cii_reader.read(container.xml or b"<nothing/>")
    findings = container.findings(profile)
    if container.xml != xml:
        findings.append(READ_BACK.found(detail="le XML embarqué diffère"))
    for name in ("number", "issue_date", "due_date", "type_code", "currency", "vat_breakdown"):
        if getattr(again, name) != getattr(invoice, name):
            findings.append(READ_BACK.found(name, detail=name))
    for name in ("net", "vat", "gross", "prepaid", "due"):
        if getattr(again.totals, name) != getattr(invoice.totals, name):
            findings.append(READ_BACK.found(f"totals.{name}", detail=f"totals.{name}"))
    return again, findings
