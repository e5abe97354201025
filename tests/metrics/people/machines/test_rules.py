"""The rules for clicks on hand-made tables: what is a person's, what a machine's, and what nobody can tell."""

from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from reportlib import metrics
from reportlib.errors import InvalidParameters
from reportlib.metrics.people.machines.human_times import own_times
from reportlib.metrics.people.machines.link_patterns import VARIABLE, patterns
from reportlib.metrics.people.machines.rules import EDGES
from tests import few
from tests.machine_oracle import verdicts as by_hand
from tests.metrics.people.machines.simulation import SCENARIOS, measured, verdicts
from tests.small_database import START, campaign, fill, in_memory_engine, small_database

A, B, C, LEAVE = (
    "https://x.example/a",
    "https://x.example/b?p=2",
    "https://x.example/c",
    "https://x.example/Unsubscribe",
)
CASES = {  # name: channel, clicks as (seconds after arrival, link), what each is
    "in the mailbox for a second": ("email", [(1.5, A)], ["machine"]),
    "while the server accepts": ("email", [(-20, A)], ["machine"]),
    "before a receipt that is late": ("email", [(-400, A)], ["human"]),
    "after ten seconds, in a small account": ("email", [(10.5, A)], ["unsure"]),
    "after a minute": ("email", [(61.5, A)], ["human"]),
    "twice at once": ("email", [(90.1, A), (90.4, A), (90.9, A)], ["human"] * 3),
    "two links in two tabs": ("email", [(90.1, A), (91.4, B)], ["human"] * 2),
    "three links at once": ("email", [(90.1, A), (92.4, B), (94.9, C), (900.3, A)], ["machine"] * 3 + ["human"]),
    "three links, slowly": ("email", [(90.1, A), (99.4, B), (108.9, C)], ["human"] * 3),
    "unsubscribed among them": ("email", [(90.1, A), (92.4, LEAVE)], ["machine"] * 2),
    "unsubscribed alone": ("email", [(90.1, LEAVE)], ["aside"]),
    "unsubscribed later": ("email", [(90.1, A), (120.3, LEAVE)], ["human", "aside"]),
    "a link that nobody sees": ("email", [(900.1, "https://x.example/honeypot")], ["machine"]),
    "an SMS, before its receipt": ("sms", [(-20.5, A)], ["human"]),
    "an SMS at once": ("sms", [(-38.5, A)], ["machine"]),
    "without a link": ("whatsapp", [(400.3, None), (400.4, None), (400.5, None)], ["human"] * 3),
}


@pytest.fixture(scope="module")
def database():
    made = small_database()
    made.campaign("a")
    for number, (channel, clicks, _) in enumerate(CASES.values()):
        made.contact(f"k{number}", email_domain=f"d{number}.example")
        sent = START + timedelta(seconds=0.25)
        message = made.message("a", f"k{number}", channel=channel, at=sent, delivered_at=sent + timedelta(seconds=40))
        for after, url in clicks:
            made.event(message, "clicked", timedelta(seconds=40 + after), None, url=url)
    for number in range(200):  # whom nobody clicks
        made.message("a", f"k{number}", channel=("email", "sms", "whatsapp")[number % 3])
    return made


@pytest.fixture(scope="module")
def warehouse(duckdb, database):
    return fill(duckdb, database)


def test_each_case(warehouse, database):
    found = verdicts(warehouse).set_index("event_id")["verdict"]
    ids = iter(row["event_id"] for row in database.events)
    told = {name: [found[next(ids)] for _ in clicks] for name, (_, clicks, _) in CASES.items()}
    assert told == {name: expected for name, (_, _, expected) in CASES.items()}
    assert found.to_dict() == by_hand(database)


def test_what_was_left_out_adds_up_and_names_its_rule(warehouse, database):
    left = metrics.machine_clicks(warehouse)
    assert set(left["rule"]) == {"too soon", "many links", "hidden link", ""}
    told = [word for word in by_hand(database).values() if word != "human"]
    assert left["clicks"].sum() == len(told)
    shown = metrics.breakdown(warehouse).iloc[0]
    assert shown["clicked"] < shown["clicked_at_most"] < shown["clicked_by_any"]
    assert shown["clicked_aside"] == 1


def test_the_source_has_the_last_word(duckdb):
    database = small_database(campaign("a").sent(2).delivered(2))
    for message, machine in zip(database.messages, (False, True), strict=True):
        arrived = message["delivered_at"] - message["sent_at"]
        database.event(message, "clicked", arrived + timedelta(seconds=1.5), machine, url=A)
    warehouse = fill(duckdb, database)
    assert verdicts(warehouse)["verdict"].tolist() == ["human", "machine"]
    assert metrics.machine_clicks(warehouse)["rule"].tolist() == ["flagged"]


def clicks(counts, later, on_minutes=0):
    buckets = [*counts, *[0] * (len(EDGES) - len(counts)), later]
    return pd.DataFrame(
        {"channel": "email", "bucket": range(len(EDGES) + 1), "clicks": buckets, "on_minutes": on_minutes}
    )


def test_an_accounts_own_times_say_how_soon_is_too_soon():
    quick = [0, 300, 300, 200, 300, 200, 3, 3, 3, 20, 60, 150]  # within EDGES
    assert own_times(clicks(quick, 3_000)).limits == (("email", 20_000, 20_000),)
    people = [0, 0, 1, 1, 2, 3, 8, 12, 15, 60, 200, 400]
    assert own_times(clicks(people, 3_000)).limits == (("email", 3_000, 3_000),)
    assert own_times(clicks([0, 10, 10], 50)).limits == ()  # too few to know
    assert own_times(clicks(quick, 3_000, 400)).coarse == {"email"}


def test_patterns_of_ones_own(monkeypatch, tmp_path):
    mine = tmp_path / "mine.csv"
    mine.write_text("pattern,what,reason\n/Weiterempfehlen,aside,ours\n")
    monkeypatch.setenv(VARIABLE, str(mine))
    assert {"/weiterempfehlen", "unsub"} <= set(patterns("aside"))
    mine_too = tmp_path / "wrong.csv"
    mine_too.write_text("pattern,what,reason\n%,aside,all\n")
    monkeypatch.setenv(VARIABLE, str(mine_too))
    with pytest.raises(InvalidParameters, match="line 2"):
        patterns("aside")


@pytest.mark.parametrize(
    "name", few(["gateways of 20 % of addresses, at once, all links", "nobody but people, a code"])
)
def test_few_of_peoples_clicks_are_lost(name):
    seed, scenario = next((at, one) for at, one in enumerate(SCENARIOS) if one.name.startswith(name))
    found = measured(replace(scenario, messages=2_000), seed)
    assert found["lost"] <= 0.5
    assert found["worst"] <= 0.3


def test_clicks_that_are_all_flagged_say_nothing_of_how_fine_times_are():
    """Where one campaign has flagged ones alone, and another a quick one for its only message."""
    made = small_database()
    for name, flag, after in (("a", True, 400.5), ("b", None, 1.5)):
        made.campaign(name)
        made.contact(f"k{name}")
        message = made.message(name, f"k{name}", channel="sms", at=START + timedelta(seconds=0.25))
        made.event(message, "clicked", timedelta(seconds=after), flag, url=A)
    engine = in_memory_engine()
    found = verdicts(fill(engine, made)).set_index("event_id")["verdict"]
    engine.dispose()
    assert found.tolist() == ["machine", "machine"]
    assert found.to_dict() == by_hand(made)
