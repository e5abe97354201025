"""How many of those who were not reached could be: by sending again, or by putting right what stood in the way."""

import numpy as np
import pandas as pd
import scipy
from sqlalchemy import String, and_, case, cast, func, select
from sqlalchemy.sql.util import ClauseAdapter

from reportlib.metrics.failures.by_reason import explained, failures, told_by_reason
from reportlib.metrics.failures.catalogue import read_catalogue
from reportlib.metrics.local_time import DAY_MS
from reportlib.metrics.people.breakdown import breakdown
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
    known, meanings = select_campaigns(warehouse), read_catalogue(catalogue)
    ours = known["account_id"].isin(chosen["account_id"])
    ids, first, after = known.loc[ours, "campaign_id"].tolist(), messages.alias("first"), messages
    told = told_by(warehouse, known[ours])
    told = told[told["delivered"]]
    if told.empty:
        return pd.DataFrame(columns=["channel", "code", "campaign_id", "day", "tried", "reached"])
    nth = func.row_number().over(
        partition_by=first.c.message_id, order_by=(handed_over_ms(), in_byte_order(cast(after.c.message_id, String)))
    )
    code = cast(first.c.failure_code, String).label("code")
    telling = ClauseAdapter(first).traverse(told_by_reason(warehouse, ids, meanings))
    following = (
        select(
            first.c.channel,
            first.c.provider,
            code,
            case((telling, first.c.failure_reason)).label("reason"),
            after.c.status,
            after.c.campaign_id,
            (handed_over_ms() - handed_over_ms() % DAY_MS).label("day"),
            nth.label("nth"),
        )
        .join_from(first, after, and_(after.c.contact_id == first.c.contact_id, after.c.channel == first.c.channel))
        .where(
            first.c.campaign_id.in_(ids),
            after.c.campaign_id.in_(ids),
            first.c.status == "failed",
            after.c.status.in_(("delivered", "failed")),
            handed_over_ms() > sound_ms(first.c.failed_at),
            of_these(told, after),
        )
        .cte("following")
    )
    reached = func.sum(case((following.c.status == "delivered", 1), else_=0))
    kind = [following.c[name] for name in ("channel", "provider", "code", "reason", "campaign_id", "day")]
    counted = warehouse.sql(
        select(*kind, func.count().label("tried"), reached.label("reached")).where(following.c.nth == 1).group_by(*kind)
    )
    passing = explained(counted, meanings)
    return passing[passing["permanence"] == "transient"]
