"""Guards, words and sentences: what is refused, stopped or said, and that words and intervals never contradict."""

import json
import re
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from reportlib.definitions import definition
from reportlib.errors import InvalidParameters
from reportlib.metrics.comparison.arms import Arm
from reportlib.metrics.comparison.design import checks
from reportlib.metrics.comparison.verdict import Verdict, verdict_table, word
from reportlib.metrics.comparison.verdicts import Comparison, compare, explore
from reportlib.metrics.statistics import multiplicity, sequential, two_rates
from reportlib.metrics.statistics.exact import fisher_p
from reportlib.metrics.statistics.newcombe import excludes_zero, newcombe
from reportlib.metrics.statistics.rates import Rate
from tests import examples

CLICKED, OPENED, REPLIED = definition("clicked"), definition("opened"), definition("replied")


def arm(name, count, base, *channels, assigned=None):
    rate = None if count is None else Rate(count, base, "delivered")
    return Arm(name, rate, frozenset(channels or {"email"}), base if assigned is None else assigned)


def question(*arms, metric=CLICKED, age_hours=48, randomised=True, **known):
    return Comparison(metric, arms, age_hours, randomised=randomised, **known)


def arm_sizes(*people):
    """What the check of sizes looks at, of arms A, B, ..."""
    columns = dict.fromkeys(("assigned", "messaged", "handed_over"), people)
    return pd.DataFrame({"label": list("ABC"[: len(people)]), **columns})


def only(*arms, **known):
    (verdict,) = compare(question(*arms, **known))
    return verdict


def said(verdict):
    return [reason.guard for reason in verdict.reasons]


# ---- words ---------------------------------------------------------------------------------------------------------


def test_higher():
    verdict = only(arm("A", 390, 10_000), arm("B", 510, 10_000))
    assert verdict.word == "higher"
    assert (verdict.low, verdict.high) == pytest.approx([100 * x for x in newcombe(510, 10_000, 390, 10_000)])
    assert (verdict.estimate, verdict.lift, verdict.level) == pytest.approx((1.2, 510 / 390 - 1, 0.95))
    assert verdict.method == "Newcombe interval, score test"
    assert verdict.reasons == ()
    assert str(verdict) == (
        "Clicked: B is higher than A by 1.2 points (95 % interval 0.6 to 1.8), 5.1 % against 3.9 % of delivered, "
        "a lift of +31 % (+15 % to +49 %)."
    )


def test_lower_counts_downwards():
    assert str(only(arm("A", 510, 10_000), arm("B", 390, 10_000))) == (
        "Clicked: B is lower than A by 1.2 points (95 % interval 0.6 to 1.8), 3.9 % against 5.1 % of delivered, "
        "a lift of −24 % (−33 % to −13 %)."
    )


def test_not_distinguishable_says_what_it_would_take():
    verdict = only(arm("A", 390, 10_000), arm("B", 400, 10_000))
    assert verdict.word == "not distinguishable"
    assert verdict.worth_finding == pytest.approx(0.395)
    assert verdict.needed_per_arm == 29_997
    assert str(verdict) == (
        "Clicked: no difference shown between B and A: the difference is 0.1 points (95 % interval −0.4 to 0.6), 4.0 % "
        "against 3.9 % of delivered; a new test that finds one of 0.4 points takes about 40,000 delivered per arm."
    )


def test_equivalent():
    verdict = only(arm("A", 390, 10_000), arm("B", 400, 10_000), margin=0.01)
    assert verdict.word == "equivalent"
    assert str(verdict) == (
        "Clicked: B and A are equivalent within ±1 point: the difference is 0.1 points (95 % interval −0.4 to 0.6), "
        "4.0 % against 3.9 % of delivered."
    )


def test_a_difference_that_does_not_matter_is_equivalent_and_said():
    verdict = only(arm("A", 3_900, 100_000), arm("B", 4_200, 100_000), margin=0.01)
    assert verdict.low > 0
    assert verdict.word == "equivalent"
    assert str(verdict).endswith("; higher, but too small to matter.")
    assert verdict.practical == "too small to matter"


def test_a_margin_met_by_enough_people_needs_no_more():
    verdict = only(arm("A", 3_900, 100_000), arm("B", 3_760, 100_000), margin=0.0025)
    assert verdict.word == "not distinguishable"
    assert verdict.needed_per_arm == 0
    assert str(verdict).endswith("; a difference of 0.25 points would probably have been found.")


@pytest.mark.parametrize(
    ("low", "high", "margin", "expected"),
    [
        (0.1, 2, None, "higher"),
        (-2, -0.1, None, "lower"),
        (0, 2, None, "not distinguishable"),
        (-2, 0, None, "not distinguishable"),
        (-0.9, 0.9, 1, "equivalent"),
        (-1, 0.9, 1, "not distinguishable"),
        (0.1, 0.9, 1, "equivalent"),
        (0.1, 1, 1, "higher"),
    ],
)
def test_word_follows_from_the_interval(low, high, margin, expected):
    assert word(low, high, margin) == expected


def test_nobody_responded():
    verdict = only(arm("A", 0, 3_000), arm("B", 0, 3_000))
    assert verdict.word == "not distinguishable"
    assert (verdict.lift, verdict.needed_per_arm, verdict.worth_finding) == (None, None, None)
    assert str(verdict).endswith("0.0 % against 0.0 % of delivered.")


def test_no_lift_over_nobody():
    verdict = only(arm("A", 0, 3_000), arm("B", 60, 3_000))
    assert verdict.word == "higher"
    assert (verdict.lift, verdict.lift_low, verdict.lift_high) == (None, None, None)
    assert "lift" not in str(verdict)


# ---- guards --------------------------------------------------------------------------------------------------------


def test_opens_are_not_compared_across_channels():
    verdict = only(arm("A", 300, 1_000, "email"), arm("B", 700, 1_000, "whatsapp"), metric=OPENED)
    assert verdict.word == "not comparable"
    assert (verdict.estimate, verdict.low, verdict.p_value, verdict.needed_per_arm) == (None, None, None, None)
    assert "never compared across channels (e-mail and WhatsApp)" in str(verdict)
    assert only(arm("A", 300, 1_000, "email"), arm("B", 700, 1_000, "whatsapp")).word == "higher"
    assert only(arm("A", 300, 1_000), arm("B", 700, 1_000), metric=OPENED).word == "higher"


def test_opens_of_a_campaign_on_two_channels_are_not_compared():
    both = [arm(name, 300, 1_000, "email", "whatsapp") for name in "AB"]
    assert only(*both, metric=OPENED).word == "not comparable"


def test_sms_has_no_opens():
    verdict = only(arm("A", 300, 1_000, "sms"), arm("B", 700, 1_000, "sms"), metric=OPENED)
    assert verdict.word == "not comparable"
    assert "SMS has no read receipts" in str(verdict)


def test_not_measured_and_nobody_delivered():
    assert "Not measured for B." in str(only(arm("A", 30, 1_000), arm("B", None, 0), metric=REPLIED))
    assert "B has 0 delivered" in str(only(arm("A", 30, 1_000), arm("B", 0, 0)))
    assert only(arm("A", 30, 1_000), arm("B", 0, 0, assigned=1_000)).word == "not comparable"


def test_a_broken_split_stops_the_verdict():
    stop = checks.sample_ratio(arm_sizes(821_588, 815_482), (1, 1))
    verdict = only(arm("A", 390, 10_000), arm("B", 510, 10_000), stopped=[stop])
    assert verdict.word == "stopped"
    assert verdict.estimate is None
    assert "χ² p < 0.0001" in str(verdict)


def test_nothing_sent_is_refused():
    nothing = replace(arm("B", 0, 10_000), sent=0)
    verdict = only(arm("A", 390, 10_000), nothing)
    assert verdict.word == "not comparable"
    assert "Nothing was sent to B" in str(verdict)


def test_too_young_is_said():
    assert "maturity" in said(only(arm("A", 390, 10_000), arm("B", 510, 10_000), age_hours=3))
    assert "maturity" not in said(only(arm("A", 390, 10_000), arm("B", 510, 10_000), age_hours=24))


def test_fewer_than_a_thousand_is_said_with_what_could_be_found():
    verdict = only(arm("A", 190, 999), arm("B", 210, 1_000))
    (thin,) = (reason for reason in verdict.reasons if reason.guard == "thin")
    assert "finds a difference of 5.2 points four times in five" in thin.text
    assert verdict.smallest_detectable == pytest.approx(5.2, abs=0.05)
    assert "thin" not in said(only(arm("A", 200, 1_000), arm("B", 210, 1_000)))


def test_small_counts_have_to_pass_the_exact_test():
    """Newcombe's interval excludes zero for 3 and 12 of 300, Fisher's test does not reject: extended to zero."""
    assert excludes_zero(*newcombe(12, 300, 3, 300))
    verdict = only(arm("A", 3, 300), arm("B", 12, 300))
    assert verdict.p_value == pytest.approx(fisher_p(12, 300, 3, 300)) and verdict.p_value > 0.03
    loose = only(arm("A", 3, 300), arm("B", 11, 300))
    assert loose.p_value > 0.05
    assert (loose.word, loose.low, loose.lift_low) == ("not distinguishable", 0.0, 0.0)
    assert "small counts" in said(loose)
    assert only(arm("A", 3, 300), arm("B", 20, 300)).word == "higher"


def test_campaigns_are_held_against_their_ordinary_spread():
    """By chance alone 3.9 and 5.1 % of 10,000 differ; two campaigns that ordinarily lie 15 % apart need not."""
    verdict = only(arm("A", 390, 10_000), arm("B", 510, 10_000), randomised=False)
    assert excludes_zero(*newcombe(510, 10_000, 390, 10_000))
    assert (verdict.word, verdict.method) == (
        "not distinguishable",
        "Newcombe interval, with the ordinary spread between campaigns",
    )
    (spread,) = (reason for reason in verdict.reasons if reason.guard == "spread")
    assert "15 %, assumed, since only 0 others are known" in spread.text
    assert "more than luck, but campaigns ordinarily differ by this much" in spread.text
    assert only(arm("A", 390, 10_000), arm("B", 910, 10_000), randomised=False).word == "higher"


def test_what_matters_is_a_twentieth_of_the_rate_unless_declared():
    higher = only(arm("A", 390, 10_000), arm("B", 510, 10_000))
    assert (higher.practical, higher.margin) == ("matters", pytest.approx(0.05 * 4.5))
    slightly = only(arm("A", 19_500, 500_000), arm("B", 20_300, 500_000))
    assert (slightly.word, slightly.practical) == ("higher", "not shown to matter")
    assert str(slightly).endswith("; not shown to matter, which takes 0.199 points.")
    hardly = only(arm("A", 100_000, 500_000), arm("B", 101_200, 500_000))
    assert (hardly.word, hardly.practical, hardly.low > 0) == ("equivalent", "too small to matter", True)
    assert only(arm("A", 390, 10_000), arm("B", 510, 10_000), metric=definition("unsubscribed")).margin is None


def test_overlap_beyond_a_tenth_is_said():
    arms = arm("A", 390, 10_000), arm("B", 510, 10_000)
    assert "overlap" in said(only(*arms, overlap={frozenset("AB"): 0.11}))
    assert "overlap" not in said(only(*arms, overlap={frozenset("AB"): 0.10}))


def test_not_randomised_is_never_caused():
    verdict = only(arm("A", 390, 10_000), arm("B", 910, 10_000), randomised=False)
    assert verdict.word == "higher"
    assert said(verdict) == ["not randomised", "spread"]
    assert "cause" not in str(verdict)


def test_a_close_call_is_said_and_the_interval_decides():
    verdict = only(arm("A", 60, 1_000), arm("B", 50, 1_200))
    assert verdict.p_value <= 0.05
    assert verdict.low < 0 < verdict.high
    assert verdict.word == "not distinguishable"
    assert "close call" in said(verdict)
    assert "close call" not in said(only(arm("A", 60, 1_000), arm("B", 48, 1_200)))


def test_before_the_final_age_there_is_the_confidence_sequence():
    verdict = only(arm("A", 100, 2_000), arm("B", 170, 2_000), watched=True)
    assert verdict.method == "asymptotic confidence sequence"
    assert (verdict.low, verdict.high) == pytest.approx([100 * x for x in sequential.interval(170, 2_000, 100, 2_000)])
    assert "watched" in said(verdict)
    finished = only(arm("A", 100, 2_000), arm("B", 170, 2_000))
    assert verdict.low < finished.low < finished.high < verdict.high
    assert verdict.smallest_detectable > finished.smallest_detectable


def test_before_the_final_age_twenty_are_waited_for():
    early = only(arm("A", 3, 2_000), arm("B", 16, 2_000), watched=True)
    assert early.word == "not comparable"
    assert "Too early: 19 of 4,000" in str(early)
    assert only(arm("A", 4, 2_000), arm("B", 16, 2_000), watched=True).word == "not distinguishable"


def test_reasons_stand_in_the_order_of_the_guards():
    verdict = only(arm("A", 3, 300), arm("B", 11, 300), age_hours=1, overlap={frozenset("AB"): 0.5}, randomised=False)
    assert said(verdict) == ["maturity", "thin", "small counts", "overlap", "not randomised", "spread"]


@pytest.mark.parametrize(
    ("names", "known", "message"),
    [
        ("A", {}, "two or more different campaigns; given: A"),
        ("", {}, "given: none"),
        ("AA", {}, "given: A, A"),
        ("AB", {"baseline": "C"}, "baseline 'C' is not one of the campaigns: A, B"),
        ("AB", {"margin": 0.0}, "above zero"),
    ],
)
def test_questions_that_make_no_sense(names, known, message):
    with pytest.raises(InvalidParameters, match=re.escape(message)):
        question(*(arm(name, 10, 100) for name in names), **known)


# ---- several -------------------------------------------------------------------------------------------------------


def test_every_pair_or_against_a_baseline():
    arms = [arm(name, 20 + i, 1_000) for i, name in enumerate("ABC")]
    pairs = [(verdict.arm, verdict.baseline) for verdict in compare(question(*arms))]
    assert pairs == [("B", "A"), ("C", "A"), ("C", "B")]
    pairs = [(verdict.arm, verdict.baseline) for verdict in compare(question(*arms, baseline="B"))]
    assert pairs == [("A", "B"), ("C", "B")]


def test_holm_levels_show_in_the_intervals():
    arms = arm("A", 200, 2_000), arm("B", 270, 2_000), arm("C", 275, 2_000)
    verdicts = compare(question(*arms))
    assert [verdict.word for verdict in verdicts] == ["higher", "higher", "not distinguishable"]
    assert [verdict.level for verdict in verdicts] == pytest.approx([1 - 0.05 / 2, 1 - 0.05 / 3, 0.95])
    assert "97.5 % interval" in str(verdicts[0])
    assert "One of 3 differences" in verdicts[0].reasons[0].text


def test_without_a_difference_of_all_no_pair_is_called_different():
    """Seven alike and one outlier: Holm's first step would reject, the χ² test of all eight does not."""
    counts = [200] * 6 + [171, 238]
    arms = [arm(str(i), count, 2_000) for i, count in enumerate(counts)]
    assert multiplicity.omnibus_p(counts, [2_000] * 8) > 0.05
    assert excludes_zero(*newcombe(238, 2_000, 171, 2_000, alpha=0.05 / 28))
    outlier = compare(question(*arms))[-1]
    assert (outlier.word, outlier.low) == ("not distinguishable", 0.0)
    assert "omnibus" in said(outlier)
    assert "close call" not in said(outlier)


def test_refused_pairs_are_no_part_of_the_correction():
    arms = arm("A", 300, 1_000), arm("B", 390, 1_000), arm("C", 700, 1_000, "whatsapp")
    verdicts = compare(question(*arms, metric=OPENED))
    assert [verdict.word for verdict in verdicts] == ["higher", "not comparable", "not comparable"]
    assert verdicts[0].level == 0.95
    assert said(verdicts[0]) == []


def test_exploratory_is_marked_and_keeps_false_findings_rare():
    metrics = [
        question(arm("A", 390, 10_000), arm("B", 510, 10_000)),
        question(arm("A", 20, 10_000), arm("B", 25, 10_000), metric=REPLIED),
        question(arm("A", 300, 1_000), arm("B", 700, 1_000, "whatsapp"), metric=OPENED),
    ]
    verdicts = explore(metrics)
    assert [verdict.word for verdict in verdicts] == ["higher", "not distinguishable", "not comparable"]
    assert all(verdict.exploratory for verdict in verdicts)
    assert str(verdicts[0]).startswith("Clicked (exploratory): B is higher")
    assert [verdict.level for verdict in verdicts[:2]] == pytest.approx([1 - 0.05 / 2] * 2)
    assert "Benjamini" in verdicts[0].reasons[-1].text


def test_thirty_campaigns_at_once():
    verdicts = compare(question(*(arm(str(i), 200 + i, 2_000) for i in range(30)), baseline="0"))
    assert len(verdicts) == 29
    assert {verdict.word for verdict in verdicts} == {"not distinguishable"}


# ---- words and intervals never contradict --------------------------------------------------------------------------

sizes = st.integers(1, 5_000)
rates = st.builds(
    lambda base, share: (round(base * share), base), sizes, st.sampled_from([0, 0.005, 0.02, 0.03, 0.2, 1])
)
counted = st.lists(rates, min_size=2, max_size=6)


def agree(verdict):
    """A verdict's word, interval, lift and sentence say the same."""
    if verdict.word in ("not comparable", "stopped"):
        assert verdict.low is None
        return
    assert verdict.low - 1e-9 <= verdict.estimate <= verdict.high + 1e-9
    different = verdict.low > 0 or verdict.high < 0
    inside = verdict.margin is not None and -verdict.margin < verdict.low and verdict.high < verdict.margin
    assert (verdict.word == "equivalent") == inside
    assert (verdict.word in ("higher", "lower")) == (different and not inside)
    assert verdict.word != "higher" or verdict.low > 0
    assert verdict.word != "lower" or verdict.high < 0
    if verdict.lift is not None:
        assert verdict.lift_low - 1e-9 <= verdict.lift
        assert (verdict.lift_low > 0) == (verdict.low > 0) or abs(verdict.low) < 1e-6
        assert (verdict.lift_high is not None and verdict.lift_high < 0) == (verdict.high < 0) or abs(
            verdict.high
        ) < 1e-6
    printed = re.search(r"interval ([−\d.]+) to ([−\d.]+)\)", str(verdict))
    low, high = (float(limit.replace("−", "-")) for limit in printed.groups())
    assert (low > 0 or high < 0) == different
    assert verdict.in_short.startswith(("More ", "Fewer ")) == (verdict.word in ("higher", "lower"))
    assert "±" in verdict.in_short and "interval" not in verdict.in_short


@settings(deadline=None, max_examples=examples(20))
@given(counted, st.sampled_from([None, 0.002, 0.02]), st.booleans(), st.booleans(), st.sampled_from([None, "0"]))
def test_words_and_intervals_never_contradict(counts, margin, watched, randomised, baseline):
    arms = [arm(str(i), *pair) for i, pair in enumerate(counts)]
    asked = question(*arms, margin=margin, watched=watched, baseline=baseline, randomised=randomised)
    for verdict in [*compare(asked), *explore([asked, asked])]:
        agree(verdict)
        json.dumps(asdict(verdict), allow_nan=False)


@settings(deadline=None, max_examples=examples(20))
@given(counted, st.booleans())
def test_different_exactly_where_holm_rejects(counts, running):
    arms = [arm(str(i), *pair) for i, pair in enumerate(counts)]
    verdicts = [v for v in compare(question(*arms, watched=running)) if v.word != "not comparable"]
    tables = [(v.count, v.base, v.baseline_count, v.baseline_base) for v in verdicts]
    p_values = np.array([(sequential if running else two_rates).p_value(*table) for table in tables])
    held_back = np.array(["omnibus" in said(v) for v in verdicts], dtype=bool)
    tested = np.where(held_back, 1.0, p_values)
    rejected = tested <= multiplicity.holm_alphas(tested)
    assert [v.low > 0 or v.high < 0 for v in verdicts] == rejected.tolist()


@settings(deadline=None, max_examples=examples(20))
@given(st.lists(st.tuples(rates, rates), min_size=1, max_size=6))
def test_different_exactly_where_benjamini_and_hochberg_reject(tables):
    questions = [question(arm("A", *one), arm("B", *two)) for one, two in tables]
    p_values = [two_rates.p_value(*two, *one) for one, two in tables]
    rejected = np.array(p_values) <= multiplicity.benjamini_hochberg_alphas(p_values)
    assert [v.low > 0 or v.high < 0 for v in explore(questions)] == rejected.tolist()


@settings(deadline=None, max_examples=examples(20))
@given(rates, rates, st.booleans(), st.booleans())
def test_the_other_way_round_says_the_opposite(one, two, running, randomised):
    there = only(arm("A", *one), arm("B", *two), watched=running, randomised=randomised)
    back = only(arm("B", *two), arm("A", *one), watched=running, randomised=randomised)
    assert back.word == {"higher": "lower", "lower": "higher"}.get(there.word, there.word)
    if there.estimate is not None:
        assert (back.low, back.high) == pytest.approx((-there.high, -there.low), abs=1e-9)


# ---- tables and JSON -----------------------------------------------------------------------------------------------


def test_table_keeps_the_sentence_and_the_numbers():
    verdicts = [
        only(arm("A", 390, 10_000), arm("B", 510, 10_000)),
        only(arm("A", 300, 1_000), arm("B", 700, 1_000, "whatsapp"), metric=OPENED),
    ]
    frame = verdict_table(verdicts)
    assert {*frame.columns} == {*Verdict.__dataclass_fields__, "sentence"}
    assert frame.columns[-6:].to_list() == ["exploratory", "sentence", "question", "factor", "basis", "practical"]
    assert frame.sentence.to_list() == [str(verdict) for verdict in verdicts]
    kinds = {name: str(kind) for name, kind in frame.dtypes.items()}
    assert (kinds["low"], kinds["margin"], kinds["count"], kinds["needed_per_arm"]) == (
        *("float64", "float64"),
        *("Int64", "Int64"),
    )
    assert frame.low.isna().to_list() == [False, True]
    assert verdict_table([]).empty


def test_json_holds_what_is_printed():
    verdict = only(arm("A", 3, 300), arm("B", 11, 300))
    read = json.loads(json.dumps(asdict(verdict), allow_nan=False))
    assert (read["word"], read["low"], read["method"]) == (verdict.word, verdict.low, verdict.method)
    assert read["reasons"][0].keys() == {"guard", "effect", "text"}
    assert str(replace(verdict, exploratory=True)).startswith("Clicked (exploratory): ")
