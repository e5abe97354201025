"""From campaigns to verdicts: in the demo, whose truth is known, and on databases made for one question each."""

import re
from collections import Counter
from itertools import permutations

import pytest

from reportlib import metrics
from reportlib.definitions import COMPARED
from reportlib.errors import InvalidParameters
from reportlib.metrics.comparison.campaigns import arm, compare_campaigns, explore_campaigns
from reportlib.metrics.statistics.rates import Rate
from reportlib.warehouse import open_warehouse
from reportlib.warehouse.demo import PLAN
from tests.small_database import START, campaign, followed, in_memory_engine, small_database

PLANNED = {each.campaign_id: each for each in PLAN.campaigns}


def frames(warehouse, campaigns, baseline=None, split=None):
    compared = metrics.comparable(warehouse, campaigns, baseline)
    return compared, metrics.design(warehouse, compared, split)


@pytest.fixture(scope="module")
def demo(demo_url):
    return open_warehouse(demo_url)


def only(warehouse, *campaigns, **asked):
    (verdict,) = compare_campaigns(*frames(warehouse, campaigns), **asked)
    return verdict


def said(verdict):
    return [reason.guard for reason in verdict.reasons]


# ---- the demo ------------------------------------------------------------------------------------------------------


def test_the_experiment_with_an_effect_is_found(demo):
    verdict = only(demo, "coupon-a", "coupon-b")
    assert (verdict.arm, verdict.baseline, verdict.word) == ("Cupom B", "Cupom A", "higher")
    true = 100 * (PLANNED["coupon-b"].clicked - PLANNED["coupon-a"].clicked)
    assert verdict.low < true < verdict.high
    assert verdict.reasons == ()


def test_the_experiment_without_an_effect_is_not_distinguishable(demo):
    verdict = only(demo, "subject-line-a", "subject-line-b")
    assert PLANNED["subject-line-a"].clicked == PLANNED["subject-line-b"].clicked
    assert verdict.word == "not distinguishable"
    assert verdict.low < 0 < verdict.high
    assert verdict.needed_per_arm > 0


def test_opens_are_refused_across_channels_and_clicks_are_not(demo):
    opened = only(demo, "survey", "points-expiring", metric="opened")
    assert opened.word == "not comparable"
    assert "channels" in said(opened)
    assert "never compared across channels (e-mail and WhatsApp)" in str(opened)
    clicked = only(demo, "survey", "points-expiring")
    assert clicked.estimate > 0
    assert "spread" in said(clicked)


def test_an_open_of_an_sms_is_refused_and_its_clicks_are_not(demo):
    assert only(demo, "spring-sale", "sms-flash", metric="opened").word == "not comparable"
    clicked = only(demo, "spring-sale", "sms-flash")
    assert clicked.estimate < 0
    assert said(clicked) == ["overlap", "same people", "not randomised", "spread"]


def test_what_is_not_final_is_said(demo):
    assert "watched" in said(only(demo, "points-expiring", "storytelling"))


# ---- questions -----------------------------------------------------------------------------------------------------


def experiment(**arms):
    """Arms of one experiment: name → (delivered, clicked)."""
    return small_database(
        *(
            campaign(name, experiment_id="x", variant=name).sent(delivered).delivered(delivered, clicked=clicked)
            for name, (delivered, clicked) in arms.items()
        )
    )


@pytest.fixture(scope="module")
def two():
    warehouse = followed(in_memory_engine(), experiment(**{"coupon-a": (5, 1), "coupon-b": (5, 1)}))
    yield warehouse
    warehouse.engine.dispose()


@pytest.fixture(scope="module")
def three():
    """Three arms as they are compared."""
    engine = in_memory_engine()
    yield frames(followed(engine, experiment(a=(40, 4), b=(40, 5), c=(40, 6))), ["c", "b", "a"])
    engine.dispose()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            {"metric": "clikced"},
            "'clikced' is no metric to compare campaigns by, did you mean 'clicked'?; use delivered",
        ),
        ({"metric": "click_to_open"}, "'click_to_open' is no metric"),
        ({"baseline": "coupon_a"}, "the baseline 'coupon_a' is not one of the campaigns, did you mean 'coupon-a'?"),
        ({"margin": 0.0}, "above zero"),
    ],
)
def test_questions_that_make_no_sense(two, asked, message):
    compared = frames(two, ["coupon-a", "coupon-b"])
    with pytest.raises(InvalidParameters, match=re.escape(message)):
        compare_campaigns(*compared, **asked)
    if "margin" not in asked:
        with pytest.raises(InvalidParameters, match=re.escape(message)):
            explore_campaigns(*compared, **asked)


@pytest.mark.parametrize(
    ("split", "message"),
    [
        ([1, 1, 1], "the split has 3 shares for 2 campaigns: give one each"),
        ([1], "the split has 1 shares for 2 campaigns"),
        ([1, 0], "one share above zero"),
    ],
)
def test_splits_that_make_no_sense(two, split, message):
    with pytest.raises(InvalidParameters, match=message):
        frames(two, ["coupon-a", "coupon-b"], split=split)


def test_every_pair_or_against_a_baseline(three):
    pairs = [(verdict.arm[-1], verdict.baseline[-1]) for verdict in compare_campaigns(*three)]
    assert pairs == [("b", "a"), ("c", "a"), ("c", "b")]
    pairs = [(verdict.arm[-1], verdict.baseline[-1]) for verdict in compare_campaigns(*three, baseline="b")]
    assert pairs == [("a", "b"), ("c", "b")]


@pytest.mark.slow
def test_the_same_sentences_in_whatever_order_they_are_asked_for(duckdb):
    warehouse = followed(duckdb, experiment(a=(400, 20), b=(400, 60), c=(400, 100)))
    orders = [*permutations("abc")]
    for baseline, tried in (("a", orders[::5]), ("c", orders[::5]), (None, orders[::2])):
        asked = [frames(warehouse, order, baseline) for order in tried]
        told = {tuple(map(str, compare_campaigns(*each, baseline=baseline))) for each in asked}
        explored = {tuple(map(str, explore_campaigns(*each, baseline=baseline))) for each in asked}
        assert (len(told), len(explored)) == (1, 1)
        assert any(" is higher than " in sentence or " is lower than " in sentence for sentence in told.pop())


@pytest.mark.slow
def test_a_split_is_in_the_order_asked_for(duckdb):
    """b, the larger arm, started first and so stands first in the frame."""
    database = experiment(a=(50, 5), b=(450, 45), c=(100, 10))
    for row, variant in zip(database.campaigns, (None, None, "A"), strict=True):
        row["variant"] = variant
    warehouse = followed(duckdb, database)
    for order, split in (("abc", (1, 9, 2)), ("bca", (9, 2, 1)), ("cba", (2, 9, 1))):
        compared = frames(warehouse, list(order), split=split)
        assert compared[0].campaign_id[0] == "c"
        assert {verdict.word for verdict in compare_campaigns(*compared)} == {"not distinguishable"}
        turned = frames(warehouse, list(order), split=split[::-1])
        assert {verdict.word for verdict in compare_campaigns(*turned)} == {"stopped"}
        explored = explore_campaigns(*compared)
        assert "stopped" not in {verdict.word for verdict in explored}


def test_twelve_campaigns_at_once(duckdb):
    database = small_database(*(campaign(f"c{at:02}").sent(5).delivered(5, clicked=at % 3) for at in range(12)))
    compared = frames(followed(duckdb, database), [f"c{at:02}" for at in range(12)])
    verdicts = compare_campaigns(*compared)
    assert len({(verdict.arm, verdict.baseline) for verdict in verdicts}) == len(verdicts) == 66
    assert Counter(verdict.word for verdict in verdicts) == {"not distinguishable": 66}


def test_an_arm_with_nobody_delivered_can_be_read(duckdb):
    database = small_database(campaign("a").sent(30).delivered(30, clicked=3), campaign("b").sent(30).failed(30))
    compared = frames(followed(duckdb, database), ["a", "b"])
    (verdict,) = compare_campaigns(*compared)
    assert str(verdict) == (
        "Clicked: Campaign b and Campaign a are not comparable. Campaign b has 0 delivered: there is no rate."
    )
    delivered = {verdict.metric: verdict for verdict in explore_campaigns(*compared)}["delivered"]
    assert (delivered.word, delivered.estimate) == ("lower", -100)  # whatever campaigns ordinarily do


def test_campaigns_without_any_message_can_be_read(duckdb):
    (verdict,) = compare_campaigns(*frames(followed(duckdb, small_database(campaign("a"), campaign("b"))), ["a", "b"]))
    assert verdict.word == "not comparable"
    assert "Nothing was sent to Campaign b" in str(verdict)


def test_arms_are_those_at_the_age_compared(duckdb):
    """A week after its start nobody had clicked: later clicks are part of no verdict."""
    database = experiment(a=(30, 15), b=(30, 0))
    for event in database.events:
        event["occurred_at"] = START.replace(day=20)
    frame, design = frames(followed(duckdb, database), ["a", "b"])
    (verdict,) = compare_campaigns(frame, design)
    assert (verdict.count, verdict.base, verdict.baseline_count, verdict.baseline_base) == (0, 30, 0, 30)
    row = next(frame.itertuples(index=False))
    assert arm(row, "clicked").rate == Rate(0, 30, "delivered")
    assert arm(row, "delivered").rate == Rate(30, 30, "audience")
    assert (arm(row, "clicked").channels, arm(row, "clicked").assigned) == (frozenset({"email"}), 30)


def test_shared_contacts_are_said(duckdb):
    """And they end "at random"."""
    database = experiment(a=(10, 1), b=(10, 1))
    for message in database.messages[10:12]:
        message["contact_id"] = message["contact_id"].replace("b", "a")
    verdict = only(followed(duckdb, database), "a", "b")
    (overlap,) = (reason for reason in verdict.reasons if reason.guard == "overlap")
    assert overlap.text.startswith("20 % of the smaller arm")
    assert {"contamination", "not randomised"} <= {*said(verdict)}
    assert verdict.base_name == "delivered"


# ---- secondary metrics ---------------------------------------------------------------------------------------------


def test_all_metrics_but_the_primary_are_explored_and_marked(three):
    for primary in ("clicked", "delivered"):
        verdicts = explore_campaigns(*three, metric=primary, baseline="a")
        diagnosed = ["clicked"] if primary == "clicked" else []
        assert [verdict.metric for verdict in verdicts] == [
            name for name in [*diagnosed, *(name for name in COMPARED if name != primary)] for _ in range(2)
        ]
        assert {verdict.base_name for verdict in verdicts if verdict.metric == primary} <= {"delivered"}
        assert {verdict.exploratory for verdict in verdicts} == {True}
        assert {verdict.exploratory for verdict in compare_campaigns(*three, metric=primary)} == {False}


def test_replies_that_are_not_captured_are_not_measured(duckdb):
    warehouse = followed(duckdb, experiment(a=(40, 4), b=(40, 5)))
    verdict = only(warehouse, "a", "b", metric="replied")
    assert (verdict.word, verdict.count, verdict.base) == ("not comparable", None, None)
    assert "Not measured for Campaign" in str(verdict)
    (explored,) = (each for each in explore_campaigns(*frames(warehouse, ["a", "b"])) if each.metric == "replied")
    assert explored.word == "not comparable"


def test_replies_that_are_captured_on_one_of_two_channels_are_no_rate(duckdb):
    both = campaign("b").sent(9, channel="whatsapp").delivered(9, replied=4).sent(9).delivered(9)
    database = small_database(campaign("a").sent(9, channel="whatsapp").delivered(9, replied=3), both)
    compared = frames(followed(duckdb, database), ["a", "b"])
    assert compared[0].replied.to_list() == [3, 4]
    (verdict,) = compare_campaigns(*compared, metric="replied")
    assert (verdict.word, verdict.count, verdict.baseline_count) == ("not comparable", None, 3)


def test_who_unsubscribed_without_a_receipt_is_in_no_rate(duckdb):
    """Providers report deliveries late; whoever unsubscribes need not have opened."""
    database = small_database(campaign("a").sent(9).delivered(2), campaign("b").sent(9).delivered(9))
    for message in database.messages[:9]:
        database.event(message, "unsubscribed")
    compared = frames(followed(duckdb, database), ["a", "b"])
    assert compared[0][["delivered", "unsubscribed", "unsubscribed_in_base"]].to_numpy().tolist() == [
        [2, 9, 2],
        [9, 0, 0],
    ]
    verdict = {each.metric: each for each in explore_campaigns(*compared)}["unsubscribed"]
    assert (verdict.word, verdict.baseline_count, verdict.baseline_base) == ("lower", 2, 2)
