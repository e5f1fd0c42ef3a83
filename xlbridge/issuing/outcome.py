"""What is asked of a run of `issue`, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from xlbridge.errors import ExitCode
from xlbridge.findings import Finding, Rule, Severity
from xlbridge.issuing.places import Places
from xlbridge.issuing.transaction import Issued, Options, Planned

USUAL_PLACES, USUAL = Places(), Options()
NOT_MOVED = Rule(
    "REG-120", Severity.WARNING, "Classeur non mis à jour",
    "Les documents sont émis, mais le classeur n’a pas pu être mis à jour : {message}",
    "{remedy} Puis relancez la commande : elle range ce qui est émis, sans le refaire.",
)  # fmt: skip
MOVED_LATER = Rule(
    "REG-121", Severity.NOTE, "Brouillon déjà émis, rangé", "Le brouillon {draft} avait été émis sous le numéro {number} ; il est rangé.",
    "rien : le classeur suit de nouveau le registre.",
)  # fmt: skip


@dataclass(frozen=True)
class Request:
    """What the user asked for: the draft keys (None: all), and how."""

    workbook: Path
    keys: tuple[str, ...] | None = None
    dry_run: bool = False
    places: Places = USUAL_PLACES
    options: Options = USUAL


@dataclass
class Run:
    """What was planned and what came of it."""

    request: Request
    ledger: str | None = None
    planned: list[Planned] = field(default_factory=list)
    issued: list[Issued] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    confirmed: bool = False
    backup: Path | None = None

    @property
    def exit_code(self) -> ExitCode:
        """1 where a draft was refused or the workbook does not follow."""
        refused = any(item.made is None for item in self.planned) or any(item.link is None for item in self.issued)
        behind = any(finding.code == NOT_MOVED.code for finding in self.findings)
        return ExitCode.BLOCKING_FINDINGS if refused or behind else ExitCode.OK

    def as_json(self) -> dict[str, Any]:
        """What `--json` prints: a document per draft, with its `status` (planned, issued, refused), number, files and findings."""
        done = {item.draft.entry.key: item for item in self.issued}
        return {
            "workbook": str(self.request.workbook),
            "ledger": self.ledger,
            "dry_run": self.request.dry_run,
            "documents": [_document_json(item, done.get(item.draft.entry.key)) for item in self.planned],
            "backup": str(self.backup) if self.backup else None,
            "findings": [finding.as_json() for finding in self.findings],
        }


def _document_json(item: Planned, issued: Issued | None) -> dict[str, Any]:
    last = replace(item, draft=issued.draft) if issued else item
    invoice = (issued and issued.invoice) or last.draft.invoice
    done = issued is not None and issued.link is not None
    number = invoice.number if done else item.numbered.number if item.numbered and issued is None else None
    return {
        "draft": last.draft.entry.key,
        "status": "issued" if done else "planned" if item.made and issued is None else "refused",
        "number": number,
        "issue_date": invoice.issue_date.isoformat() if invoice.issue_date else None,
        "type_code": invoice.type_code,
        "buyer": invoice.buyer.name,
        "totals": {
            name: str(value) if (value := getattr(invoice.totals, name)) is not None else None for name in ("net", "vat", "gross", "due")
        },
        "record": issued.link.seq if issued and issued.link else None,
        "pdf": f"{issued.pdf}.pdf" if issued and issued.pdf else None,
        "xml": f"{issued.xml}.xml" if issued and issued.xml else None,
        "findings": [finding.as_json() for finding in last.draft.findings],
    }
