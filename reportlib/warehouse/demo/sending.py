"""The statements that draw the demo's rows from the plan, in their order.

Times are epoch milliseconds until they are stored. A hash is cut into three uniforms of 20 bits: u1, u2, u3.
"""

from reportlib.warehouse.demo.plan import PLAN

_AS_OF_MS = round((PLAN.as_of - type(PLAN.as_of)(1970, 1, 1)).total_seconds() * 1000)
_SCAN_LOW, _SCAN_HIGH = 1_000, 20_000  # ms after delivery at which a link scanner clicks


def macros(seed: int) -> list[str]:
    """The functions that the other statements call; `seed` is part of every hash."""
    delays = {
        "delivery": PLAN.delivery_delay,
        "open": PLAN.open_delay,
        "click": PLAN.click_delay,
        "reply": PLAN.reply_delay,
        "machine": PLAN.machine_delay,
    }
    hours = ", ".join(map(str, PLAN.hour_multiplier))
    uniforms = [
        f"CREATE TEMP MACRO u{n}(hash) AS ((hash >> {20 * (n - 1)}) & 1048575)::DOUBLE / 1048576" for n in (1, 2, 3)
    ]
    return [
        f"CREATE TEMP MACRO draw(id, salt) AS md5_number_lower(id || ':{seed}:' || salt)",
        *uniforms,
        *(f"CREATE TEMP MACRO {name}_delay(u) AS {_lomax(*delay)}" for name, delay in delays.items()),
        # a clock is a zone's offset before and after the one change that it may make in these weeks
        "CREATE TEMP MACRO local_ms(ms, clock) AS ms + if(ms < clock.change_ms, clock.before_ms, clock.after_ms)",
        """CREATE TEMP MACRO utc_ms(ms, clock) AS
            ms - if(ms - clock.before_ms < clock.change_ms, clock.before_ms, clock.after_ms)""",
        f"CREATE TEMP MACRO multiplier(ms, clock) AS [{hours}][1 + (local_ms(ms, clock) // 3600000) % 24]",
        # nobody answers at night: what would happen at 0-9 h happens, in the same order, at 7-9 h
        """CREATE TEMP MACRO awake(ms, clock) AS CASE
            WHEN local_ms(ms, clock) % 86400000 < 32400000
            THEN utc_ms(local_ms(ms, clock) + (32400000 - local_ms(ms, clock) % 86400000) * 7 // 9, clock)
            ELSE ms END""",
    ]


def _lomax(scale: float, cap: float) -> str:
    """Milliseconds of a delay from a uniform: heavy-tailed, of this scale, cut off at the cap; both minutes."""
    reached = 1 - (1 + cap / scale) ** -PLAN.delay_tail
    return f"({scale * 60_000} * ((1 - u * {reached!r}) ** {-1 / PLAN.delay_tail} - 1))::BIGINT"


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
        SELECT campaign_id, contact_id, start_ms, minutes, days, printf('m%07d', planned.first + step) AS message_id
        FROM steps
        JOIN planned USING (campaign_id)
        JOIN seated USING (campaign_id, step)
    ), drawn AS (
        SELECT *, draw(message_id, 'send') AS send, u1(draw(contact_id, campaign_id)) AS lot FROM walked
    ), paced AS (
        SELECT *, u1(send) * days AS moment FROM drawn
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
            (SELECT max(first + messaged) FROM planned) - 1 + row_number() OVER (ORDER BY message_id) AS number
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
    """What becomes of each attempt in the end, were one to wait for it: failed, pending, late or delivered."""
    return f"""
    SELECT a.*, clock, email_domain, receipts_lot, reader_lot, people.account_id,
        code, reason,
        CASE
            WHEN code IS NOT NULL THEN 'failed'
            WHEN u2(a.send) >= 1 - pending THEN 'pending'
            WHEN u2(a.send) >= 1 - pending - late_callbacks THEN 'late'
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
            WHEN sent_ms > {_AS_OF_MS} THEN 'queued'
            WHEN final_ms > {_AS_OF_MS} OR outcome IN ('pending', 'late') THEN 'sent'
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
        CASE WHEN status <> 'queued' THEN currency END
    FROM seen
    JOIN plan_channels c ON c.account_id = seen.account_id AND c.channel = seen.channel
    JOIN plan_accounts a ON a.account_id = seen.account_id
"""

_RESPONSES = f"""
    CREATE TEMP TABLE responses AS
    WITH drawn AS (
        SELECT *, draw(message_id, 'who') AS who, draw(message_id, 'when') AS whens, draw(message_id, 'again') AS again
        FROM fates WHERE outcome IN ('delivered', 'late') AND final_ms <= {_AS_OF_MS}
    ), rated AS (
        SELECT drawn.*, appeal * multiplier(sent_ms, clock) AS urge, opened, coalesce(p.clicked, c.clicked) AS clicked,
            replied, unsubscribed, complained
        FROM drawn
        JOIN planned p ON p.campaign_id = drawn.campaign_id
        JOIN plan_channels c ON c.account_id = drawn.account_id AND c.channel = drawn.channel
    )
    SELECT message_id, campaign_id, clock, channel, final_ms, again,
        u1(who) < opened * urge AND (channel <> 'whatsapp' OR receipts_lot >= {PLAN.receipts_off}) AS opens,
        u1(who) < clicked * urge AS clicks,
        u2(who) < replied * urge AS replies,
        u3(who) < unsubscribed AS leaves,
        u3(who) >= 1 - complained AS complains,
        channel = 'email' AND reader_lot < {PLAN.machine_readers} AS machine_opens,
        channel = 'email' AND email_domain = '{PLAN.scanned_domain}' AS machine_clicks,
        final_ms + 1000 + open_delay(u1(whens)) AS open_ms,
        open_ms + 1000 + click_delay(u2(whens)) AS click_ms,
        final_ms + 1000 + reply_delay(u3(whens)) AS reply_ms
    FROM rated
"""


def _moments() -> str:
    human, link = "CASE WHEN channel = 'email' THEN false END", "'https://shop.example/' || campaign_id"
    links = f"{link} || CASE WHEN u3(again) < 0.7 THEN '' ELSE '/terms' END"
    scanned = f"final_ms + {_SCAN_LOW} + ({_SCAN_HIGH - _SCAN_LOW} * u1(again))::BIGINT"
    reopens = "opens AND channel = 'email' AND u2(again)"  # a WhatsApp message is reported as read once
    kinds = (
        ("opened", "o1", "opens", "open_ms", human, "NULL"),
        ("opened", "o2", f"{reopens} < {PLAN.reopened}", "open_ms + open_delay(u1(again))", human, "NULL"),
        (
            "opened",
            "o3",
            f"{reopens} < {PLAN.reopened / 3}",
            "open_ms + reply_delay(u1(again))",
            human,
            "NULL",
        ),
        ("opened", "om", "machine_opens", "final_ms + machine_delay(u1(again))", "true", "NULL"),
        ("clicked", "c1", "clicks", "click_ms", human, links),
        (
            "clicked",
            "c2",
            f"clicks AND u2(again) < {PLAN.clicked_again}",
            "click_ms + click_delay(u1(again))",
            human,
            link,
        ),
        ("clicked", "cm", "machine_clicks", scanned, "true", link),
        ("replied", "r1", "replies", "reply_ms", "NULL", "NULL"),
        ("unsubscribed", "u1", "leaves", "open_ms", "NULL", "NULL"),
        ("complained", "k1", "complains", "open_ms", "NULL", "NULL"),
    )
    return " UNION ALL ".join(
        f"SELECT message_id, campaign_id, clock, 'e' || substr(message_id, 2) || '{tag}' AS event_id, "
        f"'{kind}' AS kind, {moment} AS moment, {machine}::BOOLEAN AS is_machine, {url} AS url "
        f"FROM responses WHERE {who}"
        for kind, tag, who, moment, machine, url in kinds
    )


_EVENTS = f"""
    INSERT INTO events
    WITH moments AS ({_moments()}), timed AS (
        SELECT *, CASE WHEN is_machine THEN moment ELSE awake(moment, clock) END AS occurred_ms FROM moments
    )
    SELECT event_id, message_id, campaign_id, kind, epoch_ms(occurred_ms), is_machine, url
    FROM timed WHERE occurred_ms <= {_AS_OF_MS}
"""

_EARLY_EVENTS = """
    UPDATE events SET occurred_at = sent_at - INTERVAL 5 MINUTES
    FROM messages, planned
    WHERE messages.message_id = events.message_id AND planned.campaign_id = events.campaign_id AND event_id IN (
        SELECT unnest(list(event_id ORDER BY event_id)[:any_value(early_events)])
        FROM events JOIN planned USING (campaign_id) WHERE early_events > 0 AND kind = 'opened' GROUP BY campaign_id
    )
"""

_CAMPAIGNS = """
    INSERT INTO campaigns
    WITH sendings AS (
        SELECT campaign_id, min(queued_at) AS started_at, max(coalesce(sent_at, queued_at)) AS completed_at
        FROM messages GROUP BY campaign_id
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

SENDING = (
    _SEATED,
    "CREATE TEMP TABLE steps AS SELECT campaign_id, unnest(range(messaged)) AS step FROM planned",
    _FIRST_ATTEMPTS,
    f"CREATE TEMP TABLE fates AS {_fates('first_attempts')}",
    _SECOND_ATTEMPTS,
    f"INSERT INTO fates {_fates('second_attempts')}",
    _MESSAGES,
    _RESPONSES,
    _EVENTS,
    _EARLY_EVENTS,
    _CAMPAIGNS,
    _ASSIGNMENTS,
    "INSERT INTO campaign_attributes SELECT campaign_id, attribute, value FROM plan_attributes",
)
