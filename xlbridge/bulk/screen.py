"""What a person sees in the terminal: progress on standard error, results and findings on standard output, all in French."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from xlbridge.findings import Finding, Outcome, Report, Severity
from xlbridge.french import quantity
from xlbridge.legacy.reader import Reading
from xlbridge.legacy.refusal import SENTENCES
from xlbridge.legacy.rules import NO_INVOICE

OUTCOMES = {Outcome.COMPLIANT: "conforme", Outcome.NON_COMPLIANT: "NON CONFORME", Outcome.NOT_CHECKED: "NON VÉRIFIÉ"}
CHECKS = {
    "read": "lecture", "rules": "règles françaises", "xlbridge": "règles françaises", "official": "règles officielles",
    "container": "conteneur PDF", "profile": "profil", "xsd": "schéma XML", "br-fr": "règles BR-FR", "pdfa": "PDF/A-3 (veraPDF)",
    "chain": "chaîne du registre", "events": "chaîne des événements", "index": "index du registre", "numbering": "numérotation",
    "key": "clé du registre", "head": "tête du registre", "files": "fichiers du coffre", "closings": "clôtures",
    "workbook": "classeur", "clock": "horloge",
}  # fmt: skip
SHOWN = 12  # findings of one kind that the terminal lists; the report has them all


class Progress:
    """A progress bar with the remaining time on standard error; silent where that is no terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self.bar = Bar(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
        self.task = self.bar.add_task("Lecture", total=None)

    def __enter__(self) -> Self:
        self.bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self.bar.stop()

    def tick(self, done: int, total: int, what: str) -> None:
        """`done` of `total` steps are made; `what` is the file they belong to."""
        self.bar.update(self.task, completed=done, total=total, description=what[-28:])


def agreed(question: str) -> bool:
    """Ask `question` until the answer is yes or no; no answer is a no. Raises KeyboardInterrupt where it is answered by Ctrl-C."""
    import typer

    answers = {"o": True, "oui": True, "y": True, "yes": True, "": False, "n": False, "non": False, "no": False}
    try:
        while True:
            answer = str(typer.prompt(f"{question} (o : oui, n : non)", default="n", show_default=False, err=True)).strip().lower()
            if answer in answers:
                return answers[answer]
    except typer.Abort:
        raise KeyboardInterrupt from None


WHOLE = frozenset({"Numéro", "Date"})
"""Columns whose values are not broken over two lines."""


def table_of(title: str, columns: Sequence[tuple[str, bool]]) -> Any:
    """A table for `print_lines`: its columns with their name, and whether they stand on the right."""
    from rich.table import Table

    table = Table(title=title, title_justify="left", header_style="bold")
    for name, right in columns:
        table.add_column(name, justify="right" if right else "left", overflow="fold", no_wrap=name in WHOLE)
    return table


def print_lines(*renderables: object) -> None:
    """Texts and tables on standard output, as they are."""
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    for renderable in renderables:
        console.print(renderable)


def show_conversion(records: Sequence[dict[str, Any]], out: Path, *, stopped: bool) -> None:
    """The table of files, the findings that stopped documents, and where the results are."""
    table = table_of("Conversion", (("Classeur", False), ("Lus", True), ("Convertis", True), ("Arrêtés", True), ("", False)))
    totals = [0, 0]
    for record in records:
        read, done = len(record["documents"]), sum(1 for document in record["documents"] if document["pdf"])
        totals = [totals[0] + read, totals[1] + done]
        table.add_row(Path(record["file"]).name, str(read), str(done), str(read - done), SENTENCES.get(record["reason"] or "", ""))
    print_lines(table)
    _show_counts(records)
    print_lines(
        f"{totals[1]} PDF Factur-X vérifiés sur {totals[0]} documents lus, dans « {out} ». Le détail est dans conversion.xlsx.",
        "Ce sont des copies de conversion : gardez les classeurs d’origine.",
    )
    if stopped:
        print_lines("Arrêté avant la fin : relancez la même commande, ce qui est fait ne sera pas refait.")


def _show_counts(records: Iterable[dict[str, Any]]) -> None:
    """The findings above a note by code: how often, one example, what to do."""
    groups: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for record in records:
        name = Path(record["file"]).name
        found = [*record["findings"], *(item for document in record["documents"] for item in document["findings"])]
        for finding in found:
            if finding["severity"] != Severity.NOTE.value:
                groups.setdefault(finding["code"], []).append((name, finding))
    if not groups:
        return
    table = table_of("Constats", (("Code", False), ("Fois", True), ("Exemple", False), ("À faire", False)))
    for code, found in sorted(groups.items(), key=lambda item: (Severity(item[1][0][1]["severity"]).rank, item[0]))[: 3 * SHOWN]:
        name, finding = found[0]
        place = f"{name}, {finding['cell']['sheet']}!{finding['cell']['address']} : " if finding["cell"] else f"{name} : "
        table.add_row(code, str(len(found)), place + finding["message"], finding["remedy"])
    print_lines(table)


def show_reading(reading: Reading) -> None:
    """What was understood of one file."""
    print_lines(
        f"{reading.path.name} : {f'{len(reading.documents)} document(s)' if reading.documents else SENTENCES[reading.reason or 'empty']}"
    )
    if reading.documents:
        columns = (
            ("Numéro", False),
            ("Date", False),
            ("Type", False),
            ("Client", False),
            ("HT", True),
            ("TVA", True),
            ("TTC", True),
            ("", False),
        )
        table = table_of("", columns)
        for document in reading.documents:
            invoice = document.invoice
            amounts = [quantity(value) if (value := getattr(invoice.totals, name)) is not None else "" for name in ("net", "vat", "gross")]
            day = f"{invoice.issue_date:%d/%m/%Y}" if invoice.issue_date else ""
            count = len(document.findings)
            remark = f"{count} constat(s)" if count else ""
            table.add_row(invoice.number or "", day, invoice.title, invoice.buyer.name or "", *amounts, remark)
        print_lines(table)
    show_findings([*reading.findings, *(finding for document in reading.documents for finding in document.findings)])


def show_findings(findings: Sequence[Finding]) -> None:
    """The findings as sentences, the weightiest first: the same words once with all their cells, a dozen sentences of one code at most."""
    same: dict[tuple[object, ...], list[Finding]] = {}
    for finding in sorted(findings, key=lambda item: item.severity.rank):
        sheet = (finding.cell.file, finding.cell.sheet) if finding.cell else None
        same.setdefault((finding.code, finding.severity, finding.message, finding.remedy, sheet), []).append(finding)
    seen: dict[str, int] = {}
    left: dict[str, int] = {}
    for group in same.values():
        code = group[0].code
        seen[code] = seen.get(code, 0) + 1
        if seen[code] <= SHOWN:
            print_lines("", _in_all_cells(group))
        else:
            left[code] = left.get(code, 0) + len(group)
    for code, count in left.items():
        print_lines("", f"… et {count} autre{'s' if count > 1 else ''} {code} ; tout est dans la sortie --json.")


def _in_all_cells(group: Sequence[Finding]) -> str:
    """One sentence for findings that differ by nothing but their cells, or by nothing."""
    first = group[0]
    addresses = list(dict.fromkeys(finding.cell.address for finding in group if finding.cell))
    if first.cell is None:
        return str(first) if len(group) == 1 else f"{first}\n({len(group)} fois.)"
    if len(addresses) == 1:
        return str(first)
    more = f" et {len(addresses) - SHOWN} autres" if len(addresses) > SHOWN else ""
    place = str(replace(first.cell, address="")) + f", cellules {', '.join(addresses[:SHOWN])}{more}"
    return f"{place} : {first.at(None)}"


def show_report(report: Report) -> None:
    """The outcome of one file, check by check, and its findings."""
    nothing = any(finding.code == NO_INVOICE.code for finding in report.findings)
    print_lines(f"{report.file} : {'rien à contrôler' if nothing else OUTCOMES[report.outcome]}")
    for check in report.checks:
        print_lines(f"  {CHECKS.get(check.name, check.name):<22} {OUTCOMES[check.outcome]}")
    show_findings(report.findings)
    print_lines("")
