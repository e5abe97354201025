"""Small experiments whose effects are known by counting."""

from datetime import timedelta

from tests.small_database import START, SmallDatabase

DAY = timedelta(days=1)
LATER = START + 20 * DAY  # every window is over


def experiment(arms: dict[str, int], held_out: int = 0, start=START) -> SmallDatabase:
    """Arms of so many people, each with a message of the arm's campaign, and people held out; nothing was done yet."""
    database = SmallDatabase(opened_at=LATER)
    database.account("acme")
    for variant, people in arms.items():
        campaign = f"x-{variant.lower()}"
        database.campaign(campaign, experiment_id="x", variant=variant, start=start)
        names = [f"{variant.lower()}{number}" for number in range(people)]
        for name in names:
            database.contact(name)
            database.message(campaign, name, at=start, cost=0.1, currency="EUR")
        database.assigned("x", variant, campaign, names, at=start)
    names = [f"h{number}" for number in range(held_out)]
    for name in names:
        database.contact(name)
    database.assigned("x", "held out", None, names, at=start)
    database.contact("clock")
    database.outcome("clock", kind="visit", at=LATER - DAY)  # up to when there are data
    return database


def orders(database, prefix: str, people: int, value=20.0, after=DAY, **columns):
    """The first `people` whose name begins so order once."""
    for number in range(people):
        database.outcome(f"{prefix}{number}", value=value, at=START + after, **columns)
