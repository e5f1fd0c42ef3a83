"""An invoice from the first key to its PDF, by mouse and keyboard in LibreOffice Calc: with the toolbar of the extension, and with the
buttons in the sheet of the workbook with macros. Nothing is called here but what a click calls."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from macros import build as macros_build
from macros.build import WORKBOOK, package
from macros.extension import EXTENSION, extension
from tests import issuing_stage, samples
from tests.extension_stage import add_extension
from tests.macro_stage import script
from tests.screen import PICTURES, Seat, needs_screen, new_profile, screen, started, wait_for
from workbook_templates.build import TEMPLATE_NAME
from xlbridge.clients import Client, ClientKind
from xlbridge.company import Size
from xlbridge.desk.marks import FILLS
from xlbridge.findings import Severity
from xlbridge.issuing.places import Places
from xlbridge.ledger.places import sqlite_url
from xlbridge.official.container import read_container
from xlbridge.workbook.grid import open_workbook
from xlbridge.workbook.template_writer import write_template

pytestmark = [pytest.mark.slow, needs_screen]
OPENER = '#!/bin/sh\nprintf "%s\\n" "$1" >> "$OPENED"\n'
TODAY = date.today()  # noqa: DTZ011  the user's own day
BUYER = samples.BUYER
DUE, NAME = ("Factures", "D2"), ("Lignes", "C3")  # the cells with a fault
Click = Callable[[Seat, str], None]


def written(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def client() -> Client:
    address = BUYER.address
    assert address is not None
    return Client(
        code="MOULINS", name=BUYER.name or "", kind=ClientKind.BUSINESS, siren=BUYER.siren, siret=BUYER.siret, vat_number=BUYER.vat_number,
        address=address.line1, postcode=address.postcode, city=address.city, country="FR", terms="30 jours",
    )  # fmt: skip


def prepared(path: Path) -> None:
    """The workbook of someone who has written down their firm and a client, once and for all; no invoice yet."""
    company = issuing_stage.company().model_copy(update={"size": Size.GE})
    if path.name == TEMPLATE_NAME:
        write_template(path, (), company, [client()])
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(macros_build, "write_template", lambda template: write_template(template, (), company, [client()]))
        path.write_bytes(package(macros_build.workbook()))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile in which the extension is installed, and knows this Python."""
    folder = tmp_path_factory.mktemp("installed")
    (folder / EXTENSION).write_bytes(package(extension() | {"python.txt": sys.executable.encode()}))
    profile = new_profile(folder / "profile")
    with started(profile, "--headless") as office:
        add_extension(office, folder / EXTENSION)
    return profile


@contextmanager
def seat(stage: Path, name: str, installed: Path) -> Iterator[Seat]:
    """The user in front of the workbook, on a screen; places as in `ledger_of`."""
    prepared(stage / name)
    profile = shutil.copytree(installed, stage / "profile")
    for folder in ("bin", "home"):
        (stage / folder).mkdir()
    script(stage / "bin" / "xdg-open", OPENER)
    places = {"LEDGER": "registre.sqlite", "ARCHIVE": "coffre", "KEY_FILE": "clé.pem"}
    environment = {f"XLBRIDGE_{place}": str(stage / file) for place, file in places.items()}
    environment |= {"HOME": str(stage / "home"), "OPENED": str(stage / "opened.txt")}
    environment["PATH"] = f"{stage / 'bin'}{os.pathsep}{os.environ['PATH']}"
    pictures = (Path(PICTURES) if PICTURES else stage / "pictures") / name
    with screen(pictures) as shown, started(profile, str(stage / name), **environment, **shown.environment) as office:
        try:
            yield Seat(office, shown)
        except BaseException:
            shown.picture("failed")
            raise


def ledger_of(stage: Path) -> issuing_stage.Office:
    return issuing_stage.Office(stage, Places(sqlite_url(stage / "registre.sqlite"), stage / "coffre", str(stage / "clé.pem")))


@pytest.mark.parametrize(
    ("name", "click"), [(TEMPLATE_NAME, Seat.click_toolbar), (WORKBOOK, Seat.click_in_sheet)], ids=["toolbar", "buttons in the sheet"]
)
def test_an_invoice_is_typed_checked_corrected_and_issued(name: str, click: Click, installed: Path, tmp_path: Path) -> None:
    with seat(tmp_path, name, installed) as user:
        user.screen.picture("opened")
        type_a_faulty_invoice(user)
        faults_are_marked(user, click)
        corrected_one_by_one(user, click)
        number = issued(user, click)
        in_the_register(user, number)
        check_page(opened(tmp_path), number)
        check_file(tmp_path / name, number)
    assert ledger_of(tmp_path).issued() == {(name, "B1"): number}


def type_a_faulty_invoice(user: Seat) -> None:
    """Due before its date, and a line without a name."""
    user.type_row("Factures", "A2", "B1", "Facture", written(TODAY), written(TODAY - timedelta(4)), "MOULINS")
    user.type_row("Lignes", "A2", "B1", "", "Conseil en organisation", "3", "jour", "450", "", "20")
    user.type_row("Lignes", "A3", "B1", "", "", "1", "forfait", "62,50", "", "20")
    user.screen.picture("typed")
    assert user.text("Factures", "E2") == "MOULINS"
    assert user.cell("Lignes", "F3").Value == 62.5


def faults_are_marked(user: Seat, click: Click) -> None:
    click(user, "Vérifier")
    told = user.box()
    user.screen.picture("checked")
    assert told.text.startswith("2 bloquants.")
    user.answer(told, "OK")
    marks = user.notes()
    assert {cell: fill for cell, (_note, fill) in marks.items()} == dict.fromkeys((DUE, NAME), FILLS[Severity.BLOCKING])
    assert user.filled(FILLS.values()) == {DUE, NAME}
    assert "FR-DAT-003" in marks[DUE][0]
    assert "désignation" in marks[NAME][0]
    assert [user.text("Contrôle", f"E{row}") for row in (2, 3, 4)] == ["Factures!D2", "Lignes!C3", ""]
    assert user.text("Accueil", "D21").endswith(" : 2 bloquants")
    for sheet in ("Lignes", "Contrôle", "Accueil"):
        user.turn_to(sheet)
        user.screen.picture(f"marked-{sheet.lower()}")


def corrected_one_by_one(user: Seat, click: Click) -> None:
    """The first fault, then a new check, then the other: it is « Émettre » that will find it mended."""
    correct(user, click, DUE, written(TODAY + timedelta(30)))
    click(user, "Vérifier")
    told = user.box()
    assert told.text.startswith("1 bloquant.")
    user.answer(told, "OK")
    assert set(user.notes()) == {NAME}
    correct(user, click, NAME, "Frais de dossier")


def correct(user: Seat, click: Click, cell: tuple[str, str], text: str) -> None:
    """« Suivant » leads to the cell, into which one types."""
    click(user, "Suivant")
    wait_for(lambda: user.cursor() == cell, f"the cursor on {cell}")
    user.screen.picture("next")
    user.screen.type(text)
    user.screen.press("Return")
    wait_for(lambda: user.text(*cell) == text, text)


def issued(user: Seat, click: Click) -> str:
    """The number that the question names, once it is answered by yes."""
    click(user, "Émettre")
    question = user.box()
    user.screen.picture("asked")
    number = question.text.partition(" – ")[0]
    assert number == f"F{TODAY.year}-0001"
    assert f"{BUYER.name} – 1\xa0695,00\xa0€ TTC (B1)" in question.text
    assert user.text("Registre", "A2") == ""
    user.answer(question, "Yes")
    told = user.box()
    user.screen.picture("issued")
    assert told.text == f"Facture {number} émise pour {BUYER.name} (B1)."
    user.answer(told, "OK")
    return number


def in_the_register(user: Seat, number: str) -> None:
    user.turn_to("Registre")
    user.screen.picture("register")
    assert [user.text("Registre", f"{column}2") for column in "ACDE"] == [
        number, written(TODAY), written(TODAY + timedelta(30)), "MOULINS",
    ]  # fmt: skip
    assert [user.cell("Registre", f"{column}2").Value for column in "MNO"] == [1412.5, 282.5, 1695]
    assert [user.text("Registre lignes", f"C{row}") for row in (2, 3)] == ["Conseil en organisation", "Frais de dossier"]
    assert {user.text(sheet, f"{column}{row}") for sheet in ("Factures", "Lignes") for column in "ACDE" for row in (2, 3)} == {""}
    user.turn_to("Accueil")
    user.screen.picture("home")
    assert user.text("Accueil", "D6") == "1"
    assert user.notes() == {}
    assert user.filled(FILLS.values()) == set()
    assert user.text("Accueil", "D21").endswith(" : rien à signaler")
    assert user.text("Contrôle", "A2") == ""


def opened(stage: Path) -> Path:
    """The one file that the system was asked to open."""
    told = stage / "opened.txt"
    (url,) = wait_for(lambda: told.read_text() if told.exists() else "", "the page that is opened").splitlines()
    return Path(unquote(urlsplit(url).path))


def check_page(page: Path, number: str) -> None:
    """The page is the Factur-X of this invoice."""
    assert page.name == f"{number}.pdf"
    container = read_container(page.read_bytes())
    assert container.xml is not None
    assert f">{number}<".encode() in container.xml
    assert container.xmp["ConformanceLevel"] == "EN 16931"


def check_file(path: Path, number: str) -> None:
    """The file says what the screen does."""
    sheets = {sheet.name: sheet for sheet in open_workbook(path).sheets}
    assert sheets["Registre"].at(1, 0) == number
    assert [sheets[name].at(1, 0) for name in ("Factures", "Lignes")] == [None, None]
