"""What people did has to come in from all campaigns of a comparison alike."""

import numpy as np
import pandas as pd
import pytest

from reportlib.metrics.comparison.design.coming_in import IMPOSSIBLE, lost_events

COUNTED = {"clicked": 400, "replied": pd.NA, "opened": pd.NA}


def compared(**other):
    rows = [
        {"campaign_id": name, "label": name.upper(), "audience": 4_000, "by_person": True, **COUNTED} for name in "ab"
    ]
    return pd.DataFrame([rows[0], rows[1] | other])


def clicks(a, b, kind="clicked"):
    """People by the hour after their message in which they clicked: {hour: people} of either campaign."""
    rows = [(name, kind, hour, people) for name, of in zip("ab", (a, b), strict=True) for hour, people in of.items()]
    return pd.DataFrame(rows, columns=["campaign_id", "kind", "hour", "people"])


def within_a_week(people=400, until=168):
    """How many answer in each hour: half of them in the first ten, fewer and fewer."""
    hours = np.arange(until)
    shares = np.exp(-hours / 14)
    return dict(zip(hours.tolist(), np.round(people * shares / shares.sum()).astype(int).tolist(), strict=True))


def test_what_ends_before_its_time_is_lost():
    whole = within_a_week()
    early = {hour: people for hour, people in whole.items() if hour < 12}
    found = lost_events(compared(), clicks(whole, early))
    assert list(found) == ["clicked"] and found["clicked"].effect == "stopped"
    assert "Clicks of B end 12 hours after its messages, those of others do not" in found["clicked"].text
    assert not lost_events(compared(), clicks(whole, whole))


def test_the_last_few_to_come_are_nobodys_loss():
    whole = within_a_week()
    assert not lost_events(compared(), clicks(whole, {hour: n for hour, n in whole.items() if hour < 60}))
    assert not lost_events(compared(), clicks(within_a_week(40), {0: 6, 3: 2}))


def test_what_is_answered_faster_does_not_end_early():
    """Half of an SMS's clicks come within the hour, and hardly one on the next day; an e-mail's take days."""
    hours = np.arange(24)
    fast = dict(zip(hours.tolist(), np.round(400 * 0.5 ** (hours / 2 + 1)).astype(int).tolist(), strict=True))
    assert not lost_events(compared(), clicks(within_a_week(4_000), {hour: n for hour, n in fast.items() if n}))


def test_totals_know_no_events():
    assert not lost_events(compared(by_person=False), clicks(within_a_week(), {}))


def test_none_at_all_where_many_were_to_be_expected():
    found = lost_events(compared(clicked=0), clicks(within_a_week(), {}))
    assert "Clicks of B are none, where" in found["clicked"].text
    assert not lost_events(compared(clicked=0), clicks({0: 5}, {}))


@pytest.mark.parametrize("kind", ["replied", "opened"])
def test_what_is_not_measured_or_not_asked_for_is_not_lost(kind):
    """Nobody replies to what asks nothing; an SMS has no opens."""
    frame = compared().assign(replied=[90, 0], clicked=pd.NA)
    assert not lost_events(frame, clicks(within_a_week(), {}, kind))


def test_events_dated_before_their_message():
    whole, wrong = within_a_week(), within_a_week(300) | {IMPOSSIBLE: 100}
    found = lost_events(compared(), clicks(whole, wrong))
    assert "Clicks of 0.0 % of the people of A and 2.5 % of the people of B are dated before" in found["clicked"].text
    assert not lost_events(compared(), clicks(whole | {IMPOSSIBLE: 95}, wrong))
