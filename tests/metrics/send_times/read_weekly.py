"""Send-time advice that is read every week for half a year, in made-up worlds of people; `make calibration` writes what
happens to docs/send_times.md.

Each week one campaign goes to the whole list, split over four slots of two days. Who gets it when is drawn at random,
or the keenest come first, or the best customers always get 19 h. People differ in how readily they answer, and each
campaign's day, and each of its hours, in how well it goes.
"""

from dataclasses import dataclass

import numpy as np

from reportlib.metrics import slot_effects
from reportlib.metrics.statistics.reread import WEEKS
from tests import measured_tables
from tests.metrics.send_times.simulation import SEED, frame_of

BEST = (3, 19)
SLOTS = ((2, 10), (2, 15), (3, 10), BEST)
SHARES = np.array([0.2, 0.4, 0.2, 0.2])  # of the people


@dataclass(frozen=True)
class World:
    """`effect` is the gain at BEST, a fraction; `assigned` "random", "keenest first" or "best customers at 19 h";
    `day_shock` and `hour_shock` are standard deviations of log rates of a campaign's day, and of its hour."""

    assigned: str = "random"
    effect: float = 0.0
    people: int = 12_000
    rate: float = 0.04
    keenness: float = 0.8
    day_shock: float = 0.0
    hour_shock: float = 0.0


WORLDS = {
    "no hour does anything": World(),
    "nor here; days of one campaign spread by 10 %": World(day_shock=0.1),
    "by 20 %": World(day_shock=0.2),
    "days and hours by 15 % each": World(day_shock=0.15, hour_shock=0.15),
    "nor here; the keenest come first": World("keenest first"),
    "nor here; the best customers always get 19 h": World("best customers at 19 h"),
    "19 h is 20 % better": World(effect=0.2),
    "so here; days spread by 10 %": World(effect=0.2, day_shock=0.1),
    "days and hours by 10 % each": World(effect=0.2, day_shock=0.1, hour_shock=0.1),
    "days and hours by 20 % each": World(effect=0.2, day_shock=0.2, hour_shock=0.2),
}
RUNS = 200


def weeks(rng, world: World):
    """After each week the frame of `send_slots` of all campaigns so far."""
    keenness = np.exp(rng.normal(-(world.keenness**2) / 2, world.keenness, world.people))
    keenest_first = np.argsort(-keenness, kind="stable")
    ends = np.round(np.cumsum(SHARES) * world.people).astype(int)
    answered = np.zeros(world.people, dtype=bool)
    rows = []
    for week in range(WEEKS):
        slot = np.empty(world.people, dtype=int)
        slot[_order(rng, world, keenest_first)] = np.searchsorted(ends, np.arange(world.people), side="right")
        quality = world.rate * np.exp(rng.normal(0, 0.3))
        days = np.exp(rng.normal(0, world.day_shock, 2))
        rates = np.array([quality * days[day - 2] * np.exp(rng.normal(0, world.hour_shock)) for day, _ in SLOTS])
        rates[SLOTS.index(BEST)] *= 1 + world.effect
        responded = rng.random(world.people) < rates[slot] * keenness
        sent, got, before = (
            np.bincount(slot[chosen], minlength=4) for chosen in (np.ones_like(answered), responded, answered)
        )
        rows += [(f"c{week}", "email", *SLOTS[i], sent[i], sent[i], got[i], before[i]) for i in range(4)]
        answered |= responded
        yield frame_of(rows, week + 1)


def _order(rng, world, keenest_first):
    if world.assigned == "keenest first":  # each week from the front, which is roughly known
        return keenest_first
    order = rng.permutation(world.people)
    if world.assigned == "best customers at 19 h":
        best = np.isin(order, keenest_first[: int(SHARES[-1] * world.people)])
        return np.concatenate([order[~best], order[best]])
    return order


def half_year(rng, world: World) -> dict:
    """Whether a wrong slot was named in any week, the right one in any week and in the last, and one withheld then."""
    named, withheld = [], False
    for slots in weeks(rng, world):
        effects = slot_effects(slots)
        better = effects[effects["better"]]
        named.append(set(zip(better["weekday"], better["hour"], strict=True)))
        withheld = effects["withheld"].any()
    right = {BEST} if world.effect else set()
    return {
        "wrong": any(week - right for week in named),
        "right": any(week & right for week in named),
        "right at last": bool(named[-1] & right),
        "withheld": withheld,
    }


def table(runs=RUNS) -> str:
    """The second table of docs/send_times.md."""
    rows = []
    for name, world in WORLDS.items():
        rng = np.random.default_rng(SEED)
        counts = np.mean([list(half_year(rng, world).values()) for _ in range(runs)], axis=0)
        wrong, ever, last, withheld = (f"{100 * share:.1f} %" for share in counts)
        rows.append([name, wrong, *((ever, last) if world.effect else "––"), withheld])
    heads = ["world", "a wrong slot in any of 26 weeks", "the right one in any", "in the last", "withheld in the last"]
    return measured_tables.table(heads, rows)
