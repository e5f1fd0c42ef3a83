"""What a registered firm says of itself on its papers: « EI », legal form and capital, trade register.

Sources: C. com., art. R123-237 and R123-238 (registered persons, companies), R526-27 (sole traders, since 15 May 2022).

>>> says_town("RCS Lyon 792 377 731"), says_town("792 377 731 R.C.S. Lyon"), says_town("RCS 792 377 731")
(True, True, False)
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from xlbridge.findings import Rule, Severity
from xlbridge.folding import LEGAL_FORMS, folded
from xlbridge.model import Invoice
from xlbridge.rules.catalogue import Context, Fault, entry
from xlbridge.rules.identity import FRENCH
from xlbridge.rules.latest import of_latest
from xlbridge.rules.presence import COMPANY

REGISTERED = LEGAL_FORMS - {"ei", "eirl", "ltd", "gmbh", "srl", "bv", "nv"}
WITH_CAPITAL = REGISTERED - {"sci", "scp", "earl", "gaec", "gie"}
NO_TOWN = frozenset({"capital", "de", "des", "du", "identifiant", "la", "le", "les", "no", "numero", "siren", "siret", "sous"})
COMPANIES = "Les sociétés établies en France, connues à leur forme juridique."


@lru_cache(maxsize=1024)
def says_town(text: str) -> bool:
    """Whether a text names the trade register and, behind it, the town of its registry."""
    words = folded(text).replace("registre du commerce et des societes", "rcs").replace("registre du commerce", "rcs").split()
    if "rcs" not in words:
        return False
    behind = words[words.index("rcs") + 1 :][:6]
    return any(word.isalpha() and len(word) > 1 and word not in NO_TOWN for word in behind)


@of_latest
def _texts(invoice: Invoice) -> list[str]:
    """The texts in which a seller writes its form, capital and register."""
    own = [text for text in (invoice.seller.name, invoice.seller.legal_information) if text]
    return own + [note.text for note in invoice.notes]


def _form(invoice: Invoice, forms: frozenset[str]) -> str | None:
    """The legal form of a French seller, if one of `forms` stands at either end of its name or opens its legal information."""
    seller = invoice.seller
    if seller.country not in FRENCH:
        return None
    return next((word for word in _form_words(seller.name or "", seller.legal_information or "") if word in forms), None)


@lru_cache(maxsize=1024)
def _form_words(name: str, legal: str) -> tuple[str, ...]:
    """Where a legal form stands: the first and the last word of the name, the first of the legal information."""
    words, behind = folded(name).split(), folded(legal).split()
    return (*words[:1], *words[-1:], *behind[:1])


@entry(
    Rule(
        "FR-IDE-030", Severity.WARNING, "Capital social absent",
        "Le vendeur est une société ({form}) et la facture ne dit pas son capital.",
        f"écrivez par exemple « {{form}} au capital de 10 000 € », avec le vôtre, {COMPANY} (forme_juridique, capital).",
        "C. com., art. R123-238",
    ),
    concerns=COMPANIES, why="Une société écrit sa forme et son capital sur ses papiers ; l’oubli est puni d’une contravention.",
)  # fmt: skip
def no_capital(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if (form := _form(invoice, WITH_CAPITAL)) and not any("capital" in text for text in map(folded, _texts(invoice))):
        yield Fault("seller.legal_information", {"form": form.upper()})


@entry(
    Rule(
        "FR-IDE-031", Severity.WARNING, "Registre du commerce absent", "La facture ne dit pas où le vendeur ({form}) est immatriculé.",
        f"écrivez « RCS », la ville du greffe et le SIREN, par exemple « RCS Limoges 812 345 676 », {COMPANY} (rcs).",
        "C. com., art. R123-237, 2°",
    ),
    concerns=COMPANIES, why="Toute personne immatriculée écrit RCS et la ville du greffe sur ses factures.",
)  # fmt: skip
def no_register(invoice: Invoice, _: Context) -> Iterator[Fault]:
    if (form := _form(invoice, REGISTERED)) and not any(map(says_town, _texts(invoice))):
        yield Fault("seller", {"form": form.upper()})


@entry(
    Rule(
        "FR-IDE-032", Severity.WARNING, "« EI » absent",
        "Le vendeur « {name} » est entrepreneur individuel et son nom n’est pas suivi de « EI ».",
        f"écrivez votre nom suivi de « EI » ou de « entrepreneur individuel » {COMPANY}.", "C. com., art. R526-27", since=date(2022, 5, 15),
    ),
    concerns="Les entrepreneurs individuels, micro-entrepreneurs compris.",
    why="Depuis le 15 mai 2022 le nom est accompagné de « EI » sur tous les documents ; l’oubli est puni d’une amende.",
)  # fmt: skip
def no_sole_trader_mark(invoice: Invoice, context: Context) -> Iterator[Fault]:
    if not context.sole_trader or not invoice.seller.name:
        return
    words = f" {folded(invoice.seller.name)} "
    if not any(mark in words for mark in (" ei ", " eirl ", " entrepreneur individuel ", " entrepreneure individuelle ")):
        yield Fault("seller.name", {"name": invoice.seller.name})
