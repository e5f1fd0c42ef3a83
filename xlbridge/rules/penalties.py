"""The rate of the penalty for late payment between professionals, against its floor: three times the legal interest of the semester.

Source: C. com. art. L441-10 II. The rate is read from the words of the note PMD (or of one that speaks of it): « trois
fois le taux d’intérêt légal », « taux de la BCE majoré de 10 points », « 12 % », « 1,5 % par mois ».

>>> stated_rate("Pénalités : trois fois le taux d’intérêt légal."), stated_rate("Retard : 1,5 % par mois")
(Rate(times=Decimal('3'), points=None, percent=None), Rate(times=None, points=None, percent=Decimal('18.0')))
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from xlbridge.findings import Rule, Severity
from xlbridge.folding import folded
from xlbridge.french import percent, quantity
from xlbridge.legal_texts import subjects_of
from xlbridge.model import Invoice
from xlbridge.model.money import ZERO
from xlbridge.rules.catalogue import Context, Fault, entry
from xlbridge.rules.late_payment import central_bank_rate, legal_interest, semester
from xlbridge.rules.latest import of_latest
from xlbridge.rules.payment import between_firms

WARNING, NOTE = Severity.WARNING, Severity.NOTE
LAW = "C. com., art. L441-10 II"
BETWEEN_FIRMS = "Les factures à une entreprise."
TEXTS = "dans la feuille, ou dans le fichier entreprise.toml placé à côté du classeur"
SINCE = date(2009, 1, 1)
WORDS = {"une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5}
LEGAL_RATE = r"(?:(?:le|au|du|ce)\s+taux|l[’']int[ée]r[êe]t|celui)"
TIMES = re.compile(
    rf"\b(une|deux|trois|quatre|cinq|\d+(?:[.,]\d+)?)\s*(?:\(\s*\w+\s*\)\s*)?(?:fois(?:\s+et\s+demie?)?|x|×)\s+{LEGAL_RATE}", re.IGNORECASE
)
POINTS = re.compile(r"\b(\d+(?:[.,]\d+)?)\s*(?:\(\s*\w+\s*\)\s*)?(?:points?|pts?)\b", re.IGNORECASE)
PERCENT = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:%|pour ?cent)", re.IGNORECASE)
MONTHLY = re.compile(r"(?:%|pour ?cent)\s*(?:par|/|du)?\s*mois|mensuel", re.IGNORECASE)
CENTRAL_BANK = re.compile(r"\bbce\b|banque centrale|refinancement|\brefi\b", re.IGNORECASE)
LATE = re.compile(r"retard|p[ée]nalit|int[ée]r[êe]t", re.IGNORECASE)


class Rate(NamedTuple):
    """A penalty rate as it is worded: so many times the legal interest, so many points above the ECB, or percent a year."""

    times: Decimal | None = None
    points: Decimal | None = None
    percent: Decimal | None = None


@lru_cache(maxsize=256)
def stated_rate(text: str) -> Rate | None:
    """The rate that `text` states; None where it names none."""
    if found := TIMES.search(text):
        return Rate(times=_number(found[1]))
    if CENTRAL_BANK.search(text):
        found = POINTS.search(text) or PERCENT.search(text)
        return Rate(points=_number(found[1])) if found else None
    about = LATE.search(text)
    if found := PERCENT.search(text, about.start() if about else 0) or PERCENT.search(text):
        rate = _number(found[1])
        return Rate(percent=rate * 12 if MONTHLY.search(text) else rate)
    return _legal_rate(folded(text))


def _legal_rate(plain: str) -> Rate | None:
    """« au triple du taux d’intérêt légal », « au taux légal »; None where something else is done to that rate."""
    if "interet legal" not in plain and "taux legal" not in plain:
        return None
    for word, times in (("triple", 3), ("double", 2)):
        if word in plain:
            return Rate(times=Decimal(times))
    return None if any(word in plain for word in ("multipl", "major", "fois", "point", " x ")) else Rate(times=Decimal(1))


def _number(words: str) -> Decimal:
    return Decimal(WORDS[words.lower()]) if words.lower() in WORDS else Decimal(words.replace(",", "."))


@of_latest
def _penalty_notes(invoice: Invoice) -> tuple[tuple[str, str], ...]:
    """Path and text of the notes that state the penalty."""
    coded = [(f"notes[{at}].text", note.text) for at, note in enumerate(invoice.notes) if note.subject_code == "PMD"]
    return tuple(coded) or tuple(
        (f"notes[{at}].text", note.text)
        for at, note in enumerate(invoice.notes)
        if note.subject_code is None and "PMD" in subjects_of(note.text)
    )


def _yearly(rate: Rate, day: date) -> Decimal | None:
    """The rate in percent a year; None where the figures of the semester are not known, or are not needed."""
    if rate.percent is not None:
        return rate.percent
    base = central_bank_rate(day)
    return base + rate.points if rate.points is not None and base is not None else None


def _suffices(rate: Rate) -> bool | None:
    """What the words alone say: three times the legal interest, or the ten points of the law; None where figures decide."""
    if rate.times is not None:
        return rate.times >= 3
    return True if rate.points is not None and rate.points >= 10 else None


@entry(
    Rule(
        "FR-PAI-020", WARNING, "Pénalité de retard trop faible",
        "La pénalité de retard ({stated}) est inférieure au minimum légal ({floor}).",
        f"écrivez par exemple « trois fois le taux d’intérêt légal » {TEXTS} (PMD).", LAW, since=SINCE,
    ),
    concerns=BETWEEN_FIRMS, why="Entre professionnels, le taux ne peut être inférieur à trois fois le taux d’intérêt légal.",
    elsewhere=NOTE,
)  # fmt: skip
def penalty_too_low(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for path, text in _penalty_notes(invoice) if between_firms(invoice, context) else ():
        rate = stated_rate(text)
        if rate is None:
            continue
        if _suffices(rate) is False and rate.times is not None:
            yield Fault(path, {"stated": f"{_times(rate.times)} le taux d’intérêt légal", "floor": "trois fois ce taux"})
        elif _suffices(rate) is None:
            yearly, interest = _yearly(rate, context.day), legal_interest(context.day)
            if yearly is not None and interest is not None and yearly < 3 * interest:
                floor = f"{percent(3 * interest)}, soit trois fois le taux d’intérêt légal du {semester(context.day)}"
                yield Fault(path, {"stated": percent(yearly), "floor": floor})


def _times(times: Decimal) -> str:
    return "une fois" if times == 1 else f"{quantity(times)} fois"


@entry(
    Rule(
        "FR-PAI-021", NOTE, "Pénalité de retard non vérifiée",
        "La pénalité de retard ({stated}) n’a pas été comparée au minimum légal : {missing} n’est pas connu.",
        "comparez-la à trois fois le taux d’intérêt légal publié au Journal officiel pour ce semestre.", LAW, since=SINCE,
    ),
    concerns=BETWEEN_FIRMS, why="Le minimum change deux fois par an ; un semestre inconnu n’est jamais tenu pour vérifié.",
)  # fmt: skip
def penalty_not_checked(invoice: Invoice, context: Context) -> Iterator[Fault]:
    for path, text in _penalty_notes(invoice) if between_firms(invoice, context) else ():
        rate = stated_rate(text)
        if rate is None and (any(map(str.isdigit, text)) or "legal" in folded(text)):
            yield Fault(path, {"stated": f"« {text[:100]} »", "missing": "son taux annuel"})
        elif rate is not None and _suffices(rate) is None and (lacking := _unknown(rate, context.day)):
            shown = f"taux de la BCE plus {quantity(rate.points)} points" if rate.points is not None else percent(rate.percent or ZERO)
            yield Fault(path, {"stated": shown, "missing": lacking})


def _unknown(rate: Rate, day: date) -> str:
    """Which figure of the semester is not in the table; empty when all are."""
    if legal_interest(day) is None:
        return f"le taux d’intérêt légal du {semester(day)}"
    return f"le taux de la BCE du {semester(day)}" if _yearly(rate, day) is None else ""
