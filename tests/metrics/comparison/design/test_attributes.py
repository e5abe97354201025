"""Attributes of contacts tell whether chance filled the arms, where they are no note of what people had or did."""

import pandas as pd

from reportlib.metrics.comparison.design.attributes import OTHER, attribute_p_values, attributes_of
from reportlib.metrics.comparison.design.checks import ALARM
from reportlib.metrics.comparison.design.design import planned_shares

CAMPAIGNS = pd.DataFrame({"campaign_id": ["a1", "b1"], "name": ["Spring a", "Spring b"], "variant": ["A", "B"]})


def known(**counts):
    """attribute → value → (silent, who did something), of either campaign; the rest of 4,000 and 1,000 have another."""
    rows = []
    for attribute, values in counts.items():
        for at, campaign in enumerate(("a1", "b1")):
            for silent, whole in ((True, 4_000), (False, 1_000)):
                own = {value: of[at][0 if silent else 1] for value, of in values.items()}
                own[OTHER] = whole - sum(own.values())
                rows += [(attribute, value, campaign, silent, people) for value, people in own.items() if people]
    return pd.DataFrame(rows, columns=["attribute", "value", "campaign_id", "silent", "people"])


def alarmed(**counts):
    return [name for name, p in attribute_p_values(known(**counts), CAMPAIGNS).items() if p < ALARM]


def test_other_people_are_an_imbalance():
    assert alarmed(plan={"pro": ((1_000, 250), (1_400, 350))}) == ["plan"]
    assert alarmed(plan={"pro": ((1_000, 250), (1_010, 255))}) == []
    assert alarmed(plan={"pro": ((4_000, 1_000), (0, 0)), "free": ((0, 0), (4_000, 1_000))}) == ["plan"]


def test_a_tag_for_what_people_did_is_none():
    assert alarmed(keen={"yes": ((0, 700), (0, 900))}) == []


def test_a_note_of_the_arm_is_none():
    assert alarmed(group={"A": ((4_000, 1_000), (0, 0)), "B": ((0, 0), (4_000, 1_000))}) == []
    assert alarmed(last_mail={"got Spring b": ((0, 0), (3_990, 1_000))}) == []
    assert alarmed(vip={"yes": ((0, 0), (300, 100))}) == ["vip"]


def test_planned_shares_are_those_of_all_or_none():
    told = pd.DataFrame(
        [("a1", "planned_share", "0.9"), ("b1", "planned_share", "0.1"), ("b1", "subject", "Hi")],
        columns=["campaign_id", "attribute", "value"],
    )
    assert planned_shares(told, ["b1", "a1"]) == {"b1": 0.1, "a1": 0.9}
    assert planned_shares(told, ["a1", "b1", "c1"]) == {}
    for odd in ("0", "-1", "half", "inf", "nan"):
        assert planned_shares(told.replace("0.1", odd), ["a1", "b1"]) == {}


def test_people_are_counted_by_attribute_and_by_what_they_did(duckdb):
    from reportlib import metrics
    from tests.small_database import campaign, followed, small_database

    arms = [campaign(name, variant=name, experiment_id="x").sent(20).delivered(20, clicked=5) for name in "ab"]
    database = small_database(*arms)
    names = [row["contact_id"] for row in database.contacts]
    for name in names[:10]:
        database.contact_attributes.append({"contact_id": name, "attribute": "plan", "value": "pro"})
    warehouse = followed(duckdb, database, 14)
    found = attributes_of(warehouse, metrics.comparable(warehouse, ["a", "b"]))
    assert found["people"].sum() == 40 == len(names)
    assert found.loc[~found["silent"], "people"].sum() == 10
    assert found.loc[found["value"] == "pro", "people"].sum() == 10
