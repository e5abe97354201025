"""Campaigns watched by nobody real: how often a monitor's alarms are wrong; `make calibration` writes it to
docs/live_monitor.md.
"""

from datetime import date

import numpy as np
import pandas as pd

from reportlib.metrics.live.alarms import backlog, failure_codes, failure_rate, stalled
from reportlib.metrics.live.flow import by_bucket
from reportlib.metrics.live.history import UsualFailures
from tests import measured_tables

SEED = 97_531_246  # the rules were not chosen on it
RATE_CAMPAIGNS, WORLDS, TAILS = 1_000, 500, 200
BROKEN_WORLDS, BROKEN_TAILS = 100, 20
WAITING = ("deliveries stalled", "pending does not fall")
SIZE = 5  # seconds in a bucket
BEGAN_MS = 1_800_000_000_000
LIKE_THE_OTHERS = ((5, 0.5), (12, 0.5), (30, 0.3), (30, 0.5))  # campaigns before, how much codes differ between them
DELIVERIES = ((400, 3.0), (2000, 4.0), (2000, 60.0))  # messages, seconds that scale how long a delivery takes
CODE_RATES = np.array([0.02, 0.012, 0.006, 0.002, 0.001, 0.018, 0.01, 0.006, 0.003, 0.001])


def flow(*rows) -> pd.DataFrame:
    """As `live_flow`, from rows of bucket handed over, bucket settled (None: pending), outcome, messages."""
    frame = pd.DataFrame(rows, columns=["handed_over", "settled", "outcome", "messages"])
    for name in ("handed_over", "settled"):
        frame[name] = (BEGAN_MS + 1000 * SIZE * frame[name].astype("Int64")).astype("Int64")
    frame.attrs["bucket_s"] = SIZE
    return frame


def timeline(*buckets) -> pd.DataFrame:
    """One row of (delivered, failed) per bucket, each handed over in its bucket."""
    rows = [
        (at, at, outcome, count)
        for at, counts in enumerate(buckets)
        for outcome, count in zip(("delivered", "failed"), counts, strict=True)
        if count
    ]
    return by_bucket(flow(*rows))


def at_bucket(number) -> int:
    return BEGAN_MS + 1000 * SIZE * number


def outcomes(last_bucket, pending) -> pd.DataFrame:
    last = pd.Timestamp(at_bucket(last_bucket), unit="ms", tz="UTC")
    rows = {"outcome": ["delivered", "pending"], "messages": [1, pending], "last_final": [last, pd.NaT]}
    return pd.DataFrame(rows)


def histories(counts: dict[str, list[int]], base) -> UsualFailures:
    """What is usual after campaigns with these counts, by code, of `base` final words each."""
    rows = [
        {"campaign_id": n, "channel": "sms", "provider": "twilio", "code": code, "failed": failed, "settled": base}
        for code, found in {**counts, None: [0] * len(next(iter(counts.values())))}.items()
        for n, failed in enumerate(found)
    ]
    return UsualFailures(pd.DataFrame(rows).astype({"code": "str"}))


def failures_of(counts: dict[str, int], settled) -> pd.DataFrame:
    first = pd.Timestamp(at_bucket(1), unit="ms", tz="UTC")
    about = {"channel": "sms", "provider": "twilio", "title": "Gone", "advice": "Ask", "settled": settled}
    return pd.DataFrame([{**about, "code": code, "failed": n, "first_failed": first} for code, n in counts.items()])


def rate_alarms(rng, rate, campaigns) -> int:
    """Campaigns of this failure rate with an alarm, looked at eight times in 120 buckets of 40 final words."""
    raised = 0
    for _ in range(campaigns):
        frame = timeline(*[(40 - failed, failed) for failed in rng.binomial(40, rate, 120)])
        raised += any(failure_rate(frame.iloc[:end].assign(pending=0)) for end in range(15, 121, 15))
    return raised


def code_alarms(rng, campaigns, spread, worlds, broken=False, hit=None) -> int:
    """Campaigns like those before them with an alarm: ten codes whose log rates differ between campaigns by this
    standard deviation, looked at seven times up to 10,000 messages.

    `broken`: of the first campaign before nearly all failed of the first code; `hit`: so many do of this one.
    """
    raised, codes = 0, [str(number) for number in range(len(CODE_RATES))]
    for _ in range(worlds):
        rates = CODE_RATES * np.exp(spread * rng.standard_normal((campaigns + 1, len(codes))))
        rates[0, 0] = 0.95 if broken else rates[0, 0]
        rates[-1, 0] = hit or rates[-1, 0]
        usual = histories(dict(zip(codes, rng.binomial(3000, rates[:-1]).T.tolist(), strict=True)), 3000)
        now = rng.binomial(400, rates[-1], (25, len(codes))).cumsum(axis=0)
        looks = (failures_of(dict(zip(codes, now[at].tolist(), strict=True)), 400 * (at + 1)) for at in range(0, 25, 4))
        raised += any(failure_codes(look, usual) for look in looks)
    return raised


def tail_alarms(rng, messages, scale_s, campaigns, silent=0.0) -> tuple[int, int]:
    """Campaigns that go on as they do with an alarm of a stall, and of a backlog: ten minutes of sending, deliveries
    with a heavy tail, a hundredth never heard of; looked at 44 times up to half an hour.

    `silent`: after five minutes this share of deliveries is not told any more.
    """
    found = [_tail_alarms(rng, messages, scale_s, silent) for _ in range(campaigns)]
    return sum(stall for stall, _ in found), sum(pile for _, pile in found)


def _tail_alarms(rng, messages, scale_s, silent):
    sent = np.sort(rng.uniform(0, 600, messages))
    settled = sent + scale_s * (rng.uniform(size=messages) ** -1.25 - 1)
    settled[rng.uniform(size=messages) < np.where(settled > 300, max(0.01, silent), 0.01)] = np.inf
    stall = pile = False
    for now in range(60, 1800, 40):
        known, done = sent < now, settled < now
        pairs = pd.DataFrame({"sent": sent[known] // SIZE, "settled": np.where(done, settled, np.nan)[known] // SIZE})
        counted = pairs.groupby(["sent", "settled"], dropna=False).size()
        rows = [(int(at), None if np.isnan(to) else int(to), n) for (at, to), n in counted.items()]
        seen = flow(*[(at, to, "pending" if to is None else "delivered", n) for at, to, n in rows])
        last = outcomes(settled[done].max(initial=0) / SIZE, int((known & ~done).sum()))
        buckets, now_ms = by_bucket(seen), BEGAN_MS + 1000 * now
        stall = stall or stalled(last, buckets, now_ms) is not None
        pile = pile or backlog(seen, buckets, now_ms) is not None
    return stall, pile


def table() -> str:
    rng = np.random.default_rng(SEED)
    rows = [
        ("failures above 5 %", f"{100 * rate:.0f} % fail", rate_alarms(rng, rate, RATE_CAMPAIGNS), RATE_CAMPAIGNS)
        for rate in (0.05, 0.04, 0.07, 0.10)
    ]
    rows += [
        ("unusual failure", f"like {before} before, codes differ by {100 * spread:.0f} %", raised, WORLDS)
        for before, spread in LIKE_THE_OTHERS
        for raised in (code_alarms(rng, before, spread, WORLDS),)
    ]
    for messages, scale_s in DELIVERIES:
        raised = tail_alarms(rng, messages, scale_s, TAILS)
        rows += [(kind, _world(messages, scale_s), count, TAILS) for kind, count in zip(WAITING, raised, strict=True)]
    return _listed(rows)


def broken_table() -> str:
    """Where something is amiss, before or now."""
    rng, rows = np.random.default_rng(SEED + 1), []
    for before in (6, 12):
        for hit in (None, 0.1, 0.2):
            now = f"{100 * hit:.0f} % fail of its code" if hit else "like the others"
            world = f"{before} before, in one of which a code hit 95 %; {now}"
            raised = code_alarms(rng, before, 0.3, BROKEN_WORLDS, broken=True, hit=hit)
            rows.append(("unusual failure", world, raised, BROKEN_WORLDS))
    for silent in (0.5, 1.0):
        for messages, scale_s in DELIVERIES:
            world = f"{_world(messages, scale_s)}; after five minutes {100 * silent:.0f} % are told no more"
            raised = tail_alarms(rng, messages, scale_s, BROKEN_TAILS, silent)
            rows += [(kind, world, count, BROKEN_TAILS) for kind, count in zip(WAITING, raised, strict=True)]
    return _listed(rows)


def _world(messages, scale_s):
    return f"{messages:,} messages, half delivered within {scale_s * (2**1.25 - 1):.0f} s"


def _listed(rows):
    told = [[kind, world, f"{raised:,} of {of:,}"] for kind, world, raised, of in rows]
    return measured_tables.table(["alarm", "campaigns", "with an alarm"], told)


if __name__ == "__main__":
    for made, mark in ((broken_table, "made by make calibration: amiss"), (table, "made by make calibration")):
        measured_tables.put("live_monitor.md", f"Seed {SEED}, {date.today()}.\n\n{made()}", mark)
