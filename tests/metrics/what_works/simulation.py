"""How what works does where the truth is known: `python -m tests.metrics.what_works.simulation` writes its page.

Registers of experiments whose true effects are drawn, and campaigns whose facts change nothing, or one of which does.
All of it calls the functions that the report calls.
"""

import sys

import numpy as np
import pandas as pd
import scipy

from reportlib.metrics.statistics import two_rates
from reportlib.metrics.statistics.drawn_to_zero import drawn_to_zero, log_ratio
from reportlib.metrics.what_works.associations import UNTOLD, associations
from tests.measured_tables import put, table

SEED, RUNS, RATE = 20_261_129, 1_000, 0.05
EFFECTS = {  # log ratios of the second arm's rate
    "normal, 5 % apart": lambda random, size: random.normal(0, 0.05, size),
    "normal, 10 % apart": lambda random, size: random.normal(0, 0.1, size),
    "normal, 20 % apart": lambda random, size: random.normal(0, 0.2, size),
    "nine of ten none, the tenth 30 % apart": lambda random, size: np.where(
        random.random(size) < 0.1, random.normal(0, 0.3, size), 0
    ),
    "long tails: Student's t with 3 degrees, 6 %": lambda random, size: 0.06 * random.standard_t(3, size),
}  # fmt: skip
EXPERIMENTS, PEOPLE = (6, 20, 60), 5_000


def one_register(random, effects, people=PEOPLE):
    """True sum of the winners, their own, and what is left of it with its limits; None where none won."""
    base = scipy.special.expit(scipy.special.logit(RATE) + random.normal(0, 0.3, len(effects)))
    did, other = random.binomial(people, np.minimum(base * np.exp(effects), 1)), random.binomial(people, base)
    ratios, errors = log_ratio(did, people, other, people)
    won = np.flatnonzero(two_rates.interval(did, people, other, people)[0] > 0)
    left = drawn_to_zero(ratios, errors).sum_of(won)
    return (effects[won].sum(), ratios[won].sum(), *left) if len(won) else None


def registers(name, size, runs):
    """(raw ÷ true, drawn ÷ true, share of sums in their interval, winners a register) of registers with a winner."""
    random = np.random.default_rng(SEED)
    drawn = [one_register(random, EFFECTS[name](random, size)) for _ in range(runs)]
    true, raw, left, low, high = np.array([one for one in drawn if one is not None]).T
    return raw.sum() / true.sum(), left.sum() / true.sum(), np.mean((low <= true) & (true <= high)), len(true) / runs


def campaigns(random, size, effect, spread=0.15):
    """`responses` and `facts` of so many campaigns; the first of ten facts moves their log odds by `effect`."""
    holds = random.random((size, 10)) < random.uniform(0.25, 0.75, 10)
    base = random.integers(1_000, 8_000, size)
    channel = random.choice(["email", "sms"], size)
    log_odds = scipy.special.logit(np.where(channel == "sms", 0.02, RATE)) + random.normal(0, spread, size)
    count = random.binomial(base, scipy.special.expit(log_odds + effect * holds[:, 0]))
    told = pd.DataFrame({"campaign_id": range(size), "channel": channel, "count": count, "base": base})
    facts = [(at, f"fact {n}", "yes" if holds[at, n] else "no") for at in range(size) for n in range(10)]
    return told, pd.DataFrame(facts, columns=["campaign_id", "fact", "value"])


def facts(size, effect, runs):
    """(runs in which a fact without an effect is told apart, runs in which the one with it is)."""
    random, false, found = np.random.default_rng(SEED), 0, 0
    for _ in range(runs):
        frame = associations(*campaigns(random, size, effect))
        named = set(frame.loc[frame["word"] != UNTOLD, "fact"])
        found += "fact 0" in named
        false += bool(named - ({"fact 0"} if effect else set()))
    return false / runs, found / runs


def main(runs=RUNS):
    """Write the tables of the page."""
    rows = []
    for name in EFFECTS:
        for size in EXPERIMENTS:
            raw, left, held, share = registers(name, size, runs)
            rows.append([name, f"{size}", f"{raw:.1f}", f"{left:.2f}", f"{100 * held:.1f}", f"{100 * share:.0f}"])
    heads = ["true effects", "experiments", "winners' own sum ÷ true", "luck allowed for ÷ true", "in its interval",
             "registers with a winner"]  # fmt: skip
    asked = [
        [f"{size}", f"{effect:.0%}", *[f"{100 * share:.1f}" for share in facts(size, np.log1p(effect), runs // 4)]]
        for size in (12, 30, 80)
        for effect in (0.0, 0.3)
    ]  # fmt: skip
    fact_heads = ["campaigns", "one fact's effect", "another told apart", "that one told apart"]
    about = f"Seed {SEED}, {runs:,} registers a row, {runs // 4:,} accounts a row of facts."
    made = {"runs": about, "registers": table(heads, rows), "facts": table(fact_heads, asked)}
    for name, told in made.items():
        put("what_works_simulation.md", told, f"made by make calibration: {name}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
