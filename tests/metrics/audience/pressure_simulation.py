"""How often the effect of pressure within the same person is right: the table of docs/audience.md.

`python -m tests.metrics.audience.pressure_simulation`. People differ in how keen they are; the keen get more messages
and click more. The odds of a click are multiplied by an effect for each message of the seven days before.
"""

import numpy as np
import pandas as pd

from reportlib.metrics.audience.pressed import LEVELS
from reportlib.metrics.audience.pressure import CLASSES, _estimated
from reportlib.metrics.audience.within_person import ALIKE, LOWER

DAYS, PEOPLE = 182, 2_000
RUNS = {1.0: 1_500, 0.8: 600}  # by the true odds ratio of each message before
SORTS = len(LEVELS) * CLASSES


def profiles(rng, people: int, effect: float, keen: float = 1.0, usual: float = 0.08):
    """People by what they got and clicked, as SQL gives them, and the totals by level."""
    keenness = rng.normal(0, 1.2, people)
    number = np.minimum(rng.poisson(8 * np.exp(0.5 * keen * keenness)), 50)
    person = np.repeat(np.arange(people), number)
    day = rng.uniform(0, DAYS, len(person))
    order = np.lexsort((day, person))
    person, day = person[order], day[order]
    line = person * 10.0 * DAYS + day
    before = np.minimum(np.arange(len(line)) - np.searchsorted(line, line - 7), LEVELS[-1])
    kind = rng.integers(0, CLASSES, len(line))
    odds = usual / (1 - usual) * np.exp(keenness[person] + 0.4 * (kind - 1)) * effect**before
    clicked = rng.random(len(line)) < odds / (1 + odds)
    cell = before * CLASSES + kind
    sent, answered = (
        np.bincount(person[some] * SORTS + cell[some], minlength=people * SORTS).reshape(people, SORTS)
        for some in (np.ones(len(line), bool), clicked)
    )
    frame = pd.DataFrame(np.hstack([sent, answered]), columns=[f"{what}{at}" for what in "my" for at in range(SORTS)])
    frame = frame[(answered.sum(axis=1) > 0) & (answered.sum(axis=1) < number) & (answered.sum(axis=1) <= 10)]
    totals = pd.DataFrame(
        {
            "before": LEVELS,
            "messages": np.bincount(before, minlength=4),
            "clicked": np.bincount(before[clicked], minlength=4),
        }
    )
    return frame.groupby([*frame], as_index=False).size().rename(columns={"size": "people"}), totals


def between(totals) -> float:
    """What comparing messages would say, whoever got them: the odds ratio of one before to none."""
    odds = totals["clicked"] / (totals["messages"] - totals["clicked"])
    return float(odds[1] / odds[0])


def simulated(seed: int, runs: int, people: int, effect: float) -> pd.DataFrame:
    """A row per run and level: the level, whether its interval has the truth, its verdict, and the naive odds ratio."""
    rows = []
    for run in range(runs):
        found, totals = profiles(np.random.default_rng((seed, run)), people, effect)
        for row in _estimated(found, totals).itertuples():
            if row.before:
                covers = row.low <= effect**row.before <= row.high
                rows.append((row.before, covers, row.odds_ratio, row.verdict, between(totals)))
    return pd.DataFrame(rows, columns=["before", "covers", "odds_ratio", "verdict", "naive"])


def main():
    heads = ["true odds ratio, each message", "messages before", "estimated", "interval holds the truth",
             "called lower", "not distinguishable", "comparing messages says, of one before"]  # fmt: skip
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for effect, runs in RUNS.items():
        for before, rows in simulated(7, runs, PEOPLE, effect).groupby("before"):
            lower, alike = (rows["verdict"].eq(word).mean() for word in (LOWER, ALIKE))
            cells = [effect, before, f"{rows['odds_ratio'].median():.2f}", f"{rows['covers'].mean():.1%}"]
            cells += [f"{lower:.1%}", f"{alike:.1%}", f"{rows['naive'].median():.2f}"]
            print(f"| {' | '.join(map(str, cells))} |", flush=True)


if __name__ == "__main__":
    main()
