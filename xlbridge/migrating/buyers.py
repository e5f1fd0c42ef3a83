"""The buyers of many documents as clients, one row each: by SIREN, else by name and postcode; what contradicts itself is told.

The newest document decides where the values follow each other in time (a move, a new address). Where old and new alternate, or an
identifier is not the same, the cell stays empty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from xlbridge.clients import Client, ClientKind
from xlbridge.findings import Cell, Finding
from xlbridge.folding import folded
from xlbridge.migrating import rules
from xlbridge.model import Invoice, Party
from xlbridge.model.codes import SCHEME_DIRECTORY
from xlbridge.workbook.template_rows import Cells

Key = tuple[str, ...]
ADDRESS = ("address", "postcode", "city")
IDENTIFIERS = ("siren", "siret", "vat_number", "service", "commitment")
FOLLOWING = ("name", "country", "electronic_address", "email", "terms")
NAMES = {
    "name": "nom", "siren": "SIREN", "siret": "SIRET", "vat_number": "numéro de TVA", "service": "service", "commitment": "engagement",
    "country": "pays", "electronic_address": "adresse électronique", "email": "e-mail", "terms": "délai", "kind": "type",
    "code": "code",
}  # fmt: skip
COLUMNS = {
    "Code": "code", "Nom": "name", "Type": "kind", "SIREN": "siren", "SIRET": "siret", "TVA": "vat_number", "Adresse": "address",
    "Code postal": "postcode", "Ville": "city", "Pays": "country", "Adresse électronique": "electronic_address", "E-mail": "email",
    "Délai": "terms", "Service": "service", "Engagement": "commitment",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Met:
    """A buyer as one document, or the client list (`day` is then the last of all days), tells it."""

    client: Client
    day: date
    cell: Cell | None


@dataclass
class Buyers:
    """The clients by the key of their group; `group_of`: the key under which a buyer's own key went."""

    clients: dict[Key, Client] = field(default_factory=dict)
    group_of: dict[Key, Key] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def code(self, buyer: Party) -> str | None:
        """The code in « Clients » of a document's buyer."""
        return None if buyer.name is None else self.clients[self.group_of[key_of(buyer)]].code

    def rows(self) -> list[Cells]:
        """The rows of « Clients »."""
        return [{column: getattr(client, name) for column, name in COLUMNS.items()} for client in self.clients.values()]


def key_of(buyer: Party) -> Key:
    """What tells a buyer from the others: SIREN, foreign VAT number, else name and postcode."""
    vat_number = buyer.vat_number or ""
    siren = buyer.siren or (vat_number[4:] if vat_number.startswith("FR") and len(vat_number) == 13 else None)
    if siren:
        return "siren", siren
    if vat_number:
        return "tva", vat_number
    return "nom", folded(buyer.name or ""), folded((buyer.address and buyer.address.postcode) or "")


def buyers_of(invoices: Iterable[tuple[Invoice, str | None, Cell | None]], listed: Sequence[Client]) -> Buyers:
    """The clients of `listed` and of the invoices, each of these with the kind that is known of its buyer and the cell of the name."""
    groups: dict[Key, list[Met]] = defaultdict(list)
    for client in listed:
        groups[key_of(client.party)].append(Met(client, date.max, None))
    for invoice, kind, cell in invoices:
        if invoice.buyer.name is not None:
            groups[key_of(invoice.buyer)].append(Met(_client(invoice, kind), invoice.issue_date or date.min, cell))
    made = Buyers()
    made.group_of = _joined(groups, made.findings)
    whole: dict[Key, list[Met]] = defaultdict(list)
    for key, met in groups.items():
        whole[made.group_of[key]] += met
    taken = {folded(client.code) for client in listed if client.code}
    for key, met in whole.items():
        client = _merged(sorted(met, key=lambda item: item.day), made.findings)
        code = client.code or next(name for at in range(len(made.clients) + 1, 10**6) if folded(name := f"C{at:03}") not in taken)
        taken.add(folded(code))
        made.clients[key] = client.model_copy(update={"code": code})
    open_kinds = [client.name for client in made.clients.values() if client.kind is None]
    if open_kinds:
        shown = ", ".join(f"« {name} »" for name in open_kinds[:5]) + (" …" if len(open_kinds) > 5 else "")
        made.findings.append(rules.KIND_OPEN.found("buyer", count=len(open_kinds), clients=shown, names=open_kinds))
    return made


def _client(invoice: Invoice, kind: str | None) -> Client:
    """The buyer of an invoice as a client; its kind only where it is certain."""
    buyer = invoice.buyer
    address, endpoint = buyer.address, buyer.electronic_address
    own = endpoint is not None and (endpoint.scheme, endpoint.value) != (SCHEME_DIRECTORY, buyer.siren)
    bare = endpoint is None or endpoint.scheme == ("EM" if "@" in endpoint.value else SCHEME_DIRECTORY)
    return Client(
        name=buyer.name or "",
        kind=ClientKind(kind) if kind else _certain_kind(invoice),
        siren=buyer.siren,
        siret=buyer.siret,
        vat_number=buyer.vat_number,
        address="\n".join(address.lines) or None if address else None,
        postcode=address.postcode if address else None,
        city=address.city if address else None,
        country=address.country if address else None,
        electronic_address=(endpoint.value if bare else f"{endpoint.scheme}:{endpoint.value}") if endpoint and own else None,
        email=buyer.contact.email if buyer.contact else None,
        service=invoice.buyer_reference,
    )


def _certain_kind(invoice: Invoice) -> ClientKind | None:
    """The kind that a document proves: a consumer by its note B2C, a firm by its VAT number or its SIREN.

    A SIREN that opens with 1 or 2 is that of a public body (INSEE), and a service code is asked by one: left open.
    """
    buyer = invoice.buyer
    if any(note.subject_code == "BAR" and note.text == "B2C" for note in invoice.notes):
        return ClientKind.CONSUMER
    if invoice.buyer_reference or (buyer.siren and buyer.siren[0] in "12"):
        return None
    return ClientKind.BUSINESS if buyer.siren or buyer.vat_number else None


def _joined(groups: Mapping[Key, list[Met]], findings: list[Finding]) -> dict[Key, Key]:
    """The group that each key belongs to: a name without number goes to the only one of its name that its postcode does not contradict."""
    by_name: dict[str, set[Key]] = defaultdict(set)
    postcodes: dict[Key, set[str]] = {}
    for key, met in groups.items():
        postcodes[key] = {folded(item.client.postcode) for item in met if item.client.postcode}
        for item in met:
            by_name[folded(item.client.name)].add(key)
    final = {key: key for key in groups}
    names = sorted((key for key in groups if key[0] == "nom"), key=lambda key: not key[2])  # those with a postcode first
    for key in names:
        others = {final[other] for other in by_name[key[1]] if other != key and (other[0] != "nom" or other[2])}
        exact = [other for other in others if key[2] in postcodes[other]]
        open_ones = [other for other in others if not key[2] or not postcodes[other]]
        if len(exact) == 1 or (len(others) == 1 and open_ones):
            final[key] = (exact or open_ones)[0]
        elif others:
            first, count = groups[key][0], len(others) + 1
            findings.append(rules.CLIENT_UNSURE.found("buyer.name", "BT-44", first.cell, client=first.client.name, count=count))
    return final


def _merged(met: Sequence[Met], findings: list[Finding]) -> Client:
    """One client of all that was met of it, the oldest first."""
    newest = met[-1].client
    values: dict[str, object] = {}
    for name in (*IDENTIFIERS, "kind", "code"):
        values[name] = _only(name, met, newest.name, findings)
    for name in FOLLOWING:
        values[name] = _last(name, met, newest.name, findings)
    return Client.model_validate(values | _address(met, newest.name, findings))


def _only(name: str, met: Sequence[Met], client: str, findings: list[Finding]) -> object:
    """The one value that all say who say one; None, with a finding, where there are two."""
    found = {folded(str(value)): item for item in met if (value := getattr(item.client, name)) is not None}
    if len(found) > 1:
        values = _shown((str(getattr(item.client, name)), item.cell) for item in found.values())
        cell = next((item.cell for item in found.values() if item.cell), None)
        findings.append(rules.CLIENT_CONFLICT.found(f"buyer.{name}", None, cell, client=client, what=NAMES[name], values=values))
        return None
    return next((getattr(item.client, name) for item in found.values()), None)


def _last(name: str, met: Sequence[Met], client: str, findings: list[Finding]) -> object:
    """The newest value, with a finding where an older one differs; None where they alternate. A name is never left empty."""
    told = [item for item in met if getattr(item.client, name) is not None]
    texts = [folded(str(getattr(item.client, name))) for item in told]
    if len(set(texts)) <= 1:
        return getattr(told[-1].client, name) if told else None
    new, old = told[-1], next(item for item, text in zip(reversed(told), reversed(texts), strict=True) if text != texts[-1])
    pair: dict[str, Any] = {"client": client, "what": NAMES[name]}
    if name == "name" or _follow(told, texts):
        shown: dict[str, Any] = {"new": getattr(new.client, name), "old": getattr(old.client, name)}
        findings.append(rules.CLIENT_MOVED.found(f"buyer.{name}", None, new.cell or old.cell, **pair, **shown))
        return shown["new"]
    values = _shown((str(getattr(item.client, name)), item.cell) for item in (old, new))
    findings.append(rules.CLIENT_CONFLICT.found(f"buyer.{name}", None, new.cell, **pair, values=values))
    return None


def _follow(told: Sequence[Met], texts: Sequence[str]) -> bool:
    """Whether the last text begins on a day after all others, and stays."""
    others = [item.day for item, text in zip(told, texts, strict=True) if text != texts[-1]]
    return max(others) < min(item.day for item, text in zip(told, texts, strict=True) if text == texts[-1])


def _address(met: Sequence[Met], client: str, findings: list[Finding]) -> dict[str, str | None]:
    """The address as a whole: never a street of one and a town of another."""
    told = [item for item in met if any(getattr(item.client, name) for name in ADDRESS)]
    if not told:
        return {}
    newest = told[-1]
    whole: dict[str, str | None] = {name: getattr(newest.client, name) for name in ADDRESS}
    same = [not _differs(item.client, whole) for item in told]
    for item, is_same in zip(reversed(told), reversed(same), strict=True):
        if is_same and not _differs(item.client, whole):
            whole |= {name: value for name in ADDRESS if not whole[name] and (value := getattr(item.client, name))}
    if all(not _differs(item.client, whole) for item in told):
        return whole
    old = next(item for item in reversed(told) if _differs(item.client, whole))
    facts: dict[str, Any] = {"client": client, "what": "adresse"}
    texts = ["" if not _differs(item.client, whole) else "autre" for item in told]
    if _follow(told, texts):
        shown: dict[str, Any] = {"new": _on_one_line(newest.client), "old": _on_one_line(old.client)}
        findings.append(rules.CLIENT_MOVED.found("buyer.address", "BG-8", newest.cell or old.cell, **facts, **shown))
        return whole
    values = _shown((_on_one_line(item.client), item.cell) for item in (old, newest))
    findings.append(rules.CLIENT_CONFLICT.found("buyer.address", "BG-8", newest.cell, **facts, values=values))
    return dict.fromkeys(ADDRESS)


def _differs(client: Client, whole: Mapping[str, str | None]) -> bool:
    return any(own and whole[name] and folded(own) != folded(whole[name] or "") for name in ADDRESS if (own := getattr(client, name)))


def _on_one_line(client: Client) -> str:
    return ", ".join(part.replace("\n", ", ") for name in ADDRESS if (part := getattr(client, name)))


def _shown(values: Iterable[tuple[str, Cell | None]]) -> str:
    return " ou ".join(f"« {value} » ({cell or 'liste des clients'})" for value, cell in values)
