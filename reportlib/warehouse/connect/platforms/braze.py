"""Braze Currents, as a folder of Parquet files: an event per file's row, a folder per type of event.

A campaign is a variation of a Braze campaign, or a step of a Canvas. Mail has no id of its own: an outcome belongs to
the send of the same user, variation and dispatch; where there is no dispatch, to the latest before it.
"""

from reportlib.warehouse.connect.platform import Extract, Platform

_COMMON = (
    "id user_id time:int timezone? campaign_id? campaign_name? message_variation_id? message_variation_name? "
    "canvas_id? canvas_name? canvas_step_id? canvas_step_name? dispatch_id?"
)
_DONE = "id user_id time:int timezone? campaign_id? message_variation_id?"
_VARIATION = "coalesce(message_variation_id, canvas_step_id, campaign_id)"
_EVENTS = {
    "email": {
        "Send": "email_address?", "Delivery": "", "Bounce": "bounce_reason? esp?", "Open": "machine_open?",
        "Click": "url? is_suspected_bot_click?:bool", "Unsubscribe": "", "MarkAsSpam": "", "Abort": "abort_type?",
    },
    "sms": {
        "Send": "", "Delivery": "", "DeliveryFailure": "error? provider_error_code?", "Rejection":
        "error? provider_error_code?", "InboundReceive": "", "ShortLinkClick": "url?", "Abort": "abort_type?",
    },
    "whatsapp": {
        "Send": "message_id? template_name?", "Delivery": "", "Read": "", "Failure":
        "provider_error_code? provider_error_title?", "Click": "url?", "InboundReceive": "", "Abort": "abort_type?",
    },
}  # fmt: skip


def _all(columns: dict[str, str], *events: str) -> str:
    """Rows of these types of event, "email.Send", one below the other, with these columns beside the common ones."""
    parts = []
    for event in events:
        channel, what = event.split(".")
        declared = {word.partition(":")[0].rstrip("?") for word in _EVENTS[channel][what].split()}
        others = ", ".join(f"{sql if name_of(sql) in declared else 'NULL'} AS {name}" for name, sql in columns.items())
        parts.append(
            f"SELECT id, user_id, make_timestamp(time * 1000000) AS at_time, timezone, campaign_id, campaign_name, "
            f"message_variation_name, canvas_id, canvas_name, canvas_step_name, {_VARIATION} AS variation, "
            f"dispatch_id, '{channel}' AS channel, '{what}' AS what, {others or 'NULL AS nothing'} "
            f"FROM source.{channel}_{what}"
        )
    return " UNION ALL ".join(parts)


def name_of(sql: str) -> str:
    """The column that a piece of SQL is about: its first word."""
    return sql.split()[0]


_SENDS = _all({"address": "email_address", "wamid": "message_id", "template": "template_name"},
              "email.Send", "sms.Send", "whatsapp.Send", "email.Abort", "sms.Abort", "whatsapp.Abort")  # fmt: skip
_OUTCOMES = _all({}, "email.Delivery", "sms.Delivery", "whatsapp.Delivery")
_FAILURES = _all(
    {"reason": "bounce_reason", "error": "error", "code": "provider_error_code", "title": "provider_error_title",
        "esp": "esp"},
    "email.Bounce", "sms.DeliveryFailure", "sms.Rejection", "whatsapp.Failure",
)  # fmt: skip
_ACTS = _all(
    {"machine": "machine_open = 'true'", "bot": "is_suspected_bot_click", "url": "url"},
    "email.Open", "email.Click", "email.Unsubscribe", "email.MarkAsSpam", "sms.InboundReceive", "sms.ShortLinkClick",
    "whatsapp.Read", "whatsapp.Click", "whatsapp.InboundReceive",
)  # fmt: skip
# Who is held out has no message, and who converts or buys need not have one.
_OTHERS = " UNION ALL ".join(
    f"SELECT user_id, timezone, NULL FROM source.{name}" for name in ("control", "conversion", "purchase")
)
_KIND = """CASE what WHEN 'Open' THEN 'opened' WHEN 'Read' THEN 'opened' WHEN 'Click' THEN 'clicked'
    WHEN 'ShortLinkClick' THEN 'clicked' WHEN 'Unsubscribe' THEN 'unsubscribed' WHEN 'MarkAsSpam' THEN 'complained'
    ELSE 'replied' END"""

PLATFORM = Platform(
    name="braze",
    title="Braze Currents",
    versions="Braze's Currents",
    extracts=(
        *(Extract(f"users.messages.{channel}.{what}", f"{_COMMON} {more}", "id", person="user_id",
                name=f"{channel}_{what}", optional=True)
          for channel, events in _EVENTS.items() for what, more in events.items()),
        Extract("users.campaigns.EnrollInControl", "id user_id time:int campaign_id timezone?", "id", name="control",
                optional=True),
        Extract("users.campaigns.Conversion", f"{_DONE} conversion_behavior? conversion_behavior_index?:int", "id",
                name="conversion", optional=True),
        Extract("users.behaviors.Purchase", f"{_DONE} price?:number currency?", "id", name="purchase", optional=True),
    ),
    tables={
        "accounts": "SELECT 'braze' AS account_id, 'Braze' AS name, :timezone AS timezone",
        "segments": "SELECT NULL AS segment_id, NULL AS account_id, NULL AS name WHERE false",
        "contacts": f"""
            SELECT user_id AS contact_id, 'braze' AS account_id, max(timezone) AS timezone,
                max(CASE WHEN address LIKE '%@%' THEN lower(split_part(address, '@', -1)) END) AS email_domain
            FROM (SELECT user_id, timezone, address FROM ({_SENDS}) UNION ALL {_OTHERS}) GROUP BY user_id""",
        "messages": f"""
            WITH delivered AS (SELECT user_id, variation, dispatch_id, channel, min(at_time) AS delivered_at
                               FROM ({_OUTCOMES}) GROUP BY ALL),
            failed AS (SELECT user_id, variation, dispatch_id, channel, min(at_time) AS failed_at, min(code) AS code,
                           min(coalesce(reason, title, error)) AS words, min(lower(esp)) AS esp
                       FROM ({_FAILURES}) GROUP BY ALL)
            SELECT s.id AS message_id, s.variation AS campaign_id, s.user_id AS contact_id, s.channel,
                coalesce(esp, CASE s.channel WHEN 'whatsapp' THEN 'whatsapp' END) AS provider, wamid AS
                    provider_message_id,
                CASE WHEN what = 'Abort' THEN 'queued' WHEN failed_at IS NOT NULL THEN 'failed'
                    WHEN delivered_at IS NOT NULL THEN 'delivered' ELSE 'sent' END AS status,
                at_time AS queued_at, CASE WHEN what = 'Send' THEN at_time END AS sent_at,
                CASE WHEN what = 'Send' AND failed_at IS NULL THEN delivered_at END AS delivered_at,
                CASE WHEN what = 'Send' THEN failed_at END AS failed_at, code AS failure_code, words AS failure_reason
            FROM ({_SENDS}) s LEFT JOIN delivered d USING (user_id, variation, dispatch_id, channel)
            LEFT JOIN failed f USING (user_id, variation, dispatch_id, channel)""",
        "events": f"""
            WITH sends AS (SELECT * FROM ({_SENDS}) WHERE what = 'Send')
            SELECT a.id AS event_id, coalesce(e.id, l.id) AS message_id, coalesce(e.variation, l.variation) AS
                campaign_id,
                {_KIND.replace("what", "a.what")} AS kind, a.at_time AS occurred_at, coalesce(machine, bot) AS
                    is_machine, url
            FROM ({_ACTS}) a
            LEFT JOIN (SELECT user_id, variation, dispatch_id, channel, min(id) AS id FROM sends GROUP BY ALL) e
                ON e.user_id = a.user_id AND e.variation = a.variation AND e.dispatch_id = a.dispatch_id
                AND e.channel = a.channel
            ASOF LEFT JOIN (SELECT user_id, channel, at_time, id, variation FROM sends) l
                ON l.user_id = a.user_id AND l.channel = a.channel AND l.at_time <= a.at_time""",
        "campaigns": f"""
            WITH runs AS (
                SELECT variation, min(campaign_id) AS parent, min(canvas_id) AS canvas, min(message_variation_name) AS
                    arm,
                    coalesce(min(campaign_name), min(canvas_name || ': ' || canvas_step_name), variation) AS name,
                    min(template) AS template, min(at_time) AS first, max(at_time) AS last
                FROM ({_SENDS}) GROUP BY variation),
            arms AS (
                SELECT parent, count(*) + max(CASE WHEN parent IN (SELECT campaign_id FROM source.control) THEN 1 ELSE 0
                    END) AS arms
                FROM runs WHERE parent IS NOT NULL GROUP BY parent)
            SELECT variation AS campaign_id, 'braze' AS account_id, name || CASE WHEN arms > 1 AND arm IS NOT NULL
                    THEN ' – ' || arm ELSE '' END AS name,
                CASE WHEN canvas IS NULL THEN 'completed' ELSE 'ongoing' END AS status, template AS template_id,
                CASE WHEN arms > 1 THEN parent END AS experiment_id, CASE WHEN arms > 1 THEN coalesce(arm, variation)
                    END
                    AS variant, first AS started_at, CASE WHEN canvas IS NULL THEN last END AS completed_at
            FROM runs LEFT JOIN arms USING (parent)""",
        "assignments": f"""
            SELECT campaign_id AS experiment_id, user_id AS contact_id, 'control' AS variant, NULL AS campaign_id,
                make_timestamp(min(time) * 1000000) AS assigned_at
            FROM source.control GROUP BY ALL
            UNION ALL
            SELECT c.experiment_id, s.user_id, c.variant, c.campaign_id, min(s.at_time)
            FROM ({_SENDS}) s JOIN campaigns c ON c.campaign_id = s.variation
            WHERE c.experiment_id IS NOT NULL GROUP BY ALL""",
        "outcomes": """
            SELECT id AS outcome_id, user_id AS contact_id, coalesce(
                    json_extract_string(try_cast(conversion_behavior AS JSON), '$.custom_event_name'),
                    json_extract_string(try_cast(conversion_behavior AS JSON), '$.type'),
                    'conversion ' || chr(65 + conversion_behavior_index::INTEGER), 'conversion') AS kind,
                make_timestamp(time * 1000000) AS occurred_at, NULL AS value, NULL AS currency
            FROM source.conversion
            UNION ALL
            SELECT id, user_id, 'order', make_timestamp(time * 1000000), price, currency FROM source.purchase""",
    },
    tells={
        "email": ("delivered", "opened", "clicked", "links", "unsubscribed", "complained", "machines", "conversions"),
        "sms": ("delivered", "clicked", "links", "replied", "conversions"),
        "whatsapp": ("delivered", "opened", "clicked", "links", "replied", "conversions"),
    },
    not_told=("opt-outs by SMS and WhatsApp, which are replies here",),
)  # fmt: skip
