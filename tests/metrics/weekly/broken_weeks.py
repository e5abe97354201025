"""Histories of failures in which campaigns broke down; `make calibration` writes to docs/weekly_statistics.md how often
a week is then called unusual that is not, and one that is.

Campaigns, bases and spreads as in `simulation`; of a broken one all but ten people in a thousand failed. One rate is
judged, at the level that it has among three.
"""

from datetime import date

import numpy as np

from reportlib.metrics.statistics.expectation import expectation
from reportlib.metrics.statistics.outliers import ordinary_expectation
from tests import measured_tables
from tests.measured_tables import percent
from tests.metrics.weekly.simulation import LIKELY_BASE, METRICS, mixed_bases, spread_words, true_rates

SEED, RUNS = 20_261_129, 100
HISTORIES, BROKEN, FAILING, LEVEL = (6, 15, 30), (0, 1, 2), 0.20, 0.05 / METRICS
WORLDS = ((0.01, 0.3, "normal"), (0.04, 0.15, "normal"), (0.04, 0.3, "normal"), (0.04, 0.3, "beta"))


def weeks(rng, rate, spread, shape, history, broken, runs=RUNS) -> tuple[float, float, float]:
    """Shares of ordinary weeks called unusual; of those with FAILING found; and found were nothing set aside."""
    alarms, found, before = 0, 0, 0
    for _ in range(runs):
        bases, rates = mixed_bases(rng, history), true_rates(rng, rate, spread, shape, history)
        rates[:broken] = 0.99
        counts = rng.binomial(bases, rates)
        usual, plain = ordinary_expectation(counts, bases), expectation(counts, bases)
        same = rng.binomial(LIKELY_BASE, true_rates(rng, rate, spread, shape, 1)[0])
        failing = rng.binomial(LIKELY_BASE, FAILING)
        alarms += usual.p_value(same, LIKELY_BASE) <= LEVEL
        found += usual.p_value(failing, LIKELY_BASE) <= LEVEL
        before += plain.p_value(failing, LIKELY_BASE) <= LEVEL
    return alarms / runs, found / runs, before / runs


def table(runs=RUNS) -> str:
    rng, rows = np.random.default_rng(SEED), []
    for rate, spread, shape in WORLDS:
        for history in HISTORIES:
            shares = [weeks(rng, rate, spread, shape, history, broken, runs) for broken in BROKEN]
            cells = [" / ".join(percent(one[place]) for one in shares) for place in range(3)]
            rows.append([f"{100 * rate:g} %", spread_words(spread, shape), history, *cells])
    head = ["rate", "spread between campaigns", "before", "ordinary weeks flagged, %", "of 20 % flagged, %"]
    return measured_tables.table([*head, "of 20 % flagged were nothing set aside, %"], rows)


def main():
    about = f"{RUNS:,} weeks each, seed {SEED}, {date.today()}; with no / one / two broken campaigns before."
    measured_tables.put("weekly_statistics.md", f"{about}\n\n{table()}", "made by make calibration: broken weeks")


if __name__ == "__main__":
    main()
