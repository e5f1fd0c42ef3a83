"""`xlbridge ledger pay`, `send`, `status`, `history`: what happens to a document after it is issued."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from xlbridge.cli_options import Archive, Json, Key, Ledger, day, print_json, reading, session
from xlbridge.errors import WrongUse

if TYPE_CHECKING:
    from decimal import Decimal

Number = Annotated[str, typer.Argument(help="Numéro du document, par exemple F2026-0041.", show_default=False)]
Day = Annotated[str | None, typer.Option("--date", help="Jour (aaaa-mm-jj ou jj/mm/aaaa) ; sinon aujourd’hui.", metavar="DATE")]
Record = Annotated[int | None, typer.Option(help="Maillon du document, si plusieurs ont ce numéro.", metavar="MAILLON")]


def pay(
    number: Number,
    amount: Annotated[str, typer.Argument(help="Montant payé, par exemple 1234,56.", show_default=False)],
    means: Annotated[str, typer.Option(help="Moyen : virement, carte, cheque, prelevement, especes ou autre.")] = "virement",
    on: Day = None,
    cancel: Annotated[bool, typer.Option("--cancel", help="Annuler un paiement saisi par erreur.")] = False,
    note: Annotated[str | None, typer.Option(help="Ce qu’il faut en savoir.")] = None,
    record: Record = None,
    ledger: Ledger = None,
    archive: Archive = None,
    key: Key = None,
    json: Json = False,
) -> None:
    """Noter un paiement. Le document ne change pas ; l’entrée ne s’efface pas, elle s’annule.

    Exemples : xlbridge ledger pay F2026-0041 1200 --means virement ; xlbridge ledger pay F2026-0041 1200 --cancel
    """
    from xlbridge.archive.search import amount_of
    from xlbridge.bulk.screen import show_findings
    from xlbridge.ledger.events import Means, balance, record_payment

    paid, way = amount_of(amount), _word(means, [one.value for one in Means], "moyen de paiement")
    with session(ledger, archive, key) as opened:
        signed = -abs(paid) if cancel else paid
        found = record_payment(opened.ledger, opened.key, number, signed, day(on), Means(way), record=record, note=note)
        with opened.ledger.reading() as connection:
            left = balance(connection, number, record)
    if json:
        print_json({"number": number, "balance": None if left is None else str(left), "findings": [finding.as_json() for finding in found]})
    else:
        show_findings(found)
        typer.echo(f"Noté ; {_left(left)}.", err=True)


def send(
    number: Number,
    way: Annotated[str, typer.Option("--by", help="plateforme, email, courrier, main ou portail.")] = "email",
    to: Annotated[str | None, typer.Option(help="Destinataire.")] = None,
    on: Day = None,
    record: Record = None,
    ledger: Ledger = None,
    archive: Archive = None,
    key: Key = None,
) -> None:
    """Noter qu’un document a été envoyé.

    Exemple : xlbridge ledger send F2026-0041 --by email --to compta@client.example
    """
    from xlbridge.ledger.events import Way, record_sending

    known = Way(_word(way, [one.value for one in Way], "moyen d’envoi"))
    with session(ledger, archive, key) as opened:
        record_sending(opened.ledger, opened.key, number, day(on), known, to=to, record=record)
    typer.echo("Noté.", err=True)


def status(
    number: Number,
    word: Annotated[str, typer.Argument(help="deposee, approuvee, refusee, rejetee, encaissee … ou leur code (210).", show_default=False)],
    reason: Annotated[str | None, typer.Option(help="Motif, par exemple d’un refus.")] = None,
    on: Day = None,
    record: Record = None,
    ledger: Ledger = None,
    archive: Archive = None,
    key: Key = None,
) -> None:
    """Noter un statut du cycle de vie d’un document (déposée, refusée, encaissée …).

    Exemple : xlbridge ledger status F2026-0041 refusee --reason "commande inconnue"
    """
    from xlbridge.ledger.events import record_status

    with session(ledger, archive, key) as opened:
        record_status(opened.ledger, opened.key, number, day(on), word, reason=reason, record=record)
    typer.echo("Noté.", err=True)


def history(number: Number, record: Record = None, ledger: Ledger = None, json: Json = False) -> None:
    """Montrer les paiements, envois et statuts d’un document, et ce qui reste dû.

    Exemple : xlbridge ledger history F2026-0041
    """
    from xlbridge.bulk.ledger_screen import show_history
    from xlbridge.ledger import events

    with reading(ledger) as opened, opened.reading() as connection:
        found, left = events.history(connection, number, record), events.balance(connection, number, record)
    if json:
        print_json({"number": number, "balance": None if left is None else str(left), "events": [event.as_json() for event in found]})
    else:
        show_history(number, found, _left(left))


def _word(text: str, known: list[str], what: str) -> str:
    from xlbridge.folding import folded

    word = folded(text).strip()
    if word not in known:
        raise WrongUse(f"« {text} » n’est pas un {what}.", f"Écrivez {', '.join(known)}.")
    return word


def _left(left: Decimal | None) -> str:
    from xlbridge.french import money

    return "reste dû inconnu" if left is None else f"reste dû : {money(left, None)}"
