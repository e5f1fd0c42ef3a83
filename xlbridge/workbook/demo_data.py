"""The firms and documents of the examples. Every name is invented, every domain ends in `.example`, every check digit is right."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from xlbridge.clients import Client, ClientKind
from xlbridge.company import Activity, Company, Size, TaxPoint, VatRegime
from xlbridge.completion import with_client, with_company
from xlbridge.legal_texts import find_exemption
from xlbridge.model import AllowanceCharge, Delivery, Invoice, Line, PrecedingInvoice, Totals
from xlbridge.model.money import amount
from xlbridge.model.totals import completed
from xlbridge.model.units import unit_code


def _firm(eight_digits: str) -> dict[str, str]:
    """SIREN, SIRET of the head office and VAT number of a firm, from eight digits."""
    from stdnum import luhn

    siren = eight_digits + luhn.calc_check_digit(eight_digits)
    siret = f"{siren}0001"
    key = (12 + 3 * (int(siren) % 97)) % 97
    return {"siren": siren, "siret": siret + luhn.calc_check_digit(siret), "vat_number": f"FR{key:02}{siren}"}


COMPANY = Company(
    name="Menuiserie des Trois Rivières",
    legal_form="SARL",
    capital="10 000 €",
    trade_register="RCS Limoges",
    **_firm("81002673"),
    address="14 chemin du Moulin Brûlé",
    postcode="87000",
    city="Limoges",
    size=Size.MICRO,
    vat_regime=VatRegime.NORMAL,
    tax_point=TaxPoint.PAYMENT,
    activity=Activity.MIXED,
    email="contact@trois-rivieres.example",
    telephone="05 55 00 00 00",
    iban="FR7630006000011234567890189",
    bic="AGRIFRPP",
    client_country="FR",
    source="entreprise.toml",
)


def _client(code: str, name: str, digits: str, place: str, terms: str = "30 jours") -> Client:
    """A client firm; `place` is street, postcode and city, divided by bars."""
    street, postcode, city = place.split("|")
    return Client(
        code=code,
        name=name,
        kind=ClientKind.BUSINESS,
        **_firm(digits),
        address=street,
        postcode=postcode,
        city=city,
        country="FR",
        email=f"compta@{code.lower()}.example",
        terms=terms,
    )


CLIENTS = (
    _client("AUBERGE", "Auberge de la Cascade", "82114507", "2 place du Lavoir|23000|Guéret"),
    _client("VALBOIS", "SAS Valbois Agencement", "83226618", "ZA des Quatre Vents, lot 7|19100|Brive-la-Gaillarde", "45 jours fin de mois"),
    _client("CLINIQUE", "Clinique vétérinaire du Pont Neuf", "84337729", "31 quai Louis Blanc|24000|Périgueux"),
    _client("ECOLE", "École de danse Entrechats", "85448831", "9 rue des Tanneurs|87200|Saint-Junien"),
    _client("LIBRAIRE", "Librairie L’Encre bleue", "86559942", "5 rue du Consulat|87000|Limoges", "comptant"),
    _client("TRAITEUR", "Maison Fauvel Traiteur SARL", "87661053", "18 avenue de la Gare|16000|Angoulême"),
    Client(
        code="MARTEL",
        name="Mme Hélène Martel",
        kind=ClientKind.CONSUMER,
        electronic_address="helene.martel@courriel.example",
        address="3 impasse des Cerisiers",
        postcode="87240",
        city="Ambazac",
        country="FR",
        terms="comptant",
    ),
)
BY_CODE = {client.code: client for client in CLIENTS}

# Article code: designation, unit, price before tax, VAT rate.
ARTICLES = {
    "ETUDE": ("Étude et prise de cotes", "forfait", "180.00", "20"),
    "MO": ("Main-d’œuvre menuisier", "heure", "46.50", "20"),
    "PLACARD": ("Placard sur mesure, chêne massif", "pièce", "1240.00", "20"),
    "PORTE": ("Porte intérieure, frêne", "pièce", "389.90", "20"),
    "PARQUET": ("Parquet contrecollé, fourniture", "m²", "42.80", "20"),
    "POSE": ("Pose de parquet, logement de plus de deux ans", "m²", "31.00", "10"),
    "ISOL": ("Isolation de combles, fibre de bois", "m²", "58.40", "5.5"),
    "DEPL": ("Déplacement", "km", "0.65", "20"),
}
# A client, then articles with their quantities.
Order = tuple[str, tuple[tuple[str, str], ...]]
ORDERS: tuple[Order, ...] = (
    ("AUBERGE", (("ETUDE", "1"), ("MO", "14.5"), ("DEPL", "84"))),
    ("VALBOIS", (("PLACARD", "2"), ("PORTE", "6"))),
    ("CLINIQUE", (("PARQUET", "38.5"), ("MO", "22"))),
    ("MARTEL", (("POSE", "24"), ("ISOL", "31.2"))),
    ("ECOLE", (("PARQUET", "96"), ("MO", "40"), ("DEPL", "62"))),
    ("LIBRAIRE", (("PLACARD", "1"),)),
    ("TRAITEUR", (("PORTE", "3"), ("MO", "9"))),
    ("VALBOIS", (("ETUDE", "1"), ("PLACARD", "4"))),
)


def order_lines(order: Order) -> tuple[Line, ...]:
    """The lines of an order."""
    lines = []
    for position, (code, quantity) in enumerate(order[1], 1):
        name, unit, price, rate = ARTICLES[code]
        lines.append(
            Line(
                identifier=str(position),
                seller_item_id=code,
                name=name,
                quantity=Decimal(quantity),
                unit=unit_code(unit),
                unit_label=unit,
                unit_price=Decimal(price),
                vat_category="S",
                vat_rate=Decimal(rate),
            )
        )
    return tuple(lines)


def _invoice(order: Order, number: str | None, issued: date, **changes: object) -> Invoice:
    """An invoice of the company to the order's client, complete."""
    client = BY_CODE[order[0]]
    facts = {"number": number, "issue_date": issued, "due_date": issued + timedelta(days=30), "type_code": "380", "currency": "EUR"}
    invoice = Invoice.model_validate(facts | {"lines": order_lines(order)} | changes)
    invoice, _ = with_client(invoice, client)
    invoice, _ = with_company(invoice, COMPANY, client.kind is ClientKind.CONSUMER)
    return completed(invoice)


def template_invoices() -> list[Invoice]:
    """Eight issued documents (among them a deposit, the invoice after it, a credit note, a discount, an exemption) and two drafts."""
    start = date(2026, 9, 2)
    days = [start + timedelta(days=6 * step) for step in range(10)]
    issued = [_invoice(order, f"F2026-{place:04}", day) for place, (order, day) in enumerate(zip(ORDERS[:3], days[:3], strict=True), 1)]
    deposit_line = Line(
        identifier="1",
        name="Acompte de 30 % sur placards",
        quantity=Decimal(1),
        unit="C62",
        unit_price=Decimal("744.00"),
        vat_category="S",
        vat_rate=Decimal(20),
    )
    issued.append(_invoice(ORDERS[1], "F2026-0004", days[3], type_code="386", lines=(deposit_line,)))
    deposit = issued[-1]
    preceding = (PrecedingInvoice(number="F2026-0004", issue_date=deposit.issue_date),)
    paid = Totals(prepaid=deposit.totals.gross)
    issued.append(_invoice(ORDERS[1], "F2026-0005", days[4], totals=paid, preceding_invoices=preceding, delivery=Delivery(date=days[4])))
    credited = Line(
        identifier="1",
        name="Reprise d’une porte",
        quantity=Decimal(1),
        unit="C62",
        unit_label="pièce",
        unit_price=Decimal("389.90"),
        vat_category="S",
        vat_rate=Decimal(20),
    )
    correction = (PrecedingInvoice(number="F2026-0005", issue_date=issued[-1].issue_date),)
    issued.append(_invoice(ORDERS[1], "F2026-0006", days[5], type_code="381", lines=(credited,), preceding_invoices=correction))
    issued.append(_invoice(ORDERS[3], "F2026-0007", days[6]))
    issued.append(_invoice(ORDERS[4], "F2026-0008", days[7], order_reference="BC-2026-118", lines=_with_discount(order_lines(ORDERS[4]))))
    return [*issued, _invoice(ORDERS[5], None, days[8]), _invoice(ORDERS[6], None, days[9], lines=_subcontracted(order_lines(ORDERS[6])))]


def _with_discount(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """The first line with 5 % off."""
    first = lines[0]
    base = amount((first.quantity or Decimal()) * (first.unit_price or Decimal()))
    discount = AllowanceCharge(amount=amount(base * 5 / 100), base=base, percent=Decimal(5), reason="Remise", reason_code="95")
    return (first.model_copy(update={"allowances": (discount,)}), *lines[1:])


def _subcontracted(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """The lines under the reverse charge of building subcontractors (CGI art. 283-2 nonies)."""
    reason = find_exemption("Autoliquidation BTP")
    assert reason is not None
    update = {"vat_category": reason.category, "vat_rate": Decimal(0), "vat_reason": reason.text, "vat_reason_code": reason.code}
    return tuple(line.model_copy(update=update) for line in lines)


def plain_invoices(numbers: list[str], start: date, step: int = 5) -> list[Invoice]:
    """Ordinary invoices, one per number, the orders in turn, for the workbooks that people made themselves."""
    return [_invoice(ORDERS[place % len(ORDERS)], number, start + timedelta(days=step * place)) for place, number in enumerate(numbers)]
