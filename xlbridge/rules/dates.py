"""Whether the dates of an invoice go together: issue, due date, delivery, periods.

Sources: CGI ann. II art. 242 nonies A, I, 6° and 10°; CGI art. 289, I-3; XP Z12-012, BR-FR-03 and BR-FR-CO-07; EN 16931-1, BR-29, BR-30.

>>> odd = Invoice(issue_date=date(2026, 10, 1), due_date=date(2026, 9, 1))
>>> [fault.path for fault in due_before_issue(odd, Context(day=date(2026, 10, 1)))]
['due_date']
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from xlbridge.findings import Rule, Severity
from xlbridge.french import short_date
from xlbridge.model import Invoice, Period
from xlbridge.model.codes import DEPOSITS, RECTIFYING_INVOICES, VatCategory
from xlbridge.model.money import ZERO
from xlbridge.rules.catalogue import Context, Fault, entry
from xlbridge.rules.reform_calendar import electronic, issuing_since

BLOCKING, WARNING, NOTE = Severity.BLOCKING, Severity.WARNING, Severity.NOTE
NONIES = "CGI, ann. II, art. 242 nonies A, I, "
ISSUED_ON_SUPPLY = "CGI, art. 289, I-3"
EVERYONE = "Toute facture et tout avoir."
INVOICES = "Les factures (ni avoir, ni facture rectificative, ni facture d’acompte)."
FIRST_DAY = date(2000, 1, 1)
YEAR = timedelta(days=366)


@entry(
    Rule(
        "FR-DAT-001", WARNING, "Date d’émission à venir",
        "La date d’émission ({issued}) est postérieure au jour de la vérification ({today}).",
        "vérifiez le jour, le mois et l’année ; une facture porte la date à laquelle elle est réellement émise.", NONIES + "6°",
    ),
    concerns=EVERYONE, why="Une facture postdatée déplace la TVA d’une période à l’autre et rompt la suite chronologique.",
    elsewhere=WARNING,
)  # fmt: skip
def issued_in_the_future(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if invoice.issue_date and context.today and invoice.issue_date > context.today:
        facts = {"issued": short_date(invoice.issue_date), "today": short_date(context.today)}
        yield Fault("issue_date", facts, None, None if context.issued else BLOCKING)  # it would forbid every earlier date to the series


@entry(
    Rule(
        "FR-DAT-002", WARNING, "Date d’émission trop ancienne",
        "La date d’émission est le {issued} : avant l’an 2000, c’est sans doute une erreur.",
        "vérifiez l’année de la date (le tableur change parfois « 26 » en « 1926 »).", NONIES + "6° ; XP Z12-012, BR-FR-03",
    ),
    concerns=EVERYONE, why="Une année à deux chiffres ou un nombre pris pour une date donne une date du siècle dernier.", elsewhere=WARNING,
)  # fmt: skip
def issued_too_early(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if invoice.issue_date and invoice.issue_date < FIRST_DAY:
        yield Fault("issue_date", {"issued": short_date(invoice.issue_date)})


def _is_paid(invoice: Invoice) -> bool:
    """Whether nothing is left to pay, or the framework (B2, S2, M2) says that everything was paid before."""
    totals = invoice.totals
    prepaid = bool(totals.prepaid) and totals.gross is not None and (totals.prepaid or ZERO) >= totals.gross
    return prepaid or totals.due == 0 or (invoice.business_process or "")[1:] == "2"


@entry(
    Rule(
        "FR-DAT-003", BLOCKING, "Échéance avant l’émission", "L’échéance ({due}) précède la date d’émission ({issued}).",
        "corrigez l’échéance ou la date d’émission ; si tout est déjà payé, écrivez-le (montant déjà payé).",
        "C. com., art. L441-9 ; XP Z12-012, BR-FR-CO-07",
    ),
    concerns="Les factures à payer (ni avoir, ni acompte, ni facture déjà payée).",
    why="L’une des deux dates est sans doute fausse. Une plateforme rejette la facture électronique : un brouillon n’est pas émis ainsi ; "
    "pour une facture déjà émise, ce n’est qu’un avertissement tant que l’électronique n’est pas obligatoire.",
    elsewhere=BLOCKING,
)  # fmt: skip
def due_before_issue(invoice: Invoice, context: Context) -> Iterator[Fault]:
    issued, due = invoice.issue_date, invoice.due_date
    if issued and due and due < issued and not invoice.is_credit_note and invoice.type_code not in DEPOSITS and not _is_paid(invoice):
        # A draft is issued as an electronic invoice, and the official sheets say no, whatever the size.
        bound = not context.own or not context.issued or context.day >= issuing_since(context.size)
        rejected = electronic(invoice, context) and bound
        yield Fault("due_date", {"due": short_date(due), "issued": short_date(issued)}, None, None if rejected else WARNING)


@entry(
    Rule(
        "FR-DAT-004", WARNING, "Livraison après l’émission",
        "La livraison ou la prestation ({delivered}) est postérieure à la date d’émission ({issued}).",
        "émettez la facture à la livraison ; pour un acompte, choisissez le type « Acompte » ; sinon corrigez la date.", ISSUED_ON_SUPPLY,
    ),
    concerns=INVOICES, why="La facture est émise quand le bien est livré ou le service exécuté ; avant, seul un acompte se facture.",
    elsewhere=WARNING,
)  # fmt: skip
def delivered_after_issue(invoice: Invoice, _: Context) -> Iterator[Fault]:
    delivered = _delivered(invoice)
    if delivered and invoice.issue_date and delivered > invoice.issue_date:
        yield Fault("delivery.date", {"delivered": short_date(delivered), "issued": short_date(invoice.issue_date)})


def _delivered(invoice: Invoice) -> date | None:
    """The date of delivery of an ordinary invoice; corrections repeat that of the original, a deposit comes before it."""
    other = invoice.is_credit_note or invoice.type_code in DEPOSITS or invoice.type_code in RECTIFYING_INVOICES
    return None if other or invoice.delivery is None else invoice.delivery.date


def _periods(invoice: Invoice) -> Iterator[tuple[str, str, date, date]]:
    """Path, French name, start and end of every period that has both."""
    places: list[tuple[str, str, Period | None]] = [("period", "La période de facturation", invoice.period)]
    places += [
        (f"lines[{at}].period", f"La période de la ligne {at + 1}", line.period) for at, line in enumerate(invoice.lines) if line.period
    ]
    for path, name, period in places:
        if period and period.start and period.end:
            yield path, name, period.start, period.end


@entry(
    Rule(
        "FR-DAT-005", BLOCKING, "Période à l’envers", "{what} finit ({end}) avant de commencer ({start}).",
        "corrigez le début ou la fin de la période.", NONIES + "10° ; EN 16931, BR-29 et BR-30",
    ),
    concerns="Les factures qui portent une période.", why="L’une des deux dates est fausse, et toute plateforme refuse la facture.",
    elsewhere=BLOCKING,
)  # fmt: skip
def reversed_period(invoice: Invoice, _: Context) -> Iterator[Fault]:
    for path, what, start, end in _periods(invoice):
        if end < start:
            yield Fault(f"{path}.end", {"what": what, "start": short_date(start), "end": short_date(end)})


@entry(
    Rule(
        "FR-DAT-006", WARNING, "Période de plus d’un an", "{what} dure plus d’un an, du {start} au {end}.",
        "vérifiez l’année des deux dates.", NONIES + "10°",
    ),
    concerns="Les factures qui portent une période.", why="Une période aussi longue vient souvent d’une année mal saisie.", elsewhere=NOTE,
)  # fmt: skip
def long_period(invoice: Invoice, _: Context) -> Iterator[Fault]:
    for path, what, start, end in _periods(invoice):
        if end - start >= YEAR:
            yield Fault(f"{path}.end", {"what": what, "start": short_date(start), "end": short_date(end)})


@entry(
    Rule(
        "FR-DAT-007", WARNING, "Livraison très ancienne",
        "La livraison ou la prestation ({delivered}) précède de plus d’un an la facture ({issued}).",
        "vérifiez l’année des deux dates ; une facture aussi tardive doit être émise sans attendre davantage.", ISSUED_ON_SUPPLY,
    ),
    concerns=INVOICES, why="C’est une année mal saisie, ou une TVA que l’administration attend depuis plus d’un an.", elsewhere=WARNING,
)  # fmt: skip
def delivered_long_before(invoice: Invoice, _: Context) -> Iterator[Fault]:
    delivered = _delivered(invoice)
    if delivered and invoice.issue_date and invoice.issue_date - delivered > YEAR:
        yield Fault("delivery.date", {"delivered": short_date(delivered), "issued": short_date(invoice.issue_date)})


@entry(
    Rule(
        "FR-DAT-008", NOTE, "Facture tardive", "La facture du {issued} vient après la fin du mois qui suit la livraison du {delivered}.",
        "émettez la facture à la livraison, ou au plus tard à la fin du mois si plusieurs livraisons du mois sont groupées.",
        ISSUED_ON_SUPPLY,
    ),
    concerns=INVOICES, why="Une facture est émise dès la livraison ; celles d’un même mois peuvent être groupées en fin de mois.",
    elsewhere=NOTE,
)  # fmt: skip
def issued_late(invoice: Invoice, _: Context) -> Iterator[Fault]:
    delivered = _delivered(invoice)
    if delivered and invoice.issue_date and invoice.issue_date - delivered <= YEAR and _months(delivered, invoice.issue_date) > 1:
        yield Fault("issue_date", {"delivered": short_date(delivered), "issued": short_date(invoice.issue_date)})


def _months(first: date, second: date) -> int:
    """How many ends of month lie between the two days."""
    return 12 * (second.year - first.year) + second.month - first.month


@entry(
    Rule(
        "FR-DAT-009", WARNING, "Facture intracommunautaire tardive",
        "La livraison intracommunautaire du {delivered} devait être facturée au plus tard le {limit} ; la facture est du {issued}.",
        "corrigez la date de livraison si elle est fausse ; sinon émettez la facture sans attendre et gardez la preuve de l’expédition.",
        ISSUED_ON_SUPPLY,
    ),
    concerns="Les livraisons intracommunautaires exonérées.", why="Elles sont facturées au plus tard le 15 du mois qui suit la livraison.",
    elsewhere=WARNING,
)  # fmt: skip
def intra_eu_issued_late(invoice: Invoice, _: Context) -> Iterator[Fault]:
    delivered, issued = _delivered(invoice), invoice.issue_date
    if not (delivered and issued) or all(part.category != VatCategory.INTRA_EU for part in invoice.vat_breakdown):
        return
    if (months := _months(delivered, issued)) > 1 or (months == 1 and issued.day > 15):
        limit = (delivered.replace(day=1) + timedelta(days=32)).replace(day=15)
        yield Fault("issue_date", {"delivered": short_date(delivered), "limit": short_date(limit), "issued": short_date(issued)})


@entry(
    Rule(
        "FR-DAT-010", WARNING, "Échéance à plus d’un an", "L’échéance ({due}) vient plus d’un an après la facture ({issued}).",
        "vérifiez l’année de l’échéance.", "C. com., art. L441-9",
    ),
    concerns="Les factures dont le client n’est pas connu comme une entreprise (pour elle, voir les délais de paiement).",
    why="Une échéance aussi lointaine vient presque toujours d’une année mal saisie.", elsewhere=WARNING,
)  # fmt: skip
def due_in_a_year(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if invoice.issue_date and invoice.due_date and not context.to_business and invoice.due_date - invoice.issue_date > YEAR:
        yield Fault("due_date", {"due": short_date(invoice.due_date), "issued": short_date(invoice.issue_date)})


@entry(
    Rule(
        "FR-DAT-011", NOTE, "Période d’une ligne hors de celle de la facture",
        "La période de la ligne {line} (du {start} au {end}) sort de celle de la facture (du {first} au {last}).",
        "corrigez la période de la ligne ou celle de la facture.", "EN 16931, BG-14 et BG-26",
    ),
    concerns="Les factures qui portent une période, et des lignes qui en portent une.",
    why="La période de la facture couvre celle de toutes ses lignes.", elsewhere=NOTE,
)  # fmt: skip
def line_outside_period(invoice: Invoice, _: Context) -> Iterator[Fault]:
    whole = invoice.period
    if not (whole and whole.start and whole.end):
        return
    for at, line in enumerate(invoice.lines):
        start, end = (line.period.start, line.period.end) if line.period else (None, None)
        if start and end and start <= end and not whole.start <= start <= end <= whole.end:
            yield Fault(f"lines[{at}].period", {
                "line": at + 1, "start": short_date(start), "end": short_date(end), "first": short_date(whole.start),
                "last": short_date(whole.end),
            })  # fmt: skip
