"""What became of a campaign's messages so far, from one pass over them: the question a monitor asks again and again.

In messages, not in people, and from their status alone: one aggregate that a server answers for a million messages in
a fraction of a second. Where nobody has two messages on a channel, and without what engagement implies, the counts are
those of `delivery`.
"""

import pandas as pd
from sqlalchemy import String, case, cast, func, select

from reportlib.metrics.failures.by_reason import MEANING, explained, told_by_reason
from reportlib.metrics.failures.catalogue import read_catalogue
from reportlib.metrics.selection.campaigns import select_campaigns, utc
from reportlib.metrics.selection.grouping import UNKNOWN
from reportlib.warehouse import Warehouse
from reportlib.warehouse.contract.tables import messages
from reportlib.warehouse.engines import epoch_ms, in_byte_order, sound

OUTCOMES = {"queued": "not sent", "sent": "pending", "delivered": "delivered", "failed": "failed"}
KEYS = ["channel", "provider", "outcome", "code"]
MOMENTS = ("first_handed_over", "last_handed_over", "first_failed", "last_final")
COLUMNS = (
    dict.fromkeys((*KEYS, "reason"), "str") | {"messages": "int64"} | dict.fromkeys(MOMENTS, "datetime64[ms, UTC]")
)
TOLD = ["delivered", "failed"]
LEDGER = ["audience", "not_sent", "sent", "delivered", "failed", "pending"]


def live_outcomes(warehouse: Warehouse, campaign) -> pd.DataFrame:
    """The messages of one campaign by what became of them so far.

    Returns
    -------
    DataFrame with the columns
        channel, provider : str, "(unknown)" where there is no provider
        outcome : str, "not sent" (queued), "pending", "delivered" or "failed"
        code : str, of a failure, NA where the provider gave none
        reason : str, the provider's words for a failure: an example, or where its code has no meaning each by itself
        messages : int64
        first_handed_over, last_handed_over, first_failed, last_final : datetime64[ms, UTC], the earliest and the latest
            hand-over, the earliest failure and the latest final word of these messages, as the providers stamped them;
            NaT where there is none

    Raises
    ------
    UnknownCampaign, CampaignNotStarted

    Example
    -------
    >>> metrics.live_outcomes(warehouse, "black-friday-preview")[["channel", "provider", "outcome", "messages"]].head(2)
      channel provider    outcome  messages
    0   email  mailgun  delivered       817
    1   email  mailgun     failed         2
    """
    return outcomes_of(warehouse, campaign_row(warehouse, campaign))


def outcomes_of(warehouse: Warehouse, about: pd.Series) -> pd.DataFrame:
    """`live_outcomes` of the campaign with this row of `campaigns`."""
    m = messages.c
    code = cast(m.failure_code, String)
    telling = told_by_reason(warehouse, [about["campaign_id"]], read_catalogue())
    reason = case((telling, m.failure_reason))
    keys = (m.channel, m.provider, m.status, code.label("code"), reason.label("telling_reason"))
    times = {
        "first_handed_over": func.min(sound(m.sent_at)),
        "last_handed_over": func.max(sound(m.sent_at)),
        "last_delivered": func.max(sound(m.delivered_at)),
        "first_failed": func.min(sound(m.failed_at)),
        "last_failed": func.max(sound(m.failed_at)),
    }
    found = warehouse.sql(
        select(
            *keys,
            func.min(in_byte_order(m.failure_reason)).label("reason"),
            func.count().label("messages"),
            *[epoch_ms(moment).label(name) for name, moment in times.items()],
        )
        .where(m.campaign_id == about["campaign_id"])
        .group_by(m.channel, m.provider, m.status, code, reason)
    )
    found["provider"] = found["provider"].fillna(UNKNOWN)
    found["outcome"] = found["status"].map(OUTCOMES).astype("str")
    is_failed, is_delivered = found["outcome"] == "failed", found["outcome"] == "delivered"
    for name in ("code", "reason", "telling_reason", "first_failed"):
        found[name] = found[name].where(is_failed)
    found["last_final"] = found["last_failed"].where(is_failed, found["last_delivered"].where(is_delivered))
    how = {"reason": "min", "messages": "sum"}
    how |= {moment: "min" if moment.startswith("first") else "max" for moment in MOMENTS}
    found = found.astype(dict.fromkeys(("code", "reason", "telling_reason"), "str") | dict.fromkeys(MOMENTS, "Int64"))
    summed = found.groupby([*KEYS, "telling_reason"], dropna=False, as_index=False).agg(how)
    return summed.assign(**{moment: utc(summed[moment]) for moment in MOMENTS})[list(COLUMNS)].astype(COLUMNS)


def campaign_row(warehouse: Warehouse, campaign) -> pd.Series:
    """The campaign's row of `campaigns`, its id as Python has it. Raises UnknownCampaign, CampaignNotStarted."""
    return select_campaigns(warehouse, campaign).astype({"campaign_id": object}).iloc[0]


def live_told(outcomes: pd.DataFrame, known: pd.DataFrame | None = None) -> pd.DataFrame:
    """What the sources of `live_outcomes` tell, by what came of this campaign, or else as `known` has it (`told_by`).

    Columns channel, provider : str; delivered, failed : bool.
    """
    states = {state: outcomes["outcome"] == state for state in ("delivered", "failed", "pending")}
    shown = outcomes[KEYS[:2]].assign(**states).groupby(KEYS[:2], as_index=False).max()
    shown = shown.assign(**{what: shown[what] | ~shown["pending"] for what in TOLD}).drop(columns="pending")
    both = shown if known is None else pd.concat([shown, known[known[KEYS[0]].isin(shown[KEYS[0]])]])
    told = both.groupby(KEYS[:2], as_index=False)[TOLD].max()
    return told.merge(shown[KEYS[:2]]).astype(dict.fromkeys(TOLD, "bool"))


def live_ledger(outcomes: pd.DataFrame, declared=None, told: pd.DataFrame | None = None) -> pd.DataFrame:
    """The ledger of `live_outcomes`, one row, in the columns of `delivery`, in messages; `declared` by the campaign.

    `told` is `live_told`; without it, all is.
    """
    ledger = _ledger(outcomes)
    declared = pd.NA if pd.isna(declared) else int(declared)
    unwritten = 0 if declared is pd.NA else max(0, declared - ledger["audience"])
    ledger |= {"audience": ledger["audience"] + unwritten, "not_sent": ledger["not_sent"] + unwritten}
    receipts, failures = (told is None or bool(told[what].all()) for what in TOLD)
    row = {**ledger, "delivered_implied": 0, "delivery_measured": receipts, "failed_measured": failures}
    used = "+".join(sorted(outcomes["channel"].dropna().unique()))
    row |= {"by_person": True, "audience_declared": declared, "channels": used}
    return pd.DataFrame([row]).astype({"audience_declared": "Int64", "channels": "str"})


def live_channels(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The ledger per channel, the most messages first: channel, then the columns of `live_ledger` but the declared."""
    rows = [{"channel": channel, **_ledger(part)} for channel, part in outcomes.groupby("channel")]
    frame = pd.DataFrame(rows, columns=["channel", *LEDGER]).astype(dict.fromkeys(LEDGER, "int64"))
    return frame.sort_values(["audience", "channel"], ascending=[False, True], ignore_index=True)


def live_failures(outcomes: pd.DataFrame, catalogue: dict | None = None) -> pd.DataFrame:
    """The failures of `live_outcomes` with what they mean, the most frequent first.

    Columns channel, provider, code, reason, permanence, category, title, advice : str, as in `failures`; failed and
    settled : int64, messages that failed so, and messages with a final word on the channel and provider; first_failed.
    """
    settled = outcomes[outcomes["outcome"].isin(("delivered", "failed"))]
    bases = settled.groupby(KEYS[:2], dropna=False)["messages"].transform("sum")
    failed = settled.assign(settled=bases, failed=settled["messages"])[settled["outcome"] == "failed"]
    told = explained(failed.reset_index(drop=True), read_catalogue() if catalogue is None else catalogue)
    alike = told.groupby([*KEYS[:2], "code", *MEANING, "settled"], dropna=False, as_index=False, sort=False)
    told = alike.agg({"reason": "min", "failed": "sum", "first_failed": "min"}).astype({"reason": "str"})
    columns = [*KEYS[:2], "code", "reason", *MEANING, "failed", "settled", "first_failed"]
    return told.sort_values(["failed", "channel", "code"], ascending=[False, True, True], ignore_index=True)[columns]


def _ledger(outcomes) -> dict:
    counted = outcomes.groupby("outcome")["messages"].sum()
    queued, pending, delivered, failed = (
        int(counted.get(outcome, 0)) for outcome in ("not sent", "pending", "delivered", "failed")
    )
    sent = pending + delivered + failed
    return dict(zip(LEDGER, (queued + sent, queued, sent, delivered, failed, pending), strict=True))
