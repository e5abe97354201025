"""Opt-outs, against plain Python on random events, on each engine; what is usual; who runs a mailbox."""

from collections import Counter, defaultdict
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from reportlib import metrics
from reportlib.metrics.opt_outs.rates import mailbox_provider
from tests import examples
from tests.oracle import engagement_of_messages
from tests.small_database import START, SmallDatabase, campaign, fill, small_database

QUICK = settings(max_examples=examples(4), deadline=None, suppress_health_check=list(HealthCheck))
REASONS = {
    None: "(no reason told)",
    "stop ": "STOP",
    "STOP": "STOP",
    "Too many mails.": "Too many mails.",
    "": "(no reason told)",
}
MINUTE = timedelta(minutes=1)


@st.composite
def left(draw) -> SmallDatabase:
    """Two campaigns, three people; everything at a minute of its own, so that there is one last click."""
    database = small_database()
    for name in ("a", "b"):
        database.campaign(name)
    minutes = iter(range(1, 99))
    for number in range(draw(st.integers(1, 6))):
        database.contact(person := f"c{number % 3}")
        channel = draw(st.sampled_from(["email", "sms"]))
        message = database.message(draw(st.sampled_from("ab")), person, channel=channel, at=START)
        for _ in range(draw(st.integers(0, 4))):
            kind = draw(st.sampled_from(["clicked", "unsubscribed", "complained"]))
            told = {"url": f"https://x.example/{draw(st.sampled_from('pq'))}?id=1"} if kind == "clicked" else {}
            told |= {"label": "Buy"} if kind == "clicked" and draw(st.booleans()) else {}
            told |= {"reason": draw(st.sampled_from([*REASONS]))} if kind != "clicked" else {}
            database.event(message, kind, next(minutes) * MINUTE, machine=False, **told)
    return database


def expected(database):
    """(campaign, channel, kind, reason, link) → people."""
    messages = {row["message_id"]: row for row in database.messages}
    did, found = defaultdict(list), Counter()
    for message_id, events in engagement_of_messages(database).items():
        row = messages[message_id]
        did[row["campaign_id"], row["channel"], row["contact_id"]] += events
    for (campaign_id, channel, _), events in did.items():
        for kind in ("unsubscribed", "complained"):
            leaving = [event for event in events if event["kind"] == kind]
            if not leaving:
                continue
            first = min(leaving, key=lambda event: event["occurred_at"])
            before = [
                event for event in events if event["kind"] == "clicked" and event["occurred_at"] <= first["occurred_at"]
            ]
            last = max(before, key=lambda event: event["occurred_at"], default=None)
            link = "(no click before)" if last is None else last.get("label") or last["url"][8:19]
            found[campaign_id, channel, kind, REASONS[first["reason"]], link] += 1
    return found


@QUICK
@given(left())
def test_opt_outs_are_those_of_plain_python(duckdb, database):
    check(duckdb, database)


@settings(QUICK, max_examples=examples(2))
@given(left())
@pytest.mark.parametrize("name", ["postgresql", "sqlite"])
def test_opt_outs_on_other_engines(request, name, database):
    check(request.getfixturevalue(name), database)


def check(engine, database):
    warehouse = fill(engine, database)
    frame = metrics.opt_outs(warehouse)
    found = {
        (row.campaign_id, row.channel, row.kind, row.reason, row.link): row.people
        for row in frame.itertuples(index=False)
    }
    assert found == expected(database)
    whole = metrics.engagement(warehouse, by=("campaign_id", "channel")).set_index(["campaign_id", "channel"])
    for (campaign_id, channel, kind), people in (
        frame.groupby(["campaign_id", "channel", "kind"])["people"].sum().items()
    ):
        assert whole.loc[(campaign_id, channel), kind] == people


def test_what_is_usual_stands_on_the_accounts_earlier_campaigns(duckdb):
    earlier = [
        campaign(f"e{number}", start=START - timedelta(days=10 - number)).sent(200).delivered(200)
        for number in range(4)
    ]
    database = small_database(*earlier, campaign("now").sent(100).delivered(100))
    for number in range(4):
        for message in [row for row in database.messages if row["campaign_id"] == f"e{number}"][: 2 * number]:
            database.event(message, "unsubscribed")
    for message in [row for row in database.messages if row["campaign_id"] == "now"][:5]:
        database.event(message, "unsubscribed")
    frame = metrics.opt_out_rates(fill(duckdb, database), "now")
    (row,) = frame.itertuples(index=False)  # nobody ever complained: not measured
    assert (row.kind, row.people, row.base, row.per_1000, row.campaigns) == ("unsubscribed", 5, 100, 50.0, 4)
    assert row.usual == pytest.approx(15.0)  # of 0, 10, 20 and 30
    assert row.usual_most == pytest.approx(27.0)


@pytest.mark.parametrize(
    ("domain", "provider"),
    [
        ("gmail.com", "Google"),
        ("GoogleMail.com.", "Google"),
        ("hotmail.co.uk", "Microsoft"),
        ("yahoo.com.br", "Yahoo"),
        ("icloud.com", "Apple"),
        ("web.de", "United Internet"),
        ("gmail.com.evil.example", "others"),
        ("(unknown)", "(unknown)"),
        ("*", "others"),
    ],
)
def test_mailboxes_are_known_by_their_domain(domain, provider):
    assert mailbox_provider(domain) == provider


def test_complaints_are_counted_by_who_runs_the_mailbox(duckdb):
    database = small_database()
    database.campaign("a")
    for number, domain in enumerate(["gmail.com", "googlemail.com", "outlook.com", None]):
        database.contact(f"c{number}", email_domain=domain)
        message = database.message("a", f"c{number}")
        if number < 2:
            database.event(message, "complained")
    frame = metrics.complaints_by_mailbox(fill(duckdb, database), "a").set_index("provider")
    assert frame["complained"].to_dict() == {"Google": 2, "Microsoft": 0, "(unknown)": 0}
    assert frame["base"].to_dict() == {"Google": 2, "Microsoft": 1, "(unknown)": 1}
    assert frame["unsubscribed"].isna().all()
