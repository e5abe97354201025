"""Mautic, on MySQL or MariaDB: a row per recipient, of broadcasts and of what its campaigns go on sending."""

from datetime import timedelta

from reportlib.warehouse.connect.platform import Extract, Platform

_PERSON = "coalesce(CAST(lead_id AS VARCHAR), 'deleted/' || id)"
_LATEST_MAIL = """SELECT lead_id, email_id, max(id) AS stat FROM source.email_stats
    WHERE lead_id IS NOT NULL AND email_id IS NOT NULL GROUP BY ALL"""

PLATFORM = Platform(
    name="mautic",
    title="Mautic",
    versions="Mautic 4 to 6",
    extracts=(
        Extract("emails", "id:int name subject from_address? email_type variant_parent_id:int publish_up:time "
                "is_published:bool", "id"),
        Extract("email_list_xref", "email_id:int leadlist_id:int", "email_id leadlist_id"),
        Extract("lead_lists", "id:int name", "id"),
        Extract("leads", "id:int email country preferred_locale timezone? city? state? company? date_added:time "
                "date_modified:time", "id", person="id", changed="date_modified date_added",
                kept={"email": "lower(split_part(email, '@', -1))"}),
        Extract("lead_lists_leads", "leadlist_id:int lead_id:int date_added:time manually_removed:bool",
                "leadlist_id lead_id", person="lead_id", changed="date_added"),
        # A bounce marks its mail as failed and leaves no time there; it comes within days.
        Extract("email_stats", "id:int email_id:int lead_id:int date_sent:time is_read:bool is_failed:bool "
                "date_read:time open_count:int last_opened?:time", "id", person=_PERSON,
                changed="date_sent date_read last_opened", overlap=timedelta(days=14)),
        Extract("email_stat_replies", "id stat_id:int date_replied:time", "id", changed="date_replied",
                optional=True, reaches=f"SELECT {_PERSON} FROM source.email_stats "
                "WHERE id IN (SELECT stat_id FROM changed_rows)"),
        Extract("page_hits", "id:int date_hit:time redirect_id:int email_id:int lead_id:int url", "id",
                person="lead_id", changed="date_hit"),
        Extract("lead_donotcontact", "id:int lead_id:int date_added:time reason:int channel channel_id:int comments",
                "id", person="lead_id", changed="date_added"),
        Extract("sms_messages", "id:int name sms_type", "id", optional=True),
        Extract("sms_message_stats", "id:int sms_id:int lead_id:int date_sent:time is_failed?:bool", "id",
                person=_PERSON.replace("'deleted/'", "'deleted/sms/'"), changed="date_sent", overlap=timedelta(days=14),
                optional=True),
    ),
    tables={
        "accounts": "SELECT 'mautic' AS account_id, 'Mautic' AS name, :timezone AS timezone",
        "segments": "SELECT id AS segment_id, 'mautic' AS account_id, name FROM source.lead_lists",
        "contacts": """
            SELECT id AS contact_id, 'mautic' AS account_id, country, preferred_locale AS language,
                email AS email_domain, timezone, date_added AS created_at FROM source.leads""",
        "contact_attributes": """
            SELECT id AS contact_id, attribute, value FROM (
                SELECT id, unnest([struct_pack(attribute := 'city', value := city),
                    struct_pack(attribute := 'state', value := state),
                    struct_pack(attribute := 'company', value := company)], recursive := true) FROM source.leads)
            WHERE value IS NOT NULL""",
        "segment_members": """
            SELECT leadlist_id AS segment_id, lead_id AS contact_id FROM source.lead_lists_leads
            WHERE NOT coalesce(manually_removed, false)""",
        "messages": f"""
            SELECT 'e' || s.id AS message_id, 'e' || s.email_id AS campaign_id, {_PERSON.replace("id", "s.id")
                .replace("lead_s.id", "s.lead_id")} AS contact_id, 'email' AS channel,
                CASE WHEN is_failed OR bounced_at IS NOT NULL THEN 'failed' ELSE 'sent' END AS status,
                date_sent AS queued_at, date_sent AS sent_at, bounced_at AS failed_at,
                CASE WHEN bounced_at IS NOT NULL THEN 'bounce' END AS failure_code, words AS failure_reason
            FROM source.email_stats s
            LEFT JOIN ({_LATEST_MAIL}) l ON l.stat = s.id
            LEFT JOIN (
                SELECT lead_id, channel_id, min(date_added) AS bounced_at, min(comments) AS words
                FROM source.lead_donotcontact WHERE reason = 2 AND channel = 'email' GROUP BY ALL) d
                ON d.lead_id = l.lead_id AND d.channel_id = l.email_id
            WHERE s.email_id IS NOT NULL
            UNION ALL
            SELECT 's' || id, 's' || sms_id, coalesce(CAST(lead_id AS VARCHAR), 'deleted/sms/' || id), 'sms',
                CASE WHEN is_failed THEN 'failed' ELSE 'sent' END, date_sent, date_sent, NULL, NULL, NULL
            FROM source.sms_message_stats WHERE sms_id IS NOT NULL""",
        "events": f"""
            SELECT 'o' || id || '-' || n AS event_id, 'e' || id AS message_id, 'e' || email_id AS campaign_id,
                'opened' AS kind, CASE n WHEN 1 THEN date_read WHEN 2 THEN last_opened END AS occurred_at, NULL AS url
            FROM (SELECT *, unnest(range(1, greatest(coalesce(open_count, 0), 1) + 1)) AS n FROM source.email_stats
                  WHERE is_read AND email_id IS NOT NULL)
            UNION ALL
            SELECT 'h' || h.id, 'e' || coalesce(s.id, l.stat), 'e' || h.email_id, 'clicked', h.date_hit, h.url
            FROM source.page_hits h ASOF LEFT JOIN
                (SELECT id, email_id, lead_id, date_sent FROM source.email_stats WHERE lead_id IS NOT NULL) s
                ON s.email_id = h.email_id AND s.lead_id = h.lead_id AND s.date_sent <= h.date_hit
            LEFT JOIN ({_LATEST_MAIL}) l ON l.email_id = h.email_id AND l.lead_id = h.lead_id
            WHERE h.email_id IS NOT NULL AND h.redirect_id IS NOT NULL AND h.lead_id IS NOT NULL
            UNION ALL
            SELECT 'u' || d.id, 'e' || stat, 'e' || channel_id, 'unsubscribed', date_added, NULL
            FROM source.lead_donotcontact d JOIN ({_LATEST_MAIL}) l
                ON l.lead_id = d.lead_id AND l.email_id = d.channel_id
            WHERE reason = 1 AND channel = 'email'
            UNION ALL
            SELECT 'r' || r.id, 'e' || stat_id, 'e' || email_id, 'replied', date_replied, NULL
            FROM source.email_stat_replies r JOIN source.email_stats s ON s.id = stat_id WHERE email_id IS NOT NULL""",
        "campaigns": """
            WITH written AS (
                SELECT 'e' || id AS campaign_id, *, coalesce(variant_parent_id, id) AS parent,
                    count(*) OVER (PARTITION BY coalesce(variant_parent_id, id)) AS variants,
                    row_number() OVER (PARTITION BY coalesce(variant_parent_id, id)
                                       ORDER BY variant_parent_id IS NOT NULL, id) AS place
                FROM source.emails),
            sent AS (SELECT campaign_id, min(sent_at) AS first, max(sent_at) AS last FROM messages GROUP BY ALL)
            SELECT campaign_id, 'mautic' AS account_id, name, CASE WHEN first IS NULL THEN 'draft'
                    WHEN email_type = 'list' THEN 'completed' ELSE 'ongoing' END AS status, segment AS segment_id,
                CASE WHEN variants > 1 THEN parent END AS experiment_id,
                CASE WHEN variants > 1 THEN chr(64 + CAST(place AS INTEGER)) END AS variant, publish_up AS scheduled_at,
                first AS started_at, CASE WHEN email_type = 'list' THEN last END AS completed_at
            FROM written LEFT JOIN sent USING (campaign_id)
            LEFT JOIN (SELECT email_id, min(leadlist_id) AS segment FROM source.email_list_xref
                       GROUP BY ALL HAVING count(*) = 1) ON email_id = parent
            UNION ALL
            SELECT campaign_id, 'mautic', name, CASE WHEN first IS NULL THEN 'draft' WHEN sms_type = 'list'
                THEN 'completed' ELSE 'ongoing' END, NULL, NULL, NULL, NULL, first,
                CASE WHEN sms_type = 'list' THEN last END
            FROM (SELECT 's' || id AS campaign_id, name, sms_type FROM source.sms_messages)
            LEFT JOIN sent USING (campaign_id)""",
        "campaign_attributes": """
            SELECT 'e' || id AS campaign_id, 'subject' AS attribute, subject AS value FROM source.emails
            WHERE subject IS NOT NULL
            UNION ALL SELECT 'e' || id, 'sender', from_address FROM source.emails WHERE from_address IS NOT NULL""",
        "outcomes": """
            SELECT 'u' || id AS outcome_id, lead_id AS contact_id, 'unsubscribed' AS kind, date_added AS occurred_at
            FROM source.lead_donotcontact WHERE reason <> 2 AND channel_id IS NULL AND date_added IS NOT NULL
                AND CAST(lead_id AS VARCHAR) IN (SELECT contact_id FROM contacts)""",
    },
    tells={"email": ("opened", "clicked", "links", "replied", "unsubscribed"), "sms": ()},
    no_place={
        "mails whose e-mail is deleted in Mautic": "SELECT count(*) FROM source.email_stats WHERE email_id IS NULL",
    },
    not_told=(
        "delivery: a mail server gives no receipt; only bounces are known, the first of each contact; of SMS nothing",
        "complaints, which Mautic keeps as opt-outs",
    ),
)  # fmt: skip
