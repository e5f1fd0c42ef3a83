"""How the cost of an invoice grows with its lines: 1, 10, 100, 1,000.

Run: python -m bench.growth
"""

from __future__ import annotations

import logging

from bench import ours, peers
from bench.pipeline import invoice, totals
from bench.timing import milliseconds, number, race, table

SIZES = {1: 20, 10: 20, 100: 8, 1000: 3}  # lines: rounds


def measure(sizes: dict[int, int] = SIZES) -> dict[int, dict[str, float]]:
    """For each number of lines: the median milliseconds of our stages, of our total and of factur-x with platypus."""
    logging.getLogger("factur-x").setLevel(logging.ERROR)
    contestants = [ours.ours(), peers.factur_x()]
    growth = {}
    for lines, rounds in sizes.items():
        runs = race(contestants, [invoice(seed, lines) for seed in range(rounds)], warm=1)
        own = runs[ours.NAME]
        stages = {stage: milliseconds(run[stage] for run in own)[0] for stage in ours.STAGES}
        growth[lines] = stages | {name: milliseconds(totals(name, stages))[0] for name, stages in runs.items()}
    return growth


def report(growth: dict[int, dict[str, float]]) -> str:
    """The table."""
    columns = (*ours.STAGES, ours.NAME, peers.FACTUR_X)
    heads = ("lignes", *ours.STAGES, "total", "par ligne", "factur-x et platypus")
    rows = []
    for lines, values in growth.items():
        cells = [number(values[column]) for column in columns]
        rows.append((number(lines, 0), *cells[:-1], number(values[ours.NAME] / lines), cells[-1]))
    return "Coût selon le nombre de lignes, médianes en millisecondes par facture\n" + table(heads, rows)


def main() -> None:
    """Measure and print."""
    print(report(measure()))


if __name__ == "__main__":
    main()
