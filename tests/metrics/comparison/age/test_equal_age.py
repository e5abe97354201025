"""Campaigns at equal age: counted by hand, and by brute force on random databases."""

import re
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import assume, given, settings, strategies as st

from reportlib import metrics
from reportlib.definitions import ACTED
from reportlib.errors import CampaignNotStarted, InvalidParameters, UnknownCampaign, UnknownGrouping
from tests import examples, few, oracle
from tests.metrics.against_oracle import ENGAGEMENT_TYPES, LEDGER_TYPES, groups
from tests.metrics.test_against_oracle import BRIEF
from tests.random_database import databases
from tests.small_database import MINUTE, START, campaign, fill, followed, small_database

HOUR, DAY, MILLISECOND = timedelta(hours=1), timedelta(days=1), timedelta(milliseconds=1)
COUNTS = (*LEDGER_TYPES, *ENGAGEMENT_TYPES)
FEW = settings(BRIEF, max_examples=examples(2))
ages = st.sampled_from((None, None, 0.5, 1, 5.7, 30, 400))


@st.composite
def comparisons(draw):
    """A random database whose campaigns started at different times, and two or more of them."""
    database = draw(databases())
    reportable = [row for row in database.campaigns if row["status"] in oracle.REPORTABLE]
    for row in reportable:
        ago = draw(st.sampled_from((-2, 0, 0.3, 4, 5, 6.9, 72, 118, 121, 200)))
        row["started_at"] = database.opened_at - timedelta(hours=ago) - draw(st.integers(0, 999)) * MILLISECOND
    ids = [row["campaign_id"] for row in reportable]
    assume(len(ids) > 1)
    return database, draw(st.lists(st.sampled_from(ids), min_size=2, unique=True))


def compare_with_oracle(warehouse, database, campaigns, age_hours):
    frame = metrics.comparable(warehouse, campaigns, age_hours=age_hours)
    age = oracle.equal_age(database, campaigns, age_hours)
    rows = {row["campaign_id"]: row for row in database.campaigns}
    assert (frame.compared_hours * 3600).to_list() == pytest.approx([age.total_seconds()] * len(frame))
    counted = groups(frame, ("campaign_id",), COUNTS)
    expected = oracle.at_equal_age(database, campaigns, age_hours)
    assert counted == {(each,): row for each, row in expected.items()}
    kinds = {name: str(frame[name].dtype) for name in ("audience", "sent", "delivered", "failed", "clicked", "replied")}
    assert list(kinds.values()) == ["int64"] * 4 + ["Int64"] * 2
    assert [campaigns[place] for place in frame.asked] == frame.campaign_id.to_list()
    later = [(rows[each]["started_at"], each) for each in frame.campaign_id[1:]]
    assert later == sorted(later)


def compare_curves(warehouse, database, campaigns, age_hours):
    frame = metrics.comparable(warehouse, campaigns, age_hours=age_hours)
    whole = oracle.equal_age(database, campaigns, age_hours)
    for metric in ACTED:
        curves = metrics.response_by_age(warehouse, frame, metric)
        measured = frame[frame[[metric, f"{metric}_in_base"]].notna().all(axis=1)]
        assert list(curves.campaign_id.unique()) == measured.campaign_id.to_list()
        for row in measured.itertuples(index=False):
            curve = curves[curves.campaign_id == row.campaign_id].set_index("age_hours")
            assert curve.people.is_monotonic_increasing
            assert curve.people.iloc[-1] == row._asdict()[metric]
            assert (curve.audience == row.audience).all()
            assert curve.index.to_list() == list(range(-(-whole // HOUR) + 1))
        for hours in {0, 1, 5, whole // HOUR} & set(curves.age_hours):
            then = oracle.at_equal_age(database, campaigns, age_hours, min(hours * HOUR, whole))
            people = curves[curves.age_hours == hours].set_index(
                curves.campaign_id.astype(str)[curves.age_hours == hours]
            )
            assert people.people.to_dict() == {each: then[each][metric] for each in people.index}


def compare_overlap(warehouse, database, campaigns):
    frame = metrics.overlap(warehouse, campaigns)
    found = {frozenset((str(row.campaign_a), str(row.campaign_b))): row for row in frame.itertuples()}
    expected = oracle.shared_contacts(database, campaigns)
    assert len(found) == len(frame)
    assert {pair: row.shared for pair, row in found.items()} == {pair: shared for pair, (shared, _) in expected.items()}
    assert {pair: row.of_smaller for pair, row in found.items()} == pytest.approx(
        {pair: share for pair, (_, share) in expected.items()}
    )


def compare_gaps(warehouse, campaigns, age_hours, by):
    """The parts add up to the gap between the rates that `comparable` has."""
    frame = metrics.comparable(warehouse, campaigns, age_hours=age_hours).set_index("campaign_id", drop=False)
    baseline, other = frame.campaign_id.iloc[:2]
    for metric in ("clicked", "replied", "opened", "delivered", "failed", "unsubscribed", "complained"):
        gap = metrics.rate_gap_by(warehouse, frame, other, baseline, metric, by)
        rates = [metrics.rate_of(frame.loc[each], metric) for each in (other, baseline)]
        if gap.empty:
            assert gap.attrs["gap"] is None
            assert None in rates or min(rate.base for rate in rates) == 0
            continue
        rates = [rate.count / rate.base for rate in rates]
        assert gap.attrs["gap"] == pytest.approx(100 * (rates[0] - rates[1]), abs=1e-10)
        assert gap.total.sum() == pytest.approx(gap.attrs["gap"], abs=1e-10)
        assert (gap.composition + gap.behaviour).to_list() == pytest.approx(gap.total.to_list(), abs=1e-12)


@BRIEF
@given(comparisons(), ages)
def test_comparable(duckdb, asked, age_hours):
    compare_with_oracle(fill(duckdb, asked[0]), *asked, age_hours)


@BRIEF
@given(comparisons(), ages)
def test_response_by_age(duckdb, asked, age_hours):
    compare_curves(fill(duckdb, asked[0]), *asked, age_hours)


@BRIEF
@given(comparisons())
def test_overlap(duckdb, asked):
    compare_overlap(fill(duckdb, asked[0]), *asked)


@pytest.mark.slow
@BRIEF
@given(comparisons(), ages, st.sampled_from(("country", "language", "attribute:plan")))
def test_rate_gap_by(duckdb, asked, age_hours, by):
    compare_gaps(fill(duckdb, asked[0]), asked[1], age_hours, by)


@pytest.mark.slow
@FEW
@given(comparisons(), ages, st.sampled_from(("country", "attribute:plan")))
def test_on_postgresql(postgresql, asked, age_hours, by):
    warehouse = fill(postgresql, asked[0])
    compare_with_oracle(warehouse, *asked, age_hours)
    compare_curves(warehouse, *asked, age_hours)
    compare_overlap(warehouse, *asked)
    compare_gaps(warehouse, asked[1], age_hours, by)


# ---- the age -------------------------------------------------------------------------------------------------------


def aged(**ages_hours):
    """Campaigns of ten delivered e-mails each that started so many hours before the last thing that is known."""
    database = small_database()
    now = START + 30 * DAY
    for name, hours in ages_hours.items():
        start = now - timedelta(hours=hours)
        sent = {"queued_at": start, "sent_at": start, "delivered_at": start + min(MINUTE, now - start)}
        campaign(name, start=start).sent(10).delivered(10, **sent).add_to(database)
    database.message("old", "last", at=now - 10 * DAY - 168 * HOUR, delivered_at=now)
    database.opened_at = now + HOUR
    return database


@pytest.mark.parametrize(
    ("young", "asked", "compared"),
    few(
        [
            (50.9, None, 50),
            (0.999, None, 0.999),
            (50.9, 24.8, 24),
            (500, 1000, 168),
            (500, None, 168),
            (50.9, 60, 60),
            (50.9, 24, 24),
            (1, None, 1),
        ],
        4,
    ),
)
def test_all_are_compared_at_the_youngest_messages_age_or_the_one_asked_for(duckdb, young, asked, compared):
    frame = metrics.comparable(fill(duckdb, aged(old=700, young=young)), ["old", "young"], age_hours=asked)
    assert frame.compared_hours.to_list() == [compared] * 2
    assert frame.age_hours.to_list() == pytest.approx([700, young])


@pytest.mark.parametrize(("after", "counts"), [(24 * HOUR, 1), (24 * HOUR + MILLISECOND, 0)])
def test_what_happens_at_the_cut_counts_and_what_comes_after_does_not(engine, after, counts):
    database = aged(old=700, young=24.5)
    start = database.campaigns[0]["started_at"]
    database.message("old", "late", at=start, delivered_at=start + after)
    database.message("old", "failing", "failed", at=start, failed_at=start + after)
    for kind in ("opened", "clicked"):
        database.event(database.messages[0], kind, occurred_at=start + after)
    row = metrics.comparable(fill(engine, database), ["old", "young"]).set_index("campaign_id").loc["old"]
    assert (row.opened, row.clicked, row.delivered, row.failed) == (counts, counts, 10 + counts, counts)
    assert (row.pending, row.not_sent) == (3 - 2 * counts, 0)  # the last was delivered weeks later


@pytest.mark.parametrize("milliseconds", few([2_199_015, 2_198_508, 455]))  # a fraction of an hour may be a hair less
def test_the_last_thing_that_happened_counts_in_the_first_hour(duckdb, milliseconds):
    after = milliseconds * MILLISECOND
    database = small_database(campaign("a").sent(1), campaign("b").sent(1))
    database.event(database.messages[0], "clicked", after=after)
    frame = metrics.comparable(fill(duckdb, database), ["a", "b"])
    assert frame.compared_hours.to_list() == pytest.approx([after / HOUR] * 2)
    assert frame.clicked.to_list() == [1, 0]


def test_the_old_do_not_win_by_their_age(duckdb):
    """Everybody clicks after two days, whichever the campaign; a day after the second start nobody has."""
    database = aged(old=700, young=30)
    for message in database.messages[:10]:
        database.event(message, "clicked", occurred_at=database.campaigns[0]["started_at"] + 2 * DAY)
    warehouse = fill(duckdb, database)
    assert metrics.engagement(warehouse, ["old", "young"], "campaign_id").clicked.to_list() == [10, 0]
    assert metrics.comparable(warehouse, ["old", "young"]).clicked.to_list() == [0, 0]


def test_a_throttled_campaign_is_as_old_as_its_messages(duckdb):
    """Half of b went out twelve hours later; everybody clicks ten hours after their own message."""
    database = small_database(campaign("a").sent(4).delivered(4), campaign("b").sent(4).delivered(4))
    for message in database.messages[6:]:
        message.update({name: message[name] + 12 * HOUR for name in ("queued_at", "sent_at", "delivered_at")})
    for message in database.messages:
        database.event(message, "clicked", after=10 * HOUR)
    database.message("a", "a/0", "sent", at=START + 23.5 * HOUR)
    frame = metrics.comparable(fill(duckdb, database), ["a", "b"])
    assert frame.compared_hours.to_list() == [11] * 2
    assert frame.clicked.to_list() == [4, 4]


def test_with_a_greater_age_the_younger_leave_and_those_without_a_message_stay(duckdb):
    database = small_database(
        campaign("a", audience=6).sent(4).delivered(4), campaign("b").sent(4).delivered(3).failed(1)
    )
    database.message("b", "queued", "queued", at=START + 20 * HOUR)
    for message in database.messages[2:4]:
        message.update({name: message[name] + 12 * HOUR for name in ("queued_at", "sent_at", "delivered_at")})
    database.message("b", "b/0", "sent", at=START + 24 * HOUR)
    frame = metrics.comparable(fill(duckdb, database), ["a", "b"], age_hours=20)
    columns = ["assigned", "messaged", "handed_over", "young", "audience", "not_sent", "sent"]
    assert frame[columns].to_numpy().tolist() == [[6, 4, 4, 2, 4, 2, 2], [5, 5, 4, 0, 5, 1, 4]]


@pytest.mark.parametrize(
    ("late", "compared", "young", "is_final", "topped_up"),
    few(
        [
            ([40, 190], 200, 2, True, False),
            ([40, 190, 190], 160, 2, False, False),  # one more than √100 ÷ 4
            ([190, 190, 190], 9, 0, False, True),
            ([40], 200, 1, True, False),
            ([190, 190], 200, 2, True, False),
            ([10, 190, 195], 168, 2, True, False),
        ],
        3,
    ),
)
def test_a_few_stragglers_make_nobody_young(duckdb, late, compared, young, is_final, topped_up):
    """A hundred people an arm, of whom some of b have their message hours later; looked at after 200 hours."""
    database = small_database(campaign("a").sent(100).delivered(100), campaign("b").sent(100).delivered(100))
    for message, hours in zip(database.messages[100:], late, strict=False):
        message.update({name: message[name] + hours * HOUR for name in ("queued_at", "sent_at", "delivered_at")})
    database.message("a", "a/0", "sent", at=START + 200 * HOUR)
    frame = metrics.comparable(fill(duckdb, database), ["a", "b"])
    found = frame.set_index("campaign_id").loc["b"]
    assert (found.compared_hours, found.young) == (min(compared, 168), young)
    assert (found.is_final, found.topped_up) == (is_final, topped_up)
    assert frame.audience.to_list() == [100, 100 - young]


@pytest.mark.parametrize(
    ("hours", "topped_up", "final"),
    [(167.9, False, False), (168.1, False, True), (400, True, False)],
)
def test_the_first_look_at_the_final_age_is_final(duckdb, hours, topped_up, final):
    """People who were added once there could have been one make it no last look."""
    database = small_database(campaign("a").sent(1).delivered(1), campaign("b").sent(1).delivered(1))
    if topped_up:
        database.message("b", "b/1", at=START + 170 * HOUR)
    database.message("a", "a/0", "sent", at=START + timedelta(hours=hours))
    frame = metrics.comparable(fill(duckdb, database), ["a", "b"])
    assert metrics.is_final(frame) is final


def test_people_assigned_are_those_of_the_table(duckdb):
    """Of four messaged three were assigned, and one more who has no message."""
    arms = [campaign(name, experiment_id="x", variant=name).sent(4).delivered(4, clicked=4) for name in "ab"]
    database = small_database(*arms)
    database.contact("c")
    database.assigned("x", "a", "a", ["a/0", "a/1", "a/2", "c"])
    frame = metrics.comparable(followed(duckdb, database), ["a", "b"])
    columns = ["recorded", "assigned", "audience", "not_sent", "delivered", "clicked"]
    assert frame[columns].to_numpy().tolist() == [[True, 4, 4, 1, 3, 3], [False, 4, 4, 0, 4, 4]]


# ---- order, labels and baseline ------------------------------------------------------------------------------------


def three(**columns):
    """Campaigns c, a and b, which started in this order, a day apart."""
    database = small_database()
    for day, name in enumerate("cab"):
        campaign(name, start=START + day * DAY, **{key: value.get(name) for key, value in columns.items()}).sent(
            2
        ).delivered(2, clicked=1).add_to(database)
    return database


@pytest.mark.parametrize(
    ("variants", "baseline", "order"),
    few(
        [
            ({}, None, "cab"),
            ({"c": "B", "a": "C", "b": "a"}, None, "bca"),
            ({"c": "B", "a": "A", "b": "A"}, "c", "cab"),
            ({"c": "B", "a": "A", "b": "A"}, None, "acb"),
            ({"c": "control"}, None, "cab"),
            ({}, "b", "bca"),
        ],
        3,
    ),
)
def test_the_baseline_is_the_one_named_else_variant_a_else_the_oldest(duckdb, variants, baseline, order):
    frame = metrics.comparable(followed(duckdb, three(variant=variants)), ["a", "b", "c"], baseline)
    assert "".join(frame.campaign_id) == order
    assert frame.asked.to_list() == ["abc".index(each) for each in order]


def test_a_baseline_is_compared_as_text(duckdb):
    database = small_database(campaign(1).sent(1), campaign(2, start=START + DAY).sent(1))
    assert metrics.comparable(fill(duckdb, database), ["1", 2], "2").campaign_id.to_list() == [2, 1]


def test_campaigns_of_one_name_are_labelled_with_their_id(duckdb):
    database = three()
    for row in database.campaigns[:2]:
        row["name"] = "Sale"
    frame = metrics.comparable(followed(duckdb, database), ["a", "b", "c"]).set_index("campaign_id")
    assert frame.label.to_dict() == {"c": "Sale (c)", "a": "Sale (a)", "b": "Campaign b"}


def test_the_scheduled_time_stands_in_for_a_start(duckdb):
    database = three()
    database.campaigns[2] |= {"started_at": None, "scheduled_at": START - DAY}
    frame = metrics.comparable(followed(duckdb, database), ["a", "b", "c"])
    assert frame.campaign_id.to_list() == ["b", "c", "a"]
    assert frame.started_at[0] == START - DAY


@pytest.mark.parametrize(
    ("campaigns", "baseline", "error", "message"),
    [
        ("a", None, InvalidParameters, "two or more different campaigns, not a"),
        (["a"], None, InvalidParameters, "not a"),
        ([], None, InvalidParameters, "not none"),
        (["a", "a"], None, InvalidParameters, "not a, a"),
        (["a", "b", "a"], None, InvalidParameters, "not a, b, a"),
        (["a", "x"], None, UnknownCampaign, "there is no campaign 'x'"),
        (["a", "draft"], None, CampaignNotStarted, "the status 'draft'"),
        (["a", "timeless"], None, InvalidParameters, "campaign 'timeless' has no started_at"),
        (["a", "b"], "c", InvalidParameters, "the baseline 'c' is not one of the campaigns compared: a, b"),
    ],
)
def test_questions_that_make_no_sense(duckdb, campaigns, baseline, error, message):
    database = three()
    database.campaign("draft", status="draft")
    database.campaign("timeless", start=None)
    with pytest.raises(error, match=re.escape(message)):
        metrics.comparable(followed(duckdb, database), campaigns, baseline)


def test_overlap_needs_two_campaigns(duckdb):
    with pytest.raises(InvalidParameters, match="two or more different campaigns, not a"):
        metrics.overlap(followed(duckdb, three()), ["a"])


def test_campaigns_of_two_accounts_start_in_their_own_time(duckdb):
    database = small_database(campaign("k", start=datetime(2026, 11, 1, 18, 30, tzinfo=UTC)).sent(1))
    database.accounts[0]["timezone"] = "Asia/Kathmandu"
    database.account("other", "America/Sao_Paulo")
    start = datetime(2026, 11, 2, 2, 30, tzinfo=UTC)
    campaign("s", account="other", start=start).sent(1).delivered(1).add_to(database)
    frame = metrics.comparable(followed(duckdb, database), ["s", "k"])
    assert frame[["campaign_id", "account", "weekday", "hour"]].to_numpy().tolist() == [
        ["k", "Account acme", 1, 0],
        ["s", "Account other", 7, 23],
    ]


def test_a_campaign_with_nobody_delivered_has_a_row_of_zeros_and_no_gap(duckdb):
    database = small_database(
        campaign("a").sent(4).delivered(4, clicked=2), campaign("b", audience=3).sent(2).failed(2), campaign("c")
    )
    warehouse = followed(duckdb, database)
    frame = metrics.comparable(warehouse, ["a", "b", "c"])
    assert frame[["audience", "delivered", "failed", "clicked"]].to_numpy().tolist() == [
        [4, 4, 0, 2],
        [3, 0, 2, 0],
        [0, 0, 0, 0],
    ]
    gap = metrics.rate_gap_by(warehouse, frame, "b", "a", "clicked", "country")
    assert gap.empty
    assert gap.attrs["gap"] is None


def test_segments_by_name(duckdb):
    database = three(segment_id={"a": "vip"})
    database.segment("vip", name="Very important")
    frame = metrics.comparable(followed(duckdb, database), ["a", "b"])
    assert frame.segment.to_list()[0] == "Very important"
    assert pd.isna(frame.segment[1])


# ---- curves and gaps -----------------------------------------------------------------------------------------------


def test_a_response_on_the_hour_belongs_to_the_hour_that_ends_then(duckdb):
    database = aged(old=700, young=3)
    for message, after in zip(database.messages, (0 * HOUR, HOUR, HOUR + MILLISECOND, 3 * HOUR), strict=False):
        database.event(message, "clicked", occurred_at=database.campaigns[0]["started_at"] + after)
    warehouse = fill(duckdb, database)
    curves = metrics.response_by_age(warehouse, metrics.comparable(warehouse, ["old", "young"]), "clicked")
    assert curves[curves.campaign_id == "old"].people.to_list() == [1, 2, 3, 4]
    assert curves[curves.campaign_id == "young"].people.to_list() == [0, 0, 0, 0]
    assert curves.dtypes.astype(str).to_dict() == {"campaign_id": "str"} | dict.fromkeys(
        ("age_hours", "people", "audience"), "int64"
    )


def test_within_the_first_hour_a_curve_ends_where_the_comparison_does(duckdb):
    database = aged(old=700, young=0.5)
    for message, minutes in zip(database.messages, (20, 30, 40), strict=False):
        database.event(message, "clicked", occurred_at=database.campaigns[0]["started_at"] + minutes * MINUTE)
    warehouse = fill(duckdb, database)
    frame = metrics.comparable(warehouse, ["old", "young"])
    assert frame.clicked.to_list() == [2, 0]
    curves = metrics.response_by_age(warehouse, frame, "clicked")
    assert curves[["age_hours", "people"]].to_numpy().tolist() == [[0, 0], [1, 2], [0, 0], [1, 0]]


@pytest.mark.parametrize("metric", ["delivered", "failed"])
def test_deliveries_are_no_responses(duckdb, metric):
    warehouse = followed(duckdb, three())
    curves = metrics.response_by_age(warehouse, metrics.comparable(warehouse, ["a", "b"]), metric)
    assert curves.empty
    assert list(curves.columns) == ["campaign_id", "age_hours", "people", "audience"]


def test_campaigns_that_cannot_measure_a_response_have_no_curve(duckdb):
    database = three()
    database.event(next(row for row in database.messages if row["campaign_id"] == "a"), "opened")
    campaign("s").sent(2, channel="sms").delivered(2).add_to(database)
    warehouse = followed(duckdb, database)
    curves = metrics.response_by_age(warehouse, metrics.comparable(warehouse, ["a", "s"]), "opened")
    assert set(curves.campaign_id) == {"a"}


def two_countries():
    """Brazilians click twice as often in a as in b, Germans alike; b has more Germans."""
    return small_database(
        campaign("b").sent(10, country="BR").delivered(10, clicked=2).sent(30, country="DE").delivered(30, clicked=3),
        campaign("a").sent(10, country="BR").delivered(10, clicked=4).sent(10, country="DE").delivered(10, clicked=1),
    )


def test_a_gap_is_split_over_a_dimension(duckdb):
    warehouse = followed(duckdb, two_countries())
    frame = metrics.comparable(warehouse, ["a", "b"])
    gap = metrics.rate_gap_by(warehouse, frame, "a", "b", "clicked", "country").set_index("group")
    assert gap.attrs["gap"] == pytest.approx(25 - 12.5)
    assert gap.behaviour.to_dict() == pytest.approx({"BR": 20 * (1 / 2 + 1 / 4) / 2, "DE": 0})
    assert gap.composition.to_dict() == pytest.approx({"BR": 25 * (30 - 18.75) / 100, "DE": -25 * (10 - 18.75) / 100})
    assert gap.loc["BR", ["count", "base", "baseline_count", "baseline_base"]].to_list() == [4, 10, 2, 10]


def test_a_gap_is_that_at_the_age_compared(duckdb):
    database = two_countries()
    for event in database.events:
        if event["campaign_id"] == "a":
            event["occurred_at"] += 8 * DAY
    warehouse = followed(duckdb, database)
    frame = metrics.comparable(warehouse, ["a", "b"])
    assert metrics.rate_gap_by(warehouse, frame, "a", "b", "clicked", "country").attrs["gap"] == pytest.approx(-12.5)


@pytest.mark.parametrize(("metric", "channel"), [("replied", "email"), ("opened", "sms")])
def test_there_is_no_gap_where_it_is_not_measured(duckdb, metric, channel):
    database = small_database(
        campaign("a").sent(2, channel="whatsapp").delivered(2, opened=1, replied=1),
        campaign("b").sent(2, channel=channel).delivered(2),
    )
    warehouse = followed(duckdb, database)
    gap = metrics.rate_gap_by(warehouse, metrics.comparable(warehouse, ["a", "b"]), "a", "b", metric, "country")
    assert gap.empty
    assert gap.attrs["gap"] is None


def test_people_declared_but_never_written_to_are_in_the_gap_of_deliveries(duckdb):
    """9 of 12 against 10 of 10, whatever is known of the three."""
    database = small_database(
        campaign("b").sent(10, country="BR").delivered(10),
        campaign("a", audience=12).sent(9, country="BR").delivered(9),
    )
    warehouse = followed(duckdb, database)
    frame = metrics.comparable(warehouse, ["a", "b"])
    gap = metrics.rate_gap_by(warehouse, frame, "a", "b", "delivered", "country")
    assert gap.attrs["gap"] == pytest.approx(-25)
    assert dict(zip(gap.group, gap.base, strict=True)) == {"BR": 9, "(unknown)": 3}


def test_segments_do_not_add_up(duckdb):
    warehouse = followed(duckdb, three())
    frame = metrics.comparable(warehouse, ["a", "b"])
    with pytest.raises(InvalidParameters, match="cannot be split by segment"):
        metrics.rate_gap_by(warehouse, frame, "a", "b", "clicked", "segment")
    with pytest.raises(UnknownGrouping, match="did you mean 'country'"):
        metrics.rate_gap_by(warehouse, frame, "a", "b", "clicked", "contry")


def test_an_age_must_be_above_zero(duckdb):
    with pytest.raises(InvalidParameters, match="not above zero"):
        metrics.comparable(followed(duckdb, three()), ["a", "b"], age_hours=0)
