"""Where failures concentrate: each failure code against carriers, countries, e-mail domains, templates and hours."""

import pandas as pd
from sqlalchemy import and_, case, func, select

from reportlib.metrics import inference
from reportlib.metrics.campaigns import select_campaigns
from reportlib.metrics.clocks import Clock, clocks
from reportlib.metrics.failure_catalogue import read_catalogue
from reportlib.metrics.failures import MEANING, explained, last_failures
from reportlib.metrics.grouping import CAMPAIGN_GROUPINGS, UNKNOWN, grouped, grouping
from reportlib.metrics.local_time import DAY_MS, HOUR_MS
from reportlib.metrics.multiplicity import benjamini_hochberg_alphas
from reportlib.metrics.outcomes import engagement_events, handed_over_ms, implied_deliveries
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract import messages
from reportlib.warehouse.dialects import in_byte_order

HOUR = "hour"
DIMENSIONS = ("carrier", "country", "email_domain", "template_id", HOUR)
TELLING = {"carrier": ("sms", "whatsapp"), "email_domain": ("email",)}  # channels a dimension says something about
FEWEST = 20  # people a failure needs before it is asked where it concentrates
COLUMNS = (
    dict.fromkeys(
        ("dimension", "group", "channel", "provider", "code", "title", "permanence", "category", "advice"), "str"
    )
    | dict.fromkeys(("failed", "sent", "rest_failed", "rest_sent"), "int64")
    | dict.fromkeys(("difference", "low", "high", "excess"), "float64")
    | {"concentrated": "bool"}
)


def failure_patterns(
    warehouse: Warehouse, campaigns=None, by=DIMENSIONS, q: float = 0.05, catalogue: str | None = None
) -> pd.DataFrame:
    """How often each failure met the groups of each dimension, against others of the same channel and provider.

    `by` as in `failures`, or "hour": of the day at which a person's first message was handed over, in the account's
    time. A person counts once per channel, as in `failures(by="channel")`. Only failures that met FEWEST people or more
    and only known groups are asked about; all differences at once, by Benjamini and Hochberg's correction at `q`.

    Returns
    -------
    DataFrame, one row per failure and group asked about, those concentrated first, by people in excess, with
        dimension, group : str
        channel, provider, code, title, permanence, category, advice : str, as in `failures`
        failed, sent : int64, people of the group with this failure, and with a message handed over on the channel
            to the provider
        rest_failed, rest_sent : int64, the same of all others of the channel and provider
        difference : float64, failed ÷ sent − rest_failed ÷ rest_sent, a fraction
        low, high : float64, its interval at the level at which it was decided, as in comparisons
        excess : float64, people failed beyond the rate of the rest
        concentrated : bool, whether the interval lies above zero

    Raises
    ------
    UnknownCampaign, CampaignNotStarted, UnknownGrouping, InvalidParameters (an unusable catalogue)
    """
    chosen, meanings = select_campaigns(warehouse, campaigns), read_catalogue(catalogue)
    names = grouping([name for name in by if name != HOUR])
    names = [name for name in names if name not in CAMPAIGN_GROUPINGS or chosen[name].nunique(dropna=False) > 1]
    counted = [_people(warehouse, clock, names, HOUR in by) for clock in clocks(warehouse, chosen)]
    people = _summed(explained(pd.concat([_none_counted(), *counted], ignore_index=True), meanings))
    return judged(asked(people), q)


def asked(people: pd.DataFrame) -> pd.DataFrame:
    """COLUMNS without the verdict, from people by dimension, group, channel, provider, code, MEANING and failed."""
    rows = [
        row
        for (dimension, channel, _), part in people.groupby(["dimension", "channel", "provider"], sort=False)
        if channel in TELLING.get(dimension, (channel,))
        for row in _against_the_rest(part)
    ]
    return pd.DataFrame(rows, columns=[name for name in COLUMNS if name not in ("low", "high", "concentrated")])


def judged(frame: pd.DataFrame, q: float = 0.05) -> pd.DataFrame:
    """COLUMNS: what was asked, with intervals at the level at which each difference was decided."""
    counts = [frame[name].to_numpy(dtype=float) for name in ("failed", "sent", "rest_failed", "rest_sent")]
    frame["low"], frame["high"] = float("nan"), float("nan")
    if len(frame):
        alphas = benjamini_hochberg_alphas(inference.p_value(*counts), q)
        frame["low"], frame["high"] = inference.interval(*counts, alpha=alphas)
    frame["concentrated"] = frame["low"] > 0
    ordered = frame.sort_values(
        ["concentrated", "excess", "dimension", "group"], ascending=[False, False, True, True], ignore_index=True
    )
    return ordered[list(COLUMNS)].astype(COLUMNS)


def _people(warehouse, clock: Clock, names, hours):
    """People by dimension, group, channel, and the failure they met: provider, code, reason; failed 0 without one."""
    ids, m = clock.campaign_ids, messages.c
    key = ("campaign_id", "contact_id", "channel")
    person = (
        select(
            *[m[name] for name in key],
            func.min(in_byte_order(m.provider)).label("provider"),
            func.min(handed_over_ms()).label("first_ms"),
        )
        .where(m.campaign_id.in_(ids), m.status != "queued")
        .group_by(*[m[name] for name in key])
        .cte("person")
    )
    last = last_failures(ids, ("channel",), implied_deliveries(engagement_events(ids, warehouse.opened_ms)))
    same = and_(last.c.nth == 1, *[last.c[name] == person.c[name] for name in key])
    fate = (
        select(
            *[person.c[name] for name in key],
            person.c.first_ms,
            func.coalesce(last.c.provider, person.c.provider, UNKNOWN).label("provider"),
            last.c.code,
            case((last.c.code.is_(None), last.c.reason)).label("reason"),
            case((last.c.nth.is_(None), 0), else_=1).label("failed"),
        )
        .select_from(person.outerjoin(last, same))
        .cte("fate")
    )
    # One dimension after the other: together they take three times the memory, and hardly less time.
    frames = [_per_group(warehouse, fate, name, *grouped(fate, (name,))) for name in names]
    if hours:
        hour_ms = clock.hour_of_week(fate.c.first_ms) % DAY_MS
        found = _per_group(warehouse, fate, HOUR, clock.with_contacts(fate), [hour_ms - hour_ms % HOUR_MS])
        group = [UNKNOWN if pd.isna(ms) else f"{int(ms) // HOUR_MS} h" for ms in found["group"]]
        frames.append(found.assign(group=group))
    return pd.concat([_none_counted(), *frames])


def _per_group(warehouse, fate, name, source, groups):
    """People of one dimension: group, channel, and the failure they met."""
    met = [fate.c[column] for column in ("channel", "provider", "code", "reason", "failed")]
    (group,) = groups
    told = select(getattr(group, "element", group).label("group"), *met).select_from(source).cte("told")
    counts = warehouse.sql(select(*told.c, func.count().label("people")).group_by(*told.c))
    return counts.assign(dimension=name)


def _none_counted():
    return pd.DataFrame(columns=["dimension", "group", "channel", "provider", "code", "reason", "failed", "people"])


def _summed(people):
    """The counts without the reasons, which the meanings stand for."""
    keys = ["dimension", "group", "channel", "provider", "code", "failed", *MEANING]
    return people.groupby(keys, dropna=False, sort=False, as_index=False)["people"].sum()


def _against_the_rest(part):
    """A row per failure and known group of one dimension, channel and provider."""
    sent = part.groupby("group")["people"].sum()
    everyone = sent.sum()
    failures = part[part["failed"] == 1]
    for about, failed in failures.groupby(["code", *MEANING], dropna=False, sort=False):
        met = failed.groupby("group")["people"].sum().reindex(sent.index, fill_value=0)
        total = met.sum()
        for group in sent.index[(sent.index != UNKNOWN) & (sent < everyone)]:
            rest, here = everyone - sent[group], sent[group]
            rate = (total - met[group]) / rest
            if total >= FEWEST:
                yield {
                    "dimension": part["dimension"].iloc[0],
                    "group": group,
                    "channel": part["channel"].iloc[0],
                    "provider": part["provider"].iloc[0],
                    **dict(zip(["code", *MEANING], about, strict=True)),
                    "failed": met[group],
                    "sent": here,
                    "rest_failed": total - met[group],
                    "rest_sent": rest,
                    "difference": met[group] / here - rate,
                    "excess": met[group] - here * rate,
                }
