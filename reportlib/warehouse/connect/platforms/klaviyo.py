"""Klaviyo, as Fivetran's connector stores it: everything is an event of a person."""

from reportlib.warehouse.connect.platform import Extract, Platform

_OF_A_MESSAGE = """(
    'Received Email', 'Opened Email', 'Clicked Email', 'Bounced Email', 'Dropped Email', 'Marked Email as Spam',
    'Unsubscribed', 'Unsubscribed from Email Marketing', 'Received SMS', 'Clicked SMS', 'Failed to Deliver SMS',
    'Unsubscribed from SMS', 'Unsubscribed from SMS Marketing')"""
_KINDS = """CASE type WHEN 'Opened Email' THEN 'opened'
    WHEN 'Clicked Email' THEN 'clicked' WHEN 'Clicked SMS' THEN 'clicked'
    WHEN 'Marked Email as Spam' THEN 'complained' WHEN 'Unsubscribed' THEN 'unsubscribed'
    WHEN 'Unsubscribed from Email Marketing' THEN 'unsubscribed' WHEN 'Unsubscribed from SMS' THEN 'unsubscribed'
    WHEN 'Unsubscribed from SMS Marketing' THEN 'unsubscribed' END"""
# Whose campaign an event is: a campaign, one of its variations, or a message of a flow.
_RUN = """CASE WHEN campaign_id IS NOT NULL THEN campaign_id || coalesce('/' || _variation, '')
    ELSE 'flow/' || flow_id || coalesce('/' || flow_message_id, '') END"""
_MAIL = f"""(
    SELECT *, {_RUN} AS run, CASE WHEN type LIKE '%SMS%' THEN 'sms' ELSE 'email' END AS channel
    FROM source.event WHERE type IN {_OF_A_MESSAGE} AND (campaign_id IS NOT NULL OR flow_id IS NOT NULL)
        AND NOT coalesce(_fivetran_deleted, false))"""
# Nothing tells when a mail was sent that bounced: the campaign's time stands for it.
_SENT = "least(min(timestamp), min(send_time) FILTER (type IN ('Bounced Email', 'Dropped Email')))"

PLATFORM = Platform(
    name="klaviyo",
    title="Klaviyo (Fivetran)",
    versions="Fivetran's schema of Klaviyo",
    schemas=True,
    extracts=(
        Extract("campaign", "id name subject? from_email? status campaign_type? send_time:time sent_at:time "
                "scheduled?:time email_template_id? _fivetran_deleted?:bool", "id",
                reaches="SELECT DISTINCT person_id FROM source.event "
                "WHERE campaign_id IN (SELECT id FROM changed_rows)"),
        Extract("flow", "id name status?", "id", optional=True),
        Extract("person", "id email country timezone created:time _fivetran_synced:time", "id", person="id",
                changed="_fivetran_synced", kept={"email": "lower(split_part(email, '@', -1))"}),
        Extract("event", "id person_id campaign_id flow_id flow_message_id? _variation? type timestamp:time "
                "property_bounce_type? property_url? property_value?:number property_value_currency? "
                "_fivetran_deleted?:bool _fivetran_synced:time", "id",
                person="person_id", changed="_fivetran_synced"),
    ),
    tables={
        "accounts": "SELECT 'klaviyo' AS account_id, 'Klaviyo' AS name, :timezone AS timezone",
        "segments": "SELECT NULL AS segment_id, NULL AS account_id, NULL AS name WHERE false",
        "contacts": """SELECT id AS contact_id, 'klaviyo' AS account_id, country, email AS email_domain, timezone,
            created AS created_at FROM source.person""",
        "messages": f"""
            SELECT run || '/' || person_id || '/' || channel AS message_id, run AS campaign_id, person_id AS
                contact_id, channel,
                CASE WHEN bool_or(type IN ('Bounced Email', 'Failed to Deliver SMS')) THEN 'failed'
                    WHEN bool_or(type IN ('Received Email', 'Received SMS')) THEN 'delivered'
                    WHEN bool_or(type = 'Dropped Email') THEN 'queued' ELSE 'sent' END AS status,
                {_SENT} AS queued_at, CASE WHEN NOT bool_and(type = 'Dropped Email') THEN {_SENT} END AS sent_at,
                CASE WHEN NOT bool_or(type IN ('Bounced Email', 'Failed to Deliver SMS'))
                    THEN min(timestamp) FILTER (type IN ('Received Email', 'Received SMS')) END AS delivered_at,
                min(timestamp) FILTER (type IN ('Bounced Email', 'Failed to Deliver SMS')) AS failed_at,
                min(property_bounce_type) AS failure_code, min(property_bounce_type) || ' bounce' AS failure_reason
            FROM {_MAIL} LEFT JOIN (SELECT id AS sent_id, send_time FROM source.campaign) ON sent_id = campaign_id
            GROUP BY run, person_id, channel""",
        "events": f"""
            SELECT id AS event_id, run || '/' || person_id || '/' || channel AS message_id, run AS campaign_id,
                {_KINDS} AS kind, timestamp AS occurred_at, property_url AS url
            FROM {_MAIL} WHERE {_KINDS} IS NOT NULL""",
        "campaigns": f"""
            WITH runs AS (
                SELECT run, campaign_id AS parent, flow_id, _variation AS arm, min(timestamp) AS first,
                    max(timestamp) FILTER (type IN ('Received Email', 'Received SMS')) AS last
                FROM {_MAIL} GROUP BY ALL),
            arms AS (SELECT parent, count(*) AS arms FROM runs GROUP BY ALL)
            SELECT coalesce(run, c.id) AS campaign_id, 'klaviyo' AS account_id,
                coalesce(nullif(name, ''), c.id) || CASE WHEN arms > 1 THEN ' – ' || arm ELSE '' END AS name,
                CASE lower(status) WHEN 'sent' THEN 'completed' WHEN 'draft' THEN 'draft' WHEN 'scheduled' THEN
                    'scheduled'
                    WHEN 'cancelled' THEN 'cancelled' WHEN 'canceled' THEN 'cancelled' ELSE 'sending' END AS status,
                email_template_id AS template_id, CASE WHEN arms > 1 THEN c.id END AS experiment_id,
                CASE WHEN arms > 1 THEN arm END AS variant, scheduled AS scheduled_at,
                coalesce(send_time, first) AS started_at, CASE WHEN lower(status) = 'sent' THEN coalesce(sent_at,
                    last) END
                    AS completed_at
            FROM source.campaign c LEFT JOIN runs r ON r.parent = c.id LEFT JOIN arms a ON a.parent = c.id
            WHERE NOT coalesce(_fivetran_deleted, false)
            UNION ALL
            SELECT run, 'klaviyo', coalesce(name, run), 'ongoing', NULL, NULL, NULL, NULL, first, NULL
            FROM runs LEFT JOIN source.flow f ON f.id = flow_id WHERE parent IS NULL""",
        "campaign_attributes": """
            SELECT campaign_id, 'subject' AS attribute, subject AS value FROM source.campaign
            JOIN campaigns ON campaign_id = id OR experiment_id = id WHERE subject <> ''""",
        "outcomes": """
            SELECT id AS outcome_id, person_id AS contact_id,
                CASE type WHEN 'Placed Order' THEN 'order' ELSE 'unsubscribed' END AS kind, timestamp AS occurred_at,
                CASE type WHEN 'Placed Order' THEN property_value END AS value,
                CASE type WHEN 'Placed Order' THEN property_value_currency END AS currency
            FROM source.event
            WHERE (type = 'Placed Order' OR (type LIKE 'Unsubscribed%' AND campaign_id IS NULL AND flow_id IS NULL))
                AND timestamp IS NOT NULL AND NOT coalesce(_fivetran_deleted, false)
                AND person_id IN (SELECT contact_id FROM contacts)""",
    },
    tells={
        "email": ("delivered", "opened", "clicked", "links", "unsubscribed", "complained", "conversions"),
        "sms": ("delivered", "clicked", "links", "unsubscribed", "conversions"),
    },
    not_told=("replies; what was sent and neither received nor bounced", "further mails of a flow to the same person"),
)  # fmt: skip
