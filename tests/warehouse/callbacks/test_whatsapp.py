"""WhatsApp webhooks as Meta documents them, and as others were seen to forward them."""

from copy import deepcopy

import pytest
from hypothesis import given, strategies as st

from reportlib.warehouse.callbacks.model import KINDS, Callback, Unusable, named
from reportlib.warehouse.callbacks.providers import whatsapp

META = (
    "https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/"  # of what follows
)
SENT_ID = "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI3MTE5MjY1RDg5RkQ2Rjg5OEMA"
REPLY_ID = "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA="
AT_MS = 1749416383000


def webhook(field="messages", **value):
    """META + "messages": the envelope of all of them."""
    about = {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"}
    value = {"messaging_product": "whatsapp", "metadata": about, **value}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "102290129340398", "changes": [{"value": value, "field": field}]}],
    }


def status(said, **more):
    """META + "messages/status": ids and times as there."""
    return {"id": SENT_ID, "status": said, "timestamp": "1749416383", "recipient_id": "16505551234", **more}


def message(kind, **more):
    """META + "messages/text", "button", "interactive", "reaction": what they have in common."""
    return {"from": "16505551234", "id": REPLY_ID, "timestamp": "1749416383", "type": kind, **more}


# META + "messages/status": pricing and conversation stand in the statuses sent and delivered, errors in failed
PRICING = {"billable": True, "pricing_model": "PMP", "category": "marketing", "type": "regular"}
ERROR = {
    "code": 131049,
    "title": "This message was not delivered to maintain healthy ecosystem engagement.",
    "message": "This message was not delivered to maintain healthy ecosystem engagement.",
    "error_data": {"details": "In order to maintain a healthy ecosystem engagement, it failed."},
    "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
}
SENT = webhook(statuses=[status("sent", pricing=PRICING)])
FAILED = webhook(statuses=[status("failed", errors=[ERROR])])

# META + "messages/text": context is there only where the person swiped to answer
ANSWERED = {"from": "15550783881", "id": SENT_ID}
REPLY = webhook(
    contacts=[{"profile": {"name": "Sheena Nelson"}, "wa_id": "16505551234"}],
    messages=[message("text", text={"body": "Does it come in another color?"}, context=ANSWERED)],
)

# META + "messages/button": Meta's own example of a quick reply is "Unsubscribe"
BUTTON = webhook(
    messages=[message("button", button={"payload": "Unsubscribe", "text": "Unsubscribe"}, context=ANSWERED)]
)

# META + "messages/interactive"
LIST_REPLY = {"id": "priority_express", "title": "Priority Mail Express", "description": "Next Day to 2 Days"}
LIST = webhook(messages=[message("interactive", interactive={"type": "list_reply", "list_reply": LIST_REPLY})])

# META + "user_preferences": the time is a number here
STOP = {
    "wa_id": "16505551234",
    "detail": "User requested to stop marketing messages",
    "category": "marketing_messages",
    "value": "stop",
    "timestamp": 1749416383,
}
PREFERENCE = webhook("user_preferences", user_preferences=[STOP])
DOCUMENTED = [SENT, FAILED, REPLY, BUTTON, LIST, PREFERENCE]


def read(payload):
    return [callback for piece in whatsapp.pieces(payload) for callback in whatsapp.callbacks(piece)]


@pytest.mark.parametrize(
    ("said", "kind"), [("sent", "sent"), ("delivered", "delivered"), ("read", "opened"), ("played", "opened")]
)
def test_a_status_is_read_with_its_seconds_as_text(said, kind):
    payload = webhook(statuses=[status(said, pricing=PRICING)])

    charge = {"category": "marketing", "billable": True}
    assert read(payload) == [Callback(f"{SENT_ID}:{said}", kind, SENT_ID, "16505551234", AT_MS, **charge)]


@pytest.mark.parametrize(
    ("pricing", "category", "billable"),
    [
        ({"pricing_model": "PMP", "category": "service", "type": "free_customer_service"}, "service", False),
        ({"pricing_model": "PMP", "category": "utility", "type": "regular"}, "utility", True),
        ({"billable": False, "pricing_model": "CBP", "category": "utility"}, "utility", False),
        ({"category": "marketing_lite"}, "marketing_lite", None),
    ],
)
def test_what_a_message_is_charged_as(pricing, category, billable):
    # the deprecated flag before the type that stands for it; META + "messages/status"
    [found] = read(webhook(statuses=[status("sent", pricing=pricing)]))
    assert (found.category, found.billable) == (category, billable)


def test_a_failure_has_its_code_and_the_details_before_the_title():
    details = ERROR["error_data"]["details"]

    assert read(FAILED) == [
        Callback(f"{SENT_ID}:failed:131049", "failed", SENT_ID, "16505551234", AT_MS, "131049", details)
    ]


def test_a_failure_without_details_has_its_title():
    # https://github.com/nyaruka/courier/blob/main/handlers/meta/testdata/wac/error_status.json
    error = {"code": 131014, "title": "Request for url https://URL.jpg failed with error: 404 (Not Found)"}

    assert read(webhook(statuses=[status("failed", errors=[error])])) == [
        Callback(f"{SENT_ID}:failed:131014", "failed", SENT_ID, "16505551234", AT_MS, "131014", error["title"])
    ]


def test_a_reply_points_at_the_message_that_it_answers():
    assert read(REPLY) == [Callback(REPLY_ID, "replied", SENT_ID, "16505551234", AT_MS, channel="whatsapp")]


def test_a_reply_without_context_has_only_its_writer():
    payload = webhook(messages=[message("text", text={"body": "Hello"})])

    assert read(payload) == [Callback(REPLY_ID, "replied", None, "16505551234", AT_MS, channel="whatsapp")]


def test_a_written_stop_unsubscribes_and_is_no_reply():
    payload = webhook(messages=[message("text", text={"body": "STOP"})])
    key = f"{REPLY_ID}:unsubscribed"

    assert read(payload) == [
        Callback(key, "unsubscribed", None, "16505551234", AT_MS, reason="STOP", channel="whatsapp")
    ]


def test_a_tapped_unsubscribe_is_a_click_and_an_opt_out_and_no_reply():
    said = {"reason": "Unsubscribe", "channel": "whatsapp"}

    assert read(BUTTON) == [
        Callback(REPLY_ID, "clicked", SENT_ID, "16505551234", AT_MS, **said),
        Callback(f"{REPLY_ID}:unsubscribed", "unsubscribed", SENT_ID, "16505551234", AT_MS, **said),
    ]


@pytest.mark.parametrize(
    ("interactive", "label"),
    [
        ({"type": "list_reply", "list_reply": LIST_REPLY}, "Priority Mail Express"),
        ({"type": "button_reply", "button_reply": {"id": "change-button", "title": "Change"}}, "Change"),
        # https://github.com/nyaruka/courier/blob/main/handlers/meta/testdata/wac/nfm_reply.json
        ({"type": "nfm_reply", "nfm_reply": {"name": "flow", "body": "Sent", "response_json": "{}"}}, "flow"),
    ],
)
def test_a_tap_has_its_label(interactive, label):
    payload = webhook(messages=[message("interactive", interactive=interactive)])

    assert read(payload) == [
        Callback(REPLY_ID, "clicked", None, "16505551234", AT_MS, reason=label, channel="whatsapp")
    ]


def test_a_reaction_answers_the_message_that_it_was_put_on():
    payload = webhook(messages=[message("reaction", reaction={"message_id": SENT_ID, "emoji": "\U0001f44d"})])

    assert read(payload) == [Callback(REPLY_ID, "replied", SENT_ID, "16505551234", AT_MS, channel="whatsapp")]


def test_a_reaction_taken_back_is_no_reply():
    with pytest.raises(Unusable, match="taken back"):
        read(webhook(messages=[message("reaction", reaction={"message_id": SENT_ID})]))


@pytest.mark.parametrize(("value", "kind"), [("stop", "unsubscribed"), ("resume", "subscribed")])
def test_a_preference_is_of_the_person_and_of_no_message(value, kind):
    payload = webhook("user_preferences", user_preferences=[{**STOP, "value": value}])
    key = f"16505551234:{value}:{AT_MS}"

    why = STOP["detail"] if kind == "unsubscribed" else None
    assert read(payload) == [Callback(key, kind, None, "16505551234", AT_MS, reason=why, channel="whatsapp")]


@pytest.mark.parametrize("number", [{}, {"recipient_id": ""}])
def test_a_person_without_a_number_is_named_by_the_user_id(number):
    # https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids/
    found = {**status("delivered"), "recipient_user_id": "US.13491208655302741918"}
    del found["recipient_id"]

    assert read(webhook(statuses=[{**found, **number}])) == [
        Callback(f"{SENT_ID}:delivered", "delivered", SENT_ID, "US.13491208655302741918", AT_MS)
    ]


def test_a_writer_without_a_number_is_named_by_the_user_id():
    # https://github.com/nyaruka/courier/blob/main/handlers/meta/testdata/wac/hello_user_id_only.json
    found = message("text", text={"body": "Hello World"}, from_user_id="US.13491208655302741918")
    del found["from"]

    assert read(webhook(messages=[found])) == [
        Callback(REPLY_ID, "replied", None, "US.13491208655302741918", AT_MS, channel="whatsapp")
    ]


def test_the_people_of_a_group_are_told_apart():
    # https://whatsappapijs.web.app/types/types.ServerStatusPayload.html
    of_group = {"recipient_type": "group", "recipient_id": "Y2FwaV9ncm91cDox", "recipient_participant_id": "1650555"}
    callbacks = [
        read(webhook(statuses=[status("read", **of_group | {"recipient_participant_id": number})]))[0]
        for number in ("16505551234", "16505551235")
    ]

    assert callbacks == [
        Callback(f"{SENT_ID}:read:16505551234", "opened", SENT_ID, "16505551234", AT_MS),
        Callback(f"{SENT_ID}:read:16505551235", "opened", SENT_ID, "16505551235", AT_MS),
    ]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        # https://github.com/nyaruka/courier/blob/main/handlers/meta/testdata/wac/error_errors.json
        (webhook(errors=[{"code": 0, "title": "We were unable to authenticate the app user"}]), "nothing about"),
        # https://github.com/nyaruka/courier/blob/main/handlers/meta/testdata/wac/error_msg.json
        (webhook(messages=[message("unsupported", errors=[{"code": 131051}])]), "'unsupported': no reply"),
        (webhook(statuses=[status("deleted")]), "the status 'deleted' is not known"),
        (webhook(statuses=[status("sent") | {"timestamp": "2025-06-08T21:39:43"}]), "has no zone"),
        (webhook("user_preferences", user_preferences=[{**STOP, "wa_id": ""}]), "of None is not known"),
    ],
)
def test_what_is_about_no_message_or_unknown_is_refused(payload, reason):
    with pytest.raises(Unusable, match=reason):
        read(payload)


@pytest.mark.parametrize(
    "payload",
    [
        {"statuses": [status("sent")]},
        [{"statuses": [status("sent")]}],
        # https://docs.360dialog.com/docs/waba-basics/webhook-events-and-notifications: the envelope is not always there
        {"value": {"statuses": [status("sent")]}, "field": "messages"},
        {"app": "reseller", "payload": {"data": webhook(statuses=[status("sent")])}},
    ],
)
def test_resellers_need_no_envelope(payload):
    [found] = read(payload)
    assert [found._replace(category="marketing", billable=True)] == read(SENT)


def test_a_webhook_is_taken_apart_wherever_its_parts_stand():
    two = webhook(statuses=[status("sent"), status("read")])
    two["entry"] += webhook(statuses=[status("delivered")], messages=[message("text")])["entry"]

    pieces = whatsapp.pieces(two)

    assert [list(piece) for piece in pieces] == [["statuses"], ["statuses"], ["statuses"], ["messages"]]
    assert [whatsapp.pieces(piece) for piece in pieces] == [[piece] for piece in pieces]


def test_the_envelope_that_is_usual_hides_nothing():
    both = webhook(statuses=[status("sent")], messages=[message("text")], user_preferences=[STOP])

    assert [next(iter(piece)) for piece in whatsapp.pieces(both)] == ["statuses", "messages", "user_preferences"]


_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


def _places(value):
    """Each place in a payload: what holds it, and under which name or number."""
    for name in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, name
        yield from _places(value[name])


@st.composite
def mutated(draw, payloads):
    """One of the payloads with some of its values dropped, wrapped, or replaced by anything."""
    whole = [deepcopy(draw(st.sampled_from(payloads)))]
    for _ in range(draw(st.integers(1, 4))):
        holder, name = draw(st.sampled_from(list(_places(whole))))
        change = draw(st.sampled_from(("drop", "wrap", "replace")))
        if change == "drop" and holder is not whole:
            del holder[name]
        else:
            holder[name] = [holder[name]] if change == "wrap" else draw(_JUNK)
    return whole[0]


def check_any(module, payload):
    """Nothing but what a provider may raise is raised, and what is read is a callback."""
    allowed = (Unusable, KeyError, TypeError, ValueError, AttributeError)
    try:
        pieces = module.pieces(payload)
    except allowed:
        return
    for piece in pieces:
        try:
            found = named(module.callbacks(piece))
        except allowed:
            continue
        assert found
        for callback in found:
            assert callback.kind in KINDS
            assert isinstance(callback.key, str)
            assert callback.at_ms is None or type(callback.at_ms) is int
            texts = (callback.message, callback.recipient, callback.code, callback.reason, callback.url)
            assert all(text is None or (isinstance(text, str) and text) for text in texts)


@given(mutated(DOCUMENTED))
def test_any_payload_is_read_or_refused(payload):
    check_any(whatsapp, payload)
