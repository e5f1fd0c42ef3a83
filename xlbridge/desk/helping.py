"""« Aide »: the guide of one page, and which program works here."""

from __future__ import annotations

import platform
import sys
from html import escape
from importlib.resources import files

from xlbridge import __version__
from xlbridge.desk.answer import Answer
from xlbridge.desk.commands import COMMANDS
from xlbridge.desk.opening import temporary_folder
from xlbridge.workbook.port import Port


def show_help(port: Port) -> Answer:
    """The guide, written out so that it can be shown, and the version."""
    with port.step("Aide"):
        page = temporary_folder() / "aide-xlbridge.html"
        page.write_text(guide(), encoding="utf-8")
    return Answer(
        f"xlbridge {__version__}, Python {platform.python_version()} ({sys.executable}). Le mode d’emploi s’ouvre à côté.", open=page
    )


def guide() -> str:
    """The page as HTML: what each command does, from the one list of commands."""
    groups: dict[str, list[str]] = {}
    for command in COMMANDS.values():
        groups.setdefault(command.group, []).append(f"<dt>{escape(command.label)}</dt><dd>{escape(command.tip)}</dd>")
    listed = "".join(f"<h3>{escape(group)}</h3><dl>{''.join(items)}</dl>" for group, items in groups.items())
    text = files("xlbridge.data").joinpath("aide.html").read_text("utf-8")
    return text.replace("{{commands}}", listed).replace("{{version}}", escape(__version__))
