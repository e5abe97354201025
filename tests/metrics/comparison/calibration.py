"""How often the verdicts are right: `python -m tests.metrics.comparison.calibration` writes docs/calibration.md.

What can be enumerated is exact: two rates at one look, every table of counts weighted by its probability. The rest is
simulated with a seed. All of it calls the functions that the reports call.
"""

import platform
import sys
import time
from datetime import date
from importlib.metadata import version
from itertools import combinations
from pathlib import Path

import numpy as np
from scipy.stats import binom

from reportlib.metrics.comparison.methods import ANYTIME, NEWCOMBE
from reportlib.metrics.statistics import sequential, two_rates as inference
from reportlib.metrics.statistics.newcombe import excludes_zero, newcombe
from reportlib.metrics.statistics.rates import wilson
from tests.metrics.comparison.design_calibration import section, tables

PAGE = Path(__file__).parents[3] / "docs" / "calibration.md"
RATES, SIZES = (0.005, 0.02, 0.2), (200, 2_000, 50_000)
SEED = 20_261_123
UNEQUAL = (
    *((0.005, 200, 2_000), (0.005, 300, 50_000), (0.02, 200, 2_000), (0.02, 300, 50_000), (0.05, 200, 2_000)),
    *((0.05, 300, 5_000), (0.05, 300, 50_000), (0.2, 50, 50), (0.2, 200, 2_000), (0.5, 50, 50), (0.5, 100, 100)),
    (0.5, 150, 150),
)
UNEQUAL_FAMILY = (200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
SIZES_OF_PAIRS = (
    *(
        (50, 50),
        (200, 200),
        (1_000, 1_000),
        (1_001, 1_001),
        (2_000, 2_000),
        (5_000, 5_000),
        (20_000, 20_000),
        (50_000, 50_000),
    ),
    *((50, 20_000), (200, 2_000), (300, 5_000), (500, 1_000), (1_000, 2_000), (5_000, 20_000), (10_000, 20_000)),
)
ALL_RATES = np.unique(np.concatenate([np.geomspace(0.001, 0.1, 9), np.linspace(0.1, 0.5, 13)]))
_NEGLIGIBLE = 1e-10  # probability left out at either end of an enumeration


def counts_and_chances(base, rate):
    """The counts that can be met, and the probability of each."""
    low, high = (int(end) for end in binom.ppf([_NEGLIGIBLE, 1 - _NEGLIGIBLE], base, rate))
    counts = np.arange(low, high + 1)
    return counts, binom.pmf(counts, base, rate)


def coverage_of_rate(interval, base, rate):
    """Probability that `interval(count, base)` holds the true rate."""
    counts, chances = counts_and_chances(base, rate)
    low, high = interval(counts, base)
    return chances[(low <= rate) & (rate <= high)].sum()


def around(rate):
    """Rates from a fifth below to a quarter above: averaging over them smooths the steps of discrete counts."""
    return rate * np.linspace(0.8, 1.25, 41)


def two_rates(interval, rate, base, other_rate, other_base, alpha=0.05):
    """(coverage, chance of "higher", chance of "lower") of an interval of the difference, over all tables."""
    counts, chances = counts_and_chances(base, rate)
    others, other_chances = counts_and_chances(other_base, other_rate)
    low, high = interval(counts[:, None], base, others[None, :], other_base, alpha=alpha)
    weights, truth = chances[:, None] * other_chances, rate - other_rate
    return tuple(float((weights * hit).sum()) for hit in ((low <= truth) & (truth <= high), low > 0, high < 0))


def false_winners(interval, rate, base, other_base, alpha=0.05):
    """Chance that two equal rates are called different."""
    return sum(two_rates(interval, rate, base, rate, other_base, alpha)[1:])


def newcombes_false_winners(rates, base, other_base, alpha=0.05):
    """The same for Newcombe's interval alone at many rates: per count the other arm's least that is told apart from it,
    found by halving, and the chance of so many or more. A rate's complement tells of the other direction."""
    shares = np.zeros(len(rates))
    for one, two in ((base, other_base), (other_base, base)):
        counts = np.arange(one + 1)
        inside, outside = np.full(one + 1, -1), np.full(one + 1, two + 1)
        while (outside - inside > 1).any():
            middle = (inside + outside) // 2
            apart = newcombe(counts, one, middle.clip(0, two), two, alpha=alpha)[1] < 0
            apart = (apart | (middle > two)) & (middle > inside)
            inside, outside = np.where(apart, inside, middle), np.where(apart, middle, outside)
        rows = [(binom.pmf(counts, one, rate) * binom.sf(outside - 1, two, rate)).sum() for rate in rates]
        shares += rows
    return shares


def any_pair_different(interval, counts, bases, alpha):
    """Whether any two of the campaigns (last axis) are called different at this level."""
    found = np.zeros(counts.shape[:-1], dtype=bool)
    for one, two in combinations(range(counts.shape[-1]), 2):
        pair = np.stack([counts[..., one], bases[..., one], counts[..., two], bases[..., two]], axis=-1)
        tables, place = np.unique(pair.reshape(-1, 4), axis=0, return_inverse=True)
        different = excludes_zero(*interval(*tables.T, alpha=alpha))
        found |= different[place.ravel()].reshape(found.shape)
    return found


def family_false_winners(generator, rate, sizes, runs):
    """Share of runs in which Holm's first step calls any of these equal campaigns different, and without correction.

    With no true difference a winner is named where the first step rejects. The χ² test before it can only take away.
    """
    counts = generator.binomial(sizes, rate, (runs, len(sizes)))
    pairs = len(sizes) * (len(sizes) - 1) // 2
    bases = np.broadcast_to(sizes, counts.shape)
    return tuple(any_pair_different(inference.interval, counts, bases, level).mean() for level in (0.05 / pairs, 0.05))


def arriving(generator, arms, rate, base, looks, runs):
    """Counts and bases (runs, looks, arms) as people are added, each with an answer."""
    steps = np.diff(np.linspace(0, base, looks + 1).astype(int))[:, None]
    counts = generator.binomial(steps, rate, (runs, looks, arms)).cumsum(axis=1)
    return counts, np.broadcast_to(steps.cumsum(axis=0), counts.shape)


def answering(generator, arms, rate, base, looks, runs):
    """Counts and bases (runs, looks, arms) as all is sent and the answers come in, fast first and slower later."""
    shares = 1 - np.exp(-np.linspace(0.1, 4, looks))
    when = np.diff(np.concatenate([[0], shares / shares[-1]]))
    counts = generator.multinomial(generator.binomial(base, rate, (runs, arms)), when).cumsum(axis=-1).swapaxes(1, 2)
    return counts, np.full_like(counts, base)


def ever_different(interval, counts, bases, alpha):
    """Share of runs in which any two campaigns are called different at any look, after the burn-in."""
    found = np.zeros(len(counts), dtype=bool)
    for one, two in combinations(range(counts.shape[-1]), 2):
        pair = [side[..., arm] for arm in (one, two) for side in (counts, bases)]
        ready = pair[0] + pair[2] >= sequential.BURN_IN
        safe = [np.where(ready, part, fallback) for part, fallback in zip(pair, (1, 2, 1, 2), strict=True)]
        found |= (excludes_zero(*interval(*safe, alpha=alpha)) & ready).any(axis=1)
    return found.mean()


def power_at_stated_difference(method, rate, base, alpha=0.05):
    """(smallest detectable difference, chance that it is found) for a base rate."""
    difference = method.smallest_detectable(rate, base, base, alpha)
    return difference, two_rates(method.interval, rate + difference, base, rate, base, alpha)[1]


def _percent(share):
    return f"{100 * share:.1f}"


def _rate(rate):
    return f"{100 * rate:.3g} %"


def _table(head, rows):
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def _cells():
    return [(rate, base) for rate in RATES for base in SIZES]


def coverage_table():
    head = ["base rate", "n per arm", "Wilson", "Wilson, around", "Newcombe", "true lift 20 %", "as reported"]
    rows = [
        (
            _rate(rate),
            f"{base:,}",
            _percent(coverage_of_rate(wilson, base, rate)),
            _percent(np.mean([coverage_of_rate(wilson, base, near) for near in around(rate)])),
            _percent(two_rates(newcombe, rate, base, rate, base)[0]),
            _percent(two_rates(newcombe, 1.2 * rate, base, rate, base)[0]),
            _percent(two_rates(inference.interval, rate, base, rate, base)[0]),
        )
        for rate, base in _cells()
    ]
    return _table(head, rows)


def false_winner_table(runs):
    head = ["base rate", "n per arm", "2 campaigns", "3", "3 uncorrected", "8", "8 uncorrected"]
    generator = np.random.default_rng(SEED)
    rows = []
    for rate, base in _cells():
        three, eight = (family_false_winners(generator, rate, [base] * arms, runs) for arms in (3, 8))
        two = false_winners(inference.interval, rate, base, base)
        rows.append((_rate(rate), f"{base:,}", *(_percent(share) for share in (two, *three, *eight))))
    return _table(head, rows)


def unequal_table():
    head = ["base rate", "n", "Newcombe alone", "as reported", "alone, at 5 ÷ 28 %", "as reported"]
    rows = []
    for rate, base, other_base in UNEQUAL:
        shares = [
            100 * false_winners(interval, rate, base, other_base, alpha)
            for alpha in (0.05, 0.05 / 28)
            for interval in (newcombe, inference.interval)
        ]
        rows.append((_rate(rate), f"{base:,} and {other_base:,}", *(f"{share:.2f}" for share in shares)))
    return _table(head, rows)


def greatest_table():
    """Newcombe's interval alone at the worst of ALL_RATES, and what is reported there, which can only be less."""
    rows = []
    for base, other_base in SIZES_OF_PAIRS:
        alone = newcombes_false_winners(ALL_RATES, base, other_base)
        rate = ALL_RATES[alone.argmax()]
        shares = alone.max(), false_winners(inference.interval, rate, base, other_base)
        rows.append((f"{base:,} and {other_base:,}", _rate(rate), *(f"{100 * share:.2f}" for share in shares)))
    return _table(["n", "at a rate of", "Newcombe alone", "as reported"], rows)


def unequal_family_table(runs):
    head = ["base rate", "with Holm's correction", "uncorrected"]
    generator = np.random.default_rng(SEED + 2)
    shares = [family_false_winners(generator, rate, UNEQUAL_FAMILY, runs) for rate in RATES]
    return _table(head, [(_rate(rate), *map(_percent, pair)) for rate, pair in zip(RATES, shares, strict=True)])


def looks_table(runs, looks=12):
    head = ["base rate", "n per arm", "people", "2 campaigns", "3", "8", "2, ordinary intervals"]
    generator = np.random.default_rng(SEED + 1)
    rows = []
    for rate, base in _cells():
        for grow, name in ((arriving, "arrive"), (answering, "answer")):
            shares = []
            for arms in (2, 3, 8):
                grown = grow(generator, arms, rate, base, looks, runs)
                shares.append(ever_different(sequential.interval, *grown, 0.05 / (arms * (arms - 1) / 2)))
                if arms == 2:
                    ordinary = ever_different(newcombe, *grown, 0.05)
            rows.append((_rate(rate), f"{base:,}", name, *(_percent(share) for share in (*shares, ordinary))))
    return _table(head, rows)


def power_table():
    head = ["base rate", "n per arm", "stated, points", "power", "first of 3 pairs", "power", "running", "power"]
    rows = []
    for rate, base in _cells():
        asked = (NEWCOMBE, 0.05), (NEWCOMBE, 0.05 / 3), (ANYTIME, 0.05)
        answers = [power_at_stated_difference(method, rate, base, alpha) for method, alpha in asked]
        rows.append(
            (_rate(rate), f"{base:,}", *(text for d, power in answers for text in (f"{100 * d:.2f}", _percent(power))))
        )
    return _table(head, rows)


def page(runs) -> str:
    """The whole of docs/calibration.md."""
    started = time.perf_counter()
    tables = {
        "coverage": coverage_table(),
        "winners": false_winner_table(runs),
        "unequal": unequal_table(),
        "greatest": greatest_table(),
        "rates": len(ALL_RATES),
        "unequal_family": unequal_family_table(runs),
        "looks": looks_table(runs),
        "power": power_table(),
    }
    made_by = (
        f"{date.today():%Y-%m-%d}, {time.perf_counter() - started:.0f} s on one core of {_processor()}, "
        f"Python {platform.python_version()}, statsmodels {version('statsmodels')}, scipy {version('scipy')}, "
        f"numpy {version('numpy')}; seed {SEED}, {runs:,} runs per simulated cell"
    )
    return _TEXT.format(**tables, made_by=made_by, error=f"{196 * (0.05 * 0.95 / runs) ** 0.5:.1f}")


def _processor():
    names = Path("/proc/cpuinfo")
    lines = names.read_text().splitlines() if names.exists() else []
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


_TEXT = """# Calibration: how often the verdicts are right

Made by `make calibration`: {made_by}.
Numbers are per cent. Two campaigns at one look are enumerated: exact, no simulation error. More campaigns and more
looks are simulated (± {error} around 5). All of it calls the functions that the reports call.

## Do 95 % intervals hold the truth 95 % of the time?

{coverage}

*Wilson* is the interval of a single rate, at exactly this rate; *around* is its mean over rates from a fifth below to a
quarter above. *Newcombe* is the interval of a difference where there is none, then where one arm does a fifth better.
*As reported* is no difference again, with an exact test having to confirm it: Fisher's where counts are small, else an
unconditional one, unless both arms have more than 30,000 people. Where it does not, the interval is extended to zero.

Wanted: 93 to 97. Wherever an arm can expect ten responses or more, all are within. Below that, not all:

- **0.5 % of 200, one response expected.** Wilson holds the truth in 92.0 %: three responses or more, which 8 % of
  samples have, already exclude 0.5 %, and a count cannot be two and a half. Over the rates around it the mean is
  95.4 %. Newcombe's interval of a difference covers 99.7 %, and confirmed by the exact test practically always: it errs
  on the side of saying nothing. The next cuts lie on either side of the band: calling 4 against 0 different, as the
  score test does, covers 98.6 %; adding 3 against 0 covers 94.1 %, at the price of false winners in 5.9 %.
- **2 % of 200, four expected.** Newcombe covers 96.4 %, the reported interval 98.3 %: the price of the exact test.

## How often is a winner named where nothing differs?

{winners}

Wanted: at most 5. *Uncorrected* is what all pairs at 5 % would say. Three and eight campaigns are compared pair by pair
with Holm's correction; the χ² test of all before it, left out here, can only make these numbers smaller.

### Small and unequal arms

{unequal}

Why exact tests are there: beside a large arm, a small one with a few lucky responses looks different too easily by
Newcombe's interval alone, the more so at the corrected level of eight campaigns (5 ÷ 28 = 0.18 % wanted); there
Fisher's test has to confirm. And differences of two arms of one size are few and far apart, so that near a rate of one
half Newcombe's interval errs in up to 5.7 %, with 1,001 people an arm in 5.2 %, with 5,000 in 5.1 %. There an
unconditional exact test has to: the chance of a difference as telling as this one, at that rate near theirs at which it
is greatest. One count more or less matters the less the larger both arms are: with more than 30,000 people in each,
Newcombe's interval alone is within 0.05 of 5 %.

The rate at which Newcombe's interval errs most of {rates} between 0.1 and 50 % (and, by symmetry, to 99.9 %), all
tables enumerated:

{greatest}

A family of eight campaigns, of 200 to 50,000 people, stays below 5 %:

{unequal_family}

## Running campaigns: twelve looks

{looks}

The share of runs in which any look named a winner; wanted: at most 5. *Arrive*: people are added, each with an answer.
*Answer*: all is sent, and the answers come in, faster at first. Anytime-valid confidence sequence at the level of
Holm's first step, no verdict before 20 responses in both arms together. The last column is what looking twelve times
at ordinary 95 % intervals would have done. For independent arrivals the guarantee is proven, as counts grow; that late
answers do no harm is what this table shows, not a theorem.

## Is the stated smallest detectable difference found?

{power}

Wanted: 75 to 90. *Stated* is the difference above the base rate that a comparison of this size is said to find four
times in five: for one question, at the level of the first of three pairs, and for one look at a running campaign.
"""


if __name__ == "__main__":
    PAGE.write_text(page(runs=20_000) + section(tables(10_000), 10_000))
    sys.stdout.write(f"{PAGE}\n")
