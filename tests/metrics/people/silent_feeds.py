"""How often a feed that works is said to have stopped, and one that stopped is found: part of `make calibration`.

Accounts are drawn with all that makes silences by itself: nights, weekends, campaigns that end, channels that are left.
The table is in docs/definitions.md.
"""

import numpy as np

from reportlib.metrics.local_time import DAY_MS, HOUR_MS
from reportlib.metrics.people import freshness

START_MS = 20_000 * DAY_MS - freshness.LOOKED_AT_MS
HOURS = freshness.LOOKED_AT_MS / HOUR_MS
DELAYS = {  # hours from the hand-over to the event
    "Pareto, exponent 0.8": lambda chance, n: 0.7 * (chance.random(n) ** -1.25 - 1),
    "log-normal, sigma 1.5": lambda chance, n: chance.lognormal(0.4, 1.5, n),
    "log-normal, sigma 1.0": lambda chance, n: chance.lognormal(0.4, 1.0, n),
    "exponential, 2 hours": lambda chance, n: chance.exponential(2, n),
}
NIGHT = {"wait": "wait until morning", "sleep": "are not had at all"}


def account(chance, delay, night, weekends):
    """Hand-overs and events of four weeks, hours since their start."""
    campaigns = 1 + chance.poisson(chance.choice([1, 4, 12]))
    handed_over, events = [], []
    for _ in range(campaigns):
        size = int(chance.choice([300, 3_000, 30_000]) * chance.uniform(0.5, 1.5))
        begins = 24 * chance.integers(0, HOURS / 24) + chance.uniform(8, 19)
        sent = begins + chance.uniform(0, chance.choice([0.5, 4.0]), size)
        handed_over.append(sent)
        acted = sent[chance.random(size) < chance.choice([0.01, 0.05, 0.25])]
        at = acted + DELAYS[delay](chance, len(acted))
        hour = at % 24
        asleep = hour < 7
        if night == "wait":
            at = np.where(asleep, at - hour + 7 + 2 * hour / 7, at)
        else:
            at = at[~asleep | (chance.random(len(at)) < 0.02)]
        resting = (at // 24 + START_MS // DAY_MS + 3) % 7 >= 5
        events.append(at[~resting | (chance.random(len(at)) < weekends)])
    return np.concatenate(handed_over), np.concatenate(events)


def binned(hours):
    within = hours[(hours >= 0) & (hours < HOURS)]
    return np.bincount((within * HOUR_MS // freshness.BIN_MS).astype(int), minlength=freshness.BINS).astype(float)


def stopped(handed_over, events) -> bool | None:
    """Whether the rule says so at the end of the four weeks; None without any event."""
    events = events[(events >= 0) & (events < HOURS)]
    if not len(events):
        return None
    expected = freshness._events_expected(binned(handed_over), binned(events), START_MS)
    return expected >= freshness.EXPECTED and HOURS - events.max() >= 1


def shares(delay, night, weekends, times, seed=1):
    """Of accounts whose feed works, the share said to have stopped; then of those that were cut off two, six and 24
    hours before the end and had a hundred events more by then, the share found."""
    chance, said, found = np.random.default_rng(seed), [], {2: [], 6: [], 24: []}
    while len(said) < times:
        shift = chance.uniform(0, 24)  # the end is at any hour of the day
        handed_over, events = (part + shift for part in account(chance, delay, night, weekends))
        said.append(bool(stopped(handed_over, events)))
        for hours, told in found.items():
            until = events < HOURS - hours
            if np.count_nonzero(~until & (events < HOURS)) >= 100:
                told.append(bool(stopped(handed_over, events[until])))
    return [np.mean(said), *(np.mean(told) if told else np.nan for told in found.values())]


def main():
    print("| delays | at night events | at weekends | wrongly stopped | found after 2 h | 6 h | 24 h |")
    print("|---|---|---|---|---|---|---|")
    for delay in DELAYS:
        for night, words in NIGHT.items():
            for weekends in (1.0, 0.05):
                wrong, *found = shares(delay, night, weekends, 500)
                percents = " | ".join([f"{100 * wrong:.2f} %", *(f"{100 * one:.0f} %" for one in found)])
                print(f"| {delay} | {words} | {100 * weekends:.0f} % | {percents} |")


if __name__ == "__main__":
    main()
