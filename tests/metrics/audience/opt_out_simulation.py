"""How often the effect of pressure on opt-outs is right: the second table of docs/audience.md.

`python -m tests.metrics.audience.opt_out_simulation`. People differ in how keen they are: the keen get more messages,
and leave more, or less. Campaigns come closer to each other as time goes on, some make more people leave, and more so
in full weeks; many people join on the way. The odds to leave are multiplied by an effect for each message of the seven
days before.
"""

import numpy as np
import pandas as pd

from reportlib.metrics.audience.opt_out_pressure import NOTHING_EARLIER, _estimated
from reportlib.metrics.audience.pressed import LEVELS
from reportlib.metrics.audience.within_person import ALIKE, HIGHER

DAYS, CAMPAIGNS, PEOPLE = 182, 50, 20_000
RUNS = {
    (1.0, -0.5): 1_500,
    (1.0, 0.5): 1_500,
    (1.4, -0.5): 600,
}  # by the true odds ratio, and how keenness goes with leaving


def counted(rng, people: int, effect: float, keen_leave: float, usual: float = 0.004) -> pd.DataFrame:
    """Messages as SQL counts them."""
    day = np.sort(DAYS * rng.random(CAMPAIGNS) ** 0.5)
    keenness = rng.normal(0, 1, people)
    joined = np.where(rng.random(people) < 0.4, rng.uniform(0, 150, people), -1)
    got = rng.random((people, CAMPAIGNS)) < (1 / (1 + np.exp(1.6 - 0.9 * keenness)))[:, None]
    got &= day >= joined[:, None]
    first = np.where(got.any(axis=1), day[got.argmax(axis=1)], np.inf)
    week_ago, number = np.searchsorted(day, day - 7), np.arange(CAMPAIGNS)
    so_far = np.zeros((people, CAMPAIGNS + 1), np.int64)
    so_far[:, 1:] = got.cumsum(axis=1)
    before = np.minimum(so_far[:, number] - so_far[:, week_ago], LEVELS[-1])
    worth = rng.normal(0, 0.5, CAMPAIGNS) + 0.3 * (number - week_ago > 2)
    leaves = got & (rng.random(got.shape) < usual * np.exp(keen_leave * keenness[:, None] + worth) * effect**before)
    last = np.where(leaves.any(axis=1), leaves.argmax(axis=1), CAMPAIGNS)
    got &= number <= last[:, None]
    latest = np.maximum.accumulate(np.where(got & (day > first[:, None] + 7), number, -1), axis=1)
    earlier = np.hstack([np.full((people, 1), -1), latest])[:, week_ago]
    person, campaign = np.nonzero(got)
    at = earlier[person, campaign]
    frame = pd.DataFrame({
        "channel": "email",
        "campaign_id": campaign,
        "ago_ms": day[campaign] // 7,
        "earlier_ago_ms": np.where(at < 0, NOTHING_EARLIER, day[at] // 7),
        "before": before[person, campaign],
        "earlier": np.where(at < 0, NOTHING_EARLIER, before[person, at]),
        "left": (last[person] == campaign).astype(int),
    })  # fmt: skip
    return frame.groupby([*frame][:-1], as_index=False)["left"].agg(messages="size", left="sum")


def between(found: pd.DataFrame) -> float:
    """What comparing messages would say, whoever got them: the odds ratio of two before to none."""
    odds = found["left"] / (found["messages"] - found["left"])
    return float(odds[2] / odds[0])


def simulated(seed: int, runs: int, people: int, effect: float, keen_leave: float) -> pd.DataFrame:
    """A row per run and level told: the level, whether its interval has the truth, verdict, the naive odds ratio."""
    rows = []
    for run in range(runs):
        found = _estimated(counted(np.random.default_rng((seed, run)), people, effect, keen_leave))
        for row in found[found["odds_ratio"].notna()].itertuples():
            covers = row.low <= effect**row.before <= row.high
            rows.append((row.before, covers, row.odds_ratio, row.verdict, between(found)))
    return pd.DataFrame(rows, columns=["before", "covers", "odds_ratio", "verdict", "naive"])


def main():
    heads = ["true odds ratio, each message", "the keen leave", "messages before", "estimated",
             "interval holds the truth", "called higher", "not distinguishable",
             "comparing messages says, of two before"]  # fmt: skip
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for (effect, keen_leave), runs in RUNS.items():
        for before, rows in simulated(7, runs, PEOPLE, effect, keen_leave).groupby("before"):
            higher, alike = (rows["verdict"].eq(word).mean() for word in (HIGHER, ALIKE))
            cells = [effect, "more" if keen_leave > 0 else "less", before, f"{rows['odds_ratio'].median():.2f}"]
            cells += [f"{rows['covers'].mean():.1%}", f"{higher:.1%}", f"{alike:.1%}", f"{rows['naive'].median():.2f}"]
            print(f"| {' | '.join(map(str, cells))} |", flush=True)


if __name__ == "__main__":
    main()
