"""The rules of this program on an e-invoice of anybody: what the official sheets do not look at.

Of a seller outside France only the families of `EVERYWHERE` are judged, and nothing of theirs blocks, because French law does not bind
him.
"""

from __future__ import annotations

from datetime import date

from xlbridge.errors import NotChecked, UnreadableFile
from xlbridge.findings import Finding, Severity
from xlbridge.official.message import Message, Syntax

EVERYWHERE = ("FR-IDE", "FR-MNT", "FR-DAT", "FR-REF-05")  # identifiers, amounts, dates, and what a message says of itself


def own_findings(message: Message) -> list[Finding]:
    """What the catalogue finds in `message`, whose issue date decides (today, where it has none that can be read).

    Raises NotChecked when the message cannot be read as an invoice, or when it holds amounts that cannot be computed with.
    """
    from xlbridge.render import cii_reader, ubl_reader
    from xlbridge.rules.catalogue import Context, catalogue, judge

    reader = cii_reader if message.syntax is Syntax.CII else ubl_reader
    try:
        invoice = reader.read(message.tree)
        context = Context(day=invoice.issue_date or date.today(), own=False)  # noqa: DTZ011
        if message.french:
            return judge(invoice, context)
        found = judge(invoice, context, {code for code in catalogue() if code.startswith(EVERYWHERE)})
        return [finding if finding.severity is Severity.NOTE else finding.weighing(Severity.WARNING) for finding in found]
    except UnreadableFile as error:
        raise NotChecked(error.message, error.remedy) from error
    except ArithmeticError as error:
        raise NotChecked("Un montant de la facture est trop grand pour être calculé.", "Vérifiez les montants de la facture.") from error
