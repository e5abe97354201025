"""A campaign of the demo, told once more as its providers tell it, gives the same review."""

import json
import random
import re
import shutil
from datetime import UTC

import duckdb
import pytest

from reportlib.warehouse.callbacks.importing import import_callbacks
from tests import PROJECT
from tests.in_process import reportlib

CAMPAIGN = "spring-sale"  # WhatsApp through Meta, SMS through Twilio, e-mail through Mailgun
PARAMETERS = PROJECT / "parameters" / "post_campaign_review" / "demo.yaml"
# What the platform itself knows of a message; all else is for the providers to say. Mailgun does not tell when it sent.
AS_QUEUED = """
    UPDATE messages SET status = CASE WHEN provider = 'mailgun' AND sent_at IS NOT NULL THEN 'sent' ELSE 'queued' END,
        sent_at = CASE WHEN provider = 'mailgun' THEN sent_at END, delivered_at = NULL, failed_at = NULL,
        failure_code = NULL, failure_reason = NULL;
    DELETE FROM events;
"""
# A reply to an SMS names no message: it is put down to the last one to its sender, of seven days.
ONLY_ONE_CAMPAIGN = f"""
    DELETE FROM events WHERE campaign_id <> '{CAMPAIGN}' OR event_id IN (
        SELECT event_id FROM events JOIN messages USING (message_id)
        WHERE channel = 'sms' AND kind IN ('replied', 'unsubscribed') AND occurred_at >= queued_at + INTERVAL 7 DAYS);
    DELETE FROM messages WHERE campaign_id <> '{CAMPAIGN}';
"""
TOLD = """
    SELECT provider, provider_message_id, contact_id, 'sent' AS kind, sent_at AS at, NULL, NULL, NULL, NULL, NULL
    FROM messages WHERE sent_at IS NOT NULL
    UNION ALL
    SELECT provider, provider_message_id, contact_id, status, coalesce(delivered_at, failed_at), failure_code,
        failure_reason, NULL, NULL, NULL
    FROM messages WHERE status IN ('delivered', 'failed')
    UNION ALL
    SELECT provider, provider_message_id, contact_id, kind, occurred_at, NULL, NULL, event_id, is_machine, url
    FROM events JOIN messages USING (message_id)
"""


def whatsapp(message, contact, kind, at, code, reason, event, _machine, _url):
    """Seconds as text, and a reply, a tap or a stop as a message that quotes ours."""
    seconds = str(int(at.timestamp()))
    if kind in ("sent", "delivered", "opened", "failed"):
        said = "read" if kind == "opened" else kind
        errors = {"errors": [{"code": int(code), "title": reason}]} if kind == "failed" else {}
        value = {"statuses": [{"id": message, "status": said, "timestamp": seconds, "recipient_id": contact, **errors}]}
    else:
        content = {
            "clicked": {"type": "button", "button": {"text": "Comprar", "payload": "buy"}},
            "replied": {"type": "text", "text": {"body": "Obrigada!"}},
            "unsubscribed": {"type": "text", "text": {"body": "SAIR"}},
        }[kind]
        reply = {"from": contact, "id": f"wamid.{event}", "timestamp": seconds, "context": {"id": message}, **content}
        value = {"messages": [reply]}
    change = {"field": "messages", "value": {"messaging_product": "whatsapp", **value}}
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}


def twilio(message, contact, kind, at, code, reason, event, _machine, url):
    """Event Streams, which have a time, and webhooks of inbound messages with that of their arrival."""
    if kind in ("replied", "unsubscribed"):
        said = "STOP" if kind == "unsubscribed" else "Ok!"
        body = f"MessageSid={event}&SmsStatus=received&From={contact}&To=%2B1555&Body={said}"
        return {"received_at": at.isoformat(), "body": body}
    data = {"messageSid": message, "to": contact, "timestamp": at.isoformat()}
    if kind == "clicked":
        data = {"message_sid": message, "to": contact, "link": url, "click_time": at.isoformat()}
        return {"id": event, "type": "com.twilio.daptbt.link-shortening.link-clicked", "data": data}
    if kind == "failed":
        data |= {"errorCode": int(code), "errorMessage": reason}
    name = "undelivered" if kind == "failed" else kind
    return {"id": f"EV{message}{name}", "type": f"com.twilio.messaging.message.{name}", "data": data}


def mailgun(message, contact, kind, at, code, reason, event, machine, url):
    """Seconds with a fraction; who opened or clicked is flagged."""
    said = {"sent": "accepted"}.get(kind, kind)
    data = {"id": event or f"{message}-{kind}", "event": said, "timestamp": at.timestamp(), "recipient": contact}
    data["message"] = {"headers": {"message-id": message}}
    if kind == "failed":
        space, _, word = code.partition(":")
        status = {"code": int(word)} if space == "code" else {"code": 550}
        data |= {"severity": "permanent", "reason": word if space == "reason" else "suppress-complaint"}
        data["delivery-status"] = {**status, "message": reason}
    if kind in ("opened", "clicked"):
        data |= {"client-info": {"bot": "apple" if machine else ""}, "url": url}
    return {"signature": {"token": "x"}, "event-data": data}


UNTOLD = (
    "UPDATE events SET label = NULL, reason = NULL, url = NULL"  # each provider has its own words, a button no link
)
PROVIDERS = {"whatsapp": whatsapp, "twilio": twilio, "mailgun": mailgun}


def reviewed(database, output):
    """What a reader sees of the review, but for when and how long it was made."""
    done = reportlib("run", PARAMETERS, "--campaign", CAMPAIGN, "--output", output, database=f"duckdb:///{database}")
    assert done.returncode == 0, done.stderr
    [page] = [path for path in output.glob("*.html") if path.name != "index.html"]
    body = re.sub(r"<style.*?</style>|<script.*?</script>", "", page.read_text(), flags=re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", body.rpartition("Where this comes from")[0])
    assert "17,699" in text
    return re.sub(r"\s+", " ", text)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1])
def test_the_callbacks_of_a_campaign_give_its_review(demo_url, tmp_path, seed):
    database = tmp_path / "campaigns.duckdb"  # one name for both, since a report tells it
    shutil.copy(demo_url.removeprefix("duckdb:///"), database)
    with duckdb.connect(str(database)) as opened:
        opened.execute(ONLY_ONE_CAMPAIGN)
        told = opened.execute(TOLD).fetchall()
        expected_events = opened.execute("SELECT kind, count(*) FROM events GROUP BY kind ORDER BY kind").fetchall()
        opened.execute(UNTOLD)
    expected = reviewed(database, tmp_path / "demo")
    with duckdb.connect(str(database)) as opened:
        opened.execute(AS_QUEUED)
    random.Random(seed).shuffle(told)
    for provider, payload in PROVIDERS.items():
        feed = tmp_path / f"{provider}.jsonl"
        ours = [row[1:] for row in told if row[0] == provider]
        lines = [json.dumps(payload(*row[:3], row[3].replace(tzinfo=UTC), *row[4:])) for row in ours]
        feed.write_text("\n".join([*lines, *lines[::50]]))  # one in fifty twice
        summary = import_callbacks(provider, [str(feed)], f"duckdb:///{database}")
        assert (summary.rejected, summary.imported) == (0, len(lines)), summary.reasons
    with duckdb.connect(str(database)) as opened:
        opened.execute(UNTOLD)
        found = opened.execute("SELECT kind, count(*) FROM events GROUP BY kind ORDER BY kind").fetchall()
    assert found == expected_events
    assert reviewed(database, tmp_path / "imported") == expected
