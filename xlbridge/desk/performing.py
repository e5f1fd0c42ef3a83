"""A command word performed on a port: the one place where a click becomes an answer, whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from xlbridge.desk.answer import Answer
from xlbridge.desk.commands import COMMANDS
from xlbridge.errors import WrongUse, XlbridgeError
from xlbridge.workbook.port import Port

# Imported one by one: a click starts a new Python, and pays for what it imports.
FUNCTIONS = {
    "check": "checking.check",
    "next": "checking.next_finding",
    "fix": "checking.fix",
    "clear": "checking.clear",
    "preview": "issuing.preview",
    "issue": "issuing.issue_drafts",
    "credit": "crediting.credit",
    "export": "exporting.export_issued",
    "duplicates": "comparing.duplicates",
    "verify": "comparing.verify",
    "help": "helping.show_help",
}


def perform(word: str, port: Port) -> Answer:
    """What the command `word` does with the workbook. A failure of the tool is an answer, too: what happened, and what to do."""
    if word not in COMMANDS:
        raise WrongUse(f"« {word} » n’est pas une commande de ce bouton.", "Relancez « xlbridge install », puis le tableur.")
    module, _, name = FUNCTIONS[word].partition(".")
    try:
        function: Callable[[Port], Answer] = getattr(import_module(f"xlbridge.desk.{module}"), name)
        return function(port)
    except XlbridgeError as fault:
        return Answer.of(fault)
