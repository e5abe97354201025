"""Iterable, as Fivetran's connector stores it: events of an address."""

from reportlib.warehouse.connect.platform import Extract, Platform

_KINDS = """CASE lower(event_name) WHEN 'emailopen' THEN 'opened' WHEN 'emailclick' THEN 'clicked'
    WHEN 'smsclick' THEN 'clicked' WHEN 'emailunsubscribe' THEN 'unsubscribed' WHEN 'emailcomplaint' THEN 'complained'
        END"""
_SENDS = "('emailsend', 'emailsendskip', 'emailbounce', 'smssend', 'smssendskip', 'smsbounce')"
_MESSAGE = "campaign_id || '/' || coalesce(message_id, lower(email))"
_CHANNEL = "CASE WHEN event_name ILIKE 'sms%' THEN 'sms' ELSE 'email' END"

PLATFORM = Platform(
    name="iterable",
    title="Iterable (Fivetran)",
    versions="Fivetran's schema of Iterable",
    schemas=True,
    extracts=(
        Extract("campaign_history",
            "id updated_at:time name campaign_state type template_id start_at:time ended_at:time "
                "send_size:int", "id updated_at"),
        Extract("event", "_fivetran_id email campaign_id message_id created_at:time event_name _fivetran_synced:time",
                "_fivetran_id", person="lower(email)", changed="_fivetran_synced"),
        Extract("event_extension", "_fivetran_id link_url? sms_provider_response_code? error_code? reason? "
                "_fivetran_synced:time", "_fivetran_id", changed="_fivetran_synced", name="extension",
                reaches="SELECT lower(email) FROM source.event "
                "WHERE _fivetran_id IN (SELECT _fivetran_id FROM changed_rows)"),
    ),
    tables={
        "accounts": "SELECT 'iterable' AS account_id, 'Iterable' AS name, :timezone AS timezone",
        "segments": "SELECT NULL AS segment_id, NULL AS account_id, NULL AS name WHERE false",
        "contacts": """
            SELECT lower(email) AS contact_id, 'iterable' AS account_id, split_part(lower(email), '@', -1) AS
                email_domain
            FROM source.event WHERE email IS NOT NULL GROUP BY lower(email)""",
        "messages": f"""
            SELECT {_MESSAGE} AS message_id, campaign_id, lower(min(email)) AS contact_id, min({_CHANNEL}) AS channel,
                CASE WHEN bool_or(lower(event_name) LIKE '%bounce') THEN 'failed'
                    WHEN bool_or(lower(event_name) IN ('emailsend', 'smssend')) THEN 'sent' ELSE 'queued' END AS status,
                min(created_at) AS queued_at, min(created_at) FILTER (lower(event_name) NOT LIKE '%skip') AS sent_at,
                min(created_at) FILTER (lower(event_name) LIKE '%bounce') AS failed_at,
                min(coalesce(error_code, sms_provider_response_code)) AS failure_code, min(reason) AS failure_reason
            FROM source.event LEFT JOIN source.extension USING (_fivetran_id)
            WHERE lower(event_name) IN {_SENDS} AND campaign_id IS NOT NULL AND email IS NOT NULL
            GROUP BY {_MESSAGE}, campaign_id""",
        "events": f"""
            SELECT _fivetran_id AS event_id, {_MESSAGE} AS message_id, campaign_id, {_KINDS} AS kind,
                created_at AS occurred_at, link_url AS url
            FROM source.event LEFT JOIN source.extension USING (_fivetran_id)
            WHERE campaign_id IS NOT NULL AND {_KINDS} IS NOT NULL""",
        "campaigns": """
            SELECT id AS campaign_id, 'iterable' AS account_id, coalesce(nullif(name, ''), id) AS name,
                CASE WHEN campaign_state ILIKE 'draft' AND first IS NULL THEN 'draft' WHEN campaign_state ILIKE
                    'scheduled'
                    THEN 'scheduled' WHEN campaign_state ILIKE 'aborted' OR campaign_state ILIKE 'recalled' THEN
                        'cancelled'
                    WHEN type ILIKE 'triggered' THEN CASE WHEN first IS NULL THEN 'draft' ELSE 'ongoing' END
                    WHEN campaign_state ILIKE 'running' OR campaign_state ILIKE 'starting' THEN 'sending'
                    WHEN first IS NULL THEN 'draft' ELSE 'completed' END AS status,
                template_id, start_at AS scheduled_at, coalesce(first, start_at) AS started_at,
                CASE WHEN type NOT ILIKE 'triggered' AND campaign_state ILIKE 'finished' THEN coalesce(ended_at, last)
                    END
                    AS completed_at, greatest(send_size, people) AS audience_size
            FROM (FROM source.campaign_history QUALIFY row_number() OVER (PARTITION BY id ORDER BY updated_at DESC) = 1)
            LEFT JOIN (SELECT campaign_id, min(sent_at) AS first, max(sent_at) AS last,
                           count(DISTINCT contact_id) AS people FROM messages GROUP BY ALL) ON campaign_id = id""",
        "outcomes": """
            SELECT _fivetran_id AS outcome_id, lower(email) AS contact_id, 'unsubscribed' AS kind,
                created_at AS occurred_at
            FROM source.event WHERE event_name ILIKE 'emailUnSubscribe' AND campaign_id IS NULL
                AND email IS NOT NULL AND created_at IS NOT NULL""",
    },
    tells={
        "email": ("opened", "clicked", "links", "unsubscribed", "complained"),
        "sms": ("clicked", "links"),
    },
    not_told=("delivery: only sends and bounces are stored", "replies"),
)  # fmt: skip
