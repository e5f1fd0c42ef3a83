"""What every measurement shares: stages of a run, contestants in turn, processes in turn, and tables in French.

Contestants take turns on each invoice (A B C, B C A …), so that a machine that slows down slows them all alike, and none always comes
after the long wait for another.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from xlbridge.model import Invoice

Stages = dict[str, float]
"""Seconds by stage, in the order of the stages."""


@dataclass(slots=True)
class Laps:
    """A stopwatch: each `lap` gives the time since the one before to a stage."""

    stages: Stages = field(default_factory=dict)
    since: float = field(default_factory=time.perf_counter)

    def lap(self, stage: str) -> None:
        """The stage that ends now. What happens between two laps counts, the writing down does not."""
        self.stages[stage] = time.perf_counter() - self.since
        self.since = time.perf_counter()


@dataclass(frozen=True, slots=True)
class Contestant:
    """Something that makes a Factur-X PDF of an invoice, and says how long each stage took."""

    name: str
    make: Callable[[Invoice], tuple[bytes, Stages]]


def race(contestants: Sequence[Contestant], invoices: Sequence[Invoice], warm: int = 3) -> dict[str, list[Stages]]:
    """The stages of every contestant on every invoice, after `warm` rounds that do not count.

    What is loaded by then is taken out of the garbage collector's sight: else each would pay for the modules of the others.
    """
    for invoice in invoices[:warm]:
        for contestant in contestants:
            contestant.make(invoice)
    runs: dict[str, list[Stages]] = {contestant.name: [] for contestant in contestants}
    gc.collect()
    gc.freeze()
    try:
        for place, invoice in enumerate(invoices):
            first = place % len(contestants)
            for contestant in (*contestants[first:], *contestants[:first]):
                runs[contestant.name].append(contestant.make(invoice)[1])
    finally:
        gc.unfreeze()
    return runs


def processes(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, list[tuple[float, str]]]:
    """Wall time and standard output of every Python command, each in its own process, in turn."""
    runs: dict[str, list[tuple[float, str]]] = {name: [] for name in commands}
    for _round in range(rounds):
        for name, arguments in commands.items():
            start = time.perf_counter()
            done = subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True, encoding="utf-8")
            runs[name].append((time.perf_counter() - start, done.stdout))
    return runs


def milliseconds(seconds: Iterable[float]) -> tuple[float, float]:
    """Median and minimum of some seconds, in milliseconds."""
    values = list(seconds)
    return median(values) * 1e3, min(values) * 1e3


def number(value: float, places: int = 2) -> str:
    """A number as French readers write it.

    >>> number(1234.5)
    '1 234,50'
    """
    return f"{value:,.{places}f}".replace(",", " ").replace(".", ",")


def verdict(value: float, target: float, unit: str = "") -> str:
    """Whether `value` keeps within `target`.

    >>> verdict(0.5, 0.6, " ×")
    '0,50 × (cible ≤ 0,60 × : atteinte)'
    """
    return f"{number(value)}{unit} (cible ≤ {number(target)}{unit} : {'atteinte' if value <= target else 'DÉPASSÉE'})"


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in plain text: first column to the left, the others to the right."""
    lines = [headers, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headers))]
    return "\n".join(
        "  ".join(text.rjust(width) if column else text.ljust(width) for column, (text, width) in enumerate(zip(line, widths, strict=True)))
        for line in lines
    )
