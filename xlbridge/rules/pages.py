"""The pages of the rules: `docs/regles/<CODE>.md`, and the same text for `xlbridge rules CODE`.

`python -m xlbridge.rules.pages docs/regles tests/cases` writes them all; a test holds the folder equal to what this module makes.
"""

from __future__ import annotations

import re
import sys
from datetime import date
from pathlib import Path

from xlbridge.errors import WrongUse
from xlbridge.findings import Rule, Severity
from xlbridge.french import short_date
from xlbridge.rules.catalogue import Entry, catalogue

FAMILIES = {
    "FR-IDE": "Identité",
    "FR-MEN": "Mentions",
    "FR-DAT": "Dates",
    "FR-MNT": "Montants",
    "FR-TVA": "TVA",
    "FR-NUM": "Numérotation",
    "FR-AVO": "Avoirs",
    "FR-PAI": "Paiement",
    "FR-REF": "Réforme de la facture électronique",
    "FR-B2G": "Clients publics",
}
WEIGHTS = {Severity.BLOCKING: "bloque", Severity.WARNING: "avertit", Severity.NOTE: "note"}


def page_of(code: str) -> str:
    """The page of one rule. Raises WrongUse for a code that is none, with those of its family."""
    item = catalogue().get(code.upper())
    if item is None:
        near = [known for known in catalogue() if known.startswith(code.upper()[:6])]
        hint = f"Codes proches : {', '.join(near[:12])}." if near else "xlbridge rules donne la liste."
        raise WrongUse(f"« {code} » n’est pas le code d’une règle.", hint)
    return _page(item)


def _page(item: Entry) -> str:
    rule = item.rule
    lines = [
        f"# {rule.code} – {rule.title}",
        "",
        f"**Ce que dit la règle.** {_with_gaps(rule.message)}",
        "",
        f"**Pourquoi.** {item.why}",
        "",
        f"**Qui est concerné.** {item.concerns}",
        "",
        f"**Depuis quand.** {_days(rule)}",
        "",
        f"**Poids.** Dans votre classeur, elle {WEIGHTS[rule.severity]} ; {_elsewhere(item)}.",
        "",
        f"**À faire.** {_with_gaps(rule.remedy[:1].upper() + rule.remedy[1:])}",
        "",
        f"**Texte.** {rule.law}",
    ]
    return "\n".join(lines)


def _with_gaps(sentence: str) -> str:
    """The sentence with « … » where a finding has the values of the invoice."""
    return re.sub(r"\{[^}]*\}", "…", sentence)


def _days(rule: Rule) -> str:
    def day(value: date) -> str:
        return short_date(value)

    if rule.since and rule.until:
        return f"Factures du {day(rule.since)} au {day(rule.until)}."
    if rule.since:
        return f"Factures émises à partir du {day(rule.since)}."
    return f"Factures émises jusqu’au {day(rule.until)}." if rule.until else "Toujours."


def _elsewhere(item: Entry) -> str:
    if item.elsewhere is None:
        return "`validate` ne la dit pas des factures d’autrui"
    return f"dans la facture d’autrui (`validate`), elle {WEIGHTS[item.elsewhere]}"


def listing() -> str:
    """Code and title of every rule, family by family."""
    lines: list[str] = []
    for family, name in FAMILIES.items():
        items = [item for code, item in catalogue().items() if code.startswith(family)]
        if items:
            lines += ["", f"{name} ({family})"] + [f"  {item.rule.code}  {item.rule.title}" for item in items]
    return "\n".join(lines).strip()


def index() -> str:
    """The table of contents of the pages."""
    lines = [
        "# Les règles françaises",
        "",
        "Chaque page dit quoi, pourquoi, pour qui, depuis quand, que faire ; `xlbridge rules CODE` aussi.",
        "",
    ]
    for family, name in FAMILIES.items():
        items = [item for code, item in catalogue().items() if code.startswith(family)]
        if items:
            lines += [f"## {name}", "", "| code | titre | poids |", "|---|---|---|"]
            lines += [f"| [{i.rule.code}]({i.rule.code}.md) | {i.rule.title} | {WEIGHTS[i.rule.severity]} |" for i in items]
            lines.append("")
    return "\n".join(lines).rstrip()


def pages(cases: Path | None = None) -> dict[str, str]:
    """Every page by file name; `cases` (tests/cases) adds to each the example of its failing case."""
    made = {"README.md": index() + "\n"}
    for code, item in catalogue().items():
        text = _page(item)
        if cases is not None:
            message = (cases / code / "message.txt").read_text("utf-8").strip()
            text += f"\n\n**Exemple.**\n\n```\n{message}\n```"
        made[f"{code}.md"] = text + "\n"
    return made


def main() -> None:
    """Write the pages into the folder that is named, and remove those of rules that are no more."""
    folder, cases = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    made = pages(cases)
    for old in folder.glob("*.md"):
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        (folder / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
