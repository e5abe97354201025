"""How often effects are right: `python -m tests.metrics.impact.calibration` writes the tables of
docs/impact_calibration.md.

People are enumerated, money is simulated with a seed. All of it calls the functions that the reports call.
"""

import sys

import numpy as np

from reportlib.metrics.impact.money import WATCHED_ALPHA
from reportlib.metrics.statistics import two_means, two_rates
from reportlib.metrics.statistics.newcombe import excludes_zero, reach_zero
from reportlib.metrics.statistics.two_means import Amounts
from tests.measured_tables import put, table
from tests.metrics.comparison import calibration

SEED, RUNS, DAYS = 20_261_129, 1_000, 7
RATES, SIZES = (0.001, 0.01, 0.05), ((45_000, 5_000), (50_000, 50_000))  # of those written to, and held out
TAILS = {
    "lognormal, σ 1.5": lambda generator, size: generator.lognormal(3, 1.5, size),
    "Pareto, exponent 2": lambda generator, size: 20 * (1 + generator.pareto(2, size)),
}


def people_covered(rate, sizes, lift):
    """Probability that the reported interval of people holds the truth, exactly."""
    return calibration.two_rates(two_rates.interval, rate * (1 + lift), sizes[0], rate, sizes[1])[0]


class Tail:
    """A distribution of what a payer brings, with the mean of it up to any cap."""

    def __init__(self, name):
        self.draw = TAILS[name]
        self._sorted = np.sort(self.draw(np.random.default_rng(SEED), 1_000_000))
        self._sums = np.concatenate([[0], np.cumsum(self._sorted)])

    def mean_up_to(self, cap):
        below = np.searchsorted(self._sorted, cap)
        return (self._sums[below] + cap * (len(self._sorted) - below)) / len(self._sorted)


def capped_pair(values, others, sizes):
    """Two arms of what payers brought, cut as reports cut them, and the cap."""
    both = np.concatenate([values, others])
    cap = two_means.cap_of(both, np.ones(len(both)))
    arms = (Amounts(one, np.ones(len(one)), size) for one, size in zip((values, others), sizes, strict=True))
    return *(two_means.capped(one, cap) for one in arms), cap


def reported(one, other, alpha=0.05):
    """The interval as it is reported: Welch's, extended to zero where the bootstrap does not confirm a difference."""
    low, high = two_means.interval(one, other, alpha)
    if excludes_zero(low, high) and not excludes_zero(*two_means.bootstrap(one, other, alpha)):
        low, high = reach_zero(low, high)
    return low, high


def money_covered(tail: Tail, rate, sizes, lift, runs, interval=reported):
    """(share of runs whose interval holds the truth, that finds a difference, that are refused)."""
    generator = np.random.default_rng(SEED)
    held = found = refused = 0
    for _ in range(runs):
        payers = generator.binomial(sizes, (rate * (1 + lift), rate))
        if two_means.few_payers(*payers):
            refused += 1
            continue
        one, other, cap = capped_pair(*(tail.draw(generator, many) for many in payers), sizes)
        truth = rate * lift * tail.mean_up_to(cap)
        low, high = interval(one, other)
        held += low <= truth <= high
        found += bool(excludes_zero(low, high))
    answered = max(1, runs - refused)
    shares = (held / answered, found / answered) if refused < runs else (np.nan, np.nan)
    return *shares, refused / runs


def daily_looks(tail: Tail, rate, sizes, runs):
    """Share of runs without an effect in which a look named one: Welch's daily, and as reported."""
    generator = np.random.default_rng(SEED)
    naive = ours = 0
    for _ in range(runs):
        payers = generator.binomial(sizes, rate)
        days = [generator.integers(1, DAYS + 1, many) for many in payers]
        values = [tail.draw(generator, many) for many in payers]
        says = [False, False]
        for day in range(1, DAYS + 1):
            so_far = [one[at <= day] for one, at in zip(values, days, strict=True)]
            if two_means.few_payers(*map(len, so_far)):
                continue
            one, other, _ = capped_pair(*so_far, sizes)
            says[0] |= bool(excludes_zero(*two_means.interval(one, other)))
            watched = two_means.watched_interval(one, other, WATCHED_ALPHA)
            limits = reported(one, other) if day == DAYS else watched
            says[1] |= bool(excludes_zero(*limits))
        naive, ours = naive + says[0], ours + says[1]
    return naive / runs, ours / runs


def main(runs=RUNS):
    """Write the tables of the page."""
    tails = {name: Tail(name) for name in TAILS}
    cells = [(rate, sizes) for rate in RATES for sizes in SIZES]
    people = [[*_cell(*cell), *(_percent(people_covered(*cell, lift)) for lift in (0, 0.2))] for cell in cells]
    money = [[name, *_cell(*cell), *_money_row(tail, *cell, runs)] for name, tail in tails.items() for cell in cells]
    looks = [
        [name, *_cell(*cell), *map(_percent, daily_looks(tail, *cell, runs // 2))]
        for name, tail in tails.items()
        for cell in cells
    ]
    pays, held = ["what a payer brings", "who pays"], ["written to and held out"]
    about = f"Seed {SEED}, {runs:,} runs per simulated cell, half as many of looks. Numbers are per cent."
    tables = {
        "people": table(["who does it", *held, "no effect", "20 % more"], people),
        "money": table([*pays, *held, "no effect", "20 % more", "false effects", "refused"], money),
        "looks": table([*pays, *held, "Welch daily", "as reported"], looks),
    }
    for name, made in {"runs": about, **tables}.items():
        put("impact_calibration.md", made, f"made by make calibration: {name}")


def _cell(rate, sizes):
    return f"{100 * rate:g} %", f"{sizes[0]:,} and {sizes[1]:,}"


def _money_row(tail, rate, sizes, runs):
    nothing, more = (money_covered(tail, rate, sizes, lift, runs) for lift in (0, 0.2))
    return [_percent(nothing[0]), _percent(more[0]), _percent(nothing[1]), _percent(nothing[2])]


def _percent(share):
    return "–" if np.isnan(share) else f"{100 * share:.1f}"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
