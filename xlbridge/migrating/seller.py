"""The company of the new workbook: the one of the settings, else the seller that all documents name, as far as they agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from xlbridge.company import FILE_NAME, Company, VatRegime, company_from, load_company
from xlbridge.errors import WrongUse
from xlbridge.findings import Cell, Finding
from xlbridge.folding import firm_name, folded
from xlbridge.migrating import rules
from xlbridge.migrating.sources import Old
from xlbridge.model import Invoice
from xlbridge.workbook.template_layout import COMPANY_ROWS

LABELS = {attribute: label for label, attribute, _ in COMPANY_ROWS}
WANTED = ("siren", "siret", "vat_number", "address", "postcode", "city", "iban", "legal_form", "activity", "tax_point")
SETTINGS = "Donnez vos données par --company entreprise.toml."


def company_file(paths: Iterable[Path], explicit: Path | None) -> Path | None:
    """`--company`, else the one `entreprise.toml` beside the old workbooks. Raises WrongUse where there are several."""
    if explicit is not None:
        return explicit
    found = sorted({beside for path in paths if (beside := path.parent / FILE_NAME).is_file()})
    if len(found) > 1:
        raise WrongUse(f"Il y a plusieurs {FILE_NAME} : {', '.join(f'« {path} »' for path in found)}.", "Choisissez-en un par --company.")
    return found[0] if found else None


def company_for(file: Path | None, documents: Sequence[Old]) -> tuple[Company | None, list[Finding]]:
    """The company, and what is not certain of it; None where no document names a seller."""
    return (load_company(file), []) if file else _of_documents(documents)


def _of_documents(documents: Sequence[Old]) -> tuple[Company | None, list[Finding]]:
    told = [old for old in documents if old.past.invoice.seller.name]
    _refuse_several(told)
    if not told:
        return None, []
    findings: list[Finding] = []
    told.sort(key=lambda old: old.past.invoice.issue_date.toordinal() if old.past.invoice.issue_date else 0)
    values: dict[str, Any] = {}
    for name in ("name", "siren", "siret", "vat_number", "address", "postcode", "city", "country", "email", "telephone", "iban"):
        found: dict[str, tuple[str, Cell | None]] = {}
        for old in told:
            if text := _value(old.past.invoice, name):
                found[firm_name(text) if name == "name" else folded(text)] = (text, old.document.origin.get(f"seller.{name}", old.cell))
        if found and (len(found) == 1 or name == "name"):
            values[name] = list(found.values())[-1][0]
        if len(found) > 1:
            shown = " ou ".join(f"« {text} » ({cell})" for text, cell in found.values())
            cell = next(iter(found.values()))[1]
            taken = "Le dernier est repris" if name == "name" else "La case reste vide"
            findings.append(rules.SELLER_CONFLICT.found(f"seller.{name}", None, cell, what=LABELS[name], values=shown, taken=taken))
    regime = _regime(documents)
    company, faults = company_from(values | {"vat_regime": regime.value}, "les factures")
    findings += [rules.SELLER_FALSE.found("seller", fault=fault.message) for fault in faults]
    if company is not None:
        missing = ", ".join(LABELS[name] for name in WANTED if getattr(company, name) is None) or "rien"
        findings.append(rules.SELLER_READ.found("seller", missing=missing, regime=regime.value))
    return company, findings


def _refuse_several(told: Sequence[Old]) -> None:
    """Raise WrongUse where the documents are of several sellers."""
    sirens = {siren: old for old in told if (siren := old.past.invoice.seller.siren)}
    names = {firm_name(old.past.invoice.seller.name or ""): old for old in told}
    several = sirens if len(sirens) > 1 else names if not sirens and len(names) > 1 else {}
    if several:
        shown = " ; ".join(f"« {old.past.invoice.seller.name} » ({old.cell})" for old in list(several.values())[:5])
        raise WrongUse(f"Ces classeurs nomment plusieurs vendeurs : {shown}.", f"{SETTINGS} Les documents des autres restent alors dehors.")


def _value(invoice: Invoice, name: str) -> str | None:
    """What a document says of its seller."""
    seller = invoice.seller
    if name == "iban":
        return next((account.iban for account in invoice.payment.accounts if account.iban), None) if invoice.payment else None
    if name in {"email", "telephone"}:
        return getattr(seller.contact, name, None)
    if name == "address":
        return "\n".join(seller.address.lines) or None if seller.address else None
    found: str | None = getattr(seller if name in {"name", "siren", "siret", "vat_number"} else seller.address, name, None)
    return found


def _regime(documents: Sequence[Old]) -> VatRegime:
    """« franchise » where no document charges VAT and one says art. 293 B, else the normal one, which the user is told."""
    invoices = [old.past.invoice for old in documents]
    if any(invoice.totals.vat or any(line.vat_rate for line in invoice.lines) for invoice in invoices):
        return VatRegime.NORMAL
    says = any("293 b" in folded(note.text) for invoice in invoices for note in invoice.notes)
    return VatRegime.FRANCHISE if says else VatRegime.NORMAL
