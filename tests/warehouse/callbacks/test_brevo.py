"""Brevo's webhooks, as its documentation and public fixtures have them."""

import pytest
from hypothesis import given

from reportlib.warehouse.callbacks.model import Callback, Unusable
from reportlib.warehouse.callbacks.providers import brevo
from tests.warehouse.callbacks.test_whatsapp import check_any, mutated

ID, TO, AT_MS = "201798300811.5787683@relay.domain.com", "example@domain.com", 1604933619000


def event(said, **more):
    """developers.brevo.com/docs/transactional-webhooks: what all of them have."""
    return {
        **{"event": said, "email": TO, "id": 26224, "date": "2020-10-09 00:00:00", "ts": 1604933619},
        **{"message-id": f"<{ID}>", "ts_event": 1604933654, "subject": "My first", "tag": '["t"]', "ts_epoch": AT_MS},
        **more,
    }


DOCUMENTED = [
    *(
        event("request"),
        event("delivered"),
        event("deferred", reason="550 RP-001"),
        event("soft_bounce"),
    ),
    *(event("hard_bounce", reason="550 5.1.1 no such user"), event("blocked", reason="blacklisted"), event("spam")),
    *(event("unique_opened", ip="1.2.3.4"), event("opened"), event("proxy_open"), event("unique_proxy_open")),
    *(event("click", link="https://example.org/spring"), event("unsubscribed"), event("invalid_email"), event("error")),
]


@pytest.mark.parametrize(
    ("payload", "kind", "told"),
    [
        (event("request"), "queued", {}),
        (event("delivered"), "delivered", {}),
        (event("deferred", reason="550 RP-001"), "deferred", {"code": "deferred", "reason": "550 RP-001"}),
        (event("hard_bounce", reason="no"), "failed", {"code": "hard_bounce", "reason": "no"}),
        (event("invalid_email"), "failed", {"code": "invalid_email"}),
        (event("unique_opened"), "opened", {"is_machine": False}),
        (event("unique_proxy_open"), "opened", {"is_machine": True}),
        (event("click", link="https://x.example"), "clicked", {"url": "https://x.example"}),
        (event("complaint"), "complained", {}),
        (event("unsubscribe"), "unsubscribed", {}),
    ],
)
def test_an_event(payload, kind, told):
    [piece] = brevo.pieces(payload)
    [found] = brevo.callbacks(piece)
    expected = Callback(found.key, kind, ID, TO, AT_MS, channel="email")._replace(**told)
    assert found == expected


def test_the_time_of_the_account_is_taken_where_there_is_no_other():
    payload = event("delivered")
    del payload["ts_epoch"]
    assert brevo.callbacks(payload)[0].at_ms == 1604933654000


def test_first_and_further_opens_are_two():
    keys = {brevo.callbacks(event(said))[0].key for said in ("opened", "unique_opened")}
    assert len(keys) == 2


@pytest.mark.parametrize("payload", [event("list_addition"), {}, [], 7])
def test_what_is_about_no_message_is_refused(payload):
    with pytest.raises((Unusable, TypeError, AttributeError)):
        brevo.callbacks(brevo.pieces(payload)[0])


@given(mutated(DOCUMENTED))
def test_any_payload_is_read_or_refused(payload):
    check_any(brevo, payload)
