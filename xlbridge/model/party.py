"""Parties of an invoice: seller BG-4, buyer BG-7, payee BG-10, tax representative BG-11, deliver-to BG-13."""

from __future__ import annotations

from typing import Annotated

from xlbridge.model.codes import SCHEME_SIREN, SCHEME_SIRET
from xlbridge.model.term import Data, Term


class Identifier(Data):
    """An identifier with its scheme (ISO/IEC 6523 ICD), as 0002 SIREN, 0009 SIRET, 0088 GLN."""

    value: str
    scheme: str | None = None


class PostalAddress(Data):
    """A postal address: BG-5, BG-8, BG-12, BG-15."""

    line1: Annotated[
        str | None,
        Term(seller__address="BT-35", buyer__address="BT-50", tax_representative__address="BT-64", delivery__address="BT-75"),
    ] = None
    line2: Annotated[
        str | None,
        Term(seller__address="BT-36", buyer__address="BT-51", tax_representative__address="BT-65", delivery__address="BT-76"),
    ] = None
    line3: Annotated[
        str | None,
        Term(seller__address="BT-162", buyer__address="BT-163", tax_representative__address="BT-164", delivery__address="BT-165"),
    ] = None
    city: Annotated[
        str | None,
        Term(seller__address="BT-37", buyer__address="BT-52", tax_representative__address="BT-66", delivery__address="BT-77"),
    ] = None
    postcode: Annotated[
        str | None,
        Term(seller__address="BT-38", buyer__address="BT-53", tax_representative__address="BT-67", delivery__address="BT-78"),
    ] = None
    subdivision: Annotated[
        str | None,
        Term(seller__address="BT-39", buyer__address="BT-54", tax_representative__address="BT-68", delivery__address="BT-79"),
    ] = None
    country: Annotated[
        str | None,
        Term(seller__address="BT-40", buyer__address="BT-55", tax_representative__address="BT-69", delivery__address="BT-80"),
    ] = None

    @property
    def lines(self) -> list[str]:
        """The street lines that are filled, in order."""
        return [line for line in (self.line1, self.line2, self.line3) if line]


class Contact(Data):
    """Contact of a seller (BG-6) or buyer (BG-9)."""

    name: Annotated[str | None, Term(seller__contact="BT-41", buyer__contact="BT-56")] = None
    telephone: Annotated[str | None, Term(seller__contact="BT-42", buyer__contact="BT-57")] = None
    email: Annotated[str | None, Term(seller__contact="BT-43", buyer__contact="BT-58")] = None


class Party(Data):
    """A party; which of its fields may be filled depends on its place (a payee has neither address nor VAT number)."""

    name: Annotated[str | None, Term(seller="BT-27", buyer="BT-44", payee="BT-59", tax_representative="BT-62", delivery="BT-70")] = None
    trading_name: Annotated[str | None, Term(seller="BT-28", buyer="BT-45")] = None
    identifiers: Annotated[tuple[Identifier, ...], Term(seller="BT-29", buyer="BT-46", payee="BT-60", delivery="BT-71")] = ()
    legal_id: Annotated[Identifier | None, Term(seller="BT-30", buyer="BT-47", payee="BT-61")] = None
    vat_number: Annotated[str | None, Term(seller="BT-31", buyer="BT-48", tax_representative="BT-63")] = None
    tax_registration: Annotated[str | None, Term(seller="BT-32")] = None
    legal_information: Annotated[str | None, Term(seller="BT-33")] = None
    electronic_address: Annotated[Identifier | None, Term(seller="BT-34", buyer="BT-49")] = None
    address: Annotated[PostalAddress | None, Term(seller="BG-5", buyer="BG-8", tax_representative="BG-12", delivery="BG-15")] = None
    contact: Annotated[Contact | None, Term(seller="BG-6", buyer="BG-9")] = None

    @property
    def siren(self) -> str | None:
        """The nine digits of the legal registration (scheme 0002), or those that open the SIRET."""
        if self.legal_id and self.legal_id.scheme == SCHEME_SIREN:
            return self.legal_id.value
        return self.siret[:9] if self.siret else None

    @property
    def siret(self) -> str | None:
        """The fourteen digits of the establishment (scheme 0009)."""
        for item in self.identifiers:
            if item.scheme == SCHEME_SIRET:
                return item.value
        return None

    @property
    def country(self) -> str | None:
        """ISO 3166-1 alpha-2 code of the address."""
        return self.address.country if self.address else None
