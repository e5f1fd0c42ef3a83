"""The command line in French: the words that Typer itself puts into help and errors, which no catalogue of it translates.

>>> in_french("No such command 'chek'. Did you mean 'check'?")
'La commande « chek » n’existe pas. Vouliez-vous dire « check » ?'
>>> in_french("Missing argument 'paths'.")
'L’argument « paths » manque.'
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from xlbridge.errors import ExitCode

Words = tuple[tuple[re.Pattern[str], str], ...]
HELP: Words = tuple(
    (re.compile(pattern, re.MULTILINE), french)
    for pattern, french in (
        (r"^Usage: ", "Utilisation : "),
        (r"^(Options|Arguments):$", r"\1 :"),
        (r"^Commands:$", "Commandes :"),
        (r"\bCOMMAND \[ARGS\]\.\.\.", "COMMANDE [ARGUMENTS]..."),
        (r"Show\s+this\s+message\s+and\s+exit\.", "Afficher cette aide."),
        (r"(\[|; )env\s+var: ?", r"\1variable : "),
        (r"(\[|; )default: ?", r"\1par défaut : "),
        (r"(\[|; )required\]", r"\1obligatoire]"),
        (r" +$", ""),
    )
)
ERRORS: Words = tuple(
    (re.compile(pattern, re.DOTALL), french)
    for pattern, french in (
        (r"Missing argument '?(.+?)'?\.", "L’argument « \\1 » manque."),
        (r"Missing option '?(.+?)'?\.", "L’option « \\1 » manque."),
        (r"Missing command\.", "Il manque une commande."),
        (r"No such option: (\S+?)\.?", "L’option « \\1 » n’existe pas."),
        (r"No such option: (\S+?)\.? \(Possible options: (.+)\)", "L’option « \\1 » n’existe pas. Les plus proches : \\2."),
        (r"No such command '(.+?)'\.", "La commande « \\1 » n’existe pas."),
        (r"No such command '(.+?)'\. Did you mean (.+)\?", "La commande « \\1 » n’existe pas. Vouliez-vous dire \\2 ?"),
        (r"Got unexpected extra argument\(s\) \((.+)\)", "Argument en trop : \\1."),
        (r"Option '(.+?)' requires an argument\.?", "L’option « \\1 » attend une valeur."),
        (r"Option '(.+?)' does not take a value\.?", "L’option « \\1 » ne prend pas de valeur."),
        (r"Invalid value for '?(.+?)'?: Input should be a valid integer.*", "« \\1 » attend un nombre entier."),
        (r"Invalid value for '?(.+?)'?: Input should be a valid number.*", "« \\1 » attend un nombre."),
        (r"Invalid value for '?(.+?)'?: Input should be greater than or equal to (\S+)", "« \\1 » attend \\2 au moins."),
        (r"Invalid value for '?(.+?)'?: Input should be less than or equal to (\S+)", "« \\1 » attend \\2 au plus."),
        (r"Invalid value for '?(.+?)'?: .*", "La valeur de « \\1 » n’est pas admise."),
    )
)
USAGE_FAULT: Any = next(kind for kind in reversed(typer.BadParameter.__mro__) if hasattr(kind, "format_message"))
"""The base of what Typer raises on wrong use, by whatever name its version has for it."""


class FrenchCommand(TyperCommand):
    """A command whose help is French."""

    def get_help(self, ctx: Any) -> str:
        return _help(super().get_help(ctx))

    def get_usage(self, ctx: Any) -> str:
        return _help(super().get_usage(ctx))


class FrenchGroup(TyperGroup):
    """A group of commands whose help is French."""

    def get_help(self, ctx: Any) -> str:
        return _help(super().get_help(ctx))

    def get_usage(self, ctx: Any) -> str:
        return _help(super().get_usage(ctx))


class FrenchTyper(typer.Typer):
    """An application, or a group of commands, that speaks French; without a command it shows its help."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            cls=FrenchGroup, no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, **options
        )

    def command(self, name: str | None = None, **options: Any) -> Callable[[Any], Any]:
        return super().command(name, **{"cls": FrenchCommand, **options})


def run_in_french(app: typer.Typer) -> NoReturn:
    """Run the application; what was used wrongly is a French sentence, and exit code 2."""
    try:
        code = app(standalone_mode=False)
    except USAGE_FAULT as fault:
        _refuse(fault)
    except typer.Abort:
        sys.exit(ExitCode.STOPPED)
    sys.exit(code if isinstance(code, int) else ExitCode.OK)


def _refuse(fault: Any) -> NoReturn:
    """Show how the command is used and what was wrong; where nothing was given, its whole help."""
    context, message = getattr(fault, "ctx", None), fault.format_message()
    if context is not None and message == context.get_help():
        typer.echo(message, err=True)
    else:
        usage = f"{context.get_usage()}\n\n" if context else ""
        command = context.command_path if context else "xlbridge"
        typer.echo(f"{usage}Erreur : {in_french(message)}\nÀ faire : « {command} --help » dit comment s’en servir.", err=True)
    sys.exit(ExitCode.WRONG_USE)


def in_french(message: str) -> str:
    """What Typer says of a wrong use, in French; the help of a command, which is French already, as it is."""
    for pattern, french in ERRORS:
        if found := pattern.fullmatch(message):
            return re.sub(r"'([^']*)'", r"« \1 »", found.expand(french))
    return message


def _help(text: str) -> str:
    for pattern, french in HELP:
        text = pattern.sub(french, text)
    return text
