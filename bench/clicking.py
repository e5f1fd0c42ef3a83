"""From the click on « Vérifier » in LibreOffice Calc to the last mark, on a workbook of 200 drafts, with a new Python each time.

The extension is the real one, in a LibreOffice without a screen; its component writes down when each request comes and when it is answered.
Run: python -m bench.clicking [ROUNDS]
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from bench.timing import Stages, number, table, verdict
from macros.build import package
from macros.extension import EXTENSION, extension
from tests import extension_stage
from tests.calc_stage import Office
from tests.extension_stage import add_extension, click, lines, wait_for
from tests.issuing_stage import FIRST, company, draft
from tests.screen import new_profile, started
from xlbridge.workbook.template_writer import write_template

COUNT, FAULTY, ROUNDS = 200, 20, 5
SECONDS = 1.5  # the target
START, READING, RULES, WRITING = (
    "démarrer Python",
    "lire le classeur",
    "charger et appliquer les règles",
    "écrire marques, notes et « Contrôle »",
)
READ = frozenset({"place", "sheets", "details"})
FIRST_WRITTEN = "notes"  # former marks are looked for before new ones are made
SEAM = '                child.stdin.write((self._answer(line) + "\\n").encode("utf-8"))\n'
STAMPED = """                stamp("asked " + asked["do"])
                told = self._answer(line)
                stamp("answered " + asked["do"])
                child.stdin.write((told + "\\n").encode("utf-8"))
"""
STAMP = """

stamps = []


def stamp(what):
    import time

    stamps.append([time.time(), what])
    if what == "answered end":
        with open(os.environ["STAGE"] + "/stamps.txt", "w", encoding="utf-8") as out:
            out.write("".join(json.dumps(one) + "\\n" for one in stamps))
        stamps.clear()
"""


def measure(rounds: int = ROUNDS, count: int = COUNT) -> list[Stages]:
    """The seconds of each stage, click by click; the first click, by which LibreOffice loads the extension, does not count."""
    if shutil.which("soffice") is None:
        raise RuntimeError("LibreOffice is not installed")
    with tempfile.TemporaryDirectory(prefix="xlbridge-bench-") as folder:
        stage = Path(folder)
        drafts = [draft(seed) for seed in range(count)]
        late = {"due_date": FIRST - timedelta(days=3)}  # due before it was written
        write_template(
            stage / "facturier.xlsx", [one.model_copy(update={} if at % FAULTY else late) for at, one in enumerate(drafts)], company()
        )
        profile = new_profile(stage / "profile")
        with started(profile, "--headless") as running:
            add_extension(running, _stamping(stage))
        # Only an office that starts with the extension holds it in its own process.
        with started(profile, "--headless", STAGE=str(stage)) as running:
            document = running.open(stage / "facturier.xlsx")
            return [_one(stage, running, document, at) for at in range(1, rounds + 2)][1:]


def _stamping(stage: Path) -> Path:
    """The extension whose component writes times down."""
    parts = extension()
    component = parts["component.py"].decode().replace(extension_stage.SEAM, extension_stage.SEAM + extension_stage.WRITTEN_DOWN)
    if component.count(SEAM) != 1:
        raise RuntimeError("the component answers otherwise than this measurement knows")
    parts |= {"component.py": (component.replace(SEAM, STAMPED) + STAMP).encode(), "python.txt": sys.executable.encode()}
    path = stage / EXTENSION
    path.write_bytes(package(parts))
    return path


def _one(stage: Path, running: Office, document: Any, at: int) -> Stages:
    """One click, and the time that each stage took."""
    begun = time.time()
    click(running, document, "check")
    wait_for(lambda: len(lines(stage / "said.txt")) >= at, "the end of the check", 60)
    text, code = lines(stage / "said.txt")[-1]
    if code != 1:
        raise RuntimeError(f"the check ended with {code}: {text}")
    return stages(begun, [(moment, what) for moment, what in lines(stage / "stamps.txt")])


def stages(begun: float, stamps: list[tuple[float, str]]) -> Stages:
    """The seconds of each stage from what was written down.

    >>> list(stages(0, [(1, "asked sheets"), (1.5, "answered sheets"), (4, "asked notes"), (6, "answered notes")]).values())
    [1, 0.5, 2.5, 2]
    """
    writing = next(moment for moment, what in stamps if what == f"asked {FIRST_WRITTEN}")
    pairs = zip(stamps[::2], stamps[1::2], strict=True)
    reading = sum(answered - asked for (asked, what), (answered, _) in pairs if what.removeprefix("asked ") in READ and asked < writing)
    start = stamps[0][0] - begun
    return {START: start, READING: reading, RULES: writing - begun - start - reading, WRITING: stamps[-1][0] - writing}


def report(runs: list[Stages]) -> str:
    """The table of shares and the comparison with the target."""
    whole = median(sum(run.values()) for run in runs)
    middle = {stage: median(run[stage] for run in runs) for stage in runs[0]}
    rows = [(stage, number(seconds * 1e3, 0), f"{number(100 * seconds / sum(middle.values()), 0)} %") for stage, seconds in middle.items()]
    return "\n".join(
        (
            f"Du clic sur « Vérifier » aux marques, {COUNT} factures, dans Calc (médiane de {len(runs)})",
            table(("", "ms", "part"), rows),
            f"en tout : {verdict(whole, SECONDS, ' s')}",
        )
    )


def main() -> None:
    """Measure and print."""
    print(report(measure(int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdecimal() else ROUNDS)))


if __name__ == "__main__":
    main()
