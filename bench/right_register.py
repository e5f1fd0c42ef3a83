"""A right register as a firm with subscribers has it: nothing in it is a duplicate, and much looks like one.

Subscriptions by the month (some clients have two of one price), weekly and daily deliveries of one amount, one-off sales from a short
price list, orders in parts, deposits and their final invoices, orders in equal instalments, credit notes followed by the right invoice,
a till. Numbers follow each other by date, credit notes too.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from xlbridge.model import Identifier, Invoice, Line, Party, PrecedingInvoice, Totals
from xlbridge.model.codes import CREDIT_NOTE, DEPOSIT

FIRST_DAY, DAYS = date(2025, 1, 2), 720
SELLER = Party(name="Ateliers Brindille SAS", legal_id=Identifier(value="812345676", scheme="0002"))
FEES = (19, 29, 39, 49, 79, 99, 149, 249)
PRICES = (12, 15, 18, 24, 30, 36, 45, 60, 75, 90, 120, 150, 180, 240, 360, 480, 600, 960)
ARTICLES = tuple(f"Article {name}" for name in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@dataclass(frozen=True, slots=True)
class Sale:
    """One document to come: `corrects` is the place of an earlier one in the same list."""

    day: date
    client: int
    name: str
    price: Decimal
    order: str | None = None
    type_code: str = "380"
    corrects: Sale | None = None


def right_register(count: int = 50_000, seed: int = 1, *, lines: bool = True) -> list[Invoice]:
    """`count` invoices; without `lines` a register of totals, whose clients have no SIREN."""
    draw = random.Random(seed)
    sales: list[Sale] = []
    shares = (
        (_subscription, 0.62), (_weekly, 0.06), (_daily, 0.04), (_one_off, 0.17), (_parts, 0.04), (_deposit, 0.02), (_instalments, 0.02),
        (_corrected, 0.01), (_till, 0.02),
    )  # fmt: skip
    client = 0
    for make, share in shares:
        wanted, made = int(count * share), 0
        while made < wanted:
            client += 1
            found = list(make(draw, client))
            sales += found
            made += len(found)
    sales.sort(key=lambda sale: (sale.day, sale.corrects is not None))
    numbers: dict[int, str] = {}
    counters: dict[tuple[str, int], int] = {}
    register = []
    for sale in sales[:count]:
        series = "A" if sale.type_code == CREDIT_NOTE else "F"
        counter = counters[series, sale.day.year] = counters.get((series, sale.day.year), 0) + 1
        numbers[id(sale)] = f"{series}{sale.day.year}-{counter:05}"
        original = numbers.get(id(sale.corrects)) if sale.corrects and lines else None
        register.append(_invoice(sale, numbers[id(sale)], original, lines=lines))
    return register


def _invoice(sale: Sale, number: str, original: str | None, *, lines: bool) -> Invoice:
    name = f"Client {sale.client}" if sale.client else "Client de passage"
    siren = Identifier(value=f"{900_000_000 + sale.client}", scheme="0002") if sale.client and lines else None
    line = Line(name=sale.name, quantity=Decimal(1), unit_price=sale.price, net_amount=sale.price, vat_rate=Decimal(20))
    return Invoice(
        number=number, issue_date=sale.day, type_code=sale.type_code, currency="EUR", seller=SELLER, buyer=Party(name=name, legal_id=siren),
        order_reference=sale.order, lines=(line,) if lines else (), totals=Totals(net=sale.price, gross=sale.price * Decimal("1.2")),
        preceding_invoices=(PrecedingInvoice(number=original),) if original else (),
    )  # fmt: skip


def _day(draw: random.Random, last: int = DAYS) -> date:
    return FIRST_DAY + timedelta(days=draw.randrange(last))


def _price(draw: random.Random) -> Decimal:
    return Decimal(draw.choice(PRICES)) * draw.choice((1, 1, 1, 2, 3))


def _subscription(draw: random.Random, client: int) -> Iterator[Sale]:
    """Twelve to twenty-four months on one day of the month; one client in thirty has two sites at one price."""
    start, months, fee = draw.randrange(13), draw.randrange(2, 25), Decimal(draw.choice(FEES))
    day, sites = draw.choice((1, 1, 1, 5, 15, 28)), 2 if draw.random() < 1 / 30 else 1
    for month in range(start, min(start + months, 24)):
        for site in range(sites):
            yield Sale(date(2025 + month // 12, month % 12 + 1, day), client, f"Abonnement, site {site + 1}", fee)


def _weekly(draw: random.Random, client: int) -> Iterator[Sale]:
    start, price = _day(draw, 500), _price(draw)
    yield from (Sale(start + timedelta(weeks=week), client, "Entretien des locaux", price) for week in range(draw.randrange(2, 30)))


def _daily(draw: random.Random, client: int) -> Iterator[Sale]:
    start, price = _day(draw, 600), _price(draw)
    days = (start + timedelta(days=day) for day in range(draw.randrange(20, 90)))
    yield from (Sale(day, client, "Livraison de pain", price) for day in days if day.weekday() < 6)


def _one_off(draw: random.Random, client: int) -> Iterator[Sale]:
    """One to six purchases in two years."""
    for _ in range(draw.randrange(1, 7)):
        yield Sale(_day(draw), client, draw.choice(ARTICLES), _price(draw), f"BC-{draw.randrange(10**6)}" if draw.random() < 0.4 else None)


def _parts(draw: random.Random, client: int) -> Iterator[Sale]:
    day, order = _day(draw, 600), f"CDE {draw.randrange(10**6)}"
    for part in range(draw.randrange(2, 6)):
        day += timedelta(days=draw.randrange(1, 25))
        yield Sale(day, client, f"Situation n° {part + 1}", Decimal(draw.randrange(20_000, 900_000)) / 100, order)


def _deposit(draw: random.Random, client: int) -> Iterator[Sale]:
    """A deposit of a third or of half, and the final invoice of the rest: half and half are equal."""
    day, order, price = _day(draw, 600), f"CDE {draw.randrange(10**6)}", Decimal(draw.randrange(200, 9000))
    share = draw.choice((2, 3))
    yield Sale(day, client, "Acompte", price, order, DEPOSIT)
    yield Sale(day + timedelta(days=draw.randrange(0, 60)), client, "Travaux, solde", price * (share - 1), order)


def _instalments(draw: random.Random, client: int) -> Iterator[Sale]:
    """A yearly order, a month at a time, and three equal thirds."""
    order, price, day = f"BDC{draw.randrange(10**6)}", _price(draw) * 10, _day(draw, 300)
    if draw.random() < 0.5:
        yield from (Sale(day + timedelta(days=40 * part), client, f"Tranche {part + 1}/3", price, order) for part in range(3))
    else:
        yield from (Sale(date(2025, month, 28), client, "Forfait annuel", price, order) for month in range(1, 13))


def _corrected(draw: random.Random, client: int) -> Iterator[Sale]:
    """An invoice, its credit note, and the invoice anew a few days later."""
    first = Sale(_day(draw, 600), client, draw.choice(ARTICLES), _price(draw))
    later = first.day + timedelta(days=draw.randrange(4))
    yield first
    yield Sale(later, client, first.name, first.price, None, CREDIT_NOTE, first)
    yield Sale(later, client, first.name, first.price)


def _till(draw: random.Random, _: int) -> Iterator[Sale]:
    day = _day(draw)
    yield from (Sale(day, 0, draw.choice(ARTICLES[:6]), Decimal(draw.choice(PRICES[:8]))) for _ in range(10))
