"""Databases without any effect that look as if there were one: people as a frame, written in bulk.

`python -m tests.metrics.comparison.traps` prints the table of docs/calibration.md with what is said of each.
"""

import sys

import numpy as np
import pandas as pd

from reportlib import metrics
from reportlib.warehouse.contract.tables import metadata
from reportlib.warehouse.warehouse import Warehouse
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


def warehouse(people: pd.DataFrame, experiment="x", at_hours=LATER_HOURS, account="acme", started_h=0.0, **tables):
    """The database of these people, seen so many hours after the start.

    `experiment`, `account`, `started_h` of all campaigns, or by campaign; `sizes` as declared, by campaign; `tables` as
    they are: assignments, campaign_attributes, contact_attributes, measured. A column `keen` tells who clicked on an
    earlier campaign, `opened_by` who opened: a "person" or a "machine".
    """
    sizes = tables.pop("sizes", {})

    def of(value, name):
        return value.get(name) if isinstance(value, dict) else value

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
    if "opened_by" in people:
        opened = written[written["opened_by"].notna()]
        machine = opened["opened_by"] == "machine"
        opens = opened.assign(kind="opened", occurred_at=opened["sent_at"] + HOUR, is_machine=machine)
        events = pd.concat([events.assign(is_machine=False), opens], ignore_index=True)
    events = events[events["occurred_at"] <= BEGIN + at_hours * HOUR]
    last = pd.DataFrame([{"message_id": "last", "campaign_id": "later", "contact_id": "p0", "channel": "email"}])
    last = last.assign(status="sent", sent_at=BEGIN + at_hours * HOUR)
    if "keen" in people:
        before = written[written["keen"]].assign(campaign_id="later", sent_at=BEGIN - 100 * HOUR, status="delivered")
        before["message_id"] = "before-" + before["message_id"]
        events = pd.concat([events, before.assign(kind="clicked", occurred_at=BEGIN - 99 * HOUR)])
        last = pd.concat([last, before])
    ended = {"delivered_at": "delivered", "failed_at": "failed"}
    settled = {name: written["sent_at"].where(written["status"] == status) for name, status in ended.items()}
    contacts = people.drop_duplicates("contact_id")
    known_h = contacts["known_h"] if "known_h" in people else 400 * 24
    contacts = contacts.assign(
        account_id=contacts["campaign_id"].map(account) if isinstance(account, dict) else account,
        created_at=BEGIN - known_h * HOUR,
    )
    rows = {
        "accounts": pd.DataFrame(
            [
                {"account_id": name, "name": name.title(), "timezone": "UTC"}
                for name in dict.fromkeys(["acme", *(of(account, name) for name in names)])
            ]
        ),
        "campaigns": pd.DataFrame(
            [
                {
                    **{"campaign_id": name, "account_id": of(account, name), "name": name, "status": "completed"},
                    **{"experiment_id": of(experiment, name), "variant": name},
                    **{"started_at": BEGIN + of(started_h, name) * HOUR, "template_id": f"t-{name}"},
                    "audience_size": sizes.get(name),
                }
                for name in names
            ]
            + [{"campaign_id": "later", "account_id": "acme", "name": "later", "status": "draft"}]
        ),
        "contacts": contacts[["contact_id", "account_id", "country", "created_at"]],
        "messages": pd.concat([written.assign(**settled), last]),
        "events": events.assign(event_id=[f"e{n}" for n in range(len(events))]),
        **tables,
    }
    with engine.begin() as connection:
        database = connection.connection.driver_connection
        for name, frame in rows.items():
            columns = [column.name for column in metadata.tables[name].columns if column.name in frame]
            database.register("rows", frame[columns])
            database.execute(f"INSERT INTO {name} ({', '.join(columns)}) SELECT {', '.join(columns)} FROM rows")
            database.unregister("rows")
    opened = Warehouse(engine)
    opened.opened_ms = int((BEGIN + (at_hours + 1) * HOUR).timestamp() * 1000)
    return opened


class Told:
    """What is said of the campaigns of a database."""

    def __init__(self, database, split=None, breakdowns=("country",), metric="clicked", **asked):
        known = metrics.campaigns(database)
        ids = sorted(known.loc[known["status"] == "completed", "campaign_id"])
        self.frame = metrics.comparable(database, ids, **asked)
        self.design = metrics.design(database, self.frame, split, breakdowns)
        differences = metrics.differences(self.frame, self.design)
        self.grade = metrics.comparability(differences, self.design).grade
        other = ~differences["same"] & (differences["aspect"] != "template")  # in which all these arms differ
        self.changed = differences.loc[other, "aspect"].tolist()
        self.verdicts = metrics.compare_campaigns(self.frame, self.design, metric)
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


def sent_again(generator, first_h=0.0, again_h=48.0, at_hours=LATER_HOURS):
    """b was refused for 40 % of its people, who were sent it again two days later."""
    people = arms(generator, "a", "b", hours=first_h)
    refused = (people["campaign_id"] == "b") & (generator.random(len(people)) < 0.4)
    again = people[refused].assign(sent_h=again_h)
    first = people.assign(
        status=people["status"].where(~refused, "failed"),
        click_h=people["click_h"].where(~refused),
        unsubscribed=people["unsubscribed"] & ~refused,
    )
    return warehouse(pd.concat([first, again], ignore_index=True), at_hours=at_hours)


def sent_again_lately(generator):
    """The same, seen a day after the second sending."""
    return sent_again(generator, at_hours=72)


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


def fair(people=PEOPLE, lift=1.2) -> pd.DataFrame:
    """Two arms at 5 %, of which the other truly clicks by a fifth more often."""
    generator = np.random.default_rng(5)
    both = [arms(generator, name, people=people, rate=RATE * times) for name, times in (("a", 1), ("b", lift))]
    people = pd.concat(both, ignore_index=True)
    people["contact_id"] = [f"p{n}" for n in range(len(people))]
    return people


def assignments(people):
    """The table of assignments as it was when each of these people had their own campaign."""
    rows = people[["campaign_id", "contact_id"]].drop_duplicates()
    return rows.assign(experiment_id="x", variant=rows["campaign_id"], assigned_at=BEGIN - HOUR)


def assigned_to_both(generator):
    """A tenth of the people were assigned to both arms, and had the message of one."""
    people = arms(generator, "a", "b", people=4_000, rate=0.1)
    twice = assignments(people.head(400)).assign(campaign_id="b", variant="b")
    return warehouse(keener(people, generator), assignments=pd.concat([assignments(people), twice]))


def written_to_the_other(generator):
    """Those of a who would click had the message of b."""
    people = arms(generator, "a", "b", people=4_000, rate=0.1)
    moved = people.index[(people["campaign_id"] == "a") & people["click_h"].notna()][:150]
    sent = people.assign(campaign_id=people["campaign_id"].where(~people.index.isin(moved), "b"))
    return warehouse(sent, assignments=assignments(people))


def filled_with_the_keen(generator):
    """Those who clicked before are nearly all in b."""
    people = arms(generator, "a", "b", people=4_000, rate=0.1)
    keen = generator.random(len(people)) < np.where(people["campaign_id"] == "b", 0.3, 0.1)
    again = keen & people["click_h"].isna() & (generator.random(len(people)) < 0.2)
    return warehouse(people.assign(keen=keen, click_h=people["click_h"].where(~again, 3.0)))


def filled_with_the_new(generator):
    """b has the contacts of the last weeks, who click more."""
    people = arms(generator, "a", "b", people=4_000, rate=0.1)
    known_h = np.where(people["campaign_id"] == "b", generator.uniform(24, 2_000, len(people)), 9_000.0)
    return warehouse(keener(people, generator).assign(known_h=known_h))


def late_by_country(generator):
    """b's people of one country, who hardly click, have their message a day later; counted at an age of 60 hours."""
    people = arms(generator, "a", "b", people=4_000, rate=0.1)
    slow = (people["campaign_id"] == "b") & (people["country"] == "DE")
    idle = (people["country"] == "DE") & (generator.random(len(people)) < 0.9)
    late = people.assign(sent_h=np.where(slow, 24.0, 0.0), click_h=people["click_h"].where(~idle))
    return warehouse(late, at_hours=72)


def two_accounts(generator):
    """Two accounts gave the same id to experiments of their own."""
    people = keener(arms(generator, "a", "b", people=4_000, rate=0.1), generator)
    return warehouse(people, account={"a": "acme", "b": "other"})


def months_apart(generator):
    """One id for the test of every month; b is of the next."""
    people = keener(arms(generator, "a", "b", people=4_000, rate=0.1), generator)
    later = people["campaign_id"] == "b"
    return warehouse(people.assign(sent_h=np.where(later, 700.0, 0.0)), started_h={"a": 0, "b": 700}, at_hours=1_200)


def blank_experiment(generator):
    """The export writes an empty text where there is no experiment."""
    return warehouse(keener(arms(generator, "a", "b", people=4_000, rate=0.1), generator, 0.012), experiment="")


def cancelled_half_way(generator):
    """Nobody of the second half of b, by how keen they are, was given a message; the first are the keenest."""
    people = arms(generator, "a", "b", people=4_000, rate=0.1)
    idle = people.index[(people["campaign_id"] == "b") & people["click_h"].isna()][:1_500]
    return warehouse(people.drop(index=idle), assignments=assignments(people))


def by_channel(generator):
    """Both arms are alike on both channels, but b was sent by WhatsApp where it could."""
    parts = [
        arms(generator, name, people=people, rate=rate).assign(channel=channel)
        for name, channel, people, rate in (
            ("a", "whatsapp", 800, 0.2),
            ("a", "email", 3_200, 0.05),
            ("b", "whatsapp", 3_200, 0.2),
            ("b", "email", 800, 0.05),
        )
    ]
    people = pd.concat(parts, ignore_index=True)
    people["contact_id"] = [f"p{n}" for n in range(len(people))]
    return warehouse(people)


def planned_otherwise(generator):
    """Nine tenths of the people in a, which nobody said was planned; b has lost those who never click."""
    people = arms(generator, "a", "b", people=4_000, rate=0.1)
    idle = people.index[(people["campaign_id"] == "b") & people["click_h"].isna()]
    return warehouse(people.drop(index=generator.permutation(idle)[:2_900]))


def not_tracked(generator):
    """Clicks were not tracked in a."""
    people = arms(generator, "a", "b", people=4_000, rate=0.1)
    told = {"account_id": "acme", "campaign_id": "a", "channel": "email", "what": "clicked", "is_measured": False}
    idle = people["click_h"].where(people["campaign_id"] == "b")
    return warehouse(people.assign(click_h=idle), measured=pd.DataFrame([told]))


def added_since(generator):
    """A difference that is luck; people were added to both arms after its final look."""
    people = arms(generator, "a", "b", people=4_000, rate=0.1)
    lucky = people.index[(people["campaign_id"] == "b") & people["click_h"].isna()][:60]
    people.loc[lucky, "click_h"] = 2.0
    again = np.arange(len(people)) % 4_000 >= 2_000
    return warehouse(people.assign(sent_h=np.where(again, 200.0, 0.0)), at_hours=420)


def filled_by_plan(generator):
    """b has more of those who pay, who click more: an attribute of contacts."""
    people = arms(generator, "a", "b", people=4_000, rate=0.06)
    pays = generator.random(len(people)) < np.where(people["campaign_id"] == "b", 0.4, 0.3)
    keen = pays & people["click_h"].isna() & (generator.random(len(people)) < 0.2)
    people = people.assign(click_h=people["click_h"].where(~keen, 5.0))
    return warehouse(people, contact_attributes=tags(people[pays], plan="pro"))


def tags(people, **values):
    """The attributes of contacts, the same for all of these people."""
    rows = [people[["contact_id"]].assign(attribute=name, value=value) for name, value in values.items()]
    return pd.concat(rows)


def opened_by_machines(generator):
    """Mail clients open a third of b's mails by themselves; people open both alike."""
    people = arms(generator, "a", "b", people=4_000, rate=0.1)
    opened_by = np.where(generator.random(len(people)) < 0.3, "person", None)
    loaded = (people["campaign_id"] == "b") & (generator.random(len(people)) < 0.33) & (opened_by != "person")
    return warehouse(people.assign(opened_by=np.where(loaded, "machine", opened_by)))


def keener(people, generator, more=0.03):
    """The same, of whom so many more of b click: they are of another kind, or another time."""
    again = (people["campaign_id"] == "b") & people["click_h"].isna() & (generator.random(len(people)) < more)
    return people.assign(click_h=people["click_h"].where(~again, 5.0))


ASKED = {late_by_country: {"age_hours": 60}, opened_by_machines: {"metric": "opened"}}
TRAPS = (
    (lost_receipts, "receipts lost for 5 % of those of b who never click, 100,000 an arm"),
    (refused_for_the_idle, "b refused for 40 % of those who never click"),
    (sent_again, "40 % of b refused, and sent again two days later"),
    (sent_again_lately, "the same, seen a day after the second sending"),
    (people_without_a_message, "the same declared size; 4,070 of b without a message"),
    (filled_by_country, "b has more people of the country that clicks more"),
    (people_in_both, "300 people with messages of both"),
    (nothing_sent, "nothing of b handed over"),
    (throttled, "b sent over two days, a at once; seen on the third day"),
    (ordinary_campaigns, "no experiment; rates 15 % apart"),
    (mix_that_reverses, "no experiment; b better in both channels, but mostly on the weaker one"),
    (assigned_to_both, "400 people assigned to both arms"),
    (written_to_the_other, "150 of a had the message of b"),
    (filled_with_the_keen, "b has more of those who clicked before"),
    (filled_with_the_new, "b has the newer contacts"),
    (late_by_country, "b's people of the country that hardly clicks are too young to be counted"),
    (two_accounts, "two accounts gave one id to experiments of their own"),
    (months_apart, "one id for the tests of two months"),
    (blank_experiment, "an experiment id that is an empty text"),
    (cancelled_half_way, "b stopped before 1,500 of its idle people were written to"),
    (by_channel, "both alike on both channels, but b mostly on the better one"),
    (planned_otherwise, "b without 2,900 of those who never click, no split declared"),
    (not_tracked, "clicks not tracked in a"),
    (added_since, "a lucky difference, and people added after its final look"),
    (filled_by_plan, "b has more of those who pay (an attribute of contacts)"),
    (opened_by_machines, "opens compared; machines opened a third of b's"),
    (too_small_to_matter, "a difference of 0.4 points at 20 %, 200,000 an arm"),
    (lambda _: warehouse(fair()), "none: a fair experiment, b truly clicks by a fifth more often"),
)


def table() -> str:
    """The traps and what is said of each, with the guards that spoke and in what the arms differ."""
    lines = ["| trap | word | grade | named | what is said |", "| --- | --- | --- | --- | --- |"]
    for trap, about in TRAPS:
        told = Told(trap(np.random.default_rng(20_261_129)), **ASKED.get(trap, {}))
        why = told.first.reasons[0].text if told.first.word in ("stopped", "not comparable") else str(told.first)
        named = ", ".join(dict.fromkeys([*told.guards, *told.changed])) or "–"
        lines.append(f"| {about} | {told.first.word} | {told.grade} | {named} | {why.replace('|', '')} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
