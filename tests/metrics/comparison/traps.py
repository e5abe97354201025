"""Databases without any effect that look as if there were one: people as a frame, written in bulk.

`python -m tests.metrics.comparison.traps` prints the table of docs/calibration.md with what is said of each.
"""

import sys

import numpy as np
import pandas as pd

from reportlib import metrics
from reportlib.warehouse.connection import Warehouse
from reportlib.warehouse.contract.tables import metadata
from tests.small_database import START, in_memory_engine

HOUR = pd.Timedelta(hours=1)
RATE, PEOPLE, LATER_HOURS = 0.05, 20_000, 400
BEGIN = pd.Timestamp(START).tz_localize(None)


def arms(generator, *names, people=PEOPLE, rate=RATE, hours=0.0) -> pd.DataFrame:
    """People of campaigns of these names, all delivered at once by e-mail; with `rate` they click within four days."""
    count = len(names) * people
    clicks = generator.random(count) < rate
    return pd.DataFrame(
        {
            "campaign_id": np.repeat(names, people),
            "contact_id": [f"p{number}" for number in range(count)],
            "channel": "email",
            "status": "delivered",
            "country": generator.choice(["BR", "DE", "US"], count, p=[0.5, 0.3, 0.2]),
            "sent_h": float(hours),
            "click_h": np.where(clicks, generator.exponential(10, count).clip(max=96), np.nan),
            "unsubscribed": generator.random(count) < 0.002,
        }
    )


def warehouse(people: pd.DataFrame, experiment="x", assigned=None, attributes=None, sizes=None, at_hours=LATER_HOURS):
    """The database of these people, seen so many hours after the start; `assigned` as the table of assignments."""
    engine = in_memory_engine()
    metadata.create_all(engine)
    names = list(dict.fromkeys(people["campaign_id"]))
    sent = BEGIN + people["sent_h"] * HOUR
    written = people.assign(message_id=[f"m{n}" for n in range(len(people))], sent_at=sent)
    clicked, left = written[written["click_h"].notna()], written[written["unsubscribed"]]
    events = pd.concat(
        [
            clicked.assign(kind="clicked", occurred_at=clicked["sent_at"] + clicked["click_h"] * HOUR),
            left.assign(kind="unsubscribed", occurred_at=left["sent_at"] + HOUR),
        ]
    )
    events = events[events["occurred_at"] <= BEGIN + at_hours * HOUR]
    last = pd.DataFrame([{"message_id": "last", "campaign_id": "later", "contact_id": "p0", "channel": "email"}])
    last = last.assign(status="sent", sent_at=BEGIN + at_hours * HOUR)
    ended = {"delivered_at": "delivered", "failed_at": "failed"}
    settled = {name: written["sent_at"].where(written["status"] == status) for name, status in ended.items()}
    contacts = people.drop_duplicates("contact_id").assign(account_id="acme", created_at=BEGIN - 400 * 24 * HOUR)
    tables = {
        "accounts": pd.DataFrame([{"account_id": "acme", "name": "Acme", "timezone": "UTC"}]),
        "campaigns": pd.DataFrame(
            [
                {
                    **{"campaign_id": name, "account_id": "acme", "name": name, "status": "completed"},
                    **{"experiment_id": experiment, "variant": name, "started_at": BEGIN},
                    **{"template_id": f"t-{name}", "audience_size": (sizes or {}).get(name)},
                }
                for name in names
            ]
            + [{"campaign_id": "later", "account_id": "acme", "name": "later", "status": "draft"}]
        ),
        "contacts": contacts[["contact_id", "account_id", "country", "created_at"]],
        "messages": pd.concat([written.assign(**settled), last]),
        "events": events.assign(event_id=[f"e{n}" for n in range(len(events))]),
        "assignments": assigned,
        "campaign_attributes": attributes,
    }
    with engine.begin() as connection:
        database = connection.connection.driver_connection
        for name, frame in tables.items():
            if frame is not None:
                columns = [column.name for column in metadata.tables[name].columns if column.name in frame]
                database.register("rows", frame[columns])
                database.execute(f"INSERT INTO {name} ({', '.join(columns)}) SELECT {', '.join(columns)} FROM rows")
                database.unregister("rows")
    opened = Warehouse(engine)
    opened.opened_ms = int((BEGIN + (at_hours + 1) * HOUR).timestamp() * 1000)
    return opened


class Told:
    """What is said of the campaigns of a database."""

    def __init__(self, database, split=None, breakdowns=("country",), **asked):
        known = metrics.campaigns(database)
        ids = sorted(known.loc[known["status"] == "completed", "campaign_id"])
        self.frame = metrics.comparable(database, ids, **asked)
        self.design = metrics.design(database, self.frame, split, breakdowns)
        changed = metrics.differences(self.frame, self.design)
        self.grade = metrics.comparability(changed, self.design).grade
        self.verdicts = metrics.compare_campaigns(self.frame, self.design)
        self.first = self.verdicts[0]

    @property
    def guards(self):
        return [reason.guard for reason in self.first.reasons]


def lost_receipts(generator):
    """5 % of those of one arm who never click: their receipts are lost."""
    people = arms(generator, "a", "b", people=100_000)
    lost = (people["campaign_id"] == "b") & people["click_h"].isna() & (generator.random(len(people)) < 0.05)
    return warehouse(people.assign(status=people["status"].where(~lost, "sent")))


def refused_for_the_idle(generator):
    """One template is refused for 40 % of those who never click."""
    people = arms(generator, "a", "b")
    refused = (people["campaign_id"] == "b") & people["click_h"].isna() & (generator.random(len(people)) < 0.4)
    return warehouse(people.assign(status=people["status"].where(~refused, "failed")))


def people_without_a_message(generator):
    """The same size is declared for both arms; 4,070 people of one, who would not click, never got a message."""
    people = arms(generator, "a", "b")
    idle = people[(people["campaign_id"] == "b") & people["click_h"].isna()].index[:4_070]
    return warehouse(people.drop(index=idle), sizes={"a": PEOPLE, "b": PEOPLE})


def filled_by_country(generator):
    """One arm has more people of a country that clicks more."""
    people = arms(generator, "a", "b")
    moved = (people["campaign_id"] == "b") & (people["country"] == "DE") & (generator.random(len(people)) < 0.3)
    country = people["country"].where(~moved, "BR")
    keen = (country == "BR") & (generator.random(len(people)) < 0.03) & people["click_h"].isna()
    return warehouse(people.assign(country=country, click_h=people["click_h"].where(~keen, 5.0)))


def people_in_both(generator):
    """300 people have messages of both arms."""
    people = arms(generator, "a", "b")
    twice = people.index[people["campaign_id"] == "b"][:300]
    people.loc[twice, "contact_id"] = people["contact_id"][:300].to_numpy()
    return warehouse(people)


def nothing_sent(generator):
    people = arms(generator, "a", "b")
    queued = people["campaign_id"] == "b"
    return warehouse(people.assign(status=people["status"].where(~queued, "queued")))


def throttled(generator):
    """One arm took two days to send; looked at three days after the start."""
    people = arms(generator, "a", "b")
    slow = people["campaign_id"] == "b"
    return warehouse(people.assign(sent_h=np.where(slow, generator.uniform(0, 48, len(people)), 0.0)), at_hours=72)


def ordinary_campaigns(generator):
    """Two campaigns of other templates, not randomised, whose rates lie 15 % apart as campaigns' rates do."""
    both = arms(generator, "a", rate=RATE), arms(generator, "b", rate=1.15 * RATE)
    people = pd.concat(both, ignore_index=True)
    people["contact_id"] = [f"p{n}" for n in range(len(people))]
    return warehouse(people, experiment=None)


def mix_that_reverses(generator):
    """b is a little better in both channels, but is mostly sent on the one that clicks less."""
    parts = []
    for name, channel, people, rate in (
        ("a", "whatsapp", 16_000, 0.10),
        ("a", "email", 4_000, 0.02),
        ("b", "whatsapp", 4_000, 0.11),
        ("b", "email", 16_000, 0.022),
    ):
        parts.append(arms(generator, name, people=people, rate=rate).assign(channel=channel))
    people = pd.concat(parts, ignore_index=True)
    people["contact_id"] = [f"p{n}" for n in range(len(people))]
    return warehouse(people, experiment=None)


def too_small_to_matter(generator):
    """A true difference of 0.4 points at 20 %, 200,000 an arm."""
    both = [arms(generator, name, people=200_000, rate=rate) for name, rate in (("a", 0.2), ("b", 0.204))]
    people = pd.concat(both, ignore_index=True)
    people["contact_id"] = [f"p{n}" for n in range(len(people))]
    return warehouse(people)


TRAPS = (
    (lost_receipts, "receipts lost for 5 % of those of b who never click, 100,000 an arm"),
    (refused_for_the_idle, "b refused for 40 % of those who never click"),
    (people_without_a_message, "the same declared size; 4,070 of b without a message"),
    (filled_by_country, "b has more people of the country that clicks more"),
    (people_in_both, "300 people with messages of both"),
    (nothing_sent, "nothing of b handed over"),
    (throttled, "b sent over two days, a at once; seen on the third day"),
    (ordinary_campaigns, "no experiment; rates 15 % apart"),
    (mix_that_reverses, "no experiment; b better in both channels, but mostly on the weaker one"),
    (too_small_to_matter, "a difference of 0.4 points at 20 %, 200,000 an arm"),
)


def table() -> str:
    """The traps and what is said of each."""
    lines = ["| trap | word | grade | what is said |", "| --- | --- | --- | --- |"]
    for trap, about in TRAPS:
        told = Told(trap(np.random.default_rng(20_261_129)))
        why = told.first.reasons[0].text if told.first.word in ("stopped", "not comparable") else str(told.first)
        lines.append(f"| {about} | {told.first.word} | {told.grade} | {why.replace('|', '')} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
