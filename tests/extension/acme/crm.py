"""The platform: one table of people that were written to."""

from reportlib.warehouse.connect.platform import Extract, Platform

PLATFORM = Platform(
    name="acme-crm",
    title="Acme CRM",
    versions="Acme CRM 1",
    extracts=(Extract("letters", "id:int person campaign sent_at:time delivered:bool", "id", person="person"),),
    tables={
        "accounts": "SELECT 'acme' AS account_id, 'Acme' AS name, :timezone AS timezone",
        "segments": "SELECT NULL AS segment_id, NULL AS account_id, NULL AS name WHERE false",
        "contacts": "SELECT DISTINCT person AS contact_id, 'acme' AS account_id FROM source.letters",
        "messages": """
            SELECT id AS message_id, campaign AS campaign_id, person AS contact_id, 'email' AS channel,
                CASE WHEN delivered THEN 'delivered' ELSE 'failed' END AS status, sent_at AS queued_at, sent_at,
                CASE WHEN delivered THEN sent_at END AS delivered_at,
                CASE WHEN NOT delivered THEN sent_at END AS failed_at
            FROM source.letters""",
        "events": """
            SELECT NULL AS event_id, NULL AS message_id, NULL AS campaign_id, NULL AS kind, NULL AS occurred_at
            WHERE false""",
        "campaigns": """
            SELECT campaign AS campaign_id, 'acme' AS account_id, campaign AS name, 'completed' AS status,
                min(sent_at) AS started_at FROM source.letters GROUP BY campaign""",
    },
    tells={"email": ("delivered",)},
)  # fmt: skip
