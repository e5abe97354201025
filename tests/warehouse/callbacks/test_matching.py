"""Which message a callback is about, where more than one or none has its id."""

from tests.warehouse.callbacks.imported import after, database_with, import_lines, reply, rows, state, status


def test_a_reply_without_a_pointer_answers_the_last_message_to_its_sender(database_url, tmp_path):
    url = database_with(
        database_url,
        {"contact_id": "ann", "queued_at": after(0)},
        {"contact_id": "ann", "queued_at": after(10)},
        {"contact_id": "5511977", "queued_at": after(0)},
        {"contact_id": "bob", "queued_at": after(0)},
        attributes={"ann": {"phone": "+55 11-988"}, "bob": {"phone": "+55 11-966"}},
    )
    told = [
        reply("5511988", 20, identity="r1"),
        reply("5511988", 5, identity="r2"),
        reply("5511977", 5, identity="r3"),
        reply("5511966", 60 * 24 * 8, identity="too late"),
        reply("4900000", 5, identity="a stranger"),
    ]
    summary = import_lines(url, "whatsapp", told, tmp_path)
    assert rows(url, "events", "message_id", "event_id") == [
        ("m1", "whatsapp:r2"),
        ("m2", "whatsapp:r1"),
        ("m3", "whatsapp:r3"),
    ]
    assert summary.reasons == {"names no message, and none to this person fits": 2}


def test_one_provider_id_for_many_people_goes_by_their_address(database_url, tmp_path):
    shared = {"provider": "whatsapp", "provider_message_id": "w1"}
    url = database_with(
        database_url,
        {"contact_id": "ann", **shared},
        {"contact_id": "bob", **shared},
        attributes={"ann": {"phone": "551199"}, "bob": {"phone": "+551188"}},
    )
    told = [
        status("w1", "delivered", 1, recipient_participant_id="551188", recipient_type="group"),
        status("w1", "delivered", 2, recipient_participant_id="550000", recipient_type="group"),
    ]
    summary = import_lines(url, "whatsapp", told, tmp_path)
    assert (summary.imported, summary.rejected) == (1, 1)
    assert state(url, "m1")[0] == "queued"
    assert state(url, "m2")[0] == "delivered"


def test_another_providers_message_is_another_message(database_url, tmp_path):
    url = database_with(database_url, {"provider": "Twilio"}, {"provider": None, "provider_message_id": "w2"})
    summary = import_lines(url, "whatsapp", [status("w1", "sent", 1), status("w2", "sent", 1)], tmp_path)
    assert (summary.imported, summary.rejected) == (1, 1)
