"""What past clicks make of an experiment's interval: `make calibration` writes it to docs/calibration.md.

People differ in how readily they click (beta distributed); in each arm as many, with so many campaigns before, of which
the clicks are counted as `past_clicks` counts them. Arms are drawn from the exact probabilities of (clicked, before).
"""

from datetime import date
from pathlib import Path

import numpy as np
from scipy.stats import beta, binom

from reportlib.metrics.comparison.design.same_people import MOST_BEFORE
from reportlib.metrics.statistics import two_means
from reportlib.metrics.statistics.two_means import Amounts
from tests import measured_tables

PAGE = Path(__file__).parents[3] / "docs" / "calibration.md"
HEADING = "## Sharper with what is known"  # the last section of the page: the others are written before it
SEED, RUNS, SIZE = 20_261_129, 2_000, 10_000
WORLDS = ((0.04, 200, 5), (0.04, 10, 5), (0.04, 2, 10), (0.2, 2, 10), (0.2, 1, 30))  # rate, alikeness, campaigns before


def cells(rate, precision, earlier, lift) -> np.ndarray:
    """The probability of each (before, did) of a person; `precision`: the greater, the more alike people are."""
    readiness = beta.ppf((np.arange(400) + 0.5) / 400, rate * precision, (1 - rate) * precision)
    before = binom.pmf(np.arange(earlier + 1)[:, None], earlier, readiness)
    before = np.vstack([before[:MOST_BEFORE], before[MOST_BEFORE:].sum(axis=0)])
    did = np.clip(readiness * (1 + lift), 0, 1)
    return np.stack([before * (1 - did), before * did], axis=-1).mean(axis=1)


def correlation(probabilities) -> float:
    """Of having clicked and the clicks before."""
    before, did = np.arange(len(probabilities))[:, None], np.arange(2)
    mean = [(part * probabilities).sum() for part in (before, did)]
    squares = [(part**2 * probabilities).sum() - m**2 for part, m in zip((before, did), mean, strict=True)]
    return ((before * did * probabilities).sum() - mean[0] * mean[1]) / np.sqrt(squares[0] * squares[1])


def drawn(rng, probabilities) -> Amounts:
    people = rng.multinomial(SIZE, probabilities.ravel() / probabilities.sum())
    before, did = np.divmod(np.arange(probabilities.size), 2)
    return Amounts(did.astype(float), people.astype(float), SIZE, before.astype(float))


def row(rng, rate, precision, earlier, lift, runs=RUNS) -> dict:
    """Shares of runs in which each interval holds the truth and leaves zero out; the mean share by which it narrows."""
    arms = [cells(rate, precision, earlier, change) for change in (lift, 0.0)]
    truth = np.subtract(*(arm[:, 1].sum() for arm in arms))
    told = {"plain": [], "adjusted": [], "narrower": []}
    for _ in range(runs):
        one, other = (drawn(rng, arm) for arm in arms)
        _, low, high, narrower = two_means.adjusted(one, other)
        for name, limits in (("plain", two_means.interval(one, other)), ("adjusted", (low, high))):
            told[name].append((limits[0] <= truth <= limits[1], not limits[0] <= 0 <= limits[1]))
        told["narrower"].append(narrower)
    found = {name: np.mean(told[name], axis=0) for name in ("plain", "adjusted")}
    expected = 1 - np.sqrt(1 - np.mean([correlation(arm) for arm in arms]) ** 2)
    return found | {"narrower": float(np.mean(told["narrower"])), "expected": float(expected)}


def table(runs=RUNS) -> str:
    rng = np.random.default_rng(SEED)
    head = ["rate", "campaigns before", "people differ", "truth", "plain holds it, %", "given the past holds it, %"]
    head += ["plain leaves zero out, %", "given the past does, %", "narrower by, %", "1 − √(1 − ρ²), %"]
    rows = []
    for rate, precision, earlier in WORLDS:
        for lift in (0.0, 0.1):
            one = row(rng, rate, precision, earlier, lift, runs)
            shares = [f"{100 * one[name][place]:.1f}" for place in (0, 1) for name in ("plain", "adjusted")]
            widths = [f"{100 * one[name]:.1f}" for name in ("narrower", "expected")]
            differ = f"by {100 * np.sqrt((1 - rate) / (rate * (precision + 1))):.0f} %"
            rows.append([f"{100 * rate:g} %", earlier, differ, f"{100 * lift:+.0f} %", *shares, *widths])
    return measured_tables.table(head, rows)


TEXT = """{heading}

**Past clicks.** Beside the verdict on an experiment's clicks, at its final age, stands the difference given what
the same people clicked before: y − θ(x − x̄), x being how many messages of other campaigns they had clicked before
the first arm was sent, five at most (CUPED: Deng, Xu, Kohavi and Walker 2013, WSDM). It is what `campaign_impact`
shows, by the same function. **The plain difference decides the word.** Both hold the truth. What the past takes off
the interval hangs on how much people differ: nothing to speak of where they differ little, as in the demo, a sixth
where few click nearly everything. The plain one is what a test was planned for, and no word should change with
which earlier campaigns are in the database. Where the past takes off much, read both.

{runs:,} experiments each of {size:,} people in each of two arms, seed {seed}, {day}:

{table}

**The same people in both.** Of campaigns that were not split at random, a tenth of whose people or more (at least
100) are in both, the reasons say how many clicked only the one and only the other, with the interval of their
difference (Newcombe 1998, Stat Med 17:2635, method 10) and McNemar's mid-p value (Fagerland, Lydersen and Laake
2013, BMC Med Res Methodol 13:91). That compares these two campaigns among those people; the word stays the one that
is held against how campaigns ordinarily differ.
"""


def main():
    about = {"runs": RUNS, "size": SIZE, "seed": SEED, "day": date.today()}
    section = TEXT.format(heading=HEADING, table=table(), **about)
    before = PAGE.read_text(encoding="utf-8").split(HEADING)[0].rstrip("\n")
    PAGE.write_text(f"{before}\n\n{section}", encoding="utf-8")
    print(section)


if __name__ == "__main__":
    main()
