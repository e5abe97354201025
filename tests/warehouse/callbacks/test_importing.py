"""Callbacks into the database, on each engine: the states of a message, and repetition."""

import pytest

from reportlib.warehouse import load, open_warehouse
from reportlib.warehouse.check.check import check_warehouse
from tests.warehouse.callbacks.imported import (
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


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param([status("w1", "read", 3)], ("sent", None, None, None, None), id="read alone: it has left"),
        pytest.param(
            [status("w1", "delivered", 2), failed("w1", 131026, 3)],
            ("failed", None, None, after(3), "131026"),
            id="a failure after a delivery",
        ),
        pytest.param(
            [failed("w1", 131049, 1), status("w1", "delivered", 4)],
            ("delivered", None, after(4), None, None),
            id="a retry that succeeds",
        ),
        pytest.param(
            [failed("w1", 131049, 1), failed("w1", 131026, 5)],
            ("failed", None, None, after(5), "131026"),
            id="a final failure after a transient one",
        ),
        pytest.param(
            [failed("w1", 131049, 1), status("w1", "read", 4), status("w1", "sent", 0)],
            ("sent", after(0), None, None, None),
            id="read after a failure",
        ),
        pytest.param(
            [failed("w1", 131049, 4), status("w1", "read", 4)],
            ("sent", None, None, None, None),
            id="read and failed at once: read wins on WhatsApp",
        ),
    ],
)
def test_which_word_counts(database_url, tmp_path, told, expected):
    for order in (told, told[::-1]):
        url = database_with(database_url, {})
        for callback in order:
            import_lines(url, "whatsapp", [callback], tmp_path)
        assert state(url) == expected


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
