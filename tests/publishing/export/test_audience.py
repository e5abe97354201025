"""The people to act on, as the command writes them: who they are, what of them is told, and what is not."""

import csv

import pytest
from sqlalchemy import create_engine

from tests.in_process import reportlib
from tests.metrics.audience import people_oracle
from tests.presentation.audience.test_audience import DAY, a_year
from tests.small_database import START, fill

PHONE = "+447700900123"


@pytest.fixture
def database(database_url):
    """A year of forty people, of whom one had much this month and one clicked a while ago; some have phones."""
    known = a_year()
    for number in (0, 1, 25):
        known.contact_attributes.append({"contact_id": f"c{number}", "attribute": "phone", "value": PHONE})
    for hour in range(20):
        known.message("a", "c39", at=START - 3 * DAY - hour * DAY / 24)
    message = known.message("a", "late", at=START - 200 * DAY)
    known.event(message, "clicked", 80 * DAY)
    engine = create_engine(database_url)
    fill(engine, known)
    engine.dispose()
    return database_url, known


def exported(database, path, *arguments, **environment):
    done = reportlib("export", "audience", *arguments, "--to", path, database=database, **environment)
    assert done.returncode == 0, done.stderr
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_each_list_has_whom_it_says(database, tmp_path):
    address, known = database
    people = people_oracle.people(known, "acme")
    now = max(row["delivered_at"] for row in known.messages)
    asleep = {person for person, one in people.items() if people_oracle.sleeps(one, now, 180)}
    path = tmp_path / "people.csv"

    def listed(who, *more):
        return {(row["contact_id"], row["channel"]) for row in exported(address, path, "--who", who, *more)}

    assert listed("sleepers") == asleep and len(asleep) == 20
    assert listed("at-risk") == {("late", "email")}
    assert listed("unreachable") == {("c0", "email")}
    assert listed("over-pressed") == {("c39", "all")}
    assert listed("over-pressed", "--cap", 5) == set()


def test_no_address_unless_asked_for_and_safe_unless_raw(database, tmp_path):
    address, path = database[0], tmp_path / "people.csv"
    (row,) = exported(address, path, "--who", "unreachable")
    assert list(row) == [
        *("account_id", "contact_id", "channel", "reason"),
        *("first_written_at", "last_written_at", "last_reacted_at", "lost_at", "messages_in_30_days"),
    ]
    assert PHONE not in path.read_text() and row["reason"] == "opted out" and row["lost_at"].endswith("+00:00")
    (row,) = exported(address, path, "--who", "unreachable", "--with", "phone")
    assert row["phone"] == f"'{PHONE}"
    (row,) = exported(address, path, "--who", "unreachable", "--with", "phone", "--with", "email", "--raw")
    assert (row["phone"], row["email"]) == (PHONE, "")


def test_anonymous_people_have_no_address(database, tmp_path):
    address, path = database[0], tmp_path / "people.csv"
    key = {"REPORTLIB_ANONYMISE_KEY": "secret"}
    (row,) = exported(address, path, "--who", "unreachable", "--anonymise", **key)
    assert len(row["contact_id"]) == 64 and "c0" not in path.read_text()
    asked = ("export", "audience", "--who", "unreachable", "--anonymise", "--to", path)
    done = reportlib(*asked, "--with", "phone", database=address, **key)
    assert done.returncode == 1 and "anonymous" in done.stderr
    done = reportlib(*asked[:-1], tmp_path / "people.txt", database=address, **key)
    assert done.returncode == 1 and ".parquet" in done.stderr
