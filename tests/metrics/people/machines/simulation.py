"""How often the verdicts on clicks are right: `make calibration` writes the tables of docs/machine_clicks.md.

Campaigns in which it is known who clicked, and nothing is flagged: people with times of several shapes, some of whom
click twice at once; gateways of domains that click one link or all, at once or after minutes; previews by phones.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy import select

from reportlib import metrics
from reportlib.metrics.people.machines.evidence import judge_of
from reportlib.metrics.people.machines.judge import word_of
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import events as event_table, messages as message_table, metadata
from tests import measured_tables
from tests.small_database import in_memory_engine

CAMPAIGNS, START = 4, pd.Timestamp("2026-09-01T09:00")
DIGITS = ((2, "%"), (1, "%"), (1, "%"), *[(2, "%")] * 4, (2, "points"))  # of the columns of the table
CONTENT, UNSUBSCRIBE = 5, 9  # links of a message, and the number of that to unsubscribe


@dataclass(frozen=True)
class Scenario:
    """Messages of each campaign; the share of addresses behind gateways, or of phones that preview; how they click."""

    name: str
    channel: str = "email"
    messages: int = 10_000
    share: float = 0.0
    after: tuple[float, float] = (1, 20)  # seconds after arrival
    links: int = CONTENT + 1  # that it clicks; the one after CONTENT is that to unsubscribe
    over: float = 2.0  # seconds that it takes for them
    clicking: float = 0.035
    people: str = "minutes"
    at_once: float = 0.15  # of those who click: click the same link twice within a second


GATEWAYS = (
    ("at once, all links", {}),
    ("at once, one link", {"links": 1}),
    ("after 1 to 12 minutes, all links", {"after": (60, 720), "over": 40.0}),
    ("after 1 to 12 minutes, one link", {"after": (60, 720), "links": 1}),
)
SCENARIOS = (
    Scenario("nobody but people, their times as in the demo", people="demo"),
    Scenario("nobody but people, quick ones", people="minutes"),
    Scenario("nobody but people, slow ones", people="hours"),
    Scenario("nobody but people, half of whom click twice at once", at_once=0.5),
    Scenario("nobody but people, a code that all enter at once", people="code", clicking=0.9, messages=3_000),
    *(
        Scenario(f"gateways of {share:.0%} of addresses, {name}".replace("%", " %"), share=share, **how)
        for share in (0.03, 0.20, 0.40)
        for name, how in GATEWAYS
    ),
    Scenario("a small account, gateways of 20 % of addresses, at once, all links", messages=150, share=0.2),
    Scenario("a small account, gateways of 20 % of addresses, at once, one link", messages=150, share=0.2, links=1),
    Scenario("SMS, no previews", "sms"),
    Scenario("SMS, 30 % of phones fetch a preview", "sms", share=0.3, after=(0.5, 3), links=1),
    Scenario("WhatsApp, 30 % of messages are fetched on the way", "whatsapp", share=0.3, after=(-2, 1), links=1),
)


def main():
    rows = [measured(one, seed) for seed, one in enumerate(SCENARIOS)]
    measured_tables.put("machine_clicks.md", f"\n{_table(pd.DataFrame(rows))}\n")


def measured(scenario: Scenario, seed: int) -> dict:
    """What became of the clicks of a scenario, each known to be a person's or not."""
    engine = in_memory_engine()
    messages, events = drawn(scenario, np.random.default_rng(seed))
    warehouse = stored(engine, messages, events)
    found = verdicts(warehouse).merge(events[["event_id", "by_person", "message_id"]], on="event_id")
    people = found[found["by_person"]]
    shown = metrics.breakdown(warehouse, by="campaign_id").set_index("campaign_id")
    content = events["by_person"] & ~events["url"].str.contains("unsub")
    truth = events[content].merge(messages, on="message_id").groupby("campaign_id")["contact_id"].nunique()
    base = shown["engagement_base"]
    rates = {
        name: 100 * shown[name] / base
        for name in ("clicked_in_base", "clicked_at_most_in_base", "clicked_by_any_in_base")
    }
    true = 100 * truth.reindex(shown.index, fill_value=0) / base
    engine.dispose()
    return {
        "scenario": scenario.name,
        "human clicks": len(people),
        "lost": 100 * (people["verdict"] == "machine").mean(),
        "unsure": 100 * (people["verdict"] == "unsure").mean(),
        "machines' left": 100 * (found.loc[~found["by_person"], "verdict"] == "human").mean(),
        "true": true.mean(),
        "shown": rates["clicked_in_base"].mean(),
        "at most": rates["clicked_at_most_in_base"].mean(),
        "not told apart": rates["clicked_by_any_in_base"].mean(),
        "worst": (rates["clicked_in_base"] - true).abs().max(),
    }


def verdicts(warehouse) -> pd.DataFrame:
    """event_id, verdict of every click, by the SQL that reports ask."""
    judge = judge_of(warehouse, metrics.campaigns(warehouse)["campaign_id"].tolist())
    scans, e, m = judge.scans(), event_table, message_table
    source = e.join(m, m.c.message_id == e.c.message_id)
    source = source if scans is None else source.outerjoin(scans, scans.c.message_id == m.c.message_id)
    word = word_of(judge.verdicts(scans), e.c.kind).label("verdict")
    return warehouse.sql(select(e.c.event_id, word).select_from(source).where(e.c.kind == "clicked"))


def drawn(scenario: Scenario, rng) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The messages of all campaigns, and the clicks on them; by_person says whose they are."""
    number = scenario.messages
    domain = _domains(rng, number, scenario.share)
    parts, clicks = [], []
    for campaign in range(CAMPAIGNS):
        sent = START + pd.Timedelta(weeks=campaign) + pd.to_timedelta(rng.uniform(0, 7200, number), "s")
        arrived = sent + pd.to_timedelta(1 + rng.exponential(3, number), "s")
        rows = pd.DataFrame(
            {"message_id": [f"m{campaign}-{at}" for at in range(number)], "campaign_id": f"c{campaign}"}
        )
        rows = rows.assign(contact_id=[f"k{at}" for at in range(number)], domain=domain, sent=sent, arrived=arrived)
        parts.append(rows)
        clicks += [_people(scenario, rng, rows), _machines(scenario, rng, rows)]
    messages = pd.concat(parts, ignore_index=True).assign(channel=scenario.channel)
    events = pd.concat(clicks, ignore_index=True)
    return messages, events.assign(event_id=[f"e{at}" for at in range(len(events))])


def _domains(rng, number, share):
    """Each address's domain: public ones, or companies of 1 to some dozens; those behind gateways end in .gate."""
    public = rng.choice(["gmail.com", "outlook.com", "gmx.de"], number)
    sizes = rng.geometric(0.08, number)
    company = np.repeat(np.arange(number), sizes)[:number]
    gate = rng.random(number)[company] < share
    named = np.char.add(np.char.add("firm", company.astype(str)), np.where(gate, ".gate", ".example"))
    return np.where(gate | (rng.random(number) < 0.2), named, public)


def _delays(scenario, rng, number):
    """Seconds after arrival at which people click, and never sooner than after three."""
    if scenario.people == "demo":  # Lomax to open, Lomax to click
        opened, clicked = (scale * 60 * ((1 - rng.random(number)) ** (-1 / 0.8) - 1) for scale in (40, 8))
        return 3 + np.minimum(opened + clicked, 2e6)
    median, spread = {"minutes": (900, 1.6), "hours": (7200, 1.9), "code": (25, 0.7)}[scenario.people]
    return 3 + median * np.exp(spread * rng.standard_normal(number))


def _people(scenario, rng, rows):
    who = rows[rng.random(len(rows)) < scenario.clicking]
    first = _delays(scenario, rng, len(who))
    link = rng.integers(0, CONTENT, len(who))
    again, other, tabs = rng.random((3, len(who)))
    clicks = [
        (who, first, link),
        _some(who, again < scenario.at_once, first + rng.uniform(0.1, 1.0, len(who)), link),
        _some(who, other < 0.2, first + 5 + rng.exponential(90, len(who)), (link + 1) % CONTENT),
        _some(who, tabs < 0.02, first + rng.uniform(0.5, 2.0, len(who)), (link + 2) % CONTENT),
    ]
    leavers = rows[rng.random(len(rows)) < 0.003]
    clicks.append((leavers, _delays(scenario, rng, len(leavers)), np.full(len(leavers), UNSUBSCRIBE)))
    return pd.concat([_clicks(*one, by_person=True) for one in clicks])


def _machines(scenario, rng, rows):
    behind = (
        rows["domain"].str.endswith(".gate") if scenario.channel == "email" else rng.random(len(rows)) < scenario.share
    )
    who = rows[behind & (rng.random(len(rows)) < 0.97)]
    first = rng.uniform(*scenario.after, len(who))
    numbers = [*range(min(scenario.links, CONTENT)), *([UNSUBSCRIBE] if scenario.links > CONTENT else [])]
    later = np.sort(rng.uniform(0, scenario.over, (len(who), len(numbers))), axis=1)
    later -= later[:, :1]
    parts = [_clicks(who, first + later[:, at], np.full(len(who), number), False) for at, number in enumerate(numbers)]
    return pd.concat(parts)


def _some(who, chosen, after, link):
    return who[chosen], after[chosen], link[chosen]


def _clicks(who, after, link, by_person):
    at = who["arrived"] + pd.to_timedelta(np.asarray(after, float), "s")
    url = np.where(
        link == UNSUBSCRIBE,
        "https://mail.example/unsubscribe?m=1",
        "https://shop.example/" + link.astype(str).astype(object),
    )
    return pd.DataFrame(
        {"message_id": who["message_id"], "clicked": at.dt.floor("s"), "url": url, "by_person": by_person}
    )


def stored(engine, messages, events) -> Warehouse:
    """The scenario as a database of one account."""
    metadata.create_all(engine)
    campaign_of = messages.set_index("message_id")["campaign_id"]
    with engine.begin() as connection:
        database = connection.connection.driver_connection
        frames = {"m": messages, "e": events.assign(campaign_id=events["message_id"].map(campaign_of))}
        for name, frame in frames.items():
            database.register(name, frame)
        for statement in (
            "INSERT INTO accounts VALUES ('a', 'A', 'UTC')",
            "INSERT INTO campaigns (campaign_id, account_id, name, status, started_at) "
            "SELECT campaign_id, 'a', campaign_id, 'completed', min(sent) FROM m GROUP BY campaign_id",
            "INSERT INTO contacts (contact_id, account_id, email_domain) "
            "SELECT DISTINCT contact_id, 'a', domain FROM m",
            "INSERT INTO messages (message_id, campaign_id, contact_id, channel, provider, status, queued_at, sent_at, "
            "delivered_at) SELECT message_id, campaign_id, contact_id, channel, 'p', 'delivered', sent, sent, "
            "date_trunc('second', arrived) FROM m",
            "INSERT INTO events (event_id, message_id, campaign_id, kind, occurred_at, url) "
            "SELECT event_id, message_id, campaign_id, 'clicked', clicked, url FROM e",
        ):
            database.execute(statement)
    return Warehouse(engine)


def _table(found):
    heads = [
        *("clicks by", "human clicks", "lost", "unsure", "machines' counted as people's"),
        *("true rate", "shown", "at most", "not told apart", "furthest from the truth"),
    ]
    kinds = [f"{{:.{digits}f}} {unit}" for digits, unit in DIGITS]
    rows = [
        [name, f"{clicks:,}"]
        + ["–" if pd.isna(value) else kind.format(value) for kind, value in zip(kinds, values, strict=True)]
        for name, clicks, *values in found.itertuples(index=False)
    ]
    return measured_tables.table(heads, rows)


if __name__ == "__main__":
    main()
