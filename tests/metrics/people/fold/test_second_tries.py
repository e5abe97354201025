"""What is asked of the fold together with the messages of those who are open: second tries, groups that overlap."""

from datetime import timedelta

import pytest
from sqlalchemy import create_engine

from reportlib import metrics
from reportlib.metrics.people.fold.reading import fits
from reportlib.metrics.people.folding.keeping import keep_fold
from reportlib.warehouse import open_warehouse
from tests.metrics.people.fold.steps import address
from tests.small_database import MINUTE, START, SmallDatabase, fill

DAY = timedelta(days=1)


@pytest.fixture
def asked(tmp_path):
    """What a metric says of a database with a fold."""
    opened = []

    def ask(database, metric, *arguments, **options):
        path = tmp_path / "kept.duckdb"
        engine = create_engine(address(path))
        opened_ms = fill(engine, database).opened_ms
        engine.dispose()
        keep_fold(address(path))
        opened.append(open_warehouse(address(path)))
        opened[0].opened_ms = opened_ms
        assert fits(opened[0])
        return metric(opened[0], *arguments, **options)

    yield ask
    opened[0].engine.dispose()


@pytest.mark.parametrize("at_once", [False, True])  # who of two at the same moment was the next, their ids say
def test_who_was_reached_next_is_found_among_those_of_whom_all_is_settled(asked, at_once):
    database = SmallDatabase()
    for name in "abc":
        database.campaign(name)
    for number in range(30):
        person = f"p{number}"
        database.contact(person)
        lost = {"provider": "twilio", "failure_code": "30003"}
        database.message("a", person, "failed", "sms", **lost)
        later = START + number * MINUTE
        database.message("b", person, "delivered", "sms", at=later - DAY, provider="twilio")  # not after it
        database.message("b", person, "delivered", "email", at=later + DAY)  # nor this, of another channel
        database.message("c", person, "delivered", "sms", at=later + 2 * DAY, provider="twilio")
        if number < 6:
            soon = 2 * DAY if at_once else 2 * DAY - MINUTE
            database.message("b", person, "failed", "sms", at=later + soon, message_id=f"a{number}", **lost)
    row = asked(database, metrics.recoverable, "a").set_index("permanence").loc["transient"]
    assert (row.failed, row.tried, row.reached) == (30, 30, 24)


def test_who_is_in_several_segments_counts_in_each_name_once(asked):
    database = SmallDatabase()
    database.campaign("a")
    for segment, name in (("s1", "Regulars"), ("s2", "Regulars"), ("s3", "Winners")):
        database.segment(segment, name=name)
    for person, segments in {"p1": ("s1", "s2"), "p2": ("s2", "s3"), "p3": ()}.items():
        database.contact(person, segments=segments)
        for channel in ("sms", "email"):
            database.message("a", person, channel=channel)
    found = asked(database, metrics.breakdowns, "a", "segment")
    assert dict(zip(found["group"], found["audience"], strict=True)) == {"Regulars": 2, "Winners": 1, "(no segment)": 1}
