"""The statements that draw who answers, in which way and when, once it is known what was delivered; in their order."""

from reportlib.warehouse.demo.plan import PLAN
from reportlib.warehouse.demo.sending import AS_OF_MS

_SCAN_LOW, _SCAN_HIGH = 1_000, 20_000  # ms after delivery at which a link scanner clicks

_RESPONSES = f"""
    CREATE TEMP TABLE responses AS
    WITH drawn AS (
        SELECT *, draw(message_id, 'who') AS who, draw(message_id, 'when') AS whens, draw(message_id, 'again') AS again
        FROM fates WHERE outcome IN ('delivered', 'unconfirmed') AND final_ms <= {AS_OF_MS}
    ), rated AS (
        SELECT drawn.*, appeal * multiplier(sent_ms, clock) AS urge, opened, coalesce(p.clicked, c.clicked) AS clicked,
            replied, unsubscribed, complained
        FROM drawn
        JOIN planned p ON p.campaign_id = drawn.campaign_id
        JOIN plan_channels c ON c.account_id = drawn.account_id AND c.channel = drawn.channel
    )
    SELECT message_id, campaign_id, clock, channel, final_ms, again,
        u1(who) < opened * urge AND (channel <> 'whatsapp' OR receipts_lot >= {PLAN.receipts_off}) AS opens,
        u1(who) < clicked * urge AS clicks,
        u2(who) < replied * urge AS replies,
        u3(who) < unsubscribed AS leaves,
        u3(who) >= 1 - complained AS complains,
        channel = 'email' AND opened > 0 AND reader_lot < {PLAN.machine_readers} AS machine_opens,
        channel = 'email' AND email_domain = '{PLAN.scanned_domain}' AS machine_clicks,
        final_ms + 1000 + open_delay(u1(whens)) AS open_ms,
        open_ms + 1000 + click_delay(u2(whens)) AS click_ms,
        final_ms + 1000 + reply_delay(u3(whens)) AS reply_ms
    FROM rated
"""


def _moments() -> str:
    human, link = "CASE WHEN channel = 'email' THEN false END", "'https://shop.example/' || campaign_id"
    links = f"{link} || CASE WHEN u3(again) < 0.7 THEN '' ELSE '/terms' END"
    scanned = f"final_ms + {_SCAN_LOW} + ({_SCAN_HIGH - _SCAN_LOW} * u1(again))::BIGINT"
    reopens = "opens AND channel = 'email' AND u2(again)"  # a WhatsApp message is reported as read once
    kinds = (
        ("opened", "o1", "opens", "open_ms", human, "NULL"),
        ("opened", "o2", f"{reopens} < {PLAN.reopened}", "open_ms + open_delay(u1(again))", human, "NULL"),
        (
            "opened",
            "o3",
            f"{reopens} < {PLAN.reopened / 3}",
            "open_ms + reply_delay(u1(again))",
            human,
            "NULL",
        ),
        ("opened", "om", "machine_opens", "final_ms + machine_delay(u1(again))", "true", "NULL"),
        ("clicked", "c1", "clicks", "click_ms", human, links),
        (
            "clicked",
            "c2",
            f"clicks AND u2(again) < {PLAN.clicked_again}",
            "click_ms + click_delay(u1(again))",
            human,
            link,
        ),
        ("clicked", "cm", "machine_clicks", scanned, "true", link),
        ("replied", "r1", "replies", "reply_ms", "NULL", "NULL"),
        ("unsubscribed", "u1", "leaves", "open_ms", "NULL", "NULL"),
        ("complained", "k1", "complains", "open_ms", "NULL", "NULL"),
    )
    return " UNION ALL ".join(
        f"SELECT message_id, campaign_id, clock, 'e' || substr(message_id, 2) || '{tag}' AS event_id, "
        f"'{kind}' AS kind, {moment} AS moment, {machine}::BOOLEAN AS is_machine, {url} AS url "
        f"FROM responses WHERE {who}"
        for kind, tag, who, moment, machine, url in kinds
    )


_EVENTS = f"""
    INSERT INTO events
    WITH moments AS ({_moments()}), timed AS (
        SELECT *, CASE WHEN is_machine THEN moment ELSE awake(moment, clock) END AS occurred_ms FROM moments
    )
    SELECT event_id, message_id, campaign_id, kind, epoch_ms(occurred_ms), is_machine, url, NULL, NULL
    FROM timed WHERE occurred_ms <= {AS_OF_MS}
"""

_EARLY_EVENTS = """
    UPDATE events SET occurred_at = sent_at - INTERVAL 5 MINUTES
    FROM messages, planned
    WHERE messages.message_id = events.message_id AND planned.campaign_id = events.campaign_id AND event_id IN (
        SELECT unnest(list(event_id ORDER BY event_id)[:any_value(early_events)])
        FROM events JOIN planned USING (campaign_id) WHERE early_events > 0 AND kind = 'opened' GROUP BY campaign_id
    )
"""

RESPONSES = (_RESPONSES, _EVENTS, _EARLY_EVENTS)
