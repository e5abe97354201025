"""Mailchimp, as Fivetran's connector stores it: recipients without a time, activity without an id."""

from reportlib.warehouse.connect.platform import Extract, Platform

_ACTIVITY = {"url": "coalesce(url, '')", "ip": "coalesce(ip, '')"}  # parts of what names a row


def _events(activity: str, campaign: str, prefix: str) -> str:
    """Opens and clicks, named by what they are and counted where Mailchimp has the same twice."""
    return f"""
        SELECT md5(concat_ws('|', '{activity}', action, {campaign}, member_id, timestamp, url, ip)) || '-' ||
            row_number()
                OVER (PARTITION BY action, {campaign}, member_id, timestamp, url, ip) AS event_id,
            '{prefix}' || {campaign} || '-' || member_id AS message_id, '{prefix}' || {campaign} AS campaign_id,
            CASE action WHEN 'open' THEN 'opened' ELSE 'clicked' END AS kind, timestamp AS occurred_at,
            nullif(url, '') AS url
        FROM source.{activity} WHERE action IN ('open', 'click')"""


def _messages(recipients: str, activity: str, campaign: str, prefix: str, sent_at: str) -> str:
    return f"""
        SELECT '{prefix}' || r.{campaign} || '-' || r.member_id AS message_id, '{prefix}' || r.{campaign} AS
            campaign_id,
            r.member_id AS contact_id, 'email' AS channel,
            CASE WHEN bounced_at IS NULL THEN 'sent' ELSE 'failed' END
                AS status,
            {sent_at} AS queued_at, {sent_at} AS sent_at, bounced_at AS failed_at, bounce_type AS failure_code,
            bounce_type || ' bounce' AS failure_reason
        FROM (SELECT DISTINCT {campaign}, member_id FROM source.{recipients}) r
        LEFT JOIN (SELECT {campaign}, member_id, min(timestamp) AS bounced_at, min(bounce_type) AS bounce_type
                   FROM source.{activity} WHERE action = 'bounce' GROUP BY ALL) b USING ({campaign}, member_id)"""


PLATFORM = Platform(
    name="mailchimp",
    title="Mailchimp (Fivetran)",
    versions="Fivetran's schema of Mailchimp",
    schemas=True,
    extracts=(
        Extract("campaign", "id title subject_line from_name? status send_time:time list_id segment_id template_id",
                "id", reaches="SELECT DISTINCT member_id FROM source.campaign_recipient "
                "WHERE campaign_id IN (SELECT id FROM changed_rows)"),
        Extract("segment", "id name _fivetran_deleted?:bool", "id", optional=True),
        Extract("member", "id list_id email_address country_code? language? timezone? status timestamp_opt?:time "
                "_fivetran_synced:time", "id list_id", person="id", changed="_fivetran_synced",
                kept={"email_address": "lower(split_part(email_address, '@', -1))"}),
        Extract("segment_member", "segment_id member_id _fivetran_deleted?:bool _fivetran_synced:time",
                "segment_id member_id", person="member_id", changed="_fivetran_synced", optional=True),
        Extract("campaign_recipient", "campaign_id member_id list_id _fivetran_synced:time", "campaign_id member_id",
                person="member_id", changed="_fivetran_synced"),
        Extract("campaign_recipient_activity", "campaign_id member_id action timestamp:time bounce_type url ip "
                "_fivetran_synced:time", "campaign_id member_id action timestamp url ip", person="member_id",
                changed="_fivetran_synced", kept=_ACTIVITY),
        Extract("unsubscribe", "campaign_id member_id list_id? timestamp:time reason _fivetran_synced:time",
                "campaign_id member_id", person="member_id", changed="_fivetran_synced"),
        Extract("automation_email", "id title subject_line status", "id", optional=True),
        Extract("automation_recipient", "automation_email_id member_id _fivetran_synced:time",
                "automation_email_id member_id", person="member_id", changed="_fivetran_synced", optional=True),
        Extract("automation_recipient_activity", "automation_email_id member_id action timestamp:time bounce_type url "
                "ip _fivetran_synced:time", "automation_email_id member_id action timestamp url ip", person="member_id",
                changed="_fivetran_synced", kept=_ACTIVITY, optional=True),
    ),
    tables={
        "accounts": "SELECT 'mailchimp' AS account_id, 'Mailchimp' AS name, :timezone AS timezone",
        "segments": """SELECT id AS segment_id, 'mailchimp' AS account_id, name FROM source.segment
            WHERE NOT coalesce(_fivetran_deleted, false)""",
        "contacts": """
            SELECT id AS contact_id, 'mailchimp' AS account_id, max(nullif(country_code, '')) AS country,
                max(language) AS language, max(email_address) AS email_domain, max(timezone) AS timezone,
                min(timestamp_opt) AS created_at
            FROM source.member GROUP BY id""",
        "segment_members": """SELECT DISTINCT segment_id, member_id AS contact_id FROM source.segment_member
            WHERE NOT coalesce(_fivetran_deleted, false)""",
        "messages": f"""
            SELECT m.* REPLACE (send_time AS queued_at, send_time AS sent_at)
            FROM ({_messages("campaign_recipient", "campaign_recipient_activity", "campaign_id", "", "NULL")}) m
            JOIN source.campaign ON id = campaign_id
            UNION ALL {_messages("automation_recipient", "automation_recipient_activity", "automation_email_id",
                "auto-",
                                 "NULL")}""",
        "events": f"""
            {_events("campaign_recipient_activity", "campaign_id", "")}
            UNION ALL {_events("automation_recipient_activity", "automation_email_id", "auto-")}
            UNION ALL
            SELECT 'u' || campaign_id || '-' || member_id, campaign_id || '-' || member_id, campaign_id, 'unsubscribed',
                min(timestamp), NULL
            FROM source.unsubscribe WHERE campaign_id IN (SELECT id FROM source.campaign)
            GROUP BY campaign_id, member_id""",
        "outcomes": """
            SELECT 'u' || member_id AS outcome_id, member_id AS contact_id, 'unsubscribed' AS kind,
                max(timestamp) AS occurred_at
            FROM source.unsubscribe
            WHERE (campaign_id IS NULL OR campaign_id NOT IN (SELECT id FROM source.campaign)) AND timestamp IS NOT NULL
                AND CAST(member_id AS VARCHAR) IN (SELECT contact_id FROM contacts)
            GROUP BY member_id""",
        "campaigns": """
            SELECT id AS campaign_id, 'mailchimp' AS account_id, coalesce(nullif(title, ''), nullif(subject_line, ''),
                id) AS name,
                CASE status WHEN 'save' THEN 'draft' WHEN 'paused' THEN 'sending' WHEN 'schedule' THEN 'scheduled'
                    WHEN 'canceled' THEN 'cancelled' WHEN 'sending' THEN 'sending' WHEN 'sent' THEN 'completed'
                    ELSE 'draft' END AS status, template_id, CASE WHEN segment_id IN (SELECT segment_id FROM segments)
                    THEN segment_id END AS segment_id,
                send_time AS started_at, CASE WHEN status = 'sent' THEN send_time END AS completed_at
            FROM source.campaign
            UNION ALL
            SELECT 'auto-' || id, 'mailchimp', coalesce(nullif(title, ''), nullif(subject_line, ''), id),
                CASE status WHEN 'save' THEN 'draft' ELSE 'ongoing' END, NULL, NULL, NULL, NULL
            FROM source.automation_email""",
        "campaign_attributes": """
            SELECT id AS campaign_id, 'subject' AS attribute, subject_line AS value FROM source.campaign
            WHERE subject_line <> ''
            UNION ALL SELECT id, 'sender', from_name FROM source.campaign WHERE from_name <> ''""",
    },
    tells={"email": ("opened", "clicked", "links", "unsubscribed")},
    not_told=(
        "delivery: a mail server gives no receipt; only bounces are known",
        "replies and complaints; when each mail was sent: the campaign's time stands for it",
    ),
)  # fmt: skip
