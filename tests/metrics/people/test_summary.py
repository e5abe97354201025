"""The export's figures: exactly these columns, and what is empty in them."""

import pandas as pd
import pytest

from reportlib import metrics
from tests.small_database import campaign, fill, small_database

COLUMNS = [  # issue 2, item 5
    "campaign_id",
    "campaign_name",
    "status",
    "channel",
    "audience",
    "not_sent",
    "sent",
    "delivered",
    "failed",
    "pending",
    "sent_pct_of_audience",
    "delivered_pct_of_audience",
    "failed_pct_of_audience",
    "pending_pct_of_audience",
    "delivered_pct_of_sent",
    "failed_pct_of_sent",
    "opened",
    "opened_human",
    "clicked",
    "replied",
    "unsubscribed",
    "complained",
    "opened_pct_of_delivered",
    "opened_human_pct_of_delivered",
    "clicked_pct_of_delivered",
    "replied_pct_of_delivered",
    "click_to_open_pct",
    "opened_total",
    "clicked_total",
    "replied_total",
    "data_as_of",
    "delivered_implied",
    "engagement_base",
    "engagement_base_name",
]


@pytest.fixture
def database():
    return small_database(
        campaign("a", audience=20, status="sending")
        .sent(10, channel="whatsapp")
        .delivered(8, opened=4, clicked=2, replied=1)
        .failed(1)
        .sent(5, channel="sms")
        .delivered(4, clicked=1)
    )


def test_the_columns_are_those_of_the_export(engine, database):
    frame = metrics.summary(fill(engine, database), "a")
    assert list(frame.columns) == COLUMNS
    for name, kind in frame.dtypes.astype(str).items():
        expected = "Float64" if "_pct" in name else "Int64"
        text = ("campaign_id", "campaign_name", "status", "channel", "data_as_of", "engagement_base_name")
        assert kind == ("str" if name in text else expected), name


def test_one_row_per_channel_and_one_of_all(duckdb, database):
    frame = metrics.summary(fill(duckdb, database), "a")
    assert sorted(frame.channel[:-1]) == ["sms", "whatsapp"]
    assert frame.channel.iloc[-1] == "all"
    rows = frame.set_index("channel")
    assert rows.campaign_name.to_list() == ["Campaign a"] * 3
    assert rows.status.to_list() == ["sending"] * 3
    assert rows.audience.to_dict() == {"whatsapp": 10, "sms": 5, "all": 20}
    assert rows.loc["all", ["not_sent", "sent", "delivered"]].to_list() == [5, 15, 12]
    assert rows.loc["whatsapp", ["failed", "pending"]].to_list() == [1, 1]
    assert rows.loc[["sms", "all"], ["failed", "pending"]].isna().all(axis=None)  # nobody ever told of a failed SMS


def test_percentages_have_the_base_of_their_name(duckdb, database):
    rows = metrics.summary(fill(duckdb, database), "a").set_index("channel")
    whatsapp, whole = rows.loc["whatsapp"], rows.loc["all"]
    assert whatsapp.delivered_pct_of_audience == pytest.approx(80)
    assert whole.sent_pct_of_audience == pytest.approx(75)
    assert whole.delivered_pct_of_audience == pytest.approx(60)
    assert whole.delivered_pct_of_sent == pytest.approx(80)
    assert whatsapp.failed_pct_of_sent == pytest.approx(100 / whatsapp.sent, abs=0.00005)
    assert pd.isna(whole.failed_pct_of_sent)
    assert whatsapp.opened_pct_of_delivered == pytest.approx(50)
    assert whatsapp.clicked_pct_of_delivered == pytest.approx(25)
    assert whatsapp.replied_pct_of_delivered == pytest.approx(12.5)
    assert whatsapp.click_to_open_pct == pytest.approx(50)
    assert whole.clicked_pct_of_delivered == pytest.approx(25)


def test_what_a_channel_cannot_report_is_empty_and_opens_are_not_pooled(duckdb, database):
    rows = metrics.summary(fill(duckdb, database), "a").set_index("channel")
    opens = ["opened_pct_of_delivered", "opened_human_pct_of_delivered", "click_to_open_pct"]
    assert rows.loc["sms", ["opened", "opened_human", "opened_total", *opens]].isna().all()
    assert rows.loc["all", opens].isna().all()
    assert rows.loc["all", "opened"] == 4


def test_zero_over_zero_is_empty(duckdb):
    told = campaign("c").sent(1).delivered(1, clicked=1)
    rows = metrics.summary(fill(duckdb, small_database(campaign("a").sent(2).failed(2), campaign("b"), told)))
    rows = rows.set_index(["campaign_id", "channel"])
    assert rows.loc[("a", "all"), "delivered_pct_of_sent"] == 0
    assert rows.loc[("a", "all"), "clicked_pct_of_delivered"] is pd.NA
    assert rows.loc[("b", "all"), [name for name in COLUMNS if "_pct" in name]].isna().all()


def test_a_channel_called_all_of_a_single_channel_campaign_is_that_channel(duckdb):
    frame = metrics.summary(fill(duckdb, small_database(campaign("a").sent(3).delivered(3, opened=2))), "a")
    one, whole = frame.drop(columns="channel").to_dict("records")
    assert one == whole
