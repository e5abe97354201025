"""listmonk, on PostgreSQL.

There is no row per recipient. Who got a campaign is told from its lists, by the rule that its sender goes by, and from
what people did since; those whom listmonk has deleted are made up to the number that it says were sent to.
"""

from reportlib.warehouse.connect.platform import EVERYONE, Extract, Platform
from reportlib.warehouse.connect.sql import json_attributes

_OF_CHANGED_CAMPAIGNS = """
    SELECT DISTINCT CAST(subscriber_id AS VARCHAR) FROM source.subscriber_lists
    WHERE list_id IN (SELECT list_id FROM source.campaign_lists WHERE campaign_id IN (SELECT id FROM changed_rows))"""

# A blocked subscriber, and one who left the list, were sent to where that happened after the campaign had begun.
_RECIPIENTS = """
    SELECT c.id AS campaign_id, m.subscriber_id
    FROM source.campaigns c
    JOIN source.campaign_lists l ON l.campaign_id = c.id
    JOIN source.subscriber_lists m ON m.list_id = l.list_id
    JOIN source.subscribers s ON s.id = m.subscriber_id
    LEFT JOIN source.lists n ON n.id = m.list_id
    WHERE c.started_at IS NOT NULL AND m.subscriber_id <= c.last_subscriber_id AND m.created_at <= c.started_at
      AND (s.status <> 'blocklisted' OR s.updated_at > c.started_at)
      AND CASE WHEN c.type = 'optin' THEN n.optin = 'double' AND (m.status = 'unconfirmed' OR m.updated_at >
          c.started_at)
               WHEN n.optin = 'double' THEN m.status = 'confirmed' OR (m.status = 'unsubscribed' AND m.updated_at >
                   c.started_at)
               ELSE m.status <> 'unsubscribed' OR m.updated_at > c.started_at END
    UNION SELECT campaign_id, subscriber_id FROM source.campaign_views WHERE subscriber_id IS NOT NULL
    UNION SELECT campaign_id, subscriber_id FROM source.link_clicks
        WHERE subscriber_id IS NOT NULL AND campaign_id IS NOT NULL
    UNION SELECT campaign_id, subscriber_id FROM source.bounces
        WHERE subscriber_id IS NOT NULL AND campaign_id IS NOT NULL"""

_TRACKING = """(SELECT coalesce(bool_or(key = 'privacy.individual_tracking' AND value = 'true'), false)
    AND NOT coalesce(bool_or(key = 'privacy.disable_tracking' AND value = 'true'), false) FROM source.settings)"""

PLATFORM = Platform(
    name="listmonk",
    title="listmonk",
    versions="listmonk 2 to 5",
    extracts=(
        Extract("settings", "key value", "key", only={"key": (
                "app.site_name", "privacy.individual_tracking", "privacy.disable_tracking")}),
        Extract("lists", "id:int name optin", "id", reaches=EVERYONE),
        Extract("campaigns", "id:int name subject from_email status type template_id:int tags? to_send:int sent:int "
                "last_subscriber_id:int send_at:time started_at:time updated_at:time", "id",
                reaches=_OF_CHANGED_CAMPAIGNS),
        Extract("campaign_lists", "campaign_id:int list_id:int list_name", "campaign_id list_id"),
        Extract("links", "id:int url", "id"),
        Extract("subscribers", "id:int email attribs status created_at:time updated_at:time", "id", person="id",
                changed="updated_at", kept={"email": "lower(split_part(email, '@', -1))"}),
        Extract("subscriber_lists", "subscriber_id:int list_id:int status created_at:time updated_at:time",
                "subscriber_id list_id", person="subscriber_id", changed="updated_at"),
        Extract("campaign_views", "id:int campaign_id:int subscriber_id:int created_at:time", "id",
                person="subscriber_id", changed="created_at"),
        Extract("link_clicks", "id:int campaign_id:int link_id:int subscriber_id:int created_at:time", "id",
                person="subscriber_id", changed="created_at"),
        Extract("bounces", "id:int subscriber_id:int campaign_id:int type source created_at:time", "id",
                person="subscriber_id", changed="created_at", optional=True),
    ),
    tables={
        "accounts": """SELECT 'listmonk' AS account_id, :timezone AS timezone, coalesce(
            (SELECT json_extract_string(value, '$') FROM source.settings WHERE key = 'app.site_name'), 'listmonk') AS
                name""",
        "segments": "SELECT id AS segment_id, 'listmonk' AS account_id, name FROM source.lists",
        "contacts": """SELECT id AS contact_id, 'listmonk' AS account_id, email AS email_domain, created_at
            FROM source.subscribers""",
        "contact_attributes": json_attributes("subscribers", "attribs"),
        "segment_members": """
            SELECT DISTINCT list_id AS segment_id, subscriber_id AS contact_id FROM source.subscriber_lists
            WHERE status <> 'unsubscribed'""",
        "messages": f"""
            WITH recipients AS ({_RECIPIENTS}),
            bounced AS (
                SELECT campaign_id, subscriber_id, min(created_at) AS failed_at, min(type) AS type FROM source.bounces
                WHERE type <> 'complaint' GROUP BY ALL)
            SELECT r.campaign_id || '-' || r.subscriber_id AS message_id, r.campaign_id, r.subscriber_id AS contact_id,
                'email' AS channel, CASE WHEN b.type IS NULL THEN 'sent' ELSE 'failed' END AS status,
                c.started_at AS queued_at, c.started_at AS sent_at, b.failed_at, b.type AS failure_code,
                b.type || ' bounce' AS failure_reason
            FROM recipients r JOIN source.campaigns c ON c.id = r.campaign_id
            LEFT JOIN bounced b ON b.campaign_id = r.campaign_id AND b.subscriber_id = r.subscriber_id""",
        "events": """
            SELECT 'v' || id AS event_id, campaign_id || '-' || subscriber_id AS message_id, campaign_id,
                'opened' AS kind, created_at AS occurred_at, NULL AS url
            FROM source.campaign_views WHERE subscriber_id IS NOT NULL
            UNION ALL
            SELECT 'c' || k.id, campaign_id || '-' || subscriber_id, campaign_id, 'clicked', created_at, url
            FROM source.link_clicks k LEFT JOIN source.links l ON l.id = k.link_id
            WHERE subscriber_id IS NOT NULL AND campaign_id IS NOT NULL
            UNION ALL
            SELECT 'b' || id, campaign_id || '-' || subscriber_id, campaign_id, 'complained', created_at, NULL
            FROM source.bounces
            WHERE type = 'complaint' AND subscriber_id IS NOT NULL AND campaign_id IS NOT NULL""",
        "outcomes": """
            SELECT 'u' || subscriber_id AS outcome_id, subscriber_id AS contact_id, 'unsubscribed' AS kind,
                max(updated_at) AS occurred_at
            FROM source.subscriber_lists WHERE status = 'unsubscribed' GROUP BY subscriber_id""",
        "campaigns": """
            SELECT id AS campaign_id, 'listmonk' AS account_id, name, CASE status WHEN 'running' THEN 'sending'
                WHEN 'paused' THEN 'sending' WHEN 'finished' THEN 'completed' ELSE status END AS status, template_id,
                CASE WHEN lists = 1 THEN list_id END AS segment_id, send_at AS scheduled_at, started_at,
                CASE WHEN status = 'finished' THEN updated_at END AS completed_at,
                greatest(CASE WHEN started_at IS NOT NULL THEN to_send END, sent, people) AS audience_size
            FROM source.campaigns c
            LEFT JOIN (SELECT campaign_id, count(*) AS lists, min(list_id) AS list_id FROM source.campaign_lists
                       GROUP BY ALL) l ON l.campaign_id = c.id
            LEFT JOIN (SELECT campaign_id AS sent_id, count(*) AS people FROM messages GROUP BY ALL) ON sent_id =
                c.id""",
    },
    unnamed="""
        SELECT campaign_id || '-deleted-' || n AS message_id, campaign_id, 'deleted/' || campaign_id || '/' || n AS
            contact_id,
            'email' AS channel, 'sent' AS status, started_at AS queued_at, started_at AS sent_at
        FROM (
            SELECT c.id AS campaign_id, started_at, unnest(range(1, c.sent - count(m.message_id) + 1)) AS n
            FROM source.campaigns c LEFT JOIN messages m ON m.campaign_id = CAST(c.id AS VARCHAR)
            WHERE c.started_at IS NOT NULL GROUP BY c.id, started_at, c.sent)""",
    tells={"email": ("opened", "clicked", "links", "complained")},
    tells_if={"email.opened": _TRACKING, "email.clicked": _TRACKING},
    no_place={
        "opens and clicks without a person (privacy.individual_tracking is off, or was)": """
            SELECT (SELECT count(*) FROM source.campaign_views WHERE subscriber_id IS NULL)
                + (SELECT count(*) FROM source.link_clicks WHERE subscriber_id IS NULL)""",
        "clicks on links of transactional mails, which leave nothing else": """
            SELECT count(*) FROM source.link_clicks WHERE campaign_id IS NULL AND subscriber_id IS NOT NULL""",
    },
    notes={
        "campaigns with more recipients than listmonk says were sent to (their lists have changed since)": """
            SELECT count(*) FROM source.campaigns c JOIN (SELECT campaign_id, count(*) AS people FROM messages GROUP
                BY ALL) m
            ON m.campaign_id = CAST(c.id AS VARCHAR) WHERE status = 'finished' AND people > c.sent""",
    },
    not_told=(
        "delivery: a mail server gives no receipt; only bounces are known",
        "replies, and opt-outs by campaign",
        "opens and clicks, unless privacy.individual_tracking is on (Settings, Privacy)",
    ),
)  # fmt: skip
