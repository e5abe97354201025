"""The statements that draw what is sent, and what becomes of it, from the plan, in their order.

Times are epoch milliseconds until they are stored.
"""

from reportlib.warehouse.demo.plan import PLAN

AS_OF_MS = round((PLAN.as_of - type(PLAN.as_of)(1970, 1, 1)).total_seconds() * 1000)

# Who a campaign reaches: its walk through the pool; of an experiment all arms' people, shuffled and then shared out.
_SEATED = """
    CREATE TEMP TABLE seated AS
    WITH walked AS (
        SELECT campaign_id, experiment_id, step, skip + step AS seat, contact_id
        FROM (SELECT *, unnest(range(messaged + held_out)) AS step FROM planned) places
        JOIN pools ON pools.pool = places.pool AND place = ((skip + step) * stride) % pool_size
    ), shuffled AS (
        SELECT experiment_id, contact_id AS shuffled_id,
            row_number() OVER (PARTITION BY experiment_id ORDER BY draw(contact_id, experiment_id)) - 1 AS seat
        FROM walked WHERE experiment_id IS NOT NULL
    )
    SELECT campaign_id, step, coalesce(shuffled_id, contact_id) AS contact_id
    FROM walked LEFT JOIN shuffled USING (experiment_id, seat)
"""

_FIRST_ATTEMPTS = """
    CREATE TEMP TABLE first_attempts AS
    WITH walked AS (
        SELECT campaign_id, contact_id, status, cancelled_at, start_ms, minutes, days,
            printf('m%07d', planned.first + step) AS message_id
        FROM steps
        JOIN planned USING (campaign_id)
        JOIN seated USING (campaign_id, step)
    ), drawn AS (
        SELECT *, draw(message_id, 'send') AS send, u1(draw(contact_id, campaign_id)) AS lot FROM walked
    ), paced AS (
        SELECT *, u1(send) * days AS moment FROM drawn WHERE status <> 'cancelled' OR u1(send) < cancelled_at
    )
    SELECT message_id, campaign_id, contact_id, channel.value AS channel, send,
        start_ms + (1200 * minutes * u1(send))::BIGINT AS queued_ms,
        start_ms + (86400000 * floor(moment) + 60000 * minutes * (moment - floor(moment)))::BIGINT
            + (1200 * minutes * u1(send))::BIGINT AS sent_ms
    FROM paced
    JOIN plan_choices channel ON channel.owner = campaign_id AND channel.kind = 'channel'
        AND lot >= channel.low AND lot < channel.high
"""

_SECOND_ATTEMPTS = """
    CREATE TEMP TABLE second_attempts AS
    WITH failed AS (
        SELECT campaign_id, contact_id, fallback, final_ms + 60000 AS queued_ms,
            (SELECT max(first + messaged) FROM planned WHERE NOT is_added) - 1
                + row_number() OVER (ORDER BY message_id) AS number
        FROM fates JOIN planned USING (campaign_id)
        WHERE outcome = 'failed' AND fallback IS NOT NULL
    ), drawn AS (
        SELECT *, printf('m%07d', number) AS message_id, draw(message_id, 'send') AS send FROM failed
    )
    SELECT message_id, campaign_id, contact_id, fallback AS channel, send, queued_ms,
        queued_ms + (240000 * u1(send))::BIGINT AS sent_ms
    FROM drawn
"""


def _fates(attempts: str) -> str:
    """What becomes of each attempt in the end, were one to wait for it: failed, pending, unconfirmed or delivered."""
    return f"""
    SELECT a.*, clock, email_domain, receipts_lot, reader_lot, people.account_id,
        code, reason,
        CASE
            WHEN code IS NOT NULL THEN 'failed'
            WHEN u2(a.send) >= 1 - pending THEN 'pending'
            WHEN u2(a.send) >= 1 - pending - without_receipt THEN 'unconfirmed'
            ELSE 'delivered'
        END AS outcome,
        sent_ms + CASE WHEN code IS NULL THEN 500 + delivery_delay(u3(a.send)) ELSE 500 + (u3(a.send) * 20000)::BIGINT
            END AS final_ms
    FROM {attempts} a
    JOIN people USING (contact_id)
    JOIN planned USING (campaign_id)
    JOIN plan_channels ON plan_channels.account_id = people.account_id AND plan_channels.channel = a.channel
    LEFT JOIN plan_failures f ON f.campaign_id = a.campaign_id AND f.channel = a.channel
        AND coalesce(f.carrier, '') = coalesce(people.carrier, '') AND u2(a.send) >= f.low AND u2(a.send) < f.high
    """


_MESSAGES = f"""
    INSERT INTO messages
    WITH seen AS (
        SELECT *, CASE
            WHEN sent_ms > {AS_OF_MS} THEN 'queued'
            WHEN final_ms > {AS_OF_MS} OR outcome IN ('pending', 'unconfirmed') THEN 'sent'
            ELSE outcome END AS status
        FROM fates
    )
    SELECT message_id, campaign_id, contact_id, seen.channel, provider,
        CASE WHEN status <> 'queued' THEN provider || '-' || message_id END,
        status, epoch_ms(queued_ms),
        CASE WHEN status <> 'queued' THEN epoch_ms(sent_ms) END,
        CASE WHEN status = 'delivered' THEN epoch_ms(final_ms) END,
        CASE WHEN status = 'failed' THEN epoch_ms(final_ms) END,
        CASE WHEN status = 'failed' THEN code END,
        CASE WHEN status = 'failed' THEN reason END,
        CASE status WHEN 'queued' THEN NULL WHEN 'failed' THEN 0 ELSE cost END,
        CASE WHEN status <> 'queued' THEN currency END, NULL, NULL, NULL
    FROM seen
    JOIN plan_channels c ON c.account_id = seen.account_id AND c.channel = seen.channel
    JOIN plan_accounts a ON a.account_id = seen.account_id
"""

_CAMPAIGNS = """
    INSERT INTO campaigns
    WITH sendings AS (
        SELECT campaign_id, min(queued_at) AS started_at, max(coalesce(sent_at, queued_at)) AS completed_at
        FROM messages GROUP BY campaign_id
        UNION ALL SELECT campaign_id, epoch_ms(start_ms), epoch_ms(start_ms + 60000 * minutes)
        FROM planned WHERE campaign_id IN (SELECT campaign_id FROM plan_totals)
    )
    SELECT campaign_id, account_id, name, status, 't-' || campaign_id, segment_id, experiment_id, variant,
        CASE WHEN status <> 'draft' THEN epoch_ms(start_ms) END, started_at,
        CASE WHEN status <> 'sending' THEN completed_at END, ceil(people * declared)
    FROM planned LEFT JOIN sendings USING (campaign_id)
    ORDER BY start_ms
"""

_ASSIGNMENTS = """
    INSERT INTO assignments
    SELECT experiment_id, contact_id, if(step < messaged, variant, 'held out'),
        CASE WHEN step < messaged THEN campaign_id END, epoch_ms(start_ms - 3600000)
    FROM seated JOIN planned USING (campaign_id)
    WHERE experiment_id IS NOT NULL
    ORDER BY campaign_id, contact_id
"""

_TOTALS = f"""
    INSERT INTO campaign_totals
    SELECT campaign_id, channel, what, round(people * share), round(people * share * times), epoch_ms({AS_OF_MS})
    FROM plan_totals JOIN planned USING (campaign_id)
"""

SENDING = (
    _SEATED,
    "CREATE TEMP TABLE steps AS SELECT campaign_id, unnest(range(messaged)) AS step FROM planned",
    _FIRST_ATTEMPTS,
    f"CREATE TEMP TABLE fates AS {_fates('first_attempts')}",
    _SECOND_ATTEMPTS,
    f"INSERT INTO fates {_fates('second_attempts')}",
    _MESSAGES,
    _CAMPAIGNS,
    _ASSIGNMENTS,
    "INSERT INTO campaign_attributes SELECT campaign_id, attribute, value FROM plan_attributes",
    _TOTALS,
)
