"""From the model to the verified Factur-X, stage by stage, beside factur-x and ads-facturx, on the same invoices in the same run.

Run: python -m bench.pipeline
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from statistics import median

from bench import ours, peers
from bench.timing import Contestant, Stages, milliseconds, number, race, table, verdict
from tests import samples
from xlbridge.model import Delivery, Invoice
from xlbridge.official.container import read_container

ROUNDS, LINES = 40, 10
RATIO, MILLISECONDS, QR_MILLISECONDS = 0.6, 13.0, 2.0  # the targets


def compare(rounds: int = ROUNDS, lines: int = LINES, *, with_ads: bool = True) -> dict[str, list[Stages]]:
    """Seconds by stage of every contestant: one entry an invoice."""
    logging.getLogger("factur-x").setLevel(logging.ERROR)  # it tells every step
    invoices = [invoice(seed, lines) for seed in range(rounds)]
    contestants = [ours.ours(), peers.factur_x()]
    if not with_ads:
        return race(contestants, invoices)
    with peers.ads_facturx() as ads:
        contestants += [ads] if ads else []
        for contestant in contestants:
            _must_be_facturx(contestant)
        return race(contestants, invoices)


def invoice(seed: int, lines: int) -> Invoice:
    """An invoice of the tests, delivered: factur-x writes no valid XML without a delivery."""
    made = samples.invoice(seed, lines)
    return made.model_copy(update={"delivery": Delivery(date=made.issue_date)})


def _must_be_facturx(contestant: Contestant) -> None:
    """Refuse to time something that does not make what it should."""
    sample = invoice(1, 3)
    pdf, _ = contestant.make(sample)
    if (sample.number or "").encode() not in (read_container(pdf).xml or b""):
        raise RuntimeError(f"{contestant.name} did not put the invoice into its PDF")


def totals(name: str, runs: Sequence[Stages]) -> list[float]:
    """Seconds of each run from the model to the file; ours without the payment QR."""
    count: Callable[[Stages], float] = ours.total if name == ours.NAME else lambda stages: sum(stages.values())
    return [count(stages) for stages in runs]


def qr_milliseconds(runs: Sequence[Stages]) -> tuple[float, float]:
    """What the payment QR adds to the PDF: difference of the medians, and of the minima."""
    (with_qr, with_qr_least), (without, without_least) = (
        milliseconds(stages[name] for stages in runs) for name in (ours.WITH_QR, ours.PDF)
    )
    return with_qr - without, with_qr_least - without_least


def report(runs: dict[str, list[Stages]], lines: int = LINES) -> str:
    """The tables and the comparison with the targets."""
    rows: list[tuple[str, str, str]] = []
    for name, stages in runs.items():
        rows.append((name, "", ""))
        names = ours.STAGES if name == ours.NAME else tuple(stages[0])
        rows += [_row(f"  {stage}", milliseconds(run[stage] for run in stages)) for stage in names]
        rows.append(_row("  total" + (" (sans QR)" if name == ours.NAME else ""), milliseconds(totals(name, stages))))
        if name == ours.NAME:
            rows.append(_row("  en plus : QR de paiement", qr_milliseconds(stages)))
    own = median(totals(ours.NAME, runs[ours.NAME])) * 1e3
    peer = median(totals(peers.FACTUR_X, runs[peers.FACTUR_X])) * 1e3
    rounds = len(runs[ours.NAME])
    return "\n".join(
        (
            f"Chaîne complète, factures de {lines} lignes, {rounds} factures à tour de rôle, en millisecondes par facture",
            table(("", "médiane", "minimum"), rows),
            f"xlbridge / factur-x : {verdict(own / peer, RATIO)}",
            f"xlbridge sans QR : {verdict(own, MILLISECONDS, ' ms')}",
            f"QR de paiement : {verdict(qr_milliseconds(runs[ours.NAME])[0], QR_MILLISECONDS, ' ms')}",
        )
    )


def _row(label: str, values: tuple[float, float]) -> tuple[str, str, str]:
    return label, number(values[0]), number(values[1])


def main() -> None:
    """Measure and print."""
    print(report(compare()))


if __name__ == "__main__":
    main()
