"""What could be had back: against plain Python, and how often the prediction holds."""

import random
from collections import defaultdict
from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from scipy.stats import betabinom

from reportlib import metrics
from reportlib.metrics.failures.recoverable import FEWEST_TRIED, apart, predicted
from reportlib.presentation.review.failure_tables import won_back
from tests import examples
from tests.oracle import failure_codes, failure_meaning
from tests.small_database import MINUTE, START, campaign, fill, small_database

CODES = {"sms": ("30003", "30005", None), "whatsapp": ("131049", "132015", "131026")}
PROVIDERS = {"sms": "twilio", "whatsapp": "whatsapp"}


def test_transient_failures_go_by_the_next_message_on_the_channel(duckdb):
    database = small_database(campaign("a"))
    for number in range(30):
        person = f"p{number}"
        database.contact(person)
        lost = {"provider": "twilio", "failure_code": "30003"}
        database.message("a", person, "failed", "sms", **lost)
        later = START + timedelta(days=number)
        database.message("a", person, "sent", "email", at=later + MINUTE)  # another channel says nothing of this one
        if number < 24:
            database.message("a", person, "delivered" if number < 18 else "failed", "sms", at=later + 5 * MINUTE)
            database.message("a", person, "delivered", "sms", at=later + 9 * MINUTE)  # the next but one neither
    database.messages = [row for row in database.messages if row["channel"] == "sms"]
    found = metrics.recoverable(fill(duckdb, database), "a")
    row = found[found["permanence"] == "transient"].iloc[0]
    assert (row.failed, row.tried, row.reached) == (6, 24, 18)  # the others were reached in the end
    assert row.expected == 4.5
    assert row.low <= row.expected <= row.high


def test_from_a_single_sending_there_is_no_range(duckdb):
    database = small_database(campaign("a"))
    for number in range(30):
        database.message("a", f"p{number}", "failed", "sms", provider="twilio", failure_code="30003")
        if number < 24:
            status = "delivered" if number < 18 else "failed"
            database.message("a", f"p{number}", status, "sms", at=START + timedelta(hours=5))
    row = metrics.recoverable(fill(duckdb, database), "a").iloc[0]
    assert (row.tried, row.reached, row.expected) == (24, 18, 4.5)
    assert pd.isna(row.low)
    assert "too few sendings" in won_back(pd.DataFrame([row])).text


def test_what_sendings_have_in_common_makes_the_range_wider():
    """Ten sendings of twenty people, of whom 14 were reached in each, or all or eight of them by turns."""

    def sendings(*reached):
        rows = [(f"c{n}", 0, "30003", 20, reached[n % len(reached)]) for n in range(10)]
        return pd.DataFrame(rows, columns=["campaign_id", "day", "code", "tried", "reached"])

    assert apart(sendings(14)) < 0.01
    assert apart(sendings(20, 8)) > 0.3
    assert apart(sendings(20, 8).head(4)) is None
    alike, different = (predicted(100, 200, 140, apart(each)) for each in (sendings(14), sendings(20, 8)))
    assert alike[0] == different[0] == 70
    assert different[1] < alike[1] < 70 < alike[2] < different[2]


def test_fixable_failures_go_by_the_others_of_the_campaign(duckdb):
    database = small_database(
        campaign("a")
        .sent(130, channel="whatsapp", provider="whatsapp")
        .delivered(90)
        .failed(10, code="131026")
        .failed(30, code="132015")
    )
    row = metrics.recoverable(fill(duckdb, database), "a").iloc[0]
    assert (row.channel, row.permanence, row.failed, row.tried, row.reached) == ("whatsapp", "fixable", 30, 100, 90)
    assert row.expected == 27


def test_from_few_nothing_is_foretold(duckdb):
    database = small_database(
        campaign("a").sent(25, channel="whatsapp", provider="whatsapp").delivered(19).failed(6, code="132015")
    )
    row = metrics.recoverable(fill(duckdb, database), "a").iloc[0]
    assert row.tried == FEWEST_TRIED - 1
    assert row[["expected", "low", "high"]].isna().all()


def test_nothing_to_have_back_is_no_row(duckdb):
    found = metrics.recoverable(fill(duckdb, small_database(campaign("a").sent(3).delivered(3))), "a")
    assert found.empty
    assert {name: str(kind) for name, kind in found.dtypes.items()} == {
        **dict.fromkeys(("channel", "permanence"), "str"),
        **dict.fromkeys(("failed", "tried", "reached"), "int64"),
        **dict.fromkeys(("expected", "low", "high"), "float64"),
    }


@st.composite
def histories(draw):
    """A few people, who get several messages in two campaigns."""
    database = small_database(campaign("a"), campaign("b"))
    for person in "xyz":
        database.contact(person)
    for _ in range(draw(st.integers(1, 12))):
        channel = draw(st.sampled_from(["sms", "whatsapp"]))
        status = draw(st.sampled_from(["failed", "failed", "delivered", "sent", "queued"]))
        code = draw(st.sampled_from(CODES[channel])) if status == "failed" else None
        database.message(
            draw(st.sampled_from("ab")), draw(st.sampled_from("xyz")), status, channel,
            at=START + draw(st.integers(0, 6)) * MINUTE, provider=PROVIDERS[channel], failure_code=code,
        )  # fmt: skip
    return database


def tried_again(database):
    """channel → how many transient failures a settled message followed, and how many of those were delivered."""
    codes, found = failure_codes(), defaultdict(lambda: [0, 0])
    for message in database.messages:
        code = message.get("failure_code")
        meaning = failure_meaning(codes, message["channel"], message["provider"], code, None)
        if message["status"] != "failed" or code is None or meaning[0] != "transient":
            continue
        later = [
            (other["sent_at"], str(other["message_id"]), other["status"])
            for other in database.messages
            if (other["contact_id"], other["channel"]) == (message["contact_id"], message["channel"])
            and other["status"] in ("delivered", "failed")
            and other["sent_at"] > message["failed_at"]
        ]
        if later:
            found[message["channel"]][0] += 1
            found[message["channel"]][1] += min(later)[2] == "delivered"
    return dict(found)


def compare(warehouse, database):
    found = metrics.recoverable(warehouse, "a")
    failed = metrics.failures(warehouse, "a")
    expected = failed[failed["permanence"].isin(("transient", "fixable"))]
    assert found["failed"].sum() == expected["failed"].sum()
    again, told = tried_again(database), {m["channel"] for m in database.messages if m["status"] == "delivered"}
    for row in found[found["permanence"] == "transient"].itertuples():
        assert [row.tried, row.reached] == (again.get(row.channel, [0, 0]) if row.channel in told else [0, 0])


@settings(max_examples=examples(4), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories())
def test_as_plain_python_counts_it(duckdb, database):
    compare(fill(duckdb, database), database)


@settings(max_examples=examples(2), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories())
def test_on_postgresql_too(postgresql, database):
    compare(fill(postgresql, database), database)


@pytest.mark.parametrize(
    ("people", "tried", "reached"),
    [(50, 100, 90), (1, 20, 0), (0, 30, 30), (40_000, 2_000, 3), (40_000, 70_000, 69_000)],
)
def test_the_prediction_is_that_of_the_posterior(people, tried, reached):
    posterior = betabinom(people, reached + 0.5, tried - reached + 0.5)
    assert list(predicted(people, tried, reached)[1:]) == posterior.ppf([0.025, 0.975]).tolist()


@pytest.mark.parametrize(("rate", "tried", "people"), [(0.9, 100, 50), (0.5, 30, 200), (0.98, 500, 40), (0.8, 20, 20)])
def test_the_prediction_holds_about_as_often_as_it_says(rate, tried, people):
    chance, held, rounds = random.Random(1), 0, 1_500
    for _ in range(rounds):
        reached = sum(chance.random() < rate for _ in range(tried))
        low, high = predicted(people, tried, reached)[1:]
        held += low <= sum(chance.random() < rate for _ in range(people)) <= high
    assert held / rounds > 0.93
