"""Invoices as rows of our template's tables: the way back from `template`, for the register, examples and migrations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from xlbridge.clients import Client
from xlbridge.errors import CannotRender
from xlbridge.legal_texts import exemptions, find_exemption
from xlbridge.model import Invoice, Line, Party
from xlbridge.model.codes import SCHEME_DIRECTORY
from xlbridge.model.money import total
from xlbridge.model.totals import line_net
from xlbridge.workbook.template_layout import ARTICLES, CLIENTS, DRAFTS, LINES, NATURES, REGISTER, REGISTER_LINES, TABLES, TYPES

# Columns of a line that an article may say in its place; rate and reason only together.
SHARED = (("Désignation",), ("Unité",), ("P.U. HT",), ("TVA %", "Motif d'exonération"))
CLIENT_ATTRIBUTES = {
    "Nom": "name",
    "SIREN": "siren",
    "SIRET": "siret",
    "TVA": "vat_number",
    "Adresse": "address",
    "Code postal": "postcode",
    "Ville": "city",
    "Pays": "country",
    "Adresse électronique": "electronic_address",
    "E-mail": "email",
    "Délai": "terms",
    "Service": "service",
    "Engagement": "commitment",
}
Cells = dict[str, Any]
"""A row: values by column name. `Percent` marks a percentage in a column that also takes amounts."""


@dataclass(frozen=True)
class Percent:
    """A percentage in points, to be shown as one."""

    points: Decimal


@dataclass
class TemplateRows:
    """The rows of every table, by sheet."""

    tables: dict[str, list[Cells]] = field(
        default_factory=lambda: {name: [] for name in (DRAFTS, LINES, CLIENTS, ARTICLES, REGISTER, REGISTER_LINES)}
    )
    codes: dict[Party, str] = field(default_factory=dict)
    articles: dict[str, Cells] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)


def rows_of(invoices: Iterable[Invoice], clients: Iterable[Client] = ()) -> TemplateRows:
    """The rows of `invoices`: those with a number for the register, the others as drafts B1, B2 …; articles from them, and the clients
    that are not among `clients`, which come first. What a draft's line shares with its article is left empty.

    The compulsory mentions (notes with a code) are not rows: they come from the company. Raises CannotRender where an invoice holds what
    the tables have no column for.
    """
    rows = TemplateRows()
    for client in clients:
        _client_row(client, rows)
    for invoice in invoices:
        _refuse_what_has_no_column(invoice)
        issued = invoice.number is not None
        key_name, key = ("Numéro", invoice.number) if issued else ("Brouillon", f"B{len(rows.tables[DRAFTS]) + 1}")
        head = {key_name: key, **head_cells(invoice, _client_code(invoice, rows))}
        if issued:
            totals = invoice.totals
            head |= {"Total HT": totals.net, "TVA": totals.vat, "Total TTC": totals.gross, "Net à payer": totals.due}
        rows.tables[REGISTER if issued else DRAFTS].append(head)
        rows.tables[REGISTER_LINES if issued else LINES] += [{key_name: key, **_line(line, rows, issued=issued)} for line in invoice.lines]
    return rows


def head_cells(invoice: Invoice, client: str | None) -> Cells:
    """The columns that « Factures » and « Registre » share; `client`: the buyer's code in « Clients »."""
    percents = {item.percent for item in invoice.allowances}
    percent = percents.pop() if len(percents) == 1 else None
    discount = total(item.amount for item in invoice.allowances) if invoice.allowances else None
    span = invoice.period
    delivery = invoice.delivery.date if invoice.delivery else None
    natures = {word[0]: word for word in NATURES}
    return {
        "Type": next((word for word, code in TYPES.items() if code == invoice.type_code), None),
        "Date": invoice.issue_date,
        "Échéance": invoice.due_date,
        "Client": client,
        "Nature": natures.get((invoice.business_process or " ")[0]),
        "Commande client": invoice.order_reference,
        "Livraison": f"du {_day(span.start)} au {_day(span.end)}" if span and span.start and span.end else delivery,
        "Facture d'origine": " ; ".join(
            f"{item.number} du {_day(item.issue_date)}" if item.issue_date else item.number for item in invoice.preceding_invoices
        )
        or None,
        "Acompte déduit": invoice.totals.prepaid,
        "Remise": _percent(percent) or discount,
        "Note": "\n".join(note.text for note in invoice.notes if note.subject_code is None) or None,
    }


def line_cells(line: Line) -> Cells:
    """The columns that « Lignes » and « Registre lignes » share, each written out, also where an article says the same."""
    reason = find_exemption(line.vat_reason or line.vat_reason_code or "")
    return {
        "Article": line.seller_item_id,
        "Désignation": "\n".join(text for text in (line.name, line.description) if text) or None,
        "Quantité": line.quantity,
        "Unité": line.unit_label,
        "P.U. HT": line.unit_price,
        "Remise %": _percent(line.allowances[0].percent) if line.allowances else None,
        "TVA %": _percent(line.vat_rate) if reason is None else None,
        "Motif d'exonération": reason.label if reason else line.vat_reason,
        "Total HT": line_net(line),
    }


def _line(line: Line, rows: TemplateRows, *, issued: bool) -> Cells:
    """The row of a line; the article that it names is made at its first line. A draft leaves to the article what it says alike."""
    cells = line_cells(line)
    code = line.seller_item_id
    if code and code not in rows.articles:
        shared = {column.name: cells.get(column.name) for column in TABLES[ARTICLES]}
        rows.articles[code] = shared | {"Code": code}
        rows.tables[ARTICLES].append(rows.articles[code])
    if code and not issued:
        alike = [names for names in SHARED if all(cells.get(name) == rows.articles[code].get(name) for name in names)]
        cells |= dict.fromkeys((name for names in alike for name in names), None)
    return cells


def _client_row(client: Client, rows: TemplateRows) -> None:
    """The row of a client of the list."""
    code = client.code or f"C{len(rows.tables[CLIENTS]) + 1:03}"
    rows.known[client.siren or client.name or ""] = code
    texts = {name: getattr(client, attribute) for name, attribute in CLIENT_ATTRIBUTES.items()}
    rows.tables[CLIENTS].append({"Code": code} | texts | {"Type": client.kind.value if client.kind else None})


def _client_code(invoice: Invoice, rows: TemplateRows) -> str:
    """The code of the buyer's row in « Clients », which is made at its first invoice."""
    buyer = invoice.buyer
    known = rows.known.get(buyer.siren or buyer.name or "")
    if known:
        return known
    if buyer not in rows.codes:
        rows.codes[buyer] = f"C{len(rows.codes) + 1:03}"
        address, endpoint = buyer.address, buyer.electronic_address
        bare = endpoint is None or endpoint.scheme == ("EM" if "@" in endpoint.value else SCHEME_DIRECTORY)
        scheme = "" if bare or endpoint is None else f"{endpoint.scheme}:"
        consumer = any(note.subject_code == "BAR" and note.text == "B2C" for note in invoice.notes)
        kind = "particulier" if consumer else "public" if invoice.buyer_reference else "professionnel" if buyer.legal_id else None
        rows.tables[CLIENTS].append(
            {
                "Code": rows.codes[buyer],
                "Nom": buyer.name,
                "Type": kind,
                "SIREN": buyer.siren,
                "SIRET": buyer.siret,
                "TVA": buyer.vat_number,
                "Adresse": "\n".join(address.lines) if address else None,
                "Code postal": address.postcode if address else None,
                "Ville": address.city if address else None,
                "Pays": address.country if address else None,
                "Adresse électronique": f"{scheme}{endpoint.value}" if endpoint else None,
                "E-mail": buyer.contact.email if buyer.contact else None,
                "Service": invoice.buyer_reference,
            }
        )
    return rows.codes[buyer]


def _refuse_what_has_no_column(invoice: Invoice) -> None:
    """Nothing is dropped in silence: charges, several discounts on a line, price bases and other currencies have no column."""
    reasons = {item.code for item in exemptions()}
    faults = {
        "des frais ajoutés": bool(invoice.charges) or any(line.charges for line in invoice.lines),
        "plusieurs remises sur une ligne": any(len(line.allowances) > 1 for line in invoice.lines),
        "une remise de ligne sans pourcentage": any(item.percent is None for line in invoice.lines for item in line.allowances),
        "un prix pour plusieurs unités": any(line.price_base_quantity not in {None, 1} for line in invoice.lines),
        f"la devise {invoice.currency}": invoice.currency not in {None, "EUR"},
        f"le type {invoice.type_code}": invoice.type_code not in {None, *TYPES.values()},
        "un motif d’exonération sans code connu": any(line.vat_reason_code not in {None, *reasons} for line in invoice.lines),
    }
    present = [name for name, found in faults.items() if found]
    if present:
        raise CannotRender(f"La facture {invoice.number or ''} ne tient pas dans le modèle : {', '.join(present)}.")


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def _percent(points: Decimal | None) -> Percent | None:
    return None if points is None else Percent(points)
