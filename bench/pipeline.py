"""From the model to the verified Factur-X, stage by stage, beside factur-x and ads-facturx, on the same invoices in the same run.

Run: python -m bench.pipeline
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

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
            must_be_facturx(contestant)
        return race(contestants, invoices)


def invoice(seed: int, lines: int) -> Invoice:
    """An invoice of the tests, delivered: factur-x writes no valid XML without a delivery."""
    made = samples.invoice(seed, lines)
    return made.model_copy(update={"delivery": Delivery(date=made.issue_date)})


def must_be_facturx(contestant: Contestant) -> None:
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
    rows = [row for name, stages in runs.items() for row in _rows(name, stages)]
    (own, own_least), (peer, peer_least) = (milliseconds(totals(name, runs[name])) for name in (ours.NAME, peers.FACTUR_X))
    return "\n".join(
        (
            f"Chaîne complète, {len(runs[ours.NAME])} factures de {lines} lignes à tour de rôle, en millisecondes par facture",
            table(("", "médiane", "minimum", "part"), rows),
            f"xlbridge / factur-x : {verdict(own / peer, RATIO)}, par les minima {number(own_least / peer_least)}",
            f"xlbridge sans QR : {verdict(own, MILLISECONDS, ' ms')}",
            f"QR de paiement : {verdict(qr_milliseconds(runs[ours.NAME])[0], QR_MILLISECONDS, ' ms')}",
        )
    )


def _rows(name: str, runs: Sequence[Stages]) -> list[tuple[str, ...]]:
    """One contestant: its stages with their part of the whole, and its total."""
    names = ours.STAGES if name == ours.NAME else tuple(runs[0])
    figures = {stage: milliseconds(run[stage] for run in runs) for stage in names}
    whole = sum(middle for middle, _ in figures.values())
    rows: list[tuple[str, ...]] = [(name, "", "", "")]
    rows += [(f"  {stage}", number(middle), number(least), f"{middle / whole:.0%}") for stage, (middle, least) in figures.items()]
    rows.append(("  total" + (" (sans QR)" if name == ours.NAME else ""), *map(number, milliseconds(totals(name, runs))), ""))
    if name == ours.NAME:
        rows.append(("  en plus : QR de paiement", *map(number, qr_milliseconds(runs)), ""))
    return rows


def main() -> None:
    """Measure and print."""
    print(report(compare()))


if __name__ == "__main__":
    main()
