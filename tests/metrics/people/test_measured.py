"""What a source cannot tell is not zero, and nobody is in the base of a rate because they responded."""

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from reportlib import metrics
from reportlib.metrics.people.measured import NOT_FAILED
from tests import examples
from tests.random_database import GROUPINGS, databases
from tests.small_database import campaign, fill, small_database


def acted(database, **people):
    """So many of the messages that did not fail get an event of the kind, the first ones first."""
    messages = [message for message in database.messages if message["status"] != "failed"]
    for kind, count in people.items():
        for message in messages[:count]:
            database.event(message, kind)
    return database


def rate(warehouse, metric, by="channel"):
    (row,) = metrics.breakdown(warehouse, "a", by=by).to_dict("records")
    found = metrics.rate_of(row, metric)
    return found and (found.count, found.base, found.base_name)


def smtp():
    """1,000 e-mails over SMTP, which brings no receipts: 20 bounce, 198 open, 43 click."""
    return acted(small_database(campaign("a").sent(1000, provider="smtp").failed(20)), opened=198, clicked=43)


class TestWithoutReceipts:
    def test_delivery_is_not_measured(self, duckdb):
        row = metrics.delivery(fill(duckdb, smtp())).iloc[0]
        assert (row.sent, row.failed, row.delivery_measured) == (1000, 20, False)

    def test_rates_are_of_those_not_failed(self, duckdb):
        warehouse = fill(duckdb, smtp())
        assert rate(warehouse, "opened") == (198, 980, "not failed")
        assert rate(warehouse, "clicked") == (43, 980, "not failed")

    def test_the_summary_leaves_delivery_empty(self, duckdb):
        row = metrics.summary(fill(duckdb, smtp())).iloc[-1]
        assert row[["delivered", "delivered_implied", "pending", "delivered_pct_of_audience"]].isna().all()
        assert (row.engagement_base, row.engagement_base_name) == (980, "not failed")
        assert row.opened_pct_of_delivered == pytest.approx(20.2041)

    def test_sent_alone(self, duckdb):
        database = acted(small_database(campaign("a").sent(100)), opened=5)
        assert rate(fill(duckdb, database), "opened") == (5, 100, "not failed")

    def test_who_unsubscribed_are_of_those_not_failed(self, duckdb):
        database = acted(small_database(campaign("a").sent(100).failed(30)), opened=5)
        for message in database.messages[50:58]:
            database.event(message, "unsubscribed")
        assert rate(fill(duckdb, database), "unsubscribed") == (8, 70, "not failed")


def two_arms(lost):
    """Arms of 2,000 SMS each of which 5 % click, where B loses this share of its receipts."""
    database = small_database(*[campaign(name, experiment_id="x", variant=name.upper()) for name in "ab"])
    for name in "ab":
        for number in range(2000):
            status = "sent" if name == "b" and number % 10 < 10 * lost else "delivered"
            message = database.message(name, f"{name}{number}", status, "sms", provider="twilio")
            if number % 20 == number // 20 % 20:
                database.event(message, "clicked")
    return database


class TestLostReceipts:
    def test_rates_are_of_the_receipts_there_are(self, duckdb):
        warehouse = fill(duckdb, two_arms(lost=0.3))
        rows = metrics.breakdown(warehouse, by="campaign_id").set_index("campaign_id").sort_index()
        assert rows["clicked"].tolist() == [100, 100]
        assert rows["engagement_base"].tolist() == [2000, 1400]
        assert rows["clicked_in_base"].tolist() == [100, 70]

    def test_a_base_may_be_asked_for(self, duckdb):
        warehouse = fill(duckdb, two_arms(lost=0.3))
        rows = metrics.breakdown(warehouse, by="campaign_id", base=NOT_FAILED)
        assert (rows["engagement_base"] == 2000).all() and (rows["clicked_in_base"] == 100).all()


class TestFailures:
    """One failure on a channel of an account and provider shows that they are told; so does a receipt for everybody."""

    def told(self, duckdb, *campaigns):
        warehouse = fill(duckdb, small_database(*campaigns))
        summed = metrics.summary(warehouse, "a").iloc[-1]
        row = metrics.delivery(warehouse, "a").iloc[0]
        assert row.failed_measured == pd.notna(summed.failed) == pd.notna(summed.failed_pct_of_sent)
        assert pd.isna(summed.pending) or row.failed_measured
        return row.failed_measured

    def test_none_was_ever_seen(self, duckdb):
        assert not self.told(duckdb, campaign("a").sent(9).delivered(8))
        assert not self.told(duckdb, campaign("a").sent(9), campaign("b").sent(9, channel="sms").failed(1))

    def test_one_was(self, duckdb):
        assert self.told(duckdb, campaign("a").sent(9).delivered(8), campaign("b").sent(9).failed(1))

    def test_everybody_has_a_receipt(self, duckdb):
        assert self.told(duckdb, campaign("a").sent(9).delivered(9), campaign("b").sent(9).delivered(8))

    def test_one_of_two_sources_tells_none(self, duckdb):
        mixed = campaign("a").sent(9, provider="x").delivered(8).failed(1).sent(9, channel="sms").delivered(8)
        assert not self.told(duckdb, mixed)

    @pytest.mark.parametrize("is_measured", [True, False])
    def test_declaring_wins(self, duckdb, is_measured):
        database = small_database(campaign("a").sent(9).failed(not is_measured))
        database.declare("email", "failed", is_measured)
        row = metrics.delivery(fill(duckdb, database), "a").iloc[0]
        assert row.failed_measured == is_measured


class TestWhatIsTold:
    def test_a_kind_never_seen_is_not_measured(self, duckdb):
        database = small_database(campaign("a").sent(900).delivered(900, clicked=9))
        row = metrics.engagement(fill(duckdb, database)).iloc[0]
        assert row["clicked"] == 9
        assert row[["opened", "opened_human", "replied", "unsubscribed", "complained"]].isna().all()

    def test_seen_once_in_another_campaign_is_enough(self, duckdb):
        database = small_database(campaign("a").sent(9).delivered(9), campaign("b").sent(9).delivered(9, opened=1))
        assert rate(fill(duckdb, database), "opened") == (0, 9, "delivered")

    def test_but_not_by_another_provider_or_account(self, duckdb):
        database = small_database(campaign("a").sent(9, provider="x").delivered(9))
        campaign("b").sent(9, provider="y").delivered(9, opened=1).add_to(database)
        database.account("other")
        campaign("c", account="other").sent(9, provider="x").delivered(9, opened=1).add_to(database)
        assert rate(fill(duckdb, database), "opened") is None

    def test_declaring_wins(self, duckdb):
        database = small_database(campaign("a").sent(9).delivered(9, opened=1))
        database.declare("email", "opened", False)
        database.declare("email", "replied", True)
        database.declare("email", "complained", True, campaign="b")
        warehouse = fill(duckdb, database)
        assert rate(warehouse, "opened") is None
        assert rate(warehouse, "replied") == (0, 9, "delivered")
        assert rate(warehouse, "complained") is None  # said of another campaign

    def test_the_evidence(self, duckdb):
        arms = [
            campaign(name).sent(9).delivered(9, clicked=clicked) for name, clicked in zip("abc", (0, 1, 2), strict=True)
        ]
        told = metrics.measured(fill(duckdb, small_database(*arms)), "a").set_index("what")
        assert told.loc["clicked", ["is_measured", "declared", "seen", "campaigns"]].tolist() == [True, False, 2, 3]
        assert told.loc["replied", ["is_measured", "seen", "campaigns"]].tolist() == [False, 0, 3]

    def test_a_database_without_the_table(self, duckdb):
        warehouse = fill(duckdb, smtp())
        with duckdb.begin() as connection:
            connection.exec_driver_sql("DROP TABLE measured")
        assert rate(warehouse, "opened") == (198, 980, "not failed")


RATES = [name for name in metrics.COMPARED if name not in ("delivered", "failed")]


def compare_bases(engine, database, by, kept):
    """The events of some messages go: no base changes, and no rate exceeds 100 %."""
    frame = metrics.breakdown(fill(engine, database), by=by)
    database.events = [event for at, event in enumerate(database.events) if kept[at % len(kept)]]
    other = metrics.breakdown(fill(engine, database), by=by)
    unmoved = [*by, "audience", "engagement_base", "engagement_base_name", "delivery_measured"]
    both = [each[unmoved].sort_values([*by, "audience"], ignore_index=True) for each in (frame, other)]
    pd.testing.assert_frame_equal(*both)
    for row in frame.to_dict("records"):
        for metric in RATES:
            found = metrics.rate_of(row, metric)
            assert found is None or found.count <= found.base


_settings = settings(max_examples=examples(3), deadline=None, suppress_health_check=list(HealthCheck))
_asked = given(databases(), st.sampled_from(GROUPINGS), st.lists(st.booleans(), min_size=1, max_size=5))


@_settings
@_asked
def test_no_event_changes_a_base(duckdb, database, by, kept):
    compare_bases(duckdb, database, by, kept)


@pytest.mark.slow
@_settings
@_asked
def test_on_sqlite_too(sqlite, database, by, kept):
    compare_bases(sqlite, database, by, kept)


@pytest.mark.slow
@_settings
@_asked
def test_on_postgresql_too(postgresql, database, by, kept):
    compare_bases(postgresql, database, by, kept)


def test_send_slots_are_of_the_same_people(duckdb):
    database = smtp()
    slots = metrics.send_slots(fill(duckdb, database), "a", "clicked", 1)
    assert slots["delivered"].sum() == 980
    assert (slots["responded"] <= slots["mature"]).all()
