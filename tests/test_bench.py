"""The measurements run and give plausible figures; what the figures are depends on the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import checking, clicking, conversion, duplicates, growth, issuing, ours, peers, pipeline, reading, start, timing
from tests.calc_stage import needs_calc
from tests.stores import Store
from xlbridge.issuing.places import Places
from xlbridge.model import Invoice
from xlbridge.official.container import read_container


def test_contestants_take_turns_and_the_first_rounds_do_not_count() -> None:
    turns: list[tuple[str, str | None]] = []

    def contestant(name: str) -> timing.Contestant:
        def make(invoice: Invoice) -> tuple[bytes, timing.Stages]:
            turns.append((name, invoice.number))
            return b"", {"all": float(len(turns))}

        return timing.Contestant(name, make)

    invoices = [Invoice(number=str(place)) for place in range(3)]
    runs = timing.race([contestant("A"), contestant("B")], invoices, warm=1)
    assert turns == [("A", "0"), ("B", "0"), ("A", "0"), ("B", "0"), ("B", "1"), ("A", "1"), ("A", "2"), ("B", "2")]
    assert [run["all"] for run in runs["A"]] == [3, 6, 7]
    assert [run["all"] for run in runs["B"]] == [4, 5, 8]


def test_table_and_numbers_are_french() -> None:
    assert timing.number(12345.678) == "12 345,68"
    assert timing.verdict(0.61, 0.6) == "0,61 (cible ≤ 0,60 : DÉPASSÉE)"
    assert timing.table(("", "ms"), [("XML", "1,00"), ("long", "10,00")]) == "         ms\nXML    1,00\nlong  10,00"


def test_payment_qr_is_no_part_of_our_total() -> None:
    stages = dict.fromkeys(ours.STAGES, 0.001) | {ours.WITH_QR: 0.003}
    text = pipeline.report({ours.NAME: [stages], peers.FACTUR_X: [{"page": 0.01}]})
    assert pipeline.totals(ours.NAME, [stages]) == [pytest.approx(0.005)]
    assert pipeline.qr_milliseconds([stages]) == (pytest.approx(2), pytest.approx(2))
    assert "xlbridge / factur-x : 0,50 (cible ≤ 0,60 : atteinte), par les minima 0,50" in text
    assert "xlbridge sans QR : 5,00 ms (cible ≤ 13,00 ms : atteinte)" in text


@pytest.mark.slow
def test_pipeline_is_timed_stage_by_stage_beside_factur_x() -> None:
    runs = pipeline.compare(rounds=3, with_ads=False)
    assert list(runs) == [ours.NAME, peers.FACTUR_X]
    for name, stages in runs.items():
        assert len(stages) == 3
        assert all(seconds > 0 for run in stages for seconds in run.values())
        assert all(seconds > 0.001 for seconds in pipeline.totals(name, stages))
    assert all(stage in pipeline.report(runs) for stage in ours.STAGES)


def test_the_time_of_a_click_is_shared_out_without_rest() -> None:
    stamps = [
        (1.0, "asked place"),
        (1.25, "answered place"),
        (2.0, "asked sheets"),
        (2.5, "answered sheets"),
        (4.0, "asked notes"),
        (6.0, "answered notes"),
    ]
    stages = clicking.stages(0, stamps)
    assert list(stages.values()) == [1.0, 0.75, 2.25, 2.0]
    assert "DÉPASSÉE" in clicking.report([stages])


@pytest.mark.slow
@needs_calc
def test_a_click_is_timed_from_the_toolbar_to_the_marks() -> None:
    (stages,) = clicking.measure(rounds=1, count=3)
    assert all(seconds > 0 for seconds in stages.values())
    assert clicking.START in clicking.report([stages])


@pytest.mark.slow
def test_cost_grows_with_the_lines() -> None:
    measured = growth.measure({1: 9, 300: 3})
    for name in (ours.NAME, peers.FACTUR_X):
        assert 0 < measured[1][name] < measured[300][name]
    assert growth.report(measured).splitlines()[-1].split()[0] == "300"


@pytest.mark.slow
def test_what_makes_no_facturx_is_not_timed() -> None:
    good = ours.ours()
    other = timing.Contestant("other", lambda _: good.make(pipeline.invoice(5, 1)))
    pipeline.must_be_facturx(good)
    with pytest.raises(RuntimeError, match="other did not put the invoice"):
        pipeline.must_be_facturx(other)


@pytest.mark.slow
def test_ads_facturx_that_cannot_be_installed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(peers, "ADS_VENV", tmp_path / "venv")
    monkeypatch.setattr(peers, "ADS_PACKAGE", "missing.whl")
    with peers.ads_facturx() as contestant:
        assert contestant is None
    assert "missing.whl ne peut pas être installé, la comparaison se fait sans lui" in capsys.readouterr().out


@pytest.mark.slow
def test_ads_facturx_takes_part_from_its_own_environment() -> None:
    sample = pipeline.invoice(1, 3)
    with peers.ads_facturx() as contestant:
        if contestant is None:
            pytest.skip("ads-facturx cannot be installed here")
        pdf, stages = contestant.make(sample)
    assert (sample.number or "").encode() in (read_container(pdf).xml or b"")
    assert all(seconds > 0 for seconds in stages.values())


@pytest.mark.slow
def test_reading_is_timed_in_processes_of_its_own() -> None:
    seconds = reading.measure(rows=2000, rounds=1)
    assert all(taken > 0 for values in seconds.values() for taken in values)
    assert "xlbridge / calamine" in reading.report(seconds, 2000)


@pytest.mark.slow
def test_start_is_timed() -> None:
    seconds = start.measure(rounds=3)
    assert 0 < min(seconds[start.PYTHON]) < min(seconds[start.HELP])
    assert start.report(seconds, {"pandas"}).endswith("paquets lourds importés : pandas")


@pytest.mark.slow
def test_conversion_counts_verified_documents() -> None:
    seconds, made, rows = conversion.measure(invoices=4, jobs=1)
    assert (made, rows >= 4) == (4, True)
    assert seconds > 0.1


@pytest.mark.slow
def test_rules_are_timed_beside_the_reading() -> None:
    seconds, cold = checking.measure(invoices=20, rounds=1)
    assert all(seconds[name][0] > 0 for name in (checking.READING, checking.CHECKING))  # one round of 20 tells no more
    assert cold[0] > 0.05
    assert "contrôle sans la lecture : " in checking.report(seconds, cold, 20)


@pytest.mark.slow
def test_duplicates_are_searched_in_a_right_register_with_and_without_lines() -> None:
    measured = duplicates.measure(invoices=3000)
    assert list(measured) == [duplicates.WITH_LINES, duplicates.TOTALS_ONLY]
    assert all(run.searching > 0 and run.blocking == 0 and run.near < 30 for run in measured.values())
    assert duplicates.report(measured, 3000).count("atteinte") == 4


@pytest.mark.slow
def test_issues_are_timed_with_their_time_under_the_lock(ledger_store: Store, tmp_path: Path) -> None:
    places = Places(ledger_store.url, tmp_path / "coffre", str(tmp_path / "cle.pem"))
    run = issuing.measure(places, 2, 3, tmp_path)
    assert (run.documents, run.processes, run.each) == (6, 2, 3)
    assert 0 < run.locked + run.head < run.seconds
    assert 0 <= run.longest_wait < run.seconds
    assert "SQLite, 2 × 3" in issuing.report({"SQLite": [run]})
