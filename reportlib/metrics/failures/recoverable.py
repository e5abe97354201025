"""How many of those who were not reached could be: by sending again, or by putting right what stood in the way."""

import numpy as np
import pandas as pd
from sqlalchemy import String, and_, case, cast, func, select
from sqlalchemy.sql.util import ClauseAdapter

from reportlib.metrics.campaigns import select_campaigns
from reportlib.metrics.failures.by_reason import explained, failures, told_by_reason
from reportlib.metrics.failures.catalogue import read_catalogue
from reportlib.metrics.people.breakdown import breakdown
from reportlib.metrics.people.measured import of_these, told_by
from reportlib.metrics.people.outcomes import handed_over_ms
from reportlib.metrics.people.totals import of_people
from reportlib.metrics.statistics.two_rates import log_gamma
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import messages
from reportlib.warehouse.engines import in_byte_order, sound_ms

FEWEST_TRIED = 20  # people on whom an estimate may stand
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
            fewer than FEWEST_TRIED were tried

    Raises
    ------
    UnknownCampaign, CampaignNotStarted, InvalidParameters (an unusable catalogue)
    """
    chosen = select_campaigns(warehouse, campaigns)
    failed = failures(warehouse, campaigns, catalogue=catalogue).groupby(["channel", "permanence"])["failed"].sum()
    again = _tried_again(warehouse, chosen, catalogue)
    others = breakdown(warehouse, campaigns, by="channel").set_index("channel")
    rows = []
    for (channel, permanence), people in failed.items():
        if permanence == "transient":
            tried, reached = again.get(channel, (0, 0))
        elif permanence == "fixable":
            rest = others.loc[channel]
            reached = int(rest["delivered"] - rest["delivered_implied"]) if rest["delivery_measured"] else 0
            tried = reached + max(0, int(rest["failed"]) - people) if rest["delivery_measured"] else 0
        else:
            continue
        rows.append((channel, permanence, people, tried, reached, *predicted(people, tried, reached)))
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
    return frame.sort_values(["failed", "channel", "permanence"], ascending=[False, True, True], ignore_index=True)


def predicted(people: int, tried: int, reached: int) -> tuple[float, float, float]:
    """How many of so many people will be reached where `reached` of `tried` were: the estimate, and from how many to
    how many with a chance of 95 %; NaN where too few were tried.

    The quantiles of the beta-binomial posterior predictive distribution under Jeffreys' prior (Gelman et al., Bayesian
    Data Analysis, 3rd ed., section 2.4): the rate is uncertain, and so is what chance makes of it.
    """
    if tried < FEWEST_TRIED:
        return (float("nan"),) * 3
    low, high = _beta_binomial_quantiles((0.025, 0.975), people, reached + 0.5, tried - reached + 0.5)
    return people * reached / tried, low, high


def _beta_binomial_quantiles(levels, n, a, b):
    """Written out, since scipy.stats, which has them, takes half a second to import."""
    k = np.arange(n + 1)
    chances = np.exp(_log_beta(k + a, n - k + b) - _log_beta(a, b) - _log_beta(k + 1, n - k + 1)) / (n + 1)
    return np.searchsorted(np.cumsum(chances), levels).astype(float).tolist()


def _log_beta(a, b):
    return log_gamma(a) + log_gamma(b) - log_gamma(a + b)


def _tried_again(warehouse, chosen, catalogue) -> dict[str, tuple[int, int]]:
    """Per channel the transient failures of the accounts that a settled message followed, and those it reached."""
    known, meanings = select_campaigns(warehouse), read_catalogue(catalogue)
    ours = known["account_id"].isin(chosen["account_id"])
    ids, first, after = known.loc[ours, "campaign_id"].tolist(), messages.alias("first"), messages
    told = told_by(warehouse, known[ours])
    told = told[told["delivered"]]
    if told.empty:
        return {}
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
    kind = [following.c[name] for name in ("channel", "provider", "code", "reason")]
    counted = warehouse.sql(
        select(*kind, func.count().label("tried"), reached.label("reached")).where(following.c.nth == 1).group_by(*kind)
    )
    passing = explained(counted, meanings)
    passing = passing[passing["permanence"] == "transient"].groupby("channel")[["tried", "reached"]].sum()
    return {row.Index: (int(row.tried), int(row.reached)) for row in passing.itertuples()}
