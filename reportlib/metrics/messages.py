"""The messages of campaigns one by one: too long a table for memory, so that these are selects, to be streamed."""

import pandas as pd
from sqlalchemy import Select, String, and_, case, cast, func, literal, select

from reportlib.metrics.failures.by_reason import last_failures
from reportlib.metrics.local_time import local_ms
from reportlib.metrics.people.machines.evidence import judge_of
from reportlib.metrics.people.machines.rules import MACHINE
from reportlib.metrics.people.minutes import DELIVERED, FAILED, NOT_SENT, PENDING, outcome
from reportlib.metrics.people.outcomes import engagement_events, implied_deliveries
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import accounts, campaigns, messages
from reportlib.warehouse.engines import sound_ms
from reportlib.warehouse.source.message_columns import ENGAGEMENT, FIRST_TIMES, TIMES

OUTCOMES = {NOT_SENT: "not sent", FAILED: "failed", PENDING: "pending", DELIVERED: "delivered"}


def detailed(warehouse: Warehouse, chosen: pd.DataFrame, failed_only: bool = False) -> list[Select]:
    """Selects that have together one row per message, or failed message, of these rows of `select_campaigns`.

    Columns, of `detailed_columns`: TEXTS and outcome; TIMES and FIRST_TIMES as epoch milliseconds, each followed by
    NAME_offset, that of the account's zone at that moment, in milliseconds; cost, parts, billable (1, 0 or NULL); the
    numbers of ENGAGEMENT, those of machines NULL where nothing tells them apart; failed_last, 1 on the latest failed
    message to a person whom no other message reached or may reach, as `failures` counts people. Only engagement that
    counts in reports is told.
    """
    zones = chosen["timezone"].fillna("UTC")
    return [
        _of_one_zone(warehouse, ids.tolist(), zone, failed_only)
        for zone, ids in chosen["campaign_id"].groupby(zones, sort=True)
    ]


def failed_messages(chosen: pd.DataFrame) -> Select:
    """A select of channel, provider, failure_code and failure_reason of the failed messages of these campaigns."""
    told = [messages.c[name] for name in ("channel", "provider", "failure_code", "failure_reason")]
    return select(*[_text(column) for column in told]).where(
        messages.c.campaign_id.in_(chosen["campaign_id"].tolist()), messages.c.status == "failed"
    )


def _text(column):
    return func.nullif(cast(column, String), "").label(column.name)


def _of_one_zone(warehouse, ids, zone, failed_only):
    event = engagement_events(ids, warehouse.opened_ms, judge_of(warehouse, ids))
    did, engaged = _engagement(event), implied_deliveries(event)
    last = last_failures(ids, (), engaged)
    m, billable = messages.c, warehouse.told(messages.c.billable).element
    told = {
        "account_id": accounts.c.account_id,
        "account": accounts.c.name,
        "time_zone": literal(zone),
        "campaign_id": m.campaign_id,
        "campaign": campaigns.c.name,
        "message_id": m.message_id,
        "contact_id": m.contact_id,
        "channel": m.channel,
        "provider": m.provider,
        "provider_message_id": m.provider_message_id,
        "status": m.status,
        "outcome": case(OUTCOMES, value=outcome(engaged.c.message_id.is_not(None))),
        "failure_code": m.failure_code,
        "failure_reason": m.failure_reason,
        "currency": m.currency,
        "category": warehouse.told(m.category).element,
    }
    moments = {name: sound_ms(m[name]) for name in TIMES} | {name: did.c[name] for name in FIRST_TIMES}
    counted = [did.c[name] for columns in ENGAGEMENT.values() for name in columns[1:] if name]
    return (
        select(
            *[func.nullif(cast(column, String), "").label(name) for name, column in told.items()],
            *[
                column
                for name, ms in moments.items()
                for column in (ms.label(name), (local_ms(ms, zone) - ms).label(f"{name}_offset"))
            ],
            m.cost,
            warehouse.told(m.parts),
            case((billable, 1), (~billable, 0)).label("billable"),
            *counted,
            case((last.c.message_id.is_not(None), 1), else_=0).label("failed_last"),
        )
        .select_from(
            messages.join(campaigns, campaigns.c.campaign_id == m.campaign_id)
            .outerjoin(accounts, accounts.c.account_id == campaigns.c.account_id)
            .outerjoin(did, did.c.message_id == m.message_id)
            .outerjoin(engaged, engaged.c.message_id == m.message_id)
            .outerjoin(last, and_(last.c.message_id == m.message_id, last.c.nth == 1))
        )
        .where(m.campaign_id.in_(ids), *([m.status == "failed"] if failed_only else []))
    )


def _engagement(event):
    """Per message the first of each kind, their number, and that of machines."""
    columns = []
    for kind, (first, number, by_machines) in ENGAGEMENT.items():
        of_kind = event.c.kind == kind
        columns += [
            func.min(case((of_kind, event.c.occurred_ms))).label(first),
            func.count(case((of_kind, 1))).label(number),
        ]
        if by_machines:
            flagged = case((event.c.verdict == MACHINE, 1), (~event.c.is_machine, 0))
            columns.append(func.sum(case((of_kind, flagged))).label(by_machines))
    return select(event.c.message_id, *columns).group_by(event.c.message_id).cte("engagement")
