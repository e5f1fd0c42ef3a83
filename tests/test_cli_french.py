"""The help of every command, and what is said of a wrong use, is French."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from tests.test_cli import run
from xlbridge.cli import app
from xlbridge.cli_french import FrenchCommand, FrenchGroup, in_french, run_in_french

ENGLISH = re.compile(
    r"\b(usage(?=:)|commands?|show|this|message and|exit|options?:|default|required|env var|error|try|for help|missing|no such|invalid"
    r"|did you mean|unexpected|requires|value for|input should|aborted|the|with|and)\b",
    re.IGNORECASE,
)
WRONG = [
    ("convert",),
    ("convert", "a.xlsx"),
    ("convert", "--nope"),
    ("chek",),
    ("zzzzz",),
    ("check", "--offical", "a.xlsx"),
    ("convert", "--out"),
    ("convert", "--json=3"),
    ("convert", "a.xlsx", "--out", "b", "--jobs", "deux"),
    ("convert", "a.xlsx", "--out", "b", "--jobs", "0"),
    ("issue", "a", "b", "--all"),
    ("ledger", "series", "nope"),
    ("archive",),
    ("rules", "--", "a", "b"),
]


def contexts(command: Any, parent: Any = None, name: str = "xlbridge") -> Iterator[Any]:
    """The context of every command, groups included."""
    context = command.make_context(name, [], parent=parent, resilient_parsing=True)
    yield context
    for inner, below in getattr(command, "commands", {}).items():
        yield from contexts(below, context, inner)


EVERY = list(contexts(typer.main.get_command(app)))


def english(text: str) -> list[str]:
    """The English words of a text; what the user types, and its kinds, are none."""
    plain = re.sub(r"--[\w-]+|<[^>]+>|\{[^}]+\}|« [^»]* »|\b[A-Z_]{3,}\b|\[OPTIONS\]", "", text)
    return ENGLISH.findall(re.sub(r"(?m)^  [a-z]+(?: {2,}|$)|xlbridge [a-z ]+", "", plain))


@pytest.mark.parametrize("context", EVERY, ids=lambda context: context.command_path)
def test_the_help_of_every_command_is_french(context: Any) -> None:
    assert isinstance(context.command, FrenchCommand | FrenchGroup)
    text = context.get_help()
    assert text.startswith(f"Utilisation : {context.command_path}")
    assert "Afficher cette aide." in text
    assert english(text) == []


def test_english_would_be_found() -> None:
    assert english("Options:\n  --help  Show this message and exit.  [default: 4]")
    assert english("Error: Missing argument 'paths'.")


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_a_wrong_use_is_told_in_french(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["xlbridge", *arguments])
    with pytest.raises(SystemExit) as stopped:
        run_in_french(app)
    told = capsys.readouterr()
    assert (stopped.value.code, told.out) == (2, "")
    assert english(told.err) == []
    assert ("Erreur : " in told.err) == ("À faire : " in told.err) == (arguments != ("archive",))


def test_the_program_itself_speaks_french() -> None:
    done = run("convert", "--nope")
    assert done.returncode == 2
    assert "L’option « --nope » n’existe pas." in done.stderr
    shown = run("--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith("Utilisation : ")


def test_an_unknown_sentence_is_not_lost() -> None:
    assert in_french("Something else.") == "Something else."
