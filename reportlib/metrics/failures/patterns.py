"""Where failures concentrate: each failure code against carriers, countries, e-mail domains, templates and hours."""

import pandas as pd
from sqlalchemy import String, and_, case, cast, func, literal, select, union_all

from reportlib.metrics.failures.by_reason import MEANING, explained, last_failures, told_by_reason
from reportlib.metrics.failures.catalogue import read_catalogue
from reportlib.metrics.local_time import DAY_MS, HOUR_MS
from reportlib.metrics.people.outcomes import engagement_events, handed_over_ms, implied_deliveries
from reportlib.metrics.people.totals import of_people
from reportlib.metrics.selection.campaigns import select_campaigns
from reportlib.metrics.selection.clocks import Clock, clocks
from reportlib.metrics.selection.grouping import CAMPAIGN_GROUPINGS, UNKNOWN, grouped, grouping
from reportlib.metrics.statistics import two_rates
from reportlib.metrics.statistics.multiplicity import benjamini_hochberg_alphas
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import messages
from reportlib.warehouse.engines import in_byte_order

HOUR = "hour"
DIMENSIONS = ("carrier", "country", "email_domain", "template_id", HOUR)
TELLING = {"carrier": ("sms", "whatsapp"), "email_domain": ("email",)}  # channels a dimension says something about
MET = ("channel", "provider", "code", "reason", "failed")
FEWEST = 20  # people a failure needs before it is asked where it concentrates
COLUMNS = (
    dict.fromkeys(
        ("dimension", "group", "channel", "provider", "code", "title", "permanence", "category", "advice"), "str"
    )
    | dict.fromkeys(("failed", "sent", "rest_failed", "rest_sent"), "int64")
    | dict.fromkeys(("difference", "low", "high", "excess"), "float64")
    | {"concentrated": "bool"}
)


@of_people
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

    Example
    -------
    >>> patterns = metrics.failure_patterns(warehouse, "spring-sale")
    >>> patterns[["dimension", "group", "title", "failed", "sent"]].head(1)
      dimension group                                 title  failed  sent
    0   carrier    Oi  Message filtered (carrier violation)     224   267
    """
    chosen, meanings = select_campaigns(warehouse, campaigns), read_catalogue(catalogue)
    asked_for = grouping([name for name in by if name != HOUR])
    names = [name for name in asked_for if name not in CAMPAIGN_GROUPINGS or chosen[name].nunique(dropna=False) > 1]
    telling = told_by_reason(warehouse, chosen["campaign_id"].tolist(), meanings)
    counted = [_people(warehouse, clock, names, HOUR in by, telling) for clock in clocks(warehouse, chosen)]
    people = _summed(explained(pd.concat([_none_counted(), *counted], ignore_index=True), meanings))
    return judged(asked(people), q)


def asked(people: pd.DataFrame) -> pd.DataFrame:
    """COLUMNS without the verdict, from people by dimension, group, channel, provider, code, MEANING and failed."""
    part = ["dimension", "channel", "provider"]
    pairs = zip(people["dimension"], people["channel"], strict=True)
    telling = pd.Series([channel in TELLING.get(dimension, (channel,)) for dimension, channel in pairs], dtype=bool)
    told = people[telling.to_numpy()].astype({"people": "int64"})
    failure = [*part, "code", *MEANING]
    failed = told[told["failed"] == 1]
    met = failed.groupby([*failure, "group"], dropna=False)["people"].sum().rename("failed").reset_index()
    total = met.groupby(failure, dropna=False)["failed"].sum().rename("total").reset_index()
    sent = told.groupby([*part, "group"])["people"].sum().rename("sent").reset_index()
    sent["everyone"] = sent.groupby(part)["sent"].transform("sum")
    rows = total[total["total"] >= FEWEST].merge(sent, on=part).merge(met, on=[*failure, "group"], how="left")
    rows = rows[(rows["group"] != UNKNOWN) & (rows["sent"] < rows["everyone"])]
    here = rows["failed"].fillna(0)
    rest_failed, rest_sent = rows["total"] - here, rows["everyone"] - rows["sent"]
    rate = rest_failed / rest_sent
    counts = {"failed": here, "rest_failed": rest_failed, "rest_sent": rest_sent}
    rows = rows.assign(**counts, difference=here / rows["sent"] - rate, excess=here - rows["sent"] * rate)
    return rows[[name for name in COLUMNS if name not in ("low", "high", "concentrated")]]


def judged(frame: pd.DataFrame, q: float = 0.05) -> pd.DataFrame:
    """COLUMNS: what was asked, with intervals at the level at which each difference was decided."""
    columns = ("failed", "sent", "rest_failed", "rest_sent")
    count, base, rest, rest_base = (frame[name].to_numpy(dtype=float) for name in columns)
    frame = frame.assign(low=float("nan"), high=float("nan"))
    if len(frame):
        alphas = benjamini_hochberg_alphas(two_rates.p_value(count, base, rest, rest_base), q)
        frame["low"], frame["high"] = two_rates.interval(count, base, rest, rest_base, alphas)
    frame["concentrated"] = frame["low"] > 0
    order = ["concentrated", "excess", "dimension", "group", "channel", "provider", "code", "title"]
    ordered = frame.sort_values(order, ascending=[False, False] + [True] * (len(order) - 2), ignore_index=True)
    return ordered[list(COLUMNS)].astype(COLUMNS)


def _people(warehouse, clock: Clock, names, hours, telling):
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
    last = last_failures(ids, ("channel",), implied_deliveries(engagement_events(ids, warehouse.opened_ms)), telling)
    same = and_(last.c.nth == 1, *[last.c[name] == person.c[name] for name in key])
    fate = (
        select(
            *[person.c[name] for name in key],
            person.c.first_ms,
            func.coalesce(last.c.provider, person.c.provider, UNKNOWN).label("provider"),
            last.c.code,
            last.c.telling_reason.label("reason"),
            case((last.c.nth.is_(None), 0), else_=1).label("failed"),
        )
        .select_from(person.outerjoin(last, same))
        .cte("fate")
    )
    hour = [cast(clock.hour_of_week(fate.c.first_ms) % DAY_MS, String).label(HOUR)] if hours else []
    counts = list(_per_dimension(fate, names, hour))
    found = warehouse.sql(union_all(*counts)) if counts else _none_counted()
    is_hour = found["dimension"] == HOUR
    clock_hours = [UNKNOWN if pd.isna(ms) else f"{int(ms) // HOUR_MS} h" for ms in found.loc[is_hour, "group"]]
    return pd.concat([found[~is_hour], found[is_hour].assign(group=clock_hours)])


def _none_counted():
    return pd.DataFrame(columns=[*MET, "dimension", "group", "people"])


def _per_dimension(fate, names, hour):
    """One select per dimension, all of the same people: those of each group of it who met the same."""
    source, groups = grouped(fate, tuple(name for name in names if name != "segment"))
    met = [fate.c[name] for name in MET]
    described = select(fate.c.contact_id, *met, *groups, *hour).select_from(source).cte("described")
    for name in (*names, *[column.name for column in hour]):
        # a contact may be in several segments
        source, (group,) = grouped(described, (name,)) if name == "segment" else (described, [described.c[name]])
        told = select(*[described.c[name] for name in MET], group.label("group")).select_from(source).cte()
        dimension = literal(name).label("dimension")
        yield select(*told.c, dimension, func.count().label("people")).group_by(*told.c)


def _summed(people):
    """The counts without the reasons, which the meanings stand for."""
    keys = ["dimension", "group", "channel", "provider", "code", "failed", *MEANING]
    return people.groupby(keys, dropna=False, sort=False, as_index=False)["people"].sum()
