"""Pressure within the same person: its likelihood by enumeration, counts in plain Python, how often it is right."""

from collections import Counter
from datetime import timedelta
from itertools import combinations
from math import exp, log

import numpy as np
import pandas as pd
import pytest

from reportlib import metrics
from reportlib.metrics.audience import opt_out_pressure
from reportlib.metrics.audience.account import audience
from reportlib.metrics.audience.pressed import pressed
from reportlib.metrics.audience.pressure import pressure_cap
from reportlib.metrics.audience.within_person import ALIKE, HIGHER, LOWER, UNKNOWN
from reportlib.metrics.statistics import conditional
from tests.metrics.audience import opt_out_simulation, pressure_simulation
from tests.oracle import engagement_of_messages
from tests.small_database import START, fill, small_database

DAY = timedelta(days=1)


def test_the_likelihood_is_that_of_every_way_to_answer_as_many():
    """Two persons: of messages of three sorts, the chance of those answered among all sets of as many."""
    sent, answered = np.array([[2.0, 1, 2], [0, 3, 1]]), np.array([[1.0, 0, 2], [0, 1, 0]])
    design, effects = np.array([[0.0, 0], [1, 0], [1, 1]]), np.array([0.3, -0.7])
    found, scores = conditional._likelihood(sent, answered, design, effects)

    def chance(row, at):
        sorts = np.repeat([0, 1, 2], sent[row].astype(int))
        worth = [exp(design[sort] @ at) for sort in sorts]
        sets = [
            np.prod([worth[one] for one in some]) for some in combinations(range(len(sorts)), int(answered[row].sum()))
        ]
        return answered[row] @ (design @ at) - log(sum(sets))

    for row in (0, 1):
        assert found[row] == pytest.approx(chance(row, effects))
        for place in (0, 1):
            step = np.eye(2)[place] * 1e-6
            slope = (chance(row, effects + step) - chance(row, effects - step)) / 2e-6
            assert scores[row, place] == pytest.approx(slope, abs=1e-6)


def test_two_sorts_of_one_message_each_are_mcnemars():
    """Of pairs, only those that differ tell: 30 clicked the one, 12 the other (the odds ratio of matched pairs)."""
    sent, answered = np.array([[1, 1]] * 4), np.array([[1, 0], [0, 1], [1, 1], [0, 0]])
    found = conditional.fit(sent, answered, np.array([12, 30, 99, 99]), np.array([[0.0], [1.0]]))
    assert exp(found.effects[0]) == pytest.approx(30 / 12)
    assert found.covariance[0, 0] == pytest.approx(1 / 30 + 1 / 12)
    assert found.people == 42


def test_what_cannot_be_told_is_not():
    one = np.array([[0.0], [1.0]])
    assert conditional.fit(np.array([[1, 1]]), np.array([[0, 0]]), np.array([9]), one) is None
    assert conditional.fit(np.array([[2, 0]]), np.array([[1, 0]]), np.array([9]), one) is None
    assert conditional.fit(np.array([[1, 1]]), np.array([[0, 1]]), np.array([9]), one) is None  # without bound


def test_keenness_alone_is_no_effect_and_a_true_one_is_found():
    """The table of docs/audience.md has how often, of many more."""
    none = pressure_simulation.simulated(1, 8, 1_500, 1.0)
    assert none["covers"].mean() > 0.8 and (none["verdict"] == LOWER).mean() < 0.1
    assert none["naive"].median() > 1.2  # who gets more clicks more
    lower = pressure_simulation.simulated(1, 4, 1_500, 0.6)
    assert lower["covers"].mean() > 0.7 and (lower["verdict"] == LOWER).mean() > 0.7


def test_messages_before_are_counted_as_in_plain_python(engine):
    database = small_database()
    rng = np.random.default_rng(3)
    for name in "ab":
        database.campaign(name, start=START - 200 * DAY)
    for number in range(150):
        person, ago = f"c{number % 12}", float(rng.uniform(0, 60))
        status = rng.choice(["delivered", "delivered", "sent", "failed"])
        channel = rng.choice(["email", "sms"])
        message = database.message(str(rng.choice(["a", "b"])), person, str(status), channel=str(channel),
                                   at=START - timedelta(days=round(ago, 4)))  # fmt: skip
        if rng.random() < 0.4:
            database.event(message, "clicked", machine=bool(rng.random() < 0.2))
    frame = metrics.pressure(fill(engine, database), "acme")
    told = {(row.channel, row.window, row.before): (row.messages, row.clicked) for row in frame.itertuples()}
    assert {key: one for key, one in told.items() if one[0]} == expected(database)
    assert set(frame["verdict"]) == {"", "too few people tell"} and frame["odds_ratio"].isna().all()
    assert pressure_cap(frame) is None


def expected(database):
    counted, clicked = Counter(), Counter()
    events = engagement_of_messages(database)
    times = [at for row in database.messages for at in (row["sent_at"], row.get("delivered_at"), row.get("failed_at"))]
    end = max([at for at in times if at] + [row["occurred_at"] for row in database.events])
    sent = [row for row in database.messages if row["status"] != "failed"]
    for row in sent:
        if row["sent_at"] > end - 3 * DAY:
            continue
        did = any(one["kind"] == "clicked" and not one["is_machine"] for one in events[row["message_id"]])
        for window, first, last in (("days 1 to 7", timedelta(milliseconds=1), 7 * DAY),
                                    ("days 8 to 14", 7 * DAY + timedelta(milliseconds=1), 14 * DAY)):  # fmt: skip
            gaps = [row["sent_at"] - one["sent_at"] for one in sent if one["contact_id"] == row["contact_id"]]
            before = min(3, sum(first <= gap <= last for gap in gaps))
            for channel in (row["channel"], "all"):
                counted[channel, window, before] += 1
                clicked[channel, window, before] += did
    return {key: (count, clicked[key]) for key, count in counted.items()}


def test_a_cap_is_what_every_level_from_it_on_supports():
    def frame(*verdicts):
        rows = [("all", "days 1 to 7", at, 100 * at, 5, verdict) for at, verdict in enumerate(("", *verdicts))]
        return pd.DataFrame(rows, columns=["channel", "window", "before", "messages", "clicked", "verdict"])

    assert pressure_cap(frame(LOWER, LOWER, LOWER)) == {"cap": 1, "messages": 600, "clicked": 15}
    assert pressure_cap(frame(LOWER, ALIKE, LOWER)) == {"cap": 3, "messages": 300, "clicked": 5}
    assert pressure_cap(frame(LOWER, LOWER, ALIKE)) is None


def test_leaving_is_held_against_others_with_the_same_two_numbers_of_messages():
    """Sixty campaigns of ten people with none now and one before, ten the other way round; of each one person left:
    40 of those with one now, 20 of the others, as in matched pairs. Those of other numbers say nothing."""
    alike = {"channel": "sms", "ago_ms": 0, "earlier_ago_ms": 0}
    rows = [
        alike | {"campaign_id": campaign, "before": now, "earlier": 1 - now, "messages": 10,
                 "left": int(now == (campaign < 40))}
        for campaign in range(60) for now in (0, 1)
    ]  # fmt: skip
    rows += [
        alike | {"campaign_id": 1, "before": 2, "earlier": earlier, "messages": 50, "left": 9} for earlier in (2, -1)
    ]
    found = opt_out_pressure._estimated(pd.DataFrame(rows)).set_index("before")
    assert found[["messages", "left"]].to_numpy().tolist() == [[600, 20], [600, 40], [100, 18], [0, 0]]
    assert found["odds_ratio"][1] == pytest.approx(2) and found["people"][1] == 60
    assert log(found["high"][1] / found["odds_ratio"][1]) == pytest.approx(1.95996 * (1 / 40 + 1 / 20) ** 0.5, abs=1e-4)
    assert found["verdict"].tolist() == ["", HIGHER, UNKNOWN, UNKNOWN]


def test_leaving_of_the_keen_is_no_effect_and_a_true_one_is_found():
    """The second table of docs/audience.md has how often, of many more."""
    none = opt_out_simulation.simulated(1, 6, 20_000, 1.0, 0.5)
    assert none["covers"].mean() > 0.75 and (none["verdict"] == ALIKE).mean() > 0.75
    assert none["naive"].median() > 1.3  # who gets more leaves more
    higher = opt_out_simulation.simulated(1, 4, 20_000, 1.6, -0.5)
    assert higher["covers"].mean() > 0.6 and (higher["verdict"] == HIGHER).mean() > 0.7


def test_messages_and_earlier_ones_are_counted_as_in_plain_python(engine):
    database = small_database()
    rng = np.random.default_rng(5)
    for name in "ab":
        database.campaign(name, start=START - 200 * DAY)
    for _ in range(200):
        status, channel = rng.choice(["delivered", "delivered", "sent", "failed"]), rng.choice(["email", "sms"])
        at = START - timedelta(days=round(float(rng.uniform(0, 60)), 4))
        campaign, person = str(rng.choice(["a", "b"])), f"c{rng.integers(9)}"
        message = database.message(campaign, person, str(status), channel=str(channel), at=at)
        if rng.random() < 0.1:
            database.event(message, str(rng.choice(["unsubscribed", "complained"])))
    warehouse = fill(engine, database)
    about = audience(warehouse, "acme")
    counted = opt_out_pressure._counted(about, pressed(about))
    told = {tuple(row[:6]): (row[6], row[7]) for row in warehouse.sql(counted).itertuples(index=False)}
    assert told == leavings(database)
    frame = metrics.opt_out_pressure(warehouse, "acme")
    assert frame["left"].sum() == 2 * sum(left for _, left in told.values())
    assert set(frame["verdict"]) == {"", UNKNOWN}


def leavings(database):
    """(channel, campaign, week, earlier week, level, earlier level) → messages, and by how many a person left."""
    events, week = engagement_of_messages(database), timedelta(days=7)
    times = [at for row in database.messages for at in (row["sent_at"], row.get("delivered_at"), row.get("failed_at"))]
    end = max([at for at in times if at] + [row["occurred_at"] for row in database.events])
    sent = [row for row in database.messages if row["status"] != "failed"]
    left = {
        row["message_id"]
        for row in sent
        if any(one["kind"] in ("unsubscribed", "complained") for one in events[row["message_id"]])
    }

    def level(row):
        mine = [one for one in sent if one["contact_id"] == row["contact_id"]]
        return min(3, sum(timedelta(0) < row["sent_at"] - one["sent_at"] <= week for one in mine))

    def weeks_before(moment):
        return (end - moment) // week * 7 * 86_400_000

    found: Counter = Counter()
    gone: Counter = Counter()
    for row in sent:
        mine = [one for one in sent if one["contact_id"] == row["contact_id"]]
        own = [one for one in mine if one["channel"] == row["channel"]]
        ends = min((one["sent_at"] for one in own if one["message_id"] in left), default=None)
        if row["sent_at"] > end - 3 * DAY or (ends and row["sent_at"] > ends):
            continue
        first = min(one["sent_at"] for one in mine)
        old = [one for one in own if row["sent_at"] - one["sent_at"] > week and one["sent_at"] > first + week]
        last = max(old, key=lambda one: one["sent_at"], default=None)
        pair = (weeks_before(last["sent_at"]), level(row), level(last)) if last else (-1, level(row), -1)
        key = row["channel"], row["campaign_id"], weeks_before(row["sent_at"]), *pair
        found[key] += 1
        gone[key] += row["message_id"] in left
    return {key: (count, gone[key]) for key, count in found.items()}
