"""What a host hands over comes out as it went in, and what no macro writes is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlbridge.desk.commands import COMMANDS
from xlbridge.desk.handover import coded, decoded, handover
from xlbridge.errors import WrongUse


@given(st.text(max_size=40))
def test_any_name_comes_out_as_it_went_in(name: str) -> None:
    assert decoded(coded(name)) == name
    assert all(sign == "_" or (sign.isascii() and sign.isalnum()) for sign in coded(name))


@pytest.mark.parametrize("text", ["$(x)", "_12", "été", "a b", "_00G1"])
def test_what_is_not_coded_is_refused(text: str) -> None:
    with pytest.raises(WrongUse, match="codé"):
        decoded(text)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["check"],
        ["check", "--host=windows", "--wb=a"],
        ["check", "--host=x", "--wb=a", "--folder="],
        ["check", "--host=mac", "--wb=a", "--folder=", "--hwnd=-1"],
    ],
)
def test_a_command_typed_by_hand_is_refused(arguments: list[str]) -> None:
    with pytest.raises(WrongUse, match="bouton"):
        handover(arguments)


def test_an_unsaved_workbook_has_no_folder() -> None:
    given_over = handover(["issue", "--host=libreoffice", f"--wb={coded('Sans nom 1')}", "--folder="])
    assert (given_over.word, given_over.name, given_over.folder, given_over.window) == ("issue", "Sans nom 1", "", None)


def test_words_and_procedures_are_unique() -> None:
    assert all(word == command.word for word, command in COMMANDS.items())
    assert len({command.macro for command in COMMANDS.values()}) == len(COMMANDS)
    assert list(dict.fromkeys(command.group for command in COMMANDS.values())) == ["Contrôle", "Facturer", "Registre", "Aide"]
