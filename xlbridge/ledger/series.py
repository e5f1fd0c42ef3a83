"""Number series: how a number is made of prefix, year, month and counter, and which series a document belongs to.

>>> from datetime import date
>>> series = Series("factures", "F")
>>> series.number(41, date(2026, 11, 24)), series.period(date(2026, 11, 24))
('F2026-0041', '2026')

Sources: CGI ann. II art. 242 nonies A, I, 7°; BOI-TVA-DECLA-30-20-20-10 § 70 to 130 (several series, each with its prefix; one per
principal for self-billing); XP Z12-012, BR-FR-01 and BR-FR-02 (characters); 20 characters at most until the limits of the public portal
and of Chorus Pro are lifted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from xlbridge.errors import WrongUse
from xlbridge.model import Invoice
from xlbridge.model.codes import SELF_BILLED

MAX_LENGTH = 20
ALLOWED = re.compile(r"[A-Za-z0-9+\-_/]*", re.ASCII)


class Scope(StrEnum):
    """Which documents a series numbers."""

    ALL = "all"
    INVOICES = "invoices"
    CREDIT_NOTES = "credit_notes"


class Reset(StrEnum):
    """When its counter starts again at 1; only with the year (and the month) in the number."""

    NEVER = "never"
    YEAR = "year"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Series:
    """A series. `year`: how many digits of it stand in the number (0, 2 or 4); `first`: its first counter, in `first_period`; `continues`:
    the last number of an older register; `replaces`: the series that number no more; `principal`: the SIREN for whom self-billed invoices
    are made; `specimen`: for practice."""

    name: str
    prefix: str
    year: int = 4
    month: bool = False
    separator: str = "-"
    width: int = 4
    scope: Scope = Scope.ALL
    reset: Reset = Reset.YEAR
    first: int = 1
    continues: str | None = None
    first_period: str | None = None
    principal: str | None = None
    specimen: bool = False
    replaces: tuple[str, ...] = ()

    def number(self, counter: int, day: date) -> str:
        """The number of the document `counter` of the period of `day`."""
        year = f"{day:%Y}"[-self.year :] if self.year else ""
        month = f"{day:%m}" if self.month else ""
        return f"{self.prefix}{year}{month}{self.separator}{counter:0{self.width}}"

    def period(self, day: date) -> str:
        """The span in which a counter is used once: `2026`, `2026-11`, or nothing."""
        return {Reset.NEVER: "", Reset.YEAR: f"{day:%Y}", Reset.MONTH: f"{day:%Y-%m}"}[self.reset]

    def start(self, period: str) -> int:
        """The first counter of a period: 1, but in the period in which an older register is continued."""
        return self.first if self.first_period in {None, period} else 1

    def checked(self) -> Series:
        """The series itself. Raises WrongUse with every reason why its numbers would be refused."""
        width = min(max(self.width, 1), 9)
        example = replace(self, width=width).number(10**width - 1, date(2026, 12, 31))
        faults = [
            (not re.fullmatch(r"[\w-]{1,40}", self.name), "son nom tient en 40 lettres, chiffres ou tirets"),
            (
                not ALLOWED.fullmatch(self.prefix + self.separator),
                "seuls les lettres sans accent, les chiffres et + - _ / sont admis (BR-FR-02)",
            ),
            (len(example) > MAX_LENGTH, f"« {example} » a {len(example)} caractères, {MAX_LENGTH} au plus sont admis"),
            (not 1 <= self.width <= 9, "le compteur a de 1 à 9 chiffres"),
            (self.year not in {0, 2, 4}, "l’année a 0, 2 ou 4 chiffres"),
            (self.month and not self.year, "le mois ne va pas sans l’année"),
            (self.reset is Reset.YEAR and not self.year, "un compteur qui recommence chaque année demande l’année dans le numéro"),
            (self.reset is Reset.MONTH and not (self.year and self.month), "un compteur mensuel demande l’année et le mois dans le numéro"),
            (self.first < 1, "le premier compteur est au moins 1"),
            (
                self.principal is not None and not re.fullmatch(r"[0-9]{9}", self.principal),
                "le mandant est désigné par son SIREN (9 chiffres)",
            ),
            (not self.separator and self.year != 0 and self.width < 3, "sans séparateur, l’année et le compteur se confondent"),
        ]
        told = [f"– {text}." for wrong, text in faults if wrong]
        if told:
            raise WrongUse(
                f"La série « {self.name} » ne peut pas être créée :\n" + "\n".join(told), "Choisissez une autre forme de numéro."
            )
        return self

    def as_json(self) -> dict[str, Any]:
        """What the record of the series says."""
        return {**asdict(self), "replaces": list(self.replaces)}

    @classmethod
    def of_json(cls, data: dict[str, Any]) -> Series:
        """The series that a record describes."""
        return cls(**{**data, "scope": Scope(data["scope"]), "reset": Reset(data["reset"]), "replaces": tuple(data.get("replaces", ()))})


DEFAULT_SERIES = (
    Series("factures", "F", scope=Scope.INVOICES),
    Series("avoirs", "A", scope=Scope.CREDIT_NOTES),
    Series("specimens", "TEST", specimen=True),
)


def first_series(
    prefix: str = "F", year: int = 4, *, month: bool = False, width: int = 4, shared: bool = False, reset: Reset | None = None
) -> tuple[Series, ...]:
    """The series of a new ledger. Credit notes share the counter of the invoices, or have « A » before (`A`, or `LIM-A` for `LIM-`)."""
    again = reset or (Reset.YEAR if year else Reset.NEVER)
    scope = Scope.ALL if shared else Scope.INVOICES
    own = Series("factures", prefix, year, month, width=width, scope=scope, reset=again)
    made = [own] if shared else [own, replace(own, name="avoirs", prefix="A" if prefix == "F" else f"{prefix}A", scope=Scope.CREDIT_NOTES)]
    return tuple(series.checked() for series in (*made, DEFAULT_SERIES[-1]))


def active(known: Iterable[Series]) -> list[Series]:
    """The series that number: all but those that a later one replaces."""
    every = list(known)
    replaced = {name for series in every for name in series.replaces}
    return [series for series in every if series.name not in replaced]


def clash(new: Series, known: Iterable[Series]) -> str | None:
    """Why `new` cannot stand beside the series `known` (French), or None: a name is used once, a form of number by one active series."""
    every = list(known)
    if any(series.name == new.name for series in every):
        return f"une série « {new.name} » existe déjà"
    same = next((series for series in active([*every, new]) if series is not new and _heard(series) == _heard(new)), None)
    return f"la série « {same.name} » donne déjà des numéros de cette forme, ou que l’on confondrait avec eux" if same else None


def form(series: Series) -> str:
    """The part before the counter: two series with the same one could give the same number."""
    return series.number(0, date(2026, 12, 31))[: -series.width or None]


def _heard(series: Series) -> str:
    """The form as people hear it: « F2026-1 », « f2026/1 » and « F20261 » are one number to them."""
    return re.sub(r"[^a-z0-9]", "", form(series).lower())


def series_for(invoice: Invoice, known: Iterable[Series], *, name: str | None = None, specimen: bool = False) -> Series:
    """The series that numbers `invoice`: the one called `name`, else the one for its kind. Raises WrongUse where none or several fit."""
    every = active(known)
    if name is not None:
        found = [series for series in every if series.name == name]
        if not found:
            names = ", ".join(series.name for series in every)
            raise WrongUse(f"Il n’y a pas de série « {name} ».", f"Séries du registre : {names}.")
        wrong = found[0].specimen != specimen or not _numbers(found[0], invoice)
        if wrong:
            raise WrongUse(f"La série « {name} » n’est pas faite pour ce document ({invoice.title}).", "Choisissez-en une autre.")
        return found[0]
    fitting = [series for series in every if series.specimen == specimen and _numbers(series, invoice)]
    own = [series for series in fitting if series.scope is not Scope.ALL] or fitting
    if len(own) == 1:
        return own[0]
    if not own:
        kind = "d’auto-facturation pour ce fournisseur" if invoice.type_code in SELF_BILLED else f"pour ce document ({invoice.title})"
        raise WrongUse(f"Le registre n’a pas de série {kind}.", "Créez-la : xlbridge ledger series add.")
    names = ", ".join(series.name for series in own)
    raise WrongUse(f"Plusieurs séries conviennent à ce document : {names}.", "Choisissez-en une par --series.")


def _numbers(series: Series, invoice: Invoice) -> bool:
    principal = invoice.seller.siren if invoice.type_code in SELF_BILLED else None
    wanted = Scope.CREDIT_NOTES if invoice.is_credit_note else Scope.INVOICES
    return series.principal == principal and series.scope in {Scope.ALL, wanted}
