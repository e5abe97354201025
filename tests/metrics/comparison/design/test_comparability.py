"""What changed between campaigns, and the grade that follows: by hand, and in the demo, whose plan is known."""

from itertools import combinations

import pandas as pd
import pytest

from reportlib import metrics
from reportlib.metrics.comparison.design.comparability import comparability, differences
from reportlib.metrics.comparison.design.design import Design, randomised
from reportlib.metrics.comparison.reasons import Reason
from reportlib.warehouse import open_warehouse
from reportlib.warehouse.demo import PLAN
from tests import few

DECLARED = "People are declared to have been assigned at random, and no check speaks against it."
ASPECTS = ["template", "audience", "channel", "weekday", "hour", "size", "date"]
ALIKE = {
    "account_id": "acme",
    "account": "Acme",
    "experiment_id": None,
    "variant": None,
    "template_id": "t1",
    "segment": None,
    "channels": "email",
    "started_at": pd.Timestamp("2026-11-02T09:00Z"),
    "weekday": 1,
    "hour": 9,
    "audience": 1_000,
    "by_person": True,
}


def campaigns(*changed):
    """Campaigns A, B, ... as `comparable` has them: alike but for what is said of each."""
    rows = [
        {"campaign_id": name.lower(), "label": name, **ALIKE, **own}
        for name, own in zip("ABCDE", changed, strict=False)
    ]
    frame = pd.DataFrame(rows)
    return frame.astype(dict.fromkeys(("template_id", "segment", "experiment_id"), "str"))


def sharing(*shares, **known):
    """The design of campaigns a, b and c that share so many people, pair by pair."""
    rows = [(*pair, 1, share) for pair, share in zip(combinations("abc", 2), shares, strict=False)]
    shared = pd.DataFrame(rows, columns=["campaign_a", "campaign_b", "shared", "of_smaller"])
    return Design(shared=shared, **known)


def shares(**groups):
    """A mix: group → its people in campaigns a and b."""
    rows = [(at, name, n) for name, pair in groups.items() for at, n in zip("ab", pair, strict=True)]
    return pd.DataFrame(rows, columns=["campaign_id", "group", "audience"])


def changed(frame):
    """The aspects that differ, of two campaigns that share everybody → what is said of them."""
    found = differences(frame, sharing(1.0))
    return found[~found.same].set_index("aspect").detail.to_dict()


# ---- what changed --------------------------------------------------------------------------------------------------


def test_nothing_changed():
    found = differences(campaigns({}, {}), sharing(1.0))
    assert found.aspect.to_list() == ASPECTS
    assert found.same.all()
    assert found.dtypes.astype(str).to_dict() == {"aspect": "str", "same": "bool", "detail": "str"}
    assert found.detail.to_list() == [
        "t1",
        "100 % of the smaller one's people are in the other one too",
        "e-mail",
        "Monday",
        "9:00",
        "1,000 people",
        "started within a day",
    ]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"template_id": "t2"}, {"template": "A: t1; B: t2"}),
        ({"template_id": None}, {"template": "A: t1; B: not recorded"}),
        ({"channels": "email+sms"}, {"channel": "A: e-mail; B: e-mail and SMS"}),
        ({"channels": ""}, {"channel": "A: e-mail; B: not recorded"}),
        ({"weekday": 7}, {"weekday": "A: Monday; B: Sunday"}),
        ({"hour": 10}, {}),
        ({"hour": 11}, {"hour": "A: 9:00; B: 11:00"}),
        ({"audience": 1_500}, {}),
        ({"audience": 1_501}, {"size": "1,000 to 1,501 people"}),
        ({"audience": 0}, {"size": "0 to 1,000 people"}),
        ({"started_at": pd.Timestamp("2026-11-09T09:00Z")}, {}),
        ({"started_at": pd.Timestamp("2026-11-09T09:00:01Z")}, {"date": "started 7 days apart"}),
        ({"account_id": "other", "account": "Other"}, {"account": "A: Acme; B: Other"}),
    ],
)
def test_one_thing_changed(columns, expected):
    assert changed(campaigns({}, columns)) == expected


def test_midnight_is_an_hour_from_eleven():
    assert changed(campaigns({"hour": 23}, {"hour": 0})) == {}
    assert list(changed(campaigns({"hour": 23}, {"hour": 1}))) == ["hour"]


def test_what_is_not_recorded_is_not_the_same():
    assert changed(campaigns({"template_id": None}, {"template_id": None})) == {"template": "not recorded"}


def test_accounts_are_an_aspect_only_where_there_are_several():
    assert differences(campaigns({}, {"account_id": "other"}), sharing(1.0)).aspect.to_list() == ["account", *ASPECTS]


@pytest.mark.parametrize(
    ("shared", "same", "percent"),
    [
        (sharing(0.9, 1.0, 0.95), True, "90 to 100 %"),
        (sharing(0.899, 1.0, 0.95), False, "90 to 100 %"),
        (sharing(0.4, 0.4, 0.4), False, "40 %"),
        (sharing(1.0, 1.0), False, "0 to 100 %"),  # the third pair shares nobody
        (sharing(), False, "0 %"),
    ],
)
def test_an_audience_is_the_same_where_every_pair_shares_nine_in_ten(shared, same, percent):
    found = differences(campaigns({}, {}, {}), shared).set_index("aspect").loc["audience"]
    assert (found.same, found.detail) == (same, f"{percent} of the smaller one's people are in the other one too")


def test_segments_are_named():
    everybody = "100 % of the smaller one's people are in the other one too; segment"
    details = [
        differences(campaigns(*rows), sharing(1.0)).detail[1]
        for rows in (
            ({"segment": "VIP"}, {"segment": "VIP"}),
            ({"segment": "VIP"}, {}),
            ({"segment": "VIP"}, {"segment": "Lapsed"}),
        )
    ]
    assert details == [f"{everybody} VIP", f"{everybody}s: A: VIP; B: none", f"{everybody}s: A: VIP; B: Lapsed"]


def test_arms_of_one_experiment_are_parts_of_one_audience():
    arms = campaigns({"experiment_id": "x"}, {"experiment_id": "x"})
    found = differences(arms, sharing(declared=True)).set_index("aspect").loc["audience"]
    assert (found.same, found.detail) == (True, "declared to be random parts of one audience")


def test_a_planned_split_is_no_change_of_size():
    arms = campaigns({"audience": 900}, {"audience": 100})
    assert not differences(arms, sharing(1.0)).set_index("aspect").loc["size"].same
    size = differences(arms, sharing(declared=True)).set_index("aspect").loc["size"]
    assert (size.same, size.detail) == (True, "100 to 900 people, as planned")


def test_channels_and_breakdowns_are_compared_by_their_shares():
    both = campaigns({"channels": "sms+whatsapp"}, {"channels": "sms+whatsapp"})
    alike, apart = shares(whatsapp=(800, 790), sms=(200, 210)), shares(whatsapp=(800, 500), sms=(200, 500))
    found = differences(both, sharing(1.0, mixes={"channel": alike, "country": apart})).set_index("aspect")
    assert found.loc["channel"].same
    assert (found.loc["mix"].same, "country (A: whatsapp 80 %, sms 20 %" in found.loc["mix"].detail) == (False, True)
    found = differences(both, sharing(1.0, mixes={"channel": apart, "country": alike})).set_index("aspect")
    assert (found.loc["channel"].same, found.loc["mix"].same) == (False, True)
    assert found.loc["channel"].detail.endswith(
        "in other shares: A: WhatsApp 80 %, SMS 20 %; B: WhatsApp 50 %, SMS 50 %"
    )


def test_many_campaigns_are_named_by_kind():
    frame = campaigns({}, {"channels": "sms"}, {}, {}, {})
    assert changed(frame)["channel"] == "A and 3 others: e-mail; B: SMS"


@pytest.mark.parametrize(
    ("experiments", "expected"),
    [(("x", "x"), True), (("x", "y"), False), (("x", None), False), ((None, None), False)],
)
def test_people_are_assigned_at_random_within_one_declared_experiment(experiments, expected):
    assert randomised(campaigns(*({"experiment_id": each} for each in experiments))) is expected


# ---- grades --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "at_random", "grade"),
    [
        ([], True, "A"),
        (["template"], True, "A"),
        (["template", "channel"], True, "B"),
        (ASPECTS, True, "B"),
        ([], False, "B"),
        (["template"], False, "B"),
        (["template", "date"], False, "C"),
        (["template", "hour", "date"], False, "D"),
        (ASPECTS, False, "D"),
        (["account"], False, "D"),
    ],
)
def test_grades(names, at_random, grade):
    frame = pd.DataFrame(
        {"aspect": ["account", *ASPECTS], "same": [name not in names for name in ["account", *ASPECTS]]}
    )
    found = comparability(frame, Design(declared=at_random))
    assert found.grade == grade
    assert found.reasons == (
        DECLARED if at_random else "People were not assigned at random.",
        f"Changed between them: {', '.join(names) or 'nothing that is recorded'}.",
    )


def test_several_messages_to_each_are_a_change():
    frame, known = campaigns({}, {}), {"declared": True}
    found = differences(frame, Design(messages_each={"a": 1.0, "b": 1.6}, **known))
    assert found.loc[found["aspect"] == "messages", "detail"].tolist() == ["A: 1.0 to each; B: 1.6 to each"]
    assert "messages" not in set(differences(frame, Design(messages_each={"a": 1.0, "b": 1.02}, **known))["aspect"])


@pytest.mark.parametrize(("variants", "declared"), [("AB", True), ("AA", False), ([None, None], True)])
def test_two_campaigns_of_one_variant_are_no_two_arms(variants, declared):
    frame = campaigns({}, {}).assign(experiment_id="x", account_id="acme", by_person=True, variant=list(variants))
    assert randomised(frame) is declared


STOP = Reason("balance", "stopped", "The arms are not of one kind of people.")


@pytest.mark.parametrize("known", [{"stops": (STOP,)}, {"contaminated": STOP}])
def test_no_grade_a_where_a_check_stops_it(known):
    found = comparability(
        differences(campaigns({}, {}), sharing(declared=True, **known)), Design(declared=True, **known)
    )
    assert found.grade in "BCD"
    assert found.reasons[0].endswith("but a check speaks against it.")


# ---- the demo ------------------------------------------------------------------------------------------------------


def graded(warehouse, *ids):
    frame = metrics.comparable(warehouse, ids)
    design = metrics.design(warehouse, frame)
    return comparability(differences(frame, design), design)


@pytest.fixture(scope="module")
def demo(demo_url):
    return open_warehouse(demo_url)


@pytest.mark.parametrize("experiment", few(["coupon", "subject-line"]))
def test_the_demos_experiments_changed_the_template_alone(demo, experiment):
    arms = [each.campaign_id for each in PLAN.campaigns if each.experiment_id == experiment]
    found = graded(demo, *arms)
    assert found.grade == "A"
    assert found.reasons == (DECLARED, "Changed between them: template.")


def test_the_demos_confounded_pair(demo):
    """Planned: three channels against SMS, 9:00 against 17:00, 17,700 people against 5,300, six weeks apart; both on a
    Tuesday, to people drawn from the whole account."""
    ids = ["sms-flash", "spring-sale"]
    found = graded(demo, *ids)
    assert found.grade == "D"
    assert found.reasons == (
        "People were not assigned at random.",
        "Changed between them: template, audience, channel, hour, size, date.",
    )
    frame = metrics.comparable(demo, ids)
    details = differences(frame, metrics.design(demo, frame)).set_index("aspect").detail
    sale, flash = "Promoção de primavera 🌸", "Relâmpago"
    assert details["channel"] == f"{sale}: e-mail, SMS and WhatsApp; {flash}: SMS"
    assert (details["weekday"], details["hour"]) == ("Tuesday", f"{sale}: 9:00; {flash}: 17:00")
    assert details["date"] == "started 42 days apart"


def test_two_of_the_demos_accounts_are_never_one_audience(demo):
    found = graded(demo, "newsletter-september", "sms-flash")
    assert found.grade == "D"
    assert found.reasons[1].startswith("Changed between them: account, template, audience, channel, weekday")
