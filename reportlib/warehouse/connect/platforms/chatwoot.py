"""Chatwoot, on PostgreSQL: campaigns whose recipients are kept, in versions that have campaign_messages.

Without that table there is no row per recipient, and who replied alone would make every rate a hundred percent.
"""

from reportlib.warehouse.connect.platform import Extract, Platform

_TITLE = "coalesce(nullif(title, ''), 'Campaign ' || c.display_id)"

PLATFORM = Platform(
    name="chatwoot",
    title="Chatwoot",
    versions="Chatwoot 3 and 4",
    extracts=(
        Extract("accounts", "id:int name", "id"),
        Extract("inboxes", "id:int channel_type timezone?", "id"),
        Extract("campaigns", "id:int display_id:int account_id:int inbox_id:int title campaign_type:int "
                "campaign_status:int scheduled_at:time created_at:time updated_at:time", "id"),
        Extract("contacts", "id:int account_id:int email phone_number country_code? created_at:time updated_at:time",
            "id",
                person="id", changed="updated_at", kept={"email": "lower(split_part(email, '@', -1))",
                                                         "phone_number": "left(phone_number, 3)"}),
        Extract("campaign_messages", "id:int campaign_id:int contact_id:int message_id:int status error_code "
                "error_description sent_at:time delivered_at:time read_at:time created_at:time updated_at:time", "id",
                person="contact_id", changed="updated_at", optional=True),
        Extract("conversations", "id:int campaign_id:int contact_id:int created_at:time updated_at:time", "id",
                person="contact_id", changed="updated_at"),
    ),
    tables={
        "accounts": "SELECT id AS account_id, name, :timezone AS timezone FROM source.accounts",
        "segments": "SELECT NULL AS segment_id, NULL AS account_id, NULL AS name WHERE false",
        "contacts": """SELECT id AS contact_id, account_id, country_code AS country, nullif(email, '') AS email_domain,
            created_at FROM source.contacts""",
        "messages": """
            SELECT m.id AS message_id, m.campaign_id, m.contact_id, CASE WHEN channel_type ILIKE '%whatsapp%'
                    THEN 'whatsapp' WHEN channel_type ILIKE '%email%' THEN 'email' ELSE 'sms' END AS channel,
                CASE WHEN channel_type ILIKE '%whatsapp%' THEN 'whatsapp' WHEN channel_type ILIKE '%twilio%' THEN
                    'twilio' END
                    AS provider, CASE m.status WHEN 'read' THEN 'delivered' WHEN 'pending' THEN 'queued' ELSE m.status
                        END AS status,
                m.created_at AS queued_at, CASE WHEN m.status <> 'pending' THEN coalesce(m.sent_at, m.created_at) END
                    AS sent_at,
                CASE WHEN m.status IN ('delivered', 'read') THEN coalesce(m.delivered_at, m.read_at) END AS
                    delivered_at,
                CASE WHEN m.status = 'failed' THEN m.updated_at END AS failed_at, m.error_code AS failure_code,
                m.error_description AS failure_reason
            FROM source.campaign_messages m JOIN source.campaigns c ON c.id = m.campaign_id
            LEFT JOIN source.inboxes i ON i.id = c.inbox_id""",
        "events": """
            SELECT 'r' || id AS event_id, id AS message_id, campaign_id, 'opened' AS kind, read_at AS occurred_at
            FROM source.campaign_messages WHERE read_at IS NOT NULL
            UNION ALL
            SELECT 'v' || v.id, m.id, m.campaign_id, 'replied', v.created_at
            FROM source.conversations v JOIN (SELECT campaign_id, contact_id, min(id) AS id FROM
                source.campaign_messages
                                              GROUP BY ALL) m
                ON m.campaign_id = v.campaign_id AND m.contact_id = v.contact_id""",
        "campaigns": f"""
            SELECT c.id AS campaign_id, account_id, {_TITLE} AS name, CASE WHEN campaign_type = 0 THEN 'ongoing'
                    WHEN campaign_status = 1 THEN 'completed' WHEN first IS NOT NULL THEN 'sending' ELSE 'scheduled'
                        END AS status,
                scheduled_at, first AS started_at, CASE WHEN campaign_type = 1 AND campaign_status = 1 THEN last END
                    AS completed_at
            FROM source.campaigns c JOIN (
                SELECT campaign_id, min(sent_at) AS first, max(sent_at) AS last FROM messages GROUP BY ALL)
                ON campaign_id = CAST(c.id AS VARCHAR)""",
    },
    timezone="SELECT min(timezone) FROM source.inboxes WHERE timezone <> 'UTC'",
    tells={
        "whatsapp": ("delivered", "opened", "replied"),
        "sms": ("delivered", "replied"),
        "email": ("delivered", "replied"),
    },
    no_place={
        "campaigns whose recipients are not kept": """SELECT count(*) FROM source.campaigns
            WHERE id NOT IN (SELECT campaign_id FROM source.campaign_messages)""",
        "conversations that began with such a campaign": """SELECT count(*) FROM source.conversations
            WHERE campaign_id IS NOT NULL AND campaign_id NOT IN (SELECT campaign_id FROM source.campaign_messages)""",
    },
    not_told=("clicks, opt-outs, complaints",),
)  # fmt: skip
