"""The statements that draw the demo's contacts, their attributes and their segments from the plan."""

from reportlib.warehouse.demo.plan import PLAN

PEOPLE = (
    "INSERT INTO accounts SELECT account_id, name, timezone FROM plan_accounts",
    "INSERT INTO segments SELECT segment_id, account_id, name FROM plan_segments",
    """
    CREATE TEMP TABLE people AS
    WITH numbered AS (
        SELECT printf('c%07d', first + unnest(range(size)) + 1) AS contact_id, account_id, timezone FROM plan_accounts
    ), hashed AS (
        SELECT *, draw(contact_id, 'home') AS home, draw(contact_id, 'traits') AS traits,
            draw(contact_id, 'habits') AS habits
        FROM numbered
    ), drawn AS (
        SELECT * EXCLUDE (home, traits, habits), u1(home) AS home_lot, u2(home) AS carrier_lot, u3(home) AS domain_lot,
            u1(traits) AS plan_lot, u2(traits) AS tier_lot, u1(habits) AS age, u2(habits) AS receipts_lot,
            u3(habits) AS reader_lot
        FROM hashed
    )
    SELECT drawn.contact_id, drawn.account_id, h.country, h.language, h.city, h.timezone, plan_clocks AS clock,
        carrier.value AS carrier, domain.value AS email_domain, plan.value AS plan, tier.value AS tier,
        age, receipts_lot, reader_lot
    FROM drawn
    JOIN plan_homes h ON h.account_id = drawn.account_id AND home_lot >= h.low AND home_lot < h.high
    JOIN plan_clocks ON plan_clocks.timezone = coalesce(h.timezone, drawn.timezone)
    JOIN plan_choices carrier ON carrier.owner = drawn.account_id AND carrier.kind = 'carrier'
        AND carrier_lot >= carrier.low AND carrier_lot < carrier.high
    JOIN plan_choices domain ON domain.owner = drawn.account_id AND domain.kind = 'email_domain'
        AND domain_lot >= domain.low AND domain_lot < domain.high
    JOIN plan_choices plan ON plan.owner = drawn.account_id AND plan.kind = 'plan'
        AND plan_lot >= plan.low AND plan_lot < plan.high
    JOIN plan_choices tier ON tier.owner = drawn.account_id AND tier.kind = 'tier'
        AND tier_lot >= tier.low AND tier_lot < tier.high
    ORDER BY contact_id
    """,
    f"""
    INSERT INTO contacts
    SELECT contact_id, account_id, country, language, carrier, email_domain, timezone,
        TIMESTAMP '{PLAN.first_day}' - to_seconds(86400 + floor(age * 1000 * 86400))
    FROM people
    """,
    """
    INSERT INTO contact_attributes
    SELECT contact_id, attribute, value
    FROM (SELECT contact_id, city, plan, tier FROM people) UNPIVOT (value FOR attribute IN (city, plan, tier))
    """,
    """
    INSERT INTO segment_members
    SELECT segment_id, contact_id FROM people JOIN plan_segments USING (account_id)
    WHERE u1(draw(contact_id, segment_id)) < share
    """,
    """
    CREATE TEMP TABLE pools AS
    SELECT pool, contact_id, row_number() OVER (PARTITION BY pool ORDER BY contact_id) - 1 AS place
    FROM (SELECT account_id AS pool, contact_id FROM contacts UNION ALL FROM segment_members)
    """,
)
