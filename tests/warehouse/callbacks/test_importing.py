"""Callbacks into the database, on each engine: the states of a message, and repetition."""

from itertools import zip_longest

import pytest

from reportlib.warehouse import load, open_warehouse
from reportlib.warehouse.check.check import check_warehouse
from tests.warehouse.callbacks.imported import (
    STATE,
    after,
    contents,
    database_with,
    failed,
    import_lines,
    reply,
    rows,
    state,
    status,
)


def test_a_message_goes_through_its_states(database_url, tmp_path):
    url = database_with(database_url, {})
    summary = import_lines(url, "whatsapp", [status("w1", "sent", 1)], tmp_path)
    assert (summary.read, summary.imported, summary.duplicates, summary.rejected) == (1, 1, 0, 0)
    assert state(url) == ("sent", after(1), None, None, None)
    import_lines(url, "whatsapp", [status("w1", "delivered", 2)], tmp_path)
    assert state(url) == ("delivered", after(1), after(2), None, None)
    import_lines(url, "whatsapp", [status("w1", "read", 3)], tmp_path)
    assert state(url) == ("delivered", after(1), after(2), None, None)
    assert rows(url, "events", "message_id", "campaign_id", "kind", "occurred_at") == [
        ("m1", "spring", "opened", after(3))
    ]


# What is told of a message, and the state it is in then, whatever the order of what was told.
COUNTS = {
    "read alone: it has left": (lambda w: [status(w, "read", 3)], ("sent", None, None, None, None)),
    "a failure after a delivery": (
        lambda w: [status(w, "delivered", 2), failed(w, 131026, 3)],
        ("failed", None, None, after(3), "131026"),
    ),
    "a retry that succeeds": (
        lambda w: [failed(w, 131049, 1), status(w, "delivered", 4)],
        ("delivered", None, after(4), None, None),
    ),
    "a final failure after a transient one": (
        lambda w: [failed(w, 131049, 1), failed(w, 131026, 5)],
        ("failed", None, None, after(5), "131026"),
    ),
    "read after a failure": (
        lambda w: [failed(w, 131049, 1), status(w, "read", 4), status(w, "sent", 0)],
        ("sent", after(0), None, None, None),
    ),
    "read and failed at once: read wins on WhatsApp": (
        lambda w: [failed(w, 131049, 4), status(w, "read", 4)],
        ("sent", None, None, None, None),
    ),
}


@pytest.mark.parametrize("order", [1, -1], ids=["in this order", "the other way round"])
def test_which_word_counts(database_url, tmp_path, order):
    """Of each message one thing at an import, of all messages at once."""
    url = database_with(database_url, *[{}] * len(COUNTS))
    told = [said(f"w{number}")[::order] for number, (said, _) in enumerate(COUNTS.values(), start=1)]
    for at_once in zip_longest(*told):
        import_lines(url, "whatsapp", filter(None, at_once), tmp_path)
    states = [row[1:] for row in rows(url, "messages", "message_id", *STATE)]
    assert dict(zip(COUNTS, states, strict=True)) == {why: expected for why, (_, expected) in COUNTS.items()}


def test_what_the_platform_said_counts_too(database_url, tmp_path):
    url = database_with(database_url, {"status": "failed", "failed_at": after(1), "failure_code": "1"})
    import_lines(url, "whatsapp", [status("w1", "sent", 0)], tmp_path)
    assert state(url)[0] == "failed"
    import_lines(url, "whatsapp", [status("w1", "delivered", 2)], tmp_path)
    assert state(url)[0] == "delivered"


def test_messages_loaded_again_keep_their_callbacks(database_url, tmp_path):
    url = database_with(database_url, {}, {})
    import_lines(url, "whatsapp", [status("w1", "delivered", 2)], tmp_path)
    folder = tmp_path / "again"
    folder.mkdir()
    header = "message_id,campaign_id,contact_id,channel,provider,provider_message_id,status,cost\n"
    (folder / "messages.csv").write_text(header + "m1,spring,c1,whatsapp,whatsapp,w1,sent,0.25\n")
    load.load_folder(folder, url)
    assert state(url) == ("delivered", None, after(2), None, None)
    assert (0.25,) in rows(url, "messages", "cost")


def test_importing_again_changes_nothing(database_url, tmp_path):
    url = database_with(database_url, {}, {})
    told = [status("w1", "delivered", 2), failed("w2", 131026, 3), status("w1", "read", 4), status("nobody", "sent")]
    import_lines(url, "whatsapp", [*told, b"{broken"], tmp_path)
    before = contents(url)
    summary = import_lines(url, "whatsapp", [*told, b"{broken"], tmp_path)
    assert (summary.read, summary.imported, summary.duplicates, summary.rejected) == (5, 0, 3, 2)
    assert contents(url) == before


def test_an_imported_database_keeps_the_contract(database_url, tmp_path):
    url = database_with(database_url, {}, {}, {})
    told = [status("w1", "read", 4), failed("w2", 131026, 3), status("w3", "sent", 1), reply("5511988", 9, "w1")]
    import_lines(url, "whatsapp", told, tmp_path)
    problems = check_warehouse(open_warehouse(url))
    assert problems[problems["severity"] == "breaks"].empty
