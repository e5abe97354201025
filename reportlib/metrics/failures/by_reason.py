"""What failed, why, and whether sending again can help."""

import pandas as pd
from sqlalchemy import String, and_, case, cast, exists, false, func, or_, select

from reportlib.metrics.failures.catalogue import meaning, meaning_of_code, read_catalogue
from reportlib.metrics.memo import remembered
from reportlib.metrics.people.fold.reading import asked, kept_by
from reportlib.metrics.people.outcomes import engagement_events, implied_deliveries
from reportlib.metrics.people.totals import of_people
from reportlib.metrics.selection.campaigns import select_campaigns
from reportlib.metrics.selection.grouping import grouped, grouping, message_columns
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import messages
from reportlib.warehouse.engines import computed_once, in_byte_order, sound_ms

MEANING = ["permanence", "category", "title", "advice"]


@of_people
@remembered
def failures(warehouse: Warehouse, campaigns=None, by=(), catalogue: str | None = None) -> pd.DataFrame:
    """Failed people by what their failure means, the most frequent first.

    A person counts once per group, with the latest of their failed messages; people whom another message reached, or
    may still reach, have not failed. `catalogue` is a file of failure codes that override the package's.

    Returns
    -------
    DataFrame with the columns of `by`, then
        channel, provider : str
        code : str, NA where the provider gave none
        reason : str, the provider's words, one example for each code and meaning
        permanence : str, one of permanent, transient, fixable, unknown
        category, title, advice : str
        failed : int64, people; sums to `failed` of `delivery`

    Raises
    ------
    UnknownCampaign, CampaignNotStarted, UnknownGrouping, InvalidParameters (an unusable catalogue)

    Example
    -------
    >>> metrics.failures(warehouse, "spring-sale")[["channel", "code", "permanence", "failed"]].head(2)
        channel    code permanence  failed
    0       sms   30007    fixable     224
    1  whatsapp  131026    unknown     162
    """
    names = grouping(by)
    ids = select_campaigns(warehouse, campaigns)["campaign_id"].tolist()
    meanings = read_catalogue(catalogue)
    keys = list(dict.fromkeys([*names, "channel", "provider"]))
    telling = told_by_reason(warehouse, ids, meanings)
    found = asked(warehouse, ids, lambda part, _: _failed(part, names, keys, telling, warehouse.opened_ms))
    told = explained(found, meanings)
    apart = told.groupby([*keys, "code", *MEANING], dropna=False, as_index=False, sort=False)
    frame = apart.agg({"reason": "min", "failed": "sum"}).astype({"failed": "int64", "reason": "str"})
    return frame[[*keys, "code", "reason", *MEANING, "failed"]].sort_values(
        ["failed", *keys, "code", "reason"], ascending=[False] + [True] * (len(keys) + 2), ignore_index=True
    )


def told_by_reason(warehouse: Warehouse, campaign_ids: list, meanings: dict):
    """The condition that what a failed message means is told by its reason: its code alone has no meaning.

    Reasons differ in addresses and host names, so that only those are looked at that tell something.
    """
    m = messages.c
    code = cast(m.failure_code, String)
    met = (kept_by(warehouse) or warehouse).sql(  # who failed is open
        select(m.channel, m.provider, code.label("code"))
        .where(m.campaign_id.in_(campaign_ids), m.status == "failed")
        .distinct()
    )
    silent = [
        and_(m.channel == row.channel, _is(m.provider, _text(row.provider)), _is(code, _text(row.code)))
        for row in met.itertuples(index=False)
        if meaning_of_code(meanings, row.channel, _text(row.provider), _text(row.code)) is None
    ]
    return or_(false(), *silent)


def _is(column, value):
    return column.is_(None) if value is None else column == value


def _failed(campaign_ids, names, keys, telling, opened_ms):
    """Failed people by `keys` and code, and by reason where it is `telling`, with an example of their reason.

    Of whom a message failed something is open, so that all they have is among what the fold leaves open.
    """
    engaged = implied_deliveries(engagement_events(campaign_ids, opened_ms))
    last = last_failures(campaign_ids, names, engaged, telling)
    source, groups = grouped(last, tuple(keys))
    failure = (
        select(
            *groups,
            last.c.code,
            last.c.reason,
            last.c.telling_reason,
        )
        .select_from(source)
        .where(last.c.nth == 1)
        .cte("failure")
    )
    apart = [*[failure.c[key] for key in keys], failure.c.code, failure.c.telling_reason]
    reason = func.min(in_byte_order(failure.c.reason)).label("reason")
    return select(*apart[:-1], reason, func.count().label("failed")).group_by(*apart)


def explained(frame: pd.DataFrame, meanings: dict) -> pd.DataFrame:
    """Failures by channel, provider, code and reason, with the columns MEANING."""
    found = [
        meaning(meanings, row.channel, _text(row.provider), _text(row.code), _text(row.reason))
        for row in frame.itertuples(index=False)
    ]
    told = {name: pd.Series([getattr(one, name) for one in found], frame.index, "str") for name in MEANING}
    return frame.assign(**told)


def last_failures(campaign_ids: list, names: tuple[str, ...], engaged, telling=None):
    """The failed messages of people whom no other message reached or may reach; `nth` is 1 for a person's latest.

    `engaged` are the `implied_deliveries` of these campaigns. telling_reason is the reason where `telling` holds, the
    condition of `told_by_reason`, and else NULL.
    """
    person = ["campaign_id", "contact_id", *message_columns(names)]
    other = messages.alias("other")
    reached = computed_once(  # else PostgreSQL may look through the campaign, and ask who reacted, for each failure
        select(*[other.c[name] for name in person])
        .select_from(other.outerjoin(engaged, engaged.c.message_id == other.c.message_id))
        .where(
            other.c.campaign_id.in_(campaign_ids),
            other.c.status != "failed",
            or_(other.c.status != "queued", engaged.c.message_id.is_not(None)),
        ),
        "reached",
    )
    by_id = in_byte_order(cast(messages.c.message_id, String))
    latest_first = (sound_ms(messages.c.failed_at).desc().nulls_last(), by_id.desc())
    nth = func.row_number().over(partition_by=[messages.c[name] for name in person], order_by=latest_first)
    same_person = and_(*[_same(reached.c[name], messages.c[name]) for name in person])
    return (
        select(
            messages.c.message_id,
            messages.c.campaign_id,
            messages.c.contact_id,
            messages.c.channel,
            messages.c.provider,
            cast(messages.c.failure_code, String).label("code"),
            messages.c.failure_reason.label("reason"),
            case((false() if telling is None else telling, messages.c.failure_reason)).label("telling_reason"),
            nth.label("nth"),
        )
        .where(messages.c.campaign_id.in_(campaign_ids), messages.c.status == "failed", ~exists().where(same_person))
        .cte("last_failures")
    )


def _same(one, other):
    """PostgreSQL joins by hash where the two are equal, not where they may be NULL alike."""
    return one.is_not_distinct_from(other) if other.nullable else one == other


def _text(value):
    return None if pd.isna(value) else str(value)
