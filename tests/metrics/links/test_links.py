"""Links and buttons: against plain Python on random clicks, and what a hostile address is shown as."""

from collections import defaultdict
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from reportlib import metrics
from reportlib.metrics.links.pages import HIDDEN, LONGEST, NO_PAGE, link, telling_parameters
from tests import examples
from tests.oracle import engagement_of_messages
from tests.small_database import MINUTE, SmallDatabase, fill, small_database

QUICK = settings(max_examples=examples(4), deadline=None, suppress_health_check=list(HealthCheck))
URLS = (
    *("https://shop.example/sale", "https://shop.example/sale?id=1", "https://shop.example/sale?id=2&utm_source=x"),
    *(
        "https://shop.example/sale?utm_source=y&id=1#top",
        "http://SHOP.example/sale/#a?id=9",
        "//shop.example/ü?id=&b=1",
    ),
    *("https://ann:secret@shop.example/a@b.example?id=1", "javascript:alert(1)//?id=1", "", "mailto:a@b.example", None),
)
SHOWN = (
    *("shop.example/sale", "shop.example/sale?id=1", "shop.example/sale?id=2", "shop.example/sale?id=1"),
    *("shop.example/sale", "shop.example/ü", f"shop.example/{HIDDEN}?id=1", NO_PAGE, NO_PAGE, NO_PAGE, None),
)


@st.composite
def clicked(draw) -> SmallDatabase:
    """Two campaigns, four people, clicks of machines among them, each soon or late, some labelled."""
    database = small_database()
    for name in ("a", "b"):
        database.campaign(name)
    for number in range(draw(st.integers(1, 8))):
        database.contact(person := f"c{number % 4}")
        status = draw(st.sampled_from(["delivered", "delivered", "sent", "failed"]))
        channel = draw(st.sampled_from(["email", "whatsapp"]))
        message = database.message(draw(st.sampled_from("ab")), person, status, channel=channel)
        for _ in range(draw(st.integers(0, 4))):
            after = draw(st.sampled_from([timedelta(hours=-1), MINUTE, 60 * MINUTE, 61 * MINUTE, 62 * MINUTE]))
            told = {"url": draw(st.sampled_from(URLS)), "label": draw(st.sampled_from([None, None, "Buy", "<b>"]))}
            database.event(message, "clicked", after, draw(st.sampled_from([False, False, True])), **told)
    return database


def expected(database):
    """(campaign, channel, kind, link) → people, those in the base, those within the first hour."""
    shown = dict(zip(URLS, SHOWN, strict=True))
    people, soon, messages = defaultdict(set), defaultdict(set), {row["message_id"]: row for row in database.messages}
    told = {  # whose deliveries anything tells of; else the base is those not failed
        channel: any(row["channel"] == channel and row["status"] == "delivered" for row in database.messages)
        or not any(row["channel"] == channel and row["status"] == "sent" for row in database.messages)
        for channel in ("email", "whatsapp")
    }
    base = {
        (row["campaign_id"], row["channel"], row["contact_id"])
        for row in database.messages
        if row["status"] == "delivered" or (row["status"] == "sent" and not told[row["channel"]])
    }
    for message_id, events in engagement_of_messages(database).items():
        message = messages[message_id]
        arrived = message.get("delivered_at") or message["sent_at"]
        for event in events:
            what = ("button", event["label"]) if event["label"] else ("link", shown[event["url"]])
            if event["is_machine"] or what[1] is None:
                continue
            key = (message["campaign_id"], message["channel"], *what)
            person = (message["campaign_id"], message["channel"], message["contact_id"])
            people[key].add(person)
            if event["occurred_at"] - arrived <= timedelta(hours=1):
                soon[key].add(person)
    return {key: (len(found), len(found & base), len(soon[key])) for key, found in people.items()}


@QUICK
@given(clicked())
def test_people_by_link_are_those_of_plain_python(duckdb, database):
    check(duckdb, database)


@settings(QUICK, max_examples=examples(2))
@given(clicked())
@pytest.mark.parametrize("name", ["postgresql", "sqlite"])
def test_people_by_link_on_other_engines(request, name, database):
    check(request.getfixturevalue(name), database)


def check(engine, database):
    warehouse = fill(engine, database)
    frame = metrics.links(warehouse, parameters=["id"])
    found = {
        (row.campaign_id, row.channel, row.kind, row.link): (row.people, row.in_base, row.first_hour)
        for row in frame.itertuples()
    }
    assert set(found) == set(expected(database))
    for key, (people, in_base, soon) in expected(database).items():
        if key[3] in (NO_PAGE, "shop.example/sale"):  # spellings that differ: the people of each are added up
            assert found[key] >= (people, in_base, 0)
            assert found[key][2] >= soon
        else:
            assert found[key] == (people, in_base, soon)
    whole = metrics.engagement(warehouse, by=("campaign_id", "channel")).set_index(["campaign_id", "channel"])
    for row in frame.itertuples():
        told = whole.loc[(row.campaign_id, row.channel)]
        assert (row.clickers, row.engagement_base) == (told["clicked"], told["engagement_base"])


def test_parameters_that_tell_pages_apart_are_few_and_clicked_often():
    page = "https://shop.example/p"
    asked = [
        (page, f"id={n % 3}&utm_id={n % 2}&person={n}&mail=a%40b.example&t=a1b2c3d4e5f6a7b8c9", 1) for n in range(30)
    ]
    assert telling_parameters(asked) == ("id",)
    assert telling_parameters([(page, "id=1", 2)]) == ()
    assert telling_parameters([(page, "id", 9), (page, "a&&=&b=c=d", 9), (page, None, 9)]) == ()


def test_the_query_is_kept_where_it_tells_pages_apart_or_somebody_says_so(duckdb, monkeypatch):
    database = small_database()
    database.campaign("a")
    for number in range(12):
        database.contact(f"c{number}")
        message = database.message("a", f"c{number}")
        url = f"https://shop.example/p?id={number % 2}&utm_source=x&who={number}"
        database.event(message, "clicked", machine=False, url=url)
    warehouse = fill(duckdb, database)
    shown = {"shop.example/p?id=0": 6, "shop.example/p?id=1": 6}
    assert metrics.links(warehouse).set_index("link")["people"].to_dict() == shown
    assert metrics.links(warehouse, parameters=[]).set_index("link")["people"].to_dict() == {"shop.example/p": 12}
    monkeypatch.setenv("REPORTLIB_LINK_PARAMETERS", "id, none")
    assert metrics.links(fill(duckdb, database)).set_index("link")["people"].to_dict() == shown


HOSTILE = (
    *(
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        " \x00javascript://x/%0aalert(1)",
    ),
    *(
        "https://ann:hunter2@evil.example/",
        "https://evil.example\\@good.example/a",
        "https://\u202egpj.exe.example/\u2066a",
    ),
    *(
        "https://x.example/reset/eyJhbGciOiJIUzI1NiJ9abc123def456",
        "https://x.example/u/ann%40mail.example",
        "https://[::1]/a",
    ),
    *(
        "https://x.example/<img src=x onerror=alert(1)>",
        "https://x.example/" + "a" * 10_000,
        "http://",
        "//",
        "=cmd|' /C calc'!A0",
    ),
)


@pytest.mark.parametrize("address", HOSTILE)
def test_a_hostile_address_shows_neither_secret_nor_order(address):
    shown = link(address, {"id": "1", "token": "s3cr3ts3cr3ts3cr3t", "mail": "a@b.example"})
    assert len(shown) <= LONGEST
    assert not set(shown) & set("\u202e\u2066\x00\n\\")
    for secret in ("hunter2", "eyJ", "ann%40", "s3cr3t", "a@b", "passwd", "javascript", "data:", "cmd"):
        assert secret not in shown


@QUICK
@given(st.text(max_size=60), st.dictionaries(st.sampled_from(["id", "q"]), st.none() | st.text(max_size=40)))
def test_any_address_is_shown_as_a_host_and_a_path_or_not_at_all(text, values):
    for address in (text, f"https://{text}", f"https://shop.example/{text}"):
        shown = link(address, values)
        assert shown == NO_PAGE or urlsplit(f"//{shown}").hostname
        assert len(shown) <= LONGEST
        assert shown.isprintable() or "\u00a0" in shown or " " in shown
        assert "@" not in shown
        for name, value in parse_qsl(urlsplit(f"//{shown}").query):
            assert name in values and "@" not in value
