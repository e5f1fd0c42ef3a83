"""The one question of a command: answered in French, and stopped by Ctrl-C or the end of the input."""

from __future__ import annotations

import io

import pytest

from xlbridge.bulk.screen import agreed


@pytest.mark.parametrize(("typed", "answer"), [("oui\n", True), ("O\n", True), ("n\n", False), ("\n", False), ("peut-être\noui\n", True)])
def test_yes_and_no_in_french(monkeypatch: pytest.MonkeyPatch, typed: str, answer: bool) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert agreed("Émettre ?") is answer


def test_no_answer_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(KeyboardInterrupt):
        agreed("Émettre ?")
