"""MailPoet, the newsletters of WordPress, on MySQL or MariaDB: a row per recipient, opens by people and by machines."""

from reportlib.warehouse.connect.platform import EVERYONE, Extract, Platform

# The mails that WordPress and its shop send one by one.
_TRANSACTIONAL = "('wc_transactional', 'confirmation_email', 'automation_transactional')"
_OF_ANOTHER = "SELECT id FROM source.newsletters WHERE type NOT IN " + _TRANSACTIONAL

PLATFORM = Platform(
    name="mailpoet",
    title="MailPoet",
    versions="MailPoet 3.80 to 5",
    extracts=(
        Extract("options", "option_name option_value", "option_name",
                only={"option_name": ("blogname", "timezone_string")}),
        Extract("mailpoet_newsletters", "id:int parent_id:int subject type sender_address status sent_at:time "
                "created_at:time deleted_at:time", "id", name="newsletters"),
        Extract("mailpoet_newsletter_segment", "id:int newsletter_id:int segment_id:int", "id",
                name="newsletter_segment"),
        Extract("mailpoet_newsletter_links", "id:int url", "id", name="links"),
        Extract("mailpoet_sending_queues", "id:int task_id:int newsletter_id:int count_total:int", "id", name="queues"),
        Extract("mailpoet_segments", "id:int name", "id", name="segments", reaches=EVERYONE),
        Extract("mailpoet_subscribers", "id:int email status created_at:time updated_at:time", "id", person="id",
                changed="updated_at", name="subscribers", kept={"email": "lower(split_part(email, '@', -1))"}),
        Extract("mailpoet_subscriber_segment", "id:int subscriber_id:int segment_id:int status updated_at:time", "id",
                person="subscriber_id", changed="updated_at", name="subscriber_segment"),
        Extract("mailpoet_custom_fields", "id:int name", "id", name="custom_fields", optional=True),
        Extract("mailpoet_subscriber_custom_field", "id:int subscriber_id:int custom_field_id:int value "
                "updated_at:time", "id", person="subscriber_id", changed="updated_at", name="custom_values",
                optional=True),
        Extract("mailpoet_statistics_newsletters", "id:int newsletter_id:int subscriber_id:int queue_id:int "
                "sent_at:time", "id", person="subscriber_id", changed="sent_at", name="sent"),
        Extract("mailpoet_scheduled_task_subscribers", "task_id:int subscriber_id:int processed:bool failed:bool error "
                "updated_at:time", "task_id subscriber_id", person="subscriber_id", changed="updated_at", name="tasks"),
        Extract("mailpoet_statistics_opens", "id:int newsletter_id:int subscriber_id:int queue_id:int "
                "user_agent_type?:int created_at:time", "id", person="subscriber_id", changed="created_at",
                name="opens"),
        Extract("mailpoet_statistics_clicks", "id:int newsletter_id:int subscriber_id:int queue_id:int link_id:int "
                "user_agent_type?:int count:int created_at:time updated_at:time", "id", person="subscriber_id",
                changed="updated_at", name="clicks"),
        Extract("mailpoet_statistics_unsubscribes", "id:int newsletter_id:int subscriber_id:int queue_id:int "
                "created_at:time", "id", person="subscriber_id", changed="created_at", name="unsubscribes"),
        Extract("mailpoet_statistics_bounces", "id:int newsletter_id:int subscriber_id:int queue_id:int "
                "created_at:time", "id", person="subscriber_id", changed="created_at", name="bounces", optional=True),
        Extract("mailpoet_statistics_woocommerce_purchases", "id:int newsletter_id:int subscriber_id:int order_id:int "
                "order_currency order_price_total:number created_at:time updated_at:time", "id", person="subscriber_id",
                changed="updated_at", name="purchases", optional=True),
    ),
    tables={
        "accounts": """SELECT 'mailpoet' AS account_id, :timezone AS timezone, coalesce(
            (SELECT option_value FROM source.options WHERE option_name = 'blogname'), 'MailPoet') AS name""",
        "segments": "SELECT id AS segment_id, 'mailpoet' AS account_id, name FROM source.segments",
        "contacts": """SELECT id AS contact_id, 'mailpoet' AS account_id, email AS email_domain, created_at
            FROM source.subscribers""",
        "contact_attributes": """
            SELECT subscriber_id AS contact_id, name AS attribute, value FROM source.custom_values v
            JOIN source.custom_fields f ON f.id = v.custom_field_id WHERE value <> '' AND value NOT LIKE 'a:%'""",
        "segment_members": """SELECT segment_id, subscriber_id AS contact_id FROM source.subscriber_segment
            WHERE status = 'subscribed'""",
        "messages": f"""
            WITH bounced AS (SELECT newsletter_id, subscriber_id, queue_id, min(created_at) AS bounced_at FROM
                source.bounces
                             GROUP BY ALL),
            refused AS (
                SELECT q.newsletter_id, t.subscriber_id, q.id AS queue_id, t.error, t.updated_at
                FROM source.tasks t JOIN source.queues q ON q.task_id = t.task_id WHERE t.failed)
            SELECT s.queue_id || '-' || s.subscriber_id AS message_id, s.newsletter_id AS campaign_id,
                s.subscriber_id AS contact_id, 'email' AS channel,
                CASE WHEN b.bounced_at IS NULL THEN 'sent' ELSE 'failed' END AS status, min(s.sent_at) AS queued_at,
                min(s.sent_at) AS sent_at, b.bounced_at AS failed_at, CASE WHEN b.bounced_at IS NOT NULL THEN 'bounce'
                    END AS failure_code,
                NULL AS failure_reason
            FROM source.sent s LEFT JOIN bounced b USING (newsletter_id, subscriber_id, queue_id)
            WHERE s.newsletter_id IN ({_OF_ANOTHER})
            GROUP BY s.queue_id, s.subscriber_id, s.newsletter_id, b.bounced_at
            UNION ALL
            SELECT queue_id || '-' || subscriber_id, newsletter_id, subscriber_id, 'email', 'failed', updated_at,
                updated_at, updated_at, 'not sent', error
            FROM refused r WHERE newsletter_id IN ({_OF_ANOTHER}) AND NOT EXISTS (
                FROM source.sent s WHERE s.queue_id = r.queue_id AND s.subscriber_id = r.subscriber_id)""",
        "events": """
            SELECT 'o' || id AS event_id, queue_id || '-' || subscriber_id AS message_id, newsletter_id AS campaign_id,
                'opened' AS kind, created_at AS occurred_at, user_agent_type = 1 AS is_machine, NULL AS url
            FROM source.opens
            UNION ALL
            SELECT 'c' || c.id || '-' || n, queue_id || '-' || subscriber_id, newsletter_id, 'clicked',
                CASE n WHEN 1 THEN created_at WHEN 2 THEN updated_at END, user_agent_type = 1, url
            FROM (SELECT *, unnest(range(1, greatest(count, 1) + 1)) AS n FROM source.clicks) c
            LEFT JOIN source.links l ON l.id = c.link_id
            UNION ALL
            SELECT 'u' || id, queue_id || '-' || subscriber_id, newsletter_id, 'unsubscribed', created_at, NULL, NULL
            FROM source.unsubscribes WHERE newsletter_id IS NOT NULL AND queue_id IS NOT NULL""",
        "campaigns": f"""
            SELECT n.id AS campaign_id, 'mailpoet' AS account_id, subject AS name, CASE
                    WHEN status IN ('draft', 'scheduled', 'sending', 'sent') AND type IN ('standard',
                        'notification_history')
                        THEN replace(status, 'sent', 'completed')
                    WHEN status = 'corrupt' THEN 'cancelled' WHEN first IS NULL THEN 'draft' ELSE 'ongoing' END AS
                        status,
                segment AS segment_id, first AS started_at,
                CASE WHEN status = 'sent' AND type IN ('standard', 'notification_history')
                    THEN coalesce(sent_at, last) END AS completed_at
            FROM source.newsletters n
            LEFT JOIN (SELECT campaign_id, min(sent_at) AS first, max(sent_at) AS last FROM messages GROUP BY ALL)
                ON campaign_id = CAST(n.id AS VARCHAR)
            LEFT JOIN (SELECT newsletter_id, min(segment_id) AS segment FROM source.newsletter_segment
                       GROUP BY ALL HAVING count(*) = 1) ON newsletter_id = n.id
            WHERE type <> 'notification' AND type NOT IN {_TRANSACTIONAL} AND (deleted_at IS NULL OR first IS NOT
                NULL)""",
        "campaign_attributes": """
            SELECT id AS campaign_id, 'category' AS attribute, type AS value FROM source.newsletters
            WHERE id IN (SELECT CAST(campaign_id AS BIGINT) FROM campaigns)
            UNION ALL SELECT id, 'sender', sender_address FROM source.newsletters WHERE sender_address <> ''
                AND id IN (SELECT CAST(campaign_id AS BIGINT) FROM campaigns)""",
        "outcomes": """
            WITH known AS (SELECT CAST(campaign_id AS BIGINT) AS newsletter FROM campaigns)
            SELECT 'u' || id AS outcome_id, subscriber_id AS contact_id, 'unsubscribed' AS kind,
                created_at AS occurred_at, NULL AS value, NULL AS currency, NULL AS campaign_id, NULL AS message_id
            FROM source.unsubscribes WHERE newsletter_id IS NULL AND created_at IS NOT NULL
                AND CAST(subscriber_id AS VARCHAR) IN (SELECT contact_id FROM contacts)
            UNION ALL
            SELECT 'p' || min(id), subscriber_id, 'order', min(created_at), min(order_price_total), min(order_currency),
                min(newsletter), NULL
            FROM source.purchases LEFT JOIN known ON newsletter = newsletter_id
            WHERE created_at IS NOT NULL AND CAST(subscriber_id AS VARCHAR) IN (SELECT contact_id FROM contacts)
            GROUP BY order_id, subscriber_id""",
    },
    timezone="SELECT option_value FROM source.options WHERE option_name = 'timezone_string'",
    tells={"email": ("opened", "clicked", "links", "unsubscribed", "machines", "conversions")},
    no_place={
        "mails of the shop and of WordPress itself, each to one person": f"""
            SELECT count(*) FROM source.sent WHERE newsletter_id NOT IN ({_OF_ANOTHER})""",
    },
    not_told=("delivery: a mail server gives no receipt; only bounces are known", "replies and complaints"),
)  # fmt: skip
