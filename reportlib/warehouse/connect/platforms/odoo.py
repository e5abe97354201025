"""Odoo's e-mail and SMS marketing, on PostgreSQL: a trace per recipient.

A person is an e-mail address, or the record that an SMS went to: the same address may belong to several records. Odoo
calls a mail delivered that has not bounced; only for SMS does it get receipts (since 17). A trace has no time of
    failure.
"""

from reportlib.warehouse.connect.platform import Extract, Platform

_ADDRESS = "lower(trim(coalesce(nullif(email_normalized, ''), email)))"
_TRACE = "coalesce(nullif(lower(trim(email)), ''), model || '/' || res_id)"

PLATFORM = Platform(
    name="odoo",
    title="Odoo",
    versions="Odoo 15 to 18",
    extracts=(
        Extract("res_company", "id:int name", "id"),
        Extract("mailing_list", "id:int name", "id"),
        Extract("mailing_mailing", "id:int subject name? state mailing_type email_from? campaign_id:int "
                "ab_testing_enabled:bool sent_date:time schedule_date:time", "id"),
        Extract("mail_mass_mailing_list_rel", "mailing_mailing_id:int mailing_list_id:int",
                "mailing_mailing_id mailing_list_id", optional=True, name="mailing_lists"),
        Extract("res_country", "id:int code", "id", optional=True),
        Extract("link_tracker", "id:int url", "id", optional=True),
        Extract("mailing_contact", "id:int email email_normalized? country_id?:int create_date:time write_date:time",
                "id", person=_ADDRESS, changed="write_date"),
        Extract("mailing_subscription", "id:int contact_id:int list_id:int opt_out:bool", "id", optional=True,
                reaches=f"SELECT {_ADDRESS} FROM source.mailing_contact "
                "WHERE id IN (SELECT contact_id FROM changed_rows)"),
        Extract("mailing_trace", "id:int trace_type email sms_number? sms_id_int?:int message_id model res_id:int "
                "mass_mailing_id:int trace_status failure_type failure_reason? sent_datetime:time open_datetime:time "
                "reply_datetime:time create_date:time write_date:time", "id", person=_TRACE, changed="write_date"),
        Extract("link_tracker_click", "id:int link_id:int mailing_trace_id:int create_date:time write_date:time", "id",
                changed="write_date create_date", optional=True,
                reaches=f"SELECT {_TRACE} FROM source.mailing_trace "
                "WHERE id IN (SELECT mailing_trace_id FROM changed_rows)"),
    ),
    tables={
        "accounts": """SELECT 'odoo' AS account_id, :timezone AS timezone,
            coalesce((SELECT name FROM source.res_company ORDER BY id LIMIT 1), 'Odoo') AS name""",
        "segments": "SELECT id AS segment_id, 'odoo' AS account_id, name FROM source.mailing_list",
        "contacts": f"""
            SELECT contact_id, 'odoo' AS account_id, min(code) AS country, min(email_domain) AS email_domain,
                min(create_date) AS created_at
            FROM (
                SELECT {_ADDRESS} AS contact_id, code, split_part({_ADDRESS}, '@', -1) AS email_domain, create_date
                FROM source.mailing_contact LEFT JOIN (SELECT id AS country, code FROM source.res_country)
                ON country = country_id
                UNION ALL
                SELECT {_TRACE}, NULL, CASE WHEN email LIKE '%@%' THEN split_part(lower(trim(email)), '@', -1) END, NULL
                FROM source.mailing_trace)
            WHERE contact_id IS NOT NULL GROUP BY contact_id""",
        "segment_members": f"""
            SELECT DISTINCT list_id AS segment_id, {_ADDRESS} AS contact_id
            FROM source.mailing_subscription s JOIN source.mailing_contact c ON c.id = s.contact_id
            WHERE NOT coalesce(opt_out, false)""",
        "messages": f"""
            SELECT id AS message_id, mass_mailing_id AS campaign_id, {_TRACE} AS contact_id,
                CASE trace_type WHEN 'mail' THEN 'email' ELSE trace_type END AS channel,
                message_id AS provider_message_id,
                CASE WHEN trace_status IN ('bounce', 'error') THEN 'failed'
                    WHEN trace_status IN ('outgoing', 'process', 'cancel') THEN 'queued'
                    WHEN trace_type = 'sms' AND trace_status = 'sent' AND sms_id_int IS NOT NULL THEN 'delivered'
                    ELSE 'sent' END AS status,
                create_date AS queued_at, CASE WHEN trace_status NOT IN ('outgoing', 'process', 'cancel')
                    THEN coalesce(sent_datetime, create_date) END AS sent_at,
                failure_type AS failure_code, coalesce(failure_reason, failure_type) AS failure_reason
            FROM source.mailing_trace WHERE mass_mailing_id IS NOT NULL""",
        "events": """
            SELECT 'o' || id AS event_id, id AS message_id, mass_mailing_id AS campaign_id, 'opened' AS kind,
                open_datetime AS occurred_at, NULL AS url
            FROM source.mailing_trace
            WHERE mass_mailing_id IS NOT NULL AND trace_type = 'mail' AND open_datetime IS NOT NULL
            UNION ALL
            SELECT 'r' || id, id, mass_mailing_id, 'replied', reply_datetime, NULL
            FROM source.mailing_trace WHERE mass_mailing_id IS NOT NULL AND reply_datetime IS NOT NULL
            UNION ALL
            SELECT 'c' || k.id, t.id, t.mass_mailing_id, 'clicked', k.create_date, l.url
            FROM source.link_tracker_click k JOIN source.mailing_trace t ON t.id = k.mailing_trace_id
            LEFT JOIN source.link_tracker l ON l.id = k.link_id WHERE t.mass_mailing_id IS NOT NULL""",
        "campaigns": """
            SELECT m.id AS campaign_id, 'odoo' AS account_id, subject AS name,
                CASE state WHEN 'done' THEN 'completed' WHEN 'in_queue' THEN 'scheduled' ELSE state END AS status,
                list AS segment_id, CASE WHEN ab_testing_enabled THEN campaign_id END AS experiment_id,
                CASE WHEN ab_testing_enabled THEN chr(64 + CAST(row_number()
                    OVER (PARTITION BY campaign_id, ab_testing_enabled ORDER BY m.id) AS INTEGER)) END AS variant,
                schedule_date AS scheduled_at, first_sent AS started_at, sent_date AS completed_at
            FROM source.mailing_mailing m
            LEFT JOIN (SELECT campaign_id AS sent_id, min(sent_at) AS first_sent FROM messages GROUP BY ALL)
                ON sent_id = CAST(m.id AS VARCHAR)
            LEFT JOIN (SELECT mailing_mailing_id, min(mailing_list_id) AS list FROM source.mailing_lists
                       GROUP BY ALL HAVING count(*) = 1) ON mailing_mailing_id = m.id""",
        "campaign_attributes": """
            SELECT id AS campaign_id, 'sender' AS attribute, email_from AS value FROM source.mailing_mailing
            WHERE email_from IS NOT NULL""",
    },
    tells={"email": ("opened", "clicked", "links", "replied"), "sms": ("delivered", "clicked", "links")},
    tells_if={"sms.delivered": "EXISTS (FROM source.mailing_trace WHERE sms_id_int IS NOT NULL)"},
    no_place={
        "messages of no mailing (sent by hand or by an automation)":
            "SELECT count(*) FROM source.mailing_trace WHERE mass_mailing_id IS NULL",
        "opt-outs of a list, which Odoo keeps without a mailing":
            "SELECT count(*) FROM source.mailing_subscription WHERE opt_out",
    },
    not_told=(
        "delivery of e-mail: what Odoo calls delivered has not bounced; and of SMS before Odoo 17",
        "when something failed, and further opens: Odoo keeps the first",
        "opt-outs by mailing, complaints",
    ),
)  # fmt: skip
