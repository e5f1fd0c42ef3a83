"""`xlbridge ledger` on a plain command line: what it prints, what it asks, how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.test_ledger_takeover import register
from xlbridge.cli import app
from xlbridge.errors import XlbridgeError

TODAY = date.today()  # noqa: DTZ011  as the command sees it
YEAR = TODAY.year
ROWS = [(f"FACT {YEAR}/{number:03}", date(YEAR, 1, number), "Dupré SARL", 1000.0) for number in (1, 2, 4)]


class Answer:
    """How a command ended."""

    def __init__(self, *arguments: object) -> None:
        done = CliRunner().invoke(app, ["ledger", *map(str, arguments)])
        fault = done.exception
        if fault is not None and not isinstance(fault, (XlbridgeError, SystemExit)):
            raise fault
        self.code = int(fault.exit_code) if isinstance(fault, XlbridgeError) else done.exit_code
        self.told = str(fault) if isinstance(fault, XlbridgeError) else done.stderr
        self.out = done.stdout

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found


@pytest.fixture
def home(key_home: Path) -> Path:
    """A user who has just made a ledger."""
    assert Answer("new", "--siren", "812345676", "--name", "Ateliers Brindille").code == 0
    return key_home


@pytest.fixture
def past(home: Path) -> Path:
    """Who also has an older register."""
    return register(home / "ventes.xlsx", ROWS)


def test_a_new_ledger_shows_itself(home: Path) -> None:
    found = Answer("show", "--json").json
    assert found["seller"] == {"siren": "812345676", "name": "Ateliers Brindille"}
    assert [one["name"] for one in found["series"]] == ["factures", "avoirs", "specimens"]
    assert (found["documents"], found["events"], found["last_closing"], found["seq"]) == ({}, 0, None, 4)
    assert len(found["key_id"]) == 16
    assert found["identifier"] in Answer("show").out


def test_there_is_one_ledger_in_one_place(home: Path) -> None:
    again = Answer("new", "--siren", "812345676", "--name", "Ateliers Brindille")
    assert (again.code, "déjà un registre" in again.told) == (2, True)


def test_the_form_of_the_numbers_is_chosen_at_the_start(key_home: Path) -> None:
    options = ("--prefix", "LIM-", "--year", 2, "--month", "--width", 3, "--credit-notes", "shared", "--reset", "month")
    made = Answer("new", "--siren", "812345676", "--name", "B", *options, "--json").json
    assert [(one["name"], one["scope"], one["reset"]) for one in made["series"] if not one["specimen"]] == [("factures", "all", "month")]
    refused = Answer("new", "--siren", "907654329", "--name", "C", "--prefix", "FACTURES-LIMOGES-")
    assert (refused.code, "20 au plus" in refused.told) == (2, True)
    assert Answer("show", "--ledger", key_home / "absent.sqlite").code == 4


def test_the_seller_is_read_from_the_workbook_or_the_company_file(key_home: Path) -> None:
    from xlbridge.workbook.demo import build_demo

    build_demo(key_home / "demo")
    template = Answer("new", "--workbook", key_home / "demo" / "modele-facturation.xlsx", "--ledger", key_home / "a.sqlite", "--json").json
    beside = Answer("new", "--workbook", key_home / "demo" / "entreprise.toml", "--ledger", key_home / "b.sqlite", "--json").json
    assert template["seller"] == beside["seller"]
    assert len(beside["seller"]["siren"]) == 9
    unknown = Answer("new", "--ledger", key_home / "c.sqlite")
    assert (unknown.code, "--siren" in unknown.told) == (2, True)


def test_a_past_is_asked_about_shown_and_taken_once(past: Path) -> None:
    unasked = Answer("import", past)
    assert (unasked.code, "--yes" in unasked.told) == (2, True)
    dry = Answer("import", past, "--dry-run", "--json").json
    assert (dry["taken"], Answer("show", "--json").json["documents"]) == (3, {})
    done = Answer("import", past, "--yes", "--json").json
    assert done["taken"] == dry["taken"] == 3
    assert [finding["code"] for finding in done["findings"]] == ["FR-NUM-003"]
    assert (done["series"][0]["first"], done["series"][0]["replaces"]) == (5, ["factures"])
    assert "0 document(s) repris ; 3 déjà" in Answer("import", past, "--yes").out
    assert Answer("show", "--json").json["documents"] == {"taken_over": 3}
    assert "remplacée" in Answer("series", "list").out


def test_payments_sending_and_status_of_a_document(past: Path) -> None:
    assert Answer("import", past, "--yes").code == 0
    number = ROWS[0][0]
    cash = Answer("pay", number, "1 100,00", "--means", "espèces", "--json").json
    assert [finding["code"] for finding in cash["findings"]] == ["REG-202", "REG-203"]
    assert Decimal(cash["balance"]) == 100
    assert Answer("pay", number, "1100", "--cancel", "--means", "especes").code == 0
    assert Answer("send", number, "--by", "courrier", "--to", "Limoges").code == 0
    assert Answer("status", number, "refusée", "--reason", "DOUBLON").code == 0
    told = Answer("history", number, "--json").json
    assert [event["kind"] for event in told["events"]] == ["payment", "payment", "sending", "status"]
    assert Decimal(told["balance"]) == 1200
    text = Answer("history", number).out
    assert "annulé 1\u00a0100,00\u00a0€ (espèces)" in text
    assert "statut refusee (210) – DOUBLON" in text
    for wrong in (("pay", "F-0", "1"), ("pay", number, "beaucoup"), ("pay", number, "1", "--means", "troc"), ("status", number, "perdue")):
        assert Answer(*wrong).code == 2


def test_a_series_is_added_unless_it_clashes(past: Path) -> None:
    assert Answer("import", past, "--yes").code == 0
    assert Answer("series", "add", "limoges", "--prefix", "LIM").code == 0
    for wrong, told in (
        (("limoges", "--prefix", "X"), "existe déjà"),
        (("autre", "--prefix", "LIM"), "de cette forme"),
        (("autre", "--prefix", "L M"), "BR-FR-02"),
        (("autre", "--prefix", "Z", "--replaces", "nulle"), "pas de série"),
    ):
        refused = Answer("series", "add", *wrong)
        assert (refused.code, told in refused.told) == (2, True)
    names = [one["name"] for one in Answer("series", "list", "--json").json["series"]]
    assert names == ["factures", "avoirs", "specimens", "factures-suite", "limoges"]


def test_a_series_that_would_give_a_number_again_is_told_where_to_begin(home: Path) -> None:
    path = register(home / "lim.xlsx", [(f"LIM{YEAR}-{number:04}", date(YEAR, 1, number), "Roy", 10.0) for number in (1, 2)])
    assert Answer("import", path, "--yes").code == 0
    add = ("series", "add", "limoges", "--prefix", "LIM", "--replaces", "factures-suite")
    refused = Answer(*add)
    assert (refused.code, "--first 3" in refused.told) == (2, True)
    assert Answer(*add, "--first", 3).code == 0


def test_all_is_saved_and_put_back_elsewhere(past: Path, home: Path) -> None:
    assert Answer("import", past, "--yes").code == 0
    assert "sauvegardé" in Answer("backup", home / "s.zip").out
    assert Answer("backup", home / "s.zip").code == 2
    there = ("--ledger", home / "neuf" / "r.sqlite", "--archive", home / "neuf" / "coffre", "--key", home / "neuf" / "cle.pem")
    assert Answer("restore", home / "s.zip", *there).code == 0
    assert Answer("restore", home / "s.zip", *there).code == 2
    assert Answer("pay", ROWS[0][0], "1", *there).code == 0
    before, after = (Answer("show", "--json", *where).json for where in ((), there[:2]))
    assert (before["hash"], before["identifier"]) == (after["hash"], after["identifier"])
    assert Answer("restore", past).code == 3


def test_nothing_is_closed_before_its_time(past: Path) -> None:
    assert Answer("import", past, "--yes").code == 0
    assert "Rien à clore" in Answer("close").out
    refused = Answer("close", "--period", f"{YEAR}-01")
    assert (refused.code, "pas de clôture" in refused.told) == (2, True)


def test_a_process_says_what_to_do_and_nothing_prompts(past: Path) -> None:
    command = [sys.executable, "-m", "xlbridge", "ledger", "import", str(past)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=200, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines() == ["Erreur : Il faut votre accord.", "À faire : Ajoutez --yes, ou regardez d’abord avec --dry-run."]


def test_every_command_has_an_example() -> None:
    for command in ("new", "show", "import", "pay", "send", "status", "history", "close", "backup", "restore"):
        assert "Exemple" in CliRunner().invoke(app, ["ledger", command, "--help"]).stdout
