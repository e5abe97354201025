"""Keila, on PostgreSQL: a row per recipient; a project is an account."""

from reportlib.warehouse.connect.platform import Extract, Platform
from reportlib.warehouse.connect.sql import json_attributes

_PERSON = "coalesce(CAST(contact_id AS VARCHAR), 'deleted/' || id)"
_OF_MESSAGES = f"SELECT {_PERSON} FROM source.messages WHERE id IN (SELECT message_id FROM changed_rows)"

PLATFORM = Platform(
    name="keila",
    title="Keila",
    versions="Keila since February 2026, where messages have a table of that name,",
    extracts=(
        Extract("projects", "id:int name", "id"),
        Extract("mailings_campaigns", "id:int subject project_id:int sender_id:int template_id:int segment_id:int "
                "sent_at:time scheduled_for:time", "id", name="campaigns"),
        Extract("contacts_segments", "id:int name project_id:int", "id", name="segments"),
        Extract("tracking_links", "id:int url", "id", name="links"),
        Extract("contacts", "id:int email status data project_id:int inserted_at:time updated_at:time", "id",
                person="id", changed="updated_at", kept={"email": "lower(split_part(email, '@', -1))"}),
        Extract("messages", "id:int campaign_id:int contact_id:int form_id?:int status:int receipt queued_at:time "
                "sent_at:time opened_at:time clicked_at:time failed_at:time soft_bounce_received_at:time "
                "hard_bounce_received_at:time complaint_received_at:time unsubscribed_at:time inserted_at:time "
                "updated_at:time", "id", person=_PERSON, changed="updated_at"),
        Extract("contacts_events", "id type:int message_id:int inserted_at:time", "id", changed="inserted_at",
                name="happenings", only={"type": (5,)}, reaches=_OF_MESSAGES),
        Extract("tracking_clicks", "id link_id:int message_id:int inserted_at:time", "id", changed="inserted_at",
                name="clicks", reaches=_OF_MESSAGES),
    ),
    tables={
        "accounts": "SELECT id AS account_id, name, :timezone AS timezone FROM source.projects",
        "segments": "SELECT id AS segment_id, project_id AS account_id, name FROM source.segments",
        "contacts": """SELECT id AS contact_id, project_id AS account_id, email AS email_domain,
            inserted_at AS created_at FROM source.contacts""",
        "contact_attributes": json_attributes("contacts", "data"),
        "messages": f"""
            SELECT id AS message_id, campaign_id, {_PERSON} AS contact_id, 'email' AS channel,
                receipt AS provider_message_id, CASE
                    WHEN status = -1 OR coalesce(failed_at, hard_bounce_received_at, soft_bounce_received_at) IS NOT
                        NULL
                    THEN 'failed' WHEN sent_at IS NOT NULL THEN 'sent' ELSE 'queued' END AS status,
                coalesce(queued_at, inserted_at) AS queued_at, sent_at,
                coalesce(hard_bounce_received_at, soft_bounce_received_at, failed_at) AS failed_at,
                CASE WHEN hard_bounce_received_at IS NOT NULL THEN 'hard'
                    WHEN soft_bounce_received_at IS NOT NULL THEN 'soft'
                    WHEN failed_at IS NOT NULL THEN 'not sent' END AS failure_code,
                CASE WHEN hard_bounce_received_at IS NOT NULL THEN 'hard bounce'
                    WHEN soft_bounce_received_at IS NOT NULL THEN 'soft bounce' END AS failure_reason
            FROM source.messages WHERE campaign_id IS NOT NULL""",
        "events": """
            SELECT 'h' || h.id AS event_id, m.id AS message_id, campaign_id, 'opened' AS kind,
                h.inserted_at AS occurred_at, NULL AS url
            FROM source.happenings h JOIN source.messages m ON m.id = h.message_id WHERE campaign_id IS NOT NULL
            UNION ALL
            SELECT 'o' || id, id, campaign_id, 'opened', opened_at, NULL FROM source.messages m
            WHERE campaign_id IS NOT NULL AND opened_at IS NOT NULL
                AND NOT EXISTS (FROM source.happenings h WHERE h.message_id = m.id)
            UNION ALL
            SELECT 'c' || k.id, m.id, campaign_id, 'clicked', k.inserted_at, url
            FROM source.clicks k JOIN source.messages m ON m.id = k.message_id
            LEFT JOIN source.links l ON l.id = k.link_id WHERE campaign_id IS NOT NULL
            UNION ALL
            SELECT 'u' || id, id, campaign_id, 'unsubscribed', unsubscribed_at, NULL FROM source.messages
            WHERE campaign_id IS NOT NULL AND unsubscribed_at IS NOT NULL
            UNION ALL
            SELECT 's' || id, id, campaign_id, 'complained', complaint_received_at, NULL FROM source.messages
            WHERE campaign_id IS NOT NULL AND complaint_received_at IS NOT NULL""",
        "campaigns": """
            SELECT c.id AS campaign_id, project_id AS account_id, coalesce(nullif(subject, ''), 'Campaign ' || c.id)
                AS name,
                CASE WHEN c.sent_at IS NULL AND scheduled_for IS NULL THEN 'draft' WHEN c.sent_at IS NULL THEN
                    'scheduled'
                    WHEN waiting > 0 THEN 'sending' ELSE 'completed' END AS status, template_id, segment_id,
                scheduled_for AS scheduled_at, c.sent_at AS started_at, CASE WHEN waiting = 0 THEN last END AS
                    completed_at
            FROM source.campaigns c LEFT JOIN (
                SELECT campaign_id AS sent_id, max(sent_at) AS last, count(*) FILTER (status = 'queued') AS waiting
                FROM messages GROUP BY ALL) ON sent_id = CAST(c.id AS VARCHAR)""",
    },
    tells={"email": ("opened", "clicked", "links", "unsubscribed", "complained")},
    no_place={
        "mails of no campaign (opt-in mails, and those sent over the API)":
            "SELECT count(*) FROM source.messages WHERE campaign_id IS NULL",
    },
    not_told=(
        "delivery: a mail server gives no receipt; only bounces are known",
        "replies; who is in a segment, which Keila computes when it sends",
    ),
)  # fmt: skip
