"""Send times in a made-up world whose best hour is known; `calibration` writes what happens to docs/send_times.md.

Most campaigns go out at 9 to 11 h, the better ones at 9 h; each also has some messages at other hours (retries, slow
queues, people in other zones). A message is answered with its campaign's rate, times the effect of its hour, times
what only this campaign does at this hour.
"""

import numpy as np
import pandas as pd

from reportlib.metrics import slot_effects
from reportlib.metrics.statistics.reread import WEEKS
from tests import measured_tables

MAIN_HOURS, SHARES = (9, 10, 11, 15, 18, 19), (0.3, 0.3, 0.2, 0.1, 0.05, 0.05)
OTHER_HOURS = (8, 9, 10, 11, 14, 15, 17, 18, 19, 20)
READIER = 0.3  # of the people, who had answered before
BEST_HOUR = 19
DAY = 2
SEED, RUNS = 20_261_123, 1_000


def world(rng, campaigns=30, messages=20_000, effect=0.0, extra=0.0, per_campaign=4) -> pd.DataFrame:
    """The frame of `send_slots`. `effect` is the gain at 19 h, a fraction, falling off over three hours to each side;
    `extra` the standard deviation of log rates between the hours of one campaign beyond that."""
    rows = []
    for number in range(campaigns):
        main = rng.choice(MAIN_HOURS, p=SHARES)
        quality = 0.04 * np.exp(rng.normal(0, 0.3)) * (1.5 if main == 9 else 1)
        others = rng.choice([hour for hour in OTHER_HOURS if hour != main], per_campaign - 1, replace=False)
        shares = [0.7, *(0.3 * rng.dirichlet(np.full(per_campaign - 1, 2.0)))]
        for hour, share in zip((main, *others), shares, strict=True):
            sent = int(messages * share)
            gain = 1 + effect * max(0, 1 - abs(hour - BEST_HOUR) / 3)
            rate = min(quality * gain * np.exp(rng.normal(0, extra)), 1)
            before = rng.binomial(sent, READIER)
            rows.append((f"c{number}", "email", DAY, hour, sent, sent, rng.binomial(sent, rate), before))
    return frame_of(rows)


def frame_of(rows, weeks=WEEKS) -> pd.DataFrame:
    """The frame of `send_slots` that has these rows, of campaigns of so many weeks."""
    columns = ["campaign_id", "channel", "weekday", "hour", "delivered", "mature", "responded", "answered_before"]
    frame = pd.DataFrame(rows, columns=columns)
    frame.attrs = {"metric": "clicked", "window_hours": 48, "weeks": weeks, "timezone": "UTC", "zone_known": None}
    return frame


def picks(slots: pd.DataFrame) -> dict:
    """The hour each map would have chosen; None where the recommendation names none."""
    effects = slot_effects(slots)
    tried = effects[effects["mature"] > 0]
    identified = effects[effects["identified"]]
    return {
        "count of responses": int(tried.loc[tried["responded"].idxmax(), "hour"]),
        "rate by slot": int(tried.loc[tried["rate"].idxmax(), "hour"]),
        "within-campaign index": int(identified.loc[identified["shrunk"].idxmax(), "hour"])
        if len(identified)
        else None,
        "recommended": effects.attrs["best"] and effects.attrs["best"][1],
    }


def shares(runs=RUNS, seed=SEED, **about) -> dict:
    """How often each map picked 18 to 20 h, and how often a slot was recommended at all, and rightly."""
    rng = np.random.default_rng(seed)
    found = pd.DataFrame([picks(world(rng, **about)) for _ in range(runs)])
    near = found.apply(lambda column: pd.to_numeric(column).between(BEST_HOUR - 1, BEST_HOUR + 1)).mean()
    return {**near.to_dict(), "any slot": found["recommended"].notna().mean()}


def table() -> str:
    """The table of docs/send_times.md."""
    heads = ["true gain at 19 h", "campaigns", "spread of hours within a campaign beyond chance"]
    heads += ["the count map picks 18–20 h", "the rate by slot does", "the within-campaign index does"]
    rows = []
    for effect, campaigns, extra in (
        *((0.0, 10, 0.0), (0.0, 30, 0.0), (0.0, 30, 0.1), (0.0, 30, 0.2), (0.0, 30, 0.3), (0.0, 100, 0.2)),
        *((0.3, 10, 0.0), (0.3, 30, 0.0), (0.3, 30, 0.2), (0.3, 100, 0.2), (0.6, 30, 0.2)),
    ):
        found = shares(effect=effect, campaigns=campaigns, extra=extra)
        cells = [found[name] for name in ("count of responses", "rate by slot", "within-campaign index")]
        cells += [found["any slot"], found["recommended"]]
        right = [f"{100 * cell:.1f} %" for cell in cells]
        rows.append([f"{100 * effect:.0f} %", campaigns, f"{extra:g}", *right])
    return measured_tables.table([*heads, "a slot is recommended", "and it is 18–20 h"], rows)
