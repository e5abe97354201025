"""What late events changed in figures that were reported before."""

from dataclasses import dataclass

import pandas as pd

from reportlib.errors import InvalidParameters
from reportlib.metrics.people.summary import ALL_CHANNELS, known_counts
from reportlib.metrics.selection.campaigns import campaigns as all_campaigns
from reportlib.metrics.weekly.history import counts_by_channel
from reportlib.metrics.weekly.iso_week import Week
from reportlib.warehouse import Warehouse

FIGURES = ("audience", "sent", "delivered", "failed", "opened", "clicked", "replied", "unsubscribed")
SNAPSHOT = ["campaign_id", "campaign_name", "channel", *FIGURES]
RESTATED = ["campaign_id", "campaign_name", "channel", "figure", "before", "now", "change_pct"]


@dataclass(frozen=True)
class EarlierReview:
    """A weekly review made before: where its record is, whose it is, of which week and its campaigns, with data as of
    when (NaT: none), and its `snapshot`, which has the campaigns of earlier weeks as well."""

    path: str
    account_id: str
    week: Week
    campaign_ids: tuple[str, ...]
    data_as_of: pd.Timestamp
    snapshot: pd.DataFrame


def snapshot(warehouse: Warehouse, chosen: pd.DataFrame) -> pd.DataFrame:
    """The figures to date of the campaigns of `campaigns_by_week`, as a later review will compare with them.

    Returns
    -------
    DataFrame, one row per campaign and channel it used, then one with the channel "all", with the columns
        campaign_id, campaign_name, channel : str
        audience, sent, delivered, failed, opened, clicked, replied, unsubscribed : Int64, people; NA as in `summary`

    Example
    -------
    >>> chosen = metrics.select_campaigns(warehouse, ["spring-sale"])
    >>> metrics.snapshot(warehouse, chosen)[["channel", "audience", "failed"]]
        channel  audience  failed
    0     email      5248     112
    1       sms      3544     354
    2  whatsapp      8907     359
    3       all     17699     825
    """
    counts = known_counts(counts_by_channel(warehouse, chosen["campaign_id"].tolist()))
    about = chosen[["campaign_id", "name"]].rename(columns={"name": "campaign_name"}).assign(place=range(len(chosen)))
    frame = about.merge(counts, on="campaign_id").assign(is_total=lambda rows: rows["channel"] == ALL_CHANNELS)
    ordered = frame.sort_values(["place", "is_total", "channel"], ignore_index=True)
    return ordered[SNAPSHOT].astype(dict.fromkeys(FIGURES, "Int64"))


def require_earlier(review: EarlierReview, account_id, week: Week):
    """Raise InvalidParameters where a review is not an earlier one of this account."""
    if review.account_id != str(account_id):
        raise InvalidParameters(f"{review.path} is about the account {review.account_id!r}, not {str(account_id)!r}")
    if review.week > week:
        raise InvalidParameters(f"{review.path} is about {review.week}, a later week than {week}")


def stored_snapshot(records: list[dict]) -> pd.DataFrame:
    """A `snapshot` of what a record keeps of one; LookupError, TypeError or ValueError where it is none."""
    counts = [record[figure] for record in records for figure in FIGURES]
    if not all(count is None or (type(count) is int and count >= 0) for count in counts):
        raise ValueError("a figure that is no count")
    frame = pd.DataFrame([[record[name] for name in SNAPSHOT] for record in records], columns=SNAPSHOT)
    return frame.astype(dict.fromkeys(FIGURES, "Int64") | {"campaign_name": "str", "channel": "str"})


def restatements(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """What changed between two `snapshot`s in campaigns that are in both.

    Returns
    -------
    DataFrame, one row per campaign, channel and figure that changed, in the order of `now`, with the columns
        campaign_id, campaign_name, channel, figure : str
        before, now : Int64, NA where it was, or is, not measured
        change_pct : Float64, of the figure before; NA from zero

    Example
    -------
    >>> now = metrics.snapshot(warehouse, metrics.select_campaigns(warehouse, ["spring-sale"]))
    >>> found = metrics.restatements(now.assign(failed=now["failed"] + 1), before=now)
    >>> found[["campaign_id", "channel", "figure", "before", "now"]].head(2)
       campaign_id channel  figure  before  now
    0  spring-sale   email  failed     112  113
    1  spring-sale     sms  failed     354  355
    """
    earlier = {_key(row): row for row in before.to_dict("records")}
    rows = []
    for row in now.to_dict("records"):
        if (key := _key(row)) not in earlier:
            continue
        for figure in FIGURES:
            one, other = _plain(earlier[key][figure]), _plain(row[figure])
            if one != other:
                change = 100 * (other - one) / one if one and other is not None else None
                rows.append((str(row["campaign_id"]), row["campaign_name"], row["channel"], figure, one, other, change))
    kinds = dict.fromkeys(RESTATED[:4], "str") | {"before": "Int64", "now": "Int64", "change_pct": "Float64"}
    return pd.DataFrame(rows, columns=RESTATED).astype(kinds)


def restated_totals(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """The sums over the campaigns in both `snapshot`s, a row per figure that changed: figure, before, now, change_pct.

    Types as in `restatements`. What one of the two did not measure is in neither sum.

    Example
    -------
    >>> now = metrics.snapshot(warehouse, metrics.select_campaigns(warehouse, ["spring-sale"]))
    >>> metrics.restated_totals(now.assign(failed=now["failed"] + 1), before=now).round(2)
       figure  before  now  change_pct
    0  failed     825  826        0.12
    """
    rows = []
    both = _whole(now).merge(_whole(before), on="campaign_id", suffixes=("_now", "_before"))
    for figure in FIGURES:
        known = both[[f"{figure}_before", f"{figure}_now"]].dropna()
        one, other = map(int, known.sum())
        if one != other:
            rows.append((figure, one, other, 100 * (other - one) / one if one else None))
    kinds = {"figure": "str", "before": "Int64", "now": "Int64", "change_pct": "Float64"}
    return pd.DataFrame(rows, columns=list(kinds)).astype(kinds)


def vanished(warehouse: Warehouse, earlier: EarlierReview | None) -> pd.DataFrame:
    """The campaigns of an earlier review that the database no longer has: columns campaign_id, campaign_name : str."""
    reported = earlier.snapshot if earlier else pd.DataFrame({"campaign_id": [], "campaign_name": []})
    known = set(all_campaigns(warehouse)["campaign_id"].astype(str))
    reported = reported[["campaign_id", "campaign_name"]].astype("str").drop_duplicates("campaign_id")
    return reported[~reported["campaign_id"].isin(known)].reset_index(drop=True)


def _whole(counted):
    """The rows of whole campaigns, ids as text: a stored snapshot may have lost that they were numbers."""
    return counted[counted["channel"] == ALL_CHANNELS].astype({"campaign_id": "str"})


def _key(row):
    return str(row["campaign_id"]), row["channel"]


def _plain(value):
    return None if pd.isna(value) else int(value)
