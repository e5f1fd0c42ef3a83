"""The firm's clients, and finding one by the name a workbook writes.

>>> clients = Clients((Client(name="SARL Dupré & Fils", siren="356000000"),))
>>> clients.find("Dupre et fils") is None, clients.find("DUPRÉ & FILS (sarl)").siren
(True, '356000000')
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from xlbridge.company import electronic_address, postal_address
from xlbridge.findings import Finding
from xlbridge.folding import firm_name, folded
from xlbridge.model import Contact, Identifier, Party
from xlbridge.model.codes import SCHEME_SIREN, SCHEME_SIRET
from xlbridge.model.term import Data


class ClientKind(StrEnum):
    """What the client is; the reform, the mentions and the way to the client depend on it."""

    BUSINESS = "professionnel"
    CONSUMER = "particulier"
    PUBLIC = "public"


class Client(Data):
    """One client. `code` is the key of a template, `terms` the agreed delay (« 30 », « 45 jours fin de mois »)."""

    name: str
    code: str | None = None
    kind: ClientKind | None = None
    siren: str | None = None
    siret: str | None = None
    vat_number: str | None = None
    address: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str | None = None
    electronic_address: str | None = None
    email: str | None = None
    terms: str | None = None
    service: str | None = None
    commitment: str | None = None

    @cached_property
    def party(self) -> Party:
        """The buyer (BG-7). By default a firm's electronic address is its SIREN in the French directory, a consumer's the e-mail."""
        siren = self.siren or (self.siret[:9] if self.siret else None)
        default = {ClientKind.BUSINESS: siren, ClientKind.CONSUMER: self.email}.get(self.kind) if self.kind else None
        return Party(
            name=self.name or None,
            identifiers=(Identifier(value=self.siret, scheme=SCHEME_SIRET),) if self.siret else (),
            legal_id=Identifier(value=siren, scheme=SCHEME_SIREN) if siren else None,
            vat_number=self.vat_number,
            electronic_address=electronic_address(self.electronic_address, default),
            address=postal_address(self.address, self.postcode, self.city, self.country),
            contact=Contact(email=self.email) if self.email else None,
        )


@dataclass(frozen=True)
class Clients:
    """A client list with what reading it had to say. `source` is the name of its file."""

    clients: tuple[Client, ...] = ()
    findings: tuple[Finding, ...] = ()
    source: str = ""

    def find(self, name: str) -> Client | None:
        """The one client of that name, legal form and typography aside; None where there is none, or more than one."""
        found = self.named(name)
        return found[0] if len(found) == 1 else None

    def named(self, name: str) -> tuple[Client, ...]:
        """Every different client that `name` may mean: those of exactly this name, else those of this name without legal form."""
        wanted = folded(name)
        candidates = self._by_name.get(firm_name(name), ())
        exact = tuple(client for client in candidates if folded(client.name) == wanted)
        return exact or candidates

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[Client, ...]]:
        index: dict[str, dict[Client, None]] = {}
        for client in self.clients:
            index.setdefault(firm_name(client.name), {})[client] = None
        return {name: tuple(same) for name, same in index.items()}
