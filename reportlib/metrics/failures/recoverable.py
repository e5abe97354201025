"""How many of those who were not reached could be: by sending again, or by putting right what stood in the way."""

import numpy as np
import pandas as pd
import scipy
from sqlalchemy import Select, String, and_, case, cast, func, literal, null, select, union_all

from reportlib.metrics.failures.by_reason import explained, failures, told_by_reason
from reportlib.metrics.failures.catalogue import read_catalogue
from reportlib.metrics.local_time import DAY_MS
from reportlib.metrics.people.bits import holds
from reportlib.metrics.people.breakdown import breakdown
from reportlib.metrics.people.fold.known import numbered
from reportlib.metrics.people.fold.reading import kept_by
from reportlib.metrics.people.fold.table import fold, numbers
from reportlib.metrics.people.measured import of_these, told_by
from reportlib.metrics.people.outcomes import handed_over_ms
from reportlib.metrics.people.totals import of_people
from reportlib.metrics.selection.campaigns import select_campaigns
from reportlib.metrics.statistics.exact import log_gamma
from reportlib.metrics.statistics.spread import Spread
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import messages
from reportlib.warehouse.engines import in_byte_order, sound_ms

FEWEST_TRIED = 20  # people on whom an estimate may stand
FEWEST_SENDINGS = 5  # in which they were tried, for a range
COLUMNS = (
    {"channel": "str", "permanence": "str"}
    | dict.fromkeys(("failed", "tried", "reached"), "int64")
    | dict.fromkeys(("expected", "low", "high"), "float64")
)


@of_people
def recoverable(warehouse: Warehouse, campaigns=None, catalogue: str | None = None) -> pd.DataFrame:
    """The people whose failure is transient or fixable, and how many of them a message would reach now, about.

    Of transient failures: as many as were reached by the next message on the channel, in whatever campaign of the
    account, that followed such a failure. Of fixable ones: as many as among all others of these campaigns and the
    channel who have a final word of their provider. People who failed count as in `failures`. Where deliveries are not
    measured, nobody was tried.

    Returns
    -------
    DataFrame, one row per channel and permanence that has failures, the most people first, with
        channel, permanence : str, "transient" or "fixable"
        failed : int64, people
        tried, reached : int64, those that the estimate stands on, and how many of them were reached
        expected, low, high : float64, people: failed × reached ÷ tried, and its 95 % prediction interval; NaN where
            fewer than FEWEST_TRIED were tried, the interval also where those were tried in fewer than FEWEST_SENDINGS

    Raises
    ------
    UnknownCampaign, CampaignNotStarted, InvalidParameters (an unusable catalogue)

    Example
    -------
    >>> metrics.recoverable(warehouse, "spring-sale")[["channel", "permanence", "failed", "tried", "reached"]].head(2)
        channel permanence  failed  tried  reached
    0       sms    fixable     224   3275     3145
    1  whatsapp  transient     117    632      577
    """
    chosen = select_campaigns(warehouse, campaigns)
    failed = failures(warehouse, campaigns, catalogue=catalogue).groupby(["channel", "permanence"])["failed"].sum()
    again = _tried_again(warehouse, chosen, catalogue)
    others = breakdown(warehouse, campaigns, by="channel").set_index("channel")
    rows = []
    for (channel, permanence), people in failed.items():
        if permanence == "transient":
            cells = again[again["channel"] == channel]
            tried, reached = (int(cells[name].sum()) for name in ("tried", "reached"))
            spread = apart(cells)
        elif permanence == "fixable":
            rest = others.loc[channel]
            reached = int(rest["delivered"] - rest["delivered_implied"]) if rest["delivery_measured"] else 0
            tried = reached + max(0, int(rest["failed"]) - people) if rest["delivery_measured"] else 0
            spread = _assumed(reached / tried) if tried else None
        else:
            continue
        rows.append((channel, permanence, people, tried, reached, *predicted(people, tried, reached, spread)))
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
    return frame.sort_values(["failed", "channel", "permanence"], ascending=[False, True, True], ignore_index=True)


def predicted(people: int, tried: int, reached: int, spread: float | None = 0.0) -> tuple[float, float, float]:
    """How many of so many people will be reached where `reached` of `tried` were: the estimate, and from how many to
    how many with a chance of 95 %; NaN where too few were tried.

    The quantiles of a beta-binomial distribution. Without a `spread` it is the posterior predictive one under Jeffreys'
    prior (Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.4): the rate is uncertain, and so is what chance
    makes of it. With one, the rate's variance is that and `spread` · p(1 − p) more, as sendings differ by more than
    chance (`apart`); None where it is not known by how much.
    """
    if tried < FEWEST_TRIED:
        return (float("nan"),) * 3
    if spread is None:
        return people * reached / tried, float("nan"), float("nan")
    rate, size = (reached + 0.5) / (tried + 1), tried + 1.0
    if spread:
        size = max(1 / (1 / (tried + 2) + spread) - 1, 1e-3)
    low, high = _beta_binomial_quantiles((0.025, 0.975), people, rate * size, (1 - rate) * size)
    return people * reached / tried, low, high


def apart(cells: pd.DataFrame) -> float | None:
    """By how much the rate of a new sending is less certain than chance makes it, as a share of p(1 − p); None with
    fewer than FEWEST_SENDINGS.

    A sending is a campaign's on a day: a network that is down takes all of them along. The correlation within sendings
    (analysis of variance: Ridout, Demétrio and Firth 1999, Biometrics 55:137), or within a sending's codes where that
    makes more, is of the new people, too, and of the rate that stands on the earlier ones. It is estimated from few, so
    both are widened as Student's quantile with two degrees of freedom fewer than sendings is wider than the normal's.

    `cells` has the columns campaign_id, day, code; tried, reached : people.
    """
    sendings = cells.groupby(["campaign_id", "day"])[["tried", "reached"]].sum()
    if len(sendings) < FEWEST_SENDINGS:
        return None
    kinds = cells.groupby(["campaign_id", "day", "code"], dropna=False)[["tried", "reached"]].sum()
    wider = (scipy.special.stdtrit(len(sendings) - 2, 0.975) / scipy.special.stdtrit(1e9, 0.975)) ** 2
    total = cells["tried"].sum()
    return float(max(_variance(each) for each in (sendings, kinds)) * wider - 1 / (total + 2))


def _variance(groups):
    """Of the rate of a new group and of the rate of all together, as a share of p(1 − p)."""
    tried, reached = (groups[name].to_numpy(dtype=float) for name in ("tried", "reached"))
    total, many = tried.sum(), len(groups)
    between = (tried * (reached / tried - reached.sum() / total) ** 2).sum() / (many - 1)
    size = (total - (tried**2).sum() / total) / (many - 1)
    alike = 0.0
    if total > many and size > 1:
        within = (reached * (1 - reached / tried)).sum() / (total - many)
        whole = between + (size - 1) * within
        alike = max(0.0, (between - within) / whole) if whole else 0.0
    return alike + (alike * (tried**2).sum() / total + 1 - alike) / total


def _assumed(rate):
    """What is assumed of campaigns of which one is known: that they lie ASSUMED of the rate apart, or of its rest."""
    return Spread(1).at(rate) ** 2 * rate * (1 - rate)


def _beta_binomial_quantiles(levels, n, a, b):
    """Written out, since scipy.stats, which has them, takes half a second to import."""
    k = np.arange(n + 1)
    chances = np.exp(_log_beta(k + a, n - k + b) - _log_beta(a, b) - _log_beta(k + 1, n - k + 1)) / (n + 1)
    return np.searchsorted(np.cumsum(chances), levels).astype(float).tolist()


def _log_beta(a, b):
    return log_gamma(a) + log_gamma(b) - log_gamma(a + b)


def _tried_again(warehouse, chosen, catalogue) -> pd.DataFrame:
    """The transient failures of the accounts that a settled message followed, and those it reached: channel, code, and
    that message's campaign_id and day; tried, reached."""
    known, meanings, kept = select_campaigns(warehouse), read_catalogue(catalogue), kept_by(warehouse)
    ours = known["account_id"].isin(chosen["account_id"])
    ids, all_told = known.loc[ours, "campaign_id"].tolist(), told_by(warehouse, known[ours])
    told = all_told[all_told["delivered"]]
    if told.empty:
        return pd.DataFrame(columns=["channel", "code", "campaign_id", "day", "tried", "reached"])
    telling = told_by_reason(warehouse, ids, meanings)
    counted = None
    if kept:
        counted = kept.sql(_counted(_following(_firsts(ids, telling, numbers.c.number), _settled(ids, told, all_told))))
    if counted is None or (counted["at_once"] > 1).any():  # which of several is the next one, their ids say
        later = _later(ids, told, messages.c.contact_id).cte("later")
        counted = warehouse.sql(_counted(_following(_firsts(ids, telling, messages.c.contact_id), later, True)))
    passing = explained(counted, meanings)
    return passing[passing["permanence"] == "transient"]


def _firsts(ids, telling, person):
    """The messages that failed, with whom they were to; `telling` as in `told_by_reason`."""
    m = messages.c
    code, reason = cast(m.failure_code, String).label("code"), case((telling, m.failure_reason)).label("reason")
    columns = (m.message_id, person.label("person"), m.channel, m.provider, code, reason)
    source = messages.join(numbers, numbers.c.contact_id == m.contact_id) if person.table is numbers else messages
    found = select(*columns, sound_ms(m.failed_at).label("failed_ms")).select_from(source)
    return found.where(m.campaign_id.in_(ids), m.status == "failed").cte("first")


def _later(ids, told, person) -> Select:
    """The messages that have a final word, and told that, with whom they were to."""
    m = messages.c
    columns = (m.message_id, person.label("person"), m.channel, m.status, m.campaign_id)
    source = messages.join(numbers, numbers.c.contact_id == m.contact_id) if person.table is numbers else messages
    found = select(*columns, handed_over_ms().label("sent_ms")).select_from(source)
    return found.where(m.campaign_id.in_(ids), m.status.in_(("delivered", "failed")), of_these(told))


def _settled(ids, told, all_told):
    """The rows of `_later` by the numbers of contacts, with those of the fold, which have no message_id."""
    f, place, open_ones = fold.c, numbered(ids, fold.c.campaign_id.type), _later(ids, told, numbers.c.number)
    columns = (null(), f.number, f.channel, literal("delivered"), f.campaign_id, f.sent_ms)
    delivered = select(*columns).join_from(fold, place, place.c.id == f.campaign_id)
    return union_all(
        open_ones, delivered.where(holds(f.flags, "confirmed"), f.is_handed_over, of_these(told, fold, all_told))
    ).cte("later")


def _following(first, after, by_id=False):
    """The messages that followed those that failed: nth, the first 1; at_once, how many are the first alike."""
    soonest = {"partition_by": first.c.message_id, "order_by": after.c.sent_ms}
    at_once, nth = func.count().over(**soonest), func.rank().over(**soonest)
    if by_id:
        order = (after.c.sent_ms, in_byte_order(cast(after.c.message_id, String)))
        at_once, nth = literal(1), func.row_number().over(partition_by=first.c.message_id, order_by=order)
    of_first = [first.c[name] for name in ("channel", "provider", "code", "reason")]
    day = (after.c.sent_ms - after.c.sent_ms % DAY_MS).label("day")
    return (
        select(*of_first, after.c.status, after.c.campaign_id, day, nth.label("nth"), at_once.label("at_once"))
        .join_from(first, after, and_(after.c.person == first.c.person, after.c.channel == first.c.channel))
        .where(after.c.sent_ms > first.c.failed_ms)
        .cte("following")
    )


def _counted(following):
    reached = func.sum(case((following.c.status == "delivered", 1), else_=0)).label("reached")
    kind = [following.c[name] for name in ("channel", "provider", "code", "reason", "campaign_id", "day")]
    counts = (func.count().label("tried"), reached, func.max(following.c.at_once).label("at_once"))
    return select(*kind, *counts).where(following.c.nth == 1).group_by(*kind)
