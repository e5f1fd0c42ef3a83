"""`check --fix` over several workbooks: each proposal shown, the chosen ones written into a copy beside the original."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from xlbridge.findings import Report
from xlbridge.repair import Repair, apply, proposals, target_for

Say = Callable[[str], None]
Ask = Callable[[str], str]

YES, ALL = "o", "t"
QUESTION = "Écrire cette valeur dans la copie ?"
NO_TERMINAL = "Rien n’est écrit : relancez « xlbridge check --fix » dans un terminal pour choisir les valeurs."
WRITTEN = (
    "« {target} » est écrit : {count} cellule(s) changée(s), l’original est intact. Ouvrez la copie dans votre tableur et enregistrez-la, "
    "pour que ses formules soient recalculées. Une facture déjà remise au client se corrige par une facture rectificative "
    "(CGI, art. 289, I, 5)."
)


def fix_all(files: Sequence[Path], reports: Sequence[Report], say: Say, ask: Ask | None) -> list[Path]:
    """The copies written for the workbooks `files`, whose reports are `reports`, in the same order.

    `ask` gives YES, ALL (this one and the rest of its workbook) or anything else for no; it is None where nobody can answer: the proposals
    are then shown and nothing is written. Raises XlbridgeError.
    """
    written = []
    for path, report in zip(files, reports, strict=True):
        repairs = proposals(path, report.findings)
        if not repairs:
            say(f"{path.name} : aucune correction à proposer.")
            continue
        chosen, answer = [], ""
        for repair in repairs:
            say(sentence(repair))
            if repair.obstacle or ask is None:
                continue
            answer = answer if answer == ALL else ask(QUESTION)
            if answer in {YES, ALL}:
                chosen.append(repair)
        if chosen:
            target = target_for(path)
            apply(path, chosen, target)
            written.append(target)
            say(WRITTEN.format(target=target, count=len({repair.finding.cell for repair in chosen})))
        elif ask is None and not all(repair.obstacle for repair in repairs):
            say(NO_TERMINAL)
    return written


def sentence(repair: Repair) -> str:
    """A proposal as a person reads it: cell, rule, old and new value, reason, what stands in the way."""
    finding = repair.finding
    place = f"{finding.cell} : " if finding.cell else ""
    also = f" (et {repair.also} autre(s) constat(s) sur la même cellule)" if repair.also else ""
    lines = [f"\n{place}{finding.code}", f"{finding.message}{also}"]
    if repair.obstacle:
        lines += [f"À écrire à la main : {repair.new} ({repair.obstacle})."]
        lines += [f"À faire : {finding.remedy}"] if finding.remedy else []
    else:
        lines += [f"  {repair.before} → {repair.after}"]
    return "\n".join(lines)
