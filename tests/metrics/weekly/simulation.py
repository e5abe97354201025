"""Weeks in made-up accounts where nothing changed, or one campaign did; `make calibration` writes what the weekly
review would have said to docs/weekly_statistics.md.

Campaigns of an account differ in their true rate, and have bases from 40 to 20,000, evenly on the log scale. A week's
campaigns are tested on METRICS metrics each, with a history of their own per metric; Holm's correction is over all.
"""

from datetime import date

import numpy as np
from scipy.special import expit, logit
from scipy.stats import binom

from reportlib.metrics.statistics.expectation import expectation, shrunk
from reportlib.metrics.weekly.against_history import decided
from tests.measured_tables import percent, put, table

RATES, HISTORIES, WEEKS, METRICS = (0.003, 0.01, 0.04, 0.2, 0.95), (6, 15, 30, 60), (1, 3, 8), 3
SPREADS = ((0.0, "none"), (0.15, "normal"), (0.3, "normal"), (0.3, "beta"))
LIKELY_BASE = 5_000  # of the campaign that did change
SEED, RUNS = 20_261_127, 1_000


def true_rates(rng, rate, spread, shape, size):
    """Rates with this standard deviation of the log odds: where they are low, relative to the rate."""
    if spread == 0:
        return np.full(size, rate)
    if shape == "normal":
        return expit(logit(rate) + rng.normal(0, spread, size))
    precision = 1 / (spread**2 * rate * (1 - rate)) - 1
    return rng.beta(rate * precision, (1 - rate) * precision, size)


def mixed_bases(rng, size, low=40, high=20_000):
    return np.exp(rng.uniform(np.log(low), np.log(high), size)).astype(int)


def week(rng, rate, spread, shape, history):
    """p values (METRICS, campaigns) of a week without change, and whether two naive rules call each unusual."""
    campaigns, p_values, binomial, three_sigma = max(WEEKS), [], [], []
    for _ in range(METRICS):
        bases = mixed_bases(rng, history + campaigns)
        counts = rng.binomial(bases, true_rates(rng, rate, spread, shape, history + campaigns))
        p_values.append(expectation(counts[:history], bases[:history]).p_value(counts[history:], bases[history:]))
        pooled, new, base = counts[:history].sum() / bases[:history].sum(), counts[history:], bases[history:]
        tails = np.minimum(binom.cdf(new, base, pooled), binom.sf(new - 1, base, pooled))
        binomial.append(2 * tails <= 0.05)
        three_sigma.append(np.abs(new / base - pooled) > 3 * np.sqrt(pooled * (1 - pooled) / base))
    return np.array(p_values), np.array(binomial), np.array(three_sigma)


def false_alarms(rng, rate, spread, shape, history, runs=RUNS) -> dict:
    """Share of weeks without change in which any campaign is called unusual: by size of week, and by the naive rules
    with three campaigns."""
    alarms = []
    for _ in range(runs):
        p_values, *naive = week(rng, rate, spread, shape, history)
        judged = {size: decided(p_values[:, :size].ravel())[1].any() for size in WEEKS}
        alarms.append([*judged.values(), *(rule[:, :3].any() for rule in naive)])
    return dict(zip((*WEEKS, "binomial", "three sigma"), np.mean(alarms, axis=0), strict=True))


def found(rng, rate, spread, shape, history, factor, runs=RUNS) -> float:
    """How often the week's only campaign is called unusual whose rarer outcome is `factor` times what it would be."""
    hits = 0
    for _ in range(runs):
        bases = mixed_bases(rng, history)
        before = expectation(rng.binomial(bases, true_rates(rng, rate, spread, shape, history)), bases)
        own = true_rates(rng, rate, spread, shape, 1)[0]
        own = min(own * factor, 1) if rate <= 0.5 else max(1 - (1 - own) * factor, 0)
        hits += before.p_value(rng.binomial(LIKELY_BASE, own), LIKELY_BASE) <= 0.05 / METRICS
    return hits / runs


def best_overstated(rng, rate, spread, shape, history, base=None, runs=RUNS) -> tuple:
    """By how much the best raw and the best shrunk rate exceed the true rate of that campaign, on average; and how
    often the shrunk interval of the latter holds it."""
    raw, drawn, held = [], [], []
    for _ in range(runs):
        bases = mixed_bases(rng, history) if base is None else np.full(history, base)
        truth = true_rates(rng, rate, spread, shape, history)
        counts = rng.binomial(bases, truth)
        best = np.argmax(counts / bases)
        raw.append(counts[best] / bases[best] - truth[best])
        frame = shrunk(counts, bases)
        best = frame["estimate"].idxmax()
        drawn.append(frame["estimate"][best] - truth[best])
        held.append(frame["low"][best] <= truth[best] <= frame["high"][best])
    return np.mean(raw), np.mean(drawn), np.mean(held)


def spread_words(spread, shape):
    return f"{100 * spread:.0f} %, {shape}" if spread else "none"


def _worlds():
    return [(rate, *how) for rate in RATES for how in SPREADS]


def false_alarm_table(runs=RUNS) -> str:
    rng, rows = np.random.default_rng(SEED), []
    for rate, spread, shape in _worlds():
        by_history = [false_alarms(rng, rate, spread, shape, history, runs) for history in HISTORIES]
        cells = [" / ".join(percent(shares[size]) for size in WEEKS) for shares in by_history]
        naive = by_history[HISTORIES.index(30)]
        cells += [percent(naive["binomial"]), percent(naive["three sigma"])]
        rows.append([f"{100 * rate:g} %", spread_words(spread, shape), *cells])
    head = ["rate", "spread between campaigns", *(f"{history} before" for history in HISTORIES)]
    return table([*head, "binomial 5 % limits", "3-sigma p-chart"], rows)


def power_table(runs=RUNS) -> str:
    rng, rows = np.random.default_rng(SEED + 1), []
    for rate, spread, shape in _worlds():
        if shape == "beta":
            continue
        shares = [
            [found(rng, rate, spread, shape, history, factor, runs) for factor in (0.7, 2.0)] for history in HISTORIES
        ]
        cells = [f"{100 * less:.0f} / {100 * more:.0f}" for less, more in shares]
        rows.append([f"{100 * rate:g} %", spread_words(spread, shape), *cells])
    return table(["rate", "spread between campaigns", *(f"{history} before" for history in HISTORIES)], rows)


def benchmark_table(runs=RUNS) -> str:
    rng, rows = np.random.default_rng(SEED + 2), []
    for rate, spread, shape, history, base in (
        *((0.04, 0.0, "none", 30, 2_000), (0.04, 0.15, "normal", 30, 2_000), (0.04, 0.3, "normal", 30, 2_000)),
        *((0.04, 0.15, "normal", 6, 2_000), (0.04, 0.15, "normal", 30, None), (0.04, 0.3, "beta", 60, None)),
        *((0.003, 0.3, "normal", 30, None), (0.2, 0.15, "normal", 30, None), (0.95, 0.3, "normal", 30, None)),
    ):
        raw, drawn, held = best_overstated(rng, rate, spread, shape, history, base, runs)
        size = f"{base:,}" if base else "40 to 20,000"
        cells = [f"{100 * raw:+.2f}", f"{100 * drawn:+.2f}", percent(held)]
        rows.append([f"{100 * rate:g} %", spread_words(spread, shape), history, size, *cells])
    head = ["rate", "spread", "campaigns", "base", "best raw rate, points", "best shrunk rate, points"]
    return table([*head, "its interval holds the truth, %"], rows)


def main():
    by_luck = percent(0.05 + 2 * np.sqrt(0.05 * 0.95 / RUNS))
    made = f"""{RUNS:,} weeks each, {date.today()}.

**Weeks without change in which a campaign is flagged, %**, with 1 / 3 / 8 campaigns in the week, {METRICS} metrics
each. Wanted: at most 5; by the simulation's own chance up to {by_luck} may show.
The last two columns are what other rules would do with 30 campaigns before and 3 in the week.

{false_alarm_table()}

**A changed campaign is flagged, %**: 30 % fewer / twice as many as it would have had, of {LIKELY_BASE:,} people, alone
in its week, judged on {METRICS} metrics. At 95 % it is the remaining 5 % that change.

{power_table()}

**The best of the campaigns, less its own true rate**

{benchmark_table()}"""
    put("weekly_statistics.md", made)


if __name__ == "__main__":
    main()
