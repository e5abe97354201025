"""What the demo's people do besides: orders, some of them given back, and leaving the account without a campaign.

People order whether or not anybody writes to them, some of them much more often than others. Only the coupons cause
orders; all else that follows a message would have been ordered anyway. The last hour's are not there yet.
"""

from reportlib.warehouse.demo.campaigns import BR, DE
from reportlib.warehouse.demo.plan import PLAN
from reportlib.warehouse.demo.sending import AS_OF_MS

WEEKS = 16
ORDERED = {BR: 0.035, DE: 0.02}  # of people, in a week, on average
CAUSED = {"coupon-a": 0.02, "coupon-b": 0.03}  # further orders, of people assigned
GIVEN_BACK = 0.04  # of orders
LEFT = {BR: 0.006}  # of people, in all
LEAST, TAIL = 25.0, 2.5  # of an order's value: Pareto's, whose mean is LEAST · TAIL ÷ (TAIL − 1)

_FIRST_MS = round((PLAN.first_day - type(PLAN.first_day)(1970, 1, 1)).total_seconds() * 1000)
_WEEK_MS, _DAY_MS, _HOUR_MS = 604_800_000, 86_400_000, 3_600_000
_UNTIL_MS = AS_OF_MS - _HOUR_MS


def _rows(rates: dict, name: str) -> str:
    told = ", ".join(f"('{key}', {rate})" for key, rate in rates.items())
    return f"(VALUES {told}) {name}"


_DONE = f"""
    CREATE TEMP TABLE done AS
    WITH buyers AS (
        SELECT contact_id, ordered * -ln(1 - u1(draw(contact_id, 'buyer'))) AS often
        FROM people JOIN {_rows(ORDERED, "rates (account_id, ordered)")} USING (account_id)
    ), drawn AS (
        SELECT *, draw(contact_id, 'order' || week) AS lot
        FROM (SELECT *, unnest(range({WEEKS})) AS week FROM buyers) weeks
    ), caused AS (
        SELECT contact_id, campaign_id, caused, draw(contact_id, 'caused') AS lot, epoch_ms(assigned_at) AS assigned_ms
        FROM assignments JOIN {_rows(CAUSED, "effects (campaign_id, caused)")} USING (campaign_id)
    )
    SELECT 'o' || contact_id || '-' || week AS outcome_id, contact_id, lot,
        {_FIRST_MS} + ({_WEEK_MS} * (week + u2(lot)))::BIGINT AS at_ms
    FROM drawn WHERE u1(lot) < often
    UNION ALL
    SELECT 'o' || contact_id || '-' || campaign_id, contact_id, lot,
        assigned_ms + {2 * _HOUR_MS} + ({5 * _DAY_MS} * u2(lot) * u2(lot))::BIGINT
    FROM caused WHERE u1(lot) < caused
"""

_ORDERS = f"""
    INSERT INTO outcomes
    WITH valued AS (
        SELECT outcome_id, contact_id, at_ms, draw(outcome_id, 'back') AS back,
            round({LEAST} * (1 - u3(lot)) ** {-1 / TAIL}, 2) AS value
        FROM done
    ), told AS (
        SELECT outcome_id, contact_id, at_ms, value FROM valued
        UNION ALL
        SELECT outcome_id || '-back', contact_id, at_ms + (10 * {_DAY_MS} * u2(back))::BIGINT, -value
        FROM valued WHERE u1(back) < {GIVEN_BACK}
    )
    SELECT outcome_id, contact_id, 'order', epoch_ms(at_ms), value, currency, NULL, NULL
    FROM told JOIN people USING (contact_id) JOIN plan_accounts USING (account_id)
    WHERE at_ms <= {_UNTIL_MS}
    ORDER BY at_ms, outcome_id
"""

_LEAVING = f"""
    INSERT INTO outcomes
    WITH drawn AS (
        SELECT contact_id, lapse, draw(contact_id, 'leave') AS lot
        FROM people JOIN {_rows(LEFT, "rates (account_id, lapse)")} USING (account_id)
    ), left_at AS (
        SELECT contact_id, {_FIRST_MS} + ({WEEKS * _WEEK_MS} * u2(lot))::BIGINT AS at_ms
        FROM drawn WHERE u1(lot) < lapse
    )
    SELECT 'u' || contact_id, contact_id, 'unsubscribed', epoch_ms(at_ms), NULL, NULL, NULL, NULL
    FROM left_at WHERE at_ms <= {_UNTIL_MS}
    ORDER BY at_ms, contact_id
"""

OUTCOMES = (_DONE, _ORDERS, _LEAVING)
