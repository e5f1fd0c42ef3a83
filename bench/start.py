"""How long `xlbridge --help` takes beside an empty Python, and what it must not import for that: a ribbon click starts a new Python.

Run: python -m bench.start
"""

from __future__ import annotations

import subprocess
import sys

from bench.timing import milliseconds, number, processes, table, verdict

ROUNDS = 11
SECONDS_MORE = 0.35  # the target
HEAVY = frozenset({"numpy", "pandas", "reportlab", "saxonche", "sqlalchemy", "xlwings"})
PYTHON, HELP = "python -c pass", "xlbridge --help"


def heavy_imports() -> set[str]:
    """The heavy packages that `xlbridge --help` imports, as Python itself reports its imports."""
    done = subprocess.run([sys.executable, "-X", "importtime", "-m", "xlbridge", "--help"], check=True, capture_output=True, text=True)
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines() if line.startswith("import time:")}
    if "typer" not in imported:
        raise RuntimeError("the list of imports was not understood")
    return imported & HEAVY


def measure(rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Seconds of an empty Python and of `xlbridge --help`, in turn."""
    runs = processes({PYTHON: ("-c", "pass"), HELP: ("-m", "xlbridge", "--help")}, rounds)
    return {name: [seconds for seconds, _ in answers] for name, answers in runs.items()}


def report(seconds: dict[str, list[float]], heavy: set[str]) -> str:
    """The table, the comparison with the target, and the heavy packages."""
    figures = {name: milliseconds(values) for name, values in seconds.items()}
    more = (figures[HELP][0] - figures[PYTHON][0]) / 1e3
    return "\n".join(
        (
            "Démarrage, en millisecondes",
            table(("", "médiane", "minimum"), [(name, number(middle, 0), number(least, 0)) for name, (middle, least) in figures.items()]),
            f"de plus que Python seul : {verdict(more, SECONDS_MORE, ' s')}",
            f"paquets lourds importés : {', '.join(sorted(heavy)) or 'aucun'}",
        )
    )


def main() -> None:
    """Measure and print."""
    print(report(measure(), heavy_imports()))


if __name__ == "__main__":
    main()
