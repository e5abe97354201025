"""What callbacks tell of charges, of the button tapped and of why somebody leaves, in the contract's tables."""

import pytest
from sqlalchemy import create_engine

from tests.warehouse.callbacks.imported import SENT_AT, database_with, import_lines, rows, status
from tests.warehouse.callbacks.test_whatsapp import ANSWERED, BUTTON, webhook

CHARGED = ("message_id", "cost", "currency", "category", "billable", "parts")
LOADED = {"status": "sent", "sent_at": SENT_AT, "cost": 0.5, "currency": "EUR"}
TOLD = {"id": "w1", "recipient": "551199", "category": "marketing"}


def marketing(billable):
    return {"pricing_model": "PMP", "category": "marketing", "billable": billable}


def charged(url):
    """What the messages are charged as; SQLite has 1 for true."""
    return [tuple(bool(one) if one in (0, 1) else one for one in row) for row in rows(url, "messages", *CHARGED)]


@pytest.mark.parametrize("database_url", ["duckdb", "postgresql", "sqlite"], indirect=True)
def test_what_callbacks_tell_goes_before_what_was_loaded_and_leaves_the_rest(database_url, tmp_path):
    database_with(database_url, LOADED, {}, LOADED)
    told = [status("w1", "delivered"), status("w1", "sent", 1, pricing=marketing(False))]
    import_lines(database_url, "whatsapp", [*told, status("w2", "sent", pricing=marketing(True))], tmp_path)
    expected = [
        ("m1", 0.5, "EUR", "marketing", False, None),
        ("m2", None, None, "marketing", True, None),
        ("m3", 0.5, "EUR", None, None, None),
    ]
    assert charged(database_url) == expected
    import_lines(database_url, "whatsapp", [status("w3", "read", 9), *told], tmp_path)
    assert charged(database_url) == expected


@pytest.mark.parametrize("database_url", ["duckdb", "postgresql", "sqlite"], indirect=True)
def test_taps_have_their_label_and_those_who_leave_their_words_those_of_before_too(database_url, tmp_path):
    database_with(database_url, {"provider_message_id": ANSWERED["id"]}, LOADED)
    import_lines(database_url, "whatsapp", [BUTTON, status("w2", "read")], tmp_path)
    told = [("clicked", "Unsubscribe", None), ("opened", None, None), ("unsubscribed", None, "Unsubscribe")]
    assert rows(database_url, "events", "kind", "label", "reason") == told
    engine = create_engine(database_url)  # as an earlier version had left it
    with engine.begin() as connection:
        for table, columns in (("events", ("label", "reason")), ("loaded_messages", ("cost", "currency"))):
            for name in columns:
                connection.exec_driver_sql(f"ALTER TABLE {table} DROP COLUMN {name}")
    engine.dispose()
    import_lines(database_url, "whatsapp", [webhook(statuses=[status("w2", "sent", 2)["statuses"][0]])], tmp_path)
    assert rows(database_url, "events", "kind", "label", "reason") == told
    assert rows(database_url, "messages", "cost", "currency") == [(0.5, "EUR"), (None, None)]
