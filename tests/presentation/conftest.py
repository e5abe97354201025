"""One small warehouse in which every name tries to be markup."""

import pytest

from tests.small_database import SmallDatabase, fill, in_memory_engine

HOSTILE = "<script>alert(1)</script>\"'=&\u202eevil"


@pytest.fixture(scope="session")
def hostile():
    """To be read only: one campaign, `a`, with e-mail and SMS, opens, clicks, failures, and names that are markup."""
    database = SmallDatabase()
    database.account("acme", "Europe/Berlin")
    database.accounts[0]["name"] = HOSTILE
    database.campaign("a", audience=12)
    database.campaigns[0]["name"] = HOSTILE
    for number in range(10):
        contact = f"c{number}"
        database.contact(contact, country=HOSTILE if number % 2 else "DE", carrier="X")
        if number == 9:
            failed = {"failure_code": HOSTILE, "failure_reason": HOSTILE, "provider": HOSTILE}
            database.message("a", contact, status="failed", channel="sms", **failed)
            continue
        message = database.message("a", contact, channel="sms" if number > 6 else "email")
        if number < 3:
            database.event(message, "opened")
        if number < 2:
            database.event(message, "clicked")
    database.declare("sms", "clicked", True)
    engine = in_memory_engine()
    yield fill(engine, database)
    engine.dispose()


def check_told(spec):
    """A chart has words, a caption, and its numbers in rows as long as their heads."""
    about = spec["usermeta"]["reportlib"]
    assert len(spec["description"]) > 20
    assert about["caption"]
    assert about["rows"]
    assert {len(row) for row in about["rows"]} == {len(about["columns"])}
