"""HubSpot's marketing e-mail, as Fivetran's connector stores it: events that point to their send, of an address."""

from reportlib.warehouse.connect.platform import Extract, Platform

_WHO = "SELECT lower(recipient) FROM source.email_event WHERE id IN (SELECT id FROM changed_rows)"
_SEND = "coalesce(sent_by_id, id)"


def _of_type(name: str, columns: str, optional: bool = True) -> Extract:
    """The table of one type of event, of the same ids."""
    return Extract(f"email_event_{name}", f"id {columns} _fivetran_synced:time", "id", changed="_fivetran_synced",
                   name=name, optional=optional, reaches=_WHO)  # fmt: skip


PLATFORM = Platform(
    name="hubspot",
    title="HubSpot (Fivetran)",
    versions="Fivetran's schema of HubSpot",
    schemas=True,
    extracts=(
        Extract("email_campaign", "id name subject type sub_type? num_included:int num_queued?:int", "id"),
        Extract("email_event", "id type recipient email_campaign_id created:time sent_by_id filtered_event:bool "
                "_fivetran_synced:time", "id", person="lower(recipient)", changed="_fivetran_synced"),
        _of_type("bounce", "category status response"),
        _of_type("click", "url"),
        _of_type("dropped", "drop_reason drop_message?"),
        _of_type("status_change", "portal_subscription_status"),
    ),
    tables={
        "accounts": "SELECT 'hubspot' AS account_id, 'HubSpot' AS name, :timezone AS timezone",
        "segments": "SELECT NULL AS segment_id, NULL AS account_id, NULL AS name WHERE false",
        "contacts": """
            SELECT lower(recipient) AS contact_id, 'hubspot' AS account_id,
                CASE WHEN min(recipient) LIKE '%@%' THEN split_part(lower(min(recipient)), '@', -1) END AS email_domain
            FROM source.email_event WHERE recipient IS NOT NULL GROUP BY lower(recipient)""",
        "messages": f"""
            SELECT {_SEND} AS message_id, min(email_campaign_id) AS campaign_id, lower(min(recipient)) AS contact_id,
                'email' AS channel, CASE WHEN bool_or(type = 'BOUNCE') THEN 'failed'
                    WHEN bool_or(type = 'DELIVERED') THEN 'delivered' WHEN bool_or(type = 'SENT') THEN 'sent'
                    WHEN bool_or(type = 'DROPPED') THEN 'queued' ELSE 'sent' END AS status,
                min(created) AS queued_at, min(created) FILTER (type <> 'DROPPED') AS sent_at,
                CASE WHEN NOT bool_or(type = 'BOUNCE') THEN min(created) FILTER (type = 'DELIVERED') END AS
                    delivered_at,
                min(created) FILTER (type = 'BOUNCE') AS failed_at,
                coalesce(min(category), min(b.status), min(drop_reason)) AS failure_code, min(response) AS
                    failure_reason
            FROM source.email_event e LEFT JOIN source.bounce b USING (id) LEFT JOIN source.dropped d USING (id)
            WHERE type IN ('SENT', 'DELIVERED', 'BOUNCE', 'DROPPED', 'OPEN', 'CLICK') AND recipient IS NOT NULL
            GROUP BY {_SEND}""",
        "events": f"""
            SELECT e.id AS event_id, {_SEND} AS message_id, email_campaign_id AS campaign_id, CASE type
                    WHEN 'OPEN' THEN 'opened' WHEN 'CLICK' THEN 'clicked' WHEN 'SPAMREPORT' THEN 'complained'
                    ELSE 'unsubscribed' END AS kind, created AS occurred_at, filtered_event AS is_machine, url
            FROM source.email_event e LEFT JOIN source.click USING (id) LEFT JOIN source.status_change USING (id)
            WHERE type IN ('OPEN', 'CLICK', 'SPAMREPORT')
                OR (type = 'STATUSCHANGE' AND portal_subscription_status = 'UNSUBSCRIBED')""",
        "outcomes": """
            SELECT 'u' || e.id AS outcome_id, lower(recipient) AS contact_id, 'unsubscribed' AS kind,
                created AS occurred_at
            FROM source.email_event e JOIN source.status_change USING (id)
            WHERE type = 'STATUSCHANGE' AND portal_subscription_status = 'UNSUBSCRIBED' AND sent_by_id IS NULL
                AND lower(recipient) IN (SELECT contact_id FROM contacts)""",
        "campaigns": """
            SELECT id AS campaign_id, 'hubspot' AS account_id, coalesce(nullif(name, ''), nullif(subject, ''), id) AS
                name,
                CASE WHEN first IS NULL THEN 'draft' WHEN type LIKE 'AUTOMATED%' OR type LIKE '%WORKFLOW%' THEN
                    'ongoing'
                    ELSE 'completed' END AS status, first AS started_at,
                CASE WHEN type LIKE 'AUTOMATED%' OR type LIKE '%WORKFLOW%' THEN NULL ELSE last END AS completed_at,
                greatest(num_included, people) AS audience_size
            FROM source.email_campaign LEFT JOIN (
                SELECT campaign_id, min(sent_at) AS first, max(sent_at) AS last, count(DISTINCT contact_id) AS people
                FROM messages GROUP BY ALL) ON campaign_id = id""",
        "campaign_attributes": """SELECT id AS campaign_id, 'subject' AS attribute, subject AS value
            FROM source.email_campaign WHERE subject <> ''""",
    },
    tells={"email": ("delivered", "opened", "clicked", "links", "unsubscribed", "complained", "machines")},
    not_told=("replies",),
)  # fmt: skip
