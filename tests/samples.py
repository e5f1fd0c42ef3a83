"""Invoices with invented data for the tests: firms that do not exist, check digits that are right."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

from xlbridge.model import CreditAccount, Identifier, Invoice, Line, Note, Party, Payment, PostalAddress
from xlbridge.model.money import amount
from xlbridge.model.profile import Profile
from xlbridge.model.totals import completed

FRENCH_NOTES = (
    Note(text="Indemnité forfaitaire pour frais de recouvrement en cas de retard de paiement : 40 €.", subject_code="PMT"),
    Note(text="Pénalités de retard : trois fois le taux d’intérêt légal.", subject_code="PMD"),
    Note(text="Pas d’escompte pour paiement anticipé.", subject_code="AAB"),
)


def party(name: str, siren: str, vat_number: str, street: str, postcode: str, city: str) -> Party:
    """A French firm: SIREN, SIRET of its first establishment (NIC chosen for the Luhn key), VAT number, address in the directory."""
    from stdnum import luhn

    nic = "0001"
    siret = siren + nic + luhn.calc_check_digit(siren + nic)
    return Party(
        name=name,
        identifiers=(Identifier(value=siret, scheme="0009"),),
        legal_id=Identifier(value=siren, scheme="0002"),
        vat_number=vat_number,
        electronic_address=Identifier(value=siren, scheme="0225"),
        address=PostalAddress(line1=street, postcode=postcode, city=city, country="FR"),
    )


def firm(name: str, eight_digits: str, street: str, postcode: str, city: str) -> Party:
    """A firm whose SIREN and VAT keys are computed from eight digits."""
    from stdnum import luhn

    siren = eight_digits + luhn.calc_check_digit(eight_digits)
    key = (12 + 3 * (int(siren) % 97)) % 97
    return party(name, siren, f"FR{key:02}{siren}", street, postcode, city)


SELLER = firm("Ateliers Brindille SAS", "81234567", "12 rue de l’Église", "87000", "Limoges")
BUYER = firm("Société Nouvelle des Moulins Réunis", "90765432", "5 avenue du Maréchal", "69006", "Lyon")


def invoice(seed: int = 0, lines: int = 10, **changes: object) -> Invoice:
    """A right French B2B invoice of `lines` lines at two rates; `changes` replace fields after the totals were computed."""
    draw = random.Random(seed)
    issued = date(2026, 10, 1) + timedelta(days=seed % 28)
    items = tuple(
        Line(
            identifier=str(position + 1),
            name=f"Prestation n° {position + 1}, dépannage été {draw.randint(1000, 9999)}",
            seller_item_id=f"ART-{draw.randint(1000, 9999)}",
            quantity=Decimal(draw.randint(1, 40)),
            unit="C62",
            unit_price=amount(Decimal(draw.randint(100, 90000)) / 100),
            vat_category="S",
            vat_rate=Decimal(20) if position % 3 else Decimal("5.5"),
        )
        for position in range(lines)
    )
    return completed(
        Invoice(
            number=f"F2026-{seed + 1:05d}",
            issue_date=issued,
            due_date=issued + timedelta(days=30),
            type_code="380",
            currency="EUR",
            business_process="S1",
            specification=Profile.EN16931.value,
            seller=SELLER,
            buyer=BUYER,
            lines=items,
            notes=FRENCH_NOTES,
            payment=Payment(means_code="30", accounts=(CreditAccount(iban="FR7630006000011234567890189", bic="AGRIFRPP"),)),
        )
    ).model_copy(update=changes)
