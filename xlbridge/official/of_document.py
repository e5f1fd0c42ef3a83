"""What the official sheets would say of an invoice that is still in its workbook: in French, and on the field that is at fault."""

from __future__ import annotations

from collections.abc import Sequence

from xlbridge.findings import Finding, Severity
from xlbridge.model import Invoice
from xlbridge.model.profile import Profile
from xlbridge.official.judge import EMPTY_ELEMENT, judge
from xlbridge.official.message import parse
from xlbridge.official.sentences import explained
from xlbridge.official.trace import located
from xlbridge.rules.reform_calendar import in_scope

# A consumer, or a firm abroad, is in no directory: the invoice is handed over, and the sale reported, but never sent through a platform
# (CGI art. 289 bis and 290).
_BUYER_ADDRESS = "BR-FR-12_BT-49"


def official_findings(invoice: Invoice, *, french: bool) -> list[Finding]:
    """The findings of schema and sheets on the message that `invoice` would give, each with its field, and once for one field (a rule
    of the lines that blames the seller is told of every line); `french`: BR-FR too.

    The profile is EN 16931 where the lines are known, else BASIC WL. Raises NotChecked when the engine cannot tell, CannotRender when
    the invoice lacks what the message cannot do without: it was then not judged.
    """
    from xlbridge.render.cii import write

    profile = Profile.EN16931 if invoice.lines else Profile.BASIC_WL
    xml = write(invoice, profile)
    return concerning(invoice, xml, judge(xml, profile, french=french, ours=True))


def concerning(invoice: Invoice, xml: bytes, findings: Sequence[Finding]) -> list[Finding]:
    """What of `findings` on the message `xml` is for the user to hear: in French, and on the field at fault."""
    address = invoice.buyer.address
    abroad = address is not None and address.country is not None and in_scope(address) is False
    unlisted = abroad or any(note.subject_code == "BAR" and note.text.startswith("B2C") for note in invoice.notes)
    findings = [
        finding.weighing(Severity.NOTE) if unlisted and finding.code == _BUYER_ADDRESS else finding
        for finding in findings
        if finding.code != EMPTY_ELEMENT  # about the writing, not about the user's invoice
    ]
    if not findings:
        return []
    once = {(finding.code, finding.field, finding.message): finding for finding in located(findings, parse(xml))}
    return [explained(finding) for finding in once.values()]
