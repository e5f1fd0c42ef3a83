"""What `xlbridge ledger` shows, and the one question that it asks."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date

from xlbridge.archive.backup import Backup
from xlbridge.bulk.screen import agreed, print_lines, show_findings, table_of
from xlbridge.errors import WrongUse
from xlbridge.french import money, short_date
from xlbridge.ledger import chain
from xlbridge.ledger.events import Event, Means, Way
from xlbridge.ledger.overview import Overview
from xlbridge.ledger.series import Reset, Scope, Series
from xlbridge.ledger.takeover import Takeover

SCOPES = {Scope.ALL: "factures et avoirs", Scope.INVOICES: "factures", Scope.CREDIT_NOTES: "avoirs"}
RESETS = {Reset.NEVER: "jamais", Reset.YEAR: "chaque année", Reset.MONTH: "chaque mois"}
ORIGINS = {"issued": "émis", "taken_over": "repris", "specimen": "spécimens"}
COLUMNS = (
    ("Série", False),
    ("Documents", False),
    ("Forme", False),
    ("Recommence", False),
    ("Dernier donné", False),
    ("", False),
)
MEANS = {
    Means.TRANSFER: "virement", Means.CARD: "carte", Means.CHEQUE: "chèque", Means.DEBIT: "prélèvement", Means.CASH: "espèces",
    Means.OTHER: "autre moyen",
}  # fmt: skip
WAYS = {
    Way.PLATFORM: "par la plateforme",
    Way.EMAIL: "par e-mail",
    Way.POST: "par courrier",
    Way.BY_HAND: "en main propre",
    Way.PORTAL: "par un portail",
}


def show_overview(found: Overview) -> None:
    """The ledger at a glance."""
    owner = found.identity
    print_lines(
        f"Registre {owner.identifier} de {owner.seller_name} ({owner.seller_siren})", f"Place : {found.place}", f"Clé : {found.key_id}"
    )
    show_series(found)
    held = ", ".join(f"{count} {ORIGINS[origin]}" for origin, count in sorted(found.counts.items())) or "aucun"
    print_lines(f"Documents : {held} ; événements : {found.events} ; maillon {found.seq}.")
    print_lines(f"Dernière clôture : {found.closing or 'aucune'}.")


def show_series(found: Overview) -> None:
    """The series with their last numbers."""
    table = table_of("Séries", COLUMNS)
    for one in found.series:
        state = "" if one.name in found.numbering else "remplacée"
        what = "spécimens" if one.specimen else SCOPES[one.scope] + (f" de {one.principal}" if one.principal else "")
        table.add_row(one.name, what, one.number(one.first, date.today()), RESETS[one.reset], found.last_numbers.get(one.name, ""), state)  # noqa: DTZ011  the user's own day
    print_lines(table)


def show_takeover(planned: Takeover, *, done: bool) -> None:
    """What is taken over, what is to be known, and the series that go on."""
    show_findings(planned.findings)
    verb = "repris" if done else "à reprendre"
    print_lines("", f"{len(planned.taken)} document(s) {verb} ; {planned.known} déjà dans le registre.")
    for series in planned.series:
        print_lines(goes_on(series))


def goes_on(series: Series) -> str:
    """The sentence about a series that goes on from an older register."""
    today = date.today()  # noqa: DTZ011  the user's own day
    following = series.number(series.start(series.period(today)), today)
    instead = f", à la place de {', '.join(series.replaces)}" if series.replaces else ""
    last = f"le dernier par sa date : {series.continues}"
    return f"La série « {series.name} » continue les anciens numéros ({SCOPES[series.scope]} ; {last}){instead}. Le prochain : {following}."


def confirmed(question: str) -> bool:
    """Ask once. Raises WrongUse where there is no terminal to ask on."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise WrongUse("Il faut votre accord.", "Ajoutez --yes, ou regardez d’abord avec --dry-run.")
    return agreed(question)


def show_history(number: str, events: Sequence[Event], left: str) -> None:
    """The events of one document, and what is left to be paid."""
    print_lines(f"{number} : {left}")
    for event in events:
        print_lines(f"  {short_date(date.fromisoformat(event.day))}  {_event(event)}")


def _event(event: Event) -> str:
    content = event.content
    if event.kind == chain.PAYMENT:
        from decimal import Decimal

        paid = Decimal(content["amount"])
        what = f"{'payé' if paid > 0 else 'annulé'} {money(abs(paid), content['currency'])} ({MEANS[Means(content['means'])]})"
        return what + (f" – {content['note']}" if content["note"] else "")
    if event.kind == chain.SENDING:
        return f"envoyé {WAYS[Way(content['way'])]}" + (f" à {content['to']}" if content["to"] else "")
    return f"statut {content['status']} ({content['code']})" + (f" – {content['reason']}" if content["reason"] else "")


def show_backup(saved: Backup, what: str) -> None:
    """What a backup holds."""
    print_lines(f"Registre {saved.ledger[:8]} de {saved.seller} {what} : {saved.documents} fichier(s) du coffre, maillon {saved.seq}.")
    if saved.damaged:
        print_lines(
            f"ATTENTION : {len(saved.damaged)} fichier(s) du coffre étaient abîmés, dont « {saved.damaged[0]} ». Lancez xlbridge verify."
        )
