"""People whom each platform's tables are filled with, and what reports must say of them, counted person by person.

Four campaigns in two weeks: one of the week before, a newsletter, and the two variants of an experiment. Nobody's
figures are computed from a platform's tables.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

PEOPLE = 160
WEEK = "2026-W46"
MONDAY = datetime(2026, 11, 9, tzinfo=UTC)
URLS = ("https://shop.example/a", "https://shop.example/b?x=1&y=%C3%A9")
ZONE = "Europe/Berlin"


@dataclass
class Person:
    """One who is written to; `zone` may be none."""

    number: int
    email: str
    language: str
    country: str
    zone: str
    lists: tuple[int, ...]
    joined: datetime
    deleted: bool = False

    @property
    def domain(self):
        """What stands behind the @."""
        return self.email.split("@")[1]


@dataclass
class Mail:
    """A message to a person: what became of it, and what was done with it. `bounced` is "hard" or "soft"."""

    number: int
    person: Person
    sent_at: datetime
    bounced: str = ""
    bounced_at: datetime | None = None
    opened: list[tuple[datetime, bool]] = field(default_factory=list)
    clicked: list[tuple[datetime, str]] = field(default_factory=list)
    replied_at: datetime | None = None
    unsubscribed_at: datetime | None = None
    complained_at: datetime | None = None


@dataclass
class Campaign:
    """A campaign: which list it went to, and its mails."""

    number: int
    name: str
    list: int
    started_at: datetime
    variant: str = ""
    mails: list[Mail] = field(default_factory=list)

    @property
    def finished_at(self):
        """When the last mail was handed over."""
        return max(mail.sent_at for mail in self.mails)


@dataclass
class Population:
    """Everyone, and every campaign."""

    people: list[Person]
    campaigns: list[Campaign]

    def figures(self, campaign: Campaign) -> dict[str, int]:
        """How many people of a campaign, by what became of them and by what they did."""
        mails = campaign.mails
        counted = {
            "sent": mails,
            "failed": [mail for mail in mails if mail.bounced],
            "opened": [mail for mail in mails if mail.opened],
            "clicked": [mail for mail in mails if mail.clicked],
            "replied": [mail for mail in mails if mail.replied_at],
            "unsubscribed": [mail for mail in mails if mail.unsubscribed_at],
            "complained": [mail for mail in mails if mail.complained_at],
        }
        return {what: len({mail.person.number for mail in some}) for what, some in counted.items()}


def population(seed: int = 1) -> Population:
    """The same people for the same seed."""
    chance = random.Random(seed)
    people = [_person(chance, number) for number in range(1, PEOPLE + 1)]
    started = [MONDAY - timedelta(days=5, hours=-9), MONDAY + timedelta(days=1, hours=9)]
    started += [MONDAY + timedelta(days=2, hours=10)] * 2
    campaigns = [
        Campaign(1, "October – “offers”", 1, started[0]),
        Campaign(2, "Newsletter, 'November'", 2, started[1]),
        Campaign(3, "Experiment, first", 3, started[2], "A"),
        Campaign(4, "Experiment, second", 4, started[3], "B"),
    ]
    number = 0
    for campaign in campaigns:
        for person in people:
            if campaign.list in person.lists:
                number += 1
                campaign.mails.append(_mail(chance, number, person, campaign))
    return Population(people, campaigns)


def _person(chance: random.Random, number: int) -> Person:
    arm = chance.choice((3, 4))
    lists = (*(which for which in (1, 2) if chance.random() < 0.6), arm)
    return Person(
        number,
        f"person{number}@{chance.choice(('mail.example', 'Post.Example', 'uni.example'))}",
        chance.choice(("de", "en", "fr")),
        chance.choice(("DE", "FR", "BR")),
        chance.choice(("Europe/Berlin", "America/Sao_Paulo", "212/332/646/917", "")),
        lists,
        MONDAY - timedelta(days=chance.randint(30, 300)),
        deleted=number % 40 == 7,
    )


def _mail(chance: random.Random, number: int, person: Person, campaign: Campaign) -> Mail:
    sent_at = campaign.started_at + timedelta(seconds=number % 50)
    mail = Mail(number, person, sent_at)

    def later():
        return sent_at + timedelta(minutes=chance.randint(65, 1500))

    if person.deleted:
        return mail
    if chance.random() < 0.12:
        mail.bounced, mail.bounced_at = chance.choice(("hard", "hard", "soft")), later()
        return mail
    if chance.random() < 0.5:
        mail.opened = [(later(), chance.random() < 0.2) for _ in range(chance.randint(1, 3))]
        if chance.random() < 0.5:
            mail.clicked = [(later(), chance.choice(URLS)) for _ in range(chance.randint(1, 2))]
            mail.replied_at = later() if chance.random() < 0.3 else None
        mail.unsubscribed_at = later() if chance.random() < 0.1 else None
        mail.complained_at = later() if chance.random() < 0.1 else None
    return mail
