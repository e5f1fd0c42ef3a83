"""Builds `xlbridge.oxt`, the extension for LibreOffice Calc: menu and toolbar « Facturation », icons, and the component they call.

All of it comes from the list of commands and the text in `macros/calc`. Menu and toolbar are of the configuration schema
`org.openoffice.Office.Addons`; where the toolbar is docked and under which name, of `org.openoffice.Office.UI.CalcWindowState`.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import pairwise
from pathlib import Path

from macros.icons import icon
from xlbridge import __version__
from xlbridge.desk.commands import COMMANDS, Command
from xlbridge.workbook.calc import MODULES

EXTENSION = "xlbridge.oxt"
IDENTIFIER = "org.xlbridge.calc"
TITLE = "Facturation"
SIZES = {"ImageSmallURL": 16, "ImageBigURL": 26}
FOLDER = Path(__file__).parent / "calc"
WORKBOOK = Path(__file__).parents[1] / "xlbridge" / "workbook"
SPREADSHEETS = "com.sun.star.sheet.SpreadsheetDocument"
TOOLBAR = "org.xlbridge.toolbar"
OWN_ROW = "0,9"  # at the left, below « Standard » and « Formatage »
ICON_AND_TEXT = 2  # com.sun.star.ui.ItemStyle of a toolbar
CONFIGURATION = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<oor:component-data xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" '
    'oor:name="{name}" oor:package="{package}">{content}</oor:component-data>\n'
)
MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="http://openoffice.org/2001/manifest">
  <manifest:file-entry manifest:full-path="component.py" manifest:media-type="application/vnd.sun.star.uno-component;type=Python"/>
  <manifest:file-entry manifest:full-path="Addons.xcu" manifest:media-type="application/vnd.sun.star.configuration-data"/>
  <manifest:file-entry manifest:full-path="CalcWindowState.xcu" manifest:media-type="application/vnd.sun.star.configuration-data"/>
</manifest:manifest>
"""
# From 7.2 on LibreOffice brings Python 3.8 for Windows and macOS.
DESCRIPTION = f"""<?xml version="1.0" encoding="UTF-8"?>
<description xmlns="http://openoffice.org/extensions/description/2006" xmlns:xlink="http://www.w3.org/1999/xlink">
  <identifier value="{IDENTIFIER}"/>
  <version value="{__version__}"/>
  <display-name><name lang="fr">xlbridge : facturer dans les règles</name></display-name>
  <extension-description><src lang="fr" xlink:href="description.txt"/></extension-description>
  <dependencies>
    <l:LibreOffice-minimal-version xmlns:l="http://libreoffice.org/extensions/description/2011" value="7.2" l:name="LibreOffice 7.2"/>
  </dependencies>
</description>
"""
IN_WORDS = (
    "Menu et barre d’outils « Facturation » de Calc : contrôler des factures, les numéroter et en faire des Factur-X. "
    "L’extension appelle le programme xlbridge, installé sur cet ordinateur.\n"
)


def extension() -> dict[str, bytes]:
    """The parts of the extension."""
    icons = {_icon_file(word, size): icon(word, size) for word in COMMANDS for size in SIZES.values()}
    return icons | {
        "META-INF/manifest.xml": MANIFEST.encode(),
        "description.xml": DESCRIPTION.encode(),
        "description.txt": IN_WORDS.encode(),
        "Addons.xcu": _configuration("Addons", "org.openoffice.Office", _addons()),
        "CalcWindowState.xcu": _configuration("CalcWindowState", "org.openoffice.Office.UI", _window_state()),
        "component.py": (FOLDER / "component.py").read_bytes(),
        "pythonpath/xlbridge_calc/__init__.py": (WORKBOOK / "calc.py").read_bytes(),
        **{f"pythonpath/xlbridge_calc/{name}.py": (WORKBOOK / f"{name}.py").read_bytes() for name in MODULES},
    }


def _addons() -> str:
    menu = _node("org.xlbridge.menu", _text("Title", TITLE), _text("Context", SPREADSHEETS), _node("Submenu", *_entries(), replaces=False))
    images = [_node(f"org.xlbridge.{word}", _text("URL", _url(word)), _images(word)) for word in COMMANDS]
    return _node(
        "AddonUI",
        _node("OfficeMenuBar", menu, replaces=False),
        _node("OfficeToolBar", _node(TOOLBAR, *_entries()), replaces=False),
        _node("Images", *images, replaces=False),
        replaces=False,
    )


def _entries() -> Iterator[str]:
    """The commands in their order, which is that of the names given to the entries, with a line between groups."""
    commands = list(COMMANDS.values())
    yield _entry(0, commands[0])
    for number, (before, after) in enumerate(pairwise(commands), 1):
        if before.group != after.group:
            yield _node(f"m{number:02}a", _text("URL", "private:separator"))
        yield _entry(number, after)


def _entry(number: int, command: Command) -> str:
    return _node(
        f"m{number:02}b",
        _text("URL", _url(command.word)),
        _text("Title", command.label),
        _text("Target", "_self"),
        _text("Context", SPREADSHEETS),
    )


def _images(word: str) -> str:
    places = [_text(size, f"%origin%/{_icon_file(word, pixels)}") for size, pixels in SIZES.items()]
    return _node("UserDefinedImages", *places, replaces=False)


def _window_state() -> str:
    toolbar = _node(
        f"private:resource/toolbar/addon_{TOOLBAR}",
        _text("UIName", TITLE),
        _value("Visible", "xs:boolean", "true"),
        _value("Docked", "xs:boolean", "true"),
        _value("DockingArea", "xs:int", "0"),
        _text("DockPos", OWN_ROW),
        _value("Style", "xs:int", str(ICON_AND_TEXT)),
    )
    return _node("UIElements", _node("States", toolbar, replaces=False), replaces=False)


def _configuration(name: str, package: str, content: str) -> bytes:
    return CONFIGURATION.format(name=name, package=package, content=content).encode()


def _node(name: str, *content: str, replaces: bool = True) -> str:
    operation = ' oor:op="replace"' if replaces else ""
    return f'<node oor:name="{name}"{operation}>{"".join(content)}</node>'


def _text(name: str, value: str) -> str:
    return _value(name, "xs:string", escape(value, quote=False))


def _value(name: str, kind: str, value: str) -> str:
    return f'<prop oor:name="{name}" oor:type="{kind}"><value>{value}</value></prop>'


def _url(word: str) -> str:
    return f"service:org.xlbridge.Desk?{word}"


def _icon_file(word: str, size: int) -> str:
    return f"icons/{word}_{size}.png"
